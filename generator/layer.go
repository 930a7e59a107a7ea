package generator

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A layer is one folder of the tree: its layer.yaml, and under files/ what it adds to a project.
type layer struct {
	path    string // in the tree: languages/go/databases/sqlite
	content []byte // of layer.yaml

	Title       string              `yaml:"title"`       // how people write it
	Description string              `yaml:"description"` // one line for the prompt
	Aliases     []string            `yaml:"aliases"`     // other names that people type
	Order       int                 `yaml:"order"`       // place in lists
	Default     bool                `yaml:"default"`     // taken by --yes
	Refused     string              `yaml:"refused"`     // in a cell: this pair is not possible, and why
	Notice      string              `yaml:"notice"`      // shown before anything is written: what will be billed, say
	Include     []string            `yaml:"include"`     // folders of the tree that are laid before this one
	Executable  []string            `yaml:"executable"`  // paths of files/ that may be run
	Module      moduleRule          `yaml:"module"`
	Names       nameForms           `yaml:"names"`
	Refuse      refusedNames        `yaml:"refuse"`
	Types       map[string]row      `yaml:"types"`    // what templates know of each field type
	Commands    map[string][]string `yaml:"commands"` // recorded in backlot.yaml, argument by argument
	Data        map[string]any      `yaml:"data"`     // free: for templates

	// TemporaryDatabase is a DATABASE_URL that needs no server; {folder} stands for an empty folder.
	TemporaryDatabase string `yaml:"temporary_database"`
	// TestServer says how the end-to-end tests make a database of their own.
	TestServer *TestServer `yaml:"test_server"`
	// Emulator says what stands in for a cloud, so that the end-to-end tests can apply a hosting's configuration.
	Emulator *Emulator `yaml:"emulator"`
}

type row = map[string]any

// A moduleRule says how a language names a project for others: a module path, a group id.
type moduleRule struct {
	Title   string `yaml:"title"`
	Default string `yaml:"default"` // {name} stands for the project's name, {key} for one of its forms
	Pattern string `yaml:"pattern"` // a regular expression for all of it

	Reserved []string `yaml:"reserved"` // words that no part of it can be
}

type refusedNames struct {
	Project  map[string]string `yaml:"project"` // name → reason
	Resource map[string]string `yaml:"resource"`
	Field    map[string]string `yaml:"field"`
}

// A TestServer says how a test makes a database of its own on a server that it was given. In the
// commands and the URL, {admin} is the administrator's URL; {host}, {port}, {user}, {password} and {query} are its
// parts; {name} is a name for the new database and {number} a number from 1 to 15.
type TestServer struct {
	Environment string     `yaml:"environment"` // the variable that holds the administrator's URL
	Create      [][]string `yaml:"create"`
	Drop        [][]string `yaml:"drop"`
	URL         string     `yaml:"url"`
	Version     []string   `yaml:"version"` // prints the server's version
}

// An Emulator is a program that answers as a cloud does. In its words, {port} is a free port of this machine.
type Emulator struct {
	Provider    string   `yaml:"provider"`    // that is sent to it, as it is named in the lock file: it must be the real one
	Serve       []string `yaml:"serve"`       // starts it
	Environment []string `yaml:"environment"` // NAME=value, which leads the provider to it
	Arguments   []string `yaml:"arguments"`   // of plan, apply and destroy
	Override    string   `yaml:"override"`    // Terraform that is laid over the configuration, for what no emulator gives
}

// moduleOf is the module of a project whose user names none.
func (l *layer) moduleOf(name string) string {
	module := strings.ReplaceAll(l.Module.Default, "{name}", name)
	for key, form := range l.Names.Project {
		module = strings.ReplaceAll(module, "{"+key+"}", l.Names.write(form, name, name))
	}
	return module
}

// reservedPart is the first part of a module that the language keeps to itself, if any.
func (r moduleRule) reservedPart(module string) string {
	for _, part := range strings.FieldsFunc(module, func(c rune) bool { return c == '.' || c == '/' }) {
		if slices.Contains(r.Reserved, part) {
			return part
		}
	}
	return ""
}

