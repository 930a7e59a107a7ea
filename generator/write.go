package generator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// WriteOptions say how a project is written.
type WriteOptions struct {
	// Force lets a folder be written into that is not empty: files that it holds under the same path are
	// replaced, all others stay.
	Force bool
	// Finish is called with the folder that the whole project is staged in, before any of it can be seen:
	// to make a git repository of it, say. What it adds there is published too, where nothing is in the
	// way. Its error is returned, and then nothing is published.
	Finish func(ctx context.Context, folder string) error

	// at is called before every step, by several goroutines, so that tests can fail or stop there.
	at func(step string) error
}

// A ConflictError says that a folder cannot be written into as it is. Nothing was written.
type ConflictError struct {
	Dir    string
	Paths  []string // what would be replaced, or is in the way; may be empty
	Reason string
}

func (e *ConflictError) Error() string { return printable(e.Dir) + " " + e.Reason }

// Write puts the project into a folder, which need not exist. Secrets are drawn here. A new folder is
// made as a whole, by one rename; in a folder that exists, each file is put in place by a rename, and
// when one fails all are put back. An error, or the end of ctx, leaves the folder as it was. A folder
// that is not empty is a *ConflictError unless Force is set.
func (p *Project) Write(ctx context.Context, dir string, options WriteOptions) error {
	target, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if options.at == nil {
		options.at = func(string) error { return nil }
	}
	for _, f := range p.Files {
		if !fs.ValidPath(f.Path) || f.Path == "." || !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return fmt.Errorf("the path %s would leave the project's folder", show(f.Path))
		}
	}
	exists, err := checkTarget(dir, target)
	if err != nil {
		return err
	}
	if !exists {
		return p.writeNew(ctx, dir, target, options)
	}
	return p.writeInto(ctx, dir, target, options)
}

// Conflicts is the *ConflictError that Write would give for a folder as it is now, or nil.
func (p *Project) Conflicts(dir string, force bool) error {
	target, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if exists, err := checkTarget(dir, target); err != nil || !exists {
		return err
	}
	root, err := os.OpenRoot(target)
	if err != nil {
		return err
	}
	defer root.Close()
	return p.conflicts(root, dir, force)
}

// checkTarget tells whether a folder exists; what is there and no folder is a *ConflictError.
func checkTarget(dir, target string) (exists bool, err error) {
	info, err := os.Lstat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.Mode()&fs.ModeSymlink != 0:
		return false, &ConflictError{Dir: dir, Reason: "is a symbolic link: name the folder that it points to"}
	case !info.IsDir():
		return false, &ConflictError{Dir: dir, Reason: "is a file: choose another folder"}
	}
	return true, nil
}

func (p *Project) writeNew(ctx context.Context, dir, target string, options WriteOptions) (err error) {
	if err := checkpoint(ctx, options, "make folders"); err != nil {
		return err
	}
	made, err := makeFolders(filepath.Dir(target))
	defer func() {
		if err != nil {
			for _, folder := range slices.Backward(made) {
				_ = os.Remove(folder)
			}
		}
	}()
	if err != nil {
		return err
	}
	s, err := newStage(filepath.Dir(target))
	if err != nil {
		return err
	}
	defer s.remove()
	ready, err := p.stageFiles(ctx, s, options)
	if err != nil {
		return err
	}
	if err := checkpoint(ctx, options, "publish"); err != nil {
		return err
	}
	if err := os.Rename(ready, target); err != nil {
		if _, there := os.Lstat(target); there == nil {
			return &ConflictError{Dir: dir, Reason: "has appeared while the project was made: choose another folder"}
		}
		return err
	}
	return nil
}

