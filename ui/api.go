package ui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
)

// The parts of the API screen.
const (
	partCalls = iota
	partEdit
	partAnswer
)

// apiScreen is step 5: saved calls, the request as it will be sent, and the
// answer.
type apiScreen struct {
	pane
	wk    *walk
	part  int
	calls []flows.SavedCall
	// loaded is the call that the form was filled from; without a name: one's own.
	loaded flows.SavedCall
	list   cursorList
	form   *form
	task   task
	spool  *flows.Spool

	answer   *flows.Exchange
	answerOf string // the request that it answers
	err      error
	class    diagnosis.Class
	findings []diagnosis.Finding
	idToken  bool

	doc     *document
	reading task
	jq      *document // what a jq expression made of it
	jqTask  task
	jqAsked string // the expression that was told to need memory
	hits    []int  // the lines that have the filter's words; nil: all
	filter  filter
	scroll  scroll
	folding task
	row     int  // the cursor, in the rows of what can be folded
	head    int  // how many rows stood above those when they were last drawn
	room    int  // and how many were in sight in all
	across  int  // how many columns of each line are to the left of what is seen
	wider   bool // more is to the right of it
}

func newAPIScreen(a *App, w *walk) *apiScreen {
	s := &apiScreen{pane: pane{a: a}, wk: w, filter: newFilter()}
	s.listCalls()
	s.load(s.calls[0])
	return s
}

// listCalls is the profile's calls and those that are there by themselves.
func (s *apiScreen) listCalls() {
	s.calls = slices.Clone(s.wk.cfg.Calls)
	s.calls = append(s.calls, flows.SavedCall{Name: "Userinfo", Method: "GET", URL: userinfoURL})
	if len(s.wk.cfg.Calls) == 0 {
		s.calls = append(s.calls, flows.SavedCall{Name: "The API's root", Method: "GET", URL: "/"})
	}
}

// userinfoURL stands for the userinfo endpoint in the list of calls.
const userinfoURL = "userinfo_endpoint"

func (s *apiScreen) title() string { return "Call an API with the token" }

func (s *apiScreen) about() string {
	return "Call an API with the token that was issued. Choose a saved call or write your own; the request stands there as it will be sent. A 401 or 403 is explained from the answer and from what the token carries. One token serves for all calls."
}

func (s *apiScreen) typing() bool {
	return s.filter.editing || s.part == partEdit && s.form.typing()
}

func (s *apiScreen) changed() {}

// leave cancels a call that is under way.
func (s *apiScreen) leave() tea.Cmd {
	if s.task.running() {
		return s.cancel()
	}
	return nil
}

func (s *apiScreen) close() {
	s.task.stop()
	s.reading.stop()
	s.jqTask.stop()
	s.folding.stop()
	if s.spool != nil {
		_ = s.spool.Close()
		s.spool = nil
	}
}

