package generator

import "io/fs"

func umask() fs.FileMode { return 0 }
