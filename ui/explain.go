package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows/diagnosis"
)

// explainScreen diagnoses a refusal that was met elsewhere and pasted here. It
// sends nothing.
type explainScreen struct {
	pane
	text    string
	task    task
	verdict *verdict
	problem string
}

func newExplainScreen(a *App) *explainScreen { return &explainScreen{pane: pane{a: a}} }

func (s *explainScreen) title() string { return "Explain a refusal" }

func (s *explainScreen) about() string {
	return "Paste a refusal that another application met: the body, status and body, the output of curl -i, or a HAR file. It is diagnosed as if it had come here. Nothing is sent."
}

// typing: what is typed belongs to the text, so that a refusal can also be
// typed in.
func (s *explainScreen) typing() bool { return s.verdict == nil }

func (s *explainScreen) close() { s.task.stop() }

func (s *explainScreen) actions() []action {
	if s.verdict != nil {
		list := s.verdict.actions(s.h)
		another := action{keys: []string{"n"}, name: "another one", help: "Paste another refusal", do: func() tea.Cmd { s.verdict, s.text = nil, ""; return nil }}
		if len(s.verdict.all()) == 0 { // there is no row for enter to do
			another.keys = []string{"enter", "n"}
			return append([]action{another}, list[1:]...)
		}
		return append([]action{list[0], another}, list[1:]...)
	}
	return []action{
		{keys: []string{"enter"}, name: "explain", help: "Explain what was pasted", text: true, do: s.explain},
		{keys: []string{"ctrl+u"}, name: "clear", help: "Clear the text", text: true, do: func() tea.Cmd { s.text, s.problem = "", ""; return nil }},
	}
}

func (s *explainScreen) Update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyMsg)
	if !ok || s.verdict != nil {
		return nil
	}
	s.problem = ""
	switch {
	case k.Paste:
		s.text += lineEnds(string(k.Runes))
		return s.explain()
	case k.String() == "backspace":
		if r := []rune(s.text); len(r) > 0 {
			s.text = string(r[:len(r)-1])
		}
	case k.String() == " ":
		s.text += " "
	case len(k.Runes) > 0 && !k.Alt:
		s.text += string(k.Runes)
	}
	return nil
}

type explained struct {
	findings []diagnosis.Finding
	evidence diagnosis.Evidence
	err      error
}

func (s *explainScreen) explain() tea.Cmd {
	text := s.text
	if strings.TrimSpace(text) == "" {
		return s.a.tell(stateWarn, "Paste a refusal first.")
	}
	red := s.a.red
	return start(s.a, &s.task, func(context.Context) explained {
		red.Given(text)
		ev, err := diagnosis.ParseRefusal([]byte(text))
		if err != nil {
			return explained{err: err}
		}
		return explained{diagnosis.Diagnose(ev), ev, nil}
	}, func(e explained) tea.Cmd {
		if e.err != nil {
			s.problem = e.err.Error()
			return nil
		}
		if len(e.findings) == 0 {
			s.problem = "nothing in it is a refusal"
			return nil
		}
		v := newVerdict(s.a, nil, nil, e.findings)
		if e.evidence.Reply != nil && e.evidence.Reply.Status > 0 {
			v.evidence = statusText(e.evidence.Reply.Status)
		}
		s.verdict = v
		return nil
	}, nil)
}

func (s *explainScreen) View() string {
	a := s.a
	if s.verdict != nil {
		return s.show(s.verdict.lines(s.w, s.h))
	}
	lines := []string{a.head.s("Explain a refusal met elsewhere"), ""}
	lines = append(lines, wrap("Paste it here: a reply's body, a status and a body, the output of curl -i, or a HAR. It is explained as soon as it is pasted; nothing is sent.", s.w)...)
	lines = append(lines, "")
	if s.problem != "" {
		lines = append(lines, indent(a.mark(stateBad)+" ", capital(a.say(s.problem))+".", s.w)...)
		lines = append(lines, "")
	}
	shown := s.text
	if len(shown) > 8000 {
		shown = shown[len(shown)-8000:]
	}
	body := wrap(a.sayLines(shown)+"▌", s.w-2)
	room := max(s.h-len(lines), 1)
	if len(body) > room {
		body = body[len(body)-room:]
	}
	for _, l := range body {
		lines = append(lines, "  "+l)
	}
	return s.show(lines)
}
