package store

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// DefaultURL is the database where none is named.
const DefaultURL = ""

//go:embed migrations/*.sql
var migrations embed.FS

// Store is a MySQL or MariaDB database.
type Store struct {
	reader   *prepared
	writer   writer
	settings *mysql.Config
}

// Open prepares the connections; it does not connect yet.
func Open(options Options) (*Store, error) {
	settings, err := parse(options)
	if err != nil {
		return nil, err
	}
	database, err := open(settings)
	if err != nil {
		return nil, errors.New("DATABASE_URL: tls must be true, false, skip-verify or preferred")
	}
	database.SetMaxOpenConns(options.PoolSize)
	database.SetMaxIdleConns(options.PoolSize)
	database.SetConnMaxLifetime(3 * time.Minute) // before the server or a proxy ends them, and to follow a server that moves
	connections := newPrepared(database)
	return &Store{reader: connections, writer: writer{connections}, settings: settings}, nil
}

// parse makes the settings, since the driver knows no URLs. A file of certificates alone asks for TLS too.
func parse(options Options) (*mysql.Config, error) {
	address, err := url.Parse(options.URL)
	if err != nil || address.Scheme != "mysql" || address.Hostname() == "" || len(address.Path) < 2 || strings.Contains(address.Path[1:], "/") {
		return nil, errors.New("DATABASE_URL must be mysql://user:password@host:3306/database, with names and password percent-encoded")
	}
	port := cmp.Or(address.Port(), "3306")
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
		return nil, errors.New("DATABASE_URL must have a port from 1 to 65535")
	}
	query, err := url.ParseQuery(address.RawQuery)
	if err != nil || len(query) > 1 || len(query) == 1 && !query.Has("tls") {
		return nil, errors.New("DATABASE_URL has an unknown parameter; tls is the only one")
	}
	settings := mysql.NewConfig()
	settings.Net, settings.Addr = "tcp", net.JoinHostPort(address.Hostname(), port)
	settings.User = address.User.Username()
	settings.Passwd, _ = address.User.Password()
	settings.DBName = address.Path[1:]
	settings.TLSConfig = query.Get("tls")
	if options.CAFile != "" && (settings.TLSConfig == "" || settings.TLSConfig == "true") {
		certificates, err := os.ReadFile(options.CAFile)
		trusted := x509.NewCertPool()
		if err != nil || !trusted.AppendCertsFromPEM(certificates) {
			return nil, errors.New("DATABASE_CA_FILE must be a readable file of certificates in PEM form")
		}
		settings.TLS = &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
	}
	settings.Timeout, settings.ReadTimeout, settings.WriteTimeout = timeout, timeout, timeout
	settings.Logger = &mysql.NopLogger{} // what it tells comes as an error too
	settings.ParseTime = true
	settings.RejectReadOnly = true // a server that became a replica is left for the new one
	settings.Params = map[string]string{
		"sql_mode":                 "'ANSI_QUOTES,STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'", // names stand in double quotes, as in other databases
		"innodb_lock_wait_timeout": "3",                                                        // seconds; the server gives up before the statement's timeout
		"lc_messages":              "'en_US'",                                                  // fault reads them
	}
	return settings, settings.Apply(mysql.Charset("utf8mb4", "utf8mb4_bin"))
}

func open(settings *mysql.Config) (*sql.DB, error) {
	plain, err := mysql.NewConnector(settings)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{plain}), nil
}

// connector marks every failure to connect, be it of the network, of TLS or of the password.
type connector struct{ driver.Connector }

// Connect is called by the pool.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	connection, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return connection, nil
}

// writer repeats statements that lost a deadlock, until their time is over; each is a transaction of its own, so nothing of it was done.
type writer struct{ *prepared }

// ExecContext is that of sql.DB.
func (w writer) ExecContext(ctx context.Context, query string, arguments ...any) (sql.Result, error) {
	for {
		result, err := w.prepared.ExecContext(ctx, query, arguments...)
		if !errors.Is(err, &mysql.MySQLError{Number: 1213}) {
			return result, err
		}
	}
}

// change runs an update and reads the record anew, since MySQL has no RETURNING; another change may come between the two.
func (t table[T]) change(ctx context.Context, s *Store, update string, arguments, addresses []any) error {
	if _, err := s.writer.ExecContext(ctx, update, arguments...); err != nil {
		return err
	}
	ownerAndID := arguments[len(arguments)-2:]
	return s.reader.QueryRowContext(ctx, t.one, ownerAndID...).Scan(addresses...)
}

// Close ends all connections.
func (s *Store) Close() error {
	return s.writer.Close()
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return fault(s.reader.PingContext(ctx))
}

// Migrate brings the schema up to date. Two at once take turns. It has connections of its own, since its statements may take long.
func (s *Store) Migrate(ctx context.Context) error {
	settings := s.settings.Clone()
	settings.ReadTimeout = 0
	database, err := open(settings)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	turns, err := lock.NewMySQLTableLocker(lock.WithTableLockTimeout(time.Second, 300))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectMySQL, database, files, goose.WithLocker(turns))
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

// fault gives an error of the database its meaning.
func fault(err error) error {
	var cause *mysql.MySQLError
	var network net.Error
	switch {
	case err == nil, errors.Is(err, ErrUnavailable):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case errors.As(err, &cause):
		switch cause.Number {
		case 1062: // Duplicate entry '…' for key 'products.unique_sku'; MariaDB leaves the table out
			key := strings.TrimSuffix(cause.Message, "'")
			return &ConflictError{Field: strings.TrimPrefix(key[strings.LastIndexAny(key, "'.")+1:], "unique_")}
		case 1452: // the foreign key
			return ErrNoAccount
		case 1021, 1053, 1114, 1205, 1317, 1927, 4031: // disk full, shutdown, table full, waited for a lock, interrupted, killed, disconnected
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return err
	case errors.As(err, &network), errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, mysql.ErrPktSync), errors.Is(err, driver.ErrBadConn),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
