//go:build unix

package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"authwalk/ui/drive/ptytest"
	"authwalk/ui/picture"
)

// colours says of which kinds the colours on a screen are.
type colours struct{ rgb, palette, basic, any int }

func coloursOf(g *picture.Grid) colours {
	var n colours
	for _, c := range g.Cells {
		for _, col := range []picture.Color{c.FG, c.BG} {
			if col.IsDefault() {
				continue
			}
			n.any++
			if _, _, _, ok := col.RGB(); ok {
				n.rgb++
			}
			if i, ok := col.Index(); ok && i < 16 {
				n.basic++
			} else if ok {
				n.palette++
			}
		}
	}
	return n
}

// TestTerminals: in every kind of terminal the list and the claims can be read,
// in the colours that the terminal said it has, and it is whole afterwards.
func TestTerminals(t *testing.T) {
	t.Parallel()
	noTrue := []string{"COLORTERM"}
	for _, c := range []struct {
		name  string
		opt   ptytest.Options
		args  []string
		good  func(colours) bool
		ascii bool
	}{
		{"true colour", ptytest.Options{}, nil, func(n colours) bool { return n.rgb > 0 && n.rgb == n.any }, false},
		{"256 colours", ptytest.Options{Unset: noTrue}, nil, func(n colours) bool { return n.palette > 0 && n.rgb == 0 }, false},
		{"16 colours", ptytest.Options{Env: []string{"TERM=xterm-color"}, Unset: noTrue}, nil, func(n colours) bool { return n.basic > 0 && n.basic == n.any }, false},
		{"the Linux console", ptytest.Options{Env: []string{"TERM=linux"}, Unset: noTrue}, nil, func(n colours) bool { return n.basic > 0 && n.basic == n.any }, false},
		{"NO_COLOR", ptytest.Options{Env: []string{"NO_COLOR=1"}}, nil, func(n colours) bool { return n.any == 0 }, false},
		{"--no-color", ptytest.Options{}, []string{"--no-color"}, func(n colours) bool { return n.any == 0 }, false},
		{"the C locale", ptytest.Options{Env: []string{"LC_ALL=C"}}, nil, func(n colours) bool { return n.rgb > 0 }, true},
		{"tmux", ptytest.Options{Env: []string{"TERM=tmux-256color", "TMUX=/tmp/x,1,0"}, Unset: noTrue}, nil, func(n colours) bool { return n.palette > 0 && n.rgb == 0 }, false},
		{"CI", ptytest.Options{Env: []string{"CI=true"}}, nil, func(n colours) bool { return n.rgb > 0 }, false},
		{"no answers", ptytest.Options{Mute: true}, nil, func(n colours) bool { return n.rgb > 0 }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := journey(t, c.opt, append(c.args, "demo")...)
			cursor := "▸"
			if c.ascii {
				cursor = ">"
			}
			g := p.WaitFor(t, cursor+` works`)
			if n := coloursOf(g); !c.good(n) {
				t.Errorf("colours on the list: %+v", n)
			}
			press(t, p, "\r", `\[ Send \]`)
			g = press(t, p, "\r", `Tokens came back`)
			if n := coloursOf(g); !c.good(n) {
				t.Errorf("colours after the request: %+v", n)
			}
			g = press(t, p, "\r", `iss +http`)
			if !strings.Contains(g.Text(), cursor+" iss") {
				t.Errorf("the row under the cursor is told by colour alone:\n%s", g.Text())
			}
			leaves(t, p, "q", 0)
			if c.ascii {
				for _, chunk := range p.Chunks() {
					if i := bytes.IndexFunc(chunk.Data, func(r rune) bool { return r > 0x7e }); i >= 0 {
						t.Errorf("not ASCII: %q", chunk.Data[i:min(len(chunk.Data), i+20)])
						break
					}
				}
			}
			unasked(t, p)
			for _, mouse := range []string{"\x1b[?1000h", "\x1b[?1002h", "\x1b[?1003h", "\x1b[?1006h"} {
				if bytes.Contains(p.Raw(), []byte(mouse)) {
					t.Errorf("the mouse was turned on: %q", mouse)
				}
			}
		})
	}
}

// unasked checks that a program put no question to its terminal: it would wait
// for the answer.
func unasked(t *testing.T, p *ptytest.Term) {
	t.Helper()
	for _, query := range []string{"\x1b]11;?", "\x1b]10;?", "\x1b[6n", "\x1b[c"} {
		if bytes.Contains(p.Raw(), []byte(query)) {
			t.Errorf("the terminal was asked %q", query)
		}
	}
}

