package token

import (
	"strings"
	"unicode"

	"authwalk/flows/rawjson"
)

// Clean takes off what comes along when a token is pasted: blanks and quotes
// around it, and "Bearer " or "Authorization: Bearer " before it.
func Clean(text string) string {
	for {
		s := strings.TrimFunc(text, func(r rune) bool {
			// The zero-width characters come from chat programs and web pages.
			return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' || strings.ContainsRune("\"'`“”‘’", r)
		})
		for _, prefix := range []string{"Authorization:", "Bearer "} {
			if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
				s = s[len(prefix):]
			}
		}
		if s == text {
			return s
		}
		text = s
	}
}

// Named is a token and the name under which a reply held it: access_token,
// id_token or refresh_token; empty for a token that stood alone.
type Named struct {
	Name  string
	Token Token
}

// Input is what Read found.
type Input struct {
	Tokens []Named       // in the order access, ID, refresh
	Reply  rawjson.Value // the token reply they were in; absent for a lone token
}

// Token returns the token of that name.
func (in Input) Token(name string) (Token, bool) {
	for _, n := range in.Tokens {
		if n.Name == name {
			return n.Token, true
		}
	}
	return Token{}, false
}

// Read reads what a person gives to be decoded: a token with whatever stands
// around it, or the JSON of a whole token reply, whose tokens are read. The
// error is a *NotAToken.
func Read(text string) (Input, error) {
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if strings.HasPrefix(trimmed, "{") && len(trimmed) <= maxBytes {
		return readReply(trimmed)
	}
	t, err := Decode(Clean(text))
	return Input{Tokens: []Named{{Token: t}}}, err
}

func readReply(text string) (Input, error) {
	if err := serialised(text); err != nil {
		return Input{}, err
	}
	v, _, err := rawjson.Parse([]byte(text))
	if err != nil {
		return Input{}, &NotAToken{What: "This begins like JSON but is none: " + err.Error() + ".", Fix: "Give a token, or a token reply whole."}
	}
	reply := v
	if inner, ok := v.Get("tokens"); ok && inner.IsObject() && !v.Has("access_token") {
		reply = inner // what `authwalk token --json --reveal` prints
	}
	in := Input{Reply: reply}
	for _, name := range []string{"access_token", "id_token", "refresh_token"} {
		raw, ok := reply.Get(name)
		if !ok || raw.Str() == "" {
			continue
		}
		// RFC 6749, A.12 allows more characters than token68; what a reply
		// calls a token is one, so it is shown whatever it is.
		t, _ := Decode(raw.Str())
		in.Tokens = append(in.Tokens, Named{Name: name, Token: t})
	}
	if len(in.Tokens) == 0 {
		if e := v.GetStr("error"); e != "" {
			return Input{}, &NotAToken{What: "This is a refusal (" + shorten(e, 60) + "), not a token reply.", Fix: "`authwalk explain` diagnoses refusals."}
		}
		return Input{}, &NotAToken{What: "This is JSON without access_token, id_token or refresh_token.", Fix: "Give a token, or a token reply whole."}
	}
	return in, nil
}
