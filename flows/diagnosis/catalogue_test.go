package diagnosis

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// row is one reply of Auth0 as it was recorded, quoted or documented. grade is
// how well: R recorded, Q quoted, D documented, K in an SDK, X in an old list of
// templates, E an emulator's belief, U unverified.
type row struct {
	name   string
	grade  string
	status int
	body   string
	form   string // the request's parameters; "" for the password grant
	place  Place
	id     string
	class  Class
	// second is a finding that must be there too.
	second string
	header http.Header
}

const passwordForm = "grant_type=password&username=u&password=p&client_id=abc&client_secret=s&audience=https%3A%2F%2Fapi.example%2F&scope=openid"

func errBody(code, desc string) string {
	if desc == "" {
		return fmt.Sprintf(`{"error":%q}`, code)
	}
	b, _ := json.Marshal(desc)
	return fmt.Sprintf(`{"error":%q,"error_description":%s}`, code, b)
}

const (
	realmForm   = "grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fpassword-realm&realm=Nope&username=u&password=p&client_id=abc&client_secret=s"
	publicForm  = "grant_type=password&username=u&password=p&client_id=abc"
	refreshForm = "grant_type=refresh_token&refresh_token=r&client_id=abc&client_secret=s"
	ccForm      = "grant_type=client_credentials&client_id=abc&client_secret=s&audience=https%3A%2F%2Fapi.example%2F"
	ccBareForm  = "grant_type=client_credentials&client_id=abc&client_secret=s"
	codeForm    = "grant_type=authorization_code&code=c&client_id=abc&client_secret=s"
	deviceForm  = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d&client_id=abc"
	otpForm     = "grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fmfa-otp&mfa_token=m&otp=1&client_id=abc&client_secret=s"
	oobForm     = "grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fmfa-oob&mfa_token=m&oob_code=o&client_id=abc&client_secret=s"
	recForm     = "grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fmfa-recovery-code&mfa_token=m&recovery_code=x&client_id=abc&client_secret=s"
	tpcForm     = "grant_type=password&username=u&password=p&client_id=tpc_abc"
	smsForm     = "grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fpasswordless%2Fotp&username=u&otp=1&realm=sms&client_id=abc"
)

