package tenant

import "time"

// Scenario is one set-up of the tenant, good or broken, and what it teaches.
type Scenario struct {
	Name      string `json:"name"`
	Title     string `json:"title"`
	Teaches   string `json:"teaches"`   // one sentence
	Run       string `json:"run"`       // "token" or "token --refresh"
	Diagnosis string `json:"diagnosis"` // the finding that comes first; empty for a good set-up
	Exit      int    `json:"exit"`      // exit code of Run with the scenario's profile

	// Topic is the heading that it stands under in a list.
	Topic string `json:"-"`

	// Needs says what an MFA scenario is finished with; empty for all others.
	Needs string `json:"-"`

	change func(*settings)
}

// Good reports whether nothing is wrong with the set-up and nothing more is
// needed.
func (s Scenario) Good() bool { return s.Exit == 0 && s.Diagnosis == "" }

// Lookup finds a scenario by its name.
func Lookup(name string) (Scenario, bool) {
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, true
		}
	}
	return Scenario{}, false
}

// The two ways to run a scenario.
const (
	runToken   = "token"
	runRefresh = "token --refresh"
)

// Scenarios returns all scenarios in an order to learn from: the good ones
// first, then what goes wrong from the outside in.
func Scenarios() []Scenario {
	var all []Scenario
	for _, t := range topics {
		for _, s := range t.scenarios {
			s.Topic = t.name
			all = append(all, s)
		}
	}
	return all
}

// topics are the scenarios by what goes wrong, from the outside in.
var topics = []struct {
	name      string
	scenarios []Scenario
}{
	{"Set up well", goodScenarios},
	{"Scopes are missing", scopeScenarios},
	{"Tokens are not good", tokenScenarios},
	{"The application is refused", clientScenarios},
	{"The directory is not found", directoryScenarios},
	{"The API or an Action refuses", apiScenarios},
	{"The user is refused", userScenarios},
	{"A second factor is asked for", mfaScenarios},
	{"Too many attempts", throttleScenarios},
	{"Refreshing", refreshScenarios},
	{"The network", networkScenarios},
}

// good is a scenario where everything works.
func good(name, title, teaches string, change func(*settings)) Scenario {
	return Scenario{Name: name, Title: title, Teaches: teaches, Run: runToken, change: change}
}

// broken is a scenario with a finding.
func broken(name, diagnosis string, exit int, title, teaches string, change func(*settings)) Scenario {
	return Scenario{Name: name, Title: title, Teaches: teaches, Run: runToken, Diagnosis: diagnosis, Exit: exit, change: change}
}

var goodScenarios = []Scenario{
	good("works", "Everything is set up", "The whole walk: a token for an API, its claims, a call, a refresh.", func(s *settings) {
		s.profiles = goodProfiles
	}),
	good("realm-employees", "Users of another directory", "A realm names the connection that checks the password, so the tenant's Default Directory does not matter.", func(s *settings) {
		s.defaultDirectory = ""
		s.firstUser(staffUser)
		s.profile = func(_ *Tenant, p *Profile) { p.Realm = "employees" }
	}),
	good("short-lived", "A token of one minute", "A token of 60 s runs out while one looks at it; with rotation each refresh brings a new refresh token.", func(s *settings) {
		s.apis[0].lifetime = time.Minute
		s.refresh.rotation = true
	}),
	good("default-audience", "The audience comes from the tenant", "With a Default Audience in the tenant's settings a request without audience gets a JWT for that API.", func(s *settings) {
		s.defaultAudience = mainAudience
		s.profile = func(_ *Tenant, p *Profile) { p.Audience = "" }
	}),
	good("rfc9068", "Tokens after RFC 9068", "The RFC 9068 profile: typ at+jwt, client_id and jti instead of azp and gty.", func(s *settings) {
		s.apis[0].profile9068 = true
	}),
	good("ps256-api", "An API signed with PS256", "The access token is signed with PS256 while the ID token stays RS256.", func(s *settings) {
		s.apis[0].alg = "PS256"
		s.mint.hideAlg = true
	}),
	good("hs256-api", "An API signed with a shared secret", "Nobody but the API can check an HS256 signature; with openid, /userinfo refuses such a token.", func(s *settings) {
		s.apis[0].alg = "HS256"
		s.profile = func(_ *Tenant, p *Profile) {
			p.Notes = append(p.Notes, "Without api_secret the signature of the access token cannot be checked; see the other profile.")
		}
		s.profiles = func(t *Tenant, good Profile) []Profile {
			return []Profile{good.as("hs256-api-verified", func(p *Profile) { p.APISecret = t.set.apis[0].secret })}
		}
	}),
	good("rotated-key", "The signing key has been rotated", "A token is checked with the key that its kid names, not with the first one published.", func(s *settings) {
		s.mint.key = 1
	}),
	good("forwarded-for-trusted", "Logins on behalf of other addresses", "A server sends auth0-forwarded-for, so that its own address, blocked here for failed logins, is not held against the user.", func(s *settings) {
		s.apps[0].trustIP = true
		s.protection.alreadyFailed = map[string]int{mainUser: 10}
		s.profile = func(_ *Tenant, p *Profile) { p.ForwardedFor = "198.51.100.23" }
	}),
	good("action-adds", "An Action adds claims and scopes", "The Action of Auth0's documentation: a claim in each token, and scopes nobody asked for.", func(s *settings) {
		s.actions = []action{{
			accessClaims: []claim{{"https://foo/bar", "value"}},
			idClaims:     []claim{{"https://fiz/baz", "some other value"}},
			addScopes:    []string{"foo", "bar"},
		}}
	}),
	good("action-collides", "An Action sets reserved claims", "Claims with reserved names or namespaces are dropped without a word; only the namespaced one arrives.", func(s *settings) {
		s.actions = []action{{
			accessClaims: []claim{{"scope", "admin"}, {"sub", "somebody-else"}, {"https://acme.auth0.com/role", "admin"}, {"https://acme.test/role", "buyer"}},
			idClaims:     []claim{{"email_verified", true}, {"urn:auth0:role", "admin"}, {"https://acme.test/role", "buyer"}},
		}}
	}),
}

