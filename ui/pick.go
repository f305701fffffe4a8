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
		text := r.title
		if i == s.list.at {
			text = a.strong.s(text)
		}
		if r.note != "" {
			text += "  " + a.dim.s(r.note)
		}
		lines = append(lines, a.listed(text, s.w, i == s.list.at))
	}
	return s.show(lines)
}
