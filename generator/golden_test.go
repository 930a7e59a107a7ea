package generator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/backlot-cli/backlot/templates"
	"golang.org/x/tools/txtar"
)

// The golden files show what a change of a template does to projects: the diff is the review.
//
//	go test ./generator -run Golden -update
//
// rewrites them. A project is one text archive instead of a folder: a folder with a go.mod would be left
// out of this module's zip, and one with .go files would be packages of this module.
var update = flag.Bool("update", false, "rewrite the golden files")

const golden = "../testdata/golden"

// Two resources that use every field type.
var goldenResources = []string{
	"product name:string description:text? stock:integer weight:float? price:decimal active:boolean released_on:date? published_at:datetime supplier_id:uuid? status:enum(draft,live)",
	"order_line group:string:unique class:text type:integer:unique? select:float default:decimal:unique key:boolean? from:date:unique table:datetime:unique? user_id:uuid:unique state:enum(open,paid,sent)?:unique",
}

func goldenProject(c *Catalog, combination Combination) (*Project, error) {
	a := Answers{Name: "shop", Language: combination.Language, Database: combination.Database, Hosting: combination.Hosting}
	for _, text := range goldenResources {
		r, err := ParseResource(text)
		if err != nil {
			return nil, err
		}
		a.Resources = append(a.Resources, r)
	}
	// A fixed version: that of the test binary differs from build to build.
	return c.generate(a, "v0.0.0")
}

// shown is a file as the golden files have it: a secret is its name.
func shown(f File) []byte {
	return secretPattern().ReplaceAllFunc(f.Content, func(place []byte) []byte {
		return []byte("<secret " + strings.Trim(string(place), "\x00\x01") + ">")
	})
}

// archive is a whole project as text. A long file that is copied, such as a lock, is named only: the tree
// itself shows how it changes.
func archive(p *Project, c Combination) []byte {
	a := &txtar.Archive{Comment: fmt.Appendf(nil, "%s on %s, hosting %s. Rewritten by: go test ./generator -run Golden -update\n", c.Language, c.Database, c.Hosting)}
	for _, f := range p.Files {
		content := shown(f)
		if strings.HasPrefix(f.Layer, Hosting.folder+"/") {
			continue // in the archive of its hosting
		}
		if rendered := strings.HasSuffix(f.source, templateSuffix) || f.source == ""; !rendered && len(content) > 8<<10 || !utf8.Valid(content) || ambiguous(content) {
			content = fmt.Appendf(nil, "<%s, %d bytes, sha256 %x>\n", f.source, len(content), sha256.Sum256(content))
		}
		a.Files = append(a.Files, txtar.File{Name: f.Path, Data: content})
	}
	return txtar.Format(a)
}

// addition is what a hosting adds to a project, as text.
func addition(p *Project, c Combination) []byte {
	a := &txtar.Archive{Comment: fmt.Appendf(nil, "What hosting %s adds, with %s on %s. Rewritten by: go test ./generator -run Golden -update\n", c.Hosting, c.Language, c.Database)}
	for _, f := range p.Files {
		if strings.HasPrefix(f.Layer, Hosting.folder+"/") {
			a.Files = append(a.Files, txtar.File{Name: f.Path, Data: shown(f)})
		}
	}
	if len(a.Files) == 0 {
		return nil
	}
	return txtar.Format(a)
}

// ambiguous tells of a content that the archive would not give back.
func ambiguous(content []byte) bool {
	parsed := txtar.Parse(txtar.Format(&txtar.Archive{Files: []txtar.File{{Name: "x", Data: content}}}))
	return len(parsed.Files) != 1
}

