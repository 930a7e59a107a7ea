package store

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

func TestOpen(t *testing.T) {
	for address, right := range map[string]bool{
		"mysql://u:p%40ss@localhost:3306/shop?tls=true":   true,
		"mysql://u@[::1]/shop":                            true,
		"postgres://u:secret@localhost/shop":              false,
		"mysql://u:secret@localhost":                      false,
		"mysql://u:secret@localhost:70000/shop":           false,
		"mysql://u:sec%zzret@localhost/shop":              false,
		"mysql://u:12/secret@localhost/shop":              false,
		"mysql://u:secret@localhost/shop?tls=some":        false,
		"mysql://u:secret@localhost/shop?tls=%zz":         false,
		"mysql://u:secret@localhost/shop?ssl-mode=secret": false,
	} {
		s, err := Open(Options{URL: address, PoolSize: 1})
		if right != (err == nil) || err != nil && (!strings.HasPrefix(err.Error(), "DATABASE_URL") || strings.Contains(err.Error(), "sec")) {
			t.Errorf("%s: got %v", address, err)
		}
		if err == nil {
			_ = s.Close()
		}
	}
}

func TestFault(t *testing.T) {
	for message, want := range map[string]string{
		"Duplicate entry 'a-b.c'd' for key 'products.unique_sku'": "sku",
		"Duplicate entry 'a-b.c'd' for key 'unique_unique_id'":    "unique_id",
	} {
		var conflict *ConflictError
		if err := fault(&mysql.MySQLError{Number: 1062, Message: message}); !errors.As(err, &conflict) || conflict.Field != want {
			t.Errorf("%s: got %v", message, err)
		}
	}
}
