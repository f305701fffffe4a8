package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"authwalk/flows"
	"authwalk/flows/tenant"
)

// world is what a test gives a run.
type world struct {
	args   []string
	env    map[string]string
	stdin  io.Reader
	tty    bool     // stdin and stderr are terminals
	outTTY bool     // stdout is one
	secret []string // answers to questions without echo, in order
	ctx    context.Context
	clock  *flows.Clock
}

// outcome is what a run came to.
type outcome struct {
	code           int
	stdout, stderr string
}

// lockedBuffer is a buffer that a test may read while a run writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// run runs a command in process.
func run(t *testing.T, w world) outcome {
	t.Helper()
	var stdout, stderr lockedBuffer
	code := Main(w.make(t, &stdout, &stderr))
	return outcome{code, stdout.String(), stderr.String()}
}

func (w world) make(t *testing.T, stdout, stderr io.Writer) Env {
	env := map[string]string{"HOME": t.TempDir(), "XDG_CONFIG_HOME": ""}
	for k, v := range w.env {
		env[k] = v
	}
	ctx := w.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	stdin := w.stdin
	if stdin == nil {
		stdin = strings.NewReader("")
	}
	e := Env{Args: w.args, Stdin: stdin, Stdout: stdout, Stderr: stderr, StdinTTY: w.tty, StderrTTY: w.tty, StdoutTTY: w.outTTY, Context: ctx, Clock: flows.SystemClock(),
		Lookup: func(n string) (string, bool) { v, ok := env[n]; return v, ok }}
	if w.clock != nil {
		e.Clock = *w.clock
	}
	answers := w.secret
	e.Secret = func(ctx context.Context, ask func()) (string, error) {
		ask()
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if len(answers) == 0 {
			return "", io.EOF
		}
		a := answers[0]
		answers = answers[1:]
		return a, nil
	}
	return e
}

// serving is a tenant that listens, with its profile file.
type serving struct {
	*tenant.Tenant
	name     string
	profiles string
	d        tenant.Description
}

func serve(t *testing.T, scenario string) serving {
	t.Helper()
	sc, ok := tenant.Lookup(scenario)
	if !ok {
		t.Fatalf("no scenario %s", scenario)
	}
	tn, err := tenant.New(sc, tenant.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tn.Close() })
	if err := tn.Listen("", false); err != nil {
		t.Fatal(err)
	}
	f, err := tn.WriteFiles(filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	return serving{tn, scenario, f.Profiles, tn.Describe()}
}

// with puts a command before the profile of the tenant.
func (s serving) with(args ...string) []string {
	return append(args, "--profiles", s.profiles, "-p", s.name)
}

// flags are the set-up of the tenant without a profile.
func (s serving) flags(args ...string) []string {
	p := s.Profile() // what args has of these comes later, and counts
	return append([]string{args[0], "--domain", p.Domain, "--client-id", p.ClientID, "--username", p.Username, "--audience", p.Audience, "--scope", strings.Join(p.Scopes, " ")}, args[1:]...)
}

// env are the secrets of the tenant's first client and user.
func (s serving) env() map[string]string {
	p := s.Profile()
	return map[string]string{"AUTHWALK_CLIENT_SECRET": p.ClientSecret, "AUTHWALK_PASSWORD": p.Password}
}

// parse reads the one JSON object of a run.
func (o outcome) parse(t *testing.T) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(o.stdout))
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("no JSON (%v): %q, stderr %q", err, o.stdout, o.stderr)
	}
	if dec.More() {
		t.Fatalf("more than one object: %q", o.stdout)
	}
	if got := int(v["exit"].(float64)); got != o.code {
		t.Errorf("exit is %d in JSON, %d of the process", got, o.code)
	}
	if v["ok"].(bool) != (o.code == 0) {
		t.Errorf("ok is %v with exit %d", v["ok"], o.code)
	}
	if strings.Contains(o.stdout, ":null") {
		t.Errorf("null in the JSON: %s", o.stdout)
	}
	return v
}

