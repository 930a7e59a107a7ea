package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/backlot-cli/backlot/generator"
)

// A key says what a row proves: the bytes that were rendered, the suite that checked them, and what it
// all ran on. Equal keys mean that a run would prove the same again. Secrets are not drawn yet in a
// project in memory, so they are no part of it.
func keyOf(project *generator.Project, suite string, ranOn ...string) string {
	h := sha256.New()
	for _, f := range project.Files {
		part(h, f.Path, f.Mode.String())
		part(h, string(f.Content))
	}
	part(h, suite)
	part(h, ranOn...)
	return hex.EncodeToString(h.Sum(nil))
}

// part adds texts so that no two lists of texts give the same bytes.
func part(h hash.Hash, texts ...string) {
	_ = binary.Write(h, binary.BigEndian, uint64(len(texts)))
	for _, text := range texts {
		_ = binary.Write(h, binary.BigEndian, uint64(len(text)))
		_, _ = h.Write([]byte(text))
	}
}

// suiteHash is a hash of what checks: the sources of the folders given, without their tests. As for the
// go command, a folder that ends in /... stands for those below it too.
func suiteHash(root string, folders ...string) (string, error) {
	h := sha256.New()
	tree := os.DirFS(root)
	for _, folder := range folders {
		folder, deep := strings.CutSuffix(folder, "/...")
		err := fs.WalkDir(tree, folder, func(file string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if !deep && file != folder {
					return fs.SkipDir
				}
				return nil
			}
			if path.Ext(file) != ".go" && path.Base(file) != "go.sum" || strings.HasSuffix(file, "_test.go") {
				return nil
			}
			content, err := fs.ReadFile(tree, file)
			part(h, file, string(content))
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
