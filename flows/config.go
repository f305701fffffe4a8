package flows

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The ways in which a client authenticates at the token endpoint
// (RFC 6749 section 2.3, OpenID Connect Core section 9), as profiles name them.
const (
	AuthNone          = "none"
	AuthPost          = "post"
	AuthBasic         = "basic"
	AuthPrivateKeyJWT = "private_key_jwt"
)

// ClientAuths lists them in the order in which they are offered.
func ClientAuths() []string {
	return []string{AuthNone, AuthPost, AuthBasic, AuthPrivateKeyJWT}
}

// Defaults of a set-up.
const (
	defaultTimeout = 20 * time.Second // of a whole request
	DefaultLeeway  = 60 * time.Second // of time checks
)

// Config is a set-up: where the tenant is, who the client is, and what is
// asked. It is a profile with its references resolved, or flags.
type Config struct {
	Name        string // the profile's, may be empty
	Environment string // dev, staging, prod
	Flow        string // a Flow's ID

	// One of Domain (a host: https and Auth0's paths; http:// before it for
	// loopback), Issuer (a URL: discovery) and TokenURL is set.
	Domain, Issuer, TokenURL string
	JWKS                     string // a URL or a file, beside TokenURL or over discovery
	UserinfoURL              string
	RevokeURL                string

	ClientID          string
	ClientAuth        string // empty: chosen by what is there
	ClientSecret      Secret
	PrivateKey        Secret // PEM
	KeyID, KeyAlg     string
	AssertionAudience string

	Realm    string
	Audience string
	// Scopes is what is asked; none: the parameter is not sent.
	Scopes       []string
	Username     string
	Password     Secret
	ForwardedFor string
	Params       map[string]string // further parameters of the token request

	APISecret    Secret // signing secret of an HS256 API
	OTPSecret    Secret // base32, for computing TOTP codes
	RecoveryCode Secret
	OTP          Secret
	RefreshToken Secret
	APIBase      string
	Calls        []SavedCall

	CAFile, ClientCert, ClientKey, Proxy string
	AllowHTTP                            bool     // plain http beyond loopback
	AllowHosts                           []string // endpoints may be on these hosts too
	Timeout, Leeway                      time.Duration
}

// SavedCall is an API call kept with a profile.
type SavedCall struct {
	Name    string            `toml:"name"`
	Method  string            `toml:"method"`
	URL     string            `toml:"url"`
	Headers map[string]string `toml:"headers,omitempty"`
	Body    string            `toml:"body,omitempty"`
}

// Auth gives the way of client authentication: the one that was chosen, else
// post when there is a secret, private_key_jwt when there is a key, else none.
func (c Config) Auth() string {
	switch {
	case c.ClientAuth != "":
		return c.ClientAuth
	case c.ClientSecret != "":
		return AuthPost
	case c.PrivateKey != "":
		return AuthPrivateKeyJWT
	}
	return AuthNone
}

// Scope is the scope parameter, and whether it is sent at all: an empty one
// says nothing (RFC 6749 section 3.3 has at least one scope in it).
func (c Config) Scope() (string, bool) {
	s := strings.Join(c.Scopes, " ")
	return s, s != ""
}

// TimeoutOrDefault is the limit of a whole request.
func (c Config) TimeoutOrDefault() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return defaultTimeout
}

// LeewayOrDefault is the leeway of time checks. A negative one means none.
func (c Config) LeewayOrDefault() time.Duration {
	switch {
	case c.Leeway > 0:
		return c.Leeway
	case c.Leeway < 0:
		return 0
	}
	return DefaultLeeway
}

// LogsIn tells whether the set-up's flow logs a user in.
func (c Config) LogsIn() bool {
	f, _ := FlowByID(c.Flow)
	return f.User
}

// Complete tells whether the flow can be walked without asking: the user's name
// and password are there, or it needs none.
func (c Config) Complete() bool { return !c.LogsIn() || c.Username != "" && c.Password != "" }

