package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/backlot-cli/backlot/generator"
	"github.com/backlot-cli/backlot/internal/ports"
)

// The application is the same bytes on every hosting, so all that is proven of it stands in the row of the
// usual hosting. A cell of another one is held to that, and then only what its hosting adds is checked.

// mayDiffer are the files that know the hosting. A test of the generator has the same list.
var mayDiffer = []string{"backlot.yaml", "backlot.lock", "README.md", ".dockerignore", ".github/dependabot.yml", ".github/workflows/ci.yaml"}

// share compares what a project has in common with that of the usual hosting.
func (c *cell) share(_ context.Context, _ io.Writer, out *step) error {
	files := map[string]generator.File{}
	for _, f := range c.project.Files {
		files[f.Path] = f
	}
	var errs []error
	same := 0
	for _, f := range c.base.Files {
		other, ok := files[f.Path]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("%s is missing", f.Path))
		case slices.Contains(mayDiffer, f.Path):
		case other.Mode != f.Mode || !bytes.Equal(other.Content, f.Content):
			errs = append(errs, fmt.Errorf("%s is not as on %s", f.Path, c.base.Answers.Hosting))
		default:
			same++
		}
	}
	out.Detail = fmt.Sprintf("%d files as on %s", same, c.base.Answers.Hosting)
	return errors.Join(errs...)
}

// migration is the command that migrates. It is all that a configuration has of the language, and Terraform takes it as it is.
var migration = regexp.MustCompile(`\["[^\]]*\bmigrate"\]`)

// configurations are the folders of a project that hold Terraform configurations.
func configurations(project *generator.Project) map[string]configurationHashes {
	folders := map[string]configurationHashes{}
	for _, f := range project.Files {
		if path.Ext(f.Path) == ".tf" {
			folders[path.Dir(f.Path)] = configurationHashes{}
		}
	}
	for folder := range folders {
		exactly, alike := sha256.New(), sha256.New()
		for _, f := range project.Files { // sorted by path
			if strings.HasPrefix(f.Path, folder+"/") {
				part(exactly, f.Path, f.Mode.String(), string(f.Content))
				part(alike, f.Path, f.Mode.String(), migration.ReplaceAllLiteralString(string(f.Content), "[]"))
			}
		}
		folders[folder] = configurationHashes{hex.EncodeToString(exactly.Sum(nil)), hex.EncodeToString(alike.Sum(nil))}
	}
	return folders
}

// configurationHashes are of all bytes, and of all but the migration's command.
type configurationHashes struct{ exactly, alike string }

// terraformRuns remembers what came of a configuration: several languages have the same one, or one that is alike.
type terraformRuns struct {
	mutex sync.Mutex
	runs  map[string]*terraformRun
	tests map[string]*terraformTests
}

type terraformRun struct {
	once      sync.Once
	folder    string // a copy, initialized
	providers []string
	validated error
	log       []byte
	tests     *terraformTests
}

type terraformTests struct {
	once  sync.Once
	err   error
	count int
	log   []byte
}

// of gives the same for the same hashes.
func (t *terraformRuns) of(hashes configurationHashes) *terraformRun {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.runs == nil {
		t.runs, t.tests = map[string]*terraformRun{}, map[string]*terraformTests{}
	}
	if t.tests[hashes.alike] == nil {
		t.tests[hashes.alike] = &terraformTests{}
	}
	if t.runs[hashes.exactly] == nil {
		t.runs[hashes.exactly] = &terraformRun{tests: t.tests[hashes.alike]}
	}
	return t.runs[hashes.exactly]
}

// terraform runs format and validation of every configuration of the project, unless that was done for the same bytes.
func (c *cell) terraform(ctx context.Context) ([]*terraformRun, error) {
	if err := onPath([]string{"terraform"}); err != nil {
		return nil, err
	}
	var all []*terraformRun
	folders := configurations(c.project)
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		r := c.terraformed.of(folders[folder])
		r.once.Do(func() { r.run(ctx, c, filepath.Join(c.folder, filepath.FromSlash(folder))) })
		all = append(all, r)
	}
	return all, nil
}

func (r *terraformRun) run(ctx context.Context, c *cell, source string) {
	r.folder = filepath.Join(c.work, "terraform-"+filepath.Base(source))
	var log bytes.Buffer
	defer func() { r.log = log.Bytes() }()
	if r.validated = os.CopyFS(r.folder, os.DirFS(source)); r.validated != nil {
		return
	}
	terraform := func(words ...string) error { return terraform(ctx, r.folder, &log, words...) }
	if r.validated = terraform("fmt", "-check", "-diff", "-recursive"); r.validated != nil {
		return
	}
	if r.validated = terraform("init", "-backend=false", "-input=false", "-no-color"); r.validated != nil {
		if unreachable.Match(log.Bytes()) {
			r.validated = skip{"the providers are not at hand: no registry answers, and no mirror is set (TF_CLI_CONFIG_FILE)"}
		}
		return
	}
	if r.providers, r.validated = providersOf(ctx, r.folder); r.validated != nil {
		return
	}
	r.validated = terraform("validate", "-no-color")
}

