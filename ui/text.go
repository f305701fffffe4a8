package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Visible makes text from outside harmless and honest, for one line: control
// characters, bidirectional controls, blanks that are no blank and bytes that are
// no UTF-8 are shown as what they are.
func Visible(s string) string { return visible(s, false) }

// VisibleLines is Visible for text of several lines: line ends and tabs stay.
func VisibleLines(s string) string { return visible(s, true) }

func visible(s string, lines bool) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' && !(lines && (c == '\n' || c == '\t')) || c == 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			spell(&b, rune(s[i]), 2)
		case lines && (r == '\n' || r == '\t'):
			b.WriteRune(r)
		case lines && r == '\r' && i+1 < len(s) && s[i+1] == '\n': // a line end of HTTP and Windows
		case r < ' ':
			b.WriteByte('^')
			b.WriteRune(r + '@')
		case r == 0x7f:
			b.WriteString("^?")
		case Hidden(r):
			spell(&b, r, 4)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// Hidden tells of characters that a terminal acts on, that turn text around, or
// that look like blanks and are none.
func Hidden(r rune) bool {
	return !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) || r == 0x2800 || r == 0x3164 || r == 0xffa0
}

func spell(b *strings.Builder, r rune, digits int) {
	const hexDigits = "0123456789ABCDEF"
	b.WriteByte('<')
	for digits < 6 && r>>(4*digits) > 0 {
		digits++
	}
	for digits--; digits >= 0; digits-- {
		b.WriteByte(hexDigits[r>>(4*digits)&15])
	}
	b.WriteByte('>')
}

// safe is VisibleLines for a screen: a tab becomes blanks.
func safe(s string) string { return strings.ReplaceAll(VisibleLines(s), "\t", "    ") }

// oneLine is safe text on one line: line ends are shown too.
func oneLine(s string) string {
	s = safe(s)
	if strings.IndexByte(s, '\n') < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\n", "^J")
}

// width is how many columns a text takes.
func width(s string) int {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

const blanks = "                                                                                                                                                                                                                                                                "

// gap is n blanks.
func gap(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blanks):
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// cut shortens a text to w columns; what is left out is told by an ellipsis.
func cut(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if width(s) <= w {
		return s
	}
	return ansi.Truncate(s, w, "…")
}

// pad makes a text exactly w columns wide.
func pad(s string, w int) string {
	n := width(s)
	if n > w {
		s = cut(s, w)
		n = width(s)
	}
	return s + gap(w-n)
}

// right puts b at the right end of a line that begins with a.
func right(a, b string, w int) string {
	n := w - width(b)
	if n < 2 {
		return cut(a, w)
	}
	if b == "" {
		return pad(a, n)
	}
	return pad(a, n-1) + " " + b
}

// wrap breaks a text into lines of at most w columns, at blanks where it can: a
// path, a time and a URL that fit on a line stay whole.
func wrap(s string, w int) []string {
	if w < 1 {
		w = 1
	}
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if width(l) <= w {
			out = append(out, l)
			continue
		}
		line, room := "", w // what stands on the line, and the columns that are left
		for i, word := range strings.Split(l, " ") {
			n := width(word)
			if i > 0 {
				if n < room {
					line, room = line+" "+word, room-1-n
					continue
				}
				if n <= w || room < max(w/2, 2) {
					out, line, room = append(out, strings.TrimRight(line, " ")), "", w
				} else { // a long one begins where there is room for a good part of it
					line, room = line+" ", room-1
				}
			}
			if n <= room {
				line, room = line+word, room-n
				continue
			}
			parts := breakWord(strings.Repeat("x", w-room)+word, w) // as if it began at the line's start
			parts[0] = line + parts[0][w-room:]
			out = append(out, parts[:len(parts)-1]...)
			line = parts[len(parts)-1]
			room = w - width(line)
		}
		out = append(out, line)
	}
	return out
}

// breakWord breaks a word that is wider than a line: after a sign of a URL, else
// a hyphen, where that leaves no line half empty.
func breakWord(s string, w int) []string {
	if strings.IndexByte(s, '\x1b') >= 0 {
		return hard(s, w)
	}
	var out []string
	for {
		start := s[:min(len(s), 16*w)] // a megabyte is not measured again for each of its lines
		if width(start) <= w {
			if len(start) == len(s) {
				return append(out, s)
			}
			return append(out, hard(s, w)...) // many signs that take no column
		}
		n := len(ansi.Truncate(start, w, ""))
		if n == 0 {
			return append(out, hard(s, w)...) // one sign is wider than the line
		}
		if i := strings.LastIndexAny(s[:n], "/?&,;="); i >= n/2 {
			n = i + 1
		} else if i := strings.LastIndexByte(s[:n], '-'); i >= n/2 {
			n = i + 1
		}
		out, s = append(out, s[:n]), s[n:]
	}
}

// hard breaks a text into lines of exactly w columns, as a token wants it.
func hard(s string, w int) []string {
	if w < 1 {
		w = 1
	}
	return strings.Split(ansi.Hardwrap(s, w, true), "\n")
}

// indent wraps a text and puts first before its first line and as many blanks
// before the others.
func indent(first, text string, w int) []string {
	n := width(first)
	lines := wrap(text, w-n)
	for i, l := range lines {
		if i == 0 {
			lines[i] = first + l
		} else {
			lines[i] = gap(n) + l
		}
	}
	return lines
}

// inked writes each line in an ink.
func inked(i ink, lines []string) []string {
	out := make([]string, len(lines))
	for n, l := range lines {
		out[n] = i.s(l)
	}
	return out
}

// clip makes lines exactly w columns and h lines.
func clip(lines []string, w, h int) []string {
	out := make([]string, h)
	for i := range out {
		if i < len(lines) {
			out[i] = pad(lines[i], w)
		} else {
			out[i] = gap(w)
		}
	}
	return out
}

// beside puts blocks of lines next to each other. Each is clipped to its width.
func beside(h int, sep string, widths []int, blocks ...[]string) []string {
	out := make([]string, h)
	var b strings.Builder
	for y := range out {
		b.Reset()
		for i, bl := range blocks {
			if i > 0 {
				b.WriteString(sep)
			}
			if y < len(bl) {
				b.WriteString(pad(bl[y], widths[i]))
			} else {
				b.WriteString(gap(widths[i]))
			}
		}
		out[y] = b.String()
	}
	return out
}

// plural is "1 thing" or "n things".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}

// stripped is a line without its inks, for tests and measures.
func stripped(s string) string { return ansi.Strip(s) }

// capital makes a clause a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	if r[0] < 'a' || r[0] > 'z' {
		return s
	}
	// A name such as client_id or keyring:NAME stays as it is written.
	if i := strings.IndexAny(s, " ,.:;"); i > 0 && (strings.ContainsAny(s[:i], "_/") || s[i] == ':' && i+1 < len(s) && s[i+1] != ' ') {
		return s
	}
	r[0] -= 'a' - 'A'
	return string(r)
}

// lower begins a sentence as a clause.
func lower(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}
