package profiles

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"authwalk/flows"
)

// Pasted is what was found in a pasted text. Nothing of it is used before the
// person has seen Host: that is where credentials would go.
type Pasted struct {
	Kind string // curl, env or json
	Host string // the host that credentials would go to; empty: none was found
	// Profile is filled with what was found, under a suggested name, and can be
	// put into a file as it is: no secret is in it.
	Profile Profile
	// Secrets is what must not stand in a file in clear, by the profile's key
	// (client_secret, password, otp_secret) or by otp and refresh_token, which
	// are of the moment.
	Secrets map[string]flows.Secret
	// Notes says what was left out and why, in sentences without secrets.
	Notes []string
}

// pasteLimit is how long a pasted text may be, in bytes.
const pasteLimit = 256 << 10

// FromPaste fills a profile from what people have at hand: a curl line of a
// token request, as Auth0's documentation gives it or a browser copies it, with
// the line ends of sh, cmd and PowerShell; the .env block of a quickstart; or
// the auth_config.json of one. It runs nothing, reads no file that is named in
// the text and sends nothing. The error is a *flows.UsageError.
func FromPaste(text string) (Pasted, error) {
	if len(text) > pasteLimit {
		return Pasted{}, usagef("paste", "what was pasted is longer than %d KiB: paste the curl line or the .env block alone", pasteLimit>>10)
	}
	text = strings.TrimPrefix(strings.ToValidUTF8(text, "\ufffd"), "\ufeff")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = strings.NewReplacer("\u00a0", " ", "\u201c", `"`, "\u201d", `"`, "\u2018", "'", "\u2019", "'").Replace(text) // what word processors do
	in := &paster{Pasted: Pasted{Secrets: map[string]flows.Secret{}}}
	switch {
	case strings.TrimSpace(text) == "":
		return Pasted{}, usagef("paste", "nothing was pasted: paste a curl line or a .env block")
	case curlLine().MatchString(text):
		in.Kind = "curl"
		if err := in.curl(text[curlLine().FindStringSubmatchIndex(text)[2]:]); err != nil {
			return Pasted{}, err
		}
	case strings.HasPrefix(strings.TrimSpace(text), "{"):
		in.Kind = "json"
		var m map[string]any
		if json.Unmarshal([]byte(text), &m) != nil {
			return Pasted{}, usagef("paste", "what was pasted begins like JSON and is none: paste it whole")
		}
		in.object(m, 0)
	default:
		in.Kind = "env"
		in.env(text)
	}
	if in.found == 0 {
		return Pasted{}, usagef("paste", "nothing in what was pasted is known: a curl line with a token request is expected, or a .env block with names like AUTH0_DOMAIN and AUTH0_CLIENT_ID")
	}
	in.finish()
	return in.Pasted, nil
}

// curlLine is the program at the beginning of a line, behind a prompt or in
// $(…), but not in a comment.
var curlLine = lazy("(?m)^(?:[^#\\n]*[\\s$>;&|(%])?((?:[^\\s\"'=]*[/\\\\])?curl(?:\\.exe)?[\"']?[ \\t^`\\\\])")

// paster collects what a text says.
type paster struct {
	Pasted
	found int
}

func (in *paster) note(format string, a ...any) {
	if s := fmt.Sprintf(format, a...); len(in.Notes) < 20 && !slices.Contains(in.Notes, s) {
		in.Notes = append(in.Notes, s)
	}
}

// variable is a value that only stands for another: a shell variable becomes a
// reference where a secret belongs.
var variable = lazy(`^(?:\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?|%([A-Za-z_][A-Za-z0-9_]*)%|\$env:([A-Za-z_][A-Za-z0-9_]*))$`)

// placeholder is what documentation writes where one's own value belongs.
var placeholder = lazy(`(?i)^[<\[{]+[^{}<>\[\]]*[>\]}]+$|\byour[_-]|\{+your|%7Byour|(?-i:\bYOUR)|\byour(?:client|domain|api|audience|tenant|secret|user)|^x{3,}$|^\.{3}$|^…$|^changeme$`)

// usable tells whether a value is one, and says so if not.
func (in *paster) usable(name, v string) bool {
	switch {
	case v == "":
		return false
	case !utf8.ValidString(v): // percent-encoded bytes may spell anything
		in.note("%s spells bytes that are no text: it was left out", name)
		return false
	case placeholder().MatchString(v):
		in.note("%s holds the documentation's placeholder, not a value: fill it in", name)
		return false
	case variable().MatchString(v):
		in.note("%s stands for a variable of the shell: fill it in", name)
		return false
	}
	return true
}

