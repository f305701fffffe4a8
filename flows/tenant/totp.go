package tenant

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

const totpPeriod = 30

var base32NoPad = base32.StdEncoding.WithPadding(base32.NoPadding)

// totp is the code of six digits for the given step (RFC 6238 with SHA-1, six
// digits and 30 s, which is what Auth0 enrols).
func totp(secret string, step int64) (string, error) {
	key, err := base32NoPad.DecodeString(strings.TrimRight(strings.ToUpper(strings.ReplaceAll(secret, " ", "")), "="))
	if err != nil {
		return "", fmt.Errorf("the OTP secret is no base32: %w", err)
	}
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	m := hmac.New(sha1.New, key)
	m.Write(counter[:])
	sum := m.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[offset:offset+4]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1000000), nil
}

// checkTOTP accepts the code of this step, the one before and the one after, as
// clocks of phones differ.
func checkTOTP(secret, code string, now time.Time) bool {
	step := now.Unix() / totpPeriod
	ok := 0
	for _, s := range []int64{step - 1, step, step + 1} {
		if want, err := totp(secret, s); err == nil {
			ok |= subtle.ConstantTimeCompare([]byte(want), []byte(code))
		}
	}
	return ok == 1
}

// OTP computes the code that an authenticator application shows for a secret at
// that moment: the tests' and the demo's phone.
func OTP(secret string, at time.Time) (string, error) { return totp(secret, at.Unix()/totpPeriod) }
