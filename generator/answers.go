package generator

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// DefaultResource is what a project keeps when nothing else was asked for.
const DefaultResource = "item name:string notes:text? done:boolean"

// Answers say what project to make.
type Answers struct {
	Name      string     // of the project: lower kebab case
	Module    string     // the project's own module path or group id; empty: the language's default
	Language  string     // a folder of the tree, or an alias of it
	Database  string     // likewise
	Hosting   string     // likewise
	Resources []Resource // what the project's users keep
}

// maxAnswers bounds an answers file; no possible project needs as much.
const maxAnswers = 4 << 20

// ReadAnswers reads answers as YAML (JSON is YAML too), with the keys of backlot.yaml; what backlot.yaml
// records beside the answers is passed over. A key that is not known, or a value of the wrong kind, is
// an error of type Faults; what could be read is returned with it, so that Resolve can tell the rest. What
// is missing stays empty.
func ReadAnswers(r io.Reader) (Answers, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxAnswers+1))
	if err != nil {
		return Answers{}, fmt.Errorf("answers: %w", err)
	}
	if len(content) > maxAnswers {
		return Answers{}, Faults{{Key: "answers", Message: fmt.Sprintf("the answers are larger than %d bytes", maxAnswers)}}
	}
	document, err := decodeRecord("answers", content)
	return document.answers(), err
}

// decodeRecord reads the one document of a backlot.yaml or an answers file.
func decodeRecord(name string, content []byte) (record, error) {
	var document record
	var faults faultList
	for _, problem := range decodeYAML(name, content, &document) {
		if problem.Line == 0 {
			faults.add("answers", "%s: %s", name, problem.Message)
		} else {
			faults.add("answers", "%s: line %d: %s", name, problem.Line, problem.Message)
		}
	}
	if document.Version > recordVersion {
		faults.add("answers", "%s: version %d is of a newer Backlot; this one reads version %d", name, document.Version, recordVersion)
	}
	return document, faults.err()
}

// recordVersion is the version of backlot.yaml's form.
const recordVersion = 1

// record is backlot.yaml.
type record struct {
	Version           int             `yaml:"version"`
	Backlot           string          `yaml:"backlot"`
	Name              string          `yaml:"name"`
	Module            string          `yaml:"module,omitempty"`
	Language          string          `yaml:"language"`
	Database          string          `yaml:"database"`
	Hosting           string          `yaml:"hosting"`
	Resources         []resourceText  `yaml:"resources"`
	Commands          map[string]argv `yaml:"commands,omitempty"`
	TemporaryDatabase string          `yaml:"temporary_database,omitempty"`
}

// argv is written on one line: [go, run, .].
type argv []string

func (a argv) MarshalYAML() (any, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, word := range a {
		node := &yaml.Node{}
		node.SetString(word)
		list.Content = append(list.Content, node)
	}
	return list, nil
}

// resourceText is a resource as a text in the form of ParseResource, or as a mapping.
type resourceText struct {
	text   string
	fields *resourceMapping
}

type resourceMapping struct {
	Name   string         `yaml:"name"`
	Plural string         `yaml:"plural"`
	Fields []fieldMapping `yaml:"fields"`
}

type fieldMapping struct {
	Name     string   `yaml:"name"`
	Type     string   `yaml:"type"`
	Values   []string `yaml:"values"`
	Optional bool     `yaml:"optional"`
	Unique   bool     `yaml:"unique"`
}

// UnmarshalYAML has the library's older form: only this one goes on refusing keys that are not known.
func (r *resourceText) UnmarshalYAML(decode func(any) error) error {
	if decode(&r.text) == nil {
		return nil
	}
	return decode(&r.fields)
}

func (r resourceText) MarshalYAML() (any, error) { return r.text, nil }

func (d record) answers() Answers {
	a := Answers{Name: d.Name, Module: d.Module, Language: d.Language, Database: d.Database, Hosting: d.Hosting}
	for _, text := range d.Resources {
		if text.fields == nil {
			a.Resources = append(a.Resources, parseResource(text.text))
			continue
		}
		r := Resource{Name: text.fields.Name, Plural: text.fields.Plural}
		if r.Plural == "" {
			r.Plural = plural(r.Name)
		}
		for _, f := range text.fields.Fields {
			r.Fields = append(r.Fields, Field(f))
		}
		a.Resources = append(a.Resources, r)
	}
	return a
}

// isName tells whether a name is made of lower-case words and digits with one separator between each two,
// and begins with a letter.
func isName(name, separator string) bool {
	for word := range strings.SplitSeq(name, separator) {
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || word == "" {
			return false
		}
	}
	return name[0] >= 'a'
}

// isWindowsDevice tells whether Windows keeps a name for a device, whatever follows the first dot.
func isWindowsDevice(name string) bool {
	name, _, _ = strings.Cut(strings.ToLower(name), ".")
	for _, port := range []string{"com", "lpt"} {
		if number, found := strings.CutPrefix(name, port); found && utf8.RuneCountInString(number) == 1 {
			return strings.ContainsAny(number, "0123456789¹²³")
		}
	}
	return slices.Contains([]string{"con", "prn", "aux", "nul", "conin$", "conout$"}, name)
}

const maxProjectName = 40

// CheckName says what is wrong with a project's name; nil when it can be used.
func CheckName(name string) error {
	var faults faultList
	checkProjectName(name, &faults)
	return faults.err()
}

