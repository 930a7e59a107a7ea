//go:build linux || darwin

package conformance

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/backlot-cli/backlot/generator"
)

// The fake is the contract in memory, as small as it can be, with a place for each fault that the suite must find.

// fakeName is the project's name; fakeResources have every type, and a unique field of most that may be unique.
const fakeName = "shop"

var fakeResources = []generator.Resource{
	{Name: "product", Plural: "products", Fields: []generator.Field{
		{Name: "name", Type: "string"},
		{Name: "sku", Type: "string", Optional: true, Unique: true},
		{Name: "notes", Type: "text", Optional: true},
		{Name: "quantity", Type: "integer"},
		{Name: "weight", Type: "float", Optional: true},
		{Name: "price", Type: "decimal"},
		{Name: "active", Type: "boolean"},
		{Name: "released_on", Type: "date", Optional: true},
		{Name: "serial", Type: "uuid", Optional: true, Unique: true},
		{Name: "status", Type: "enum", Values: []string{"draft", "live"}},
	}},
	{Name: "order_line", Plural: "order_lines", Fields: []generator.Field{{Name: "starts_at", Type: "datetime", Unique: true}, {Name: "note", Type: "string", Optional: true}}},
}

// What the store keeps. Fields are JSON literals.
type fakeRecord struct {
	ID, Owner, Created, Updated string
	Fields                      map[string]string
}
type (
	fakeAccount struct{ ID, Email, Hash, Created string }
	fakeCall    struct {
		Kind, Resource, Owner, ID, After string
		Limit, Offset                    int
		Fields                           map[string]string
		Unique                           []string
		Fold                             bool // a unique value is compared without case
		Account                          fakeAccount
	}
)

type fakeReply struct {
	Fault    string // "missing", or the field that is taken
	Account  fakeAccount
	Records  []fakeRecord
	Original fakeRecord
}

// fakeStore does one call at a time; it may be asked from other processes.
type fakeStore struct {
	mutex    sync.Mutex
	accounts []fakeAccount
	records  map[string][]fakeRecord // newest first
	last     int64
}

func now() string {
	return time.Now().UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z")
}

// newID draws UUIDv7s that ascend.
func (s *fakeStore) newID() string {
	s.last = max(s.last+1, time.Now().UnixMilli()<<12)
	var b [16]byte
	_, _ = rand.Read(b[8:])
	text := fmt.Sprintf("%012x7%03x", s.last>>12, s.last&0xfff)
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%s-%s-%s-%x-%x", text[:8], text[8:12], text[12:], b[8:10], b[10:])
}

func (s *fakeStore) do(c fakeCall) (fakeReply, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	list := s.records[c.Resource]
	at := slices.IndexFunc(list, func(r fakeRecord) bool { return r.ID == c.ID && (c.Owner == "*" || r.Owner == c.Owner) })
	taken := func() string {
		for _, name := range c.Unique {
			for i, r := range list {
				same := r.Fields[name] == c.Fields[name] || c.Fold && strings.EqualFold(r.Fields[name], c.Fields[name])
				if literal, sent := c.Fields[name]; sent && literal != "null" && i != at && r.Owner == c.Owner && same {
					return name
				}
			}
		}
		return ""
	}
	switch c.Kind {
	case "register":
		for _, a := range s.accounts {
			if a.Email == c.Account.Email {
				return fakeReply{Fault: "email"}, nil
			}
		}
		c.Account.ID, c.Account.Created = s.newID(), now()
		s.accounts = append(s.accounts, c.Account)
		return fakeReply{Account: c.Account}, nil
	case "account":
		for _, a := range s.accounts {
			if a.Email == c.Account.Email || a.ID == c.Account.ID {
				return fakeReply{Account: a}, nil
			}
		}
		return fakeReply{Fault: "missing"}, nil
	case "create":
		if name := taken(); name != "" {
			return fakeReply{Fault: name}, nil
		}
		moment := now()
		r := fakeRecord{cmp.Or(c.After, s.newID()), c.Owner, moment, moment, c.Fields}
		s.records[c.Resource] = append([]fakeRecord{r}, list...)
		return fakeReply{Records: []fakeRecord{r}}, nil
	case "list":
		var page []fakeRecord
		for _, r := range list {
			if (c.Owner == "*" || r.Owner == c.Owner) && (c.After == "" || r.ID < c.After) && len(page) < c.Limit+c.Offset {
				page = append(page, r)
			}
		}
		return fakeReply{Records: page[min(c.Offset, len(page)):]}, nil
	}
	if at < 0 {
		return fakeReply{Fault: "missing"}, nil
	}
	switch c.Kind {
	case "update":
		if name := taken(); name != "" {
			return fakeReply{Fault: name}, nil
		}
		fields := map[string]string{}
		maps.Copy(fields, list[at].Fields)
		maps.Copy(fields, c.Fields)
		list[at].Fields, list[at].Updated = fields, now()
	case "delete":
		r := list[at]
		s.records[c.Resource] = slices.Delete(slices.Clone(list), at, at+1)
		return fakeReply{Records: []fakeRecord{r}}, nil
	}
	return fakeReply{Records: []fakeRecord{list[at]}}, nil
}

// serve answers other processes: one call a connection.
func (s *fakeStore) serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			var c fakeCall
			if json.NewDecoder(connection).Decode(&c) == nil {
				reply, _ := s.do(c)
				_ = json.NewEncoder(connection).Encode(reply)
			}
		}()
	}
}

// remoteStore asks a store in another process, with a timeout.
func remoteStore(address string) func(fakeCall) (fakeReply, error) {
	return func(c fakeCall) (reply fakeReply, err error) {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return reply, err
		}
		defer connection.Close()
		_ = connection.SetDeadline(time.Now().Add(400 * time.Millisecond))
		if err := json.NewEncoder(connection).Encode(c); err != nil {
			return reply, err
		}
		return reply, json.NewDecoder(connection).Decode(&reply)
	}
}

// fake is one service.
type fake struct {
	fault      string
	do         func(fakeCall) (fakeReply, error)
	secret     string
	resources  []generator.Resource
	rate       int
	proxies    int
	lifetime   int
	origins    []string
	production bool
	metrics    string
	docs       bool
	log        io.Writer

	mutex    sync.Mutex
	tokens   sync.Map
	attempts map[string]int
	counts   map[string]int
	stopping bool
}

