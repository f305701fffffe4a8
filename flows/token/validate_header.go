package token

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"authwalk/flows/rawjson"
)

// confusion returns the public key that was used as a shared secret, if one was.
// It is looked for once: a long token makes it dear.
func (v *validation) confusion() (Key, bool) {
	if !v.searched && v.e.Keys != nil {
		if k, bad := v.t.confused(*v.e.Keys); bad {
			v.forged = &k
		}
	}
	v.searched = true
	if v.forged == nil {
		return Key{}, false
	}
	return *v.forged, true
}

func (v *validation) signature() {
	const spec = "RFC 7515, 5.2; RFC 8725, 3.1"
	t, e := v.t, v.e
	alg := t.Alg()
	add := func(state State, want, got, why string) { v.add("signature", state, want, got, why, spec) }
	keys := e.Keys
	have := keys != nil && len(keys.Keys) > 0 || isHMAC(alg) && (e.ClientSecret != "" || e.APISecret != "")
	if k, bad := v.confusion(); bad {
		add(Fail, "a signature with a private key", alg+" with a public key as the secret", "The signature was made with the public text of "+k.Name()+" as a shared secret: a forgery that fools readers which let the token choose the algorithm.")
		return
	}
	if !have {
		why := "no keys are at hand to check it with"
		if e.NoKeys != "" {
			why = e.NoKeys
		}
		if isHMAC(alg) {
			why = v.noSecret()
		}
		add(Skip, "", "", sentence(why))
		return
	}
	switch {
	case len(t.Parts) != 3:
		add(Fail, "a signature as the third part", "", "The token does not have three parts, so nothing in it is signed.")
	case !t.strict:
		add(Fail, "strict base64url in every part, a clean header", "", "The form of the token is broken, so its signature is not accepted (see format).")
	case t.Unsigned():
		add(Fail, "a signature", "none", "The token says alg none: it is not signed, and anybody can have made it.")
	case familyOf(alg) == "":
		add(Fail, "a signature algorithm that is known", quoteOr(alg, "no alg"), "Without a known algorithm the signature proves nothing.")
	case len(t.Signature) == 0:
		add(Fail, alg, "an empty signature", "The signature part is empty: it was cut off, or never made.")
	case isHMAC(alg):
		v.hmac(add)
	default:
		v.asymmetric(add)
	}
}

// noSecret says which secret an HMAC token would need.
func (v *validation) noSecret() string {
	if v.id() {
		return "an ID token with " + v.t.Alg() + " is verified with the client secret, and none is given; a public client has none, so it needs RS256"
	}
	return "an access token with " + v.t.Alg() + " is verified with the signing secret of its API, and none is given (api_secret)"
}

func (v *validation) hmac(add func(State, string, string, string)) {
	t, e := v.t, v.e
	alg := t.Alg()
	if k, ok := v.asymmetricKid(); ok {
		add(Fail, "a signature with "+k.Name(), alg, "The header names "+k.Name()+", a public key, yet claims to be signed with a shared secret.")
		return
	}
	client := t.verifiesSecret(e.ClientSecret)
	switch {
	case v.id() && e.ClientSecret == "":
		add(Skip, "", "", sentence(v.noSecret()))
	case v.id() && client:
		add(Pass, "an HMAC with the client secret", alg, weak(alg, e.ClientSecret, "The client secret made the signature."))
	case v.id():
		add(Fail, "an HMAC with the client secret", alg, "The signature is not the client secret's: the token was changed, or another client's secret made it.")
	case e.APISecret != "" && t.verifiesSecret(e.APISecret):
		add(Pass, "an HMAC with the API's signing secret", alg, weak(alg, e.APISecret, "The signing secret of the API made the signature."))
	case e.APISecret != "" && client:
		add(Fail, "an HMAC with the API's signing secret", alg+" with the client secret", "The client secret made the signature, not the signing secret of the API: the API will refuse the token.")
	case e.APISecret != "":
		add(Fail, "an HMAC with the API's signing secret", alg, "The signature is not the API's signing secret's: the token was changed, or the secret is another API's.")
	case client:
		add(Warn, "an HMAC with the API's signing secret", alg+" with the client secret", "The client secret made the signature. An API has a signing secret of its own; whoever holds the client secret could make such tokens.")
	default:
		add(Skip, "", "", sentence(v.noSecret()))
	}
}

// weak adds a word on a secret that is shorter than its hash (RFC 7518, 3.2).
func weak(alg, secret, why string) string {
	if size := algorithms[alg].hash.Size(); len(secret) < size {
		return fmt.Sprintf("%s The secret has %d bytes; %s wants %d or more (RFC 7518, 3.2).", why, len(secret), alg, size)
	}
	return why
}

