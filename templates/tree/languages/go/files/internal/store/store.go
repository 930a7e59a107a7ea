// Package store keeps the records in the database. Nothing of the database shows outside of it.
package store

import (
	"errors"
	"time"
)

// ErrNotFound says that there is no such record, or that it belongs to somebody else.
var ErrNotFound = errors.New("no such record")

// ErrNoAccount says that the owner of a new record does not exist.
var ErrNoAccount = errors.New("no such account")

// ErrUnavailable says that the database does not answer; the cause is wrapped with it.
var ErrUnavailable = errors.New("the database does not answer")

// ConflictError says that a unique value is taken.
type ConflictError struct {
	Field string
}

func (e *ConflictError) Error() string {
	return "the value of " + e.Field + " is taken"
}

// Options say where the database is.
type Options struct {
	URL      string
	PoolSize int
	CAFile   string
}

// timeout bounds every statement, so that a lost database is noticed in time.
const timeout = 4 * time.Second
