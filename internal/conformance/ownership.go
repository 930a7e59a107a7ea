package conformance

import "net/http"

var ownershipChecks = []check{
	{id: "resources.ownership", title: "Another user's record is 404 to GET, PUT, PATCH and DELETE, unchanged after them, and in no list.", run: each(ownership)},
	{id: "resources.ownership.alike", title: "A record of another user and one that does not exist answer alike.", run: each(ownershipAlike)},
}

func ownership(p *probe, r resource) {
	owner, other := p.user(0), p.user(1)
	p.room(owner, r)
	p.room(other, r)
	record := p.create(owner, r)
	item := r.item(record)
	for range 2 { // the second time after the attempt to delete it
		p.problem(p.get(other, item), http.StatusNotFound)
		p.problem(p.put(other, item, p.values(r).json()), http.StatusNotFound)
		p.problem(p.patch(other, item, p.values(r).json()), http.StatusNotFound)
		p.problem(p.patch(other, item, "{}"), http.StatusNotFound)
		p.problem(p.delete(other, item), http.StatusNotFound)
	}
	for _, listed := range p.list(other, r, 100) {
		if listed["id"] == record["id"] {
			p.fail("GET %s as %s\nexpected none of the records of %s\ngot %s", r.path, other.label, owner.label, record["id"])
		}
	}
	p.unchanged(owner, r, record)
}

func ownershipAlike(p *probe, r resource) {
	owner, other := p.user(0), p.user(1)
	p.room(owner, r)
	record := p.create(owner, r)
	for _, method := range []string{http.MethodGet, http.MethodDelete, http.MethodPatch} {
		body := ""
		if method == http.MethodPatch {
			body = "{}"
		}
		theirs := p.send(call{method: method, path: r.item(record), as: other, body: body})
		none := p.send(call{method: method, path: r.path + "/" + unknownID, as: other, body: body})
		// A detail may name the id that was asked for, so only its presence is compared.
		if theirs.status != none.status || theirs.text("title") != none.text("title") || len(theirs.object()) != len(none.object()) {
			p.wrong(theirs, "the same as for an id that no record has: %s", none)
		}
	}
}
