// Package cmd is the command line: one file per command, and Main, which runs one of them.
//
// A command is three things: an options struct, a constructor such as newListCommand, which fills it from
// flags, and a run function such as runList, which does the work and never sees cobra. What a command may
// use of the world is in a [system] that is handed to it, so that a test can hand it another one. An error
// is returned to Main, which alone makes text and an exit code of it:
//
//	0    done
//	1    failed; `verify`: a check failed
//	2    wrong usage, or answers that are missing or wrong
//	3    a folder holds something that would be replaced
//	130  interrupted with Ctrl-C (128 and the signal's number: 143 for SIGTERM, 129 for SIGHUP)
//
// No file here names a language, a database or a hosting: the tree of layers does.
package cmd

import (
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

	"github.com/backlot-cli/backlot/generator"
	"github.com/backlot-cli/backlot/templates"
	"github.com/spf13/cobra"
)

// Main runs the command that the arguments name and returns the exit code. SIGINT, SIGTERM and SIGHUP end
// it in good order; a second one ends the process at once.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return newSystem(stdin, stdout, stderr).main(args)
}

// A system is what commands may use of the world.
type system struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	folder         string   // the working folder; paths that users give are relative to it
	environment    []string // as os.Environ gives it
	lookPath       func(program string) (string, error)
	builtIn        func() fs.FS // the built-in tree of layers
	prompter       prompter     // nil where nobody can be asked

	templates string   // the flag --templates
	over      *os.Root // that folder, once it is open
}

func newSystem(stdin io.Reader, stdout, stderr io.Writer) *system {
	folder, err := os.Getwd()
	if err != nil {
		folder = "" // it was deleted: paths then fail one by one, and say so
	}
	return &system{
		stdin: stdin, stdout: stdout, stderr: stderr, folder: folder,
		environment: os.Environ(), lookPath: exec.LookPath, builtIn: templates.Tree,
	}
}

// main runs the arguments while signals are watched.
func (s *system) main(args []string) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(sig) { // nohup, and a job that a script runs in the background
			signal.Notify(signals, sig)
		}
	}
	go func() {
		if sig, ok := <-signals; ok {
			signal.Stop(signals)
			cancel(&interruptedError{sig})
		}
	}()
	defer close(signals)
	defer signal.Stop(signals)
	return s.run(ctx, args)
}

// run runs the arguments and reports their error.
func (s *system) run(ctx context.Context, args []string) int {
	out := &watchedWriter{Writer: s.stdout}
	s.stdout = out
	if s.prompter == nil {
		s.prompter = newPrompter(s)
	}
	root := newRootCommand(s)
	root.SetArgs(append([]string{}, args...)) // nil would stand for os.Args
	command, err := root.ExecuteContextC(ctx)
	if s.over != nil {
		_ = s.over.Close()
	}
	if err == nil && out.err != nil {
		err = fmt.Errorf("standard output: %w", out.err)
	}
	return s.report(command, args, err)
}

// watchedWriter keeps the first error, since nobody looks at what Fprint returns.
type watchedWriter struct {
	io.Writer
	err error
}

func (w *watchedWriter) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.Writer.Write(p)
	w.err = err
	return n, err
}

// lookup is the value of an environment variable; empty when it is not set.
func (s *system) lookup(name string) string {
	for _, entry := range s.environment {
		if key, value, _ := strings.Cut(entry, "="); key == name {
			return value
		}
	}
	return ""
}

// path is a path that a user gave, from the working folder.
func (s *system) path(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(s.folder, name)
}

// tree is the built-in tree of layers, with the folder of --templates laid over it.
func (s *system) tree() (fs.FS, error) {
	if s.templates == "" {
		return s.builtIn(), nil
	}
	over, err := s.openTree(s.templates)
	if err != nil {
		return nil, err
	}
	return generator.Overlay(s.builtIn(), over), nil
}

