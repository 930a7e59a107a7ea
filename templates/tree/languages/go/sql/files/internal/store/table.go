package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// column is a column and the address of the value that it is read into or written from.
type column struct {
	name    string
	address any
}

// value is what the address holds, as all drivers take it; some of them are slow with types that are not Go's own.
func (c column) value() any {
	value, err := driver.DefaultParameterConverter.ConvertValue(c.address)
	if err != nil {
		panic(err) // no type of a record fails
	}
	return value
}

// table holds the statements on the records of one resource. Each of them names the owner.
type table[T any] struct {
	columns func(*T) []column

	name, names, insert, one, first, next, remove string
}

func newTable[T any](name string, columns func(*T) []column) table[T] {
	var names []string
	for _, column := range columns(new(T)) {
		names = append(names, quote(column.name))
	}
	list := strings.Join(names, ", ")
	name = quote(name)
	return table[T]{
		columns: columns,
		name:    name,
		names:   list,
		insert:  bind("INSERT INTO " + name + " (owner_id, " + list + ") VALUES (?" + strings.Repeat(", ?", len(names)) + ")"),
		one:     bind("SELECT " + list + " FROM " + name + " WHERE owner_id = ? AND id = ?"),
		first:   bind("SELECT " + list + " FROM " + name + " WHERE owner_id = ? ORDER BY id DESC LIMIT ?"),
		next:    bind("SELECT " + list + " FROM " + name + " WHERE owner_id = ? AND id < ? ORDER BY id DESC LIMIT ?"),
		remove:  bind("DELETE FROM " + name + " WHERE owner_id = ? AND id = ?"),
	}
}

func (t table[T]) create(ctx context.Context, s *Store, owner uuid.UUID, record *T) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	arguments := []any{owner.String()}
	for _, column := range t.columns(record) {
		arguments = append(arguments, column.value())
	}
	_, err := s.writer.ExecContext(ctx, t.insert, arguments...)
	return fault(err)
}

func (t table[T]) get(ctx context.Context, s *Store, owner, id uuid.UUID) (*T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	record := new(T)
	err := s.reader.QueryRowContext(ctx, t.one, owner.String(), id.String()).Scan(addresses(t.columns(record))...)
	return record, fault(err)
}

// list returns the records before another one, or the newest ones.
func (t table[T]) list(ctx context.Context, s *Store, owner, before uuid.UUID, limit int) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	query, arguments := t.first, []any{owner.String(), limit}
	if before != uuid.Nil {
		query, arguments = t.next, []any{owner.String(), before.String(), limit}
	}
	rows, err := s.reader.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, fault(err)
	}
	defer func() { _ = rows.Close() }()
	records, record := make([]T, 0, limit), new(T)
	row := addresses(t.columns(record))
	for rows.Next() {
		if err := rows.Scan(row...); err != nil {
			return nil, fault(err)
		}
		records = append(records, *record)
	}
	return records, fault(rows.Err())
}

// update writes the named columns only, so that two changes of different ones both survive, and reads the record anew.
func (t table[T]) update(ctx context.Context, s *Store, owner, id uuid.UUID, record *T, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var assignments []string
	var arguments []any
	columns := t.columns(record)
	for _, column := range columns {
		if slices.Contains(names, column.name) {
			assignments = append(assignments, quote(column.name)+" = ?")
			arguments = append(arguments, column.value())
		}
	}
	update := "UPDATE " + t.name + " SET " + strings.Join(assignments, ", ") + " WHERE owner_id = ? AND id = ?"
	return fault(t.change(ctx, s, update, append(arguments, owner.String(), id.String()), addresses(columns)))
}

func (t table[T]) delete(ctx context.Context, s *Store, owner, id uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	result, err := s.writer.ExecContext(ctx, t.remove, owner.String(), id.String())
	if err != nil {
		return fault(err)
	}
	if deleted, err := result.RowsAffected(); err != nil || deleted == 0 {
		return errors.Join(ErrNotFound, err)
	}
	return nil
}

func addresses(columns []column) []any {
	addresses := make([]any, len(columns))
	for i, column := range columns {
		addresses[i] = column.address
	}
	return addresses
}

func quote(name string) string {
	return `"` + name + `"`
}
