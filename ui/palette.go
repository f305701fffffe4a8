package ui

import (
	tea "github.com/charmbracelet/bubbletea"
)

// paletteScreen finds every action by its name.
type paletteScreen struct {
	pane
	list   []action
	filter filter
	cur    cursorList
	// names and keys are the room of two columns.
	names, keys int
}

func newPaletteScreen(a *App) *paletteScreen {
	of := a.front()
	p := &paletteScreen{pane: pane{a: a}, filter: newFilter()}
	p.filter.editing = true
	back := false
	for _, x := range a.all(of, true) {
		switch {
		case x.help == "" || x.do == nil || x.name == "" || x.move || x.keys[0] == "ctrl+p",
			x.hidden && paneMoves[x.name],
			back && (x.name == "back" || x.keys[0] == "esc"):
			continue
		}
		back = back || x.name == "back" || x.keys[0] == "esc"
		p.list = append(p.list, x)
		p.names, p.keys = min(max(p.names, width(x.name)), 22), min(max(p.keys, width(keysText(x))), 14)
	}
	return p
}

// paneMoves are actions that only move the focus: they are in the way where one
// looks for something to do.
var paneMoves = map[string]bool{"pane left": true, "pane right": true, "scope before": true, "next scope": true, "change back": true}

func (s *paletteScreen) title() string { return "Actions" }

func (s *paletteScreen) about() string {
	return "Every action by name. Type a word of it, enter does it."
}

func (s *paletteScreen) typing() bool { return true }

func (s *paletteScreen) shown() []action {
	var out []action
	for _, x := range s.list {
		if s.filter.match(x.name + " " + x.help) {
			out = append(out, x)
		}
	}
	return out
}

func (s *paletteScreen) actions() []action {
	shown := s.shown()
	s.cur.at = max(min(s.cur.at, len(shown)-1), 0)
	enter := action{keys: []string{"enter"}, name: "do it", help: "Do the action under the cursor", text: true, do: func() tea.Cmd {
		if len(shown) == 0 {
			return nil
		}
		x := shown[s.cur.at]
		s.a.shut()
		return s.a.run(x)
	}}
	return append([]action{enter, {keys: []string{"esc", "ctrl+p"}, name: "back", help: "Back", text: true, do: func() tea.Cmd { s.a.shut(); return nil }}}, onlyArrows(s.cur.moves(len(shown), s.h))...)
}

func (s *paletteScreen) Update(msg tea.Msg) tea.Cmd {
	s.cur = cursorList{}
	return s.filter.in.update(msg)
}

func (s *paletteScreen) View() string {
	a := s.a
	shown := s.shown()
	lines := []string{a.accent.s("▸ ") + s.filter.in.draw(a, s.w-4, true, false), ""}
	h := max(s.h-2, 1)
	s.cur.keep(len(shown), h)
	if len(shown) == 0 {
		lines = append(lines, a.dim.s("No action has these words."))
	}
	for i := s.cur.top; i < min(s.cur.top+h, len(shown)); i++ {
		x := shown[i]
		help := x.help
		if x.off != "" {
			help = "not now: " + x.off
		}
		hw := max(s.w-2-s.names-2-s.keys-2, 10)
		text := s.filter.marked(a, pad(cut(x.name, s.names), s.names), ink{}) + "  " + s.filter.marked(a, pad(cut(help, hw), hw), a.dim) + "  " + a.key.s(cut(keysText(x), s.keys))
		lines = append(lines, a.listed(text, s.w, i == s.cur.at))
	}
	return s.show(lines)
}
