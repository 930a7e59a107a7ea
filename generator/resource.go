package generator

import (
	"fmt"
	"slices"
	"strings"
)

// Limits that hold on every database: 63 bytes of an identifier in PostgreSQL must hold
// "<plural>_<field>", a MySQL row of 65,535 bytes must hold every column, and a page of MySQL's undo log,
// 16 KiB, must hold what an update replaces: of unique columns all, of the others a part (error 1713).
const (
	maxResources     = 250
	maxFields        = 50
	maxUniqueStrings = 8
	maxNameLength    = 30
	maxPluralLength  = 32
	maxEnumValues    = 100
	maxEnumLength    = 50
)

// A Resource is one kind of record that the project's users keep.
type Resource struct {
	Name   string // lower snake case, singular: order_line
	Plural string // lower snake case: order_lines
	Fields []Field
}

// A Field is one value of a record. Every record has id, created_at and updated_at beside its fields.
type Field struct {
	Name     string   // lower snake case
	Type     string   // one of FieldTypes
	Values   []string // what an enum may be; empty for other types
	Optional bool     // may be null
	Unique   bool     // among the records of one user
}

// Path is the resource's segment in a URL: order-lines.
func (r Resource) Path() string { return strings.ReplaceAll(r.Plural, "_", "-") }

// String is the resource in the form that ParseResource reads.
func (r Resource) String() string {
	var b strings.Builder
	b.WriteString(r.Name)
	if r.Plural != plural(r.Name) {
		b.WriteString("/" + r.Plural)
	}
	for _, f := range r.Fields {
		b.WriteString(" " + f.String())
	}
	return b.String()
}

// String is the field in the form that ParseResource reads.
func (f Field) String() string {
	s := f.Name + ":" + f.Type
	if len(f.Values) > 0 {
		s += "(" + strings.Join(f.Values, ",") + ")"
	}
	if f.Optional {
		s += "?"
	}
	if f.Unique {
		s += ":unique"
	}
	return s
}

// A FieldType describes one type of the service contract.
type FieldType struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Unique      bool   `json:"unique"` // may be :unique
}

// FieldTypes are the types of the service contract, in the order of its table.
func FieldTypes() []FieldType {
	return []FieldType{
		{"string", "1 to 255 characters, trimmed", true},
		{"text", "up to 65,535 characters, kept as sent", false},
		{"integer", "a whole number within ±(2^53−1)", true},
		{"float", "a finite number", false},
		{"decimal", `an exact number as a string, such as "12.50"`, true},
		{"boolean", "true or false", false},
		{"date", "a day: 2026-11-20", true},
		{"datetime", "a moment: 2026-11-20T10:23:00.000Z", true},
		{"uuid", "a UUID in lower case", true},
		{"enum", "one of the values given: enum(draft,live)", true},
	}
}

func fieldType(name string) (FieldType, bool) {
	for _, t := range FieldTypes() {
		if t.Name == name {
			return t, true
		}
	}
	return FieldType{}, false
}

// ParseResource reads a resource as it is written on the command line:
//
//	product name:string price:decimal sku:string:unique notes:text? status:enum(draft,live)
//
// A name may carry its plural: person/people. Fields are separated by spaces or line ends. The error is
// of type Faults and lists every fault.
func ParseResource(s string) (Resource, error) {
	var faults faultList
	r := parseResource(s)
	checkResource(r, &faults)
	return r, faults.err()
}

// parseResource takes a text apart and judges nothing: what it cannot read it leaves where checkResource
// finds it, so that each fault is reported once, wherever the resource came from.
func parseResource(s string) Resource {
	words := splitFields(s)
	if len(words) == 0 {
		return Resource{}
	}
	name, many, given := strings.Cut(words[0], "/")
	r := Resource{Name: name, Plural: many}
	if !given {
		r.Plural = plural(name)
	}
	for _, word := range words[1:] {
		r.Fields = append(r.Fields, parseField(word))
	}
	return r
}

// splitFields splits at white space outside parentheses, so that enum(a, b) is one word.
func splitFields(s string) []string {
	var words []string
	start, depth := 0, 0
	end := func(at int) {
		if at > start {
			words = append(words, s[start:at])
		}
		start = at + 1
	}
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth = max(depth-1, 0)
		case ' ', '\t', '\n', '\r':
			if depth == 0 {
				end(i)
			}
		}
	}
	end(len(s))
	return words
}

// fieldSyntax is what follows a field's name: type, values, optional, unique. Both places of the question
// mark are what people type.
var fieldSyntax = lazyRegexp(`^([^():?]+)(?:\(([^()]*)\))?(\?)?(:unique(\?)?)?$`)

// parseField reads one field. What breaks the syntax stays whole as its type, which no type's name is.
func parseField(word string) Field {
	name, rest, _ := strings.Cut(word, ":")
	m := fieldSyntax().FindStringSubmatchIndex(rest)
	if m == nil {
		return Field{Name: name, Type: rest}
	}
	has := func(group int) bool { return m[2*group] >= 0 }
	f := Field{Name: name, Type: rest[m[2]:m[3]], Optional: has(3) || has(5), Unique: has(4)}
	if has(2) {
		for value := range strings.SplitSeq(rest[m[4]:m[5]], ",") {
			f.Values = append(f.Values, strings.TrimSpace(value))
		}
	}
	return f
}

