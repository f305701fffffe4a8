package flows

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// server answers every request with h and gives a client for its /oauth/token.
func server(t *testing.T, cfg Config, h http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	cfg.Domain = srv.URL
	return client(t, cfg)
}

func client(t *testing.T, cfg Config) *Client {
	t.Helper()
	if cfg.ClientID == "" {
		cfg.ClientID = "app"
	}
	if cfg.Username == "" {
		cfg.Username, cfg.Password = "ann@example.com", "pa ss&wörd+%"
	}
	c, err := NewClient(cfg, ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func ask(c *Client) Outcome {
	s := passwordStep(c)
	return s.Do(context.Background(), stepValuesOf(s))
}

func stepValuesOf(s Step) Values {
	v := Values{}
	for _, f := range s.Fields {
		v[f.Name] = f.Value
	}
	return v
}

func TestPasswordRequestOnTheWire(t *testing.T) {
	basic := "Basic " // of url-encoded id and secret, RFC 6749 2.3.1
	for _, tc := range []struct {
		name   string
		cfg    Config
		form   url.Values
		header map[string]string
	}{
		{"public", Config{Scopes: []string{"openid", "https://example.com/ns/read"}}, url.Values{"grant_type": {"password"}, "client_id": {"app"}, "scope": {"openid https://example.com/ns/read"}}, nil},
		{"post, realm, audience, params", Config{ClientSecret: "s%&+ t", Realm: "employees", Audience: "https://api/", Params: map[string]string{"x": "y z"}},
			url.Values{"grant_type": {GrantPasswordRealm}, "client_id": {"app"}, "client_secret": {"s%&+ t"}, "realm": {"employees"}, "audience": {"https://api/"}, "x": {"y z"}}, nil},
		{"basic", Config{ClientAuth: AuthBasic, ClientSecret: "s:%+", ForwardedFor: "203.0.113.7"}, url.Values{"grant_type": {"password"}}, map[string]string{"Authorization": basic + "YXBwOnMlM0ElMjUlMkI=", "Auth0-Forwarded-For": "203.0.113.7"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got url.Values
			var header http.Header
			c := server(t, tc.cfg, func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				got, _ = url.ParseQuery(string(b))
				header = r.Header
				fmt.Fprint(w, `{"access_token":"a","token_type":"Bearer","expires_in":60}`)
			})
			out := ask(c)
			if out.Err != nil {
				t.Fatal(out.Err)
			}
			tc.form.Set("username", "ann@example.com")
			tc.form.Set("password", "pa ss&wörd+%")
			if got.Encode() != tc.form.Encode() {
				t.Errorf("form\n got %s\nwant %s", got.Encode(), tc.form.Encode())
			}
			for k, v := range tc.header {
				if header.Get(k) != v {
					t.Errorf("%s: got %q, want %q", k, header.Get(k), v)
				}
			}
			ex := out.Exchanges[0]
			if ex.RequestHeader.Get("Host") == "" || ex.RequestHeader.Get("Content-Length") == "" || ex.RequestHeader.Get("Accept-Encoding") != "" {
				t.Errorf("the headers are not those that went out: %v", ex.RequestHeader)
			}
			if ex.Timings.Total <= 0 || ex.Remote == "" {
				t.Errorf("timings %+v, remote %q", ex.Timings, ex.Remote)
			}
		})
	}
}

func TestEveryReplyEndsInAClearError(t *testing.T) {
	reply := func(status int, ct, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", ct)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, tc := range []struct {
		name string
		h    http.HandlerFunc
		kind ErrorKind
		has  string
	}{
		{"html", reply(502, "text/html", "<h1>Bad gateway</h1>"), ErrorShape, "no JSON"},
		{"empty", reply(200, "application/json", ""), ErrorShape, "empty"},
		{"array", reply(200, "application/json", "[]"), ErrorShape, "no object"},
		{"truncated", reply(200, "application/json", `{"access_token":"a`), ErrorShape, "no JSON"},
		{"no token", reply(200, "application/json", `{"token_type":"Bearer"}`), ErrorShape, "neither"},
		{"token of the wrong type", reply(200, "application/json", `{"access_token":7}`), ErrorShape, "neither"},
		{"names match exactly", reply(200, "application/json", `{"Access_Token":"a"}`), ErrorShape, "neither"},
		{"200 with error", reply(200, "application/json", `{"error":"invalid_grant","error_description":"no"}`), ErrorOAuth, "invalid_grant: no"},
		{"error that is no string", reply(400, "application/json", `{"error":{"code":1}}`), ErrorShape, "no string"},
		{"oauth error", reply(403, "application/json", `{"error":"invalid_grant","error_description":"Wrong email or password."}`), ErrorOAuth, "Wrong email"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere.test/", http.StatusTemporaryRedirect)
		}, ErrorShape, "redirects"},
		{"endless", func(w http.ResponseWriter, _ *http.Request) {
			for range 40 {
				_, _ = w.Write(make([]byte, 64<<10))
			}
		}, ErrorShape, "longer"},
		{"reset", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}, ErrorTransport, StageFirstByte},
		{"breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"access_token":`)
			conn, _, _ := http.NewResponseController(w).Hijack()
			_ = conn.Close()
		}, ErrorTransport, StageBody},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := ask(server(t, Config{}, tc.h))
			var e *Error
			if !errors.As(out.Err, &e) {
				t.Fatalf("got %v", out.Err)
			}
			if e.Kind != tc.kind || !strings.Contains(e.Error(), tc.has) {
				t.Errorf("kind %d %q; want %d with %q", e.Kind, e.Error(), tc.kind, tc.has)
			}
			if len(out.Exchanges) != 1 {
				t.Fatalf("%d exchanges", len(out.Exchanges))
			}
		})
	}
}

