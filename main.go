// Backlot makes backend projects: see package cmd, or run `backlot help`.
//
// A run takes milliseconds, and looking up a container's share of the processors is some of it.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0
package main

import (
	"os"
	"runtime/debug"

	"github.com/backlot-cli/backlot/cmd"
)

func main() {
	// Most runs end before the first collection; for large projects it is put off.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
