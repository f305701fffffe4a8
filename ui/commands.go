package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows/diagnosis"
)

// commandsScreen shows a finding's fix ready to run, to be copied.
type commandsScreen struct {
	pane
	f    diagnosis.Finding
	list cursorList
}

func newCommandsScreen(a *App, f diagnosis.Finding) *commandsScreen {
	return &commandsScreen{pane: pane{a: a}, f: f}
}

func (s *commandsScreen) title() string { return "The fix, ready to run" }

func (s *commandsScreen) about() string {
	return "The same change in several forms, with this client and audience filled in. authwalk never runs any of them: copy the one you use."
}

func (s *commandsScreen) actions() []action {
	cmds := s.f.Commands
	copyIt := func() tea.Cmd {
		c := cmds[s.list.at]
		return s.a.copy(c.Kind, c.Text, false)
	}
	list := []action{{keys: []string{"enter", "y"}, name: "copy", help: "Copy the one under the cursor", do: copyIt}}
	return append(list, s.list.moves(len(cmds), len(cmds))...)
}

func (s *commandsScreen) View() string {
	a := s.a
	lines := []string{a.head.s("The fix, ready to run"), a.dim.s(cut("For: "+a.say(s.f.Title), s.w)), ""}
	at := 0
	for i, c := range s.f.Commands {
		mark := "  "
		if i == s.list.at {
			mark, at = a.accent.s("▸ "), len(lines)
			lines = append(lines, mark+a.strong.s(c.Kind))
		} else {
			lines = append(lines, mark+c.Kind)
		}
		for _, l := range strings.Split(a.sayLines(c.Text), "\n") {
			for _, p := range wrap(l, s.w-4) {
				lines = append(lines, "    "+a.dim.s(p))
			}
		}
		lines = append(lines, "")
	}
	sc := scroll{}
	if at > s.h/2 {
		sc.top = at - s.h/2
	}
	return s.show(sc.part(lines, s.h))
}
