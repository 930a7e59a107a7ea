package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

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
	return &surveyPrompter{keys: &keyboard{FileReader: in}, out: out, plain: s.lookup("NO_COLOR") != ""}
}

// surveyPrompter is the only code that knows survey, which is no longer maintained.
type surveyPrompter struct {
	keys  *keyboard
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

// run asks one question. The end of ctx ends survey's reading, and so the question.
func (p *surveyPrompter) run(ctx context.Context, question survey.Prompt, answer any, options ...survey.AskOpt) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	core.DisableColor = p.plain
	p.keys.ctx = ctx
	options = append(options, survey.WithStdio(p.keys, p.out, p.out))
	before, err := term.GetState(int(p.keys.Fd()))
	if err != nil {
		return err
	}
	asked := make(chan error, 1)
	go func() { asked <- survey.AskOne(question, answer, options...) }()
	select {
	case err = <-asked:
	case <-ctx.Done():
		select {
		case <-asked:
		case <-time.After(time.Second): // on Windows survey reads past the keyboard and does not hear of it
			_ = term.Restore(int(p.keys.Fd()), before)
		}
		err = context.Cause(ctx)
	}
	if errors.Is(err, terminal.InterruptErr) || errors.Is(err, io.EOF) {
		err = &interruptedError{os.Interrupt}
	}
	if err != nil {
		p.say("\x1b[?25h\n") // a choice hides the cursor
	}
	return err
}

// A keyboard is a terminal that hands out one key at a time. survey asks the terminal for the cursor's place
// before it reads a line, and throws away what it read together with the answer: keys that were typed
// ahead. Nor does it hear of Ctrl-C, or of the end of ctx, while it waits for that answer.
type keyboard struct {
	terminal.FileReader
	ctx     context.Context
	typed   []byte      // and not handed out
	pending chan []byte // what is being read; nil when nothing is
	err     error
}

func (k *keyboard) Read(p []byte) (int, error) {
	if len(k.typed) == 0 && k.err == nil {
		k.wait()
	}
	if k.err != nil {
		return 0, k.err
	}
	n := copy(p, k.typed[:keyLength(k.typed)])
	if k.typed[0] == terminal.KeyInterrupt {
		k.err = terminal.InterruptErr
		return 0, k.err
	}
	k.typed = k.typed[n:]
	return n, nil
}

// wait reads what is typed next.
func (k *keyboard) wait() {
	if k.pending == nil {
		pending := make(chan []byte, 1)
		k.pending = pending
		go func() {
			chunk := make([]byte, 1024)
			n, err := k.FileReader.Read(chunk)
			if err != nil {
				n = 0
			}
			pending <- chunk[:n]
		}()
	}
	select {
	case k.typed = <-k.pending:
		k.pending = nil
		if len(k.typed) == 0 {
			k.err = io.EOF
		}
	case <-k.ctx.Done():
		k.err = context.Cause(k.ctx)
	}
}

// keyLength is the length of the first key: a character, or a sequence such as an arrow's, ESC [ A.
func keyLength(typed []byte) int {
	if len(typed) > 2 && typed[0] == '\x1b' && (typed[1] == '[' || typed[1] == 'O') {
		for i := 2; i < len(typed); i++ {
			if typed[i] >= '@' && typed[i] <= '~' {
				return i + 1
			}
		}
		return len(typed)
	}
	if utf8.FullRune(typed) {
		_, n := utf8.DecodeRune(typed)
		return n
	}
	return len(typed)
}
