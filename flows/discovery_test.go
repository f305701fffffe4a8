package flows

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestDiscovery(t *testing.T) {
	c, asked := serving(t, func(self string) map[string]string {
		return map[string]string{
			discoveryPath: metadata(self+"/", self, fmt.Sprintf(`,"userinfo_endpoint":%q,"revocation_endpoint":%q,"introspection_endpoint":%q,"mfa_challenge_endpoint":%q,"x":1,"x":2`,
				self+"/me", self+"/revoke", self+"/introspect", self+"/mfa/challenge")),
			"/token": tokenReply, "/me": `{"sub":"a"}`,
		}
	})
	if _, ok := c.KnownEndpoints(); ok {
		t.Error("something is known before it was asked")
	}
	r, err := passwordStep(c).Preview(Values{})
	if err != nil || !strings.HasPrefix(r.URL, "(token_endpoint of ") {
		t.Errorf("preview %s, %v", r.URL, err)
	}
	out := ask(c)
	if out.Err != nil || len(out.Exchanges) != 2 {
		t.Fatalf("%v, %v", out.Err, out.Exchanges)
	}
	if out := c.Userinfo(t.Context(), "t"); out.Err != nil || len(out.Exchanges) != 1 {
		t.Errorf("%v, %v", out.Err, out.Exchanges)
	}
	e, _ := c.KnownEndpoints()
	self := strings.TrimSuffix(c.Config.Issuer, "/")
	want := Endpoints{Issuer: self + "/", Token: self + "/token", JWKS: self + "/keys", Userinfo: self + "/me", Revoke: self + "/revoke", Introspection: self + "/introspect", MFA: self + "/mfa", Auth0: true, Problems: e.Problems}
	if fmt.Sprint(e) != fmt.Sprint(want) || len(e.Problems) != 1 {
		t.Errorf("got %+v", e)
	}
	// Clients of one set-up share what was found, whichever of them asked.
	cfg := c.Config
	cfg.Username = "somebody else"
	if n := c.WithConfig(cfg); n.found != c.found {
		t.Error("another user, and the metadata would be asked for again")
	}
	cfg.UserinfoURL = self + "/other"
	if e, ok := c.WithConfig(cfg).KnownEndpoints(); ok {
		t.Errorf("another set-up, and %s is still where it goes", e.Userinfo)
	}
	if asked[discoveryPath] != 1 {
		t.Errorf("the metadata was asked for %d times", asked[discoveryPath])
	}
}

func TestDiscoveryTrailingSlash(t *testing.T) {
	for _, ours := range []string{"", "/"} {
		for _, theirs := range []string{"", "/"} {
			c, _ := serving(t, func(self string) map[string]string {
				return map[string]string{discoveryPath: metadata(self+theirs, self, ""), "/token": tokenReply}
			})
			cfg := c.Config
			cfg.Issuer = strings.TrimSuffix(cfg.Issuer, "/") + ours
			c = client(t, cfg)
			if out := ask(c); out.Err != nil {
				t.Fatal(out.Err)
			}
			e, _ := c.KnownEndpoints()
			if !strings.HasSuffix(e.Issuer, theirs) || (len(e.Problems) == 0) != (ours == theirs) {
				t.Errorf("ours %q, theirs %q: %+v", ours, theirs, e)
			}
		}
	}
}

// TestDiscoveryPathForm is RFC 8414 section 3.1: the well-known part goes
// before the path; OpenID Connect Discovery puts it behind.
func TestDiscoveryPathForm(t *testing.T) {
	for at, n := range map[string]int{"/team/a%2Fb" + discoveryPath: 2, "/.well-known/oauth-authorization-server/team/a%2Fb": 3} {
		var issuer string
		c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.EscapedPath() {
			case at:
				_, _ = io.WriteString(w, metadata(issuer, strings.TrimSuffix(issuer, "/team/a%2Fb"), ""))
			case "/token":
				_, _ = io.WriteString(w, tokenReply)
			default:
				http.NotFound(w, r)
			}
		})
		issuer = c.Config.Domain + "/team/a%2Fb"
		cfg := c.Config
		cfg.Domain, cfg.Issuer = "", issuer
		out := ask(client(t, cfg))
		if out.Err != nil || len(out.Exchanges) != n {
			t.Errorf("%s: %v, %v", at, out.Err, out.Exchanges)
		}
	}
	c := server(t, Config{}, http.NotFound)
	cfg := c.Config
	cfg.Domain, cfg.Issuer = "", c.Config.Domain
	if out := ask(client(t, cfg)); out.Err == nil || !strings.Contains(out.Err.Error(), "answers 404") || len(out.Exchanges) != 2 {
		t.Errorf("%v, %v", out.Err, out.Exchanges)
	}
}

