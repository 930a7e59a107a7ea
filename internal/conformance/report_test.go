package conformance

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"
)

var someResults = Summary{
	Passed: 1, Failed: 1, Skipped: 1, Duration: 1500 * time.Millisecond,
	Results: []Result{
		{ID: "a.one", Group: "a", Title: "One is.", Status: Passed, Duration: time.Millisecond},
		{ID: "a.two", Group: "a", Title: "Two <is>.", Status: Failed, Detail: "GET /\nexpected 200\ngot \x01 & ]]>"},
		{ID: "b.three", Group: "b", Title: "Three is.", Status: Skipped, Detail: "no secret"},
	},
}

func TestWriters(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, r := range someResults.Results {
		_ = WriteText(&text, r)
	}
	_ = WriteSummary(&text, someResults)
	for _, part := range []string{"ok    a.one", "FAIL  a.two", "\n      expected 200", "skip  b.three", "(no secret)", "1 passed, 1 failed, 1 skipped in 1.5s"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("expected %q in\n%s", part, text.String())
		}
	}
	var b strings.Builder
	if err := WriteJSON(&b, someResults); err != nil || !json.Valid([]byte(b.String())) || !strings.Contains(b.String(), `"id": "a.two"`) || !strings.Contains(b.String(), `"duration_ms": 1500`) {
		t.Errorf("%v %s", err, b.String())
	}
	b.Reset()
	var parsed junitSuite
	if err := WriteJUnit(&b, "shop", someResults); err != nil || xml.Unmarshal([]byte(b.String()), &parsed) != nil || parsed.Failures != 1 || parsed.Skipped != 1 || len(parsed.Cases) != 3 || parsed.Cases[1].Failure == nil || parsed.Cases[2].Skipped == nil {
		t.Errorf("%v %s", err, b.String())
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for text, wanted := range map[string]string{"a\x1b[31m\n\x00é\xff\u202e😀": `a\u001b[31m\n\u0000é\xff\u202e😀`, "abcdef": "abcd… (6 bytes)"} {
		limit := 100
		if text == "abcdef" {
			limit = 4
		}
		if got := shown(text, limit); got != wanted {
			t.Errorf("shown(%q) = %s, want %s", text, got, wanted)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	root, _ := decode([]byte(`{"components":{"schemas":{"Name":{"type":"string","minLength":1},"A/B":{"type":"integer"}}}}`))
	d := &document{root.(map[string]any)}
	for _, c := range []struct{ schema, fits, not string }{
		{`{"type":"string"}`, `"x"`, `5`},
		{`{"type":["string","null"]}`, `null`, `true`},
		{`{"type":"string","nullable":true}`, `null`, `1`},
		{`{"type":"integer"}`, `5`, `5.5`},
		{`{"type":"integer"}`, `5.0`, `"5"`},
		{`{"type":"number","minimum":0,"exclusiveMaximum":2}`, `0`, `2`},
		{`{"$ref":"#/components/schemas/Name"}`, `"x"`, `""`},
		{`{"$ref":"#/components/schemas/A~1B"}`, `5`, `"x"`},
		{`{"$ref":"#/components/schemas/Missing"}`, ``, `"x"`},
		{`{"type":"object","required":["a"],"properties":{"a":{"type":"boolean"}}}`, `{"a":true,"b":1}`, `{"b":1}`},
		{`{"type":"object","properties":{"a":{"type":"boolean"}},"additionalProperties":false}`, `{}`, `{"b":1}`},
		{`{"type":"object","additionalProperties":{"type":"integer"}}`, `{"x":1}`, `{"x":"y"}`},
		{`{"type":"array","items":{"type":"integer"},"maxItems":2}`, `[1,2]`, `[1,2,3]`},
		{`{"type":"array","items":{"type":"integer"}}`, `[]`, `["x"]`},
		{`{"enum":["a",null]}`, `null`, `"b"`},
		{`{"const":1}`, `1`, `2`},
		{`{"allOf":[{"minLength":2},{"maxLength":3}]}`, `"ab"`, `"abcd"`},
		{`{"anyOf":[{"type":"string"},{"type":"null"}]}`, `null`, `5`},
		{`{"oneOf":[{"type":"integer"},{"minimum":5}]}`, `1`, `6`},
		{`{"not":{"type":"string"}}`, `1`, `"x"`},
		{`{"type":"string","pattern":"^a+$"}`, `"aa"`, `"b"`},
		{`{"type":"string","pattern":"(?<!a)b"}`, `"ab"`, ``},
		{`{"type":"string","format":"date-time"}`, `"2026-11-20T10:23:00.000Z"`, `"2026"`},
		{`{"type":"string","format":"date"}`, `"2024-02-29"`, `"2024-02-30"`},
		{`{"type":"string","format":"uuid"}`, `"` + unknownID + `"`, `"x"`},
		{`true`, `1`, ``},
		{`false`, ``, `1`},
	} {
		schema, err := decode([]byte(c.schema))
		if err != nil {
			t.Fatal(c.schema, err)
		}
		if c.fits != "" {
			value, _ := decode([]byte(c.fits))
			if fault := d.validate(schema, value); fault != "" {
				t.Errorf("%s must fit %s: %s", c.schema, c.fits, fault)
			}
		}
		if c.not != "" {
			value, _ := decode([]byte(c.not))
			if d.validate(schema, value) == "" {
				t.Errorf("%s must not fit %s", c.schema, c.not)
			}
		}
	}
}
