package report

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"authwalk/flows"
	"authwalk/flows/rawjson"
)

// Options say how much a Redactor shows.
type Options struct {
	// WithClaims leaves header and claims of a JWT readable, never its
	// signature. What is secret inside them stays masked.
	WithClaims bool
	// Presentation hides names, e-mail addresses and the like too.
	Presentation bool
	// NoTags leaves out the short tags by which equal secrets are recognised.
	NoTags bool
	// Key makes the tags; nil: a random one of this process, so that nobody can
	// try guesses on a tag. A fixed one is for pictures that must come out
	// equal, of secrets that are none.
	Key []byte
	// Reveal masks nothing: for a person's own screen. Reports ignore it.
	Reveal bool
}

// processKey makes the tags of every Redactor of this process.
var processKey = sync.OnceValue(func() []byte {
	k := make([]byte, 32)
	_, _ = rand.Read(k) // never fails (crypto/rand)
	return k
})

// hiddenName stands for a name or an address in presentation.
const hiddenName = flows.Mask

// tooDeep stands for a text that is encoded too often to be searched.
const tooDeep = flows.Mask + " (hidden whole: it is encoded too deeply to be searched for secrets)"

// Redactor masks what must not leave. The zero value is not usable; make one
// with NewRedactor, tell it what is secret, and keep it as long as the session:
// it learns. It is safe for concurrent use.
type Redactor struct {
	opt Options
	*memory
}

// memory is what a Redactor knows. Those that As gives have it in common.
type memory struct {
	mu   sync.RWMutex
	book *book
	cfg  flows.Config                // of the last set-up: files that a copied request needs
	seen map[*flows.Session]progress // how far each session was read
	told map[told]bool               // exchanges that were learnt from
}

// told tells exchanges apart well enough: learning twice does no harm.
type told struct {
	url      string
	at       flows.Moment
	req, res int
}

type progress struct{ exchanges, generations, keep int }

// NewRedactor makes a Redactor that knows no secrets yet: names, headers and
// shapes are masked all the same.
func NewRedactor(opt Options) *Redactor {
	if opt.Key == nil {
		opt.Key = processKey()
	}
	return &Redactor{opt, &memory{book: newBook(), seen: map[*flows.Session]progress{}, told: map[told]bool{}}}
}

// As is r with other options: what one learns the other knows.
func (r *Redactor) As(opt Options) *Redactor {
	if opt.Key == nil {
		opt.Key = processKey()
	}
	return &Redactor{opt, r.memory}
}

// Learnt counts what r has learnt. As long as it is the same, the same text is
// masked in the same way.
func (r *Redactor) Learnt() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.book.learnt
}

// With is a Redactor with other options that knows what r knows now, and learns
// by itself.
func (r *Redactor) With(opt Options) *Redactor {
	n := NewRedactor(opt)
	r.mu.RLock()
	defer r.mu.RUnlock()
	n.cfg = r.cfg
	n.book = r.book.clone()
	n.told, n.seen = maps.Clone(r.told), maps.Clone(r.seen)
	return n
}

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

// Text masks what is secret in any text from outside: an error, a claim, a line
// of a log.
func (r *Redactor) Text(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.text(s)
}

func (r *Redactor) text(s string) string {
	if r.opt.Reveal {
		return s
	}
	sc := scanner{r: r}
	spans, ok := sc.spans(s)
	if !ok {
		return tooDeep
	}
	return replace(s, spans)
}

func replace(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}
	var b strings.Builder
	at := 0
	for _, x := range spans {
		b.WriteString(s[at:x.from])
		b.WriteString(x.repl)
		at = x.to
	}
	b.WriteString(s[at:])
	return b.String()
}

// URL masks what is secret in a URL.
func (r *Redactor) URL(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.url(s)
}

func (r *Redactor) url(s string) string {
	if r.opt.Reveal {
		return s
	}
	spans, ok := r.urlSpans(s, nil)
	if !ok {
		return tooDeep
	}
	return replace(s, spans)
}

