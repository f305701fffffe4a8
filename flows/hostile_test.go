package flows

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"authwalk/flows/diagnosis"
)

// A hostile server's reply ends in a clear error, with the exchange kept,
// within the timeout and within this much memory.
const (
	hostileTimeout = 30 * time.Second
	dribbleTimeout = time.Second // of those that never end; a busy machine comes to the body in that time
	hostileMemory  = 32 << 20
)

// hostile asks a server that answers with h, and holds memory: it ends, or its timeout does.
func hostile(t *testing.T, h func(net.Conn), send func(*Client) Outcome) (*Client, Outcome) {
	t.Helper()
	timeout := hostileTimeout
	if strings.Contains(t.Name(), "dribbling") {
		timeout = dribbleTimeout
	}
	c := client(t, Config{Domain: "http://" + wire(t, h), Timeout: timeout})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out := send(c)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > hostileMemory {
		t.Errorf("%d MiB were allocated", n>>20)
	}
	if len(out.Exchanges) != 1 {
		t.Fatalf("%d exchanges, error %v", len(out.Exchanges), out.Err)
	}
	return c, out
}

// says is a reply of these bytes.
func says(parts ...string) func(net.Conn) {
	return func(c net.Conn) {
		for _, p := range parts {
			if _, err := io.WriteString(c, p); err != nil {
				return
			}
		}
	}
}

// forever writes part again and again after head.
func forever(head, part string, every time.Duration) func(net.Conn) {
	return func(c net.Conn) {
		_, err := io.WriteString(c, head)
		tick := time.NewTicker(max(every, 1))
		defer tick.Stop()
		for err == nil {
			if every > 0 {
				<-tick.C
			}
			_, err = io.WriteString(c, part)
		}
	}
}

func zipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.String()
}

