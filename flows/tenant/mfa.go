package tenant

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pollInterval is the shortest time between two questions about a push that is
// still waiting.
const pollInterval = time.Second // unverified: the length

// otpRefill is how long one more wrong code takes to be allowed after ten.
const otpRefill = 6 * time.Minute

// sealed looks like the iron-sealed tokens that mfa_token and oob_code are.
func (t *Tenant) sealed(expires time.Time) string {
	return "Fe26.2*SERVER_" + t.text(10, "0123456789") + "*" + t.hex(32) + "*" + b64.EncodeToString(t.bytes(16)) + "*" +
		b64.EncodeToString(t.bytes(48)) + "*" + strconv.FormatInt(expires.UnixMilli(), 10) + "*" + t.hex(32) + "*" + b64.EncodeToString(t.bytes(32))
}

// mfaTransaction is a login that waits for its second factor.
type mfaTransaction struct {
	token    string
	login    *exchange // as far as it has come
	expires  time.Time
	fromUser bool // opened by an access token of the MFA API, not by a login
}

// oobTransaction is one challenge, or one enrolment, out of band.
type oobTransaction struct {
	mfaToken      string
	user          *user
	authenticator *authenticator
	code          string // what the message says; empty for a push
	push          string // id of the push
	expires       time.Time
	polled        time.Time
	used          bool
}

// secondFactor ends a login with mfa_required if the user, the policy, or the
// MFA API's audience wants one.
func (t *Tenant) secondFactor(x *exchange) *refusal {
	t.mu.Lock()
	defer t.mu.Unlock()
	factors := t.factors[x.user.id]
	enrolled := hasActive(factors)
	if !enrolled && !t.set.mfa.always && (x.api == nil || !x.api.forceMFA) {
		return nil
	}
	expires := x.now.Add(t.set.mfa.tokenLifetime)
	// Only what the login has found out is kept, not its request.
	login := &exchange{app: x.app, user: x.user, api: x.api, granted: x.granted, grant: x.grant}
	tx := &mfaTransaction{token: t.sealed(expires), login: login, expires: expires}
	t.mfaTokens.put(tx.token, tx)
	e := refuse(403, "mfa_required", "Multifactor authentication required")
	e.more = fields{{"mfa_token", tx.token}}
	if t.set.mfa.requirements {
		e.more = append(e.more, field{"mfa_requirements", requirements(factors, enrolled)})
	}
	e.logged = []string{"mfar"}
	return e
}

// requirements are the Early Access mfa_requirements: what one may be challenged
// with, or enrol.
func requirements(factors []*authenticator, enrolled bool) fields {
	names := map[string]string{factorOTP: "otp", factorPush: "push-notification", factorSMS: "phone", factorVoice: "phone",
		factorEmail: "email", factorRecovery: "recovery-code"}
	kinds := []string{factorOTP, factorPush, factorSMS, factorEmail}
	member := "enroll"
	if enrolled {
		kinds, member = nil, "challenge"
		for _, a := range factors {
			if a.active {
				kinds = append(kinds, a.kind)
			}
		}
	}
	var types []string
	list := []fields{}
	for _, k := range kinds {
		if name := names[k]; !slices.Contains(types, name) {
			types = append(types, name)
			list = append(list, fields{{"type", name}})
		}
	}
	return fields{{member, list}}
}

func expired(what string) *refusal { return refuse(401, "expired_token", what+" is expired") }

func malformedMFAToken() *refusal { return refuse(401, "invalid_grant", "Malformed mfa_token") }

// transaction finds what an mfa_token stands for: a login that waits, or, for an
// access token of the MFA API, its user and application.
func (t *Tenant) transaction(c *call, token string) (*mfaTransaction, *refusal) {
	t.mu.Lock()
	tx, ok := t.mfaTokens.get(token)
	t.mu.Unlock()
	if ok {
		if !c.now.Before(tx.expires) {
			return nil, expired("mfa_token")
		}
		return tx, nil
	}
	claims, e := t.accessClaims(c, token, t.issuer+"mfa/")
	if e != nil {
		return nil, malformedMFAToken()
	}
	t.mu.Lock()
	u := t.usersByID[claims.text("sub")]
	t.mu.Unlock()
	a := t.set.app(claims.text("azp"))
	if u == nil || a == nil {
		return nil, malformedMFAToken()
	}
	login := &exchange{app: a, user: u, api: t.api(t.issuer + "mfa/"), granted: splitScope(claims.text("scope")), grant: grantPassword}
	return &mfaTransaction{token: token, login: login, fromUser: true}, nil
}

// bearer reads the token of an Authorization header.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// mfaBearer is the transaction of the bearer token; an access token needs the
// scope.
func (t *Tenant) mfaBearer(c *call, scope string) (*mfaTransaction, *refusal) {
	token := bearer(c.r)
	if token == "" {
		return nil, refuse(401, "access_denied", "Unauthorized") // unverified
	}
	tx, e := t.transaction(c, token)
	if e != nil {
		return nil, e
	}
	if tx.fromUser && !slices.Contains(tx.login.granted, scope) {
		return nil, refuse(403, "insufficient_scope", "Insufficient scope, expected: "+scope) // unverified
	}
	return tx, nil
}

