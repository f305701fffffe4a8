package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/charmbracelet/x/ansi"

	"authwalk/flows"
	"authwalk/profiles"
	"authwalk/ui/picture"
)

// TestKeys: the keys that are kept can be read; the pictures depend on them.
func TestKeys(t *testing.T) {
	if _, err := pictureKeys(); err != nil {
		t.Fatal(err)
	}
}

// inside works where the command does.
func inside(t *testing.T) {
	t.Helper()
	leave, err := enter()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(leave)
}

// TestProfileFile: the profile file that the pictures show is a good one.
func TestProfileFile(t *testing.T) {
	inside(t)
	f, err := profiles.Load(profilesPath)
	if err != nil || len(f.Profiles) < 2 || len(f.Warnings) > 0 {
		t.Fatalf("%v, %+v", err, f)
	}
}

// TestScenes: every scene comes to its screen, in every window, holds what every
// frame must hold, and has no character that the pictures' font lacks.
func TestScenes(t *testing.T) {
	inside(t)
	names := map[string]bool{}
	for _, sc := range scenes {
		if names[sc.name] || sc.shows == "" {
			t.Errorf("%s: named twice, or nothing said of it", sc.name)
		}
		names[sc.name] = true
		for _, v := range []variant{wide, small} {
			if testing.Short() && v != wide {
				continue
			}
			g, err := sc.film(v.look)
			if err != nil {
				t.Errorf("%s%s: %v", sc.name, v.suffix, err)
				continue
			}
			if err := known(painter(false), g); err != nil {
				t.Errorf("%s%s: %v", sc.name, v.suffix, err)
			}
			if !strings.HasPrefix(g.Text(), "authwalk") {
				t.Errorf("%s%s begins with %q", sc.name, v.suffix, g.Row(0))
			}
		}
	}
}

// TestSameTwice: what is made twice is the same to the byte.
func TestSameTwice(t *testing.T) {
	inside(t)
	for _, name := range []string{"tenants", "request", "challenge-push", "enrol-qr", "opaque", "api", "refresh", "wire", "check-good"} {
		i := slices.IndexFunc(scenes, func(s scene) bool { return s.name == name })
		if i < 0 {
			t.Errorf("there is no scene %s", name)
			continue
		}
		j := sceneJob(scenes[i], wide)
		once, err := j.make(false)
		if err != nil {
			t.Fatal(err)
		}
		again, err := j.make(false)
		if err != nil {
			t.Fatal(err)
		}
		for k := range once {
			if once[k].name != again[k].name || !bytes.Equal(once[k].data, again[k].data) {
				t.Errorf("%s: %s", once[k].name, difference(once[k].data, again[k].data))
			}
		}
	}
}

// TestWalk: the moving picture goes from the list to generation 1, calmly. In a
// bubble its ticks take no time.
func TestWalk(t *testing.T) {
	inside(t)
	if _, err := pictureKeys(); err != nil { // shared, so not to be made in the bubble
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		frames, err := walkFrames()
		if err != nil {
			t.Fatal(err)
		}
		var total float64
		for _, f := range frames {
			total += f.For.Seconds()
		}
		last := frames[len(frames)-1].Grid.Text()
		if total < 20 || total > 60 || !strings.Contains(last, "generation 1") || !strings.Contains(frames[0].Grid.Text(), "works") {
			t.Errorf("%d frames in %.0f s, from\n%s\nto\n%s", len(frames), total, frames[0].Grid.Text(), last)
		}
		svg := painter(false).AnimatedSVG(frames)
		if !bytes.Contains(svg, []byte("infinite")) || !bytes.Contains(svg, []byte("prefers-reduced-motion")) {
			t.Error("the picture does not loop, or has no still form")
		}
	})
}

