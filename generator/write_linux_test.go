package generator

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const insideNamespace = "BACKLOT_TEST_NAMESPACE"

// inNamespace runs a test again in a process that may mount file systems of its own: they end with it.
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideNamespace) != "" {
		if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			t.Skip("mounts cannot be made private here:", err)
		}
		return true
	}
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	command := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$", "-test.v")
	command.Env = append(os.Environ(), insideNamespace+"=1")
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		command.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		command.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		command.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	output, err := command.CombinedOutput()
	switch text := string(output); {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOSPC):
		t.Skip("no namespace for mounts can be made here:", err)
	case err != nil:
		t.Errorf("%v\n%s", err, text)
	case strings.Contains(text, "--- SKIP"):
		t.Skip(text)
	case !strings.Contains(text, "--- PASS"):
		t.Errorf("it did not run: %s", text)
	}
	return false
}

func mount(t *testing.T, options string) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, options); err != nil {
		t.Skip("tmpfs cannot be mounted here:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder
}

// A disk that is really full, of blocks or of inodes, at every point that it can be full at.
func TestFullDisk(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	for _, kind := range []string{"new", "deep/new", "existing"} {
		for _, of := range []string{"blocks", "inodes"} {
			written, refused := 0, 0
			for free := 0; free < 40 && written == 0; free++ {
				options := "size=2m"
				if of == "inodes" {
					options += fmt.Sprintf(",nr_inodes=%d", 12+free)
				}
				parent := mount(t, options)
				existing(t, filepath.Join(parent, "existing"))
				if of == "blocks" {
					fill(t, filepath.Join(parent, "ballast"), free)
				}
				before := snapshot(t, parent)
				err := sample().Write(t.Context(), filepath.Join(parent, kind), WriteOptions{Force: true, Finish: finished})
				switch {
				case err == nil:
					written++
					checkWritten(t, filepath.Join(parent, kind))
				case errors.Is(err, syscall.ENOSPC):
					refused++
					same(t, fmt.Sprintf("%s with %d free %s", kind, free, of), snapshot(t, parent), before)
				default:
					t.Error(err)
				}
			}
			if written != 1 || refused < 3 {
				t.Errorf("%s, %s: %d times full, %d times written", kind, of, refused, written)
			}
		}
	}
}

// fill takes all blocks of a file system but some.
func fill(t *testing.T, name string, free int) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 4096)
	size := int64(0)
	for {
		n, err := file.Write(block)
		size += int64(n)
		if err != nil {
			break
		}
	}
	if err := file.Truncate(size - int64(free*len(block))); err != nil {
		t.Fatal(err)
	}
}

func TestReadOnlyFileSystem(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	parent := mount(t, "")
	existing(t, filepath.Join(parent, "existing"))
	lay(t, parent, map[string]string{"empty/": ""})
	before := snapshot(t, parent)
	if err := syscall.Mount("", parent, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip("it cannot be made read-only here:", err)
	}
	for _, kind := range []string{"new", "deep/new", "existing", "empty"} {
		err := sample().Write(t.Context(), filepath.Join(parent, kind), WriteOptions{Force: true})
		wantError(t, err, "read-only file system", parent)
		if err != nil && strings.Contains(err.Error(), stagePrefix) {
			t.Errorf("it speaks of the stage: %v", err)
		}
		same(t, kind, snapshot(t, parent), before)
	}
}
