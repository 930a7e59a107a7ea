package generator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Check says what is wrong with a tree of layers, sorted by file and line: every layer.yaml is read, every
// template is parsed, and every combination is generated several times, with names and types that are
// hard on templates. Nothing is written or run.
func Check(tree fs.FS) []Problem {
	c := &checker{Catalog: &Catalog{tree: tree, layers: map[string]*layer{}}, found: map[Problem]bool{}}
	c.structure()
	if len(c.problems) == 0 {
		c.choices()
	}
	// What is wrong with a layer would only be told again, once for every combination that has it.
	if len(c.problems) == 0 {
		c.combinations()
	}
	slices.SortFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Message, b.Message))
	})
	return c.problems
}

type checker struct {
	*Catalog
	problems []Problem
	found    map[Problem]bool
}

func (c *checker) add(p Problem) {
	if !c.found[p] {
		c.found[p] = true
		c.problems = append(c.problems, p)
	}
}

// addError adds what an error says, which is about a file unless it names another.
func (c *checker) addError(file string, err error) {
	var problem Problem
	var faults Faults
	switch {
	case err == nil:
	case errors.As(err, &problem):
		c.add(problem)
	case errors.As(err, &faults):
		for _, fault := range faults {
			c.add(Problem{File: file, Message: fault.Message})
		}
	default:
		c.add(Problem{File: file, Message: printable(strings.TrimPrefix(err.Error(), "templates: "))})
	}
}

// structure checks each layer by itself, and that every folder is one.
func (c *checker) structure() {
	included := map[string]bool{}
	folders := c.layerFolders()
	for i := 0; i < len(folders); i++ { // it grows
		l, problems := readLayer(c.tree, folders[i])
		for _, p := range problems {
			c.add(p)
		}
		if l == nil || len(problems) > 0 {
			continue
		}
		for _, name := range l.Include {
			if c.isFolder(name) && !slices.Contains(folders, name) {
				folders = append(folders, name)
			}
			for at := name; at != "."; at = path.Dir(at) {
				included[at] = true
			}
		}
		_, err := c.layer(folders[i])
		c.addError(path.Join(folders[i], layerFile), err)
		c.files(l)
	}
	c.entries(".", included, func(entry fs.DirEntry) bool {
		return !entry.IsDir() || entry.Name() == "common" || slices.ContainsFunc(axes, func(a Axis) bool { return a.folder == entry.Name() })
	})
	for _, folder := range folders {
		c.entries(folder, included, func(entry fs.DirEntry) bool {
			if !entry.IsDir() {
				return entry.Name() == layerFile || entry.Name() == "README.md"
			}
			axis, _, _ := strings.Cut(folder, "/")
			return entry.Name() == "files" || entry.Name() == "databases" && strings.Count(folder, "/") == 1 && axis != Database.folder
		})
	}
}

var axes = []Axis{Language, Database, Hosting}

// layerFolders are the folders that are layers by their place.
func (c *checker) layerFolders() []string {
	list := []string{"common"}
	databases, err := c.names(Database)
	c.addError(Database.folder, err)
	for _, axis := range axes {
		names, err := c.names(axis)
		c.addError(axis.folder, err)
		if len(names) == 0 {
			c.add(Problem{File: axis.folder, Message: "the tree has no folder here"})
		}
		for _, name := range names {
			if !isName(name, "-") {
				c.add(Problem{File: path.Join(axis.folder, name), Message: "the name must be lower-case letters, digits and single hyphens, and begin with a letter"})
			}
			list = append(list, path.Join(axis.folder, name))
			cells := path.Join(axis.folder, name, "databases")
			inside, err := folders(c.tree, cells)
			c.addError(cells, err)
			for _, database := range inside {
				if axis != Database && !slices.Contains(databases, database) {
					c.add(Problem{File: path.Join(cells, database), Message: fmt.Sprintf("there is no folder %s for this database", path.Join(Database.folder, database))})
				}
				list = append(list, path.Join(cells, database))
			}
		}
	}
	return list
}

