package main

import (
	"database/sql"
	"net/url"
	"time"

	"github.com/go-sql-driver/mysql"
)

// open opens the database with the settings of the service.
func open(address, owner string) (store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	settings := mysql.NewConfig()
	settings.Net, settings.Addr, settings.DBName = "tcp", u.Host, u.Path[1:]
	settings.User = u.User.Username()
	settings.Passwd, _ = u.User.Password()
	settings.ParseTime, settings.InterpolateParams = true, true
	if err := settings.Apply(mysql.Charset("utf8mb4", "utf8mb4_bin")); err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return nil, err
	}
	database := sql.OpenDB(connector)
	database.SetMaxOpenConns(10)
	database.SetMaxIdleConns(10)
	return newTables(owner, database, database,
		"SELECT id, name, notes, done, created_at, updated_at FROM items WHERE owner_id = ? AND id = ?",
		"SELECT id, name, notes, done, created_at, updated_at FROM items WHERE owner_id = ? ORDER BY id DESC LIMIT ?",
		"INSERT INTO items (owner_id, id, name, notes, done, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)")
}

func scan(row *sql.Rows, record *item) error {
	var created, updated time.Time
	err := row.Scan(&record.ID, &record.Name, &record.Notes, &record.Done, &created, &updated)
	record.CreatedAt, record.UpdatedAt = created.UTC().Format(layout), updated.UTC().Format(layout)
	return err
}

func moment(text string) (any, error) { return time.Parse(layout, text) }
