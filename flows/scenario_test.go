package flows_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"authwalk/flows"
	"authwalk/flows/tenant"
)

// config is a tenant's profile as a set-up.
func config(p tenant.Profile) flows.Config {
	c := flows.Config{Name: p.Name, Domain: p.Domain, Flow: "password", ClientID: p.ClientID, ClientAuth: p.ClientAuth, ClientSecret: flows.Secret(p.ClientSecret),
		PrivateKey: flows.Secret(p.PrivateKeyPEM), KeyID: p.KeyID, KeyAlg: p.KeyAlg, Realm: p.Realm, Audience: p.Audience, Scopes: p.Scopes,
		Username: p.Username, Password: flows.Secret(p.Password), OTPSecret: flows.Secret(p.OTPSecret), RecoveryCode: flows.Secret(p.RecoveryCode),
		ForwardedFor: p.ForwardedFor, APISecret: flows.Secret(p.APISecret), Timeout: p.Timeout, APIBase: p.APIBase, Params: p.Params}
	for _, k := range p.Calls {
		c.Calls = append(c.Calls, flows.SavedCall{Name: k.Name, Method: k.Method, URL: k.URL, Headers: k.Headers, Body: k.Body})
	}
	return c
}

// start serves a scenario in process and gives a client for a profile of it.
func start(t *testing.T, name string) (*tenant.Tenant, *flows.Client) {
	t.Helper()
	s, ok := tenant.Lookup(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	tn, err := tenant.New(s, tenant.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tn.Listen("127.0.0.1:0", false); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tn.Close() })
	c, err := flows.NewClient(config(tn.Profile()), flows.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return tn, c
}

// walk runs the flow as a command would, and refreshes once if asked to.
func walk(c *flows.Client, refresh bool, answers map[string]string) *flows.Session {
	ctx := context.Background()
	s := flows.NewSession(c.Config)
	f, _ := flows.FlowByID(c.Config.Flow)
	step := f.Start(c)
	v := flows.Values{}
	for _, x := range step.Fields {
		v[x.Name] = x.Value
	}
	r := flows.Runner{Client: c, Wait: 2 * time.Second, Took: func(o flows.Outcome) { s.Take(c, o) },
		Answer: func(_ flows.Step, f flows.Field) (string, bool) { a, ok := answers[f.Name]; return a, ok }}
	if out := r.Run(ctx, step, v); out.Tokens == nil {
		return s
	}
	g := s.Current()
	s.Examined(g, c.Examine(ctx, g.Access, g.ID))
	if refresh {
		out := c.Refresh(ctx, g.Refresh, "")
		s.Take(c, out)
		if n := s.Current(); n != g {
			s.Examined(n, c.Examine(ctx, n.Access, n.ID))
		}
	}
	return s
}

// verdict is the first finding and the exit code of a walk.
func verdict(s *flows.Session) (id string, exit int) {
	class, findings := s.Class, s.Findings
	if g := s.Current(); s.Err == nil && g != nil {
		class, findings = g.Class, g.Findings
	}
	if len(findings) > 0 {
		id = findings[0].ID
	}
	return id, class.Exit()
}

func TestScenarios(t *testing.T) {
	for _, sc := range tenant.Scenarios() {
		t.Run(sc.Name, func(t *testing.T) {
			t.Parallel()
			_, c := start(t, sc.Name)
			s := walk(c, sc.Run == "token --refresh", nil)
			id, exit := verdict(s)
			if id != sc.Diagnosis || exit != sc.Exit {
				t.Errorf("got %q and exit %d, want %q and %d; error %v", id, exit, sc.Diagnosis, sc.Exit, s.Err)
			}
		})
	}
}

// TestCheckFindsTheLine checks every set-up and holds the first failed line
// against where that scenario is broken.
func TestCheckFindsTheLine(t *testing.T) {
	lines := map[string]string{
		"clock-ahead": "clock", "offline-access-off": "offline", "scope-not-for-user": "audience",
		"no-audience": "api", "action-removes": "api", // the tokens are good, and the API refuses them
		"no-default-directory": "directory", "grant-not-allowed": "grant", "third-party-client": "grant", "unknown-realm": "directory",
		"connection-not-enabled": "directory", "connection-cannot-password": "directory", "unknown-audience": "audience", "client-grant-missing": "audience",
		"wrong-secret": "client", "missing-secret": "client", "unknown-client": "client", "organizations-client": "client",
		"tenant-not-found": "discovery", "gateway-502": "client", "slow": "client", "connection-reset": "client", // only the token endpoint is ill
		"unknown-kid": "token", "alg-none": "token", "expired-token": "token", "wrong-audience-token": "token",
		"refresh-grant-off": "refresh", "refresh-reused": "refresh", "refresh-expired": "refresh", "refresh-idle": "refresh", "refresh-user-deleted": "refresh", "refresh-user-blocked": "refresh",
	}
	for _, sc := range tenant.Scenarios() {
		t.Run(sc.Name, func(t *testing.T) {
			t.Parallel()
			_, c := start(t, sc.Name)
			r := c.CheckSetup(context.Background(), flows.CheckOptions{Wait: time.Second})
			passwords := 0
			for _, ex := range r.Session.Exchanges {
				if strings.Contains(string(ex.RequestBody), "password=") {
					passwords++
				}
			}
			if passwords > 1 {
				t.Errorf("the password was sent %d times", passwords)
			}
			if sc.Name == "default-audience" {
				for _, l := range r.Lines {
					if l.ID == "audience" && !strings.Contains(l.Saw, "is for https://") {
						t.Errorf("the default audience is not named: %q", l.Saw)
					}
				}
			}
			want, named := lines[sc.Name]
			if !named && sc.Exit != 0 {
				want = map[int]string{5: "credentials", 6: "mfa", 7: "credentials", 4: "credentials", 8: "token"}[sc.Exit]
			}
			got := ""
			if f := r.FirstFailure(); f != nil {
				got = f.ID
			}
			if got != want {
				t.Errorf("first failure %q, want %q", got, want)
				for _, l := range r.Lines {
					t.Logf("%-12s %-11s %s", l.ID, l.State, l.Saw)
				}
			}
			if sc.Exit != 0 && r.Class.Exit() != sc.Exit {
				t.Errorf("exit %d, want %d", r.Class.Exit(), sc.Exit)
			}
		})
	}
}

// TestAnAnswerGoesBeforeAPush: what was given is used before somebody's phone
// is bothered.
func TestAnAnswerGoesBeforeAPush(t *testing.T) {
	tn, c := start(t, "works")
	for _, p := range tn.Profiles() {
		if p.Name != "mfa" {
			continue
		}
		cfg := config(p)
		for _, u := range tn.Describe().Users {
			if u.Username == p.Username {
				cfg.RecoveryCode = flows.Secret(u.RecoveryCode)
			}
		}
		if s := walk(c.WithConfig(cfg), false, nil); s.Current() == nil || len(s.Keep) != 1 {
			t.Errorf("no tokens, or no new recovery code: %v", s.Err)
		}
		if n := len(tn.Phone().Pushes()); n != 0 {
			t.Errorf("%d pushes were sent", n)
		}
		return
	}
	t.Fatal("no profile mfa")
}

// TestEnrolKeepsTheChoice: after a fault in what was given, the factor that was
// chosen is still chosen; the next press must not enrol another one for good.
func TestEnrolKeepsTheChoice(t *testing.T) {
	_, c := start(t, "mfa-enrol")
	f, _ := flows.FlowByID("")
	step := f.Start(c)
	v := flows.Values{}
	for _, x := range step.Fields {
		v[x.Name] = x.Value
	}
	out := step.Do(context.Background(), v)
	if out.Next == nil {
		t.Fatal(out.Err)
	}
	for _, given := range []flows.Values{{"enrol_with": "sms"}, {"enrol_with": "otp", "enrol_to": "+491701234567"}} {
		again := out.Next.Do(context.Background(), given)
		if again.Err == nil || again.Next == nil || len(again.Exchanges) != 0 {
			t.Fatalf("%v: %v", given, again.Err)
		}
		if got := again.Next.Fields[0].Value; got != given["enrol_with"] {
			t.Errorf("%q was chosen, %q is asked again", given["enrol_with"], got)
		}
	}
}