func TestGolden(t *testing.T) {
	t.Parallel()
	c, err := Load(templates.Tree())
	if err != nil {
		t.Fatal(err)
	}
	combinations, err := c.Combinations()
	if err != nil || len(combinations) == 0 {
		t.Fatal("the tree makes nothing", err)
	}
	usual, err := c.Default(Hosting)
	if err != nil {
		t.Fatal(err)
	}
	parts := make([]string, len(combinations))
	chosen := rotated(t, c)
	var mutex sync.Mutex
	want := map[string][]byte{}
	err = inParallel(len(combinations), func(i int) error {
		project, err := goldenProject(c, combinations[i])
		if err != nil {
			return fmt.Errorf("%+v: %w", combinations[i], err)
		}
		var b strings.Builder
		fmt.Fprintf(&b, "# %s %s %s\n", combinations[i].Language, combinations[i].Database, combinations[i].Hosting)
		lines := listing(project)
		if base := (Combination{combinations[i].Language, combinations[i].Database, usual}); base != combinations[i] && slices.Contains(combinations, base) {
			plain, err := goldenProject(c, base)
			if err != nil {
				return fmt.Errorf("%+v: %w", base, err)
			}
			same := listing(plain)
			lines = slices.DeleteFunc(lines, func(line string) bool { return slices.Contains(same, line) })
			fmt.Fprintf(&b, "# the other files are as on %s\n", usual)
		}
		b.WriteString(strings.Join(lines, ""))
		parts[i] = b.String()
		if slices.Contains(chosen, combinations[i]) {
			mutex.Lock()
			want[combinations[i].Language+".txtar"] = archive(project, combinations[i])
			mutex.Unlock()
		}
		if added := addition(project, combinations[i]); added != nil && combinations[i] == firstOn(combinations, combinations[i].Hosting) {
			mutex.Lock()
			defer mutex.Unlock()
			want["hosting-"+combinations[i].Hosting+".txtar"] = added
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want["combinations.txt"] = []byte(strings.Join(parts, "\n"))
	if *update {
		rewrite(t, want)
		return
	}
	found, err := filepath.Glob(filepath.Join(golden, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if want[filepath.Base(name)] == nil {
			t.Errorf("%s belongs to no language and no hosting", name)
		}
	}
	for _, name := range sortedKeys(want) {
		got, err := os.ReadFile(filepath.Join(golden, name))
		got = bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n"))
		if err != nil || !bytes.Equal(got, want[name]) {
			t.Errorf("testdata/golden/%s has changed; if that is meant: go test ./generator -run Golden -update\n%s", name, firstDifference(got, want[name]))
		}
	}
}

// rotated is one combination for each language, each on another database and hosting where it can be.
func rotated(t *testing.T, c *Catalog) []Combination {
	t.Helper()
	languages, err := c.Choices(Language)
	if err != nil {
		t.Fatal(err)
	}
	var chosen []Combination
	for i, language := range languages {
		databases, err := c.Fitting(Database, language.Name, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if len(databases) == 0 {
			continue
		}
		database := databases[i%len(databases)].Name
		hostings, err := c.Fitting(Hosting, language.Name, database, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(hostings) > 0 {
			chosen = append(chosen, Combination{language.Name, database, hostings[i%len(hostings)].Name})
		}
	}
	return chosen
}

// listing is a line for each file: mode, hash and path.
func listing(p *Project) []string {
	var lines []string
	for _, f := range p.Files {
		sum := sha256.Sum256(shown(f))
		lines = append(lines, fmt.Sprintf("%04o %s %s\n", f.Mode, hex.EncodeToString(sum[:]), f.Path))
	}
	return lines
}

// firstOn is the first combination on a hosting.
func firstOn(combinations []Combination, hosting string) Combination {
	return combinations[slices.IndexFunc(combinations, func(c Combination) bool { return c.Hosting == hosting })]
}

func rewrite(t *testing.T, files map[string][]byte) {
	t.Helper()
	if err := os.RemoveAll(golden); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(golden, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(golden, name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// firstDifference shows the first line that differs, and the heading that it stands under.
func firstDifference(got, want []byte) string {
	heading := ""
	a, b := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%s\nline %d\n- %s\n+ %s", heading, i+1, a[i], b[i])
		}
		if strings.HasPrefix(a[i], "-- ") || strings.HasPrefix(a[i], "# ") {
			heading = a[i]
		}
	}
	return fmt.Sprintf("%s\n%d lines instead of %d", heading, len(b), len(a))
}
