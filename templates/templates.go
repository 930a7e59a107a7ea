// Package templates holds the built-in tree of layers, from which every project is made.
//
// The tree is under tree/; package generator describes it, docs/adding-a-language.md and its neighbours
// walk through adding to it. A file that ends in .tmpl is rendered, every other is copied byte for byte.
package templates

import (
	"embed"
	"io/fs"
)

// all: keeps the files whose names begin with a dot or an underscore.
//
//go:embed all:tree
var embedded embed.FS

// Tree is the built-in tree of layers.
func Tree() fs.FS {
	tree, err := fs.Sub(embedded, "tree")
	if err != nil {
		panic(err) // the name is a constant that embed has checked
	}
	return tree
}
