package ui

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"go.uber.org/goleak"

	"authwalk/flows"
	"authwalk/ui/drive"
	"authwalk/ui/picture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// app is the program's model.
func app(d *drive.Driver) *App { return d.Model().(*App) }

// counter counts the requests that go out, and holds them back while shut.
type counter struct {
	rt   http.RoundTripper
	b    *bench
	gate chan struct{}
}

func (c counter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.b.mu.Lock()
	c.b.sent = append(c.b.sent, r.Method+" "+r.URL.Path)
	c.b.mu.Unlock()
	if c.gate != nil {
		select {
		case <-c.gate:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return c.rt.RoundTrip(r)
}

func (b *bench) count(path string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, s := range b.sent {
		if strings.HasSuffix(s, path) {
			n++
		}
	}
	return n
}

func TestOnePressOneRequest(t *testing.T) {
	b := newBench(t)
	gate := make(chan struct{})
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return counter{rt, b, gate} }
	d := b.openDemo("works", 120, 36)
	for range 50 { // a held key
		d.Press("enter")
	}
	close(gate)
	d.MustSettle(t)
	if n := b.count("/oauth/token"); n != 1 {
		t.Fatalf("50 presses sent %d token requests", n)
	}
}

func TestHeldEnterBurnsNoAttempts(t *testing.T) {
	b := newBench(t)
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return counter{rt, b, nil} }
	d := b.openDemo("wrong-password", 120, 36)
	for range 60 { // ten seconds of a held key
		b.keys(d, "enter")
		b.clock.pass(170 * time.Millisecond)
	}
	if n := b.count("/oauth/token"); n != 1 {
		t.Fatalf("a held enter sent %d token requests after a refusal", n)
	}
}

func TestCancelAndLateAnswer(t *testing.T) {
	b := newBench(t)
	gate := make(chan struct{})
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return counter{rt, b, gate} }
	d := b.openDemo("works", 120, 36)
	d.Press("enter")
	d.WaitText(t, "under way")
	d.Press("esc")
	mustContain(t, d.Text(), "The request was cancelled", "You can now")
	close(gate)
	d.MustSettle(t)
	mustContain(t, d.Text(), "The request was cancelled")
	a := app(d)
	if a.walk.generation() != nil {
		t.Fatal("a cancelled request's tokens were taken")
	}
	if len(a.walk.session.Exchanges) == 0 {
		t.Fatal("what went out before the cancel is not on the wire")
	}
	mustContain(t, b.keys(d, "w"), "cancelled")
}

// late answers although its request was cancelled: the race that ids are for.
type late struct {
	rt   http.RoundTripper
	once *sync.Once
}

func (l late) RoundTrip(r *http.Request) (*http.Response, error) {
	first := false
	l.once.Do(func() { first = true })
	if !first {
		return l.rt.RoundTrip(r)
	}
	<-r.Context().Done()
	return l.rt.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
}

func TestAnswerOfAnEarlierRequest(t *testing.T) {
	b := newBench(t)
	var once sync.Once
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return late{rt, &once} }
	d := b.openDemo("works", 120, 36)
	d.Press("enter")
	d.WaitText(t, "under way")
	d.Press("esc", "2")
	text := d.Text()
	d.MustSettle(t)
	if d.Text() != text || app(d).walk.generation() != nil {
		t.Fatalf("a late answer changed the screen:\n%s", d.Text())
	}
	b.clock.pass(3 * time.Second)
	b.keys(d, "ctrl+s")
	mustContain(t, d.Text(), "Tokens came back")
}

func TestKeysInTheWrongOrder(t *testing.T) {
	b := newBench(t)
	d := b.start(120, 36)
	for _, k := range []string{"6", "3", "w", "L", "e", "x", "d", "y", "u", "tab", "esc", "esc", "ctrl+s", "ctrl+r", "n", "left", "f5", "pgdown", "end", "home", "="} {
		b.keys(d, k)
	}
	if a := app(d); a.at != stepTenant || len(a.over) != 0 || d.Quit() {
		t.Fatalf("the keys led to step %d with %d screens over it", a.at, len(a.over))
	}
	b.keys(d, "home", "enter", "4", "5", "6", "w", "esc", "r")
	if a := app(d); a.at != stepForm {
		t.Fatalf("step %d instead of the form", a.at)
	}
}

