package generator

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// expandPath fills [key] in a path under files/ from the project's names, or from a resource's: then
// there is one path per resource. The suffix .tmpl is taken off.
func expandPath(pattern string, project data, resources []any) ([]expanded, error) {
	pattern = strings.TrimSuffix(pattern, templateSuffix)
	perResource := false
	for _, key := range placeholders(pattern) {
		if projectKey(project, key) != "" {
			continue
		}
		if len(resources) == 0 || resourceKey(resources[0].(data), key) == "" {
			return nil, fmt.Errorf("[%s] is not known: it is neither a name of the project nor of a resource", show(key))
		}
		perResource = true
	}
	if !perResource {
		resources = []any{nil}
	}
	var all []expanded
	for _, r := range resources {
		resource, _ := r.(data)
		written := placeholder().ReplaceAllStringFunc(pattern, func(found string) string {
			key := found[1 : len(found)-1]
			return cmp.Or(projectKey(project, key), resourceKey(resource, key))
		})
		if err := checkPath(written); err != nil {
			return nil, fmt.Errorf("the path %s cannot be made: %w", show(written), err)
		}
		all = append(all, expanded{written, resource})
	}
	return all, nil
}

type expanded struct {
	path     string
	resource data // nil when the file is not one of a resource
}

var placeholder = lazyRegexp(`\[[^\[\]]*\]`)

// placeholders are the keys that stand in brackets in a path.
func placeholders(pattern string) []string {
	keys := placeholder().FindAllString(pattern, -1)
	for i, key := range keys {
		keys[i] = key[1 : len(key)-1]
	}
	return keys
}

func projectKey(project data, key string) string {
	switch key {
	case "name":
		key = "Name"
	case "module":
		module, _ := project["Module"].(string)
		return modulePath(module)
	case "Name", "Module":
		return ""
	}
	value, _ := project[key].(string)
	return value
}

// modulePath is a module as folders: a dotted group id becomes one folder a part, com/example/shop, while
// github.com/acme/shop is a path already.
func modulePath(module string) string {
	if strings.Contains(module, "/") {
		return module
	}
	return strings.ReplaceAll(module, ".", "/")
}

func resourceKey(resource data, key string) string {
	switch key {
	case "resource":
		key = "Name"
	case "resources":
		key = "Plural"
	}
	value, _ := resource[key].(string)
	return value
}

const (
	maxSegment = 200
	maxPath    = 500
)

// checkPath refuses every path that could leave the project's folder, could not be made on every system,
// or could make git or a shell do something else than hold a file.
func checkPath(p string) error {
	if len(p) > maxPath {
		return errors.New("it is too long")
	}
	for segment := range strings.SplitSeq(p, "/") {
		if reason := segmentFault(segment); reason != "" {
			return errors.New(reason)
		}
	}
	if strings.HasPrefix(p, stagePrefix) {
		return errors.New("Backlot keeps such names for its stages")
	}
	return nil
}

func segmentFault(segment string) string {
	switch {
	case segment == "":
		return "a part of it is empty"
	case segment == "." || segment == "..":
		return "it would leave its folder"
	case len(segment) > maxSegment:
		return "a part of it is too long"
	case strings.HasPrefix(segment, "-"):
		return "a part of it begins with a hyphen"
	case strings.HasSuffix(segment, ".") || strings.HasSuffix(segment, " ") || strings.HasPrefix(segment, " "):
		return "a part of it begins or ends with a space or ends with a dot"
	case strings.EqualFold(segment, ".git") || strings.HasPrefix(strings.ToLower(segment), "git~"):
		return "git keeps its own files there"
	case isWindowsDevice(segment):
		return "Windows keeps the name for a device"
	case strings.ContainsAny(segment, `\:*?"<>|[]`):
		return `a part of it holds one of \ : * ? " < > | [ ]`
	}
	for _, c := range segment {
		if !unicode.IsPrint(c) || c == utf8.RuneError {
			return "it holds a character that cannot be seen"
		}
	}
	return ""
}
