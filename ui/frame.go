package ui

import (
	"fmt"
	"strings"
	"time"

	"authwalk/flows/token"
)

// View draws the frame: header, walk, body, news, footer. It is exactly as
// large as the window.
func (a *App) View() string {
	if a.quitting {
		return ""
	}
	var s string
	switch {
	case a.w <= 0 || a.h <= 0:
		return ""
	case a.small():
		s = a.smallFrame()
	case a.locked:
		s = a.lockFrame()
	default:
		if q, ok := a.front().(*qrScreen); ok && !a.leaving {
			s = q.full()
		} else {
			s = a.frame()
		}
	}
	if a.opt.ASCII {
		s = asciiSigns.Replace(s)
	}
	return s
}

func (a *App) smallFrame() string {
	text := fmt.Sprintf("authwalk needs a window of %d×%d; this one is %d×%d.", minWidth, minHeight, a.w, a.h)
	lines := clip(wrap(text, a.w), a.w, a.h)
	// As high as the window: what erases below a shorter frame would take the last
	// character of a full line with it.
	for len(lines) < a.h {
		lines = append(lines, "")
	}
	return strings.Join(lines, "\n")
}

func (a *App) lockFrame() string {
	lines := make([]string, 0, a.h)
	lines = append(lines, a.name.s("authwalk"))
	for len(lines) < a.h/2-1 {
		lines = append(lines, "")
	}
	lines = append(lines, center(a.strong.s("Locked"), a.w), center(a.dim.s("Everything goes on behind this. Press ")+a.key.s("ctrl+l")+a.dim.s(" to see it again."), a.w))
	return strings.Join(clip(lines, a.w, a.h), "\n")
}

func center(s string, w int) string { return gap((w-width(s))/2) + s }

func (a *App) frame() string {
	head, foot := a.frameHeights()
	lines := make([]string, 0, a.h)
	lines = append(lines, pad(a.header(), a.w), pad(a.walkLine(), a.w))
	for len(lines) < head {
		lines = append(lines, gap(a.w))
	}
	bw, bh := a.bodySize()
	body := strings.Split(a.bodyView(), "\n")
	for y := range bh {
		line := ""
		if y < len(body) {
			line = body[y]
		}
		lines = append(lines, gap(margin)+pad(line, bw)+gap(a.w-margin-bw))
	}
	for len(lines) < a.h-min(foot, 2) {
		lines = append(lines, gap(a.w))
	}
	news := a.newsLines(foot - 1)
	if len(news) > 1 { // the first takes the blank line above
		lines[len(lines)-1] = pad(gap(margin)+news[0], a.w)
	}
	lines = append(lines, pad(gap(margin)+news[len(news)-1], a.w), pad(a.footer(), a.w))
	return strings.Join(lines[:a.h], "\n")
}

// bodyView is the screen in front; a dialog leaves what it is about around it.
func (a *App) bodyView() string {
	front := a.front()
	if _, ok := front.(*qrScreen); ok && a.leaving {
		w, h := a.bodySize()
		return strings.Join(clip(wrap("Here is a QR code with a secret in it: it is left out.", w), w, h), "\n")
	}
	d, ok := front.(*dialog)
	if !ok {
		return front.View()
	}
	under := a.base()
	if n := len(a.over); n > 1 {
		under = a.over[n-2]
	}
	return d.overlay(under.View())
}

// header names the product, whose set-up this is, where it goes, and how long
// the token lasts.
func (a *App) header() string {
	left := a.name.s("authwalk")
	w := a.aimed()
	if _, ok := a.front().(*profileScreen); ok || w == nil || a.at == stepTenant && len(a.over) == 0 {
		v := a.opt.Version
		if v == "" {
			v = "walk through an OAuth flow, step by step"
		}
		return right(left, a.dim.s(oneLine(v))+gap(margin), a.w)
	}
	var r string
	if g := w.generation(); g != nil {
		r = a.countdown(w) + gap(margin)
		if u := w.user(); u != "" && a.w >= wide {
			r = a.dim.s(cut(a.say(u), 30)) + "   " + r
		}
	}
	room := a.w - width(r) - 1
	for _, part := range []string{a.strong.s(a.say(w.name)), a.badge(w), a.dim.s(a.say(w.cfg.Host()))} {
		if part == "" {
			continue
		}
		if width(left)+2+width(part) > room {
			if room-width(left)-2 >= 8 {
				left += "  " + cut(part, room-width(left)-2)
			}
			break
		}
		left += "  " + part
	}
	return right(left, r, a.w)
}

// badge is the environment, loud for prod.
func (a *App) badge(w *walk) string {
	switch e := w.cfg.Environment; e {
	case "":
		if w.demo {
			return a.dim.s("demo")
		}
		return ""
	case "prod":
		return a.prod.s(" PROD ")
	case "staging":
		return a.warn.s("staging")
	default:
		return a.dim.s(oneLine(e))
	}
}

