package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/rawjson"
	"authwalk/flows/token"
)

// summary prints a result for a person.
func (a *app) summary(p paint, r *result, reveal bool) {
	a.masked(p, r, reveal, func(p paint) { a.tell(p, r) })
}

// masked prints what write writes, without the secrets that are known: servers
// choose much of it, and may give back what they were given. Each text of theirs
// is masked where it is printed; here once more all, but for words. The tokens
// stand in it by their places and are put there last, if they are to be seen.
func (a *app) masked(p paint, r *result, reveal bool, write func(paint)) {
	var b bytes.Buffer
	in := p
	in.w, in.mask = &b, r.redactor()
	write(in)
	text := in.mask.Words(b.String())
	if g := r.gen; g != nil {
		for place, s := range map[string]flows.Secret{placeAccess: g.Tokens.AccessToken, placeID: g.Tokens.IDToken, placeRefresh: g.Refresh} {
			shown := s.String()
			if reveal {
				shown = strings.Join(chunk(visible(s.Reveal()), 92), "\n  ")
			}
			text = strings.ReplaceAll(text, place, shown)
		}
	}
	_, _ = io.WriteString(p.w, text)
}

// Places where tokens go: text from outside never holds these characters, for
// visible makes them readable.
const (
	placeAccess  = "\ue0001"
	placeID      = "\ue0002"
	placeRefresh = "\ue0003"
)

func (a *app) tell(p paint, r *result) {
	switch {
	case r.session.Err != nil || r.interrupted || r.nothingToRefresh:
		if g := r.session.Current(); g != nil && r.gen == nil {
			p.line("%s The first grant worked: %s.", p.sign("pass"), grantName(g.Grant))
		}
		a.refusal(p, r)
		return
	}
	g := r.gen
	if g == nil {
		return
	}
	a.generation(p, r, g)
	a.findings(p, r.findings())
	if f := r.failure(); f != nil {
		p.line("")
		p.line("%s %s", p.sign("fail"), p.bold(p.description(f)))
	}
}

// description is what an error says, as its author's words.
func (p paint) description(e *objectError) string {
	if e.theirs {
		return p.theirs(e.Description)
	}
	return p.ours(e.Description)
}

// refusal prints what went wrong and its diagnosis.
func (a *app) refusal(p paint, r *result) {
	f := r.failure()
	if f == nil {
		return
	}
	if r.interrupted {
		p.line("%s interrupted", p.sign("fail"))
		return
	}
	said := p.description(f)
	if f.Code != "" {
		said = p.theirs(f.Code)
		if f.Description != "" {
			said += ": " + p.description(f)
		}
	}
	if f.Status != 0 {
		said = fmt.Sprintf("%d %s", f.Status, said)
	}
	p.line("%s %s", p.sign("fail"), p.bold(strings.TrimSpace(said)))
	if n := requestLine(r.failedAt()); n != "" {
		p.line("  %s", p.dim(p.ours(n)))
	}
	if r.mfaNeeded && r.class() == diagnosis.ClassMFA {
		a.factors(p, r.session.Factors)
	}
	a.findings(p, r.findings())
}

// failedAt are the exchanges of which the last is the one that failed: with
// several calls others may come after it.
func (r *result) failedAt() []flows.Exchange {
	call, class := r.shownCall(), r.class()
	switch {
	case call == nil || r.session.Err != nil || class == diagnosis.ClassNone:
		return r.session.Exchanges
	case class == diagnosis.ClassAPI || class == diagnosis.ClassNetwork:
		return []flows.Exchange{*call}
	}
	return []flows.Exchange{r.gen.Exchange()} // the tokens, before any call
}

// requestLine names the last exchange that somebody pressed for.
func requestLine(all []flows.Exchange) string {
	for i := len(all) - 1; i >= 0; i-- {
		if ex := all[i]; !ex.ByItself || ex.Fault != nil {
			s := ex.Method + " " + strings.SplitN(ex.URL, "?", 2)[0]
			if ex.Status != 0 {
				s += fmt.Sprintf(": %d", ex.Status)
			}
			return s + " after " + span(ex.Timings.Total)
		}
	}
	return ""
}