func TestTypingKeepsLetters(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	f := app(d).walk.form.form
	f.focusOn("username")
	f.set("username", "")
	d.Type("q1wmM?:/=EXL")
	if v := f.values()["username"]; v != "q1wmM?:/=EXL" || d.Quit() || app(d).at != stepForm {
		t.Fatalf("typed text became %q, step %d, quit %v", v, app(d).at, d.Quit())
	}
	b.keys(d, "esc")
	if f.typing() || app(d).at != stepForm {
		t.Fatal("esc did not leave the field")
	}
	b.keys(d, "esc")
	if app(d).at != stepTenant {
		t.Fatal("esc on the button did not go back")
	}
}

func TestPaste(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	f := app(d).walk.form.form
	f.focusOn("password")
	f.set("password", "")
	d.Paste("s3cret q\n")
	if v := f.values()["password"]; v != "s3cret q" {
		t.Fatalf("the pasted password became %q", v)
	}
	f.focusOn("scope")
	f.set("scope", "")
	d.Paste("openid https://acme.test/read\nread:orders ")
	if v := f.values()["scope"]; v != "openid read:orders https://acme.test/read" {
		t.Fatalf("the pasted scopes became %q", v)
	}
	if d.Quit() || app(d).at != stepForm {
		t.Fatal("a paste did more than paste")
	}
	x := &field{Field: flows.Field{Kind: flows.KindCode}, in: newInput("")}
	x.paste(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(" 123 456\n"), Paste: true})
	if x.value() != "123456" {
		t.Fatalf("the pasted code became %q", x.value())
	}
	b.keys(d, "esc") // onto the button: a paste must fire no key
	d.Paste("q\n1x")
	if d.Quit() || app(d).at != stepForm || len(app(d).over) != 0 {
		t.Fatal("a paste on the button fired keys")
	}
	mustContain(t, d.Text(), "Nothing was pasted")
}

func TestProdAsks(t *testing.T) {
	b := newBench(t)
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return counter{rt, b, nil} }
	b.opt.Demo = prodDemo{b}
	d := b.openDemo("works", 120, 36)
	mustContain(t, d.Text(), " PROD ")
	for range 5 {
		b.keys(d, "enter")
	}
	mustContain(t, d.Text(), "This is a prod environment")
	if n := b.count("/oauth/token"); n != 0 {
		t.Fatal("enter sent to prod")
	}
	b.keys(d, "n")
	if n := b.count("/oauth/token"); n != 0 || app(d).at != stepForm {
		t.Fatal("no was not heard")
	}
	b.keys(d, "enter", "y")
	if n := b.count("/oauth/token"); n != 1 {
		t.Fatalf("y sent %d requests", n)
	}
	b.keys(d, "6", "enter")
	mustContain(t, d.Text(), "This is a prod environment")
	b.keys(d, "y")
	mustContain(t, d.Text(), "generation 1")
}

type prodDemo struct{ *bench }

func (p prodDemo) Open(ctx context.Context, name string) (flows.Config, DemoTools, error) {
	cfg, tools, err := p.bench.Open(ctx, name)
	cfg.Environment = "prod"
	return cfg, tools, err
}

func TestGraceOfAChallenge(t *testing.T) {
	b := newBench(t)
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return counter{rt, b, nil} }
	d := b.openDemo("mfa-push", 120, 36)
	b.keys(d, "enter")
	n := b.count("/mfa/challenge")
	for range 10 {
		b.keys(d, "enter")
	}
	if b.count("/mfa/challenge") != n {
		t.Fatal("a held enter answered a challenge that came by itself")
	}
	for range 60 { // two seconds of a held key
		b.clock.pass(30 * time.Millisecond)
		b.keys(d, "enter")
	}
	if b.count("/mfa/challenge") != n {
		t.Fatal("a key held beyond the grace answered a challenge that came by itself")
	}
	b.after(d)
	b.keys(d, "enter")
	if b.count("/mfa/challenge") != n+1 {
		t.Fatal("enter did not go on after the grace")
	}
	// Leaving ends the polling.
	b.keys(d, "esc")
	polls := b.count("/oauth/token")
	d.Send(secondMsg{})
	d.MustSettle(t)
	if d.Held() == 0 {
		t.Fatal("the poll's tick is gone: this test proves nothing")
	}
	if b.count("/oauth/token") != polls || app(d).at != stepForm {
		t.Fatal("the polling went on after leaving")
	}
}

