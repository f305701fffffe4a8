package picture

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// CastWriter writes a recording of the screen as asciicast, version 2
// (docs.asciinema.org/manual/asciicast/v2): a line of JSON about the recording,
// then a line for each change. A change holds the rows that differ, drawn anew,
// so a recording stays small, and holds no escape code but those that a frame
// and the cursor's place need. It may be used from several goroutines.
type CastWriter struct {
	mu    sync.Mutex
	w     io.Writer
	now   func() time.Time
	title string
	start time.Time
	last  time.Duration
	shown *Grid
	ended bool
	err   error
}

// NewCastWriter records to w. The time of each frame is what now says when it
// comes, counted from the first. The title is the recording's, and may be empty.
// Nothing is written before the first frame.
func NewCastWriter(w io.Writer, title string, now func() time.Time) *CastWriter {
	return &CastWriter{w: w, now: now, title: title}
}

// Frame records that the screen, as View gives it in a window of w columns and h
// rows, looks so from now on. A frame that looks like the last one is not
// written. The error is the first one of the writer; after it nothing more is
// written.
func (c *CastWriter) Frame(frame string, w, h int) error { return c.Grid(Read(frame, w, h)) }

// Grid is Frame for a screen that has been read.
func (c *CastWriter) Grid(g *Grid) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.ended || c.shown != nil && c.shown.Same(g) {
		return c.err
	}
	now := c.now()
	resized := c.shown != nil && (c.shown.W != g.W || c.shown.H != g.H)
	if c.shown == nil {
		c.start = now
		c.head(g)
	}
	c.last = max(c.last, now.Sub(c.start)) // a recording's time never goes back
	if resized {
		c.event("r", fmt.Sprintf("%dx%d", g.W, g.H))
	}
	was := c.shown
	if resized {
		was = nil
	}
	c.event("o", redraw(was, g))
	shown := *g
	shown.Cells = append([]Cell(nil), g.Cells...)
	c.shown = &shown
	return c.err
}

// Close ends the recording: the last frame stands until now, and the cursor is
// shown again. Frames that come later are not recorded. It does not close the
// writer.
func (c *CastWriter) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.ended || c.shown == nil {
		c.ended = true
		return c.err
	}
	c.ended = true
	c.last = max(c.last, c.now().Sub(c.start))
	c.event("o", "\x1b[?25h")
	return c.err
}

// head writes the recording's first line.
func (c *CastWriter) head(g *Grid) {
	c.line(struct {
		Version   int               `json:"version"`
		Width     int               `json:"width"`
		Height    int               `json:"height"`
		Timestamp int64             `json:"timestamp"`
		Title     string            `json:"title,omitempty"`
		Env       map[string]string `json:"env"`
	}{2, g.W, g.H, c.start.Unix(), c.title, map[string]string{"TERM": "xterm-256color"}})
}

// event writes one change: "o" for output, "r" for a new size.
func (c *CastWriter) event(code, data string) {
	us := c.last.Microseconds()
	c.line([]any{json.Number(fmt.Sprintf("%d.%06d", us/1e6, us%1e6)), code, strings.ToValidUTF8(data, "\uFFFD")})
}

func (c *CastWriter) line(v any) {
	if c.err != nil {
		return
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if c.err = enc.Encode(v); c.err == nil {
		_, c.err = io.WriteString(c.w, b.String())
	}
}

// redraw is what turns the screen was into g; was is nil when nothing is known.
func redraw(was, g *Grid) string {
	var b strings.Builder
	if was == nil {
		b.WriteString("\x1b[0m\x1b[?25l\x1b[2J")
	}
	for y := range g.H {
		row := g.ANSI(y)
		switch {
		case was == nil && row == "" || was != nil && sameRow(was, g, y):
			continue
		}
		fmt.Fprintf(&b, "\x1b[%d;1H\x1b[0m\x1b[2K%s", y+1, row)
	}
	if g.CursorVisible {
		fmt.Fprintf(&b, "\x1b[%d;%dH\x1b[?25h", g.CursorY+1, g.CursorX+1)
	} else if was != nil && was.CursorVisible {
		b.WriteString("\x1b[?25l")
	}
	return b.String()
}

func sameRow(a, b *Grid, y int) bool {
	for x := range a.W {
		if a.At(x, y) != b.At(x, y) {
			return false
		}
	}
	return true
}
