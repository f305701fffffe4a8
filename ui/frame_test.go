package ui

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"authwalk/ui/drive"
)

// TestSafe: text from outside is shown, and does nothing.
func TestSafe(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                  "plain",
		"\x1b[31mred":            "^[[31mred",
		"a\x00b\x7fc\u009bd":     "a^@b^?c<009B>d",
		"\u202eabc\u2066":        "<202E>abc<2066>",
		"nb\u00a0sp\u200bzw":     "nb<00A0>sp<200B>zw",
		"\xff\xfe":               "<FF><FE>",
		"two\r\nlines\rcr":       "two\nlines^Mcr",
		"日本 é ü ✓":               "日本 é ü ✓",
		"tab\there":              "tab    here",
		"\u2028\ufeff\U000e0001": "<2028><FEFF><E0001>",
	} {
		if got := safe(in); got != want {
			t.Errorf("safe(%q) = %q, want %q", in, got, want)
		}
	}
	if got := oneLine("a\nb"); got != "a^Jb" {
		t.Errorf("oneLine: %q", got)
	}
}

func FuzzSafe(f *testing.F) {
	f.Add(nasty)
	f.Fuzz(func(t *testing.T, s string) {
		line := oneLine(s)
		if err := drive.Check(line, math.MaxInt, 1); err != nil {
			t.Fatal(err)
		}
		for _, w := range []int{1, 7, 40} {
			if n := width(pad(line, w)); n != w {
				t.Fatalf("pad to %d is %d wide: %q", w, n, pad(line, w))
			}
			for _, l := range wrap(safe(s), w) {
				if width(l) > w && w > 1 {
					t.Fatalf("a wrapped line is %d wide instead of %d: %q", width(l), w, l)
				}
			}
		}
	})
}

