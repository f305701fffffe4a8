package ui

import (
	"slices"
	"sort"
	"strings"

	"authwalk/flows"
	"authwalk/flows/token"
)

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

// summaryLines is how many lines the ledger's sentence takes below the title of
// a pane of w columns; 0: it fits beside it.
func (s *claimsScreen) summaryLines(w int) int {
	text := s.wk.ledgerSummary()
	if width(text) <= w-10 {
		return 0
	}
	return len(wrap(text, w-4))
}
