package conformance

import (
	"net/http"
	"strings"

	"github.com/backlot-cli/backlot/generator"
)

var uniqueChecks = []check{
	{id: "resources.unique.taken", title: "A unique value that the user has already is 409 and names the field, at POST, PUT and PATCH.", run: eachUnique(uniqueTaken)},
	{id: "resources.unique.form", title: "Values that come back alike are the same value, in whatever form they are sent.", run: eachUnique(uniqueForms)},
	{id: "resources.unique.exact", title: "Code points are compared exactly: case, accents and kinds of emoji differ.", run: eachUnique(uniqueExact)},
	{id: "resources.unique.per_user", title: "A value that another user has is free.", run: eachUnique(uniquePerUser)},
	{id: "resources.unique.null", title: "null never collides.", run: eachUnique(uniqueNull)},
	{id: "resources.unique.freed", title: "A value is free again after its record was deleted, changed or cleared, and a refused change takes none.", run: eachUnique(uniqueFreed)},
	{id: "resources.unique.own", title: "A record's own unique value does not collide with itself.", run: eachUnique(uniqueOwn)},
	{id: "resources.unique.race", title: "Of many who create one value at once, exactly one gets 201, the others 409.", run: eachUnique(uniqueRace)},
	{id: "resources.unique.race_patch", title: "Of many records that are changed to one value at once, exactly one gets 200, the others 409.", run: eachUnique(uniquePatchRace)},
}

// eachUnique runs a check on every unique field.
func eachUnique(run func(*probe, resource, generator.Field)) func(*probe) {
	return each(func(p *probe, r resource) {
		fields := r.fields(isUnique)
		if len(fields) == 0 {
			p.skip("%s has no unique field", r.Name)
		}
		var reasons []string
		for _, f := range fields {
			if reason := p.attempt(func() {
				p.freeEnums(p.user(0), r)
				run(p, r, f)
			}); reason != "" {
				reasons = append(reasons, reason)
			}
		}
		if len(reasons) == len(fields) {
			p.skip("%s", strings.Join(unique(reasons), "; "))
		}
	})
}

// fixed draws a body that the account can post, but for one field's given value.
func (p *probe) fixed(as *account, r resource, f generator.Field, literal string) string {
	return p.fresh(as, r).with(f.Name, literal).json()
}

func uniqueTaken(p *probe, r resource, f generator.Field) {
	p.atLeast(r, 2)
	user := p.user(0)
	literal := p.draw(f)
	first := p.createWith(user, r, p.fresh(user, r).with(f.Name, literal))
	p.names(p.post(user, r.path, p.fixed(user, r, f, literal)), http.StatusConflict, f.Name)
	v := p.fresh(user, r)
	if equal(f, literal, v[f.Name]) || f.Type == "enum" {
		if v[f.Name] = p.another(f, first[f.Name]); v[f.Name] == "" {
			p.skip("field %s of %s has one value only", f.Name, r.Name)
		}
	}
	second := p.createWith(user, r, v)
	p.names(p.patch(user, r.item(second), values{f.Name: literal}.json()), http.StatusConflict, f.Name)
	p.names(p.put(user, r.item(second), v.with(f.Name, literal).json()), http.StatusConflict, f.Name)
	p.unchanged(user, r, second)
	p.unchanged(user, r, first)
}

// forms are pairs of literals that stand for one value.
func forms(f generator.Field) [][2]string {
	switch f.Type {
	case "string":
		return [][2]string{{`"form one"`, `" form one\n"`}, {`"\u0061bc"`, `"abc"`}}
	case "integer":
		return [][2]string{{"0", "-0"}}
	case "decimal":
		return [][2]string{{`"1"`, `"1.00"`}, {`"01.5"`, `"1.50"`}, {`"0"`, `"-0.00"`}}
	case "datetime":
		return [][2]string{{`"2026-11-20T10:23:00Z"`, `"2026-11-20T12:23:00.000+02:00"`}, {`"2026-11-20T10:23:00.1231Z"`, `"2026-11-20T10:23:00.1239Z"`}}
	case "uuid":
		return [][2]string{{`"abcdefab-cdef-4bcd-8bcd-abcdefabcdef"`, `"ABCDEFAB-CDEF-4BCD-8BCD-ABCDEFABCDEF"`}}
	}
	return nil
}

func uniqueForms(p *probe, r resource, f generator.Field) {
	pairs := forms(f)
	if len(pairs) == 0 {
		p.skip("a value of type %s has one form only", f.Type)
	}
	p.atLeast(r, 2)
	user := p.user(0)
	for _, pair := range pairs {
		record := p.createWith(user, r, p.fresh(user, r).with(f.Name, pair[0]))
		p.names(p.post(user, r.path, p.fixed(user, r, f, pair[1])), http.StatusConflict, f.Name)
		p.must(p.delete(user, r.item(record)), http.StatusNoContent)
	}
}

