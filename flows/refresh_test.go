package flows_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"authwalk/flows"
	"authwalk/flows/tenant"
)

func first(t *testing.T, name string, change func(*flows.Config)) (*flows.Client, *flows.Session) {
	t.Helper()
	_, c, _ := mfaTenant(t, name, change)
	s := walk(c, false, nil)
	if s.Current() == nil {
		t.Fatal(s.Err)
	}
	return c, s
}

func TestGenerations(t *testing.T) {
	for name, want := range map[string]string{"works": flows.RefreshSame, "refresh-rotating": flows.RefreshNew} {
		c, s := first(t, name, nil)
		g0 := s.Current()
		if g0.N != 0 || g0.Grant != flows.GrantPassword || g0.RefreshToken != flows.RefreshNew || g0.Refresh == "" {
			t.Errorf("%s: generation 0 is %s, %s", name, g0, g0.RefreshToken)
		}
		s.Take(c, c.Refresh(t.Context(), g0.Refresh, ""))
		g1 := s.Current()
		if g1.N != 1 || g1.Grant != flows.GrantRefreshToken || g1.RefreshToken != want || g1.Refresh == "" || (g1.Refresh == g0.Refresh) != (want == flows.RefreshSame) {
			t.Errorf("%s: generation 1 is %s, %s", name, g1, g1.RefreshToken)
		}
		if len(g1.ScopeAdded)+len(g1.ScopeRemoved) != 0 || g1.Asked.Audience != g0.Asked.Audience || g1.Asked.Scope != "" {
			t.Errorf("%s: %v %v, asked %+v", name, g1.ScopeAdded, g1.ScopeRemoved, g1.Asked)
		}
	}
	_, s := first(t, "offline-access-off", nil)
	if g := s.Current(); g.RefreshToken != flows.RefreshNone || g.Refresh != "" {
		t.Errorf("%s", g.RefreshToken)
	}
}

func TestRefreshWithFewerScopes(t *testing.T) {
	c, s := first(t, "works", nil)
	out := c.Refresh(t.Context(), s.Current().Refresh, " openid\tread:sample ")
	s.Take(c, out)
	g := s.Current()
	if out.Err != nil || g.Asked.Scope != "openid read:sample" || !g.Asked.ScopeSent || g.Tokens.Scope != "openid read:sample" {
		t.Fatalf("%v, asked %+v, got %q", out.Err, g.Asked, g.Tokens.Scope)
	}
	if !slices.Contains(g.ScopeRemoved, "read:orders") || len(g.ScopeAdded) != 0 {
		t.Errorf("added %v, removed %v", g.ScopeAdded, g.ScopeRemoved)
	}
	s.Take(c, c.Refresh(t.Context(), g.Refresh, "")) // omitted: all again
	if g := s.Current(); !slices.Contains(g.ScopeAdded, "read:orders") {
		t.Errorf("added %v", g.ScopeAdded)
	}
}

// TestARefusedRefreshKeepsWhatIsThere keeps the generation and its token.
func TestARefusedRefreshKeepsWhatIsThere(t *testing.T) {
	c, s := first(t, "works", nil)
	g := s.Current()
	if out := c.Revoke(t.Context(), g.Refresh, "refresh_token"); out.Err != nil {
		t.Fatal(out.Err)
	}
	out := c.Refresh(t.Context(), g.Refresh, "")
	s.Take(c, out)
	if code(out.Err) != "invalid_grant" || s.Current() != g || s.Class.Exit() != 5 || s.Err == nil {
		t.Errorf("%v, exit %d", out.Err, s.Class.Exit())
	}
	// The access token outlives it.
	if out := c.Userinfo(t.Context(), g.Tokens.AccessToken); out.Err != nil || out.Answer.Exchange.Status != 200 {
		t.Errorf("%v", out.Err)
	}
}

// TestRefreshAlone has a refresh token from elsewhere and no generation before.
func TestRefreshAlone(t *testing.T) {
	c, s := first(t, "works", nil)
	alone := flows.NewSession(c.Config)
	alone.Config.RefreshToken = s.Current().Refresh
	alone.Take(c, c.Refresh(t.Context(), s.Current().Refresh, ""))
	if g := alone.Current(); g == nil || g.N != 0 || g.RefreshToken != flows.RefreshSame || g.Refresh != alone.Config.RefreshToken {
		t.Errorf("%v", g)
	}
}

func TestEveryWayOfClientAuthenticationRefreshesAndRevokes(t *testing.T) {
	_, c, _ := mfaTenant(t, "works", nil)
	tn, _, _ := mfaTenant(t, "works", nil)
	for _, p := range tn.Profiles() {
		if p.OTPSecret != "" || strings.Contains(p.Name, "mfa") {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			c, err := flows.NewClient(config(p), flows.ClientOptions{Transport: tn.RoundTripper(), Clock: c.Clock})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			s := walk(c, false, nil)
			g := s.Current()
			if g == nil {
				t.Fatal(s.Err)
			}
			if g.Refresh == "" {
				t.Skip("no refresh token in this set-up")
			}
			if out := c.Refresh(t.Context(), g.Refresh, ""); out.Err != nil {
				t.Error(out.Err)
			}
			if out := c.Revoke(t.Context(), g.Refresh, ""); out.Err != nil {
				t.Error(out.Err)
			}
		})
	}
}

// TestSessionsOfAnAbandonedRequest ends as a cancellation, not as a refusal.
func TestSessionOfAnAbandonedRequest(t *testing.T) {
	c, s := first(t, "works", nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := c.Refresh(ctx, s.Current().Refresh, "")
	s.Take(c, out)
	var e *flows.Error
	if !errors.As(s.Err, &e) || e.Fault == nil || !e.Fault.Canceled || s.Current().N != 0 {
		t.Errorf("%v", s.Err)
	}
}

// TestAnotherLoginBeginsAnotherChain: what was known of the first user is held
// against nothing of the second.
func TestAnotherLoginBeginsAnotherChain(t *testing.T) {
	tn, c, _ := mfaTenant(t, "works", nil)
	s := walk(c, true, nil)
	out := c.Userinfo(t.Context(), s.Current().Tokens.AccessToken)
	if s.TakeAnswer(out, false, c.Clock.Wall()); s.Userinfo == nil {
		t.Fatal("no userinfo")
	}
	users := tn.Describe().Users
	emil := users[slices.IndexFunc(users, func(u tenant.DescribedUser) bool { return u.Realm == "employees" })]
	f, _ := flows.FlowByID("password")
	out = f.Start(c).Do(t.Context(), flows.Values{"username": emil.Username, "password": emil.Password, "realm": emil.Realm})
	s.Take(c, out)
	g := s.Current()
	s.Examined(g, c.Examine(t.Context(), g.Access, g.ID))
	if g.N != 2 || s.Userinfo != nil {
		t.Errorf("generation %d, userinfo %v", g.N, s.Userinfo)
	}
	for _, k := range g.Checks {
		if k.State == "fail" {
			t.Errorf("%+v", k)
		}
	}
}
