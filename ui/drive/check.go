package drive

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
)

var sgr = regexp.MustCompile(`^\x1b\[[0-9;:]*m`)

// Check holds a frame against what every frame must keep in a window of w
// columns and h rows: no escape sequence but SGR; no control character but the
// line end, neither C0 nor C1 nor DEL; nothing that turns the direction of text
// or ends a line in some terminals; sound UTF-8; no line wider than w by
// lipgloss.Width; not more than h lines. The error says what, and where.
func Check(frame string, w, h int) error {
	lines := strings.Split(frame, "\n")
	for y, line := range lines {
		for i := 0; i < len(line); {
			if line[i] == 0x1b { // looked at first: the expression is dear where it does not fit
				if n := len(sgr.FindString(line[i:])); n > 0 {
					i += n
					continue
				}
			}
			r, n := utf8.DecodeRuneInString(line[i:])
			if what := forbidden(r, n); what != "" {
				return fmt.Errorf("line %d has %s: %q", y+1, what, around(line, i))
			}
			i += n
		}
		if got := lipgloss.Width(line); got > w {
			return fmt.Errorf("line %d is %d columns wide in a window of %d: %q", y+1, got, w, line)
		}
	}
	if len(lines) > h {
		return fmt.Errorf("the frame has %d lines in a window of %d", len(lines), h)
	}
	return nil
}

// forbidden names what r is, if it has no place in a frame.
func forbidden(r rune, bytes int) string {
	switch {
	case r == 0x1b:
		return "an escape sequence that is not SGR"
	case unicode.IsControl(r):
		return fmt.Sprintf("the control character %U", r)
	case unicode.Is(unicode.Bidi_Control, r):
		return fmt.Sprintf("the bidi control %U", r)
	case r == 0x2028 || r == 0x2029:
		return fmt.Sprintf("the line separator %U", r)
	case r == utf8.RuneError && bytes == 1:
		return "a byte that is no UTF-8"
	}
	return ""
}

// around is a piece of a long line, to show where something stands.
func around(line string, at int) string {
	return line[max(0, at-20):min(len(line), at+20)]
}
