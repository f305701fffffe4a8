package ui

import (
	"bytes"
	"io"

	"authwalk/ui/picture"
)

// pictureOf draws a screen as a file of a kind, in a task.
func pictureOf(grid *picture.Grid, a *App, ending string) func() ([]byte, error) {
	look := picture.Dark
	if !a.dark {
		look = picture.Light
	}
	return func() ([]byte, error) {
		p := picture.NewPainter(look, 2)
		p.Title = "authwalk"
		if ending == ".svg" {
			return p.SVG(grid), nil
		}
		var b bytes.Buffer
		err := p.PNG(&b, grid)
		return b.Bytes(), err
	}
}

// reportKinds are the reports of a session.
func reportKinds(a *App, off string) []exporter { return nil }

// recorder writes an asciicast of the walk, secrets masked.
type recorder struct{ cast *picture.CastWriter }

func newRecorder(w io.Writer, a *App) *recorder {
	return &recorder{cast: picture.NewCastWriter(w, "authwalk", a.clock.Wall)}
}

// frame records the screen as it is now. When secrets are shown, the recording
// has them masked all the same.
func (r *recorder) frame(a *App) {
	if a.w <= 0 || a.h <= 0 || a.quitting {
		return
	}
	if !a.masked {
		a.masked = true
		a.redraw()
		defer func() { a.masked = false; a.redraw() }()
	}
	_ = r.cast.Frame(a.View(), a.w, a.h)
}

func (r *recorder) close() { _ = r.cast.Close() }