// asymmetricKid returns the public key that an HMAC token's kid names.
func (v *validation) asymmetricKid() (Key, bool) {
	if v.e.Keys == nil || v.t.KeyID() == "" {
		return Key{}, false
	}
	for _, k := range v.e.Keys.Keys {
		if k.ID == v.t.KeyID() && k.public != nil {
			return k, true
		}
	}
	return Key{}, false
}

func (v *validation) asymmetric(add func(State, string, string, string)) {
	t := v.t
	alg := t.Alg()
	candidates, err := v.e.Keys.lookup(t.KeyID(), alg)
	var miss *lookupError
	if errors.As(err, &miss) && miss.Mismatch {
		add(Fail, "", alg, sentence(err.Error()))
		return
	}
	if err != nil {
		// The check kid fails for this; whether the signature is right stays unknown.
		add(Skip, "", "", sentence("it could not be checked: "+err.Error()))
		return
	}
	for _, k := range candidates {
		if !t.verifies(k) {
			continue
		}
		got := alg + " by " + strings.TrimSuffix(k.Name(), ",")
		switch {
		case k.leaked():
			add(Warn, "", got, "The signature is right, but the key set publishes the private key too: anybody could have made it.")
		case k.Alg != "" && k.Alg != alg && algorithms[k.Alg].method != algorithms[alg].method:
			add(Warn, "", got, "The signature is right, but the key set says that this key is for "+k.Alg+": readers that hold to that refuse the token (RFC 8725, 3.1).")
		case k.Bits > 0 && k.Bits < 2048:
			add(Warn, "", got, fmt.Sprintf("The signature is right, but the key has only %d bits (RFC 7518, 3.3).", k.Bits))
		default:
			add(Pass, "", got, "The key made the signature: header and payload are what the issuer wrote.")
		}
		return
	}
	want, why := "", ""
	if len(candidates) == 1 {
		want = alg + " by " + strings.TrimSuffix(candidates[0].Name(), ",")
		why = "The signature is not this key's: the token was changed or cut, or it was signed with another key."
	} else {
		want = fmt.Sprintf("%s by one of %d keys", alg, len(candidates))
		why = "The signature is none of these keys': the token was changed or cut, or it was signed with another key."
	}
	add(Fail, want, fmt.Sprintf("%d bytes that do not fit", len(t.Signature)), why)
}

func (v *validation) alg() {
	spec := v.spec("OpenID Connect Core, 3.1.3.7, 7", "RFC 9068, 4", "RFC 8725, 3.1")
	t, e := v.t, v.e
	want := "RS256 or another signature algorithm that is known"
	if len(e.Algs) > 0 {
		want = strings.Join(e.Algs, " or ")
	}
	add := func(state State, why string) {
		v.add("alg", state, want, quoteOr(shorten(t.Alg(), 60), ""), why, spec)
	}
	value, has := t.Header.Get("alg")
	alg := t.Alg()
	switch {
	case t.Header.IsZero():
		v.add("alg", Skip, want, "", "The header could not be read.", spec)
		return
	case !has:
		add(Fail, "The header has no alg, which RFC 7515, 4.1.1 demands.")
		return
	case value.Kind() != rawjson.String:
		v.add("alg", Fail, want, shorten(value.Text(), 60), "The alg is "+value.Kind().String()+", not a string.", spec)
		return
	case strings.EqualFold(alg, "none"):
		add(Fail, "The token is not signed: anybody can have made it. No reader may accept alg none.")
		return
	case familyOf(alg) == "":
		add(Fail, "This is no signature algorithm that is known (names are exact: RS256, not rs256).")
		return
	}
	if isHMAC(alg) {
		if k, ok := v.asymmetricKid(); ok {
			add(Fail, "HS and RS are confused: the header names "+k.Name()+", a public key, with an algorithm for shared secrets (RFC 8725, 2.1).")
			return
		}
		if k, ok := v.confusion(); ok {
			add(Fail, "HS and RS are confused: "+k.Name()+", a public key, was used as a shared secret (RFC 8725, 2.1).")
			return
		}
	}
	if len(e.Algs) > 0 && !slices.Contains(e.Algs, alg) {
		why := "Another algorithm is expected; readers refuse this one."
		if slices.ContainsFunc(e.Algs, isHMAC) != isHMAC(alg) {
			why = "HS and RS are confused: a shared secret is expected on one side and a key pair on the other. Readers must refuse this."
		}
		add(Fail, why)
		return
	}
	if e.Keys != nil && !isHMAC(alg) && t.KeyID() != "" {
		named := slices.DeleteFunc(e.Keys.Usable(), func(k Key) bool { return k.ID != t.KeyID() })
		if len(named) > 0 && !slices.ContainsFunc(named, func(k Key) bool { return k.family() == familyOf(alg) }) {
			add(Fail, fmt.Sprintf("The key that the header names is for %s; it cannot have made %s.", named[0].what(), alg))
			return
		}
	}
	add(Pass, algNote(alg, v.id()))
}

