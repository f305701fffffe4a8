package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/token"
)

// walk is one tenant that was chosen: its set-up, and a session for each user
// who logged in over it. Another tenant is another walk, so that nobody's
// tokens are lost by looking elsewhere.
type walk struct {
	a     *App
	id    string // profile:NAME or demo:NAME
	name  string
	demo  bool
	cfg   flows.Config // as chosen
	flow  flows.Flow
	first flows.Step // the form
	// client is for the set-up as chosen; live has the form's answers in it.
	client, live *flows.Client
	tools        DemoTools

	sessions map[string]*flows.Session
	session  *flows.Session

	form    *formScreen
	request *requestScreen
	claims  *claimsScreen
	api     *apiScreen
	refresh *refreshScreen

	examine   task
	userinfo  task
	checked   *flows.CheckResult // the last check of the set-up
	sent      bool               // a request was sent
	apiState  state              // of the last call
	refreshed state              // of the last refresh
}

// newWalk begins a walk with a set-up.
func newWalk(a *App, id, name string, cfg flows.Config, client *flows.Client, tools DemoTools) *walk {
	w := &walk{a: a, id: id, name: name, cfg: cfg, client: client, live: client, tools: tools, demo: tools != nil, sessions: map[string]*flows.Session{}}
	w.flow, _ = flows.FlowByID(cfg.Flow)
	w.first = w.flow.Start(client)
	w.use(cfg.Username, cfg)
	w.form = newFormScreen(a, w)
	w.request = newRequestScreen(a, w)
	w.claims = newClaimsScreen(a, w)
	w.api = newAPIScreen(a, w)
	w.refresh = newRefreshScreen(a, w)
	return w
}

// use makes a user's session the current one.
func (w *walk) use(user string, cfg flows.Config) {
	s := w.sessions[user]
	if s == nil {
		s = flows.NewSession(cfg)
		w.sessions[user] = s
	}
	s.Config = cfg.Clone()
	if w.session != s {
		w.session = s
		w.apiState, w.refreshed = stateTodo, stateTodo
		if w.form != nil {
			w.changed()
		}
	}
}

// screen is the screen of a step.
func (w *walk) screen(step int) screen {
	switch step {
	case stepForm:
		return w.form
	case stepRequest:
		return w.request.front()
	case stepClaims:
		return w.claims
	case stepAPI:
		return w.api
	case stepRefresh:
		return w.refresh
	}
	return w.a.list
}

// generation is the newest tokens, nil before the first.
func (w *walk) generation() *flows.Generation { return w.session.Current() }

// user is whose tokens these are.
func (w *walk) user() string {
	if g := w.generation(); g != nil && g.Asked.Username != "" {
		return g.Asked.Username
	}
	return w.session.Config.Username
}

// reached is the last step that can be gone to.
func (w *walk) reached() int {
	switch {
	case w.generation() != nil:
		return stepRefresh
	case w.sent:
		return stepRequest
	}
	return stepForm
}

// needs says what is missing for a step.
func (w *walk) needs(step int) string {
	if step == stepRequest {
		return "send the request first"
	}
	return "it needs a token"
}

// state is how a step stands, for the line of the walk.
func (w *walk) state(step int) state {
	switch step {
	case stepTenant:
		return stateGood
	case stepForm:
		if w.sent {
			return stateGood
		}
	case stepRequest:
		return w.request.state()
	case stepClaims:
		return w.claimsState()
	case stepAPI:
		return w.apiState
	case stepRefresh:
		return w.refreshed
	}
	return stateTodo
}

// claimsState is the worst of the checks.
func (w *walk) claimsState() state {
	g := w.generation()
	if g == nil {
		return stateTodo
	}
	st := stateGood
	if g.Access != nil && g.Access.Kind != token.JWS {
		st = stateWarn // nobody here can look into it
	}
	for _, c := range g.Checks {
		switch c.State {
		case token.Fail:
			return stateBad
		case token.Warn:
			st = stateWarn
		}
	}
	for _, r := range g.Ledger.Rows {
		if r.Verdict != token.Granted && r.Verdict != token.Unknown {
			st = stateWarn
		}
	}
	return st
}

// took enters an outcome into the session and looks at new tokens.
func (w *walk) took(out flows.Outcome) tea.Cmd {
	w.session.Take(w.live, out)
	w.learn()
	w.changed()
	if out.Tokens == nil {
		return nil
	}
	return w.lookAt(w.session, w.session.Current())
}

// kept enters what came too late to count: the wire still tells that it went out.
func (w *walk) kept(s *flows.Session) func(flows.Outcome) {
	return func(out flows.Outcome) {
		s.Exchanges = append(s.Exchanges, out.Exchanges...)
		w.changed()
	}
}

