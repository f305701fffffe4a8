package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// cursorList is a cursor over rows of which only a part is in sight.
type cursorList struct{ at, top int }

// keep holds cursor and window within n rows and h lines.
func (l *cursorList) keep(n, h int) {
	l.at = max(min(l.at, n-1), 0)
	if l.at < l.top {
		l.top = l.at
	}
	if l.at >= l.top+h {
		l.top = l.at - h + 1
	}
	l.top = max(min(l.top, n-h), 0)
}

// moves are the keys that move a cursor over n rows, a page of h.
func (l *cursorList) moves(n, h int) []action {
	by := func(d int) func() tea.Cmd {
		return func() tea.Cmd { l.at = max(min(l.at+d, n-1), 0); return nil }
	}
	to := func(i int) func() tea.Cmd {
		return func() tea.Cmd { l.at = max(min(i, n-1), 0); return nil }
	}
	return []action{
		{keys: []string{"down", "j"}, name: "down", help: "Next row", hidden: true, move: true, do: by(1)},
		{keys: []string{"up", "k"}, name: "up", help: "Row before", hidden: true, move: true, do: by(-1)},
		{keys: []string{"pgdown", "ctrl+d"}, name: "page down", help: "A page down", hidden: true, move: true, do: by(max(h-1, 1))},
		{keys: []string{"pgup", "ctrl+u"}, name: "page up", help: "A page up", hidden: true, move: true, do: by(-max(h-1, 1))},
		{keys: []string{"home", "g"}, name: "first", help: "First row", hidden: true, move: true, do: to(0)},
		{keys: []string{"end", "G"}, name: "last", help: "Last row", hidden: true, move: true, do: to(n - 1)},
	}
}

// scroll is a text of which only a part is in sight.
type scroll struct{ top int }

// part is the lines in sight.
func (s *scroll) part(lines []string, h int) []string {
	s.top = max(min(s.top, len(lines)-h), 0)
	return lines[s.top:min(s.top+h, len(lines))]
}

// moves are the keys that scroll, a page of h.
func (s *scroll) moves(h int) []action {
	by := func(d int) func() tea.Cmd {
		return func() tea.Cmd { s.top = max(s.top+d, 0); return nil }
	}
	return []action{
		{keys: []string{"down", "j"}, name: "down", help: "A line down", hidden: true, move: true, do: by(1)},
		{keys: []string{"up", "k"}, name: "up", help: "A line up", hidden: true, move: true, do: by(-1)},
		{keys: []string{"pgdown", "ctrl+d"}, name: "page down", help: "A page down", hidden: true, move: true, do: by(max(h-1, 1))},
		{keys: []string{"pgup", "ctrl+u"}, name: "page up", help: "A page up", hidden: true, move: true, do: by(-max(h-1, 1))},
		{keys: []string{"home", "g"}, name: "top", help: "The beginning", hidden: true, move: true, do: func() tea.Cmd { s.top = 0; return nil }},
		{keys: []string{"end", "G"}, name: "bottom", help: "The end", hidden: true, move: true, do: func() tea.Cmd { s.top = 1 << 30; return nil }},
	}
}

// filter is words that rows must have.
type filter struct {
	in      input
	editing bool
}

func newFilter() filter { return filter{in: newInput("")} }

func (f *filter) text() string { return strings.TrimSpace(f.in.value()) }

// match tells whether a row has every word, without regard to case.
func (f *filter) match(row string) bool {
	return f.text() == "" || f.matchLow(strings.ToLower(row))
}

// matchLow is match for a row in lower case.
func (f *filter) matchLow(row string) bool {
	for _, w := range strings.Fields(strings.ToLower(f.text())) {
		if !strings.Contains(row, w) {
			return false
		}
	}
	return true
}

// marked writes a text in an ink, what the filter's words match in another.
func (f *filter) marked(a *App, text string, i ink) string {
	low := strings.ToLower(text)
	if len(low) != len(text) {
		return i.s(text) // places in it would be others
	}
	hit := make([]bool, len(text)+1)
	for _, w := range strings.Fields(strings.ToLower(f.text())) {
		for from := 0; ; {
			n := strings.Index(low[from:], w)
			if n < 0 {
				break
			}
			for k := from + n; k < from+n+len(w); k++ {
				hit[k] = true
			}
			from += n + len(w)
		}
	}
	var b strings.Builder
	for from := 0; from < len(text); {
		to := from
		for to < len(text) && hit[to] == hit[from] {
			to++
		}
		if hit[from] {
			b.WriteString(a.accent.s(text[from:to]))
		} else {
			b.WriteString(i.s(text[from:to]))
		}
		from = to
	}
	return b.String()
}

// actions are the filter's keys: "/" begins, enter keeps, esc clears.
func (f *filter) actions() []action {
	if f.editing {
		return []action{
			{keys: []string{"enter"}, name: "keep filter", help: "Keep the filter and go to the rows", text: true, do: func() tea.Cmd { f.editing = false; return nil }},
			{keys: []string{"esc"}, name: "clear", help: "Clear the filter", text: true, do: func() tea.Cmd { f.editing = false; f.in.set(""); return nil }},
		}
	}
	list := []action{{keys: []string{"/"}, name: "filter", help: "Show only the rows that have certain words", do: func() tea.Cmd { f.editing = true; return nil }}}
	if f.text() != "" {
		list = append(list, action{keys: []string{"esc"}, name: "clear filter", help: "Clear the filter", do: func() tea.Cmd { f.in.set(""); return nil }})
	}
	return list
}

// line shows the filter while there is one.
func (f *filter) line(a *App, w int) (string, bool) {
	if !f.editing && f.text() == "" {
		return "", false
	}
	return a.accent.s("/ ") + f.in.draw(a, w-2, f.editing, false), true
}

// listed is a row of a list in w columns, marked where the cursor is.
func (a *App) listed(text string, w int, here bool) string {
	if here {
		return a.row.over(pad(a.accent.s("▸ ")+text, w))
	}
	return "  " + text
}

// bar shows on the right edge which part of n rows is in sight; nothing when
// all are.
func (a *App) bar(n, h, top, y int) string {
	if n <= h || h < 2 {
		return " "
	}
	size := max(h*h/n, 1)
	from := top * (h - size) / max(n-h, 1)
	if y >= from && y < from+size {
		return a.dim.s("┃")
	}
	return a.faint.s("│")
}

// barred puts the bar beside lines of w columns.
func (a *App) barred(lines []string, w, h, n, top int) []string {
	if n <= h {
		return lines
	}
	out := make([]string, h)
	for y := range out {
		l := ""
		if y < len(lines) {
			l = lines[y]
		}
		out[y] = pad(l, w-2) + " " + a.bar(n, h, top, y)
	}
	return out
}
