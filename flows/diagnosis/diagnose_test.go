package diagnosis

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func refused(status int, body string, sent Sent) Evidence {
	return Evidence{Sent: sent, Reply: &Reply{Status: status, Header: http.Header{}, Body: []byte(body)}}
}

var password = Sent{Method: "POST", URL: "https://as.example/token", Grant: GrantPassword, ClientID: "abc", ClientAuth: "post", SecretSent: true, Username: true, Password: true}

func with(f func(*Sent)) Sent { s := password; f(&s); return s }

// TestAnyServer: RFC 6749's errors of a server that is not Auth0, and what the
// status changes.
func TestAnyServer(t *testing.T) {
	refresh := with(func(s *Sent) { s.Grant = GrantRefresh })
	for _, r := range []struct {
		name  string
		ev    Evidence
		id    string
		class Class
	}{
		{"invalid_client", refused(401, errBody("invalid_client", "bad"), password), ClientAuthFailed, ClassClient},
		{"invalid_client in a 200", refused(200, errBody("invalid_client", ""), password), ClientAuthFailed, ClassClient},
		{"invalid_client in a 500", refused(500, errBody("invalid_client", ""), password), ClientAuthFailed, ClassClient},
		{"unauthorized_client", refused(400, errBody("unauthorized_client", ""), password), GrantNotAllowed, ClassClient},
		{"a grant that is not allowed, as oidc-provider says it", refused(400, errBody("invalid_request", "requested grant type is not allowed for this client"), password), GrantNotAllowed, ClassClient},
		{"unsupported_grant_type", refused(400, errBody("unsupported_grant_type", ""), password), GrantNotAllowed, ClassClient},
		{"invalid_scope", refused(400, errBody("invalid_scope", ""), password), InvalidScope, ClassClient},
		{"invalid_target", refused(400, errBody("invalid_target", ""), password), UnknownAudience, ClassClient},
		{"invalid_request", refused(400, errBody("invalid_request", ""), password), InvalidRequest, ClassClient},
		{"invalid_request, missing", refused(400, errBody("invalid_request", "missing required parameter(s). (username)"), password), MissingParameter, ClassClient},
		{"invalid_grant", refused(400, errBody("invalid_grant", ""), password), WrongCredentials, ClassUser},
		{"invalid_grant at refresh", refused(400, errBody("invalid_grant", "grant request is invalid"), refresh), RefreshInvalid, ClassUser},
		{"invalid_grant, no request", refused(400, errBody("invalid_grant", ""), Sent{}), WrongCredentials, ClassUser},
		{"invalid_grant, a locked account", refused(400, errBody("invalid_grant", "Account disabled"), password), UserBlocked, ClassThrottled},
		{"invalid_grant, MFA", refused(400, errBody("invalid_grant", "you must use multi-factor authentication to access"), password), MFARequired, ClassMFA},
		{"access_denied", refused(403, errBody("access_denied", "not you"), password), ActionDenied, ClassClient},
		{"access_denied, bare", refused(403, errBody("access_denied", ""), password), ActionDenied, ClassClient},
		{"access_denied in a 500", refused(500, errBody("access_denied", "not you"), password), ServerError, ClassNetwork},
		{"server_error", refused(500, errBody("server_error", "oops"), password), ServerError, ClassNetwork},
		{"server_error that is no 5xx", refused(400, errBody("server_error", "oops"), password), ServerError, ClassClient},
		{"temporarily_unavailable", refused(503, errBody("temporarily_unavailable", ""), password), ServerError, ClassNetwork},
		{"invalid_grant in a 503", refused(503, errBody("invalid_grant", ""), password), ServerError, ClassNetwork},
		{"a code of its own", refused(400, errBody("teapot", "short and stout"), password), UnknownError, ClassClient},
		{"a code of its own in a 500", refused(500, errBody("teapot", ""), password), ServerError, ClassNetwork},
		{"an empty code", refused(400, `{"error":""}`, password), UnknownError, ClassClient},
		{"any 429", refused(429, errBody("invalid_grant", ""), password), RateLimited, ClassThrottled},
		{"any 429, HTML", refused(429, "<html><body>slow</body></html>", password), RateLimited, ClassThrottled},
		{"any 429, empty", refused(429, "", password), RateLimited, ClassThrottled},
		{"error is a number", refused(400, `{"error":400}`, password), NotAnOAuthReply, ClassNotOAuth},
		{"error is an object", refused(400, `{"error":{"code":"x"}}`, password), NotAnOAuthReply, ClassNotOAuth},
		{"error is null", refused(200, `{"error":null,"access_token":"t"}`, password), NotAnOAuthReply, ClassNotOAuth},
		{"error in capitals is another name", refused(400, `{"Error":"invalid_grant"}`, password), NotAnOAuthReply, ClassNotOAuth},
		{"an array", refused(200, `["access_token"]`, password), NotAnOAuthReply, ClassNotOAuth},
		{"text", refused(200, `hello`, password), NotAnOAuthReply, ClassNotOAuth},
		{"empty", refused(200, ``, password), NotAnOAuthReply, ClassNotOAuth},
		{"no access_token", refused(200, `{"token":"x"}`, password), NotAnOAuthReply, ClassNotOAuth},
		{"HTML", refused(200, "<!doctype html><title>Welcome</title>", password), NotAnOAuthReply, ClassNotOAuth},
		{"gateway", refused(502, "<html><head><title>502 Bad Gateway</title></head></html>", password), NotAnOAuthReply, ClassNotOAuth},
		{"portal", refused(511, "<html></html>", password), NotAnOAuthReply, ClassNotOAuth},
		{"redirect", Evidence{Sent: password, Reply: &Reply{Status: 302, Header: http.Header{"Location": {"https://other.example/login?secret=x"}}}}, Redirected, ClassNetwork},
		{"redirect with JSON", Evidence{Sent: password, Reply: &Reply{Status: 307, Header: http.Header{}, Body: []byte(errBody("invalid_grant", ""))}}, Redirected, ClassNetwork},
	} {
		t.Run(r.name, func(t *testing.T) {
			for _, kind := range []Ternary{Unknown, No, Yes} {
				ev := r.ev
				ev.Sent.AuthZero = kind
				found := Diagnose(ev)
				if len(found) == 0 || found[0].ID != r.id {
					t.Fatalf("found %v, want %s", ids(found), r.id)
				}
				if got := Classify(ev); got != r.class {
					t.Errorf("class %q, want %q", got, r.class)
				}
				complete(t, found)
				if kind == No {
					neutral(t, found)
				}
			}
		})
	}
}

