package diagnosis

import "strings"

// Certainty is how sure a finding is; see the package comment.
type Certainty string

// The three certainties.
const (
	Certain  Certainty = "certain"
	Likely   Certainty = "likely"
	Possible Certainty = "possible"
)

// Finding is one explanation of what happened. Its JSON form is part of the
// program's contract; fields without a name in JSON are for the screens.
type Finding struct {
	ID        string    `json:"id"`
	Certainty Certainty `json:"certainty"`
	// Title says what happened, Why its cause; both are plain sentences.
	Title string `json:"title"`
	Why   string `json:"why"`
	// Fix is what to change, the most promising first, and then, marked by their
	// kind, the Commands. It is never empty.
	Fix []string `json:"fix"`
	// Where is the path of the setting in the dashboard (or what to look for in
	// another server).
	Where []string `json:"where,omitempty"`
	// LogEvent names the types of tenant log events to look for, by comma.
	LogEvent string `json:"log_event,omitempty"`
	// Link is the page of the documentation.
	Link string `json:"link,omitempty"`

	// Field is the form's field to change, by its key in a profile; empty when
	// nothing in the form is at fault.
	Field string `json:"-"`
	// Tries are changes to the form's values worth trying. Never a request.
	Tries []Try `json:"-"`
	// Commands is the fix ready to run, by the person, never by us.
	Commands []Command `json:"-"`
	// Outside are texts that others wrote and that may stand in the sentences
	// above; what is quoted there is theirs too. Whoever masks secrets must know
	// them: everything else is the language of this package.
	Outside []string `json:"-"`
}

// Try is a change to the form's values, by field.
type Try struct {
	Title string
	Set   map[string]string
}

// Kinds of Command.
const (
	KindCLI        = "auth0 CLI"
	KindTerraform  = "Terraform"
	KindManagement = "Management API"
	KindDashboard  = "Dashboard link"
)

// Command is a change to the tenant, ready to be copied. Text is for a POSIX
// shell (auth0 CLI, Management API), HCL (Terraform) or a URL.
type Command struct{ Kind, Text string }

// Advice is Fix without the commands: what to read.
func (f Finding) Advice() []string {
	if n := len(f.Fix) - len(f.Commands); n >= 0 {
		return f.Fix[:n]
	}
	return f.Fix
}

// InDashboard tells whether a Where is a path of Auth0's dashboard. The others
// say where else to look: the profile, this machine, another server.
func InDashboard(where string) bool {
	return strings.Contains(where, pathSign) && where[0] >= 'A' && where[0] <= 'Z'
}

// pathSign stands between the parts of a dashboard's path.
const pathSign = " > "

