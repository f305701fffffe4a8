package tenant

import "time"

// Grant types as Auth0 names them ("Application Grant Types" in its docs).
const (
	grantPassword          = "password"
	grantPasswordRealm     = "http://auth0.com/oauth/grant-type/password-realm"
	grantRefreshToken      = "refresh_token"
	grantClientCredentials = "client_credentials"
	grantMFAOTP            = "http://auth0.com/oauth/grant-type/mfa-otp"
	grantMFAOOB            = "http://auth0.com/oauth/grant-type/mfa-oob"
	grantMFARecovery       = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
)

// The dashboard's Password tick turns on all of these at once.
var passwordGrants = []string{grantPassword, grantPasswordRealm, grantMFAOTP, grantMFAOOB, grantMFARecovery}

// Client authentication at the token endpoint, by the short names that a
// profile uses.
const (
	authNone          = "none"
	authPost          = "post"
	authBasic         = "basic"
	authPrivateKeyJWT = "private_key_jwt"
)

// Strategies of connections, by Auth0's names.
const (
	strategyDatabase = "auth0"
	strategyAD       = "ad"
	strategySMS      = "sms"
	strategyGoogle   = "google-oauth2"
)

// app is an Application of the tenant.
type app struct {
	id, name string
	auth     string   // one of the auth constants
	secret   string   // made at start for every application but public ones
	keyID    string   // the credential's kid, for private_key_jwt
	grants   []string // grant types that are ticked
	off      []string // connections that are not enabled for it; all others are
	orgOnly  bool     // "Types of Users: Business Users": an organization is required
	trustIP  bool     // Trust Token Endpoint IP Header

	refreshGrantGone bool // the refresh grant is unticked between the login and the refresh
	clientGrants     []clientGrant
	rateLimited      bool // a rate limit policy for this application has been used up
}

// clientGrant lets an application call an API in its own name.
type clientGrant struct {
	audience string
	scopes   []string
}

// connection is where users are: a realm.
type connection struct {
	name, strategy string
}

// passwords reports whether the connection can check a password.
func (c connection) passwords() bool {
	return c.strategy == strategyDatabase || c.strategy == strategyAD || c.strategy == strategySMS
}

// api is a resource server, an API of the dashboard.
type api struct {
	audience     string
	scopes       []string
	alg          string // RS256, PS256 or HS256
	secret       string // the signing secret of an HS256 API; made at start
	lifetime     time.Duration
	offline      bool // Allow Offline Access
	profile9068  bool // the RFC 9068 token profile
	rbac         bool // Enable RBAC
	permissions  bool // Add Permissions in the Access Token
	perApp       bool // Application Access Policy: per-app authorization
	perAppGrants []string
	routes       []route

	// The two of the tenant itself: the Management API and the MFA API.
	system   bool
	forceMFA bool
}

// route is an endpoint of the API that the tenant serves itself. An empty scope
// means that any valid token does.
type route struct {
	method, path, scope string
}

// user is a user of one connection.
type user struct {
	id, connection, username, password string
	name, nickname, phone              string
	emailVerified                      bool
	blocked                            bool
	leaked                             bool // the password is known from a breach
	factors                            []string
	otpSecret, recoveryCode            string
	permissions                        []string
	updated                            time.Time
}

// claim is one custom claim that an Action sets.
type claim struct {
	name  string
	value any
}

// action is a post-login Action.
type action struct {
	deny         string // api.access.deny(reason)
	redirect     bool   // api.redirect.sendUserTo
	accessClaims []claim
	idClaims     []claim
	addScopes    []string
	removeScopes []string
}

// refreshSettings are the Refresh Token Rotation and Expiration settings of the
// applications.
type refreshSettings struct {
	rotation       bool
	leeway         time.Duration
	lifetime, idle time.Duration
	deletesGrant   bool // Refresh Token Revocation Deletes Grant

	// What a scenario lets happen between the login and the refresh.
	age         time.Duration // a new refresh token counts as issued this long ago
	idleFor     time.Duration // … and as last used this long ago
	alreadyUsed bool          // … and as used by somebody else already
	userDeleted bool
	userBlocked bool
}

