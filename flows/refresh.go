package flows

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// GrantRefreshToken is the refresh grant (RFC 6749 section 6).
const GrantRefreshToken = "refresh_token"

// Refresh sends the refresh grant once. scope, unless
// empty, asks for fewer scopes than were granted.
func (c *Client) Refresh(ctx context.Context, token Secret, scope string) Outcome {
	if token == "" {
		return Outcome{Err: usagef("refresh_token", "there is no refresh token: ask for offline_access, and allow it in the tenant")}
	}
	f, scope := refreshGrant(token, scope)
	out := c.requestTokens(ctx, c.Config, GrantRefreshToken, f, Asked{Refresh: true, Audience: c.Config.Audience, Scope: scope, ScopeSent: scope != "", Username: c.Config.Username})
	return c.elsewhere(c.afterMFA(ctx, c.Config, out), func(ctx context.Context) Outcome { return c.Refresh(ctx, token, scope) })
}

func refreshGrant(token Secret, scope string) (form, string) {
	scope = strings.Join(strings.Fields(scope), " ")
	f := form{{"refresh_token", token.Reveal()}}
	f.addUnlessEmpty("scope", scope)
	return f, scope
}

// Revoke asks the server to forget a token (RFC 7009). hint is refresh_token
// or access_token.
func (c *Client) Revoke(ctx context.Context, token Secret, hint string) Outcome {
	return c.elsewhere(c.revoke(ctx, token, hint), func(ctx context.Context) Outcome { return c.Revoke(ctx, token, hint) })
}

func (c *Client) revoke(ctx context.Context, token Secret, hint string) Outcome {
	if token == "" {
		return Outcome{Err: usagef("token", "there is no token to revoke")}
	}
	e, exs, err := c.Endpoints(ctx)
	out := Outcome{Exchanges: exs, Err: err}
	if err != nil {
		return out
	}
	if e.Revoke == "" {
		out.Err = usagef("revoke_url", "the server names no revocation endpoint")
		return out
	}
	if out.Err = c.foreign("revocation_endpoint", e.Revoke, c.Config.RevokeURL); out.Err != nil {
		return out
	}
	ex, err := c.sendToken(ctx, PurposeRevoke, e, e.Revoke, token, hint)
	if err != nil {
		out.Err = err
		return out
	}
	out.Exchanges = append(out.Exchanges, ex)
	out.Answer = &Answer{Purpose: PurposeRevoke, Exchange: ex}
	switch _, _, err := readObject(ex); {
	case ex.Fault != nil:
		out.Err = faultError(ex)
	case ex.Status == http.StatusOK:
		var e *Error // RFC 7009 section 2.2: the body says nothing, unless it says error
		if errors.As(err, &e) && e.Kind == ErrorOAuth {
			out.Err = e
		}
	case err != nil:
		out.Err = err
	default:
		out.Err = shapeError(ex, fmt.Sprintf("the revocation endpoint answers %d", ex.Status))
	}
	return out
}

// sendToken hands a token to an endpoint that takes it in a form and wants to
// know the client: revocation (RFC 7009 section 2.1) and introspection (RFC
// 7662 section 2.1).
func (c *Client) sendToken(ctx context.Context, purpose string, e Endpoints, to string, token Secret, hint string) (Exchange, error) {
	f := form{{"token", token.Reveal()}}
	f.addUnlessEmpty("token_type_hint", hint)
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if err := c.Config.authenticate(h, &f, e.Issuer, e.Token, c.Clock.Wall(), false); err != nil {
		return Exchange{}, err
	}
	return c.send(ctx, Request{Purpose: purpose, Method: http.MethodPost, URL: to, Header: h, Body: f.encode()}, nil), nil
}
