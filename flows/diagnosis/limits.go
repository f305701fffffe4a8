package diagnosis

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxWait bounds what a server can make anyone wait.
const maxWait = 366 * 24 * time.Hour

// refill is how long Auth0's bucket of login attempts per address takes to
// regain one attempt (suspicious IP throttling: one per 864000 ms).
const refill = 864 * time.Second

// RetryAfter is how long to wait before the next request, from Retry-After
// (seconds or a date, RFC 9110 section 10.2.3) or, where no attempt is left,
// X-RateLimit-Reset. A date is held against the reply's own Date header if it
// has one, so that a wrong clock does not matter, else against now. For
// Auth0's bucket of login attempts, whose Reset is when it is full again, it is
// the time to the next attempt. ok is false when the headers say nothing.
func RetryAfter(h http.Header, now time.Time) (wait time.Duration, ok bool) {
	if d, err := http.ParseTime(h.Get("Date")); err == nil {
		now = d
	}
	if v := strings.TrimSpace(h.Get("Retry-After")); v != "" {
		if n, ok := digits(v); ok {
			return bound(time.Duration(n) * time.Second), true
		}
		if t, err := http.ParseTime(v); err == nil && !now.IsZero() {
			return bound(t.Sub(now)), true
		}
	}
	b, ok := LoginBucket(h)
	if !ok || b.Remaining > 0 || b.Reset.IsZero() || now.IsZero() {
		return 0, false
	}
	return bound(b.Next(now)), true
}

func bound(d time.Duration) time.Duration { return min(max(d, 0), maxWait) }

// digits reads a number of seconds; too large ones are cut to maxWait.
func digits(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if most := int64(maxWait / time.Second); err != nil || n > most {
		n = most
	}
	return n, true
}

// Bucket is a count of attempts as X-RateLimit-* headers tell it.
type Bucket struct {
	Limit, Remaining int
	// Reset is when the bucket is full again; zero when the reply does not say.
	Reset time.Time
}

// LoginBucket reads X-RateLimit-Limit, -Remaining and -Reset. On replies of
// Auth0's token endpoint to the password grants this is the bucket of login
// attempts of the caller's address (100, regaining one every 864 s); elsewhere
// it is that endpoint's own rate limit. ok is false without the two counts.
func LoginBucket(h http.Header) (b Bucket, ok bool) {
	limit, ok1 := count(h.Get("X-RateLimit-Limit"))
	left, ok2 := count(h.Get("X-RateLimit-Remaining"))
	if !ok1 || !ok2 || limit == 0 {
		return Bucket{}, false
	}
	b = Bucket{Limit: limit, Remaining: min(left, limit)}
	if n, err := strconv.ParseInt(strings.TrimSpace(h.Get("X-RateLimit-Reset")), 10, 64); err == nil && n > 0 && n < 1<<40 {
		if n < 1e9 { // some servers count seconds from now
			if d, err := http.ParseTime(h.Get("Date")); err == nil {
				b.Reset = d.Add(time.Duration(n) * time.Second)
			}
		} else {
			b.Reset = time.Unix(n, 0)
		}
	}
	return b, true
}

func count(s string) (int, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	return int(n), err == nil
}

// Next is how long until there is one attempt more. Where the headers have the
// shape of the login bucket (Reset is 864 s ahead for each attempt used) that
// is one refill; else Reset.
func (b Bucket) Next(now time.Time) time.Duration {
	if b.Reset.IsZero() {
		return 0
	}
	wait := b.Reset.Sub(now)
	full := refill * time.Duration(b.Limit-b.Remaining)
	if off := wait - full; off > -refill && off < 10*time.Second && full > 0 {
		return min(max(wait, 0), refill)
	}
	return max(wait, 0)
}

// Low reports whether so few attempts are left that one should stop trying: a
// tenth of the limit or less.
func (b Bucket) Low() bool { return b.Remaining*10 <= b.Limit }