func utf16le(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

func TestHostileTokenReplies(t *testing.T) {
	bomb := zipped(strings.Repeat("\x00", 64<<20))
	for _, tc := range []struct {
		name string
		h    func(net.Conn)
		kind ErrorKind
		says string // in the error; with a kind below 0 the reply still works and says is an oddity
	}{
		{"gzip body", says(head, "Content-Encoding: gzip\r\nConnection: close\r\n\r\n", zipped(tokenReply)), ErrorShape, "compressed (Content-Encoding: gzip)"},
		{"gzip body that is not told", says(head, "Connection: close\r\n\r\n", zipped(tokenReply)), ErrorShape, "compressed (gzip)"},
		{"gzip bomb", says(head, "Content-Encoding: gzip\r\nConnection: close\r\n\r\n", bomb), ErrorShape, "compressed"},
		{"endless body", forever(head+"\r\n", strings.Repeat(" ", 64<<10), 0), ErrorShape, "longer than 1048576 bytes"},
		{"endless chunks", forever(head+"Transfer-Encoding: chunked\r\n\r\n", "10000\r\n"+strings.Repeat(" ", 64<<10)+"\r\n", 0), ErrorShape, "longer than"},
		{"endless chunk extension", forever(head+"Transfer-Encoding: chunked\r\n\r\n1;", strings.Repeat("x", 4096), 0), ErrorTransport, StageBody},
		{"endless trailers", forever(head+"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", "X: "+strings.Repeat("x", 4096)+"\r\n", 0), ErrorTransport, StageBody},
		{"dribbling body", forever(head+"\r\n", " ", 10*time.Millisecond), ErrorTransport, "no answer within 1s (body)"},
		{"dribbling header", forever(head, "x", 10*time.Millisecond), ErrorTransport, "no answer within 1s (first byte)"},
		{"Content-Length too long", says(head, "Content-Length: 999\r\nConnection: close\r\n\r\n", tokenReply), ErrorTransport, StageBody},
		{"Content-Length too short", says(head, "Content-Length: 10\r\nConnection: close\r\n\r\n", tokenReply), ErrorShape, "no JSON"},
		{"Content-Length of nine exabytes", says(head, "Content-Length: 9223372036854775807\r\nConnection: close\r\n\r\n", tokenReply), ErrorTransport, StageBody},
		{"negative Content-Length", says(head, "Content-Length: -1\r\n\r\n", tokenReply), ErrorTransport, StageFirstByte},
		{"two Content-Lengths", says(head, "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", tokenReply), ErrorTransport, StageFirstByte},
		{"1xx storm", forever("", "HTTP/1.1 100 Continue\r\n\r\n", 0), ErrorTransport, StageFirstByte},
		{"1xx storm with headers", forever("", "HTTP/1.1 103 Early Hints\r\nLink: "+strings.Repeat("x", 4096)+"\r\n\r\n", 0), ErrorTransport, StageFirstByte},
		{"switching protocols", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
			hold(c)
		}, ErrorShape, "(101) is empty"},
		{"header flood", forever(head, "X-Flood: 1\r\n", 0), ErrorTransport, StageFirstByte},
		{"giant header", forever(head+"X: ", strings.Repeat("x", 64<<10), 0), ErrorTransport, StageFirstByte},
		{"giant status line", forever("HTTP/1.1 200 ", strings.Repeat("x", 64<<10), 0), ErrorTransport, StageFirstByte},
		{"giant Content-Type", says(head, "Content-Type: "+strings.Repeat("y", 100<<10)+"\r\nConnection: close\r\n\r\n", "<"), ErrorShape, "no JSON"},
		{"no HTTP", says("SSH-2.0-OpenSSH_9.9\r\n"), ErrorTransport, StageFirstByte},
		{"nothing", says(""), ErrorTransport, StageFirstByte},
		{"a header without a colon", says(head, "SECRET in a bad header\r\n\r\n"), ErrorTransport, StageFirstByte},
		{"status 000", says("HTTP/1.1 000 Odd\r\nContent-Length: 2\r\nConnection: close\r\n\r\n", "{}"), ErrorTransport, "malformed HTTP status code"},
		{"status 999", says("HTTP/1.1 999 Odd\r\nConnection: close\r\n\r\n", `{"error":"x"}`), ErrorOAuth, "x"},
		{"204 with a body", says("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", tokenReply), ErrorShape, "empty"},
		{"304", says("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"), ErrorShape, "(304) is empty"},
		{"deep JSON", says(reply(strings.Repeat(`{"access_token":`, 50_000))), ErrorShape, "nested deeper"},
		{"deep JSON in a member", says(reply(`{"access_token":"a","x":` + strings.Repeat("[", 200_000))), ErrorShape, "nested deeper"},
		{"a million values", says(reply(`{"access_token":[` + strings.Repeat("1,", 500_000) + `1]}`)), ErrorShape, "more than"},
		{"wrong types", says(reply(`{"access_token":{"a":1},"token_type":[],"expires_in":{}}`)), ErrorShape, "neither"},
		{"null", says(reply(`null`)), ErrorShape, "no object"},
		{"error that is null", says(reply(`{"error":null,"access_token":"a"}`)), ErrorShape, "no string"},
		{"error of a megabyte", says(reply(`{"error":"` + strings.Repeat("e", 1<<19) + `","error_description":"` + strings.Repeat("d", 1<<18) + `"}`)), ErrorOAuth, "eee"},
		{"UTF-16", says(reply(utf16le(tokenReply))), ErrorShape, "UTF-16"},
		{"UTF-16 without a mark", says(reply(utf16le(tokenReply)[2:])), ErrorShape, "UTF-16"},
		{"BOM", says(reply("\ufeff" + tokenReply)), -1, "byte order mark"},
		{"duplicate keys", says(reply(`{"access_token":"a","access_token":"b","token_type":"Bearer","expires_in":60}`)), -1, "more than once"},
		{"wrong types beside the token", says(reply(`{"access_token":"a","token_type":"Bearer","expires_in":60,"refresh_token":1,"scope":["a"],"id_token":{}}`)), -1, "refresh_token is no string"},
		{"bytes that are no UTF-8", says(reply("{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":60,\"x\":\"\xff\"}")), -1, "no UTF-8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, out := hostile(t, tc.h, ask)
			ex := out.Exchanges[0]
			if tc.kind < 0 {
				if out.Err != nil || !strings.Contains(strings.Join(out.Tokens.Oddities, "; "), tc.says) {
					t.Fatalf("error %v, oddities %q", out.Err, out.Tokens.Oddities)
				}
				return
			}
			var e *Error
			if !errors.As(out.Err, &e) || e.Kind != tc.kind || !strings.Contains(e.Error(), tc.says) {
				t.Fatalf("kind %v, error %.300v", e, out.Err)
			}
			if len(e.Error()) > 2*clipAt+200 {
				t.Errorf("the error's sentence has %d bytes", len(e.Error()))
			}
			if tc.kind == ErrorTransport != (ex.Fault != nil) || len(ex.RequestBody) == 0 {
				t.Errorf("fault %v", ex.Fault)
			}
			s := NewSession(c.Config)
			s.Take(c, out)
			if len(s.Findings) == 0 || s.Class.Exit() < 3 {
				t.Errorf("findings %v, exit %d", s.Findings, s.Class.Exit())
			}
		})
	}
}

