package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/token"
)

// How automatic refresh behaves: at a share of the token's life, not more often
// than every few seconds, not without end, and not after a refusal.
const (
	autoShare   = 0.8
	autoLimit   = 100
	autoAtLeast = 5 * time.Second
	autoTries   = 3 // faults of the network in a row

	// refreshAfter is how long the next refresh is held back after a reply, so
	// that a held key does not refresh without end.
	refreshAfter = time.Second
)

// refreshScreen is step 6: how long the token lasts by three clocks, where the
// refresh token is, and the chain of generations.
type refreshScreen struct {
	pane
	wk     *walk
	task   task
	what   string // what is under way
	auto   bool
	autoN  int
	faults int
	lastAt flows.Moment
	scroll scroll

	verdict *verdict // of the last refusal
	notes   []note   // what probes and revocations came to
	ended   string   // what was done here to the refresh token of a generation,
	endedN  int      // so that its refusal is no surprise
	after   func() tea.Cmd
}

// note is a line of what was found out.
type note struct {
	state state
	text  string
}

func newRefreshScreen(a *App, w *walk) *refreshScreen { return &refreshScreen{pane: pane{a: a}, wk: w} }

func (s *refreshScreen) title() string { return "Refresh the tokens" }

func (s *refreshScreen) about() string {
	return "How long the token lasts, by three clocks, and new tokens by the refresh token. Each reply is a generation in a chain. Getting a token anew with the password for every call is bad practice: it sends the password each time, is slow, and Auth0 throttles it. Keep a token until it expires, then refresh."
}

func (s *refreshScreen) changed() {}

func (s *refreshScreen) close() { s.task.stop(); s.auto = false }

// cannot says why there can be no refresh.
func (s *refreshScreen) cannot() string {
	g := s.wk.generation()
	switch {
	case g == nil:
		return "there is no token yet"
	case g.Refresh == "":
		return "no refresh token came: ask for offline_access in the form, and allow it at the API"
	}
	return ""
}

func (s *refreshScreen) tooSoon() string {
	if d := s.wk.holdBack(); d > resendAfter {
		return "not before " + clockTime(d) + " have passed: the server says so"
	}
	if gone, _ := s.a.clock.Elapsed(s.lastAt); s.lastAt != (flows.Moment{}) && gone < refreshAfter {
		return "in a moment: a reply has just come"
	}
	return ""
}

// run sends the refresh grant, once.
func (s *refreshScreen) run(scope string, byItself bool) tea.Cmd {
	if why := s.cannot(); why != "" {
		return s.a.tell(stateWarn, "%s.", capital(why))
	}
	if why := s.tooSoon(); why != "" {
		return s.a.tell(stateWarn, "%s.", capital(why))
	}
	do := func() tea.Cmd {
		w := s.wk
		c, tok, session := w.live, w.generation().Refresh, w.session
		s.what = "Refreshing"
		return tea.Batch(s.a.animate(), start(s.a, &s.task, func(ctx context.Context) flows.Outcome { return c.Refresh(ctx, tok, scope) }, s.took, w.kept(session)))
	}
	if byItself {
		return do()
	}
	return s.a.beforeSend(s.wk, "A refresh", s.wk.cfg.Host(), do)
}

// thenCall refreshes, and then does something else.
func (s *refreshScreen) thenCall(do func() tea.Cmd) tea.Cmd {
	s.after = do
	return s.run("", false)
}

