package tenant

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// mfaLogin logs in and returns the mfa_token.
func (f *fixture) mfaLogin(kv ...string) string {
	f.Helper()
	return f.login(kv...).want(403, "mfa_required", "Multifactor authentication required").text("mfa_token")
}

func (f *fixture) client(kv ...string) url.Values {
	return form(append([]string{"client_id", mainClient, "client_secret", f.set.apps[0].secret}, kv...)...)
}

func (f *fixture) mfaGrant(grant, token string, kv ...string) *reply {
	f.Helper()
	return f.post("/oauth/token", f.client(append([]string{"grant_type", grant, "mfa_token", token}, kv...)...))
}

func (f *fixture) code() string {
	f.Helper()
	code, err := OTP(f.set.main().otpSecret, f.clock.now())
	if err != nil {
		f.Fatal(err)
	}
	return code
}

func wrong(code string) string { return string('0'+('9'-code[0])) + code[1:] }

func (f *fixture) authenticators(token string) []map[string]any {
	f.Helper()
	r := f.get("/mfa/authenticators", token).ok()
	var list []map[string]any
	if err := json.Unmarshal([]byte(r.Body), &list); err != nil || r.Header.Get("Content-Type") != jsonUTF8 {
		f.Fatalf("%v %s", err, r.Body)
	}
	return list
}

// TestTOTP is the SHA-1 column of RFC 6238, appendix B, cut to six digits.
func TestTOTP(t *testing.T) {
	secret := base32NoPad.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got, err := OTP(secret, time.Unix(at, 0)); err != nil || got != want {
			t.Errorf("at %d: %s, want %s (%v)", at, got, want, err)
		}
	}
	if _, err := OTP("no base32!", time.Unix(0, 0)); err == nil {
		t.Error("a secret that is no base32 is taken")
	}
}

func TestMFAOTP(t *testing.T) {
	f := start(t, "mfa-otp")
	token := f.mfaLogin()
	if !regexp.MustCompile(`^Fe26\.2\*SERVER_\d+\*[0-9a-f]{64}\*[\w-]+\*[\w-]+\*\d{13}\*[0-9a-f]{64}\*[\w-]+$`).MatchString(token) {
		t.Errorf("mfa_token %s", token)
	}
	list := f.authenticators(token)
	if len(list) != 2 || !strings.HasPrefix(list[0]["id"].(string), "totp|dev_") || list[0]["authenticator_type"] != "otp" || list[0]["active"] != true ||
		!regexp.MustCompile(`^recovery-code\|dev_\w{16}$`).MatchString(list[1]["id"].(string)) {
		t.Errorf("%v", list)
	}
	f.post("/mfa/challenge", f.client("mfa_token", token, "challenge_type", "otp")).ok()
	f.mfaGrant(grantMFAOTP, token, "otp", wrong(f.code())).want(403, "invalid_grant", "Invalid otp_code.")
	r := f.mfaGrant(grantMFAOTP, token, "otp", f.code()).ok()
	if r.text("scope") != "openid profile email read:sample read:orders offline_access" || r.text("refresh_token") == "" || r.text("id_token") == "" {
		t.Errorf("%s", r.Body)
	}
	f.get("/api/orders", r.text("access_token")).ok()
	f.refresh(r.text("refresh_token")).ok() // without MFA
	f.mfaGrant(grantMFAOTP, token, "otp", f.code()).want(401, "invalid_grant", "Malformed mfa_token")
	if got := f.events(); got != "mfar gd_auth_failed feotpft gd_auth_succeed seotpft sertft feotpft" {
		t.Errorf("log %s", got)
	}
}

func TestMFATooManyCodes(t *testing.T) {
	f := start(t, "mfa-otp")
	token := f.mfaLogin()
	for range 10 {
		f.mfaGrant(grantMFAOTP, token, "otp", wrong(f.code())).want(403, "invalid_grant", "Invalid otp_code.")
	}
	if r := f.mfaGrant(grantMFAOTP, token, "otp", f.code()); r.Status != 429 || r.text("error") != "too_many_attempts" {
		t.Errorf("%d %s", r.Status, r.Body)
	}
	f.clock.add(6 * time.Minute)
	f.mfaGrant(grantMFAOTP, token, "otp", f.code()).ok()
}

