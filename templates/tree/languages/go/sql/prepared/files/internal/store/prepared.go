package store

import (
	"context"
	"database/sql"
	"sync"
)

// prepared keeps the statements that it has run, since a database may take longer to read one than to run it.
type prepared struct {
	*sql.DB
	mutex      sync.Mutex
	statements map[string]*sql.Stmt
}

func newPrepared(database *sql.DB) *prepared {
	return &prepared{DB: database, statements: map[string]*sql.Stmt{}}
}

// maxStatements is more than the resources need, unless changes name very many sets of fields.
const maxStatements = 500

// statement returns nil where there is none to keep.
func (p *prepared) statement(ctx context.Context, query string) *sql.Stmt {
	if statement, room := p.kept(query); statement != nil || !room {
		return statement
	}
	statement, err := p.PrepareContext(ctx, query) // not under the lock: it may have to wait for the database
	if err != nil {
		return nil // running the query meets the same error
	}
	return p.keep(query, statement)
}

func (p *prepared) kept(query string) (statement *sql.Stmt, room bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.statements[query], len(p.statements) < maxStatements
}

// keep returns the statement to use: that of another request if it was faster.
func (p *prepared) keep(query string, statement *sql.Stmt) *sql.Stmt {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if faster := p.statements[query]; faster != nil {
		_ = statement.Close()
		return faster
	}
	p.statements[query] = statement
	return statement
}

// ExecContext is that of sql.DB.
func (p *prepared) ExecContext(ctx context.Context, query string, arguments ...any) (sql.Result, error) {
	if statement := p.statement(ctx, query); statement != nil {
		return statement.ExecContext(ctx, arguments...)
	}
	return p.DB.ExecContext(ctx, query, arguments...)
}

// QueryContext is that of sql.DB.
func (p *prepared) QueryContext(ctx context.Context, query string, arguments ...any) (*sql.Rows, error) {
	if statement := p.statement(ctx, query); statement != nil {
		return statement.QueryContext(ctx, arguments...)
	}
	return p.DB.QueryContext(ctx, query, arguments...)
}

// QueryRowContext is that of sql.DB.
func (p *prepared) QueryRowContext(ctx context.Context, query string, arguments ...any) *sql.Row {
	if statement := p.statement(ctx, query); statement != nil {
		return statement.QueryRowContext(ctx, arguments...)
	}
	return p.DB.QueryRowContext(ctx, query, arguments...)
}