func TestClockTime(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0:00", time.Millisecond: "0:01", 59 * time.Second: "0:59", 61 * time.Second: "1:01", time.Hour: "1:00:00", 24 * time.Hour: "24:00:00", 240*time.Hour + time.Second: "10 days 00:00:01"} {
		if got := clockTime(d); got != want {
			t.Errorf("clockTime(%s) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "0 s", 90 * time.Second: "1 min 30 s", 24 * time.Hour: "1 day", 48*time.Hour + 3*time.Hour: "2 days 3 h"} {
		if got := inWords(d); got != want {
			t.Errorf("inWords(%s) = %q, want %q", d, got, want)
		}
	}
}

// The colours of xterm's first 16, and the cube and greys above them.
func rgb256(n int) [3]float64 {
	base := [16][3]int{{0, 0, 0}, {205, 0, 0}, {0, 205, 0}, {205, 205, 0}, {0, 0, 238}, {205, 0, 205}, {0, 205, 205}, {229, 229, 229}, {127, 127, 127}, {255, 0, 0}, {0, 255, 0}, {255, 255, 0}, {92, 92, 255}, {255, 0, 255}, {0, 255, 255}, {255, 255, 255}}
	level := func(i int) float64 {
		if i == 0 {
			return 0
		}
		return float64(55 + 40*i)
	}
	switch {
	case n < 16:
		return [3]float64{float64(base[n][0]), float64(base[n][1]), float64(base[n][2])}
	case n < 232:
		n -= 16
		return [3]float64{level(n / 36), level(n / 6 % 6), level(n % 6)}
	}
	g := float64(8 + 10*(n-232))
	return [3]float64{g, g, g}
}

func rgbOf(s string) [3]float64 {
	if strings.HasPrefix(s, "#") {
		n, _ := strconv.ParseUint(s[1:], 16, 32)
		return [3]float64{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}
	}
	n, _ := strconv.Atoi(s)
	return rgb256(n)
}

// contrast is that of WCAG 2, 1.4.3.
func contrast(a, b [3]float64) float64 {
	lum := func(c [3]float64) float64 {
		var l [3]float64
		for i, v := range c {
			v /= 255
			if v <= 0.03928 {
				l[i] = v / 12.92
			} else {
				l[i] = math.Pow((v+0.055)/1.055, 2.4)
			}
		}
		return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
	}
	x, y := lum(a), lum(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast: every colour that text is written in can be read on usual
// grounds and on the row under the cursor.
func TestContrast(t *testing.T) {
	for name, p := range map[string]struct {
		pal     palette
		grounds []string
	}{"dark": {darkPalette, []string{"#000000", "#15181f", "#1e1e2e", "#282c34"}}, "light": {lightPalette, []string{"#ffffff", "#fafafa", "#f5f5f5"}}} {
		for tone, c := range map[string]tone{"dim": p.pal.dim, "accent": p.pal.accent, "good": p.pal.good, "warn": p.pal.warn, "bad": p.pal.bad, "secret": p.pal.secret} {
			check := func(fg, bg string) {
				if fg == "" || bg == "" {
					return
				}
				if r := contrast(rgbOf(fg), rgbOf(bg)); r < 4.5 {
					t.Errorf("%s %s: %s on %s has a contrast of %.2f", name, tone, fg, bg, r)
				}
			}
			for _, g := range append(p.grounds, p.pal.ground.full) {
				check(c.full, g)
			}
			for _, g := range append(p.grounds, p.pal.ground.of256) {
				check(c.of256, g)
			}
			check(c.of16, p.grounds[0])
		}
		text, badge := p.pal.prodText, p.pal.prod
		for _, c := range [][2]string{{text.full, badge.full}, {text.of256, badge.of256}, {text.of16, badge.of16}} {
			if r := contrast(rgbOf(c[0]), rgbOf(c[1])); r < 4.5 {
				t.Errorf("%s: the prod badge, %s on %s, has a contrast of %.2f", name, c[0], c[1], r)
			}
		}
	}
}

// TestColourModes: each mode writes its own kind of code and no other.
func TestColourModes(t *testing.T) {
	for p, rules := range map[termenv.Profile]struct{ has, not string }{
		termenv.TrueColor: {"38;2;", "38;5;"}, termenv.ANSI256: {"38;5;", "38;2;"}, termenv.ANSI: {"\x1b[", "38;"}, termenv.Ascii: {"\x1b[1m", "38;"},
	} {
		b := newBench(t)
		b.opt.ColorProfile = p
		d := b.openDemo("works", 120, 36)
		b.keys(d, "enter", "enter")
		f := d.Frame()
		if !strings.Contains(f, rules.has) || strings.Contains(f, rules.not) {
			t.Errorf("profile %v: has %q %v, has %q %v", p, rules.has, strings.Contains(f, rules.has), rules.not, strings.Contains(f, rules.not))
		}
		if p == termenv.Ascii {
			for _, c := range []string{"\x1b[3", "\x1b[9", "\x1b[10", ";3", ";9"} {
				if strings.Contains(f, c) {
					t.Errorf("without colours the frame has %q", c)
				}
			}
		}
		_ = d.Close()
	}
}

// TestViewAllocations bounds what a frame costs; the time is for benchmarks.
func TestViewAllocations(t *testing.T) {
	b := newBench(t)
	b.opt.ColorProfile = termenv.TrueColor
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter")
	a := app(d)
	for _, size := range []struct{ w, h, most int }{{120, 36, 800}, {200, 60, 1000}} {
		d.Resize(size.w, size.h)
		for _, step := range []int{stepTenant, stepForm, stepRequest, stepClaims, stepAPI, stepRefresh} {
			a.goTo(step)
			a.View()
			n := testing.AllocsPerRun(20, func() { a.View() })
			t.Logf("a frame of step %d at %d×%d makes %.0f allocations", step, size.w, size.h, n)
			if n > float64(size.most) {
				t.Errorf("step %d: more than %d", step, size.most)
			}
		}
	}
}

func BenchmarkView(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 60}} {
		for step := stepTenant; step <= stepRefresh; step++ {
			b.Run(fmt.Sprintf("step%d/%dx%d", step, size[0], size[1]), func(b *testing.B) {
				bench := newBench(b)
				bench.opt.ColorProfile = termenv.TrueColor
				d := bench.openDemo("works", size[0], size[1])
				bench.keys(d, "enter")
				app(d).goTo(step)
				b.ReportAllocs()
				for b.Loop() {
					_ = app(d).View()
				}
			})
		}
	}
}

// large is an API whose answer is n bytes of JSON.
type large struct {
	rt http.RoundTripper
	n  int
}

// largeBytes is more than an answer may have in memory.
var largeBytes = 12 << 20

func largeBody(n int) string {
	const item = `{"id":12345678901234567890,"name":"Brass gear, 64 teeth","tags":["a","b"],"price":12.50},`
	return "[" + strings.Repeat(item, n/len(item)) + `{"last":true}]`
}

func (l large) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		return l.rt.RoundTrip(r)
	}
	body := largeBody(l.n)
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}}, Body: readCloser{strings.NewReader(body)}, Request: r, ContentLength: -1}, nil
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// TestLargeAnswer: an answer that does not fit into memory's share is spooled,
// shown, searched, and gone from the disk in the end.
func TestLargeAnswer(t *testing.T) {
	b := newBench(t)
	t.Setenv("TMPDIR", t.TempDir())
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return large{rt, largeBytes} }
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "5", "enter")
	mustContain(t, d.Text(), "200 OK", size(int64(len(largeBody(largeBytes)))), `"id": 12345678901234567890`)
	doc := app(d).walk.api.doc
	if doc.kind != "json" || doc.lines < largeBytes/24 {
		t.Fatalf("%s of %d lines", doc.kind, doc.lines)
	}
	for app(d).walk.api.part != partAnswer {
		b.keys(d, "tab")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.keys(d, "end", "pgup", "pgup", "end")
	runtime.ReadMemStats(&after)
	mustContain(t, d.Text(), `"last": true`)
	if n := after.TotalAlloc - before.TotalAlloc; n > uint64(largeBytes) { // what is not shown is not worked on
		t.Errorf("four keys allocated %d bytes", n)
	}
	b.keys(d, "/")
	d.Type("last")
	b.keys(d, "enter")
	mustContain(t, d.Text(), `"last": true`, "1 line")
	b.keys(d, "/", "esc", "/")
	d.Type(".[-1].last")
	b.keys(d, "enter")
	mustContain(t, d.Text(), "true")
	runtime.GC()
	b.keys(d, "S")
	mustContain(t, d.Text(), "Saved as")
}

