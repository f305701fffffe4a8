package ui

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/muesli/termenv"

	"authwalk/flows"
	"authwalk/ui/drive"
)

// How a screen can stand.
const (
	empty  = "empty"
	busy   = "busy"
	good   = "good"
	failed = "failed"
)

// gridNeeds are all screens and how each can stand: a screen that is not here,
// or a state that no stage below shows, fails the test.
var gridNeeds = map[string][]string{
	"tenantScreen":    {empty, busy, good, failed},
	"profileScreen":   {empty, good, failed},
	"checkScreen":     {empty, busy, good, failed},
	"formScreen":      {empty, good, failed},
	"requestScreen":   {busy, good, failed},
	"challengeScreen": {empty, busy, good, failed},
	"qrScreen":        {good},
	"claimsScreen":    {empty, busy, good, failed},
	"compareScreen":   {good},
	"apiScreen":       {empty, busy, good, failed},
	"refreshScreen":   {empty, busy, good, failed},
	"scopePicker":     {good},
	"callKeeper":      {good},
	"wireScreen":      {empty, good, failed},
	"logScreen":       {empty, good, failed},
	"verdictScreen":   {failed},
	"commandsScreen":  {good},
	"explainScreen":   {empty, failed},
	"exportScreen":    {good, failed},
	"helpScreen":      {good},
	"paletteScreen":   {empty, good},
	"pickScreen":      {good},
	"dialog":          {good},
}

// stage is a screen in one state, and how to get there from the list.
type stage struct {
	name string
	is   string // the state of the screen in front; empty: good
	demo string
	opt  func(*bench) // before the start
	keys []string
	then func(*bench, *drive.Driver)
}

