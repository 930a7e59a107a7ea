//go:build unix

package cmd

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	gosignal "os/signal"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	expect "github.com/Netflix/go-expect"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/term"
)

// program is this test binary as backlot, in an empty folder outside of every repository.
func program(t *testing.T, environment []string, args ...string) *exec.Cmd {
	t.Helper()
	tree, err := filepath.Abs(testTree)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(os.Args[0], args...)
	command.Dir = t.TempDir()
	command.Env = append([]string{
		"BACKLOT_TEST_TREE=" + tree, "PATH=" + os.Getenv("PATH"), "TERM=xterm", "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=" + filepath.Dir(command.Dir),
	}, environment...)
	return command
}

// A session is a program on a terminal that a test types at.
type session struct {
	*testing.T
	command *exec.Cmd
	console *expect.Console
	before  *term.State
	stdout  *bytes.Buffer
	drawn   *lockedBuffer // all that was drawn so far
}

type lockedBuffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.String()
}

// onTerminal starts a program whose standard input and standard error are a terminal.
func onTerminal(t *testing.T, environment []string, args ...string) *session {
	t.Helper()
	return onTerminalThat(t, true, environment, args...)
}

func onTerminalThat(t *testing.T, answersQuestions bool, environment []string, args ...string) *session {
	t.Helper()
	// The screen answers survey's questions for the cursor's place through this pair.
	answers, screen, err := pty.Open()
	if err != nil {
		t.Skip("there are no pseudo-terminals here:", err)
	}
	s := &session{T: t, command: program(t, environment, args...), stdout: &bytes.Buffer{}, drawn: &lockedBuffer{}}
	options := []expect.ConsoleOpt{expect.WithStdout(s.drawn), expect.WithCloser(answers, screen), expect.WithDefaultTimeout(20 * time.Second)}
	if answersQuestions {
		options = append(options, expect.WithStdin(answers), expect.WithStdout(vt10x.New(vt10x.WithWriter(screen), vt10x.WithSize(160, 50))))
	}
	s.console, err = expect.NewConsole(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.console.Close() })
	if err := pty.Setsize(s.console.Tty(), &pty.Winsize{Rows: 50, Cols: 160}); err != nil {
		t.Fatal(err)
	}
	s.command.Stdin, s.command.Stderr, s.command.Stdout = s.console.Tty(), s.console.Tty(), s.stdout
	s.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if s.before, err = term.GetState(int(s.console.Tty().Fd())); err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.command.Process.Kill() })
	return s
}

func (s *session) see(text string) {
	s.Helper()
	if _, err := s.console.ExpectString(text); err != nil {
		s.Fatalf("%q did not appear: %v\n%s", text, err, s.drawn)
	}
}

func (s *session) typeIn(keys string) {
	s.Helper()
	if _, err := s.console.Send(keys); err != nil {
		s.Fatal(err)
	}
}

// ends waits for the exit code, and wants the terminal as it was.
func (s *session) ends(code int) {
	s.Helper()
	done := make(chan error, 1)
	go func() { _, _ = s.console.ExpectEOF() }() // a terminal that nobody reads would hold it up
	go func() { done <- s.command.Wait() }()
	select {
	case <-done: //nolint:errcheck // the exit code is looked at
	case <-time.After(20 * time.Second):
		s.Fatalf("it did not end:\n%s", s.drawn)
	}
	if got := s.command.ProcessState.ExitCode(); got != code {
		s.Errorf("the exit code is %d, not %d:\n%s", got, code, s.drawn)
	}
	after, err := term.GetState(int(s.console.Tty().Fd()))
	if err != nil {
		s.Fatal(err)
	}
	if !reflect.DeepEqual(s.before, after) {
		s.Errorf("the terminal was %v and is %v", s.before, after)
	}
}

