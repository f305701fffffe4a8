package token

import (
	"strings"
	"testing"
	"time"
)

func TestMeaning(t *testing.T) {
	for _, c := range []struct {
		use         Use
		name, value string
		want        string
	}{
		{Access, "gty", `"password"`, "the password grant"},
		{Access, "gty", `["refresh_token","password"]`, "refreshed, and first got by the password grant"},
		{Access, "gty", `"client-credentials"`, "no user"},
		{Access, "gty", `"new"`, "how the token was got (Auth0)."},
		{Access, "azp", `"x"`, "not the API that it is for"},
		{Access, "aud", `["https://api/","https://acme.auth0.com/userinfo"]`, "/userinfo since openid was granted"},
		{ID, "aud", `"x"`, "never an API"},
		{Access, "sub", `"auth0|123"`, "an Auth0 database connection"},
		{Access, "sub", `"abc@clients"`, "no user, the application itself"},
		{Access, "sub", `"google-oauth2|1"`, "Google"},
		{Access, "sub", `"thing|1"`, "the provider thing"},
		{Access, "permissions", `["a","b"]`, "2 permissions of this API"},
		{Access, "permissions", `[]`, "the user has none"},
		{Access, "scope", `"a b c"`, "3 scopes"},
		{Access, "scope", `""`, "none"},
		{Access, "exp", `1772366400`, "2026-03-01 12:00:00 UTC"},
		{Access, "exp", `"x"`, "this value is no time"},
		{ID, "updated_at", `"2021-09-03T20:00:00.123Z"`, "2021-09-03 20:00:00 UTC; Auth0 writes ISO 8601"},
		{ID, "updated_at", `1772366400`, "2026-03-01"},
		{ID, "email_verified", `false`, "do not trust it"},
		{ID, "email_verified", `"true"`, "a string, not true or false"},
		{ID, "picture", `"https://s.gravatar.com/avatar/x"`, "Gravatar"},
		{ID, "amr", `["pwd","mfa"]`, "password, more than one factor"},
		{ID, "at_hash", `"x"`, "ties the two together"},
		{ID, "sid", `"x"`, "session"},
		{ID, "org_id", `"org_1"`, "Organization"},
		{ID, "org_name", `"acme"`, "Organization by name"},
		{Access, "cnf", `{"jkt":"x"}`, "DPoP"},
		{Access, "cnf", `{"x5t#S256":"x"}`, "mTLS"},
		{Access, "act", `{"sub":"someone"}`, "someone acts for the user"},
		{Access, "authorization_details", `[]`, "RFC 9396"},
		{Access, "https://foo/bar", `"x"`, "namespace https://foo, set by an Action (post-login, api.accessToken.setCustomClaim)"},
		{ID, "https://fiz/baz", `"x"`, "api.idToken.setCustomClaim"},
		{Access, "urn:acme:role", `"x"`, "namespace urn:acme"},
		{Access, "https://login.auth0.com/x", `"x"`, "Auth0 lets no one use this namespace"},
		{Access, "https://notauth0.com/x", `"x"`, "set by an Action"},
		{Access, "dest", `"x"`, "Auth0 lets no Action set it"},
		{Access, "color", `"x"`, "custom claim without a namespace"},
		{ID, "color", `"x"`, "custom claim without a namespace"},
		{Access, "", `"x"`, "custom claim"},
	} {
		got := Meaning(c.use, c.name, parse(t, c.value))
		if !strings.Contains(got, c.want) || strings.Contains(got, "\n") || !strings.HasSuffix(got, ".") {
			t.Errorf("%s %s = %s: %q, want %q", c.use, c.name, c.value, got, c.want)
		}
	}
	for name, c := range map[string][2]string{
		"alg": {`"RS256"`, "an RSA key"}, "typ": {`"at+jwt"`, "RFC 9068"}, "kid": {`"x"`, "which key"}, "enc": {`"A256GCM"`, "Encryption"}, "thing": {`1`, "no standard registers"},
		"jku": {`"https://x"`, "must not fetch"},
	} {
		if got := HeaderMeaning(name, parse(t, c[0])); !strings.Contains(got, c[1]) {
			t.Errorf("%s: %q, want %q", name, got, c[1])
		}
	}
	for alg, want := range map[string]string{"none": "not signed", "NONE": "not signed", "HS256": "secret", "PS256": "PSS", "ES384": "P-384", "EdDSA": "Ed25519", "dir": "shared key", "RSA-OAEP-256": "RSA key of the reader", "ECDH-ES": "elliptic", "x": "not known"} {
		if got := HeaderMeaning("alg", parse(t, quote(alg))); !strings.Contains(got, want) {
			t.Errorf("alg %s: %q, want %q", alg, got, want)
		}
	}
}

