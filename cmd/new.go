package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/backlot-cli/backlot/generator"
	"github.com/backlot-cli/backlot/internal/git"
	"github.com/spf13/cobra"
)

type newOptions struct {
	system *system

	name      string
	module    string
	language  string
	database  string
	hosting   string
	resources []string
	dir       string
	answers   string

	yes    bool
	force  bool
	noGit  bool
	dryRun bool
	json   bool

	noticed bool // the dialogue has shown what will be billed
}

func newNewCommand(s *system) *cobra.Command {
	opts := &newOptions{system: s}
	c := &cobra.Command{
		Use:   "new [NAME]",
		Short: "Make a backend project",
		Long: `Make a backend project: an HTTP API with accounts and resources of your own, on a real database.

On a terminal it asks for what the flags and the answers file leave open. Elsewhere it asks nothing: all that
is missing or wrong is reported at once, and nothing is written. --yes takes the defaults for what is not given.

A resource is one kind of record that your users keep, written as in Rails. 'backlot list fields' shows the
types; a ? makes a field optional, :unique makes it unique. person/people gives an irregular plural.

The project is made as a whole or not at all. A folder that is not empty is refused, unless --force: then files
that it holds under the same path are replaced, and all others stay. A new project is a git repository with
one commit, unless git is absent or the folder lies inside a repository.`,
		Example: `  backlot new
  backlot new shop --yes
  backlot new shop --yes --resource 'product name:string price:decimal sku:string:unique notes:text?' \
      --resource 'purchase product_id:uuid status:enum(open,paid)'
  backlot new --answers shop.yaml --json
  backlot list --json | jq .languages
  backlot new shop --yes --dry-run`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 2 {
				return nil
			}
			message := fmt.Sprintf("new takes one name, and %s is one more", args[1])
			if strings.Contains(strings.Join(args[1:], " "), ":") {
				message += fmt.Sprintf("; write a resource as --resource %s", quoted(strings.Join(args[1:], " ")))
			}
			return &usageError{message}
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				opts.name = args[0]
				if opts.name == "" {
					return generator.Faults{{Key: "name", Message: "the project's name is empty"}}
				}
			}
			err := runNew(c.Context(), opts)
			if errors.As(err, new(*interruptedError)) {
				err = fmt.Errorf("%w; nothing was written", err)
			}
			return err
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&opts.language, "language", "l", "", "`LANGUAGE` of the project")
	flags.StringVarP(&opts.database, "database", "d", "", "`DATABASE` that it keeps its records in")
	flags.StringVar(&opts.hosting, "hosting", "", "`HOSTING` that it is deployed to")
	flags.StringArrayVarP(&opts.resources, "resource", "r", nil, "`RESOURCE` that users keep: 'product name:string price:decimal'; may be repeated")
	flags.StringVar(&opts.module, "module", "", "the project's own module `PATH` or group id (default: the language's)")
	flags.StringVar(&opts.dir, "dir", "", "`FOLDER` of the project itself (default ./NAME)")
	flags.StringVar(&opts.answers, "answers", "", "read answers from a YAML `FILE` with the keys of backlot.yaml; - is standard input")
	flags.BoolVarP(&opts.yes, "yes", "y", false, "take the defaults for what is not given, and ask nothing")
	flags.BoolVar(&opts.dryRun, "dry-run", false, "print what would be written, and write nothing")
	flags.BoolVar(&opts.force, "force", false, "write into a folder that is not empty, and replace files under the same path")
	flags.BoolVar(&opts.noGit, "no-git", false, "make no git repository")
	flags.BoolVar(&opts.json, "json", false, "print one JSON object, errors too, and ask nothing")
	for _, axis := range axes {
		completeFlag(c, axis.Key, opts.completeAxis(axis))
	}
	folders(c, "dir")
	completeFlag(c, "answers", cobra.FixedCompletions([]string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt))
	for _, flag := range []string{"resource", "module"} {
		completeFlag(c, flag, cobra.NoFileCompletions)
	}
	return c
}

