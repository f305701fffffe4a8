package profiles

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"authwalk/flows"
)

// The keys of a profile: one table that reading, checking, rendering and
// editing all follow. A key is of exactly one sort.
type key struct {
	name string
	text func(*Profile) *string
	ref  func(*Profile) *Ref
	list func(*Profile) *[]string
	flag func(*Profile) *bool
	// check says what is wrong with a value that is not empty, or nothing. It
	// is asked for each element of a list.
	check func(p *Profile, v string) string
}

// profileKeys is the keys of [profile.NAME], in the order in which they are written.
var profileKeys = []key{
	{name: "domain", text: func(p *Profile) *string { return &p.Domain }, check: checkDomain},
	{name: "issuer", text: func(p *Profile) *string { return &p.Issuer }, check: checkURL},
	{name: "token_url", text: func(p *Profile) *string { return &p.TokenURL }, check: checkURL},
	{name: "jwks_url", text: func(p *Profile) *string { return &p.JWKSURL }, check: checkURLOrFile},
	{name: "userinfo_url", text: func(p *Profile) *string { return &p.UserinfoURL }, check: checkURL},
	{name: "revoke_url", text: func(p *Profile) *string { return &p.RevokeURL }, check: checkURL},
	{name: "environment", text: func(p *Profile) *string { return &p.Environment }, check: oneOf(func() []string { return environments })},
	{name: "flow", text: func(p *Profile) *string { return &p.Flow }, check: oneOf(flows.FlowIDs)},
	{name: "realm", text: func(p *Profile) *string { return &p.Realm }, check: checkText},
	{name: "client_id", text: func(p *Profile) *string { return &p.ClientID }, check: checkText},
	{name: "client_auth", text: func(p *Profile) *string { return &p.ClientAuth }, check: oneOf(flows.ClientAuths)},
	{name: "client_secret", ref: func(p *Profile) *Ref { return &p.ClientSecret }},
	{name: "private_key", ref: func(p *Profile) *Ref { return &p.PrivateKey }},
	{name: "key_id", text: func(p *Profile) *string { return &p.KeyID }, check: checkText},
	{name: "key_alg", text: func(p *Profile) *string { return &p.KeyAlg }, check: oneOf(flows.KeyAlgs)},
	{name: "assertion_audience", text: func(p *Profile) *string { return &p.AssertionAudience }, check: checkText},
	{name: "api_secret", ref: func(p *Profile) *Ref { return &p.APISecret }},
	{name: "otp_secret", ref: func(p *Profile) *Ref { return &p.OTPSecret }},
	{name: "recovery_code", ref: func(p *Profile) *Ref { return &p.RecoveryCode }},
	{name: "api_base", text: func(p *Profile) *string { return &p.APIBase }, check: checkURL},
	{name: "audience", text: func(p *Profile) *string { return &p.Audience }, check: checkText},
	{name: "scopes", list: func(p *Profile) *[]string { return &p.Scopes }, check: checkScope},
	{name: "username", text: func(p *Profile) *string { return &p.Username }, check: checkText},
	{name: "password", ref: func(p *Profile) *Ref { return &p.Password }},
	{name: "forwarded_for", text: func(p *Profile) *string { return &p.ForwardedFor }, check: checkIP},
	{name: "timeout", text: func(p *Profile) *string { return &p.Timeout }, check: checkTimeout},
	{name: "leeway", text: func(p *Profile) *string { return &p.Leeway }, check: checkLeeway},
	{name: "allow_http", flag: func(p *Profile) *bool { return &p.AllowHTTP }},
	{name: "allow_hosts", list: func(p *Profile) *[]string { return &p.AllowHosts }, check: checkHost},
}

// tlsKeys is the keys of [profile.NAME.tls].
var tlsKeys = []key{
	{name: "ca_file", text: func(p *Profile) *string { return &p.CAFile }, check: checkText},
	{name: "client_cert", text: func(p *Profile) *string { return &p.ClientCert }, check: checkText},
	{name: "client_key", text: func(p *Profile) *string { return &p.ClientKey }, check: checkText},
	{name: "proxy", text: func(p *Profile) *string { return &p.Proxy }, check: checkProxy},
}

// callKeys is the keys of [[profile.NAME.call]] that are text; headers is a
// table beside them.
var callKeys = []struct {
	name  string
	text  func(*flows.SavedCall) *string
	check func(string) string
}{
	{"name", func(c *flows.SavedCall) *string { return &c.Name }, func(v string) string { return checkText(nil, v) }},
	{"method", func(c *flows.SavedCall) *string { return &c.Method }, checkMethod},
	{"url", func(c *flows.SavedCall) *string { return &c.URL }, checkCallURL},
	{"body", func(c *flows.SavedCall) *string { return &c.Body }, func(string) string { return "" }},
}

// moreKeys is the tables of a profile.
var moreKeys = []string{"params", "tls", "call"}

