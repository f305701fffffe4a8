package diagnosis

import (
	"strings"
)

// Findings about the client and its set-up in the tenant.

func (c *look) noDefaultDirectory(how Certainty) []Finding {
	return []Finding{{
		ID: NoDefaultDirectory, Certainty: how,
		Title: "The tenant has no default directory",
		Why:   "The password grant names no connection, so the tenant looks the user up in its default directory; that setting is empty, or no connection has the name it holds any more. The password was not looked at.",
		Fix: []string{
			"Set Default Directory to the exact name of the connection that holds the users.",
			"Or send a realm: that turns the request into the password-realm grant, which names the connection itself.",
		},
		Where:    []string{"Settings > General > API Authorization Settings > Default Directory"},
		LogEvent: "fepft", Link: c.docs(docTenant, specPassword),
		Field:    "realm",
		Tries:    []Try{{"Name the connection as realm", map[string]string{"realm": "Username-Password-Authentication"}}},
		Commands: c.directoryCommands(),
	}}
}

// namedGrant finds the grant in Auth0's text: Grant type 'X' not allowed …
var namedGrant = has(`(?i)^grant type '([^']{1,200})'`)

// refusedGrant is the grant a refusal is about: the one it names, else the one
// that was sent.
func (c *look) refusedGrant() string {
	if m := namedGrant().FindStringSubmatch(strings.TrimSpace(c.r.Description)); m != nil {
		return m[1]
	}
	return c.ev.Sent.Grant
}

func (c *look) thirdParty() bool { return strings.HasPrefix(c.ev.Sent.ClientID, "tpc_") }

func (c *look) grantNotAllowed() []Finding {
	grant := c.refusedGrant()
	f := c.grantOff(grant, Certain)
	if c.thirdParty() && (grant == "" || grant == GrantPassword || grant == GrantRealm || c.ev.Sent.isMFA()) {
		f.Certainty = Possible
		return []Finding{c.thirdPartyClient(), f}
	}
	return []Finding{f}
}

// grantOff says that the application lacks a grant.
func (c *look) grantOff(grant string, how Certainty) Finding {
	name := grantName(grant)
	if name == "" {
		name = "requested"
	}
	f := Finding{
		ID: GrantNotAllowed, Certainty: how,
		Title: "The application may not use the " + name + " grant",
		Why:   c.said(),
		Fix:   []string{"Allow the " + name + " grant for " + c.client() + "."},
		Where: c.where([]string{"Applications > YOUR APP > Settings > Advanced Settings > Grant Types"}, "the client's registration: allowed grant types"),
		Link:  c.docs(docGrants, specError), LogEvent: c.failEvent(), Field: "client_id",
	}
	add := []string{grant}
	switch grant {
	case GrantPassword, GrantRealm:
		f.Why += c.pick(" The Password grant is off for every new application; whoever needs it switches it on.", " The grant is not among those the client is registered for.")
		if c.own {
			f.Fix = []string{"Tick Password for " + c.client() + " (that allows the password-realm grant too) and save.",
				"Make sure it is this application and not another of a like name: compare the client_id."}
		}
		add = []string{GrantPassword, GrantRealm}
	case GrantRefresh:
		f.LogEvent = "fertft"
		f.Why += " The tokens of the first grant are good; only the refresh is refused."
		if c.own {
			f.Fix = []string{"Tick Refresh Token for " + c.client() + " and save."}
		}
	case GrantOTP, GrantOOB, GrantRecovery:
		f.Why += c.pick(" The user must answer a second factor, and the application may not send the answer.", "")
		if c.own {
			f.Fix = []string{"Tick MFA for " + c.client() + " and save."}
		}
		add = []string{GrantOTP, GrantOOB, GrantRecovery}
	case GrantClient:
		f.Fix = append(f.Fix, "A public application (client authentication none) can never have it: give it a secret first.")
	case "":
		f.Fix = append(f.Fix, "Compare grant_type in the request with the grants the application has.")
		add = nil
	}
	if add != nil {
		f.Commands = c.grantCommands(add)
	} else {
		f.Commands = c.showClient()
	}
	return f
}

