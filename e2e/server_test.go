package main

import (
	"slices"
	"strings"
	"testing"
)

func TestInURL(t *testing.T) {
	for _, test := range []struct{ admin, recipe, want string }{
		{"db://root:p%40ss%2Fword@10.0.0.1:3306/maintenance?tls=true", "db://{user}:{password}@{host}:{port}/{name}?{query}", "db://root:p%40ss%2Fword@10.0.0.1:3306/a_b?tls=true"},
		{"db://root@host:1/", "db://{user}:{password}@{host}:{port}/{name}?{query}", "db://root@host:1/a_b"},
		{"db://host/", "db://{user}:{password}@{host}:{port}/{name}", "db://host/a_b"},
		{"db://:secret@host:6379/0", "db://{user}:{password}@{host}:{port}/{number}", "db://:secret@host:6379/7"},
		{"db://u:p@[::1]:5/x", "db://{user}:{password}@{host}:{port}/{name}", "db://u:p@[::1]:5/a_b"},
		{"db://a%3Ab:c%3Fd@host:5/x?q=%20", "db://{user}:{password}@{host}:{port}/{name}?{query}", "db://a%3Ab:c%3Fd@host:5/a_b?q=%20"},
	} {
		p, err := newPlaces(test.admin, "a_b", 7)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.inURL(test.recipe); err != nil || got != test.want {
			t.Errorf("%s in %s: %s, %v; want %s", test.admin, test.recipe, got, err, test.want)
		}
	}
}

func TestInCommand(t *testing.T) {
	recipe := []string{"client", "--host={host}", "--port={port}", "--password={password}", "-e", "CREATE `{name}` AS {number}", "{admin}", "{unknown}", "a={b"}
	for _, test := range []struct {
		admin string
		want  []string
	}{
		{"db://root:p%40s@10.0.0.1:33/x", []string{"client", "--host=10.0.0.1", "--port=33", "--password=p@s", "-e", "CREATE `n` AS 7", "db://root:p%40s@10.0.0.1:33/x", "{unknown}", "a={b"}},
		{"db://[::1]/x", []string{"client", "--host=::1", "-e", "CREATE `n` AS 7", "db://[::1]/x", "{unknown}", "a={b"}},
	} {
		p, err := newPlaces(test.admin, "n", 7)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.inCommand(recipe); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.admin, got, test.want)
		}
	}
}

func TestPlacesHideThePassword(t *testing.T) {
	for _, admin := range []string{"", "db:/secret", "db://u:secret%zz@h/"} {
		if _, err := newPlaces(admin, "n", 1); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", admin, err)
		}
	}
}
