package main

import (
	"context"
	"errors"
	"go/scanner"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/backlot-cli/backlot/generator"
	"github.com/backlot-cli/backlot/templates"
)

// The resources are worth the run only while they hold every type in every way.
func TestResourcesUseEveryType(t *testing.T) {
	answers, err := answersFor(first)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, resource := range answers.Resources {
		for _, f := range resource.Fields {
			used[f.Type] = used[f.Type] || !f.Optional
			used[f.Type+" optional"] = used[f.Type+" optional"] || f.Optional
			used[f.Type+" unique"] = used[f.Type+" unique"] || f.Unique
			if example(f) == nil {
				t.Errorf("there is no example of a %s", f.Type)
			}
		}
	}
	for _, fieldType := range generator.FieldTypes() {
		if !used[fieldType.Name] || !used[fieldType.Name+" optional"] || fieldType.Unique && !used[fieldType.Name+" unique"] {
			t.Errorf("%s is not used as a required, an optional and a unique field", fieldType.Name)
		}
	}
}

// No code here may know a language, a database or a hosting: all of it comes from the tree.
func TestSourcesNameNoChoice(t *testing.T) {
	catalog, err := generator.Load(templates.Tree())
	if err != nil {
		t.Fatal(err)
	}
	literals := readLiterals(t)
	if !strings.Contains(literals["main.go"], "folder for proof.md") {
		t.Fatal("no literal was read")
	}
	allowed := []string{"go", "none"} // words of this language and of English
	for _, axis := range []generator.Axis{generator.Language, generator.Database, generator.Hosting} {
		choices, err := catalog.Choices(axis)
		if err != nil {
			t.Fatal(err)
		}
		for _, choice := range choices {
			if slices.Contains(allowed, choice.Name) {
				continue
			}
			pattern := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(choice.Name) + `\b`)
			for file, literals := range literals {
				if found := pattern.FindString(literals); found != "" {
					t.Errorf("%s names %s", file, found)
				}
			}
		}
	}
}

// readLiterals gives the strings that each source file of this folder holds, a line each. What a variable is
// called, or a type of a library (hclsyntax.Node), names no choice.
func readLiterals(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literals := map[string]string{}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files := token.NewFileSet()
		var lines strings.Builder
		var s scanner.Scanner
		s.Init(files.AddFile(name, -1, len(content)), content, nil, 0)
		for {
			_, kind, literal := s.Scan()
			if kind == token.EOF {
				break
			}
			if kind == token.STRING {
				lines.WriteString(literal + "\n")
			}
		}
		literals[name] = lines.String()
	}
	return literals
}

func TestProjectNames(t *testing.T) {
	long := generator.Combination{Language: "a-language-with-a-long-name", Database: "database", Hosting: "hosting"}
	for _, c := range []generator.Combination{first, long} {
		if err := generator.CheckName(projectName(c)); err != nil {
			t.Error(err)
		}
	}
}

func TestReadSuite(t *testing.T) {
	counted, failures, err := readSuite([]byte(`building {…}
{"passed": 1, "results": [
		{"id": "a", "status": "passed"}, {"id": "b", "status": "skipped", "detail": "why\n"}, {"id": "c", "title": "C.", "status": "failed", "detail": "what"}]}
exit status 1`))
	if err != nil || counted.String() != "1/2, 1 skipped" || len(failures) != 1 || failures[0].ID != "c" || counted.Reasons["why"] != 1 {
		t.Errorf("%+v, %v, %v", counted, failures, err)
	}
	for _, bad := range []string{"", "no report", "{"} {
		if _, _, err := readSuite([]byte(bad)); err == nil {
			t.Errorf("%q is a report", bad)
		}
	}
}

func TestChoose(t *testing.T) {
	all := []generator.Combination{first, second, third}
	language, databases, absent := "l", "b,c", "absent"
	chosen, err := choose(all, map[generator.Axis]*string{generator.Language: &language, generator.Database: &databases})
	if err != nil || !slices.Equal(chosen, []generator.Combination{second, third}) {
		t.Errorf("%v, %v", chosen, err)
	}
	if _, err := choose(all, map[generator.Axis]*string{generator.Language: &absent}); err == nil {
		t.Error("a name that nothing has is taken")
	}
}

func TestStepsFollow(t *testing.T) {
	c := &cell{options: &options{printing: &sync.Mutex{}, timeout: 50 * time.Millisecond, logLines: 1}, combination: first, logs: t.TempDir()}
	ran := func(_ context.Context, _ io.Writer, out *step) error { out.Detail = "ran"; return nil }
	c.step(t.Context(), "good", nil, ran)
	c.step(t.Context(), "no such command", nil, func(_ context.Context, _ io.Writer, out *step) error { out.Outcome = nothing; return nil })
	c.step(t.Context(), "absent", []string{"good"}, func(context.Context, io.Writer, *step) error { return skip{"not here"} })
	c.step(t.Context(), "bad", []string{"good", "no such command"}, func(context.Context, io.Writer, *step) error { return errors.New("broken") })
	c.step(t.Context(), "slow", nil, func(ctx context.Context, log io.Writer, _ *step) error {
		return run(ctx, "", os.Environ(), log, []string{"sleep", "30"})
	})
	c.step(t.Context(), "follows", []string{"good", "bad"}, ran)
	var got []string
	for _, s := range c.row.Steps {
		got = append(got, s.Name+": "+string(s.Outcome)+": "+s.Detail)
	}
	want := []string{
		"good: done: ran", "no such command: nothing to do: ", "absent: skipped: not here", "bad: failed: broken",
		"slow: failed: stopped: it took longer than 50ms", "follows: skipped: after bad: failed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	passed, failures, skips := count([]row{{Combination: first, Steps: c.row.Steps}})
	if passed != 1 || len(skips) != 2 || len(failures) != 2 || failures[0] != first.Language+"/"+first.Database+"/"+first.Hosting+": bad: failed: broken" {
		t.Errorf("%d, %q, %q", passed, failures, skips)
	}
}