// stages are every screen in every state that can be made here.
var stages = []stage{
	{name: "tenants"},
	{name: "tenants-filter", keys: []string{"/", "m", "f", "a"}},
	{name: "tenants-end", keys: []string{"end"}},
	{name: "tenants-nothing", is: empty, keys: []string{"/", "z", "q", "x"}},
	{name: "tenants-none", is: empty, opt: func(b *bench) { b.opt.Demo, b.opt.ProfilesPath = nil, "none.toml" }},
	{name: "tenants-bad-file", is: failed, opt: func(b *bench) {
		b.opt.ProfilesPath = b.write("bad.toml", "[profile.x]\ndomain = 7\nwhat = true\n[[[\n")
	}},
	{name: "tenants-opening", is: busy, opt: func(b *bench) { b.opt.Demo = stuckDemo{b} }, keys: []string{"down", "down"}, then: func(_ *bench, d *drive.Driver) { d.Press("enter") }},
	{name: "profile-new", is: empty, keys: []string{"n"}},
	{name: "profile-bad", is: failed, keys: []string{"n"}, then: func(b *bench, d *drive.Driver) { d.Type("not a host"); b.keys(d, "ctrl+s") }},
	{name: "profile-pasted", keys: []string{"n"}, then: func(b *bench, d *drive.Driver) {
		d.Paste("AUTH0_DOMAIN=acme-dev.eu.auth0.com\nAUTH0_CLIENT_ID=abc123\nAUTH0_CLIENT_SECRET=Sygunverysecret99\nAPP_BASE_URL=x\n")
		d.MustSettle(b.t)
	}},
	{name: "profile-edit", keys: []string{"e"}},
	{name: "profile-delete", keys: []string{"x"}},
	{name: "check-begin", is: empty, keys: []string{"c"}},
	{name: "check", demo: "works", then: func(b *bench, d *drive.Driver) { b.keys(d, "1", "c", "enter") }},
	{name: "check-fails", is: failed, demo: "no-default-directory", then: func(b *bench, d *drive.Driver) { b.keys(d, "1", "c", "enter") }},
	{name: "check-busy", is: busy, demo: "works", keys: []string{"1", "c"}, then: stuck("enter")},
	{name: "form", demo: "works"},
	{name: "form-empty", is: empty, keys: []string{"enter"}},
	{name: "form-focus", demo: "works", keys: []string{"tab"}},
	{name: "form-scopes", demo: "works", keys: []string{"tab", "tab", "tab", "tab", "tab"}, then: func(_ *bench, d *drive.Driver) { d.Type("https://acme.test/scope/very/long/name") }},
	{name: "form-choice", demo: "works", keys: []string{"tab", "tab", "tab", "tab", "tab", "tab", "tab"}},
	{name: "form-wrong", is: failed, demo: "works", keys: []string{"up"}, then: func(b *bench, d *drive.Driver) { d.Type("no address"); b.keys(d, "ctrl+s") }},
	{name: "form-request", demo: "works", keys: []string{"ctrl+t"}},
	{name: "prod-asks", keys: []string{"down", "enter"}, then: func(b *bench, d *drive.Driver) {
		d.Type("ada")
		b.keys(d, "tab")
		d.Type("pw")
		b.keys(d, "ctrl+s")
	}},
	{name: "tokens", demo: "works", keys: []string{"enter"}},
	{name: "tokens-odd", demo: "no-audience", keys: []string{"enter"}},
	{name: "refused", is: failed, demo: "wrong-password", keys: []string{"enter"}},
	{name: "refused-no-json", is: failed, demo: "gateway-502", keys: []string{"enter"}},
	{name: "refused-throttled", is: failed, demo: "rate-limited", keys: []string{"enter"}},
	{name: "refused-again", demo: "wrong-password", keys: []string{"enter", "enter"}, then: func(b *bench, d *drive.Driver) { b.clock.pass(3e9); b.keys(d, "ctrl+s") }},
	{name: "fix", demo: "grant-not-allowed", keys: []string{"enter", "j", "enter"}},
	{name: "mfa-code", is: empty, demo: "mfa-otp", keys: []string{"enter"}},
	{name: "mfa-typed", demo: "mfa-otp", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); d.Type("000000") }},
	{name: "mfa-wrong", is: failed, demo: "mfa-otp", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); d.Type("000000"); b.keys(d, "enter") }},
	{name: "mfa-push", is: busy, demo: "mfa-push", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); b.keys(d, "enter") }},
	{name: "mfa-other", demo: "mfa-otp", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); b.keys(d, "ctrl+o") }},
	{name: "mfa-enrol", demo: "mfa-enrol", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); b.keys(d, "ctrl+s") }},
	{name: "mfa-qr", demo: "mfa-enrol", keys: []string{"enter"}, then: func(b *bench, d *drive.Driver) { b.after(d); b.keys(d, "ctrl+s", "ctrl+q") }},
	{name: "claims", demo: "works", keys: []string{"enter", "enter"}},
	{name: "claims-checks", demo: "works", keys: []string{"enter", "enter", "c"}},
	{name: "claims-scopes", demo: "rbac", keys: []string{"enter", "enter", "s"}},
	{name: "claims-raw", demo: "works", keys: []string{"enter", "enter", "v"}},
	{name: "claims-id", demo: "works", keys: []string{"enter", "enter", "tab"}},
	{name: "claims-no-refresh-token", is: empty, demo: "offline-access-off", keys: []string{"enter", "enter", "tab", "tab"}},
	{name: "claims-refresh", demo: "works", keys: []string{"enter", "enter", "tab", "tab"}},
	{name: "claims-jwe", demo: "no-audience", keys: []string{"enter", "enter"}},
	{name: "claims-alg-none", is: failed, demo: "alg-none", keys: []string{"enter", "enter", "c"}},
	{name: "claims-expired", is: failed, demo: "expired-token", keys: []string{"enter", "enter", "c"}},
	{name: "claims-wrong-issuer", is: failed, demo: "custom-domain", keys: []string{"enter", "enter", "c"}},
	{name: "claims-busy", is: busy, demo: "works", then: func(b *bench, d *drive.Driver) {
		b.wrap = func(rt http.RoundTripper) http.RoundTripper { return noKeys{rt} }
		d.Press("enter")
		d.WaitText(b.t, "see the claims")
		d.Press("enter")
		d.WaitText(b.t, "4 Claims")
	}},
	{name: "compare", demo: "works", keys: []string{"enter", "enter", "u", "="}},
	{name: "userinfo-refused", is: failed, demo: "hs256-api", keys: []string{"enter", "enter", "u"}},
	{name: "api", is: empty, demo: "works", keys: []string{"enter", "enter", "enter"}},
	{name: "api-busy", is: busy, demo: "works", keys: []string{"enter", "enter", "enter"}, then: stuck("enter")},
	{name: "api-answer", demo: "works", keys: []string{"enter", "enter", "enter", "enter"}},
	{name: "api-403", is: failed, demo: "works", keys: []string{"enter", "enter", "enter", "j", "enter"}},
	{name: "api-edit", demo: "works", keys: []string{"enter", "enter", "enter", "n"}},
	{name: "api-keep", demo: "works", keys: []string{"enter", "enter", "enter", "n"}, then: func(b *bench, d *drive.Driver) {
		w := app(d).walk
		w.demo, w.id = false, "profile:works" // as if it were the person's own
		d.Type("/api/me")
		b.keys(d, "ctrl+k")
	}},
	{name: "api-jq", demo: "works", keys: []string{"enter", "enter", "enter", "enter"}, then: func(b *bench, d *drive.Driver) {
		for d.Model().(*App).walk.api.part != partAnswer {
			b.keys(d, "tab")
		}
		b.keys(d, "/")
		d.Type(".orders[].item")
		b.keys(d, "enter")
	}},
	{name: "refresh", demo: "works", keys: []string{"enter", "6"}},
	{name: "refresh-none", is: empty, demo: "offline-access-off", keys: []string{"enter", "6"}},
	{name: "refresh-busy", is: busy, demo: "works", keys: []string{"enter", "6"}, then: stuck("enter")},
	{name: "refreshed", demo: "works", keys: []string{"enter", "6", "enter"}, then: func(b *bench, d *drive.Driver) { b.clock.pass(2e9); b.keys(d, "enter") }},
	{name: "refresh-refused", is: failed, demo: "refresh-expired", keys: []string{"enter", "6", "enter"}},
	{name: "refresh-expired", demo: "short-lived", keys: []string{"enter", "6"}, then: func(b *bench, _ *drive.Driver) { b.clock.pass(90e9) }},
	{name: "refresh-scopes", demo: "works", keys: []string{"enter", "6", "s"}},
	{name: "revoke-asks", demo: "works", keys: []string{"enter", "6", "x"}},
	{name: "revoked", demo: "works", keys: []string{"enter", "6", "x", "y", "o"}},
	{name: "wire", demo: "works", keys: []string{"enter", "w"}},
	{name: "wire-detail", demo: "works", keys: []string{"enter", "w", "enter"}},
	{name: "wire-empty", is: empty, demo: "works", keys: []string{"w"}},
	{name: "wire-no-reply", is: failed, demo: "connection-reset", keys: []string{"enter", "w", "enter"}},
	{name: "wire-as", demo: "works", keys: []string{"enter", "w", "C"}},
	{name: "log", is: failed, demo: "wrong-password", keys: []string{"enter", "L"}},
	{name: "log-good", demo: "works", keys: []string{"enter", "L"}},
	{name: "log-empty", is: empty, demo: "works", keys: []string{"L"}},
	{name: "export", demo: "works", keys: []string{"enter", "E"}},
	{name: "export-fails", is: failed, demo: "works", opt: func(b *bench) { b.opt.Dir = "no/such/folder" }, keys: []string{"enter", "E", "enter"}},
	{name: "help", demo: "works", keys: []string{"enter", "enter", "?"}},
	{name: "palette", demo: "works", keys: []string{"enter", "ctrl+p"}},
	{name: "palette-nothing", is: empty, demo: "works", keys: []string{"ctrl+p", "z", "q", "x"}},
	{name: "explain", is: empty, keys: []string{"X"}},
	{name: "explain-what", is: failed, keys: []string{"X"}, then: func(b *bench, d *drive.Driver) {
		d.Paste("what is this")
		d.MustSettle(b.t)
		b.keys(d, "enter")
	}},
	{name: "explained", is: failed, keys: []string{"X"}, then: func(b *bench, d *drive.Driver) {
		d.Paste(`{"error":"access_denied","error_description":"Unauthorized"}`)
		d.MustSettle(b.t)
	}},
	{name: "lock", demo: "works", keys: []string{"enter", "ctrl+l"}},
	{name: "busy", is: busy, demo: "works", then: stuck("enter")},
}

