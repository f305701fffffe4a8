package ui

import (
	"strings"

	"authwalk/flows"
	"authwalk/flows/report"
)

// hide masks one secret unless secrets are shown.
func (a *App) hide(s flows.Secret) string {
	if s == "" {
		return ""
	}
	if a.hides() {
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

// blot puts dots over every secret that is known and stands in a frame all the
// same, whatever drew it. Inks stay, and lines keep their width.
func (a *App) blot(frame string) string {
	a.attend()
	var plain strings.Builder
	inksAndText(frame, func(string) {}, func(s string) { plain.WriteString(s) })
	places := a.red.Places(plain.String())
	if len(places) == 0 {
		return frame
	}
	var b strings.Builder
	at := 0 // in the text without inks
	inksAndText(frame, func(s string) { b.WriteString(s) }, func(s string) {
		from, end := at, at+len(s)
		for at < end {
			for len(places) > 0 && places[0][1] <= at {
				places = places[1:]
			}
			n, hidden := end, false
			if len(places) > 0 {
				if hidden = places[0][0] <= at; hidden {
					n = min(end, places[0][1])
				} else {
					n = min(end, places[0][0])
				}
			}
			if part := s[at-from : n-from]; hidden {
				b.WriteString(dots(part))
			} else {
				b.WriteString(part)
			}
			at = n
		}
	})
	return b.String()
}

// inksAndText takes a frame apart: the sequences that set inks, which are the
// only ones in it, and the text between them.
func inksAndText(frame string, ink, text func(string)) {
	for frame != "" {
		n := strings.IndexByte(frame, 0x1b)
		if n < 0 {
			n = len(frame)
		}
		if n > 0 {
			text(frame[:n])
			frame = frame[n:]
		}
		if frame == "" {
			return
		}
		if n = strings.IndexByte(frame, 'm') + 1; n == 0 {
			n = len(frame)
		}
		ink(frame[:n])
		frame = frame[n:]
	}
}

// pair is a name and its value as it is to be shown.
type pair struct {
	name, value string
	secret      bool
}

// headerPairs gives masked headers by name, each that came more than once on
// lines of its own.
func headerPairs(m report.MaskedMessage) (out []pair) {
	for n, v := range m.Lines {
		out = append(out, pair{n, v, strings.Contains(v, flows.Mask)})
	}
	return out
}

// requestText draws a masked request: its line, its headers, its body by kind.
func (a *App) requestText(m report.Masked, w int) []string {
	lines := indent(a.strong.s(a.theirs(m.Method))+" ", a.theirs(m.URL), w)
	headers := headerPairs(m.Request)
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
		lines = append(lines, indent(a.mark(stateBad)+" ", a.theirs(m.Fault), w)...)
	}
	if m.Response == nil {
		return append(lines, a.dim.s("No reply came."))
	}
	lines = append(lines, a.dim.s(a.theirs(m.Proto)+" ")+a.statusInk(m.Status).s(statusText(m.Status)))
	// What the network put in is folded away: it tells of the way, not of the reply.
	var own []pair
	folded := 0
	for _, p := range headerPairs(*m.Response) {
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
		nw = max(nw, width(a.theirs(p.name)))
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
		for n, l := range wrap(a.theirs(p.value), max(w-nw-2, 8)) {
			if n == 0 {
				lines = append(lines, a.dim.s(pad(a.theirs(p.name), nw))+"  "+i.s(l))
			} else {
				lines = append(lines, gap(nw+2)+i.s(l))
			}
		}
	}
	return lines
}
