package token

import (
	"fmt"
	"slices"
	"strings"

	"authwalk/flows/rawjson"
)

// Verdict is what became of a scope.
type Verdict string

// The verdicts of the JSON output.
const (
	Granted         Verdict = "granted"          // asked for, or due by rule since nothing was asked for
	Missing         Verdict = "missing"          // granted by the reply, but what it stands for did not come
	Added           Verdict = "added"            // granted though others were asked for and this one was not
	Dropped         Verdict = "dropped"          // asked for and not granted, without an error
	NeedsPermission Verdict = "needs-permission" // asked for and cut by RBAC
	Unknown         Verdict = "unknown"          // nothing that came tells
)

// Certainty says how sure a reason is.
type Certainty string

// The certainties of a scope's reason.
const (
	Certain Certainty = "certain" // what came proves it, or a documented rule and what came agree
	Likely  Certainty = "likely"  // there are other causes that look the same from here
)

// ScopeRow is one scope of the ledger. Its JSON is part of the program's
// contract.
type ScopeRow struct {
	Scope     string    `json:"scope"`
	Requested *bool     `json:"requested,omitempty"`
	Granted   *bool     `json:"granted,omitempty"`
	InToken   *bool     `json:"in_token,omitempty"`
	Verdict   Verdict   `json:"verdict"`
	Certainty Certainty `json:"certainty"`
	Why       string    `json:"why,omitempty"` // a sentence or two, in the tenant's terms

	Purpose string    `json:"-"` // what the scope is good for
	Brings  []Brought `json:"-"` // of an OIDC scope: its claims, and whether they came
	By      []string  `json:"-"` // where in the access token: scope, permissions
}

// Brought is a claim that an OIDC scope should bring (OpenID Connect Core, 5.4).
type Brought struct {
	Claim      string
	InID       *bool // nil: there is no readable ID token
	InUserInfo *bool // nil: /userinfo was not asked
}

// Came reports whether the claim was found anywhere.
func (b Brought) Came() bool { return is(b.InID) || is(b.InUserInfo) }

// LedgerInput is what is known of a token request and its reply.
type LedgerInput struct {
	Asked     string // the scope parameter as it was sent
	AskedSent bool   // the parameter was sent
	Audience  string // that was asked for; empty: none was sent

	Granted        string // scope of the reply
	GrantedPresent bool   // the reply had one that is a string

	Access       *Token        // nil: none came
	ID           *Token        // nil: none came
	UserInfo     rawjson.Value // the answer of /userinfo; absent when it was not asked
	RefreshToken bool          // one came

	Auth0   bool     // the server is Auth0 or behaves like it
	Refresh bool     // this reply answers a refresh
	Before  []string // at a refresh: what the generation before had, which an omitted scope asks for again
	// Withheld are rows of the login's ledger: asked for there and not granted. A
	// refresh that sends no scope does not ask for them again, and they are missed
	// all the same.
	Withheld []ScopeRow
}

// Ledger is every scope traced from asking to token.
type Ledger struct {
	Rows    []ScopeRow
	Summary string // one sentence
}

// Unmet are the scopes that were asked for and are not granted, or are scopes of
// an API and not in the access token: what --require-scopes refuses. What cannot
// be known is not held against anybody.
func (l Ledger) Unmet() []string {
	var out []string
	for _, r := range l.Rows {
		if is(r.Requested) && (isNot(r.Granted) || isNot(r.InToken) && !protocolScope(r.Scope)) {
			out = append(out, r.Scope)
		}
	}
	return out
}

func is(b *bool) bool    { return b != nil && *b }
func isNot(b *bool) bool { return b != nil && !*b }

// oidcClaims are the claims that the scopes of OpenID Connect Core, 5.4 ask for.
var oidcClaims = map[string][]string{
	"profile": strings.Fields("name family_name given_name middle_name nickname preferred_username profile picture website gender birthdate zoneinfo locale updated_at"),
	"email":   {"email", "email_verified"},
	"address": {"address"},
	"phone":   {"phone_number", "phone_number_verified"},
}

// claimScopes are the scopes of Auth0 that bring the one claim of their name.
var claimScopes = set("name given_name family_name nickname email_verified picture created_at identities")