var rows = []row{
	// set-up
	{name: "E1", grade: "Q", status: 500, body: errBody("server_error", "Authorization server not configured with default connection."), id: NoDefaultDirectory, class: ClassClient},
	{name: "E2", grade: "Q", status: 403, body: `{"error":"unauthorized_client","error_description":"Grant type 'password' not allowed for the client.","error_uri":"https://auth0.com/docs/clients/client-grant-types"}`, id: GrantNotAllowed, class: ClassClient},
	{name: "E2 realm", grade: "Q", status: 403, body: errBody("unauthorized_client", "Grant type 'http://auth0.com/oauth/grant-type/password-realm' not allowed for the client."), form: realmForm, id: GrantNotAllowed, class: ClassClient},
	{name: "E2 refresh", grade: "Q", status: 403, body: errBody("unauthorized_client", "Grant type 'refresh_token' not allowed for the client."), form: refreshForm, id: GrantNotAllowed, class: ClassClient},
	{name: "E2 mfa", grade: "Q", status: 403, body: errBody("unauthorized_client", "Grant type 'http://auth0.com/oauth/grant-type/mfa-otp' not allowed for the client."), form: otpForm, id: GrantNotAllowed, class: ClassClient},
	{name: "E3", grade: "R", status: 400, body: errBody("invalid_request", "invalid audience specified for password grant exchange"), id: UnknownAudience, class: ClassClient},
	{name: "E3b", grade: "Q", status: 403, body: errBody("access_denied", "Service not found: https://api.example/"), form: ccForm, id: UnknownAudience, class: ClassClient},
	{name: "E3c", grade: "Q", status: 403, body: errBody("access_denied", "Service not enabled within domain: https://api.example/"), form: ccForm, id: UnknownAudience, class: ClassClient},
	{name: "E4 with a secret", grade: "Q", status: 401, body: errBody("access_denied", "Unauthorized"), id: ClientAuthFailed, class: ClassClient, second: UnknownClient},
	{name: "E4 without", grade: "Q", status: 401, body: errBody("access_denied", "Unauthorized"), form: publicForm, id: ClientAuthFailed, class: ClassClient, second: UnknownClient},
	{name: "E4b", grade: "U", status: 401, body: errBody("access_denied", "Unauthorized"), id: ClientAuthFailed, class: ClassClient, second: UnknownClient},
	{name: "E5", grade: "Q", status: 403, body: errBody("access_denied", `Client is not authorized to access "https://api.example/". You need to create a "client-grant" associated to this API. See: https://auth0.com/docs/api/management/v2/client-grants/post-client-grants`), form: ccForm, id: ClientGrantMissing, class: ClassClient},
	{name: "E5b", grade: "Q", status: 403, body: errBody("access_denied", `Client "abc" is not authorized to access resource server "https://api.example/". You need to create a "client-grant" associated to this API.`), form: ccForm, id: ClientGrantMissing, class: ClassClient},
	{name: "E5c", grade: "U", status: 403, body: errBody("invalid_request", `Client "abc" is not authorized to access resource server "https://api.example/".`), id: ClientGrantMissing, class: ClassClient},
	{name: "E6", grade: "Q", status: 403, body: errBody("access_denied", "Client has not been granted scopes: read:a read:b"), form: ccForm, id: ClientGrantMissing, class: ClassClient},
	{name: "E7", grade: "Q", status: 403, body: errBody("access_denied", "Non-global clients are not allowed access to APIv1"), form: ccBareForm, id: MissingParameter, class: ClassClient},
	{name: "E8", grade: "U", status: 403, body: errBody("access_denied", "Please verify your email before logging in."), id: ActionDenied, class: ClassClient},
	{name: "E8 old rules", grade: "U", status: 401, body: errBody("unauthorized", "You are not on the list."), id: ActionDenied, class: ClassClient},
	{name: "E8b", grade: "U", status: 403, body: errBody("interaction_required", "Redirect is not available"), id: RedirectImpossible, class: ClassClient},
	{name: "consent", grade: "U", status: 403, body: errBody("consent_required", "Consent required"), id: RedirectImpossible, class: ClassClient},
	{name: "E9 realm", grade: "E", status: 403, body: errBody("invalid_request", "Unknown realm 'Nope'"), form: realmForm, id: UnknownRealm, class: ClassClient},
	{name: "E9 not enabled", grade: "E", status: 403, body: errBody("unauthorized_client", "The connection is not enabled for this client"), form: realmForm, id: ConnectionNotEnabled, class: ClassClient},
	{name: "E9 legacy", grade: "U", status: 400, body: errBody("invalid_request", "the connection was not found"), form: realmForm, id: UnknownRealm, class: ClassClient},
	{name: "E9 legacy disabled", grade: "U", status: 400, body: errBody("invalid_request", "the connection was disabled"), form: realmForm, id: ConnectionNotEnabled, class: ClassClient},
	{name: "strategy", grade: "U", status: 400, body: errBody("invalid_request", "specified strategy does not support requested operation"), form: realmForm, id: ConnectionCannotPassword, class: ClassClient},
	{name: "E10", grade: "U", status: 403, body: errBody("unauthorized_client", "This client is configured for organizations; the password grant is not supported"), id: OrganizationsClient, class: ClassClient},
	{name: "E11", grade: "U", status: 403, body: errBody("unauthorized_client", "Grant type 'password' not allowed for the client."), form: tpcForm, id: ThirdPartyClient, class: ClassClient, second: GrantNotAllowed},
	{name: "E13", grade: "Q", status: 400, body: errBody("invalid_scope", "User is not authorized to the audience for those scopes"), id: ScopeNotForUser, class: ClassClient},
	{name: "E12", grade: "D", status: 400, body: errBody("use_dpop_nonce", "Authorization server requires nonce in DPoP proof"), id: DPoPNonce, class: ClassClient},
	// the request
	{name: "missing code", grade: "Q", status: 400, body: errBody("invalid_request", "Missing required parameter: code"), form: codeForm, id: MissingParameter, class: ClassClient},
	{name: "missing username", grade: "Q", status: 400, body: errBody("invalid_request", "Missing required parameter: username"), id: MissingParameter, class: ClassClient},
	{name: "scope type", grade: "K", status: 400, body: errBody("invalid_scope", "Scope must be an array or a string"), id: InvalidScope, class: ClassClient},
	{name: "unknown grant", grade: "D", status: 400, body: errBody("unsupported_grant_type", "Grant type not supported"), form: "grant_type=nonsense&client_id=abc", id: GrantNotAllowed, class: ClassClient},
	{name: "malformed JSON", grade: "U", status: 400, body: errBody("invalid_request", "Unexpected token"), id: InvalidRequest, class: ClassClient},
	// the user
	{name: "wrong password", grade: "R", status: 403, body: errBody("invalid_grant", "Wrong email or password."), id: WrongCredentials, class: ClassUser},
	{name: "blocked", grade: "K", status: 401, body: errBody("unauthorized", "user is blocked"), id: UserBlocked, class: ClassThrottled},
	{name: "blocked at refresh", grade: "Q", status: 403, body: errBody("invalid_grant", "user is blocked"), form: refreshForm, id: UserBlocked, class: ClassThrottled},
	{name: "refresh token", grade: "K", status: 403, body: errBody("invalid_grant", "Unknown or invalid refresh token."), form: refreshForm, id: RefreshInvalid, class: ClassUser},
	{name: "user gone", grade: "K", status: 403, body: errBody("invalid_grant", "The refresh_token was generated for a user who doesn't exist anymore."), form: refreshForm, id: UserDeleted, class: ClassUser},
	{name: "code", grade: "R", status: 403, body: errBody("invalid_grant", "Invalid authorization code"), form: codeForm, id: CodeInvalid, class: ClassUser},
	{name: "PKCE", grade: "K", status: 403, body: errBody("invalid_grant", "Failed to verify code verifier"), form: codeForm, id: CodeInvalid, class: ClassUser},
	{name: "passwordless mail", grade: "K", status: 403, body: errBody("invalid_grant", "Wrong email or verification code."), form: smsForm, id: WrongCredentials, class: ClassUser},
	{name: "passwordless sms", grade: "K", status: 403, body: errBody("invalid_grant", "Wrong phone number or verification code."), form: smsForm, id: WrongCredentials, class: ClassUser},
	{name: "leaked", grade: "D", status: 401, body: errBody("password_leaked", "This login attempt has been blocked because the password you're using was previously disclosed through a data breach (not in this application). Please check your email for more information."), id: BreachedPassword, class: ClassThrottled},
	{name: "bot", grade: "K", status: 401, body: errBody("requires_verification", "Suspicious request requires verification"), id: BotDetection, class: ClassThrottled},
	{name: "login required", grade: "K", status: 401, body: errBody("login_required", "Login required"), id: LoginRequired, class: ClassClient},
	// throttling
	{name: "brute force", grade: "K", status: 429, body: errBody("too_many_attempts", "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your preferred contact method with instructions on how to unblock it."), id: BruteForce, class: ClassThrottled},
	{name: "brute force, old", grade: "Q", status: 429, body: errBody("too_many_attempts", "Your account has been blocked after multiple consecutive login attempts. We've sent you an email with instructions on how to unblock it."), id: BruteForce, class: ClassThrottled},
	{name: "suspicious IP", grade: "U", status: 429, body: errBody("too_many_attempts", "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator."), id: SuspiciousIP, class: ClassThrottled},
	{name: "too many logins", grade: "U", status: 429, body: errBody("too_many_logins", ""), id: RateLimited, class: ClassThrottled},
	{name: "endpoint limit", grade: "Q", status: 429, body: `{"error":"access_denied","error_description":"Too Many Requests","error_uri":"https://auth0.com/docs/policies/rate-limits"}`, id: RateLimited, class: ClassThrottled},
	{name: "custom policy", grade: "D", status: 429, body: errBody("too_many_requests", "Rate limit exceeded."), id: RateLimited, class: ClassThrottled},
	{name: "quota", grade: "D", status: 429, body: errBody("too_many_requests", "Client quota exceeded"), form: ccForm, id: RateLimited, class: ClassThrottled},
	{name: "global", grade: "Q", status: 429, body: errBody("too_many_requests", "Global limit has been reached"), id: RateLimited, class: ClassThrottled},
	// device and CIBA
	{name: "device pending", grade: "D", status: 403, body: errBody("authorization_pending", "User has yet to authorize device code."), form: deviceForm, id: DevicePending, class: ClassClient},
	{name: "device expired", grade: "D", status: 403, body: errBody("expired_token", ""), form: deviceForm, id: DeviceExpired, class: ClassClient},
	{name: "device declined", grade: "D", status: 403, body: errBody("access_denied", "User cancelled the confirmation prompt."), form: deviceForm, id: UserDeclined, class: ClassClient},
	{name: "device slow down", grade: "D", status: 429, body: errBody("slow_down", "You are polling faster than the specified interval of 5 seconds."), form: deviceForm, id: SlowDown, class: ClassThrottled},
	{name: "CIBA pending", grade: "D", status: 400, body: errBody("authorization_pending", "The end-user authorization is pending"), form: "grant_type=urn%3Aopenid%3Aparams%3Agrant-type%3Aciba&auth_req_id=x", id: DevicePending, class: ClassClient},
	{name: "CIBA denied", grade: "D", status: 400, body: errBody("access_denied", "The end-user denied the authorization request or it has been expired"), form: "grant_type=urn%3Aopenid%3Aparams%3Agrant-type%3Aciba&auth_req_id=x", id: UserDeclined, class: ClassClient},
	// MFA
	{name: "mfa required", grade: "D", status: 403, body: `{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"Fe26.2*..."}`, id: MFARequired, class: ClassMFA},
	{name: "mfa required, requirements", grade: "D", status: 403, body: `{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"Fe26.2*...","mfa_requirements":{"challenge":[{"type":"otp"},{"type":"push-notification"}]}}`, id: MFARequired, class: ClassMFA},
	{name: "pending", grade: "R", status: 400, body: errBody("authorization_pending", "Authorization pending: please repeat the request in a few seconds."), form: oobForm, id: MFAPending, class: ClassMFA},
	{name: "slow down", grade: "D", status: 400, body: errBody("slow_down", ""), form: oobForm, id: SlowDown, class: ClassMFA},
	{name: "rejected", grade: "R", status: 400, body: errBody("access_denied", "MFA Authorization rejected."), form: oobForm, id: MFARejected, class: ClassMFA},
	{name: "rejected, old", grade: "K", status: 403, body: errBody("invalid_grant", "MFA Authorization rejected."), form: oobForm, id: MFARejected, class: ClassMFA},
	{name: "wrong otp", grade: "K", status: 403, body: errBody("invalid_grant", "Invalid otp_code."), form: otpForm, id: MFAWrongCode, class: ClassMFA},
	{name: "invalid_otp", grade: "K", status: 403, body: errBody("invalid_otp", ""), form: otpForm, id: MFAWrongCode, class: ClassMFA},
	{name: "wrong binding code", grade: "K", status: 403, body: errBody("invalid_grant", "Invalid binding_code."), form: oobForm, id: MFAWrongCode, class: ClassMFA},
	{name: "invalid_oob_code", grade: "K", status: 403, body: errBody("invalid_oob_code", ""), form: oobForm, id: MFAWrongCode, class: ClassMFA},
	{name: "mfa_token expired", grade: "K", status: 401, body: errBody("expired_token", "mfa_token is expired"), form: otpForm, id: MFAExpired, class: ClassMFA},
	{name: "oob_code expired", grade: "K", status: 401, body: errBody("expired_token", "oob_code is expired"), form: oobForm, id: MFAExpired, class: ClassMFA},
	{name: "malformed mfa_token", grade: "K", status: 401, body: errBody("invalid_grant", "Malformed mfa_token"), form: otpForm, id: MFATokenInvalid, class: ClassMFA},
	{name: "missing binding_code", grade: "X", status: 400, body: errBody("invalid_request", "Missing required parameter: binding_code"), form: oobForm, id: MissingParameter, class: ClassClient},
	{name: "other client", grade: "X", status: 400, body: errBody("invalid_request", "mfa_token not issued to this client"), form: otpForm, id: MFATokenInvalid, class: ClassMFA},
	{name: "mixed up", grade: "X", status: 400, body: errBody("invalid_request", "The oob_code doesn't match the mfa_token"), form: oobForm, id: MFATokenInvalid, class: ClassMFA},
	{name: "unsupported challenge", grade: "X", status: 401, body: errBody("unsupported_challenge_type", "The user does not support any of the requested challenge types (otp, oob). Supported type: X."), place: AtMFA, id: MFANoFactor, class: ClassMFA},
	{name: "not enrolled", grade: "K", status: 401, body: errBody("unsupported_challenge_type", "User is not enrolled with guardian"), place: AtMFA, id: MFANoFactor, class: ClassMFA},
	{name: "association", grade: "D", status: 403, body: errBody("association_required", ""), place: AtMFA, id: MFANoFactor, class: ClassMFA},
	{name: "already enrolled", grade: "D", status: 403, body: errBody("access_denied", "User is already enrolled."), place: AtMFA, id: MFAAlreadyEnrolled, class: ClassMFA},
	{name: "ten wrong codes", grade: "U", status: 429, body: errBody("too_many_attempts", ""), form: otpForm, id: RateLimited, class: ClassThrottled},
	{name: "wrong recovery code", grade: "U", status: 403, body: errBody("invalid_grant", "Wrong recovery code"), form: recForm, id: MFAWrongCode, class: ClassMFA},
	// /userinfo
	{name: "userinfo", grade: "R", status: 401, body: "Unauthorized", place: AtUserInfo, id: UserInfoRefused, class: ClassAPI, header: http.Header{"Www-Authenticate": {`Bearer realm="Users", error="invalid_token", error_description="The access token signature could not be validated. A common cause of this is requesting multiple audiences for an access token signed with HS256, as that signature scheme requires only a single recipient for its security. Please change your API to employ RS256 if you wish to have multiple audiences for your access tokens"`}}},
	{name: "unknown tenant", grade: "U", status: 404, body: "<html><head><title>Oops</title></head></html>", id: NotAnOAuthReply, class: ClassNotOAuth},
}

