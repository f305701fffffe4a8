package report

import (
	"encoding/base64"
	"net/url"
	"strings"

	"authwalk/flows"
	"authwalk/flows/rawjson"
)

// told tells exchanges apart well enough: learning twice does no harm.
type told struct {
	url      string
	at       flows.Moment
	req, res int
}

type progress struct{ exchanges, generations, keep int }

// Know tells of secrets: what was typed (passwords, codes), what came from
// elsewhere. Those under four bytes are masked only where a name tells of them.
func (r *Redactor) Know(secrets ...flows.Secret) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range secrets {
		r.book.add(s.Reveal(), "", false)
	}
}

// Values tells of a form's answers: those whose field is named like a secret.
func (r *Redactor) Values(v flows.Values) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, value := range v {
		if secretName(name) {
			r.book.add(value, snake(name), false)
		}
	}
}

// Config tells of the secrets of a set-up.
func (r *Redactor) Config(cfg flows.Config) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cfg = cfg.Clone()
	add := func(role string, s flows.Secret) { r.book.add(s.Reveal(), role, false) }
	add("password", cfg.Password)
	add("client_secret", cfg.ClientSecret)
	add("private_key", cfg.PrivateKey)
	add("api_secret", cfg.APISecret)
	add("recovery_code", cfg.RecoveryCode)
	add("otp", cfg.OTP)
	add("refresh_token", cfg.RefreshToken)
	add("otp_secret", cfg.OTPSecret)
	for _, s := range otpSpellings(cfg.OTPSecret.Reveal()) {
		r.book.add(s, "otp_secret", false)
	}
	for name, value := range cfg.Params {
		if secretName(name) {
			r.book.add(value, snake(name), false)
		}
	}
	for _, c := range cfg.Calls {
		for name, value := range c.Headers {
			if !harmlessHeader(name) {
				r.learnHeader(name, value)
			}
		}
	}
	if u, err := url.Parse(cfg.Proxy); err == nil && u.User != nil {
		if p, ok := u.User.Password(); ok {
			r.book.add(p, "proxy_password", false)
		}
	}
	r.book.add(cfg.Username, "username", true)
}

// Session tells of everything a session has gathered. Called again it reads
// only what is new.
func (r *Redactor) Session(s *flows.Session) {
	if s == nil {
		return
	}
	r.Config(s.Config)
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.seen[s]
	if p.exchanges > len(s.Exchanges) || p.generations > len(s.Generations) || p.keep > len(s.Keep) {
		p = progress{}
	}
	for _, g := range s.Generations[p.generations:] {
		if g.Tokens != nil {
			r.tokens(g.Tokens)
		}
		r.book.add(g.Refresh.Reveal(), "refresh_token", false)
		if g.Access != nil {
			r.person(g.Access.Claims)
		}
		if g.ID != nil {
			r.person(g.ID.Claims)
		}
	}
	for _, n := range s.Keep[p.keep:] {
		r.note(n)
	}
	if s.Userinfo != nil {
		r.person(*s.Userinfo)
	}
	if s.Asked != nil {
		r.book.add(s.Asked.Username, "username", true)
	}
	for i := p.exchanges; i < len(s.Exchanges); i++ {
		r.learnOnce(&s.Exchanges[i])
	}
	r.seen[s] = progress{len(s.Exchanges), len(s.Generations), len(s.Keep)}
}

// tokens learns from a token reply.
func (r *Redactor) tokens(t *flows.Tokens) {
	r.book.add(t.AccessToken.Reveal(), "access_token", false)
	r.book.add(t.RefreshToken.Reveal(), "refresh_token", false)
	r.book.add(t.IDToken.Reveal(), "id_token", false)
	r.book.add(t.RecoveryCode.Reveal(), "recovery_code", false)
}

// Given reads what a person gave (a HAR, a log) for values that are secret by
// their name, so that they are found where a server repeats them.
func (r *Redactor) Given(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	sc := scanner{r: r, learn: func(role, value string) {
		if len(value) >= 6 {
			r.book.add(value, role, false)
		}
	}}
	_, _ = sc.spans(text)
}

