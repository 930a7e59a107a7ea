package conformance

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

var openapiChecks = []check{
	{id: "openapi.document", title: "GET /openapi.json is an OpenAPI 3.x document as JSON, without dangling references.", run: openapiDocument},
	{id: "openapi.routes", title: "Every route and method of the contract is described, and nothing else under /api.", run: openapiRoutes},
	{id: "openapi.security", title: "The bearer scheme is described, asked for where a token is needed and nowhere else.", run: openapiSecurity},
	{id: "openapi.parameters", title: "The parameters limit, cursor and id are described.", run: openapiParameters},
	{id: "openapi.errors", title: "The errors of every route are described, as problem documents.", run: openapiErrors},
	{id: "openapi.bodies", title: "The body of every request is described: its media types, fields and which are required.", run: openapiBodies},
	{id: "openapi.records", title: "The described answers are as strict as the real ones: a record that lacks a member does not fit.", run: openapiRecords},
}

// description reads /openapi.json once in a run.
func (p *probe) description() *document {
	p.openapiOK.Do(func() {
		a := p.suite.send(p.ctx, call{method: http.MethodGet, path: "/openapi.json"})
		switch object := a.object(); {
		case a.err == nil && a.status == http.StatusNotFound && p.service == nil:
			p.openapiNo = "the service does not serve /openapi.json (API_DOCS=false, or production)"
		case a.err == nil && a.status == http.StatusOK && object != nil:
			p.openapi = &document{object}
		}
	})
	if p.openapiNo != "" {
		p.skip("%s", p.openapiNo)
	}
	if p.openapi == nil {
		p.fatal("GET /openapi.json\nexpected a JSON object")
	}
	return p.openapi
}

// operation is one described method of a path.
type operation struct {
	method, path string
	object       map[string]any
	parameters   []map[string]any
	security     any
	secured      bool
}

var pathParameter = lazyRegexp(`\{[^/{}]*\}`)

// operations are the described ones by method and path, in which every parameter is {}.
func (d *document) operations() map[string]operation {
	found := map[string]operation{}
	paths, _ := d.root["paths"].(map[string]any)
	prefix := ""
	if servers := array(d.root["servers"]); len(servers) == 1 { // a base path may stand with the server
		address, _ := d.resolve(servers[0])["url"].(string)
		if at := strings.Index(address, "://"); at >= 0 {
			_, rest, _ := strings.Cut(address[at+3:], "/")
			address = "/" + rest
		}
		prefix = strings.TrimRight(address, "/")
	}
	for path, item := range paths {
		methods := d.resolve(item)
		for method, node := range methods {
			object, _ := node.(map[string]any)
			if !slices.Contains([]string{"get", "post", "put", "patch", "delete"}, method) || object == nil {
				continue
			}
			o := operation{method: strings.ToUpper(method), path: prefix + path, object: object}
			for _, list := range []any{methods["parameters"], object["parameters"]} {
				for _, parameter := range array(list) {
					o.parameters = append(o.parameters, d.resolve(parameter))
				}
			}
			security, own := object["security"]
			if !own {
				security = d.root["security"]
			}
			o.security = security
			for _, requirement := range array(security) {
				if len(d.resolve(requirement)) > 0 {
					o.secured = true
				}
			}
			found[o.method+" "+pathParameter().ReplaceAllString(o.path, "{}")] = o
		}
	}
	return found
}

// expected are the routes of the contract, with the errors that each can answer.
func (p *probe) expectedRoutes() map[string][]int {
	routes := map[string][]int{
		"GET /healthz": nil, "GET /readyz": nil, "GET /metrics": nil,
		"POST /api/v1/auth/register": {201, 400, 409, 413, 415, 422, 429},
		"POST /api/v1/auth/login":    {200, 400, 401, 413, 415, 422, 429},
		"GET /api/v1/auth/me":        {200, 401},
	}
	for _, r := range p.resources {
		conflict := func(statuses ...int) []int {
			if len(r.fields(isUnique)) > 0 {
				statuses = append(statuses, 409)
			}
			return statuses
		}
		routes["POST "+r.path] = conflict(201, 400, 401, 413, 415, 422)
		routes["GET "+r.path] = []int{200, 401, 422}
		routes["GET "+r.path+"/{}"] = []int{200, 401, 404}
		routes["PUT "+r.path+"/{}"] = conflict(200, 400, 401, 404, 413, 415, 422)
		routes["PATCH "+r.path+"/{}"] = conflict(200, 400, 401, 404, 413, 415, 422)
		routes["DELETE "+r.path+"/{}"] = []int{204, 401, 404}
	}
	return routes
}

