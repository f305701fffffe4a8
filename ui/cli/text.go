package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"authwalk/flows/report"
	"authwalk/ui"
)

// visible and visibleLines keep outside text from acting on the terminal.
func visible(s string) string      { return ui.Visible(s) }
func visibleLines(s string) string { return ui.VisibleLines(s) }

// paint prints text for a person: with colours only where they are wanted.
type paint struct {
	w      io.Writer
	colour bool
	ascii  bool // the terminal shows no UTF-8
	// mask knows the secrets of what is printed; nil: there are none.
	mask *report.Redactor
}

// theirs is text from outside for a line: no secret in it, nothing that acts on
// the terminal.
func (p paint) theirs(s string) string {
	if p.mask != nil {
		s = p.mask.Text(s)
	}
	return visible(s)
}

// ours is a sentence of ours for a line: only what is quoted in it, and outside,
// is searched for secrets that are words.
func (p paint) ours(s string, outside ...string) string {
	if p.mask != nil {
		s = p.mask.Prose(s, outside...)
	}
	return visible(s)
}

func (p paint) style(code, s string) string {
	if !p.colour || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) bold(s string) string   { return p.style("1", s) }
func (p paint) dim(s string) string    { return p.style("2", s) }
func (p paint) red(s string) string    { return p.style("31", s) }
func (p paint) green(s string) string  { return p.style("32", s) }
func (p paint) yellow(s string) string { return p.style("33", s) }
func (p paint) cyan(s string) string   { return p.style("36", s) }

func (p paint) line(format string, a ...any) { fmt.Fprintf(p.w, format+"\n", a...) }

// sign stands before a state, so that it is never told by colour alone.
func (p paint) sign(state string) string {
	s := map[string][2]string{
		"pass": {"✓", "+"}, "granted": {"✓", "+"}, "good": {"✓", "+"},
		"warn": {"!", "!"}, "fail": {"✗", "x"}, "bad": {"✗", "x"},
		"skip": {"–", "-"}, "unknown": {"?", "?"}, "not-reached": {"·", "."},
	}[state]
	sign := s[0]
	if p.ascii {
		sign = s[1]
	}
	switch state {
	case "pass", "granted", "good":
		return p.green(sign)
	case "warn", "unknown":
		return p.yellow(sign)
	case "fail", "bad":
		return p.red(sign)
	}
	return p.dim(sign)
}

// wrap breaks text into lines of at most width columns (counted as runes).
func wrap(s string, width int) []string {
	var out []string
	line, n := "", 0
	for _, w := range strings.Fields(s) {
		k := utf8.RuneCountInString(w)
		if n > 0 && n+1+k > width {
			out, line, n = append(out, line), "", 0
		}
		if n > 0 {
			line += " "
			n++
		}
		line += w
		n += k
	}
	if n > 0 {
		out = append(out, line)
	}
	return out
}

// para prints wrapped text with an indent.
func (p paint) para(indent int, s string) {
	for _, l := range wrap(s, 96-indent) {
		p.line("%s%s", strings.Repeat(" ", indent), l)
	}
}

// item prints wrapped text after a mark, later lines below its text.
func (p paint) item(indent int, mark, s string) {
	pad := strings.Repeat(" ", indent)
	for i, l := range wrap(s, 94-indent) {
		if i == 0 {
			p.line("%s%s %s", pad, mark, l)
			continue
		}
		p.line("%s  %s", pad, l)
	}
}
