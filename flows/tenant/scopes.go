package tenant

import (
	"slices"
	"strings"
)

// The automatic set of the password grant.
var fiveScopes = []string{"openid", "profile", "email", "address", "phone"}

// Scopes of OpenID Connect and Auth0's single-claim ones (scopes_supported).
var oidcScopes = []string{"openid", "profile", "email", "address", "phone", "name", "given_name", "family_name",
	"nickname", "email_verified", "picture", "created_at", "identities"}

const offlineAccess = "offline_access"

// splitScope splits a scope parameter; a repeated scope counts once.
func splitScope(s string) []string {
	var out []string
	for _, v := range strings.Fields(s) {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// grantScopes answers what a password grant gives for what was asked. The OIDC
// half and the API half fill separately: nothing at all, or openid alone, gives
// the five standard scopes; nothing of the API gives all that the API has; what
// nobody knows is dropped without a word. A nil API means that no audience was
// asked for.
func grantScopes(asked []string, a *api, u *user, acts []action) []string {
	var oidc, wanted []string
	offline := false
	for _, s := range asked {
		switch {
		case s == offlineAccess:
			offline = true
		case slices.Contains(oidcScopes, s):
			oidc = append(oidc, s)
		default:
			wanted = append(wanted, s)
		}
	}
	// unverified: that nothing asked with an audience fills the OIDC half too.
	if len(asked) == 0 || slices.Equal(oidc, []string{"openid"}) {
		oidc = fiveScopes
	}
	granted := slices.Clone(oidc)
	if a != nil {
		have := wanted
		if len(wanted) == 0 && !a.perApp {
			have = a.scopes
		}
		for _, s := range have {
			if slices.Contains(a.scopes, s) && (!a.rbac || slices.Contains(u.permissions, s)) {
				granted = append(granted, s)
			}
		}
	}
	if offline && (a == nil || a.offline) {
		granted = append(granted, offlineAccess)
	}
	// Scopes that Actions change override RBAC.
	for _, act := range acts {
		for _, s := range act.addScopes {
			if !slices.Contains(granted, s) {
				granted = append(granted, s)
			}
		}
		granted = slices.DeleteFunc(granted, func(s string) bool { return slices.Contains(act.removeScopes, s) })
	}
	return granted
}

// narrow keeps those of the granted scopes that are asked for now; all, if
// nothing is (RFC 6749, section 6).
//
// unverified: a scope beyond the granted ones is dropped, not refused.
func narrow(granted, asked []string) []string {
	if len(asked) == 0 {
		return granted
	}
	return slices.DeleteFunc(slices.Clone(granted), func(s string) bool { return !slices.Contains(asked, s) })
}
