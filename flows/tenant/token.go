package tenant

import (
	"cmp"
	"slices"
	"strings"
)

// exchange is one request to the token endpoint, and what is found out about it
// on the way.
type exchange struct {
	*call
	params       params
	grant        string
	app          *app
	withSecret   bool // the application proved itself by its client secret
	ip, socketIP string
	connection   string
	username     string
	user         *user
	api          *api // nil: no audience
	granted      []string
}

// Grants that Auth0 knows and this tenant does not serve: an application here
// never has them.
var otherGrants = []string{
	"authorization_code", "implicit",
	"urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange",
	"urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:openid:params:grant-type:ciba",
	"http://auth0.com/oauth/grant-type/passwordless/otp",
}

// grantEvents are the log events of a grant: success and failure.
var grantEvents = map[string][2]string{
	grantPassword:          {"sepft", "fepft"},
	grantPasswordRealm:     {"sepft", "fepft"},
	grantRefreshToken:      {"sertft", "fertft"},
	grantClientCredentials: {"seccft", "feccft"},
	grantMFAOTP:            {"seotpft", "feotpft"},
	grantMFAOOB:            {"seoobft", "feoobft"},
	grantMFARecovery:       {"sercft", "fercft"},
}

// token serves POST /oauth/token.
func (t *Tenant) token(c *call) {
	x := &exchange{call: c, ip: t.clientIP(c.r), socketIP: t.clientIP(c.r)}
	var body fields
	var e *refusal
	if x.params, e = readParams(c.r); e == nil {
		body, e = t.exchange(x)
	}
	// Only for password grants is it known that the headers tell the bucket of
	// login attempts.
	if x.grant == grantPassword || x.grant == grantPasswordRealm {
		t.loginHeaders(x)
	}
	events, known := grantEvents[x.grant]
	if e != nil {
		if len(e.logged) == 0 && !e.unlogged {
			e.logged = []string{"f"}
			if known {
				e.logged[0] = events[1]
			}
		}
		for _, eventType := range e.logged {
			t.logEvent(x, eventType, e.description)
		}
		c.refuse(jsonPlain, e)
		return
	}
	t.logEvent(x, events[0], LogMeaning(events[0]))
	c.edge(true)
	c.send(200, jsonPlain, encode(body))
}

// exchange checks, in this order: client authentication, the grant, parameters,
// directory or realm, audience, throttling, credentials, Actions, MFA. Only of
// some neighbours is the order known.
func (t *Tenant) exchange(x *exchange) (fields, *refusal) {
	if e := x.params.require("grant_type"); e != nil {
		return nil, e
	}
	x.grant = x.params.get("grant_type")
	var e *refusal
	x.app, x.withSecret, e = t.authenticate(x.call, x.params)
	t.address(x)
	if e != nil {
		return nil, e
	}
	_, served := grantEvents[x.grant]
	if !served && !slices.Contains(otherGrants, x.grant) {
		return nil, refuse(403, "unsupported_grant_type", "Unsupported grant type: "+x.grant) // unverified
	}
	if !slices.Contains(x.app.grants, x.grant) || x.grant == grantRefreshToken && x.app.refreshGrantGone {
		e := refuse(403, "unauthorized_client", "Grant type '"+x.grant+"' not allowed for the client.")
		e.more = fields{{"error_uri", "https://auth0.com/docs/clients/client-grant-types"}}
		return nil, e
	}
	if x.app.rateLimited {
		e := refuse(429, "too_many_requests", "Rate limit exceeded.")
		e.header = map[string]string{"Auth0-RateLimit": "client;q=10;t=60;r=0", "Retry-After": "30"}
		e.logged = []string{"api_limit"}
		return nil, e
	}
	switch x.grant {
	case grantRefreshToken:
		return t.refreshGrant(x)
	case grantClientCredentials:
		return t.clientCredentials(x)
	case grantMFAOTP, grantMFAOOB, grantMFARecovery:
		return t.mfaGrant(x)
	default:
		return t.password(x)
	}
}

