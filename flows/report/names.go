package report

import (
	"strings"
	"sync"
)

// secretNames are members, form fields and query parameters whose values are
// secret, in snake case. Their sources: RFC 6749, 7009, 7521, 7636, 8628, OpenID
// Connect Core and CIBA, Auth0's MFA API, and what APIs commonly use.
var secretNames = setOf(`
	code token password secret assertion otp
	passwd pwd pass passphrase passcode pin
	tokens passwords secrets
	authorization authorization_code auth_code device_code user_code binding_code oob_code
	verification_code confirmation_code otp_code mfa_code totp_code sms_code email_code
	recovery_code recovery_codes backup_code backup_codes
	code_verifier auth_req_id barcode_uri otpauth_uri totp_uri
	api_key apikey access_key private_key signing_key encryption_key shared_key
	credential credentials cookie cookies set_cookie session_token
	jwt id_token_hint login_token ticket signature sig saml_response samlresponse dpop`)

// secretEnds are the ends of names of the same sort: access_token, client_secret.
var secretEnds = []string{"_token", "_secret", "_password", "_passwd", "_assertion", "_otp", "_api_key", "_apikey", "_private_key", "_tokens", "_secrets", "_passwords", "_credentials",
	"_pass", "_pwd", "_pw", "_passphrase", "_passcode", "_pin", "_jwt", "_access_key"}

// personalNames are hidden in presentation: names, addresses, numbers and what
// identifies a person (OpenID Connect Core 5.1).
var personalNames = setOf(`
	username name nickname given_name family_name middle_name preferred_username
	email phone phone_number picture profile sub login login_hint user_id address birthdate website`)

// harmless are headers whose values are shown (after the search for known
// secrets). All others are masked: a header of an API gateway may well be a key.
var harmless = setOf(`
	accept accept_charset accept_encoding accept_language accept_patch accept_ranges
	age allow alt_svc cache_control cf_cache_status cf_ray connection
	content_disposition content_encoding content_language content_length content_location content_range
	content_security_policy content_security_policy_report_only content_type
	date etag expect expires host if_match if_modified_since if_none_match if_range if_unmodified_since
	keep_alive last_modified link location max_forwards nel origin ot_baggage_auth0_request_id
	ot_tracer_sampled ot_tracer_spanid ot_tracer_traceid permissions_policy pragma prefer preference_applied
	proxy_authenticate proxy_connection range referer referrer_policy report_to retry_after server server_timing
	strict_transport_security te timing_allow_origin traceparent tracestate trailer transfer_encoding upgrade
	upgrade_insecure_requests user_agent vary via warning www_authenticate
	x_auth0_requestid x_auth0_l x_auth0_dl x_cache x_content_type_options x_correlation_id x_dns_prefetch_control
	x_download_options x_frame_options x_permitted_cross_domain_policies x_powered_by x_request_id x_requested_with
	x_robots_tag x_runtime x_xss_protection request_id
	auth0_client auth0_client_quota_limit auth0_forwarded_for auth0_organization_quota_limit auth0_ratelimit
	:authority :method :path :scheme`)

// harmlessStarts are the beginnings of families of harmless headers.
var harmlessStarts = []string{"access_control_", "cross_origin_", "origin_agent_", "ratelimit", "sec_ch_", "sec_fetch_", "x_ratelimit_"}

// plainInLocation are the query parameters of a redirect that say what happened
// and are nobody's secret; the values of all others are masked.
var plainInLocation = setOf(`error error_description error_uri client_id response_type response_mode scope audience
	connection protocol prompt iss display ui_locales max_age`)

// errorWords begin values of a member called code that name an error, as APIs
// have them ({"code": "invalid_token"}). An authorization code looks otherwise.
var errorWords = []string{"invalid_", "missing_", "unsupported_", "insufficient_", "unauthorized", "access_denied", "expired_", "too_many_", "bad_request", "forbidden", "not_found", "internal_error"}

// setOf is a set of words that is made when it is first asked: most runs of the
// program need only some.
func setOf(words string) func() set {
	return sync.OnceValue(func() set {
		m := set{}
		for _, w := range strings.Fields(words) {
			m[w] = true
		}
		return m
	})
}

type set map[string]bool

func (s set) has(word string) bool { return s[word] }

// snake writes a name the way the tables above have it: clientSecret,
// client-secret and user[client_secret] are client_secret.
func snake(name string) string {
	name = strings.TrimRight(name, "]")
	if i := strings.LastIndexAny(name, "[."); i >= 0 {
		name = name[i+1:]
	}
	var b strings.Builder
	lower := false
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			if lower {
				b.WriteByte('_')
			}
			b.WriteByte(c + 'a' - 'A')
			lower = false
			continue
		case c == '-' || c == ' ' || c == '_':
			c = '_'
		}
		b.WriteByte(c)
		lower = c != '_'
	}
	return strings.Trim(b.String(), "_")
}

// secretName tells whether a value of this name is secret.
func secretName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	s := snake(name)
	if secretNames().has(s) {
		return true
	}
	for _, end := range secretEnds {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

func personalName(name string) bool { return len(name) <= 64 && personalNames().has(snake(name)) }

func harmlessHeader(name string) bool {
	s := strings.ReplaceAll(strings.ToLower(name), "-", "_")
	if harmless().has(s) {
		return true
	}
	for _, start := range harmlessStarts {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return false
}

// countName tells names of numbers that count tokens and are none, as
// {"prompt_tokens": 12}.
func countName(name string) bool {
	s := snake(name)
	return strings.HasSuffix(s, "tokens") || strings.HasSuffix(s, "secrets") || strings.HasSuffix(s, "passwords")
}

// errorWord tells whether the value of a member called code is an error's name
// or a status: what one debugs with, and no code that could be redeemed.
func errorWord(name, value string) bool {
	if snake(name) != "code" {
		return false
	}
	if len(value) <= 3 && strings.Trim(value, "0123456789") == "" {
		return true
	}
	if strings.Trim(value, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return false
	}
	for _, w := range errorWords {
		if strings.HasPrefix(value, w) {
			return true
		}
	}
	return false
}
