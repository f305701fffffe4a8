package picture

import "slices"

// subpixel is how many units a pixel has in an outline that is to be filled, and
// strips how many lines across it are looked at.
const (
	subpixel = 256
	strips   = 16
)

// mask says how much of each pixel a shape covers, from 0 to 255.
type mask struct {
	x, y, w, h int // the place of its first pixel, and its size
	cover      []uint8
}

// fill turns an outline, in units of 1/256 pixel, into a mask in which a pixel
// goes from empty to covered in so many steps. It counts in whole numbers, so
// the result is the same everywhere.
func fill(o outline, levels int) *mask {
	edges := o.edges()
	if len(edges) == 0 {
		return &mask{}
	}
	lo, hi := edges[0][0], edges[0][0]
	for _, e := range edges {
		for _, p := range e {
			lo = point{min(lo.x, p.x), min(lo.y, p.y)}
			hi = point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	m := &mask{x: floor(lo.x), y: floor(lo.y)}
	m.w = floor(hi.x+subpixel-1) - m.x
	m.h = floor(hi.y+subpixel-1) - m.y
	m.cover = make([]uint8, m.w*m.h)
	row := make([]int, m.w+2) // by how much the cover changes at each pixel
	type crossing struct{ x, turn int }
	var cross []crossing
	for y := range m.h {
		clear(row)
		for s := range strips {
			at := (m.y+y)*subpixel + s*subpixel/strips + subpixel/strips/2
			cross = cross[:0]
			for _, e := range edges {
				a, b, turn := e[0], e[1], 1
				if a.y > b.y {
					a, b, turn = b, a, -1
				}
				if a.y <= at && at < b.y {
					cross = append(cross, crossing{a.x + scaled(b.x-a.x, at-a.y, b.y-a.y), turn})
				}
			}
			slices.SortFunc(cross, func(a, b crossing) int { return a.x - b.x })
			turns := 0
			for i, c := range cross {
				if turns != 0 {
					span(row, cross[i-1].x-m.x*subpixel, c.x-m.x*subpixel)
				}
				turns += c.turn
			}
		}
		sum := 0
		for x := range m.w {
			sum += row[x]
			level := (sum*levels + subpixel*strips/2) / (subpixel * strips)
			m.cover[y*m.w+x] = uint8(level * 255 / levels)
		}
	}
	return m
}

// span adds the cover of one strip from a to b to a row of changes.
func span(row []int, a, b int) {
	if a >= b {
		return
	}
	edge := func(x, sign int) {
		i, part := x/subpixel, x%subpixel
		row[i] += sign * (subpixel - part)
		row[i+1] += sign * part
	}
	edge(a, 1)
	edge(b, -1)
}
