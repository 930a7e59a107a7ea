package store

import (
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	for address, right := range map[string]bool{
		"postgres://u:p%40ss@localhost:5432/shop?sslmode=require": true,
		"postgresql://u@localhost/shop":                           true,
		"mysql://u:secret@localhost/shop":                         false,
		"postgres://u:sec%zzret@localhost/shop":                   false,
		"postgres://u:secret@localhost/shop?sslmode=some":         false,
		"postgres://u:secret@localhost:70000/shop":                false,
	} {
		s, err := Open(Options{URL: address, PoolSize: 1})
		if right != (err == nil) || err != nil && (!strings.HasPrefix(err.Error(), "DATABASE_URL ") || strings.Contains(err.Error(), "sec")) {
			t.Errorf("%s: got %v", address, err)
		}
		if err == nil {
			_ = s.Close()
		}
	}
}

func TestBind(t *testing.T) {
	if got := bind("a = ? AND b = ?"); got != "a = $1 AND b = $2" {
		t.Error(got)
	}
}
