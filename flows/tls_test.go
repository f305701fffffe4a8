package flows

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authwalk/flows/diagnosis"
)

// secure serves token replies over TLS and gives the address.
func secure(t *testing.T, conf *tls.Config, h http.HandlerFunc) string {
	t.Helper()
	if h == nil {
		h = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tokenReply) }
	}
	srv := httptest.NewUnstartedServer(h)
	srv.TLS = conf
	srv.Config.ErrorLog = quiet
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

// TestTLSThatIsNotGood ends before a byte of the request is sent.
func TestTLSThatIsNotGood(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	expired, _ := a.issue(t, time.Now().Add(-time.Minute), "127.0.0.1")
	elsewhere, _ := a.issue(t, time.Now().Add(time.Hour), "elsewhere.test")
	for _, tc := range []struct {
		name    string
		conf    *tls.Config
		says    string
		finding string
	}{
		{"self-signed", &tls.Config{Certificates: []tls.Certificate{stranger.good(t)}}, "unknown authority", diagnosis.TLSUntrusted},
		{"expired", &tls.Config{Certificates: []tls.Certificate{expired}}, "expired", diagnosis.TLSExpired},
		{"wrong host", &tls.Config{Certificates: []tls.Certificate{elsewhere}}, "127.0.0.1", diagnosis.TLSWrongHost},
		{"TLS 1.0", &tls.Config{Certificates: []tls.Certificate{a.good(t)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, "protocol version", diagnosis.TLSFailure},
		{"TLS 1.1", &tls.Config{Certificates: []tls.Certificate{a.good(t)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "protocol version", diagnosis.TLSFailure},
	} {
		t.Run(tc.name, func(t *testing.T) {
			addr := secure(t, tc.conf, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
			c := client(t, Config{Domain: "https://" + addr, CAFile: a.File})
			out := ask(c)
			f, _ := fault(t, out)
			if f.Stage != StageTLS || !strings.Contains(f.Error(), tc.says) {
				t.Errorf("%s: %v", f.Stage, f)
			}
			s := NewSession(c.Config)
			s.Take(c, out)
			if len(s.Findings) == 0 || s.Findings[0].ID != tc.finding || s.Class.Exit() != 3 {
				t.Errorf("findings %v, exit %d", s.Findings, s.Class.Exit())
			}
		})
	}
	t.Run("no TLS at all", func(t *testing.T) {
		addr := listen(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 512))
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		})
		if f, _ := fault(t, ask(client(t, Config{Domain: "https://" + addr}))); f.Stage != StageTLS {
			t.Errorf("%s: %v", f.Stage, f)
		}
	})
}

func TestCAFile(t *testing.T) {
	a := newAuthority(t)
	addr := secure(t, &tls.Config{Certificates: []tls.Certificate{a.good(t)}}, nil)
	out := ask(client(t, Config{Domain: addr, CAFile: a.File}))
	if out.Err != nil {
		t.Fatal(out.Err)
	}
	if i := out.Exchanges[0].TLS; i == nil || i.Subject != "leaf" || i.NotAfter.Before(time.Now()) || out.Exchanges[0].Timings.TLS <= 0 {
		t.Errorf("%+v", i)
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "empty.pem"), nil)
	big := filepath.Join(dir, "big.pem")
	writeFile(t, big, nil)
	if err := os.Truncate(big, limitFile+1); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{"no.pem": "no such file", "empty.pem": "no PEM", "big.pem": "larger"} {
		_, err := NewClient(Config{Domain: addr, CAFile: filepath.Join(dir, name)}, ClientOptions{})
		var ue *UsageError
		if !errors.As(err, &ue) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClientCertificate(t *testing.T) {
	a := newAuthority(t)
	_, file := a.issue(t, time.Now().Add(time.Hour), "client.test")
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	addr := secure(t, &tls.Config{Certificates: []tls.Certificate{a.good(t)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}, func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) != 1 || r.TLS.PeerCertificates[0].DNSNames[0] != "client.test" {
			t.Error("another certificate")
		}
		_, _ = io.WriteString(w, tokenReply)
	})
	for name, cfg := range map[string]Config{
		"one file":  {ClientCert: file},
		"two files": {ClientCert: file, ClientKey: file},
	} {
		cfg.Domain, cfg.CAFile = addr, a.File
		if out := ask(client(t, cfg)); out.Err != nil {
			t.Errorf("%s: %v", name, out.Err)
		}
	}
	if f, _ := fault(t, ask(client(t, Config{Domain: addr, CAFile: a.File}))); f.Timeout || f.Canceled {
		t.Errorf("without one: %v", f)
	}
	for name, cfg := range map[string]Config{
		"no such file":       {ClientCert: file + "x"},
		"no key":             {ClientCert: a.File},
		"key of another one": {ClientCert: a.File, ClientKey: file},
	} {
		cfg.Domain = addr
		var ue *UsageError
		if _, err := NewClient(cfg, ClientOptions{}); !errors.As(err, &ue) || strings.Contains(err.Error(), "PRIVATE KEY-----") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// tunnel is a proxy that leads every CONNECT to one address, and tells whom it
// was asked for.
func tunnel(t *testing.T, to string, asked chan<- string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			t.Errorf("%s through the proxy", r.Method)
			return
		}
		asked <- r.Host + " " + r.Header.Get("Proxy-Authorization")
		up, err := net.Dial("tcp", to)
		if err != nil {
			t.Error(err)
			return
		}
		down, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(down, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(up, down); _ = up.Close() }()
		_, _ = io.Copy(down, up)
		_ = down.Close()
	}
}

func TestProxyOfTheSetUp(t *testing.T) {
	a := newAuthority(t)
	asked := make(chan string, 9)
	through := tunnel(t, secure(t, &tls.Config{Certificates: []tls.Certificate{a.good(t)}}, nil), asked)
	plain := httptest.NewServer(through)
	defer plain.Close()
	overTLS := secure(t, &tls.Config{Certificates: []tls.Certificate{a.good(t)}}, through)
	for _, proxy := range []string{"http://user:SECRET@" + plain.Listener.Addr().String(), "https://user:SECRET@" + overTLS} {
		c := client(t, Config{Domain: "tenant.test", CAFile: a.File, Proxy: proxy})
		out := ask(c)
		if out.Err != nil {
			t.Fatal(out.Err)
		}
		if got := <-asked; got != "tenant.test:443 Basic dXNlcjpTRUNSRVQ=" {
			t.Errorf("the proxy was asked for %s", got)
		}
		if ex := out.Exchanges[0]; ex.RequestHeader.Get("Proxy-Authorization") != "" || ex.TLS == nil || ex.TLS.Subject != "leaf" {
			t.Errorf("%v %+v", ex.RequestHeader, ex.TLS)
		}
		c.Close()
		// Loopback in plain http stays on this machine.
		near := server(t, Config{Proxy: proxy}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tokenReply) })
		if out := ask(near); out.Err != nil {
			t.Error(out.Err)
		}
	}
}

