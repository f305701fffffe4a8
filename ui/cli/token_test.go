package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"authwalk/flows"
	"authwalk/flows/tenant"
)

func TestTokenJSON(t *testing.T) {
	tn := serve(t, "works")
	o := run(t, world{args: tn.with("token", "--json")})
	v := o.parse(t)
	if o.code != 0 || o.stderr != "" {
		t.Fatalf("exit %d, stderr %q", o.code, o.stderr)
	}
	want := map[string]any{"profile": "works", "flow": "password", "issuer": tn.Issuer()}
	for k, w := range want {
		if v[k] != w {
			t.Errorf("%s is %v, want %v", k, v[k], w)
		}
	}
	for _, c := range []struct {
		want any
		path []any
	}{
		{flows.Mask, []any{"tokens", "access_token"}}, {flows.Mask, []any{"tokens", "refresh_token"}}, {flows.Mask, []any{"tokens", "id_token"}},
		{"Bearer", []any{"tokens", "token_type"}}, {float64(86400), []any{"tokens", "expires_in"}},
		{"jws", []any{"access", "kind"}}, {true, []any{"access", "verified"}}, {"password", []any{"access", "claims", "gty"}}, {"RS256", []any{"access", "header", "alg"}},
		{"jws", []any{"id", "kind"}}, {true, []any{"id", "verified"}}, {tn.Profile().ClientID, []any{"id", "claims", "aud"}},
		{"access", []any{"checks", 0, "token"}}, {"format", []any{"checks", 0, "name"}}, {"pass", []any{"checks", 0, "state"}},
		{"openid", []any{"scopes", 0, "scope"}}, {"granted", []any{"scopes", 0, "verdict"}}, {true, []any{"scopes", 0, "requested"}},
		{false, []any{"exchanges", 0, "by_itself"}}, {"POST", []any{"exchanges", 0, "method"}}, {float64(200), []any{"exchanges", 0, "status"}},
		{true, []any{"exchanges", 1, "by_itself"}}, {"GET", []any{"exchanges", 1, "method"}},
	} {
		if got := at(v, c.path...); got != c.want {
			t.Errorf("%v is %v, want %v", c.path, got, c.want)
		}
	}
	for _, absent := range []string{"error", "diagnosis", "call", "mfa", "generations"} {
		if _, there := v[absent]; there {
			t.Errorf("%s is there: %v", absent, v[absent])
		}
	}
	members := func(v any) (names []string) {
		for n := range v.(map[string]any) {
			names = append(names, n)
		}
		slices.Sort(names)
		return names
	}
	if got := join(members(v)); got != "access, checks, exchanges, exit, flow, id, issuer, ok, profile, scopes, tokens" {
		t.Errorf("members: %s", got)
	}
	// The order of the members is part of the contract.
	last := -1
	for _, m := range []string{`"profile"`, `"flow"`, `"issuer"`, `"ok"`, `"exit"`, `"tokens"`, `"access"`, `"id"`, `"checks"`, `"scopes"`, `"exchanges"`} {
		i := strings.Index(o.stdout, m+":")
		if i < last {
			t.Errorf("%s stands too early", m)
		}
		last = i
	}
	if n := strings.Count(o.stdout, "\n"); n != 1 {
		t.Errorf("%d lines where no terminal is", n)
	}
}