// about is an exchange for log events of a transaction.
func (t *Tenant) about(c *call, tx *mfaTransaction) *exchange {
	ip := t.clientIP(c.r)
	return &exchange{call: c, app: tx.login.app, user: tx.login.user, ip: ip, socketIP: ip}
}

// challenge serves POST /mfa/challenge.
func (t *Tenant) challenge(c *call) {
	body, e := t.startChallenge(c)
	if e != nil {
		c.refuse(jsonUTF8, e)
		return
	}
	c.edge(true)
	c.send(200, jsonUTF8, encode(body))
}

func (t *Tenant) startChallenge(c *call) (fields, *refusal) {
	p, e := readParams(c.r)
	if e != nil {
		return nil, e
	}
	app, _, e := t.authenticate(c, p)
	if e != nil {
		return nil, e
	}
	if e := p.require("mfa_token"); e != nil {
		return nil, e
	}
	tx, e := t.transaction(c, p.get("mfa_token"))
	if e != nil {
		return nil, e
	}
	if tx.login.app != app {
		return nil, refuse(400, "invalid_request", "mfa_token not issued to this client")
	}
	wanted := p.list("challenge_type")
	if len(wanted) == 0 {
		wanted = []string{"otp", "oob"}
	}
	id, channel := p.get("authenticator_id"), p.get("oob_channel")
	about := t.about(c, tx)

	t.mu.Lock()
	defer t.mu.Unlock()
	factors := t.factors[tx.login.user.id]
	if !hasActive(factors) {
		// unverified: status and wording.
		return nil, refuse(403, "association_required", "User is not enrolled. You must associate an authenticator first.")
	}
	var chosen *authenticator
	var types []string
	for _, a := range factors {
		if !a.active {
			continue
		}
		if !slices.Contains(types, a.challengeType()) && a.kind != factorRecovery {
			types = append(types, a.challengeType())
		}
		if chosen == nil && slices.Contains(wanted, a.challengeType()) && (id == "" || id == a.id) && (channel == "" || channel == a.channel()) {
			chosen = a
		}
	}
	if chosen == nil {
		return nil, refuse(401, "unsupported_challenge_type", "The user does not support any of the requested challenge types ("+
			strings.Join(wanted, ", ")+"). Supported type: "+strings.Join(types, ", ")+".")
	}
	if chosen.kind == factorOTP {
		return fields{{"challenge_type", "otp"}}, nil
	}
	oob := t.outOfBand(c, about, tx, chosen)
	body := fields{{"challenge_type", "oob"}, {"oob_code", oob}}
	if chosen.kind != factorPush {
		body = append(body, field{"binding_method", "prompt"})
	}
	return body, nil
}

// outOfBand sends a code, or a push, to the phone. The lock is held.
func (t *Tenant) outOfBand(c *call, about *exchange, tx *mfaTransaction, a *authenticator) (oobCode string) {
	expires := c.now.Add(t.set.mfa.codeLifetime)
	o := &oobTransaction{mfaToken: tx.token, user: tx.login.user, authenticator: a, expires: expires}
	oobCode = t.sealed(expires)
	var event string
	switch a.kind {
	case factorPush:
		o.push = t.phone.push(c.now, tx.login.user.username, tx.login.app.name, !a.active)
		event = "gd_send_pn"
	default:
		o.code = t.digits()
		text, to := "Your verification code is: "+o.code, a.to
		event = map[string]string{factorSMS: "gd_send_sms", factorVoice: "gd_send_voice", factorEmail: "gd_send_email"}[a.kind]
		t.phone.message(c.now, a.kind, to, text, o.code)
	}
	t.oobCodes.put(oobCode, o)
	t.logEvent(about, event, LogMeaning(event))
	return oobCode
}

// mfaGrant is the three grants that finish a login with a second factor.
func (t *Tenant) mfaGrant(x *exchange) (fields, *refusal) {
	needs := map[string][]string{grantMFAOTP: {"mfa_token", "otp"}, grantMFAOOB: {"mfa_token", "oob_code"}, grantMFARecovery: {"mfa_token", "recovery_code"}}
	if e := x.params.require(needs[x.grant]...); e != nil {
		return nil, e
	}
	tx, e := t.transaction(x.call, x.params.get("mfa_token"))
	if e != nil {
		return nil, e
	}
	if tx.login.app != x.app {
		return nil, refuse(400, "invalid_request", "mfa_token not issued to this client")
	}
	x.user, x.api, x.granted = tx.login.user, tx.login.api, tx.login.granted
	var code string
	switch x.grant {
	case grantMFAOTP:
		e = t.checkOTP(x)
	case grantMFAOOB:
		e = t.checkOOB(x, tx)
	case grantMFARecovery:
		code, e = t.checkRecovery(x)
	}
	if e != nil {
		return nil, e
	}
	t.mu.Lock()
	t.mfaTokens.delete(tx.token)
	t.mu.Unlock()
	t.logEvent(x, "gd_auth_succeed", LogMeaning("gd_auth_succeed"))
	body, e := t.issue(x, "password", nil)
	if e == nil && code != "" {
		body = append(body, field{"recovery_code", code}) // unverified: its place
	}
	return body, e
}