func TestLeavingStopsThePolling(t *testing.T) {
	b := newBench(t)
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return counter{rt, b, nil} }
	d := b.openDemo("mfa-push", 120, 36)
	b.keys(d, "enter")
	b.after(d)
	b.keys(d, "enter")
	a := app(d)
	if !a.walk.request.challenge.wait.running() {
		t.Fatal("nothing is polled")
	}
	b.keys(d, "1")
	if a.walk.request.challenge.wait.running() {
		t.Fatal("the polling goes on although its step was left")
	}
	b.keys(d, "3")
	if !a.walk.request.challenge.wait.running() {
		t.Fatal("coming back does not go on waiting")
	}
	// Leaving while a request is under way cancels it.
	b = newBench(t)
	gate := make(chan struct{})
	defer close(gate)
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return counter{rt, b, gate} }
	d = b.openDemo("works", 120, 36)
	d.Press("enter", "1")
	d.MustSettle(t)
	b.keys(d, "3")
	mustContain(t, d.Text(), "The request was cancelled")
}

func TestHeldRefresh(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "6")
	for range 30 {
		b.keys(d, "enter")
		b.clock.pass(30 * time.Millisecond)
	}
	if n := len(app(d).walk.session.Generations); n != 2 {
		t.Fatalf("a key held for 0.9 s made %d generations", n)
	}
}

func TestClaimsFilter(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "enter", "/")
	d.Type("exp")
	text := b.keys(d, "enter")
	mustContain(t, text, "2026-03-15")
	if strings.Contains(text, "auth0|") {
		t.Fatalf("the filter lets everything through:\n%s", text)
	}
	mustContain(t, b.keys(d, "esc"), "auth0|")
}

func TestSessionsAreKept(t *testing.T) {
	b := newBench(t)
	d := b.start(120, 36)
	b.keys(d, "enter", "enter", "1", "j", "enter", "enter")
	a := app(d)
	if len(a.walks) != 2 || a.walk.name != "realm-employees" || a.walk.generation() == nil {
		t.Fatalf("%d walks, at %s", len(a.walks), a.walk.name)
	}
	text := b.keys(d, "1")
	if strings.Count(text, "✓ token") != 2 {
		t.Fatalf("the list does not tell whose tokens are there:\n%s", text)
	}
	b.keys(d, "k", "enter")
	if a.walk.name != "works" || a.walk.generation() == nil {
		t.Fatal("the first tenant's tokens are lost")
	}
	b.keys(d, "4")
	mustContain(t, d.Text(), "works.demo.test")
	// Another user of the same tenant has a chain of his own.
	ada := a.walk.session
	a.walk.use("grace@acme.test", a.walk.cfg)
	if a.walk.session == ada || a.walk.generation() != nil {
		t.Fatal("two users share a session")
	}
	a.walk.use(ada.Config.Username, a.walk.cfg)
	if a.walk.session != ada {
		t.Fatal("the first user's session is gone")
	}
}

func TestQuitAsksOnlyForWhatIsLost(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "q")
	if !d.Quit() {
		t.Fatal("q asks although only a demo was walked")
	}
	b = newBench(t)
	d = b.openDemo("works", 120, 36)
	app(d).walk.demo = false
	b.keys(d, "enter", "q")
	mustContain(t, d.Text(), "kept in memory only")
	b.keys(d, "enter")
	if d.Quit() {
		t.Fatal("enter quit")
	}
	b.keys(d, "y")
	if !d.Quit() || d.Interrupted() {
		t.Fatal("y did not quit")
	}
	b = newBench(t)
	d = b.start(120, 36)
	d.Press("ctrl+c")
	d.MustSettle(t)
	if !d.Interrupted() {
		t.Fatal("ctrl+c did not interrupt")
	}
}

func TestLockHidesAndTakesNoKey(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "ctrl+l")
	text := d.Text()
	for _, s := range []string{"works", "ada", "token"} {
		if strings.Contains(text, s) {
			t.Fatalf("the lock shows %q:\n%s", s, text)
		}
	}
	b.keys(d, "q", "enter", "w")
	if d.Quit() || len(app(d).over) != 0 {
		t.Fatal("a key went through the lock")
	}
	b.keys(d, "ctrl+l")
	mustContain(t, d.Text(), "Tokens came back")
}