// mfaSettings are those of Security > Multi-factor Auth.
type mfaSettings struct {
	always        bool          // policy Always: users without a factor must enrol
	tokenLifetime time.Duration // of mfa_token and oob_code
	codeLifetime  time.Duration // of codes sent
	attempts      int           // wrong codes before they are throttled; 0: never
	requirements  bool          // mfa_requirements in the reply (Early Access)
	approveAfter  time.Duration // > 0: a push is approved by itself
	denied        bool          // a push is denied by itself
}

// protection is Security > Attack Protection.
type protection struct {
	bruteForce     int            // failures of one identifier from one address
	alreadyFailed  map[string]int // failures already counted, by identifier, from the caller's own address
	throttleIP     bool           // Suspicious IP Throttling refuses
	bucketUsed     int            // login attempts already used up of an address's bucket
	loginsBurst    int            // > 0: logins of one user from one address, at once …
	loginsPerMin   int            // … and refilled each minute
	loginsUsed     bool           // another program uses them up all the time
	botDetection   bool
	userinfoLimit  bool // /userinfo refuses when its bucket is empty
	breachDetected bool
}

// faults are what goes wrong before Auth0 is asked at all.
type faults struct {
	notFound bool          // no tenant of this name: every path
	gateway  bool          // the token endpoint: 502 and a page
	reset    bool          // the token endpoint: the connection is reset
	slow     time.Duration // the token endpoint: waits this long
}

// mint is what goes wrong, or differs, where tokens are made.
type mint struct {
	key        int           // which of the two published keys signs
	unknownKey bool          // a key that is not published signs access tokens
	none       bool          // access tokens with alg none
	issuer     string        // iss of all tokens, when it is not the tenant's issuer
	audience   string        // aud of access tokens, when it is not the one asked for
	late       time.Duration // access tokens come out of a cache: issued this long ago
	hideAlg    bool          // JWKS without alg
}

// settings is all that makes one tenant differ from another.
type settings struct {
	name             string // "acme-demo"
	defaultDirectory string
	defaultAudience  string
	apps             []*app
	connections      []connection
	apis             []*api
	users            []*user
	actions          []action
	refresh          refreshSettings
	mfa              mfaSettings
	protection       protection
	faults           faults
	mint             mint
	clock            time.Duration // the server's clock is ahead by this

	profile  func(*Tenant, *Profile)          // changes the default profile of the scenario
	profiles func(*Tenant, Profile) []Profile // further ones, made from the unchanged one
}

// The main cast, the same in every scenario.
const (
	mainConnection = "Username-Password-Authentication"
	mainAudience   = "https://api.acme.test/"
	mainUser       = "ada@acme.test"
	mfaUser        = "mia@acme.test"
	staffUser      = "emil@acme.test"
	corpUser       = "carla@corp.acme.test"
	phoneUser      = "+15555550123"

	mainClient       = "Wb7Qk2ZsN4xVfT9cLr6hYg1MpDe8JuAo"
	basicClient      = "Bs3Xn8VtR5qKzW1mGy7cHd4LfPj9EuTa"
	keyClient        = "Kj5Rt9BwY2nMxC6vQs8dZg3HpLf7TuEi"
	publicClient     = "Pu4Hc7NzX1kWvR8tJm5yQb2GsDf6LeAw"
	weakClient       = "Nw6Tf3JxC9pLsV2rKb8mZh5QyGd4WuEo"
	unknownClient    = "Xx0Yk5WmQ8vRzT2nBc7pLf4HsJd9GuEi"
	thirdPartyClient = "tpc_4VnR8xKw2QzTb7Ls"
	assertionKeyID   = "acme-demo-key-1"
)

var apiRoutes = []route{
	{"GET", "/api/orders", "read:orders"},
	{"POST", "/api/orders", "write:orders"},
	{"GET", "/api/me", ""},
	{"GET", "/api/export", ""},
}

