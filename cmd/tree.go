package cmd

import (
	"fmt"
	"strings"
)

// drawTree draws files, sorted by path, as a tree of folders. What is replaced is marked.
func drawTree(b *strings.Builder, files []writtenFile, style style) {
	root := &node{}
	for i := range files {
		at := root
		for segment := range strings.SplitSeq(files[i].Path, "/") {
			at = at.child(segment)
		}
		at.file = &files[i]
	}
	width := 0
	root.walk("", func(line string, _ *writtenFile) { width = max(width, len([]rune(line))) })
	root.walk("", func(line string, f *writtenFile) {
		if f == nil {
			b.WriteString(line + "\n")
			return
		}
		mark := ""
		if f.Replaces {
			mark = "  replaces yours"
		}
		space := strings.Repeat(" ", width-len([]rune(line)))
		b.WriteString(line + space + style.faint(fmt.Sprintf("  %9s", size(f.Size))) + mark + "\n")
	})
}

type node struct {
	name     string
	file     *writtenFile // nil for a folder
	children []*node
}

// child is the child of that name, which is made when it is not there.
func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	c := &node{name: name}
	n.children = append(n.children, c)
	return c
}

func (n *node) walk(indent string, visit func(line string, file *writtenFile)) {
	for i, c := range n.children {
		branch, below := "├── ", "│   "
		if i == len(n.children)-1 {
			branch, below = "└── ", "    "
		}
		name := c.name
		if c.file == nil {
			name += "/"
		}
		visit(indent+branch+printable(name), c.file)
		c.walk(indent+below, visit)
	}
}
