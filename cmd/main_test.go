package cmd

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// testTree is a small tree of layers of its own, so that no test waits for the built-in one to change.
const testTree = "testdata/tree"

// TestMain is the program itself when it is told so: tests of signals and terminals need a process.
func TestMain(m *testing.M) {
	if tree := os.Getenv("BACKLOT_TEST_TREE"); tree != "" {
		s := newSystem(os.Stdin, os.Stdout, os.Stderr)
		s.builtIn = func() fs.FS { return os.DirFS(tree) }
		os.Exit(s.main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// TestScripts runs ../testdata/script/*.txtar, one behaviour a file. They have these commands beside
// testscript's own:
//
//	backlot ARGUMENTS    runs in this process; `! backlot` wants another exit code than 0
//	status CODE          the last exit code
//	input FILE           the next run's standard input
//	holds DIR NAMES...   the folder holds exactly these names
//
// $ESC, $BELL and $BIDI are characters that a script cannot hold.
func TestScripts(t *testing.T) {
	t.Parallel()
	tree, err := filepath.Abs(testTree)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Values["run"] = &scriptRun{tree: tree}
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			env.Setenv("TREE", tree)
			env.Setenv("ESC", "\x1b")
			env.Setenv("BELL", "\a")
			env.Setenv("BIDI", "\u202e")
			return nil
		},
		Condition: func(condition string) (bool, error) {
			if condition == "git" {
				return onPath(os.Getenv("PATH"), "git") != "", nil
			}
			return false, errors.New("unknown")
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"backlot": scriptBacklot,
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				if run := ts.Value("run").(*scriptRun); strconv.Itoa(run.status) != args[0] {
					ts.Fatalf("the exit code is %d", run.status)
				}
			},
			"input": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Value("run").(*scriptRun).input = ts.ReadFile(args[0])
			},
			"holds": func(ts *testscript.TestScript, _ bool, args []string) {
				entries, err := os.ReadDir(ts.MkAbs(args[0]))
				ts.Check(err)
				var names []string
				for _, entry := range entries {
					if entry.Name() != ".tmp" { // testscript's own
						names = append(names, entry.Name())
					}
				}
				slices.Sort(args[1:])
				if !slices.Equal(names, args[1:]) {
					ts.Fatalf("%s holds %q", args[0], names)
				}
			},
		},
	})
}

type scriptRun struct {
	tree   string
	input  string
	status int
}

func scriptBacklot(ts *testscript.TestScript, neg bool, args []string) {
	run := ts.Value("run").(*scriptRun)
	var environment []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "NO_COLOR", "DATABASE_URL", "GIT_CONFIG_NOSYSTEM", "GIT_DIR", "GIT_WORK_TREE"} {
		environment = append(environment, name+"="+ts.Getenv(name))
	}
	s := &system{
		stdin: strings.NewReader(run.input), stdout: ts.Stdout(), stderr: ts.Stderr(), folder: ts.MkAbs("."),
		environment: environment,
		builtIn:     func() fs.FS { return os.DirFS(run.tree) },
		lookPath: func(program string) (string, error) {
			if found := onPath(ts.Getenv("PATH"), program); found != "" {
				return found, nil
			}
			return "", errors.New("not found")
		},
	}
	run.input = ""
	run.status = s.run(context.Background(), args)
	if neg == (run.status == 0) {
		ts.Fatalf("the exit code is %d", run.status)
	}
}

func onPath(path, program string) string {
	for _, folder := range filepath.SplitList(path) {
		for _, ending := range []string{"", ".exe"} {
			if info, err := os.Stat(filepath.Join(folder, program+ending)); err == nil && info.Mode().IsRegular() {
				return filepath.Join(folder, program+ending)
			}
		}
	}
	return ""
}

// failingWriter is a disk that is full.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

var _ io.Writer = failingWriter{}
