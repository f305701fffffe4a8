package ui

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
)

// checkScreen examines a set-up line by line and says where it stops.
type checkScreen struct {
	pane
	wk     *walk
	task   task
	asForm bool // what is checked is what the form holds, not the profile
	result *flows.CheckResult
	list   cursorList

	masked   []flows.CheckLine // of maskedOf without secrets, as far as was learnt then
	maskedOf *flows.CheckResult
	learnt   int
}

func newCheckScreen(a *App, w *walk) *checkScreen {
	return &checkScreen{pane: pane{a: a}, wk: w, result: w.checked}
}

// cfg is the set-up, with what its profile leaves to ask for taken from the form.
func (s *checkScreen) cfg() flows.Config {
	cfg, v := s.wk.cfg.Clone(), s.wk.form.form.values()
	if s.asForm {
		return cfg.With(v)
	}
	cfg.Username = cmp.Or(cfg.Username, v["username"])
	cfg.Password = cmp.Or(cfg.Password, flows.Secret(v["password"]))
	cfg.ClientSecret = cmp.Or(cfg.ClientSecret, flows.Secret(v["client_secret"]))
	return cfg
}

func (s *checkScreen) title() string { return "Check the set-up" }

func (s *checkScreen) about() string {
	return "The set-up is examined step by step, as a request meets it, without a management token and without changing anything. The first line that failed is where it stops; below it stands what to change."
}

func (s *checkScreen) busy() bool { return s.task.running() }

func (s *checkScreen) close() { s.task.stop() }

func (s *checkScreen) run(probe bool) tea.Cmd {
	return s.a.beforeSend(s.wk, "A check of the set-up", s.wk.cfg.Host(), func() tea.Cmd {
		c, session := s.wk.client.WithConfig(s.cfg()), s.wk.session
		s.result = nil
		return tea.Batch(s.a.animate(), start(s.a, &s.task, func(ctx context.Context) *flows.CheckResult {
			return c.CheckSetup(ctx, flows.CheckOptions{Probe: probe})
		}, func(r *flows.CheckResult) tea.Cmd {
			if s.result = r; !s.asForm {
				s.wk.checked = r
			}
			session.Exchanges = append(session.Exchanges, r.Session.Exchanges...)
			s.list.at = 0
			for i, l := range r.Lines {
				if l.State == flows.LineFail {
					s.list.at = i
					return s.a.tell(stateBad, "It stops at: %s.", s.a.say(l.Title))
				}
			}
			if n := seenOf(r); !slices.ContainsFunc(r.Lines, func(l flows.CheckLine) bool { return l.ID == "credentials" && l.State == flows.LinePass }) {
				how := ""
				if !s.cfg().Complete() {
					how = " without a password"
				}
				return s.a.tell(stateWarn, "%d of %d could be seen%s; nothing that was seen stops the walk.", n, len(r.Lines), how)
			}
			return s.a.tell(stateGood, "Nothing in the set-up stops the walk.")
		}, func(r *flows.CheckResult) { session.Exchanges = append(session.Exchanges, r.Session.Exchanges...) }))
	})
}

func (s *checkScreen) actions() []action {
	if s.task.running() {
		return []action{{keys: []string{"esc"}, name: "cancel", help: "Stop the check", do: func() tea.Cmd { s.task.stop(); return s.a.tell(stateWarn, "Stopped.") }}}
	}
	walkIt := action{keys: []string{"enter"}, name: "walk it", help: "Go to this set-up's form", do: func() tea.Cmd { return s.a.goTo(stepForm) }}
	checkIt := action{keys: []string{"enter", "c"}, name: "check", help: "Begin the check", do: func() tea.Cmd { return s.run(false) }}
	var list []action
	if s.result == nil {
		list = append(list, checkIt)
	} else {
		list = append(list, walkIt, action{keys: []string{"c"}, name: "check again", help: "Check again", do: func() tea.Cmd { return s.run(false) }})
		list = append(list, action{keys: []string{"w"}, name: "wire", help: "Every request and reply of the check", do: func() tea.Cmd { return s.a.open(newWireScreen(s.a, s.wk)) }},
			action{keys: []string{"y"}, name: "copy", help: "Copy the result as text", do: func() tea.Cmd { return s.a.copy("the check", s.text(), false) }})
		list = append(list, s.list.moves(len(s.result.Lines), s.h)...)
	}
	if !s.cfg().Complete() {
		list = append(list, action{keys: []string{"f"}, name: "fill in", help: "Go to the form, fill in what is asked for, and check with ctrl+e", do: s.fillIn})
		list = append(list, action{keys: []string{"p"}, name: "with a made-up user", help: "Try a made-up user: it counts as one failed login from this address", do: func() tea.Cmd { return s.run(true) }})
	}
	return list
}

// fillIn goes to what the form lacks; the form leads back.
func (s *checkScreen) fillIn() tea.Cmd {
	cmd := s.a.goTo(stepForm)
	if f, ok := s.a.base().(*formScreen); ok {
		f.form.toMissing()
	}
	return tea.Batch(cmd, s.a.tell(stateSkip, "Fill it in; ctrl+e checks with what stands here."))
}

// seenOf is how many lines of a check could be looked at.
func seenOf(r *flows.CheckResult) int {
	n := 0
	for _, l := range r.Lines {
		if l.State == flows.LinePass || l.State == flows.LineFail {
			n++
		}
	}
	return n
}

