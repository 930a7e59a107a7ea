package cmd

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/backlot-cli/backlot/generator"
	"github.com/backlot-cli/backlot/internal/conformance"
	"github.com/spf13/cobra"
)

type verifyOptions struct {
	system *system

	url   string
	dir   string
	only  []string
	slow  bool
	json  bool
	junit string
}

func newVerifyCommand(s *system) *cobra.Command {
	opts := &verifyOptions{system: s}
	c := &cobra.Command{
		Use:   "verify [URL]",
		Short: "Check a service against the service contract",
		Long: `Check a service against the contract that every project of Backlot keeps, whatever its language and database:
operations, errors, accounts and tokens, every field type at and beyond its limits, paging, uniqueness under
a race, rate limits, headers, OpenAPI, and how it starts and stops.

In a project it reads backlot.yaml, builds and starts the service by the commands recorded there, on a free
port, and stops it again. The database is the one of DATABASE_URL, which gets accounts and records of its
own, or, where the database needs no server, a temporary one.

With a URL it checks a service that runs already: all that can be seen from outside. It makes accounts of its
own and leaves all others alone. The project's backlot.yaml, where there is one, says what resources the
service has; JWT_SECRET in the environment lets it try forged tokens too.`,
		Example: `  backlot verify
  backlot verify --dir shop --junit report.xml
  DATABASE_URL=… backlot verify --only accounts --only tokens
  backlot verify http://localhost:8080`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Sprintf("verify takes one URL, and %s is one more", args[1])}
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				opts.url = args[0]
			}
			return runVerify(c.Context(), opts)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&opts.dir, "dir", "", "`FOLDER` of the project (default: the working folder)")
	flags.StringArrayVar(&opts.only, "only", nil, "make only this `CHECK` or group of checks; may be repeated")
	flags.BoolVar(&opts.slow, "slow", false, "also make the checks that wait for a minute")
	flags.BoolVar(&opts.json, "json", false, "print one JSON object")
	flags.StringVar(&opts.junit, "junit", "", "write a JUnit report to `FILE` too")
	folders(c, "dir")
	completeFlag(c, "only", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var completions []cobra.Completion
		group := ""
		for _, check := range conformance.Checks() {
			if check.Group != group {
				group = check.Group
				completions = append(completions, group)
			}
			completions = append(completions, cobra.CompletionWithDesc(check.ID, check.Title))
		}
		return completions, cobra.ShellCompDirectiveNoFileComp
	})
	return c
}

func runVerify(ctx context.Context, opts *verifyOptions) error {
	s := opts.system
	if opts.junit != "" {
		if info, err := os.Stat(filepath.Dir(s.path(opts.junit))); err != nil || !info.IsDir() {
			return &usageError{fmt.Sprintf("--junit %s: there is no such folder", opts.junit)}
		}
	}
	if err := opts.checkOnly(); err != nil {
		return err
	}
	var target conformance.Target
	var err error
	if opts.url != "" {
		target, err = opts.running()
	} else {
		temporary, mkdirErr := os.MkdirTemp("", "backlot-verify-")
		if mkdirErr != nil {
			return mkdirErr
		}
		defer func() { _ = os.RemoveAll(temporary) }()
		target, err = opts.project(ctx, temporary)
	}
	if err != nil {
		return err
	}
	style := s.styleFor(s.stdout)
	summary, err := conformance.Run(ctx, target, conformance.Options{Only: opts.only, Slow: opts.slow}, func(r conformance.Result) {
		if !opts.json {
			fmt.Fprint(s.stdout, resultLine(r, style))
		}
	})
	if err != nil {
		return fmt.Errorf("verifying: %w", err)
	}
	if opts.junit != "" {
		var report bytes.Buffer
		if err := conformance.WriteJUnit(&report, cmp.Or(target.Name, "backlot"), summary); err != nil {
			return err
		}
		if err := os.WriteFile(s.path(opts.junit), report.Bytes(), 0o666); err != nil {
			return err
		}
	}
	var end bytes.Buffer
	if opts.json {
		err = conformance.WriteJSON(&end, summary)
	} else {
		end.WriteString("\n")
		err = conformance.WriteSummary(&end, summary)
	}
	if err != nil {
		return err
	}
	if err := s.write(escapedJSON(end.String())); err != nil {
		return err
	}
	if !summary.OK() {
		return saidError{}
	}
	return nil
}

