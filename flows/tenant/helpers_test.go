package tenant

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeClock is a clock that tests move.
type fakeClock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *fakeClock {
	return &fakeClock{at: time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)}
}

func (c *fakeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *fakeClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// fixture is a tenant without a listener.
type fixture struct {
	*testing.T
	*Tenant
	clock *fakeClock
}

func start(t *testing.T, scenario string) *fixture {
	t.Helper()
	s, ok := Lookup(scenario)
	if !ok {
		t.Fatalf("no scenario %s", scenario)
	}
	return startWith(t, s)
}

func startWith(t *testing.T, s Scenario) *fixture {
	t.Helper()
	clock := newClock()
	tenant, err := New(s, Options{Now: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tenant.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fixture{T: t, Tenant: tenant, clock: clock}
}

// startSet is a tenant with settings of the test's own.
func startSet(t *testing.T, change func(*settings)) *fixture {
	t.Helper()
	return startWith(t, Scenario{Name: "test", Run: runToken, change: change})
}

type reply struct {
	t      *testing.T
	Status int
	Header http.Header
	Body   string
	JSON   map[string]any
}

func (f *fixture) do(r *http.Request) *reply {
	f.Helper()
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	res := w.Result()
	body, _ := io.ReadAll(res.Body)
	out := &reply{t: f.T, Status: res.StatusCode, Header: res.Header, Body: string(body)}
	_ = json.Unmarshal(body, &out.JSON)
	return out
}

func request(method, path, contentType, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:4711"
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// form turns k, v, k, v … into values; an empty value removes the key.
func form(kv ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] == "" {
			v.Del(kv[i])
		} else {
			v.Set(kv[i], kv[i+1])
		}
	}
	return v
}

func (f *fixture) post(path string, v url.Values) *reply {
	f.Helper()
	return f.do(request("POST", path, "application/x-www-form-urlencoded", v.Encode()))
}

func (f *fixture) postJSON(path string, v any) *reply {
	f.Helper()
	raw, _ := json.Marshal(v)
	return f.do(request("POST", path, "application/json", string(raw)))
}

func (f *fixture) get(path, token string) *reply {
	f.Helper()
	r := request("GET", path, "", "")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return f.do(r)
}

// loginForm is a password request as the scenario's profile would send it, with
// changes; a changed value that is empty removes the parameter.
func (f *fixture) loginForm(kv ...string) url.Values {
	p := f.Profile()
	v := form("grant_type", grantPassword, "username", p.Username, "password", p.Password, "client_id", p.ClientID,
		"client_secret", p.ClientSecret, "audience", p.Audience, "scope", strings.Join(p.Scopes, " "))
	if p.Realm != "" {
		v.Set("grant_type", grantPasswordRealm)
		v.Set("realm", p.Realm)
	}
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] == "" {
			v.Del(kv[i])
		} else {
			v.Set(kv[i], kv[i+1])
		}
	}
	return v
}

func (f *fixture) login(kv ...string) *reply {
	f.Helper()
	return f.post("/oauth/token", f.loginForm(kv...))
}

func (f *fixture) refresh(token string, kv ...string) *reply {
	f.Helper()
	p := f.Profile()
	v := form("grant_type", grantRefreshToken, "refresh_token", token, "client_id", p.ClientID, "client_secret", p.ClientSecret)
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] == "" {
			v.Del(kv[i])
		} else {
			v.Set(kv[i], kv[i+1])
		}
	}
	return f.post("/oauth/token", v)
}

func (r *reply) want(status int, code, description string) *reply {
	r.t.Helper()
	if r.Status != status {
		r.t.Fatalf("status %d, want %d: %s", r.Status, status, r.Body)
	}
	if code != "" && (r.text("error") != code || r.text("error_description") != description) {
		r.t.Fatalf("got %s, want %s: %s", r.Body, code, description)
	}
	return r
}

func (r *reply) ok() *reply { r.t.Helper(); return r.want(200, "", "") }

func (r *reply) text(name string) string { s, _ := r.JSON[name].(string); return s }

// claims decodes a JWT without checking it.
func claims(t *testing.T, token string) (header, payload map[string]any, order []string) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("not a JWT: %q", token)
	}
	for i, into := range []*map[string]any{&header, &payload} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(into); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			order = keyOrder(t, string(raw))
		}
	}
	return header, payload, order
}

// keyOrder lists the members of a JSON object in their order.
func keyOrder(t *testing.T, object string) []string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(object))
	var out []string
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, name.(string))
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (f *fixture) events() string {
	var out []string
	for _, e := range f.Log() {
		out = append(out, e.Type)
	}
	return strings.Join(out, " ")
}

// assertion makes a client_assertion; change may break it.
func (f *fixture) assertion(change func(header, claims map[string]any)) string {
	f.Helper()
	exp := f.clock.now().Add(time.Minute).Unix()
	header := map[string]any{"alg": "RS256", "typ": "JWT", "kid": assertionKeyID}
	body := map[string]any{"iss": keyClient, "sub": keyClient, "aud": f.Issuer(), "exp": exp, "jti": strconv.FormatInt(time.Now().UnixNano(), 36)}
	if change != nil {
		change(header, body)
	}
	h, _ := json.Marshal(header)
	b, _ := json.Marshal(body)
	input := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(b)
	signature, err := f.keys.client.sign("RS256", []byte(input))
	if err != nil {
		f.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// verified checks a JWT's signature with the published keys as a client would:
// by kid, from the JWKS.
func (f *fixture) verified(token string) bool {
	f.Helper()
	header, _, _ := claims(f.T, token)
	var set struct {
		Keys []struct {
			Kid, N, E, X5t string
			X5c            []string
		}
	}
	if err := json.Unmarshal([]byte(f.get("/.well-known/jwks.json", "").ok().Body), &set); err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		f.Fatal(err)
	}
	for _, k := range set.Keys {
		if k.Kid != header["kid"] {
			continue
		}
		der, _ := base64.StdEncoding.DecodeString(k.X5c[0])
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			f.Fatal(err)
		}
		alg := x509.SHA256WithRSA
		if header["alg"] == "PS256" {
			alg = x509.SHA256WithRSAPSS
		}
		return cert.CheckSignature(alg, []byte(parts[0]+"."+parts[1]), signature) == nil
	}
	return false
}

func fingerprint(s string) [32]byte { return sha256.Sum256([]byte(s)) }

func decodePEM(b []byte) *x509.CertPool {
	pool := x509.NewCertPool()
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			pool.AddCert(c)
		}
	}
	return pool
}
