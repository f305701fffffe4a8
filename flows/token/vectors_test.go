package token

import (
	"errors"
	"strings"
	"testing"
)

// The examples of RFC 7515, appendix A, and of RFC 8037, appendix A.
const (
	a1Token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" +
		".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ" +
		".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	a1Secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"

	a2Token = "eyJhbGciOiJSUzI1NiJ9" +
		".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ" +
		".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7" +
		"AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4" +
		"BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K" +
		"0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv" +
		"hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB" +
		"p0igcN_IoypGlUPQGe77Rw"
	a2Key = `{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}`

	a3Token = "eyJhbGciOiJFUzI1NiJ9" +
		".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ" +
		".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
	a3Key = `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`

	a4Token = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA" +
		".AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZq" +
		"wqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8Kp" +
		"EHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"
	a4Key = `{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}`

	a5Token = "eyJhbGciOiJub25lIn0" +
		".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."

	a6JSON = `{"payload":"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
 "signatures":[{"protected":"eyJhbGciOiJSUzI1NiJ9","header":{"kid":"2010-12-29"},"signature":"cC4hiUPoj9Eetdgtv3hF80EGrhuB"},
  {"protected":"eyJhbGciOiJFUzI1NiJ9","header":{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"},
   "signature":"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"}]}`
	a7JSON = `{"payload":"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
 "protected":"eyJhbGciOiJFUzI1NiJ9","header":{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"},
 "signature":"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"}`

	ed25519Token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc" +
		".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
	ed25519Key = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
)

// The compact examples of RFC 7520, section 4. Their payload is a sentence.
const (
	cookbookPayload = "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUg" +
		"cm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0" +
		"IGJlIHN3ZXB0IG9mZiB0by4"
	cookbookRSAKey  = `{"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQAB"}`
	cookbookECKey   = `{"kty":"EC","kid":"bilbo.baggins@hobbiton.example","use":"sig","crv":"P-521","x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt","y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"}`
	cookbookHMACKey = "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"

	cookbook41 = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + cookbookPayload + "." +
		"MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi8" +
		"4wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocS" +
		"adnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJu" +
		"shZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg"
	cookbook42 = "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + cookbookPayload + "." +
		"cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItl" +
		"lVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0" +
		"TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0" +
		"uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw"
	cookbook43 = "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + cookbookPayload + "." +
		"AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_" +
		"sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2"
	cookbook44Header = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9"
	cookbook44       = cookbook44Header + "." + cookbookPayload + ".s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0"
	cookbook45       = cookbook44Header + "..s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0" // its payload is kept elsewhere
)

func TestRFCVectors(t *testing.T) {
	secret, _, _ := decodePart(a1Secret)
	hmac, _, _ := decodePart(cookbookHMACKey)
	for _, c := range []struct {
		name, token, jwk, secret string
		alg                      string
		object                   bool // the payload is a JSON object, as a JWT's is
		signature                State
	}{
		{"RFC 7515 A.1 HS256", a1Token, "", string(secret), "HS256", true, Pass},
		{"RFC 7515 A.2 RS256", a2Token, a2Key, "", "RS256", true, Pass},
		{"RFC 7515 A.3 ES256", a3Token, a3Key, "", "ES256", true, Pass},
		{"RFC 7515 A.4 ES512", a4Token, a4Key, "", "ES512", false, Pass},
		{"RFC 7515 A.5 none", a5Token, a2Key, "", "none", true, Fail},
		{"RFC 8037 A.4 EdDSA", ed25519Token, ed25519Key, "", "EdDSA", false, Pass},
		{"RFC 7520 4.1 RS256", cookbook41, cookbookRSAKey, "", "RS256", false, Pass},
		{"RFC 7520 4.2 PS384", cookbook42, cookbookRSAKey, "", "PS384", false, Pass},
		{"RFC 7520 4.3 ES512", cookbook43, cookbookECKey, "", "ES512", false, Pass},
		{"RFC 7520 4.4 HS256", cookbook44, "", string(hmac), "HS256", false, Pass},
		{"RFC 7520 4.5 HS256, detached", cookbook45, "", string(hmac), "HS256", false, Fail},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok := decode(t, c.token)
			if tok.Kind != JWS || tok.Alg() != c.alg || tok.Claims.IsObject() != c.object {
				t.Fatalf("kind %s alg %s claims %s", tok.Kind, tok.Alg(), tok.Claims.JSON())
			}
			e := Expect{Use: Access, APISecret: c.secret, Now: testNow}
			if c.jwk != "" {
				e.Keys = keySet(t, c.jwk)
			}
			checks := Validate(tok, e)
			if want := map[bool]State{true: Pass, false: Fail}[c.object]; state(t, checks, "format") != want {
				t.Errorf("format %s, want %s", state(t, checks, "format"), want)
			}
			if got := state(t, checks, "signature"); got != c.signature {
				t.Errorf("signature %s: %s, want %s", got, why(checks, "signature"), c.signature)
			}
			if !c.object {
				return
			}
			if got := tok.Claims.JSON(); got != `{"iss":"joe","exp":1300819380,"http://example.com/is_root":true}` {
				t.Errorf("claims %s", got)
			}
			if c.alg == "none" && state(t, checks, "alg") != Fail {
				t.Error("alg none must fail")
			}
			if state(t, checks, "exp") != Fail {
				t.Error("these tokens ended in 2011")
			}
		})
	}
}

