// Package field reads the fields of a JSON body strictly, and holds the types that Go itself lacks.
package field

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrSyntax says that a body is not JSON.
var ErrSyntax = errors.New("the body is not valid JSON in UTF-8")

// Error is one field at fault; an empty name means the body itself.
type Error struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Errors are all the fields at fault.
type Errors []Error

func (e Errors) Error() string {
	messages := make([]string, len(e))
	for i, fault := range e {
		messages[i] = fault.Field + " " + fault.Message
	}
	return strings.Join(messages, ", ")
}

// Object is a JSON object whose fields are read one by one. encoding/json alone would match names
// without regard to case and repair invalid UTF-8.
type Object struct {
	// Sent names the fields to write, in the order in which they were read.
	Sent    []string
	members map[string]json.RawMessage
	partial bool
	errors  Errors
}

// Parse reads an object; in a partial one, fields may be left out.
func Parse(body []byte, partial bool) (*Object, error) {
	object := &Object{partial: partial}
	err := json.Unmarshal(body, &object.members)
	var malformed *json.SyntaxError
	if !utf8.Valid(body) || errors.As(err, &malformed) {
		return nil, ErrSyntax
	}
	if err != nil || object.members == nil { // null leaves the map as it is
		return nil, Errors{{Message: "must be an object"}}
	}
	return object, nil
}

// Required reads a field that must have a value.
func Required[T any](o *Object, name string, target *T, parse func(json.RawMessage) (T, error)) {
	raw, sent := o.members[name]
	if !sent {
		if !o.partial {
			o.fail(name, errors.New("is required"))
		}
		return
	}
	value, err := parse(raw)
	if err != nil {
		o.fail(name, err)
		return
	}
	*target = value
	o.Sent = append(o.Sent, name)
}

// Optional reads a field that may be null; left out of a whole object, it becomes null.
func Optional[T any](o *Object, name string, target **T, parse func(json.RawMessage) (T, error)) {
	raw, sent := o.members[name]
	if !sent && o.partial {
		return
	}
	if !sent || string(raw) == "null" {
		*target = nil
		o.Sent = append(o.Sent, name)
		return
	}
	value := new(T)
	Required(o, name, value, parse)
	*target = value
}

// Err returns the fields at fault, if any.
func (o *Object) Err() error {
	if len(o.errors) == 0 {
		return nil
	}
	return o.errors
}

func (o *Object) fail(name string, err error) {
	o.errors = append(o.errors, Error{Field: name, Message: err.Error()})
}
