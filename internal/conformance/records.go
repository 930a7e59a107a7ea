package conformance

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/backlot-cli/backlot/generator"
)

var recordChecks = []check{
	{id: "resources.create", title: "POST is 201 with Location and the record, which GET then answers alike.", run: each(createRecord)},
	{id: "resources.id", title: "An id is a UUIDv7 that the service draws, with the time of the record's making.", run: each(recordIDs)},
	{id: "resources.times", title: "created_at stays and updated_at moves with every change.", run: each(recordTimes)},
	{id: "resources.put.replaces", title: "PUT replaces every field, and an optional field left out becomes null.", run: each(putReplaces)},
	{id: "resources.put.never_creates", title: "PUT and PATCH on an id that no record has are 404 and create nothing.", run: each(putNeverCreates)},
	{id: "resources.patch.keeps", title: "PATCH changes the fields sent and no others.", run: each(patchKeeps)},
	{id: "resources.patch.null", title: "PATCH with null clears an optional field.", run: each(patchNull)},
	{id: "resources.patch.merge", title: "PATCH takes application/merge-patch+json like application/json.", run: each(patchMerge)},
	{id: "resources.patch.concurrent", title: "Of two PATCHes at once on different fields, both survive.", run: each(patchConcurrent)},
	{id: "resources.patch.atomic", title: "PATCH with one valid and one invalid field changes nothing.", run: each(patchAtomic)},
	{id: "resources.delete", title: "DELETE is 204 without a body; again, and every other method then, 404.", run: each(deleteRecord)},
}

func createRecord(p *probe, r resource) {
	user := p.user(0)
	p.room(user, r)
	v := p.fresh(user, r)
	a := p.post(user, r.path, v.json())
	record := p.record(a, http.StatusCreated, r)
	for _, f := range r.Fields {
		if !equal(f, v[f.Name], record[f.Name]) {
			p.wrong(a, "%s %s", f.Name, v[f.Name])
		}
	}
	location, err := url.Parse(a.header.Get("Location"))
	own, _ := url.Parse(p.main.base)
	if err != nil || own.Path+r.item(record) != own.ResolveReference(&url.URL{Path: own.Path + r.path}).ResolveReference(location).Path {
		p.wrong(a, "Location: %s, got %q", r.item(record), a.header.Get("Location"))
	}
	if away := time.Since(moment(record["created_at"])).Abs(); away > time.Hour {
		p.wrong(a, "created_at to be now, in UTC")
	}
	got := p.get(user, r.item(record))
	if different := r.sameRecord(record, p.record(got, http.StatusOK, r)); different != "" {
		p.wrong(got, "the record as POST answered it: %s", different)
	}
}

func recordIDs(p *probe, r resource) {
	user := p.user(0)
	p.atLeast(r, 3)
	p.room(user, r)
	seen := map[any]bool{}
	for range 3 {
		before := time.Now()
		record := p.create(user, r)
		if seen[record["id"]] {
			p.fail("POST %s\nexpected a new id\ngot %v twice", r.path, record["id"])
		}
		seen[record["id"]] = true
		drawn := idTime(record["id"].(string))
		if away := drawn.Sub(moment(record["created_at"])).Abs(); away > 5*time.Second {
			p.fail("POST %s\nexpected the time in the id to be created_at, %v\ngot %s (%v)", r.path, record["created_at"], drawn.UTC().Format(time.RFC3339Nano), record["id"])
		}
		if p.service != nil && before.Sub(drawn).Abs() > time.Minute {
			p.fail("POST %s\nexpected the time in the id to be now\ngot %s", r.path, drawn.UTC().Format(time.RFC3339Nano))
		}
	}
}

// idTime is the time in a UUIDv7.
func idTime(id string) time.Time {
	bytes, err := hex.DecodeString(strings.ReplaceAll(id, "-", "")[:12])
	if err != nil {
		return time.Time{}
	}
	var milliseconds int64
	for _, b := range bytes {
		milliseconds = milliseconds<<8 | int64(b)
	}
	return time.UnixMilli(milliseconds)
}