// at walks into a JSON value by names and numbers.
func at(v any, path ...any) any {
	for _, p := range path {
		switch k := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

// TestEveryScenario runs what `authwalk tenant --list --json` names: its profile
// must end in its first finding and exit code.
func TestEveryScenario(t *testing.T) {
	list := run(t, world{args: []string{"tenant", "--list", "--json"}})
	var all []struct {
		Name, Title, Teaches, Run, Diagnosis string
		Exit                                 int
	}
	if err := json.Unmarshal([]byte(list.stdout), &all); err != nil || list.code != 0 {
		t.Fatal(err, list)
	}
	if len(all) < 50 {
		t.Fatalf("only %d scenarios", len(all))
	}
	for _, s := range all {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			tn := serve(t, s.Name)
			o := run(t, world{args: tn.with(append(strings.Fields(s.Run), "--json")...)})
			v := o.parse(t)
			id, _ := at(v, "diagnosis", 0, "id").(string)
			if o.code != s.Exit || id != s.Diagnosis {
				t.Errorf("exit %d and %q, want %d and %q (%v)", o.code, id, s.Exit, s.Diagnosis, v["error"])
			}
			if (v["error"] != nil) != (o.code != 0) {
				t.Errorf("error is %v with exit %d", v["error"], o.code)
			}
			for _, secret := range tn.env() {
				if secret != "" && strings.Contains(o.stdout+o.stderr, secret) {
					t.Errorf("a secret is in the output")
				}
			}
			human := run(t, world{args: tn.with(strings.Fields(s.Run)...)})
			if human.stdout == "" {
				t.Error("no summary")
			}
			if s.Diagnosis != "" && human.code == s.Exit && !strings.Contains(human.stdout, "["+s.Diagnosis+"]") {
				t.Errorf("the summary does not show %s:\n%s", s.Diagnosis, human.stdout)
			}
		})
	}
}

