package flows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"authwalk/flows/rawjson"
)

// The grants that answer mfa_required (Auth0, "Authenticate Using the Resource
// Owner Password Flow with MFA").
const (
	GrantMFAOTP      = "http://auth0.com/oauth/grant-type/mfa-otp"
	GrantMFAOOB      = "http://auth0.com/oauth/grant-type/mfa-oob"
	GrantMFARecovery = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
)

const (
	// mfaTokenLife is how long an mfa_token is good: Auth0 has ten minutes, fixed.
	mfaTokenLife = 10 * time.Minute
	// oobLife is how long a code that was sent is good, single use.
	oobLife = 5 * time.Minute
	// pollEvery is how often a push is asked about; a slow_down adds five
	// seconds (RFC 8628 section 3.5 has the same rule).
	pollEvery         = 5 * time.Second
	pollEveryLoopback = time.Second
	slowDown          = 5 * time.Second
)

// challenge is an MFA challenge under way: what every step of it needs.
type challenge struct {
	c       *Client
	cfg     Config
	base    string
	token   Secret
	until   time.Time
	factors []Factor
	asked   Asked
}

// afterMFA goes on where the tenant answered mfa_required: it lists the user's
// factors (by itself) and makes the step that follows.
func (c *Client) afterMFA(ctx context.Context, cfg Config, out Outcome) Outcome {
	var e *Error
	if !errors.As(out.Err, &e) || e.Code != "mfa_required" {
		return out
	}
	ends, ok := c.KnownEndpoints()
	if !ok || ends.MFA == "" || e.MFAToken == "" {
		return out // the mfa_token stays in the exchange, for going on by hand
	}
	m := challenge{c: c, cfg: cfg, base: ends.MFA, token: e.MFAToken, until: c.Clock.Wall().Add(mfaTokenLife)}
	if out.Asked != nil {
		m.asked = *out.Asked
	}
	ex := m.get(ctx, "/authenticators")
	out.Exchanges = append(out.Exchanges, ex)
	if err := readFactorsError(ex); err != nil {
		out.Err = err // the mfa_token is worthless already: there is nothing to go on with
		return out
	}
	m.factors = readFactors(ex)
	out.Factors = m.factors
	next := m.first()
	if ex.Status != http.StatusOK { // no list: offer what needs none
		next = m.otp(Factor{Type: "otp"})
		next.Others = append(m.choices("otp"), Choice{Title: "Recovery code", Step: m.recovery(false)})
	}
	out.Next = &next
	return out
}

func (m challenge) get(ctx context.Context, path string) Exchange {
	h := http.Header{"Authorization": {"Bearer " + m.token.Reveal()}, "Accept": {"application/json"}}
	return m.c.send(ctx, Request{Purpose: PurposeMFA, ByItself: true, Method: http.MethodGet, URL: m.base + path, Header: h}, nil)
}

// post sends a JSON body, as Auth0's documentation does for /mfa/….
func (m challenge) post(ctx context.Context, path string, h http.Header, f form, lists map[string][]string) Exchange {
	body := map[string]any{}
	for _, p := range f {
		body[p.name] = p.value
	}
	for k, v := range lists {
		body[k] = v
	}
	b, _ := json.Marshal(body) // strings alone: cannot fail
	h.Set("Content-Type", "application/json")
	h.Set("Accept", "application/json")
	return m.c.send(ctx, Request{Purpose: PurposeMFA, Method: http.MethodPost, URL: m.base + path, Header: h, Body: b}, nil)
}

// readFactors reads the list of authenticators; inactive ones do not count.
func readFactors(ex Exchange) []Factor {
	if ex.Status != http.StatusOK {
		return nil
	}
	v, _, err := rawjson.Parse(ex.Body)
	if err != nil || v.Kind() != rawjson.Array {
		return nil
	}
	var out []Factor
	for _, it := range v.Items() {
		text := func(n string) string { m, _ := it.Get(n); return m.Str() }
		if a, _ := it.Get("active"); !active(a) {
			continue
		}
		f := Factor{ID: text("id"), Type: text("authenticator_type"), Channel: text("oob_channel"), Name: text("name")}
		if f.Type != "" {
			out = append(out, f)
		}
	}
	return out
}

// readFactorsError finds the refusals after which no factor can be used.
func readFactorsError(ex Exchange) error {
	if ex.Status == http.StatusOK || ex.Fault != nil {
		return nil
	}
	_, _, err := readObject(ex)
	var e *Error
	if errors.As(err, &e) && e.Kind == ErrorOAuth && (e.Code == "expired_token" || strings.Contains(strings.ToLower(e.Description), "mfa_token")) {
		return e
	}
	return nil
}

