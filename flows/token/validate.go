package token

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Validate holds a token against what is expected of it and reports every check
// of CheckNames in that order. The rules are Auth0's for access tokens, RFC 9068
// where the token's typ is at+jwt, and OpenID Connect Core 3.1.3.7 for ID tokens.
func Validate(t Token, e Expect) []Check {
	if e.Use == "" {
		e.Use = Access
	}
	v := validation{t: t, e: e, strict: e.Use == ID || t.rfc9068() || e.Issuer != ""}
	v.format()
	if t.Kind != JWS {
		v.skipRest()
		return v.checks
	}
	v.signature()
	v.alg()
	v.kid()
	v.typ()
	if t.Claims.IsZero() {
		v.noClaims()
		return v.checks
	}
	v.iss()
	v.sub()
	v.aud()
	v.azp()
	v.exp()
	v.nbf()
	v.iat()
	v.nonce()
	v.atHash()
	v.authTime()
	return v.checks
}

// validation is one run of Validate.
type validation struct {
	t      Token
	e      Expect
	strict bool // the token's rules demand the claims that each must have
	checks []Check

	forged   *Key // see confusion
	searched bool
}

func (v *validation) id() bool { return v.e.Use == ID }

// spec picks the rule by what the token is.
func (v *validation) spec(id, at, jwt string) string {
	switch {
	case v.id():
		return id
	case v.t.rfc9068():
		return at
	}
	return jwt
}

// Inlined, its copies make the program 40 KB larger and no faster.
//
//go:noinline
func (v *validation) add(name string, state State, want, got, why, spec string) {
	v.checks = append(v.checks, Check{Token: v.e.Use, Name: name, State: state, Want: want, Got: got, Why: why, Spec: spec})
}

func (v *validation) format() {
	t := v.t
	got := fmt.Sprintf("%d parts, %d bytes", t.Dots+1, len(t.Raw))
	var faults []string
	for i, f := range t.Faults {
		if i == 8 {
			faults = append(faults, fmt.Sprintf("and %d more faults", len(t.Faults)-i))
			break
		}
		faults = append(faults, f.String())
	}
	switch {
	case len(faults) > 0:
		v.add("format", Fail, "a token in compact form", got, sentence(strings.Join(faults, "; ")), formatSpec(t))
	case t.Kind == Opaque:
		v.add("format", Warn, "a JWT of three parts", fmt.Sprintf("an opaque string of %d bytes", len(t.Raw)), sentence(strings.Join(t.Notes, "; ")), "RFC 6749, 1.4")
	case t.Kind == JWE:
		v.add("format", Pass, "", got+", encrypted with "+t.Header.GetStr("enc"), sentence(strings.Join(t.Notes, "; ")), "RFC 7516, 7.1")
	default:
		v.add("format", Pass, "three parts in strict base64url, header and payload JSON objects", got, sentence(strings.Join(t.Notes, "; ")), "RFC 7515, 7.1; RFC 7519, 7.2")
	}
}

func formatSpec(t Token) string {
	if t.Header.Has("crit") {
		return "RFC 7515, 4.1.11"
	}
	if t.Kind == JWE {
		return "RFC 7516, 7.1"
	}
	return "RFC 7515, 2 and 7.1; RFC 7519, 7.2"
}

// skipRest skips all that needs a readable token.
func (v *validation) skipRest() {
	why := "An opaque token cannot be read; its issuer can be asked about it, at /userinfo or by introspection (RFC 7662)."
	switch {
	case v.t.noAudience():
		why = "The token is encrypted for Auth0's own /userinfo, since no audience was sent: only Auth0 can read it."
	case v.t.Kind == JWE:
		why = "The token is encrypted: only its audience can read it."
	}
	for _, name := range CheckNames[1:] {
		got := ""
		if v.t.Kind == JWE && slices.Contains([]string{"alg", "kid", "typ", "iss"}, name) {
			got = shorten(v.t.Header.GetStr(name), 200) // the header is readable, though nothing vouches for it
		}
		v.add(name, Skip, "", got, why, "")
	}
}

// noClaims skips the checks of claims that could not be read.
func (v *validation) noClaims() {
	for _, name := range CheckNames[5:] {
		v.add(name, Skip, "", "", "The payload could not be read as claims.", "")
	}
}

// sentence makes a clause a sentence: a capital at the start, a full stop at the
// end.
func sentence(clause string) string {
	if clause == "" {
		return ""
	}
	if c := clause[0]; c >= 'a' && c <= 'z' {
		clause = string(c-'a'+'A') + clause[1:]
	}
	if !strings.HasSuffix(clause, ".") {
		clause += "."
	}
	return clause
}

// quoteOr shows odd text quoted, plain text as it is, and nothing as a word.
func quoteOr(s, nothing string) string {
	if s == "" {
		return nothing
	}
	if q := strconv.Quote(s); q != `"`+s+`"` {
		return q
	}
	return s
}
