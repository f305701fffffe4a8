package diagnosis

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// rule recognises one refusal. Adding a finding is adding a rule.
type rule struct {
	// codes are the values of error it is for; none: any.
	codes []string
	// texts are what error_description is, normalised; begins what it begins
	// with; holds a pattern in it. None of the three: any text.
	texts  []string
	begins []string
	holds  func() *regexp.Regexp
	// when narrows the rule by what was sent; nil: always.
	when func(*look) bool
	// own: only Auth0 writes this.
	own bool
	// loose: the rule catches what nothing else has, so a 5xx is stronger.
	loose   bool
	class   Class
	explain func(*look) []Finding
}

func (r rule) fits(c *look) bool {
	if len(r.codes) > 0 && !slices.Contains(r.codes, c.r.Code) {
		return false
	}
	if len(r.texts) > 0 || len(r.begins) > 0 || r.holds != nil {
		ok := slices.Contains(r.texts, c.r.text) || r.holds != nil && r.holds().MatchString(c.r.text)
		for _, p := range r.begins {
			ok = ok || strings.HasPrefix(c.r.text, p)
		}
		if !ok {
			return false
		}
	}
	return r.when == nil || r.when(c)
}

// has is a pattern that is compiled when it is first asked: most runs meet no
// refusal, and all of them together cost milliseconds of every start.
//
// Inlined, its copies make the program 40 KB larger and no faster.
//
//go:noinline
func has(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// sure gives a finding with this certainty to a rule.
func sure(f func(*look, Certainty) []Finding, how Certainty) func(*look) []Finding {
	return func(c *look) []Finding { return f(c, how) }
}

func sentRefresh(c *look) bool  { return c.ev.Sent.isRefresh() }
func sentPassword(c *look) bool { return c.ev.Sent.isPassword() }
func inMFA(c *look) bool        { return c.ev.Sent.isMFA() || c.ev.At == AtMFA }
func sentDevice(c *look) bool {
	return c.ev.Sent.Grant == GrantDevice || c.ev.Sent.Grant == GrantCIBA
}

// setupCodes are the codes under which a refusal of the set-up may come.
// access_denied is not among them: its texts are first of all an Action's.
var setupCodes = []string{"invalid_request", "unauthorized_client", "invalid_grant", "invalid_client", "unsupported_grant_type", "server_error"}

// catalogue is tried in order: Auth0's literal texts first, then its codes,
// then texts that are only believed, then the codes of RFC 6749 as any server
// may send them. It is made when it is first asked.
var catalogue func() []rule

func init() { catalogue = sync.OnceValue(rules) } // rules ask the catalogue themselves

func rules() []rule {
	return []rule{
		// Auth0's texts, set-up.
		{texts: []string{"authorization server not configured with default connection"}, own: true,
			class: ClassClient, explain: sure((*look).noDefaultDirectory, Certain)},
		{begins: []string{"grant type '"}, holds: has(`^grant type .* not allowed for (the|this) client`), own: true,
			class: ClassClient, explain: (*look).grantNotAllowed},
		{texts: []string{"invalid audience specified for password grant exchange"}, own: true,
			class: ClassClient, explain: sure((*look).unknownAudience, Certain)},
		{begins: []string{"service not found"}, own: true,
			class: ClassClient, explain: sure((*look).unknownAudience, Likely)},
		{begins: []string{"service not enabled within domain"}, own: true,
			class: ClassClient, explain: sure((*look).audienceElsewhere, Likely)},
		{holds: has(`^client (".*" )?is not authorized to access ("|resource server)`), own: true,
			class: ClassClient, explain: (*look).clientGrantMissing},
		{begins: []string{"client has not been granted scopes"}, own: true,
			class: ClassClient, explain: sure((*look).scopesNotInGrant, Likely)},
		{begins: []string{"non-global clients are not allowed access to apiv1"}, own: true,
			class: ClassClient, explain: (*look).noAudienceAtAll},
		{texts: []string{"user is not authorized to the audience for those scopes"}, own: true,
			class: ClassClient, explain: sure((*look).scopeNotForUser, Likely)},
		{texts: []string{"scope must be an array or a string"}, own: true,
			class: ClassClient, explain: sure((*look).invalidScope, Certain)},
		{codes: []string{"use_dpop_nonce"}, class: ClassClient, explain: (*look).dpopNonce},

		// Auth0's texts, MFA. Before the parameters: binding_code is one.
		{codes: []string{"mfa_required"}, own: true, class: ClassMFA, explain: (*look).mfaRequired},
		{holds: has(`^mfa authorization rejected`), own: true, class: ClassMFA, explain: sure((*look).mfaRejected, Certain)},
		{texts: []string{"invalid otp_code", "invalid binding_code"}, own: true,
			class: ClassMFA, explain: sure((*look).mfaWrongCode, Certain)},
		{codes: []string{"invalid_otp", "invalid_oob_code", "invalid_binding_code", "invalid_recovery_code"}, own: true,
			class: ClassMFA, explain: sure((*look).mfaWrongCode, Likely)},
		{texts: []string{"mfa_token is expired", "oob_code is expired"}, own: true,
			class: ClassMFA, explain: sure((*look).mfaExpired, Certain)},
		{texts: []string{"malformed mfa_token"}, own: true, class: ClassMFA, explain: sure((*look).mfaTokenInvalid, Certain)},
		{holds: has(`^mfa_token not issued to this client|^the oob_code doesn't match the mfa_token|^malformed oob_code`), own: true,
			class: ClassMFA, explain: sure((*look).mfaTokenInvalid, Likely)},
		{codes: []string{"unsupported_challenge_type", "association_required"}, own: true,
			class: ClassMFA, explain: (*look).mfaNoFactor},
		{begins: []string{"user is not enrolled with"}, own: true, class: ClassMFA, explain: (*look).mfaNoFactor},
		{begins: []string{"user is already enrolled"}, own: true, class: ClassMFA, explain: (*look).mfaAlreadyEnrolled},
		{codes: []string{"authorization_pending"}, begins: []string{"authorization pending: please repeat"}, own: true,
			class: ClassMFA, explain: (*look).mfaPending},
		{codes: []string{"authorization_pending"}, when: inMFA, class: ClassMFA, explain: (*look).mfaPending},
		{codes: []string{"slow_down"}, when: inMFA, class: ClassMFA, explain: (*look).slowDown},
		{codes: []string{"expired_token"}, when: inMFA, class: ClassMFA, explain: sure((*look).mfaExpired, Likely)},

		// The user, by text.
		{texts: []string{"wrong email or password", "wrong username or password"}, own: true,
			class: ClassUser, explain: sure((*look).wrongCredentials, Certain)},
		{texts: []string{"wrong email or verification code", "wrong phone number or verification code"}, own: true,
			class: ClassUser, explain: sure((*look).wrongCredentials, Certain)},
		{texts: []string{"user is blocked"}, own: true, class: ClassThrottled, explain: sure((*look).userBlocked, Certain)},
		{holds: has(`^the refresh_token was generated for a user who (doesn't|does not) exist`), own: true,
			class: ClassUser, explain: sure((*look).userDeleted, Certain)},
		{texts: []string{"unknown or invalid refresh token"}, own: true,
			class: ClassUser, explain: sure((*look).refreshInvalid, Certain)},
		{texts: []string{"invalid authorization code", "failed to verify code verifier"}, own: true,
			class: ClassUser, explain: sure((*look).codeInvalid, Certain)},

		// Attack protection, by code.
		{codes: []string{"password_leaked"}, own: true, class: ClassThrottled, explain: sure((*look).breachedPassword, Certain)},
		{codes: []string{"requires_verification"}, own: true, class: ClassThrottled, explain: sure((*look).botDetection, Certain)},
		{codes: []string{"too_many_attempts"}, begins: []string{"your account has been blocked after multiple consecutive login attempts"}, own: true,
			class: ClassThrottled, explain: sure((*look).bruteForce, Certain)},
		{codes: []string{"too_many_attempts"}, begins: []string{"we have detected suspicious login behavior"}, own: true,
			class: ClassThrottled, explain: sure((*look).suspiciousIP, Likely)},
		{codes: []string{"too_many_attempts"}, when: inMFA, own: true, class: ClassThrottled, explain: (*look).rateLimited},
		{codes: []string{"too_many_attempts"}, own: true, class: ClassThrottled, explain: (*look).tooManyAttempts},
		{codes: []string{"too_many_logins", "too_many_requests", "rate_limit_exceeded"}, class: ClassThrottled, explain: (*look).rateLimited},
		{texts: []string{"too many requests", "rate limit exceeded", "global limit has been reached", "client quota exceeded"},
			class: ClassThrottled, explain: (*look).rateLimited},

		// The client.
		{codes: []string{"access_denied"}, texts: []string{"unauthorized"}, own: true,
			class: ClassClient, explain: sure((*look).clientAuthFailed, Likely)},
		{codes: []string{"invalid_client"}, class: ClassClient, explain: sure((*look).clientAuthFailed, Certain)},
		{holds: has(`^unknown client\b`), class: ClassClient, explain: (*look).unknownClient},

		// Texts that nobody has published: believed, never certain.
		{codes: []string{"interaction_required", "consent_required"}, class: ClassClient, explain: (*look).redirectImpossible},
		{holds: has(`^parameter organi[sz]ation |^(this )?client (requires|is configured for) organi[sz]ation|types of users`), own: true,
			class: ClassClient, explain: (*look).organizationsClient},
		{codes: setupCodes,
			holds: has(`\borgani[sz]ations?\b`), class: ClassClient, explain: (*look).organizationsClient},
		{begins: []string{"specified strategy does not support requested operation"}, own: true,
			class: ClassClient, explain: (*look).connectionCannotPassword},
		{codes: setupCodes, holds: has(`strategy\b.*not support|connection\b.*\b(cannot|does not|doesn't|not)\b.*password`),
			class: ClassClient, explain: (*look).connectionCannotPassword},
		{codes: setupCodes,
			holds: has(`connection (is|was) (not enabled|disabled)|connection .*not enabled for|no connections? enabled for|the connection is disabled`),
			class: ClassClient, explain: (*look).connectionNotEnabled},
		{codes: setupCodes,
			holds: has(`\b(unknown|invalid|unrecogni[sz]ed) (realm|connection)\b|\b(realm|connection)\b.*\b(not found|unknown|invalid|(does not|doesn't) exist)\b`),
			class: ClassClient, explain: (*look).unknownRealm},
		{codes: []string{"login_required"}, class: ClassClient, explain: (*look).loginRequired},

		// Parameters.
		{holds: has(`^missing required parameter`), class: ClassClient, explain: sure((*look).missingParameter, Certain)},
		{codes: []string{"invalid_request"}, holds: has(`\b(missing|required|must be (provided|present)|not (provided|present))\b`),
			class: ClassClient, explain: sure((*look).missingParameter, Likely)},

		// The polls of the device flow and CIBA.
		{codes: []string{"authorization_pending"}, class: ClassClient, explain: (*look).devicePending},
		{codes: []string{"slow_down"}, class: ClassClient, explain: (*look).slowDown},
		{codes: []string{"expired_token"}, when: sentDevice, class: ClassClient, explain: (*look).deviceExpired},
		{codes: []string{"expired_token"}, class: ClassMFA, explain: sure((*look).mfaExpired, Possible)},
		{codes: []string{"access_denied"}, holds: has(`^user cancelled the confirmation prompt|^the end-user denied the authorization request`),
			class: ClassClient, explain: (*look).userDeclined},

		// RFC 6749's codes, from any server.
		{codes: []string{"unsupported_grant_type"}, class: ClassClient, explain: (*look).unsupportedGrant},
		{codes: []string{"unauthorized_client"}, class: ClassClient, explain: (*look).unauthorizedClient},
		{codes: []string{"invalid_request"}, holds: has(`\bgrant[ _]type\b.*\bnot (allowed|permitted|enabled|authori[sz]ed)\b`),
			class: ClassClient, explain: (*look).unauthorizedClient},
		{codes: []string{"invalid_scope"}, class: ClassClient, explain: sure((*look).invalidScope, Certain)},
		{codes: []string{"invalid_target"}, class: ClassClient, explain: sure((*look).unknownAudience, Likely)},
		{codes: []string{"invalid_request"}, holds: has(`\baudience\b|\bresource (server|indicator|parameter)\b`), class: ClassClient, explain: sure((*look).unknownAudience, Likely)},
		{codes: []string{"invalid_request"}, class: ClassClient, explain: (*look).invalidRequest},

		{codes: []string{"invalid_grant"}, holds: has(`multi-?factor|two-?factor|\bmfa\b|\b2fa\b`), when: func(c *look) bool { return !inMFA(c) },
			class: ClassMFA, explain: (*look).mfaElsewhere},
		{codes: []string{"invalid_grant"}, holds: recoveryWords, class: ClassMFA, explain: sure((*look).mfaWrongCode, Likely)},
		{codes: []string{"invalid_grant"}, when: inMFA, class: ClassMFA, explain: sure((*look).mfaWrongCode, Likely)},
		{codes: []string{"invalid_grant", "unauthorized"}, holds: has(`\b(user|account)\b.*\b(blocked|locked|disabled|suspended|deactivated)\b`),
			class: ClassThrottled, explain: sure((*look).userBlocked, Likely)},
		{codes: []string{"invalid_grant"}, holds: has(`\brefresh[ _]token\b`), class: ClassUser, explain: sure((*look).refreshInvalid, Likely)},
		{codes: []string{"invalid_grant"}, when: sentRefresh, class: ClassUser, explain: sure((*look).refreshInvalid, Likely)},
		{codes: []string{"invalid_grant"}, when: sentPassword, class: ClassUser, explain: sure((*look).wrongCredentials, Likely)},
		{codes: []string{"invalid_grant"}, holds: has(`\b(authorization|device|verification)?[ _]?code\b`), class: ClassUser, explain: sure((*look).codeInvalid, Likely)},
		{codes: []string{"invalid_grant"}, class: ClassUser, explain: (*look).invalidGrant},

		{codes: []string{"server_error", "temporarily_unavailable"}, when: func(c *look) bool { return c.ev.status() == 0 || c.ev.status() >= 500 },
			class: ClassNetwork, explain: (*look).serverError},
		{codes: []string{"server_error", "temporarily_unavailable"}, class: ClassClient, explain: (*look).serverError},

		{codes: []string{"insufficient_scope"}, class: ClassClient, explain: (*look).bodyScope},

		// A text of one's own: an Action or a Rule.
		{codes: []string{"access_denied", "unauthorized"}, when: func(c *look) bool { return c.r.text != "" },
			loose: true, class: ClassClient, explain: (*look).actionDenied},
		{codes: []string{"access_denied", "unauthorized"}, loose: true, class: ClassClient, explain: (*look).bareDenied},

		{loose: true, class: ClassClient, explain: (*look).unknownError},
	}
}