// countdown is how long the access token lasts: what expires_in says or what
// exp in it says, whichever ends sooner.
func (a *App) countdown(w *walk) string {
	g := w.generation()
	if g == nil || g.Tokens == nil {
		return ""
	}
	life, ok := g.Tokens.Lifetime()
	gone, _ := a.clock.Elapsed(g.At)
	left := life - gone
	if v, there := claimsOf(g.Access).Get("exp"); there {
		exp, is := token.Time(v)
		if d := exp.Sub(a.clock.Wall()); is && (!ok || d < left) {
			left = d
			life, ok = max(exp.Sub(g.At.Wall), time.Second), true
		}
	}
	if !ok {
		return a.dim.s("token of unknown life")
	}
	if left <= 0 {
		return a.bad.s("token EXPIRED")
	}
	i := a.dim
	switch {
	case left*20 <= life:
		i = a.bad
	case left*5 <= life:
		i = a.warn
	}
	return a.dim.s("token ") + i.s(clockTime(left))
}

// walkLine is the way: six steps, each with the sign of its state, an arrow to
// the one that is shown.
func (a *App) walkLine() string {
	for _, sep := range []int{4, 3, 2} {
		if s := a.walkWith(sep, true, true); width(s) <= a.w {
			return s
		}
	}
	if s := a.walkWith(2, true, false); width(s) <= a.w {
		return s
	}
	return a.walkWith(2, false, true)
}

func (a *App) walkWith(sep int, names, roomy bool) string {
	var b strings.Builder
	for n := stepTenant; n <= stepRefresh; n++ {
		st := a.stepState(n)
		here := n == a.at
		switch {
		case n == stepTenant && here:
			b.WriteString(a.accent.s("▸ "))
		case n == stepTenant:
			b.WriteString("  ")
		case sep == 4 && here:
			b.WriteString(a.faint.s(" ─") + a.accent.s("▸ "))
		case sep == 4:
			b.WriteString(a.faint.s(" ── "))
		case sep == 3 && here:
			b.WriteString(" " + a.accent.s("▸ "))
		case sep == 3:
			b.WriteString(a.faint.s(" ─ "))
		case here && roomy:
			b.WriteString(a.accent.s(" ▸ "))
		case here:
			b.WriteString(a.accent.s(" ▸"))
		default:
			b.WriteString("  ")
		}
		b.WriteString(a.mark(st) + " ")
		name := itoa(n)
		if names || here {
			name += " " + stepNames[n]
		}
		switch {
		case here:
			b.WriteString(a.here.s(name))
		case st == stateTodo:
			b.WriteString(a.dim.s(name))
		default:
			b.WriteString(name)
		}
	}
	return b.String()
}

// stepState is how a step stands; on the list of tenants, in the walk of the one
// under the cursor.
func (a *App) stepState(n int) state {
	w := a.aimed()
	if w == nil {
		return stateTodo
	}
	return w.state(n)
}

// newsLines are the news on one line, or on as many as there is room for; the
// last is cut.
func (a *App) newsLines(most int) []string {
	switch {
	case a.tour != nil:
		return a.tour.caption(most)
	case a.news == "":
		return []string{""}
	}
	text := a.say(a.news)
	lines := indent(a.mark(a.newsKind)+" ", text, a.w-2*margin)
	if len(lines) > most {
		w := a.w - 2*margin - 2
		rest := strings.Join(wrap(text, w)[most-1:], " ")
		first := "  "
		if most == 1 {
			first = a.mark(a.newsKind) + " "
		}
		lines = append(lines[:most-1:most-1], first+cut(rest, w))
	}
	return lines
}

// footer names the keys that work here, the main action first; help is always
// at the right end.
func (a *App) footer() string {
	front := a.front()
	typing := front.typing()
	list := a.all(front, true)
	last := a.key.s("?") + a.dim.s(" help")
	if typing {
		last = a.key.s("f1") + a.dim.s(" help")
	}
	room := a.w - 2*margin - width(last) - 3
	var b strings.Builder
	used, back := 0, false
	for _, x := range list {
		if x.hidden || x.off != "" || x.name == "help" || typing && !x.text || back && x.name == "back" {
			continue
		}
		back = back || x.name == "back"
		piece := a.key.s(keyName(x.keys[0])) + " " + a.dim.s(x.name)
		n := width(piece)
		if used > 0 {
			n += 3
		}
		if used+n > room {
			break
		}
		if used > 0 {
			b.WriteString("   ")
		}
		b.WriteString(piece)
		used += n
	}
	return gap(margin) + right(b.String(), last, a.w-2*margin)
}
