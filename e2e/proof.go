package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/backlot-cli/backlot/generator"
)

// An outcome is how a step ended.
type outcome string

const (
	done    outcome = "done"
	failed  outcome = "failed"
	skipped outcome = "skipped"
	nothing outcome = "nothing to do" // the project has no such command
)

// A proof is docs/proof.json: one row for each combination that was ever run.
type proof struct {
	Rows []row `json:"rows"`
}

// A row is what was proven of one combination.
type row struct {
	generator.Combination
	Key       string     `json:"key"`  // what was proven; see keyOf
	Date      string     `json:"date"` // when
	Toolchain string     `json:"toolchain,omitempty"`
	Server    string     `json:"server,omitempty"`
	Steps     []step     `json:"steps"`
	Container *container `json:"container,omitempty"`
	Notes     []string   `json:"notes,omitempty"` // what stood in for the real thing
	Base      string     `json:"base,omitempty"`  // the hosting in whose row all stands that is about the application
	Providers []string   `json:"providers,omitempty"`
}

// A step is one thing that was done to a project.
type step struct {
	Name    string  `json:"name"`
	Outcome outcome `json:"outcome"`
	Detail  string  `json:"detail,omitempty"` // what it counted; why it was skipped; what failed
	Checks  *checks `json:"checks,omitempty"`
}

// checks are what `backlot verify` counted.
type checks struct {
	Passed  int            `json:"passed"`
	Failed  int            `json:"failed"`
	Skipped int            `json:"skipped"`
	Reasons map[string]int `json:"reasons,omitempty"` // why some were skipped, and how many
}

func (c checks) String() string {
	s := fmt.Sprintf("%d/%d", c.Passed, c.Passed+c.Failed)
	if c.Skipped > 0 {
		s += fmt.Sprintf(", %d skipped", c.Skipped)
	}
	return s
}

// A container is what was measured of the project's image and its container.
type container struct {
	Engine    string   `json:"engine"`
	Server    string   `json:"server,omitempty"` // what the database in its container says that it is
	Local     []string `json:"local,omitempty"`  // images that came from no registry
	Size      int64    `json:"size,omitempty"`
	Base      string   `json:"base,omitempty"`
	BaseSize  int64    `json:"base_size,omitempty"`
	User      string   `json:"user,omitempty"`
	StartedMS int64    `json:"started_ms,omitempty"` // from the container's start to a ready service
	Memory    int64    `json:"memory,omitempty"`     // bytes that it takes then
}

func (r row) name() string { return name(r.Combination) }

func name(c generator.Combination) string {
	return c.Language + "/" + c.Database + "/" + c.Hosting
}

// step finds a step by its name; the zero step when it was never run.
func (r row) step(name string) step {
	for _, s := range r.Steps {
		if s.Name == name {
			return s
		}
	}
	return step{Name: name}
}

// whole tells whether all was proven: nothing failed and nothing was skipped.
func (r row) whole() bool {
	return len(r.Steps) > 0 && !slices.ContainsFunc(r.Steps, func(s step) bool {
		return s.Outcome == failed || s.Outcome == skipped && s.Name != stepEmulate
	})
}

