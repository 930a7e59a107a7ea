package generator

import (
	"cmp"
	"fmt"
	"strconv"
)

// data is what templates see: maps, lists, strings, numbers and booleans, never an object with methods.
type data = map[string]any

// dataFor builds the data of a combination once; every file is rendered with it.
func dataFor(a Answers, s *selection, version string) data {
	names := s.language.Names
	project := data{"Name": a.Name, "Module": a.Module}
	for key, form := range names.Project {
		project[key] = names.write(form, a.Name, a.Name)
	}
	types := map[string]row{}
	for _, t := range FieldTypes() {
		values := row{}
		for _, l := range []*layer{s.common, s.database, s.language, s.cell} {
			values = merged(values, l.Types[t.Name])
		}
		values["Name"] = t.Name
		types[t.Name] = values
	}
	uses := usedTypes()
	var resources []any
	for i, r := range a.Resources {
		resource := resourceData(r, names, types)
		// For numbered files, such as migrations: 00001 is left for the accounts.
		resource["number"] = fmt.Sprintf("%05d", i+2)
		resources = append(resources, resource)
		for name, used := range resource["Uses"].(data) {
			if used.(bool) {
				uses[name] = true
			}
		}
	}
	return data{
		"Tool":      data{"Version": version},
		"Project":   project,
		"Common":    s.common.Data,
		"Language":  named(s.language, a.Language),
		"Database":  named(s.database, a.Database),
		"Cell":      merged(s.cell.Data, nil),
		"Hosting":   named(s.hosting, a.Hosting, s.hostingCell),
		"Commands":  commandData(s),
		"Resources": resources,
		"Uses":      uses,
	}
}

func resourceData(r Resource, names nameForms, types map[string]row) data {
	resource := data{"Name": r.Name, "Plural": r.Plural, "Path": r.Path()}
	for key, form := range names.Resource {
		resource[key] = names.write(form, r.Name, r.Plural)
	}
	uses := usedTypes()
	var fields, unique, optional, required []any
	for i, f := range r.Fields {
		field := data{
			"Name": f.Name, "Optional": f.Optional, "Unique": f.Unique, "Values": anyList(f.Values),
			"Type": types[f.Type], "Example": example(f, types[f.Type]), "First": i == 0, "Last": i == len(r.Fields)-1,
		}
		for key, form := range names.Field {
			field[key] = names.write(form, f.Name, f.Name)
		}
		uses[f.Type] = true
		fields = append(fields, field)
		if f.Unique {
			unique = append(unique, field)
		}
		if f.Optional {
			optional = append(optional, field)
		} else {
			required = append(required, field)
		}
	}
	resource["Fields"], resource["Uses"] = fields, uses
	resource["UniqueFields"], resource["OptionalFields"], resource["RequiredFields"] = unique, optional, required
	return resource
}

// example is a value of the field as JSON: of an enum its first value, else what the type's row says.
func example(f Field, values row) string {
	if len(f.Values) > 0 {
		return strconv.Quote(f.Values[0])
	}
	s, _ := values["example"].(string)
	return s
}

func usedTypes() data {
	uses := data{}
	for _, t := range FieldTypes() {
		uses[t.Name] = false
	}
	return uses
}

// named is a layer's data, with that of others laid over, and with its own name and title.
func named(l *layer, name string, over ...*layer) data {
	values := l.Data
	for _, other := range over {
		values = merged(values, other.Data)
	}
	return merged(values, data{"Name": name, "Title": cmp.Or(l.Title, name), "Description": l.Description})
}

// commandData is the project's commands, each as the list of its words.
func commandData(s *selection) data {
	all := data{}
	for name, words := range commandsOf(s) {
		all[name] = anyList(words)
	}
	return all
}

// commandsOf are the commands of the language with those of the cell laid over.
func commandsOf(s *selection) map[string][]string {
	return merged(merged(s.common.Commands, s.language.Commands), s.cell.Commands)
}

func anyList(words []string) []any {
	list := make([]any, len(words))
	for i, word := range words {
		list[i] = word
	}
	return list
}
