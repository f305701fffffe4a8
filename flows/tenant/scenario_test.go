package tenant

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestScenariosAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for i, s := range Scenarios() {
		if i == 0 && s.Name != "works" {
			t.Error("works comes first")
		}
		if seen[s.Name] {
			t.Errorf("%s is there twice", s.Name)
		}
		seen[s.Name] = true
		if s.Title == "" || s.Teaches == "" || s.Run != runToken && s.Run != runRefresh || strings.ContainsAny(s.Name, " ._") {
			t.Errorf("%+v", s)
		}
		if !strings.HasSuffix(s.Teaches, ".") {
			t.Errorf("%s: a sentence ends in a full stop", s.Name)
		}
	}
	for _, name := range strings.Fields(`works realm-employees short-lived rfc9068 ps256-api rotated-key forwarded-for-trusted action-adds
		hs256-api no-audience offline-access-off rbac action-removes clock-ahead no-default-directory grant-not-allowed third-party-client
		unknown-realm connection-not-enabled connection-cannot-password unknown-audience client-grant-missing organizations-client
		action-denied redirect-impossible wrong-secret missing-secret unknown-client wrong-password mfa-otp mfa-push mfa-sms mfa-email
		mfa-recovery mfa-enrol mfa-wrong-code mfa-expired mfa-rejected user-blocked breached-password bot-detection suspicious-ip
		rate-limited brute-force custom-domain unknown-kid alg-none expired-token wrong-audience-token tenant-not-found gateway-502
		slow connection-reset refresh-grant-off refresh-rotating refresh-leeway refresh-reused refresh-expired refresh-idle
		refresh-user-deleted refresh-user-blocked`) {
		if !seen[name] {
			t.Errorf("scenario %s is missing", name)
		}
	}
}

// TestTeachesNoMoreThanIsKnown: what nobody has seen for certain, or what holds
// for one plan only, is not taught as a fact.
func TestTeachesNoMoreThanIsKnown(t *testing.T) {
	for name, hedge := range map[string]string{
		"unknown-client": "most likely", "action-denied": "most likely", "tenant-not-found": "may be", "userinfo-throttled": "free plan",
	} {
		if s, ok := Lookup(name); !ok || !strings.Contains(s.Teaches, hedge) {
			t.Errorf("%s: %q does not say %q", name, s.Teaches, hedge)
		}
	}
}

