package generator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A layer is one folder of the tree: its layer.yaml, and under files/ what it adds to a project.
type layer struct {
	path string // in the tree: languages/go/databases/sqlite

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
}

type row = map[string]any

// A moduleRule says how a language names a project for others: a module path, a group id.
type moduleRule struct {
	Title   string `yaml:"title"`
	Default string `yaml:"default"` // {name} stands for the project's name
	Pattern string `yaml:"pattern"` // a regular expression for all of it
}

type refusedNames struct {
	Project  map[string]string `yaml:"project"` // name → reason
	Resource map[string]string `yaml:"resource"`
	Field    map[string]string `yaml:"field"`
}

// A TestServer says how a test makes a database of its own on a server that it was given. In the
// commands and the URL, {admin} is the administrator's URL; {host}, {port}, {user}, {password} and {query} are its
// parts; {name} is a name for the new database and {number} a number from 1 to 63.
type TestServer struct {
	Environment string     `yaml:"environment"` // the variable that holds the administrator's URL
	Create      [][]string `yaml:"create"`
	Drop        [][]string `yaml:"drop"`
	URL         string     `yaml:"url"`
	Version     []string   `yaml:"version"` // prints the server's version
}

// readLayer reads one layer.yaml. A folder without one is a layer that says nothing.
func readLayer(tree fs.FS, folder string) (*layer, error) {
	l := &layer{path: folder}
	file := path.Join(folder, "layer.yaml")
	content, err := fs.ReadFile(tree, file)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(l); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return l, nil
}

func (l *layer) check() error {
	for name := range l.Types {
		if _, known := fieldType(name); !known {
			return fmt.Errorf("types: there is no field type %s (types: %s)", show(name), typeNames())
		}
	}
	for name, argv := range l.Commands {
		if len(argv) == 0 {
			return fmt.Errorf("commands.%s: is empty", name)
		}
	}
	return l.Names.check()
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
