package ui

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"authwalk/flows"
	"authwalk/ui/drive"
)

// stage is a screen in one state, and how to get there from the list.
type stage struct {
	name string
	demo string
	keys []string
	then func(*bench, *drive.Driver)
}

// stages are every screen in every state that can be made here.
var stages = []stage{
	{name: "tenants"},
	{name: "tenants-filter", keys: []string{"/", "m", "f", "a"}},
	{name: "tenants-nothing", keys: []string{"/", "z", "q", "x"}},
	{name: "profile-new", keys: []string{"n"}},
	{name: "profile-bad", keys: []string{"n"}, then: func(b *bench, d *drive.Driver) { d.Type("not a host"); b.keys(d, "ctrl+s") }},
	{name: "profile-edit", keys: []string{"e"}},
	{name: "profile-delete", keys: []string{"x"}},
	{name: "check", demo: "works", then: func(b *bench, d *drive.Driver) { b.keys(d, "1", "c", "enter") }},
	{name: "check-fails", demo: "no-default-directory", then: func(b *bench, d *drive.Driver) { b.keys(d, "1", "c", "enter") }},
	{name: "form", demo: "works"},
	{name: "form-focus", demo: "works", keys: []string{"tab"}},
	{name: "form-scopes", demo: "works", keys: []string{"tab", "tab", "tab", "tab", "tab"}, then: func(_ *bench, d *drive.Driver) { d.Type("https://acme.test/scope/very/long/name") }},
	{name: "form-choice", demo: "works", keys: []string{"tab", "tab", "tab", "tab", "tab", "tab", "tab"}},
	{name: "form-wrong", demo: "works", keys: []string{"up"}, then: func(b *bench, d *drive.Driver) { d.Type("no address"); b.keys(d, "ctrl+s") }},
	{name: "form-request", demo: "works", keys: []string{"ctrl+t"}},
	{name: "tokens", demo: "works", keys: []string{"enter"}},
	{name: "tokens-odd", demo: "no-audience", keys: []string{"enter"}},
	{name: "refused", demo: "wrong-password", keys: []string{"enter"}},
	{name: "refused-no-json", demo: "gateway-502", keys: []string{"enter"}},
	{name: "refused-throttled", demo: "rate-limited", keys: []string{"enter"}},
	{name: "refused-again", demo: "wrong-password", keys: []string{"enter", "enter"}, then: func(b *bench, d *drive.Driver) { b.clock.pass(3e9); b.keys(d, "ctrl+s") }},
	{name: "fix", demo: "grant-not-allowed", keys: []string{"enter", "j", "enter"}},
	{name: "mfa-code", demo: "mfa-otp", keys: []string{"enter"}},
	{name: "mfa-wrong", demo: "mfa-otp", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); d.Type("000000"); b.keys(d, "enter") }},
	{name: "mfa-push", demo: "mfa-push", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); b.keys(d, "enter") }},
	{name: "mfa-other", demo: "mfa-otp", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); b.keys(d, "ctrl+o") }},
	{name: "mfa-enrol", demo: "mfa-enrol", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); b.keys(d, "ctrl+s") }},
	{name: "mfa-qr", demo: "mfa-enrol", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); b.keys(d, "ctrl+s", "ctrl+q") }},
	{name: "claims", demo: "works", keys: []string{"enter", "enter"}},
	{name: "claims-checks", demo: "works", keys: []string{"enter", "enter", "c"}},
	{name: "claims-scopes", demo: "rbac", keys: []string{"enter", "enter", "s"}},
	{name: "claims-raw", demo: "works", keys: []string{"enter", "enter", "v"}},
	{name: "claims-id", demo: "works", keys: []string{"enter", "enter", "tab"}},
	{name: "claims-refresh", demo: "works", keys: []string{"enter", "enter", "tab", "tab"}},
	{name: "claims-jwe", demo: "no-audience", keys: []string{"enter", "enter"}},
	{name: "claims-alg-none", demo: "alg-none", keys: []string{"enter", "enter", "c"}},
	{name: "claims-expired", demo: "expired-token", keys: []string{"enter", "enter", "c"}},
	{name: "claims-wrong-issuer", demo: "custom-domain", keys: []string{"enter", "enter", "c"}},
	{name: "compare", demo: "works", keys: []string{"enter", "enter", "u", "="}},
	{name: "userinfo-refused", demo: "hs256-api", keys: []string{"enter", "enter", "u"}},
	{name: "api", demo: "works", keys: []string{"enter", "enter", "enter"}},
	{name: "api-answer", demo: "works", keys: []string{"enter", "enter", "enter", "enter"}},
	{name: "api-403", demo: "works", keys: []string{"enter", "enter", "enter", "j", "enter"}},
	{name: "api-edit", demo: "works", keys: []string{"enter", "enter", "enter", "n"}},
	{name: "api-jq", demo: "works", keys: []string{"enter", "enter", "enter", "enter"}, then: func(b *bench, d *drive.Driver) {
		for d.Model().(*App).walk.api.part != partAnswer {
			b.keys(d, "tab")
		}
		b.keys(d, "/")
		d.Type(".orders[].item")
		b.keys(d, "enter")
	}},
	{name: "refresh", demo: "works", keys: []string{"enter", "6"}},
	{name: "refreshed", demo: "works", keys: []string{"enter", "6", "enter"}, then: func(b *bench, d *drive.Driver) { b.clock.pass(2e9); b.keys(d, "enter") }},
	{name: "refresh-refused", demo: "refresh-expired", keys: []string{"enter", "6", "enter"}},
	{name: "refresh-expired", demo: "short-lived", keys: []string{"enter", "6"}, then: func(b *bench, _ *drive.Driver) { b.clock.pass(90e9) }},
	{name: "refresh-scopes", demo: "works", keys: []string{"enter", "6", "s"}},
	{name: "revoke-asks", demo: "works", keys: []string{"enter", "6", "x"}},
	{name: "revoked", demo: "works", keys: []string{"enter", "6", "x", "y", "o"}},
	{name: "wire", demo: "works", keys: []string{"enter", "w"}},
	{name: "wire-detail", demo: "works", keys: []string{"enter", "w", "enter"}},
	{name: "wire-empty", demo: "works", keys: []string{"w"}},
	{name: "wire-as", demo: "works", keys: []string{"enter", "w", "C"}},
	{name: "log", demo: "wrong-password", keys: []string{"enter", "L"}},
	{name: "export", demo: "works", keys: []string{"enter", "E"}},
	{name: "help", demo: "works", keys: []string{"enter", "enter", "?"}},
	{name: "palette", demo: "works", keys: []string{"enter", "ctrl+p"}},
	{name: "explain", keys: []string{"X"}},
	{name: "explained", keys: []string{"X"}, then: func(b *bench, d *drive.Driver) {
		d.Paste(`{"error":"access_denied","error_description":"Unauthorized"}`)
		d.MustSettle(b.t)
	}},
	{name: "lock", demo: "works", keys: []string{"enter", "ctrl+l"}},
	{name: "busy", demo: "works", then: func(b *bench, d *drive.Driver) {
		b.wrap = func(http.RoundTripper) http.RoundTripper { return blocked{} }
		d.Press("enter")
	}},
}

