// Command bare does what the service does and nothing else: no accounts, no log, no metrics, no checks.
package main

import (
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
	one := prepare(reader, "SELECT id, name, notes, done, created_at, updated_at FROM items WHERE owner_id = $1 AND id = $2")
	list := prepare(reader, "SELECT id, name, notes, done, created_at, updated_at FROM items WHERE owner_id = $1 ORDER BY id DESC LIMIT $2")
	insert := prepare(writer, "INSERT INTO items (owner_id, id, name, notes, done, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")

	http.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("GET /api/v1/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		var record item
		if err := scan(one.QueryRowContext(r.Context(), owner, r.PathValue("id")), &record); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, http.StatusOK, record)
	})
	http.HandleFunc("GET /api/v1/items", func(w http.ResponseWriter, r *http.Request) {
		rows, err := list.QueryContext(r.Context(), owner, 21)
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
		if _, err := insert.ExecContext(r.Context(), owner, record.ID, record.Name, record.Notes, record.Done, record.CreatedAt, record.UpdatedAt); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, http.StatusCreated, record)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

func prepare(database *sql.DB, query string) *sql.Stmt {
	statement, err := database.Prepare(query)
	if err != nil {
		log.Fatal(err)
	}
	return statement
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
