package diagnosis

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Place is what answered: the same words mean different things at different
// endpoints.
type Place string

// The places. The zero value is the token endpoint.
const (
	AtToken     Place = ""
	AtMFA       Place = "mfa"       // /mfa/challenge, /mfa/associate, /mfa/authenticators
	AtUserInfo  Place = "userinfo"  // /userinfo
	AtRevoke    Place = "revoke"    // /oauth/revoke
	AtDiscovery Place = "discovery" // /.well-known/openid-configuration
	AtJWKS      Place = "jwks"      // the key set
	AtAPI       Place = "api"       // an API called with the access token
)

// Ternary is yes, no, or not known.
type Ternary int8

// The three answers.
const (
	Unknown Ternary = iota
	Yes
	No
)

// Stages of a request, where a fault can happen. The words are those of the
// recorded exchanges.
const (
	StagePrepare   = "prepare"
	StageResolve   = "resolve"
	StageConnect   = "connect"
	StageProxy     = "proxy"
	StageTLS       = "tls"
	StageWrite     = "write"
	StageFirstByte = "first byte"
	StageBody      = "body"
)

// Grant types (RFC 6749 and Auth0's extension grants) that the rules tell apart.
const (
	GrantPassword     = "password"
	GrantRealm        = "http://auth0.com/oauth/grant-type/password-realm"
	GrantRefresh      = "refresh_token"
	GrantClient       = "client_credentials"
	GrantCode         = "authorization_code"
	GrantDevice       = "urn:ietf:params:oauth:grant-type:device_code"
	GrantCIBA         = "urn:openid:params:grant-type:ciba"
	GrantOTP          = "http://auth0.com/oauth/grant-type/mfa-otp"
	GrantOOB          = "http://auth0.com/oauth/grant-type/mfa-oob"
	GrantRecovery     = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
	GrantPasswordless = "http://auth0.com/oauth/grant-type/passwordless/otp"
)

// Evidence is everything a diagnosis may look at. It has no place for a secret.
type Evidence struct {
	// At is what answered.
	At Place
	// Sent is the request, as far as it is known.
	Sent Sent
	// Reply is what came back; nil when nothing did.
	Reply *Reply
	// Fault is why there is no (whole) reply; nil when there is one.
	Fault *Fault
	// Issued is what a success brought; nil after a refusal.
	Issued *Issued
	// ClockOffset is how far the server's clock is ahead of ours, as far as its
	// Date header tells; 0 when equal or unknown.
	ClockOffset time.Duration
	// Leeway is what time checks allow; 0 means 60 s.
	Leeway time.Duration
	// Now is when the reply came; needed only for Retry-After and certificates.
	Now time.Time
	// Factors names the factors a user can answer an MFA challenge with ("otp
	// (Authenticator)"), FactorsKnown that they were asked for.
	Factors      []string
	FactorsKnown bool
}

// Sent is the request without its secrets. Every field may be empty: what is
// not known is not guessed.
type Sent struct {
	Method, URL string
	// Grant is grant_type. Empty: the request is not known.
	Grant    string
	ClientID string
	// ClientAuth is none, post, basic or private_key_jwt; empty: not known.
	ClientAuth string
	// SecretSent: a client_secret, a Basic header or an assertion went along.
	SecretSent bool
	// Username, Password and RefreshToken: the parameter was there.
	Username, Password, RefreshToken bool
	Audience                         string
	Scope                            string
	// ScopeSent: the parameter was there, though it may have been empty.
	ScopeSent    bool
	Realm        string
	ForwardedFor string
	// Domain is the tenant's host, Issuer its issuer, as far as known.
	Domain, Issuer string
	// AuthZero: the server is an Auth0 tenant (or behaves as one), or is not.
	AuthZero Ternary
	// MFAKind is how a challenge is answered: otp, push, sms, voice, email, oob,
	// recovery-code or enrol.
	MFAKind string
	// TokenURLOnly: only a token URL is known, so nothing beside it can be asked.
	TokenURLOnly bool
}

// Reply is what came back.
type Reply struct {
	// Status is 0 where only a body is known.
	Status int
	Header http.Header
	Body   []byte
	// Truncated: Body is not all of it.
	Truncated bool
}

