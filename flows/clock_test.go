package flows

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// hands is a clock whose two hands are moved apart.
type hands struct {
	wall time.Time
	mono time.Duration
}

func (h *hands) clock() Clock {
	return Clock{Wall: func() time.Time { return h.wall }, Mono: func() time.Duration { return h.mono }}
}

func TestElapsed(t *testing.T) {
	for _, tc := range []struct {
		name          string
		wall, mono    time.Duration
		elapsed, jump time.Duration
	}{
		{"both go on", time.Minute, time.Minute, time.Minute, 0},
		{"a little apart", time.Minute + 5*time.Second, time.Minute, time.Minute + 5*time.Second, 0},
		{"the machine slept", time.Hour, time.Minute, time.Hour, 59 * time.Minute},
		{"the clock was set ahead", 10 * time.Minute, time.Second, 10 * time.Minute, 10*time.Minute - time.Second},
		{"the clock was set back", -time.Hour, time.Minute, time.Minute, -time.Hour - time.Minute},
		{"nothing happened", 0, 0, 0, 0},
	} {
		h := &hands{wall: time.Unix(1_700_000_000, 0), mono: time.Hour}
		c := h.clock()
		m := c.Now()
		h.wall, h.mono = h.wall.Add(tc.wall), h.mono+tc.mono
		if elapsed, jump := c.Elapsed(m); elapsed != tc.elapsed || jump != tc.jump {
			t.Errorf("%s: got %s and %s, want %s and %s", tc.name, elapsed, jump, tc.elapsed, tc.jump)
		}
	}
}

func TestSystemClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := SystemClock()
		m := c.Now()
		time.Sleep(time.Hour)
		if elapsed, jump := c.Elapsed(m); elapsed != time.Hour || jump != 0 {
			t.Errorf("%s, %s", elapsed, jump)
		}
		if w := c.Wall(); w != w.Round(0) {
			t.Error("the wall clock carries a monotonic reading: setting it would go unseen")
		}
	})
}

// TestWallClockStepsWhileAChallengeWaits: the server decides what has run out;
// ours only ends the polling.
func TestWallClockStepsWhileAChallengeWaits(t *testing.T) {
	h := &hands{wall: time.Unix(1_700_000_000, 0)}
	c, asked := mfaServer(t, map[string]string{"/mfa/authenticators": `[{"id":"push|1","authenticator_type":"oob","oob_channel":"auth0"}]`,
		"/mfa/challenge": `{"challenge_type":"oob","oob_code":"o"}`, "/oauth/token": `!{"error":"authorization_pending"}`})
	c.Clock = h.clock()
	poll := ask(c).Next.Do(t.Context(), nil).Next
	h.wall = h.wall.Add(-24 * time.Hour)
	if out := poll.Do(t.Context(), nil); out.Err != nil || out.Next == nil || len(asked()) != 4 {
		t.Errorf("set back: %v", out.Err)
	}
	h.wall = h.wall.Add(48 * time.Hour)
	if out := poll.Do(t.Context(), nil); out.Err == nil || len(asked()) != 4 {
		t.Errorf("set ahead: %v", out.Err)
	}
}

func TestServerOffset(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	for _, tc := range []struct {
		date string
		want time.Duration
		ok   bool
	}{
		{start.UTC().Format(http.TimeFormat), 0, true},
		{start.Add(time.Second).UTC().Format(http.TimeFormat), 0, true}, // half a second into the request, whole seconds
		{start.Add(10 * time.Minute).UTC().Format(http.TimeFormat), 10 * time.Minute, true},
		{start.Add(-10 * time.Minute).UTC().Format(http.TimeFormat), -10 * time.Minute, true},
		{"", 0, false}, {"yesterday", 0, false}, {"Fri, 31 Dec 9999 23:59:59 GMT", 1<<63 - 1, true}, {"Mon, 01 Jan 0001 00:00:00 GMT", -1 << 63, true},
	} {
		ex := Exchange{Status: 200, Header: http.Header{"Date": {tc.date}}, Start: Moment{Wall: start}, Timings: Timings{Total: time.Second}}
		got, ok := ex.ServerOffset()
		if d := got - tc.want; ok != tc.ok || d.Abs() > time.Second {
			t.Errorf("%s: got %s %t, want %s", tc.date, got, ok, tc.want)
		}
	}
	// A server that takes its time writes Date late, and its clock is right.
	slow := Exchange{Status: 200, Header: http.Header{"Date": {start.Add(19 * time.Second).UTC().Format(http.TimeFormat)}}, Start: Moment{Wall: start}, Timings: Timings{FirstByte: 20 * time.Second, Total: 20 * time.Second}}
	if off, ok := slow.ServerOffset(); !ok || off != 0 {
		t.Errorf("a slow server: %s", off)
	}
	// A long body says nothing about when Date was written.
	long := Exchange{Status: 200, Header: http.Header{"Date": {start.Add(-30 * time.Second).UTC().Format(http.TimeFormat)}}, Start: Moment{Wall: start}, Timings: Timings{FirstByte: 50 * time.Millisecond, Total: time.Minute}}
	if off, ok := long.ServerOffset(); !ok || off > -29*time.Second || off < -31*time.Second {
		t.Errorf("a long body: %s", off)
	}
	if _, ok := (Exchange{Header: http.Header{"Date": {start.UTC().Format(http.TimeFormat)}}}).ServerOffset(); ok {
		t.Error("an offset without a reply")
	}
}

func TestTOTPVectors(t *testing.T) {
	// RFC 6238 appendix B, SHA-1, cut to six digits; the secret is "12345678901234567890".
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		for _, s := range []Secret{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezd gnbv-gy3t qojq gezd gnbv gy3t qojq==="} {
			if got, err := TOTP(s, time.Unix(at, 0)); err != nil || got != want {
				t.Errorf("%d: %s, %v", at, got, err)
			}
		}
	}
	if _, err := TOTP("no base32 SECRET!", time.Now()); err == nil || len(err.Error()) > 60 {
		t.Errorf("%v", err)
	}
}
