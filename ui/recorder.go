package ui

import (
	"fmt"
	"io"

	"authwalk/ui/picture"
)

// recorder writes an asciicast of the walk, secrets masked.
type recorder struct {
	cast *picture.CastWriter
	told bool // that it cannot go on: the disk is full
}

func newRecorder(w io.Writer, a *App) *recorder {
	return &recorder{cast: picture.NewCastWriter(w, "authwalk", a.clock.Wall)}
}

// frame records the screen as it is now. When secrets are shown, the recording
// has them masked all the same.
func (r *recorder) frame(a *App) {
	if a.w <= 0 || a.h <= 0 || a.quitting {
		return
	}
	if err := r.cast.Frame(a.outgoing(a.View), a.w, a.h); err != nil && !r.told {
		r.told = true
		a.tell(stateBad, "The recording stopped: %s.", a.fault(err))
	}
}

// close ends the recording; the error is the first one there was.
func (r *recorder) close() error {
	if err := r.cast.Close(); err != nil {
		return fmt.Errorf("the recording is not whole: %w", err)
	}
	return nil
}
