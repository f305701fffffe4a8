package ui

import (
	"strings"

	"authwalk/flows"
	"authwalk/flows/rawjson"
	"authwalk/flows/token"
)

// rawRows are the parts as they came; the header and the payload also decoded.
func (s *claimsScreen) rawRows(t *token.Token) []claimRow {
	a := s.a
	var rows []claimRow
	text := func(line string, i ink) {
		rows = append(rows, claimRow{draw: func(w int) string { return i.s(cut(line, w)) }, copies: t.Raw, called: "the token", secret: true})
	}
	names := []string{"header", "payload", "signature"}
	if t.Kind == token.JWE {
		names = []string{"header", "encrypted key", "initialization vector", "ciphertext", "authentication tag"}
	}
	rw := max(s.rawWidth(), 20)
	for i, p := range t.Parts {
		name := "the rest"
		if t.Kind == token.Opaque {
			name = "the token, as it came"
		} else if i < len(names) {
			name = names[i]
		}
		text(name+"  "+plural(len(p), "character", "characters"), a.head)
		secret := a.masked && !(t.Kind == token.JWS && i < 2 || t.Kind == token.JWE && i == 0)
		if secret && p != "" {
			text("  "+flows.Mask, a.secret)
		} else {
			shown := p
			if len(shown) > 6000 {
				shown = shown[:6000]
			}
			for _, l := range hard(a.theirs(shown), rw-2) {
				text("  "+l, a.dim)
			}
		}
		v := rawjson.Value{}
		switch {
		case i == 0 && t.Kind != token.Opaque:
			v = t.Header
		case i == 1 && t.Kind == token.JWS:
			v = t.Claims
		}
		if !v.IsZero() {
			for _, l := range strings.Split(a.theirLines(shorten(v.Pretty(), maxShown)), "\n") {
				for _, x := range a.jsonLine(l, rw-2) {
					text("  "+x, ink{})
				}
			}
		}
		text("", ink{})
	}
	for _, f := range t.Faults {
		for _, l := range wrap("✗ "+capital(a.quoting(f.String()))+".", rw) {
			text(l, a.bad)
		}
	}
	for _, n := range t.Notes {
		for _, l := range wrap("! "+capital(a.quoting(n))+".", rw) {
			text(l, a.warn)
		}
	}
	return rows
}

func (s *claimsScreen) rawRefresh(g *flows.Generation) []claimRow {
	if g.Refresh == "" {
		return s.refreshRows(g)
	}
	a := s.a
	var rows []claimRow
	for _, l := range hard(a.say(a.hide(g.Refresh)), max(s.rawWidth(), 20)) {
		rows = append(rows, claimRow{draw: func(w int) string { return a.secret.s(cut(l, w)) }, copies: g.Refresh.Reveal(), called: "the refresh token", secret: true})
	}
	return rows
}

func (s *claimsScreen) rawWidth() int {
	if s.isWide() {
		return s.leftWidth() - 4
	}
	return s.w - 4
}