func TestTokenForms(t *testing.T) {
	tn := serve(t, "works")
	raw := run(t, world{args: tn.with("token", "--raw")})
	var reply map[string]any
	if err := json.Unmarshal([]byte(raw.stdout), &reply); err != nil || raw.code != 0 {
		t.Fatal(err, raw)
	}
	access := reply["access_token"].(string)
	if strings.Count(access, ".") != 2 {
		t.Errorf("raw: %q", raw.stdout)
	}
	alone := run(t, world{args: tn.with("token", "--access-token")})
	if alone.code != 0 || strings.Count(alone.stdout, ".") != 2 || !strings.HasSuffix(alone.stdout, "\n") || strings.Count(alone.stdout, "\n") != 1 {
		t.Errorf("--access-token: %+v", alone)
	}
	revealed := run(t, world{args: tn.with("token", "--json", "--reveal")})
	v := revealed.parse(t)
	token, _ := at(v, "tokens", "access_token").(string)
	if strings.Count(token, ".") != 2 {
		t.Errorf("--reveal: %v", v["tokens"])
	}
	if strings.Count(revealed.stdout, token) != 1 {
		t.Error("--reveal shows the token elsewhere too")
	}
	human := run(t, world{args: tn.with("token")})
	for _, want := range []string{"Tokens issued", "read:orders", "signature verified", flows.Mask, "https://api.acme.test/", "exp "} {
		if !strings.Contains(human.stdout, want) {
			t.Errorf("the summary does not have %q:\n%s", want, human.stdout)
		}
	}
	if strings.Contains(human.stdout, "\x1b") {
		t.Error("colour codes where no terminal is")
	}
	shown := run(t, world{args: tn.with("token", "--reveal")})
	if !strings.Contains(strings.ReplaceAll(shown.stdout, "\n  ", ""), "eyJ") {
		t.Error("--reveal does not show the token in the summary")
	}
	for name, c := range map[string]struct {
		w      world
		colour bool
	}{
		"a terminal":  {world{args: tn.with("token"), outTTY: true}, true},
		"NO_COLOR":    {world{args: tn.with("token"), outTTY: true, env: map[string]string{"NO_COLOR": "1"}}, false},
		"--no-color":  {world{args: tn.with("token", "--no-color"), outTTY: true}, false},
		"TERM=dumb":   {world{args: tn.with("token"), outTTY: true, env: map[string]string{"TERM": "dumb"}}, false},
		"an empty NO": {world{args: tn.with("token"), outTTY: true, env: map[string]string{"NO_COLOR": ""}}, true},
	} {
		if got := strings.Contains(run(t, c.w).stdout, "\x1b["); got != c.colour {
			t.Errorf("%s: colour is %v", name, got)
		}
	}
}

// TestSecretParam: a parameter named like a secret is given by a reference, goes
// out in clear, and is shown nowhere.
func TestSecretParam(t *testing.T) {
	got := make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.FormValue("my_pass")
		fmt.Fprintf(w, `{"error":"invalid_request","error_description":"no %s"}`, r.FormValue("my_pass"))
	}))
	defer srv.Close()
	o := run(t, world{args: []string{"token", "--json", "--token-url", srv.URL + "/token", "--client-id", "c", "--username", "u", "--param", "my_pass=env:THEIRS"}, env: map[string]string{"AUTHWALK_PASSWORD": "pppp", "THEIRS": "hunter22"}})
	if v := <-got; v != "hunter22" || o.code != 4 || strings.Contains(o.stdout+o.stderr, "hunter22") || strings.Contains(o.stdout, "env:THEIRS") {
		t.Errorf("sent %q, exit %d: %s%s", v, o.code, o.stdout, o.stderr)
	}
}

