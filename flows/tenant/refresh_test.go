package tenant

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func TestRefreshWithoutRotation(t *testing.T) {
	f := start(t, "works")
	first := f.login().ok()
	token := first.text("refresh_token")
	for range 3 {
		r := f.refresh(token).ok()
		if r.JSON["refresh_token"] != nil || r.text("scope") != first.text("scope") || r.JSON["id_token"] == nil {
			t.Fatalf("%s", r.Body)
		}
		_, body, _ := claims(t, r.text("access_token"))
		if got := body["gty"].([]any); len(got) != 2 || got[0] != "refresh_token" || got[1] != "password" {
			t.Errorf("gty %v", got)
		}
	}
	less := f.refresh(token, "scope", "read:orders openid read:secrets").ok()
	if less.text("scope") != "openid read:orders" {
		t.Errorf("%s", less.text("scope"))
	}
	if got := f.refresh(token, "scope", "read:orders").ok(); got.JSON["id_token"] != nil {
		t.Error("an ID token without openid")
	}
	if got := f.refresh(token).ok().text("scope"); got != first.text("scope") {
		t.Errorf("fewer scopes once must not narrow the grant: %s", got)
	}
}

func TestRefreshRotation(t *testing.T) {
	f := start(t, "refresh-rotating")
	tokens := []string{f.login().ok().text("refresh_token")}
	for range 4 {
		tokens = append(tokens, f.refresh(tokens[len(tokens)-1]).ok().text("refresh_token"))
	}
	seen := map[[32]byte]bool{}
	for _, token := range tokens {
		seen[fingerprint(token)] = true
	}
	if len(seen) != 5 {
		t.Error("generations are not all different")
	}
	other := f.login().ok().text("refresh_token")
	f.refresh(tokens[2]).want(403, "invalid_grant", "Unknown or invalid refresh token.")
	f.refresh(tokens[4]).want(403, "invalid_grant", "Unknown or invalid refresh token.")
	if got := f.events(); !strings.HasSuffix(got, "sepft ferrt fertft") {
		t.Errorf("log %s", got)
	}
	f.refresh(other).ok() // another login's family lives on
}

func TestRefreshLeeway(t *testing.T) {
	f := start(t, "refresh-leeway")
	first := f.login().ok().text("refresh_token")
	second := f.refresh(first).ok().text("refresh_token")
	f.clock.add(29 * time.Second)
	if again := f.refresh(first).ok().text("refresh_token"); again != second {
		t.Error("a token replayed within the overlap brings another successor")
	}
	third := f.refresh(second).ok().text("refresh_token")
	f.refresh(first).want(403, "invalid_grant", "Unknown or invalid refresh token.") // the second-to-last one
	f.refresh(third).want(403, "invalid_grant", "Unknown or invalid refresh token.")

	late := f.login().ok().text("refresh_token")
	f.refresh(late).ok()
	f.clock.add(31 * time.Second)
	f.refresh(late).want(403, "invalid_grant", "Unknown or invalid refresh token.")
}

func TestRefreshLifetimes(t *testing.T) {
	f := startSet(t, func(s *settings) {
		s.refresh.rotation = true
		s.refresh.lifetime, s.refresh.idle = 10*time.Hour, 3*time.Hour
	})
	token := f.login().ok().text("refresh_token")
	for range 4 { // each use starts the idle time anew, but not the absolute one
		f.clock.add(2 * time.Hour)
		token = f.refresh(token).ok().text("refresh_token")
	}
	f.clock.add(2*time.Hour + time.Second)
	f.refresh(token).want(403, "invalid_grant", "Unknown or invalid refresh token.")
	idle := f.login().ok().text("refresh_token")
	f.clock.add(3*time.Hour + time.Second)
	f.refresh(idle).want(403, "invalid_grant", "Unknown or invalid refresh token.")
}

