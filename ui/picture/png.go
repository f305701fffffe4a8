package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"slices"
)

// smallPNG is the size in bytes that a file is kept under where that can be done
// by coarser edges: pictures are kept in repositories and sent in chats.
const smallPNG = 150_000

// PNG writes the picture of a grid with at most 256 colours, which is a third of
// the size and no loss that the eye sees. The error is the writer's.
func (p *Painter) PNG(w io.Writer, g *Grid) error {
	defer func() { p.smooth = smooth }()
	var b bytes.Buffer
	for _, p.smooth = range []int{smooth, 3, 2} {
		b.Reset()
		if err := EncodePNG(&b, p.Draw(g)); err != nil {
			return err
		}
		if b.Len() <= smallPNG {
			break
		}
	}
	_, err := b.WriteTo(w)
	return err
}

// EncodePNG writes a picture made by Draw or Sheet as the Painter's PNG does,
// but for its size.
func EncodePNG(w io.Writer, img *image.NRGBA) error {
	pal := palette(img)
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	return enc.Encode(w, reduce(img, img.Rect, pal))
}

// Sheet puts pictures of the same kind side by side, so many in a row, on a
// transparent ground with gap pixels between.
func Sheet(columns, gap int, pictures ...*image.NRGBA) *image.NRGBA {
	columns = max(1, min(columns, len(pictures)))
	var cell image.Point
	for _, m := range pictures {
		cell = image.Pt(max(cell.X, m.Rect.Dx()), max(cell.Y, m.Rect.Dy()))
	}
	rows := (len(pictures) + columns - 1) / columns
	out := image.NewNRGBA(image.Rect(0, 0, max(0, columns*(cell.X+gap)-gap), max(0, rows*(cell.Y+gap)-gap)))
	for i, m := range pictures {
		x, y := i%columns*(cell.X+gap), i/columns*(cell.Y+gap)
		for row := range m.Rect.Dy() {
			copy(out.Pix[out.PixOffset(x, y+row):], m.Pix[row*m.Stride:row*m.Stride+4*m.Rect.Dx()])
		}
	}
	return out
}

// palette chooses the colours for pictures: the 256 that fill the most of them,
// the transparent one among them if they have it.
func palette(pictures ...*image.NRGBA) color.Palette {
	count := map[color.NRGBA]int{}
	for _, m := range pictures {
		var last color.NRGBA
		run := 0
		for i := 0; i < len(m.Pix); i += 4 {
			c := color.NRGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3]}
			if c != last {
				count[last] += run
				last, run = c, 0
			}
			run++
		}
		count[last] += run
	}
	delete(count, color.NRGBA{})
	all := make([]color.NRGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	value := func(c color.NRGBA) int { return int(c.A)<<24 | int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	slices.SortFunc(all, func(a, b color.NRGBA) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return value(a) - value(b)
	})
	pal := color.Palette{color.NRGBA{}} // transparent
	for _, c := range all[:min(255, len(all))] {
		pal = append(pal, c)
	}
	return pal
}

// reduce gives a part of a picture in the colours of a palette, each colour
// replaced by the nearest.
func reduce(img *image.NRGBA, r image.Rectangle, pal color.Palette) *image.Paletted {
	out := image.NewPaletted(r, pal)
	index := map[color.NRGBA]uint8{}
	var last color.NRGBA
	var at uint8
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := img.Pix[img.PixOffset(r.Min.X, y):img.PixOffset(r.Max.X, y)]
		to := out.Pix[out.PixOffset(r.Min.X, y):]
		for i := 0; i < len(row); i += 4 {
			c := color.NRGBA{row[i], row[i+1], row[i+2], row[i+3]}
			if c != last {
				k, ok := index[c]
				if !ok {
					k = uint8(pal.Index(c))
					index[c] = k
				}
				last, at = c, k
			}
			to[i/4] = at
		}
	}
	return out
}