// stuck presses a key with a network where no answer comes.
func stuck(key string) func(*bench, *drive.Driver) {
	return func(b *bench, d *drive.Driver) {
		b.wrap = func(http.RoundTripper) http.RoundTripper { return blocked{} }
		d.Press(key)
	}
}

// stuckDemo is demo tenants that do not come to start.
type stuckDemo struct{ *bench }

func (stuckDemo) Open(ctx context.Context, _ string) (flows.Config, DemoTools, error) {
	<-ctx.Done()
	return flows.Config{}, nil, ctx.Err()
}

// noKeys is a network where the keys do not come.
type noKeys struct{ rt http.RoundTripper }

func (n noKeys) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "jwks.json") {
		return blocked{}.RoundTrip(r)
	}
	return n.rt.RoundTrip(r)
}

// blocked is a network where no answer comes.
type blocked struct{}

func (blocked) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// write makes a file in the stage's folder.
func (b *bench) write(name, text string) string {
	b.t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return name
}

// set brings a stage onto the screen.
func (s stage) set(b *bench, w, h int) *drive.Driver {
	b.t.Helper()
	b.t.Chdir(b.t.TempDir()) // so that no path of this machine is on the screen
	b.opt.ProfilesPath, b.opt.Dir = b.write("profiles.toml", cmp.Or(b.profiles, profileText)), ""
	b.opt.Scenario = s.demo
	if s.opt != nil {
		s.opt(b)
	}
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
	seen := map[string][]string{}
	for i, s := range stages {
		t.Run(s.name, func(t *testing.T) {
			b := newBench(t)
			b.opt.ColorProfile = []termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI, termenv.Ascii}[i%4]
			b.opt.ASCII = i%8 == 3
			d := s.set(b, 120, 36)
			screen := frontOf(d)
			is := cmp.Or(s.is, good)
			if !slices.Contains(gridNeeds[screen], is) {
				t.Errorf("gridNeeds has no %s %s", screen, is)
			}
			seen[screen] = append(seen[screen], is)
			if turns := app(d).busy() || is == busy && screen == "challengeScreen"; (is == busy) != turns {
				t.Errorf("the stage is %s, and busy is %v", is, app(d).busy())
			}
			look(d, "g-"+s.name)
			if w := faintWord(app(d), d.Frame()); w != "" && screen != "dialog" {
				t.Errorf("%q is text in the ink for lines", w)
			}
			ascii := app(d).opt.ASCII
			app(d).opt.ASCII = true
			if i := strings.IndexFunc(d.Frame(), func(r rune) bool { return r > 0x7e }); i >= 0 {
				t.Errorf("with signs of ASCII alone: %q", d.Frame()[max(i-20, 0):i+10])
			}
			app(d).opt.ASCII = ascii
			for _, w := range gridWidths {
				for _, h := range gridHeights {
					d.Resize(w, h)
					checkFrame(t, d, s.name, w, h)
				}
			}
			d.Model().(*App).Close()
		})
	}
	if f := flag.Lookup("test.run").Value.String(); strings.Contains(f, "/") {
		return // some stages only
	}
	for _, screen := range screensOf(t) {
		if len(gridNeeds[screen]) == 0 {
			t.Errorf("%s is not in the grid", screen)
		}
		for _, is := range gridNeeds[screen] {
			if !slices.Contains(seen[screen], is) {
				t.Errorf("no stage shows %s %s", screen, is)
			}
		}
	}
}

