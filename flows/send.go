package flows

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"authwalk/flows/token"
)

// Limits of what is read. A reply over its limit is cut, kept and told.
const (
	limitReply  = 1 << 20   // token replies, discovery, JWKS, MFA
	limitMemory = 4 << 20   // of an API answer; the rest is spooled to a file
	limitAnswer = 256 << 20 // of an API answer
	limitHeader = 256 << 10
	limitFile   = 4 << 20 // of files that a set-up names: CA, keys
)

// bodyLimit is how much of a reply is read into memory.
func bodyLimit(purpose string) int {
	if purpose == PurposeJWKS {
		return token.MaxJWKSSize
	}
	return limitReply
}

// Request is what is to be sent.
type Request struct {
	Purpose  string
	ByItself bool
	Method   string
	URL      string
	Header   http.Header
	Body     []byte
}

// Client sends the requests of one set-up. It is safe for concurrent use.
type Client struct {
	Config Config
	Clock  Clock

	transport http.RoundTripper
	userAgent string
	keys      *keyStore
	trusted   *hostStore
	found     *endpointStore
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
	if cfg.JWKS != "" && !isURL(cfg.JWKS) { // before a password is sent for tokens that could not be checked
		if _, err := readKeys(cfg.JWKS); err != nil {
			return nil, err
		}
	}
	c := &Client{Config: cfg.Clone(), Clock: opt.Clock, transport: opt.Transport, userAgent: "authwalk", keys: newKeyStore(), trusted: &hostStore{}, found: newEndpointStore()}
	if opt.Version != "" {
		c.userAgent += "/" + opt.Version
	}
	if c.Clock.Wall == nil {
		c.Clock = SystemClock()
	}
	if c.transport == nil {
		t, err := newTransport(cfg)
		if err != nil {
			return nil, err
		}
		c.transport = t
	}
	return c, nil
}

// Close lets go of idle connections, and of those that were still being made
// for requests that were given up.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// WithConfig is a client for another set-up of the same tenant over the same
// connections and with the same keys. Proxy, CA and client certificate stay
// those that the first client was made with.
func (c *Client) WithConfig(cfg Config) *Client {
	n := &Client{Config: cfg.Clone(), Clock: c.Clock, transport: c.transport, userAgent: c.userAgent, keys: c.keys, trusted: &hostStore{}, found: newEndpointStore()}
	if cfg.sameTenant(c.Config) {
		n.trusted = c.trusted
	}
	if cfg.sameEndpoints(c.Config) {
		n.found = c.found
	}
	return n
}

// sameTenant tells whether two set-ups mean the same server: what a person
// allowed for the one holds for the other.
func (c Config) sameTenant(o Config) bool {
	return c.Domain == o.Domain && c.Issuer == o.Issuer && c.Origin() == o.Origin()
}

// sameEndpoints tells whether what was discovered for one set-up is what
// would be for the other.
func (c Config) sameEndpoints(o Config) bool {
	return c.sameTenant(o) && c.TokenURL == o.TokenURL && c.JWKS == o.JWKS && c.UserinfoURL == o.UserinfoURL && c.RevokeURL == o.RevokeURL && slices.Equal(c.AllowHosts, o.AllowHosts)
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
	rec := newRecorder(c.Clock.Mono, c.transport, cancel)
	finish := func(err error) Exchange {
		ex.End = c.Clock.Now()
		rec.into(&ex)
		if err != nil {
			ex.Fault = newFault(err, rec.stageNow(), limit)
		}
		return ex
	}

	if err := c.Config.checkURL("URL", r.URL); err != nil {
		return finish(err)
	}
	if err := ctx.Err(); err != nil {
		return finish(err) // what was cancelled sends nothing more, whatever the transport looks at
	}
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, body)
	if err != nil {
		return finish(fmt.Errorf("the request cannot be made: %w", withoutURL(err)))
	}
	for k, v := range r.Header {
		if k = http.CanonicalHeaderKey(k); k == "Host" && len(v) > 0 {
			req.Host = v[0] // net/http takes it from here alone
		} else {
			req.Header[k] = append(req.Header[k], v...)
		}
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	ex.RequestHeader = req.Header.Clone()
	req = rec.watch(req)

	// The transport alone, not an http.Client around it: no redirect is
	// followed (credentials go where the person saw them go, nowhere else), no
	// cookie is kept, and a Location that is no URL does not hide the reply.
	res, err := c.transport.RoundTrip(req)
	if err != nil {
		return finish(rec.cause(withoutURL(err)))
	}
	if res.StatusCode < 100 { // net/http takes any three digits; 0 stands for no reply
		res.Body.Close()
		return finish(fmt.Errorf("malformed HTTP status code %q", res.Status))
	}
	rec.at(StageBody)
	ex.Proto, ex.Status, ex.Header = res.Proto, res.StatusCode, res.Header
	if res.TLS != nil {
		ex.TLS = tlsInfo(res.TLS)
	}
	if res.Body == nil {
		return finish(nil)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusSwitchingProtocols {
		// Its body is the bare connection, which no timeout ends. Nobody asked
		// for another protocol.
		return finish(nil)
	}
	return finish(rec.cause(readBody(&ex, res.Body, spool)))
}

// withoutURL takes off what net/http and net/url put around an error: their
// text repeats the URL, which may carry secrets.
func withoutURL(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) && ue.Err != nil {
		return ue.Err
	}
	return err
}

// readBody reads to the limit and keeps what came, also of a body that breaks off.
func readBody(ex *Exchange, body io.Reader, spool *Spool) error {
	if spool == nil {
		limit := bodyLimit(ex.Purpose)
		b, err := io.ReadAll(io.LimitReader(body, int64(limit)+1))
		if len(b) > limit {
			b, ex.Truncated = b[:limit], true
		}
		ex.Body, ex.BodySize = b, int64(len(b))
		return err
	}
	err := spool.fill(body)
	ex.Body, ex.BodySize, ex.Truncated = spool.Head(), spool.Size(), spool.Cut()
	if spool.onDisk() {
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