// longLine answers API calls with a string that no window holds.
type longLine struct{ rt http.RoundTripper }

func (l longLine) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.rt.RoundTrip(r)
	if err == nil && strings.HasPrefix(r.URL.Path, "/api/") {
		text := `{"short":"s","long":"` + strings.Repeat("漢字 and so on, ", 30) + `the end"}`
		resp.Body, resp.ContentLength = readCloser{strings.NewReader(text)}, int64(len(text))
		resp.Header.Del("Content-Length")
	}
	return resp, err
}

// TestLongLines: a line that is longer than the window is read by moving along it.
func TestLongLines(t *testing.T) {
	for _, w := range []int{120, 60} {
		b := newBench(t)
		b.wrap = func(rt http.RoundTripper) http.RoundTripper { return longLine{rt} }
		d := b.openDemo("works", w, 36)
		b.keys(d, "enter", "5", "enter")
		for app(d).walk.api.part != partAnswer {
			b.keys(d, "tab")
		}
		mustContain(t, d.Text(), `"short": "s"`, `"long": "漢字 and so on`)
		mustNotContain(t, d.Text(), "the end")
		presses := 0
		for ; !strings.Contains(d.Text(), `the end"`) && presses < 60; presses++ {
			b.keys(d, "right")
			if err := d.Check(); err != nil {
				t.Fatal(err)
			}
		}
		if presses == 60 || presses < 5 {
			t.Fatalf("%d columns: after %d presses:\n%s", w, presses, d.Text())
		}
		mustNotContain(t, d.Text(), `"short"`)
		end := d.Text()
		for range 60 {
			b.keys(d, "l")
		}
		if !strings.Contains(d.Text(), `the end"`) {
			t.Errorf("%d columns: moved past the end of every line:\n%s\nafter\n%s", w, d.Text(), end)
		}
		for range presses + 60 {
			b.keys(d, "h")
		}
		mustContain(t, d.Text(), `"short": "s"`, `"long": "漢字 and so on`)
		b.keys(d, "right", "ctrl+s") // another answer begins at its left
		mustContain(t, d.Text(), `"short": "s"`)
	}
}

func TestDocument(t *testing.T) {
	for name, c := range map[string]struct{ in, ct, want, kind, note string }{
		"json":       {`{"a":[1,2],"b":{},"c":[],"d":"x,y:{\"}"}`, "application/json", "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": [],\n  \"d\": \"x,y:{\\\"}\"\n}", "json", ""},
		"numbers":    {`[1.0,1e400,12345678901234567890]`, "", "[\n  1.0,\n  1e400,\n  12345678901234567890\n]", "json", ""},
		"cut":        {`{"a":`, "application/json", "{\n  \"a\": ", "json", "it is no whole JSON: it ends too early"},
		"empty json": {``, "application/json", "", "json", "it is no whole JSON: it ends too early"},
		"text":       {"one\ntwo", "text/plain", "one\ntwo", "text", ""},
		"html":       {"<!DOCTYPE html><title>502 Bad&nbsp;Gateway</title><style>p{}</style><SCRIPT>if (a<b) '</p>'</SCRIPT><!-- <p>no</p> --><body><h1>502\n Bad <b>Gate</b>way</h1><ul><li>a &lt; b<li>1 < 2</ul>" + strings.Repeat("word ", 20), "text/html", "502 Bad Gateway\n\n502 Bad Gateway\n\n- a < b\n- 1 < 2\n" + strings.Repeat("word ", 12) + "word\nword word word word word word word", "text", "this is the page's text; S saves it as it came, w shows it so"},
		"html empty": {"<p></p>", "text/html", "<p></p>", "text", ""},
		"raw line":   {"[\"a\nb\"]", "application/json", "[\n  \"a\n  b\"\n]", "json", "it is no whole JSON: a string has a line end in it"},
		"values":     {"{\"a\":1}\n{\"a\":2}\n", "application/x-ndjson", "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}", "json", ""},
		"closing":    {"}}}]]]", "application/json", "\n}\n}\n}\n]\n]\n]", "json", ""},
	} {
		d := newDocument(context.Background(), strings.NewReader(c.in), c.ct, int64(len(c.in)))
		if d.String() != c.want || d.kind != c.kind || d.note != c.note {
			t.Errorf("%s: %q %s %q", name, d, d.kind, d.note)
		}
		var lines []string
		for i := range d.lines {
			lines = append(lines, d.line(i))
		}
		if got := strings.Join(lines, "\n"); got != c.want {
			t.Errorf("%s: its lines are %q", name, got)
		}
	}
	long := `{"a":"` + strings.Repeat("x", 200_000) + `\"y","b":1}`
	if d := newDocument(context.Background(), strings.NewReader(long), "application/json", 0); d.note != "" || d.lines != 4 || d.text.n != len(long)+5 {
		t.Errorf("a long string: %d lines, %d bytes of %d, %q", d.lines, d.text.n, len(long), d.note)
	}
	if d := newDocument(context.Background(), bytes.NewReader([]byte{0, 1, 2, 255}), "", 4); d.kind != "binary" || !strings.Contains(d.String(), "00 01 02 ff") {
		t.Errorf("binary: %s %q", d.kind, d)
	}
}

