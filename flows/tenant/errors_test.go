package tenant

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestRecordedBodies(t *testing.T) {
	rows := []struct {
		e      *refusal
		length int
		body   string
	}{
		{unauthorized(), 60, `{"error":"access_denied","error_description":"Unauthorized"}`},
		{refuse(403, "invalid_grant", "Wrong email or password."), 72, ""},
		{refuse(400, "invalid_request", "invalid audience specified for password grant exchange"), 104, ""},
		{refuse(400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds."), 122, ""},
		{refuse(400, "access_denied", "MFA Authorization rejected."), 75, ""},
		{refuse(403, "invalid_grant", "user is blocked"), 63, ""},
	}
	for _, row := range rows {
		if got := row.e.body(); len(got) != row.length || row.body != "" && string(got) != row.body {
			t.Errorf("%d bytes, recorded are %d: %s", len(got), row.length, got)
		}
	}
	if got := encode(fields{{"challenge_type", "otp"}}); len(got) != 24 {
		t.Errorf("%s", got)
	}
}

// TestRefusals asks the good tenant for what it refuses.
func TestRefusals(t *testing.T) {
	rows := []struct {
		name   string
		change []string // of a good password request
		status int
		body   string
		log    string
	}{
		{"wrong password", []string{"password", "x"}, 403, `{"error":"invalid_grant","error_description":"Wrong email or password."}`, "fp fepft"},
		{"unknown user", []string{"username", "nobody@acme.test"}, 403, `{"error":"invalid_grant","error_description":"Wrong email or password."}`, "fu fepft"},
		{"wrong secret", []string{"client_secret", "x"}, 401, `{"error":"access_denied","error_description":"Unauthorized"}`, "fepft"},
		{"no secret", []string{"client_secret", ""}, 401, `{"error":"access_denied","error_description":"Unauthorized"}`, "fepft"},
		{"unknown client", []string{"client_id", "nobody"}, 401, `{"error":"access_denied","error_description":"Unauthorized"}`, "fepft"},
		{"no client", []string{"client_id", ""}, 400, `{"error":"invalid_request","error_description":"Missing required parameter: client_id"}`, "fepft"},
		{"no grant type", []string{"grant_type", ""}, 400, `{"error":"invalid_request","error_description":"Missing required parameter: grant_type"}`, "f"},
		{"no username", []string{"username", ""}, 400, `{"error":"invalid_request","error_description":"Missing required parameter: username"}`, "fepft"},
		{"no password", []string{"password", ""}, 400, `{"error":"invalid_request","error_description":"Missing required parameter: password"}`, "fepft"},
		{"no realm", []string{"grant_type", grantPasswordRealm}, 400, `{"error":"invalid_request","error_description":"Missing required parameter: realm"}`, "fepft"},
		{"realm in other letters", []string{"grant_type", grantPasswordRealm, "realm", "EMPLOYEES"}, 403, `{"error":"invalid_request","error_description":"Unknown realm 'EMPLOYEES'"}`, "fepft"},
		{"unknown audience", []string{"audience", "https://api.acme.test"}, 400, `{"error":"invalid_request","error_description":"invalid audience specified for password grant exchange"}`, "fepft"},
		{"unknown resource", []string{"audience", "", "resource", "https://x.test/"}, 400, `{"error":"invalid_request","error_description":"invalid audience specified for password grant exchange"}`, "fepft"},
		{"unknown grant", []string{"grant_type", "telepathy"}, 403, `{"error":"unsupported_grant_type","error_description":"Unsupported grant type: telepathy"}`, "f"},
		{"a grant of Auth0 that the application lacks", []string{"grant_type", "authorization_code"}, 403,
			`{"error":"unauthorized_client","error_description":"Grant type 'authorization_code' not allowed for the client.","error_uri":"https://auth0.com/docs/clients/client-grant-types"}`, "f"},
		{"no refresh token", []string{"grant_type", grantRefreshToken}, 400, `{"error":"invalid_request","error_description":"Missing required parameter: refresh_token"}`, "fertft"},
		{"unknown refresh token", []string{"grant_type", grantRefreshToken, "refresh_token", "v1.abc"}, 403, `{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}`, "fertft"},
		{"no OTP", []string{"grant_type", grantMFAOTP, "mfa_token", "x"}, 400, `{"error":"invalid_request","error_description":"Missing required parameter: otp"}`, "feotpft"},
		{"malformed mfa_token", []string{"grant_type", grantMFAOTP, "mfa_token", "x", "otp", "1"}, 401, `{"error":"invalid_grant","error_description":"Malformed mfa_token"}`, "feotpft"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f := start(t, "works")
			r := f.login(row.change...)
			if r.Status != row.status || r.Body != row.body {
				t.Errorf("%d %s", r.Status, r.Body)
			}
			if f.events() != row.log {
				t.Errorf("log %q, want %q", f.events(), row.log)
			}
		})
	}
}

func TestUnusualBodies(t *testing.T) {
	f := start(t, "works")
	rows := []struct{ name, kind, body, says string }{
		{"a scope that is a number", "application/json", `{"grant_type":"password","scope":5}`, "invalid_scope Scope must be an array or a string"},
		{"a scope that is an object", "application/json", `{"grant_type":"password","scope":{}}`, "invalid_scope Scope must be an array or a string"},
		{"an array of numbers", "application/json", `{"grant_type":"password","scope":[1]}`, "invalid_scope Scope must be an array or a string"},
		{"half a JSON", "application/json", `{"grant_type":`, "invalid_request Malformed JSON body"},
		{"an array", "application/json", `[]`, "invalid_request Malformed JSON body"},
		{"two objects", "application/json", `{}{}`, "invalid_request Malformed JSON body"},
		{"a broken form", "application/x-www-form-urlencoded", `a=%zz`, "invalid_request Malformed form body"},
		{"a parameter twice", "application/x-www-form-urlencoded", `grant_type=password&grant_type=password`, "invalid_request Duplicate parameter: grant_type"},
		{"no type", "", `grant_type=password`, "invalid_request Missing required parameter: grant_type"},
		{"another type", "text/plain", `grant_type=password`, "invalid_request Missing required parameter: grant_type"},
		{"null", "application/json", `{"grant_type":null}`, "invalid_request Missing required parameter: grant_type"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := f.do(request("POST", "/oauth/token", row.kind, row.body))
			if got := r.text("error") + " " + r.text("error_description"); r.Status != 400 || got != row.says {
				t.Errorf("%d %s", r.Status, r.Body)
			}
		})
	}
	if r := f.do(request("POST", "/oauth/token", "application/x-www-form-urlencoded", strings.Repeat("a", maxBody+1))); r.Status != 413 {
		t.Errorf("an oversized body: %d", r.Status)
	}
	if r := f.do(request("GET", "/oauth/token", "", "")); r.Status != 404 {
		t.Errorf("GET: %d", r.Status)
	}
	// Parameters in the URL do not count.
	r := f.do(request("POST", "/oauth/token?"+f.loginForm().Encode(), "application/x-www-form-urlencoded", ""))
	r.want(400, "invalid_request", "Missing required parameter: grant_type")
}

