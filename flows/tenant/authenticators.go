package tenant

import (
	"encoding/base32"
	"net/http"
	"slices"
	"strings"
)

// Kinds of factor, as settings name them. In the list of authenticators otp and
// recovery codes have a type of their own and the rest is out of band (oob).
const (
	factorOTP      = "otp"
	factorPush     = "push"
	factorSMS      = "sms"
	factorVoice    = "voice"
	factorEmail    = "email"
	factorRecovery = "recovery-code"
)

// authenticator is one enrolled factor of a user.
type authenticator struct {
	id, kind string
	active   bool
	secret   string // otp
	to       string // phone number, e-mail address or device name
}

// channel is the oob_channel, empty for what is not out of band.
func (a *authenticator) channel() string {
	switch a.kind {
	case factorPush:
		return "auth0"
	case factorSMS, factorVoice, factorEmail:
		return a.kind
	}
	return ""
}

// challengeType is what /mfa/challenge calls it; a recovery code needs none.
func (a *authenticator) challengeType() string {
	switch a.kind {
	case factorOTP, factorRecovery:
		return a.kind
	}
	return "oob"
}

// listed is the authenticator as GET /mfa/authenticators shows it.
func (a *authenticator) listed() fields {
	kind := a.kind
	if a.channel() != "" {
		kind = "oob"
	}
	f := fields{{"id", a.id}, {"authenticator_type", kind}, {"active", a.active}}
	if c := a.channel(); c != "" {
		f = append(f, field{"oob_channel", c}, field{"name", a.masked()})
	}
	return f
}

func (a *authenticator) masked() string {
	switch a.kind {
	case factorSMS, factorVoice:
		keep := min(4, len(a.to))
		return strings.Repeat("X", len(a.to)-keep) + a.to[len(a.to)-keep:]
	case factorEmail:
		local, domain, _ := strings.Cut(a.to, "@")
		keep := min(4, len(domain))
		return strings.Repeat("*", len(local)) + "@" + domain[:keep] + strings.Repeat("*", len(domain)-keep)
	}
	return a.to
}

// newAuthenticator makes an id such as totp|dev_klnv5yshzzoosSUm.
func (t *Tenant) newAuthenticator(kind, to string, active bool) *authenticator {
	prefix := kind
	if kind == factorOTP {
		prefix = "totp"
	}
	return &authenticator{id: prefix + "|dev_" + t.text(16, alphanumeric), kind: kind, to: to, active: active}
}

// enrolConfigured gives a user the factors that the settings name.
func (t *Tenant) enrolConfigured(u *user) {
	for _, kind := range u.factors {
		a := t.newAuthenticator(kind, "", true)
		switch kind {
		case factorOTP:
			u.otpSecret = t.otpSecret()
			a.secret = u.otpSecret
		case factorPush:
			a.to = "Phone of the demo"
		case factorSMS, factorVoice:
			a.to = u.phone
		case factorEmail:
			a.to = u.username
		case factorRecovery:
			u.recoveryCode = t.recoveryCode()
		}
		t.factors[u.id] = append(t.factors[u.id], a)
	}
}

var base32NoPad = base32.StdEncoding.WithPadding(base32.NoPadding)

func (t *Tenant) otpSecret() string { return base32NoPad.EncodeToString(t.bytes(20)) }

func hasActive(list []*authenticator) bool {
	return slices.ContainsFunc(list, func(a *authenticator) bool { return a.active && a.kind != factorRecovery })
}

// listAuthenticators serves GET /mfa/authenticators.
func (t *Tenant) listAuthenticators(c *call) {
	tx, e := t.mfaBearer(c, "read:authenticators")
	if e != nil {
		c.refuse(jsonUTF8, e)
		return
	}
	list := []fields{}
	t.mu.Lock()
	for _, a := range t.factors[tx.login.user.id] {
		list = append(list, a.listed())
	}
	t.mu.Unlock()
	c.edge(true)
	c.send(200, jsonUTF8, encode(list))
}

// deleteAuthenticator serves DELETE /mfa/authenticators/ID, which an mfa_token
// is not enough for.
func (t *Tenant) deleteAuthenticator(c *call, id string) {
	tx, e := t.mfaBearer(c, "remove:authenticators")
	if e == nil && !tx.fromUser {
		e = refuse(403, "insufficient_scope", "Insufficient scope, expected: remove:authenticators") // unverified
	}
	if e != nil {
		c.refuse(jsonUTF8, e)
		return
	}
	u := tx.login.user
	t.mu.Lock()
	list := t.factors[u.id]
	i := slices.IndexFunc(list, func(a *authenticator) bool { return a.id == id })
	if i >= 0 {
		gone := list[i]
		t.factors[u.id] = slices.DeleteFunc(slices.Clone(list), func(a *authenticator) bool {
			// A number is enrolled for messages and calls as a pair, and goes as one.
			phone := func(k string) bool { return k == factorSMS || k == factorVoice }
			return a == gone || phone(a.kind) && phone(gone.kind) && a.to == gone.to
		})
	}
	t.mu.Unlock()
	if i < 0 {
		c.refuse(jsonUTF8, refuse(404, "not_found", "Authenticator not found")) // unverified
		return
	}
	t.logEvent(t.about(c, tx), "gd_unenroll", LogMeaning("gd_unenroll"))
	c.edge(true)
	c.w.Header()["Content-Type"] = nil
	c.w.WriteHeader(http.StatusNoContent)
}