// openTree opens a folder of layers. No symbolic link leads out of it.
func (s *system) openTree(folder string) (fs.FS, error) {
	root, err := os.OpenRoot(s.path(folder))
	if err != nil {
		return nil, &usageError{message: fmt.Sprintf("%s is not a folder of templates: %s", folder, reason(err))}
	}
	s.over = root
	return root.FS(), nil
}

func (s *system) catalog() (*generator.Catalog, error) {
	tree, err := s.tree()
	if err != nil {
		return nil, err
	}
	return generator.Load(tree)
}

func newRootCommand(s *system) *cobra.Command {
	showVersion := false
	root := &cobra.Command{
		Use:   "backlot",
		Short: "Make a backend project that runs",
		Long: `Backlot makes backend projects that run at once: an HTTP API with accounts and resources of your own,
a real database, a Dockerfile, tests and CI. You choose a language, a database and a hosting.`,
		Example: `  backlot new                        ask for everything
  backlot new shop --yes             take the defaults
  backlot list                       see what can be chosen
  backlot verify                     check a project against the service contract`,
		SilenceUsage:               true,
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		CompletionOptions:          cobra.CompletionOptions{},
		RunE: func(c *cobra.Command, args []string) error {
			if showVersion {
				return runVersion(&versionOptions{system: s})
			}
			return unknownCommand(c, args)
		},
	}
	root.Args = cobra.ArbitraryArgs // RunE says what is wrong
	root.SetOut(s.stdout)
	root.SetErr(s.stderr)
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usageTemplate)
	root.PersistentFlags().StringVar(&s.templates, "templates", "", "lay the layers in folder `DIR` over the built-in ones")
	root.Flags().BoolVarP(&showVersion, "version", "v", false, "print the version")
	folders(root, "templates")
	root.AddCommand(
		newNewCommand(s),
		newListCommand(s),
		newVerifyCommand(s),
		newTemplatesCommand(s),
		newSchemaCommand(s),
		newVersionCommand(s),
	)
	root.SetHelpCommand(newHelpCommand(s))
	addCompletionCommand(root)
	return root
}

// Commands are all commands, for what is made of their descriptions, such as manual pages.
func Commands() *cobra.Command { return newRootCommand(newSystem(nil, io.Discard, io.Discard)) }

// usageTemplate is cobra's, with what scripts need to know at the end of the root's.
const usageTemplate = `Usage:
{{- if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [command]{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if or .IsAvailableCommand (eq .Name "help")}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Global flags:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasParent}}{{else}}

Exit codes:
  0 done, 1 failed, 2 wrong usage or answers, 3 would overwrite, 130 interrupted (143 by SIGTERM)

Environment:
  NO_COLOR  when not empty, nothing is coloured

Run '{{.CommandPath}} help COMMAND' for more about a command.{{end}}
`

// unknownCommand is the error of a command that only holds others and was given a word that names none of
// them; without a word its help is shown.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	message := fmt.Sprintf("there is no command %s", strings.TrimSpace(strings.TrimPrefix(c.CommandPath()+" "+args[0], c.Root().Name())))
	if c.SuggestionsMinimumDistance <= 0 {
		c.SuggestionsMinimumDistance = 2
	}
	if suggestions := c.SuggestionsFor(args[0]); len(suggestions) > 0 {
		message += ", did you mean " + strings.Join(suggestions, " or ") + "?"
	}
	return &usageError{message: message}
}

// folders completes a flag with folders.
func folders(c *cobra.Command, flag string) {
	completeFlag(c, flag, func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
}

func completeFlag(c *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // the flag does not exist: a fault of ours that every test finds
	}
}

func newHelpCommand(*system) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		Example: `  backlot help new
  backlot help templates export`,
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if about, rest, err := c.Root().Find(args); err == nil && len(rest) == 0 {
				for _, command := range about.Commands() {
					if command.IsAvailableCommand() {
						names = append(names, cobra.CompletionWithDesc(command.Name(), command.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				if about == nil || len(rest) == 0 {
					about, rest = c.Root(), args
				}
				return unknownCommand(about, rest)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
