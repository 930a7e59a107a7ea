// Command e2e proves the combinations that Backlot's tree can make: for each it makes a project as a user
// would, checks, builds, lints and tests it, starts it, and holds it to the whole service contract, on the
// machine itself and in Docker. It writes what came of it to docs/proof.md and docs/proof.json.
//
//	cd e2e && go run .                                    everything
//	cd e2e && go run . -language L -database D -hosting H some of it; each takes a list: a,b
//	cd e2e && go run . -reuse                             not again what is proven and has not changed
//
// It knows no language, no database and no hosting. What can be made comes from the tree, what to run from
// the project's backlot.yaml, and how to make a database on a test server from the database's layer, which
// names the variable that holds an administrator's URL. What is absent here, a toolchain, a server or
// Docker, makes its steps skipped, with the reason; with -strict that is a failure.
//
// A server without a command that tells its version may be named by the environment: for a URL in X_URL,
// X_SERVER. A -note 'WORDS=text' is written into the proof of every row whose server, or whose images that
// came from no registry, or whose Terraform providers are named with these words: it says what a stand-in
// leaves unproven.
//
// On a hosting other than the usual one the application is the same bytes. That is checked, and then only
// what the hosting adds is proven: its Terraform configuration and its workflows.
//
// It is a module of its own because the linters of Dockerfiles, compose files and workflows are heavy. When
// the requirements of the main module change, `go mod tidy` belongs here too.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing/fstest"
	"time"

	"github.com/backlot-cli/backlot/generator"
	"github.com/backlot-cli/backlot/templates"
)

// options are what the flags say, and what all cells share.
type options struct {
	root      string // of the repository
	backlot   string // the program
	templates string
	proof     string // the folder of proof.md and proof.json
	work      string
	timeout   time.Duration
	logLines  int
	notes     []string

	administrators []string // variables that hold administrators' URLs
	standIns       []string // Terraform providers that are not the real ones
	terraformed    *terraformRuns
	printing       *sync.Mutex
	linting        *sync.Mutex // some linters refuse to run twice at a time
}