// standardFive are what Auth0 grants when openid is the only OIDC scope, or when
// nothing is asked for.
var standardFive = set("openid profile email address phone")

// protocolScope reports whether a scope belongs to OpenID Connect or OAuth
// itself rather than to an API.
func protocolScope(scope string) bool { return protocolScopes[scope] }

var protocolScopes = set("openid profile email address phone offline_access name given_name family_name nickname email_verified picture created_at identities")

// place says where a scope was seen: one bit a place, so that a thousand scopes
// need one map and one look each.
type place uint8

const (
	inAsked       place = 1 << iota
	inReply             // the reply's scope
	inScope             // the access token's scope
	inPermissions       // the access token's permissions
	inRow               // the ledger has its row
)

// ledger is one run of NewLedger.
type ledger struct {
	in       LedgerInput
	where    map[string]place // where each scope was seen
	readable bool             // the access token is a JWS with claims
	hasScope bool             // it has a scope claim
	rbac     bool             // it has permissions

	nothing   bool // no scope was asked for
	loneOIDC  bool // openid is the only OIDC scope that was asked for
	noneOfAPI bool // no scope of the API was asked for

	apiPurpose string
}

// known makes the pointer that a column of a row holds.
func known(b bool) *bool {
	if b {
		return &yes
	}
	return &no
}

// What known points to, once for all rows: nobody writes through it.
var yes, no = true, false

// NewLedger traces every scope that was asked for, granted, or found in the
// access token. The rules are those of RFC 6749 (3.3, 5.1), and of Auth0's
// password grant where the server is Auth0.
func NewLedger(in LedgerInput) Ledger {
	asked := strings.Fields(in.Asked)
	l := ledger{in: in, noneOfAPI: true}
	if l.again() {
		asked = in.Before // RFC 6749, 6: omitted means as before
	}
	l.nothing = len(asked) == 0
	var replied []string
	if in.GrantedPresent {
		replied = strings.Fields(in.Granted)
	}
	others := false
	for _, s := range asked {
		if !protocolScope(s) {
			l.noneOfAPI = false
		} else if s != "openid" && s != "offline_access" {
			others = true
		}
	}
	l.loneOIDC = !others && slices.Contains(asked, "openid")

	var held, permitted []string
	if in.Access != nil && in.Access.Kind == JWS && !in.Access.Claims.IsZero() {
		l.readable = true
		held, l.hasScope = in.Access.Scopes()
		permitted, l.rbac = in.Access.Permissions()
	}
	l.apiPurpose = "A scope of an API"
	if in.Audience != "" {
		l.apiPurpose = "A scope of the API " + shorten(in.Audience, 80)
	}

	sources := []struct {
		scopes []string
		place  place
	}{{asked, inAsked}, {replied, inReply}, {held, inScope}, {permitted, inPermissions}}
	most := max(len(asked), len(replied), len(held), len(permitted))
	l.where = make(map[string]place, most)
	for _, source := range sources {
		for _, s := range source.scopes {
			l.where[s] |= source.place
		}
	}
	out := Ledger{Rows: make([]ScopeRow, 0, most)}
	for _, source := range sources {
		for _, s := range source.scopes {
			if at := l.where[s]; at&inRow == 0 {
				l.where[s] = at | inRow
				out.Rows = append(out.Rows, l.row(s, at))
			}
		}
	}
	if l.again() {
		for _, r := range in.Withheld {
			if l.where[r.Scope]&inRow == 0 {
				r.Why = "Asked for at the login and not granted then; a refresh asks for no more than the first grant had (RFC 6749, 6). " + r.Why
				out.Rows = append(out.Rows, r)
			}
		}
	}
	out.Summary = l.summary(out.Rows)
	return out
}

// again tells that the request asked for what was granted before, by sending no
// scope at a refresh.
func (l *ledger) again() bool { return l.in.Refresh && !l.in.AskedSent }

// by names the claims of an access token that hold a scope.
var by = [inScope | inPermissions + 1][]string{inScope: {"scope"}, inPermissions: {"permissions"}, inScope | inPermissions: {"scope", "permissions"}}

