package git

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// newGit is the machine's git with an environment that holds nothing of the machine's user.
func newGit(t *testing.T, environment ...string) Git {
	t.Helper()
	program, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	base := []string{"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1"}
	return Git{Program: program, Environment: append(base, environment...)}
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	mode := os.FileMode(0o666)
	if strings.HasPrefix(content, "#!") {
		mode = 0o777
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// project is a folder outside of every repository.
func project(t *testing.T) (folder string, files []File) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "shop")
	write(t, filepath.Join(folder, "main"), "a\r\nb\n")
	write(t, filepath.Join(folder, "bin", "run me"), "#!/bin/sh\n")
	write(t, filepath.Join(folder, ".env"), "SECRET=x\n")
	write(t, filepath.Join(folder, ".gitignore"), ".env\n")
	write(t, filepath.Join(folder, "yours"), "not of the project\n")
	return folder, []File{{".env", false}, {".gitignore", false}, {"bin/run me", true}, {"main", false}}
}

// say is what git prints about a repository.
func say(t *testing.T, g Git, folder string, arguments ...string) string {
	t.Helper()
	out, err := g.run(t.Context(), folder, nil, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestCommit(t *testing.T) {
	t.Parallel()
	hook := func(t *testing.T, folder, name string) string {
		write(t, filepath.Join(folder, name), "#!/bin/sh\nexit 1\n")
		return folder
	}
	for name, test := range map[string]struct {
		environment func(t *testing.T, home string) []string
		branch, who string
	}{
		"no home": {
			environment: func(*testing.T, string) []string { return nil },
			branch:      "main", who: "Backlot <backlot@localhost>",
		},
		"the user's name and branch": {
			environment: func(t *testing.T, home string) []string {
				write(t, filepath.Join(home, ".gitconfig"), "[user]\nname = Ada\nemail = ada@example.com\n[init]\ndefaultBranch = trunk\n")
				return []string{"HOME=" + home}
			},
			branch: "trunk", who: "Ada <ada@example.com>",
		},
		"a name without an address": {
			environment: func(t *testing.T, home string) []string {
				write(t, filepath.Join(home, ".gitconfig"), "[user]\nname = Ada\nuseConfigOnly = true\n")
				return []string{"HOME=" + home}
			},
			branch: "main", who: "Ada <backlot@localhost>",
		},
		"a name in the environment, an empty address": {
			environment: func(*testing.T, string) []string {
				return []string{"GIT_AUTHOR_NAME=Grace", "GIT_AUTHOR_EMAIL="}
			},
			branch: "main", who: "Grace <backlot@localhost>",
		},
		"hooks, signing, filters and ignores of the user": {
			environment: func(t *testing.T, home string) []string {
				hooks := hook(t, filepath.Join(home, "hooks"), "pre-commit")
				hook(t, hooks, "reference-transaction")
				template := filepath.Join(home, "template")
				hook(t, filepath.Join(template, "hooks"), "commit-msg")
				write(t, filepath.Join(home, "ignore"), "*\n")
				write(t, filepath.Join(home, "attributes"), "* filter=upper\n")
				write(t, filepath.Join(home, ".gitconfig"), strings.ReplaceAll(`
[core]
hooksPath = HOME/hooks
excludesFile = HOME/ignore
attributesFile = HOME/attributes
fsmonitor = HOME/hooks/pre-commit
autocrlf = true
safecrlf = true
[init]
templateDir = HOME/template
[commit]
gpgSign = true
template = HOME/missing
[gpg]
program = HOME/missing
[filter "upper"]
clean = false
required = true
`, "HOME", filepath.ToSlash(home)))
				return []string{"HOME=" + home}
			},
			branch: "main", who: "Backlot <backlot@localhost>",
		},
		"variables of another repository": {
			environment: func(t *testing.T, home string) []string {
				return []string{
					"GIT_DIR=" + filepath.Join(home, "other"), "GIT_WORK_TREE=" + home, "GIT_INDEX_FILE=" + filepath.Join(home, "index"),
					"GIT_TEMPLATE_DIR=" + home, "GIT_OBJECT_DIRECTORY=" + home, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=commit.gpgSign", "GIT_CONFIG_VALUE_0=true",
					"LANGUAGE=de", "LC_ALL=de_DE.UTF-8", "GIT_LITERAL_PATHSPECS=1",
				}
			},
			branch: "main", who: "Backlot <backlot@localhost>",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			g := newGit(t, test.environment(t, home)...)
			folder, files := project(t)
			if inside, err := g.Inside(t.Context(), filepath.Join(folder, "not", "there")); err != nil || inside {
				t.Fatalf("inside: %v, %v", inside, err)
			}
			if err := g.Commit(t.Context(), folder, "--amend\n", files); err != nil {
				t.Fatal(err)
			}
			if got := say(t, g, folder, "log", "--format=%an <%ae>|%s"); got != test.who+"|--amend" {
				t.Errorf("the commit is %q", got)
			}
			if got := say(t, g, folder, "symbolic-ref", "HEAD"); got != "refs/heads/"+test.branch {
				t.Errorf("the branch is %s", got)
			}
			tree := say(t, g, folder, "ls-tree", "-r", "--format=%(objectmode) %(path)", "HEAD")
			if want := "100644 .gitignore\n100755 bin/run me\n100644 main"; tree != want {
				t.Errorf("committed:\n%s\nwant:\n%s", tree, want)
			}
			if got := say(t, g, folder, "cat-file", "blob", "HEAD:main"); got != "a\r\nb" {
				t.Errorf("line ends were changed: %q", got)
			}
			if got := say(t, g, folder, "status", "--porcelain"); got != "?? yours" {
				t.Errorf("status: %q", got)
			}
			if inside, err := g.Inside(t.Context(), filepath.Join(folder, "bin")); err != nil || !inside {
				t.Errorf("inside: %v, %v", inside, err)
			}
			if entries, _ := os.ReadDir(home); len(entries) > 5 {
				t.Errorf("git wrote into another folder: %v", entries)
			}
		})
	}
}

func TestCommitFails(t *testing.T) {
	t.Parallel()
	t.Run("a broken configuration", func(t *testing.T) {
		t.Parallel()
		home := t.TempDir()
		write(t, filepath.Join(home, ".gitconfig"), "[user\n")
		g := newGit(t, "HOME="+home)
		folder, files := project(t)
		if _, err := g.Inside(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "bad config") {
			t.Errorf("inside: %v", err)
		}
		if err := g.Commit(t.Context(), folder, "x", files); err == nil {
			t.Error("it did not fail")
		}
		absent(t, folder)
	})
	t.Run("a file that is not there", func(t *testing.T) {
		t.Parallel()
		g := newGit(t)
		folder, files := project(t)
		if err := g.Commit(t.Context(), folder, "x", append(files, File{Path: "missing"})); err == nil {
			t.Error("it did not fail")
		}
		absent(t, folder)
	})
	t.Run("a .git of the user", func(t *testing.T) {
		t.Parallel()
		g := newGit(t)
		folder, files := project(t)
		mine := write(t, filepath.Join(folder, ".git", "mine"), "")
		if err := g.Commit(t.Context(), folder, "x", files); err == nil {
			t.Error("it did not fail")
		}
		if _, err := os.Stat(mine); err != nil {
			t.Error(err)
		}
	})
	t.Run("a git that hangs", func(t *testing.T) {
		t.Parallel()
		if runtime.GOOS == "windows" {
			t.Skip("the stand-in is a shell script")
		}
		folder, files := project(t)
		stand := write(t, filepath.Join(t.TempDir(), "git"), "#!/bin/sh\nmkdir -p .git\ntouch .git/started\nsleep 60\n")
		g := Git{Program: stand, Environment: append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/bin:/bin")}
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			for {
				if _, err := os.Stat(filepath.Join(folder, ".git", "started")); err == nil {
					cancel(stop)
					return
				}
			}
		}()
		if err := g.Commit(ctx, folder, "x", files); !errors.Is(err, stop) {
			t.Errorf("the error is %v", err)
		}
		absent(t, folder)
	})
}

func absent(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Lstat(filepath.Join(folder, ".git")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf(".git was left behind: %v", err)
	}
}
