package token

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

// noAudienceToken has the form of what Auth0 issues when no audience was sent.
var noAudienceToken = encode(`{"alg":"dir","enc":"A256GCM","iss":"https://acme.eu.auth0.com/"}`) + "..AAAAAAAAAAAAAAAA.c29tZXRoaW5n.AAAAAAAAAAAAAAAAAAAAAA"

func TestDecodeKinds(t *testing.T) {
	good := encode(`{"alg":"RS256"}`) + "." + encode(`{"sub":"x"}`) + ".AAAA"
	jwe := encode(`{"alg":"RSA-OAEP-256","enc":"A256GCM"}`)
	for _, c := range []struct {
		name, raw string
		kind      Kind
		fault     string // part of the first fault; empty: none
		note      string
	}{
		{"jws", good, JWS, "", ""},
		{"empty payload", encode(`{"alg":"RS256"}`) + "..AAAA", JWS, "the payload is empty", ""},
		{"two empty parts", "..", JWS, "the header is empty", ""},
		{"payload an array", encode(`{"alg":"RS256"}`) + "." + encode(`[1]`) + ".AAAA", JWS, "the payload is an array", ""},
		{"payload no JSON", encode(`{"alg":"RS256"}`) + "." + encode(`Payload`) + ".AAAA", JWS, "the payload is no JSON: byte 0", ""},
		{"payload cut", encode(`{"alg":"RS256"}`) + "." + encode(`{"a":`) + ".AAAA", JWS, "the text ends", ""},
		{"header no JSON", encode(`x`) + "." + encode(`{}`) + ".AAAA", JWS, "the header is no JSON", ""},
		{"no JOSE at all", "www.example.com", JWS, "the header", ""},
		{"plain base64", encode(`{"alg":"RS256"}`) + "." + encode(`{"a":"` + "~~~\u00ff" + `"}`)[:4] + "+/.AAAA", JWS, "belongs to plain base64", ""},
		{"padding", "eyJhbGciOiJSUzI1NiJ9." + encode(`{"a":1}`) + "=.AAAA", JWS, "padded with =", ""},
		{"trailing bits", "eyJhbGciOiJSUzI1NiJ9.e31.AAAA", JWS, "the bits after its end are not zero", ""},
		{"impossible length", "eyJhbGciOiJSUzI1NiJ9.e30A5.AAAA", JWS, "its length is impossible", ""},
		{"line end inside", "eyJhbGciOiJSUzI1NiJ9.e3\n0.AAAA", JWS, "a line end at its byte 2", ""},
		{"blank inside", "eyJhbGciOiJSUzI1NiJ9.e3 0.AAAA", JWS, "a blank at its byte 2", ""},
		{"bad signature part", "eyJhbGciOiJSUzI1NiJ9.e30.A*", JWS, "the signature is not base64url", ""},
		{"duplicate claim", "eyJhbGciOiJSUzI1NiJ9." + encode(`{"exp":1,"exp":2}`) + ".AAAA", JWS, `the name "exp" occurs more than once`, ""},
		{"broken UTF-8", "eyJhbGciOiJSUzI1NiJ9." + encode("{\"a\":\"\xff\"}") + ".AAAA", JWS, "no UTF-8 in .a", ""},
		{"crit", encode(`{"alg":"RS256","crit":["exp"],"exp":1}`) + ".e30.AAAA", JWS, "demands an extension that is not known here (crit: exp)", ""},
		{"crit b64", encode(`{"alg":"RS256","crit":["b64"],"b64":false}`) + ".e30.AAAA", JWS, "crit: b64", ""},
		{"crit empty", encode(`{"alg":"RS256","crit":[]}`) + ".e30.AAAA", JWS, "an empty crit", ""},
		{"crit no list", encode(`{"alg":"RS256","crit":"exp"}`) + ".e30.AAAA", JWS, "a crit that is no list", ""},
		{"nested too deep", "eyJhbGciOiJSUzI1NiJ9." + encode(`{"a":`+strings.Repeat("[", 100000)+`}`) + ".AAAA", JWS, "nested deeper", ""},

		{"jwe", jwe + ".a2V5.aXY.dGV4dA.dGFn", JWE, "", "encrypted for its audience"},
		{"jwe of Auth0 without audience", noAudienceToken, JWE, "", "no audience was sent"},
		{"jwe crit", encode(`{"alg":"dir","enc":"A256GCM","crit":["x"]}`) + "..aXY.dGV4dA.dGFn", JWE, "crit: x", ""},
		{"jwe odd part", jwe + ".a2V5.aXY=.dGV4dA.dGFn", JWE, "", "the initialization vector is padded"},

		{"header alone", encode(`{"alg":"RS256"}`), JWS, "is a header alone", ""},
		{"two parts", encode(`{"alg":"RS256"}`) + "." + encode(`{"sub":"x"}`), JWS, "has 2 parts; a JWS has three: it was cut", ""},
		{"trailing dot", good + ".", JWS, "has 4 parts; a JWS has three: it ends in a dot", ""},
		{"five parts without enc", encode(`{"alg":"RS256"}`) + ".a.b.c.d", JWS, "has 5 parts", ""},
		{"four parts with enc", jwe + ".a.b.c", JWE, "has 4 parts; a JWE has five", ""},
		{"a thousand dots", encode(`{"alg":"RS256"}`) + strings.Repeat(".", 1000), JWS, "has 1001 parts", ""},

		{"opaque", "sTq5D8Kw0hVzN2fJYc4mPbRgX7uAeL1i", Opaque, "", "older tenants"},
		{"refresh token", "v1.MRHbz1VqR_y42v", Opaque, "", "refresh token of Auth0"},
		{"two parts that are no JOSE", "abc.def", Opaque, "", "only its issuer knows"},
		{"five parts that are no JOSE", "a.b.c.d.e", Opaque, "", "only its issuer knows"},
		{"base64 JSON that is no JOSE", encode(`{"iv":"x","value":"y"}`), Opaque, "", "only its issuer knows"},
		{"token68", "abc~+/-._123==", Opaque, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok := decode(t, c.raw)
			if tok.Kind != c.kind {
				t.Errorf("kind %s, want %s", tok.Kind, c.kind)
			}
			var faults []string
			for _, f := range tok.Faults {
				faults = append(faults, f.String())
			}
			all := strings.Join(faults, "; ")
			if (c.fault == "") != (all == "") || !strings.Contains(all, c.fault) {
				t.Errorf("faults %q, want %q", all, c.fault)
			}
			if !strings.Contains(strings.Join(tok.Notes, "; "), c.note) {
				t.Errorf("notes %q, want %q", tok.Notes, c.note)
			}
			if strings.Join(tok.Parts, ".") != c.raw {
				t.Error("the raw parts are not kept")
			}
			checks := Validate(tok, Expect{Now: testNow})
			format := state(t, checks, "format")
			want := Pass
			switch {
			case c.fault != "":
				want = Fail
			case c.kind == Opaque:
				want = Warn
			}
			if format != want {
				t.Errorf("format %s, want %s", format, want)
			}
			if c.kind != JWS {
				for _, check := range checks[1:] {
					if check.State != Skip {
						t.Errorf("%s is %s, want skip", check.Name, check.State)
					}
				}
			}
			if got := state(t, checks, "signature"); got != Skip {
				t.Errorf("signature %s without keys, want skip", got)
			}
		})
	}
}

