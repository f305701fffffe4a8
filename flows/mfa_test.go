package flows_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"authwalk/flows"
	"authwalk/flows/tenant"
)

// at is a clock that stands until it is set.
type at struct {
	mu  sync.Mutex
	now time.Time
}

func (a *at) get() time.Time { a.mu.Lock(); defer a.mu.Unlock(); return a.now }

func (a *at) add(d time.Duration) { a.mu.Lock(); defer a.mu.Unlock(); a.now = a.now.Add(d) }

// mfaTenant serves a scenario in process, with one clock for both sides.
func mfaTenant(t *testing.T, name string, change func(*flows.Config)) (*tenant.Tenant, *flows.Client, *at) {
	t.Helper()
	clock := &at{now: time.Now()}
	s, ok := tenant.Lookup(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	tn, err := tenant.New(s, tenant.Options{Now: clock.get})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tn.Close() })
	cfg := config(tn.Profile())
	if change != nil {
		change(&cfg)
	}
	c, err := flows.NewClient(cfg, flows.ClientOptions{Transport: tn.RoundTripper(),
		Clock: flows.Clock{Wall: clock.get, Mono: func() time.Duration { return time.Duration(clock.get().UnixNano()) }}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return tn, c, clock
}

// login sends the password and gives the step that follows.
func login(t *testing.T, c *flows.Client) flows.Step {
	t.Helper()
	f, _ := flows.FlowByID(c.Config.Flow)
	s := f.Start(c)
	v := flows.Values{}
	for _, x := range s.Fields {
		v[x.Name] = x.Value
	}
	out := s.Do(t.Context(), v)
	if code(out.Err) != "mfa_required" || out.Next == nil {
		t.Fatalf("error %v, next %v", out.Err, out.Next)
	}
	return *out.Next
}

func code(err error) string {
	var e *flows.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// do takes a step that must go on to another.
func do(t *testing.T, s flows.Step, v flows.Values) flows.Step {
	t.Helper()
	out := s.Do(t.Context(), v)
	if out.Err != nil || out.Next == nil {
		t.Fatalf("%s: error %v, next %v", s.Title, out.Err, out.Next)
	}
	return *out.Next
}

// end takes a step that must bring tokens.
func end(t *testing.T, s flows.Step, v flows.Values) flows.Outcome {
	t.Helper()
	out := s.Do(t.Context(), v)
	if out.Err != nil || out.Tokens == nil {
		t.Fatalf("%s: error %v", s.Title, out.Err)
	}
	return out
}

// refused takes a step that must be refused and kept.
func refused(t *testing.T, s flows.Step, v flows.Values, want string) flows.Step {
	t.Helper()
	out := s.Do(t.Context(), v)
	if code(out.Err) != want || out.Next == nil {
		t.Fatalf("%s: error %v (%q), next %v", s.Title, out.Err, code(out.Err), out.Next)
	}
	return *out.Next
}

func other(t *testing.T, s flows.Step, title string) flows.Step {
	t.Helper()
	var titles []string
	for _, o := range s.Others {
		if strings.HasPrefix(o.Title, title) {
			return o.Step
		}
		titles = append(titles, o.Title)
	}
	t.Fatalf("%s: no %s among %q", s.Title, title, titles)
	return flows.Step{}
}

func field(t *testing.T, s flows.Step) flows.Field {
	t.Helper()
	if len(s.Fields) == 0 {
		t.Fatalf("%s asks nothing", s.Title)
	}
	return s.Fields[0]
}

func sent(t *testing.T, tn *tenant.Tenant) string {
	t.Helper()
	m := tn.Phone().Messages()
	if len(m) == 0 {
		t.Fatal("nothing was sent to the phone")
	}
	return m[len(m)-1].Code
}

func otp(t *testing.T, tn *tenant.Tenant, now time.Time) string {
	t.Helper()
	c, err := tenant.OTP(tn.Describe().Users[0].OTPSecret, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wrong(code string) string { return string('0'+('9'-code[0])) + code[1:] }

func TestMFAOTP(t *testing.T) {
	tn, c, clock := mfaTenant(t, "mfa-otp", nil)
	s := login(t, c)
	if f := field(t, s); f.Name != "otp" || f.Kind != flows.KindCode || !f.Required || s.Wait != 0 {
		t.Errorf("%+v, wait %s", f, s.Wait)
	}
	if left := s.Until.Sub(clock.get()); left != 10*time.Minute {
		t.Errorf("the step lasts %s", left)
	}
	right := otp(t, tn, clock.get())
	again := refused(t, s, flows.Values{"otp": wrong(right)}, "invalid_grant")
	if again.Title != s.Title || len(again.Fields) != 1 || !again.Until.Equal(s.Until) {
		t.Errorf("a wrong code changes the step: %v", again)
	}
	other(t, again, "Recovery code")
	if out := again.Do(t.Context(), flows.Values{"otp": "  "}); out.Next == nil || len(out.Exchanges) != 0 || out.Err == nil {
		t.Errorf("an empty code: %v, %d exchanges", out.Err, len(out.Exchanges))
	}
	out := end(t, again, flows.Values{"otp": " " + right[:3] + " " + right[3:] + "\n"})
	if a := out.Asked; a == nil || !a.MFA || a.MFAKind != "otp" || a.Grant != flows.GrantMFAOTP || a.Audience == "" {
		t.Errorf("asked %+v", a)
	}
}

func TestMFAOTPIsComputed(t *testing.T) {
	tn, c, clock := mfaTenant(t, "mfa-otp", nil)
	cfg := c.Config
	cfg.OTPSecret = flows.Secret(strings.ToLower(tn.Describe().Users[0].OTPSecret[:8]) + " " + tn.Describe().Users[0].OTPSecret[8:])
	s := login(t, c.WithConfig(cfg))
	if field(t, s).Required {
		t.Error("the code is required although it can be computed")
	}
	clock.add(3 * time.Minute)
	end(t, s, flows.Values{})

	cfg.OTPSecret = "not base32 1890"
	out := login(t, c.WithConfig(cfg)).Do(t.Context(), flows.Values{})
	var ue *flows.UsageError
	if !errors.As(out.Err, &ue) || out.Next == nil || len(out.Exchanges) != 0 || strings.Contains(out.Err.Error(), "1890") {
		t.Errorf("%v, next %v", out.Err, out.Next)
	}
}

func TestMFAPush(t *testing.T) {
	wait := func(t *testing.T) (*tenant.Tenant, flows.Step, string, *at) {
		tn, c, clock := mfaTenant(t, "mfa-push", nil)
		s := login(t, c)
		if len(s.Fields) != 0 || s.Wait != 0 || len(tn.Phone().Pending()) != 0 {
			t.Fatalf("the push is sent unasked: %v", s)
		}
		s = do(t, s, nil)
		if s.Wait != 5*time.Second || s.Until.Sub(clock.get()) != 5*time.Minute {
			t.Fatalf("wait %s, until %s", s.Wait, s.Until)
		}
		return tn, s, tn.Phone().Pending()[0].ID, clock
	}
	t.Run("approved", func(t *testing.T) {
		tn, s, id, _ := wait(t)
		s = do(t, s, nil)
		if s.Wait != 5*time.Second {
			t.Errorf("wait %s", s.Wait)
		}
		tn.Phone().Approve(id)
		out := end(t, s, nil)
		if !out.Exchanges[0].ByItself || out.Asked.MFAKind != "oob" {
			t.Error("a poll is not marked as sent by itself")
		}
	})
	t.Run("denied", func(t *testing.T) {
		tn, s, id, _ := wait(t)
		tn.Phone().Deny(id)
		out := s.Do(t.Context(), nil)
		if code(out.Err) != "access_denied" || out.Next != nil {
			t.Errorf("%v, next %v", out.Err, out.Next)
		}
	})
	t.Run("slow_down", func(t *testing.T) {
		_, s, _, clock := wait(t)
		s = do(t, s, nil)
		slower := do(t, s, nil) // at once: too fast
		if slower.Wait != s.Wait+5*time.Second || slower.Title != s.Title {
			t.Errorf("wait %s after %s", slower.Wait, s.Wait)
		}
		clock.add(time.Second)
		if kept := do(t, slower, nil); kept.Wait != slower.Wait {
			t.Errorf("wait %s after %s", kept.Wait, slower.Wait)
		}
	})
	t.Run("nobody answers", func(t *testing.T) {
		_, s, _, clock := wait(t)
		clock.add(5*time.Minute + time.Second)
		out := s.Do(t.Context(), nil)
		if code(out.Err) != "expired_token" || len(out.Exchanges) != 0 {
			t.Errorf("%v, %d exchanges", out.Err, len(out.Exchanges))
		}
	})
	t.Run("sent again", func(t *testing.T) {
		tn, s, id, _ := wait(t)
		s = do(t, other(t, s, "Send it again"), nil)
		for _, p := range tn.Phone().Pending() {
			if p.ID != id {
				tn.Phone().Approve(p.ID)
				end(t, s, nil)
				return
			}
		}
		t.Error("no second push")
	})
}

func TestMFAMessage(t *testing.T) {
	for _, name := range []string{"mfa-sms", "mfa-email"} {
		t.Run(name, func(t *testing.T) {
			tn, c, clock := mfaTenant(t, name, nil)
			s := login(t, c)
			if len(tn.Phone().Messages()) != 0 || !slices.Contains(s.Needs, "binding_code") {
				t.Fatal("a message is sent before anybody asked for it")
			}
			s = do(t, s, nil)
			right := sent(t, tn)
			s = refused(t, s, flows.Values{"binding_code": wrong(right)}, "invalid_grant")
			if out := s.Do(t.Context(), flows.Values{}); out.Err == nil || out.Next == nil || len(out.Exchanges) != 0 {
				t.Errorf("an empty code: %v", out.Err)
			}
			clock.add(5*time.Minute + time.Second) // the code has run out, the mfa_token has not
			s = refused(t, s, flows.Values{"binding_code": right}, "expired_token")
			if len(s.Fields) != 0 {
				t.Fatalf("%v does not offer to send another", s)
			}
			s = do(t, s, nil)
			end(t, s, flows.Values{"binding_code": sent(t, tn)})
		})
	}
}

func TestMFARecoveryCode(t *testing.T) {
	tn, c, _ := mfaTenant(t, "mfa-recovery", nil)
	right := tn.Describe().Users[0].RecoveryCode
	cfg := c.Config
	cfg.RecoveryCode = flows.Secret(right)
	if f := field(t, other(t, login(t, c.WithConfig(cfg)), "Recovery code")); f.Kind != flows.KindSecret || f.Value != right {
		t.Error("the profile's recovery code is shown in clear, or not at hand")
	}
	s := other(t, login(t, c), "Recovery code")
	if field(t, s).Kind != flows.KindCode {
		t.Error("a code that is typed cannot be seen")
	}
	s = refused(t, s, flows.Values{"recovery_code": "AAAA BBBB CCCC DDDD EEEE FFFF"}, "invalid_grant")
	if slices.ContainsFunc(s.Others, func(o flows.Choice) bool { return o.Title == "Recovery code" }) {
		t.Error("a recovery code is offered instead of a recovery code")
	}
	out := end(t, s, flows.Values{"recovery_code": right[:12] + " " + right[12:]})
	if len(out.Keep) != 1 || out.Keep[0].Kind != flows.NoteKeep || out.Keep[0].Text == right || out.Keep[0].Text != out.Tokens.RecoveryCode.Reveal() {
		t.Errorf("the new code is not kept: %d notes", len(out.Keep))
	}
	ses := flows.NewSession(c.Config)
	ses.Take(c, out)
	if len(ses.Keep) != 1 {
		t.Error("the session does not keep the new code")
	}
	// The new one is good, the old one is not.
	s = other(t, login(t, c), "Recovery code")
	s = refused(t, s, flows.Values{"recovery_code": right}, "invalid_grant")
	end(t, s, flows.Values{"recovery_code": out.Keep[0].Text})
}

func TestMFAAnotherFactor(t *testing.T) {
	tn, c, clock := mfaTenant(t, "mfa-otp", nil)
	s := other(t, login(t, c), "Recovery code")
	s = refused(t, s, flows.Values{"recovery_code": "nope"}, "invalid_grant")
	end(t, other(t, s, "Authenticator app"), flows.Values{"otp": otp(t, tn, clock.get())})
}

func notes(s flows.Step) map[flows.NoteKind]string {
	m := map[flows.NoteKind]string{}
	for _, n := range s.Shows {
		m[n.Kind] = n.Text
	}
	return m
}

func TestMFAEnrol(t *testing.T) {
	for _, tc := range []struct{ with, to string }{{"otp", ""}, {"sms", "+15555550177"}, {"voice", "+15555550177"}, {"email", ""}, {"email", "ann@example.com"}, {"auth0", ""}} {
		t.Run(tc.with, func(t *testing.T) {
			tn, c, clock := mfaTenant(t, "mfa-enrol", nil)
			s := login(t, c)
			if !s.Confirm || field(t, s).Name != "enrol_with" {
				t.Fatalf("%v", s)
			}
			if tc.with == "sms" {
				out := s.Do(t.Context(), flows.Values{"enrol_with": "sms", "enrol_to": " "})
				if out.Err == nil || out.Next == nil || len(out.Exchanges) != 0 {
					t.Errorf("SMS without a number: %v", out.Err)
				}
			}
			out := s.Do(t.Context(), flows.Values{"enrol_with": tc.with, "enrol_to": tc.to})
			if out.Err != nil || out.Next == nil || len(out.Keep) != 1 || out.Keep[0].Kind != flows.NoteKeep {
				t.Fatalf("error %v, next %v, keep %d", out.Err, out.Next, len(out.Keep))
			}
			s = *out.Next
			first := notes(s)
			if first[flows.NoteKeep] != out.Keep[0].Text || len(first[flows.NoteKeep]) != 24 {
				t.Error("the recovery codes are not shown")
			}
			// What is needed to enrol stays until the factor is confirmed.
			stays := func(s flows.Step) {
				t.Helper()
				if n := notes(s); n[flows.NoteQR] != first[flows.NoteQR] || n[flows.NoteSecret] != first[flows.NoteSecret] || n[flows.NoteKeep] != first[flows.NoteKeep] {
					t.Error("QR, secret or codes are gone after the first answer")
				}
				other(t, s, "Enrol in another way")
			}
			switch tc.with {
			case "otp":
				if !strings.HasPrefix(first[flows.NoteQR], "otpauth://totp/") || first[flows.NoteSecret] == "" {
					t.Errorf("%v", s)
				}
				right, _ := tenant.OTP(first[flows.NoteSecret], clock.get())
				s = refused(t, s, flows.Values{"otp": wrong(right)}, "invalid_grant")
				stays(s)
				end(t, s, flows.Values{"otp": right})
			case "auth0":
				if first[flows.NoteQR] == "" || s.Wait == 0 {
					t.Errorf("%v", s)
				}
				s = do(t, s, nil)
				stays(s)
				tn.Phone().Approve(tn.Phone().Pending()[0].ID)
				end(t, s, nil)
			default:
				s = refused(t, s, flows.Values{"binding_code": wrong(sent(t, tn))}, "invalid_grant")
				stays(s)
				end(t, s, flows.Values{"binding_code": sent(t, tn)})
			}
			if s := login(t, c); s.Confirm {
				t.Error("the factor was not enrolled")
			}
		})
	}
}

func TestMFATokenRunsOut(t *testing.T) {
	t.Run("before the first factor", func(t *testing.T) {
		_, c, _ := mfaTenant(t, "mfa-expired", nil)
		f, _ := flows.FlowByID("password")
		out := f.Start(c).Do(t.Context(), flows.Values{})
		if code(out.Err) != "expired_token" || out.Next != nil {
			t.Errorf("%v, next %v", out.Err, out.Next)
		}
	})
	t.Run("before the code", func(t *testing.T) {
		tn, c, clock := mfaTenant(t, "mfa-otp", nil)
		s := login(t, c)
		clock.add(10*time.Minute + time.Second)
		out := s.Do(t.Context(), flows.Values{"otp": otp(t, tn, clock.get())})
		if code(out.Err) != "expired_token" || out.Next != nil {
			t.Errorf("%v, next %v", out.Err, out.Next)
		}
	})
	t.Run("before the message", func(t *testing.T) {
		_, c, clock := mfaTenant(t, "mfa-sms", nil)
		s := login(t, c)
		clock.add(10*time.Minute + time.Second)
		out := s.Do(t.Context(), nil)
		if code(out.Err) != "expired_token" || out.Next != nil {
			t.Errorf("%v, next %v", out.Err, out.Next)
		}
	})
}

// counting counts requests to the token endpoint.
type counting struct {
	rt    http.RoundTripper
	polls atomic.Int64
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.rt.RoundTrip(r)
	if strings.HasSuffix(r.URL.Path, "/oauth/token") {
		c.polls.Add(1)
	}
	return res, err
}

// runner is a headless walk through a scenario, in fake time.
func runner(t *testing.T, name string, answers map[string]string, wait time.Duration, change func(*flows.Config)) (*tenant.Tenant, *counting, flows.Runner) {
	t.Helper()
	s, _ := tenant.Lookup(name)
	tn, err := tenant.New(s, tenant.Options{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	rt := &counting{rt: tn.RoundTripper()}
	cfg := config(tn.Profile())
	if change != nil {
		change(&cfg)
	}
	c, err := flows.NewClient(cfg, flows.ClientOptions{Transport: rt})
	if err != nil {
		t.Fatal(err)
	}
	r := flows.Runner{Client: c, Wait: wait}
	if answers != nil {
		r.Answer = func(_ flows.Step, f flows.Field) (string, bool) { a, ok := answers[f.Name]; return a, ok }
	}
	return tn, rt, r
}

func run(ctx context.Context, r flows.Runner) flows.Outcome {
	f, _ := flows.FlowByID("password")
	s := f.Start(r.Client)
	v := flows.Values{}
	for _, x := range s.Fields {
		v[x.Name] = x.Value
	}
	return r.Run(ctx, s, v)
}

var keys = tenant.NewKeys()

func TestRunnerWithoutAnswers(t *testing.T) {
	if _, err := keys.PEM(); err != nil { // made outside of fake time
		t.Fatal(err)
	}
	for _, name := range []string{"mfa-otp", "mfa-push", "mfa-sms", "mfa-email", "mfa-recovery", "mfa-enrol"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn, _, r := runner(t, name, nil, 0, nil)
				var all []flows.Outcome
				r.Took = func(o flows.Outcome) { all = append(all, o) }
				out := run(t.Context(), r)
				if code(out.Err) != "mfa_required" || out.Tokens != nil {
					t.Errorf("%v", out.Err)
				}
				if n := len(tn.Phone().Messages()); n != 0 {
					t.Errorf("%d messages were sent that nobody can answer", n)
				}
				if name != "mfa-enrol" && len(all[0].Factors) == 0 {
					t.Error("the factors are not told")
				}
			})
		})
	}
}

func TestRunnerWithAnswers(t *testing.T) {
	if _, err := keys.PEM(); err != nil {
		t.Fatal(err)
	}
	t.Run("otp", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			answers := map[string]string{}
			tn, _, r := runner(t, "mfa-otp", answers, 0, nil)
			answers["otp"] = otp(t, tn, time.Now())
			if out := run(t.Context(), r); out.Tokens == nil {
				t.Errorf("%v", out.Err)
			}
		})
	})
	t.Run("a wrong otp is sent once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, rt, r := runner(t, "mfa-otp", map[string]string{"otp": "000000", "recovery_code": "AAAA"}, time.Minute, nil)
			if out := run(t.Context(), r); code(out.Err) != "invalid_grant" || rt.polls.Load() != 2 {
				t.Errorf("%v, %d requests", out.Err, rt.polls.Load())
			}
		})
	})
	t.Run("recovery code", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			answers := map[string]string{}
			tn, _, r := runner(t, "mfa-recovery", answers, 0, nil)
			answers["recovery_code"] = tn.Describe().Users[0].RecoveryCode
			if out := run(t.Context(), r); out.Tokens == nil || len(out.Keep) != 1 {
				t.Errorf("%v", out.Err)
			}
		})
	})
	t.Run("sms asked for when it was sent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			tn, _, r := runner(t, "mfa-sms", nil, 0, nil)
			r.Answer = func(_ flows.Step, f flows.Field) (string, bool) {
				if m := tn.Phone().Messages(); len(m) > 0 {
					return m[0].Code, true
				}
				return "", f.Name == "binding_code"
			}
			if out := run(t.Context(), r); out.Tokens == nil {
				t.Errorf("%v", out.Err)
			}
		})
	})
	t.Run("a push is waited for", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { // it approves by itself after 3 s
			_, rt, r := runner(t, "mfa-push", nil, time.Minute, nil)
			start := time.Now()
			if out := run(t.Context(), r); out.Tokens == nil {
				t.Errorf("%v", out.Err)
			}
			if d := time.Since(start); d != 5*time.Second || rt.polls.Load() != 2 {
				t.Errorf("%d requests in %s", rt.polls.Load(), d)
			}
		})
	})
	t.Run("a push is not waited for longer than said", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, rt, r := runner(t, "mfa-push", nil, 4*time.Second, nil)
			if out := run(t.Context(), r); code(out.Err) != "mfa_required" || rt.polls.Load() != 1 {
				t.Errorf("%v, %d requests", out.Err, rt.polls.Load())
			}
		})
	})
	t.Run("a denied push ends it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, _, r := runner(t, "mfa-rejected", nil, time.Minute, nil)
			if out := run(t.Context(), r); code(out.Err) != "access_denied" {
				t.Errorf("%v", out.Err)
			}
		})
	})
	t.Run("nobody presses a confirmation", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, _, r := runner(t, "mfa-enrol", map[string]string{"enrol_with": "otp", "enrol_to": "", "otp": "1"}, 0, nil)
			if out := run(t.Context(), r); code(out.Err) != "mfa_required" {
				t.Errorf("%v", out.Err)
			}
		})
	})
}

