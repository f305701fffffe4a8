package picture

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"io"
	"sync"
)

// packed holds the outlines of DejaVu Sans Mono, regular and, of what is seen
// often, bold, without the hinting and tables that a picture has no use for: a
// third of the fonts' own size (glyphs.LICENSE is the fonts' licence). TestGlyphs makes it, and
// keeps it equal to the fonts.
//
// It is deflated. Numbers are varints as of encoding/binary; signed are those
// that can be negative, all coordinates among them. First come the shapes, each
// once: their number, then for each its length in bytes and its segments. A
// segment is its op, 1 for a line, 2 for a quadratic curve, 3 for one which ends
// half way to the control point of the next, and its points but for that end,
// each as the distance from the one before. Then come the two faces: the number
// of glyphs, then for each the distance from the character before, the number of
// contours, and for each contour the shape's index and the place of its start.
//
//go:embed glyphs.bin
var packed []byte

// wide is a character's advance. Coordinates count in halves of the fonts' units;
// y goes down from the base line.
const wide = 2 * 1233

// numbers reads what packed is made of. Past its end all is 0.
type numbers []byte

func (b *numbers) count() int {
	v, n := binary.Uvarint(*b)
	*b = (*b)[max(n, 0):]
	return int(v)
}

func (b *numbers) point(from point) point {
	x, n := binary.Varint(*b)
	*b = (*b)[max(n, 0):]
	y, n := binary.Varint(*b)
	*b = (*b)[max(n, 0):]
	return point{from.x + int(x), from.y + int(y)}
}

// typefaces are the fonts, read.
type typefaces struct {
	shapes []numbers
	faces  [2]map[rune]numbers // regular, bold; a glyph begins with the number of contours
}

// fonts are read when the first picture is drawn, not at the program's start.
var fonts = sync.OnceValue(func() (f typefaces) {
	raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return f // no glyphs; TestGlyphs keeps this from happening
	}
	b := numbers(raw)
	f.shapes = make([]numbers, b.count())
	for i := range f.shapes {
		n := b.count()
		f.shapes[i], b = b[:n], b[n:]
	}
	for i := range f.faces {
		n := b.count()
		f.faces[i] = make(map[rune]numbers, n)
		r := rune(0)
		for range n {
			r += rune(b.count())
			f.faces[i][r] = b
			for range b.count() {
				b.count()
				b.point(point{})
			}
		}
	}
	return f
})

// glyph gives the outline of a character, at a size at which its advance is
// width units, with its base line at y = base; ok is false when no font has it.
func glyph(r rune, bold, italic bool, width, base int) (o outline, ok bool) {
	f := fonts()
	b, ok := numbers(nil), false
	if bold {
		b, ok = f.faces[1][r]
	}
	if !ok {
		b, ok = f.faces[0][r]
	}
	if !ok {
		return nil, false
	}
	for range b.count() {
		shape := f.shapes[b.count()]
		o = trace(o, shape, b.point(point{}))
	}
	for i := range o {
		for k, p := range o[i].p {
			x, y := scaled(p.x, width, wide), scaled(p.y, width, wide)
			if italic { // the upright leans, by a fifth
				x -= scaled(y, 1, 5)
			}
			o[i].p[k] = point{x, y + base}
		}
	}
	return o, true
}

// trace adds a contour that begins at a point.
func trace(o outline, shape numbers, at point) outline {
	o = append(o, segment{op: 'M', p: [3]point{at}})
	half := -1 // the curve whose end is still to come
	for len(shape) > 0 {
		op := shape.count()
		p := shape.point(at)
		if half >= 0 {
			c := o[half].p[0]
			o[half].p[1] = point{(c.x + p.x) / 2, (c.y + p.y) / 2}
			half = -1
		}
		at = p
		switch op {
		case 1:
			o = append(o, segment{op: 'L', p: [3]point{p}})
		case 2:
			at = shape.point(p)
			o = append(o, segment{op: 'Q', p: [3]point{p, at}})
		case 3:
			half = len(o)
			o = append(o, segment{op: 'Q', p: [3]point{p}})
		}
	}
	return o
}