func TestMFAExpires(t *testing.T) {
	f := start(t, "mfa-sms")
	token := f.mfaLogin()
	oob := f.post("/mfa/challenge", f.client("mfa_token", token)).ok().text("oob_code")
	f.clock.add(5 * time.Minute)
	f.mfaGrant(grantMFAOOB, token, "oob_code", oob, "binding_code", f.lastCode()).want(401, "expired_token", "oob_code is expired")
	f.clock.add(5 * time.Minute)
	f.mfaGrant(grantMFAOOB, token, "oob_code", oob, "binding_code", f.lastCode()).want(401, "expired_token", "mfa_token is expired")
	f.get("/mfa/authenticators", token).want(401, "expired_token", "mfa_token is expired")
	f.post("/mfa/challenge", f.client("mfa_token", token)).want(401, "expired_token", "mfa_token is expired")

	g := start(t, "mfa-expired")
	if g.Profile().OTPSecret != g.set.main().otpSecret {
		t.Error("the profile goes on with the right secret")
	}
	g.mfaGrant(grantMFAOTP, g.mfaLogin(), "otp", g.code()).want(401, "expired_token", "mfa_token is expired")
}

func (f *fixture) lastCode() string {
	f.Helper()
	m := f.Phone().Messages()
	if len(m) == 0 {
		f.Fatal("no message was sent")
	}
	return m[len(m)-1].Code
}

func TestMFAMessages(t *testing.T) {
	for scenario, want := range map[string]struct{ channel, name, to string }{
		"mfa-sms":   {"sms", "XXXXXXXX0199", "+15555550199"},
		"mfa-email": {"email", "***@acme*****", mainUser},
	} {
		t.Run(scenario, func(t *testing.T) {
			f := start(t, scenario)
			token := f.mfaLogin()
			a := f.authenticators(token)[0]
			if a["authenticator_type"] != "oob" || a["oob_channel"] != want.channel || a["name"] != want.name {
				t.Errorf("%v", a)
			}
			changed := f.Phone().Changed()
			r := f.postJSON("/mfa/challenge", map[string]any{"mfa_token": token, "client_id": mainClient, "client_secret": f.set.apps[0].secret,
				"challenge_type": "oob", "authenticator_id": a["id"]}).ok()
			<-changed
			if strings.Join(keyOrder(t, r.Body), " ") != "challenge_type oob_code binding_method" || r.text("binding_method") != "prompt" {
				t.Errorf("%s", r.Body)
			}
			messages := f.Phone().Messages()
			m := messages[len(messages)-1]
			if m.To != want.to || m.Channel != want.channel || !strings.Contains(m.Text, m.Code) || len(m.Code) != 6 {
				t.Errorf("%+v", m)
			}
			oob := r.text("oob_code")
			f.mfaGrant(grantMFAOOB, token, "oob_code", oob).want(400, "invalid_request", "Missing required parameter: binding_code")
			f.mfaGrant(grantMFAOOB, token, "oob_code", oob, "binding_code", wrong(m.Code)).want(403, "invalid_grant", "Invalid binding_code.")
			f.mfaGrant(grantMFAOOB, f.mfaLogin(), "oob_code", oob, "binding_code", m.Code).want(400, "invalid_request", "The oob_code doesn't match the mfa_token")
			f.mfaGrant(grantMFAOOB, token, "oob_code", oob, "binding_code", m.Code).ok()
		})
	}
}

