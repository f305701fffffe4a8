package token

import (
	"fmt"
	"math"
	"strings"
	"time"

	"authwalk/flows/rawjson"
)

// timeClaims are the claims that hold a time.
var timeClaims = map[string]bool{
	"exp": true, "nbf": true, "iat": true, "auth_time": true, "updated_at": true, "created_at": true, "toe": true,
}

// IsTime reports whether a claim of that name holds a time.
func IsTime(name string) bool { return timeClaims[name] }

// Time reads the value of a time claim: a NumericDate (RFC 7519, 2: seconds
// since 1970, a fraction allowed), or ISO 8601 text as Auth0 writes updated_at.
func Time(v rawjson.Value) (time.Time, bool) {
	if s, ok := v.AsStr(); ok {
		t, err := time.Parse(time.RFC3339Nano, s)
		return t, err == nil
	}
	t, fault := numericDate(v)
	return t, fault == ""
}

// maxSeconds is the last second of the year 9999, past which no time can be
// written.
const maxSeconds = 253402300799

// numericDate reads a NumericDate; fault is a clause when it is none.
func numericDate(v rawjson.Value) (t time.Time, fault string) {
	if v.Kind() != rawjson.Number {
		return t, "is " + v.Kind().String() + ", not a number of seconds"
	}
	f, ok := v.Float64()
	switch {
	case !ok || math.Abs(f) > 1e17:
		return t, "is out of all range"
	case math.Abs(f) > maxSeconds:
		return t, "is out of range for seconds; it may be milliseconds"
	}
	whole, fraction := math.Modf(f)
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC(), ""
}

// Absolute writes a time in a zone, to the second, with the zone's name. A nil
// zone is UTC.
func Absolute(t time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format("2006-01-02 15:04:05 MST")
}

// Relative says how far a time is from now: "in 23 h 59 min", "2 min 3 s ago",
// "now".
func Relative(t, now time.Time) string {
	d := t.Sub(now).Round(time.Second)
	switch {
	case d == 0:
		return "now"
	case d > 0:
		return "in " + Span(d)
	}
	return Span(-d) + " ago"
}

// Span writes a duration with its two largest units: "1 d 3 h", "23 h 59 min",
// "45 s". Below a second it is "0 s"; the sign is dropped.
func Span(d time.Duration) string {
	seconds := int64(d.Abs().Round(time.Second) / time.Second)
	units := []struct {
		name    string
		seconds int64
	}{{"y", 365 * 86400}, {"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}}
	var parts []string
	for i, u := range units {
		n := seconds / u.seconds
		seconds %= u.seconds
		if n == 0 {
			if len(parts) > 0 {
				break
			}
			continue
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, u.name))
		if len(parts) == 2 || i == len(units)-1 {
			break
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}

// Life is a token's time from iat to exp.
type Life struct {
	From, To time.Time
	Known    bool    // both ends are readable and in order
	Elapsed  float64 // how much has passed, from 0 to 1
}

// LifeOf measures how much of a token's life has passed at now. Where there is
// no iat, nbf stands for it.
func LifeOf(claims rawjson.Value, now time.Time) Life {
	var l Life
	from, ok := claims.Get("iat")
	if !ok {
		from, _ = claims.Get("nbf")
	}
	to, _ := claims.Get("exp")
	start, faultFrom := numericDate(from)
	end, faultTo := numericDate(to)
	if faultFrom != "" || faultTo != "" || !end.After(start) {
		return l
	}
	l.From, l.To, l.Known = start, end, true
	l.Elapsed = min(1, max(0, now.Sub(start).Seconds()/end.Sub(start).Seconds()))
	return l
}