// readProof reads docs/proof.json; one that is not there has no rows.
func readProof(file string) (proof, error) {
	var p proof
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(content, &p); err != nil {
		return p, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

func (p proof) find(c generator.Combination) (row, bool) {
	for _, r := range p.Rows {
		if r.Combination == c {
			return r, true
		}
	}
	return row{}, false
}

// merged lays new rows over the old ones. Rows of combinations that the tree no longer makes go away;
// the order is the tree's.
func (p proof) merged(rows []row, all []generator.Combination) proof {
	var out proof
	newer := proof{Rows: rows}
	for _, c := range all {
		if r, ok := newer.find(c); ok {
			out.Rows = append(out.Rows, r)
		} else if r, ok := p.find(c); ok {
			out.Rows = append(out.Rows, r)
		}
	}
	return out
}

// write writes proof.json and the page that is made from it.
func (p proof) write(folder string, all []generator.Combination) error {
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(p); err != nil {
		return err
	}
	return errors.Join(
		os.MkdirAll(folder, 0o777),
		os.WriteFile(filepath.Join(folder, "proof.json"), content.Bytes(), 0o644),
		os.WriteFile(filepath.Join(folder, "proof.md"), []byte(p.page(all)), 0o644),
	)
}

const pageHead = `# Proof

What was proven of each combination. Written by the end-to-end run (` + "`cd e2e && go run .`" + `) from proof.json; do not edit it.

- **rendered**: made with ` + "`backlot new`" + ` and two resources that use every field type, required, optional and unique, under names
  such as order, class, type and user_id; every file is as backlot.lock says.
- **checked**: the Dockerfile by BuildKit's own linter, compose.yaml by Compose's own loader, the workflows by actionlint.
- **built, linted, tested**: by the commands in backlot.yaml; the tests run against the server named here. Git sees no change afterwards.
- **verified**: started, and the whole service contract checked over HTTP (checks passed/run).
- **in Docker**: ` + "`docker compose up --build --wait`" + `, verified again, and after a restart and after down and up a record is
  still there; the user, the read-only root and the capabilities of the container are as the contract says, and SIGTERM ends it cleanly.

- **validated**: ` + "`terraform fmt -check`, `init` and `validate`" + ` of the hosting's configuration, against the schemas of the providers named here.
- **mock-applied**: its own ` + "`terraform test`" + `, which plans and applies it against a mock and looks at what comes out;
  once where only the command of the migration differs, as it does between languages.
- **emulator-applied**: applied and destroyed against a program that answers as the cloud does. Nothing was ever deployed to a cloud.
- **as on …**: the application is the same bytes as on that hosting, which was checked (only the README, the CI workflow and such
  differ); what is proven of it stands in that row. A workflow and a configuration set the same variables, port and probes as compose.yaml.

✓ done · ✗ failed · – skipped, with the reason below · a blank: the language has no such step
`

// columns are the table's columns after the combination, each with the steps that it stands for.
var columns = []struct {
	title string
	steps []string
}{
	{"rendered", []string{stepRender, stepShare}},
	{"checked", []string{stepCheck}},
	{"built", []string{stepSetup, stepBuild}},
	{"linted", []string{stepLint}},
	{"tested", []string{stepTest, stepClean}},
	{"verified", []string{stepVerify}},
	{"in Docker", []string{stepContainer, stepContainerVerify, stepRestart, stepHardening}},
	{"validated", []string{stepValidate}},
	{"mock-applied", []string{stepMockApply}},
	{"emulator-applied", []string{stepEmulate}},
}

// ofHosting tells whether a column is about what a hosting adds.
func ofHosting(steps []string) bool {
	return slices.Contains([]string{stepValidate, stepMockApply, stepEmulate}, steps[0])
}

// page is docs/proof.md.
func (p proof) page(all []generator.Combination) string {
	var b strings.Builder
	b.WriteString(pageHead)
	titles := []string{"language", "database", "hosting"}
	for _, c := range columns {
		titles = append(titles, c.title)
	}
	titles = append(titles, "toolchain", "server", "server in Docker", "providers", "proven on")
	fmt.Fprintf(&b, "\n| %s |\n|%s\n", strings.Join(titles, " | "), strings.Repeat(" --- |", len(titles)))
	for _, c := range all {
		cells := []string{c.Language, c.Database, c.Hosting}
		r, ok := p.find(c)
		if !ok {
			fmt.Fprintf(&b, "| %s |%s never run |\n", strings.Join(cells, " | "), strings.Repeat(" |", len(titles)-len(cells)-1))
			continue
		}
		for _, column := range columns {
			cells = append(cells, r.cell(column.steps))
		}
		inDocker := ""
		if r.Container != nil {
			inDocker = r.Container.Server
		}
		cells = append(cells, r.Toolchain, r.Server, inDocker, strings.Join(r.Providers, ", "), r.Date)
		fmt.Fprintf(&b, "| %s |\n", strings.Join(escaped(cells), " | "))
	}
	p.outcomes(&b, failed, "Failed")
	p.outcomes(&b, skipped, "Skipped")
	p.skippedChecks(&b)
	p.images(&b)
	p.standIns(&b)
	return b.String()
}

// cell shows the worst outcome of some steps, or else what they counted.
func (r row) cell(names []string) string {
	var counts []string
	worst := nothing
	rank := map[outcome]int{nothing: 0, done: 1, skipped: 2, "": 2, failed: 3}
	known := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return r.step(name).Outcome == "" })
	switch {
	case len(known) == 0 && r.Base != "" && !ofHosting(names):
		return "as on " + r.Base
	case len(known) == 0 && r.Base == "" && ofHosting(names):
		return ""
	case slices.Contains(names, stepShare) && r.Base == "":
		names = known
	}
	for _, name := range names {
		s := r.step(name)
		if rank[s.Outcome] > rank[worst] {
			worst = s.Outcome
		}
		if s.Checks != nil {
			counts = append(counts, s.Checks.String())
		}
	}
	sign := map[outcome]string{nothing: "", done: "✓", skipped: "–", "": "–", failed: "✗"}[worst]
	if len(counts) > 0 {
		sign += " " + strings.Join(counts, "; ")
	}
	return sign
}