func (s *apiScreen) actions() []action {
	a := s.a
	if s.filter.editing {
		return []action{
			{keys: []string{"enter"}, name: "find", help: "Find the words, or run the jq expression if it begins with a dot", text: true, do: s.search},
			{keys: []string{"esc"}, name: "clear", help: "Clear the filter", text: true, do: s.clearFilter},
		}
	}
	if s.busy() {
		return []action{{keys: []string{"esc"}, name: "cancel", help: "Cancel the call", text: true, do: s.cancel},
			{keys: []string{"enter"}, hidden: true, help: "Nothing: the call is under way", text: true, do: func() tea.Cmd { return nil }}}
	}
	next := action{keys: []string{"enter"}, name: "send", help: "Send the call", do: s.send}
	if s.answered() {
		next = action{keys: []string{"enter"}, name: "go on to refresh", help: "Go on to refreshing the tokens", do: func() tea.Cmd { return a.goTo(stepRefresh) }}
	}
	part := func(n int) func() tea.Cmd { return func() tea.Cmd { s.part = (s.part + n + 3) % 3; return nil } }
	var list []action
	switch s.part {
	case partCalls:
		list = append(list, next)
		moves := s.list.moves(len(s.calls), s.h)
		for i, m := range moves {
			do := m.do
			moves[i].do = func() tea.Cmd {
				was := s.list.at
				do()
				if s.list.at != was {
					s.load(s.calls[s.list.at])
				}
				return nil
			}
		}
		list = append(list, moves...)
		list = append(list, action{keys: []string{"n"}, name: "new call", help: "Write a call of your own", do: func() tea.Cmd {
			s.load(flows.SavedCall{Method: "GET"})
			s.part = partEdit
			s.form.focusOn("url")
			return nil
		}})
	case partEdit:
		for _, x := range s.form.actions(s.send) {
			if slices.Contains(x.keys, "tab") || slices.Contains(x.keys, "shift+tab") {
				continue // tab goes on to the next part here; the arrows move between fields
			}
			list = append(list, x)
		}
		list = append(list, action{keys: []string{"ctrl+n"}, name: "one more header", help: "One more line for a header", text: true, hidden: true, do: s.oneMoreHeader})
	case partAnswer:
		list = append(list, next)
		if s.canFold() == "" {
			list = append(list, s.moves(max(s.h-4, 1))...)
		} else {
			list = append(list, s.scroll.moves(max(s.h-4, 1))...)
		}
		list = append(list,
			action{keys: []string{" "}, name: "fold", help: "Fold the block of JSON at the cursor, or unfold it", hidden: s.canFold() != "", off: s.canFold(), do: s.fold},
			action{keys: []string{"z"}, name: "fold all", help: "Fold all blocks as deep as the one at the cursor, or unfold everything", hidden: true, off: s.canFold(), do: s.foldAll},
			action{keys: []string{"right", "l"}, name: "right", help: "On along lines that are longer than the window", hidden: true, off: s.noRight(), do: s.sideways(1)},
			action{keys: []string{"left", "h"}, name: "left", help: "Back along long lines", hidden: true, do: s.sideways(-1)},
			action{keys: []string{"/"}, name: "filter", help: "Filter the body: words, or a jq expression that begins with a dot", off: s.noDoc(), do: func() tea.Cmd { s.filter.editing = true; return nil }},
			action{keys: []string{"S"}, name: "save", help: "Save the answer's body to a file", hidden: true, off: s.noDoc(), do: s.save},
			action{keys: []string{"y"}, name: "copy", help: "Copy the answer's body", off: s.noDoc(), do: s.copyBody})
		if s.filter.text() != "" {
			list = append(list, action{keys: []string{"esc"}, name: "clear filter", help: "Clear the filter", do: s.clearFilter})
		}
	}
	list = append(list,
		action{keys: []string{"tab"}, name: "next part", help: "Calls, request, answer", text: true, do: part(1)},
		action{keys: []string{"shift+tab"}, name: "part before", help: "The part before", text: true, hidden: true, do: part(-1)},
		action{keys: []string{"ctrl+s"}, name: "send", help: "Send from anywhere", text: true, hidden: s.part == partCalls && !s.answered() || s.part == partEdit, do: s.send},
		action{keys: []string{"ctrl+k"}, name: "keep call", help: "Save the call in the profile, under a name", text: true, hidden: s.part != partEdit, off: s.cannotKeep(), do: s.keep},
		action{keys: []string{"u"}, name: "userinfo", help: "Ask /userinfo with the access token", hidden: true, do: s.userinfo},
	)
	// What mends a refusal stands right behind the main action.
	if t, ok := s.fix(); ok {
		list = slices.Insert(list, 1, action{keys: []string{"f"}, name: "fix", help: t.Title + ", and back to the form", do: func() tea.Cmd {
			v := &verdict{a: a, w: s.wk}
			return v.try(t)
		}})
	}
	if s.expired() {
		list = slices.Insert(list, 1, action{keys: []string{"R"}, name: "refresh and send again", help: "Refresh the tokens, then send this call again", off: s.wk.refresh.cannot(), do: func() tea.Cmd { return s.wk.refresh.thenCall(s.send) }})
	}
	if s.part == partEdit && s.form.typing() {
		return list
	}
	return append(list, action{keys: []string{"c"}, name: "copy as curl", help: "Copy the call as a curl command, the token as a shell variable", hidden: true, do: s.copyCurl})
}

func (s *apiScreen) Init() tea.Cmd {
	if s.answer == nil {
		s.part = partCalls
	}
	return nil
}

func (s *apiScreen) Update(msg tea.Msg) tea.Cmd {
	if s.filter.editing {
		return s.filter.in.update(msg)
	}
	if s.part == partEdit {
		return s.form.update(msg)
	}
	return nil
}
