package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"authwalk/flows/rawjson"
)

// Limits of what ParseJWKS considers. A key set of Auth0 has two keys.
const (
	maxKeys     = 100     // keys of a set; the rest is counted, not read
	maxKeyBits  = 8192    // of an RSA modulus; verifying beyond that is a burden that a hostile set could impose
	MaxJWKSSize = 2 << 20 // bytes of a set
)

// Key is one key of a set. A key that cannot verify has a Why and stays in the
// set, so that a token that names it can be told the reason.
type Key struct {
	Index  int    // its place in the set, from 0
	ID     string // kid
	Type   string // kty: RSA, EC, OKP, oct
	Alg    string // alg, if the set names one
	Use    string // use, if the set names one
	Curve  string // crv of EC and OKP
	Bits   int    // size of an RSA modulus
	Why    string // why it cannot verify; empty when it can
	Notes  []string
	public crypto.PublicKey
}

// Usable reports whether the key can verify signatures.
func (k Key) Usable() bool { return k.public != nil && k.Why == "" }

// Name is what a sentence calls the key.
func (k Key) Name() string {
	if k.ID != "" {
		return "the key " + shorten(k.ID, 60)
	}
	return fmt.Sprintf("key %d, which has no kid,", k.Index+1)
}

// KeySet is what ParseJWKS found.
type KeySet struct {
	Keys  []Key    // all that were considered, usable or not, in order
	Total int      // how many the set had
	Notes []string // what is odd about the set as a whole
}

// Usable are the keys that can verify.
func (s KeySet) Usable() []Key {
	var out []Key
	for _, k := range s.Keys {
		if k.Usable() {
			out = append(out, k)
		}
	}
	return out
}

// errUnknownKey is what lookup's error is when the set has no key of that kid:
// the moment to fetch the set once again, since keys rotate.
var errUnknownKey = errors.New("no key of that kid")

// lookupError says why no key was found.
type lookupError struct {
	Why      string // a clause
	Unknown  bool   // the kid is not in the set
	Mismatch bool   // the set has the key, but the token's alg is not of its kind
}

func (e *lookupError) Error() string { return e.Why }

// Is makes errors.Is(err, errUnknownKey) tell an unknown kid.
func (e *lookupError) Is(target error) bool { return target == errUnknownKey && e.Unknown }

// maxTried bounds how many keys are tried for a token that names none.
const maxTried = 16

