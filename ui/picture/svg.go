package picture

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// hundred is how many units a CSS pixel has in outlines for SVG.
const hundred = 100

// SVG draws a grid by outlines, each character's once: the file needs no font
// where it is shown. <title> and <desc> keep the text, for screen readers and
// for searching.
func (p *Painter) SVG(g *Grid) []byte {
	s := newSheet(p)
	l := p.layout(g)
	var body strings.Builder
	for y := range g.H {
		if row := s.row(g, y); row != "" {
			fmt.Fprintf(&body, "<g transform=\"translate(%d %d)\">%s</g>\n", l.x, l.y+y*cellH, row)
		}
	}
	return s.wrap(g, "", body.String())
}

// Frame is a screen and how long it stands.
type Frame struct {
	Grid *Grid
	For  time.Duration
}

// AnimatedSVG shows frames one after the other, for ever, with CSS alone. Each
// row that differs is in the file once. Who asked for less motion sees the last
// frame. Without frames it is nil.
func (p *Painter) AnimatedSVG(frames []Frame) []byte {
	if len(frames) == 0 {
		return nil
	}
	s := newSheet(p)
	size := frames[0].Grid
	var total int64 // milliseconds
	ms := func(f Frame) int64 { return max(20, f.For.Milliseconds()) }
	for _, f := range frames {
		size = larger(size, f.Grid)
		total += ms(f)
	}
	l := p.layout(size)
	var style, body, defs strings.Builder
	rows := map[string]int{}
	var at int64
	percent := func(t int64) string { // three digits are enough for an hour
		return strconv.FormatFloat(float64((t*100000+total/2)/total)/1000, 'f', -1, 64) + "%"
	}
	for i, f := range frames {
		from, to := percent(at), percent(at+ms(f))
		at += ms(f)
		hidden, before := "visibility:hidden;", "0%{visibility:hidden}"
		if i == 0 { // what plays no animations shows the first frame
			hidden, before = "", ""
		}
		end := to + ",100%{visibility:hidden}"
		if i == len(frames)-1 {
			end = "100%{visibility:visible}"
		}
		if len(frames) > 1 {
			fmt.Fprintf(&style, "@keyframes k%d{%s%s{visibility:visible}%s}#f%d{%sanimation:k%d %s step-end infinite}\n",
				i, before, from, end, i, hidden, i, seconds(total))
		}
		fmt.Fprintf(&body, "<g id=\"f%d\">", i)
		for y := range f.Grid.H {
			row := s.row(f.Grid, y)
			if row == "" {
				continue
			}
			id, ok := rows[row]
			if !ok {
				id = len(rows)
				rows[row] = id
				fmt.Fprintf(&defs, "<g id=\"row%d\">%s</g>\n", id, row)
			}
			fmt.Fprintf(&body, `<use href="#row%d" x="%d" y="%d"/>`, id, l.x, l.y+y*cellH)
		}
		body.WriteString("</g>\n")
	}
	last := len(frames) - 1
	if last > 0 {
		style.WriteString("@media(prefers-reduced-motion:reduce){")
		for i := range last {
			fmt.Fprintf(&style, "#f%d{animation:none;visibility:hidden}", i)
		}
		fmt.Fprintf(&style, "#f%d{animation:none;visibility:visible}}\n", last)
	}
	s.rows = defs.String()
	shown := *frames[last].Grid
	shown.W, shown.H = size.W, size.H
	s.text = frames[last].Grid.Text()
	if shown.Title == "" {
		shown.Title = frames[0].Grid.Title
	}
	return s.wrap(&shown, style.String(), body.String())
}

// larger is a size that has room for both grids, without their cells.
func larger(a, b *Grid) *Grid { return &Grid{W: max(a.W, b.W), H: max(a.H, b.H), Title: a.Title} }

func seconds(ms int64) string {
	return strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64) + "s"
}

// sheet is one SVG file as it is made.
type sheet struct {
	p    *Painter
	ids  map[inkKey]string
	defs bytes.Buffer
	rows string // further definitions
	text string // what <desc> holds, when not the grid's own text
}

