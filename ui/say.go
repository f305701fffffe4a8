package ui

import (
	"strings"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/report"
)

// What the screens say goes through the functions here: they hide what is
// secret while secrets are masked, names and addresses in presentation, and make
// the rest harmless. Which one depends on who wrote the words. Servers choose
// much of a text and may give back the password in it; our own sentences hold
// words like "wrong" by themselves, and a mask in the place of such a word would
// give away a password that is one.

// say is a text of ours, or of the person, on one line: what is secret in it is
// hidden, but for plain words.
func (a *App) say(s string) string { return oneLine(a.names(a.redacted(ours, s))) }

// sayLines is say for text of several lines.
func (a *App) sayLines(s string) string { return safe(a.names(a.redacted(ours, s))) }

// theirs is a text of others, a server's above all, on one line: all that is
// secret in it is hidden.
func (a *App) theirs(s string) string { return oneLine(a.names(a.redacted(others, s))) }

// theirLines is theirs for text of several lines.
func (a *App) theirLines(s string) string { return safe(a.names(a.redacted(others, s))) }

// quoting is a sentence of ours on one line that repeats what others wrote: the
// given texts, and what the session's replies said.
func (a *App) quoting(s string, theirs ...string) string {
	return oneLine(a.names(a.redacted(mixed, s, theirs...)))
}

// quotingLines is quoting for text of several lines.
func (a *App) quotingLines(s string) string { return safe(a.names(a.redacted(mixed, s))) }

// fault is what an error says, on one line.
func (a *App) fault(err error) string {
	if !a.hides() {
		return oneLine(err.Error())
	}
	a.attend()
	return oneLine(a.names(a.red.Error(err)))
}

// bare is what the person typed into a field that shows it.
func (a *App) bare(s string) string { return oneLine(a.names(s)) }

// once is what a challenge shows once, for the person alone: it is dots in what
// leaves the program.
func (a *App) once(s string) string {
	s = a.bare(s)
	if a.leaving {
		return dots(s)
	}
	return s
}

// dots stand over a text in what leaves; its layout stays.
func dots(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.Repeat("•", width(l))
	}
	return strings.Join(lines, "\n")
}

// seen are findings as they may be seen.
func (a *App) seen(fs []diagnosis.Finding) []diagnosis.Finding {
	if !a.hides() {
		return fs
	}
	a.attend()
	return a.red.Findings(fs)
}

func (a *App) names(s string) string {
	if a.present {
		return a.people.hide(s)
	}
	return s
}

// hides tells whether secrets are hidden.
func (a *App) hides() bool { return a.masked || a.present }

// Whose words a text is made of.
const (
	ours   = iota // words are no secrets in them
	others        // a server's
	mixed         // ours, with others' in it
)

// saying is a text as it was hidden.
type saying struct {
	whose int
	text  string // and what of it is others'
}

// spoken is what was hidden of texts, so that a frame that is drawn again does
// not search them again.
type spoken struct {
	of     heard
	learnt int
	size   int
	texts  map[saying]string
}

// mostSpoken is how many bytes of texts are kept.
const mostSpoken = 1 << 20

func (a *App) redacted(whose int, s string, theirs ...string) string {
	if len(s) < 4 || !a.hides() { // shorter ones are not searched for
		return s
	}
	a.attend()
	k := saying{whose, s}
	if len(theirs) > 0 {
		k.text = s + "\x00" + strings.Join(theirs, "\x00")
	}
	m := &a.spoken
	if n := a.red.Learnt(); m.texts == nil || n != m.learnt || a.heard != m.of || m.size > mostSpoken {
		*m = spoken{of: a.heard, learnt: n, texts: map[saying]string{}}
	}
	out, ok := m.texts[k]
	if !ok {
		switch whose {
		case others:
			out = a.red.Text(s)
		case mixed:
			out = a.red.Prose(s, append(theirs, a.outside...)...)
		default:
			out = a.red.Words(s)
		}
		m.texts[k] = out
		m.size += len(k.text) + len(out)
	}
	return out
}

// heard is how much of a session the redactor has learnt from.
type heard struct {
	session                  *flows.Session
	exchanges, tokens, keeps int
	userinfo                 bool
}

// attend lets the redactor learn what came since it was asked last.
func (a *App) attend() {
	if a.walk == nil {
		return
	}
	s := a.walk.session
	now := heard{s, len(s.Exchanges), len(s.Generations), len(s.Keep), s.Userinfo != nil}
	if now != a.heard {
		a.heard = now
		a.red.Session(s)
		a.outside = report.Outside(s)
	}
}

// redactor is the one redaction of flows/report, as the screens are set: what
// is on the wire is shown through it alone.
func (w *walk) redactor() *report.Redactor {
	a := w.a
	r := a.red.As(report.Options{Presentation: a.present, Reveal: !a.hides(), Key: a.opt.TagKey})
	r.Session(w.session)
	return r
}
