package flows

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// recorder watches one request go out and keeps what was written and when. It
// also keeps it from going out twice: net/http sends some requests again by
// itself when a connection that was used before breaks, and here one press
// sends one request.
type recorder struct {
	now    func() time.Duration
	http   *http.Transport // nil: served in process
	cancel context.CancelFunc

	mu                                 sync.Mutex
	stage                              string
	header                             http.Header
	resolve0, connect0, tls0, sent     time.Duration
	resolve, connect, tlsTime, waiting time.Duration
	reused                             bool
	remote                             string
	proxy                              string // scheme of the proxy, empty without one
	handshakes                         int

	conn  *countedConn // the connection that was given, and what it had written by then
	base  int64
	http2 bool // that it speaks
	lost  bool
}

func newRecorder(now func() time.Duration, rt http.RoundTripper, cancel context.CancelFunc) *recorder {
	r := &recorder{now: now, cancel: cancel, stage: StagePrepare, header: http.Header{}}
	if t, ok := rt.(*http.Transport); ok {
		r.http = t
	} else {
		r.stage = StageFirstByte // served in process: nothing need be traced
	}
	return r
}

func (r *recorder) at(stage string) { r.locked(func() { r.stage = stage }) }

func (r *recorder) stageNow() (stage string) {
	r.locked(func() { stage = r.stage })
	return stage
}

func (r *recorder) isLost() (lost bool) {
	r.locked(func() { lost = r.lost })
	return lost
}

func (r *recorder) locked(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// into gives an exchange what was recorded. It copies: hooks of a request that
// was given up may still run.
func (r *recorder) into(ex *Exchange) {
	r.locked(func() {
		ex.Timings = Timings{Resolve: r.resolve, Connect: r.connect, TLS: r.tlsTime, FirstByte: r.waiting, Total: ex.End.Mono - ex.Start.Mono, Reused: r.reused}
		ex.Remote = r.remote
		if len(r.header) > 0 { // what went out, with what Go added
			ex.RequestHeader = r.header.Clone()
		}
	})
}

// cause says why a request failed: a cancellation of our own is the loss of
// the connection.
func (r *recorder) cause(err error) error {
	if err != nil && r.isLost() {
		return errLost
	}
	return err
}

// watch makes the request one that is recorded and goes out once.
func (r *recorder) watch(req *http.Request) *http.Request {
	if r.http != nil && r.http.Proxy != nil {
		if u, err := r.http.Proxy(req); err == nil && u != nil {
			r.proxy = u.Scheme
		}
	}
	ctx := context.WithValue(req.Context(), recorderKey{}, r)
	req = req.WithContext(httptrace.WithClientTrace(ctx, r.trace()))
	if body := req.GetBody; body != nil {
		// The body is asked for again where the request is to be sent again.
		req.GetBody = func() (io.ReadCloser, error) {
			if r.wasSent() {
				return nil, errLost
			}
			return body()
		}
	}
	return req
}

// wasSent tells whether anything of the request left on a connection; from
// then on it is lost rather than sent again.
func (r *recorder) wasSent() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conn != nil && r.conn.written.Load() > r.base {
		r.lost = true
	}
	return r.lost
}

// giveUp ends a request that net/http is about to send again, and tells so.
func (r *recorder) giveUp() bool {
	if !r.wasSent() {
		return false
	}
	r.cancel()
	// HTTP/2 looks at the cancellation before it writes. HTTP/1.1 takes any idle
	// connection that is there: without one it must dial, and dial refuses. (The
	// hook of HTTP/2 runs under the lock that closing takes.)
	if r.http != nil && !r.http2 {
		r.http.CloseIdleConnections()
	}
	return true
}

func (r *recorder) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			if r.giveUp() { // HTTP/1.1 asks for a connection again
				return
			}
			r.locked(func() { r.stage, r.header = StageConnect, http.Header{} })
		},
		DNSStart: func(httptrace.DNSStartInfo) { r.locked(func() { r.stage, r.resolve0 = StageResolve, r.now() }) },
		DNSDone: func(i httptrace.DNSDoneInfo) {
			r.locked(func() {
				r.resolve = r.now() - r.resolve0
				if i.Err == nil {
					r.stage = StageConnect
				}
			})
		},
		ConnectStart: func(string, string) {
			r.locked(func() {
				r.stage = StageConnect
				if r.connect0 == 0 {
					r.connect0 = r.now()
				}
			})
		},
		ConnectDone: func(_, _ string, err error) {
			r.locked(func() {
				r.connect = r.now() - r.connect0
				if err == nil && r.proxy != "" {
					r.stage = StageProxy
				}
			})
		},
		TLSHandshakeStart: func() {
			r.locked(func() {
				r.handshakes++
				r.tls0 = r.now()
				if !r.withProxy() {
					r.stage = StageTLS
				}
			})
		},
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			r.locked(func() {
				r.tlsTime = r.now() - r.tls0
				if err == nil && !r.withProxy() {
					r.stage = StageWrite
				}
			})
		},
		GotConn: func(i httptrace.GotConnInfo) {
			if r.giveUp() { // HTTP/2 asks here
				return
			}
			r.locked(func() {
				r.stage, r.reused, r.header = StageWrite, i.Reused, http.Header{}
				if i.Conn == nil {
					return
				}
				r.remote = i.Conn.RemoteAddr().String()
				if c := counted(i.Conn); c != nil {
					r.conn, r.base = c, c.written.Load()
				}
				if t, ok := i.Conn.(*tls.Conn); ok {
					r.http2 = t.ConnectionState().NegotiatedProtocol == "h2"
				}
			})
		},
		WroteHeaderField: func(k string, v []string) {
			r.locked(func() { k = http.CanonicalHeaderKey(k); r.header[k] = append(r.header[k], v...) })
		},
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			r.locked(func() {
				r.sent = r.now()
				if i.Err == nil && r.stage == StageWrite {
					r.stage = StageFirstByte
				}
			})
		},
		GotFirstResponseByte: func() {
			r.locked(func() {
				if r.sent != 0 { // a server may answer before it has read all
					r.waiting = r.now() - r.sent
				}
			})
		},
	}
}

// withProxy tells whether the TLS handshake under way is the one with an https
// proxy, which comes before the server's.
func (r *recorder) withProxy() bool { return r.proxy == "https" && r.handshakes == 1 }
