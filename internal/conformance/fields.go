package conformance

import (
	"net/http"
	"slices"
	"strings"

	"github.com/backlot-cli/backlot/generator"
)

// fieldChecks are two for each type of the contract's table: what is taken and how it comes back, and what is refused.
var fieldChecks = func() []check {
	var list []check
	for _, kind := range []string{"string", "text", "integer", "float", "decimal", "boolean", "date", "datetime", "uuid", "enum"} {
		list = append(list,
			check{
				id: "fields." + kind + ".accepted", title: "Every valid value of type " + kind + " is taken, kept and comes back in its form.",
				run: func(p *probe) { fieldsAccepted(p, kind) },
			},
			check{
				id: "fields." + kind + ".refused", title: "Every other value of type " + kind + " is 422 and names the field; nothing is changed.",
				run: func(p *probe) { fieldsRefused(p, kind) },
			})
	}
	return append(list,
		check{id: "fields.required", title: "A required field that is missing or null is 422 and names the field.", run: requiredFields},
		check{id: "fields.optional", title: "An optional field that is left out or null is null.", run: optionalFields},
		check{id: "fields.surrogates", title: "An unpaired surrogate is 400, 422 or U+FFFD, and a pair is its character.", run: surrogates},
	)
}()

// value is a valid value: how it is sent and how it comes back, as JSON. Where the contract leaves it open whether it
// is taken, mayRefuse is set; refusing then is 422 (or 400, where a reader of JSON cannot hold it).
type value struct {
	send      string
	back      string // "" means as sent
	mayRefuse bool
}

func (v value) wanted() string {
	if v.back == "" {
		return v.send
	}
	return v.back
}

// same are values that come back as they were sent.
func same(literals ...string) []value {
	var list []value
	for _, literal := range literals {
		list = append(list, value{send: literal})
	}
	return list
}

func quoted(texts ...string) []string {
	var list []string
	for _, text := range texts {
		list = append(list, quote(text))
	}
	return list
}

// emoji is one code point, two UTF-16 units and four bytes: who counts units or bytes gets lengths wrong.
const emoji = "😀"

// oddTexts are short texts that are kept as they are. White space other than space, tab, CR and LF is no white space
// to the contract.
var oddTexts = []string{
	"a", "0", "null", "true", "Ünïcödé", "e\u0301", "é", "ß", "日本語", emoji, "👩‍👩‍👧‍👦", "a  b\n\tc", "\u00a0x\u00a0", "\u3000x\u3000", "\u00a0", "\u200bx\u200b",
	"\u000bx\u000c", "\u0085x\u0085", "\u2028x", "<b>&amp;\"'</b>", "' OR '1'='1", `back\slash/`, "${x} {{x}} %s %00", "\u0001\u001f\u007f", "\uffff", "\ufffd", "\u202egnp",
	"=1+1", "$ne", "\U0010ffff",
}

