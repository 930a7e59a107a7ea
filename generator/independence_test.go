package generator

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/backlot-cli/backlot/templates"
)

// ordinaryWords are names or aliases that are words of English or of this program too. As a word of a
// sentence they say nothing about a choice; a string that is nothing but such a word is still refused.
var ordinaryWords = []string{"go", "none", "no", "plain", "docker", "node"}

// permitted are strings that are a choice's name, or hold one, and mean something else, by the folder.
var permitted = []struct {
	folder string
	text   *regexp.Regexp
	reason string
}{
	{"../internal/conformance/", regexp.MustCompile(`^none$`), "the JWT algorithm that a service must refuse"},
	{"../internal/conformance/", regexp.MustCompile(`^[a-z]+:?$`), "the contract names the schemes of DATABASE_URL"},
	{"../cmd/version.go", regexp.MustCompile(`^go$`), "the version of Go that built the tool"},
	{"../cmd/", regexp.MustCompile(`^no$`), "the answer to a question"},
}

func isPermitted(file, text string) bool {
	for _, p := range permitted {
		if strings.HasPrefix(filepath.ToSlash(file), p.folder) && p.text.MatchString(text) {
			return true
		}
	}
	return false
}

// No Go code names a language, a database or a hosting: what can be chosen is in the tree alone. Names,
// titles and aliases come from the tree. Tests may name them, and so may import paths, comments and the
// repository's own programs under internal/, which are no part of backlot. A program that is run may have
// a choice's name: the first argument of exec.Command and LookPath.
func TestCodeNamesNoChoice(t *testing.T) {
	t.Parallel()
	c, err := Load(templates.Tree())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, axis := range axes {
		choices, err := c.Choices(axis)
		if err != nil {
			t.Fatal(err)
		}
		for _, choice := range choices {
			for _, name := range append([]string{choice.Name, choice.Title}, choice.Aliases...) {
				if name = strings.ToLower(name); !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	if len(names) < 3 {
		t.Fatalf("the tree has the names %q only", names)
	}
	var sentences []string
	for _, name := range names {
		if !slices.Contains(ordinaryWords, name) {
			sentences = append(sentences, regexp.QuoteMeta(name))
		}
	}
	word := regexp.MustCompile(`(?i)(^|[^\pL\pN_])(` + strings.Join(sentences, "|") + `)($|[^\pL\pN_])`)
	files := 0
	for _, root := range []string{"../main.go", "../cmd", "../generator", "../internal"} {
		if _, err := os.Stat(root); os.IsNotExist(err) {
			continue
		}
		err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
				return err
			}
			files++
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			if parsed.Name.Name == "main" && strings.HasPrefix(filepath.ToSlash(file), "../internal/") {
				return nil
			}
			literals(parsed, func(literal *ast.BasicLit, tagOrProgram bool) {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Error(err)
				}
				alone := strings.ToLower(strings.TrimSpace(text))
				switch at := set.Position(literal.Pos()); {
				case tagOrProgram || isPermitted(file, alone):
				case slices.Contains(names, alone):
					t.Errorf("%s: %s is the name of a choice", at, literal.Value)
				case word.MatchString(text):
					t.Errorf("%s: %.100s names %s", at, literal.Value, word.FindStringSubmatch(text)[2])
				}
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 5 {
		t.Errorf("only %d files were read", files)
	}
}

// literals calls visit for every string of a file but import paths, and tells the struct tags and programs.
func literals(file *ast.File, visit func(literal *ast.BasicLit, tagOrProgram bool)) {
	elsewhere := map[ast.Expr]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if node.Tag != nil {
				elsewhere[node.Tag] = true
			}
		case *ast.CallExpr:
			name := ""
			switch function := node.Fun.(type) {
			case *ast.SelectorExpr:
				name = function.Sel.Name
			case *ast.Ident:
				name = function.Name
			}
			switch name {
			case "Command", "LookPath", "lookPath":
				if len(node.Args) > 0 {
					elsewhere[node.Args[0]] = true
				}
			case "CommandContext":
				if len(node.Args) > 1 {
					elsewhere[node.Args[1]] = true
				}
			}
		case *ast.BasicLit:
			if node.Kind == token.STRING {
				visit(node, elsewhere[node])
			}
		}
		return true
	})
}
