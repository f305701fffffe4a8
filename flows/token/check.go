package token

import (
	"slices"
	"time"

	"authwalk/flows/rawjson"
)

// State is how a check ended.
type State string

// The states. Only Fail is held against a token; Skip says that the check does
// not apply or could not be made.
const (
	Pass State = "pass"
	Warn State = "warn"
	Fail State = "fail"
	Skip State = "skip"
)

// Check is one row of a validation. Its JSON is part of the program's contract.
type Check struct {
	Token Use    `json:"token"`
	Name  string `json:"name"`
	State State  `json:"state"`
	Want  string `json:"want,omitempty"` // what a good token has
	Got   string `json:"got,omitempty"`  // what this one has
	Why   string `json:"why,omitempty"`  // a sentence
	Spec  string `json:"spec,omitempty"` // where the rule is written
}

// CheckNames are the checks in their order; Validate reports every one of them,
// whatever the token.
var CheckNames = []string{"format", "signature", "alg", "kid", "typ", "iss", "sub", "aud", "azp", "exp", "nbf", "iat", "nonce", "at_hash", "auth_time"}

// DefaultLeeway is how far clocks may differ; the libraries of Auth0 use it too.
const DefaultLeeway = 60 * time.Second

// Expect is what a token is held against. What is empty is not known: checks
// that need it are skipped and say so.
type Expect struct {
	Use      Use
	Issuer   string // exact, with its slash
	Audience string // of an access token: what was asked for
	ClientID string
	Subject  string // the user who must be meant, as in a refreshed ID token (OpenID Connect Core, 12.2)

	ExpectNonce bool   // a nonce was sent
	Nonce       string // the one that was sent
	MaxAge      *int64 // seconds; nil: max_age was not sent
	AccessToken string // the raw access token that came along, for at_hash

	ExpiresIn    int64 // seconds, from the reply that brought an access token
	HasExpiresIn bool

	Now         time.Time     // by this machine's clock; zero is the present
	Leeway      time.Duration // negative is none; zero is DefaultLeeway
	ClockOffset time.Duration // how far the server's clock is ahead of this machine's, measured from Date
	OffsetKnown bool          // ClockOffset was measured

	Keys         *KeySet // nil: no keys are at hand
	NoKeys       string  // why there are none, a clause, if known
	ClientSecret string  // verifies an HS256 ID token
	APISecret    string  // verifies the access token of an HS256 API
	Algs         []string
}

// leeway is the time that is allowed for clocks to differ.
func (e Expect) leeway() time.Duration {
	switch {
	case e.Leeway < 0:
		return 0
	case e.Leeway == 0:
		return DefaultLeeway
	}
	return e.Leeway
}

func (e Expect) now() time.Time {
	if e.Now.IsZero() {
		return time.Now()
	}
	return e.Now
}

// Failed reports whether any check failed.
func Failed(checks []Check) bool {
	return slices.ContainsFunc(checks, func(c Check) bool { return c.State == Fail })
}

// Find returns the check of a token by its name.
func Find(checks []Check, use Use, name string) (Check, bool) {
	for _, c := range checks {
		if c.Token == use && c.Name == name {
			return c, true
		}
	}
	return Check{}, false
}

// Verified says of the token of that use whether its signature is right; nil
// when that could not be checked. A warning still is a right signature.
func Verified(checks []Check, use Use) *bool {
	c, ok := Find(checks, use, "signature")
	if !ok || c.State == Skip {
		return nil
	}
	right := c.State != Fail
	return &right
}

// Shown is a token as the program's JSON shows it, in `access` and `id`.
type Shown struct {
	Kind     Kind          `json:"kind"`
	Header   rawjson.Value `json:"header,omitzero"`
	Claims   rawjson.Value `json:"claims,omitzero"`
	Verified *bool         `json:"verified,omitempty"`
}

// Show makes the JSON of a token and its checks.
func Show(t Token, use Use, checks []Check) Shown {
	return Shown{Kind: t.Kind, Header: t.Header, Claims: t.Claims, Verified: Verified(checks, use)}
}
