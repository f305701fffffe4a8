package ui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/report"
)

// The steps of the walk.
const (
	stepTenant = 1 + iota
	stepForm
	stepRequest
	stepClaims
	stepAPI
	stepRefresh
)

var stepNames = [...]string{"", "Tenant", "Credentials", "Request", "Claims", "API", "Refresh"}

// The smallest window that everything fits into.
const (
	minWidth  = 60
	minHeight = 16
	wide      = 100 // from here on panes stand side by side
)

// grace is how long a screen that came by itself takes no key: what was typed
// for the one before must not answer it.
const grace = 400 * time.Millisecond

// held is how soon after the last a key that is held down comes again.
const held = 200 * time.Millisecond

// screen is one thing to look at: a step of the walk, or something over it.
type screen interface {
	// Init is called each time the screen comes to the front.
	Init() tea.Cmd
	// Update gets the keys that no action took, and messages that are no keys.
	Update(tea.Msg) tea.Cmd
	// View fills exactly the room that resize gave.
	View() string
	resize(w, h int)
	title() string
	// about says in a sentence or two what the screen is for.
	about() string
	actions() []action
	// typing tells whether a text field has the focus.
	typing() bool
	// close cancels what is under way.
	close()
}

// pane is what screens have in common.
type pane struct {
	a    *App
	w, h int
}

func (p *pane) Init() tea.Cmd          { return nil }
func (p *pane) Update(tea.Msg) tea.Cmd { return nil }
func (p *pane) resize(w, h int)        { p.w, p.h = w, h }
func (p *pane) typing() bool           { return false }
func (p *pane) close()                 {}

// isWide tells whether panes stand side by side.
func (p *pane) isWide() bool { return p.w+2*margin >= wide }

// show makes lines the View of a pane.
func (p *pane) show(lines []string) string { return strings.Join(clip(lines, p.w, p.h), "\n") }

// App is the program: the one tea.Model. It routes messages, measures, and
// composes header, body and footer.
type App struct {
	opt    Options
	clock  flows.Clock
	ctx    context.Context
	cancel context.CancelFunc

	*theme
	masked  bool // secrets
	present bool // names and e-mail too
	leaving bool // what is drawn goes into a file: what is shown once is masked too
	locked  bool
	w, h    int

	store *store // nil: there is no profile file
	at    int    // the step
	list  *tenantScreen
	walks map[string]*walk
	walk  *walk // the one that was chosen last
	over  []screen

	news     string
	newsKind state
	deaf     time.Duration // monotonic: until then keys are dropped
	dropped  string        // the last key that was: while it is held, the others wait
	quitting bool
	asked    bool // a secret was copied once, after asking
	lastTask int
	copying  task
	spin     int
	spinning bool
	people   people
	red      *report.Redactor // knows the secrets of all walks
	heard    heard
	outside  []string // what the replies of the walk in sight said, word by word
	spoken   spoken
	tour     *tour
	rec      *recorder
	sizeOf   func() (w, h int, ok bool) // the window's size as the terminal tells it
}

// New makes the program's model. Nothing runs until Init.
func New(opt Options) *App {
	if opt.Clock.Wall == nil {
		opt.Clock = flows.SystemClock()
	}
	if opt.NewClient == nil {
		clock, version := opt.Clock, opt.Version
		opt.NewClient = func(c flows.Config) (*flows.Client, error) {
			return flows.NewClient(c, flows.ClientOptions{Clock: clock, Version: version})
		}
	}
	a := &App{opt: opt, clock: opt.Clock, masked: true, present: opt.Presentation, walks: map[string]*walk{}, at: stepTenant}
	a.red = report.NewRedactor(report.Options{Key: opt.TagKey})
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.theme = newTheme(!opt.Light, opt.ColorProfile)
	if opt.ProfilesPath != "" {
		a.store = &store{path: opt.ProfilesPath, getenv: opt.Getenv}
		if get := opt.Getenv; get != nil {
			a.store.lookup = func(k string) (string, bool) { v := get(k); return v, v != "" }
		}
	}
	a.list = newTenantScreen(a)
	if opt.Record != nil {
		a.rec = newRecorder(opt.Record, a)
	}
	return a
}

// Init starts the clock and opens what was asked for.
func (a *App) Init() tea.Cmd {
	cmds := []tea.Cmd{tea.SetWindowTitle("authwalk"), a.tick(), a.list.Init()}
	if a.opt.Tour {
		a.tour = newTour(a)
		cmds = append(cmds, a.tour.next())
	}
	return tea.Batch(cmds...)
}