func (c *look) thirdPartyClient() Finding {
	return Finding{
		ID: ThirdPartyClient, Certainty: Likely,
		Title: "A third-party application can never use the password grant",
		Why:   "The client_id " + quote(c.ev.Sent.ClientID) + " begins with tpc_: it is a third-party application, and those are limited to Authorization Code, Refresh Token and Client Credentials. A password must never be typed into a third party's application, so no setting lifts this.",
		Fix: []string{
			"Create a first-party application (Regular Web Application) and use its client_id.",
			"Or use the Authorization Code flow with PKCE in the third-party application.",
		},
		Where: c.where([]string{"Applications > Create Application"}, "the client's registration"),
		Link:  c.docs(docThirdParty, specError), LogEvent: "fepft", Field: "client_id",
		Commands: []Command{page(dashboard + "applications")},
	}
}

func (c *look) unsupportedGrant() []Finding {
	if c.thirdParty() && (sentPassword(c) || c.ev.Sent.Grant == "") {
		f := c.grantOff(c.ev.Sent.Grant, Possible)
		return []Finding{c.thirdPartyClient(), f}
	}
	f := c.grantOff(c.ev.Sent.Grant, Certain)
	f.Title = "The server does not support this grant type"
	if g := c.ev.Sent.Grant; g != "" {
		f.Title = "The server does not support the grant type " + quote(g)
	}
	if c.ev.Sent.Realm != "" && c.ev.authZero() != Yes {
		f.Certainty = Certain
		f.Why += " A realm turns the request into the grant type " + GrantRealm + ", which only Auth0 knows."
		f.Fix = append([]string{"Leave the realm empty."}, f.Fix...)
		f.Field = "realm"
		f.Tries = []Try{{"Without a realm", map[string]string{"realm": ""}}}
	}
	if c.own {
		f.Fix = append([]string{"Check grant_type for typing mistakes."}, f.Fix...)
		return []Finding{f}
	}
	f.Fix = append(f.Fix, "Check grant_type for typing mistakes.", "If the server has switched the grant off for all clients, use a flow that it offers: grant_types_supported in its discovery document names them.")
	return []Finding{f}
}

func (c *look) unauthorizedClient() []Finding {
	f := c.grantOff(c.ev.Sent.Grant, Likely)
	if c.thirdParty() {
		f.Certainty = Possible
		return []Finding{c.thirdPartyClient(), f}
	}
	out := []Finding{f}
	if c.own && c.ev.Sent.Realm != "" {
		e := c.connectionNotEnabled()[0]
		e.Certainty = Possible
		out = append(out, e)
	}
	return out
}

func (c *look) audienceFix() []string {
	fix := []string{"Compare the audience with the Identifier of the API, byte for byte: the slash at the end counts, and so do capitals."}
	if a := c.ev.Sent.Audience; a != "" {
		fix = append(fix, "If there is no such API yet, create one with the Identifier "+quote(a)+".")
	}
	return append(fix, "To get on without an API: send no audience; the token is then good for /userinfo only, unless the tenant has a default audience.")
}

// slashed is the audience with its last slash added or taken off.
func slashed(a string) string {
	if s, ok := strings.CutSuffix(a, "/"); ok {
		return s
	}
	return a + "/"
}

func (c *look) audienceTries() []Try {
	a := c.ev.Sent.Audience
	if a == "" {
		return nil
	}
	title := "With a slash at the end"
	if strings.HasSuffix(a, "/") {
		title = "Without the slash at the end"
	}
	return []Try{
		{title, map[string]string{"audience": slashed(a)}},
		{"Without an audience", map[string]string{"audience": ""}},
	}
}

func (c *look) unknownAudience(how Certainty) []Finding {
	aud := c.ev.Sent.Audience
	if aud == "" {
		if i := strings.Index(strings.ToLower(c.r.Description), "service not found:"); i >= 0 {
			aud = strings.TrimSpace(c.r.Description[i+len("service not found:"):])
		}
	}
	named := "The audience that was sent"
	if aud != "" {
		named = "The audience " + quote(aud)
	}
	title := named + " is no API of this tenant"
	if !c.own {
		title = named + " is not known to the server"
	}
	fix := c.audienceFix()
	if !c.own {
		fix = []string{"Compare the audience with what the server calls this API, byte for byte: the slash at the end counts.", "If the server knows no audience parameter, send none."}
	}
	return []Finding{{
		ID: UnknownAudience, Certainty: how,
		Title: title,
		Why:   c.said() + c.pick(" The value must equal the Identifier of a registered API exactly. The credentials are not what is wrong here, whatever an application may have shown.", ""),
		Fix:   fix,
		Where: c.where([]string{"Applications > APIs > YOUR API > Settings > Identifier"}, "the server's list of APIs (resource servers)"),
		Link:  c.docs(docAPI, specTarget), LogEvent: c.failEvent(), Field: "audience",
		Tries: c.audienceTries(), Commands: c.apiCommands(),
	}}
}

