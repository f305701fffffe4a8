package flows

import "context"

// The grants of the password flow (RFC 6749 section 4.3; Auth0, "Resource
// Owner Password Flow").
const (
	GrantPassword      = "password"
	GrantPasswordRealm = "http://auth0.com/oauth/grant-type/password-realm"
)

func passwordFlow() Flow {
	return Flow{
		ID:    "password",
		Title: "Resource Owner Password",
		About: "The application sees the password: only for applications as trusted as the tenant itself, never for a third-party client.",
		User:  true,
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
			{Name: "audience", Label: "Audience", Help: "the API's identifier, byte for byte; empty: the tenant's default, else a token for /userinfo alone", Value: cfg.Audience},
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