// neutral: nothing claims Auth0 where the server is known to be another.
func neutral(t *testing.T, found []Finding) {
	t.Helper()
	for _, f := range found {
		if len(f.Commands) > 0 || f.LogEvent != "" {
			t.Errorf("%s: commands or log events for another server: %+v", f.ID, f)
		}
		all := strings.Join(append(append([]string{f.Title, f.Why, f.Link}, f.Fix...), f.Where...), "\n")
		for _, word := range []string{"auth0.com", "Dashboard", "tenant's", "Applications >", "Attack Protection", "Actions >", "Trust Token Endpoint", "Default Directory"} {
			if strings.Contains(all, word) && !(word == "auth0.com" && strings.Contains(all, GrantRealm)) {
				t.Errorf("%s speaks of %q to another server:\n%s", f.ID, word, all)
			}
		}
	}
}

func TestExitCodes(t *testing.T) {
	for c, want := range map[Class]int{ClassNone: 0, ClassNetwork: 3, ClassNotOAuth: 3, ClassClient: 4, ClassUser: 5, ClassMFA: 6, ClassThrottled: 7, ClassValidation: 8, ClassScopes: 9, ClassAPI: 10, "?": 1} {
		if c.Exit() != want {
			t.Errorf("%q exits with %d, want %d", c, c.Exit(), want)
		}
	}
}

