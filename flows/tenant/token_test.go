package tenant

import (
	"strings"
	"testing"
)

func TestPasswordGrantReply(t *testing.T) {
	f := start(t, "works")
	r := f.login().ok()
	if got := strings.Join(keyOrder(t, r.Body), " "); got != "access_token refresh_token id_token scope expires_in token_type" {
		t.Errorf("members %s", got)
	}
	if got := r.text("scope"); got != "openid profile email read:sample read:orders offline_access" {
		t.Errorf("scope %q", got)
	}
	header, body, order := claims(t, r.text("access_token"))
	if header["alg"] != "RS256" || header["typ"] != "JWT" || header["kid"] == "" {
		t.Errorf("header %v", header)
	}
	if got := strings.Join(order, " "); got != "iss sub aud iat exp azp scope gty" {
		t.Errorf("claims in order %s", got)
	}
	if body["gty"] != "password" || body["azp"] != mainClient || body["iss"] != f.Issuer() {
		t.Errorf("claims %v", body)
	}
	if !f.verified(r.text("access_token")) || !f.verified(r.text("id_token")) {
		t.Error("a signature does not match the JWKS")
	}
	_, _, order = claims(t, r.text("id_token"))
	if got := strings.Join(order, " "); got != "nickname name picture updated_at email email_verified iss sub aud iat exp" {
		t.Errorf("ID token's claims in order %s", got)
	}
	if f.events() != "sepft" {
		t.Errorf("log %s", f.events())
	}
}
