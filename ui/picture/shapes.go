package picture

// Lines and blocks are drawn as shapes and not as glyphs, so that borders meet
// without gaps whatever the height of a line.

// weights has the strokes of the box drawing characters from U+2500 on: up,
// right, down, left, each 0 none, 1 light, 2 heavy. Those with no stroke here
// (dashes, double lines, arcs, diagonals) are drawn otherwise.
var weights = [128][4]uint8{
	0x00: {0, 1, 0, 1}, 0x01: {0, 2, 0, 2}, 0x02: {1, 0, 1, 0}, 0x03: {2, 0, 2, 0},
	0x0C: {0, 1, 1, 0}, 0x0D: {0, 2, 1, 0}, 0x0E: {0, 1, 2, 0}, 0x0F: {0, 2, 2, 0},
	0x10: {0, 0, 1, 1}, 0x11: {0, 0, 1, 2}, 0x12: {0, 0, 2, 1}, 0x13: {0, 0, 2, 2},
	0x14: {1, 1, 0, 0}, 0x15: {1, 2, 0, 0}, 0x16: {2, 1, 0, 0}, 0x17: {2, 2, 0, 0},
	0x18: {1, 0, 0, 1}, 0x19: {1, 0, 0, 2}, 0x1A: {2, 0, 0, 1}, 0x1B: {2, 0, 0, 2},
	0x1C: {1, 1, 1, 0}, 0x1D: {1, 2, 1, 0}, 0x1E: {2, 1, 1, 0}, 0x1F: {1, 1, 2, 0},
	0x20: {2, 1, 2, 0}, 0x21: {2, 2, 1, 0}, 0x22: {1, 2, 2, 0}, 0x23: {2, 2, 2, 0},
	0x24: {1, 0, 1, 1}, 0x25: {1, 0, 1, 2}, 0x26: {2, 0, 1, 1}, 0x27: {1, 0, 2, 1},
	0x28: {2, 0, 2, 1}, 0x29: {2, 0, 1, 2}, 0x2A: {1, 0, 2, 2}, 0x2B: {2, 0, 2, 2},
	0x2C: {0, 1, 1, 1}, 0x2D: {0, 1, 1, 2}, 0x2E: {0, 2, 1, 1}, 0x2F: {0, 2, 1, 2},
	0x30: {0, 1, 2, 1}, 0x31: {0, 1, 2, 2}, 0x32: {0, 2, 2, 1}, 0x33: {0, 2, 2, 2},
	0x34: {1, 1, 0, 1}, 0x35: {1, 1, 0, 2}, 0x36: {1, 2, 0, 1}, 0x37: {1, 2, 0, 2},
	0x38: {2, 1, 0, 1}, 0x39: {2, 1, 0, 2}, 0x3A: {2, 2, 0, 1}, 0x3B: {2, 2, 0, 2},
	0x3C: {1, 1, 1, 1}, 0x3D: {1, 1, 1, 2}, 0x3E: {1, 2, 1, 1}, 0x3F: {1, 2, 1, 2},
	0x40: {2, 1, 1, 1}, 0x41: {1, 1, 2, 1}, 0x42: {2, 1, 2, 1}, 0x43: {2, 1, 1, 2},
	0x44: {2, 2, 1, 1}, 0x45: {1, 1, 2, 2}, 0x46: {1, 2, 2, 1}, 0x47: {2, 2, 1, 2},
	0x48: {1, 2, 2, 2}, 0x49: {2, 1, 2, 2}, 0x4A: {2, 2, 2, 1}, 0x4B: {2, 2, 2, 2},
	0x74: {0, 0, 0, 1}, 0x75: {1, 0, 0, 0}, 0x76: {0, 1, 0, 0}, 0x77: {0, 0, 1, 0},
	0x78: {0, 0, 0, 2}, 0x79: {2, 0, 0, 0}, 0x7A: {0, 2, 0, 0}, 0x7B: {0, 0, 2, 0},
	0x7C: {0, 2, 0, 1}, 0x7D: {1, 0, 2, 0}, 0x7E: {0, 1, 0, 2}, 0x7F: {2, 0, 1, 0},
}

// frame is the cell that a shape fills: its size, a light stroke's breadth, the
// step to which edges keep (a pixel), and by how much strokes reach over the
// cell's edge to meet the next one's.
type frame struct{ w, h, stroke, step, over int }

func (f frame) snap(v int) int { return v / f.step * f.step }

// shape gives the outline of a line or block character; ok is false for all
// others. Shades are no shapes but tones, see shade.
func shape(r rune, f frame) (o outline, ok bool) {
	switch {
	case r >= 0x256D && r <= 0x2570:
		return arc(r, f), true
	case r >= 0x2500 && r <= 0x257F:
		w := weights[r-0x2500]
		return strokes(w, f), w != [4]uint8{}
	case r >= 0x2580 && r <= 0x259F && shade(r) == 0:
		return block(r, f), true
	case r > 0x2800 && r <= 0x28FF:
		return braille(r, f), true
	}
	return nil, false
}