// active is what an authenticator is unless it says otherwise.
func active(v rawjson.Value) bool {
	b, ok := v.Bool()
	return b || !ok
}

// Title says in words what the factor is.
func (f Factor) Title() string {
	t := map[string]string{"otp": "Authenticator app", "recovery-code": "Recovery code"}[f.Type]
	if f.Type == "oob" {
		t = map[string]string{"sms": "SMS", "voice": "Voice call", "email": "E-mail", "auth0": "Push notification"}[f.Channel]
	}
	if t == "" {
		t = strings.TrimSpace(f.Type + " " + f.Channel)
	}
	if f.Name != "" {
		t += " " + f.Name
	}
	return t
}

func (f Factor) push() bool { return f.Type == "oob" && f.Channel == "auth0" }

// first is the step right after mfa_required: the only factor there is, a
// choice of several, or enrolment.
func (m challenge) first() Step {
	var real []Factor
	for _, f := range m.factors {
		if f.Type != "recovery-code" {
			real = append(real, f)
		}
	}
	switch {
	case len(m.factors) == 0:
		return m.enrol(nil)
	case len(real) == 1:
		return m.factor(real[0])
	}
	return Step{
		Title:  "A second factor is needed",
		Shows:  []Note{{Text: "The password was right. The tenant wants one more proof."}},
		Until:  m.until,
		Others: m.choices(""),
	}
}

// choices lists the steps of all factors but the one with the id except.
func (m challenge) choices(except string) []Choice {
	var out []Choice
	recovery := false
	for _, f := range m.factors {
		recovery = recovery || f.Type == "recovery-code"
		if f.ID != except {
			out = append(out, Choice{Title: f.Title(), Step: m.bare(f)})
		}
	}
	if !recovery && except != "recovery" && len(m.factors) > 0 {
		out = append(out, Choice{Title: "Recovery code", Step: m.recovery(false)})
	}
	return out
}

// bare is a factor's step without the others beside it: they would nest
// without end. factor adds them when the step is taken.
func (m challenge) bare(f Factor) Step {
	switch {
	case f.Type == "otp":
		return m.otp(f)
	case f.Type == "recovery-code":
		return m.recovery(true)
	}
	return m.oob(f)
}

func (m challenge) factor(f Factor) Step {
	s := m.bare(f)
	s.Others = m.choices(f.ID)
	return s
}

// grant answers the challenge. A wrong code keeps the step, which retry makes
// again; an answer that is not there yet (a push) does too.
func (m challenge) grant(ctx context.Context, grant, kind string, f form, retry func(err *Error) *Step) Outcome {
	asked := m.asked
	asked.MFA, asked.MFAKind = true, kind
	params := form{{"mfa_token", m.token.Reveal()}}
	out := m.c.requestTokens(ctx, m.cfg, grant, append(params, f...), asked)
	out.Factors = m.factors
	var e *Error
	if errors.As(out.Err, &e) {
		out.Next = retry(e)
		if e.Code == "authorization_pending" || e.Code == "slow_down" {
			out.Err = nil
		}
	}
	if t := out.Tokens; t != nil && t.RecoveryCode != "" {
		out.Keep = []Note{{Kind: NoteKeep, Title: "Your new recovery code: it is shown once, keep it", Text: t.RecoveryCode.Reveal()}}
	}
	return out
}

// keepFor makes a step again unless the whole challenge is over.
func (m challenge) keepFor(s Step) func(*Error) *Step {
	return func(e *Error) *Step {
		d := strings.ToLower(e.Description)
		if e.Kind == ErrorOAuth && (e.Code == "expired_token" || strings.Contains(d, "mfa_token") || e.Code == "access_denied" || e.Code == "unauthorized_client" || strings.Contains(d, "rejected")) {
			return nil
		}
		return &s
	}
}

func (m challenge) otp(f Factor) Step {
	s := Step{
		Title:  "Code from the authenticator app",
		Fields: []Field{{Name: "otp", Label: "Code", Kind: KindCode, Required: true, Help: "six digits; a new one every 30 seconds"}},
		Until:  m.until,
		Others: nil,
	}
	if m.cfg.OTPSecret != "" {
		s.Fields[0].Help = "empty: computed from the profile's otp_secret"
		s.Fields[0].Required = false
	}
	s.Do = func(ctx context.Context, v Values) Outcome {
		code := v["otp"]
		if code == "" && m.cfg.OTPSecret != "" {
			var err error
			if code, err = TOTP(m.cfg.OTPSecret, m.c.Clock.Wall()); err != nil {
				return Outcome{Err: err, Next: &s, Factors: m.factors}
			}
		}
		again := s
		again.Others = m.choices(f.ID)
		return m.grant(ctx, GrantMFAOTP, "otp", form{{"otp", code}}, m.keepFor(again))
	}
	return s
}

