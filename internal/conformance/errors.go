package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/backlot-cli/backlot/generator"
)

var errorChecks = []check{
	{id: "errors.malformed", title: "A body that is no valid JSON (malformed, empty, not UTF-8) is 400.", run: malformedBodies},
	{id: "errors.not_object", title: `A body that is no object is 422 and names the field "".`, run: bodiesNoObject},
	{id: "errors.media_type", title: "A body that is not application/json is 415; parameters and case of the media type do not matter.", run: mediaTypes},
	{id: "errors.too_large", title: "A body over 1 MiB is 413 with and without its length; one of exactly 1 MiB is read.", run: largeBodies},
	{id: "errors.unknown_route", title: "An unknown route is 404.", run: unknownRoutes},
	{id: "errors.methods", title: "A wrong method is 405 with Allow, which lists the methods there are; OPTIONS may answer with that list.", run: wrongMethods},
	{id: "errors.malformed_id", title: "A malformed id is 404 or 422.", run: malformedIDs},
	{id: "errors.encoded_path", title: "A path with percent-encoded letters is the same path, or unknown: no way around the token, and no-store holds.", run: encodedPaths},
	{id: "errors.unauthorized", title: "Every route that needs a token is 401 with WWW-Authenticate: Bearer without one.", run: unauthorized},
	{id: "errors.order.route", title: "Route and method answer before media type, JSON and values.", run: routeFirst},
	{id: "errors.order.token", title: "The token answers before size, media type, JSON, values and record.", run: tokenFirst},
	{id: "errors.order.media_type", title: "Size and media type answer before JSON, values and record.", run: mediaTypeFirst},
	{id: "errors.order.json", title: "JSON answers before values and record.", run: jsonFirst},
	{id: "errors.order.uniqueness", title: "Values and record answer before uniqueness.", run: uniquenessLast},
}

// unknownID is a valid id that no record has.
const unknownID = "01890a5d-ac96-774b-bcce-b302099a8057"

// bodyRoute is a route that reads a body.
type bodyRoute struct {
	method, path string
	as           *account
	valid        string
}

// bodyRoutes are the routes that read a body, with one that is valid. The paths of records are of one that exists.
func (p *probe) bodyRoutes() []bodyRoute {
	var routes []bodyRoute
	user := p.user(0)
	for _, r := range p.resources {
		p.room(user, r)
		record := p.create(user, r)
		v := p.fresh(user, r)
		routes = append(routes,
			bodyRoute{http.MethodPost, r.path, user, v.json()},
			bodyRoute{http.MethodPut, r.item(record), user, v.json()},
			bodyRoute{http.MethodPatch, r.item(record), user, v.json()})
		if len(routes) >= 6 {
			break // the routes of further resources come from the same code
		}
	}
	if p.service != nil || p.secret != "" { // else attempts are dear
		routes = append(routes,
			bodyRoute{http.MethodPost, "/api/v1/auth/register", nil, credentials(p.newEmail(), p.newPassword())},
			bodyRoute{http.MethodPost, "/api/v1/auth/login", nil, credentials(user.email, user.password)})
	}
	return routes
}

var malformedJSON = []string{
	"{", "}", `{"a":1,}`, `{"a" 1}`, `{'a':1}`, `{a:1}`, `{"a":NaN}`, `{"a":Infinity}`, `{"a":01}`, `{"a":+1}`, `{"a":.5}`, `{"a":1.}`,
	`{"a":1} x`, `{"a":1}{"a":1}`, `{"a":1}]`, "{\"a\":\"line\nbreak\"}", `{"a":"\x41"}`, `{"a":"\u12"}`, `{"a":tru}`, `{"a":nul}`, `// no
{"a":1}`, `{"a":1 /* no */}`, `"`, `nonsense`, " ", "\x00", "{\"a\":1}\x00", `[1,2`,
}

var notUTF8 = []string{
	"{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xf5\x80\x80\x80\"}", "{\"\xff\":1}",
	"\xfe\xff\x00{\x00}", "{\x00\"\x00a\x00\"\x00:\x001\x00}\x00",
}

func malformedBodies(p *probe) {
	for _, route := range p.bodyRoutes() {
		// A body that is right but for the fault, as only the fault may decide.
		inside := strings.TrimSuffix(route.valid, "}")
		bodies := slices.Concat(malformedJSON, notUTF8, []string{
			route.valid + "x", inside, inside + `,"extra":}`, inside + ",\"extra\":\"\xff\"}", inside + ",\"\xc3\x28\":1}",
		})
		for _, body := range bodies {
			p.problem(p.send(call{method: route.method, path: route.path, as: route.as, body: body}), http.StatusBadRequest)
		}
		p.problem(p.send(call{method: route.method, path: route.path, as: route.as, empty: true}), http.StatusBadRequest)
	}
}

