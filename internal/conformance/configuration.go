package conformance

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// faulty is a configuration that must stop the start, and the variable at fault.
type faulty struct {
	variable string
	values   []string
}

// faultyValues are per variable those that must be refused. In the values of secrets, "hunter2" must not be shown.
var faultyValues = []faulty{
	{"JWT_SECRET", []string{unset, "hunter2-is-one-byte-too-short!!"}},
	{"DATABASE_URL", []string{"gopher://someone:hunter2-secret@127.0.0.1:70/db", "hunter2-secret"}},
	{"APP_ENV", []string{"staging"}},
	{"PORT", []string{"http", "70000", "-1"}},
	{"ACCESS_TOKEN_TTL", []string{"1h", "-5"}},
	{"CORS_ORIGINS", []string{"*", allowedOrigin + ",*", "app.example.com"}},
	{"AUTH_RATE_LIMIT", []string{"ten", "-1"}},
	{"TRUSTED_PROXIES", []string{"all", "-1"}},
	{"API_DOCS", []string{"maybe"}},
	{"LOG_LEVEL", []string{"loud"}},
	{"DATABASE_POOL_SIZE", []string{"many", "-1"}},
}

var configurationChecks = func() []check {
	var list []check
	for _, f := range faultyValues {
		list = append(list, check{
			id: "configuration." + strings.ToLower(f.variable), title: "A missing or malformed " + f.variable + " stops the start with exit code 1 and one line that names it, without showing a secret.",
			needs: needsService, run: func(p *probe) { refusedConfiguration(p, f) },
		})
	}
	return append(list,
		check{id: "configuration.database_url_missing", title: "A missing DATABASE_URL stops the start in the same way, where it has no default.", needs: needsService, run: databaseURLMissing},
		check{id: "configuration.dotenv", title: "In development the service itself reads .env in the project's folder, and a variable that is set wins over it.", needs: needsService, run: dotenv},
		check{id: "configuration.port_in_use", title: "A port in use: one line and exit code 1.", needs: needsService, run: portInUse})
}()

const refuseTime = 40 * time.Second

// refuses starts the service and expects exit code 1 and one line.
func (p *probe) refuses(changes settings, names string) {
	p.take()
	i, err := p.begin(changes)
	if err != nil {
		p.fatal("%v", err)
	}
	p.instances = append(p.instances, i)
	p.stopsWith(i, changes, names)
}

func (p *probe) stopsWith(i *instance, changes settings, names string) {
	if !i.ended(p.ctx, refuseTime) {
		p.fail("serve with %s\nexpected exit code 1\ngot a process that still runs: %s", changes, i.output())
		i.kill()
		return
	}
	lines := append(i.stdout.lines(), i.stderr.lines()...)
	if i.exit != 1 {
		p.fail("serve with %s\nexpected exit code 1\ngot %d: %s", changes, i.exit, i.output())
	}
	if len(lines) != 1 || !strings.Contains(lines[0], names) {
		what := "one line"
		if names != "" {
			what += " that names " + names
		}
		p.fail("serve with %s\nexpected %s\ngot %d: %s", changes, what, len(lines), i.output())
	}
	if text := strings.Join(lines, "\n"); strings.Contains(text, "hunter2") || strings.Contains(text, p.secret) {
		p.fail("serve with %s\nexpected no secret in the output\ngot %s", changes, i.output())
	}
}

func refusedConfiguration(p *probe, f faulty) {
	for _, value := range f.values {
		changes := settings{f.variable: value}
		if value == unset { // outside development no .env can stand in for it
			changes["APP_ENV"] = "production"
		}
		p.refuses(changes, f.variable)
	}
}

func databaseURLMissing(p *probe) {
	if url := p.databaseURL(); url == "" || strings.HasPrefix(url, "sqlite:") {
		p.skip("DATABASE_URL has a default with this database")
	}
	p.refuses(settings{"DATABASE_URL": unset, "APP_ENV": "production"}, "DATABASE_URL")
}

// dotenv uses the file that a new project has; it writes none of its own into the user's folder.
func dotenv(p *probe) {
	path := filepath.Join(p.service.Dir, ".env")
	content, err := os.ReadFile(path)
	if err != nil {
		p.skip("the project has no .env (or it cannot be read)")
	}
	secret := ""
	for line := range strings.Lines(string(content)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "JWT_SECRET="); ok {
			secret = strings.Trim(value, `"'`)
		}
	}
	if secret == "" {
		p.skip("the project's .env sets no JWT_SECRET")
	}
	p.keepPrivate("JWT_SECRET of .env", secret)
	user := p.user(0)
	_, c := p.claimsOf(user.token)
	me := call{method: http.MethodGet, path: "/api/v1/auth/me", token: sign("HS256", secret, c)}
	for _, value := range []string{unset, ""} { // "an empty one counts as not set"
		on := p.further(settings{"APP_ENV": "development", "JWT_SECRET": value})
		me.on = on
		p.status(p.send(me), http.StatusOK)
		on.kill()
	}
	me.on = p.further(settings{"APP_ENV": "development"})
	p.status(p.send(me), http.StatusUnauthorized)
	me.token = user.token
	p.status(p.send(me), http.StatusOK)
}

func portInUse(p *probe) {
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		p.skip("no port could be taken: %v", err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	p.take()
	changes := settings{"PORT": fmt.Sprint(port)}
	i, err := p.begin(changes)
	if err != nil {
		p.fatal("%v", err)
	}
	p.instances = append(p.instances, i)
	p.stopsWith(i, changes, "")
}
