package cmd

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/backlot-cli/backlot/generator"
	"github.com/spf13/cobra"
)

type listOptions struct {
	system *system
	json   bool
}

func newListCommand(s *system) *cobra.Command {
	opts := &listOptions{system: s}
	c := &cobra.Command{
		Use:   "list",
		Short: "List languages, databases and hostings, and what goes with what",
		Example: `  backlot list
  backlot list --json
  backlot list --templates ./layers  with your own layers
  backlot list fields                the field types of resources`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(c, args)
			}
			return runList(opts)
		},
	}
	c.Flags().BoolVar(&opts.json, "json", false, "print one JSON object")
	c.AddCommand(newListFieldsCommand(s))
	return c
}

func newListFieldsCommand(s *system) *cobra.Command {
	opts := &listOptions{system: s}
	c := &cobra.Command{
		Use:   "fields",
		Short: "List the field types of resources",
		Long: `List the types that a resource's fields can have. A field is written name:type; a question mark after the
type makes it optional, and :unique makes its values unique among one user's records.`,
		Example: `  backlot list fields
  backlot new shop --yes --resource 'product name:string sku:string:unique notes:text? status:enum(draft,live)'`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return runListFields(opts) },
	}
	c.Flags().BoolVar(&opts.json, "json", false, "print one JSON object")
	return c
}

// listing is what `list --json` prints.
type listing struct {
	Languages    []generator.Choice      `json:"languages"`
	Databases    []generator.Choice      `json:"databases"`
	Hostings     []generator.Choice      `json:"hostings"`
	Combinations []generator.Combination `json:"combinations"`
}

func runList(opts *listOptions) error {
	catalog, err := opts.system.catalog()
	if err != nil {
		return err
	}
	var all listing
	for _, part := range []struct {
		axis    generator.Axis
		choices *[]generator.Choice
	}{{generator.Language, &all.Languages}, {generator.Database, &all.Databases}, {generator.Hosting, &all.Hostings}} {
		if *part.choices, err = catalog.Choices(part.axis); err != nil {
			return err
		}
	}
	if opts.json {
		if all.Combinations, err = catalog.Combinations(); err != nil {
			return err
		}
		return opts.system.writeJSON(all)
	}
	var b strings.Builder
	style := opts.system.styleFor(opts.system.stdout)
	for _, part := range []struct {
		title   string
		choices []generator.Choice
	}{{"Languages", all.Languages}, {"Databases", all.Databases}, {"Hostings", all.Hostings}} {
		b.WriteString(style.bold(part.title) + "\n" + choicesTable(part.choices) + "\n")
	}
	b.WriteString(style.bold("What goes with what") + "\n")
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, language := range all.Languages {
		databases, err := catalog.Fitting(generator.Database, language.Name, "", "")
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "  %s\t%s\n", printable(language.Name), namesOf(databases))
	}
	for _, hosting := range all.Hostings {
		databases, err := catalog.Fitting(generator.Database, "", "", hosting.Name)
		if err != nil {
			return err
		}
		names := namesOf(databases)
		if len(databases) == len(all.Databases) {
			names = "every database"
		}
		fmt.Fprintf(table, "  %s\t%s\n", printable(hosting.Name), names)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprint(opts.system.stdout, b.String())
	return err
}

func choicesTable(choices []generator.Choice) string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, choice := range choices {
		notes := choice.Description
		if choice.Default {
			notes += " (default)"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", printable(choice.Name), printable(choice.Title), printable(strings.TrimSpace(notes)))
	}
	_ = table.Flush() // a builder takes everything
	return b.String()
}

func namesOf(choices []generator.Choice) string {
	var names []string
	for _, choice := range choices {
		names = append(names, printable(choice.Name))
	}
	if len(names) == 0 {
		return "nothing yet"
	}
	return strings.Join(names, ", ")
}

func runListFields(opts *listOptions) error {
	types := generator.FieldTypes()
	if opts.json {
		return opts.system.writeJSON(map[string]any{"fields": types})
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, t := range types {
		unique := ""
		if t.Unique {
			unique = "may be unique"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", t.Name, t.Description, unique)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	b.WriteString("\nA field is written name:type; name:type? is optional, name:type:unique is unique among one user's records.\n")
	_, err := fmt.Fprint(opts.system.stdout, b.String())
	return err
}
