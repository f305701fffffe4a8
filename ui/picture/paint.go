package picture

import (
	"image"
	"image/color"
	"strings"
)

// Sizes in CSS pixels. A cell is as wide as the font's advance at its size, and
// as high as leaves borders and half blocks in good proportion.
const (
	cellW    = 9
	cellH    = 20
	baseline = 15 // from the cell's top
	padX     = 18
	padTop   = 12
	padEnd   = 16
	bar      = 30 // the title bar
	radius   = 10
)

// Painter draws grids in one look and at one size. It is not safe for
// concurrent use.
type Painter struct {
	Title string // in the title bar; when empty, the grid's own
	Bare  bool   // no window around: no title bar, no round corners

	theme  Theme
	scale  int
	smooth int // the steps in which an edge fades
	ink    map[inkKey]*mask
}

// smooth is in how many steps an edge fades. More would not be seen, and would
// make files a quarter larger.
const smooth = 5

// inkKey is what a cell's mask depends on.
type inkKey struct {
	text         string
	bold, italic bool
	wide         int
	smooth       int // 0 for outlines
}

// NewPainter makes a painter. Scale is how many pixels a CSS pixel has in PNG,
// 1 to 4; 2 is sharp on most screens. SVG has no scale.
func NewPainter(theme Theme, scale int) *Painter {
	return &Painter{theme: theme, scale: min(max(scale, 1), 4), smooth: smooth, ink: map[inkKey]*mask{}}
}

// Missing lists the characters of a grid for which there is no glyph, each once,
// in the order in which they stand. They are drawn as an empty box.
func (p *Painter) Missing(g *Grid) []string {
	var out []string
	seen := map[string]bool{}
	for _, c := range g.Cells {
		if c.Text == " " || seen[c.Text] {
			continue
		}
		seen[c.Text] = true
		for _, r := range c.Text {
			if _, ok := p.char(r, c.Attr&Bold != 0, false, cellFrame(1, 1)); !ok {
				out = append(out, c.Text)
				break
			}
		}
	}
	return out
}

// cellFrame is a cell in units of which a CSS pixel has so many, the step of
// edges being as given.
func cellFrame(unit, step int) frame {
	return frame{w: cellW * unit, h: cellH * unit, stroke: unit, step: step}
}

// char gives the outline of one character in a cell.
func (p *Painter) char(r rune, bold, italic bool, f frame) (outline, bool) {
	if r == 0xFE0E || r == 0xFE0F || r == 0x200D || r == ' ' || r == 0xA0 { // they choose or join, or are blank
		return nil, true
	}
	if shade(r) > 0 {
		return nil, true
	}
	if o, ok := shape(r, f); ok {
		return o, true
	}
	if r >= 0x2500 && r <= 0x257F {
		return p.stretched(r, f)
	}
	return glyph(r, bold, italic, f.w, f.h*baseline/cellH)
}

// stretched gives a box drawing character that is no shape of ours (dashes,
// double lines, diagonals) as the font has it, made as high as the cell, so that
// it meets its neighbours.
func (p *Painter) stretched(r rune, f frame) (outline, bool) {
	full, ok := glyph('│', false, false, f.w, 0)
	if !ok {
		return nil, false
	}
	lo, hi := 0, 0
	for _, s := range full {
		lo, hi = min(lo, s.p[0].y), max(hi, s.p[0].y)
	}
	o, ok := glyph(r, false, false, f.w, 0)
	if hi <= lo {
		return o, ok
	}
	for i := range o {
		for k := range o[i].p {
			o[i].p[k].y = scaled(o[i].p[k].y-lo, f.h, hi-lo)
		}
	}
	return o, ok
}

// cell gives the outline of a cell's text, wide columns broad. What no font has
// is an empty box.
func (p *Painter) cell(k inkKey, f frame) outline {
	var all outline
	for _, r := range k.text {
		o, ok := p.char(r, k.bold, k.italic, f)
		if !ok {
			return tofu(k.wide, f)
		}
		if shift := (k.wide - 1) * f.w / 2; shift > 0 { // a narrow glyph in the middle of two columns
			for i := range o {
				for j := range o[i].p {
					o[i].p[j].x += shift
				}
			}
		}
		all = append(all, o...)
	}
	return all
}

func tofu(wide int, f frame) (o outline) {
	x, y, t := f.snap(f.w/5), f.snap(f.h/5), f.stroke
	w, h := f.w*wide-x, f.h-y
	o.rect(x, y, w, h)
	o.hole(x+t, y+t, w-t, h-t)
	return o
}

func keyOf(c Cell) inkKey {
	return inkKey{text: c.Text, bold: c.Attr&Bold != 0, italic: c.Attr&Italic != 0, wide: max(1, c.Width)}
}

// blank tells whether there is nothing to draw of a cell's text.
func blank(c Cell) bool { return c.Width == 0 || strings.Trim(c.Text, " \u00a0") == "" }

// look is how the cell at x, y appears, the cursor included.
func (p *Painter) look(g *Grid, x, y int) (fg, bg color.NRGBA) {
	if g.CursorVisible && x == g.CursorX && y == g.CursorY {
		return hex(p.theme.BG), hex(p.theme.Cursor)
	}
	return p.theme.colours(g.At(x, y))
}

func (p *Painter) title(g *Grid) string {
	if p.Title != "" {
		return p.Title
	}
	return g.Title
}

// titleCells cuts the title to what stands between the dots and the right edge,
// as cells.
func (p *Painter) titleCells(g *Grid) []Cell {
	t := Read(p.title(g), max(0, g.W-12), 1)
	n := t.W
	for n > 0 && t.Cells[n-1].Text == " " {
		n--
	}
	return t.Cells[:n]
}

