package ui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// tour walks the demo by itself, with captions. Space holds it, any other key
// takes over.
type tour struct {
	a    *App
	at   int
	held bool
	id   int
}

// tourStop is one caption, how long it stands, and the keys after it.
type tourStop struct {
	say  string
	wait time.Duration
	keys []string
	// ready tells whether the keys make sense now; nil: always.
	ready func(*App) bool
}

var tourStops = []tourStop{
	{say: "This tour walks through an OAuth flow on a tenant of its own. Space holds it, any other key takes over.", wait: 5 * time.Second},
	{say: "Step 1: choose a tenant. Each demo tenant is set up well, or broken in one way that teaches something.", wait: 4 * time.Second, keys: []string{"enter"}},
	{say: "Step 2: the form, and beside it the request as it will be sent. Nothing is sent before enter on Send.", wait: 6 * time.Second, keys: []string{"enter"}, ready: func(a *App) bool { return a.at == stepForm }},
	{say: "Step 3: what came back, and what is worth knowing about it.", wait: 5 * time.Second, keys: []string{"enter"}, ready: func(a *App) bool { return a.walk != nil && a.walk.generation() != nil && !a.walk.busy() }},
	{say: "Step 4: every claim with its meaning, every check with the rule it comes from.", wait: 5 * time.Second, keys: []string{"c"}, ready: func(a *App) bool { return a.at == stepClaims }},
	{say: "The checks: what was wanted, what was found. Failed ones stand first.", wait: 5 * time.Second, keys: []string{"s"}},
	{say: "The ledger traces each scope: asked for, granted, in the token, and why they differ.", wait: 5 * time.Second, keys: []string{"enter"}},
	{say: "Step 5: call an API with the token. A refusal would be explained.", wait: 4 * time.Second, keys: []string{"enter"}, ready: func(a *App) bool { return a.at == stepAPI }},
	{say: "The answer came. One token serves for all calls.", wait: 4 * time.Second, keys: []string{"enter"}, ready: func(a *App) bool { return a.walk != nil && a.walk.api.answered() }},
	{say: "Step 6: how long the token lasts, by three clocks, and the chain of generations.", wait: 5 * time.Second, keys: []string{"enter"}, ready: func(a *App) bool { return a.at == stepRefresh }},
	{say: "A refresh brought generation 1, without the password.", wait: 5 * time.Second, keys: []string{"w"}, ready: func(a *App) bool { return a.walk != nil && len(a.walk.session.Generations) > 1 }},
	{say: "The wire: all that went out and came back, secrets masked. The tour ends here; press any key.", wait: time.Hour},
}

func newTour(a *App) *tour { return &tour{a: a} }

// tourMsg is the tour's own tick.
type tourMsg struct{ id int }

func (t *tour) next() tea.Cmd {
	t.id++
	id := t.id
	wait := 300 * time.Millisecond
	if t.at < len(tourStops) {
		wait = tourStops[t.at].wait
	}
	return tea.Tick(wait, func(time.Time) tea.Msg { return tourMsg{id} })
}

// step presses the keys of a stop, unless what they need is not there yet.
func (t *tour) step(m tourMsg) tea.Cmd {
	if m.id != t.id || t.held || t.at >= len(tourStops) {
		return nil
	}
	s := tourStops[t.at]
	if s.ready != nil && !s.ready(t.a) {
		t.id++
		id := t.id
		return tea.Tick(200*time.Millisecond, func(time.Time) tea.Msg { return tourMsg{id} })
	}
	t.at++
	var cmds []tea.Cmd
	for _, k := range s.keys {
		cmds = append(cmds, t.a.press(keyMsg(k)))
	}
	return tea.Batch(append(cmds, t.next())...)
}

// keyMsg is the message of a key by its name.
func keyMsg(name string) tea.KeyMsg {
	if name == "enter" {
		return tea.KeyMsg{Type: tea.KeyEnter}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// key holds the tour, or ends it.
func (t *tour) key(k string) (tea.Cmd, bool) {
	if k == " " {
		t.held = !t.held
		if t.held {
			return nil, true
		}
		return t.next(), true
	}
	t.a.tour = nil
	t.a.layout()
	return t.a.tell(stateGood, "The tour is over; the keys are yours."), true
}

// caption is the stop's text on one line, or on two where there is a blank one
// above the line for news.
func (t *tour) caption(most int) []string {
	a := t.a
	text := ""
	if t.at < len(tourStops) {
		text = tourStops[t.at].say
	}
	hint := a.dim.s("  space holds, any other key takes over")
	if t.held {
		hint = a.warn.s("  held: space goes on")
	}
	if t.at == 0 && !t.held {
		hint = "" // the first caption says it
	}
	lines := wrap(text, a.w-2*margin-2-width(hint))
	if len(lines) > most && !t.held && hint != "" {
		hint = a.dim.s("  space holds")
		lines = wrap(text, a.w-2*margin-2-width(hint))
	}
	if len(lines) > most { // the hint goes, then what does not fit
		hint = ""
		if lines = wrap(text, a.w-2*margin-2); len(lines) > most {
			lines = append(lines[:most-1:most-1], cut(strings.Join(lines[most-1:], " "), a.w-2*margin-2))
		}
	}
	for i, l := range lines {
		lines[i] = "  " + l
		if i == 0 {
			lines[i] = a.accent.s("▸ ") + l
		}
	}
	lines[len(lines)-1] += hint
	return lines
}
