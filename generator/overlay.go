package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Overlay lays one tree over another: a file of over takes the place of the same path, folders are
// united. Both are read when asked, so that nothing is copied.
func Overlay(base, over fs.FS) fs.FS { return overlay{base, over} }

type overlay struct{ base, over fs.FS }

func (o overlay) Open(name string) (fs.File, error) {
	file, err := o.over.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.base.Open(name)
	}
	return file, err
}

func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	over, errOver := fs.ReadDir(o.over, name)
	for _, entry := range over {
		if !entry.IsDir() && !entry.Type().IsRegular() {
			return nil, fmt.Errorf("%s/%s: is no ordinary file or folder; a tree of layers holds nothing else", name, show(entry.Name()))
		}
	}
	base, errBase := fs.ReadDir(o.base, name)
	switch {
	case errOver != nil && !errors.Is(errOver, fs.ErrNotExist):
		return nil, errOver
	case errOver != nil && errBase != nil:
		return nil, errOver
	}
	for _, entry := range base {
		if !slices.ContainsFunc(over, func(e fs.DirEntry) bool { return e.Name() == entry.Name() }) {
			over = append(over, entry)
		}
	}
	slices.SortFunc(over, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return over, nil
}
