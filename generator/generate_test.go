package generator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"
)

func TestGenerate(t *testing.T) {
	t.Parallel()
	files := generated(t, load(t), answers(func(a *Answers) {
		a.Database, a.Hosting = "one", "cloud"
		a.Resources = []Resource{parseResource("order user_id:uuid class:string"), parseResource("object_line/object_lines a:string")}
	}))
	for path, want := range map[string]string{
		"README.md":         "# shop\norders object-lines \n",
		"main.alpha":        "module example.com/shop on One DB 1 one-driver\n", // what a layer says wins over what it includes
		"order.alpha":       "Order: userID classField\n",
		"object_line.alpha": "ObjectLine: a\n",
		"store.alpha":       "store\n",
		"ci.yaml":           "run: ${{ github.ref }}\n", // copied byte for byte
		"deploy/cloud":      "Cloud small\n",
		"bin/start":         "#!/bin/sh\n",
	} {
		if got := string(files[path].Content); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for path, want := range map[string]string{"README.md": "common", "store.alpha": "languages/alpha/shared", "deploy/cloud": "hosting/cloud", "backlot.yaml": "backlot", "order.alpha": "languages/alpha"} {
		if got := files[path].Layer; got != want {
			t.Errorf("%s comes from %s", path, got)
		}
	}
	for path, want := range map[string]uint32{"README.md": 0o644, "bin/start": 0o755, ".env": 0o600} {
		if got := files[path].Mode; uint32(got) != want {
			t.Errorf("%s has mode %v", path, got)
		}
	}
}

func TestGenerateIsPure(t *testing.T) {
	t.Parallel()
	c := load(t)
	first, err := c.Generate(answers())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		again, err := load(t).Generate(answers())
		if err != nil || !reflect.DeepEqual(first, again) {
			t.Fatal("the same answers gave other bytes", err)
		}
	}
	if !slices.IsSortedFunc(first.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("the files are not sorted")
	}
}

