package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/rawjson"
	"authwalk/flows/token"
)

// compareScreen lays claims side by side: the tokens and /userinfo, or one
// generation and the next.
type compareScreen struct {
	pane
	wk   *walk
	tab  int
	list cursorList
}

// newCompareScreen begins with the token that is looked at on the claims screen:
// side by side, or, for the refresh token, what a refresh changed.
func newCompareScreen(a *App, w *walk) *compareScreen {
	s := &compareScreen{pane: pane{a: a}, wk: w}
	if w.claims != nil && w.claims.tab == tabRefresh || a.at == stepRefresh {
		for i, t := range s.tables() {
			if t.gens {
				s.tab = i
				break
			}
		}
	}
	return s
}

func (s *compareScreen) title() string { return "Claims side by side" }

func (s *compareScreen) about() string {
	return "The same claim in access token, ID token and /userinfo; conflicts are marked. After a refresh, what changed from one generation to the next."
}

// comparison is one table that can be shown.
type comparison struct {
	name string
	cols []token.Column
	gens bool
}

func claimsOf(t *token.Token) rawjson.Value {
	if t == nil {
		return rawjson.Value{}
	}
	return t.Claims
}

func (s *compareScreen) tables() []comparison {
	ses := s.wk.session
	g := ses.Current()
	if g == nil {
		return nil
	}
	side := comparison{name: "Side by side", cols: []token.Column{{Title: "access token", Claims: claimsOf(g.Access)}, {Title: "ID token", Claims: claimsOf(g.ID)}}}
	if ses.Userinfo != nil {
		side.cols = append(side.cols, token.Column{Title: "/userinfo", Claims: *ses.Userinfo})
	}
	out := []comparison{side}
	if g.N > 0 && g.N < len(ses.Generations) {
		b := ses.Generations[g.N-1]
		gen := func(name string, pick func(*flows.Generation) *token.Token) {
			x, y := pick(b), pick(g)
			if x != nil && y != nil {
				out = append(out, comparison{name: name, gens: true, cols: []token.Column{{Title: fmt.Sprintf("generation %d", b.N), Claims: claimsOf(x)}, {Title: fmt.Sprintf("generation %d", g.N), Claims: claimsOf(y)}}})
			}
		}
		gen("Access token before and after", func(g *flows.Generation) *token.Token { return g.Access })
		gen("ID token before and after", func(g *flows.Generation) *token.Token { return g.ID })
	}
	return out
}

func (s *compareScreen) rows() ([]token.Compared, comparison) {
	t := s.tables()
	if len(t) == 0 {
		return nil, comparison{}
	}
	s.tab = min(s.tab, len(t)-1)
	c := t[s.tab]
	if c.gens {
		return token.CompareGenerations(c.cols[0], c.cols[1]), c
	}
	return token.Compare(c.cols...), c
}

func (s *compareScreen) actions() []action {
	rows, _ := s.rows()
	n := len(s.tables())
	list := []action{
		{keys: []string{"enter"}, name: "back", help: "Back", do: func() tea.Cmd { s.a.shut(); return nil }},
		{keys: []string{"u"}, name: "userinfo", help: "Ask /userinfo once with the access token", do: s.wk.claims.userinfo},
	}
	if n > 1 {
		list = append(list, action{keys: []string{"tab"}, name: "next comparison", help: "The next comparison", do: func() tea.Cmd { s.tab = (s.tab + 1) % n; s.list = cursorList{}; return nil }},
			action{keys: []string{"shift+tab"}, name: "comparison before", help: "The comparison before", hidden: true, do: func() tea.Cmd { s.tab = (s.tab + n - 1) % n; s.list = cursorList{}; return nil }})
	}
	list = append(list, action{keys: []string{"y"}, name: "copy", help: "Copy the values under the cursor", do: func() tea.Cmd {
		if len(rows) == 0 {
			return nil
		}
		r := rows[min(s.list.at, len(rows)-1)]
		var b strings.Builder
		for _, v := range r.Values {
			b.WriteString(v.Text() + "\n")
		}
		return s.a.copy("the values of "+s.a.theirs(r.Name), b.String(), false)
	}})
	return append(list, s.list.moves(len(rows), max(s.h-8, 1))...)
}

