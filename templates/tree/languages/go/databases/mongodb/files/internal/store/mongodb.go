package store

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// DefaultURL is the database where none is named.
const DefaultURL = ""

const (
	connectTimeout = 3 * time.Second
	// migrationTimeout bounds the making of all indexes; one on many records takes its time.
	migrationTimeout = 10 * time.Minute
)

// Store is a MongoDB database. No operation needs a transaction, so a single server will do.
type Store struct {
	client   *mongo.Client
	database *mongo.Database
}

// Open prepares the connections; it does not wait for them.
func Open(target Options) (*Store, error) {
	settings := options.Client().ApplyURI(target.URL).
		SetTimeout(timeout).
		SetConnectTimeout(connectTimeout).
		SetServerSelectionTimeout(connectTimeout).
		SetMaxPoolSize(uint64(target.PoolSize)). //nolint:gosec // never negative
		SetWriteConcern(writeconcern.Majority()).
		SetRegistry(registry)
	var lookup *net.DNSError
	if err := settings.Validate(); errors.As(err, &lookup) {
		return nil, fmt.Errorf("DATABASE_URL: %w", lookup)
	} else if err != nil { // the cause may quote the password
		return nil, errors.New("DATABASE_URL must be mongodb://user:password@host:27017/database?options or mongodb+srv://…, with names and password percent-encoded")
	}
	name, err := databaseName(target.URL)
	if err != nil {
		return nil, err
	}
	if target.CAFile != "" {
		certificates, err := os.ReadFile(target.CAFile)
		if err != nil {
			return nil, fmt.Errorf("DATABASE_CA_FILE: %w", err)
		}
		if settings.TLSConfig == nil {
			settings.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		settings.TLSConfig.RootCAs = x509.NewCertPool()
		settings.TLSConfig.RootCAs.AppendCertsFromPEM(certificates)
	}
	client, err := mongo.Connect(settings)
	if err != nil {
		return nil, errors.New("DATABASE_URL cannot be used with the MongoDB driver")
	}
	return &Store{client: client, database: client.Database(name)}, nil
}

// databaseName is what stands between the hosts and the options; net/url cannot read an address of several hosts.
func databaseName(address string) (string, error) {
	_, rest, _ := strings.Cut(address, "://")
	_, rest, _ = strings.Cut(rest, "/")
	rest, _, _ = strings.Cut(rest, "?")
	name, err := url.PathUnescape(rest)
	if err != nil || len(name) > 63 || strings.ContainsAny(name, "/\\. \"$\x00") {
		return "", errors.New("DATABASE_URL names a database that MongoDB cannot have")
	}
	return cmp.Or(name, "app"), nil
}

// Close ends all connections.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return s.client.Disconnect(ctx)
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return fault(s.client.Ping(ctx, nil))
}

// Migrate makes the indexes that are missing. The server makes each of them once, even if two ask for it.
func (s *Store) Migrate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, migrationTimeout)
	defer cancel()
	if err := migrateAccounts(ctx, s); err != nil {
		return err
	}
	for _, collection := range collections {
		if err := collection.migrate(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) createIndexes(ctx context.Context, collection string, indexes ...mongo.IndexModel) error {
	for _, index := range indexes {
		if _, err := s.database.Collection(collection).Indexes().CreateOne(ctx, index); err != nil {
			return fault(err)
		}
	}
	return nil
}

// away are the codes with which a server says that it cannot serve now.
var away = []int{
	6, 7, 89, 133, 9001, // a router does not reach the servers behind it
	10107, 13435, 13436, // it is not the primary
	189, 11602, // it is the primary no longer
	91, 11600, // it is shutting down
	64, 100, // too few servers confirm a write
	18,    // the credentials are refused
	262,   // it took too long
	14031, // its disk is full
}

// fault gives an error of the database its meaning.
func fault(err error) error {
	var answer mongo.ServerError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mongo.ErrNoDocuments):
		return ErrNotFound
	case mongo.IsDuplicateKeyError(err):
		// E11000 duplicate key error collection: app.products index: sku dup key: { owner_id: …, sku: "Blue" }
		_, index, _ := strings.Cut(err.Error(), " index: ")
		name, _, _ := strings.Cut(index, " ")
		return &ConflictError{Field: name}
	case errors.As(err, &answer) && !mongo.IsTimeout(err) && !mongo.IsNetworkError(err) && !slices.ContainsFunc(away, answer.HasErrorCode):
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