func (s *session) holds(names ...string) {
	s.Helper()
	entries, err := os.ReadDir(s.command.Dir)
	if err != nil {
		s.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	if strings.Join(found, " ") != strings.Join(names, " ") {
		s.Errorf("the folder holds %q, not %q", found, names)
	}
}

const (
	enter = "\r"
	down  = "\x1b[B"
	ctrlC = "\x03"
)

func TestDialogue(t *testing.T) {
	t.Parallel()
	s := onTerminal(t, []string{"NO_COLOR=1"}, "new", "--no-git")
	s.see("Name of the project:")
	s.typeIn("Shop" + enter)
	s.see("write shop")
	s.see("Name of the project:")
	s.typeIn("begin" + enter) // which only the language refuses
	s.see("Language:")
	s.see("ALGOL - with begin and end")
	s.typeIn(enter)
	s.see("Database:")
	s.see("Magnetic tapes - on a server")
	s.typeIn(down + enter)
	s.see("Hosting:")
	s.typeIn("bur" + enter)
	s.see("begin is not possible: ALGOL keeps the word")
	s.see("Name of the project:")
	s.typeIn("shop" + enter)
	s.see("First resource:")
	s.typeIn("product name:strin" + enter)
	s.see("did you mean string?")
	s.typeIn("product name:string status:enum(a,b)" + enter)
	s.see("Another one")
	s.typeIn("product name:string" + enter)
	s.see("twice")
	s.typeIn("order_line count:integer?" + enter)
	s.typeIn(enter)
	s.see("backlot new shop --language algol --database tapes --hosting bureau --resource 'product name:string status:enum(a,b)' --resource 'order_line count:integer?' --no-git")
	s.see("The bureau bills machine time")
	s.see("Make it?")
	s.typeIn(enter)
	s.ends(exitDone)
	s.holds("shop")
	if told := strings.Count(s.drawn.String(), "The bureau bills machine time"); told != 1 {
		t.Errorf("what will be billed was told %d times", told)
	}
	if strings.Contains(s.drawn.String(), "Drum memory") {
		t.Error("a database was offered that does not go with the language")
	}
	if strings.Contains(s.drawn.String(), "\x1b[0;32") || strings.Contains(s.drawn.String(), "\x1b[1;9") {
		t.Errorf("NO_COLOR is set, and there is colour: %q", s.drawn)
	}
	if got := s.stdout.String(); !strings.HasPrefix(got, "Made shop: ") || strings.Contains(got, "Language:") {
		t.Errorf("on standard output is %q", got)
	}
}

// What is given is not asked, and Enter takes the defaults.
func TestDialogueDefaults(t *testing.T) {
	t.Parallel()
	s := onTerminal(t, nil, "new", "--language", "algol", "--hosting", "none", "--no-git", "--dir", "shop")
	s.see("Name of the project:")
	s.typeIn(enter) // the folder's name
	s.see("Database:")
	s.typeIn(enter)
	s.see("First resource:")
	s.typeIn(enter)
	s.see("Another one")
	s.typeIn(enter)
	s.see("backlot new shop --language algol --database cards --hosting none --resource 'item name:string notes:text? done:boolean' --dir shop --no-git")
	s.see("Make it?")
	s.typeIn("y" + enter)
	s.ends(exitDone)
	s.holds("shop")
}

// All may be typed before the first question is drawn.
func TestTypeAhead(t *testing.T) {
	t.Parallel()
	s := onTerminal(t, nil, "new", "--no-git")
	s.typeIn("shop" + enter + enter + down + enter + enter + enter + "order_line count:integer" + enter + enter + "y" + enter)
	s.see("backlot new shop --language algol --database tapes --hosting none --resource 'item name:string notes:text? done:boolean' --resource 'order_line count:integer' --no-git")
	s.ends(exitDone)
	s.holds("shop")
}

// A terminal that does not say where its cursor is holds nothing up.
func TestBareTerminal(t *testing.T) {
	t.Parallel()
	s := onTerminalThat(t, false, nil, "new", "--language", "algol", "--database", "cards", "--hosting", "none", "--no-git")
	s.see("Name of the project:")
	s.typeIn("shop" + enter + enter + enter + "y" + enter)
	s.ends(exitDone)
	s.holds("shop")

	s = onTerminalThat(t, false, nil, "new")
	s.see("Name of the project:")
	s.typeIn("sh" + ctrlC)
	s.ends(130)
	s.holds()
}

// A line can be edited, and interrupted in its middle.
func TestEditedLine(t *testing.T) {
	t.Parallel()
	const left, backspace = "\x1b[D", "\x7f"
	s := onTerminal(t, nil, "new", "--language", "algol", "--database", "cards", "--hosting", "none", "--no-git", "--resource", "item name:string")
	s.see("Name of the project:")
	s.typeIn("shpx" + backspace + left + "o" + enter)
	s.see("backlot new shop ")
	s.typeIn("n" + enter)
	s.ends(exitFailed)

	s = onTerminal(t, nil, "new")
	s.see("Name of the project:")
	s.typeIn("shp" + left + "o" + ctrlC)
	s.ends(130)
}

func TestDialogueDeclined(t *testing.T) {
	t.Parallel()
	s := onTerminal(t, nil, "new", "shop", "--language", "algol", "--hosting", "none", "--resource", "item name:string")
	s.see("Database:")
	s.typeIn(enter)
	s.see("Make it?")
	s.typeIn("n" + enter)
	s.see("nothing was written")
	s.ends(exitFailed)
	s.holds()
}

// Answers that are wrong are told before anything is asked, and so is a folder that would be refused.
func TestDialogueTooLate(t *testing.T) {
	t.Parallel()
	s := onTerminal(t, nil, "new", "--language", "algl")
	s.see("did you mean algol?")
	s.ends(exitWrong)
	if strings.Contains(s.drawn.String(), "Name of the project") {
		t.Error("it asked")
	}
	s = onTerminal(t, nil, "new", "--dry-run")
	if err := os.MkdirAll(filepath.Join(s.command.Dir, "full", "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	s.see("Name of the project:")
	s.typeIn("full" + enter)
	s.see("is no empty folder")
	s.typeIn(ctrlC)
	s.ends(130)
	onTerminal(t, nil, "new", "--dir", "..").ends(exitOverwrite)
}

// --json and --yes never ask, and neither does a terminal that cannot draw.
func TestNoDialogue(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"new", "--json"}, {"new", "--yes"}} {
		onTerminal(t, nil, arguments...).ends(exitWrong)
	}
	s := onTerminal(t, []string{"TERM=dumb"}, "new")
	s.see("--language")
	s.ends(exitWrong)
}

// Ctrl-C at any question leaves nothing behind.
func TestInterruptedDialogue(t *testing.T) {
	t.Parallel()
	steps := []struct{ question, answer string }{
		{"Name of the project:", "shop" + enter},
		{"Language:", enter},
		{"Database:", enter},
		{"Hosting:", enter},
		{"First resource: (item name:string notes:text? done:boolean)", enter},
		{"Another one", enter},
		{"Make it?", enter},
	}
	for at, last := range steps {
		t.Run(last.question, func(t *testing.T) {
			t.Parallel()
			s := onTerminal(t, []string{"NO_COLOR=1"}, "new")
			for _, step := range steps[:at] {
				s.see(step.question)
				s.typeIn(step.answer)
			}
			s.see(last.question)
			s.typeIn(ctrlC)
			s.see("interrupted; nothing was written")
			s.ends(130)
			s.holds()
		})
	}
}

// A signal at a question puts the terminal back too.
func TestTerminatedDialogue(t *testing.T) {
	t.Parallel()
	for signal, code := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGINT: 130, syscall.SIGHUP: 129} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			if gosignal.Ignored(signal) {
				t.Skip("whoever started the tests ignores this signal (nohup), and so does the program then")
			}
			s := onTerminal(t, nil, "new", "shop")
			s.see("Language:")
			if err := s.command.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			s.see("\x1b[?25h")
			s.ends(code)
			s.holds()
		})
	}
}