// TestEveryMeaningTakesAnything gives each claim values of every sort: the line
// stays one line, short, and ends in a full stop.
func TestEveryMeaningTakesAnything(t *testing.T) {
	long := quote(strings.Repeat("x|", 5000))
	for _, v := range []string{`null`, `true`, `1`, `-1e400`, `""`, `"x"`, long, `[]`, `[1,null]`, `["a"]`, `{}`, `{"sub":1}`, `{"sub":` + long + `}`} {
		value := parse(t, v)
		for _, names := range []map[string]meaning{claimMeanings, headerMeanings} {
			for name := range names {
				for _, got := range []string{Meaning(Access, name, value), Meaning(ID, name, value), HeaderMeaning(name, value)} {
					if !strings.HasSuffix(got, ".") || strings.Contains(got, "\n") || len(got) > 400 {
						t.Errorf("%s = %.40s: %.100q", name, v, got)
					}
				}
			}
		}
	}
}

func TestTimes(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 400 * time.Millisecond: "0 s", 45 * time.Second: "45 s", 60 * time.Second: "1 min", 123 * time.Second: "2 min 3 s",
		24*time.Hour - time.Minute: "23 h 59 min", time.Hour + 5*time.Second: "1 h", 27 * time.Hour: "1 d 3 h", 400 * 24 * time.Hour: "1 y 35 d", -90 * time.Second: "1 min 30 s",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{time.Minute: "in 1 min", -2 * time.Hour: "2 h ago", 0: "now", 100 * time.Millisecond: "now"} {
		if got := Relative(testNow.Add(d), testNow); got != want {
			t.Errorf("Relative(%v) = %q, want %q", d, got, want)
		}
	}
	zone := time.FixedZone("CET", 3600)
	if got := Absolute(testNow, zone); got != "2026-03-01 13:00:00 CET" {
		t.Errorf("Absolute: %s", got)
	}
	if got := Absolute(testNow, nil); got != "2026-03-01 12:00:00 UTC" {
		t.Errorf("Absolute: %s", got)
	}
	if !IsTime("exp") || !IsTime("updated_at") || IsTime("sub") {
		t.Error("IsTime is wrong")
	}
}

func TestLife(t *testing.T) {
	for _, c := range []struct {
		claims  string
		known   bool
		elapsed float64
	}{
		{claims("iat", unix(-time.Hour), "exp", unix(3*time.Hour)), true, 0.25},
		{claims("iat", unix(-2*time.Hour), "exp", unix(-time.Hour)), true, 1},
		{claims("iat", unix(time.Hour), "exp", unix(2*time.Hour)), true, 0},
		{claims("nbf", unix(-time.Hour), "exp", unix(time.Hour)), true, 0.5},
		{claims("iat", unix(time.Hour), "exp", unix(time.Hour)), false, 0},
		{claims("iat", unix(0)), false, 0}, {`{"iat":"x","exp":1e300}`, false, 0}, {`{}`, false, 0},
	} {
		l := LifeOf(parse(t, c.claims), testNow)
		if l.Known != c.known || l.Elapsed != c.elapsed {
			t.Errorf("%s: %+v", c.claims, l)
		}
	}
}

func TestCompare(t *testing.T) {
	access := Column{"access", parse(t, `{"iss":"i","sub":"u1","aud":"api","exp":1,"email":"a@b","https://x/y":[1]}`)}
	id := Column{"ID", parse(t, `{"iss":"i","sub":"u2","aud":"client","exp":2,"nickname":"n","https://x/y":[1],"updated_at":"2026-03-01T12:00:00.000Z"}`)}
	info := Column{"/userinfo", parse(t, `{"sub":"u1","email":"c@d","updated_at":1772366400}`)}
	want := map[string]Relation{"iss": Same, "sub": Conflict, "aud": Differ, "exp": Differ, "email": Conflict, "https://x/y": Same, "nickname": Lone, "updated_at": Same}
	rows := Compare(access, id, info)
	if len(rows) != len(want) || rows[0].Name != "iss" || rows[6].Name != "nickname" {
		t.Errorf("%d rows", len(rows))
	}
	for _, r := range rows {
		if r.Relation != want[r.Name] || len(r.Values) != 3 || (r.Relation == Conflict) != (r.Note != "") {
			t.Errorf("%s: %s %q, want %s", r.Name, r.Relation, r.Note, want[r.Name])
		}
	}
	if len(Compare()) != 0 || len(Compare(Column{})) != 0 {
		t.Error("nothing has no rows")
	}
}

func TestCompareGenerations(t *testing.T) {
	before := Column{"generation 0", parse(t, `{"sub":"u","exp":1,"gty":"password","foo":1}`)}
	after := Column{"generation 1", parse(t, `{"sub":"u","exp":2,"gty":["refresh_token","password"],"bar":1}`)}
	want := map[string]Relation{"sub": Same, "exp": OtherValue, "gty": OtherValue, "foo": GoneClaim, "bar": NewClaim}
	for _, r := range CompareGenerations(before, after) {
		if r.Relation != want[r.Name] {
			t.Errorf("%s: %s, want %s", r.Name, r.Relation, want[r.Name])
		}
	}
	rows := CompareGenerations(before, Column{"", parse(t, `{"sub":"other"}`)})
	if rows[0].Relation != Conflict || rows[0].Note == "" {
		t.Error("another user is a conflict")
	}
	added, removed := ScopeChange([]string{"a", "b"}, []string{"b", "c"})
	if strings.Join(added, " ") != "c" || strings.Join(removed, " ") != "a" {
		t.Errorf("added %v removed %v", added, removed)
	}
}
