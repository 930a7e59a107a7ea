package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/backlot-cli/backlot/generator"
)

// Target says what is checked.
type Target struct {
	BaseURL   string // of a service that runs already; ignored when Service is set
	Name      string // the project's name, which is the issuer of its tokens; "" leaves iss unchecked
	Resources []generator.Resource
	Service   *Service // how to start the project; nil when only a URL is known
	Secret    string   // JWT_SECRET of the service at BaseURL; "" when unknown
}

// Options change how the suite runs. The zero value is right for most uses.
type Options struct {
	Only        []string // ids of checks or of groups of them, such as "accounts" or "resources.paging"; none means all
	Concurrency int      // checks at a time; 0 means 4 with a Service and 1 without
	Slow        bool     // also checks that wait for a minute, such as the one for Retry-After
}

// Status is the outcome of a check.
type Status string

// The outcomes of a check. A check that could not be made is Skipped, never Passed.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Result is the outcome of one check.
type Result struct {
	ID       string        `json:"id"`
	Group    string        `json:"group"`
	Title    string        `json:"title"`
	Status   Status        `json:"status"`
	Detail   string        `json:"detail,omitempty"` // what failed, why it was skipped, or what to know of a pass
	Duration time.Duration `json:"-"`
}

// Summary is the outcome of a run.
type Summary struct {
	Passed, Failed, Skipped int
	Duration                time.Duration
	Results                 []Result
}

// OK tells whether at least one check passed and none failed.
func (s Summary) OK() bool { return s.Failed == 0 && s.Passed > 0 }

// Check describes a check without running it.
type Check struct{ ID, Group, Title string }

// Checks lists every check in the order of a report.
func Checks() []Check {
	var list []Check
	for _, c := range all() {
		list = append(list, Check{c.id, c.group(), c.title})
	}
	return list
}

// all is every check in the order of a report.
func all() []check {
	return slices.Concat(
		operationChecks, metricChecks, errorChecks, accountChecks, tokenChecks, fieldChecks, bodyChecks, recordChecks,
		pagingChecks, uniqueChecks, ownershipChecks, headerChecks, corsChecks, openapiChecks, robustnessChecks,
		limitChecks, environmentChecks, logChecks, configurationChecks, databaseChecks, lifecycleChecks, everywhereChecks,
	)
}

// suite is the state of one run.
type suite struct {
	target    Target
	options   Options
	resources []resource
	secret    string
	service   *Service
	main      *instance
	pool      *pool
	traffic   *traffic
	starts    chan struct{} // bounds how many further instances run at a time
	gone      atomic.Bool   // the main instance answers no more
	waited    atomic.Bool   // the one wait for the rate limit was taken
	counter   atomic.Int64
	salt      string

	mutex     sync.Mutex
	instances []*instance
	shared    map[string]*shared // by settings
	private   map[string]string  // what must never be in a log: value → what it is
	openapi   *document
	openapiOK sync.Once
	openapiNo string
}

// Run makes the checks and calls report (which may be nil) once per check, in the order of Checks, as soon as the
// order allows. The error says that the suite itself could not run: the service did not start or is not reachable, or
// the context was cancelled. Failed checks are no error.
func Run(ctx context.Context, target Target, options Options, report func(Result)) (summary Summary, err error) {
	started := time.Now()
	defer func() { summary.Duration = time.Since(started) }()
	s := &suite{
		target: target, options: options, service: target.Service, secret: target.Secret,
		traffic: newTraffic(), private: map[string]string{}, shared: map[string]*shared{}, salt: randomText(6),
		starts: make(chan struct{}, 2),
	}
	for _, r := range target.Resources {
		s.resources = append(s.resources, resource{Resource: r, path: "/api/v1/" + r.Path()})
	}
	chosen, err := choose(options)
	if err != nil {
		return summary, err
	}
	concurrency := options.Concurrency
	if concurrency <= 0 {
		concurrency = 1
		if s.service != nil {
			concurrency = 4
		}
	}
	s.pool = newPool(2 * concurrency) // a check borrows two accounts at most, so none waits for ever
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer s.killAll()
	stop := context.AfterFunc(ctx, s.killAll)
	defer stop()

	if err := s.connect(ctx); err != nil {
		return summary, err
	}
	deliver := func(r Result) {
		switch r.Status {
		case Passed:
			summary.Passed++
		case Failed:
			summary.Failed++
		case Skipped:
			summary.Skipped++
		}
		summary.Results = append(summary.Results, r)
		if report != nil {
			report(r)
		}
	}
	if s.service == nil {
		s.prepare(ctx)
	}
	s.runAll(ctx, chosen, concurrency, deliver)
	if ctx.Err() != nil {
		return summary, fmt.Errorf("run interrupted: %w", context.Cause(ctx))
	}
	return summary, nil
}