// relationName is a relation in the words of the screens.
func relationName(r token.Relation) string {
	if r == token.Lone {
		return "only here"
	}
	return string(r)
}

// asItShould tells of a claim that each token has for itself.
func asItShould(r token.Compared) string {
	if r.Relation == token.Differ {
		return ", as they should"
	}
	return ""
}

var relationState = map[token.Relation]state{token.Same: stateGood, token.Lone: stateSkip, token.Differ: stateSkip, token.Conflict: stateBad, token.NewClaim: stateWarn, token.GoneClaim: stateWarn, token.OtherValue: stateBusy}

func (s *compareScreen) View() string {
	a := s.a
	rows, c := s.rows()
	if len(rows) == 0 {
		return s.show([]string{"There is nothing to compare: no token can be read."})
	}
	var tabs []string
	for i, t := range s.tables() {
		if i == s.tab {
			tabs = append(tabs, a.accent.s("▸ ")+a.here.s(t.name))
		} else {
			tabs = append(tabs, "  "+t.name)
		}
	}
	lines := []string{cut(strings.Join(tabs, "   "), s.w), ""}
	nw := 14
	for _, r := range rows {
		nw = max(nw, min(width(a.theirs(r.Name)), 24))
	}
	const rw = 10
	cw := max((s.w-2-4-nw-2-rw-2*len(c.cols))/len(c.cols), 6)
	line := func(name string, st state, word string, cell func(int) string) string {
		l := a.mark(st) + " " + name + "  "
		for i := range c.cols {
			l += pad(cell(i), cw) + "  "
		}
		return l + a.state(st).s(word)
	}
	head := "    " + pad("", nw) + "  "
	for _, col := range c.cols {
		head += pad(a.head.s(cut(col.Title, cw)), cw) + "  "
	}
	lines = append(lines, head)
	eh := 3 + len(c.cols)
	if s.h < 16 {
		eh--
	}
	eh += max(min(s.h-len(lines)-eh-len(rows), 2), 0) // a long meaning may have what the rows leave
	h := max(s.h-len(lines)-eh, 1)
	s.list.keep(len(rows), h)
	var body []string
	for i := s.list.top; i < min(s.list.top+h, len(rows)); i++ {
		r := rows[i]
		l := line(a.accent.s(pad(a.theirs(r.Name), nw)), relationState[r.Relation], relationName(r.Relation), func(n int) string {
			v := r.Values[n]
			if v.IsZero() {
				return "" // a dash is the sign of what was not compared
			}
			return cut(a.theirs(claimText(r.Name, v)), cw)
		})
		body = append(body, a.listed(l, s.w-2, i == s.list.at))
	}
	lines = append(lines, clip(a.barred(body, s.w, h, len(rows), s.list.top), s.w, h)...)
	r := rows[min(s.list.at, len(rows)-1)]
	foot := []string{a.faint.s(strings.Repeat("─", s.w)), a.strong.s(a.theirs(r.Name)) + "  " + a.state(relationState[r.Relation]).s(relationName(r.Relation)+asItShould(r))}
	for n, col := range c.cols {
		v := a.dim.s("not in it")
		if !r.Values[n].IsZero() {
			v = a.theirs(claimText(r.Name, r.Values[n]))
		}
		foot = append(foot, a.dim.s(pad(col.Title, 13))+" "+cut(v, s.w-14))
	}
	note := r.Note
	if note == "" {
		note = token.Meaning(token.Access, r.Name, firstOf(r.Values))
	}
	foot = append(foot, wrap(a.quoting(note, claimText(r.Name, firstOf(r.Values))), s.w)...)
	if len(c.cols) == 2 && s.wk.session.Userinfo == nil && !c.gens {
		foot = append(foot, a.dim.s("u asks /userinfo and lays its claims beside these."))
	}
	return s.show(append(lines, clip(foot, s.w, eh)...))
}

func firstOf(vs []rawjson.Value) rawjson.Value {
	for _, v := range vs {
		if !v.IsZero() {
			return v
		}
	}
	return rawjson.Value{}
}

// claimText is a value on one line, a time as a time.
func claimText(name string, v rawjson.Value) string {
	if token.IsTime(name) {
		if t, ok := token.Time(v); ok {
			return localTime(t)
		}
	}
	return shortJSON(v, 200)
}
