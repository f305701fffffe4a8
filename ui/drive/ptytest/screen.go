//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package ptytest

import (
	"image/color"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"authwalk/ui/picture"
)

// cells copies what an emulator shows.
func cells(emu *vt.Emulator) *picture.Grid {
	g := picture.NewGrid(emu.Width(), emu.Height())
	g.Alt = emu.IsAltScreen()
	at := emu.CursorPosition()
	g.CursorX, g.CursorY = at.X, at.Y
	for y := range g.H {
		for x := range g.W {
			if c := emu.CellAt(x, y); c != nil {
				g.Cells[y*g.W+x] = cell(c)
			}
		}
	}
	return g
}

func cell(c *uv.Cell) picture.Cell {
	out := picture.Cell{Text: c.Content, Width: c.Width, FG: colour(c.Style.Fg), BG: colour(c.Style.Bg)}
	for _, m := range []struct {
		from uint8
		to   picture.Attr
	}{
		{uv.AttrBold, picture.Bold},
		{uv.AttrFaint, picture.Faint},
		{uv.AttrItalic, picture.Italic},
		{uv.AttrReverse, picture.Reverse},
		{uv.AttrStrikethrough, picture.Strike},
	} {
		if c.Style.Attrs&m.from != 0 {
			out.Attr |= m.to
		}
	}
	if c.Style.Underline != uv.UnderlineNone {
		out.Attr |= picture.Underline
	}
	if out.Text == "" && out.Width == 1 {
		out.Text = " "
	}
	return out
}

func colour(c color.Color) picture.Color {
	switch c := c.(type) {
	case nil:
		return 0
	case ansi.BasicColor:
		return picture.Palette(uint8(c))
	case ansi.IndexedColor:
		return picture.Palette(uint8(c))
	}
	r, g, b, _ := c.RGBA()
	return picture.RGB(uint8(r>>8), uint8(g>>8), uint8(b>>8))
}
