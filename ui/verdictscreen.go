package ui

import tea "github.com/charmbracelet/bubbletea"

// verdictScreen shows a refusal over the step one is at.
type verdictScreen struct {
	pane
	head string
	v    *verdict
}

func newVerdictScreen(a *App, head string, v *verdict) *verdictScreen {
	return &verdictScreen{pane: pane{a: a}, head: head, v: v}
}

func (s *verdictScreen) title() string { return s.head }

func (s *verdictScreen) about() string {
	return "Why this was refused, the most likely cause first, what to change and where."
}

func (s *verdictScreen) actions() []action {
	list := s.v.actions(s.h)
	if len(s.v.all()) == 0 {
		list[0] = action{keys: []string{"enter"}, name: "back", help: "Back", do: func() tea.Cmd { s.a.shut(); return nil }}
	}
	return list
}

func (s *verdictScreen) View() string { return s.show(s.v.lines(s.w, s.h)) }