func (c *look) audienceElsewhere(how Certainty) []Finding {
	f := c.unknownAudience(how)[0]
	f.Title = "The audience is an API of another domain"
	f.Why = c.said() + " This comes when the audience belongs to another tenant, or when the Management API's audience was written with the custom domain: it always has the tenant's own name."
	f.Fix = []string{"For the Management API use https://YOUR_TENANT.REGION.auth0.com/api/v2/ as audience, not the custom domain.", "For an API of your own: check that it is registered in this tenant, and not in another (dev, staging)."}
	// It is there, elsewhere: neither a slash nor a new API of this name helps.
	if len(f.Tries) > 0 {
		f.Tries = f.Tries[len(f.Tries)-1:]
	}
	f.Commands = []Command{page(pageAPIs), {KindCLI, "auth0 apis list"}}
	return []Finding{f}
}

func (c *look) clientGrantMissing() []Finding {
	user := sentPassword(c) || sentRefresh(c) || !strings.Contains(c.r.text, "client-grant") && c.ev.Sent.Grant != GrantClient
	f := Finding{
		ID: ClientGrantMissing, Certainty: Certain,
		Title: "The application has no access to the API" + of(c.ev.Sent.Audience),
		Why:   c.said() + " The API's access policy asks for a grant to each application, and this one has none.",
		Fix: []string{
			"Authorise " + c.client() + " for the API, with the scopes it needs.",
		},
		Where:    []string{"Applications > APIs > YOUR API > Application Access"},
		LogEvent: c.failEvent(), Link: c.docs(docClientGrant, specError), Field: "audience",
		Tries: []Try{{"Without an audience", map[string]string{"audience": ""}}},
	}
	if user {
		f.Certainty = Likely
		f.Fix = append(f.Fix, "Or let all applications act for their users: set User-Delegated Access to All apps allowed.")
		f.Where = append(f.Where, "Applications > APIs > YOUR API > Settings > Application Access Policy > User-Delegated Access")
		f.Link = c.docs(docPolicies, specError)
		f.Commands = c.clientGrantCommands("user")
	} else {
		f.Where = append(f.Where, "Applications > APIs > YOUR API > Machine to Machine Applications")
		f.Commands = c.clientGrantCommands("")
	}
	return []Finding{f}
}

// of names a thing, if there is a name.
func of(name string) string {
	if name == "" {
		return ""
	}
	return " " + quote(name)
}

func (c *look) scopesNotInGrant(how Certainty) []Finding {
	return []Finding{{
		ID: ClientGrantMissing, Certainty: how,
		Title: "The application's grant for the API does not hold these scopes",
		Why:   c.said() + " The application may use the API, but not with all of the scopes asked for.",
		Fix:   []string{"Add the scopes to the grant of " + c.client() + ".", "Or ask for fewer scopes."},
		Where: []string{"Applications > APIs > YOUR API > Application Access > YOUR APP > permissions"},
		Link:  c.docs(docClientGrant, specError), LogEvent: c.failEvent(), Field: "scope",
		Commands: []Command{page(pageAPIs)},
	}}
}

func (c *look) noAudienceAtAll() []Finding {
	how := Likely
	if c.ev.Sent.Grant == GrantClient && c.ev.Sent.Audience == "" {
		how = Certain
	}
	return []Finding{{
		ID: MissingParameter, Certainty: how,
		Title:    "The request has no audience, and this grant needs one",
		Why:      c.said() + " Without an audience the Client Credentials grant falls back to an old API that new applications may not use.",
		Fix:      []string{"Send audience, the Identifier of the API the token is for."},
		Where:    []string{"Applications > APIs > YOUR API > Settings > Identifier"},
		LogEvent: "feccft", Link: c.docs(docClientGrant, specError), Field: "audience",
		Commands: []Command{page(pageAPIs)},
	}}
}

