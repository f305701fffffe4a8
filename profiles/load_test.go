package profiles

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"authwalk/flows"
)

// full is a profile file with every key.
const full = `# Tenants of Acme
default = "acme-dev"

[profile.acme-dev]
domain        = "acme-dev.eu.auth0.com"       # Auth0's paths
jwks_url      = "keys.json"
userinfo_url  = "https://acme-dev.eu.auth0.com/userinfo"
revoke_url    = "https://acme-dev.eu.auth0.com/oauth/revoke"
environment   = "dev"
flow          = "password"
realm         = "employees"
client_id     = "abc"
client_auth   = "post"
client_secret = "keyring:acme-dev"            # a reference
private_key   = "file:~/keys/acme-dev.pem"
key_id        = "k1"
key_alg       = "PS256"
assertion_audience = "https://acme-dev.eu.auth0.com/"
api_secret    = "env:API_SECRET"
otp_secret    = "cmd:pass show acme/otp"
recovery_code = "prompt"
api_base      = "https://api.acme.dev/v1"
audience      = "https://api.acme.dev/"
scopes        = [
  "openid",          # who
  "offline_access",  # for longer
  "https://acme.dev/scope",
]
username      = "someone@acme.dev"
password      = "prompt"
forwarded_for = "203.0.113.7"
timeout       = "2s"
leeway        = "0s"
allow_http    = true
allow_hosts   = ["login.acme.dev"]

[profile.acme-dev.params]
device = "laptop"
"x y"  = 'a "quoted" one'

[profile.acme-dev.tls]
ca_file     = "ca.pem"
client_cert = "me.pem"
client_key  = "~/me.key"
proxy       = "http://proxy.acme.dev:3128"

[[profile.acme-dev.call]]
name = "orders"
method = "POST"
url = "/orders"
headers = { Accept = "application/json" }
body = '''
{
  "a": 1
}
'''

[[profile.acme-dev.call]]
url = "https://api.acme.dev/me"
  [profile.acme-dev.call.headers]
  "X-Trace" = "1"

# The one that matters
[profile."acme prod"]
issuer = "https://login.acme.dev/"
environment = "prod"
realm = ""
scopes = []
`

func fullProfile(dir string) Profile {
	return Profile{
		Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", JWKSURL: "keys.json", UserinfoURL: "https://acme-dev.eu.auth0.com/userinfo",
		RevokeURL: "https://acme-dev.eu.auth0.com/oauth/revoke", Environment: "dev", Flow: "password", Realm: "employees", ClientID: "abc", ClientAuth: "post",
		ClientSecret: Ref{KindKeyring, "acme-dev"}, PrivateKey: Ref{KindFile, "~/keys/acme-dev.pem"}, KeyID: "k1", KeyAlg: "PS256",
		AssertionAudience: "https://acme-dev.eu.auth0.com/", APISecret: Ref{KindEnv, "API_SECRET"}, OTPSecret: Ref{KindCmd, "pass show acme/otp"},
		RecoveryCode: Ref{Kind: KindPrompt}, APIBase: "https://api.acme.dev/v1", Audience: "https://api.acme.dev/",
		Scopes: []string{"openid", "offline_access", "https://acme.dev/scope"}, Username: "someone@acme.dev", Password: Ref{Kind: KindPrompt},
		ForwardedFor: "203.0.113.7", Timeout: "2s", Leeway: "0s", AllowHTTP: true, AllowHosts: []string{"login.acme.dev"},
		Params: map[string]string{"device": "laptop", "x y": `a "quoted" one`},
		CAFile: "ca.pem", ClientCert: "me.pem", ClientKey: "~/me.key", Proxy: "http://proxy.acme.dev:3128",
		Calls: []flows.SavedCall{
			{Name: "orders", Method: "POST", URL: "/orders", Headers: map[string]string{"Accept": "application/json"}, Body: "{\n  \"a\": 1\n}\n"},
			{URL: "https://api.acme.dev/me", Headers: map[string]string{"X-Trace": "1"}},
		},
		Dir: dir,
	}
}