// TestHTMLTextEnds: a page made to be slow is not. The limit is a guard against
// a hang: by the square of its length each would take hours.
func TestHTMLTextEnds(t *testing.T) {
	start := time.Now()
	for _, part := range []string{"<script>", "<", "</script", "<!--", "<p>", "<b", "&lt;", "<script></script>", "x <li> "} {
		_ = htmlText(strings.Repeat(part, htmlLimit/len(part)))
	}
	if took := time.Since(start); took > 2*time.Minute {
		t.Errorf("it took %v", took)
	}
}

// TestDocumentOfBrackets: indenting makes nothing sixty times as large.
func TestDocumentOfBrackets(t *testing.T) {
	const n = 4 << 20
	for _, in := range []string{strings.Repeat("[", n), strings.Repeat(`{"a":[1,`, n/8), "[" + strings.Repeat("[],", n/3) + "1]"} {
		d := newDocument(context.Background(), strings.NewReader(in), "application/json", 0)
		if d.text.n > 3*n+2<<20 || d.lines < n/8 {
			t.Errorf("%.20q… of %d bytes became %d bytes in %d lines", in, len(in), d.text.n, d.lines)
		}
	}
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x\"",{}]}`), "application/json")
	f.Fuzz(func(t *testing.T, in []byte, ct string) {
		d := newDocument(context.Background(), bytes.NewReader(in), ct, int64(len(in)))
		for i := range min(d.lines, 300) {
			_ = d.line(i)
		}
	})
}

// FuzzKeys presses keys at random, at any size: every frame stays whole and
// nothing panics.
func FuzzKeys(f *testing.F) {
	keys := strings.Fields("enter enter enter enter tab shift+tab esc up down left right j k home end pgup pgdown 1 2 3 4 5 6 w y Y m M E X L ? f1 ctrl+p ctrl+l ctrl+s ctrl+r ctrl+t / = u c s v r a x p o n e d f space q a b")
	demos := []string{"works", "wrong-password", "mfa-otp", "mfa-push", "rbac", "refresh-expired", "no-audience"}
	f.Add([]byte{0, 0, 1, 2, 3, 4, 5})
	f.Add([]byte{2, 0, 0, 40, 3, 0, 0, 9, 22, 0, 6})
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 {
			return
		}
		b := newBench(t)
		b.opt.Scenario = demos[int(in[0])%len(demos)]
		d := drive.New(New(b.opt), 120, 36)
		defer func() { _ = d.Close() }()
		for i, c := range in[1:min(len(in), 60)] {
			if c >= 250 {
				w, h := int(c-250)*37+1, int(c-250)*11+1
				d.Resize(w, h)
				if !app(d).locked {
					checkFrame(t, d, "random", w, h)
				}
				continue
			}
			d.Press(keys[int(c)%len(keys)])
			if i%3 == 0 {
				_ = d.Settle()
			}
			if i%5 == 0 {
				b.clock.pass(time.Second)
				d.Send(secondMsg{})
			}
			if d.Quit() {
				return
			}
			w, h := d.Size()
			if a := app(d); !a.locked {
				if _, qr := a.front().(*qrScreen); !qr {
					checkFrame(t, d, "random", w, h)
				}
			}
		}
	})
}
