package generator

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"
	"text/template/parse"
)

const (
	templateSuffix = ".tmpl"
	// maxFileSize bounds what one template may write, so that a faulty tree cannot fill the memory.
	maxFileSize = 16 << 20
	maxFiles    = 20_000
)

// A source is one file of the tree that a combination uses.
type source struct {
	layer  string // the layer's folder
	file   string // in the tree
	mode   fs.FileMode
	places []expanded
	text   []byte
	ready  *template.Template
}

// Generate makes the project that the answers ask for, in memory. The error is of type Faults when the
// answers are at fault; any other names the file of the tree, with line where there is one.
func (c *Catalog) Generate(answers Answers) (*Project, error) { return c.generate(answers, Version()) }

func (c *Catalog) generate(answers Answers, version string) (*Project, error) {
	answers, err := c.Resolve(answers)
	if err != nil {
		return nil, err
	}
	s, err := c.layersFor(answers)
	if err != nil {
		return nil, err
	}
	record := sync.OnceValues(func() ([]byte, error) { return recordOf(answers, s, version) })
	go record() //nolint:errcheck // asked again below
	values := dataFor(answers, s, version)
	sources, err := c.plan(s, values)
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	files, err := c.render(sources, values)
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	ownRecord, err := record()
	if err != nil {
		return nil, err
	}
	project := &Project{Answers: answers, Files: files}
	project.addRecords(ownRecord)
	return project, nil
}

// plan lists the files of the layers and where each goes. A path with two owners is an error.
func (c *Catalog) plan(s *selection, values data) ([]*source, error) {
	var sources []*source
	owners := owners{}
	count := 0
	seen := map[string]bool{}
	project, resources := values["Project"].(data), values["Resources"].([]any)
	var lay func(l *layer) error
	lay = func(l *layer) error {
		if seen[l.path] {
			return nil
		}
		seen[l.path] = true
		for _, name := range l.Include {
			included, err := c.layer(name)
			if err != nil {
				return err
			}
			if err := lay(included); err != nil {
				return err
			}
		}
		found, err := c.filesOf(l)
		if err != nil {
			return err
		}
		for _, f := range found {
			f.places, err = expandPath(strings.TrimPrefix(f.file, l.path+"/files/"), project, resources)
			if err != nil {
				return Problem{File: f.file, Message: err.Error()}
			}
			if count += len(f.places); count > maxFiles {
				return fmt.Errorf("the project would have more than %d files", maxFiles)
			}
			for _, place := range f.places {
				if err := owners.claim(place.path, f.file); err != nil {
					return err
				}
			}
		}
		sources = append(sources, found...)
		return nil
	}
	for _, l := range s.all() {
		if err := lay(l); err != nil {
			return nil, err
		}
	}
	for _, own := range []string{recordFile, lockFile} {
		if err := owners.claim(own, "backlot"); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// filesOf lists the files of one layer, in the order of their paths.
func (c *Catalog) filesOf(l *layer) ([]*source, error) {
	root := path.Join(l.path, "files")
	executable := map[string]bool{}
	for _, name := range l.Executable {
		executable[name] = true
	}
	var found []*source
	err := fs.WalkDir(c.tree, root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			if file == root && errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		if entry.IsDir() {
			return nil
		}
		if !entry.Type().IsRegular() || file == root {
			return Problem{File: file, Message: "is no ordinary file or folder"}
		}
		name := strings.TrimPrefix(file, root+"/")
		mode := fs.FileMode(0o644)
		if key := strings.TrimSuffix(name, templateSuffix); executable[key] {
			mode = 0o755
			delete(executable, key)
		}
		found = append(found, &source{layer: l.path, file: file, mode: mode})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for name := range executable {
		return nil, l.problem(fmt.Sprintf("there is no file %s to be executable", show(name)), "executable", name)
	}
	return found, nil
}

// owners maps each path, in lower case since some systems know no other, to what is written there.
type owners map[string]claim

type claim struct {
	path   string
	owner  string // the file of the tree
	folder bool
}

func (o owners) claim(p, owner string) error {
	if other, taken := o[strings.ToLower(p)]; taken && !other.folder {
		return fmt.Errorf("%s is written by two files: %s and %s", p, other.owner, owner)
	}
	folder := false
	for at := p; at != "."; at, folder = path.Dir(at), true {
		key := strings.ToLower(at)
		other, taken := o[key]
		switch {
		case taken && other.folder != folder:
			return fmt.Errorf("%s would be a file and a folder: %s and %s", at, other.owner, owner)
		case taken && other.path != at:
			return fmt.Errorf("%s and %s would be one folder on some systems: %s and %s", other.path, at, other.owner, owner)
		case taken:
			return nil // and so are the folders above
		}
		o[key] = claim{at, owner, folder}
	}
	return nil
}

// render reads, parses and writes the files, several side by side. Parsing goes through parse.Parse and one
// shared set of functions: a template.New(…).Funcs(…) per file costs more than the rest of the run.
func (c *Catalog) render(sources []*source, values data) ([]File, error) {
	type job struct {
		source  *source
		prepare func() error // once for all places of the source
		place   expanded
	}
	set := newSet()
	var jobs []job
	for _, s := range sources {
		prepare := sync.OnceValue(func() error { return s.prepare(c, set) })
		for _, place := range s.places {
			jobs = append(jobs, job{s, prepare, place})
		}
	}
	files := make([]File, len(jobs))
	err := inParallel(len(jobs), func(i int) error {
		s, place := jobs[i].source, jobs[i].place
		if err := jobs[i].prepare(); err != nil {
			return err
		}
		content, err := s.write(place, values)
		files[i] = File{Path: place.path, Mode: s.mode, Content: content, Layer: s.layer, source: s.file, sum: sha256.Sum256(content)}
		if s.ready != nil && bytes.IndexByte(content, 0) >= 0 && secretPattern().Match(content) {
			files[i].Mode, files[i].secret = 0o600, true
		}
		return err
	})
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, err
}

// prepare reads a source, and makes a template of it unless it is copied.
func (s *source) prepare(c *Catalog, set *template.Template) error {
	text, err := c.text(s.file)
	if err != nil {
		return err
	}
	s.text = text.content
	if text.trees != nil {
		s.ready, err = assemble(set, s.file, text.trees)
	}
	return err
}

// A text is a file of the tree, and of a template what parsing gives.
type text struct {
	content []byte
	trees   map[string]*parse.Tree
}

// text reads a file, and parses it when it is a template, once.
func (c *Catalog) text(file string) (text, error) {
	read, _ := c.texts.LoadOrStore(file, sync.OnceValues(func() (t text, err error) {
		if t.content, err = fs.ReadFile(c.tree, file); err == nil && strings.HasSuffix(file, templateSuffix) {
			t.trees, err = parseTemplate(file, t.content)
		}
		return t, err
	}))
	return read.(func() (text, error))()
}

// readAhead reads the files of a layer that a run is likely to use: parsing them takes as long as all that
// comes before it. What is wrong with them is told when they are used.
func (c *Catalog) readAhead(folder string) {
	go func() {
		_ = fs.WalkDir(c.tree, path.Join(folder, "files"), func(file string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				_, _ = c.text(file)
			}
			return nil
		})
	}()
}

func parseTemplate(file string, content []byte) (map[string]*parse.Tree, error) {
	trees, err := parse.Parse(file, string(content), "", "", functionNames())
	if err != nil {
		return nil, templateProblem(file, err)
	}
	return trees, nil
}

func newSet() *template.Template {
	return template.New("").Option("missingkey=error").Funcs(functions())
}

// assemble makes a template of a parsed file: in the shared set, or in its own when it has a {{define}}, which
// is visible to that file alone.
func assemble(set *template.Template, file string, trees map[string]*parse.Tree) (*template.Template, error) {
	if len(trees) > 1 {
		set = newSet()
	}
	for name, tree := range trees {
		if _, err := set.AddParseTree(name, tree); err != nil {
			return nil, err
		}
	}
	return set.Lookup(file), nil
}

// write is the content of one file: copied, or rendered with the data and the file's resource.
func (s *source) write(place expanded, values data) ([]byte, error) {
	if s.ready == nil {
		return s.text, nil
	}
	if place.resource != nil {
		values = maps.Clone(values)
		values["Resource"] = place.resource
	}
	out := &bounded{}
	out.Grow(2 * len(s.text))
	if err := s.ready.Execute(out, values); err != nil {
		return nil, templateProblem(s.file, err)
	}
	content, err := align(out.Bytes())
	if err != nil {
		return nil, templateProblem(s.file, err)
	}
	return content, nil
}

// bounded is a buffer that refuses to grow without end.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxFileSize {
		return 0, tooLarge()
	}
	return b.Buffer.Write(p)
}