// choose picks the checks that Options.Only names.
func choose(options Options) ([]check, error) {
	if len(options.Only) == 0 {
		return all(), nil
	}
	var chosen []check
	used := map[string]bool{}
	for _, c := range all() {
		for _, only := range options.Only {
			if c.id == only || strings.HasPrefix(c.id, only+".") {
				used[only] = true
				if len(chosen) == 0 || chosen[len(chosen)-1].id != c.id {
					chosen = append(chosen, c)
				}
			}
		}
	}
	for _, only := range options.Only {
		if !used[only] {
			return nil, fmt.Errorf("check %q is not known; see the list of checks", only)
		}
	}
	return chosen, nil
}

// connect starts the service, or finds the one that runs.
func (s *suite) connect(ctx context.Context) error {
	if s.service == nil {
		base := strings.TrimRight(s.target.BaseURL, "/")
		if !strings.HasPrefix(base, "http://") && !strings.HasPrefix(base, "https://") {
			return fmt.Errorf("base URL %q has no http:// or https://", s.target.BaseURL)
		}
		s.main = &instance{base: base}
		if a := s.send(ctx, call{method: http.MethodGet, path: "/healthz"}); a.err != nil {
			return fmt.Errorf("service at %s is not reachable: %w", base, a.err)
		}
		return nil
	}
	if len(s.service.Serve) == 0 {
		return errors.New("service has no command to serve; set Service.Serve")
	}
	s.secret = randomText(48)
	s.keepPrivate("JWT_SECRET", s.secret)
	if err := s.migrate(ctx); err != nil {
		return err
	}
	main, err := s.start(ctx, nil)
	if err != nil {
		return fmt.Errorf("service did not start: %w", err)
	}
	s.main = main
	return nil
}

// prepare makes two accounts before the first check can use up the attempts that a service allows: nearly all checks need
// one, and those on ownership both. What goes wrong here, the checks will report.
func (s *suite) prepare(ctx context.Context) {
	p := &probe{suite: s, ctx: ctx}
	defer func() {
		_ = recover()
		p.release()
	}()
	p.user(1)
}

// runAll runs the checks, a few at a time, and delivers their results in order. Those that look back at the whole run
// come last, one after the other.
func (s *suite) runAll(ctx context.Context, checks []check, concurrency int, deliver func(Result)) {
	done := make([]chan Result, len(checks))
	for i := range done {
		done[i] = make(chan Result, 1)
	}
	var sharers sync.WaitGroup
	for _, c := range checks {
		if c.phase == sharing {
			sharers.Add(1)
		}
	}
	next := make(chan int)
	go func() {
		defer close(next)
		for _, i := range inOrder(checks, concurrency) {
			next <- i
		}
	}()
	var workers sync.WaitGroup
	for range concurrency {
		workers.Go(func() {
			for i := range next {
				if checks[i].phase == ending {
					sharers.Wait() // they all began before
				}
				done[i] <- s.runCheck(ctx, checks[i])
				if checks[i].phase == sharing {
					sharers.Done()
				}
			}
		})
	}
	go func() {
		workers.Wait()
		for i, c := range checks {
			if c.phase == afterwards {
				done[i] <- s.runCheck(ctx, c)
			}
		}
	}()
	for i := range checks {
		deliver(<-done[i])
	}
}

// inOrder are the places of all checks but the last ones, in the order in which they begin. What starts instances takes
// longest, so it begins first; results still come in the order of the list.
func inOrder(checks []check, concurrency int) []int {
	var long, short []int
	for _, during := range []phase{sharing, ending, anytime} {
		for i, c := range checks {
			switch {
			case c.phase != during:
			case c.needs&needsService != 0:
				long = append(long, i)
			default:
				short = append(short, i)
			}
		}
	}
	if concurrency > 1 { // ever one place for the long ones, the rest for the others
		return interleave(long, short)
	}
	return append(long, short...)
}

// interleave puts one long piece of work before every few short ones, so that long ones do not pile up at either end.
func interleave(long, short []int) []int {
	var mixed []int
	every := max(1, len(short)/(len(long)+1))
	for i := 0; len(long) > 0 || len(short) > 0; i++ {
		if len(long) > 0 && (i%every == 0 || len(short) == 0) {
			mixed, long = append(mixed, long[0]), long[1:]
		}
		if len(short) > 0 {
			mixed, short = append(mixed, short[0]), short[1:]
		}
	}
	return mixed
}

// next is a number that no other call of the run gets.
func (s *suite) next() int64 { return s.counter.Add(1) }

// keepPrivate notes a value that must never be in a log.
func (s *suite) keepPrivate(what, value string) {
	if len(value) < 8 {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.private[value] = what
}
