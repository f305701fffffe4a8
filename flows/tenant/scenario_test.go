package tenant

import (
	"strings"
	"testing"
)

func TestScenariosAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for i, s := range Scenarios() {
		if i == 0 && s.Name != "works" {
			t.Error("works comes first")
		}
		if seen[s.Name] {
			t.Errorf("%s is there twice", s.Name)
		}
		seen[s.Name] = true
		if s.Title == "" || s.Teaches == "" || s.Run != runToken && s.Run != runRefresh || strings.ContainsAny(s.Name, " ._") {
			t.Errorf("%+v", s)
		}
		if !strings.HasSuffix(s.Teaches, ".") {
			t.Errorf("%s: a sentence ends in a full stop", s.Name)
		}
	}
	for _, name := range strings.Fields(`works realm-employees short-lived rfc9068 ps256-api rotated-key forwarded-for-trusted action-adds
		hs256-api no-audience offline-access-off rbac action-removes clock-ahead no-default-directory grant-not-allowed third-party-client
		unknown-realm connection-not-enabled connection-cannot-password unknown-audience client-grant-missing organizations-client
		action-denied redirect-impossible wrong-secret missing-secret unknown-client wrong-password mfa-otp mfa-push mfa-sms mfa-email
		mfa-recovery mfa-enrol mfa-wrong-code mfa-expired mfa-rejected user-blocked breached-password bot-detection suspicious-ip
		rate-limited brute-force custom-domain unknown-kid alg-none expired-token wrong-audience-token tenant-not-found gateway-502
		slow connection-reset refresh-grant-off refresh-rotating refresh-leeway refresh-reused refresh-expired refresh-idle
		refresh-user-deleted refresh-user-blocked`) {
		if !seen[name] {
			t.Errorf("scenario %s is missing", name)
		}
	}
}