func TestTokenByFlags(t *testing.T) {
	tn := serve(t, "works")
	p := tn.Profile()
	with := func(m map[string]string, kv ...string) map[string]string {
		out := map[string]string{}
		for k, v := range m {
			out[k] = v
		}
		for i := 0; i < len(kv); i += 2 {
			if kv[i+1] == "" {
				delete(out, kv[i])
				continue
			}
			out[kv[i]] = kv[i+1]
		}
		return out
	}
	secretFile := filepath.Join(t.TempDir(), "key.pem")
	key, err := os.ReadFile(tn.d.Clients[2].PrivateKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secretFile, key, 0o600); err != nil {
		t.Fatal(err)
	}
	issuer := func(args ...string) []string {
		return append(args, "--issuer", tn.Issuer(), "--client-id", p.ClientID, "--username", p.Username, "--audience", p.Audience)
	}
	for name, c := range map[string]struct {
		w    world
		code int
	}{
		"domain":                         {world{args: tn.flags("token", "--json"), env: tn.env()}, 0},
		"issuer":                         {world{args: issuer("token", "--json"), env: tn.env()}, 0},
		"token URL and keys":             {world{args: []string{"token", "--json", "--token-url", tn.d.TokenURL, "--jwks", tn.Issuer() + ".well-known/jwks.json", "--client-id", p.ClientID, "--username", p.Username}, env: tn.env()}, 0},
		"user name from the environment": {world{args: []string{"token", "--json", "--domain", p.Domain, "--client-id", p.ClientID}, env: with(tn.env(), "AUTHWALK_USERNAME", p.Username)}, 0},
		"the flag over the environment":  {world{args: tn.flags("token", "--json"), env: with(tn.env(), "AUTHWALK_USERNAME", "nobody@acme.test")}, 0},
		"the environment over a profile": {world{args: tn.with("token", "--json"), env: map[string]string{"AUTHWALK_USERNAME": "nobody@acme.test"}}, 5},
		"a profile's reference stands":   {world{args: tn.with("token", "--json"), env: map[string]string{"AUTHWALK_PASSWORD": "wrong"}}, 0},
		"a flag over a profile":          {world{args: tn.with("token", "--json", "--username", "nobody@acme.test")}, 5},
		"password on stdin":              {world{args: tn.flags("token", "--json", "--password-stdin"), env: with(tn.env(), "AUTHWALK_PASSWORD", "wrong"), stdin: strings.NewReader(p.Password + "\n")}, 0},
		"stdin over a profile":           {world{args: tn.with("token", "--json", "--password-stdin"), stdin: strings.NewReader("wrong\n")}, 5},
		"a blank belongs to a password":  {world{args: tn.flags("token", "--json", "--password-stdin"), env: tn.env(), stdin: strings.NewReader(p.Password + " \n")}, 5},
		"a wrong password":               {world{args: tn.flags("token", "--json"), env: with(tn.env(), "AUTHWALK_PASSWORD", "wrong")}, 5},
		"a wrong secret":                 {world{args: tn.flags("token", "--json"), env: with(tn.env(), "AUTHWALK_CLIENT_SECRET", "wrong")}, 4},
		"no secret":                      {world{args: tn.flags("token", "--json"), env: with(tn.env(), "AUTHWALK_CLIENT_SECRET", "")}, 4},
		"basic where post is set":        {world{args: tn.flags("token", "--json", "--client-auth", "basic"), env: tn.env()}, 4},
		"basic":                          {world{args: tn.flags("token", "--json", "--client-auth", "basic", "--client-id", tn.d.Clients[1].ClientID), env: with(tn.env(), "AUTHWALK_CLIENT_SECRET", tn.d.Clients[1].ClientSecret)}, 0},
		"private_key_jwt":                {world{args: tn.flags("token", "--json", "--client-id", tn.d.Clients[2].ClientID, "--private-key", "file:"+secretFile), env: with(tn.env(), "AUTHWALK_CLIENT_SECRET", "")}, 0},
		"a public client":                {world{args: tn.flags("token", "--json", "--client-id", tn.d.Clients[3].ClientID), env: with(tn.env(), "AUTHWALK_CLIENT_SECRET", "")}, 0},
		"a realm":                        {world{args: tn.flags("token", "--json", "--realm", "employees", "--username", "emil@acme.test"), env: with(tn.env(), "AUTHWALK_PASSWORD", "Night-Shift-7")}, 0},
		"an unknown audience":            {world{args: tn.flags("token", "--json", "--audience", "https://nowhere.test/"), env: tn.env()}, 4},
		"a required scope is missing":    {world{args: tn.flags("token", "--json", "--scope", "read:nothing", "--require-scopes"), env: tn.env()}, 9},
		"it is missed after a refresh":   {world{args: tn.flags("token", "--json", "--scope", "offline_access read:nothing", "--refresh", "--require-scopes"), env: tn.env()}, 9},
		"all required scopes":            {world{args: tn.flags("token", "--json", "--require-scopes"), env: tn.env()}, 0},
		"no leeway":                      {world{args: tn.flags("token", "--json", "--leeway", "0"), env: tn.env()}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := run(t, c.w)
			v := o.parse(t)
			if o.code != c.code {
				t.Errorf("exit %d, want %d: %v %s", o.code, c.code, v["error"], o.stderr)
			}
		})
	}
}

func TestScopeFlag(t *testing.T) {
	tn := serve(t, "works")
	p := tn.Profile()
	o := run(t, world{args: []string{"token", "--json", "--domain", p.Domain, "--client-id", p.ClientID, "--username", p.Username, "--audience", p.Audience,
		"--scope", "openid read:orders", "--scope", "https://acme.test/claims"}, env: tn.env()})
	v := o.parse(t)
	var asked []string
	for _, s := range v["scopes"].([]any) {
		if at(s, "requested") == true {
			asked = append(asked, at(s, "scope").(string))
		}
	}
	if join(asked) != "openid, read:orders, https://acme.test/claims" {
		t.Errorf("asked: %v", asked)
	}
	if at(v, "tokens", "refresh_token") != nil {
		t.Error("a refresh token came though offline_access was not asked for")
	}
}