func (c *look) scopeNotForUser(how Certainty) []Finding {
	return []Finding{{
		ID: ScopeNotForUser, Certainty: how,
		Title: "A user cannot have these scopes at this audience",
		Why:   c.said() + " It comes when the scopes belong to another API than the audience, or when the audience is the Management API, whose scopes a user's token cannot carry (but for the few about the user itself).",
		Fix: []string{
			"Send audience and scopes of one and the same API.",
			"For the Management API use the Client Credentials grant of a Machine to Machine application.",
		},
		Where: []string{"Applications > APIs > YOUR API > Permissions"},
		Link:  c.docs(docScopes, specScope), LogEvent: c.failEvent(), Field: "scope",
		Tries:    []Try{{"Only the scopes of OpenID Connect", map[string]string{"scope": "openid profile email"}}},
		Commands: []Command{page(pageAPIs)},
	}}
}

func (c *look) invalidScope(how Certainty) []Finding {
	why := c.said()
	if c.ev.Sent.Scope != "" {
		why += " Asked for: " + quote(c.ev.Sent.Scope) + "."
	}
	f := Finding{
		ID: InvalidScope, Certainty: how,
		Title: "The server does not accept the scopes asked for",
		Why:   why,
		Fix: []string{
			"Write the scopes with single blanks between them, each exactly as the API defines it (capitals count).",
			"Take out scopes one by one to find the one that is refused.",
		},
		Where: c.where([]string{"Applications > APIs > YOUR API > Permissions"}, "the scopes the client is registered for; scopes_supported in the discovery document"),
		Link:  c.docs(docScopes, specScope), LogEvent: c.failEvent(), Field: "scope",
		Tries:    []Try{{"Only openid", map[string]string{"scope": "openid"}}, {"No scope at all", map[string]string{"scope": ""}}},
		Commands: []Command{page(pageAPIs)},
	}
	if strings.Contains(c.r.text, "must be an array or a string") {
		f.Title = "The scope parameter has the wrong type"
		f.Fix = []string{"In a JSON body, send scope as one string with blanks, like \"openid profile\"."}
	}
	if sentRefresh(c) {
		f.Why += " At a refresh, scope can only be a part of what was first granted."
		f.Fix = append([]string{"Leave scope out, or ask for fewer scopes than the first grant gave."}, f.Fix...)
		f.Tries = []Try{{"Refresh with the scopes of the first grant", map[string]string{"scope": ""}}}
	}
	return []Finding{f}
}

func (c *look) dpopNonce() []Finding {
	return []Finding{{
		ID: DPoPNonce, Certainty: Certain,
		Title: "The server wants a nonce in the DPoP proof",
		Why:   c.said() + " The header DPoP-Nonce of the reply carries the nonce; the proof must be made anew with it (RFC 9449, section 8).",
		Fix: []string{
			"Send the request again with a proof that holds the nonce of the reply's DPoP-Nonce header.",
			"Or switch sender constraining off for the application, if bearer tokens will do.",
		},
		Where: c.where([]string{"Applications > YOUR APP > Settings > Token Sender-Constraining"}, "the client's registration: DPoP"),
		Link:  c.docs(docDPoP, specDPoP), LogEvent: c.failEvent(), Field: "client_id", Commands: c.showClient(),
	}}
}

