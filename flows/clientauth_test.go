package flows

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var testRSA = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func testEC(t *testing.T, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func pemOf(kind string, der []byte, err error) Secret {
	if err != nil {
		panic(err)
	}
	return Secret(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(k any) Secret {
	der, err := x509.MarshalPKCS8PrivateKey(k)
	return pemOf("PRIVATE KEY", der, err)
}

func sec1(k *ecdsa.PrivateKey) Secret {
	der, err := x509.MarshalECPrivateKey(k)
	return pemOf("EC PRIVATE KEY", der, err)
}

func pkcs1(k *rsa.PrivateKey) Secret {
	return pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k), nil)
}

// TestAssertion holds a client assertion against RFC 7523 section 3 and
// Auth0's "Authenticate with Private Key JWT": exactly these claims.
func TestAssertion(t *testing.T) {
	ec := testEC(t, elliptic.P256())
	for _, tc := range []struct {
		name, alg, want string
		key             Secret
		public          crypto.PublicKey
	}{
		{"the default, PKCS#1", "", "RS256", pkcs1(testRSA()), testRSA().Public()},
		{"RS256, PKCS#8", "RS256", "RS256", pkcs8(testRSA()), testRSA().Public()},
		{"RS384", "RS384", "RS384", pkcs8(testRSA()), testRSA().Public()},
		{"PS256", "PS256", "PS256", pkcs8(testRSA()), testRSA().Public()},
		{"ES256, PKCS#8", "ES256", "ES256", pkcs8(ec), ec.Public()},
		{"ES256, SEC 1 after its parameters", "ES256", "ES256", "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + sec1(ec), ec.Public()},
		{"a certificate before the key", "RS256", "RS256", pemOf("CERTIFICATE", []byte("x"), nil) + pkcs8(testRSA()), testRSA().Public()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			now := time.Unix(1_700_000_000, 0)
			cfg := Config{ClientID: "app", PrivateKey: tc.key, KeyAlg: tc.alg, KeyID: "k1"}
			s, err := cfg.assertion("https://tenant.test/", "https://tenant.test/oauth/token", now)
			if err != nil {
				t.Fatal(err)
			}
			claims := jwt.MapClaims{}
			tok, err := jwt.NewParser(jwt.WithValidMethods([]string{tc.want}), jwt.WithTimeFunc(func() time.Time { return now })).
				ParseWithClaims(s, claims, func(*jwt.Token) (any, error) { return tc.public, nil })
			if err != nil {
				t.Fatal(err)
			}
			if tok.Header["alg"] != tc.want || tok.Header["kid"] != "k1" || tok.Header["typ"] != "JWT" || len(tok.Header) != 3 {
				t.Errorf("header %v", tok.Header)
			}
			jti, _ := claims["jti"].(string)
			delete(claims, "jti")
			if len(jti) < 16 || len(jti) > 64 || len(claims) != 4 || claims["iss"] != "app" || claims["sub"] != "app" ||
				claims["aud"] != "https://tenant.test/" || claims["exp"] != float64(1_700_000_060) {
				t.Errorf("jti %q, claims %v", jti, claims)
			}
			if len(s) > 2048 {
				t.Errorf("%d bytes, and Auth0 takes 2048", len(s))
			}
			again, _ := cfg.assertion("https://tenant.test/", "", now)
			if c := (jwt.MapClaims{}); again == s {
				t.Error("the same twice")
			} else if _, _, err := jwt.NewParser().ParseUnverified(again, c); err != nil || c["jti"] == jti {
				t.Error("the jti is not fresh")
			}
		})
	}
}

func TestAssertionAudience(t *testing.T) {
	for _, tc := range []struct{ given, issuer, token, want string }{
		{"", "https://i/", "https://i/token", "https://i/"},
		{"", "", "https://i/token", "https://i/token"},
		{"https://other/", "https://i/", "https://i/token", "https://other/"},
	} {
		s, err := Config{ClientID: "app", PrivateKey: pkcs8(testRSA()), AssertionAudience: tc.given}.assertion(tc.issuer, tc.token, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		c := jwt.MapClaims{}
		tok, _, err := jwt.NewParser().ParseUnverified(s, c)
		if err != nil || c["aud"] != tc.want {
			t.Errorf("%+v: aud %v, %v", tc, c["aud"], err)
		}
		if _, has := tok.Header["kid"]; has {
			t.Error("a kid that nobody gave")
		}
	}
}

func TestAssertionOnTheWire(t *testing.T) {
	var forms []url.Values
	c := server(t, Config{PrivateKey: pkcs8(testRSA())}, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		forms = append(forms, r.PostForm)
		_, _ = io.WriteString(w, `{"access_token":"a","token_type":"Bearer","expires_in":60}`)
	})
	s := passwordStep(c)
	r, err := s.Preview(stepValuesOf(s))
	if err != nil || !strings.Contains(string(r.Body), "client_assertion=%28signed") {
		t.Errorf("preview %s, %v", r.Body, err)
	}
	ask(c)
	ask(c)
	for _, f := range forms {
		if f.Get("client_assertion_type") != assertionType || f.Get("client_id") != "app" || f.Has("client_secret") {
			t.Errorf("%v", f)
		}
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(f.Get("client_assertion"), claims); err != nil || claims["aud"] != c.Config.Domain+"/" {
			t.Errorf("%v %v", claims, err)
		}
	}
	if len(forms) != 2 || forms[0].Get("client_assertion") == forms[1].Get("client_assertion") {
		t.Error("an assertion is used twice")
	}
}

// TestPrivateKeysThatDoNotServe ends in a usage error that repeats nothing of
// the key.
func TestPrivateKeysThatDoNotServe(t *testing.T) {
	ec, p384 := testEC(t, elliptic.P256()), testEC(t, elliptic.P384())
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	der, _ := x509.MarshalPKIXPublicKey(testRSA().Public())
	block := &pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, Bytes: []byte("SECRET-KEY")}
	for _, tc := range []struct {
		name, alg, says string
		key             Secret
	}{
		{"none", "", "there is none", " \n"},
		{"no PEM", "", "no PEM", "SECRET-KEY"},
		{"encrypted PKCS#8", "", "encrypted", pemOf("ENCRYPTED PRIVATE KEY", []byte("SECRET-KEY"), nil)},
		{"encrypted PKCS#1", "", "encrypted", Secret(pem.EncodeToMemory(block))},
		{"broken PKCS#1", "", "PKCS#1", pemOf("RSA PRIVATE KEY", []byte("SECRET-KEY"), nil)},
		{"broken PKCS#8", "", "PKCS#8", pemOf("PRIVATE KEY", []byte("SECRET-KEY"), nil)},
		{"broken SEC 1", "ES256", "SEC 1", pemOf("EC PRIVATE KEY", []byte("SECRET-KEY"), nil)},
		{"a public key", "", "PUBLIC KEY, and no private key", pemOf("PUBLIC KEY", der, nil)},
		{"OpenSSH", "", "OPENSSH", pemOf("OPENSSH PRIVATE KEY", []byte("SECRET-KEY"), nil)},
		{"EC for RS256", "RS256", "RSA", sec1(ec)},
		{"RSA for ES256", "ES256", "this one is RSA", pkcs1(testRSA())},
		{"P-384 for ES256", "ES256", "EC on P-384", sec1(p384)},
		{"Ed25519", "RS256", "Ed25519", pkcs8(ed)},
		{"HS256", "HS256", "unknown", pkcs1(testRSA())},
		{"alg none", "none", "unknown", pkcs1(testRSA())},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Config{ClientID: "app", PrivateKey: tc.key, KeyAlg: tc.alg}.assertion("https://i/", "", time.Now())
			var ue *UsageError
			if !errors.As(err, &ue) || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%v", err)
			}
		})
	}
	for name, key := range map[string]Secret{"EC on P-384": sec1(p384), "Ed25519": pkcs8(ed), "none": ""} {
		if err := CheckPrivateKey(key); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, key := range []Secret{sec1(ec), pkcs8(ec), pkcs1(testRSA()), pkcs8(testRSA())} {
		if err := CheckPrivateKey(key); err != nil {
			t.Error(err)
		}
	}
}

