package picture

import (
	"sync"

	"github.com/go-fonts/dejavu/dejavusansmono"
	"github.com/go-fonts/dejavu/dejavusansmonobold"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// typeface is one font. Its glyphs all have the same advance.
type typeface struct {
	font *sfnt.Font
	em   int // units of the em square
	wide int // units of the advance
}

// faces are DejaVu Sans Mono, regular and bold, read when the first picture is
// drawn and not at the program's start. A face that cannot be read has no
// glyphs.
var faces = sync.OnceValue(func() (f [2]typeface) {
	for i, ttf := range [][]byte{dejavusansmono.TTF, dejavusansmonobold.TTF} {
		font, err := sfnt.Parse(ttf)
		if err != nil {
			continue
		}
		var buf sfnt.Buffer
		em := int(font.UnitsPerEm())
		m, err := font.GlyphIndex(&buf, 'M')
		if err != nil {
			continue
		}
		adv, err := font.GlyphAdvance(&buf, m, fixed.I(em), 0)
		if err != nil || adv <= 0 {
			continue
		}
		f[i] = typeface{font, em, int(adv) / 64}
	}
	return f
})

// glyph gives the outline of a character, at a size at which its advance is
// width units, with its base line at y = base; ok is false when no font has it.
func glyph(buf *sfnt.Buffer, r rune, bold, italic bool, width, base int) (o outline, ok bool) {
	f := faces()
	try := f[:1]
	if bold {
		try = []typeface{f[1], f[0]}
	}
	for _, face := range try {
		if face.font == nil {
			continue
		}
		i, err := face.font.GlyphIndex(buf, r)
		if err != nil || i == 0 {
			continue
		}
		segs, err := face.font.LoadGlyph(buf, i, fixed.I(face.em), nil)
		if err != nil {
			continue
		}
		place := func(p fixed.Point26_6) point {
			x, y := scaled(int(p.X), width, 64*face.wide), scaled(int(p.Y), width, 64*face.wide)
			if italic { // the upright leans, by a fifth
				x -= scaled(y, 1, 5)
			}
			return point{x, y + base}
		}
		for _, s := range segs {
			g := segment{op: "MLQC"[s.Op]}
			for k := range g.p {
				g.p[k] = place(s.Args[k])
			}
			o = append(o, g)
		}
		return o, true
	}
	return nil, false
}
