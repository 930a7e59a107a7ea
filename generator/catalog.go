package generator

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// An Axis is one of the three things that are chosen for a project.
type Axis struct {
	Key    string // in backlot.yaml, and the flag
	folder string // in the tree
}

// The axes, in the order in which they are asked.
var (
	Language = Axis{"language", "languages"}
	Database = Axis{"database", "databases"}
	Hosting  = Axis{"hosting", "hosting"}
)

// A Choice is one value of an axis.
type Choice struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Aliases     []string `json:"aliases,omitempty"`
	Default     bool     `json:"default"`
	order       int
}

// A Catalog knows what a tree of layers can make. It is safe for use by several goroutines.
type Catalog struct {
	tree   fs.FS
	mutex  sync.Mutex
	layers map[string]*layer // read when first asked for: a run needs few of them
	texts  sync.Map          // of files, by their paths
}

// Load opens a tree of layers. It reads the folders' names only; what a layer has wrong is told when it
// is used, or by Check.
func Load(tree fs.FS) (*Catalog, error) {
	c := &Catalog{tree: tree, layers: map[string]*layer{}}
	c.readAhead("common")
	for _, axis := range []Axis{Language, Database, Hosting} {
		names, err := c.names(axis)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("templates: the tree has no folder under %s", axis.folder)
		}
	}
	return c, nil
}

// names are the folders of an axis, sorted.
func (c *Catalog) names(axis Axis) ([]string, error) { return folders(c.tree, axis.folder) }

