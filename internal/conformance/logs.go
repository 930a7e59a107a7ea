package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

var logChecks = []check{
	{id: "logs.request", title: "A request's line has request_id, method, path without the query, status, duration_ms, client and user_id.", needs: needsService, run: logRequest},
	{id: "logs.trace", title: "trace_id is there when the request had a valid traceparent, and only then.", needs: needsService, run: logTrace},
	{id: "logs.login", title: "Login success and failure are events of their own.", needs: needsService, phase: sharing, run: logLogin},
	{id: "logs.client", title: "client is the address in X-Forwarded-For behind as many proxies as are trusted, else the peer's.", needs: needsService, phase: sharing, run: logClient},
}

// events are the JSON lines of an instance.
func (i *instance) events() []map[string]any {
	var list []map[string]any
	for _, line := range i.stdout.lines() {
		if value, err := decode([]byte(line)); err == nil {
			if event, ok := value.(map[string]any); ok {
				list = append(list, event)
			}
		}
	}
	return list
}

// logTime is what the line of a request may take on a busy machine.
const logTime = 10 * time.Second

// requestLine waits for the line of a request; lines may be written after the answer.
func (p *probe) requestLine(on *instance, id string) map[string]any {
	for deadline := time.Now().Add(logTime); time.Now().Before(deadline); p.pause(20 * time.Millisecond) {
		for _, event := range on.events() {
			if _, done := event["status"]; event["request_id"] == id && done {
				return event
			}
		}
	}
	return nil
}

// logged sends a call with an id of its own and returns its line.
func (p *probe) logged(c call) (map[string]any, *answer) {
	id := fmt.Sprintf("verify-%s-%d", p.salt, p.next())
	if c.header == nil {
		c.header = map[string]string{}
	}
	c.header[anyRequestID] = id
	a := p.send(c)
	on := c.on
	if on == nil {
		on = p.main
	}
	line := p.requestLine(on, id)
	if line == nil {
		p.fatal("%s\nexpected a JSON line on stdout with its request_id, status and the rest\ngot none within %s", a.call, logTime)
	}
	return line, a
}

func logRequest(p *probe) {
	user := p.user(0)
	calls := []call{
		{method: http.MethodGet, path: "/api/v1/auth/me?secret=query", as: user},
		{method: http.MethodGet, path: "/nope?x=1"},
		{method: http.MethodGet, path: "/api/v1/auth/me"},
		{method: http.MethodDelete, path: "/healthz"},
		{method: http.MethodPost, path: "/api/v1/auth/login", body: "{"},
	}
	for _, r := range p.resources {
		calls = append(calls, call{method: http.MethodGet, path: r.path + "/" + unknownID, as: user}, call{method: http.MethodPost, path: r.path, as: user, body: "x", media: "text/plain"},
			call{method: http.MethodGet, path: r.path + "?limit=1", as: user})
	}
	for _, c := range calls {
		line, a := p.logged(c)
		duration, isNumber := line["duration_ms"].(json.Number)
		client, _ := line["client"].(string)
		user := line["user_id"]
		if line["method"] != c.method || line["path"] != c.cleanPath() || fmt.Sprint(line["status"]) != fmt.Sprint(a.status) || !isNumber || number(duration) < 0 || client == "" {
			p.fail("%s (%d)\nexpected a line with method, path without the query, status, duration_ms and client\ngot %s", c, a.status, shown(fmt.Sprint(line), 400))
		}
		if c.as != nil && user != c.as.id {
			p.fail("%s\nexpected a line with user_id %s\ngot %s", c, c.as.id, shown(fmt.Sprint(line), 400))
		}
		if c.as == nil && user != nil {
			p.fail("%s\nexpected a line without user_id\ngot %s", c, shown(fmt.Sprint(line), 400))
		}
	}
}

func logTrace(p *probe) {
	trace := "4bf92f3577b34da6a3ce929d0e0e4736"
	line, a := p.logged(call{method: http.MethodGet, path: "/healthz", header: map[string]string{"Traceparent": "00-" + trace + "-00f067aa0ba902b7-01"}})
	if line["trace_id"] != trace {
		p.fail("%s\nexpected a line with trace_id %s\ngot %s", a.call, trace, shown(fmt.Sprint(line), 400))
	}
	for _, invalid := range []string{
		"", "x", "00-" + trace, "00-" + trace + "-00f067aa0ba902b7", "00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01", "00-" + trace + "-" + strings.Repeat("0", 16) + "-01",
		"ff-" + trace + "-00f067aa0ba902b7-01", "00-" + strings.ToUpper(trace) + "-00f067aa0ba902b7-01", "00-" + trace[1:] + "g-00f067aa0ba902b7-01", "00-" + trace + "-00f067aa0ba902b7-01-extra",
	} {
		line, a := p.logged(call{method: http.MethodGet, path: "/healthz", header: map[string]string{"Traceparent": invalid}})
		if got := line["trace_id"]; got != nil && got != "" {
			p.fail("%s\nexpected a line without trace_id, as the traceparent is not valid\ngot %s", a.call, shown(fmt.Sprint(line), 400))
		}
	}
}

