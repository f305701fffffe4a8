package flows

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync/atomic"
	"time"
)

// newTransport makes the network side: proxies of the environment, TLS
// verified, no transparent decompression (what is shown is what came).
func newTransport(cfg Config) (*http.Transport, error) {
	// A request that is given up leaves its dial behind (net/http goes on with
	// it for the next request): these limits end it.
	limit := cfg.TimeoutOrDefault() + time.Second
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dial(&net.Dialer{Timeout: limit}),
		TLSHandshakeTimeout:    limit,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: limitHeader,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConnsPerHost:    4,
	}
	if cfg.Proxy != "" {
		u, err := url.Parse(cfg.Proxy)
		if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
			return nil, usagef("proxy", "proxy %q is no URL of a proxy: write it like http://proxy:3128", withoutUser(cfg.Proxy))
		}
		t.Proxy = func(r *http.Request) (*url.URL, error) {
			if IsLoopback(r.URL.Hostname()) { // as the environment's: plain http is for this machine alone
				return nil, nil
			}
			return u, nil
		}
	}
	if cfg.CAFile != "" {
		pem, err := readFile(cfg.CAFile)
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
		crt, err := loadKeyPair(cfg.ClientCert, cmp.Or(cfg.ClientKey, cfg.ClientCert))
		if err != nil {
			return nil, usagef("client_cert", "client_cert cannot be used: %v", err)
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{crt}
	}
	return t, nil
}

func loadKeyPair(cert, key string) (tls.Certificate, error) {
	c, err := readFile(cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	k, err := readFile(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(c, k)
}

// readFile reads a file that a set-up names, within a limit: a wrong name may
// be a device or a film.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limitFile+1))
	if err == nil && len(b) > limitFile {
		err = fmt.Errorf("%s is larger than %d MiB", name, limitFile>>20)
	}
	return b, err
}

// errLost is why a request has no reply although net/http would send it again:
// one press sends one request.
var errLost = fmt.Errorf("the connection, which had been used before, broke after the request was sent; it was not sent again: %w", io.ErrUnexpectedEOF)

// countedConn counts what is written, so that it can be told whether a request
// left the machine.
type countedConn struct {
	net.Conn
	written atomic.Int64
}

func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n))
	return n, err
}

// counted finds the counter below TLS, also TLS through a TLS proxy.
func counted(c net.Conn) *countedConn {
	for {
		switch t := c.(type) {
		case *countedConn:
			return t
		case *tls.Conn:
			c = t.NetConn()
		default:
			return nil
		}
	}
}

type recorderKey struct{}

func dial(d *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if rec, ok := ctx.Value(recorderKey{}).(*recorder); ok && rec.isLost() {
			return nil, errLost
		}
		conn, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: conn}, nil
	}
}

// newFault reads how a request failed from its error.
func newFault(err error, stage string, limit time.Duration) *Fault {
	f := &Fault{Stage: stage, Limit: limit, Err: err, Canceled: errors.Is(err, context.Canceled)}
	var ne net.Error
	f.Timeout = !f.Canceled && (errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout())
	return f
}
