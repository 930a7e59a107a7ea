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
	"strings"
)

// WriteOptions say how a project is written.
type WriteOptions struct {
	// Force lets a folder be written into that is not empty: files that it holds under the same path are
	// replaced, all others stay.
	Force bool
	// Finish is called once every file is there: for a new folder with the stage, before anything can be
	// seen; for a folder that existed with the folder itself. Its error is returned.
	Finish func(ctx context.Context, folder string) error

	// at is called at every step, so that tests can fail or stop there.
	at func(step string) error
}

// A ConflictError says that a folder cannot be written into as it is. Nothing was written.
type ConflictError struct {
	Dir    string
	Paths  []string // what would be replaced, or is in the way; may be empty
	Reason string
}

func (e *ConflictError) Error() string { return show(e.Dir) + " " + e.Reason }

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
	info, err := os.Lstat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p.writeNew(ctx, target, options)
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return &ConflictError{Dir: dir, Reason: "is a symbolic link: name the folder that it points to"}
	case !info.IsDir():
		return &ConflictError{Dir: dir, Reason: "is a file: choose another folder"}
	}
	return p.writeInto(ctx, dir, target, options)
}

func (p *Project) writeNew(ctx context.Context, target string, options WriteOptions) (err error) {
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
	if options.Finish != nil {
		if err := options.Finish(ctx, ready); err != nil {
			return err
		}
	}
	if err := checkpoint(ctx, options, "publish"); err != nil {
		return err
	}
	return os.Rename(ready, target)
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
	if err := os.Mkdir(folder, 0o777); err != nil {
		return made, err
	}
	return append(made, folder), nil
}

// stageFiles writes every file into the stage and returns the folder that holds them.
func (p *Project) stageFiles(ctx context.Context, s *stage, options WriteOptions) (string, error) {
	ready := filepath.Join(s.folder, "new")
	made := map[string]bool{".": true}
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
	return ready, inParallel(len(p.Files), func(i int) error {
		if err := checkpoint(ctx, options, "stage "+p.Files[i].Path); err != nil {
			return err
		}
		return writeFile(filepath.Join(ready, filepath.FromSlash(p.Files[i].Path)), contents[i], p.Files[i].Mode)
	})
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
	s, err := newStage(target)
	if err != nil {
		return err
	}
	defer s.remove()
	ready, err := p.stageFiles(ctx, s, options)
	if err != nil {
		return err
	}
	relative := func(folder string) string { name, _ := filepath.Rel(target, folder); return name }
	publication := &publication{root: root, old: relative(s.folder)}
	for _, f := range p.Files {
		err := checkpoint(ctx, options, "publish "+f.Path)
		if err == nil {
			err = publication.place(filepath.Join(relative(ready), filepath.FromSlash(f.Path)), filepath.FromSlash(f.Path))
		}
		if err != nil {
			return errors.Join(err, publication.undo())
		}
	}
	if options.Finish != nil {
		return options.Finish(ctx, target)
	}
	return nil
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
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".backlot-") })
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
	old     string // a folder of the stage, which keeps what is replaced
	kept    int
	reverse []func() error
}

// place renames a staged file to its path. What was there is kept by a second name first, so that the
// path is never empty.
func (p *publication) place(staged, to string) error {
	if err := p.makeFolders(filepath.Dir(to)); err != nil {
		return err
	}
	back := func() error { return p.root.Remove(to) }
	if info, err := p.root.Lstat(to); err == nil {
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s: is no file any more", to)
		}
		p.kept++
		kept := filepath.Join(p.old, strconv.Itoa(p.kept))
		if err := p.keep(to, kept, info.Mode()); err != nil {
			return err
		}
		back = func() error { return p.root.Rename(kept, to) }
	}
	if err := p.root.Rename(staged, to); err != nil {
		return err
	}
	p.reverse = append(p.reverse, back)
	return nil
}

// keep gives a file a second name, or copies it where the file system has no hard links.
func (p *publication) keep(name, kept string, mode fs.FileMode) error {
	if p.root.Link(name, kept) == nil {
		return nil
	}
	from, err := p.root.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := p.root.OpenFile(kept, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode.Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

func (p *publication) makeFolders(folder string) error {
	if info, err := p.root.Lstat(folder); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s: is no folder any more", folder)
		}
		return nil
	}
	if err := p.makeFolders(filepath.Dir(folder)); err != nil {
		return err
	}
	if err := p.root.Mkdir(folder, 0o777); err != nil {
		return err
	}
	p.reverse = append(p.reverse, func() error { return p.root.Remove(folder) })
	return nil
}

// undo puts everything back, last step first.
func (p *publication) undo() error {
	var errs []error
	for _, back := range slices.Backward(p.reverse) {
		if err := back(); err != nil {
			errs = append(errs, fmt.Errorf("putting back: %w", err))
		}
	}
	return errors.Join(errs...)
}

func checkpoint(ctx context.Context, options WriteOptions, step string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return options.at(step)
}
