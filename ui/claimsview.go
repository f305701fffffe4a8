package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/token"
)

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
	if width(tabs)+3+width(gen) > s.w { // else it reads as a word of the last tab
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
	trust := a.busySign()
	if g.Examined || !s.wk.examine.running() {
		switch v := token.Verified(g.Checks, s.use()); {
		case v == nil:
			trust = a.dim.s("– signature not checked")
			if s.tab == tabAccess && g.Asked.Audience == "" && slices.ContainsFunc(g.Findings, func(f diagnosis.Finding) bool { return f.ID == diagnosis.OpaqueToken }) {
				trust = a.mark(stateWarn) + a.warn.s(" No audience was asked for: good for /userinfo only")
			}
		case *v:
			trust = a.mark(stateGood) + a.good.s(" signature verified")
		case t.Unsigned():
			trust = a.mark(stateBad) + a.bad.s(" NOT SIGNED")
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
	if k := t.KeyID(); k != "" { // the checks have it whole
		kid := a.dim.s("  kid ") + cut(a.theirs(k), 16)
		if with := "  " + text + kid + strings.TrimPrefix(line, "  "+text); w > 70 && width(with) <= w {
			line = with
		}
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

func (s *claimsScreen) leftWidth() int { return s.w/2 - 2 }