func algNote(alg string, id bool) string {
	switch {
	case isHMAC(alg) && id:
		return "Signed with the client secret, which both sides know; a public client cannot verify it."
	case isHMAC(alg):
		return "Signed with a secret that the issuer shares with the API."
	}
	return "Signed with the issuer's private key; anybody can verify it with the public one."
}

func (v *validation) kid() {
	const spec = "RFC 7515, 4.1.4; RFC 7517, 4.5"
	t, e := v.t, v.e
	value, has := t.Header.Get("kid")
	got := shorten(t.KeyID(), 200)
	add := func(state State, want, why string) { v.add("kid", state, want, got, sentence(why), spec) }
	switch {
	case t.Header.IsZero():
		add(Skip, "", "the header could not be read")
	case has && value.Kind() != rawjson.String:
		v.add("kid", Fail, "a string", shorten(value.Text(), 60), "The kid is "+value.Kind().String()+", not a string.", spec)
	case familyOf(t.Alg()) == "":
		add(Skip, "", "without a known signature algorithm no key is looked for")
	case isHMAC(t.Alg()):
		if k, ok := v.asymmetricKid(); ok {
			add(Fail, "no public key", "the header names "+k.Name()+" of the key set, which makes no "+t.Alg())
			return
		}
		add(Skip, "", t.Alg()+" uses a shared secret, not a key of the set")
	case e.Keys == nil || len(e.Keys.Keys) == 0:
		why := "no keys are at hand to look it up in"
		if e.NoKeys != "" {
			why = e.NoKeys
		}
		add(Skip, "", why)
	default:
		v.kidAmong(add)
	}
}

func (v *validation) kidAmong(add func(State, string, string)) {
	t, keys := v.t, *v.e.Keys
	want := "the kid of a key in the set"
	found, err := keys.lookup(t.KeyID(), t.Alg())
	switch {
	case err != nil:
		why := err.Error()
		if t.KeyID() != "" && !keys.Knows(t.KeyID()) {
			why += ": the key was rotated away, or the token is another issuer's"
		}
		add(Fail, want, why)
	case t.KeyID() != "" && len(found) > 1:
		add(Warn, want, fmt.Sprintf("%d keys of the set have this kid", len(found)))
	case t.KeyID() != "":
		add(Pass, want, "the set has this key")
	case len(found) > 1:
		add(Warn, want, fmt.Sprintf("the token names no key and %d of the set fit; where a set has several, OpenID Connect Core, 10.1 demands a kid", len(found)))
	default:
		add(Pass, want, "the token names no key; one alone of the set fits")
	}
}

func (v *validation) typ() {
	t := v.t
	value, has := t.Header.Get("typ")
	typ := strings.TrimPrefix(strings.ToLower(value.Str()), "application/")
	spec := v.spec("RFC 7519, 5.1; RFC 8725, 3.11", "RFC 9068, 2.1", "RFC 7519, 5.1")
	want := "JWT, or at+jwt"
	if v.id() {
		want = "JWT"
	}
	add := func(state State, why string) { v.add("typ", state, want, shorten(value.Text(), 60), why, spec) }
	if !has {
		value = rawjson.Value{}
	}
	switch {
	case t.Header.IsZero():
		v.add("typ", Skip, want, "", "The header could not be read.", spec)
	case !has:
		v.add("typ", Pass, want, "", "The header has no typ, which is optional.", spec)
	case value.Kind() != rawjson.String:
		add(Fail, "The typ is "+value.Kind().String()+", not a string.")
	case typ == "jwt":
		add(Pass, "A JWT, with nothing said of its use.")
	case typ == "at+jwt" && v.id():
		add(Fail, "This is an access token (RFC 9068), not an ID token.")
	case typ == "at+jwt":
		v.profile(add)
	case strings.HasSuffix(typ, "+jwt"):
		add(Fail, "This JWT is typed for another use; it must not be taken as "+useName(v.e.Use)+".")
	default:
		add(Warn, "A typ that is not known for "+useName(v.e.Use)+".")
	}
}

// profile checks what RFC 9068, 2.2 demands beyond the claims that have a check
// of their own.
func (v *validation) profile(add func(State, string)) {
	var missing []string
	for _, name := range []string{"client_id", "jti"} {
		if v.t.Claims.GetStr(name) == "" {
			missing = append(missing, name)
		}
	}
	switch {
	case v.t.Claims.IsZero():
		add(Pass, "An access token of RFC 9068.")
	case len(missing) > 0:
		add(Fail, "An access token of RFC 9068 must have "+strings.Join(missing, " and ")+", which this one lacks (2.2).")
	default:
		add(Pass, "An access token of RFC 9068, with client_id and jti as it demands.")
	}
}

func useName(use Use) string {
	if use == ID {
		return "an ID token"
	}
	return "an access token"
}
