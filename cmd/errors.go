package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/backlot-cli/backlot/generator"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit codes; those of signals are 128 and the signal's number.
const (
	exitDone      = 0
	exitFailed    = 1
	exitWrong     = 2
	exitOverwrite = 3
)

// A usageError is a command line that means nothing.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// An interruptedError says that the user or the system ended the run.
type interruptedError struct{ signal os.Signal }

func (e *interruptedError) Error() string { return "interrupted" }

func (e *interruptedError) code() int {
	if number, ok := e.signal.(syscall.Signal); ok {
		return 128 + int(number)
	}
	return 130
}

// A saidError is a failure that the command has reported itself.
type saidError struct{}

func (saidError) Error() string { return "failed" }

// failure is an error in JSON.
type failure struct {
	Code      string   `json:"code"`
	Message   string   `json:"message"`
	Faults    []fault  `json:"faults,omitempty"`
	Conflicts []string `json:"conflicts,omitempty"`

	exit int
}

type fault struct {
	generator.Fault
	Flag string `json:"flag,omitempty"` // what to write on the command line
}

// describe makes a failure of every error.
func describe(err error) failure {
	var (
		usage       *usageError
		faults      generator.Faults
		conflict    *generator.ConflictError
		interrupted *interruptedError
	)
	f := failure{Message: err.Error()}
	switch {
	case errors.As(err, &interrupted):
		f.Code, f.exit = "interrupted", interrupted.code()
	case errors.Is(err, context.Canceled):
		f.Code, f.exit = "interrupted", 130
	case errors.As(err, &usage):
		f.Code, f.exit = "wrong_usage", exitWrong
	case errors.As(err, &faults):
		f.Code, f.exit = "wrong_answers", exitWrong
		for _, one := range faults {
			f.Faults = append(f.Faults, fault{one, flagOf(one.Key)})
		}
		f.Message = "one answer is missing or wrong; nothing was written"
		if len(faults) > 1 {
			f.Message = fmt.Sprintf("%d answers are missing or wrong; nothing was written", len(faults))
		}
	case errors.As(err, &conflict):
		f.Code, f.exit, f.Conflicts = "would_overwrite", exitOverwrite, conflict.Paths
		f.Message = conflict.Error()
	default:
		f.Code, f.exit = "failed", exitFailed
	}
	return f
}

// flagOf is what sets an answer on the command line.
func flagOf(key string) string {
	if key == "name" {
		return "NAME"
	}
	return "--" + key
}

// report tells the user what went wrong and returns the exit code.
func (s *system) report(command *cobra.Command, args []string, err error) int {
	if err == nil {
		return exitDone
	}
	f := describe(err)
	if errors.As(err, new(saidError)) {
		return f.exit
	}
	if wantsJSON(command, args) {
		if err := s.writeJSON(map[string]any{"error": f}); err == nil {
			return f.exit
		}
	}
	var b strings.Builder
	b.WriteString("backlot: " + f.Message + "\n")
	width := 0
	for _, one := range f.Faults {
		width = max(width, len(one.Flag))
	}
	for i, one := range f.Faults {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "  %-*s  %s\n", width, one.Flag, one.Message)
	}
	writeConflicts(&b, f.Conflicts)
	switch f.Code {
	case "wrong_answers":
		fmt.Fprintf(&b, "\nSee '%s --help' for how to answer, and 'backlot list' for what can be chosen; --yes takes the defaults.\n", command.CommandPath())
	case "wrong_usage":
		if command.Name() == "help" {
			command = command.Root()
		}
		fmt.Fprintf(&b, "Run '%s --help' for how it is used.\n", command.CommandPath())
	}
	fmt.Fprint(s.stderr, printable(b.String()))
	return f.exit
}

const maxConflicts = 20

func writeConflicts(b *strings.Builder, paths []string) {
	for i, path := range paths {
		if i == maxConflicts {
			fmt.Fprintf(b, "  … and %d more\n", len(paths)-i)
			break
		}
		b.WriteString("  " + strings.ReplaceAll(path, "\n", `\n`) + "\n")
	}
}

// wantsJSON tells whether --json was given, also where the command line broke before or after it.
func wantsJSON(command *cobra.Command, args []string) bool {
	flag := command.Flags().Lookup("json")
	if flag == nil {
		return false
	}
	if flag.Changed {
		return flag.Value.String() == "true"
	}
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
}

// flagError makes a usageError of what pflag says, with the flag that was meant where it can be told.
func flagError(command *cobra.Command, err error) error {
	if words := command.Flags().Args(); command.HasSubCommands() && len(words) > 0 {
		return unknownCommand(command, words)
	}
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		message := "there is no flag --" + unknown.GetSpecifiedName()
		if meant := flagMeant(command, unknown.GetSpecifiedName()); meant != "" {
			message += ", did you mean --" + meant + "?"
		}
		return &usageError{message}
	case errors.As(err, &unknown):
		return &usageError{fmt.Sprintf("there is no flag -%s", unknown.GetSpecifiedName())}
	case errors.As(err, &missing):
		return &usageError{fmt.Sprintf("--%s needs a value", missing.GetFlag().Name)}
	case errors.As(err, &invalid):
		return &usageError{fmt.Sprintf("--%s cannot be %s", invalid.GetFlag().Name, invalid.GetValue())}
	}
	return &usageError{err.Error()}
}

// flagMeant is the flag that a mistyped or shortened one stands for; empty when none is near.
func flagMeant(command *cobra.Command, typed string) string {
	best, distance := "", 3
	typed = strings.ToLower(typed)
	command.Flags().VisitAll(func(flag *pflag.Flag) {
		d := generator.EditDistance(typed, flag.Name)
		if len(typed) > 1 && (strings.HasPrefix(flag.Name, typed) || strings.HasPrefix(typed, flag.Name)) {
			d = min(d, 1)
		} else if isShort(typed, flag.Name) {
			d = min(d, 2)
		}
		if d < distance && d < len(flag.Name) {
			best, distance = flag.Name, d
		}
	})
	return best
}

// isShort tells whether a word is made of some of a name's letters, in order, the first among them: db for
// database.
func isShort(word, name string) bool {
	if len(word) < 2 || word[0] != name[0] {
		return false
	}
	for i := range len(word) {
		at := strings.IndexByte(name, word[i])
		if at < 0 {
			return false
		}
		name = name[at+1:]
	}
	return true
}

// noArguments refuses words after a command.
func noArguments(command *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Sprintf("%s takes no arguments, and %s is one", command.CommandPath(), args[0])}
	}
	return nil
}

// exactlyOne wants one word after a command.
func exactlyOne(what string) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return &usageError{fmt.Sprintf("%s needs %s", command.CommandPath(), what)}
		case len(args) > 1:
			return &usageError{fmt.Sprintf("%s takes one argument, and %s is one more", command.CommandPath(), args[1])}
		}
		return nil
	}
}

// reason is what the system says of a path, without the path and the name of the call.
func reason(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}

// shown is a path as a user writes it: from the working folder where it lies in it.
func (s *system) shown(path string) string {
	if relative, err := filepath.Rel(s.folder, path); err == nil && filepath.IsLocal(relative) {
		return relative
	}
	return path
}
