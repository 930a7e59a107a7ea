package cmd

import (
	"strings"

	"github.com/backlot-cli/backlot/generator"
	"github.com/spf13/cobra"
)

func newSchemaCommand(s *system) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the answers",
		Long: `Print the JSON Schema (2020-12) of the answers that 'backlot new --answers FILE' reads and that backlot.yaml
records. It lists what can be chosen, your own --templates included, and what goes together.`,
		Example: `  backlot schema > answers.schema.json
  backlot schema | jq .properties.language.enum`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return runSchema(s) },
	}
}

// Limits as package generator has them; a test holds the two together.
const (
	schemaName     = `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`
	schemaWord     = `[a-z][a-z0-9]*(_[a-z0-9]+)*`
	schemaValue    = `[A-Za-z0-9][A-Za-z0-9_.-]*`
	maxName        = 40
	maxWord        = 30
	maxPlural      = 32
	maxResources   = 250
	maxFields      = 50
	maxEnumValues  = 100
	maxValueLength = 50
)

type object = map[string]any

func runSchema(s *system) error {
	catalog, err := s.catalog()
	if err != nil {
		return err
	}
	schema, err := answersSchema(catalog)
	if err != nil {
		return err
	}
	return s.writeJSON(schema)
}

func answersSchema(catalog *generator.Catalog) (object, error) {
	properties := object{
		"name":      object{"type": "string", "description": "the project's name", "pattern": schemaName, "maxLength": maxName},
		"module":    object{"type": "string", "description": "the project's own module path or group id; the language's default where it is left out"},
		"resources": object{"type": "array", "description": "what the project's users keep", "minItems": 1, "maxItems": maxResources, "items": resourceSchema()},

		"version":            object{"type": "integer", "description": "recorded in backlot.yaml; passed over in answers"},
		"backlot":            object{"type": "string", "description": "recorded in backlot.yaml; passed over in answers"},
		"commands":           object{"type": "object", "description": "recorded in backlot.yaml; passed over in answers"},
		"temporary_database": object{"type": "string", "description": "recorded in backlot.yaml; passed over in answers"},
	}
	for _, axis := range []generator.Axis{generator.Language, generator.Database, generator.Hosting} {
		choices, err := catalog.Choices(axis)
		if err != nil {
			return nil, err
		}
		property := object{"type": "string", "enum": choiceNames(choices)}
		var described []string
		for _, choice := range choices {
			described = append(described, choice.Name+": "+choice.Title)
			if choice.Default {
				property["default"] = choice.Name
			}
		}
		property["description"] = strings.Join(described, "; ")
		properties[axis.Key] = property
	}
	pairs, err := pairsSchema(catalog)
	if err != nil {
		return nil, err
	}
	return object{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                "Answers of backlot new",
		"type":                 "object",
		"additionalProperties": false,
		"required":             []string{"name", "language", "database", "hosting", "resources"},
		"properties":           properties,
		"allOf":                pairs,
	}, nil
}

// pairsSchema says, for each language and each hosting, which databases go with it.
func pairsSchema(catalog *generator.Catalog) ([]object, error) {
	pairs := []object{}
	for _, axis := range []generator.Axis{generator.Language, generator.Hosting} {
		choices, err := catalog.Choices(axis)
		if err != nil {
			return nil, err
		}
		for _, choice := range choices {
			language, hosting := choice.Name, ""
			if axis == generator.Hosting {
				language, hosting = "", choice.Name
			}
			databases, err := catalog.Fitting(generator.Database, language, "", hosting)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, object{
				"if":   object{"properties": object{axis.Key: object{"const": choice.Name}}, "required": []string{axis.Key}},
				"then": object{"properties": object{"database": object{"enum": choiceNames(databases)}}},
			})
		}
	}
	return pairs, nil
}

func resourceSchema() object {
	var plain, types []string
	for _, t := range generator.FieldTypes() {
		types = append(types, t.Name)
		if t.Name != "enum" {
			plain = append(plain, t.Name)
		}
	}
	values := schemaValue + `(\s*,\s*` + schemaValue + `)*`
	field := schemaWord + `:((` + strings.Join(plain, "|") + `)\??|enum\(\s*` + values + `\s*\)\??)(:unique\??)?`
	return object{"oneOf": []object{
		{
			"type":        "string",
			"description": "a name, with its plural where that is irregular, and fields: person/people name:string born:date?",
			"pattern":     `^\s*` + schemaWord + `(/` + schemaWord + `)?(\s+` + field + `)+\s*$`,
			"examples":    []string{generator.DefaultResource},
		},
		{
			"type":                 "object",
			"additionalProperties": false,
			"required":             []string{"name", "fields"},
			"properties": object{
				"name":   object{"type": "string", "pattern": "^" + schemaWord + "$", "maxLength": maxWord},
				"plural": object{"type": "string", "pattern": "^" + schemaWord + "$", "maxLength": maxPlural},
				"fields": object{"type": "array", "minItems": 1, "maxItems": maxFields, "items": object{
					"type":                 "object",
					"additionalProperties": false,
					"required":             []string{"name", "type"},
					"properties": object{
						"name":     object{"type": "string", "pattern": "^" + schemaWord + "$", "maxLength": maxWord},
						"type":     object{"type": "string", "enum": types},
						"values":   object{"type": "array", "description": "of an enum", "minItems": 1, "maxItems": maxEnumValues, "uniqueItems": true, "items": object{"type": "string", "pattern": "^" + schemaValue + "$", "maxLength": maxValueLength}},
						"optional": object{"type": "boolean", "default": false},
						"unique":   object{"type": "boolean", "default": false},
					},
				}},
			},
		},
	}}
}

func choiceNames(choices []generator.Choice) []string {
	names := []string{}
	for _, choice := range choices {
		names = append(names, choice.Name)
	}
	return names
}
