package token

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"
)

func TestGoodTokens(t *testing.T) {
	assertStates(t, Validate(decode(t, rs256(t, accessClaims())), expectAccess(t)), map[string]State{
		"format": Pass, "signature": Pass, "alg": Pass, "kid": Pass, "typ": Pass, "iss": Pass, "sub": Pass, "aud": Pass, "azp": Pass, "exp": Pass, "iat": Pass,
		"nbf": Skip, "nonce": Skip, "at_hash": Skip, "auth_time": Skip})
	assertStates(t, Validate(decode(t, rs256(t, idClaims())), expectID(t)), map[string]State{
		"format": Pass, "signature": Pass, "alg": Pass, "kid": Pass, "typ": Pass, "iss": Pass, "sub": Pass, "aud": Pass, "exp": Pass, "iat": Pass,
		"azp": Skip, "nbf": Skip, "nonce": Skip, "at_hash": Skip, "auth_time": Skip})
	checks := Validate(decode(t, rs256(t, accessClaims())), expectAccess(t))
	if Failed(checks) {
		t.Error("a good token fails")
	}
	if v := Verified(checks, Access); v == nil || !*v {
		t.Error("a good token is not verified")
	}
	if Verified(checks, ID) != nil {
		t.Error("there is no ID token")
	}
}

// TestEveryAlgorithm signs with each algorithm, and verifies with the right key
// and with none of the others.
func TestEveryAlgorithm(t *testing.T) {
	all := keySet(t, jwks(key("rsa").jwk(""), key("rsa2").jwk(""), key("P-256").jwk(""), key("P-384").jwk(""), key("P-521").jwk(""), key("ed").jwk("")))
	for alg, kid := range map[string]string{"RS256": "rsa", "RS384": "rsa", "RS512": "rsa", "PS256": "rsa", "PS384": "rsa", "PS512": "rsa",
		"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "ed"} {
		raw := sign(t, alg, key(kid).private, `{"alg":"`+alg+`","typ":"JWT","kid":"`+kid+`"}`, accessClaims())
		e := expectAccess(t)
		e.Keys = all
		assertStates(t, Validate(decode(t, raw), e), map[string]State{"signature": Pass, "alg": Pass, "kid": Pass})
		for other := range algorithms {
			relabelled := encode(`{"alg":"`+other+`","typ":"JWT","kid":"`+kid+`"}`) + raw[strings.Index(raw, "."):]
			if other != alg && state(t, Validate(decode(t, relabelled), e), "signature") != Fail {
				t.Errorf("a signature by %s passes as %s", alg, other)
			}
		}
		for _, k := range all.Keys {
			tok := decode(t, raw)
			if tok.verifies(k) != (k.ID == kid) {
				t.Errorf("%s with the key %s: %v", alg, k.ID, tok.verifies(k))
			}
		}
	}
}

