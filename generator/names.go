package generator

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// words splits a name at separators and where lower case meets upper case: orderLine → order, line.
func words(name string) []string {
	var list []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			list = append(list, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	previous := rune(0)
	for _, c := range name {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			end()
		case unicode.IsUpper(c) && (unicode.IsLower(previous) || unicode.IsDigit(previous)):
			end()
			fallthrough
		default:
			word = append(word, c)
		}
		previous = c
	}
	end()
	return list
}

func caseSnake(name string) string  { return strings.Join(words(name), "_") }
func caseKebab(name string) string  { return strings.Join(words(name), "-") }
func caseFlat(name string) string   { return strings.Join(words(name), "") }
func caseCamel(name string) string  { return joinTitled(words(name), nil, 1) }
func casePascal(name string) string { return joinTitled(words(name), nil, 0) }

// joinTitled joins words with their first letters in upper case, from word number `from` on;
// initialisms become upper case as a whole, except in front.
func joinTitled(list, initialisms []string, from int) string {
	var b strings.Builder
	for i, word := range list {
		switch upper := strings.ToUpper(word); {
		case i < from:
			b.WriteString(word)
		case slices.Contains(initialisms, upper):
			b.WriteString(upper)
		default:
			b.WriteString(capital(word))
		}
	}
	return b.String()
}

// capital writes a word's first letter in upper case.
func capital(word string) string {
	_, size := utf8.DecodeRuneInString(word)
	return strings.ToUpper(word[:size]) + word[size:]
}

var cases = map[string]func(list, initialisms []string) string{
	"snake":  func(list, _ []string) string { return strings.Join(list, "_") },
	"kebab":  func(list, _ []string) string { return strings.Join(list, "-") },
	"flat":   func(list, _ []string) string { return strings.Join(list, "") },
	"upper":  func(list, _ []string) string { return strings.ToUpper(strings.Join(list, "_")) },
	"words":  func(list, _ []string) string { return strings.Join(list, " ") },
	"camel":  func(list, initialisms []string) string { return joinTitled(list, initialisms, 1) },
	"pascal": func(list, initialisms []string) string { return joinTitled(list, initialisms, 0) },
	"title":  func(list, _ []string) string { return capital(strings.Join(list, " ")) },
}

// A nameForm is one way in which a language writes names: types in PascalCase, say.
type nameForm struct {
	Case     string   `yaml:"case"`
	Plural   bool     `yaml:"plural"`   // of a resource: its plural
	Reserved []string `yaml:"reserved"` // words that the language keeps to itself …
	Suffix   string   `yaml:"suffix"`   // … and what is added to them
	Shared   bool     `yaml:"shared"`   // two names may have the same form
}

// nameForms is what a language's layer says of names. Each form becomes a key of the data that
// templates see for the project, a resource or a field.
type nameForms struct {
	Initialisms []string            `yaml:"initialisms"`
	Project     map[string]nameForm `yaml:"project"`
	Resource    map[string]nameForm `yaml:"resource"`
	Field       map[string]nameForm `yaml:"field"`
}

func (n nameForms) write(form nameForm, name, plural string) string {
	if form.Plural {
		name = plural
	}
	s := cases[form.Case](words(name), n.Initialisms)
	if slices.Contains(form.Reserved, s) {
		s += form.Suffix
	}
	return s
}

var formKey = lazyRegexp(`^[A-Za-z][A-Za-z0-9]*$`)

// taken are the keys that a form cannot have, since the data or a path has them already.
var taken = map[string][]string{
	"project":  {"Name", "Module", "name", "module", "resource", "resources"},
	"resource": {"Name", "Plural", "Path", "Fields", "Uses", "UniqueFields", "OptionalFields", "RequiredFields", "number", "name", "module", "resource", "resources"},
	"field":    {"Name", "Optional", "Unique", "Values", "Type", "First", "Last", "Example"},
}

// check reports what a layer's forms have wrong.
func (n nameForms) check(report func(message string, keys ...string)) {
	for scope, forms := range map[string]map[string]nameForm{"project": n.Project, "resource": n.Resource, "field": n.Field} {
		for key, form := range forms {
			at := []string{"names", scope, key}
			switch _, both := n.Project[key]; {
			case !formKey().MatchString(key):
				report(fmt.Sprintf("the form %s must be letters and digits", show(key)), at...)
			case slices.Contains(taken[scope], key):
				report(fmt.Sprintf("the form %s has a name that a %s has already", key, scope), at...)
			case both && scope == "resource":
				report(fmt.Sprintf("the form %s is one of the project and one of a resource: in a path they would be the same", key), at...)
			}
			if cases[form.Case] == nil {
				report(fmt.Sprintf("the form %s has the case %s, which is not known (cases: %s)", show(key), show(form.Case), strings.Join(sortedKeys(cases), ", ")), at...)
			}
			if len(form.Reserved) > 0 && form.Suffix == "" {
				report(fmt.Sprintf("the form %s has reserved words and no suffix for them", show(key)), at...)
			}
		}
	}
}

// collisions reports names that a form writes alike. Forms of the same case share one space, so that
// the plural of one resource cannot be the name of another.
func (n nameForms) collisions(what string, forms map[string]nameForm, names, plurals []string, faults *faultList) {
	type place struct{ name, written string }
	first := map[string]place{}
	for i, name := range names {
		for _, key := range sortedKeys(forms) {
			form := forms[key]
			if form.Shared {
				continue
			}
			written := n.write(form, name, plurals[i])
			space := form.Case + " " + strings.ToLower(written)
			if other, taken := first[space]; taken && other.name != name {
				faults.add("resource", "%s %s and %s would both be written %s: rename one of them", what, show(other.name), show(name), written)
				return
			}
			first[space] = place{name, written}
		}
	}
}

// plural is the English plural of a lower snake case name, by rule: a name that breaks the rules is
// written with its plural, as in person/people.
func plural(name string) string {
	switch {
	case name == "":
		return ""
	case endsWith(name, "s", "x", "z", "ch", "sh"):
		return name + "es"
	case strings.HasSuffix(name, "y") && len(name) > 1 && !strings.ContainsRune("aeiou", rune(name[len(name)-2])):
		return name[:len(name)-1] + "ies"
	}
	return name + "s"
}

func endsWith(s string, endings ...string) bool {
	return slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(s, ending) })
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