// TestLockEverywhere: whatever is on the screen, ctrl+l hides it at once, no key
// and no paste comes through, and ctrl+l shows it again as it was.
func TestLockEverywhere(t *testing.T) {
	for _, s := range stages {
		if s.name == "lock" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			b := newBench(t)
			b.wrap = func(rt http.RoundTripper) http.RoundTripper { return counter{rt, b, nil} }
			d := s.set(b, 120, 36)
			a := app(d)
			defer a.Close()
			was := clocks.ReplaceAllString(d.Text(), "")
			d.Press("ctrl+l")
			locked := d.Text()
			if words := strings.Fields(locked); len(words) != 13 || words[0] != "authwalk" || words[1] != "Locked" {
				t.Fatalf("locked:\n%s", locked)
			}
			over, at, sent := len(a.over), a.at, b.count("")
			for _, k := range []string{"enter", "esc", "tab", "y", "q", "w", "x", "space", "down", "ctrl+s", "ctrl+p", "ctrl+r", "f1", "m", "M", "1"} {
				d.Press(k)
			}
			d.Paste("pasted\n")
			if d.Quit() || len(a.over) != over || a.at != at || b.count("") != sent || d.Text() != locked {
				t.Fatalf("a key went through the lock:\n%s", d.Text())
			}
			d.Press("ctrl+l")
			if is := clocks.ReplaceAllString(d.Text(), ""); is != was {
				t.Errorf("after the lock:\n%s\nbefore:\n%s", is, was)
			}
		})
	}
	t.Run("in the grace of a challenge", func(t *testing.T) {
		b := newBench(t)
		d := b.openDemo("mfa-otp", 120, 36)
		d.Press("enter")
		d.MustSettle(t)
		if a := app(d); a.clock.Mono() >= a.deaf {
			t.Fatal("no grace")
		}
		d.Press("ctrl+l")
		mustContain(t, d.Text(), "Locked")
	})
	t.Run("in the tour", func(t *testing.T) {
		b := newBench(t)
		b.opt.Tour = true
		d := b.start(120, 36)
		d.Press("ctrl+l")
		mustContain(t, d.Text(), "Locked")
		d.Press("x", "space")
		if a := app(d); a.tour == nil || a.tour.held {
			t.Error("a key went through the lock")
		}
		d.Press("ctrl+l")
		mustContain(t, d.Text(), "This tour walks through")
	})
}

// clocks are what changes by itself: times, and what turns.
var clocks = regexp.MustCompile(`[0-9]+|[⠀-⣿]|ago|in +s`)

func TestAutomaticRefresh(t *testing.T) {
	b := newBench(t)
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return counter{rt, b, nil} }
	d := b.openDemo("short-lived", 120, 36)
	b.keys(d, "enter", "6")
	pass := func(n int) {
		for range n {
			b.clock.pass(time.Second)
			d.Send(secondMsg{})
			d.MustSettle(t)
		}
	}
	pass(90)
	mustContain(t, d.Text(), "EXPIRED")
	if n := b.count("/oauth/token"); n != 1 {
		t.Fatalf("without automatic refresh %d token requests went out", n)
	}
	b.keys(d, "enter", "a")
	pass(90)
	a := app(d)
	if n := len(a.walk.session.Generations); n != 3 {
		t.Fatalf("%d generations after 90 s of automatic refresh, wanted one refresh by itself:\n%s", n, d.Text())
	}
	mustContain(t, d.Text(), "generation 2", "new refresh token", "Automatic refresh is on")
	// It stops at a refusal.
	b.tenantOf("short-lived").Close()
	a.walk.session.Current().Refresh = "wrong"
	pass(120)
	if n := b.count("/oauth/token"); n > 5 {
		t.Fatalf("automatic refresh went on after a refusal: %d requests", n)
	}
	if a.walk.refresh.auto {
		t.Fatal("automatic refresh is still on")
	}
}

func TestProbeReuse(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("refresh-rotating", 120, 36)
	b.keys(d, "enter", "6", "enter")
	mustContain(t, d.Text(), "generation 1", "new refresh token")
	b.keys(d, "p")
	mustContain(t, d.Text(), "Send a used refresh token again?")
	b.keys(d, "y")
	mustContain(t, d.Text(), "Reuse was refused")
	b.clock.pass(3 * time.Second)
	b.keys(d, "r")
	mustContain(t, d.Text(), "You can now")
	mustContain(t, d.Text(), "the tenant's log: L")
	mustContain(t, b.keys(d, "L"), "ferrt")
}

// TestOldToken: what became of the token before is told as far as the answer
// tells it. A throttled /userinfo has refused no token.
func TestOldToken(t *testing.T) {
	b := newBench(t)
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return counter{rt, b, nil} }
	d := b.openDemo("userinfo-throttled", 120, 36)
	b.keys(d, "enter", "6")
	b.clock.pass(3 * time.Second)
	mustContain(t, b.keys(d, "r"), "generation 1")
	mustContain(t, b.keys(d, "o"), "The access token of generation 0 is still taken, says /userinfo")
	before := b.count("/userinfo")
	for range 12 {
		b.keys(d, "o")
	}
	if n := b.count("/userinfo") - before; n != 12 {
		t.Errorf("12 presses sent %d requests", n)
	}
	frame := d.Text()
	mustContain(t, frame, "not known: /userinfo answers 429")
	mustNotContain(t, frame, "not taken any more")
	if n := strings.Count(frame, "still taken, says"); n > 2 {
		t.Errorf("the same is told %d times:\n%s", n, frame)
	}
}