// wrongCode counts a wrong code and refuses it. The lock is held.
func (t *Tenant) wrongCode(x *exchange, description, event string) *refusal {
	limit := t.set.mfa.attempts
	if limit > 0 {
		b, ok := t.otpFailures.get(x.user.id)
		if !ok {
			b = &bucket{at: x.now}
			t.otpFailures.put(x.user.id, b)
		}
		b.take(x.now, limit, otpRefill)
	}
	e := refuse(403, "invalid_grant", description)
	e.logged = []string{event, grantEvents[x.grant][1]}
	return e
}

// tooManyCodes refuses any code after ten wrong ones: then one every six
// minutes. The lock is held.
func (t *Tenant) tooManyCodes(x *exchange, event string) *refusal {
	b, ok := t.otpFailures.get(x.user.id)
	if !ok || t.set.mfa.attempts == 0 {
		return nil
	}
	b.fill(x.now, otpRefill)
	if b.used+1 <= float64(t.set.mfa.attempts) {
		return nil
	}
	// unverified: code and wording.
	e := refuse(429, "too_many_attempts", "Too many failed codes. Wait for some minutes before retrying.")
	e.logged = []string{event, grantEvents[x.grant][1]}
	return e
}

func (t *Tenant) checkOTP(x *exchange) *refusal {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.tooManyCodes(x, "gd_otp_rate_limit_exceed"); e != nil {
		return e
	}
	code := strings.ReplaceAll(x.params.get("otp"), " ", "")
	for _, a := range t.factors[x.user.id] {
		// Auth0 takes each code once. Here several programs may share a user within
		// the same half minute, so that a code is only used up with its login.
		if a.kind == factorOTP && checkOTP(a.secret, code, x.now) {
			t.activate(x, a)
			return nil
		}
	}
	return t.wrongCode(x, "Invalid otp_code.", "gd_auth_failed")
}

// activate finishes an enrolment by its first right code. The lock is held.
func (t *Tenant) activate(x *exchange, a *authenticator) {
	if a.active {
		return
	}
	for _, other := range t.factors[x.user.id] {
		if other == a || a.kind == factorSMS && other.kind == factorVoice && other.to == a.to || a.kind == factorVoice && other.kind == factorSMS && other.to == a.to ||
			a.kind == factorPush && other.kind == factorOTP && other.to == a.id {
			other.active = true
		}
	}
	t.logEvent(x, "gd_enrollment_complete", LogMeaning("gd_enrollment_complete"))
}

func (t *Tenant) checkOOB(x *exchange, tx *mfaTransaction) *refusal {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, ok := t.oobCodes.get(x.params.get("oob_code"))
	switch {
	case !ok || o.used:
		return refuse(403, "invalid_grant", "Malformed oob_code") // unverified
	case o.mfaToken != tx.token:
		return refuse(400, "invalid_request", "The oob_code doesn't match the mfa_token")
	case !x.now.Before(o.expires):
		return expired("oob_code")
	}
	if o.push == "" {
		if e := x.params.require("binding_code"); e != nil {
			return e
		}
		if e := t.tooManyCodes(x, "gd_otp_rate_limit_exceed"); e != nil {
			return e
		}
		if !sameSecret(strings.ReplaceAll(x.params.get("binding_code"), " ", ""), o.code) {
			return t.wrongCode(x, "Invalid binding_code.", "gd_auth_failed")
		}
		o.used = true
		t.activate(x, o.authenticator)
		return nil
	}
	switch t.phone.state(o.push, x.now) {
	case PushApproved:
		o.used = true
		t.activate(x, o.authenticator)
		return nil
	case PushDenied:
		e := refuse(400, "access_denied", "MFA Authorization rejected.")
		e.logged = []string{"gd_auth_rejected", "feoobft"}
		return e
	}
	early := !o.polled.IsZero() && x.now.Sub(o.polled) < pollInterval
	o.polled = x.now
	e := refuse(400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds.")
	if early {
		e = refuse(400, "slow_down", "You are polling faster than allowed.") // unverified
	}
	e.unlogged = true
	return e
}

// checkRecovery takes a recovery code, which is used up by it, and returns the
// next one.
func (t *Tenant) checkRecovery(x *exchange) (next string, e *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.tooManyCodes(x, "gd_recovery_rate_limit_exceed"); e != nil {
		return "", e
	}
	code := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(x.params.get("recovery_code")))
	if !sameSecret(code, x.user.recoveryCode) {
		return "", t.wrongCode(x, "Invalid recovery_code.", "gd_recovery_failed") // unverified: the wording
	}
	x.user.recoveryCode = t.recoveryCode()
	t.logEvent(x, "gd_recovery_succeed", LogMeaning("gd_recovery_succeed"))
	return x.user.recoveryCode, nil
}
