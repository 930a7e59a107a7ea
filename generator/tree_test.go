package generator

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/backlot-cli/backlot/templates"
)

// The built-in tree has nothing that Check knows to be wrong: every combination is generated there.
func TestBuiltInTree(t *testing.T) {
	t.Parallel()
	for _, p := range Check(templates.Tree()) {
		t.Error(p)
	}
}

// What every project promises to the rest of the tool, whatever it was made from.
func TestEveryCombination(t *testing.T) {
	t.Parallel()
	c, err := Load(templates.Tree())
	if err != nil {
		t.Fatal(err)
	}
	combinations, err := c.Combinations()
	if err != nil || len(combinations) == 0 {
		t.Fatal("the tree makes nothing", err)
	}
	t.Logf("%d combinations", len(combinations))
	for _, combination := range combinations {
		t.Run(fmt.Sprintf("%s %s %s", combination.Language, combination.Database, combination.Hosting), func(t *testing.T) {
			t.Parallel()
			project, err := goldenProject(c, combination)
			if err != nil {
				t.Fatal(err)
			}
			written := fstest.MapFS{}
			for _, f := range project.Files {
				if err := checkPath(f.Path); err != nil {
					t.Errorf("%s: %v", f.Path, err)
				}
				written[f.Path] = &fstest.MapFile{Data: f.Content}
			}
			record, err := ReadRecord(written)
			if err != nil {
				t.Fatal(err)
			}
			for _, command := range []string{"serve", "test"} {
				if len(record.Commands[command]) == 0 {
					t.Errorf("nothing says how to %s it", command)
				}
			}
			if server, err := c.TestServer(combination.Database); err != nil || (server == nil) == (record.TemporaryDatabase == "") {
				t.Errorf("a test has either a server or a temporary database: %+v, %q, %v", server, record.TemporaryDatabase, err)
			}
			for line := range strings.Lines(string(written[lockFile].Data)) {
				sum, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
				if f := written[path]; f == nil || fmt.Sprintf("%x", sha256.Sum256(f.Data)) != sum {
					t.Errorf("%s: the lock is wrong", path)
				}
			}
			if next, err := c.Next(project.Answers); err != nil || len(next) == 0 {
				t.Errorf("next: %q, %v", next, err)
			}
		})
	}
}

// mayDiffer are the files of a project that know its hosting. All others are the same bytes on every hosting, so
// what is proven of the application on one holds on all.
var mayDiffer = []string{recordFile, lockFile, "README.md", ".dockerignore", ".github/dependabot.yml", ".github/workflows/ci.yaml"}

func TestHostingsShareTheApplication(t *testing.T) {
	t.Parallel()
	c, err := Load(templates.Tree())
	if err != nil {
		t.Fatal(err)
	}
	usual, err := c.Default(Hosting)
	if err != nil {
		t.Fatal(err)
	}
	combinations, err := c.Combinations()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, combination := range combinations {
		base := combination
		base.Hosting = usual
		if base == combination || !slices.Contains(combinations, base) {
			continue
		}
		if notice, err := c.Notice(combination.Hosting, combination.Database); err != nil || notice == "" {
			t.Errorf("%+v: nothing says what is billed: %v", combination, err)
		}
		project, err := goldenProject(c, combination)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := goldenProject(c, base)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]File{}
		for _, f := range project.Files {
			files[f.Path] = f
		}
		for _, f := range plain.Files {
			if other, ok := files[f.Path]; !ok || other.Mode != f.Mode || !slices.Contains(mayDiffer, f.Path) && !bytes.Equal(other.Content, f.Content) {
				t.Errorf("%+v: %s is not as on %s", combination, f.Path, usual)
			}
			delete(files, f.Path)
			compared++
		}
		for path, f := range files {
			if !strings.HasPrefix(f.Layer, Hosting.folder+"/") {
				t.Errorf("%+v: %s comes from %s", combination, path, f.Layer)
			}
		}
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

// Every default, alone and with the others, is something that goes together: --yes takes them all.
func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := Load(templates.Tree())
	if err != nil {
		t.Fatal(err)
	}
	a := Answers{Name: "shop", Resources: []Resource{parseResource(DefaultResource)}}
	for axis, value := range map[Axis]*string{Language: &a.Language, Database: &a.Database, Hosting: &a.Hosting} {
		if *value, err = c.Default(axis); err != nil || *value == "" {
			t.Errorf("%s: %q, %v", axis.Key, *value, err)
		}
	}
	if _, err := c.Generate(a); err != nil {
		t.Error(err)
	}
}