func TestShowsWhatCanBeShown(t *testing.T) {
	for name, raw := range map[string]string{
		"bad signature":  encode(`{"alg":"RS256"}`) + "." + encode(`{"sub":"x"}`) + ".*",
		"padded payload": encode(`{"alg":"RS256"}`) + "." + encode(`{"sub":"x"}`) + "=.AAAA",
		"no signature":   encode(`{"alg":"RS256"}`) + "." + encode(`{"sub":"x"}`),
		"trailing dots":  encode(`{"alg":"RS256"}`) + "." + encode(`{"sub":"x"}`) + ".AAAA...",
		"bad header":     "*." + encode(`{"sub":"x"}`) + ".AAAA",
	} {
		tok := decode(t, raw)
		if tok.Claims.GetStr("sub") != "x" {
			t.Errorf("%s: the claims are not shown", name)
		}
		if name != "bad header" && tok.Alg() != "RS256" {
			t.Errorf("%s: the header is not shown", name)
		}
	}
}

func TestNotTokens(t *testing.T) {
	for name, c := range map[string]struct{ raw, want string }{
		"nothing":         {"", "nothing to decode"},
		"a sentence":      {"not a token at all!", "a blank at byte 3"},
		"an escape":       {"abc\x1b[31m", `'\x1b'`},
		"a broken byte":   {"abc\xff", "the byte 0xff"},
		"a pair":          {"access_token=abc", "'='"},
		"only padding":    {"====", "no token"},
		"too long opaque": {strings.Repeat("a", maxOpaqueBytes+1), "without structure"},
		"too long":        {strings.Repeat("a.", maxBytes), "more than the"},
		"a blank string":  {"   ", "a blank at byte 0"},
	} {
		tok, err := Decode(c.raw)
		var not *NotAToken
		if !errors.As(err, &not) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		checks := Validate(tok, Expect{Now: testNow})
		if len(checks) != len(CheckNames) || checks[0].State != Fail {
			t.Errorf("%s: format does not fail", name)
		}
		if len(err.Error()) > 300 {
			t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
		}
	}
}

