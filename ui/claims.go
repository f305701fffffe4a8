package ui

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/rawjson"
	"authwalk/flows/token"
)

// The panes of the claims screen.
const (
	paneClaims = iota
	paneChecks
	paneScopes
	paneRaw
)

var paneNames = [...]string{"Claims", "Checks", "Scopes", "Raw"}

// The tokens of the claims screen.
const (
	tabAccess = iota
	tabID
	tabRefresh
)

var tabNames = [...]string{"Access token", "ID token", "Refresh token"}

// claimsScreen is step 4: the tokens as tabs; of each the claims, the checks,
// the scope ledger and the raw parts.
type claimsScreen struct {
	pane
	wk    *walk
	tab   int
	focus int
	raw   bool // on a wide window: the raw parts instead of the claims
	lists [3][4]cursorList
	rows  [4][]claimRow // those that the filter lets through

	filter filter
	drawn  bool // rows are those of the session

	verdictWidth int // of the ledger
}

// claimRow is a row of a pane: how it is drawn and what it says of itself.
type claimRow struct {
	draw    func(w int) string
	full    func(w int) []string // on several lines, where there is room; nil: draw's line is all
	explain func(w int) []string
	copies  string // what y copies
	json    string // what ctrl+y copies
	called  string // what that is called
	secret  bool
}

func newClaimsScreen(a *App, w *walk) *claimsScreen {
	return &claimsScreen{pane: pane{a: a}, wk: w, filter: newFilter()}
}

func (s *claimsScreen) title() string { return "What is in the tokens" }

func (s *claimsScreen) about() string {
	return "What was issued. Claims with their meaning and time; every check with what was wanted, what was found and the rule; every scope from asking to token. Claims are read, not trusted: only the check named signature says whether the issuer wrote them. The row under the cursor explains itself below."
}

func (s *claimsScreen) changed() { s.drawn = false }

func (s *claimsScreen) typing() bool { return s.filter.editing }

func (s *claimsScreen) Update(msg tea.Msg) tea.Cmd {
	if s.filter.editing {
		s.drawn = false
		return s.filter.in.update(msg)
	}
	return nil
}

func (s *claimsScreen) use() token.Use {
	if s.tab == tabID {
		return token.ID
	}
	return token.Access
}

// shownPane is the pane with the focus; raw stands where the claims do.
func (s *claimsScreen) shownPane() int {
	if s.focus == paneClaims && s.raw {
		return paneRaw
	}
	return s.focus
}

func (s *claimsScreen) list() *cursorList { return &s.lists[s.tab][s.shownPane()] }

func (s *claimsScreen) row() (claimRow, bool) {
	s.build()
	rows := s.rows[s.shownPane()]
	if len(rows) == 0 {
		return claimRow{}, false
	}
	l := s.list()
	l.at = max(min(l.at, len(rows)-1), 0)
	return rows[l.at], true
}

