package ui

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

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

// field is one thing to fill in.
type field struct {
	flows.Field
	in     input
	option int // of a choice
	// scopes of a set, each on or off; at is the one under the cursor,
	// len(scopes): the place for a new one.
	scopes   []chip
	at       int
	revealed bool
	left     bool // it was visited and left: what is wrong is told
	live     bool // what is wrong is told while one types, too
	ref      bool // it takes a reference to a secret, never a secret
	guarded  bool // a line of an .env block with a secret in it is refused
	first    string
	complain string
}

type chip struct {
	value string
	on    bool
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

// setValue fills a field in.
func (x *field) setValue(v string) {
	switch x.Kind {
	case flows.KindChoice:
		x.option = max(slices.IndexFunc(x.Options, func(o flows.Option) bool { return o.Value == v }), 0)
	case flows.KindScopes:
		on := strings.Fields(v)
		x.scopes = nil
		for _, s := range on {
			if !x.has(s) {
				x.scopes = append(x.scopes, chip{s, true})
			}
		}
		for _, o := range x.Options {
			if !x.has(o.Value) {
				x.scopes = append(x.scopes, chip{o.Value, false})
			}
		}
		x.at = min(x.at, len(x.scopes))
		x.in.set("")
	default:
		x.in.set(v)
	}
}

func (x *field) has(scope string) bool {
	return slices.ContainsFunc(x.scopes, func(c chip) bool { return c.value == scope })
}

// value is what stands in the field.
func (x *field) value() string {
	switch x.Kind {
	case flows.KindChoice:
		if x.option < len(x.Options) {
			return x.Options[x.option].Value
		}
		return ""
	case flows.KindScopes:
		var on []string
		for _, c := range x.scopes {
			if c.on {
				on = append(on, c.value)
			}
		}
		for _, s := range strings.Fields(x.in.value()) {
			if !slices.Contains(on, s) {
				on = append(on, s)
			}
		}
		return strings.Join(on, " ")
	case flows.KindCode:
		return strings.Map(func(r rune) rune {
			if r == ' ' || r == '-' {
				return -1
			}
			return r
		}, x.in.value())
	}
	return x.in.value()
}

// spilled tells whether what stands in a plain field must not be seen: a line
// of an .env block with a secret in it, or a secret where a reference to it
// belongs.
func (x *field) spilled() bool {
	v := x.value()
	switch x.Kind {
	case flows.KindSecret, flows.KindCode, flows.KindChoice:
		return false
	}
	if x.ref && v != "" {
		for _, k := range []string{"env:", "file:", "keyring:", "cmd:", "prompt"} {
			if strings.HasPrefix(v, k) || strings.HasPrefix(k, v) {
				return false
			}
		}
		return true
	}
	return x.guarded && secretLine().MatchString(v)
}

// secretLine is an assignment to what is called a secret.
var secretLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(secret|password|passwd|private_key)["']?\s*=`)
})

// quoted is a long value in an error.
var quoted = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"((?:[^"\\]|\\.)*)"|“([^”]*)”`) })

// brief shortens what an error quotes: a value pasted into the wrong field may
// be a secret.
func brief(text string) string {
	const most = 20
	return quoted().ReplaceAllStringFunc(text, func(q string) string {
		r := []rune(q)
		open, in, end := r[0], r[1:len(r)-1], r[len(r)-1]
		n := len(in)
		if i := slices.Index(in, '='); i >= 0 {
			n = i + 1
		}
		if n = min(n, most); n == len(in) {
			return q
		}
		return string(open) + string(in[:n]) + "…" + string(end)
	})
}

// problem is what is wrong with the value, a clause; empty: nothing.
func (x *field) problem() string {
	v := x.value()
	if !x.ref && x.spilled() {
		return "this has a secret in it and is not shown: clear the field (ctrl+u), and paste the whole block at once"
	}
	if v == "" {
		if x.Required {
			return "this is needed"
		}
		return ""
	}
	if x.Check != nil {
		if err := x.Check(v); err != nil {
			return strings.TrimPrefix(strings.TrimSuffix(brief(err.Error()), "."), x.Name+": ")
		}
	}
	return ""
}

