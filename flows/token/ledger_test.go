package token

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"authwalk/flows/rawjson"
)

func parse(t testing.TB, text string) rawjson.Value {
	t.Helper()
	v, _, err := rawjson.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// accessWith makes an access token with these claims of scopes.
func accessWith(t testing.TB, payload string) *Token {
	tok := decode(t, encode(`{"alg":"RS256"}`)+"."+encode(payload)+".AAAA")
	return &tok
}

const five = "openid profile email address phone"

func TestLedger(t *testing.T) {
	jwe := decode(t, noAudienceToken)
	idToken := accessWith(t, idClaims())
	scope := func(s string) *Token { return accessWith(t, `{"scope":`+quote(s)+`}`) }
	rbac := func(s, permissions string) *Token {
		return accessWith(t, `{"scope":`+quote(s)+`,"permissions":`+permissions+`}`)
	}
	for _, c := range []struct {
		name    string
		in      LedgerInput
		rows    []string // scope requested granted in_token verdict certainty, with - for absent
		why     map[string]string
		summary string
		unmet   string
	}{
		{"nothing asked, with an audience",
			LedgerInput{Audience: testAudience, Auth0: true, Granted: five + " read:orders", GrantedPresent: true, Access: scope(five + " read:orders"), ID: idToken},
			[]string{"openid no yes yes granted likely", "profile no yes yes granted likely", "email no yes yes granted likely", "address no yes yes granted likely", "phone no yes yes granted likely", "read:orders no yes yes granted certain"},
			map[string]string{"read:orders": "all scopes of the API were granted", "phone": "most likely the standard ones"},
			"No scope was asked for, so the server chose: 6 scopes granted.", ""},
		{"nothing asked, no audience",
			LedgerInput{Auth0: true, Granted: five, GrantedPresent: true, Access: &jwe, ID: idToken},
			[]string{"openid no yes - granted certain", "profile no yes - granted certain", "email no yes - granted certain", "address no yes - granted certain", "phone no yes - granted certain"},
			map[string]string{"openid": "No scope was asked for"},
			"No scope was asked for, so the server chose: 5 scopes granted; without an audience the access token cannot be read.", ""},
		{"nothing asked, the tenant's default audience",
			LedgerInput{Auth0: true, Granted: five + " read:orders", GrantedPresent: true, Access: scope(five + " read:orders"), ID: idToken},
			[]string{"openid no yes yes granted likely", "profile no yes yes granted likely", "email no yes yes granted likely", "address no yes yes granted likely", "phone no yes yes granted likely", "read:orders no yes yes granted certain"},
			map[string]string{"phone": "most likely the standard ones"}, "", ""},
		{"openid alone, the tenant's default audience",
			LedgerInput{Asked: "openid", AskedSent: true, Auth0: true, Granted: five + " read:orders", GrantedPresent: true, Access: scope(five + " read:orders"), ID: idToken},
			[]string{"openid yes yes yes granted certain", "profile no yes yes added certain", "email no yes yes added certain", "address no yes yes added certain", "phone no yes yes added certain", "read:orders no yes yes added certain"},
			map[string]string{"read:orders": "No scope of the API was asked for"}, "", ""},
		{"openid alone, no audience",
			LedgerInput{Asked: "openid", AskedSent: true, Auth0: true, Granted: five, GrantedPresent: true, Access: &jwe, ID: idToken},
			[]string{"openid yes yes - granted certain", "profile no yes - added certain", "email no yes - added certain", "address no yes - added certain", "phone no yes - added certain"},
			map[string]string{"profile": "openid was the only OpenID scope asked for"},
			"The one scope asked for was granted; profile, email, address, phone were added; without an audience the access token cannot be read.", ""},
		{"openid alone, with an audience",
			LedgerInput{Asked: "openid", AskedSent: true, Audience: testAudience, Auth0: true, Granted: five + " read:orders", GrantedPresent: true, Access: scope(five + " read:orders"), ID: idToken},
			[]string{"openid yes yes yes granted certain", "profile no yes yes added certain", "email no yes yes added certain", "address no yes yes added certain", "phone no yes yes added certain", "read:orders no yes yes added certain"},
			map[string]string{"read:orders": "No scope of the API was asked for"}, "", ""},
		{"openid and a scope of the API",
			LedgerInput{Asked: "openid read:orders", AskedSent: true, Audience: testAudience, Auth0: true, Granted: five + " read:orders", GrantedPresent: true, Access: scope(five + " read:orders"), ID: idToken},
			[]string{"openid yes yes yes granted certain", "read:orders yes yes yes granted certain", "profile no yes yes added certain", "email no yes yes added certain", "address no yes yes added certain", "phone no yes yes added certain"},
			nil, "", ""},
		{"openid email, no audience: as asked",
			LedgerInput{Asked: "openid email", AskedSent: true, Auth0: true, Granted: "openid email", GrantedPresent: true, Access: &jwe, ID: idToken},
			[]string{"openid yes yes - granted certain", "email yes yes - granted certain"}, nil,
			"All 2 scopes asked for were granted; without an audience the access token cannot be read.", ""},
		{"a subset",
			LedgerInput{Asked: "read:orders", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: scope("read:orders")},
			[]string{"read:orders yes yes yes granted certain"}, map[string]string{"read:orders": "Asked for and granted."}, "The one scope asked for was granted.", ""},
		{"a scope that is a URL",
			LedgerInput{Asked: "https://acme.dev/orders:read", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "https://acme.dev/orders:read", GrantedPresent: true, Access: scope("https://acme.dev/orders:read")},
			[]string{"https://acme.dev/orders:read yes yes yes granted certain"}, nil, "", ""},
		{"a scope unknown to the API",
			LedgerInput{Asked: "read:orders read:nothing", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: scope("read:orders")},
			[]string{"read:orders yes yes yes granted certain", "read:nothing yes no no dropped likely"},
			map[string]string{"read:nothing": "the API has no scope of this name"},
			"1 of 2 scopes asked for were granted; read:nothing was dropped without an error.", "read:nothing"},
		{"offline_access, allowed",
			LedgerInput{Asked: "read:orders offline_access", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders offline_access", GrantedPresent: true, Access: scope("read:orders offline_access"), RefreshToken: true},
			[]string{"read:orders yes yes yes granted certain", "offline_access yes yes yes granted certain"}, nil, "All 2 scopes asked for were granted.", ""},
		{"offline_access, not allowed",
			LedgerInput{Asked: "read:orders offline_access", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: scope("read:orders")},
			[]string{"read:orders yes yes yes granted certain", "offline_access yes no no dropped likely"},
			map[string]string{"offline_access": "Most likely the API does not allow offline access"}, "", "offline_access"},
		{"offline_access granted, no refresh token",
			LedgerInput{Asked: "offline_access", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "offline_access", GrantedPresent: true, Access: scope("offline_access")},
			[]string{"offline_access yes yes yes missing certain"}, map[string]string{"offline_access": "no refresh token came"}, "", ""},
		{"RBAC, a permission lacking",
			LedgerInput{Asked: "read:orders write:orders", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: rbac("read:orders", `["read:orders"]`)},
			[]string{"read:orders yes yes yes granted certain", "write:orders yes no no needs-permission likely"},
			map[string]string{"write:orders": "the user has no such permission"},
			"1 of 2 scopes asked for were granted; write:orders needs a permission of the user.", "write:orders"},
		{"RBAC, a permission that was not asked for",
			LedgerInput{Asked: "read:orders", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: rbac("read:orders", `["read:orders","read:sample"]`)},
			[]string{"read:orders yes yes yes granted certain", "read:sample no no yes added certain"},
			map[string]string{"read:sample": "A permission of the user"}, "", ""},
		{"RBAC, no scope left at all",
			LedgerInput{Asked: "write:orders", AskedSent: true, Audience: testAudience, Auth0: true, Access: accessWith(t, `{"permissions":[]}`)},
			[]string{"write:orders yes no no needs-permission likely"}, map[string]string{"write:orders": "Auth0 leaves it out when nothing was granted"}, "", "write:orders"},
		{"an Action adds",
			LedgerInput{Asked: "openid profile read:orders", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "openid profile read:orders foo bar", GrantedPresent: true, Access: scope("openid profile read:orders foo bar"), ID: idToken},
			[]string{"openid yes yes yes granted certain", "profile yes yes yes granted certain", "read:orders yes yes yes granted certain", "foo no yes yes added likely", "bar no yes yes added likely"},
			map[string]string{"foo": "an Action added it"}, "All 3 scopes asked for were granted; foo, bar were added.", ""},
		{"an Action removes",
			LedgerInput{Asked: "read:orders write:orders", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: scope("read:orders")},
			[]string{"read:orders yes yes yes granted certain", "write:orders yes no no dropped likely"},
			map[string]string{"write:orders": "an Action removed it"}, "", "write:orders"},
		{"an Action removes a permitted one",
			LedgerInput{Asked: "read:orders write:orders", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: rbac("read:orders", `["read:orders","write:orders"]`)},
			[]string{"read:orders yes yes yes granted certain", "write:orders yes no yes dropped likely"},
			map[string]string{"write:orders": "The user has this permission, yet"}, "", "write:orders"},
		{"an Action overrides RBAC",
			LedgerInput{Asked: "read:orders", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: rbac("read:orders", `[]`)},
			[]string{"read:orders yes yes yes granted likely"}, map[string]string{"read:orders": "overrides RBAC"}, "", ""},
		{"the reply without scope, as asked",
			LedgerInput{Asked: "read:orders", AskedSent: true, Audience: testAudience, Auth0: true, Access: scope("read:orders")},
			[]string{"read:orders yes yes yes granted certain"}, map[string]string{"read:orders": "RFC 6749, 5.1"}, "", ""},
		{"the reply without scope, nothing granted",
			LedgerInput{Asked: "extra-scope", AskedSent: true, Auth0: true, Access: &jwe},
			[]string{"extra-scope yes no - dropped certain"}, map[string]string{"extra-scope": "No audience was sent"},
			"Of 1 scope asked for none was granted; extra-scope was dropped without an error; without an audience the access token cannot be read.", "extra-scope"},
		{"the reply without scope, any server",
			LedgerInput{Asked: "openid read:orders", AskedSent: true, Access: &Token{Kind: Opaque}, ID: idToken},
			[]string{"openid yes yes - granted certain", "read:orders yes yes - granted certain"}, map[string]string{"read:orders": "means as asked (RFC 6749, 5.1)"}, "All 2 scopes asked for were granted.", ""},
		{"the reply without scope, any server, the token has fewer",
			LedgerInput{Asked: "a b", AskedSent: true, Access: scope("a")},
			[]string{"a yes yes yes granted certain", "b yes yes no missing likely"}, nil, "", "b"},
		{"no audience, a scope of an API",
			LedgerInput{Asked: "openid read:orders", AskedSent: true, Auth0: true, Granted: five, GrantedPresent: true, Access: &jwe, ID: idToken},
			[]string{"openid yes yes - granted certain", "read:orders yes no - dropped certain", "profile no yes - added certain", "email no yes - added certain", "address no yes - added certain", "phone no yes - added certain"},
			map[string]string{"read:orders": "No audience was sent"}, "", "read:orders"},
		{"granted by the reply, not in the token",
			LedgerInput{Asked: "read:orders", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: scope("")},
			[]string{"read:orders yes yes no missing likely"}, nil, "Of 1 scope asked for none was granted; read:orders was granted but did not come.", "read:orders"},
		{"in the token, not in the reply",
			LedgerInput{Asked: "read:orders", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: scope("read:orders foo")},
			[]string{"read:orders yes yes yes granted certain", "foo no no yes added likely"}, map[string]string{"foo": "the reply does not name it"}, "", ""},
		{"openid granted, no ID token",
			LedgerInput{Asked: "openid", AskedSent: true, Granted: "openid", GrantedPresent: true, Access: scope("openid")},
			[]string{"openid yes yes yes missing certain"}, map[string]string{"openid": "no ID token came"}, "", ""},
		{"any server adds and drops",
			LedgerInput{Asked: "a b", AskedSent: true, Granted: "a c", GrantedPresent: true, Access: &Token{Kind: Opaque}},
			[]string{"a yes yes - granted certain", "b yes no - dropped likely", "c no yes - added likely"},
			map[string]string{"b": "RFC 6749, 3.3", "c": "the server added it"}, "", "b"},
		{"OIDC scopes need not be in a token for an API",
			LedgerInput{Asked: "openid email api", AskedSent: true, Granted: "openid email api", GrantedPresent: true, Access: scope("api"), ID: idToken},
			[]string{"openid yes yes no granted certain", "email yes yes no granted certain", "api yes yes yes granted certain"}, nil, "", ""},
		{"a refresh as before",
			LedgerInput{Refresh: true, Before: []string{"openid", "read:orders", "offline_access"}, Audience: testAudience, Auth0: true, Granted: "openid read:orders offline_access", GrantedPresent: true, Access: scope("openid read:orders offline_access"), ID: idToken},
			[]string{"openid yes yes yes granted certain", "read:orders yes yes yes granted certain", "offline_access yes yes yes granted certain"},
			map[string]string{"read:orders": "Granted as before"}, "3 scopes granted as before.", ""},
		{"a refresh after a login that withheld some",
			LedgerInput{Refresh: true, Before: []string{"a"}, Withheld: []ScopeRow{
				{Scope: "b", Requested: &yes, Granted: &no, InToken: &no, Verdict: NeedsPermission, Certainty: Likely, Why: "RBAC.", Purpose: "An API."},
				{Scope: "c", Requested: &yes, Granted: &no, Verdict: Dropped, Certainty: Likely}},
				Audience: testAudience, Auth0: true, Granted: "a c", GrantedPresent: true, Access: scope("a c")},
			[]string{"a yes yes yes granted certain", "c no yes yes added likely", "b yes no no needs-permission likely"},
			map[string]string{"b": "not granted then; a refresh asks for no more than the first grant had (RFC 6749, 6). RBAC."},
			"1 of 2 scopes asked for were granted; b needs a permission of the user; c was added.", "b"},
		{"a refresh with fewer and with one too many",
			LedgerInput{Refresh: true, Before: []string{"a", "b"}, Asked: "a c", AskedSent: true, Audience: testAudience, Auth0: true, Granted: "a", GrantedPresent: true, Access: scope("a")},
			[]string{"a yes yes yes granted certain", "c yes no no dropped certain"}, map[string]string{"c": "RFC 6749, 6"}, "", "c"},
		{"a refresh that lost one",
			LedgerInput{Refresh: true, Before: []string{"a", "b"}, Audience: testAudience, Auth0: true, Granted: "a", GrantedPresent: true, Access: scope("a")},
			[]string{"a yes yes yes granted certain", "b yes no no dropped likely"}, map[string]string{"b": "changed since"}, "", "b"},
		{"no token at all",
			LedgerInput{Asked: "read:orders", AskedSent: true, Auth0: true},
			[]string{"read:orders yes - - unknown likely"}, nil, "", ""},
		{"nothing asked, nothing granted", LedgerInput{Auth0: true, Access: &jwe}, nil, nil, "No scope was asked for, and none was granted.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewLedger(c.in)
			word := func(b *bool) string {
				switch {
				case b == nil:
					return "-"
				case *b:
					return "yes"
				}
				return "no"
			}
			var rows []string
			for _, r := range l.Rows {
				rows = append(rows, fmt.Sprint(r.Scope, " ", word(r.Requested), " ", word(r.Granted), " ", word(r.InToken), " ", r.Verdict, " ", r.Certainty))
				if r.Why == "" || r.Purpose == "" {
					t.Errorf("%s has no reason or purpose", r.Scope)
				}
				if want, ok := c.why[r.Scope]; ok && !strings.Contains(r.Why, want) {
					t.Errorf("%s: %q, want %q", r.Scope, r.Why, want)
				}
			}
			if got, want := strings.Join(rows, "\n"), strings.Join(c.rows, "\n"); got != want {
				t.Errorf("rows:\n%s\nwant:\n%s", got, want)
			}
			if c.summary != "" && l.Summary != c.summary {
				t.Errorf("summary %q, want %q", l.Summary, c.summary)
			}
			if l.Summary == "" {
				t.Error("no summary")
			}
			if got := strings.Join(l.Unmet(), " "); got != c.unmet {
				t.Errorf("unmet %q, want %q", got, c.unmet)
			}
		})
	}
}

func TestLedgerBrings(t *testing.T) {
	l := NewLedger(LedgerInput{Asked: "openid email phone nickname", AskedSent: true, Auth0: true, Granted: "openid email phone nickname", GrantedPresent: true,
		Access: &Token{Kind: Opaque}, ID: accessWith(t, idClaims()), UserInfo: parse(t, `{"sub":"x","email":"a@b","email_verified":true}`)})
	got := map[string]string{}
	for _, r := range l.Rows {
		for _, b := range r.Brings {
			got[r.Scope] += fmt.Sprintf("%s:%v/%v ", b.Claim, *b.InID, *b.InUserInfo)
			if b.Came() != (*b.InID || *b.InUserInfo) {
				t.Error("Came is wrong")
			}
		}
	}
	want := map[string]string{"openid": "sub:true/true ", "email": "email:true/true email_verified:false/true ", "phone": "phone_number:false/false phone_number_verified:false/false ", "nickname": "nickname:true/false "}
	for scope, w := range want {
		if got[scope] != w {
			t.Errorf("%s brings %q, want %q", scope, got[scope], w)
		}
	}
	l = NewLedger(LedgerInput{Asked: "email", AskedSent: true, Access: &Token{Kind: Opaque}})
	if b := l.Rows[0].Brings[0]; b.InID != nil || b.InUserInfo != nil || b.Came() {
		t.Error("what was not asked is not known")
	}
}

func TestLedgerJSON(t *testing.T) {
	l := NewLedger(LedgerInput{Asked: "read:orders", AskedSent: true, Auth0: true, Granted: "read:orders", GrantedPresent: true, Access: &Token{Kind: Opaque}})
	text, err := json.Marshal(l.Rows)
	if want := `[{"scope":"read:orders","requested":true,"granted":true,"verdict":"granted","certainty":"certain","why":"Asked for and granted."}]`; err != nil || string(text) != want {
		t.Errorf("%s %v, want %s", text, err, want)
	}
}

// TestLedgerHostile has names that would break a table.
func TestLedgerHostile(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	l := NewLedger(LedgerInput{Asked: long + " a a a", AskedSent: true, Granted: "a a " + long + "y", GrantedPresent: true, Access: accessWith(t, `{"scope":["a",1],"permissions":{"a":1}}`)})
	if len(l.Rows) != 3 || len(l.Summary) > 1000 {
		t.Errorf("%d rows, a summary of %d bytes", len(l.Rows), len(l.Summary))
	}
}

func manyScopes(n int) LedgerInput {
	var asked, granted []string
	for i := range n {
		s := fmt.Sprintf("read:thing-%d", i)
		asked = append(asked, s)
		if i%3 > 0 {
			granted = append(granted, s)
		}
	}
	tok := Token{Kind: JWS}
	tok.Claims, _, _ = rawjson.Parse([]byte(`{"scope":` + quote(strings.Join(granted, " ")) + `}`))
	return LedgerInput{Asked: strings.Join(asked, " "), AskedSent: true, Audience: testAudience, Auth0: true, Granted: strings.Join(granted, " "), GrantedPresent: true, Access: &tok}
}

// TestLedgerOfManyScopes: what a scope takes does not grow with their number.
// How long they take, BenchmarkLedger1000 says.
func TestLedgerOfManyScopes(t *testing.T) {
	each := func(n int) float64 {
		in := manyScopes(n)
		return testing.AllocsPerRun(5, func() {
			if l := NewLedger(in); len(l.Rows) != n {
				t.Fatal(len(l.Rows))
			}
		}) / float64(n)
	}
	few, many := each(100), each(1000)
	t.Log(few, many)
	if many > 1.5*few {
		t.Errorf("%.1f allocations for one of 1,000 scopes, %.1f for one of 100", many, few)
	}
}
