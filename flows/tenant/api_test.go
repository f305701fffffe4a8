package tenant

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestUserinfo(t *testing.T) {
	f := start(t, "works")
	r := f.login().ok()
	for _, token := range []string{r.text("access_token"), f.login("audience", "", "scope", "openid profile email").ok().text("access_token")} {
		info := f.get("/userinfo", token).ok()
		if got := strings.Join(keyOrder(t, info.Body), " "); got != "sub nickname name picture updated_at email email_verified" {
			t.Errorf("%s", got)
		}
		for name, want := range map[string]string{"Content-Type": jsonUTF8, "Access-Control-Allow-Origin": "*", "X-RateLimit-Limit": "10"} {
			if got := info.Header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		if info.Header.Get("ETag") == "" {
			t.Error("no ETag")
		}
	}
	jwe := f.login("audience", "", "scope", "openid").ok().text("access_token")
	parts := strings.Split(jwe, ".")
	for name, token := range map[string]string{
		"garbage": "x", "ID token": r.text("id_token"), "without openid": f.login("scope", "read:sample").ok().text("access_token"),
		"JWE without openid": f.login("audience", "", "scope", "email").ok().text("access_token"),
		"changed JWE":        strings.Join([]string{parts[0], "", parts[2], parts[3], "AAAAAAAAAAAAAAAAAAAAAA"}, "."),
		"short JWE":          parts[0] + "..." + ".",
		"no token":           "",
	} {
		got := f.get("/userinfo", token)
		if got.Status != 401 || got.Body != "Unauthorized" || got.Header.Get("Content-Type") != "" || got.Header.Get("X-RateLimit-Limit") != "1000" {
			t.Errorf("%s: %d %q %v", name, got.Status, got.Body, got.Header)
		}
		if challenge := got.Header.Get("WWW-Authenticate"); token != "" && challenge != userinfoRefused {
			t.Errorf("%s: %s", name, challenge)
		}
	}
	f.clock.add(25 * time.Hour)
	f.get("/userinfo", jwe).want(401, "", "")
}

func TestUserinfoLimit(t *testing.T) {
	f := start(t, "userinfo-throttled")
	token := f.login().ok().text("access_token")
	for range 10 {
		f.get("/userinfo", token).ok()
	}
	r := f.get("/userinfo", token).want(429, "access_denied", "Too Many Requests")
	if r.text("error_uri") != "https://auth0.com/docs/policies/rate-limits" || r.Header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%s %v", r.Body, r.Header)
	}
	f.clock.add(12 * time.Second)
	f.get("/userinfo", token).ok()

	free := start(t, "works")
	token = free.login().ok().text("access_token")
	for range 20 {
		free.get("/userinfo", token).ok()
	}
}

func TestAPI(t *testing.T) {
	f := start(t, "works")
	token := f.login().ok().text("access_token")
	f.get("/api/orders", token).ok()
	me := f.get("/api/me", token).ok()
	if me.text("sub") != f.set.main().id {
		t.Errorf("%s", me.Body)
	}
	post := func(token, body string) *reply {
		r := request("POST", "/api/orders", "application/json", body)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return f.do(r)
	}
	r := post(token, `{}`).want(403, "insufficient_scope", "The scope write:orders is needed")
	if got := r.Header.Get("WWW-Authenticate"); got != `Bearer realm="https://api.acme.test/", error="insufficient_scope", error_description="The scope write:orders is needed", scope="write:orders"` {
		t.Errorf("%s", got)
	}
	r = f.get("/api/orders", "").want(401, "", "")
	if got := r.Header.Get("WWW-Authenticate"); got != `Bearer realm="https://api.acme.test/"` {
		t.Errorf("%s", got)
	}
	r = f.get("/api/orders", "x").want(401, "invalid_token", "The access token is malformed")
	if got := r.Header.Get("WWW-Authenticate"); !strings.Contains(got, `error="invalid_token"`) {
		t.Errorf("%s", got)
	}
	writer := f.login("scope", "write:orders").ok().text("access_token")
	if got := post(writer, `{"item":"gear"}`).want(201, "", ""); got.text("id") == "" || got.Header.Get("Location") == "" {
		t.Errorf("%s", got.Body)
	}
	post(writer, `[]`).want(400, "bad_request", "The body must be a JSON object")
	post(writer, strings.Repeat(" ", maxBody+1)).want(413, "too_large", "The body is larger than 64 KB")
	f.get("/api/nothing", token).want(404, "not_found", "No such route")
	if r := f.do(request("DELETE", "/api/orders", "", "")); r.Status != 405 || r.Header.Get("Allow") != "GET, POST" {
		t.Errorf("%d %v", r.Status, r.Header)
	}
	f.get("/api/me", f.login().text("id_token")).want(401, "invalid_token", "The access token is not for this audience")
	other := start(t, "custom-domain").login().ok().text("access_token")
	f.get("/api/me", other).want(401, "invalid_token", "The issuer of the access token is not the expected one")
	f.get("/api/me", token[:len(token)-5]+"AAAAA").want(401, "invalid_token", "The access token signature could not be validated")
	f.clock.add(24 * time.Hour)
	f.get("/api/me", token).want(401, "invalid_token", "The access token expired")
}

