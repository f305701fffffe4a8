package picture

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

func TestReadStyles(t *testing.T) {
	for _, c := range []struct {
		sgr  string
		want Cell
	}{
		{"", Cell{}},
		{"\x1b[1m", Cell{Attr: Bold}},
		{"\x1b[1;2;3;4;7;9m", Cell{Attr: Bold | Faint | Italic | Underline | Reverse | Strike}},
		{"\x1b[1;2;3;4;7;9m\x1b[22;23;24;27;29m", Cell{}},
		{"\x1b[1;31m\x1b[m", Cell{}},
		{"\x1b[1;31;0;4m", Cell{Attr: Underline}},
		{"\x1b[31;42m", Cell{FG: Palette(1), BG: Palette(2)}},
		{"\x1b[97;100m", Cell{FG: Palette(15), BG: Palette(8)}},
		{"\x1b[31;42;39;49m", Cell{}},
		{"\x1b[38;5;208;48;5;17m", Cell{FG: Palette(208), BG: Palette(17)}},
		{"\x1b[38;2;1;2;3;1;48;2;4;5;6m", Cell{FG: RGB(1, 2, 3), BG: RGB(4, 5, 6), Attr: Bold}},
		{"\x1b[38:2::1:2:3m", Cell{FG: RGB(1, 2, 3)}},
		{"\x1b[38:2:1:2:3;1m", Cell{FG: RGB(1, 2, 3), Attr: Bold}},
		{"\x1b[48:5:17m", Cell{BG: Palette(17)}},
		{"\x1b[4:3m", Cell{Attr: Underline}},
		{"\x1b[4m\x1b[4:0m", Cell{}},
		{"\x1b[58;2;9;9;9;1m", Cell{Attr: Bold}},
		{"\x1b[38;2;1;2m", Cell{}},
		{"\x1b[38;5;300;1m", Cell{}},
		{"\x1b[38;5m", Cell{}},
		{"\x1b[38m", Cell{}},
		{"\x1b[99999999999999999999m", Cell{}},
		{"\x1b[>4;1m", Cell{}},
		{"\x1b[?1m", Cell{}},
		{"\x1b[2J\x1b]0;a title\x07\x1b]8;;http://x/\x1b\\\x1bP1$q m\x1b\\", Cell{}},
		{"\x1b[31\x1b[1m", Cell{Attr: Bold}},
	} {
		c.want.Text, c.want.Width = "x", 1
		if got := Read(c.sgr+"x", 3, 1).At(0, 0); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.sgr, got, c.want)
		}
	}
}