// otherNames is what other programs call our keys.
var otherNames = map[string]string{
	"secret": "client_secret", "id": "client_id", "host": "domain", "tenant": "domain", "scope": "scopes", "env": "environment", "stage": "environment",
	"user": "username", "login": "username", "email": "username", "connection": "realm", "grant": "flow", "granttype": "flow", "jwks": "jwks_url", "jwksuri": "jwks_url",
	"tokenendpoint": "token_url", "userinfoendpoint": "userinfo_url", "revocationendpoint": "revoke_url", "userinfo": "userinfo_url", "kid": "key_id", "alg": "key_alg",
	"key": "private_key", "aud": "audience", "baseurl": "api_base", "base": "api_base", "auth": "client_auth", "otp": "otp_secret", "totp": "otp_secret",
	"cafile": "tls.ca_file", "clientcert": "tls.client_cert", "clientkey": "tls.client_key", "proxy": "tls.proxy", "calls": "call", "param": "params",
	"forwardedfor": "forwarded_for", "allowhost": "allow_hosts",
}

func keyNames(keys []key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.name
	}
	return out
}

// IsReference tells that a key takes a reference, never a secret itself.
func IsReference(name string) bool {
	return slices.ContainsFunc(profileKeys, func(k key) bool { return k.name == name && k.ref != nil })
}

// ownParams is the parameters of a token request that have keys of their own,
// or no place in a file.
var ownParams = map[string]string{
	"grant_type": "flow", "client_id": "client_id", "client_secret": "client_secret", "username": "username", "password": "password", "realm": "realm",
	"audience": "audience", "scope": "scopes", "client_assertion": "private_key", "client_assertion_type": "private_key", "recovery_code": "recovery_code",
	"otp": "otp_secret", "refresh_token": "", "mfa_token": "", "oob_code": "", "binding_code": "",
}

func oneOf(list func() []string) func(*Profile, string) string {
	return func(_ *Profile, v string) string {
		known := list()
		if slices.Contains(known, v) {
			return ""
		}
		msg := fmt.Sprintf("%s is unknown: %s is expected", show(v), orList(known))
		if n := Near(v, known); n != "" {
			msg += fmt.Sprintf("; did you mean %s?", n)
		} else if v == "production" || v == "live" {
			msg += "; did you mean prod?"
		} else if v == "client_secret_post" || v == "client_secret_basic" {
			msg += "; did you mean " + strings.TrimPrefix(v, "client_secret_") + "?"
		}
		return msg
	}
}

func orList(s []string) string {
	if len(s) < 2 {
		return strings.Join(s, "")
	}
	return strings.Join(s[:len(s)-1], ", ") + " or " + s[len(s)-1]
}

// show quotes a value that is no secret, cut to a readable length.
func show(v string) string {
	if r := []rune(v); len(r) > 60 {
		v = string(r[:60]) + "…"
	}
	return fmt.Sprintf("%q", v)
}

func checkName(name string) string {
	switch {
	case name == "":
		return "a profile needs a name"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, isControl):
		return "a profile's name must be readable text without line ends and control characters"
	case strings.TrimSpace(name) != name:
		return "a profile's name must not begin or end with a blank"
	case strings.HasPrefix(name, "-"):
		return "a profile's name must not begin with a dash: commands would take it for a flag"
	case utf8.RuneCountInString(name) > 100:
		return "a profile's name must have 100 characters at most"
	}
	return ""
}

func checkText(_ *Profile, v string) string {
	if strings.ContainsFunc(v, isControl) {
		return "line ends and control characters have no place here"
	}
	return ""
}

func checkDomain(_ *Profile, v string) string {
	const like = "write it like acme-dev.eu.auth0.com"
	switch {
	case strings.ContainsAny(v, "@"):
		return "a user name or password has no place here: a host is expected, " + like
	case strings.Contains(strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(v, "https://"), "http://"), "/"), "/"):
		return show(v) + " is a URL with a path, a host is expected: " + like + ", or use issuer or token_url"
	}
	if err := (flows.Config{Domain: v}).Check(); err != nil {
		u := strings.TrimPrefix(v, "http://")
		if u != v && (flows.Config{Domain: u}).Check() == nil {
			return show(v) + " is plain http, which is for loopback only: write " + show(u)
		}
		return show(v) + " is no host: " + like
	}
	return ""
}

func checkURL(p *Profile, v string) string {
	u, err := url.Parse(v)
	switch {
	case strings.Contains(v, "@") && (err != nil || u.User != nil):
		return "a user name or password has no place in a URL here"
	case err != nil || u.Hostname() == "" || strings.HasSuffix(u.Host, ":") || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsFunc(v, isControl) || strings.Contains(v, " "):
		msg := "is no http(s) URL: write it like https://acme.example/path"
		if err == nil && u.Scheme == "" && (flows.Config{Domain: strings.SplitN(v, "/", 2)[0]}).Check() == nil {
			msg = "is no whole URL: write https:// before it"
		}
		return showURL(v) + " " + msg
	case u.Scheme == "http" && !flows.IsLoopback(u.Hostname()) && !(p != nil && p.AllowHTTP):
		return showURL(v) + " is plain http, secrets would go unencrypted: write https://, or allow_http = true in this profile if you mean it"
	}
	return ""
}

