package flows

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of what is read. A reply over its limit is cut, kept and told.
const (
	limitReply  = 1 << 20   // token replies, discovery, JWKS, MFA
	limitMemory = 4 << 20   // of an API answer; the rest is spooled to a file
	limitAnswer = 256 << 20 // of an API answer
	limitHeader = 256 << 10
)

// Request is what is to be sent.
type Request struct {
	Purpose  string
	ByItself bool
	Method   string
	URL      string
	Header   http.Header
	Body     []byte
}

// Format names the request without its contents, for every verb.
func (r Request) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "%s %s", r.Method, r.URL) }

// Client sends the requests of one set-up. It is safe for concurrent use.
type Client struct {
	Config Config
	Clock  Clock

	http      *http.Client
	userAgent string

	mu        sync.Mutex
	endpoints *Endpoints
	keys      *keyStore
}

// ClientOptions is what a Client gets from outside.
type ClientOptions struct {
	// Transport replaces the network: a loopback tenant in process, a test.
	Transport http.RoundTripper
	Clock     Clock
	Version   string // for the User-Agent
}

// NewClient makes a client for a set-up that Check has nothing against.
// Errors are *UsageError: the set-up, or a file that it names.
func NewClient(cfg Config, opt ClientOptions) (*Client, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	c := &Client{Config: cfg.Clone(), Clock: opt.Clock, userAgent: "authwalk", keys: &keyStore{}}
	if opt.Version != "" {
		c.userAgent += "/" + opt.Version
	}
	if c.Clock.Wall == nil {
		c.Clock = SystemClock()
	}
	rt := opt.Transport
	if rt == nil {
		t, err := transport(cfg)
		if err != nil {
			return nil, err
		}
		rt = t
	}
	c.http = &http.Client{
		Transport: rt,
		// A redirect is shown, never followed: credentials go where the
		// person saw them go, nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// WithConfig is a client for another set-up of the same tenant over the same
// connections and with the same keys.
func (c *Client) WithConfig(cfg Config) *Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := &Client{Config: cfg.Clone(), Clock: c.Clock, http: c.http, userAgent: c.userAgent, keys: c.keys}
	if cfg.Origin() == c.Config.Origin() && cfg.TokenURL == c.Config.TokenURL {
		n.endpoints = c.endpoints
	}
	return n
}

// transport makes the network side: proxies of the environment, TLS verified,
// no transparent decompression (what is shown is what came).
func transport(cfg Config) (*http.Transport, error) {
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: limitHeader,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConnsPerHost:    4,
	}
	if cfg.Proxy != "" {
		u, err := url.Parse(cfg.Proxy)
		if err != nil || u.Host == "" {
			return nil, usagef("proxy", "proxy %q is no URL: write it like http://proxy:3128", cfg.Proxy)
		}
		t.Proxy = http.ProxyURL(u)
	}
	if cfg.CAFile != "" {
		pem, err := os.ReadFile(cfg.CAFile)
		if err != nil {
			return nil, usagef("ca_file", "ca_file cannot be read: %v", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, usagef("ca_file", "ca_file %s holds no PEM certificate", cfg.CAFile)
		}
		t.TLSClientConfig.RootCAs = pool
	}
	if cfg.ClientCert != "" {
		key := cfg.ClientKey
		if key == "" {
			key = cfg.ClientCert
		}
		crt, err := tls.LoadX509KeyPair(cfg.ClientCert, key)
		if err != nil {
			return nil, usagef("client_cert", "client_cert cannot be used: %v", err)
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{crt}
	}
	return t, nil
}

// recorder watches one request go out and keeps what was written and when.
type recorder struct {
	mu                                 sync.Mutex
	now                                func() time.Duration
	stage                              string
	header                             http.Header
	resolve0, connect0, tls0, sent     time.Duration
	resolve, connect, tlsTime, waiting time.Duration
	reused                             bool
	remote                             string
}

func (r *recorder) at(stage string) {
	r.mu.Lock()
	r.stage = stage
	r.mu.Unlock()
}

func (r *recorder) trace(proxied bool) *httptrace.ClientTrace {
	locked := func(f func()) { r.mu.Lock(); defer r.mu.Unlock(); f() }
	return &httptrace.ClientTrace{
		GetConn:  func(string) { locked(func() { r.stage, r.header = StageConnect, http.Header{} }) },
		DNSStart: func(httptrace.DNSStartInfo) { locked(func() { r.stage, r.resolve0 = StageResolve, r.now() }) },
		DNSDone: func(i httptrace.DNSDoneInfo) {
			locked(func() {
				r.resolve = r.now() - r.resolve0
				if i.Err == nil {
					r.stage = StageConnect
				}
			})
		},
		ConnectStart: func(string, string) {
			locked(func() {
				r.stage = StageConnect
				if r.connect0 == 0 {
					r.connect0 = r.now()
				}
			})
		},
		ConnectDone: func(_, _ string, err error) {
			locked(func() {
				r.connect = r.now() - r.connect0
				if err == nil && proxied {
					r.stage = StageProxy
				}
			})
		},
		TLSHandshakeStart: func() { locked(func() { r.stage, r.tls0 = StageTLS, r.now() }) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			locked(func() {
				r.tlsTime = r.now() - r.tls0
				if err == nil {
					r.stage = StageWrite
				}
			})
		},
		GotConn: func(i httptrace.GotConnInfo) {
			locked(func() {
				r.stage, r.reused, r.header = StageWrite, i.Reused, http.Header{}
				if i.Conn != nil {
					r.remote = i.Conn.RemoteAddr().String()
				}
			})
		},
		WroteHeaderField: func(k string, v []string) {
			locked(func() { r.header[http.CanonicalHeaderKey(k)] = append(r.header[http.CanonicalHeaderKey(k)], v...) })
		},
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			locked(func() {
				r.sent = r.now()
				if i.Err == nil {
					r.stage = StageFirstByte
				}
			})
		},
		GotFirstResponseByte: func() { locked(func() { r.waiting = r.now() - r.sent }) },
	}
}

// send sends one request once and records it. It gives back an Exchange
// whatever happens; its Fault tells why there is no whole reply. spool, if not
// nil, takes a body that is too large for memory.
func (c *Client) send(ctx context.Context, r Request, spool *Spool) Exchange {
	limit := c.Config.TimeoutOrDefault()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	ex := Exchange{ByItself: r.ByItself, Purpose: r.Purpose, Method: r.Method, URL: r.URL,
		RequestHeader: r.Header.Clone(), RequestBody: r.Body, Start: c.Clock.Now()}
	rec := &recorder{now: c.Clock.Mono, stage: StagePrepare, header: http.Header{}}
	if _, ok := c.http.Transport.(*http.Transport); !ok {
		rec.stage = StageFirstByte // served in process: nothing is traced
	}
	finish := func(err error) Exchange {
		ex.End = c.Clock.Now()
		rec.mu.Lock()
		defer rec.mu.Unlock()
		ex.Timings = Timings{Resolve: rec.resolve, Connect: rec.connect, TLS: rec.tlsTime, FirstByte: rec.waiting, Total: ex.End.Mono - ex.Start.Mono, Reused: rec.reused}
		ex.Remote = rec.remote
		if len(rec.header) > 0 { // what went out, with what Go added
			ex.RequestHeader = rec.header
		}
		if err != nil {
			ex.Fault = &Fault{Stage: rec.stage, Limit: limit, Err: err, Canceled: errors.Is(err, context.Canceled)}
			var ne net.Error
			ex.Fault.Timeout = !ex.Fault.Canceled && (errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout())
		}
		return ex
	}

	if err := c.Config.checkURL("URL", r.URL); err != nil {
		return finish(err)
	}
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, body)
	if err != nil {
		return finish(fmt.Errorf("the request cannot be made: %w", err))
	}
	for k, v := range r.Header {
		req.Header[k] = slices.Clone(v)
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	proxied := false
	if t, ok := c.http.Transport.(*http.Transport); ok && t.Proxy != nil {
		u, err := t.Proxy(req)
		proxied = err == nil && u != nil
	}
	ex.RequestHeader = req.Header.Clone()
	req = req.WithContext(httptrace.WithClientTrace(ctx, rec.trace(proxied)))

	res, err := c.http.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) { // its text repeats the URL, which may carry secrets
			err = ue.Err
		}
		return finish(err)
	}
	defer res.Body.Close()
	rec.at(StageBody)
	ex.Proto, ex.Status, ex.Header = res.Proto, res.StatusCode, res.Header
	if res.TLS != nil {
		ex.TLS = tlsInfo(res.TLS)
	}
	err = readBody(&ex, res.Body, spool)
	return finish(err)
}

