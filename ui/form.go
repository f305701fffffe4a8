package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
)

// form is fields to fill in and a button. It knows what a step asks, not what
// for.
type form struct {
	a      *App
	fields []*field
	focus  int    // len(fields): the button
	button string // what the button says
	top    int
}

func newForm(a *App, fields []flows.Field, button string) *form {
	f := &form{a: a, button: button}
	for _, spec := range fields {
		x := &field{Field: spec, in: newInput("")}
		x.setValue(spec.Value)
		x.first = x.value()
		f.fields = append(f.fields, x)
	}
	f.toMissing()
	return f
}

// toMissing puts the focus on the first field that is not right yet, else on the
// button.
func (f *form) toMissing() {
	f.focus = len(f.fields)
	for i, x := range f.fields {
		if x.problem() != "" {
			f.focus = i
			return
		}
	}
}

func (f *form) values() flows.Values {
	v := flows.Values{}
	for _, x := range f.fields {
		v[x.Name] = x.value()
	}
	return v
}

// current is the field with the focus, nil for the button.
func (f *form) current() *field {
	if f.focus < len(f.fields) {
		return f.fields[f.focus]
	}
	return nil
}

func (f *form) typing() bool {
	x := f.current()
	return x != nil && x.takesText()
}

// move moves the focus by n, over the button, around.
func (f *form) move(n int) tea.Cmd {
	if x := f.current(); x != nil {
		x.leave()
	}
	all := len(f.fields) + 1
	f.focus = ((f.focus+n)%all + all) % all
	return nil
}

// focusOn goes to a field by its name.
func (f *form) focusOn(name string) bool {
	i := f.index(name)
	if i < 0 {
		return false
	}
	f.focus = i
	if x := f.fields[i]; x.Kind != flows.KindChoice && x.Kind != flows.KindScopes {
		x.in.m.CursorEnd()
	}
	return true
}

// index is where a field is by its name, -1 where there is none.
func (f *form) index(name string) int {
	return slices.IndexFunc(f.fields, func(x *field) bool { return x.Name == name })
}

// label is the label of a field by its name.
func (f *form) label(name string) string {
	if i := f.index(name); i >= 0 {
		return f.fields[i].Label
	}
	return ""
}

// set fills a field in by its name.
func (f *form) set(name, value string) bool {
	i := f.index(name)
	if i < 0 {
		return false
	}
	f.fields[i].setValue(value)
	f.fields[i].complain = ""
	return true
}

// check goes to the first field with a problem; ok is true when there is none.
func (f *form) check() bool {
	ok := true
	for i := len(f.fields) - 1; i >= 0; i-- {
		x := f.fields[i]
		x.leave()
		if x.complain = x.problem(); x.complain != "" {
			f.focus, ok = i, false
		}
	}
	return ok
}

// tellProblem tells what check found wrong.
func (f *form) tellProblem() tea.Cmd {
	x := f.current()
	return f.a.tell(stateBad, "%s: %s.", x.Label, f.a.say(x.complain))
}

