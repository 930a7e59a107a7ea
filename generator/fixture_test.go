package generator

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// tree is a small tree of layers with two languages, two databases and two hostings; pairs of path and
// content are laid over it. An empty content takes a file away.
func tree(pairs ...string) fstest.MapFS {
	files := map[string]string{
		"common/layer.yaml":                       "types: {string: {example: '\"Example\"'}}\n",
		"common/files/README.md.tmpl":             "# {{ .Project.Name }}\n{{ range .Resources }}{{ .Path }} {{ end }}\n",
		"common/files/.gitignore.tmpl":            "/.env\n",
		"common/files/.env.tmpl":                  "JWT={{ secret \"JWT\" }}\nAGAIN={{ secret \"JWT\" }}\nOTHER={{ secret \"OTHER\" }}\n",
		"common/files/ci.yaml":                    "run: ${{ github.ref }}\n",
		"databases/one/layer.yaml":                "title: One DB\ndescription: the first\naliases: [uno, first]\norder: 1\ndefault: true\ntemporary_database: one:///{folder}/x\ndata: {port: 1}\ntypes: {string: {column: char}}\n",
		"databases/two/layer.yaml":                "title: Two\norder: 2\ndata: {port: 2}\n",
		"languages/alpha/layer.yaml":              alphaLayer,
		"languages/alpha/files/main.alpha.tmpl":   "module {{ .Project.Module }} on {{ .Database.Title }} {{ .Database.port }} {{ .Cell.driver }}\n",
		"languages/alpha/files/[file].alpha.tmpl": "{{ .Resource.Class }}:{{ range .Resource.Fields }} {{ .member }}{{ end }}\n",
		"languages/alpha/files/bin/start":         "#!/bin/sh\n",
		"languages/alpha/databases/one/layer.yaml": "include: [languages/alpha/shared]\ndata: {driver: one-driver}\n" +
			"commands: {serve: [alpha, serve]}\n",
		"languages/alpha/databases/two/layer.yaml": "data: {driver: two-driver}\n",
		"languages/alpha/shared/layer.yaml":        "data: {driver: shared-driver, kind: sql}\n",
		"languages/alpha/shared/files/store.alpha": "store\n",
		"languages/beta/layer.yaml":                "title: Beta\norder: 2\n",
		"languages/beta/databases/two/layer.yaml":  "",
		"languages/beta/databases/two/files/b.txt": "beta\n",
		"languages/beta/databases/one/layer.yaml":  "refused: one has no driver\n",
		"hosting/none/layer.yaml":                  "title: None\norder: 1\ndefault: true\naliases: [docker]\n",
		"hosting/cloud/layer.yaml":                 "title: Cloud\norder: 2\nnotice: costs money\n",
		"hosting/cloud/databases/one/layer.yaml":   "notice: even more\ndata: {plan: small}\n",
		"hosting/cloud/files/deploy/cloud.tmpl":    "{{ .Hosting.Title }} {{ .Hosting.plan }}\n",
	}
	for i := 0; i < len(pairs); i += 2 {
		files[pairs[i]] = pairs[i+1]
	}
	all := fstest.MapFS{}
	for name, content := range files {
		if content != "" {
			all[name] = &fstest.MapFile{Data: []byte(content)}
		}
	}
	return all
}

const alphaLayer = `title: Alpha
description: a language
aliases: [al]
order: 1
default: true
module: {title: module path, default: "example.com/{name}", pattern: "[a-z0-9./-]+"}
executable: [bin/start]
names:
  initialisms: [ID, URL]
  project:
    package: {case: flat}
  resource:
    Class: {case: pascal, reserved: [Object], suffix: Record}
    Classes: {case: pascal, plural: true}
    file: {case: snake}
  field:
    member: {case: camel, reserved: [class, default], suffix: Field}
refuse:
  project: {alpha: it is the language's own}
  resource: {object: alpha has one}
  field: {hash: alpha has one}
commands: {build: [alpha, build], serve: [./bin/start]}
`

func load(t *testing.T, pairs ...string) *Catalog {
	t.Helper()
	c, err := Load(tree(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answers are right for the fixture; change may alter them.
func answers(change ...func(*Answers)) Answers {
	r, err := ParseResource(DefaultResource)
	if err != nil {
		panic(err)
	}
	a := Answers{Name: "shop", Language: "alpha", Database: "one", Hosting: "none", Resources: []Resource{r}}
	for _, f := range change {
		f(&a)
	}
	return a
}

func generated(t *testing.T, c *Catalog, a Answers) map[string]File {
	t.Helper()
	project, err := c.Generate(a)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]File{}
	for _, f := range project.Files {
		files[f.Path] = f
	}
	return files
}

// messages are what an error of type Faults says, one by one.
func messages(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("%v is no Faults but a %T", err, err)
	}
	seen := map[string]bool{}
	var all []string
	for _, fault := range faults {
		if seen[fault.Message] {
			t.Errorf("told twice: %s", fault.Message)
		}
		seen[fault.Message] = true
		if fault.Key == "" || printable(fault.Message) != fault.Message || strings.Contains(fault.Message, "generator.") || strings.Contains(fault.Message, "!!") {
			t.Errorf("no message for a user: %q %q", fault.Key, fault.Message)
		}
		all = append(all, fault.Message)
	}
	return all
}

// wantMessages compares messages with the beginnings or parts that are wanted, in any order.
func wantMessages(t *testing.T, err error, want ...string) {
	t.Helper()
	got := messages(t, err)
	for _, part := range want {
		if !strings.Contains(strings.Join(got, "\n"), part) {
			t.Errorf("nothing says %q in %q", part, got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d messages instead of %d: %q", len(got), len(want), got)
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error; want one with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}
