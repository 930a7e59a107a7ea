package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/backlot-cli/backlot/generator"
)

// The steps of a cell, in the order in which they run.
const (
	stepRender          = "render"
	stepCheck           = "check"
	stepSetup           = "setup"
	stepBuild           = "build"
	stepLint            = "lint"
	stepTest            = "test"
	stepClean           = "clean"
	stepVerify          = "verify"
	stepContainer       = "container"
	stepContainerVerify = "container verify"
	stepRestart         = "restart"
	stepHardening       = "hardening"
	stepShare           = "same application"
	stepValidate        = "validate"
	stepMockApply       = "mock apply"
	stepEmulate         = "emulator apply"
)

// followed begins the reason of a step that was skipped because of an earlier one.
const followed = "after "

// A cell is one combination's run.
type cell struct {
	*options
	combination generator.Combination
	project     *generator.Project
	record      generator.Record
	server      *generator.TestServer
	key         string

	// Of a hosting other than the usual one: the project on the usual one, and what stands in for the cloud.
	base     *generator.Project
	emulator *generator.Emulator

	folder   string // of the project
	logs     string
	database *database
	url      string // DATABASE_URL of the run
	composed *composition
	row      row
}

// projectName is the project's name in all runs: a part of the rendered bytes, and the image's name. Without a
// language it is the same for several.
func projectName(c generator.Combination) string {
	words := slices.DeleteFunc([]string{"e2e", c.Language, c.Database, c.Hosting}, func(word string) bool { return word == "" })
	name := strings.Join(words, "-")
	return strings.TrimRight(name[:min(len(name), 40)], "-")
}

// resources of the generated projects: every field type, required, optional and unique, under names that
// languages and databases keep for themselves.
var resources = []string{
	"order type:string:unique group:text class:integer default:float price:decimal select:boolean from:date where:datetime user_id:uuid status:enum(draft,live,on-hold)",
	"class name:string key:string?:unique table:text? index:integer?:unique limit:float? total:decimal?:unique null:boolean? values:date?:unique order:datetime?:unique group_id:uuid?:unique type:enum(a,b)?:unique",
}

func answersFor(c generator.Combination) (generator.Answers, error) {
	answers := generator.Answers{Name: projectName(c), Language: c.Language, Database: c.Database, Hosting: c.Hosting}
	for _, text := range resources {
		resource, err := generator.ParseResource(text)
		if err != nil {
			return answers, err
		}
		answers.Resources = append(answers.Resources, resource)
	}
	return answers, nil
}

// run takes the cell through its steps. It always returns a row.
func (c *cell) run(ctx context.Context) row {
	defer c.cleanUp()
	type stage struct {
		name  string
		needs []string // steps that must have ended well
		do    func(ctx context.Context, log io.Writer, out *step) error
	}
	stages := []stage{
		{stepRender, nil, c.render},
		{stepCheck, []string{stepRender}, c.check},
		{stepSetup, []string{stepRender}, c.command("setup")},
		{stepBuild, []string{stepSetup}, c.command("build")},
		{stepLint, []string{stepSetup}, c.lint},
		{stepTest, []string{stepSetup}, c.test},
		{stepClean, []string{stepBuild}, c.clean},
		{stepVerify, []string{stepBuild}, c.verify},
		{stepContainer, []string{stepRender}, c.start},
		{stepContainerVerify, []string{stepContainer}, c.verifyContainer},
		{stepRestart, []string{stepContainer}, c.restart},
		{stepHardening, []string{stepContainer}, c.harden},
	}
	if c.base != nil {
		stages = []stage{
			{stepRender, nil, c.render},
			{stepShare, nil, c.share},
			{stepCheck, []string{stepRender}, c.check},
			{stepValidate, []string{stepRender}, c.validate},
			{stepMockApply, []string{stepValidate}, c.mockApply},
			{stepEmulate, []string{stepValidate}, c.emulate},
		}
	}
	for _, s := range stages {
		c.step(ctx, s.name, s.needs, s.do)
	}
	return c.row
}