func (s *refreshScreen) took(out flows.Outcome) tea.Cmd {
	w := s.wk
	s.lastAt = s.a.clock.Now()
	cmd := w.took(out)
	after := s.after
	s.after = nil
	switch {
	case out.Tokens != nil:
		s.verdict, s.faults, w.refreshed = nil, 0, stateGood
		g := w.generation()
		s.a.tell(stateGood, "Generation %d is here: %s.", g.N, changeWords(g))
		if after != nil {
			cmd = tea.Batch(cmd, after())
		}
		return cmd
	case out.Next != nil:
		return tea.Batch(cmd, s.a.goTo(stepRequest), w.request.next(*out.Next, out.Err))
	}
	w.refreshed = stateBad
	v := newVerdict(s.a, w, out.Err, w.session.Findings)
	v.head = "The refresh was refused"
	if ex, ok := last(out.Exchanges); ok {
		v.evidence = evidenceOf(ex, out.Err)
		v.rows = append(v.rows, w.seeWire())
	}
	v.rows = append(v.rows, choice{title: "Put this aside", note: "the chain stays as it is", do: func() tea.Cmd { s.verdict = nil; return nil }})
	s.verdict = v
	if w.session.Class == diagnosis.ClassNetwork {
		s.faults++
	} else if s.auto {
		s.auto = false
		s.notes = append(s.notes, note{stateBad, "Automatic refresh stopped: it was refused."})
	}
	return cmd
}

// changeWords says what a generation brought.
func changeWords(g *flows.Generation) string {
	parts := []string{"a new access token"}
	switch g.RefreshToken {
	case flows.RefreshNew:
		parts = append(parts, "a new refresh token, the one before is used up")
	case flows.RefreshSame:
		parts = append(parts, "the same refresh token")
	}
	if n := len(g.ScopeRemoved); n > 0 {
		parts = append(parts, plural(n, "scope", "scopes")+" fewer")
	}
	if n := len(g.ScopeAdded); n > 0 {
		parts = append(parts, plural(n, "scope", "scopes")+" more")
	}
	return strings.Join(parts, ", ")
}

// second looks whether it is time for an automatic refresh.
func (s *refreshScreen) second() tea.Cmd {
	g := s.wk.generation()
	if !s.auto || g == nil || s.task.running() {
		return nil
	}
	life, ok := g.Tokens.Lifetime()
	if !ok || life <= 0 {
		return nil
	}
	if s.autoN >= autoLimit {
		s.auto = false
		s.notes = append(s.notes, note{stateWarn, fmt.Sprintf("Automatic refresh stopped after %d times.", autoLimit)})
		return nil
	}
	if s.faults >= autoTries {
		s.auto, s.faults = false, 0
		s.notes = append(s.notes, note{stateBad, "Automatic refresh stopped: the network failed three times."})
		return nil
	}
	gone, _ := s.a.clock.Elapsed(g.At)
	if float64(gone) < autoShare*float64(life) {
		return nil
	}
	wait := autoAtLeast << s.faults
	if since, _ := s.a.clock.Elapsed(s.lastAt); s.lastAt != (flows.Moment{}) && since < wait {
		return nil
	}
	if s.cannot() != "" {
		s.auto = false
		return nil
	}
	s.autoN++
	return s.run("", true)
}

func (s *refreshScreen) toggleAuto() tea.Cmd {
	if s.auto {
		s.auto = false
		return s.a.tell(stateSkip, "Automatic refresh is off.")
	}
	on := func() tea.Cmd {
		s.auto, s.autoN, s.faults = true, 0, 0
		return s.a.tell(stateGood, "Automatic refresh is on: at %d %% of the token's life, at most %d times, and not after a refusal.", int(autoShare*100), autoLimit)
	}
	return s.a.beforeSend(s.wk, "A refresh every time the token nears its end", s.wk.cfg.Host(), on)
}

// pickScopes offers fewer scopes.
func (s *refreshScreen) pickScopes() tea.Cmd {
	g := s.wk.generation()
	scope := g.Tokens.Scope
	if !g.Tokens.HasScope {
		scope = g.Asked.Scope
	}
	return s.a.open(newScopePicker(s.a, strings.Fields(scope), func(scope string) tea.Cmd { return s.run(scope, false) }))
}

