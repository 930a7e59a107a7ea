package generator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// sample is a project with every kind of file.
func sample() *Project {
	place, err := secretPlace("KEY")
	if err != nil {
		panic(err)
	}
	return &Project{Files: []File{
		{Path: ".env", Mode: 0o600, Content: []byte("KEY=" + place + "\n"), secret: true},
		{Path: "README.md", Mode: 0o644, Content: []byte("# new\n")},
		{Path: "bin/start", Mode: 0o755, Content: []byte("#!/bin/sh\n")},
		{Path: "empty", Mode: 0o644},
		{Path: "src/deep/er/a.txt", Mode: 0o644, Content: []byte("new a\n")},
		{Path: "src/deep/b.txt", Mode: 0o644, Content: []byte(strings.Repeat("new b\n", 1000))},
	}}
}

// snapshot is all that a folder holds: kind, mode and content of everything.
func snapshot(t testing.TB, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text := info.Mode().String()
		switch {
		case info.Mode().IsRegular():
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text += " " + string(content)
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(name)
			if err != nil {
				return err
			}
			text += " " + to
		}
		relative, err := filepath.Rel(folder, name)
		all[filepath.ToSlash(relative)] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	for _, name := range sortedKeys(merged(got, want)) {
		if got[name] != want[name] {
			t.Errorf("%s: %s is %.80q, was %.80q", what, name, got[name], want[name])
		}
	}
}

// lay makes files in a folder: name → content; a name that ends in a slash is a folder.
func lay(t testing.TB, folder string, files map[string]string) {
	t.Helper()
	for _, name := range sortedKeys(files) {
		at := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
			t.Fatal(err)
		}
		var err error
		if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(at, 0o777)
		} else {
			err = os.WriteFile(at, []byte(files[name]), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// existing is what a folder holds that the sample is written into with Force.
func existing(t testing.TB, folder string) {
	t.Helper()
	lay(t, folder, map[string]string{"README.md": "# old\n", "src/deep/er/a.txt": "old a\n", "src/deep/mine.txt": "mine\n", "notes": "notes\n", "own/": ""})
	for name, mode := range map[string]fs.FileMode{"README.md": 0o640, "notes": 0o400, "src/deep/er/a.txt": 0o444, "src": 0o750} {
		if runtime.GOOS == "windows" && mode == 0o444 {
			continue // Windows replaces no file that is read-only; the error says so
		}
		if err := os.Chmod(filepath.Join(folder, filepath.FromSlash(name)), mode); err != nil {
			t.Fatal(err)
		}
	}
}

// checkWritten compares a folder with the sample.
func checkWritten(t testing.TB, folder string) {
	t.Helper()
	for _, f := range sample().Files {
		name := filepath.Join(folder, filepath.FromSlash(f.Path))
		content, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if f.secret {
			if strings.ContainsAny(string(content), "\x00\x01") || len(content) != len(f.Content) {
				t.Errorf("%s: %q", f.Path, content)
			}
		} else if string(content) != string(f.Content) {
			t.Errorf("%s: %.80q", f.Path, content)
		}
		info, err := os.Lstat(name)
		if err != nil || runtime.GOOS != "windows" && info.Mode() != f.Mode&^umask() {
			t.Errorf("%s: mode %v, %v", f.Path, info.Mode(), err)
		}
	}
}

func noStage(t testing.TB, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), stagePrefix) {
			t.Errorf("a stage is left: %s", entry.Name())
		}
	}
}

