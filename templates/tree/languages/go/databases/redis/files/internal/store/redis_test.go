package store

import (
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	for address, valid := range map[string]bool{
		"redis://localhost":                   true,
		"redis://localhost:6379/3":            true,
		"redis://:p%40ss@[::1]:6379/0":        true,
		"rediss://user:password@localhost/0":  true,
		"redis:///0":                          false,
		"redis://localhost/secret":            false,
		"redis://localhost/-1":                false,
		"redis://:secret#@localhost/0":        false,
		"redis://user:1/secret@localhost/0":   false,
		"redis://user:%secret@localhost/0":    false,
		"postgres://user:secret@localhost/db": false,
	} {
		store, err := Open(Options{URL: address, PoolSize: 1})
		if err == nil {
			_ = store.Close()
		}
		if (err == nil) != valid || err != nil && (!strings.HasPrefix(err.Error(), "DATABASE_URL ") || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}