func openapiDocument(p *probe) {
	a := p.get(nil, "/openapi.json")
	d := p.description()
	if version, _ := d.root["openapi"].(string); !strings.HasPrefix(version, "3.") {
		p.wrong(a, "openapi 3.x, got %q", version)
	}
	if mediaType(a.header) != "application/json" && mediaType(a.header) != "application/vnd.oai.openapi+json" {
		p.wrong(a, "application/json")
	}
	information := d.resolve(d.root["info"])
	for _, name := range []string{"title", "version"} {
		if text, _ := information[name].(string); text == "" {
			p.wrong(a, "info with %s", name)
		}
	}
	var walk func(node any)
	walk = func(node any) {
		switch n := node.(type) {
		case map[string]any:
			if reference, ok := n["$ref"].(string); ok && d.resolve(n) == nil {
				p.fail("GET /openapi.json\nexpected every reference to lead somewhere\ngot %s", shown(reference, 120))
			}
			for _, name := range sortedKeys(n) {
				walk(n[name])
			}
		case []any:
			for _, item := range n {
				walk(item)
			}
		}
	}
	walk(d.root)
}

func openapiRoutes(p *probe) {
	described, expected := p.description().operations(), p.expectedRoutes()
	for _, route := range sortedKeys(expected) {
		if _, there := described[route]; !there {
			p.fail("GET /openapi.json\nexpected %s to be described\ngot %s", route, shown(strings.Join(sortedKeys(described), ", "), 400))
		}
	}
	for _, route := range sortedKeys(described) {
		if _, there := expected[route]; !there && strings.Contains(route, " /api") {
			p.fail("GET /openapi.json\nexpected the routes of the contract under /api\ngot %s as well", shown(route, 100))
		}
	}
}

func openapiSecurity(p *probe) {
	d := p.description()
	schemes := d.resolve(d.resolve(d.root["components"])["securitySchemes"])
	bearer := map[string]bool{}
	for name, node := range schemes {
		scheme := d.resolve(node)
		kind, _ := scheme["scheme"].(string)
		bearer[name] = scheme["type"] == "http" && strings.EqualFold(kind, "bearer")
	}
	described := d.operations()
	for _, route := range sortedKeys(p.expectedRoutes()) {
		o, there := described[route]
		if !there || !strings.Contains(route, " /api") {
			continue
		}
		wanted := !strings.HasSuffix(route, "/auth/register") && !strings.HasSuffix(route, "/auth/login")
		named := false
		for _, requirement := range array(o.security) {
			for name := range d.resolve(requirement) {
				named = named || bearer[name]
			}
		}
		if wanted && !named {
			p.fail("GET /openapi.json\nexpected %s to ask for a scheme of type http, bearer\ngot security %v of %v", route, o.security, sortedKeys(schemes))
		}
		if !wanted && o.secured {
			p.fail("GET /openapi.json\nexpected %s to ask for no token\ngot security %v", route, o.security)
		}
	}
}

func openapiParameters(p *probe) {
	described := p.description().operations()
	has := func(route, name, in string) {
		o, there := described[route]
		if !there {
			return
		}
		for _, parameter := range o.parameters {
			if parameter["in"] == in && (name == "" || parameter["name"] == name) && (parameter["schema"] != nil || parameter["content"] != nil) {
				return
			}
		}
		p.fail("GET /openapi.json\nexpected %s to describe the parameter %s in %s\ngot %s", route, name, in, shown(fmt.Sprint(o.parameters), 200))
	}
	for _, r := range p.resources {
		has("GET "+r.path, "limit", "query")
		for _, parameter := range described["GET "+r.path].parameters {
			if parameter["name"] == "limit" && (parameter["required"] == true || !p.description().isRange(parameter["schema"], "1", "100")) {
				p.fail("GET /openapi.json\nexpected GET %s to describe limit as an optional integer from 1 to 100\ngot %s", r.path, shown(fmt.Sprint(parameter), 200))
			}
		}
		has("GET "+r.path, "cursor", "query")
		for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
			has(method+" "+r.path+"/{}", "", "path")
		}
	}
}