func newSheet(p *Painter) *sheet { return &sheet{p: p, ids: map[inkKey]string{}} }

// ref gives the id of a cell's outline and defines it at its first use. It is
// made of the character and its style, so that it means the same in every file,
// and several in one page do not disturb each other.
func (s *sheet) ref(k inkKey) string {
	if id, ok := s.ids[k]; ok {
		return id
	}
	id := "g"
	if k.bold {
		id += "b"
	}
	if k.italic {
		id += "i"
	}
	if k.wide > 1 {
		id += "w"
	}
	for i, r := range []rune(k.text) {
		if i > 0 {
			id += "-"
		}
		id += strconv.FormatInt(int64(r), 16)
	}
	s.ids[k] = id
	f := cellFrame(hundred, hundred/10)
	f.over = hundred / 4 // no hair of the ground shows between rows at odd zooms
	crisp := ""
	if straight(k.text) {
		crisp = ` shape-rendering="crispEdges"`
	}
	fmt.Fprintf(&s.defs, "<path id=\"%s\"%s d=\"%s\"/>\n", id, crisp, path(s.p.cell(k, f)))
	return id
}

// straight tells whether a cell's shape has edges only along the pixels.
func straight(text string) bool {
	r, n := utf8.DecodeRuneInString(text)
	if n != len(text) {
		return false
	}
	return r >= 0x2500 && r <= 0x257F && weights[r-0x2500] != [4]uint8{} || r >= 0x2580 && r <= 0x259F
}

// path writes an outline.
func path(o outline) string {
	var b strings.Builder
	open := false
	for _, s := range o {
		if s.op == 'M' && open {
			b.WriteByte('z')
		}
		open = true
		b.WriteByte(s.op)
		n := map[byte]int{'M': 1, 'L': 1, 'Q': 2, 'C': 3}[s.op]
		for i, p := range s.p[:n] {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(num(p.x) + " " + num(p.y))
		}
	}
	if open {
		b.WriteByte('z')
	}
	return b.String()
}

// num writes hundredths as a decimal number.
func num(v int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	s := strconv.Itoa(v / hundred)
	if r := v % hundred; r > 0 {
		s += strings.TrimRight(fmt.Sprintf(".%02d", r), "0")
	}
	return sign + s
}

func css(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// row draws one row as if it stood at the origin: the grounds, then what is
// written, by colour in the order of their first use.
func (s *sheet) row(g *Grid, y int) string {
	var b strings.Builder
	for x := 0; x < g.W; {
		_, bg := s.p.look(g, x, y)
		n := 1
		for x+n < g.W {
			if _, next := s.p.look(g, x+n, y); next != bg {
				break
			}
			n++
		}
		if bg != hex(s.p.theme.BG) {
			s.rect(&b, x, n, 0, cellH, css(bg))
		}
		x += n
	}
	ink := map[color.NRGBA]*strings.Builder{}
	var order []color.NRGBA
	for x := 0; x < g.W; x++ {
		c := g.At(x, y)
		lines := c.Width > 0 && c.Attr&(Underline|Strike) != 0
		if blank(c) && !lines {
			continue
		}
		fg, bg := s.p.look(g, x, y)
		w, ok := ink[fg]
		if !ok {
			w = &strings.Builder{}
			ink[fg] = w
			order = append(order, fg)
		}
		if c.Attr&Underline != 0 {
			s.rect(w, x, c.Width, baseline+2, 1, "")
		}
		if c.Attr&Strike != 0 {
			s.rect(w, x, c.Width, baseline-5, 1, "")
		}
		if blank(c) {
			continue
		}
		r, _ := utf8.DecodeRuneInString(c.Text)
		switch n := s.run(g, x, y, fg); {
		case shade(r) > 0:
			s.rect(&b, x, n, 0, cellH, css(mix(bg, fg, shade(r))))
			x += n - 1
		case n > 1: // one piece, so that no seams show
			f := cellFrame(hundred, hundred/10)
			f.w, f.over = n*f.w, hundred/4
			o, _ := shape(r, f)
			fmt.Fprintf(w, `<path shape-rendering="crispEdges" transform="translate(%d)" d="%s"/>`, x*cellW, path(o))
			x += n - 1
		default:
			fmt.Fprintf(w, `<use href="#%s"%s/>`, s.ref(keyOf(c)), at(x*cellW))
		}
	}
	for _, c := range order {
		if ink[c].Len() > 0 {
			fmt.Fprintf(&b, "<g fill=\"%s\">%s</g>", css(c), ink[c].String())
		}
	}
	return b.String()
}

func at(x int) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprintf(` x="%d"`, x)
}