func TestFewerScopes(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "6", "s", "space", "right", "right", "space", "enter")
	text := d.Text()
	mustContain(t, text, "generation 1", "2 scopes fewer")
}

func TestReplayAndCopies(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "w", "c")
	if len(b.copies) != 1 || !strings.HasPrefix(b.copies[0], "#") && !strings.Contains(b.copies[0], "curl") {
		t.Fatalf("copies: %q", b.copies)
	}
	cfg := app(d).walk.cfg
	if strings.Contains(b.copies[0], cfg.Password.Reveal()) || strings.Contains(b.copies[0], cfg.ClientSecret.Reveal()) {
		t.Fatal("the copied curl line has a secret in it")
	}
	mustContain(t, d.Text(), "Copied the request as curl")
	f := app(d).walk.form.form
	f.set("username", "somebody else")
	b.keys(d, "f")
	if app(d).at != stepForm || f.values()["username"] != cfg.Username {
		t.Fatalf("the form has %q", f.values()["username"])
	}
	b.keys(d, "4", "Y")
	mustContain(t, d.Text(), "Copy a secret?")
	b.keys(d, "y")
	if b.copies[len(b.copies)-1] != app(d).walk.generation().Tokens.AccessToken.Reveal() {
		t.Fatal("the token was not copied")
	}
}

func TestExport(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "m") // secrets shown: files are masked all the same
	secrets := b.secrets(app(d))
	for i := range 7 {
		b.keys(d, "E")
		for range i {
			b.keys(d, "j")
		}
		b.keys(d, "enter")
		b.clock.pass(time.Second)
	}
	files, _ := filepath.Glob(filepath.Join(b.opt.Dir, "authwalk-works-*"))
	if len(files) != 7 {
		t.Fatalf("%d files: %v\n%s", len(files), files, d.Text())
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v %v", f, info.Mode(), err)
		}
		text, _ := os.ReadFile(f)
		for name, s := range secrets {
			if bytes.Contains(text, []byte(s)) {
				t.Errorf("%s has the %s in it", filepath.Base(f), name)
			}
		}
	}
}

// secrets are all that no masked frame may show.
func (b *bench) secrets(a *App) map[string]string {
	out := map[string]string{"password": a.walk.cfg.Password.Reveal(), "client secret": a.walk.cfg.ClientSecret.Reveal()}
	for i, g := range a.walk.session.Generations {
		out[fmt.Sprintf("refresh token %d", i)] = g.Tokens.RefreshToken.Reveal()
		for name, tok := range map[string]flows.Secret{"access": g.Tokens.AccessToken, "ID": g.Tokens.IDToken} {
			if p := strings.Split(tok.Reveal(), "."); len(p) == 3 {
				out[fmt.Sprintf("signature of the %s token %d", name, i)] = p[2]
			}
		}
	}
	for k, v := range out {
		if v == "" {
			delete(out, k)
		}
	}
	return out
}

// encodings are the forms in which a secret may be in a text: as it is, in a URL,
// in JSON, and in base64 at every place.
func encodings(secret string) map[string]string {
	query := url.QueryEscape(secret)
	j, _ := json.Marshal(secret)
	out := map[string]string{"plain": secret, "URL": query, "path": strings.ReplaceAll(query, "+", "%20"), "JSON": string(j[1 : len(j)-1])}
	for lead := range 3 {
		padded := append([]byte("xyz")[:lead], secret...)
		from, to := (8*lead+5)/6, 8*len(padded)/6 // the characters that belong to the secret alone
		out[fmt.Sprint("base64 at ", lead)] = base64.StdEncoding.EncodeToString(padded)[from:to]
		out[fmt.Sprint("base64url at ", lead)] = base64.URLEncoding.EncodeToString(padded)[from:to]
	}
	return out
}

