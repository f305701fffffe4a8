package cli

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authwalk/flows"
)

// TestPasswordThatIsAWord: no output gives away a password that is an English
// word by masking it in a sentence of ours, and a server that repeats it is
// masked all the same.
func TestPasswordThatIsAWord(t *testing.T) {
	says := "Unauthorized"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"access_denied","error_description":"` + says + `"}`))
	}))
	defer server.Close()
	args := []string{"token", "--token-url", server.URL + "/oauth/token", "--client-id", "c", "--username", "u"}
	for _, word := range []string{"wrong", "secret", "application", "client", "Basic", "needs"} {
		env := map[string]string{"AUTHWALK_PASSWORD": word, "AUTHWALK_CLIENT_SECRET": "Zx8-92hd73hdKQ"}
		for _, more := range []string{"", "--json"} {
			o := run(t, world{args: append(append([]string{}, args...), strings.Fields(more)...), env: env})
			text := o.stdout
			if i := strings.Index(text, `"exchanges"`); i >= 0 {
				text = text[:i]
			}
			if o.code != 4 || strings.Contains(text, "•") {
				t.Errorf("%s %s: exit %d, a mask in our own words:\n%s", word, more, o.code, text)
			}
		}
	}
	says = `the password tiger, I said \"tiger\", is wrong`
	for _, more := range []string{"", "--json"} {
		o := run(t, world{args: append(append([]string{}, args...), strings.Fields(more)...), env: map[string]string{"AUTHWALK_PASSWORD": "tiger"}})
		if strings.Contains(o.stdout+o.stderr, "tiger") || !strings.Contains(o.stdout, "is wrong") {
			t.Errorf("%s: %s%s", more, o.stdout, o.stderr)
		}
	}
}

// TestWhereIsNamed: what is not in the dashboard is not called so.
func TestWhereIsNamed(t *testing.T) {
	o := run(t, world{args: []string{"token", "--domain", "127.0.0.1:9", "--client-id", "c", "--username", "u"}, env: map[string]string{"AUTHWALK_PASSWORD": "p"}})
	if o.code != 3 || !strings.Contains(o.stdout, "where: the address") || strings.Contains(o.stdout, "in the dashboard:") || strings.Contains(o.stdout, "read:") {
		t.Errorf("%d\n%s", o.code, o.stdout)
	}
	tn := serve(t, "no-default-directory")
	o = run(t, world{args: tn.with("token")})
	if !strings.Contains(o.stdout, "in the dashboard: Settings > General") {
		t.Error(o.stdout)
	}
}

// TestCheckVerdict: a check that could not see everything does not praise.
func TestCheckVerdict(t *testing.T) {
	tn := serve(t, "works")
	o := run(t, world{args: []string{"check", "--domain", tn.d.Issuer[:len(tn.d.Issuer)-1], "--client-id", "c"}})
	if o.code != 0 || !strings.Contains(o.stdout, "Only 6 of 16 lines could be seen") || !strings.Contains(o.stdout, "a user name and a password") || strings.Contains(o.stdout, "Nothing stops") {
		t.Errorf("exit %d\n%s", o.code, o.stdout)
	}
	o = run(t, world{args: tn.with("check")})
	if o.code != 0 || !strings.Contains(o.stdout, "Nothing stops this set-up.") {
		t.Errorf("exit %d\n%s", o.code, o.stdout)
	}
	res := &flows.CheckResult{Session: flows.NewSession(flows.Config{}), Lines: []flows.CheckLine{{ID: "tls", Title: "TLS", State: flows.LineFail}}}
	if state, said := verdict(flows.Config{}, res); state != "fail" || said != "It stops at: TLS." {
		t.Errorf("%s %s", state, said)
	}
}

// TestLocalFaults: what is wrong before anything is sent is said.
func TestLocalFaults(t *testing.T) {
	for auth, want := range map[string]bool{flows.AuthPost: true, flows.AuthBasic: true, flows.AuthPrivateKeyJWT: true, flows.AuthNone: false} {
		cfg := flows.Config{ClientID: "c", ClientAuth: auth}
		res := &flows.CheckResult{Session: flows.NewSession(cfg), Lines: []flows.CheckLine{{ID: "client", Title: "Client", State: flows.LineUnknown}}}
		localFaults(cfg, res)
		if l := res.Lines[0]; (l.State == flows.LineFail) != want || want && (!strings.Contains(l.Saw, auth) || len(l.Fix) == 0 || res.Class.Exit() != 4) {
			t.Errorf("%s: %+v, class %q", auth, l, res.Class)
		}
	}
}

