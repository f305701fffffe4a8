package flows

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"authwalk/flows/diagnosis"
	"authwalk/flows/token"
)

// LineState is the state of one line of a set-up check.
type LineState string

// The states of a line.
const (
	LinePass       LineState = "pass"
	LineFail       LineState = "fail"
	LineUnknown    LineState = "unknown"
	LineNotReached LineState = "not-reached"
)

// CheckLine is one thing that was examined.
type CheckLine struct {
	ID    string    `json:"id"`
	Title string    `json:"title"`
	State LineState `json:"state"`
	Saw   string    `json:"saw"`
	Fix   []string  `json:"fix,omitempty"`
}

// checkTitles are the lines in the order in which a request meets them.
var checkTitles = []struct{ id, title string }{
	{"name", "The name resolves and answers"},
	{"tls", "TLS"},
	{"discovery", "Discovery document"},
	{"issuer", "Issuer"},
	{"jwks", "Signing keys"},
	{"clock", "Clocks agree"},
	{"client", "Client known and authenticated"},
	{"grant", "Password grant allowed"},
	{"directory", "Default directory or realm"},
	{"audience", "Audience"},
	{"credentials", "User and password"},
	{"mfa", "Second factor"},
	{"offline", "Offline access"},
	{"refresh", "Refresh"},
	{"token", "Tokens valid"},
	{"api", "The API takes the token"},
}

// auth0 tells whether what was checked is an Auth0 tenant, as far as is known.
func (r *CheckResult) auth0() bool {
	s := r.Session
	return s.auth0() == diagnosis.Yes || diagnosis.IsAuthZeroHost(s.Config.Host())
}

// ByHand lists what cannot be seen from outside and must be looked at in the
// dashboard.
func (r *CheckResult) ByHand() []string {
	if !r.auth0() {
		return []string{
			"the client's registration: what it was registered for, and which grants and scopes it may use",
			"the server's user directory: where it looks for this user",
			"the server's policies for this client and user: whether they want a second factor or a browser",
		}
	}
	return []string{
		"Applications > the application > Settings: an Allowed Callback URL is set (Auth0's page on this flow wants one)",
		"Applications > the application > Settings: the application type is the one that was meant",
		"Authentication > Database > the connection > Applications: the application is on",
		"Actions > Triggers > post-login, and Rules: none denies this grant or redirects",
		"Applications > the application > Advanced > OAuth: Trust Token Endpoint IP Header, if auth0-forwarded-for is sent",
	}
}

// lineOf says at which line a finding stops the way.
var lineOf = map[string]string{
	diagnosis.DNSFailure: "name", diagnosis.ConnectionRefused: "name", diagnosis.Unreachable: "name", diagnosis.ProxyFailure: "name",
	diagnosis.TLSUntrusted: "tls", diagnosis.TLSWrongHost: "tls", diagnosis.TLSExpired: "tls", diagnosis.TLSFailure: "tls",
	diagnosis.ClientAuthFailed: "client", diagnosis.UnknownClient: "client", diagnosis.OrganizationsClient: "client",
	diagnosis.GrantNotAllowed: "grant", diagnosis.ThirdPartyClient: "grant",
	diagnosis.NoDefaultDirectory: "directory", diagnosis.UnknownRealm: "directory", diagnosis.ConnectionNotEnabled: "directory", diagnosis.ConnectionCannotPassword: "directory",
	diagnosis.UnknownAudience: "audience", diagnosis.ClientGrantMissing: "audience", diagnosis.InvalidScope: "audience", diagnosis.ScopeNotForUser: "audience",
	diagnosis.MFARequired: "mfa", diagnosis.MFAWrongCode: "mfa", diagnosis.MFAExpired: "mfa", diagnosis.MFARejected: "mfa", diagnosis.MFANoFactor: "mfa", diagnosis.MFATokenInvalid: "mfa",
}

// unplaced tells of a finding that does not say how far a request came: a limit may
// strike before the application is looked at, and so may a fault of the request.
func unplaced(f diagnosis.Finding) bool {
	switch f.ID {
	case diagnosis.RateLimited, diagnosis.SlowDown, diagnosis.InvalidRequest, diagnosis.MissingParameter, diagnosis.DPoPNonce, diagnosis.UnknownError, diagnosis.ServerError:
		return true
	}
	return f.Certainty == diagnosis.Possible
}

// CheckResult is what a set-up check came to.
type CheckResult struct {
	Lines   []CheckLine
	Session *Session
	// Class is that of the first failed line.
	Class diagnosis.Class
	// Foreign is set where it stopped before something would have gone to a host
	// that nobody allowed: the line says so too, but it is for the caller to ask
	// or to refuse.
	Foreign *ForeignHostError
}