// accepted are valid values of a field.
func accepted(f generator.Field) []value {
	switch f.Type {
	case "string":
		list := same(quoted(oddTexts...)...)
		list = append(list, same(quoted(strings.Repeat("a", 255), strings.Repeat(emoji, 255), strings.Repeat("é", 255))...)...)
		return append(list,
			value{send: `"  padded \t\r\n"`, back: `"padded"`},
			value{send: `"\n\t in  side \r"`, back: `"in  side"`},
			value{send: quote("   " + strings.Repeat("b", 255) + "\t\n\r "), back: quote(strings.Repeat("b", 255))},
			value{send: quote(strings.Repeat(" ", 1000) + "c"), back: `"c"`},
			value{send: `"\u0041\u00e9\ud83d\ude00"`, back: quote("Aé" + emoji)})
	case "text":
		list := same(quoted(oddTexts...)...)
		return append(list, same(quoted("", " ", "  kept \t\r\n", "a\r\nb\rc\nd", strings.Repeat("a", 65_535), strings.Repeat(emoji, 65_535))...)...)
	case "integer":
		list := same("0", "1", "-1", "2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740991", "-9007199254740991")
		return append(list, value{send: "-0", back: "0"}, value{send: "5.0", back: "5", mayRefuse: true}, value{send: "1e2", back: "100", mayRefuse: true})
	case "float":
		list := same("0", "1", "-1", "1.5", "-0.1", "3.141592653589793", "1e10", "1E-7", "123456789.123456789", "0.30000000000000004",
			"1e308", "1.7976931348623157e308", "-1.7976931348623157e308", "2.2250738585072014e-308", "9007199254740993")
		return append(list, value{send: "-0.0", back: "0"}, value{send: "5e-324", mayRefuse: true}, value{send: "1e-400", back: "0", mayRefuse: true})
	case "decimal":
		list := same(`"0.00"`, `"1.00"`, `"0.01"`, `"-0.01"`, `"9999999999.99"`, `"-9999999999.99"`, `"1234567890.12"`)
		return append(list, []value{
			{send: `"0"`, back: `"0.00"`},
			{send: `"1"`, back: `"1.00"`},
			{send: `"-1.5"`, back: `"-1.50"`},
			{send: `"0.1"`, back: `"0.10"`},
			{send: `"007"`, back: `"7.00"`},
			{send: `"0000000012.30"`, back: `"12.30"`},
			{send: `"-0"`, back: `"0.00"`},
			{send: `"-0.00"`, back: `"0.00"`},
			{send: `"-000.5"`, back: `"-0.50"`},
			{send: `"9999999999"`, back: `"9999999999.00"`},
			{send: `"8765432109.87"`},
		}...)
	case "boolean":
		return same("true", "false")
	case "date":
		return same(`"2026-11-20"`, `"0001-01-01"`, `"0001-12-31"`, `"0999-06-15"`, `"1900-02-28"`, `"1969-12-31"`, `"2000-02-29"`, `"2024-02-29"`, `"2038-01-20"`, `"9999-12-31"`)
	case "datetime":
		list := same(`"2026-11-20T10:23:00.000Z"`, `"0001-01-01T00:00:00.000Z"`, `"9999-12-31T23:59:59.999Z"`, `"1969-12-31T23:59:59.999Z"`, `"2024-02-29T12:00:00.001Z"`,
			`"1900-01-01T00:00:00.000Z"`, `"2038-01-19T03:14:08.000Z"`)
		for _, pair := range [][2]string{
			{"2026-11-20T10:23:00Z", "2026-11-20T10:23:00.000Z"},
			{"2026-11-20T10:23:00.1Z", "2026-11-20T10:23:00.100Z"},
			{"2026-11-20T10:23:00.123456789Z", "2026-11-20T10:23:00.123Z"},
			{"2026-11-20T10:23:00.9999Z", "2026-11-20T10:23:00.999Z"},
			{"2026-11-20T10:23:59.999999999Z", "2026-11-20T10:23:59.999Z"},
			{"1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"},
			{"1900-06-01T00:00:00.0019Z", "1900-06-01T00:00:00.001Z"},
			{"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999Z"},
			{"2026-11-20T12:23:00+02:00", "2026-11-20T10:23:00.000Z"},
			{"2026-11-20T04:53:00.5-05:30", "2026-11-20T10:23:00.500Z"},
			{"2026-11-20T10:23:00+00:00", "2026-11-20T10:23:00.000Z"},
			{"2026-11-20T23:59:00+23:59", "2026-11-20T00:00:00.000Z"},
			{"2025-01-01T00:30:00+01:00", "2024-12-31T23:30:00.000Z"},
			{"2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00.000Z"},
			{"0001-01-01T05:00:00+05:00", "0001-01-01T00:00:00.000Z"},
			{"9999-12-31T18:59:59-05:00", "9999-12-31T23:59:59.000Z"},
		} {
			list = append(list, value{send: quote(pair[0]), back: quote(pair[1])})
		}
		// RFC 3339 knows -00:00; whether a leap second is a time of day, the contract leaves open.
		return append(list, value{send: `"2026-11-20T10:23:00-00:00"`, back: `"2026-11-20T10:23:00.000Z"`, mayRefuse: true})
	case "uuid":
		list := same(`"12345678-1234-1234-1234-123456789abc"`, `"00000000-0000-0000-0000-000000000000"`, `"ffffffff-ffff-ffff-ffff-ffffffffffff"`,
			`"`+unknownID+`"`)
		return append(list,
			value{send: `"ABCDEFAB-CDEF-4BCD-8BCD-ABCDEFABCDEF"`, back: `"abcdefab-cdef-4bcd-8bcd-abcdefabcdef"`},
			value{send: `"AbCdEf01-2345-6789-aBcD-eF0123456789"`, back: `"abcdef01-2345-6789-abcd-ef0123456789"`})
	case "enum":
		return same(quoted(f.Values...)...)
	}
	return nil
}