func TestReadPlaces(t *testing.T) {
	for _, c := range []struct {
		name, frame string
		w, h        int
		want        string
	}{
		{"rows", "ab\ncd", 4, 3, "ab\ncd"},
		{"cut at the right", "abcdef", 3, 1, "abc"},
		{"wide one over the edge", "ab日x", 3, 1, "ab"},
		{"wide", "日本x", 6, 1, "日本x"},
		{"marks stay with their letter", "e\u0301x", 2, 1, "e\u0301x"},
		{"too many lines lose the first", "1\n2\n3", 3, 2, "2\n3"},
		{"no room", "abc", 0, 0, ""},
		{"below nothing", "abc", -3, -1, ""},
		{"control characters", "a\tb\rc\bd", 6, 1, "abcd"},
		{"an escape without an end stays in its line", "a\x1b]0;t\nb", 3, 2, "a\nb"},
	} {
		if got := Read(c.frame, c.w, c.h).Text(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	g := Read("\x1b[41m日\n\x1b[0mx", 3, 2)
	if a, b := g.At(0, 0), g.At(1, 0); a.Width != 2 || b.Width != 0 || b.Text != "" || b.BG != a.BG || a.BG != Palette(1) {
		t.Errorf("a wide cell is %+v %+v", a, b)
	}
	if g.At(2, 0).BG != 0 || g.At(-1, 0) != (Cell{}) || g.At(0, 2) != (Cell{}) {
		t.Error("what is not written has no colour, what is outside is nothing")
	}
}

func TestGridFind(t *testing.T) {
	g := Read("ab日c\n  ▸ go", 8, 2)
	for _, c := range []struct {
		s    string
		x, y int
		ok   bool
	}{{"日c", 2, 0, true}, {"▸ go", 2, 1, true}, {"b日", 1, 0, true}, {"c  ", 4, 0, true}, {"nope", 0, 0, false}, {"go   ", 0, 0, false}} {
		if x, y, ok := g.Find(c.s); x != c.x || y != c.y || ok != c.ok {
			t.Errorf("Find(%q) = %d, %d, %v", c.s, x, y, ok)
		}
	}
}

func TestGridSame(t *testing.T) {
	a, b := Read("ab", 3, 1), Read("ab", 3, 1)
	if !a.Same(b) || a.Same(nil) || a.Same(Read("ab", 4, 1)) || a.Same(Read("\x1b[1mab", 3, 1)) {
		t.Error("Same does not tell what is the same")
	}
	b.CursorVisible = true
	if a.Same(b) {
		t.Error("a cursor that shows is a difference")
	}
}

// words are pieces of frames as ours and others' programs make them.
var words = []string{"a", "Bc", " ", "日本", "é", "e\u0301", "─", "╭", "▸", "👍🏽", "👨\u200d👩\u200d👧", "1\ufe0f\u20e3", "\x1b[1m", "\x1b[0m", "\x1b[31;44m",
	"\x1b[38;5;200m", "\x1b[48;2;1;2;3m", "\x1b[7m", "\x1b[4m", "\x1b[22m", "\x1b[m", "\x1b[3;9m", "\x1b[39;49m", "한", "ﬀ", "\u00a0"}

func randomLine(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(14) {
		b.WriteString(words[r.IntN(len(words))])
	}
	return b.String()
}

// The width of a line read is the width lipgloss gives.
func TestReadAgreesWithLipgloss(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		line := randomLine(r)
		if got, want := written(line), lipgloss.Width(line); got != want {
			t.Fatalf("%q is %d wide, lipgloss says %d", line, got, want)
		}
	}
}

// written is how far a line reaches.
func written(line string) int {
	r := reader{grid: NewGrid(0, 0)}
	r.line(line)
	return r.x
}

// The cells read are those of an emulator that was given the same frame.
func TestReadAgreesWithEmulator(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 150 {
		lines := make([]string, 5)
		for i := range lines {
			for lines[i] = randomLine(r); lipgloss.Width(lines[i]) > 40; lines[i] = randomLine(r) {
			}
		}
		frame := strings.Join(lines, "\n")
		emu := vt.NewEmulator(40, 5)
		if _, err := emu.WriteString(strings.ReplaceAll(frame, "\n", "\r\n")); err != nil {
			t.Fatal(err)
		}
		g := Read(frame, 40, 5)
		for y := range 5 {
			for x := range 40 {
				got, want := g.At(x, y), emulated(emu.CellAt(x, y))
				if got.Width == 0 {
					continue // the second half of a wide one: emulators differ in what they keep there
				}
				if got.Text == " " && want.Text == " " {
					got.FG, want.FG = 0, 0
				}
				if got != want {
					t.Fatalf("%q at %d,%d: %+v, the emulator has %+v", frame, x, y, got, want)
				}
			}
		}
	}
}

func emulated(c *uv.Cell) Cell {
	out := Cell{Text: " ", Width: 1}
	if c == nil {
		return out
	}
	if c.Content != "" || c.Width == 0 {
		out.Text, out.Width = c.Content, c.Width
	}
	color := func(v any) Color {
		switch v := v.(type) {
		case nil:
			return 0
		case ansi.BasicColor:
			return Palette(uint8(v))
		case ansi.IndexedColor:
			return Palette(uint8(v))
		case interface{ RGBA() (r, g, b, a uint32) }:
			r, g, b, _ := v.RGBA()
			return RGB(uint8(r>>8), uint8(g>>8), uint8(b>>8))
		}
		return 0
	}
	out.FG, out.BG = color(c.Style.Fg), color(c.Style.Bg)
	for from, to := range map[uint8]Attr{uv.AttrBold: Bold, uv.AttrFaint: Faint, uv.AttrItalic: Italic, uv.AttrReverse: Reverse, uv.AttrStrikethrough: Strike} {
		if c.Style.Attrs&from != 0 {
			out.Attr |= to
		}
	}
	if c.Style.Underline != uv.UnderlineNone {
		out.Attr |= Underline
	}
	return out
}

func FuzzRead(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		f.Add(randomLine(r)+"\n"+randomLine(r), 10, 3)
	}
	f.Add("\x1b[38;2m\x1b[38:2:::::m\x1b]0;\x1bP\x9b1m\x00\xff\xfe\u202e", 1, 1)
	f.Fuzz(func(t *testing.T, frame string, w, h int) {
		w, h = w%200, h%60
		g := Read(frame, w, h)
		if len(g.Cells) != g.W*g.H {
			t.Fatalf("%d cells in %dx%d", len(g.Cells), g.W, g.H)
		}
		for y := range g.H {
			for x := 0; x < g.W; {
				c := g.At(x, y)
				if c.Width < 1 || x+c.Width > g.W {
					t.Fatalf("a cell %d wide at %d of %d", c.Width, x, g.W)
				}
				for i := 1; i < c.Width; i++ {
					if n := g.At(x+i, y); n.Width != 0 || n.Text != "" {
						t.Fatalf("a wide cell is followed by %+v", n)
					}
				}
				x += c.Width
			}
			if strings.ContainsRune(g.Row(y), 0x1b) {
				t.Fatalf("an escape is text in row %d: %q", y, g.Row(y))
			}
		}
		line, _, _ := strings.Cut(frame, "\n")
		if got, want := written(line), lipgloss.Width(line); got != want {
			t.Fatalf("%q is %d wide, lipgloss says %d", line, got, want)
		}
	})
}