func (o *options) printLine(line string) {
	o.printing.Lock()
	defer o.printing.Unlock()
	fmt.Println(line)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := mainWith(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "e2e: %v\n", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func mainWith(ctx context.Context, args []string) (int, error) {
	o := &options{printing: &sync.Mutex{}, linting: &sync.Mutex{}, terraformed: &terraformRuns{}}
	flags := flag.NewFlagSet("e2e", flag.ExitOnError)
	wanted := map[generator.Axis]*string{}
	for _, axis := range []generator.Axis{generator.Language, generator.Database, generator.Hosting} {
		wanted[axis] = flags.String(axis.Key, "", "only these, separated by commas")
	}
	var keep, strict, reuse, list, page bool
	var parallel int
	flags.StringVar(&o.root, "root", "..", "the repository")
	flags.StringVar(&o.backlot, "backlot", "", "use this program instead of building one")
	flags.StringVar(&o.templates, "templates", "", "a tree to lay over the built-in one")
	flags.StringVar(&o.proof, "proof", "", "folder for proof.md and proof.json (default: docs of the repository)")
	flags.StringVar(&o.work, "work", "", "folder for projects and logs; kept (default: a temporary one, kept when something fails)")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Minute, "for each step")
	flags.IntVar(&o.logLines, "lines", 30, "how much of a log to show when a step fails")
	flags.IntVar(&parallel, "parallel", 2, "cells at a time")
	flags.BoolVar(&keep, "keep", false, "keep the temporary folder")
	flags.BoolVar(&strict, "strict", false, "what is skipped counts as failed")
	flags.BoolVar(&reuse, "reuse", false, "leave out what is proven by an equal key")
	flags.BoolVar(&list, "list", false, "print the combinations and end")
	flags.BoolVar(&page, "page", false, "make proof.md from proof.json again and end")
	flags.Func("note", "'WORDS=text' for the proof of what these words name; may be repeated", func(s string) error {
		if !strings.Contains(s, "=") {
			return errors.New("want 'WORDS=text'")
		}
		o.notes = append(o.notes, s)
		return nil
	})
	flags.Func("stand-in", "a Terraform provider, such as MAKER/NAME, that has the schema only and applies nothing; may be repeated", func(s string) error {
		o.standIns = append(o.standIns, s)
		return nil
	})
	_ = flags.Parse(args)
	if flags.NArg() > 0 {
		return 2, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	if err := o.resolvePaths(); err != nil {
		return 1, err
	}

	tree := templates.Tree()
	if o.templates != "" {
		tree = generator.Overlay(tree, os.DirFS(o.templates))
	}
	catalog, err := generator.Load(tree)
	if err != nil {
		return 1, err
	}
	all, err := catalog.Combinations()
	if err != nil {
		return 1, err
	}
	chosen, err := choose(all, wanted)
	if err != nil {
		return 2, err
	}
	if list {
		for _, c := range chosen {
			fmt.Printf("%s %s %s\n", c.Language, c.Database, c.Hosting)
		}
		return 0, nil
	}
	before, err := readProof(filepath.Join(o.proof, "proof.json"))
	if err != nil {
		return 1, err
	}
	if page {
		return 0, before.merged(nil, all).write(o.proof, all)
	}

	if o.work == "" {
		if o.work, err = os.MkdirTemp("", "backlot-e2e-"); err != nil {
			return 1, err
		}
	} else {
		keep = true
	}
	if o.backlot == "" {
		if err := o.build(ctx); err != nil {
			return 1, err
		}
	}
	cells, err := o.prepare(ctx, catalog, all, chosen)
	if err != nil {
		return 1, err
	}
	if reuse {
		cells = slices.DeleteFunc(cells, func(c *cell) bool {
			proven, ok := before.find(c.combination)
			equal := ok && proven.Key == c.key && proven.whole()
			if equal {
				o.printLine(fmt.Sprintf("%-24s proven on %s", name(c.combination), proven.Date))
			}
			return equal
		})
	}

	// Languages take turns, so that cells that keep the processors busy run beside cells that wait. Those that share their
	// application with a base are short and come last, so that no long one runs alone at the end.
	slices.SortStableFunc(cells, func(a, b *cell) int {
		return cmp.Or(cmp.Compare(a.row.Base, b.row.Base), cmp.Compare(a.combination.Database, b.combination.Database))
	})

	// The proof is written after each cell: a run that is stopped keeps what it has done.
	rows, err := o.runAll(ctx, cells, max(1, parallel), func(done []row) error { return before.merged(done, all).write(o.proof, all) })
	if err != nil {
		return 1, err
	}
	passed, failures, skips := count(rows)
	bad := len(failures) > 0 || strict && len(skips) > 0 || ctx.Err() != nil
	if keep || bad {
		fmt.Printf("projects and logs: %s\n", o.work)
	} else if err := os.RemoveAll(o.work); err != nil {
		return 1, err
	}
	if proven := len(chosen) - len(cells); proven > 0 {
		fmt.Printf("%d of %d combinations were proven before and have not changed\n", proven, len(chosen))
	}
	for _, told := range slices.Concat(skips, failures) { // once more, where the end of a long log is read
		fmt.Println(told)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, len(failures), len(skips))
	if bad {
		return 1, nil
	}
	return 0, nil
}

func (o *options) resolvePaths() (err error) {
	o.proof = cmp.Or(o.proof, filepath.Join(o.root, "docs"))
	for _, path := range []*string{&o.root, &o.backlot, &o.templates, &o.proof, &o.work} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if o.work != "" {
		return os.MkdirAll(o.work, 0o777)
	}
	return nil
}

// choose leaves the combinations whose names were asked for. A name that nothing has is an error.
func choose(all []generator.Combination, wanted map[generator.Axis]*string) ([]generator.Combination, error) {
	chosen := slices.Clone(all)
	for axis, list := range wanted {
		if *list == "" {
			continue
		}
		names := strings.Split(*list, ",")
		value := func(c generator.Combination) string {
			return map[generator.Axis]string{generator.Language: c.Language, generator.Database: c.Database, generator.Hosting: c.Hosting}[axis]
		}
		for _, name := range names {
			if !slices.ContainsFunc(all, func(c generator.Combination) bool { return value(c) == name }) {
				return nil, fmt.Errorf("-%s: no combination has %q", axis.Key, name)
			}
		}
		chosen = slices.DeleteFunc(chosen, func(c generator.Combination) bool { return !slices.Contains(names, value(c)) })
	}
	if len(chosen) == 0 {
		return nil, errors.New("no combination has all of that")
	}
	return chosen, nil
}

// build makes the program. Without a stamp of the commit, so that what it writes depends on the tree alone.
func (o *options) build(ctx context.Context) error {
	o.backlot = filepath.Join(o.work, "backlot")
	started := time.Now()
	command := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", o.backlot, ".")
	command.Dir, command.Stdout, command.Stderr = o.root, os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("building backlot: %w", err)
	}
	o.printLine(fmt.Sprintf("%-24s %-17s %-13s %6.1fs", "backlot", "build", done, time.Since(started).Seconds()))
	return nil
}

// prepare renders every chosen combination in memory and computes the keys.
func (o *options) prepare(ctx context.Context, catalog *generator.Catalog, all, chosen []generator.Combination) ([]*cell, error) {
	suite, err := suiteHash(o.root, "internal/conformance/...", "internal/ports", "e2e")
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		server, err := catalog.TestServer(c.Database)
		if err != nil {
			return nil, err
		}
		if server != nil && !slices.Contains(o.administrators, server.Environment) {
			o.administrators = append(o.administrators, server.Environment)
		}
	}
	usual, err := catalog.Default(generator.Hosting)
	if err != nil {
		return nil, err
	}
	engine, _ := dockerEngine()
	toolchains, servers := map[string]string{}, map[string]string{}
	var cells []*cell
	for _, combination := range chosen {
		answers, err := answersFor(combination)
		if err != nil {
			return nil, err
		}
		onUsual := generator.Combination{Language: combination.Language, Database: combination.Database, Hosting: usual}
		hosted := combination != onUsual && slices.Contains(all, onUsual)
		if hosted {
			answers.Name = projectName(generator.Combination{Database: combination.Database, Hosting: combination.Hosting}) // languages with the same configuration share terraformRuns
		}
		project, err := catalog.Generate(answers)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name(combination), err)
		}
		c := &cell{options: o.within(combination), combination: combination, project: project}
		c.logs, c.folder = filepath.Join(c.work, "logs"), filepath.Join(c.work, answers.Name)
		if err := errors.Join(os.RemoveAll(c.work), os.MkdirAll(c.logs, 0o777)); err != nil {
			return nil, err
		}
		if c.record, err = recordOf(project); err != nil {
			return nil, fmt.Errorf("%s: %w", name(combination), err)
		}
		if c.server, err = catalog.TestServer(combination.Database); err != nil {
			return nil, err
		}
		if hosted {
			answers.Hosting = usual
			if c.base, err = catalog.Generate(answers); err != nil {
				return nil, fmt.Errorf("%s: %w", name(onUsual), err)
			}
			if c.emulator, err = catalog.Emulator(combination.Hosting, combination.Database); err != nil {
				return nil, err
			}
			c.row.Combination, c.row.Base = combination, usual
			c.row.Date = time.Now().UTC().Format(time.DateOnly)
			c.key = keyOf(project, suite, append([]string{os.Getenv("TF_CLI_CONFIG_FILE")}, o.standIns...)...)
			c.row.Key = c.key
			cells = append(cells, c)
			continue
		}
		command := strings.Join(c.record.Commands["version"], " ")
		if _, known := toolchains[command]; !known {
			toolchains[command] = toolchainVersion(ctx, c.record.Commands["version"])
		}
		if c.server != nil {
			if _, known := servers[c.server.Environment]; !known {
				servers[c.server.Environment] = testServerVersion(ctx, c.server)
			}
			c.row.Server = servers[c.server.Environment]
		}
		c.row.Combination, c.row.Toolchain = combination, toolchains[command]
		c.row.Date = time.Now().UTC().Format(time.DateOnly)
		c.key = keyOf(project, suite, c.row.Toolchain, c.row.Server, engine)
		c.row.Key = c.key
		cells = append(cells, c)
	}
	return cells, nil
}

