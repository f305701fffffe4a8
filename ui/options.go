package ui

import (
	"context"
	"io"
	"time"

	"github.com/muesli/termenv"

	"authwalk/flows"
)

// Options is what the screens get from outside.
type Options struct {
	// ProfilesPath is the person's profile file; empty: there is none and
	// nothing can be saved.
	ProfilesPath string
	// Getenv looks up the environment for secrets; nil: the process's.
	Getenv func(string) string
	// ProfileName opens that profile's form at once.
	ProfileName string
	// Demo is the loopback tenants; nil: there are none.
	Demo Demo
	// Scenario opens that demo tenant's form at once.
	Scenario string

	Clock flows.Clock
	// NewClient makes the client of a set-up; nil: flows.NewClient with Clock.
	NewClient func(flows.Config) (*flows.Client, error)

	// ColorProfile is what the terminal can show; termenv.Ascii: no colours.
	ColorProfile termenv.Profile
	Light        bool // the ground is light
	ASCII        bool // the terminal shows no UTF-8: signs and lines in ASCII
	Presentation bool // names and e-mail addresses are masked from the start
	Still        bool // nothing turns or blinks: for pictures and tests
	Tour         bool // the demo walks by itself

	// Record takes an asciicast of the walk, with secrets masked.
	Record io.Writer
	// TagKey makes the tags by which equal secrets are recognised; nil: a random
	// one. A fixed one is for pictures and tests.
	TagKey []byte
	// Clipboard writes to the system's clipboard; nil: the real one.
	Clipboard func(string) error
	// Terminal takes what is written to the terminal beside the frames (OSC 52);
	// nil: nothing is written.
	Terminal io.Writer
	// Dir is where exported files go; empty: the working directory.
	Dir     string
	Version string
}

// Demo is the loopback tenants that only the demo has.
type Demo interface {
	Tenants() []DemoTenant
	// Open starts a tenant and gives its set-up. It may block: the screens call
	// it in a command.
	Open(ctx context.Context, name string) (flows.Config, DemoTools, error)
}

// DemoTenant is one line of the list of demo tenants.
type DemoTenant struct {
	Name, Title, Teaches string
	Topic                string // the heading that it stands under; tenants of one topic stand together
	Good                 bool   // a walk through it ends well
	Finding              string // the finding it leads to, if it is a broken one
}

// DemoTools is what a demo tenant shows beside the walk. Its methods return at
// once.
type DemoTools interface {
	// Phone is what the users' phone shows, newest last.
	Phone() []PhoneItem
	Approve(id string)
	Deny(id string)
	// Log is the tenant's log, oldest first, as its dashboard would show it.
	Log() []LogLine
	// Close stops the tenant.
	Close()
}

// PhoneItem is a message, a push or the code an authenticator app shows.
type PhoneItem struct {
	ID      string
	Kind    string // sms, voice, email, otp, push
	To      string
	Text    string
	Code    string
	At      time.Time
	Waiting bool // a push that nobody has answered
}

// LogLine is one event of the tenant's log.
type LogLine struct {
	At         time.Time
	Type, Text string
	User       string
}
