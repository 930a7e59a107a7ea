package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/backlot-cli/backlot/generator"
)

func TestKeyChangesWithWhatIsProven(t *testing.T) {
	project := func(path, content string, mode os.FileMode) *generator.Project {
		return &generator.Project{Files: []generator.File{{Path: path, Mode: mode, Content: []byte(content)}}}
	}
	keys := map[string]string{}
	for what, key := range map[string]string{
		"base":      keyOf(project("a", "x", 0o644), "suite", "tool 1", "server 1"),
		"content":   keyOf(project("a", "y", 0o644), "suite", "tool 1", "server 1"),
		"path":      keyOf(project("b", "x", 0o644), "suite", "tool 1", "server 1"),
		"mode":      keyOf(project("a", "x", 0o755), "suite", "tool 1", "server 1"),
		"suite":     keyOf(project("a", "x", 0o644), "other", "tool 1", "server 1"),
		"toolchain": keyOf(project("a", "x", 0o644), "suite", "tool 2", "server 1"),
		"server":    keyOf(project("a", "x", 0o644), "suite", "tool 1", "server 2"),
		"borders":   keyOf(project("a", "x", 0o644), "suite", "tool 1server 1", ""),
	} {
		if other, taken := keys[key]; taken {
			t.Errorf("%s and %s have the same key", what, other)
		}
		keys[key] = what
	}
	if keys[keyOf(project("a", "x", 0o644), "suite", "tool 1", "server 1")] != "base" {
		t.Error("the same gives another key")
	}
}

func TestSuiteHashLeavesTestsOut(t *testing.T) {
	root := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		hash, err := suiteHash(root, "suite/...", "flat")
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	if err := os.Mkdir(filepath.Join(root, "flat"), 0o777); err != nil {
		t.Fatal(err)
	}
	one := write("suite/a.go", "1")
	if write("suite/a_test.go", "2") != one || write("suite/notes.md", "3") != one || write("flat/below/c.go", "5") != one {
		t.Error("what does not check changes the hash")
	}
	if write("suite/sub/b.go", "4") == one {
		t.Error("a source of the suite does not change the hash")
	}
	if _, err := suiteHash(root, "absent"); err == nil {
		t.Error("an absent suite has a hash")
	}
}