func (l *ledger) row(scope string, at place) ScopeRow {
	requested := at&inAsked != 0
	r := ScopeRow{Scope: scope, Requested: known(requested), Purpose: l.purpose(scope), Brings: l.brings(scope)}
	if l.readable {
		r.By = by[at&(inScope|inPermissions)]
		r.InToken = known(len(r.By) > 0)
	}
	granted, how := l.isGranted(scope, at)
	r.Granted = granted
	switch {
	case granted == nil:
		r.Verdict, r.Certainty, r.Why = Unknown, Likely, how
	case *granted:
		l.whyGranted(&r, at, how)
	case requested:
		l.whyNot(&r, at, how)
	case at&inPermissions != 0:
		r.Verdict, r.Certainty = Added, Certain
		r.Why = "A permission of the user, which RBAC puts into permissions. It was not asked for, so it is not in scope; an API that reads permissions accepts it."
	default:
		r.Verdict, r.Certainty = Added, Likely
		r.Why = "It is in the access token, though the reply does not name it: " + l.adder() + "."
	}
	return r
}

// isGranted says whether the scope was granted, and by what that is known when
// the reply does not say it.
func (l *ledger) isGranted(scope string, at place) (granted *bool, how string) {
	if l.in.GrantedPresent {
		return known(at&inReply != 0), ""
	}
	const asAsked = "The reply has no scope, which means as asked (RFC 6749, 5.1)"
	if !l.in.Auth0 {
		switch {
		case at&inAsked != 0:
			return &yes, asAsked + "."
		case at&inScope != 0:
			return &yes, "The reply has no scope, but the access token carries it."
		}
		return &no, ""
	}
	// Auth0 leaves scope out when it grants nothing, and did so until 2018 when it
	// granted what was asked: what came decides which of the two it is.
	switch {
	case at&inScope != 0:
		return &yes, asAsked + ", and the access token carries it."
	case scope == "offline_access" && l.in.RefreshToken:
		return &yes, asAsked + ", and a refresh token came."
	case scope == "openid" && l.in.ID != nil:
		return &yes, asAsked + ", and an ID token came."
	case at&inAsked != 0 && l.in.ID != nil && scope != "openid" && scope != "offline_access" && protocolScope(scope):
		return &yes, asAsked + "."
	case at&inAsked != 0 && !l.readable && l.in.Access == nil:
		return nil, "The reply has neither scope nor an access token to read."
	}
	return &no, "The reply has no scope: Auth0 leaves it out when nothing was granted."
}

// whyGranted fills in a scope that was granted.
func (l *ledger) whyGranted(r *ScopeRow, at place, how string) {
	r.Verdict, r.Certainty, r.Why = Granted, Certain, how
	s := r.Scope
	if l.didNotCome(r) {
		return
	}
	if *r.Requested {
		if how == "" {
			r.Why = "Asked for and granted."
			if l.again() {
				r.Why = "Granted as before: without a scope parameter a refresh asks for the same again."
			}
		}
		if l.rbac && !protocolScope(s) && at&inPermissions == 0 {
			r.Why += " It is not among the user's permissions: an Action that sets scopes overrides RBAC."
			r.Certainty = Likely
		}
		return
	}
	// Granted without having been asked for.
	oidc := standardFive[s]
	switch {
	case l.nothing && !l.in.Auth0:
		r.Why = "No scope was asked for, so the server took its default (RFC 6749, 3.3)."
	case l.nothing && oidc && l.forAPI():
		// Seen without an audience; with one nobody has published a reply.
		r.Certainty, r.Why = Likely, "No scope was asked for: most likely the standard ones (openid profile email address phone) are granted beside the API's too; else "+l.adder()+"."
	case l.nothing && oidc:
		r.Why = "No scope was asked for, so all the standard ones were granted: openid profile email address phone."
	case l.nothing && s != "offline_access" && !l.in.Refresh:
		r.Why = "No scope was asked for, so all scopes of the API were granted (and what an Action adds)."
	case !l.in.Auth0:
		r.Verdict, r.Certainty, r.Why = Added, Likely, "It was not asked for: "+l.adder()+"."
	case l.loneOIDC && oidc:
		r.Verdict, r.Why = Added, "openid was the only OpenID scope asked for, so Auth0 grants all the standard ones: openid profile email address phone."
	case l.noneOfAPI && !protocolScope(s) && l.forAPI() && !l.in.Refresh:
		r.Verdict, r.Why = Added, "No scope of the API was asked for, so all of them were granted (and what an Action adds)."
	default:
		r.Verdict, r.Certainty, r.Why = Added, Likely, "It was not asked for: "+l.adder()+"."
	}
}

