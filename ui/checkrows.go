package ui

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"authwalk/flows"
	"authwalk/flows/token"
)

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
