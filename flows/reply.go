package flows

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"authwalk/flows/rawjson"
)

// Tokens is a successful token reply (RFC 6749 section 5.1, OpenID Connect
// Core 3.1.3.3), and when it came.
type Tokens struct {
	AccessToken  Secret
	TokenType    string
	RefreshToken Secret
	IDToken      Secret
	// RecoveryCode is Auth0's new one after a recovery code was used.
	RecoveryCode Secret
	// ExpiresIn is in seconds; HasExpiresIn false: absent or not usable.
	ExpiresIn    int64
	HasExpiresIn bool
	// Scope is the granted scope; HasScope false: the member is absent.
	Scope    string
	HasScope bool
	// Oddities are what is wrong with a reply that still works.
	Oddities []string
	// Received is when the reply was complete.
	Received Moment
	// ServerOffset is how far the server's clock is ahead, by Date.
	ServerOffset    time.Duration
	HasServerOffset bool
	// Raw is the reply's body byte for byte.
	Raw []byte
	// Value is the body read.
	Value rawjson.Value
}

// readTokens reads the reply of a token request. An error is an *Error.
func readTokens(ex Exchange) (*Tokens, error) {
	v, problems, err := readObject(ex)
	if err != nil {
		return nil, err
	}
	t := &Tokens{Received: ex.End, Raw: ex.Body, Value: v}
	odd := func(format string, a ...any) { t.Oddities = append(t.Oddities, clip(fmt.Sprintf(format, a...))) }
	for _, p := range problems {
		odd("%s", p.String())
	}
	text := func(name string) (string, bool) {
		m, ok := v.Get(name)
		if ok && m.Kind() != rawjson.String {
			if m.Kind() != rawjson.Null {
				odd("%s is no string", name)
			}
			return "", false
		}
		return m.Str(), ok
	}
	secret := func(name string) Secret { s, _ := text(name); return Secret(s) }
	t.AccessToken, t.RefreshToken, t.IDToken, t.RecoveryCode = secret("access_token"), secret("refresh_token"), secret("id_token"), secret("recovery_code")
	if t.AccessToken == "" {
		return nil, shapeError(ex, fmt.Sprintf("the reply (%d) has neither an access_token nor an error", ex.Status))
	}
	if ex.Status < 200 || ex.Status > 299 {
		odd("the reply has tokens but its status is %d", ex.Status)
	}
	t.Scope, t.HasScope = text("scope")
	t.TokenType, _ = text("token_type")
	switch {
	case t.TokenType == "":
		odd("token_type is missing (RFC 6749 section 5.1 requires it); Bearer is assumed")
	case !strings.EqualFold(t.TokenType, "Bearer"):
		odd("token_type is %q, not Bearer: an API may want the token in another way", t.TokenType)
	}
	t.readExpiresIn(v, odd)
	t.ServerOffset, t.HasServerOffset = ex.ServerOffset()
	return t, nil
}

// readExpiresIn takes a number or a string of digits: there are servers that
// send the latter.
func (t *Tokens) readExpiresIn(v rawjson.Value, odd func(string, ...any)) {
	m, ok := v.Get("expires_in")
	var n int64
	var err error
	switch {
	case !ok || m.Kind() == rawjson.Null:
		odd("expires_in is missing: how long the token lasts is only known from exp, if it has one")
		return
	case m.Kind() == rawjson.Number:
		n, err = wholeSeconds(m.Number())
	case m.Kind() == rawjson.String:
		if n, err = wholeSeconds(strings.TrimSpace(m.Str())); err == nil {
			odd("expires_in is a string (%q), RFC 6749 section 5.1 has a number", m.Str())
		}
	default:
		err = errors.New("no number")
	}
	switch {
	case err != nil:
		odd("expires_in cannot be used: it is no whole number of seconds")
	case n < 0:
		odd("expires_in is negative (%d): the token is called expired from the start", n)
		t.ExpiresIn, t.HasExpiresIn = n, true
	default:
		t.ExpiresIn, t.HasExpiresIn = n, true
	}
}

func wholeSeconds(s string) (int64, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n > 1<<40 || n < -(1<<40) {
			return 0, strconv.ErrRange
		}
		return n, nil
	}
	f, err := strconv.ParseFloat(s, 64) // 3600.0, 3.6e3
	if err != nil || f != float64(int64(f)) || f > 1<<40 || f < -(1<<40) {
		return 0, errors.New("no whole number")
	}
	return int64(f), nil
}

// Lifetime is expires_in as a duration.
func (t *Tokens) Lifetime() (time.Duration, bool) {
	return time.Duration(t.ExpiresIn) * time.Second, t.HasExpiresIn
}
