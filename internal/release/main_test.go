package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	folder, again := t.TempDir(), t.TempDir()
	for _, f := range []string{folder, again} {
		if err := write(f, "v1.2.3", time.Unix(1_700_000_000, 0).UTC()); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		name, err := filepath.Rel(folder, file)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.ToSlash(name))
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := os.ReadFile(filepath.Join(again, name)); err != nil || string(second) != string(content) {
			t.Errorf("%s differs the second time: %v", name, err)
		}
		if strings.HasPrefix(name, "completions") && !strings.Contains(string(content), "backlot") {
			t.Errorf("%s is no script for backlot", name)
		}
	}
	for _, name := range []string{
		"completions/backlot.bash", "completions/backlot.fish", "completions/backlot.ps1", "completions/backlot.zsh",
		"man/backlot.1.gz", "man/backlot-new.1.gz", "man/backlot-templates-export.1.gz",
	} {
		if !slices.Contains(names, name) {
			t.Errorf("there is no %s in %v", name, names)
		}
	}
	packed, err := os.Open(filepath.Join(folder, "man", "backlot-new.1.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`"BACKLOT-NEW" "1" "Nov 2023" "backlot v1.2.3" "Backlot"`, "--resource"} {
		if !strings.Contains(strings.ReplaceAll(string(page), `\-`, "-"), text) {
			t.Errorf("backlot-new.1 does not say %s:\n%s", text, page)
		}
	}
}