var scopeScenarios = []Scenario{
	broken("offline-access-off", "no-refresh-token", 0, "The API does not allow offline access", "offline_access is dropped without an error when the API does not allow it: no refresh token comes.", func(s *settings) {
		s.apis[0].offline = false
	}),
	broken("rbac", "scope-shortfall", 0, "The user lacks a permission", "With RBAC a scope is granted only if the user has the permission of that name.", func(s *settings) {
		s.apis[0].rbac, s.apis[0].permissions = true, true
		s.main().permissions = []string{"read:sample", "read:orders"}
		s.profile = func(_ *Tenant, p *Profile) { p.Scopes = append(p.Scopes, "write:orders") }
	}),
	broken("action-removes", "scope-shortfall", 0, "An Action removes a scope", "An Action after the login has the last word on scopes, and may take one away.", func(s *settings) {
		s.actions = []action{{removeScopes: []string{"read:orders"}}}
	}),
}

var tokenScenarios = []Scenario{
	broken("no-audience", "opaque-token", 0, "No audience was asked for", "Without an audience the access token is encrypted, and good for /userinfo only.", func(s *settings) {
		s.profile = func(_ *Tenant, p *Profile) {
			p.Audience = ""
			p.Scopes = []string{"openid", "profile", "email"}
		}
	}),
	broken("clock-ahead", "clock-skew", 0, "The server's clock is ten minutes ahead", "Tokens from the future: iat and the Date header tell whose clock is wrong.", func(s *settings) {
		s.clock = 10 * time.Minute
	}),
	broken("custom-domain", "token-invalid", 8, "Tokens carry the custom domain", "The issuer is the domain that the tenant is known by, and the tenant's own domain is another issuer.", func(s *settings) {
		s.mint.issuer = "https://login.acme.test/"
	}),
	broken("unknown-kid", "token-invalid", 8, "The signing key is not published", "A token whose kid is not in the JWKS cannot be trusted.", func(s *settings) {
		s.mint.unknownKey = true
	}),
	broken("alg-none", "token-invalid", 8, "The token is not signed", "alg none means that anybody can have written it: never accept it.", func(s *settings) {
		s.mint.none = true
	}),
	broken("expired-token", "token-invalid", 8, "The token has expired already", "A token out of somebody's cache: exp is past although expires_in promises a day.", func(s *settings) {
		s.mint.late = 25 * time.Hour
	}),
	broken("wrong-audience-token", "token-invalid", 8, "The token is for another API", "aud names the API that may accept the token; this one is not the one asked for.", func(s *settings) {
		s.mint.audience = "https://billing.acme.test/"
	}),
}

