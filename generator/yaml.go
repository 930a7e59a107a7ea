package generator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Problem is one thing that is wrong with a file. As an error it reads file:line: message.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"` // from 1; 0 when it is about the file as a whole
	Message string `json:"message"`
}

func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// decodeYAML reads the one document of a file into a struct: a key that is not known or a value of
// another kind is a problem. What the library says of Go's types is said in words of the file instead.
func decodeYAML(file string, content []byte, into any) []Problem {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	err := decoder.Decode(into)
	var kinds *yaml.TypeError
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &kinds):
		var problems []Problem
		for _, message := range kinds.Errors {
			problems = append(problems, yamlProblem(file, message))
		}
		return problems
	case err != nil:
		return []Problem{yamlProblem(file, strings.TrimPrefix(err.Error(), "yaml: "))}
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return []Problem{{File: file, Message: "there is a second document; there may be one only"}}
	}
	return nil
}

var (
	yamlLine     = lazyRegexp(`(?s)^line (\d+): (.*)$`)
	unknownKey   = lazyRegexp(`(?s)^field (.*) not found in type (\S+)$`)
	anotherKind  = lazyRegexp(`(?s)^cannot unmarshal (!!\w+)?.* into (\S+)$`)
	yamlKinds    = map[string]string{"!!seq": "a list", "!!map": "a mapping", "!!int": "a number", "!!float": "a number", "!!bool": "true or false"}
	yamlKeyTypes = []any{record{}, resourceMapping{}, fieldMapping{}, layer{}, moduleRule{}, nameForms{}, nameForm{}, refusedNames{}, TestServer{}}
)

func yamlProblem(file, message string) Problem {
	p := Problem{File: file}
	if m := yamlLine().FindStringSubmatch(message); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	if m := unknownKey().FindStringSubmatch(message); m != nil {
		keys := yamlKeys(m[2])
		message = fmt.Sprintf("there is no key %s%s (keys: %s)", show(m[1]), didYouMean(m[1], keys), strings.Join(keys, ", "))
	} else if m := anotherKind().FindStringSubmatch(message); m != nil {
		message = fmt.Sprintf("%s stands where %s belongs", cmp.Or(yamlKinds[m[1]], "a text"), wantedKind(m[2]))
	}
	p.Message = printable(message)
	return p
}

func wantedKind(goType string) string {
	switch {
	case goType == "string":
		return "a text"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "int"):
		return "a whole number"
	case strings.HasPrefix(goType, "["), goType == "generator.argv":
		return "a list"
	case goType == "generator.resourceMapping":
		return "a resource"
	}
	return "a mapping"
}

// yamlKeys are the keys that a struct is read from, in the order of its fields.
func yamlKeys(goType string) []string {
	var keys []string
	for _, value := range yamlKeyTypes {
		if t := reflect.TypeOf(value); t.String() == goType {
			for _, field := range reflect.VisibleFields(t) {
				if key, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); key != "" {
					keys = append(keys, key)
				}
			}
		}
	}
	return keys
}

// lineOf is the line of a key in a file: lineOf(content, "names", "resource", "Type"). It is 0 where
// there is none.
func lineOf(content []byte, keys ...string) int {
	var document yaml.Node
	if yaml.Unmarshal(content, &document) != nil || len(document.Content) == 0 {
		return 0
	}
	node, line := document.Content[0], 0
	for _, key := range keys {
		i := slices.IndexFunc(node.Content, func(n *yaml.Node) bool { return n.Value == key })
		switch {
		case i < 0 || node.Kind != yaml.MappingNode && node.Kind != yaml.SequenceNode:
			return line
		case node.Kind == yaml.SequenceNode || i+1 == len(node.Content):
			return node.Content[i].Line
		}
		line, node = node.Content[i].Line, node.Content[i+1]
	}
	return line
}
