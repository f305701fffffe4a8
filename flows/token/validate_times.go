package token

import (
	"fmt"
	"time"
)

// stamp writes a time as a check shows it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// date returns a claim that must be a NumericDate; when it reports false, the
// check is already made.
func (v *validation) date(name, want, spec string, required bool) (time.Time, bool) {
	c, has := v.t.Claims.Get(name)
	if !has {
		v.missing(name, want, spec, required)
		return time.Time{}, false
	}
	t, fault := numericDate(c)
	if fault != "" {
		v.add(name, Fail, want, shorten(c.Text(), 100), "It "+fault+".", spec)
		return time.Time{}, false
	}
	return t, true
}

// clock names the server's clock where it is what a time check trips over: when
// the check would have ended well by that clock. It is a sentence with a blank
// before it, or empty.
func (v *validation) clock(wellAt func(now time.Time) bool) string {
	offset := v.e.ClockOffset
	if !v.e.OffsetKnown || offset.Abs() <= time.Second || !wellAt(v.e.now().Add(offset)) {
		return ""
	}
	way := "ahead of"
	if offset < 0 {
		way = "behind"
	}
	return fmt.Sprintf(" The server's clock is %s %s this machine's (measured from the Date header); by the server's clock it is in order. Set the wrong one of the two.", Span(offset), way)
}

func (v *validation) exp() {
	spec := v.spec("OpenID Connect Core, 3.1.3.7, 9", "RFC 9068, 4", "RFC 7519, 4.1.4")
	now, leeway := v.e.now(), v.e.leeway()
	want := fmt.Sprintf("later than %s, with %s leeway", stamp(now), Span(leeway))
	if !v.t.Claims.Has("exp") && !v.strict {
		v.add("exp", Warn, want, "", "The token has no exp: it never ends. Auth0's tokens always have one.", spec)
		return
	}
	exp, ok := v.date("exp", want, spec, true)
	if !ok {
		return
	}
	well := func(now time.Time) bool { return now.Before(exp.Add(leeway)) }
	got := stamp(exp)
	switch {
	case !well(now):
		v.add("exp", Fail, want, got, "The token ended "+Relative(exp, now)+"."+v.clock(well), spec)
		return
	case !now.Before(exp):
		v.add("exp", Warn, want, got, "The token ended "+Relative(exp, now)+", within the leeway: readers without leeway refuse it."+v.clock(func(n time.Time) bool { return n.Before(exp) }), spec)
		return
	}
	if why := v.lifetime(exp); why != "" {
		v.add("exp", Warn, want, got, why, spec)
		return
	}
	v.add("exp", Pass, want, got, "The token ends "+Relative(exp, now)+".", spec)
}

// lifetimeSlack is how far `exp - iat` and expires_in may differ before it is
// told: the two are written within a second or two of each other.
const lifetimeSlack = 5 * time.Second

// lifetime holds exp - iat against the reply's expires_in (RFC 6749, 5.1).
func (v *validation) lifetime(exp time.Time) string {
	if v.id() || !v.e.HasExpiresIn || v.e.ExpiresIn <= 0 {
		return ""
	}
	iat, has := v.t.Claims.Get("iat")
	if !has {
		return ""
	}
	from, fault := numericDate(iat)
	if fault != "" {
		return ""
	}
	// Compared in seconds: a hostile expires_in would overflow a Duration.
	said, lives := float64(v.e.ExpiresIn), exp.Sub(from).Seconds()
	if diff := said - lives; diff <= lifetimeSlack.Seconds() && diff >= -lifetimeSlack.Seconds() {
		return ""
	}
	return fmt.Sprintf("exp - iat is %.0f s, but the reply's expires_in says %d s: clients and APIs will disagree on when it ends.", lives, v.e.ExpiresIn)
}

func (v *validation) nbf() {
	spec := "RFC 7519, 4.1.5"
	now, leeway := v.e.now(), v.e.leeway()
	want := fmt.Sprintf("not later than %s, with %s leeway", stamp(now), Span(leeway))
	nbf, ok := v.date("nbf", want, spec, false)
	if !ok {
		return
	}
	well := func(now time.Time) bool { return !nbf.After(now.Add(leeway)) }
	switch {
	case !well(now):
		v.add("nbf", Fail, want, stamp(nbf), "The token begins "+Relative(nbf, now)+"."+v.clock(well), spec)
	case nbf.After(now):
		v.add("nbf", Warn, want, stamp(nbf), "The token begins "+Relative(nbf, now)+", within the leeway: readers without leeway refuse it."+v.clock(func(n time.Time) bool { return !nbf.After(n) }), spec)
	default:
		v.add("nbf", Pass, want, stamp(nbf), "", spec)
	}
}

func (v *validation) iat() {
	spec := v.spec("OpenID Connect Core, 2 and 3.1.3.7, 10", "RFC 9068, 2.2", "RFC 7519, 4.1.6")
	now, leeway := v.e.now(), v.e.leeway()
	want := fmt.Sprintf("not later than %s, with %s leeway", stamp(now), Span(leeway))
	iat, ok := v.date("iat", want, spec, v.id() || v.t.rfc9068())
	if !ok {
		return
	}
	well := func(now time.Time) bool { return !iat.After(now.Add(leeway)) }
	if !well(now) {
		why := "The token was issued " + Relative(iat, now) + ", in the future: clock skew, the issuer's clock and this machine's differ."
		v.add("iat", Warn, want, stamp(iat), why+v.clock(well), spec)
		return
	}
	v.add("iat", Pass, want, stamp(iat), "Issued "+Relative(iat, now)+".", spec)
}

func (v *validation) authTime() {
	const spec = "OpenID Connect Core, 3.1.3.7, 13"
	now, leeway := v.e.now(), v.e.leeway()
	if !v.id() {
		v.add("auth_time", Skip, "", "", "An auth_time is checked in ID tokens.", spec)
		return
	}
	if v.e.MaxAge == nil {
		if !v.t.Claims.Has("auth_time") {
			v.add("auth_time", Skip, "", "", "No max_age was sent, so auth_time is optional.", spec)
			return
		}
		at, ok := v.date("auth_time", "a time in the past", spec, false)
		switch {
		case !ok:
		case at.After(now.Add(leeway)):
			v.add("auth_time", Warn, "a time in the past", stamp(at), "The login lies in the future: clock skew."+v.clock(func(n time.Time) bool { return !at.After(n.Add(leeway)) }), spec)
		default:
			v.add("auth_time", Pass, "a time in the past", stamp(at), "The user logged in "+Relative(at, now)+".", spec)
		}
		return
	}
	want := fmt.Sprintf("at most %d s before %s, with %s leeway", *v.e.MaxAge, stamp(now), Span(leeway))
	at, ok := v.date("auth_time", want, spec, true)
	if !ok {
		return
	}
	well := func(now time.Time) bool { return now.Sub(at).Seconds() <= float64(*v.e.MaxAge)+leeway.Seconds() }
	if !well(now) {
		v.add("auth_time", Fail, want, stamp(at), "The login is older than max_age allows."+v.clock(well), spec)
		return
	}
	v.add("auth_time", Pass, want, stamp(at), "The user logged in "+Relative(at, now)+".", spec)
}
