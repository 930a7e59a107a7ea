package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/backlot-cli/backlot/generator"
	"github.com/otiai10/copy"
	"github.com/spf13/cobra"
)

func newTemplatesCommand(s *system) *cobra.Command {
	c := &cobra.Command{
		Use:   "templates",
		Short: "Export or check the layers that projects are made from",
		Long: `Projects are made from layers: folders that each hold a layer.yaml and files. A folder of your own is laid
over the built-in ones with --templates: a file in it takes the place of the same path, and a new folder adds
a language, a database, a hosting, or a language on one more database.`,
		Example: `  backlot templates export layers
  backlot templates check layers
  backlot new shop --templates layers`,
		Args: cobra.ArbitraryArgs,
		RunE: unknownCommand,
	}
	c.AddCommand(newTemplatesExportCommand(s), newTemplatesCheckCommand(s))
	return c
}

type templatesExportOptions struct {
	system *system
	dir    string
	json   bool
}

func newTemplatesExportCommand(s *system) *cobra.Command {
	opts := &templatesExportOptions{system: s}
	c := &cobra.Command{
		Use:   "export DIR",
		Short: "Write the layers into a new or empty folder",
		Long: `Write the built-in layers, with those of --templates laid over them, into a new or empty folder. Keep only
what you change: what is not in your folder is taken from the built-in layers, also of a later version.`,
		Example: `  backlot templates export layers
  backlot templates export merged --templates layers`,
		Args:              exactlyOne("the folder to write: backlot templates export layers"),
		ValidArgsFunction: completeFolder,
		RunE: func(c *cobra.Command, args []string) error {
			opts.dir = args[0]
			return runTemplatesExport(c.Context(), opts)
		},
	}
	c.Flags().BoolVar(&opts.json, "json", false, "print one JSON object")
	return c
}

func completeFolder(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func runTemplatesExport(ctx context.Context, opts *templatesExportOptions) error {
	s := opts.system
	tree, err := s.tree()
	if err != nil {
		return err
	}
	target := s.path(opts.dir)
	source := ""
	if s.templates != "" {
		if source, err = keptApart(s.path(s.templates), target); err != nil {
			return err
		}
	}
	// The files of the folder on disk are copied from there; all others come out of the program.
	layers, overlaid := &generator.Project{}, 0
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Name() == ".git" {
			return skipped(entry)
		}
		if entry.IsDir() {
			return nil
		}
		if s.over != nil {
			if _, err := s.over.Lstat(filepath.FromSlash(name)); err == nil {
				overlaid++
				return nil
			}
		}
		content, err := fs.ReadFile(tree, name)
		layers.Files = append(layers.Files, generator.File{Path: name, Mode: 0o644, Content: content})
		return err
	})
	if err != nil {
		return fmt.Errorf("templates: %w", err)
	}
	write := generator.WriteOptions{}
	if source != "" {
		write.Finish = func(ctx context.Context, folder string) error { return copyLayers(ctx, source, folder) }
	}
	if err := layers.Write(ctx, target, write); err != nil {
		if conflict := (*generator.ConflictError)(nil); errors.As(err, &conflict) {
			return &generator.ConflictError{Dir: opts.dir, Reason: "is not an empty folder: choose another"}
		}
		return fmt.Errorf("writing %s: %w", opts.dir, err)
	}
	number := len(layers.Files) + overlaid
	if opts.json {
		return s.writeJSON(map[string]any{"path": target, "files": number})
	}
	_, err = fmt.Fprintf(s.stdout, "Wrote %s into %s.\n", counted(number, "file"), printable(opts.dir))
	return err
}

func skipped(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// keptApart is the source without symbolic links; a target that lies in it is refused.
func keptApart(source, target string) (string, error) {
	real, err := filepath.EvalSymlinks(source)
	if err != nil {
		return "", err
	}
	rest := ""
	for at := target; ; at = filepath.Dir(at) {
		if found, err := filepath.EvalSymlinks(at); err == nil {
			target = filepath.Join(found, rest)
			break
		}
		if filepath.Dir(at) == at {
			break
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
	if relative, err := filepath.Rel(real, target); err == nil && filepath.IsLocal(relative) {
		return "", &usageError{fmt.Sprintf("%s lies in %s, which is copied: choose another folder", target, source)}
	}
	return real, nil
}

// copyLayers copies a folder of layers on disk over a folder that holds the others.
func copyLayers(ctx context.Context, source, folder string) error {
	return copy.Copy(source, folder, copy.Options{
		Skip: func(info os.FileInfo, from, _ string) (bool, error) {
			if err := context.Cause(ctx); err != nil {
				return false, err
			}
			if info.Name() == ".git" {
				return true, nil
			}
			if !info.IsDir() && !info.Mode().IsRegular() {
				return false, fmt.Errorf("%s is no ordinary file or folder; a tree of layers holds nothing else", from)
			}
			return false, nil
		},
		OnSymlink: func(string) copy.SymlinkAction { return copy.Skip }, // refused above
		PermissionControl: func(info fs.FileInfo, to string) (func(*error), error) {
			nothing := func(*error) {}
			if info.IsDir() {
				return nothing, os.MkdirAll(to, 0o777)
			}
			return nothing, nil
		},
	})
}

type templatesCheckOptions struct {
	system *system
	dir    string
	json   bool
}

func newTemplatesCheckCommand(s *system) *cobra.Command {
	opts := &templatesCheckOptions{system: s}
	c := &cobra.Command{
		Use:   "check DIR",
		Short: "Say what is wrong with a folder of layers",
		Long: `Say what is wrong with a folder of layers, laid over the built-in ones: each fault with its file and, where
there is one, its line. Every combination is made once, in memory.`,
		Example: `  backlot templates check layers
  backlot templates check layers --json`,
		Args:              exactlyOne("the folder to check: backlot templates check layers"),
		ValidArgsFunction: completeFolder,
		RunE: func(_ *cobra.Command, args []string) error {
			opts.dir = args[0]
			return runTemplatesCheck(opts)
		},
	}
	c.Flags().BoolVar(&opts.json, "json", false, "print one JSON object")
	return c
}

func runTemplatesCheck(opts *templatesCheckOptions) error {
	s := opts.system
	if s.templates != "" {
		return &usageError{"templates check takes the folder as its argument, and no --templates"}
	}
	over, err := s.openTree(opts.dir)
	if err != nil {
		return err
	}
	problems := generator.Check(generator.Overlay(s.builtIn(), over))
	if opts.json {
		if err := s.writeJSON(map[string]any{"problems": append([]generator.Problem{}, problems...)}); err != nil {
			return err
		}
	} else {
		for _, problem := range problems {
			fmt.Fprintln(s.stdout, printable(problem.Error()))
		}
		if len(problems) == 0 {
			fmt.Fprintln(s.stdout, printable(opts.dir)+": nothing is wrong")
		}
	}
	if len(problems) > 0 {
		return saidError{}
	}
	return nil
}