// outcomes lists the steps that ended in one way. Those that only followed from an earlier one are left out.
func (p proof) outcomes(b *strings.Builder, which outcome, title string) {
	var lines []string
	for _, r := range p.Rows {
		for _, s := range r.Steps {
			if s.Outcome == which && !strings.HasPrefix(s.Detail, followed) {
				lines = append(lines, fmt.Sprintf("- %s, %s: %s\n", r.name(), s.Name, oneLine(s.Detail)))
			}
		}
	}
	section(b, title, lines)
}

// skippedChecks lists why checks of the suite were not made, and where.
func (p proof) skippedChecks(b *strings.Builder) {
	where := map[string][]string{}
	for _, r := range p.Rows {
		for _, s := range r.Steps {
			if s.Checks == nil {
				continue
			}
			for reason, n := range s.Checks.Reasons {
				key := fmt.Sprintf("%s, %s: %d", s.Name, reason, n)
				where[key] = append(where[key], r.name())
			}
		}
	}
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(where)) {
		lines = append(lines, fmt.Sprintf("- %s (%s)\n", key, strings.Join(where[key], ", ")))
	}
	section(b, "Checks of the contract that were skipped", lines)
}

func (p proof) images(b *strings.Builder) {
	var lines []string
	for _, r := range p.Rows {
		c := r.Container
		if c == nil || c.Size == 0 {
			continue
		}
		above, base := "unknown", "unknown"
		if c.BaseSize > 0 {
			above, base = megabytes(c.Size-c.BaseSize), megabytes(c.BaseSize)
		}
		ready, memory := "unknown", "unknown"
		if c.StartedMS > 0 {
			ready = fmt.Sprintf("%d ms", c.StartedMS)
		}
		if c.Memory > 0 {
			memory = mebibytes(c.Memory)
		}
		lines = append(lines, fmt.Sprintf("| %s | %s | %s (%s) | %s | %s | %s | %s | %s |\n", r.name(), megabytes(c.Size), c.Base, base, above, c.User, ready, memory, c.Engine))
	}
	if len(lines) > 0 {
		lines = append([]string{
			"Ready: from the start of the container's process to a 200 of /readyz, the database up. Memory: what the container takes then, before any other request.\n\n",
			"| combination | image | base | above its base | user | ready | memory | engine |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n",
		}, lines...)
	}
	section(b, "Images", lines)
}

func (p proof) standIns(b *strings.Builder) {
	var local, notes []string
	for _, r := range p.Rows {
		notes = append(notes, r.Notes...)
		if r.Container != nil {
			local = append(local, r.Container.Local...)
		}
	}
	var lines []string
	slices.Sort(local)
	if local = slices.Compact(local); len(local) > 0 {
		lines = append(lines, "- These images came from no registry, so they were stand-ins under the official name: "+strings.Join(local, ", ")+".\n")
	}
	slices.Sort(notes)
	for _, note := range slices.Compact(notes) {
		lines = append(lines, "- "+oneLine(note)+"\n")
	}
	section(b, "What stood in for the real thing", lines)
}

func section(b *strings.Builder, title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(b, "\n## %s\n\n%s", title, strings.Join(lines, ""))
	}
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }

func mebibytes(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

func oneLine(s string) string {
	return strings.Join(strings.Fields(cmp.Or(s, "no reason given")), " ")
}

// escaped keeps a text from ending its cell of the table.
func escaped(cells []string) []string {
	out := make([]string, len(cells))
	for i, cell := range cells {
		out[i] = strings.ReplaceAll(strings.Join(strings.Fields(cell), " "), "|", `\|`)
	}
	return out
}