var goDuration = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:[0-9]+h)?(?:[0-9]+m)?[0-9]+(?:\.[0-9]+)?(?:s|ms)\b`)
})

// humanTimes writes durations as people do: 1m0s is 1 min.
func humanTimes(text string) string {
	return goDuration().ReplaceAllStringFunc(text, func(t string) string {
		d, err := time.ParseDuration(t)
		if err != nil || d != 0 && d < time.Second {
			return t
		}
		return inWords(d)
	})
}

var lineState = map[flows.LineState]state{flows.LinePass: stateGood, flows.LineFail: stateBad, flows.LineUnknown: stateSkip, flows.LineNotReached: stateTodo}

// lines are the result as it may be seen.
func (s *checkScreen) lines() []flows.CheckLine {
	a := s.a
	if !a.hides() {
		return s.result.Lines
	}
	a.attend()
	if n := a.red.Learnt(); s.maskedOf != s.result || s.learnt != n {
		s.masked, s.maskedOf, s.learnt = a.red.Lines(s.result.Lines, s.result.Session), s.result, n
	}
	return s.masked
}

// where are the places in the dashboard of what a failed line says to change.
func (s *checkScreen) where(l flows.CheckLine) []string {
	if first := s.result.FirstFailure(); first == nil || first.ID != l.ID || len(s.result.Session.Findings) == 0 {
		return nil
	}
	return s.result.Session.Findings[0].Where
}

func (s *checkScreen) text() string {
	var b strings.Builder
	for _, l := range s.lines() {
		b.WriteString(string(l.State) + "  " + l.Title + ": " + humanTimes(l.Saw) + "\n")
		for _, f := range l.Fix {
			b.WriteString("      " + f + "\n")
		}
	}
	return s.a.sayLines(b.String())
}

func (s *checkScreen) View() string {
	a := s.a
	head := a.head.s("Check the set-up of " + a.say(s.wk.name))
	lines := []string{head, ""}
	switch {
	case s.task.running():
		return s.show(append(lines, a.busySign()+"  "+a.dim.s("examining "+a.say(s.wk.cfg.Host()))))
	case s.result == nil:
		lines = append(lines, wrap("What is examined, in the order in which a request meets it: the name and TLS, discovery, keys and clock; the client, the grant, the directory, the audience, the credentials; then the tokens, a refresh and the API.", s.w)...)
		lines = append(lines, "")
		sends := s.cfg().CheckSends(false)
		if !s.cfg().Complete() {
			sends = "No password is known, so none is sent, and what lies behind the token endpoint stays unknown. For all of it: f goes to the form, and ctrl+e from there checks with what you filled in. Or p tries a made-up user."
		}
		lines = append(lines, indent(a.mark(stateWarn)+" ", a.say(sends), s.w)...)
		return s.show(append(lines, "", a.key.s("enter")+" begins the check     "+a.key.s("esc")+" goes back"))
	}
	res, all := s.result, s.lines()
	s.list.at = max(min(s.list.at, len(all)-1), 0)
	tw := 34
	if s.w < 90 {
		tw = 26
	}
	at, end := 0, 0
	var body []string
	for i, l := range all {
		st := lineState[l.State]
		saw := humanTimes(l.Saw)
		if l.State == flows.LineNotReached {
			saw = "not reached"
		}
		word := map[flows.LineState]string{flows.LinePass: "pass", flows.LineFail: "fail", flows.LineUnknown: "unknown", flows.LineNotReached: ""}[l.State]
		if i == s.list.at {
			at = len(body)
		}
		// What does not fit goes on below, title and result each in its column.
		titles, saws := wrap(l.Title, tw), wrap(a.say(saw), max(s.w-tw-18, 8))
		if s.h < 16 {
			saws = []string{cut(a.say(saw), max(s.w-tw-18, 8))} // the foot tells it whole
		}
		for n := range max(len(titles), len(saws)) {
			title, seen, mark, cursor := "", "", " ", "  "
			if n < len(titles) {
				title = titles[n]
			}
			if n < len(saws) {
				seen = saws[n]
			}
			if n > 0 {
				word = ""
			} else if mark = a.mark(st); i == s.list.at {
				cursor = a.accent.s("▸ ")
			}
			text := cursor + mark + " " + pad(title, tw) + " " + a.state(st).s(pad(word, 9)) + a.dim.s(seen)
			if i == s.list.at {
				text = a.row.over(pad(text, s.w-2))
			}
			body = append(body, text)
		}
		if i == s.list.at {
			end = len(body)
		}
	}
	l := all[s.list.at]
	foot := []string{a.faint.s(strings.Repeat("─", s.w)), a.mark(lineState[l.State]) + " " + a.strong.s(l.Title)}
	foot = append(foot, wrap(a.say(humanTimes(l.Saw)), s.w)...)
	for _, f := range l.Fix {
		foot = append(foot, indent(a.accent.s("→ "), a.say(f), s.w)...)
	}
	for _, where := range s.where(l) {
		foot = append(foot, indent(a.dim.s("in "), a.say(where), s.w)...)
	}
	needed := len(foot)
	if l.State != flows.LineFail && res.FirstFailure() == nil {
		foot = append(foot, "", a.dim.s("Not to be seen from outside, look at it by hand:"))
		for _, h := range res.ByHand() {
			foot = append(foot, indent(a.dim.s("· "), h, s.w)...)
		}
	}
	// What was found comes before what is to be looked at by hand.
	fh := min(len(foot), max(s.h-len(lines)-len(body), min(needed, max(s.h/2, 5))))
	h := max(s.h-len(lines)-fh, 1)
	top := 0
	if end > h {
		top = min(end-h, at)
	}
	part := body[top:min(top+h, len(body))]
	lines = append(lines, clip(a.barred(part, s.w, h, len(body), top), s.w, h)...)
	return s.show(append(lines, foot[:fh]...))
}