// makeFolders makes a folder with those above it and returns the ones that were not there, outermost first.
func makeFolders(folder string) (made []string, err error) {
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	made, err = makeFolders(filepath.Dir(folder))
	if err != nil {
		return made, err
	}
	switch err := os.Mkdir(folder, 0o777); {
	case err == nil:
		return append(made, folder), nil
	case isFolder(folder): // another run was faster
		return made, nil
	default:
		return made, err
	}
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// stageFiles writes every file into the stage, finishes them and returns the folder that holds them.
func (p *Project) stageFiles(ctx context.Context, s *stage, options WriteOptions) (string, error) {
	ready := filepath.Join(s.folder, "new")
	made := map[string]bool{".": true}
	if err := checkpoint(ctx, options, "stage folders"); err != nil {
		return "", err
	}
	if err := os.Mkdir(ready, 0o777); err != nil {
		return "", err
	}
	secrets := vault{}
	contents := make([][]byte, len(p.Files))
	for i, f := range p.Files {
		if err := mkdirs(ready, path.Dir(f.Path), made); err != nil {
			return "", err
		}
		contents[i] = f.Content
		if f.secret {
			contents[i] = secrets.fill(f.Content)
		}
	}
	err := inParallel(len(p.Files), func(i int) error {
		if err := checkpoint(ctx, options, "stage "+p.Files[i].Path); err != nil {
			return err
		}
		return writeFile(filepath.Join(ready, filepath.FromSlash(p.Files[i].Path)), contents[i], p.Files[i].Mode)
	})
	if err != nil || options.Finish == nil {
		return ready, err
	}
	if err := checkpoint(ctx, options, "finish"); err != nil {
		return "", err
	}
	return ready, options.Finish(ctx, ready)
}

func mkdirs(root, folder string, made map[string]bool) error {
	if made[folder] {
		return nil
	}
	if err := mkdirs(root, path.Dir(folder), made); err != nil {
		return err
	}
	made[folder] = true
	return os.Mkdir(filepath.Join(root, filepath.FromSlash(folder)), 0o777)
}

func writeFile(name string, content []byte, mode fs.FileMode) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// writeInto puts the project into a folder that exists. The stage lies inside it, so that every rename
// stays within one os.Root, which no symbolic link leads out of.
func (p *Project) writeInto(ctx context.Context, dir, target string, options WriteOptions) error {
	root, err := os.OpenRoot(target)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := p.conflicts(root, dir, options.Force); err != nil {
		return err
	}
	if err := checkpoint(ctx, options, "make stage"); err != nil {
		return err
	}
	s, err := newStage(target)
	if err != nil {
		return err
	}
	if _, err := p.stageFiles(ctx, s, options); err != nil {
		s.remove()
		return err
	}
	publication := &publication{
		root: root, dir: dir, stage: filepath.Base(s.folder), force: options.Force, files: map[string]bool{}, folders: map[string]bool{".": true},
		step: func(step string) error { return checkpoint(ctx, options, step) },
	}
	if err := p.publish(publication); err != nil {
		if lost := publication.undo(); lost != nil {
			// What could not be put back is in the stage and nowhere else: the stage stays, its lock goes.
			s.abandon()
			return errors.Join(err, fmt.Errorf("%w: what the folder held before is in %s", lost, printable(s.folder)))
		}
		s.remove()
		return err
	}
	s.remove()
	return nil
}

// publish puts every staged file in place, and then what Finish added.
func (p *Project) publish(publication *publication) error {
	for _, f := range p.Files {
		if err := publication.place(filepath.FromSlash(f.Path)); err != nil {
			return err
		}
	}
	return publication.addRest(".")
}

// conflicts finds, before the first byte is written, all that keeps the project out of a folder.
func (p *Project) conflicts(root *os.Root, dir string, force bool) error {
	var replaced, blocked []string
	seen := map[string]bool{}
	for _, f := range p.Files {
		for at := f.Path; at != "."; at = path.Dir(at) {
			if seen[at] {
				break
			}
			seen[at] = true
			info, err := root.Lstat(filepath.FromSlash(at))
			switch {
			case err != nil: // absent, or below something that is reported itself
			case at == f.Path && info.Mode().IsRegular():
				replaced = append(replaced, at)
			case at != f.Path && info.IsDir():
			default:
				blocked = append(blocked, at)
			}
		}
	}
	slices.Sort(blocked)
	if len(blocked) > 0 {
		return &ConflictError{Dir: dir, Paths: blocked, Reason: "holds folders, links or special files where files of the project belong: move them away"}
	}
	if force {
		return nil
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return stageName().MatchString(e.Name()) })
	switch {
	case len(replaced) > 0:
		return &ConflictError{Dir: dir, Paths: replaced, Reason: "is not empty, and these files would be replaced: choose another folder, or replace them with --force"}
	case len(entries) > 0:
		return &ConflictError{Dir: dir, Reason: "is not empty; no file in it would be replaced: choose another folder, or write into it with --force"}
	}
	return nil
}

// A publication puts staged files in place one by one and can put everything back.
type publication struct {
	root    *os.Root
	dir     string // as the user wrote it
	stage   string // in the root
	force   bool   // replace files that are there
	step    func(string) error
	files   map[string]bool // of the project
	folders map[string]bool // likewise
	kept    int
	reverse []func() error
}