func TestMFAPush(t *testing.T) {
	f := startSet(t, func(s *settings) { s.requireFactors(factorPush) })
	challenge := func() (token, oob, id string) {
		token = f.mfaLogin()
		r := f.post("/mfa/challenge", f.client("mfa_token", token, "challenge_type", "oob")).ok()
		if _, has := r.JSON["binding_method"]; has {
			t.Errorf("%s", r.Body)
		}
		p := f.Phone().Pending()
		return token, r.text("oob_code"), p[len(p)-1].ID
	}
	token, oob, id := challenge()
	pending := f.mfaGrant(grantMFAOOB, token, "oob_code", oob)
	if pending.want(400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds."); len(pending.Body) != 122 {
		t.Errorf("%d bytes", len(pending.Body))
	}
	f.mfaGrant(grantMFAOOB, token, "oob_code", oob).want(400, "slow_down", "You are polling faster than allowed.")
	f.clock.add(time.Second)
	f.mfaGrant(grantMFAOOB, token, "oob_code", oob).want(400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds.")
	if !f.Phone().Approve(id) || f.Phone().Approve(id) || f.Phone().Deny(id) || f.Phone().Approve("x") {
		t.Error("a push is answered once")
	}
	f.mfaGrant(grantMFAOOB, token, "oob_code", oob).ok()

	token, oob, id = challenge()
	f.Phone().Deny(id)
	denied := f.mfaGrant(grantMFAOOB, token, "oob_code", oob)
	if denied.want(400, "access_denied", "MFA Authorization rejected."); len(denied.Body) != 75 {
		t.Errorf("%d bytes", len(denied.Body))
	}
	f.mfaGrant(grantMFAOOB, token, "oob_code", oob).want(400, "access_denied", "MFA Authorization rejected.")
}

func TestPushAnsweredByItself(t *testing.T) {
	f := start(t, "mfa-push")
	token := f.mfaLogin()
	oob := f.post("/mfa/challenge", f.client("mfa_token", token)).ok().text("oob_code")
	f.mfaGrant(grantMFAOOB, token, "oob_code", oob).want(400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds.")
	f.clock.add(3 * time.Second)
	if len(f.Phone().Pending()) != 0 {
		t.Error("the push still waits")
	}
	f.mfaGrant(grantMFAOOB, token, "oob_code", oob).ok()

	g := start(t, "mfa-rejected")
	token = g.mfaLogin()
	oob = g.post("/mfa/challenge", g.client("mfa_token", token)).ok().text("oob_code")
	g.mfaGrant(grantMFAOOB, token, "oob_code", oob).want(400, "access_denied", "MFA Authorization rejected.")
}

func TestMFARecovery(t *testing.T) {
	f := start(t, "mfa-recovery")
	r := f.login()
	if !strings.Contains(r.Body, `"mfa_requirements":{"challenge":[{"type":"recovery-code"},{"type":"otp"}]}`) {
		t.Errorf("%s", r.Body)
	}
	token, code := r.text("mfa_token"), f.Describe().Users[0].RecoveryCode
	f.mfaGrant(grantMFARecovery, token, "recovery_code", "AAAA").want(403, "invalid_grant", "Invalid recovery_code.")
	r = f.mfaGrant(grantMFARecovery, token, "recovery_code", strings.ToLower(code[:12])+" "+code[12:]).ok()
	next := r.text("recovery_code")
	if !regexp.MustCompile(`^[A-Z0-9]{24}$`).MatchString(next) || next == code {
		t.Errorf("%s", r.Body)
	}
	token = f.mfaLogin()
	f.mfaGrant(grantMFARecovery, token, "recovery_code", code).want(403, "invalid_grant", "Invalid recovery_code.")
	f.mfaGrant(grantMFARecovery, token, "recovery_code", next).ok()
}

func TestMFAEnrolOTP(t *testing.T) {
	f := start(t, "mfa-enrol")
	r := f.login()
	if !strings.Contains(r.Body, `"mfa_requirements":{"enroll":[{"type":"otp"}`) {
		t.Errorf("%s", r.Body)
	}
	token := r.text("mfa_token")
	if f.get("/mfa/authenticators", token).ok().Body != "[]" {
		t.Error("nothing is enrolled yet")
	}
	f.post("/mfa/challenge", f.client("mfa_token", token)).want(403, "association_required", "User is not enrolled. You must associate an authenticator first.")
	enrol := request("POST", "/mfa/associate", "application/json", `{"authenticator_types":["otp"]}`)
	enrol.Header.Set("Authorization", "Bearer "+token)
	r = f.do(enrol).ok()
	if got := strings.Join(keyOrder(t, r.Body), " "); got != "authenticator_type secret barcode_uri recovery_codes" {
		t.Errorf("%s", got)
	}
	uri, err := url.Parse(r.text("barcode_uri"))
	if err != nil || uri.Scheme != "otpauth" || uri.Host != "totp" || uri.Query().Get("secret") != r.text("secret") || len(r.text("secret")) != 32 {
		t.Errorf("%v %s", err, r.Body)
	}
	code, _ := OTP(r.text("secret"), f.clock.now())
	f.mfaGrant(grantMFAOTP, token, "otp", wrong(code)).want(403, "invalid_grant", "Invalid otp_code.")
	f.mfaGrant(grantMFAOTP, token, "otp", code).ok()
	token = f.mfaLogin()
	if list := f.authenticators(token); len(list) != 2 || list[0]["active"] != true {
		t.Errorf("%v", list)
	}
	again := request("POST", "/mfa/associate", "application/json", `{"authenticator_types":["otp"]}`)
	again.Header.Set("Authorization", "Bearer "+token)
	f.do(again).want(403, "access_denied", "User is already enrolled")
}

func TestMFAEnrolOutOfBand(t *testing.T) {
	for name, row := range map[string]struct{ body, members string }{
		"sms":   {`{"authenticator_types":["oob"],"oob_channels":["sms"],"phone_number":"+15555550177"}`, "authenticator_type binding_method recovery_codes oob_channel oob_code"},
		"email": {`{"authenticator_types":["oob"],"oob_channels":["email"]}`, "authenticator_type binding_method recovery_codes oob_channel oob_code"},
		"push":  {`{"authenticator_types":["oob"],"oob_channels":["auth0"]}`, "authenticator_type barcode_uri recovery_codes oob_channel oob_code"},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, "mfa-enrol")
			token := f.mfaLogin()
			r := request("POST", "/mfa/associate", "application/json", row.body)
			r.Header.Set("Authorization", "Bearer "+token)
			got := f.do(r).ok()
			if order := strings.Join(keyOrder(t, got.Body), " "); order != row.members {
				t.Errorf("%s", order)
			}
			params := []string{"oob_code", got.text("oob_code")}
			if name == "push" {
				p := f.Phone().Pending()[0]
				if !p.Enrol {
					t.Errorf("%+v", p)
				}
				f.Phone().Approve(p.ID)
			} else {
				params = append(params, "binding_code", f.lastCode())
			}
			f.mfaGrant(grantMFAOOB, token, params...).ok()
			list := f.authenticators(f.mfaLogin())
			active := 0
			for _, a := range list {
				if a["active"] == true {
					active++
				}
			}
			want := map[string]int{"sms": 3, "email": 2, "push": 3}[name] // with the recovery code; SMS and voice come as a pair, push with codes
			if active != want || len(list) != want {
				t.Errorf("%v", list)
			}
		})
	}
	f := start(t, "mfa-enrol")
	for body, says := range map[string]string{
		`{}`:                              "Missing required parameter: authenticator_types",
		`{"authenticator_types":["oob"]}`: "authenticator_types must be otp, or oob with oob_channels",
		`{"authenticator_types":["oob"],"oob_channels":["pigeon"]}`:   "oob_channels must be sms, voice, email or auth0",
		`{"authenticator_types":["oob"],"oob_channels":["sms"]}`:      "Missing required parameter: phone_number",
		`{"authenticator_types":["retina"],"oob_channels":["email"]}`: "authenticator_types must be otp, or oob with oob_channels",
	} {
		r := request("POST", "/mfa/associate", "application/json", body)
		r.Header.Set("Authorization", "Bearer "+f.mfaLogin())
		f.do(r).want(400, "invalid_request", says)
	}
	r := request("POST", "/mfa/associate", "application/json", `{"authenticator_types":["otp"]}`)
	f.do(r).want(401, "access_denied", "Unauthorized")
}

