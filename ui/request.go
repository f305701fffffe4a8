package ui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/report"
	"authwalk/flows/token"
)

// requestScreen is step 3: what is under way, then what came: tokens, a
// refusal, or a further step (which challengeScreen shows).
type requestScreen struct {
	pane
	wk        *walk
	task      task
	step      flows.Step
	values    flows.Values
	came      bool // something came back
	verdict   *verdict
	challenge *challengeScreen
	scroll    scroll
}

func newRequestScreen(a *App, w *walk) *requestScreen {
	return &requestScreen{pane: pane{a: a}, wk: w}
}

// front is the challenge while one is to be answered.
func (s *requestScreen) front() screen {
	if s.challenge != nil && !s.task.running() {
		return s.challenge
	}
	return s
}

func (s *requestScreen) title() string {
	switch {
	case s.task.running():
		return "Under way"
	case s.verdict != nil:
		return "Why it was refused"
	}
	return "What came back"
}

func (s *requestScreen) about() string {
	switch {
	case s.task.running():
		return "The request is under way. esc cancels it."
	case s.verdict != nil:
		return "Why the request was refused, the most likely cause first, what to change and where. The rows under \"You can now\" send nothing, but for the one that says so."
	}
	return "What the token request brought. enter goes on to the claims."
}

func (s *requestScreen) isRefused() bool { return s.verdict != nil }

func (s *requestScreen) state() state {
	switch {
	case s.task.running():
		return stateBusy
	case s.challenge != nil:
		return stateWarn
	case s.verdict != nil:
		return stateBad
	case s.came && s.wk.generation() != nil:
		return stateGood
	}
	return stateTodo
}

// run sends a step and shows what comes of it.
func (s *requestScreen) run(step flows.Step, v flows.Values) tea.Cmd {
	w := s.wk
	s.step, s.values, w.sent = step, v, true
	s.a.red.Values(v) // what is echoed while it is under way, too
	s.verdict, s.scroll = nil, scroll{}
	session := w.session
	cmd := start(s.a, &s.task, func(ctx context.Context) flows.Outcome { return step.Do(ctx, v) }, s.took, func(out flows.Outcome) { w.kept(session)(out) })
	return tea.Batch(s.a.goTo(stepRequest), cmd, s.a.animate())
}

// poll runs a waiting step by itself after a while.
func (s *requestScreen) poll(step flows.Step) tea.Cmd {
	fire := s.due(step)
	return tea.Tick(step.Wait, func(time.Time) tea.Msg { return fire })
}

// due is the message that runs a waiting step; it stands for no other.
func (s *requestScreen) due(step flows.Step) doneMsg {
	a, w := s.a, s.wk
	a.lastTask++
	id := a.lastTask
	c := s.challenge
	c.wait.stop()
	c.wait.id = id
	return doneMsg{id: id, task: &c.wait, then: func() tea.Cmd {
		session := w.session
		return start(a, &c.wait, func(ctx context.Context) flows.Outcome { return step.Do(ctx, flows.Values{}) }, s.took, w.kept(session))
	}}
}

// took looks at what a step came to.
func (s *requestScreen) took(out flows.Outcome) tea.Cmd {
	a, w := s.a, s.wk
	cmd := w.took(out)
	s.came = true
	switch {
	case out.Tokens != nil:
		s.dropChallenge()
		w.form.refused = nil
		a.layout()
		return cmd
	case out.Next != nil:
		return tea.Batch(cmd, s.next(*out.Next, out.Err))
	}
	s.dropChallenge()
	s.refuse(out)
	a.layout()
	return cmd
}