// TestRankedByWhatWasSent: the same reply, different first words.
func TestRankedByWhatWasSent(t *testing.T) {
	body := errBody("access_denied", "Unauthorized")
	for _, r := range []struct {
		name  string
		sent  Sent
		title string
		field string
	}{
		{"no secret", with(func(s *Sent) { s.ClientAuth, s.SecretSent = "none", false }), "needs its secret", "client_auth"},
		{"a secret", password, "secret is wrong", "client_secret"},
		{"an assertion", with(func(s *Sent) { s.ClientAuth = "private_key_jwt" }), "assertion", "private_key"},
		{"not known", Sent{}, "missing or wrong", "client_secret"},
	} {
		found := Diagnose(refused(401, body, r.sent))
		if f := found[0]; f.ID != ClientAuthFailed || !strings.Contains(f.Title, r.title) || f.Field != r.field || f.Certainty == Certain {
			t.Errorf("%s: %+v", r.name, f)
		}
		if found[1].ID != UnknownClient || found[1].Certainty != Possible {
			t.Errorf("%s: second is %s, %s", r.name, found[1].ID, found[1].Certainty)
		}
	}
}

func TestTextsHoldWhatWasSent(t *testing.T) {
	for _, r := range []struct {
		ev   Evidence
		want []string
	}{
		{refused(403, errBody("invalid_request", "Unknown realm 'Staff'"), with(func(s *Sent) { s.Realm, s.Grant, s.AuthZero = "Staff", GrantRealm, Yes })), []string{`"Staff"`, "case-sensitive", "further realm names"}},
		{refused(400, errBody("invalid_request", "invalid audience specified for password grant exchange"), with(func(s *Sent) { s.Audience = "https://api.acme/" })), []string{`"https://api.acme/"`, "byte for byte"}},
		{refused(403, errBody("access_denied", "No entry on Sundays"), with(func(s *Sent) { s.AuthZero = Yes })), []string{"Action or Rule", "No entry on Sundays"}},
		{refused(400, errBody("invalid_request", "Missing required parameter: username"), password), []string{"lacks the parameter username"}},
	} {
		found := Diagnose(r.ev)
		all := found[0].Title + found[0].Why + strings.Join(found[0].Fix, "\n")
		for _, w := range r.want {
			if !strings.Contains(all, w) {
				t.Errorf("%s does not say %q:\n%s", found[0].ID, w, all)
			}
		}
	}
}

func TestJSONIsTheContracts(t *testing.T) {
	found := Diagnose(refused(403, errBody("unauthorized_client", "Grant type 'password' not allowed for the client."), password))
	b, err := json.Marshal(found[0])
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	var names []string
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "certainty fix id link log_event title where why" {
		t.Errorf("names are %s", got)
	}
	if kinds := fmt.Sprint(found[0].Fix); !strings.Contains(kinds, KindCLI+": auth0 api patch clients/abc") || !strings.Contains(kinds, KindTerraform+": ") || !strings.Contains(kinds, KindManagement+": ") || !strings.Contains(kinds, KindDashboard+": ") {
		t.Errorf("fix lacks the commands: %s", kinds)
	}
}

