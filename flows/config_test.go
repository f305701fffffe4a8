package flows

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestConfigCheck(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  Config
		what string // of the usage error, empty for none
	}{
		{"a domain", Config{Domain: "tenant.eu.auth0.com"}, ""},
		{"a domain with a port", Config{Domain: "tenant.test:8443"}, ""},
		{"a domain with https", Config{Domain: "https://tenant.test/"}, ""},
		{"an address", Config{Domain: "[::1]:8443"}, ""},
		{"an issuer", Config{Issuer: "https://tenant.test/a/"}, ""},
		{"an issuer and a token URL", Config{Issuer: "https://tenant.test/", TokenURL: "https://tenant.test/t"}, ""},
		{"a token URL", Config{TokenURL: "https://tenant.test/t?x=y"}, ""},
		{"plain http that was allowed", Config{TokenURL: "http://tenant.test/t", AllowHTTP: true}, ""},
		{"every way", Config{Domain: "a", ClientAuth: AuthBasic, KeyAlg: "PS256", Flow: "password", ForwardedFor: "2001:db8::1"}, ""},
		{"nothing", Config{}, "domain"},
		{"two of them", Config{Domain: "a", Issuer: "https://a/"}, "domain"},
		{"a domain and a token URL", Config{Domain: "a", TokenURL: "https://a/"}, "domain"},
		{"a domain with a path", Config{Domain: "a/b"}, "domain"},
		{"a domain with a query", Config{Domain: "a?b"}, "domain"},
		{"a domain with a user", Config{Domain: "u@a"}, "domain"},
		{"a domain with a blank", Config{Domain: "a b"}, "domain"},
		{"a domain with a line end", Config{Domain: "a\r\nb"}, "domain"},
		{"a domain with a backslash", Config{Domain: `a\b`}, "domain"},
		{"a domain of another scheme", Config{Domain: "ftp://a"}, "domain"},
		{"plain http", Config{Domain: "http://a"}, "domain"},
		{"plain http, allowed elsewhere only", Config{Domain: "http://a", AllowHTTP: true}, "domain"},
		{"an issuer that is no URL", Config{Issuer: "tenant.test"}, "issuer"},
		{"an issuer without a host", Config{Issuer: "https://:443/"}, "issuer"},
		{"an issuer with a query", Config{Issuer: "https://a/?b"}, "issuer"},
		{"an issuer with a fragment", Config{Issuer: "https://a/#b"}, "issuer"},
		{"a token URL in plain http", Config{TokenURL: "http://a/"}, "token_url"},
		{"a userinfo URL in plain http", Config{Domain: "a", UserinfoURL: "http://a/"}, "userinfo_url"},
		{"keys over plain http", Config{TokenURL: "https://a/", JWKS: "http://a/keys"}, "jwks_url"},
		{"keys over plain http, allowed", Config{TokenURL: "https://a/", JWKS: "http://a/keys", AllowHTTP: true}, ""},
		{"keys of a file", Config{TokenURL: "https://a/", JWKS: "keys.json"}, ""},
		{"a domain with a port that is none", Config{Domain: "tenant.test:65536"}, "domain"},
		{"a domain whose port is missing", Config{Domain: "http://127.0.0.1:"}, "domain"},
		{"a token URL with a port that is none", Config{TokenURL: "https://a:99999/"}, "token_url"},
		{"the last port", Config{TokenURL: "https://a:65535/"}, ""},
		{"a revoke URL that is none", Config{Domain: "a", RevokeURL: "x"}, "revoke_url"},
		{"an unknown way", Config{Domain: "a", ClientAuth: "mtls"}, "client_auth"},
		{"an unknown algorithm", Config{Domain: "a", KeyAlg: "HS256"}, "key_alg"},
		{"an unknown flow", Config{Domain: "a", Flow: "implicit"}, "flow"},
		{"no address", Config{Domain: "a", ForwardedFor: "a.test"}, "forwarded_for"},
		{"two addresses", Config{Domain: "a", ForwardedFor: "1.2.3.4, 5.6.7.8"}, "forwarded_for"},
	} {
		err := tc.cfg.Check()
		var ue *UsageError
		if (tc.what == "") != (err == nil) || err != nil && (!errors.As(err, &ue) || ue.What != tc.what || strings.HasSuffix(err.Error(), ".")) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestWhereASetUpLeads(t *testing.T) {
	for _, tc := range []struct {
		cfg                             Config
		origin, host, issuer, discovery string
	}{
		{Config{Domain: "tenant.test"}, "https://tenant.test", "tenant.test", "https://tenant.test/", "https://tenant.test/.well-known/openid-configuration"},
		{Config{Domain: "http://127.0.0.1:1/"}, "http://127.0.0.1:1", "127.0.0.1:1", "http://127.0.0.1:1/", "http://127.0.0.1:1/.well-known/openid-configuration"},
		{Config{Issuer: "https://tenant.test/a"}, "https://tenant.test/a", "tenant.test", "https://tenant.test/a", "https://tenant.test/a/.well-known/openid-configuration"},
		{Config{TokenURL: "https://tenant.test/a/b?c"}, "https://tenant.test", "tenant.test", "", ""},
		{Config{TokenURL: "x"}, "", "", "", ""},
		{Config{}, "", "", "", ""},
	} {
		c := tc.cfg
		if c.Origin() != tc.origin || c.Host() != tc.host || c.ExpectedIssuer() != tc.issuer || c.discoveryURL() != tc.discovery {
			t.Errorf("%v: %q %q %q %q", c, c.Origin(), c.Host(), c.ExpectedIssuer(), c.discoveryURL())
		}
	}
}

func TestCloneSharesNothing(t *testing.T) {
	c := Config{Scopes: []string{"a"}, Params: map[string]string{"a": "1"}, AllowHosts: []string{"a"}, Calls: []SavedCall{{Headers: map[string]string{"A": "1"}}}}
	d := c.Clone()
	d.Scopes[0], d.Params["a"], d.AllowHosts[0], d.Calls[0].Headers["A"], d.Calls[0].Name = "b", "2", "b", "2", "b"
	if c.Scopes[0] != "a" || c.Params["a"] != "1" || c.AllowHosts[0] != "a" || c.Calls[0].Headers["A"] != "1" || c.Calls[0].Name != "" {
		t.Errorf("%+v", c.Calls)
	}
}

func TestDefaultsOfTime(t *testing.T) {
	for in, want := range map[time.Duration]time.Duration{0: defaultTimeout, -1: defaultTimeout, time.Second: time.Second} {
		if got := (Config{Timeout: in}).TimeoutOrDefault(); got != want {
			t.Errorf("timeout %s: %s", in, got)
		}
	}
	for in, want := range map[time.Duration]time.Duration{0: DefaultLeeway, -1: 0, time.Second: time.Second} {
		if got := (Config{Leeway: in}).LeewayOrDefault(); got != want {
			t.Errorf("leeway %s: %s", in, got)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.255.255.254": true, "::1": true, "[::1]": true, "::ffff:127.0.0.1": true,
		"localhost.evil.test": false, "127.0.0.1.evil.test": false, "128.0.0.1": false, "0.0.0.0": false, "::": false, "": false, "2130706433": false, "0x7f.1": false} {
		if got := IsLoopback(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}

// TestAnotherGrant: what the set-up adds to its flow's request does not depend
// on which grant that is, and goes with no refresh and no MFA answer.
func TestAnotherGrant(t *testing.T) {
	var sent url.Values
	var ip string
	c := server(t, Config{ForwardedFor: "192.0.2.7", Params: map[string]string{"extra": "1"}}, func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		sent, ip = r.PostForm, r.Header.Get("Auth0-Forwarded-For")
	})
	for _, asked := range []Asked{{}, {Refresh: true}, {MFA: true}} {
		c.requestTokens(t.Context(), c.Config, "client_credentials", nil, asked)
		if own := asked == (Asked{}); sent.Get("grant_type") != "client_credentials" || sent.Has("extra") != own || (ip != "") != own {
			t.Errorf("%+v: sent %v, from %q", asked, sent, ip)
		}
	}
}
