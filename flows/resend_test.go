package flows

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestNothingIsSentTwice breaks a connection that was used before, right after
// a request came in on it: net/http would send some of these again by itself.
func TestNothingIsSentTwice(t *testing.T) {
	for _, tc := range []struct {
		name string
		send func(c *Client) Outcome
	}{
		{"GET of an API", func(c *Client) Outcome { return c.Call(context.Background(), Call{URL: "/api", Token: "t"}) }},
		{"GET of userinfo", func(c *Client) Outcome { return c.Userinfo(context.Background(), "t") }},
		{"POST with an idempotency key", func(c *Client) Outcome {
			return c.Call(context.Background(), Call{Method: "POST", URL: "/api", Token: "t", Header: http.Header{"Idempotency-Key": {"1"}}, Body: []byte("{}")})
		}},
		{"token request", ask},
	} {
		for _, end := range []struct {
			name string
			cut  func(net.Conn)
		}{{"closed", func(c net.Conn) { _ = c.Close() }}, {"reset", reset}} {
			t.Run(tc.name+", "+end.name, func(t *testing.T) {
				t.Parallel()
				var requests atomic.Int64
				addr := listen(t, func(c net.Conn) {
					in := bufio.NewReader(c)
					for {
						r, err := http.ReadRequest(in)
						if err != nil {
							return
						}
						_, _ = io.Copy(io.Discard, r.Body)
						if requests.Add(1) == 1 {
							_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
							continue
						}
						end.cut(c)
						return
					}
				})
				c := client(t, Config{Domain: "http://" + addr})
				if out := c.Userinfo(t.Context(), "t"); out.Err != nil {
					t.Fatal(out.Err)
				}
				out := tc.send(c)
				ex := out.Exchanges[0]
				if out.Err == nil || ex.Fault == nil || ex.Fault.Stage != StageFirstByte || ex.Fault.Canceled || ex.Fault.Timeout {
					t.Errorf("error %v, fault %+v", out.Err, ex.Fault)
				}
				if !ex.Timings.Reused || ex.RequestHeader.Get("Host") == "" {
					t.Errorf("reused %t, header %v", ex.Timings.Reused, ex.RequestHeader)
				}
				if n := requests.Load(); n != 2 {
					t.Errorf("%d requests came in, 2 were sent", n)
				}
			})
		}
	}
}

// TestNothingIsSentTwiceHTTP2 refuses streams: REFUSED_STREAM allows sending
// again (RFC 9113 section 8.7), and net/http would, up to seven times.
func TestNothingIsSentTwiceHTTP2(t *testing.T) {
	a := newAuthority(t)
	for _, tc := range []struct {
		name string
		send func(c *Client) Outcome
	}{
		{"token request", ask},
		{"GET", func(c *Client) Outcome { return c.Userinfo(context.Background(), "t") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var streams atomic.Int64
			addr := listen(t, func(c net.Conn) {
				s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{a.good(t)}, NextProtos: []string{"h2"}})
				preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
				if _, err := io.ReadFull(s, preface); err != nil {
					return
				}
				_, _ = s.Write([]byte{0, 0, 0, 4, 0, 0, 0, 0, 0}) // SETTINGS
				for {
					head := make([]byte, 9)
					if _, err := io.ReadFull(s, head); err != nil {
						return
					}
					if _, err := io.CopyN(io.Discard, s, int64(head[0])<<16|int64(head[1])<<8|int64(head[2])); err != nil {
						return
					}
					switch {
					case head[3] == 4 && head[4] == 0:
						_, _ = s.Write([]byte{0, 0, 0, 4, 1, 0, 0, 0, 0}) // its acknowledgement
					case head[3] == 1: // HEADERS
						streams.Add(1)
						_, _ = s.Write(append([]byte{0, 0, 4, 3, 0, head[5], head[6], head[7], head[8]}, 0, 0, 0, 7)) // RST_STREAM, REFUSED_STREAM
					}
				}
			})
			out := tc.send(client(t, Config{Domain: "https://" + addr, CAFile: a.File, Timeout: 30 * time.Second}))
			if out.Err == nil || out.Exchanges[0].Fault == nil || out.Exchanges[0].Fault.Timeout || out.Exchanges[0].Fault.Canceled {
				t.Errorf("%v", out.Err)
			}
			if n := streams.Load(); n != 1 {
				t.Errorf("%d requests came in", n)
			}
		})
	}
}

// TestHTTP2 is a good walk over it.
func TestHTTP2(t *testing.T) {
	a := newAuthority(t)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, tokenReply) }))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{a.good(t)}}
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	c := client(t, Config{Domain: srv.URL, CAFile: a.File})
	for range 3 {
		out := ask(c)
		if out.Err != nil {
			t.Fatal(out.Err)
		}
		ex := out.Exchanges[0]
		if ex.Proto != "HTTP/2.0" || ex.TLS == nil || ex.TLS.Version != "TLS 1.3" || ex.TLS.Issuer != "test CA" || ex.RequestHeader.Get("Content-Type") == "" {
			t.Errorf("%s %+v %v", ex.Proto, ex.TLS, ex.RequestHeader)
		}
	}
}

// TestManyAtOnce uses one client from many places.
func TestManyAtOnce(t *testing.T) {
	c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		_, _ = io.WriteString(w, strings.Replace(tokenReply, `"a"`, `"`+r.PostForm.Get("username")+`"`, 1))
	})
	var wg sync.WaitGroup
	errs := make(chan error, 64)
	for i := range 64 {
		wg.Go(func() {
			name := strings.Repeat("x", i+1)
			s := passwordStep(c)
			v := stepValuesOf(s)
			v["username"] = name
			out := s.Do(context.Background(), v)
			if out.Err == nil && out.Tokens.AccessToken.Reveal() != name {
				out.Err = errors.New("somebody else's token")
			}
			errs <- out.Err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
}
