package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/backlot-cli/backlot/generator"
	"github.com/backlot-cli/backlot/templates"
	"github.com/spf13/cobra"
)

// testSystem works in an empty folder, with the tests' own tree.
func testSystem(t *testing.T) (s *system, stdout, stderr *bytes.Buffer) {
	t.Helper()
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return &system{
		stdin: strings.NewReader(""), stdout: stdout, stderr: stderr, folder: t.TempDir(),
		builtIn:  func() fs.FS { return os.DirFS(testTree) },
		lookPath: func(string) (string, error) { return "", exec.ErrNotFound },
	}, stdout, stderr
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain, ünï":       "plain, ünï",
		"a\x1b[31m\a\x00b": `a\x1b[31m\x07\x00b`,
		"two\nlines\r":     "two\nlines" + `\x0d`,
		"\u202eabc\u009b":  `\u202eabc\u009b`,
		"bad \x9b":         "bad \ufffd",
	} {
		if got := printable(text); got != want {
			t.Errorf("printable(%q) = %q", text, got)
		}
	}
}

func TestFound(t *testing.T) {
	choices := []generator.Choice{
		{Name: "node", Title: "Node.js", Aliases: []string{"javascript", "js"}},
		{Name: "java", Title: "Java", Aliases: []string{"spring"}},
		{Name: "go", Title: "Go", Aliases: []string{"golang"}},
		{Name: "python", Title: "Python", Aliases: []string{"django"}},
	}
	for typed, want := range map[string]string{
		"": "node java go python", "jav": "node java", "java": "java", "JAVA": "java", "javas": "node", "go": "go", "ngo": "python", "js": "node", "node.js": "node", "x": "",
	} {
		var names []string
		for at, choice := range choices {
			if found(typed, choices, at) {
				names = append(names, choice.Name)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"shop": "shop", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "~": "'~'", "notes:text?": "'notes:text?'", "./-rf": "./-rf",
	} {
		if got := quotedFor("linux", word); got != want {
			t.Errorf("quoted(%q) = %s, want %s", word, got, want)
		}
	}
	if got := quotedFor("windows", `C:\my shop`); got != `"C:\my shop"` {
		t.Error(got)
	}
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	hostile := "a'b\"c$(d)`e`\\f;g|h&i\n*~!#"
	out, err := exec.Command(shell, "-c", "printf %s "+quotedFor("linux", hostile)).Output()
	if err != nil || string(out) != hostile {
		t.Errorf("%q, %v", out, err)
	}
}

// Every command says what it does and shows how, and refuses what it does not know.
func TestHelpIsComplete(t *testing.T) {
	t.Parallel()
	s, _, _ := testSystem(t)
	root := newRootCommand(s)
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		isShell := c.HasParent() && c.Parent().Name() == "completion"
		if c.Short == "" || c.Example == "" && !isShell {
			t.Errorf("%s: help is missing", c.CommandPath())
		}
		for line := range strings.Lines(c.Long + "\n" + c.Example) {
			if len([]rune(line)) > 130 {
				t.Errorf("%s: a line of the help is too long: %s", c.CommandPath(), line)
			}
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(root)
}

// What cannot be written is told, and is no success.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"version"}, {"list"}, {"list", "--json"}, {"schema"}, {"help"}, {"new", "shop", "--yes", "--dry-run"}} {
		s, _, stderr := testSystem(t)
		s.stdout = failingWriter{}
		if code := s.run(context.Background(), arguments); code != exitFailed || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%v: exit code %d: %s", arguments, code, stderr)
		}
	}
}