func (r row) params() string {
	if r.form == "" && r.place == AtToken {
		return passwordForm
	}
	return r.form
}

func (r row) path() string {
	switch r.place {
	case AtMFA:
		return "/mfa/challenge"
	case AtUserInfo:
		return "/userinfo"
	}
	return "/oauth/token"
}

// evidence is the row as the sender would tell it.
func (r row) evidence() Evidence {
	ev := Evidence{Reply: &Reply{Status: r.status, Header: r.header, Body: []byte(r.body)}}
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	readRequest(&ev.Sent, "POST", "https://acme.eu.auth0.com"+r.path(), h, r.params())
	ev.At = r.place
	return ev
}

func (r row) contentType() string {
	if strings.HasPrefix(r.body, "{") {
		return "application/json"
	}
	return "text/html"
}

func (r row) curl() string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/2 %d \r\ndate: Mon, 01 Jun 2026 10:00:00 GMT\r\ncontent-type: %s\r\n", r.status, r.contentType())
	for n, vs := range r.header {
		for _, v := range vs {
			fmt.Fprintf(&b, "%s: %s\r\n", strings.ToLower(n), v)
		}
	}
	return b.String() + "\r\n" + r.body
}

func (r row) curlVerbose() string {
	s := "* Connected to acme.eu.auth0.com (127.0.0.1) port 443\n> POST " + r.path() + " HTTP/1.1\n> Host: acme.eu.auth0.com\n> User-Agent: curl/8.5.0\n> Accept: */*\n>\n* upload completely sent off: 12 bytes\n"
	for _, l := range strings.Split(strings.TrimRight(r.curl()[:strings.Index(r.curl(), "\r\n\r\n")], "\r\n"), "\r\n") {
		s += "< " + l + "\n"
	}
	return s + "< \n{ [60 bytes data]\n" + r.body + "* Connection #0 to host acme.eu.auth0.com left intact\n"
}

