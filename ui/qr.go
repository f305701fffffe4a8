package ui

import (
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	tea "github.com/charmbracelet/bubbletea"
)

// qrScreen is a QR code over the whole window, light on dark or dark on light
// as a camera wants it: dark modules on a light ground, with the quiet zone of
// four modules that ISO/IEC 18004 demands where there is room.
type qrScreen struct {
	pane
	text string
	code barcode.Barcode
	err  error
}

func newQRScreen(a *App, text string) *qrScreen {
	s := &qrScreen{pane: pane{a: a}, text: text}
	s.code, s.err = qr.Encode(text, qr.L, qr.Auto)
	return s
}

func (s *qrScreen) title() string { return "QR code" }

func (s *qrScreen) about() string {
	return "Scan the code with the authenticator app. Any key goes back."
}

func (s *qrScreen) actions() []action {
	return []action{{keys: []string{"esc", "enter", "v", "q", " "}, name: "back", help: "Back", do: func() tea.Cmd { s.a.shut(); return nil }}}
}

// dark tells whether a module is dark; outside of the code it is light.
func (s *qrScreen) dark(x, y int) bool {
	b := s.code.Bounds()
	if x < 0 || y < 0 || x >= b.Dx() || y >= b.Dy() {
		return false
	}
	r, _, _, _ := s.code.At(x, y).RGBA()
	return r == 0
}

// modules draws the code with a quiet zone of q modules, two modules a cell.
func (s *qrScreen) modules(q int) []string {
	a := s.a
	n := s.code.Bounds().Dx()
	var lines []string
	if a.opt.ASCII {
		for y := -q; y < n+q; y++ {
			var b strings.Builder
			for x := -q; x < n+q; x++ {
				if s.dark(x, y) == a.theme.dark {
					b.WriteString("  ")
				} else {
					b.WriteString("##")
				}
			}
			lines = append(lines, b.String())
		}
		return lines
	}
	for y := -q; y < n+q; y += 2 {
		var b strings.Builder
		for x := -q; x < n+q; x++ {
			up, down := s.dark(x, y), s.dark(x, y+1) && y+1 < n+q
			if a.light.on == "" && a.theme.dark { // no colours: the terminal's own light letters are the light modules
				up, down = !up, !down
			}
			switch {
			case up && down:
				b.WriteString("█")
			case up:
				b.WriteString("▀")
			case down:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		lines = append(lines, a.light.s(b.String()))
	}
	return lines
}

// full draws the code over the whole window; header and footer make room.
func (s *qrScreen) full() string {
	a := s.a
	if s.err != nil {
		return strings.Join(clip([]string{a.name.s("authwalk"), "", "This does not fit into a QR code: type the secret instead. Any key goes back."}, a.w, a.h), "\n")
	}
	var lines []string
	for _, q := range []int{4, 2, 1} {
		lines = s.modules(q)
		if len(lines) <= a.h-1 && width(lines[0]) <= a.w {
			break
		}
	}
	if len(lines) > a.h-1 || width(lines[0]) > a.w {
		return strings.Join(clip(append([]string{a.name.s("authwalk"), ""}, wrap("The QR code needs a window of "+itoa(width(lines[0]))+"×"+itoa(len(lines)+1)+"; this one is "+itoa(a.w)+"×"+itoa(a.h)+". Make it larger, or type the secret instead. Any key goes back.", a.w)...), a.w, a.h), "\n")
	}
	out := []string{right(a.name.s("authwalk"), a.dim.s("scan it with the authenticator app; esc goes back"), a.w)}
	for i := range lines {
		lines[i] = center(lines[i], a.w)
	}
	return strings.Join(clip(append(out, lines...), a.w, a.h), "\n")
}

func (s *qrScreen) View() string { return s.show(nil) }