func TestAccessChecks(t *testing.T) {
	in := func(d time.Duration) string { return unix(d) }
	for _, c := range []struct {
		name    string
		changes []string
		expect  func(*Expect)
		want    map[string]State
		why     string // part of the reason of the first wanted check that is not pass
	}{
		{"issuer without slash", []string{"iss", `"https://acme.eu.auth0.com"`}, nil, map[string]State{"iss": Fail}, "slash at the end"},
		{"custom domain", []string{"iss", `"https://login.acme.com/"`}, nil, map[string]State{"iss": Fail}, "custom domain"},
		{"issuer case", []string{"iss", `"https://ACME.eu.auth0.com/"`}, nil, map[string]State{"iss": Fail}, "upper and lower case"},
		{"issuer http", []string{"iss", `"http://acme.eu.auth0.com/"`}, nil, map[string]State{"iss": Fail}, "http and https"},
		{"issuer a number", []string{"iss", `7`}, nil, map[string]State{"iss": Fail}, "a number, not a string"},
		{"no issuer", []string{"iss", ``}, nil, map[string]State{"iss": Fail}, "required"},
		{"issuer not known", nil, func(e *Expect) { e.Issuer = "" }, map[string]State{"iss": Skip}, "No issuer is given"},
		{"no sub", []string{"sub", ``}, nil, map[string]State{"sub": Fail}, "required"},
		{"empty sub", []string{"sub", `""`}, nil, map[string]State{"sub": Fail}, "empty"},
		{"sub a number", []string{"sub", `12`}, nil, map[string]State{"sub": Fail}, "not a string"},
		{"another user", nil, func(e *Expect) { e.Subject = "auth0|other" }, map[string]State{"sub": Fail}, "Another user"},
		{"another audience", []string{"aud", `"https://other/"`}, nil, map[string]State{"aud": Fail}, "another API"},
		{"audience without slash", []string{"aud", `"https://api.acme.dev"`}, nil, map[string]State{"aud": Fail}, "slash at the end"},
		{"an ID token", []string{"aud", quote(testClient)}, nil, map[string]State{"aud": Fail}, "this is an ID token"},
		{"two audiences", []string{"aud", `[` + quote(testAudience) + `,"https://acme.eu.auth0.com/userinfo"]`}, nil, map[string]State{"aud": Pass}, ""},
		{"no audience", []string{"aud", ``}, nil, map[string]State{"aud": Fail}, "required"},
		{"audiences of numbers", []string{"aud", `[1]`}, nil, map[string]State{"aud": Fail}, "neither a string"},
		{"empty audiences", []string{"aud", `[]`}, nil, map[string]State{"aud": Fail}, "for nobody"},
		{"audience not known", nil, func(e *Expect) { e.Audience = "" }, map[string]State{"aud": Skip}, "No audience is given"},
		{"another client", []string{"azp", `"other"`}, nil, map[string]State{"azp": Fail}, "another client"},
		{"no azp", []string{"azp", ``}, nil, map[string]State{"azp": Skip}, "not needed"},
		{"azp a list", []string{"azp", `[]`}, nil, map[string]State{"azp": Fail}, "not a string"},
		{"expired", []string{"exp", in(-10 * time.Minute)}, nil, map[string]State{"exp": Fail}, "ended 10 min ago"},
		{"expired just now", []string{"exp", in(-60 * time.Second)}, nil, map[string]State{"exp": Fail}, "ended 1 min ago"},
		{"expired within the leeway", []string{"exp", in(-59 * time.Second)}, nil, map[string]State{"exp": Warn}, "within the leeway"},
		{"expired, no leeway", []string{"exp", in(-1 * time.Second)}, func(e *Expect) { e.Leeway = -1 }, map[string]State{"exp": Fail}, "ended 1 s ago"},
		{"exp text", []string{"exp", `"1900000000"`}, nil, map[string]State{"exp": Fail}, "a string, not a number of seconds"},
		{"exp null", []string{"exp", `null`}, nil, map[string]State{"exp": Fail}, "null"},
		{"exp huge", []string{"exp", `1e400`}, nil, map[string]State{"exp": Fail}, "out of all range"},
		{"exp milliseconds", []string{"exp", `1772366400000000`}, nil, map[string]State{"exp": Fail}, "milliseconds"},
		{"exp a fraction", []string{"exp", in(24*time.Hour-time.Minute) + ".5"}, nil, map[string]State{"exp": Pass}, ""},
		{"no exp", []string{"exp", ``}, nil, map[string]State{"exp": Fail}, "required"},
		{"expires_in differs", nil, func(e *Expect) { e.ExpiresIn = 3600 }, map[string]State{"exp": Warn}, "expires_in says 3600 s"},
		{"expires_in differs by a second", nil, func(e *Expect) { e.ExpiresIn = 86401 }, map[string]State{"exp": Pass}, ""},
		{"expires_in absurd", nil, func(e *Expect) { e.ExpiresIn = 1 << 62 }, map[string]State{"exp": Warn}, "expires_in"},
		{"not yet", []string{"nbf", in(61 * time.Second)}, nil, map[string]State{"nbf": Fail}, "begins in 1 min 1 s"},
		{"not yet, within the leeway", []string{"nbf", in(60 * time.Second)}, nil, map[string]State{"nbf": Warn}, "within the leeway"},
		{"begun", []string{"nbf", in(0)}, nil, map[string]State{"nbf": Pass}, ""},
		{"nbf text", []string{"nbf", `"x"`}, nil, map[string]State{"nbf": Fail}, "not a number"},
		{"clock ahead", []string{"iat", in(10 * time.Minute), "exp", in(24*time.Hour + 10*time.Minute)}, nil, map[string]State{"iat": Warn}, "clock skew"},
		{"clock ahead, measured", []string{"iat", in(10 * time.Minute), "exp", in(24*time.Hour + 10*time.Minute)},
			func(e *Expect) { e.ClockOffset, e.OffsetKnown = 10*time.Minute, true }, map[string]State{"iat": Warn}, "10 min ahead of this machine's"},
		{"clock behind, measured", []string{"exp", in(-5 * time.Minute), "iat", in(-24*time.Hour - 5*time.Minute)},
			func(e *Expect) { e.ClockOffset, e.OffsetKnown = -10*time.Minute, true }, map[string]State{"exp": Fail}, "10 min behind this machine's"},
		{"iat within the leeway", []string{"iat", in(30 * time.Second), "exp", in(24*time.Hour + 30*time.Second)}, nil, map[string]State{"iat": Pass}, ""},
		{"iat text", []string{"iat", `"x"`}, nil, map[string]State{"iat": Fail}, "not a number"},
		{"no iat", []string{"iat", ``}, nil, map[string]State{"iat": Skip}, "no iat"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := expectAccess(t)
			if c.expect != nil {
				c.expect(&e)
			}
			checks := Validate(decode(t, rs256(t, accessClaims(c.changes...))), e)
			assertStates(t, checks, c.want)
			for name := range c.want {
				if !strings.Contains(why(checks, name), c.why) {
					t.Errorf("%s: %q, want %q", name, why(checks, name), c.why)
				}
			}
		})
	}
}

