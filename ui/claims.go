package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
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
		return func() tea.Cmd {
			s.focus = (s.focus + n + 3) % 3
			if s.focus == paneChecks && s.tab == tabRefresh {
				s.focus = (s.focus + n + 3) % 3 // its issuer alone can check it: no such pane
			}
			return nil
		}
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

func (s *claimsScreen) resize(w, h int) {
	if w != s.w {
		s.drawn = false
	}
	s.pane.resize(w, h)
}
