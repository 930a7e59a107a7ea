package conformance

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

var robustnessChecks = []check{
	{id: "robustness.paths", title: "Odd paths and queries get no 5xx.", run: oddPaths},
	{id: "robustness.headers", title: "Odd headers get no 5xx.", run: oddHeaders},
	{id: "robustness.long", title: "Long texts that are bad for regular expressions and parsers are refused within 5 s.", run: longTexts},
	{id: "robustness.fuzz", title: "Random combinations of methods, paths, queries, headers and bodies get no 5xx.", run: fuzz},
}

var oddSegments = []string{
	"%00", "%ff", "%c3%28", "%ed%a0%80", "%F0%9F%98%80", "..", "%2e%2e%2f", "//", "a%2fb", "a%5cb", ";x=1", "*", "'", "%27%22", "{id}", ":id", "$where", "%25", "%0d%0a", "+", "%20", "~", "|", "^", "`",
	strings.Repeat("x", 2000), "é", "%u0041", "%", "%zz", "%2", "-1", "0", "1e309", "NaN", "true", "null", "[]", "()", unknownID, strings.ToUpper(unknownID),
}

var oddQueries = []string{
	"?", "?&", "?=", "?limit", "?limit=", "?limit=%00", "?limit=%ff", "?limit=1&limit=2", "?limit[]=1", "?limit[a]=1", "?limit.x=1", "?cursor=%00", "?cursor=%ff%fe", "?cursor[]=x", "?cursor[$gt]=",
	"?limit=1;cursor=x", "?%00=1", "?%ff=%ff", "?%", "?a=%zz", "?limit=%E2%91%A0", "?x=" + strings.Repeat("y", 3000), "?" + strings.Repeat("a&", 1000), "?limit=1#x", "?limit=-0", "?limit=1e400", "??", "?q=<script>",
	"?limit=9223372036854775808", "?cursor=" + strings.Repeat("A", 3000),
}

// survives expects an answer, and none of 500 or more.
func (p *probe) survives(c call) {
	c.byHand = true
	a := p.sendLarge(c)
	if a.err != nil || a.status >= 500 {
		p.wrong(a, "an answer with a status under 500")
	}
}

func oddPaths(p *probe) {
	user := p.user(0)
	roots := []string{"/", "/api/v1/", "/api/v1/auth/", "/docs/"}
	for _, r := range p.resources[:min(2, len(p.resources))] {
		roots = append(roots, r.path+"/", r.path)
	}
	for _, root := range roots {
		for _, segment := range oddSegments {
			for _, method := range []string{http.MethodGet, http.MethodDelete} {
				p.survives(call{method: method, path: root + segment, as: user})
			}
		}
		for _, query := range oddQueries {
			p.survives(call{method: http.MethodGet, path: strings.TrimSuffix(root, "/") + query, as: user})
		}
	}
}

var oddHeaderValues = map[string][]string{
	"Accept":          {"", "x", "text/html", "application/xml", "*/*;q=2", "application/json;q=0", strings.Repeat("a/b,", 300), "é"},
	"Accept-Language": {"x", "xx-YY-zz", strings.Repeat("de,", 300), "*;q=x"}, "Accept-Encoding": {"gzip", "identity;q=0", "x", "br;q=1.5"}, "Accept-Charset": {"utf-7", "x"},
	"Content-Type":     {"", "/", "application/", "application/json; charset=utf-7", "application/json; charset=", "application/json;", "application/json; =", "é", "application/json, text/plain", strings.Repeat("a", 500)},
	"Content-Encoding": {"gzip", "x", "identity"}, "Range": {"bytes=0-0", "bytes=-1", "x"}, "If-None-Match": {"*", "x"}, "If-Modified-Since": {"x", "Thu, 01 Jan 1970 00:00:00 GMT"},
	"X-Forwarded-For": {"x", "1.2.3.4, 5.6.7.8", "::1", "[::1]:80", "unknown", "é", strings.Repeat("1.1.1.1,", 200), "256.256.256.256"}, "X-Forwarded-Proto": {"https", "x", "javascript"},
	"X-Forwarded-Host": {"evil.example", "é", "a b"}, "Forwarded": {"for=x;proto=https", ";;", `for="[::1`}, "X-Http-Method-Override": {"DELETE", "X"}, "X-Method-Override": {"PUT"},
	"Origin": {"x", "null", "é", "https://[", "://"}, "Cookie": {"x", "session=x; é=%00", strings.Repeat("a=b;", 300)}, "Traceparent": {"x", "00-" + strings.Repeat("0", 32) + "-" + strings.Repeat("0", 16) + "-00", "ff-x"},
	"Tracestate": {"x", "a=b,c"}, "Baggage": {"x", "a=%zz"}, "X-Request-Id": {"é", strings.Repeat("x", 1000)}, "Authorization": {"", "Bearer", "Bearer é", "Basic x", "Digest x", "Bearer " + strings.Repeat("x.", 500)},
	"Referer": {"x", "é"}, "User-Agent": {"", "é", strings.Repeat("x", 2000)}, "Upgrade": {"h2c", "websocket"}, "Te": {"trailers"},
}

