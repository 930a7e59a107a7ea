package conformance

import (
	"net/http"
	"slices"
	"strings"
)

// Origins that the suite allows when it starts the service.
const (
	allowedOrigin = "https://app.example.com"
	secondOrigin  = "http://localhost:5173"
)

var corsChecks = []check{
	{id: "cors.preflight", title: "A preflight from an allowed origin is answered before authentication, with the contract's methods and headers.", needs: needsService, run: corsPreflight},
	{id: "cors.exposed", title: "Answers to an allowed origin, errors too, allow it and expose Location, X-Request-Id and Retry-After.", needs: needsService, run: corsExposed},
	{id: "cors.denied", title: "An origin that is not allowed gets no Access-Control-Allow-Origin.", run: corsDenied},
}

func (p *probe) corsPaths() []string {
	paths := []string{"/api/v1/auth/login", "/api/v1/auth/me"}
	for _, r := range p.resources {
		paths = append(paths, r.path, r.path+"/"+unknownID)
	}
	return paths
}

func corsPreflight(p *probe) {
	for _, origin := range []string{allowedOrigin, secondOrigin} {
		for _, path := range p.corsPaths() {
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
				a := p.send(call{method: http.MethodOptions, path: path, header: map[string]string{
					"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,content-type,x-request-id",
				}})
				if !p.status(a, http.StatusOK, http.StatusNoContent) {
					continue
				}
				if got := a.header.Values("Access-Control-Allow-Origin"); len(got) != 1 || got[0] != origin {
					p.wrong(a, "Access-Control-Allow-Origin: %s, got %q", origin, got)
				}
				if got := listed(a.header, "Access-Control-Allow-Methods"); !slices.Contains(got, strings.ToLower(method)) {
					p.wrong(a, "Access-Control-Allow-Methods with %s, got %q", method, got)
				}
				for _, name := range []string{"authorization", "content-type", "x-request-id"} {
					if got := listed(a.header, "Access-Control-Allow-Headers"); !slices.Contains(got, name) {
						p.wrong(a, "Access-Control-Allow-Headers with %s, got %q", name, got)
						break
					}
				}
			}
		}
	}
}

func corsExposed(p *probe) {
	user := p.user(0)
	calls := []call{{method: http.MethodGet, path: "/api/v1/auth/me", as: user}, {method: http.MethodGet, path: "/api/v1/auth/me"}, {method: http.MethodGet, path: "/api/v1/nope", as: user}}
	for _, r := range p.resources {
		p.room(user, r)
		calls = append(calls, call{method: http.MethodGet, path: r.path, as: user}, call{method: http.MethodPost, path: r.path, as: user, body: p.values(r).json()},
			call{method: http.MethodPost, path: r.path, as: user, body: "{"}, call{method: http.MethodPost, path: r.path, body: "{}"})
	}
	for _, c := range calls {
		c.header = map[string]string{"Origin": allowedOrigin}
		a := p.send(c)
		if got := a.header.Values("Access-Control-Allow-Origin"); len(got) != 1 || got[0] != allowedOrigin {
			p.wrong(a, "Access-Control-Allow-Origin: %s, got %q", allowedOrigin, got)
			continue
		}
		exposed := listed(a.header, "Access-Control-Expose-Headers")
		for _, name := range []string{"location", "x-request-id", "retry-after"} {
			if !slices.Contains(exposed, name) {
				p.wrong(a, "Access-Control-Expose-Headers with %s, got %q", name, exposed)
				break
			}
		}
	}
}

func corsDenied(p *probe) {
	user := p.user(0)
	for _, origin := range []string{
		"https://evil.example", allowedOrigin + ".evil.example", "http://app.example.com", allowedOrigin + ":8443", "https://sub.app.example.com", "https://appXexample.com",
		"null", "https://example.com", "file://", "*", allowedOrigin + "," + secondOrigin,
	} {
		for _, path := range p.corsPaths() {
			for _, c := range []call{
				{method: http.MethodOptions, path: path, header: map[string]string{"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}},
				{method: http.MethodGet, path: path, as: user, header: map[string]string{"Origin": origin}},
			} {
				a := p.send(c)
				if got := a.header.Values("Access-Control-Allow-Origin"); a.err != nil || len(got) > 0 {
					p.wrong(a, "no Access-Control-Allow-Origin, got %q", got)
				}
			}
		}
	}
}
