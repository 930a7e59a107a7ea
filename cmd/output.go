package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/term"
)

// printable makes text safe for a terminal: characters that command it, or that cannot be seen, are shown
// as escapes. Line ends stay.
func printable(text string) string {
	plain := true
	for _, c := range text {
		plain = plain && (c == '\n' || unicode.IsPrint(c) && c != unicode.ReplacementChar)
	}
	if plain {
		return text
	}
	var b strings.Builder
	for _, c := range text {
		switch {
		case c == '\n' || unicode.IsPrint(c):
			b.WriteRune(c)
		case c < 0x80:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String()
}

// writeJSON writes one value to standard output.
func (s *system) writeJSON(value any) error {
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	return s.write(escapedJSON(content.String()))
}

// escapedJSON escapes, in JSON, what a terminal could take for commands.
func escapedJSON(content string) string {
	var b strings.Builder
	for _, c := range content {
		switch {
		case c == '\n' || unicode.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String()
}

// write writes to standard output.
func (s *system) write(text string) error {
	_, err := io.WriteString(s.stdout, text)
	return err
}

// isTerminal tells whether a stream is a terminal that understands more than plain text.
func (s *system) isTerminal(stream any) bool {
	file, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd())) && s.lookup("TERM") != "dumb"
}

// A style writes in colour, or does not.
type style bool

// styleFor is the style of a stream: colour on a terminal, unless NO_COLOR is set (no-color.org).
func (s *system) styleFor(stream io.Writer) style {
	if watched, ok := stream.(*watchedWriter); ok {
		stream = watched.Writer
	}
	// The older of Windows' two consoles shows the codes themselves.
	understands := runtime.GOOS != "windows" || s.lookup("WT_SESSION") != ""
	return style(understands && s.lookup("NO_COLOR") == "" && s.isTerminal(stream))
}

func (s style) in(code, text string) string {
	if !s {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string  { return s.in("1", text) }
func (s style) green(text string) string { return s.in("32", text) }
func (s style) red(text string) string   { return s.in("31", text) }
func (s style) faint(text string) string { return s.in("2", text) }

// quoted is a word as the user's shell reads it: in single quotes, or on Windows, whose two shells agree
// on nothing else, in double quotes.
func quoted(word string) string { return quotedFor(runtime.GOOS, word) }

func quotedFor(system, word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+") == "" {
		return word
	}
	if system == "windows" {
		return `"` + word + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// size is a number of bytes as people read it.
func size(bytes int) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1_000_000)
}

// counted is a number with its word: 1 file, 2 files.
func counted(number int, word string) string {
	if number == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", number, word)
}
