package ui

import (
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
	return &helpScreen{pane: pane{a: a}, of: of, list: a.all(of, !of.typing())}
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
