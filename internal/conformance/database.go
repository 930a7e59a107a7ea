package conformance

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/backlot-cli/backlot/internal/ports"
)

var databaseChecks = []check{
	{id: "database.migrate_again", title: "Migrating twice is harmless, and so are two at once.", needs: needsService, run: migrateAgain},
	{id: "database.outage", title: "While the database refuses connections, API answers and /readyz are 503 within 5 s and /healthz is 200; then all works again by itself.", needs: needsService, run: func(p *probe) { outage(p, (*gate).refuse) }},
	{id: "database.silence", title: "The same while the database does not answer at all: statements have a timeout.", needs: needsService, run: func(p *probe) { outage(p, (*gate).swallow) }},
	{id: "database.late", title: "At the start the service waits for its database.", needs: needsService, run: databaseLate},
	{id: "database.never", title: "Without a database the start ends after 30 s with exit code 1.", needs: needsService | needsSlow, run: databaseNever},
}

func migrateAgain(p *probe) {
	if len(p.service.Migrate) == 0 {
		p.skip("the project has no command to migrate")
	}
	user := p.user(0)
	p.take()
	failures := make(chan error, 2)
	for range 2 {
		go func() { failures <- p.migrate(p.ctx) }()
	}
	for range 2 {
		if err := <-failures; err != nil {
			p.fail("migrate, two at once on a database that is up to date\nexpected exit code 0\ngot %v", err)
		}
	}
	p.status(p.get(user, "/api/v1/auth/me"), http.StatusOK)
}

// gate stands between an instance and its database, so that the database can be taken away without knowing which one
// it is.
type gate struct {
	target   string
	address  string
	mutex    sync.Mutex
	state    string // "open", "refused", "silent"
	listener net.Listener
	open     map[net.Conn]bool
	fail     func(error) // ends the check
}

// newGate starts a gate; the URL returned leads through it.
func (p *probe) newGate() (*gate, string) {
	address := p.databaseURL()
	parsed, err := url.Parse(address)
	query := strings.ToLower(address)
	switch {
	case address == "" || err != nil || parsed.Hostname() == "":
		p.skip("the database is no server with a host in DATABASE_URL")
	case strings.Contains(parsed.Host, ","), strings.Contains(parsed.Scheme, "+srv"), strings.Contains(query, "replicaset="):
		p.skip("DATABASE_URL leads to several servers, which no gate can stand in front of")
	case strings.Contains(query, "verify-full"), strings.Contains(query, "tls=true"), parsed.Scheme == "rediss":
		p.skip("DATABASE_URL asks for TLS with the server's name, which a gate would change")
	}
	port := parsed.Port()
	if port == "" {
		port = map[string]string{"postgres": "5432", "postgresql": "5432", "mysql": "3306", "mongodb": "27017", "redis": "6379"}[parsed.Scheme]
	}
	g := &gate{target: net.JoinHostPort(parsed.Hostname(), port), open: map[net.Conn]bool{}}
	g.fail = func(err error) { p.fatal("the suite's own way to the database: %v", err) }
	free, err := ports.Free()
	if err != nil {
		p.fatal("%v", err)
	}
	g.address = net.JoinHostPort("127.0.0.1", itoa(free))
	parsed.Host = g.address
	return g, parsed.String()
}

func (g *gate) set(state string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.state = state
	if state == "refused" {
		if g.listener != nil {
			_ = g.listener.Close()
			g.listener = nil
		}
		for connection := range g.open {
			_ = connection.Close()
		}
		g.open = map[net.Conn]bool{}
		return
	}
	if g.listener == nil {
		listener, err := net.Listen("tcp", g.address)
		if err != nil {
			g.fail(err)
		}
		g.listener = listener
		go g.accept(listener)
	}
}

func (g *gate) refuse()  { g.set("refused") }
func (g *gate) swallow() { g.set("silent") }
func (g *gate) pass()    { g.set("open") }

func (g *gate) silent() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.state == "silent"
}

func (g *gate) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			server, err := net.DialTimeout("tcp", g.target, 5*time.Second)
			if err != nil {
				_ = client.Close()
				return
			}
			g.mutex.Lock()
			refused := g.state == "refused"
			g.open[client], g.open[server] = true, true
			g.mutex.Unlock()
			if refused {
				_ = client.Close()
				_ = server.Close()
				return
			}
			done := make(chan struct{}, 2)
			for _, pair := range [][2]net.Conn{{client, server}, {server, client}} {
				go func() {
					g.pump(pair[0], pair[1])
					done <- struct{}{}
				}()
			}
			<-done
			_ = client.Close()
			_ = server.Close()
			g.mutex.Lock()
			delete(g.open, client)
			delete(g.open, server)
			g.mutex.Unlock()
		}()
	}
}

