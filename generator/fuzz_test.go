package generator

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// readable checks that an error is Faults that can be shown to a user.
func readable(t *testing.T, err error) {
	t.Helper()
	var faults Faults
	if !errors.As(err, &faults) || len(faults) == 0 || len(faults) > maxFaults+1 {
		t.Fatalf("%T with %d faults: %.200v", err, len(faults), err)
	}
	for i, fault := range faults {
		if fault.Key == "" || fault.Message == "" || len(fault.Message) > 2000 || strings.ContainsFunc(fault.Message, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Fatalf("%q: %.2000q", fault.Key, fault.Message)
		}
		if strings.Contains(fault.Message, "generator.") && !strings.Contains(fault.Message, "line ") {
			t.Fatalf("in Go's words: %q", fault.Message)
		}
		if slices.ContainsFunc(faults[:i], func(other Fault) bool { return reflect.DeepEqual(other, fault) }) {
			t.Fatalf("told twice: %q", fault.Message)
		}
	}
}

func FuzzParseResource(f *testing.F) {
	for _, seed := range []string{
		DefaultResource, "", "a b:enum(x,y)?:unique", "a/b c:d", "a b::", "a b:(", "a b:)", "a b:enum((x)y)", "person/people a:string:unique?", "/", ":", "a :", "\xff \x00:\u202e",
		"order_line a:decimal b:uuid:unique c:enum( a , b )",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseResource(text)
		if err != nil {
			readable(t, err)
			return
		}
		again, err := ParseResource(r.String())
		if err != nil || !reflect.DeepEqual(r, again) {
			t.Fatalf("%q became %+v, then %+v, %v", text, r, again, err)
		}
		if !isName(r.Name, "_") || !isName(r.Plural, "_") || len(r.Fields) == 0 || len(r.Fields) > maxFields || len(r.Plural)+1+maxNameLength > 63 {
			t.Fatalf("%+v", r)
		}
		for i, field := range r.Fields {
			known, ok := fieldType(field.Type)
			if !ok || !isName(field.Name, "_") || field.Unique && !known.Unique || (field.Type == "enum") != (len(field.Values) > 0) {
				t.Fatalf("%+v", field)
			}
			if slices.ContainsFunc(r.Fields[:i], func(other Field) bool { return other.Name == field.Name }) {
				t.Fatalf("twice: %+v", field)
			}
		}
	})
}

func FuzzReadAnswers(f *testing.F) {
	for _, seed := range []string{
		"name: shop\nlanguage: alpha\ndatabase: one\nhosting: none\nresources: [item name:string]\n",
		`{"name": "shop", "language": "al", "database": "two", "hosting": "no", "resources": [{"name": "a", "fields": [{"name": "b", "type": "enum", "values": ["x"]}]}]}`,
		"", "- a", "a: &a [*a]", "resources: [[x]]", "? x", "name: !!binary aGk=", "name: |\n  x\n", "<<: {name: x}", "--- a\n--- b", "version: 9", "commands: {a: b}", "%YAML 1.1\n---\n", "name: \"\\u202e\"",
	} {
		f.Add([]byte(seed))
	}
	c, err := Load(tree())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		a, err := ReadAnswers(bytes.NewReader(content))
		if err != nil {
			readable(t, err)
		}
		project, err := c.Generate(a)
		if err != nil {
			readable(t, err)
			return
		}
		for _, f := range project.Files {
			if f.Path != recordFile {
				continue
			}
			again, err := ReadAnswers(bytes.NewReader(f.Content))
			if err != nil || !reflect.DeepEqual(again, project.Answers) {
				t.Fatalf("%+v became %+v, %v", project.Answers, again, err)
			}
		}
	})
}

func FuzzExpandPath(f *testing.F) {
	for _, seed := range [][4]string{
		{"src/[module]/[resource].go.tmpl", "shop", "com.example", "order"},
		{"[name]/[resources]", "..", "../..", "."},
		{"[[name]]", "[module]", "[name]", ""},
		{"/etc/passwd", "a", "b", "c"},
		{"a/./../b", "", "", ""},
		{"C:\\x", "con", "nul.txt", "-rf"},
		{".git/hooks", "\x00", "\xff", "\u202e"},
		{"a.tmpl.tmpl", "a ", "a.", " a"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, pattern, name, module, resource string) {
		places, err := expandPath(pattern, data{"Name": name, "Module": module, "package": name}, []any{data{"Name": resource, "Plural": resource + "s"}})
		if err != nil {
			if printable(err.Error()) != err.Error() {
				t.Fatalf("%q", err)
			}
			return
		}
		for _, place := range places {
			if !fs.ValidPath(place.path) || !filepath.IsLocal(filepath.FromSlash(place.path)) || strings.ContainsAny(place.path, "\\:*?\"<>|[]\x00") {
				t.Fatalf("%q", place.path)
			}
			for segment := range strings.SplitSeq(place.path, "/") {
				if strings.HasPrefix(segment, "-") || strings.EqualFold(segment, ".git") || isWindowsDevice(segment) || strings.Trim(segment, " ") != segment || strings.HasSuffix(segment, ".") {
					t.Fatalf("%q", place.path)
				}
			}
		}
	})
}