func (s *claimsScreen) actions() []action {
	a := s.a
	to := func(p int) func() tea.Cmd {
		return func() tea.Cmd {
			if s.focus == p {
				p = paneClaims
			}
			s.focus = p
			return nil
		}
	}
	tab := func(n int) func() tea.Cmd {
		return func() tea.Cmd { s.tab = (s.tab + n + 3) % 3; s.drawn = false; return nil }
	}
	side := func(n int) func() tea.Cmd {
		return func() tea.Cmd { s.focus = (s.focus + n + 3) % 3; return nil }
	}
	if s.filter.editing {
		list := s.filter.actions()
		for i := range list {
			do := list[i].do
			list[i].do = func() tea.Cmd { s.drawn = false; return do() }
		}
		s.build()
		return append(list, onlyArrows(s.list().moves(len(s.rows[s.shownPane()]), s.h))...)
	}
	list := []action{
		{keys: []string{"enter"}, name: "call an API", help: "Go on to calling an API with the token", do: func() tea.Cmd { return a.goTo(stepAPI) }},
		{keys: []string{"tab"}, name: "next token", help: "The next token: access, ID, refresh", do: tab(1)},
		{keys: []string{"shift+tab"}, name: "token before", help: "The token before", hidden: true, do: tab(-1)},
		{keys: []string{"c"}, name: "checks", help: "To the checks, and back to the claims", do: to(paneChecks)},
		{keys: []string{"s"}, name: "scopes", help: "To the scope ledger, and back to the claims", do: to(paneScopes)},
		{keys: []string{"v"}, name: "raw", help: "The raw parts of the token instead of its claims, and back", do: func() tea.Cmd { s.raw, s.focus = !s.raw, paneClaims; return nil }},
		{keys: []string{"="}, name: "compare", help: "Compare access token, ID token and /userinfo, and generations after a refresh", do: func() tea.Cmd { return a.open(newCompareScreen(a, s.wk)) }},
		{keys: []string{"u"}, name: "userinfo", help: "Ask /userinfo once with the access token", do: s.userinfo},
		{keys: []string{"y"}, name: "copy", help: "Copy the value under the cursor", do: s.copyRow},
		{keys: []string{"ctrl+y"}, name: "copy as JSON", help: "Copy the claim under the cursor as JSON, or all claims in the raw parts", hidden: true, do: s.copyJSON},
		{keys: []string{"Y"}, name: "copy token", help: "Copy the whole token (asks once)", hidden: true, do: s.copyToken},
		{keys: []string{"right", "l"}, name: "pane right", help: "To the next pane", hidden: true, do: side(1)},
		{keys: []string{"left", "h"}, name: "pane left", help: "To the pane before", hidden: true, do: side(-1)},
	}
	s.build()
	for _, x := range s.filter.actions() {
		do := x.do
		x.hidden, x.do = true, func() tea.Cmd { s.drawn = false; return do() }
		list = append(list, x)
	}
	return append(list, s.list().moves(len(s.rows[s.shownPane()]), max(s.h-10, 1))...)
}

func (s *claimsScreen) userinfo() tea.Cmd {
	w := s.wk
	w.a.tell(stateBusy, "Asking /userinfo …")
	return w.askUserinfo(func(class diagnosis.Class, fs []diagnosis.Finding, out flows.Outcome) tea.Cmd {
		return w.a.userinfoCame(w, class, fs, out)
	})
}

// userinfoCame tells what /userinfo answered.
func (a *App) userinfoCame(w *walk, class diagnosis.Class, fs []diagnosis.Finding, out flows.Outcome) tea.Cmd {
	if class == diagnosis.ClassNone && out.Err == nil && out.Answer != nil && out.Answer.Exchange.Status == 200 {
		n := 0
		if w.session.Userinfo != nil {
			n = w.session.Userinfo.Len()
		}
		return a.tell(stateGood, "/userinfo answered with %s. Press = to compare them.", plural(n, "claim", "claims"))
	}
	v := newVerdict(a, w, out.Err, fs)
	v.head = "/userinfo did not answer with claims"
	if out.Answer != nil {
		v.evidence = evidenceOf(out.Answer.Exchange, out.Err)
	}
	a.news = ""
	return a.open(newVerdictScreen(a, "/userinfo was refused", v))
}

func (s *claimsScreen) copyRow() tea.Cmd {
	r, ok := s.row()
	if !ok || r.copies == "" {
		return s.a.tell(stateWarn, "There is nothing to copy here.")
	}
	return s.a.copy(r.called, r.copies, r.secret)
}

func (s *claimsScreen) copyJSON() tea.Cmd {
	r, ok := s.row()
	t := s.token()
	switch {
	case ok && r.json != "":
		return s.a.copy("the claim as JSON", r.json, false)
	case t != nil && !t.Claims.IsZero():
		return s.a.copy("all claims as JSON", t.Claims.Pretty(), false)
	}
	return s.a.tell(stateWarn, "There is nothing to copy here.")
}

func (s *claimsScreen) copyToken() tea.Cmd {
	g := s.wk.generation()
	if g == nil {
		return nil
	}
	t := map[int]flows.Secret{tabAccess: g.Tokens.AccessToken, tabID: g.Tokens.IDToken, tabRefresh: g.Refresh}[s.tab]
	if t == "" {
		return s.a.tell(stateWarn, "There is no such token.")
	}
	return s.a.copy("the "+strings.ToLower(tabNames[s.tab]), t.Reveal(), true)
}

// token is the decoded token of the tab, nil when there is none.
func (s *claimsScreen) token() *token.Token {
	g := s.wk.generation()
	switch {
	case g == nil:
		return nil
	case s.tab == tabAccess:
		return g.Access
	case s.tab == tabID:
		return g.ID
	}
	return nil
}

