//go:build unix

package main

import (
	"bytes"
	"encoding/xml"
	"fmt"

	"github.com/hinshun/vt10x"
)

// Sizes in units of the picture, which is about as wide as a README.
const (
	cellWidth, cellHeight = 8.43, 19.0
	fontSize              = 14
	margin, titleBar      = 18.0, 34.0
	bold                  = 1 << 2 // of vt10x.Glyph.Mode, whose names are not exported
)

// A style is how cells look.
type style struct {
	colour string
	bold   bool
}

// palette is the 16 colours of a terminal, readable on the background.
var palette = [...]string{
	"#6e7681", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#c9d1d9",
	"#8b949e", "#ffa198", "#7ee787", "#f2cc60", "#a5d6ff", "#e2c5ff", "#76e3ea", "#f0f6fc",
}

func styleOf(g vt10x.Glyph) style {
	s := style{colour: palette[7], bold: g.Mode&bold != 0}
	if int(g.FG) < len(palette) {
		s.colour = palette[g.FG]
	} else if s.bold {
		s.colour = palette[15]
	}
	return s
}

// svg draws a window with the command that was typed, and the screen below it.
func svg(command string, screen vt10x.Terminal) []byte {
	screen.Lock()
	defer screen.Unlock()
	wide, high := screen.Size()
	last := 0
	for y := range high {
		for x := range wide {
			if c := screen.Cell(x, y).Char; c != ' ' && c != 0 {
				last = y
			}
		}
	}
	width, height := 2*margin+float64(wide)*cellWidth, titleBar+2*margin+float64(last+2)*cellHeight
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img" aria-label="A run of backlot new on a terminal">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="10" fill="#0d1117"/>`+"\n")
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="19" r="6" fill="%s"/>`+"\n", 22+20*i, colour)
	}
	fmt.Fprintf(&b, `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace" font-size="%d" xml:space="preserve">`+"\n", fontSize)
	run(&b, 0, 0, []rune(command), style{palette[15], true})
	for y := range last + 1 {
		for x := 0; x < wide; {
			s := styleOf(screen.Cell(x, y))
			start, letters := x, []rune(nil)
			for ; x < wide && styleOf(screen.Cell(x, y)) == s; x++ {
				letters = append(letters, max(screen.Cell(x, y).Char, ' '))
			}
			run(&b, start, y+1, letters, s)
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}

// run draws letters of one style. Their length is given, so that every font keeps the columns.
func run(b *bytes.Buffer, x, y int, letters []rune, s style) {
	for len(letters) > 0 && letters[0] == ' ' {
		letters, x = letters[1:], x+1
	}
	for len(letters) > 0 && letters[len(letters)-1] == ' ' {
		letters = letters[:len(letters)-1]
	}
	if len(letters) == 0 {
		return
	}
	weight := ""
	if s.bold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(b, `<text x="%.2f" y="%.1f" textLength="%.2f" fill="%s"%s>`,
		margin+float64(x)*cellWidth, titleBar+margin+float64(y)*cellHeight, float64(len(letters))*cellWidth, s.colour, weight)
	_ = xml.EscapeText(b, []byte(string(letters))) // a buffer takes everything
	b.WriteString("</text>\n")
}