func TestRefresh(t *testing.T) {
	tn := serve(t, "refresh-rotating")
	o := run(t, world{args: tn.with("token", "--refresh", "--json", "--reveal")})
	v := o.parse(t)
	if o.code != 0 || len(v["generations"].([]any)) != 2 {
		t.Fatalf("exit %d: %v", o.code, v["generations"])
	}
	for i, want := range []string{"password", "refresh_token"} {
		g := at(v, "generations", i)
		if at(g, "n") != float64(i) || at(g, "grant") != want || at(g, "refresh_token") != "new" {
			t.Errorf("generation %d: %v", i, g)
		}
		if _, err := time.Parse(time.RFC3339, at(g, "at").(string)); err != nil {
			t.Errorf("at: %v", err)
		}
	}
	token := at(v, "tokens", "refresh_token").(string)
	alone := run(t, world{args: tn.with("refresh", "--json"), env: map[string]string{"AUTHWALK_REFRESH_TOKEN": token}})
	if w := alone.parse(t); alone.code != 0 || at(w, "generations", 0, "grant") != "refresh_token" {
		t.Errorf("refresh: exit %d, %v", alone.code, w["generations"])
	}
	if strings.Contains(alone.stdout, token) {
		t.Error("the refresh token is in the output")
	}
	again := run(t, world{args: tn.with("refresh", "--json", "--refresh-token-stdin"), stdin: strings.NewReader(" " + token + "\n")})
	if w := again.parse(t); again.code != 5 || at(w, "diagnosis", 0, "id") != "refresh-invalid" || at(w, "error", "class") != "user" {
		t.Errorf("reuse: exit %d, %v", again.code, w["error"])
	}
	human := run(t, world{args: tn.with("token", "--refresh")})
	if !strings.Contains(human.stdout, "generation 1") {
		t.Errorf("the summary does not name the generation:\n%s", human.stdout)
	}
}

func TestRefreshWithoutToken(t *testing.T) {
	tn := serve(t, "offline-access-off")
	o := run(t, world{args: tn.with("token", "--refresh", "--json")})
	v := o.parse(t)
	if o.code != 4 || at(v, "diagnosis", 0, "id") != "no-refresh-token" || at(v, "error", "class") != "client" {
		t.Errorf("exit %d: %v", o.code, v["error"])
	}
}

func TestRefusedRefreshKeepsTheChain(t *testing.T) {
	tn := serve(t, "refresh-grant-off")
	o := run(t, world{args: tn.with("token", "--refresh", "--json")})
	v := o.parse(t)
	if o.code != 4 || v["tokens"] != nil || len(v["generations"].([]any)) != 1 {
		t.Errorf("exit %d, tokens %v, generations %v", o.code, v["tokens"], v["generations"])
	}
	human := run(t, world{args: tn.with("token", "--refresh")})
	if !strings.Contains(human.stdout, "The first grant worked") {
		t.Errorf("summary:\n%s", human.stdout)
	}
}

func TestRefusalForms(t *testing.T) {
	tn := serve(t, "wrong-password")
	raw := run(t, world{args: tn.with("token", "--raw")})
	var body map[string]string
	if err := json.Unmarshal([]byte(raw.stdout), &body); err != nil || raw.code != 5 || body["error"] != "invalid_grant" {
		t.Errorf("raw: %v, %+v", err, raw)
	}
	if !strings.Contains(raw.stderr, "wrong-credentials") {
		t.Errorf("raw says nothing on stderr: %q", raw.stderr)
	}
	alone := run(t, world{args: tn.with("token", "--access-token")})
	if alone.stdout != "" || alone.code != 5 || !strings.Contains(alone.stderr, "wrong-credentials") {
		t.Errorf("--access-token: %+v", alone)
	}
	o := run(t, world{args: tn.with("token", "--json")})
	v := o.parse(t)
	e := v["error"]
	if at(e, "class") != "user" || at(e, "status") != float64(403) || at(e, "error") != "invalid_grant" || at(e, "error_description") != "Wrong email or password." {
		t.Errorf("error: %v", e)
	}
	d := at(v, "diagnosis", 0)
	for _, m := range []string{"id", "certainty", "title", "why", "fix", "where", "log_event", "link"} {
		if at(d, m) == nil {
			t.Errorf("the finding has no %s: %v", m, d)
		}
	}
	if v["tokens"] != nil || v["access"] != nil {
		t.Error("tokens in a refusal")
	}
}

