package tenant

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// Limits of Auth0's docs, "Authenticate with Private Key JWT".
const (
	maxAssertion    = 2048 // bytes
	maxAssertionAlg = 16
	maxAssertionID  = 64 // iss, sub, jti
	assertionLife   = 5 * time.Minute
	assertionSkew   = 10 * time.Second
)

// authenticate finds the application and checks its credentials in the way that
// is set for it, and in no other. withSecret says whether a client secret
// proved it, which is what the trust in auth0-forwarded-for hangs on.
func (t *Tenant) authenticate(c *call, p params) (a *app, withSecret bool, e *refusal) {
	basicID, basicSecret, hasBasic, ok := basicAuth(c.r)
	if !ok {
		return nil, false, unauthorized()
	}
	id := p.get("client_id")
	assertion := p.get("client_assertion")
	switch {
	case hasBasic && id == "":
		id = basicID
	case hasBasic && id != basicID:
		return nil, false, unauthorized()
	case id == "" && assertion != "":
		// Auth0's own samples send no client_id beside an assertion.
		if parsed, err := parseJWT(assertion); err == nil && len(assertion) <= maxAssertion {
			id = parsed.text("sub")
		}
		if id == "" {
			return nil, false, badAssertion("it is not a signed JWT with a sub")
		}
	case id == "":
		return nil, false, missing("client_id") // unverified
	}
	a = t.set.app(id)
	if a == nil {
		return nil, false, unauthorized() // unverified: that an unknown client is told nothing else
	}
	switch a.auth {
	case authNone:
		// A secret sent for a public application proves nothing and is ignored.
		return a, false, nil
	case authPost:
		if sameSecret(p.get("client_secret"), a.secret) {
			return a, true, nil
		}
	case authBasic:
		if hasBasic && sameSecret(basicSecret, a.secret) {
			return a, true, nil
		}
	case authPrivateKeyJWT:
		if assertion == "" || p.get("client_assertion_type") != assertionType {
			return a, false, unauthorized()
		}
		return a, false, t.checkAssertion(c, a, assertion)
	}
	return a, false, unauthorized()
}

func sameSecret(got, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}

// basicAuth reads client_secret_basic: id and secret are form-encoded before
// they are joined and base64-encoded (RFC 6749, section 2.3.1).
func basicAuth(r *http.Request) (id, secret string, present, ok bool) {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false, true
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil {
		return "", "", true, false
	}
	id, secret, found := strings.Cut(string(raw), ":")
	id, err1 := url.QueryUnescape(id)
	secret, err2 := url.QueryUnescape(secret)
	return id, secret, true, found && err1 == nil && err2 == nil
}

// badAssertion says what is wrong with an assertion.
//
// unverified: code and wording; Auth0's are published nowhere.
func badAssertion(why string) *refusal {
	return refuse(401, "invalid_client", "Invalid client_assertion: "+why)
}

// checkAssertion applies the rules of Auth0's docs, "Authenticate with Private
// Key JWT", and RFC 7523, section 3.
func (t *Tenant) checkAssertion(c *call, a *app, assertion string) *refusal {
	if len(assertion) > maxAssertion {
		return badAssertion("it is longer than 2048 bytes")
	}
	j, err := parseJWT(assertion)
	if err != nil {
		return badAssertion("it is not a signed JWT")
	}
	alg := j.headerText("alg")
	if len(alg) > maxAssertionAlg || alg != "RS256" && alg != "RS384" && alg != "PS256" {
		return badAssertion("alg must be RS256, RS384 or PS256")
	}
	if alg != "RS256" {
		return badAssertion("alg is not the credential's algorithm, RS256")
	}
	if kid, given := j.header["kid"]; given && kid != any(a.keyID) {
		return badAssertion("no credential has this kid")
	}
	iss, sub, jti := j.text("iss"), j.text("sub"), j.text("jti")
	now := float64(c.now.UnixMilli()) / 1000
	skew := assertionSkew.Seconds()
	exp, hasExp := j.time("exp")
	switch {
	case iss != a.id || sub != a.id || len(iss) > maxAssertionID:
		return badAssertion("iss and sub must be the client_id")
	case !j.audience(c.issuer()) && !j.audience(c.tokenIssuer()):
		return badAssertion("aud must be " + c.issuer())
	case !hasExp:
		return badAssertion("exp is missing")
	case exp <= now-skew:
		return badAssertion("it has expired")
	case exp > now+assertionLife.Seconds()+skew:
		return badAssertion("it is valid for more than 5 minutes")
	case jti == "":
		return badAssertion("jti is missing")
	case len(jti) > maxAssertionID:
		return badAssertion("jti is longer than 64 characters")
	}
	for _, name := range []string{"iat", "nbf"} {
		if _, given := j.claims[name]; !given {
			continue
		}
		if at, ok := j.time(name); !ok || at > now+skew {
			return badAssertion(name + " is in the future")
		}
		if at, _ := j.time(name); name == "iat" && exp-at > assertionLife.Seconds()+skew {
			return badAssertion("it is valid for more than 5 minutes")
		}
	}
	key, _, err := t.keys.client.get()
	if err != nil {
		return refuse(500, "server_error", "The tenant has no key: "+err.Error())
	}
	if !verifyRSA(&key.PublicKey, alg, j.input, j.signature) {
		return badAssertion("its signature does not match the credential")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	used := a.id + "\x00" + jti
	if until, seen := t.assertions.get(used); seen && c.now.Before(until) {
		return badAssertion("its jti has been used before")
	}
	t.assertions.put(used, time.Unix(int64(exp), 0).Add(2*assertionSkew))
	return nil
}
