package diagnosis

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asHTTP wraps an error as net/http does.
func asHTTP(err error) error {
	return &url.Error{Op: "Post", URL: "https://user:hunter2@as.example/token?client_secret=hunter2", Err: err}
}

func op(name string, err error) error {
	return &net.OpError{Op: name, Net: "tcp", Err: err}
}

func TestTransportFaults(t *testing.T) {
	now := time.Now()
	for _, r := range []struct {
		name  string
		fault Fault
		id    string
		says  string
	}{
		{"no such name", Fault{Err: op("dial", &net.DNSError{Err: "no such host", Name: "acme.eu.auth0.com", IsNotFound: true}), Stage: StageResolve}, DNSFailure, "region"},
		{"name server fails", Fault{Err: op("dial", &net.DNSError{Err: "server misbehaving", Name: "as.example", IsTemporary: true}), Stage: StageResolve}, DNSFailure, "server misbehaving"},
		{"name server is silent", Fault{Err: op("dial", &net.DNSError{Err: "i/o timeout", Name: "as.example", IsTimeout: true})}, DNSFailure, "name server"},
		{"our time is up while resolving", Fault{Err: op("dial", &net.DNSError{Err: "i/o timeout", Name: "as.example", IsTimeout: true}), Stage: StageResolve, Timeout: true, Limit: 2 * time.Second}, Timeout, "2 seconds"},
		{"refused", Fault{Err: op("dial", os.NewSyscallError("connect", syscall.ECONNREFUSED)), Stage: StageConnect}, ConnectionRefused, "Nothing listens"},
		{"refused on Windows", Fault{Err: op("dial", os.NewSyscallError("connectex", syscall.Errno(wsaRefused))), Stage: StageConnect}, ConnectionRefused, ""},
		{"reset", Fault{Err: op("read", os.NewSyscallError("read", syscall.ECONNRESET)), Stage: StageFirstByte}, ConnectionReset, "reset"},
		{"broken pipe", Fault{Err: op("write", os.NewSyscallError("write", syscall.EPIPE)), Stage: StageWrite}, ConnectionReset, ""},
		{"closed", Fault{Err: io.EOF, Stage: StageFirstByte}, ConnectionReset, "closed"},
		{"cut", Fault{Err: io.ErrUnexpectedEOF, Stage: StageBody}, ConnectionReset, "cut off"},
		{"no route", Fault{Err: op("dial", os.NewSyscallError("connect", syscall.EHOSTUNREACH))}, Unreachable, ""},
		{"no network", Fault{Err: op("dial", os.NewSyscallError("connect", syscall.ENETUNREACH))}, Unreachable, ""},
		{"time, connect", Fault{Err: context.DeadlineExceeded, Stage: StageConnect, Timeout: true, Limit: 20 * time.Second}, Timeout, "firewall"},
		{"time, first byte", Fault{Err: context.DeadlineExceeded, Stage: StageFirstByte, Timeout: true, Limit: 2 * time.Second}, Timeout, "waiting for the reply"},
		{"time, body", Fault{Err: os.ErrDeadlineExceeded, Stage: StageBody}, Timeout, "middle of the reply"},
		{"time, TLS", Fault{Err: context.DeadlineExceeded, Stage: StageTLS, Timeout: true}, Timeout, "TLS"},
		{"time, nowhere", Fault{Err: context.DeadlineExceeded}, Timeout, ""},
		{"cancelled", Fault{Err: context.Canceled, Stage: StageFirstByte}, Cancelled, ""},
		{"proxy refused", Fault{Err: op("proxyconnect", os.NewSyscallError("connect", syscall.ECONNREFUSED)), Proxy: "proxy.example:3128"}, ProxyFailure, "proxy.example:3128"},
		{"proxy wants a login", Fault{Err: errors.New("Proxy Authentication Required"), Stage: StageProxy}, ProxyFailure, "password"},
		{"wrong host", Fault{Err: &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"other.example", "*.other.example"}}, Host: "as.example"}}}, TLSWrongHost, "*.other.example"},
		{"not http", Fault{Err: errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0"`)}, TransportFailure, "HTTP"},
		{"plain http", Fault{Err: errors.New("http: server gave HTTP response to HTTPS client")}, TLSFailure, "does not speak TLS"},
		{"alert", Fault{Err: op("remote error", tls.AlertError(40)), Stage: StageTLS}, TLSFailure, "handshake failure"},
		{"client certificate", Fault{Err: op("remote error", tls.AlertError(116)), Stage: StageFirstByte}, TLSFailure, "client_cert"},
		{"disk full", Fault{Err: fmt.Errorf("the answer cannot be put aside: %w", &os.PathError{Op: "write", Path: "/tmp/x", Err: syscall.ENOSPC}), Stage: StageBody}, TransportFailure, "Make room"},
		{"other", Fault{Err: errors.New("something odd")}, TransportFailure, "something odd"},
		{"nothing known", Fault{}, TransportFailure, ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			for _, wrapped := range []bool{false, true} {
				f := r.fault
				if wrapped && f.Err != nil {
					f.Err = asHTTP(f.Err)
				}
				ev := Evidence{Sent: password, Fault: &f, Now: now}
				found := Diagnose(ev)
				if len(found) == 0 || found[0].ID != r.id {
					t.Fatalf("found %v, want %s", ids(found), r.id)
				}
				if Classify(ev) != ClassNetwork {
					t.Errorf("class %q", Classify(ev))
				}
				all := found[0].Title + " " + found[0].Why + " " + strings.Join(found[0].Fix, " ")
				if r.says != "" && !strings.Contains(all, r.says) {
					t.Errorf("does not say %q: %s", r.says, all)
				}
				if strings.Contains(all, "hunter2") {
					t.Errorf("what was in the URL is told: %s", all)
				}
				complete(t, found)
			}
		})
	}
}