// isRange tells whether a schema is that of integers within bounds.
func (d *document) isRange(schema any, least, most string) bool {
	s := d.resolve(schema)
	for _, key := range []string{"anyOf", "oneOf", "allOf"} {
		if choices, ok := s[key].([]any); ok {
			return slices.ContainsFunc(choices, func(choice any) bool { return d.isRange(choice, least, most) })
		}
	}
	return strings.Contains(fmt.Sprint(s["type"]), "integer") && fmt.Sprint(s["minimum"]) == least && fmt.Sprint(s["maximum"]) == most
}

// response finds the described answer for a status.
func (d *document) response(o operation, status int) map[string]any {
	responses := d.resolve(o.object["responses"])
	for _, key := range []string{fmt.Sprint(status), fmt.Sprintf("%dXX", status/100), "default"} {
		if response := d.resolve(responses[key]); response != nil {
			return response
		}
	}
	return nil
}

func openapiErrors(p *probe) {
	d := p.description()
	described := d.operations()
	expected := p.expectedRoutes()
	for _, route := range sortedKeys(expected) {
		o, there := described[route]
		if !there {
			continue
		}
		for _, status := range expected[route] {
			response := d.response(o, status)
			if response == nil {
				p.fail("GET /openapi.json\nexpected %s to describe %d\ngot %s", route, status, strings.Join(sortedKeys(d.resolve(o.object["responses"])), ", "))
				continue
			}
			content := d.resolve(response["content"])
			if status >= 400 && d.resolve(content["application/problem+json"])["schema"] == nil {
				p.fail("GET /openapi.json\nexpected %s to describe %d as application/problem+json with a schema\ngot %s", route, status, strings.Join(sortedKeys(content), ", "))
			}
		}
	}
}

// properties are the described members of a schema, also those of its parts.
func (d *document) properties(schema any, depth int) map[string]any {
	found := map[string]any{}
	s := d.resolve(schema)
	if depth > 10 {
		return found
	}
	properties, _ := s["properties"].(map[string]any)
	maps.Copy(found, properties)
	for _, word := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range array(s[word]) {
			maps.Copy(found, d.properties(part, depth+1))
		}
	}
	return found
}

func openapiBodies(p *probe) {
	d := p.description()
	described := d.operations()
	check := func(route, media, valid string, members []string) {
		o, there := described[route]
		if !there {
			return
		}
		content := d.resolve(d.resolve(o.object["requestBody"])["content"])
		schema := d.resolve(content[media])["schema"]
		if schema == nil {
			p.fail("GET /openapi.json\nexpected %s to describe a body of %s with a schema\ngot %s", route, media, strings.Join(sortedKeys(content), ", "))
			return
		}
		properties := d.properties(schema, 0)
		for _, name := range members {
			if _, there := properties[name]; !there {
				p.fail("GET /openapi.json\nexpected %s to describe %s in its body\ngot %s", route, name, strings.Join(sortedKeys(properties), ", "))
			}
		}
		value, _ := decode([]byte(valid))
		if fault := d.validate(schema, value); fault != "" {
			p.fail("GET /openapi.json\nexpected the schema of %s to fit %s\ngot %s", route, shown(valid, 200), fault)
		}
	}
	// strict expects that a body without a required member does not fit.
	strict := func(route, incomplete, member string) {
		o, there := described[route]
		schema := d.resolve(d.resolve(d.resolve(o.object["requestBody"])["content"])["application/json"])["schema"]
		if value, _ := decode([]byte(incomplete)); there && schema != nil && d.validate(schema, value) == "" {
			p.fail("GET /openapi.json\nexpected %s to describe %s as required\ngot a schema that fits %s", route, member, shown(incomplete, 200))
		}
	}
	for _, route := range []string{"POST /api/v1/auth/register", "POST /api/v1/auth/login"} {
		check(route, "application/json", credentials(p.newEmail(), p.newPassword()), []string{"email", "password"})
		strict(route, `{"email":"a@b.co"}`, "password")
		strict(route, `{"password":"a password that is long enough"}`, "email")
	}
	for _, r := range p.resources {
		var names []string
		for _, f := range r.Fields {
			names = append(names, f.Name)
		}
		v := p.values(r)
		check("POST "+r.path, "application/json", v.json(), names)
		check("PUT "+r.path+"/{}", "application/json", v.json(), names)
		for _, media := range []string{"application/json", "application/merge-patch+json"} {
			check("PATCH "+r.path+"/{}", media, v.json(), names)
			check("PATCH "+r.path+"/{}", media, "{}", names)
		}
		least := v
		for _, f := range r.fields(isOptional) {
			check("POST "+r.path, "application/json", v.with(f.Name, "null").json(), nil)
			least = least.without(f.Name)
		}
		check("POST "+r.path, "application/json", least.json(), nil)
		for _, f := range r.fields(isRequired) {
			strict("POST "+r.path, v.without(f.Name).json(), f.Name)
			strict("PUT "+r.path+"/{}", v.without(f.Name).json(), f.Name)
		}
	}
}