// actions are the form's keys; send is what the button does.
func (f *form) actions(send func() tea.Cmd) []action {
	x := f.current()
	onButton := x == nil
	last := f.focus >= len(f.fields)-1
	list := []action{}
	enter := action{keys: []string{"enter"}, text: true}
	switch {
	case onButton || last && !(x.Kind == flows.KindScopes && x.in.value() != ""):
		enter.name, enter.help = strings.ToLower(f.button), capital(strings.ToLower(f.button))
		enter.do = send
	case x.Kind == flows.KindScopes && x.in.value() != "":
		enter.name, enter.help = "add scope", "Add the scope that was typed"
		enter.do = func() tea.Cmd { x.addTyped(); return nil }
	default:
		enter.name, enter.help = "next field", "Go to the next field"
		enter.do = func() tea.Cmd { return f.move(1) }
	}
	list = append(list, enter,
		action{keys: []string{"ctrl+s"}, name: strings.ToLower(f.button), help: capital(strings.ToLower(f.button)) + " from anywhere in the form", text: true, hidden: onButton || last, do: send},
		action{keys: []string{"tab"}, name: "next", help: "Next field", text: true, do: func() tea.Cmd { return f.move(1) }},
		action{keys: []string{"shift+tab"}, name: "previous", help: "Field before", text: true, hidden: true, move: true, do: func() tea.Cmd { return f.move(-1) }},
		action{keys: []string{"down"}, name: "down", help: "Next field", text: true, hidden: true, move: true, do: func() tea.Cmd { return f.move(1) }},
		action{keys: []string{"up"}, name: "up", help: "Field before", text: true, hidden: true, move: true, do: func() tea.Cmd { return f.move(-1) }},
	)
	if x == nil || !x.takesText() {
		list = append(list,
			action{keys: []string{"j"}, name: "down", help: "Next field", hidden: true, move: true, do: func() tea.Cmd { return f.move(1) }},
			action{keys: []string{"k"}, name: "up", help: "Field before", hidden: true, move: true, do: func() tea.Cmd { return f.move(-1) }},
			action{keys: []string{"home"}, name: "first", help: "First field", hidden: true, move: true, do: func() tea.Cmd { return f.move(-f.focus) }},
			action{keys: []string{"end"}, name: "button", help: "The button", hidden: true, move: true, do: func() tea.Cmd { return f.move(len(f.fields) - f.focus) }})
	}
	if x != nil {
		switch x.Kind {
		case flows.KindChoice:
			step := func(n int) func() tea.Cmd {
				return func() tea.Cmd {
					if k := len(x.Options); k > 0 {
						x.option = ((x.option+n)%k + k) % k
					}
					return nil
				}
			}
			list = append(list,
				action{keys: []string{" ", "right", "l"}, name: "change", help: "Choose the next value", do: step(1)},
				action{keys: []string{"left", "h"}, name: "change back", help: "Choose the value before", hidden: true, do: step(-1)})
		case flows.KindScopes:
			if x.in.value() == "" {
				list = append(list,
					action{keys: []string{"left"}, name: "scope before", help: "The scope before", text: true, hidden: true, do: func() tea.Cmd { x.at = max(x.at-1, 0); return nil }},
					action{keys: []string{"right"}, name: "next scope", help: "The next scope", text: true, hidden: true, do: func() tea.Cmd { x.at = min(x.at+1, len(x.scopes)); return nil }},
					action{keys: []string{" "}, name: "toggle", help: "Ask for this scope, or not", text: true, do: func() tea.Cmd {
						if x.at < len(x.scopes) {
							x.scopes[x.at].on = !x.scopes[x.at].on
						}
						return nil
					}})
			} else {
				list = append(list, action{keys: []string{" "}, name: "add scope", help: "Add the scope that was typed", text: true, hidden: true, do: func() tea.Cmd { x.addTyped(); return nil }})
			}
		case flows.KindSecret:
			list = append(list, action{keys: []string{"ctrl+r"}, name: "reveal", help: "Show or hide what stands in this field", text: true, do: func() tea.Cmd { x.revealed = !x.revealed; return nil }})
		}
	}
	if f.typing() {
		list = append(list, action{keys: []string{"esc"}, name: "leave field", help: "Leave the field", text: true, hidden: true, do: func() tea.Cmd { return f.move(len(f.fields) - f.focus) }})
	}
	return list
}

// update types into the field with the focus.
func (f *form) update(msg tea.Msg) tea.Cmd {
	x := f.current()
	if x == nil || !x.takesText() {
		return nil
	}
	if k, ok := msg.(tea.KeyMsg); ok {
		if k.Paste {
			return x.paste(k)
		}
		if x.Kind == flows.KindScopes {
			x.at = len(x.scopes)
		}
	}
	before := x.in.value()
	cmd := x.in.update(msg)
	if x.in.value() != before {
		x.complain = ""
	}
	return cmd
}