// certificate makes a certificate that signs itself, or is signed by parent.
func certificate(t *testing.T, change func(*x509.Certificate)) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test server"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	change(tmpl)
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, leaf
}

// TestRealTLS takes its errors from handshakes that really fail.
func TestRealTLS(t *testing.T) {
	serve := func(cert tls.Certificate) string {
		srv := httptest.NewUnstartedServer(http.NotFoundHandler())
		srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		srv.EnableHTTP2 = false
		srv.Config.ErrorLog = discard
		srv.StartTLS()
		t.Cleanup(srv.Close)
		return srv.URL
	}
	get := func(u string, roots *x509.CertPool) error {
		tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
		defer tr.CloseIdleConnections()
		resp, err := (&http.Client{Transport: tr}).Get(u)
		if err == nil {
			resp.Body.Close()
			t.Fatalf("%s: no error", u)
		}
		return err
	}
	trust := func(leaf *x509.Certificate) *x509.CertPool {
		p := x509.NewCertPool()
		p.AddCert(leaf)
		return p
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	good, _ := certificate(t, func(*x509.Certificate) {})
	old, oldLeaf := certificate(t, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
	})
	early, earlyLeaf := certificate(t, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(24*time.Hour), time.Now().Add(48*time.Hour)
	})
	other, otherLeaf := certificate(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.example"} })
	for _, r := range []struct {
		name string
		err  error
		id   string
		says string
	}{
		{"untrusted", get(serve(good), x509.NewCertPool()), TLSUntrusted, "signed itself"},
		{"expired", get(serve(old), trust(oldLeaf)), TLSExpired, "has expired"},
		{"not yet valid", get(serve(early), trust(earlyLeaf)), TLSExpired, "not valid yet"},
		{"wrong host", get(serve(other), trust(otherLeaf)), TLSWrongHost, "other.example"},
		{"no TLS", get(strings.Replace(plain.URL, "http:", "https:", 1), nil), TLSFailure, "does not speak TLS"},
	} {
		found := Diagnose(Evidence{Sent: Sent{URL: "https://127.0.0.1/"}, Fault: &Fault{Err: r.err, Stage: StageTLS}, Now: time.Now()})
		if len(found) == 0 || found[0].ID != r.id {
			t.Errorf("%s: found %v, want %s (%v)", r.name, ids(found), r.id, r.err)
			continue
		}
		if all := found[0].Title + found[0].Why; !strings.Contains(all, r.says) {
			t.Errorf("%s: does not say %q: %s", r.name, r.says, all)
		}
		complete(t, found)
	}
	const addr = "127.0.0.1:9" // nothing listens there; a port that was closed may be another test's by now
	found := Diagnose(Evidence{Sent: Sent{URL: "http://" + addr}, Fault: &Fault{Err: get("http://"+addr, nil), Stage: StageConnect}})
	if found[0].ID != ConnectionRefused || !strings.Contains(found[0].Title, addr) {
		t.Errorf("closed port: %+v", found[0])
	}
}

var discard = log.New(io.Discard, "", 0)
