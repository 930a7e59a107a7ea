package main

import (
	"database/sql"
	"log"
	"net/url"
	"strings"
	"time"

	_ "modernc.org/sqlite"
)

// open opens the database with the settings of the service.
func open(address string) (reader, writer *sql.DB) {
	settings := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(3000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(ON)"}}
	var databases [2]*sql.DB
	for i, connections := range []int{10, 1} {
		database, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(address, "sqlite://")+"?"+settings.Encode())
		if err != nil {
			log.Fatal(err)
		}
		database.SetMaxOpenConns(connections)
		database.SetMaxIdleConns(connections)
		databases[i] = database
	}
	return databases[0], databases[1]
}

func scan(row interface{ Scan(...any) error }, record *item) error {
	return row.Scan(&record.ID, &record.Name, &record.Notes, &record.Done, &record.CreatedAt, &record.UpdatedAt)
}

func now() string { return time.Now().UTC().Format(layout) }