var clientScenarios = []Scenario{
	broken("wrong-secret", "client-auth-failed", 4, "The client secret is wrong", "401 access_denied Unauthorized is about the application, not about the user.", func(s *settings) {
		s.profile = func(_ *Tenant, p *Profile) {
			p.ClientSecret = "rotated-last-week-and-never-changed-here-9d2c41f07ab85e63"
		}
	}),
	broken("missing-secret", "client-auth-failed", 4, "The application is confidential", "A confidential application that sends no secret is told the same as one with a wrong one.", func(s *settings) {
		s.profile = func(_ *Tenant, p *Profile) { p.ClientSecret, p.ClientAuth = "", authNone }
	}),
	broken("unknown-client", "client-auth-failed", 4, "The client id is another tenant's", "An unknown client id most likely gets the same answer as a wrong secret.", func(s *settings) {
		s.profile = func(_ *Tenant, p *Profile) { p.ClientID = unknownClient }
	}),
	broken("grant-not-allowed", "grant-not-allowed", 4, "The Password grant is off", "Applications do not have the Password grant until it is ticked under Advanced Settings > Grant Types.", func(s *settings) {
		s.apps[0].grants = []string{grantRefreshToken, grantClientCredentials}
	}),
	broken("third-party-client", "third-party-client", 4, "A third-party application", "Third-party applications (tpc_) can never use the Password grant, whatever is ticked.", func(s *settings) {
		s.apps[0].id, s.apps[0].name = thirdPartyClient, "Partner App"
		s.apps[0].grants = []string{grantRefreshToken, grantClientCredentials}
	}),
	broken("organizations-client", "organizations-client", 4, "The application needs an Organization", "The Password grant knows no Organizations: an application for business users cannot use it.", func(s *settings) {
		s.apps[0].orgOnly = true
	}),
}

var directoryScenarios = []Scenario{
	broken("no-default-directory", "no-default-directory", 4, "No Default Directory", "The grant password asks the tenant's Default Directory, and none is set.", func(s *settings) {
		s.defaultDirectory = ""
	}),
	broken("unknown-realm", "unknown-realm", 4, "The realm does not exist", "A realm is the exact name of a connection, upper and lower case included.", func(s *settings) {
		s.firstUser(staffUser)
		s.profile = func(_ *Tenant, p *Profile) { p.Realm = "Employees" }
	}),
	broken("connection-not-enabled", "connection-not-enabled", 4, "The connection is not enabled for the application", "A connection lists the applications that may use it.", func(s *settings) {
		s.apps[0].off = []string{"employees"}
		s.firstUser(staffUser)
		s.profile = func(_ *Tenant, p *Profile) { p.Realm = "employees" }
	}),
	broken("connection-cannot-password", "connection-cannot-password", 4, "The connection cannot check passwords", "A social connection sends users elsewhere: it has no passwords to check.", func(s *settings) {
		s.profile = func(_ *Tenant, p *Profile) { p.Realm = "google-oauth2" }
	}),
}

var apiScenarios = []Scenario{
	broken("unknown-audience", "unknown-audience", 4, "No API of that identifier", "The audience must equal the API's identifier to the last slash.", func(s *settings) {
		s.profile = func(_ *Tenant, p *Profile) { p.Audience = "https://api.acme.test" }
	}),
	broken("client-grant-missing", "client-grant-missing", 4, "The API does not let this application in", "With per-app authorization an API serves only the applications that it lists.", func(s *settings) {
		s.apis[0].perApp = true
		s.apis[0].perAppGrants = []string{basicClient}
	}),
	broken("scope-not-for-user", "scope-not-for-user", 4, "Scopes of the Management API", "Users cannot get the Management API's scopes, only those about themselves.", func(s *settings) {
		s.profile = func(t *Tenant, p *Profile) {
			p.Audience = t.issuer + "api/v2/"
			p.Scopes = []string{"openid", "read:users"}
		}
	}),
	broken("action-denied", "action-denied", 4, "An Action denies the login", "access_denied with a text that Auth0 does not write comes most likely from the tenant's own Action or Rule.", func(s *settings) {
		s.actions = []action{{deny: "Please verify your email before logging in."}}
	}),
	broken("redirect-impossible", "redirect-impossible", 4, "An Action wants to redirect", "There is no browser to redirect in this flow; the Action has to check for that.", func(s *settings) {
		s.actions = []action{{redirect: true}}
	}),
}