// text sets a key that is no secret.
func (in *paster) text(key string, to *string, v string) {
	v = strings.TrimSpace(v)
	in.found++
	if !in.usable(key, v) {
		return
	}
	if *to != "" && *to != v {
		in.note("%s is there twice: the last one was taken", key)
	}
	*to = v
}

// secret keeps what must not stand in a file, or makes a reference of a variable.
func (in *paster) secret(key string, to *Ref, v string) {
	in.found++
	if m := variable().FindStringSubmatch(v); m != nil && to != nil {
		*to = Ref{KindEnv, m[1] + m[2] + m[3]}
		return
	}
	if in.usable(key, v) {
		in.Secrets[key] = flows.Secret(v)
	}
}

// paramName is what a parameter's name looks like; what does not may be a part
// of anything.
var paramName = lazy(`^[A-Za-z][A-Za-z0-9_.:-]{0,63}$`)

// field takes one parameter of a token request.
func (in *paster) field(name, v string) {
	p := &in.Profile
	switch name {
	case "grant_type":
		in.found++
		switch v {
		case "password":
			p.Flow = "password"
		case flows.GrantPasswordRealm:
			p.Flow = "password"
		case "refresh_token":
			in.note("this is a refresh request: the profile serves it too, for authwalk refresh")
		default:
			if in.usable(name, v) {
				in.note("the grant %s is not the password grant: the profile is for the latter", show(v))
			}
		}
	case "client_id":
		in.text(name, &p.ClientID, v)
	case "client_secret":
		in.secret(name, &p.ClientSecret, v)
		if p.ClientAuth == "" {
			p.ClientAuth = flows.AuthPost
		}
	case "username":
		in.text(name, &p.Username, v)
	case "password":
		in.secret(name, &p.Password, v)
	case "audience":
		in.text(name, &p.Audience, v)
	case "realm":
		in.text(name, &p.Realm, v)
	case "scope":
		in.scopes(v)
	case "otp":
		in.secret(name, nil, v)
	case "refresh_token":
		in.secret(name, nil, v)
	case "client_assertion", "client_assertion_type":
		in.found++
		p.ClientAuth = flows.AuthPrivateKeyJWT
		in.note("the client authenticates by a signed assertion: name its key by private_key, like file:~/key.pem")
	default:
		if !paramName().MatchString(name) || !in.usable(name, v) {
			return
		}
		if SecretName(name) {
			in.note("the parameter %s was left out: it is named like a secret, which a profile does not hold; give it when it is needed, like --param NAME=env:VARIABLE", show(name))
			return
		}
		if msg := checkParam(name, v); msg != "" || name == "redirect_uri" || name == "code_verifier" || name == "code_challenge" {
			in.note("the parameter %s was left out", show(name))
			return
		}
		if p.Params == nil {
			p.Params = map[string]string{}
		}
		p.Params[name] = v
	}
}

func (in *paster) scopes(v string) {
	in.found++
	if !in.usable("scope", v) {
		return
	}
	if in.Kind != "curl" { // settings of frameworks part them by commas
		v = strings.ReplaceAll(v, ",", " ")
	}
	for _, s := range strings.Fields(v) {
		if checkScope(nil, s) != "" || placeholder().MatchString(s) {
			in.note("a scope was left out: it is no scope, or a placeholder")
			continue
		}
		if !slices.Contains(in.Profile.Scopes, s) {
			in.Profile.Scopes = append(in.Profile.Scopes, s)
		}
	}
}

