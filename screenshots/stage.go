package main

import (
	"context"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/muesli/termenv"

	"authwalk/flows"
	"authwalk/flows/tenant"
	"authwalk/ui"
	"authwalk/ui/drive"
)

// keysPEM signs the tokens in the pictures and nothing else. It is kept because
// Go makes no RSA key from a seed.
//
//go:embed testdata/keys.pem
var keysPEM []byte

// pictureKeys are the keys of all tenants.
var pictureKeys = sync.OnceValues(func() (*tenant.Keys, error) { return tenant.ParseKeys(keysPEM) })

// profilesTOML is a person's profile file.
//
//go:embed testdata/profiles.toml
var profilesTOML []byte

// The path of the profile file is on the screens, so it is the same wherever the
// command runs: below the folder that run works in.
const (
	profilesPath = "authwalk/profiles.toml"
	noProfiles   = "authwalk/none.toml"
)

// environment is the person's.
func environment(name string) string {
	if strings.HasPrefix(name, "ACME_") {
		return "a-secret-of-the-pictures"
	}
	return ""
}

func init() {
	// Local times are part of the pictures.
	time.Local = time.FixedZone("CET", 3600)
}

// hands is a clock that goes on only when it is told to.
type hands struct {
	mu   sync.Mutex
	wall time.Time
	mono time.Duration
}

func newHands() *hands {
	return &hands{wall: time.Date(2026, time.March, 14, 8, 30, 0, 0, time.UTC), mono: time.Hour}
}

func (h *hands) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wall, h.mono = h.wall.Add(d), h.mono+d
}

func (h *hands) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wall
}

func (h *hands) clock() flows.Clock {
	return flows.Clock{Wall: h.now, Mono: func() time.Duration { h.mu.Lock(); defer h.mu.Unlock(); return h.mono }}
}

// look is how a screen is to be seen.
type look struct {
	w, h    int
	light   bool
	colours termenv.Profile
}

// stage is the screens over tenants in process: one run of a scene. Everything
// that could differ from run to run is given: clock, timings, random bytes,
// keys. Its methods do nothing once one has failed; err tells what.
type stage struct {
	clock *hands
	wire  *wire
	d     *drive.Driver
	err   error
}

// setting is where a scene begins.
type setting struct {
	scenario string // a demo tenant whose form is open; empty: the list
	profiles bool   // there is a profile file
	present  bool
}

// newStage opens the screens. The caller closes the stage.
func newStage(at setting, l look) *stage {
	clock := newHands()
	s := &stage{clock: clock, wire: newWire(clock)}
	o := ui.Options{
		Demo: demo{s}, Scenario: at.scenario, Clock: clock.clock(), ColorProfile: l.colours, Light: l.light, Presentation: at.present,
		ProfilesPath: noProfiles, Getenv: environment, TagKey: []byte("pictures"), Clipboard: func(string) error { return nil },
		NewClient: func(c flows.Config) (*flows.Client, error) {
			return flows.NewClient(c, flows.ClientOptions{Transport: s.wire, Clock: clock.clock()})
		},
	}
	if at.profiles {
		o.ProfilesPath = profilesPath
	}
	s.d = drive.New(ui.New(o), l.w, l.h)
	s.d.Timeout = 20 * time.Second
	s.settle()
	s.clock.pass(time.Second) // what came by itself takes keys by now
	return s
}

func (s *stage) close() error {
	s.wire.release()
	return s.d.Close()
}

func (s *stage) fail(err error) {
	if s.err == nil && err != nil {
		s.err = fmt.Errorf("%w; the screen:\n%s", err, s.d.Text())
	}
}

func (s *stage) settle() {
	if s.err == nil {
		s.fail(s.d.Settle())
	}
}

// keys presses keys, and waits after each until nothing is under way.
func (s *stage) keys(names ...string) {
	for _, k := range names {
		if s.err != nil {
			return
		}
		s.clock.pass(time.Second)
		s.d.Press(k)
		s.settle()
	}
}

// text types.
func (s *stage) text(t string) {
	if s.err == nil {
		s.d.Type(t)
		s.settle()
	}
}

// pressHeld presses a key that sends a request, and lets the request wait at
// the door until release: the screen shows it under way.
func (s *stage) pressHeld(key string) {
	if s.err != nil {
		return
	}
	s.wire.hold()
	s.clock.pass(time.Second)
	s.d.Press(key)
	ctx, cancel := context.WithTimeout(context.Background(), s.d.Timeout)
	defer cancel()
	select {
	case <-s.wire.waiting:
	case <-ctx.Done():
		s.fail(fmt.Errorf("%s sent no request", key))
	}
}

// release lets the held request go on.
func (s *stage) release() {
	s.wire.release()
	s.settle()
}

// turn lets what turns on the screen turn once. Ticks take their time.
func (s *stage) turn() {
	if s.err == nil {
		_, err := s.d.Tick()
		s.fail(err)
	}
}