// shade is how many per cent of the cell ░, ▒ and ▓ cover.
func shade(r rune) int {
	switch r {
	case '░':
		return 25
	case '▒':
		return 50
	case '▓':
		return 75
	}
	return 0
}

func strokes(w [4]uint8, f frame) (o outline) {
	breadth := func(k uint8) int { return f.stroke * int(k) }
	lo := func(side, k int) int { return f.snap((side - k) / 2) }
	// Arms reach to the far edge of the thickest one they meet, so corners are full.
	across, along := breadth(max(w[0], w[2])), breadth(max(w[1], w[3]))
	if across == 0 {
		across = along
	}
	if along == 0 {
		along = across
	}
	left, top := lo(f.w, across), lo(f.h, along)
	if b := breadth(w[0]); b > 0 {
		x := lo(f.w, b)
		o.rect(x, -f.over, x+b, top+along)
	}
	if b := breadth(w[1]); b > 0 {
		y := lo(f.h, b)
		o.rect(left, y, f.w+f.over, y+b)
	}
	if b := breadth(w[2]); b > 0 {
		x := lo(f.w, b)
		o.rect(x, top, x+b, f.h+f.over)
	}
	if b := breadth(w[3]); b > 0 {
		y := lo(f.h, b)
		o.rect(-f.over, y, left+across, y+b)
	}
	return o
}

// arc is a round corner: a quarter of a ring with straight ends. It is made for
// ╭ and mirrored for the others.
func arc(r rune, f frame) (o outline) {
	t := f.stroke
	x, y := f.snap((f.w-t)/2), f.snap((f.h-t)/2) // where the straight strokes begin
	right, down := r == '╭' || r == '╰', r == '╭' || r == '╮'
	at := func(dx, dy int) point { // from the outer corner, towards where it opens
		p := point{x + dx, y + dy}
		if !right {
			p.x = x + t - dx
		}
		if !down {
			p.y = y + t - dy
		}
		return p
	}
	ex, ey := f.w-x+f.over, f.h-y+f.over
	if !right {
		ex = x + t + f.over
	}
	if !down {
		ey = y + t + f.over
	}
	ro := f.w / 2
	put := func(p point) { o.line(p.x, p.y) }
	begin := at(0, ey)
	o.move(begin.x, begin.y)
	put(at(0, ro))
	o.corner(at(0, ro), at(0, 0), at(ro, 0))
	put(at(ex, 0))
	put(at(ex, t))
	put(at(ro, t))
	o.corner(at(ro, t), at(t, t), at(t, ro))
	put(at(t, ey))
	return o
}

// block is one of the block elements U+2580 to U+259F.
func block(r rune, f frame) (o outline) {
	eighth := func(side, n int) int { return f.snap(side*n/8 + f.step/2) }
	x, y := eighth(f.w, 4), eighth(f.h, 4)
	switch {
	case r == '▀':
		o.rect(0, 0, f.w, y)
	case r >= '▁' && r <= '█':
		o.rect(0, f.h-eighth(f.h, int(r-'▁')+1), f.w, f.h)
	case r >= '▉' && r <= '▏':
		o.rect(0, 0, eighth(f.w, 7-int(r-'▉')), f.h)
	case r == '▐':
		o.rect(x, 0, f.w, f.h)
	case r == '▔':
		o.rect(0, 0, f.w, eighth(f.h, 1))
	case r == '▕':
		o.rect(f.w-eighth(f.w, 1), 0, f.w, f.h)
	default: // quadrants, by upper left, upper right, lower left, lower right
		q := [...]uint8{0b0010, 0b0001, 0b1000, 0b1011, 0b1001, 0b1110, 0b1101, 0b0100, 0b0110, 0b0111}[r-'▖']
		for i, c := range [4][4]int{{0, 0, x, y}, {x, 0, f.w, y}, {0, y, x, f.h}, {x, y, f.w, f.h}} {
			if q>>(3-i)&1 == 1 {
				o.rect(c[0], c[1], c[2], c[3])
			}
		}
	}
	return o
}

// braille is a pattern of dots, as spinners and plots use them.
func braille(r rune, f frame) (o outline) {
	d := f.w / 7
	for i, q := range [8]point{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}} {
		if (r-0x2800)>>i&1 == 1 {
			x, y := f.w*(q.x*2+1)/4, f.h*(q.y*2+2)/10
			o.round(x-d, y-d, x+d, y+d, d)
		}
	}
	return o
}
