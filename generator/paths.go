package generator

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// expandPath fills [key] in a path under files/ from the project's names, or from a resource's: then
// there is one path per resource. The suffix .tmpl is taken off.
func expandPath(pattern string, project data, resources []any) ([]expanded, error) {
	pattern = strings.TrimSuffix(pattern, templateSuffix)
	keys := placeholders(pattern)
	perResource := false
	for _, key := range keys {
		if _, ok := projectKey(project, key); ok {
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
		written := pattern
		for _, key := range keys {
			value, ok := projectKey(project, key)
			if !ok {
				value = resourceKey(resource, key)
			}
			written = strings.ReplaceAll(written, "["+key+"]", value)
		}
		if err := checkPath(written); err != nil {
			return nil, err
		}
		all = append(all, expanded{written, resource})
	}
	return all, nil
}

type expanded struct {
	path     string
	resource data // nil when the file is not one of a resource
}

// placeholders are the keys that stand in brackets in a path.
func placeholders(pattern string) []string {
	var keys []string
	for {
		_, rest, found := strings.Cut(pattern, "[")
		if !found {
			return keys
		}
		key, after, found := strings.Cut(rest, "]")
		if !found {
			return keys
		}
		keys, pattern = append(keys, key), after
	}
}

func projectKey(project data, key string) (string, bool) {
	switch key {
	case "name":
		key = "Name"
	case "module":
		// A module path or a dotted group id becomes folders.
		value, _ := project["Module"].(string)
		return strings.ReplaceAll(value, ".", "/"), true
	case "Name", "Module":
		return "", false
	}
	value, ok := project[key].(string)
	return value, ok
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
	if p == "" || len(p) > maxPath || !utf8.ValidString(p) {
		return fmt.Errorf("the path %s cannot be made", show(p))
	}
	for segment := range strings.SplitSeq(p, "/") {
		if reason := segmentFault(segment); reason != "" {
			return fmt.Errorf("the path %s cannot be made: %s", show(p), reason)
		}
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
	case windowsDevice.MatchString(segment):
		return "Windows keeps the name for a device"
	case strings.ContainsAny(segment, `\:*?"<>|[]`):
		return `a part of it holds one of \ : * ? " < > | [ ]`
	}
	for _, c := range segment {
		if !unicode.IsPrint(c) {
			return "it holds a character that cannot be seen"
		}
	}
	return ""
}
