// Package token reads what an authorization server issued: it decodes tokens
// without trusting them, validates them check by check, says what each claim
// means, traces every scope, and compares claims.
//
// It knows JWS, JWE headers, JWK and JWT (RFC 7515 to 7519), the access tokens
// of RFC 9068 and of Auth0, ID tokens of OpenID Connect Core, and the scopes of
// RFC 6749. It knows nothing of HTTP, profiles or screens: replies and key sets
// come in as bytes, and everything leaves as plain values. golang-jwt is used
// for one thing only, the arithmetic of a signature.
package token

import (
	"fmt"
	"slices"
	"strings"

	"authwalk/flows/rawjson"
)

// Kind is what a string turned out to be.
type Kind string

// The kinds of the JSON output.
const (
	JWS    Kind = "jws"    // signed, readable: RFC 7515 compact
	JWE    Kind = "jwe"    // encrypted, header readable: RFC 7516 compact
	Opaque Kind = "opaque" // means something to its issuer alone
)

// Use is what a token is for; the two words of the JSON output.
type Use string

// The uses. A refresh token is never examined: it means nothing to a client.
const (
	Access Use = "access"
	ID     Use = "id"
)

// Limits of what Decode reads.
const (
	maxBytes       = 8 << 20 // any input; a longer one is not looked at
	maxOpaqueBytes = 1 << 20 // a string without structure
)

// Fault is one reason why a token's form is wrong.
type Fault struct {
	Part string // header, payload, signature, or empty for the whole
	Text string // a clause: what is wrong
}

// String puts the part before what is wrong with it.
func (f Fault) String() string {
	if f.Part == "" {
		return f.Text
	}
	return "the " + f.Part + " " + f.Text
}

// Token is a decoded token. Nothing in it is verified. Whatever is wrong, Raw
// and Parts hold what came.
type Token struct {
	Raw       string
	Kind      Kind
	Parts     []string      // what stood between the dots, as it came; of many dots the last part holds the rest
	Dots      int           // how many dots there were
	Header    rawjson.Value // of a JWS or JWE; absent when it could not be read
	Claims    rawjson.Value // of a JWS whose payload is an object; absent otherwise
	Payload   []byte        // of a JWS, decoded as far as it could be
	Signature []byte        // of a JWS; nil unless strictly encoded
	Faults    []Fault       // why the check `format` fails; none means the form is right
	Notes     []string      // what is odd, or worth knowing, but allowed

	strict bool // a JWS whose parts are strict base64url and whose header is clean: its signature means something
}

// NotAToken says that a string can be no token at all. The program ends with
// exit code 2 for it.
type NotAToken struct {
	What string // what it is or seems to be, a sentence
	Fix  string // what to do, a sentence
}

// Error is both sentences.
func (e *NotAToken) Error() string { return strings.TrimSpace(e.What + " " + e.Fix) }

// Alg is the header's alg, or "" when it has none that is a string.
func (t Token) Alg() string { return t.Header.GetStr("alg") }

// Unsigned tells that the token itself says that nobody signed it.
func (t Token) Unsigned() bool { return strings.EqualFold(t.Alg(), "none") }

// KeyID is the header's kid, or "" when it has none that is a string.
func (t Token) KeyID() string { return t.Header.GetStr("kid") }

// Scopes are the values of the claim scope: RFC 9068 and Auth0 write one string
// with blanks, some servers an array; scp is the name others use.
func (t Token) Scopes() (scopes []string, present bool) {
	v, ok := t.Claims.Get("scope")
	if !ok {
		if v, ok = t.Claims.Get("scp"); !ok {
			return nil, false
		}
	}
	list, isList := v.Strings()
	if !isList {
		return nil, true
	}
	for _, s := range list {
		scopes = append(scopes, strings.Fields(s)...)
	}
	return scopes, true
}

// Audiences are the values of the claim aud, a string or a list of them (RFC
// 7519 section 4.1.3).
func (t Token) Audiences() []string {
	aud, _ := t.Claims.Get("aud")
	list, _ := aud.Strings()
	return list
}

// Permissions are the values of the claim permissions, which Auth0 adds when the
// API has RBAC and "Add Permissions in the Access Token" on.
func (t Token) Permissions() (permissions []string, present bool) {
	v, ok := t.Claims.Get("permissions")
	if !ok {
		return nil, false
	}
	permissions, _ = v.Strings()
	return permissions, true
}

// noAudience reports whether this is the encrypted token that Auth0 issues when
// no audience was sent: alg dir, enc A256GCM, an iss in the header, no key part.
func (t Token) noAudience() bool {
	return t.Kind == JWE && t.Alg() == "dir" && t.Header.GetStr("enc") == "A256GCM" && t.Header.Has("iss") &&
		len(t.Parts) == 5 && t.Parts[1] == ""
}

// rfc9068 reports whether the header's typ says that this is a JWT access token
// of RFC 9068, section 2.1.
func (t Token) rfc9068() bool {
	return isATJWT(t.Header.GetStr("typ"))
}