func span(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func (a *app) factors(p paint, fs []flows.Factor) {
	if len(fs) == 0 {
		p.line("  The user has no second factor enrolled.")
		return
	}
	p.line("  The user can answer with:")
	for _, f := range fs {
		p.line("    - %s", p.theirs(f.Title()))
	}
}

// findings prints a diagnosis.
func (a *app) findings(p paint, fs []diagnosis.Finding) {
	if p.mask != nil {
		fs = p.mask.Findings(fs)
	}
	for i, f := range fs {
		p.line("")
		p.line("%s %s %s", p.bold(visible(f.Title)), p.dim("["+f.ID+"]"), p.dim(string(f.Certainty)))
		p.para(2, visible(f.Why))
		for _, s := range f.Advice() {
			p.item(2, p.cyan("→"), visible(s))
		}
		for _, w := range f.Where {
			label := "where:"
			if diagnosis.InDashboard(w) {
				label = "in the dashboard:"
			}
			p.item(2, p.dim(label), visible(w))
		}
		if f.LogEvent != "" {
			s := f.LogEvent
			if m := diagnosis.LogMeaning(f.LogEvent); m != "" {
				s += " (" + m + ")"
			}
			p.item(2, p.dim("in the tenant's log:"), visible(s))
		}
		if f.Link != "" {
			p.item(2, p.dim("read:"), visible(f.Link))
		}
		if i == 0 {
			for _, c := range f.Commands {
				p.line("  %s", p.dim(visible(c.Kind)+":"))
				for _, l := range strings.Split(visibleLines(c.Text), "\n") {
					p.line("    %s", l)
				}
			}
		}
	}
}

func grantName(g string) string {
	switch g {
	case flows.GrantPassword:
		return "password grant"
	case flows.GrantPasswordRealm:
		return "password-realm grant"
	case flows.GrantRefreshToken:
		return "refresh grant"
	case flows.GrantMFAOTP:
		return "MFA grant, one-time code"
	case flows.GrantMFAOOB:
		return "MFA grant, out of band"
	case flows.GrantMFARecovery:
		return "MFA grant, recovery code"
	}
	return visible(g)
}

// generation prints the tokens of one reply, what they say, and what became of
// the scopes.
func (a *app) generation(p paint, r *result, g *flows.Generation) {
	now := a.env.Clock.Wall()
	head := "Tokens issued"
	if g.N > 0 {
		head = fmt.Sprintf("Refreshed: generation %d", g.N)
	}
	who := r.issuer()
	if who == "" {
		who = r.cfg.TokenURL
	}
	if r.cfg.Name != "" {
		who = r.cfg.Name + ", " + who
	}
	p.line("%s %s  %s", p.sign("pass"), p.bold(head), p.dim(p.ours(who)+" ("+grantName(g.Grant)+")"))
	for _, o := range g.Tokens.Oddities {
		p.item(2, p.sign("warn"), p.ours(o))
	}
	if g.Access != nil {
		a.token(p, *g.Access, token.Access, g.Checks, placeAccess, now)
	}
	if g.ID != nil {
		a.token(p, *g.ID, token.ID, g.Checks, placeID, now)
	}
	p.line("")
	if g.Refresh != "" {
		p.line("%s  %s %s", p.bold("Refresh token"), placeRefresh, p.dim("("+g.RefreshToken+")"))
	} else {
		p.line("%s  %s", p.bold("Refresh token"), p.dim("none came"))
	}
	if t, ok := g.Tokens.Lifetime(); ok {
		p.line("%s     %s", p.bold("expires_in"), token.Span(t))
	}
	a.ledger(p, g.Ledger)
	a.checks(p, g.Checks)
	for _, n := range r.session.Keep {
		p.line("")
		p.line("%s %s", p.sign("warn"), p.bold(n.Title))
		p.line("  %s", visibleLines(n.Text))
	}
}

// token prints one token with its claims.
func (a *app) token(p paint, t token.Token, use token.Use, checks []token.Check, shown string, now time.Time) {
	title := map[token.Use]string{token.Access: "Access token", token.ID: "ID token"}[use]
	state := "signature not checked"
	sign := p.sign("skip")
	if v := token.Verified(checks, use); v != nil {
		state, sign = "signature verified", p.sign("pass")
		if !*v {
			state, sign = "signature WRONG", p.sign("fail")
			if t.Unsigned() {
				state = "NOT SIGNED"
			}
		}
	}
	kind := strings.ToUpper(string(t.Kind))
	if t.Kind == token.Opaque {
		kind, state, sign = "opaque", "means something to its issuer alone", p.sign("skip")
	}
	if t.Kind == token.JWE {
		state = "encrypted"
	}
	if alg := t.Alg(); alg != "" {
		kind += " " + p.theirs(alg)
	}
	p.line("")
	p.line("%s  %s  %s %s", p.bold(title), kind, sign, state)
	if shown != "" {
		p.line("  %s", shown)
	}
	for _, m := range t.Claims.Members() {
		a.claim(p, use, m, now)
	}
	if t.Claims.IsZero() {
		for _, m := range t.Header.Members() {
			p.line("  %s %s", p.dim(pad("header "+p.theirs(m.Name), 18)), clip(p.theirs(valueText(m.Value)), 300))
		}
	}
	for _, n := range t.Notes {
		p.item(2, p.sign("warn"), p.ours(n))
	}
}

// chunk cuts a long word into lines.
func chunk(s string, n int) []string {
	var out []string
	r := []rune(s)
	for len(r) > n {
		out, r = append(out, string(r[:n])), r[n:]
	}
	return append(out, string(r))
}

func (a *app) claim(p paint, use token.Use, m rawjson.Member, now time.Time) {
	text := p.theirs(valueText(m.Value))
	if token.IsTime(m.Name) {
		if t, ok := token.Time(m.Value); ok {
			text = fmt.Sprintf("%s  %s, %s", text, token.Absolute(t, time.Local), token.Relative(t, now))
		}
	}
	p.line("  %s %s", p.cyan(pad(p.theirs(m.Name), 18)), clip(text, 300))
}

func valueText(v rawjson.Value) string {
	if s, ok := v.AsStr(); ok {
		return s
	}
	if list, ok := v.Strings(); ok && v.Kind() == rawjson.Array {
		return strings.Join(list, ", ")
	}
	return v.JSON()
}

func pad(s string, n int) string {
	if k := len([]rune(s)); k < n {
		return s + strings.Repeat(" ", n-k)
	}
	return s
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}

// ledger prints what became of every scope.
func (a *app) ledger(p paint, l token.Ledger) {
	if len(l.Rows) == 0 {
		return
	}
	p.line("")
	var scopes []string
	for _, row := range l.Rows {
		scopes = append(scopes, row.Scope)
	}
	p.line("%s  %s", p.bold("Scopes"), p.ours(l.Summary, scopes...))
	for _, row := range l.Rows {
		state := "warn"
		switch row.Verdict {
		case token.Granted:
			state = "granted"
		case token.Unknown:
			state = "unknown"
		case token.Missing, token.Dropped, token.NeedsPermission:
			state = "bad"
		}
		p.line("  %s %s %s", p.sign(state), pad(p.theirs(row.Scope), 22), row.Verdict)
		if row.Verdict != token.Granted && row.Why != "" {
			p.para(6, p.ours(row.Why, row.Scope))
		}
	}
}

// checks prints how many passed, and every one that did not.
func (a *app) checks(p paint, cs []token.Check) {
	if len(cs) == 0 {
		return
	}
	n := map[token.State]int{}
	for _, c := range cs {
		n[c.State]++
	}
	var parts []string
	for _, s := range []token.State{token.Fail, token.Warn, token.Pass, token.Skip} {
		word := map[token.State]string{token.Fail: "failed", token.Warn: "warned", token.Pass: "passed", token.Skip: "skipped"}[s]
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], word))
		}
	}
	p.line("")
	p.line("%s  %s", p.bold("Checks"), join(parts))
	for _, s := range []token.State{token.Fail, token.Warn, token.Skip} {
		for _, c := range cs {
			if c.State != s || s == token.Skip && c.Name != "signature" {
				continue
			}
			p.line("  %s %s %s", p.sign(string(c.State)), pad(tokenName(c.Token)+" "+c.Name, 26), c.State)
			if c.Want != "" || c.Got != "" {
				p.line("      wanted %s, got %s", clip(p.theirs(orNothing(c.Want)), 200), clip(p.theirs(orNothing(c.Got)), 200))
			}
			if c.Why != "" {
				p.para(6, p.ours(c.Why, c.Want, c.Got))
			}
			if c.Spec != "" {
				p.line("      %s", p.dim(visible(c.Spec)))
			}
		}
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// said is the message of an error for a person.
func said(err error) string {
	var fe *flows.Error
	if errors.As(err, &fe) {
		return fe.Msg
	}
	return err.Error()
}
