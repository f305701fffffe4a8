package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/rawjson"
	"authwalk/flows/token"
)

// Input is what a report is made of. Write only reads it, and it must not change
// meanwhile: see Snapshot.
type Input struct {
	Session *flows.Session // nil: nothing but Check and Calls
	Title   string         // empty: made from the profile
	Version string         // of authwalk
	Now     time.Time      // zero: the present
	Zone    *time.Location // of the times to read; nil: UTC
	// Check are the lines of a set-up check.
	Check []flows.CheckLine
	// Calls are answers of API calls, with what they mean. Their exchanges
	// are the session's too.
	Calls []Answer
	// WithClaims shows all claims, and leaves header and claims of masked JWTs
	// readable; else only those claims are shown that the protocol needs.
	WithClaims bool
	// Presentation hides names and e-mail addresses.
	Presentation bool
	// Redactor is the session's own, which knows what was typed; nil: one is
	// made from the session.
	Redactor *Redactor
}

// Answer is the answer of an API call and what it means.
type Answer struct {
	Exchange flows.Exchange
	Class    diagnosis.Class
	Findings []diagnosis.Finding
}

// Snapshot copies a session for a report that is written while the session
// goes on.
func Snapshot(s *flows.Session) *flows.Session {
	if s == nil {
		return nil
	}
	c := *s
	c.Config = s.Config.Clone()
	c.Exchanges = slices.Clone(s.Exchanges)
	c.Findings = slices.Clone(s.Findings)
	c.Factors = slices.Clone(s.Factors)
	c.Keep = slices.Clone(s.Keep)
	c.Generations = make([]*flows.Generation, len(s.Generations))
	for i, g := range s.Generations {
		copied := *g
		c.Generations[i] = &copied
	}
	return &c
}

// doc is a report with nothing secret in it: the writers see only this.
type doc struct {
	Title, Version string
	Now            time.Time
	zone           *time.Location
	WithClaims     bool
	Presentation   bool

	OK       bool   // nothing was refused, and nothing failed
	State    string // good, warn, bad, none
	Headline string // one sentence: what came of it
	Profile  string
	Flow     string
	Issuer   string
	Setup    []item
	Asked    []item
	Err      *errorDoc
	Findings []diagnosis.Finding
	Factors  []flows.Factor
	Tokens   []item
	Access   *tokenDoc
	ID       *tokenDoc
	Checks   []token.Check
	Ledger   []token.ScopeRow
	Summary  string // of the ledger
	Odd      []string
	Chain    []generationDoc
	Lines    []flows.CheckLine
	Calls    []callDoc
	Wire     []Masked
}

// item is a name and what it is, in order. Code tells that the value is one of
// the wire's, not a sentence.
type item struct {
	Name, Value string
	Code        bool
	number      bool // Value is a JSON number
}

type errorDoc struct {
	Class       string `json:"class,omitempty"`
	Status      int    `json:"status,omitempty"`
	Code        string `json:"error,omitempty"`
	Description string `json:"error_description,omitempty"`
	Message     string `json:"-"`
}

type tokenDoc struct {
	Use      token.Use
	Kind     token.Kind
	Header   rawjson.Value
	Claims   rawjson.Value
	Rows     []claimRow
	Left     []string // names of claims that are not shown
	Verified string   // true, false; empty: could not be checked
	Notes    []string
}

type claimRow struct{ Name, Value, Meaning string }

type generationDoc struct {
	N                        int
	Grant                    string
	At                       time.Time
	RefreshToken             string
	ScopeAdded, ScopeRemoved []string
	Expires                  string
	Tags                     []item
}

type callDoc struct {
	Exchange Masked
	Bytes    int64  // of the answer's body
	Pretty   string // the body, JSON over several lines
	Class    string
	Findings []diagnosis.Finding
}

// protocolClaims are shown without being asked for: they say what a token is,
// not who somebody is.
var protocolClaims = setOf(`iss sub aud azp exp iat nbf auth_time scope scp permissions gty client_id org_id org_name jti sid acr amr at_hash nonce cnf`)