// sees checks that a piece of text is on the screen: a scene that went astray
// must not become a picture.
func (s *stage) sees(parts ...string) {
	for _, p := range parts {
		if s.err == nil && !strings.Contains(s.d.Text(), p) {
			s.fail(fmt.Errorf("%q is not on the screen", p))
		}
	}
}

// to presses a key until the row that begins with a text is under the cursor.
func (s *stage) to(key, text string) {
	for range 80 {
		if s.err != nil {
			return
		}
		for _, l := range strings.Split(s.d.Text(), "\n") {
			if _, row, ok := strings.Cut(l, "▸ "); ok && strings.HasPrefix(row, text) {
				return
			}
		}
		s.keys(key)
	}
	s.fail(fmt.Errorf("%s does not lead to a row that begins with %q", key, text))
}

// demo is the demo's tenants as ui/cli opens them, but in process and on a fixed
// host.
type demo struct{ s *stage }

func (demo) Tenants() []ui.DemoTenant {
	var out []ui.DemoTenant
	for _, s := range tenant.Scenarios() {
		out = append(out, ui.DemoTenant{Name: s.Name, Title: s.Title, Teaches: s.Teaches, Topic: s.Topic, Good: s.Good(), Finding: s.Diagnosis})
	}
	return out
}

func (d demo) Open(_ context.Context, name string) (flows.Config, ui.DemoTools, error) {
	sc, ok := tenant.Lookup(name)
	if !ok {
		return flows.Config{}, nil, fmt.Errorf("there is no demo tenant %q", name)
	}
	keys, err := pictureKeys()
	if err != nil {
		return flows.Config{}, nil, err
	}
	t, err := tenant.New(sc, tenant.Options{Now: d.s.clock.now, Rand: steady(name), Keys: keys})
	if err != nil {
		return flows.Config{}, nil, err
	}
	d.s.wire.serve(t)
	p := t.Profile()
	cfg := flows.Config{
		Name: p.Name, Environment: p.Environment, Flow: "password", Domain: p.Domain, ClientID: p.ClientID, ClientAuth: p.ClientAuth,
		ClientSecret: flows.Secret(p.ClientSecret), PrivateKey: flows.Secret(p.PrivateKeyPEM), KeyID: p.KeyID, KeyAlg: p.KeyAlg,
		Realm: p.Realm, Audience: p.Audience, Scopes: slices.Clone(p.Scopes), Username: p.Username, Password: flows.Secret(p.Password),
		ForwardedFor: p.ForwardedFor, APISecret: flows.Secret(p.APISecret), APIBase: p.APIBase, Params: p.Params, Timeout: p.Timeout,
	}
	for _, c := range p.Calls {
		cfg.Calls = append(cfg.Calls, flows.SavedCall{Name: c.Name, Method: c.Method, URL: c.URL, Body: c.Body, Headers: c.Headers})
	}
	return cfg, tools{t, d.s.clock}, nil
}

// steady is a source of random bytes that gives the same ones each time.
func steady(seed string) *rand.ChaCha8 {
	var k [32]byte
	copy(k[:], seed)
	return rand.NewChaCha8(k)
}

// tools is a tenant's phone and log, as ui/cli shows them.
type tools struct {
	t     *tenant.Tenant
	clock *hands
}

func (x tools) Phone() []ui.PhoneItem {
	var out []ui.PhoneItem
	for _, m := range x.t.Phone().Messages() {
		out = append(out, ui.PhoneItem{ID: m.ID, Kind: m.Channel, To: m.To, Text: m.Text, Code: m.Code, At: m.At})
	}
	for _, p := range x.t.Phone().Pushes() {
		text := p.App + " asks to approve a login of " + p.User
		if p.Enrol {
			text = p.App + " asks to enrol this phone for " + p.User
		}
		out = append(out, ui.PhoneItem{ID: p.ID, Kind: "push", To: p.User, Text: text + " (" + string(p.State) + ")", At: p.At, Waiting: p.State == tenant.PushPending})
	}
	slices.SortStableFunc(out, func(a, b ui.PhoneItem) int { return a.At.Compare(b.At) })
	user := x.t.Profile().Username
	for _, u := range x.t.Describe().Users {
		if u.Username != user || u.OTPSecret == "" {
			continue
		}
		if code, err := tenant.OTP(u.OTPSecret, x.clock.now()); err == nil {
			out = append(out, ui.PhoneItem{ID: "otp", Kind: "otp", Text: "the authenticator app shows", Code: code, At: x.clock.now()})
		}
	}
	return out
}

func (x tools) Approve(id string) { x.t.Phone().Approve(id) }
func (x tools) Deny(id string)    { x.t.Phone().Deny(id) }

func (x tools) Log() []ui.LogLine {
	var out []ui.LogLine
	for _, e := range x.t.Log() {
		text := e.Description
		if text == "" {
			text = e.Meaning()
		}
		out = append(out, ui.LogLine{At: e.At, Type: e.Type, Text: text, User: e.User})
	}
	return out
}

func (x tools) Close() { _ = x.t.Close() }

var _ http.RoundTripper = (*wire)(nil)