func TestRepliesThatStillWork(t *testing.T) {
	for body, odd := range map[string]string{
		`{"access_token":"a","token_type":"Bearer","expires_in":"3600"}`:                "is a string",
		`{"access_token":"a","expires_in":3600}`:                                        "token_type is missing",
		`{"access_token":"a","token_type":"DPoP","expires_in":3600}`:                    "not Bearer",
		`{"access_token":"a","token_type":"Bearer"}`:                                    "expires_in is missing",
		`{"access_token":"a","token_type":"Bearer","expires_in":-5}`:                    "negative",
		`{"access_token":"a","token_type":"Bearer","expires_in":1e99}`:                  "cannot be used",
		`{"access_token":"a","token_type":"bearer","expires_in":60,"scope":"","x":[1]}`: "",
		`{"access_token":"a","token_type":"Bearer","expires_in":60,"expires_in":61}`:    "expires_in",
	} {
		out := ask(server(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
		if out.Err != nil {
			t.Errorf("%s: %v", body, out.Err)
			continue
		}
		if got := strings.Join(out.Tokens.Oddities, "; "); odd == "" && got != "" || !strings.Contains(got, odd) {
			t.Errorf("%s: oddities %q, want %q", body, got, odd)
		}
	}
}

func TestOnePressSendsOneRequest(t *testing.T) {
	n := 0
	c := server(t, Config{ClientSecret: "x"}, func(w http.ResponseWriter, _ *http.Request) {
		n++
		w.WriteHeader(401)
		_, _ = io.WriteString(w, `{"error":"access_denied","error_description":"Unauthorized"}`)
	})
	ask(c)
	if n != 1 {
		t.Fatalf("%d requests", n)
	}
}

func TestCancelWhileWaiting(t *testing.T) {
	arrived := make(chan struct{})
	c := server(t, Config{}, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-arrived; cancel() }()
	s := passwordStep(c)
	out := s.Do(ctx, stepValuesOf(s))
	var e *Error
	if !errors.As(out.Err, &e) || e.Fault == nil || !e.Fault.Canceled {
		t.Fatalf("got %v", out.Err)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	c := server(t, Config{ClientSecret: "SECRET-1"}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"access_token":"SECRET-2","refresh_token":"SECRET-3","token_type":"Bearer","expires_in":60}`)
	})
	out := ask(c)
	all := fmt.Sprintf("%v %+v %#v %s %x %q", out, out, out.Tokens, out.Exchanges, Secret("SECRET-4"), Secret("SECRET-4")) +
		fmt.Sprintf("%v %+v", Values{"password": "SECRET-5"}, c.Config)
	if strings.Contains(all, "SECRET") || strings.Contains(all, "534543524554") {
		t.Errorf("a secret is printed: %s", all)
	}
}

func TestPlainHTTPIsForLoopback(t *testing.T) {
	for domain, ok := range map[string]bool{
		"http://127.0.0.1:1": true, "http://127.9.9.9:1": true, "http://[::1]:1": true, "http://localhost:1": true,
		"http://example.com": false, "http://127.0.0.1.example.com": false, "example.com/path": false, "user@example.com": false, "exa mple.com": false, "acme.eu.auth0.com": true,
	} {
		if err := (Config{Domain: domain}).Check(); (err == nil) != ok {
			t.Errorf("%s: %v", domain, err)
		}
	}
}
