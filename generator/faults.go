package generator

import (
	"fmt"
	"strings"
	"unicode"
)

// A Fault is one thing that is missing or wrong in the answers.
type Fault struct {
	Key     string   `json:"key"`               // the answer at fault, as backlot.yaml and the flags name it
	Message string   `json:"message"`           // what is wrong and what to do
	Choices []string `json:"choices,omitempty"` // what is possible, where that is a short list
}

// Faults is the error for answers that cannot be used: all of them at once, at least one.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Message
	}
	return strings.Join(lines, "\n")
}

type faultList struct{ faults Faults }

func (l *faultList) add(key, format string, arguments ...any) {
	l.faults = append(l.faults, Fault{Key: key, Message: fmt.Sprintf(format, arguments...)})
}

func (l *faultList) err() error {
	if len(l.faults) == 0 {
		return nil
	}
	return l.faults
}

// show makes what a user or a stranger's file wrote safe to print: no control or invisible characters,
// not longer than a line.
func show(s string) string {
	var b strings.Builder
	for i, c := range s {
		if b.Len() > 60 {
			b.WriteString("…")
			break
		}
		if !unicode.IsPrint(c) || c == unicode.ReplacementChar {
			q := fmt.Sprintf("%q", s[i:i+max(1, len(string(c)))])
			if c == unicode.ReplacementChar {
				q = fmt.Sprintf("\"\\x%02x\"", s[i])
			}
			b.WriteString(q[1 : len(q)-1])
			continue
		}
		b.WriteRune(c)
	}
	if b.Len() == 0 {
		return `""`
	}
	return b.String()
}

// didYouMean is ", did you mean x?" for a choice within two edits of word, else nothing.
func didYouMean(word string, choices []string) string {
	best, distance := "", 3
	for _, choice := range choices {
		if d := editDistance(strings.ToLower(word), choice); d < distance && d < len(choice) {
			best, distance = choice, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best + "?"
}

func editDistance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		previous := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := previous
			if a[i] != b[j] {
				cost = 1 + min(previous, row[j], row[j+1])
			}
			previous, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