// completeAxis completes a flag with the choices that go with what has been typed.
func (opts *newOptions) completeAxis(axis generator.Axis) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		catalog, err := opts.system.catalog()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		known, err := canonical(catalog, generator.Answers{Language: opts.language, Database: opts.database, Hosting: opts.hosting})
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		choices, err := catalog.Fitting(axis, known.Language, known.Database, known.Hosting)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var completions []cobra.Completion
		for _, choice := range choices {
			completions = append(completions, cobra.CompletionWithDesc(choice.Name, printable(choice.Title)))
		}
		return completions, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// A result is what a run made, or would have made; --json prints it.
type result struct {
	Answers generator.Answers `json:"answers"`
	Path    string            `json:"path"`
	Written bool              `json:"written"`
	Files   []writtenFile     `json:"files"`
	Git     gitResult         `json:"git"`
	Next    []string          `json:"next"`
	Notice  string            `json:"notice,omitempty"`
}

type writtenFile struct {
	Path     string `json:"path"`
	Layer    string `json:"layer"`
	Size     int    `json:"size"`
	Mode     string `json:"mode"`
	Replaces bool   `json:"replaces,omitempty"` // a file was there
}

type gitResult struct {
	Commit bool   `json:"commit"`           // there is a repository with one commit
	Reason string `json:"reason,omitempty"` // why there is none

	failed bool // it was tried, and the user has been told
}

func runNew(ctx context.Context, opts *newOptions) error {
	s := opts.system
	catalog, err := s.catalog()
	if err != nil {
		return err
	}
	answers, err := opts.resolveAnswers(ctx, catalog)
	if err != nil {
		return err
	}
	project, err := catalog.Generate(answers)
	if err != nil {
		return err
	}
	target := opts.target(project.Answers.Name)
	r := &result{Answers: project.Answers, Path: target}
	if r.Notice, err = catalog.Notice(r.Answers.Hosting, r.Answers.Database); err != nil {
		return err
	}
	next, err := catalog.Next(r.Answers)
	if err != nil {
		return err
	}
	r.Next = opts.nextCommands(target, next)
	for _, f := range project.Files {
		file := writtenFile{Path: f.Path, Layer: f.Layer, Size: len(f.Content), Mode: fmt.Sprintf("%04o", f.Mode.Perm())}
		if opts.force || opts.dryRun {
			_, err := os.Lstat(filepath.Join(target, filepath.FromSlash(f.Path)))
			file.Replaces = err == nil
		}
		r.Files = append(r.Files, file)
	}
	if opts.dryRun {
		return runDryRun(ctx, opts, project, r)
	}
	if r.Notice != "" && !opts.json && !opts.noticed {
		fmt.Fprintln(s.stderr, printable(r.Notice))
	}
	err = project.Write(ctx, target, generator.WriteOptions{
		Force:  opts.force,
		Finish: func(ctx context.Context, folder string) error { return opts.commit(ctx, folder, project, &r.Git) },
	})
	if err != nil {
		return opts.writeError(target, err)
	}
	r.Written = true
	if opts.json {
		return s.writeJSON(r)
	}
	return opts.printMade(r)
}

// target is the folder of a project with that name.
func (opts *newOptions) target(name string) string { return opts.system.path(cmp.Or(opts.dir, name)) }

// writeError names the folder as the user did.
func (opts *newOptions) writeError(target string, err error) error {
	if conflict := (*generator.ConflictError)(nil); errors.As(err, &conflict) {
		named := *conflict
		named.Dir = opts.system.shown(target)
		return &named
	}
	if errors.As(err, new(*interruptedError)) {
		return err
	}
	return fmt.Errorf("writing %s: %w", opts.system.shown(target), err)
}

