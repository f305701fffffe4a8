package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the expected sums anew")

// The same grid gives the same pixels and the same SVG on every machine.
func TestSameEverywhere(t *testing.T) {
	var got strings.Builder
	for _, c := range []struct {
		name  string
		theme Theme
	}{{"dark", Dark}, {"light", Light}} {
		for scale := 1; scale <= 2; scale++ {
			img := NewPainter(c.theme, scale).Draw(screenful())
			fmt.Fprintf(&got, "%s pixels at %d: %x\n", c.name, scale, sha256.Sum256(img.Pix))
		}
		fmt.Fprintf(&got, "%s svg: %x\n", c.name, sha256.Sum256(NewPainter(c.theme, 1).SVG(screenful())))
	}
	const file = "testdata/sums.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("pictures have changed. If that is meant, look at them (PICTURE_DIR=DIR go test -run LookAt) and run go test -update.\n%s", got.String())
	}
}

// dense is a screen as full of text in many colours as screens get.
func dense(w, h int) *Grid {
	r := rand.New(rand.NewPCG(7, 8))
	styles := []string{"\x1b[0m", "\x1b[0m", "\x1b[0;1m", "\x1b[0;36m", "\x1b[0;33m", "\x1b[0;90m", "\x1b[0;32m", "\x1b[0;31m", "\x1b[0;35;48;2;40;44;58m"}
	words := strings.Fields(`access_token "expires_in": 86400, the request was refused since this connection cannot check passwords
		scope read:orders granted https://tenant.example/api/v2 aud iss sub auth0|65f1c0ffee eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9 200 OK {"ok": true}`)
	var b strings.Builder
	for y := range h {
		if y > 0 {
			b.WriteString("\n")
		}
		b.WriteString("\x1b[34m│\x1b[0m ")
		for n := 2; n < w*2/3; { // lines end before the window does
			word := words[r.IntN(len(words))]
			b.WriteString(styles[r.IntN(len(styles))] + word + "\x1b[0m ")
			n += len(word) + 1
		}
	}
	return Read(b.String(), w, h)
}

func TestPNGIsSmall(t *testing.T) {
	if raced {
		t.Skip("packing a large picture takes a quarter of a minute under the race detector, and has no goroutines")
	}
	var b bytes.Buffer
	if err := NewPainter(Dark, 2).PNG(&b, dense(120, 36)); err != nil {
		t.Fatal(err)
	}
	t.Logf("120×36, full of text, at 2: %d bytes", b.Len())
	if b.Len() > 150_000 {
		t.Errorf("%d bytes", b.Len())
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := img.(*image.Paletted); !ok || len(p.Palette) > 256 {
		t.Errorf("a %T", img)
	}
	if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
		t.Error("the window's corner is not transparent")
	}
}

// column and line tell whether all pixels of a strip have one colour.
func uniform(img *image.NRGBA, r image.Rectangle, c color.NRGBA) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if img.NRGBAAt(x, y) != c {
				return false
			}
		}
	}
	return true
}

func TestBordersMeet(t *testing.T) {
	frames := map[string]string{
		"light":   "┌──┬─┐\n│  │ │\n├──┼─┤\n│  │ │\n└──┴─┘",
		"heavy":   "┏━━┳━┓\n┃  ┃ ┃\n┣━━╋━┫\n┃  ┃ ┃\n┗━━┻━┛",
		"rounded": "╭──┬─╮\n│  │ │\n├──┼─┤\n│  │ │\n╰──┴─╯",
	}
	for name, frame := range frames {
		for scale := 1; scale <= 4; scale++ {
			p := NewPainter(Dark, scale)
			p.Bare = true
			img := p.Draw(Read(frame, 6, 5))
			ink := hex(Dark.FG)
			// The middle of each stroke, from the middle of the first cell to that of the last.
			mid := func(x, y int) image.Point {
				f := cellFrame(scale, 1)
				return image.Pt((padX+x*cellW)*scale+(f.w-f.stroke)/2, (padTop+y*cellH)*scale+(f.h-f.stroke)/2)
			}
			from := 0
			if name == "rounded" {
				from = cellW * scale // the turn of the corners
			}
			for _, y := range []int{0, 2, 4} {
				a, b := mid(0, y), mid(5, y)
				if !uniform(img, image.Rect(a.X+from, a.Y, b.X-from, a.Y+1), ink) {
					t.Errorf("%s at %d: a gap in row %d", name, scale, y)
				}
			}
			for _, x := range []int{0, 3, 5} {
				a, b := mid(x, 0), mid(x, 4)
				if !uniform(img, image.Rect(a.X, a.Y+from, a.X+1, b.Y-from), ink) {
					t.Errorf("%s at %d: a gap in column %d", name, scale, x)
				}
			}
		}
	}
}

