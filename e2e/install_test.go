package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// TestInstall does what `go install …@version` does for a user: it serves the working tree as a version from
// a module proxy of its own, installs that, and makes a project with it.
func TestInstall(t *testing.T) {
	version := module.Version{Path: "github.com/backlot-cli/backlot", Version: "v1.2.3"}
	folder := t.TempDir()
	served := filepath.Join(folder, "proxy", filepath.FromSlash(version.Path), "@v", version.Version)
	if err := os.MkdirAll(filepath.Dir(served), 0o777); err != nil {
		t.Fatal(err)
	}
	manifest, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	info, err := json.Marshal(map[string]string{"Version": version.Version, "Time": "2025-01-01T00:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := modzip.Create(&archive, version, moduleFiles(t)); err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{
		served + ".mod": manifest, served + ".info": info, served + ".zip": archive.Bytes(),
		filepath.Join(filepath.Dir(served), "list"): []byte(version.Version + "\n"),
	} {
		if err := os.WriteFile(file, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}

	// A module cache of its own, so that no other build ever sees this version. What Backlot needs comes
	// from the cache that this test was built with, or else from where it came from.
	settings := goSettings(t)
	environment := append(os.Environ(),
		"GOPATH="+filepath.Join(folder, "go"), "GOMODCACHE="+filepath.Join(folder, "go", "pkg", "mod"), "GOBIN="+filepath.Join(folder, "bin"),
		"GOPROXY="+strings.Join([]string{fileURL(filepath.Join(folder, "proxy")), fileURL(filepath.Join(settings["GOMODCACHE"], "cache", "download")), settings["GOPROXY"]}, ","),
		"GONOSUMDB="+version.Path, "GOFLAGS=-modcacherw -trimpath", "GOWORK=off", "CGO_ENABLED=0",
	)
	run := func(program string, arguments ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), program, arguments...)
		command.Dir, command.Env = folder, environment
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", program, strings.Join(arguments, " "), err, output)
		}
		return string(output)
	}
	run("go", "install", version.String())
	backlot := filepath.Join(folder, "bin", "backlot")
	if runtime.GOOS == "windows" {
		backlot += ".exe"
	}
	if got, want := run(backlot, "version"), "backlot "+version.Version+" ("; !strings.HasPrefix(got, want) {
		t.Errorf("it says %q, not %s…", got, want)
	}
	run(backlot, "new", "shop", "--yes", "--no-git")
	record, err := os.ReadFile(filepath.Join(folder, "shop", "backlot.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(record), version.Version) {
		t.Errorf("the project does not say what made it:\n%s", record)
	}
}

// moduleFiles are the files that git would commit: no others are in a published version.
func moduleFiles(t *testing.T) []modzip.File {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "git", "-C", "..", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skip("git cannot be asked:", err)
	}
	var files []modzip.File
	for name := range strings.SplitSeq(strings.TrimSuffix(string(output), "\x00"), "\x00") {
		if _, err := os.Lstat(moduleFile(name).onDisk()); err == nil { // or it was deleted, and git not told yet
			files = append(files, moduleFile(name))
		}
	}
	return files
}

// A moduleFile is the path of a file in the repository.
type moduleFile string

func (f moduleFile) onDisk() string               { return filepath.Join("..", filepath.FromSlash(string(f))) }
func (f moduleFile) Path() string                 { return string(f) }
func (f moduleFile) Lstat() (os.FileInfo, error)  { return os.Lstat(f.onDisk()) }
func (f moduleFile) Open() (io.ReadCloser, error) { return os.Open(f.onDisk()) }

func goSettings(t *testing.T) map[string]string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "env", "-json", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	var settings map[string]string
	if err := json.Unmarshal(output, &settings); err != nil {
		t.Fatal(err)
	}
	return settings
}

func fileURL(folder string) string {
	return "file:///" + strings.TrimPrefix(filepath.ToSlash(folder), "/")
}
