package generator

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestParseResource(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Resource{
		"item name:string": {"item", "items", []Field{{"name", "string", nil, false, false}}},
		"product price:decimal? sku:string:unique state:enum(draft,live)": {"product", "products", []Field{
			{"price", "decimal", nil, true, false}, {"sku", "string", nil, false, true}, {"state", "enum", []string{"draft", "live"}, false, false},
		}},
		"a b:enum(x,y)?:unique":               {"a", "as", []Field{{"b", "enum", []string{"x", "y"}, true, true}}},
		"a b:string:unique?":                  {"a", "as", []Field{{"b", "string", nil, true, true}}},
		"  a\tb:enum( x ,\n y )\r\n c:text\n": {"a", "as", []Field{{"b", "enum", []string{"x", "y"}, false, false}, {"c", "text", nil, false, false}}},
		"person/people name:string":           {"person", "people", []Field{{"name", "string", nil, false, false}}},
		"sheep/sheep name:string":             {"sheep", "sheep", []Field{{"name", "string", nil, false, false}}},
		"order_line class:string":             {"order_line", "order_lines", []Field{{"class", "string", nil, false, false}}},
	} {
		got, err := ParseResource(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
		again, err := ParseResource(got.String())
		if err != nil || !reflect.DeepEqual(got, again) {
			t.Errorf("%q came back as %+v, %v from %q", text, again, err, got.String())
		}
	}
}

func TestParseResourceRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 31)
	for text, want := range map[string][]string{
		"":                               {"a resource needs a name"},
		" \n":                            {"a resource needs a name"},
		"/x a:string":                    {"a resource needs a name"},
		"item":                           {"resource item has no fields"},
		"item name":                      {"field name of item has no type: write name:string"},
		"item name:":                     {"has no type"},
		"item name::":                    {"has no type"},
		"item name:?":                    {"has no type"},
		"item name::unique":              {"has no type"},
		"item :string":                   {`field "" of item must be lower snake case`},
		"item name:strng":                {"has the type strng, which is not known, did you mean string?"},
		"item name:String":               {"did you mean string?"},
		"item name:string??":             {"has the type string??, which is not known, did you mean string?"},
		"item name:string:uniqe":         {"has :uniqe after its type, where only :unique may stand"},
		"item name:string:unique:unique": {"has :unique:unique after its type"},
		"item a:enum(x b:string":         {"field a of item has its list of values in the wrong place, or not closed: write a:enum(draft,live)"},
		"item a:enum)x(":                 {"in the wrong place"},
		"item a:enum(x)(y)":              {"in the wrong place"},
		"item a:enum((x))":               {"in the wrong place"},
		"item a:en(x)um":                 {"in the wrong place"},
		"item a:(x)":                     {"in the wrong place"},
		"item a:enum:unique(x)":          {"in the wrong place"},
		"item a:enum":                    {"an enum needs its values"},
		"item a:enum()":                  {`the value "" must be`},
		"item a:enum(x,x)":               {"the value x stands there twice"},
		"item a:enum(x,,y)":              {`the value "" must be`},
		"item a:enum(-x)":                {"the value -x must be"},
		"item a:enum(x y)":               {"the value x y must be"},
		"item a:string(x)":               {"only an enum has a list of values"},
		"item a:text:unique":             {"a text cannot be unique"},
		"item a:string a:text":           {"field a of item stands there twice"},
		"item a:foo a:foo a:foo":         {"field a of item stands there twice", "field a of item has the type foo"},
		"item id:uuid":                   {"field id of item is not possible: every record has it already"},
		"item Name:string":               {"field Name of item must be lower snake case, such as order_line, and begin with a letter: write name"},
		"OrderLine a:string":             {"write order_line"},
		"1item a:string":                 {"resource 1item must be lower snake case"},
		"item é:string":                  {"field é of item must be lower snake case"},
		"item a\x00b:string":             {`field a\x00b of item must be lower snake case`},
		"item \xff:string":               {`field \xff of item must be`},
		"item a\u202eb:string":           {`field a\u202eb of item`},
		"item a__b:string":               {"write a_b"},
		long + " a:string":               {"is longer than 30 characters"},
		"item " + long + ":string":       {"is longer than 30 characters"},
		"auth a:string":                  {"resource auth is not possible: /api/v1/auth is where accounts are"},
		"account a:string":               {"resource account is not possible"},
		"login/auth a:string":            {"resource login is not possible"},
		"con a:string":                   {"resource con is not possible: Windows keeps the name"},
		"com_1 a:string":                 {"Windows keeps the name"},
		"item/ a:string":                 {"plural of item must be lower snake case"},
		"item/ITEMS a:string":            {"plural of item must be lower snake case"},
		"item/a/b a:string":              {"plural of item must be"},
		"it-em Na:strin é:text:unique":   {"resource it-em must be", "field Na of it-em must be", "has the type strin", "field é of it-em must be", "a text cannot be unique"},
	} {
		t.Run(text, func(t *testing.T) {
			_, err := ParseResource(text)
			wantMessages(t, err, want...)
		})
	}
}

func TestParseResourceBounds(t *testing.T) {
	t.Parallel()
	fields := func(n int, form string) string {
		var b strings.Builder
		b.WriteString("item")
		for i := range n {
			fmt.Fprintf(&b, " "+form, i)
		}
		return b.String()
	}
	_, err := ParseResource(fields(50, "f%d:string"))
	wantMessages(t, err)
	_, err = ParseResource(fields(10_000, "f%d:string"))
	wantMessages(t, err, "resource item has 10000 fields; 50 is the most")
	_, err = ParseResource(fields(10_000, "F%d"))
	wantMessages(t, err, "resource item has 10000 fields; 50 is the most")
	_, err = ParseResource(fields(8, "f%d:string:unique") + " total:decimal:unique " + strings.TrimPrefix(fields(41, "g%d:string"), "item"))
	wantMessages(t, err)
	_, err = ParseResource(fields(9, "f%d:string:unique"))
	wantMessages(t, err, "resource item has 9 unique fields of type string; 8 is the most")
	_, err = ParseResource("item a:enum(" + strings.Repeat("x", 100_000) + ")")
	wantMessages(t, err, "…")
	_, err = ParseResource("item a:enum(" + strings.Repeat("(", 100_000))
	wantMessages(t, err, "in the wrong place")
	values := make([]string, 1000)
	for i := range values {
		values[i] = fmt.Sprint("?", i)
	}
	_, err = ParseResource("item a:enum(" + strings.Join(values, ",") + ")")
	if got := messages(t, err); len(got) != maxFaults+1 || got[maxFaults] != "and more" {
		t.Errorf("%d messages", len(got))
	}
}

// The names that a user would naturally type work everywhere.
func TestNaturalNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"order", "group", "class", "type", "select", "default", "user_id", "user", "table", "index", "key", "value"} {
		if _, err := ParseResource(name + " " + name + ":string"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestResourcePath(t *testing.T) {
	t.Parallel()
	r, _ := ParseResource("order_line a:string")
	if r.Path() != "order-lines" {
		t.Error(r.Path())
	}
}

func TestFieldTypes(t *testing.T) {
	t.Parallel()
	for _, ft := range FieldTypes() {
		text := "item a:" + ft.Name
		if ft.Name == "enum" {
			text += "(x)"
		}
		if _, err := ParseResource(text); err != nil {
			t.Error(err)
		}
		if _, err := ParseResource(text + ":unique"); (err == nil) != ft.Unique {
			t.Errorf("%s:unique: %v", text, err)
		}
	}
}
