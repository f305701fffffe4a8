package flows

import (
	"context"
	"maps"
	"net/http"
	"slices"
)

// What the grants share: their fields, and the one token request.

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

// previewEndpoints stands in for endpoints that must be discovered first.
func (c *Client) previewEndpoints() Endpoints {
	e, ok := c.KnownEndpoints()
	if !ok {
		e.Token = "(token_endpoint of " + c.Config.discoveryURL() + ")"
	}
	return e
}

// tokenRequest is a request to the token endpoint: grant, parameters, those of
// the profile, and the client's authentication.
func (c *Client) tokenRequest(cfg Config, e Endpoints, grant string, params form, preview bool) (Request, error) {
	f := form{{"grant_type", grant}}
	f = append(f, params...)
	for _, n := range slices.Sorted(maps.Keys(cfg.Params)) {
		f.add(n, cfg.Params[n])
	}
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	if cfg.ForwardedFor != "" {
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
	if asked.Refresh || asked.MFA { // these belong to the flow's own request
		cfg.Params, cfg.ForwardedFor = nil, ""
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