func (m challenge) recovery(listed bool) Step {
	s := Step{
		Title:  "Recovery code",
		Shows:  []Note{{Text: "One of the codes kept at enrolment. It is used up, and a new one comes back."}},
		Fields: []Field{{Name: "recovery_code", Label: "Recovery code", Kind: KindCode, Required: true, Value: m.cfg.RecoveryCode.Reveal(), Help: "24 letters and digits"}},
		Until:  m.until,
	}
	s.Do = func(ctx context.Context, v Values) Outcome {
		again := s
		again.Others = m.choices("recovery")
		return m.grant(ctx, GrantMFARecovery, "recovery-code", form{{"recovery_code", v["recovery_code"]}}, m.keepFor(again))
	}
	return s
}

// oob challenges a phone or mailbox: it sends the message, then asks for the
// code or waits for the push.
func (m challenge) oob(f Factor) Step {
	s := Step{Title: "Send to " + f.Title(), Until: m.until}
	if !f.push() {
		s.Needs = []string{"binding_code"}
	}
	s.Do = func(ctx context.Context, _ Values) Outcome {
		h := http.Header{}
		p := form{{"mfa_token", m.token.Reveal()}, {"challenge_type", "oob"}, {"authenticator_id", f.ID}}
		ends, _ := m.c.KnownEndpoints()
		if err := m.cfg.authenticate(h, &p, ends.Issuer, ends.Token, m.c.Clock.Wall(), false); err != nil {
			return Outcome{Err: err}
		}
		ex := m.post(ctx, "/challenge", h, p, nil)
		out := Outcome{Exchanges: []Exchange{ex}, Factors: m.factors, Asked: m.askedFor("oob")}
		v, _, err := readObject(ex)
		if err != nil {
			out.Err = err
			out.Next = m.keepOrChoose(err, s, f.ID)
			return out
		}
		next := m.answerOOB(f, v)
		out.Next = &next
		return out
	}
	return s
}

func (m challenge) askedFor(kind string) *Asked {
	a := m.asked
	a.MFA, a.MFAKind = true, kind
	return &a
}

func (m challenge) keepOrChoose(err error, s Step, id string) *Step {
	var e *Error
	if errors.As(err, &e) {
		s.Others = m.choices(id)
		return m.keepFor(s)(e)
	}
	return nil
}

// answerOOB is what follows once something was sent.
func (m challenge) answerOOB(f Factor, v rawjson.Value) Step {
	text := func(n string) string { x, _ := v.Get(n); return x.Str() }
	code := text("oob_code")
	until := m.c.Clock.Wall().Add(oobLife)
	if m.until.Before(until) {
		until = m.until
	}
	if text("binding_method") != "prompt" {
		return m.poll(f, code, until, m.pollEvery())
	}
	s := Step{
		Title:  "Code sent by " + f.Title(),
		Fields: []Field{{Name: "binding_code", Label: "Code", Kind: KindCode, Required: true, Help: "the digits of the message"}},
		Until:  until,
		Others: m.choices(f.ID),
	}
	s.Do = func(ctx context.Context, v Values) Outcome {
		return m.grant(ctx, GrantMFAOOB, "oob", form{{"oob_code", code}, {"binding_code", v["binding_code"]}}, m.keepFor(s))
	}
	return s
}

func (m challenge) pollEvery() time.Duration {
	if IsLoopback(hostname(m.cfg.Origin())) {
		return pollEveryLoopback
	}
	return pollEvery
}

