package conformance

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

var metricChecks = []check{
	{id: "metrics.histogram", title: "GET /metrics has the histogram http_server_request_duration_seconds with its three labels, as Prometheus text.", run: metricHistogram},
	{id: "metrics.route", title: "The label http_route is the template, never the path, also for unknown paths.", run: metricRoutes},
	{id: "metrics.counts", title: "Every request is counted, and by all workers together.", run: metricCounts},
}

const histogram = "http_server_request_duration_seconds"

// sample is one line of Prometheus text.
type sample struct {
	name   string
	labels map[string]string
	value  float64
}

var (
	sampleLine = lazyRegexp(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?(?:\s+#.*)?$`)
	labelPair  = lazyRegexp(`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"`)
)

// metrics reads and parses /metrics.
func (p *probe) metrics() (text string, samples []sample) {
	a := p.get(nil, "/metrics")
	if p.service == nil && (a.status == http.StatusNotFound || a.status == http.StatusUnauthorized) {
		p.skip("/metrics is closed (%d), as in production", a.status)
	}
	p.must(a, http.StatusOK)
	if media := mediaType(a.header); media != "text/plain" && media != "application/openmetrics-text" {
		p.wrong(a, "Prometheus text, text/plain")
	}
	for line := range strings.Lines(string(a.body)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := sampleLine().FindStringSubmatch(line)
		if parts == nil {
			p.fatal("GET /metrics\nexpected Prometheus text\ngot the line %s", shown(line, 200))
		}
		value, err := strconv.ParseFloat(parts[3], 64)
		if err != nil {
			p.fatal("GET /metrics\nexpected a number\ngot the line %s", shown(line, 200))
		}
		s := sample{parts[1], map[string]string{}, value}
		for _, pair := range labelPair().FindAllStringSubmatch(parts[2], -1) {
			s.labels[pair[1]] = pair[2]
		}
		samples = append(samples, s)
	}
	return string(a.body), samples
}

func metricHistogram(p *probe) {
	p.status(p.get(p.user(0), "/api/v1/auth/me"), http.StatusOK)
	text, samples := p.metrics()
	if !regexp.MustCompile(`(?m)^# TYPE ` + histogram + ` histogram\r?$`).MatchString(text) {
		p.fail("GET /metrics\nexpected # TYPE %s histogram\ngot %s", histogram, shown(text, 300))
	}
	seen := map[string]bool{}
	for _, s := range samples {
		suffix, ours := strings.CutPrefix(s.name, histogram)
		if !ours {
			continue
		}
		seen[suffix] = true
		for _, label := range []string{"http_request_method", "http_route", "http_response_status_code"} {
			if _, there := s.labels[label]; !there {
				p.fail("GET /metrics\nexpected the label %s\ngot %s %v", label, s.name, s.labels)
			}
		}
		if _, there := s.labels["le"]; suffix == "_bucket" && !there {
			p.fail("GET /metrics\nexpected the label le\ngot %s %v", s.name, s.labels)
		}
	}
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		if !seen[suffix] {
			p.fail("GET /metrics\nexpected samples %s%s\ngot none", histogram, suffix)
		}
	}
}

// count is how many requests the histogram has for a method, a status and the routes that a test picks.
func count(samples []sample, method string, status int, route func(string) bool) (total float64) {
	for _, s := range samples {
		if s.name == histogram+"_count" && s.labels["http_request_method"] == method && s.labels["http_response_status_code"] == strconv.Itoa(status) && route(s.labels["http_route"]) {
			total += s.value
		}
	}
	return total
}

var template = lazyRegexp(`/(\{[^/]+\}|:[^/]+|<[^/]+>|\([^/]+\)|\*[^/]*)$`)

func metricRoutes(p *probe) {
	user := p.user(0)
	marker := "nope-" + p.salt
	p.send(call{method: http.MethodGet, path: "/" + marker})
	p.send(call{method: http.MethodGet, path: "/api/v1/" + marker, as: user})
	var ids []string
	for _, r := range p.resources {
		p.room(user, r)
		record := p.create(user, r)
		p.status(p.get(user, r.item(record)), http.StatusOK)
		p.status(p.get(user, r.path+"/"+marker), http.StatusNotFound, http.StatusUnprocessableEntity)
		ids = append(ids, record["id"].(string))
	}
	text, samples := p.metrics()
	for _, part := range append(ids, marker) {
		if before, _, ok := strings.Cut(text, part); ok {
			line := text[strings.LastIndexByte(before, '\n')+1:]
			p.fail("GET /metrics\nexpected templates of routes, never a path\ngot %s", shown(line, 200))
		}
	}
	for _, r := range p.resources {
		collection := count(samples, "POST", http.StatusCreated, func(route string) bool { return strings.TrimRight(route, "/") == r.path })
		item := count(samples, "GET", http.StatusOK, func(route string) bool {
			return strings.HasPrefix(route, r.path+"/") && template().MatchString(route)
		})
		if collection < 1 || item < 1 {
			p.fail("GET /metrics\nexpected http_route %s and %s/{id}\ngot %g and %g requests of these", r.path, r.path, collection, item)
		}
	}
}

// metricCounts reads over new connections, as each may be taken by another worker.
func metricCounts(p *probe) {
	_, samples := p.metrics()
	unmatched := func(string) bool { return true }
	before := count(samples, "GET", http.StatusUnauthorized, unmatched)
	const requests = 20
	for range requests {
		p.send(call{method: http.MethodGet, path: "/api/v1/auth/me", header: map[string]string{"Connection": "close"}})
	}
	for range 8 {
		a := call{method: http.MethodGet, path: "/metrics", header: map[string]string{"Connection": "close"}}
		p.must(p.send(a), http.StatusOK)
		_, samples = p.metrics()
		if got := count(samples, "GET", http.StatusUnauthorized, unmatched) - before; got < requests {
			p.fail("GET /metrics after %d requests without a token\nexpected %d more with status 401, at every reading\ngot %s more", requests, requests, fmt.Sprint(got))
			return
		}
	}
}
