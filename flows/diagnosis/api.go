package diagnosis

import (
	"net/http"
	"slices"
	"strings"
)

// Findings about answers of an API, and of /userinfo. They name no log event: the
// tenant does not see these requests, or does not log them.

func (c *look) apiAnswer() []Finding {
	status := c.ev.status()
	ch, challenged := BearerChallenge(ParseChallenge(c.ev.header().Values("Www-Authenticate")...))
	if status == http.StatusTooManyRequests {
		return c.rateLimited()
	}
	if !challenged && (status == 401 || status == 403 || status == 0) && c.r.Shape == ShapeOAuth {
		// Some APIs put the error into the body instead.
		ch = Challenge{Scheme: "Bearer", Params: map[string]string{"error": c.r.Code, "error_description": c.r.Description}}
		challenged = true
	}
	if c.ev.At == AtUserInfo && (status == 401 || status == 403 || status == 0) {
		out := []Finding{c.userInfoRefused(ch)}
		if status == 0 && c.ev.Sent.URL == "" && !challenged { // the bare word, which is also a description of the token endpoint's
			f := c.clientAuthFailed(Possible)[0]
			f.Why = "If the token endpoint said it (access_denied, Unauthorized), it was about the application: one called without its secret, or with a wrong one."
			out = append(out, f)
		}
		return out
	}
	switch {
	case ch.Error() == "insufficient_scope":
		return []Finding{c.insufficientScope(ch)}
	case status == 401, ch.Error() == "invalid_token":
		return c.tokenRefused(ch, challenged)
	case status == 403:
		return []Finding{c.forbidden(ch)}
	}
	return []Finding{c.apiError(status)}
}

// challengeSays is the API's own word.
func challengeSays(ch Challenge) string {
	switch {
	case ch.Description() != "":
		return "The API says " + sentence(ch.Description())
	case ch.Error() != "":
		return "The API says " + quote(ch.Error()) + "."
	}
	return "The API gives no reason in WWW-Authenticate."
}

func (c *look) insufficientScope(ch Challenge) Finding {
	want := ch.Scopes()
	var missing []string
	have := []string{}
	if is := c.ev.Issued; is != nil {
		have = is.Scopes
	}
	for _, s := range want {
		if !slices.Contains(have, s) {
			missing = append(missing, s)
		}
	}
	f := Finding{
		ID: InsufficientScope, Certainty: Certain,
		Title: "The token lacks a scope the API wants",
		Why:   challengeSays(ch),
		Link:  c.docs(docScopes, specBearer), Field: "scope",
	}
	if len(missing) == 0 && len(want) > 0 && c.ev.Issued == nil {
		missing = want
	}
	switch {
	case len(missing) > 0:
		f.Title = "The token lacks the scope " + list(missing)
		asked := strings.Fields(c.ev.Sent.Scope)
		var notAsked []string
		for _, s := range missing {
			if !slices.Contains(asked, s) {
				notAsked = append(notAsked, s)
			}
		}
		if len(asked) == 0 { // nothing was asked for, or it is not known what
			f.Fix = []string{"Ask for " + list(missing) + " and get a new token.", "If it was asked for: let the server grant it. With RBAC, assign the permission to the user; check that the API has this scope."}
		} else if len(notAsked) > 0 {
			f.Why += " Not asked for: " + list(notAsked) + "."
			f.Fix = []string{"Ask for " + list(missing) + " and get a new token."}
			f.Tries = []Try{{"Ask for " + list(missing) + " too", map[string]string{"scope": strings.TrimSpace(c.ev.Sent.Scope + " " + strings.Join(notAsked, " "))}}}
		} else {
			f.Why += " It was asked for, and not granted."
			f.Fix = []string{"Let the server grant it: with RBAC, assign the permission to the user; check that the API has this scope."}
		}
	case len(want) > 0:
		f.Why += " It wants " + list(want) + ", which the token has: the API may look at another claim (permissions, roles)."
		f.Fix = []string{"Compare what the API checks with the token's claims: scope, permissions, roles."}
	default:
		f.Why += " It does not say which."
		f.Fix = []string{"Look up which scope this call needs, and ask for it."}
	}
	f.Where = c.where([]string{"Applications > APIs > YOUR API > Permissions", "User Management > Users > YOUR USER > Permissions"}, "the scopes of the API at the authorization server")
	return f
}

