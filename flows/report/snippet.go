package report

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"authwalk/flows"
)

// variable is a secret of a copied request: its value comes from the
// environment of whoever runs it.
type variable struct {
	name, about string
	value       string
}

// piece is a part of a text: as it stands, or a variable's value.
type piece struct {
	lit string
	v   *variable
}

// recipe is a request taken apart into what may be written down and what must
// come from variables. The languages write it, each in its way.
type recipe struct {
	method  string
	url     []piece
	headers []recipeHeader
	basic   *recipeBasic
	form    []recipeField // the body, if it is a form that can be written so
	body    []piece       // the body otherwise
	size    int
	vars    []*variable
	caFile  string // and the rest of what TLS needs; empty: nothing special
	cert    string
	key     string
	proxy   []piece
}

type recipeHeader struct {
	name  string
	value []piece
}

// recipeBasic is HTTP Basic with a client's id and secret. encoded tells that
// the secret is form-encoded before (RFC 6749 section 2.3.1).
type recipeBasic struct {
	user    string
	secret  *variable
	encoded bool
}

type recipeField struct {
	name  string
	value []piece
}

// dropped are headers that every HTTP client makes by itself.
var dropped = setOf(`host content_length connection accept_encoding transfer_encoding user_agent te trailer`)

// roles say what a variable holds.
var roles = map[string]string{
	"password": "the user's password", "client_secret": "the application's client secret", "access_token": "the access token",
	"refresh_token": "the refresh token", "id_token": "the ID token", "mfa_token": "the mfa_token of the refusal; good for ten minutes",
	"oob_code": "the oob_code of the challenge", "otp": "the code of the authenticator app", "binding_code": "the code that was sent",
	"recovery_code": "a recovery code", "client_assertion": "a signed assertion: single use, good for a minute, made anew for each request",
	"username": "the user's name", "cookie": "the cookie's value", "basic_credentials": "user and password as base64",
	"proxy_password": "the proxy's password", "token": "the token",
}

type cook struct {
	r    *Redactor
	vars []*variable
}

// recipe takes an exchange's request apart. The redactor is locked by it.
func (r *Redactor) recipe(ex flows.Exchange) recipe {
	r.Learn(ex)
	r.mu.RLock()
	defer r.mu.RUnlock()
	c := &cook{r: r}
	out := recipe{method: ex.Method, size: len(ex.RequestBody)}
	if out.method == "" {
		out.method = http.MethodGet
	}
	spans, ok := r.urlSpans(ex.URL, nil)
	out.url = c.pieces(ex.URL, spans, ok, "url")
	for _, name := range slices.Sorted(maps.Keys(ex.RequestHeader)) {
		if strings.HasPrefix(name, ":") || dropped().has(strings.ReplaceAll(strings.ToLower(name), "-", "_")) || r.text(name) != name {
			continue
		}
		for _, v := range ex.RequestHeader[name] {
			if strings.EqualFold(name, "Authorization") && out.basic == nil {
				if out.basic = c.basic(v); out.basic != nil {
					continue
				}
			}
			spans, ok := r.headerSpans(name, v)
			out.headers = append(out.headers, recipeHeader{name, c.pieces(v, spans, ok, snake(name))})
		}
	}
	body := string(ex.RequestBody)
	if isForm(ex.RequestHeader.Get("Content-Type")) {
		out.form = c.form(body)
	}
	if out.form == nil && body != "" {
		spans, ok := r.bodySpans(ex.RequestHeader, body, false)
		out.body = c.pieces(body, spans, ok, "body")
	}
	if strings.HasPrefix(ex.URL, "https://") {
		out.caFile, out.cert, out.key = r.cfg.CAFile, r.cfg.ClientCert, r.cfg.ClientKey
	}
	if p := r.cfg.Proxy; p != "" {
		spans, ok := r.urlSpans(p, nil)
		out.proxy = c.pieces(p, spans, ok, "proxy")
	}
	out.vars = c.vars
	return out
}

