package generator

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Overlay lays one tree over another: a file of over takes the place of the same path, folders are
// united. Both are read when asked, so that nothing is copied. Nothing of over is read but ordinary files
// and folders: it may be a stranger's, and a link would lead out of it.
func Overlay(base, over fs.FS) fs.FS { return overlay{base, over} }

type overlay struct{ base, over fs.FS }

func (o overlay) Open(name string) (fs.File, error) {
	if err := o.ordinary(name); err != nil {
		return nil, err
	}
	file, err := o.over.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.base.Open(name)
	}
	return file, err
}

func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := o.ordinary(name); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(o.over, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	base, errBase := fs.ReadDir(o.base, name)
	if err != nil && errBase != nil {
		return nil, errBase
	}
	for _, entry := range base {
		if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == entry.Name() }) {
			entries = append(entries, entry)
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// ordinary refuses a name that leads through a link, or to a device, in the tree that lies over.
func (o overlay) ordinary(name string) error {
	if !fs.ValidPath(name) {
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	for ; name != "."; name = path.Dir(name) {
		info, err := fs.Lstat(o.over, name)
		if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
			return Problem{File: name, Message: "is no ordinary file or folder"}
		}
	}
	return nil
}