// TestNoSecrets: the pictures are masked as the screens are. What a person must
// read to go on (a code, an enrolment's secret) is not among these.
func TestNoSecrets(t *testing.T) {
	inside(t)
	for _, sc := range scenes {
		if sc.name != "wire" && sc.name != "tokens" && sc.name != "credentials" && sc.name != "refresh" && sc.name != "claims-refresh" {
			continue
		}
		s := newStage(sc.at, wide.look)
		sc.play(s)
		text := strings.Join(strings.Fields(ansi.Strip(s.d.Frame())), "")
		cfg, tools, err := demo{s}.Open(t.Context(), sc.at.scenario)
		if err != nil {
			t.Fatal(err)
		}
		tools.Close()
		for _, secret := range []flows.Secret{cfg.Password, cfg.ClientSecret} {
			if strings.Contains(text, secret.Reveal()) {
				t.Errorf("%s shows a secret", sc.name)
			}
		}
		if strings.Contains(text, "eyJ") {
			t.Errorf("%s shows a token", sc.name)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}

// TestCommand: pictures are written, found to be good, and found to be stale.
func TestCommand(t *testing.T) {
	dir := t.TempDir()
	was, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	command := func(want int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := run(args, &out, &errs); code != want {
			t.Fatalf("%q: exit %d, want %d\n%s%s", args, code, want, &out, &errs)
		}
		if now, _ := os.Getwd(); now != was {
			t.Fatalf("the working folder is %s", now)
		}
		return out.String() + errs.String()
	}
	only := []string{"-only", "^prod-wide$", "-out", dir}
	command(0, only...)
	img := read(t, filepath.Join(dir, "prod-wide.png"))
	if b := img.Bounds(); b.Dx() < 1000 || b.Dy() < 700 {
		t.Errorf("the picture is %v", b)
	}
	command(0, append(only, "-check")...)

	text := filepath.Join(dir, "prod-wide.txt")
	change := func(f func([]byte) []byte) {
		t.Helper()
		data, err := os.ReadFile(text)
		if err == nil {
			err = os.WriteFile(text, f(data), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	change(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) })
	command(0, append(only, "-check")...) // as git may write them on Windows
	change(func(b []byte) []byte { return bytes.Replace(b, []byte("PROD"), []byte("QROD"), 1) })
	if out := command(1, append(only, "-check")...); !strings.Contains(out, "prod-wide.txt: differs from line 1 on") {
		t.Errorf("stale:\n%s", out)
	}
	if err := os.Remove(filepath.Join(dir, "prod-wide.svg")); err != nil {
		t.Fatal(err)
	}
	if out := command(1, append(only, "-check")...); !strings.Contains(out, "prod-wide.svg: there is no such file") {
		t.Errorf("missing:\n%s", out)
	}

	command(2, "-only", "(")
	command(2, "-only", "no such picture", "-out", dir)
	command(2, "-all")
	command(2, "-no-such-flag")
	command(2, "stray", "-out", dir)
	if out := command(2, "-out", filepath.Join(dir, "missing")); !strings.Contains(out, "project's root") {
		t.Errorf("no folder: %s", out)
	}
	if out := command(0, "-list"); !strings.Contains(out, "claims-wide") || !strings.Contains(out, "walk") {
		t.Errorf("-list:\n%s", out)
	}
}

// TestStrangers: a picture that no scene makes any more is told.
func TestStrangers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"old-wide.svg", "a.txt", "main.go"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := strings.Join(strangers(dir, []job{{name: "a", endings: []string{".txt", ".png"}}}), "\n")
	if !strings.Contains(got, "old-wide.svg: no scene makes it") || !strings.Contains(got, "a.png: there is no such file") || strings.Contains(got, "main.go") || strings.Contains(got, "a.txt") {
		t.Errorf("%s", got)
	}
}

func TestLimits(t *testing.T) {
	if err := tooLarge([]file{{"a.png", make([]byte, 10)}, {"b.svg", make([]byte, maxPNG+1)}}); err != nil {
		t.Error(err)
	}
	err := tooLarge([]file{{"a.png", make([]byte, maxPNG+1)}, {"b.svg", make([]byte, maxTotal)}})
	if err == nil || !strings.Contains(err.Error(), "a.png") || !strings.Contains(err.Error(), "together") {
		t.Errorf("%v", err)
	}
}

func TestKnown(t *testing.T) {
	if err := known(painter(false), picture.Read("a 漢", 10, 1)); err == nil || !strings.Contains(err.Error(), "漢") {
		t.Errorf("%v", err)
	}
}

// TestAstray: a scene that does not come to its screen is an error with the
// screen, never a picture.
func TestAstray(t *testing.T) {
	inside(t)
	for name, play := range map[string]func(*stage){
		"not on the screen": func(s *stage) { s.sees("no such words") },
		"does not lead":     func(s *stage) { s.to("down", "no such row") },
		"no key":            func(s *stage) { s.keys("no such key") },
	} {
		_, err := scene{at: setting{scenario: "works"}, play: play}.film(small.look)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "acme-demo") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func read(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}
