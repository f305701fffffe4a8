package main

import (
	"bytes"
	"errors"
	"image"
	"time"

	"github.com/muesli/termenv"

	"authwalk/ui/picture"
)

// walkLook is the window of the moving picture: small enough to be read where a
// page shows it smaller, and wide enough for panes side by side.
var walkLook = look{w: 120, h: 32, colours: termenv.TrueColor}

// walkJob is the walk from the list to generation 1, enter by enter, as a moving
// picture.
func walkJob() job {
	j := job{name: "walk", shows: "the walk from the list to generation 1, moving", endings: []string{".svg"}}
	j.make = func(bool) ([]file, error) {
		frames, err := walkFrames()
		if err != nil {
			return nil, err
		}
		p := painter(false)
		for _, f := range frames {
			if err := known(p, f.Grid); err != nil {
				return nil, err
			}
		}
		return []file{{j.name + ".svg", p.AnimatedSVG(frames)}}, nil
	}
	return j
}

// walkSheetJob is the walk's screens side by side, to be looked at: what moves
// cannot be read.
func walkSheetJob() job {
	j := job{name: "walk-sheet", shows: "the walk's screens on one sheet", endings: []string{".png"}}
	j.make = func(bool) ([]file, error) {
		frames, err := walkFrames()
		if err != nil {
			return nil, err
		}
		var tiles []*image.NRGBA
		p := painter(false)
		for _, f := range frames {
			p.Title = f.For.String()
			tiles = append(tiles, p.Draw(f.Grid))
		}
		var b bytes.Buffer
		if err := picture.EncodePNG(&b, picture.Sheet(3, 16, tiles...)); err != nil {
			return nil, err
		}
		return []file{{j.name + ".png", b.Bytes()}}, nil
	}
	return j
}

// walkFrames plays the walk. How long a screen stands is by how much there is to
// read on it.
func walkFrames() (frames []picture.Frame, err error) {
	s := newStage(setting{}, walkLook)
	defer func() { err = errors.Join(err, s.close()) }()
	hold := func(d time.Duration) {
		if s.err == nil {
			s.fail(s.d.Check())
			frames = append(frames, picture.Frame{Grid: s.d.Screen(), For: d})
		}
	}
	// send presses a key that sends, and shows the request under way.
	send := func(key string) {
		s.pressHeld(key)
		for range 4 {
			hold(150 * time.Millisecond)
			s.clock.pass(150 * time.Millisecond)
			s.turn()
		}
		s.release()
	}
	s.sees("works")
	hold(2600 * time.Millisecond)
	s.keys("enter")
	hold(3000 * time.Millisecond)
	send("enter")
	s.sees("Tokens came back")
	hold(2800 * time.Millisecond)
	s.keys("enter")
	hold(2200 * time.Millisecond)
	for range 5 {
		s.keys("down")
		hold(420 * time.Millisecond)
	}
	s.keys("s")
	hold(2600 * time.Millisecond)
	s.keys("enter")
	hold(1800 * time.Millisecond)
	send("enter")
	s.sees("200 OK")
	hold(3000 * time.Millisecond)
	s.keys("enter")
	hold(2400 * time.Millisecond)
	send("enter")
	s.sees("generation 1")
	hold(4500 * time.Millisecond)
	return frames, s.err
}