// clientAuthFailed ranks the causes of a refused client by what was sent.
func (c *look) clientAuthFailed(how Certainty) []Finding {
	s := c.ev.Sent
	f := Finding{
		ID: ClientAuthFailed, Certainty: how,
		Why:   c.said(),
		Where: c.where([]string{"Applications > YOUR APP > Credentials > Authentication Method", "Applications > YOUR APP > Settings > Basic Information > Client Secret"}, "the client's registration: authentication method and secret"),
		Link:  c.docs(docCredentials, specClient), LogEvent: c.failEvent(), Field: "client_secret",
		Commands: c.showClient(),
	}
	where := c.pick("Applications > YOUR APP > Settings", "the client's registration")
	if how == Certain && (s.SecretSent || s.ClientAuth != "" || s.Grant != "") {
		f.Certainty = Likely // the reply says that it failed; by what, the titles below conclude from what was sent
	}
	switch {
	case !s.SecretSent && (s.ClientAuth == "post" || s.ClientAuth == "basic"):
		f.Title = "No client secret was sent: the secret is missing or empty"
		f.Why += " Client authentication is " + s.ClientAuth + ", which sends a secret, but there was none to send."
		f.Fix = []string{
			"Give the secret: copy it from the application's page (" + where + ") and set client_secret in the profile, or AUTHWALK_CLIENT_SECRET.",
			"If the secret is a reference (env:, file:, keyring:, cmd:): look whether what it refers to is empty.",
			"If it really is a public application: set client authentication to none.",
		}
		f.Tries = []Try{{"Send no client authentication", map[string]string{"client_auth": "none"}}}
	case s.ClientAuth == "none" || s.ClientAuth == "" && s.Grant != "" && !s.SecretSent:
		f.Title = "The application is confidential and needs its secret, but none was sent"
		f.Why += " No client secret went along. A Regular Web or Machine to Machine application, and any other whose authentication method is not None, must prove who it is on every request to the token endpoint"
		if sentRefresh(c) {
			f.Why += ", at a refresh too"
		}
		f.Why += "."
		if !c.own {
			f.Why = c.said() + " No client authentication went along; a confidential client must authenticate on every request to the token endpoint."
		}
		f.Fix = []string{
			"Send the application's client secret (" + where + "): set client authentication to post.",
			c.pick("If it really is a public application (native, single page), set its Authentication Method to None.", "If it really is a public client, register it with the authentication method none."),
		}
		f.Tries = []Try{{"Send the secret in the body", map[string]string{"client_auth": "post"}}, {"Send the secret in a Basic header", map[string]string{"client_auth": "basic"}}}
		f.Field = "client_auth"
	case s.ClientAuth == "private_key_jwt":
		f.Title = "The application's signed assertion was not accepted"
		f.Why += " The assertion is refused when its key is not registered, alg is not that of the credential, aud is not " + c.pick("https://YOUR_DOMAIN/ with its slash", "what the server expects") + ", iss or sub is not the client_id, or its times do not fit the server's clock" + c.pick(" (10 s of skew are allowed)", "") + "."
		if off := c.ev.ClockOffset; off > 10e9 || off < -10e9 {
			f.Why += " The server's clock is " + ahead(off) + "."
		}
		f.Fix = []string{
			"Check that the public key of private_key is registered as a credential of the application, with the same algorithm.",
			"Check the application's authentication method: it must be Private Key JWT.",
			"Set this machine's clock.",
		}
		f.Where = c.where([]string{"Applications > YOUR APP > Credentials > Private Key JWT"}, "the client's registration: keys and authentication method")
		f.Link = c.docs(docJWTAuth, "https://www.rfc-editor.org/rfc/rfc7523#section-3")
		f.Field = "private_key"
	case s.SecretSent:
		f.Title = "The application's secret is wrong, or is sent in a way the application does not allow"
		f.Why += " A secret went along" + map[string]string{"post": " in the body", "basic": " in a Basic header"}[s.ClientAuth] + ". It is not the one of " + c.client() + ", or it has been rotated, or the application authenticates another way."
		f.Fix = []string{
			"Copy the client secret again (" + where + "); mind blanks and line ends.",
			"Check that secret and client_id are those of one application, in this tenant.",
			"Compare the authentication method with how the secret is sent (post: in the body, basic: in a header).",
		}
		if s.ClientAuth == "basic" {
			f.Tries = []Try{{"Send the secret in the body", map[string]string{"client_auth": "post"}}}
		} else {
			f.Tries = []Try{{"Send the secret in a Basic header", map[string]string{"client_auth": "basic"}}}
		}
		f.Tries = append(f.Tries, Try{"Send no secret", map[string]string{"client_auth": "none"}})
	default:
		f.Title = "The application was refused: its secret is missing or wrong, or it authenticates another way"
		f.Why += " First of all this is a confidential application called without its secret; then a wrong secret, or one sent in the wrong place."
		f.Fix = []string{
			"Was a secret sent? A confidential application needs it on every request to the token endpoint.",
			"Copy the client secret again (" + where + "), and compare the authentication method with how it is sent.",
		}
	}
	return []Finding{f, c.unknownClientFinding(Possible)}
}

func (c *look) unknownClientFinding(how Certainty) Finding {
	title := "The client_id may not exist here"
	if how != Possible {
		title = "The client_id does not exist here"
	}
	domain := c.ev.host()
	if domain == "" {
		domain = "this server"
	}
	why := "Many servers answer an unknown client_id and a wrong secret alike, so it may be this."
	if how != Possible {
		why = c.said()
	}
	return Finding{
		ID: UnknownClient, Certainty: how,
		Title: title,
		Why:   why + " A client_id of another tenant (dev, staging) is the usual case.",
		Fix:   []string{"Check that client_id" + of(c.ev.Sent.ClientID) + " belongs to " + domain + ": copy it again from the application's page."},
		Where: c.where([]string{"Applications > YOUR APP > Settings > Basic Information > Client ID"}, "the server's list of clients"),
		Link:  c.docs(docAppSettings, specError), LogEvent: c.failEvent(), Field: "client_id", Commands: c.showClient(),
	}
}

