package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows/diagnosis"
)

// logScreen is the demo tenant's log, as its dashboard would show it: what to
// look for in the real one.
type logScreen struct {
	pane
	wk     *walk
	list   cursorList
	filter filter
}

func newLogScreen(a *App, w *walk) *logScreen {
	s := &logScreen{pane: pane{a: a}, wk: w, filter: newFilter()}
	s.list.at = 1 << 30
	return s
}

func (s *logScreen) title() string { return "The tenant's log" }

func (s *logScreen) about() string {
	return "The log of the demo tenant, as the dashboard of a real one shows it under Monitoring > Logs. It is where the reason stands that a reply does not give."
}

func (s *logScreen) typing() bool { return s.filter.editing }

func (s *logScreen) rows() []LogLine {
	var out []LogLine
	for _, l := range s.wk.tools.Log() {
		if s.filter.match(l.Type + " " + l.Text + " " + l.User) {
			out = append(out, l)
		}
	}
	return out
}

func (s *logScreen) actions() []action {
	rows := s.rows()
	if s.filter.editing {
		return append(s.filter.actions(), onlyArrows(s.list.moves(len(rows), s.h))...)
	}
	list := []action{{keys: []string{"enter", "L"}, name: "back", help: "Back", do: func() tea.Cmd { s.a.shut(); return nil }}}
	list = append(list, s.filter.actions()...)
	return append(list, s.list.moves(len(rows), s.h-6)...)
}

func (s *logScreen) Update(msg tea.Msg) tea.Cmd {
	if s.filter.editing {
		return s.filter.in.update(msg)
	}
	return nil
}

func (s *logScreen) View() string {
	a := s.a
	rows := s.rows()
	lines := []string{a.head.s("The tenant's log") + a.dim.s("  part of the demo; in the dashboard: Monitoring > Logs")}
	if l, ok := s.filter.line(a, s.w); ok {
		lines = append(lines, l)
	}
	lines = append(lines, "")
	if len(rows) == 0 {
		return s.show(append(lines, a.dim.s("Nothing has happened yet.")))
	}
	h := max(s.h-len(lines)-3, 1)
	s.list.keep(len(rows), h)
	var body []string
	for i := s.list.top; i < min(s.list.top+h, len(rows)); i++ {
		l := rows[i]
		st := stateGood
		if len(l.Type) > 0 && l.Type[0] != 's' {
			st = stateBad
		}
		user := cut(a.say(l.User), 26)
		text := a.dim.s(l.At.Local().Format("15:04:05")) + "  " + a.mark(st) + " " + a.accent.s(pad(oneLine(l.Type), 10))
		text = right(text+cut(a.say(l.Text), s.w-6-width(text)-width(user)), a.dim.s(user), s.w-4)
		body = append(body, a.listed(text, s.w-2, i == s.list.at))
	}
	lines = append(lines, clip(a.barred(body, s.w, h, len(rows), s.list.top), s.w, h)...)
	l := rows[s.list.at]
	meaning := diagnosis.LogMeaning(l.Type)
	if meaning == "" {
		meaning = l.Text
	}
	return s.show(append(lines, "", a.strong.s(oneLine(l.Type))+"  "+cut(a.say(meaning), s.w-12)))
}