// bodyScope is insufficient_scope as an error of the server itself.
func (c *look) bodyScope() []Finding {
	f := c.insufficientScope(Challenge{Params: map[string]string{"error": c.r.Code, "error_description": c.r.Description}})
	f.LogEvent = c.failEvent()
	return []Finding{f}
}

func (c *look) tokenRefused(ch Challenge, challenged bool) []Finding {
	says := challengeSays(ch)
	is := c.ev.Issued
	where := c.where([]string{"Applications > APIs > YOUR API > Settings", "the API's own settings: issuer and audience"}, "the API's own settings: issuer, audience, key set")
	f := Finding{
		ID: TokenRefused, Certainty: Likely,
		Title: "The API does not accept the access token",
		Why:   says,
		Fix: []string{
			"Compare the token with what the API is set to: issuer (with its slash), audience, algorithm.",
			"Check the clocks of both machines.",
		},
		Where: where, Link: c.docs(docValidate, specBearer), Field: "audience",
	}
	if is == nil {
		is = &Issued{}
	}
	switch {
	case is.IDToken:
		f.ID, f.Certainty = IDTokenSent, Certain
		f.Title = "An ID token was sent to the API"
		f.Why = says + " An ID token is for the application, to know who logged in; an API wants the access token."
		f.Fix = []string{"Send the access token."}
		f.Field = ""
	case is.Expired || c.saysExpired(ch):
		f.ID, f.Certainty = TokenExpired, Certain
		if !is.Expired {
			f.Certainty = Likely
		}
		f.Title = "The access token has expired"
		f.Why = says
		f.Fix = []string{
			"Get a new token, or refresh, and send the call again with the new token.",
			"If it happens soon after the login: check the clocks of this machine and of the API, and the API's token lifetime.",
		}
		f.Where = c.where([]string{"Applications > APIs > YOUR API > Settings > Token Settings > Maximum Access Token Lifetime"}, "the lifetime of access tokens at the authorization server")
		f.Field = ""
	case strings.EqualFold(is.AccessAlg, "none"):
		f.Why = says + " The token is not signed (alg none), so anybody can have made it; an API that checks as it should takes none of these, whatever its audience."
		f.Fix = []string{"Find out who hands out such a token: a tenant signs every access token of an API.", "Get one from the tenant's own token endpoint, and see that alg is RS256 or another that signs."}
		f.Field = ""
	case is.AccessKind == "jwe" || is.AccessKind == "opaque":
		f.ID = OpaqueToken
		f.Title = "The API cannot read an opaque or encrypted access token"
		f.Why = says + " An API that checks signed tokens itself needs one in three parts, and gets one only if its identifier is asked for as audience."
		f.Fix = []string{"Send audience, the identifier of this API, when asking for the token.", "Or let the API ask the server about the token (introspection), if the server offers that."}
	default:
		if len(is.Audiences) > 0 {
			f.Why += " The token is for " + list(is.Audiences) + "."
			f.Fix[0] = "Compare the audience the API is set to with the token's, byte for byte; then issuer (with its slash) and algorithm."
		}
		if !challenged {
			f.Fix = append(f.Fix, "Check that the API wants a bearer token at all: it names no scheme.")
		}
		if i := slices.IndexFunc(is.Checks, func(k Check) bool { return k.Token == "access" && k.State == "fail" }); i >= 0 {
			f.Why += " It fails a check here too, so the API may be right: " + is.Checks[i].Name + ". " + is.Checks[i].Why
		}
	}
	return []Finding{f}
}

// expiredWords are how libraries that check tokens say that one has expired.
var expiredWords = has(`expired|\bexpiration\b.*\bpast\b|"?\bexp"?\)? claim|lifetime validation failed`)

// saysExpired tells whether the API calls the token expired: in its challenge,
// or, where that says nothing, in a short body as express-jwt's.
func (c *look) saysExpired(ch Challenge) bool {
	said := ch.Error() + " " + ch.Description()
	if ch.Description() == "" && c.ev.Reply != nil {
		said += " " + string(clip(c.ev.Reply.Body, 2<<10))
	}
	return expiredWords().MatchString(strings.ToLower(said))
}

