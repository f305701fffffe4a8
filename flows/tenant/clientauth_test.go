package tenant

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestClientAuthentication(t *testing.T) {
	f := start(t, "works")
	basic := func(id, secret string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
	}
	secret, basicSecret := f.set.app(mainClient).secret, f.set.app(basicClient).secret
	rows := []struct {
		name   string
		header string
		change []string
		ok     bool
	}{
		{"post", "", nil, true},
		{"none", "", []string{"client_id", publicClient, "client_secret", ""}, true},
		{"none with a secret", "", []string{"client_id", publicClient, "client_secret", "whatever"}, true},
		{"basic", basic(basicClient, basicSecret), []string{"client_id", "", "client_secret", ""}, true},
		{"basic with client_id in the body", basic(basicClient, basicSecret), []string{"client_id", basicClient, "client_secret", ""}, true},
		{"basic with another client_id in the body", basic(basicClient, basicSecret), []string{"client_secret", ""}, false},
		{"basic, wrong secret", basic(basicClient, secret), []string{"client_id", "", "client_secret", ""}, false},
		{"basic where post is set", basic(mainClient, secret), []string{"client_id", "", "client_secret", ""}, false},
		{"post where basic is set", "", []string{"client_id", basicClient, "client_secret", basicSecret}, false},
		{"basic that is no base64", "Basic %%%", []string{"client_id", "", "client_secret", ""}, false},
		{"basic without a colon", "Basic " + base64.StdEncoding.EncodeToString([]byte("abc")), []string{"client_id", "", "client_secret", ""}, false},
		{"basic with a bad escape", "Basic " + base64.StdEncoding.EncodeToString([]byte("a%zz:b")), []string{"client_id", "", "client_secret", ""}, false},
		{"a secret where a key is set", "", []string{"client_id", keyClient, "client_secret", secret}, false},
		{"an empty secret", "", []string{"client_secret", ""}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := request("POST", "/oauth/token", "application/x-www-form-urlencoded", f.loginForm(row.change...).Encode())
			if row.header != "" {
				r.Header.Set("Authorization", row.header)
			}
			got := f.do(r)
			if row.ok {
				got.ok()
			} else {
				got.want(401, "access_denied", "Unauthorized")
			}
		})
	}
}

func TestPrivateKeyJWT(t *testing.T) {
	f := start(t, "works")
	set := func(name string, value any) func(h, c map[string]any) {
		return func(h, c map[string]any) { c[name] = value }
	}
	unset := func(name string) func(h, c map[string]any) {
		return func(h, c map[string]any) { delete(c, name) }
	}
	now := f.clock.now().Unix()
	long := strings.Repeat("x", 65)
	rows := []struct {
		name   string
		change func(h, c map[string]any)
		says   string // empty: accepted
	}{
		{"good", nil, ""},
		{"no kid", func(h, _ map[string]any) { delete(h, "kid") }, ""},
		{"another kid", func(h, _ map[string]any) { h["kid"] = "x" }, "no credential has this kid"},
		{"alg none", func(h, _ map[string]any) { h["alg"] = "none" }, "alg must be RS256, RS384 or PS256"},
		{"HS256", func(h, _ map[string]any) { h["alg"] = "HS256" }, "alg must be RS256, RS384 or PS256"},
		{"not the credential's alg", func(h, _ map[string]any) { h["alg"] = "PS256" }, "alg is not the credential's algorithm, RS256"},
		{"aud in an array", set("aud", []string{DefaultIssuer}), ""},
		{"aud without the slash", set("aud", strings.TrimSuffix(DefaultIssuer, "/")), "aud must be " + DefaultIssuer},
		{"aud is the token URL", set("aud", DefaultIssuer+"oauth/token"), "aud must be " + DefaultIssuer},
		{"no aud", unset("aud"), "aud must be " + DefaultIssuer},
		{"another iss", set("iss", mainClient), "iss and sub must be the client_id"},
		{"another sub", set("sub", mainClient), "iss and sub must be the client_id"},
		{"no exp", unset("exp"), "exp is missing"},
		{"exp is text", set("exp", "soon"), "exp is missing"},
		{"expired", set("exp", now-11), "it has expired"},
		{"expired within the skew", set("exp", now-9), ""},
		{"five minutes", set("exp", now+300), ""},
		{"too long", set("exp", now+400), "it is valid for more than 5 minutes"},
		{"exp out of this world", set("exp", 1e30), "it is valid for more than 5 minutes"},
		{"too long after iat", func(_, c map[string]any) { c["iat"], c["exp"] = now-300, now+120 }, "it is valid for more than 5 minutes"},
		{"iat ahead", set("iat", now+11), "iat is in the future"},
		{"iat ahead within the skew", set("iat", now+9), ""},
		{"nbf ahead", set("nbf", now+60), "nbf is in the future"},
		{"no jti", unset("jti"), "jti is missing"},
		{"long jti", set("jti", long), "jti is longer than 64 characters"},
		{"too large", set("padding", strings.Repeat("x", 2048)), "it is longer than 2048 bytes"},
	}
	send := func(assertion string, kv ...string) *reply {
		v := f.loginForm(append([]string{"client_id", keyClient, "client_secret", "", "client_assertion_type", assertionType, "client_assertion", assertion}, kv...)...)
		return f.post("/oauth/token", v)
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := send(f.assertion(row.change))
			if row.says == "" {
				r.ok()
			} else {
				r.want(401, "invalid_client", "Invalid client_assertion: "+row.says)
			}
		})
	}
	good := f.assertion(nil)
	send(good).ok()
	send(good).want(401, "invalid_client", "Invalid client_assertion: its jti has been used before")
	f.clock.add(2 * time.Minute)
	send(good).want(401, "invalid_client", "Invalid client_assertion: it has expired")

	broken := f.assertion(nil)
	send(broken[:len(broken)-4]+"AAAA").want(401, "invalid_client", "Invalid client_assertion: its signature does not match the credential")
	send("abc").want(401, "invalid_client", "Invalid client_assertion: it is not a signed JWT")
	send(f.assertion(nil), "client_assertion_type", "x").want(401, "access_denied", "Unauthorized")
	send(f.assertion(nil), "client_id", "").ok() // Auth0's samples send none
	f.post("/oauth/token", form("grant_type", "password", "client_assertion", "abc")).
		want(401, "invalid_client", "Invalid client_assertion: it is not a signed JWT with a sub")
}