func TestRead(t *testing.T) {
	good := encode(`{"alg":"RS256"}`) + "." + encode(`{"sub":"x"}`) + ".AAAA"
	for _, text := range []string{good, "  " + good + "\n", `"` + good + `"`, "'" + good + "'", "Bearer " + good, "bearer  " + good + "\r\n",
		"Authorization: Bearer " + good, `"Bearer ` + good + `"`, "\ufeff" + good, "`" + good + "`", "Bearer Bearer " + good} {
		in, err := Read(text)
		if err != nil || len(in.Tokens) != 1 || in.Tokens[0].Token.Raw != good {
			t.Errorf("Read(%q): %v", text, err)
		}
	}
	reply := `{"access_token":"` + good + `","id_token":"` + good + `","refresh_token":"v1.abc","Access_Token":"no","scope":"openid","expires_in":86400}`
	for _, text := range []string{reply, "\n " + reply + "\n", `{"ok":true,"tokens":` + reply + `}`} {
		in, err := Read(text)
		if err != nil || len(in.Tokens) != 3 || in.Tokens[0].Name != "access_token" || in.Tokens[2].Token.Kind != Opaque || in.Reply.GetStr("scope") != "openid" {
			t.Errorf("Read(%.60q): %v, %d tokens", text, err, len(in.Tokens))
		}
		if id, ok := in.Token("id_token"); !ok || id.Claims.GetStr("sub") != "x" {
			t.Error("the ID token is not found by name")
		}
	}
	for text, want := range map[string]string{
		`{"error":"access_denied","error_description":"Unauthorized"}`: "a refusal (access_denied)",
		`{"a":1}`:             "without access_token",
		`{"access_token":`:    "begins like JSON",
		`{"access_token":42}`: "without access_token",
		``:                    "nothing to decode",
		`""`:                  "nothing to decode",
	} {
		var not *NotAToken
		if _, err := Read(text); !errors.As(err, &not) || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%q): %v, want %q", text, err, want)
		}
	}
}

func TestUseOf(t *testing.T) {
	make := func(payload string) Token { return decode(t, encode(`{"alg":"RS256"}`)+"."+encode(payload)+".AAAA") }
	for _, c := range []struct {
		payload string
		want    Use
	}{
		{accessClaims(), Access}, {idClaims(), ID}, {idClaims("aud", `["x",`+quote(testClient)+`]`), ID},
		{`{"nonce":"n"}`, ID}, {`{"at_hash":"n"}`, ID}, {`{"at_hash":"n","scope":"x"}`, Access}, {`{}`, Access}, {`{"aud":7}`, Access},
	} {
		if got := UseOf(make(c.payload), testClient); got != c.want {
			t.Errorf("%s is %s, want %s", c.payload, got, c.want)
		}
	}
	if UseOf(make(idClaims()), "") != Access {
		t.Error("without a client id nothing tells this ID token")
	}
}

// TestDecodeOfLargeTokens: a token of a megabyte is worked off with memory in
// proportion, and no check repeats it. How long it takes, BenchmarkDecodeHostile
// says.
func TestDecodeOfLargeTokens(t *testing.T) {
	for name, raw := range largeTokens() {
		var checks []Check
		n := allocated(func() {
			tok, _ := Decode(raw)
			checks = Validate(tok, Expect{Now: testNow})
		})
		t.Logf("%s: %d bytes for %d", name, n, len(raw))
		if n > 64*uint64(len(raw)) {
			t.Errorf("%s: %d bytes were allocated for %d", name, n, len(raw))
		}
		for _, c := range checks {
			if len(c.Got)+len(c.Why)+len(c.Want) > 4000 {
				t.Errorf("%s: the check %s has %d bytes", name, c.Name, len(c.Got)+len(c.Why)+len(c.Want))
			}
		}
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// largeTokens are tokens of about a megabyte, or what somebody takes for one.
func largeTokens() map[string]string {
	header := encode(`{"alg":"RS256"}`)
	return map[string]string{
		"a long payload": header + "." + encode(`{"permissions":["`+strings.Repeat(`read:orders","`, 75_000)+`x"],"sub":"x"}`) + ".AAAA",
		"dots":           strings.Repeat(".", 1<<20),
		"letters":        strings.Repeat("a", 1<<20),
		"brackets":       header + "." + encode(strings.Repeat("[", 1<<20)) + ".",
		"a lookalike":    header + strings.Repeat(".", 1<<20),
		"members":        header + "." + encode(`{`+strings.Repeat(`"a":0,`, 150_000)+`"a":0}`) + ".",
	}
}