func (c *look) forbidden(ch Challenge) Finding {
	f := Finding{
		ID: APIForbidden, Certainty: Possible,
		Title: "The API knows the token and forbids the call",
		Why:   challengeSays(ch) + " Mostly a scope, a permission or a role is missing; with RBAC the API may look at permissions and not at scope.",
		Fix: []string{
			"Look up which scope or permission this call needs, and compare with the token's claims.",
			"Ask for it, or have it assigned to the user.",
		},
		Where: c.where([]string{"Applications > APIs > YOUR API > Permissions", "User Management > Users > YOUR USER > Permissions"}, "the API's own rules; the user's roles"),
		Link:  c.docs(docRBAC, specBearer), Field: "scope",
	}
	if is := c.ev.Issued; is != nil && len(is.Scopes) > 0 {
		f.Why += " The token has: " + list(is.Scopes) + "."
	}
	return f
}

func (c *look) apiError(status int) Finding {
	f := Finding{
		ID: APIError, Certainty: Possible,
		Title: "The API answered " + statusText(status),
		Why:   "The call arrived, and this is the API's own answer; tokens have most likely no part in it.",
		Fix:   []string{"Read the answer's body, and check method, address and body of the call."},
		Where: []string{"the API's own documentation and log"},
		Link:  specStatus, Field: "api_base",
	}
	switch {
	case status == 0:
		f.Title = "The API refused the call"
	case status >= 500:
		f.Fix = []string{"Look into the API's log: the fault is there."}
	case status == 404:
		f.Fix = []string{"Check the address; a relative one starts from api_base, else from the audience, else from the issuer."}
	}
	return f
}

func (c *look) userInfoRefused(ch Challenge) Finding {
	f := Finding{
		ID: UserInfoRefused, Certainty: Likely,
		Title: "/userinfo does not accept the access token",
		Why:   challengeSays(ch),
		Where: c.where([]string{"Applications > APIs > YOUR API > Settings > Token Settings > JSON Web Token (JWT) Signing Algorithm"}, "the scopes asked for; the token's lifetime"),
		Link:  c.docs(docUserInfo, "https://openid.net/specs/openid-connect-core-1_0.html#UserInfoError"), Field: "scope",
	}
	is := c.ev.Issued
	openid := slices.Contains(strings.Fields(c.ev.Sent.Scope), "openid")
	switch {
	case is != nil && is.IDToken:
		f.Certainty = Certain
		f.Why += " An ID token was sent; /userinfo wants the access token."
		f.Fix = []string{"Send the access token."}
	case is != nil && is.Expired, c.saysExpired(ch):
		if is != nil && is.Expired {
			f.Certainty = Certain
		}
		f.Why += " The token has expired."
		f.Fix = []string{"Refresh, and ask again with the new token."}
	case is != nil && is.AccessAlg == "HS256":
		f.Why += " Tokens of an API that signs with HS256 have one audience only, so /userinfo is not among them."
		f.Fix = []string{"Let the API sign with RS256: then openid adds /userinfo to the token's audiences.", "Or ask for a token without an audience, for /userinfo alone."}
		f.Field = "audience"
		f.Tries = []Try{{"Without an audience", map[string]string{"audience": ""}}}
	case c.ev.Sent.ScopeSent && !openid:
		f.Why += " The token was asked for without the scope openid, which /userinfo needs."
		f.Fix = []string{"Ask for openid and get a new token."}
		f.Tries = []Try{{"Ask for openid too", map[string]string{"scope": strings.TrimSpace("openid " + c.ev.Sent.Scope)}}}
	case is != nil && is.AccessKind != "": // its alg is known, and HS256 it is not
		f.Why += " The usual causes: the token was asked for without openid, so that /userinfo is not among its audiences, or it has expired by the server's clock."
		f.Fix = []string{"Get a new token with the scope openid, and send the access token."}
	default:
		f.Why += " The usual causes: the token has expired, was asked for without openid, is an ID token, or is of an API that signs with HS256."
		f.Fix = []string{"Get a new token with the scope openid, and send the access token.", "If the API signs with HS256: let it sign with RS256."}
	}
	if strings.Contains(ch.Description(), "HS256") && (is == nil || is.AccessAlg != "HS256") {
		// Recorded for expired tokens and for those of other audiences alike.
		f.Why += " Auth0 says these words of every token that /userinfo does not take: HS256 is only one cause of them."
	}
	if c.r.Shape == ShapeText && c.own {
		f.Fix = append(f.Fix, "In your own code: the reply's body is the plain word Unauthorized, not JSON; do not parse it.")
	}
	return f
}