func TestBlocksFillTheirPart(t *testing.T) {
	p := NewPainter(Dark, 2)
	p.Bare = true
	img := p.Draw(Read("█▀▄▌▐", 5, 1))
	ink, ground := hex(Dark.FG), hex(Dark.BG)
	cell := func(i int) image.Rectangle {
		return image.Rect(0, 0, cellW*2, cellH*2).Add(image.Pt((padX+i*cellW)*2, padTop*2))
	}
	half := func(r image.Rectangle, x0, y0, x1, y1 int) image.Rectangle {
		w, h := r.Dx()/2, r.Dy()/2
		return image.Rect(r.Min.X+x0*w, r.Min.Y+y0*h, r.Min.X+x1*w, r.Min.Y+y1*h)
	}
	for i, c := range []struct{ full, empty image.Rectangle }{
		{half(cell(0), 0, 0, 2, 2), image.Rectangle{}},
		{half(cell(1), 0, 0, 2, 1), half(cell(1), 0, 1, 2, 2)},
		{half(cell(2), 0, 1, 2, 2), half(cell(2), 0, 0, 2, 1)},
		{half(cell(3), 0, 0, 1, 2), half(cell(3), 1, 0, 2, 2)},
		{half(cell(4), 1, 0, 2, 2), half(cell(4), 0, 0, 1, 2)},
	} {
		if !uniform(img, c.full, ink) || !uniform(img, c.empty, ground) {
			t.Errorf("block %d does not fill its part", i)
		}
	}
}

// inked counts what is drawn in a cell.
func inked(img *image.NRGBA, scale, x, y int, ground color.NRGBA) (n int) {
	for dy := range cellH * scale {
		for dx := range cellW * scale {
			if img.NRGBAAt((padX+x*cellW)*scale+dx, (padTop+y*cellH)*scale+dy) != ground {
				n++
			}
		}
	}
	return n
}

func TestTextStaysInItsCells(t *testing.T) {
	p := NewPainter(Dark, 2)
	p.Bare = true
	for r := rune(0x21); r < 0x17f; r++ {
		if r >= 0x7f && r <= 0xa0 || r == 0xad {
			continue
		}
		img := p.Draw(Read(" "+string(r)+" ", 3, 1))
		ground := hex(Dark.BG)
		if inked(img, 2, 1, 0, ground) == 0 {
			t.Errorf("%q is not drawn", r)
		}
		if inked(img, 2, 0, 0, ground)+inked(img, 2, 2, 0, ground) > 6 {
			t.Errorf("%q reaches into the next cell", r)
		}
	}
}

func TestStylesShow(t *testing.T) {
	p := NewPainter(Dark, 2)
	p.Bare = true
	ink := func(sgr string) int { return inked(p.Draw(Read(sgr+"n", 1, 1)), 2, 0, 0, hex(Dark.BG)) }
	plain := ink("")
	for _, sgr := range []string{"\x1b[1m", "\x1b[4m", "\x1b[9m", "\x1b[7m"} {
		if ink(sgr) <= plain {
			t.Errorf("%q does not show", sgr)
		}
	}
	a, b := p.Draw(Read("n", 1, 1)), p.Draw(Read("\x1b[3mn", 1, 1))
	if bytes.Equal(a.Pix, b.Pix) {
		t.Error("italic does not show")
	}
	if c := p.Draw(Read("\x1b[2mn", 1, 1)); bytes.Equal(a.Pix, c.Pix) || inked(c, 2, 0, 0, hex(Dark.BG)) < plain/2 {
		t.Error("faint does not show, or nothing of it")
	}
}

func TestMissing(t *testing.T) {
	p := NewPainter(Dark, 1)
	for frame, want := range map[string]string{
		"plain text, éß ─│╭╮╰╯ ▀▄█ ▸●○◉◆✓✗×…·•→←↑↓": "[]",
		"░▒▓ ⠋⠙⠹ ═║╔ ╱╲ ┄┆ ☐☑ ⚠ ⚙ ↻ ⏎ ★":            "[]",
		"日 and 日 and 👍": "[日 👍]",
		"a\u00a0b":      "[]",
	} {
		if got := fmt.Sprint(p.Missing(Read(frame, 60, 1))); got != want {
			t.Errorf("%q: %s, want %s", frame, got, want)
		}
	}
}

