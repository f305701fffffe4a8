package ui

import (
	tea "github.com/charmbracelet/bubbletea"
)

// pickScreen offers a few things to choose one from.
type pickScreen struct {
	pane
	head, text string
	rows       []choice
	list       cursorList
}

func newPickScreen(a *App, head, text string, rows []choice) *pickScreen {
	return &pickScreen{pane: pane{a: a}, head: head, text: text, rows: rows}
}

func (s *pickScreen) title() string { return s.head }

func (s *pickScreen) about() string { return "Choose one, or go back with esc." }

func (s *pickScreen) actions() []action {
	list := []action{{keys: []string{"enter"}, name: "choose", help: "Choose the row under the cursor", do: func() tea.Cmd {
		if len(s.rows) == 0 {
			return nil
		}
		r := s.rows[s.list.at]
		if r.off != nil {
			if why := r.off(); why != "" {
				return s.a.tell(stateWarn, "%s.", capital(why))
			}
		}
		s.a.shut()
		return r.do()
	}}}
	return append(list, s.list.moves(len(s.rows), s.h)...)
}

func (s *pickScreen) View() string {
	a := s.a
	lines := []string{a.head.s(cut(s.head, s.w)), ""}
	if s.text != "" {
		lines = append(append(lines, wrap(s.text, s.w)...), "")
	}
	room := max(s.h-len(lines), 1)
	s.list.keep(len(s.rows), room)
	for i := s.list.top; i < min(s.list.top+room, len(s.rows)); i++ {
		r := s.rows[i]
		note := ""
		if r.note != "" {
			note = "  " + a.dim.s(r.note)
		}
		if i == s.list.at {
			lines = append(lines, a.row.over(pad(a.accent.s("▸ ")+a.strong.s(r.title)+note, s.w)))
		} else {
			lines = append(lines, "  "+r.title+note)
		}
	}
	return s.show(lines)
}