// run runs the tests as the project's workflow does, in a folder with the settings of a deployment: they must not disturb it.
func (t *terraformTests) run(ctx context.Context, folder, command string) {
	if t.err = fillSettings(folder); t.err != nil {
		return
	}
	var log bytes.Buffer
	fmt.Fprintf(&log, "$ %s\n", command)
	t.err = run(ctx, folder, terraformEnvironment("TF_CLI_ARGS_test=-no-color"), &log, []string{"bash", "-c", command})
	t.log = log.Bytes()
	counted := testsPassed.FindSubmatch(t.log)
	if counted != nil {
		_, _ = fmt.Sscan(string(counted[1]), &t.count)
	}
	if t.err == nil && t.count == 0 {
		t.err = errors.New("terraform test ran nothing")
	}
}

// testCommand is the step of a project's workflows that tests its configurations.
func testCommand(project string) (string, error) {
	files, err := filepath.Glob(filepath.Join(project, ".github", "workflows", "*.yaml"))
	if err != nil {
		return "", err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		var workflow struct {
			Jobs map[string]struct{ Steps []struct{ Run string } }
		}
		if err := yaml.Unmarshal(content, &workflow); err != nil {
			return "", fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		for _, job := range workflow.Jobs {
			for _, step := range job.Steps {
				if strings.Contains(step.Run, "terraform test") {
					return step.Run, nil
				}
			}
		}
	}
	return "", errors.New("no workflow runs terraform test")
}

// fillSettings writes terraform.tfvars as a deployment has it: all that the example names, and nothing that is on or off left as it was.
func fillSettings(folder string) error {
	content, err := os.ReadFile(filepath.Join(folder, "terraform.tfvars.example"))
	if err != nil {
		return err
	}
	content = commentedSetting.ReplaceAll(content, []byte("$1"))
	content = switched.ReplaceAllFunc(content, func(found []byte) []byte {
		if bytes.HasSuffix(found, []byte("true")) {
			return bytes.Replace(found, []byte("true"), []byte("false"), 1)
		}
		return bytes.Replace(found, []byte("false"), []byte("true"), 1)
	})
	return os.WriteFile(filepath.Join(folder, "terraform.tfvars"), append(content, "secrets_version = 2\n"...), 0o666)
}

func terraform(ctx context.Context, folder string, log io.Writer, words ...string) error {
	words = append([]string{"terraform"}, words...)
	fmt.Fprintf(log, "$ %s\n", strings.Join(words, " "))
	if err := run(ctx, folder, terraformEnvironment(), log, words); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(words[:2], " "), err)
	}
	return nil
}

var (
	unreachable = regexp.MustCompile(`(?i)could not connect to registry|failed to query available provider packages|could not query provider registry`)
	switched    = regexp.MustCompile(`(?m)= (true|false)$`)
	testsPassed = regexp.MustCompile(`(\d+) passed, 0 failed`)
)

// terraformEnvironment is this process' environment, without what would change the commands.
func terraformEnvironment(with ...string) []string {
	return environment([]string{"TF_CLI_ARGS", "TF_LOG", "TF_WORKSPACE", "TF_DATA_DIR"}, append([]string{"TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1"}, with...)...)
}

// providersOf are Terraform and the providers that a folder was initialized with, with their versions.
func providersOf(ctx context.Context, folder string) ([]string, error) {
	answer, err := output(ctx, folder, terraformEnvironment(), "terraform", "version", "-json")
	if err != nil {
		return nil, err
	}
	var versions struct {
		Terraform string            `json:"terraform_version"`
		Providers map[string]string `json:"provider_selections"`
	}
	if err := json.Unmarshal([]byte(answer), &versions); err != nil {
		return nil, fmt.Errorf("terraform version: %w", err)
	}
	list := []string{"Terraform " + versions.Terraform}
	for _, name := range slices.Sorted(maps.Keys(versions.Providers)) {
		list = append(list, strings.TrimPrefix(name, "registry.terraform.io/")+" "+versions.Providers[name])
	}
	return list, nil
}

func (c *cell) validate(ctx context.Context, log io.Writer, out *step) error {
	runs, err := c.terraform(ctx)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		out.Outcome = nothing
		return nil
	}
	var errs []error
	for _, r := range runs {
		_, _ = log.Write(r.log)
		for _, provider := range r.providers {
			if !slices.Contains(c.row.Providers, provider) {
				c.row.Providers = append(c.row.Providers, provider)
			}
		}
		errs = append(errs, r.validated)
	}
	out.Detail = strings.Join(c.row.Providers, ", ")
	return errors.Join(errs...)
}

