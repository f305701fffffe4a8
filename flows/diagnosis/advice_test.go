package diagnosis

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestExpiredAtAPI: an API that says that the token has expired is believed,
// also when the token is not known, as explain meets it.
func TestExpiredAtAPI(t *testing.T) {
	for _, says := range []string{
		`error="invalid_token", error_description="jwt expired"`,
		`error="invalid_token", error_description="The token is expired"`,
		`error="invalid_token", error_description="token expired"`,
		`error="invalid_token", error_description="The token expired at '05/01/2025 10:00:00'"`,
		`error="invalid_token", error_description="Signature has expired"`,
		`error="invalid_token", error_description="\"exp\" claim timestamp check failed"`,
		`error="token_expired"`, `error="expired_token"`,
	} {
		ev, err := ParseRefusal([]byte("HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer " + says + "\n\n"))
		if err != nil {
			t.Errorf("%s: %v", says, err)
			continue
		}
		found := Diagnose(ev)
		complete(t, found)
		if f := found[0]; f.ID != TokenExpired {
			t.Errorf("%s: %s", says, f.ID)
		} else if !strings.Contains(f.Advice()[0], "new token") || !strings.Contains(strings.Join(f.Fix, " "), "clock") {
			t.Errorf("%s: %v", says, f.Fix)
		}
	}
	plain := Diagnose(Evidence{At: AtAPI, Reply: &Reply{Status: 401, Header: http.Header{}, Body: []byte(`{"message":"jwt expired"}`)}})
	if plain[0].ID != TokenExpired {
		t.Errorf("a body alone: %s", plain[0].ID)
	}
	other := Diagnose(Evidence{At: AtAPI, Reply: &Reply{Status: 401, Header: http.Header{"Www-Authenticate": {`Bearer error="invalid_token", error_description="jwt malformed"`}}}})
	if other[0].ID != TokenRefused {
		t.Errorf("jwt malformed: %s", other[0].ID)
	}
}

// TestNoLogEventAtAPI: the tenant logs nothing when an API refuses.
func TestNoLogEventAtAPI(t *testing.T) {
	for _, at := range []Place{AtAPI, AtUserInfo} {
		for _, h := range []string{"", `Bearer error="invalid_token"`, `Bearer error="insufficient_scope", scope="read:orders"`} {
			for _, status := range []int{401, 403} {
				ev := Evidence{At: at, Sent: Sent{AuthZero: Yes}, Reply: &Reply{Status: status, Header: http.Header{"Www-Authenticate": {h}}}, Issued: &Issued{AccessKind: "jws"}}
				for _, f := range Diagnose(ev) {
					if f.LogEvent != "" {
						t.Errorf("%s %d %q: log event %s", at, status, h, f.LogEvent)
					}
				}
			}
		}
	}
}

// TestNoSecretSent: post or basic without a secret is told from a wrong one.
func TestNoSecretSent(t *testing.T) {
	for _, auth := range []string{"post", "basic"} {
		ev := Evidence{Sent: Sent{Grant: GrantPassword, ClientAuth: auth, AuthZero: Yes, ClientID: "abc"}, Reply: &Reply{Status: 401, Body: []byte(errBody("access_denied", "Unauthorized"))}}
		f := Diagnose(ev)[0]
		if f.ID != ClientAuthFailed || f.Certainty != Likely || !strings.Contains(f.Title, "No client secret was sent") || !strings.Contains(f.Why, auth) {
			t.Errorf("%s: %+v", auth, f)
		}
	}
	ev, err := ParseRefusal([]byte("POST /oauth/token HTTP/1.1\nHost: a.eu.auth0.com\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=password&client_id=abc&client_secret=&username=u&password=p\n\nHTTP/1.1 401 Unauthorized\n\n" + errBody("access_denied", "Unauthorized")))
	if err != nil {
		t.Fatal(err)
	}
	if f := Diagnose(ev)[0]; !strings.Contains(f.Title, "No client secret was sent") {
		t.Errorf("an empty client_secret in a form: %+v", f)
	}
}