// compose builds the document.
func compose(in Input) (*doc, *Redactor) {
	opt := Options{WithClaims: in.WithClaims, Presentation: in.Presentation}
	var r *Redactor
	if in.Redactor != nil {
		opt.Key, opt.NoTags = in.Redactor.opt.Key, in.Redactor.opt.NoTags
		r = in.Redactor.With(opt)
	} else {
		r = NewRedactor(opt)
	}
	s := in.Session
	if s == nil {
		s = &flows.Session{}
	}
	r.Session(s)
	for _, c := range in.Calls {
		r.Learn(c.Exchange)
	}
	d := &doc{Title: r.Words(in.Title), Version: in.Version, Now: in.Now, zone: in.Zone, WithClaims: in.WithClaims, Presentation: in.Presentation}
	if d.Now.IsZero() {
		d.Now = time.Now()
	}
	if d.zone == nil {
		d.zone = time.UTC
	}
	c := composer{r, d, s}
	c.setup()
	c.asked()
	c.outcome(in)
	c.tokens()
	c.chain()
	d.Lines = r.Lines(in.Check, s)
	for _, a := range in.Calls {
		x := r.Exchange(a.Exchange)
		call := callDoc{Exchange: x, Bytes: a.Exchange.BodySize, Class: string(a.Class), Findings: r.Findings(a.Findings)}
		if x.Response != nil {
			call.Pretty = x.Response.Body
			if v, _, err := rawjson.Parse([]byte(call.Pretty)); err == nil {
				call.Pretty = v.Pretty()
			}
		}
		d.Calls = append(d.Calls, call)
	}
	for _, f := range s.Factors {
		d.Factors = append(d.Factors, flows.Factor{ID: r.Text(f.ID), Type: r.Text(f.Type), Channel: r.Text(f.Channel), Name: c.person(r.Text(f.Name))})
	}
	d.Wire = r.Exchanges(s.Exchanges)
	if d.Title == "" {
		d.Title = "authwalk report"
		if d.Profile != "" {
			d.Title = d.Profile
		} else if h := s.Config.Host(); h != "" {
			d.Title = r.Words(h)
		}
	}
	return d, r
}

type composer struct {
	r *Redactor
	d *doc
	s *flows.Session
}

func (c composer) texts(in []string) []string {
	var out []string
	for _, s := range in {
		out = append(out, c.r.Text(s))
	}
	return out
}

func (c composer) sentences(in []string) []string {
	var out []string
	for _, s := range in {
		out = append(out, c.r.Prose(s))
	}
	return out
}

// person hides a name in presentation.
func (c composer) person(s string) string {
	if s != "" && c.d.Presentation {
		return hiddenName
	}
	return s
}

func (c composer) setup() {
	cfg := c.s.Config
	put := func(name, value string) {
		if value != "" {
			c.d.Setup = append(c.d.Setup, item{Name: name, Value: c.r.Words(value), Code: true})
		}
	}
	c.d.Profile, c.d.Flow = c.r.Words(cfg.Name), cfg.Flow
	if f, ok := flows.FlowByID(cfg.Flow); ok && cfg.Origin() != "" {
		c.d.Flow = f.ID
	}
	c.d.Issuer = c.r.Text(c.s.Endpoints.Issuer)
	if c.d.Issuer == "" {
		c.d.Issuer = c.r.Words(cfg.ExpectedIssuer())
	}
	put("profile", cfg.Name)
	put("environment", cfg.Environment)
	put("flow", c.d.Flow)
	put("domain", cfg.Domain)
	put("issuer", cfg.Issuer)
	put("token_url", cfg.TokenURL)
	put("jwks", cfg.JWKS)
	put("userinfo_url", cfg.UserinfoURL)
	put("client_id", cfg.ClientID)
	if cfg.ClientID != "" {
		put("client_auth", cfg.Auth())
	}
	put("key_id", cfg.KeyID)
	put("api_base", cfg.APIBase)
	put("ca_file", cfg.CAFile)
	put("client_cert", cfg.ClientCert)
	if cfg.Proxy != "" {
		c.d.Setup = append(c.d.Setup, item{Name: "proxy", Value: c.r.URL(cfg.Proxy), Code: true})
	}
	if cfg.AllowHTTP {
		put("allow_http", "true")
	}
	put("allow_host", strings.Join(cfg.AllowHosts, ", "))
}