// Clone is a copy that shares nothing with c.
func (c Config) Clone() Config {
	c.Scopes = slices.Clone(c.Scopes)
	c.Params = maps.Clone(c.Params)
	c.AllowHosts = slices.Clone(c.AllowHosts)
	c.Calls = slices.Clone(c.Calls)
	for i := range c.Calls {
		c.Calls[i].Headers = maps.Clone(c.Calls[i].Headers)
	}
	return c
}

// Origin is scheme and host of the tenant, without a slash at the end.
func (c Config) Origin() string {
	switch {
	case c.Domain != "":
		d := strings.TrimRight(c.Domain, "/")
		if !strings.Contains(d, "://") {
			d = "https://" + d
		}
		return d
	case c.Issuer != "":
		return strings.TrimRight(c.Issuer, "/")
	}
	if u, err := url.Parse(c.TokenURL); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	return ""
}

// Host is the host that credentials go to, for a person to see.
func (c Config) Host() string {
	if u, err := url.Parse(c.Origin()); err == nil {
		return u.Host
	}
	return ""
}

// ExpectedIssuer is the iss that tokens must carry: https://DOMAIN/ with its
// slash for a domain, the issuer as given otherwise; empty when only a token
// URL is known.
func (c Config) ExpectedIssuer() string {
	switch {
	case c.Domain != "":
		return c.Origin() + "/"
	case c.Issuer != "":
		return c.Issuer
	}
	return ""
}

// UsageError is a fault in what was given: a set-up that cannot be used, or
// something that is missing. Commands end with exit code 2.
type UsageError struct {
	What string // the field, flag or key
	Msg  string // what is wrong and what to do, a sentence without its full stop
}

func (e *UsageError) Error() string { return e.Msg }

func usagef(what, format string, a ...any) error {
	return &UsageError{What: what, Msg: fmt.Sprintf(format, a...)}
}

// Check says what is wrong with the set-up itself, before anything is sent.
func (c Config) Check() error {
	n := 0
	for _, s := range []string{c.Domain, c.Issuer, c.TokenURL} {
		if s != "" {
			n++
		}
	}
	if n == 0 {
		return usagef("domain", "no tenant is named: give a domain, an issuer or a token URL")
	}
	if n > 1 && c.Domain != "" && (c.Issuer != "" || c.TokenURL != "") {
		return usagef("domain", "domain, issuer and token_url exclude each other: keep one")
	}
	if c.Domain != "" {
		if err := checkDomain(c.Domain); err != nil {
			return err
		}
	}
	keys := c.JWKS
	if !isURL(keys) { // a file, which NewClient reads
		keys = ""
	}
	for _, u := range []struct{ what, s string }{{"jwks_url", keys}, {"issuer", c.Issuer}, {"token_url", c.TokenURL}, {"userinfo_url", c.UserinfoURL}, {"revoke_url", c.RevokeURL}} {
		if u.s != "" {
			if err := c.checkURL(u.what, u.s); err != nil {
				return err
			}
		}
	}
	if strings.ContainsAny(c.Issuer, "?#") {
		return usagef("issuer", "issuer %q has a query or a fragment, and no issuer has (RFC 8414 section 2)", clip(shortURL(c.Issuer)))
	}
	if c.Domain != "" && strings.HasPrefix(c.Domain, "http://") {
		if err := c.checkURL("domain", c.Domain); err != nil {
			return err
		}
	}
	if c.ClientAuth != "" && !slices.Contains(ClientAuths(), c.ClientAuth) {
		return usagef("client_auth", "client_auth %q is unknown: none, post, basic or private_key_jwt", c.ClientAuth)
	}
	if c.KeyAlg != "" && !slices.Contains(KeyAlgs(), c.KeyAlg) {
		return usagef("key_alg", "key_alg %q is unknown: %s", c.KeyAlg, strings.Join(KeyAlgs(), ", "))
	}
	for _, n := range slices.Sorted(maps.Keys(c.Params)) {
		if slices.Contains(ownParams, n) {
			return usagef("params", "the parameter %s is set by the flow itself: give its own key or flag, not a further parameter", n)
		}
	}
	if _, ok := FlowByID(c.Flow); !ok {
		return usagef("flow", "flow %q is unknown: %s", c.Flow, strings.Join(FlowIDs(), ", "))
	}
	if c.ForwardedFor != "" && net.ParseIP(c.ForwardedFor) == nil {
		return usagef("forwarded_for", "forwarded_for %q is no IP address", c.ForwardedFor)
	}
	return nil
}

