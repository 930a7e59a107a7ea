package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/backlot-cli/backlot/generator"
)

// resource is a resource of the project with its path.
type resource struct {
	generator.Resource
	path string
}

// values is a body in the making: a JSON literal per field. Literals are sent as they stand, so that a body can be
// wrong in every way.
type values map[string]string

// json is the body.
func (v values) json() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, name := range sortedKeys(v) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(name) + ":" + v[name])
	}
	return b.String() + "}"
}

// with is a copy with one value changed.
func (v values) with(name, literal string) values {
	changed := values{name: literal}
	for key, value := range v {
		if key != name {
			changed[key] = value
		}
	}
	return changed
}

// without is a copy with one value left out.
func (v values) without(name string) values {
	changed := values{}
	for key, value := range v {
		if key != name {
			changed[key] = value
		}
	}
	return changed
}

// quote writes a JSON string without escaping more than it must.
func quote(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text)
	return strings.TrimSuffix(b.String(), "\n")
}

// values draws a value for every field, all valid, and those of unique fields drawn for the first time. A unique enum
// that may be null is null, as it would soon run out of values.
func (s *suite) values(r resource) values {
	v := values{}
	for _, f := range r.Fields {
		if f.Type == "enum" && f.Unique && f.Optional {
			v[f.Name] = "null"
			continue
		}
		v[f.Name] = s.draw(f)
	}
	return v
}

// fresh draws values that the account can post: those of unique enums that must be set are free, as far as there are free ones.
func (p *probe) fresh(as *account, r resource) values {
	v := p.values(r)
	enums := r.fields(func(f generator.Field) bool { return isUniqueEnum(f) && isRequired(f) })
	if len(enums) == 0 {
		return v
	}
	records := p.list(as, r, 100)
	for _, f := range enums {
		for _, value := range f.Values {
			if !slices.ContainsFunc(records, func(record map[string]any) bool { return record[f.Name] == value }) {
				v[f.Name] = quote(value)
				break
			}
		}
	}
	return v
}

// firstDrawn is beyond the values that checks of single fields use, which a unique field would take once only.
const firstDrawn = 1_000_000

var firstDay = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

// draw is a valid value of a field, another one each time as far as its type has others, in the form in which it
// comes back.
func (s *suite) draw(f generator.Field) string {
	n := firstDrawn + s.next()
	switch f.Type {
	case "string", "text":
		return quote(fmt.Sprintf("%s %s %d", f.Name, s.salt, n))
	case "integer":
		return fmt.Sprint(n)
	case "float":
		return fmt.Sprintf("%d.5", n)
	case "decimal":
		return fmt.Sprintf(`"%d.%02d"`, n, n%100)
	case "boolean":
		return fmt.Sprint(n%2 == 0)
	case "date":
		return quote(firstDay.AddDate(0, 0, int(n%2_900_000)).Format(time.DateOnly))
	case "datetime":
		return quote(firstDay.Add(time.Duration(n) * 1001 * time.Millisecond).Format("2006-01-02T15:04:05.000Z"))
	case "uuid":
		return quote(fmt.Sprintf("%08x-0000-4000-8000-%012x", n, n))
	case "enum":
		return quote(f.Values[int(n)%len(f.Values)])
	}
	return "null"
}

// another draws a value of a field that differs from the one it has; "" when the type has no other.
func (s *suite) another(f generator.Field, current any) string {
	for range 200 {
		if literal := s.draw(f); !equal(f, literal, current) {
			return literal
		}
	}
	return ""
}

// capacity is how many records one user can have: a unique enum that must be set has only so many values.
func (r resource) capacity() int {
	most := 1 << 20
	for _, f := range r.Fields {
		if f.Type == "enum" && f.Unique && !f.Optional {
			most = min(most, len(f.Values))
		}
	}
	return most
}

// atLeast skips a check that needs more records than a user can have.
func (p *probe) atLeast(r resource, records int) {
	if r.capacity() < records {
		p.skip("%s has a unique enum with %d values, so a user cannot have %d records", r.Name, r.capacity(), records)
	}
}

// clear deletes all records that the user has of a resource.
func (p *probe) clear(as *account, r resource) {
	for range 1000 {
		a := p.must(p.get(as, r.path+"?limit=100"), 200)
		items, _ := a.object()["items"].([]any)
		if len(items) == 0 {
			return
		}
		for _, item := range items {
			record, _ := item.(map[string]any)
			id, _ := record["id"].(string)
			p.must(p.delete(as, r.path+"/"+id), 204)
		}
	}
	p.fatal("the list of %s cannot be emptied by deleting its records", r.path)
}

// room makes place for further records where only so many are possible.
func (p *probe) room(as *account, r resource) {
	if r.capacity() < 100 {
		p.clear(as, r)
	}
}

// freeEnums frees the few values of unique enums, which the account's records of earlier checks may all have.
func (p *probe) freeEnums(as *account, r resource) {
	if slices.ContainsFunc(r.Fields, isUniqueEnum) {
		p.clear(as, r)
	}
}

// fields are the resource's fields that a test picks.
func (r resource) fields(pick func(generator.Field) bool) []generator.Field {
	return slices.DeleteFunc(slices.Clone(r.Fields), func(f generator.Field) bool { return !pick(f) })
}

func isUniqueEnum(f generator.Field) bool { return f.Unique && f.Type == "enum" }

func isUnique(f generator.Field) bool   { return f.Unique }
func isOptional(f generator.Field) bool { return f.Optional }
func isRequired(f generator.Field) bool { return !f.Optional }