// The ids of findings. They are stable: scripts may rely on them.
const (
	// set-up
	ClientAuthFailed         = "client-auth-failed"
	UnknownClient            = "unknown-client"
	GrantNotAllowed          = "grant-not-allowed"
	ThirdPartyClient         = "third-party-client"
	NoDefaultDirectory       = "no-default-directory"
	UnknownRealm             = "unknown-realm"
	ConnectionNotEnabled     = "connection-not-enabled"
	ConnectionCannotPassword = "connection-cannot-password"
	UnknownAudience          = "unknown-audience"
	ClientGrantMissing       = "client-grant-missing"
	ScopeNotForUser          = "scope-not-for-user"
	InvalidScope             = "invalid-scope"
	OrganizationsClient      = "organizations-client"
	ActionDenied             = "action-denied"
	RedirectImpossible       = "redirect-impossible"
	MissingParameter         = "missing-parameter"
	InvalidRequest           = "invalid-request"
	DPoPNonce                = "dpop-nonce"
	DevicePending            = "device-pending"
	DeviceExpired            = "device-expired"
	UserDeclined             = "user-declined"
	UnknownError             = "unknown-error"
	ForwardedForUntrusted    = "forwarded-for-untrusted"

	// user
	WrongCredentials = "wrong-credentials"
	RefreshInvalid   = "refresh-invalid"
	UserDeleted      = "user-deleted"
	CodeInvalid      = "code-invalid"
	LoginRequired    = "login-required"

	// MFA
	MFARequired        = "mfa-required"
	MFAWrongCode       = "mfa-wrong-code"
	MFAExpired         = "mfa-expired"
	MFARejected        = "mfa-rejected"
	MFAPending         = "mfa-pending"
	MFANoFactor        = "mfa-no-factor"
	MFATokenInvalid    = "mfa-token-invalid"
	MFAAlreadyEnrolled = "mfa-already-enrolled"
	SlowDown           = "slow-down"

	// blocked and throttled
	UserBlocked      = "user-blocked"
	BruteForce       = "brute-force"
	SuspiciousIP     = "suspicious-ip"
	BreachedPassword = "breached-password"
	BotDetection     = "bot-detection"
	RateLimited      = "rate-limited"
	FewAttemptsLeft  = "few-attempts-left"

	// network and replies that are no OAuth
	DNSFailure        = "dns-failure"
	ConnectionRefused = "connection-refused"
	ConnectionReset   = "connection-reset"
	Unreachable       = "network-unreachable"
	TLSUntrusted      = "tls-untrusted"
	TLSWrongHost      = "tls-wrong-host"
	TLSExpired        = "tls-expired"
	TLSFailure        = "tls-failure"
	ProxyFailure      = "proxy-failure"
	Timeout           = "timeout"
	Cancelled         = "cancelled"
	TransportFailure  = "transport-failure"
	CaptivePortal     = "captive-portal"
	Redirected        = "redirected"
	NotAnOAuthReply   = "not-an-oauth-reply"
	ServerError       = "server-error"

	// tokens
	OpaqueToken          = "opaque-token"
	NoRefreshToken       = "no-refresh-token"
	ScopeShortfall       = "scope-shortfall"
	ClockSkew            = "clock-skew"
	TokenInvalid         = "token-invalid"
	SecretInPublicClient = "secret-in-public-client"

	// answers of an API
	UserInfoRefused   = "userinfo-refused"
	InsufficientScope = "insufficient-scope"
	TokenExpired      = "token-expired"
	TokenRefused      = "token-refused"
	IDTokenSent       = "id-token-sent"
	APIForbidden      = "api-forbidden"
	APIError          = "api-error"
)

// LogMeaning says what a type of tenant log event means (Auth0's page "Log
// Event Type Codes"); empty for a type that no finding names.
func LogMeaning(event string) string { return logMeanings[event] }

var logMeanings = map[string]string{
	"sepft":                         "password exchanged for tokens",
	"fepft":                         "exchange of a password failed",
	"fp":                            "login failed: wrong password",
	"fu":                            "login failed: no such user",
	"f":                             "login failed",
	"sertft":                        "refresh token exchanged",
	"fertft":                        "exchange of a refresh token failed",
	"ferrt":                         "a rotated refresh token was used again",
	"feotpft":                       "exchange of a one-time code failed",
	"feoobft":                       "exchange of an out-of-band challenge failed",
	"fercft":                        "exchange of a recovery code failed",
	"feccft":                        "exchange of client credentials failed",
	"feacft":                        "exchange of an authorization code failed",
	"fede":                          "exchange of a device code failed",
	"mfar":                          "multi-factor authentication required",
	"gd_auth_failed":                "a factor was answered wrongly",
	"gd_auth_rejected":              "a push was rejected",
	"gd_otp_rate_limit_exceed":      "too many wrong one-time codes",
	"gd_recovery_rate_limit_exceed": "too many wrong recovery codes",
	"limit_wc":                      "account blocked for an address after too many failures",
	"limit_mu":                      "address blocked after too many failures",
	"limit_sul":                     "too many logins of one user",
	"pwd_leak":                      "login with a breached password",
	"api_limit":                     "a rate limit was reached",
}
