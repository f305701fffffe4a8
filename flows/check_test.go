package flows

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"authwalk/flows/diagnosis"
)

func line(r *CheckResult, id string) CheckLine {
	for _, l := range r.Lines {
		if l.ID == id {
			return l
		}
	}
	return CheckLine{}
}

func TestCheckAsksForTheMetadataOnce(t *testing.T) {
	c, asked := serving(t, func(self string) map[string]string {
		return map[string]string{discoveryPath: metadata(self+"/", self, ""), "/keys": jwks("a"), "/token": tokenReply}
	})
	r := c.CheckSetup(t.Context(), CheckOptions{})
	if asked[discoveryPath] != 1 || asked["/keys"] != 1 || asked["/token"] != 1 {
		t.Errorf("%v", asked)
	}
	if l := line(r, "credentials"); l.State != LinePass {
		t.Errorf("%+v", l)
	}
}

func TestCheckStopsAtAForeignHost(t *testing.T) {
	c, host, asked := elsewhereTenant(t, "token")
	r := c.CheckSetup(t.Context(), CheckOptions{})
	f := r.FirstFailure()
	if f == nil || f.ID != "discovery" || !strings.Contains(strings.Join(f.Fix, " "), host) || asked["/token"] != 0 || line(r, "client").State != LineNotReached {
		t.Errorf("%+v, %v", f, asked)
	}
}

// TestCheckOfWhatCannotBeSent fails with a class although nothing on the wire did.
func TestCheckOfWhatCannotBeSent(t *testing.T) {
	c, asked := serving(t, func(self string) map[string]string {
		return map[string]string{discoveryPath: metadata(self+"/", self, ""), "/keys": jwks("a")}
	})
	cfg := c.Config
	cfg.ClientAuth = AuthPrivateKeyJWT
	r := client(t, cfg).CheckSetup(t.Context(), CheckOptions{})
	if f := r.FirstFailure(); f == nil || f.ID != "client" || r.Class != diagnosis.ClassClient || asked["/token"] != 0 {
		t.Errorf("%+v, class %q", f, r.Class)
	}
}

// TestCheckOfATokenURLThatNobodyServes says nothing about what lies behind it:
// only a refusal shows how far a request came.
func TestCheckOfATokenURLThatNobodyServes(t *testing.T) {
	r := client(t, Config{TokenURL: "http://127.0.0.1:9", ClientID: "c", Username: "u", Password: "p"}).CheckSetup(t.Context(), CheckOptions{})
	if f := r.FirstFailure(); f == nil || f.ID != "client" || r.Class != diagnosis.ClassNetwork {
		t.Errorf("%+v, class %q", f, r.Class)
	}
	for _, id := range []string{"grant", "directory", "audience", "credentials"} {
		if l := line(r, id); l.State != LineNotReached {
			t.Errorf("%+v", l)
		}
	}
}

