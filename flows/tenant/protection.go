package tenant

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The bucket of login attempts of one address (Auth0's docs, "Suspicious IP
// Throttling": 100 attempts, one more every 864,000 ms). The X-RateLimit headers
// of a password grant tell it.
const (
	loginBucket = 100
	loginRefill = 864 * time.Second
)

// The bucket of /userinfo calls of one user (free tenants).
const (
	userinfoBucket = 10
	userinfoRefill = 12 * time.Second
)

// bucket counts what is used up; it refills by one every interval.
type bucket struct {
	used float64
	at   time.Time
}

// fill lets time pass.
func (b *bucket) fill(now time.Time, every time.Duration) {
	if d := now.Sub(b.at); d > 0 {
		b.used = max(0, b.used-float64(d)/float64(every))
	}
	b.at = now
}

// take uses one up and reports whether there was one left of size.
func (b *bucket) take(now time.Time, size int, every time.Duration) bool {
	b.fill(now, every)
	if b.used+1 > float64(size) {
		return false
	}
	b.used++
	return true
}

func (t *Tenant) bucketOf(key string, now time.Time, used int) *bucket {
	b, ok := t.buckets.get(key)
	if !ok {
		b = &bucket{used: float64(used), at: now}
		t.buckets.put(key, b)
	}
	return b
}

// rateHeaders sets the X-RateLimit headers for a bucket.
func rateHeaders(h http.Header, now time.Time, size int, used float64, every time.Duration) {
	n := int(used + 0.999999) // a part of one counts as one
	h.Set("X-RateLimit-Limit", strconv.Itoa(size))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, size-n)))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(now.Add(time.Duration(used*float64(every))).Unix(), 10))
}

// loginHeaders tells the bucket of the exchange's address without taking from
// it.
func (t *Tenant) loginHeaders(x *exchange) {
	t.mu.Lock()
	b := t.bucketOf("ip "+x.ip, x.now, t.set.protection.bucketUsed)
	b.fill(x.now, loginRefill)
	used := b.used
	t.mu.Unlock()
	rateHeaders(x.w.Header(), x.now, loginBucket, used, loginRefill)
}

// address decides whose login this is: the address that auth0-forwarded-for
// names, if the application is trusted with it and proved itself by its client
// secret, else the one that the connection came from (Auth0's docs, "Avoid
// Common Issues with Resource Owner Password Flow and Attack Protection").
func (t *Tenant) address(x *exchange) {
	x.socketIP = t.clientIP(x.r)
	x.ip = x.socketIP
	if x.app == nil || !x.app.trustIP || !x.withSecret {
		return
	}
	if ip := net.ParseIP(strings.TrimSpace(x.r.Header.Get("auth0-forwarded-for"))); ip != nil {
		x.ip = ip.String()
	}
}

// throttle refuses what attack protection refuses before credentials are looked
// at. It counts the login attempt.
func (t *Tenant) throttle(x *exchange) *refusal {
	set := t.set.protection
	t.mu.Lock()
	defer t.mu.Unlock()
	left := t.bucketOf("ip "+x.ip, x.now, set.bucketUsed).take(x.now, loginBucket, loginRefill)
	if set.throttleIP && !left {
		e := refuse(429, "too_many_attempts", "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.")
		e.logged = []string{"limit_mu", "fepft"}
		return e
	}
	if set.loginsBurst > 0 {
		b := t.bucketOf("login "+x.ip+" "+userKey(x.connection, x.username), x.now, 0)
		if set.loginsUsed || !b.take(x.now, set.loginsBurst, time.Minute/time.Duration(set.loginsPerMin)) {
			// unverified: the wording.
			e := refuse(429, "too_many_logins", "Too many logins with the same username.")
			e.logged = []string{"limit_sul", "fepft"}
			return e
		}
	}
	if set.botDetection {
		return refuse(401, "requires_verification", "Suspicious request requires verification")
	}
	return nil
}

func failureKey(x *exchange) string { return x.ip + " " + userKey(x.connection, x.username) }

// failed is how many logins of this identifier from this address have failed in
// a row. What a scenario has counted before counts for the caller's own address
// only, not for one that auth0-forwarded-for names.
func (t *Tenant) failed(x *exchange) int {
	if n, ok := t.failures.get(failureKey(x)); ok {
		return n
	}
	if x.ip != x.socketIP {
		return 0
	}
	return t.set.protection.alreadyFailed[strings.ToLower(x.username)]
}

// login checks the credentials under brute-force protection: the block begins
// with the request after the threshold, and from then on the right password is
// refused too.
func (t *Tenant) login(x *exchange) *refusal {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed(x) >= t.set.protection.bruteForce {
		e := refuse(429, "too_many_attempts", "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your preferred contact method with instructions on how to unblock it.")
		e.logged = []string{"limit_wc", "fepft"}
		return e
	}
	u := t.users[userKey(x.connection, x.username)]
	strategy := ""
	if c, ok := t.set.connection(x.connection); ok {
		strategy = c.strategy
	}
	if u == nil || !sameSecret(x.params.get("password"), u.password) {
		t.failures.put(failureKey(x), t.failed(x)+1)
		e := refuse(403, "invalid_grant", "Wrong email or password.")
		if strategy == strategySMS {
			e.description = "Wrong phone number or verification code."
		}
		if u == nil {
			e.logged = []string{"fu", "fepft"}
		} else {
			e.logged = []string{"fp", "fepft"}
			x.user = u
		}
		return e
	}
	x.user = u
	if u.blocked {
		e := refuse(401, "unauthorized", "user is blocked")
		e.logged = []string{"f", "fepft"}
		return e
	}
	t.failures.put(failureKey(x), 0)
	if u.leaked && t.set.protection.breachDetected {
		e := refuse(401, "password_leaked", "This login attempt has been blocked because the password you're using was previously disclosed through a data breach (not in this application). Please check your email for more information.")
		e.logged = []string{"pwd_leak", "fepft"}
		return e
	}
	return nil
}
