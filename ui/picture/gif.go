package picture

import (
	"image"
	"image/color"
	"image/gif"
	"io"
	"time"
)

// Frame is a screen and how long it stands.
type Frame struct {
	Grid *Grid
	For  time.Duration
}

// GIF writes an animation that goes on for ever. Each frame after the first
// holds only the rectangle that changed, so a calm screen makes a small file.
// All frames are drawn in the size of the first. Without frames it writes
// nothing. The error is the writer's.
func (p *Painter) GIF(w io.Writer, frames []Frame) error {
	if len(frames) == 0 {
		return nil
	}
	first := p.Draw(frames[0].Grid)
	imgs := make([]*image.NRGBA, len(frames))
	for i, f := range frames {
		m := p.Draw(f.Grid)
		if m.Rect != first.Rect {
			whole := image.NewNRGBA(first.Rect)
			for y := range min(m.Rect.Dy(), whole.Rect.Dy()) {
				copy(whole.Pix[y*whole.Stride:(y+1)*whole.Stride], m.Pix[y*m.Stride:(y+1)*m.Stride])
			}
			m = whole
		}
		for k := 3; k < len(m.Pix); k += 4 { // GIF knows no half transparent pixel
			if m.Pix[k] < 128 {
				m.Pix[k-3], m.Pix[k-2], m.Pix[k-1], m.Pix[k] = 0, 0, 0, 0
			} else {
				m.Pix[k] = 255
			}
		}
		imgs[i] = m
	}
	pal := palette(imgs...)
	out := &gif.GIF{Config: image.Config{ColorModel: pal, Width: first.Rect.Dx(), Height: first.Rect.Dy()}}
	var at time.Duration // rounding is not to add up
	for i, m := range imgs {
		r := m.Rect
		if i > 0 {
			r = changed(imgs[i-1], m)
		}
		if r.Empty() {
			r = image.Rect(0, 0, 1, 1)
		}
		const tick = 10 * time.Millisecond
		end := at + max(frames[i].For, 2*tick) // most viewers take less as a mistake
		out.Image = append(out.Image, reduce(m, r, pal))
		out.Delay = append(out.Delay, int(end/tick-at/tick))
		out.Disposal = append(out.Disposal, gif.DisposalNone)
		at = end
	}
	return gif.EncodeAll(w, out)
}

// changed is the smallest rectangle around all pixels in which two pictures of
// one size differ.
func changed(a, b *image.NRGBA) image.Rectangle {
	var r image.Rectangle
	at := func(m *image.NRGBA, x, y int) color.NRGBA { return m.NRGBAAt(x, y) }
	w := a.Rect.Dx()
	for y := range a.Rect.Dy() {
		if string(a.Pix[y*a.Stride:y*a.Stride+4*w]) == string(b.Pix[y*b.Stride:y*b.Stride+4*w]) {
			continue
		}
		x0, x1 := 0, w
		for at(a, x0, y) == at(b, x0, y) {
			x0++
		}
		for at(a, x1-1, y) == at(b, x1-1, y) {
			x1--
		}
		r = r.Union(image.Rect(x0, y, x1, y+1))
	}
	return r
}
