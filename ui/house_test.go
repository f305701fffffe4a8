package ui

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"authwalk/flows"
	"authwalk/flows/tenant"
	"authwalk/ui/drive"
	"authwalk/ui/picture"
)

// hands is a clock that tests move.
type hands struct {
	mu   sync.Mutex
	wall time.Time
	mono time.Duration
}

func newHands() *hands {
	return &hands{wall: time.Date(2026, 3, 14, 9, 30, 0, 0, time.UTC), mono: time.Hour}
}

func (h *hands) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wall, h.mono = h.wall.Add(d), h.mono+d
}

// step moves the two hands apart: a clock that is set, a machine that sleeps.
func (h *hands) step(wall, mono time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wall, h.mono = h.wall.Add(wall), h.mono+mono
}

func (h *hands) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wall
}

func (h *hands) clock() flows.Clock {
	return flows.Clock{Wall: h.now, Mono: func() time.Duration { h.mu.Lock(); defer h.mu.Unlock(); return h.mono }}
}

// bench is the screens over tenants in process, with a clock that stands still.
type bench struct {
	t       testing.TB
	clock   *hands
	mu      sync.Mutex
	tenants map[string]*tenant.Tenant
	wrap    func(http.RoundTripper) http.RoundTripper // nil: as it is
	copies  []string
	sent    []string     // by counter
	signing *tenant.Keys // nil: the process's
	// profiles is the profile file of the grid; empty: as it is.
	profiles string
	opt      Options
}

func newBench(t testing.TB) *bench {
	b := &bench{t: t, clock: newHands(), tenants: map[string]*tenant.Tenant{}}
	b.opt = Options{Demo: b, Clock: b.clock.clock(), Still: true, ColorProfile: termenv.Ascii, TagKey: []byte("test"), Dir: t.TempDir(), Version: "test", NewClient: b.client,
		Clipboard: func(s string) error { b.mu.Lock(); defer b.mu.Unlock(); b.copies = append(b.copies, s); return nil }}
	time.Local = time.UTC
	return b
}

func (b *bench) Tenants() []DemoTenant {
	var out []DemoTenant
	for _, s := range tenant.Scenarios() {
		out = append(out, DemoTenant{Name: s.Name, Title: s.Title, Teaches: s.Teaches, Topic: s.Topic, Good: s.Good(), Finding: s.Diagnosis})
	}
	return out
}

func (b *bench) Open(_ context.Context, name string) (flows.Config, DemoTools, error) {
	s, ok := tenant.Lookup(name)
	if !ok {
		return flows.Config{}, nil, fmt.Errorf("no scenario %q", name)
	}
	t, err := tenant.New(s, tenant.Options{Now: b.clock.now, Rand: steady(name), Issuer: "https://" + name + ".demo.test/", Keys: b.signing})
	if err != nil {
		return flows.Config{}, nil, err
	}
	b.mu.Lock()
	b.tenants[name+".demo.test"] = t
	b.mu.Unlock()
	p := t.Profile()
	cfg := flows.Config{
		Name: p.Name, Environment: p.Environment, Flow: "password", Domain: p.Domain, ClientID: p.ClientID, ClientAuth: p.ClientAuth, ClientSecret: flows.Secret(p.ClientSecret),
		PrivateKey: flows.Secret(p.PrivateKeyPEM), KeyID: p.KeyID, KeyAlg: p.KeyAlg, Realm: p.Realm, Audience: p.Audience, Scopes: slices.Clone(p.Scopes),
		Username: p.Username, Password: flows.Secret(p.Password), ForwardedFor: p.ForwardedFor, APISecret: flows.Secret(p.APISecret), APIBase: p.APIBase, Params: p.Params, Timeout: p.Timeout,
	}
	for _, c := range p.Calls {
		cfg.Calls = append(cfg.Calls, flows.SavedCall{Name: c.Name, Method: c.Method, URL: c.URL, Body: c.Body, Headers: c.Headers})
	}
	return cfg, benchTools{b, t}, nil
}

// steady is randomness that is the same each time.
func steady(seed string) *rand.ChaCha8 {
	var k [32]byte
	copy(k[:], seed)
	return rand.NewChaCha8(k)
}

