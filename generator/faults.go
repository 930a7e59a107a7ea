package generator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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

// maxFaults is how many faults are told: whoever has more will not read them.
const maxFaults = 100

// A faultList gathers faults, each once.
type faultList struct{ faults Faults }

func (l *faultList) add(key, format string, arguments ...any) {
	l.addFault(Fault{Key: key, Message: fmt.Sprintf(format, arguments...)})
}

func (l *faultList) addFault(fault Fault) {
	switch known := func(f Fault) bool { return f.Key == fault.Key && f.Message == fault.Message }; {
	case len(l.faults) > maxFaults || slices.ContainsFunc(l.faults, known):
	case len(l.faults) == maxFaults:
		l.faults = append(l.faults, Fault{Key: fault.Key, Message: "and more"})
	default:
		l.faults = append(l.faults, fault)
	}
}

func (l *faultList) err() error {
	if len(l.faults) == 0 {
		return nil
	}
	return l.faults
}

// show makes a word that a user or a stranger's file wrote safe to print: no control or invisible
// characters, and not longer than a line.
func show(s string) string {
	const longest = 60
	cut := len(s) > longest
	if cut {
		end := longest
		for end > longest-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	switch s = printable(s); {
	case cut:
		return s + "…"
	case s == "":
		return `""`
	}
	return s
}

// printable writes control and invisible characters, and bytes that are no text, as Go escapes them.
func printable(s string) string {
	var b strings.Builder
	for i, c := range s {
		switch {
		case c == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !unicode.IsPrint(c):
			quoted := strconv.QuoteRune(c)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// didYouMean is ", did you mean x?" for a choice within two edits of word, else nothing.
func didYouMean(word string, choices []string) string {
	best, distance := "", 3
	for _, choice := range choices {
		if d := EditDistance(strings.ToLower(word), choice); d < distance && d < len(choice) {
			best, distance = choice, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best + "?"
}

// EditDistance is how many letters of a must be added, taken away or exchanged to make b. It gives up on a
// longer than 64 bytes.
func EditDistance(a, b string) int {
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