// TestRedirectsAreShownNotFollowed leads to a host that would take the
// password; it never hears of it.
func TestRedirectsAreShownNotFollowed(t *testing.T) {
	trap := wire(t, func(net.Conn) { t.Error("a redirect was followed") })
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, to := range map[string]string{
			"to http": "http://" + trap + "/x", "to another host": "https://elsewhere.test/x", "loop": "/oauth/token", "to nothing": "",
			"with what it was sent": "https://elsewhere.test/x?password=SECRET#SECRET", "with a user": "https://user:SECRET@elsewhere.test/x",
			"that is no URL": "http://[::1:%zz/", "of bytes that are no text": "https://\xff\xfe/", "giant": "https://" + strings.Repeat("x", 100<<10),
		} {
			t.Run(fmt.Sprint(status, " ", name), func(t *testing.T) {
				c, out := hostile(t, says(fmt.Sprintf("HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status, to)), ask)
				var e *Error
				if !errors.As(out.Err, &e) || e.Kind != ErrorShape || !strings.Contains(e.Error(), "redirects") || strings.Contains(e.Error(), "SECRET") || len(e.Error()) > 2*clipAt {
					t.Errorf("%v", out.Err)
				}
				if ex := out.Exchanges[0]; ex.Status != status || ex.Header.Get("Location") != to {
					t.Errorf("%d %q", ex.Status, ex.Header.Get("Location"))
				}
				s := NewSession(c.Config)
				s.Take(c, out)
				if s.Class.Exit() != 3 {
					t.Errorf("exit %d", s.Class.Exit())
				}
			})
		}
	}
}

// TestLocationWithControlCharacters: what net/http lets through is kept for the
// wire, what it refuses is a fault; both end in a sentence.
func TestLocationWithControlCharacters(t *testing.T) {
	for _, to := range []string{"https://x/\x1b[31m\x07", "https://x/\x00", "https://x/\t\x7f", "\u202ehttps://x/"} {
		_, out := hostile(t, says("HTTP/1.1 302 Found\r\nLocation: "+to+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), ask)
		var e *Error
		if !errors.As(out.Err, &e) || e.Kind == ErrorOAuth {
			t.Errorf("%q: %v", to, out.Err)
		}
		if e.Kind == ErrorShape && out.Exchanges[0].Status != 302 {
			t.Errorf("%q: the reply is lost", to)
		}
	}
}

func TestCookiesAreNotKept(t *testing.T) {
	n := 0
	c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		n++
		if len(r.Cookies()) != 0 {
			t.Errorf("request %d has cookies: %v", n, r.Cookies())
		}
		http.SetCookie(w, &http.Cookie{Name: "did", Value: "SECRET", Path: "/", MaxAge: 1000})
		_, _ = io.WriteString(w, tokenReply)
	})
	for range 2 {
		out := ask(c)
		if out.Err != nil || !strings.Contains(out.Exchanges[0].Header.Get("Set-Cookie"), "did=") {
			t.Fatalf("%v %v", out.Err, out.Exchanges[0].Header)
		}
	}
	c.Userinfo(t.Context(), "t")
	if n != 3 {
		t.Errorf("%d requests", n)
	}
}