// TestLeavingStopsThePolling leaves while a push is waited for: nothing is
// asked afterwards.
func TestLeavingStopsThePolling(t *testing.T) {
	if _, err := keys.PEM(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		_, rt, r := runner(t, "mfa-push", nil, time.Hour, nil)
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan flows.Outcome)
		go func() { result <- run(ctx, r) }()
		synctest.Wait() // between the challenge and the first poll
		before := rt.polls.Load()
		cancel()
		out := <-result
		var e *flows.Error
		if !errors.As(out.Err, &e) || e.Fault == nil || !e.Fault.Canceled {
			t.Errorf("%v", out.Err)
		}
		time.Sleep(time.Minute) // of fake time
		if n := rt.polls.Load(); n != before || n != 1 {
			t.Errorf("%d requests, then %d", before, n)
		}
	})
}

// TestRunnerPrefersWhatWasGiven does not bother a phone where a code is at hand,
// nor where nobody waits long enough to ask even once.
func TestRunnerPrefersWhatWasGiven(t *testing.T) {
	tokens := flows.Outcome{Tokens: &flows.Tokens{}}
	var took []string
	done := func(name string) func(context.Context, flows.Values) flows.Outcome {
		return func(context.Context, flows.Values) flows.Outcome { took = append(took, name); return tokens }
	}
	push := flows.Step{Title: "push", Polls: 5 * time.Second, Do: done("push")}
	otp := flows.Step{Title: "otp", Fields: []flows.Field{{Name: "otp", Required: true}}, Do: done("otp")}
	for _, tc := range []struct {
		name  string
		next  flows.Step
		given string
		wait  time.Duration
		want  string
	}{
		{"a code, push first", flows.Step{Others: []flows.Choice{{Step: push}, {Step: otp}}}, "123456", time.Minute, "otp"},
		{"a code, push alone at hand", flows.Step{Polls: push.Polls, Do: push.Do, Others: []flows.Choice{{Step: otp}}}, "123456", time.Minute, "otp"},
		{"no code", flows.Step{Others: []flows.Choice{{Step: otp}, {Step: push}}}, "", time.Minute, "push"},
		{"no code, a short wait", flows.Step{Others: []flows.Choice{{Step: otp}, {Step: push}}}, "", 4 * time.Second, ""},
		{"no code, no wait", push, "", 0, ""},
	} {
		took = nil
		c, err := flows.NewClient(flows.Config{Domain: "tenant.test"}, flows.ClientOptions{})
		if err != nil {
			t.Fatal(err)
		}
		r := flows.Runner{Client: c, Wait: tc.wait, Answer: func(flows.Step, flows.Field) (string, bool) { return tc.given, tc.given != "" }}
		out := r.Run(t.Context(), flows.Step{Do: func(context.Context, flows.Values) flows.Outcome { return flows.Outcome{Next: &tc.next} }}, nil)
		if strings.Join(took, " ") != tc.want || (out.Tokens != nil) != (tc.want != "") || tc.want == "" && !errors.Is(out.Err, flows.ErrNoAnswer) {
			t.Errorf("%s: took %q, error %v", tc.name, took, out.Err)
		}
	}
}

// TestMFAUnfinishedEnrolment begins an enrolment, leaves, and logs in again: a
// factor that was never confirmed is none, and one can enrol.
func TestMFAUnfinishedEnrolment(t *testing.T) {
	_, c, clock := mfaTenant(t, "mfa-enrol", nil)
	s := do(t, login(t, c), flows.Values{"enrol_with": "email"})
	if s.Title != "Code sent by e-mail" {
		t.Fatalf("%v", s)
	}
	s = login(t, c)
	if slices.ContainsFunc(s.Others, func(o flows.Choice) bool { return strings.HasPrefix(o.Title, "E-mail") }) {
		t.Error("the factor that was never confirmed is offered")
	}
	for _, o := range append([]flows.Choice{{Step: s}}, s.Others...) {
		if o.Step.Confirm {
			s = do(t, o.Step, flows.Values{"enrol_with": "otp"})
			code, _ := tenant.OTP(notes(s)[flows.NoteSecret], clock.get())
			end(t, s, flows.Values{"otp": code})
			return
		}
	}
	t.Error("one cannot enrol any more")
}
