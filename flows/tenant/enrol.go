package tenant

import (
	"net/url"
	"slices"
	"strings"
)

// maxAuthenticators is the most that one user may have enrolled.
const maxAuthenticators = 20

// associate serves POST /mfa/associate: the enrolment of a factor.
func (t *Tenant) associate(c *call) {
	body, e := t.enrol(c)
	if e != nil {
		c.refuse(jsonUTF8, e)
		return
	}
	c.edge(true)
	c.send(200, jsonUTF8, encode(body))
}

func (t *Tenant) enrol(c *call) (fields, *refusal) {
	tx, e := t.mfaBearer(c, "enroll")
	if e != nil {
		return nil, e
	}
	p, e := readParams(c.r)
	if e != nil {
		return nil, e
	}
	types, channels := p.list("authenticator_types"), p.list("oob_channels")
	if len(types) == 0 {
		return nil, missing("authenticator_types")
	}
	about := t.about(c, tx)
	u := tx.login.user
	t.mu.Lock()
	defer t.mu.Unlock()
	if !tx.fromUser && hasActive(t.factors[u.id]) {
		return nil, refuse(403, "access_denied", "User is already enrolled") // unverified: status and code
	}
	if len(t.factors[u.id]) >= maxAuthenticators {
		// Enrolments that nobody finished make room.
		t.factors[u.id] = slices.DeleteFunc(slices.Clone(t.factors[u.id]), func(a *authenticator) bool { return !a.active })
		if len(t.factors[u.id]) >= maxAuthenticators {
			return nil, refuse(400, "invalid_request", "Too many authenticators") // unverified
		}
	}
	t.logEvent(about, "gd_start_enroll", LogMeaning("gd_start_enroll"))
	if slices.Contains(types, "otp") {
		a := t.newAuthenticator(factorOTP, "", false)
		a.secret = t.otpSecret()
		t.factors[u.id] = append(t.factors[u.id], a)
		body := fields{{"authenticator_type", "otp"}, {"secret", a.secret}, {"barcode_uri", t.otpauth(u, a.secret)}}
		return append(body, t.firstRecoveryCode(u)...), nil
	}
	if !slices.Contains(types, "oob") || len(channels) == 0 {
		return nil, refuse(400, "invalid_request", "authenticator_types must be otp, or oob with oob_channels") // unverified
	}
	switch channel := channels[0]; channel {
	case "sms", "voice":
		number := p.get("phone_number")
		if number == "" {
			return nil, missing("phone_number")
		}
		sms, voice := t.newAuthenticator(factorSMS, number, false), t.newAuthenticator(factorVoice, number, false)
		t.factors[u.id] = append(t.factors[u.id], sms, voice)
		a := sms
		if channel == "voice" {
			a = voice
		}
		return t.enrolledOOB(c, about, tx, a), nil
	case "email":
		a := t.newAuthenticator(factorEmail, p.get("email"), false)
		if a.to == "" {
			a.to = u.username
		}
		t.factors[u.id] = append(t.factors[u.id], a)
		return t.enrolledOOB(c, about, tx, a), nil
	case "auth0":
		a := t.newAuthenticator(factorPush, "Phone of the demo", false)
		code := t.newAuthenticator(factorOTP, a.id, false) // comes with the push
		code.secret = t.otpSecret()
		t.factors[u.id] = append(t.factors[u.id], a, code)
		oob := t.outOfBand(c, about, tx, a)
		label := url.PathEscape(t.set.name + ":" + u.username)
		uri := "otpauth://totp/" + label + "?enrollment_tx_id=" + t.text(32, alphanumeric) + "&base_url=" +
			url.QueryEscape(strings.TrimSuffix(t.issuer, "/"))
		body := fields{{"authenticator_type", "oob"}, {"barcode_uri", uri}}
		body = append(body, t.firstRecoveryCode(u)...)
		return append(body, field{"oob_channel", "auth0"}, field{"oob_code", oob}), nil
	}
	return nil, refuse(400, "invalid_request", "oob_channels must be sms, voice, email or auth0") // unverified
}

// enrolledOOB is the reply for a channel that codes are sent through.
func (t *Tenant) enrolledOOB(c *call, about *exchange, tx *mfaTransaction, a *authenticator) fields {
	oob := t.outOfBand(c, about, tx, a)
	body := fields{{"authenticator_type", "oob"}, {"binding_method", "prompt"}}
	body = append(body, t.firstRecoveryCode(tx.login.user)...)
	return append(body, field{"oob_channel", a.kind}, field{"oob_code", oob})
}

// firstRecoveryCode is told once: with a user's first enrolment.
func (t *Tenant) firstRecoveryCode(u *user) fields {
	if u.recoveryCode != "" {
		return nil
	}
	u.recoveryCode = t.recoveryCode()
	t.factors[u.id] = append(t.factors[u.id], t.newAuthenticator(factorRecovery, "", true))
	return fields{{"recovery_codes", []string{u.recoveryCode}}}
}

// otpauth is the URI of the QR code that an authenticator application scans.
func (t *Tenant) otpauth(u *user, secret string) string {
	return "otpauth://totp/" + url.PathEscape(t.set.name) + ":" + url.QueryEscape(u.username) + "?secret=" + secret +
		"&issuer=" + url.PathEscape(t.set.name) + "&algorithm=SHA1&digits=6&period=30"
}
