package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"
)

// pair is a key pair of the tests with its kid.
type pair struct {
	kid     string
	private crypto.Signer
}

var testKeys = sync.OnceValue(func() map[string]pair {
	must := func(s crypto.Signer, err error) crypto.Signer {
		if err != nil {
			panic(err)
		}
		return s
	}
	ec := func(c elliptic.Curve) (crypto.Signer, error) { return ecdsa.GenerateKey(c, rand.Reader) }
	out := map[string]pair{}
	for _, kid := range []string{"rsa", "rsa2"} {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		out[kid] = pair{kid, must(k, err)}
	}
	for kid, c := range map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()} {
		out[kid] = pair{kid, must(ec(c))}
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	out["ed"] = pair{"ed", must(ed, err)}
	return out
})

func key(kid string) pair { return testKeys()[kid] }

// jwk writes the public key as a JWK; more members come as JSON text.
func (p pair) jwk(more string) string {
	b := strictURL.EncodeToString
	var text string
	switch k := p.private.Public().(type) {
	case *rsa.PublicKey:
		text = fmt.Sprintf(`"kty":"RSA","n":%q,"e":%q`, b(k.N.Bytes()), b(big.NewInt(int64(k.E)).Bytes()))
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil {
			panic(err)
		}
		half := (len(point) - 1) / 2
		text = fmt.Sprintf(`"kty":"EC","crv":%q,"x":%q,"y":%q`, k.Curve.Params().Name, b(point[1:1+half]), b(point[1+half:]))
	case ed25519.PublicKey:
		text = fmt.Sprintf(`"kty":"OKP","crv":"Ed25519","x":%q`, b(k))
	}
	if p.kid != "" {
		text = fmt.Sprintf(`"kid":%q,`, p.kid) + text
	}
	if more != "" {
		text += "," + more
	}
	return "{" + text + "}"
}

func jwks(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }

func keySet(t testing.TB, text string) *KeySet {
	t.Helper()
	s, err := ParseJWKS([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

func encode(text string) string { return strictURL.EncodeToString([]byte(text)) }

// sign makes a compact JWS of exactly this header and payload with the alg's
// method, whatever the header says.
func sign(t testing.TB, alg string, key any, header, payload string) string {
	t.Helper()
	input := encode(header) + "." + encode(payload)
	signature, err := algorithms[alg].method.Sign(input, key)
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + strictURL.EncodeToString(signature)
}

func decode(t testing.TB, raw string) Token {
	t.Helper()
	tok, err := Decode(raw)
	if err != nil {
		t.Fatalf("Decode(%.60s): %v", raw, err)
	}
	return tok
}

var testNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	testIssuer   = "https://acme.eu.auth0.com/"
	testAudience = "https://api.acme.dev/"
	testClient   = "2cnWuug6zaFX1j0ge1P99jAUn0F4XSuI"
)

// claims builds a payload from pairs of name and JSON value.
func claims(pairs ...string) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		parts = append(parts, fmt.Sprintf("%q:%s", pairs[i], pairs[i+1]))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func unix(d time.Duration) string { return fmt.Sprint(testNow.Add(d).Unix()) }

// accessClaims are those of a good access token of Auth0, with changes: pairs of
// name and JSON value; an empty value takes the claim away.
func accessClaims(changes ...string) string {
	return changed([]string{"iss", quote(testIssuer), "sub", `"auth0|6132828a407ec6006935a858"`, "aud", quote(testAudience),
		"iat", unix(-time.Minute), "exp", unix(24*time.Hour - time.Minute), "azp", quote(testClient), "scope", `"openid read:orders"`, "gty", `"password"`}, changes)
}

func idClaims(changes ...string) string {
	return changed([]string{"nickname", `"ann"`, "email", `"ann@acme.dev"`, "iss", quote(testIssuer), "sub", `"auth0|6132828a407ec6006935a858"`,
		"aud", quote(testClient), "iat", unix(-time.Minute), "exp", unix(10*time.Hour - time.Minute)}, changes)
}

func changed(pairs, changes []string) string {
	for i := 0; i < len(changes); i += 2 {
		found := false
		for j := 0; j < len(pairs); j += 2 {
			if pairs[j] == changes[i] {
				pairs[j+1], found = changes[i+1], true
			}
		}
		if !found {
			pairs = append(pairs, changes[i], changes[i+1])
		}
	}
	var kept []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			kept = append(kept, pairs[i], pairs[i+1])
		}
	}
	return claims(kept...)
}

const rsHeader = `{"alg":"RS256","typ":"JWT","kid":"rsa"}`

func rs256(t testing.TB, payload string) string {
	return sign(t, "RS256", key("rsa").private, rsHeader, payload)
}

func expectAccess(t testing.TB) Expect {
	return Expect{Use: Access, Issuer: testIssuer, Audience: testAudience, ClientID: testClient, Now: testNow,
		ExpiresIn: 86400, HasExpiresIn: true, Keys: keySet(t, jwks(key("rsa").jwk(`"alg":"RS256","use":"sig"`), key("rsa2").jwk(`"alg":"RS256","use":"sig"`)))}
}

func expectID(t testing.TB) Expect {
	e := expectAccess(t)
	e.Use = ID
	return e
}

// state returns the state of one check.
func state(t testing.TB, checks []Check, name string) State {
	t.Helper()
	for _, c := range checks {
		if c.Name == name {
			return c.State
		}
	}
	t.Fatalf("there is no check %s", name)
	return ""
}

func why(checks []Check, name string) string {
	for _, c := range checks {
		if c.Name == name {
			return c.Why
		}
	}
	return ""
}

// assertStates wants these states, and for all other checks pass or skip.
func assertStates(t *testing.T, checks []Check, want map[string]State) {
	t.Helper()
	if len(checks) != len(CheckNames) {
		t.Fatalf("%d checks, want %d", len(checks), len(CheckNames))
	}
	for i, c := range checks {
		if c.Name != CheckNames[i] {
			t.Errorf("check %d is %s, want %s", i, c.Name, CheckNames[i])
		}
		w, told := want[c.Name]
		if told && c.State != w {
			t.Errorf("%s: %s (%s), want %s", c.Name, c.State, c.Why, w)
		}
		if !told && c.State != Pass && c.State != Skip {
			t.Errorf("%s: %s (%s), want pass or skip", c.Name, c.State, c.Why)
		}
		if (c.State == Fail || c.State == Warn || c.State == Skip) && c.Why == "" {
			t.Errorf("%s: %s without a reason", c.Name, c.State)
		}
		if c.State == Fail && c.Spec == "" {
			t.Errorf("%s: fails without a rule", c.Name)
		}
	}
}