func TestDiscoveryOnceForAll(t *testing.T) {
	c, asked := serving(t, func(self string) map[string]string {
		return map[string]string{discoveryPath: metadata(self+"/", self, "")}
	})
	var wg sync.WaitGroup
	var fetched atomic.Int64
	for range 16 {
		wg.Go(func() {
			_, exs, err := c.Endpoints(context.Background())
			if err != nil {
				t.Error(err)
			}
			fetched.Add(int64(len(exs)))
		})
	}
	wg.Wait()
	if fetched.Load() != 1 || asked[discoveryPath] != 1 {
		t.Errorf("%d exchanges, %d requests", fetched.Load(), asked[discoveryPath])
	}
}

// elsewhereTenant has some of its endpoints on another host: localhost instead
// of 127.0.0.1.
func elsewhereTenant(t *testing.T, names ...string) (c *Client, host string, asked map[string]int) {
	c, asked = serving(t, func(self string) map[string]string {
		_, port, _ := strings.Cut(strings.TrimPrefix(self, "http://"), ":")
		host = "localhost:" + port
		at := func(name string) string {
			for _, n := range names {
				if n == name {
					return "http://" + host
				}
			}
			return self
		}
		return map[string]string{
			discoveryPath: fmt.Sprintf(`{"issuer":%q,"token_endpoint":%q,"jwks_uri":%q,"userinfo_endpoint":%q,"revocation_endpoint":%q,"mfa_challenge_endpoint":%q}`,
				self+"/", at("token")+"/token", at("jwks")+"/keys", at("userinfo")+"/me", at("revoke")+"/revoke", at("mfa")+"/mfa/challenge"),
			"/token": tokenReply, "/keys": `{"keys":[]}`, "/me": `{"sub":"a"}`, "/revoke": "",
		}
	})
	return c, host, asked
}

func TestEndpointsOnAnotherHost(t *testing.T) {
	for _, tc := range []struct {
		endpoint, path string
		send           func(*Client) Outcome
	}{
		{"token", "/token", ask},
		{"token", "/token", func(c *Client) Outcome { return c.Refresh(context.Background(), "r", "") }},
		{"jwks", "/token", ask},
		{"userinfo", "/me", func(c *Client) Outcome { return c.Userinfo(context.Background(), "t") }},
		{"revoke", "/revoke", func(c *Client) Outcome { return c.Revoke(context.Background(), "t", "") }},
	} {
		c, host, asked := elsewhereTenant(t, tc.endpoint)
		out := tc.send(c)
		var fe *ForeignHostError
		var ue *UsageError
		if !errors.As(out.Err, &fe) || !errors.As(out.Err, &ue) || fe.Host != host || !strings.Contains(out.Err.Error(), "--allow-host "+host) {
			t.Fatalf("%s: %v", tc.endpoint, out.Err)
		}
		if asked[tc.path] != 0 {
			t.Fatalf("%s: something was sent there", tc.endpoint)
		}
		// A person is told, and asked.
		if n := out.Next; n == nil || !n.Confirm || len(n.Fields) != 0 || n.Shows[0].Kind != NoteWarn || !strings.Contains(n.Shows[0].Text, host) {
			t.Fatalf("%s: next %v", tc.endpoint, out.Next)
		}
		if out := out.Next.Do(t.Context(), nil); out.Err != nil || asked[tc.path] != 1 {
			t.Errorf("%s: after a yes: %v", tc.endpoint, out.Err)
		}
		// The yes holds for what comes after, in this tenant alone.
		if out := tc.send(c.WithConfig(c.Config)); out.Err != nil {
			t.Errorf("%s: asked again: %v", tc.endpoint, out.Err)
		}
		other := c.Config
		other.Issuer += "other/"
		if n := c.WithConfig(other); n.trusted.has(host) || n.found == c.found {
			t.Errorf("%s: what was allowed here holds for another tenant", tc.endpoint)
		}
	}
}

