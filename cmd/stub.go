package cmd

import "io/fs"

func checkTree(fs.FS) []error { return nil }
