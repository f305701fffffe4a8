package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"authwalk/flows/tenant"
)

// wire is a network without a network: it takes requests to the tenants in
// process and lets the clock go on as if they had travelled. How long each part
// takes is given, so that the times in the pictures are the same each time.
type wire struct {
	clock *hands

	mu      sync.Mutex
	tenants map[string]http.RoundTripper // by host
	open    map[string]bool              // hosts that there is a connection to
	door    chan struct{}                // closed to let a held request go; nil: none is held
	waiting chan struct{}                // gets a token when a request stands at the door
}

func newWire(clock *hands) *wire {
	return &wire{clock: clock, tenants: map[string]http.RoundTripper{}, open: map[string]bool{}, waiting: make(chan struct{}, 8)}
}

// serve puts a tenant at its host.
func (x *wire) serve(t *tenant.Tenant) {
	u, err := url.Parse(t.Issuer())
	if err != nil {
		return // tenant.New has read it
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.tenants[u.Host] = t.RoundTripper()
}

// hold lets requests wait until release.
func (x *wire) hold() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.door = make(chan struct{})
}

func (x *wire) release() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.door != nil {
		close(x.door)
		x.door = nil
	}
}

// The parts of a request's time.
const (
	nameTakes    = 9 * time.Millisecond
	connectTakes = 17 * time.Millisecond
	tlsTakes     = 38 * time.Millisecond
)

// waits is how long the first byte of a reply takes, by path: a password is
// slow to check on purpose, a key set comes from a cache.
func waits(path string) time.Duration {
	switch {
	case path == "/oauth/token":
		return 164 * time.Millisecond
	case strings.HasPrefix(path, "/mfa/"):
		return 71 * time.Millisecond
	case strings.HasPrefix(path, "/.well-known/"):
		return 21 * time.Millisecond
	case path == "/userinfo":
		return 47 * time.Millisecond
	}
	return 33 * time.Millisecond
}

const bodyTakes = 1200 * time.Microsecond

// address is one of those that are reserved for documentation (RFC 5737).
var address = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 80), Port: 443}

// conn is all that is asked of a connection: where it goes.
type conn struct{ net.Conn }

func (conn) RemoteAddr() net.Addr { return address }

// RoundTrip answers one request.
func (x *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	x.mu.Lock()
	rt, door, reused := x.tenants[r.URL.Host], x.door, x.open[r.URL.Host]
	x.mu.Unlock()
	trace := httptrace.ContextClientTrace(r.Context())
	if trace == nil {
		trace = &httptrace.ClientTrace{}
	}
	call(trace.GetConn, r.URL.Host)
	if !reused {
		call(trace.DNSStart, httptrace.DNSStartInfo{Host: r.URL.Hostname()})
		x.clock.pass(nameTakes)
		if rt == nil {
			err := &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}
			call(trace.DNSDone, httptrace.DNSDoneInfo{Err: err})
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}
		call(trace.DNSDone, httptrace.DNSDoneInfo{Addrs: []net.IPAddr{{IP: address.IP}}})
		if trace.ConnectStart != nil {
			trace.ConnectStart("tcp", address.String())
		}
		x.clock.pass(connectTakes)
		if trace.ConnectDone != nil {
			trace.ConnectDone("tcp", address.String(), nil)
		}
		if trace.TLSHandshakeStart != nil {
			trace.TLSHandshakeStart()
		}
		x.clock.pass(tlsTakes)
		if trace.TLSHandshakeDone != nil {
			trace.TLSHandshakeDone(*secured(r.URL.Hostname()), nil)
		}
	}
	call(trace.GotConn, httptrace.GotConnInfo{Conn: conn{}, Reused: reused})
	written(trace, r)
	if door != nil {
		x.waiting <- struct{}{}
		select {
		case <-door:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	x.clock.pass(waits(r.URL.Path))

	// The tenant gets a context without the trace: what it would trace has
	// been told already.
	ctx, cancel := context.WithCancel(context.Background())
	stop := context.AfterFunc(r.Context(), cancel)
	resp, err := rt.RoundTrip(r.Clone(ctx))
	if err != nil {
		stop()
		cancel()
		return nil, err
	}
	if trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	x.mu.Lock()
	x.open[r.URL.Host] = true
	x.mu.Unlock()
	resp.Request = r
	resp.TLS = secured(r.URL.Hostname())
	resp.Body = &body{ReadCloser: resp.Body, clock: x.clock, done: func() { stop(); cancel() }}
	return resp, nil
}

func call[T any](hook func(T), v T) {
	if hook != nil {
		hook(v)
	}
}

// written tells what Go writes for a request.
func written(trace *httptrace.ClientTrace, r *http.Request) {
	field := func(name string, values ...string) {
		if trace.WroteHeaderField != nil {
			trace.WroteHeaderField(name, values)
		}
	}
	field("Host", r.URL.Host)
	if r.Header.Get("User-Agent") == "" {
		field("User-Agent", "Go-http-client/1.1")
	}
	if r.ContentLength > 0 {
		field("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	var names []string
	for n := range r.Header {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		field(n, r.Header[n]...)
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	call(trace.WroteRequest, httptrace.WroteRequestInfo{})
}

// secured is the TLS of a connection to a host.
func secured(host string) *tls.ConnectionState {
	crt := &x509.Certificate{
		Subject: pkix.Name{CommonName: host}, Issuer: pkix.Name{CommonName: "Acme Test CA"}, DNSNames: []string{host},
		NotBefore: time.Date(2026, time.January, 10, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026, time.June, 8, 0, 0, 0, 0, time.UTC),
	}
	return &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256, HandshakeComplete: true, ServerName: host,
		PeerCertificates: []*x509.Certificate{crt}}
}

// body lets the clock go on once when it has been read.
type body struct {
	io.ReadCloser
	clock *hands
	done  func()
	once  sync.Once
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.once.Do(func() { b.clock.pass(bodyTakes) })
	}
	return n, err
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.done()
	return err
}