func uniqueExact(p *probe, r resource, f generator.Field) {
	var literals []string
	switch f.Type {
	case "string":
		literals = quoted("strasse", "Strasse", "STRASSE", "straße", "cafe", "café", "cafe\u0301", "CAFÉ", "😀", "😁", "ａ", "a", "a\u200b", "a\u00a0", "ǆ", "ǅ", "i", "ı", "İ", "I", "k", "\u212a", "か", "が", "カ", "1", "01", "１", "-", "\u00ad-")
	case "integer":
		literals = []string{"9007199254740991", "9007199254740990", "-9007199254740991", "-9007199254740990"}
	case "decimal":
		literals = []string{`"9999999999.99"`, `"9999999999.98"`, `"0.01"`, `"0.02"`, `"-0.01"`}
	case "datetime":
		literals = []string{`"2026-11-20T10:23:00.000Z"`, `"2026-11-20T10:23:00.001Z"`, `"2026-11-20T10:23:00.999Z"`, `"2026-11-20T10:23:01.000Z"`}
	default:
		p.skip("values of type %s have nothing that a database might fold", f.Type)
	}
	p.atLeast(r, len(literals))
	user := p.user(0)
	p.clear(user, r)
	for _, literal := range literals {
		a := p.post(user, r.path, p.fixed(user, r, f, literal))
		if p.status(a, http.StatusCreated) && !equal(f, literal, a.object()[f.Name]) {
			p.wrong(a, "%s %s", f.Name, literal)
		}
	}
	p.clear(user, r)
}

func uniquePerUser(p *probe, r resource, f generator.Field) {
	p.atLeast(r, 2)
	user, other := p.user(0), p.user(1)
	p.freeEnums(other, r)
	literal := p.draw(f)
	p.createWith(user, r, p.fresh(user, r).with(f.Name, literal))
	theirs := p.createWith(other, r, p.fresh(other, r).with(f.Name, literal))
	p.names(p.post(other, r.path, p.fixed(other, r, f, literal)), http.StatusConflict, f.Name)
	p.must(p.delete(other, r.item(theirs)), http.StatusNoContent)
	p.names(p.post(user, r.path, p.fixed(user, r, f, literal)), http.StatusConflict, f.Name)
}

func uniqueNull(p *probe, r resource, f generator.Field) {
	if !f.Optional {
		p.skip("field %s of %s is not optional", f.Name, r.Name)
	}
	p.atLeast(r, 3)
	user := p.user(0)
	p.createWith(user, r, p.fresh(user, r).with(f.Name, "null"))
	p.createWith(user, r, p.fresh(user, r).without(f.Name))
	third := p.createWith(user, r, p.fresh(user, r).with(f.Name, p.draw(f)))
	p.record(p.patch(user, r.item(third), values{f.Name: "null"}.json()), http.StatusOK, r)
	p.record(p.put(user, r.item(third), p.keepUniqueEnums(r, p.values(r), third).without(f.Name).json()), http.StatusOK, r)
}

func uniqueFreed(p *probe, r resource, f generator.Field) {
	p.atLeast(r, 3)
	user := p.user(0)
	p.room(user, r)
	literal := p.draw(f)
	record := p.createWith(user, r, p.fresh(user, r).with(f.Name, literal))
	p.must(p.delete(user, r.item(record)), http.StatusNoContent)
	record = p.createWith(user, r, p.fresh(user, r).with(f.Name, literal))
	other := p.another(f, record[f.Name])
	if other == "" {
		p.skip("field %s of %s has one value only", f.Name, r.Name)
	}
	p.must(p.patch(user, r.item(record), values{f.Name: other}.json()), http.StatusOK)
	second := p.createWith(user, r, p.fresh(user, r).with(f.Name, literal))
	p.names(p.post(user, r.path, p.fixed(user, r, f, other)), http.StatusConflict, f.Name)
	if f.Optional {
		p.must(p.patch(user, r.item(second), values{f.Name: "null"}.json()), http.StatusOK)
		p.createWith(user, r, p.fresh(user, r).with(f.Name, literal))
	}
	// A change that one unique field refuses must not have taken the value of another.
	for _, g := range r.fields(isUnique) {
		if g.Name == f.Name || g.Type == "enum" || f.Type == "enum" {
			continue
		}
		free := p.draw(g)
		body := values{f.Name: other, g.Name: free}
		p.names(p.patch(user, r.item(second), body.json()), http.StatusConflict, f.Name)
		p.names(p.post(user, r.path, p.fresh(user, r).with(f.Name, other).with(g.Name, free).json()), http.StatusConflict, f.Name)
		p.createWith(user, r, p.fresh(user, r).with(g.Name, free))
	}
}

func uniqueOwn(p *probe, r resource, f generator.Field) {
	p.atLeast(r, 2)
	user := p.user(0)
	v := p.fresh(user, r).with(f.Name, p.draw(f))
	record := p.createWith(user, r, v)
	p.must(p.patch(user, r.item(record), values{f.Name: v[f.Name]}.json()), http.StatusOK)
	p.must(p.put(user, r.item(record), v.json()), http.StatusOK)
	p.must(p.put(user, r.item(record), v.json()), http.StatusOK)
	p.names(p.post(user, r.path, p.fixed(user, r, f, v[f.Name])), http.StatusConflict, f.Name)
}

func uniqueRace(p *probe, r resource, f generator.Field) {
	user := p.user(0)
	for range 3 {
		p.room(user, r)
		literal := p.draw(f)
		if f.Type == "enum" {
			p.clear(user, r)
		}
		var calls []call
		for range 8 {
			calls = append(calls, call{method: http.MethodPost, path: r.path, as: user, body: p.fixed(user, r, f, literal)})
		}
		p.onlyOne(p.together(calls), http.StatusCreated)
	}
}

func uniquePatchRace(p *probe, r resource, f generator.Field) {
	if f.Type == "enum" {
		p.skip("field %s of %s has few values", f.Name, r.Name)
	}
	p.atLeast(r, 5)
	user := p.user(0)
	for range 3 {
		p.room(user, r)
		literal := p.draw(f)
		var calls []call
		for range 5 {
			record := p.create(user, r)
			calls = append(calls, call{method: http.MethodPatch, path: r.item(record), as: user, body: values{f.Name: literal}.json()})
		}
		p.onlyOne(p.together(calls), http.StatusOK)
	}
}
