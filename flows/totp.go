package flows

import (
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
)

// TOTP computes the code of a base32 secret at a time (RFC 6238, with the
// parameters Auth0 enrols: SHA-1, six digits, 30 s).
func TOTP(secret Secret, at time.Time) (string, error) {
	s := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(secret.Reveal()))
	code, err := totp.GenerateCode(s, at)
	if err != nil {
		return "", usagef("otp_secret", "the OTP secret is no base32 text")
	}
	return code, nil
}