// TestMissing: what is missing is exit 2, named, with nothing on stdout.
func TestMissing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "p.toml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[profile.a]\ndomain = \"acme.eu.auth0.com\"\nclient_id = \"x\"\n")
	base := []string{"--domain", "acme.eu.auth0.com"}
	flags := func(cmd string, more ...string) []string { return append(append([]string{cmd}, base...), more...) }
	for name, c := range map[string]struct {
		args  []string
		env   map[string]string
		names string // what the sentence must name
	}{
		"nothing at all":               {[]string{"token"}, nil, "-p NAME"},
		"nothing at all, json":         {[]string{"token", "--json"}, nil, "-p NAME"},
		"nothing for refresh":          {[]string{"refresh"}, nil, "-p NAME"},
		"nothing for check":            {[]string{"check", "--json"}, nil, "-p NAME"},
		"nothing for call":             {[]string{"call", "/x"}, nil, "-p NAME"},
		"no URL":                       {[]string{"call"}, nil, "something is missing: authwalk call -p NAME [METHOD] URL"},
		"a method and no URL":          {flags("call", "GET"), nil, "URL"},
		"no client id":                 {flags("token", "--json"), nil, "client id"},
		"no username":                  {flags("token", "--client-id", "x"), nil, "AUTHWALK_USERNAME"},
		"no password":                  {flags("token", "--client-id", "x", "--username", "u"), nil, "AUTHWALK_PASSWORD"},
		"an empty password on stdin":   {flags("token", "--client-id", "x", "--username", "u", "--password-stdin"), nil, "password"},
		"no secret for post":           {flags("token", "--client-id", "x", "--username", "u", "--client-auth", "post"), map[string]string{"AUTHWALK_PASSWORD": "p"}, "AUTHWALK_CLIENT_SECRET"},
		"no key":                       {flags("token", "--client-id", "x", "--username", "u", "--client-auth", "private_key_jwt"), map[string]string{"AUTHWALK_PASSWORD": "p"}, "--private-key"},
		"no refresh token":             {flags("refresh", "--client-id", "x"), nil, "AUTHWALK_REFRESH_TOKEN"},
		"no refresh token on stdin":    {flags("refresh", "--client-id", "x", "--refresh-token-stdin"), nil, "refresh token"},
		"no access token on stdin":     {flags("call", "--access-token-stdin", "/x"), nil, "access token"},
		"no such profile":              {[]string{"token", "--profiles", file, "-p", "b"}, nil, "\"b\""},
		"no default":                   {[]string{"token", "--profiles", file}, nil, "default"},
		"no file, but a name":          {[]string{"token", "--profiles", filepath.Join(dir, "none.toml"), "-p", "b"}, nil, "none.toml"},
		"two tenants":                  {[]string{"token", "--domain", "a.test", "--issuer", "https://b.test/"}, nil, "exclude"},
		"http beyond loopback":         {[]string{"token", "--domain", "http://a.test"}, nil, "loopback"},
		"issuer with http":             {[]string{"token", "--issuer", "http://a.test/"}, nil, "--allow-http"},
		"no host":                      {[]string{"token", "--domain", "https://a/b"}, nil, "host"},
		"an unknown flow":              {flags("token", "--flow", "magic"), nil, "magic"},
		"an unknown client auth":       {flags("token", "--client-auth", "magic"), nil, "magic"},
		"a param without value":        {flags("token", "--param", "x"), nil, "name=value"},
		"a secret as param":            {flags("token", "--param", "password=hunter22"), nil, "AUTHWALK_PASSWORD"},
		"another secret as param":      {flags("token", "--param", "my_pass=hunter22"), nil, "env:"},
		"no IP":                        {flags("token", "--forwarded-for", "me"), nil, "IP"},
		"no duration":                  {flags("token", "--timeout", "soon"), nil, "duration"},
		"no time at all":               {flags("token", "--timeout", "0"), nil, "--timeout"},
		"no CA file":                   {flags("token", "--client-id", "x", "--username", "u", "--ca-file", filepath.Join(dir, "none.pem")), map[string]string{"AUTHWALK_PASSWORD": "p"}, "none.pem"},
		"a key as argument":            {flags("token", "--private-key", "-----BEGIN hunter22"), nil, "reference"},
		"an OTP secret as argument":    {flags("token", "--otp-secret", "hunter22"), nil, "reference"},
		"a recovery code as argument":  {flags("token", "--recovery-code", "hunter22"), nil, "reference"},
		"a reference to nothing":       {flags("token", "--client-id", "x", "--username", "u", "--otp-secret", "env:NOT_THERE"), map[string]string{"AUTHWALK_PASSWORD": "p"}, "NOT_THERE"},
		"a password flag":              {flags("token", "--password=hunter22"), nil, "AUTHWALK_PASSWORD"},
		"a secret flag":                {flags("token", "--client-secret", "hunter22"), nil, "AUTHWALK_CLIENT_SECRET"},
		"an unknown flag":              {flags("token", "--magic"), nil, "--magic"},
		"a slip in a flag":             {flags("token", "--domian", "x"), nil, "--domian; did you mean --domain?"},
		"an unknown command":           {[]string{"magic"}, nil, "magic"},
		"an argument too many":         {[]string{"token", "magic"}, nil, "authwalk token takes no argument, and \"magic\" is one"},
		"a slip in a subcommand":       {[]string{"profiles", "lst"}, nil, "there is no command \"lst\"; did you mean list?"},
		"json and raw":                 {flags("token", "--json", "--raw"), nil, "exclude"},
		"an unknown report":            {flags("token", "--report", "x.pdf"), nil, ".pdf"},
		"an unknown scenario":          {[]string{"tenant", "--scenario", "magic"}, nil, "wrong-secret"},
		"an unknown scenario, demo":    {[]string{"demo", "magic"}, nil, "wrong-secret"},
		"not loopback":                 {[]string{"tenant", "--addr", "192.0.2.1:0"}, nil, "loopback"},
		"screens without a terminal":   {nil, nil, "--plain"},
		"demo without a terminal":      {[]string{"demo"}, nil, "token"},
		"plain, input ends":            {[]string{"--plain"}, nil, "ended"},
		"demo in plain, input ends":    {[]string{"demo", "--plain"}, nil, "ended"},
		"an Authorization header":      {flags("call", "/x", "-H", "Authorization: Bearer hunter22"), nil, "AUTHWALK_ACCESS_TOKEN"},
		"no header":                    {flags("call", "/x", "-H", "nonsense"), nil, "Name: value"},
		"no body file":                 {flags("call", "--client-id", "x", "/x", "-d", "@"+filepath.Join(dir, "none.json")), map[string]string{"AUTHWALK_ACCESS_TOKEN": "t"}, "none.json"},
		"no token to decode":           {[]string{"decode"}, nil, "token"},
		"no token in what is decoded":  {[]string{"decode", "hello world"}, nil, "no token"},
		"decode as nonsense":           {[]string{"decode", "--as", "magic", "abc"}, nil, "--as"},
		"help on no command":           {[]string{"help", "magic"}, nil, "magic"},
		"help on no subcommand":        {[]string{"help", "profiles", "magic"}, nil, "magic"},
		"no port":                      {[]string{"token", "--domain", "a.test:99999"}, nil, "65535"},
		"no JWKS file for a token":     {flags("token", "--client-id", "x", "--username", "u", "--jwks", filepath.Join(dir, "none.json")), map[string]string{"AUTHWALK_PASSWORD": "p"}, "none.json"},
		"keys over plain http":         {flags("token", "--client-id", "x", "--username", "u", "--jwks", "http://a.test/keys"), map[string]string{"AUTHWALK_PASSWORD": "p"}, "jwks_url"},
		"decode, keys over plain http": {[]string{"decode", "--jwks", "http://a.test/keys", "eyJhbGciOiJSUzI1NiJ9.e30.AA"}, nil, "jwks_url"},
		"no JWKS file":                 {[]string{"decode", "--jwks", filepath.Join(dir, "none.json"), "eyJhbGciOiJSUzI1NiJ9.e30.AA"}, nil, "none.json"},
		"nothing to explain":           {[]string{"explain"}, nil, "empty"},
		"no file to explain":           {[]string{"explain", filepath.Join(dir, "none")}, nil, "none"},
		"a secret in a profile":        {[]string{"profiles", "add", "x", "--domain", "a.test", "--client-id", "c", "--client-secret", "hunter22", "--profiles", filepath.Join(dir, "n.toml")}, nil, "keyring:"},
		"a profile without a domain":   {[]string{"profiles", "add", "x", "--profiles", filepath.Join(dir, "n.toml")}, nil, "domain"},
		"a profile that is not there":  {[]string{"profiles", "show", "x", "--profiles", file}, nil, "\"x\""},
		"remove one that is not there": {[]string{"profiles", "remove", "x", "--profiles", file}, nil, "\"x\""},
		"an unknown profile command":   {[]string{"profiles", "magic"}, nil, "magic"},
	} {
		t.Run(name, func(t *testing.T) {
			o := run(t, world{args: c.args, env: c.env})
			if o.code != 2 {
				t.Errorf("exit %d, want 2; stderr %q", o.code, o.stderr)
			}
			if plain := len(c.args) > 0 && c.args[len(c.args)-1] == "--plain"; o.stdout != "" && !plain {
				t.Errorf("on stdout: %q", o.stdout)
			}
			if !strings.Contains(o.stderr, c.names) {
				t.Errorf("stderr does not name %q: %q", c.names, o.stderr)
			}
			if strings.Contains(o.stderr+o.stdout, "hunter22") {
				t.Errorf("a secret is repeated: %q", o.stderr)
			}
		})
	}
}

// TestNoArguments: none are none, and not those of the process.
func TestNoArguments(t *testing.T) {
	was := os.Args
	defer func() { os.Args = was }()
	os.Args = []string{was[0], "magic"}
	if o := run(t, world{}); o.code != 2 || strings.Contains(o.stderr, "magic") {
		t.Errorf("exit %d: %q", o.code, o.stderr)
	}
}

// TestOneSentence: a reference that leads nowhere is told in one sentence; that
// it was waited for is news for a person alone.
func TestOneSentence(t *testing.T) {
	args := []string{"token", "--domain", "a.test", "--client-id", "c", "--username", "u", "--otp-secret", "cmd:authwalk-no-such-program"}
	env := map[string]string{"AUTHWALK_PASSWORD": "p"}
	if o := run(t, world{args: args, env: env}); o.code != 2 || strings.Count(o.stderr, "\n") != 1 {
		t.Errorf("exit %d, %q", o.code, o.stderr)
	}
	if o := run(t, world{args: args, env: env, tty: true}); o.code != 2 || !strings.Contains(o.stderr, "waiting for") {
		t.Errorf("at a terminal: exit %d, %q", o.code, o.stderr)
	}
}
