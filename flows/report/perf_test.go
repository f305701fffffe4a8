package report

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"authwalk/flows"
)

// Text that a hostile server may send must not stop the screen: what takes
// seconds by itself would take hours if it were worked off by its square. This is
// a guard against a hang and no measure; on an idle machine each takes 0.1 s.
func TestHardTextEnds(t *testing.T) {
	for _, opt := range []Options{{}, {WithClaims: true, Presentation: true}} {
		r := NewRedactor(opt)
		r.Know("hunter22", "aaaa", flows.Secret(jws))
		nested := jws
		for range 6 {
			nested = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"t":"`+nested+`","u":"`+nested+`"}`)) + ".x"
		}
		for _, s := range []string{"eyJh", "eyJh.", "token=", "://a:b@", `"token":[`, "value=", "<value=", "-----BEGIN PRIVATE KEY-----", "%25", "\\\\", "&amp;", "ffff", "Bearer ",
			"aaaa", "YWFhYWFhYWFh", `"a":{`, `\"&amp;%25+`, "hunter2", "\n", "=", ":", `"token":"`, jws + " ", nested + ",", "%2541%252541", "61616161", "a b+c/d-e_f%"} {
			start := time.Now()
			_ = r.Text(strings.Repeat(s, 1+(128<<10)/len(s)))
			if d := time.Since(start); d > time.Minute {
				t.Errorf("%.20q: %v", s, d)
			} else if testing.Verbose() {
				t.Logf("%.20q: %v", s, d)
			}
		}
	}
}

// A token request and its reply, as the wire view shows them.
func BenchmarkExchange(b *testing.B) {
	r := NewRedactor(Options{})
	for i := range 300 {
		r.Know(flows.Secret(strings.Repeat("secret", 5) + string(rune('a'+i%26)) + jws[i%50:]))
	}
	ex := exchangeOf("https://t.test", requests()[0])
	ex.Header = map[string][]string{"Content-Type": {"application/json"}, "Set-Cookie": {"did=s%3Av0%3Aabc; Path=/"}, "Strict-Transport-Security": {"max-age=31536000"}}
	ex.Body = []byte(`{"access_token":"` + jws + `","id_token":"` + jws + `","expires_in":86400,"scope":"openid profile read:orders","token_type":"Bearer"}`)
	ex.Start = flows.Moment{Wall: time.Unix(1, 0)}
	b.ReportAllocs()
	for b.Loop() {
		r.Exchange(ex)
	}
}

// A long answer of an API: JSON as it is common, with a few escapes.
func BenchmarkLongAnswer(b *testing.B) {
	r := NewRedactor(Options{})
	r.Know("hunter22hunter22", flows.Secret(jws), "a password with blanks")
	ex := exchangeOf("https://t.test", sent{method: "GET", uri: "/api/orders"})
	ex.Body = []byte(`{"orders":[` + strings.Repeat(`{"id":"ord-1001","item":"Difference engine, \"second hand\"","url":"https://api.acme.test/orders/1001?x=1&y=2","price":"12500.00","at":"2026-11-22T23:25:17+00:00"},`, 400) + `{}]}`)
	ex.Status, ex.Start = 200, flows.Moment{Wall: time.Unix(1, 0)}
	b.SetBytes(int64(len(ex.Body)))
	for b.Loop() {
		r.Exchange(ex)
	}
}
