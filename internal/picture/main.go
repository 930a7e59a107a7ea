//go:build unix

// Command picture draws docs/picture.svg, the README's picture of a run: it builds Backlot, answers its
// questions on a pseudo-terminal, and draws the screen as it is at the end.
//
//	go run ./internal/picture [FILE]
//
// The same program gives the same picture. What is typed is in the script below, the looks are in svg.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

const (
	columns, rows = 96, 60
	patience      = 20 * time.Second

	enter = "\r"
)

// script is what is typed when something is seen.
var script = []struct{ see, keys string }{
	{"Name of the project:", "shop" + enter},
	{"Language:", enter},
	{"Database:", "postgres" + enter},
	{"Hosting:", enter},
	{"First resource:", "product name:string price:decimal" + enter},
	{"Another one", "review product_id:uuid stars:integer notes:text?" + enter},
	{"Another one (an empty line ends): \n", enter},
	{"Make it?", enter},
}

func main() {
	file := "docs/picture.svg"
	if len(os.Args) > 1 {
		file = os.Args[1]
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	err := draw(ctx, file)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func draw(ctx context.Context, file string) error {
	folder, err := os.MkdirTemp("", "backlot-picture-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	program := filepath.Join(folder, "backlot")
	if output, err := exec.CommandContext(ctx, "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, output)
	}
	home := filepath.Join(folder, "home")
	if err := os.Mkdir(home, 0o777); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, program, "new")
	command.Dir = home
	// Nothing of the user's settings is to be seen.
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TERM=xterm-256color", "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=" + folder}
	screen, err := play(command)
	if err != nil {
		return err
	}
	return os.WriteFile(file, svg("$ backlot new", screen), 0o666)
}

// play runs the script and returns the screen.
func play(command *exec.Cmd) (vt10x.Terminal, error) {
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		return nil, err
	}
	defer terminal.Close()
	// The screen answers the program's questions for the cursor's place.
	screen := vt10x.New(vt10x.WithWriter(terminal), vt10x.WithSize(columns, rows))
	drawn := make(chan error, 1)
	go func() {
		_, err := io.Copy(screen, terminal)
		drawn <- err
	}()
	for _, step := range script {
		if err := await(screen, step.see); err != nil {
			_ = command.Process.Kill()
			return nil, errors.Join(err, command.Wait())
		}
		if _, err := io.WriteString(terminal, step.keys); err != nil {
			return nil, err
		}
	}
	if err := <-drawn; err != nil && !errors.Is(err, syscall.EIO) { // Linux' end of file
		return nil, err
	}
	if err := command.Wait(); err != nil {
		return nil, fmt.Errorf("%w:\n%s", err, text(screen))
	}
	return screen, nil
}

func await(screen vt10x.Terminal, want string) error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(text(screen), want) {
			return nil
		}
	}
	return fmt.Errorf("%q did not appear:\n%s", want, text(screen))
}

// text is what the screen shows, with one space at most at a line's end.
func text(screen vt10x.Terminal) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(screen.String(), "\n") {
		trimmed := strings.TrimRight(line, " \n")
		b.WriteString(trimmed + " \n")
	}
	return b.String()
}