// entries reports what a folder holds that nothing reads.
func (c *checker) entries(folder string, included map[string]bool, known func(fs.DirEntry) bool) {
	entries, err := fs.ReadDir(c.tree, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	c.addError(folder, err)
	for _, entry := range entries {
		name := path.Join(folder, entry.Name())
		if !known(entry) && !included[name] && !strings.HasPrefix(entry.Name(), ".") {
			c.add(Problem{File: name, Message: "nothing reads this: it is no part of a layer, and no layer includes it"})
		}
	}
}

// files parses the templates of a layer, and checks what they compare.
func (c *checker) files(l *layer) {
	sources, err := c.filesOf(l)
	c.addError(l.path, err)
	for _, s := range sources {
		content, err := fs.ReadFile(c.tree, s.file)
		c.addError(s.file, err)
		if !strings.HasSuffix(s.file, templateSuffix) {
			if at := forgottenSuffix().FindIndex(content); at != nil {
				c.add(Problem{s.file, lineAt(content, at[0]), "a file without the suffix .tmpl is copied as it is, and this looks like a template"})
			}
			continue
		}
		trees, err := parseTemplate(s.file, content)
		c.addError(s.file, err)
		for _, name := range sortedKeys(trees) {
			checkLogic(trees[name], func(position int, message string) {
				c.add(Problem{s.file, lineAt(content, position), message})
			})
		}
	}
}

var forgottenSuffix = lazyRegexp(`\{\{-?\s*((range|with|if)\s+)?[$]?\.(Project|Language|Database|Hosting|Cell|Common|Commands|Resources?|Uses|Tool)\b`)

func lineAt(content []byte, offset int) int { return 1 + bytes.Count(content[:offset], []byte("\n")) }

// choices checks each axis as a whole: one default, no word for two choices, a module that fits itself.
func (c *checker) choices() {
	for _, axis := range axes {
		choices, err := c.Choices(axis)
		c.addError(axis.folder, err)
		owner := map[string]string{}
		var defaults []string
		for _, choice := range choices {
			l, _ := c.layer(path.Join(axis.folder, choice.Name))
			words := []string{strings.ToLower(choice.Name)}
			for _, alias := range append(slices.Clone(choice.Aliases), choice.Title) {
				if alias = strings.ToLower(alias); !slices.Contains(words, alias) {
					words = append(words, alias)
				}
			}
			for _, word := range words {
				if other, claimed := owner[word]; claimed {
					c.add(l.problem(fmt.Sprintf("%s stands for %s already", show(word), other), "aliases"))
				}
				owner[word] = choice.Name
			}
			if choice.Default {
				defaults = append(defaults, choice.Name)
			}
			if example := l.moduleOf("my-shop"); l.Module.Pattern != "" {
				if whole := regexp.MustCompile(`\A(?:` + l.Module.Pattern + `)\z`); !whole.MatchString(example) || checkPath(modulePath(example)) != nil {
					c.add(l.problem(fmt.Sprintf("the default module, such as %s, breaks the rules for modules", show(example)), "module", "default"))
				}
			}
		}
		switch len(defaults) {
		case 1:
		case 0:
			c.add(Problem{File: axis.folder, Message: "one choice must have default: true"})
		default:
			c.add(Problem{File: axis.folder, Message: "only one choice may have default: true; these have it: " + strings.Join(defaults, ", ")})
		}
	}
}

// hardResources are lists of resources that are hard on templates: every type, optional and unique in every
// mixture, words that languages and databases keep to themselves, a plural that is the singular.
func hardResources() [][]Resource {
	every := Resource{Name: "order", Plural: "orders"}
	mixed := Resource{Name: "order_line", Plural: "order_lines"}
	words := []string{"group", "class", "type", "select", "default", "user_id", "from", "table", "key", "status"}
	for i, t := range FieldTypes() {
		var values []string
		if t.Name == "enum" {
			values = []string{"draft", "in-review", "v1.0", "class"}
		}
		every.Fields = append(every.Fields, Field{words[i%len(words)], t.Name, values, false, false})
		mixed.Fields = append(mixed.Fields, Field{t.Name + "_optional", t.Name, values, true, false})
		if t.Unique {
			mixed.Fields = append(mixed.Fields, Field{t.Name + "_unique", t.Name, values, false, true}, Field{t.Name + "_both", t.Name, values, true, true})
		}
	}
	reserved := Resource{Name: "class", Plural: "classes"}
	for word := range strings.FieldsSeq("order where user index value values limit count string int error nil null self this new package import func var map range match yield async await public data") {
		reserved.Fields = append(reserved.Fields, Field{word, "string", nil, false, false})
	}
	usual, err := ParseResource(DefaultResource)
	if err != nil {
		panic(err) // it is a constant
	}
	return [][]Resource{
		{usual},
		{every, mixed, reserved},
		{{"series", "series", []Field{{"flag", "boolean", nil, true, false}}}, {"type", "types", []Field{{"at", "datetime", nil, false, true}}}, {"group", "groups", []Field{{"a", "text", nil, false, false}}}},
	}
}

// combinations generates all that the tree can make, and looks at what comes out.
func (c *checker) combinations() {
	combinations, err := c.Combinations()
	c.addError(Language.folder, err)
	if err == nil && len(combinations) == 0 {
		c.add(Problem{File: Language.folder, Message: "no language goes with a database and a hosting"})
	}
	lists := hardResources()
	problems := make([][]Problem, len(combinations)*len(lists))
	errs := make([]error, len(problems))
	_ = inParallel(len(problems), func(i int) error {
		combination := combinations[i/len(lists)]
		project, err := c.generate(Answers{
			Name: "my-2nd-shop", Language: combination.Language, Database: combination.Database, Hosting: combination.Hosting,
			Resources: lists[i%len(lists)],
		}, "v0.0.0")
		if errs[i] = err; err == nil {
			problems[i] = checkProject(project)
		}
		return nil
	})
	// One cause shows in many files and combinations; the first of them is told.
	told := map[Problem]bool{}
	for i, err := range errs {
		in := combinations[i/len(lists)]
		one := checker{found: map[Problem]bool{}, problems: problems[i]}
		one.addError(path.Join(Language.folder, in.Language, layerFile), err)
		for _, p := range one.problems {
			cause := p
			if _, rest, ofOutput := strings.Cut(p.Message, outputMark); ofOutput {
				cause.Message = rest
			}
			if !told[cause] {
				told[cause] = true
				p.Message += fmt.Sprintf(" (with %s, %s and %s)", in.Language, in.Database, in.Hosting)
				c.add(p)
			}
		}
	}
}

// outputMark follows the path of a project's file in a problem of the template that made it.
const outputMark = " has a fault: "

// checkProject looks at the files that a template made. A file that was copied is the author's own text.
func checkProject(p *Project) []Problem {
	var problems []Problem
	ignored := map[string]bool{}
	for _, f := range p.Files {
		if f.Path == ".gitignore" {
			for line := range strings.Lines(string(f.Content)) {
				ignored[strings.TrimPrefix(strings.TrimSpace(line), "/")] = true
			}
		}
	}
	for _, f := range p.Files {
		report := func(format string, arguments ...any) {
			problems = append(problems, Problem{File: cmp.Or(f.source, f.Path), Message: f.Path + outputMark + fmt.Sprintf(format, arguments...)})
		}
		if f.secret && !ignored[f.Path] {
			report("it holds secrets, and .gitignore has no line for it")
		}
		if err := checkSyntax(f.Path, f.Content); err != nil {
			report("%s", printable(err.Error()))
		}
		if !strings.HasSuffix(f.source, templateSuffix) {
			continue
		}
		if at := bytes.Index(f.Content, []byte("<no value>")); at >= 0 {
			report("line %d: a value is missing: <no value>", lineAt(f.Content, at))
		}
		if at := leftover().FindIndex(f.Content); at != nil {
			report("line %d: %s was not filled", lineAt(f.Content, at[0]), f.Content[at[0]:at[1]])
		}
		if at := brokenSecret().FindIndex(secretPattern().ReplaceAll(f.Content, nil)); at != nil {
			report("a secret went through another function: it must stand alone")
		}
	}
	return problems
}

var (
	leftover     = lazyRegexp(`\{\{-?\s*[.$][A-Za-z.]*|\[\[-?\s*\.[A-Za-z.]*`)
	brokenSecret = lazyRegexp("[\x00\x01]|" + `\\x01\\x01|\\u0001\\u0001`)
)

// checkSyntax parses what the standard library and this module's own libraries can parse.
func checkSyntax(file string, content []byte) error {
	switch path.Ext(file) {
	case ".json":
		// Some tools allow comments in their own files.
		if strings.HasPrefix(path.Base(file), "tsconfig") || strings.Contains("/"+file, "/.vscode/") || strings.Contains("/"+file, "/.devcontainer/") {
			return nil
		}
		var value any
		return json.Unmarshal(content, &value)
	case ".go":
		_, err := parser.ParseFile(token.NewFileSet(), "", content, parser.SkipObjectResolution)
		return err
	case ".yaml", ".yml":
		if strings.Contains("/"+file, "/templates/") { // of a Helm chart
			return nil
		}
		for decoder := yaml.NewDecoder(bytes.NewReader(content)); ; {
			var value any
			if err := decoder.Decode(&value); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}
