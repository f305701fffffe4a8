package flows

import (
	"context"
	"slices"
	"time"
)

// Flow is a way to get tokens: a first step, and what follows from it.
type Flow struct {
	ID    string // as profiles and --flow name it
	Title string
	About string // one line with the warning that the flow's documentation gives
	User  bool   // it logs a user in, by name and password
	Start func(*Client) Step
}

// Flows lists what authwalk can walk, in the order in which it is offered.
func Flows() []Flow { return []Flow{passwordFlow()} }

// FlowByID finds a flow; the empty id is the first one.
func FlowByID(id string) (Flow, bool) {
	for _, f := range Flows() {
		if f.ID == id || id == "" {
			return f, true
		}
	}
	return Flow{}, false
}

// FlowIDs are the ids of Flows, in their order.
func FlowIDs() []string {
	var ids []string
	for _, f := range Flows() {
		ids = append(ids, f.ID)
	}
	return ids
}

// Step is one thing that is asked of a person, what it does on the wire, and
// what follows. Screens and commands know steps, never grants.
type Step struct {
	Title string
	// Shows is to be read before one answers.
	Shows []Note
	// Fields is what to ask. A step without fields runs at once.
	Fields []Field
	// Wait, when over zero, lets the step run by itself after this long: a poll.
	Wait time.Duration
	// Until is when the step becomes worthless (an mfa_token or oob_code runs out).
	Until time.Time
	// Others is what one may do instead: another factor, enrol.
	Others []Choice
	// Needs names the answers without which starting the step makes no sense,
	// beyond its own fields: no SMS is sent when nobody can type its code.
	Needs []string
	// Polls, when over zero, tells that what follows is a wait which asks for
	// the first time after this long: a push that nobody will wait for is not
	// sent.
	Polls time.Duration
	// Confirm asks for a yes before the step runs although it has no fields.
	Confirm bool
	// Preview is what Do would send. It is pure, and nil where that cannot be
	// known before.
	Preview func(Values) (Request, error)
	// Do runs the step. It is nil where one has to choose from Others.
	Do func(context.Context, Values) Outcome
}

// filled is the step with the answers that were given as its fields' values:
// what was chosen stays chosen when the step is asked again.
func (s Step) filled(v Values) Step {
	s.Fields = slices.Clone(s.Fields)
	for i, f := range s.Fields {
		if a, ok := v[f.Name]; ok && f.Kind != KindSecret && f.Kind != KindCode {
			s.Fields[i].Value = a
		}
	}
	return s
}

// Choice is a step that can be taken instead of another.
type Choice struct {
	Title string
	Step  Step
}

// NoteKind tells how a note is to be shown.
type NoteKind int

// The kinds of note.
const (
	NoteText   NoteKind = iota
	NoteWarn            // to be read before one goes on
	NoteSecret          // a secret to be typed elsewhere
	NoteQR              // an otpauth URI, to be scanned
	NoteKeep            // codes that are shown once and must be kept
)

// Note is something to read.
type Note struct {
	Kind  NoteKind
	Title string
	Text  string
}

// Kind is the kind of a field.
type Kind int

// The kinds of field.
const (
	KindText   Kind = iota
	KindSecret      // masked while it is typed
	KindCode        // digits from a phone: blanks are dropped
	KindChoice      // one of Options
	KindScopes      // a set of scopes, blanks between them
)

// Field is one thing to ask.
type Field struct {
	Name, Label, Help string
	Kind              Kind
	Value             string
	Options           []Option
	Required          bool
	Check             func(string) error
}

// Option is one value that a field of KindChoice can take, or a scope that is
// offered for one of KindScopes.
type Option struct{ Value, Label string }

// Values is what was answered, by field name. It never prints its contents:
// passwords are among them.
type Values map[string]string

// Outcome is what a step came to.
type Outcome struct {
	// Exchanges is all that went over the wire, whatever happened.
	Exchanges []Exchange
	// Err is what went wrong. It may come with Next: mfa_required, or the same
	// step again after a wrong code.
	Err error
	// Next is the step that follows.
	Next *Step
	// Tokens is the end of a flow.
	Tokens *Tokens
	// Answer is the end of anything else: userinfo, revoke, an API call.
	Answer *Answer
	// Factors is what a user can answer an MFA challenge with.
	Factors []Factor
	// Asked is what was asked of the token endpoint, for ledger and diagnosis.
	Asked *Asked
	// Keep holds what is shown once and must be kept: a new recovery code.
	Keep []Note
}

// Factor is an enrolled authenticator as /mfa/authenticators lists it.
type Factor struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Channel string `json:"channel,omitempty"`
	Name    string `json:"name,omitempty"`
}

// Asked is what a token request asked for, without its secrets.
type Asked struct {
	Grant      string
	ClientID   string
	ClientAuth string
	SecretSent bool
	Username   string
	Realm      string
	Audience   string
	Scope      string
	ScopeSent  bool
	// ForwardedFor is the header auth0-forwarded-for, if it was sent.
	ForwardedFor string
	// Refresh marks the refresh grant, MFA the grants after mfa_required.
	Refresh, MFA bool
	// MFAKind is otp, oob or recovery-code with MFA.
	MFAKind string

	byItself bool // a poll: no press sent it
}

// Answer is the end of something that yields no tokens.
type Answer struct {
	Purpose  string // userinfo, revoke, introspection, api
	Exchange Exchange
}