func TestIssued(t *testing.T) {
	own := with(func(s *Sent) {
		s.AuthZero = Yes
		s.Audience = "https://api.acme/"
		s.Scope, s.ScopeSent = "openid offline_access read:a", true
	})
	ok := func(i Issued) Evidence {
		return Evidence{Sent: own, Reply: &Reply{Status: 200, Header: http.Header{}, Body: []byte(`{"access_token":"t"}`)}, Issued: &i}
	}
	good := Issued{AccessKind: "jws", HasAudience: true, RefreshToken: true, AskedOffline: true, GrantedOffline: true}
	change := func(f func(*Issued)) Evidence { i := good; f(&i); return ok(i) }
	fail := func(token, name string) func(*Issued) {
		return func(i *Issued) {
			i.Checks = append(i.Checks, Check{Token: token, Name: name, State: "fail", Want: "a", Got: "b"})
		}
	}
	skewed := change(func(i *Issued) {
		i.Checks = []Check{{Token: "access", Name: "iat", State: "warn", Got: "in 10 minutes"}}
	})
	skewed.ClockOffset = 10 * time.Minute
	skewedFail := change(fail("access", "exp"))
	skewedFail.ClockOffset = -2 * time.Hour
	public := ok(good)
	public.Sent.ClientAuth, public.Sent.SecretSent = "none", false
	forwarded := public
	forwarded.Sent.ForwardedFor = "192.0.2.1"
	trusted := ok(good)
	trusted.Sent.ForwardedFor = "192.0.2.1"
	low := ok(good)
	low.Reply.Header = http.Header{"X-Ratelimit-Limit": {"100"}, "X-Ratelimit-Remaining": {"3"}, "X-Ratelimit-Reset": {"1780300000"}}
	full := ok(good)
	full.Reply.Header = http.Header{"X-Ratelimit-Limit": {"100"}, "X-Ratelimit-Remaining": {"99"}, "X-Ratelimit-Reset": {"1780300000"}}
	refreshed := change(func(i *Issued) { i.RefreshToken = false })
	refreshed.Sent.Grant = GrantRefresh
	other := change(func(i *Issued) { i.AccessKind, i.HasAudience = "opaque", false })
	other.Sent.AuthZero = No
	for _, r := range []struct {
		name  string
		ev    Evidence
		ids   string
		class Class
	}{
		{"good", ok(good), "", ClassNone},
		{"no audience", change(func(i *Issued) { i.AccessKind, i.AccessAlg, i.HasAudience = "jwe", "dir", false }), OpaqueToken, ClassNone},
		{"opaque", change(func(i *Issued) { i.AccessKind, i.HasAudience = "opaque", false }), OpaqueToken, ClassNone},
		{"opaque without offline access", change(func(i *Issued) { i.AccessKind, i.HasAudience, i.RefreshToken = "jwe", false, false }), OpaqueToken + " " + NoRefreshToken, ClassNone},
		{"an API with encryption on", change(func(i *Issued) { i.AccessKind, i.AccessAlg = "jwe", "RSA-OAEP-256" }), "", ClassNone},
		{"opaque elsewhere", other, "", ClassNone},
		{"no refresh token", change(func(i *Issued) { i.RefreshToken, i.GrantedOffline = false, false }), NoRefreshToken, ClassNone},
		{"no refresh token, granted", change(func(i *Issued) { i.RefreshToken = false }), NoRefreshToken, ClassNone},
		{"refreshed without a new one", refreshed, "", ClassNone},
		{"a scope missing", change(func(i *Issued) { i.Missing = []string{"read:a", "offline_access"} }), ScopeShortfall, ClassNone},
		{"a permission missing", change(func(i *Issued) { i.Missing, i.NeedsPermission = []string{"read:a"}, []string{"read:a"} }), ScopeShortfall, ClassNone},
		{"not in the token", change(func(i *Issued) { i.NotInToken = []string{"read:a"}; i.Permissions = true }), ScopeShortfall, ClassNone},
		{"only offline_access missing", change(func(i *Issued) { i.Missing = []string{"offline_access"} }), "", ClassNone},
		{"a required scope", change(func(i *Issued) { i.Missing, i.RequiredMissing = []string{"read:a"}, true }), ScopeShortfall, ClassScopes},
		{"issuer", change(fail("access", "iss")), TokenInvalid, ClassValidation},
		{"validation before scopes", change(func(i *Issued) { fail("access", "kid")(i); i.RequiredMissing = true }), TokenInvalid, ClassValidation},
		{"expired", change(fail("access", "exp")), TokenInvalid, ClassValidation},
		{"several", change(func(i *Issued) {
			for _, n := range []string{"iss", "aud", "signature", "alg", "kid", "azp"} {
				fail("id", n)(i)
			}
		}), TokenInvalid, ClassValidation},
		{"clock ahead", skewed, ClockSkew, ClassNone},
		{"clock far off and a failure", skewedFail, ClockSkew + " " + TokenInvalid, ClassValidation},
		{"from the future, no Date", change(func(i *Issued) {
			i.Checks = []Check{{Token: "access", Name: "iat", State: "warn", Why: "it is later than now"}}
		}), ClockSkew, ClassNone},
		{"public client", public, SecretInPublicClient, ClassNone},
		{"forwarded for, no secret", forwarded, SecretInPublicClient + " " + ForwardedForUntrusted, ClassNone},
		{"forwarded for, secret", trusted, "", ClassNone},
		{"few attempts", low, FewAttemptsLeft, ClassNone},
		{"many attempts", full, "", ClassNone},
	} {
		t.Run(r.name, func(t *testing.T) {
			found := Diagnose(r.ev)
			if got := strings.Join(ids(found), " "); got != r.ids {
				t.Errorf("found %q, want %q", got, r.ids)
			}
			if got := Classify(r.ev); got != r.class {
				t.Errorf("class %q, want %q", got, r.class)
			}
			complete(t, found)
			r.ev.Sent.AuthZero = No
			neutral(t, Diagnose(r.ev))
		})
	}
}