var userScenarios = []Scenario{
	broken("wrong-password", "wrong-credentials", 5, "The password is wrong", "A wrong password and an unknown user get the same answer, on purpose.", func(s *settings) {
		// The highest threshold there is, so that one can look at this for a while.
		s.protection.bruteForce = 100
		s.profile = func(_ *Tenant, p *Profile) { p.Password = "Difference-Engine-1822" }
	}),
	broken("user-blocked", "user-blocked", 7, "The user is blocked", "An administrator has blocked the user; the password is right.", func(s *settings) {
		s.main().blocked = true
	}),
	broken("breached-password", "breached-password", 7, "The password is known from a breach", "Breached Password Detection refuses a right password until it is changed.", func(s *settings) {
		s.main().leaked = true
		s.protection.breachDetected = true
	}),
}

var mfaScenarios = []Scenario{
	mfa("mfa-otp", "mfa-required", "A code of an authenticator app", "mfa_required is not the end: it carries a token to go on with.", "AUTHWALK_OTP or --otp-secret", func(s *settings) {
		s.requireFactors(factorOTP, factorRecovery)
	}),
	mfa("mfa-push", "mfa-required", "A push to the phone", "A push is polled until the user answers it; here the phone approves by itself after 3 s.", "a push approved through phone_url", func(s *settings) {
		s.requireFactors(factorPush)
		s.mfa.approveAfter = 3 * time.Second
	}),
	mfa("mfa-sms", "mfa-required", "A code by text message", "A challenge sends the code; the binding code proves that it arrived.", "the code from phone_url", func(s *settings) {
		s.requireFactors(factorSMS)
	}),
	mfa("mfa-email", "mfa-required", "A code by e-mail", "E-mail as a factor is a channel like SMS, with a code to type.", "the code from phone_url", func(s *settings) {
		s.requireFactors(factorEmail)
	}),
	mfa("mfa-recovery", "mfa-required", "A recovery code", "A recovery code is used up by one login, which brings the next one.", "--recovery-code", func(s *settings) {
		s.requireFactors(factorRecovery, factorOTP)
		s.mfa.requirements = true
	}),
	mfa("mfa-enrol", "mfa-required", "No factor is enrolled yet", "The policy wants a factor of a user who has none: one enrols in the middle of the login.", "an enrolment", func(s *settings) {
		s.mfa.always = true
		s.mfa.requirements = true
	}),
	mfa("mfa-wrong-code", "mfa-wrong-code", "A wrong code", "A wrong code ends nothing: the mfa_token stays good for another try.", "the right code", func(s *settings) {
		s.requireFactors(factorOTP)
		s.mfa.attempts = 0 // so that one can look at this for a while
		s.profile = func(_ *Tenant, p *Profile) {
			p.OTPSecret = wrongOTPSecret
			p.Notes = append(p.Notes, "This otp_secret is not the user's.")
		}
	}),
	mfa("mfa-expired", "mfa-expired", "The login took too long", "An mfa_token is good for ten minutes; then one starts again with the password.", "", func(s *settings) {
		s.requireFactors(factorOTP)
		s.mfa.tokenLifetime = 0
		s.profile = func(t *Tenant, p *Profile) { p.OTPSecret = t.set.main().otpSecret }
	}),
	mfa("mfa-rejected", "mfa-rejected", "The push is denied", "A denied push ends the login for good.", "", func(s *settings) {
		s.requireFactors(factorPush)
		s.mfa.denied = true
	}),
}

// mfa is a scenario in which a second factor is wanted.
func mfa(name, diagnosis, title, teaches, needs string, change func(*settings)) Scenario {
	s := broken(name, diagnosis, 6, title, teaches, change)
	s.Needs = needs
	return s
}

var throttleScenarios = []Scenario{
	broken("brute-force", "brute-force", 7, "Too many failed logins", "After ten failures of one user from one address even the right password is refused.", func(s *settings) {
		s.protection.alreadyFailed = map[string]int{mainUser: 10}
	}),
	broken("suspicious-ip", "suspicious-ip", 7, "Too many attempts from one address", "A server that logs its users in is one address for all of them, and its attempts run out.", func(s *settings) {
		s.protection.throttleIP = true
		s.protection.bucketUsed = loginBucket
	}),
	broken("bot-detection", "bot-detection", 7, "The request looks like a bot's", "A CAPTCHA would be asked for, and this flow cannot show one.", func(s *settings) {
		s.protection.botDetection = true
	}),
	broken("rate-limited", "rate-limited", 7, "The rate limit is used up", "429 with Retry-After: wait, and get fewer tokens.", func(s *settings) {
		s.apps[0].rateLimited = true
	}),
	broken("too-many-logins", "rate-limited", 7, "The same user logs in all the time", "Logins of one user from one address are limited, successful ones too: keep the token.", func(s *settings) {
		s.protection.loginsBurst, s.protection.loginsPerMin, s.protection.loginsUsed = 20, 10, true
	}),
	good("userinfo-throttled", "/userinfo only now and then", "On the free plan /userinfo answers ten times at once and five times a minute for each user: it is not for every API call.", func(s *settings) {
		s.protection.userinfoLimit = true
	}),
}