// TestNothingLeaks walks through everything, with secrets in URLs, headers and
// bodies that the API repeats, and searches every frame, the record, every file
// that is exported and all that is copied.
func TestNothingLeaks(t *testing.T) {
	b := newBench(t)
	var cast bytes.Buffer
	b.opt.Record = &cast
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return echo{rt} }
	d := b.openDemo("works", 200, 60)
	const password = `p@ss "w0rd" <&> 'ü' 100%+x/y?`
	a := app(d)
	a.walk.form.form.set("password", password)
	out := map[string]string{}
	press := func(keys string) {
		for _, k := range strings.Fields(keys) {
			d.Press(k)
			d.MustSettle(t)
			out[fmt.Sprintf("frame %d, after %s", len(out), k)] = d.Text()
		}
	}
	press("tab tab ctrl+t esc enter") // refused: it is the wrong one
	a.walk.form.form.set("password", a.walk.cfg.Password.Reveal())
	b.clock.pass(5 * time.Second)
	press("w enter esc esc 2 ctrl+s enter c s v G v tab v tab v v u = esc enter enter tab tab j")
	for name, s := range b.secrets(a) {
		form := a.walk.api.form
		a.walk.api.load(flows.SavedCall{Method: "POST", URL: "/echo/" + url.PathEscape(s) + "?q=" + url.QueryEscape(s), Headers: map[string]string{"X-One": s, "X-Two": base64.StdEncoding.EncodeToString([]byte("ab" + s))}, Body: `{"n":` + strconv.Quote(s) + `,"b":"` + base64.RawURLEncoding.EncodeToString([]byte("a"+s)) + `"}`})
		press("ctrl+s P tab tab / w . enter esc y")
		if ex := a.walk.session.Exchanges[len(a.walk.session.Exchanges)-1]; !strings.Contains(ex.URL, "/echo/") || ex.Status != 200 {
			t.Fatalf("%s: no echo: %s %d", name, ex.URL, ex.Status)
		}
		a.walk.api.form = form
	}
	press("6 enter enter s esc x y y enter p o w G enter y C enter esc esc L esc ? esc ctrl+p esc M 2 4 w enter esc esc M")
	for more, kinds := range map[string]int{"": 7, "c ": 4} { // pictures have no claims but those on the screen
		for n := range kinds {
			press("E " + more + strings.Repeat("j ", n) + "enter")
			b.clock.pass(time.Second)
		}
	}
	files, err := os.ReadDir(b.opt.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(b.opt.Dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(f.Name()) != ".png" {
			out["file "+f.Name()] = string(text)
		}
	}
	if len(files) != 11 || len(b.copies) < 6 {
		t.Fatalf("%d files, %d copies", len(files), len(b.copies))
	}
	for i, c := range b.copies {
		out[fmt.Sprint("copy ", i)] = c
	}
	out["the record"] = cast.String()
	for where, text := range out {
		if strings.HasPrefix(where, "frame") { // what is cut by the end of a line, too
			out[where] = text + strings.ReplaceAll(text, "\n", "")
		}
	}
	secrets := b.secrets(a)
	secrets["wrong password"] = password
	for name, s := range secrets {
		for how, e := range encodings(s) {
			for where, text := range out {
				if i := strings.Index(text, e); i >= 0 {
					t.Errorf("%s has the %s (%s): …%.200q", where, name, how, text[max(i-80, 0):])
				}
			}
		}
	}
	press("M")
	for _, k := range []string{"1", "2", "3", "4", "tab", "w", "enter", "esc", "esc", "6", "="} {
		text := b.keys(d, k)
		for _, s := range []string{"ada@acme.test", "s.gravatar.com"} {
			if strings.Contains(text, s) {
				t.Errorf("presentation shows %q after %s:\n%s", s, k, text)
			}
		}
	}
}

// echo repeats what it gets at /echo/, as debugging proxies do.
type echo struct{ http.RoundTripper }

func (e echo) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.Path, "/echo/") {
		return e.RoundTripper.RoundTrip(r)
	}
	body, _ := io.ReadAll(r.Body)
	text, err := json.Marshal(map[string]any{"url": r.URL.String(), "path": r.URL.Path, "headers": r.Header, "body": string(body), "raw": body})
	if err != nil {
		return nil, err
	}
	return &http.Response{Status: "200 OK", StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}, "X-Echo": {r.Header.Get("X-One")}}, Body: io.NopCloser(bytes.NewReader(text)), ContentLength: int64(len(text))}, nil
}

func TestRecordMasksWhatIsShown(t *testing.T) {
	b := newBench(t)
	var cast bytes.Buffer
	b.opt.Record = &cast
	d := b.openDemo("works", 120, 36)
	b.keys(d, "m")
	mustContain(t, d.Text(), app(d).walk.cfg.Password.Reveal())
	if strings.Contains(cast.String(), app(d).walk.cfg.Password.Reveal()) {
		t.Fatal("the record shows the password")
	}
}