// blocked is a network where no answer comes.
type blocked struct{}

func (blocked) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// set brings a stage onto the screen.
func (s stage) set(b *bench, w, h int) *drive.Driver {
	b.t.Helper()
	b.t.Chdir(b.t.TempDir()) // so that no path of this machine is on the screen
	b.opt.ProfilesPath, b.opt.Dir = "profiles.toml", ""
	if err := os.WriteFile(b.opt.ProfilesPath, []byte(profileText), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.opt.Scenario = s.demo
	d := b.start(w, h)
	b.keys(d, s.keys...)
	if s.then != nil {
		s.then(b, d)
	}
	return d
}

const profileText = `default = "acme-dev"

[profile.acme-dev]
domain = "acme-dev.eu.auth0.com"
environment = "dev"
client_id = "q1w2e3r4t5"
client_secret = "keyring:acme-dev"
scopes = ["openid", "profile"]

[profile.acme-prod]
domain = "acme.eu.auth0.com"
environment = "prod"
client_id = "z9y8x7w6v5"
password = "prompt"
`

var gridWidths = []int{1, 2, 7, 20, 40, 59, 60, 61, 79, 80, 99, 100, 101, 120, 200}
var gridHeights = []int{1, 2, 5, 15, 16, 17, 21, 22, 24, 36, 60}

// checkFrame holds a frame against what every frame must keep.
func checkFrame(t testing.TB, d *drive.Driver, name string, w, h int) {
	t.Helper()
	frame := d.Frame()
	if err := drive.Check(frame, w, h); err != nil {
		t.Fatalf("%s at %d×%d: %v", name, w, h, err)
	}
	lines := strings.Split(stripped(frame), "\n")
	if len(lines) != h {
		t.Fatalf("%s at %d×%d has %d lines", name, w, h, len(lines))
	}
	if head := "authwalk"; !strings.HasPrefix(lines[0], head[:min(len(head), w)]) {
		t.Fatalf("%s at %d×%d begins with %q", name, w, h, lines[0])
	}
	if w >= wide && h >= minHeight && name != "lock" && name != "mfa-qr" {
		for _, step := range []string{"1 Tenant", "2 Credentials", "3 Request", "4 Claims", "5 API", "6 Refresh"} {
			if !strings.Contains(lines[1], step) {
				t.Fatalf("%s at %d×%d: no %q in the walk: %q", name, w, h, step, lines[1])
			}
		}
	}
}

// TestGrid: every screen in every state at every size is a whole frame.
func TestGrid(t *testing.T) {
	for i, s := range stages {
		t.Run(s.name, func(t *testing.T) {
			b := newBench(t)
			b.opt.ColorProfile = []termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI, termenv.Ascii}[i%4]
			b.opt.ASCII = i%8 == 3
			d := s.set(b, 120, 36)
			for _, w := range gridWidths {
				for _, h := range gridHeights {
					d.Resize(w, h)
					checkFrame(t, d, s.name, w, h)
				}
			}
			d.Model().(*App).Close()
		})
	}
}