// forAPI: the token is for an API, which was asked for or is the tenant's default
// one: without either it is not readable.
func (l *ledger) forAPI() bool { return l.in.Audience != "" || l.readable }

// adder says who adds scopes.
func (l *ledger) adder() string {
	if l.in.Auth0 {
		return "an Action added it (post-login, api.accessToken.addScope), or a Rule"
	}
	return "the server added it"
}

// didNotCome fills in a scope that is granted by word but not in deed.
func (l *ledger) didNotCome(r *ScopeRow) bool {
	s := r.Scope
	switch {
	case s == "openid" && l.in.ID == nil && (!l.in.Refresh || l.in.Auth0):
		r.Verdict, r.Why = Missing, "Granted, but no ID token came."
	case s == "offline_access" && !l.in.RefreshToken && !l.in.Refresh:
		// A refresh without rotation brings no new refresh token.
		r.Verdict, r.Why = Missing, "Granted, but no refresh token came."
	case isNot(r.InToken) && !protocolScope(s):
		r.Verdict, r.Certainty = Missing, Likely
		r.Why = "The reply grants it, but the access token does not carry it: the API will not see it."
		if !l.hasScope && !l.rbac {
			r.Why = "The reply grants it, but the access token has no scope at all: the API will not see it, or asks the server (introspection)."
		}
	default:
		return false
	}
	return true
}

// whyNot fills in a scope that was asked for and not granted. Where several
// causes look the same from outside, the reason says so.
func (l *ledger) whyNot(r *ScopeRow, at place, how string) {
	r.Verdict, r.Certainty = Dropped, Likely
	l.whyDropped(r, at)
	if how != "" {
		r.Why = how + " " + r.Why
	}
}

// whyDropped picks the reason of whyNot.
func (l *ledger) whyDropped(r *ScopeRow, at place) {
	s := r.Scope
	switch {
	case l.again():
		r.Why = "The generation before had it; this one has not: " + map[bool]string{true: "an Action, a permission or the API changed since.", false: "the server took it away."}[l.in.Auth0]
	case l.in.Refresh && len(l.in.Before) > 0 && !slices.Contains(l.in.Before, s):
		r.Certainty = Certain
		r.Why = "A refresh can only ask for scopes that the first grant had (RFC 6749, 6), and this one it had not."
	case !l.in.Auth0:
		r.Why = "The server passed over it without an error, as RFC 6749, 3.3 allows: it does not know it, or the client or user may not have it."
	case s == "offline_access" && l.in.Audience != "":
		r.Why = "Auth0 dropped it without an error, and no refresh token came. Most likely the API does not allow offline access: switch it on in Applications > APIs > (the API) > Settings > Allow Offline Access; else the application lacks the Refresh Token grant, or an Action removed the scope."
	case s == "offline_access":
		r.Why = "Dropped without an error, and no refresh token came: the API that this token is for (the tenant's default one, as no audience was sent) does not allow offline access, or the application lacks the Refresh Token grant."
	case protocolScope(s):
		r.Why = "An OpenID scope that Auth0 did not grant: an Action removed it (api.accessToken.removeScope), or the application is a third-party one that may not have it."
	case l.in.Audience == "" && !l.readable:
		r.Certainty = Certain
		r.Why = "No audience was sent, so there is no API whose scope this could be; Auth0 dropped it without an error. Send the API's identifier as audience."
	case at&inPermissions != 0:
		r.Why = "The user has this permission, yet it is not in scope: an Action removed it (post-login, api.accessToken.removeScope)."
	case l.rbac:
		r.Verdict = NeedsPermission
		r.Why = "RBAC is on for this API (the token carries permissions), and the user has no such permission. Give it in User Management > Users > (the user) > Permissions, or by a role; or the API has no scope of this name (APIs > Permissions)."
	default:
		r.Why = "Dropped without an error. Most likely the API has no scope of this name (Applications > APIs > (the API) > Permissions); else RBAC is on and the user lacks the permission, an Action removed it, or the application is not allowed it (Application Access)."
	}
}