// otherTypes are JSON values of every type but those named.
func otherTypes(but ...string) []string {
	var list []string
	for _, of := range [][]string{
		{"string", `"5"`, `"true"`, `""`, `"x"`, `" "`}, {"number", "5", "0", "1", "-1.5", "20240101"}, {"boolean", "true", "false"}, {"array", "[]", `["a"]`, "[1]"}, {"object", "{}", `{"a":1}`, `{"$gt":""}`},
	} {
		if !slices.Contains(but, of[0]) {
			list = append(list, of[1:]...)
		}
	}
	return list
}

// refusedValues are values that a field must not take.
func refusedValues(f generator.Field) []string {
	switch f.Type {
	case "string":
		return slices.Concat(otherTypes("string"), quoted("", " ", "\t\r\n ", strings.Repeat("a", 256), strings.Repeat(emoji, 256),
			"  "+strings.Repeat("a", 256)+"  ", "a\u0000b", "\u0000", "a\u0000", strings.Repeat("a", 100_000)))
	case "text":
		return slices.Concat(otherTypes("string"), quoted(strings.Repeat("a", 65_536), strings.Repeat(emoji, 65_536), "a\u0000b", "\u0000"))
	case "integer":
		return append(otherTypes("number"), "1.5", "-0.5", "5e-1", "9007199254740992", "-9007199254740992", "9223372036854775807", "9223372036854775808",
			"18446744073709551616", "123456789012345678901234567890", "1e16", "1e30", "1e400", "-1e400")
	case "float":
		return append(otherTypes("number"), "1e400", "-1e400", "1e309", `"NaN"`, `"Infinity"`, `"1.5"`)
	case "decimal":
		return slices.Concat(otherTypes("string"), quoted("", " ", "x", " 1", "1 ", "1\n", "\t1", "+1", "1.", ".5", "-", "-.5", "--1", "1.234", "0.000", "12345678901", "00000000001",
			"1e2", "1E2", "1,5", "1_000", "0x10", "٣", "１", "NaN", "Infinity", "1.5.5", "1. 5", "1\u0000", "1.٣"))
	case "boolean":
		return append(otherTypes("boolean"), `"false"`, `"yes"`, `"on"`, `"1"`)
	case "date":
		return slices.Concat(otherTypes("string"), quoted("", "x", "2024-02-30", "2023-02-29", "1900-02-29", "0000-01-01", "10000-01-01", "2024-1-1", "2024-13-01", "2024-00-10",
			"2024-01-00", "2024-04-31", "24-01-01", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000Z", "2024/01/01", "01/02/2024", " 2024-01-01", "2024-01-01 ", "2024-01-01\n",
			"20240101", "2024-W01-1", "2024-001", "-001-01-01", "+2024-01-01", "٢٠٢٤-٠١-٠١", "2024-01-01\u0000", "2024-01", "today"))
	case "datetime":
		return slices.Concat(otherTypes("string"), quoted("", "x", "2026-11-20", "2026-11-20T10:23:00", "2026-11-20 10:23:00Z", "2026-11-20t10:23:00Z", "2026-11-20T10:23:00z",
			"2026-11-20T10:23Z", "2026-11-20T10Z", "2026-11-20T10:23:00.Z", "2026-11-20T10:23:00.1234567890Z", "2026-11-20T10:23:00,5Z", "2026-11-20T24:00:00Z", "2026-11-20T10:60:00Z",
			"2026-11-20T10:23:61Z", "2026-11-20T1:23:00Z", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-20T10:23:00+0200", "2026-11-20T10:23:00+02",
			"2026-11-20T10:23:00+2:00", "2026-11-20T10:23:00+24:00", "2026-11-20T10:23:00+02:60", "2026-11-20T10:23:00 +02:00", "2026-11-20T10:23:00Z ", " 2026-11-20T10:23:00Z",
			"2026-11-20T10:23:00Z\n", "2026-11-20T10:23:00UTC", "2026-11-20T10:23:00Z[UTC]", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
			"10000-01-01T00:00:00Z", "+2026-11-20T10:23:00Z", "-0001-01-01T00:00:00Z", "20261120T102300Z", "٢٠٢٦-11-20T10:23:00Z", "2026-11-20T10:23:00.٣Z", "2026-11-20T10:23:00Z\u0000", "now",
			"2026-11-20T10:23:00−02:00"))
	case "uuid":
		return slices.Concat(otherTypes("string"), quoted("", "x", "123456781234123412341234567890ab", "{12345678-1234-1234-1234-123456789abc}", "urn:uuid:12345678-1234-1234-1234-123456789abc",
			"12345678-1234-1234-1234-123456789ab", "12345678-1234-1234-1234-123456789abcd", "12345678-1234-1234-1234-123456789abg", "12345678_1234_1234_1234_123456789abc",
			" 12345678-1234-1234-1234-123456789abc", "12345678-1234-1234-1234-123456789abc\n", "1234567-81234-1234-1234-123456789abc", "12345678-1234-1234-1234-12345678９abc",
			"12345678-1234-1234-1234-123456789ab\u0000"))
	case "enum":
		var wrong []string
		for _, text := range append([]string{"", "x", "no such value", "\u0000", "0", "null"}, surround(f.Values[0])...) {
			if !slices.Contains(f.Values, text) {
				wrong = append(wrong, text)
			}
		}
		return append(otherTypes("string"), quoted(wrong...)...)
	}
	return nil
}

