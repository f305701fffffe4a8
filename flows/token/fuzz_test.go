package token

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzDecode reads any text as a token and holds it against a set of keys that
// signed none of it: nothing may panic, pass a signature, or lose a check.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		a1Token, a2Token, a3Token, a4Token, a5Token, a6JSON, a7JSON, ed25519Token, noAudienceToken, "opaque", "..", "....", "a.b",
		encode(`{"alg":"RS256"}`) + "." + encode(accessClaims()) + ".AAAA", encode(`{"alg":"HS256","kid":"rsa"}`) + "." + encode(idClaims("nonce", `"n"`, "auth_time", "1e3")) + ".AAAA",
		encode(`{"alg":"RS256","crit":["x"],"crit":[]}`) + "." + encode(`{"exp":1e999,"nbf":-1,"iat":"x","aud":[1],"scope":["a"],"permissions":{}}`) + ".A",
		`{"access_token":"a.b.c","id_token":"..","scope":"openid"}`, "Bearer 'x'", strings.Repeat("[", 300),
	} {
		f.Add(s)
	}
	keys := keySet(f, jwks(key("rsa").jwk(""), key("P-256").jwk(""), key("ed").jwk("")))
	age := int64(5)
	f.Fuzz(func(t *testing.T, text string) {
		in, err := Read(text)
		if err != nil && len(err.Error()) > 600 {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
		tokens := in.Tokens
		raw, _ := Decode(text)
		tokens = append(tokens, Named{Token: raw})
		for _, n := range tokens {
			for _, use := range []Use{Access, ID} {
				e := Expect{Use: use, Issuer: testIssuer, Audience: testAudience, ClientID: testClient, Now: testNow, Keys: keys, APISecret: "s", ClientSecret: "c",
					ExpectNonce: true, Nonce: "n", MaxAge: &age, AccessToken: "x", ClockOffset: time.Hour, OffsetKnown: true, HasExpiresIn: true, ExpiresIn: 9}
				checks := Validate(n.Token, e)
				if len(checks) != len(CheckNames) {
					t.Fatalf("%d checks", len(checks))
				}
				if v := Verified(checks, use); v != nil && *v {
					t.Fatalf("verified: %q", text)
				}
				if _, err := json.Marshal(checks); err != nil {
					t.Fatal(err)
				}
				if _, err := json.Marshal(Show(n.Token, use, checks)); err != nil {
					t.Fatal(err)
				}
				for _, c := range checks {
					if utf8.ValidString(text) && !utf8.ValidString(c.Got+c.Want+c.Why) {
						t.Fatalf("%s cuts a character", c.Name)
					}
				}
			}
			for i, m := range n.Token.Claims.Members() {
				if i == 100 {
					break
				}
				_ = Meaning(Access, m.Name, m.Value) + Meaning(ID, m.Name, m.Value) + HeaderMeaning(m.Name, m.Value)
			}
			tok := n.Token
			NewLedger(LedgerInput{Asked: "openid a", AskedSent: true, Auth0: true, Access: &tok, ID: &tok, UserInfo: tok.Claims})
			Compare(Column{"a", tok.Claims}, Column{"b", in.Reply})
			LifeOf(tok.Claims, testNow)
			UseOf(tok, testClient)
		}
	})
}

// FuzzJWKS reads any text as keys; what is called usable must verify without a
// panic.
func FuzzJWKS(f *testing.F) {
	for _, s := range []string{
		jwks(a2Key, a3Key, a4Key, ed25519Key), a2Key, `{"keys":[{"kty":"oct","k":"x"},null,1]}`, `{"keys":[{"kty":"RSA","n":"_w","e":"AQAB","use":"enc"}]}`,
		"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
	} {
		f.Add([]byte(s))
	}
	var tokens []Token
	for _, raw := range []string{a1Token, a2Token, a3Token, ed25519Token} {
		tok, _ := Decode(raw)
		tokens = append(tokens, tok)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ParseKeys(text)
		if err != nil {
			return
		}
		if len(s.Keys) > maxKeys {
			t.Fatalf("%d keys", len(s.Keys))
		}
		s.Explain()
		for _, k := range s.Keys {
			if !k.Usable() && k.Why == "" {
				t.Fatalf("a key is refused without a reason: %q", text)
			}
		}
		for _, tok := range tokens {
			Validate(tok, Expect{Now: testNow, Keys: &s, APISecret: "s"})
		}
	})
}