func oddHeaders(p *probe) {
	user := p.user(0)
	for _, name := range sortedKeys(oddHeaderValues) {
		for _, value := range oddHeaderValues[name] {
			header := map[string]string{name: value}
			if name == "Upgrade" {
				header["Connection"] = "Upgrade"
			}
			p.survives(call{method: http.MethodGet, path: "/healthz", header: header})
			c := call{method: http.MethodGet, path: "/api/v1/auth/me", as: user, header: header}
			p.survives(c)
			for _, r := range p.resources[:min(1, len(p.resources))] {
				p.survives(call{method: http.MethodGet, path: r.path + "?limit=1", as: user, header: header})
				p.survives(call{method: http.MethodPost, path: r.path, as: user, header: header, body: "{}"})
			}
		}
	}
}

// longTexts sends what takes quadratic time to trim or to match, or too deep a stack. All values are too long for every type.
func longTexts(p *probe) {
	const length = 200_000
	texts := []string{
		"x" + strings.Repeat(" ", length) + "x", "a@a" + strings.Repeat(".a", length/2), "a@a" + strings.Repeat(".a", length/2) + "!", strings.Repeat("9", length),
		strings.Repeat("a", length) + "!", "2026-11-20T10:23:00." + strings.Repeat("0", length) + "Z", "[" + strings.Repeat("[", length),
	}
	number := strings.Repeat("9", length)
	for _, r := range p.resources[:min(2, len(p.resources))] {
		valid := p.values(r)
		for _, f := range r.Fields {
			literals := []string{number}
			for _, text := range texts {
				literals = append(literals, quote(text))
			}
			for _, literal := range literals {
				c := call{method: http.MethodPost, path: r.path, as: p.user(0), body: valid.with(f.Name, literal).json(), within: 5 * time.Second}
				if !p.status(p.send(c), http.StatusUnprocessableEntity, http.StatusBadRequest) {
					return // the others would take as long
				}
			}
		}
	}
	if p.service == nil && p.secret == "" {
		return // the attempts are limited
	}
	for _, text := range texts {
		body := values{"email": quote(text), "password": quote(text)}.json()
		p.status(p.send(call{method: http.MethodPost, path: "/api/v1/auth/register", body: body, within: 5 * time.Second}), http.StatusUnprocessableEntity)
		p.status(p.send(call{method: http.MethodPost, path: "/api/v1/auth/login", body: body, within: 5 * time.Second}), http.StatusUnauthorized, http.StatusUnprocessableEntity)
	}
}

// fuzz draws from what is odd above. It is the same in every run.
func fuzz(p *probe) {
	random := rand.New(rand.NewPCG(1, 2026))
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	user := p.user(0)
	paths := []string{"/healthz", "/readyz", "/openapi.json", "/docs", "/api/v1/auth/me", "/api/v1/auth/login", "/api/v1/auth/register"}
	for _, r := range p.resources {
		record := map[string]any{"id": unknownID}
		if r.capacity() > 1000 {
			record = p.create(user, r)
		}
		paths = append(paths, r.path, r.path, r.item(record), r.item(record))
	}
	limited := p.service == nil && p.secret == ""
	for range 400 {
		c := call{method: pick([]string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "POST", "PATCH"}), path: pick(paths), as: user, header: map[string]string{}}
		if limited && c.method == http.MethodPost && strings.HasPrefix(c.path, "/api/v1/auth/") {
			continue
		}
		if random.IntN(6) == 0 {
			c.path += "/" + pick(oddSegments)
		}
		if random.IntN(4) == 0 {
			c.path += pick(oddQueries)
		}
		if random.IntN(4) == 0 {
			name := pick(sortedKeys(oddHeaderValues))
			c.header[name] = pick(oddHeaderValues[name])
		}
		if c.method != http.MethodGet && c.method != http.MethodHead && c.method != http.MethodOptions {
			c.body = p.fuzzBody(random, pick)
		}
		if strings.HasSuffix(c.path, "/metrics") {
			continue
		}
		p.survives(c)
	}
	p.status(p.get(nil, "/healthz"), http.StatusOK)
	p.status(p.get(user, "/api/v1/auth/me"), http.StatusOK)
}

// fuzzBody draws an object of known and unknown names with values for other types, and sometimes cuts or changes a byte.
func (p *probe) fuzzBody(random *rand.Rand, pick func([]string) string) string {
	names := []string{"email", "password", "id", "x", ""}
	literals := append(otherTypes(), "null", `"\u0000"`, `"\ud800"`, "1e400", "-0", "1e-400", "9007199254740993", quote(emoji), `"2024-02-30"`, `"0001-01-01T00:00:00+14:00"`, `"-0.001"`)
	for _, r := range p.resources {
		for _, f := range r.Fields {
			names = append(names, f.Name)
		}
	}
	v := values{}
	for range random.IntN(8) {
		v[pick(names)] = pick(literals)
	}
	body := []byte(v.json())
	if random.IntN(3) == 0 {
		body[random.IntN(len(body))] = byte(random.IntN(256))
	}
	if random.IntN(8) == 0 {
		body = body[:random.IntN(len(body))]
	}
	return string(body)
}