// next shows the step that follows. A step that asks nothing runs at once.
func (s *requestScreen) next(step flows.Step, err error) tea.Cmd {
	before := s.challenge
	again := before != nil && before.step.Title == step.Title
	if !again || before.step.Wait == 0 {
		s.dropChallenge()
		s.challenge = newChallengeScreen(s.a, s.wk, step)
		if before == nil {
			s.a.byItself()
		}
	} else {
		before.step = step // the same wait goes on: what is on the screen stays
	}
	c := s.challenge
	if again || before == nil {
		c.wrong = again
		c.complain(err, s.wk.session)
	}
	s.a.layout()
	switch {
	case step.Wait > 0:
		return s.poll(step)
	case step.Do != nil && len(step.Fields) == 0 && !step.Confirm && len(step.Others) == 0 && len(step.Shows) == 0 && err == nil:
		return s.run(step, flows.Values{})
	}
	return c.Init()
}

func (s *requestScreen) dropChallenge() {
	if s.challenge != nil {
		s.challenge.close()
		s.challenge = nil
	}
}

// refuse makes the verdict of a refusal.
func (s *requestScreen) refuse(out flows.Outcome) {
	a, w := s.a, s.wk
	w.form.refused = s.values
	v := newVerdict(a, w, out.Err, w.session.Findings)
	v.head = "It did not work"
	ex, ok := last(out.Exchanges)
	if ok {
		v.evidence = evidenceOf(ex, out.Err)
		v.rows = append(v.rows, w.seeWire())
	}
	var ue *flows.UsageError
	if errors.As(out.Err, &ue) && len(v.findings) == 0 {
		v.head = "Nothing was sent"
	}
	v.rows = append(v.rows, choice{title: "Send again", note: "sends the same request once more", off: s.notAgain, do: s.again})
	s.verdict = v
}

// last is the newest exchange that a press sent, else the newest of all.
func last(exs []flows.Exchange) (flows.Exchange, bool) {
	for i := len(exs) - 1; i >= 0; i-- {
		if !exs[i].ByItself {
			return exs[i], true
		}
	}
	if n := len(exs); n > 0 {
		return exs[n-1], true
	}
	return flows.Exchange{}, false
}

func (s *requestScreen) notAgain() string {
	if d := s.wk.holdBack(); d > 0 {
		if d > resendAfter {
			return "not before " + clockTime(d) + " have passed: the server says so"
		}
		return fmt.Sprintf("possible in %d s", int((d+time.Second-1)/time.Second))
	}
	return ""
}

// again sends the first step again, with what was sent before.
func (s *requestScreen) again() tea.Cmd {
	if why := s.notAgain(); why != "" {
		return s.a.tell(stateWarn, "%s.", capital(why))
	}
	return s.a.beforeSend(s.wk, "A token request", s.wk.cfg.Host(), func() tea.Cmd { return s.run(s.wk.first, s.wk.form.form.values()) })
}

func (s *requestScreen) cancel() tea.Cmd {
	s.task.stop()
	w := s.wk
	v := newVerdict(s.a, w, nil, nil)
	v.head = "The request was cancelled"
	v.err = errors.New("it may have reached the server all the same; the wire shows what went out")
	v.rows = []choice{{title: "Send again", note: "sends the same request once more", off: s.notAgain, do: s.again}}
	s.verdict, s.came = v, true
	return nil
}

func (s *requestScreen) actions() []action {
	again := action{keys: []string{"r"}, name: "send again", help: "Send the same request once more", hidden: true, do: s.again}
	switch {
	case s.task.running():
		return []action{
			{keys: []string{"esc"}, name: "cancel", help: "Cancel the request", do: s.cancel},
			{keys: []string{"enter"}, name: "", hidden: true, help: "Nothing: the request is under way", do: func() tea.Cmd { return nil }},
		}
	case s.verdict != nil:
		again.hidden = false
		return append(append([]action{}, s.verdict.actions(s.h)...), again,
			action{keys: []string{"esc"}, name: "the form", help: "Back to the form", hidden: true, do: func() tea.Cmd { return s.a.goTo(stepForm) }})
	}
	list := []action{{keys: []string{"enter"}, name: "see the claims", help: "Go on to what is in the tokens", off: s.noTokens(), do: func() tea.Cmd { return s.a.goTo(stepClaims) }}, again}
	list = append(list, action{keys: []string{"y"}, name: "copy keep", help: "Copy what is shown once and must be kept", hidden: true, off: s.nothingKept(), do: func() tea.Cmd { return s.a.copy("what is to be kept", s.kept(), true) }})
	return append(list, s.scroll.moves(s.h)...)
}