func (c *look) unknownClient() []Finding {
	return []Finding{c.unknownClientFinding(Likely)}
}

func (c *look) redirectImpossible() []Finding {
	f := Finding{
		ID: RedirectImpossible, Certainty: Likely,
		Title: "An Action or Rule wants to redirect the user, and this flow has no browser",
		Why:   c.said() + c.pick(" In the password grant there is nobody to redirect: a redirect (consent, terms, step-up, custom MFA) ends in this error.", " The server needs the user in a browser, which this flow does not have."),
		Fix: []string{
			c.pick("In the Action, redirect only if api.redirect.canRedirect() says so.", "Use the Authorization Code flow for this user or client."),
			c.pick("Or leave the Action early for this flow: event.transaction.protocol is oauth2-password.", "Or take out the step that asks for consent or interaction."),
		},
		Where: c.where([]string{"Actions > Triggers > post-login", "Auth Pipeline > Rules"}, "the server's login policy: steps that need a browser"),
		Link:  c.docs(docRedirect, "https://openid.net/specs/openid-connect-core-1_0.html#AuthError"), LogEvent: c.failEvent(),
		Commands: []Command{page(pageActions)},
	}
	if c.r.Code == "consent_required" {
		f.Title = "The user's consent is wanted, and this flow has no browser to give it in"
	}
	return []Finding{f}
}

func (c *look) organizationsClient() []Finding {
	return []Finding{{
		ID: OrganizationsClient, Certainty: Likely,
		Title: "The application is set up for Organizations, which the password grant does not know",
		Why:   c.said() + c.pick(" Organizations and the password grant are incompatible by design: there is no login page that could ask which organization.", ""),
		Fix: []string{
			"Use another application whose type of users is Individuals.",
			"Or set " + c.client() + " to Individuals, if it does not need Organizations.",
			"Or use the Authorization Code flow with the organization parameter.",
		},
		Where: c.where([]string{"Applications > YOUR APP > Login Experience > Types of Users"}, "the client's registration: organizations"),
		Link:  c.docs(docOrgs, specError), LogEvent: c.failEvent(), Field: "client_id", Commands: c.showClient(),
	}}
}

func (c *look) connectionCannotPassword() []Finding {
	return []Finding{{
		ID: ConnectionCannotPassword, Certainty: Likely,
		Title: "The connection" + of(c.ev.Sent.Realm) + " cannot check passwords",
		Why:   c.said() + " Only connections that can check a password themselves serve this grant: a database, AD/LDAP, ADFS or Azure AD. Social and SAML connections cannot.",
		Fix: []string{
			"Use a realm that is a database, AD/LDAP, ADFS or Azure AD connection.",
			"For users of a social or SAML connection use the Authorization Code flow.",
		},
		Where: c.where([]string{"Authentication > Database", "Authentication > Enterprise", "Settings > General > API Authorization Settings > Default Directory"}, "the server's user directories"),
		Link:  c.docs(docPassword, specPassword), LogEvent: c.failEvent(), Field: "realm",
		Tries: c.realmTries(), Commands: []Command{page(pageDatabases)},
	}}
}

func (c *look) realmTries() []Try {
	if c.ev.Sent.Realm == "" {
		return nil
	}
	return []Try{{"Without a realm: the tenant's default directory", map[string]string{"realm": ""}}}
}

func (c *look) connectionNotEnabled() []Finding {
	return []Finding{{
		ID: ConnectionNotEnabled, Certainty: Likely,
		Title: "The connection" + of(c.ev.Sent.Realm) + " is not enabled for this application",
		Why:   c.said() + " The connection is there, but " + c.client() + " is not in its list of applications.",
		Fix:   []string{"Enable " + c.client() + " in the connection's Applications tab.", "Or use a realm that is enabled for it."},
		Where: c.where([]string{"Authentication > Database > YOUR CONNECTION > Applications"}, "the user directory's list of clients"),
		Link:  c.docs(docConnections, specError), LogEvent: c.failEvent(), Field: "realm",
		Tries: c.realmTries(), Commands: c.connectionCommands(),
	}}
}