// Close cancels everything that is under way and stops the demo's tenants.
func (a *App) Close() {
	a.cancel()
	for _, s := range a.over {
		s.close()
	}
	a.list.close()
	for _, w := range a.walks {
		w.close()
	}
}

// secondMsg comes once a second: clocks are read, sizes compared.
type secondMsg struct{}

func (a *App) tick() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return secondMsg{} })
}

// spinMsg turns the sign of what is under way.
type spinMsg struct{}

// animate starts the turning sign unless it turns already.
func (a *App) animate() tea.Cmd {
	if a.opt.Still || a.spinning {
		return nil
	}
	a.spinning = true
	return a.turn()
}

func (a *App) turn() tea.Cmd {
	return tea.Tick(100*time.Millisecond, func(time.Time) tea.Msg { return spinMsg{} })
}

// busySign turns while something is under way.
func (a *App) busySign() string {
	signs := [...]string{"●    ", " ●   ", "  ●  ", "   ● ", "    ●", "   ● ", "  ●  ", " ●   "}
	return a.accent.s(signs[a.spin%len(signs)])
}

// Update is the one place where messages come in.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := a.update(msg)
	if a.rec != nil {
		a.rec.frame(a)
	}
	return a, cmd
}

func (a *App) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		a.resize(m.Width, m.Height)
		return nil
	case tea.KeyMsg:
		return a.onKey(m)
	case doneMsg:
		return m.finish()
	case secondMsg:
		cmds := []tea.Cmd{a.tick(), a.second()}
		if a.sizeOf != nil {
			// A resize in the first milliseconds is lost by Bubble Tea v1.
			if w, h, ok := a.sizeOf(); ok && (w != a.w || h != a.h) {
				cmds = append(cmds, func() tea.Msg { return tea.WindowSizeMsg{Width: w, Height: h} })
			}
		}
		return tea.Batch(cmds...)
	case tourMsg:
		if a.tour == nil {
			return nil
		}
		return a.tour.step(m)
	case spinMsg:
		a.spinning = a.busy()
		if !a.spinning {
			return nil
		}
		a.spin++
		return a.turn()
	case tea.ResumeMsg, tea.FocusMsg, tea.BlurMsg:
		return nil
	}
	return a.front().Update(msg)
}

// second lets the walk's screens look at the clock.
func (a *App) second() tea.Cmd {
	if a.walk == nil {
		return nil
	}
	return a.walk.second()
}

// busy tells whether anything turns.
func (a *App) busy() bool {
	if a.list.busy() {
		return true
	}
	if a.walk != nil && a.walk.busy() {
		return true
	}
	for _, s := range a.over {
		if b, ok := s.(interface{ busy() bool }); ok && b.busy() {
			return true
		}
	}
	return false
}

// base is the screen of the step one is at.
func (a *App) base() screen {
	if a.at == stepTenant || a.walk == nil {
		return a.list
	}
	return a.walk.screen(a.at)
}

// front is the screen that keys go to.
func (a *App) front() screen {
	if n := len(a.over); n > 0 {
		return a.over[n-1]
	}
	return a.base()
}

// open puts a screen over what is there.
func (a *App) open(s screen) tea.Cmd {
	a.over = append(a.over, s)
	a.layout()
	return s.Init()
}

// shut takes the screen in front away.
func (a *App) shut() {
	if n := len(a.over); n > 0 {
		s := a.over[n-1]
		a.over = a.over[:n-1]
		s.close()
	}
}

// shutAll takes everything away that is over the steps.
func (a *App) shutAll() {
	for len(a.over) > 0 {
		a.shut()
	}
}

// leaver is a screen that stops something when another step is gone to.
type leaver interface{ leave() tea.Cmd }

// goTo shows a step.
func (a *App) goTo(step int) tea.Cmd {
	a.shutAll()
	if l, ok := a.base().(leaver); ok && step != a.at {
		l.leave()
	}
	a.at = step
	a.layout()
	return a.base().Init()
}

// byItself marks that the screen in front came without a key: keys are dropped
// for a moment.
func (a *App) byItself() { a.deaf, a.dropped = a.clock.Mono()+grace, "" }

// tell writes the line for news; the next key clears it.
func (a *App) tell(kind state, format string, args ...any) tea.Cmd {
	a.news, a.newsKind = fmt.Sprintf(format, args...), kind
	return nil
}

func (a *App) resize(w, h int) {
	a.w, a.h = w, h
	a.layout()
}

// Room around the body.
const margin = 2

// bodySize is the room of a screen.
func (a *App) bodySize() (w, h int) {
	head, foot := a.frameHeights()
	return max(a.w-2*margin, 1), max(a.h-head-foot, 1)
}