func TestIDChecks(t *testing.T) {
	age := func(s int64) *int64 { return &s }
	access := rs256(t, accessClaims())
	good := atHash("RS256", access)
	for _, c := range []struct {
		name    string
		changes []string
		expect  func(*Expect)
		want    map[string]State
		why     string
	}{
		{"another client", []string{"aud", `"other"`}, nil, map[string]State{"aud": Fail}, "another client"},
		{"several audiences", []string{"aud", `[` + quote(testClient) + `,"x"]`}, nil, map[string]State{"aud": Warn, "azp": Fail}, ""},
		{"several audiences with azp", []string{"aud", `[` + quote(testClient) + `,"x"]`, "azp", quote(testClient)}, nil, map[string]State{"aud": Warn, "azp": Pass}, ""},
		{"azp another", []string{"azp", `"other"`}, nil, map[string]State{"azp": Fail}, "another client"},
		{"client not known", nil, func(e *Expect) { e.ClientID = "" }, map[string]State{"aud": Skip}, "No client id"},
		{"no iss", []string{"iss", ``}, func(e *Expect) { e.Issuer = "" }, map[string]State{"iss": Fail}, "required"},
		{"no sub", []string{"sub", ``}, nil, map[string]State{"sub": Fail}, "required"},
		{"long sub", []string{"sub", quote(strings.Repeat("x", 256))}, nil, map[string]State{"sub": Warn}, "Longer"},
		{"no exp", []string{"exp", ``}, func(e *Expect) { e.Issuer = "" }, map[string]State{"exp": Fail, "iss": Skip}, ""},
		{"no iat", []string{"iat", ``}, nil, map[string]State{"iat": Fail}, "required"},
		{"expires_in is the access token's", nil, func(e *Expect) { e.ExpiresIn = 60 }, map[string]State{"exp": Pass}, ""},
		{"nonce", []string{"nonce", `"n1"`}, func(e *Expect) { e.Nonce, e.ExpectNonce = "n1", true }, map[string]State{"nonce": Pass}, ""},
		{"another nonce", []string{"nonce", `"n2"`}, func(e *Expect) { e.Nonce, e.ExpectNonce = "n1", true }, map[string]State{"nonce": Fail}, "Another nonce"},
		{"nonce a number", []string{"nonce", `1`}, func(e *Expect) { e.Nonce, e.ExpectNonce = "1", true }, map[string]State{"nonce": Fail}, "Another nonce"},
		{"nonce lost", nil, func(e *Expect) { e.Nonce, e.ExpectNonce = "n1", true }, map[string]State{"nonce": Fail}, "must carry it"},
		{"nonce not asked", []string{"nonce", `"n2"`}, nil, map[string]State{"nonce": Skip}, "not known"},
		{"at_hash", []string{"at_hash", quote(good)}, func(e *Expect) { e.AccessToken = access }, map[string]State{"at_hash": Pass}, ""},
		{"at_hash of another", []string{"at_hash", quote(good)}, func(e *Expect) { e.AccessToken = "x" }, map[string]State{"at_hash": Fail}, "do not belong together"},
		{"at_hash alone", []string{"at_hash", quote(good)}, nil, map[string]State{"at_hash": Skip}, "not at hand"},
		{"at_hash a number", []string{"at_hash", `1`}, func(e *Expect) { e.AccessToken = access }, map[string]State{"at_hash": Fail}, "not a string"},
		{"auth_time", []string{"auth_time", unix(-time.Hour)}, nil, map[string]State{"auth_time": Pass}, ""},
		{"auth_time ahead", []string{"auth_time", unix(time.Hour)}, nil, map[string]State{"auth_time": Warn}, "future"},
		{"max_age kept", []string{"auth_time", unix(-30 * time.Second)}, func(e *Expect) { e.MaxAge = age(0) }, map[string]State{"auth_time": Pass}, ""},
		{"max_age broken", []string{"auth_time", unix(-time.Hour)}, func(e *Expect) { e.MaxAge = age(600) }, map[string]State{"auth_time": Fail}, "older"},
		{"max_age and no auth_time", nil, func(e *Expect) { e.MaxAge = age(600) }, map[string]State{"auth_time": Fail}, "required"},
		{"auth_time text", []string{"auth_time", `"x"`}, nil, map[string]State{"auth_time": Fail}, "not a number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := expectID(t)
			if c.expect != nil {
				c.expect(&e)
			}
			checks := Validate(decode(t, rs256(t, idClaims(c.changes...))), e)
			assertStates(t, checks, c.want)
			for name := range c.want {
				if !strings.Contains(why(checks, name), c.why) {
					t.Errorf("%s: %q, want %q", name, why(checks, name), c.why)
				}
			}
		})
	}
}

