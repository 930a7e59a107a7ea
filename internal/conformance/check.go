package conformance

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// need says what a check cannot do without.
type need int

const (
	needsSecret  need = 1 << iota // the signing key, to forge tokens
	needsService                  // that the suite starts the service itself
	needsSlow                     // Options.Slow
)

// phase says when a check runs.
type phase int

const (
	anytime    phase = iota
	sharing          // among others on an instance: before that is ended
	ending           // it ends an instance that others shared: when all of them are done
	afterwards       // it looks back at the whole run
)

// check is one thing to find out.
type check struct {
	id    string
	title string
	needs need
	run   func(*probe)
	phase phase
}

func (c check) group() string {
	group, _, _ := strings.Cut(c.id, ".")
	return group
}

// probe is what a check works with; a check has one of its own.
type probe struct {
	*suite
	id        string
	phase     phase
	ctx       context.Context
	faults    []string
	hidden    int // faults beyond those shown
	notes     []string
	borrowed  []*account
	instances []*instance
	starting  int
}

// ended leaves a check early; skipped says that it could not be made.
type ended struct{ skipped string }

const shownFaults = 4

// fail notes a fault and goes on.
func (p *probe) fail(format string, arguments ...any) {
	if len(p.faults) >= shownFaults {
		p.hidden++
		return
	}
	p.faults = append(p.faults, fmt.Sprintf(format, arguments...))
}

// fatal notes a fault and ends the check.
func (p *probe) fatal(format string, arguments ...any) {
	p.fail(format, arguments...)
	panic(ended{})
}

// skip ends the check as not made, unless it has found a fault already.
func (p *probe) skip(format string, arguments ...any) {
	panic(ended{skipped: fmt.Sprintf(format, arguments...)})
}

// note adds what a reader of a pass should know.
func (p *probe) note(format string, arguments ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, arguments...))
}

// each runs a check on every resource. One that cannot be made on some of them says so; on none, it is skipped.
func each(run func(*probe, resource)) func(*probe) {
	return func(p *probe) {
		if len(p.resources) == 0 {
			p.skip("the project has no resource")
		}
		var reasons []string
		for _, r := range p.resources {
			if reason := p.attempt(func() {
				if slices.ContainsFunc(r.Fields, isUniqueEnum) { // so that no other check borrows an account for it
					p.freeEnums(p.user(0), r)
				}
				run(p, r)
			}); reason != "" {
				reasons = append(reasons, reason)
			}
		}
		if len(reasons) == len(p.resources) {
			p.skip("%s", strings.Join(unique(reasons), "; "))
		}
		for _, reason := range unique(reasons) {
			p.note("not everywhere: %s", reason)
		}
	}
}

// attempt runs a part of a check and returns the reason when it was skipped.
func (p *probe) attempt(part func()) (reason string) {
	defer func() {
		if r := recover(); r != nil {
			if end, ok := r.(ended); ok && end.skipped != "" {
				reason = end.skipped
				return
			}
			panic(r)
		}
	}()
	part()
	return ""
}

func unique(list []string) []string {
	var kept []string
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	return kept
}

// runCheck runs one check to its result, whatever happens in it.
func (s *suite) runCheck(ctx context.Context, c check) (result Result) {
	result = Result{ID: c.id, Group: c.group(), Title: c.title}
	skipped := func(reason string) Result {
		result.Status, result.Detail = Skipped, reason
		return result
	}
	switch {
	case ctx.Err() != nil:
		return skipped("the run was interrupted")
	case s.gone.Load() && c.phase != afterwards:
		return skipped("the service is no longer there")
	case c.needs&needsService != 0 && s.service == nil:
		return skipped("only with a service that the suite starts itself, not with a URL")
	case c.needs&needsSecret != 0 && s.secret == "":
		return skipped("only where the suite knows JWT_SECRET, not with a URL alone")
	case c.needs&needsSlow != 0 && !s.options.Slow:
		return skipped("takes up to a minute; only among the slow checks")
	}
	started := time.Now()
	p := &probe{suite: s, id: c.id, phase: c.phase, ctx: ctx}
	defer func() {
		r := recover()
		p.release()
		result.Duration = time.Since(started)
		end, early := r.(ended)
		switch {
		case r != nil && !early:
			p.fail("fault in the check itself: %v\n%s", r, debug.Stack())
			result.Status = Failed
		case len(p.faults) > 0:
			result.Status = Failed
		case end.skipped != "":
			result.Status = Skipped
			p.notes = append([]string{end.skipped}, p.notes...)
		default:
			result.Status = Passed
		}
		if ctx.Err() != nil && result.Status == Failed {
			result.Status, result.Detail = Skipped, "the run was interrupted"
			return
		}
		details := p.notes
		if result.Status == Failed {
			details = p.faults
			if p.hidden > 0 {
				details = append(details, fmt.Sprintf("and %d more", p.hidden))
			}
		}
		result.Detail = strings.Join(details, "\n")
	}()
	c.run(p)
	return result
}

// release gives back what the check borrowed and ends what it started.
func (p *probe) release() {
	for _, a := range p.borrowed {
		p.pool.giveBack(a)
	}
	for _, i := range p.instances {
		i.kill()
	}
	for range p.starting {
		<-p.starts
	}
}
