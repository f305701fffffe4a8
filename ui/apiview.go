package ui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

func (s *apiScreen) View() string {
	a := s.a
	if s.wk.generation() == nil {
		return s.show([]string{"There is no token yet. Go to step 2 and request one."})
	}
	if s.isWide() {
		lw := s.callsWidth()
		rw := s.answerWidth()
		ch := min(len(s.calls)+2, max(s.h/3, 4))
		left := append(clip(s.callLines(lw, ch), lw, ch), s.editLines(lw, s.h-ch)...)
		return strings.Join(beside(s.h, "    ", []int{lw, rw}, left, s.answerLines(rw, s.h)), "\n")
	}
	names := []string{"Calls", "Request", "Answer"}
	var tabs []string
	for i, n := range names {
		if i == s.part {
			tabs = append(tabs, a.accent.s("▸ ")+a.here.s(n))
		} else {
			tabs = append(tabs, "  "+n)
		}
	}
	lines := []string{strings.Join(tabs, "   "), ""}
	h := s.h - 2
	bare := func(block []string) []string { return block[1:] } // the tab is its title
	switch s.part {
	case partCalls:
		n := min(len(s.calls)+2, h/2)
		if !s.answered() {
			n = min(len(s.calls)+2, h-4) // what stands below is a sentence
		}
		lines = append(lines, clip(bare(s.callLines(s.w, n)), s.w, n-1)...)
		lines = append(lines, s.answerLines(s.w, h-n+1)...)
	case partEdit:
		lines = append(lines, bare(s.editLines(s.w, h+1))...)
	default:
		lines = append(lines, bare(s.answerLines(s.w, h+1))...)
	}
	return s.show(lines)
}

// callsWidth and answerWidth share the window out.
func (s *apiScreen) callsWidth() int { return s.w * 9 / 20 }

func (s *apiScreen) answerWidth() int {
	if s.isWide() {
		return s.w - s.callsWidth() - 4
	}
	return s.w
}

// partTitle marks the part with the focus.
func (a *App) partTitle(name string, focused bool) string {
	if focused {
		return a.accent.s("▸ ") + a.head.s(name)
	}
	return a.dim.s("  " + name)
}

func (s *apiScreen) callLines(w, h int) []string {
	a := s.a
	lines := []string{a.partTitle("Calls", s.part == partCalls)}
	room := max(h-2, 1)
	s.list.keep(len(s.calls), room)
	var rows []string
	for i := s.list.top; i < min(s.list.top+room, len(s.calls)); i++ {
		c := s.calls[i]
		nw := min(22, w/3)
		text := pad(a.say(c.Name), nw) + " " + a.dim.s(pad(oneLine(c.Method), 6)+" "+cut(a.say(c.URL), max(w-nw-14, 4)))
		rows = append(rows, a.listed(text, w, i == s.list.at && s.part == partCalls))
	}
	return append(lines, a.barred(rows, w, room, len(s.calls), s.list.top)...)
}

func (s *apiScreen) editLines(w, h int) []string {
	a := s.a
	lines := []string{a.partTitle("Request", s.part == partEdit)}
	f := s.form
	focus := f.focus
	if s.part != partEdit {
		f.focus = -1 // nothing in it has the focus
	}
	n := len(f.fields) + 3
	lines = append(lines, f.lines(w, min(n, max(h-2, 3)))...)
	f.focus = focus
	room := h - len(lines) - 1
	if room < 3 {
		return lines
	}
	lines = append(lines, "")
	ex, err := s.preview()
	if err != nil && s.form.values()["url"] == "" { // just begun: no fault yet
		return append(lines, inked(a.dim, indent("  ", "The URL: whole, or from the API's base on, "+a.theirs(s.wk.cfg.APIBaseURL())+".", w))...)
	}
	if err != nil {
		return append(lines, inked(a.warn, wrap("! "+capital(a.fault(err))+".", w))...)
	}
	if _, id := s.bearer(); id {
		lines = append(lines, inked(a.warn, wrap("! The ID token goes along. APIs take the access token: this is the classic mistake.", w))...)
		lines = append(lines, "")
	}
	lines = append(lines, a.dim.s("  As it will be sent"))
	req := a.requestText(s.wk.redactor().Exchange(ex), w-2)
	for _, l := range req {
		lines = append(lines, "  "+l)
	}
	return lines
}

