package tenant

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"testing"
	"time"
)

// loadClient is one client with a user of its own: it signs up, logs in once,
// and then refreshes, each time with the newest token.
type loadClient struct {
	http   *http.Client
	issuer string
	auth   url.Values
	user   string
}

func (c *loadClient) post(path string, kv ...string) (map[string]any, error) {
	v := form(kv...)
	for name, values := range c.auth {
		v[name] = values
	}
	res, err := c.http.PostForm(c.issuer+path, v)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != 200 {
		return nil, fmt.Errorf("%s: %d %s", path, res.StatusCode, raw)
	}
	var body map[string]any
	return body, json.Unmarshal(raw, &body)
}

func (c *loadClient) run(requests int) error {
	if _, err := c.post("dbconnections/signup", "email", c.user, "password", "load-1", "connection", mainConnection); err != nil {
		return err
	}
	body, err := c.post("oauth/token", "grant_type", grantPassword, "username", c.user, "password", "load-1", "audience", mainAudience, "scope", "offline_access read:orders")
	if err != nil {
		return err
	}
	first := body["refresh_token"].(string)
	token := first
	for i := 1; i < requests; i++ {
		if body, err = c.post("oauth/token", "grant_type", grantRefreshToken, "refresh_token", token); err != nil {
			return fmt.Errorf("refresh %d: %w", i, err)
		}
		next := body["refresh_token"].(string)
		if next == token {
			return errors.New("the refresh token did not rotate")
		}
		token = next
	}
	if requests > 2 {
		if _, err := c.post("oauth/token", "grant_type", grantRefreshToken, "refresh_token", first); err == nil {
			return errors.New("the first refresh token was taken again")
		}
		if _, err := c.post("oauth/token", "grant_type", grantRefreshToken, "refresh_token", token); err == nil {
			return errors.New("the family outlived the reuse")
		}
	}
	return nil
}

// load runs so many clients at once and fails on any answer that is not meant.
func load(tb testing.TB, tenant *Tenant, transport func() http.RoundTripper, clients, requests int) {
	tb.Helper()
	var wg sync.WaitGroup
	failures := make(chan error, clients)
	for i := range clients {
		wg.Go(func() {
			c := &loadClient{http: &http.Client{Transport: transport(), Timeout: time.Minute}, issuer: tenant.Issuer(),
				auth: form("client_id", mainClient, "client_secret", tenant.set.apps[0].secret), user: fmt.Sprintf("load-%d@acme.test", i)}
			if err := c.run(requests); err != nil {
				failures <- fmt.Errorf("client %d: %w", i, err)
			}
			c.http.CloseIdleConnections()
		})
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		tb.Error(err)
	}
}

func TestManyClients(t *testing.T) {
	f := start(t, "refresh-rotating")
	load(t, f.Tenant, f.RoundTripper, 20, 6)
	tenant := listening(t, "refresh-rotating", false)
	load(t, tenant, func() http.RoundTripper { return &http.Transport{} }, 20, 6)
}

// BenchmarkLoad is 200 clients at once, each with a user of its own, with 20,000
// token requests in all and rotation, over loopback. Run it with
// go test -run - -bench Load -benchtime 1x ./flows/tenant.
func BenchmarkLoad(b *testing.B) {
	const clients, requests = 200, 100
	for b.Loop() {
		s, _ := Lookup("refresh-rotating")
		tenant, err := New(s, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := tenant.Listen("", false); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		load(b, tenant, func() http.RoundTripper { return &http.Transport{} }, clients, requests)
		took := time.Since(began)
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(clients*requests)/took.Seconds(), "tokens/s")
		b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MB-after")
		b.ReportMetric(float64(m.Sys)/(1<<20), "MB-at-most")
		if err := tenant.Close(); err != nil {
			b.Error(err)
		}
	}
}

// BenchmarkPasswordGrant is one password grant without a socket.
func BenchmarkPasswordGrant(b *testing.B) {
	s, _ := Lookup("works")
	tenant, err := New(s, Options{})
	if err != nil {
		b.Fatal(err)
	}
	p := tenant.Profile()
	client := &http.Client{Transport: tenant.RoundTripper()}
	v := form("grant_type", grantPassword, "username", p.Username, "password", p.Password, "client_id", p.ClientID,
		"client_secret", p.ClientSecret, "audience", p.Audience, "scope", "openid offline_access")
	for b.Loop() {
		res, err := client.PostForm(tenant.Issuer()+"oauth/token", v)
		if err != nil {
			b.Fatal(err)
		}
		if res.StatusCode != 200 {
			b.Fatal(res.Status)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
}

func BenchmarkNew(b *testing.B) {
	s, _ := Lookup("works")
	for b.Loop() {
		tenant, err := New(s, Options{})
		if err != nil {
			b.Fatal(err)
		}
		_ = tenant.Close()
	}
}
