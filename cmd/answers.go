package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/backlot-cli/backlot/generator"
)

// axes are what is chosen, in the order in which it is asked.
var axes = []generator.Axis{generator.Language, generator.Database, generator.Hosting}

// answerOn is the answer on an axis.
func answerOn(axis generator.Axis, a *generator.Answers) *string {
	switch axis {
	case generator.Language:
		return &a.Language
	case generator.Database:
		return &a.Database
	}
	return &a.Hosting
}

// faults collects what is missing or wrong, each thing once.
type faults struct {
	list    generator.Faults
	unread  bool            // the answers file is broken: what is missing is not known
	partial map[string]bool // answers of which it is told already why they are not there
}

func (f *faults) add(key, message string) {
	f.list = append(f.list, generator.Fault{Key: key, Message: message})
}

// merge adds the faults that an error holds; any other error is returned.
func (f *faults) merge(err error) error {
	var more generator.Faults
	if err != nil && !errors.As(err, &more) {
		return err
	}
	for _, one := range more {
		if !slices.ContainsFunc(f.list, func(other generator.Fault) bool { return other.Key == one.Key && other.Message == one.Message }) {
			f.list = append(f.list, one)
		}
	}
	return nil
}

// given are the answers of the answers file, with those of the flags over them.
func (opts *newOptions) given(found *faults) (generator.Answers, error) {
	var a generator.Answers
	if opts.answers != "" {
		var err error
		if a, err = opts.readAnswers(found); err != nil {
			return a, err
		}
	}
	for _, part := range []struct {
		answer *string
		flag   string
	}{{&a.Name, opts.name}, {&a.Module, opts.module}, {&a.Language, opts.language}, {&a.Database, opts.database}, {&a.Hosting, opts.hosting}} {
		if part.flag != "" {
			*part.answer = part.flag
		}
	}
	if len(opts.resources) > 0 {
		a.Resources = nil
		for _, text := range opts.resources {
			resource, err := generator.ParseResource(text)
			if err := found.merge(err); err != nil {
				return a, err
			}
			if resource.Name == "" {
				found.partial["resource"] = true
				continue
			}
			a.Resources = append(a.Resources, resource)
		}
	}
	if strings.ContainsFunc(opts.dir, func(c rune) bool { return unicode.IsControl(c) || c == unicode.ReplacementChar }) {
		found.add("dir", "the folder's name holds characters that cannot be seen")
	}
	return a, nil
}

func (opts *newOptions) readAnswers(found *faults) (generator.Answers, error) {
	s := opts.system
	in := s.stdin
	if opts.answers != "-" {
		file, err := os.Open(s.path(opts.answers))
		if err == nil {
			defer file.Close()
			if info, statErr := file.Stat(); statErr == nil && info.IsDir() {
				err = errors.New("is a folder")
			}
		}
		if err != nil {
			found.unread = true
			found.add("answers", fmt.Sprintf("%s: %s", opts.answers, reason(err)))
			return generator.Answers{}, nil
		}
		in = file
	}
	if in == nil {
		in = io.MultiReader()
	}
	a, err := generator.ReadAnswers(in)
	if err != nil {
		found.unread = isEmpty(a)
		found.partial["resource"] = true
	}
	return a, found.merge(err)
}

// check adds all that the catalog finds wrong with the answers, and, unless only what was given counts, all
// that is missing.
func (f *faults) check(catalog *generator.Catalog, a generator.Answers, onlyGiven bool) error {
	_, err := catalog.Resolve(a)
	if all := generator.Faults(nil); errors.As(err, &all) {
		err = slices.DeleteFunc(slices.Clone(all), func(one generator.Fault) bool {
			missing := isMissing(one.Key, a)
			return missing && (onlyGiven || f.unread || f.partial[one.Key])
		})
	}
	return f.merge(err)
}

func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	order := []string{"answers", "name", "module", "language", "database", "hosting", "resource", "dir"}
	slices.SortStableFunc(f.list, func(a, b generator.Fault) int { return slices.Index(order, a.Key) - slices.Index(order, b.Key) })
	return f.list
}