func (c *look) unknownRealm() []Finding {
	return []Finding{{
		ID: UnknownRealm, Certainty: Likely,
		Title: "The realm" + of(c.ev.Sent.Realm) + " is not known",
		Why:   c.said() + c.pick(" A realm is the name of a connection. Names are case-sensitive, and it is the name, not the display name, that counts; a database connection may have further realm names beside its own.", " Realm names are case-sensitive."),
		Fix: []string{
			"Copy the connection's name exactly, capitals included.",
			"Look whether the connection lists other realm names.",
			"Or send no realm: the tenant's default directory is used.",
		},
		Where: c.where([]string{"Authentication > Database > YOUR CONNECTION > Settings > Name", "Authentication > Enterprise"}, "the server's user directories"),
		Link:  c.docs(docPassword, specError), LogEvent: c.failEvent(), Field: "realm",
		Tries: c.realmTries(), Commands: []Command{page(pageDatabases)},
	}}
}

func (c *look) actionDenied() []Finding {
	f := Finding{
		ID: ActionDenied, Certainty: Likely,
		Title: "An Action or Rule of the tenant denied the login",
		Why:   "The text " + quote(c.r.Description) + " is none of those that Auth0 is known to write, so it was most likely written by an Action (api.access.deny) or Rule (UnauthorizedError) of this tenant; client and password were then accepted before it ran. It may also be what a custom database's script said.",
		Fix: []string{
			"Look for this text in the tenant's Actions and Rules, and let it pass for this application, connection or user.",
			"If the text speaks of the user (an unverified e-mail address, a list of allowed domains), change the user accordingly.",
		},
		Where:    []string{"Actions > Triggers > post-login", "Auth Pipeline > Rules", "Authentication > Database > YOUR CONNECTION > Custom Database"},
		LogEvent: c.failEvent() + ", f", Link: c.docs(docDeny, specError),
		Field: "username", Commands: []Command{page(pageActions)},
	}
	if !c.own {
		f.Title = "The server's own policy denied the request"
		f.Why = "The text " + quote(c.r.Description) + " is not one that is known of any server; it was most likely written by a rule of this one (on Auth0: an Action or Rule)."
		f.Fix[0] = "Look for this text in the server's login rules (on Auth0: Actions and Rules), and let it pass for this client or user."
		f.Where = []string{"the server's login rules or policies"}
	}
	return []Finding{f}
}

func (c *look) bareDenied() []Finding {
	f := Finding{
		ID: ActionDenied, Certainty: Possible,
		Title: c.pick("Access was denied, perhaps by an Action or Rule", "The server denied access"),
		Why:   c.said(),
		Fix: []string{
			"Look into the server's log for the reason.",
			c.pick("Look through the tenant's Actions and Rules for one that denies.", "Look through the server's login rules for one that denies this client or user."),
		},
		Where: c.where([]string{"Actions > Triggers > post-login", "Monitoring > Logs"}, "the server's log and login rules"),
		Link:  c.docs(docLogs, specError), LogEvent: c.failEvent() + ", f", Commands: []Command{page(pageActions)},
	}
	auth := c.clientAuthFailed(Possible)[0]
	return []Finding{f, auth}
}

// namedParameter finds the parameter in "Missing required parameter: x".
var namedParameter = has(`(?i)parameters?:?\s+['"]?([A-Za-z_][A-Za-z0-9_]{0,40})`)

// fields are the form's fields by parameter.
var fields = map[string]string{
	"username": "username", "password": "password", "client_id": "client_id", "client_secret": "client_secret",
	"audience": "audience", "scope": "scope", "realm": "realm", "resource": "audience",
}

func (c *look) missingParameter(how Certainty) []Finding {
	name := ""
	if m := namedParameter().FindStringSubmatch(c.r.Description); m != nil {
		name = m[1]
	}
	f := Finding{
		ID: MissingParameter, Certainty: how,
		Title: "The server misses a parameter",
		Why:   c.said(),
		Fix:   []string{"Send the parameter, and not empty."},
		Where: c.where([]string{"the request itself: no setting of the tenant"}, "the request itself"),
		Link:  c.docs(docPassword, specPassword), LogEvent: c.failEvent(),
	}
	if name != "" {
		f.Title = "The request lacks the parameter " + name
		f.Fix = []string{"Send " + name + ", and not empty."}
		f.Field = fields[name]
	}
	switch {
	case name == "binding_code":
		f.Fix = []string{"Send binding_code, the code from the message: the challenge said binding_method prompt."}
		f.Link = c.docs(docMFASMS, specPassword)
	case name == "grant_type":
		f.Fix = append(f.Fix, "If it was sent: check Content-Type. A form needs application/x-www-form-urlencoded, a JSON body application/json.")
	case f.Field == "":
		f.Fix = append(f.Fix, "A profile's params send any further parameter.")
	}
	return []Finding{f}
}