// FirstFailure is the line where the set-up stops, nil when it does not.
func (r *CheckResult) FirstFailure() *CheckLine {
	for i := range r.Lines {
		if r.Lines[i].State == LineFail {
			return &r.Lines[i]
		}
	}
	return nil
}

// CheckOptions is how a set-up is checked.
type CheckOptions struct {
	// Probe allows a request with a made-up user where there are no
	// credentials. It counts as a failed login.
	Probe bool
	// Answer answers MFA steps, as Runner's; nil: nothing is there to answer with.
	Answer func(Step, Field) (string, bool)
	// Wait limits how long a push is polled for.
	Wait time.Duration
}

// CheckSends says beforehand what a check sends that could count as a login.
func (c Config) CheckSends(probe bool) string {
	switch {
	case !c.LogsIn():
		return "The application's own credentials are sent once."
	case c.Complete():
		return "The password of " + c.Username + " is sent once; if it is wrong, that counts as a failed login."
	case probe:
		return "A made-up user is tried once; that counts as a failed login from this address."
	}
	return "No password is known, so none is sent: what lies behind the token endpoint stays unknown (--probe tries a made-up user)."
}

type checker struct {
	c     *Client
	opt   CheckOptions
	res   *CheckResult
	index map[string]int
}

// CheckSetup examines a set-up step by step and says where it stops. It never
// changes the tenant and needs no management token. The real credentials are
// sent once.
func (c *Client) CheckSetup(ctx context.Context, opt CheckOptions) *CheckResult {
	k := &checker{c: c, opt: opt, res: &CheckResult{Session: NewSession(c.Config)}, index: map[string]int{}}
	for i, t := range checkTitles {
		k.res.Lines = append(k.res.Lines, CheckLine{ID: t.id, Title: t.title, State: LineNotReached, Saw: "not reached"})
		k.index[t.id] = i
	}
	if k.reach(ctx) {
		k.tokens(ctx)
	}
	return k.res
}

func (k *checker) set(id string, st LineState, format string, a ...any) {
	l := &k.res.Lines[k.index[id]]
	l.State, l.Saw = st, fmt.Sprintf(format, a...)
}

func (k *checker) fail(id string, class diagnosis.Class, fs []diagnosis.Finding, format string, a ...any) {
	first := k.res.FirstFailure() == nil || k.index[k.res.FirstFailure().ID] > k.index[id]
	k.set(id, LineFail, format, a...)
	l := &k.res.Lines[k.index[id]]
	if len(fs) > 0 {
		l.Fix = fs[0].Advice()
	}
	if class == diagnosis.ClassNone { // nothing on the wire failed: it is the set-up
		class = diagnosis.ClassClient
	}
	if first {
		k.res.Class = class
		if len(fs) > 0 {
			k.res.Session.Findings = fs
		}
	}
}