// TestRecordOnAFullDisk: it is told when a recording stops, and at the end; the
// walk goes on.
func TestRecordOnAFullDisk(t *testing.T) {
	b := newBench(t)
	b.opt.Record = full{}
	d := b.openDemo("works", 120, 36)
	a := app(d)
	mustContain(t, d.Text(), "The recording stopped: no space left on device.")
	mustContain(t, b.keys(d, "enter"), "Tokens came back")
	if strings.Contains(d.Text(), "recording") {
		t.Error("it is told again and again")
	}
	if err := a.rec.close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v", err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestProfiles(t *testing.T) {
	b := newBench(t)
	file := filepath.Join(t.TempDir(), "profiles.toml")
	b.opt.ProfilesPath = file
	d := b.start(120, 36)
	mustContain(t, d.Text(), "none yet: press n to make one")
	b.keys(d, "n")
	d.Paste("curl --request POST --url 'https://acme-dev.eu.auth0.com/oauth/token' --header 'content-type: application/x-www-form-urlencoded' --data grant_type=password --data username=ada@acme.test --data password=hunter22 --data audience=https://api.acme.dev/ --data scope=read:sample --data client_id=abc123 --data client_secret=verysecretvalue")
	d.MustSettle(t)
	text := d.Text()
	mustContain(t, text, "acme-dev.eu.auth0.com", "abc123", "https://api.acme.dev/", "read:sample")
	if strings.Contains(text, "hunter22") || strings.Contains(text, "verysecretvalue") {
		t.Fatalf("a pasted secret is on the screen:\n%s", text)
	}
	look(d, "pasted")
	b.keys(d, "ctrl+s")
	mustContain(t, d.Text(), "is saved", "acme-dev")
	saved, _ := os.ReadFile(file)
	if !bytes.Contains(saved, []byte(`client_id`)) || bytes.Contains(saved, []byte("hunter22")) || bytes.Contains(saved, []byte("verysecretvalue")) {
		t.Fatalf("the file:\n%s", saved)
	}
	b.keys(d, "d")
	b.keys(d, "ctrl+s")
	mustContain(t, d.Text(), "acme-dev-2")
	mustContain(t, b.keys(d, "D"), "acme-dev-2 is the default")
	if saved, _ := os.ReadFile(file); !bytes.HasPrefix(saved, []byte(`default = "acme-dev-2"`)) {
		t.Fatalf("the file:\n%s", saved)
	}
	b.keys(d, "x", "enter")
	mustContain(t, d.Text(), "Delete the profile")
	b.keys(d, "y")
	if text := d.Text(); strings.Contains(text, "acme-dev-2 ") && !strings.Contains(text, "is deleted") {
		t.Fatalf("not deleted:\n%s", text)
	}
	mustContain(t, d.Text(), "▸ acme-dev ") // the neighbour, not a demo tenant
	// A secret where a reference belongs is refused and not repeated.
	b.keys(d, "e")
	f := app(d).front().(*profileScreen).form
	f.focusOn("client_secret")
	f.set("client_secret", "")
	d.Type("plainsecret99")
	b.keys(d, "ctrl+s")
	mustContain(t, d.Text(), "env:")
	saved, _ = os.ReadFile(file)
	if bytes.Contains(saved, []byte("plainsecret99")) {
		t.Fatal("a secret was saved")
	}
}

func TestForeignHostAsks(t *testing.T) {
	b := newBench(t)
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return elsewhere{rt} }
	b.opt.Demo = issuerDemo{b}
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter")
	mustContain(t, d.Text(), "another host", "elsewhere.test")
	b.after(d)
	b.keys(d, "enter", "enter")
	tokens := func() (n int) {
		for _, ex := range app(d).walk.session.Exchanges {
			if ex.Purpose == flows.PurposeToken {
				n++
			}
		}
		return n
	}
	if tokens() != 0 {
		t.Fatal("enter sent credentials to another host")
	}
	look(d, "foreign-host")
	b.keys(d, "y")
	if n := tokens(); n != 1 {
		t.Fatalf("y sent %d requests:\n%s", n, d.Text())
	}
}

// issuerDemo gives set-ups by issuer, so that discovery is asked.
type issuerDemo struct{ *bench }

func (i issuerDemo) Open(ctx context.Context, name string) (flows.Config, DemoTools, error) {
	cfg, tools, err := i.bench.Open(ctx, name)
	cfg.Issuer, cfg.Domain = "https://"+cfg.Domain+"/", ""
	return cfg, tools, err
}