func TestCheckWithoutAPassword(t *testing.T) {
	for _, probe := range []bool{false, true} {
		var sent string
		c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/oauth/token":
				b, _ := io.ReadAll(r.Body)
				sent = string(b)
				w.WriteHeader(403)
				_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"Wrong email or password."}`)
			case "/.well-known/jwks.json":
				_, _ = io.WriteString(w, jwks("a"))
			default:
				_, _ = io.WriteString(w, metadata("http://"+r.Host+"/", "http://"+r.Host, ""))
			}
		})
		cfg := c.Config
		cfg.Username, cfg.Password = "", ""
		c = c.WithConfig(cfg)
		r := c.CheckSetup(t.Context(), CheckOptions{Probe: probe})
		if (sent != "") != probe || probe && !strings.Contains(sent, "username=authwalk-probe%40example.invalid") {
			t.Errorf("probe %t: sent %q", probe, sent)
		}
		if f := r.FirstFailure(); f != nil || line(r, "credentials").State != LineUnknown || probe && line(r, "grant").State != LinePass {
			t.Errorf("probe %t: %+v", probe, f)
		}
		if says := cfg.CheckSends(probe); strings.Contains(says, "failed login") != probe {
			t.Errorf("%s", says)
		}
	}
	if says := (Config{Username: "ann", Password: marker}).CheckSends(false); !strings.Contains(says, "ann") || strings.Contains(says, marker) {
		t.Error(says)
	}
}

// TestCheckOfARefusalWithoutAPlace: a limit, or a refusal that nobody knows, does
// not tell what was looked at before it.
func TestCheckOfARefusalWithoutAPlace(t *testing.T) {
	for _, r := range []struct {
		status int
		reply  string
		before LineState
	}{
		{429, `{"error":"too_many_requests","error_description":"Rate limit exceeded."}`, LineUnknown},
		{400, `{"error":"invalid_request","error_description":"Missing required parameter: device"}`, LineUnknown},
		{400, `{"error":"never_heard_of"}`, LineUnknown},
		{403, `{"error":"access_denied"}`, LineUnknown},
		{401, `{"error":"unauthorized","error_description":"user is blocked"}`, LinePass},
	} {
		c := server(t, Config{Username: "u", Password: "p"}, func(w http.ResponseWriter, req *http.Request) {
			switch req.URL.Path {
			case "/oauth/token":
				w.WriteHeader(r.status)
				_, _ = io.WriteString(w, r.reply)
			case "/.well-known/jwks.json":
				_, _ = io.WriteString(w, jwks("a"))
			default:
				_, _ = io.WriteString(w, metadata("http://"+req.Host+"/", "http://"+req.Host, ""))
			}
		})
		res := c.CheckSetup(t.Context(), CheckOptions{})
		if f := res.FirstFailure(); f == nil || f.ID != "credentials" {
			t.Errorf("%s: first failure %+v", r.reply, f)
		}
		for _, id := range []string{"client", "grant"} {
			if l := line(res, id); l.State != r.before {
				t.Errorf("%s: %+v, want %s", r.reply, l, r.before)
			}
		}
	}
}

// TestSecondFactorAtARefresh: no password was sent there, so none was right.
func TestSecondFactorAtARefresh(t *testing.T) {
	for _, refresh := range []bool{false, true} {
		m := challenge{listed: true, factors: []Factor{{ID: "a", Type: "otp"}, {ID: "b", Type: "oob", Channel: "sms"}}, asked: Asked{Refresh: refresh}}
		if says := m.first().Shows[0].Text; strings.Contains(says, "password") == refresh {
			t.Errorf("refresh %t: %q", refresh, says)
		}
	}
}

func TestCheckCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := server(t, Config{}, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	r := c.CheckSetup(ctx, CheckOptions{})
	if f := r.FirstFailure(); f == nil || len(r.Session.Exchanges) != 1 || !r.Session.Exchanges[0].Fault.Canceled {
		t.Errorf("%+v", f)
	}
}

// TestCheckOfAnotherServer is silent about what only Auth0's order of checks
// would tell: directory and audience.
func TestCheckOfAnotherServer(t *testing.T) {
	const refused = `{"error":"invalid_grant","error_description":"invalid username or password"}`
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	access := part(`{"alg":"RS256","kid":"a"}`) + "." + part(`{"aud":"https://api.test/"}`) + ".AAAA"
	for name, c := range map[string]struct {
		reply    string
		realm    string
		audience string
		want     map[string]LineState
	}{
		"refused":                {refused, "r", "https://api.test/", map[string]LineState{"client": LinePass, "grant": LinePass, "directory": LineUnknown, "audience": LineUnknown, "credentials": LineFail}},
		"good":                   {tokenReply, "", "", map[string]LineState{"client": LinePass, "directory": LineUnknown, "audience": LineUnknown, "credentials": LinePass}},
		"a realm, an audience":   {tokenReply, "r", "https://api.test/", map[string]LineState{"directory": LineUnknown, "audience": LineUnknown}},
		"an audience that is in": {`{"access_token":"` + access + `","token_type":"Bearer","expires_in":60}`, "", "https://api.test/", map[string]LineState{"audience": LinePass}},
	} {
		peer := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/token":
				if strings.Contains(c.reply, "error") {
					w.WriteHeader(400)
				}
				_, _ = io.WriteString(w, c.reply)
			case "/keys":
				_, _ = io.WriteString(w, jwks("a"))
			default:
				_, _ = io.WriteString(w, metadata("http://"+r.Host, "http://"+r.Host, ""))
			}
		})
		cfg := peer.Config
		cfg.Issuer, cfg.Domain, cfg.Realm, cfg.Audience = cfg.Domain, "", c.realm, c.audience
		r := client(t, cfg).CheckSetup(t.Context(), CheckOptions{})
		for id, want := range c.want {
			if l := line(r, id); l.State != want {
				t.Errorf("%s: %+v, want %s", name, l, want)
			}
		}
		if by := strings.Join(r.ByHand(), " "); strings.Contains(by, "Actions") {
			t.Errorf("%s: look at Auth0's settings by hand", name)
		}
	}
}

// deafTransport looks at no context.
type deafTransport struct {
	sent   []string
	cancel context.CancelFunc
}

func (d *deafTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	d.sent = append(d.sent, r.URL.Path)
	d.cancel()
	body := `{"issuer":"https://tenant.test/","token_endpoint":"https://tenant.test/oauth/token","jwks_uri":"https://tenant.test/jwks","keys":[]}`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// TestNothingIsSentAfterACancel: an answer that comes although the check was
// stopped leads to no further request, least of all to one with a password.
func TestNothingIsSentAfterACancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	rt := &deafTransport{cancel: cancel}
	c, err := NewClient(Config{Domain: "tenant.test", ClientID: "app", Username: "ann", Password: marker}, ClientOptions{Transport: rt})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.CheckSetup(ctx, CheckOptions{})
	if len(rt.sent) != 1 {
		t.Errorf("sent: %v", rt.sent)
	}
}
