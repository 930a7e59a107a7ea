//go:build linux || darwin

package conformance

import (
	"context"
	"flag"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/backlot-cli/backlot/generator"
)

// TestMain lets the test binary be the service that the suite starts.
func TestMain(m *testing.M) {
	if os.Getenv("FAKE_SERVICE") == "1" {
		os.Exit(fakeMain())
	}
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		_ = parallel.Value.Set("4") // most of them wait more than they work
	}
	os.Exit(m.Run())
}

// inProcess runs checks against a fake in this process, whose signing key the suite knows.
func inProcess(t *testing.T, fault string, only ...string) Summary {
	t.Helper()
	return inProcessWith(t, fakeResources, fault, only...)
}

func inProcessWith(t *testing.T, resources []generator.Resource, fault string, only ...string) Summary {
	t.Helper()
	store := &fakeStore{records: map[string][]fakeRecord{}}
	secret := strings.Repeat("s", 40)
	service := newFake(fault, store.do, secret)
	service.resources = resources
	server := httptest.NewServer(service)
	defer server.Close()
	summary, err := Run(t.Context(), Target{BaseURL: server.URL, Name: fakeName, Resources: resources, Secret: secret}, Options{Only: only, Concurrency: 4}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// asService runs checks against fakes that the suite starts.
func asService(t *testing.T, fault string, only ...string) Summary {
	t.Helper()
	summary, err := Run(t.Context(), Target{Name: fakeName, Resources: fakeResources, Service: fakeService(t, fault)}, Options{Only: only, Slow: len(only) > 0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// fakeService is a fake that can be started, with a store for as long as the test lasts.
func fakeService(t *testing.T, fault string) *Service {
	t.Helper()
	store := &fakeStore{records: map[string][]fakeRecord{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go store.serve(listener)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, ".env"), []byte("JWT_SECRET="+strings.Repeat("e", 40)+"\nMETRICS_TOKEN=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &Service{
		Dir: folder, Serve: []string{program}, Migrate: []string{program, "migrate"},
		Environment: []string{"FAKE_SERVICE=1", "FAKE_FAULT=" + fault, "DATABASE_URL=fake://" + listener.Addr().String(), "GOCOVERDIR=" + folder},
	}
}

func report(t *testing.T, s Summary) {
	t.Helper()
	var b strings.Builder
	for _, r := range s.Results {
		if r.Status != Passed {
			_ = WriteText(&b, r)
		}
	}
	_ = WriteSummary(&b, s)
	t.Log("\n" + b.String())
}

func TestFakeInProcessPasses(t *testing.T) {
	t.Parallel()
	summary := inProcess(t, "")
	if !summary.OK() {
		report(t, summary)
		t.Fatal("the fake must pass")
	}
}

// A unique enum that must be set lets a user have only as many records as it has values.
func TestUniqueEnums(t *testing.T) {
	t.Parallel()
	letters := strings.Split("abcdefghijkl", "")
	enum := func(name string, values int) generator.Field {
		return generator.Field{Name: name, Type: "enum", Values: letters[:values], Unique: true}
	}
	code, size := generator.Field{Name: "code", Type: "string", Unique: true}, generator.Field{Name: "size", Type: "integer"}
	perhaps := enum("colour", 2)
	perhaps.Optional = true
	for _, values := range []int{1, 2, 3, 5, 12} {
		for name, fields := range map[string][]generator.Field{
			"beside a unique field":   {code, enum("kind", values)},
			"after two":               {code, size, enum("kind", values)},
			"beside another":          {enum("kind", values), enum("grade", 2), code},
			"beside an optional enum": {enum("kind", values), perhaps, code},
		} {
			t.Run(strconv.Itoa(values)+" "+name, func(t *testing.T) {
				t.Parallel()
				summary := inProcessWith(t, []generator.Resource{{Name: "part", Plural: "parts", Fields: fields}}, "", "bodies", "errors", "fields", "resources")
				if !summary.OK() {
					report(t, summary)
					t.Fail()
				}
			})
		}
	}
}

func TestFakeAsServicePasses(t *testing.T) {
	t.Parallel()
	summary := asService(t, "")
	for _, r := range summary.Results {
		if r.Status == Skipped && r.ID != "limits.retry_after" && r.ID != "database.never" && r.ID != "environment.interfaces" {
			t.Errorf("%s was skipped: %s", r.ID, r.Detail)
		}
	}
	if !summary.OK() {
		t.Error("the fake must pass")
	}
	report(t, summary)
}

// TestURLMode runs with nothing but a URL, against a service with the default AUTH_RATE_LIMIT.
func TestURLMode(t *testing.T) {
	t.Parallel()
	store := &fakeStore{records: map[string][]fakeRecord{}}
	service := newFake("impatient", store.do, strings.Repeat("s", 40))
	service.rate = 10
	server := httptest.NewServer(service)
	defer server.Close()
	summary, err := Run(t.Context(), Target{BaseURL: server.URL, Resources: fakeResources}, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !summary.OK() {
		report(t, summary)
		t.Error("the fake must pass")
	}
	for _, r := range summary.Results {
		switch group := r.Group; {
		case r.Status == Skipped && (group == "resources" || group == "fields" || group == "errors"):
			t.Errorf("%s was skipped: %s", r.ID, r.Detail)
		case r.Status == Skipped && r.Detail == "":
			t.Errorf("%s was skipped without a reason", r.ID)
		case r.Status == Passed && (group == "limits" || group == "lifecycle" || group == "logs" || r.ID == "tokens.expired"):
			t.Errorf("%s passed, but cannot be seen from outside", r.ID)
		}
	}
	if len(store.accounts) > 14 {
		t.Errorf("%d accounts were made", len(store.accounts))
	}
}

func TestServiceThatIsNotThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	if _, err := Run(t.Context(), Target{BaseURL: "http://" + address}, Options{}, nil); err == nil || !strings.Contains(err.Error(), "not reachable") {
		t.Errorf("got %v", err)
	}
	if _, err := Run(t.Context(), Target{BaseURL: "nonsense"}, Options{}, nil); err == nil || !strings.Contains(err.Error(), "http") {
		t.Errorf("got %v", err)
	}
	if _, err := Run(t.Context(), Target{BaseURL: "http://" + address}, Options{Only: []string{"no.such"}}, nil); err == nil || !strings.Contains(err.Error(), "not known") {
		t.Errorf("got %v", err)
	}
	service := &Service{Serve: []string{"/no/such/program"}}
	if _, err := Run(t.Context(), Target{Service: service}, Options{}, nil); err == nil || !strings.Contains(err.Error(), "no/such/program") {
		t.Errorf("got %v", err)
	}
}

// TestServiceThatVanishes expects one clear failure, not one of every check.
func TestServiceThatVanishes(t *testing.T) {
	t.Parallel()
	store := &fakeStore{records: map[string][]fakeRecord{}}
	server := httptest.NewServer(newFake("", store.do, strings.Repeat("s", 40)))
	defer server.Close()
	summary, err := Run(t.Context(), Target{BaseURL: server.URL, Resources: fakeResources, Secret: strings.Repeat("s", 40)}, Options{}, func(r Result) {
		if r.ID == "errors.malformed" {
			server.CloseClientConnections()
			_ = server.Listener.Close()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if summary.Failed < 1 || summary.Failed > 3 {
		report(t, summary)
		t.Errorf("%d checks failed", summary.Failed)
	}
}

// TestNothingIsLeft cancels a run and expects every process that it started, and what those started, to be gone.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	if !signals {
		t.Skip("no process groups here")
	}
	store := &fakeStore{records: map[string][]fakeRecord{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go store.serve(listener)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	note := filepath.Join(folder, "child")
	// The shell leaves a child behind, as a careless launcher would.
	script := `sleep 300 & echo $! >>"` + note + `"; exec "` + program + `"`
	service := &Service{Dir: folder, Serve: []string{"/bin/sh", "-c", script}, Environment: []string{"FAKE_SERVICE=1", "DATABASE_URL=fake://" + listener.Addr().String(), "GOCOVERDIR=" + folder}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = Run(ctx, Target{Name: fakeName, Resources: fakeResources, Service: service}, Options{Only: []string{"operations", "environment"}}, func(r Result) {
		if r.ID == "environment.api_docs" {
			cancel()
		}
	})
	if err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("got %v", err)
	}
	children, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	for text := range strings.FieldsSeq(string(children)) {
		number, _ := strconv.Atoi(text)
		gone := false
		for range 50 {
			if gone = syscall.Kill(number, 0) != nil || zombie(number); gone {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if !gone {
			t.Errorf("process %d is left", number)
		}
	}
}

// zombie tells whether a process has ended and only waits to be waited for, which no one may do in a container.
func zombie(number int) bool {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(number) + "/stat")
	return err == nil && strings.Contains(string(content), ") Z ")
}

func TestSharedInstance(t *testing.T) {
	t.Parallel()
	s := &suite{service: fakeService(t, ""), secret: strings.Repeat("s", 40), pool: newPool(2), starts: make(chan struct{}, 2), shared: map[string]*shared{}}
	defer s.killAll()
	first, second := &probe{suite: s, phase: sharing, ctx: t.Context()}, &probe{suite: s, phase: sharing, ctx: t.Context()}
	defer second.release()
	on := first.among(behindProxy)
	if second.among(behindProxy) != on || second.among(closed) == on {
		t.Error("an instance is for all checks with the same settings, and for no others")
	}
	first.release()
	if on.ended(t.Context(), 100*time.Millisecond) {
		t.Error("it ended with one of the checks")
	}
	on.kill()
	if next := second.among(behindProxy); next == on || s.sendQuietly(t.Context(), next, "/healthz") != http.StatusOK {
		t.Error("one that has ended must not be given to another check")
	}
}

func TestChecksAreWellFormed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range Checks() {
		if seen[c.ID] {
			t.Errorf("check %s is there twice", c.ID)
		}
		seen[c.ID] = true
		if !regexp.MustCompile(`^[a-z_]+(\.[a-z0-9_]+)+$`).MatchString(c.ID) || !strings.HasSuffix(c.Title, ".") || c.Group == "" {
			t.Errorf("check %s: %s", c.ID, c.Title)
		}
	}
	for _, f := range faults {
		if !seen[f.check] {
			t.Errorf("fault %q names the check %s, which is not there", f.fault, f.check)
		}
	}
}

func TestFaultInACheck(t *testing.T) {
	t.Parallel()
	s := &suite{pool: newPool(2)}
	r := s.runCheck(t.Context(), check{id: "x.y", run: func(*probe) { panic("out of order") }})
	if r.Status != Failed || !strings.Contains(r.Detail, "fault in the check itself") {
		t.Errorf("got %+v", r)
	}
	r = s.runCheck(t.Context(), check{id: "x.y", run: func(p *probe) { p.fail("first"); p.skip("second") }})
	if r.Status != Failed || r.Detail != "first" {
		t.Errorf("a fault must outweigh a skip, got %+v", r)
	}
}

// A unique field takes a value once: what is drawn must be none of those that are tried by name.
func TestDrawnValuesAreNoTriedOnes(t *testing.T) {
	t.Parallel()
	s := &suite{}
	for _, kind := range []string{"integer", "decimal", "date", "datetime"} {
		f := generator.Field{Name: "value", Type: kind, Unique: true}
		tried := map[string]bool{}
		for _, v := range accepted(f) {
			tried[v.send], tried[v.back] = true, true
		}
		for range 5000 {
			if drawn := s.draw(f); tried[drawn] {
				t.Errorf("%s: %s is tried by name", kind, drawn)
			}
		}
	}
}

func TestConnectionClosedWhileIdle(t *testing.T) {
	t.Parallel()
	answered := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { answered++ }))
	defer server.Close()
	s := &suite{main: &instance{base: server.URL}, traffic: newTraffic()}
	closed := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(connection httptrace.GotConnInfo) {
		if connection.Reused {
			closed++
			server.CloseClientConnections()
			time.Sleep(100 * time.Millisecond) // until the client has seen it
		}
	}})
	for range 3 {
		if a := s.send(ctx, call{method: http.MethodPost, path: "/", body: "{}"}); a.err != nil {
			t.Error(a.err)
		}
	}
	if closed == 0 || answered != 3 {
		t.Errorf("%d connections closed, %d requests answered", closed, answered)
	}
}

func TestConnectionAlwaysClosed(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_ = connection.Close()
		}
	}()
	s := &suite{main: &instance{base: "http://" + listener.Addr().String()}, traffic: newTraffic()}
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		time.Sleep(20 * time.Millisecond) // until the client has seen the end
	}})
	if a := s.send(ctx, call{method: http.MethodPost, path: "/", body: "{}"}); a.err == nil {
		t.Errorf("status %d", a.status)
	}
}
