package ui

import (
	"slices"
	"strings"

	"authwalk/flows"
	"authwalk/flows/report"
)

// redactor is the one redaction of flows/report, as the screens are set: what
// is on the wire is shown through it alone.
func (w *walk) redactor() *report.Redactor {
	opt := report.Options{Presentation: w.a.present, Reveal: !w.a.masked && !w.a.present, Key: w.a.opt.TagKey}
	mode := [2]bool{w.a.masked, w.a.present}
	switch {
	case w.red == nil:
		w.red = report.NewRedactor(opt)
	case w.redMode != mode:
		w.red = w.red.With(opt)
	}
	w.redMode = mode
	w.red.Session(w.session)
	return w.red
}

// hide masks one secret unless secrets are shown.
func (a *App) hide(s flows.Secret) string {
	if s == "" {
		return ""
	}
	if a.masked || a.present {
		return flows.Mask
	}
	return s.Reveal()
}

// outgoing draws something as it may leave the program, into a file or a
// recording: masked whatever the screens show, and without what they show once
// for the person alone.
func (a *App) outgoing(draw func() string) string {
	masked := a.masked
	a.masked, a.leaving = true, true
	if !masked {
		a.redraw()
	}
	s := a.blot(draw())
	a.masked, a.leaving = masked, false
	if !masked {
		a.redraw()
	}
	return s
}

// blot puts dots over what a challenge shows once: the seed, the recovery
// codes, and the codes on the demo's phone. Lines keep their width.
func (a *App) blot(frame string) string {
	if a.walk == nil || a.walk.request.challenge == nil {
		return frame
	}
	ch := a.walk.request.challenge
	var pairs []string
	add := func(text string) {
		for l := range strings.FieldsSeq(text) {
			if shown := a.say(l); len(shown) >= 4 {
				pairs = append(pairs, shown, strings.Repeat("•", width(shown)))
			}
		}
	}
	for _, n := range ch.step.Shows {
		switch n.Kind {
		case flows.NoteSecret:
			if code, err := flows.TOTP(flows.Secret(n.Text), a.clock.Wall()); err == nil {
				add(code)
			}
			add(n.Text)
		case flows.NoteKeep, flows.NoteQR:
			add(n.Text)
		}
	}
	if a.walk.tools != nil {
		for _, it := range a.walk.tools.Phone() {
			add(it.Code)
		}
	}
	return strings.NewReplacer(pairs...).Replace(frame)
}

// pair is a name and its value as it is to be shown.
type pair struct {
	name, value string
	secret      bool
}

// headerPairs gives masked headers by name.
func headerPairs(h map[string]string) []pair {
	names := make([]string, 0, len(h))
	for n := range h {
		names = append(names, n)
	}
	slices.Sort(names)
	out := make([]pair, 0, len(names))
	for _, n := range names {
		out = append(out, pair{n, h[n], strings.Contains(h[n], flows.Mask)})
	}
	return out
}

// requestText draws a masked request: its line, its headers, its body by kind.
func (a *App) requestText(m report.Masked, w int) []string {
	lines := indent(a.strong.s(a.say(m.Method))+" ", a.say(m.URL), w)
	headers := headerPairs(m.Request.Headers)
	var ps []pair
	for _, f := range m.Form {
		ps = append(ps, pair{f.Name, f.Value, f.Secret})
	}
	// Headers and form have their values in one column.
	nw := max(a.nameWidth(headers, w), a.nameWidth(ps, w))
	lines = append(lines, a.pairsAt(nw, headers, w)...)
	switch {
	case len(m.Form) > 0:
		lines = append(append(lines, ""), a.pairsAt(nw, ps, w)...)
	case m.Request.Body != "":
		lines = append(append(lines, ""), a.bodyText(m.Request.Body, w)...)
	}
	return lines
}

// replyText draws a masked reply, whole with the headers of the network too.
func (a *App) replyText(m report.Masked, w int, whole bool) []string {
	var lines []string
	if m.Fault != "" {
		lines = append(lines, indent(a.mark(stateBad)+" ", a.say(m.Fault), w)...)
	}
	if m.Response == nil {
		return append(lines, a.dim.s("No reply came."))
	}
	lines = append(lines, a.dim.s(a.say(m.Proto)+" ")+a.statusInk(m.Status).s(statusText(m.Status)))
	// What the network put in is folded away: it tells of the way, not of the reply.
	var own []pair
	folded := 0
	for _, p := range headerPairs(m.Response.Headers) {
		if !whole && noise(p.name) {
			folded++
		} else {
			own = append(own, p)
		}
	}
	lines = append(lines, a.pairs(own, w)...)
	if folded > 0 {
		lines = append(lines, cut(a.dim.s("+ "+plural(folded, "more header", "more headers")+", of the network   ")+a.key.s("H")+a.dim.s(" shows all"), w))
	}
	if m.Response.Body != "" {
		lines = append(append(lines, ""), a.bodyText(m.Response.Body, w)...)
	}
	return lines
}

// noise tells whether a reply's header is one that proxies and tracers add.
func noise(name string) bool {
	name = strings.ToLower(name)
	for _, p := range []string{"cf-", "ot-", "x-b3-", "x-amz-", "x-envoy-", "x-datadog-", "x-content-type-options", "x-robots-tag", "x-frame-options", "x-xss-protection", "x-permitted-cross-domain"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	switch name {
	case "traceparent", "tracestate", "alt-svc", "nel", "report-to", "server", "server-timing", "strict-transport-security", "referrer-policy", "vary", "via", "expect-ct":
		return true
	}
	return false
}

// pairs draws names and values, values in one column.
func (a *App) pairs(ps []pair, w int) []string { return a.pairsAt(a.nameWidth(ps, w), ps, w) }

// nameWidth is the room that names take beside their values.
func (a *App) nameWidth(ps []pair, w int) int {
	nw := 0
	for _, p := range ps {
		nw = max(nw, width(a.say(p.name)))
	}
	return min(nw, w*2/5)
}

func (a *App) pairsAt(nw int, ps []pair, w int) []string {
	var lines []string
	for _, p := range ps {
		i := ink{}
		if p.secret && strings.Contains(p.value, flows.Mask) {
			i = a.secret
		}
		for n, l := range wrap(a.say(p.value), max(w-nw-2, 8)) {
			if n == 0 {
				lines = append(lines, a.dim.s(pad(a.say(p.name), nw))+"  "+i.s(l))
			} else {
				lines = append(lines, gap(nw+2)+i.s(l))
			}
		}
	}
	return lines
}