func TestBesidesARefusal(t *testing.T) {
	ev := refused(403, errBody("invalid_grant", "Wrong email or password."), with(func(s *Sent) { s.AuthZero = Yes }))
	ev.Reply.Header = http.Header{"X-Ratelimit-Limit": {"100"}, "X-Ratelimit-Remaining": {"1"}}
	if got := ids(Diagnose(ev)); !slices.Equal(got, []string{WrongCredentials, FewAttemptsLeft}) {
		t.Errorf("%v", got)
	}
	ev = refused(429, errBody("too_many_attempts", "Your account has been blocked after multiple consecutive login attempts."), with(func(s *Sent) { s.AuthZero, s.ForwardedFor = Yes, "192.0.2.7" }))
	if got := ids(Diagnose(ev)); !slices.Equal(got, []string{BruteForce, ForwardedForUntrusted}) {
		t.Errorf("%v", got)
	}
	ev = refused(401, errBody("access_denied", "Unauthorized"), with(func(s *Sent) { s.ClientAuth = "private_key_jwt" }))
	ev.ClockOffset = 5 * time.Minute
	if got := ids(Diagnose(ev)); !slices.Contains(got, ClockSkew) {
		t.Errorf("%v", got)
	}
}

func TestAPIAnswers(t *testing.T) {
	answer := func(status int, challenge string, i *Issued) Evidence {
		h := http.Header{}
		if challenge != "" {
			h.Set("WWW-Authenticate", challenge)
		}
		return Evidence{At: AtAPI, Sent: Sent{URL: "https://api.acme/orders", Scope: "openid read:orders", AuthZero: Yes}, Reply: &Reply{Status: status, Header: h}, Issued: i}
	}
	token := &Issued{AccessKind: "jws", HasAudience: true, Audiences: []string{"https://api.acme/"}, Scopes: []string{"read:orders"}}
	for _, r := range []struct {
		name  string
		ev    Evidence
		id    string
		class Class
		says  string
	}{
		{"200", answer(200, "", token), "", ClassNone, ""},
		{"204 empty", answer(204, "", token), "", ClassNone, ""},
		{"403 scope", answer(403, `Bearer error="insufficient_scope", scope="write:orders"`, token), InsufficientScope, ClassAPI, "write:orders"},
		{"403 scope, malformed", answer(403, `Bearer error=insufficient_scope scope="write:orders`, token), InsufficientScope, ClassAPI, "write:orders"},
		{"403 scope the token has", answer(403, `Bearer error="insufficient_scope", scope="read:orders"`, token), InsufficientScope, ClassAPI, "permissions"},
		{"403", answer(403, "", token), APIForbidden, ClassAPI, "read:orders"},
		{"401 expired", answer(401, `Bearer error="invalid_token"`, &Issued{AccessKind: "jws", Expired: true}), TokenExpired, ClassAPI, ""},
		{"401 says expired", answer(401, `Bearer error="invalid_token", error_description="jwt expired"`, token), TokenExpired, ClassAPI, "jwt expired"},
		{"401 ID token", answer(401, `Bearer error="invalid_token"`, &Issued{IDToken: true}), IDTokenSent, ClassAPI, ""},
		{"401 opaque", answer(401, `Bearer error="invalid_token"`, &Issued{AccessKind: "jwe"}), OpaqueToken, ClassAPI, ""},
		{"401 for a token that fails here too", answer(401, `Bearer error="invalid_token"`, &Issued{AccessKind: "jws", AccessAlg: "RS256", Audiences: []string{"https://api.acme/"},
			Checks: []Check{{Token: "id", Name: "nonce", State: "fail", Why: "Another token's."}, {Token: "access", Name: "aud", State: "pass"}, {Token: "access", Name: "signature", State: "fail", Why: "No key has this kid."}}}), TokenRefused, ClassAPI, "fails a check here too, so the API may be right: signature. No key has this kid."},
		{"401 unsigned", answer(401, `Bearer error="invalid_token"`, &Issued{AccessKind: "jws", AccessAlg: "none", Audiences: []string{"https://api.acme/"}}), TokenRefused, ClassAPI, "not signed"},
		{"401 other", answer(401, `Bearer realm="x"`, token), TokenRefused, ClassAPI, "https://api.acme/"},
		{"401 unknown token", answer(401, "", nil), TokenRefused, ClassAPI, ""},
		{"404", answer(404, "", token), APIError, ClassAPI, "404"},
		{"500", answer(500, "", token), APIError, ClassAPI, ""},
		{"429", answer(429, "", token), RateLimited, ClassAPI, ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			found := Diagnose(r.ev)
			if r.id == "" {
				if len(found) > 0 {
					t.Errorf("found %v", ids(found))
				}
			} else if len(found) == 0 || found[0].ID != r.id {
				t.Fatalf("found %v, want %s", ids(found), r.id)
			}
			if got := Classify(r.ev); got != r.class {
				t.Errorf("class %q, want %q", got, r.class)
			}
			if r.says != "" && !strings.Contains(found[0].Title+found[0].Why+strings.Join(found[0].Fix, " "), r.says) {
				t.Errorf("does not say %q: %+v", r.says, found[0])
			}
			complete(t, found)
		})
	}
	f := Diagnose(answer(403, `Bearer error="insufficient_scope", scope="write:orders"`, token))[0]
	if len(f.Tries) != 1 || f.Tries[0].Set["scope"] != "openid read:orders write:orders" {
		t.Errorf("the try should keep the old scopes: %+v", f.Tries)
	}
}

