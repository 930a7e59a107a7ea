package conformance

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/backlot-cli/backlot/internal/ports"
)

// Service says how to start the project.
type Service struct {
	Dir         string   // the project's folder
	Serve       []string // the command that serves, and stays the process itself
	Migrate     []string // the command that brings the database up to date, if there is one
	Environment []string // NAME=value: DATABASE_URL, and whatever else the project needs
}

// variables are the contract's own. Those of the caller's environment do not reach the service.
var variables = []string{
	"APP_ENV", "PORT", "DATABASE_URL", "DATABASE_POOL_SIZE", "DATABASE_CA_FILE", "JWT_SECRET", "ACCESS_TOKEN_TTL", "CORS_ORIGINS", "AUTH_RATE_LIMIT",
	"TRUSTED_PROXIES", "METRICS_TOKEN", "API_DOCS", "LOG_LEVEL",
}

// settings are variables that differ from those of the main instance.
type settings map[string]string

// unset as a value takes a variable out.
const unset = "\x00"

const (
	startTime   = 60 * time.Second // a service waits up to 30 s for its database
	migrateTime = 120 * time.Second
	stopTime    = 15 * time.Second // requests in flight have 10 s
)

// environment puts together what an instance sees.
func (s *suite) environment(port int, changes settings) []string {
	all := map[string]string{}
	for _, pair := range os.Environ() {
		if name, value, _ := strings.Cut(pair, "="); !slices.Contains(variables, name) {
			all[name] = value
		}
	}
	for _, pair := range s.service.Environment {
		name, value, _ := strings.Cut(pair, "=")
		all[name] = value
	}
	maps.Copy(all, map[string]string{
		"APP_ENV": "test", "PORT": strconv.Itoa(port), "JWT_SECRET": s.secret, "AUTH_RATE_LIMIT": "100000", "CORS_ORIGINS": allowedOrigin + "," + secondOrigin,
	})
	maps.Copy(all, changes)
	var list []string
	for _, name := range sortedKeys(all) {
		if all[name] != unset {
			list = append(list, name+"="+all[name])
		}
	}
	return list
}

// databaseURL is the one of the project, "" where it has a default.
func (s *suite) databaseURL() string {
	for _, pair := range slices.Backward(s.service.Environment) {
		if value, ok := strings.CutPrefix(pair, "DATABASE_URL="); ok {
			return value
		}
	}
	return ""
}

// instance is a running service, started by the suite or not.
type instance struct {
	base    string
	port    int
	command *exec.Cmd
	stdout  *capture
	stderr  *capture
	done    chan struct{} // closed when the process has ended
	exit    int

	mutex  sync.Mutex
	reaped bool // its number may belong to another process now
}

// capture keeps what a process writes, up to a size.
type capture struct {
	mutex sync.Mutex
	bytes bytes.Buffer
}

const captureLimit = 64 << 20

func (c *capture) Write(b []byte) (int, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.bytes.Len() < captureLimit {
		c.bytes.Write(b)
	}
	return len(b), nil
}

func (c *capture) String() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.bytes.String()
}

