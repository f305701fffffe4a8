package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
)

// scopePicker chooses fewer scopes for a refresh.
type scopePicker struct {
	pane
	field *field
	form  *form
	do    func(string) tea.Cmd
	all   int
}

func newScopePicker(a *App, scopes []string, do func(string) tea.Cmd) *scopePicker {
	f := newForm(a, []flows.Field{{Name: "scope", Label: "Scopes", Kind: flows.KindScopes, Value: strings.Join(scopes, " "), Help: "arrows move, space leaves a scope out or takes it back"}}, "Refresh")
	f.focus = 0
	return &scopePicker{pane: pane{a: a}, form: f, field: f.fields[0], do: do, all: len(scopes)}
}

func (s *scopePicker) title() string { return "Refresh with fewer scopes" }

func (s *scopePicker) about() string {
	return "A refresh may ask for fewer scopes than were granted, never for more (RFC 6749, 6). Space leaves a scope out."
}

func (s *scopePicker) typing() bool { return s.form.typing() }

func (s *scopePicker) Update(msg tea.Msg) tea.Cmd { return s.form.update(msg) }

func (s *scopePicker) actions() []action {
	send := func() tea.Cmd {
		s.field.addTyped()
		v := s.field.value()
		if v == "" {
			return s.a.tell(stateWarn, "Keep at least one scope: without the parameter the server gives all again.")
		}
		s.a.shut()
		return s.do(v)
	}
	list := s.form.actions(send)
	for i := range list {
		if list[i].keys[0] == "esc" {
			list[i].do = func() tea.Cmd { s.a.shut(); return nil }
		}
	}
	return list
}

func (s *scopePicker) View() string {
	a := s.a
	lines := []string{a.head.s("Refresh with fewer scopes"), ""}
	lines = append(lines, s.form.lines(s.w, max(s.h-5, 3))...)
	lines = append(lines, "")
	return s.show(append(lines, inked(a.dim, wrap(s.about(), s.w))...))
}