func TestWeDoNotAskForCompression(t *testing.T) {
	c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("Accept-Encoding: %s", r.Header.Get("Accept-Encoding"))
		}
		_, _ = io.WriteString(w, tokenReply)
	})
	ask(c)
}

// TestHostileAPIAnswers: what a person may see of an API's answer is whatever
// came; only what broke off is an error.
func TestHostileAPIAnswers(t *testing.T) {
	call := func(c *Client) Outcome {
		return c.Call(context.Background(), Call{URL: "/x", Token: "t"})
	}
	for _, tc := range []struct {
		name string
		h    func(net.Conn)
		want string // of the error, empty for none
		keep string
	}{
		{"redirect to another host", says("HTTP/1.1 302 Found\r\nLocation: https://elsewhere.test/\r\nContent-Length: 0\r\n\r\n"), "", ""},
		{"gzip body", says("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n", zipped("x")), "", "\x1f\x8b"},
		{"dribbling body", forever("HTTP/1.1 200 OK\r\n\r\nbegin", ".", 10*time.Millisecond), "no answer within 1s (body)", "begin."},
		{"breaks off", says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nbegin"), "unexpected EOF", "begin"},
		{"1xx storm", forever("", "HTTP/1.1 100 Continue\r\n\r\n", 0), "exceeded", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, out := hostile(t, tc.h, call)
			if (tc.want == "") != (out.Err == nil) || tc.want != "" && !strings.Contains(out.Err.Error(), tc.want) {
				t.Errorf("%v", out.Err)
			}
			if out.Answer == nil || !strings.HasPrefix(string(out.Answer.Exchange.Body), tc.keep) {
				t.Errorf("answer %v", out.Answer)
			}
		})
	}
}

// serving gives an issuer whose paths answer with bodies, and a client that
// discovers it.
func serving(t *testing.T, bodies func(self string) map[string]string) (*Client, map[string]int) {
	t.Helper()
	asked := map[string]int{}
	var all map[string]string
	c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		b, ok := all[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, b)
	})
	self := c.Config.Domain
	all = bodies(self)
	cfg := c.Config
	cfg.Domain, cfg.Issuer = "", self+"/"
	return client(t, cfg), asked
}

const discoveryPath = "/.well-known/openid-configuration"

func metadata(issuer, self, more string) string {
	return fmt.Sprintf(`{"issuer":%q,"token_endpoint":%q,"jwks_uri":%q%s}`, issuer, self+"/token", self+"/keys", more)
}