// long is a value that no line has room for, of letters that take two columns
// each and of those that take none.
var long = strings.Repeat("とても長い値", 40) + strings.Repeat("e\u0301", 200) + strings.Repeat("w", 300)

// roughText is profileText with values that no line has room for.
var roughText = strings.NewReplacer(`"q1w2e3r4t5"`, strconv.Quote(long), `"profile"]`, `"`+strings.Repeat("read:everything.", 20)+`"]`+"\nusername = "+strconv.Quote(long)+"\naudience = \"https://api.test/"+long+`"`).Replace(profileText)

// rough changes replies so that the values in them are long, wide and hostile;
// what becomes of the walk stays as it is, but that the ID token's signature is
// none any more.
type rough struct{ rt http.RoundTripper }

func (h rough) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := hostile(h).RoundTrip(r)
	if err != nil {
		return res, err
	}
	body, _ := io.ReadAll(res.Body)
	var v map[string]any
	if json.Unmarshal(body, &v) == nil {
		for _, k := range []string{"error_description", "scope", "item", "name", "nickname", "token_type"} {
			if s, ok := v[k].(string); ok && k != "token_type" {
				v[k] = s + " " + long + nasty
			}
		}
		if id, ok := v["id_token"].(string); ok && strings.Count(id, ".") == 2 {
			parts := strings.Split(id, ".")
			var claims map[string]any
			if text, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil && json.Unmarshal(text, &claims) == nil {
				claims[nasty+long], claims["name"], claims["list"] = long+nasty, nasty+long, []any{nasty, long, map[string]any{nasty: long}}
				text, _ = json.Marshal(claims)
				parts[1] = base64.RawURLEncoding.EncodeToString(text)
				v["id_token"] = strings.Join(parts, ".")
			}
		}
		body, _ = json.Marshal(v)
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Set("X-Long", long)
	return res, nil
}