// showURL shows a URL without what may be secret in its query.
func showURL(v string) string {
	v, _, _ = strings.Cut(v, "?")
	return show(v)
}

func checkURLOrFile(p *Profile, v string) string {
	if strings.Contains(v, "://") {
		return checkURL(p, v)
	}
	return checkText(p, v)
}

func checkProxy(_ *Profile, v string) string {
	u, err := url.Parse(v)
	switch {
	case strings.Contains(v, "@"):
		return "a user name or password has no place here: leave proxy out and set HTTPS_PROXY in the environment"
	case err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme):
		return show(v) + " is no proxy's URL: write it like http://proxy.example:3128"
	}
	return ""
}

func checkHost(_ *Profile, v string) string {
	if strings.Contains(v, "://") || strings.Contains(v, "@") || (flows.Config{Domain: v}).Check() != nil || strings.HasSuffix(v, "/") {
		return "a host is expected, like login.acme.dev, without https:// and path"
	}
	return ""
}

// checkScope holds a scope against scope-token of RFC 6749 section 3.3.
func checkScope(_ *Profile, v string) string {
	if f := strings.Fields(v); len(f) > 1 {
		q := make([]string, len(f))
		for i, s := range f {
			q[i] = quote(s)
		}
		return show(v) + " has blanks in it: one scope to an element, write " + strings.Join(q, ", ")
	}
	for _, r := range v {
		if r <= ' ' || r == '"' || r == '\\' || r == 0x7f {
			return show(v) + " is no scope: blanks, quotes, backslashes and control characters cannot be in one"
		}
	}
	return ""
}

func checkIP(_ *Profile, v string) string {
	if net.ParseIP(v) == nil {
		return show(v) + " is no IP address: write it like 203.0.113.7"
	}
	return ""
}

func checkTimeout(_ *Profile, v string) string {
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		return show(v) + ` is no length of time: write it like "20s" or "1m30s"`
	}
	return ""
}

func checkLeeway(_ *Profile, v string) string {
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		return show(v) + ` is no length of time: write it like "60s", or "0s" for none`
	}
	return ""
}

func isToken(v string) bool {
	for _, r := range v {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) {
			return false
		}
	}
	return v != ""
}

func checkMethod(v string) string {
	if !isToken(v) {
		return show(v) + ` is no HTTP method: write it like "GET"`
	}
	return ""
}

func checkCallURL(v string) string {
	u, err := url.Parse(v)
	switch {
	case strings.Contains(v, "@") && (err != nil || u.User != nil):
		return "a user name or password has no place in a URL here"
	case err != nil || strings.ContainsFunc(v, isControl) || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || u.Scheme != "" && u.Host == "":
		return showURL(v) + ` is no URL: write it like "https://api.acme.dev/orders", or "/orders" below api_base`
	}
	return ""
}

func checkHeader(name, v string) string {
	switch {
	case !isToken(name):
		return "this is no header's name"
	case strings.EqualFold(name, "Authorization"):
		return "authwalk writes this header itself, with the token: leave it out"
	case strings.ContainsAny(v, "\r\n\x00"):
		return "a header's value has no line ends"
	}
	return ""
}

func checkParam(name, v string) string {
	instead, own := ownParams[name]
	switch {
	case name == "":
		return "a parameter needs a name"
	case own && instead == "":
		return "this parameter is a secret of the moment and has no place in a file"
	case own:
		return "this parameter has a key of its own: write " + instead + " in the profile"
	case SecretName(name) && v != "":
		return "this parameter is named like a secret and would stand here in clear; give it when it is needed, like --param NAME=env:VARIABLE"
	}
	return ""
}

// SecretName tells whether a parameter's or variable's name is one that holds
// secrets: code, token, *_token, password, pass, secret, assertion, otp and the
// like, by themselves or as a part of it: my_pass, userPin.
func SecretName(name string) bool {
	n := strings.ToLower(notName().ReplaceAllString(strings.ToUpper(camel().ReplaceAllString(name, "${1}_${2}")), "_"))
	switch n {
	case "code", "token":
		return true
	case "client_assertion_type":
		return false
	}
	for _, w := range []string{"password", "passwd", "passphrase", "passcode", "secret", "assertion", "apikey", "api_key", "access_key", "private_key", "credential"} {
		if strings.Contains(n, w) {
			return true
		}
	}
	for w := range strings.SplitSeq(n, "_") {
		switch w {
		case "pass", "pwd", "pw", "pin", "otp", "totp", "jwt":
			return true
		}
	}
	return strings.HasSuffix(n, "_token")
}
