package conformance

import (
	"net/http"
	"net/url"
	"strings"
)

var operationChecks = []check{
	{id: "operations.healthz", title: `GET /healthz is 200 {"status":"ok"}.`, run: statusOK("/healthz")},
	{id: "operations.readyz", title: `GET /readyz is 200 {"status":"ok"} while the database answers.`, run: statusOK("/readyz")},
	{id: "operations.docs", title: "GET /docs is a page that loads nothing from elsewhere.", run: docsPage},
	{id: "operations.head", title: "HEAD is answered without a body, like GET or with 405.", run: headRequests},
}

func statusOK(path string) func(*probe) {
	return func(p *probe) {
		a := p.get(nil, path)
		if p.status(a, http.StatusOK) && (mediaType(a.header) != "application/json" || a.text("status") != "ok" || len(a.object()) != 1) {
			p.wrong(a, `application/json {"status":"ok"}`)
		}
	}
}

var (
	loadingTag  = lazyRegexp(`(?is)<(script|link|img|iframe|source|video|audio|object|embed|base|form)\b[^>]*?\b(src|href|data|action)\s*=\s*["']?\s*([^"'\s>]+)`)
	loadingText = lazyRegexp(`(?i)(@import\s+["']?|url\(\s*["']?|\bimport\s*\(?\s*["']|\bfrom\s+["']|\bfetch\(\s*["'])((https?:)?//[^"'\s)]+)`)
)

// docsPage reads the page and what it loads, as far as that stands in the text. What a script decides at run time
// cannot be seen without a browser.
func docsPage(p *probe) {
	path := "/docs"
	a := p.get(nil, path)
	for range 2 { // a framework may serve the page as /docs/
		if a.status < 300 || a.status > 399 {
			break
		}
		next, err := url.Parse(a.header.Get("Location"))
		if err != nil || !under(next.Path, "/docs") {
			break
		}
		path = next.Path
		a = p.get(nil, path)
	}
	if a.status == http.StatusNotFound && p.service == nil {
		p.problem(a, http.StatusNotFound)
		p.skip("the service does not serve /docs (API_DOCS=false, or production)")
	}
	if !p.status(a, http.StatusOK) {
		return
	}
	if mediaType(a.header) != "text/html" {
		p.wrong(a, "text/html, for a person to read")
		return
	}
	base, _ := url.Parse(path)
	own, _ := url.Parse(p.main.base)
	for _, tag := range loadingTag().FindAllStringSubmatch(string(a.body), -1) {
		target, err := base.Parse(tag[3])
		if err != nil || target.Scheme == "data" {
			continue
		}
		if target.Host != "" && target.Host != own.Host {
			p.fail("GET %s\nexpected a page that loads nothing from elsewhere\ngot %s", path, shown(tag[0], 200))
			continue
		}
		if tag := strings.ToLower(tag[1]); tag == "base" || tag == "form" {
			continue
		}
		if part := p.get(nil, target.EscapedPath()); p.status(part, http.StatusOK) && mediaType(part.header) == "text/css" {
			p.loadsNothing(target.Path, part.body)
		}
	}
	p.loadsNothing(path, a.body)
}

func (p *probe) loadsNothing(path string, body []byte) {
	if found := loadingText().FindSubmatch(body); found != nil {
		p.fail("GET %s\nexpected nothing loaded from elsewhere\ngot %s", path, shown(string(found[0]), 200))
	}
}

func headRequests(p *probe) {
	paths := []string{"/healthz", "/openapi.json", "/api/v1/auth/me"}
	for _, r := range p.resources[:min(1, len(p.resources))] {
		paths = append(paths, r.path)
	}
	for _, path := range paths {
		a := p.send(call{method: http.MethodHead, path: path, as: p.user(0)})
		get := p.get(p.user(0), path)
		if !p.status(a, get.status) {
			continue
		}
		if len(a.body) > 0 {
			p.wrong(a, "no body")
		}
	}
}