// TestRefusedClientIsNotCertain: no reply says by what the application failed,
// nor that its client_id is known; a denial without a reason says less still.
func TestRefusedClientIsNotCertain(t *testing.T) {
	for _, r := range []struct {
		body string
		sent Sent
		want Certainty
	}{
		{errBody("invalid_client", "Client authentication failed"), Sent{}, Certain}, // the code's own meaning (RFC 6749, 5.2), and nothing more
		{errBody("invalid_client", ""), Sent{Grant: GrantPassword, ClientAuth: "none", ClientID: "abc"}, Likely},
		{errBody("invalid_client", ""), Sent{Grant: GrantPassword, ClientAuth: "post", SecretSent: true, ClientID: "abc"}, Likely},
		{errBody("access_denied", "Unauthorized"), Sent{AuthZero: Yes}, Likely},
		{errBody("access_denied", ""), Sent{Grant: GrantPassword, ClientAuth: "post", ClientID: "abc"}, Possible},
	} {
		found := Diagnose(Evidence{Sent: r.sent, Reply: &Reply{Status: 401, Body: []byte(r.body)}})
		i := slices.IndexFunc(found, func(f Finding) bool { return f.ID == ClientAuthFailed })
		if i < 0 || found[i].Certainty != r.want {
			t.Errorf("%s, %+v: %+v, want %s", r.body, r.sent, found, r.want)
		}
		for _, f := range found {
			if f.ID == UnknownClient && (f.Certainty != Possible || !strings.Contains(f.Why, "may be this")) {
				t.Errorf("%s: %s %q", r.body, f.Certainty, f.Why)
			}
		}
	}
}

// TestActionOrScript: a text that is not known need not be an Action's: what a
// custom database's script says has nowhere been published.
func TestActionOrScript(t *testing.T) {
	f := Diagnose(Evidence{Sent: Sent{Grant: GrantPassword, AuthZero: Yes}, Reply: &Reply{Status: 403, Body: []byte(errBody("access_denied", "You are on no list"))}})[0]
	if f.ID != ActionDenied || f.Certainty != Likely || !strings.Contains(f.Why, "is known to write") || !strings.Contains(f.Why, "custom database's script") {
		t.Errorf("%+v", f)
	}
}

// TestSaysNoMoreThanIsKnown: sentences that once said more than the reply or
// Auth0's documentation does.
func TestSaysNoMoreThanIsKnown(t *testing.T) {
	bucket := http.Header{"X-Ratelimit-Limit": {"100"}, "X-Ratelimit-Remaining": {"2"}, "X-Ratelimit-Reset": {"1900000000"}}
	for _, r := range []struct {
		id          string
		status      int
		body        string
		form        string
		header      http.Header
		says, never string
	}{
		{ServerError, 500, errBody("server_error", "oops"), passwordForm, nil, "may have thrown", "this comes from"},
		{BotDetection, 401, errBody("requires_verification", ""), passwordForm, nil, "can show the CAPTCHA", "Log in once"},
		{FewAttemptsLeft, 403, errBody("invalid_grant", "Wrong email or password."), passwordForm, bucket, "unless it is off", ""},
		{RedirectImpossible, 403, errBody("consent_required", ""), passwordForm, nil, "consent is wanted", ""},
		{MFAWrongCode, 403, errBody("invalid_oob_code", ""), oobForm, nil, "oob_code is not accepted", "Enter the next code"},
		{MFAWrongCode, 403, errBody("invalid_grant", "Invalid recovery_code."), "", nil, "The recovery code is wrong", ""},
		{MFARequired, 403, `{"error":"mfa_required","mfa_token":"m"}`, refreshForm, nil, "At this refresh", "password were right"},
		{RateLimited, 429, errBody("too_many_attempts", ""), recForm, nil, "gd_recovery_rate_limit_exceed", "gd_otp"},
	} {
		ev := Evidence{Reply: &Reply{Status: r.status, Header: r.header, Body: []byte(r.body)}}
		readRequest(&ev.Sent, "POST", "https://acme.eu.auth0.com/oauth/token", http.Header{}, r.form)
		found := Diagnose(ev)
		i := slices.IndexFunc(found, func(f Finding) bool { return f.ID == r.id })
		if i < 0 {
			t.Errorf("%s: found %v", r.id, ids(found))
			continue
		}
		f := found[i]
		text := f.Title + " " + f.Why + " " + strings.Join(f.Fix, " ") + " " + f.LogEvent
		if !strings.Contains(text, r.says) || r.never != "" && strings.Contains(text, r.never) {
			t.Errorf("%s: %s", r.id, text)
		}
		complete(t, found)
	}
}