func TestExport(t *testing.T) {
	f := start(t, "works")
	token := f.login().ok().text("access_token")
	r := f.get("/api/export?mb=2", token).ok()
	if len(r.Body) < 2<<20 || len(r.Body) > 3<<20 || !json.Valid([]byte(r.Body)) {
		t.Errorf("%d bytes", len(r.Body))
	}
	if r := f.get("/api/export?mb=0", token).ok(); r.Body != `{"rows":[],"count":0}` {
		t.Errorf("%s", r.Body)
	}
	for _, q := range []string{"65", "-1", "x"} {
		f.get("/api/export?mb="+q, token).want(400, "bad_request", "mb is a number from 0 to 64")
	}
}

func TestDiscovery(t *testing.T) {
	f := start(t, "works")
	r := f.get("/.well-known/openid-configuration", "").ok()
	order := keyOrder(t, r.Body)
	if strings.Join(order[:9], " ") != "issuer authorization_endpoint token_endpoint device_authorization_endpoint userinfo_endpoint mfa_challenge_endpoint jwks_uri registration_endpoint revocation_endpoint" || len(order) != 27 {
		t.Errorf("%d %v", len(order), order)
	}
	if r.text("issuer") != DefaultIssuer || r.text("token_endpoint") != DefaultIssuer+"oauth/token" {
		t.Errorf("%s", r.Body)
	}
	if f.get("/.well-known/oauth-authorization-server", "").Body != r.Body {
		t.Error("both documents are the same")
	}
	head := f.do(request("HEAD", "/.well-known/openid-configuration", "", "")).ok()
	if head.Body != "" {
		t.Error("HEAD has a body")
	}
	var set struct{ Keys []map[string]any }
	jwks := f.get("/.well-known/jwks.json", "").ok()
	if err := json.Unmarshal([]byte(jwks.Body), &set); err != nil || len(set.Keys) != 2 {
		t.Fatalf("%v %s", err, jwks.Body)
	}
	first, _ := json.Marshal(set.Keys[0])
	if kid := set.Keys[0]["kid"].(string); len(kid) != 21 || kid == set.Keys[1]["kid"] || strings.Contains(string(first), `"d"`) {
		t.Errorf("%s", first)
	}
	if f.get("/.well-known/jwks.json", "").Body != jwks.Body {
		t.Error("the JWKS changes")
	}
}

func TestSignupAndMessages(t *testing.T) {
	f := start(t, "works")
	signup := func(email string) *reply {
		return f.postJSON("/dbconnections/signup", map[string]any{"client_id": mainClient, "email": email, "password": "pass-1", "connection": mainConnection})
	}
	if got := strings.Join(keyOrder(t, signup("new@acme.test").ok().Body), " "); got != "_id email_verified email" {
		t.Errorf("%s", got)
	}
	f.login("username", "New@acme.test", "password", "pass-1").ok()
	if r := signup("NEW@acme.test"); r.Status != 400 || r.text("code") != "invalid_signup" {
		t.Errorf("%d %s", r.Status, r.Body)
	}
	signup("nobody").want(400, "invalid_request", "email is not valid")

	f.post("/passwordless/start", f.client("connection", "sms", "phone_number", phoneUser)).ok()
	f.login("grant_type", grantPasswordRealm, "realm", "sms", "username", phoneUser, "password", f.lastCode()).ok()
	f.login("grant_type", grantPasswordRealm, "realm", "sms", "username", phoneUser, "password", "x").
		want(403, "invalid_grant", "Wrong phone number or verification code.")
	before := len(f.Phone().Messages())
	f.post("/passwordless/start", f.client("connection", "sms", "phone_number", "+10")).ok()
	if len(f.Phone().Messages()) != before {
		t.Error("a message to nobody")
	}
}

func TestSignupsAreBounded(t *testing.T) {
	f := start(t, "works")
	f.mu.Lock()
	for i := range maxSignups {
		u := &user{id: f.userID(), connection: mainConnection, username: string(rune('a'+i%26)) + f.hex(6) + "@x.test"}
		f.signups.put(u.id, u)
		f.addUser(u)
	}
	before := len(f.users)
	f.mu.Unlock()
	f.postJSON("/dbconnections/signup", map[string]any{"client_id": mainClient, "email": "last@acme.test", "password": "p", "connection": mainConnection}).ok()
	if len(f.users) != before || len(f.usersByID) != before {
		t.Errorf("%d users, then %d", before, len(f.users))
	}
}

func TestManagementAPI(t *testing.T) {
	f := start(t, "works")
	audience := f.Issuer() + "api/v2/"
	if got := f.login("audience", audience, "scope", "openid read:current_user").ok().text("scope"); got != "openid profile email address phone read:current_user" {
		t.Errorf("%s", got)
	}
	f.login("audience", audience, "scope", "read:users").want(400, "invalid_scope", "User is not authorized to the audience for those scopes")
}

func TestLogIsBoundedAndExplained(t *testing.T) {
	f := start(t, "works")
	changed := f.LogChanged()
	f.login().ok()
	<-changed
	for range 2*maxLog + 10 {
		f.log.add(LogEvent{Type: "sepft"})
	}
	if n := len(f.Log()); n != maxLog {
		t.Errorf("%d events", n)
	}
	for name, events := range grantEvents {
		for _, e := range events {
			if LogMeaning(e) == "" {
				t.Errorf("%s: %s has no meaning", name, e)
			}
		}
	}
	if LogMeaning("x") != "" || (LogEvent{Type: "fp"}).Meaning() == "" {
		t.Error("meanings")
	}
}
