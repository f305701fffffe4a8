package picture

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
)

func TestANSIReadsBack(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 500 {
		g := Read(randomLine(r)+randomLine(r)+"\n"+randomLine(r), 40, 2)
		rows := []string{g.ANSI(0), g.ANSI(1)}
		back := Read(strings.Join(rows, "\n"), 40, 2)
		for i := range g.Cells { // a blank without a ground has no foreground one could see
			for _, c := range []*Cell{&g.Cells[i], &back.Cells[i]} {
				if c.Text == " " && c.Attr == 0 {
					c.FG = 0
				}
			}
		}
		if !g.Same(back) {
			t.Fatalf("%q reads back as\n%s, not\n%s", rows, back.Text(), g.Text())
		}
		for _, row := range rows {
			if rest := strings.NewReplacer("\x1b[", "").Replace(row); strings.ContainsAny(rest, "\x1b\a\b\t\r") {
				t.Errorf("more than SGR: %q", row)
			}
		}
	}
}

// clock is set by hand.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }
func (c *clock) pass(d time.Duration) {
	c.t = c.t.Add(d)
}

type castEvent struct {
	at         float64
	code, data string
}

func readCast(t *testing.T, b []byte) (head map[string]any, events []castEvent) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		if i == 0 {
			if err := json.Unmarshal([]byte(line), &head); err != nil {
				t.Fatal(err)
			}
			continue
		}
		var e []any
		if err := json.Unmarshal([]byte(line), &e); err != nil || len(e) != 3 {
			t.Fatalf("%q: %v", line, err)
		}
		events = append(events, castEvent{e[0].(float64), e[1].(string), e[2].(string)})
	}
	return head, events
}

func TestCastPlaysTheFrames(t *testing.T) {
	c := &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	var b bytes.Buffer
	w := NewCastWriter(&b, "a walk", c.now)
	frames := []string{
		"\x1b[1mone\x1b[0m\nsame\n\x1b[41m red \x1b[0m end",
		"\x1b[1mone\x1b[0m two\nsame\n\x1b[41m red \x1b[0m end",
		"\x1b[1mone\x1b[0m two\nsame\n\x1b[41m red \x1b[0m end", // nothing new
		"x\n\n日本",
	}
	var screens []*Grid
	for _, f := range frames {
		if err := w.Frame(f, 20, 4); err != nil {
			t.Fatal(err)
		}
		screens = append(screens, Read(f, 20, 4))
		c.pass(1500 * time.Millisecond)
	}
	c.pass(-time.Hour) // the clock is set back
	if err := w.Frame("wider", 30, 5); err != nil {
		t.Fatal(err)
	}
	c.pass(2 * time.Hour)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Frame("late", 30, 5); err != nil || w.Close() != nil || strings.Contains(b.String(), "late") {
		t.Error("recorded after the end")
	}

	head, events := readCast(t, b.Bytes())
	if head["version"] != 2.0 || head["width"] != 20.0 || head["height"] != 4.0 || head["timestamp"] != 1767323045.0 || head["title"] != "a walk" {
		t.Errorf("head: %v", head)
	}
	emu := vt.NewEmulator(20, 4)
	shown := func() *Grid {
		g := NewGrid(emu.Width(), emu.Height())
		for y := range g.H {
			for x := range g.W {
				g.Cells[y*g.W+x] = emulated(emu.CellAt(x, y))
			}
		}
		return g
	}
	want := []struct {
		at   float64
		code string
		text string
	}{{0, "o", screens[0].Text()}, {1.5, "o", screens[1].Text()}, {4.5, "o", screens[3].Text()}, {4.5, "r", ""}, {4.5, "o", "wider"}, {3606, "o", "wider"}}
	if len(events) != len(want) {
		t.Fatalf("%d events: %v", len(events), events)
	}
	for i, e := range events {
		if e.at != want[i].at || e.code != want[i].code {
			t.Errorf("event %d: %v %s, want %v %s", i, e.at, e.code, want[i].at, want[i].code)
		}
		if e.code == "r" {
			if e.data != "30x5" {
				t.Errorf("resized to %s", e.data)
			}
			emu.Resize(30, 5)
			continue
		}
		if _, err := emu.WriteString(e.data); err != nil {
			t.Fatal(err)
		}
		if got := shown().Text(); got != want[i].text {
			t.Errorf("event %d shows\n%s, want\n%s", i, got, want[i].text)
		}
	}
	if strings.Contains(events[1].data, "same") {
		t.Error("a row that stayed is drawn again")
	}
}

type fullDisk struct{ room int }

var errFull = errors.New("no space left on device")

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.room -= len(b); d.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestCastKeepsTheFirstError(t *testing.T) {
	c := &clock{time.Unix(0, 0)}
	w := NewCastWriter(&fullDisk{300}, "", c.now)
	var err error
	for i := 0; err == nil && i < 20; i++ {
		err = w.Frame(strings.Repeat("x", 20+i), 60, 2)
	}
	if !errors.Is(err, errFull) || !errors.Is(w.Frame("y", 60, 2), errFull) || !errors.Is(w.Close(), errFull) {
		t.Errorf("a full disk is told as %v", err)
	}
}

func TestCastOfNothing(t *testing.T) {
	var b bytes.Buffer
	w := NewCastWriter(&b, "", time.Now)
	if err := w.Close(); err != nil || b.Len() != 0 {
		t.Errorf("%v, %q", err, b.String())
	}
}