// note learns from what a step shows: an enrolment's secret and codes.
func (r *Redactor) note(n flows.Note) {
	switch n.Kind {
	case flows.NoteSecret:
		for _, s := range append(otpSpellings(n.Text), n.Text) {
			r.book.add(s, "otp_secret", false)
		}
	case flows.NoteQR:
		r.book.add(n.Text, "barcode_uri", false)
		if u, err := url.Parse(n.Text); err == nil {
			for _, s := range append(otpSpellings(u.Query().Get("secret")), u.Query().Get("secret")) {
				r.book.add(s, "otp_secret", false)
			}
		}
	case flows.NoteKeep:
		for _, s := range strings.Fields(n.Text) {
			r.book.add(s, "recovery_code", false)
		}
	}
}

// person learns what tells of a person from claims.
func (r *Redactor) person(claims rawjson.Value) {
	for _, m := range claims.Members() {
		if v := m.Value.Str(); v != "" && personalName(m.Name) {
			r.book.add(v, snake(m.Name), true)
		}
	}
}

// Learn reads exchanges for what is secret in them by its name, so that it is
// found elsewhere too. Exchange and Session do it by themselves. A preview
// teaches nothing: half a password that is being typed is half a word.
func (r *Redactor) Learn(exs ...flows.Exchange) {
	for i := range exs {
		r.mu.RLock()
		known := r.told[tell(&exs[i])]
		r.mu.RUnlock()
		if !known {
			r.mu.Lock()
			r.learnOnce(&exs[i])
			r.mu.Unlock()
		}
	}
}

func tell(ex *flows.Exchange) told {
	return told{ex.URL, ex.Start, len(ex.RequestBody), len(ex.Body)}
}

func (r *Redactor) learnOnce(ex *flows.Exchange) {
	t := tell(ex)
	if r.told[t] {
		return
	}
	if ex.Start == (flows.Moment{}) && ex.Status == 0 {
		return // a preview
	}
	r.told[t] = true
	r.learn(ex)
}

// learn reads an exchange for values that are secret by their name, so that
// they are found elsewhere too. What an API answers teaches only what is long
// enough not to be a word.
func (r *Redactor) learn(ex *flows.Exchange) {
	least := 6
	take := func(role, value string) {
		if len(value) >= least {
			r.book.add(value, role, false)
		}
	}
	from := func(text string, form bool) {
		sc := scanner{r: r, learn: take}
		if form {
			sc.formSpans(text)
		}
		_, _ = sc.spans(text)
	}
	if u, err := url.Parse(ex.URL); err == nil {
		from(u.RawQuery, true)
	}
	from(string(capped(ex.RequestBody)), isForm(ex.RequestHeader.Get("Content-Type")))
	for name, values := range ex.RequestHeader {
		for _, v := range values {
			r.learnHeader(name, v)
		}
	}
	if ex.Purpose == flows.PurposeAPI || ex.Purpose == flows.PurposeUserinfo {
		least = 16
	}
	if ex.Purpose != flows.PurposeJWKS && ex.Purpose != flows.PurposeDiscovery {
		from(string(capped(ex.Body)), false)
	}
	for _, v := range ex.Header["Set-Cookie"] {
		r.learnHeader("Set-Cookie", v)
	}
	for _, name := range []string{"Location", "Refresh"} {
		if u, err := url.Parse(ex.Header.Get(name)); err == nil {
			from(u.RawQuery, true)
			from(u.Fragment, true)
		}
	}
}

func (r *Redactor) learnHeader(name, v string) {
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization":
		scheme, rest, _ := strings.Cut(v, " ")
		rest = strings.TrimSpace(rest)
		switch {
		case strings.EqualFold(scheme, "basic"):
			plain, err := base64.StdEncoding.DecodeString(rest)
			if _, secret, ok := strings.Cut(string(plain), ":"); err == nil && ok {
				r.book.add(secret, "client_secret", false)
				r.book.add(unquery(secret), "client_secret", false)
			}
			r.book.add(rest, "basic_credentials", false)
		case len(rest) >= 8:
			r.book.add(rest, "access_token", false)
		}
	case "cookie", "set-cookie":
		for i, part := range strings.Split(v, ";") {
			_, value, ok := strings.Cut(part, "=")
			if value = strings.Trim(value, ` "`); ok && len(value) >= 8 && (i == 0 || strings.EqualFold(name, "cookie")) {
				r.book.add(value, "cookie", false)
			}
		}
	default:
		if s := snake(name); len(v) >= 8 && (secretName(s) || strings.HasSuffix(s, "_key")) || len(v) >= 20 && mixed(v) && !harmlessHeader(name) {
			r.book.add(v, s, false)
		}
	}
}