// frameHeights is how many lines header and footer take.
func (a *App) frameHeights() (head, foot int) {
	switch {
	case a.h >= 22:
		return 3, 3
	case a.tour != nil: // its captions need two lines
		return 2, 3
	}
	return 2, 2
}

func (a *App) small() bool { return a.w < minWidth || a.h < minHeight }

func (a *App) layout() {
	if a.small() {
		return // nothing is drawn; what was measured stays
	}
	w, h := a.bodySize()
	a.base().resize(w, h)
	for _, s := range a.over {
		s.resize(w, h)
	}
}

// onKey sends a key to where it belongs.
func (a *App) onKey(m tea.KeyMsg) tea.Cmd {
	k := m.String()
	if k == "ctrl+c" {
		return a.interrupt()
	}
	// The lock goes before all that takes or drops keys: whoever presses it has
	// somebody at their shoulder.
	if k == "ctrl+l" {
		a.locked = !a.locked
	}
	if k == "ctrl+l" || a.locked {
		return nil
	}
	if a.tour != nil {
		if cmd, taken := a.tour.key(k); taken {
			return cmd
		}
	}
	if now := a.clock.Mono(); now < a.deaf || a.small() {
		if k == a.dropped {
			a.deaf = max(a.deaf, now+held)
		}
		a.dropped = k
		return nil
	}
	a.news = ""
	return a.press(m)
}

// press does what a key does on the screen in front.
func (a *App) press(m tea.KeyMsg) tea.Cmd {
	front := a.front()
	if m.Paste {
		return front.Update(m)
	}
	k := m.String()
	typing := front.typing()
	if x, ok := find(front.actions(), k, typing); ok {
		return a.run(x)
	}
	if x, ok := find(a.common(front), k, typing); ok {
		return a.run(x)
	}
	return front.Update(m)
}

// run does an action, or says why it cannot be done.
func (a *App) run(x action) tea.Cmd {
	if x.off != "" {
		return a.tell(stateWarn, "%s", capital(x.off)+".")
	}
	if x.do == nil {
		return nil
	}
	return x.do()
}

func (a *App) interrupt() tea.Cmd {
	a.Close()
	return tea.Interrupt
}

// quit ends the program; it asks when a refresh token would be lost.
func (a *App) quit() tea.Cmd {
	var lost []string
	for _, w := range a.walks {
		lost = append(lost, w.losses()...)
	}
	if len(lost) > 0 && !a.demoOnly() {
		return a.confirm("Quit?", []string{"Tokens are kept in memory only. Lost with the program:", strings.Join(lost, ", ") + "."}, "quit", a.leave)
	}
	return a.leave()
}

func (a *App) leave() tea.Cmd {
	a.quitting = true
	a.Close()
	return tea.Quit
}

// demoOnly tells whether nothing but demo tenants was walked: nothing of worth
// can be lost.
func (a *App) demoOnly() bool {
	for _, w := range a.walks {
		if !w.demo && len(w.losses()) > 0 {
			return false
		}
	}
	return true
}

// common is what can be done on every screen.
func (a *App) common(front screen) []action {
	over := len(a.over) > 0
	list := []action{
		{keys: []string{"esc"}, name: "back", help: "Go back a step", text: true, hidden: a.at == stepTenant && !over, do: a.back},
		{keys: []string{"w"}, name: "wire", help: "The wire: every request and reply as it was sent and received", hidden: true, off: a.noWire(), do: func() tea.Cmd { a.aim(); return a.open(newWireScreen(a, a.walk)) }},
		a.maskAction(),
		{keys: []string{"M"}, name: "presentation", help: "Presentation: names and e-mail addresses are masked too", hidden: true, do: a.togglePresent},
		{keys: []string{"E"}, name: "export", help: "Export a report of this session, or a picture of this screen", hidden: true, do: func() tea.Cmd { a.aim(); return a.open(newExportScreen(a)) }},
		{keys: []string{"X"}, name: "explain", help: "Explain a refusal met elsewhere: paste a reply, curl -i output or a HAR", hidden: true, do: func() tea.Cmd { return a.open(newExplainScreen(a)) }},
		{keys: []string{"L"}, name: "tenant log", help: "The demo tenant's log, as its dashboard shows it", hidden: true, off: a.noLog(), do: func() tea.Cmd { a.aim(); return a.open(newLogScreen(a, a.walk)) }},
		{keys: []string{"ctrl+l"}, name: "lock", help: "Lock: hide everything until ctrl+l is pressed again", hidden: true, text: true, do: func() tea.Cmd { a.locked = true; return nil }},
		{keys: []string{"ctrl+p", ":"}, name: "actions", help: "Every action by name", text: true, hidden: a.w < wide, do: func() tea.Cmd { return a.open(newPaletteScreen(a)) }},
		{keys: []string{"?", "f1"}, name: "help", help: "The keys of this screen and what it is for", text: true, do: func() tea.Cmd { return a.open(newHelpScreen(a)) }},
		{keys: []string{"ctrl+z"}, name: "suspend", help: "Leave the program standing and go back to the shell; fg comes back", hidden: true, text: true, do: func() tea.Cmd { return tea.Suspend }},
		{keys: []string{"q"}, name: "quit", help: "Quit", hidden: true, do: a.quit},
	}
	if !over {
		for n := stepTenant; n <= stepRefresh; n++ {
			list = append(list, action{keys: []string{strconv.Itoa(n)}, name: strconv.Itoa(n) + " " + stepNames[n], help: "Go to step " + strconv.Itoa(n) + ", " + stepNames[n], hidden: true, off: a.notReached(n), do: func() tea.Cmd { a.aim(); return a.goTo(n) }})
		}
	}
	if front.typing() {
		// "?" and ":" are letters in a text field; f1 and ctrl+p are not.
		for i := range list {
			if len(list[i].keys) == 2 {
				list[i].keys = pickLong(list[i].keys)
			}
		}
	}
	return list
}