// reach asks for the discovery document, which shows name, TLS, issuer and
// clock, and for the keys. It tells whether it makes sense to go on.
func (k *checker) reach(ctx context.Context) bool {
	cfg, s := k.c.Config, k.res.Session
	if cfg.discoveryURL() == "" {
		for _, id := range []string{"name", "tls", "discovery", "issuer"} {
			k.set(id, LineUnknown, "only a token URL is known")
		}
		k.keys(ctx)
		return true
	}
	e, exs, err := k.c.discover(ctx)
	s.Exchanges = append(s.Exchanges, exs...)
	if len(exs) == 0 {
		k.fail("name", diagnosis.ClassClient, nil, "%v", err)
		return false
	}
	ex := exs[len(exs)-1]
	if ex.Fault != nil {
		ev := cfg.evidence(ex, nil, diagnosis.Unknown)
		fs := diagnosis.Diagnose(ev)
		line := "name"
		if len(fs) > 0 && lineOf[fs[0].ID] != "" {
			line = lineOf[fs[0].ID]
		} else if ex.Fault.Stage == StageTLS {
			line = "tls"
		} else if ex.Fault.Stage == StageFirstByte || ex.Fault.Stage == StageBody || ex.Fault.Stage == StageWrite {
			line = "discovery"
		}
		if line != "name" {
			k.set("name", LinePass, "connected")
		}
		if line == "discovery" {
			k.tls(ex)
		}
		k.fail(line, diagnosis.Classify(ev), fs, "%s", ex.Fault.Error())
		return false
	}
	k.set("name", LinePass, "%s answers (%s)", hostname(ex.URL), cmp.Or(ex.Remote, "-"))
	k.tls(ex)
	if off, ok := ex.ServerOffset(); !ok {
		k.set("clock", LineUnknown, "the server sends no Date")
	} else if off.Abs() > cfg.LeewayOrDefault() {
		k.fail("clock", diagnosis.ClassValidation, nil, "the server's clock is %s of ours", aheadBehind(off))
		k.res.Lines[k.index["clock"]].Fix = []string{"Set this machine's clock by NTP. If it is right, the server's is wrong: tokens will look not yet valid, or expired, to everyone else."}
	} else {
		k.set("clock", LinePass, "the difference is %s, within the leeway of %s", off.Abs(), cfg.LeewayOrDefault())
	}
	if err != nil {
		if strings.Contains(err.Error(), "another issuer") {
			k.set("discovery", LinePass, "read")
			k.fail("issuer", diagnosis.ClassClient, nil, "%v", err)
			k.res.Lines[k.index["issuer"]].Fix = []string{"Write the issuer exactly as the discovery document has it, with or without its slash, and use one domain throughout: a custom domain is another issuer."}
		} else {
			ev := cfg.evidence(ex, nil, diagnosis.Unknown)
			class := diagnosis.Classify(ev)
			if class == diagnosis.ClassNone {
				class = diagnosis.ClassNotOAuth
			}
			k.fail("discovery", class, diagnosis.Diagnose(ev), "%v", err)
		}
		if cfg.Domain == "" {
			return false
		}
		// Below a domain the paths are known without it.
	} else {
		if cfg.Domain == "" {
			_, _ = k.c.adopt(e) // keys tells of a foreign host; the document need not be fetched again
		}
		k.set("discovery", LinePass, "%s", ex.URL)
		if len(e.Problems) > 0 {
			k.set("discovery", LinePass, "read; %s", strings.Join(e.Problems, "; "))
		}
		k.set("issuer", LinePass, "%s", e.Issuer)
	}
	if ex.Status == http.StatusNotFound || ex.Status >= 500 {
		return false // no tenant there: a password has no business going to it
	}
	return k.keys(ctx)
}

func (k *checker) tls(ex Exchange) {
	switch u, _ := url.Parse(ex.URL); {
	case ex.TLS != nil:
		days := int(ex.TLS.NotAfter.Sub(k.c.Clock.Wall()).Hours() / 24)
		k.set("tls", LinePass, "%s, certificate of %s good for %d more days", ex.TLS.Version, ex.TLS.Subject, days)
	case u != nil && u.Scheme == "http" && IsLoopback(u.Hostname()):
		k.set("tls", LinePass, "plain http on loopback: nothing leaves this machine")
	case u != nil && u.Scheme == "http":
		k.set("tls", LineUnknown, "plain http: secrets go unencrypted")
	default:
		k.set("tls", LineUnknown, "served in process")
	}
}

func (k *checker) keys(ctx context.Context) bool {
	set, exs, err := k.c.Keys(ctx, "")
	k.res.Session.Exchanges = append(k.res.Session.Exchanges, exs...)
	var foreign *ForeignHostError
	switch {
	case errors.As(err, &foreign):
		k.res.Foreign = foreign
		k.fail("discovery", diagnosis.ClassClient, nil, "%v", err)
		k.res.Lines[k.index["discovery"]].Fix = []string{"If " + foreign.Host + " is known to you: --allow-host " + foreign.Host}
		return false
	case err != nil:
		class := diagnosis.ClassNotOAuth
		var fs []diagnosis.Finding
		if len(exs) > 0 {
			ev := k.c.Config.evidence(exs[len(exs)-1], nil, diagnosis.Unknown)
			fs = diagnosis.Diagnose(ev)
			if cl := diagnosis.Classify(ev); cl != diagnosis.ClassNone {
				class = cl
			}
		}
		k.fail("jwks", class, fs, "%v", err)
		return class != diagnosis.ClassNetwork
	case set == nil:
		k.set("jwks", LineUnknown, "no key set is known: signatures cannot be checked")
	default:
		usable := len(set.Usable())
		if usable == 0 {
			k.fail("jwks", diagnosis.ClassValidation, nil, "no key of the set can be used: %s", strings.Join(set.Explain(), "; "))
			k.res.Lines[k.index["jwks"]].Fix = []string{"The key set must hold the keys that tokens are signed with: RSA, EC or Ed25519, use sig."}
			return true
		}
		k.set("jwks", LinePass, "%d of %d keys can be used", usable, len(set.Keys))
	}
	return true
}