// TestUserInfoWords: the recorded words about HS256 come with every token that
// /userinfo does not take, so they alone are no sign that the API signs with it.
func TestUserInfoWords(t *testing.T) {
	var recorded row
	for _, r := range rows {
		if r.name == "userinfo" {
			recorded = r
		}
	}
	const cause = "have one audience only"
	for _, r := range []struct {
		name        string
		issued      *Issued
		says, never string
	}{
		{"nothing known", nil, "only one cause", cause},
		{"RS256", &Issued{AccessKind: "jws", AccessAlg: "RS256"}, "only one cause", "API that signs with HS256"},
		{"encrypted", &Issued{AccessKind: "jwe", AccessAlg: "dir"}, "only one cause", "API that signs with HS256"},
		{"HS256", &Issued{AccessKind: "jws", AccessAlg: "HS256"}, cause, "only one cause"},
	} {
		ev := recorded.evidence()
		ev.Issued = r.issued
		found := Diagnose(ev)
		f := found[0]
		if f.ID != UserInfoRefused || f.Certainty != Likely || !strings.Contains(f.Why, r.says) || strings.Contains(f.Why, r.never) {
			t.Errorf("%s: %+v", r.name, f)
		}
		complete(t, found)
	}
}

func TestOtherPlaces(t *testing.T) {
	at := func(p Place, status int, body string) Evidence {
		return Evidence{At: p, Sent: Sent{AuthZero: Yes, URL: "https://acme.auth0.com/x"}, Reply: &Reply{Status: status, Header: http.Header{}, Body: []byte(body)}}
	}
	for _, r := range []struct {
		name  string
		ev    Evidence
		id    string
		class Class
	}{
		{"discovery", at(AtDiscovery, 200, `{"issuer":"x"}`), "", ClassNone},
		{"no discovery", at(AtDiscovery, 404, `not found`), NotAnOAuthReply, ClassNotOAuth},
		{"discovery is a page", at(AtDiscovery, 200, `<html></html>`), NotAnOAuthReply, ClassNotOAuth},
		{"discovery moved", at(AtDiscovery, 301, ``), Redirected, ClassNetwork},
		{"no keys", at(AtJWKS, 500, ``), NotAnOAuthReply, ClassNotOAuth},
		{"revoked", at(AtRevoke, 200, ``), "", ClassNone},
		{"revoke refused", at(AtRevoke, 401, errBody("invalid_client", "")), ClientAuthFailed, ClassClient},
		{"factors", at(AtMFA, 200, `[]`), "", ClassNone},
		{"challenge", at(AtMFA, 200, `{"challenge_type":"otp"}`), "", ClassNone},
		{"deleted", at(AtMFA, 204, ``), "", ClassNone},
		{"no MFA endpoints", at(AtMFA, 404, `nothing`), NotAnOAuthReply, ClassNotOAuth},
		{"userinfo", at(AtUserInfo, 200, `{"sub":"x"}`), "", ClassNone},
		{"userinfo throttled", at(AtUserInfo, 429, errBody("access_denied", "Too Many Requests")), RateLimited, ClassAPI},
		{"tokens without more", at(AtToken, 200, `{"access_token":"x"}`), "", ClassNone},
	} {
		found := Diagnose(r.ev)
		if r.id == "" && len(found) > 0 || r.id != "" && (len(found) == 0 || found[0].ID != r.id) {
			t.Errorf("%s: found %v, want %q", r.name, ids(found), r.id)
		}
		if got := Classify(r.ev); got != r.class {
			t.Errorf("%s: class %q, want %q", r.name, got, r.class)
		}
		complete(t, found)
	}
	if found, class := diagnose(&Evidence{}); len(found) > 0 || class != ClassNone {
		t.Errorf("no evidence: %v %q", ids(found), class)
	}
}