// lines are the lines that are not empty.
func (c *capture) lines() []string {
	var lines []string
	for line := range strings.Lines(c.String()) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// launch starts a command of the project without waiting for anything.
func (s *suite) launch(command []string, environment []string) (*instance, error) {
	i := &instance{command: exec.Command(command[0], command[1:]...), stdout: &capture{}, stderr: &capture{}, done: make(chan struct{})}
	i.command.Dir = s.service.Dir
	if strings.ContainsAny(command[0], `/\`) && s.service.Dir != "" && !strings.HasPrefix(command[0], "/") {
		i.command.Path = s.service.Dir + string(os.PathSeparator) + command[0] // relative to the project, not to us
		if absolute, err := absolute(i.command.Path); err == nil {
			i.command.Path = absolute
		}
		i.command.Err = nil
	}
	i.command.Env = environment
	i.command.Stdout, i.command.Stderr = i.stdout, i.stderr
	i.command.WaitDelay = 2 * time.Second // when a child of it keeps the output open
	ownGroup(i.command)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if err := i.command.Start(); err != nil {
		return nil, fmt.Errorf("command %q of %s: %w", strings.Join(command, " "), s.service.Dir, err)
	}
	s.instances = append(s.instances, i)
	go func() {
		i.reap()
		i.exit = i.command.ProcessState.ExitCode()
		if i.exit < 0 {
			i.exit = 128 + signalOf(i.command.ProcessState)
		}
		close(i.done)
	}()
	return i, nil
}

// ended tells whether the process ended within a time.
func (i *instance) ended(ctx context.Context, within time.Duration) bool {
	select {
	case <-i.done:
		return true
	case <-time.After(within):
		return false
	case <-ctx.Done():
		return false
	}
}

// kill ends the whole process group. What a process leaves behind when it ends by itself, reap has ended.
func (i *instance) kill() {
	if i.command == nil {
		return
	}
	i.mutex.Lock()
	if !i.reaped {
		killGroup(i.command.Process)
	}
	i.mutex.Unlock()
	select {
	case <-i.done:
	case <-time.After(5 * time.Second):
	}
}

// killAll ends everything that the run started.
func (s *suite) killAll() {
	s.mutex.Lock()
	instances := slices.Clone(s.instances)
	s.mutex.Unlock()
	for _, i := range instances {
		i.kill()
	}
}

// output is the end of what the process wrote, for a detail.
func (i *instance) output() string {
	text := strings.TrimSpace(i.stdout.String() + "\n" + i.stderr.String())
	if len(text) > 600 {
		text = "…" + text[len(text)-600:]
	}
	if text == "" {
		return "no output"
	}
	return shown(text, 700)
}

// migrate brings the database up to date.
func (s *suite) migrate(ctx context.Context) error {
	if len(s.service.Migrate) == 0 {
		return nil
	}
	i, err := s.launch(s.service.Migrate, s.environment(0, settings{"PORT": unset}))
	if err != nil {
		return err
	}
	if !i.ended(ctx, migrateTime) {
		i.kill()
		return fmt.Errorf("migrate did not end within %s: %s", migrateTime, i.output())
	}
	if i.exit != 0 {
		return fmt.Errorf("migrate ended with exit code %d: %s", i.exit, i.output())
	}
	return nil
}

// start starts an instance and waits until it is ready.
func (s *suite) start(ctx context.Context, changes settings) (*instance, error) {
	i, err := s.begin(changes)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline) && ctx.Err() == nil; {
		if a := s.sendQuietly(ctx, i, "/readyz"); a == http.StatusOK {
			return i, nil
		}
		if i.ended(ctx, 25*time.Millisecond) {
			return nil, fmt.Errorf("process ended with exit code %d: %s", i.exit, i.output())
		}
	}
	i.kill()
	return nil, fmt.Errorf("no /readyz with 200 within %s: %s", startTime, i.output())
}

// begin starts an instance without waiting.
func (s *suite) begin(changes settings) (*instance, error) {
	port, err := ports.Free()
	if err != nil {
		return nil, err
	}
	i, err := s.launch(s.service.Serve, s.environment(port, changes))
	if err != nil {
		return nil, err
	}
	i.port, i.base = port, fmt.Sprintf("http://127.0.0.1:%d", port)
	return i, nil
}

// sendQuietly asks without noting the answer, 0 when there is none. It keeps no connection.
func (s *suite) sendQuietly(ctx context.Context, i *instance, path string) int {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, i.base+path, nil)
	if err != nil {
		return 0
	}
	request.Close = true
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// take waits for a place among the further instances; release gives it back with the instances.
func (p *probe) take() {
	if p.starting > 0 {
		return
	}
	select {
	case p.starts <- struct{}{}:
		p.starting++
	case <-p.ctx.Done():
		p.skip("the run was interrupted")
	}
}

// further starts a further instance with other settings, for this check alone.
func (p *probe) further(changes settings) *instance {
	p.take()
	i := p.started(changes)
	p.instances = append(p.instances, i)
	return i
}

func (p *probe) started(changes settings) *instance {
	i, err := p.start(p.ctx, changes)
	if err != nil {
		p.fatal("serve with %s\nexpected the service to start\ngot %v", changes, err)
	}
	return i
}

// shared is an instance that several checks use.
type shared struct {
	mutex    sync.Mutex
	instance *instance
}

// among gives the instance with these settings that all checks which ask for them use, side by side: each keeps to client
// addresses and accounts of its own. The first starts it, and if one has made it end, the next starts another.
func (p *probe) among(changes settings) *instance {
	if p.phase != sharing && p.phase != ending {
		panic("the check does not say that it shares an instance")
	}
	p.take() // before the lock, so that who holds that never waits for a place
	key := fmt.Sprint(map[string]string(changes))
	p.mutex.Lock()
	if p.shared[key] == nil {
		p.shared[key] = &shared{}
	}
	common := p.shared[key]
	p.mutex.Unlock()
	common.mutex.Lock()
	defer common.mutex.Unlock()
	if common.instance != nil {
		select {
		case <-common.instance.done:
		default:
			return common.instance
		}
	}
	common.instance = p.started(changes)
	return common.instance
}

// newAddress draws a client's address that no other call of the run has.
func (p *probe) newAddress() string {
	number := p.next()
	return fmt.Sprintf("198.%d.%d.%d", 18+number>>16&1, number>>8&255, number&255) // 198.18.0.0/15 is kept for tests
}

// String shows settings for a detail.
func (s settings) String() string {
	var words []string
	for _, name := range sortedKeys(s) {
		if s[name] == unset {
			words = append(words, "no "+name)
		} else {
			words = append(words, name+"="+shown(s[name], 80))
		}
	}
	return strings.Join(words, ", ")
}