func TestJSONSerialised(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"RFC 7515 A.6 general":   {a6JSON, "general JSON serialization"},
		"RFC 7515 A.7 flattened": {a7JSON, "flattened JSON serialization"},
		"JWE":                    {`{"protected":"eyJhbGciOiJkaXIifQ","ciphertext":"AAAA","tag":"BBBB"}`, "JWE in JSON serialization"},
	} {
		for _, read := range []func(string) error{
			func(s string) error { _, err := Read(s); return err },
			func(s string) error { _, err := Decode(s); return err },
		} {
			var not *NotAToken
			if err := read(c.text); !errors.As(err, &not) || !strings.Contains(not.Error(), c.want) {
				t.Errorf("%s: %v, want %q told", name, err, c.want)
			}
		}
	}
}

// TestNoForgery tries what must never pass: the vectors with one thing changed.
func TestNoForgery(t *testing.T) {
	secret, _, _ := decodePart(a1Secret)
	for _, c := range []struct {
		token, jwk, secret string
	}{{a1Token, "", string(secret)}, {a2Token, a2Key, ""}, {a3Token, a3Key, ""}} {
		e := Expect{Use: Access, APISecret: c.secret, Now: testNow}
		if c.jwk != "" {
			e.Keys = keySet(t, c.jwk)
		}
		parts := strings.Split(c.token, ".")
		flip := func(part, i int) string {
			b := []byte(parts[part])
			b[i] ^= 1
			if b[i] < '0' || b[i] > 'z' {
				b[i] ^= 3
			}
			p := append([]string(nil), parts...)
			p[part] = string(b)
			return strings.Join(p, ".")
		}
		var forged []string
		for part := range parts {
			for i := range parts[part] {
				forged = append(forged, flip(part, i))
			}
		}
		for i := range parts[2] {
			forged = append(forged, parts[0]+"."+parts[1]+"."+parts[2][:i]) // truncated
		}
		for _, more := range []string{"A", "AA", "AAAA", "=", "==", "\n", " ", "."} {
			forged = append(forged, c.token+more)
		}
		none := encode(`{"alg":"none"}`)
		forged = append(forged, none+"."+parts[1]+"."+parts[2], none+"."+parts[1]+".",
			encode(`{"alg":"HS256","alg":"RS256"}`)+"."+parts[1]+"."+parts[2], parts[0]+"."+parts[1]+"."+strings.Repeat("A", len(parts[2])))
		for _, raw := range forged {
			tok, _ := Decode(raw)
			for _, check := range Validate(tok, e) {
				if check.Name == "signature" && (check.State == Pass || check.State == Warn) {
					t.Fatalf("a forgery passes: %s", raw)
				}
			}
			if v := Verified(Validate(tok, e), Access); v != nil && *v {
				t.Fatalf("a forgery is verified: %s", raw)
			}
		}
	}
}

// TestEveryBitCounts flips each bit of a token's text, and each bit of what its
// parts stand for: none of the results may pass.
func TestEveryBitCounts(t *testing.T) {
	secret, _, _ := decodePart(a1Secret)
	hmac, _, _ := decodePart(cookbookHMACKey)
	for _, c := range []struct{ name, token, jwk, secret string }{
		{"HS256", a1Token, "", string(secret)}, {"HS256, a sentence", cookbook44, "", string(hmac)},
		{"RS256", a2Token, a2Key, ""}, {"PS384", cookbook42, cookbookRSAKey, ""}, {"ES256", a3Token, a3Key, ""}, {"EdDSA", ed25519Token, ed25519Key, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := Expect{Use: Access, APISecret: c.secret, Now: testNow}
			if c.jwk != "" {
				e.Keys = keySet(t, c.jwk)
			}
			passes := func(raw string) bool {
				tok, _ := Decode(raw)
				s := state(t, Validate(tok, e), "signature")
				return s == Pass || s == Warn
			}
			if !passes(c.token) {
				t.Fatal("the token itself does not pass")
			}
			for i := range len(c.token) * 8 {
				b := []byte(c.token)
				b[i/8] ^= 1 << (i % 8)
				if passes(string(b)) {
					t.Fatalf("bit %d of byte %d of the text: %s", i%8, i/8, b)
				}
			}
			parts := strings.Split(c.token, ".")
			for p := range parts {
				whole, err := strictURL.DecodeString(parts[p])
				if err != nil {
					t.Fatal(err)
				}
				for i := range len(whole) * 8 {
					b := append([]byte(nil), whole...)
					b[i/8] ^= 1 << (i % 8)
					forged := append([]string(nil), parts...)
					forged[p] = strictURL.EncodeToString(b)
					if passes(strings.Join(forged, ".")) {
						t.Fatalf("bit %d of byte %d of part %d", i%8, i/8, p)
					}
				}
			}
		})
	}
}