func newFake(fault string, do func(fakeCall) (fakeReply, error), secret string) *fake {
	return &fake{
		fault: fault, do: do, secret: secret, rate: 100_000, lifetime: 3600, docs: true, log: io.Discard, origins: []string{allowedOrigin, secondOrigin},
		attempts: map[string]int{}, counts: map[string]int{}, resources: fakeResources,
	}
}

func (f *fake) is(fault string) bool { return f.fault == fault }

// reply is an answer in the making; errors are thrown as one.
type reply struct {
	status int
	body   any
	header map[string]string
	kind   string
}

type fieldFault struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (f *fake) problem(status int, faults ...string) reply {
	body := map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": http.StatusText(status) + "."}
	header := map[string]string{}
	if len(faults) > 0 {
		body["type"] = map[int]string{409: "urn:problem-type:conflict", 422: "urn:problem-type:validation"}[status]
		var list []fieldFault
		for _, name := range faults {
			list = append(list, fieldFault{name, "is not valid"})
		}
		body["errors"] = list
	}
	if status == 401 && !f.is("no WWW-Authenticate") {
		header["WWW-Authenticate"] = "Bearer"
	}
	kind := "application/problem+json"
	if f.is("problems as plain JSON") {
		kind = "application/json"
	}
	return reply{status, body, header, kind}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	if f.is("nonsense") && !strings.HasPrefix(r.URL.Path, "/api/v1/auth/") {
		_, _ = io.WriteString(w, "nonsense")
		return
	}
	id := r.Header.Get("X-Request-Id")
	if !regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`).MatchString(id) && (!f.is("any request id echoed") || id == "") || f.is("request id ignored") {
		id = rand.Text()
	}
	path := r.URL.EscapedPath()
	x := &exchange{fake: f, request: r, id: id, client: f.client(r), route: "unmatched"}
	answer := x.run(path)
	h := w.Header()
	h.Set("X-Request-Id", id)
	if !f.is("missing nosniff") && (!f.is("missing nosniff on 404") || answer.status != 404) {
		h.Set("X-Content-Type-Options", "nosniff")
	}
	h.Set("Referrer-Policy", "no-referrer")
	if !under(path, "/docs") {
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	}
	if under(r.URL.Path, "/api") && !f.is("answers may be stored") && (under(path, "/api") || !f.is("encoded path may be stored")) {
		h.Set("Cache-Control", "no-store")
	}
	if f.is("version in Server") {
		h.Set("Server", "fake/1.2.3")
	}
	if origin := r.Header.Get("Origin"); slices.Contains(f.origins, origin) || f.is("every origin allowed") && origin != "" {
		h.Set("Access-Control-Allow-Origin", origin)
		if !f.is("nothing exposed") {
			h.Set("Access-Control-Expose-Headers", "Location, X-Request-Id, Retry-After")
		}
		if answer.kind == "preflight" {
			h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-Id")
		}
	}
	for name, value := range answer.header {
		h.Set(name, value)
	}
	var body []byte
	switch b := answer.body.(type) {
	case nil:
	case string:
		body = []byte(b)
	default:
		body, _ = json.Marshal(b)
	}
	if body != nil {
		h.Set("Content-Type", cmp.Or(answer.kind, "application/json"))
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(body)

	f.mutex.Lock()
	defer f.mutex.Unlock()
	route := x.route
	if f.is("path as http_route") {
		route = r.URL.Path
	}
	if !f.is("half of the requests counted") || started.UnixNano()%2 == 0 {
		f.counts[fmt.Sprintf(`http_request_method="%s",http_route="%s",http_response_status_code="%d"`, r.Method, route, answer.status)]++
	}
	line := map[string]any{"request_id": id, "method": r.Method, "path": r.URL.Path, "status": answer.status, "duration_ms": time.Since(started).Milliseconds(), "client": x.client}
	if f.is("query in the log") {
		line["path"] = r.URL.RequestURI()
	}
	if x.user != "" {
		line["user_id"] = x.user
	}
	if t := regexp.MustCompile(`^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$`).FindStringSubmatch(r.Header.Get("Traceparent")); t != nil && strings.Trim(t[1], "0") != "" && strings.Trim(t[2], "0") != "" {
		line["trace_id"] = t[1]
		if f.is("no trace_id") {
			delete(line, "trace_id")
		}
	}
	f.event("request", line)
}

func (f *fake) event(message string, more map[string]any) {
	line := map[string]any{"time": time.Now().UTC().Format(time.RFC3339Nano), "level": "info", "msg": message}
	maps.Copy(line, more)
	text, _ := json.Marshal(line)
	fmt.Fprintf(f.log, "%s\n", text)
}

func (f *fake) client(r *http.Request) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	forwarded := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	if f.proxies > 0 && r.Header.Get("X-Forwarded-For") != "" {
		host = strings.TrimSpace(forwarded[max(0, len(forwarded)-f.proxies)])
	}
	if f.is("first X-Forwarded-For believed") && r.Header.Get("X-Forwarded-For") != "" {
		host = strings.TrimSpace(forwarded[0])
	}
	return host
}

// exchange is one request on its way through the checks.
type exchange struct {
	*fake
	request *http.Request
	id      string
	client  string
	route   string
	user    string
}

var fakeIDs = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func (x *exchange) run(path string) (answer reply) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case reply:
			answer = r
		case error: // the store does not answer
			answer = x.problem(http.StatusServiceUnavailable)
			if x.is("500 without a database") {
				answer = x.problem(500)
			}
		default:
			panic(r)
		}
	}()
	decoded, err := url.PathUnescape(path)
	if x.is("5xx on NUL") && err == nil && strings.Contains(decoded, "\x00") {
		return x.problem(500)
	}
	if x.is("5xx on Accept-Language") && x.request.Header.Get("Accept-Language") != "" {
		return x.problem(500)
	}
	if x.is("HEAD unknown") && x.request.Method == http.MethodHead {
		return x.problem(404)
	}
	if x.request.Header.Get("X-Forwarded-For") == "," && x.is("5xx on an empty X-Forwarded-For") {
		return x.problem(500)
	}
	if at, encoded := strings.CutPrefix(path, "/%61pi/"); encoded {
		if x.is("encoded path needs no token") {
			return reply{status: 200, body: at}
		}
		path = "/api/" + at
	}
	if strings.HasSuffix(path, "a%25b") && x.is("400 for an encoded id") {
		return x.problem(400)
	}
	methods := map[string]func() reply{}
	for route, run := range map[string]func() reply{
		"GET /healthz": func() reply { return reply{status: 200, body: map[string]string{"status": "ok"}} },
		"GET /readyz":  x.ready, "GET /metrics": x.metricsText,
		"GET /openapi.json": func() reply { return reply{status: 200, body: x.openapi()} },
		"GET /docs":         x.docsPage, "POST /api/v1/auth/register": x.register, "POST /api/v1/auth/login": x.login, "GET /api/v1/auth/me": x.me,
	} {
		method, at, _ := strings.Cut(route, " ")
		if at == path && (x.docs || at != "/docs" && at != "/openapi.json") && (at != "/metrics" || !x.production || x.metrics != "") {
			methods[method], x.route = run, at
		}
	}
	for _, r := range x.resources {
		root := "/api/v1/" + r.Path()
		if path == root {
			methods["GET"], methods["POST"] = func() reply { return x.list(r) }, func() reply { return x.create(r) }
			x.route = root
		}
		if id, ok := strings.CutPrefix(decoded, root+"/"); ok && err == nil && !strings.Contains(id, "/") {
			for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
				methods[method] = func() reply { return x.one(r, method, id) }
			}
			x.route = root + "/{id}"
		}
	}
	method := x.request.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	run := methods[method]
	switch {
	case len(methods) == 0:
		return x.problem(404)
	case x.request.Method == http.MethodOptions && x.request.Header.Get("Access-Control-Request-Method") != "":
		if x.is("preflight needs a token") {
			x.account()
		}
		return reply{status: 204, kind: "preflight"}
	case run == nil && x.is("wrong method is 404"), run == nil && x.is("unknown method is 404") && method == "PROPFIND":
		return x.problem(404)
	case x.request.Method == http.MethodHead && x.is("HEAD is a wrong method"):
		return x.problem(405)
	case method == http.MethodDelete && x.request.Header.Get("Content-Type") != "" && x.is("media type without a body"):
		return x.problem(415)
	case method == http.MethodOptions && x.is("OPTIONS everywhere"):
		return reply{status: 200}
	case run == nil:
		answer := x.problem(405)
		answer.header["Allow"] = strings.Join(sortedKeys(methods), ", ")
		return answer
	}
	return run()
}

func (x *exchange) ask(c fakeCall) fakeReply {
	answer, err := x.do(c)
	if err != nil {
		panic(err)
	}
	return answer
}

func (x *exchange) ready() reply {
	x.mutex.Lock()
	stopping := x.stopping
	x.mutex.Unlock()
	x.ask(fakeCall{Kind: "account"})
	if stopping {
		return x.problem(503)
	}
	return reply{status: 200, body: map[string]string{"status": "ok"}}
}

func (x *exchange) metricsText() reply {
	if x.metrics != "" && x.request.Header.Get("Authorization") != "Bearer "+x.metrics {
		return x.problem(401)
	}
	x.mutex.Lock()
	defer x.mutex.Unlock()
	var b strings.Builder
	kind := "histogram"
	if x.is("summary for a histogram") {
		kind = "summary"
	}
	fmt.Fprintf(&b, "# TYPE %s %s\n", histogram, kind)
	for _, labels := range sortedKeys(x.counts) {
		fmt.Fprintf(&b, "%s_bucket{%s,le=\"+Inf\"} %d\n%s_sum{%s} 0.1\n%s_count{%s} %d\n", histogram, labels, x.counts[labels], histogram, labels, histogram, labels, x.counts[labels])
	}
	return reply{status: 200, body: b.String(), kind: "text/plain; version=0.0.4; charset=utf-8"}
}

func (x *exchange) docsPage() reply {
	page := `<!doctype html><title>API</title><a href="https://example.com">a link loads nothing</a><style>body{margin:1em}</style><p>See /openapi.json`
	if x.is("docs from elsewhere") {
		page += `<script src="https://cdn.example.com/ui.js"></script>`
	}
	return reply{status: 200, body: page, kind: "text/html; charset=utf-8"}
}

// limit counts an attempt and answers 429 beyond a number of them.
func (x *exchange) limit(key string, most, add int) {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	if x.attempts[key]+add > most || add == 0 && x.attempts[key] >= most {
		answer := x.problem(429)
		answer.header["Retry-After"] = "60"
		if x.is("impatient") { // else tests would wait for a minute; a fault only to those who wait
			answer.header["Retry-After"] = "1"
		}
		if x.is("429 without Retry-After") {
			delete(answer.header, "Retry-After")
		}
		panic(answer)
	}
	x.attempts[key] += add
}

func (x *exchange) network() string {
	address, err := netip.ParseAddr(x.client)
	if err == nil && address.Is6() && !x.is("IPv6 by the address") {
		prefix, _ := address.Prefix(64)
		return prefix.String()
	}
	return x.client
}

// body reads an object.
func (x *exchange) body() map[string]any {
	media, _, err := mime.ParseMediaType(x.request.Header.Get("Content-Type"))
	raw, tooLarge := io.ReadAll(http.MaxBytesReader(nil, x.request.Body, bodyLimit))
	patch := x.request.Method == http.MethodPatch && media == "application/merge-patch+json"
	wrongMedia := (err != nil || media != "application/json") && !patch && !x.is("any media type")
	switch {
	case tooLarge != nil && !x.is("no limit on size"):
		if _, ok := errors.AsType[*http.MaxBytesError](tooLarge); ok {
			panic(x.problem(413))
		}
		panic(x.problem(400))
	case x.is("JSON before media type") && !json.Valid(raw):
		panic(x.problem(400))
	case wrongMedia:
		panic(x.problem(415))
	}
	value, err := decode(raw)
	if err != nil || !utf8.Valid(raw) && !x.is("not UTF-8 taken") {
		panic(x.problem(400))
	}
	object, ok := value.(map[string]any)
	if !ok {
		panic(x.problem(422, ""))
	}
	if x.is("shallow JSON") && strings.Contains(string(raw), "[[[[[[[[") {
		panic(x.problem(400))
	}
	if _, nameless := object[""]; nameless && x.is("5xx on a nameless field") {
		panic(x.problem(500))
	}
	if x.is("names compared without case") {
		folded := map[string]any{}
		for _, name := range slices.Backward(sortedKeys(object)) {
			folded[strings.ToLower(name)] = object[name]
		}
		return folded
	}
	return object
}

var fakeEmails = regexp.MustCompile(`^[a-z0-9.!#$%&'*+/=?^_{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$`)

// credentials reads the body of register and login, after the attempts were counted.
func (x *exchange) credentials(register bool) (email, password string) {
	if !x.is("media type before attempts") {
		x.limit("address "+x.network(), x.rate, 1)
	}
	body := x.body()
	if x.is("media type before attempts") {
		x.limit("address "+x.network(), x.rate, 1)
	}
	email, isText := body["email"].(string)
	email = strings.Trim(email, " \t\r\n")
	if x.is("e-mail in any lower case") {
		email = strings.ToLower(email)
	}
	email = strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, email)
	if x.is("e-mail with its case") {
		email = strings.Trim(body["email"].(string), " \t\r\n")
	}
	rule := fakeEmails.MatchString(email) && len(email) <= 254
	if x.is("e-mail with its case") {
		rule = fakeEmails.MatchString(strings.ToLower(email))
	}
	if x.is("loose rule for e-mail") {
		rule = strings.Contains(email, "@")
	}
	if x.is("plain rule for e-mail") {
		rule = rule && regexp.MustCompile(`^[a-z0-9.-]+@[a-z0-9.-]+$`).MatchString(email)
	}
	if !isText || register && !rule {
		panic(x.problem(422, "email"))
	}
	password, isText = body["password"].(string)
	if x.is("password may be a number") && body["password"] != nil && !isText {
		password, isText = fmt.Sprint(body["password"], "is long enough"), true
	}
	if x.is("unknown fields refused") && len(body) > 2 {
		panic(x.problem(422, "role"))
	}
	length := utf8.RuneCountInString(password)
	if x.is("password measured in bytes") {
		length = len(password)
	}
	if !isText || (register || x.is("length rule at login")) && (length < 15 || length > 128 || strings.Contains(password, "\x00")) {
		panic(x.problem(422, "password"))
	}
	if x.is("password trimmed") {
		password = strings.TrimSpace(password)
	}
	if x.is("72 bytes of the password") {
		password = password[:min(72, len(password))]
	}
	return email, password
}

// slowHash takes its time, as a real one does.
func slowHash(password string) string {
	time.Sleep(6 * time.Millisecond)
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}

func (x *exchange) accountBody(a fakeAccount) map[string]any {
	if x.is("hash shown") {
		return map[string]any{"id": a.ID, "email": a.Email, "created_at": a.Created, "password_hash": a.Hash}
	}
	return map[string]any{"id": a.ID, "email": a.Email, "created_at": a.Created}
}

func (x *exchange) register() reply {
	email, password := x.credentials(true)
	if x.is("e-mail by look-up first") {
		if x.ask(fakeCall{Kind: "account", Account: fakeAccount{Email: email, ID: "none"}}).Fault == "" {
			return x.problem(409, "email")
		}
		slowHash(password)
		return reply{status: 201, body: x.accountBody(fakeAccount{ID: "x", Email: email, Created: now()})}
	}
	answer := x.ask(fakeCall{Kind: "register", Account: fakeAccount{Email: email, Hash: slowHash(password)}})
	if answer.Fault != "" {
		return x.problem(409, "email")
	}
	return reply{status: 201, body: x.accountBody(answer.Account)}
}

func (x *exchange) login() reply {
	email, password := x.credentials(false)
	if !x.is("failed logins not counted") {
		x.limit("failed "+email+" "+x.network(), max(1, x.rate/2), 0)
		x.limit("failed "+email, x.rate*10, 0)
	}
	answer := x.ask(fakeCall{Kind: "account", Account: fakeAccount{Email: email, ID: "none"}})
	if answer.Fault != "" && x.is("no hash for an unknown e-mail") {
		return x.problem(401)
	}
	if slowHash(password) != answer.Account.Hash {
		x.mutex.Lock()
		x.attempts["failed "+email+" "+x.network()]++
		x.attempts["failed "+email]++
		if !x.is("no login events") {
			x.event("login failed", nil)
		}
		if x.is("e-mail in the log") {
			x.event("login failed for "+email, nil)
		}
		x.mutex.Unlock()
		failed := x.problem(401)
		if x.is("unknown e-mail told") && answer.Fault != "" {
			failed.body.(map[string]any)["detail"] = "No such account."
		}
		return failed
	}
	x.mutex.Lock()
	if !x.is("no login events") {
		x.event("login succeeded", nil)
	}
	x.mutex.Unlock()
	issued := time.Now().Unix()
	issuer := fakeName
	if x.is("another issuer") {
		issuer = "another"
	}
	token := sign("HS256", x.key(), claims{"sub": answer.Account.ID, "iat": issued, "exp": issued + int64(x.lifetime), "iss": issuer})
	body := map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": x.lifetime}
	if x.is("expires_in as text") {
		body["expires_in"] = "3600"
	}
	return reply{status: 200, body: body}
}

func (x *exchange) key() string {
	if x.is("key in base64") {
		return base64URL.EncodeToString([]byte(x.secret))
	}
	return x.secret
}

// account checks the token and returns whose it is.
func (x *exchange) account() string {
	refuse := func(wrong bool) {
		if wrong {
			panic(x.problem(401))
		}
	}
	token, bearer := strings.CutPrefix(x.request.Header.Get("Authorization"), "Bearer ")
	if text := x.request.Header.Get("Authorization"); x.is("token without Bearer") && !bearer {
		token, bearer = strings.TrimPrefix(text, "Token "), true
	}
	parts := strings.Split(token, ".")
	refuse(!bearer || len(parts) != 3)
	header, err := base64.RawURLEncoding.Strict().DecodeString(parts[0])
	refuse(err != nil)
	payload, err := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	refuse(err != nil)
	var head struct {
		Alg  string
		Crit any
	}
	var c map[string]any
	refuse(json.Unmarshal(header, &head) != nil || json.Unmarshal(payload, &c) != nil)
	mac := hmac.New(sha256.New, []byte(x.key()))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	signed := parts[2] == base64URL.EncodeToString(mac.Sum(nil))
	if x.is("signature not checked") || x.is("alg none accepted") && head.Alg == "none" {
		signed = true
	}
	if x.is("HS512 accepted") && head.Alg == "HS512" {
		signed, head.Alg = true, "HS256"
	}
	refuse(!signed || head.Alg != "HS256" && !x.is("alg none accepted") && !x.is("signature not checked"))
	subject, _ := c["sub"].(string)
	expires, isNumber := c["exp"].(float64)
	issuedAt, issued := c["iat"].(float64)
	refuse(!fakeIDs.MatchString(subject) && !x.is("any sub accepted"))
	refuse(head.Crit != nil && !x.is("crit ignored"))
	refuse(issuedAt > float64(time.Now().Unix()+60) && !x.is("token of tomorrow accepted"))
	refuse(c["aud"] != nil && x.is("aud refused"))
	refuse(subject == "" || !isNumber && !x.is("token without exp accepted") || !issued || c["iss"] != fakeName && !x.is("any issuer accepted") && !x.is("another issuer"))
	expired := float64(time.Now().Unix()) > expires+30 && isNumber && !x.is("expired token accepted")
	if x.is("token verified once only") {
		_, seen := x.tokens.LoadOrStore(token, expired)
		expired = expired && !seen
	}
	refuse(expired)
	x.user = subject
	return subject
}

func (x *exchange) me() reply {
	id := x.account()
	answer := x.ask(fakeCall{Kind: "account", Account: fakeAccount{ID: id, Email: "none"}})
	if answer.Fault != "" && x.is("404 without an account") {
		return x.problem(404)
	}
	if answer.Fault != "" {
		return x.problem(401)
	}
	return reply{status: 200, body: x.accountBody(answer.Account)}
}

func recordBody(r fakeRecord) map[string]any {
	body := map[string]any{"id": r.ID, "created_at": r.Created, "updated_at": r.Updated}
	for name, literal := range r.Fields {
		body[name] = json.RawMessage(literal)
	}
	return body
}

func uniqueNames(r generator.Resource) []string {
	var names []string
	for _, f := range r.Fields {
		if f.Unique {
			names = append(names, f.Name)
		}
	}
	return names
}

// read validates the fields in a body. Every fault is collected, so the order of fields does not matter.
func (x *exchange) read(r generator.Resource, partial bool) map[string]string {
	body := x.body()
	fields := map[string]string{}
	var faults []string
	for _, f := range r.Fields {
		value, sent := body[f.Name]
		switch {
		case !sent && partial:
		case !sent && f.Optional && x.is("null must be sent"):
			faults = append(faults, f.Name)
		case value == nil && f.Optional:
			fields[f.Name] = "null"
			if x.is("null is kept on PATCH") && partial {
				delete(fields, f.Name)
			}
		case value == nil && x.is("required may be missing") && !sent:
			fields[f.Name] = "null"
		default:
			literal, ok := x.valid(f, value)
			if !ok {
				faults = append(faults, f.Name)
			}
			fields[f.Name] = literal
		}
	}
	if len(faults) > 0 && x.is("another field named") {
		faults = []string{"other"}
	}
	if len(faults) > 0 && (!partial || len(fields) <= 3 || !x.is("faults beside others kept quiet")) {
		panic(x.problem(422, faults...))
	}
	if x.is("unknown fields stored") {
		for name, value := range body {
			if _, known := fields[name]; !known && name == "no_such_field" {
				fields[name] = fmt.Sprint(value)
			}
		}
	}
	return fields
}

func (x *exchange) create(r generator.Resource) reply {
	if x.is("body before token") {
		x.body()
	}
	owner := x.account()
	if !x.is("records of nobody") && x.ask(fakeCall{Kind: "account", Account: fakeAccount{ID: owner, Email: "none"}}).Fault != "" {
		return x.problem(401)
	}
	c := fakeCall{Kind: "create", Resource: r.Name, Owner: owner, Unique: uniqueNames(r), Fold: x.is("unique without case")}
	if x.is("id from the body") {
		raw, _ := io.ReadAll(x.request.Body)
		x.request.Body = io.NopCloser(bytes.NewReader(raw))
		var sent struct{ ID string }
		if json.Unmarshal(raw, &sent) == nil && fakeIDs.MatchString(sent.ID) {
			c.After = sent.ID
		}
	}
	c.Fields = x.read(r, false)
	if x.is("unique across users") {
		for _, other := range x.ask(fakeCall{Kind: "list", Resource: r.Name, Owner: "*", Limit: 1 << 20}).Records {
			for _, name := range c.Unique {
				if other.Fields[name] == c.Fields[name] && c.Fields[name] != "null" {
					return x.problem(409, name)
				}
			}
		}
	}
	if x.is("unique by look-up first") {
		for _, other := range x.ask(fakeCall{Kind: "list", Resource: r.Name, Owner: c.Owner, Limit: 1 << 20}).Records {
			for _, name := range c.Unique {
				if other.Fields[name] == c.Fields[name] && c.Fields[name] != "null" {
					return x.problem(409, name)
				}
			}
		}
		time.Sleep(time.Millisecond)
		c.Unique = nil
	}
	if x.is("null collides") {
		for _, other := range x.ask(fakeCall{Kind: "list", Resource: r.Name, Owner: c.Owner, Limit: 1 << 20}).Records {
			if other.Fields["sku"] == "null" && c.Fields["sku"] == "null" {
				return x.problem(409, "sku")
			}
		}
	}
	if x.is("UUIDv4") {
		c.After = strings.Replace(unknownID, "774b", "474b", 1)[:24] + fmt.Sprintf("%012x", time.Now().UnixNano()&0xffffffffffff)
	}
	answer := x.ask(c)
	if answer.Fault != "" {
		return x.problem(409, answer.Fault)
	}
	record := answer.Records[0]
	made := reply{status: 201, body: recordBody(record), header: map[string]string{"Location": "/api/v1/" + r.Path() + "/" + record.ID}}
	if x.is("no Location") {
		made.header = nil
	}
	return made
}

func (x *exchange) one(r generator.Resource, method, id string) reply {
	c := fakeCall{Resource: r.Name, Owner: x.account(), ID: id, Unique: uniqueNames(r), Fold: x.is("unique without case")}
	if x.is("records of others shown") && method == "GET" {
		c.Owner = "*"
	}
	switch method {
	case "GET":
		c.Kind = "get"
	case "DELETE":
		c.Kind = "delete"
	default:
		c.Kind, c.Fields = "update", x.read(r, method == "PATCH" || x.is("PUT like PATCH"))
	}
	if method == "PATCH" && x.is("PATCH rewrites all fields") {
		before := c
		before.Kind = "get"
		if answer := x.ask(before); answer.Fault == "" {
			for name, literal := range answer.Records[0].Fields {
				if _, sent := c.Fields[name]; !sent {
					c.Fields[name] = literal
				}
			}
		}
		time.Sleep(time.Millisecond)
	}
	answer := x.ask(c)
	switch {
	case answer.Fault == "missing" && method == "PUT" && x.is("PUT creates"):
		c.Kind, c.After = "create", id
		return reply{status: 201, body: recordBody(x.ask(c).Records[0])}
	case answer.Fault == "missing" && method == "DELETE" && x.is("DELETE always 204"):
		return reply{status: 204}
	case answer.Fault == "missing":
		return x.problem(404)
	case answer.Fault != "":
		return x.problem(409, answer.Fault)
	case method == "DELETE":
		return reply{status: 204}
	}
	record := answer.Records[0]
	if x.is("updated_at stays") {
		record.Updated = record.Created
	}
	return reply{status: 200, body: recordBody(record)}
}

func (x *exchange) seal(id string) string {
	mac := hmac.New(sha256.New, []byte(x.secret))
	mac.Write([]byte(id))
	bytes, _ := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	return base64URL.EncodeToString(append(bytes, mac.Sum(nil)[:8]...))
}

func (x *exchange) list(r generator.Resource) reply {
	c := fakeCall{Kind: "list", Resource: r.Name, Owner: x.account(), Limit: 20}
	query := x.request.URL.Query()
	if strings.HasSuffix(x.request.URL.RawQuery, "=%zz") {
		return x.problem(422, "limit")
	}
	if query.Has("limit") && x.request.URL.RawQuery != "limit" {
		text := query.Get("limit")
		n, err := strconv.Atoi(text)
		if x.is("limit cut to 100") && n > 100 {
			n = 100
		}
		loose := x.is("limit read loosely")
		if err != nil || n < 1 || n > 100 || !loose && (len(query["limit"]) > 1 || strconv.Itoa(n) != text) && !x.is("limit cut to 100") {
			return x.problem(422, "limit")
		}
		c.Limit = n
	}
	if query.Has("foo") && x.is("unknown parameter refused") {
		return x.problem(422, "foo")
	}
	if cursor := query.Get("cursor"); cursor != "" {
		if x.is("cursor by offset") {
			c.Offset, _ = strconv.Atoi(cursor)
		} else {
			raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
			if err != nil || len(raw) != 24 {
				if x.is("forged cursor ignored") {
					raw = make([]byte, 24)
				} else {
					return x.problem(422, "cursor")
				}
			}
			text := hex.EncodeToString(raw[:16])
			c.After = text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
			if x.seal(c.After) != cursor && !x.is("cursor without a seal") && !x.is("forged cursor ignored") {
				return x.problem(422, "cursor")
			}
		}
	}
	c.Limit++
	if x.is("next_cursor on a full last page") {
		c.Limit--
	}
	records := x.ask(c).Records
	var next any
	if len(records) == c.Limit && len(records) > 0 {
		if !x.is("next_cursor on a full last page") {
			records = records[:c.Limit-1]
		}
		next = x.seal(records[len(records)-1].ID)
		if x.is("cursor by offset") {
			next = strconv.Itoa(c.Offset + len(records))
		}
	}
	if x.is("oldest first") {
		slices.Reverse(records)
	}
	items := []any{}
	for _, record := range records {
		items = append(items, recordBody(record))
	}
	return reply{status: 200, body: map[string]any{"items": items, "next_cursor": next}}
}

var fakePatterns = map[string]*regexp.Regexp{
	"decimal": regexp.MustCompile(`^-?[0-9]{1,10}(\.[0-9]{1,2})?$`), "date": regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`),
	"datetime": regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`),
	"uuid":     regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`),
}

// valid holds a value against its field and returns the form in which it is kept.
func (x *exchange) valid(f generator.Field, value any) (string, bool) {
	text, isText := value.(string)
	numeral, isNumber := value.(json.Number)
	if len(text) > 100_000 && x.is("slow on long texts") {
		time.Sleep(6 * time.Second)
	}
	if len(text) > 100_000 && x.is("text cut") {
		return quote(text[:10]), true
	}
	if isText && strings.Contains(text, "\x00") && !x.is("NUL taken") {
		return "", false
	}
	length := utf8.RuneCountInString(text)
	if x.is("UTF-16 units counted") {
		length += strings.Count(text, emoji)
	}
	if x.is("values made text") && !isText && value != nil {
		text, isText = fmt.Sprint(value), true
	}
	if x.is("almost right forms taken") && isText {
		switch f.Type {
		case "decimal":
			text = strings.TrimSpace(text)
		case "datetime":
			text = strings.ToUpper(text)
		case "uuid":
			text = strings.Trim(text, "{}")
		case "enum":
			text = strings.ToLower(text)
		case "boolean":
			value = text == "true"
		}
	}
	switch n, _ := numeral.Int64(); {
	case x.is("integers of 32 bits") && f.Type == "integer" && n != int64(int32(n)), x.is("no date before 1000") && f.Type == "date" && text < "1000",
		x.is("last enum value refused") && f.Type == "enum" && text == "live", x.is("false is missing") && value == false:
		return "", false
	case x.is("uuid with its case") && f.Type == "uuid":
		return quote(text), isText && fakePatterns["uuid"].MatchString(text)
	}
	if x.is("anything up to infinity") && (f.Type == "float" || f.Type == "text") && value != nil {
		if f.Type == "float" && isNumber {
			return "1e308", true
		}
		return quote(text), isText
	}
	if x.is("surrogates lost") && strings.Contains(text, "\ufffd") {
		text = strings.ReplaceAll(text, "\ufffd", "")
	}
	if pattern := fakePatterns[f.Type]; pattern != nil && (!isText || !pattern.MatchString(text)) {
		return "", false
	}
	switch f.Type {
	case "string":
		text = strings.Trim(text, " \t\r\n")
		length = utf8.RuneCountInString(text)
		if x.is("all white space trimmed") {
			text = strings.TrimSpace(text)
		}
		if x.is("UTF-16 units counted") {
			length += strings.Count(text, emoji)
		}
		return quote(text), isText && length >= 1 && length <= 255
	case "text":
		return quote(text), isText && length <= 65_535
	case "integer":
		if x.is(`"5" is an integer`) && isText {
			numeral, isNumber = json.Number(text), true
		}
		if !isNumber || len(numeral) > 30 || strings.ContainsAny(numeral.String(), "eE") && len(numeral) > 4 {
			return "", false
		}
		n, ok := new(big.Rat).SetString(numeral.String())
		return n.RatString(), ok && n.IsInt() && new(big.Rat).Abs(n).Cmp(big.NewRat(1<<53-1, 1)) <= 0
	case "float":
		n, err := numeral.Float64()
		if n == 0 {
			n = 0
		}
		literal, _ := json.Marshal(n)
		if x.is("float of single precision") {
			literal, _ = json.Marshal(float32(n))
		}
		return string(literal), isNumber && err == nil
	case "decimal":
		n, _ := new(big.Rat).SetString(text)
		if n.Sign() == 0 && x.is("minus zero") && strings.HasPrefix(text, "-") {
			return `"-0.00"`, true
		}
		return quote(n.FloatString(2)), true
	case "boolean":
		b, ok := value.(bool)
		return fmt.Sprint(b), ok
	case "date":
		t, err := time.Parse(time.DateOnly, text)
		return quote(t.Format(time.DateOnly)), (err == nil || x.is("30 February")) && t.Year() >= 1
	case "datetime":
		t, err := time.Parse(time.RFC3339Nano, text)
		t = t.UTC()
		if x.is("datetime rounded") {
			t = t.Round(time.Millisecond)
		}
		return quote(t.Format("2006-01-02T15:04:05.000Z")), err == nil && t.Year() >= 1 && t.Year() <= 9999
	case "uuid":
		return quote(strings.ToLower(text)), true
	case "enum":
		return quote(text), isText && slices.Contains(f.Values, text)
	}
	return "", false
}

// openapi describes the fake.
func (x *exchange) openapi() map[string]any {
	object := func(required []string, properties map[string]any) map[string]any {
		return map[string]any{"type": "object", "required": required, "properties": properties}
	}
	text := map[string]any{"type": "string"}
	content := func(media string, schema any) map[string]any {
		return map[string]any{"description": "…", "content": map[string]any{media: map[string]any{"schema": schema}}}
	}
	problem := content("application/problem+json", map[string]any{"$ref": "#/components/schemas/Problem"})
	operation := func(success string, schema any, secured bool, errors ...int) map[string]any {
		responses := map[string]any{success: map[string]any{"description": "done"}}
		if schema != nil {
			responses[success] = content("application/json", schema)
		}
		for _, status := range append(errors, 500, 503) {
			responses[strconv.Itoa(status)] = problem
		}
		o := map[string]any{"responses": responses, "security": []any{}}
		if secured {
			o["security"] = []any{map[string]any{"bearer": []any{}}}
			responses["401"] = problem
		}
		return o
	}
	with := func(o map[string]any, media []string, schema any, parameters ...any) map[string]any {
		kinds := map[string]any{}
		for _, m := range media {
			kinds[m] = map[string]any{"schema": schema}
		}
		if len(kinds) > 0 {
			o["requestBody"] = map[string]any{"required": true, "content": kinds}
		}
		o["parameters"] = parameters
		return o
	}
	parameter := func(name, in string) map[string]any {
		return map[string]any{"name": name, "in": in, "required": in == "path", "schema": text}
	}
	limit := parameter("limit", "query")
	if !x.is("limit described as text") {
		limit["schema"] = map[string]any{"type": "integer", "minimum": 1, "maximum": 100}
	}
	status := object([]string{"status"}, map[string]any{"status": text})
	account := object([]string{"id", "email", "created_at"}, map[string]any{"id": text, "email": text, "created_at": map[string]any{"type": "string", "format": "date-time"}})
	login := object([]string{"email", "password"}, map[string]any{"email": text, "password": text})
	token := object([]string{"access_token", "token_type", "expires_in"}, map[string]any{"access_token": text, "token_type": text, "expires_in": map[string]any{"type": "integer"}})
	jsonOnly := []string{"application/json"}
	metrics := operation("200", nil, false)
	metrics["responses"].(map[string]any)["200"] = content("text/plain", text)
	paths := map[string]any{
		"/healthz": map[string]any{"get": operation("200", status, false)}, "/readyz": map[string]any{"get": operation("200", status, false)}, "/metrics": map[string]any{"get": metrics},
		"/api/v1/auth/register": map[string]any{"post": with(operation("201", account, false, 400, 409, 413, 415, 422, 429), jsonOnly, login)},
		"/api/v1/auth/login":    map[string]any{"post": with(operation("200", token, false, 400, 401, 413, 415, 422, 429), jsonOnly, login)},
		"/api/v1/auth/me":       map[string]any{"get": operation("200", account, true)},
	}
	for _, r := range x.resources {
		properties, required := map[string]any{}, []string{}
		all := []string{"id", "created_at", "updated_at"}
		for _, f := range r.Fields {
			kind := map[string]string{"integer": "integer", "float": "number", "boolean": "boolean"}[f.Type]
			properties[f.Name] = map[string]any{"type": []string{cmp.Or(kind, "string"), "null"}}
			if !f.Optional {
				properties[f.Name] = map[string]any{"type": cmp.Or(kind, "string")}
				required = append(required, f.Name)
			}
			all = append(all, f.Name)
		}
		input, patch := object(required, properties), map[string]any{"type": "object", "properties": properties}
		full := map[string]any{"id": text, "created_at": text, "updated_at": text}
		maps.Copy(full, properties)
		record := object(all, full)
		if x.is("description of an older record") {
			full["quantity"] = text
		}
		list := object([]string{"items", "next_cursor"}, map[string]any{"items": map[string]any{"type": "array", "items": record}, "next_cursor": map[string]any{"type": []string{"string", "null"}}})
		write := []int{400, 409, 413, 415, 422}
		paths["/api/v1/"+r.Path()] = map[string]any{
			"post": with(operation("201", record, true, write...), jsonOnly, input),
			"get":  with(operation("200", list, true, 422), nil, nil, limit, parameter("cursor", "query")),
		}
		paths["/api/v1/"+r.Path()+"/{id}"] = map[string]any{
			"get":    with(operation("200", record, true, 404), nil, nil, parameter("id", "path")),
			"put":    with(operation("200", record, true, append(write, 404)...), jsonOnly, input, parameter("id", "path")),
			"patch":  with(operation("200", record, true, append(write, 404)...), append(jsonOnly, "application/merge-patch+json"), patch, parameter("id", "path")),
			"delete": with(operation("204", nil, true, 404), nil, nil, parameter("id", "path")),
		}
	}
	if x.is("a poor description") {
		for _, item := range paths {
			for _, node := range item.(map[string]any) {
				o := node.(map[string]any)
				delete(o, "parameters")
				delete(o, "security")
				delete(o["responses"].(map[string]any), "422")
				if body, ok := o["requestBody"].(map[string]any); ok {
					body["content"] = map[string]any{"application/json": map[string]any{"schema": map[string]any{"type": "object"}}}
				}
			}
		}
	}
	if x.is("route not described") {
		delete(paths, "/api/v1/auth/me")
	}
	return map[string]any{
		"openapi": map[bool]string{true: "2.0", false: "3.1.0"}[x.is("a poor description")], "info": map[string]any{"title": "shop", "version": "1"}, "paths": paths,
		"components": map[string]any{
			"securitySchemes": map[string]any{"bearer": map[string]any{"type": "http", "scheme": "bearer"}},
			"schemas": map[string]any{"Problem": object([]string{"type", "title", "status", "detail"}, map[string]any{
				"type": text, "title": text, "detail": text, "status": map[string]any{"type": "integer"}, "errors": map[string]any{"type": "array", "items": object([]string{"field", "message"}, map[string]any{"field": text, "message": text})},
			})},
		},
	}
}

// fakeMain is the fake as a process of its own, as the suite starts it.
func fakeMain() int {
	fault, folder := os.Getenv("FAKE_FAULT"), "."
	get := func(name, fallback string) string { return cmp.Or(os.Getenv(name), fallback) }
	if get("APP_ENV", "development") == "development" && fault != "no .env" {
		content, _ := os.ReadFile(folder + "/.env")
		for line := range strings.Lines(string(content)) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && os.Getenv(name) == "" {
				_ = os.Setenv(name, value)
			}
		}
	}
	stop := func(name, why string) int {
		if fault == "any configuration" {
			time.Sleep(time.Hour)
		}
		if fault == "exit code 2" {
			return 2
		}
		fmt.Fprintf(os.Stderr, "%s %s\n", name, why)
		if fault == "secret in the fault" {
			fmt.Fprintln(os.Stderr, os.Getenv(name))
		}
		return 1
	}
	f := newFake(fault, nil, os.Getenv("JWT_SECRET"))
	if len(f.secret) < 32 || fault == "secret measured in characters" && utf8.RuneCountInString(f.secret) < 32 {
		return stop("JWT_SECRET", "needs 32 bytes or more")
	}
	for name, into := range map[string]*int{"AUTH_RATE_LIMIT": &f.rate, "TRUSTED_PROXIES": &f.proxies, "ACCESS_TOKEN_TTL": &f.lifetime, "DATABASE_POOL_SIZE": new(int), "PORT": new(int)} {
		n, err := strconv.Atoi(get(name, map[string]string{"AUTH_RATE_LIMIT": "10", "ACCESS_TOKEN_TTL": "3600", "PORT": "8080", "TRUSTED_PROXIES": "0", "DATABASE_POOL_SIZE": "10"}[name]))
		if err != nil || n < 0 || name == "PORT" && n > 65_535 {
			return stop(name, "is no number that it may be")
		}
		*into = n
	}
	for name, allowed := range map[string][]string{"APP_ENV": {"development", "test", "production"}, "API_DOCS": {"true", "false"}, "LOG_LEVEL": {"debug", "info", "warn", "error"}} {
		if value := os.Getenv(name); value != "" && !slices.Contains(allowed, value) {
			return stop(name, "must be one of "+strings.Join(allowed, ", "))
		}
	}
	f.origins = nil
	for origin := range strings.SplitSeq(os.Getenv("CORS_ORIGINS"), ",") {
		if origin != "" && (origin == "*" || !strings.Contains(origin, "://")) {
			return stop("CORS_ORIGINS", "must be origins")
		}
		f.origins = append(f.origins, origin)
	}
	address, ok := strings.CutPrefix(os.Getenv("DATABASE_URL"), "fake://")
	if !ok {
		return stop("DATABASE_URL", "must begin with fake://")
	}
	f.production, f.metrics, f.log = os.Getenv("APP_ENV") == "production", os.Getenv("METRICS_TOKEN"), os.Stdout
	f.docs = get("API_DOCS", strconv.FormatBool(!f.production)) == "true"
	f.do = remoteStore(address)
	if fault == "settings ignored" {
		f.production, f.metrics, f.docs, f.lifetime, f.origins = false, "", true, 3600, []string{allowedOrigin}
	}
	if fault == "503 without a timeout" {
		f.do = func(c fakeCall) (reply fakeReply, err error) {
			connection, err := net.Dial("tcp", address)
			if err != nil {
				return reply, err
			}
			_ = json.NewEncoder(connection).Encode(c)
			return reply, json.NewDecoder(connection).Decode(&reply)
		}
	}
	for range 300 {
		_, err := f.do(fakeCall{Kind: "account"})
		if err == nil {
			break
		}
		if fault == "does not wait" {
			return 1
		}
		time.Sleep(100 * time.Millisecond)
	}
	if len(os.Args) > 1 && os.Args[1] == "migrate" {
		if _, err := os.Stat("migrated"); err == nil && fault == "migrates once" {
			return 1
		}
		_ = os.WriteFile("migrated", nil, 0o600)
		return 0
	}
	host := ""
	if fault == "loopback only" {
		host = "127.0.0.1"
	}
	listener, err := net.Listen("tcp", host+":"+os.Getenv("PORT"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "port is in use")
		if fault == "exit 2 for a port" {
			return 2
		}
		return 1
	}
	server := &http.Server{Handler: f}
	signals := make(chan os.Signal, 4)
	switch fault {
	case "signal ends at once":
	case "SIGINT ends at once":
		signal.Notify(signals, syscall.SIGTERM)
	default:
		signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	f.event("listening", nil)
	<-signals
	if fault == "plain text in the log" {
		fmt.Println("bye")
	}
	finished := make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
	defer cancel()
	if fault == "waits for ever" {
		ctx = context.Background()
	}
	go func() { finished <- server.Shutdown(ctx) }()
	select {
	case <-finished: //nolint:errcheck // what was cut off is the fault under test
	case <-second(signals, fault):
		return 1
	}
	if fault == "exit 1 on a signal" {
		return 1
	}
	return 0
}

func second(signals chan os.Signal, fault string) chan os.Signal {
	if fault == "second signal ends" {
		return signals
	}
	return nil
}
