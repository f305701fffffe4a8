package ui

import (
	"fmt"
	"strings"
	"time"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/token"
)

func (s *refreshScreen) View() string {
	g := s.wk.generation()
	if g == nil {
		return s.show([]string{"There is no token yet. Go to step 2 and request one."})
	}
	if s.verdict != nil && !s.task.running() {
		top := s.clocks(g, s.w)
		if s.h < 24 {
			top = nil
		}
		if s.ended != "" && s.endedN == g.N && s.wk.session.Class == diagnosis.ClassUser {
			top = append(append(top, indent(s.a.mark(stateWarn)+" ", s.ended, s.w)...), "")
		}
		return s.show(append(top, s.verdict.lines(s.w, s.h-len(top))...))
	}
	lines := s.clocks(g, s.w-2)
	if s.h < 20 { // what changes comes first where not all is in sight
		lines = append(append(lines, s.chain(s.w-2)...), "")
		lines = append(lines, s.holding(g, s.w-2)...)
	} else {
		lines = append(append(lines, s.holding(g, s.w-2)...), s.chain(s.w-2)...)
	}
	return s.show(s.a.barredPart(&s.scroll, lines, s.w, s.h))
}

// clocks tells how long the access token lasts, by three clocks.
func (s *refreshScreen) clocks(g *flows.Generation, w int) []string {
	a := s.a
	lines := []string{a.head.s("How long the access token lasts")}
	nw, bw := 12, max(min(w-58, 40), 10)
	line := func(name string, left, life time.Duration, how ...string) { // the first that fits
		share := 0.0
		if life > 0 {
			share = max(min(float64(left)/float64(life), 1), 0)
		}
		i, st := a.good, stateGood
		word := clockTime(max(left, 0)) + " left"
		switch {
		case left <= 0:
			i, st, word = a.bad, stateBad, "EXPIRED"
		case share <= 0.05:
			i, st = a.bad, stateBad
		case share <= 0.2:
			i, st = a.warn, stateWarn
		}
		n := int(share*float64(bw) + 0.5)
		bar := i.s(strings.Repeat("━", n)) + a.faint.s(strings.Repeat("─", bw-n))
		text := a.mark(st) + " " + a.accent.s(pad(name, nw)) + bar + "  " + i.s(pad(word, 16))
		for _, h := range how {
			if width(h) <= w-width(text) {
				text += a.dim.s(h)
				break
			}
		}
		lines = append(lines, text)
	}
	now := a.clock.Wall()
	gone, jump := a.clock.Elapsed(g.At)
	if life, ok := g.Tokens.Lifetime(); ok {
		line("expires_in", life-gone, life, "counted from the reply, "+inWords(life)+" in all", "counted from the reply", "by the reply")
	} else {
		lines = append(lines, a.mark(stateWarn)+" "+a.accent.s(pad("expires_in", nw))+a.dim.s("the reply names none"))
	}
	if g.Access != nil {
		if l := token.LifeOf(g.Access.Claims, now); l.Known {
			line("exp", l.To.Sub(now), l.To.Sub(l.From), "by this machine's clock, at "+dayTime(l.To, now), "by this machine's clock", "by the clock")
		} else {
			lines = append(lines, a.mark(stateSkip)+" "+a.accent.s(pad("exp", nw))+a.dim.s("cannot be read: the token is "+a.kindOf(g.Access)))
		}
	}
	switch off := g.Tokens.ServerOffset; {
	case !g.Tokens.HasServerOffset:
		lines = append(lines, a.mark(stateSkip)+" "+a.accent.s(pad("server", nw))+a.dim.s("its clock is not known: the reply had no Date"))
	case off == 0:
		lines = append(lines, a.mark(stateGood)+" "+a.accent.s(pad("server", nw))+"in step with this machine's clock"+a.dim.s("  by Date, to the second"))
	default:
		lines = append(lines, a.mark(stateWarn)+" "+a.accent.s(pad("server", nw))+"its clock is "+offsetWords(off)+" this machine's"+a.dim.s("  by Date"))
	}
	if jump != 0 {
		what := "the machine slept, or its clock was set forward"
		if jump < 0 {
			what = "this machine's clock was set back"
		}
		lines = append(lines, indent(a.mark(stateWarn)+" ", "Wall clock and steady clock differ by "+inWords(jump.Abs())+": "+what+". The larger one counts.", w)...)
	}
	return append(lines, "")
}

