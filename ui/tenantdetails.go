package ui

import (
	"strings"

	"authwalk/flows/diagnosis"
)

// details says what is known of a row. brief is for the lines below the list.
func (s *tenantScreen) details(r tenantRow, w int, brief bool) []string {
	a := s.a
	if s.opening.running() {
		return []string{a.strong.s("Opening " + a.say(s.openName)), a.busySign()}
	}
	switch {
	case r.demo != nil:
		d := r.demo
		ends := []string{a.mark(stateGood) + " It ends well."}
		switch {
		case !d.Good && d.Finding == "":
			ends = []string{a.mark(stateBad) + " Something in it is broken."}
		case d.Finding == diagnosis.MFARequired:
			ends = indent(a.mark(stateWarn)+" ", "It asks for a second factor; answered, it ends well.", w)
		case !d.Good:
			ends = indent(a.mark(stateBad)+" ", "It leads to the finding "+a.say(d.Finding)+".", w)
		}
		lines := []string{a.strong.s(cut(a.say(d.Title), w))}
		if brief {
			return append(lines, wrap(a.say(d.Teaches), w)...)
		}
		lines = append(lines, "")
		lines = append(lines, wrap(a.say(d.Teaches), w)...)
		lines = append(append(append(lines, ""), ends...), "")
		return append(lines, inked(a.dim, wrap("A tenant on this machine that behaves like Auth0. It starts when you choose it and ends with authwalk; nothing leaves the machine.", w))...)
	case r.profile != nil:
		p := r.profile
		if brief {
			return []string{a.strong.s(cut(a.say(p.Name), w)), cut(a.dim.s("client ")+a.say(p.ClientID)+a.dim.s("  audience ")+a.say(p.Audience), w), cut(a.dim.s("scopes ")+a.say(strings.Join(p.Scopes, " ")), w)}
		}
		head := a.strong.s(cut(a.say(p.Name), w-10))
		if p.Name == s.deflt {
			head += "  " + a.dim.s("default")
		}
		lines := []string{head, ""}
		for _, f := range profileFacts(*p) {
			lines = append(lines, indent(a.dim.s(pad(f.name, 13))+" ", a.say(f.value), w)...)
		}
		if a.store != nil {
			lines = append(append(lines, ""), inked(a.dim, wrap(a.say(a.store.path), w))...)
		}
		return lines
	}
	if a.opt.Demo == nil && a.store != nil {
		return inked(a.dim, wrap("Press n to make a profile: it takes a domain, a client id and a user name, or a pasted curl line from Auth0's quickstart.", w))
	}
	return nil
}
