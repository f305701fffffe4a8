package picture

import (
	"fmt"
	"strings"
)

// ANSI is row y as text with SGR codes and nothing else that a terminal obeys.
// It begins and ends in the terminal's own colours, and Read gives the same
// cells again. Blanks at the end that look like the ground are left out.
func (g *Grid) ANSI(y int) string {
	end := g.W
	for end > 0 {
		if c := g.At(end-1, y); c.Text != " " || c.BG != 0 || c.Attr != 0 {
			break
		}
		end--
	}
	var b strings.Builder
	var pen Cell
	for x := range end {
		c := g.At(x, y)
		if c.Width == 0 {
			continue
		}
		if c.FG != pen.FG || c.BG != pen.BG || c.Attr != pen.Attr {
			b.WriteString(c.sgr())
			pen = c
		}
		b.WriteString(printable(c.Text))
	}
	if pen.FG != 0 || pen.BG != 0 || pen.Attr != 0 {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}

// sgr sets a cell's style, from whatever was set before.
func (c Cell) sgr() string {
	codes := []string{"0"}
	for i, code := range []string{"1", "2", "3", "4", "7", "9"} { // in the order of the attributes' bits
		if c.Attr>>i&1 == 1 {
			codes = append(codes, code)
		}
	}
	add := func(col Color, base int) {
		if r, g, b, ok := col.RGB(); ok {
			codes = append(codes, fmt.Sprintf("%d;2;%d;%d;%d", base+8, r, g, b))
		} else if i, ok := col.Index(); ok {
			switch {
			case i < 8:
				codes = append(codes, fmt.Sprint(base+int(i)))
			case i < 16:
				codes = append(codes, fmt.Sprint(base+60+int(i)-8))
			default:
				codes = append(codes, fmt.Sprintf("%d;5;%d", base+8, i))
			}
		}
	}
	add(c.FG, 30)
	add(c.BG, 40)
	return "\x1b[" + strings.Join(codes, ";") + "m"
}

// printable is a cell's text without control characters, and with U+FFFD for what
// is no UTF-8.
func printable(s string) string {
	if len(s) == 1 && s[0] >= ' ' && s[0] < 0x7f {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, s)
}