// typeFault says what is wrong with a type that there is none of, or with the text that parseField left.
func typeFault(f Field) string {
	name, modifiers, _ := strings.Cut(f.Type, ":")
	switch {
	case name == "" || name == "?":
		return fmt.Sprintf("has no type: write %s:string (types: %s)", show(f.Name), typeNames())
	case strings.ContainsAny(f.Type, "()"):
		return fmt.Sprintf("has its list of values in the wrong place, or not closed: write %s:enum(draft,live)", show(f.Name))
	case modifiers != "":
		return fmt.Sprintf("has :%s after its type, where only :unique may stand", show(modifiers))
	}
	hint := didYouMean(strings.TrimRight(name, "?"), strings.Split(typeNames(), ", "))
	return fmt.Sprintf("has the type %s, which is not known%s (types: %s)", show(f.Type), hint, typeNames())
}

func typeNames() string {
	var names []string
	for _, t := range FieldTypes() {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}

var enumValue = lazyRegexp(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// The contract's own words, in every language: a project that changes its language keeps its resources.
var (
	refusedResources = map[string]string{
		"auth":    "/api/v1/auth is where accounts are",
		"account": "the service's own accounts are kept under this name",
	}
	refusedFields = map[string]string{
		"id":         "every record has it already",
		"created_at": "every record has it already",
		"updated_at": "every record has it already",
		"owner_id":   "it holds the account that a record belongs to",
	}
)

func countUniqueStrings(fields []Field) (count int) {
	for _, f := range fields {
		if f.Unique && f.Type == "string" {
			count++
		}
	}
	return count
}

// checkResource reports what the rules of names and types forbid.
func checkResource(r Resource, faults *faultList) {
	if r.Name == "" {
		faults.add("resource", "a resource needs a name and fields, as in 'product name:string price:decimal'")
		return
	}
	checkName("resource "+show(r.Name), r.Name, maxNameLength, faults)
	if r.Plural != plural(r.Name) {
		checkName("plural of "+show(r.Name), r.Plural, maxPluralLength, faults)
	}
	for _, refused := range sortedKeys(refusedResources) {
		if slices.Contains([]string{r.Name, r.Plural}, refused) || r.Plural == plural(refused) {
			faults.add("resource", "resource %s is not possible: %s", show(r.Name), refusedResources[refused])
		}
	}
	switch {
	case len(r.Fields) == 0:
		faults.add("resource", "resource %s has no fields: write '%s name:string'", show(r.Name), show(r.Name))
	case len(r.Fields) > maxFields:
		faults.add("resource", "resource %s has %d fields; %d is the most that every database takes", show(r.Name), len(r.Fields), maxFields)
		return
	}
	if unique := countUniqueStrings(r.Fields); unique > maxUniqueStrings {
		faults.add("resource", "resource %s has %d unique fields of type string; %d is the most that every database takes", show(r.Name), unique, maxUniqueStrings)
	}
	seen := map[string]bool{}
	for _, f := range r.Fields {
		if seen[f.Name] {
			faults.add("resource", "field %s of %s stands there twice", show(f.Name), show(r.Name))
		}
		seen[f.Name] = true
		checkField(r, f, faults)
	}
}

func checkField(r Resource, f Field, faults *faultList) {
	at := fmt.Sprintf("field %s of %s", show(f.Name), show(r.Name))
	checkName(at, f.Name, maxNameLength, faults)
	if reason, refused := refusedFields[f.Name]; refused {
		faults.add("resource", "%s is not possible: %s", at, reason)
	}
	t, known := fieldType(f.Type)
	if !known {
		faults.add("resource", "%s %s", at, typeFault(f))
		return
	}
	if f.Unique && !t.Unique {
		faults.add("resource", "%s: a %s cannot be unique", at, f.Type)
	}
	if f.Type != "enum" {
		if len(f.Values) > 0 {
			faults.add("resource", "%s: only an enum has a list of values", at)
		}
		return
	}
	if len(f.Values) == 0 {
		faults.add("resource", "%s: an enum needs its values: write %s:enum(draft,live)", at, show(f.Name))
	}
	if len(f.Values) > maxEnumValues {
		faults.add("resource", "%s has %d values; %d is the most", at, len(f.Values), maxEnumValues)
	}
	for i, value := range f.Values {
		switch {
		case !enumValue().MatchString(value) || len(value) > maxEnumLength:
			faults.add("resource", "%s: the value %s must be 1 to %d letters, digits, '_', '-' or '.', and begin with a letter or digit", at, show(value), maxEnumLength)
		case slices.Contains(f.Values[:i], value):
			faults.add("resource", "%s: the value %s stands there twice", at, show(value))
		}
	}
}

func checkName(what, name string, longest int, faults *faultList) {
	switch {
	case !isName(name, "_"):
		hint := ""
		if better := caseSnake(name); isName(better, "_") {
			hint = ": write " + show(better)
		}
		faults.add("resource", "%s must be lower snake case, such as order_line, and begin with a letter%s", what, hint)
	case len(name) > longest:
		faults.add("resource", "%s is longer than %d characters", what, longest)
	case isWindowsDevice(caseFlat(name)): // a language may name a file after it
		faults.add("resource", "%s is not possible: Windows keeps the name for a device", what)
	}
}
