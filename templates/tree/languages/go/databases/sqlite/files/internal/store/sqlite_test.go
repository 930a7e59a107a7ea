package store

import "testing"

func TestDatabasePath(t *testing.T) {
	for address, want := range map[string]string{
		"sqlite:///a/b.db":     "/a/b.db",
		"sqlite:data/b.db":     "data/b.db",
		"sqlite:data/a%20b.db": "data/a b.db",
		"sqlite://a/b.db":      "",
		"sqlite:":              "",
		"sqlite:%zz":           "",
		"/a/b.db":              "",
	} {
		if path, err := databasePath(address); path != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v", address, path, err)
		}
	}
}