// TestMFAAPI uses an access token of the MFA API to list and remove factors.
func TestMFAAPI(t *testing.T) {
	f := startSet(t, func(s *settings) { s.requireFactors(factorOTP, factorSMS, factorVoice) })
	audience := f.Issuer() + "mfa/"
	token := f.mfaLogin("audience", audience, "scope", "enroll read:authenticators remove:authenticators")
	list := f.authenticators(token)
	remove := func(token, id string) *reply {
		r := request("DELETE", "/mfa/authenticators/"+url.PathEscape(id), "", "")
		r.Header.Set("Authorization", "Bearer "+token)
		return f.do(r)
	}
	remove(token, list[1]["id"].(string)).want(403, "insufficient_scope", "Insufficient scope, expected: remove:authenticators")
	r := f.mfaGrant(grantMFAOTP, token, "otp", f.code()).ok()
	if r.JSON["expires_in"] != float64(600) || r.text("scope") != "enroll read:authenticators remove:authenticators" {
		t.Errorf("%s", r.Body)
	}
	access := r.text("access_token")
	remove(access, "nobody").want(404, "not_found", "Authenticator not found")
	if got := remove(access, list[1]["id"].(string)).want(204, "", ""); got.Body != "" {
		t.Errorf("%q", got.Body)
	}
	if left := f.authenticators(access); len(left) != 1 { // the pair of SMS and voice is gone
		t.Errorf("%v", left)
	}
	plain := f.mfaGrant(grantMFAOTP, f.mfaLogin(), "otp", f.code()).ok().text("access_token")
	f.get("/mfa/authenticators", plain).want(401, "invalid_grant", "Malformed mfa_token")
}