// TestBasicIsFormEncodedFirst is RFC 6749 section 2.3.1 with its appendix B.
func TestBasicIsFormEncodedFirst(t *testing.T) {
	for _, tc := range []struct{ id, secret, user, pass string }{
		{"app", "plain", "app", "plain"},
		{"a:b", "c:d", "a%3Ab", "c%3Ad"},
		{"a b", "p+q%r&s=t", "a+b", "p%2Bq%25r%26s%3Dt"},
		{"é", "\u20ac", "%C3%A9", "%E2%82%AC"}, // appendix B's own: é is C3 A9
		{"app", "", "app", ""},
	} {
		h, f := http.Header{}, form{}
		cfg := Config{ClientID: tc.id, ClientSecret: Secret(tc.secret), ClientAuth: AuthBasic}
		if err := cfg.authenticate(h, &f, "", "", time.Now(), false); err != nil || len(f) != 0 {
			t.Fatalf("%v %v", err, f)
		}
		user, pass, ok := (&http.Request{Header: h}).BasicAuth()
		if !ok || user != tc.user || pass != tc.pass {
			t.Errorf("%q %q: got %q %q", tc.id, tc.secret, user, pass)
		}
	}
}

// TestFormEncoding sends what people type byte for byte: blanks at the ends of
// a user name, passwords of any kind, scopes that are URLs.
func TestFormEncoding(t *testing.T) {
	var got url.Values
	var raw string
	c := server(t, Config{Params: map[string]string{"b": "2", "a": "1"}}, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		raw = string(b)
		got, _ = url.ParseQuery(raw)
		_, _ = io.WriteString(w, `{"access_token":"a","token_type":"Bearer","expires_in":60}`)
	})
	v := Values{"username": " ann@example.com ", "password": " \tp&=+%ü\u202e\x00 ", "scope": " openid  https://example.com/ns/read?x=1&y=2#z "}
	if out := passwordStep(c).Do(context.Background(), v); out.Err != nil {
		t.Fatal(out.Err)
	}
	for k, want := range map[string]string{"username": v["username"], "password": v["password"], "scope": "openid https://example.com/ns/read?x=1&y=2#z", "a": "1", "b": "2"} {
		if got.Get(k) != want || len(got[k]) != 1 {
			t.Errorf("%s: got %q, want %q", k, got[k], want)
		}
	}
	if !strings.HasPrefix(raw, "grant_type=password&username=") || !strings.Contains(raw, "&a=1&b=2&client_id=app") {
		t.Errorf("order: %s", raw)
	}
}