// build makes the rows of all panes from the session.
func (s *claimsScreen) build() {
	if s.drawn {
		return
	}
	s.drawn = true
	s.rows = [4][]claimRow{}
	g := s.wk.generation()
	if g == nil {
		return
	}
	if s.tab == tabRefresh {
		s.rows[paneClaims] = s.refreshRows(g)
		s.rows[paneRaw] = s.rawRefresh(g)
	} else if t := s.token(); t != nil {
		s.rows[paneClaims] = s.claimRows(t)
		s.rows[paneRaw] = s.rawRows(t)
		s.rows[paneChecks] = s.checkRows(g)
	}
	s.rows[paneScopes] = s.scopeRows(g)
	if s.filter.text() != "" {
		for p, rows := range s.rows {
			if p != paneRaw {
				s.rows[p] = slices.DeleteFunc(rows, func(r claimRow) bool { return !s.filter.match(stripped(r.draw(1000)) + " " + r.copies) })
			}
		}
	}
	for p := range s.rows {
		l := &s.lists[s.tab][p]
		l.at = max(min(l.at, len(s.rows[p])-1), 0)
	}
}

const nameWidth = 12

// claimRows is a row for each claim, as written; duplicates too.
func (s *claimsScreen) claimRows(t *token.Token) []claimRow {
	a := s.a
	use := s.use()
	source, head := t.Claims, false
	if t.Kind != token.JWS || source.IsZero() {
		source, head = t.Header, true // all there is to read of a JWE
	}
	nw := nameWidth
	for _, m := range source.Members() {
		nw = max(nw, min(width(a.theirs(m.Name)), 22))
	}
	var rows []claimRow
	for _, m := range source.Members() {
		name, v := m.Name, m.Value
		isTime := !head && token.IsTime(name)
		rows = append(rows, claimRow{
			draw: func(w int) string {
				text := a.theirs(shortJSON(v, 400))
				if isTime {
					if at, ok := token.Time(v); ok {
						now := a.clock.Wall()
						text = localTime(at) + "  " + a.dim.s(token.Relative(at, now))
						if name == "exp" && at.Before(now) {
							text = localTime(at) + "  " + a.bad.s(token.Relative(at, now))
						}
					}
				}
				return a.accent.s(pad(a.theirs(name), nw)) + "  " + cut(text, w-nw-2)
			},
			full: func(w int) []string {
				if isTime {
					return nil
				}
				return fullValue(a.accent.s(pad(a.theirs(name), nw))+"  ", a.theirs(shortJSON(v, 400)), v, a.theirs, w)
			},
			explain: func(w int) []string {
				meaning := token.Meaning(use, name, v)
				if head {
					meaning = token.HeaderMeaning(name, v)
				}
				lines := []string{a.strong.s(cut(a.theirs(name), w))}
				lines = append(lines, wrap(a.quoting(meaning, name, shortJSON(v, 4000)), w)...)
				if isTime {
					if at, ok := token.Time(v); ok {
						here, utc := token.Absolute(at, time.Local), token.Absolute(at, nil)
						if here == utc {
							utc = ""
						}
						return append(lines, a.dim.s(cut(strings.TrimSpace(v.Text()+"   "+here+"   "+utc), w)))
					}
				}
				return append(lines, inked(a.dim, wrap(a.theirs(shortJSON(v, 4000)), w))...)
			},
			copies: v.Text(), called: "the value of " + a.theirs(name), json: claimJSON(name, v),
		})
	}
	return rows
}

// fullValue is a name and its value on up to three lines; a list of texts has
// one of them on each. It is nil where that would not hold the value.
func fullValue(name, text string, v rawjson.Value, say func(string) string, w int) []string {
	const most = 3
	vw := w - width(name)
	if width(text) <= vw {
		return nil
	}
	lines := wrap(text, vw)
	if items := v.Items(); len(items) > 0 && len(items) <= most {
		var list []string
		plain := true
		for _, it := range items {
			plain = plain && it.Kind() == rawjson.String
			list = append(list, wrap(say(it.Text()), vw)...)
		}
		if plain && len(list) <= most {
			lines = list
		}
	}
	if len(lines) > most {
		return nil
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		if i == 0 {
			out[i] = name + l
		} else {
			out[i] = gap(width(name)) + l
		}
	}
	return out
}

