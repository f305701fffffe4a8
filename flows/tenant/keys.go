package tenant

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"sync"
)

// Keys are the RSA keys that tenants sign with. One set serves all tenants of a
// process; each key is made when it is first needed, or earlier in the
// background, so that starting a tenant never waits for one.
type Keys struct {
	published [2]*lazyKey // in the JWKS: the current and the next one
	hidden    *lazyKey    // never published
	client    *lazyKey    // the credential of the application with private_key_jwt
}

// lazyKey is a key that is made once, by whoever needs it first.
type lazyKey struct {
	once sync.Once
	key  *rsa.PrivateKey
	kid  string
	err  error
}

func (l *lazyKey) get() (*rsa.PrivateKey, string, error) {
	l.once.Do(func() {
		if l.key == nil {
			l.key, l.err = rsa.GenerateKey(rand.Reader, 2048)
		}
		if l.err == nil {
			l.kid = keyID(l.key)
		}
	})
	return l.key, l.kid, l.err
}

// keyID is 21 characters long, as Auth0's newer key ids are, and follows from
// the key, so that saved keys keep their ids.
func keyID(k *rsa.PrivateKey) string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&k.PublicKey))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:21]
}

// NewKeys returns a set whose keys do not exist yet.
func NewKeys() *Keys {
	return &Keys{published: [2]*lazyKey{{}, {}}, hidden: &lazyKey{}, client: &lazyKey{}}
}

var sharedKeys = NewKeys()

// warm makes the published keys in the background, one after the other: the
// machine has other work too, such as the first screen.
func (k *Keys) warm() {
	go func() {
		for _, l := range k.published {
			l.get()
		}
	}()
}

func (k *Keys) list() []*lazyKey {
	return []*lazyKey{k.published[0], k.published[1], k.hidden, k.client}
}

// PEM returns all keys of the set as PKCS #8 PEM blocks, making those that do
// not exist yet. It is for pictures, which must come out the same each time.
func (k *Keys) PEM() ([]byte, error) {
	var out []byte
	for _, l := range k.list() {
		b, err := l.pem()
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	return out, nil
}

func (l *lazyKey) pem() ([]byte, error) {
	key, _, err := l.get()
	if err != nil {
		return nil, fmt.Errorf("making an RSA key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding an RSA key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ParseKeys reads what PEM wrote: exactly four RSA keys of 2048 bits or more.
func ParseKeys(data []byte) (*Keys, error) {
	k := NewKeys()
	for i, l := range k.list() {
		block, rest := pem.Decode(data)
		if block == nil {
			return nil, fmt.Errorf("four private keys are needed, the PEM holds %d", i)
		}
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("private key %d: %w", i+1, err)
		}
		key, ok := parsed.(*rsa.PrivateKey)
		if !ok || key.N.BitLen() < 2048 {
			return nil, fmt.Errorf("private key %d: an RSA key of 2048 bits or more is needed", i+1)
		}
		l.key, data = key, rest
	}
	if block, _ := pem.Decode(data); block != nil {
		return nil, errors.New("four private keys are needed, the PEM holds more")
	}
	return k, nil
}

// sign signs with RS256 or PS256 (RFC 7518, sections 3.3 and 3.5).
func (l *lazyKey) sign(alg string, input []byte) ([]byte, error) {
	key, _, err := l.get()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(input)
	if alg == "PS256" {
		return rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	}
	return rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
}

func (l *lazyKey) verify(alg string, input, signature []byte) bool {
	key, _, err := l.get()
	if err != nil {
		return false
	}
	return verifyRSA(&key.PublicKey, alg, input, signature)
}

// verifyRSA checks a signature of one of the algorithms that Auth0 takes for
// assertions, or signs with: RS256, RS384, PS256.
func verifyRSA(key *rsa.PublicKey, alg string, input, signature []byte) bool {
	switch alg {
	case "RS256":
		sum := sha256.Sum256(input)
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
	case "RS384":
		h := crypto.SHA384.New()
		h.Write(input)
		return rsa.VerifyPKCS1v15(key, crypto.SHA384, h.Sum(nil), signature) == nil
	case "PS256":
		sum := sha256.Sum256(input)
		return rsa.VerifyPSS(key, crypto.SHA256, sum[:], signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
	}
	return false
}
