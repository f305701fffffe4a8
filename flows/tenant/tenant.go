package tenant

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// DefaultIssuer is the issuer of a tenant that does not listen.
const DefaultIssuer = "https://acme-demo.eu.auth0.test/"

// Limits on what a tenant remembers; the oldest is forgotten first. Signed up
// users beyond theirs are forgotten with their tokens.
const (
	maxFamilies     = 50_000
	maxTransactions = 4_096
	maxBuckets      = 8_192
	maxSignups      = 5_000
	maxAssertions   = 8_192
	maxMessages     = 200
	maxPushes       = 200
	maxLog          = 1_000
	perUserAndApp   = 200 // refresh tokens of one user and application (Auth0's docs, "Refresh Tokens")
)

// Options change what is around a tenant, not how it answers. The zero value is
// good.
type Options struct {
	Now    func() time.Time // time.Now; a scenario may add an offset of its own
	Rand   io.Reader        // where secrets, codes and ids come from; crypto/rand
	Keys   *Keys            // the keys to sign with; the process's shared ones
	Issuer string           // issuer of a tenant that does not listen; DefaultIssuer
}

// Tenant is one Auth0 tenant as a Scenario sets it up. It is an http.Handler that
// serves any number of requests at once. Listen, WriteFiles and Close are for
// the one who owns it; all other methods may be called at the same time.
type Tenant struct {
	scenario Scenario
	set      *settings
	options  Options
	keys     *Keys
	random   *lockedReader
	secrets  tenantSecrets

	issuer string // ends in a slash; fixed before the first request
	server *server
	files  *Files

	certs struct {
		once sync.Once
		jwks []byte
		err  error
	}

	mu          sync.Mutex
	users       map[string]*user // by connection and name in lower case
	usersByID   map[string]*user
	signups     *bounded[string, *user]
	families    *bounded[string, *family]
	byUserApp   map[string][]string // refresh families of a user and application, oldest first
	failures    *bounded[string, int]
	buckets     *bounded[string, *bucket]
	assertions  *bounded[string, time.Time]
	mfaTokens   *bounded[string, *mfaTransaction]
	oobCodes    *bounded[string, *oobTransaction]
	factors     map[string][]*authenticator // by user id
	otpFailures *bounded[string, *bucket]
	phone       Phone
	log         eventLog
}

// tenantSecrets are made at start and never change.
type tenantSecrets struct {
	jwe     []byte // A256GCM key of access tokens without audience
	refresh []byte // authenticates refresh tokens
}

// New makes a tenant for a scenario. It does not listen yet: it can be served
// as an http.Handler, by Listen, or in process by RoundTripper.
func New(s Scenario, o Options) (*Tenant, error) {
	if s.change == nil {
		return nil, fmt.Errorf("scenario %q is not one of Scenarios(): take it from Lookup", s.Name)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Issuer == "" {
		o.Issuer = DefaultIssuer
	}
	if u, err := url.Parse(o.Issuer); err != nil || u.Host == "" || !strings.HasSuffix(o.Issuer, "/") {
		return nil, fmt.Errorf("issuer %q: an http or https URL that ends in a slash is needed", o.Issuer)
	}
	t := &Tenant{
		scenario: s, set: base(), options: o, keys: o.Keys, random: &lockedReader{r: o.Rand}, issuer: o.Issuer,
		users: map[string]*user{}, usersByID: map[string]*user{}, signups: newBounded[string, *user](maxSignups),
		families: newBounded[string, *family](maxFamilies), byUserApp: map[string][]string{},
		failures: newBounded[string, int](maxBuckets), buckets: newBounded[string, *bucket](maxBuckets),
		assertions: newBounded[string, time.Time](maxAssertions),
		mfaTokens:  newBounded[string, *mfaTransaction](maxTransactions), oobCodes: newBounded[string, *oobTransaction](maxTransactions),
		factors: map[string][]*authenticator{}, otpFailures: newBounded[string, *bucket](maxBuckets),
	}
	if t.keys == nil {
		t.keys = sharedKeys
	}
	t.keys.warm()
	s.change(t.set)
	t.phone.init(t)
	if err := t.prepare(); err != nil {
		return nil, fmt.Errorf("making the tenant's secrets: %w", err)
	}
	return t, nil
}

// prepare makes secrets, ids and factors.
func (t *Tenant) prepare() (err error) {
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(randomError)
			if !ok {
				panic(r)
			}
			err = failed.err
		}
	}()
	t.secrets.jwe, t.secrets.refresh = t.bytes(32), t.bytes(32)
	for _, a := range t.set.apps {
		if a.auth == authPost || a.auth == authBasic {
			a.secret = t.text(64, alphanumeric+"-_")
		}
	}
	for _, a := range t.set.apis {
		if a.alg == "HS256" {
			a.secret = t.text(32, alphanumeric)
		}
	}
	now := t.now()
	for _, u := range t.set.users {
		u.updated = now.Add(-36 * time.Hour).Truncate(time.Millisecond)
		t.addUser(u)
		t.enrolConfigured(u)
		if c, _ := t.set.connection(u.connection); c.strategy == strategySMS {
			// The password of this realm is the code of a text message. One counts as
			// sent already and stays good, so that the realm can be tried at once.
			u.password = t.digits()
		}
	}
	return nil
}

