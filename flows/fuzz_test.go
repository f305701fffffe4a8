package flows

import (
	"net/http"
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