// urlSpans adds to what is found in any text what the names in query and
// fragment tell. hide, if not nil, tells which parameters to hide beyond that.
func (r *Redactor) urlSpans(s string, hide func(name string) bool) ([]span, bool) {
	sc := scanner{r: r}
	out, ok := sc.spans(s)
	if !ok {
		return nil, false
	}
	for _, mark := range []string{"?", "#"} {
		at := strings.Index(s, mark)
		if at < 0 {
			continue
		}
		part := s[at+1:]
		if mark == "?" {
			part, _, _ = strings.Cut(part, "#")
		}
		for _, x := range sc.formSpans(part) {
			x.from, x.to = x.from+at+1, x.to+at+1
			out = append(out, x)
		}
		if hide == nil {
			continue
		}
		from := at + 1
		for _, pair := range strings.Split(part, "&") {
			name, value, eq := strings.Cut(pair, "=")
			start := from + len(name) + 1
			if !eq {
				name, value, start = "", pair, from
			}
			if value != "" && hide(unquery(name)) {
				out = append(out, span{from: start, to: start + len(value), value: unquery(value), role: snake(unquery(name)), rank: byName, depth: layers})
			}
			from += len(pair) + 1
		}
	}
	return sc.settle(s, out)
}

// Header masks the values of one header. Those of harmless headers are searched
// for secrets; of the others only what says nothing stays: the scheme of an
// Authorization header, the names of cookies.
func (r *Redactor) Header(name string, values []string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.header(name, values)
}

func (r *Redactor) header(name string, values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v
		if !r.opt.Reveal {
			spans, ok := r.headerSpans(name, v)
			if out[i] = replace(v, spans); !ok {
				out[i] = tooDeep
			}
		}
	}
	return out
}

func (r *Redactor) headerSpans(name, v string) ([]span, bool) {
	all := func(from, to int, role string) []span {
		if from >= to {
			return nil
		}
		value := strings.TrimSpace(v[from:to])
		return []span{{from: from, to: to, repl: r.hide(value, layers), value: value, role: role, rank: byName}}
	}
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization":
		scheme, rest, ok := strings.Cut(v, " ")
		if !ok || strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(scheme) > 20 {
			return all(0, len(v), ""), true
		}
		from := len(v) - len(strings.TrimLeft(rest, " "))
		role := ""
		if strings.EqualFold(scheme, "bearer") {
			role = "access_token"
		}
		for _, k := range r.book.knowns {
			if k.value == v[from:] && k.role != "" {
				role = k.role
			}
		}
		return all(from, len(v), role), true
	case "cookie", "set-cookie":
		return r.cookieSpans(name, v), true
	case "location", "content-location", "referer", ":path", "link":
		return r.urlSpans(v, func(n string) bool { return !plainInLocation().has(n) && !strings.EqualFold(name, ":path") })
	}
	if !harmlessHeader(name) {
		return all(0, len(v), snake(name)), true
	}
	sc := scanner{r: r}
	return sc.spans(v)
}

// cookieSpans hides the values of cookies and leaves names and attributes.
func (r *Redactor) cookieSpans(name, v string) []span {
	var out []span
	at := 0
	for i, part := range strings.Split(v, ";") {
		n, value, ok := strings.Cut(part, "=")
		if i == 0 || strings.EqualFold(name, "cookie") {
			from := at + len(n) + 1
			if !ok { // a cookie without a name
				from, value = at, part
			}
			lead := len(value) - len(strings.TrimLeft(value, ` "`))
			if bare := strings.Trim(value, ` "`); bare != "" {
				from += lead
				out = append(out, span{from: from, to: from + len(bare), value: bare, role: "cookie", rank: byName, how: whole})
			}
		}
		at += len(part) + 1
	}
	// A cookie's name can be chosen by the server too.
	sc := scanner{r: r}
	more, ok := sc.spans(v)
	if !ok {
		return []span{{from: 0, to: len(v), repl: tooDeep}}
	}
	out, _ = sc.settle(v, append(out, more...))
	return out
}

// Headers masks all headers of a message, without its body.
func (r *Redactor) Headers(h http.Header) MaskedMessage {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.message(h, "")
}

