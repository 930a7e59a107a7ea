package main

import (
	"database/sql"
	"log"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// open opens the database with the settings of the service.
func open(address string) (reader, writer *sql.DB) {
	database, err := sql.Open("pgx", address)
	if err != nil {
		log.Fatal(err)
	}
	database.SetMaxOpenConns(10)
	database.SetMaxIdleConns(10)
	return database, database
}

func scan(row interface{ Scan(...any) error }, record *item) error {
	var created, updated time.Time
	err := row.Scan(&record.ID, &record.Name, &record.Notes, &record.Done, &created, &updated)
	record.CreatedAt, record.UpdatedAt = created.UTC().Format(layout), updated.UTC().Format(layout)
	return err
}

func now() string { return time.Now().UTC().Format(layout) }