// TestScenariosOnTheWire runs each scenario with its own profile and looks at
// what a client can tell it by.
func TestScenariosOnTheWire(t *testing.T) {
	const accessDenied = "access_denied Unauthorized"
	rows := map[string]struct {
		status int
		says   string // error and the start of error_description; empty where tokens come
		at     string // "refresh" where the login still works
	}{
		"no-default-directory":       {500, "server_error Authorization server not configured with default connection.", ""},
		"grant-not-allowed":          {403, "unauthorized_client Grant type 'password' not allowed for the client.", ""},
		"third-party-client":         {403, "unauthorized_client Grant type 'password' not allowed for the client.", ""},
		"unknown-realm":              {403, "invalid_request Unknown realm 'Employees'", ""},
		"connection-not-enabled":     {403, "unauthorized_client The connection is not enabled for this client", ""},
		"connection-cannot-password": {400, "invalid_request specified strategy does not support requested operation", ""},
		"unknown-audience":           {400, "invalid_request invalid audience specified for password grant exchange", ""},
		"client-grant-missing":       {403, `invalid_request Client "` + mainClient + `" is not authorized to access resource server "` + mainAudience + `".`, ""},
		"organizations-client":       {400, "invalid_request parameter organization is required for this client", ""},
		"action-denied":              {403, "access_denied Please verify your email before logging in.", ""},
		"redirect-impossible":        {403, "interaction_required Redirect is not possible", ""},
		"scope-not-for-user":         {400, "invalid_scope User is not authorized to the audience for those scopes", ""},
		"wrong-secret":               {401, accessDenied, ""},
		"missing-secret":             {401, accessDenied, ""},
		"unknown-client":             {401, accessDenied, ""},
		"wrong-password":             {403, "invalid_grant Wrong email or password.", ""},
		"mfa-otp":                    {403, "mfa_required Multifactor authentication required", ""},
		"mfa-push":                   {403, "mfa_required Multifactor authentication required", ""},
		"mfa-sms":                    {403, "mfa_required Multifactor authentication required", ""},
		"mfa-email":                  {403, "mfa_required Multifactor authentication required", ""},
		"mfa-recovery":               {403, "mfa_required Multifactor authentication required", ""},
		"mfa-enrol":                  {403, "mfa_required Multifactor authentication required", ""},
		"mfa-wrong-code":             {403, "mfa_required Multifactor authentication required", ""},
		"mfa-expired":                {403, "mfa_required Multifactor authentication required", ""},
		"mfa-rejected":               {403, "mfa_required Multifactor authentication required", ""},
		"user-blocked":               {401, "unauthorized user is blocked", ""},
		"breached-password":          {401, "password_leaked This login attempt has been blocked", ""},
		"bot-detection":              {401, "requires_verification Suspicious request requires verification", ""},
		"suspicious-ip":              {429, "too_many_attempts We have detected suspicious login behavior", ""},
		"rate-limited":               {429, "too_many_requests Rate limit exceeded.", ""},
		"too-many-logins":            {429, "too_many_logins ", ""},
		"brute-force":                {429, "too_many_attempts Your account has been blocked", ""},
		"tenant-not-found":           {404, "", ""},
		"gateway-502":                {502, "", ""},
		"refresh-grant-off":          {403, "unauthorized_client Grant type 'refresh_token' not allowed for the client.", "refresh"},
		"refresh-reused":             {403, "invalid_grant Unknown or invalid refresh token.", "refresh"},
		"refresh-expired":            {403, "invalid_grant Unknown or invalid refresh token.", "refresh"},
		"refresh-idle":               {403, "invalid_grant Unknown or invalid refresh token.", "refresh"},
		"refresh-user-deleted":       {403, "invalid_grant The refresh_token was generated for a user who doesn't exist anymore.", "refresh"},
		"refresh-user-blocked":       {403, "invalid_grant user is blocked", "refresh"},
	}
	elsewhere := []string{"slow", "connection-reset"} // no reply: see inprocess_test.go
	for _, s := range Scenarios() {
		if slices.Contains(elsewhere, s.Name) {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			f := startWith(t, s)
			p := f.Profile()
			send := func(kv ...string) *reply {
				r := request("POST", "/oauth/token", "application/x-www-form-urlencoded", f.loginForm(kv...).Encode())
				if p.ForwardedFor != "" {
					r.Header.Set("auth0-forwarded-for", p.ForwardedFor)
				}
				return f.do(r)
			}
			r := send()
			row, fails := rows[s.Name]
			if row.at == "refresh" {
				if s.Run != runRefresh {
					t.Errorf("run is %q", s.Run)
				}
				r = f.refresh(r.ok().text("refresh_token"))
			} else if !fails && s.Run == runRefresh {
				r = f.refresh(r.ok().text("refresh_token")).ok()
			}
			if !fails {
				if s.Exit != 0 && s.Exit != 8 {
					t.Errorf("exit %d, but the tokens came", s.Exit)
				}
				r.ok()
				return
			}
			if s.Exit == 0 {
				t.Error("exit 0, but it is refused")
			}
			says := strings.TrimSpace(r.text("error") + " " + r.text("error_description"))
			if row.says == "" {
				says = ""
				if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
					t.Errorf("Content-Type %s", r.Header.Get("Content-Type"))
				}
			}
			if r.Status != row.status || !strings.HasPrefix(says, strings.TrimSpace(row.says)) {
				t.Errorf("got %d %s", r.Status, r.Body)
			}
			// The same again: a scenario stays what it is.
			if s.Run == runToken && s.Name != "mfa-enrol" {
				for range 12 {
					if again := send(); again.Status != row.status {
						t.Fatalf("later: %d %s", again.Status, again.Body)
					}
				}
			}
		})
	}
}