// surround are texts that are almost a value.
func surround(text string) []string {
	return []string{strings.ToUpper(text), strings.ToUpper(text[:1]) + text[1:], " " + text, text + " ", text + "\n", text + "\u0000", text + "x", text + ",", text[1:]}
}

// eachField runs a part of a check on every field of a type.
func (p *probe) eachField(kind string, run func(r resource, f generator.Field, first bool)) {
	first := true
	for _, r := range p.resources {
		for _, f := range r.Fields {
			if f.Type == kind {
				if isUniqueEnum(f) {
					p.freeEnums(p.user(0), r)
				}
				run(r, f, first)
				first = false
			}
		}
	}
	if first {
		p.skip("no resource has a field of type %s", kind)
	}
}

func fieldsAccepted(p *probe, kind string) {
	user := p.user(0)
	p.eachField(kind, func(r resource, f generator.Field, first bool) {
		p.room(user, r)
		list := accepted(f)
		check := func(a *answer, v value, status int) (taken bool) {
			if v.mayRefuse && (a.status == http.StatusUnprocessableEntity || a.status == http.StatusBadRequest) {
				return false
			}
			if !p.status(a, status) {
				return false
			}
			if got, there := a.object()[f.Name]; !there || !equal(f, v.wanted(), got) {
				p.wrong(a, "%s %s", f.Name, shown(v.wanted(), 120))
				return false
			}
			return true
		}
		for _, v := range list {
			created := p.post(user, r.path, p.fresh(user, r).with(f.Name, v.send).json())
			if check(created, v, http.StatusCreated) {
				item := r.item(created.object())
				check(p.get(user, item), v, http.StatusOK)
				p.status(p.delete(user, item), http.StatusNoContent) // makes room for the same value of a unique field
			}
		}
		record := p.create(user, r)
		item := r.item(record)
		methods := []string{http.MethodPatch}
		if first {
			methods = append(methods, http.MethodPut)
		}
		for _, method := range methods {
			for _, v := range list {
				body := values{f.Name: v.send}
				if method == http.MethodPut {
					body = p.values(r).with(f.Name, v.send)
				}
				if check(p.send(call{method: method, path: item, as: user, body: body.json()}), v, http.StatusOK) {
					check(p.get(user, item), v, http.StatusOK)
				}
			}
		}
		p.status(p.delete(user, item), http.StatusNoContent)
	})
}

