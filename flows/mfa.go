package flows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
	listed  bool // the list of factors could be read
	asked   Asked
	shows   []Note // of an enrolment under way: to be seen until it is confirmed
}

// What choices leaves out where it is no factor's id.
const (
	exceptRecovery = "(recovery)"
	exceptEnrol    = "(enrol)"
)

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
	if err := c.foreign("mfa_challenge_endpoint", ends.MFA, ""); err != nil {
		// The mfa_token and the client's secret would go there.
		required := out.Err
		out.Err = err
		return c.askElsewhere(out, Step{Until: m.until, Do: func(ctx context.Context, _ Values) Outcome {
			return m.start(ctx, Outcome{Err: required, Asked: out.Asked})
		}})
	}
	return m.start(ctx, out)
}

// start lists the factors and makes the first step.
func (m challenge) start(ctx context.Context, out Outcome) Outcome {
	ex := m.get(ctx, "/authenticators")
	out.Exchanges = append(out.Exchanges, ex)
	if err := readFactorsError(ex); err != nil {
		out.Err = err // the mfa_token is worthless already: there is nothing to go on with
		return out
	}
	m.factors, m.listed = readFactors(ex)
	out.Factors = m.factors
	next := m.first()
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

// maxFactors is how many factors are offered. A user has a handful.
const maxFactors = 50

// readFactors reads the list of authenticators; inactive ones do not count.
// ok is false for what is no such list: then nothing is known of the factors.
func readFactors(ex Exchange) (out []Factor, ok bool) {
	if ex.Status != http.StatusOK || ex.Fault != nil || ex.Truncated {
		return nil, false
	}
	v, _, err := replyLimits.Parse(ex.Body)
	if err != nil || v.Kind() != rawjson.Array {
		return nil, false
	}
	read := 0
	for _, it := range v.Items() {
		if len(out) == maxFactors {
			break
		}
		text := it.GetStr
		f := Factor{ID: text("id"), Type: text("authenticator_type"), Channel: text("oob_channel"), Name: text("name")}
		if f.Type == "" {
			continue
		}
		read++
		if a, _ := it.Get("active"); active(a) {
			out = append(out, f)
		}
	}
	// A list in which nothing can be read is not the list of nobody's factors;
	// one of enrolments that were never finished is.
	return out, read > 0 || v.Len() == 0
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

// way says in the middle of a sentence how a message reaches the factor, as in
// "SMS to" and the end of a number.
func (f Factor) way() string {
	t := map[string]string{"sms": "SMS", "voice": "voice call", "email": "e-mail", "auth0": "push notification"}[f.Channel]
	switch {
	case t == "":
		return f.Title()
	case f.Name != "":
		t += " to " + f.Name
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
	case !m.listed: // what needs no list
		return m.factor(Factor{Type: "otp"})
	case len(m.factors) == 0:
		return m.enrol()
	case len(real) == 1:
		return m.factor(real[0])
	}
	why := "The password was right. The tenant wants one more proof."
	if m.asked.Refresh {
		why = "The tenant wants one more proof before it refreshes."
	}
	return Step{
		Title:  "A second factor is needed",
		Shows:  []Note{{Text: why}},
		Until:  m.until,
		Others: m.choices(""),
	}
}

// choices lists what else one may do: the steps of all factors but the one
// with the id except, a recovery code, another enrolment.
func (m challenge) choices(except string) []Choice {
	m.shows = nil
	var out []Choice
	recovery, real := false, false
	for _, f := range m.factors {
		recovery, real = recovery || f.Type == "recovery-code", real || f.Type != "recovery-code"
		if f.ID != except {
			out = append(out, Choice{Title: f.Title(), Step: m.bare(f)})
		}
	}
	if !recovery && (real || !m.listed) && except != exceptRecovery {
		out = append(out, Choice{Title: "Recovery code", Step: m.recovery(exceptRecovery)})
	}
	if m.listed && !real && except != exceptEnrol { // a recovery code alone is left by an enrolment that was not finished
		title := "Enrol in another way"
		if recovery {
			title = "Enrol a second factor"
		}
		out = append(out, Choice{Title: title, Step: m.enrol()})
	}
	return out
}

// bare is a factor's step without the others beside it: they would nest
// without end. factor adds them when the step is taken.
func (m challenge) bare(f Factor) Step {
	switch f.Type {
	case "otp":
		return m.otp(f)
	case "recovery-code":
		return m.recovery(f.ID)
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

// keepOrResend is keepFor where a message was sent: when only what was sent
// has run out, the next step sends another.
func (m challenge) keepOrResend(f Factor, s Step) func(*Error) *Step {
	keep := m.keepFor(s)
	return func(e *Error) *Step {
		if oobExpired(e) {
			next := m.enrol()
			if f.ID != "" {
				next = m.factor(f)
			}
			return &next
		}
		return keep(e)
	}
}

// oobExpired tells that the code that was sent has run out while the mfa_token
// is still good.
func oobExpired(e *Error) bool {
	return e.Code == "expired_token" && strings.Contains(strings.ToLower(e.Description), "oob_code")
}

// afterSending is what else one may do once a message was sent: also to have
// it sent again.
func (m challenge) afterSending(f Factor) []Choice {
	out := m.choices(f.ID)
	if f.ID != "" {
		again := m
		again.shows = nil
		out = append(out, Choice{Title: "Send it again", Step: again.oob(f)})
	}
	return out
}

// typed is a code as it is sent: people and phones put blanks into codes.
func typed(code string) string { return strings.Join(strings.Fields(code), "") }

// noCode asks again where nothing was typed; nothing is sent.
func (m challenge) noCode(field string, again Step) Outcome {
	return Outcome{Err: usagef(field, "the code is missing"), Next: &again, Factors: m.factors}
}

func (m challenge) otp(f Factor) Step {
	s := Step{
		Title:  "Code from the authenticator app",
		Shows:  m.shows,
		Fields: []Field{{Name: "otp", Label: "Code", Kind: KindCode, Required: true, Help: "six digits; a new one every 30 seconds"}},
		Until:  m.until,
	}
	if m.cfg.OTPSecret != "" {
		s.Fields[0].Help = "empty: computed from the profile's otp_secret"
		s.Fields[0].Required = false
	}
	s.Do = func(ctx context.Context, v Values) Outcome {
		again := s
		again.Others = m.choices(f.ID)
		code := typed(v["otp"])
		if code == "" && m.cfg.OTPSecret != "" {
			var err error
			if code, err = TOTP(m.cfg.OTPSecret, m.c.Clock.Wall()); err != nil {
				return Outcome{Err: err, Next: &again, Factors: m.factors}
			}
		}
		if code == "" {
			return m.noCode("otp", again)
		}
		return m.grant(ctx, GrantMFAOTP, "otp", form{{"otp", code}}, m.keepFor(again))
	}
	return s
}

// recovery asks for a recovery code; id is the factor's, or exceptRecovery
// where it is not in the list.
func (m challenge) recovery(id string) Step {
	s := Step{
		Title:  "Recovery code",
		Shows:  []Note{{Text: "One of the codes kept at enrolment. It is used up, and a new one comes back."}},
		Fields: []Field{{Name: "recovery_code", Label: "Recovery code", Kind: KindCode, Required: true, Value: m.cfg.RecoveryCode.Reveal(), Help: "24 letters and digits"}},
		Until:  m.until,
	}
	if m.cfg.RecoveryCode != "" { // what one types is seen; what comes from a reference is not
		s.Fields[0].Kind = KindSecret
	}
	s.Do = func(ctx context.Context, v Values) Outcome {
		again := s
		again.Others = m.choices(id)
		code := typed(v["recovery_code"])
		if code == "" {
			return m.noCode("recovery_code", again)
		}
		return m.grant(ctx, GrantMFARecovery, "recovery-code", form{{"recovery_code", code}}, m.keepFor(again))
	}
	return s
}

// oob challenges a phone or mailbox: it sends the message, then asks for the
// code or waits for the push.
func (m challenge) oob(f Factor) Step {
	s := Step{Title: "Send a code by " + f.way(), Until: m.until}
	if f.push() {
		s.Title = "Send a " + f.way()
	}
	if f.push() {
		s.Polls = m.pollEvery()
	} else {
		s.Needs = []string{"binding_code"}
	}
	s.Do = func(ctx context.Context, _ Values) Outcome {
		h := http.Header{}
		p := form{{"mfa_token", m.token.Reveal()}, {"challenge_type", "oob"}, {"authenticator_id", f.ID}}
		ends, _ := m.c.KnownEndpoints()
		if err := m.cfg.authenticate(h, &p, ends.Issuer, ends.Token, m.c.Clock.Wall(), false); err != nil {
			return Outcome{Err: err}
		}
		if m.cfg.Auth() == AuthBasic { // this endpoint asks for it in the body
			p.add("client_id", m.cfg.ClientID)
		}
		ex := m.post(ctx, "/challenge", h, p, nil)
		out := Outcome{Exchanges: []Exchange{ex}, Factors: m.factors, Asked: m.askedFor("oob")}
		next, err := m.challenged(f, ex)
		if err != nil {
			out.Err = err
			out.Next = m.keepOrChoose(err, s, f.ID)
			return out
		}
		out.Next = &next
		return out
	}
	return s
}

// challenged reads the reply of /mfa/challenge.
func (m challenge) challenged(f Factor, ex Exchange) (Step, error) {
	v, err := readMFA(ex)
	if err != nil {
		return Step{}, err
	}
	if t, _ := v.Get("challenge_type"); t.Str() == "otp" { // the server would rather have a code of the app
		return m.factor(Factor{ID: f.ID, Type: "otp"}), nil
	}
	return m.answerOOB(f, v, ex)
}

// readMFA reads a reply that goes on with the challenge: an object with a
// status of success. Its text members are checked where they are needed.
func readMFA(ex Exchange) (rawjson.Value, error) {
	v, _, err := readObject(ex)
	if err == nil && (ex.Status < 200 || ex.Status > 299) {
		err = shapeError(ex, fmt.Sprintf("the reply (%d) says neither what to do nor what is wrong", ex.Status))
	}
	return v, err
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
func (m challenge) answerOOB(f Factor, v rawjson.Value, ex Exchange) (Step, error) {
	text := v.GetStr
	code := text("oob_code")
	if code == "" {
		return Step{}, shapeError(ex, fmt.Sprintf("the reply (%d) has no oob_code to go on with", ex.Status))
	}
	until := m.c.Clock.Wall().Add(oobLife)
	if m.until.Before(until) {
		until = m.until
	}
	if text("binding_method") != "prompt" {
		return m.poll(f, code, until, m.pollEvery()), nil
	}
	s := Step{
		Title:  "Code sent by " + f.way(),
		Shows:  m.shows,
		Fields: []Field{{Name: "binding_code", Label: "Code", Kind: KindCode, Required: true, Help: "the digits of the message"}},
		Until:  until,
		Others: m.afterSending(f),
	}
	s.Do = func(ctx context.Context, v Values) Outcome {
		binding := typed(v["binding_code"])
		if binding == "" {
			return m.noCode("binding_code", s)
		}
		return m.grant(ctx, GrantMFAOOB, "oob", form{{"oob_code", code}, {"binding_code", binding}}, m.keepOrResend(f, s))
	}
	return s, nil
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
		Title:  "Waiting for the " + f.way(),
		Shows:  append(slices.Clone(m.shows), Note{Text: "A notification was sent. Approve or deny it on the phone; authwalk asks " + everySeconds(every) + "."}),
		Wait:   every,
		Until:  until,
		Others: m.afterSending(f),
	}
	s.Do = func(ctx context.Context, _ Values) Outcome {
		if !until.IsZero() && m.c.Clock.Wall().After(until) {
			return Outcome{Factors: m.factors, Asked: m.askedFor("oob"), Err: &Error{Kind: ErrorOAuth, Code: "expired_token", Description: "oob_code is expired", Msg: "the push was not answered in time"}}
		}
		poller := m
		poller.asked.byItself = true
		return poller.grant(ctx, GrantMFAOOB, "oob", form{{"oob_code", code}}, func(e *Error) *Step {
			switch {
			case e.Code == "authorization_pending":
				return &s
			case e.Code == "slow_down", e.Status == http.StatusTooManyRequests:
				slower := m.poll(f, code, until, every+slowDown)
				return &slower
			case e.Kind == ErrorTransport, e.Kind == ErrorShape && e.Status >= 500:
				return &s // a poll that got lost, or a gateway's fault: ask again
			}
			return nil
		})
	}
	return s
}

// enrol adds a first factor (POST /mfa/associate), which Auth0 allows with the
// mfa_token while the user has none.
func (m challenge) enrol() Step {
	choice := Field{Name: "enrol_with", Label: "Enrol", Kind: KindChoice, Value: "otp", Options: []Option{
		{"otp", "authenticator app"}, {"sms", "phone by SMS"}, {"voice", "phone by voice call"}, {"email", "e-mail"}, {"auth0", "push notification (Guardian)"}}}
	s := Step{
		Title:   "Enrol a second factor",
		Shows:   []Note{{Text: "The tenant requires a second factor and this user has none. What is enrolled now stays with the user."}},
		Fields:  []Field{choice, {Name: "enrol_to", Label: "Number or e-mail", Help: "for SMS and voice: +491701234567; for e-mail: an address (empty: the user's own); for an app: nothing"}},
		Needs:   []string{"enrol_with"},
		Confirm: true,
		Until:   m.until,
	}
	s.Do = func(ctx context.Context, v Values) Outcome {
		with, to := v["enrol_with"], strings.TrimSpace(v["enrol_to"])
		again := s.filled(v)
		switch phone := with == "sms" || with == "voice"; {
		case phone && to == "":
			return Outcome{Err: usagef("enrol_to", "a phone number is needed, like +491701234567"), Next: &again, Factors: m.factors}
		case !phone && with != "email" && to != "":
			return Outcome{Err: usagef("enrol_to", "this factor takes no number or address: leave it empty, or choose SMS, voice or e-mail"), Next: &again, Factors: m.factors}
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
		next, keep, err := m.enrolled(with, ex)
		if err != nil {
			out.Err = err
			out.Next = m.keepOrChoose(err, again, exceptEnrol)
			return out
		}
		out.Next, out.Keep = &next, keep
		return out
	}
	return s
}

// enrolled shows what the new factor needs (secret, QR, recovery codes) and
// asks for the first answer, which confirms it. The codes come apart too: they
// must be kept whatever becomes of the step.
func (m challenge) enrolled(with string, ex Exchange) (next Step, keep []Note, err error) {
	v, err := readMFA(ex)
	if err != nil {
		return Step{}, nil, err
	}
	text := v.GetStr
	m.shows = nil
	if uri := text("barcode_uri"); uri != "" {
		m.shows = append(m.shows, Note{Kind: NoteQR, Title: "Scan with the app", Text: uri})
	}
	if sec := text("secret"); sec != "" {
		m.shows = append(m.shows, Note{Kind: NoteSecret, Title: "or type this secret", Text: sec})
	}
	if codes, ok := v.Get("recovery_codes"); ok {
		var all []string
		for _, c := range codes.Items() {
			if c.Str() != "" {
				all = append(all, c.Str())
			}
		}
		if len(all) > 0 {
			keep = []Note{{Kind: NoteKeep, Title: "Recovery codes: shown once, keep them", Text: strings.Join(all, "\n")}}
			m.shows = append(m.shows, keep...)
		}
	}
	if with != "otp" {
		next, err = m.answerOOB(Factor{Type: "oob", Channel: with}, v, ex)
		return next, keep, err
	}
	if text("secret") == "" && text("barcode_uri") == "" {
		return Step{}, nil, shapeError(ex, fmt.Sprintf("the reply (%d) has neither a secret nor a barcode_uri to enrol with", ex.Status))
	}
	m.cfg.OTPSecret = "" // the profile's is another factor's
	return m.factor(Factor{Type: "otp"}), keep, nil
}

// hostname is the host of a URL without its port.
func hostname(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// everySeconds is how often something is asked, in words.
func everySeconds(d time.Duration) string {
	if n := int(d.Seconds()); n != 1 {
		return fmt.Sprintf("every %d seconds", n)
	}
	return "every second"
}
