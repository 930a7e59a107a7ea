package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/backlot-cli/backlot/generator"
)

// wrong notes what was expected of an answer.
func (p *probe) wrong(a *answer, expected string, arguments ...any) {
	p.fail("%s\nexpected %s\ngot %s", a.call, fmt.Sprintf(expected, arguments...), a)
}

// status expects one of some statuses.
func (p *probe) status(a *answer, wanted ...int) bool {
	if a.err == nil && slices.Contains(wanted, a.status) {
		return true
	}
	words := make([]string, len(wanted))
	for i, status := range wanted {
		words[i] = strconv.Itoa(status)
	}
	p.wrong(a, "%s", strings.Join(words, " or "))
	return false
}

// must expects a status without which the check makes no sense.
func (p *probe) must(a *answer, wanted ...int) *answer {
	if !p.status(a, wanted...) {
		panic(ended{})
	}
	return a
}

// problem expects an error of the contract's form.
func (p *probe) problem(a *answer, status int) bool {
	if !p.status(a, status) {
		return false
	}
	if fault := problemFault(a, status); fault != "" {
		p.wrong(a, "%s", fault)
		return false
	}
	return true
}

// names expects an error that names a field at fault: "errors … names at least one field at fault".
func (p *probe) names(a *answer, status int, field string) {
	if p.problem(a, status) && !slices.Contains(fieldsAtFault(a), field) {
		p.wrong(a, "%d whose errors name the field %q", status, field)
	}
}

var (
	uuidVersion7 = lazyRegexp(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	timestamps   = lazyRegexp(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$`)
)

// record expects one record with a status, checks its shape, and returns it; without it the check ends.
func (p *probe) record(a *answer, status int, r resource) map[string]any {
	p.must(a, status)
	object := a.object()
	if mediaType(a.header) != "application/json" || object == nil {
		p.wrong(a, "a record as application/json")
		panic(ended{})
	}
	if fault := r.shapeFault(object); fault != "" {
		p.wrong(a, "%s", fault)
		panic(ended{})
	}
	return object
}

// shapeFault says what a record should have looked like: "A record has id, the fields, created_at and updated_at".
func (r resource) shapeFault(object map[string]any) string {
	wanted := []string{"id", "created_at", "updated_at"}
	for _, f := range r.Fields {
		wanted = append(wanted, f.Name)
	}
	slices.Sort(wanted)
	if got := sortedKeys(object); !slices.Equal(got, wanted) {
		return fmt.Sprintf("a record with exactly %s, got %s", strings.Join(wanted, ", "), strings.Join(got, ", "))
	}
	if id, _ := object["id"].(string); !uuidVersion7().MatchString(id) {
		return "an id that is a UUIDv7"
	}
	for _, name := range []string{"created_at", "updated_at"} {
		if text, _ := object[name].(string); !timestamps().MatchString(text) {
			return name + " as 2026-11-20T10:23:00.000Z"
		}
	}
	return ""
}

// create makes a record of the user's with drawn values.
func (p *probe) create(as *account, r resource) map[string]any {
	return p.createWith(as, r, p.fresh(as, r))
}

func (p *probe) createWith(as *account, r resource, v values) map[string]any {
	return p.record(p.post(as, r.path, v.json()), http.StatusCreated, r)
}

// item is the path of a record.
func (r resource) item(record map[string]any) string { return r.path + "/" + record["id"].(string) }

// equal tells whether a value that came back is what a literal stands for, as its type has it.
func equal(f generator.Field, literal string, got any) bool {
	wanted, err := decode([]byte(literal))
	if err != nil {
		return false
	}
	return equalValue(f.Type, wanted, got)
}

func equalValue(kind string, wanted, got any) bool {
	a, isNumber := wanted.(json.Number)
	b, alsoNumber := got.(json.Number)
	if !isNumber || !alsoNumber {
		return isNumber == alsoNumber && fmt.Sprintf("%T %v", wanted, wanted) == fmt.Sprintf("%T %v", got, got)
	}
	if kind == "float" {
		x, err := strconv.ParseFloat(a.String(), 64)
		y, other := strconv.ParseFloat(b.String(), 64)
		return err == nil && other == nil && x == y
	}
	x, ok := new(big.Rat).SetString(a.String())
	y, other := new(big.Rat).SetString(b.String())
	return ok && other && x.Cmp(y) == 0
}

// sameRecord says in which members two records differ, leaving some out; "" when in none.
func (r resource) sameRecord(a, b map[string]any, except ...string) string {
	kinds := map[string]string{}
	for _, f := range r.Fields {
		kinds[f.Name] = f.Type
	}
	var different []string
	for _, name := range sortedKeys(a) {
		if !slices.Contains(except, name) && !equalValue(kinds[name], a[name], b[name]) {
			different = append(different, fmt.Sprintf("%s %s", name, shown(fmt.Sprint(a[name]), 80)))
		}
	}
	return strings.Join(different, ", ")
}

// unchanged expects a record to be as it was.
func (p *probe) unchanged(as *account, r resource, before map[string]any) {
	a := p.get(as, r.item(before))
	now := p.record(a, http.StatusOK, r)
	if different := r.sameRecord(before, now); different != "" {
		p.wrong(a, "the record unchanged: %s", different)
	}
}

// moment reads a time of the contract's form.
func moment(value any) time.Time {
	text, _ := value.(string)
	t, _ := time.Parse(time.RFC3339Nano, text)
	return t
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func itoa(n int) string { return strconv.Itoa(n) }
