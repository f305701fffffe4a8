package diagnosis

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Diagnose explains the evidence: the findings, the most likely first. A
// success that leaves nothing to say has none.
func Diagnose(ev Evidence) []Finding {
	found, _ := diagnose(&ev)
	return found
}

// look is one diagnosis under way.
type look struct {
	ev *Evidence
	r  Refusal
	// own: the server is taken for an Auth0 tenant, so that its dashboard,
	// its log and its documentation may be named.
	own bool
}

func diagnose(ev *Evidence) ([]Finding, Class) {
	c := &look{ev: ev, own: ev.authZero() == Yes}
	found, class := c.decide()
	return c.finish(found), class
}

func (c *look) decide() ([]Finding, Class) {
	ev := c.ev
	if ev.Fault != nil {
		return c.fault(), ClassNetwork
	}
	if ev.Reply == nil && ev.Issued == nil {
		return nil, ClassNone
	}
	if ev.Reply != nil {
		c.r = ReadRefusal(ev.Reply.Body)
		if ev.At != AtAPI && ev.authZero() == Unknown && strings.HasPrefix(c.r.URI, "https://auth0.com/") {
			c.own = true
		}
	}
	status := ev.status()
	switch ev.At {
	case AtAPI, AtUserInfo:
		if status >= 400 || ev.Reply != nil && status == 0 {
			return c.apiAnswer(), ClassAPI
		}
		return nil, ClassNone
	case AtDiscovery, AtJWKS:
		switch {
		case status >= 300 && status < 400:
			return c.redirected(), ClassNetwork
		case c.r.Shape == ShapeObject && status < 300, ev.Reply == nil:
			return nil, ClassNone
		case status == http.StatusTooManyRequests:
			return c.rateLimited(), ClassThrottled
		}
		return c.notOAuth(), ClassNotOAuth
	}
	switch {
	case ev.Reply == nil:
		return c.issued()
	case status >= 300 && status < 400:
		return c.redirected(), ClassNetwork
	case c.r.Shape == ShapeOAuth:
		return c.refusal()
	case status == http.StatusTooManyRequests:
		return c.rateLimited(), ClassThrottled
	case c.good(status):
		return c.issued()
	}
	return c.notOAuth(), ClassNotOAuth
}

// good tells whether a reply without an error is what a success looks like at
// this place.
func (c *look) good(status int) bool {
	if status != 0 && (status < 200 || status > 299) {
		return false
	}
	switch c.ev.At {
	case AtRevoke: // RFC 7009, 2.2: the body is of no account
		return status != 0
	case AtMFA:
		return c.r.Shape == ShapeObject || c.r.Shape == ShapeJSON || status == http.StatusNoContent
	}
	return c.r.Shape != ShapeBadError && (c.ev.Issued != nil || c.r.AccessToken)
}

// refusal applies the catalogue to an error object.
func (c *look) refusal() ([]Finding, Class) {
	known := c.own
	for _, r := range catalogue() {
		if !r.fits(c) {
			continue
		}
		// A text that only Auth0 writes tells whose server it is, unless it is
		// known to be another.
		c.own = known || r.own && c.ev.authZero() != No
		found, class := r.explain(c), r.class
		status := c.ev.status()
		switch {
		case status == http.StatusTooManyRequests && class != ClassThrottled:
			if found[0].ID != SlowDown {
				found = append(c.rateLimited(), demoted(found)...)
			}
			class = ClassThrottled
		case status >= 500 && (class != ClassClient || r.loose):
			if found[0].ID != ServerError {
				found = append(c.serverError(), demoted(found)...)
			}
			class = ClassNetwork
		}
		return append(found, c.besides(found[0].ID, class)...), class
	}
	return c.unknownError(), ClassClient // not reached: the last rule fits all
}

// demoted are findings that the status contradicts.
func demoted(found []Finding) []Finding {
	for i := range found {
		found[i].Certainty = Possible
	}
	return found
}

// finish makes findings complete: the commands become part of fix, and what
// only Auth0 has is taken out for other servers.
func (c *look) finish(found []Finding) []Finding {
	seen := make(map[string]bool, len(found))
	outside := c.outside()
	out := found[:0]
	for _, f := range found {
		if seen[f.ID] {
			continue
		}
		seen[f.ID] = true
		if !c.own {
			f.LogEvent, f.Commands = "", nil
			f.Where = slices.DeleteFunc(f.Where, func(w string) bool { return strings.Contains(w, pathSign) })
			if len(f.Where) == 0 {
				f.Where = []string{"the server's own settings"}
			}
		}
		for _, cmd := range f.Commands {
			f.Fix = append(f.Fix, cmd.Kind+": "+cmd.Text)
		}
		f.Fix = slices.Clip(f.Fix)
		f.Outside = outside
		out = append(out, f)
	}
	return out
}

