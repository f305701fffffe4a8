package flows

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// FuzzTokenReply reads any reply as a token reply: it ends in tokens or in an
// error, never in a panic.
func FuzzTokenReply(f *testing.F) {
	for _, s := range []string{
		`{"access_token":"a","token_type":"Bearer","expires_in":86400,"scope":"openid","refresh_token":"r","id_token":"h.p.s"}`,
		`{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"Fe26.2*x"}`,
		`{"access_token":"a","expires_in":"36e2"}`, `{"error":{}}`, `[]`, ``, `<html>`, `{"access_token":null,"expires_in":[]}`,
	} {
		f.Add(200, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		ex := Exchange{Status: status, Body: body, Header: http.Header{}}
		tok, err := readTokens(ex)
		if (tok == nil) == (err == nil) {
			t.Fatalf("tokens %v, error %v", tok, err)
		}
		if tok != nil && tok.AccessToken == "" {
			t.Fatal("tokens without a token")
		}
		if tok != nil {
			for _, o := range tok.Oddities {
				if len(o) > clipAt+len("…") {
					t.Fatalf("an oddity of %d bytes", len(o))
				}
			}
		} else if len(err.Error()) > 2*clipAt+200 {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
	})
}

// FuzzMetadata reads any text as a discovery document.
func FuzzMetadata(f *testing.F) {
	f.Add([]byte(`{"issuer":"https://a/","token_endpoint":"https://a/t","jwks_uri":"https://a/k","mfa_challenge_endpoint":"https://a/mfa/challenge"}`))
	f.Add([]byte(`{"issuer":"https://b/","token_endpoint":"https://a/t"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := readMetadata(Exchange{Status: 200, Body: body}, "https://a/")
		if err == nil && (e.Issuer != "https://a/" && e.Issuer != "https://a" || e.Token == "") {
			t.Fatalf("%+v", e)
		}
	})
}

// FuzzFactors reads any text as a list of authenticators.
func FuzzFactors(f *testing.F) {
	f.Add([]byte(`[{"id":"totp|dev_1","authenticator_type":"otp","active":true},{"id":"sms|dev_2","authenticator_type":"oob","active":false,"oob_channel":"sms","name":"XXX9"}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		list, _ := readFactors(Exchange{Status: 200, Body: body})
		for _, x := range list {
			if x.Type == "" || x.Title() == "" {
				t.Fatalf("%+v", x)
			}
		}
	})
}

// FuzzMFAReply reads any text as the reply of a challenge and of an enrolment:
// each ends in a step that can be taken or in an error.
func FuzzMFAReply(f *testing.F) {
	for _, s := range []string{
		`{"challenge_type":"oob","oob_code":"Fe26.2*x","binding_method":"prompt"}`, `{"challenge_type":"otp"}`, `{"challenge_type":"oob","oob_code":"x"}`,
		`{"authenticator_type":"otp","secret":"ABC","barcode_uri":"otpauth://totp/x?secret=ABC","recovery_codes":["A","B"]}`,
		`{"authenticator_type":"oob","oob_channel":"auth0","oob_code":"x","barcode_uri":"otpauth://totp/x","recovery_codes":7}`, `{"error":"x"}`, ``, `[]`,
	} {
		f.Add(200, []byte(s))
	}
	c, err := NewClient(Config{Domain: "tenant.test"}, ClientOptions{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(c.Close)
	m := challenge{c: c, cfg: c.Config, listed: true}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		ex := Exchange{Status: status, Body: body, Header: http.Header{}}
		usable := func(s Step, err error) {
			if err == nil && (s.Do == nil || s.Title == "" || len(s.Fields) == 0 && s.Wait <= 0) {
				t.Fatalf("%v: neither asks nor waits", s)
			}
		}
		usable(m.challenged(Factor{ID: "x", Type: "oob", Channel: "sms"}, ex))
		for _, with := range []string{"otp", "sms", "auth0"} {
			s, keep, err := m.enrolled(with, ex)
			usable(s, err)
			for _, n := range keep {
				if n.Kind != NoteKeep || n.Text == "" {
					t.Fatalf("%v", n)
				}
			}
		}
	})
}

// FuzzCallURL makes any text whole: a relative one never leaves the base's host.
func FuzzCallURL(f *testing.F) {
	for _, s := range []string{"/x", "x?y#z", "https://other.test/", "//evil.test/x", "../../x", "a%2Fb", "http://x", "https:x", "\\\\evil.test", "/\\evil.test", "?x", " ", "https://u:p@a/"} {
		f.Add(s)
	}
	cfg := Config{Domain: "tenant.test", Audience: "https://api.test/v1/"}
	f.Fuzz(func(t *testing.T, ref string) {
		got, err := cfg.CallURL(ref)
		if err != nil {
			return
		}
		u, err := url.Parse(got)
		if err != nil || u.Scheme != "https" && !IsLoopback(u.Hostname()) || u.User != nil || u.Fragment != "" {
			t.Fatalf("%q became %q", ref, got)
		}
		if r, err := url.Parse(strings.TrimSpace(ref)); err == nil && !r.IsAbs() && u.Host != "api.test" {
			t.Fatalf("%q went to %s", ref, u.Host)
		}
	})
}

// FuzzURLWithoutSecrets shortens any URL: what stands before the host's @ and
// behind the ? is never in it.
func FuzzURLWithoutSecrets(f *testing.F) {
	f.Add("https", "user:pa", "host.test", "/path", "key=value")
	f.Add("http", "", "", "", "#")
	f.Fuzz(func(t *testing.T, scheme, user, host, path, query string) {
		if strings.ContainsAny(scheme, "/?#@:") || strings.ContainsAny(user, "/?#") || strings.ContainsAny(host, "@/?#") || strings.ContainsAny(path, "?#") || path != "" && path[0] != '/' {
			t.Skip()
		}
		const secret = "\x01SECRET\x02"
		got := shortURL(scheme + "://" + user + secret + "@" + host + path + "?" + query + secret)
		if strings.Contains(got, secret) {
			t.Fatal(got)
		}
	})
}

// FuzzPrivateKey reads any text as a PEM; its errors repeat nothing of it.
func FuzzPrivateKey(f *testing.F) {
	f.Add("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
	f.Add("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----")
	f.Add("-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: x\n\nAAAA\n-----END RSA PRIVATE KEY-----\n")
	f.Fuzz(func(t *testing.T, text string) {
		err := CheckPrivateKey(Secret(text))
		if err != nil && len(err.Error()) > clipAt+200 {
			t.Fatal("the error repeats the key")
		}
	})
}