func TestClientCredentials(t *testing.T) {
	f := start(t, "works")
	ask := func(client, audience, scope string) *reply {
		return f.post("/oauth/token", form("grant_type", grantClientCredentials, "client_id", client, "client_secret", f.set.app(client).secret,
			"audience", audience, "scope", scope))
	}
	r := ask(mainClient, mainAudience, "").ok()
	if r.text("scope") != "read:sample read:orders" || r.JSON["id_token"] != nil || r.JSON["refresh_token"] != nil {
		t.Errorf("%s", r.Body)
	}
	_, body, order := claims(t, r.text("access_token"))
	if strings.Join(order, " ") != "iss sub aud iat exp azp scope gty" || body["sub"] != mainClient+"@clients" || body["gty"] != "client-credentials" {
		t.Errorf("%v %v", order, body)
	}
	f.get("/api/orders", r.text("access_token")).ok()
	if got := ask(mainClient, mainAudience, "read:orders").ok().text("scope"); got != "read:orders" {
		t.Errorf("%s", got)
	}
	ask(mainClient, mainAudience, "read:orders write:orders admin").want(403, "access_denied", "Client has not been granted scopes: write:orders admin")
	ask(mainClient, "https://nobody.test/", "").want(403, "access_denied", "Service not found: https://nobody.test/")
	ask(mainClient, "", "").want(403, "access_denied", "Non-global clients are not allowed access to APIv1")
	ask(weakClient, mainAudience, "").want(403, "access_denied", `Client is not authorized to access "`+mainAudience+`". You need to create a "client-grant" associated to this API. See: https://auth0.com/docs/api/management/v2/client-grants/post-client-grants`)

	assertion := form("grant_type", grantClientCredentials, "client_assertion_type", assertionType, "client_assertion", f.assertion(nil), "audience", mainAudience)
	r = f.post("/oauth/token", assertion).ok()
	if _, has := r.JSON["scope"]; has {
		t.Errorf("a client grant without scopes: %s", r.Body)
	}
	f.post("/oauth/token", form("grant_type", grantClientCredentials, "client_id", publicClient, "audience", mainAudience)).
		want(403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client.")
}

func TestHeaders(t *testing.T) {
	f := start(t, "works")
	good, bad := f.login().ok(), f.login("password", "x")
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache",
		"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding, Origin",
		"Date": f.clock.now().Format(http.TimeFormat), "Content-Length": strconv.Itoa(len(good.Body))} {
		if got := good.Header.Get(name); got != want {
			t.Errorf("success: %s: %q", name, got)
		}
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": noCaching, "Pragma": "", "Vary": "Origin, Accept-Encoding", "Content-Length": "72"} {
		if got := bad.Header.Get(name); got != want {
			t.Errorf("error: %s: %q", name, got)
		}
	}
	if id := good.Header.Get("X-Auth0-RequestId"); len(id) != 20 {
		t.Errorf("X-Auth0-RequestId %q", id)
	}
	cookies := good.Header.Values("Set-Cookie")
	if len(cookies) != 2 || !strings.HasPrefix(cookies[0], "did=") || !strings.HasSuffix(cookies[0], "; Max-Age=31557600; Path=/; HttpOnly; Secure; SameSite=None") {
		t.Errorf("cookies %q", cookies)
	}
}

