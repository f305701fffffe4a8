package tenant

import "strings"

// Description is what another program needs to use the tenant: the line that
// `authwalk tenant --json` prints.
type Description struct {
	Scenario     string            `json:"scenario"`
	Issuer       string            `json:"issuer"`
	TokenURL     string            `json:"token_url"`
	CAFile       string            `json:"ca_file"`
	ProfilesFile string            `json:"profiles_file"`
	Clients      []DescribedClient `json:"clients"`
	Users        []DescribedUser   `json:"users"`
	APIs         []DescribedAPI    `json:"apis"`
	Realms       []DescribedRealm  `json:"realms"`
	PhoneURL     string            `json:"phone_url"`
}

// DescribedClient is one application of a Description.
type DescribedClient struct {
	ClientID       string   `json:"client_id"`
	ClientSecret   string   `json:"client_secret"`
	Auth           string   `json:"auth"`
	Grants         []string `json:"grants"`
	PrivateKeyFile string   `json:"private_key_file"`
}

// DescribedUser is one user of a Description. An OTPSecret means that MFA is on.
type DescribedUser struct {
	Username     string `json:"username"`
	Password     string `json:"password"`
	OTPSecret    string `json:"otp_secret"`
	RecoveryCode string `json:"recovery_code"`
	Realm        string `json:"realm"`
}

// DescribedAPI is one API of a Description.
type DescribedAPI struct {
	Audience string           `json:"audience"`
	Scopes   []string         `json:"scopes"`
	Routes   []DescribedRoute `json:"routes"`
}

// DescribedRoute is an endpoint that the tenant serves for an API. An empty
// Scope means that any token for the API does.
type DescribedRoute struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Scope  string `json:"scope"`
}

// DescribedRealm is one connection of a Description.
type DescribedRealm struct {
	Name     string `json:"name"`
	Strategy string `json:"strategy"`
}

// Describe returns the tenant as it stands: the first client, user and API are
// those of the good path. Files are named once WriteFiles has written them.
func (t *Tenant) Describe() Description {
	d := Description{
		Scenario: t.scenario.Name, Issuer: t.issuer, TokenURL: t.issuer + "oauth/token",
		PhoneURL: strings.TrimSuffix(t.issuer, "/") + phonePath,
		Clients:  []DescribedClient{}, Users: []DescribedUser{}, APIs: []DescribedAPI{}, Realms: []DescribedRealm{},
	}
	if t.files != nil {
		d.CAFile, d.ProfilesFile = t.files.CA, t.files.Profiles
	}
	for _, a := range t.set.apps {
		c := DescribedClient{ClientID: a.id, ClientSecret: a.secret, Auth: a.auth, Grants: append([]string{}, a.grants...)}
		if a.auth == authPrivateKeyJWT && t.files != nil {
			c.PrivateKeyFile = t.files.PrivateKey
		}
		d.Clients = append(d.Clients, c)
	}
	for _, u := range t.set.users {
		d.Users = append(d.Users, DescribedUser{Username: u.username, Password: t.passwordOf(u), OTPSecret: u.otpSecret,
			RecoveryCode: t.recoveryCodeOf(u), Realm: u.connection})
	}
	for _, a := range t.set.apis {
		routes := []DescribedRoute{}
		for _, r := range a.routes {
			routes = append(routes, DescribedRoute{r.method, r.path, r.scope})
		}
		d.APIs = append(d.APIs, DescribedAPI{Audience: a.audience, Scopes: append([]string{}, a.scopes...), Routes: routes})
	}
	for _, c := range t.set.connections {
		d.Realms = append(d.Realms, DescribedRealm{c.name, c.strategy})
	}
	return d
}
