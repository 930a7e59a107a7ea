package conformance

import (
	"net/http"
	"strings"
)

var headerChecks = []check{
	{id: "request_id.echoed", title: "A valid X-Request-Id is echoed, on errors as well.", run: requestIDEchoed},
	{id: "request_id.replaced", title: "An invalid X-Request-Id is replaced by a drawn one.", run: requestIDReplaced},
	{id: "security.headers", title: "Every kind of answer has nosniff, no-referrer, the content security policy and, under /api, no-store.", run: securityHeaders},
	{id: "security.disclosure", title: "No answer has X-Powered-By or a version in Server.", run: securityHeaders},
}

// kinds are calls that bring about every kind of answer there is, as far as they need no other settings.
func (p *probe) kinds() []call {
	user := p.user(0)
	calls := []call{
		{method: http.MethodGet, path: "/healthz"},
		{method: http.MethodGet, path: "/readyz"},
		{method: http.MethodGet, path: "/metrics"},
		{method: http.MethodGet, path: "/openapi.json"},
		{method: http.MethodGet, path: "/docs"},
		{method: http.MethodGet, path: "/nope"},
		{method: http.MethodGet, path: "/api/v1/nope", as: user},
		{method: http.MethodPost, path: "/healthz"},
		{method: http.MethodGet, path: "/api/v1/auth/me"},
		{method: http.MethodGet, path: "/api/v1/auth/me", as: user},
		{method: http.MethodPut, path: "/api/v1/auth/login", as: user},
		{method: http.MethodOptions, path: "/api/v1/auth/me"},
		{method: http.MethodHead, path: "/api/v1/auth/me", as: user},
		{method: http.MethodOptions, path: "/api/v1/auth/me", header: map[string]string{"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}},
	}
	for _, r := range p.resources[:min(1, len(p.resources))] {
		p.room(user, r)
		body := p.values(r).json()
		item := r.path + "/" + unknownID
		calls = append(calls,
			call{method: http.MethodPost, path: r.path, as: user, body: body}, call{method: http.MethodPost, path: r.path, as: user, body: body},
			call{method: http.MethodPost, path: r.path, as: user, body: "{"}, call{method: http.MethodPost, path: r.path, as: user, body: "[]"},
			call{method: http.MethodPost, path: r.path, as: user, body: "x", media: "text/plain"}, call{method: http.MethodPost, path: r.path, body: body},
			call{method: http.MethodPost, path: r.path, as: user, body: padded(body, bodyLimit+1)},
			call{method: http.MethodGet, path: r.path, as: user}, call{method: http.MethodGet, path: r.path + "?limit=0", as: user},
			call{method: http.MethodGet, path: item, as: user}, call{method: http.MethodDelete, path: item, as: user}, call{method: http.MethodDelete, path: r.path, as: user},
			call{method: http.MethodOptions, path: r.path, header: map[string]string{"Origin": allowedOrigin, "Access-Control-Request-Method": "POST"}})
		p.room(user, r)
		record := p.create(user, r)
		calls = append(calls, call{method: http.MethodDelete, path: r.item(record), as: user})
	}
	return calls
}

func securityHeaders(p *probe) {
	for _, c := range p.kinds() {
		a := p.sendLarge(c)
		if a.err != nil {
			p.wrong(a, "an answer")
			continue
		}
		fault := headerFault(a)
		about := strings.Contains(fault, "X-Powered-By") || strings.Contains(fault, "Server")
		if fault != "" && about == (p.id == "security.disclosure") {
			p.wrong(a, "%s", fault)
		}
	}
}

func requestIDEchoed(p *probe) {
	for _, id := range []string{"a", "0", "abc.DEF_123-x", strings.Repeat("x", 64), "...", "-", "018fa9d4-2b3c-7000-8000-000000000000"} {
		for _, c := range p.kinds()[:9] {
			c.header = map[string]string{anyRequestID: id}
			if a := p.send(c); a.err != nil || a.header.Get(anyRequestID) != id {
				p.wrong(a, "X-Request-Id: %s, got %q", id, a.header.Values(anyRequestID))
			}
		}
	}
}

func requestIDReplaced(p *probe) {
	drawn := map[string]bool{}
	for _, id := range []string{"", "a b", "a/b", "é", strings.Repeat("x", 65), "a\tb", "a,b", "a;b", "<x>", "a:b", "{}", "%41", strings.Repeat("x", 2000)} {
		for _, path := range []string{"/healthz", "/nope", "/api/v1/auth/me"} {
			c := call{method: http.MethodGet, path: path}
			if id != "" {
				c.header = map[string]string{anyRequestID: id}
			}
			a := p.send(c)
			got := a.header.Get(anyRequestID)
			if a.err != nil || !requestIDs().MatchString(got) || got == id {
				p.wrong(a, "a drawn X-Request-Id of [A-Za-z0-9._-]{1,64}, got %q", a.header.Values(anyRequestID))
			} else if drawn[got] {
				p.wrong(a, "another X-Request-Id for each request, got %s again", got)
			}
			drawn[got] = true
		}
	}
}