// TestExplainHeading: what an API says in a header is the heading.
func TestExplainHeading(t *testing.T) {
	in := "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"jwt expired\"\n\n"
	o := run(t, world{args: []string{"explain"}, stdin: strings.NewReader(in)})
	if o.code != 0 || !strings.Contains(o.stdout, "401 invalid_token: jwt expired\n") || !strings.Contains(o.stdout, "[token-expired]") || strings.Contains(o.stdout, "sepft") {
		t.Errorf("%d\n%s", o.code, o.stdout)
	}
	o = run(t, world{args: []string{"explain", "--json"}, stdin: strings.NewReader(in)})
	if v := o.parse(t); at(v, "error", "error") != "invalid_token" || at(v, "error", "error_description") != "jwt expired" || at(v, "diagnosis", 0, "id") != "token-expired" {
		t.Error(o.stdout)
	}
}

// TestExplainMasks: a HAR has passwords and tokens in it, and servers repeat them.
func TestExplainMasks(t *testing.T) {
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
	har := `{"log":{"entries":[{"request":{"method":"POST","url":"https://t.test/oauth/token","headers":[],
		"postData":{"text":"grant_type=password&password=Pa55w0rdX&client_secret=Shhh-1234"}},
		"response":{"status":403,"headers":[],"content":{"text":"{\"error\":\"access_denied\",\"error_description\":\"no: Pa55w0rdX, Shhh-1234, ` + jwt + `, otp=987654\"}"}}}]}}`
	for _, args := range [][]string{{"explain"}, {"explain", "--json"}} {
		o := run(t, world{args: args, stdin: strings.NewReader(har)})
		if o.code != 0 || !strings.Contains(o.stdout, "access_denied") || !strings.Contains(o.stdout, "action-denied") {
			t.Errorf("exit %d\n%s%s", o.code, o.stdout, o.stderr)
		}
		for _, secret := range []string{"Pa55w0rdX", "Shhh-1234", jwt, "987654"} {
			if strings.Contains(o.stdout+o.stderr, secret) {
				t.Errorf("%v shows %s\n%s", args, secret, o.stdout)
			}
		}
	}
}

// TestPasteWithoutHost: no host, no sentence about where credentials go.
func TestPasteWithoutHost(t *testing.T) {
	o := run(t, world{args: []string{"profiles", "add", "c", "--from", "-", "--profiles", filepath.Join(t.TempDir(), "p.toml")}, stdin: strings.NewReader("curl http://t.test/oauth/token -d client_id=c")})
	if o.code != 2 || strings.Contains(o.stderr, "will go to") {
		t.Errorf("exit %d\n%s", o.code, o.stderr)
	}
}

// TestBaseIsSaid: a relative URL says what it starts from, unless api_base does.
func TestBaseIsSaid(t *testing.T) {
	cfg := flows.Config{Audience: "https://api.test/v1", Domain: "t.test"}
	if got := baseSaid(cfg, []string{"/orders"}); !strings.HasPrefix(got, "base: the audience https://api.test/v1") {
		t.Error(got)
	}
	if got := baseSaid(cfg, []string{"https://x.test/orders"}); got != "" {
		t.Error(got)
	}
	if got := baseSaid(flows.Config{Domain: "t.test", Audience: "urn:api"}, []string{"orders"}); !strings.HasPrefix(got, "base: the issuer https://t.test/") {
		t.Error(got)
	}
	cfg.APIBase = "https://x.test/"
	if got := baseSaid(cfg, []string{"/orders"}); got != "" {
		t.Error(got)
	}
}

// TestEnrolWithoutNumber: a factor that takes no number is not asked for one.
func TestEnrolWithoutNumber(t *testing.T) {
	o := run(t, world{args: []string{"demo", "--plain", "mfa-enrol"}, stdin: strings.NewReader(strings.Repeat("\n", 200))})
	if o.code != 0 || strings.Contains(o.stdout, "Number or e-mail") {
		t.Errorf("exit %d\n%s", o.code, o.stdout)
	}
}

// TestOwnVariables: authwalk reads its variables, and no program that it starts
// inherits them.
func TestOwnVariables(t *testing.T) {
	for _, e := range os.Environ() { // to be put back in the end
		if name, v, _ := strings.Cut(e, "="); strings.HasPrefix(name, "AUTHWALK_") {
			t.Setenv(name, v)
		}
	}
	t.Setenv("AUTHWALK_PASSWORD", "hunter22")
	t.Setenv("THEIRS", "x")
	e := System()
	if e.get("AUTHWALK_PASSWORD") != "hunter22" || e.get("THEIRS") != "x" {
		t.Error("a variable is lost")
	}
	if v, ok := os.LookupEnv("AUTHWALK_PASSWORD"); ok {
		t.Errorf("it is still in the environment: %q", v)
	}
}