// elsewhere is a server whose discovery document names another host.
type elsewhere struct{ rt http.RoundTripper }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := e.rt.RoundTrip(r)
	if err == nil && strings.Contains(r.URL.Path, ".well-known/openid") {
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		body = bytes.ReplaceAll(body, []byte(`"token_endpoint":"https://works.demo.test`), []byte(`"token_endpoint":"https://elsewhere.test`))
		res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	return res, err
}

func TestTour(t *testing.T) {
	b := newBench(t)
	b.opt.Tour = true
	d := b.start(120, 36)
	mustContain(t, d.Text(), "This tour walks through an OAuth flow")
	a := app(d)
	for range 40 {
		if a.tour == nil || a.tour.at >= len(tourStops)-1 {
			break
		}
		d.Send(tourMsg{a.tour.id})
		d.MustSettle(t)
		b.clock.pass(3 * time.Second)
	}
	if a.tour == nil || a.tour.at != len(tourStops)-1 {
		t.Fatalf("the tour stopped:\n%s", d.Text())
	}
	if n := len(a.walk.session.Generations); n != 2 {
		t.Fatalf("the tour ends with %d generations", n)
	}
	d.Press("space")
	if !a.tour.held {
		t.Fatal("space does not hold the tour")
	}
	d.Press("x")
	if a.tour != nil {
		t.Fatal("a key does not take over")
	}
}

func TestLostResize(t *testing.T) {
	b := newBench(t)
	d := b.start(120, 36)
	app(d).sizeOf = func() (int, int, bool) { return 80, 24, true }
	d.Send(secondMsg{})
	d.MustSettle(t)
	if a := app(d); a.w != 80 || a.h != 24 {
		t.Fatalf("the window is taken for %d×%d", a.w, a.h)
	}
}

func TestResizeKeepsThePlace(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "enter", "j", "j", "j")
	at := app(d).walk.claims.list().at
	for _, s := range [][2]int{{80, 24}, {30, 5}, {60, 16}, {200, 60}, {120, 36}} {
		d.Resize(s[0], s[1])
		_ = d.Text()
	}
	if got := app(d).walk.claims.list().at; got != at {
		t.Fatalf("the cursor went from %d to %d", at, got)
	}
}

// TestSigns: the pictures' font has every sign the screens use, and the ASCII
// set leaves none over.
func TestSigns(t *testing.T) {
	b := newBench(t)
	b.opt.ASCII = true
	d := b.openDemo("works", 120, 36)
	for _, k := range []string{"enter", "enter", "c", "enter", "enter", "6", "enter", "w", "?"} {
		text := b.keys(d, k)
		for _, r := range text {
			if r > 0x7e {
				t.Fatalf("%q in an ASCII frame after %s:\n%s", r, k, text)
			}
		}
	}
	b = newBench(t)
	d = b.openDemo("works", 120, 36)
	p := picture.NewPainter(picture.Dark, 1)
	for _, k := range []string{"enter", "enter", "c", "enter", "enter", "6", "enter", "w", "?"} {
		b.keys(d, k)
		if m := p.Missing(d.Screen()); len(m) > 0 {
			t.Fatalf("no glyph for %q", m)
		}
	}
}

// TestExplainMasks: what a server repeats of a pasted request's secrets is masked.
func TestExplainMasks(t *testing.T) {
	b := newBench(t)
	d := b.start(100, 30)
	b.keys(d, "X")
	d.Paste(`{"log":{"entries":[{"request":{"method":"POST","url":"https://t.test/oauth/token","postData":{"text":"grant_type=password&password=Pa55w0rdX"}},"response":{"status":403,"content":{"text":"{\"error\":\"access_denied\",\"error_description\":\"no: Pa55w0rdX\"}"}}}]}}`)
	d.MustSettle(t)
	if got := d.Text(); strings.Contains(got, "Pa55w0rdX") || !strings.Contains(got, "policy denied") {
		t.Error(got)
	}
}

// brokenOff ends /userinfo's answer before its end.
type brokenOff struct{ http.RoundTripper }

func (b brokenOff) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/userinfo") {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(io.LimitReader(res.Body, 10), iotest.ErrReader(io.ErrUnexpectedEOF)), res.Body}
	}
	return res, err
}

// TestUserinfoBrokenOff: a status of 200 does not make half an answer good.
func TestUserinfoBrokenOff(t *testing.T) {
	b := newBench(t)
	b.wrap = func(rt http.RoundTripper) http.RoundTripper { return brokenOff{rt} }
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "enter", "enter", "u")
	mustContain(t, d.Text(), "✗ 5 API")
}
