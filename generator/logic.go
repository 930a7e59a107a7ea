package generator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template/parse"
)

// checkLogic reports where a template compares the name of a language, a database, a hosting or a field
// type with something. What differs between them is data of their layers: a comparison would have to be
// found and changed in every template when one is added.
func checkLogic(tree *parse.Tree, report func(position int, message string)) {
	c := logicChecker{report: report}
	root := []string{}
	c.list(tree.Root, root, map[string][]string{"$": root})
}

type logicChecker struct {
	report func(position int, message string)
}

var comparisons = []string{"eq", "ne", "lt", "le", "gt", "ge", "contains", "hasPrefix", "hasSuffix", "has"}

// unknown is a value that is not followed, such as what a range gives.
var unknown = []string{"?"}

// list walks nodes. dot is the path of keys that led to the dot, variables likewise.
func (c logicChecker) list(list *parse.ListNode, dot []string, variables map[string][]string) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			c.pipe(node.Pipe, dot, variables)
			declare(node.Pipe, pathOf(node.Pipe, dot, variables), variables)
		case *parse.IfNode:
			c.branch(&node.BranchNode, dot, dot, variables)
		case *parse.WithNode:
			c.branch(&node.BranchNode, pathOf(node.Pipe, dot, variables), dot, variables)
		case *parse.RangeNode:
			c.branch(&node.BranchNode, unknown, dot, variables)
		case *parse.TemplateNode:
			c.pipe(node.Pipe, dot, variables)
		}
	}
}

func (c logicChecker) branch(node *parse.BranchNode, inside, dot []string, variables map[string][]string) {
	c.pipe(node.Pipe, dot, variables)
	declared := pathOf(node.Pipe, dot, variables)
	if node.NodeType == parse.NodeRange {
		declared = unknown
	}
	inner := maps.Clone(variables)
	declare(node.Pipe, declared, inner)
	c.list(node.List, inside, inner)
	c.list(node.ElseList, dot, maps.Clone(variables))
}

func declare(pipe *parse.PipeNode, value []string, variables map[string][]string) {
	for _, variable := range pipe.Decl {
		variables[variable.Ident[0]] = value
	}
}

// pipe reports a pipeline with a comparison and, anywhere in it, a name.
func (c logicChecker) pipe(pipe *parse.PipeNode, dot []string, variables map[string][]string) {
	if pipe == nil {
		return
	}
	compares := false
	for _, command := range pipe.Cmds {
		if function, ok := command.Args[0].(*parse.IdentifierNode); ok && slices.Contains(comparisons, function.Ident) {
			compares = true
		}
		for _, argument := range command.Args {
			if inner, ok := argument.(*parse.PipeNode); ok {
				c.pipe(inner, dot, variables)
			}
		}
	}
	if !compares {
		return
	}
	if name := choiceIn(pipe, dot, variables); name != "" {
		c.report(int(pipe.Position()), fmt.Sprintf("a template never compares %s: what differs belongs into the data of the layers", name))
	}
}

// choiceIn is the first name of a choice in a pipeline, such as .Database.Name.
func choiceIn(pipe *parse.PipeNode, dot []string, variables map[string][]string) string {
	for _, command := range pipe.Cmds {
		for _, argument := range append([]parse.Node{command}, command.Args...) {
			if inner, ok := argument.(*parse.PipeNode); ok {
				if name := choiceIn(inner, dot, variables); name != "" {
					return name
				}
			}
			keys := pathOf(argument, dot, variables)
			if len(keys) < 2 {
				continue
			}
			of, key := keys[len(keys)-2], keys[len(keys)-1]
			if slices.Contains([]string{"Language", "Database", "Hosting", "Type"}, of) && (key == "Name" || key == "Title") {
				return "." + of + "." + key
			}
		}
	}
	return ""
}

// pathOf is the path of keys that a node stands for; unknown where it is more than that.
func pathOf(node parse.Node, dot []string, variables map[string][]string) []string {
	join := func(base []string, keys ...string) []string { return append(slices.Clip(base), keys...) }
	switch node := node.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return join(dot, node.Ident...)
	case *parse.VariableNode:
		return join(variables[node.Ident[0]], node.Ident[1:]...)
	case *parse.ChainNode:
		return join(pathOf(node.Node, dot, variables), node.Field...)
	case *parse.PipeNode:
		if len(node.Cmds) == 1 {
			return pathOf(node.Cmds[0], dot, variables)
		}
	case *parse.CommandNode:
		if len(node.Args) == 1 {
			return pathOf(node.Args[0], dot, variables)
		}
		// index .Database "Name"
		if function, ok := node.Args[0].(*parse.IdentifierNode); ok && len(node.Args) == 3 && (function.Ident == "index" || function.Ident == "get") {
			if key, ok := node.Args[2].(*parse.StringNode); ok {
				return join(pathOf(node.Args[1], dot, variables), strings.TrimSpace(key.Text))
			}
		}
	}
	return unknown
}