func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "profiles.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t testing.TB, text string) *File {
	t.Helper()
	f, err := Load(write(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestLoadEveryKey(t *testing.T) {
	f := load(t, full)
	if f.Default != "acme-dev" || !reflect.DeepEqual(f.Names(), []string{"acme-dev", "acme prod"}) || f.Missing || len(f.Warnings) > 0 {
		t.Fatalf("got %q %q %v %v", f.Default, f.Names(), f.Missing, f.Warnings)
	}
	if want := fullProfile(filepath.Dir(f.Path)); !reflect.DeepEqual(f.Profiles[0], want) {
		t.Errorf("got  %+v\nwant %+v", f.Profiles[0], want)
	}
	want := Profile{Name: "acme prod", Issuer: "https://login.acme.dev/", Environment: "prod", Dir: filepath.Dir(f.Path)}
	if !reflect.DeepEqual(f.Profiles[1], want) {
		t.Errorf("got  %+v\nwant %+v", f.Profiles[1], want)
	}
	if p, err := f.Get(""); err != nil || p.Name != "acme-dev" {
		t.Errorf("default: %v %v", p.Name, err)
	}
}

// TestExample reads a file as it is shown to people, with its empty tables.
func TestExample(t *testing.T) {
	f := load(t, `default = "acme-dev"

[profile.acme-dev]
domain        = "acme-dev.eu.auth0.com"       # or issuer = "https://…/", or token_url, jwks_url, userinfo_url
realm         = ""                            # a realm turns the request into the password-realm grant
client_id     = "…"
client_secret = "keyring:acme-dev"            # a reference
api_secret    = ""                            # a reference
api_base      = ""                            # what relative URLs of calls start from
scopes        = ["openid", "profile", "offline_access", "read:orders"]
password      = "prompt"                      # a reference; for machines and demos
forwarded_for = ""

[profile.acme-dev.params]                     # any further parameter of the token request
[profile.acme-dev.tls]                        # ca_file, client_cert, client_key, proxy
[[profile.acme-dev.call]]                     # saved API calls: name, method, url, headers, body
`)
	if p, err := f.Get(""); err != nil || len(p.Scopes) != 4 || len(p.Calls) != 1 {
		t.Errorf("%+v %v", p, err)
	}
	if err := f.Put(Profile{Name: "acme-dev", Domain: "x.dev", Calls: []flows.SavedCall{{URL: "/x"}}, Params: map[string]string{"a": "b"}, Proxy: "http://p:1"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"api_secret    = \"\"                            # a reference\n", "[profile.acme-dev.params]                     # any further parameter of the token request\na = \"b\"\n[profile",
		"# ca_file, client_cert, client_key, proxy\nproxy = \"http://p:1\"\n[[", "headers, body\nurl = \"/x\"\n", "client_secret = \"\"            # a reference\n",
	} {
		if !strings.Contains(string(f.data), want) {
			t.Errorf("no %q in\n%s", want, f.data)
		}
	}
}

// TestForms reads the same profile in each form that TOML has for it.
func TestForms(t *testing.T) {
	for _, text := range []string{
		"[profile.a]\ndomain = \"x.dev\"\nparams.device = \"d\"\ntls.proxy = \"http://p:1\"\n",
		"profile.a.domain = \"x.dev\"\nprofile.a.params.device = \"d\"\nprofile.a.tls = {proxy = 'http://p:1'}\n",
		"[profile]\na = {domain = \"x.dev\", params = {device = \"d\"}, tls.proxy = \"http://p:1\"}\n",
		"profile = {a = {domain = 'x.dev', params.device = \"d\", tls = {\"proxy\" = \"http://p:1\"}}}\n",
		"[profile.a.tls]\r\nproxy = \"http://p:1\"\r\n[ profile . 'a' . \"params\" ]\r\ndevice = \"d\"\r\n[profile.a]\r\ndomain = \"x.dev\"",
		"\ufeff[profile.\"\\u0061\"]\ndomain = \"\"\"\nx.dev\"\"\"\nparams = {\n  # said here\n  device = \"d\",\n}\ntls.proxy=\"http://p:1\"#x\n",
	} {
		f := load(t, text)
		want := Profile{Name: "a", Domain: "x.dev", Params: map[string]string{"device": "d"}, Proxy: "http://p:1", Dir: filepath.Dir(f.Path)}
		if len(f.Profiles) != 1 || !reflect.DeepEqual(f.Profiles[0], want) {
			t.Errorf("%q:\ngot %+v", text, f.Profiles)
		}
	}
}

// TestFaults: each fault with its line, its key, and a part of the sentence.
// The word SEKRET is a secret that no message may repeat.
func TestFaults(t *testing.T) {
	const head = "[profile.a]\n"
	for _, c := range []struct {
		text string
		line int
		key  string
		says string
	}{
		{head + `clientsecret = "env:X"`, 2, "profile.a.clientsecret", "unknown; did you mean client_secret?"},
		{head + `client_secrt = "SEKRET"`, 2, "profile.a.client_secrt", "did you mean client_secret?"},
		{head + `clientId = "x"`, 2, "profile.a.clientId", "did you mean client_id?"},
		{head + `scope = "openid"`, 2, "profile.a.scope", "did you mean scopes?"},
		{head + `jwks_uri = "https://x/"`, 2, "profile.a.jwks_uri", "did you mean jwks_url?"},
		{head + `ca_file = "x"`, 2, "profile.a.ca_file", "did you mean tls.ca_file?"},
		{head + "\n\nzzz.yyy = 1", 4, "profile.a.zzz", "this key is unknown"},
		{head + `"client id\t" = 1`, 2, `profile.a."client id\t"`, "this key is unknown"},
		{head + "[profile.a.tls]\ncafile = 'x'", 3, "profile.a.tls.cafile", "did you mean ca_file?"},
		{head + "tls.cert = 'x'", 2, "profile.a.tls.cert", "did you mean client_cert?"},
		{head + "tls = {proxy = 'http://p:1',\n # here\n ca='x'}", 4, "profile.a.tls.ca", "did you mean ca_file?"},
		{head + "[[profile.a.call]]\nurl='/x'\n[[profile.a.call]]\nurl='/y'\nverb='GET'", 6, "profile.a.call[1].verb", "name, method, url, body or headers is expected"[:10]},
		{head + "call = [{url='/x'}, {url='/y', metod='x'}]", 2, "profile.a.call[1].metod", "did you mean method?"},
		{"profiles = 1", 1, "profiles", "did you mean profile?"},
		{"[profil.a]\ndomain='x'", 1, "profil", "did you mean profile?"},
		{"domain = 'x'", 1, "domain", "belongs below a [profile.NAME] header"},
		{"x = 1\ny = 2", 1, "x", "default or profile is expected"},
		{"profile = 1", 1, "profile", "[profile.NAME]"},
		{"[[profile]]\ndomain='x'", 1, "profile", "[profile.NAME], got a list of tables"},
		{"[profile]\ndomain='x.dev'", 2, "profile.domain", "below a profile's name"},
		{"profile.a = 3", 1, "profile.a", "a table is expected"},
		{"default = 3", 1, "default", "got a number"},
		{"default = 'b'\n[profile.bb]", 1, "default", "names no profile of this file: there are bb"},
		{"default = 'acme-dve'\n[profile.acme-dev]", 1, "default", `did you mean "acme-dev"?`},
		{"default = 'x'", 1, "default", "there are none"},
		{head + "domain = 3", 2, "profile.a.domain", "text in quotes is expected, like \"text\", got a number"},
		{head + "timeout = 3", 2, "profile.a.timeout", `like "20s", got a number`},
		{head + "domain = 1979-05-27", 2, "profile.a.domain", "got a date or time"},
		{head + "allow_http = 'yes'", 2, "profile.a.allow_http", "true or false is expected, without quotes, got text"},
		{head + "client_secret = 12345678", 2, "profile.a.client_secret", `like "keyring:a", got a number`},
		{head + "scopes = 'openid read:x'", 2, "profile.a.scopes", `write ["openid", "read:x"]`},
		{head + "scopes = [\n 'openid',\n 'a b']", 2, "profile.a.scopes[1]", `"a b" has blanks in it: one scope to an element, write "a", "b"`},
		{head + "scopes = ['openid', 3]", 2, "profile.a.scopes[1]", "got a number"},
		{head + "scopes = ['']", 2, "profile.a.scopes[0]", "leave it out"},
		{head + "params = 'x'", 2, "profile.a.params", "a table of texts"},
		{head + "[profile.a.params]\nn = 3", 3, "profile.a.params.n", "text in quotes"},
		{head + "[profile.a.params]\nclient_secret = 'SEKRET'", 3, "profile.a.params.client_secret", "write client_secret in the profile"},
		{head + "[profile.a.params]\nmy_token = 'SEKRET'", 3, "profile.a.params.my_token", "in clear"},
		{head + "[profile.a.params]\nmyPass = 'SEKRET'", 3, "profile.a.params.myPass", "in clear"},
		{head + "[profile.a.params]\nrefresh_token = 'SEKRET'", 3, "profile.a.params.refresh_token", "no place in a file"},
		{head + "call = 3", 2, "profile.a.call", "double brackets: [[profile.a.call]]"},
		{head + "[profile.a.call]\nurl='/x'", 2, "profile.a.call", "double brackets"},
		{head + "[[profile.a.call]]\nurl='/x'\nheaders={Authorization='Bearer SEKRET'}", 4, "profile.a.call[0].headers.Authorization", "leave it out"},
		{head + "[[profile.a.call]]\nurl='ftp://x'", 3, "profile.a.call[0].url", "is no URL"},
		{head + "[[profile.a.call]]\nurl='https://u:SEKRET@x/'", 3, "profile.a.call[0].url", "no place"},
		{head + "[[profile.a.call]]\nurl='/x'\nmethod='GE T'", 4, "profile.a.call[0].method", "no HTTP method"},
		{head + "tls = 3", 2, "profile.a.tls", "a table is expected"},
		{head + "tls.proxy = 'http://u:SEKRET@p:1'", 2, "profile.a.tls.proxy", "HTTPS_PROXY"},
		{head + "tls.proxy = 'p:1'", 2, "profile.a.tls.proxy", "http://proxy"},

		{head + `client_secret = "SEKRET"`, 2, "profile.a.client_secret", "keyring:a (the system's keyring), env:NAME"},
		{head + `client_secret = "SEKRET:more"`, 2, "profile.a.client_secret", "a secret must not stand here"},
		{head + `password = "SEKRET"`, 2, "profile.a.password", "a secret must not stand here"},
		{head + "private_key = '''\n-----BEGIN PRIVATE KEY-----\nSEKRET\n'''", 2, "profile.a.private_key", "a secret must not stand here"},
		{head + `otp_secret = "env:"`, 2, "profile.a.otp_secret", "write env:NAME"},
		{head + `otp_secret = "prompt:x"`, 2, "profile.a.otp_secret", "write prompt alone"},
		{head + `otp_secret = "cmd:pass 'x"`, 2, "profile.a.otp_secret", "not closed"},
		{head + `otp_secret = "env:$X"`, 2, "profile.a.otp_secret", "bare name"},

		{head + `domain = "not a host!"`, 2, "profile.a.domain", "write it like acme-dev.eu.auth0.com"},
		{head + `domain = "http://acme.dev"`, 2, "profile.a.domain", `plain http, which is for loopback only: write "acme.dev"`},
		{head + `domain = "https://acme.dev/path"`, 2, "profile.a.domain", "a URL with a path"},
		{head + `domain = "u:SEKRET@acme.dev"`, 2, "profile.a.domain", "no place here"},
		{head + `issuer = "acme.dev/"`, 2, "profile.a.issuer", "write https:// before it"},
		{head + `issuer = "http://acme.dev/"`, 2, "profile.a.issuer", "allow_http = true"},
		{head + `token_url = "https://u:SEKRET@acme.dev/"`, 2, "profile.a.token_url", "no place"},
		{head + `token_url = "https://u:SEK RET@acme .dev/"`, 2, "profile.a.token_url", "no place"},
		{head + `token_url = "https:///x"`, 2, "profile.a.token_url", "is no http(s) URL"},
		{head + `jwks_url = "ftp://x/y"`, 2, "profile.a.jwks_url", "is no http(s) URL"},
		{head + `environment = "production"`, 2, "profile.a.environment", "dev, staging or prod is expected; did you mean prod?"},
		{head + `environment = "stagin"`, 2, "profile.a.environment", "did you mean staging?"},
		{head + `flow = "pasword"`, 2, "profile.a.flow", "did you mean password?"},
		{head + `client_auth = "client_secret_basic"`, 2, "profile.a.client_auth", "did you mean basic?"},
		{head + `client_auth = "jwt"`, 2, "profile.a.client_auth", "none, post, basic or private_key_jwt"},
		{head + `key_alg = "HS256"`, 2, "profile.a.key_alg", "RS256"},
		{head + `forwarded_for = "1.2.3"`, 2, "profile.a.forwarded_for", "no IP address"},
		{head + `timeout = "2"`, 2, "profile.a.timeout", `"20s"`},
		{head + `timeout = "0s"`, 2, "profile.a.timeout", `"20s"`},
		{head + `leeway = "-2s"`, 2, "profile.a.leeway", `"60s"`},
		{head + `allow_hosts = ["https://x.dev/"]`, 2, "profile.a.allow_hosts[0]", "a host is expected"},
		{head + `username = "a\nb"`, 2, "profile.a.username", "control characters"},
		{`[profile."-x"]`, 1, "profile.-x", "dash"},
		{`[profile." x"]`, 1, `profile." x"`, "blank"},
		{`[profile."a\nb"]`, 1, `profile."a\nb"`, "control characters"},
		{`[profile.""]`, 1, `profile.""`, "needs a name"},

		{head + "domain = 'x.dev'\n\n# again\n[profile.a]\n", 5, "profile.a", `two profiles of the name "a", the first on line 1`},
		{head + "domain = 'x.dev'\ndomain = 'SEKRET'\n", 3, "profile.a.domain", "there twice, first on line 2"},
		{"profile = {a = {}}\n" + head, 2, "profile.a", ""},
		{head + "client_secret = SEKRET", 2, "", "no TOML"},
		{head + "client_secret = tSEKRET", 2, "", "no TOML"},
		{head + "client_secret = 123SEKRET", 2, "", "no TOML"},
		{head + "password = 99999999999999999999", 2, "", "a number or date cannot be read"},
		{head + "password = 0777777", 2, "", "no TOML"},
		{head + "password = \"SEKRET", 2, "", "close the quote"},
		{head + "password = \"SEK\\RET\"", 2, "", "single quotes"},
		{head + "SEKRET", 2, "", "no TOML"},
		{head + "[profile.b", 2, "", "no TOML"},
		{head + "domain = 'x\xff'", 2, "", "UTF-8"},
		{head + "domain = 'x'\x00", 2, "", "no TOML"},
	} {
		path := write(t, c.text+"\n")
		f, err := Load(path)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: no fault (%v)", c.text, err)
			continue
		}
		msg := err.Error()
		if e.File != path || e.Line != c.line || (c.key != "" && e.Key != c.key) || !strings.Contains(e.Msg, c.says) {
			t.Errorf("%q:\ngot  line %d, %s: %s\nwant line %d, %s: …%s…", c.text, e.Line, e.Key, e.Msg, c.line, c.key, c.says)
		}
		if strings.Contains(msg, "SEKRET") || strings.Contains(msg, "99999") || strings.Contains(msg, "0777") || strings.Contains(msg, "12345678") {
			t.Errorf("%q: the secret is in the message: %s", c.text, msg)
		}
		var u *flows.UsageError
		if !errors.As(err, &u) {
			t.Errorf("%q: %v is no usage error", c.text, err)
		}
		if !strings.Contains(msg, fmt.Sprintf("%s:%d: ", path, c.line)) {
			t.Errorf("%q: no place in %q", c.text, msg)
		}
		if err := f.SetDefault("a"); err == nil {
			t.Errorf("%q: a file with faults was changed", c.text)
		}
	}
}

// TestAbsurd: what no person writes ends at once, with a sentence.
func TestAbsurd(t *testing.T) {
	const n = 1 << 17
	for name, text := range map[string]string{
		"arrays": "x=1\na=" + strings.Repeat("[", n) + strings.Repeat("]", n), "open arrays": "x=1\na=" + strings.Repeat("[", n),
		"tables": "x=1\na=" + strings.Repeat("{a=", n) + "1" + strings.Repeat("}", n), "dotted keys": "x=1\n" + strings.Repeat("a.", n) + "a=1", "a header": "x=1\n[" + strings.Repeat("a.", n) + "a]",
	} {
		_, err := parse("f.toml", "", []byte(text))
		if err == nil || err.Error() != "f.toml:2: this is nested too deeply for a profile file: a profile's tables are [profile.NAME], params, tls and call" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := parse("f.toml", "", []byte("[profile.a]\n"+strings.Repeat("call=[{url='/x',zz=1}]\n", 1)+strings.Repeat("[[profile.b.call]]\nzz=1\n", n/4)))
	if err == nil || strings.Count(err.Error(), "\n") > maxErrors || !strings.Contains(err.Error(), "more") {
		t.Errorf("many faults: %.200v", err)
	}
}

func TestAllFaultsByLine(t *testing.T) {
	f, err := Load(write(t, "[profile.z]\ndomain = 3\n[profile.a]\ndomain = 'ok.dev'\n[profile.b]\nrelm = 'x'\nflow = 'x'\n"))
	var errs Errors
	if !errors.As(err, &errs) || len(errs) != 3 || errs[0].Line != 2 || errs[1].Line != 6 || errs[2].Line != 7 {
		t.Fatalf("got %v", err)
	}
	if !reflect.DeepEqual(f.Names(), []string{"a"}) {
		t.Errorf("the profile without fault is not there: %q", f.Names())
	}
}

func TestWhere(t *testing.T) {
	env := map[string]string{}
	get := func(n string) string { return env[n] }
	want := func(override, path string) {
		t.Helper()
		if got, err := Path(override, get); err != nil || got != path {
			t.Errorf("got %q %v, want %q", got, err, path)
		}
	}
	if runtime.GOOS == "linux" {
		if _, err := Path("", get); err == nil || !strings.Contains(err.Error(), "--profiles") {
			t.Errorf("no HOME: %v", err)
		}
		env["HOME"] = "/home/x"
		want("", "/home/x/.config/authwalk/profiles.toml")
		env["XDG_CONFIG_HOME"] = "relative"
		want("", "/home/x/.config/authwalk/profiles.toml")
	}
	dir := t.TempDir()
	env["XDG_CONFIG_HOME"] = dir
	want("", filepath.Join(dir, "authwalk", "profiles.toml"))
	env["AUTHWALK_PROFILES"] = "p.toml"
	want("", "p.toml")
	want("q.toml", "q.toml")
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	f, err := Load(filepath.Join(dir, "none.toml"))
	if err != nil || !f.Missing || len(f.Profiles) != 0 {
		t.Errorf("a missing file: %v %v", f, err)
	}
	if _, err := f.Get("x"); err == nil || !strings.Contains(err.Error(), "profiles add") {
		t.Errorf("a profile of a missing file: %v", err)
	}
	big := filepath.Join(dir, "big.toml")
	if err := os.WriteFile(big, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, fileLimit+1); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{dir: "is a folder", big: "larger than"} {
		f, err := Load(path)
		var u *flows.UsageError
		if !errors.As(err, &u) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
		if f.Put(Profile{Name: "x"}) == nil {
			t.Errorf("%s: changed", path)
		}
	}
}

func TestMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	path := write(t, "[profile.a]\npassword = \"cmd:echo hunter22\"\n")
	for mode, says := range map[os.FileMode]string{0o600: "", 0o400: "", 0o640: "can be read by others (mode 0640): chmod 600 " + path, 0o666: "can be changed by others (mode 0666)"} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		f, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(f.Warnings, ""); (says == "") != (got == "") || !strings.Contains(got, says) {
			t.Errorf("%o: got %q, want %q", mode, got, says)
		}
		// Whoever can change the file must not choose what is run.
		cfg, missing, err := f.Profiles[0].Config(t.Context(), Resolver{})
		if err != nil {
			t.Fatal(err)
		}
		if mode == 0o666 {
			if len(missing) != 1 || missing[0].Err == nil || !strings.Contains(missing[0].Err.Error(), "chmod 600 "+path) {
				t.Errorf("%o: %+v", mode, missing)
			}
		} else if cfg.Password != "hunter22" {
			t.Errorf("%o: %q, %+v", mode, cfg.Password.Reveal(), missing)
		}
	}
}

func TestGet(t *testing.T) {
	f := load(t, "[profile.acme-dev]\n[profile.acme-prod]\n")
	for name, says := range map[string]string{"": "no default", "acme-dve": "did you mean acme-dev?", "zzz": "there are acme-dev, acme-prod"} {
		_, err := f.Get(name)
		var u *flows.UsageError
		if !errors.As(err, &u) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestNear(t *testing.T) {
	names := append(keyNames(profileKeys), moreKeys...)
	for got, want := range map[string]string{
		"ClientSecret": "client_secret", "client-id": "client_id", "pasword": "password", "usrename": "username", "enviroment": "environment", "x": "", "": "",
		strings.Repeat("a", 1000): "", "doamin": "domain", "token_uri": "token_url", "qqqqqq": "",
	} {
		if n := Near(got, names); n != want {
			t.Errorf("%q: got %q, want %q", got, n, want)
		}
	}
}

func bigFile(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "# number %d\n[profile.p%d]\ndomain = \"t%d.eu.auth0.com\"\nenvironment = \"dev\"\nclient_id = \"id%d\"\nclient_secret = \"keyring:p%d\"\naudience = \"https://api/\"\nscopes = [\"openid\", \"offline_access\"]\nusername = \"u\"\npassword = \"prompt\"\n[profile.p%d.params]\ndevice = \"x\"\n\n", i, i, i, i, i, i)
	}
	return b.String()
}

func BenchmarkLoad1000(b *testing.B) {
	path := write(b, bigFile(1000))
	for b.Loop() {
		if f, err := Load(path); err != nil || len(f.Profiles) != 1000 {
			b.Fatal(err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("[profile.a]\ndomain = 3\n[[profile.a.call]]\nurl='/x'\n"))
	f.Add([]byte("profile = {a = {domain = 'x.dev', params.device = \"d\"}}"))
	f.Add([]byte("[profile.a]\nclient_secret = SEKRET\n\"\\u00e9\" = '''x'''"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parse("f.toml", "", data)
		if err != nil {
			var u *flows.UsageError
			if !errors.As(err, &u) {
				t.Fatalf("no usage error: %v", err)
			}
			for _, e := range err.(Errors) {
				if e.Line < 0 || e.Line > len(c.layout.lines) {
					t.Fatalf("line %d of %d: %v", e.Line, len(c.layout.lines), e)
				}
			}
			return
		}
		for _, p := range c.profiles {
			again, err := parse("g.toml", "", Render(p))
			if err != nil || len(again.profiles) != 1 || !reflect.DeepEqual(again.profiles[0].normal(), p.normal()) {
				t.Fatalf("rendered, it reads otherwise (%v):\n%s", err, Render(p))
			}
		}
	})
}
