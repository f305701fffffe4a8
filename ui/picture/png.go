package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"io"
	"sort"
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
// but for its size. It is the PNG specification's indexed colour without filters,
// written here because package image/png brings its reader into the program too.
func EncodePNG(w io.Writer, img *image.NRGBA) error {
	pal := palette(img)
	small := reduce(img, pal)
	depth := 8 // bits a pixel
	for depth > 1 && len(pal) <= 1<<(depth/2) {
		depth /= 2
	}
	size := img.Rect.Size()
	header := binary.BigEndian.AppendUint32(nil, uint32(size.X))
	header = binary.BigEndian.AppendUint32(header, uint32(size.Y))
	header = append(header, byte(depth), 3, 0, 0, 0) // 3: indexed
	var colours, alpha []byte
	opaque := 0 // the colours from here on need no alpha
	for i, c := range pal {
		c := c.(color.NRGBA)
		colours = append(colours, c.R, c.G, c.B)
		alpha = append(alpha, c.A)
		if c.A != 255 {
			opaque = i + 1
		}
	}
	pixels, err := pack(small, size, depth)
	if err != nil {
		return err
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range []struct {
		kind string
		data []byte
	}{{"IHDR", header}, {"PLTE", colours}, {"tRNS", alpha[:opaque]}, {"IDAT", pixels}, {"IEND", nil}} {
		if c.kind == "tRNS" && opaque == 0 {
			continue
		}
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.data)))
		at := len(out)
		out = append(append(out, c.kind...), c.data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[at:]))
	}
	_, err = w.Write(out)
	return err
}

// pack compresses the rows of a picture, depth bits a pixel.
func pack(img *image.Paletted, size image.Point, depth int) ([]byte, error) {
	var out bytes.Buffer
	z := zlib.NewWriter(&out) // its best level takes four times as long for a twentieth
	per := 8 / depth          // pixels in a byte
	row := make([]byte, 1+(size.X+per-1)/per)
	for y := range size.Y {
		clear(row) // the first byte says that there is no filter
		for x, v := range img.Pix[y*img.Stride : y*img.Stride+size.X] {
			row[1+x/per] |= v << (8 - depth - x%per*depth)
		}
		if _, err := z.Write(row); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
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

// palette chooses the colours for a picture: the transparent one, and the 255
// that fill the most of it.
func palette(img *image.NRGBA) color.Palette {
	count := map[color.NRGBA]int{}
	var last color.NRGBA
	run := 0
	for i := 0; i < len(img.Pix); i += 4 {
		c := color.NRGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3]}
		if c != last {
			count[last] += run
			last, run = c, 0
		}
		run++
	}
	count[last] += run
	delete(count, color.NRGBA{})
	all := make([]color.NRGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	value := func(c color.NRGBA) int { return int(c.A)<<24 | int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	sort.Slice(all, func(i, j int) bool {
		if m, n := count[all[i]], count[all[j]]; m != n {
			return m > n
		}
		return value(all[i]) < value(all[j])
	})
	pal := color.Palette{color.NRGBA{}} // transparent
	for _, c := range all[:min(255, len(all))] {
		pal = append(pal, c)
	}
	return pal
}

// reduce gives a picture in the colours of a palette, each colour replaced by the
// nearest.
func reduce(img *image.NRGBA, pal color.Palette) *image.Paletted {
	r := img.Rect
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