func (c *cell) mockApply(ctx context.Context, log io.Writer, out *step) error {
	runs, err := c.terraform(ctx)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		out.Outcome = nothing
		return nil
	}
	command, err := testCommand(c.folder)
	if err != nil {
		return err
	}
	var errs []error
	count := 0
	for _, r := range runs {
		r.tests.once.Do(func() { r.tests.run(ctx, r.folder, command) })
		_, _ = log.Write(r.tests.log)
		errs = append(errs, r.tests.err)
		count += r.tests.count
	}
	out.Detail = fmt.Sprintf("%d runs of terraform test", count)
	return errors.Join(errs...)
}

// emulate applies a configuration for real, to a program that answers as the cloud does, and destroys it again. How far that
// goes depends on the program: it is told, and is no failure.
func (c *cell) emulate(ctx context.Context, log io.Writer, out *step) error {
	if c.emulator == nil {
		out.Outcome = nothing
		return nil
	}
	runs, err := c.terraform(ctx)
	if err != nil {
		return err
	}
	for _, provider := range c.row.Providers {
		if name, _, _ := strings.Cut(provider, " "); name == c.emulator.Provider && slices.Contains(c.standIns, name) {
			return skip{provider + " is a stand-in here, which has the provider's schema and applies nothing"}
		}
	}
	if err := onPath(c.emulator.Serve); err != nil {
		return err
	}
	for _, r := range runs {
		if out.Detail, err = applyTo(ctx, c.emulator, r.folder, log); err != nil {
			return err
		}
	}
	return nil
}

func applyTo(ctx context.Context, emulator *generator.Emulator, folder string, log io.Writer) (string, error) {
	port, err := ports.Free()
	if err != nil {
		return "", err
	}
	fill := func(words []string) []string {
		var filled []string
		for _, word := range words {
			filled = append(filled, strings.ReplaceAll(word, "{port}", fmt.Sprint(port)))
		}
		return filled
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = run(serving, folder, os.Environ(), io.Discard, fill(emulator.Serve))
	}()
	defer func() { stop(); <-ended }()
	if err := answers(ctx, fmt.Sprintf("http://127.0.0.1:%d/", port)); err != nil {
		return "", fmt.Errorf("%s: %w", emulator.Serve[0], err)
	}

	// The state stays beside the configuration instead of where that keeps it.
	override := filepath.Join(folder, "emulator_override.tf")
	if err := os.WriteFile(override, []byte("terraform {\n  backend \"local\" {}\n}\n"+emulator.Override), 0o666); err != nil {
		return "", err
	}
	variables := terraformEnvironment(fill(emulator.Environment)...)
	terraform := func(words ...string) (string, error) {
		var answer bytes.Buffer
		words = append([]string{"terraform"}, words...)
		fmt.Fprintf(log, "$ %s\n", strings.Join(words, " "))
		err := run(ctx, folder, variables, io.MultiWriter(log, &answer), words)
		return answer.String(), err
	}
	if _, err := terraform("init", "-reconfigure", "-input=false", "-no-color"); err != nil {
		return "", fmt.Errorf("terraform init: %w", err)
	}
	arguments := append([]string{"-input=false", "-no-color"}, fill(emulator.Arguments)...)
	said, applyErr := terraform(append([]string{"apply", "-auto-approve"}, arguments...)...)
	planned := "?"
	if m := regexp.MustCompile(`Plan: (\d+) to add`).FindStringSubmatch(said); m != nil {
		planned = m[1]
	}
	listed, err := output(ctx, folder, variables, "terraform", "state", "list")
	if err != nil {
		listed = ""
	}
	applied := len(strings.Fields(regexp.MustCompile(`(?m)^data\..*$`).ReplaceAllString(listed, "")))
	_, destroyErr := terraform(append([]string{"destroy", "-auto-approve"}, arguments...)...)
	far := fmt.Sprintf("%d of %s resources applied", applied, planned)
	switch {
	case applyErr != nil:
		return "", skip{far + ", then: " + firstError(said)}
	case destroyErr != nil:
		return "", skip{far + ", but not destroyed again"}
	}
	return far + ", and destroyed again", nil
}

// answers waits until something answers.
func answers(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			return response.Body.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func firstError(said string) string {
	for line := range strings.Lines(said) {
		if _, message, found := strings.Cut(line, "Error: "); found {
			message, _, _ = strings.Cut(message, " (") // names that are drawn, and all that led there
			return strings.TrimSpace(message)
		}
	}
	return "an error without words"
}

// dockerfiles are all of a project's.
func dockerfiles(folder string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && entry.Name() == "Dockerfile" {
			found = append(found, file)
		}
		return err
	})
	return found, err
}