// password is the password grant and the password-realm grant.
func (t *Tenant) password(x *exchange) (fields, *refusal) {
	if e := x.params.require("username", "password"); e != nil {
		return nil, e
	}
	x.username = x.params.get("username")
	if e := t.directory(x); e != nil {
		return nil, e
	}
	if e := t.audience(x); e != nil {
		return nil, e
	}
	if e := t.throttle(x); e != nil {
		return nil, e
	}
	if e := t.login(x); e != nil {
		return nil, e
	}
	for _, act := range t.set.actions {
		if act.deny != "" {
			return nil, refuse(403, "access_denied", act.deny) // unverified: the status
		}
		if act.redirect {
			// unverified: status and wording.
			return nil, refuse(403, "interaction_required", "Redirect is not possible in this flow: an Action or Rule tried to send the user to another page.")
		}
	}
	x.granted = grantScopes(x.params.scopes(), x.api, x.user, t.set.actions)
	if e := t.secondFactor(x); e != nil {
		return nil, e
	}
	return t.issue(x, "password", nil)
}

// directory finds the connection that checks the password.
func (t *Tenant) directory(x *exchange) *refusal {
	if x.app.orgOnly {
		// unverified: what a password grant is told; the wording is that of /authorize.
		return refuse(400, "invalid_request", "parameter organization is required for this client")
	}
	x.connection = t.set.defaultDirectory
	if x.grant == grantPasswordRealm {
		if e := x.params.require("realm"); e != nil {
			return e
		}
		x.connection = x.params.get("realm")
	}
	c, ok := t.set.connection(x.connection)
	switch {
	case !ok && x.grant == grantPassword:
		return refuse(500, "server_error", "Authorization server not configured with default connection.")
	case !ok:
		return refuse(403, "invalid_request", "Unknown realm '"+x.connection+"'") // unverified
	case slices.Contains(x.app.off, c.name):
		return refuse(403, "unauthorized_client", "The connection is not enabled for this client") // unverified
	case !c.passwords():
		return refuse(400, "invalid_request", "specified strategy does not support requested operation") // unverified: the status
	}
	return nil
}

// audience finds the API that the token is for. The parameter resource counts
// where audience is absent (Auth0's Resource Parameter Compatibility Profile).
func (t *Tenant) audience(x *exchange) *refusal {
	name := cmp.Or(x.params.get("audience"), x.params.get("resource"), t.set.defaultAudience)
	if name == "" {
		return nil
	}
	x.api = t.api(name)
	switch {
	case x.api == nil:
		return refuse(400, "invalid_request", "invalid audience specified for password grant exchange")
	case x.api.perApp && !slices.Contains(x.api.perAppGrants, x.app.id):
		// unverified: the status, and that a password grant says the same as others.
		return refuse(403, "invalid_request", `Client "`+x.app.id+`" is not authorized to access resource server "`+name+`".`)
	case x.api.system && !x.api.forceMFA:
		for _, s := range x.params.scopes() {
			if s != offlineAccess && !slices.Contains(oidcScopes, s) && !slices.Contains(x.api.scopes, s) {
				return refuse(400, "invalid_scope", "User is not authorized to the audience for those scopes") // unverified: the status
			}
		}
	}
	return nil
}

// clientCredentials lets an application act in its own name.
func (t *Tenant) clientCredentials(x *exchange) (fields, *refusal) {
	name := cmp.Or(x.params.get("audience"), x.params.get("resource"))
	if name == "" {
		return nil, refuse(403, "access_denied", "Non-global clients are not allowed access to APIv1")
	}
	x.api = t.api(name)
	if x.api == nil {
		return nil, refuse(403, "access_denied", "Service not found: "+name)
	}
	i := slices.IndexFunc(x.app.clientGrants, func(g clientGrant) bool { return g.audience == name })
	if i < 0 {
		return nil, refuse(403, "access_denied", `Client is not authorized to access "`+name+`". You need to create a "client-grant" associated to this API. See: https://auth0.com/docs/api/management/v2/client-grants/post-client-grants`)
	}
	granted := x.app.clientGrants[i].scopes
	asked := x.params.scopes()
	beyond := slices.DeleteFunc(slices.Clone(asked), func(s string) bool { return slices.Contains(granted, s) })
	if len(beyond) > 0 {
		return nil, refuse(403, "access_denied", "Client has not been granted scopes: "+strings.Join(beyond, " "))
	}
	x.granted = narrow(granted, asked)
	return t.issue(x, "client-credentials", nil)
}
