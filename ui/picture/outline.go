package picture

// point is a place; x goes right and y down, in units that the maker of an
// outline chooses.
type point struct{ x, y int }

// segment is one piece of an outline, as in SVG: 'M' moves to p[0] and so begins
// a contour, 'L' draws a line to p[0], 'Q' and 'C' a curve to p[1] and p[2] by
// the control points before.
type segment struct {
	op byte
	p  [3]point
}

// outline is a shape by its contours, all closed, filled by the nonzero rule.
type outline []segment

func (o *outline) move(x, y int) { *o = append(*o, segment{op: 'M', p: [3]point{{x, y}}}) }

// Inlined, its copies make the program 16 KB larger and no faster.
//
//go:noinline
func (o *outline) line(x, y int) { *o = append(*o, segment{op: 'L', p: [3]point{{x, y}}}) }
func (o *outline) cube(a, b, c point) {
	*o = append(*o, segment{op: 'C', p: [3]point{a, b, c}})
}

func (o *outline) rect(x0, y0, x1, y1 int) {
	o.move(x0, y0)
	o.line(x1, y0)
	o.line(x1, y1)
	o.line(x0, y1)
}

// hole is a rect that takes away from one around it.
func (o *outline) hole(x0, y0, x1, y1 int) {
	o.move(x0, y0)
	o.line(x0, y1)
	o.line(x1, y1)
	o.line(x1, y0)
}

// toward goes from a to b by the share of a circle's control point, 0.5523.
func toward(a, b int) int { return a + scaled(b-a, 5523, 10000) }

// corner turns from the current place, by way of the corner at c, to the place
// at to, as a quarter of a circle.
func (o *outline) corner(from, c, to point) {
	o.cube(point{toward(from.x, c.x), toward(from.y, c.y)}, point{toward(to.x, c.x), toward(to.y, c.y)}, to)
}

// round is a rect with round corners.
func (o *outline) round(x0, y0, x1, y1, r int) {
	o.move(x0+r, y0)
	o.line(x1-r, y0)
	o.corner(point{x1 - r, y0}, point{x1, y0}, point{x1, y0 + r})
	o.line(x1, y1-r)
	o.corner(point{x1, y1 - r}, point{x1, y1}, point{x1 - r, y1})
	o.line(x0+r, y1)
	o.corner(point{x0 + r, y1}, point{x0, y1}, point{x0, y1 - r})
	o.line(x0, y0+r)
	o.corner(point{x0, y0 + r}, point{x0, y0}, point{x0 + r, y0})
}

// edges gives the outline as straight lines, curves in pieces.
func (o outline) edges() [][2]point {
	var out [][2]point
	var start, at point
	to := func(p point) {
		if p.y != at.y { // a level line bounds nothing
			out = append(out, [2]point{at, p})
		}
		at = p
	}
	for _, s := range o {
		switch s.op {
		case 'M':
			to(start)
			start, at = s.p[0], s.p[0]
		case 'L':
			to(s.p[0])
		case 'Q':
			const n = 8
			a, b, c := at, s.p[0], s.p[1]
			for i := 1; i <= n; i++ {
				j := n - i
				to(blend(n*n, [4]point{a, b, c}, [4]int{j * j, 2 * i * j, i * i}))
			}
		case 'C':
			const n = 16
			a, b, c, d := at, s.p[0], s.p[1], s.p[2]
			for i := 1; i <= n; i++ {
				j := n - i
				to(blend(n*n*n, [4]point{a, b, c, d}, [4]int{j * j * j, 3 * i * j * j, 3 * i * i * j, i * i * i}))
			}
		}
	}
	to(start)
	return out
}

// blend is the mean of points by their shares of a total.
func blend(total int, p [4]point, share [4]int) point {
	var x, y int64
	for i, s := range share {
		x += int64(p[i].x) * int64(s)
		y += int64(p[i].y) * int64(s)
	}
	return point{nearest(x, int64(total)), nearest(y, int64(total))}
}

// scaled is a*b/c, rounded to the nearest.
func scaled(a, b, c int) int { return nearest(int64(a)*int64(b), int64(c)) }

// nearest is a/b, rounded to the nearest whole number, halves up; b is above 0.
// It counts in 64 bits, which an int does not have everywhere.
func nearest(a, b int64) int {
	n, d := 2*a+b, 2*b
	q := n / d
	if n < 0 && n%d != 0 {
		q--
	}
	return int(q)
}

// floor is the whole pixels in v units of 1/256, also below 0.
func floor(v int) int { return v >> 8 }