func TestValidationPrintsTokens(t *testing.T) {
	tn := serve(t, "expired-token")
	o := run(t, world{args: tn.with("token", "--json")})
	v := o.parse(t)
	if o.code != 8 || at(v, "tokens", "access_token") != flows.Mask || at(v, "error", "class") != "validation" {
		t.Errorf("exit %d: %v %v", o.code, v["tokens"], v["error"])
	}
	alone := run(t, world{args: tn.with("token", "--access-token")})
	if alone.code != 8 || strings.Count(alone.stdout, ".") != 2 || alone.stderr == "" {
		t.Errorf("--access-token: %d %q", alone.code, alone.stderr)
	}
}

func TestMFA(t *testing.T) {
	otp := serve(t, "mfa-otp")
	user := otp.d.Users[0]
	dir := t.TempDir()
	file := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return "file:" + p
	}
	without := run(t, world{args: otp.with("token", "--json")}).parse(t)
	if at(without, "exit") != float64(6) || at(without, "mfa", "factors", 0, "type") != "otp" || at(without, "error", "error") != "mfa_required" {
		t.Errorf("without: %v %v", without["mfa"], without["error"])
	}
	code, err := tenant.OTP(user.OTPSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]world{
		"AUTHWALK_OTP":    {args: otp.with("token", "--json"), env: map[string]string{"AUTHWALK_OTP": code}},
		"--otp-secret":    {args: otp.with("token", "--json", "--otp-secret", file("otp", user.OTPSecret))},
		"--recovery-code": {args: otp.with("token", "--json", "--recovery-code", file("rec", user.RecoveryCode))},
	} {
		if name == "--recovery-code" && user.RecoveryCode == "" {
			continue
		}
		o := run(t, w)
		if v := o.parse(t); o.code != 0 || at(v, "mfa", "factors", 0, "type") != "otp" {
			t.Errorf("%s: exit %d, %v", name, o.code, v["error"])
		}
	}
	wrong := run(t, world{args: otp.with("token", "--json"), env: map[string]string{"AUTHWALK_OTP": "000000"}})
	if v := wrong.parse(t); wrong.code != 6 || at(v, "diagnosis", 0, "id") != "mfa-wrong-code" {
		t.Errorf("wrong code: %d %v", wrong.code, v["error"])
	}
	// The list of factors is refused here, and MFA is needed all the same.
	expired := run(t, world{args: serve(t, "mfa-expired").with("token", "--json")})
	if factors, ok := at(expired.parse(t), "mfa", "factors").([]any); expired.code != 6 || !ok || len(factors) != 0 {
		t.Errorf("expired: exit %d, %s", expired.code, expired.stdout)
	}
	rec := serve(t, "mfa-recovery")
	o := run(t, world{args: rec.with("token", "--recovery-code", file("rec2", rec.d.Users[0].RecoveryCode))})
	if o.code != 0 || !strings.Contains(o.stdout, "new recovery code") {
		t.Errorf("recovery: %d\n%s%s", o.code, o.stdout, o.stderr)
	}
}

// TestMessageCode answers with the code of a message that was sent only after
// the program had begun to run.
func TestMessageCode(t *testing.T) {
	for _, name := range []string{"mfa-sms", "mfa-email"} {
		tn := serve(t, name)
		stdin, write := io.Pipe()
		done := make(chan outcome)
		go func() { done <- run(t, world{args: tn.with("token", "--json", "--otp-stdin"), stdin: stdin}) }()
		changed := tn.Phone().Changed()
		for len(tn.Phone().Messages()) == 0 {
			<-changed
			changed = tn.Phone().Changed()
		}
		if _, err := io.WriteString(write, " "+tn.Phone().Messages()[0].Code+"\r\n"); err != nil {
			t.Fatal(err)
		}
		o := <-done // stdin is still open
		if v := o.parse(t); o.code != 0 || at(v, "mfa", "factors", 0, "type") != "oob" {
			t.Errorf("%s: exit %d, %v", name, o.code, v["error"])
		}
		if n := len(tn.Phone().Messages()); n > 1 {
			t.Errorf("%s: %d messages were sent", name, n)
		}
	}
	for _, stdin := range []string{"", "\n", " \n\n"} { // one message is sent for it, and no more
		tn := serve(t, "mfa-sms")
		o := run(t, world{args: tn.with("token", "--json", "--otp-stdin"), stdin: strings.NewReader(stdin)})
		if v := o.parse(t); o.code != 6 || at(v, "diagnosis", 0, "id") != "mfa-required" || len(tn.Phone().Messages()) != 1 {
			t.Errorf("stdin %q: exit %d, %d messages, %v", stdin, o.code, len(tn.Phone().Messages()), v["error"])
		}
	}
	tn := serve(t, "mfa-otp")
	code, err := tenant.OTP(tn.d.Users[0].OTPSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args  []string
		stdin string
		code  int
	}{
		"a code":       {[]string{"token", "--json", "--otp-stdin"}, code + "\n", 0},
		"a wrong code": {[]string{"token", "--json", "--otp-stdin"}, "000000\n" + code + "\n", 6},
		"an empty end": {[]string{"token", "--json", "--otp-stdin"}, "", 6},
		"twice":        {[]string{"token", "--json", "--otp-stdin", "--password-stdin"}, code + "\n", 2},
		"a body too":   {[]string{"call", "--json", "--otp-stdin", "-d", "@-", "/orders"}, code + "\n", 2},
		"a token too":  {[]string{"call", "--json", "--otp-stdin", "--access-token-stdin", "/orders"}, code + "\n", 2},
	} {
		if o := run(t, world{args: tn.with(c.args...), stdin: strings.NewReader(c.stdin)}); o.code != c.code {
			t.Errorf("%s: exit %d, want %d: %s%s", name, o.code, c.code, o.stdout, o.stderr)
		}
	}
}

