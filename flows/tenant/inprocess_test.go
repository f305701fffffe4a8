package tenant

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
	"time"
)

func (f *fixture) httpClient() *http.Client { return &http.Client{Transport: f.RoundTripper()} }

func TestInProcess(t *testing.T) {
	f := start(t, "works")
	var headers []string
	first := false
	trace := &httptrace.ClientTrace{
		WroteHeaderField:     func(name string, _ []string) { headers = append(headers, name) },
		GotFirstResponseByte: func() { first = true },
	}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "POST", f.Issuer()+"oauth/token", strings.NewReader(f.loginForm().Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := f.httpClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 || !strings.HasPrefix(string(body), `{"access_token":`) || res.ContentLength != int64(len(body)) {
		t.Errorf("%v %d %s", err, res.StatusCode, body)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	if got := strings.Join(headers, " "); got != "Host Content-Length Content-Type User-Agent" || !first {
		t.Errorf("%s", got)
	}
	res, err = f.httpClient().Get(f.Issuer() + "userinfo")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if _, has := res.Header["Content-Type"]; has || res.StatusCode != 401 {
		t.Errorf("%v", res.Header)
	}
}

func TestInProcessOtherHost(t *testing.T) {
	f := start(t, "works")
	var dns *net.DNSError
	if _, err := f.httpClient().Get("https://nobody.test/"); !errors.As(err, &dns) || !dns.IsNotFound {
		t.Errorf("%v", err)
	}
}

func TestInProcessReset(t *testing.T) {
	f := start(t, "connection-reset")
	_, err := f.httpClient().PostForm(f.Issuer()+"oauth/token", f.loginForm())
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v", err)
	}
	res, err := f.httpClient().Get(f.Issuer() + ".well-known/jwks.json")
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("only the token endpoint is reset: %v", err)
	}
	_ = res.Body.Close()
}

func TestInProcessCancel(t *testing.T) {
	f := start(t, "slow")
	if f.Profile().Timeout != 2*time.Second {
		t.Error("the profile times out after 2 s")
	}
	ctx, cancel := context.WithCancel(t.Context())
	sent := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { cancel() }}
	r, _ := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, sent), "POST", f.Issuer()+"oauth/token", strings.NewReader(f.loginForm().Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err := f.httpClient().Do(r); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if f.events() != "" {
		t.Errorf("a request that was cancelled is not answered: %s", f.events())
	}

	// In the middle of a body.
	g := start(t, "works")
	ctx, cancel = context.WithCancel(t.Context())
	r, _ = http.NewRequestWithContext(ctx, "GET", g.Issuer()+"api/export?mb=64", nil)
	r.Header.Set("Authorization", "Bearer "+g.login().ok().text("access_token"))
	res, err := g.httpClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(res.Body, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, res.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	_ = res.Body.Close()
	if _, err := g.httpClient().Do(r); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestSlowAnswersInTheEnd(t *testing.T) {
	f := startSet(t, func(s *settings) { s.faults.slow = time.Millisecond })
	f.login().ok()
}