func isATJWT(typ string) bool {
	typ = strings.ToLower(typ)
	return typ == "at+jwt" || typ == "application/at+jwt"
}

// UseOf guesses what a token from anywhere is for: an ID token if its aud is the
// client, or if it carries nonce or at_hash and no scope; else an access token.
func UseOf(t Token, clientID string) Use {
	if clientID != "" && slices.Contains(t.Audiences(), clientID) {
		return ID
	}
	if (t.Claims.Has("nonce") || t.Claims.Has("at_hash")) && !t.Claims.Has("scope") {
		return ID
	}
	return Access
}

// Decode reads one token without trusting it. It takes the string as it is: see
// Clean for what people paste. The Token can be shown in any case; the error is
// a *NotAToken when the string can be none.
func Decode(raw string) (Token, error) {
	t := Token{Raw: raw, Kind: Opaque, Dots: strings.Count(raw, ".")}
	if raw == "" {
		return t.not("There is nothing to decode.", "Give a token, or - and the token on stdin.")
	}
	if len(raw) > maxBytes {
		return t.not(fmt.Sprintf("The input has %d bytes, more than the %d that are read.", len(raw), maxBytes), "No token is that long.")
	}
	t.Parts = strings.SplitN(raw, ".", 6)
	switch {
	case t.Dots == 2:
		t.Kind = JWS
		t.readJWS()
		return t, nil
	case t.Dots == 4 && t.readJWE():
		return t, nil
	case t.readLookalike():
		return t, nil
	}
	if err := serialised(raw); err != nil {
		return t.not(err.What, err.Fix)
	}
	if i := notToken68(raw); i >= 0 {
		return t.not(fmt.Sprintf("This is no token: %s at byte %d occurs in none.", byteAt(raw, i), i),
			"A token is letters, digits and - . _ ~ + / with = at the end (RFC 7235, token68).")
	}
	if len(raw) > maxOpaqueBytes {
		return t.not(fmt.Sprintf("This is no token: %d bytes without structure are more than the %d that are read.", len(raw), maxOpaqueBytes), "")
	}
	t.Notes = append(t.Notes, opaqueNote(raw))
	return t, nil
}

func (t Token) not(what, fix string) (Token, error) {
	t.Faults = append(t.Faults, Fault{Text: strings.TrimSuffix(what, ".")})
	return t, &NotAToken{What: what, Fix: fix}
}

// opaqueNote says what an opaque string may be. Auth0 issued 32 characters of
// this kind for requests without an audience until about 2021.
func opaqueNote(raw string) string {
	switch {
	case len(raw) == 32 && !strings.ContainsAny(raw, ".~+/="):
		return "it has no structure that a client can read; 32 such characters are what Auth0 issued in older tenants when no audience was sent"
	case strings.HasPrefix(raw, "v1."):
		return "it has no structure that a client can read; it looks like a refresh token of Auth0"
	}
	return "it has no structure that a client can read: only its issuer knows what it stands for"
}

// notToken68 is the place of the first byte that token68 (RFC 7235, 2.1) does
// not allow, or -1.
func notToken68(s string) int {
	body := strings.TrimRight(s, "=")
	for i := 0; i < len(body); i++ {
		c := body[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~+/", c) >= 0) {
			return i
		}
	}
	if body == "" {
		return 0
	}
	return -1
}

// readJWS reads the three parts, each as far as it goes.
func (t *Token) readJWS() {
	t.strict = true
	t.readHeader()
	t.readPayload()
	signature, fault, _ := decodePart(t.Parts[2])
	if fault != "" {
		t.fault("signature", fault)
	} else {
		t.Signature = signature
	}
	t.critical()
}

func (t *Token) readHeader() {
	text, fault, ok := decodePart(t.Parts[0])
	if fault != "" {
		t.fault("header", fault)
	}
	if !ok {
		return
	}
	faults := len(t.Faults)
	t.Header = t.readObject("header", text)
	// A payload that is no object may well be signed; a header that can be read
	// in two ways names no algorithm.
	t.strict = t.strict && len(t.Faults) == faults
}

func (t *Token) readPayload() {
	text, fault, ok := decodePart(t.Parts[1])
	if fault != "" {
		t.fault("payload", fault)
	}
	if !ok {
		return
	}
	t.Payload = text
	t.Claims = t.readObject("payload", text)
}

// readObject reads a part that must be a JSON object, and notes every fault.
func (t *Token) readObject(part string, text []byte) rawjson.Value {
	v, problems, err := rawjson.Parse(text)
	if err != nil {
		what := "is no JSON: " + err.Error()
		if len(text) == 0 {
			what = "is empty"
		}
		t.Faults = append(t.Faults, Fault{Part: part, Text: what})
		return rawjson.Value{}
	}
	if !v.IsObject() {
		t.Faults = append(t.Faults, Fault{Part: part, Text: "is " + v.Kind().String() + ", not a JSON object"})
		return rawjson.Value{}
	}
	for _, p := range problems {
		text := "is not clean JSON: " + p.String()
		if p.Trouble == rawjson.Duplicate {
			text += "; readers may take the first or the last"
		}
		t.Faults = append(t.Faults, Fault{Part: part, Text: text})
	}
	return v
}

