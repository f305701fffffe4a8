package flows

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// assertionType is client_assertion_type of private_key_jwt (RFC 7523 section 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assertionLife is how long a client assertion is good. Auth0 takes five
// minutes at most and recommends one.
const assertionLife = 60 * time.Second

// KeyAlgs lists the algorithms a client assertion can be signed with.
func KeyAlgs() []string { return []string{"RS256", "RS384", "PS256", "ES256"} }

// form is an ordered list of form parameters: requests read best in the order
// in which documentation gives them, and url.Values sorts.
type form []formParam

type formParam struct{ name, value string }

func (f *form) add(name, value string) { *f = append(*f, formParam{name, value}) }

// addUnlessEmpty leaves out what was not given.
func (f *form) addUnlessEmpty(name, value string) {
	if value != "" {
		f.add(name, value)
	}
}

func (f form) encode() []byte {
	var b strings.Builder
	for i, p := range f {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(p.value))
	}
	return []byte(b.String())
}

// authenticate adds the client's authentication to a request, as cfg says.
// preview leaves the assertion unsigned: it is made anew for each request.
func (cfg Config) authenticate(h http.Header, f *form, issuer, tokenURL string, now time.Time, preview bool) error {
	switch cfg.Auth() {
	case AuthNone:
		f.add("client_id", cfg.ClientID)
	case AuthPost:
		f.add("client_id", cfg.ClientID)
		f.addUnlessEmpty("client_secret", cfg.ClientSecret.Reveal())
	case AuthBasic:
		// RFC 6749 section 2.3.1: form-encoded, then base64.
		pair := url.QueryEscape(cfg.ClientID) + ":" + url.QueryEscape(cfg.ClientSecret.Reveal())
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	case AuthPrivateKeyJWT:
		f.add("client_id", cfg.ClientID)
		f.add("client_assertion_type", assertionType)
		if preview {
			f.add("client_assertion", "(signed when it is sent)")
			return nil
		}
		a, err := cfg.assertion(issuer, tokenURL, now)
		if err != nil {
			return err
		}
		f.add("client_assertion", a)
	default:
		return usagef("client_auth", "client_auth %q is unknown: none, post, basic or private_key_jwt", cfg.Auth())
	}
	return nil
}

// assertion makes the JWT of private_key_jwt: iss and sub the client, aud the
// issuer else the token endpoint, exp in a minute, a fresh jti, and neither
// iat nor nbf, for which Auth0 allows only 10 s of skew.
func (cfg Config) assertion(issuer, tokenURL string, now time.Time) (string, error) {
	alg := cmp.Or(cfg.KeyAlg, "RS256")
	if !slices.Contains(KeyAlgs(), alg) {
		return "", usagef("key_alg", "key_alg %q is unknown: %s", alg, strings.Join(KeyAlgs(), ", "))
	}
	method := jwt.GetSigningMethod(alg)
	key, err := parsePrivateKey(cfg.PrivateKey.Reveal())
	if err != nil {
		return "", err
	}
	if want := map[bool]string{true: "EC on P-256", false: "RSA"}[alg == "ES256"]; keyKind(key) != want {
		return "", usagef("key_alg", "key_alg %s wants a private key that is %s, and this one is %s", alg, want, keyKind(key))
	}
	aud := cmp.Or(cfg.AssertionAudience, issuer, tokenURL)
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails (crypto/rand)
	t := jwt.NewWithClaims(method, jwt.MapClaims{
		"iss": cfg.ClientID, "sub": cfg.ClientID, "aud": aud,
		"exp": now.Add(assertionLife).Unix(), "jti": base64.RawURLEncoding.EncodeToString(id),
	})
	if cfg.KeyID != "" {
		t.Header["kid"] = cfg.KeyID
	}
	s, err := t.SignedString(key)
	if err != nil {
		return "", usagef("private_key", "the private key cannot sign with %s: %v", alg, err)
	}
	return s, nil
}

// keyKind says in words what a private key is.
func keyKind(k crypto.PrivateKey) string {
	switch k := k.(type) {
	case *rsa.PrivateKey:
		return "RSA"
	case *ecdsa.PrivateKey:
		return "EC on " + k.Curve.Params().Name
	case ed25519.PrivateKey:
		return "Ed25519"
	}
	return "of another kind"
}

// parsePrivateKey reads PKCS#1, PKCS#8 or SEC 1 PEM. Its errors never repeat
// what the text holds.
func parsePrivateKey(text string) (crypto.PrivateKey, error) {
	bad := func(why string) error {
		return usagef("private_key", "the private key cannot be used: %s", why)
	}
	if strings.TrimSpace(text) == "" {
		return nil, bad("there is none; name it by a reference, like private_key = \"file:~/key.pem\"")
	}
	rest, other := []byte(text), ""
	for {
		var b *pem.Block
		b, rest = pem.Decode(rest)
		switch {
		case b == nil && other != "":
			return nil, bad("the PEM holds " + clip(other) + ", and no private key that can be read (PKCS#1, PKCS#8 or SEC 1)")
		case b == nil:
			return nil, bad("it is no PEM with a private key in it")
		case b.Headers["DEK-Info"] != "" || b.Type == "ENCRYPTED PRIVATE KEY":
			return nil, bad("it is encrypted; give one that is not")
		}
		switch b.Type {
		case "RSA PRIVATE KEY":
			k, err := x509.ParsePKCS1PrivateKey(b.Bytes)
			if err != nil {
				return nil, bad("its PKCS#1 cannot be read")
			}
			return k, nil
		case "EC PRIVATE KEY":
			k, err := x509.ParseECPrivateKey(b.Bytes)
			if err != nil {
				return nil, bad("its SEC 1 cannot be read")
			}
			return k, nil
		case "PRIVATE KEY":
			k, err := x509.ParsePKCS8PrivateKey(b.Bytes)
			if err != nil {
				return nil, bad("its PKCS#8 cannot be read")
			}
			return k, nil
		case "EC PARAMETERS": // openssl writes them before the key
		default: // a certificate may stand beside the key
			other = b.Type
		}
	}
}

// CheckPrivateKey says whether a PEM can sign client assertions.
func CheckPrivateKey(pem Secret) error {
	k, err := parsePrivateKey(pem.Reveal())
	if err != nil {
		return err
	}
	switch k := k.(type) {
	case *rsa.PrivateKey:
		return nil
	case *ecdsa.PrivateKey:
		if k.Curve == elliptic.P256() {
			return nil
		}
	}
	return usagef("private_key", "the private key is %s: RSA, or EC on P-256, is wanted", keyKind(k))
}
