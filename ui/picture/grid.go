package picture

import "strings"

// Attr is a set of the ways in which a cell's text stands out.
type Attr uint8

// The attributes that pictures can show. Blinking is not among them.
const (
	Bold Attr = 1 << iota
	Faint
	Italic
	Underline
	Reverse
	Strike
)

// Color is a colour as a program asked the terminal for it: the terminal's own
// (the zero value), one of the palette's 256, or one of 16 million. Two are
// equal (==) when they were asked for in the same way.
type Color uint32

const (
	kindPalette = 1 << 24
	kindRGB     = 2 << 24
)

// Palette is the colour at index i of the terminal's palette. Below 16 it is
// the theme's to say how it looks.
func Palette(i uint8) Color { return kindPalette | Color(i) }

// RGB is a colour by its red, green and blue.
func RGB(r, g, b uint8) Color {
	return kindRGB | Color(r)<<16 | Color(g)<<8 | Color(b)
}

// IsDefault tells whether c is the terminal's own foreground or background.
func (c Color) IsDefault() bool { return c == 0 }

// Index gives the place in the palette, if c was asked for by that.
func (c Color) Index() (i uint8, ok bool) { return uint8(c), c&^0xff == kindPalette }

// RGB gives red, green and blue, if c was asked for by them.
func (c Color) RGB() (r, g, b uint8, ok bool) {
	return uint8(c >> 16), uint8(c >> 8), uint8(c), c&^0xffffff == kindRGB
}

// Cell is one place on the screen. Text is one grapheme, a blank for an empty
// cell. A wide one has Width 2 and is followed by a cell of Width 0 without
// text.
type Cell struct {
	Text   string
	Width  int
	FG, BG Color
	Attr   Attr
}

// Grid is a screen as plain data: W×H cells, row by row.
type Grid struct {
	W, H             int
	Cells            []Cell
	CursorX, CursorY int
	CursorVisible    bool
	Alt              bool   // the alternate screen is shown; a grid made by Read knows nothing of it
	Title            string // the window's title
}

// maxSide bounds a grid's sides, so that a mistaken size costs no memory.
const maxSide = 2000

// NewGrid is an empty screen. A side below 0 counts as 0, one above 2,000 as
// that.
func NewGrid(w, h int) *Grid {
	w, h = min(max(w, 0), maxSide), min(max(h, 0), maxSide)
	g := &Grid{W: w, H: h, Cells: make([]Cell, w*h)}
	for i := range g.Cells {
		g.Cells[i] = Cell{Text: " ", Width: 1}
	}
	return g
}

// At is the cell at column x and row y, counted from 0; the zero Cell outside
// of the screen.
func (g *Grid) At(x, y int) Cell {
	if x < 0 || y < 0 || x >= g.W || y >= g.H {
		return Cell{}
	}
	return g.Cells[y*g.W+x]
}

// Row is the text of row y without the blanks at its end.
func (g *Grid) Row(y int) string {
	var b strings.Builder
	for x := range g.W {
		b.WriteString(g.At(x, y).Text)
	}
	return strings.TrimRight(b.String(), " ")
}

// Text is the whole screen, a line a row, without empty rows at its end.
func (g *Grid) Text() string {
	rows := make([]string, g.H)
	for y := range rows {
		rows[y] = g.Row(y)
	}
	return strings.TrimRight(strings.Join(rows, "\n"), "\n")
}

// Find gives the cell where s first begins, reading row by row. It finds
// nothing that runs over the end of a row.
func (g *Grid) Find(s string) (x, y int, ok bool) {
	for y := range g.H {
		for x := range g.W {
			if g.At(x, y).Width > 0 && g.begins(s, x, y) {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}

func (g *Grid) begins(s string, x, y int) bool {
	for ; s != "" && x < g.W; x++ {
		t := g.At(x, y).Text
		if len(t) > len(s) {
			t = t[:len(s)]
		}
		if !strings.HasPrefix(s, t) {
			return false
		}
		s = s[len(t):]
	}
	return s == ""
}

// Same tells whether two screens look the same, the cursor included.
func (g *Grid) Same(o *Grid) bool {
	if o == nil || g.W != o.W || g.H != o.H || g.CursorVisible != o.CursorVisible ||
		g.CursorVisible && (g.CursorX != o.CursorX || g.CursorY != o.CursorY) {
		return false
	}
	for i := range g.Cells {
		if g.Cells[i] != o.Cells[i] {
			return false
		}
	}
	return true
}
