package main

import (
	"context"
	"database/sql"
	"os"
)

type tables struct {
	owner               string
	single, many, write statement
}

func newTables(owner string, reader, writer *sql.DB, one, list, insert string) (store, error) {
	t := &tables{owner: owner}
	for _, s := range []struct {
		into     *statement
		database *sql.DB
		query    string
	}{{&t.single, reader, one}, {&t.many, reader, list}, {&t.write, writer, insert}} {
		*s.into = statement{database: s.database, query: s.query}
		if os.Getenv("VARIANT") == "prepared" {
			var err error
			if s.into.prepared, err = s.database.Prepare(s.query); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

func (t *tables) one(ctx context.Context, id string) (item, error) {
	rows, err := t.single.rows(ctx, t.owner, id)
	if err != nil {
		return item{}, err
	}
	records, err := scanAll(rows)
	if err != nil || len(records) == 0 {
		return item{}, err
	}
	return records[0], nil
}

func (t *tables) list(ctx context.Context, limit int) ([]item, error) {
	rows, err := t.many.rows(ctx, t.owner, limit)
	if err != nil {
		return nil, err
	}
	return scanAll(rows)
}

func (t *tables) insert(ctx context.Context, r item) error {
	created, err := moment(r.CreatedAt)
	if err == nil {
		_, err = t.write.exec(ctx, t.owner, r.ID, r.Name, r.Notes, r.Done, created, created)
	}
	return err
}

func scanAll(rows *sql.Rows) ([]item, error) {
	defer rows.Close()
	var records []item
	for rows.Next() {
		var record item
		if err := scan(rows, &record); err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, rows.Err()
}

type statement struct {
	database *sql.DB
	query    string
	prepared *sql.Stmt // or nil
}

func (s statement) rows(ctx context.Context, arguments ...any) (*sql.Rows, error) {
	if s.prepared != nil {
		return s.prepared.QueryContext(ctx, arguments...)
	}
	return s.database.QueryContext(ctx, s.query, arguments...)
}

func (s statement) exec(ctx context.Context, arguments ...any) (sql.Result, error) {
	if s.prepared != nil {
		return s.prepared.ExecContext(ctx, arguments...)
	}
	return s.database.ExecContext(ctx, s.query, arguments...)
}
