package flows

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"authwalk/flows/rawjson"
)

// Endpoints is where requests go.
type Endpoints struct {
	Issuer   string // expected in tokens; empty when only a token URL is known
	Token    string
	JWKS     string // a URL or a file; empty: none known
	Userinfo string
	Revoke   string
	// MFA is what /authenticators, /challenge and /associate are under; empty
	// for a server that speaks no MFA (an Auth0 extension).
	MFA string
	// Introspection is RFC 7662's endpoint, where the server tells of one.
	Introspection string
	// Auth0 tells that the server is Auth0's or behaves like it.
	Auth0 bool
	// Problems of the discovery document that do not stop the way.
	Problems []string
}

// ForeignHostError stops before credentials or keys go over another host than
// the issuer's own: an endpoint of the discovery document is elsewhere.
type ForeignHostError struct {
	Endpoint, URL, Host, Issuer string
}

func (e *ForeignHostError) Error() string {
	return fmt.Sprintf("%s of %s is on another host: %s; allow it with --allow-host %s if it is known to you", e.Endpoint, e.Issuer, clip(e.URL), clip(e.Host))
}

// Unwrap makes it a usage error: exit code 2 where nobody can be asked.
func (e *ForeignHostError) Unwrap() error {
	return &UsageError{What: "allow-host", Msg: e.Error()}
}

// fixedEndpoints is what is known without asking: Auth0's paths below a
// domain, or what was given by hand. ok is false when discovery is needed.
func (c Config) fixedEndpoints() (e Endpoints, ok bool) {
	switch {
	case c.Domain != "":
		o := c.Origin()
		e = Endpoints{Issuer: o + "/", Token: o + "/oauth/token", JWKS: o + "/.well-known/jwks.json", Userinfo: o + "/userinfo",
			Revoke: o + "/oauth/revoke", MFA: o + "/mfa", Auth0: true}
		if c.TokenURL != "" {
			e.Token = c.TokenURL
		}
	case c.Issuer != "":
		return e, false
	default:
		e = Endpoints{Token: c.TokenURL}
	}
	c.byHand(&e)
	return e, true
}

func (c Config) byHand(e *Endpoints) {
	for _, o := range []struct {
		to *string
		v  string
	}{{&e.Token, c.TokenURL}, {&e.JWKS, c.JWKS}, {&e.Userinfo, c.UserinfoURL}, {&e.Revoke, c.RevokeURL}} {
		if o.v != "" {
			*o.to = o.v
		}
	}
}

// discoveryURL is where the issuer's metadata stands (OpenID Connect
// Discovery 1.0 section 4): also for a domain, where only check asks it.
func (c Config) discoveryURL() string {
	switch {
	case c.Domain != "":
		return c.Origin() + "/.well-known/openid-configuration"
	case c.Issuer != "":
		return strings.TrimRight(c.Issuer, "/") + "/.well-known/openid-configuration"
	}
	return ""
}

// endpointStore is what was discovered. Clients of one set-up share it.
type endpointStore struct {
	asking semaphore // so that the metadata is fetched once

	mu sync.Mutex
	e  *Endpoints
}

func newEndpointStore() *endpointStore { return &endpointStore{asking: newSemaphore()} }

func (s *endpointStore) get() (Endpoints, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.e == nil {
		return Endpoints{}, false
	}
	return *s.e, true
}

func (s *endpointStore) set(e Endpoints) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.e = &e
}

// KnownEndpoints is Endpoints without asking the network: what is fixed, or
// what was discovered before.
func (c *Client) KnownEndpoints() (Endpoints, bool) {
	if e, ok := c.found.get(); ok {
		return e, true
	}
	return c.Config.fixedEndpoints()
}

// Endpoints says where requests go: Auth0's paths below a domain, what was
// given by hand, else the issuer's metadata, fetched once. The exchanges are
// those of the fetch. Errors: a *ForeignHostError when the token endpoint or
// the keys are on another host that was not allowed; an *Error else.
func (c *Client) Endpoints(ctx context.Context) (Endpoints, []Exchange, error) {
	if e, ok := c.KnownEndpoints(); ok {
		return e, nil, nil
	}
	if err := c.found.asking.lock(ctx); err != nil {
		return Endpoints{}, nil, err
	}
	defer c.found.asking.unlock()
	if e, ok := c.KnownEndpoints(); ok { // somebody else asked meanwhile
		return e, nil, nil
	}
	e, exs, err := c.discover(ctx)
	if err != nil {
		return e, exs, err
	}
	e, err = c.adopt(e)
	return e, exs, err
}