func userKey(connection, name string) string { return connection + "\x00" + strings.ToLower(name) }

func (t *Tenant) addUser(u *user) {
	t.users[userKey(u.connection, u.username)] = u
	t.usersByID[u.id] = u
}

// Scenario returns the scenario that the tenant was made for.
func (t *Tenant) Scenario() Scenario { return t.scenario }

// Issuer returns the tenant's issuer, which ends in a slash. Listen changes it.
func (t *Tenant) Issuer() string { return t.issuer }

// Now is the server's clock, which in some scenarios is wrong.
func (t *Tenant) now() time.Time { return t.options.Now().Add(t.set.clock) }

// alias is the issuer for another of this machine's names: the domain that a
// request uses decides it, so that https://localhost:PORT/ is as good as
// https://127.0.0.1:PORT/. It is empty for a host that is not the tenant's.
func (t *Tenant) alias(host string) string {
	if t.server == nil {
		return ""
	}
	name, port, err := net.SplitHostPort(host)
	_, own, _ := net.SplitHostPort(t.server.addr)
	if ip := net.ParseIP(name); err != nil || port != own || name != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return ""
	}
	scheme, _, _ := strings.Cut(t.issuer, ":")
	return scheme + "://" + host + "/"
}

// issuer is the tenant's issuer as this request names it.
func (c *call) issuer() string {
	if alias := c.t.alias(c.r.Host); alias != "" {
		return alias
	}
	return c.t.issuer
}

// tokenIssuer is what tokens carry as iss: a custom domain's differs.
func (c *call) tokenIssuer() string {
	if custom := c.t.set.mint.issuer; custom != "" {
		return custom
	}
	return c.issuer()
}

// ownIssuer reports whether a token's iss is this tenant's, by any of its names.
func (t *Tenant) ownIssuer(iss string) bool {
	if custom := t.set.mint.issuer; custom != "" {
		return iss == custom
	}
	u, err := url.Parse(iss)
	return iss == t.issuer || err == nil && t.alias(u.Host) == iss
}

// api finds an API by its identifier, the tenant's own two included.
func (t *Tenant) api(audience string) *api {
	switch audience {
	case t.issuer + "api/v2/":
		return &api{audience: audience, system: true, alg: "RS256", lifetime: 24 * time.Hour,
			scopes: []string{"read:current_user", "update:current_user_metadata"}}
	case t.issuer + "mfa/":
		return &api{audience: audience, system: true, alg: "RS256", lifetime: 10 * time.Minute, forceMFA: true,
			scopes: []string{"enroll", "read:authenticators", "remove:authenticators"}}
	}
	return t.set.api(audience)
}