const nasty = "\x1b]0;owned\x07\x1b[2J\u202eevil\u2066\x9b31m\x00日本語👨‍👩‍👧\r\n\t\u00a0"

// hostile changes every JSON reply so that its strings carry nasty text.
type hostile struct{ rt http.RoundTripper }

func (h hostile) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := h.rt.RoundTrip(r)
	if err != nil {
		return res, err
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	body = bytes.ReplaceAll(body, []byte(`"error_description":"`), []byte(`"error_description":"\u001b]52;c;aaaa\u0007\u202e日本語\u009b2J`))
	body = bytes.ReplaceAll(body, []byte(`"item":"`), []byte(`"item":"\u001b[31m\u202e日本`))
	body = bytes.ReplaceAll(body, []byte(`"scope":"`), []byte(`"scope":"\u001b[8m\u202e `))
	res.Body = io.NopCloser(bytes.NewReader(body))
	res.Header.Set("X-Evil", "\x1b]0;owned\x07")
	res.Header.Set("WWW-Authenticate", "Bearer error=\"\x1b[2J\u202e\"")
	res.ContentLength = int64(len(body))
	res.Header.Del("Content-Length")
	return res, nil
}

var hostileSizes = [][2]int{{120, 36}, {60, 16}, {80, 24}, {200, 60}}

// TestHostile: text that others chose never gets out of its place.
func TestHostile(t *testing.T) {
	for _, name := range []string{"works", "wrong-password", "mfa-otp", "action-denied"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.opt.ColorProfile = termenv.TrueColor
			b.wrap = func(rt http.RoundTripper) http.RoundTripper { return hostile{rt} }
			b.opt.Demo = nastyDemo{b}
			d := b.openDemo(name, 120, 36)
			for _, k := range []string{"enter", "w", "enter", "esc", "esc", "L", "esc", "m", "enter", "c", "s", "v", "=", "esc", "enter", "enter", "tab", "tab", "M", "6", "enter", "enter", "?", "esc", "1", "?"} {
				d.Press(k)
				if err := d.Settle(); err != nil {
					t.Fatal(err)
				}
				for _, size := range hostileSizes {
					d.Resize(size[0], size[1])
					checkFrame(t, d, name+" "+k, size[0], size[1])
				}
			}
		})
	}
}

// nastyDemo is tenants whose set-ups carry nasty text.
type nastyDemo struct{ *bench }

func (n nastyDemo) Tenants() []DemoTenant {
	out := n.bench.Tenants()
	for i := range out {
		out[i].Title += nasty
		out[i].Teaches += nasty
	}
	return out
}

func (n nastyDemo) Open(ctx context.Context, name string) (flows.Config, DemoTools, error) {
	cfg, tools, err := n.bench.Open(ctx, name)
	cfg.Name += nasty
	cfg.Environment = nasty
	cfg.Scopes = append(cfg.Scopes, "evil"+nasty)
	cfg.Calls = append(cfg.Calls, flows.SavedCall{Name: nasty, Method: "GET", URL: "/api/me?" + nasty, Headers: map[string]string{"X": nasty}, Body: nasty})
	return cfg, tools, err
}