func bodiesNoObject(p *probe) {
	for _, route := range p.bodyRoutes() {
		for _, body := range []string{`[]`, `[{}]`, `[` + route.valid + `]`, `"text"`, `""`, `5`, `0`, `null`, `true`, `false`} {
			p.names(p.send(call{method: route.method, path: route.path, as: route.as, body: body}), http.StatusUnprocessableEntity, "")
		}
	}
}

func mediaTypes(p *probe) {
	for _, route := range p.bodyRoutes() {
		send := func(media string) *answer {
			return p.send(call{method: route.method, path: route.path, as: route.as, body: route.valid, media: media})
		}
		wrong := []string{
			"-", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx",
			"application/json-patch+json", "application/*+json", "*/*", "application/xml", "application/octet-stream", "nonsense", "application/problem+json",
		}
		if route.method != http.MethodPatch {
			wrong = append(wrong, "application/merge-patch+json")
		}
		for _, media := range wrong {
			p.problem(send(media), http.StatusUnsupportedMediaType)
		}
		right := []string{"application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"}
		if route.method == http.MethodPatch {
			right = append(right, "application/merge-patch+json", "application/merge-patch+json; charset=utf-8")
		}
		for _, media := range right {
			// Posting the same values twice may be a conflict, and so may be putting them.
			p.status(send(media), http.StatusOK, http.StatusCreated, http.StatusConflict)
		}
		form := call{method: route.method, path: route.path, as: route.as, body: "%zz=1", media: "application/x-www-form-urlencoded"}
		p.problem(p.send(form), http.StatusUnsupportedMediaType)
	}
	for _, r := range p.resources[:min(1, len(p.resources))] { // without a body, the header says nothing
		p.room(p.user(0), r)
		unused := call{method: http.MethodDelete, path: r.item(p.create(p.user(0), r)), as: p.user(0), header: map[string]string{"Content-Type": "text/plain"}}
		p.status(p.send(unused), http.StatusNoContent)
	}
}

const bodyLimit = 1 << 20

// padded is a valid body made longer with white space, which JSON allows.
func padded(body string, length int) string {
	return body + strings.Repeat(" ", max(0, length-len(body)))
}

// sendLarge sends a body that the service may refuse before it has read all of it. The answer can get lost when it
// closes the connection then, so there is a second and a third try.
func (p *probe) sendLarge(c call) *answer {
	a := p.send(c)
	for range 2 {
		if a.err == nil {
			break
		}
		a = p.send(c)
	}
	return a
}

func largeBodies(p *probe) {
	for _, route := range p.bodyRoutes() {
		c := call{method: route.method, path: route.path, as: route.as, body: padded(route.valid, bodyLimit)}
		p.status(p.sendLarge(c), http.StatusOK, http.StatusCreated, http.StatusConflict)
		c.body += " "
		p.problem(p.sendLarge(c), http.StatusRequestEntityTooLarge)
		c.chunked = true
		p.problem(p.sendLarge(c), http.StatusRequestEntityTooLarge)
		c.body = padded(route.valid, 3*bodyLimit)
		p.problem(p.sendLarge(c), http.StatusRequestEntityTooLarge)
	}
}

func unknownRoutes(p *probe) {
	user := p.user(0)
	for _, path := range []string{
		"/", "/nope", "/api", "/api/v1", "/api/v1/", "/api/v1/nope", "/api/v1/auth", "/api/v1/auth/nope", "/api/v2/auth/me", "/healthz/nope",
		"/.env", "/%2e%2e/%2e%2e/etc/passwd", "/index.php", "/favicon.ico",
	} {
		a := p.send(call{method: http.MethodGet, path: path, as: user, byHand: strings.Contains(path, "%")})
		if a.call.byHand && a.status == http.StatusBadRequest {
			continue
		}
		p.problem(a, http.StatusNotFound)
		if under(path, "/api") { // "for unknown routes … under /api it may come first"
			p.status(p.get(nil, path), http.StatusNotFound, http.StatusUnauthorized)
		}
	}
	for _, r := range p.resources {
		p.problem(p.get(user, r.path+"/"+unknownID+"/nope"), http.StatusNotFound)
	}
}