// ownParams are the parameters that a token request has by itself: a further
// one of that name would be there twice (RFC 6749 section 3.2 forbids it), or
// change what is sent behind the form's back.
var ownParams = []string{"grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type",
	"username", "password", "realm", "audience", "scope", "refresh_token", "mfa_token", "otp", "oob_code", "binding_code", "recovery_code"}

// checkDomain accepts a host, with a port if need be; http:// before it only
// for loopback.
func checkDomain(d string) error {
	host := strings.TrimSuffix(d, "/")
	host = strings.TrimPrefix(host, "https://")
	plain := strings.HasPrefix(host, "http://")
	host = strings.TrimPrefix(host, "http://")
	u, err := url.Parse("https://" + host)
	if err != nil || u.Host == "" || u.Host != host || u.User != nil || strings.ContainsAny(host, " \t\r\n/?#@\\") {
		return usagef("domain", "domain %q is no host: write it like tenant.eu.auth0.com", withoutUser(d))
	}
	if !usablePort(u) {
		return usagef("domain", "domain %q: a port is a number, at most 65535", d)
	}
	if plain && !IsLoopback(u.Hostname()) {
		return usagef("domain", "domain %q: plain http is for loopback only: leave http:// out", d)
	}
	return nil
}

func (c Config) checkURL(what, s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return usagef(what, "%s %q is no http(s) URL", what, clip(shortURL(s)))
	}
	if !usablePort(u) {
		return usagef(what, "%s %q: a port is a number, at most 65535", what, clip(shortURL(s)))
	}
	if u.User != nil {
		return usagef(what, "%s must not carry a user name or password", what)
	}
	if u.Scheme == "http" && !c.AllowHTTP && !IsLoopback(u.Hostname()) {
		return usagef(what, "%s %q is plain http: secrets would go unencrypted; use https, or --allow-http if you mean it", what, clip(shortURL(s)))
	}
	return nil
}

// usablePort tells whether a URL's port, if it has one, is a port at all:
// net/url takes any number.
func usablePort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil
}

// isURL tells whether keys are to be fetched, and not read from a file.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http")
}

// IsLoopback tells whether a host name is this machine: localhost,
// 127.0.0.0/8, ::1.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// With is the set-up with a form's answers over it. Names that no field of the
// set-up has are ignored: they belong to the step that asked.
func (c Config) With(v Values) Config {
	c = c.Clone()
	set := func(name string, to *string) {
		if s, ok := v[name]; ok {
			*to = s
		}
	}
	secret := func(name string, to *Secret) {
		if s, ok := v[name]; ok {
			*to = Secret(s)
		}
	}
	set("username", &c.Username)
	secret("password", &c.Password)
	set("realm", &c.Realm)
	set("audience", &c.Audience)
	set("client_id", &c.ClientID)
	set("client_auth", &c.ClientAuth)
	secret("client_secret", &c.ClientSecret)
	set("forwarded_for", &c.ForwardedFor)
	if s, ok := v["scope"]; ok {
		c.Scopes = nil
		if f := strings.Fields(s); len(f) > 0 {
			c.Scopes = f
		}
	}
	return c
}