// tokens runs the flow once and reads from its answer how far it got.
func (k *checker) tokens(ctx context.Context) {
	cfg := k.c.Config
	made := false
	if !cfg.Complete() {
		if !k.opt.Probe {
			for _, id := range []string{"client", "grant", "directory", "audience", "credentials"} {
				k.set(id, LineUnknown, "no password is known, and none was sent")
			}
			return
		}
		made = true
		cfg.Username, cfg.Password = "authwalk-probe@example.invalid", randomPassword()
	}
	c := k.c.WithConfig(cfg)
	flow, _ := FlowByID(cfg.Flow)
	if !flow.User {
		defer k.noUser()
	}
	answer := k.opt.Answer
	if answer == nil {
		answer = func(Step, Field) (string, bool) { return "", false }
	}
	s := k.res.Session
	mfa := false
	r := Runner{Client: c, Answer: answer, Wait: k.opt.Wait, Took: func(o Outcome) {
		s.Take(c, o)
		mfa = mfa || o.Factors != nil
	}}
	step := flow.Start(c)
	out := r.Run(ctx, step, stepValues(step))
	if out.Tokens == nil {
		k.refused(out.Err, made)
		return
	}
	for _, id := range []string{"client", "grant", "directory", "credentials"} {
		k.set(id, LinePass, "tokens came")
	}
	switch auth0 := k.res.auth0(); {
	case cfg.Realm != "" && auth0:
		k.set("directory", LinePass, "realm %s was taken", cfg.Realm)
	case cfg.Realm != "":
		k.set("directory", LineUnknown, "tokens came; whether this server looked at the realm %s cannot be seen", cfg.Realm)
	case !auth0:
		k.set("directory", LineUnknown, "tokens came; which directory this server looked into cannot be seen")
	}
	var auds []string
	if access := s.Current().Access; access != nil {
		auds = access.Audiences()
	}
	switch {
	case cfg.Audience == "" && len(auds) > 0:
		k.set("audience", LineUnknown, "no audience was asked for: the token is for %s, by the server's own choice", auds[0])
	case cfg.Audience == "":
		k.set("audience", LineUnknown, "no audience was asked for: the token is good for /userinfo alone")
	case !k.res.auth0() && !slices.Contains(auds, cfg.Audience):
		k.set("audience", LineUnknown, "tokens came, and none that can be read is for %s: the server may not know the parameter", cfg.Audience)
	default:
		k.set("audience", LinePass, "%s", cfg.Audience)
	}
	if mfa {
		k.set("mfa", LinePass, "answered")
	} else {
		k.set("mfa", LinePass, "the tenant did not ask for one")
	}
	k.issued(ctx, c)
}

// noUser says of the lines about a user that there was none, unless one failed.
func (k *checker) noUser() {
	k.res.Lines[k.index["grant"]].Title = "Grant allowed"
	for _, id := range []string{"directory", "credentials", "mfa"} {
		if k.res.Lines[k.index[id]].State != LineFail {
			k.set(id, LineUnknown, "this flow logs no user in")
		}
	}
}

// refused reads a refusal: the line where it stopped failed, those before it
// passed as far as the order of Auth0's checks tells.
func (k *checker) refused(err error, made bool) {
	s := k.res.Session
	line := "credentials"
	if len(s.Findings) > 0 && lineOf[s.Findings[0].ID] != "" {
		line = lineOf[s.Findings[0].ID]
	} else if s.Class == diagnosis.ClassNetwork || s.Class == diagnosis.ClassNotOAuth || len(s.Findings) == 0 {
		line = "client"
	}
	if line == "name" || line == "tls" {
		line = "client" // the token endpoint was not reached: nothing behind it was asked
	}
	sure := "likely: it was asked before what was refused"
	lost := len(s.Findings) > 0 && unplaced(s.Findings[0])
	for _, id := range []string{"client", "grant", "directory", "audience", "credentials"} {
		if id == line {
			break
		}
		if lost {
			k.set(id, LineUnknown, "the refusal does not tell whether this was asked before it")
			continue
		}
		k.set(id, LinePass, "%s", sure)
		if (id == "directory" || id == "audience") && !k.res.auth0() {
			k.set(id, LineUnknown, "whether this server asks for it before what it refused is not known")
		}
	}
	if line == "mfa" {
		k.set("credentials", LinePass, "the password was right: a second factor was asked for")
	}
	if made && line == "credentials" {
		k.set("credentials", LineUnknown, "a made-up user was tried, and refused as expected")
		return
	}
	k.fail(line, s.Class, s.Findings, "%v", err)
}