func (s *refreshScreen) revoke() tea.Cmd {
	return s.a.confirm("Revoke the refresh token?", []string{"It goes to " + s.a.say(s.wk.cfg.Host()) + " and is forgotten there: no more refresh with it. What else ends with it is a setting of the tenant.", "", "The access token stays good until exp: an API that checks it by itself cannot know."}, "revoke", func() tea.Cmd {
		w := s.wk
		c, tok, session := w.live, w.generation().Refresh, w.session
		s.what = "Revoking"
		return tea.Batch(s.a.animate(), start(s.a, &s.task, func(ctx context.Context) flows.Outcome { return c.Revoke(ctx, tok, "refresh_token") }, func(out flows.Outcome) tea.Cmd {
			_, fs := session.TakeAnswer(out, false, s.a.clock.Wall())
			w.changed()
			if out.Err != nil {
				v := newVerdict(s.a, w, out.Err, fs)
				v.head = "The revocation was refused"
				return s.a.open(newVerdictScreen(s.a, "The revocation was refused", v))
			}
			at := s.a.clock.Wall().Local().Format("15:04:05")
			session.Revoked, s.auto = true, false
			s.ended, s.endedN = "It was revoked here at "+at+": that is why.", w.generation().N
			lives := "whether the access token is still taken"
			if a := w.generation().Access; a != nil && a.Kind == token.JWS { // who checks it by itself hears of nothing
				lives = "that the access token is still taken until exp"
			}
			s.notes = append(s.notes, note{stateGood, "Revoked at " + at + ". Now r shows that a refresh is refused, and o " + lives + "."})
			return s.a.tell(stateGood, "The refresh token is revoked. r and o show what that means.")
		}, w.kept(session)))
	})
}

// probe sends the refresh token of the generation before, on purpose.
func (s *refreshScreen) probe() tea.Cmd {
	old, n, ok := s.previous()
	if !ok {
		return s.a.tell(stateWarn, "There is no earlier refresh token that differs: refresh once, with rotation on.")
	}
	return s.a.confirm("Send a used refresh token again?", []string{fmt.Sprintf("The refresh token of generation %d was used already. Sent again, a tenant with rotation takes it for stolen: it refuses, and ends the whole family, the newest token too.", n), "", "That is what this shows. Afterwards the password may be needed again."}, "probe", func() tea.Cmd {
		w := s.wk
		c, session, cfg := w.live, w.session, w.session.Config
		s.what = "Probing reuse"
		return tea.Batch(s.a.animate(), start(s.a, &s.task, func(ctx context.Context) flows.Outcome { return c.Refresh(ctx, old, "") }, func(out flows.Outcome) tea.Cmd {
			session.Exchanges = append(session.Exchanges, out.Exchanges...)
			w.changed()
			if out.Tokens != nil {
				s.notes = append(s.notes, note{stateWarn, fmt.Sprintf("Reuse was accepted: the refresh token of generation %d still gives tokens. Rotation is off, or the reuse interval (leeway) is not over.", n)})
				return s.a.tell(stateWarn, "Reuse was accepted.")
			}
			aside := flows.NewSession(cfg)
			aside.Take(c, flows.Outcome{Err: out.Err, Exchanges: out.Exchanges, Asked: out.Asked})
			text := fmt.Sprintf("Reuse was refused: the refresh token of generation %d is not taken any more.", n)
			if len(aside.Findings) > 0 {
				text += " " + aside.Findings[0].Title + "."
			}
			s.ended, s.endedN = fmt.Sprintf("The refresh token of generation %d was sent again here on purpose; with rotation that ends the whole family.", n), w.generation().N
			s.notes = append(s.notes, note{stateGood, text + " r now shows whether the family lives on."})
			return s.a.tell(stateGood, "Reuse was refused. r shows whether the family lives on.")
		}, w.kept(session)))
	})
}

// previous is the newest refresh token that was used up by a refresh to the one
// in use. A login begins another chain: the token before it was not used.
func (s *refreshScreen) previous() (flows.Secret, int, bool) {
	gs := s.wk.session.Generations
	for i := len(gs) - 1; i > 0 && gs[i].Asked.Refresh; i-- {
		if used := gs[i-1]; used.Refresh != "" && used.Refresh != gs[len(gs)-1].Refresh {
			return used.Refresh, used.N, true
		}
	}
	return "", 0, false
}

