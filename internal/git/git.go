// Package git makes a new project a git repository with one commit.
//
// It runs the user's own git, but nothing that the user has configured to run with it: no hook, no
// signature, no template, no filter, no monitor. Variables such as GIT_DIR, which a hook or an alias
// leaves set, are not passed on. What says who the user is stays.
//
// A folder inside a work tree is left alone: it belongs to the repository around it. When something goes
// wrong, no .git is left behind.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Who makes the commit where git's configuration does not say.
const (
	fallbackName  = "Backlot"
	fallbackEmail = "backlot@localhost"
)

// timeout ends a git that waits for something that will not come.
const timeout = time.Minute

// Git is a git to run.
type Git struct {
	Program     string   // its path
	Environment []string // of the process that asks, as os.Environ gives it
}

// Inside tells whether a folder lies inside a repository. It need not exist: then the nearest folder above
// it that does is asked.
func (g Git) Inside(ctx context.Context, folder string) (bool, error) {
	for {
		info, err := os.Stat(folder)
		if err == nil && info.IsDir() {
			break
		}
		above := filepath.Dir(folder)
		if above == folder {
			return false, err
		}
		folder = above
	}
	_, err := g.run(ctx, folder, nil, "rev-parse", "--is-inside-work-tree")
	if err == nil {
		return true, nil
	}
	// Messages are in English, since the locale is C; the exit code is the same for every fault.
	if strings.Contains(err.Error(), "not a git repository") {
		return false, nil
	}
	return false, err
}

// A File is one to commit.
type File struct {
	Path       string // from the folder, with forward slashes
	Executable bool
}

// Commit makes a repository in a folder that lies inside none, with one commit of the files given, but
// those that the folder's .gitignore names; what else the folder holds stays out. An error, or the end of
// ctx, leaves no repository.
func (g Git) Commit(ctx context.Context, folder, message string, files []File) (err error) {
	repository := filepath.Join(folder, ".git")
	if _, err := os.Lstat(repository); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists already", repository)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(repository))
		}
	}()
	if _, err := g.run(ctx, folder, nil, "init", "--quiet", "--template="); err != nil {
		return err
	}
	configured, err := g.configuration(ctx, folder)
	if err != nil {
		return err
	}
	if !slices.Contains(configured, "init.defaultbranch") {
		if _, err := g.run(ctx, folder, nil, "symbolic-ref", "HEAD", "refs/heads/main"); err != nil {
			return err
		}
	}
	if err := g.add(ctx, folder, files); err != nil {
		return err
	}
	var identity []string
	if !slices.Contains(configured, "user.name") {
		identity = append(identity, "-c", "user.name="+fallbackName)
	}
	if !slices.Contains(configured, "user.email") && !g.has("EMAIL") {
		identity = append(identity, "-c", "user.email="+fallbackEmail)
	}
	commit := []string{"commit", "--quiet", "--no-verify", "--no-gpg-sign", "--file=-"}
	_, err = g.run(ctx, folder, []byte(message), append(identity, commit...)...)
	return err
}

// add puts files into the index, but those that git ignores.
func (g Git) add(ctx context.Context, folder string, files []File) error {
	var all bytes.Buffer
	for _, file := range files {
		all.WriteString(file.Path + "\x00")
	}
	found, err := g.run(ctx, folder, all.Bytes(), "check-ignore", "-z", "--stdin")
	if err != nil && exitCode(err) != 1 { // 1: it ignores none
		return err
	}
	ignored := map[string]bool{}
	for path := range strings.SplitSeq(string(found), "\x00") {
		ignored[path] = true
	}
	// The mode is said, since not every file system knows of executables.
	for _, executable := range []bool{false, true} {
		var list bytes.Buffer
		for _, file := range files {
			if file.Executable == executable && !ignored[file.Path] {
				list.WriteString(file.Path + "\x00")
			}
		}
		if list.Len() == 0 {
			continue
		}
		mode := map[bool]string{false: "--chmod=-x", true: "--chmod=+x"}[executable]
		if _, err := g.run(ctx, folder, list.Bytes(), "update-index", "--add", mode, "-z", "--stdin"); err != nil {
			return err
		}
	}
	return nil
}

// configuration lists which of the settings that Commit has its own values for are set by the user, in
// lower case.
func (g Git) configuration(ctx context.Context, folder string) ([]string, error) {
	found, err := g.run(ctx, folder, nil, "config", "--null", "--get-regexp", `^(user\.name|user\.email|init\.defaultbranch)$`)
	if err != nil {
		if exitCode(err) == 1 {
			return nil, nil // none is set
		}
		return nil, err
	}
	var keys []string
	for entry := range strings.SplitSeq(string(found), "\x00") {
		key, value, _ := strings.Cut(entry, "\n")
		if strings.TrimSpace(value) != "" {
			keys = append(keys, strings.ToLower(key))
		}
	}
	return keys, nil
}

// own are settings that win over the user's.
var own = []string{
	"core.hooksPath=" + os.DevNull,
	"core.fsmonitor=false",
	"core.excludesFile=", // a global ignore would drop files of the project
	"core.attributesFile=",
	"core.autocrlf=false", // the files are as they were made, on every system
	"core.safecrlf=false",
	"commit.gpgSign=false",
	"gc.auto=0", // nothing may go on in the background while the folder is renamed
	"maintenance.auto=false",
}

// run runs git in a folder and returns what it printed.
func (g Git) run(ctx context.Context, folder string, stdin []byte, arguments ...string) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var settings []string
	for _, setting := range own {
		settings = append(settings, "-c", setting)
	}
	command := exec.CommandContext(limited, g.Program, append(settings, arguments...)...)
	command.Dir = folder
	command.Env = g.environment()
	command.WaitDelay = time.Second
	command.Stdin = bytes.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	apart(command)
	err := command.Run()
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		name := slices.DeleteFunc(slices.Clone(arguments), func(word string) bool { return word == "-c" || strings.Contains(word, "=") })[0]
		return stdout.Bytes(), fmt.Errorf("git %s: %w%s", name, err, lastWords(stderr.String()))
	}
	return stdout.Bytes(), nil
}

func exitCode(err error) int {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// lastWords is what git said, on one line.
func lastWords(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if message == "" {
		return ""
	}
	if len(message) > 300 {
		message = strings.ToValidUTF8(message[:300], "") + "…"
	}
	return ": " + message
}

// kept are git's variables that say who the user is or where git and its configuration are. All others,
// such as GIT_DIR, would lead git to another repository than ours.
var kept = []string{
	"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE",
	"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH",
	"GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_DEFAULT_HASH",
}

func (g Git) environment() []string {
	var environment []string
	for _, entry := range g.Environment {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case name == "LC_ALL" || name == "LANGUAGE":
		case strings.HasPrefix(name, "GIT_") && (value == "" || !slices.Contains(kept, name)):
		default:
			environment = append(environment, entry)
		}
	}
	return append(environment, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0")
}

func (g Git) has(name string) bool {
	return slices.ContainsFunc(g.Environment, func(entry string) bool {
		key, value, _ := strings.Cut(entry, "=")
		return key == name && value != ""
	})
}