// base is the good set-up that every scenario starts from.
func base() *settings {
	all := append([]string{}, passwordGrants...)
	all = append(all, grantRefreshToken, grantClientCredentials)
	people := append([]string{}, passwordGrants...)
	people = append(people, grantRefreshToken)
	return &settings{
		name:             "acme-demo",
		defaultDirectory: mainConnection,
		apps: []*app{
			{id: mainClient, name: "Acme Web", auth: authPost, grants: all, trustIP: false,
				clientGrants: []clientGrant{{mainAudience, []string{"read:sample", "read:orders"}}}},
			{id: basicClient, name: "Acme Web (basic)", auth: authBasic, grants: all},
			{id: keyClient, name: "Acme Backend (private key)", auth: authPrivateKeyJWT, keyID: assertionKeyID, grants: all,
				clientGrants: []clientGrant{{mainAudience, nil}}},
			{id: publicClient, name: "Acme Mobile", auth: authNone, grants: people},
			{id: weakClient, name: "Acme Jobs", auth: authPost, grants: []string{grantRefreshToken, grantClientCredentials}},
		},
		connections: []connection{
			{mainConnection, strategyDatabase},
			{"employees", strategyDatabase},
			{"corp", strategyAD},
			{"sms", strategySMS},
			{"google-oauth2", strategyGoogle},
		},
		apis: []*api{{
			audience: mainAudience, alg: "RS256",
			scopes:   []string{"read:sample", "read:orders", "write:orders"},
			lifetime: 24 * time.Hour, offline: true, routes: apiRoutes,
		}},
		users: []*user{
			{id: "auth0|64f1a2b3c4d5e6f708192a3b", connection: mainConnection, username: mainUser,
				password: "Analytical-Engine-1843", name: mainUser, nickname: "ada", emailVerified: true,
				permissions: []string{"read:sample", "read:orders", "write:orders"}},
			{id: "auth0|64f1a2b3c4d5e6f708192a3c", connection: mainConnection, username: mfaUser,
				password: "Second-Factor-2026", name: mfaUser, nickname: "mia", emailVerified: true, phone: "+15555550142",
				factors:     []string{factorOTP, factorPush, factorSMS, factorEmail, factorRecovery},
				permissions: []string{"read:sample", "read:orders", "write:orders"}},
			{id: "auth0|64f1a2b3c4d5e6f708192a3d", connection: "employees", username: staffUser,
				password: "Night-Shift-7", name: staffUser, nickname: "emil", emailVerified: true,
				permissions: []string{"read:sample", "read:orders"}},
			{id: "ad|corp|7f3c9a52-5d0e-4b8e-9d3e-2a6a1c4b8f10", connection: "corp", username: corpUser,
				password: "Domain-User-42", name: "Carla Corp", nickname: "carla", emailVerified: true,
				permissions: []string{"read:sample"}},
			{id: "sms|64f1a2b3c4d5e6f708192a3e", connection: "sms", username: phoneUser,
				name: phoneUser, nickname: "", phone: phoneUser},
		},
		refresh:    refreshSettings{lifetime: 2592000 * time.Second, idle: 2592000 * time.Second},
		mfa:        mfaSettings{tokenLifetime: 10 * time.Minute, codeLifetime: 5 * time.Minute, attempts: 10},
		protection: protection{bruteForce: 10},
	}
}

func (s *settings) app(id string) *app {
	for _, a := range s.apps {
		if a.id == id {
			return a
		}
	}
	return nil
}

func (s *settings) api(audience string) *api {
	for _, a := range s.apis {
		if a.audience == audience {
			return a
		}
	}
	return nil
}

func (s *settings) connection(name string) (connection, bool) {
	for _, c := range s.connections {
		if c.name == name { // realm names are case-sensitive
			return c, true
		}
	}
	return connection{}, false
}

func (s *settings) main() *user { return s.users[0] }
