package cmd

import (
	"fmt"
	"runtime"

	"github.com/backlot-cli/backlot/generator"
	"github.com/spf13/cobra"
)

type versionOptions struct {
	system *system
	json   bool
}

func newVersionCommand(s *system) *cobra.Command {
	opts := &versionOptions{system: s}
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long:  "Print the version of Backlot. It is right in a released binary and after `go install …@version`; elsewhere it is devel,\nor what Go knows of the commit.",
		Example: `  backlot version
  backlot version --json`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return runVersion(opts) },
	}
	c.Flags().BoolVar(&opts.json, "json", false, "print one JSON object")
	return c
}

func runVersion(opts *versionOptions) error {
	system := runtime.GOOS + "/" + runtime.GOARCH
	if opts.json {
		return opts.system.writeJSON(map[string]string{"version": generator.Version(), "go": runtime.Version(), "platform": system})
	}
	_, err := fmt.Fprintf(opts.system.stdout, "backlot %s (%s, %s)\n", generator.Version(), runtime.Version(), system)
	return err
}
