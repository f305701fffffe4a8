package flows

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Call is an API call: what a person put together.
type Call struct {
	Method, URL string
	Header      http.Header
	Body        []byte
	// Token is the bearer token; a call without one is not sent.
	Token Secret
	// Spool takes the answer; nil: a new one. The screen that made it reads
	// its Size while the answer streams in, and closes it in the end.
	Spool *Spool
}

// APIBaseURL is what relative URLs of calls start from: api_base, else the
// audience if that is a URL, else the issuer.
func (c Config) APIBaseURL() string {
	if c.APIBase != "" {
		return c.APIBase
	}
	if u, err := url.Parse(c.Audience); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		return c.Audience
	}
	return c.Origin() + "/"
}

// CallURL makes a call's URL whole. A relative one starts from APIBase: "/x"
// from its path's end as "x" does, for a base with a path is meant to stay.
func (c Config) CallURL(ref string) (string, error) {
	ref = strings.TrimSpace(ref)
	if ref == "" {
		return "", usagef("URL", "the URL of the call is missing")
	}
	u, err := url.Parse(ref)
	if err != nil {
		return "", usagef("URL", "%q is no URL", clip(shortURL(ref)))
	}
	if !u.IsAbs() {
		if u.Host != "" {
			return "", usagef("URL", "%q names a host without https:// before it", clip(shortURL(ref)))
		}
		base, err := url.Parse(c.APIBaseURL())
		if err != nil || base.Host == "" {
			return "", usagef("URL", "%q is relative and there is no api_base", clip(shortURL(ref)))
		}
		whole := *base
		if u.Path != "" {
			whole = *base.JoinPath(u.EscapedPath())
		}
		whole.RawQuery = u.RawQuery
		u = &whole
	}
	u.Fragment, u.RawFragment = "", "" // never sent (RFC 9110 section 7.1)
	s := u.String()
	if err := c.checkURL("URL", s); err != nil {
		return "", err
	}
	return s, nil
}

// PreviewCall is what Call would send.
func (c *Client) PreviewCall(call Call) (Request, error) {
	u, err := c.Config.CallURL(call.URL)
	if err != nil {
		return Request{}, err
	}
	m := strings.ToUpper(strings.TrimSpace(call.Method))
	if m == "" {
		m = http.MethodGet
	}
	h := http.Header{}
	for _, k := range slices.Sorted(maps.Keys(call.Header)) {
		for _, v := range call.Header[k] {
			h.Add(k, v)
		}
	}
	h.Set("Authorization", "Bearer "+call.Token.Reveal())
	if len(call.Body) > 0 && h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	var body []byte
	if len(call.Body) > 0 {
		body = slices.Clone(call.Body)
	}
	return Request{Purpose: PurposeAPI, Method: m, URL: u, Header: h, Body: body}, nil
}

// Call sends an API call with a bearer token (RFC 6750 section 2.1). Never
// without one: a 401 for a token that was not sent teaches nothing.
func (c *Client) Call(ctx context.Context, call Call) Outcome {
	if call.Token == "" {
		return Outcome{Err: noToken()}
	}
	r, err := c.PreviewCall(call)
	if err != nil {
		return Outcome{Err: err}
	}
	spool := call.Spool
	if spool == nil {
		spool = &Spool{}
	}
	return c.answer(c.send(ctx, r, spool))
}

// Userinfo asks /userinfo (OpenID Connect Core section 5.3). It is only ever
// asked on a key or by a command: Auth0 throttles it hard.
func (c *Client) Userinfo(ctx context.Context, t Secret) Outcome {
	return c.elsewhere(c.userinfo(ctx, t), func(ctx context.Context) Outcome { return c.Userinfo(ctx, t) })
}

// Call is a saved call as it is sent with a token.
func (s SavedCall) Call(token Secret, spool *Spool) Call {
	h := http.Header{}
	for name, v := range s.Headers {
		h.Set(name, v)
	}
	return Call{Method: s.Method, URL: s.URL, Header: h, Body: []byte(s.Body), Token: token, Spool: spool}
}

func noToken() error {
	return usagef("access_token", "there is no token to call with: request one first")
}

func (c *Client) userinfo(ctx context.Context, t Secret) Outcome {
	if t == "" {
		return Outcome{Err: noToken()}
	}
	e, exs, err := c.Endpoints(ctx)
	if err != nil {
		return Outcome{Exchanges: exs, Err: err}
	}
	if e.Userinfo == "" {
		return Outcome{Exchanges: exs, Err: usagef("userinfo_url", "the server names no userinfo endpoint")}
	}
	if err := c.foreign("userinfo_endpoint", e.Userinfo, c.Config.UserinfoURL); err != nil {
		return Outcome{Exchanges: exs, Err: err}
	}
	h := http.Header{"Authorization": {"Bearer " + t.Reveal()}, "Accept": {"application/json"}}
	ex := c.send(ctx, Request{Purpose: PurposeUserinfo, Method: http.MethodGet, URL: e.Userinfo, Header: h}, nil)
	out := c.answer(ex)
	out.Exchanges = append(exs, out.Exchanges...)
	return out
}

func (c *Client) answer(ex Exchange) Outcome {
	out := Outcome{Exchanges: []Exchange{ex}, Answer: &Answer{Purpose: ex.Purpose, Exchange: ex}}
	if ex.Fault != nil {
		out.Err = faultError(ex)
	}
	return out
}