// atHash computes at_hash as OpenID Connect Core, 3.1.3.6 says.
func atHash(alg, access string) string {
	h := algorithms[alg].hash.New()
	h.Write([]byte(access))
	sum := h.Sum(nil)
	return strictURL.EncodeToString(sum[:len(sum)/2])
}

func TestHeaderChecks(t *testing.T) {
	rsa := key("rsa").private
	at := []string{"azp", "", "client_id", quote(testClient), "jti", `"j1"`}
	for _, c := range []struct {
		name, header string
		use          Use
		changes      []string
		expect       func(*Expect)
		want         map[string]State
		why          string
	}{
		{"unknown kid", `{"alg":"RS256","typ":"JWT","kid":"gone"}`, Access, nil, nil, map[string]State{"kid": Fail, "signature": Skip}, ""},
		{"kid of another key", `{"alg":"RS256","typ":"JWT","kid":"rsa2"}`, Access, nil, nil, map[string]State{"signature": Fail}, "another key"},
		{"kid a number", `{"alg":"RS256","typ":"JWT","kid":7}`, Access, nil, nil, map[string]State{"kid": Fail}, "not a string"},
		{"no kid, two keys", `{"alg":"RS256","typ":"JWT"}`, Access, nil, nil, map[string]State{"kid": Warn, "signature": Pass}, ""},
		{"no kid, one key", `{"alg":"RS256","typ":"JWT"}`, Access, nil, func(e *Expect) { e.Keys = keySet(t, jwks(key("rsa").jwk(""), key("P-256").jwk(""))) }, map[string]State{"kid": Pass, "signature": Pass}, ""},
		{"no kid, no key fits", `{"alg":"RS256","typ":"JWT"}`, Access, nil, func(e *Expect) { e.Keys = keySet(t, jwks(key("P-256").jwk(""))) }, map[string]State{"kid": Fail, "signature": Skip}, ""},
		{"no keys", rsHeader, Access, nil, func(e *Expect) { e.Keys = nil }, map[string]State{"kid": Skip, "signature": Skip}, "No keys are at hand"},
		{"no keys, with a reason", rsHeader, Access, nil, func(e *Expect) { e.Keys, e.NoKeys = nil, "the key set could not be fetched" }, map[string]State{"kid": Skip, "signature": Skip}, "The key set could not be fetched."},
		{"the key is for encryption", rsHeader, Access, nil, func(e *Expect) { e.Keys = keySet(t, jwks(key("rsa").jwk(`"use":"enc"`))) }, map[string]State{"kid": Fail, "signature": Skip}, "its use is enc"},
		{"the key is of another kind", rsHeader, Access, nil, func(e *Expect) { e.Keys = keySet(t, jwks(pair{"rsa", key("P-256").private}.jwk(""))) }, map[string]State{"kid": Fail, "alg": Fail, "signature": Fail}, "ECDSA on P-256"},
		{"the key's alg is another", `{"alg":"RS256","typ":"JWT","kid":"rsa"}`, Access, nil, func(e *Expect) { e.Keys = keySet(t, jwks(key("rsa").jwk(`"alg":"PS256"`))) }, map[string]State{"signature": Warn}, "for PS256"},
		{"another alg than expected", rsHeader, Access, nil, func(e *Expect) { e.Algs = []string{"PS256"} }, map[string]State{"alg": Fail}, "Another algorithm"},
		{"HS expected", rsHeader, Access, nil, func(e *Expect) { e.Algs = []string{"HS256"} }, map[string]State{"alg": Fail}, "confused"},
		{"lower case alg", `{"alg":"rs256","typ":"JWT","kid":"rsa"}`, Access, nil, nil, map[string]State{"alg": Fail, "signature": Fail, "kid": Skip}, ""},
		{"no alg", `{"typ":"JWT","kid":"rsa"}`, Access, nil, nil, map[string]State{"alg": Fail, "signature": Fail, "kid": Skip}, ""},
		{"alg a number", `{"alg":256,"typ":"JWT","kid":"rsa"}`, Access, nil, nil, map[string]State{"alg": Fail, "signature": Fail, "kid": Skip}, ""},
		{"alg of a JWE", `{"alg":"RSA-OAEP","typ":"JWT","kid":"rsa"}`, Access, nil, nil, map[string]State{"alg": Fail, "signature": Fail, "kid": Skip}, ""},
		{"no typ", `{"alg":"RS256","kid":"rsa"}`, Access, nil, nil, map[string]State{"typ": Pass}, ""},
		{"typ a number", `{"alg":"RS256","kid":"rsa","typ":1}`, Access, nil, nil, map[string]State{"typ": Fail}, "not a string"},
		{"typ of a log-out token", `{"alg":"RS256","kid":"rsa","typ":"logout+jwt"}`, Access, nil, nil, map[string]State{"typ": Fail}, "another use"},
		{"typ unknown", `{"alg":"RS256","kid":"rsa","typ":"thing"}`, Access, nil, nil, map[string]State{"typ": Warn}, "not known"},
		{"RFC 9068", `{"alg":"RS256","kid":"rsa","typ":"at+jwt"}`, Access, at, nil, map[string]State{"typ": Pass, "azp": Pass}, ""},
		{"RFC 9068, long", `{"alg":"RS256","kid":"rsa","typ":"application/at+JWT"}`, Access, at, nil, map[string]State{"typ": Pass, "azp": Pass}, ""},
		{"RFC 9068 without jti", `{"alg":"RS256","kid":"rsa","typ":"at+jwt"}`, Access, append(at[:4:4], "jti", ""), nil, map[string]State{"typ": Fail}, "must have jti"},
		{"RFC 9068 without client_id", `{"alg":"RS256","kid":"rsa","typ":"at+jwt"}`, Access, []string{"jti", `"j"`}, nil, map[string]State{"typ": Fail}, "must have client_id"},
		{"RFC 9068 without iat, sub, iss, aud, exp", `{"alg":"RS256","kid":"rsa","typ":"at+jwt"}`, Access, append(at, "iat", "", "sub", "", "iss", "", "aud", "", "exp", ""), func(e *Expect) { e.Issuer, e.Audience = "", "" }, map[string]State{"iat": Fail, "sub": Fail, "iss": Fail, "aud": Fail, "exp": Fail}, "required"},
		{"an access token as ID token", `{"alg":"RS256","kid":"rsa","typ":"at+jwt"}`, ID, nil, nil, map[string]State{"typ": Fail}, "not an ID token"},
		{"crit", `{"alg":"RS256","kid":"rsa","typ":"JWT","crit":["exp"]}`, Access, nil, nil, map[string]State{"format": Fail}, "crit: exp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, payload := expectAccess(t), accessClaims(c.changes...)
			if c.use == ID {
				e, payload = expectID(t), idClaims(c.changes...)
			}
			if c.expect != nil {
				c.expect(&e)
			}
			checks := Validate(decode(t, sign(t, "RS256", rsa, c.header, payload)), e)
			assertStates(t, checks, c.want)
			for name, w := range c.want {
				if w != Pass && !strings.Contains(why(checks, name), c.why) {
					t.Errorf("%s: %q, want %q", name, why(checks, name), c.why)
				}
			}
		})
	}
}