// run counts the cells from x on that continue one level stroke, block or shade.
func (s *sheet) run(g *Grid, x, y int, fg color.NRGBA) int {
	c := g.At(x, y)
	if c.Attr&(Underline|Strike) != 0 || !strings.Contains("─━█▀▄▁░▒▓", c.Text) {
		return 1
	}
	_, bg := s.p.look(g, x, y)
	n := 1
	for g.At(x+n, y).Text == c.Text && g.At(x+n, y).Attr == c.Attr {
		if f, b := s.p.look(g, x+n, y); f != fg || b != bg {
			break
		}
		n++
	}
	return n
}

// rect is a rectangle of n cells, from y on h high, in CSS pixels.
func (s *sheet) rect(b *strings.Builder, x, n, y, h int, fill string) {
	if fill != "" {
		fill = ` fill="` + fill + `"`
	}
	fmt.Fprintf(b, `<path%s shape-rendering="crispEdges" d="M%d %dh%dv%dh-%dz"/>`, fill, x*cellW, y, n*cellW, h, n*cellW)
}

// wrap puts the window and the file's frame around a body.
func (s *sheet) wrap(g *Grid, style, body string) []byte {
	p := s.p
	l := p.layout(g)
	var head strings.Builder
	if p.Bare {
		fmt.Fprintf(&head, `<path fill="%s" d="M0 0h%dv%dh-%dz"/>`, css(hex(p.theme.BG)), l.w, l.h, l.w)
	} else {
		fmt.Fprintf(&head, `<rect x=".5" y=".5" width="%d" height="%d" rx="%d" fill="%s" stroke="%s"/>`, l.w-1, l.h-1, radius, css(hex(p.theme.BG)), css(hex(p.theme.Border)))
		for i, c := range p.theme.Dots {
			fmt.Fprintf(&head, `<circle cx="%d" cy="%d" r="5" fill="%s"/>`, padX+18*i+5, (bar-10)/2+6, css(hex(c)))
		}
		t := p.titleCells(g)
		fmt.Fprintf(&head, `<g fill="%s" transform="translate(%s %d)">`, css(mix(hex(p.theme.FG), hex(p.theme.BG), 40)), num((l.w-len(t)*cellW)*hundred/2), (bar-cellH)/2+1)
		for i, c := range t {
			if !blank(c) {
				c.Attr = 0
				fmt.Fprintf(&head, `<use href="#%s"%s/>`, s.ref(keyOf(c)), at(i*cellW))
			}
		}
		head.WriteString("</g>")
	}
	if style != "" {
		style = "<style>" + style + "</style>\n"
	}
	text := s.text
	if text == "" {
		text = g.Text()
	}
	var o bytes.Buffer
	fmt.Fprintf(&o, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n", l.w, l.h, l.w, l.h)
	fmt.Fprintf(&o, "<title>%s</title>\n<desc>%s</desc>\n%s<defs>\n%s%s</defs>\n%s\n%s</svg>\n", escape(p.title(g)), escape(text), style, s.defs.String(), s.rows, head.String(), body)
	return o.Bytes()
}

// escape makes text fit for XML, which knows no control characters.
func escape(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == utf8.RuneError || r == 0xFFFE || r == 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, s))
}