func (c composer) asked() {
	cfg, a := c.s.Config, c.s.Asked
	if g := c.s.Current(); a == nil && g != nil {
		a = &g.Asked
	}
	if a == nil {
		return
	}
	put := func(name, value string) {
		if value != "" {
			c.d.Asked = append(c.d.Asked, item{Name: name, Value: c.r.Words(value), Code: true})
		}
	}
	last := a
	if len(c.s.Generations) > 0 && a.Refresh && !c.s.Generations[0].Asked.Refresh {
		a = &c.s.Generations[0].Asked // what the refreshes go back to
	}
	put("grant_type", a.Grant)
	put("client_id", a.ClientID)
	put("client_auth", a.ClientAuth)
	if a.Username != "" && !a.Refresh {
		c.d.Asked = append(c.d.Asked, item{Name: "username", Value: c.person(c.r.Text(a.Username)), Code: true})
	}
	put("realm", a.Realm)
	put("audience", a.Audience)
	if a.ScopeSent {
		put("scope", a.Scope)
	} else {
		c.d.Asked = append(c.d.Asked, item{Name: "scope", Value: "not sent"})
	}
	put("auth0-forwarded-for", a.ForwardedFor)
	put("mfa", a.MFAKind)
	if last != a {
		scope := "the scope parameter was not sent"
		if last.ScopeSent {
			scope = "with the scope " + c.r.Text(last.Scope)
		}
		c.d.Asked = append(c.d.Asked, item{Name: "then", Value: "refresh_token: " + scope})
	}
	var params []string
	for n := range cfg.Params {
		params = append(params, n)
	}
	slices.Sort(params)
	for _, n := range params {
		v := c.r.Text(cfg.Params[n])
		if secretName(n) {
			v = c.r.Mask(flows.Secret(cfg.Params[n]))
		}
		c.d.Asked = append(c.d.Asked, item{Name: c.r.Text(n), Value: v, Code: true})
	}
}

// outcome says in one sentence what came of it, and why.
func (c composer) outcome(in Input) {
	d, g := c.d, c.s.Current()
	switch {
	case c.s.Err != nil:
		d.State = "bad"
		e := &errorDoc{Class: string(c.s.Class), Message: c.r.Error(c.s.Err)}
		var fe *flows.Error
		if errors.As(c.s.Err, &fe) {
			e.Status, e.Code, e.Description = fe.Status, c.r.Text(fe.Code), c.r.Text(fe.Description)
		}
		d.Err, d.Findings = e, c.r.Findings(c.s.Findings)
		d.Headline = "Refused: " + e.Message
		if len(d.Findings) > 0 {
			d.Headline = d.Findings[0].Title
		}
		if g != nil && c.s.Asked != nil && c.s.Asked.Refresh {
			d.Headline = "The refresh was refused: " + d.Headline
		}
	case g != nil:
		d.State, d.Headline = "good", "Tokens were issued, and every check passed."
		d.Findings = c.r.Findings(g.Findings)
		var failed, warned []string
		for _, k := range g.Checks {
			switch k.State {
			case token.Fail:
				failed = append(failed, string(k.Token)+" "+k.Name)
			case token.Warn:
				warned = append(warned, string(k.Token)+" "+k.Name)
			}
		}
		switch {
		case len(failed) > 0:
			d.State, d.Headline = "bad", "Tokens were issued, but checks failed: "+strings.Join(failed, ", ")+"."
		case len(d.Findings) > 0:
			d.State, d.Headline = "warn", "Tokens were issued, with something to look at: "+d.Findings[0].Title
		case len(warned) > 0:
			d.State, d.Headline = "warn", "Tokens were issued; to look at: "+strings.Join(warned, ", ")+"."
		}
	default:
		d.State, d.Headline = "none", "No tokens were asked for."
	}
	d.OK = c.s.Err == nil && (g == nil || g.Class == diagnosis.ClassNone)
	for _, a := range in.Calls {
		if a.Class == diagnosis.ClassNone {
			continue
		}
		d.OK = false
		if c.s.Err == nil {
			d.State, d.Headline = "bad", fmt.Sprintf("%s %s was answered with %d.", c.r.Text(a.Exchange.Method), c.r.URL(a.Exchange.URL), a.Exchange.Status)
			if a.Exchange.Status == 0 {
				d.Headline = c.r.Text(a.Exchange.Method) + " " + c.r.URL(a.Exchange.URL) + " was not answered."
			}
			if len(a.Findings) > 0 {
				d.Headline = c.r.Findings(a.Findings)[0].Title
			}
		}
	}
	for _, l := range in.Check {
		if l.State == flows.LineFail {
			d.OK = false
			d.State, d.Headline = "bad", "The set-up stops at: "+l.Title+"."
			return
		}
	}
	if len(in.Check) > 0 && c.s.Err == nil && d.State != "bad" {
		d.Headline = "The set-up was examined, and no line failed."
		if d.State == "none" {
			d.State = "good"
		}
	}
}