// takesText tells whether letters type into the field.
func (x *field) takesText() bool { return x.Kind != flows.KindChoice }

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

// go1 moves the focus by n, over the button, around.
func (f *form) move(n int) tea.Cmd {
	if x := f.current(); x != nil {
		x.leave()
	}
	all := len(f.fields) + 1
	f.focus = ((f.focus+n)%all + all) % all
	return nil
}

// leave tells what is wrong with what was filled in; that something is missing
// is told when the form is sent.
func (x *field) leave() {
	x.left = true
	if x.Kind == flows.KindScopes && !x.spilled() {
		x.addTyped()
	}
	if x.complain = x.problem(); x.value() == "" {
		x.complain = ""
	}
}

// focusOn goes to a field by its name.
func (f *form) focusOn(name string) bool {
	for i, x := range f.fields {
		if x.Name == name {
			f.focus = i
			if x.Kind != flows.KindChoice && x.Kind != flows.KindScopes {
				x.in.m.CursorEnd()
			}
			return true
		}
	}
	return false
}

// set fills a field in by its name.
func (f *form) set(name, value string) bool {
	for _, x := range f.fields {
		if x.Name == name {
			x.setValue(value)
			x.complain = ""
			return true
		}
	}
	return false
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

// addTyped turns what was typed into the place for a new scope into scopes.
func (x *field) addTyped() {
	for _, s := range strings.Fields(x.in.value()) {
		if i := slices.IndexFunc(x.scopes, func(c chip) bool { return c.value == s }); i >= 0 {
			x.scopes[i].on = true
		} else {
			x.scopes = append(x.scopes, chip{s, true})
		}
	}
	if x.in.value() != "" {
		x.at = len(x.scopes)
	}
	x.in.set("")
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

// paste takes text as its field wants it.
func (x *field) paste(k tea.KeyMsg) tea.Cmd {
	x.complain = ""
	k.Runes = []rune(lineEnds(string(k.Runes)))
	switch x.Kind {
	case flows.KindCode:
		k.Runes = []rune(strings.Join(strings.Fields(string(k.Runes)), ""))
	case flows.KindScopes:
		x.at = len(x.scopes)
		cmd := x.in.update(k)
		if strings.ContainsAny(strings.TrimSpace(string(k.Runes)), " \n\t") {
			x.addTyped()
		}
		return cmd
	}
	return x.in.update(k)
}

// lineEnds makes the line ends of a paste what they are elsewhere: terminals
// send carriage returns.
func lineEnds(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// labelWidth is the column in which values begin.
func (f *form) labelWidth(w int) int {
	n := 8
	for _, x := range f.fields {
		n = max(n, width(x.Label))
	}
	return min(n, w/2)
}

// lines draws the form in w columns and h lines; the focus is always in sight.
func (f *form) lines(w, h int) []string {
	lw := f.labelWidth(w)
	vw := max(w-2-lw-2, 8)
	var all []string
	focusFrom, focusTo := 0, 0
	for i, x := range f.fields {
		from := len(all)
		all = append(all, f.fieldLines(i, x, lw, vw)...)
		if i == f.focus {
			focusFrom, focusTo = from, len(all)
		}
	}
	from := len(all)
	all = append(all, "")
	button := "  " + gap(lw+2) + "[ " + f.button + " ]"
	if f.focus == len(f.fields) {
		button = f.a.accent.s("▸ ") + gap(lw+2) + f.a.key.s("[ "+f.button+" ]")
		focusFrom, focusTo = from, from+2
	}
	all = append(all, button)
	if len(all) <= h {
		f.top = 0
		return all
	}
	if focusTo > f.top+h {
		f.top = focusTo - h
	}
	if focusFrom < f.top {
		f.top = focusFrom
	}
	f.top = max(min(f.top, len(all)-h), 0)
	return f.a.barred(all[f.top:f.top+h], w, h, len(all), f.top)
}

func (f *form) fieldLines(i int, x *field, lw, vw int) []string {
	a := f.a
	focused := i == f.focus
	mark, label := "  ", a.dim.s(pad(x.Label, lw))
	if focused {
		mark, label = a.accent.s("▸ "), a.strong.s(pad(x.Label, lw))
	}
	head := mark + label + "  "
	var lines []string
	switch x.Kind {
	case flows.KindChoice:
		lines = []string{head + f.choice(x, focused, vw)}
	case flows.KindScopes:
		for n, l := range f.chips(x, focused, vw) {
			if n == 0 {
				lines = append(lines, head+l)
			} else {
				lines = append(lines, gap(lw+4)+l)
			}
		}
	default:
		hides := x.Kind == flows.KindSecret || x.spilled() && x.Kind != flows.KindScopes
		secret := hides && (a.masked || a.present) && !x.revealed
		if a.leaving {
			secret = hides || x.Kind == flows.KindCode
		}
		text := x.in.draw(a, vw, focused, secret)
		if secret && !focused { // nobody is to count its letters
			text = a.secret.s(cut(flows.Mask, vw))
		}
		if secret && x.Kind == flows.KindSecret && x.first != "" && x.in.value() != x.first {
			if note := "  changed"; width(text)+len(note) <= vw {
				text += a.warn.s(note)
			}
		}
		if x.in.value() == "" && !focused {
			text = a.faint.s("–")
		}
		lines = []string{head + text}
	}
	if p := x.problem(); focused && x.live && x.complain == "" && p != "" {
		for _, l := range wrap(a.quoting(p), vw) {
			lines = append(lines, gap(lw+4)+a.dim.s(l))
		}
	}
	if x.complain != "" && (x.left || focused) {
		for _, l := range wrap(a.quoting(x.complain), vw) {
			lines = append(lines, gap(lw+4)+a.bad.s(l))
		}
	}
	return lines
}

func (f *form) choice(x *field, focused bool, vw int) string {
	label := ""
	if x.option < len(x.Options) {
		label = x.Options[x.option].Label
	}
	if !focused {
		return cut(f.a.quoting(label), vw)
	}
	return f.a.accent.s("‹ ") + cut(f.a.quoting(label), vw-4) + f.a.accent.s(" ›")
}

// chips draws a set of scopes, wrapped, with the place for a new one.
func (f *form) chips(x *field, focused bool, vw int) []string {
	a := f.a
	var lines []string
	line, used := "", 0
	put := func(piece string, n int) {
		if used > 0 && used+2+n > vw {
			lines = append(lines, line)
			line, used = "", 0
		}
		if used > 0 {
			line += "  "
			used += 2
		}
		line += piece
		used += n
	}
	shown := 0
	for i, c := range x.scopes {
		text := cut(a.theirs(c.value), vw-4)
		here := focused && i == x.at && x.in.value() == ""
		if !focused && !c.on {
			continue // what is not asked for is only in the way
		}
		shown++
		box := "[ ] "
		if c.on {
			box = "[x] "
		}
		if !focused {
			box = ""
		}
		piece := box + text
		switch {
		case here:
			piece = a.cursor.s(box) + a.strong.s(text)
		case focused && !c.on:
			piece = a.dim.s(piece)
		}
		put(piece, width(box)+width(text))
	}
	if focused {
		w := min(max(width(x.in.value())+2, 14), vw)
		add := a.dim.s("+ add a scope")
		if x.at == len(x.scopes) || x.in.value() != "" {
			add = a.accent.s("+ ") + pad(x.in.draw(a, w-2, true, false), w-2)
		}
		put(add, w)
	} else if shown == 0 {
		put(a.faint.s("–"), 1)
	}
	return append(lines, line)
}

// help is what the field with the focus is for.
func (f *form) help() string {
	if x := f.current(); x != nil {
		return x.Help
	}
	return ""
}

// stripped is a line without its inks, for tests and measures.
func stripped(s string) string { return ansi.Strip(s) }