func TestWhatIsMissingIsNotSent(t *testing.T) {
	c := server(t, Config{}, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	s := passwordStep(c)
	for name, v := range map[string]Values{
		"username": {"username": "", "password": "x"}, "password": {"username": "x", "password": ""}, "client id": {"username": "x", "password": "x", "client_id": ""},
		"forwarded_for": {"forwarded_for": "nobody"}, "client_auth": {"client_auth": "mtls"}, "private key": {"client_auth": AuthPrivateKeyJWT},
	} {
		out := s.Do(context.Background(), v)
		var ue *UsageError
		if !errors.As(out.Err, &ue) || len(out.Exchanges) != 0 {
			t.Errorf("%s: %v", name, out.Err)
		}
	}
	for name, out := range map[string]Outcome{
		"refresh": c.Refresh(context.Background(), "", ""), "revoke": c.Revoke(context.Background(), "", ""),
		"userinfo": c.Userinfo(context.Background(), ""), "call": c.Call(context.Background(), Call{URL: "/x"}),
	} {
		var ue *UsageError
		if !errors.As(out.Err, &ue) {
			t.Errorf("%s: %v", name, out.Err)
		}
	}
}

func TestAnEmptyScopeIsNotSent(t *testing.T) {
	for _, scopes := range [][]string{nil, {}, {""}} {
		if s, sent := (Config{Scopes: scopes}).Scope(); sent || s != "" {
			t.Errorf("%q: %q %t", scopes, s, sent)
		}
	}
	for in, want := range map[string][]string{"": nil, " \t": nil, " a  b ": {"a", "b"}} {
		if got := (Config{Scopes: []string{"x"}}).With(Values{"scope": in}).Scopes; strings.Join(got, "|") != strings.Join(want, "|") || (got == nil) != (want == nil) {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// TestParametersOfTheFlowAreNotGivenTwice is RFC 6749 section 3.2.
func TestParametersOfTheFlowAreNotGivenTwice(t *testing.T) {
	for _, n := range ownParams {
		err := Config{Domain: "tenant.test", Params: map[string]string{n: "SECRET"}}.Check()
		if err == nil || !strings.Contains(err.Error(), n) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", n, err)
		}
	}
	if err := (Config{Domain: "tenant.test", Params: map[string]string{"resource": "x", "otp_hint": "y"}}).Check(); err != nil {
		t.Error(err)
	}
}

func TestWhoAuthenticatesHow(t *testing.T) {
	for want, cfg := range map[string]Config{
		AuthNone: {}, AuthPost: {ClientSecret: "s", PrivateKey: "k"}, AuthPrivateKeyJWT: {PrivateKey: "k"}, AuthBasic: {ClientSecret: "s", ClientAuth: AuthBasic},
	} {
		if got := cfg.Auth(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