func TestSharedSecrets(t *testing.T) {
	const header = `{"alg":"HS256","typ":"JWT"}`
	api, client := "the-signing-secret-of-the-api-which-is-long", "the-client-secret-which-is-long-as-well"
	byAPI := sign(t, "HS256", []byte(api), header, accessClaims())
	byClient := sign(t, "HS256", []byte(client), header, accessClaims())
	idByClient := sign(t, "HS256", []byte(client), header, idClaims())
	for _, c := range []struct {
		name, raw   string
		use         Use
		client, api string
		keys        bool
		want        State
		why         string
	}{
		{"the API's", byAPI, Access, "", api, true, Pass, "signing secret of the API"},
		{"no secret", byAPI, Access, "", "", true, Skip, "api_secret"},
		{"no secret, no keys", byAPI, Access, "", "", false, Skip, "api_secret"},
		{"another API secret", byAPI, Access, "", "other", true, Fail, "another API's"},
		{"the client's on an access token", byClient, Access, client, "", true, Warn, "An API has a signing secret of its own"},
		{"the client's, the API's known", byClient, Access, client, api, true, Fail, "not the signing secret"},
		{"only the client's known", byAPI, Access, client, "", true, Skip, "api_secret"},
		{"ID token", idByClient, ID, client, "", true, Pass, "client secret made"},
		{"ID token, public client", idByClient, ID, "", api, true, Skip, "public client"},
		{"ID token, another secret", idByClient, ID, "other", "", true, Fail, "not the client secret's"},
		{"short secret", sign(t, "HS256", []byte("short"), header, accessClaims()), Access, "", "short", true, Pass, "5 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := expectAccess(t)
			e.Use, e.ClientSecret, e.APISecret = c.use, c.client, c.api
			if !c.keys {
				e.Keys = nil
			}
			checks := Validate(decode(t, c.raw), e)
			assertStates(t, checks, map[string]State{"signature": c.want, "kid": Skip})
			if !strings.Contains(why(checks, "signature"), c.why) {
				t.Errorf("%q, want %q", why(checks, "signature"), c.why)
			}
			for _, check := range checks {
				for _, secret := range []string{api, client} {
					if strings.Contains(check.Want+check.Got+check.Why, secret) {
						t.Errorf("%s shows a secret", check.Name)
					}
				}
			}
			if v := Verified(checks, c.use); (v == nil) != (c.want == Skip) || v != nil && *v != (c.want != Fail) {
				t.Error("verified is wrong")
			}
		})
	}
}

