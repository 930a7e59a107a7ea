package main

import (
	"database/sql"
	"net/url"
	"strings"

	_ "modernc.org/sqlite"
)

// open opens the database with the settings of the service.
func open(address, owner string) (store, error) {
	settings := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(3000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(ON)"}}
	var databases [2]*sql.DB
	for i, connections := range []int{10, 1} {
		database, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(address, "sqlite://")+"?"+settings.Encode())
		if err != nil {
			return nil, err
		}
		database.SetMaxOpenConns(connections)
		database.SetMaxIdleConns(connections)
		databases[i] = database
	}
	return newTables(owner, databases[0], databases[1],
		"SELECT id, name, notes, done, created_at, updated_at FROM items WHERE owner_id = ? AND id = ?",
		"SELECT id, name, notes, done, created_at, updated_at FROM items WHERE owner_id = ? ORDER BY id DESC LIMIT ?",
		"INSERT INTO items (owner_id, id, name, notes, done, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)")
}

func scan(row *sql.Rows, record *item) error {
	return row.Scan(&record.ID, &record.Name, &record.Notes, &record.Done, &record.CreatedAt, &record.UpdatedAt)
}

func moment(text string) (any, error) { return text, nil }