// runDryRun tells what a run would do. It fails where the run would.
func runDryRun(ctx context.Context, opts *newOptions, project *generator.Project, r *result) error {
	s := opts.system
	if err := project.Conflicts(r.Path, opts.force); err != nil {
		return opts.writeError(r.Path, err)
	}
	if _, err := opts.gitFor(ctx, r.Path, &r.Git); err != nil {
		r.Git.Reason = "git: " + err.Error()
	}
	r.Git.Commit = r.Git.Reason == ""
	if opts.json {
		return s.writeJSON(r)
	}
	total := 0
	for _, f := range r.Files {
		total += f.Size
	}
	var b strings.Builder
	b.WriteString(s.shown(r.Path) + "/\n")
	drawTree(&b, r.Files, s.styleFor(s.stdout))
	fmt.Fprintf(&b, "\n%s, %s. %s.\nNothing was written.\n", counted(len(r.Files), "file"), size(total), r.Git.sentence())
	if r.Notice != "" {
		b.WriteString("\n" + printable(r.Notice) + "\n")
	}
	_, err := fmt.Fprint(s.stdout, b.String())
	return err
}

func (g gitResult) sentence() string {
	if g.Commit {
		return "A git repository with one commit"
	}
	return "No git repository: " + g.Reason
}

// gitFor is the git that can make a repository of a folder; otherwise the result says why there is none.
func (opts *newOptions) gitFor(ctx context.Context, folder string, r *gitResult) (*git.Git, error) {
	if opts.noGit {
		r.Reason = "--no-git was given"
		return nil, nil
	}
	program, missing := opts.system.lookPath("git")
	if missing != nil {
		r.Reason = "git was not found"
		return nil, nil //nolint:nilerr // git is not needed
	}
	g := &git.Git{Program: program, Environment: opts.system.environment}
	inside, err := g.Inside(ctx, folder)
	if inside {
		r.Reason = "the folder lies inside one"
		return nil, err
	}
	return g, err
}

// commit makes the project a git repository. When that fails the project is still a project, so only the
// end of ctx is an error.
func (opts *newOptions) commit(ctx context.Context, folder string, project *generator.Project, r *gitResult) error {
	g, err := opts.gitFor(ctx, folder, r)
	if err == nil && g != nil {
		var files []git.File
		for _, f := range project.Files {
			files = append(files, git.File{Path: f.Path, Executable: f.Mode&0o111 != 0})
		}
		message := fmt.Sprintf("Create %s with Backlot %s", project.Answers.Name, generator.Version())
		if err = g.Commit(ctx, folder, message, files); err == nil {
			r.Commit = true
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		r.Reason, r.failed = err.Error(), true
		fmt.Fprintln(opts.system.stderr, "backlot: the project is no git repository:", printable(err.Error()))
	}
	return nil
}

// nextCommands are the three commands to type next.
func (opts *newOptions) nextCommands(target string, next []string) []string {
	var commands []string
	if target != filepath.Clean(opts.system.folder) {
		shown := opts.system.shown(target)
		if strings.HasPrefix(shown, "-") {
			shown = "./" + shown
		}
		commands = append(commands, "cd "+quoted(shown))
	}
	commands = append(commands, next...)
	for _, more := range []string{"make test", "make lint"} { // every project has them
		if len(commands) < 3 && !slices.Contains(commands, more) {
			commands = append(commands, more)
		}
	}
	return commands
}

func (opts *newOptions) printMade(r *result) error {
	s := opts.system
	style := s.styleFor(s.stdout)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s in %s\n", style.green("Made"), style.bold(r.Answers.Name), counted(len(r.Files), "file"), printable(s.shown(r.Path)))
	a := r.Answers
	fmt.Fprintf(&b, "%s, %s, hosting %s; %s\n", a.Language, a.Database, a.Hosting, counted(len(a.Resources), "resource"))
	if !r.Git.failed {
		b.WriteString(r.Git.sentence() + "\n")
	}
	b.WriteString("\nNext:\n\n")
	for _, command := range r.Next {
		b.WriteString("  " + style.bold(printable(command)) + "\n")
	}
	_, err := fmt.Fprint(s.stdout, b.String())
	return err
}
