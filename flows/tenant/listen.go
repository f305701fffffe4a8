package tenant

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// timeouts and limits of the listener. A client that is slower, or larger, is
// cut off.
type serverLimits struct {
	readHeader, read, write, idle time.Duration
	headerBytes, connections      int
}

var usualLimits = serverLimits{
	readHeader: 10 * time.Second, read: 15 * time.Second, write: 2 * time.Minute, idle: time.Minute,
	headerBytes: 32 << 10, connections: 1024,
}

// server is a tenant's listener.
type server struct {
	http  *http.Server
	addr  string
	caPEM []byte
	done  chan struct{}
}

// Listen serves the tenant on a loopback address: "127.0.0.1:0", "[::1]:8080",
// "localhost:0"; any other is refused. Port 0 is a free port; an empty addr is
// 127.0.0.1:0. With TLS the certificate is good for 127.0.0.1, ::1 and localhost
// and is signed by a CA made for this tenant (CAPEM). The issuer becomes the
// address. It returns once the port is open; Close ends it.
func (t *Tenant) Listen(addr string, withTLS bool) error { return t.listen(addr, withTLS, usualLimits) }

func (t *Tenant) listen(addr string, withTLS bool, limits serverLimits) error {
	if t.server != nil {
		return fmt.Errorf("the tenant listens on %s already", t.server.addr)
	}
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("address %q: give it as HOST:PORT, for example 127.0.0.1:8080", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("address %q: the tenant serves loopback only; use 127.0.0.1, [::1] or localhost", addr)
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", addr, err)
	}
	if tcp, ok := ln.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		// A hosts file may give localhost another address.
		_ = ln.Close()
		return fmt.Errorf("address %q: it is %s, which is not loopback", addr, ln.Addr())
	}
	s := &server{addr: ln.Addr().String(), done: make(chan struct{})}
	scheme := "http"
	ln = &limitListener{Listener: ln, slots: make(chan struct{}, limits.connections), closed: make(chan struct{})}
	if withTLS {
		scheme = "https"
		var leaf tls.Certificate
		if leaf, s.caPEM, err = makeCertificates(time.Now()); err != nil {
			_ = ln.Close()
			return fmt.Errorf("making the certificate: %w", err)
		}
		ln = tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
	}
	s.http = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !ownName(r.Host) {
				http.Error(w, "This tenant is for programs on this machine: ask it as 127.0.0.1, [::1] or localhost.", http.StatusMisdirectedRequest)
				return
			}
			t.ServeHTTP(wireCase{w}, r)
		}),
		ReadHeaderTimeout: limits.readHeader, ReadTimeout: limits.read, WriteTimeout: limits.write, IdleTimeout: limits.idle,
		MaxHeaderBytes: limits.headerBytes,
		// What net/http tells here is about clients that do not speak HTTP or TLS.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	t.server, t.issuer = s, scheme+"://"+s.addr+"/"
	go func() {
		defer close(s.done)
		_ = s.http.Serve(ln) // returns only when closed
	}()
	return nil
}

// ownName tells whether a Host header names this machine's loopback. A page of
// a website whose name was led to 127.0.0.1 comes with another (DNS rebinding),
// and could read all of the tenant in the browser. Any port will do: one may
// have been forwarded here.
func ownName(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback() || strings.EqualFold(name, "localhost")
}

// Addr is the address that the tenant listens on; empty if it does not.
func (t *Tenant) Addr() string {
	if t.server == nil {
		return ""
	}
	return t.server.addr
}

// CAPEM is the certificate of the CA to trust; empty without TLS.
func (t *Tenant) CAPEM() []byte {
	if t.server == nil {
		return nil
	}
	return bytes.Clone(t.server.caPEM)
}

// Close ends the listener and its connections and removes the files that
// WriteFiles wrote. A tenant that did not listen may be closed too.
func (t *Tenant) Close() error {
	t.phone.close()
	var errs []error
	if t.server != nil {
		errs = append(errs, t.server.http.Close())
		<-t.server.done
	}
	if t.files != nil {
		errs = append(errs, t.files.remove())
		t.files = nil
	}
	return errors.Join(errs...)
}

// limitListener lets no more than so many connections be open at once; the rest
// wait to be accepted.
type limitListener struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func (l *limitListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &limitedConn{Conn: conn, release: func() { <-l.slots }}, nil
}

func (l *limitListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	err := l.Listener.Close()
	if errors.Is(err, os.ErrClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

type limitedConn struct {
	net.Conn
	once    sync.Once
	release func()
}

func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.release)
	return err
}

// makeCertificates makes a CA and a certificate for this machine's loopback
// names, with ECDSA keys, which take no time to make.
func makeCertificates(now time.Time) (leaf tls.Certificate, caPEM []byte, err error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return leaf, nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return leaf, nil, err
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authwalk loopback tenant CA"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 1, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, MaxPathLenZero: true,
		// The key of this CA is gone when the process ends; it can vouch for loopback
		// names only, whoever trusts it.
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{"localhost"},
		PermittedIPRanges: []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}, {IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)}},
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		return leaf, nil, err
	}
	end := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 1, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, end, ca, &key.PublicKey, caKey)
	if err != nil {
		return leaf, nil, err
	}
	leaf = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return leaf, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}), nil
}