func isMissing(key string, a generator.Answers) bool {
	switch key {
	case "name":
		return a.Name == ""
	case "resource":
		return len(a.Resources) == 0
	}
	for _, axis := range axes {
		if axis.Key == key {
			return *answerOn(axis, &a) == ""
		}
	}
	return false
}

func isEmpty(a generator.Answers) bool {
	return a.Name+a.Module+a.Language+a.Database+a.Hosting == "" && len(a.Resources) == 0
}

func isComplete(a generator.Answers) bool {
	return !slices.ContainsFunc([]string{"name", "language", "database", "hosting", "resource"}, func(key string) bool { return isMissing(key, a) })
}

// canonical are the answers on the axes, by the names of the tree; empty where one is not known.
func canonical(catalog *generator.Catalog, a generator.Answers) (generator.Answers, error) {
	for _, axis := range axes {
		value := answerOn(axis, &a)
		name, err := catalog.Find(axis, *value)
		if err != nil {
			return a, err
		}
		*value = name
	}
	return a, nil
}

// withDefaults fills what is missing with the defaults. Where one does not go with what was given, the
// first choice that does takes its place; that none does is a fault.
func withDefaults(catalog *generator.Catalog, a generator.Answers, found *faults) (generator.Answers, error) {
	for _, axis := range axes {
		value := answerOn(axis, &a)
		if *value != "" {
			continue
		}
		known, err := canonical(catalog, a)
		if err != nil {
			return a, err
		}
		preset, err := catalog.Default(axis)
		if err != nil {
			return a, err
		}
		// The choices are read only when the default does not do: a tree has many.
		*answerOn(axis, &known) = preset
		goes, _, err := catalog.Goes(known.Language, known.Database, known.Hosting)
		if err != nil {
			return a, err
		}
		if preset != "" && goes {
			*value = preset
			continue
		}
		*answerOn(axis, &known) = ""
		fitting, err := catalog.Fitting(axis, known.Language, known.Database, known.Hosting)
		if err != nil {
			return a, err
		}
		if len(fitting) > 0 {
			*value = fitting[0].Name
			continue
		}
		found.partial[axis.Key] = true
		// Where the given answers do not go together themselves, that is what is told.
		if goes, _, err = catalog.Goes(known.Language, known.Database, known.Hosting); err != nil {
			return a, err
		} else if goes {
			found.add(axis.Key, fmt.Sprintf("no %s goes with all that was given; 'backlot list' shows what goes with what", axis.Key))
		}
	}
	if len(a.Resources) == 0 {
		resource, err := generator.ParseResource(generator.DefaultResource)
		if err != nil {
			return a, err
		}
		a.Resources = []generator.Resource{resource}
	}
	return a, nil
}

// resolveAnswers gathers the answers: what was given, then defaults or the dialogue for the rest. All
// faults are reported together.
func (opts *newOptions) resolveAnswers(ctx context.Context, catalog *generator.Catalog) (generator.Answers, error) {
	found := &faults{partial: map[string]bool{}}
	a, err := opts.given(found)
	if err != nil {
		return a, err
	}
	if opts.yes && !found.unread {
		partial := len(a.Resources) == 0 && found.partial["resource"]
		if a, err = withDefaults(catalog, a, found); err != nil {
			return a, err
		}
		if partial {
			a.Resources = nil
		}
	}
	asks := opts.system.prompter != nil && !opts.yes && !opts.json && opts.answers != "-"
	switch {
	case len(found.list) == 0 && isComplete(a):
		return a, nil // Generate checks them
	case asks:
		if err := found.check(catalog, a, true); err != nil {
			return a, err
		}
		if err := found.err(); err != nil {
			return a, err
		}
		return (&dialogue{opts, opts.system.prompter, catalog}).complete(ctx, a)
	}
	if err := found.check(catalog, a, false); err != nil {
		return a, err
	}
	return a, found.err()
}
