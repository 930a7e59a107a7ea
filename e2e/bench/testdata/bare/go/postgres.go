package main

import (
	"database/sql"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// open opens the database with the settings of the service.
func open(address, owner string) (store, error) {
	database, err := sql.Open("pgx", address)
	if err != nil {
		return nil, err
	}
	database.SetMaxOpenConns(10)
	database.SetMaxIdleConns(10)
	return newTables(owner, database, database,
		"SELECT id, name, notes, done, created_at, updated_at FROM items WHERE owner_id = $1 AND id = $2",
		"SELECT id, name, notes, done, created_at, updated_at FROM items WHERE owner_id = $1 ORDER BY id DESC LIMIT $2",
		"INSERT INTO items (owner_id, id, name, notes, done, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
}

func scan(row *sql.Rows, record *item) error {
	var created, updated time.Time
	err := row.Scan(&record.ID, &record.Name, &record.Notes, &record.Done, &created, &updated)
	record.CreatedAt, record.UpdatedAt = created.UTC().Format(layout), updated.UTC().Format(layout)
	return err
}

func moment(text string) (any, error) { return time.Parse(layout, text) }