// step runs one step with its own time limit and log, and tells how it ended.
func (c *cell) step(ctx context.Context, name string, needs []string, do func(context.Context, io.Writer, *step) error) {
	out := step{Name: name}
	started := time.Now()
	logFile := filepath.Join(c.logs, strings.ReplaceAll(name, " ", "-")+".log")
	err := func() error {
		for _, need := range needs {
			if before := c.row.step(need); before.Outcome != done && before.Outcome != nothing {
				return skip{followed + need + ": " + string(before.Outcome)}
			}
		}
		if err := context.Cause(ctx); err != nil {
			return skip{"the run was stopped"}
		}
		log, err := os.Create(logFile)
		if err != nil {
			return err
		}
		defer log.Close()
		ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, fmt.Errorf("it took longer than %v", c.timeout))
		defer cancel()
		if err = do(ctx, log, &out); err != nil {
			fmt.Fprintf(log, "%v\n", err)
		}
		return err
	}()
	var s skip
	switch {
	case err == nil && out.Outcome == "":
		out.Outcome = done
	case err == nil:
	case errors.As(err, &s):
		out.Outcome, out.Detail = skipped, s.reason
	default:
		out.Outcome, out.Detail = failed, oneLine(err.Error())
	}
	c.row.Steps = append(c.row.Steps, out)
	c.say(out, time.Since(started), logFile)
}

// say prints one line for a step, and the end of its log when it failed.
func (c *cell) say(s step, took time.Duration, logFile string) {
	detail := s.Detail
	if s.Checks != nil {
		detail = strings.TrimSuffix(s.Checks.String()+" checks; "+detail, "; ")
	}
	line := fmt.Sprintf("%-24s %-17s %-13s %6.1fs  %s", name(c.combination), s.Name, s.Outcome, took.Seconds(), detail)
	line = strings.TrimRight(line, " ")
	if s.Outcome == failed {
		line += "\n    log: " + logFile + "\n    " + strings.ReplaceAll(lastLines(logFile, c.logLines), "\n", "\n    ")
	}
	c.printLine(line)
}

// render makes the project as a user would, and holds what lies there to backlot.lock.
func (c *cell) render(ctx context.Context, log io.Writer, out *step) error {
	words := []string{
		c.backlot, "new", c.project.Answers.Name, "--dir", c.folder,
		"--language", c.combination.Language, "--database", c.combination.Database, "--hosting", c.combination.Hosting,
	}
	if c.templates != "" {
		words = append(words, "--templates", c.templates)
	}
	for _, resource := range resources {
		words = append(words, "--resource", resource)
	}
	if err := run(ctx, c.work, environment(nil), log, words); err != nil {
		return err
	}
	lock, err := os.ReadFile(filepath.Join(c.folder, "backlot.lock"))
	if err != nil {
		return err
	}
	count := 0
	for line := range strings.Lines(string(lock)) {
		sum, path, ok := strings.Cut(strings.TrimRight(line, "\n"), "  ")
		if !ok {
			return fmt.Errorf("backlot.lock: %q is no line of sha256sum", line)
		}
		content, err := os.ReadFile(filepath.Join(c.folder, filepath.FromSlash(path)))
		if err != nil {
			return err
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum {
			return fmt.Errorf("%s is not as backlot.lock says", path)
		}
		count++
	}
	if want := len(c.project.Files); count > want || count < want-5 {
		return fmt.Errorf("backlot.lock lists %d files of %d", count, want)
	}
	out.Detail = fmt.Sprintf("%d files", len(c.project.Files))
	return nil
}

// check runs the linters that need no toolchain.
func (c *cell) check(ctx context.Context, _ io.Writer, out *step) error {
	workflows, err := checkWorkflows(c.folder)
	files, walkErr := dockerfiles(c.folder)
	errs := []error{err, walkErr, checkCompose(ctx, c.folder)}
	for _, file := range files {
		errs = append(errs, checkDockerfile(ctx, file))
	}
	out.Detail = fmt.Sprintf("%d Dockerfiles, compose.yaml, %d workflows", len(files), workflows)
	for folder := range configurations(c.project) {
		folder = filepath.Join(c.folder, filepath.FromSlash(folder))
		errs = append(errs, checkAgreement(ctx, c.folder, folder), checkExample(folder), checkSecrets(folder))
	}
	return errors.Join(errs...)
}

// command runs one of the project's own commands.
func (c *cell) command(name string) func(context.Context, io.Writer, *step) error {
	return func(ctx context.Context, log io.Writer, out *step) error {
		words := c.record.Commands[name]
		if len(words) == 0 {
			out.Outcome = nothing
			return nil
		}
		if err := onPath(words); err != nil {
			return err
		}
		fmt.Fprintf(log, "$ %s\n", strings.Join(words, " "))
		with := []string{"CI=true"}
		if c.url != "" {
			with = append(with, "DATABASE_URL="+c.url)
		}
		if err := run(ctx, c.folder, c.environment(with...), log, words); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(words, " "), err)
		}
		return nil
	}
}