const layerFile = "layer.yaml"

// readLayer reads one layer.yaml. A folder without one is a layer that says nothing. The layer is whole
// only when there are no problems.
func readLayer(tree fs.FS, folder string) (*layer, []Problem) {
	l := &layer{path: folder}
	file := path.Join(folder, layerFile)
	content, err := fs.ReadFile(tree, file)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, []Problem{{File: file, Message: printable(err.Error())}}
	}
	l.content = content
	problems := decodeYAML(file, content, l)
	if len(problems) == 0 {
		problems = l.check()
	}
	return l, problems
}

// problem is a problem of layer.yaml, at the line of a key.
func (l *layer) problem(message string, keys ...string) Problem {
	return Problem{path.Join(l.path, layerFile), lineOf(l.content, keys...), message}
}

// check reports what can be seen to be wrong in a layer alone, in the order of the lines.
func (l *layer) check() []Problem {
	var problems []Problem
	report := func(message string, keys ...string) { problems = append(problems, l.problem(message, keys...)) }
	for key, text := range map[string]string{
		"title": l.Title, "description": l.Description, "refused": l.Refused, "notice": l.Notice,
		"aliases": strings.Join(l.Aliases, " "), "module": l.Module.Title + l.Module.Default,
	} {
		checkText(text, report, key)
	}
	for scope, reasons := range map[string]map[string]string{"project": l.Refuse.Project, "resource": l.Refuse.Resource, "field": l.Refuse.Field} {
		for name, reason := range reasons {
			checkText(reason, report, "refuse", scope, name)
		}
	}
	for name, values := range l.Types {
		if _, known := fieldType(name); !known {
			report(fmt.Sprintf("there is no field type %s (types: %s)", show(name), typeNames()), "types", name)
		}
		checkData(values, report, "types", name)
	}
	for name, argv := range l.Commands {
		if len(argv) == 0 {
			report(fmt.Sprintf("the command %s is empty", show(name)), "commands", name)
		}
	}
	checkData(l.Data, report, "data")
	l.Names.check(report)
	if _, err := regexp.Compile(l.Module.Pattern); err != nil {
		report(printable(err.Error()), "module", "pattern")
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Or(a.Line-b.Line, strings.Compare(a.Message, b.Message)) })
	return problems
}

// checkText refuses what a terminal would not show as it is: a tree may be a stranger's.
func checkText(text string, report func(string, ...string), keys ...string) {
	if plain := strings.ReplaceAll(text, "\n", ""); printable(plain) != plain {
		report("the text holds a character that cannot be seen", keys...)
	}
}

// checkData refuses values that are no plain data. YAML has one such kind: a date, which would reach
// templates as an object with methods.
func checkData(value any, report func(string, ...string), keys ...string) {
	switch value := value.(type) {
	case nil, string, bool, int, int64, uint64, float64:
	case data:
		for key, inner := range value {
			checkData(inner, report, append(slices.Clip(keys), key)...)
		}
	case []any:
		for _, inner := range value {
			checkData(inner, report, keys...)
		}
	case time.Time:
		report("a date needs quotes, so that it stays a text", keys...)
	default:
		report("the keys of a mapping must be texts", keys...)
	}
}

// absorb lays l over another layer that it includes: what l says itself wins.
func (l *layer) absorb(included *layer) {
	l.Data = merged(included.Data, l.Data)
	l.Commands = merged(included.Commands, l.Commands)
	l.Refuse.Project = merged(included.Refuse.Project, l.Refuse.Project)
	l.Refuse.Resource = merged(included.Refuse.Resource, l.Refuse.Resource)
	l.Refuse.Field = merged(included.Refuse.Field, l.Refuse.Field)
	types := maps.Clone(included.Types)
	if types == nil {
		types = map[string]row{}
	}
	for name, values := range l.Types {
		types[name] = merged(types[name], values)
	}
	l.Types = types
}

// merged is a new map with the entries of both; the second's win.
func merged[V any](under, over map[string]V) map[string]V {
	all := make(map[string]V, len(under)+len(over))
	maps.Copy(all, under)
	maps.Copy(all, over)
	return all
}