func (r row) har(t *testing.T) string {
	t.Helper()
	type nv struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	headers := []nv{{"content-type", r.contentType()}}
	for n, vs := range r.header {
		headers = append(headers, nv{n, vs[0]})
	}
	form, err := url.ParseQuery(r.params())
	if err != nil {
		t.Fatal(err)
	}
	params := []nv{}
	for n := range form {
		params = append(params, nv{n, form.Get(n)})
	}
	entry := func(u string, status int, headers []nv, body string) map[string]any {
		return map[string]any{
			"startedDateTime": "2026-06-01T10:00:00.000Z",
			"request":         map[string]any{"method": "POST", "url": u, "headers": []nv{{"content-type", "application/x-www-form-urlencoded"}}, "postData": map[string]any{"mimeType": "application/x-www-form-urlencoded", "params": params}},
			"response":        map[string]any{"status": status, "headers": headers, "content": map[string]any{"mimeType": "x", "text": base64.StdEncoding.EncodeToString([]byte(body)), "encoding": "base64"}},
		}
	}
	noise := entry("https://acme.example/favicon.ico", 404, nil, "not found")
	delete(noise["request"].(map[string]any), "postData")
	har, err := json.Marshal(map[string]any{"log": map[string]any{"version": "1.2", "entries": []any{
		entry("https://acme.eu.auth0.com"+r.path(), r.status, headers, r.body), noise}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(har)
}

func TestCatalogue(t *testing.T) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			ev := r.evidence()
			found, class := Diagnose(ev), Classify(ev)
			if len(found) == 0 || found[0].ID != r.id {
				t.Fatalf("first finding %v, want %s", ids(found), r.id)
			}
			if class != r.class {
				t.Errorf("class %q, want %q", class, r.class)
			}
			if r.second != "" && !slices.Contains(ids(found), r.second) {
				t.Errorf("findings %v, want %s among them", ids(found), r.second)
			}
			if (r.grade == "U" || r.grade == "E") && found[0].Certainty == Certain {
				t.Errorf("grade %s is reported as certain", r.grade)
			}
			complete(t, found)
		})
	}
}

