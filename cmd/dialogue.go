package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/backlot-cli/backlot/generator"
)

// A dialogue asks for the answers that were not given.
type dialogue struct {
	*newOptions
	prompter prompter
	catalog  *generator.Catalog
}

// complete asks for what is missing, shows what will be made, and asks whether to make it. It returns the
// answers as they were given, so that what Generate says of them stays true.
func (d *dialogue) complete(ctx context.Context, given generator.Answers) (generator.Answers, error) {
	a := given
	var err error
	if a.Name != "" || d.dir != "" {
		if err := d.checkFolder(a.Name); err != nil {
			return a, err
		}
	}
	if a.Name == "" {
		if a.Name, err = d.name(ctx, ""); err != nil {
			return a, err
		}
	}
	for _, axis := range axes {
		value := answerOn(axis, &a)
		if *value != "" {
			continue
		}
		if *value, err = d.choose(ctx, axis, a); err != nil {
			return a, err
		}
	}
	// Only now it is known what the language and the database refuse.
	for given.Name == "" {
		refused, err := d.faultOf("name", a)
		if err != nil {
			return a, err
		}
		if refused == nil {
			break
		}
		if a.Name, err = d.name(ctx, refused.Error()); err != nil {
			return a, err
		}
	}
	if len(a.Resources) == 0 {
		if a.Resources, err = d.resources(ctx, a); err != nil {
			return a, err
		}
	}
	resolved, err := d.catalog.Resolve(a)
	if err != nil {
		return a, err
	}
	resolved.Module = a.Module // the default need not be written
	summary, err := d.summary(resolved)
	if err != nil {
		return a, err
	}
	d.prompter.say(printable(summary))
	if d.dryRun {
		return a, nil
	}
	yes, err := d.prompter.confirm(ctx, "Make it?")
	if err == nil && !yes {
		err = errDeclined
	}
	return a, err
}

var errDeclined = errors.New("nothing was written, as you wished")

// name asks for the project's name, which is its folder's too where --dir does not say otherwise.
func (d *dialogue) name(ctx context.Context, remark string) (string, error) {
	if remark != "" {
		d.prompter.say(printable(remark) + "\n")
	}
	preset := ""
	if d.dir != "" {
		if base := filepath.Base(d.system.path(d.dir)); generator.CheckName(base) == nil {
			preset = base
		}
	}
	return d.prompter.ask(ctx, "Name of the project:", preset, func(name string) error {
		if err := generator.CheckName(name); err != nil {
			return err
		}
		if d.dir != "" {
			return nil
		}
		return d.checkFolder(name)
	})
}

// checkFolder refuses, before more is asked, a folder that Write would refuse.
func (d *dialogue) checkFolder(name string) error {
	if d.force {
		return nil
	}
	folder := d.target(name)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	entries = slices.DeleteFunc(entries, func(entry os.DirEntry) bool { return strings.HasPrefix(entry.Name(), ".backlot-") })
	if err != nil || len(entries) > 0 {
		return &generator.ConflictError{Dir: d.system.shown(folder), Reason: "is there and is no empty folder: choose another, or write into it with --force"}
	}
	return nil
}

func (d *dialogue) choose(ctx context.Context, axis generator.Axis, a generator.Answers) (string, error) {
	known, err := canonical(d.catalog, a)
	if err != nil {
		return "", err
	}
	choices, err := d.catalog.Fitting(axis, known.Language, known.Database, known.Hosting)
	if err != nil {
		return "", err
	}
	if len(choices) == 0 {
		return "", generator.Faults{{Key: axis.Key, Message: fmt.Sprintf("no %s goes with what was chosen", axis.Key)}}
	}
	preset, err := d.catalog.Default(axis)
	if err != nil {
		return "", err
	}
	return d.prompter.choose(ctx, strings.ToUpper(axis.Key[:1])+axis.Key[1:]+":", choices, preset)
}