func wrongMethods(p *probe) {
	user := p.user(0)
	type route struct {
		path    string
		methods []string
	}
	routes := []route{
		{"/healthz", []string{"GET"}},
		{"/readyz", []string{"GET"}},
		{"/api/v1/auth/register", []string{"POST"}},
		{"/api/v1/auth/login", []string{"POST"}},
		{"/api/v1/auth/me", []string{"GET"}},
	}
	for _, r := range p.resources {
		routes = append(routes, route{r.path, []string{"GET", "POST"}}, route{r.path + "/" + unknownID, []string{"GET", "PUT", "PATCH", "DELETE"}})
	}
	for _, route := range routes {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} {
			if slices.Contains(route.methods, method) {
				continue
			}
			a := p.send(call{method: method, path: route.path, as: user})
			listing := method == http.MethodOptions && (a.status == http.StatusOK || a.status == http.StatusNoContent)
			if !listing && !p.problem(a, http.StatusMethodNotAllowed) {
				continue
			}
			allowed := listed(a.header, "Allow")
			for _, wanted := range route.methods {
				if !slices.Contains(allowed, strings.ToLower(wanted)) {
					p.wrong(a, "Allow with %s, got Allow: %s", strings.Join(route.methods, ", "), shown(a.header.Get("Allow"), 80))
					break
				}
			}
			for _, extra := range allowed {
				if extra != "head" && extra != "options" && !slices.Contains(route.methods, strings.ToUpper(extra)) {
					p.wrong(a, "Allow with %s only, got Allow: %s", strings.Join(route.methods, ", "), shown(a.header.Get("Allow"), 80))
					break
				}
			}
			if under(route.path, "/api") && !listing {
				p.status(p.send(call{method: method, path: route.path}), http.StatusMethodNotAllowed, http.StatusUnauthorized)
			}
		}
	}
}

func malformedIDs(p *probe) {
	each(func(p *probe, r resource) {
		user := p.user(0)
		body := p.values(r).json()
		for _, id := range []string{
			"x", "1", "0", "-1", "null", "undefined", unknownID + "0", unknownID[:35], strings.ReplaceAll(unknownID, "-", ""), "{" + unknownID + "}",
			"zzzzzzzz-zzzz-7zzz-bzzz-zzzzzzzzzzzz", "%F0%9F%98%80", unknownID + "%20", unknownID + "%0A", "%27%20OR%201%3D1--", "$ne", "*",
			strings.Repeat("a", 1000), "..", ".", "%2e%2e", "a%2fb", "a%25b", "a;b", "a|b", "a^b", "<x>", "%00", "%ff", unknownID + "%00",
		} {
			// A server may clean or refuse such paths before the framework sees them.
			dots := strings.HasPrefix(strings.ReplaceAll(id, "%2e", "."), ".")
			byHand := dots || strings.ContainsAny(id, "{}|^<>")
			for _, c := range []call{
				{method: http.MethodGet}, {method: http.MethodDelete}, {method: http.MethodPatch, body: body}, {method: http.MethodPut, body: body},
			} {
				c.path, c.as, c.byHand = r.path+"/"+id, user, byHand
				a := p.send(c)
				switch {
				case a.err == nil && byHand && (a.status < 500 && a.status != http.StatusOK && a.status != http.StatusNoContent):
				case a.err == nil && dots && a.status == http.StatusOK:
				default:
					p.status(a, http.StatusNotFound, http.StatusUnprocessableEntity)
				}
			}
		}
	})(p)
}

func encodedPaths(p *probe) {
	for _, c := range p.protected() {
		c.path = strings.Replace(c.path, "/api/", "/%61pi/", 1)
		a := p.send(c)
		if p.status(a, http.StatusUnauthorized, http.StatusNotFound) && a.status == http.StatusUnauthorized && !slices.Contains(listed(a.header, "Cache-Control"), "no-store") {
			p.wrong(a, "Cache-Control: no-store, as under /api")
		}
	}
	me := p.get(p.user(0), "/%61pi/v1/auth/me")
	if p.status(me, http.StatusOK, http.StatusNotFound) && me.status == http.StatusOK && !slices.Contains(listed(me.header, "Cache-Control"), "no-store") {
		p.wrong(me, "Cache-Control: no-store, as under /api")
	}
}

func unauthorized(p *probe) {
	for _, c := range p.protected() {
		c.as = nil
		p.problem(p.send(c), http.StatusUnauthorized)
	}
}

