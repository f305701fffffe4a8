package profiles

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"authwalk/flows"
)

// revealed is the secrets that were found, as text.
func revealed(m map[string]flows.Secret) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[k] = v.Reveal()
	}
	return out
}

type secrets = map[string]string

func TestPaste(t *testing.T) {
	whole := Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1", ClientAuth: "post",
		Audience: "https://api.acme.dev/", Scopes: []string{"openid", "read:sample"}, Username: "user@example.com"}
	both := secrets{"client_secret": "s3c&ret", "password": "p w"}
	for _, c := range []struct {
		name, text string
		want       Profile
		secrets    secrets
		notes      string
	}{
		{"Auth0's documentation", `curl --request POST \
  --url 'https://acme-dev.eu.auth0.com/oauth/token' \
  --header 'content-type: application/x-www-form-urlencoded' \
  --data grant_type=password \
  --data 'username=user@example.com' \
  --data 'password=p w' \
  --data 'audience=https://api.acme.dev/' \
  --data 'scope=openid read:sample' \
  --data 'client_id=id1' \
  --data client_secret=s3c%26ret`, whole, both, ""},
		{"with its backslashes lost, behind a prompt", "$ curl -sS -XPOST \n  -d grant_type=password -d username=user@example.com\n -d 'password=p+w'\n --data-urlencode 'audience=https://api.acme.dev/' --data-urlencode 'scope=openid read:sample'\n -d client_id=id1 --data-urlencode 'client_secret=s3c&ret'\n https://acme-dev.eu.auth0.com/oauth/token | jq .\necho done", whole, both, ""},
		{"JSON, one line", `curl -X POST https://acme-dev.eu.auth0.com/oauth/token -H "Content-Type: application/json" -d "{\"grant_type\":\"password\",\"username\":\"user@example.com\",\"password\":\"p w\",\"audience\":\"https://api.acme.dev/\",\"scope\":\"openid read:sample\",\"client_id\":\"id1\",\"client_secret\":\"s3c&ret\"}"`, whole, both, ""},
		{"JSON with --json=", `curl --json='{"username":"user@example.com","password":"p w","audience":"https://api.acme.dev/","scope":"openid read:sample","client_id":"id1","client_secret":"s3c&ret"}' https://acme-dev.eu.auth0.com/oauth/token`, whole, both, ""},
		{"cmd", "curl.exe --request POST ^\r\n  --url \"https://acme-dev.eu.auth0.com/oauth/token\" ^\r\n  --data \"username=user@example.com&password=p+w&audience=https://api.acme.dev/&scope=openid+read:sample\" ^\r\n  -d \"client_id=id1&client_secret=s3c%26ret\"", whole, both, ""},
		{"a browser's, for cmd", "curl \"https://acme-dev.eu.auth0.com/oauth/token\" ^\r\n  -H ^\"content-type: application/json^\" ^\r\n  --data-raw ^\"^{^\\^\"username^\\^\":^\\^\"user@example.com^\\^\",^\\^\"password^\\^\":^\\^\"p w^\\^\",^\\^\"audience^\\^\":^\\^\"https://api.acme.dev/^\\^\",^\\^\"scope^\\^\":^\\^\"openid read:sample^\\^\",^\\^\"client_id^\\^\":^\\^\"id1^\\^\",^\\^\"client_secret^\\^\":^\\^\"s3c^&ret^\\^\"^}^\"", whole, both, ""},
		{"a browser's, for sh", `curl 'https://acme-dev.eu.auth0.com/oauth/token' -H 'user-agent: x' --data-raw $'{"username":"user@example.com","password":"p\u0020w","audience":"https://api.acme.dev/","scope":"openid read:sample","client_id":"id1","client_secret":"s3c\u0026ret"}' --compressed`, whole, both, ""},
		{"PowerShell", "curl.exe -X POST `\n  https://acme-dev.eu.auth0.com/oauth/token `\n -d 'username=user@example.com' -d 'password=p w' -d audience=https://api.acme.dev/ -d 'scope=openid read:sample' -d client_id=id1 -d 'client_secret=s3c%26ret'", whole, both, ""},
		{"word processor's quotes", "curl https://acme-dev.eu.auth0.com/oauth/token -d “username=user@example.com” -d ‘password=p w’ -d audience=https://api.acme.dev/ -d “scope=openid\u00a0read:sample” -d client_id=id1 -d client_secret=s3c%26ret", whole, both, ""},

		{"HTTP Basic, realm, more", `RESP=$(curl -s -u 'id1:s3c%26ret' https://acme-dev.eu.auth0.com/oauth/token -H 'auth0-forwarded-for: 203.0.113.7' -d grant_type=http://auth0.com/oauth/grant-type/password-realm -d realm=employees -d device=laptop -d otp=123456 -k)`,
			Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1", ClientAuth: "basic", Realm: "employees", ForwardedFor: "203.0.113.7", Params: map[string]string{"device": "laptop"}},
			secrets{"client_secret": "s3c&ret", "otp": "123456"}, "--insecure was left out"},
		{"HTTP Basic as a header", `curl https://acme-dev.eu.auth0.com/oauth/token -H 'Authorization: Basic aWQxOnMzY3JldA=='`,
			Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1", ClientAuth: "basic"}, secrets{"client_secret": "s3cret"}, ""},
		{"credentials in the URL", `curl 'https://id1:s3cret@acme-dev.eu.auth0.com/oauth/token?audience=x&client_secret=other'`,
			Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1", ClientAuth: "basic", Audience: "x"}, secrets{"client_secret": "other"}, ""},
		{"variables become references", `curl https://acme-dev.eu.auth0.com/oauth/token -d client_id=$ID -d "client_secret=$AUTH0_SECRET" -d password=${PW}`,
			Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientAuth: "post", ClientSecret: Ref{KindEnv, "AUTH0_SECRET"}, Password: Ref{KindEnv, "PW"}}, secrets{}, "client_id stands for a variable"},
		{"placeholders are left out", `curl --url 'https://{yourDomain}/oauth/token' --data 'client_id={yourClientId}' --data client_secret=YOUR_CLIENT_SECRET --data audience=YOUR_API_IDENTIFIER -d grant_type=password`,
			Profile{Name: "tenant", Flow: "password", ClientAuth: "post"}, secrets{}, "client_id holds the documentation's placeholder"},
		{"another server", `curl https://login.acme.dev/realms/x/protocol/openid-connect/token -d client_id=id1 -d client_assertion=SEKRET -d refresh_token=rt1 -d grant_type=refresh_token`,
			Profile{Name: "login", TokenURL: "https://login.acme.dev/realms/x/protocol/openid-connect/token", Flow: "password", ClientID: "id1", ClientAuth: "private_key_jwt"}, secrets{"refresh_token": "rt1"}, "name jwks_url too"},
		{"loopback", `curl http://127.0.0.1:8080/oauth/token -d client_id=id1`, Profile{Name: "local", Domain: "http://127.0.0.1:8080", Flow: "password", ClientID: "id1"}, secrets{}, ""},
		{"plain http", `curl http://acme.dev/oauth/token -d client_id=id1`, Profile{Name: "tenant", Flow: "password", ClientID: "id1"}, secrets{}, "plain http, which is for loopback only"},
		{"no scheme", `curl acme.dev/oauth/token -d client_id=id1`, Profile{Name: "acme", Domain: "acme.dev", Flow: "password", ClientID: "id1"}, secrets{}, ""},
		{"percent-encoded bytes that are no text", `curl https://%80acme.dev/oauth/token -d client_id=id1 -d username=%80 -d client_secret=%ff -d x=%80`,
			Profile{Name: "tenant", Flow: "password", ClientID: "id1", ClientAuth: "post"}, secrets{}, "username spells bytes that are no text"},
		{"another grant, a file, a certificate", `curl --cert me.pem:pw --cacert ca.pem https://acme.dev/oauth/token -d @body.txt -d client_id=id1 -d grant_type=client_credentials -d my_token=SEKRET`,
			Profile{Name: "acme", Domain: "acme.dev", Flow: "password", ClientID: "id1", CAFile: "ca.pem", ClientCert: "me.pem"}, secrets{}, "was not read"},

		{"parameters named like secrets", `curl https://acme.dev/oauth/token -d client_id=id1 -d my_pass=SEKRET -d userPin=SEKRET -d x-api-key=SEKRET -d access_key=SEKRET -d compass=north -d shopping=1`,
			Profile{Name: "acme", Domain: "acme.dev", Flow: "password", ClientID: "id1", Params: map[string]string{"compass": "north", "shopping": "1"}}, secrets{}, `the parameter "my_pass" was left out: it is named like a secret`},
		{"a Host header", `curl https://acme.dev/oauth/token -H 'Host: evil.test' -d client_id=id1`, Profile{Name: "acme", Domain: "acme.dev", Flow: "password", ClientID: "id1"}, secrets{}, "the header Host was left out"},
		{"a login for a proxy", `curl -U me:SEKRET https://acme.dev/oauth/token -d client_id=id1`, Profile{Name: "acme", Domain: "acme.dev", Flow: "password", ClientID: "id1"}, secrets{}, "the login for the proxy was left out"},
		{"options in a file", `curl -K my.conf https://acme.dev/oauth/token -d client_id=id1`, Profile{Name: "acme", Domain: "acme.dev", Flow: "password", ClientID: "id1"}, secrets{}, "curl's options in a file were not read"},

		{".env of a web application", "# Auth0\nAUTH0_SECRET='use [openssl rand -hex 32]'\nAPP_BASE_URL='http://localhost:3000'\nAUTH0_DOMAIN='acme-dev.eu.auth0.com' # mine\nAUTH0_CLIENT_ID='id1'\nAUTH0_CLIENT_SECRET='s3c&ret'\nAUTH0_AUDIENCE=https://api.acme.dev/\nexport AUTH0_SCOPE=\"openid read:sample\"\nAUTH0_USERNAME=user@example.com\nAUTH0_PASSWORD=\"p w\"\n", whole, both, "AUTH0_SECRET was left out"},
		{"issuer's base", "ISSUER_BASE_URL=https://acme-dev.eu.auth0.com\nCLIENT_ID=id1\nSECRET=x\nBASE_URL=http://localhost:3000\n",
			Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1"}, secrets{}, ""},
		{"Next", "NEXT_PUBLIC_AUTH0_DOMAIN=acme-dev.eu.auth0.com\nNEXT_PUBLIC_AUTH0_CLIENT_ID=id1\r\n", Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1"}, secrets{}, ""},
		{"Vite", "VITE_AUTH0_DOMAIN=acme-dev.eu.auth0.com\nVITE_AUTH0_CLIENT_ID=id1\nVITE_AUTH0_AUDIENCE=\n", Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1"}, secrets{}, ""},
		{"React", "REACT_APP_AUTH0_DOMAIN=acme-dev.eu.auth0.com\nREACT_APP_AUTH0_CLIENT_ID=id1\n# curl is another way\n", Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1"}, secrets{}, ""},
		{"PowerShell and cmd", "$env:AUTH0_DOMAIN = \"acme-dev.eu.auth0.com\"\nset AUTH0_CLIENT_ID=id1\n", Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1"}, secrets{}, ""},
		{"an issuer with a path", "OIDC_ISSUER=https://login.acme.dev/realms/x/\nOIDC_CLIENT_ID=id1\n", Profile{Name: "login", Issuer: "https://login.acme.dev/realms/x/", Flow: "password", ClientID: "id1"}, secrets{}, ""},
		{"properties", "okta.oauth2.issuer: https://acme-dev.eu.auth0.com/\nokta.oauth2.client-id: id1\nokta.oauth2.client-secret: s3c&ret\n",
			Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1", ClientAuth: "post"}, secrets{"client_secret": "s3c&ret"}, ""},
		{"auth_config.json", `{"domain": "acme-dev.eu.auth0.com", "clientId": "id1", "authorizationParams": {"audience": "https://api.acme.dev/", "scope": "openid,email"}}`,
			Profile{Name: "acme-dev", Domain: "acme-dev.eu.auth0.com", Flow: "password", ClientID: "id1", Audience: "https://api.acme.dev/", Scopes: []string{"openid", "email"}}, secrets{}, ""},
		{"two hosts", "AUTH0_DOMAIN=a.eu.auth0.com\nAUTH0_ISSUER_BASE_URL=https://b.dev\n", Profile{Name: "a", Domain: "a.eu.auth0.com", Flow: "password"}, secrets{}, "on another host"},
	} {
		got, err := FromPaste(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !reflect.DeepEqual(got.Profile.normal(), c.want.normal()) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.name, got.Profile, c.want)
		}
		if !reflect.DeepEqual(revealed(got.Secrets), c.secrets) {
			t.Errorf("%s: secrets %q, want %q", c.name, revealed(got.Secrets), c.secrets)
		}
		if got.Host != c.want.Host() {
			t.Errorf("%s: host %q", c.name, got.Host)
		}
		notes := strings.Join(got.Notes, "\n")
		if !strings.Contains(notes, c.notes) || c.notes == "" && notes != "" && !strings.HasPrefix(c.name, "issuer") {
			t.Errorf("%s: notes %q, want …%s…", c.name, notes, c.notes)
		}
		leaks(t, c.name, got)
	}
}

// leaks looks for the secrets in all that is shown or written.
func leaks(t *testing.T, name string, p Pasted) {
	t.Helper()
	shown := strings.Join(p.Notes, "\n") + string(Render(p.Profile)) + fmt.Sprintf("%v %+v %#v", p, p, p)
	for key, s := range p.Secrets {
		if strings.Contains(shown, s.Reveal()) {
			t.Errorf("%s: the %s is shown: %s", name, key, shown)
		}
	}
	if strings.Contains(shown, "SEKRET") {
		t.Errorf("%s: a secret is shown: %s", name, shown)
	}
}

func TestPasteNothing(t *testing.T) {
	for _, text := range []string{"", " \n", "hello", "curl", "curl ", "curl https://api.acme.dev/orders -H 'Authorization: Bearer SEKRET'", "{", `{"a": 1}`, "A=SEKRET", "{\"x\"", strings.Repeat("a", pasteLimit+1)} {
		p, err := FromPaste(text)
		var u *flows.UsageError
		if !errors.As(err, &u) || strings.Contains(err.Error(), "SEKRET") {
			t.Errorf("%.60q: %+v %v", text, p, err)
		}
	}
}

func FuzzPaste(f *testing.F) {
	f.Add("curl -u 'a:b' https://x.dev/oauth/token -d \"{\\\"scope\\\":\\\"a b\\\"}\" $'\\u0041'")
	f.Add("curl ^\n -d ^\"a=b^\" --url http://u:p@127.0.0.1/oauth/token?x=y")
	f.Add("AUTH0_DOMAIN=a.dev\nexport VITE_CLIENT_ID='x'\nOIDC_ISSUER: https://a/b")
	f.Add(`{"domain":"a.dev","x":{"clientId":1}}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := FromPaste(text)
		if err != nil {
			var u *flows.UsageError
			if !errors.As(err, &u) {
				t.Fatalf("no usage error: %v", err)
			}
			return
		}
		if p.Host != p.Profile.Host() {
			t.Fatalf("host %q, but credentials go to %q", p.Host, p.Profile.Host())
		}
		file := &File{Path: "f.toml"}
		if err := file.reread(); err != nil {
			t.Fatal(err)
		}
		if err := file.Put(p.Profile); err != nil {
			t.Fatalf("it cannot be put into a file: %v\n%+v", err, p.Profile)
		}
	})
}

// TestPastedDetoursAreTold: options that lead a request elsewhere than its URL
// says are not taken, nor is what they name taken for the URL.
func TestPastedDetoursAreTold(t *testing.T) {
	for _, option := range []string{"--resolve acme.dev:443:192.0.2.1", "--connect-to ::evil.test:443", "--unix-socket /tmp/s", "--abstract-unix-socket s", "--doh-url https://evil.test/dns", "--dns-servers 192.0.2.1",
		"--request-target /other", "--preproxy socks5://evil.test", "--socks4 evil.test", "--socks4a evil.test", "--socks5 evil.test:1080", "--socks5-hostname=evil.test:1080"} {
		name, _, _ := strings.Cut(strings.ReplaceAll(option, "=", " "), " ")
		got, err := FromPaste("curl https://acme.dev/oauth/token -d client_id=c " + option)
		if err != nil || got.Host != "acme.dev" || got.Profile.Proxy != "" || !strings.Contains(strings.Join(got.Notes, "\n"), name+" was left out") {
			t.Errorf("%s: %v %+v", option, err, got)
		}
	}
}

// TestPastedProxyIsTold: whoever pastes a line is told whom its requests meet.
func TestPastedProxyIsTold(t *testing.T) {
	got, err := FromPaste("curl -x http://proxy.test:3128 https://t.test/oauth/token -d client_id=c -d grant_type=password")
	if err != nil || got.Profile.Proxy != "http://proxy.test:3128" || !strings.Contains(strings.Join(got.Notes, "\n"), "through the proxy http://proxy.test:3128") {
		t.Errorf("%v %q", err, got.Notes)
	}
}
