package diagnosis

import (
	"fmt"
	"strings"
)

// Findings on successes.

func (c *look) issued() ([]Finding, Class) {
	is := c.ev.Issued
	if is == nil {
		return nil, ClassNone
	}
	var out []Finding
	class := ClassNone
	failed, timeOnly := failures(is.Checks)
	if len(failed) > 0 {
		class = ClassValidation
	} else if is.RequiredMissing {
		class = ClassScopes
	}
	skew := c.skewFinding(failed, timeOnly)
	if skew != nil && timeOnly {
		out = append(out, *skew)
	}
	if len(failed) > 0 {
		out = append(out, c.tokenInvalid(failed))
	}
	if skew != nil && !timeOnly {
		out = append(out, *skew)
	}
	out = append(out, c.opaque()...)
	if is.AskedOffline && !is.RefreshToken && !c.ev.Sent.isRefresh() {
		out = append(out, c.noRefreshToken())
	}
	out = append(out, c.shortfall()...)
	if is.RefreshToken && !is.Rotated && c.ev.Sent.ClientAuth == "none" {
		out = append(out, c.publicSecret())
	}
	if c.own && c.ev.Sent.isPassword() {
		if c.ev.Sent.ForwardedFor != "" {
			if f, ok := c.forwardedFor(false); ok {
				out = append(out, f)
			}
		}
		out = append(out, c.fewAttempts()...)
	}
	return out, class
}

// failures picks the failed checks; timeOnly tells that they are all about time.
func failures(checks []Check) (failed []Check, timeOnly bool) {
	for _, ch := range checks {
		if ch.State == "fail" {
			failed = append(failed, ch)
		}
	}
	timeOnly = len(failed) > 0
	for _, ch := range failed {
		timeOnly = timeOnly && isTimeCheck(ch)
	}
	return failed, timeOnly
}

func isTimeCheck(ch Check) bool {
	return ch.Name == "exp" || ch.Name == "nbf" || ch.Name == "iat" || ch.Name == "auth_time"
}

// skewFinding tells of clocks that differ: by the server's Date, or, where that
// is not known, by a token from the future.
func (c *look) skewFinding(failed []Check, timeOnly bool) *Finding {
	if skewed(c.ev.ClockOffset, c.ev.leeway()) {
		f := c.clockSkew(Certain)
		return &f
	}
	for _, ch := range c.ev.Issued.Checks {
		if (ch.Name == "iat" || ch.Name == "nbf") && (ch.State == "warn" || ch.State == "fail") {
			f := c.clockSkew(Likely)
			f.Why = "A token that was just issued says it is from the future (" + ch.Name + ": " + c.wantGot(ch) + "). Two clocks differ: the server's and this machine's."
			return &f
		}
	}
	return nil
}

func (c *look) clockSkew(how Certainty) Finding {
	return Finding{
		ID: ClockSkew, Certainty: how,
		Title: "The clocks differ: the server's is " + ahead(c.ev.ClockOffset),
		Why:   "By the Date header of its reply the server's clock is " + ahead(c.ev.ClockOffset) + ". Checks of exp, iat and nbf allow " + span(c.ev.leeway()) + ", so good tokens can fail here, or at an API whose clock is wrong.",
		Fix: []string{
			"Set this machine's clock (NTP). Public services keep theirs right.",
			"If the server is your own: set its clock.",
			"To see the tokens judged all the same: a larger --leeway.",
		},
		Where: []string{"this machine's clock; the server's clock if it is your own"},
		Link:  c.docs(docValidate, specClaims),
	}
}

func (c *look) wantGot(ch Check) string {
	switch {
	case ch.Want != "" && ch.Got != "":
		return "wanted " + short(ch.Want, 200) + ", got " + short(ch.Got, 200)
	case ch.Why != "":
		return short(ch.Why, 300)
	case ch.Got != "":
		return "got " + short(ch.Got, 200)
	}
	return "failed"
}

// tokenName is a token for a sentence.
func tokenName(s string) string {
	switch s {
	case "id":
		return "ID token"
	case "":
		return "token"
	}
	return s + " token"
}

