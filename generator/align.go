package generator

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// tab ends a cell of a line. The cells of neighbouring lines are made equally wide, as formatters do
// for declarations: no template can know how long the names are that it writes.
const tab = "\v"

// align pads the cells of a rendered file. The last cell of a line is never padded.
func align(content []byte) ([]byte, error) {
	if bytes.IndexByte(content, tab[0]) < 0 {
		return content, nil
	}
	lines := strings.Split(string(content), "\n")
	cells := make([][]string, len(lines))
	for i, line := range lines {
		cells[i] = strings.Split(line, tab)
	}
	size := len(content)
	for column := 0; ; column++ {
		found := false
		for start := 0; start < len(cells); start++ {
			end, width := start, 0
			for ; end < len(cells) && len(cells[end]) > column+1; end++ {
				width = max(width, utf8.RuneCountInString(cells[end][column]))
			}
			for i := start; i < end; i++ {
				found = true
				padding := width + 1 - utf8.RuneCountInString(cells[i][column])
				if size += padding; size > maxFileSize {
					return nil, tooLarge()
				}
				cells[i][column] += strings.Repeat(" ", padding)
			}
			start = max(start, end-1)
		}
		if !found {
			break
		}
	}
	for i := range cells {
		if len(cells[i]) > 1 {
			lines[i] = strings.TrimRight(strings.Join(cells[i], ""), " ")
		}
	}
	return []byte(strings.Join(lines, "\n")), nil
}
