package tenant

import (
	"fmt"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// otpCodes are what Auth0 enrols: RFC 6238 with SHA-1, six digits and 30 s. The
// code before and the one after are good too, as clocks of phones differ.
var otpCodes = totp.ValidateOpts{Period: 30, Skew: 1, Digits: otp.DigitsSix}

func checkOTP(secret, code string, now time.Time) bool {
	ok, err := totp.ValidateCustom(code, secret, now, otpCodes)
	return ok && err == nil
}

// OTP computes the code that an authenticator application shows for a secret at
// that moment: the tests' and the demo's phone.
func OTP(secret string, at time.Time) (string, error) {
	code, err := totp.GenerateCodeCustom(secret, at, otpCodes)
	if err != nil {
		return "", fmt.Errorf("the OTP secret is no base32: %w", err)
	}
	return code, nil
}
