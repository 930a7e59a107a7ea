package field

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// text reads a value and writes it again; "" means that it was refused.
func text[T any](parse func(json.RawMessage) (T, error)) func(string) string {
	return func(raw string) string {
		value, err := parse(json.RawMessage(raw))
		if err != nil {
			return ""
		}
		written, err := json.Marshal(value)
		if err != nil {
			return err.Error()
		}
		return string(written)
	}
}

func TestParse(t *testing.T) {
	long := strings.Repeat("é", 256)
	cases := []struct {
		name      string
		parse     func(string) string
		raw, want string
	}{
		{"string", text(ParseString), `" \t blue\n"`, `"blue"`},
		{"string", text(ParseString), `" "`, ""},
		{"string", text(ParseString), `"` + long + `"`, ""},
		{"string", text(ParseString), `" ` + long[2:] + `"`, `"` + long[2:] + `"`},
		{"string", text(ParseString), `"\u0000"`, ""},
		{"string", text(ParseString), `5`, ""},
		{"text", text(ParseText), `""`, `""`},
		{"text", text(ParseText), `" a "`, `" a "`},
		{"text", text(ParseText), `"` + strings.Repeat("a", 65536) + `"`, ""},
		{"integer", text(ParseInteger), `-9007199254740991`, `-9007199254740991`},
		{"integer", text(ParseInteger), `9007199254740992`, ""},
		{"integer", text(ParseInteger), `"5"`, ""},
		{"integer", text(ParseInteger), `1.5`, ""},
		{"float", text(ParseFloat), `1e300`, `1e+300`},
		{"float", text(ParseFloat), `1e400`, ""},
		{"float", text(ParseFloat), `"1"`, ""},
		{"decimal", text(ParseDecimal), `"007.5"`, `"7.50"`},
		{"decimal", text(ParseDecimal), `"-0"`, `"0.00"`},
		{"decimal", text(ParseDecimal), `"-0.05"`, `"-0.05"`},
		{"decimal", text(ParseDecimal), `"9999999999.99"`, `"9999999999.99"`},
		{"decimal", text(ParseDecimal), `"1.234"`, ""},
		{"decimal", text(ParseDecimal), `"1\n"`, ""},
		{"decimal", text(ParseDecimal), `1.5`, ""},
		{"boolean", text(ParseBoolean), `true`, `true`},
		{"boolean", text(ParseBoolean), `1`, ""},
		{"date", text(ParseDate), `"0001-01-01"`, `"0001-01-01"`},
		{"date", text(ParseDate), `"2024-02-29"`, `"2024-02-29"`},
		{"date", text(ParseDate), `"2023-02-29"`, ""},
		{"date", text(ParseDate), `"0000-01-01"`, ""},
		{"datetime", text(ParseTime), `"2026-11-20T12:23:00.1239+02:00"`, `"2026-11-20T10:23:00.123Z"`},
		{"datetime", text(ParseTime), `"0001-01-01T00:00:00+01:00"`, ""},
		{"datetime", text(ParseTime), `"2026-11-20t10:23:00Z"`, ""},
		{"datetime", text(ParseTime), `"2026-11-20T10:23:00"`, ""},
		{"uuid", text(ParseUUID), `"0190F3A0-5B1E-7C3A-9A52-6D6F4C1B2A3D"`, `"0190f3a0-5b1e-7c3a-9a52-6d6f4c1b2a3d"`},
		{"uuid", text(ParseUUID), `"0190f3a05b1e7c3a9a526d6f4c1b2a3d"`, ""},
		{"enum", text(ParseEnum("a", "b")), `"b"`, `"b"`},
		{"enum", text(ParseEnum("a", "b")), `"c"`, ""},
	}
	for _, c := range cases {
		if got := c.parse(c.raw); got != c.want {
			t.Errorf("%s %.40s: got %.40s, want %.40s", c.name, c.raw, got, c.want)
		}
	}
}

func TestObject(t *testing.T) {
	for body, want := range map[string]error{"": ErrSyntax, `{"a":"` + "\xff" + `"}`: ErrSyntax, `{} x`: ErrSyntax, ` null`: Errors{}, `[]`: Errors{}, ` {}`: nil} {
		_, err := Parse([]byte(body), false)
		var faults Errors
		if !errors.Is(err, want) && !errors.As(want, &faults) || (err == nil) != (want == nil) {
			t.Errorf("%q: got %v, want %v", body, err, want)
		}
	}
	object, err := Parse([]byte(`{"NAME":"x","note":null,"other":1}`), true)
	if err != nil {
		t.Fatal(err)
	}
	name, note := "before", new(string)
	Required(object, "name", &name, ParseString)
	Optional(object, "note", &note, ParseText)
	if err := object.Err(); err != nil || name != "before" || note != nil || strings.Join(object.Sent, " ") != "note" {
		t.Errorf("got %v, %q, %v, %v", err, name, note, object.Sent)
	}
}