// purpose says what a scope is good for.
func (l *ledger) purpose(scope string) string {
	switch {
	case !protocolScope(scope):
		return l.apiPurpose
	case scope == "openid":
		return "Asks for an ID token: OpenID Connect"
	case scope == "profile":
		return "Name, nickname, picture and the like, in the ID token and at /userinfo"
	case scope == "email":
		return "E-mail address, and whether it was verified"
	case scope == "address":
		return "Postal address"
	case scope == "phone":
		return "Phone number, and whether it was verified"
	case scope == "offline_access":
		return "Asks for a refresh token"
	}
	return "The claim " + scope + " alone (Auth0)"
}

// brings lists the claims of an OIDC scope and where they came.
func (l *ledger) brings(scope string) []Brought {
	if !protocolScope(scope) {
		return nil
	}
	claims := oidcClaims[scope]
	switch {
	case scope == "openid":
		claims = []string{"sub"}
	case claimScopes[scope]:
		claims = []string{scope}
	}
	var out []Brought
	for _, c := range claims {
		b := Brought{Claim: c}
		if l.in.ID != nil && !l.in.ID.Claims.IsZero() {
			b.InID = known(l.in.ID.Claims.Has(c))
		}
		if l.in.UserInfo.IsObject() {
			b.InUserInfo = known(l.in.UserInfo.Has(c))
		}
		out = append(out, b)
	}
	return out
}

// summary says the ledger in one sentence.
func (l *ledger) summary(rows []ScopeRow) string {
	names := map[Verdict][]string{}
	asked, met := 0, 0
	for _, r := range rows {
		if r.Verdict == Granted && !*r.Requested {
			continue // due by rule; the first words of the sentence say it
		}
		names[r.Verdict] = append(names[r.Verdict], r.Scope)
		if *r.Requested {
			asked++
			if r.Verdict == Granted {
				met++
			}
		}
	}
	var first string
	switch {
	case l.nothing && len(rows) == 0:
		return "No scope was asked for, and none was granted."
	case l.nothing:
		n := 0
		for _, r := range rows {
			if is(r.Granted) {
				n++
			}
		}
		first = fmt.Sprintf("No scope was asked for, so the server chose: %s granted", count(n, "scope"))
	case met == asked && l.again(): // of what was added at the login nobody had asked for
		first = count(asked, "scope") + " granted as before"
	case met == asked && asked == 1:
		first = "The one scope asked for was granted"
	case met == asked:
		first = fmt.Sprintf("All %d scopes asked for were granted", asked)
	case met == 0:
		first = fmt.Sprintf("Of %s asked for none was granted", count(asked, "scope"))
	default:
		first = fmt.Sprintf("%d of %d scopes asked for were granted", met, asked)
	}
	parts := []string{first}
	for _, v := range []struct {
		verdict     Verdict
		one, others string
	}{
		{Dropped, "was dropped without an error", "were dropped without an error"},
		{NeedsPermission, "needs a permission of the user", "need permissions of the user"},
		{Missing, "was granted but did not come", "were granted but did not come"},
		{Unknown, "cannot be told", "cannot be told"},
		{Added, "was added", "were added"},
	} {
		group := names[v.verdict]
		if len(group) == 0 {
			continue
		}
		verb := v.others
		if len(group) == 1 {
			verb = v.one
		}
		parts = append(parts, some(group)+" "+verb)
	}
	text := strings.Join(parts, "; ")
	if l.in.Audience == "" && l.in.Auth0 && l.in.Access != nil && !l.readable {
		text += "; without an audience the access token cannot be read"
	}
	return text + "."
}

// some names up to four and counts the rest.
func some(names []string) string {
	const most = 4
	var short []string
	for _, n := range names[:min(len(names), most)] {
		short = append(short, shorten(n, 60))
	}
	text := strings.Join(short, ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}