// pump copies, but loses what comes while the gate is silent; a connection that lost something stays silent.
func (g *gate) pump(from io.Reader, to io.Writer) {
	buffer := make([]byte, 32<<10)
	lost := false
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if lost = lost || g.silent(); lost {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// databaseCalls are API calls that need the database.
func (p *probe) databaseCalls(user *account, on *instance) []call {
	calls := []call{{method: http.MethodGet, path: "/api/v1/auth/me", as: user, on: on}}
	for _, r := range p.resources[:min(1, len(p.resources))] {
		calls = append(calls, call{method: http.MethodGet, path: r.path, as: user, on: on}, call{method: http.MethodPost, path: r.path, as: user, on: on, body: p.values(r).json()})
	}
	return append(calls, call{method: http.MethodGet, path: "/readyz", on: on})
}

// answerTime is a little more than the 5 s that an answer may take.
const answerTime = 5500 * time.Millisecond

func outage(p *probe, take func(*gate)) {
	user := p.user(0)
	g, address := p.newGate()
	g.pass()
	defer g.refuse()
	for _, r := range p.resources[:min(1, len(p.resources))] {
		p.room(user, r)
	}
	on := p.further(settings{"DATABASE_URL": address})
	for _, c := range p.databaseCalls(user, on) {
		p.must(p.send(c), http.StatusOK, http.StatusCreated)
	}
	take(g)
	// Twice: the first calls may meet connections of the pool, the second those that replace them.
	for range 2 {
		calls := append(p.databaseCalls(user, on), call{method: http.MethodGet, path: "/healthz", on: on})
		for i := range calls {
			calls[i].within = answerTime
		}
		for _, a := range p.together(calls) {
			switch {
			case a.err != nil:
				p.wrong(a, "an answer within 5 s")
			case a.call.path == "/healthz":
				p.status(a, http.StatusOK)
			case a.call.path == "/readyz":
				p.status(a, http.StatusServiceUnavailable)
			default:
				p.problem(a, http.StatusServiceUnavailable)
			}
		}
		if len(p.faults) > 0 {
			break
		}
	}
	g.refuse() // ends the connections that lost something
	g.pass()
	var a *answer
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); p.pause(200 * time.Millisecond) {
		if a = p.send(call{method: http.MethodGet, path: "/readyz", on: on}); a.status == http.StatusOK {
			break
		}
	}
	p.status(a, http.StatusOK)
	for _, c := range p.databaseCalls(user, on) {
		if a := p.send(c); a.status == http.StatusServiceUnavailable { // one connection of the pool may still be the old one
			p.pause(time.Second)
		}
		p.status(p.send(c), http.StatusOK, http.StatusCreated, http.StatusConflict)
	}
	select {
	case <-on.done:
		p.fail("the database away for a while\nexpected the process to stay up\ngot exit code %d: %s", on.exit, on.output())
	default:
	}
}

func databaseLate(p *probe) {
	g, address := p.newGate()
	p.take()
	i, err := p.begin(settings{"DATABASE_URL": address})
	if err != nil {
		p.fatal("%v", err)
	}
	p.instances = append(p.instances, i)
	if i.ended(p.ctx, 6*time.Second) {
		p.fatal("serve without a database\nexpected the service to wait up to 30 s\ngot exit code %d: %s", i.exit, i.output())
	}
	if status := p.sendQuietly(p.ctx, i, "/readyz"); status == http.StatusOK {
		p.fail("GET /readyz without a database\nexpected 503 or no connection\ngot 200")
	}
	g.pass()
	defer g.refuse()
	// A service that is slow to start may still be at it, beside the others of the run.
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); p.pause(100 * time.Millisecond) {
		if p.sendQuietly(p.ctx, i, "/readyz") == http.StatusOK {
			return
		}
	}
	p.fail("the database came after 6 s\nexpected /readyz with 200\ngot none within a minute: %s", i.output())
}

func databaseNever(p *probe) {
	_, address := p.newGate() // never opened
	p.take()
	i, err := p.begin(settings{"DATABASE_URL": address})
	if err != nil {
		p.fatal("%v", err)
	}
	p.instances = append(p.instances, i)
	began := time.Now()
	if !i.ended(p.ctx, 45*time.Second) || i.exit != 1 || time.Since(began) < 20*time.Second {
		p.fail("serve without a database\nexpected exit code 1 after about 30 s\ngot exit code %d after %s: %s", i.exit, time.Since(began).Round(time.Second), i.output())
	}
}