func TestTooMuch(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	many.WriteString("product")
	for i := range 10_000 {
		fmt.Fprintf(&many, " field%d:string", i)
	}
	s, _, stderr := testSystem(t)
	if code := s.run(context.Background(), []string{"new", "shop", "--yes", "--resource", many.String()}); code != exitWrong {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(stderr.String(), "10000 fields") || stderr.Len() > 2000 {
		t.Error(stderr)
	}
	s, _, stderr = testSystem(t)
	arguments := []string{"new", "shop", "--yes"}
	for i := range 1000 {
		arguments = append(arguments, "--resource", fmt.Sprintf("thing%d name:string", i))
	}
	if code := s.run(context.Background(), arguments); code != exitWrong || !strings.Contains(stderr.String(), "1000 resources") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// The schema takes what the generator takes, and refuses what it refuses, at the limits too.
func TestSchemaAgrees(t *testing.T) {
	t.Parallel()
	s, stdout, _ := testSystem(t)
	if code := s.run(context.Background(), []string{"schema"}); code != exitDone {
		t.Fatal(code)
	}
	var schema struct {
		Properties map[string]struct {
			Enum     []string
			Default  string
			MaxItems int
			Items    struct {
				OneOf []struct{ Pattern string }
			}
		}
		AllOf []any
	}
	if err := json.Unmarshal(stdout.Bytes(), &schema); err != nil {
		t.Fatal(err)
	}
	catalog, err := s.catalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, axis := range axes {
		choices, err := catalog.Choices(axis)
		if err != nil || !slices.Equal(choiceNames(choices), schema.Properties[axis.Key].Enum) {
			t.Errorf("%s: %v, %v", axis.Key, schema.Properties[axis.Key].Enum, err)
		}
	}
	if len(schema.AllOf) != 4 {
		t.Errorf("%d rules of what goes together", len(schema.AllOf))
	}
	pattern := regexp.MustCompile(schema.Properties["resources"].Items.OneOf[0].Pattern)
	for _, text := range []string{
		generator.DefaultResource, "person/people born:date?", "a b:string:unique c:enum(x,y)?:unique d:enum(x, Y.1)", " a\n b:uuid ",
		"a", "A b:string", "a b", "a b:", "a b:money", "a b:enum", "a b:enum()", "a b:enum(-x)", "a b:string(x)", "a_ b:string", "/b c:string", "a b:string:uniq",
	} {
		_, err := generator.ParseResource(text)
		if (err == nil) != pattern.MatchString(text) {
			t.Errorf("%q: the generator says %v, the schema %v", text, err, pattern.MatchString(text))
		}
	}
	fields := func(n int) string {
		var b strings.Builder
		b.WriteString("a")
		for i := range n {
			fmt.Fprintf(&b, " f%d:string", i)
		}
		return b.String()
	}
	values := func(n int) string {
		return "a b:enum(" + strings.TrimSuffix(strings.Repeat("v%d,", n), ",") + ")"
	}
	numbered := func(format string, n int) string {
		numbers := make([]any, n)
		for i := range numbers {
			numbers[i] = i
		}
		return fmt.Sprintf(format, numbers...)
	}
	for what, limit := range map[string]struct{ within, beyond string }{
		"fields":      {fields(maxFields), fields(maxFields + 1)},
		"name":        {strings.Repeat("n", maxWord) + " a:string", strings.Repeat("n", maxWord+1) + "/ns a:string"},
		"plural":      {"a/" + strings.Repeat("n", maxPlural) + " a:string", "a/" + strings.Repeat("n", maxPlural+1) + " a:string"},
		"enum":        {numbered(values(maxEnumValues), maxEnumValues), numbered(values(maxEnumValues+1), maxEnumValues+1)},
		"enum length": {"a b:enum(" + strings.Repeat("v", maxValueLength) + ")", "a b:enum(" + strings.Repeat("v", maxValueLength+1) + ")"},
	} {
		if _, err := generator.ParseResource(limit.within); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := generator.ParseResource(limit.beyond); err == nil {
			t.Errorf("%s: the generator takes more than the schema", what)
		}
	}
	if generator.CheckName(strings.Repeat("n", maxName)) != nil || generator.CheckName(strings.Repeat("n", maxName+1)) == nil {
		t.Error("the longest name differs")
	}
}

// A dry run of an answers file's JSON gives the answers back: one goes in where the other came out.
func TestAnswersRoundTrip(t *testing.T) {
	t.Parallel()
	s, stdout, _ := testSystem(t)
	if code := s.run(context.Background(), []string{"new", "shop", "--yes", "--json", "--resource", "person/people born:date?"}); code != exitDone {
		t.Fatal(stdout)
	}
	var first struct{ Answers json.RawMessage }
	if err := json.Unmarshal(stdout.Bytes(), &first); err != nil {
		t.Fatal(err)
	}
	again, out, stderr := testSystem(t)
	again.stdin = bytes.NewReader(first.Answers)
	if code := again.run(context.Background(), []string{"new", "--answers", "-", "--json"}); code != exitDone {
		t.Fatal(stderr, out)
	}
	var second struct{ Answers json.RawMessage }
	if err := json.Unmarshal(out.Bytes(), &second); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Answers, second.Answers) {
		t.Errorf("%s\n%s", first.Answers, second.Answers)
	}
}

func TestVerifyURL(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/readyz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprint(w, `{"status":"ok"}`)
	}))
	defer service.Close()
	verify := func(code int, arguments ...string) (s *system, out string) {
		t.Helper()
		s, stdout, stderr := testSystem(t)
		if got := s.run(context.Background(), append([]string{"verify", service.URL}, arguments...)); got != code {
			t.Errorf("%v: exit code %d: %s%s", arguments, got, stdout, stderr)
		}
		return s, stdout.String()
	}
	if _, out := verify(exitDone, "--only", "operations.healthz"); !strings.Contains(out, "\n1 passed, 0 failed") {
		t.Error(out)
	}
	s, out := verify(exitFailed, "--only", "operations.readyz", "--only", "operations.healthz", "--json", "--junit", "report.xml")
	var report struct{ Passed, Failed int }
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.Passed != 1 || report.Failed != 1 {
		t.Error(out, err)
	}
	if xml, err := os.ReadFile(filepath.Join(s.folder, "report.xml")); err != nil || !bytes.Contains(xml, []byte(`failures="1"`)) {
		t.Errorf("%s, %v", xml, err)
	}
}

func TestDatabaseFor(t *testing.T) {
	t.Parallel()
	record := generator.Record{TemporaryDatabase: "cards:///{folder}/verify.box"}
	for _, test := range []struct{ given, temporary, want string }{
		{"reel://x", "/tmp/a", "reel://x"}, {"", "/tmp/a", "cards:///tmp/a/verify.box"}, {"", "C:/tmp/a", "cards:///C:/tmp/a/verify.box"},
	} {
		if got, err := databaseFor(record, test.given, test.temporary); err != nil || got != test.want {
			t.Errorf("%v: %s, %v", test, got, err)
		}
	}
}

// The built-in tree, whatever it holds, makes a project with nothing but --yes.
func TestBuiltInTree(t *testing.T) {
	t.Parallel()
	s, stdout, stderr := testSystem(t)
	s.builtIn = templates.Tree
	if code := s.run(context.Background(), []string{"new", "shop", "--yes", "--json"}); code != exitDone {
		t.Fatal(stdout, stderr)
	}
	var made struct {
		Written bool
		Files   []writtenFile
		Next    []string
	}
	if err := json.Unmarshal(stdout.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	if len(made.Next) != 3 || !made.Written {
		t.Errorf("%v", made.Next)
	}
	for _, f := range made.Files {
		if info, err := os.Stat(filepath.Join(s.folder, "shop", f.Path)); err != nil || info.Size() != int64(f.Size) {
			t.Errorf("%s: %v", f.Path, err)
		}
	}
}
