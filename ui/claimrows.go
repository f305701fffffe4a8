package ui

import (
	"fmt"
	"strings"
	"time"

	"authwalk/flows"
	"authwalk/flows/rawjson"
	"authwalk/flows/token"
)

// nameWidth is the room for a claim's name, if none is longer.
const nameWidth = 10

// claimRows is a row for each claim, as written; duplicates too.
func (s *claimsScreen) claimRows(t *token.Token) []claimRow {
	a := s.a
	use := s.use()
	source, head := t.Claims, false
	if t.Kind != token.JWS || source.IsZero() {
		source, head = t.Header, true // all there is to read of a JWE
	}
	nw := nameWidth
	for _, m := range source.Members() {
		nw = max(nw, min(width(a.theirs(m.Name)), 22))
	}
	var rows []claimRow
	for _, m := range source.Members() {
		name, v := m.Name, m.Value
		isTime := !head && token.IsTime(name)
		rows = append(rows, claimRow{
			draw: func(w int) string {
				text := a.theirs(shortJSON(v, 400))
				if isTime {
					if at, ok := token.Time(v); ok {
						now := a.clock.Wall()
						text = localTime(at) + "  " + a.dim.s(token.Relative(at, now))
						if name == "exp" && at.Before(now) {
							text = localTime(at) + "  " + a.bad.s(token.Relative(at, now))
						}
					}
				}
				return a.accent.s(pad(a.theirs(name), nw)) + "  " + cut(text, w-nw-2)
			},
			full: func(w int) []string {
				if isTime {
					return nil
				}
				return fullValue(a.accent.s(pad(a.theirs(name), nw))+"  ", a.theirs(shortJSON(v, 400)), v, a.theirs, w)
			},
			explain: func(w int) []string {
				meaning := token.Meaning(use, name, v)
				if head {
					meaning = token.HeaderMeaning(name, v)
				}
				lines := []string{a.strong.s(cut(a.theirs(name), w))}
				lines = append(lines, wrap(a.quoting(meaning, name, shortJSON(v, 4000)), w)...)
				if isTime {
					if at, ok := token.Time(v); ok {
						here, utc := token.Absolute(at, time.Local), token.Absolute(at, nil)
						if here == utc {
							utc = ""
						}
						return append(lines, a.dim.s(cut(strings.TrimSpace(v.Text()+"   "+here+"   "+utc), w)))
					}
				}
				return append(lines, inked(a.dim, wrap(a.theirs(shortJSON(v, 4000)), w))...)
			},
			copies: v.Text(), called: "the value of " + a.theirs(name), json: claimJSON(name, v),
		})
	}
	return rows
}

// fullValue is a name and its value on up to three lines; a list of texts has
// one of them on each. It is nil where that would not hold the value.
func fullValue(name, text string, v rawjson.Value, say func(string) string, w int) []string {
	const most = 3
	vw := w - width(name)
	if width(text) <= vw {
		return nil
	}
	lines := wrap(text, vw)
	if items := v.Items(); len(items) > 0 && len(items) <= most {
		var list []string
		plain := true
		for _, it := range items {
			plain = plain && it.Kind() == rawjson.String
			item := say(it.Text())
			if width(item) <= vw {
				list = append(list, item)
				continue
			}
			for n, l := range wrap(item, vw-2) {
				if n > 0 {
					l = "  " + l // it is no text of its own
				}
				list = append(list, l)
			}
		}
		if plain && len(list) <= most {
			lines = list
		}
	}
	if len(lines) > most {
		return nil
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		if i == 0 {
			out[i] = name + l
		} else {
			out[i] = gap(width(name)) + l
		}
	}
	return out
}

// claimJSON is a claim as a JSON object of its own.
func claimJSON(name string, v rawjson.Value) string {
	var b strings.Builder
	b.WriteByte('{')
	rawjson.Quote(&b, name)
	return b.String() + ": " + v.JSON() + "}"
}

// shortJSON is a value on one line, cut before it is made safe: a claim may be
// a megabyte.
func shortJSON(v rawjson.Value, limit int) string { return shorten(v.Text(), limit) }

func shorten(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// refreshRows says what is known of the refresh token, which is only for its
// issuer to read.
func (s *claimsScreen) refreshRows(g *flows.Generation) []claimRow {
	a := s.a
	fact := func(name, text, why string) claimRow {
		return claimRow{
			draw: func(w int) string { return a.accent.s(pad(name, nameWidth)) + "  " + cut(text, w-nameWidth-2) },
			explain: func(w int) []string {
				return append(append([]string{a.strong.s(name)}, wrap(why, w)...), inked(a.dim, wrap(text, w))...)
			},
			copies: text, called: name,
		}
	}
	if g.Refresh == "" {
		return []claimRow{fact("none", "No refresh token is held.", "A refresh token comes with the scope offline_access, when the API has Allow Offline Access on and the application the Refresh Token grant. The scope ledger says which of these is the likeliest.")}
	}
	came := "with the first grant"
	switch {
	case g.RefreshToken == flows.RefreshSame:
		came = "the one from before goes on being good"
	case g.Asked.Refresh:
		came = fmt.Sprintf("new with generation %d: the one before is used up", g.N)
	case g.N > 0:
		came = "with a new login: the one before stays good"
	}
	t := claimRow{
		draw: func(w int) string {
			return a.accent.s(pad("token", nameWidth)) + "  " + a.secret.s(cut(a.say(a.hide(g.Refresh)), w-nameWidth-2))
		},
		explain: func(w int) []string {
			return append([]string{a.strong.s("token")}, wrap("Opaque: it means something to its issuer alone. Whoever holds it gets new tokens, so it is worth as much as the password.", w)...)
		},
		copies: g.Refresh.Reveal(), called: "the refresh token", secret: true,
	}
	return []claimRow{t,
		fact("length", plural(len(g.Refresh), "character", "characters"), "Auth0's are opaque strings; some begin with v1. Nothing is documented of their length."),
		fact("came", came, "With rotation on (Applications > the application > Refresh Token Rotation) every refresh brings a new one and ends the one before; without it one token serves until it expires or is revoked."),
		fact("held", "in this program's memory only", "authwalk writes no token to the disk. It is gone when the program ends, but stays good at the tenant until it expires or is revoked (x on step 6)."),
		fact("lifetime", "not told by the reply", "How long it lives is a setting of the application: absolute and inactivity lifetime. Nothing in the token or the reply says it."),
	}
}