func fieldsRefused(p *probe, kind string) {
	user := p.user(0)
	p.eachField(kind, func(r resource, f generator.Field, first bool) {
		p.room(user, r)
		record := p.create(user, r)
		item := r.item(record)
		for _, literal := range refusedValues(f) {
			p.names(p.post(user, r.path, p.fresh(user, r).with(f.Name, literal).json()), http.StatusUnprocessableEntity, f.Name)
			p.names(p.patch(user, item, values{f.Name: literal}.json()), http.StatusUnprocessableEntity, f.Name)
			if first {
				p.names(p.put(user, item, p.values(r).with(f.Name, literal).json()), http.StatusUnprocessableEntity, f.Name)
			}
		}
		p.unchanged(user, r, record)
		p.status(p.delete(user, item), http.StatusNoContent)
	})
}

func requiredFields(p *probe) {
	each(func(p *probe, r resource) {
		user := p.user(0)
		required := r.fields(isRequired)
		if len(required) == 0 {
			p.skip("%s has no required field", r.Name)
		}
		p.room(user, r)
		record := p.create(user, r)
		item := r.item(record)
		for _, f := range required {
			v := p.fresh(user, r)
			p.names(p.post(user, r.path, v.without(f.Name).json()), http.StatusUnprocessableEntity, f.Name)
			p.names(p.post(user, r.path, v.with(f.Name, "null").json()), http.StatusUnprocessableEntity, f.Name)
			p.names(p.put(user, item, v.without(f.Name).json()), http.StatusUnprocessableEntity, f.Name)
			p.names(p.put(user, item, v.with(f.Name, "null").json()), http.StatusUnprocessableEntity, f.Name)
			p.names(p.patch(user, item, values{f.Name: "null"}.json()), http.StatusUnprocessableEntity, f.Name)
		}
		p.problem(p.post(user, r.path, "{}"), http.StatusUnprocessableEntity)
		p.problem(p.put(user, item, "{}"), http.StatusUnprocessableEntity)
		p.unchanged(user, r, record)
	})(p)
}

func optionalFields(p *probe) {
	each(func(p *probe, r resource) {
		user := p.user(0)
		optional := r.fields(isOptional)
		if len(optional) == 0 {
			p.skip("%s has no optional field", r.Name)
		}
		p.room(user, r)
		for _, f := range optional {
			for _, v := range []values{p.values(r).without(f.Name), p.values(r).with(f.Name, "null")} {
				a := p.post(user, r.path, v.json())
				record := p.record(a, http.StatusCreated, r)
				if record[f.Name] != nil {
					p.wrong(a, "%s null", f.Name)
				}
				a = p.get(user, r.item(record))
				if p.record(a, http.StatusOK, r)[f.Name] != nil {
					p.wrong(a, "%s null", f.Name)
				}
				p.status(p.delete(user, r.item(record)), http.StatusNoContent)
			}
		}
		// Two records without any optional value: null is never taken.
		for range min(2, r.capacity()) {
			v := p.fresh(user, r)
			for _, f := range optional {
				v = v.without(f.Name)
			}
			p.record(p.post(user, r.path, v.json()), http.StatusCreated, r)
		}
	})(p)
}

func surrogates(p *probe) {
	found := false
	for _, kind := range []string{"string", "text"} {
		if reason := p.attempt(func() {
			p.eachField(kind, func(r resource, f generator.Field, _ bool) {
				user := p.user(0)
				p.room(user, r)
				for _, v := range []value{
					{`"a\ud800b"`, quote("a\ufffdb"), true},
					{`"a\udc00b"`, quote("a\ufffdb"), true},
					{`"\udc00\ud800"`, quote("\ufffd\ufffd"), true},
					{`"x\ud83d"`, quote("x\ufffd"), true},
					{`"\ud83d\ude00"`, quote(emoji), false},
				} {
					a := p.post(user, r.path, p.fresh(user, r).with(f.Name, v.send).json())
					if v.mayRefuse && (a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity) {
						p.problem(a, a.status)
						continue
					}
					if p.status(a, http.StatusCreated) {
						if !equal(f, v.wanted(), a.object()[f.Name]) {
							p.wrong(a, "%s %s, or 400, or 422", f.Name, v.wanted())
						}
						p.status(p.get(user, r.item(a.object())), http.StatusOK)
						p.status(p.delete(user, r.item(a.object())), http.StatusNoContent)
					}
				}
			})
		}); reason == "" {
			found = true
		}
	}
	if !found {
		p.skip("no resource has a field of type string or text")
	}
}