// all is what can be done on a screen: its own actions, then the common ones
// whose keys it has no use for. Without letters those are left out whose keys a
// text field takes.
func (a *App) all(front screen, letters bool) []action {
	list := front.actions()
	taken := map[string]bool{}
	for _, x := range list {
		for _, k := range x.keys {
			taken[k] = true
		}
	}
	for _, x := range a.common(front) {
		if (letters || x.text) && !slices.ContainsFunc(x.keys, func(k string) bool { return taken[k] }) {
			list = append(list, x)
		}
	}
	return list
}

func pickLong(keys []string) []string {
	var out []string
	for _, k := range keys {
		if len(k) > 1 {
			out = append(out, k)
		}
	}
	return out
}

// aimed is the walk that keys are about: on the list of tenants that of the one
// under the cursor, nil if it was not chosen yet.
func (a *App) aimed() *walk {
	if a.at == stepTenant {
		row, _ := a.list.current()
		return a.walks[row.id()]
	}
	return a.walk
}

// aim makes the walk that keys are about the one that is shown.
func (a *App) aim() {
	if w := a.aimed(); w != nil {
		a.walk = w
	}
}

func (a *App) notReached(n int) string {
	switch {
	case n == stepTenant:
		return ""
	case a.aimed() == nil:
		return "choose a tenant first"
	case n > a.aimed().reached():
		return "step " + strconv.Itoa(n) + " is not reached yet: " + a.aimed().needs(n)
	}
	return ""
}

func (a *App) noWire() string {
	if a.aimed() == nil {
		return "nothing was sent yet: choose a tenant first"
	}
	return ""
}

func (a *App) noLog() string {
	if w := a.aimed(); w == nil || w.tools == nil {
		return "only a demo tenant shows its log here; in the dashboard it is under Monitoring > Logs"
	}
	return ""
}

func (a *App) maskAction() action {
	x := action{keys: []string{"m"}, name: "show secrets", help: "Show secrets (they are masked)", hidden: true, do: a.toggleMask}
	if !a.masked {
		x.name, x.help = "mask secrets", "Mask secrets (they are shown)"
	}
	return x
}

func (a *App) toggleMask() tea.Cmd {
	a.masked = !a.masked
	a.redraw()
	if a.masked {
		return a.tell(stateGood, "Secrets are masked.")
	}
	return a.tell(stateWarn, "Secrets are shown on the screens. Press m to mask them again.")
}

func (a *App) togglePresent() tea.Cmd {
	a.present = !a.present
	if a.present {
		a.masked = true
	}
	a.redraw()
	if a.present {
		return a.tell(stateGood, "Presentation: secrets, names and e-mail addresses are masked.")
	}
	return a.tell(stateWarn, "Presentation is off: names and e-mail addresses are shown.")
}

// redraw lets screens that keep drawn lines draw them again.
func (a *App) redraw() {
	a.layout()
	for _, w := range a.walks {
		w.changed()
	}
}

// back is what esc does where the screen has no use for it.
func (a *App) back() tea.Cmd {
	if len(a.over) > 0 {
		a.shut()
		return nil
	}
	if a.at > stepTenant {
		return a.goTo(a.at - 1)
	}
	return nil
}

// forget ends a walk whose set-up is not what it was.
func (a *App) forget(id string) {
	w := a.walks[id]
	if w == nil {
		return
	}
	w.close()
	delete(a.walks, id)
	if a.walk == w {
		a.walk = nil
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