// TestExplainCatalogue: what was met elsewhere finds the same as what was sent
// from here.
func TestExplainCatalogue(t *testing.T) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			for how, text := range map[string]string{
				"body":            r.body,
				"status and body": fmt.Sprintf("%d\n%s", r.status, r.body),
				"on a line":       fmt.Sprintf("HTTP %d %s", r.status, r.body),
				"curl -i":         r.curl(),
				"curl -v":         r.curlVerbose(),
				"HAR":             r.har(t),
			} {
				if how == "on a line" && r.place == AtUserInfo {
					continue // "HTTP 401 Unauthorized" is a status line and nothing more
				}
				ev, err := ParseRefusal([]byte(text))
				if err != nil {
					t.Errorf("%s: %v\n%s", how, err, text)
					continue
				}
				found := Diagnose(ev)
				want := r.id
				// Without the request some refusals cannot be told apart.
				if how != "HAR" && r.needsRequest() != "" {
					want = r.needsRequest()
					if how == "curl -v" && r.place != AtToken {
						want = r.id
					}
				}
				if len(found) == 0 || found[0].ID != want {
					t.Errorf("%s: found %v at %q, want %s", how, ids(found), ev.At, want)
				}
				if how == "HAR" || r.class == ClassThrottled || how == "body" && r.status >= 500 {
					continue
				}
				if got := Classify(ev); want == r.id && got != r.class && found[0].ID != SlowDown {
					t.Errorf("%s: class %q, want %q", how, got, r.class)
				}
			}
		})
	}
}