// checkAdvice says for each check what to change when it fails.
func (c *look) checkAdvice(ch Check) (fix, field string, where []string) {
	switch ch.Name {
	case "iss":
		return c.pick("The issuer must be equal to the letter, its slash at the end too. A custom domain is another issuer than the tenant's own name: use one of them everywhere, in the profile and in the API.", "The issuer must be equal to the letter, its slash at the end too."), "domain", []string{"Branding > Custom Domains"}
	case "aud":
		if ch.Token == "id" {
			return "The ID token's audience must be the client_id it was asked with.", "client_id", []string{"Applications > YOUR APP > Settings > Basic Information > Client ID"}
		}
		return "The token is for another API: compare the audience that was asked for with what is in the token. No Action can change it; a cache may have given out another request's token.", "audience", []string{"Applications > APIs > YOUR API > Settings > Identifier"}
	case "kid":
		return "The key is not in the server's key set: the token is of another tenant, or the key was rotated away. Compare kid with the key set, and make caches of it expire.", "issuer", []string{"Settings > Signing Keys"}
	case "signature":
		if ch.Got == "none" { // what alg none needs stands at alg
			return "Nobody signed the token, so anybody can have made it. Trust nothing in it.", "issuer", []string{"Settings > Signing Keys"}
		}
		return "The signature does not fit the key: the token was changed, or it is of another tenant. Trust nothing in it.", "issuer", []string{"Settings > Signing Keys"}
	case "alg":
		return "The algorithm is not one that may be accepted; alg none never is.", "", []string{"Applications > APIs > YOUR API > Settings > Token Settings > JSON Web Token (JWT) Signing Algorithm", "Applications > YOUR APP > Settings > Advanced Settings > OAuth"}
	case "exp":
		return "The token had expired when it came: look at its lifetime, and at caches that give out old tokens.", "", []string{"Applications > APIs > YOUR API > Settings > Token Settings > Maximum Access Token Lifetime"}
	case "nbf", "iat", "auth_time":
		return "The token's times do not fit: compare the clocks of both machines.", "", []string{"the clocks of both machines"}
	case "azp":
		return "The token was issued to another client than this one.", "client_id", []string{"Applications > YOUR APP > Settings > Basic Information > Client ID"}
	case "nonce", "at_hash":
		return "The token does not belong to this login: it may have been replayed or mixed up.", "", []string{"the application's own handling of logins"}
	case "typ":
		return "The token is of another type than it should be: compare the API's token profile.", "audience", []string{"Applications > APIs > YOUR API > Settings > Token Settings > Access Token Profile"}
	}
	return "Look at the check: what was wanted, and what the token has.", "", []string{"Monitoring > Logs"}
}

func (c *look) tokenInvalid(failed []Check) Finding {
	first := failed[0]
	title := fmt.Sprintf("The %s fails its check of %s", tokenName(first.Token), first.Name)
	if len(failed) > 1 {
		title = fmt.Sprintf("%d checks of the tokens fail, first %s of the %s", len(failed), first.Name, tokenName(first.Token))
	}
	f := Finding{
		ID: TokenInvalid, Certainty: Certain,
		Title: title,
		Link:  c.docs(docValidate, specClaims), LogEvent: "sepft",
	}
	var why []string
	for i, ch := range failed {
		if i == 4 {
			why = append(why, fmt.Sprintf("And %d more.", len(failed)-4))
			break
		}
		why = append(why, fmt.Sprintf("%s of the %s: %s.", ch.Name, tokenName(ch.Token), strings.TrimRight(c.wantGot(ch), ".")))
	}
	f.Why = strings.Join(why, " ") + " An API that checks as it should refuses such a token."
	seen := map[string]bool{}
	for _, ch := range failed {
		fix, field, where := c.checkAdvice(ch)
		if seen[fix] || len(f.Fix) == 4 {
			continue
		}
		seen[fix] = true
		f.Fix = append(f.Fix, fix)
		if f.Field == "" {
			f.Field = field
		}
		if c.own {
			for _, w := range where {
				if !seen[w] {
					seen[w] = true
					f.Where = append(f.Where, w)
				}
			}
		}
	}
	if len(f.Where) == 0 {
		f.Where = []string{"the server's settings for tokens of this API"}
	}
	if c.ev.Sent.isRefresh() {
		f.LogEvent = "sertft"
	}
	return f
}

