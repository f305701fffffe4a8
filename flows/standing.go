package flows

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"authwalk/flows/token"
)

// Standing asks the server whether it still takes an access token: by
// introspection (RFC 7662), where the server tells of it, else at /userinfo.
// What the answer says, Answer.Standing reads. Auth0 has no introspection.
func (c *Client) Standing(ctx context.Context, t Secret) Outcome {
	return c.elsewhere(c.standing(ctx, t), func(ctx context.Context) Outcome { return c.Standing(ctx, t) })
}

func (c *Client) standing(ctx context.Context, t Secret) Outcome {
	if t == "" {
		return Outcome{Err: noToken()}
	}
	e, exs, err := c.Endpoints(ctx)
	if err != nil {
		return Outcome{Exchanges: exs, Err: err}
	}
	var out Outcome
	if e.Introspection == "" {
		out = c.userinfo(ctx, t)
	} else if out.Err = c.foreign("introspection_endpoint", e.Introspection, ""); out.Err == nil {
		ex, err := c.sendToken(ctx, PurposeIntrospection, e, e.Introspection, t, "access_token")
		if out.Err = err; err == nil {
			out = c.answer(ex)
		}
	}
	out.Exchanges = append(exs, out.Exchanges...)
	return out
}

// Standing reads whether the server takes the access token t (nil: it is not
// known) that was asked about; known is false where the answer does not tell:
// an introspection that is refused or says nothing (RFC 7662 section 2.2 wants
// active), a /userinfo that answers neither 200 nor 401 (RFC 6750 section 3.1: a
// 403 is about scopes), or a 401 of /userinfo for a token of an API alone, which
// it never took.
func (a *Answer) Standing(t *token.Token) (taken, known bool) {
	ex := a.Exchange
	switch {
	case a.Purpose == PurposeIntrospection && ex.Status == http.StatusOK:
		v, _, err := readObject(ex)
		if err != nil {
			return false, false
		}
		active, _ := v.Get("active")
		taken, known = active.Bool()
		return taken && known, known
	case a.Purpose == PurposeIntrospection:
		return false, false
	case ex.Status == http.StatusOK:
		return true, true
	case ex.Status == http.StatusUnauthorized: // told only by a token that is for /userinfo, or may be
		return false, t == nil || t.Kind != token.JWS || slices.ContainsFunc(t.Audiences(), func(aud string) bool { return aud == ex.URL || strings.HasSuffix(aud, "/userinfo") })
	}
	return false, false
}