// readBody reads to the limit and keeps what came, also of a body that breaks off.
func readBody(ex *Exchange, body io.Reader, spool *Spool) error {
	if spool == nil {
		b, err := io.ReadAll(io.LimitReader(body, limitReply+1))
		if len(b) > limitReply {
			b, ex.Truncated = b[:limitReply], true
		}
		ex.Body, ex.BodySize = b, int64(len(b))
		return err
	}
	err := spool.fill(body)
	ex.Body, ex.BodySize, ex.Truncated = spool.Head(), spool.Size(), spool.Cut()
	if spool.OnDisk() {
		ex.Spool, ex.Truncated = spool, true
	}
	return err
}

func tlsInfo(s *tls.ConnectionState) *TLSInfo {
	i := &TLSInfo{Version: tls.VersionName(s.Version), Cipher: tls.CipherSuiteName(s.CipherSuite)}
	if len(s.PeerCertificates) > 0 {
		leaf := s.PeerCertificates[0]
		i.Subject, i.NotAfter = certName(leaf), leaf.NotAfter
		i.Issuer = leaf.Issuer.CommonName
		if i.Issuer == "" {
			i.Issuer = leaf.Issuer.String()
		}
	}
	return i
}

// hostAllowed tells whether a URL is on one of the hosts that credentials and
// tokens may go to: the tenant's own, or one that was allowed by name.
func (c *Client) hostAllowed(raw string) (host string, ok bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", false
	}
	own, err := url.Parse(c.Config.Origin())
	if err == nil && strings.EqualFold(u.Host, own.Host) && (u.Scheme == own.Scheme || u.Scheme == "https") {
		return u.Host, true
	}
	return u.Host, slices.ContainsFunc(c.Config.AllowHosts, func(h string) bool {
		return strings.EqualFold(h, u.Host) || strings.EqualFold(h, u.Hostname())
	})
}
