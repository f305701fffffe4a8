package flows

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"authwalk/flows/diagnosis"
	"authwalk/flows/token"
)

// places maps what an exchange was for to the place that answered.
var places = map[string]diagnosis.Place{
	PurposeToken: diagnosis.AtToken, PurposeMFA: diagnosis.AtMFA, PurposeUserinfo: diagnosis.AtUserInfo, PurposeRevoke: diagnosis.AtRevoke,
	PurposeDiscovery: diagnosis.AtDiscovery, PurposeJWKS: diagnosis.AtJWKS, PurposeAPI: diagnosis.AtAPI,
}

// evidence is what a diagnosis may look at after an exchange. It takes no secret.
func (cfg Config) evidence(ex Exchange, a *Asked, auth0 diagnosis.Ternary) diagnosis.Evidence {
	ev := diagnosis.Evidence{At: places[ex.Purpose], Leeway: cfg.LeewayOrDefault(), Now: ex.End.Wall}
	ev.ClockOffset, _ = ex.ServerOffset()
	ev.Sent = diagnosis.Sent{Method: ex.Method, URL: ex.URL, ClientID: cfg.ClientID, ClientAuth: cfg.Auth(), Domain: cfg.Host(), Issuer: cfg.ExpectedIssuer(),
		AuthZero: auth0, TokenURLOnly: cfg.Domain == "" && cfg.Issuer == ""}
	if a != nil && (ex.Purpose == PurposeToken || ex.Purpose == PurposeMFA) {
		s := &ev.Sent
		s.Grant, s.ClientID, s.ClientAuth, s.SecretSent = a.Grant, a.ClientID, a.ClientAuth, a.SecretSent
		s.Username, s.Password, s.RefreshToken = a.Username != "", a.Username != "" && !a.Refresh && !a.MFA, a.Refresh
		s.Audience, s.Scope, s.ScopeSent, s.Realm, s.ForwardedFor, s.MFAKind = a.Audience, a.Scope, a.ScopeSent, a.Realm, a.ForwardedFor, a.MFAKind
	}
	if ex.Fault != nil {
		ev.Fault = &diagnosis.Fault{Err: ex.Fault.Err, Stage: ex.Fault.Stage, Timeout: ex.Fault.Timeout, Canceled: ex.Fault.Canceled, Limit: ex.Fault.Limit, Host: hostname(ex.URL), Proxy: proxyName(cfg.Proxy)}
	}
	if ex.Status != 0 {
		ev.Reply = &diagnosis.Reply{Status: ex.Status, Header: ex.Header, Body: ex.Body, Truncated: ex.Truncated}
	}
	return ev
}

// proxyName is a proxy's host and port: its URL may hold a password.
func proxyName(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return u.Host
	}
	return ""
}

// refusal is the evidence of an outcome that failed; ok is false when nothing
// on the wire failed (a fault in what was given).
func (s *Session) refusal(out Outcome) (diagnosis.Evidence, bool) {
	var fault *Error
	if !errors.As(out.Err, &fault) {
		return diagnosis.Evidence{}, false
	}
	var ex *Exchange
	for i := range out.Exchanges {
		e := &out.Exchanges[i]
		if e.Purpose == PurposeMFA && e.ByItself && fault.Code == "mfa_required" {
			continue // the list of factors, fetched to go on
		}
		ex = e
	}
	if ex == nil && fault.Fault != nil { // given up before anything was sent
		return diagnosis.Evidence{Fault: &diagnosis.Fault{Err: fault.Fault.Err, Stage: fault.Fault.Stage, Timeout: fault.Fault.Timeout, Canceled: fault.Fault.Canceled}}, true
	}
	if ex == nil { // a poll that was not sent any more
		body, _ := json.Marshal(map[string]string{"error": fault.Code, "error_description": fault.Description}) // strings alone: cannot fail
		return diagnosis.Evidence{Sent: diagnosis.Sent{Grant: GrantMFAOOB, MFAKind: "push", AuthZero: s.auth0()}, Reply: &diagnosis.Reply{Body: body}}, true
	}
	ev := s.Config.evidence(*ex, out.Asked, s.auth0())
	ev.FactorsKnown = fault.Code == "mfa_required" && slices.ContainsFunc(out.Exchanges, func(e Exchange) bool { return e.Purpose == PurposeMFA && e.Status == http.StatusOK })
	for _, f := range out.Factors {
		ev.Factors = append(ev.Factors, f.Title())
	}
	return ev, true
}