func folders(tree fs.FS, folder string) ([]string, error) {
	entries, err := fs.ReadDir(tree, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// layer reads the layer in a folder of the tree, with what it includes laid under it.
func (c *Catalog) layer(folder string) (*layer, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.layerLocked(folder, nil)
}

func (c *Catalog) layerLocked(folder string, includedBy []string) (*layer, error) {
	if l, done := c.layers[folder]; done {
		return l, nil
	}
	if slices.Contains(includedBy, folder) {
		return nil, fmt.Errorf("templates: %w", Problem{File: path.Join(folder, layerFile), Message: "includes itself: " + strings.Join(append(includedBy, folder), " → ")})
	}
	l, problems := readLayer(c.tree, folder)
	if len(problems) > 0 {
		return nil, fmt.Errorf("templates: %w", problems[0])
	}
	for _, name := range slices.Backward(l.Include) {
		if !c.isFolder(name) {
			return nil, fmt.Errorf("templates: %w", l.problem(fmt.Sprintf("include %s is no folder of the tree", show(name)), "include", name))
		}
		included, err := c.layerLocked(name, append(includedBy, folder))
		if err != nil {
			return nil, err
		}
		l.absorb(included)
	}
	c.layers[folder] = l
	return l, nil
}

// isFolder tells whether a layer can be included. The tree's own top is none.
func (c *Catalog) isFolder(name string) bool {
	if !fs.ValidPath(name) || name == "." {
		return false
	}
	info, err := fs.Stat(c.tree, name)
	return err == nil && info.IsDir()
}

// Choices are the values of an axis, in the order in which they are shown.
func (c *Catalog) Choices(axis Axis) ([]Choice, error) {
	names, err := c.names(axis)
	if err != nil {
		return nil, err
	}
	var choices []Choice
	for _, name := range names {
		l, err := c.layer(path.Join(axis.folder, name))
		if err != nil {
			return nil, err
		}
		title := l.Title
		if title == "" {
			title = name
		}
		choices = append(choices, Choice{Name: name, Title: title, Description: l.Description, Aliases: l.Aliases, Default: l.Default, order: l.Order})
	}
	slices.SortStableFunc(choices, func(a, b Choice) int { return a.order - b.order })
	return choices, nil
}

// Default is the choice that --yes takes on an axis; empty when none is marked. Only layers whose text can
// say so are read: a tree has many.
func (c *Catalog) Default(axis Axis) (string, error) {
	names, err := c.names(axis)
	if err != nil {
		return "", err
	}
	best, order := "", 0
	for _, name := range names {
		folder := path.Join(axis.folder, name)
		content, err := fs.ReadFile(c.tree, path.Join(folder, layerFile))
		if err != nil || !saysDefault().Match(content) {
			continue // a layer that cannot be read is told when it is used
		}
		c.readAhead(folder)
		l, err := c.layer(folder)
		if err != nil {
			return "", err
		}
		if l.Default && (best == "" || l.Order < order) {
			best, order = name, l.Order
		}
	}
	return best, nil
}

var saysDefault = lazyRegexp(`default["']?\s*:\s*["'&!*tTyYoO]`)

// Find is the name of the choice that a word stands for: its name, its title or an alias, whatever the
// case; empty when there is none.
func (c *Catalog) Find(axis Axis, word string) (string, error) {
	if word == "" {
		return "", nil
	}
	return c.resolve(axis, word, &faultList{})
}

// resolve finds a choice by its name or an alias, whatever the case. A wrong word is a fault.
func (c *Catalog) resolve(axis Axis, word string, faults *faultList) (string, error) {
	if names, err := c.names(axis); err != nil || slices.Contains(names, word) {
		return word, err
	}
	choices, err := c.Choices(axis)
	if err != nil {
		return "", err
	}
	var names, words []string
	for _, choice := range choices {
		names = append(names, choice.Name)
		words = append(append(words, choice.Name), choice.Aliases...)
		for _, known := range append([]string{choice.Name, choice.Title}, choice.Aliases...) {
			if strings.EqualFold(known, word) {
				return choice.Name, nil
			}
		}
	}
	fault := Fault{Key: axis.Key, Choices: names}
	if word == "" {
		fault.Message = fmt.Sprintf("%s is missing: one of %s", axis.Key, strings.Join(names, ", "))
	} else {
		fault.Message = fmt.Sprintf("%s %s is not known%s (one of %s)", axis.Key, show(word), didYouMean(word, words), strings.Join(names, ", "))
	}
	faults.addFault(fault)
	return "", nil
}

// Goes tells whether a language, a database and a hosting go together; an empty name stands for
// whatever fits. When they do not, the reason says why and what does.
func (c *Catalog) Goes(language, database, hosting string) (ok bool, reason string, err error) {
	if language != "" && database != "" {
		if ok, reason, err = c.pair(Language, language, database); !ok || err != nil {
			return ok, reason, err
		}
	}
	if hosting != "" && database != "" {
		return c.pair(Hosting, hosting, database)
	}
	return true, "", nil
}

// pair tells whether a database goes with a language or a hosting: there is a folder for it that does
// not refuse, or, for a hosting, no folder for any database.
func (c *Catalog) pair(axis Axis, name, database string) (bool, string, error) {
	cells := path.Join(axis.folder, name, "databases")
	names, err := folders(c.tree, cells)
	if err != nil {
		return false, "", err
	}
	if len(names) == 0 && axis == Hosting {
		return true, "", nil
	}
	reason := fmt.Sprintf("%s does not go with %s", database, name)
	if slices.Contains(names, database) {
		l, err := c.layer(path.Join(cells, database))
		if err != nil || l.Refused == "" {
			return err == nil, "", err
		}
		reason += ": " + l.Refused
	}
	var fitting []string
	for _, other := range names {
		l, err := c.layer(path.Join(cells, other))
		if err != nil {
			return false, "", err
		}
		if l.Refused == "" {
			fitting = append(fitting, other)
		}
	}
	return false, fmt.Sprintf("%s (%s goes with %s)", reason, name, cmp.Or(strings.Join(fitting, ", "), "nothing yet")), nil
}

// Fitting are the choices of an axis that go with what has been chosen on the others.
func (c *Catalog) Fitting(axis Axis, language, database, hosting string) ([]Choice, error) {
	choices, err := c.Choices(axis)
	if err != nil {
		return nil, err
	}
	var fitting []Choice
	for _, choice := range choices {
		l, d, h := language, database, hosting
		switch axis {
		case Language:
			l = choice.Name
		case Database:
			d = choice.Name
		case Hosting:
			h = choice.Name
		}
		ok, _, err := c.Goes(l, d, h)
		if err != nil {
			return nil, err
		}
		if ok {
			fitting = append(fitting, choice)
		}
	}
	return fitting, nil
}

// A Combination is a language, a database and a hosting that go together.
type Combination struct {
	Language string `json:"language"`
	Database string `json:"database"`
	Hosting  string `json:"hosting"`
}

// Combinations are all that the tree can make, in the order of its choices.
func (c *Catalog) Combinations() ([]Combination, error) {
	var all []Combination
	languages, err := c.Choices(Language)
	if err != nil {
		return nil, err
	}
	for _, language := range languages {
		databases, err := c.Fitting(Database, language.Name, "", "")
		if err != nil {
			return nil, err
		}
		for _, database := range databases {
			hostings, err := c.Fitting(Hosting, language.Name, database.Name, "")
			if err != nil {
				return nil, err
			}
			for _, hosting := range hostings {
				all = append(all, Combination{language.Name, database.Name, hosting.Name})
			}
		}
	}
	return all, nil
}

// Notice is what a user should know of a hosting before anything is written; empty when there is nothing.
func (c *Catalog) Notice(hosting, database string) (string, error) {
	var notices []string
	for _, folder := range []string{path.Join(Hosting.folder, hosting), path.Join(Hosting.folder, hosting, "databases", database)} {
		l, err := c.layer(folder)
		if err != nil {
			return "", err
		}
		if l.Notice != "" {
			notices = append(notices, strings.TrimSpace(l.Notice))
		}
	}
	return strings.Join(notices, "\n"), nil
}

// TestServer is how a test makes a database of its own; nil when the database needs no server.
func (c *Catalog) TestServer(database string) (*TestServer, error) {
	l, err := c.layer(path.Join(Database.folder, database))
	if err != nil {
		return nil, err
	}
	return l.TestServer, nil
}

// Emulator is what stands in for a hosting's cloud in tests, with a database; nil when nothing does.
func (c *Catalog) Emulator(hosting, database string) (*Emulator, error) {
	l, err := c.layer(path.Join(Hosting.folder, hosting, "databases", database))
	if err != nil {
		return nil, err
	}
	return l.Emulator, nil
}

// layersFor are the layers of a combination, in the order in which they are laid.
func (c *Catalog) layersFor(answers Answers) (*selection, error) {
	s := &selection{}
	for _, place := range []struct {
		layer  **layer
		folder string
	}{
		{&s.common, "common"},
		{&s.database, path.Join(Database.folder, answers.Database)},
		{&s.language, path.Join(Language.folder, answers.Language)},
		{&s.cell, path.Join(Language.folder, answers.Language, "databases", answers.Database)},
		{&s.hosting, path.Join(Hosting.folder, answers.Hosting)},
		{&s.hostingCell, path.Join(Hosting.folder, answers.Hosting, "databases", answers.Database)},
	} {
		l, err := c.layer(place.folder)
		if err != nil {
			return nil, err
		}
		*place.layer = l
	}
	return s, nil
}

// A selection holds the layers of one combination.
type selection struct {
	common, database, language, cell, hosting, hostingCell *layer
}

func (s *selection) all() []*layer {
	return []*layer{s.common, s.database, s.language, s.cell, s.hosting, s.hostingCell}
}
