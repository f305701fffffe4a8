package tenant

import (
	"strings"
	"sync"
	"testing"
	"time"
)

const blockedText = "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your preferred contact method with instructions on how to unblock it."

func TestBruteForce(t *testing.T) {
	f := start(t, "works")
	for i := range 10 {
		if r := f.login("password", "x"); r.Status != 403 {
			t.Fatalf("failure %d: %d", i+1, r.Status)
		}
	}
	f.login().want(429, "too_many_attempts", blockedText)
	f.login("username", strings.ToUpper(mainUser)).want(429, "too_many_attempts", blockedText)
	f.login("username", mfaUser, "password", "Second-Factor-2026").want(403, "mfa_required", "Multifactor authentication required")
	if !strings.HasSuffix(f.events(), "limit_wc fepft limit_wc fepft mfar") {
		t.Errorf("log %s", f.events())
	}
	elsewhere := request("POST", "/oauth/token", "application/x-www-form-urlencoded", f.loginForm().Encode())
	elsewhere.RemoteAddr = "127.0.0.2:1"
	f.do(elsewhere).ok()
}

func TestASuccessForgivesFailures(t *testing.T) {
	f := start(t, "works")
	for range 3 {
		for range 9 {
			f.login("password", "x").want(403, "invalid_grant", "Wrong email or password.")
		}
		f.login().ok()
	}
}

func TestBruteForceAtOnce(t *testing.T) {
	f := start(t, "works")
	var mu sync.Mutex
	count := map[int]int{}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			r := f.login("password", "x")
			mu.Lock()
			count[r.Status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if count[403] != 10 || count[429] != 40 {
		t.Errorf("%v", count)
	}
}

func TestForwardedFor(t *testing.T) {
	const ip = "2001:db8::7"
	send := func(f *fixture, header string, kv ...string) *reply {
		r := request("POST", "/oauth/token", "application/x-www-form-urlencoded", f.loginForm(kv...).Encode())
		r.Header.Set("auth0-forwarded-for", header)
		return f.do(r)
	}
	last := func(f *fixture) LogEvent { log := f.Log(); return log[len(log)-1] }

	f := startSet(t, func(s *settings) {
		for _, a := range s.apps {
			a.trustIP = true
		}
	})
	send(f, ip).ok()
	if e := last(f); e.IP != ip || e.ClientIP != "127.0.0.1" {
		t.Errorf("%+v", e)
	}
	send(f, "nonsense").ok()
	if e := last(f); e.IP != "127.0.0.1" || e.ClientIP != "" {
		t.Errorf("not an address: %+v", e)
	}
	send(f, ip, "client_id", publicClient, "client_secret", "").ok()
	if e := last(f); e.IP != "127.0.0.1" {
		t.Errorf("no secret, no trust: %+v", e)
	}
	send(f, ip, "client_id", keyClient, "client_secret", "", "client_assertion_type", assertionType, "client_assertion", f.assertion(nil)).ok()
	if e := last(f); e.IP != "127.0.0.1" {
		t.Errorf("an assertion is no secret: %+v", e)
	}
	send(f, ip, "client_secret", "wrong").want(401, "access_denied", "Unauthorized")
	if e := last(f); e.IP != "127.0.0.1" {
		t.Errorf("a wrong secret: %+v", e)
	}
	for range 11 {
		send(f, ip, "password", "x")
	}
	send(f, ip).want(429, "too_many_attempts", blockedText)
	send(f, "2001:db8::8").ok()

	plain := start(t, "works")
	send(plain, ip).ok()
	if e := last(plain); e.IP != "127.0.0.1" {
		t.Errorf("the setting is off: %+v", e)
	}
}

func TestSuspiciousIP(t *testing.T) {
	f := startSet(t, func(s *settings) { s.protection.throttleIP = true; s.protection.bucketUsed = 98 })
	f.login("username", "a@acme.test").want(403, "invalid_grant", "Wrong email or password.")
	f.login("username", "b@acme.test").want(403, "invalid_grant", "Wrong email or password.")
	r := f.login().want(429, "too_many_attempts", "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.")
	if r.Header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%v", r.Header)
	}
	f.clock.add(864 * time.Second)
	f.login().ok()
	if got := f.events(); !strings.Contains(got, "limit_mu fepft") {
		t.Errorf("log %s", got)
	}
}

func TestLoginsOfOneUser(t *testing.T) {
	f := startSet(t, func(s *settings) { s.protection.loginsBurst, s.protection.loginsPerMin = 20, 10 })
	for range 20 {
		f.login().ok()
	}
	if r := f.login(); r.Status != 429 || r.text("error") != "too_many_logins" {
		t.Fatalf("%d %s", r.Status, r.Body)
	}
	f.login("username", mfaUser, "password", "Second-Factor-2026").want(403, "mfa_required", "Multifactor authentication required")
	f.clock.add(6 * time.Second)
	f.login().ok()
	if r := f.login(); r.Status != 429 {
		t.Errorf("%d", r.Status)
	}
}

func TestBoundedMap(t *testing.T) {
	b := newBounded[int, string](3)
	for i := range 3 {
		b.put(i, "x")
	}
	b.get(0)
	b.put(3, "x")
	if _, ok := b.get(1); ok || b.len() != 3 {
		t.Error("the one untouched the longest goes first")
	}
	if _, ok := b.get(0); !ok {
		t.Error("0 was used and stays")
	}
	b.put(0, "y")
	b.delete(9)
	if v, _ := b.peek(0); v != "y" || b.len() != 3 {
		t.Error(v)
	}
}
