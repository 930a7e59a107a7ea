package generator

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCheckFindsNothing(t *testing.T) {
	t.Parallel()
	for _, p := range Check(tree()) {
		t.Error(p)
	}
	for name, files := range map[string]map[string]string{
		"notes of an author":      {"README.md": "x", "languages/alpha/README.md": "x", ".git/config": "x", "common/.DS_Store": "x", ".github/workflows/x.yaml": "x"},
		"a folder to include":     {"shared/sql/files/sql.txt": "x", "languages/beta/layer.yaml": "title: Beta\norder: 2\ninclude: [shared/sql]\n"},
		"presence and ranges":     {"common/files/x.tmpl": "{{ with .Database.port }}{{ . }}{{ end }}{{ if .Uses.enum }}x{{ end }}{{ range .Resources }}{{ if eq .Name .Plural }}{{ end }}{{ end }}{{ .Database.Name }}\n"},
		"another tool's template": {"common/files/release.yaml": "name: '{{ .Version }}'\n", "common/files/.github/workflows/ci.yaml": "run: ${{ github.ref }}\n", "common/files/ci2.yaml.tmpl": "run: {{ \"${{ github.ref }}\" }}\n"},
		"comments in JSON":        {"common/files/tsconfig.json": "// x\n{}\n", "common/files/.vscode/x.json": "// x\n{}\n", "common/files/chart/templates/x.yaml": "{{- if }}\n"},
		"several documents":       {"common/files/k8s.yaml": "a: 1\n---\nb: 2\n"},
		"a part of a tree":        {"databases/three/layer.yaml": "title: Three\ndata: {port: 3}\n", "languages/alpha/databases/three/layer.yaml": "data: {driver: x}\n"},
	} {
		over := fstest.MapFS{}
		for path, content := range files {
			over[path] = &fstest.MapFile{Data: []byte(content)}
		}
		for _, p := range Check(Overlay(tree(), over)) {
			t.Errorf("%s: %v", name, p)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files []string // path, content
		want  []string
	}{
		"all of a layer at once": {[]string{"common/layer.yaml", "titel: x\norder: x\n", "databases/one/layer.yaml", "data: {x: 2026-01-01}\n"}, []string{
			"common/layer.yaml:1: there is no key titel", "common/layer.yaml:2: a text stands where a whole number belongs", "databases/one/layer.yaml:1: a date needs quotes",
		}},
		"a template":           {[]string{"common/files/x.tmpl", "a\n{{ if }}"}, []string{"common/files/x.tmpl:2: missing value for if"}},
		"an included template": {[]string{"languages/alpha/shared/files/x.tmpl", "a\n{{ foo }}"}, []string{`languages/alpha/shared/files/x.tmpl:2: function "foo" not defined`}},
		"a missing key":        {[]string{"common/files/x.tmpl", "\n\n{{ .Database.nope }}"}, []string{`common/files/x.tmpl:3: at <.Database.nope>: map has no entry for key "nope"`}},
		"a key that one hosting lacks": {[]string{"common/files/x.tmpl", "{{ .Hosting.plan }}"}, []string{
			`common/files/x.tmpl:1: at <.Hosting.plan>: map has no entry for key "plan"`,
		}},
		"only enum fails":          {[]string{"common/files/x.tmpl", "{{ range .Resources }}{{ range .Fields }}{{ if .Values }}{{ .nope }}{{ end }}{{ end }}{{ end }}"}, []string{`no entry for key "nope"`}},
		"no value":                 {[]string{"common/files/x.tmpl", "a\n{{ first list }}"}, []string{"common/files/x.tmpl: x has a fault: line 2: a value is missing: <no value>"}},
		"a token left":             {[]string{"common/files/x.tmpl", "{{ \"{{ .Project.Name }}\" }}"}, []string{"x has a fault: line 1: {{ .Project.Name was not filled"}},
		"another token left":       {[]string{"common/files/x.tmpl", "[[ .Project.Name ]]"}, []string{"[[ .Project.Name was not filled"}},
		"a forgotten suffix":       {[]string{"common/files/x", "a\n{{- range .Resources }}"}, []string{"common/files/x:2: a file without the suffix .tmpl is copied"}},
		"JSON":                     {[]string{"common/files/x.json.tmpl", `{"a": {{ .Project.Name }}}`}, []string{"common/files/x.json.tmpl: x.json has a fault: invalid character"}},
		"YAML":                     {[]string{"common/files/x.yml", "a: 1\na: 2\n"}, []string{"common/files/x.yml: x.yml has a fault: yaml:"}},
		"Go":                       {[]string{"common/files/[resource].go.tmpl", "package {{ .Resource.Class }}\nfunc"}, []string{"item.go has a fault: 2:5: expected", `no entry for key "Class"`}},
		"a collision":              {[]string{"hosting/cloud/files/ci.yaml", "x: 1\n"}, []string{"ci.yaml is written by two files: common/files/ci.yaml and hosting/cloud/files/ci.yaml"}},
		"a colliding resource":     {[]string{"common/files/order.alpha", "x"}, []string{"order.alpha is written by two files"}},
		"an unknown folder":        {[]string{"language/gamma/layer.yaml", "title: x\n"}, []string{"language: nothing reads this"}},
		"an unknown inner folder":  {[]string{"languages/alpha/file/x", "x"}, []string{"languages/alpha/file: nothing reads this"}},
		"another layer file":       {[]string{"hosting/none/layer.yml", "x"}, []string{"hosting/none/layer.yml: nothing reads this"}},
		"a cell of no database":    {[]string{"languages/alpha/databases/on/layer.yaml", "title: x\n"}, []string{"languages/alpha/databases/on: there is no folder databases/on"}},
		"a folder's name":          {[]string{"hosting/My Cloud/layer.yaml", "title: x\n"}, []string{"hosting/My Cloud: the name must be"}},
		"an include of nothing":    {[]string{"hosting/none/layer.yaml", "title: None\ndefault: true\ninclude:\n- shared/x\n"}, []string{"hosting/none/layer.yaml:4: include shared/x is no folder"}},
		"an include of itself":     {[]string{"languages/alpha/shared/layer.yaml", "include: [languages/alpha/shared]\n"}, []string{"includes itself"}},
		"an executable of nothing": {[]string{"hosting/none/layer.yaml", "title: None\ndefault: true\nexecutable: [x]\n"}, []string{"hosting/none/layer.yaml:3: there is no file x"}},
		"no default":               {[]string{"hosting/none/layer.yaml", "title: None\n"}, []string{"hosting: one choice must have default: true"}},
		"two defaults":             {[]string{"databases/two/layer.yaml", "default: true\ndata: {port: 2}\n"}, []string{"databases: only one choice may have default: true; these have it: two, one"}},
		"an alias twice":           {[]string{"databases/two/layer.yaml", "title: Two\norder: 2\naliases: [dos, UNO]\ndata: {port: 2}\n"}, []string{"databases/two/layer.yaml:3: uno stands for one already"}},
		"an alias of a name":       {[]string{"hosting/cloud/layer.yaml", "title: Cloud\norder: 2\naliases: [none]\n"}, []string{"hosting/cloud/layer.yaml:3: none stands for none already"}},
		"a module":                 {[]string{"languages/alpha/layer.yaml", strings.Replace(alphaLayer, "{name}", "{name}!", 1)}, []string{"languages/alpha/layer.yaml:6: the default module, such as example.com/my-shop!, breaks"}},
		"a refused natural word":   {[]string{"databases/two/layer.yaml", "data: {port: 2}\nrefuse: {field: {group: no}}\n"}, []string{"languages/alpha/layer.yaml: field group of order is not possible: no"}},
		"forms that collide":       {[]string{"languages/alpha/layer.yaml", strings.Replace(alphaLayer, "reserved: [class, default], suffix: Field", "reserved: [class, default], suffix: Order", 1), "common/files/x", "x"}, nil},
		"a secret for everyone":    {[]string{"common/files/x.tmpl", `{{ secret "A" }}`}, []string{"common/files/x.tmpl: x has a fault: it holds secrets, and .gitignore has no line for it"}},
		"a quoted secret":          {[]string{"common/files/.env.tmpl", `A={{ secret "A" | quote }}`}, []string{"a secret went through another function"}},
		"nothing goes together":    {[]string{"languages/alpha/databases/one/layer.yaml", "refused: x\n", "languages/alpha/databases/two/layer.yaml", "refused: x\n", "languages/beta/databases/two/layer.yaml", "refused: x\ninclude: [languages/alpha/shared]\n"}, []string{"languages: no language goes with a database and a hosting"}},
		"compares a database":      {[]string{"common/files/x.tmpl", "\n{{ if eq .Database.Name \"one\" }}{{ end }}"}, []string{"common/files/x.tmpl:2: a template never compares .Database.Name"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := Check(tree(test.files...))
			var all []string
			for _, p := range problems {
				all = append(all, p.Error())
				if p.File == "" || printable(p.Error()) != p.Error() {
					t.Errorf("%+v", p)
				}
			}
			for _, want := range test.want {
				if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, want) }) {
					t.Errorf("nothing says %q in\n%s", want, strings.Join(all, "\n"))
				}
			}
			if len(all) != len(test.want) && len(all) > 4 {
				t.Errorf("%d problems for one cause:\n%s", len(all), strings.Join(all, "\n"))
			}
		})
	}
}

