package flows

import (
	"context"
	"errors"
	"net/http"
	"slices"
)

// The grants of the password flow (RFC 6749 section 4.3; Auth0, "Resource
// Owner Password Flow").
const (
	GrantPassword      = "password"
	GrantPasswordRealm = "http://auth0.com/oauth/grant-type/password-realm"
	GrantRefreshToken  = "refresh_token"
)

func passwordFlow() Flow {
	return Flow{
		ID:    "password",
		Title: "Resource Owner Password",
		About: "The application sees the password: only for applications as trusted as the tenant itself, never for a third-party client.",
		Start: passwordStep,
	}
}

func passwordStep(c *Client) Step {
	cfg := c.Config
	scope, _ := cfg.Scope()
	realmHelp := "empty: the tenant's default directory; a connection's name turns the request into the password-realm grant"
	return Step{
		Title: "Request tokens with a password",
		Fields: []Field{
			{Name: "username", Label: "Username", Help: "user name or e-mail, as the connection knows it", Value: cfg.Username, Required: true},
			{Name: "password", Label: "Password", Help: "sent as it is, blanks too", Kind: KindSecret, Value: cfg.Password.Reveal(), Required: true},
			{Name: "realm", Label: "Realm", Help: realmHelp, Value: cfg.Realm},
			{Name: "audience", Label: "Audience", Help: "the API's identifier, byte for byte; empty: a token for /userinfo alone", Value: cfg.Audience},
			{Name: "scope", Label: "Scopes", Help: "openid for an ID token, offline_access for a refresh token; none: the parameter is not sent", Kind: KindScopes, Value: scope, Options: scopeOptions(cfg.Scopes)},
			{Name: "client_id", Label: "Client ID", Help: "the application, as the dashboard shows it", Value: cfg.ClientID, Required: true},
			{Name: "client_auth", Label: "Client authentication", Help: "how the application proves itself at the token endpoint", Kind: KindChoice, Value: cfg.Auth(), Options: authOptions()},
			{Name: "client_secret", Label: "Client secret", Help: "for post and basic", Kind: KindSecret, Value: cfg.ClientSecret.Reveal()},
			{Name: "forwarded_for", Label: "Forwarded for", Help: "the user's IP address as auth0-forwarded-for; trusted only from a client with a secret and the setting on", Value: cfg.ForwardedFor, Check: checkIP},
		},
		Preview: c.previewPassword,
		Do:      c.doPassword,
	}
}

