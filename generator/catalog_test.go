package generator

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	if _, err := Load(tree()); err != nil {
		t.Error(err)
	}
	for _, missing := range []string{"languages", "databases", "hosting"} {
		files := tree()
		for name := range files {
			if strings.HasPrefix(name, missing+"/") {
				delete(files, name)
			}
		}
		_, err := Load(files)
		wantError(t, err, "the tree has no folder under "+missing)
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	c := load(t, "databases/zero/layer.yaml", "order: -1\n", "databases/three/files/x", "x")
	got, err := c.Choices(Database)
	want := []Choice{
		{Name: "zero", Title: "zero", order: -1},
		{Name: "three", Title: "three"},
		{Name: "one", Title: "One DB", Description: "the first", Aliases: []string{"uno", "first"}, Default: true, order: 1},
		{Name: "two", Title: "Two", order: 2},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for axis, want := range map[Axis]string{Language: "alpha", Database: "one", Hosting: "none"} {
		if got, err := c.Default(axis); got != want || err != nil {
			t.Errorf("%s: %s, %v", axis.Key, got, err)
		}
	}
	c = load(t, "hosting/none/layer.yaml", "title: None\n")
	if got, err := c.Default(Hosting); got != "" || err != nil {
		t.Error(got, err)
	}
}

func TestGoes(t *testing.T) {
	t.Parallel()
	c := load(t, "languages/gamma/layer.yaml", "title: Gamma\n")
	for _, test := range []struct{ language, database, hosting, want string }{
		{"alpha", "one", "none", ""},
		{"alpha", "two", "none", ""},
		{"beta", "two", "none", ""},
		{"", "one", "cloud", ""},
		{"", "", "", ""},
		{"alpha", "", "cloud", ""},
		{"beta", "one", "", "one does not go with beta: one has no driver (beta goes with two)"},
		{"", "two", "cloud", "two does not go with cloud (cloud goes with one)"},
		{"gamma", "one", "", "one does not go with gamma (gamma goes with nothing yet)"},
	} {
		ok, reason, err := c.Goes(test.language, test.database, test.hosting)
		if ok != (test.want == "") || reason != test.want || err != nil {
			t.Errorf("%+v: %v, %q, %v", test, ok, reason, err)
		}
	}
}

func TestCombinations(t *testing.T) {
	t.Parallel()
	c := load(t)
	got, err := c.Combinations()
	want := []Combination{{"alpha", "one", "none"}, {"alpha", "one", "cloud"}, {"alpha", "two", "none"}, {"beta", "two", "none"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, combination := range got {
		a := answers(func(a *Answers) {
			a.Language, a.Database, a.Hosting = combination.Language, combination.Database, combination.Hosting
		})
		if _, err := c.Generate(a); err != nil {
			t.Errorf("%+v: %v", combination, err)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	c := load(t)
	for word, want := range map[string]string{"one": "one", "UNO": "one", "One DB": "one", "two": "two", "oen": "", "": "", "../one": ""} {
		if got, err := c.Find(Database, word); got != want || err != nil {
			t.Errorf("%q: %q, %v", word, got, err)
		}
	}
}

func TestFitting(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, test := range []struct {
		axis                        Axis
		language, database, hosting string
		want                        string
	}{
		{Database, "alpha", "", "", "one two"},
		{Database, "beta", "", "", "two"},
		{Database, "alpha", "", "cloud", "one"},
		{Hosting, "", "two", "", "none"},
		{Hosting, "", "one", "", "none cloud"},
		{Language, "", "one", "", "alpha"},
		{Language, "", "", "", "alpha beta"},
	} {
		choices, err := c.Fitting(test.axis, test.language, test.database, test.hosting)
		var names []string
		for _, choice := range choices {
			names = append(names, choice.Name)
		}
		if got := strings.Join(names, " "); got != test.want || err != nil {
			t.Errorf("%+v: %s, %v", test, got, err)
		}
	}
}

func TestNotice(t *testing.T) {
	t.Parallel()
	c := load(t)
	for pair, want := range map[[2]string]string{{"none", "one"}: "", {"cloud", "one"}: "costs money\neven more", {"cloud", "two"}: "costs money"} {
		if got, err := c.Notice(pair[0], pair[1]); got != want || err != nil {
			t.Errorf("%v: %q, %v", pair, got, err)
		}
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		database, language string
		want               []string
		err                string
	}{
		{"data: {next: [make db, make run]}\n", "data: {next: [x]}\n", []string{"make db", "make run"}, ""},
		{"title: One\n", "data: {next: [x]}\n", []string{"x"}, ""},
		{"title: One\n", "title: Alpha\n", []string{"make run"}, ""},
		{"data: {next: [make db]}\n", "data: {prepare: [make setup]}\n", []string{"make setup", "make db"}, ""},
		{"title: One\n", "data: {prepare: [make setup]}\n", []string{"make setup", "make run"}, ""},
		{"title: One\n", "data: {prepare: 3}\n", nil, "must be a list of commands"},
		{"data: {next: 3}\n", "title: Alpha\n", nil, "must be a list of commands"},
		{"data: {next: [3]}\n", "title: Alpha\n", nil, "must be a list of commands"},
	} {
		got, err := load(t, "databases/one/layer.yaml", test.database, "languages/alpha/layer.yaml", test.language).Next(answers())
		if test.err != "" {
			wantError(t, err, test.err)
		} else if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%+v: %q, %v", test, got, err)
		}
	}
}

func TestEmulator(t *testing.T) {
	t.Parallel()
	c := load(t, "hosting/cloud/layer.yaml", "title: Cloud\n", "hosting/cloud/databases/one/layer.yaml", "emulator: {provider: maker/cloud, serve: [emulate, \"{port}\"]}\n",
		"hosting/cloud/databases/two/layer.yaml", "title: Two\n")
	if e, err := c.Emulator("cloud", "one"); err != nil || e.Provider != "maker/cloud" || e.Serve[1] != "{port}" {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := c.Emulator("cloud", "two"); e != nil || err != nil {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestTestServer(t *testing.T) {
	t.Parallel()
	c := load(t, "databases/two/layer.yaml", "test_server: {environment: TWO_URL, create: [[make, '{name}']], url: 'two://{host}'}\n")
	if s, err := c.TestServer("one"); s != nil || err != nil {
		t.Error(s, err)
	}
	if s, err := c.TestServer("two"); err != nil || s.Environment != "TWO_URL" || s.Create[0][1] != "{name}" {
		t.Error(s, err)
	}
}

// What a layer has wrong is told with file and line, and never in Go's words.
func TestLayerProblems(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"titel: Alpha\n":                              "languages/alpha/layer.yaml:1: there is no key titel, did you mean title? (keys: title,",
		"title: A\norder: first\n":                    "languages/alpha/layer.yaml:2: a text stands where a whole number belongs",
		"title: A\ntitle: B\n":                        "languages/alpha/layer.yaml:2: mapping key",
		"title: [\n":                                  "languages/alpha/layer.yaml:",
		"a: 1\n---\nb: 2\n":                           "there is no key a",
		"title: A\n---\ntitle: B\n":                   "there is a second document",
		"title: \"\\e[2J\"\n":                         "languages/alpha/layer.yaml:1: the text holds a character that cannot be seen",
		"refuse: {field: {x: \"\\u202e\"}}\n":         "cannot be seen",
		"types:\n  string: {}\n  strin: {}\n":         "languages/alpha/layer.yaml:3: there is no field type strin (types: string,",
		"commands: {serve: []}\n":                     "the command serve is empty",
		"data:\n  day: 2026-11-20\n":                  "languages/alpha/layer.yaml:2: a date needs quotes",
		"data: {list: [{1: x}]}\n":                    "the keys of a mapping must be texts",
		"types: {date: {example: 2026-11-20}}\n":      "a date needs quotes",
		"module: {pattern: '('}\n":                    "error parsing regexp",
		"include: [shared]\n":                         "languages/alpha/layer.yaml:1: include shared is no folder of the tree",
		"title: x\ninclude:\n- ../alpha\n":            "languages/alpha/layer.yaml:3: include ../alpha is no folder",
		"include: [.]\n":                              "include . is no folder",
		"include: [languages/alpha]\n":                "includes itself: languages/alpha → languages/alpha",
		"executable: [bin/stop]\n":                    "languages/alpha/layer.yaml:1: there is no file bin/stop to be executable",
		"names: {field: {x: {case: kamel}}}\n":        "the form x has the case kamel, which is not known (cases: camel,",
		"names: {field: {Type: {case: camel}}}\n":     "the form Type has a name that a field has already",
		"names: {resource: {Path: {case: camel}}}\n":  "the form Path has a name that a resource has already",
		"names: {project: {Module: {case: camel}}}\n": "has already",
		"names: {project: {x: {case: flat}}, resource: {x: {case: flat}}}\n": "in a path they would be the same",
		"names: {resource: {'a b': {case: flat}}}\n":                         "the form a b must be letters and digits",
		"names: {resource: {x: {case: flat, reserved: [a]}}}\n":              "has reserved words and no suffix",
		"names: {resource: {x: {case: flat, refused: {a: b}}}}\n":            "there is no key refused",
		"test_server: {environ: X}\n":                                        "there is no key environ (keys: environment,",
	} {
		c := load(t, "languages/alpha/layer.yaml", content, "languages/alpha/databases/one/layer.yaml", "title: x\n",
			"languages/alpha/files/main.alpha.tmpl", "", "languages/alpha/files/[file].alpha.tmpl", "")
		_, err := c.Generate(answers())
		wantError(t, err, want)
		if err != nil && (strings.Contains(err.Error(), "generator.") || strings.Contains(err.Error(), "!!")) {
			t.Errorf("%q: in Go's words: %v", content, err)
		}
	}
}

func TestIncludeInCircles(t *testing.T) {
	t.Parallel()
	c := load(t, "languages/alpha/shared/layer.yaml", "include: [languages/alpha/databases/one]\n")
	_, err := c.Generate(answers())
	wantError(t, err, "includes itself: languages/alpha/databases/one → languages/alpha/shared → languages/alpha/databases/one")
}

func TestCatalogSideBySide(t *testing.T) {
	t.Parallel()
	c := load(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := c.Generate(answers()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestOverlay(t *testing.T) {
	t.Parallel()
	over := fstest.MapFS{
		"common/files/README.md.tmpl":                {Data: []byte("ours\n")},
		"databases/three/layer.yaml":                 {Data: []byte("title: Three\ndata: {port: 3}\n")},
		"languages/alpha/databases/three/layer.yaml": {Data: []byte("data: {driver: third}\n")},
		"languages/alpha/databases/three/files/x3":   {Data: []byte("three\n")},
	}
	folder := t.TempDir()
	if err := os.CopyFS(folder, over); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, overlaid := range map[string]*Catalog{
		"a map":         {tree: Overlay(tree(), over), layers: map[string]*layer{}},
		"a root":        {tree: Overlay(tree(), root.FS()), layers: map[string]*layer{}},
		"a folder":      {tree: Overlay(tree(), os.DirFS(folder)), layers: map[string]*layer{}},
		"without lists": {tree: Overlay(tree(), onlyOpen{over}), layers: map[string]*layer{}},
		"two of them":   {tree: Overlay(Overlay(tree(), fstest.MapFS{}), over), layers: map[string]*layer{}},
	} {
		files := generated(t, overlaid, answers(func(a *Answers) { a.Database = "three" }))
		if string(files["README.md"].Content) != "ours\n" || string(files["x3"].Content) != "three\n" || files["ci.yaml"].Content == nil {
			t.Errorf("%s: %v", name, sortedKeys(files))
		}
		if ok, _, _ := overlaid.Goes("alpha", "one", "none"); !ok {
			t.Errorf("%s: the cells of the tree below are gone", name)
		}
	}
}

// onlyOpen hides every other method of a tree.
type onlyOpen struct{ tree fstest.MapFS }

func (o onlyOpen) Open(name string) (fs.File, error) { return o.tree.Open(name) }

// A stranger's tree cannot read what lies outside of it.
func TestOverlayRefusesLinks(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("title: secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"common/files/x", "common/layer.yaml", "common/files/README.md.tmpl", "languages/alpha/files", "languages", "common", "languages/gamma"} {
		folder := t.TempDir()
		link := filepath.Join(folder, filepath.FromSlash(place))
		if err := os.MkdirAll(filepath.Dir(link), 0o777); err != nil {
			t.Fatal(err)
		}
		to := secret
		if strings.Count(place, ".") == 0 && place != "common/files/x" {
			to = filepath.Dir(secret)
		}
		if err := os.Symlink(to, link); err != nil {
			t.Skip("symbolic links cannot be made here:", err)
		}
		c, err := Load(Overlay(tree(), os.DirFS(folder)))
		if err == nil {
			_, err = c.Generate(answers(func(a *Answers) { a.Language = "gamma" }))
			if place != "languages/gamma" {
				_, err = c.Generate(answers())
			}
		}
		wantError(t, err, "")
		if err != nil && strings.Contains(err.Error(), "secret\n") {
			t.Errorf("%s: it was read: %v", place, err)
		}
	}
}

func TestOverlayMixedKinds(t *testing.T) {
	t.Parallel()
	for name, over := range map[string]fstest.MapFS{
		"a file for a folder": {"languages/alpha/files": {Data: []byte("x")}},
		"a folder for a file": {"common/layer.yaml/x": {Data: []byte("x")}},
	} {
		c, err := Load(Overlay(tree(), over))
		if err == nil {
			_, err = c.Generate(answers())
		}
		wantError(t, err, "")
		t.Log(name+":", err)
	}
	if _, err := Overlay(tree(), fstest.MapFS{}).Open("../x"); err == nil {
		t.Error("a path out of the tree")
	}
	_, err := Load(Overlay(fstest.MapFS{}, fstest.MapFS{}))
	wantError(t, err, "no folder")
}

func ExampleCatalog_Generate() {
	catalog, _ := Load(tree())
	project, err := catalog.Generate(Answers{
		Name: "shop", Language: "alpha", Database: "one", Hosting: "none",
		Resources: []Resource{{Name: "item", Plural: "items", Fields: []Field{{Name: "title", Type: "string"}}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range project.Files {
		fmt.Println(f.Mode, f.Path)
	}
	// Output:
	// -rw------- .env
	// -rw-r--r-- .gitignore
	// -rw-r--r-- README.md
	// -rw-r--r-- backlot.lock
	// -rw-r--r-- backlot.yaml
	// -rwxr-xr-x bin/start
	// -rw-r--r-- ci.yaml
	// -rw-r--r-- item.alpha
	// -rw-r--r-- main.alpha
	// -rw-r--r-- store.alpha
}