func TestProxyThatRefuses(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	locked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Proxy-Authenticate", "Basic")
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer locked.Close()
	for name, tc := range map[string]struct{ at, stage string }{"gone": {gone.Listener.Addr().String(), StageConnect}, "wants a login": {locked.Listener.Addr().String(), StageProxy}} {
		t.Run(name, func(t *testing.T) {
			c := client(t, Config{Domain: "tenant.test", Proxy: "http://user:SECRET@" + tc.at})
			out := ask(c)
			f, _ := fault(t, out)
			s := NewSession(c.Config)
			s.Take(c, out)
			if f.Stage != tc.stage || len(s.Findings) == 0 || s.Findings[0].ID != diagnosis.ProxyFailure {
				t.Errorf("%s: %v, findings %v", f.Stage, f, s.Findings)
			}
			if all := f.Error() + s.Findings[0].Title + s.Findings[0].Why; strings.Contains(all, "SECRET") {
				t.Errorf("the proxy's password is told: %s", all)
			}
		})
	}
	for _, bad := range []string{"proxy:3128", "ftp://user:SECRET@proxy:21", "http://user:SECRET@pro xy", "http://"} {
		_, err := NewClient(Config{Domain: "tenant.test", Proxy: bad}, ClientOptions{})
		var ue *UsageError
		if !errors.As(err, &ue) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestProxyOfTheEnvironment runs itself again: net/http reads HTTPS_PROXY once
// in a program.
func TestProxyOfTheEnvironment(t *testing.T) {
	if at := os.Getenv("AUTHWALK_TEST_CA"); at != "" {
		if out := ask(client(t, Config{Domain: "tenant.test", CAFile: at})); out.Err != nil {
			t.Fatal(out.Err)
		}
		// Loopback is never asked of a proxy.
		if out := ask(server(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tokenReply) })); out.Err != nil {
			t.Fatal(out.Err)
		}
		return
	}
	a := newAuthority(t)
	asked := make(chan string, 9)
	proxy := httptest.NewServer(tunnel(t, secure(t, &tls.Config{Certificates: []tls.Certificate{a.good(t)}}, nil), asked))
	defer proxy.Close()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyOfTheEnvironment$")
	cmd.Env = append(os.Environ(), "AUTHWALK_TEST_CA="+a.File, "HTTPS_PROXY="+proxy.URL, "NO_PROXY=", "no_proxy=", "https_proxy=")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if got := <-asked; strings.TrimSpace(got) != "tenant.test:443" {
		t.Errorf("the proxy was asked for %s", got)
	}
}