// where takes a tenant's host or URL.
func (in *paster) where(key, v string) {
	in.found++
	v = strings.TrimSpace(v)
	if !in.usable(key, v) {
		return
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" {
		u, err = url.Parse("https://" + v)
	}
	if err != nil || u.Host == "" || !utf8.ValidString(u.Host) {
		in.note("%s is no host and no URL: it was left out", key)
		return
	}
	if placeholder().MatchString(u.Hostname()) || strings.ContainsAny(u.Host, "{}<>$") {
		in.note("%s holds the documentation's placeholder, not a value: fill it in", key)
		return
	}
	if u.User != nil {
		if id := u.User.Username(); id != "" {
			in.basic(id, u.User)
		}
		u.User = nil
	}
	query := u.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, v := range query[name] {
			in.field(name, v)
		}
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	p := &in.Profile
	set := func(domain, issuer, token string) {
		if was, is := (Profile{Domain: p.Domain, Issuer: p.Issuer, TokenURL: p.TokenURL}).Host(), u.Host; was != "" && was != is {
			in.note("there are two hosts, %s and %s: the last one was taken", was, is)
		}
		p.Domain, p.Issuer, p.TokenURL = domain, issuer, token
	}
	host := u.Host
	if u.Scheme == "http" {
		host = "http://" + host
	}
	switch path {
	case "", "/oauth/token", "/oauth/revoke", "/authorize", "/userinfo", "/.well-known/openid-configuration", "/.well-known/jwks.json", "/mfa/challenge", "/dbconnections/signup":
		set(host, "", "")
		if msg := checkDomain(p, host); msg != "" {
			set("", "", "")
			in.note("the host was left out: %s", msg)
		}
	default:
		at := u.Scheme + "://" + u.Host + u.EscapedPath()
		if issuer, ok := strings.CutSuffix(at, "/.well-known/openid-configuration"); ok {
			set("", issuer, "")
		} else if key == "issuer" || key == "domain" {
			set("", at, "")
		} else {
			set("", "", at)
			in.note("the token URL is none of Auth0's: name jwks_url too, so that signatures can be checked, or use issuer instead")
		}
	}
}

// basic takes a client's credentials from HTTP Basic.
func (in *paster) basic(id string, user *url.Userinfo) {
	in.text("client_id", &in.Profile.ClientID, id)
	if secret, ok := user.Password(); ok {
		in.secret("client_secret", &in.Profile.ClientSecret, secret)
		in.Profile.ClientAuth = flows.AuthBasic
	}
}

// formDecoded undoes the form encoding that RFC 6749 section 2.3.1 asks for in
// HTTP Basic, where there is one.
func formDecoded(s string) string {
	if d, err := url.QueryUnescape(s); err == nil && strings.Contains(s, "%") {
		return d
	}
	return s
}

func (in *paster) header(line string) {
	name, v, ok := strings.Cut(line, ":")
	v = strings.TrimSpace(v)
	if !ok {
		return
	}
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "authorization":
		kind, cred, _ := strings.Cut(v, " ")
		if !strings.EqualFold(kind, "basic") {
			in.note("the header Authorization was left out: authwalk writes it itself")
			return
		}
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(cred))
		id, secret, ok := strings.Cut(string(b), ":")
		if err != nil || !ok || !utf8.Valid(b) {
			in.note("the header Authorization is no HTTP Basic that can be read: it was left out")
			return
		}
		in.basic(formDecoded(id), url.UserPassword(formDecoded(id), formDecoded(secret)))
	case "auth0-forwarded-for":
		in.text("forwarded_for", &in.Profile.ForwardedFor, v)
	case "host":
		in.note("the header Host was left out: authwalk asks the host that the URL names, by that name")
	}
}

// body takes what a request carries: a form, or a JSON object.
func (in *paster) body(data string) {
	if t := strings.TrimSpace(data); strings.HasPrefix(t, "{") {
		var m map[string]any
		if json.Unmarshal([]byte(t), &m) != nil {
			in.note("the body begins like JSON and is none: it was left out")
			return
		}
		for _, k := range slices.Sorted(maps.Keys(m)) {
			switch v := m[k].(type) {
			case string:
				in.field(k, v)
			case bool, float64:
				in.field(k, fmt.Sprint(v))
			}
		}
		return
	}
	for _, pair := range strings.Split(data, "&") {
		name, v, ok := strings.Cut(pair, "=")
		if !ok {
			continue
		}
		in.field(unescaped(strings.TrimSpace(name)), unescaped(v))
	}
}

// unescaped undoes form encoding, where it is one: documentation often writes
// values as they are.
func unescaped(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

// finish takes out what a profile cannot hold, and names host and profile.
func (in *paster) finish() {
	p := &in.Profile
	drop := func(key, why string) { in.note("%s was left out: %s", key, why) }
	for _, k := range slices.Concat(profileKeys, tlsKeys) {
		if k.text != nil && *k.text(p) != "" {
			if msg := k.check(p, *k.text(p)); msg != "" {
				*k.text(p) = ""
				drop(k.name, msg)
			}
		}
		if k.ref != nil {
			if _, msg := parseRef(k.ref(p).String(), ""); msg != "" {
				*k.ref(p) = Ref{}
				drop(k.name, msg)
			}
		}
	}
	for name, v := range p.Params {
		if checkParam(name, v) != "" {
			delete(p.Params, name)
		}
	}
	if p.Flow == "" {
		p.Flow = "password"
	}
	in.Host = p.Host()
	p.Name = SuggestName(in.Host)
	if in.Host == "" {
		in.note("no host was found: name the tenant's domain")
	}
}