func (c composer) tokens() {
	g := c.s.Current()
	if g == nil {
		return
	}
	t, d := g.Tokens, c.d
	if t != nil {
		secret := func(name string, s flows.Secret) {
			if s != "" {
				d.Tokens = append(d.Tokens, item{Name: name, Value: c.r.Mask(s), Code: true})
			}
		}
		secret("access_token", t.AccessToken)
		if t.TokenType != "" {
			d.Tokens = append(d.Tokens, item{Name: "token_type", Value: c.r.Text(t.TokenType), Code: true})
		}
		if t.HasExpiresIn {
			d.Tokens = append(d.Tokens, item{Name: "expires_in", Value: fmt.Sprintf("%d", t.ExpiresIn), Code: true, number: true})
		}
		if t.HasScope {
			d.Tokens = append(d.Tokens, item{Name: "scope", Value: c.r.Text(t.Scope), Code: true})
		}
		secret("refresh_token", t.RefreshToken)
		secret("id_token", t.IDToken)
		d.Odd = c.sentences(t.Oddities)
	}
	d.Access = c.token(g, g.Access, token.Access)
	d.ID = c.token(g, g.ID, token.ID)
	for _, k := range c.r.Checks(g.Checks) {
		if d.Presentation && k.Name == "sub" {
			k.Want, k.Got = c.person(k.Want), c.person(k.Got)
		}
		d.Checks = append(d.Checks, k)
	}
	d.Ledger = c.r.Scopes(g.Ledger.Rows)
	var scopes []string
	for _, row := range g.Ledger.Rows {
		scopes = append(scopes, row.Scope)
	}
	d.Summary = c.r.Prose(g.Ledger.Summary, scopes...)
}