var refreshScenarios = []Scenario{
	refreshed("refresh-rotating", "", 0, "Refresh tokens rotate", "Each refresh brings a new refresh token and ends the old one.", func(s *settings) {
		s.refresh.rotation = true
	}),
	refreshed("refresh-leeway", "", 0, "Rotation with an overlap", "For 30 s the previous refresh token may be used again, for the sake of requests that crossed.", func(s *settings) {
		s.refresh.rotation = true
		s.refresh.leeway = 30 * time.Second
	}),
	refreshed("refresh-reused", "refresh-invalid", 5, "Somebody used the refresh token before", "A refresh token that comes twice is taken for stolen: its whole family ends.", func(s *settings) {
		s.refresh.rotation = true
		s.refresh.alreadyUsed = true
	}),
	refreshed("refresh-expired", "refresh-invalid", 5, "The refresh token is too old", "The absolute lifetime counts from the login, however often one refreshes.", func(s *settings) {
		s.refresh.age = s.refresh.lifetime + time.Hour
	}),
	refreshed("refresh-idle", "refresh-invalid", 5, "The refresh token was not used for too long", "The idle lifetime ends a refresh token that nobody uses.", func(s *settings) {
		s.refresh.idle = 7 * 24 * time.Hour
		s.refresh.age, s.refresh.idleFor = 8*24*time.Hour, 8*24*time.Hour
	}),
	refreshed("refresh-user-deleted", "user-deleted", 5, "The user is gone at the refresh", "A refresh token does not outlive its user.", func(s *settings) {
		s.refresh.userDeleted = true
	}),
	refreshed("refresh-user-blocked", "user-blocked", 7, "The user is blocked at the refresh", "A block that comes after the login is told with another error than at the login.", func(s *settings) {
		s.refresh.userBlocked = true
	}),
	refreshed("refresh-grant-off", "grant-not-allowed", 4, "The Refresh Token grant is off", "A refresh token helps nothing once the application's grant is unticked.", func(s *settings) {
		s.apps[0].refreshGrantGone = true
	}),
}

// refreshed is a scenario that shows at the refresh.
func refreshed(name, diagnosis string, exit int, title, teaches string, change func(*settings)) Scenario {
	s := broken(name, diagnosis, exit, title, teaches, change)
	s.Run = runRefresh
	return s
}

var networkScenarios = []Scenario{
	broken("tenant-not-found", "not-an-oauth-reply", 3, "No such tenant", "A wrong domain may be answered by a page instead of OAuth, or have no address at all.", func(s *settings) {
		s.faults.notFound = true
	}),
	broken("gateway-502", "not-an-oauth-reply", 3, "A gateway answers instead", "HTML where JSON should be: something between you and the tenant is speaking.", func(s *settings) {
		s.faults.gateway = true
	}),
	broken("slow", "timeout", 3, "The server takes too long", "The profile waits 2 s, the token endpoint answers after 10.", func(s *settings) {
		s.faults.slow = 10 * time.Second
		s.profile = func(_ *Tenant, p *Profile) { p.Timeout = 2 * time.Second }
	}),
	broken("connection-reset", "connection-reset", 3, "The connection is reset", "A reset connection says nothing about what was sent: a firewall, a proxy, a restart.", func(s *settings) {
		s.faults.reset = true
	}),
}

// wrongOTPSecret is a TOTP secret that no user has.
const wrongOTPSecret = "NB2W45DFOIZA4YLTMQQGC3TEEBZWK4TW"

// firstUser makes another user the one of the good path.
func (s *settings) firstUser(name string) {
	for i, u := range s.users {
		if u.username == name {
			copy(s.users[1:i+1], s.users[:i])
			s.users[0] = u
			return
		}
	}
}

// requireFactors turns MFA on for the user of the good path.
func (s *settings) requireFactors(kinds ...string) {
	u := s.main()
	u.factors = kinds
	u.phone = "+15555550199"
}