// maxBody is the most that is read of a request's body.
const maxBody = 64 << 10

// phonePath is the path under which other programs find the phone.
const phonePath = "/phone/"

// ServeHTTP answers one request as the tenant would.
func (t *Tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			failed, ok := p.(randomError)
			if !ok {
				panic(p)
			}
			http.Error(w, failed.err.Error(), http.StatusInternalServerError)
		}
	}()
	now := t.now()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	if strings.HasPrefix(r.URL.Path, phonePath) || r.URL.Path+"/" == phonePath {
		t.servePhone(w, r)
		return
	}
	if t.set.faults.notFound {
		t.page(w, http.StatusNotFound, notFoundPage)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	c := &call{t: t, w: w, r: r, now: now}
	switch path := r.URL.Path; {
	case path == "/oauth/token" && r.Method == http.MethodPost:
		if t.fault(w, r) {
			return
		}
		t.token(c)
	case path == "/oauth/revoke" && r.Method == http.MethodPost:
		t.revoke(c)
	case path == "/userinfo" && (r.Method == http.MethodGet || r.Method == http.MethodPost):
		t.userinfo(c)
	case (path == "/.well-known/openid-configuration" || path == "/.well-known/oauth-authorization-server") && reads(r):
		t.discovery(c)
	case path == "/.well-known/jwks.json" && reads(r):
		t.jwks(c)
	case path == "/mfa/authenticators" && r.Method == http.MethodGet:
		t.listAuthenticators(c)
	case strings.HasPrefix(path, "/mfa/authenticators/") && r.Method == http.MethodDelete:
		t.deleteAuthenticator(c, strings.TrimPrefix(path, "/mfa/authenticators/"))
	case path == "/mfa/challenge" && r.Method == http.MethodPost:
		t.challenge(c)
	case path == "/mfa/associate" && r.Method == http.MethodPost:
		t.associate(c)
	case path == "/dbconnections/signup" && r.Method == http.MethodPost:
		t.signup(c)
	case path == "/passwordless/start" && r.Method == http.MethodPost:
		t.passwordlessStart(c)
	case strings.HasPrefix(path, "/api/"):
		t.serveAPI(c)
	default:
		// unverified: the body of an unknown path.
		http.Error(w, "Not Found", http.StatusNotFound)
	}
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// call is one request on its way through the tenant.
type call struct {
	t   *Tenant
	w   http.ResponseWriter
	r   *http.Request
	now time.Time
}

// randomError is thrown where no random bytes can be had, and caught in
// ServeHTTP and New: there is nothing sensible to do without them.
type randomError struct{ err error }

func (t *Tenant) bytes(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(t.random, b); err != nil {
		panic(randomError{fmt.Errorf("no random bytes: %w", err)})
	}
	return b
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// text is n random characters out of an alphabet of at most 64.
func (t *Tenant) text(n int, alphabet string) string {
	out := make([]byte, 0, n)
	for round := 0; len(out) < n; round++ {
		if round == 1000 {
			panic(randomError{errors.New("the source of random bytes repeats itself")})
		}
		for _, b := range t.bytes(n) {
			if i := int(b & 63); i < len(alphabet) && len(out) < n {
				out = append(out, alphabet[i])
			}
		}
	}
	return string(out)
}

func (t *Tenant) digits() string       { return t.text(6, "0123456789") }
func (t *Tenant) hex(bytes int) string { return hex.EncodeToString(t.bytes(bytes)) }
func (t *Tenant) recoveryCode() string { return t.text(24, "ABCDEFGHIJKLMNPQRSTUVWXYZ123456789") }
func (t *Tenant) userID() string       { return "auth0|" + t.hex(12) }
func (t *Tenant) clientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// lockedReader lets many requests share one source of random bytes.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.r.Read(p)
	if err == nil && n == 0 && len(p) > 0 {
		err = errors.New("the source of random bytes is empty")
	}
	return n, err
}