func resultLine(r conformance.Result, style style) string {
	var b bytes.Buffer
	_ = conformance.WriteText(&b, r) // a buffer takes everything
	mark, rest, _ := strings.Cut(printable(b.String()), " ")
	switch r.Status {
	case conformance.Passed:
		mark = style.green(mark)
	case conformance.Failed:
		mark = style.red(mark)
	case conformance.Skipped:
		mark = style.faint(mark)
	}
	return mark + " " + rest
}

// checkOnly refuses a check that does not exist before anything is built.
func (opts *verifyOptions) checkOnly() error {
	for _, only := range opts.only {
		known := slices.ContainsFunc(conformance.Checks(), func(check conformance.Check) bool {
			return check.ID == only || strings.HasPrefix(check.ID, only+".")
		})
		if !known {
			return &usageError{fmt.Sprintf("--only %s: there is no such check or group of checks", only)}
		}
	}
	return nil
}

// folder is the project's folder.
func (opts *verifyOptions) folder() string { return opts.system.path(cmp.Or(opts.dir, ".")) }

// running is a service that runs already. Its project need not be at hand.
func (opts *verifyOptions) running() (conformance.Target, error) {
	address, err := url.Parse(opts.url)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return conformance.Target{}, &usageError{fmt.Sprintf("%s is no URL such as http://localhost:8080", opts.url)}
	}
	target := conformance.Target{BaseURL: strings.TrimSuffix(opts.url, "/"), Secret: opts.system.lookup("JWT_SECRET")}
	record, err := generator.ReadRecord(os.DirFS(opts.folder()))
	switch {
	case errors.Is(err, fs.ErrNotExist) && opts.dir == "":
		fmt.Fprintln(opts.system.stderr, "There is no backlot.yaml here, so the service's resources are not known and not checked.")
		return target, nil
	case err != nil:
		return target, err
	}
	target.Name, target.Resources = record.Answers.Name, record.Answers.Resources
	return target, nil
}

// project builds the project in the folder and says how it is started.
func (opts *verifyOptions) project(ctx context.Context, temporary string) (conformance.Target, error) {
	s := opts.system
	record, err := generator.ReadRecord(os.DirFS(opts.folder()))
	if errors.Is(err, fs.ErrNotExist) {
		return conformance.Target{}, &usageError{fmt.Sprintf("there is no backlot.yaml in %s: run verify in a project, or give it a service's URL", s.shown(opts.folder()))}
	}
	if err != nil {
		return conformance.Target{}, err
	}
	serve := record.Commands["serve"]
	if len(serve) == 0 {
		return conformance.Target{}, errors.New("backlot.yaml records no command that serves")
	}
	database, err := databaseFor(record, s.lookup("DATABASE_URL"), temporary)
	if err != nil {
		return conformance.Target{}, err
	}
	if build := record.Commands["build"]; len(build) > 0 {
		if err := opts.build(ctx, build); err != nil {
			return conformance.Target{}, err
		}
	}
	return conformance.Target{
		Name: record.Answers.Name, Resources: record.Answers.Resources,
		Service: &conformance.Service{
			Dir: opts.folder(), Serve: serve, Migrate: record.Commands["migrate"],
			Environment: []string{"DATABASE_URL=" + database},
		},
	}, nil
}

// databaseFor is the DATABASE_URL of the environment, or else of a database that needs no server.
func databaseFor(record generator.Record, given, temporary string) (string, error) {
	switch {
	case given != "":
		return given, nil
	case record.TemporaryDatabase == "":
		return "", &usageError{fmt.Sprintf("DATABASE_URL is not set, and %s needs a server: set it to a database that may be written to", record.Answers.Database)}
	}
	folder := strings.TrimPrefix(filepath.ToSlash(temporary), "/")
	if !strings.Contains(record.TemporaryDatabase, "/{folder}") {
		folder = filepath.ToSlash(temporary)
	}
	return strings.ReplaceAll(record.TemporaryDatabase, "{folder}", folder), nil
}

// build runs the project's build command, whose output is shown only when it fails.
func (opts *verifyOptions) build(ctx context.Context, words []string) error {
	s := opts.system
	if !opts.json {
		fmt.Fprintln(s.stderr, printable("Building: "+strings.Join(words, " ")))
	}
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Dir, command.Env = opts.folder(), s.environment
	command.WaitDelay = 5 * time.Second
	output, err := command.CombinedOutput()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		const longest = 4000
		output = output[max(0, len(output)-longest):]
		return fmt.Errorf("%s: %w\n%s", strings.Join(words, " "), err, strings.TrimSpace(strings.ToValidUTF8(string(output), "")))
	}
	return nil
}