func TestRateHeaders(t *testing.T) {
	f := start(t, "works")
	check := func(r *reply, used int) {
		t.Helper()
		now := f.clock.now()
		want := fmt.Sprintf("100 %d %d", 100-used, now.Add(time.Duration(used)*864*time.Second).Unix())
		if got := r.Header.Get("X-RateLimit-Limit") + " " + r.Header.Get("X-RateLimit-Remaining") + " " + r.Header.Get("X-RateLimit-Reset"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	check(f.login(), 1)
	check(f.login("password", "x"), 2)
	check(f.login("audience", "x"), 2) // a bad audience takes nothing
	check(f.login("client_secret", "x"), 2)
	f.clock.add(864 * time.Second)
	check(f.login("audience", "x"), 1)
	if r := f.refresh("x"); r.Header.Get("X-RateLimit-Limit") != "" {
		t.Error("a refresh tells the bucket of logins")
	}
	for range 150 {
		f.login().ok()
	}
	if r := f.login().ok(); r.Header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%v", r.Header)
	}
}

func TestRateLimited(t *testing.T) {
	r := start(t, "rate-limited").login()
	if r.Header.Get("Retry-After") != "30" || r.Header.Get("Auth0-RateLimit") != "client;q=10;t=60;r=0" {
		t.Errorf("%v", r.Header)
	}
}

func TestOrderOfJSONMembers(t *testing.T) {
	got := encode(fields{{"b", 1}, {"a", []fields{{{"z", "<&>"}, {"y", nil}}}}})
	if string(got) != `{"b":1,"a":[{"z":"<&>","y":null}]}` || !json.Valid(got) {
		t.Errorf("%s", got)
	}
}

// TestDocumentedCommandLines sends what Auth0's documentation gives for curl.
func TestDocumentedCommandLines(t *testing.T) {
	f := start(t, "works")
	secret := f.set.apps[0].secret
	body := "grant_type=password&username=" + mainUser + "&password=" + f.set.main().password + "&audience=" + mainAudience +
		"&scope=read:sample&client_id=" + mainClient + "&client_secret=" + secret
	r := f.do(request("POST", "/oauth/token", "application/x-www-form-urlencoded", body)).ok()
	if r.text("scope") != "read:sample" {
		t.Errorf("%s", r.Body)
	}
	offline := f.login("scope", "offline_access").ok().text("refresh_token")
	f.post("/oauth/token", form("grant_type", "refresh_token", "client_id", mainClient, "refresh_token", offline)).want(401, "access_denied", "Unauthorized")
	f.post("/oauth/token", form("grant_type", "refresh_token", "client_id", mainClient, "client_secret", secret, "refresh_token", offline)).ok()
	public := f.login("scope", "offline_access", "client_id", publicClient, "client_secret", "").ok().text("refresh_token")
	f.post("/oauth/token", form("grant_type", "refresh_token", "client_id", publicClient, "refresh_token", public)).ok()
}
