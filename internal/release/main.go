// Command release writes what a release holds beside the program: completion scripts and manual pages.
//
//	go run ./internal/release [-version VERSION] [-date SECONDS] FOLDER
//
// goreleaser calls it. The same commands, version and date give the same bytes. It is a program of its own,
// so that what makes manual pages is not linked into backlot.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/backlot-cli/backlot/cmd"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func main() {
	version := flag.String("version", "devel", "the `VERSION` that the pages name")
	date := flag.Int64("date", 0, "the pages' date in `SECONDS` since 1970")
	flag.Parse()
	err := errors.New("say into which folder to write")
	if flag.NArg() == 1 {
		err = write(flag.Arg(0), *version, time.Unix(*date, 0).UTC())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// write writes completions/ and man/ into the folder.
func write(folder, version string, date time.Time) error {
	for _, name := range []string{"completions", "man"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o777); err != nil {
			return err
		}
	}
	root := cmd.Commands()
	for file, script := range map[string]func(io.Writer) error{
		"backlot.bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"backlot.zsh":  root.GenZshCompletion,
		"backlot.fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"backlot.ps1":  root.GenPowerShellCompletionWithDesc,
	} {
		var content bytes.Buffer
		if err := script(&content); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := os.WriteFile(filepath.Join(folder, "completions", file), content.Bytes(), 0o666); err != nil {
			return err
		}
	}
	return writePages(root, filepath.Join(folder, "man"), &doc.GenManHeader{Section: "1", Source: "backlot " + version, Manual: "Backlot", Date: &date})
}

// writePages writes a page for the command and for every one below it, compressed as systems keep them.
func writePages(c *cobra.Command, folder string, header *doc.GenManHeader) error {
	c.DisableAutoGenTag = true // it is a date of today
	own := *header             // cobra writes the title into it
	var page, packed bytes.Buffer
	if err := doc.GenMan(c, &own, &page); err != nil {
		return fmt.Errorf("%s: %w", c.CommandPath(), err)
	}
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(page.Bytes()); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, pageName(c)), packed.Bytes(), 0o666); err != nil {
		return err
	}
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() {
			if err := writePages(below, folder, header); err != nil {
				return err
			}
		}
	}
	return nil
}

// pageName is backlot-templates-export.1.gz for backlot templates export.
func pageName(c *cobra.Command) string {
	return strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1.gz"
}