func recordTimes(p *probe, r resource) {
	user := p.user(0)
	p.room(user, r)
	record := p.create(user, r)
	for _, method := range []string{http.MethodPatch, http.MethodPut, http.MethodPatch} {
		p.pause(3 * time.Millisecond)
		v := p.change(r, record)
		if method == http.MethodPut {
			v = p.keepUniqueEnums(r, p.values(r), record)
		}
		if len(v) == 0 {
			p.skip("no field of %s can have another value", r.Name)
		}
		a := p.send(call{method: method, path: r.item(record), as: user, body: v.json()})
		changed := p.record(a, http.StatusOK, r)
		if changed["created_at"] != record["created_at"] || changed["id"] != record["id"] {
			p.wrong(a, "id and created_at to stay: %v, %v", record["id"], record["created_at"])
		}
		if !moment(changed["updated_at"]).After(moment(record["updated_at"])) {
			p.wrong(a, "updated_at after %v", record["updated_at"])
		}
		got := p.get(user, r.item(record))
		if different := r.sameRecord(changed, p.record(got, http.StatusOK, r)); different != "" {
			p.wrong(got, "the record as %s answered it: %s", method, different)
		}
		record = changed
	}
}

// change draws another value for one field of a record.
func (p *probe) change(r resource, record map[string]any) values {
	for _, f := range r.Fields {
		if isUniqueEnum(f) {
			continue // its values may all be taken
		}
		if literal := p.another(f, record[f.Name]); literal != "" {
			return values{f.Name: literal}
		}
	}
	return values{}
}

// keepUniqueEnums lets unique enums be what they are, as their values soon are all taken.
func (p *probe) keepUniqueEnums(r resource, v values, record map[string]any) values {
	for _, f := range r.fields(isUnique) {
		if text, ok := record[f.Name].(string); ok && f.Type == "enum" {
			v[f.Name] = quote(text)
		}
	}
	return v
}

func putReplaces(p *probe, r resource) {
	user := p.user(0)
	p.room(user, r)
	record := p.create(user, r)
	v := p.keepUniqueEnums(r, p.values(r), record)
	for _, f := range r.Fields {
		if isUniqueEnum(f) {
			continue
		}
		if literal := p.another(f, record[f.Name]); literal != "" {
			v[f.Name] = literal
		}
	}
	expect := func(a *answer, v values) {
		got := p.record(a, http.StatusOK, r)
		for _, f := range r.Fields {
			wanted, sent := v[f.Name]
			if !sent {
				wanted = "null"
			}
			if !equal(f, wanted, got[f.Name]) {
				p.wrong(a, "%s %s", f.Name, wanted)
			}
		}
	}
	expect(p.put(user, r.item(record), v.json()), v)
	expect(p.get(user, r.item(record)), v)
	for _, f := range r.fields(isOptional) {
		v = v.without(f.Name)
	}
	expect(p.put(user, r.item(record), v.json()), v)
	expect(p.get(user, r.item(record)), v)
	expect(p.put(user, r.item(record), v.json()), v) // its own unique values are not taken
}

func putNeverCreates(p *probe, r resource) {
	user := p.user(0)
	p.room(user, r)
	for _, id := range []string{unknownID, strings.Replace(unknownID, "774b", "474b", 1)} {
		path := r.path + "/" + id
		p.status(p.put(user, path, p.values(r).json()), http.StatusNotFound, http.StatusUnprocessableEntity)
		p.status(p.patch(user, path, p.values(r).json()), http.StatusNotFound, http.StatusUnprocessableEntity)
		p.status(p.patch(user, path, "{}"), http.StatusNotFound, http.StatusUnprocessableEntity)
		p.status(p.get(user, path), http.StatusNotFound, http.StatusUnprocessableEntity)
	}
	p.problem(p.put(user, r.path+"/"+unknownID, p.values(r).json()), http.StatusNotFound)
	p.problem(p.patch(user, r.path+"/"+unknownID, "{}"), http.StatusNotFound)
}

func patchKeeps(p *probe, r resource) {
	user := p.user(0)
	p.room(user, r)
	record := p.create(user, r)
	for _, f := range r.Fields {
		literal := p.another(f, record[f.Name])
		if literal == "" {
			continue
		}
		a := p.patch(user, r.item(record), values{f.Name: literal}.json())
		got := p.record(a, http.StatusOK, r)
		if !equal(f, literal, got[f.Name]) {
			p.wrong(a, "%s %s", f.Name, literal)
		}
		if different := r.sameRecord(record, got, f.Name, "updated_at"); different != "" {
			p.wrong(a, "all else as it was: %s", different)
		}
		record = got
		p.unchanged(user, r, got)
	}
	a := p.patch(user, r.item(record), "{}")
	if different := r.sameRecord(record, p.record(a, http.StatusOK, r), "updated_at"); different != "" {
		p.wrong(a, "the record as it was: %s", different)
	}
}

