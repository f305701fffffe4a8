package picture

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/parser"
)

// Read takes a frame, lines of text with SGR codes as View gives them, as a
// terminal of w columns and h rows shows it. Widths are those of lipgloss.Width.
// What goes beyond the right edge is cut; of too many lines the last ones stay,
// as Bubble Tea v1 has it. Of escape sequences only SGR counts, all others are
// passed over, as are control characters.
func Read(frame string, w, h int) *Grid {
	g := NewGrid(w, h)
	lines := strings.Split(frame, "\n")
	r := reader{grid: g, y: min(g.H-len(lines), 0)}
	for _, line := range lines {
		r.line(line)
		r.y++
	}
	return g
}

// maxText bounds a cell's text in bytes: marks can be heaped on a letter
// without end.
const maxText = 128

// reader is the place where the next grapheme goes, and how it looks.
type reader struct {
	grid *Grid
	x, y int
	pen  Cell
}

// line walks a line by the same table, and the same clusters, as
// ansi.StringWidth does, so that both always agree on widths.
func (r *reader) line(s string) {
	r.x = 0
	last := -1 // the cell that what has no width of its own is added to
	state, start := parser.GroundState, 0
	for i := 0; i < len(s); i++ {
		next, action := parser.Table.Transition(state, s[i])
		if action == parser.PrintAction || next == parser.Utf8State {
			cluster, w := ansi.FirstGraphemeCluster(s[i:], ansi.GraphemeWidth)
			i += len(cluster) - 1
			state = parser.GroundState
			last = r.put(cluster, w, last)
			continue
		}
		if s[i] == 0x1b || state == parser.GroundState {
			start = i
		}
		if next == parser.GroundState && action == parser.DispatchAction {
			if p, ok := sgr(s[start : i+1]); ok {
				r.pen.style(p)
			}
		}
		state = next
	}
}

// put sets one grapheme and gives the place of its cell.
func (r *reader) put(text string, w, last int) int {
	g := r.grid
	seen := r.y >= 0 && r.y < g.H
	text = printable(text) // broken UTF-8 takes the byte after it into its cluster
	if w <= 0 {
		if seen && last >= 0 && len(g.Cells[last].Text)+len(text) <= maxText {
			g.Cells[last].Text += text
		}
		return last
	}
	x := r.x
	r.x += w
	if !seen || r.x > g.W {
		return -1
	}
	at := r.y*g.W + x
	c := r.pen
	if c.Text, c.Width = text, w; text == "" {
		c.Text = "\uFFFD"
	}
	g.Cells[at] = c
	for i := 1; i < w; i++ {
		c.Text, c.Width = "", 0
		g.Cells[at+i] = c
	}
	return at
}

// sgr gives the parameters of a sequence if it is SGR: ESC [ parameters m.
func sgr(seq string) (string, bool) {
	p, ok := strings.CutPrefix(seq, "\x1b[")
	if !ok {
		return "", false
	}
	p, ok = strings.CutSuffix(p, "m")
	return p, ok && strings.Trim(p, "0123456789;:") == ""
}

// style applies the parameters of an SGR sequence (ECMA-48 8.3.117; colours by
// index and by parts as ISO 8613-6 and xterm have them, with semicolons or
// colons).
func (c *Cell) style(params string) {
	fields := strings.Split(params, ";")
	for i := 0; i < len(fields); i++ {
		code, sub, hasSub := strings.Cut(fields[i], ":")
		switch n := number(code); {
		case n == 0:
			*c = Cell{}
		case n == 1:
			c.Attr |= Bold
		case n == 2:
			c.Attr |= Faint
		case n == 3:
			c.Attr |= Italic
		case n == 4 && hasSub && number(sub) == 0:
			c.Attr &^= Underline
		case n == 4 || n == 21:
			c.Attr |= Underline
		case n == 7:
			c.Attr |= Reverse
		case n == 9:
			c.Attr |= Strike
		case n == 22:
			c.Attr &^= Bold | Faint
		case n == 23:
			c.Attr &^= Italic
		case n == 24:
			c.Attr &^= Underline
		case n == 27:
			c.Attr &^= Reverse
		case n == 29:
			c.Attr &^= Strike
		case n >= 30 && n <= 37:
			c.FG = Palette(uint8(n - 30))
		case n == 39:
			c.FG = 0
		case n >= 40 && n <= 47:
			c.BG = Palette(uint8(n - 40))
		case n == 49:
			c.BG = 0
		case n >= 90 && n <= 97:
			c.FG = Palette(uint8(n - 90 + 8))
		case n >= 100 && n <= 107:
			c.BG = Palette(uint8(n - 100 + 8))
		case n == 38 || n == 48 || n == 58:
			args, used := strings.Split(sub, ":"), 0
			if !hasSub {
				args = fields[i+1:]
			}
			var col Color
			col, used = extended(args, hasSub)
			switch {
			case used == 0 && !hasSub:
				return // where the next code begins cannot be known
			case used == 0 || n == 58: // 58 is the underline's colour
			case n == 38:
				c.FG = col
			case n == 48:
				c.BG = col
			}
			if !hasSub {
				i += used
			}
		}
	}
}

// extended reads what follows 38 or 48: 5 and an index, or 2 and red, green,
// blue, before which the form with colons may have the number of a colour
// space. It tells how many fields it took; 0 when there is no colour.
func extended(args []string, colons bool) (Color, int) {
	if len(args) < 2 {
		return 0, 0
	}
	switch number(args[0]) {
	case 5:
		if n := number(args[1]); n <= 255 {
			return Palette(uint8(n)), 2
		}
	case 2:
		rgb := args[1:]
		if colons && len(rgb) > 3 {
			rgb = rgb[1:]
		}
		if len(rgb) < 3 {
			return 0, 0
		}
		r, g, b := number(rgb[0]), number(rgb[1]), number(rgb[2])
		if r <= 255 && g <= 255 && b <= 255 {
			return RGB(uint8(r), uint8(g), uint8(b)), 4
		}
	}
	return 0, 0
}

// number reads a parameter; an empty one is 0, one too large stays large.
func number(s string) int {
	n := 0
	for _, d := range []byte(s) {
		if d < '0' || d > '9' {
			return 1 << 20
		}
		if n = n*10 + int(d-'0'); n > 1<<20 {
			return 1 << 20
		}
	}
	return n
}
