package conformance

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// WriteText writes a result as a line for a person, with its detail below when it failed or was skipped.
func WriteText(w io.Writer, r Result) error {
	mark := map[Status]string{Passed: "ok  ", Failed: "FAIL", Skipped: "skip"}[r.Status]
	_, err := fmt.Fprintf(w, "%s  %-36s %s", mark, r.ID, r.Title)
	if r.Status == Skipped {
		if err == nil {
			_, err = fmt.Fprintf(w, " (%s)", strings.ReplaceAll(r.Detail, "\n", "; "))
		}
	} else if r.Detail != "" && err == nil {
		_, err = fmt.Fprintf(w, "\n      %s", strings.ReplaceAll(r.Detail, "\n", "\n      "))
	}
	if err == nil {
		_, err = fmt.Fprintln(w)
	}
	return err
}

// WriteSummary writes the last line of a run for a person.
func WriteSummary(w io.Writer, s Summary) error {
	_, err := fmt.Fprintf(w, "%d passed, %d failed, %d skipped in %s\n", s.Passed, s.Failed, s.Skipped, s.Duration.Round(100*time.Millisecond))
	return err
}

// WriteJSON writes a run as one JSON object.
func WriteJSON(w io.Writer, s Summary) error {
	type result struct {
		Result
		Milliseconds int64 `json:"duration_ms"`
	}
	report := struct {
		Passed       int      `json:"passed"`
		Failed       int      `json:"failed"`
		Skipped      int      `json:"skipped"`
		Milliseconds int64    `json:"duration_ms"`
		Results      []result `json:"results"`
	}{s.Passed, s.Failed, s.Skipped, s.Duration.Milliseconds(), []result{}}
	for _, r := range s.Results {
		report.Results = append(report.Results, result{r, r.Duration.Milliseconds()})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure"`
	Skipped *junitMessage `xml:"skipped"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes a run as JUnit XML, which most CI services show.
func WriteJUnit(w io.Writer, name string, s Summary) error {
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
	suite := junitSuite{Name: name, Tests: len(s.Results), Failures: s.Failed, Skipped: s.Skipped, Time: seconds(s.Duration)}
	for _, r := range s.Results {
		c := junitCase{Class: "conformance." + r.Group, Name: r.ID, Time: seconds(r.Duration)}
		switch r.Status {
		case Failed:
			c.Failure = &junitMessage{Message: r.Title, Text: validXML(r.Detail)}
		case Skipped:
			c.Skipped = &junitMessage{Message: validXML(r.Detail)}
		}
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(suite); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// validXML takes out what XML 1.0 cannot hold.
func validXML(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return '?'
		}
		return r
	}, text)
}