// TestConfusion forges tokens with the public key as an HMAC secret.
func TestConfusion(t *testing.T) {
	public := key("rsa").private.Public()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	for name, secret := range map[string][]byte{"PEM": text, "PEM without its line end": text[:len(text)-1], "DER": der, "JWK": []byte(key("rsa").jwk(""))} {
		for _, header := range []string{`{"alg":"HS256","typ":"JWT","kid":"rsa"}`, `{"alg":"HS256","typ":"JWT"}`} {
			tok := decode(t, sign(t, "HS256", secret, header, accessClaims()))
			named := strings.Contains(header, "kid")
			e := expectAccess(t)
			checks := Validate(tok, e)
			if named || name != "JWK" {
				if state(t, checks, "alg") != Fail || state(t, checks, "signature") != Fail && name != "JWK" {
					t.Errorf("%s, %s: alg %s, signature %s", name, header, state(t, checks, "alg"), state(t, checks, "signature"))
				}
			}
			e.Algs = []string{"RS256"}
			if state(t, Validate(tok, e), "alg") != Fail {
				t.Errorf("%s: HS256 passes where RS256 is expected", name)
			}
			e.APISecret = "another-secret"
			if s := state(t, Validate(tok, e), "signature"); s != Fail {
				t.Errorf("%s: signature %s", name, s)
			}
		}
	}
}