func TestHostileDiscovery(t *testing.T) {
	for _, tc := range []struct{ name, says string }{
		{"whose issuer is another's", "another issuer's"},
		{"whose issuer is another's, a megabyte long", "another issuer's"},
		{"that is HTML", "no JSON"},
		{"that is an array", "no JSON object"},
		{"without a token_endpoint", "no token_endpoint"},
		{"with a token_endpoint of the wrong type", "no token_endpoint"},
		{"with a token_endpoint of another scheme", "no http(s) URL"},
		{"with a password in the token_endpoint", "user name or password"},
		{"in plain http elsewhere", "plain http"},
		{"that is deep", "no JSON"},
		{"that is endless", "was cut"},
		{"without an issuer", "names no issuer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, asked := serving(t, func(self string) map[string]string {
				return map[string]string{"/token": tokenReply, discoveryPath: map[string]string{
					"whose issuer is another's":                  metadata("https://evil.test/", self, ""),
					"whose issuer is another's, a megabyte long": metadata("https://evil.test/"+strings.Repeat("x", 1<<19), self, ""),
					"that is HTML":                               "<html>",
					"that is an array":                           "[]",
					"without a token_endpoint":                   fmt.Sprintf(`{"issuer":%q}`, self+"/"),
					"with a token_endpoint of the wrong type":    fmt.Sprintf(`{"issuer":%q,"token_endpoint":["x"]}`, self+"/"),
					"with a token_endpoint of another scheme":    fmt.Sprintf(`{"issuer":%q,"token_endpoint":"file:///etc/passwd"}`, self+"/"),
					"with a password in the token_endpoint":      fmt.Sprintf(`{"issuer":%q,"token_endpoint":%q}`, self+"/", strings.Replace(self, "://", "://user:SECRET@", 1)+"/token"),
					"in plain http elsewhere":                    fmt.Sprintf(`{"issuer":%q,"token_endpoint":"http://evil.test/token"}`, self+"/"),
					"that is deep":                               strings.Repeat(`{"issuer":`, 100_000),
					"that is endless":                            `{"issuer":"` + strings.Repeat("x", 2<<20),
					"without an issuer":                          fmt.Sprintf(`{"token_endpoint":%q}`, self+"/token"),
				}[tc.name]}
			})
			out := ask(c)
			if out.Err == nil || !strings.Contains(out.Err.Error(), tc.says) || strings.Contains(out.Err.Error(), "SECRET") || len(out.Err.Error()) > 2*clipAt {
				t.Errorf("%.400v", out.Err)
			}
			if asked["/token"] != 0 {
				t.Error("the password was sent all the same")
			}
			if len(out.Exchanges) != 1 || out.Exchanges[0].Purpose != PurposeDiscovery || !out.Exchanges[0].ByItself {
				t.Errorf("%v", out.Exchanges)
			}
		})
	}
	t.Run("that redirects", func(t *testing.T) {
		c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere?x=SECRET", http.StatusFound)
		})
		cfg := c.Config
		cfg.Domain, cfg.Issuer = "", c.Config.Domain
		out := ask(client(t, cfg))
		if out.Err == nil || !strings.Contains(out.Err.Error(), "redirects (302) to /elsewhere") || strings.Contains(out.Err.Error(), "SECRET") {
			t.Errorf("%v", out.Err)
		}
	})
}

func TestHostileJWKS(t *testing.T) {
	ec := `{"kty":"EC","crv":"P-256","kid":"k%d","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	set := func(n int) string {
		var b strings.Builder
		b.WriteString(`{"keys":[`)
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, ec, i)
		}
		return b.String() + "]}"
	}
	for _, tc := range []struct{ name, body, says string }{
		{"ten thousand keys", set(10_000), ""},
		{"a hundred thousand keys", set(100_000), "was cut"},
		{"HTML", "<html>", "no JSON"},
		{"no list", `{"keys":{}}`, "cannot be used"},
		{"an error object", `{"error":"access_denied","error_description":"Too Many Requests"}`, "Too Many Requests"},
		{"deep", strings.Repeat(`{"keys":[`, 50_000), "no JSON"},
		{"nonsense keys", `{"keys":[1,null,"x",{},[],{"kty":7},{"kty":"RSA","n":"","e":""}]}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, asked := serving(t, func(self string) map[string]string {
				return map[string]string{discoveryPath: metadata(self+"/", self, ""), "/keys": tc.body}
			})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			keys, exs, err := c.Keys(t.Context(), "")
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 2*hostileMemory {
				t.Errorf("%d MiB were allocated", n>>20)
			}
			if (tc.says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v", err)
			}
			if err == nil && (keys == nil || len(keys.Keys) > 100) {
				t.Errorf("%d keys", len(keys.Keys))
			}
			if len(exs) != 2 || asked["/keys"] != 1 {
				t.Errorf("%v", exs)
			}
		})
	}
}

// mfaServer asks for MFA and answers the MFA endpoints with what it is given.
func mfaServer(t *testing.T, answers map[string]string) (*Client, func() []string) {
	var asked []string
	c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if r.URL.Path == "/oauth/token" && len(asked) == 1 {
			w.WriteHeader(403)
			_, _ = io.WriteString(w, `{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"SECRET-MFA"}`)
			return
		}
		b, status := answers[r.URL.Path], 200
		if strings.HasPrefix(b, "!") {
			b, status = b[1:], 500
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, b)
	})
	return c, func() []string { return asked }
}