// claimJSON is a claim as a JSON object of its own.
func claimJSON(name string, v rawjson.Value) string {
	var b strings.Builder
	b.WriteByte('{')
	rawjson.Quote(&b, name)
	return b.String() + ": " + v.JSON() + "}"
}

// shortJSON is a value on one line, cut before it is made safe: a claim may be
// a megabyte.
func shortJSON(v rawjson.Value, limit int) string { return shorten(v.Text(), limit) }

// localTime is a time in the zone of the person, as short as it can be.
func localTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// dayTime is a time of day, with the day when it is not today.
func dayTime(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04:05")
	}
	return t.Format("Jan 2 15:04")
}

// checkState maps a check's state to its sign.
var checkState = map[token.State]state{token.Pass: stateGood, token.Warn: stateWarn, token.Fail: stateBad, token.Skip: stateSkip}

// checkOrder puts what failed before the eye first.
var checkOrder = map[token.State]int{token.Fail: 0, token.Warn: 1, token.Pass: 2, token.Skip: 3}

func (s *claimsScreen) checkRows(g *flows.Generation) []claimRow {
	a := s.a
	var checks []token.Check
	for _, c := range s.wk.checks(g) {
		if c.Token == s.use() {
			checks = append(checks, c)
		}
	}
	sort.SliceStable(checks, func(i, j int) bool { return checkOrder[checks[i].State] < checkOrder[checks[j].State] })
	var rows []claimRow
	folded := 0 // rows up to here are in one row
	for i, c := range checks {
		if i < folded {
			continue
		}
		st := checkState[c.State]
		if n := sameSkip(checks[i:]); n > 2 {
			folded = i + n
			rows = append(rows, s.skipRow(checks[i:folded]))
			continue
		}
		rows = append(rows, claimRow{
			draw: func(w int) string {
				word := a.state(st).s(pad(string(c.State), 4))
				text := c.Got
				if t, err := time.Parse(time.RFC3339, text); err == nil {
					text = localTime(t) // as the claims beside it; below it is told in UTC
				}
				if c.State == token.Skip || text == "" {
					text = c.Why
				}
				name := pad(c.Name, 9)
				if c.State == token.Fail {
					name = a.strong.s(name)
				}
				return a.mark(st) + " " + word + "  " + name + "  " + a.dim.over(cut(a.say(text), w-19))
			},
			explain: func(w int) []string {
				lines := []string{a.mark(st) + " " + a.strong.s(c.Name) + "  " + a.state(st).s(string(c.State))}
				if c.Why != "" {
					lines = append(lines, wrap(a.say(c.Why), w)...)
				}
				if c.Want != "" {
					lines = append(lines, indent(a.dim.s("wanted  "), a.say(shorten(c.Want, 600)), w)...)
				}
				if c.Got != "" {
					lines = append(lines, indent(a.dim.s("got     "), a.say(shorten(c.Got, 600)), w)...)
				}
				if c.Spec != "" {
					lines = append(lines, indent(a.dim.s("rule    "), c.Spec, w)...)
				}
				return lines
			},
			copies: fmt.Sprintf("%s %s\nwanted: %s\ngot: %s\n%s\n%s", c.Name, c.State, c.Want, c.Got, c.Why, c.Spec), called: "the check " + c.Name,
		})
	}
	return rows
}

// sameSkip counts how many checks from the first on were skipped for the same
// reason.
func sameSkip(checks []token.Check) int {
	n := 0
	for n < len(checks) && checks[n].State == token.Skip && checks[n].Why == checks[0].Why {
		n++
	}
	return n
}

// skipRow is one row for checks that were skipped for the same reason.
func (s *claimsScreen) skipRow(checks []token.Check) claimRow {
	a := s.a
	var names []string
	for _, c := range checks {
		names = append(names, c.Name)
	}
	why := checks[0].Why
	head := plural(len(checks), "check", "checks") + " skipped"
	return claimRow{
		draw: func(w int) string {
			return a.mark(stateSkip) + " " + head + a.dim.s(cut(": "+a.say(lower(why)), w-2-len(head)))
		},
		explain: func(w int) []string {
			lines := []string{a.mark(stateSkip) + " " + a.strong.s(head)}
			lines = append(lines, wrap(a.say(why), w)...)
			return append(lines, inked(a.dim, wrap(strings.Join(names, ", "), w))...)
		},
		copies: head + "\n" + why + "\n" + strings.Join(names, ", "), called: "the checks",
	}
}

