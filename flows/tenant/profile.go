package tenant

import (
	"slices"
	"strings"
	"time"
)

// Profile is a client's set-up for this tenant: what a profile file would hold,
// with the secrets themselves instead of references. An empty field is absent.
type Profile struct {
	Name          string
	Domain        string // host and port, with http:// before it if the tenant listens without TLS
	Issuer        string
	Environment   string
	ClientID      string
	ClientAuth    string // none, post, basic or private_key_jwt
	ClientSecret  string
	PrivateKeyPEM string
	KeyID, KeyAlg string
	Realm         string
	Audience      string
	Scopes        []string
	Username      string
	Password      string
	OTPSecret     string
	RecoveryCode  string
	ForwardedFor  string
	APISecret     string        // of an HS256 API; only in profiles that use it
	Timeout       time.Duration // 0: the client's own
	APIBase       string
	CAPEM         []byte // the CA to trust, if the tenant listens with TLS
	Params        map[string]string
	Calls         []Call
	Notes         []string // what a reader of the file should know, a line each
}

// Call is a saved API call of a profile.
type Call struct {
	Name, Method, URL, Body string
	Headers                 map[string]string
}

// Profile returns the scenario's default profile: with it the scenario comes out
// as its Diagnosis and Exit say. Call it after Listen, if the tenant listens.
func (t *Tenant) Profile() Profile {
	p := t.goodProfile()
	if t.set.profile != nil {
		t.set.profile(t, &p)
	}
	p.Name = t.scenario.Name
	return p
}

// Profiles returns all profiles of the scenario, the default one first. In a
// good set-up these are one for each realm, kind of client and user with MFA,
// and one of them waits for its RSA key.
func (t *Tenant) Profiles() []Profile {
	out := []Profile{t.Profile()}
	if t.set.profiles != nil {
		out = append(out, t.set.profiles(t, t.goodProfile())...)
	}
	return out
}

// goodProfile is the first application, user and API, with nothing wrong.
func (t *Tenant) goodProfile() Profile {
	domain := strings.TrimSuffix(t.issuer, "/")
	domain = strings.TrimPrefix(domain, "https://")
	first, user := t.set.apps[0], t.set.main()
	p := Profile{
		Domain: domain, Issuer: t.issuer, Environment: "dev",
		ClientID: first.id, ClientAuth: first.auth, ClientSecret: first.secret,
		Audience: t.set.apis[0].audience,
		Scopes:   []string{"openid", "profile", "email", offlineAccess, "read:sample", "read:orders"},
		Username: user.username, Password: t.passwordOf(user),
		APIBase: strings.TrimSuffix(t.issuer, "/"), CAPEM: t.CAPEM(),
		Calls: []Call{
			{Name: "List orders", Method: "GET", URL: "/api/orders"},
			{Name: "Create an order", Method: "POST", URL: "/api/orders", Body: `{"item":"Brass gear, 64 teeth","quantity":2}`,
				Headers: map[string]string{"Content-Type": "application/json"}},
			{Name: "Who am I", Method: "GET", URL: "/api/me"},
		},
	}
	if user.connection != t.set.defaultDirectory && t.set.defaultDirectory != "" {
		p.Realm = user.connection
	}
	return p
}

// passwordOf reads a password under the lock: that of the realm sms changes.
func (t *Tenant) passwordOf(u *user) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return u.password
}

func (t *Tenant) recoveryCodeOf(u *user) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return u.recoveryCode
}

// as makes a profile of that name out of another.
func (p Profile) as(name string, change func(*Profile)) Profile {
	p.Name = name
	p.Scopes = slices.Clone(p.Scopes)
	change(&p)
	return p
}

// withClient makes a profile use another application.
func (t *Tenant) withClient(p *Profile, id string) {
	a := t.set.app(id)
	p.ClientID, p.ClientAuth, p.ClientSecret = a.id, a.auth, a.secret
	p.PrivateKeyPEM, p.KeyID, p.KeyAlg = "", "", ""
	if a.auth == authPrivateKeyJWT {
		p.KeyID, p.KeyAlg = a.keyID, "RS256"
		if pem, err := t.keys.client.pem(); err == nil {
			p.PrivateKeyPEM = string(pem)
		}
	}
}

// withUser makes a profile use another user.
func (t *Tenant) withUser(p *Profile, name string) {
	for _, u := range t.set.users {
		if u.username == name {
			p.Username, p.Password = u.username, t.passwordOf(u)
		}
	}
}

// goodProfiles are the further profiles of a good set-up.
func goodProfiles(t *Tenant, good Profile) []Profile {
	return []Profile{
		good.as("employees", func(p *Profile) { p.Realm = "employees"; t.withUser(p, staffUser) }),
		good.as("corp", func(p *Profile) { p.Realm = "corp"; t.withUser(p, corpUser) }),
		good.as("sms", func(p *Profile) {
			p.Realm = "sms"
			t.withUser(p, phoneUser)
			p.Notes = []string{"The password of this realm is the code of a text message."}
		}),
		good.as("mfa", func(p *Profile) { t.withUser(p, mfaUser) }),
		good.as("basic", func(p *Profile) { t.withClient(p, basicClient) }),
		good.as("private-key", func(p *Profile) { t.withClient(p, keyClient) }),
		good.as("public", func(p *Profile) { t.withClient(p, publicClient) }),
	}
}