func (c composer) token(g *flows.Generation, t *token.Token, use token.Use) *tokenDoc {
	if t == nil {
		return nil
	}
	out := &tokenDoc{Use: use, Kind: t.Kind, Header: c.r.Value(t.Header), Notes: c.sentences(t.Notes)}
	for _, f := range t.Faults {
		out.Notes = append(out.Notes, c.r.Prose(f.String()))
	}
	for _, k := range g.Checks {
		if k.Token == use && k.Name == "signature" && k.State != token.Skip {
			out.Verified = map[bool]string{true: "true", false: "false"}[k.State != token.Fail]
		}
	}
	claims := c.r.Value(t.Claims)
	var b strings.Builder
	b.WriteByte('{')
	for _, m := range claims.Members() {
		if !c.d.WithClaims && !protocolClaims().has(m.Name) {
			out.Left = append(out.Left, m.Name)
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		rawjson.Quote(&b, m.Name)
		b.WriteByte(':')
		b.WriteString(m.Value.JSON())
		row := claimRow{Name: m.Name, Value: m.Value.Text(), Meaning: c.r.Prose(token.Meaning(use, m.Name, m.Value), m.Value.Text())}
		if at, ok := token.Time(m.Value); ok && token.IsTime(m.Name) {
			row.Value += "  (" + token.Absolute(at, c.d.zone) + ")"
		}
		out.Rows = append(out.Rows, row)
	}
	b.WriteByte('}')
	if claims.IsObject() {
		out.Claims, _, _ = rawjson.Parse([]byte(b.String()))
	}
	return out
}

func (c composer) chain() {
	for _, g := range c.s.Generations {
		x := generationDoc{N: g.N, Grant: c.r.Text(g.Grant), At: g.At.Wall, RefreshToken: g.RefreshToken,
			ScopeAdded: c.texts(g.ScopeAdded), ScopeRemoved: c.texts(g.ScopeRemoved)}
		if g.Tokens != nil {
			if life, ok := g.Tokens.Lifetime(); ok {
				x.Expires = token.Span(life)
				if life <= 0 {
					x.Expires = "none"
				}
			}
			for _, t := range []struct {
				name string
				s    flows.Secret
			}{{"access token", g.Tokens.AccessToken}, {"refresh token", g.Refresh}, {"ID token", g.Tokens.IDToken}} {
				if t.s != "" {
					x.Tags = append(x.Tags, item{Name: t.name, Value: c.r.hiddenTag(t.s), Code: true})
				}
			}
		}
		c.d.Chain = append(c.d.Chain, x)
	}
}

// hiddenTag masks a token whole, claims or not: for lists of many.
func (r *Redactor) hiddenTag(s flows.Secret) string { return r.hidden(s.Reveal()) }

// clock writes a moment for a person.
func (d *doc) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return token.Absolute(t, d.zone)
}

// ms writes a duration in milliseconds, with a fraction where it is short.
func ms(d time.Duration) string {
	v := float64(d) / float64(time.Millisecond)
	switch {
	case v >= 10 || v == 0:
		return fmt.Sprintf("%.0f ms", v)
	case v >= 1:
		return fmt.Sprintf("%.1f ms", v)
	}
	return fmt.Sprintf("%.2f ms", v)
}

// stages are the parts of a request's time that are known, in order.
func stages(m Masked) []stage {
	t := m.Timings
	var out []stage
	sum := time.Duration(0)
	for _, s := range []stage{{"resolve", t.Resolve}, {"connect", t.Connect}, {"TLS", t.TLS}, {"first byte", t.FirstByte}} {
		if s.took > 0 {
			out = append(out, s)
			sum += s.took
		}
	}
	if rest := t.Total - sum; rest > 0 && len(out) > 0 {
		out = append(out, stage{"body and rest", rest})
	}
	return out
}

type stage struct {
	name string
	took time.Duration
}

// tlsLine tells of the connection's TLS in a line.
func (d *doc) tlsLine(t *flows.TLSInfo) string {
	if t == nil {
		return ""
	}
	line := t.Version
	if t.Cipher != "" {
		line += " · " + t.Cipher
	}
	if t.Subject != "" {
		line += " · certificate of " + t.Subject
		if t.Issuer != "" {
			line += " by " + t.Issuer
		}
	}
	if !t.NotAfter.IsZero() {
		days := int(t.NotAfter.Sub(d.Now).Hours() / 24)
		switch {
		case t.NotAfter.Before(d.Now):
			line += ", expired " + d.clock(t.NotAfter)
		case days == 1:
			line += ", 1 day left"
		default:
			line += fmt.Sprintf(", %d days left", days)
		}
	}
	return line
}

// visible writes control characters, and those that turn or hide text, so that
// they can be seen and do nothing. Line ends and tabs stay.
func visible(s string) string {
	if printable(s) {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		switch {
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n' || c == '\t' || printable(string(c)):
			b.WriteRune(c)
		case c < 0x100:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			fmt.Fprintf(&b, `\u{%x}`, c)
		}
	}
	return b.String()
}