const sms = `[{"id":"sms|1","authenticator_type":"oob","active":true,"oob_channel":"sms","name":"XXX9"}]`

func TestHostileFactorLists(t *testing.T) {
	for _, tc := range []struct{ name, body, title string }{
		{"an object", `{}`, "Code from the authenticator app"},
		{"HTML", `<html>`, "Code from the authenticator app"},
		{"empty", ``, "Code from the authenticator app"},
		{"an error", `!{"error":"server_error"}`, "Code from the authenticator app"},
		{"items of the wrong shape", `[1,null,"x",[],{"authenticator_type":7}]`, "Code from the authenticator app"},
		{"deep", strings.Repeat("[", 100_000), "Code from the authenticator app"},
		{"nobody's", `[]`, "Enrol a second factor"},
		{"inactive", `[{"id":"x","authenticator_type":"otp","active":false}]`, "Enrol a second factor"},
		{"ten thousand", `[` + strings.Repeat(`{"id":"x","authenticator_type":"otp"},`, 9_999) + `{"id":"y","authenticator_type":"otp"}]`, "A second factor is needed"},
		{"of a kind nobody knows", `[{"id":"x","authenticator_type":"retina","oob_channel":"eye"}]`, "Send a code by retina eye"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, _ := mfaServer(t, map[string]string{"/mfa/authenticators": tc.body})
			out := ask(c)
			if out.Next == nil || out.Next.Title != tc.title || len(out.Next.Others) > maxFactors+1 {
				t.Fatalf("next %v, error %v", out.Next, out.Err)
			}
			var e *Error
			if !errors.As(out.Err, &e) || e.Code != "mfa_required" || len(out.Exchanges) != 2 {
				t.Errorf("%v", out.Err)
			}
		})
	}
}

func TestHostileChallenges(t *testing.T) {
	for _, tc := range []struct{ name, body, says string }{
		{"an array", `[]`, "no object"},
		{"HTML", `<html>`, "no JSON"},
		{"empty", ``, "empty"},
		{"no oob_code", `{"challenge_type":"oob"}`, "no oob_code"},
		{"an oob_code of the wrong type", `{"challenge_type":"oob","oob_code":{"a":1}}`, "no oob_code"},
		{"500 without an error", `!{"oob_code":"x"}`, "neither what to do nor what is wrong"},
		{"an error", `{"error":"invalid_request","error_description":"no"}`, "invalid_request: no"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, asked := mfaServer(t, map[string]string{"/mfa/authenticators": sms, "/mfa/challenge": tc.body})
			out := ask(c).Next.Do(t.Context(), nil)
			if out.Err == nil || !strings.Contains(out.Err.Error(), tc.says) || out.Next == nil || out.Next.Title != "Send a code by SMS to XXX9" {
				t.Errorf("error %v, next %v", out.Err, out.Next)
			}
			if !slices.Equal(asked(), []string{"/oauth/token", "/mfa/authenticators", "/mfa/challenge"}) {
				t.Errorf("%q", asked())
			}
		})
	}
	t.Run("a code of the app instead", func(t *testing.T) {
		c, _ := mfaServer(t, map[string]string{"/mfa/authenticators": sms, "/mfa/challenge": `{"challenge_type":"otp"}`})
		if out := ask(c).Next.Do(t.Context(), nil); out.Err != nil || out.Next.Fields[0].Name != "otp" {
			t.Errorf("%v %v", out.Err, out.Next)
		}
	})
}