// Value masks what is secret in JSON: claims, a reply. The shape stays.
func (r *Redactor) Value(v rawjson.Value) rawjson.Value {
	if v.IsZero() || r.opt.Reveal {
		return v
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	text := v.JSON()
	sc := scanner{r: r, budget: workPerByte*len(text) + workAtLeast}
	var b strings.Builder
	sc.walk(&b, v, "", layers)
	out, _, _ := rawjson.Parse([]byte(b.String())) // walk writes JSON
	return out
}

// walk writes a value as JSON without its secrets. name is the member that it
// is in, if that is secret.
func (s *scanner) walk(b *strings.Builder, v rawjson.Value, name string, depth int) {
	leaf := func(text string) string {
		switch {
		case name == "" || errorWord(name, text):
			spans, ok := s.settle(text, s.scan(text, depth))
			if !ok {
				return tooDeep
			}
			return replace(text, spans)
		case secretName(name):
			return s.hide(text, depth)
		}
		return hiddenName
	}
	switch v.Kind() {
	case rawjson.String:
		rawjson.Quote(b, leaf(v.Str()))
	case rawjson.Number:
		if name != "" && countName(name) {
			b.WriteString(v.Number())
		} else if masked := leaf(v.Number()); masked != v.Number() {
			rawjson.Quote(b, masked)
		} else {
			b.WriteString(masked)
		}
	case rawjson.Array:
		b.WriteByte('[')
		for i, item := range v.Items() {
			if i > 0 {
				b.WriteByte(',')
			}
			s.walk(b, item, name, depth)
		}
		b.WriteByte(']')
	case rawjson.Object:
		b.WriteByte('{')
		for i, m := range v.Members() {
			if i > 0 {
				b.WriteByte(',')
			}
			inner := name
			if inner == "" && (secretName(m.Name) || s.r.opt.Presentation && personalName(m.Name) || privateOfJWK().has(m.Name) && v.Has("kty")) {
				inner = m.Name
				if privateOfJWK().has(inner) {
					inner = "private_key"
				}
			}
			rawjson.Quote(b, s.name(m.Name, depth))
			b.WriteByte(':')
			s.walk(b, m.Value, inner, depth)
		}
		b.WriteByte('}')
	default:
		b.WriteString(v.JSON())
	}
}

// name masks what is secret in the name of a member: a server chooses it too.
func (s *scanner) name(text string, depth int) string {
	spans, ok := s.settle(text, s.scan(text, depth))
	if !ok {
		return tooDeep
	}
	return replace(text, spans)
}

// Mask is what stands for a secret value: the mask, with its tag. An empty one
// stays empty.
func (r *Redactor) Mask(s flows.Secret) string {
	if r.opt.Reveal {
		return s.Reveal()
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.hide(s.Reveal(), layers)
}

// hidden masks a value whole.
func (r *Redactor) hidden(value string) string {
	if value == "" {
		return ""
	}
	if r.opt.NoTags {
		return flows.Mask
	}
	return flows.Mask + "·" + r.tag(value)
}

// tagLetters has no letters that are mistaken for digits.
var tagLetters = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

// tag is short and keyed: equal values have equal tags, and nobody without the
// key can try a guess on it.
func (r *Redactor) tag(value string) string {
	m := hmac.New(sha256.New, r.opt.Key)
	m.Write([]byte(value))
	return tagLetters.EncodeToString(m.Sum(nil))[:4]
}

// hide masks a value: whole, or a JWT but for header and claims if asked.
func (r *Redactor) hide(value string, depth int) string {
	s := scanner{r: r, budget: workPerByte*len(value) + workAtLeast}
	return s.hide(value, depth)
}

func (s *scanner) hide(value string, depth int) string {
	if s.r.opt.WithClaims && depth > 0 {
		if text, ok := s.claims(value, depth); ok {
			return text
		}
	}
	return s.r.hidden(value)
}

// claims masks the signature of a JWT, and of a JWE all but its header. Secrets
// inside the parts that stay are masked too.
func (s *scanner) claims(value string, depth int) (string, bool) {
	parts := strings.Split(value, ".")
	if len(parts) != 3 && len(parts) != 5 {
		return "", false
	}
	header, ok := s.part(parts[0], depth)
	if !ok {
		return "", false
	}
	if len(parts) == 5 {
		return header + "." + s.r.hidden(value), true
	}
	payload, ok := s.part(parts[1], depth)
	if !ok {
		return "", false
	}
	return header + "." + payload + "." + s.r.hidden(value), true
}

// part gives a part of a JWT that is a JSON object, without secrets.
func (s *scanner) part(part string, depth int) (string, bool) {
	plain, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return "", false
	}
	v, problems, err := rawjson.Parse(plain)
	if err != nil || !v.IsObject() {
		return "", false
	}
	var b strings.Builder
	if s.walk(&b, v, "", depth-1); s.budget < 0 {
		return "", false
	}
	if b.String() == v.JSON() && len(problems) == 0 {
		return part, true
	}
	return base64.RawURLEncoding.EncodeToString([]byte(b.String())), true
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

func isForm(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(t), "application/x-www-form-urlencoded")
}