// lookAt fetches the keys for a generation, which makes its checks final.
func (w *walk) lookAt(s *flows.Session, g *flows.Generation) tea.Cmd {
	c, access, id := w.live, g.Access, g.ID
	return tea.Batch(w.a.animate(), start(w.a, &w.examine, func(ctx context.Context) flows.Examination {
		return c.Examine(ctx, access, id)
	}, func(x flows.Examination) tea.Cmd {
		s.Examined(g, x)
		w.changed()
		return nil
	}, func(x flows.Examination) { s.Exchanges = append(s.Exchanges, x.Exchanges...) }))
}

// askUserinfo sends the access token to /userinfo, once, on a key.
func (w *walk) askUserinfo(then func(diagnosis.Class, []diagnosis.Finding, flows.Outcome) tea.Cmd) tea.Cmd {
	g := w.generation()
	if g == nil {
		return w.a.tell(stateWarn, "There is no token to ask /userinfo with.")
	}
	if w.userinfo.running() {
		return nil
	}
	c, tok, s := w.live, g.Tokens.AccessToken, w.session
	return tea.Batch(w.a.animate(), start(w.a, &w.userinfo, func(ctx context.Context) flows.Outcome {
		return c.Userinfo(ctx, tok)
	}, func(out flows.Outcome) tea.Cmd {
		class, fs := s.TakeAnswer(out, false, w.a.clock.Wall())
		w.learn()
		w.changed()
		return then(class, fs, out)
	}, w.kept(s)))
}

// changed lets every screen of the walk draw anew from the session.
func (w *walk) changed() {
	w.request.changed()
	w.claims.changed()
	w.api.changed()
	w.refresh.changed()
}

// learn collects the names and addresses that presentation masks.
func (w *walk) learn() {
	w.a.people.add(w.session.Config.Username)
	g := w.generation()
	if g == nil {
		return
	}
	for _, t := range []*token.Token{g.Access, g.ID} {
		if t != nil {
			w.a.people.addClaims(t.Claims)
		}
	}
	if w.session.Userinfo != nil {
		w.a.people.addClaims(*w.session.Userinfo)
	}
}

// checks are a generation's checks as they may be seen.
func (w *walk) checks(g *flows.Generation) []token.Check {
	if !w.a.hides() {
		return g.Checks
	}
	w.a.attend()
	return w.a.red.Checks(g.Checks)
}

// ledger is a generation's scope ledger as it may be seen.
func (w *walk) ledger(g *flows.Generation) []token.ScopeRow {
	if !w.a.hides() {
		return g.Ledger.Rows
	}
	w.a.attend()
	return w.a.red.Scopes(g.Ledger.Rows)
}

// ledgerSummary is the newest ledger in one sentence.
func (w *walk) ledgerSummary() string {
	l := w.generation().Ledger
	scopes := make([]string, len(l.Rows))
	for i, r := range l.Rows {
		scopes[i] = r.Scope
	}
	return w.a.quoting(l.Summary, scopes...)
}

func (w *walk) second() tea.Cmd { return w.refresh.second() }

func (w *walk) busy() bool {
	return w.request.task.running() || w.examine.running() || w.userinfo.running() || w.api.task.running() || w.refresh.task.running()
}

// losses names the refresh tokens that end with the program.
func (w *walk) losses() []string {
	var out []string
	for user, s := range w.sessions {
		if g := s.Current(); g != nil && g.Refresh != "" && !s.Revoked {
			out = append(out, w.a.say(w.name)+" ("+w.a.say(user)+")")
		}
	}
	return out
}

func (w *walk) close() {
	w.examine.stop()
	w.userinfo.stop()
	w.request.close()
	w.api.close()
	w.refresh.close()
	if w.tools != nil {
		w.tools.Close()
	}
}

// lastReply is when the newest reply to a token request came, and its headers.
func (w *walk) lastReply() (flows.Exchange, bool) {
	for i := len(w.session.Exchanges) - 1; i >= 0; i-- {
		ex := w.session.Exchanges[i]
		if !ex.ByItself && (ex.Purpose == flows.PurposeToken || ex.Purpose == flows.PurposeMFA) {
			return ex, true
		}
	}
	return flows.Exchange{}, false
}

// resendAfter is how long sending again is held back after any reply, so that a
// held key burns no attempts.
const resendAfter = 2 * time.Second

// holdBack is how long not to send again: what Retry-After says, and a moment
// after every reply.
func (w *walk) holdBack() time.Duration {
	ex, ok := w.lastReply()
	if !ok {
		return 0
	}
	gone, _ := w.a.clock.Elapsed(ex.End)
	wait := resendAfter - gone
	if ex.Status == 429 || ex.Status == 503 || ex.Header.Get("Retry-After") != "" {
		if d, ok := diagnosis.RetryAfter(ex.Header, ex.End.Wall); ok && d-gone > wait {
			wait = d - gone
		}
	}
	return max(wait, 0)
}