// TestExplainDescription: people paste what an application showed, which often
// is error_description alone. Auth0's own are known by themselves.
func TestExplainDescription(t *testing.T) {
	for _, r := range rows {
		desc := ReadRefusal([]byte(r.body)).Description
		if desc == "" || r.grade == "U" || r.grade == "E" || desc == "Unauthorized" { // what nobody has published, and the body of /userinfo
			continue
		}
		ev, err := ParseRefusal([]byte(desc))
		if err != nil {
			t.Errorf("%s: %q: %v", r.name, desc, err)
			continue
		}
		want := r.id
		if r.needsRequest() != "" {
			want = r.needsRequest()
		}
		if found := Diagnose(ev); len(found) == 0 || found[0].ID != want {
			t.Errorf("%s: %q: found %v, want %s", r.name, desc, ids(found), want)
		}
	}
}

// needsRequest is what a reply alone is taken for, where it needs its request.
func (r row) needsRequest() string {
	switch r.name {
	case "E11":
		return GrantNotAllowed
	case "device expired":
		return MFAExpired
	case "ten wrong codes":
		return BruteForce
	}
	return ""
}

func ids(found []Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.ID)
	}
	return out
}

// linkless are findings about the network, which no document explains.
var linkless = map[string]bool{DNSFailure: true, ConnectionRefused: true, ConnectionReset: true, Unreachable: true, TLSFailure: true,
	ProxyFailure: true, Timeout: true, Cancelled: true, TransportFailure: true, CaptivePortal: true}