// issued looks at what came: refresh, tokens, API.
func (k *checker) issued(ctx context.Context, c *Client) {
	s := k.res.Session
	g := s.Current()
	s.Examined(g, c.Examine(ctx, g.Access, g.ID))
	asked := slices.Contains(strings.Fields(g.Asked.Scope), "offline_access")
	switch {
	case g.Refresh != "":
		k.set("offline", LinePass, "a refresh token came")
	case asked:
		k.fail("offline", diagnosis.ClassClient, pick(g.Findings, diagnosis.NoRefreshToken), "offline_access was asked for and no refresh token came")
	default:
		k.set("offline", LineUnknown, "offline_access was not asked for")
	}
	k.valid(g)
	if g.Refresh != "" {
		k.refresh(ctx, c, g)
	} else {
		k.set("refresh", LineUnknown, "there is no refresh token to try")
	}
	k.api(ctx, c)
	all := slices.Clone(s.Findings)
	for _, x := range s.Generations {
		for _, f := range x.Findings {
			if !slices.ContainsFunc(all, func(o diagnosis.Finding) bool { return o.ID == f.ID }) {
				all = append(all, f)
			}
		}
	}
	s.Findings = all
}

func (k *checker) valid(g *Generation) {
	var failed, open []string
	for _, c := range g.Checks {
		switch c.State {
		case token.Fail:
			failed = append(failed, string(c.Token)+" "+c.Name)
		case token.Skip:
			if c.Name == "signature" {
				open = append(open, string(c.Token)+" signature: "+c.Why)
			}
		}
	}
	switch {
	case len(failed) > 0:
		k.fail("token", diagnosis.ClassValidation, pick(g.Findings, diagnosis.TokenInvalid), "failed: %s", strings.Join(failed, ", "))
	case len(open) > 0:
		k.set("token", LineUnknown, "not checked: %s", strings.Join(open, "; "))
	default:
		k.set("token", LinePass, "all checks passed")
	}
}

func (k *checker) refresh(ctx context.Context, c *Client, g *Generation) {
	s := k.res.Session
	was := s.Findings
	out := c.Refresh(ctx, g.Refresh, "")
	s.Take(c, out)
	if out.Err != nil {
		fs := s.Findings
		s.Findings = was
		k.fail("refresh", s.Class, fs, "%v", out.Err)
		return
	}
	s.Findings = was
	n := s.Current()
	s.Examined(n, c.Examine(ctx, n.Access, n.ID))
	kept := "a new"
	if n.RefreshToken == RefreshSame {
		kept = "the same"
	}
	k.set("refresh", LinePass, "works, with %s refresh token", kept)
}

// api calls the profile's first saved GET, if there is one.
func (k *checker) api(ctx context.Context, c *Client) {
	i := slices.IndexFunc(c.Config.Calls, func(s SavedCall) bool { return s.Method == "" || strings.EqualFold(s.Method, http.MethodGet) })
	if i < 0 {
		k.set("api", LineUnknown, "no GET is among the profile's calls")
		return
	}
	saved, s := c.Config.Calls[i], k.res.Session
	spool := &Spool{}
	defer spool.Close()
	out := c.Call(ctx, saved.Call(s.Current().Tokens.AccessToken, spool))
	class, fs := s.TakeAnswer(out, false, c.Clock.Wall())
	switch {
	case out.Answer == nil || out.Answer.Exchange.Fault != nil:
		k.fail("api", class, fs, "%v", out.Err)
	case out.Answer.Exchange.Status >= 400:
		k.fail("api", diagnosis.ClassAPI, fs, "%s answers %d", shortURL(saved.URL), out.Answer.Exchange.Status)
	default:
		k.set("api", LinePass, "%s answers %d", shortURL(saved.URL), out.Answer.Exchange.Status)
	}
}

func pick(fs []diagnosis.Finding, id string) []diagnosis.Finding {
	i := slices.IndexFunc(fs, func(f diagnosis.Finding) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return append([]diagnosis.Finding{fs[i]}, slices.Delete(slices.Clone(fs), i, i+1)...)
}

// stepValues are the values that a step's fields have from the set-up.
func stepValues(s Step) Values {
	v := Values{}
	for _, f := range s.Fields {
		v[f.Name] = f.Value
	}
	return v
}

func randomPassword() Secret {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return Secret(hex.EncodeToString(b))
}

func aheadBehind(d time.Duration) string {
	if d < 0 {
		return (-d).String() + " behind"
	}
	return d.String() + " ahead"
}