func TestPush(t *testing.T) {
	tn := serve(t, "mfa-push")
	o := run(t, world{args: tn.with("token", "--json")}) // waits for nothing: the phone approves after 3 s
	if v := o.parse(t); o.code != 6 || at(v, "diagnosis", 0, "id") != "mfa-required" || at(v, "mfa", "factors", 0, "channel") != "auth0" {
		t.Errorf("exit %d: %v", o.code, v["error"])
	}
	// Approved through the phone, it is good.
	done := make(chan outcome)
	go func() { done <- run(t, world{args: tn.with("token", "--json", "--mfa-wait", "20s")}) }()
	for {
		changed := tn.Phone().Changed()
		if p := tn.Phone().Pending(); len(p) > 0 {
			for _, push := range p {
				tn.Phone().Approve(push.ID)
			}
		}
		select {
		case o := <-done:
			if v := o.parse(t); o.code != 0 {
				t.Errorf("approved: exit %d: %v", o.code, v["error"])
			}
			return
		case <-changed:
		}
	}
}

// TestAsks: where stdin and stderr are terminals, what is missing is asked for.
func TestAsks(t *testing.T) {
	tn := serve(t, "works")
	p := tn.Profile()
	o := run(t, world{args: []string{"token", "--domain", p.Domain, "--json"}, tty: true, env: map[string]string{"AUTHWALK_CLIENT_SECRET": p.ClientSecret},
		stdin: strings.NewReader(p.ClientID + "\n" + p.Username + "\n"), secret: []string{p.Password}})
	if o.code != 0 {
		t.Fatalf("exit %d: %s", o.code, o.stderr)
	}
	for _, q := range []string{"Client ID: ", "Username: ", "Password: "} {
		if !strings.Contains(o.stderr, q) {
			t.Errorf("it did not ask %q: %q", q, o.stderr)
		}
	}
	if strings.Contains(o.stderr+o.stdout, p.Password) {
		t.Error("the password is shown")
	}
	mfa := serve(t, "mfa-otp")
	code, _ := tenant.OTP(mfa.d.Users[0].OTPSecret, time.Now())
	asked := run(t, world{args: mfa.with("token", "--json"), tty: true, stdin: strings.NewReader("1\n" + code + "\n")})
	if asked.code != 0 || !strings.Contains(asked.stderr, "authenticator") {
		t.Errorf("MFA: exit %d: %s", asked.code, asked.stderr)
	}
}

// odd answers the token endpoint with whatever a test wants.
func odd(t *testing.T, h http.HandlerFunc) []string {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return []string{"token", "--json", "--token-url", srv.URL + "/token", "--client-id", "c", "--username", "u"}
}

