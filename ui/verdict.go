package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
)

// verdict shows why something was refused and what can be done now. It is used
// wherever a refusal is shown. None of its rows sends anything, but the one
// that says so.
type verdict struct {
	a        *App
	w        *walk // nil: a refusal from elsewhere
	head     string
	evidence string // status, code, time: what it is judged by
	err      error
	findings []diagnosis.Finding
	masked   []diagnosis.Finding // without secrets, as far as was learnt then
	learnt   int
	at       int // the finding that is shown whole
	rows     []choice
	list     cursorList
	scroll   scroll
	more     bool // the text goes on below what is in sight
}

// choice is a row under "You can now".
type choice struct {
	title string
	note  string
	off   func() string // why not now; nil or empty: it can
	do    func() tea.Cmd
}

// newVerdict makes a verdict; rows are added by whoever shows it.
func newVerdict(a *App, w *walk, err error, findings []diagnosis.Finding) *verdict {
	return &verdict{a: a, w: w, err: err, findings: findings}
}

func (v *verdict) finding() *diagnosis.Finding {
	if all := v.shown(); v.at < len(all) {
		return &all[v.at]
	}
	return nil
}

// shown are the findings as they may be seen.
func (v *verdict) shown() []diagnosis.Finding {
	if !v.a.hides() {
		return v.findings
	}
	v.a.attend()
	if n := v.a.red.Learnt(); v.masked == nil || v.learnt != n {
		v.masked, v.learnt = v.a.red.Findings(v.findings), n
	}
	return v.masked
}

// all is the rows: those of the finding in sight, then the others.
func (v *verdict) all() []choice {
	var rows []choice
	f := v.finding()
	if v.w != nil {
		field := ""
		if f != nil {
			field = f.Field
		}
		title := "Go back to the form"
		if label := v.w.form.form.label(field); label != "" {
			title += ", to " + label
		}
		rows = append(rows, choice{title: title, do: func() tea.Cmd { return v.w.form.goToField(field) }})
		if f != nil {
			for _, t := range f.Tries {
				rows = append(rows, choice{title: "Try: " + lower(v.a.say(t.Title)), note: "fills the form in, sends nothing", do: func() tea.Cmd { return v.try(t) }})
			}
		}
	}
	if f != nil && len(f.Commands) > 0 {
		rows = append(rows, choice{title: "The fix, ready to run", note: "to copy, never run by authwalk", do: func() tea.Cmd { return v.a.open(newCommandsScreen(v.a, *f)) }})
	}
	return append(rows, v.rows...)
}

// seeWire is the row that leads to what was sent. In the demo its note names the
// key to the other side's view too.
func (w *walk) seeWire() choice {
	note := "w"
	if w.tools != nil {
		note = "w; the tenant's log: L"
	}
	return choice{title: "See exactly what was sent and what came back", note: note, do: func() tea.Cmd { return w.a.open(newWireScreen(w.a, w)) }}
}

// try fills a finding's suggestion into the form.
func (v *verdict) try(t diagnosis.Try) tea.Cmd {
	last := ""
	for name, value := range t.Set {
		if v.w.form.form.set(name, value) {
			last = name
		}
	}
	cmd := v.w.form.goToField(last)
	v.w.form.form.focus = len(v.w.form.form.fields)
	v.a.tell(stateGood, "The form is filled in: %s. Nothing was sent.", v.a.say(t.Title))
	return cmd
}

func (v *verdict) actions(h int) []action {
	rows := v.all()
	v.list.at = max(min(v.list.at, len(rows)-1), 0)
	enter := action{keys: []string{"enter"}, name: "choose", help: "Do the row under the cursor"}
	if len(rows) > 0 {
		r := rows[v.list.at]
		enter.name = lower(r.title)
		if width(enter.name) > 30 {
			enter.name = "choose"
		}
		enter.do = func() tea.Cmd {
			if r.off != nil {
				if why := r.off(); why != "" {
					return v.a.tell(stateWarn, "%s.", capital(why))
				}
			}
			return r.do()
		}
	}
	list := []action{enter}
	if n := len(v.findings); n > 1 {
		list = append(list,
			action{keys: []string{"tab"}, name: "next cause", help: "See the next possible cause", do: func() tea.Cmd { v.at = (v.at + 1) % n; v.scroll.top = 0; return nil }},
			action{keys: []string{"shift+tab"}, name: "cause before", help: "See the cause before", hidden: true, do: func() tea.Cmd { v.at = (v.at + n - 1) % n; v.scroll.top = 0; return nil }})
	}
	list = append(list, action{keys: []string{"y"}, name: "copy", help: "Copy this diagnosis as text", do: func() tea.Cmd { return v.a.copy("the diagnosis", v.plain(), false) }})
	moves := v.list.moves(len(rows), max(len(rows), 1))
	for i, k := range [][]string{nil, nil, {"pgdown", "ctrl+d"}, {"pgup", "ctrl+u"}, {"home", "g"}, {"end", "G"}} {
		if k != nil {
			moves[i].keys = k
		}
	}
	page := v.scroll.moves(max(h-len(rows)-3, 2))
	moves[2], moves[3] = page[2], page[3]
	if v.more { // what to change is mostly there, so the footer says how to get to it
		moves[2].name, moves[2].hidden = "more", false
		list = slices.Insert(list, 1, moves[2])
		moves = slices.Delete(moves, 2, 3)
	}
	return append(list, moves...)
}

// said is the server's own description of the refusal, which is the evidence
// for all else.
func (v *verdict) said() string {
	var e *flows.Error
	if errors.As(v.err, &e) && e.Kind == flows.ErrorOAuth {
		return e.Description
	}
	return ""
}