func TestAllowHost(t *testing.T) {
	for _, allow := range []func(host string) string{func(h string) string { return h }, func(string) string { return "LOCALHOST" }} {
		c, host, _ := elsewhereTenant(t, "token", "jwks", "userinfo", "revoke", "mfa")
		cfg := c.Config
		cfg.AllowHosts = []string{"other.test", allow(host)}
		c = client(t, cfg)
		if out := ask(c); out.Err != nil {
			t.Error(out.Err)
		}
		if out := c.Userinfo(t.Context(), "t"); out.Err != nil {
			t.Error(out.Err)
		}
		if _, _, err := c.Keys(t.Context(), ""); err != nil {
			t.Error(err)
		}
	}
	// What is given by hand was seen.
	c, host, _ := elsewhereTenant(t, "token", "userinfo")
	cfg := c.Config
	cfg.TokenURL, cfg.UserinfoURL = "http://"+host+"/token", "http://"+host+"/me"
	c = client(t, cfg)
	if out := ask(c); out.Err != nil {
		t.Error(out.Err)
	}
	if out := c.Userinfo(t.Context(), "t"); out.Err != nil {
		t.Error(out.Err)
	}
}

func TestMFAOnAnotherHost(t *testing.T) {
	c, host, _ := elsewhereTenant(t, "mfa")
	var paths []string
	far := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		_, _ = io.WriteString(w, sms)
	})
	required := Outcome{Err: &Error{Kind: ErrorOAuth, Code: "mfa_required", MFAToken: "m"}, Asked: &Asked{Grant: GrantPassword}}
	if _, _, err := c.Endpoints(t.Context()); err != nil {
		t.Fatal(err) // not needed yet: no reason to stop
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(far.Config.Domain, "http://"), ":")
	c.found.e.MFA = "http://localhost:" + port + "/mfa"
	out := c.afterMFA(t.Context(), c.Config, required)
	var fe *ForeignHostError
	if !errors.As(out.Err, &fe) || out.Next == nil || !out.Next.Confirm || len(paths) != 0 {
		t.Fatalf("%v, next %v, asked %q (%s)", out.Err, out.Next, paths, host)
	}
	out = out.Next.Do(t.Context(), nil)
	if out.Next == nil || out.Next.Title != "Send a code by SMS to XXX9" || len(paths) != 1 {
		t.Errorf("%v, next %v", out.Err, out.Next)
	}
}

// TestRunnerAsksNobody stops at a foreign host.
func TestRunnerAsksNobody(t *testing.T) {
	c, _, asked := elsewhereTenant(t, "token")
	s := passwordStep(c)
	out := Runner{Client: c, Answer: func(Step, Field) (string, bool) { return "y", true }}.Run(t.Context(), s, stepValuesOf(s))
	var fe *ForeignHostError
	if !errors.As(out.Err, &fe) || asked["/token"] != 0 {
		t.Errorf("%v", out.Err)
	}
}

func TestSameHost(t *testing.T) {
	c := client(t, Config{Issuer: "https://Tenant.test/"})
	for at, want := range map[string]bool{
		"https://tenant.test/x": true, "https://tenant.test:443/x": true, "https://TENANT.TEST/x": true,
		"https://tenant.test:8443/": false, "http://tenant.test/": false, "https://tenant.test.evil.test/": false, "https://eviltenant.test/": false,
		"https://tenant.test@evil.test/": false, "//tenant.test/": false, "": false, "https://": false, "https://[::1": false,
	} {
		if _, ok := c.hostAllowed(at); ok != want {
			t.Errorf("%s: %t", at, ok)
		}
	}
}

func TestDiscoveryCanceledWhileSomebodyElseAsks(t *testing.T) {
	arrived, end := make(chan struct{}), make(chan struct{})
	c := server(t, Config{}, func(http.ResponseWriter, *http.Request) { close(arrived); <-end })
	cfg := c.Config
	cfg.Domain, cfg.Issuer = "", c.Config.Domain
	c = client(t, cfg)
	done := make(chan struct{})
	go func() { defer close(done); _, _, _ = c.Endpoints(context.Background()) }()
	<-arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := c.Endpoints(ctx)
	var e *Error
	if !errors.As(err, &e) || e.Fault == nil || !e.Fault.Canceled {
		t.Errorf("%v", err)
	}
	close(end)
	<-done
}