func TestNone(t *testing.T) {
	for _, alg := range []string{"none", "None", "NONE", "nOnE"} {
		for _, signature := range []string{"", "AAAA"} {
			raw := encode(`{"alg":"`+alg+`","typ":"JWT"}`) + "." + encode(accessClaims()) + "." + signature
			e := expectAccess(t)
			e.APISecret, e.ClientSecret = "x", "y"
			assertStates(t, Validate(decode(t, raw), e), map[string]State{"alg": Fail, "signature": Fail, "kid": Skip})
			e.Keys, e.APISecret, e.ClientSecret = nil, "", ""
			assertStates(t, Validate(decode(t, raw), e), map[string]State{"alg": Fail, "signature": Skip, "kid": Skip})
		}
	}
}

// TestAnyToken has no set-up to hold a token against: what the standards leave
// open is not held against it.
func TestAnyToken(t *testing.T) {
	raw := encode(`{"alg":"HS256","typ":"JWT"}`) + "." + encode(`{"sub":"1234567890","name":"John Doe","iat":1516239022}`) + ".AAAA"
	checks := Validate(decode(t, raw), Expect{Now: testNow})
	assertStates(t, checks, map[string]State{"exp": Warn, "signature": Skip, "iss": Skip, "aud": Skip})
	if Verified(checks, Access) != nil {
		t.Error("verified without a key")
	}
}

func TestJSONOfChecks(t *testing.T) {
	checks := Validate(decode(t, noAudienceToken), Expect{Now: testNow})
	text, err := json.Marshal(checks[1])
	if err != nil || !strings.HasPrefix(string(text), `{"token":"access","name":"signature","state":"skip","why":"The token is encrypted for Auth0`) {
		t.Errorf("%s %v", text, err)
	}
	tok := decode(t, rs256(t, accessClaims()))
	text, err = json.Marshal(Show(tok, Access, Validate(tok, expectAccess(t))))
	if err != nil || !strings.HasPrefix(string(text), `{"kind":"jws","header":{"alg":"RS256","typ":"JWT","kid":"rsa"},"claims":{"iss":`) || !strings.HasSuffix(string(text), `,"verified":true}`) {
		t.Errorf("%s %v", text, err)
	}
	text, err = json.Marshal(Show(decode(t, "opaque"), Access, Validate(decode(t, "opaque"), Expect{})))
	if err != nil || string(text) != `{"kind":"opaque"}` {
		t.Errorf("%s %v", text, err)
	}
}