// variable finds or makes the variable of a value.
func (c *cook) variable(role, value, about string) *variable {
	for _, v := range c.vars {
		if v.value == value {
			return v
		}
	}
	if role == "" || role == "authorization" {
		role = "secret"
	}
	if about == "" {
		if about = roles[role]; about == "" {
			about = "the value of " + role
		}
	}
	name := "AUTHWALK_" + strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, role))
	base := name
	for n := 2; slices.ContainsFunc(c.vars, func(v *variable) bool { return v.name == name }); n++ {
		name = base + "_" + strconv.Itoa(n)
	}
	v := &variable{name: name, about: about, value: value}
	c.vars = append(c.vars, v)
	return v
}

// pieces puts variables in the place of spans. Where the value cannot be told
// from how it was written, the variable holds what was written.
func (c *cook) pieces(text string, spans []span, ok bool, what string) []piece {
	if !ok {
		return []piece{{v: c.variable(what, text, "the "+what+" as it was sent")}}
	}
	var out []piece
	at := 0
	lit := func(s string) {
		if s != "" {
			out = append(out, piece{lit: s})
		}
	}
	for _, x := range spans {
		lit(text[at:x.from])
		raw := text[x.from:x.to]
		role, about := x.role, ""
		if role == "" {
			role = c.r.roleOf(x.value)
		}
		if raw != x.value {
			about = roles[role]
			if about == "" {
				about = "the value"
			}
			about += ", written as in the request (" + what + "): escapes and all"
		}
		out = append(out, piece{v: c.variable(role, raw, about)})
		at = x.to
	}
	lit(text[at:])
	return out
}

func (r *Redactor) roleOf(value string) string {
	if i, ok := r.book.have[value]; ok {
		return r.book.knowns[i].role
	}
	return ""
}

// form writes a form body field by field; nil when it cannot be written so
// without changing what is sent.
func (c *cook) form(body string) []recipeField {
	if body == "" {
		return nil
	}
	var out []recipeField
	for _, pair := range strings.Split(body, "&") {
		rawName, rawValue, ok := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		value, err2 := url.QueryUnescape(rawValue)
		if !ok || err != nil || err2 != nil || name == "" || strings.Contains(name+value, "\x00") || c.r.text(name) != name {
			return nil
		}
		f := recipeField{name: name}
		switch {
		case value == "":
		case secretName(name) && !errorWord(name, value) || c.r.opt.Presentation && personalName(name):
			f.value = []piece{{v: c.variable(snake(name), value, "")}}
		default:
			sc := scanner{r: c.r}
			spans, ok := sc.spans(value)
			f.value = c.pieces(value, spans, ok, snake(name))
		}
		out = append(out, f)
	}
	return out
}

func (c *cook) basic(header string) *recipeBasic {
	scheme, rest, _ := strings.Cut(header, " ")
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	user, secret, ok := strings.Cut(string(plain), ":")
	if !strings.EqualFold(scheme, "basic") || err != nil || !ok || !printable(user) || strings.ContainsAny(user, "\r\n") || c.r.text(user) != user {
		return nil
	}
	b := &recipeBasic{user: user}
	if secret == "" {
		return b
	}
	decoded := unquery(secret)
	role := c.r.roleOf(decoded)
	if role == "" {
		role = "client_secret"
	}
	if b.encoded = decoded != secret && url.QueryEscape(decoded) == secret; !b.encoded {
		decoded = secret
	}
	b.secret = c.variable(role, decoded, "")
	return b
}

// printable tells text that one can copy: UTF-8 without control characters
// (line ends and tabs are fine) and without characters that turn or hide text.
func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if c != '\n' && c != '\t' && (unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)) {
			return false
		}
	}
	return true
}

func literal(p []piece) (string, bool) {
	var b strings.Builder
	for _, x := range p {
		if x.v != nil {
			return "", false
		}
		b.WriteString(x.lit)
	}
	return b.String(), true
}