// fault notes a part that is not encoded as it must be.
func (t *Token) fault(part, text string) {
	t.Faults = append(t.Faults, Fault{Part: part, Text: text})
	t.strict = false
}

// critical refuses every extension that the header calls critical: none is
// known here, and RFC 7515, 4.1.11 forbids passing over one.
func (t *Token) critical() {
	crit, ok := t.Header.Get("crit")
	if !ok {
		return
	}
	names, isList := crit.Strings()
	switch {
	case !isList || crit.Kind() != rawjson.Array:
		t.Faults = append(t.Faults, Fault{Part: "header", Text: "has a crit that is no list of names"})
	case len(names) == 0:
		t.Faults = append(t.Faults, Fault{Part: "header", Text: "has an empty crit, which must not be used"})
	default:
		t.Faults = append(t.Faults, Fault{Part: "header", Text: "demands an extension that is not known here (crit: " + shorten(strings.Join(names, ", "), 80) + ")"})
	}
}

// readJWE reads five parts as a JWE if the first is a JOSE header with enc.
func (t *Token) readJWE() bool {
	header, ok := joseHeader(t.Parts[0])
	if !ok || !header.Has("enc") {
		return false
	}
	t.Kind = JWE
	t.readHeader()
	for i, name := range []string{"encrypted key", "initialization vector", "ciphertext", "authentication tag"} {
		if _, fault, _ := decodePart(t.Parts[i+1]); fault != "" {
			t.Notes = append(t.Notes, "the "+name+" "+fault)
		}
	}
	if t.Alg() == "" {
		t.Notes = append(t.Notes, "the header has no alg, which RFC 7516, 4.1.1 demands")
	}
	switch {
	case t.noAudience():
		t.Notes = append(t.Notes, "Auth0 issues this encrypted token when no audience was sent: only its /userinfo can read it")
	case t.Parts[1] == "" && t.Alg() == "dir":
		t.Notes = append(t.Notes, "it is encrypted with a key that the issuer shares with its reader")
	default:
		t.Notes = append(t.Notes, "it is encrypted for its audience: only the API can read it")
	}
	t.critical()
	return true
}

// readLookalike reads what begins with a JOSE header but has the wrong number
// of parts: a token that was cut, or that something was glued to.
func (t *Token) readLookalike() bool {
	header, ok := joseHeader(t.Parts[0])
	if !ok {
		return false
	}
	t.Kind = JWS
	want := "a JWS has three"
	if header.Has("enc") {
		t.Kind, want = JWE, "a JWE has five"
	}
	t.readHeader()
	if t.Kind == JWS && len(t.Parts) > 1 {
		if text, _, ok := decodePart(t.Parts[1]); ok {
			t.Payload = text
			if v, _, err := rawjson.Parse(text); err == nil && v.IsObject() {
				t.Claims = v
			}
		}
	}
	n := t.Dots + 1
	parts := fmt.Sprintf("has %d parts; %s", n, want)
	if n == 1 {
		parts = "is a header alone; " + want + " parts"
	}
	switch {
	case strings.HasSuffix(t.Raw, "."):
		parts += ": it ends in a dot"
	case n < 3 || t.Kind == JWE && n < 5:
		parts += ": it was cut, or not copied whole"
	}
	t.Faults = append(t.Faults, Fault{Text: "the token " + parts})
	t.critical()
	return true
}

// joseHeader reads a part as a JOSE header: an object with alg or enc as a
// string. It is lenient on the encoding, so that a damaged header is still told
// as one.
func joseHeader(part string) (rawjson.Value, bool) {
	text, _, ok := decodePart(part)
	if !ok {
		return rawjson.Value{}, false
	}
	v, _, err := rawjson.Parse(text)
	if err != nil || !v.IsObject() {
		return rawjson.Value{}, false
	}
	return v, v.GetStr("alg") != "" || v.GetStr("enc") != ""
}

// serialised recognises tokens in JSON serialization, which OAuth never uses.
func serialised(raw string) *NotAToken {
	if !strings.HasPrefix(strings.TrimSpace(raw), "{") {
		return nil
	}
	v, _, err := rawjson.Parse([]byte(raw))
	if err != nil || !v.IsObject() {
		return nil
	}
	form, spec := "", ""
	switch {
	case v.Has("ciphertext"):
		form, spec = "an encrypted JWE in JSON serialization", "RFC 7516, 7.2"
	case v.Has("payload") && v.Has("signatures"):
		form, spec = "a JWS in general JSON serialization", "RFC 7515, 7.2.1"
	case v.Has("payload") && v.Has("signature"):
		form, spec = "a JWS in flattened JSON serialization", "RFC 7515, 7.2.2"
	default:
		return nil
	}
	return &NotAToken{What: fmt.Sprintf("This is %s (%s), not a token as OAuth sends it.", form, spec),
		Fix: "OAuth and OpenID Connect use the compact form: parts joined by dots."}
}