// What templates see, asked for key by key.
func TestTemplateData(t *testing.T) {
	t.Parallel()
	resources := []Resource{parseResource("order_line name:string:unique state:enum(draft,live)? count:integer"), parseResource("item a:text?")}
	for text, want := range map[string]string{
		"{{ .Project.Name }} {{ .Project.Module }} {{ .Project.package }}":                "my-shop example.com/my-shop myshop",
		"{{ .Language.Name }} {{ .Language.Title }} {{ .Language.Description }}":          "alpha Alpha a language",
		"{{ .Database.Name }} {{ .Database.Title }} {{ .Hosting.Name }} {{ .Cell.kind }}": "one One DB none sql",
		"{{ .Tool.Version }}": "v9",
		"{{ join \" \" .Commands.serve }} {{ join \" \" .Commands.build }}":                                                                                                          "alpha serve alpha build",
		"{{ range .Resources }}{{ .Name }} {{ .Plural }} {{ .Path }} {{ .Class }} {{ .number }};{{ end }}":                                                                           "order_line order_lines order-lines OrderLine 00002;item items items Item 00003;",
		"{{ range (first .Resources).Fields }}{{ .Name }}{{ if .Optional }}?{{ end }}{{ if .Unique }}!{{ end }}{{ if .First }} first{{ end }}{{ if .Last }} last{{ end }},{{ end }}": "name! first,state?,count last,",
		"{{ range (first .Resources).Fields }}{{ .Type.Name }} {{ join \"|\" .Values }};{{ end }}":                                                                                   "string ;enum draft|live;integer ;",
		"{{ with first .Resources }}{{ len .UniqueFields }} {{ len .OptionalFields }} {{ len .RequiredFields }}{{ end }}":                                                            "1 1 2",
		"{{ with index .Resources 1 }}{{ len .UniqueFields }} {{ .Uses.text }} {{ .Uses.enum }}{{ end }} {{ .Uses.enum }} {{ .Uses.date }}":                                          "0 true false true false",
		"{{ with (first (first .Resources).Fields).Type }}{{ .example }} {{ .column }}{{ end }}":                                                                                     "\"Example\" char",
		"{{ snake \"aB\" }} {{ kebab \"aB\" }} {{ camel \"a_b\" }} {{ pascal \"a_b\" }} {{ flat \"a_b\" }}":                                                                          "a_b a-b aB AB ab",
		"{{ define \"x\" }}<{{ . }}>{{ end }}{{ template \"x\" \"y\" }}":                                                                                                             "<y>",
		"": "",
	} {
		c := load(t, "common/files/asked.tmpl", text+"\n")
		project, err := c.generate(answers(func(a *Answers) { a.Name, a.Resources = "my-shop", resources }), "v9")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		at, found := slices.BinarySearchFunc(project.Files, "asked", func(f File, p string) int { return strings.Compare(f.Path, p) })
		if got := string(project.Files[at].Content); !found || got != want+"\n" {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestGenerateTellsWhere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ path, content, want string }{
		"syntax":               {"common/files/x.tmpl", "a\nb\n{{ if }}", "templates: common/files/x.tmpl:3: missing value for if"},
		"a function":           {"common/files/x.tmpl", "{{ env \"HOME\" }}", `common/files/x.tmpl:1: function "env" not defined`},
		"a key":                {"common/files/x.tmpl", "\n{{ .Project.Nam }}", `common/files/x.tmpl:2: at <.Project.Nam>: map has no entry for key "Nam"`},
		"a resource elsewhere": {"common/files/x.tmpl", "{{ .Resource.Name }}", `no entry for key "Resource"`},
		"two owners":           {"hosting/none/files/ci.yaml", "x", "ci.yaml is written by two files: common/files/ci.yaml and hosting/none/files/ci.yaml"},
		"two forms of a file":  {"common/files/ci.yaml.tmpl", "x", "is written by two files: common/files/ci.yaml and common/files/ci.yaml.tmpl"},
		"the tool's own":       {"common/files/backlot.yaml", "x", "backlot.yaml is written by two files: common/files/backlot.yaml and backlot"},
		"the tool's lock":      {"common/files/Backlot.Lock.tmpl", "x", "written by two files"},
		"file and folder":      {"common/files/ci.yaml/x", "x", "ci.yaml would be a file and a folder"},
		"a path key":           {"common/files/[what]/x", "x", "common/files/[what]/x: [what] is not known"},
		"a device":             {"common/files/aux.c", "x", "common/files/aux.c: the path aux.c cannot be made: Windows"},
		"git's own":            {"common/files/.git/hooks/pre-commit", "x", "git keeps its own files there"},
		"a secret's name":      {"common/files/x.tmpl", `{{ secret "" }}`, "a name of 1 to 41 characters"},
		"a size":               {"common/files/x.tmpl", "{{ range 100000 }}{{ range 1000 }}0123456789{{ end }}{{ end }}", "larger than"},
		"a width":              {"common/files/x.tmpl", `{{ indent 1000000000 "x" }}`, "a width of 1000000000 is not possible"},
		"a circle":             {"common/files/x.tmpl", `{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}`, "exceeded maximum template depth"},
		"a panic":              {"common/files/x.tmpl", `{{ first 3 }}`, "common/files/x.tmpl:1: "},
		"a files that is none": {"databases/one/files", "x", "databases/one/files: is no ordinary file or folder"},
	} {
		files := tree(test.path, test.content)
		if strings.HasPrefix(test.path, "common/files/ci.yaml/") {
			files["hosting/none/files/ci.yaml/x"] = files[test.path]
			delete(files, test.path)
		}
		c, err := Load(files)
		if err == nil {
			_, err = c.Generate(answers())
		}
		t.Run(name, func(t *testing.T) { wantError(t, err, test.want) })
	}
}

func TestTooManyFiles(t *testing.T) {
	t.Parallel()
	files := tree()
	for i := range 100 {
		files[fmt.Sprintf("common/files/%d/[resource]", i)] = &fstest.MapFile{}
	}
	c, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Generate(answers(func(a *Answers) {
		a.Resources = nil
		for i := range 201 {
			a.Resources = append(a.Resources, parseResource(fmt.Sprintf("r%d a:string", i)))
		}
	}))
	wantError(t, err, "more than 20000 files")
}

// A layer that several include is laid once.
func TestSharedInclude(t *testing.T) {
	t.Parallel()
	files := generated(t, load(t, "languages/alpha/layer.yaml", alphaLayer+"include: [languages/alpha/shared]\n"), answers())
	if string(files["store.alpha"].Content) != "store\n" {
		t.Error("the file of the shared layer is missing")
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	all := functions()
	for _, name := range fromSprig {
		if all[name] == nil {
			t.Errorf("sprig has no function %s", name)
		}
	}
	// What is not the same twice, or sees the machine, must not come back.
	for _, name := range []string{"env", "expandenv", "getHostByName", "now", "date", "randAlpha", "randInt", "uuidv4", "genPrivateKey", "ago", "shuffle", "fail", "repeat", "until", "set", "unset", "merge", "osBase"} {
		if all[name] != nil {
			t.Errorf("%s is a function of templates", name)
		}
	}
	for _, name := range builtins {
		if _, err := template.New("").Parse("{{ " + name + " 1 }}"); err != nil && strings.Contains(err.Error(), "not defined") {
			t.Errorf("text/template has no %s", name)
		}
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	c := load(t)
	a := answers(func(a *Answers) {
		a.Resources = append(a.Resources, parseResource("person/people state:enum(yes,1.0)?:unique"))
	})
	project, err := c.generate(a, "v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{}
	for _, f := range project.Files {
		tree[f.Path] = &fstest.MapFile{Data: f.Content}
	}
	record, err := ReadRecord(tree)
	want := Record{"v1.2.3", project.Answers, map[string][]string{"build": {"alpha", "build"}, "serve": {"alpha", "serve"}}, "one:///{folder}/x"}
	if err != nil || !reflect.DeepEqual(record, want) {
		t.Errorf("%+v, %v", record, err)
	}
	again, err := ReadAnswers(bytes.NewReader(tree["backlot.yaml"].Data))
	if err != nil || !reflect.DeepEqual(again, project.Answers) {
		t.Errorf("backlot.yaml as answers: %+v, %v", again, err)
	}
	if _, err := ReadRecord(fstest.MapFS{}); err == nil {
		t.Error("no backlot.yaml, no error")
	}
	_, err = ReadRecord(fstest.MapFS{"backlot.yaml": {Data: []byte("name: x\nwhat: y\n")}})
	wantError(t, err, "backlot.yaml: line 2: there is no key what")
}

var lockLine = regexp.MustCompile(`^([0-9a-f]{64})  (.+)$`)

func TestLock(t *testing.T) {
	t.Parallel()
	files := generated(t, load(t), answers())
	locked := map[string]string{}
	for line := range strings.Lines(string(files["backlot.lock"].Content)) {
		m := lockLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Fatalf("%q", line)
		}
		locked[m[2]] = m[1]
	}
	for path, f := range files {
		sum := sha256.Sum256(f.Content)
		want := hex.EncodeToString(sum[:])
		if path == ".env" || path == "backlot.lock" { // secrets, and itself
			want = ""
		}
		if locked[path] != want {
			t.Errorf("%s: %q, want %q", path, locked[path], want)
		}
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	content := generated(t, load(t), answers())[".env"].Content
	drawn := map[string]bool{}
	for range 20 {
		filled := vault{}.fill(content)
		if len(filled) != len(content) {
			t.Fatal("the size was not known beforehand")
		}
		m := regexp.MustCompile(`^JWT=([A-Z2-7]{43})\nAGAIN=([A-Z2-7]{43})\nOTHER=([A-Z2-7]{43})\n$`).FindSubmatch(filled)
		if m == nil || !bytes.Equal(m[1], m[2]) || bytes.Equal(m[1], m[3]) || drawn[string(m[1])] {
			t.Fatalf("%q", filled)
		}
		drawn[string(m[1])] = true
	}
}

func TestAlign(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"no cells\n": "no cells\n", "": "",
		"a\vb\nccc\vd\n":         "a   b\nccc d\n",
		"a\vb\n\nccc\vd\n":       "a b\n\nccc d\n",
		"a\vb\vc\nddd\veee\vf\n": "a   b   c\nddd eee f\n",
		"a\v\nbbb\vc\n":          "a\nbbb c\n",
		"é\vb\nab\vc\n":          "é  b\nab c\n",
	} {
		if got, err := align([]byte(text)); string(got) != want || err != nil {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if _, err := align([]byte(strings.Repeat("x", 10_000) + "\v\n" + strings.Repeat("\v\n", 10_000))); err == nil {
		t.Error("a small file that grows beyond all bounds")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if Version() == "" {
		t.Error(Version())
	}
}
