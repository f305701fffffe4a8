package picture

import "image/color"

// Theme is the look of the window and of the colours that a program leaves to
// the terminal. Colours are 0xRRGGBB.
type Theme struct {
	FG, BG  uint32     // text and ground
	Cursor  uint32     // the block under which the cursor's character stands
	Border  uint32     // the window's edge
	Dots    [3]uint32  // the three dots in the title bar
	Palette [16]uint32 // the colours of SGR 30–37 and 90–97
}

// Dark and Light are the two looks pictures come in. Each colour of the palette
// that text is written in stands out from the ground by 4.5:1 or more.
var (
	Dark = Theme{
		FG: 0xd8dce6, BG: 0x15181f, Cursor: 0xd8dce6, Border: 0x353b48, Dots: [3]uint32{0x4a5162, 0x4a5162, 0x4a5162},
		Palette: [16]uint32{
			0x2b303b, 0xf0757e, 0x82c99a, 0xe0b869, 0x7eaef5, 0xc79bf0, 0x6cc7cf, 0xc3c8d4,
			0x838b9c, 0xff8f97, 0x9ee0b3, 0xf2cf85, 0x9dc3ff, 0xdab6ff, 0x8adfe6, 0xf3f5f9,
		},
	}
	Light = Theme{
		FG: 0x22262f, BG: 0xfcfcfa, Cursor: 0x22262f, Border: 0xcfd3da, Dots: [3]uint32{0xc3c8d0, 0xc3c8d0, 0xc3c8d0},
		Palette: [16]uint32{
			0x22262f, 0xb3261e, 0x1d7044, 0x8a5a00, 0x1f5fbf, 0x7a3fb8, 0x0f6b78, 0x5c6370,
			0x5f6673, 0xa31515, 0x145c36, 0x734a00, 0x174c9e, 0x64309c, 0x0b5560, 0x14171d,
		},
	}
)

// hex is a theme's colour as an opaque one.
func hex(v uint32) color.NRGBA { return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255} }

// cube has the steps of the colours 16 to 231 of xterm's palette.
var cube = [6]uint8{0, 95, 135, 175, 215, 255}

// resolve says how a colour looks; otherwise is what stands for the terminal's
// own.
func (t *Theme) resolve(c Color, otherwise uint32) color.NRGBA {
	if r, g, b, ok := c.RGB(); ok {
		return color.NRGBA{r, g, b, 255}
	}
	i, ok := c.Index()
	switch {
	case !ok:
		return hex(otherwise)
	case i < 16:
		return hex(t.Palette[i])
	case i < 232:
		i -= 16
		return color.NRGBA{cube[i/36], cube[i/6%6], cube[i%6], 255}
	}
	grey := 8 + 10*(i-232)
	return color.NRGBA{grey, grey, grey, 255}
}

// colours says how a cell looks: reverse swaps, faint goes towards the ground.
func (t *Theme) colours(c Cell) (fg, bg color.NRGBA) {
	fg, bg = t.resolve(c.FG, t.FG), t.resolve(c.BG, t.BG)
	if c.Attr&Reverse != 0 {
		fg, bg = bg, fg
	}
	if c.Attr&Faint != 0 {
		fg = mix(fg, bg, 35)
	}
	return fg, bg
}

// mix goes from a towards b by so many per cent. It counts in whole numbers, as
// all here does: floating point may differ between processors in the last bit.
func mix(a, b color.NRGBA, percent int) color.NRGBA {
	f := func(x, y uint8) uint8 { return uint8((int(x)*(100-percent) + int(y)*percent + 50) / 100) }
	return color.NRGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 255}
}
