package generator

import (
	"regexp"
	"sync"
)

// lazyRegexp is an expression that is compiled when first used: a run needs few of them, and compiling all
// takes longer than many a run.
func lazyRegexp(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
