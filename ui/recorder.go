package ui

import (
	"io"

	"authwalk/ui/picture"
)

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
	_ = r.cast.Frame(a.outgoing(a.View), a.w, a.h)
}

func (r *recorder) close() { _ = r.cast.Close() }