// resources asks for one resource after another, until an empty line.
func (d *dialogue) resources(ctx context.Context, a generator.Answers) ([]generator.Resource, error) {
	var types []string
	for _, t := range generator.FieldTypes() {
		types = append(types, t.Name)
	}
	// No line is longer than 80 columns. The empty one is there to be lost: survey clears one line too many
	// above an answer that needs two.
	d.prompter.say("\nResources are what your users keep: a name, and fields as name:type. Types are\n  " + strings.Join(types, ", ") +
		"\nA ? after the type makes a field optional, :unique makes it unique.\n\n")
	message, preset := "First resource:", generator.DefaultResource
	for {
		line, err := d.prompter.ask(ctx, message, preset, func(line string) error {
			if line == "" && preset == "" {
				return nil
			}
			resource, err := generator.ParseResource(line)
			if err != nil {
				return err
			}
			next := a
			next.Resources = append(slices.Clone(a.Resources), resource)
			fault, err := d.faultOf("resource", next)
			if err != nil {
				return err
			}
			return fault
		})
		if err != nil || line == "" {
			return a.Resources, err
		}
		resource, err := generator.ParseResource(line)
		if err != nil {
			return nil, err
		}
		a.Resources = append(a.Resources, resource)
		message, preset = "Another one (an empty line ends):", ""
	}
}

// faultOf is what is wrong with one answer, now that the others are known; nil when nothing is. Other
// answers may still be missing.
func (d *dialogue) faultOf(key string, a generator.Answers) (fault, err error) {
	if len(a.Resources) == 0 {
		resource, err := generator.ParseResource(generator.DefaultResource)
		if err != nil {
			return nil, err
		}
		a.Resources = []generator.Resource{resource}
	}
	_, err = d.catalog.Resolve(a)
	faults := generator.Faults(nil)
	if !errors.As(err, &faults) {
		return nil, err
	}
	faults = slices.DeleteFunc(slices.Clone(faults), func(f generator.Fault) bool { return f.Key != key })
	if len(faults) == 0 {
		return nil, nil
	}
	return faults, nil
}

// summary shows the answers, and the same thing as one command.
func (d *dialogue) summary(a generator.Answers) (string, error) {
	var b strings.Builder
	b.WriteString("\n")
	line := func(what, value string) { fmt.Fprintf(&b, "  %-10s %s\n", what, value) }
	line("Project", a.Name+" in "+d.system.shown(d.target(a.Name)))
	for _, axis := range axes {
		choices, err := d.catalog.Choices(axis)
		if err != nil {
			return "", err
		}
		for _, choice := range choices {
			if choice.Name == *answerOn(axis, &a) {
				line(strings.ToUpper(axis.Key[:1])+axis.Key[1:], choice.Title)
			}
		}
	}
	for i, r := range a.Resources {
		what := ""
		if i == 0 {
			what = "Resources"
		}
		line(what, r.String())
	}
	b.WriteString("\nThe same as one command:\n\n  " + d.commandLine(a) + "\n\n")
	notice, err := d.catalog.Notice(a.Hosting, a.Database)
	if d.noticed = notice != ""; d.noticed {
		b.WriteString(printable(notice) + "\n\n")
	}
	return b.String(), err
}

// commandLine is the command that makes the same project without a question.
func (d *dialogue) commandLine(a generator.Answers) string {
	words := []string{"backlot", "new", a.Name}
	for _, axis := range axes {
		words = append(words, "--"+axis.Key, *answerOn(axis, &a))
	}
	for _, r := range a.Resources {
		words = append(words, "--resource", r.String())
	}
	if a.Module != "" {
		words = append(words, "--module", a.Module)
	}
	if d.dir != "" {
		words = append(words, "--dir", d.dir)
	}
	if d.system.templates != "" {
		words = append(words, "--templates", d.system.templates)
	}
	if d.force {
		words = append(words, "--force")
	}
	if d.noGit {
		words = append(words, "--no-git")
	}
	for i := range words {
		words[i] = quoted(words[i])
	}
	return strings.Join(words, " ")
}
