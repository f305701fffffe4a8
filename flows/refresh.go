package flows

import (
	"context"
	"net/http"
)

// Refresh sends the refresh grant (RFC 6749 section 6) once. scope, unless
// empty, asks for fewer scopes than were granted.
func (c *Client) Refresh(ctx context.Context, token Secret, scope string) Outcome {
	if token == "" {
		return Outcome{Err: usagef("refresh_token", "there is no refresh token: ask for offline_access, and allow it in the tenant")}
	}
	f := form{{"refresh_token", token.Reveal()}}
	f.addUnlessEmpty("scope", scope)
	out := c.requestTokens(ctx, c.Config, GrantRefreshToken, f, Asked{Refresh: true, Audience: c.Config.Audience, Scope: scope, ScopeSent: scope != "", Username: c.Config.Username})
	return c.afterMFA(ctx, c.Config, out)
}

// RefreshPreview is what Refresh would send.
func (c *Client) RefreshPreview(token Secret, scope string) (Request, error) {
	f := form{{"refresh_token", token.Reveal()}}
	f.addUnlessEmpty("scope", scope)
	e, _ := c.KnownEndpoints()
	return c.tokenRequest(c.Config, e, GrantRefreshToken, f, true)
}

// Revoke asks the server to forget a token (RFC 7009). hint is refresh_token
// or access_token.
func (c *Client) Revoke(ctx context.Context, token Secret, hint string) Outcome {
	e, exs, err := c.Endpoints(ctx)
	out := Outcome{Exchanges: exs, Err: err}
	if err != nil {
		return out
	}
	if e.Revoke == "" {
		out.Err = usagef("revoke_url", "the server names no revocation endpoint")
		return out
	}
	if host, ok := c.hostAllowed(e.Revoke); !ok && c.Config.RevokeURL == "" {
		out.Err = &ForeignHostError{Endpoint: "revocation_endpoint", URL: e.Revoke, Host: host, Issuer: e.Issuer}
		return out
	}
	f := form{{"token", token.Reveal()}}
	f.addUnlessEmpty("token_type_hint", hint)
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if err := c.Config.authenticate(h, &f, e.Issuer, e.Token, c.Clock.Wall(), false); err != nil {
		out.Err = err
		return out
	}
	ex := c.send(ctx, Request{Purpose: PurposeRevoke, Method: http.MethodPost, URL: e.Revoke, Header: h, Body: f.encode()}, nil)
	out.Exchanges = append(out.Exchanges, ex)
	out.Answer = &Answer{Purpose: PurposeRevoke, Exchange: ex}
	if ex.Fault != nil {
		out.Err = faultError(ex)
	} else if ex.Status != http.StatusOK {
		if _, _, err := readObject(ex); err != nil {
			out.Err = err
		} else {
			out.Err = shapeError(ex, "the revocation was refused")
		}
	}
	return out
}