// What a font lacks, and odd grids, are drawn all the same.
func TestOddGrids(t *testing.T) {
	long := strings.Repeat("a long title ", 40)
	for name, g := range map[string]*Grid{
		"no cells":     NewGrid(0, 0),
		"one cell":     Read("x", 1, 1),
		"no font":      Read("日👍\U0010ffff", 6, 1),
		"long title":   {W: 10, H: 1, Cells: Read("x", 10, 1).Cells, Title: long},
		"wide title":   {W: 30, H: 1, Cells: Read("x", 30, 1).Cells, Title: "日本語"},
		"bad text":     {W: 1, H: 1, Cells: []Cell{{Text: "\xff\x00<", Width: 1}}},
		"cursor out":   {W: 1, H: 1, Cells: Read("x", 1, 1).Cells, CursorVisible: true, CursorX: 99, CursorY: -1},
		"zero cells":   {W: 2, H: 1, Cells: make([]Cell, 2)},
		"marks":        Read("e\u0301\u0302\u0303", 1, 1),
		"wide cut off": {W: 1, H: 1, Cells: []Cell{{Text: "日", Width: 2}}},
	} {
		for _, bare := range []bool{false, true} {
			p := NewPainter(Light, 1)
			p.Bare = bare
			if err := p.PNG(io.Discard, g); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			wellFormed(t, name, p.SVG(g))
			wellFormed(t, name, p.AnimatedSVG([]Frame{{g, 0}, {g, time.Second}}))
		}
	}
}

func wellFormed(t *testing.T, name string, b []byte) (text string) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(b))
	in := ""
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return text
		}
		if err != nil {
			t.Fatalf("%s: no XML: %v", name, err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			in = tok.Name.Local
			if in == "script" || in == "foreignObject" || in == "image" {
				t.Errorf("%s: a <%s> in the picture", name, in)
			}
		case xml.EndElement:
			in = ""
		case xml.CharData:
			if in == "desc" {
				text += string(tok)
			}
		}
	}
}

func TestSVGHoldsTheText(t *testing.T) {
	g := Read("a <script>alert(1)</script> & \"quotes\" ]]>\n\x1b[1m日本 second\x1b[0m", 50, 3)
	b := NewPainter(Dark, 1).SVG(g)
	if text := wellFormed(t, "svg", b); text != g.Text() {
		t.Errorf("<desc> holds %q", text)
	}
	if len(b) > 30_000 {
		t.Errorf("%d bytes for two lines", len(b))
	}
	big := NewPainter(Dark, 2).SVG(dense(120, 36))
	t.Logf("120×36, full of text: %d bytes", len(big))
	if len(big) > 250_000 {
		t.Errorf("%d bytes", len(big))
	}
}

// Several pictures in one page must not take each other's outlines.
func TestSVGIDsMeanTheSame(t *testing.T) {
	defs := map[string]string{}
	re := regexp.MustCompile(`<path id="([^"]+)"[^>]*? d="([^"]*)"`)
	for _, g := range []*Grid{screenful(), dense(40, 10), Read("zyxab\x1b[1mabc", 20, 1)} {
		found := re.FindAllStringSubmatch(string(NewPainter(Light, 3).SVG(g)), -1)
		if len(found) == 0 {
			t.Fatal("no outlines")
		}
		for _, m := range found {
			if was, ok := defs[m[1]]; ok && was != m[2] {
				t.Errorf("%s is two things", m[1])
			}
			defs[m[1]] = m[2]
		}
	}
}

func film() []Frame {
	return []Frame{
		{Read("one\n  same", 20, 4), 1200 * time.Millisecond},
		{Read("two\n  same", 20, 4), 5 * time.Millisecond},
		{Read("two\n  same", 20, 4), 15 * time.Millisecond},
		{Read("\x1b[1mlast\x1b[0m\n  same\nmore", 20, 4), 333 * time.Millisecond},
	}
}

