package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

var bodyChecks = []check{
	{id: "bodies.unknown_fields", title: "Unknown fields are ignored and never stored, whatever they hold.", run: unknownFields},
	{id: "bodies.case", title: "A name in another case is an unknown field.", run: namesInOtherCase},
	{id: "bodies.service_fields", title: "id, created_at and updated_at in a body are unknown fields.", run: serviceFields},
	{id: "bodies.nesting", title: "Deeply nested and very wide bodies are answered, and by no 5xx.", run: nestedBodies},
}

// unknownMembers are members that no resource has a field for.
var unknownMembers = strings.Join([]string{
	`"no_such_field":1`, `"":"empty"`, `"__proto__":{"polluted":true}`, `"constructor":{"prototype":{}}`, `"$set":{"a":1}`, `"_id":"x"`, `"user_id_":"x"`, `"owner":"` + unknownID + `"`,
	`"a.b":1`, `"nested":{"deep":[[[{}]]]}`, `"emoji 😀":"😀"`, `"_method":"DELETE"`, `"_token":"x"`, `"toString":5`, `"class":"x y"`, `"__typename_":"T"`,
	`"deep":` + strings.Repeat("[", deepest-1) + strings.Repeat("]", deepest-1),
}, ",")

// deepest is how deep JSON may be nested at least, the body itself included.
const deepest = 64

func (p *probe) extended(v values, members string) string {
	if len(v) == 0 {
		return "{" + members + "}"
	}
	return strings.TrimSuffix(v.json(), "}") + "," + members + "}"
}

// knownFree takes out of a list the members that the resource knows.
func (r resource) knownFree(members string) string {
	for _, f := range r.Fields {
		members = strings.ReplaceAll(members, `"`+f.Name+`":`, `"no_`+f.Name+`":`)
	}
	return members
}

func unknownFields(p *probe) {
	each(func(p *probe, r resource) {
		user := p.user(0)
		p.room(user, r)
		members := r.knownFree(unknownMembers)
		record := p.record(p.post(user, r.path, p.extended(p.fresh(user, r), members)), http.StatusCreated, r)
		item := r.item(record)
		p.record(p.patch(user, item, p.extended(nil, members)), http.StatusOK, r)
		p.record(p.put(user, item, p.extended(p.values(r), members)), http.StatusOK, r)
		p.record(p.get(user, item), http.StatusOK, r)
	})(p)
}

func namesInOtherCase(p *probe) {
	each(func(p *probe, r resource) {
		user := p.user(0)
		p.room(user, r)
		record := p.create(user, r)
		for _, f := range r.Fields {
			for _, name := range []string{strings.ToUpper(f.Name), strings.ToUpper(f.Name[:1]) + f.Name[1:], camel(f.Name)} {
				if r.has(name) || name == f.Name {
					continue
				}
				p.room(user, r)
				v := p.fresh(user, r)
				// The other name comes last, as the last of two wins where names are compared without case.
				body := strings.TrimSuffix(v.json(), "}") + "," + quote(name) + ":" + `{"no":"value"}}`
				a := p.post(user, r.path, body)
				if got := p.record(a, http.StatusCreated, r); !equal(f, v[f.Name], got[f.Name]) {
					p.wrong(a, "%s %s", f.Name, v[f.Name])
				}
				if !f.Optional {
					body = p.extended(p.values(r).without(f.Name), quote(name)+":"+v[f.Name])
					p.names(p.post(user, r.path, body), http.StatusUnprocessableEntity, f.Name)
				}
				if r.capacity() == 1<<20 {
					p.status(p.patch(user, r.item(record), `{`+quote(name)+`:{"no":"value"}}`), http.StatusOK)
				}
			}
		}
	})(p)
}

func (r resource) has(name string) bool {
	for _, f := range r.Fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

// camel is starts_at as startsAt, which some frameworks would take as well.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		if word != "" {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}

func serviceFields(p *probe) {
	each(func(p *probe, r resource) {
		user := p.user(0)
		p.room(user, r)
		for _, members := range []string{
			`"id":"` + unknownID + `","created_at":"2001-01-01T00:00:00.000Z","updated_at":"2001-01-01T00:00:00.000Z"`,
			`"id":5,"created_at":null,"updated_at":{}`,
		} {
			p.room(user, r)
			a := p.post(user, r.path, p.extended(p.fresh(user, r), members))
			record := p.record(a, http.StatusCreated, r)
			for _, a := range []*answer{a, p.put(user, r.item(record), p.extended(p.values(r), members)), p.patch(user, r.item(record), "{"+members+"}")} {
				if !p.status(a, http.StatusOK, http.StatusCreated) {
					continue
				}
				got := a.object()
				if got["id"] == unknownID || got["id"] != record["id"] || got["created_at"] != record["created_at"] || strings.HasPrefix(fmt.Sprint(got["updated_at"]), "2001") {
					p.wrong(a, "id, created_at and updated_at as the service draws them")
				}
			}
			p.status(p.get(user, r.path+"/"+unknownID), http.StatusNotFound)
		}
	})(p)
}

func nestedBodies(p *probe) {
	each(func(p *probe, r resource) {
		user := p.user(0)
		p.room(user, r)
		const depth = 100_000
		wide := strings.Builder{}
		for i := range 20_000 {
			fmt.Fprintf(&wide, `"k%d":%d,`, i, i)
		}
		// "The body is not valid JSON" or "a body that is no object"; a reader may also have a limit of its own.
		p.status(p.post(user, r.path, strings.Repeat("[", depth)), http.StatusBadRequest)
		p.status(p.post(user, r.path, strings.Repeat(`{"a":`, depth)), http.StatusBadRequest)
		p.status(p.post(user, r.path, strings.Repeat("[", depth)+strings.Repeat("]", depth)), http.StatusBadRequest, http.StatusUnprocessableEntity)
		for i, member := range []string{
			`"unknown":` + strings.Repeat("[", depth) + strings.Repeat("]", depth), strings.TrimSuffix(wide.String(), ","),
			`"unknown":1e400`, `"unknown":` + strings.Repeat("9", 5000), `"unknown":1e-99999`, `"unknown":"\ud800"`,
		} {
			p.room(user, r)
			statuses := []int{http.StatusCreated, http.StatusBadRequest, http.StatusUnprocessableEntity}
			if i == 1 { // a thousand unknown fields are ignored like one; a limit on their number is a limit on size
				statuses = append(statuses, http.StatusRequestEntityTooLarge)
			}
			p.status(p.post(user, r.path, p.extended(p.fresh(user, r), member)), statuses...)
		}
		for _, f := range r.Fields {
			for _, deep := range []string{strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)} {
				p.status(p.post(user, r.path, p.fresh(user, r).with(f.Name, deep).json()), http.StatusBadRequest, http.StatusUnprocessableEntity)
			}
		}
	})(p)
}
