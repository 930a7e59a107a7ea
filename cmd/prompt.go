package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
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
	return &surveyPrompter{keys: &keyboard{FileReader: in, screen: screen{FileWriter: out}}, plain: s.lookup("NO_COLOR") != ""}
}

// surveyPrompter is the only code that knows survey, which is no longer maintained.
type surveyPrompter struct {
	keys  *keyboard
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
		Filter:      func(typed, _ string, at int) bool { return found(typed, choices, at) },
		PageSize:    12,
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

// found tells whether what the user has typed so far finds a choice: by any part of what users know it by, unless it is all of
// that for some choice. So java does not find what has javascript for an alias.
func found(typed string, choices []generator.Choice, at int) bool {
	named := func(choice generator.Choice) bool {
		return slices.ContainsFunc(knownBy(choice), func(word string) bool { return strings.EqualFold(word, typed) })
	}
	if slices.ContainsFunc(choices, named) {
		return named(choices[at])
	}
	return strings.Contains(strings.ToLower(strings.Join(knownBy(choices[at]), "\n")), strings.ToLower(typed))
}

func knownBy(choice generator.Choice) []string {
	return append([]string{choice.Name, choice.Title}, choice.Aliases...)
}

func (p *surveyPrompter) confirm(ctx context.Context, message string) (bool, error) {
	yes := false
	err := p.run(ctx, &survey.Confirm{Message: message, Default: true}, &yes)
	return yes, err
}

func (p *surveyPrompter) say(text string) { _, _ = io.WriteString(p.keys.screen.FileWriter, text) }

// run asks one question. The end of ctx ends survey's reading, and so the question.
func (p *surveyPrompter) run(ctx context.Context, question survey.Prompt, answer any, options ...survey.AskOpt) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	core.DisableColor = p.plain
	p.keys.ctx = ctx
	options = append(options, survey.WithStdio(p.keys, &p.keys.screen, p.keys.screen.FileWriter))
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
		case <-asked: //nolint:errcheck // it says that ctx ended, and the cause says why
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

// A keyboard is the terminal as survey should have it. survey asks the terminal for the cursor's place before
// it reads a line: it throws away keys that were typed before the answer came, does not hear of Ctrl-C
// while it waits, and waits for ever where no answer comes. So the keyboard hands out one key at a time,
// and the answer, when it is waited for, first.
type keyboard struct {
	terminal.FileReader
	screen  screen
	ctx     context.Context
	typed   []byte      // and not handed out
	pending chan []byte // what is being read; nil when nothing is
	silent  bool        // the terminal does not say where its cursor is
	err     error
}

// A screen counts the questions for the cursor's place that survey writes to it.
type screen struct {
	terminal.FileWriter
	asked, answered int
}

const whereIsTheCursor = "\x1b[6n"

func (s *screen) Write(p []byte) (int, error) {
	s.asked += bytes.Count(p, []byte(whereIsTheCursor))
	return s.FileWriter.Write(p)
}

// The answer to whereIsTheCursor.
var cursorIsThere = regexp.MustCompile(`\x1b\[[0-9]+;[0-9]+R`)

// answerTime is how long a terminal may take to say where its cursor is.
const answerTime = time.Second

func (k *keyboard) Read(p []byte) (int, error) {
	var late <-chan time.Time
	for {
		if k.err == nil && bytes.IndexByte(k.typed, terminal.KeyInterrupt) >= 0 {
			k.err = terminal.InterruptErr
		}
		switch {
		case k.screen.answered < k.screen.asked: // before any error, since survey counts on an answer
			if late == nil {
				late = time.After(answerTime)
			}
			if answer := k.answer(); answer != nil {
				k.screen.answered++
				return copy(p, answer), nil
			}
		case k.err != nil:
			return 0, k.err
		case len(k.typed) > 0:
			n := copy(p, k.typed[:keyLength(k.typed)])
			k.typed = k.typed[n:]
			return n, nil
		}
		k.wait(late)
	}
}

// answer takes the terminal's answer out of what is typed. When there will be none, it is made up: the lower
// right corner, which tells how large the terminal is, then the beginning of a line, as survey asks for them.
func (k *keyboard) answer() []byte {
	if at := cursorIsThere.FindIndex(k.typed); at != nil {
		answer := slices.Clone(k.typed[at[0]:at[1]])
		k.typed = slices.Delete(k.typed, at[0], at[1])
		return answer
	}
	if k.err == nil && !k.silent {
		return nil
	}
	width, height, err := term.GetSize(int(k.Fd()))
	if err != nil || width == 0 || height == 0 {
		width, height = 80, 24
	}
	if k.screen.answered%2 == 1 {
		width = 1
	}
	return fmt.Appendf(nil, "\x1b[%d;%dR", height, width)
}

// wait reads what is typed next, until it is late or ctx ends.
func (k *keyboard) wait(late <-chan time.Time) {
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
	case chunk := <-k.pending:
		k.pending = nil
		k.typed = append(k.typed, chunk...)
		if len(chunk) == 0 {
			k.err = io.EOF
		}
	case <-late:
		k.silent = true
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