// logLogin uses an instance where nothing else happens: what comes between two requests belongs to the first.
func logLogin(p *probe) {
	user := p.user(0)
	on := p.among(quiet)
	seen := map[string][]string{}
	for _, kind := range []string{"success", "wrong password", "unknown e-mail"} {
		email, password := user.email, user.password
		switch kind {
		case "wrong password":
			password = p.newPassword()
		case "unknown e-mail":
			email = p.newEmail()
		}
		before := len(on.events())
		_, a := p.logged(call{method: http.MethodPost, path: "/api/v1/auth/login", body: credentials(email, password), on: on, limited: true})
		p.keepToken(a)
		p.logged(call{method: http.MethodGet, path: "/healthz", on: on})
		for _, event := range on.events()[before:] {
			if _, isRequest := event["status"]; !isRequest {
				seen[kind] = append(seen[kind], fmt.Sprint(event["msg"], " ", event["level"], " ", event["event"], " ", event["outcome"]))
			}
		}
		if len(seen[kind]) == 0 {
			p.fail("POST /api/v1/auth/login (%s)\nexpected an event of its own beside the request's line\ngot none", kind)
		}
	}
	if len(p.faults) == 0 && strings.Join(seen["success"], "|") == strings.Join(seen["wrong password"], "|") {
		p.fail("POST /api/v1/auth/login\nexpected success and failure to be told apart in the log\ngot %s for both", shown(fmt.Sprint(seen["success"]), 200))
	}
}

func logClient(p *probe) {
	forwarded := map[string]string{"X-Forwarded-For": "203.0.113.7, 192.0.2.44"}
	line, a := p.logged(call{method: http.MethodGet, path: "/healthz", header: forwarded})
	if client := fmt.Sprint(line["client"]); strings.Contains(client, "192.0.2.44") || strings.Contains(client, "203.0.113.7") || !strings.Contains(client, "127.0.0.1") {
		p.fail("%s, without trusted proxies\nexpected client 127.0.0.1\ngot %s", a.call, shown(client, 80))
	}
	on := p.among(behindProxy)
	line, a = p.logged(call{method: http.MethodGet, path: "/healthz", header: map[string]string{"X-Forwarded-For": "203.0.113.7, 192.0.2.44"}, on: on})
	if line["client"] != "192.0.2.44" {
		p.fail("%s, with TRUSTED_PROXIES=1\nexpected client 192.0.2.44\ngot %s", a.call, shown(fmt.Sprint(line["client"]), 80))
	}
}

// levels are names of levels in the wild; the contract's LOG_LEVEL names four of them.
var levels = map[string]bool{"debug": true, "info": true, "warn": true, "warning": true, "error": true, "fatal": true, "critical": true}

func logLines(p *probe) {
	for _, i := range p.allInstances() {
		for _, line := range i.stdout.lines() {
			value, err := decode([]byte(line))
			event, _ := value.(map[string]any)
			at, _ := event["time"].(string)
			level, _ := event["level"].(string)
			_, hasMessage := event["msg"].(string)
			if _, wrong := time.Parse(time.RFC3339Nano, at); err != nil || wrong != nil || !levels[strings.ToLower(level)] || !hasMessage {
				p.fail("stdout of the service\nexpected one JSON object a line with time (RFC 3339), level and msg\ngot %s", shown(line, 300))
			}
		}
	}
}

// allInstances are those that served; a service that could not start may say so in plain words.
func (s *suite) allInstances() []*instance {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var list []*instance
	for _, i := range s.instances {
		if i.port != 0 && len(i.stdout.lines()) > 1 {
			list = append(list, i)
		}
	}
	return list
}

func logsPrivate(p *probe) {
	p.mutex.Lock()
	private := make(map[string]string, len(p.private))
	maps.Copy(private, p.private)
	p.mutex.Unlock()
	for _, i := range p.allInstances() {
		for _, stream := range []*capture{i.stdout, i.stderr} {
			text := stream.String()
			lower := strings.ToLower(text)
			for value, what := range private {
				at := strings.Index(text, value)
				if what == "an e-mail address" {
					at = strings.Index(lower, strings.ToLower(value))
				}
				if at >= 0 {
					line := text[strings.LastIndexByte(text[:at], '\n')+1:]
					line, _, _ = strings.Cut(line, "\n")
					p.fail("log of the service\nexpected no password, token or e-mail address\ngot %s in %s", what, shown(line, 300))
				}
			}
		}
	}
}
