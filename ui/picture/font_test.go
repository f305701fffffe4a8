package picture

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"os"
	"slices"
	"testing"

	"github.com/go-fonts/dejavu/dejavusansmono"
	"github.com/go-fonts/dejavu/dejavusansmonobold"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// contour is a contour of a font's glyph, in the units of packed.
type contour struct {
	start point
	rest  outline
}

// contours reads a glyph from a font.
func contours(t *testing.T, f *sfnt.Font, i sfnt.GlyphIndex) (out []contour) {
	t.Helper()
	em := fixed.I(int(f.UnitsPerEm()))
	segs, err := f.LoadGlyph(nil, i, em, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range segs {
		g := segment{op: "MLQC"[s.Op]}
		for k, p := range s.Args[:max(1, int(s.Op))] { // the rest is what was there before
			if p.X%32 != 0 || p.Y%32 != 0 || g.op == 'C' {
				t.Fatalf("glyph %d does not fit into packed: %v", i, s)
			}
			g.p[k] = point{int(p.X / 32), int(p.Y / 32)}
		}
		if g.op == 'M' {
			out = append(out, contour{start: g.p[0]})
			continue
		}
		last := &out[len(out)-1]
		last.rest = append(last.rest, g)
	}
	return out
}

// pack writes a contour as packed has it.
func (c contour) pack() (b []byte) {
	at := c.start
	put := func(p point) {
		b = binary.AppendVarint(b, int64(p.x-at.x))
		b = binary.AppendVarint(b, int64(p.y-at.y))
		at = p
	}
	for i, s := range c.rest {
		if s.op == 'L' {
			b = append(b, 1)
			put(s.p[0])
			continue
		}
		if i+1 < len(c.rest) && c.rest[i+1].op == 'Q' {
			next := c.rest[i+1].p[0]
			if 2*s.p[1].x == s.p[0].x+next.x && 2*s.p[1].y == s.p[0].y+next.y {
				b = append(b, 3)
				put(s.p[0])
				continue
			}
		}
		b = append(b, 2)
		put(s.p[0])
		put(s.p[1])
	}
	return b
}

// hasBold tells of which characters packed has the bold face too: letters that
// are written in most places, punctuation, arrows, blocks, shapes and ticks. The
// others are drawn regular; their bold outlines would be a fifth of all.
func hasBold(r rune) bool {
	return r < 0x0530 || 0x2000 <= r && r < 0x2070 || 0x2190 <= r && r < 0x2200 || 0x2500 <= r && r < 0x2600 || 0x2713 <= r && r < 0x2719
}

// TestGlyphs: packed holds all the glyphs of the regular font and those of the
// bold one that hasBold names or the regular one lacks, and gives each outline as the font has it. With
// -update it is made from them.
func TestGlyphs(t *testing.T) {
	var shapes, faces []byte
	index, regular := map[string]int{}, map[rune]bool{}
	for n, ttf := range [][]byte{dejavusansmono.TTF, dejavusansmonobold.TTF} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			t.Fatal(err)
		}
		var glyphs []byte
		count, last := 0, rune(0)
		for r := rune(0); r <= 0x10ffff; r++ {
			i, err := f.GlyphIndex(nil, r)
			if err != nil || i == 0 {
				continue
			}
			if n == 0 {
				regular[r] = true
			} else if !hasBold(r) && regular[r] {
				continue
			}
			if adv, err := f.GlyphAdvance(nil, i, fixed.I(int(f.UnitsPerEm())), 0); err != nil || int(adv)/32 != wide {
				t.Fatalf("%U is %v wide, %v", r, adv, err)
			}
			all := contours(t, f, i)
			if !*update {
				var want outline
				for _, c := range all {
					want = append(append(want, segment{op: 'M', p: [3]point{c.start}}), c.rest...)
				}
				got, ok := glyph(r, n == 1, false, wide, 0)
				if !ok || !slices.Equal(got, want) {
					t.Fatalf("%U of face %d is %v, want %v: go test ./ui/picture -run TestGlyphs -update", r, n, got, want)
				}
				continue
			}
			count++
			glyphs = binary.AppendUvarint(glyphs, uint64(r-last))
			glyphs = binary.AppendUvarint(glyphs, uint64(len(all)))
			last = r
			for _, c := range all {
				shape := c.pack()
				id, ok := index[string(shape)]
				if !ok {
					id = len(index)
					index[string(shape)] = id
					shapes = append(binary.AppendUvarint(shapes, uint64(len(shape))), shape...)
				}
				glyphs = binary.AppendUvarint(glyphs, uint64(id))
				glyphs = binary.AppendVarint(glyphs, int64(c.start.x))
				glyphs = binary.AppendVarint(glyphs, int64(c.start.y))
			}
		}
		faces = append(binary.AppendUvarint(faces, uint64(count)), glyphs...)
	}
	if !*update {
		return
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]byte{binary.AppendUvarint(nil, uint64(len(index))), shapes, faces} {
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("glyphs.bin", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