// TestMFARequiredNamesFactors: what is known of the factors is told.
func TestMFARequiredNamesFactors(t *testing.T) {
	body := `{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"x"}`
	ev := refused(403, body, password)
	ev.Factors, ev.FactorsKnown = []string{"one-time code", "push"}, true
	if f := Diagnose(ev)[0]; !strings.Contains(f.Why, "one-time code, push") {
		t.Error(f.Why)
	}
	ev.Factors = nil
	if f := Diagnose(ev)[0]; !strings.Contains(f.Why, "no factor enrolled") || !strings.Contains(f.Fix[0], "Enrol") {
		t.Error(f)
	}
	ev.Sent.TokenURLOnly = true
	if f := Diagnose(ev)[0]; !strings.Contains(f.Fix[0], "mfa_token") {
		t.Error(f.Fix)
	}
}

func TestDiagnoseIsPure(t *testing.T) {
	ev := rows[0].evidence()
	a, b := Diagnose(ev), Diagnose(ev)
	ja, _ := json.Marshal(a)
	jb, _ := json.Marshal(b)
	if string(ja) != string(jb) {
		t.Error("two looks at the same evidence differ")
	}
}

// TestUnsignedIsNoWrongSignature: what nobody signed was not changed after
// signing, and is of no other tenant.
func TestUnsignedIsNoWrongSignature(t *testing.T) {
	fix, _, _ := (&look{}).checkAdvice(Check{Token: "access", Name: "signature", State: "fail", Want: "a signature", Got: "none"})
	if !strings.Contains(fix, "Nobody signed") {
		t.Error(fix)
	}
}