// poll waits for a push to be answered, and asks again by itself.
func (m challenge) poll(f Factor, code string, until time.Time, every time.Duration) Step {
	s := Step{
		Title:  "Waiting for " + f.Title(),
		Shows:  []Note{{Text: fmt.Sprintf("A notification was sent. Approve or deny it on the phone; authwalk asks every %s.", every)}},
		Wait:   every,
		Until:  until,
		Others: m.choices(f.ID),
	}
	s.Do = func(ctx context.Context, _ Values) Outcome {
		if !until.IsZero() && m.c.Clock.Wall().After(until) {
			return Outcome{Factors: m.factors, Asked: m.askedFor("oob"), Err: &Error{Kind: ErrorOAuth, Code: "expired_token", Description: "oob_code is expired", Msg: "the push was not answered in time"}}
		}
		poller := m
		poller.asked.byItself = true
		return poller.grant(ctx, GrantMFAOOB, "oob", form{{"oob_code", code}}, func(e *Error) *Step {
			switch e.Code {
			case "authorization_pending":
				return &s
			case "slow_down":
				slower := m.poll(f, code, until, every+slowDown)
				return &slower
			}
			if e.Kind == ErrorTransport { // a poll that got lost: ask again
				return &s
			}
			return nil
		})
	}
	return s
}

// enrol adds a first factor (POST /mfa/associate), which Auth0 allows with the
// mfa_token while the user has none.
func (m challenge) enrol(shows []Note) Step {
	choice := Field{Name: "enrol_with", Label: "Enrol", Kind: KindChoice, Value: "otp", Options: []Option{
		{"otp", "authenticator app"}, {"sms", "phone by SMS"}, {"voice", "phone by voice call"}, {"email", "e-mail"}, {"auth0", "push notification (Guardian)"}}}
	s := Step{
		Title:   "Enrol a second factor",
		Shows:   append([]Note{{Text: "The tenant requires a second factor and this user has none. What is enrolled now stays with the user."}}, shows...),
		Fields:  []Field{choice, {Name: "enrol_to", Label: "Number or e-mail", Help: "for SMS and voice: +491701234567; for e-mail: an address (empty: the user's own)", Check: func(string) error { return nil }}},
		Needs:   []string{"enrol_with"},
		Confirm: true,
		Until:   m.until,
	}
	s.Do = func(ctx context.Context, v Values) Outcome {
		with, to := v["enrol_with"], strings.TrimSpace(v["enrol_to"])
		if (with == "sms" || with == "voice") && to == "" {
			return Outcome{Err: usagef("enrol_to", "a phone number is needed, like +491701234567"), Next: &s, Factors: m.factors}
		}
		lists := map[string][]string{"authenticator_types": {"otp"}}
		var p form
		if with != "otp" {
			lists["authenticator_types"], lists["oob_channels"] = []string{"oob"}, []string{with}
			if with == "email" {
				p.addUnlessEmpty("email", to)
			} else {
				p.addUnlessEmpty("phone_number", to)
			}
		}
		h := http.Header{"Authorization": {"Bearer " + m.token.Reveal()}}
		ex := m.post(ctx, "/associate", h, p, lists)
		out := Outcome{Exchanges: []Exchange{ex}, Asked: m.askedFor(with), Factors: m.factors}
		val, _, err := readObject(ex)
		if err != nil {
			out.Err = err
			out.Next = m.keepOrChoose(err, s, "")
			return out
		}
		next := m.enrolled(with, val)
		out.Next = &next
		return out
	}
	return s
}

// enrolled shows what the new factor needs (secret, QR, recovery codes) and
// asks for the first answer, which confirms it.
func (m challenge) enrolled(with string, v rawjson.Value) Step {
	text := func(n string) string { x, _ := v.Get(n); return x.Str() }
	var notes []Note
	if uri := text("barcode_uri"); uri != "" {
		notes = append(notes, Note{Kind: NoteQR, Title: "Scan with the app", Text: uri})
	}
	if sec := text("secret"); sec != "" {
		notes = append(notes, Note{Kind: NoteSecret, Title: "or type this secret", Text: sec})
	}
	if codes, ok := v.Get("recovery_codes"); ok {
		var all []string
		for _, c := range codes.Items() {
			all = append(all, c.Str())
		}
		if len(all) > 0 {
			notes = append(notes, Note{Kind: NoteKeep, Title: "Recovery codes: shown once, keep them", Text: strings.Join(all, "\n")})
		}
	}
	f := Factor{Type: "otp"}
	if with != "otp" {
		f = Factor{Type: "oob", Channel: with}
	}
	var s Step
	if with == "otp" {
		secret := m
		secret.cfg.OTPSecret = "" // the profile's is another factor's
		s = secret.otp(f)
	} else {
		s = m.answerOOB(f, v)
	}
	s.Shows = append(notes, s.Shows...)
	return s
}

// hostname is the host of a URL without its port.
func hostname(raw string) string {
	r, err := http.NewRequest(http.MethodGet, raw, nil)
	if err != nil {
		return ""
	}
	return r.URL.Hostname()
}