func (s *requestScreen) nothingKept() string {
	if len(s.wk.session.Keep) == 0 {
		return "there is nothing to keep here"
	}
	return ""
}

func (s *requestScreen) kept() string {
	var all []string
	for _, n := range s.wk.session.Keep {
		all = append(all, n.Text)
	}
	return strings.Join(all, "\n")
}

func (s *requestScreen) noTokens() string {
	if s.wk.generation() == nil {
		return "there are no tokens yet"
	}
	return ""
}

func (s *requestScreen) changed() {}

// leave cancels what is under way: nobody is there to see its answer.
func (s *requestScreen) leave() tea.Cmd {
	if s.task.running() {
		s.cancel()
	}
	return nil
}

func (s *requestScreen) close() {
	s.task.stop()
	if s.challenge != nil {
		s.challenge.close()
	}
}

func (s *requestScreen) resize(w, h int) {
	s.pane.resize(w, h)
	if s.challenge != nil {
		s.challenge.resize(w, h)
	}
}

func (s *requestScreen) View() string {
	switch {
	case s.task.running():
		return s.show(s.busyLines())
	case s.verdict != nil:
		return s.show(s.verdict.lines(s.w, s.h))
	}
	return s.show(s.a.barredPart(&s.scroll, s.goodLines(s.w-2), s.w, s.h))
}

// busyLines is what is under way and for how long.
func (s *requestScreen) busyLines() []string {
	a := s.a
	gone, _ := a.clock.Elapsed(s.task.since)
	if a.opt.Still {
		gone = 0
	}
	limit := s.wk.live.Config.TimeoutOrDefault()
	lines := []string{a.head.s(a.quoting(s.step.Title)), "", a.busySign() + "  " + a.dim.s("under way for ") + fmt.Sprintf("%.1f s", gone.Seconds()) + a.dim.s(", at most "+humanTimes(limit.String()))}
	if s.step.Preview != nil {
		if r, err := s.step.Preview(s.values); err == nil {
			lines = append(lines, "")
			red := s.wk.redactor()
			red.Values(s.values)
			lines = append(lines, a.requestText(red.Exchange(report.Preview(r)), s.w)...)
		}
	}
	return lines
}

