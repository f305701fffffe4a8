package diagnosis

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

const wrongPassword = `{"error":"invalid_grant","error_description":"Wrong email or password."}`

func TestParseRefusalShapes(t *testing.T) {
	utf := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(wrongPassword)) {
		utf = append(utf, byte(u), byte(u>>8))
	}
	for _, r := range []struct {
		name, in string
		id       string
		status   int
		place    Place
	}{
		{"pretty", "{\n  \"error\": \"invalid_grant\",\n  \"error_description\": \"Wrong email or password.\"\n}\n", WrongCredentials, 0, AtToken},
		{"byte order mark", "\xef\xbb\xbf" + wrongPassword, WrongCredentials, 0, AtToken},
		{"UTF-16", string(utf), WrongCredentials, 0, AtToken},
		{"status line", "HTTP/1.1 403 Forbidden\n" + wrongPassword, WrongCredentials, 403, AtToken},
		{"status: n", "Status: 403\n\n" + wrongPassword, WrongCredentials, 403, AtToken},
		{"n reason", "403 Forbidden\n" + wrongPassword, WrongCredentials, 403, AtToken},
		{"n: body", "403: " + wrongPassword, WrongCredentials, 403, AtToken},
		{"log line", `2026-06-01 ERROR login failed: Request failed with status code 403 ` + wrongPassword + ` (request 7)`, WrongCredentials, 403, AtToken},
		{"axios", `{"message":"Request failed","response":{"status":403,"data":` + wrongPassword + `}}`, WrongCredentials, 403, AtToken},
		{"SDK with a body of text", `{"name":"AuthApiError","statusCode":403,"body":` + quoted(wrongPassword) + `}`, WrongCredentials, 403, AtToken},
		{"auth0.js", `{"code":"invalid_grant","description":"Wrong email or password.","statusCode":403}`, WrongCredentials, 403, AtToken},
		{"error beside others", `{"error":"invalid_grant","error_description":"Wrong email or password.","statusCode":403,"level":"warn"}`, WrongCredentials, 403, AtToken},
		{"code: text", "invalid_grant: Wrong email or password.", WrongCredentials, 0, AtToken},
		{"Error: code", "error: invalid_client", ClientAuthFailed, 0, AtToken},
		{"text alone", "Authorization server not configured with default connection.", NoDefaultDirectory, 0, AtToken},
		{"old text alone", "the connection was not found", UnknownRealm, 0, AtToken},
		{"old text alone, disabled", "the connection was disabled", ConnectionNotEnabled, 0, AtToken},
		{"redirect", "https://app.example/cb?error=access_denied&error_description=Service%20not%20found%3A%20https%3A%2F%2Fx&state=1", UnknownAudience, 0, AtToken},
		{"colours", "\x1b[1mHTTP/2 403\x1b[0m\r\n\x1b[1mcontent-type\x1b[0m: application/json\r\n\r\n" + wrongPassword, WrongCredentials, 403, AtToken},
		{"proxy first", "HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 403\r\ncontent-type: application/json\r\n\r\n" + wrongPassword, WrongCredentials, 403, AtToken},
		{"100 first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\n\r\n" + wrongPassword, WrongCredentials, 403, AtToken},
		{"redirect followed", "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\nmoved\r\nHTTP/1.1 403 Forbidden\r\n\r\n" + wrongPassword, WrongCredentials, 403, AtToken},
		{"command line above", "$ curl -i https://acme.eu.auth0.com/oauth/token -d client_secret=hunter2\nHTTP/2 403\n\n" + wrongPassword + "\n$ ", WrongCredentials, 403, AtToken},
		{"HTTPie -v", "POST /oauth/token HTTP/1.1\nHost: acme.eu.auth0.com\nContent-Type: application/json\n\n{\"grant_type\":\"password\",\"client_id\":\"abc\",\"password\":\"hunter2\"}\n\n\nHTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n{\n \"error\": \"access_denied\",\n \"error_description\": \"Unauthorized\"\n}\n", ClientAuthFailed, 401, AtToken},
		{"gateway", "<html>\r\n<head><title>502 Bad Gateway</title></head></html>", NotAnOAuthReply, 0, AtToken},
		{"gateway with status", "502\n<html><title>502 Bad Gateway</title></html>", NotAnOAuthReply, 502, AtToken},
		{"error is an object", `{"error":{"message":"x"}}`, NotAnOAuthReply, 0, AtToken},
		{"API", "HTTP/1.1 403 Forbidden\nWWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"write:orders\"\n\n", InsufficientScope, 403, AtAPI},
		{"API, JSON", "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer error=\"invalid_token\"\nContent-Type: application/json\n\n{\"message\":\"jwt malformed\"}", TokenRefused, 401, AtAPI},
		{"userinfo's text", "Unauthorized", UserInfoRefused, 0, AtUserInfo},
		{"userinfo", "HTTP/1.1 401 Unauthorized\nwww-authenticate: Bearer realm=\"Users\", error=\"invalid_token\"\n\nUnauthorized", UserInfoRefused, 401, AtUserInfo},
		{"only a status", "503", NotAnOAuthReply, 503, AtToken},
		{"curl: name", "curl: (6) Could not resolve host: acme.eu.auth0.com", DNSFailure, 0, AtToken},
		{"curl: refused", "  % Total\ncurl: (7) Failed to connect to localhost port 3999 after 0 ms: Couldn't connect to server", ConnectionRefused, 0, AtToken},
		{"curl: time", "curl: (28) Operation timed out after 2001 milliseconds with 0 bytes received", Timeout, 0, AtToken},
		{"curl: certificate", "curl: (60) SSL certificate problem: self-signed certificate", TLSUntrusted, 0, AtToken},
		{"curl: expired", "curl: (60) SSL certificate problem: certificate has expired", TLSExpired, 0, AtToken},
		{"curl: host", "curl: (60) SSL: no alternative certificate subject name matches target host name 'as.example'", TLSWrongHost, 0, AtToken},
		{"curl: reset", "curl: (56) Recv failure: Connection reset by peer", ConnectionReset, 0, AtToken},
		{"curl: empty", "curl: (52) Empty reply from server", ConnectionReset, 0, AtToken},
	} {
		t.Run(r.name, func(t *testing.T) {
			ev, err := ParseRefusal([]byte(r.in))
			if err != nil {
				t.Fatal(err)
			}
			found := Diagnose(ev)
			if found[0].ID != r.id {
				t.Errorf("found %v, want %s", ids(found), r.id)
			}
			if ev.status() != r.status {
				t.Errorf("status %d, want %d", ev.status(), r.status)
			}
			if ev.At != r.place {
				t.Errorf("at %q, want %q", ev.At, r.place)
			}
			complete(t, found)
			if strings.Contains(fmt.Sprintf("%+v", ev.Sent), "hunter2") || strings.Contains(fmt.Sprintf("%+v", found), "hunter2") {
				t.Error("a secret was kept")
			}
		})
	}
}

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