// within are the options with the working folder of one cell.
func (o *options) within(c generator.Combination) *options {
	own := *o
	own.work = filepath.Join(o.work, strings.ReplaceAll(name(c), "/", "-"))
	return &own
}

// recordOf reads backlot.yaml of a project in memory.
func recordOf(project *generator.Project) (generator.Record, error) {
	files := fstest.MapFS{}
	for _, f := range project.Files {
		files[f.Path] = &fstest.MapFile{Data: f.Content, Mode: fs.FileMode(0o644)}
	}
	return generator.ReadRecord(files)
}

func toolchainVersion(ctx context.Context, words []string) string {
	if len(words) == 0 || onPath(words) != nil {
		return unknown
	}
	out, err := output(ctx, "", os.Environ(), words...)
	if err != nil {
		return unknown
	}
	return cmp.Or(firstLine(out), unknown)
}

// runAll runs cells side by side and returns their rows. It calls keep with those that are done after each of them.
func (o *options) runAll(ctx context.Context, cells []*cell, parallel int, keep func([]row) error) (rows []row, err error) {
	places := make(chan struct{}, parallel)
	var group sync.WaitGroup
	var mutex sync.Mutex
	for _, c := range cells {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			r := c.run(ctx)
			r.Notes = o.notesFor(r)
			mutex.Lock()
			defer mutex.Unlock()
			rows = append(rows, r)
			if ctx.Err() == nil {
				err = errors.Join(err, keep(rows))
			}
		})
	}
	group.Wait()
	return rows, err
}

// notesFor are the notes whose words name something that a row ran on.
func (o *options) notesFor(r row) []string {
	ranOn := append([]string{r.Toolchain, r.Server}, r.Providers...)
	if r.Container != nil {
		ranOn = append(append(ranOn, r.Container.Server), r.Container.Local...)
	}
	var notes []string
	for _, note := range o.notes {
		words, text, _ := strings.Cut(note, "=")
		if slices.ContainsFunc(ranOn, func(s string) bool { return strings.Contains(s, words) }) {
			notes = append(notes, strings.TrimRight(words, ": ")+": "+text)
		}
	}
	return notes
}

// count counts the steps that were done, and tells those that failed or were skipped.
func count(rows []row) (passed int, failures, skips []string) {
	for _, r := range rows {
		for _, s := range r.Steps {
			told := fmt.Sprintf("%s: %s: %s: %s", r.name(), s.Name, s.Outcome, s.Detail)
			switch s.Outcome {
			case done:
				passed++
			case failed:
				failures = append(failures, told)
			case skipped:
				if s.Name != stepEmulate { // an emulator is more than anybody is asked to have
					skips = append(skips, told)
				}
			}
		}
	}
	return passed, failures, skips
}