func (b *bench) client(cfg flows.Config) (*flows.Client, error) {
	return flows.NewClient(cfg, flows.ClientOptions{Clock: b.clock.clock(), Transport: b, Version: "test"})
}

// RoundTrip sends a request to the tenant of its host.
func (b *bench) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	t := b.tenants[r.URL.Host]
	b.mu.Unlock()
	if t == nil {
		return nil, fmt.Errorf("no such host: %s", r.URL.Host)
	}
	rt := t.RoundTripper()
	if b.wrap != nil {
		rt = b.wrap(rt)
	}
	return rt.RoundTrip(r)
}

type benchTools struct {
	b *bench
	t *tenant.Tenant
}

func (x benchTools) Phone() []PhoneItem {
	var out []PhoneItem
	for _, m := range x.t.Phone().Messages() {
		out = append(out, PhoneItem{ID: m.ID, Kind: m.Channel, To: m.To, Text: m.Text, Code: m.Code, At: m.At})
	}
	for _, p := range x.t.Phone().Pushes() {
		out = append(out, PhoneItem{ID: p.ID, Kind: "push", To: p.User, Text: p.App + " asks to approve a login (" + string(p.State) + ")", At: p.At, Waiting: p.State == tenant.PushPending})
	}
	user := x.t.Profile().Username
	for _, u := range x.t.Describe().Users {
		if u.Username == user && u.OTPSecret != "" {
			if code, err := tenant.OTP(u.OTPSecret, x.b.clock.now()); err == nil {
				out = append(out, PhoneItem{ID: "otp", Kind: "otp", Text: "shows", Code: code, At: x.b.clock.now()})
			}
		}
	}
	return out
}
func (x benchTools) Approve(id string) { x.t.Phone().Approve(id) }
func (x benchTools) Deny(id string)    { x.t.Phone().Deny(id) }
func (x benchTools) Log() []LogLine {
	var out []LogLine
	for _, e := range x.t.Log() {
		out = append(out, LogLine{At: e.At, Type: e.Type, Text: e.Description, User: e.User})
	}
	return out
}
func (x benchTools) Close() { _ = x.t.Close() }

// start opens the screens in a window.
func (b *bench) start(w, h int) *drive.Driver {
	b.t.Helper()
	d := drive.New(New(b.opt), w, h)
	d.Timeout = 2 * time.Minute // a picture takes long under the race detector, on a busy machine
	d.MustSettle(b.t)
	b.t.Cleanup(func() {
		if err := d.Close(); err != nil {
			b.t.Error(err)
		}
	})
	return d
}

// keys presses keys and waits after each until nothing is under way.
func (b *bench) keys(d *drive.Driver, keys ...string) string {
	b.t.Helper()
	for _, k := range keys {
		d.Press(k)
		d.MustSettle(b.t)
		if err := d.Check(); err != nil {
			b.t.Fatalf("after %s: %v\n%s", k, err, d.Text())
		}
	}
	return d.Text()
}

// tenantOf is the tenant of a scenario.
func (b *bench) tenantOf(name string) *tenant.Tenant {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tenants[name+".demo.test"]
}

// open puts a demo tenant's form on the screen.
func (b *bench) openDemo(name string, w, h int) *drive.Driver {
	b.t.Helper()
	b.opt.Scenario = name
	return b.start(w, h)
}

// look writes a frame as text and picture into the folder that AUTHWALK_LOOK
// names, to be seen by a person.
func look(d *drive.Driver, name string) {
	dir := os.Getenv("AUTHWALK_LOOK")
	if dir == "" {
		return
	}
	_ = os.MkdirAll(dir, 0o755)
	_ = os.WriteFile(filepath.Join(dir, name+".txt"), []byte(d.Text()+"\n"), 0o644)
	if os.Getenv("AUTHWALK_LOOK_PNG") != "" {
		p := picture.NewPainter(picture.Dark, 1)
		var out bytes.Buffer
		if p.PNG(&out, d.Screen()) == nil {
			_ = os.WriteFile(filepath.Join(dir, name+".png"), out.Bytes(), 0o644)
		}
	}
}

func mustContain(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Fatalf("no %q on the screen:\n%s", p, text)
		}
	}
}