// TestLightGround: other colours on a light ground, by the variable and by the
// flag, which wins.
func TestLightGround(t *testing.T) {
	t.Parallel()
	colour := func(env []string, args ...string) picture.Color {
		p := journey(t, ptytest.Options{Env: env}, append([]string{"demo"}, args...)...)
		g := p.WaitFor(t, `▸ works`)
		x, y, _ := g.Find("▸ works")
		c := g.At(x, y).FG
		leaves(t, p, "q", 0)
		return c
	}
	dark := colour(nil)
	for name, c := range map[string]picture.Color{"COLORFGBG": colour([]string{"COLORFGBG=0;15"}), "--light": colour(nil, "--light")} {
		if c == dark {
			t.Errorf("by %s the colours are those of a dark ground: %x", name, c)
		}
	}
	if c := colour([]string{"COLORFGBG=0;15"}, "--light=false"); c != dark {
		t.Errorf("--light=false gives %x, not %x", c, dark)
	}
}

// TestFirstFrame: neither the first frame nor the version waits for a terminal
// that answers nothing, for nothing is asked.
func TestFirstFrame(t *testing.T) {
	t.Parallel()
	for _, mute := range []bool{false, true} {
		v := journey(t, ptytest.Options{Mute: mute}, "version")
		v.WaitFor(t, `authwalk `)
		if code := v.Exit(t); code != 0 {
			t.Errorf("exit %d", code)
		}
		p := journey(t, ptytest.Options{Mute: mute}, "demo")
		p.WaitFor(t, `▸ works`)
		leaves(t, p, "q", 0)
		for _, x := range []*ptytest.Term{v, p} {
			unasked(t, x)
		}
		whole(t, v)
	}
}

// TestPlainByItself: a terminal that cannot redraw gets questions and lines
// without one escape sequence, and empty lines alone walk to the end.
func TestPlainByItself(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		opt  ptytest.Options
		args []string
	}{
		{"TERM=dumb", ptytest.Options{Env: []string{"TERM=dumb"}}, []string{"demo"}},
		{"--plain", ptytest.Options{Env: []string{"NO_COLOR=1"}}, []string{"demo", "--plain"}},
		{"--plain and ASCII", ptytest.Options{Env: []string{"NO_COLOR=1", "LC_ALL=C"}}, []string{"demo", "--plain", "works"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.opt.Rows, c.opt.Cols = 60, 100
			p := journey(t, c.opt, c.args...)
			// An empty line for each question, one after the other.
			for answered := 0; ; {
				asked := 0
				if _, err := p.Until(t.Context(), func(*picture.Grid) bool {
					raw := p.Raw()
					asked = len(raw)
					return asked > answered && bytes.HasSuffix(raw, []byte(": "))
				}); err != nil {
					break
				}
				answered = asked
				p.Send("\r")
			}
			if code := p.Exit(t); code != 0 {
				t.Errorf("exit %d", code)
			}
			whole(t, p)
			raw := string(p.Raw())
			if !strings.Contains(raw, "generation 1") {
				t.Errorf("the walk did not come to a refreshed token")
			}
			if strings.Contains(raw, "\x1b") {
				t.Errorf("an escape sequence: %q", raw[max(0, strings.Index(raw, "\x1b")-20):min(len(raw), strings.Index(raw, "\x1b")+20)])
			}
			silent(t, p, adaPassword)
		})
	}
}

// TestPiped: without terminals nothing hangs, and nothing is drawn.
func TestPiped(t *testing.T) {
	t.Parallel()
	t.Run("empty lines", func(t *testing.T) {
		t.Parallel()
		stdout, stderr, code := piped(t, strings.Repeat("\n", 40), "demo", "--plain")
		if code != 0 || !strings.Contains(stdout, "generation 1") || strings.Contains(stdout+stderr, "\x1b") || strings.Contains(stdout+stderr, adaPassword) {
			t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
		}
	})
	t.Run("the answers end", func(t *testing.T) {
		t.Parallel()
		_, stderr, code := piped(t, "\n", "demo", "--plain")
		if code != 2 || stderr == "" {
			t.Errorf("exit %d, %q", code, stderr)
		}
	})
	t.Run("stdin is none", func(t *testing.T) {
		t.Parallel()
		for _, args := range [][]string{nil, {"demo"}} {
			p := journey(t, ptytest.Options{Stdin: strings.NewReader("")}, args...)
			if code := p.Exit(t); code != 2 {
				t.Errorf("%v: exit %d", args, code)
			}
			s := p.Screen().Text()
			for _, want := range []string{"token", "check", "--plain"} {
				if !strings.Contains(s, want) {
					t.Errorf("%v: no word of %s in %q", args, want, s)
				}
			}
			whole(t, p)
		}
	})
	t.Run("stdout is none", func(t *testing.T) {
		t.Parallel()
		p := journey(t, ptytest.Options{Cols: 100, Rows: 40, PipeStdout: true}, "demo", "works")
		p.WaitFor(t, `Username .*\]:$`)
		if _, err := p.Until(t.Context(), func(*picture.Grid) bool { return strings.Contains(p.Stdout(), "Credentials") }); err != nil || strings.Contains(p.Stdout(), "\x1b") {
			t.Errorf("%v; stdout: %q", err, p.Stdout())
		}
		if s := p.Screen().Text(); strings.Contains(s, "Step 2") {
			t.Errorf("what is told is not on stdout:\n%s", s)
		}
		leaves(t, p, "\x03", 130)
	})
}
