package profiles

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"authwalk/flows"
)

// The environments of a profile. A prod one is badged, and asks before it sends.
var environments = []string{"dev", "staging", "prod"}

// Profile is one tenant's set-up as it stands in the file. Empty is absent
// everywhere: a scope list without scopes means that the parameter is not sent.
type Profile struct {
	Name string

	// Where: a domain (a host: https and Auth0's paths), or an issuer (a URL:
	// discovery), or a token URL.
	Domain, Issuer, TokenURL      string
	JWKSURL                       string // a URL or a file
	UserinfoURL, RevokeURL        string
	Environment                   string // dev, staging, prod
	Flow, Realm                   string
	ClientID, ClientAuth          string
	ClientSecret, PrivateKey      Ref
	KeyID, KeyAlg                 string
	AssertionAudience             string
	APISecret                     Ref // the signing secret of an HS256 API
	OTPSecret, RecoveryCode       Ref
	APIBase                       string // what relative URLs of calls start from
	Audience                      string
	Scopes                        []string
	Username                      string
	Password                      Ref
	ForwardedFor                  string // an IP address, sent as auth0-forwarded-for
	Timeout, Leeway               string // durations as written: "20s"
	AllowHTTP                     bool   // plain http beyond loopback
	AllowHosts                    []string
	Params                        map[string]string // further parameters of the token request
	CAFile, ClientCert, ClientKey string            // the tls table: paths
	Proxy                         string
	Calls                         []flows.SavedCall

	// Dir is the folder of the file it is from: relative paths start there.
	// Empty: the working folder.
	Dir string

	loose string // the file it is from, where others can change that
}

// Clone is a copy that shares nothing with p.
func (p Profile) Clone() Profile {
	p.Scopes = slices.Clone(p.Scopes)
	p.AllowHosts = slices.Clone(p.AllowHosts)
	p.Params = maps.Clone(p.Params)
	p.Calls = slices.Clone(p.Calls)
	for i := range p.Calls {
		p.Calls[i].Headers = maps.Clone(p.Calls[i].Headers)
	}
	return p
}

// normal is p as it would come back from a file: what is empty is nil.
func (p Profile) normal() Profile {
	p = p.Clone()
	if len(p.Scopes) == 0 {
		p.Scopes = nil
	}
	if len(p.AllowHosts) == 0 {
		p.AllowHosts = nil
	}
	if len(p.Params) == 0 {
		p.Params = nil
	}
	if len(p.Calls) == 0 {
		p.Calls = nil
	}
	for i := range p.Calls {
		if len(p.Calls[i].Headers) == 0 {
			p.Calls[i].Headers = nil
		}
	}
	return p
}

// Host is the host that credentials of this profile go to, for a person to see.
func (p Profile) Host() string {
	return flows.Config{Domain: p.Domain, Issuer: p.Issuer, TokenURL: p.TokenURL}.Host()
}

// SuggestName makes a profile's name of a host: its first label.
func SuggestName(host string) string {
	if u, err := url.Parse("//" + host); err == nil {
		host = u.Hostname()
	}
	label, _, _ := strings.Cut(host, ".")
	if flows.IsLoopback(host) {
		label = "local"
	}
	if label == "" || checkName(label) != "" {
		return "tenant"
	}
	return label
}