func TestOddReplies(t *testing.T) {
	body := func(status int, contentType, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text))
		}
	}
	const js = "application/json"
	for name, c := range map[string]struct {
		h     http.HandlerFunc
		code  int
		class string
	}{
		"HTML":                     {body(200, "text/html", "<html><title>Sign in</title></html>"), 3, "not-oauth"},
		"empty":                    {body(200, js, ""), 3, "not-oauth"},
		"text":                     {body(400, "text/plain", "no"), 3, "not-oauth"},
		"an array":                 {body(200, js, "[]"), 3, "not-oauth"},
		"no access_token":          {body(200, js, `{"token_type":"Bearer"}`), 3, "not-oauth"},
		"an error that is a list":  {body(400, js, `{"error":["x"]}`), 3, "not-oauth"},
		"5xx":                      {body(503, js, `{"error":"temporarily_unavailable"}`), 3, "network"},
		"a redirect":               {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, 3, "network"},
		"an error in a 200":        {body(200, js, `{"error":"invalid_grant"}`), 5, "user"},
		"invalid_client":           {body(401, js, `{"error":"invalid_client"}`), 4, "client"},
		"unauthorized_client":      {body(400, js, `{"error":"unauthorized_client"}`), 4, "client"},
		"unsupported_grant_type":   {body(400, js, `{"error":"unsupported_grant_type"}`), 4, "client"},
		"invalid_scope":            {body(400, js, `{"error":"invalid_scope"}`), 4, "client"},
		"invalid_target":           {body(400, js, `{"error":"invalid_target"}`), 4, "client"},
		"invalid_request":          {body(400, js, `{"error":"invalid_request"}`), 4, "client"},
		"an error of its own":      {body(400, js, `{"error":"nobody_knows"}`), 4, "client"},
		"throttled":                {body(429, js, `{"error":"too_many"}`), 7, "throttled"},
		"a token in a refusal":     {body(400, js, `{"access_token":"abc","token_type":"Bearer","expires_in":60}`), 3, "not-oauth"},
		"an opaque token":          {body(200, js, `{"access_token":"abc","token_type":"Bearer","expires_in":60}`), 0, ""},
		"no token_type":            {body(200, js, `{"access_token":"abc"}`), 0, ""},
		"a negative expires_in":    {body(200, js, `{"access_token":"abc","token_type":"Bearer","expires_in":-5}`), 0, ""},
		"another token_type":       {body(200, js, `{"access_token":"abc","token_type":"DPoP","expires_in":5}`), 0, ""},
		"control characters in it": {body(400, js, `{"error":"invalid_request","error_description":"\u001b[31mred\u009b2J"}`), 4, "client"},
	} {
		t.Run(name, func(t *testing.T) {
			args := odd(t, c.h)
			o := run(t, world{args: args, env: map[string]string{"AUTHWALK_PASSWORD": "hunter22"}})
			v := o.parse(t)
			class, _ := at(v, "error", "class").(string)
			if o.code != c.code || class != c.class {
				t.Errorf("exit %d class %q, want %d %q: %v", o.code, class, c.code, c.class, v["error"])
			}
			if c.class != "" && at(v, "error", "status") == nil {
				t.Errorf("there was a status, and the error has none: %v", v["error"])
			}
			human := run(t, world{args: slices.DeleteFunc(slices.Clone(args), func(s string) bool { return s == "--json" }), env: map[string]string{"AUTHWALK_PASSWORD": "hunter22"}})
			if strings.ContainsAny(human.stdout+human.stderr+o.stdout, "\x1b\u009b") {
				t.Error("a control character of the server reaches the terminal")
			}
			if human.code != c.code || human.stdout == "" {
				t.Errorf("the summary: exit %d, %q", human.code, human.stdout)
			}
		})
	}
}

func TestConnectionFails(t *testing.T) {
	o := run(t, world{args: []string{"token", "--json", "--domain", "127.0.0.1:9", "--client-id", "c", "--username", "u"}, env: map[string]string{"AUTHWALK_PASSWORD": "hunter22"}})
	v := o.parse(t)
	if o.code != 3 || at(v, "error", "class") != "network" || at(v, "diagnosis", 0, "id") != "connection-refused" {
		t.Errorf("exit %d: %v", o.code, v["error"])
	}
	if at(v, "exchanges", 0, "response") != nil || at(v, "exchanges", 0, "status") != nil {
		t.Errorf("a reply that never came: %v", at(v, "exchanges", 0))
	}
	if strings.Contains(o.stdout, "hunter22") {
		t.Error("the password is in the output")
	}
}