func TestHostileEnrolments(t *testing.T) {
	for _, tc := range []struct{ with, body, says string }{
		{"otp", `{}`, "neither a secret"},
		{"otp", `{"secret":7,"barcode_uri":[]}`, "neither a secret"},
		{"email", `{"binding_method":"prompt"}`, "no oob_code"},
		{"email", `[]`, "no object"},
		{"otp", `!{"secret":"x"}`, "neither what to do"},
	} {
		c, _ := mfaServer(t, map[string]string{"/mfa/authenticators": `[]`, "/mfa/associate": tc.body})
		out := ask(c).Next.Do(t.Context(), Values{"enrol_with": tc.with})
		if out.Err == nil || !strings.Contains(out.Err.Error(), tc.says) || out.Next == nil || out.Next.Title != "Enrol a second factor" {
			t.Errorf("%s %s: error %v, next %v", tc.with, tc.body, out.Err, out.Next)
		}
	}
	c, _ := mfaServer(t, map[string]string{"/mfa/authenticators": `[]`, "/mfa/associate": `{"secret":"S","recovery_codes":[1,"ABC",null,{}]}`})
	if out := ask(c).Next.Do(t.Context(), Values{"enrol_with": "otp"}); out.Err != nil || len(out.Keep) != 1 || out.Keep[0].Text != "ABC" {
		t.Errorf("%v, %d kept", out.Err, len(out.Keep))
	}
}

// TestPollsThatGetLost goes on where a gateway fails or throttles, and stops
// where the push is decided.
func TestPollsThatGetLost(t *testing.T) {
	push := strings.ReplaceAll(sms, "sms", "auth0")
	for _, tc := range []struct {
		name, body string
		status     int
		wait       time.Duration // 0: it ends
	}{
		{"pending", `{"error":"authorization_pending"}`, 400, pollEveryLoopback},
		{"slow_down", `{"error":"slow_down"}`, 400, pollEveryLoopback + slowDown},
		{"a gateway's fault", `<html>`, 502, pollEveryLoopback},
		{"throttled", `{"error":"access_denied","error_description":"Too Many Requests"}`, 429, pollEveryLoopback + slowDown},
		{"throttled by a gateway", `<html>`, 429, pollEveryLoopback + slowDown},
		{"a reply that is none", `{}`, 200, 0},
		{"denied", `{"error":"access_denied","error_description":"MFA Authorization rejected."}`, 400, 0},
		{"denied, in the older form", `{"error":"invalid_grant","error_description":"MFA Authorization rejected."}`, 403, 0},
		{"expired", `{"error":"expired_token","error_description":"mfa_token is expired"}`, 401, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			first := true
			c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/mfa/authenticators":
					_, _ = io.WriteString(w, push)
				case r.URL.Path == "/mfa/challenge":
					_, _ = io.WriteString(w, `{"challenge_type":"oob","oob_code":"o"}`)
				case first:
					first = false
					w.WriteHeader(403)
					_, _ = io.WriteString(w, `{"error":"mfa_required","mfa_token":"m"}`)
				default:
					w.WriteHeader(tc.status)
					_, _ = io.WriteString(w, tc.body)
				}
			})
			poll := ask(c).Next.Do(t.Context(), nil).Next
			out := poll.Do(t.Context(), nil)
			switch {
			case tc.wait == 0 && (out.Next != nil || out.Err == nil):
				t.Errorf("next %v, error %v", out.Next, out.Err)
			case tc.wait > 0 && (out.Next == nil || out.Next.Wait != tc.wait):
				t.Errorf("next %v, error %v", out.Next, out.Err)
			}
		})
	}
}

// TestAnMFATokenWithoutMFAEndpoints keeps the token in the exchange: nothing
// can go on by itself.
func TestAnMFATokenWithoutMFAEndpoints(t *testing.T) {
	c := server(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(403)
		_, _ = io.WriteString(w, `{"error":"mfa_required","mfa_token":"kept"}`)
	})
	cfg := c.Config
	cfg.Domain, cfg.TokenURL = "", c.Config.Domain+"/oauth/token"
	c = client(t, cfg)
	out := ask(c)
	if out.Next != nil || !strings.Contains(string(out.Exchanges[0].Body), "kept") {
		t.Errorf("%v", out.Next)
	}
	s := NewSession(cfg)
	s.Take(c, out)
	if s.Class != diagnosis.ClassMFA {
		t.Errorf("class %s", s.Class)
	}
}