// layout is where things stand in a picture, in CSS pixels.
type layout struct{ w, h, x, y int }

func (p *Painter) layout(g *Grid) layout {
	l := layout{w: g.W*cellW + 2*padX, h: g.H*cellH + padTop + padEnd, x: padX, y: padTop}
	if !p.Bare {
		l.y = bar + padTop/2
		l.h = g.H*cellH + l.y + padEnd
	}
	return l
}

// Draw gives the picture of a grid. Around the window's corners it is
// transparent.
func (p *Painter) Draw(g *Grid) *image.NRGBA {
	l, s := p.layout(g), p.scale
	img := image.NewNRGBA(image.Rect(0, 0, l.w*s, l.h*s))
	if p.Bare {
		rect(img, 0, 0, l.w*s, l.h*s, hex(p.theme.BG))
	} else {
		p.window(img, g, l)
	}
	for y := range g.H {
		for x := range g.W {
			c := g.At(x, y)
			_, bg := p.look(g, x, y)
			if c.Width > 0 && bg != hex(p.theme.BG) {
				x0, y0 := (l.x+x*cellW)*s, (l.y+y*cellH)*s
				rect(img, x0, y0, x0+c.Width*cellW*s, y0+cellH*s, bg)
			}
		}
	}
	for y := range g.H {
		for x := range g.W {
			fg, bg := p.look(g, x, y)
			p.text(img, g.At(x, y), (l.x+x*cellW)*s, (l.y+y*cellH)*s, fg, bg)
		}
	}
	return img
}

// window draws the ground with its edge, the dots and the title.
func (p *Painter) window(img *image.NRGBA, g *Grid, l layout) {
	s := p.scale
	round := func(x0, y0, x1, y1, r int, c color.NRGBA) {
		var o outline
		o.round(x0*s*subpixel, y0*s*subpixel, x1*s*subpixel, y1*s*subpixel, r*s*subpixel)
		stamp(img, fill(o, p.smooth), 0, 0, c)
	}
	round(0, 0, l.w, l.h, radius, hex(p.theme.Border))
	round(1, 1, l.w-1, l.h-1, radius-1, hex(p.theme.BG))
	for i, c := range p.theme.Dots {
		x, y := padX+18*i, (bar-10)/2+1
		round(x, y, x+10, y+10, 5, hex(c))
	}
	t := p.titleCells(g)
	x, y := (l.w-len(t)*cellW)/2, (bar-cellH)/2+1
	ink := mix(hex(p.theme.FG), hex(p.theme.BG), 40)
	for i, c := range t {
		c.FG, c.BG, c.Attr = 0, 0, 0
		p.text(img, c, (x+i*cellW)*s, y*s, ink, hex(p.theme.BG))
	}
}

// text draws a cell's text and lines, not its ground.
func (p *Painter) text(img *image.NRGBA, c Cell, x, y int, fg, bg color.NRGBA) {
	s := p.scale
	w := max(1, c.Width) * cellW * s
	if c.Width > 0 && c.Attr&Underline != 0 {
		rect(img, x, y+(baseline+2)*s, x+w, y+(baseline+3)*s, fg)
	}
	if !blank(c) {
		for _, r := range c.Text {
			if n := shade(r); n > 0 {
				rect(img, x, y, x+w, y+cellH*s, mix(bg, fg, n))
			}
		}
		k := keyOf(c)
		k.smooth = p.smooth
		m, ok := p.ink[k]
		if !ok {
			f := cellFrame(subpixel*s, subpixel)
			m = fill(p.cell(k, f), p.smooth)
			p.ink[k] = m
		}
		stamp(img, m, x, y, fg)
	}
	if c.Width > 0 && c.Attr&Strike != 0 {
		rect(img, x, y+(baseline-5)*s, x+w, y+(baseline-4)*s, fg)
	}
}

// rect fills a rectangle.
func rect(img *image.NRGBA, x0, y0, x1, y1 int, c color.NRGBA) {
	r := image.Rect(x0, y0, x1, y1).Intersect(img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := img.Pix[img.PixOffset(r.Min.X, y):img.PixOffset(r.Max.X, y)]
		for i := 0; i < len(row); i += 4 {
			row[i], row[i+1], row[i+2], row[i+3] = c.R, c.G, c.B, 255
		}
	}
}

// stamp draws a colour through a mask whose origin is put at x, y.
func stamp(img *image.NRGBA, m *mask, x, y int, c color.NRGBA) {
	at := image.Rect(0, 0, m.w, m.h).Add(image.Pt(x+m.x, y+m.y))
	r := at.Intersect(img.Rect)
	for py := r.Min.Y; py < r.Max.Y; py++ {
		row := img.Pix[img.PixOffset(r.Min.X, py):]
		cover := m.cover[(py-at.Min.Y)*m.w+r.Min.X-at.Min.X:]
		for i := range r.Dx() {
			if a := int(cover[i]); a > 0 {
				over(row[4*i:4*i+4:4*i+4], c, a)
			}
		}
	}
}

// over lays a colour of some opacity over a pixel.
func over(px []uint8, c color.NRGBA, a int) {
	under := int(px[3])
	if a == 255 || under == 0 {
		px[0], px[1], px[2], px[3] = c.R, c.G, c.B, uint8(a)
		return
	}
	rest := under * (255 - a) / 255
	sum := a + rest
	f := func(over, below uint8) uint8 { return uint8((int(over)*a + int(below)*rest + sum/2) / sum) }
	px[0], px[1], px[2], px[3] = f(c.R, px[0]), f(c.G, px[1]), f(c.B, px[2]), uint8(sum)
}
