package conformance

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// document is an OpenAPI description.
type document struct {
	root map[string]any
}

// resolve follows a local reference.
func (d *document) resolve(node any) map[string]any {
	object, _ := node.(map[string]any)
	for range 20 {
		reference, ok := object["$ref"].(string)
		if !ok || !strings.HasPrefix(reference, "#/") {
			break
		}
		var target any = d.root
		for part := range strings.SplitSeq(reference[2:], "/") {
			part = strings.NewReplacer("~1", "/", "~0", "~", "%7B", "{", "%7D", "}").Replace(part)
			inside, _ := target.(map[string]any)
			target = inside[part]
		}
		object, _ = target.(map[string]any)
	}
	return object
}

// validate holds a value against a schema: the part of JSON Schema that descriptions of such services use. It returns
// the first fault, or "". Keywords that it does not know allow everything.
func (d *document) validate(schema, value any) string {
	return d.check(schema, value, "body", 0)
}

func (d *document) check(schema any, value any, at string, depth int) string {
	if allowed, ok := schema.(bool); ok {
		if !allowed {
			return at + " is not allowed"
		}
		return ""
	}
	s := d.resolve(schema)
	if s == nil {
		return at + " has a schema that cannot be found"
	}
	if depth > 50 {
		return at + " is nested too deeply"
	}
	depth++
	if value == nil && s["nullable"] == true { // OpenAPI 3.0
		return ""
	}
	if fault := checkType(s, value, at); fault != "" {
		return fault
	}
	if values, ok := s["enum"].([]any); ok && !slices.ContainsFunc(values, func(v any) bool { return equalJSON(v, value) }) {
		return fmt.Sprintf("%s is none of enum", at)
	}
	if wanted, ok := s["const"]; ok && !equalJSON(wanted, value) {
		return fmt.Sprintf("%s is not %v", at, wanted)
	}
	for _, part := range array(s["allOf"]) {
		if fault := d.check(part, value, at, depth); fault != "" {
			return fault
		}
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		parts := array(s[word])
		if len(parts) == 0 {
			continue
		}
		fits, last := 0, ""
		for _, part := range parts {
			if fault := d.check(part, value, at, depth); fault == "" {
				fits++
			} else {
				last = fault
			}
		}
		if fits == 0 {
			return fmt.Sprintf("%s fits nothing of %s (%s)", at, word, last)
		}
		if word == "oneOf" && fits > 1 {
			return fmt.Sprintf("%s fits %d of oneOf", at, fits)
		}
	}
	if not, ok := s["not"]; ok && d.check(not, value, at, depth) == "" {
		return at + " fits what it must not"
	}
	switch v := value.(type) {
	case string:
		return checkString(s, v, at)
	case json.Number:
		return checkNumber(s, v, at)
	case []any:
		if fault := bounds(s, "minItems", "maxItems", len(v), at+" has %d items"); fault != "" {
			return fault
		}
		if items, ok := s["items"]; ok {
			for i, item := range v {
				if fault := d.check(items, item, fmt.Sprintf("%s[%d]", at, i), depth); fault != "" {
					return fault
				}
			}
		}
	case map[string]any:
		return d.checkObject(s, v, at, depth)
	}
	return ""
}

func array(value any) []any {
	list, _ := value.([]any)
	return list
}

func (d *document) checkObject(s, v map[string]any, at string, depth int) string {
	for _, name := range array(s["required"]) {
		if _, there := v[fmt.Sprint(name)]; !there {
			return fmt.Sprintf("%s has no %s", at, name)
		}
	}
	if fault := bounds(s, "minProperties", "maxProperties", len(v), at+" has %d members"); fault != "" {
		return fault
	}
	properties, _ := s["properties"].(map[string]any)
	for _, name := range sortedKeys(v) {
		if property, known := properties[name]; known {
			if fault := d.check(property, v[name], at+"."+name, depth); fault != "" {
				return fault
			}
			continue
		}
		if more, ok := s["additionalProperties"]; ok {
			if more == false {
				return fmt.Sprintf("%s has %s, which is not described", at, shown(name, 60))
			}
			if fault := d.check(more, v[name], at+"."+name, depth); fault != "" {
				return fault
			}
		}
	}
	return ""
}

func checkType(s map[string]any, value any, at string) string {
	var kinds []string
	switch kind := s["type"].(type) {
	case string:
		kinds = []string{kind}
	case []any:
		for _, k := range kind {
			kinds = append(kinds, fmt.Sprint(k))
		}
	default:
		return ""
	}
	actual := "null"
	switch v := value.(type) {
	case string:
		actual = "string"
	case bool:
		actual = "boolean"
	case []any:
		actual = "array"
	case map[string]any:
		actual = "object"
	case json.Number:
		actual = "number"
		if r, ok := new(big.Rat).SetString(v.String()); ok && r.IsInt() && slices.Contains(kinds, "integer") {
			actual = "integer"
		}
	}
	if !slices.Contains(kinds, actual) {
		return fmt.Sprintf("%s is %s, not %s", at, actual, strings.Join(kinds, " or "))
	}
	return ""
}

func equalJSON(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// bounds holds a size against two keywords.
func bounds(s map[string]any, least, most string, size int, format string) string {
	if n, ok := limit(s[least]); ok && big.NewRat(int64(size), 1).Cmp(n) < 0 {
		return fmt.Sprintf(format+", fewer than %s", size, n.RatString())
	}
	if n, ok := limit(s[most]); ok && big.NewRat(int64(size), 1).Cmp(n) > 0 {
		return fmt.Sprintf(format+", more than %s", size, n.RatString())
	}
	return ""
}

func limit(value any) (*big.Rat, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(number.String())
}

var uuids = lazyRegexp(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func checkString(s map[string]any, v, at string) string {
	if fault := bounds(s, "minLength", "maxLength", utf8.RuneCountInString(v), at+" has %d characters"); fault != "" {
		return fault
	}
	if pattern, ok := s["pattern"].(string); ok {
		// Patterns are ECMAScript's; one that Go does not know is left out.
		if compiled, err := regexp.Compile(pattern); err == nil && !compiled.MatchString(v) {
			return fmt.Sprintf("%s does not fit the pattern %s", at, pattern)
		}
	}
	var err error
	switch s["format"] {
	case "date-time":
		_, err = time.Parse(time.RFC3339Nano, v)
	case "date":
		_, err = time.Parse(time.DateOnly, v)
	case "uuid":
		if !uuids().MatchString(v) {
			err = strconv.ErrSyntax
		}
	}
	if err != nil {
		return fmt.Sprintf("%s is no %s", at, s["format"])
	}
	return ""
}

func checkNumber(s map[string]any, v json.Number, at string) string {
	n, ok := new(big.Rat).SetString(v.String())
	if !ok {
		return ""
	}
	for _, bound := range []struct {
		keyword string
		wrong   func(int) bool
	}{
		{"minimum", func(c int) bool { return c < 0 }},
		{"maximum", func(c int) bool { return c > 0 }},
		{"exclusiveMinimum", func(c int) bool { return c <= 0 }},
		{"exclusiveMaximum", func(c int) bool { return c >= 0 }},
	} {
		if edge, ok := limit(s[bound.keyword]); ok && bound.wrong(n.Cmp(edge)) {
			return fmt.Sprintf("%s is beyond %s", at, bound.keyword)
		}
	}
	return ""
}