// roughDemo is demo tenants whose set-ups have long, wide and hostile values
// where the walk stays what it is.
type roughDemo struct{ Demo }

func (n roughDemo) Tenants() []DemoTenant {
	out := n.Demo.Tenants()
	for i := range out {
		out[i].Title, out[i].Teaches, out[i].Topic = out[i].Title+long+nasty, nasty+long, out[i].Topic+long+nasty
	}
	return out
}

func (n roughDemo) Open(ctx context.Context, name string) (flows.Config, DemoTools, error) {
	cfg, tools, err := n.Demo.Open(ctx, name)
	cfg.Name, cfg.Environment = cfg.Name+nasty+long, nasty+long
	for i := range cfg.Calls {
		cfg.Calls[i].Name += nasty + long
	}
	return cfg, tools, err
}

// roughSizes are fewer: what is drawn is the same as in TestGrid.
var roughSizes = [][2]int{{1, 1}, {60, 16}, {61, 17}, {80, 24}, {99, 21}, {100, 30}, {120, 36}, {200, 60}}

// TestGridRough: the same screens in the same states, with values that are long,
// wide and hostile.
func TestGridRough(t *testing.T) {
	for i, s := range stages {
		t.Run(s.name, func(t *testing.T) {
			b := newBench(t)
			b.opt.ColorProfile = []termenv.Profile{termenv.Ascii, termenv.TrueColor, termenv.ANSI256, termenv.ANSI}[i%4]
			b.profiles = roughText
			b.wrap = func(rt http.RoundTripper) http.RoundTripper { return rough{rt} }
			opt := s.opt
			s.opt = func(b *bench) {
				if opt != nil {
					opt(b)
				}
				if b.opt.Demo != nil {
					b.opt.Demo = roughDemo{b.opt.Demo}
				}
			}
			d := s.set(b, 120, 36)
			look(d, "r-"+s.name)
			if is := cmp.Or(s.is, good); !slices.Contains(gridNeeds[frontOf(d)], is) {
				t.Errorf("it leads to %s, which is never %s", frontOf(d), is)
			}
			for _, size := range roughSizes {
				d.Resize(size[0], size[1])
				checkFrame(t, d, s.name, size[0], size[1])
			}
			d.Model().(*App).Close()
		})
	}
}

// faintWord is a word that a frame has in the ink that only lines and marks are
// drawn in, behind dialogs apart: its contrast is less than text needs.
func faintWord(a *App, frame string) string {
	if a.faint.on == "" {
		return ""
	}
	for _, part := range strings.Split(frame, a.faint.on)[1:] {
		text, _, _ := strings.Cut(part, "\x1b")
		if strings.IndexFunc(text, unicode.IsLetter) >= 0 {
			return text
		}
	}
	return ""
}

// frontOf names the type of the screen in front.
func frontOf(d *drive.Driver) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", app(d).front()), "*ui.")
}

// screensOf are the types of this package that are screens: those that say what
// they are about.
func screensOf(t *testing.T) []string {
	t.Helper()
	var names []string
	files, err := filepath.Glob(filepath.Join(sourceDir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	about := regexp.MustCompile(`(?m)^func \(\w+ \*(\w+)\) about\(\) string`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range about.FindAllSubmatch(text, -1) {
			names = append(names, string(m[1]))
		}
	}
	return names
}

// sourceDir is this package's folder, before a test goes to another.
var sourceDir = func() string { d, _ := os.Getwd(); return d }()

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