// lookup returns the keys that may have signed a token with this kid and alg.
// With a kid they are those of that kid; without one, those that fit the alg:
// OpenID Connect Core, 10.1 demands a kid where a set has several keys.
func (s KeySet) lookup(kid, alg string) ([]Key, error) {
	if kid == "" {
		var out []Key
		for _, k := range s.Keys {
			if k.Usable() && k.family() == familyOf(alg) && len(out) < maxTried {
				out = append(out, k)
			}
		}
		if len(out) == 0 {
			return nil, &lookupError{Why: "the token names no key, and none of the set fits " + alg}
		}
		return out, nil
	}
	var out []Key
	var why []string
	mismatch := false
	for _, k := range s.Keys {
		switch {
		case k.ID != kid:
		case !k.Usable():
			why = append(why, k.Why)
		case k.family() != familyOf(alg):
			mismatch = true
			why = append(why, fmt.Sprintf("it is for %s, and the token says %s", k.what(), alg))
		case len(out) < maxTried:
			out = append(out, k)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	if len(why) > 0 {
		return nil, &lookupError{Mismatch: mismatch, Why: "the set has the key " + shorten(kid, 60) + ", but " + strings.Join(slices.Compact(why), "; ")}
	}
	e := &lookupError{Unknown: true, Why: fmt.Sprintf("the key %s is not among the %d of the set", shorten(kid, 60), s.Total)}
	if s.Total > len(s.Keys) {
		e.Why += fmt.Sprintf(", of which the first %d were considered", len(s.Keys))
	}
	return nil, e
}

// Knows reports whether the set has a key of that kid, usable or not.
func (s KeySet) Knows(kid string) bool {
	return slices.ContainsFunc(s.Keys, func(k Key) bool { return k.ID == kid })
}

// Explain says what is wrong with the set and its keys, a sentence each.
func (s KeySet) Explain() []string {
	out := slices.Clone(s.Notes)
	for _, k := range s.Keys {
		if k.Why != "" {
			out = append(out, k.Name()+" is not used: "+k.Why)
		}
		for _, n := range k.Notes {
			out = append(out, k.Name()+" "+n)
		}
	}
	return out
}

// family is what sort of signature the key makes.
func (k Key) family() string {
	if k.Type == "EC" {
		return k.Curve
	}
	return k.Type
}

// what describes the family for a sentence.
func (k Key) what() string {
	switch k.Type {
	case "RSA":
		return "RS256 and its like"
	case "EC":
		return "ECDSA on " + k.Curve
	case "OKP":
		return "EdDSA"
	}
	return k.Type
}

// ParseJWKS reads a JSON Web Key Set (RFC 7517, 5), or a lone key. A bad key
// spoils no other: it stays in the set with the reason why it is not used. The
// error is for what is no key set at all.
func ParseJWKS(text []byte) (KeySet, error) {
	v, problems, err := rawjson.Limits{Bytes: MaxJWKSSize}.Parse(text)
	if err != nil {
		return KeySet{}, fmt.Errorf("the key set is no JSON that can be read: %w", err)
	}
	if !v.IsObject() {
		return KeySet{}, fmt.Errorf("the key set is %s, not a JSON object with the list `keys` (RFC 7517, 5)", v.Kind())
	}
	var s KeySet
	for i, p := range problems {
		if i == 5 {
			s.Notes = append(s.Notes, fmt.Sprintf("the key set has %d more problems like these", len(problems)-i))
			break
		}
		s.Notes = append(s.Notes, "the key set is not clean JSON: "+p.String())
	}
	keys, ok := v.Get("keys")
	list := keys.Items()
	switch {
	case !ok && v.Has("kty"):
		list = []rawjson.Value{v}
	case !ok:
		return KeySet{}, errors.New("the key set has no `keys` (RFC 7517, 5)")
	case keys.Kind() != rawjson.Array:
		return KeySet{}, fmt.Errorf("`keys` of the key set is %s, not a list (RFC 7517, 5)", keys.Kind())
	}
	s.Total = len(list)
	if s.Total > maxKeys {
		s.Notes = append(s.Notes, fmt.Sprintf("the key set has %d keys; only the first %d are considered", s.Total, maxKeys))
		list = list[:maxKeys]
	}
	if s.Total == 0 {
		s.Notes = append(s.Notes, "the key set is empty")
	}
	seen := map[string]bool{}
	for i, item := range list {
		k := parseKey(item)
		k.Index = i
		if k.ID != "" && seen[k.ID] {
			k.Notes = append(k.Notes, "is not the only one of its kid")
		}
		seen[k.ID] = true
		s.Keys = append(s.Keys, k)
	}
	return s, nil
}

// parseKey reads one JWK.
func parseKey(v rawjson.Value) Key {
	if !v.IsObject() {
		return Key{Why: "it is " + v.Kind().String() + ", not an object"}
	}
	k := Key{ID: v.GetStr("kid"), Type: v.GetStr("kty"), Alg: v.GetStr("alg"), Use: v.GetStr("use"), Curve: v.GetStr("crv")}
	if kid, ok := v.Get("kid"); ok && kid.Kind() != rawjson.String {
		k.Notes = append(k.Notes, "has a kid that is "+kid.Kind().String()+", not a string")
	}
	if k.Type != "oct" && v.Has("d") {
		k.Notes = append(k.Notes, privateNote)
	}
	k.Why = refuse(v, k)
	if k.Why != "" {
		return k
	}
	switch k.Type {
	case "RSA":
		k.readRSA(v)
	case "EC":
		k.readEC(v)
	case "OKP":
		k.readOKP(v)
	case "oct":
		k.Why = "it is a shared secret (kty oct), which has no place in a public key set"
	case "":
		k.Why = "it has no kty, which RFC 7517, 4.1 demands"
	default:
		k.Why = "its kty " + shorten(k.Type, 30) + " is not known here"
	}
	return k
}

// privateNote marks a key whose private half was published; verify warns of it.
const privateNote = "comes with its private part: whoever has read the set can sign with it"

func (k Key) leaked() bool { return slices.Contains(k.Notes, privateNote) }

// refuse says why a key is not for verifying signatures by what it says of
// itself: use and key_ops (RFC 7517, 4.2 and 4.3), and alg (4.4).
func refuse(v rawjson.Value, k Key) string {
	if use, ok := v.Get("use"); ok && use.Str() != "sig" {
		return "its use is " + shorten(use.Text(), 30) + ", not sig"
	}
	if ops, ok := v.Get("key_ops"); ok {
		list, isList := ops.Strings()
		if !isList || !slices.Contains(list, "verify") {
			return "its key_ops do not name verify"
		}
	}
	if k.Alg == "" || k.Type == "oct" || k.Type == "" {
		return ""
	}
	alg, known := algorithms[k.Alg]
	switch {
	case !known:
		return "its alg " + shorten(k.Alg, 30) + " is no signature that is known here"
	case alg.family != k.family():
		return fmt.Sprintf("its alg %s does not go with %s", k.Alg, strings.TrimSpace(k.Type+" "+k.Curve))
	}
	return ""
}

// member decodes a member that holds bytes in base64url.
func (k *Key) member(v rawjson.Value, name string) []byte {
	text, ok := v.Get(name)
	if !ok || text.Str() == "" {
		k.Why = "it has no " + name
		return nil
	}
	b, fault, _ := decodePart(text.Str())
	if fault != "" {
		k.Why = "its " + name + " " + fault
		return nil
	}
	return b
}

func (k *Key) readRSA(v rawjson.Value) {
	n := k.member(v, "n")
	if n == nil {
		return
	}
	e := k.member(v, "e")
	if e == nil {
		return
	}
	modulus := new(big.Int).SetBytes(n)
	k.Bits = modulus.BitLen()
	exponent := new(big.Int).SetBytes(e)
	switch {
	case k.Bits > maxKeyBits:
		k.Why = fmt.Sprintf("its modulus has %d bits, more than the %d that are accepted", k.Bits, maxKeyBits)
	case k.Bits < 1024:
		k.Why = fmt.Sprintf("its modulus has %d bits: signatures with fewer than 2048 prove nothing (RFC 7518, 3.3)", k.Bits)
	case modulus.Bit(0) == 0:
		k.Why = "its modulus is even, so it is no RSA key"
	case exponent.BitLen() > 31 || exponent.Bit(0) == 0 || exponent.Cmp(big.NewInt(3)) < 0:
		k.Why = "its exponent e is none that RSA keys have; the usual one is AQAB (65537)"
	default:
		if k.Bits < 2048 {
			k.Notes = append(k.Notes, fmt.Sprintf("has %d bits; RFC 7518, 3.3 demands 2048 or more", k.Bits))
		}
		k.public = &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}
	}
}

func (k *Key) readEC(v rawjson.Value) {
	curve, ok := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[k.Curve]
	if !ok {
		k.Why = "its curve " + shorten(k.Curve, 30) + " is not known here"
		return
	}
	size := (curve.Params().BitSize + 7) / 8
	point := []byte{4} // SEC 1: an uncompressed point
	for _, name := range []string{"x", "y"} {
		b := k.member(v, name)
		if b == nil {
			return
		}
		if len(b) != size {
			k.Why = fmt.Sprintf("its %s has %d bytes; for %s it must have %d (RFC 7518, 6.2.1)", name, len(b), k.Curve, size)
			return
		}
		point = append(point, b...)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		k.Why = "its x and y are no point of " + k.Curve
		return
	}
	k.public = public
}

func (k *Key) readOKP(v rawjson.Value) {
	if k.Curve != "Ed25519" {
		k.Why = "its curve " + shorten(k.Curve, 30) + " does not sign, or is not known here"
		return
	}
	b := k.member(v, "x")
	if b == nil {
		return
	}
	if len(b) != ed25519.PublicKeySize {
		k.Why = fmt.Sprintf("its x has %d bytes; for Ed25519 it must have %d", len(b), ed25519.PublicKeySize)
		return
	}
	k.public = ed25519.PublicKey(b)
}

// parsePEM reads public keys and certificates in PEM as a set of keys without
// kid. A private key gives its public half, with a note.
func parsePEM(text []byte) (KeySet, error) {
	var s KeySet
	for {
		var block *pem.Block
		block, text = pem.Decode(text)
		if block == nil || len(s.Keys) == maxKeys {
			break
		}
		k := keyOf(block)
		k.Index = len(s.Keys)
		s.Keys = append(s.Keys, k)
	}
	s.Total = len(s.Keys)
	if s.Total == 0 {
		return s, errors.New("there is no PEM block; a public key begins with -----BEGIN PUBLIC KEY-----")
	}
	return s, nil
}

func keyOf(block *pem.Block) Key {
	var public any
	var err error
	var k Key
	switch block.Type {
	case "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var c *x509.Certificate
		if c, err = x509.ParseCertificate(block.Bytes); err == nil {
			public = c.PublicKey
		}
	case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY":
		k.Notes = append(k.Notes, "is the public half of a private key: the public key is enough to verify")
		public, err = publicHalf(block)
	default:
		return Key{Why: "a PEM block of " + shorten(block.Type, 40) + " is no public key"}
	}
	if err != nil {
		k.Why = "its PEM block cannot be read: " + err.Error()
		return k
	}
	switch p := public.(type) {
	case *rsa.PublicKey:
		k.Type, k.Bits = "RSA", p.N.BitLen()
		if k.Bits > maxKeyBits || k.Bits < 1024 {
			k.Why = fmt.Sprintf("its modulus has %d bits; 2048 to %d are accepted", k.Bits, maxKeyBits)
		}
	case *ecdsa.PublicKey:
		k.Type, k.Curve = "EC", p.Curve.Params().Name
	case ed25519.PublicKey:
		k.Type, k.Curve = "OKP", "Ed25519"
	default:
		k.Why = "it is of a kind that signs no tokens"
	}
	k.public = public
	return k
}

func publicHalf(block *pem.Block) (any, error) {
	var private any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		private, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		private, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		private, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, err
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return nil, errors.New("it makes no signatures")
	}
	return signer.Public(), nil
}

// ParseKeys reads a key set, a lone JWK, or PEM: what a person may have in a
// file.
func ParseKeys(text []byte) (KeySet, error) {
	if strings.Contains(string(text[:min(len(text), 4096)]), "-----BEGIN ") {
		return parsePEM(text)
	}
	return ParseJWKS(text)
}