// opaque explains an access token that only /userinfo can read. Other servers
// issue opaque tokens by design, so it is no finding there.
func (c *look) opaque() []Finding {
	is := c.ev.Issued
	if !c.own || is.AccessKind != "jwe" && is.AccessKind != "opaque" || is.AccessAlg != "" && is.AccessAlg != "dir" {
		return nil
	}
	if is.HasAudience && !strings.HasSuffix(c.ev.Sent.Audience, "/userinfo") {
		return nil
	}
	how := "opaque"
	if is.AccessKind == "jwe" {
		how = "encrypted"
	}
	return []Finding{{
		ID: OpaqueToken, Certainty: Certain,
		Title: "The access token is " + how + ", since no audience was asked for",
		Why:   "Without an audience the token is for /userinfo alone: nobody else can read it, and an API refuses it with words like \"jwt malformed\".",
		Fix: []string{
			"Send audience, the Identifier of the API the token is for.",
			"Or set a Default Audience for the whole tenant.",
			"If only the user's claims are wanted: this token is right, use it at /userinfo.",
		},
		Where: []string{"Applications > APIs > YOUR API > Settings > Identifier", "Settings > General > API Authorization Settings > Default Audience"},
		Link:  c.docs(docGetToken, specReply), LogEvent: "sepft", Field: "audience",
		Commands: []Command{page(pageAPIs), {KindCLI, "auth0 apis list"}},
	}}
}

func (c *look) noRefreshToken() Finding {
	f := Finding{
		ID: NoRefreshToken, Certainty: Likely,
		Title: "offline_access was asked for, but no refresh token came",
		Link:  c.docs(docGetRefresh, specReply), LogEvent: "sepft", Field: "audience",
	}
	if !c.own {
		f.Why = "The server left it out without an error, as it may (RFC 6749, section 5.1)."
		f.Fix = []string{"Allow the client the refresh_token grant, and offline access.", "Look at what the server wants beside the scope offline_access (consent, a setting of the API)."}
		f.Where = []string{"the client's registration: refresh tokens"}
		return f
	}
	app := Finding{Fix: []string{"Allow Offline Access for the API" + of(c.ev.Sent.Audience) + ".", "Tick the grant type Refresh Token for " + c.client() + ".", "Look for an Action that takes offline_access away."}}
	f.Fix = app.Fix
	f.Where = []string{"Applications > APIs > YOUR API > Settings > Access Settings > Allow Offline Access", "Applications > YOUR APP > Settings > Advanced Settings > Grant Types > Refresh Token"}
	f.Commands = c.offlineCommands()
	if c.ev.Issued.GrantedOffline {
		f.Why = "The reply grants offline_access and still holds no refresh token: most likely the application lacks the Refresh Token grant."
		f.Fix = []string{app.Fix[1], app.Fix[2]}
		f.Where = f.Where[1:]
		f.Commands = c.grantCommands([]string{GrantRefresh})
		f.Field = "client_id"
		return f
	}
	f.Why = "It was dropped without an error. First of all this means that the API does not allow offline access; else the application lacks the Refresh Token grant, or an Action removed the scope."
	return f
}

