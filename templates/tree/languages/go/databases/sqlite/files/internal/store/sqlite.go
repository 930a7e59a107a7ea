package store

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// DefaultURL is the database where none is named.
const DefaultURL = "sqlite:data/app.db"

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an SQLite database. There is one connection for writing, since SQLite writes one at a time.
type Store struct {
	reader, writer *prepared
	path           string
}

// Open prepares the database, and makes its folder.
func Open(options Options) (*Store, error) {
	path, err := databasePath(options.URL)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	s := &Store{reader: open(path, "3000"), writer: open(path, "3000"), path: path}
	s.reader.SetMaxOpenConns(options.PoolSize)
	s.reader.SetMaxIdleConns(options.PoolSize)
	s.writer.SetMaxOpenConns(1)
	return s, nil
}

func databasePath(address string) (string, error) {
	rest, isSQLite := strings.CutPrefix(address, "sqlite:")
	absolute, hasSlashes := strings.CutPrefix(rest, "//")
	path, err := url.PathUnescape(cmp.Or(absolute, rest))
	if !isSQLite || err != nil || path == "" || strings.ContainsAny(path, "?\x00") || strings.HasSuffix(path, "/") || hasSlashes && !strings.HasPrefix(absolute, "/") {
		return "", errors.New("DATABASE_URL must be sqlite:///absolute/path or sqlite:relative/path")
	}
	return path, nil
}

func open(path, milliseconds string) *prepared {
	pragmas := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(" + milliseconds + ")", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(ON)",
	}}
	database, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+pragmas.Encode())
	if err != nil {
		panic(err) // only an unknown driver fails here
	}
	return newPrepared(database)
}

// Close ends all connections.
func (s *Store) Close() error {
	return errors.Join(s.reader.Close(), s.writer.Close())
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var version int
	return fault(s.reader.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&version))
}

// Migrate brings the schema up to date. Two at once take turns: the second waits for a lock on a file beside the database.
func (s *Store) Migrate(ctx context.Context) error {
	lock := open(s.path+".migrate", "60000")
	defer func() { _ = lock.Close() }()
	turn, err := lock.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = turn.Rollback() }()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.writer.DB, files)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// bind writes the placeholders of a statement as the database has them.
func bind(query string) string {
	return query
}

// change runs an update and reads the record anew, in one statement.
func (t table[T]) change(ctx context.Context, s *Store, update string, arguments, addresses []any) error {
	return s.writer.QueryRowContext(ctx, bind(update+" RETURNING "+t.names), arguments...).Scan(addresses...)
}

// fault gives an error of the database its meaning.
func fault(err error) error {
	var cause *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case !errors.As(err, &cause):
		return err
	}
	switch cause.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		// UNIQUE constraint failed: products.owner_id, products.sku (2067)
		field, _, _ := strings.Cut(err.Error()[strings.LastIndex(err.Error(), ".")+1:], " ")
		return &ConflictError{Field: field}
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ErrNoAccount
	}
	switch cause.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_FULL, sqlite3.SQLITE_INTERRUPT:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
