//go:build unix

package generator

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

var processUmask = func() fs.FileMode {
	mask := syscall.Umask(0)
	syscall.Umask(mask)
	return fs.FileMode(mask)
}()

func umask() fs.FileMode { return processUmask }

// The test binary is run again as a process that writes a project and that can be killed.
const (
	childTask   = "BACKLOT_TEST_TASK"
	childStep   = "BACKLOT_TEST_STEP"
	childTarget = "BACKLOT_TEST_TARGET"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(childTask); task != "" {
		os.Exit(child(task, os.Getenv(childStep), os.Getenv(childTarget)))
	}
	os.Exit(m.Run())
}

func child(task, stop, target string) int {
	ctx := context.Background()
	at := func(string) error { return nil }
	switch task {
	case "kill":
		at = func(step string) error {
			if step == stop {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
			return nil
		}
	case "terminate":
		var cancel context.CancelFunc
		ctx, cancel = signal.NotifyContext(ctx, syscall.SIGTERM)
		defer cancel()
		at = func(step string) error {
			if step == stop {
				_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
				<-ctx.Done()
			}
			return ctx.Err()
		}
	case "hold":
		at = func(step string) error {
			if step == stop {
				fmt.Println("ready")
				_, _ = io.ReadAll(os.Stdin)
			}
			return nil
		}
	case "umask":
		syscall.Umask(0o077)
	}
	if err := sample().Write(ctx, target, WriteOptions{Force: true, Finish: finished, at: at}); err != nil {
		fmt.Println(err)
		return 7
	}
	return 0
}

func childCommand(t *testing.T, task, step, target string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Skip("the test binary does not know its own path:", err)
	}
	command := exec.CommandContext(t.Context(), program)
	command.Env = append(os.Environ(), childTask+"="+task, childStep+"="+step, childTarget+"="+target)
	return command
}

// everyStep calls work for each step of a Write into the folder of that kind, a few at a time.
func everyStep(t *testing.T, kind string, work func(t *testing.T, parent, target, step string)) {
	prepare := func(parent string) string {
		existing(t, filepath.Join(parent, "existing"))
		return filepath.Join(parent, filepath.FromSlash(kind))
	}
	whole := prepare(t.TempDir())
	for _, step := range steps(t, func(at func(string) error) error {
		return sample().Write(t.Context(), whole, WriteOptions{Force: true, Finish: finished, at: at})
	}) {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			work(t, parent, prepare(parent), step)
		})
	}
}

// After kill -9 at any step a new folder is absent, an existing one holds whole files only, and a second
// run completes both and removes what the first one left.
func TestKill(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"new", "deep/new", "existing"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			everyStep(t, kind, func(t *testing.T, parent, target, step string) {
				before := snapshot(t, parent)
				command := childCommand(t, "kill", step, target)
				output, _ := command.CombinedOutput()
				if status := command.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() {
					t.Fatalf("it was not killed: %s", output)
				}
				if kind == "existing" {
					wholeFiles(t, target, before)
				} else if _, err := os.Lstat(target); err == nil {
					t.Error("the new folder is there, though it was never published")
				}
				if err := sample().Write(t.Context(), target, WriteOptions{Force: true}); err != nil {
					t.Fatal("again:", err)
				}
				checkWritten(t, target)
				noStage(t, target)
				noStage(t, filepath.Dir(target))
				after := snapshot(t, parent)
				for _, own := range []string{"notes", "src/deep/mine.txt", "own"} {
					if after["existing/"+own] != before["existing/"+own] {
						t.Errorf("%s has changed", own)
					}
				}
			})
		})
	}
}

// wholeFiles looks for each file being what it was, or what the sample makes of it.
func wholeFiles(t *testing.T, target string, before map[string]string) {
	t.Helper()
	news := map[string]string{}
	for _, f := range sample().Files {
		news[f.Path] = string(f.Content)
	}
	for name, got := range snapshot(t, target) {
		if strings.HasPrefix(name, stagePrefix) || got == before["existing/"+name] || strings.HasPrefix(got, "d") {
			continue
		}
		_, content, _ := strings.Cut(got, " ")
		if want, ours := news[name]; !ours || len(content) != len(want) || name != ".env" && content != want {
			t.Errorf("%s is neither old nor new: %.80q", name, got)
		}
	}
	for name := range before {
		if name, inside := strings.CutPrefix(name, "existing/"); inside {
			if _, err := os.Lstat(filepath.Join(target, filepath.FromSlash(name))); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestTerminate(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"new", "existing"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			everyStep(t, kind, func(t *testing.T, parent, target, step string) {
				before := snapshot(t, parent)
				command := childCommand(t, "terminate", step, target)
				if output, _ := command.CombinedOutput(); command.ProcessState.ExitCode() != 7 {
					t.Errorf("exit %d: %s", command.ProcessState.ExitCode(), output)
				}
				same(t, "after SIGTERM", snapshot(t, parent), before)
			})
		})
	}
}

// The stage of a run that lives is left alone by every other run.
func TestLiveStage(t *testing.T) {
	t.Parallel()
	for kind, step := range map[string]string{"new": "publish", "existing": "publish bin/start"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			existing(t, filepath.Join(parent, "existing"))
			target := filepath.Join(parent, kind)
			command := childCommand(t, "hold", step, target)
			stdin, err := command.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stdout, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "ready\n" {
				t.Fatal(line, err)
			}
			other := filepath.Join(parent, "other")
			if kind == "existing" {
				other = target
			}
			if err := sample().Write(t.Context(), other, WriteOptions{Force: true}); err != nil {
				t.Error(err)
			}
			stages, _ := filepath.Glob(filepath.Join(parent, "*", ".backlot-*"))
			more, _ := filepath.Glob(filepath.Join(parent, ".backlot-*"))
			if stages = append(stages, more...); len(stages) != 2 { // a folder and its lock
				t.Errorf("the live stage: %q", stages)
			}
			_ = stdin.Close()
			err = command.Wait()
			if kind == "new" && err != nil {
				t.Error(err)
			}
			checkWritten(t, other)
			if kind == "new" {
				checkWritten(t, target)
			}
			noStage(t, parent)
			noStage(t, other)
		})
	}
}

func TestUmask(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "shop")
	if output, err := childCommand(t, "umask", "", target).CombinedOutput(); err != nil {
		t.Fatalf("%s %v", output, err)
	}
	for name, want := range map[string]fs.FileMode{".": 0o700, "README.md": 0o600, "bin/start": 0o700, ".env": 0o600, "src": 0o700} {
		info, err := os.Lstat(filepath.Join(target, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root writes whatever the permission bits say; TestReadOnlyFileSystem is the same for root")
	}
	parent := t.TempDir()
	existing(t, filepath.Join(parent, "existing"))
	before := func() map[string]string {
		for _, name := range []string{"existing", "."} {
			if err := os.Chmod(filepath.Join(parent, name), 0o555); err != nil {
				t.Fatal(err)
			}
		}
		return snapshot(t, parent)
	}()
	t.Cleanup(func() {
		_ = os.Chmod(parent, 0o755)
		_ = os.Chmod(filepath.Join(parent, "existing"), 0o755)
	})
	for _, kind := range []string{"new", "deep/new", "existing"} {
		err := sample().Write(t.Context(), filepath.Join(parent, kind), WriteOptions{Force: true})
		wantError(t, err, "permission denied")
		same(t, kind, snapshot(t, parent), before)
	}
}