// adopt makes discovered endpoints those that requests go to.
func (c *Client) adopt(e Endpoints) (Endpoints, error) {
	c.Config.byHand(&e)
	for _, p := range []struct{ what, u, own string }{{"token_endpoint", e.Token, c.Config.TokenURL}, {"jwks_uri", e.JWKS, c.Config.JWKS}} {
		if err := c.foreign(p.what, p.u, p.own); err != nil {
			return e, err
		}
	}
	c.found.set(e)
	return e, nil
}

// discover fetches and reads the issuer's metadata. RFC 8414 section 3.3 and
// OpenID Connect Discovery 4.3: the issuer it names must be the one asked for.
func (c *Client) discover(ctx context.Context) (Endpoints, []Exchange, error) {
	want := c.Config.ExpectedIssuer()
	urls := []string{c.Config.discoveryURL()}
	if u, err := url.Parse(want); err == nil && c.Config.Domain == "" {
		// RFC 8414 section 3 puts the well-known part before the path.
		p := strings.TrimRight(u.EscapedPath(), "/")
		urls = append(urls, u.Scheme+"://"+u.Host+"/.well-known/oauth-authorization-server"+p)
	}
	var exs []Exchange
	for i, at := range urls {
		ex := c.send(ctx, Request{Purpose: PurposeDiscovery, ByItself: true, Method: http.MethodGet, URL: at, Header: http.Header{"Accept": {"application/json"}}}, nil)
		exs = append(exs, ex)
		if ex.Fault != nil {
			return Endpoints{}, exs, faultError(ex)
		}
		if ex.Status == http.StatusNotFound && i+1 < len(urls) {
			continue
		}
		break
	}
	ex := exs[len(exs)-1]
	switch {
	case isRedirect(ex):
		return Endpoints{}, exs, shapeError(ex, fmt.Sprintf("the discovery document redirects (%d) to %s; that is not followed: if it is the right place, give its issuer", ex.Status, location(ex)))
	case ex.Status != http.StatusOK:
		return Endpoints{}, exs, shapeError(ex, fmt.Sprintf("the discovery document answers %d", ex.Status))
	case ex.Truncated:
		return Endpoints{}, exs, shapeError(ex, fmt.Sprintf("the discovery document is longer than %d bytes and was cut", ex.BodySize))
	}
	e, err := readMetadata(ex, want)
	if err != nil {
		return e, exs, shapeError(ex, err.Error())
	}
	for _, p := range []struct{ what, u string }{{"token_endpoint", e.Token}, {"jwks_uri", e.JWKS}} {
		if p.u != "" {
			if err := c.Config.checkURL(p.what, p.u); err != nil {
				return e, exs, err
			}
		}
	}
	return e, exs, nil
}

// readMetadata reads a discovery document that must be want's.
func readMetadata(ex Exchange, want string) (Endpoints, error) {
	v, problems, err := replyLimits.Parse(ex.Body)
	if err != nil {
		return Endpoints{}, fmt.Errorf("the discovery document is no JSON: %s", whyNoJSON(ex, err))
	}
	if v.Kind() != rawjson.Object {
		return Endpoints{}, fmt.Errorf("the discovery document is no JSON object")
	}
	text := v.GetStr
	e := Endpoints{Issuer: text("issuer"), Token: text("token_endpoint"), JWKS: text("jwks_uri"), Userinfo: text("userinfo_endpoint"),
		Revoke: text("revocation_endpoint"), Introspection: text("introspection_endpoint")}
	for _, p := range problems {
		e.Problems = append(e.Problems, clip(p.String()))
	}
	switch {
	case e.Token == "":
		return e, fmt.Errorf("the discovery document names no token_endpoint")
	case e.Issuer == "":
		return e, fmt.Errorf("the discovery document names no issuer")
	case strings.TrimRight(e.Issuer, "/") != strings.TrimRight(want, "/"):
		return e, fmt.Errorf("the discovery document is another issuer's: wanted %s, got %s", want, clip(e.Issuer))
	case e.Issuer != want:
		e.Problems = append(e.Problems, fmt.Sprintf("the issuer calls itself %s, the set-up says %s: tokens carry the former", clip(e.Issuer), want))
	}
	if m := text("mfa_challenge_endpoint"); strings.HasSuffix(m, "/challenge") {
		e.MFA, e.Auth0 = strings.TrimSuffix(m, "/challenge"), true
	}
	return e, nil
}