func TestRefreshTokensAreBound(t *testing.T) {
	f := start(t, "works")
	token := f.login().ok().text("refresh_token")
	f.refresh(token, "client_id", publicClient, "client_secret", "").want(403, "invalid_grant", "Unknown or invalid refresh token.")
	f.refresh(token[:len(token)-1]+"x").want(403, "invalid_grant", "Unknown or invalid refresh token.")
	f.refresh(strings.Repeat("v1.A", 5000)).want(403, "invalid_grant", "Unknown or invalid refresh token.")
	f.refresh(token).ok()
}

func TestTwoHundredRefreshTokens(t *testing.T) {
	f := start(t, "works")
	login := func() string {
		return f.login("scope", "offline_access", "audience", "").ok().text("refresh_token")
	}
	oldest := login()
	revoked := login()
	f.post("/oauth/revoke", form("client_id", mainClient, "client_secret", f.set.apps[0].secret, "token", revoked)).ok()
	for range perUserAndApp - 1 {
		login()
	}
	f.refresh(oldest).ok() // a revoked one does not count
	login()
	f.refresh(oldest).want(403, "invalid_grant", "Unknown or invalid refresh token.")
	if n := len(f.byUserApp[f.set.main().id+" "+mainClient]); n != perUserAndApp {
		t.Errorf("%d tokens are kept", n)
	}
}

// TestOneFamilyManyClients lets many use the same generation at once: exactly
// one may win, and then the family is dead.
func TestOneFamilyManyClients(t *testing.T) {
	f := start(t, "refresh-rotating")
	token := f.login().ok().text("refresh_token")
	var mu sync.Mutex
	var next []string
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if r := f.refresh(token); r.Status == 200 {
				mu.Lock()
				next = append(next, r.text("refresh_token"))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(next) != 1 {
		t.Fatalf("%d clients won", len(next))
	}
	f.refresh(next[0]).want(403, "invalid_grant", "Unknown or invalid refresh token.")
}

func TestRevoke(t *testing.T) {
	f := start(t, "works")
	secret := f.set.apps[0].secret
	revoke := func(kv ...string) *reply {
		return f.post("/oauth/revoke", form(append([]string{"client_id", mainClient, "client_secret", secret}, kv...)...))
	}
	first := f.login().ok()
	token, other := first.text("refresh_token"), f.login().ok().text("refresh_token")
	r := revoke("token", token).ok()
	if r.Body != "" || r.Header.Get("Content-Type") != "" {
		t.Errorf("%q %v", r.Body, r.Header)
	}
	f.refresh(token).want(403, "invalid_grant", "Unknown or invalid refresh token.")
	f.refresh(other).ok()
	f.get("/api/orders", first.text("access_token")).ok() // until it expires
	revoke("token", token).ok()
	revoke("token", "unknown").ok()
	revoke().want(400, "invalid_request", "Missing required parameter: token")
	revoke("token", other, "client_secret", "x").want(401, "invalid_client", "Client authentication failed")
	revoke("token", other, "client_id", publicClient).ok() // another application's: no effect
	f.refresh(other).ok()
	f.postJSON("/oauth/revoke", map[string]any{"client_id": mainClient, "client_secret": secret, "token": other}).ok()
	f.refresh(other).want(403, "invalid_grant", "Unknown or invalid refresh token.")
}

func TestRevocationDeletesGrant(t *testing.T) {
	f := startSet(t, func(s *settings) { s.refresh.deletesGrant = true })
	a, b := f.login().ok().text("refresh_token"), f.login().ok().text("refresh_token")
	elsewhere := f.login("audience", "", "scope", "offline_access").ok().text("refresh_token")
	f.post("/oauth/revoke", form("client_id", mainClient, "client_secret", f.set.apps[0].secret, "token", a)).ok()
	f.refresh(b).want(403, "invalid_grant", "Unknown or invalid refresh token.")
	f.refresh(elsewhere).ok()
}