func (s *apiScreen) answerLines(w, h int) []string {
	a := s.a
	title := a.partTitle("Answer", s.part == partAnswer)
	switch {
	case s.task.running() || s.wk.userinfo.running():
		gone, _ := a.clock.Elapsed(s.task.since)
		if a.opt.Still {
			gone = 0
		}
		line := a.busySign() + "  " + a.dim.s("under way for ") + fmt.Sprintf("%.1f s", gone.Seconds())
		if s.spool != nil && s.spool.Size() > 0 {
			line += a.dim.s(", ") + size(s.spool.Size()) + a.dim.s(" came")
		}
		return []string{title, "", "  " + line}
	case s.answer == nil:
		lines := []string{title, ""}
		if s.err != nil {
			return append(lines, indent("  "+a.mark(stateBad)+" ", capital(a.fault(s.err))+".", w)...)
		}
		return append(lines, inked(a.dim, indent("  ", "Nothing was sent yet. enter sends the call under the cursor with the token that was issued; one token serves for all calls.", w))...)
	}
	ex := s.answer
	status := a.mark(s.wk.apiState) + " "
	if ex.Status == 0 {
		status += a.bad.s("no reply")
	} else {
		status += a.statusInk(ex.Status).s(statusText(ex.Status))
	}
	if !s.answered() {
		status += a.warn.s("   for the call before") // before the facts, which may be cut
	}
	facts := []string{duration(ex.Timings.Total), size(ex.BodySize)}
	if ct := ex.Header.Get("Content-Type"); ct != "" {
		ct, _, _ = strings.Cut(ct, ";") // the headers below have it whole
		facts = append(facts, ct)
	}
	if ex.Proto != "" {
		facts = append(facts, ex.Proto)
	}
	for i, f := range facts {
		more := "   " + a.dim.s(a.theirs(f))
		if i > 1 && width(status+more) > w-2 {
			break // what has no room whole is left out
		}
		status += more
	}
	lines := []string{title, "  " + cut(status, w-2)}
	var text []string
	if len(s.findings) > 0 {
		v := &verdict{a: a, findings: s.findings}
		text = append(text, "")
		text = append(text, v.text(w-4)...)
		if t, ok := s.fix(); ok {
			what, then := capital(a.say(t.Title)), "and back to the form; sends nothing"
			if width(what)+width(then)+10 <= w {
				text = append(text, "", "  "+a.key.s("f")+" "+what+"  "+a.dim.s(then))
			} else {
				text = append(append(text, ""), indent("  "+a.key.s("f")+" ", what, w-4)...)
				text = append(text, inked(a.dim, indent("    ", then, w-4))...)
			}
		}
		if s.expired() {
			text = append(text, "", "  "+a.key.s("R")+" Refresh, then send this call again")
		}
	}
	if s.err != nil && len(s.findings) == 0 {
		text = append(text, "")
		text = append(text, indent(a.mark(stateBad)+" ", capital(a.fault(s.err))+".", w-2)...)
	}
	if l, ok := s.filter.line(a, w-14); ok {
		what := ""
		if s.jqTask.running() {
			what = "running …"
		} else if s.hits != nil {
			what = plural(len(s.hits), "line", "lines")
		} else if s.jq != nil {
			what = "jq"
		}
		lines = append(lines, "  "+right(l, a.dim.s(what), w-2))
	}
	if ex.Status > 0 {
		text = append(text, "")
		text = append(text, a.pairs(headerPairs(s.wk.redactor().Headers(ex.Header)), w-4)...)
		text = append(text, "")
	}
	return append(lines, s.scrolled(text, w, h-len(lines))...)
}

// scrolled draws the head lines and then the document, of which only the lines
// in sight are made.
func (s *apiScreen) scrolled(head []string, w, h int) []string {
	a := s.a
	d := s.shownDoc()
	n := len(head)
	at := func(i int) int { return d.folds.line(i) }
	if d == nil {
		if s.reading.running() {
			head = append(head, a.dim.s("reading …"))
			n++
		}
	} else {
		if d.note != "" {
			head = append(head, a.warn.s("! ")+cut(a.theirs(capital(d.note))+".", w-4))
			n++
		}
		if s.answer.Truncated && s.answer.Spool == nil {
			head = append(head, a.warn.s("! ")+"the answer was longer than what is kept and was cut")
			n++
		}
		if s.hits != nil && s.jq == nil {
			at = func(i int) int { return s.hits[i] }
			n += len(s.hits)
		} else {
			n += d.rows()
		}
	}
	s.scroll.top = max(min(s.scroll.top, n-h), 0)
	s.head, s.room = len(head), h
	cursor := s.part == partAnswer && s.canFold() == ""
	if from, to := max(s.scroll.top-s.head, 0), min(s.scroll.top+h, n)-1-s.head; cursor && from <= to {
		s.row = max(min(s.row, to), from)
	}
	s.wider = false
	var out []string
	red := s.wk.redactor()
	shown := func(l string) string {
		if a.masked || a.present {
			l = red.Text(l)
		}
		return a.bare(l)
	}
	for i := s.scroll.top; i < min(s.scroll.top+h, n); i++ {
		if i < len(head) {
			out = append(out, "  "+head[i])
			continue
		}
		mark := "  "
		if cursor && i-len(head) == s.row {
			mark = a.accent.s("▸ ")
		}
		line := at(i - len(head))
		l := shown(d.line(line))
		if d.kind == "json" {
			l = strings.Join(a.jsonLine(l, 1<<20), "")
			if f, ok := d.folds.at(line); ok {
				x := d.folds[f]
				l += a.dim.s(" … "+plural(x.to-x.from-1, "line", "lines")+" … ") + strings.TrimSpace(shown(d.line(x.to)))
			}
		}
		if s.across > 0 {
			l = a.dim.s("…") + ansi.TruncateLeft(l, s.across+1, "")
		}
		s.wider = s.wider || width(l) > w-4
		out = append(out, mark+cut(l, w-4))
	}
	return a.barred(out, w, h, n, s.scroll.top)
}
