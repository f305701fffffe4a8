package diagnosis

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func FuzzParseRefusal(f *testing.F) {
	for _, r := range rows {
		f.Add([]byte(r.body))
		f.Add([]byte(r.curl()))
		f.Add([]byte(r.curlVerbose()))
	}
	f.Add([]byte(`{"log":{"entries":[{"request":{"url":"https://x/oauth/token","postData":{"text":"grant_type=password"}},"response":{"status":0}}]}}`))
	f.Add([]byte("curl: (60) SSL certificate problem"))
	f.Add([]byte("https://a/?error=x&error_description=y"))
	f.Fuzz(func(t *testing.T, in []byte) {
		all, err := ParseRefusals(in)
		if err != nil {
			var none *NothingError
			if !errors.As(err, &none) {
				t.Fatalf("%T", err)
			}
			return
		}
		for _, ev := range all {
			if len(Diagnose(ev)) == 0 {
				t.Error("a refusal without a finding")
			}
			if Classify(ev) == ClassNone {
				t.Error("a refusal without a class")
			}
		}
	})
}

func FuzzParseChallenge(f *testing.F) {
	for _, s := range []string{`Bearer realm="Users", error="invalid_token"`, `Basic a, Bearer b=c`, `Negotiate abc==`, `error='x`, `Bearer a="b "c" d", e=f`, `"`, `a=`, `\"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		list := ParseChallenge(in)
		if len(list) > maxChallenges {
			t.Error("too many")
		}
		for _, c := range list {
			if len(c.Params) > maxParams {
				t.Error("too many parameters")
			}
			for n := range c.Params {
				if n != strings.ToLower(n) {
					t.Errorf("name %q", n)
				}
			}
		}
		BearerChallenge(list)
	})
}

func FuzzDiagnose(f *testing.F) {
	for i, r := range rows {
		f.Add(r.status, r.body, r.params(), "Bearer error=\"x\"", "100", uint8(i))
	}
	places := []Place{AtToken, AtMFA, AtUserInfo, AtRevoke, AtDiscovery, AtJWKS, AtAPI}
	auths := []string{"", "none", "post", "basic", "private_key_jwt"}
	f.Fuzz(func(t *testing.T, status int, body, form, challenge, count string, how uint8) {
		ev := Evidence{At: places[int(how)%len(places)], Reply: &Reply{Status: status, Body: []byte(body), Header: http.Header{
			"Www-Authenticate": {challenge}, "Retry-After": {count}, "X-Ratelimit-Limit": {count}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {count}, "Location": {challenge}}}, Now: time.Unix(1780000000, 0)}
		readRequest(&ev.Sent, "POST", "https://as.example/token", http.Header{}, form)
		ev.Sent.ClientAuth = auths[int(how/8)%len(auths)]
		ev.Sent.AuthZero = Ternary(int(how/64) % 3)
		if how%3 == 0 {
			ev.Issued = &Issued{AccessKind: "jwe", Missing: []string{count}, AskedOffline: true, Checks: []Check{{Token: "id", Name: count, State: "fail", Got: body}}}
		}
		found, class := Diagnose(ev), Classify(ev)
		if class != ClassNone && len(found) == 0 {
			t.Errorf("class %q without a finding", class)
		}
		for _, f := range found {
			if f.ID == "" || f.Title == "" || f.Why == "" || len(f.Fix) == 0 || len(f.Where) == 0 {
				t.Errorf("not complete: %+v", f)
			}
			if len(f.Title)+len(f.Why) > 64<<10 {
				t.Error("a finding grows with its input")
			}
			for _, c := range f.Commands {
				if strings.ContainsAny(c.Text, "\x00\x1b\r") {
					t.Errorf("command %q", c.Text)
				}
			}
		}
		if _, err := json.Marshal(found); err != nil {
			t.Error(err)
		}
	})
}