// TestBareUnauthorized: the word is the body of /userinfo and the description of
// a refused application.
func TestBareUnauthorized(t *testing.T) {
	ev, err := ParseRefusal([]byte("Unauthorized"))
	if err != nil {
		t.Fatal(err)
	}
	found := Diagnose(ev)
	if len(found) != 2 || found[1].ID != ClientAuthFailed || found[1].Certainty != Possible {
		t.Errorf("%v", ids(found))
	}
	complete(t, found)
}

func TestNothingToExplain(t *testing.T) {
	for _, in := range []string{"", "  \n", "hello", "the connection was reset by peer", "{}", "[]", "null", "true", `"text"`, "{", `{"access_token":"x","token_type":"Bearer"}`,
		"HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"access_token\":\"x\"}", `{"log":{"entries":[]}}`, `{"message":"hello"}`,
		`{"log":{"entries":[{"request":{"url":"https://x.example/oauth/token","method":"POST"},"response":{"status":200,"content":{"text":"{\"access_token\":\"x\"}"}}}]}}`} {
		_, err := ParseRefusal([]byte(in))
		var none *NothingError
		if !errors.As(err, &none) {
			t.Errorf("%q: %v", in, err)
		} else if !strings.Contains(err.Error(), "HAR") {
			t.Errorf("%q: the error does not say what to give: %v", in, err)
		}
	}
	if _, err := ParseRefusal(make([]byte, maxExplain+1)); err == nil {
		t.Error("no limit")
	}
}