func checkProjectName(name string, faults *faultList) {
	switch {
	case name == "":
		faults.add("name", "the project's name is missing")
	case !isName(name, "-"):
		hint := ""
		if better := caseKebab(name); isName(better, "-") {
			hint = ": write " + show(better)
		}
		faults.add("name", "the name %s must be lower-case letters, digits and single hyphens, and begin with a letter%s", show(name), hint)
	case len(name) > maxProjectName:
		faults.add("name", "the name is longer than %d characters", maxProjectName)
	case isWindowsDevice(caseFlat(name)): // a language may name a folder after it
		faults.add("name", "the name %s is kept by Windows for a device: choose another", name)
	}
}

// Resolve checks answers against the catalog and returns them with names for aliases and the default
// module filled in. Everything that is missing or wrong is reported together, as Faults; another error
// means that the tree itself is at fault.
func (c *Catalog) Resolve(a Answers) (Answers, error) {
	var faults faultList
	checkProjectName(a.Name, &faults)
	for _, axis := range []struct {
		Axis
		value *string
	}{{Language, &a.Language}, {Database, &a.Database}, {Hosting, &a.Hosting}} {
		resolved, err := c.resolve(axis.Axis, *axis.value, &faults)
		if err != nil {
			return a, err
		}
		*axis.value = resolved
	}
	if ok, reason, err := c.Goes(a.Language, a.Database, ""); err != nil {
		return a, err
	} else if !ok {
		faults.add("database", "%s", reason)
	}
	if ok, reason, err := c.Goes("", a.Database, a.Hosting); err != nil {
		return a, err
	} else if !ok {
		faults.add("hosting", "%s", reason)
	}
	checkResources(a.Resources, &faults)
	if a.Language != "" && a.Database != "" {
		if err := c.resolveNames(&a, &faults); err != nil {
			return a, err
		}
	}
	return a, faults.err()
}

func checkResources(resources []Resource, faults *faultList) {
	if len(resources) == 0 {
		faults.add("resource", "resource is missing: write --resource '%s', for example", DefaultResource)
	}
	if len(resources) > maxResources {
		faults.add("resource", "there are %d resources; %d is the most", len(resources), maxResources)
		return
	}
	seen := map[string]bool{}
	for _, r := range resources {
		if seen[r.Name] {
			faults.add("resource", "resource %s stands there twice", show(r.Name))
		}
		seen[r.Name] = true
		checkResource(r, faults)
	}
}

// resolveNames applies what the chosen layers say of names: the module, refused words, collisions.
func (c *Catalog) resolveNames(a *Answers, faults *faultList) error {
	language, err := c.layer(path.Join(Language.folder, a.Language))
	if err != nil {
		return err
	}
	rule := language.Module
	if a.Module == "" {
		a.Module = language.moduleOf(a.Name)
	} else if rule.Pattern == "" {
		faults.add("module", "%s has no module path: leave --module out", a.Language)
	} else if pattern, err := regexp.Compile(`\A(?:` + rule.Pattern + `)\z`); err != nil {
		return fmt.Errorf("templates: %w", language.problem("module.pattern: "+err.Error(), "module", "pattern"))
	} else if !pattern.MatchString(a.Module) {
		faults.add("module", "%s is no %s, such as %s", show(a.Module), rule.Title, language.moduleOf("shop"))
	} else if part := rule.reservedPart(a.Module); part != "" {
		faults.add("module", "%s is not possible: %s is a word of the language", show(a.Module), part)
	} else if err := checkPath(modulePath(a.Module)); err != nil {
		faults.add("module", "%s is not possible: %s", show(a.Module), err)
	}
	s, err := c.layersFor(*a)
	if err != nil {
		return err
	}
	for _, l := range s.all() {
		if reason := l.Refuse.Project[a.Name]; reason != "" {
			faults.add("name", "the name %s is not possible: %s", a.Name, reason)
		}
		for _, r := range a.Resources {
			for _, name := range slices.Compact([]string{r.Name, r.Plural}) {
				if reason := l.Refuse.Resource[name]; reason != "" {
					faults.add("resource", "resource %s is not possible: %s", name, reason)
				}
			}
			for _, f := range r.Fields {
				if reason := l.Refuse.Field[f.Name]; reason != "" {
					faults.add("resource", "field %s of %s is not possible: %s", f.Name, r.Name, reason)
				}
			}
		}
	}
	if len(faults.faults) > 0 {
		return nil // names that broke a rule need not be compared
	}
	var names, plurals []string
	for _, r := range a.Resources {
		names, plurals = append(names, r.Name), append(plurals, r.Plural)
		var fields []string
		for _, f := range r.Fields {
			fields = append(fields, f.Name)
		}
		language.Names.collisions("fields", language.Names.Field, fields, fields, faults)
	}
	always := merged(map[string]nameForm{"path": {Case: "kebab", Plural: true}}, language.Names.Resource)
	language.Names.collisions("resources", always, names, plurals, faults)
	return nil
}

// MarshalJSON writes the answers with the keys of backlot.yaml, resources in the form of ParseResource.
func (a Answers) MarshalJSON() ([]byte, error) {
	resources := []string{}
	for _, r := range a.Resources {
		resources = append(resources, r.String())
	}
	return json.Marshal(struct {
		Name      string   `json:"name"`
		Module    string   `json:"module,omitempty"`
		Language  string   `json:"language"`
		Database  string   `json:"database"`
		Hosting   string   `json:"hosting"`
		Resources []string `json:"resources"`
	}{a.Name, a.Module, a.Language, a.Database, a.Hosting, resources})
}
