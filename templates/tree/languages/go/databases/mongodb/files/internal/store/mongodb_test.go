package store

import (
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	for address, want := range map[string]string{
		"mongodb://h":                            "app",
		"mongodb://h/?tls=true":                  "app",
		"mongodb://h1:1,h2:2/my%2Dapp?w=1":       "my-app",
		"mongodb://u:p%2F%40%3F@[::1]:27017/app": "app",
		"mongodb://u:p?w@h/app":                  "app",
		"postgres://h/app":                       "",
		"mongodb://u:se/cret@h/app":              "",
		"mongodb://u:se@cret@h/app":              "",
		"mongodb://u:%zzsecret@h/app":            "",
		"mongodb://u:secret@h:0/app":             "",
		"mongodb://u:secret@h/a.b":               "",
		"mongodb://u:secret@h/a%2Fb":             "",
		"mongodb://u:secret@h/app?tls=maybe":     "",
	} {
		s, err := Open(Options{URL: address, PoolSize: 1})
		if err != nil {
			if want != "" || !strings.HasPrefix(err.Error(), "DATABASE_URL ") || strings.Contains(err.Error(), "cret") {
				t.Errorf("%s: got %v", address, err)
			}
			continue
		}
		if s.database.Name() != want {
			t.Errorf("%s: got %q, want %q", address, s.database.Name(), want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