// TestParsedRequest: what is kept of the request, and what is not.
func TestParsedRequest(t *testing.T) {
	in := "> POST /oauth/token?client_secret=hunter2 HTTP/2\n> Host: acme.eu.auth0.com\n> Authorization: Basic YWJjOmh1bnRlcjI=\n> auth0-forwarded-for: 192.0.2.1\n>\n< HTTP/2 401\n< content-type: application/json\n<\n" + errBody("access_denied", "Unauthorized")
	ev, err := ParseRefusal([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	s := ev.Sent
	if s.ClientID != "abc" || s.ClientAuth != "basic" || !s.SecretSent || s.URL != "https://acme.eu.auth0.com/oauth/token" || s.ForwardedFor != "192.0.2.1" || s.Domain != "acme.eu.auth0.com" {
		t.Errorf("%+v", s)
	}
	if strings.Contains(fmt.Sprintf("%+v", ev.Sent), "hunter2") {
		t.Error("the secret is kept")
	}
	ev, err = ParseRefusal([]byte(rows[9].har(t)))
	if err != nil {
		t.Fatal(err)
	}
	if s := ev.Sent; s.Grant != GrantPassword || s.ClientAuth != "none" || s.SecretSent || s.ClientID != "abc" || !s.Username || !s.Password {
		t.Errorf("%+v", s)
	}
	if f := Diagnose(ev)[0]; !strings.Contains(f.Title, "needs its secret") {
		t.Error(f.Title)
	}
}

func TestHAR(t *testing.T) {
	entry := func(u string, status int, body, more string) string {
		return fmt.Sprintf(`{"request":{"method":"POST","url":%q,"headers":[],"postData":{"text":"grant_type=refresh_token&refresh_token=hunter2&client_id=abc"}},"response":{"status":%d,"headers":[],"content":{"text":%s}%s}}`, u, status, quoted(body), more)
	}
	har := func(entries ...string) []byte {
		return []byte(`{"log":{"version":"1.2","entries":[` + strings.Join(entries, ",") + `]}}`)
	}
	two, err := ParseRefusals(har(
		entry("https://acme.eu.auth0.com/oauth/token", 403, errBody("invalid_grant", "Unknown or invalid refresh token."), ""),
		entry("https://acme.eu.auth0.com/oauth/token", 200, `{"access_token":"x"}`, ""),
		entry("https://acme.eu.auth0.com/oauth/token", 401, errBody("access_denied", "Unauthorized"), "")))
	if err != nil || len(two) != 2 {
		t.Fatalf("%d %v", len(two), err)
	}
	if a, b := Diagnose(two[0])[0].ID, Diagnose(two[1])[0].ID; a != ClientAuthFailed || b != RefreshInvalid {
		t.Errorf("%s %s: the last refusal comes first", a, b)
	}
	for reason, want := range map[string]string{"net::ERR_NAME_NOT_RESOLVED": DNSFailure, "net::ERR_CONNECTION_REFUSED": ConnectionRefused, "net::ERR_CONNECTION_RESET": ConnectionReset,
		"net::ERR_CERT_AUTHORITY_INVALID": TLSUntrusted, "net::ERR_CERT_COMMON_NAME_INVALID": TLSWrongHost, "net::ERR_CERT_DATE_INVALID": TLSExpired, "net::ERR_TIMED_OUT": Timeout,
		"net::ERR_TUNNEL_CONNECTION_FAILED": ProxyFailure, "net::ERR_SSL_PROTOCOL_ERROR": TLSFailure, "net::ERR_ABORTED": Cancelled, "net::ERR_FAILED": TransportFailure, "": TransportFailure} {
		ev, err := ParseRefusal(har(entry("https://acme.eu.auth0.com/oauth/token", 0, "", `,"_error":`+quoted(reason))))
		if err != nil {
			t.Errorf("%s: %v", reason, err)
			continue
		}
		if found := Diagnose(ev); found[0].ID != want {
			t.Errorf("%s: %v, want %s", reason, ids(found), want)
		}
		_ = ev.Fault.Err.Error() // must not need what a browser does not tell
	}
	ev, err := ParseRefusal([]byte(`{"entries":[{"request":{"url":"https://acme.eu.auth0.com/authorize?x=1","method":"GET"},"response":{"status":302,"redirectURL":"https://app.example/cb?error=unauthorized&error_description=user%20is%20blocked"}}]}`))
	if err != nil || Diagnose(ev)[0].ID != UserBlocked {
		t.Errorf("%v %v", ids(Diagnose(ev)), err)
	}
}
