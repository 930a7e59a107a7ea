// Command bare does what the service does and nothing else: no accounts, no log, no metrics, no checks. With
// VARIANT=prepared its queries are prepared statements where there are such, else texts, as most use them.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"time"

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

type store interface {
	one(ctx context.Context, id string) (item, error)
	list(ctx context.Context, limit int) ([]item, error)
	insert(ctx context.Context, record item) error
}

func main() {
	records, err := open(os.Getenv("DATABASE_URL"), os.Getenv("OWNER"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("GET /api/v1/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		record, err := records.one(r.Context(), r.PathValue("id"))
		answer(w, http.StatusOK, record, err)
	})
	http.HandleFunc("GET /api/v1/items", func(w http.ResponseWriter, r *http.Request) {
		found, err := records.list(r.Context(), 21)
		if err != nil || len(found) < 21 {
			answer(w, http.StatusOK, page{Items: found}, err)
			return
		}
		answer(w, http.StatusOK, page{Items: found[:20], NextCursor: &found[19].ID}, nil)
	})
	http.HandleFunc("POST /api/v1/items", func(w http.ResponseWriter, r *http.Request) {
		var record item
		if err := json.NewDecoder(r.Body).Decode(&record); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		record.ID = uuid.Must(uuid.NewV7()).String()
		record.CreatedAt = time.Now().UTC().Format(layout)
		record.UpdatedAt = record.CreatedAt
		answer(w, http.StatusCreated, record, records.insert(r.Context(), record))
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

func answer(w http.ResponseWriter, status int, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
