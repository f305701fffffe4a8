package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"strings"

	"github.com/muesli/termenv"

	"authwalk/ui/picture"
)

// variant is a window that scenes are shown in.
type variant struct {
	suffix string
	look   look
}

var (
	wide  = variant{"-wide", look{w: 120, h: 36, colours: termenv.TrueColor}}
	small = variant{"-80x24", look{w: 80, h: 24, colours: termenv.TrueColor}}
	light = variant{"-light", look{w: 120, h: 36, light: true, colours: termenv.TrueColor}}
)

// allJobs are the pictures that are kept, or with all every one that can be made:
// each scene in each window.
func allJobs(all bool) []job {
	jobs := []job{walkJob(), modesJob()} // first, for they take longest
	for _, sc := range scenes {
		if sc.more && !all {
			continue
		}
		variants := []variant{wide}
		if sc.main || all {
			variants = append(variants, light, small)
		}
		for _, v := range variants {
			jobs = append(jobs, sceneJob(sc, v))
		}
	}
	if all {
		jobs = append(jobs, walkSheetJob())
	}
	return jobs
}

func sceneJob(sc scene, v variant) job {
	j := job{name: sc.name + v.suffix, shows: sc.shows, endings: []string{".svg", ".png"}}
	if !v.look.light { // its text is that of the dark one
		j.endings = append(j.endings, ".txt")
	}
	j.make = func(pixels bool) ([]file, error) {
		g, err := sc.film(v.look)
		if err != nil {
			return nil, err
		}
		p := painter(v.look.light)
		if err := known(p, g); err != nil {
			return nil, err
		}
		files := []file{{j.name + ".svg", p.SVG(g)}}
		if !v.look.light {
			files = append(files, file{j.name + ".txt", []byte(g.Text() + "\n")})
		}
		if !pixels {
			return files, nil
		}
		var b bytes.Buffer
		if err := p.PNG(&b, g); err != nil {
			return nil, err
		}
		return append(files, file{j.name + ".png", b.Bytes()}), nil
	}
	return j
}

// film plays a scene and gives its last screen.
func (sc scene) film(l look) (g *picture.Grid, err error) {
	s := newStage(sc.at, l)
	defer func() { err = errors.Join(err, s.close()) }()
	sc.play(s)
	if s.err == nil {
		s.fail(s.d.Check())
	}
	return s.d.Screen(), s.err
}

func painter(onLight bool) *picture.Painter {
	theme := picture.Dark
	if onLight {
		theme = picture.Light
	}
	p := picture.NewPainter(theme, 1)
	p.Title = "authwalk"
	return p
}

// known fails when a screen has a character that the pictures' font lacks:
// terminals will lack it too.
func known(p *picture.Painter, g *picture.Grid) error {
	if m := p.Missing(g); len(m) > 0 {
		return fmt.Errorf("no glyph for %q", strings.Join(m, " "))
	}
	return nil
}

// modes are what terminals can show.
var modes = []struct {
	name    string
	profile termenv.Profile
}{{"true colour", termenv.TrueColor}, {"256 colours", termenv.ANSI256}, {"16 colours", termenv.ANSI}, {"no colours", termenv.Ascii}}

// modesJob is a sheet of one screen in all colour modes: a row a mode, dark and
// light beside each other.
func modesJob() job {
	j := job{name: "colours", shows: "true colour, 256, 16 and no colours, on dark and on light", endings: []string{".png"}}
	j.make = func(bool) ([]file, error) {
		var tiles []*image.NRGBA
		for _, sc := range scenes {
			for _, m := range modes {
				for _, onLight := range []bool{false, true} {
					if !sc.colours {
						continue
					}
					g, err := sc.film(look{w: 80, h: 22, light: onLight, colours: m.profile})
					if err != nil {
						return nil, err
					}
					p := painter(onLight)
					p.Title = m.name
					tiles = append(tiles, p.Draw(g))
				}
			}
		}
		var b bytes.Buffer
		if err := picture.EncodePNG(&b, picture.Sheet(2, 16, tiles...)); err != nil {
			return nil, err
		}
		return []file{{j.name + ".png", b.Bytes()}}, nil
	}
	return j
}
