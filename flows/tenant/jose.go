package tenant

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

var b64 = base64.RawURLEncoding.Strict()

// jwt builds a signed token: header and claims in the given order, signed by
// the function (RFC 7515, section 7.1).
func jwt(header, claims fields, sign func(input []byte) ([]byte, error)) (string, error) {
	input := b64.EncodeToString(encode(header)) + "." + b64.EncodeToString(encode(claims))
	signature, err := sign([]byte(input))
	if err != nil {
		return "", err
	}
	return input + "." + b64.EncodeToString(signature), nil
}

func hs256(secret string) func([]byte) ([]byte, error) {
	return func(input []byte) ([]byte, error) {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write(input)
		return m.Sum(nil), nil
	}
}

// parsedJWT is a token whose signature is not checked yet.
type parsedJWT struct {
	header, claims map[string]any
	input          []byte
	signature      []byte
}

func (p *parsedJWT) headerText(name string) string { s, _ := p.header[name].(string); return s }
func (p *parsedJWT) text(name string) string       { s, _ := p.claims[name].(string); return s }

// time returns a NumericDate; ok is false if it is absent or no number.
func (p *parsedJWT) time(name string) (seconds float64, ok bool) {
	n, isNumber := p.claims[name].(json.Number)
	if !isNumber {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

// audience reports whether aud, a string or an array, holds the value.
func (p *parsedJWT) audience(want string) bool {
	switch aud := p.claims["aud"].(type) {
	case string:
		return aud == want
	case []any:
		for _, a := range aud {
			if a == any(want) {
				return true
			}
		}
	}
	return false
}

var errNotJWT = errors.New("not a signed token of three parts")

func parseJWT(token string) (*parsedJWT, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errNotJWT
	}
	p := &parsedJWT{input: []byte(parts[0] + "." + parts[1])}
	for i, into := range []*map[string]any{&p.header, &p.claims} {
		raw, err := b64.DecodeString(parts[i])
		if err != nil {
			return nil, errNotJWT
		}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(into); err != nil || *into == nil {
			return nil, errNotJWT
		}
		if _, err := dec.Token(); err != io.EOF {
			return nil, errNotJWT
		}
	}
	var err error
	if p.signature, err = b64.DecodeString(parts[2]); err != nil {
		return nil, errNotJWT
	}
	return p, nil
}

// sealJWE encrypts claims as Auth0 does where no audience was asked for: JWE
// compact, alg dir (so the second part is empty), enc A256GCM, the issuer in
// the header (RFC 7516; RFC 7518, sections 4.5 and 5.3).
func sealJWE(key []byte, issuer string, claims fields, random io.Reader) (string, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return "", err
	}
	header := b64.EncodeToString(encode(fields{{"alg", "dir"}, {"enc", "A256GCM"}, {"iss", issuer}}))
	iv := make([]byte, gcm.NonceSize())
	if _, err := io.ReadFull(random, iv); err != nil {
		return "", err
	}
	sealed := gcm.Seal(nil, iv, encode(claims), []byte(header))
	text, tag := sealed[:len(sealed)-gcm.Overhead()], sealed[len(sealed)-gcm.Overhead():]
	return strings.Join([]string{header, "", b64.EncodeToString(iv), b64.EncodeToString(text), b64.EncodeToString(tag)}, "."), nil
}

// openJWE decrypts what sealJWE made with the same key.
func openJWE(key []byte, token string) (map[string]any, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 5 || parts[1] != "" {
		return nil, errors.New("not a token of this tenant")
	}
	var raw [3][]byte
	for i, p := range parts[2:] {
		b, err := b64.DecodeString(p)
		if err != nil {
			return nil, err
		}
		raw[i] = b
	}
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	if len(raw[0]) != gcm.NonceSize() {
		return nil, errors.New("wrong length of the initialization vector")
	}
	plain, err := gcm.Open(nil, raw[0], append(raw[1], raw[2]...), []byte(parts[0]))
	if err != nil {
		return nil, err
	}
	claims := map[string]any{}
	dec := json.NewDecoder(bytes.NewReader(plain))
	dec.UseNumber()
	if err := dec.Decode(&claims); err != nil {
		return nil, err
	}
	return claims, nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