func patchNull(p *probe, r resource) {
	user := p.user(0)
	optional := r.fields(isOptional)
	if len(optional) == 0 {
		p.skip("%s has no optional field", r.Name)
	}
	p.room(user, r)
	record := p.create(user, r)
	for _, f := range optional {
		a := p.patch(user, r.item(record), values{f.Name: "null"}.json())
		got := p.record(a, http.StatusOK, r)
		if got[f.Name] != nil {
			p.wrong(a, "%s null", f.Name)
		}
		if different := r.sameRecord(record, got, f.Name, "updated_at"); different != "" {
			p.wrong(a, "all else as it was: %s", different)
		}
		record = got
	}
	p.unchanged(user, r, record)
}

func patchMerge(p *probe, r resource) {
	user := p.user(0)
	p.room(user, r)
	record := p.create(user, r)
	v := p.change(r, record)
	a := p.send(call{method: http.MethodPatch, path: r.item(record), as: user, body: v.json(), media: "application/merge-patch+json"})
	got := p.record(a, http.StatusOK, r)
	for _, f := range r.Fields {
		if literal, sent := v[f.Name]; sent && !equal(f, literal, got[f.Name]) {
			p.wrong(a, "%s %s", f.Name, literal)
		}
	}
}

// patchConcurrent cannot force two requests to meet, so it lets them try many times.
func patchConcurrent(p *probe, r resource) {
	user := p.user(0)
	p.room(user, r)
	record := p.create(user, r)
	var fields []generator.Field
	for _, f := range r.Fields {
		if p.another(f, record[f.Name]) != "" {
			fields = append(fields, f)
		}
	}
	if len(fields) < 2 {
		p.skip("%s has only one field that can change", r.Name)
	}
	for range 25 {
		var calls []call
		sent := values{}
		for _, f := range fields[:min(4, len(fields))] {
			sent[f.Name] = p.another(f, record[f.Name])
			calls = append(calls, call{method: http.MethodPatch, path: r.item(record), as: user, body: values{f.Name: sent[f.Name]}.json()})
		}
		for _, a := range p.together(calls) {
			p.must(a, http.StatusOK)
		}
		a := p.get(user, r.item(record))
		record = p.record(a, http.StatusOK, r)
		for _, f := range fields {
			if literal, changed := sent[f.Name]; changed && !equal(f, literal, record[f.Name]) {
				p.wrong(a, "every change of the PATCHes that were sent at once to %s: %s", r.item(record), shown(sent.json(), 200))
				return
			}
		}
	}
}

func patchAtomic(p *probe, r resource) {
	if len(r.Fields) < 2 {
		p.skip("%s has one field only", r.Name)
	}
	user := p.user(0)
	p.room(user, r)
	record := p.create(user, r)
	for _, wrong := range r.Fields {
		v := values{wrong.Name: `{"no":"value"}`}
		for _, f := range r.Fields {
			if literal := p.another(f, record[f.Name]); f.Name != wrong.Name && literal != "" {
				v[f.Name] = literal
			}
		}
		p.names(p.patch(user, r.item(record), v.json()), http.StatusUnprocessableEntity, wrong.Name)
		v[wrong.Name] = `["no"]`
		p.names(p.put(user, r.item(record), v.json()), http.StatusUnprocessableEntity, wrong.Name)
	}
	p.unchanged(user, r, record)
}

func deleteRecord(p *probe, r resource) {
	user := p.user(0)
	p.room(user, r)
	record := p.create(user, r)
	item := r.item(record)
	a := p.delete(user, item)
	if p.status(a, http.StatusNoContent) && len(a.body) > 0 {
		p.wrong(a, "no body")
	}
	p.problem(p.delete(user, item), http.StatusNotFound)
	p.problem(p.get(user, item), http.StatusNotFound)
	p.problem(p.put(user, item, p.values(r).json()), http.StatusNotFound)
	p.problem(p.patch(user, item, p.values(r).json()), http.StatusNotFound)
	for _, other := range p.list(user, r, 100) {
		if other["id"] == record["id"] {
			p.fail("GET %s\nexpected the deleted record to be gone\ngot it in the list", r.path)
		}
	}
}