func (c *cell) lint(ctx context.Context, log io.Writer, out *step) error {
	c.linting.Lock()
	defer c.linting.Unlock()
	return c.command("lint")(ctx, log, out)
}

// environment is what the project's commands see: nothing of this machine's own settings for services,
// and no administrators' URL.
func (c *cell) environment(with ...string) []string {
	return environment(append(slices.Clone(contractVariables), c.administrators...), with...)
}

// needDatabase makes the database of this run when it is first asked for.
func (c *cell) needDatabase(ctx context.Context, log io.Writer) error {
	switch {
	case c.url != "":
		return nil
	case c.record.TemporaryDatabase != "":
		folder := filepath.Join(c.work, "data")
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		path := (&url.URL{Path: strings.TrimPrefix(filepath.ToSlash(folder), "/")}).EscapedPath()
		c.url = strings.ReplaceAll(c.record.TemporaryDatabase, "{folder}", path)
		return nil
	case c.server == nil:
		return skip{"its layer says neither temporary_database nor test_server"}
	}
	made, err := makeDatabase(ctx, c.server, "backlot_e2e_"+strings.ToLower(rand.Text()[:10]), log)
	if err != nil {
		return err
	}
	c.database, c.url = made, made.URL
	return nil
}

func (c *cell) test(ctx context.Context, log io.Writer, out *step) error {
	if err := onPathIfAny(c.record.Commands["test"]); err != nil {
		return err
	}
	if err := c.needDatabase(ctx, log); err != nil {
		return err
	}
	return c.command("test")(ctx, log, out)
}

func onPathIfAny(words []string) error {
	if len(words) == 0 {
		return nil
	}
	return onPath(words)
}

// clean checks that what the project's commands made is ignored by git, and that they changed no file.
func (c *cell) clean(ctx context.Context, _ io.Writer, _ *step) error {
	if err := onPath([]string{"git"}); err != nil {
		return err
	}
	changed, err := output(ctx, c.folder, os.Environ(), "git", "status", "--porcelain")
	if err != nil {
		return err
	}
	if changed != "" {
		return fmt.Errorf("git sees changes after setup, build, lint and test: %s", changed)
	}
	return nil
}

func (c *cell) verify(ctx context.Context, log io.Writer, out *step) error {
	if err := onPathIfAny(c.record.Commands["serve"]); err != nil {
		return err
	}
	if err := c.needDatabase(ctx, log); err != nil {
		return err
	}
	return c.suite(ctx, log, out, c.environment("DATABASE_URL="+c.url))
}

// suite runs `backlot verify` in the project's folder and counts its checks.
func (c *cell) suite(ctx context.Context, log io.Writer, out *step, environment []string, arguments ...string) error {
	var answer bytes.Buffer
	words := append(append([]string{c.backlot, "verify"}, arguments...), "--json")
	fmt.Fprintf(log, "$ %s\n", strings.Join(words, " "))
	runErr := run(ctx, c.folder, environment, io.MultiWriter(log, &answer), words)
	counted, failures, err := readSuite(answer.Bytes())
	if err != nil {
		return errors.Join(runErr, err)
	}
	out.Checks = counted
	var names []string
	for _, f := range failures {
		names = append(names, f.ID)
		fmt.Fprintf(log, "\n%s: %s\n%s\n", f.ID, f.Title, f.Detail)
	}
	switch {
	case len(failures) > 0:
		return fmt.Errorf("failed: %s", strings.Join(names, ", "))
	case runErr != nil:
		return runErr
	case counted.Passed == 0:
		return errors.New("backlot verify checked nothing")
	}
	return nil
}