// text is the explanation in w columns.
func (v *verdict) text(w int) []string {
	a := v.a
	var lines []string
	f := v.finding()
	if f == nil {
		lines = append(lines, inked(a.bad, wrap("✗ "+v.head, w))...)
		if v.err != nil {
			lines = append(append(lines, ""), wrap(capital(a.fault(v.err))+".", w)...)
		}
		return lines
	}
	title := f.Title
	for i, l := range wrap(a.say(title), w-2) {
		if i == 0 {
			lines = append(lines, a.mark(stateBad)+" "+a.strong.s(l))
		} else {
			lines = append(lines, "  "+a.strong.s(l))
		}
	}
	sub := string(f.Certainty) + " cause · " + f.ID
	if v.evidence != "" {
		sub = v.evidence + "   " + sub
	}
	if n := len(v.findings); n > 1 {
		sub += fmt.Sprintf("   cause %d of %d", v.at+1, n)
	}
	lines = append(lines, "  "+a.dim.s(cut(a.theirs(sub), w-2)), "")
	part := func(name string, text []string) {
		const nw = 13
		if len(text) == 0 {
			return
		}
		for i, t := range text {
			first := a.accent.s(pad(name, nw))
			if i > 0 {
				first = gap(nw)
			}
			hang := 0
			if len(t) > 3 && t[1:3] == ". " && name == "Change" {
				hang = 3
			}
			for n, l := range wrap(a.say(t), w-nw-2-hang) {
				if n == 0 {
					lines = append(lines, "  "+first+l)
				} else {
					lines = append(lines, "  "+gap(nw+hang)+l)
				}
			}
		}
	}
	part("Why", []string{f.Why})
	if said := a.theirs(v.said()); said != "" && !strings.Contains(f.Why, said) {
		part("Server said", []string{`"` + said + `"`})
	}
	advice := f.Advice()
	if len(advice) > 1 {
		numbered := make([]string, len(advice))
		for i, t := range advice {
			numbered[i] = itoa(i+1) + ". " + t
		}
		advice = numbered
	}
	lines = append(lines, "")
	part("Change", advice)
	part("Where", f.Where)
	if f.LogEvent != "" {
		var ev []string
		for _, e := range strings.Split(f.LogEvent, ",") {
			e = strings.TrimSpace(e)
			if m := diagnosis.LogMeaning(e); m != "" {
				e += ", " + m
			}
			ev = append(ev, e)
		}
		part("Log event", ev)
	}
	if f.Link != "" {
		part("Read", []string{f.Link})
	}
	if len(v.findings) > 1 {
		lines = append(lines, "")
		for i, o := range v.shown() {
			if i == v.at {
				continue
			}
			lines = append(lines, "  "+a.dim.s(cut(pad("or", 13)+string(o.Certainty)+": "+a.say(o.Title), w-2)))
		}
	}
	return lines
}

// lines draws the explanation and, always in sight below it, the rows.
func (v *verdict) lines(w, h int) []string {
	a := v.a
	rows := v.all()
	v.list.at = max(min(v.list.at, len(rows)-1), 0)
	rh := min(len(rows), max(h/2-2, 2))
	v.list.keep(len(rows), rh)
	var foot []string
	if len(rows) > 0 {
		foot = append(foot, "", a.head.s("You can now"))
		for i := v.list.top; i < min(v.list.top+rh, len(rows)); i++ {
			r := rows[i]
			note := r.note
			if r.off != nil {
				if why := r.off(); why != "" {
					note = why
				}
			}
			if note != "" {
				note = "  " + a.dim.s(note)
			}
			title := r.title
			if i == v.list.at {
				title = a.strong.s(title)
			}
			foot = append(foot, a.listed(title+note, w, i == v.list.at))
		}
	}
	text := v.text(w - 2)
	room := max(h-len(foot), 1)
	if v.more = len(text) > room; !v.more {
		return append(text, foot...)
	}
	body := a.barredPart(&v.scroll, text, w, room)
	v.more = v.scroll.top+room < len(text)
	return append(clip(body, w, room), foot...)
}

// plain is the diagnosis as text to be sent to somebody.
func (v *verdict) plain() string {
	f := v.finding()
	if f == nil {
		if v.err != nil {
			return v.a.fault(v.err) + "\n"
		}
		return v.head + "\n"
	}
	return v.a.sayLines(findingText(*f))
}

// findingText is a finding as plain lines.
func findingText(f diagnosis.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, %s)\n\n%s\n", f.Title, f.ID, f.Certainty, f.Why)
	if len(f.Advice()) > 0 {
		b.WriteString("\nWhat to change:\n")
		for _, t := range f.Advice() {
			b.WriteString("- " + t + "\n")
		}
	}
	if len(f.Where) > 0 {
		b.WriteString("\nWhere: " + strings.Join(f.Where, "; ") + "\n")
	}
	if f.LogEvent != "" {
		b.WriteString("Tenant log event: " + f.LogEvent + "\n")
	}
	if f.Link != "" {
		b.WriteString(f.Link + "\n")
	}
	return b.String()
}

// evidenceOf says in a few words what a reply was, and which error it is.
func evidenceOf(ex flows.Exchange, err error) string {
	var parts []string
	code := ""
	var e *flows.Error
	if errors.As(err, &e) {
		code = e.Code
	}
	switch {
	case ex.Status != 0:
		parts = append(parts, itoa(ex.Status))
	case ex.Fault != nil:
		parts = append(parts, "no reply")
	}
	if code != "" {
		parts = append(parts, code)
	}
	if ex.Timings.Total > 0 {
		parts = append(parts, duration(ex.Timings.Total))
	}
	return strings.Join(parts, "  ")
}
