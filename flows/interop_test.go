package flows

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// peer is what testdata/oidc-provider says of itself.
type peer struct {
	Issuer, Secret, Username, Password, Audience string
	Key                                          Secret
}

// startPeer runs a server that none of us wrote: panva's oidc-provider.
func startPeer(t *testing.T) peer {
	t.Helper()
	if os.Getenv("AUTHWALK_INTEROP") != "1" {
		t.Skip("AUTHWALK_INTEROP is not 1: this test needs node, and npm ci in flows/testdata/oidc-provider")
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	jwks, _ := json.Marshal(map[string]any{"keys": []any{map[string]string{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k1",
		"n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}})
	file := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(file, jwks, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "server.mjs", file)
	cmd.Dir = filepath.Join("testdata", "oidc-provider")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the peer did not start: %v", err)
	}
	var p peer
	if err := json.Unmarshal(line, &p); err != nil {
		t.Fatal(err)
	}
	p.Key = Secret(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	return p
}

func TestInteropOIDCProvider(t *testing.T) {
	p := startPeer(t)
	base := Config{Issuer: p.Issuer, Username: p.Username, Password: Secret(p.Password), Audience: p.Audience,
		Scopes: []string{"openid", "offline_access", "read:things"}}
	for name, set := range map[string]func(*Config){
		AuthNone:          func(c *Config) { c.ClientID = "by-none" },
		AuthPost:          func(c *Config) { c.ClientID, c.ClientSecret = "by-post", Secret(p.Secret) },
		AuthBasic:         func(c *Config) { c.ClientID, c.ClientSecret, c.ClientAuth = "by-basic", Secret(p.Secret), AuthBasic },
		AuthPrivateKeyJWT: func(c *Config) { c.ClientID, c.PrivateKey, c.KeyID = "by-key", p.Key, "k1" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := base.Clone()
			set(&cfg)
			c := client(t, cfg)
			s := NewSession(cfg)
			out := ask(c)
			s.Take(c, out)
			if out.Err != nil {
				t.Fatalf("%v, %v", out.Err, s.Findings)
			}
			g := s.Current()
			s.Examined(g, c.Examine(context.Background(), g.Access, g.ID))
			for _, k := range g.Checks {
				if k.State == "fail" || k.Name == "signature" && k.State != "pass" {
					t.Errorf("%+v", k)
				}
			}
			if out := c.Userinfo(context.Background(), g.Tokens.AccessToken); out.Err != nil {
				t.Error(out.Err)
			}
			// It introspects no JWT, and the one here is for an API alone.
			if out := c.Standing(context.Background(), g.Tokens.AccessToken); out.Err != nil || out.Answer.Exchange.Status != 400 {
				t.Errorf("introspection of a JWT: %v, %d", out.Err, out.Answer.Exchange.Status)
			} else if _, known := out.Answer.Standing(g.Access); known {
				t.Error("a refused introspection is taken for an answer")
			}
			// The family dies when a rotated token is used again.
			out = c.Refresh(context.Background(), g.Refresh, "")
			s.Take(c, out)
			if out.Err != nil || s.Current().N != 1 || s.Current().RefreshToken != RefreshNew {
				t.Fatalf("refresh: %v", out.Err)
			}
			if again := c.Refresh(context.Background(), g.Refresh, ""); again.Err == nil {
				t.Error("the rotated refresh token was taken again")
			}
			if after := c.Refresh(context.Background(), s.Current().Refresh, ""); after.Err == nil {
				t.Error("the family outlived the reuse")
			}
		})
	}
	t.Run("introspection", func(t *testing.T) {
		cfg := base.Clone()
		cfg.ClientID, cfg.ClientSecret, cfg.Audience, cfg.Scopes = "by-post", Secret(p.Secret), "", []string{"read:things"}
		c := client(t, cfg)
		s := NewSession(cfg)
		s.Take(c, ask(c))
		tok := s.Current().Tokens.AccessToken
		for _, want := range []bool{true, false} {
			out := c.Standing(context.Background(), tok)
			if out.Err != nil || out.Answer.Purpose != PurposeIntrospection {
				t.Fatalf("%v, %+v", out.Err, out.Answer)
			}
			if taken, known := out.Answer.Standing(s.Current().Access); taken != want || !known {
				t.Errorf("taken %v, known %v, want %v", taken, known, want)
			}
			if out := c.Revoke(context.Background(), tok, "access_token"); out.Err != nil {
				t.Fatal(out.Err)
			}
		}
	})
	for name, want := range map[string]struct {
		set  func(*Config)
		exit int
	}{
		"wrong password":    {func(c *Config) { c.Password = "no" }, 5},
		"wrong secret":      {func(c *Config) { c.ClientSecret = "no" }, 4},
		"grant not allowed": {func(c *Config) { c.ClientID = "no-password" }, 4},
		"unknown audience":  {func(c *Config) { c.Audience = "https://other/" }, 4},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := base.Clone()
			cfg.ClientID, cfg.ClientSecret = "by-post", Secret(p.Secret)
			want.set(&cfg)
			c := client(t, cfg)
			s := NewSession(cfg)
			s.Take(c, ask(c))
			if s.Class.Exit() != want.exit || len(s.Findings) == 0 {
				t.Errorf("class %s, findings %v, error %v", s.Class, s.Findings, s.Err)
			}
		})
	}
}
