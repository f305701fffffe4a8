package flows

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain holds the package to leaving no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listen serves bare connections on loopback, each by h, and gives the address.
// It ends h's connections with the test.
func listen(t *testing.T, h func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			wg.Go(func() { defer c.Close(); h(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}

// wire serves one request a connection: it reads the request and answers with
// h, which may do as it likes with the bytes.
func wire(t *testing.T, h func(net.Conn)) string {
	return listen(t, func(c net.Conn) {
		if readRequest(c) {
			h(c)
		}
	})
}

// readRequest reads a request with its body.
func readRequest(c net.Conn) bool {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return false
	}
	buf := make([]byte, 4096)
	for {
		if _, err := r.Body.Read(buf); err != nil {
			return true
		}
	}
}

// hold keeps a connection open until the other side closes it.
func hold(c net.Conn) {
	buf := make([]byte, 4096)
	for {
		if _, err := c.Read(buf); err != nil {
			return
		}
	}
}

// reset ends a connection by RST.
func reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

// authority is a CA of a test's own, with the file to trust it by.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	File string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: testEC(t, elliptic.P256())}
	tpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.cert, _ = x509.ParseCertificate(der)
	a.File = filepath.Join(t.TempDir(), "ca.pem")
	writeFile(t, a.File, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return a
}

func writeFile(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// issue signs a certificate for names, good until then, and writes it with its
// key to a file.
func (a *authority) issue(t *testing.T, until time.Time, names ...string) (tls.Certificate, string) {
	t.Helper()
	key := testEC(t, elliptic.P256())
	tpl := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"}, NotBefore: until.Add(-2 * time.Hour), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			tpl.IPAddresses = append(tpl.IPAddresses, ip)
		} else {
			tpl.DNSNames = append(tpl.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, tpl, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	block := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), sec1(key).Reveal()...)
	file := filepath.Join(t.TempDir(), "leaf.pem")
	writeFile(t, file, block)
	crt, err := tls.X509KeyPair(block, block)
	if err != nil {
		t.Fatal(err)
	}
	return crt, file
}

// good is a certificate for loopback that has not run out.
func (a *authority) good(t *testing.T) tls.Certificate {
	crt, _ := a.issue(t, time.Now().Add(time.Hour), "127.0.0.1", "tenant.test")
	return crt
}

const tokenReply = `{"access_token":"a","token_type":"Bearer","expires_in":60}`

func reply(body string) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body
}

// fault asks for a token and gives the fault of the one exchange that must
// have been kept.
func fault(t *testing.T, out Outcome) (*Fault, Exchange) {
	t.Helper()
	if len(out.Exchanges) != 1 {
		t.Fatalf("%d exchanges, error %v", len(out.Exchanges), out.Err)
	}
	ex := out.Exchanges[0]
	if ex.Fault == nil || out.Err == nil || out.Tokens != nil {
		t.Fatalf("fault %v, error %v", ex.Fault, out.Err)
	}
	if ex.Method != http.MethodPost || ex.URL == "" || len(ex.RequestBody) == 0 || ex.RequestHeader.Get("Content-Type") == "" {
		t.Errorf("the request is not kept: %s", ex)
	}
	return ex.Fault, ex
}

// quiet keeps servers from writing about the clients that leave them.
var quiet = log.New(io.Discard, "", 0)
