package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// helpScreen says what the screen below it is for, and which keys work there.
type helpScreen struct {
	pane
	of     screen
	list   []action
	scroll scroll
}

func newHelpScreen(a *App) *helpScreen {
	of := a.front()
	return &helpScreen{pane: pane{a: a}, of: of, list: a.all(of)}
}

func (s *helpScreen) title() string { return "Help" }

func (s *helpScreen) about() string { return "What a screen is for, and its keys." }

func (s *helpScreen) actions() []action {
	shut := func() tea.Cmd { s.a.shut(); return nil }
	return append([]action{{keys: []string{"enter", "esc", "?", "f1", "q"}, name: "back", help: "Back", do: shut}}, s.scroll.moves(s.h)...)
}

// keysText writes all keys of an action for people.
func keysText(x action) string {
	names := make([]string, 0, len(x.keys))
	for _, k := range x.keys {
		names = append(names, keyName(k))
	}
	return strings.Join(names, " ")
}

func (s *helpScreen) View() string {
	a := s.a
	lines := []string{a.strong.s(s.of.title()), ""}
	lines = append(lines, wrap(s.of.about(), min(s.w-2, 100))...)
	lines = append(lines, "", a.head.s("Keys"))
	kw := 10
	for _, x := range s.list {
		kw = max(kw, min(width(keysText(x)), 20))
	}
	steps, own := false, len(s.of.actions())
	var moves []string
	for i, x := range s.list {
		if x.help == "" {
			continue
		}
		if x.move {
			moves = append(moves, keysText(x))
			continue
		}
		if i == own {
			lines = append(lines, "", a.head.s("Keys on every screen"))
		}
		if len(x.keys) == 1 && len(x.keys[0]) == 1 && x.keys[0] >= "1" && x.keys[0] <= "6" {
			if !steps {
				lines = append(lines, "  "+a.key.s(pad("1 … 6", kw))+"  Go to a step that was reached")
			}
			steps = true
			continue
		}
		help, i := x.help, ink{}
		if x.off != "" {
			help, i = x.help+" (not now: "+x.off+")", a.dim
		}
		for n, l := range wrap(help, s.w-kw-6) {
			if n == 0 {
				lines = append(lines, "  "+a.key.s(pad(keysText(x), kw))+"  "+i.s(l))
			} else {
				lines = append(lines, gap(kw+4)+i.s(l))
			}
		}
	}
	if len(moves) > 0 {
		lines = append(lines, indent("  "+a.key.s(pad("moving", kw))+"  ", strings.Join(moves, "  "), s.w-2)...)
	}
	lines = append(lines, "", a.head.s("Signs"))
	for _, st := range []struct {
		s    state
		text string
	}{{stateGood, "good, done"}, {stateWarn, "works, but worth a look"}, {stateBad, "failed"}, {stateSkip, "not looked at, with the reason"}, {stateTodo, "not reached yet"}, {stateBusy, "under way"}} {
		lines = append(lines, "  "+a.mark(st.s)+"  "+st.text)
	}
	lines = append(lines, "", a.dim.s("While a text field has the focus, letters and digits type; esc leaves the field."))
	return s.show(a.barredPart(&s.scroll, lines, s.w, s.h))
}

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
	for _, x := range a.every(of) {
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

// every is all that can be done on a screen, also what has no key while a text
// field takes the letters.
func (a *App) every(of screen) []action {
	list := of.actions()
	taken := map[string]bool{}
	for _, x := range list {
		for _, k := range x.keys {
			taken[k] = true
		}
	}
	for _, x := range a.common(of) {
		if !slices.ContainsFunc(x.keys, func(k string) bool { return taken[k] }) {
			list = append(list, x)
		}
	}
	return list
}

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
		if i == s.cur.at {
			lines = append(lines, a.row.over(pad(a.accent.s("▸ ")+text, s.w)))
		} else {
			lines = append(lines, "  "+text)
		}
	}
	return s.show(lines)
}