// outside lists what a reply's author wrote and a finding may say, also where it
// stands without quotes.
func (c *look) outside() []string {
	ev := c.ev
	var out []string
	add := func(texts ...string) {
		for _, t := range texts {
			if t == "" || len(out) >= 256 {
				continue
			}
			out = append(out, t)
			for _, n := range []int{200, 300, 500} { // as sentences cut them
				if s := short(t, n); s != t {
					out = append(out, s)
				}
			}
		}
	}
	add(c.r.Code, c.r.Description, c.r.URI, c.r.title)
	add(c.r.Challenge...)
	add(c.r.Enroll...)
	for _, ch := range ParseChallenge(ev.header().Values("Www-Authenticate")...) {
		add(ch.Error(), ch.Description())
		add(ch.Scopes()...)
	}
	add(ev.Factors...)
	if is := ev.Issued; is != nil {
		for _, list := range [][]string{is.Missing, is.NeedsPermission, is.NotInToken, is.Audiences, is.Scopes} {
			add(list...)
		}
		for _, k := range is.Checks {
			if k.State == "fail" || k.State == "warn" {
				add(k.Want, k.Got)
			}
		}
	}
	return out
}

// pick chooses a text by whose server it is.
func (c *look) pick(authZero, other string) string {
	if c.own {
		return authZero
	}
	return other
}

// where is the dashboard's path, or what to look for in another server.
func (c *look) where(authZero []string, other ...string) []string {
	if c.own {
		return authZero
	}
	return other
}

// docs is the address of a page of Auth0's documentation, or for another
// server the section of the specification.
func (c *look) docs(page, spec string) string {
	if c.own {
		return "https://auth0.com/docs/" + page
	}
	return spec
}

// Specifications for servers other than Auth0.
const (
	specError     = "https://www.rfc-editor.org/rfc/rfc6749#section-5.2"
	specPassword  = "https://www.rfc-editor.org/rfc/rfc6749#section-4.3"
	specRefresh   = "https://www.rfc-editor.org/rfc/rfc6749#section-6"
	specClient    = "https://www.rfc-editor.org/rfc/rfc6749#section-2.3"
	specScope     = "https://www.rfc-editor.org/rfc/rfc6749#section-3.3"
	specReply     = "https://www.rfc-editor.org/rfc/rfc6749#section-5.1"
	specBearer    = "https://www.rfc-editor.org/rfc/rfc6750#section-3.1"
	specTarget    = "https://www.rfc-editor.org/rfc/rfc8707#section-2"
	specDevice    = "https://www.rfc-editor.org/rfc/rfc8628#section-3.5"
	specDPoP      = "https://www.rfc-editor.org/rfc/rfc9449#section-8"
	specDiscovery = "https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig"
	specTLS       = "https://www.rfc-editor.org/rfc/rfc5280#section-6"
	specStatus    = "https://www.rfc-editor.org/rfc/rfc9110#section-15"
	specClaims    = "https://www.rfc-editor.org/rfc/rfc7519#section-4.1"
)

