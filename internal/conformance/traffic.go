package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// traffic holds what was seen in every answer of the run against what the contract says of every answer.
type traffic struct {
	mutex   sync.Mutex
	count   int
	faults  map[string][]string // by the check that reports them
	samples map[string][]*answer
}

func newTraffic() *traffic {
	return &traffic{faults: map[string][]string{}, samples: map[string][]*answer{}}
}

const samplesEach = 300

// see looks at one answer.
func (t *traffic) see(a *answer) {
	// "Answers that the HTTP server itself gives before any framework sees the request are outside" the contract.
	if a.status == http.StatusRequestTimeout || a.status == http.StatusRequestHeaderFieldsTooLarge ||
		a.call.byHand && (a.status == http.StatusBadRequest || a.status == http.StatusRequestURITooLong) {
		return
	}
	found := map[string]string{}
	if fault := headerFault(a); fault != "" {
		found["everywhere.headers"] = fault
	}
	if fault := requestIDFault(a); fault != "" {
		found["everywhere.request_id"] = fault
	}
	if a.status >= 500 && a.status != http.StatusServiceUnavailable {
		found["everywhere.no_5xx"] = "expected no status of 500 or more"
	}
	if path := a.call.cleanPath(); a.status >= 400 && a.call.method != http.MethodHead && path != "/readyz" {
		if fault := problemFault(a, a.status); fault != "" {
			found["everywhere.problems"] = fault
		}
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.count++
	for id, fault := range found {
		if len(t.faults[id]) < 50 {
			t.faults[id] = append(t.faults[id], fmt.Sprintf("%s\nexpected %s\ngot %s", a.call, fault, a))
		}
	}
	if a.call.on == nil && !a.call.byHand && len(a.body) < 64<<10 {
		key := fmt.Sprint(a.call.method, " ", templateOf(a.call.cleanPath()), " ", a.status)
		if len(t.samples[key]) < samplesEach {
			t.samples[key] = append(t.samples[key], a)
		}
	}
}

var lastSegment = lazyRegexp(`^(/api/v1/[^/]+)/[^/]+$`)

// templateOf groups the paths of records.
func templateOf(path string) string {
	if strings.HasPrefix(path, "/api/v1/auth/") {
		return path
	}
	return lastSegment().ReplaceAllString(path, "$1/{id}")
}

// all returns a copy of the samples, in a stable order.
func (t *traffic) all() []*answer {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var list []*answer
	for _, key := range sortedKeys(t.samples) {
		list = append(list, t.samples[key]...)
	}
	return list
}

// cleanPath is the path without the query.
func (c call) cleanPath() string {
	path, _, _ := strings.Cut(c.path, "?")
	return path
}

// under tells whether a path is in a part of the tree.
func under(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// headerFault says what an answer's headers should have been; "" when they are right.
func headerFault(a *answer) string {
	one := func(name, value string) string {
		if got := a.header.Values(name); len(got) != 1 || !strings.EqualFold(strings.TrimSpace(got[0]), value) {
			return fmt.Sprintf("one header %s: %s, got %q", name, value, got)
		}
		return ""
	}
	var faults []string
	faults = append(faults, one("X-Content-Type-Options", "nosniff"), one("Referrer-Policy", "no-referrer"))
	path := a.call.cleanPath()
	if !under(path, "/docs") {
		policy := strings.TrimRight(strings.Join(strings.Fields(strings.Join(a.header.Values("Content-Security-Policy"), " , ")), " "), "; ")
		if policy != "default-src 'none'; frame-ancestors 'none'" {
			faults = append(faults, fmt.Sprintf("Content-Security-Policy: default-src 'none'; frame-ancestors 'none', got %q", policy))
		}
	}
	if strings.HasPrefix(path, "/api/") && !slices.Contains(listed(a.header, "Cache-Control"), "no-store") {
		faults = append(faults, fmt.Sprintf("Cache-Control: no-store, got %q", a.header.Values("Cache-Control")))
	}
	if got := a.header.Values("X-Powered-By"); len(got) > 0 {
		faults = append(faults, fmt.Sprintf("no X-Powered-By, got %q", got))
	}
	if got := a.header.Get("Server"); strings.ContainsAny(got, "0123456789") {
		faults = append(faults, fmt.Sprintf("no version in Server, got %q", got))
	}
	if a.status == http.StatusUnauthorized && !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") {
		faults = append(faults, fmt.Sprintf("401 with WWW-Authenticate: Bearer, got %q", a.header.Values("WWW-Authenticate")))
	}
	if a.status == http.StatusMethodNotAllowed && a.header.Get("Allow") == "" {
		faults = append(faults, "405 with Allow")
	}
	if a.status == http.StatusTooManyRequests && !positive().MatchString(a.header.Get("Retry-After")) {
		faults = append(faults, fmt.Sprintf("429 with Retry-After in seconds, got %q", a.header.Values("Retry-After")))
	}
	return strings.Join(slices.DeleteFunc(faults, func(s string) bool { return s == "" }), "; ")
}

var (
	positive     = lazyRegexp(`^[1-9][0-9]*$`)
	requestIDs   = lazyRegexp(`^[A-Za-z0-9._-]{1,64}$`)
	anyRequestID = http.CanonicalHeaderKey("X-Request-Id")
)

// requestIDFault says which X-Request-Id an answer should have had.
func requestIDFault(a *answer) string {
	got := a.header.Values(anyRequestID)
	sent := a.call.header[anyRequestID]
	switch {
	case len(got) != 1 || !requestIDs().MatchString(got[0]):
		return fmt.Sprintf("one X-Request-Id of [A-Za-z0-9._-]{1,64}, got %q", got)
	case requestIDs().MatchString(sent) && got[0] != sent:
		return fmt.Sprintf("X-Request-Id %q as it was sent, got %q", sent, got[0])
	case sent != "" && !requestIDs().MatchString(sent) && got[0] == sent:
		return "an X-Request-Id that is no valid one to be replaced"
	}
	return ""
}

// listed splits a header of comma-separated words into lower-case ones.
func listed(header http.Header, name string) []string {
	var words []string
	for _, value := range header.Values(name) {
		for word := range strings.SplitSeq(value, ",") {
			if word = strings.ToLower(strings.TrimSpace(word)); word != "" {
				words = append(words, word)
			}
		}
	}
	return words
}

// problemFault says what a problem document should have been; "" when it is right.
func problemFault(a *answer, status int) string {
	if media := mediaType(a.header); media != "application/problem+json" {
		return fmt.Sprintf("Content-Type application/problem+json, got %q", media)
	}
	problem := a.object()
	if problem == nil {
		return "a problem document, a JSON object"
	}
	kind := "about:blank"
	switch status {
	case http.StatusUnprocessableEntity:
		kind = "urn:problem-type:validation"
	case http.StatusConflict:
		kind = "urn:problem-type:conflict"
	}
	if problem["type"] != kind {
		return "type " + kind
	}
	for _, name := range []string{"title", "detail"} {
		if text, _ := problem[name].(string); text == "" {
			return "a " + name + " that is text"
		}
	}
	if fmt.Sprint(problem["status"]) != fmt.Sprint(status) {
		return fmt.Sprintf("status %d in the body", status)
	}
	if kind == "about:blank" {
		return ""
	}
	faults, _ := problem["errors"].([]any)
	if len(faults) == 0 {
		return "errors that name at least one field"
	}
	for _, item := range faults {
		fault, _ := item.(map[string]any)
		_, named := fault["field"].(string)
		message, _ := fault["message"].(string)
		if !named || message == "" {
			return `errors of the form {"field":…,"message":…}`
		}
	}
	return ""
}

// fieldsAtFault are the fields that a problem document names.
func fieldsAtFault(a *answer) []string {
	var names []string
	faults, _ := a.object()["errors"].([]any)
	for _, item := range faults {
		fault, _ := item.(map[string]any)
		name, _ := fault["field"].(string)
		names = append(names, name)
	}
	return names
}

// The checks on everything that was seen, last of all.
var everywhereChecks = []check{
	{id: "everywhere.no_5xx", title: "No answer of the whole run has a status of 500 or more (but 503 where the database is away).", run: everywhere, phase: afterwards},
	{id: "everywhere.headers", title: "Every answer of the run has the security headers, and 401, 405 and 429 their own.", run: everywhere, phase: afterwards},
	{id: "everywhere.request_id", title: "Every answer of the run has the X-Request-Id that was sent, or a drawn one.", run: everywhere, phase: afterwards},
	{id: "everywhere.problems", title: "Every error of the run is a problem document of the right form.", run: everywhere, phase: afterwards},
	{id: "everywhere.openapi", title: "Every answer of the run is described in /openapi.json, its body by a schema that fits.", run: answersDescribed, phase: afterwards},
	{id: "everywhere.logs", title: "No log line of the run holds a password, a token, the signing key or an e-mail address.", needs: needsService, run: logsPrivate, phase: afterwards},
	{id: "everywhere.log_lines", title: "Every line on the standard output of the run is one JSON object with time, level and msg.", needs: needsService, run: logLines, phase: afterwards},
}

// everywhere reports what was noted under the name of each check.
func everywhere(p *probe) {
	p.traffic.mutex.Lock()
	defer p.traffic.mutex.Unlock()
	if p.traffic.count < 2 {
		p.skip("no other check ran")
	}
	for _, fault := range p.traffic.faults[p.id] {
		p.fail("%s", fault)
	}
}