// shortfall explains scopes that were asked for and did not come. offline_access
// has its own finding.
func (c *look) shortfall() []Finding {
	is := c.ev.Issued
	missing := without(is.Missing, "offline_access")
	lost := without(is.NotInToken, "offline_access")
	need := without(is.NeedsPermission, "offline_access")
	if len(missing) == 0 && len(lost) == 0 && len(need) == 0 {
		return nil
	}
	f := Finding{
		ID: ScopeShortfall, Certainty: Likely,
		Link: c.docs(docScopes, specScope), LogEvent: "sepft", Field: "scope",
		Commands: []Command{page(pageAPIs)},
	}
	switch {
	case len(need) > 0:
		f.Title = "The user probably lacks the permission for " + list(need)
		f.Why = "Asked for, but not granted: role-based access control gives a user only the scopes that a role or a permission of the user holds."
		f.Fix = []string{"Assign the permission to the user, or a role that holds it.", "Or switch RBAC off for the API, if every user may have every scope."}
		f.Where = []string{"User Management > Users > YOUR USER > Permissions", "User Management > Roles", "Applications > APIs > YOUR API > Settings > RBAC Settings"}
		f.Link = c.docs(docRBAC, specScope)
		f.Commands = []Command{page(pageUsers), page(pageAPIs)}
	case len(missing) > 0:
		f.Title = "Asked for, but not granted: " + list(missing)
		f.Why = "Scopes that are not granted are dropped without an error. The causes, the likeliest first: the API has no such scope (spelling, capitals); RBAC is on and the user lacks the permission; an Action removed it; the API's policy wants a grant for the application."
		f.Fix = []string{
			"Compare with the API's Permissions, letter by letter.",
			"With RBAC: assign the permission to the user, or a role that holds it.",
			"Look for an Action that sets or removes scopes (api.accessToken.removeScope).",
		}
		f.Where = []string{"Applications > APIs > YOUR API > Permissions", "Applications > APIs > YOUR API > Settings > RBAC Settings", "Actions > Triggers > post-login"}
	default:
		f.Title = "Granted, but not in the access token: " + list(lost)
		f.Why = "The reply names the scope, the token does not. With RBAC and permissions in the token an API must look at the claim permissions; else an Action changed the token."
		if is.Permissions {
			f.Why = "The reply names the scope, the token's scope claim does not; the token carries permissions, and those are what the API must look at."
		}
		f.Fix = []string{"Let the API look at permissions as well as scope.", "Look for an Action that changes the access token."}
		f.Where = []string{"Applications > APIs > YOUR API > Settings > RBAC Settings", "Actions > Triggers > post-login"}
	}
	if !c.own {
		f.Why = "A server may grant less than was asked for (RFC 6749, section 3.3), by its rules for this client and this user."
		f.Fix = []string{"Allow the scope for this client and this user at the server.", "Compare the spelling with the server's list of scopes."}
		f.Where = []string{"the client's registration: scopes; the user's roles"}
	}
	return []Finding{f}
}

func without(names []string, drop string) []string {
	var out []string
	for _, n := range names {
		if n != drop {
			out = append(out, n)
		}
	}
	return out
}

func (c *look) publicSecret() Finding {
	f := Finding{
		ID: SecretInPublicClient, Certainty: Likely,
		Title: "A refresh token went to a public client, which cannot keep a secret",
		Why:   "The application has no client authentication, so whoever gets hold of this refresh token can use it. Rotation makes a stolen one show: its second use revokes the family.",
		Fix: []string{
			"Switch Refresh Token Rotation on, with an absolute and an idle lifetime.",
			"Or do not ask for offline_access in a public client.",
			"A client that can keep a secret should be confidential: give it an authentication method.",
		},
		Where: []string{"Applications > YOUR APP > Settings > Refresh Token Rotation", "Applications > YOUR APP > Credentials > Authentication Method"},
		Link:  c.docs(docRotation, "https://www.rfc-editor.org/rfc/rfc9700#section-4.14"), LogEvent: "sepft", Field: "scope",
		Tries:    []Try{{"Without offline_access", map[string]string{"scope": strings.Join(without(strings.Fields(c.ev.Sent.Scope), "offline_access"), " ")}}},
		Commands: []Command{c.appPage()},
	}
	if !c.own {
		f.Fix[0] = "Switch rotation of refresh tokens on at the server."
		f.Where = []string{"the client's registration: rotation of refresh tokens"}
	}
	return f
}