// TestInterrupted: a cancelled run ends at once with 130 and an object.
func TestInterrupted(t *testing.T) {
	asked := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server sees the end of the connection only then
		close(asked)
		<-r.Context().Done()
	}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-asked
		cancel()
	}()
	o := run(t, world{ctx: ctx, args: []string{"token", "--json", "--token-url", srv.URL, "--client-id", "c", "--username", "u"}, env: map[string]string{"AUTHWALK_PASSWORD": "p4ssword"}})
	if v := o.parse(t); o.code != 130 || at(v, "exchanges", 0, "method") != "POST" {
		t.Errorf("exit %d: %v", o.code, v)
	}
	gone, cancelNow := context.WithCancel(context.Background())
	cancelNow()
	pw := run(t, world{ctx: gone, tty: true, args: []string{"token", "--domain", "a.test", "--client-id", "c"}})
	if pw.code != 130 || pw.stdout != "" {
		t.Errorf("at a question: exit %d, %q, %q", pw.code, pw.stdout, pw.stderr)
	}
	for _, cmd := range []string{"token", "refresh", "call"} { // --json promises an object on every exit but 2
		args := []string{cmd, "--json", "--domain", "a.test", "--client-id", "c"}
		if cmd == "call" {
			args = append(args, "/x")
		}
		o := run(t, world{ctx: gone, tty: true, args: args})
		if v := o.parse(t); o.code != 130 || at(v, "error", "error_description") != "interrupted" {
			t.Errorf("%s at a question: exit %d, %q", cmd, o.code, o.stdout)
		}
	}
	// Stdin that ends at the same moment is no answer.
	for range 20_000 {
		if _, err := within(gone, func() (string, error) { return "", io.EOF }); err != context.Canceled {
			t.Fatalf("interrupted, and told %v", err)
		}
	}
}

// TestPanicHeadless: a fault of our own is exit 1, with the object that --json
// promises, and tells where it happened but not what panicked.
func TestPanicHeadless(t *testing.T) {
	l := serve(t, "works")
	password := l.env()["AUTHWALK_PASSWORD"]
	if password == "" {
		t.Fatal("no password to panic with")
	}
	for _, cmd := range []string{"token", "check", "call"} {
		clock := flows.SystemClock()
		clock.Wall = func() time.Time { panic(password) }
		args := l.flags(cmd, "--json")
		if cmd == "call" {
			args = append(args, "/api/me")
		}
		o := run(t, world{args: args, env: l.env(), clock: &clock})
		v := o.parse(t)
		if o.code != 1 || at(v, "exit") != 1.0 || at(v, "ok") != false || !strings.Contains(fmt.Sprint(at(v, "error", "error_description")), "an internal fault") {
			t.Errorf("%s: exit %d, %q", cmd, o.code, o.stdout)
		}
		if !strings.Contains(o.stderr, "TestPanicHeadless") || strings.Contains(o.stdout+o.stderr, password) {
			t.Errorf("%s: %q", cmd, o.stderr)
		}
	}
}

// TestForeignHost: endpoints on another host than the issuer's are refused
// unless they are named.
func TestForeignHost(t *testing.T) {
	other := serve(t, "works")
	var issuer string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": issuer, "token_endpoint": other.d.TokenURL, "jwks_uri": other.Issuer() + ".well-known/jwks.json"})
	}))
	defer srv.Close()
	issuer = srv.URL + "/"
	p := other.Profile()
	args := []string{"token", "--json", "--issuer", issuer, "--client-id", p.ClientID, "--username", p.Username}
	o := run(t, world{args: args, env: other.env()})
	host := strings.TrimPrefix(strings.TrimSuffix(other.Issuer(), "/"), "http://")
	if o.code != 2 || o.stdout != "" || !strings.Contains(o.stderr, "--allow-host "+host) {
		t.Errorf("exit %d, %q, %q", o.code, o.stdout, o.stderr)
	}
	if n := len(other.Log()); n != 0 {
		t.Errorf("the other host was asked: %d events", n)
	}
	args[0] = "check"
	if o := run(t, world{args: args, env: other.env()}); o.code != 2 || o.stdout != "" || !strings.Contains(o.stderr, "--allow-host "+host) {
		t.Errorf("check --json: exit %d, %q, %q", o.code, o.stdout, o.stderr)
	}
	told := slices.DeleteFunc(slices.Clone(args), func(s string) bool { return s == "--json" })
	if o := run(t, world{args: told, env: other.env()}); o.code != 2 || !strings.Contains(o.stdout, "It stops at: Discovery") || !strings.Contains(o.stderr, "--allow-host "+host) {
		t.Errorf("check: exit %d, %q, %q", o.code, o.stdout, o.stderr)
	}
	if n := len(other.Log()); n != 0 {
		t.Errorf("check asked the other host: %d events", n)
	}
	args[0] = "token"
	allowed := run(t, world{args: append(args, "--allow-host", host), env: other.env()})
	if v := allowed.parse(t); at(v, "tokens", "token_type") != "Bearer" {
		t.Errorf("allowed: exit %d, %v", allowed.code, v["error"])
	}
}
