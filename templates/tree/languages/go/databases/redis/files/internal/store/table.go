package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

var (
	saveScript   = script("save")
	findScript   = script("find")
	listScript   = script("list")
	deleteScript = script("delete")
)

// column is a field of a record's hash, and the address of the value that it is read into or written from.
type column struct {
	name    string
	address any
}

// table keeps the records of one resource. Each record is a hash of its values as JSON, without those that are null.
type table[T any] struct {
	name    string
	columns func(*T) []column
	unique  []string
}

func newTable[T any](name string, columns func(*T) []column, unique ...string) table[T] {
	return table[T]{name: name, columns: columns, unique: unique}
}

// key names the sorted set of the ids of an owner's records; with an id, that record; with the name of a unique field, the
// hash of ids by value. The braces keep all keys of an owner on one node of a cluster, so that a script may use them together.
func (t table[T]) key(s *Store, owner uuid.UUID, part ...string) string {
	return strings.Join(append([]string{s.prefix, "{" + owner.String() + "}", t.name}, part...), ":")
}

// create adds a record of an account. A script could not look for the account too, which may be on another node of a cluster.
func (t table[T]) create(ctx context.Context, s *Store, owner, id uuid.UUID, record *T) error {
	if err := s.requireAccount(ctx, owner); err != nil {
		return err
	}
	return t.insert(ctx, s, owner, id, record)
}

func (t table[T]) insert(ctx context.Context, s *Store, owner, id uuid.UUID, record *T) error {
	var names []string
	for _, column := range t.columns(record) {
		names = append(names, column.name)
	}
	return t.save(ctx, s, "create", owner, id, record, names)
}

// update writes the named fields only, so that two changes of different ones both survive, and reads the record anew.
func (t table[T]) update(ctx context.Context, s *Store, owner, id uuid.UUID, record *T, names []string) error {
	return t.save(ctx, s, "update", owner, id, record, names)
}

func (t table[T]) save(ctx context.Context, s *Store, how string, owner, id uuid.UUID, record *T, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	keys := []string{t.key(s, owner, id.String()), t.key(s, owner)}
	var unique, others []any
	columns := t.columns(record)
	for _, column := range columns {
		value, err := json.Marshal(column.address)
		if err != nil {
			return err
		}
		switch {
		case !slices.Contains(names, column.name):
		case slices.Contains(t.unique, column.name):
			keys = append(keys, t.key(s, owner, column.name))
			unique = append(unique, column.name, value)
		default:
			others = append(others, column.name, value)
		}
	}
	answer, err := saveScript.Run(ctx, s.client, keys, slices.Concat([]any{how, id.String()}, unique, others)...).Slice()
	if err != nil {
		return fault(err)
	}
	return read(columns, pairs(answer))
}

func (t table[T]) get(ctx context.Context, s *Store, owner, id uuid.UUID) (*T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	record := new(T)
	fields, err := s.client.HGetAll(ctx, t.key(s, owner, id.String())).Result()
	if err != nil {
		return record, fault(err)
	}
	if len(fields) == 0 {
		return record, ErrNotFound
	}
	return record, read(t.columns(record), fields)
}

// find returns the record that holds a unique value.
func (t table[T]) find(ctx context.Context, s *Store, owner uuid.UUID, name string, value any) (*T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	record := new(T)
	text, err := json.Marshal(value)
	if err != nil {
		return record, err
	}
	answer, err := findScript.Run(ctx, s.client, []string{t.key(s, owner), t.key(s, owner, name)}, text).Slice()
	if err != nil {
		return record, fault(err)
	}
	return record, read(t.columns(record), pairs(answer))
}

// list returns the records before another one, or the newest ones.
func (t table[T]) list(ctx context.Context, s *Store, owner, before uuid.UUID, limit int) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	start := "+"
	if before != uuid.Nil {
		start = "(" + before.String()
	}
	rows, err := listScript.Run(ctx, s.client, []string{t.key(s, owner)}, start, limit).Slice()
	if err != nil {
		return nil, fault(err)
	}
	records := make([]T, len(rows))
	for i, row := range rows {
		if err := read(t.columns(&records[i]), pairs(row.([]any))); err != nil {
			return nil, err
		}
	}
	return records, nil
}

func (t table[T]) delete(ctx context.Context, s *Store, owner, id uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	keys, arguments := []string{t.key(s, owner, id.String()), t.key(s, owner)}, []any{id.String()}
	for _, name := range t.unique {
		keys, arguments = append(keys, t.key(s, owner, name)), append(arguments, name)
	}
	deleted, err := deleteScript.Run(ctx, s.client, keys, arguments...).Int()
	if err == nil && deleted == 0 {
		return ErrNotFound
	}
	return fault(err)
}

// pairs makes a map of the names and values that a script answers with.
func pairs(answer []any) map[string]string {
	fields := make(map[string]string, len(answer)/2)
	for pair := range slices.Chunk(answer, 2) {
		fields[pair[0].(string)] = pair[1].(string)
	}
	return fields
}

// read fills the columns; those without a field are null.
func read(columns []column, fields map[string]string) error {
	for _, column := range columns {
		if err := json.Unmarshal([]byte(cmp.Or(fields[column.name], "null")), column.address); err != nil {
			return fmt.Errorf("the field %s of a record: %w", column.name, err)
		}
	}
	return nil
}