// A signal while the project is written leaves the target as it was: here a git that takes its time holds
// the run where every file is staged.
func TestSignalWhileWriting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		signal syscall.Signal
		code   int
		there  bool
	}{
		{"SIGINT, a new folder", syscall.SIGINT, 130, false},
		{"SIGTERM, a new folder", syscall.SIGTERM, 143, false},
		{"SIGINT, a folder that was there", syscall.SIGINT, 130, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tools := t.TempDir()
			started := filepath.Join(tools, "started")
			script := "#!/bin/sh\ncase \"$*\" in\n*rev-parse*) echo 'fatal: not a git repository' >&2; exit 128;;\nesac\ntouch '" + started + "'\nsleep 60\n"
			if err := os.WriteFile(filepath.Join(tools, "git"), []byte(script), 0o777); err != nil {
				t.Fatal(err)
			}
			command := program(t, []string{"PATH=" + tools + ":/usr/bin:/bin"}, "new", "shop", "--yes", "--force")
			if test.there {
				if err := os.MkdirAll(filepath.Join(command.Dir, "shop"), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(command.Dir, "shop", "README.md"), []byte("mine"), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			stderr := &bytes.Buffer{}
			command.Stderr = stderr
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = command.Process.Kill() }()
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
				if _, err := os.Stat(started); err == nil {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("git was not run")
				}
			}
			if err := command.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			_ = command.Wait()
			if got := command.ProcessState.ExitCode(); got != test.code {
				t.Errorf("the exit code is %d: %s", got, stderr)
			}
			if got := stderr.String(); got != "backlot: interrupted; nothing was written\n" {
				t.Errorf("it said %q", got)
			}
			entries, err := os.ReadDir(command.Dir)
			if err != nil {
				t.Fatal(err)
			}
			if !test.there {
				if len(entries) != 0 {
					t.Errorf("left behind: %v", entries)
				}
				return
			}
			inside, err := os.ReadDir(filepath.Join(command.Dir, "shop"))
			if err != nil || len(entries) != 1 || len(inside) != 1 {
				t.Errorf("left behind: %v, %v", entries, inside)
			}
			if content, err := os.ReadFile(filepath.Join(command.Dir, "shop", "README.md")); err != nil || string(content) != "mine" {
				t.Errorf("README.md is %q, %v", content, err)
			}
		})
	}
}

func TestColour(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		environment []string
		coloured    bool
	}{
		{nil, true}, {[]string{"NO_COLOR="}, true}, {[]string{"NO_COLOR=1"}, false}, {[]string{"TERM=dumb"}, false},
	} {
		terminal, other, err := pty.Open()
		if err != nil {
			t.Skip("there are no pseudo-terminals here:", err)
		}
		command := program(t, test.environment, "list")
		command.Stdout = other
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		_ = other.Close()
		var drawn bytes.Buffer
		if _, err := drawn.ReadFrom(terminal); err != nil && !errors.Is(err, syscall.EIO) { // Linux' end of file
			t.Fatal(err)
		}
		_ = terminal.Close()
		if err := command.Wait(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(drawn.String(), "\x1b["); got != test.coloured {
			t.Errorf("%v: colour is %v: %q", test.environment, got, drawn.String())
		}
	}
}