func TestMFARefusals(t *testing.T) {
	f := start(t, "works")
	token := f.mfaLogin("username", mfaUser, "password", "Second-Factor-2026")
	list := f.authenticators(token)
	if len(list) != 5 {
		t.Errorf("%v", list)
	}
	f.get("/mfa/authenticators", "").want(401, "access_denied", "Unauthorized")
	f.get("/mfa/authenticators", "garbage").want(401, "invalid_grant", "Malformed mfa_token")
	f.post("/mfa/challenge", f.client()).want(400, "invalid_request", "Missing required parameter: mfa_token")
	f.post("/mfa/challenge", f.client("mfa_token", token, "client_secret", "x")).want(401, "access_denied", "Unauthorized")
	f.post("/mfa/challenge", form("mfa_token", token, "client_id", publicClient)).want(400, "invalid_request", "mfa_token not issued to this client")
	f.post("/mfa/challenge", f.client("mfa_token", token, "challenge_type", "retina")).
		want(401, "unsupported_challenge_type", "The user does not support any of the requested challenge types (retina). Supported type: otp, oob.")
	f.post("/mfa/challenge", f.client("mfa_token", token, "authenticator_id", "nobody")).want(401, "unsupported_challenge_type",
		"The user does not support any of the requested challenge types (otp, oob). Supported type: otp, oob.")
	if got := f.post("/mfa/challenge", f.client("mfa_token", token)).ok().Body; got != `{"challenge_type":"otp"}` {
		t.Errorf("%s", got)
	}
	f.mfaGrant(grantMFAOOB, token, "oob_code", "x").want(403, "invalid_grant", "Malformed oob_code")
	f.post("/oauth/token", form("grant_type", grantMFAOTP, "client_id", publicClient, "mfa_token", token, "otp", "1")).
		want(400, "invalid_request", "mfa_token not issued to this client")
	f.mfaGrant(grantMFAOTP, token, "otp", "1", "client_id", weakClient, "client_secret", f.set.app(weakClient).secret).
		want(403, "unauthorized_client", "Grant type '"+grantMFAOTP+"' not allowed for the client.")
	secret := f.set.users[1].otpSecret
	code, _ := OTP(secret, f.clock.now())
	r := f.mfaGrant(grantMFAOTP, token, "otp", code, "scope", "ignored").ok()
	if _, body, _ := claims(t, r.text("access_token")); body["sub"] != f.set.users[1].id {
		t.Errorf("%v", body)
	}
}