// staged is where a file is that waits for its place.
func (p *publication) staged(name string) string { return filepath.Join(p.stage, "new", name) }

// place puts a staged file at its path. What was there is kept by a second name first, and replaced by a
// rename, so that the path is never empty.
func (p *publication) place(name string) error {
	if err := p.step("publish " + name); err != nil {
		return err
	}
	p.files[name] = true
	if err := p.makeFolders(filepath.Dir(name)); err != nil {
		return err
	}
	info, err := p.root.Lstat(name)
	if err != nil {
		return p.placeNew(name)
	}
	// It was looked for before; a file that is here now and may not be replaced has come since.
	if !p.force || !info.Mode().IsRegular() {
		return p.appeared(name)
	}
	p.kept++
	kept := filepath.Join(p.stage, strconv.Itoa(p.kept))
	if err := p.keep(name, kept, info); err != nil {
		return err
	}
	if err := p.step("replace " + name); err != nil {
		return err
	}
	if err := p.root.Rename(p.staged(name), name); err != nil {
		return err
	}
	p.reverse = append(p.reverse, func() error { return p.root.Rename(kept, name) })
	return nil
}

// placeNew gives the staged file its path as a second name: unlike a rename this fails when somebody else
// was faster. Where the file system has no hard links, a rename has to do.
func (p *publication) placeNew(name string) error {
	err := p.root.Link(p.staged(name), name)
	if errors.Is(err, fs.ErrExist) {
		return p.appeared(name)
	}
	if err != nil {
		if err := p.root.Rename(p.staged(name), name); err != nil {
			return err
		}
	}
	p.reverse = append(p.reverse, func() error { return p.root.Remove(name) })
	return nil
}

// addRest puts in place what Finish added to a folder of the project: each file, and each folder as a
// whole. Their places must be free.
func (p *publication) addRest(folder string) error {
	entries, err := fs.ReadDir(p.root.FS(), filepath.ToSlash(p.staged(folder)))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := filepath.Join(folder, entry.Name())
		switch {
		case p.folders[name]:
			err = p.addRest(name)
		case !p.files[name]:
			err = p.add(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *publication) add(name string) error {
	if err := p.step("add " + name); err != nil {
		return err
	}
	if _, err := p.root.Lstat(name); err == nil {
		return &ConflictError{Dir: p.dir, Paths: []string{filepath.ToSlash(name)}, Reason: "holds what would have to be made: move it away"}
	}
	if err := p.root.Rename(p.staged(name), name); err != nil {
		return err
	}
	p.reverse = append(p.reverse, func() error { return p.root.Rename(name, p.staged(name)) })
	return nil
}

func (p *publication) appeared(name string) error {
	return &ConflictError{Dir: p.dir, Paths: []string{filepath.ToSlash(name)}, Reason: "holds something else now than when it was looked at: try again"}
}

// keep gives a file a second name, or copies it where the file system has no hard links.
func (p *publication) keep(name, kept string, info fs.FileInfo) error {
	if p.root.Link(name, kept) == nil {
		return nil
	}
	return copyKept(p.root, name, kept, info)
}

func copyKept(root *os.Root, name, kept string, info fs.FileInfo) error {
	from, err := root.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := root.OpenFile(kept, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	// The umask has no say in a file that was there before.
	return errors.Join(err, to.Close(), root.Chmod(kept, info.Mode()), root.Chtimes(kept, time.Time{}, info.ModTime()))
}

func (p *publication) makeFolders(folder string) error {
	if p.folders[folder] {
		return nil
	}
	if err := p.makeFolders(filepath.Dir(folder)); err != nil {
		return err
	}
	switch info, err := p.root.Lstat(folder); {
	case err == nil && !info.IsDir():
		return p.appeared(folder)
	case err != nil:
		if err := p.root.Mkdir(folder, 0o777); err != nil {
			return err
		}
		p.reverse = append(p.reverse, func() error { return p.root.Remove(folder) })
	}
	p.folders[folder] = true
	return nil
}

// undo puts everything back, last step first.
func (p *publication) undo() error {
	var errs []error
	for _, back := range slices.Backward(p.reverse) {
		if err := back(); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("putting back: %w", errors.Join(errs...))
	}
	return nil
}

func checkpoint(ctx context.Context, options WriteOptions, step string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return options.at(step)
}