// complete holds every finding to what all must have.
func complete(t *testing.T, found []Finding) {
	t.Helper()
	for _, f := range found {
		if f.ID == "" || f.Title == "" || f.Why == "" || len(f.Advice()) == 0 || len(f.Where) == 0 || f.Link == "" && !linkless[f.ID] {
			t.Errorf("%s is not complete: %+v", f.ID, f)
		}
		if f.Certainty != Certain && f.Certainty != Likely && f.Certainty != Possible {
			t.Errorf("%s: certainty %q", f.ID, f.Certainty)
		}
		for _, s := range append(append([]string{f.Title, f.Why}, f.Advice()...), f.Where...) {
			if strings.TrimSpace(s) == "" || strings.Contains(s, "  ") || strings.Contains(s, "%!") || strings.Contains(s, "..") && !strings.Contains(s, "*...") {
				t.Errorf("%s: odd text %q", f.ID, s)
			}
		}
		if len(f.Fix) != len(f.Advice())+len(f.Commands) {
			t.Errorf("%s: %d fixes, %d of advice, %d commands", f.ID, len(f.Fix), len(f.Advice()), len(f.Commands))
		}
		for _, e := range strings.Split(f.LogEvent, ", ") {
			if e != "" && LogMeaning(e) == "" {
				t.Errorf("%s: log event %q has no meaning", f.ID, e)
			}
		}
		for _, tr := range f.Tries {
			if tr.Title == "" || len(tr.Set) == 0 {
				t.Errorf("%s: empty try", f.ID)
			}
		}
	}
}
