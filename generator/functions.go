package generator

import (
	"fmt"
	"strings"
	"sync"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// fromSprig are the functions of sprig that templates may use: deterministic, bounded, and blind to the
// machine (sprig also has env, getHostByName, genPrivateKey and now).
var fromSprig = []string{
	"add", "add1", "sub", "mul", "div", "mod", "max", "min",
	"cat", "contains", "hasPrefix", "hasSuffix", "join", "lower", "upper", "title", "trim",
	"trimPrefix", "trimSuffix", "replace", "quote", "squote", "splitList", "toString",
	"default", "coalesce", "ternary", "empty", "list", "dict", "get", "hasKey", "has",
	"first", "last", "rest", "initial", "append", "prepend", "concat", "uniq", "sortAlpha", "compact", "reverse", "toJson", "toPrettyJson",
}

// builtins are text/template's own functions, whose map it does not export, but for those that escape for web pages.
var builtins = []string{"and", "call", "eq", "ge", "gt", "index", "le", "len", "lt", "ne", "not", "or", "print", "printf", "println", "slice"}

// functions are what templates may call: one map for all of them, since building it costs more than
// parsing a file.
var functions = sync.OnceValue(func() template.FuncMap {
	all := sprig.TxtFuncMap()
	allowed := template.FuncMap{
		"snake":  caseSnake,
		"kebab":  caseKebab,
		"camel":  caseCamel,
		"pascal": casePascal,
		"flat":   caseFlat,
		"secret": secretPlace,
		"tab":    func() string { return tab },
	}
	for _, name := range []string{"indent", "nindent"} {
		allowed[name] = boundedIndent(all[name].(func(int, string) string))
	}
	for _, name := range fromSprig {
		allowed[name] = all[name]
	}
	return allowed
})

// boundedIndent refuses widths that would fill the memory: a tree may be a stranger's.
func boundedIndent(indent func(int, string) string) func(int, string) (string, error) {
	return func(width int, text string) (string, error) {
		if width < 0 || width > 100 {
			return "", fmt.Errorf("a width of %d is not possible", width)
		}
		return indent(width, text), nil
	}
}

// functionNames is the set that the parser wants: it checks names only.
var functionNames = sync.OnceValue(func() map[string]any {
	names := map[string]any{}
	for name := range functions() {
		names[name] = struct{}{}
	}
	for _, name := range builtins {
		names[name] = struct{}{}
	}
	return names
})

// SecretLength is how many characters a drawn secret has: 43 of an alphabet of 32 are 215 bits.
const SecretLength = 43

// secretPlace stands for a secret until Write draws it; it has the secret's length, so that a file's
// size is known beforehand.
func secretPlace(name string) (string, error) {
	if name == "" || len(name) > SecretLength-2 || strings.ContainsAny(name, "\x00\x01") {
		return "", fmt.Errorf("secret %q: a name of 1 to %d characters is needed", name, SecretLength-2)
	}
	return "\x00" + name + strings.Repeat("\x01", SecretLength-2-len(name)) + "\x00", nil
}