// askOld asks the server whether an access token is still taken: the one before,
// or after a revocation the one in use.
func (s *refreshScreen) askOld() tea.Cmd {
	w := s.wk
	gs := w.session.Generations
	g := gs[len(gs)-1]
	if len(gs) > 1 && !w.session.Revoked {
		g = gs[len(gs)-2]
	}
	which := fmt.Sprintf("The access token of generation %d", g.N)
	c, tok, session := w.live, g.Tokens.AccessToken, w.session
	s.what = "Asking whether the token is still taken"
	return tea.Batch(s.a.animate(), start(s.a, &s.task, func(ctx context.Context) flows.Outcome { return c.Standing(ctx, tok) }, func(out flows.Outcome) tea.Cmd {
		session.Exchanges = append(session.Exchanges, out.Exchanges...)
		w.changed()
		if out.Answer == nil || out.Answer.Exchange.Status == 0 {
			why := "it did not answer"
			if out.Err != nil {
				why = out.Err.Error()
			}
			return s.a.tell(stateBad, "The server could not be asked: %s.", why)
		}
		who := "/userinfo"
		if out.Answer.Purpose == flows.PurposeIntrospection {
			who = "introspection"
		}
		n := note{stateWarn, fmt.Sprintf("Whether the access token of generation %d is still taken is not known: %s answers %d. w shows the reply.", g.N, who, out.Answer.Exchange.Status)}
		if taken, known := out.Answer.Standing(g.Access); known && taken {
			n.text = which + " is still taken, says " + who + ": it is good until it expires, whatever became of the refresh token."
		} else if known {
			n = note{stateGood, which + " is not taken any more, says " + who + "."}
		}
		if !slices.Contains(s.notes, n) {
			s.notes = append(s.notes, n)
		}
		return nil
	}, w.kept(session)))
}

func (s *refreshScreen) actions() []action {
	a := s.a
	if s.task.running() {
		return []action{{keys: []string{"esc"}, name: "cancel", help: "Cancel what is under way", do: func() tea.Cmd {
			s.task.stop()
			return a.tell(stateWarn, "Cancelled. It may have reached the server all the same.")
		}},
			{keys: []string{"enter", "r"}, hidden: true, help: "Nothing: it is under way", do: func() tea.Cmd { return nil }}}
	}
	no := s.cannot()
	none := ""
	if s.wk.generation() == nil {
		none = "there is no token yet"
	}
	auto := "automatic on"
	if s.auto {
		auto = "automatic off"
	}
	noProbe := no
	if _, _, ok := s.previous(); !ok && noProbe == "" {
		noProbe = "there is no earlier refresh token that differs: refresh once, with rotation on"
	}
	refresh := func() tea.Cmd { return s.run("", false) }
	list := []action{{keys: []string{"enter", "r"}, name: "refresh", help: "Get new tokens by the refresh token", off: no, do: refresh}}
	if s.verdict != nil {
		list = append(s.verdict.actions(s.h), action{keys: []string{"r"}, name: "refresh", help: "Get new tokens by the refresh token", off: no, do: refresh})
	}
	list = append(list,
		action{keys: []string{"s"}, name: "fewer scopes", help: "Refresh with fewer scopes than were granted", off: no, do: s.pickScopes},
		action{keys: []string{"a"}, name: auto, help: "Refresh by itself before the token ends, on or off", off: no, do: s.toggleAuto},
		action{keys: []string{"x"}, name: "revoke", help: "Revoke the refresh token (asks)", off: no, do: s.revoke},
		action{keys: []string{"p"}, name: "probe reuse", help: "Send a used refresh token again, on purpose (asks)", off: noProbe, do: s.probe},
		action{keys: []string{"o"}, name: "old token", help: "Ask the server whether the access token before is still taken", hidden: true, off: none, do: s.askOld},
		action{keys: []string{"y"}, name: "copy", help: "Copy the chain as text", hidden: true, off: none, do: func() tea.Cmd {
			return a.copy("the chain", stripped(strings.Join(s.chain(100)[1:], "\n"))+"\n", false)
		}},
		action{keys: []string{"="}, name: "compare", help: "What changed from one generation to the next", hidden: true, off: none, do: func() tea.Cmd { return a.open(newCompareScreen(a, s.wk)) }},
	)
	return append(list, s.scroll.moves(s.h)...)
}
