package token

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestBadKeysSpoilNoOther(t *testing.T) {
	good := key("rsa").jwk(`"use":"sig","alg":"RS256"`)
	big := strings.Repeat("_", 11000)
	for _, c := range []struct {
		name, jwk, why string
	}{
		{"encryption", key("rsa2").jwk(`"use":"enc"`), "its use is enc, not sig"},
		{"encryption alg", key("rsa2").jwk(`"alg":"RSA-OAEP-256"`), "RSA-OAEP-256 is no signature"},
		{"key_ops", key("rsa2").jwk(`"key_ops":["encrypt"]`), "key_ops do not name verify"},
		{"alg of another kty", key("rsa2").jwk(`"alg":"ES256"`), "does not go with RSA"},
		{"alg of another curve", key("P-384").jwk(`"alg":"ES256"`), "does not go with EC P-384"},
		{"oct", `{"kty":"oct","k":"c2VjcmV0"}`, "a shared secret"},
		{"no kty", `{"kid":"x"}`, "has no kty"},
		{"unknown kty", `{"kty":"AKP"}`, "kty AKP is not known"},
		{"a string", `"key"`, "it is a string, not an object"},
		{"null", `null`, "it is null"},
		{"no modulus", `{"kty":"RSA","e":"AQAB"}`, "it has no n"},
		{"modulus a number", `{"kty":"RSA","n":1,"e":"AQAB"}`, "it has no n"},
		{"padded modulus", strings.Replace(key("rsa2").jwk(""), `","e"`, `==","e"`, 1), "its n is padded"},
		{"no exponent", strings.Replace(key("rsa2").jwk(""), `"e"`, `"f"`, 1), "it has no e"},
		{"exponent one", strings.Replace(key("rsa2").jwk(""), `AQAB`, `AQ`, 1), "exponent"},
		{"exponent even", strings.Replace(key("rsa2").jwk(""), `AQAB`, `BA`, 1), "exponent"},
		{"exponent huge", strings.Replace(key("rsa2").jwk(""), `AQAB`, `AQAAAAAB`, 1), "exponent"},
		{"giant modulus", `{"kty":"RSA","n":"` + big + `","e":"AQAB"}`, "more than the 8192"},
		{"tiny modulus", `{"kty":"RSA","n":"_w","e":"AQAB"}`, "8 bits"},
		{"even modulus", `{"kty":"RSA","n":"` + strings.Repeat("_", 340) + `_A","e":"AQAB"}`, "even"},
		{"unknown curve", `{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}`, "curve secp256k1"},
		{"short coordinate", `{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}`, "has 3 bytes; for P-256 it must have 32"},
		{"not on the curve", `{"kty":"EC","crv":"P-256","x":"` + strings.Repeat("A", 42) + `E","y":"` + strings.Repeat("A", 42) + `E"}`, "no point of P-256"},
		{"X25519", `{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, "curve X25519 does not sign"},
		{"short Ed25519", `{"kty":"OKP","crv":"Ed25519","x":"AAAA"}`, "has 3 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := keySet(t, jwks(c.jwk, good))
			if len(s.Keys) != 2 || s.Keys[0].Usable() || !strings.Contains(s.Keys[0].Why, c.why) {
				t.Errorf("why %q, want %q", s.Keys[0].Why, c.why)
			}
			if !s.Keys[1].Usable() {
				t.Errorf("the good key is spoiled: %s", s.Keys[1].Why)
			}
			if len(s.Explain()) == 0 {
				t.Error("nothing is explained")
			}
		})
	}
}

func TestNotKeySets(t *testing.T) {
	for text, want := range map[string]string{
		``: "no JSON", `<html>`: "no JSON", `[]`: "an array", `{}`: "no `keys`", `{"keys":{}}`: "an object, not a list", `{"keys":`: "no JSON",
		`{"keys":[` + strings.Repeat("[", 1000): "nested deeper", strings.Repeat(" ", MaxJWKSSize+1): "more than the",
	} {
		if _, err := ParseJWKS([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseJWKS(%.20q): %v, want %q", text, err, want)
		}
	}
	if s, err := ParseJWKS([]byte(`{"keys":[]}`)); err != nil || len(s.Notes) == 0 {
		t.Errorf("an empty set: %v", err)
	}
	s := keySet(t, `{"keys":[],"keys":[`+key("ed").jwk("")+`]}`)
	if len(s.Usable()) != 1 || !strings.Contains(strings.Join(s.Notes, ";"), "occurs more than once") {
		t.Errorf("duplicate keys member: %v", s.Notes)
	}
}

func TestTenThousandKeys(t *testing.T) {
	keys := []string{key("rsa").jwk("")}
	for i := range 10_000 {
		keys = append(keys, fmt.Sprintf(`{"kty":"RSA","kid":"k%d","n":"AQAB","e":"AQAB"}`, i))
	}
	keys = append(keys, key("rsa2").jwk(""))
	text := jwks(keys...)
	var s *KeySet
	if n := allocated(func() { s = keySet(t, text) }); n > 64*uint64(len(text)) {
		t.Errorf("%d bytes were allocated for %d", n, len(text))
	}
	if s.Total != 10_002 || len(s.Keys) != maxKeys || len(s.Usable()) != 1 {
		t.Errorf("total %d, kept %d", s.Total, len(s.Keys))
	}
	_, err := s.lookup("rsa2", "RS256")
	if !errors.Is(err, errUnknownKey) || !strings.Contains(err.Error(), "first 100") {
		t.Errorf("a key beyond the limit: %v", err)
	}
}

func TestLookup(t *testing.T) {
	s := keySet(t, jwks(key("rsa").jwk(""), key("rsa2").jwk(`"use":"enc"`), key("P-256").jwk(""), key("ed").jwk(""), pair{"rsa", key("P-384").private}.jwk("")))
	for _, c := range []struct {
		kid, alg string
		want     int // how many keys
		unknown  bool
		mismatch bool
	}{
		{"rsa", "RS256", 1, false, false}, {"rsa", "PS512", 1, false, false}, {"rsa", "ES384", 1, false, false},
		{"rsa", "ES256", 0, false, true}, {"rsa", "HS256", 0, false, true}, {"rsa2", "RS256", 0, false, false},
		{"P-256", "ES256", 1, false, false}, {"P-256", "ES384", 0, false, true}, {"ed", "EdDSA", 1, false, false},
		{"gone", "RS256", 0, true, false}, {"RSA", "RS256", 0, true, false},
		{"", "RS256", 1, false, false}, {"", "ES256", 1, false, false}, {"", "ES512", 0, false, false}, {"", "HS256", 0, false, false}, {"", "none", 0, false, false},
	} {
		keys, err := s.lookup(c.kid, c.alg)
		if len(keys) != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%q %s: %d keys, %v", c.kid, c.alg, len(keys), err)
			continue
		}
		if errors.Is(err, errUnknownKey) != c.unknown {
			t.Errorf("%q %s: unknown %v", c.kid, c.alg, err)
		}
		var miss *lookupError
		if errors.As(err, &miss) && miss.Mismatch != c.mismatch {
			t.Errorf("%q %s: mismatch %v", c.kid, c.alg, miss.Mismatch)
		}
	}
	if s.Keys[4].Notes == nil {
		t.Error("a second key of one kid is not told")
	}
}

func TestPrivateKeyInTheSet(t *testing.T) {
	s := keySet(t, jwks(key("rsa").jwk(`"d":"c2VjcmV0"`)))
	if !s.Keys[0].Usable() || !strings.Contains(strings.Join(s.Explain(), ";"), "private part") {
		t.Fatalf("%v", s.Explain())
	}
	if strings.Contains(strings.Join(s.Explain(), ";"), "c2VjcmV0") {
		t.Error("the private key is shown")
	}
	e := expectAccess(t)
	e.Keys = s
	assertStates(t, Validate(decode(t, rs256(t, accessClaims())), e), map[string]State{"signature": Warn})
}

func TestPEM(t *testing.T) {
	public := func(kid string) []byte {
		der, err := x509.MarshalPKIXPublicKey(key(kid).private.Public())
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	}
	private, err := x509.MarshalPKCS8PrivateKey(key("rsa").private)
	if err != nil {
		t.Fatal(err)
	}
	text := append(public("rsa"), public("P-384")...)
	text = append(text, public("ed")...)
	text = append(text, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n-----BEGIN THING-----\nAAAA\n-----END THING-----\n"...)
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	s, err := ParseKeys(text)
	if err != nil || len(s.Keys) != 6 || len(s.Usable()) != 4 {
		t.Fatalf("%v: %v", err, s.Explain())
	}
	if !strings.Contains(strings.Join(s.Explain(), ";"), "public half of a private key") {
		t.Errorf("%v", s.Explain())
	}
	e := expectAccess(t)
	e.Keys = &s
	tok := decode(t, sign(t, "ES384", key("P-384").private, `{"alg":"ES384","typ":"JWT"}`, accessClaims()))
	assertStates(t, Validate(tok, e), nil)
	if _, err := ParseKeys([]byte("-----BEGIN nothing")); err == nil {
		t.Error("no PEM block was found, and no error told")
	}
	if s, err := ParseKeys([]byte(key("ed").jwk(""))); err != nil || len(s.Usable()) != 1 {
		t.Errorf("a lone JWK: %v", err)
	}
}