func (c *look) invalidRequest() []Finding {
	f := Finding{
		ID: InvalidRequest, Certainty: Likely,
		Title: "The server finds the request malformed",
		Why:   c.said() + " A parameter is missing, is there twice, or has a value the server does not accept.",
		Fix: []string{
			"Compare the request as it was sent, parameter by parameter, with what the server documents.",
			"Check Content-Type: a form needs application/x-www-form-urlencoded, a JSON body application/json.",
			"Send the client's authentication in one way only, not in the body and a header at once.",
		},
		Where: c.where([]string{"the request itself; then Monitoring > Logs"}, "the request itself; then the server's log"),
		Link:  c.docs(docPassword, specError), LogEvent: c.failEvent(),
	}
	out := []Finding{f}
	if c.own && c.ev.Sent.Realm != "" {
		e := c.unknownRealm()[0]
		e.Certainty = Possible
		out = append(out, e)
	}
	return out
}

func (c *look) devicePending() []Finding {
	return []Finding{{
		ID: DevicePending, Certainty: Certain,
		Title: "The user has not yet answered",
		Why:   c.said() + " This is no fault: the client asks again until the user has confirmed.",
		Fix:   []string{"Open the verification address, enter the code, and let the client go on polling at the interval it was given."},
		Where: c.where([]string{"Applications > YOUR APP > Settings > Advanced Settings > Device Settings"}, "the user's browser"),
		Link:  c.docs(docDevice, specDevice),
	}}
}

func (c *look) deviceExpired() []Finding {
	return []Finding{{
		ID: DeviceExpired, Certainty: Certain,
		Title: "The code has expired before the user confirmed",
		Why:   c.said(),
		Fix:   []string{"Start the flow again for a new code."},
		Where: c.where([]string{"Settings > Device User Code Settings"}, "the server's lifetime of device codes"),
		Link:  c.docs(docDevice, specDevice), LogEvent: "fede",
	}}
}

func (c *look) userDeclined() []Finding {
	return []Finding{{
		ID: UserDeclined, Certainty: Certain,
		Title: "The user declined the login",
		Why:   c.said(),
		Fix:   []string{"Start the flow again, and confirm on the other device."},
		Where: c.where([]string{"Monitoring > Logs"}, "the user's other device"),
		Link:  c.docs(docDevice, specDevice), LogEvent: "fede",
	}}
}

func (c *look) loginRequired() []Finding {
	return []Finding{{
		ID: LoginRequired, Certainty: Certain,
		Title: "The server wants the user to log in interactively",
		Why:   c.said() + " There is no session that would let the request pass without the user.",
		Fix:   []string{"Log in again, with the password or in a browser.", "If a silent request (prompt=none) was meant: check the lifetime of the session."},
		Where: c.where([]string{"Settings > Advanced > Login Session Management"}, "the server's session settings"),
		Link:  c.docs(docLogs, "https://openid.net/specs/openid-connect-core-1_0.html#AuthError"), LogEvent: c.failEvent() + ", f", Field: "username",
	}}
}

func (c *look) unknownError() []Finding {
	title := "The server refused with an error that is not known here"
	if c.r.Code != "" {
		title = "The server refused with " + quote(c.r.Code) + ", which is not known here"
	}
	f := Finding{
		ID: UnknownError, Certainty: Possible,
		Title: title,
		Why:   c.said() + " No rule fits it, so this is the server's own word without an explanation.",
		Fix: []string{
			"Look into the server's log at the time of the request: it says more than the reply.",
			"Compare the request with what the server documents for this error.",
		},
		Where: c.where([]string{"Monitoring > Logs"}, "the server's log"),
		Link:  c.docs(docLogs, specError), LogEvent: c.failEvent() + ", f",
	}
	if id := c.ev.header().Get("X-Auth0-RequestId"); id != "" {
		f.Fix = append(f.Fix, "Give support the request id "+quote(id)+".")
	}
	if c.r.URI != "" {
		f.Fix = append(f.Fix, "The server points to "+quote(c.r.URI)+".")
	}
	if s := c.ev.status(); s == 404 || s == 405 {
		f.Fix = append([]string{"Check the address: " + statusText(s) + " suggests that this is no token endpoint."}, f.Fix...)
		f.Field = "domain"
	}
	return []Finding{f}
}
