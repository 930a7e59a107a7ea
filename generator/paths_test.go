package generator

import (
	"reflect"
	"strings"
	"testing"
)

func TestExpandPath(t *testing.T) {
	t.Parallel()
	project := data{"Name": "my-shop", "Module": "com.example.shop", "package": "myshop", "empty": ""}
	resources := []any{data{"Name": "order", "Plural": "orders", "file": "order"}, data{"Name": "item", "Plural": "items", "file": "item"}}
	for pattern, want := range map[string][]string{
		"a/b.txt":                        {"a/b.txt"},
		"a/b.txt.tmpl":                   {"a/b.txt"},
		"[name]/[package].x.tmpl":        {"my-shop/myshop.x"},
		"src/[module]/Main.java":         {"src/com/example/shop/Main.java"},
		"[resource].go.tmpl":             {"order.go", "item.go"},
		"[package]/[file]/[resources].x": {"myshop/order/orders.x", "myshop/item/items.x"},
		".github/x":                      {".github/x"},
	} {
		places, err := expandPath(pattern, project, resources)
		var got []string
		for _, place := range places {
			got = append(got, place.path)
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, %v", pattern, got, err)
		}
	}
	for pattern, want := range map[string]string{
		"[unknown]/x": "[unknown] is not known", "[empty]": "is not known", "[]": "is not known", "[a": "holds one of", "a]": "holds one of", "[[name]]": "holds one of",
		"[Name]x/../y": "leave its folder", "a/[name]/../../../x": "leave its folder", "a//b": "empty", "/a": "empty", "": "empty", ".tmpl": "empty",
		"\x1b[2J": `\x1b[2J`,
	} {
		_, err := expandPath(pattern, project, resources)
		wantError(t, err, want)
		if err != nil && printable(err.Error()) != err.Error() {
			t.Errorf("%q: %q is not printable", pattern, err)
		}
	}
	if _, err := expandPath("[resource]", project, nil); err == nil {
		t.Error("a resource's file without resources")
	}
}

// A value with brackets is a value, not one more place.
func TestExpandPathOnce(t *testing.T) {
	t.Parallel()
	_, err := expandPath("[module]/[package]", data{"Name": "x", "Module": "[package]", "package": "p"}, nil)
	wantError(t, err, "[package]/p", "holds one of")
}

func TestModulePath(t *testing.T) {
	t.Parallel()
	for module, want := range map[string]string{
		"com.example.shop": "com/example/shop", "github.com/acme/shop": "github.com/acme/shop", "@acme/shop": "@acme/shop", "shop": "shop", "": "",
	} {
		if got := modulePath(module); got != want {
			t.Errorf("%s: %s", module, got)
		}
	}
}

func TestCheckPath(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"a", "a/b/c", ".env", ".github/workflows/ci.yaml", "a b", "@a/b", "é/ü", "console", ".gitignore", "a.git", "auxiliary.go"} {
		if err := checkPath(p); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	for _, p := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/./b", `a\b`, `..\a`, "C:", "C:/x", "a:b", "-rf", "a/-x", "a.", "a ", " a", "a/b./c",
		".git", ".GIT/config", "a/.git/hooks/x", "git~1", ".git.", "con", "CON.txt", "a/nul", "aux.go", "com1", "LPT9.x", "conout$", "a\x00b", "a\nb", "a\x7f", "a\u202eb", "\xff", "a\ufffd",
		"a*", "a?", `a"`, "a<", "a>", "a|", "[a]", ".backlot-x/y", strings.Repeat("a", 201), strings.Repeat("a/", 251) + "a",
	} {
		if err := checkPath(p); err == nil {
			t.Errorf("%q is no path for every system", p)
		}
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ first, second, want string }{
		{"a", "b", ""},
		{"a/b", "a/c", ""},
		{"a/b/c", "a/d", ""},
		{"a", "a", "a is written by two files: one and two"},
		{"README", "readme", "readme is written by two files"},
		{"a", "a/b", "a would be a file and a folder"},
		{"a/b", "a", "a would be a file and a folder"},
		{"a/b/c", "a/b", "a/b would be a file and a folder"},
		{"A", "a/b", "a would be a file and a folder"},
		{"Src/a", "src/b", "Src and src would be one folder on some systems: one and two"},
		{"a/B/c", "a/b/d", "one folder"},
	} {
		o := owners{}
		if err := o.claim(test.first, "one"); err != nil {
			t.Error(err)
		}
		if err := o.claim(test.second, "two"); test.want != "" {
			wantError(t, err, test.want)
		} else if err != nil {
			t.Error(err)
		}
	}
}
