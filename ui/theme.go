package ui

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// reset ends every ink. There is one form of it, so that over can find it.
const reset = "\x1b[0m"

// ink is a way to write: the codes before and after a text. Frames are made of
// many small pieces, so the codes are found once and not for each piece.
type ink struct{ on, off string }

// s writes a text in this ink.
//
// Inlined, its copies make the program 80 KB larger and no faster.
//
//go:noinline
func (i ink) s(text string) string {
	if text == "" || i.on == "" {
		return text
	}
	return i.on + text + i.off
}

// over writes a line that has inks in it on this ink's ground: the ground comes
// back after each of them.
func (i ink) over(line string) string {
	if i.on == "" {
		return line
	}
	return i.on + strings.ReplaceAll(line, reset, reset+i.on) + i.off
}

// tone is a named colour in the forms that terminals differ in: chosen by
// hand, for automatic mapping turns greys into blue. An empty form is the
// terminal's own colour.
type tone struct{ full, of256, of16 string }

func (t tone) color() lipgloss.TerminalColor {
	if t == (tone{}) {
		return lipgloss.NoColor{}
	}
	return lipgloss.CompleteColor{TrueColor: t.full, ANSI256: t.of256, ANSI: t.of16}
}

// palette is the named colours for one ground.
type palette struct {
	dim, faint, accent, good, warn, bad, secret tone
	ground, prod, prodText                      tone
}

// Contrast of every tone that text is written in is at least 4.5:1 on its
// ground, except faint, which only lines and marks are drawn in.
var (
	darkPalette = palette{
		dim:      tone{"#a3adba", "248", "7"},
		faint:    tone{"#667180", "242", "8"},
		accent:   tone{"#7ab7ff", "111", "14"},
		good:     tone{"#79d292", "114", "10"},
		warn:     tone{"#e6b862", "179", "11"},
		bad:      tone{"#ff8f87", "210", "9"},
		secret:   tone{"#c9a6ff", "183", "13"},
		ground:   tone{"#22304a", "237", ""},
		prod:     tone{"#ff8f87", "210", "9"},
		prodText: tone{"#1a0f0f", "232", "0"},
	}
	lightPalette = palette{
		dim:      tone{"#57606a", "240", "0"},
		faint:    tone{"#9aa2ab", "248", "7"},
		accent:   tone{"#0550ae", "25", "4"},
		good:     tone{"#116329", "22", "0"},
		warn:     tone{"#7d4e00", "94", "5"},
		bad:      tone{"#b3261e", "124", "1"},
		secret:   tone{"#6639ba", "55", "5"},
		ground:   tone{"#dceafb", "254", ""},
		prod:     tone{"#b3261e", "124", "1"},
		prodText: tone{"#ffffff", "231", "15"},
	}
)

// theme is every ink there is.
type theme struct {
	dark    bool
	profile termenv.Profile

	strong ink // what the eye should meet first
	dim    ink // what stands beside it
	faint  ink // lines and marks, no text
	accent ink // what can be acted on, names of things
	head   ink // titles of parts
	key    ink // keys in footer and help
	good   ink
	warn   ink
	bad    ink
	secret ink
	row    ink // the ground of the row under the cursor
	cursor ink // the cell under the text cursor
	prod   ink // the badge of a prod environment
	name   ink // the product's name
	here   ink // the step one is at
	light  ink // the light modules of a QR code, and the dark ones
	black  ink
}

// newTheme makes the inks for a ground and what the terminal can show. Ascii
// stands for no colours; bold, underline and reverse stay, for they are none.
func newTheme(dark bool, p termenv.Profile) *theme {
	pal := lightPalette
	if dark {
		pal = darkPalette
	}
	r := lipgloss.NewRenderer(nil)
	r.SetHasDarkBackground(dark)
	colours := p != termenv.Ascii
	if colours {
		r.SetColorProfile(p)
	} else {
		r.SetColorProfile(termenv.ANSI)
	}
	t := &theme{dark: dark, profile: p}
	mix := func(to *ink, fg, bg tone, attrs ...func(lipgloss.Style, bool) lipgloss.Style) {
		s := r.NewStyle()
		if colours && fg != (tone{}) {
			s = s.Foreground(fg.color())
		}
		if colours && bg != (tone{}) && !(p == termenv.ANSI && bg.of16 == "") {
			s = s.Background(bg.color())
		}
		for _, set := range attrs {
			s = set(s, true)
		}
		*to = codes(s)
	}
	none, bold, reverse := tone{}, lipgloss.Style.Bold, lipgloss.Style.Reverse
	mix(&t.strong, none, none, bold)
	mix(&t.dim, pal.dim, none)
	mix(&t.faint, pal.faint, none)
	mix(&t.accent, pal.accent, none)
	mix(&t.head, pal.accent, none, bold)
	mix(&t.key, pal.accent, none, bold)
	mix(&t.good, pal.good, none)
	mix(&t.warn, pal.warn, none)
	mix(&t.bad, pal.bad, none)
	mix(&t.secret, pal.secret, none)
	mix(&t.row, none, pal.ground)
	mix(&t.cursor, none, none, reverse)
	mix(&t.name, pal.accent, none, bold)
	mix(&t.here, none, none, bold, lipgloss.Style.Underline)
	if !colours {
		mix(&t.prod, none, none, bold, reverse)
	} else {
		white, black := tone{"#ffffff", "231", "15"}, tone{"#000000", "16", "0"}
		mix(&t.prod, pal.prodText, pal.prod, bold)
		mix(&t.light, black, white)
		mix(&t.black, white, black)
	}
	return t
}

// codes finds what lipgloss writes before and after a text for a style.
func codes(s lipgloss.Style) ink {
	before, _, ok := strings.Cut(s.Render("x"), "x")
	if !ok || before == "" {
		return ink{}
	}
	return ink{on: before, off: reset}
}

// state is how something stands. Each has a sign and a word besides its ink.
type state int

const (
	stateTodo state = iota // not reached
	stateGood
	stateWarn
	stateBad
	stateSkip // not looked at, for a reason
	stateBusy
)

// sign is the one-column mark of a state.
func (s state) sign() string { return [...]string{"○", "✓", "!", "✗", "–", "●"}[s] }

// state is the ink of a state.
func (t *theme) state(s state) ink {
	return [...]ink{t.faint, t.good, t.warn, t.bad, t.dim, t.accent}[s]
}

// mark is the sign of a state in its colour.
func (t *theme) mark(s state) string { return t.state(s).s(s.sign()) }

// asciiSigns replaces the program's own signs, one column by one column, where
// the terminal shows no UTF-8. Text from outside keeps its letters.
var asciiSigns = strings.NewReplacer(
	"○", ".", "✓", "+", "✗", "x", "●", "*", "▸", ">", "▾", "v", "◂", "<", "•", "*", "·", "-", "–", "-", "—", "-", "…", "~",
	"─", "-", "│", "|", "┌", "+", "┐", "+", "└", "+", "┘", "+", "├", "+", "┤", "+", "╭", "+", "╮", "+", "╰", "+", "╯", "+",
	"█", "#", "┃", "#", "━", "=", "░", ".", "▓", "%", "▌", "|", "→", ">", "←", "<", "↑", "^", "↓", "v", "‹", "<", "›", ">", "“", `"`, "”", `"`, "’", "'", "≠", "!", "×", "x", "µ", "u", "↵", "<",
)
