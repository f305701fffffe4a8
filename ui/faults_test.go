package ui

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
)

// faulted fails requests at a stage, as a network does.
type faulted struct {
	rt   http.RoundTripper
	fail func(r *http.Request, trace *httptrace.ClientTrace) (*http.Response, error)
	on   *bool
}

func (f faulted) RoundTrip(r *http.Request) (*http.Response, error) {
	if !*f.on {
		return f.rt.RoundTrip(r)
	}
	return f.fail(r, httptrace.ContextClientTrace(r.Context()))
}

// reached goes to a stage of a request, as the hooks of net/http tell it.
func reached(stage string, r *http.Request, trace *httptrace.ClientTrace) {
	host := r.URL.Host
	trace.GetConn(host)
	trace.DNSStart(httptrace.DNSStartInfo{Host: host})
	if stage == flows.StageResolve {
		return
	}
	trace.DNSDone(httptrace.DNSDoneInfo{})
	trace.ConnectStart("tcp", host)
	if stage == flows.StageConnect {
		return
	}
	trace.ConnectDone("tcp", host, nil)
	trace.TLSHandshakeStart()
	if stage == flows.StageTLS {
		return
	}
	trace.GotConn(httptrace.GotConnInfo{})
	trace.WroteRequest(httptrace.WroteRequestInfo{})
}

// half is a body that begins and then does what end says.
type half struct {
	begin *strings.Reader
	end   func() error
}

func (h half) Read(p []byte) (int, error) {
	if n, err := h.begin.Read(p); err == nil {
		return n, nil
	}
	return 0, h.end()
}

// TestFaults: whatever goes wrong on the way, the screen says what it was, what
// was typed and what was received before is still there, and q leaves.
func TestFaults(t *testing.T) {
	reset := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	type row struct {
		name, id, says string
		fail           func(*http.Request, *httptrace.ClientTrace) (*http.Response, error)
	}
	rows := []row{
		{"server gone", diagnosis.ConnectionRefused, "Nothing listens", func(r *http.Request, tr *httptrace.ClientTrace) (*http.Response, error) {
			reached(flows.StageConnect, r, tr)
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
		}},
		{"name gone", diagnosis.DNSFailure, "no such", func(r *http.Request, tr *httptrace.ClientTrace) (*http.Response, error) {
			reached(flows.StageResolve, r, tr)
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}}
		}},
		{"proxy gone", diagnosis.ProxyFailure, "proxy", func(r *http.Request, tr *httptrace.ClientTrace) (*http.Response, error) {
			reached(flows.StageConnect, r, tr)
			return nil, &net.OpError{Op: "proxyconnect", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
		}},
	}
	for _, stage := range []string{flows.StageResolve, flows.StageConnect, flows.StageTLS, flows.StageFirstByte, flows.StageBody} {
		fails := func(end func() error) func(*http.Request, *httptrace.ClientTrace) (*http.Response, error) {
			return func(r *http.Request, tr *httptrace.ClientTrace) (*http.Response, error) {
				reached(stage, r, tr)
				if stage == flows.StageBody {
					return &http.Response{StatusCode: 200, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, ContentLength: -1,
						Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(half{strings.NewReader(`{"access_token":`), end})}, nil
				}
				return nil, end()
			}
		}
		id := diagnosis.ConnectionReset
		rows = append(rows,
			row{"slow: " + stage, diagnosis.Timeout, "", fails(func() error { return context.DeadlineExceeded })},
			row{"reset: " + stage, id, "reset", fails(func() error { return reset })})
	}
	for _, c := range rows {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			on := false
			b.wrap = func(rt http.RoundTripper) http.RoundTripper { return faulted{rt, c.fail, &on} }
			d := b.openDemo("works", 120, 36)
			mustContain(t, b.keys(d, "enter"), "Tokens came back")
			b.clock.pass(time.Minute)
			b.keys(d, "2", "tab", "tab", "tab")
			d.Type("typed-realm")
			mustContain(t, d.Text(), "typed-realm")
			on = true
			text := b.keys(d, "ctrl+s")
			mustContain(t, text, c.id, "You can now", c.says)
			s := app(d).walk.session
			if s.Class.Exit() != 3 {
				t.Errorf("exit %d", s.Class.Exit())
			}
			mustContain(t, b.keys(d, "w"), "/oauth/token")
			b.keys(d, "esc")
			mustContain(t, b.keys(d, "2"), "typed-realm")
			b.keys(d, "esc")
			mustContain(t, b.keys(d, "4"), "Access token", "iss")
			checkFrame(t, d, c.name, 120, 36)
			b.keys(d, "q")
			if !d.Quit() {
				t.Errorf("q does not leave:\n%s", d.Text())
			}
		})
	}
}

// TestClockFaults: a machine that slept and a clock that was set are told, the
// time left counts the longer of the two hands, and tokens and form stay.
func TestClockFaults(t *testing.T) {
	for _, c := range []struct {
		name       string
		wall, mono time.Duration
		says, head string
	}{
		{"laptop asleep", 8 * time.Hour, time.Minute, "slept", "token 16:00:00"},
		{"laptop asleep for two days", 48 * time.Hour, time.Minute, "slept", "EXPIRED"},
		{"clock stepped ahead", time.Hour, 2 * time.Second, "clock was set", "token 2"},
		{"clock stepped back", -time.Hour, time.Minute, "clock was set back", "token 23:5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			d := b.openDemo("works", 120, 36)
			mustContain(t, b.keys(d, "enter"), "Tokens came back")
			b.clock.step(c.wall, c.mono)
			d.Send(secondMsg{})
			d.MustSettle(t)
			text := b.keys(d, "6")
			mustContain(t, text, c.says, c.head, "generation 0")
			mustContain(t, b.keys(d, "4"), "Access token", "iss")
			mustContain(t, b.keys(d, "2"), "ada@acme.test", "[ Send ]")
		})
	}
}