// goodLines is what a successful request brought.
func (s *requestScreen) goodLines(w int) []string {
	a, g := s.a, s.wk.generation()
	if g == nil {
		return wrap("Nothing was sent yet. Go back to the form with 2 and press enter on Send.", w)
	}
	lines := []string{}
	ex := g.Exchange()
	sub, ok := "", ex.Status > 0
	if ok {
		sub = itoa(ex.Status) + " " + http.StatusText(ex.Status) + "  " + duration(ex.Timings.Total)
	}
	lines = append(lines, a.mark(stateGood)+" "+a.strong.s("Tokens came back")+"   "+a.dim.s(sub), "")
	type fact struct {
		name, what, note string
		ink              ink
	}
	var facts []fact
	row := func(name, what, note string) { facts = append(facts, fact{name, what, note, ink{}}) }
	if g.Access != nil {
		life := ""
		if d, ok := g.Tokens.Lifetime(); ok {
			life = "expires_in " + itoa(int(g.Tokens.ExpiresIn)) + ", " + inWords(d)
		}
		row("Access token", a.kindOf(g.Access), life)
	}
	if g.ID != nil {
		row("ID token", a.kindOf(g.ID), "tells who logged in")
	} else {
		row("ID token", "none", "comes with the scope openid")
	}
	if g.Refresh != "" {
		row("Refresh token", "yes", "new ones without password")
	} else {
		row("Refresh token", "none", "comes with offline_access, where allowed")
	}
	if b, has := diagnosis.LoginBucket(ex.Header); ok && has {
		left, i := fmt.Sprintf("%d of %d", b.Remaining, b.Limit), ink{}
		if b.Low() {
			i = a.warn
		}
		facts = append(facts, fact{"Attempts left", left, "logins of this address", i})
	}
	room := 0
	for _, f := range facts {
		room = max(room, width(f.what)+2)
	}
	if w+2*margin >= wide {
		room = max(room, 22)
	}
	room = min(room, w/2)
	for _, f := range facts {
		lines = append(lines, "  "+a.dim.s(pad(f.name, 15))+f.ink.s(pad(f.what, room))+a.dim.s(cut(f.note, w-17-room)))
	}
	scope, note := g.Tokens.Scope, ""
	if !g.Tokens.HasScope {
		scope, note = g.Asked.Scope, " (the reply names none: as asked)"
	}
	if scope == "" {
		scope = "none"
	}
	for i, l := range wrap(a.theirs(scope)+note, w-17) {
		name := ""
		if i == 0 {
			name = "Scope"
		}
		lines = append(lines, "  "+a.dim.s(pad(name, 15))+l)
	}
	for _, n := range s.wk.session.Keep {
		lines = append(lines, "", a.warn.s("! ")+a.strong.s(a.say(n.Title)))
		for _, l := range strings.Split(n.Text, "\n") {
			lines = append(lines, "  "+a.secret.s(a.once(l)))
		}
	}
	if len(g.Findings) > 0 || len(g.Tokens.Oddities) > 0 {
		lines = append(lines, "", a.head.s("Worth knowing"))
		for _, f := range a.seen(g.Findings) {
			for i, l := range wrap(a.say(f.Title)+". "+a.say(f.Why), w-2) {
				if i == 0 {
					lines = append(lines, a.mark(stateWarn)+" "+l)
				} else {
					lines = append(lines, "  "+l)
				}
			}
			for _, fix := range f.Advice() {
				lines = append(lines, indent("  "+a.accent.s("→ "), a.say(fix), w)...)
			}
		}
		for _, o := range g.Tokens.Oddities {
			lines = append(lines, indent(a.mark(stateWarn)+" ", capital(a.quoting(o))+".", w)...)
		}
	}
	if ok && s.h >= 20 {
		lines = append(lines, "", a.head.s("Where the time went"))
		lines = append(lines, a.waterfall(ex.Timings, w)...)
	}
	return lines
}

// kindOf says what a token is in two words.
func (a *App) kindOf(t *token.Token) string {
	switch t.Kind {
	case token.JWS:
		return "JWS, " + cut(a.theirs(t.Alg()), 12)
	case token.JWE:
		return "JWE, encrypted"
	}
	return "opaque"
}

// waterfall draws the stages of a request one after another.
func (a *App) waterfall(t flows.Timings, w int) []string {
	stages := []struct {
		name string
		d    time.Duration
	}{{"name", t.Resolve}, {"connect", t.Connect}, {"TLS", t.TLS}, {"wait", t.FirstByte}}
	known := t.Resolve + t.Connect + t.TLS + t.FirstByte
	if t.Total <= 0 {
		return []string{"  " + a.dim.s("not measured")}
	}
	stages = append(stages, struct {
		name string
		d    time.Duration
	}{"body", max(t.Total-known, 0)})
	bw := min(w-24, 48)
	var lines []string
	at := time.Duration(0)
	for _, st := range stages {
		from := int(int64(bw) * int64(at) / int64(t.Total))
		n := int(int64(bw) * int64(st.d) / int64(t.Total))
		at += st.d
		if st.d == 0 && st.name != "wait" {
			continue
		}
		n = max(min(n, bw-from), 1)
		from = min(from, bw-1)
		lines = append(lines, "  "+a.dim.s(pad(st.name, 9))+gap(from)+a.accent.s(strings.Repeat("█", n))+gap(bw-from-n)+" "+a.dim.s(duration(st.d)))
	}
	if t.Reused {
		lines = append(lines, "  "+a.dim.s("over a connection that was open already"))
	}
	return lines
}
