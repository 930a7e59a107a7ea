package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/core"
	"github.com/AlecAivazis/survey/v2/terminal"
	"github.com/backlot-cli/backlot/generator"
	"golang.org/x/term"
)

// A prompter asks a person. Its questions end with an *interruptedError on Ctrl-C, and with the cause of
// ctx when that ends; the terminal is then as it was.
type prompter interface {
	// ask wants one line, which check accepts. An empty line stands for preset.
	ask(ctx context.Context, message, preset string, check func(string) error) (string, error)
	// choose wants one of the choices, and begins at the one named.
	choose(ctx context.Context, message string, choices []generator.Choice, preset string) (string, error)
	// confirm wants a yes or a no.
	confirm(ctx context.Context, message string) (bool, error)
	// say shows something that is no question.
	say(text string)
}

// newPrompter is the prompter of the user's terminal; nil unless both standard input and standard error
// are one.
func newPrompter(s *system) prompter {
	if !s.isTerminal(s.stdin) || !s.isTerminal(s.stderr) {
		return nil
	}
	in, isReader := s.stdin.(terminal.FileReader)
	out, isWriter := s.stderr.(terminal.FileWriter)
	if !isReader || !isWriter {
		return nil
	}
	return &surveyPrompter{in: in, out: out, plain: s.lookup("NO_COLOR") != ""}
}

// surveyPrompter is the only code that knows survey, which is no longer maintained.
type surveyPrompter struct {
	in    terminal.FileReader
	out   terminal.FileWriter
	plain bool
}

func (p *surveyPrompter) ask(ctx context.Context, message, preset string, check func(string) error) (string, error) {
	answer := ""
	err := p.run(ctx, &survey.Input{Message: message, Default: preset}, &answer, survey.WithValidator(func(value any) error {
		line, _ := value.(string)
		return check(strings.TrimSpace(line))
	}))
	return strings.TrimSpace(answer), err
}

func (p *surveyPrompter) choose(ctx context.Context, message string, choices []generator.Choice, preset string) (string, error) {
	question := &survey.Select{
		Message:     message,
		Description: func(_ string, at int) string { return printable(choices[at].Description) },
		// A filter finds what the user knows a choice by.
		Filter: func(typed, _ string, at int) bool {
			words := append([]string{choices[at].Name, choices[at].Title}, choices[at].Aliases...)
			return strings.Contains(strings.ToLower(strings.Join(words, "\n")), strings.ToLower(typed))
		},
		PageSize: 12,
	}
	for at, choice := range choices {
		question.Options = append(question.Options, printable(choice.Title))
		if choice.Name == preset {
			question.Default = at
		}
	}
	at := 0
	if err := p.run(ctx, question, &at); err != nil {
		return "", err
	}
	return choices[at].Name, nil
}

func (p *surveyPrompter) confirm(ctx context.Context, message string) (bool, error) {
	yes := false
	err := p.run(ctx, &survey.Confirm{Message: message, Default: true}, &yes)
	return yes, err
}

func (p *surveyPrompter) say(text string) { _, _ = io.WriteString(p.out, text) }

// run asks one question. survey cannot be stopped, so it is left behind when ctx ends, and the terminal is
// put back in its place.
func (p *surveyPrompter) run(ctx context.Context, question survey.Prompt, answer any, options ...survey.AskOpt) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	core.DisableColor = p.plain
	options = append(options, survey.WithStdio(p.in, p.out, p.out))
	before, err := term.GetState(int(p.in.Fd()))
	if err != nil {
		return err
	}
	asked := make(chan error, 1)
	go func() {
		for {
			err := survey.AskOne(question, answer, options...)
			if err != nil && strings.HasPrefix(err.Error(), "unexpected escape sequence") {
				continue // a key that survey does not know
			}
			asked <- err
			return
		}
	}()
	select {
	case err = <-asked:
	case <-ctx.Done():
		_ = term.Restore(int(p.in.Fd()), before)
		p.say("\x1b[?25h\r\n") // survey hides the cursor
		return context.Cause(ctx)
	}
	if errors.Is(err, terminal.InterruptErr) || errors.Is(err, io.EOF) {
		return &interruptedError{os.Interrupt}
	}
	return err
}