// holding tells of the refresh token.
func (s *refreshScreen) holding(g *flows.Generation, w int) []string {
	a := s.a
	lines := []string{a.head.s("The refresh token")}
	put := func(st state, text string) { lines = append(lines, indent(a.mark(st)+" ", text, w)...) }
	switch {
	case g.Refresh == "":
		put(stateWarn, "None came. Ask for offline_access in the form; the API needs Allow Offline Access, the application the Refresh Token grant.")
	case s.wk.session.Revoked:
		put(stateBad, "Revoked: a refresh with it is refused from now on.")
	default:
		put(stateGood, "Held in this program's memory only, never on the disk. Its lifetime is the application's setting; nothing in the reply tells it.")
	}
	if s.auto {
		put(stateBusy, fmt.Sprintf("Automatic refresh is on, at %d %% of the life; %s so far.", int(autoShare*100), plural(s.autoN, "time", "times")))
	}
	for _, n := range s.notes {
		put(n.state, a.quoting(n.text))
	}
	if s.task.running() {
		lines = append(lines, a.busySign()+"  "+s.what+" …")
	}
	return append(lines, "")
}

// chain lists the generations, newest first.
func (s *refreshScreen) chain(w int) []string {
	a := s.a
	lines := []string{a.head.s("The chain")}
	gs := s.wk.session.Generations
	for i := len(gs) - 1; i >= 0; i-- {
		g := gs[i]
		name := fmt.Sprintf("generation %d", g.N)
		mark := "  "
		if i == len(gs)-1 {
			mark = a.accent.s("▸ ")
			name = a.strong.s(name)
		}
		grant := g.Grant
		if i := strings.LastIndexByte(grant, '/'); i >= 0 {
			grant = grant[i+1:]
		}
		st := stateGood
		if token.Failed(g.Checks) {
			st = stateBad
		}
		head := mark + a.mark(st) + " " + name + "   " + a.dim.s(g.At.Wall.Local().Format("15:04:05")) + "   "
		line, diff := head+pad(oneLine(grant), 15)+" "+s.refreshWord(g), []string(nil)
		if width(line) > w { // the grant begins the next line
			line, diff = head+s.refreshWord(g), []string{a.dim.s("by " + oneLine(grant))}
		}
		lines = append(lines, cut(line, w))
		same := len(diff)
		for _, x := range g.ScopeRemoved {
			diff = append(diff, a.bad.s("− "+a.theirs(x)))
		}
		for _, x := range g.ScopeAdded {
			diff = append(diff, a.good.s("+ "+a.theirs(x)))
		}
		if g.N > 0 && len(diff) == same {
			diff = append(diff, a.dim.s("scopes as before"))
		}
		if c := s.claimDiff(i); c != "" {
			diff = append(diff, a.dim.s(c))
		}
		for len(diff) > 0 { // as many on a line as it has room for
			n := 1
			for n < len(diff) && width(strings.Join(diff[:n+1], "  ")) <= w-6 {
				n++
			}
			lines = append(lines, cut("      "+strings.Join(diff[:n], "  "), w))
			diff = diff[n:]
		}
	}
	if len(gs) == 1 && s.cannot() == "" && !s.wk.session.Revoked {
		lines = append(lines, "")
		lines = append(lines, inked(a.dim, wrap("enter refreshes: the next generation then stands above this one.", w))...)
	}
	return lines
}

func (s *refreshScreen) refreshWord(g *flows.Generation) string {
	switch g.RefreshToken {
	case flows.RefreshNew:
		if g.Asked.Refresh {
			return "new refresh token"
		}
		return "with a refresh token"
	case flows.RefreshSame:
		return "same refresh token"
	}
	return s.a.dim.s("no refresh token")
}

// claimDiff names the claims of the access token that changed, but for those
// that always do.
func (s *refreshScreen) claimDiff(i int) string {
	gs := s.wk.session.Generations
	if i == 0 || gs[i].Access == nil || gs[i-1].Access == nil {
		return ""
	}
	var names []string
	for _, r := range token.CompareGenerations(token.Column{Claims: gs[i-1].Access.Claims}, token.Column{Claims: gs[i].Access.Claims}) {
		if r.Relation != token.Same && r.Name != "exp" && r.Name != "iat" && r.Name != "nbf" && r.Name != "jti" && r.Name != "scope" {
			names = append(names, s.a.theirs(r.Name)+" "+string(r.Relation))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "claims: " + strings.Join(names, ", ")
}