// protected is a valid call of every route that needs a token.
func (p *probe) protected() []call {
	calls := []call{{method: http.MethodGet, path: "/api/v1/auth/me"}}
	for _, r := range p.resources {
		body, item := p.values(r).json(), r.path+"/"+unknownID
		calls = append(calls,
			call{method: http.MethodPost, path: r.path, body: body}, call{method: http.MethodGet, path: r.path},
			call{method: http.MethodGet, path: item}, call{method: http.MethodPut, path: item, body: body},
			call{method: http.MethodPatch, path: item, body: body}, call{method: http.MethodDelete, path: item})
	}
	return calls
}

func routeFirst(p *probe) {
	user := p.user(0)
	for _, body := range []call{{body: "{"}, {body: "x", media: "text/plain"}, {body: "[]"}} {
		c := call{method: http.MethodPost, path: "/api/v1/nope", as: user, body: body.body, media: body.media}
		p.problem(p.send(c), http.StatusNotFound)
		c.method, c.path = http.MethodPut, "/api/v1/auth/login"
		p.problem(p.send(c), http.StatusMethodNotAllowed)
		for _, r := range p.resources {
			c.path = r.path
			p.problem(p.send(c), http.StatusMethodNotAllowed)
		}
	}
}

func tokenFirst(p *probe) {
	for _, c := range p.protected() {
		if c.body == "" {
			if before, ok := strings.CutSuffix(c.path, unknownID); ok {
				c.path = before + "x"
				p.problem(p.send(c), http.StatusUnauthorized)
			} else {
				c.path += "?limit=0&cursor=forged"
				p.problem(p.send(c), http.StatusUnauthorized)
			}
			continue
		}
		for _, wrong := range []call{{body: "{"}, {body: "[]"}, {body: "{}"}, {body: "x", media: "text/plain"}, {body: padded(c.body, bodyLimit+1)}} {
			c.body, c.media = wrong.body, wrong.media
			p.problem(p.sendLarge(c), http.StatusUnauthorized)
		}
	}
}

func mediaTypeFirst(p *probe) {
	each(func(p *probe, r resource) {
		user, item := p.user(0), r.path+"/"+unknownID
		for _, c := range []call{{method: http.MethodPost, path: r.path}, {method: http.MethodPut, path: item}, {method: http.MethodPatch, path: item}} {
			c.as, c.media = user, "text/plain"
			for _, body := range []string{"{", "[]", "{}"} {
				c.body = body
				p.problem(p.send(c), http.StatusUnsupportedMediaType)
			}
			c.body = strings.Repeat("x", bodyLimit+1)
			p.status(p.sendLarge(c), http.StatusUnsupportedMediaType, http.StatusRequestEntityTooLarge)
			c.media = ""
			p.problem(p.sendLarge(c), http.StatusRequestEntityTooLarge)
		}
	})(p)
}

func jsonFirst(p *probe) {
	each(func(p *probe, r resource) {
		for _, method := range []string{http.MethodPut, http.MethodPatch} {
			p.problem(p.send(call{method: method, path: r.path + "/" + unknownID, as: p.user(0), body: "{"}), http.StatusBadRequest)
			// "values (422) and record (404) in either order"
			a := p.send(call{method: method, path: r.path + "/" + unknownID, as: p.user(0), body: "[]"})
			p.status(a, http.StatusNotFound, http.StatusUnprocessableEntity)
		}
	})(p)
}

func uniquenessLast(p *probe) {
	each(func(p *probe, r resource) {
		field, wrong := generator.Field{}, ""
		for _, f := range r.fields(isUnique) {
			if r.capacity() > 1 || f.Type == "enum" {
				field = f
			}
		}
		if field.Name == "" {
			p.skip("%s has no unique field", r.Name)
		}
		for _, f := range r.Fields {
			if f.Name != field.Name {
				wrong = f.Name
			}
		}
		user := p.user(0)
		p.room(user, r)
		v := p.fresh(user, r)
		if v[field.Name] == "null" {
			v[field.Name] = p.draw(field)
		}
		p.must(p.post(user, r.path, v.json()), http.StatusCreated, http.StatusConflict)
		if wrong != "" {
			a := p.post(user, r.path, v.with(wrong, `{"no":"value"}`).json())
			p.names(a, http.StatusUnprocessableEntity, wrong)
		}
		taken := values{field.Name: v[field.Name]}.json()
		p.problem(p.patch(user, r.path+"/"+unknownID, taken), http.StatusNotFound)
		p.problem(p.put(user, r.path+"/"+unknownID, v.json()), http.StatusNotFound)
	})(p)
}

// describe is a list of numbers for a detail.
func describe(numbers []int) string { return strings.Trim(fmt.Sprint(numbers), "[]") }