// Pages of Auth0's documentation, below https://auth0.com/docs/.
const (
	docPassword    = "get-started/authentication-and-authorization-flow/resource-owner-password-flow/call-your-api-using-resource-owner-password-flow"
	docAttack      = "get-started/authentication-and-authorization-flow/resource-owner-password-flow/avoid-common-issues-with-resource-owner-password-flow-and-attack-protection"
	docGrants      = "get-started/applications/application-grant-types"
	docThirdParty  = "get-started/applications/third-party-applications/troubleshooting"
	docCredentials = "get-started/applications/confidential-and-public-applications"
	docAppSettings = "get-started/applications/application-settings"
	docConnections = "get-started/applications/update-application-connections"
	docAPI         = "get-started/apis/api-settings"
	docPolicies    = "get-started/apis/api-access-policies-for-applications"
	docClientGrant = "get-started/applications/application-access-to-apis-client-grants"
	docRBAC        = "get-started/apis/enable-role-based-access-control-for-apis"
	docScopes      = "get-started/apis/scopes/api-scopes"
	docTenant      = "get-started/tenant-settings"
	docOrgs        = "manage-users/organizations/organizations-overview"
	docBlocks      = "manage-users/user-accounts/block-and-unblock-users"
	docDeny        = "actions/reference/post-login/post-login-api-object"
	docRedirect    = "customize/rules/redirect-users"
	docRefresh     = "secure/tokens/refresh-tokens"
	docGetRefresh  = "secure/tokens/refresh-tokens/get-refresh-tokens"
	docRotation    = "secure/tokens/refresh-tokens/refresh-token-rotation"
	docValidate    = "secure/tokens/access-tokens/validate-access-tokens"
	docGetToken    = "secure/tokens/access-tokens/get-access-tokens"
	docJWTAuth     = "get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt"
	docBrute       = "secure/attack-protection/brute-force-protection"
	docSuspicious  = "secure/attack-protection/suspicious-ip-throttling"
	docBreached    = "secure/attack-protection/breached-password-detection"
	docBot         = "secure/attack-protection/bot-detection"
	docRate        = "troubleshoot/customer-support/operational-policies/rate-limit-policy"
	docMFA         = "secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa"
	docMFAOTP      = docMFA + "/enroll-and-challenge-otp-authenticators"
	docMFAPush     = docMFA + "/enroll-and-challenge-push-authenticators"
	docMFASMS      = docMFA + "/enroll-challenge-sms-voice-authenticators"
	docMFAMail     = docMFA + "/enroll-and-challenge-email-authenticators"
	docMFACode     = docMFA + "/challenge-with-recovery-codes"
	docLogs        = "deploy-monitor/logs/log-event-type-codes"
	docDPoP        = "secure/sender-constraining/demonstrating-proof-of-possession-dpop"
	docDevice      = "get-started/authentication-and-authorization-flow/device-authorization-flow"
	docUserInfo    = "api/authentication/user-profile/get-user-info"
)

// quote shows a text from outside as it came, cut to a sensible length.
func quote(s string) string { return `"` + short(s, 500) + `"` }

// sentence quotes a text at the end of a sentence.
func sentence(s string) string {
	if s != "" && strings.ContainsRune(".!?", rune(s[len(s)-1])) && len(s) <= 500 {
		return quote(s)
	}
	return quote(s) + "."
}

// said is what the server said, for the start of a why.
func (c *look) said() string {
	r := c.r
	switch {
	case r.Description != "":
		return "The server says " + sentence(r.Description)
	case r.Code != "":
		return "The server says " + quote(r.Code) + " and nothing more."
	}
	return "The server gives no reason."
}

// client names the application.
func (c *look) client() string {
	if id := c.ev.Sent.ClientID; id != "" {
		return "the application with client_id " + quote(id)
	}
	return "this application"
}

// directory names where the user was looked for.
func (c *look) directory() string {
	if c.ev.Sent.Realm != "" {
		return "the realm " + quote(c.ev.Sent.Realm)
	}
	if c.ev.Sent.Grant == GrantRealm {
		return "the realm that was sent"
	}
	if c.ev.Sent.Grant != GrantPassword {
		return "the connection that the request named, or the tenant's default directory"
	}
	return "the tenant's default directory"
}

// failEvent is the log event of a refusal of this grant.
func (c *look) failEvent() string {
	switch c.ev.Sent.Grant {
	case GrantRefresh:
		return "fertft"
	case GrantClient:
		return "feccft"
	case GrantCode:
		return "feacft"
	case GrantDevice:
		return "fede"
	case GrantOTP:
		return "feotpft"
	case GrantOOB:
		return "feoobft"
	case GrantRecovery:
		return "fercft"
	}
	return "fepft"
}

// grantName is a grant as people call it.
func grantName(grant string) string {
	switch grant {
	case GrantPassword:
		return "Password"
	case GrantRealm:
		return "Password (realm)"
	case GrantRefresh:
		return "Refresh Token"
	case GrantClient:
		return "Client Credentials"
	case GrantCode:
		return "Authorization Code"
	case GrantDevice:
		return "Device Code"
	case GrantOTP, GrantOOB, GrantRecovery:
		return "MFA"
	case GrantPasswordless:
		return "Passwordless OTP"
	}
	return grant
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// list writes names with commas.
func list(names []string) string {
	if len(names) > 12 {
		names = append(slices.Clone(names[:12]), fmt.Sprintf("and %d more", len(names)-12))
	}
	return strings.Join(names, ", ")
}
