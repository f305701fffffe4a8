package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
)

// dialog asks for a yes. It is answered by y, never by enter: a held enter must
// not confirm anything.
type dialog struct {
	pane
	head string
	text []string
	word string // what y does
	loud bool   // it is about a prod environment
	yes  func() tea.Cmd
}

// confirm asks before it does something.
func (a *App) confirm(head string, text []string, word string, yes func() tea.Cmd) tea.Cmd {
	return a.open(&dialog{pane: pane{a: a}, head: head, text: text, word: word, yes: yes})
}

func (d *dialog) title() string { return d.head }

func (d *dialog) about() string { return "y answers with yes, n or esc with no." }

func (d *dialog) View() string { return d.overlay("") }

func (d *dialog) actions() []action {
	return []action{
		{keys: []string{"y"}, name: d.word, help: "Yes: " + d.word, do: func() tea.Cmd { d.a.shut(); return d.yes() }},
		{keys: []string{"n", "esc"}, name: "no", help: "No: leave everything as it is", do: func() tea.Cmd { d.a.shut(); return nil }},
		{keys: []string{"enter"}, name: "", hidden: true, help: "Nothing: only y answers", off: "press y to " + d.word + ", n to leave it"},
	}
}

// overlay puts the question over the lines of another screen.
func (d *dialog) overlay(under string) string {
	a := d.a
	w := min(d.w-6, 68)
	var lines []string
	for _, l := range wrap(d.head, w) {
		if d.loud {
			l = a.prod.s(" " + l + " ")
		} else {
			l = a.strong.s(l)
		}
		lines = append(lines, l)
	}
	lines = append(lines, "")
	for _, t := range d.text {
		lines = append(lines, wrap(t, w)...)
	}
	lines = append(lines, "", a.key.s("y")+" "+d.word+"     "+a.key.s("n")+" no")
	box := strings.Split(a.box(lines, w, d.h >= len(lines)+4), "\n")
	back := clip(strings.Split(stripped(under), "\n"), d.w, d.h)
	for i, l := range back {
		back[i] = a.faint.s(l)
	}
	from := max((d.h-len(box))/2, 0)
	side := max((d.w-width(box[0]))/2, 0)
	for i, l := range box {
		if from+i < d.h {
			back[from+i] = gap(side) + l
		}
	}
	return strings.Join(clip(back, d.w, d.h), "\n")
}

// box draws a border around lines of w columns, with a blank line above and
// below when it is airy. It is the one place that knows where lipgloss puts a
// border.
func (a *App) box(lines []string, w int, airy bool) string {
	border := lipgloss.RoundedBorder()
	side := func(s string) string { return a.faint.s(s) }
	out := []string{side(border.TopLeft + strings.Repeat(border.Top, w+4) + border.TopRight)}
	if airy {
		lines = append(append([]string{""}, lines...), "")
	}
	for _, l := range lines {
		out = append(out, side(border.Left)+"  "+pad(l, w)+"  "+side(border.Right))
	}
	out = append(out, side(border.BottomLeft+strings.Repeat(border.Bottom, w+4)+border.BottomRight))
	return strings.Join(out, "\n")
}