// A check is one of `backlot verify`.
type check struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Status string `json:"status"`
	Detail string `json:"detail"`
}

// readSuite reads what `backlot verify --json` writes. What a build says may stand before it.
func readSuite(answer []byte) (*checks, []check, error) {
	var report struct {
		Results []check `json:"results"`
	}
	at := bytes.Index(append([]byte("\n"), answer...), []byte("\n{"))
	if at < 0 {
		return nil, nil, errors.New("backlot verify wrote no JSON")
	}
	if err := json.NewDecoder(bytes.NewReader(answer[at:])).Decode(&report); err != nil {
		return nil, nil, fmt.Errorf("what backlot verify wrote: %w", err)
	}
	counted := &checks{Reasons: map[string]int{}}
	var failures []check
	for _, r := range report.Results {
		switch r.Status {
		case "passed":
			counted.Passed++
		case "skipped":
			counted.Skipped++
			counted.Reasons[oneLine(r.Detail)]++
		default:
			counted.Failed++
			failures = append(failures, r)
		}
	}
	return counted, failures, nil
}

// start builds the image and starts everything with Docker Compose.
func (c *cell) start(ctx context.Context, log io.Writer, out *step) error {
	engine, err := dockerEngine()
	if err != nil {
		return err
	}
	composed, err := newComposition(c.folder, c.project.Answers.Name+"-"+strings.ToLower(rand.Text()[:6]), log)
	if err != nil {
		return err
	}
	c.composed = composed
	if err := composed.up(ctx, "--build"); err != nil {
		return err
	}
	c.row.Container = &container{Engine: engine}
	if c.row.Container.Local, err = composed.localImages(ctx); err != nil {
		return err
	}
	if c.server != nil {
		c.row.Container.Server = unknown
		if composed.databaseURL != "" {
			c.row.Container.Server = serverVersion(ctx, c.server, composed.databaseURL)
		}
	}
	out.Detail = "docker compose up"
	return nil
}

func (c *cell) verifyContainer(ctx context.Context, log io.Writer, out *step) error {
	return c.suite(ctx, log, out, c.environment("JWT_SECRET="+c.composed.secret), c.composed.url())
}

func (c *cell) restart(ctx context.Context, log io.Writer, out *step) error {
	c.composed.log = log
	out.Detail = "the data is kept"
	return c.composed.surviveRestarts(ctx, c.record.Answers.Resources)
}

func (c *cell) harden(ctx context.Context, log io.Writer, out *step) error {
	c.composed.log = log
	m := c.row.Container
	err := c.composed.harden(ctx, m)
	if err == nil && m.BaseSize > 0 {
		out.Detail = fmt.Sprintf("image %s above %s, user %s, ready in %d ms, takes %s", megabytes(m.Size-m.BaseSize), m.Base, m.User, m.StartedMS, mebibytes(m.Memory))
	}
	return err
}

// cleanUp takes away what the run made outside its folder, however the run ended.
func (c *cell) cleanUp() {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	log, err := os.Create(filepath.Join(c.logs, "clean-up.log"))
	if err != nil {
		c.printLine(fmt.Sprintf("%s: %v", name(c.combination), err))
		return
	}
	defer log.Close()
	var errs []error
	if c.composed != nil {
		c.composed.log = log
		errs = append(errs, c.composed.remove(ctx))
	}
	if c.database != nil {
		errs = append(errs, c.database.drop(ctx, log))
	}
	if err := errors.Join(errs...); err != nil {
		c.printLine(fmt.Sprintf("%s: cleaning up: %v", name(c.combination), oneLine(err.Error())))
	}
}
