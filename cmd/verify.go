package cmd

import (
	"errors"

	"github.com/spf13/cobra"
)

type verifyOptions struct {
	system *system
	json   bool
}

func newVerifyCommand(s *system) *cobra.Command {
	opts := &verifyOptions{system: s}
	c := &cobra.Command{
		Use:  "verify [URL]",
		Args: cobra.MaximumNArgs(1),
		RunE: func(*cobra.Command, []string) error { return errors.New("not yet") },
	}
	c.Flags().BoolVar(&opts.json, "json", false, "print one JSON object")
	return c
}