func TestWriteNew(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	for _, target := range []string{"shop", "a/b/c/shop", "with space/-rf", strings.Repeat("ü", 60)} {
		target = filepath.Join(parent, filepath.FromSlash(target))
		if err := sample().Write(t.Context(), target, WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		checkWritten(t, target)
		noStage(t, filepath.Dir(target))
		noStage(t, target)
		if got := len(snapshot(t, target)); got != 11 {
			t.Errorf("%d entries", got)
		}
	}
}

func TestWriteRelative(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := sample().Write(t.Context(), "shop", WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	checkWritten(t, "shop")
	if err := os.Mkdir("here", 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir("here")
	if err := sample().Write(t.Context(), ".", WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	checkWritten(t, ".")
	noStage(t, ".")
}

func TestWriteDrawsSecrets(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	drawn := map[string]bool{}
	for i := range 5 {
		target := filepath.Join(parent, fmt.Sprint(i))
		if err := sample().Write(t.Context(), target, WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		content, _ := os.ReadFile(filepath.Join(target, ".env"))
		drawn[string(content)] = true
	}
	if len(drawn) != 5 {
		t.Error("two projects have the same secret")
	}
}

func TestWriteInto(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]map[string]string{
		"an empty folder":          {},
		"a stage of a dead run":    {".backlot-ABCDEFGHIJKLMNOPQRSTUVWXYZ.lock": "", ".backlot-ABCDEFGHIJKLMNOPQRSTUVWXYZ/new/x": "x"},
		"a lock without its stage": {".backlot-ABCDEFGHIJKLMNOPQRSTUVWXYZ.lock": ""},
	} {
		target := t.TempDir()
		lay(t, target, before)
		if err := sample().Write(t.Context(), target, WriteOptions{}); err != nil {
			t.Fatal(name, err)
		}
		checkWritten(t, target)
		noStage(t, target)
	}
}

func TestWriteWithForce(t *testing.T) {
	t.Parallel()
	target := t.TempDir()
	existing(t, target)
	before := snapshot(t, target)
	if err := sample().Write(t.Context(), target, WriteOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	checkWritten(t, target)
	noStage(t, target)
	after := snapshot(t, target)
	for _, own := range []string{"notes", "src/deep/mine.txt", "own", "src", "src/deep"} {
		if after[own] != before[own] {
			t.Errorf("%s: %q, was %q", own, after[own], before[own])
		}
	}
	// And once more over itself.
	if err := sample().Write(t.Context(), target, WriteOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	checkWritten(t, target)
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(parent, filepath.FromSlash(name))); err != nil {
			t.Skip("symbolic links cannot be made here:", err)
		}
	}
	outside := t.TempDir()
	lay(t, outside, map[string]string{"secret": "secret\n", "deep/b.txt": "outside\n"})
	lay(t, parent, map[string]string{
		"file": "x", "full/other": "x", "conflict/README.md": "old", "conflict/src/deep/b.txt": "old", "stages/.backlot-mine": "x", "stages/.backlot-ABCDEFGHIJKLMNOPQRSTUVWXYZ/x": "x",
		"folder/README.md/": "", "infile/src": "x", "linked/": "", "dangling/": "", "filelink/": "", "innerlink/src/": "",
	})
	link("full", "link")
	link("nowhere", "deadlink")
	link(outside, "linked/src")
	link("nowhere", "dangling/README.md")
	link(filepath.Join(outside, "secret"), "filelink/README.md")
	link("../..", "innerlink/src/deep")
	for name, test := range map[string]struct {
		force  bool
		target string
		reason string
		paths  []string
	}{
		"a file":                       {true, "file", "is a file: choose another folder", nil},
		"a link to a folder":           {true, "link", "is a symbolic link", nil},
		"a dead link":                  {true, "deadlink", "is a symbolic link", nil},
		"other files":                  {false, "full", "is not empty; no file in it would be replaced", nil},
		"the same files":               {false, "conflict", "these files would be replaced", []string{"README.md", "src/deep/b.txt"}},
		"files that look like a stage": {false, "stages", "is not empty", nil},
		"a folder for a file":          {true, "folder", "move them away", []string{"README.md"}},
		"a file for a folder":          {true, "infile", "move them away", []string{"src"}},
		"a linked folder":              {true, "linked", "move them away", []string{"src"}},
		"a dangling link":              {true, "dangling", "move them away", []string{"README.md"}},
		"a linked file":                {true, "filelink", "move them away", []string{"README.md"}},
		"a linked inner folder":        {true, "innerlink", "move them away", []string{"src/deep"}},
	} {
		t.Run(name, func(t *testing.T) {
			before, beforeOutside := snapshot(t, parent), snapshot(t, outside)
			target := filepath.Join(parent, test.target)
			err := sample().Write(t.Context(), target, WriteOptions{Force: test.force})
			var conflict *ConflictError
			if !errors.As(err, &conflict) || !strings.Contains(conflict.Reason, test.reason) || !reflect.DeepEqual(conflict.Paths, test.paths) || conflict.Dir != target {
				t.Errorf("%v %+v", err, conflict)
			}
			same(t, "target", snapshot(t, parent), before)
			same(t, "outside", snapshot(t, outside), beforeOutside)
			again := sample().Conflicts(target, test.force)
			if again == nil || again.Error() != err.Error() {
				t.Errorf("Conflicts says %v", again)
			}
		})
	}
	for _, free := range []string{"absent", "absent/absent"} {
		if err := sample().Conflicts(filepath.Join(parent, free), false); err != nil {
			t.Error(err)
		}
	}
	t.Run("below a file", func(t *testing.T) {
		before := snapshot(t, parent)
		if err := sample().Write(t.Context(), filepath.Join(parent, "file", "x", "y"), WriteOptions{}); err == nil {
			t.Error("no error")
		}
		same(t, "parent", snapshot(t, parent), before)
	})
}

// Readme.md and README.md are two files on some systems, and one on others.
func TestWriteOtherCase(t *testing.T) {
	t.Parallel()
	target := t.TempDir()
	lay(t, target, map[string]string{"readme.md": "old\n"})
	if err := sample().Write(t.Context(), target, WriteOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	checkWritten(t, target)
}

func TestWriteStaysInside(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	for _, path := range []string{"../x", "/x", "a/../../x", "", ".", "a//b"} {
		p := &Project{Files: []File{{Path: path, Mode: 0o644}}}
		wantError(t, p.Write(t.Context(), filepath.Join(parent, "shop"), WriteOptions{}), "would leave the project's folder")
	}
	same(t, "parent", snapshot(t, parent), map[string]string{".": snapshot(t, parent)["."]})
}

func TestFinish(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]string{"new": filepath.Join(t.TempDir(), "shop"), "existing": t.TempDir()} {
		finish := func(_ context.Context, folder string) error {
			checkWritten(t, folder)
			if _, err := os.Lstat(filepath.Join(target, "README.md")); err == nil {
				t.Error("it can be seen before it is finished")
			}
			lay(t, folder, map[string]string{".git/HEAD": "ref\n", ".git/refs/": "", "src/deep/more": "more\n"})
			return nil
		}
		if err := sample().Write(t.Context(), target, WriteOptions{Finish: finish}); err != nil {
			t.Fatal(name, err)
		}
		checkWritten(t, target)
		after := snapshot(t, target)
		if after[".git/HEAD"] == "" || after[".git/refs"] == "" || after["src/deep/more"] == "" {
			t.Errorf("%s: what Finish made is gone: %q", name, sortedKeys(after))
		}
		noStage(t, target)
	}
}

func TestFinishFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	parent := t.TempDir()
	existing(t, filepath.Join(parent, "old"))
	before := snapshot(t, parent)
	for _, target := range []string{"old", "new", "a/new"} {
		err := sample().Write(t.Context(), filepath.Join(parent, target), WriteOptions{Force: true, Finish: func(_ context.Context, folder string) error {
			lay(t, folder, map[string]string{".git/HEAD": "ref\n"})
			return broken
		}})
		if !errors.Is(err, broken) {
			t.Error(err)
		}
		same(t, target, snapshot(t, parent), before)
	}
	// What Finish added never replaces anything.
	lay(t, parent, map[string]string{"old/.git/mine": "x"})
	before = snapshot(t, parent)
	err := sample().Write(t.Context(), filepath.Join(parent, "old"), WriteOptions{Force: true, Finish: func(_ context.Context, folder string) error {
		lay(t, folder, map[string]string{".git/HEAD": "ref\n"})
		return nil
	}})
	var conflict *ConflictError
	if !errors.As(err, &conflict) || !slices.Equal(conflict.Paths, []string{".git"}) {
		t.Error(err)
	}
	same(t, "old", snapshot(t, parent), before)
}

// steps are all steps of a Write, in an order.
func steps(t testing.TB, write func(at func(string) error) error) []string {
	t.Helper()
	var mutex sync.Mutex
	var all []string
	if err := write(func(step string) error {
		mutex.Lock()
		defer mutex.Unlock()
		all = append(all, step)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(all) < len(sample().Files) {
		t.Fatalf("only %q", all)
	}
	return all
}

// finished makes a repository of a kind, so that the steps after Finish are there too.
func finished(_ context.Context, folder string) error {
	return os.Mkdir(filepath.Join(folder, ".git"), 0o777)
}

// At every step an error, a full disk, a missing permission or the end of the context leaves everything as
// it was.
func TestWriteFailsAtEveryStep(t *testing.T) {
	for _, kind := range []string{"new", "deep/er/new", "existing", "empty"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			prepare := func(parent string) string {
				existing(t, filepath.Join(parent, "existing"))
				lay(t, parent, map[string]string{"empty/": ""})
				return filepath.Join(parent, filepath.FromSlash(kind))
			}
			whole := prepare(t.TempDir())
			all := steps(t, func(at func(string) error) error {
				return sample().Write(t.Context(), whole, WriteOptions{Force: true, Finish: finished, at: at})
			})
			parent := t.TempDir()
			target := prepare(parent)
			before := snapshot(t, parent)
			for _, stop := range all {
				for _, cause := range []error{syscall.ENOSPC, syscall.EACCES, context.Canceled} {
					ctx, cancel := context.WithCancel(t.Context())
					err := sample().Write(ctx, target, WriteOptions{Force: true, Finish: finished, at: func(step string) error {
						switch {
						case step != stop:
							return nil
						case errors.Is(cause, context.Canceled):
							cancel()
							return ctx.Err()
						}
						return &fs.PathError{Op: "write", Path: step, Err: cause}
					}})
					cancel()
					if !errors.Is(err, cause) {
						t.Errorf("%v at %s: %v", cause, stop, err)
					}
					same(t, fmt.Sprintf("%v at %s", cause, stop), snapshot(t, parent), before)
				}
			}
		})
	}
}

// The context's own cause is what is told.
func TestWriteTellsTheCause(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupted)
	target := filepath.Join(t.TempDir(), "shop")
	if err := sample().Write(ctx, target, WriteOptions{}); !errors.Is(err, interrupted) {
		t.Error(err)
	}
	if _, err := os.Lstat(filepath.Dir(target)); err != nil {
		t.Error(err)
	}
}

// A file system without hard links keeps what is replaced as a copy, with its mode and its time.
func TestUndoOfCopies(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	existing(t, folder)
	before := snapshot(t, folder)
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	info, err := root.Lstat("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if err := copyKept(root, "README.md", "kept", info); err != nil {
		t.Fatal(err)
	}
	copied, err := root.Lstat("kept")
	if err != nil || copied.Mode() != info.Mode() || !copied.ModTime().Equal(info.ModTime()) {
		t.Errorf("%v %v, want %v %v", copied.Mode(), copied.ModTime(), info.Mode(), info.ModTime())
	}
	if err := root.Rename("kept", "README.md"); err != nil {
		t.Fatal(err)
	}
	same(t, "after the copy is put back", snapshot(t, folder), before)
}

// What cannot be put back is not thrown away with the stage.
func TestUndoFails(t *testing.T) {
	t.Parallel()
	target := t.TempDir()
	existing(t, target)
	err := sample().Write(t.Context(), target, WriteOptions{Force: true, at: func(step string) error {
		if filepath.ToSlash(step) == "publish src/deep/b.txt" {
			// Somebody else puts a folder where the old file has to go back.
			name := filepath.Join(target, "README.md")
			if err := errors.Join(os.Remove(name), os.MkdirAll(filepath.Join(name, "theirs"), 0o777)); err != nil {
				t.Error(err)
			}
			return syscall.ENOSPC
		}
		return nil
	}})
	wantError(t, err, "no space left", "putting back", "what the folder held before is in "+target)
	found, _ := filepath.Glob(filepath.Join(target, ".backlot-*", "*"))
	kept := false
	for _, name := range found {
		content, _ := os.ReadFile(name)
		kept = kept || string(content) == "# old\n"
	}
	if !kept {
		t.Errorf("the old file is lost: %q", found)
	}
	// No later run removes it.
	removeAbandoned(target)
	if again, _ := filepath.Glob(filepath.Join(target, ".backlot-*", "*")); !slices.Equal(again, found) {
		t.Errorf("%q, then %q", found, again)
	}
}

// A file that comes up between the look and the writing is not replaced without Force.
func TestWriteIsOvertaken(t *testing.T) {
	t.Parallel()
	theirs := map[string]string{"README.md": "theirs\n"}
	t.Run("in an empty folder", func(t *testing.T) {
		target := t.TempDir()
		err := sample().Write(t.Context(), target, WriteOptions{at: func(step string) error {
			if step == "publish .env" {
				lay(t, target, theirs)
			}
			return nil
		}})
		var conflict *ConflictError
		if !errors.As(err, &conflict) || !slices.Equal(conflict.Paths, []string{"README.md"}) {
			t.Error(err)
		}
		after := snapshot(t, target)
		if len(after) != 2 || !strings.HasSuffix(after["README.md"], "theirs\n") {
			t.Errorf("%q", after)
		}
	})
	t.Run("by a new folder", func(t *testing.T) {
		target := filepath.Join(t.TempDir(), "shop")
		err := sample().Write(t.Context(), target, WriteOptions{Force: true, at: func(step string) error {
			if step == "publish" {
				lay(t, target, theirs)
			}
			return nil
		}})
		var conflict *ConflictError
		if !errors.As(err, &conflict) || len(snapshot(t, target)) != 2 {
			t.Error(err)
		}
		noStage(t, filepath.Dir(target))
	})
}

// Many runs at once into one folder: one is whole, the others are refused, nothing is left over.
func TestWriteSideBySide(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{false, true} {
		parent := t.TempDir()
		target := filepath.Join(parent, "a", "shop")
		if there {
			lay(t, target, map[string]string{"/": ""})
		}
		var group sync.WaitGroup
		var mutex sync.Mutex
		written := 0
		for range 8 {
			group.Go(func() {
				err := sample().Write(t.Context(), target, WriteOptions{})
				mutex.Lock()
				defer mutex.Unlock()
				if err == nil {
					written++
				} else if _, ok := errors.AsType[*ConflictError](err); !ok {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if written > 1 || !there && written != 1 {
			t.Errorf("%d runs wrote the same folder", written)
		}
		if written == 1 {
			checkWritten(t, target)
		}
		noStage(t, filepath.Dir(target))
		noStage(t, target)
	}
	// And into different folders side by side.
	parent := t.TempDir()
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			target := filepath.Join(parent, "same", fmt.Sprint(i))
			if err := sample().Write(t.Context(), target, WriteOptions{}); err != nil {
				t.Error(err)
				return
			}
			checkWritten(t, target)
		})
	}
	group.Wait()
	noStage(t, filepath.Join(parent, "same"))
}

func TestAbandonedStages(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	const name = ".backlot-ABCDEFGHIJKLMNOPQRSTUVWXY"
	lay(t, parent, map[string]string{
		name + "2.lock": "", name + "2/new/file": "dead", // dead
		name + "3.lock": "",           // dead before it made its stage
		name + "4/file": "not locked", // no stage that this tool knows to be dead
		name + "5.lock": "", name + "5": "a file",
		name + ".lock": "", name + "/x": "another name", ".backlot-x.lock": "", name + "6.lock/": "", name + "6/x": "the lock is a folder",
	})
	live, err := newStage(parent)
	if err != nil {
		t.Fatal(err)
	}
	removeAbandoned(parent)
	if _, err := os.Lstat(live.folder); err != nil {
		t.Error("a live stage was removed:", err)
	}
	live.remove()
	got := sortedKeys(snapshot(t, parent))
	want := []string{".", name, name + "/x", name + ".lock", name + "4", name + "4/file", name + "5", name + "5.lock", name + "6", name + "6.lock", name + "6/x", ".backlot-x.lock"}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("left over\n%q, want\n%q", got, want)
	}
}
