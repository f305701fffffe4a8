package profiles

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"authwalk/flows"
)

func keyPEM(t *testing.T) string {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}))
}

func TestConfig(t *testing.T) {
	dir := t.TempDir()
	key := keyPEM(t)
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("from file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := fullProfile(dir)
	p.ClientSecret, p.PrivateKey, p.OTPSecret = Ref{KindFile, "secret"}, Ref{KindEnv, "KEY"}, Ref{KindFile, "none"}
	env := func(n string) (string, bool) {
		v, ok := map[string]string{"API_SECRET": "api", "KEY": strings.ReplaceAll(strings.TrimSpace(key), "\n", `\n`)}[n]
		return v, ok
	}
	cfg, missing, err := p.Config(t.Context(), Resolver{Getenv: env})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.ClientSecret != "from file" || cfg.APISecret != "api" || cfg.Password != "" || flows.CheckPrivateKey(cfg.PrivateKey) != nil {
		t.Errorf("secrets: %q %q %q", cfg.ClientSecret.Reveal(), cfg.APISecret.Reveal(), cfg.Password.Reveal())
	}
	if cfg.Timeout != 2*time.Second || cfg.LeewayOrDefault() != 0 || cfg.CAFile != filepath.Join(dir, "ca.pem") || cfg.JWKS != filepath.Join(dir, "keys.json") || !filepath.IsAbs(cfg.ClientKey) {
		t.Errorf("got %v %v %q %q %q", cfg.Timeout, cfg.Leeway, cfg.CAFile, cfg.JWKS, cfg.ClientKey)
	}
	if !cfg.AllowHTTP || cfg.Params["device"] != "laptop" || len(cfg.Calls) != 2 || cfg.Realm != "employees" || cfg.Name != "acme-dev" || cfg.UserinfoURL == "" || cfg.ForwardedFor == "" {
		t.Errorf("got %+v", cfg)
	}
	if err := cfg.Check(); err != nil {
		t.Error(err)
	}
	var fields []string
	for _, m := range missing {
		if (m.Err != nil) != (m.Field == "otp_secret") {
			t.Errorf("%s: %v", m.Field, m.Err)
		}
		fields = append(fields, m.Field)
	}
	if !reflect.DeepEqual(fields, []string{"otp_secret", "recovery_code", "password"}) {
		t.Errorf("missing: %q", fields)
	}
	cfg.Params["device"] = "x"
	if p.Params["device"] != "laptop" {
		t.Error("the set-up shares its parameters with the profile")
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := p.Config(ctx, Resolver{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestPaths: every path of a profile starts from its file's folder.
func TestPaths(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	p := Profile{Dir: "/etc/x", CAFile: "file:ca.pem", ClientCert: "~/c.pem", ClientKey: "/k.pem", JWKSURL: "https://x/keys"}
	cfg, _, err := p.Config(t.Context(), Resolver{})
	if err != nil || cfg.CAFile != filepath.Join("/etc/x", "ca.pem") || cfg.ClientCert != filepath.Join(home, "c.pem") || cfg.JWKS != "https://x/keys" || cfg.Scopes != nil {
		t.Errorf("%+v %v", cfg, err)
	}
}

// TestPrecedence: the profile's reference, else the environment, else the
// prompt; the user name of the environment stands over the profile's.
func TestPrecedence(t *testing.T) {
	env := map[string]string{EnvUsername: "env-user", EnvPassword: "env-pw", EnvClientSecret: "env-secret", EnvOTP: "123456", EnvRefreshToken: "rt", "MINE": "ref"}
	lookup := func(n string) (string, bool) { v, ok := env[n]; return v, ok }
	get := func(n string) string { return env[n] }
	for _, c := range []struct {
		name             string
		password, secret Ref
		wantPW, wantSec  string
		left             string
	}{
		{"no reference", Ref{}, Ref{}, "env-pw", "env-secret", ""},
		{"a reference wins", Ref{KindEnv, "MINE"}, Ref{KindEnv, "MINE"}, "ref", "ref", ""},
		{"prompt gives way to the environment", Ref{Kind: KindPrompt}, Ref{Kind: KindPrompt}, "env-pw", "env-secret", ""},
		{"a failed reference is not replaced", Ref{KindEnv, "NONE"}, Ref{KindEnv, "NONE"}, "", "", "client_secret failed, password failed"},
	} {
		cfg, missing, err := Profile{Username: "u", Password: c.password, ClientSecret: c.secret}.Config(t.Context(), Resolver{Getenv: lookup})
		if err != nil {
			t.Fatal(err)
		}
		missing = FromEnvironment(&cfg, missing, get)
		var left []string
		for _, m := range missing {
			s := m.Field
			if m.Err != nil {
				s += " failed"
			}
			left = append(left, s)
		}
		if cfg.Password.Reveal() != c.wantPW || cfg.ClientSecret.Reveal() != c.wantSec || strings.Join(left, ", ") != c.left {
			t.Errorf("%s: %q %q %q", c.name, cfg.Password.Reveal(), cfg.ClientSecret.Reveal(), left)
		}
		if cfg.Username != "env-user" || cfg.OTP != "123456" || cfg.RefreshToken != "rt" {
			t.Errorf("%s: %q %q %q", c.name, cfg.Username, cfg.OTP.Reveal(), cfg.RefreshToken.Reveal())
		}
	}
	cfg, missing, err := Profile{Username: "u", Password: Ref{Kind: KindPrompt}}.Config(t.Context(), Resolver{})
	if missing = FromEnvironment(&cfg, missing, func(string) string { return "" }); err != nil || len(missing) != 1 || missing[0].Field != "password" || missing[0].Err != nil || cfg.Username != "u" {
		t.Errorf("nothing in the environment: %+v %v", missing, err)
	}
}

func TestBadKey(t *testing.T) {
	env := func(string) (string, bool) { return "SEKRET", true }
	_, missing, err := Profile{PrivateKey: Ref{KindEnv, "K"}}.Config(t.Context(), Resolver{Getenv: env})
	if err != nil || len(missing) != 1 || missing[0].Err == nil || strings.Contains(missing[0].Err.Error(), "SEKRET") {
		t.Errorf("%+v %v", missing, err)
	}
	if _, err := readKey("-----BEGIN PRIVATE KEY-----", Ref{KindCmd, "pass x"}); err == nil || !strings.Contains(err.Error(), "first line alone") {
		t.Errorf("a key's first line: %v", err)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "no.pem"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := Profile{Name: "a", Dir: dir, Domain: "a.dev", ClientID: "id"}
	if errs := Check(good); len(errs) > 0 {
		t.Errorf("a good one: %v", errs)
	}
	for _, c := range []struct {
		change func(*Profile)
		says   string
	}{
		{func(p *Profile) { p.Domain = "" }, "profile.a.domain: no tenant is named"},
		{func(p *Profile) { p.Issuer = "https://b.dev/" }, "exclude each other"},
		{func(p *Profile) { p.Domain = "a b" }, "is no host"},
		{func(p *Profile) { p.ClientID = "" }, "profile.a.client_id: it is missing"},
		{func(p *Profile) { p.ClientAuth = "post" }, `client_secret = "keyring:a"`},
		{func(p *Profile) { p.ClientAuth = "private_key_jwt" }, "private_key ="},
		{func(p *Profile) { p.CAFile = "none.pem" }, "profile.a.tls.ca_file: there is no file"},
		{func(p *Profile) { p.CAFile = "no.pem" }, "holds no certificate"},
		{func(p *Profile) { p.ClientCert = "no.pem" }, "profile.a.tls.client_cert"},
		{func(p *Profile) { p.ClientKey = "no.pem" }, "write client_cert too"},
		{func(p *Profile) { p.Calls = []flows.SavedCall{{Name: "n"}} }, `profile.a.call: call 1 ("n") has no url`},
		{func(p *Profile) { p.JWKSURL = "none.json" }, "profile.a.jwks_url: there is no file"},
	} {
		p := good
		c.change(&p)
		errs := Check(p)
		var e *Error
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), c.says) || !errors.As(errs[0], &e) {
			t.Errorf("want …%s…, got %v", c.says, errs)
		}
	}
}