// TestErrorURINamesTheServer: a reply that points to Auth0's documentation is
// Auth0's, also where its text is anybody's.
func TestErrorURINamesTheServer(t *testing.T) {
	const body = `{"error":"access_denied","error_description":"Too Many Requests","error_uri":"https://auth0.com/docs/policies/rate-limits"}`
	for _, r := range []struct {
		ev  Evidence
		own bool
	}{
		{Evidence{}, true},
		{Evidence{Sent: Sent{AuthZero: No}}, false},
		{Evidence{At: AtAPI}, false},
	} {
		r.ev.Reply = &Reply{Status: 429, Body: []byte(body)}
		f := Diagnose(r.ev)[0]
		if f.ID != RateLimited || slices.ContainsFunc(f.Where, InDashboard) != r.own {
			t.Errorf("%+v: %+v", r.ev.Sent, f)
		}
	}
}

// TestNoLogEventForPending: whether a poll that came too early is logged is not
// known, and a refused enrolment or challenge is no wrong answer of a factor.
func TestNoLogEventForPending(t *testing.T) {
	for _, r := range rows {
		f := Diagnose(r.evidence())[0]
		switch f.ID {
		case MFAPending, DevicePending:
			if f.LogEvent != "" {
				t.Errorf("%s: %s", r.name, f.LogEvent)
			}
		case MFANoFactor, MFAAlreadyEnrolled:
			if f.LogEvent != "mfar" {
				t.Errorf("%s: %s", r.name, f.LogEvent)
			}
		case UnknownAudience:
			if r.name == "E3c" { // an API of elsewhere is not to be made here
				if len(f.Tries) != 1 || f.Tries[0].Set["audience"] != "" || slices.ContainsFunc(f.Commands, func(x Command) bool { return x.Kind == KindTerraform }) {
					t.Errorf("%+v %+v", f.Tries, f.Commands)
				}
			} else if fix := strings.Join(f.Fix, " "); !strings.Contains(fix, "unless the tenant has a default audience") {
				t.Errorf("%s: %s", r.name, fix)
			}
		}
	}
}

// TestNoActionChangesAudience: aud and sub are reserved names, which an Action
// sets in vain, so it is not sent to look there.
func TestNoActionChangesAudience(t *testing.T) {
	for _, name := range []string{"aud", "sub"} {
		ev := Evidence{Sent: Sent{Grant: GrantPassword, AuthZero: Yes, Audience: "https://api.example/"}, Reply: &Reply{Status: 200, Body: []byte(`{"access_token":"x"}`)},
			Issued: &Issued{AccessKind: "jws", HasAudience: true, Checks: []Check{{Token: "access", Name: name, State: "fail", Want: "a", Got: "b"}}}}
		found := Diagnose(ev)
		if f := found[0]; f.ID != TokenInvalid || slices.ContainsFunc(f.Where, func(w string) bool { return strings.HasPrefix(w, "Actions") || strings.Contains(w, "Default Audience") }) || strings.Contains(strings.Join(f.Fix, " "), "Action or") {
			t.Errorf("%s: %+v", name, f)
		}
		complete(t, found)
	}
}

// TestOrganizationsBody: the text is Auth0's, so its body alone names the
// dashboard.
func TestOrganizationsBody(t *testing.T) {
	for _, says := range []string{"parameter organization is required for this client", "This client is configured for organizations; the password grant is not supported"} {
		ev, err := ParseRefusal([]byte(errBody("invalid_request", says)))
		if err != nil {
			t.Fatal(err)
		}
		f := Diagnose(ev)[0]
		if f.ID != OrganizationsClient || !slices.ContainsFunc(f.Where, InDashboard) || !strings.Contains(f.Why, "Organizations and the password grant") || strings.Contains(strings.Join(f.Fix, " "), "Both") {
			t.Errorf("%s: %+v", says, f)
		}
	}
}

// TestNoLinkForNetwork: no document helps with a name that does not exist.
func TestNoLinkForNetwork(t *testing.T) {
	f := Diagnose(Evidence{Fault: &Fault{Timeout: true, Stage: StageConnect, Host: "as.example"}})[0]
	if f.Link != "" || len(f.Where) != 1 || InDashboard(f.Where[0]) {
		t.Errorf("%+v", f)
	}
}

// TestOutside: what others wrote is told apart from our own words.
func TestOutside(t *testing.T) {
	ev := Evidence{Reply: &Reply{Status: 403, Body: []byte(errBody("invalid_grant", "the password tiger is wrong"))}}
	for _, f := range Diagnose(ev) {
		if !slices.Contains(f.Outside, "the password tiger is wrong") {
			t.Errorf("%s: %q", f.ID, f.Outside)
		}
	}
}