// Fault is why there is no (whole) reply.
type Fault struct {
	// Err is the error of the transport, wrapped as it came.
	Err error
	// Stage is one of the Stage constants; empty: not known.
	Stage    string
	Timeout  bool
	Canceled bool
	// Limit is the timeout that was set; 0: not known.
	Limit time.Duration
	// Host is the server's name, Proxy the proxy's, if one was used.
	Host, Proxy string
}

// Check is the outcome of one check of a token.
type Check struct {
	Token string // access or id
	Name  string // format, signature, alg, kid, typ, iss, sub, aud, azp, exp, nbf, iat, nonce, at_hash, auth_time
	State string // pass, warn, fail or skip
	Want  string
	Got   string
	Why   string
}

// Issued is what a success brought, or, for an answer of an API, what is known
// of the token that went there.
type Issued struct {
	// AccessKind is jws, jwe or opaque; AccessAlg the alg of its header.
	AccessKind, AccessAlg string
	// HasAudience: an audience was asked for or is the tenant's default.
	HasAudience bool
	// RefreshToken: one came back. Rotated: it replaces the one that was sent.
	RefreshToken, Rotated bool
	// AskedOffline: offline_access was among the scopes.
	AskedOffline bool
	// GrantedOffline: the reply's scope names offline_access.
	GrantedOffline bool
	// Missing are scopes that were asked for and not granted; NeedsPermission
	// those of them that role-based access control has cut; NotInToken those
	// granted but absent from the access token.
	Missing, NeedsPermission, NotInToken []string
	// RequiredMissing: a scope that the person required is not there.
	RequiredMissing bool
	// Permissions: the access token carries a permissions claim.
	Permissions bool
	// Checks are the checks of the tokens; passed ones may be left out.
	Checks []Check
	// For answers of an API: the token's audiences and scopes, whether it had
	// expired by our clock, and whether it is an ID token.
	Audiences, Scopes []string
	Expired, IDToken  bool
}

func (s Sent) isRefresh() bool { return s.Grant == GrantRefresh }

func (s Sent) isPassword() bool { return s.Grant == GrantPassword || s.Grant == GrantRealm }

func (s Sent) isMFA() bool {
	return s.Grant == GrantOTP || s.Grant == GrantOOB || s.Grant == GrantRecovery
}

// host is the name the request went to, without what may be secret in a URL.
func (ev *Evidence) host() string {
	if ev.Fault != nil && ev.Fault.Host != "" {
		return ev.Fault.Host
	}
	if u, err := url.Parse(ev.Sent.URL); err == nil && u.Host != "" {
		return u.Host
	}
	if ev.Sent.Domain != "" {
		return ev.Sent.Domain
	}
	if u, err := url.Parse(ev.Sent.Issuer); err == nil {
		return u.Host
	}
	return ""
}

// authZero tells whether the server is known to be an Auth0 tenant: said by the
// sender, or seen in the host's name or in a header that only Auth0 sends.
func (ev *Evidence) authZero() Ternary {
	if ev.Sent.AuthZero != Unknown {
		return ev.Sent.AuthZero
	}
	for _, h := range []string{ev.host(), ev.Sent.Domain} {
		if IsAuthZeroHost(h) {
			return Yes
		}
	}
	if ev.At == AtAPI {
		return Unknown
	}
	if r := ev.Reply; r != nil && r.Header.Get("X-Auth0-RequestId") != "" {
		return Yes
	}
	return Unknown
}

// IsAuthZeroHost reports whether a host (with or without a port) is one of
// Auth0's own names. A custom domain cannot be told by its name.
func IsAuthZeroHost(host string) bool {
	host = strings.ToLower(host)
	if h, _, ok := strings.Cut(host, ":"); ok {
		host = h
	}
	host = strings.TrimSuffix(host, ".")
	return strings.HasSuffix(host, ".auth0.com") || strings.HasSuffix(host, ".auth0app.com")
}

// header is the reply's headers, never nil.
func (ev *Evidence) header() http.Header {
	if ev.Reply == nil || ev.Reply.Header == nil {
		return http.Header{}
	}
	return ev.Reply.Header
}

func (ev *Evidence) status() int {
	if ev.Reply == nil {
		return 0
	}
	return ev.Reply.Status
}

func (ev *Evidence) leeway() time.Duration {
	if ev.Leeway <= 0 {
		return 60 * time.Second
	}
	return ev.Leeway
}