func TestAnimatedSVG(t *testing.T) {
	if NewPainter(Light, 1).AnimatedSVG(nil) != nil {
		t.Error("an animation of nothing")
	}
	b := NewPainter(Light, 1).AnimatedSVG(film())
	text := wellFormed(t, "animation", b)
	s := string(b)
	if text != "last\n  same\nmore" {
		t.Errorf("<desc> holds %q", text)
	}
	if n := strings.Count(s, `<g id="row`); n != 5 { // one, two, same, last, more
		t.Errorf("%d rows", n)
	}
	for _, want := range []string{
		"@keyframes k0{0%{visibility:visible}76.287%,100%{visibility:hidden}}#f0{animation:k0 1.573s step-end infinite}",
		"@keyframes k3{0%{visibility:hidden}78.83%{visibility:visible}100%{visibility:visible}}#f3{visibility:hidden;animation:k3 1.573s step-end infinite}",
		"prefers-reduced-motion:reduce",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Count(s, "@keyframes") != 4 {
		t.Error("not a key frame a frame")
	}
}

func TestSheet(t *testing.T) {
	a, b := NewPainter(Dark, 1).Draw(Read("a", 4, 1)), NewPainter(Light, 1).Draw(Read("b", 6, 2))
	s := Sheet(2, 8, a, b, a)
	if s.Rect.Dx() != 2*b.Rect.Dx()+8 || s.Rect.Dy() != 2*b.Rect.Dy()+8 {
		t.Errorf("a sheet of %v", s.Rect)
	}
	if s.NRGBAAt(30, 30) != a.NRGBAAt(30, 30) || s.NRGBAAt(b.Rect.Dx()+8+30, 30) != b.NRGBAAt(30, 30) || s.NRGBAAt(30, b.Rect.Dy()+8+30) != a.NRGBAAt(30, 30) {
		t.Error("pictures in the wrong places")
	}
	if err := EncodePNG(io.Discard, s); err != nil {
		t.Error(err)
	}
	if s := Sheet(0, 4); s.Rect.Dx() != 0 {
		t.Error("a sheet of nothing")
	}
}

// luminance and contrast are those of WCAG 2.2.
func luminance(c color.NRGBA) float64 {
	f := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestThemesAreLegible(t *testing.T) {
	for name, th := range map[string]Theme{"dark": Dark, "light": Light} {
		ground := hex(th.BG)
		if c := contrast(hex(th.FG), ground); c < 7 {
			t.Errorf("%s: text has %.1f:1", name, c)
		}
		for i, v := range th.Palette {
			if c := contrast(hex(v), ground); c < 4.5 && !(i == 0 && name == "dark") { // black is for grounds there
				t.Errorf("%s: colour %d has %.1f:1", name, i, c)
			}
		}
		faint, _ := th.colours(Cell{Attr: Faint})
		if c := contrast(faint, ground); c < 4.5 {
			t.Errorf("%s: faint text has %.1f:1", name, c)
		}
	}
}

func TestColours(t *testing.T) {
	for c, want := range map[Color]color.NRGBA{
		0: hex(Dark.FG), Palette(3): hex(Dark.Palette[3]), Palette(16): {0, 0, 0, 255}, Palette(208): {255, 135, 0, 255},
		Palette(231): {255, 255, 255, 255}, Palette(232): {8, 8, 8, 255}, Palette(255): {238, 238, 238, 255}, RGB(1, 2, 3): {1, 2, 3, 255},
	} {
		if got := Dark.resolve(c, Dark.FG); got != want {
			t.Errorf("%x is %v, want %v", c, got, want)
		}
	}
}

// The fonts are read for the first picture, not when the program starts.
func TestNoCostAtStart(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^init (\S*(?:ui/picture)) .* clock, (\d+) bytes, (\d+) allocs`).FindAllStringSubmatch(string(out), -1) {
		if len(m[2]) > 4 { // tens of kilobytes
			t.Errorf("%s takes %s bytes at start", m[1], m[2])
		}
	}
}

func FuzzPaint(f *testing.F) {
	f.Add("\x1b[1;7mab日─╭\x1b[0m\n█▀░⠋", "title")
	f.Fuzz(func(t *testing.T, frame, title string) {
		g := Read(frame, 30, 4)
		g.Title = title
		p := NewPainter(Dark, 1) // without PNG: packing would take all the time
		p.Draw(g)
		wellFormed(t, "svg", p.SVG(g))
		p.Missing(g)
	})
}

// A reader of another's making finds each pixel, with few colours and many, in
// rows that do not end with a byte.
func TestPNGReads(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {7, 3}, {15, 15}, {40, 2}, {0, 0}} {
		m := image.NewNRGBA(image.Rectangle{Max: size})
		for i := range size.X * size.Y {
			m.SetNRGBA(i%size.X, i/size.X, color.NRGBA{uint8(i), uint8(i / 2), 7, uint8(255 - i%2)})
		}
		var b bytes.Buffer
		if err := EncodePNG(&b, m); err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(&b)
		if size == (image.Point{}) {
			if err == nil {
				t.Error("a picture of no size can be read")
			}
			continue
		}
		if err != nil {
			t.Fatalf("%v: %v", size, err)
		}
		for y := range size.Y {
			for x := range size.X {
				if a, b := color.NRGBAModel.Convert(got.At(x, y)), m.At(x, y); a != b {
					t.Fatalf("%v: the pixel at %d, %d is %v, want %v", size, x, y, a, b)
				}
			}
		}
	}
}
