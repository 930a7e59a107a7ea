// Backlot makes backend projects: see package cmd, or run `backlot help`.
package main

import (
	"os"

	"github.com/backlot-cli/backlot/cmd"
)

func main() { os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
