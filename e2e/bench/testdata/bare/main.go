// Command bare does what the service does and nothing else: no accounts, no log, no metrics, no checks. Its
// queries are texts, as database/sql is used by most, or with the argument "prepared" statements.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/google/uuid"
)

const layout = "2006-01-02T15:04:05.000Z"

type item struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Notes     *string `json:"notes"`
	Done      bool    `json:"done"`
	CreatedAt string  `json:"created_at"`
	UpdatedAt string  `json:"updated_at"`
}

type page struct {
	Items      []item  `json:"items"`
	NextCursor *string `json:"next_cursor"`
}

func main() {
	owner := os.Args[1]
	reader, writer := open(os.Getenv("DATABASE_URL"))
	one := newStatement(reader, "SELECT id, name, notes, done, created_at, updated_at FROM items WHERE owner_id = $1 AND id = $2")
	list := newStatement(reader, "SELECT id, name, notes, done, created_at, updated_at FROM items WHERE owner_id = $1 ORDER BY id DESC LIMIT $2")
	insert := newStatement(writer, "INSERT INTO items (owner_id, id, name, notes, done, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")

	http.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("GET /api/v1/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		var record item
		if err := scan(one.row(r.Context(), owner, r.PathValue("id")), &record); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, http.StatusOK, record)
	})
	http.HandleFunc("GET /api/v1/items", func(w http.ResponseWriter, r *http.Request) {
		rows, err := list.rows(r.Context(), owner, 21)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer rows.Close()
		var records []item
		for rows.Next() {
			var record item
			if err := scan(rows, &record); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			records = append(records, record)
		}
		if err := rows.Err(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, http.StatusOK, page{Items: records[:20], NextCursor: &records[19].ID})
	})
	http.HandleFunc("POST /api/v1/items", func(w http.ResponseWriter, r *http.Request) {
		var record item
		if err := json.NewDecoder(r.Body).Decode(&record); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		record.ID = uuid.Must(uuid.NewV7()).String()
		record.CreatedAt = now()
		record.UpdatedAt = record.CreatedAt
		if _, err := insert.exec(r.Context(), owner, record.ID, record.Name, record.Notes, record.Done, record.CreatedAt, record.UpdatedAt); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, http.StatusCreated, record)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

type statement struct {
	database *sql.DB
	query    string
	prepared *sql.Stmt // or nil
}

func newStatement(database *sql.DB, query string) *statement {
	s := &statement{database: database, query: query}
	if len(os.Args) > 2 && os.Args[2] == "prepared" {
		var err error
		if s.prepared, err = database.Prepare(query); err != nil {
			log.Fatal(err)
		}
	}
	return s
}

func (s *statement) row(ctx context.Context, arguments ...any) *sql.Row {
	if s.prepared != nil {
		return s.prepared.QueryRowContext(ctx, arguments...)
	}
	return s.database.QueryRowContext(ctx, s.query, arguments...)
}

func (s *statement) rows(ctx context.Context, arguments ...any) (*sql.Rows, error) {
	if s.prepared != nil {
		return s.prepared.QueryContext(ctx, arguments...)
	}
	return s.database.QueryContext(ctx, s.query, arguments...)
}

func (s *statement) exec(ctx context.Context, arguments ...any) (sql.Result, error) {
	if s.prepared != nil {
		return s.prepared.ExecContext(ctx, arguments...)
	}
	return s.database.ExecContext(ctx, s.query, arguments...)
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
