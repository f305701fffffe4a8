package ui

import (
	"bytes"
	"io"
	"slices"
	"time"

	"authwalk/flows"
	"authwalk/flows/report"
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

// reportKinds are the reports of a session, with all claims if that is wanted. The session is copied on the loop
// and written in the task.
func reportKinds(a *App, off string, claims bool) []exporter {
	kind := func(f report.Format, name, note string) exporter {
		return exporter{name: name, note: note, ending: "." + string(f), off: off, make: func() (func() ([]byte, error), error) {
			w := a.walk
			in := report.Input{Session: report.Snapshot(w.session), Version: a.opt.Version, Now: a.clock.Wall(), Zone: time.Local, Presentation: a.present, WithClaims: claims, Redactor: w.redactor()}
			if x := w.api.answer; x != nil && x.Purpose == flows.PurposeAPI {
				in.Calls = append(in.Calls, report.Answer{Exchange: *x, Class: w.api.class, Findings: w.api.findings})
			}
			if w.checked != nil {
				in.Check = slices.Clone(w.checked.Lines)
			}
			return func() ([]byte, error) {
				var b bytes.Buffer
				err := report.Write(&b, f, in)
				return b.Bytes(), err
			}, nil
		}}
	}
	return []exporter{
		kind(report.Markdown, "Report, Markdown", "for an issue or a chat"),
		kind(report.HTML, "Report, HTML", "one file, also on a phone"),
		kind(report.HAR, "Exchanges, HAR 1.2", "for a browser and tools"),
		kind(report.JSON, "Report, JSON", "for programs"),
	}
}

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