func shorten(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// scopeOrder is the order of the ledger's rows: those that are granted last.
var scopeOrder = map[token.Verdict]int{token.Granted: 1, token.Unknown: 1}

// verdictState maps what became of a scope to a sign.
var verdictState = map[token.Verdict]state{token.Granted: stateGood, token.Missing: stateBad, token.Added: stateWarn, token.Dropped: stateWarn, token.NeedsPermission: stateWarn, token.Unknown: stateSkip}

func (s *claimsScreen) scopeRows(g *flows.Generation) []claimRow {
	a := s.a
	s.verdictWidth = len("verdict")
	for _, r := range g.Ledger.Rows {
		s.verdictWidth = max(s.verdictWidth, len(r.Verdict))
	}
	tick := func(b *bool, w int) string {
		switch {
		case b == nil:
			return pad(a.dim.s("?"), w)
		case *b:
			return pad("✓", w)
		}
		return pad(a.dim.s("–"), w)
	}
	ledger := slices.Clone(s.wk.ledger(g))
	// What is not as it was asked stands first.
	sort.SliceStable(ledger, func(i, j int) bool { return scopeOrder[ledger[i].Verdict] < scopeOrder[ledger[j].Verdict] })
	var rows []claimRow
	for _, r := range ledger {
		st := verdictState[r.Verdict]
		rows = append(rows, claimRow{
			draw: func(w int) string {
				nw, asked, granted := s.ledgerColumns(w)
				return a.mark(st) + " " + pad(a.say(r.Scope), nw) + " " + tick(r.Requested, asked) + tick(r.Granted, granted) + tick(r.InToken, asked) + a.state(st).s(string(r.Verdict))
			},
			explain: func(w int) []string {
				word := string(r.Verdict)
				if r.Certainty != "" {
					word += ", " + string(r.Certainty)
				}
				lines := []string{a.mark(st) + " " + a.strong.s(cut(a.say(r.Scope), w-30)) + "  " + a.state(st).s(word)}
				lines = append(lines, wrap(a.say(r.Why), w)...)
				if r.Purpose != "" {
					lines = append(lines, inked(a.dim, wrap(a.say(r.Purpose), w))...)
				}
				if len(r.Brings) > 0 {
					var came, not []string
					for _, b := range r.Brings {
						if b.Came() {
							came = append(came, b.Claim)
						} else {
							not = append(not, b.Claim)
						}
					}
					if len(came) > 0 {
						lines = append(lines, indent(a.dim.s("brought  "), strings.Join(came, ", "), w)...)
					}
					if len(not) > 0 {
						lines = append(lines, indent(a.dim.s("not seen "), strings.Join(not, ", "), w)...)
					}
				}
				return lines
			},
			copies: r.Scope, called: "the scope",
		})
	}
	return rows
}

// ledgerColumns are the widths of the ledger in w columns: the scope's name, and
// the ticks for asked, granted and in the token, closer together on a small window.
func (s *claimsScreen) ledgerColumns(w int) (name, asked, granted int) {
	asked, granted = 7, 9
	if w < 54 {
		asked, granted = 6, 6
	}
	return max(min(w-2-1-2*asked-granted-s.verdictWidth, 40), 8), asked, granted
}

// scopeHead names the ledger's columns.
func (s *claimsScreen) scopeHead(w int) string {
	nw, asked, granted := s.ledgerColumns(w)
	given := "granted"
	if len(given) >= granted {
		given = "given"
	}
	return s.a.dim.s(gap(2+nw+1) + pad("asked", asked) + pad(given, granted) + pad("token", asked) + "verdict")
}

// rawRows are the parts as they came; the header and the payload also decoded.
func (s *claimsScreen) rawRows(t *token.Token) []claimRow {
	a := s.a
	var rows []claimRow
	text := func(line string, i ink) {
		rows = append(rows, claimRow{draw: func(w int) string { return i.s(cut(line, w)) }, copies: t.Raw, called: "the token", secret: true})
	}
	names := []string{"header", "payload", "signature"}
	if t.Kind == token.JWE {
		names = []string{"header", "encrypted key", "initialization vector", "ciphertext", "authentication tag"}
	}
	rw := max(s.rawWidth(), 20)
	for i, p := range t.Parts {
		name := "the rest"
		if t.Kind == token.Opaque {
			name = "the token, as it came"
		} else if i < len(names) {
			name = names[i]
		}
		text(name+"  "+plural(len(p), "character", "characters"), a.head)
		secret := a.masked && !(t.Kind == token.JWS && i < 2 || t.Kind == token.JWE && i == 0)
		if secret && p != "" {
			text("  "+flows.Mask, a.secret)
		} else {
			shown := p
			if len(shown) > 6000 {
				shown = shown[:6000]
			}
			for _, l := range hard(a.theirs(shown), rw-2) {
				text("  "+l, a.dim)
			}
		}
		v := rawjson.Value{}
		switch {
		case i == 0 && t.Kind != token.Opaque:
			v = t.Header
		case i == 1 && t.Kind == token.JWS:
			v = t.Claims
		}
		if !v.IsZero() {
			for _, l := range strings.Split(a.theirLines(shorten(v.Pretty(), maxShown)), "\n") {
				for _, x := range a.jsonLine(l, rw-2) {
					text("  "+x, ink{})
				}
			}
		}
		text("", ink{})
	}
	for _, f := range t.Faults {
		for _, l := range wrap("✗ "+capital(a.quoting(f.String()))+".", rw) {
			text(l, a.bad)
		}
	}
	for _, n := range t.Notes {
		for _, l := range wrap("! "+capital(a.quoting(n))+".", rw) {
			text(l, a.warn)
		}
	}
	return rows
}

func (s *claimsScreen) rawWidth() int {
	if s.isWide() {
		return s.leftWidth() - 4
	}
	return s.w - 4
}

func (s *claimsScreen) leftWidth() int { return s.w/2 - 2 }

// refreshRows says what is known of the refresh token, which is only for its
// issuer to read.
func (s *claimsScreen) refreshRows(g *flows.Generation) []claimRow {
	a := s.a
	fact := func(name, text, why string) claimRow {
		return claimRow{
			draw:    func(w int) string { return a.accent.s(pad(name, nameWidth)) + "  " + cut(text, w-nameWidth-2) },
			explain: func(w int) []string { return append([]string{a.strong.s(name)}, wrap(why, w)...) },
			copies:  text, called: name,
		}
	}
	if g.Refresh == "" {
		return []claimRow{fact("none", "No refresh token is held.", "A refresh token comes with the scope offline_access, when the API has Allow Offline Access on and the application the Refresh Token grant. The scope ledger says which of these it was.")}
	}
	came := "with the first grant"
	switch {
	case g.RefreshToken == flows.RefreshSame:
		came = "the one from before goes on being good"
	case g.N > 0:
		came = fmt.Sprintf("new with generation %d: the one before is used up", g.N)
	}
	t := claimRow{
		draw: func(w int) string {
			return a.accent.s(pad("token", nameWidth)) + "  " + a.secret.s(cut(a.say(a.hide(g.Refresh)), w-nameWidth-2))
		},
		explain: func(w int) []string {
			return append([]string{a.strong.s("token")}, wrap("Opaque: it means something to its issuer alone. Whoever holds it gets new tokens, so it is worth as much as the password.", w)...)
		},
		copies: g.Refresh.Reveal(), called: "the refresh token", secret: true,
	}
	return []claimRow{t,
		fact("length", plural(len(g.Refresh), "character", "characters"), "Auth0's are opaque strings of about 45 to 64 characters; newer tenants begin them with v1."),
		fact("came", came, "With rotation on (Applications › the application › Refresh Token Rotation) every refresh brings a new one and ends the one before; without it one token serves until it expires or is revoked."),
		fact("held", "in this program's memory only", "authwalk writes no token to the disk. It is gone when the program ends, but stays good at the tenant until it expires or is revoked (x on step 6)."),
		fact("lifetime", "not told by the reply", "How long it lives is a setting of the application: absolute and inactivity lifetime. Nothing in the token or the reply says it."),
	}
}

func (s *claimsScreen) rawRefresh(g *flows.Generation) []claimRow {
	if g.Refresh == "" {
		return s.refreshRows(g)
	}
	a := s.a
	var rows []claimRow
	for _, l := range hard(a.say(a.hide(g.Refresh)), max(s.rawWidth(), 20)) {
		rows = append(rows, claimRow{draw: func(w int) string { return a.secret.s(cut(l, w)) }, copies: g.Refresh.Reveal(), called: "the refresh token", secret: true})
	}
	return rows
}

func (s *claimsScreen) resize(w, h int) {
	if w != s.w {
		s.drawn = false
	}
	s.pane.resize(w, h)
}

func (s *claimsScreen) View() string {
	a, g := s.a, s.wk.generation()
	if g == nil {
		return s.show([]string{"There are no tokens yet. Go to step 2 and request some."})
	}
	s.build()
	top := []string{s.tabLine(), s.summary(g, s.w), ""}
	row, any := s.row()
	eh := 6
	if s.h < 16 {
		eh = 4
		top = top[:2]
	} else if s.h > 34 {
		eh = 8
	}
	if l, ok := s.filter.line(a, s.w); ok {
		top[len(top)-1] = l // in the place of the blank line, or of the summary
	}
	var explain []string
	if any && row.explain != nil {
		explain = row.explain(s.w)
	}
	foot := append([]string{a.faint.s(strings.Repeat("─", s.w))}, clip(explain, s.w, eh-1)...)
	if s.shownPane() == paneRaw {
		foot = nil // what came explains nothing: it wants the room
	}
	room := max(s.h-len(top)-len(foot), 1)
	var body []string
	if s.isWide() {
		lw := s.leftWidth()
		rw := s.w - lw - 4
		left := paneClaims
		if s.raw {
			left = paneRaw
		}
		ch := min(len(s.rows[paneChecks])+1, max(room-min(len(s.rows[paneScopes])+3+s.summaryLines(rw), room*3/5), 3))
		if len(s.rows[paneChecks]) == 0 && s.filter.text() == "" {
			ch = 0
		}
		var right []string
		if ch > 0 {
			right = append(right, s.paneLines(paneChecks, rw, min(ch, room))...)
			right = append(right, "")
		}
		if n := room - len(right); n > 1 {
			right = append(right, s.paneLines(paneScopes, rw, n)...)
		}
		body = beside(room, "    ", []int{lw, rw}, s.paneLines(left, lw, room), right)
	} else {
		body = s.paneLines(s.shownPane(), s.w, room)
	}
	return s.show(append(append(top, clip(body, s.w, room)...), foot...))
}

// tabLine names the tokens, the one in sight marked.
func (s *claimsScreen) tabLine() string {
	a, g := s.a, s.wk.generation()
	var parts []string
	for i, n := range tabNames {
		there := i == tabAccess || i == tabID && g.ID != nil || i == tabRefresh && g.Refresh != ""
		if i == s.tab {
			parts = append(parts, a.accent.s("▸ ")+a.here.s(n))
		} else if there {
			parts = append(parts, "  "+n)
		} else {
			parts = append(parts, "  "+a.dim.s(n+" –"))
		}
	}
	tabs, gen := strings.Join(parts, "  "), fmt.Sprintf("generation %d", g.N)
	if width(tabs)+1+width(gen) > s.w {
		gen = fmt.Sprintf("gen. %d", g.N)
	}
	return right(tabs, a.dim.s(gen), s.w)
}

// summary is one line: what the token is, whether it can be trusted, its life.
func (s *claimsScreen) summary(g *flows.Generation, w int) string {
	a := s.a
	if s.tab == tabRefresh && g.Refresh == "" {
		return ""
	}
	if s.tab == tabRefresh {
		return "  " + a.dim.s("opaque: only its issuer can read it")
	}
	t := s.token()
	if t == nil {
		return "  " + a.dim.s("none came: an ID token comes with the scope openid")
	}
	text := a.kindOf(t)
	if k := t.KeyID(); k != "" && w > 70 {
		text += a.dim.s("  kid ") + cut(a.theirs(k), 16)
	}
	trust := a.busySign()
	if g.Examined || !s.wk.examine.running() {
		switch v := token.Verified(g.Checks, s.use()); {
		case v == nil:
			trust = a.dim.s("– signature not checked")
			if t.Kind != token.JWS && s.tab == tabAccess && g.Asked.Audience == "" {
				trust = a.mark(stateWarn) + a.warn.s(" No audience was asked for: good for /userinfo only")
			}
		case *v:
			trust = a.mark(stateGood) + a.good.s(" signature verified")
		default:
			trust = a.mark(stateBad) + a.bad.s(" signature WRONG")
		}
	}
	line := "  " + text + "   " + trust
	if n := s.count(token.Fail); n > 0 {
		line += "   " + a.bad.s("✗ "+plural(n, "check fails", "checks fail"))
	} else if n := s.count(token.Warn); n > 0 {
		line += "   " + a.warn.s("! "+plural(n, "warning", "warnings"))
	}
	if l := token.LifeOf(t.Claims, a.clock.Wall()); l.Known && w-width(line) > 48 {
		bw := min(w-width(line)-38, 24)
		n := max(min(int(float64(bw)*l.Elapsed), bw-1), 0)
		i := a.good
		switch {
		case l.Elapsed >= 1:
			i = a.bad
		case l.Elapsed >= 0.8:
			i = a.warn
		}
		layout := "15:04"
		if l.To.Sub(l.From) >= 24*time.Hour {
			layout = "Jan 2 15:04"
		}
		bar := a.dim.s("issued "+l.From.Local().Format("15:04")+" ") + i.s(strings.Repeat("━", n)+"●") + a.faint.s(strings.Repeat("─", bw-n-1)) + a.dim.s(" expires "+l.To.Local().Format(layout))
		line = right(line, bar, w)
	}
	return cut(line, w)
}

func (s *claimsScreen) count(st token.State) int {
	n := 0
	for _, c := range s.wk.generation().Checks {
		if c.Token == s.use() && c.State == st {
			n++
		}
	}
	return n
}

// summaryLines is how many lines the ledger's sentence takes below the title of
// a pane of w columns; 0: it fits beside it.
func (s *claimsScreen) summaryLines(w int) int {
	text := s.wk.ledgerSummary()
	if width(text) <= w-10 {
		return 0
	}
	return len(wrap(text, w-4))
}

// paneLines draws a pane with its title in w columns and h lines.
func (s *claimsScreen) paneLines(p, w, h int) []string {
	a := s.a
	rows := s.rows[p]
	focused := p == s.shownPane()
	name := paneNames[p]
	if p == paneClaims && s.tab != tabRefresh && s.token() != nil && s.token().Kind == token.JWE {
		name = "Header (the rest is encrypted)"
	}
	if p == paneClaims && s.tab == tabRefresh {
		name = "Refresh token"
	}
	title := a.dim.s("  " + name)
	if focused {
		title = a.accent.s("▸ ") + a.head.s(name)
	}
	var below []string // under the title
	switch p {
	case paneScopes:
		if g := s.wk.generation(); g != nil && w > 30 {
			text := s.wk.ledgerSummary()
			if n := s.summaryLines(w); n > 0 && h >= len(rows)+2+n {
				below = inked(a.dim, wrap(text, w-4))
			} else {
				title += a.dim.s("  " + cut(text, w-10))
			}
		}
	case paneChecks:
		if focused && s.h >= 20 {
			title += a.dim.s("  failed ones first")
		}
	}
	lines := []string{cut(title, w)}
	for _, l := range below {
		lines = append(lines, "  "+l)
	}
	if p == paneScopes && len(rows) > 0 && h > 3 {
		lines = append(lines, "  "+s.scopeHead(w-4))
	}
	h -= len(lines)
	l := &s.lists[s.tab][p]
	l.keep(len(rows), h)
	if len(rows) == 0 {
		empty := map[int]string{paneClaims: "Nothing to read: no such token came.", paneChecks: "Nothing to check here.", paneScopes: "No scope was asked for or granted.", paneRaw: "No such token came."}[p]
		if s.filter.text() != "" {
			empty = "Nothing has these words."
		}
		return append(lines, "  "+a.dim.s(empty))
	}
	var body []string
	spare := h - len(rows) // lines that long values may take
	for i := l.top; i < min(l.top+h, len(rows)); i++ {
		inner, here := w-4, i == l.at && focused
		if spare > 0 && rows[i].full != nil {
			if more := rows[i].full(inner); len(more) > 0 && len(more)-1 <= spare {
				spare -= len(more) - 1
				for n, text := range more {
					if here && n > 0 {
						body = append(body, a.row.over(pad("  "+text, w-2)))
					} else {
						body = append(body, a.listed(text, w-2, here))
					}
				}
				continue
			}
		}
		body = append(body, a.listed(rows[i].draw(inner), w-2, here && p != paneRaw))
	}
	return append(lines, a.barred(body, w, h, len(rows), l.top)...)
}