// auth0 tells what is known of the server: a domain means Auth0's paths.
func (s *Session) auth0() diagnosis.Ternary {
	switch {
	case s.Endpoints.Auth0 || s.Config.Domain != "":
		return diagnosis.Yes
	case s.Endpoints.Token != "" && s.Config.Issuer != "":
		return diagnosis.No // its metadata names no mfa_challenge_endpoint, as every Auth0 tenant's does
	}
	return diagnosis.Unknown
}

// success is the evidence of a generation: what it brought and what is odd.
func (s *Session) success(g *Generation) diagnosis.Evidence {
	ev := s.Config.evidence(g.exchange, &g.Asked, s.auth0())
	t := g.Tokens
	i := &diagnosis.Issued{HasAudience: g.Asked.Audience != "" || g.Asked.Refresh, RefreshToken: t.RefreshToken != "", Rotated: g.RefreshToken == RefreshNew,
		AskedOffline:   slices.Contains(strings.Fields(g.Asked.Scope), "offline_access"),
		GrantedOffline: slices.Contains(strings.Fields(t.Scope), "offline_access")}
	if g.Access != nil {
		i.AccessKind, i.AccessAlg = string(g.Access.Kind), g.Access.Alg()
		_, i.Permissions = g.Access.Permissions()
	}
	for _, r := range g.Ledger.Rows {
		if r.Scope == "offline_access" {
			continue
		}
		switch r.Verdict {
		case token.NeedsPermission:
			i.NeedsPermission = append(i.NeedsPermission, r.Scope)
			i.Missing = append(i.Missing, r.Scope)
		case token.Missing, token.Dropped:
			if r.Requested != nil && *r.Requested {
				i.Missing = append(i.Missing, r.Scope)
			}
		}
	}
	i.Checks = checks(g)
	ev.Issued = i
	return ev
}

func checks(g *Generation) (out []diagnosis.Check) {
	for _, c := range g.Checks {
		out = append(out, diagnosis.Check{Token: string(c.Token), Name: c.Name, State: string(c.State), Want: c.Want, Got: c.Got, Why: c.Why})
	}
	return out
}

// answered is the evidence of an API's (or /userinfo's) answer, with what is
// known of the token that went there.
func (s *Session) answered(ex Exchange, g *Generation, idToken bool, now time.Time) diagnosis.Evidence {
	ev := s.Config.evidence(ex, nil, s.auth0())
	if g == nil {
		return ev
	}
	ev.Sent.Audience, ev.Sent.Scope, ev.Sent.ScopeSent = g.Asked.Audience, g.Asked.Scope, g.Asked.ScopeSent
	if o := s.origin(g); o != g && !g.Asked.ScopeSent { // asked for what the first grant asked for
		ev.Sent.Scope, ev.Sent.ScopeSent = o.Asked.Scope, o.Asked.ScopeSent
	}
	i := &diagnosis.Issued{HasAudience: g.Asked.Audience != "" || g.Asked.Refresh, IDToken: idToken, Checks: checks(g)}
	t := g.Access
	if idToken {
		t = g.ID
	}
	if t != nil {
		i.AccessKind, i.AccessAlg = string(t.Kind), t.Alg()
		i.Scopes, _ = t.Scopes()
		perms, has := t.Permissions()
		i.Scopes, i.Permissions = append(i.Scopes, perms...), has
		i.Audiences = t.Audiences()
		if exp, ok := t.Claims.Get("exp"); ok {
			if n, ok := exp.Int64(); ok {
				i.Expired = now.Unix() > n
			}
		}
	}
	ev.Issued = i
	return ev
}
