package diagnosis

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

func head(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	stamp := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, r := range []struct {
		name string
		h    http.Header
		want time.Duration
		ok   bool
	}{
		{"none", head(), 0, false},
		{"seconds", head("Retry-After", "30"), 30 * time.Second, true},
		{"zero", head("Retry-After", " 0 "), 0, true},
		{"a date", head("Retry-After", date(time.Minute)), time.Minute, true},
		{"a date by the server's clock", head("Retry-After", date(time.Hour+time.Minute), "Date", date(time.Hour)), time.Minute, true},
		{"a past date", head("Retry-After", date(-time.Hour)), 0, true},
		{"huge", head("Retry-After", "99999999999999999999999"), maxWait, true},
		{"negative", head("Retry-After", "-5"), 0, false},
		{"nonsense", head("Retry-After", "soon"), 0, false},
		{"reset", head("X-RateLimit-Limit", "10", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", stamp(42*time.Second)), 42 * time.Second, true},
		{"reset with some left", head("X-RateLimit-Limit", "10", "X-RateLimit-Remaining", "1", "X-RateLimit-Reset", stamp(42*time.Second)), 0, false},
		{"nonsense, then reset", head("Retry-After", "soon", "X-RateLimit-Limit", "10", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", stamp(time.Second)), time.Second, true},
		{"login bucket, empty", head("X-RateLimit-Limit", "100", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", stamp(86400*time.Second)), refill, true},
		{"login bucket, soon one more", head("X-RateLimit-Limit", "100", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", stamp(86000*time.Second)), refill, true},
		{"relative reset", head("X-RateLimit-Limit", "10", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "7", "Date", date(0)), 7 * time.Second, true},
	} {
		got, ok := RetryAfter(r.h, now)
		if got != r.want || ok != r.ok {
			t.Errorf("%s: %v %v, want %v %v", r.name, got, ok, r.want, r.ok)
		}
	}
}

func TestLoginBucket(t *testing.T) {
	b, ok := LoginBucket(head("X-RateLimit-Limit", "100", "X-RateLimit-Remaining", "97", "X-RateLimit-Reset", "1630702766"))
	if !ok || b.Limit != 100 || b.Remaining != 97 || b.Reset.Unix() != 1630702766 || b.Low() {
		t.Errorf("%+v %v", b, ok)
	}
	if b, _ := LoginBucket(head("X-RateLimit-Limit", "100", "X-RateLimit-Remaining", "10")); !b.Low() || !b.Reset.IsZero() {
		t.Errorf("%+v", b)
	}
	for _, h := range []http.Header{head(), head("X-RateLimit-Limit", "x", "X-RateLimit-Remaining", "1"), head("X-RateLimit-Limit", "0", "X-RateLimit-Remaining", "0"), head("X-RateLimit-Limit", "5", "X-RateLimit-Remaining", "-1")} {
		if b, ok := LoginBucket(h); ok {
			t.Errorf("%v: %+v", h, b)
		}
	}
}