func scopeOptions(asked []string) []Option {
	all := slices.Clone(asked)
	for _, s := range []string{"openid", "profile", "email", "offline_access"} {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	var o []Option
	for _, s := range all {
		o = append(o, Option{Value: s, Label: s})
	}
	return o
}

func authOptions() []Option {
	return []Option{
		{AuthNone, "none (public application)"}, {AuthPost, "post (secret in the body)"},
		{AuthBasic, "basic (secret in a header)"}, {AuthPrivateKeyJWT, "private_key_jwt (signed assertion)"},
	}
}

func checkIP(s string) error {
	return Config{TokenURL: "https://x.test/", ForwardedFor: s}.Check()
}

func passwordGrant(cfg Config) (grant string, f form) {
	grant = GrantPassword
	if cfg.Realm != "" {
		grant = GrantPasswordRealm
	}
	f.add("username", cfg.Username)
	f.add("password", cfg.Password.Reveal())
	f.addUnlessEmpty("realm", cfg.Realm)
	f.addUnlessEmpty("audience", cfg.Audience)
	if scope, sent := cfg.Scope(); sent {
		f.add("scope", scope)
	}
	return grant, f
}

func (c *Client) previewPassword(v Values) (Request, error) {
	cfg := c.Config.With(v)
	grant, f := passwordGrant(cfg)
	return c.tokenRequest(cfg, c.previewEndpoints(), grant, f, true)
}

// previewEndpoints stands in for endpoints that must be discovered first.
func (c *Client) previewEndpoints() Endpoints {
	e, ok := c.KnownEndpoints()
	if !ok {
		e.Token = "(token_endpoint of " + c.Config.DiscoveryURL() + ")"
	}
	return e
}

func (c *Client) doPassword(ctx context.Context, v Values) Outcome {
	cfg := c.Config.With(v)
	if cfg.Username == "" {
		return Outcome{Err: usagef("username", "the user name is missing")}
	}
	if cfg.Password == "" {
		return Outcome{Err: usagef("password", "the password is missing")}
	}
	grant, f := passwordGrant(cfg)
	out := c.requestTokens(ctx, cfg, grant, f, Asked{Username: cfg.Username, Realm: cfg.Realm})
	return c.elsewhere(c.afterMFA(ctx, cfg, out), func(ctx context.Context) Outcome { return c.doPassword(ctx, v) })
}

// elsewhere turns a stop at a foreign host into a step that asks: told, and
// asked before credentials go there. again is what to do after a yes.
func (c *Client) elsewhere(out Outcome, again func(context.Context) Outcome) Outcome {
	if out.Next != nil { // asked already
		return out
	}
	return c.askElsewhere(out, Step{Do: func(ctx context.Context, _ Values) Outcome { return again(ctx) }})
}

func (c *Client) askElsewhere(out Outcome, next Step) Outcome {
	var fe *ForeignHostError
	if !errors.As(out.Err, &fe) {
		return out
	}
	do := next.Do
	next.Do = func(ctx context.Context, v Values) Outcome {
		c.AllowHost(fe.Host)
		return do(ctx, v)
	}
	next.Title = "Another host"
	next.Confirm = true
	next.Shows = []Note{{Kind: NoteWarn, Title: "Credentials or keys would go over another host", Text: fe.Endpoint + " of " + fe.Issuer + " is " + clip(fe.URL) + ". Go on only if you know " + clip(fe.Host) + "."}}
	out.Next = &next
	return out
}

// tokenRequest is a request to the token endpoint: grant, parameters, those of
// the profile, and the client's authentication.
func (c *Client) tokenRequest(cfg Config, e Endpoints, grant string, params form, preview bool) (Request, error) {
	f := form{{"grant_type", grant}}
	f = append(f, params...)
	names := make([]string, 0, len(cfg.Params))
	own := grant == GrantPassword || grant == GrantPasswordRealm
	if own { // the profile's further parameters belong to the flow's own request
		for n := range cfg.Params {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		f.add(n, cfg.Params[n])
	}
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	if cfg.ForwardedFor != "" && own {
		h.Set("Auth0-Forwarded-For", cfg.ForwardedFor)
	}
	if err := cfg.authenticate(h, &f, e.Issuer, e.Token, c.Clock.Wall(), preview); err != nil {
		return Request{}, err
	}
	return Request{Purpose: PurposeToken, Method: http.MethodPost, URL: e.Token, Header: h, Body: f.encode()}, nil
}

// requestTokens finds the endpoint, sends one token request and reads its reply.
func (c *Client) requestTokens(ctx context.Context, cfg Config, grant string, params form, asked Asked) Outcome {
	if cfg.ClientID == "" {
		return Outcome{Err: usagef("client_id", "the client id is missing")}
	}
	if err := cfg.Check(); err != nil {
		return Outcome{Err: err}
	}
	asked.Grant, asked.ClientID, asked.ClientAuth = grant, cfg.ClientID, cfg.Auth()
	asked.SecretSent = cfg.ClientSecret != "" && (asked.ClientAuth == AuthPost || asked.ClientAuth == AuthBasic) || asked.ClientAuth == AuthPrivateKeyJWT
	if !asked.Refresh {
		asked.Audience, asked.ForwardedFor = cfg.Audience, cfg.ForwardedFor
		asked.Scope, asked.ScopeSent = cfg.Scope()
	}
	out := Outcome{Asked: &asked}
	e, exs, err := c.Endpoints(ctx)
	out.Exchanges = exs
	if err != nil {
		out.Err = err
		return out
	}
	r, err := c.tokenRequest(cfg, e, grant, params, false)
	if err != nil {
		out.Err = err
		return out
	}
	r.ByItself = asked.byItself
	ex := c.send(ctx, r, nil)
	out.Exchanges = append(out.Exchanges, ex)
	out.Tokens, out.Err = readTokens(ex)
	return out
}
