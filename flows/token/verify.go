package token

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// algorithm is a signature algorithm of RFC 7518, 3.1 or RFC 8037.
type algorithm struct {
	method jwt.SigningMethod
	family string // what Key.family must be; "HMAC" for shared secrets
	hash   crypto.Hash
}

// algorithms are the ones that are known; `none` is not among them. For PS* the
// salt must be as long as the hash (RFC 7518, 3.5), which golang-jwt by itself
// does not insist on.
var algorithms = map[string]algorithm{
	"HS256":   {jwt.SigningMethodHS256, familyHMAC, crypto.SHA256},
	"HS384":   {jwt.SigningMethodHS384, familyHMAC, crypto.SHA384},
	"HS512":   {jwt.SigningMethodHS512, familyHMAC, crypto.SHA512},
	"RS256":   {jwt.SigningMethodRS256, "RSA", crypto.SHA256},
	"RS384":   {jwt.SigningMethodRS384, "RSA", crypto.SHA384},
	"RS512":   {jwt.SigningMethodRS512, "RSA", crypto.SHA512},
	"PS256":   {pss("PS256", crypto.SHA256), "RSA", crypto.SHA256},
	"PS384":   {pss("PS384", crypto.SHA384), "RSA", crypto.SHA384},
	"PS512":   {pss("PS512", crypto.SHA512), "RSA", crypto.SHA512},
	"ES256":   {jwt.SigningMethodES256, "P-256", crypto.SHA256},
	"ES384":   {jwt.SigningMethodES384, "P-384", crypto.SHA384},
	"ES512":   {jwt.SigningMethodES512, "P-521", crypto.SHA512},
	"EdDSA":   {jwt.SigningMethodEdDSA, "OKP", crypto.SHA512},
	"Ed25519": {jwt.SigningMethodEdDSA, "OKP", crypto.SHA512}, // RFC 9864, 2.2
}

const familyHMAC = "HMAC"

func pss(name string, hash crypto.Hash) jwt.SigningMethod {
	exact := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	return &jwt.SigningMethodRSAPSS{SigningMethodRSA: &jwt.SigningMethodRSA{Name: name, Hash: hash}, Options: exact, VerifyOptions: exact}
}

func familyOf(alg string) string { return algorithms[alg].family }

// isHMAC reports whether the algorithm signs with a shared secret.
func isHMAC(alg string) bool { return familyOf(alg) == familyHMAC }

// signingInput is what the signature of a JWS covers (RFC 7515, 5.2).
func (t Token) signingInput() string { return t.Parts[0] + "." + t.Parts[1] }

// verifies reports whether the key made the signature, with the token's alg and
// no other. The alg must be of the key's family: that is what keeps a public
// RSA key from being taken as an HMAC secret.
func (t Token) verifies(k Key) bool {
	a, ok := algorithms[t.Alg()]
	if !ok || !t.strict || t.Kind != JWS || !k.Usable() || k.family() != a.family {
		return false
	}
	return a.method.Verify(t.signingInput(), t.Signature, k.public) == nil
}

// verifiesSecret reports whether the secret made the token's HMAC.
func (t Token) verifiesSecret(secret string) bool {
	a, ok := algorithms[t.Alg()]
	if !ok || !t.strict || t.Kind != JWS || secret == "" || a.family != familyHMAC {
		return false
	}
	return a.method.Verify(t.signingInput(), t.Signature, []byte(secret)) == nil
}

// confused returns the key whose public text was used as an HMAC secret: the
// attack on libraries that let a token choose between HS and RS (RFC 8725, 2.1).
// The texts tried are those that programs keep a public key in.
func (t Token) confused(keys KeySet) (Key, bool) {
	a, ok := algorithms[t.Alg()]
	if !ok || a.family != familyHMAC || len(t.Signature) == 0 {
		return Key{}, false
	}
	input := []byte(t.signingInput())
	usable := keys.Usable()
	for _, k := range usable[:min(len(usable), 8)] {
		for _, secret := range publicTexts(k.public) {
			mac := hmac.New(a.hash.New, secret)
			mac.Write(input)
			if hmac.Equal(mac.Sum(nil), t.Signature) {
				return k, true
			}
		}
	}
	return Key{}, false
}

func publicTexts(public crypto.PublicKey) [][]byte {
	var out [][]byte
	add := func(kind string, der []byte) {
		text := string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
		out = append(out, []byte(text), []byte(strings.TrimSuffix(text, "\n")), der)
	}
	if der, err := x509.MarshalPKIXPublicKey(public); err == nil {
		add("PUBLIC KEY", der)
	}
	if p, ok := public.(*rsa.PublicKey); ok {
		add("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(p))
	}
	return out
}
