package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/backlot-cli/backlot/generator"
)

var (
	first  = generator.Combination{Language: "l", Database: "a", Hosting: "h"}
	second = generator.Combination{Language: "l", Database: "b", Hosting: "h"}
	third  = generator.Combination{Language: "l", Database: "c", Hosting: "h"}
)

func wholeRow(c generator.Combination) row {
	r := row{Combination: c, Key: "k", Date: "2026-11-20", Toolchain: "tool 1", Server: "Server|2"}
	for _, column := range columns {
		if ofHosting(column.steps) {
			continue
		}
		for _, name := range slices.DeleteFunc(slices.Clone(column.steps), func(name string) bool { return name == stepShare }) {
			s := step{Name: name, Outcome: done}
			if strings.HasSuffix(name, "verify") {
				s.Checks = &checks{Passed: 9, Skipped: 1, Reasons: map[string]int{"not here": 1}}
			}
			r.Steps = append(r.Steps, s)
		}
	}
	r.Container = &container{Engine: "Docker 1", Server: "Server 3", Local: []string{"base:1"}, Size: 30e6, Base: "base:1", BaseSize: 10e6, User: "65532", StartedMS: 40, Memory: 30 << 20}
	return r
}

func TestMergeReplacesOnlyItsRows(t *testing.T) {
	old := proof{Rows: []row{wholeRow(third), wholeRow(first), wholeRow(generator.Combination{Language: "gone", Database: "a", Hosting: "h"})}}
	renewed := wholeRow(first)
	renewed.Date = "2026-12-01"
	merged := old.merged([]row{renewed, wholeRow(second)}, []generator.Combination{first, second, third})
	var got []string
	for _, r := range merged.Rows {
		got = append(got, r.name()+" "+r.Date)
	}
	if want := "l/a/h 2026-12-01, l/b/h 2026-11-20, l/c/h 2026-11-20"; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
}

func TestPage(t *testing.T) {
	poor := wholeRow(second)
	poor.Container, poor.Notes = nil, []string{"Server: it is another one"}
	for i := range poor.Steps {
		switch s := &poor.Steps[i]; s.Name {
		case stepTest:
			s.Outcome, s.Detail = failed, "exit status 1\nwith two lines"
		case stepClean, stepVerify:
			s.Outcome, s.Detail, s.Checks = skipped, followed+"test: failed", nil
		case stepContainer, stepContainerVerify, stepRestart, stepHardening:
			s.Outcome, s.Detail, s.Checks = skipped, "Docker does not answer", nil
		case stepLint:
			s.Outcome = nothing
		}
	}
	cloud := row{
		Combination: generator.Combination{Language: "l", Database: "a", Hosting: "cloud"}, Base: "h", Date: "2026-11-20", Providers: []string{"Terraform 1", "maker/cloud 2"},
		Steps: []step{
			{Name: stepRender, Outcome: done},
			{Name: stepShare, Outcome: done},
			{Name: stepCheck, Outcome: done},
			{Name: stepValidate, Outcome: done},
			{Name: stepMockApply, Outcome: failed, Detail: "run failed"},
			{Name: stepEmulate, Outcome: skipped, Detail: "it is a stand-in"},
		},
	}
	page := proof{Rows: []row{wholeRow(first), poor, cloud}}.page([]generator.Combination{first, second, third, cloud.Combination})
	for _, want := range []string{
		`| l | a | h | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ 9/9, 1 skipped | ✓ 9/9, 1 skipped |  |  |  | tool 1 | Server\|2 | Server 3 |  | 2026-11-20 |`,
		`| l | b | h | ✓ | ✓ | ✓ |  | ✗ | – | – |  |  |  | tool 1 | Server\|2 |  |  | 2026-11-20 |`,
		"| l | c | h | | | | | | | | | | | | | | | never run |",
		"| l | a | cloud | ✓ | ✓ | as on h | as on h | as on h | as on h | as on h | ✓ | ✗ | – |  |  |  | Terraform 1, maker/cloud 2 | 2026-11-20 |",
		"- l/a/cloud, mock apply: run failed\n",
		"- l/a/cloud, emulator apply: it is a stand-in\n",
		"## Failed\n\n- l/b/h, test: exit status 1 with two lines\n",
		"- l/b/h, container: Docker does not answer\n",
		"- container verify, not here: 1 (l/a/h)\n- verify, not here: 1 (l/a/h)\n",
		"| l/a/h | 30.0 MB | base:1 (10.0 MB) | 20.0 MB | 65532 | 40 ms | 30.0 MiB | Docker 1 |\n",
		"official name: base:1.\n- Server: it is another one\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, followed+"test") {
		t.Error("a step that only followed a failure is listed")
	}
	columns := ""
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "| l") && strings.Contains(line, "| h |") {
			columns += " " + strings.Repeat("|", strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"))
		}
	}
	if len(strings.Fields(columns)) != 3 || strings.Fields(columns)[0] != strings.Fields(columns)[1] || strings.Fields(columns)[1] != strings.Fields(columns)[2] {
		t.Errorf("rows have different numbers of cells:%s", columns)
	}
}

func TestWhole(t *testing.T) {
	r := wholeRow(first)
	if !r.whole() {
		t.Error("all is done, yet it is not whole")
	}
	r.Steps[3].Outcome = skipped
	if r.whole() || (row{}).whole() {
		t.Error("a row with a skipped step, or with none, is whole")
	}
}

func TestProofIsReadAsWritten(t *testing.T) {
	folder := t.TempDir()
	all := []generator.Combination{first, second}
	if err := (proof{Rows: []row{wholeRow(first), wholeRow(second)}}).write(folder, all); err != nil {
		t.Fatal(err)
	}
	read, err := readProof(folder + "/proof.json")
	if err != nil || len(read.Rows) != 2 || read.Rows[1].Container.BaseSize != 10e6 || !read.Rows[0].whole() {
		t.Errorf("%+v, %v", read, err)
	}
	if none, err := readProof(folder + "/absent.json"); err != nil || len(none.Rows) != 0 {
		t.Errorf("an absent proof: %+v, %v", none, err)
	}
}
