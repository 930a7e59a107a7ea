package generator

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadAnswers(t *testing.T) {
	t.Parallel()
	item, _ := ParseResource("item name:string")
	for text, want := range map[string]Answers{
		"":           {},
		"# nothing":  {},
		"name: null": {},
		"name: shop\nmodule: example.com/shop\nlanguage: go\ndatabase: pg\nhosting: none\nresources: ['item name:string']\n": {"shop", "example.com/shop", "go", "pg", "none", []Resource{item}},
		"{\n\t\"name\": \"shop\",\n\t\"resources\": [\n\t\t\"item name:string\"\n\t]\n}":                                     {Name: "shop", Resources: []Resource{item}},
		"name: 12":   {Name: "12"},
		"name: true": {Name: "true"},
		"version: 1\nbacklot: v1\ncommands: {serve: [a, b]}\ntemporary_database: x\nname: shop":               {Name: "shop"},
		"resources: [{name: item, fields: [{name: name, type: string}]}]":                                     {Resources: []Resource{item}},
		"resources:\n- &i {name: item, fields: [{name: name, type: string}]}\n- *i":                           {Resources: []Resource{item, item}},
		"resources: [{name: person, plural: people, fields: [{name: a, type: enum, values: [1, yes, 2.0]}]}]": {Resources: []Resource{{"person", "people", []Field{{"a", "enum", []string{"1", "yes", "2.0"}, false, false}}}}},
	} {
		got, err := ReadAnswers(strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestReadAnswersRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"name: [a]":                 {"answers: line 1: a list stands where a text belongs"},
		"a: 1\nb: 2":                {"answers: line 1: there is no key a (keys: ", "answers: line 2: there is no key b"},
		"\nlanguag: go":             {"line 2: there is no key languag, did you mean language? (keys: "},
		"name: {a: b}\nmodule: []":  {"line 1: a mapping stands where a text belongs", "line 2: a list stands where a text"},
		"resources: x":              {"line 1: a text stands where a list belongs"},
		"resources: [[a]]":          {"line 1: a list stands where a resource belongs"},
		"name: a\nname: b":          {`line 2: mapping key "name" already defined at line 1`},
		"commands: 3":               {"line 1: a number stands where a mapping belongs"},
		"commands: {serve: go run}": {"line 1: a text stands where a list belongs"},
		"- a":                       {"line 1: a list stands where a mapping belongs"},
		"just words":                {"line 1: a text stands where a mapping belongs"},
		"version: x":                {"line 1: a text stands where a whole number belongs"},
		"version: 2":                {"version 2 is of a newer Backlot"},
		"name: a\n---\nname: b":     {"answers: there is a second document"},
		"name: 'a":                  {"found unexpected end of stream"},
		"a: *b":                     {"unknown anchor 'b'"},
		"\xff":                      {"UTF-8"},
		"name: \x00":                {"control characters"},
		"\"a\\e[31m\": 1":           {`there is no key a\x1b[31m`},
		"? [a]\n: b":                {"line 1: a list stands where a text belongs"},
		strings.Repeat("[", 20_000): {"exceeded max depth"},
		"resources:\n- {nam: a}":    {"line 2: there is no key nam, did you mean name? (keys: name, plural, fields)"},
		"resources:\n- name: a\n  fields: [{name: b, type: string, uniqe: true}]": {"line 3: there is no key uniqe, did you mean unique? (keys: name, type, values, optional, unique)"},
		"resources:\n- name: a\n  fields: [{name: b, unique: maybe}]":             {"line 3: a text stands where true or false belongs"},
		"resources:\n- name: a\n  fields: {b: string}":                            {"line 3: a mapping stands where a list belongs"},
		"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nresources: [*e]": {
			"no key a", "no key b", "no key c", "no key d", "no key e", "line 5: a list stands where a resource belongs",
		},
	} {
		t.Run(text[:min(len(text), 40)], func(t *testing.T) {
			_, err := ReadAnswers(strings.NewReader(text))
			wantMessages(t, err, want...)
		})
	}
	_, err := ReadAnswers(strings.NewReader(strings.Repeat("#", maxAnswers+1)))
	wantMessages(t, err, "larger than")
	broken := errors.New("broken")
	if _, err := ReadAnswers(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// What could be read is returned with the faults, so that the rest can be judged too.
func TestReadAnswersKeepsTheRest(t *testing.T) {
	t.Parallel()
	a, err := ReadAnswers(strings.NewReader("name: shop\nlanguage: [x]\nresources: [item name:string]"))
	if err == nil || a.Name != "shop" || len(a.Resources) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"shop": "", "my-2nd-shop": "", "a": "",
		"": "missing", "Shop": "write shop", "my_shop": "write my-shop", "my--shop": "write my-shop", "2shop": "must be lower-case", "-rf": "write rf",
		"..": "must be", "a/b": "write a-b", "/etc": "write etc", "con": "Windows", "co-n": "Windows", "lpt1": "Windows", "shöp": "must be",
		"a\x00": `a\x00`, "a\n": `a\n`, "\xff": `\xff`, strings.Repeat("a", 41): "longer than 40",
	} {
		err := CheckName(name)
		if want == "" {
			wantMessages(t, err)
		} else {
			wantMessages(t, err, want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	c := load(t)
	for name, test := range map[string]struct {
		change func(*Answers)
		want   func(*Answers)
	}{
		"a name":                {func(a *Answers) {}, func(a *Answers) { a.Module = "example.com/shop" }},
		"an alias":              {func(a *Answers) { a.Language, a.Database, a.Hosting = "AL", "uno", "Docker" }, func(a *Answers) { a.Module = "example.com/shop" }},
		"a title":               {func(a *Answers) { a.Database = "one db" }, func(a *Answers) { a.Module = "example.com/shop" }},
		"a module of their own": {func(a *Answers) { a.Module = "acme.org/x" }, func(a *Answers) { a.Module = "acme.org/x" }},
	} {
		got, err := c.Resolve(answers(test.change))
		if want := answers(test.want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A module that a language writes in parts has words of its own, and forms of the project's name.
func TestModuleOfParts(t *testing.T) {
	t.Parallel()
	layer := strings.Replace(alphaLayer, `default: "example.com/{name}"`, `default: "com.example.{flatName}", reserved: [class]`, 1)
	c := load(t, "languages/alpha/layer.yaml", strings.Replace(layer, "package: {case: flat}", "flatName: {case: flat, reserved: [class], suffix: app}", 1))
	for name, want := range map[string]string{"my-shop": "com.example.myshop", "class": "com.example.classapp"} {
		if got, err := c.Resolve(answers(func(a *Answers) { a.Name = name })); err != nil || got.Module != want {
			t.Errorf("%s: %s, %v", name, got.Module, err)
		}
	}
	_, err := c.Resolve(answers(func(a *Answers) { a.Module = "com.class.shop" }))
	wantMessages(t, err, "com.class.shop is not possible: class is a word of the language")
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	c := load(t)
	resources := func(texts ...string) func(*Answers) {
		return func(a *Answers) {
			a.Resources = nil
			for _, text := range texts {
				a.Resources = append(a.Resources, parseResource(text))
			}
		}
	}
	many := make([]string, 251)
	for i := range many {
		many[i] = "item a:string"
	}
	for name, test := range map[string]struct {
		change func(*Answers)
		want   []string
	}{
		"nothing": {func(a *Answers) { *a = Answers{} }, []string{"the project's name is missing", "language is missing: one of alpha, beta", "database is missing: one of one, two", "hosting is missing: one of none, cloud", "resource is missing: write --resource"}},
		"wrong words": {func(a *Answers) { a.Language, a.Database, a.Hosting = "alpah", "", "\x1b[2J" }, []string{
			"language alpah is not known, did you mean alpha? (one of alpha, beta)", "database is missing", `hosting \x1b[2J is not known`,
		}},
		"a path":                          {func(a *Answers) { a.Language = "../languages/alpha" }, []string{"is not known"}},
		"no cell":                         {func(a *Answers) { a.Language = "beta" }, []string{"one does not go with beta: one has no driver (beta goes with two)"}},
		"no hosting":                      {func(a *Answers) { a.Database, a.Hosting = "two", "cloud" }, []string{"two does not go with cloud (cloud goes with one)"}},
		"a module that breaks its rule":   {func(a *Answers) { a.Module = "Acme x" }, []string{"Acme x is no module path, such as example.com/shop"}},
		"a module that leaves its folder": {func(a *Answers) { a.Module = "a/../../b" }, []string{"a/../../b is not possible: it would leave its folder"}},
		"a device in a module":            {func(a *Answers) { a.Module = "com.aux.x" }, []string{"Windows keeps the name"}},
		"a module where there is none":    {func(a *Answers) { a.Language, a.Database, a.Module = "beta", "two", "x" }, []string{"beta has no module path: leave --module out"}},
		"a name that is refused":          {func(a *Answers) { a.Name = "alpha" }, []string{"the name alpha is not possible: it is the language's own"}},
		"refused words":                   {resources("object a:string", "b hash:string"), []string{"resource object is not possible: alpha has one", "field hash of b is not possible: alpha has one"}},
		"a plural that is refused":        {resources("thing/object a:string"), []string{"resource object is not possible: alpha has one"}},
		"a resource twice":                {resources("a b:string", "a c:string"), []string{"resource a stands there twice"}},
		"the same path":                   {resources("person/people a:string", "human/people a:string"), []string{"resources person and human would both be written People"}},
		"plural and singular":             {resources("order a:string", "orders/orderses a:string"), []string{"resources order and orders would both be written Orders"}},
		"fields that are written alike":   {resources("a line_1:string line1:string"), []string{"fields line_1 and line1 would both be written line1"}},
		"a suffix that is taken":          {resources("a class:string class_field:string"), []string{"fields class and class_field would both be written classField"}},
		"too many":                        {resources(many...), []string{"there are 251 resources; 250 is the most"}},
		"resources made by a program": {func(a *Answers) {
			a.Resources = []Resource{{}, {Name: "x", Plural: "xs", Fields: []Field{{Name: "y"}}}}
		}, []string{"a resource needs a name", "field y of x has no type"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Resolve(answers(test.change))
			wantMessages(t, err, test.want...)
			if _, again := c.Generate(answers(test.change)); again == nil || again.Error() != err.Error() {
				t.Errorf("Generate says %v", again)
			}
		})
	}
}

func TestFaultsNameTheirAnswer(t *testing.T) {
	t.Parallel()
	_, err := load(t).Resolve(Answers{Name: "shop", Language: "alpa", Database: "one"})
	var faults Faults
	errors.As(err, &faults)
	if len(faults) != 3 || faults[0].Key != "language" || !reflect.DeepEqual(faults[0].Choices, []string{"alpha", "beta"}) || faults[1].Key != "hosting" || faults[2].Key != "resource" {
		t.Errorf("%+v", faults)
	}
}

func TestAnswersAsJSON(t *testing.T) {
	t.Parallel()
	content, err := json.Marshal(answers(func(a *Answers) { a.Module = "m" }))
	want := `{"name":"shop","module":"m","language":"alpha","database":"one","hosting":"none","resources":["item name:string notes:text? done:boolean"]}`
	if err != nil || string(content) != want {
		t.Errorf("%s, %v", content, err)
	}
	back, err := ReadAnswers(strings.NewReader(string(content)))
	if err != nil || !reflect.DeepEqual(back, answers(func(a *Answers) { a.Module = "m" })) {
		t.Errorf("%+v, %v", back, err)
	}
}
