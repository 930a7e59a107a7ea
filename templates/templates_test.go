package templates_test

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/backlot-cli/backlot/templates"
	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// embedded are all files of the tree in the program, below "templates/tree/".
func embedded(t *testing.T) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(templates.Tree(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path.Join("templates/tree", name))
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatal("nothing is embedded", err)
	}
	slices.Sort(files)
	return files
}

func git(t *testing.T, arguments ...string) []string {
	t.Helper()
	if _, err := os.Stat("../.git"); err != nil {
		t.Skip("this is no clone: there is no .git")
	}
	command := exec.CommandContext(t.Context(), "git", arguments...)
	command.Dir = ".."
	output, err := command.Output()
	if err != nil {
		t.Skip("git cannot be asked:", err)
	}
	return strings.FieldsFunc(string(output), func(c rune) bool { return c == 0 })
}

// Embedding leaves files out in silence: those that begin with a dot or an underscore, folders with a
// go.mod. A .gitignore inside the tree would keep files from the repository.
func TestEmbeddedIsWhatGitTracks(t *testing.T) {
	t.Parallel()
	tracked := git(t, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "templates/tree")
	tracked = slices.DeleteFunc(tracked, func(name string) bool { // deleted, and not yet told to git
		_, err := os.Lstat(filepath.Join("..", filepath.FromSlash(name)))
		return err != nil
	})
	slices.Sort(tracked)
	tracked = slices.Compact(tracked)
	files := embedded(t)
	for _, name := range files {
		if !slices.Contains(tracked, name) {
			t.Errorf("%s is embedded, and git ignores it", name)
		}
	}
	for _, name := range tracked {
		if !slices.Contains(files, name) {
			t.Errorf("%s is in git, and not embedded", name)
		}
	}
}

func TestTreeIsPortable(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range embedded(t) {
		switch path.Base(name) {
		case "go.mod":
			t.Errorf("%s: its folder would be left out of the module zip: call it go.mod.tmpl", name)
		case ".gitignore", ".gitattributes":
			t.Errorf("%s: it would act on this repository: add .tmpl", name)
		}
		if strings.Contains(name, "/vendor/") {
			t.Errorf("%s: vendor folders are left out of the module zip", name)
		}
		if err := module.CheckFilePath(name); err != nil {
			t.Errorf("%s: go install would fail: %v", name, err)
		}
		if other := seen[strings.ToLower(name)]; other != "" {
			t.Errorf("%s and %s are one file on some systems", name, other)
		}
		seen[strings.ToLower(name)] = name
	}
}

// Modes are lost by embedding: what is executable is declared in layer.yaml, and a bit in git would only
// make believe.
func TestNoExecutableBit(t *testing.T) {
	t.Parallel()
	for _, line := range git(t, "ls-files", "-z", "--stage", "templates/tree") {
		if mode, name, _ := strings.Cut(line, " "); mode != "100644" {
			t.Errorf("mode %s: %s", mode, name)
		}
	}
}

var version = module.Version{Path: "github.com/backlot-cli/backlot", Version: "v0.0.0"}

// What go install downloads holds every file of the tree.
func TestModuleZip(t *testing.T) {
	t.Parallel()
	checked, err := modzip.CheckDir("..")
	if err != nil {
		t.Fatal(err)
	}
	if err := checked.Err(); err != nil {
		t.Error(err)
	}
	valid := map[string]bool{}
	for _, name := range checked.Valid {
		valid[strings.TrimPrefix(filepath.ToSlash(name), "../")] = true
	}
	for _, name := range embedded(t) {
		if !valid[name] {
			t.Errorf("%s is not in the module zip", name)
		}
	}
	for _, omitted := range checked.Omitted {
		name := strings.TrimPrefix(filepath.ToSlash(omitted.Path), "../")
		if top, _, _ := strings.Cut(name, "/"); slices.Contains([]string{"templates", "testdata", "generator", "cmd", "internal"}, top) {
			t.Errorf("%s is left out of the module zip: %v", name, omitted.Err)
		}
	}
}

// The same for the last commit, from which a release is made.
func TestModuleZipOfCommit(t *testing.T) {
	t.Parallel()
	committed := git(t, "ls-tree", "-r", "-z", "--name-only", "HEAD", "templates/tree")
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	if err := modzip.CreateFromVCS(&content, version, root, "HEAD", ""); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(content.Bytes()), int64(content.Len()))
	if err != nil {
		t.Fatal(err)
	}
	zipped := map[string]bool{}
	for _, f := range archive.File {
		zipped[strings.TrimPrefix(f.Name, version.String()+"/")] = true
	}
	for _, name := range committed {
		if !zipped[name] {
			t.Errorf("%s is not in the module zip", name)
		}
	}
}