var templatePlace = lazyRegexp(`(?s)^template: (.*?):(\d+):(?:\d+:)? (.*)$`)

func tooLarge() error { return fmt.Errorf("the file would be larger than %d bytes", maxFileSize) }

// templateProblem takes apart what text/template says: template: FILE:12:3: executing …
func templateProblem(file string, err error) error {
	p := Problem{File: file, Message: printable(strings.TrimPrefix(err.Error(), "template: "))}
	if m := templatePlace().FindStringSubmatch(err.Error()); m != nil && m[1] == file {
		p.Line, _ = strconv.Atoi(m[2])
		p.Message = printable(strings.TrimPrefix(m[3], fmt.Sprintf("executing %q ", file)))
	}
	return p
}

// inParallel calls work for 0 to n-1 on all processors and returns the error of the lowest number.
func inParallel(n int, work func(int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var group sync.WaitGroup
	worker := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			errs[i] = work(i)
		}
	}
	for range min(runtime.GOMAXPROCS(0), n) - 1 {
		group.Go(worker)
	}
	worker()
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// released is the version of a released binary, into which goreleaser.yaml links it.
var released string

// Version is the version of this module in the running program: v1.2.3, or devel. It is right in a
// released binary, after go install …@version, and where this package is a dependency.
func Version() string { return cmp.Or(released, version()) }

var version = sync.OnceValue(func() string {
	const module = "github.com/backlot-cli/backlot"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	version := info.Main.Version
	if info.Main.Path != module {
		version = ""
		for _, dependency := range info.Deps {
			if dependency.Path == module {
				version = dependency.Version
			}
		}
	}
	if version == "" || version == "(devel)" {
		return "devel"
	}
	return version
})