func TestCheckEmptyTree(t *testing.T) {
	t.Parallel()
	problems := Check(fstest.MapFS{})
	if len(problems) != 3 {
		t.Errorf("%v", problems)
	}
}

func TestLogicBudget(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{ if eq .Database.Name "one" }}{{ end }}`:                                              ".Database.Name",
		`{{ if ne "one" $.Language.Name }}{{ end }}`:                                             ".Language.Name",
		`{{ if eq .Hosting.Title "Cloud" }}{{ end }}`:                                            ".Hosting.Title",
		`{{ if eq (lower .Database.Name) "one" }}{{ end }}`:                                      ".Database.Name",
		`{{ if .Database.Name | eq "one" }}{{ end }}`:                                            ".Database.Name",
		`{{ if and .x (or (hasPrefix "o" .Database.Name) .y) }}{{ end }}`:                        ".Database.Name",
		`{{ with .Database }}{{ if eq .Name "one" }}{{ end }}{{ end }}`:                          ".Database.Name",
		`{{ $d := .Database }}{{ if eq $d.Name "one" }}{{ end }}`:                                ".Database.Name",
		`{{ with $d := .Database }}{{ if eq $d.Name "one" }}{{ end }}{{ end }}`:                  ".Database.Name",
		`{{ if eq (index .Database "Name") "one" }}{{ end }}`:                                    ".Database.Name",
		`{{ if eq (get .Database "Name") "one" }}{{ end }}`:                                      ".Database.Name",
		`{{ range .Fields }}{{ if eq .Type.Name "enum" }}{{ end }}{{ end }}`:                     ".Type.Name",
		`{{ range $f := .Fields }}{{ if eq $f.Type.Name "enum" }}{{ end }}{{ end }}`:             ".Type.Name",
		`{{ range .Fields }}{{ with .Type }}{{ $x := eq .Name "enum" }}{{ end }}{{ end }}`:       ".Type.Name",
		`{{ define "y" }}{{ if eq .Database.Name "one" }}{{ end }}{{ end }}{{ template "y" . }}`: ".Database.Name",
		`{{ if false }}{{ else if eq .Database.Name "one" }}{{ end }}`:                           ".Database.Name",
		`{{ template "x" (eq .Database.Name "one") }}{{ define "y" }}{{ end }}`:                  ".Database.Name",
		`{{ if has .Database.Name (list "one" "two") }}{{ end }}`:                                ".Database.Name",

		`{{ if .Database.server }}{{ end }}`:                                                   "",
		`{{ .Database.Name }}`:                                                                 "",
		`{{ if eq .Name .Plural }}{{ end }}`:                                                   "",
		`{{ range .Resources }}{{ if eq .Name "x" }}{{ end }}{{ end }}`:                        "",
		`{{ with .Database }}{{ end }}{{ if eq .Name "x" }}{{ end }}`:                          "",
		`{{ range .Database.things }}{{ if eq .Name "x" }}{{ end }}{{ end }}`:                  "",
		`{{ if gt (len .Fields) 3 }}{{ .Database.Name }}{{ end }}`:                             "",
		`{{ with .Database }}{{ range .list }}{{ if eq .Name "" }}{{ end }}{{ end }}{{ end }}`: "",
	} {
		trees, err := parseTemplate("x", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, tree := range trees {
			checkLogic(tree, func(_ int, message string) { got = append(got, message) })
		}
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || !strings.Contains(got[0], want)) {
			t.Errorf("%s: %q", text, got)
		}
	}
}
