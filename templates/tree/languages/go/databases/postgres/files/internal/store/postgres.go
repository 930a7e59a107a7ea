package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// DefaultURL is the database where none is named.
const DefaultURL = ""

//go:embed migrations/*.sql
var migrations embed.FS

// Store is a PostgreSQL database.
type Store struct {
	reader, writer *sql.DB
}

// Open prepares the connections; it does not connect yet.
func Open(options Options) (*Store, error) {
	address, err := url.Parse(options.URL)
	if err != nil || address.Scheme != "postgres" && address.Scheme != "postgresql" || address.Host == "" {
		return nil, errors.New("DATABASE_URL must be postgres://user:password@host:5432/database, with names and password percent-encoded")
	}
	if options.CAFile != "" {
		query := address.Query()
		query.Set("sslrootcert", options.CAFile)
		address.RawQuery = query.Encode()
	}
	settings, err := pgx.ParseConfig(address.String())
	if err != nil {
		cause := errors.Unwrap(err) // without the URL, which holds the password
		return nil, fmt.Errorf("DATABASE_URL cannot be used: %w", cmp.Or(cause, errors.New("it is malformed")))
	}
	database := stdlib.OpenDB(*settings)
	database.SetMaxOpenConns(options.PoolSize)
	database.SetMaxIdleConns(options.PoolSize)
	return &Store{reader: database, writer: database}, nil
}

// Close ends all connections.
func (s *Store) Close() error {
	return s.writer.Close()
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return fault(s.reader.PingContext(ctx))
}

// Migrate brings the schema up to date. Two at once take turns.
func (s *Store) Migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	turns, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, s.writer, files, goose.WithSessionLocker(turns))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// bind writes the placeholders of a statement as the database has them.
func bind(query string) string {
	parts := strings.Split(query, "?")
	for i := range parts[1:] {
		parts[i] += "$" + strconv.Itoa(i+1)
	}
	return strings.Join(parts, "")
}

// change runs an update and reads the record anew, in one statement.
func (t table[T]) change(ctx context.Context, s *Store, update string, arguments, addresses []any) error {
	return s.writer.QueryRowContext(ctx, bind(update+" RETURNING "+t.names), arguments...).Scan(addresses...)
}

// fault gives an error of the database its meaning.
func fault(err error) error {
	var cause *pgconn.PgError
	var network net.Error
	var connect *pgconn.ConnectError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case errors.As(err, &cause):
		switch {
		case cause.Code == "23505": // Key (owner_id, sku)=(…) already exists.
			columns, _, _ := strings.Cut(cause.Detail, ")=")
			field := columns[strings.LastIndexAny(columns, "( ")+1:]
			return &ConflictError{Field: strings.Trim(field, `"`)}
		case cause.Code == "23503":
			return ErrNoAccount
		case strings.HasPrefix(cause.Code, "08"), strings.HasPrefix(cause.Code, "53"), strings.HasPrefix(cause.Code, "57"),
			strings.HasPrefix(cause.Code, "28"), cause.Code == "25006", cause.Code == "3D000", cause.Code == "55P03":
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return err
	case errors.As(err, &network), errors.As(err, &connect), pgconn.SafeToRetry(err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, driver.ErrBadConn):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