func openapiRecords(p *probe) {
	d := p.description()
	described := d.operations()
	user := p.user(0)
	for _, r := range p.resources {
		p.room(user, r)
		a := p.post(user, r.path, p.fresh(user, r).json())
		record := p.record(a, http.StatusCreated, r)
		for _, route := range []string{"POST " + r.path, "GET " + r.path + "/{}", "PUT " + r.path + "/{}", "PATCH " + r.path + "/{}", "GET " + r.path} {
			o, there := described[route]
			if !there {
				continue
			}
			status := http.StatusOK
			if route == "POST "+r.path {
				status = http.StatusCreated
			}
			schema := d.resolve(d.resolve(d.resolve(d.response(o, status))["content"])["application/json"])["schema"]
			if schema == nil {
				p.fail("GET /openapi.json\nexpected %s to describe the body of %d with a schema", route, status)
				continue
			}
			wrap := func(record map[string]any) any {
				if route == "GET "+r.path {
					return map[string]any{"items": []any{record}, "next_cursor": nil}
				}
				return record
			}
			if fault := d.validate(schema, wrap(record)); fault != "" {
				p.fail("GET /openapi.json\nexpected the schema of %s to fit %s\ngot %s", route, shown(string(a.body), 200), fault)
				continue
			}
			for _, name := range sortedKeys(record) {
				lacking := map[string]any{}
				for key, value := range record {
					if key != name {
						lacking[key] = value
					}
				}
				if d.validate(schema, wrap(lacking)) == "" {
					p.fail("GET /openapi.json\nexpected the answer of %s to be described with %s as required\ngot a schema that fits a record without it", route, name)
					break
				}
			}
		}
	}
}

// answersDescribed holds the answers of the whole run against the description: it cannot drift.
func answersDescribed(p *probe) {
	d := p.description()
	described := d.operations()
	for _, a := range p.traffic.all() {
		path := a.call.cleanPath()
		o, there := described[a.call.method+" "+path]
		if !there {
			o, there = described[a.call.method+" "+templateOf(path)[:max(0, strings.LastIndexByte(templateOf(path), '/'))]+"/{}"]
			there = there && strings.HasSuffix(templateOf(path), "/{id}")
		}
		if !there || a.status == http.StatusNotFound && !under(path, "/api") {
			continue // an unknown route or method
		}
		response := d.response(o, a.status)
		if response == nil {
			p.wrong(a, "an answer that /openapi.json describes; it knows %s", strings.Join(sortedKeys(d.resolve(o.object["responses"])), ", "))
			continue
		}
		content := d.resolve(response["content"])
		if len(a.body) == 0 {
			continue
		}
		described := d.resolve(content[mediaType(a.header)])
		if described == nil {
			for media, node := range content { // with parameters, as in text/plain; version=0.0.4
				if name, _, _ := strings.Cut(media, ";"); strings.TrimSpace(name) == mediaType(a.header) {
					described = d.resolve(node)
				}
			}
		}
		if described == nil {
			p.wrong(a, "a media type that /openapi.json describes: %s", strings.Join(sortedKeys(content), ", "))
			continue
		}
		value, err := decode(a.body)
		if schema := described["schema"]; schema != nil && err == nil {
			if fault := d.validate(schema, value); fault != "" {
				p.wrong(a, "an answer that fits its description: %s", fault)
			}
		}
	}
}