func TestTokenScenarios(t *testing.T) {
	access := func(t *testing.T, name string) (f *fixture, header, body map[string]any, r *reply) {
		f = start(t, name)
		r = f.login().ok()
		header, body, _ = claims(t, r.text("access_token"))
		return f, header, body, r
	}
	number := func(v any) int64 { n, _ := v.(json.Number).Int64(); return n }

	t.Run("rfc9068", func(t *testing.T) {
		_, h, b, r := access(t, "rfc9068")
		if h["typ"] != "at+jwt" || b["client_id"] != mainClient || b["jti"] == nil || b["gty"] != nil || b["azp"] != nil {
			t.Errorf("%v %v", h, b)
		}
		ih, _, _ := claims(t, r.text("id_token"))
		if ih["typ"] != "JWT" {
			t.Errorf("ID token's header %v", ih)
		}
	})
	t.Run("ps256-api", func(t *testing.T) {
		f, h, _, r := access(t, "ps256-api")
		if h["alg"] != "PS256" || !f.verified(r.text("access_token")) || !f.verified(r.text("id_token")) {
			t.Errorf("%v", h)
		}
		if strings.Contains(f.get("/.well-known/jwks.json", "").Body, `"alg"`) {
			t.Error("the JWKS narrows its keys to one algorithm")
		}
		f.get("/userinfo", r.text("access_token")).ok()
	})
	t.Run("hs256-api", func(t *testing.T) {
		f, h, b, r := access(t, "hs256-api")
		if h["alg"] != "HS256" || b["aud"] != mainAudience {
			t.Errorf("%v %v", h, b)
		}
		f.get("/api/me", r.text("access_token")).ok()
		f.get("/userinfo", r.text("access_token")).want(401, "", "")
		parts := strings.Split(r.text("access_token"), ".")
		m := hmac.New(sha256.New, []byte(f.Profiles()[1].APISecret))
		m.Write([]byte(parts[0] + "." + parts[1]))
		if base64.RawURLEncoding.EncodeToString(m.Sum(nil)) != parts[2] {
			t.Error("the second profile's api_secret does not verify the token")
		}
	})
	t.Run("rotated-key", func(t *testing.T) {
		f, h, _, r := access(t, "rotated-key")
		_, kid, _ := f.keys.published[1].get()
		if h["kid"] != kid || !f.verified(r.text("access_token")) {
			t.Errorf("%v", h)
		}
	})
	t.Run("unknown-kid", func(t *testing.T) {
		f, h, _, r := access(t, "unknown-kid")
		if strings.Contains(f.get("/.well-known/jwks.json", "").Body, h["kid"].(string)) || !f.verified(r.text("id_token")) {
			t.Error("the access token's key, and only that, is not published")
		}
		f.get("/api/me", r.text("access_token")).want(401, "invalid_token", "The access token signature could not be validated")
	})
	t.Run("alg-none", func(t *testing.T) {
		f := start(t, "alg-none")
		token := f.login().ok().text("access_token")
		if !strings.HasSuffix(token, ".") || strings.Count(token, ".") != 2 {
			t.Errorf("%s", token)
		}
		f.get("/api/me", token).want(401, "invalid_token", "The access token signature could not be validated")
	})
	t.Run("expired-token", func(t *testing.T) {
		f, _, b, r := access(t, "expired-token")
		if number(b["exp"]) != f.clock.now().Add(-time.Hour).Unix() || r.JSON["expires_in"] != float64(86400) {
			t.Errorf("%v", b)
		}
		f.get("/api/me", r.text("access_token")).want(401, "invalid_token", "The access token expired")
	})
	t.Run("wrong-audience-token", func(t *testing.T) {
		f, _, b, r := access(t, "wrong-audience-token")
		if b["aud"] != "https://billing.acme.test/" {
			t.Errorf("%v", b)
		}
		f.get("/api/me", r.text("access_token")).want(401, "invalid_token", "The access token is not for this audience")
	})
	t.Run("custom-domain", func(t *testing.T) {
		f, _, b, r := access(t, "custom-domain")
		if b["iss"] != "https://login.acme.test/" {
			t.Errorf("%v", b)
		}
		if doc := f.get("/.well-known/openid-configuration", "").ok(); doc.text("issuer") != f.Issuer() {
			t.Error("the tenant's own domain is its issuer in discovery")
		}
		f.get("/userinfo", r.text("access_token")).ok()
	})
	t.Run("clock-ahead", func(t *testing.T) {
		f, _, b, r := access(t, "clock-ahead")
		ahead := f.clock.now().Add(10 * time.Minute)
		if number(b["iat"]) != ahead.Unix() || r.Header.Get("Date") != ahead.Format(http.TimeFormat) {
			t.Errorf("iat %v, Date %s", b["iat"], r.Header.Get("Date"))
		}
	})
	t.Run("short-lived", func(t *testing.T) {
		f, _, b, r := access(t, "short-lived")
		if number(b["exp"])-number(b["iat"]) != 60 || r.JSON["expires_in"] != float64(60) {
			t.Errorf("%v", b)
		}
		f.clock.add(61 * time.Second)
		f.get("/api/me", r.text("access_token")).want(401, "invalid_token", "The access token expired")
		if next := f.refresh(r.text("refresh_token")).ok(); next.text("refresh_token") == "" || next.text("refresh_token") == r.text("refresh_token") {
			t.Error("the refresh token does not rotate")
		}
	})
	t.Run("rbac", func(t *testing.T) {
		_, _, b, r := access(t, "rbac")
		if got := fmt.Sprint(b["permissions"]); got != "[read:sample read:orders]" {
			t.Errorf("permissions %s", got)
		}
		if strings.Contains(r.text("scope"), "write:orders") {
			t.Errorf("scope %s", r.text("scope"))
		}
	})
	t.Run("action-adds", func(t *testing.T) {
		_, _, b, r := access(t, "action-adds")
		_, id, _ := claims(t, r.text("id_token"))
		if b["https://foo/bar"] != "value" || id["https://fiz/baz"] != "some other value" || !strings.HasSuffix(r.text("scope"), "offline_access foo bar") || b["scope"] != r.text("scope") {
			t.Errorf("%v %v %s", b, id, r.text("scope"))
		}
	})
	t.Run("action-collides", func(t *testing.T) {
		f, _, b, r := access(t, "action-collides")
		_, id, order := claims(t, r.text("id_token"))
		if b["sub"] != f.set.main().id || b["https://acme.test/role"] != "buyer" || b["https://acme.auth0.com/role"] != nil || b["scope"] == "admin" || id["urn:auth0:role"] != nil {
			t.Errorf("%v %v", b, id)
		}
		if order[0] != "https://acme.test/role" {
			t.Errorf("order %v", order)
		}
	})
	t.Run("action-removes", func(t *testing.T) {
		_, _, b, _ := access(t, "action-removes")
		if strings.Contains(b["scope"].(string), "read:orders") {
			t.Errorf("%v", b)
		}
	})
	t.Run("offline-access-off", func(t *testing.T) {
		_, _, _, r := access(t, "offline-access-off")
		if r.JSON["refresh_token"] != nil || strings.Contains(r.text("scope"), "offline_access") {
			t.Errorf("%s", r.Body)
		}
	})
	t.Run("no-audience", func(t *testing.T) {
		f := start(t, "no-audience")
		r := f.login().ok()
		token := r.text("access_token")
		parts := strings.Split(token, ".")
		header, _ := base64.RawURLEncoding.DecodeString(parts[0])
		iv, _ := base64.RawURLEncoding.DecodeString(parts[2])
		if len(parts) != 5 || parts[1] != "" || len(iv) != 12 || string(header) != `{"alg":"dir","enc":"A256GCM","iss":"`+f.Issuer()+`"}` {
			t.Errorf("%s %s", header, token)
		}
		if !strings.HasPrefix(token, "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiaXNzIjo") {
			t.Errorf("begins %.60s", token)
		}
		f.get("/userinfo", token).ok()
		f.get("/api/me", token).want(401, "invalid_token", "The access token is encrypted: it was issued without an audience and is good for /userinfo only")
	})
	t.Run("default-audience", func(t *testing.T) {
		_, _, b, _ := access(t, "default-audience")
		if fmt.Sprint(b["aud"]) != "["+mainAudience+" https://acme-demo.eu.auth0.test/userinfo]" {
			t.Errorf("%v", b)
		}
	})
	t.Run("forwarded-for-trusted", func(t *testing.T) {
		f := start(t, "forwarded-for-trusted")
		f.login().want(429, "too_many_attempts", "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your preferred contact method with instructions on how to unblock it.")
	})
}
