package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// Where somebody who had only the README and the program hesitated.

// ownProfile starts the screens with a profile that asks for its secrets, over
// the tenant of works, and gives the secrets.
func ownProfile(t *testing.T) (b *bench, file, password, secret string) {
	b = newBench(t)
	cfg, tools, err := b.Open(t.Context(), "works")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tools.Close)
	file = filepath.Join(t.TempDir(), "profiles.toml")
	text := `[profile.mine]
domain = "works.demo.test"
client_id = "` + cfg.ClientID + `"
client_auth = "post"
client_secret = "prompt"
audience = "` + cfg.Audience + `"
scopes = ["openid", "offline_access"]
username = "` + cfg.Username + `"
password = "prompt"
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.opt.ProfilesPath, b.opt.Getenv = file, func(string) string { return "" }
	return b, file, cfg.Password.Reveal(), cfg.ClientSecret.Reveal()
}

// TestAskedSecretIsNeeded: a client secret that the profile says to ask for is
// not left out of a request by ctrl+s.
func TestAskedSecretIsNeeded(t *testing.T) {
	b, _, password, secret := ownProfile(t)
	b.opt.ProfileName = "mine"
	d := b.start(120, 36)
	mustContain(t, d.Text(), "▸ Password")
	d.Paste(password)
	mustContain(t, b.keys(d, "ctrl+s"), "▸ Client secret", "this is needed")
	d.Paste(secret)
	mustContain(t, b.keys(d, "ctrl+s"), "Tokens came back")
}

// TestSecretElsewhereIsSent: a profile that refers to a client secret is no
// public application, though the secret is not there yet.
func TestSecretElsewhereIsSent(t *testing.T) {
	b, file, _, _ := ownProfile(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"prompt", "env:NOT_SET_AT_ALL"} {
		changed := strings.NewReplacer("client_auth = \"post\"\n", "", `client_secret = "prompt"`, `client_secret = "`+ref+`"`).Replace(string(text))
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		b.opt.ProfileName = "mine"
		d := b.start(120, 36)
		mustContain(t, d.Text(), "post (secret in the body)")
	}
}

// TestLongNews: news that are longer than the line take the blank one above.
func TestLongNews(t *testing.T) {
	b := newBench(t)
	d := b.start(80, 24)
	head := d.Text()
	app(d).tell(stateBad, "What happened is told here, and what to do about it as well, so that nobody has to %s.", "guess the end of it")
	mustContain(t, d.Text(), "✗ What happened is told here", "guess the end of it.")
	d.Resize(60, 16)
	mustContain(t, d.Text(), "✗ What happened is told here")
	b.keys(d, "down", "up")
	d.Resize(80, 24)
	if d.Text() != head {
		t.Errorf("the news stay:\n%s", d.Text())
	}
}

// TestCheckUsesTheForm: what a profile leaves to ask for is taken from the form,
// so that the whole set-up can be checked before anything is sent.
func TestCheckUsesTheForm(t *testing.T) {
	b, _, password, secret := ownProfile(t)
	d := b.start(120, 36)
	text := b.keys(d, "c")
	mustContain(t, text, "For all of it: f", "p tries a made-up user")
	mustNotContain(t, text, "--probe")
	mustContain(t, b.keys(d, "f"), "ctrl+e checks")
	d.Paste(password)
	f := app(d).walk.form.form
	f.focusOn("client_secret")
	d.Paste(secret)
	mustContain(t, b.keys(d, "ctrl+e", "enter"), "Nothing in the set-up stops the walk")
	mustContain(t, b.keys(d, "esc", "esc", "1", "c", "c"), "Nothing in the set-up stops the walk")
	// What the form says otherwise is checked from there alone.
	b.keys(d, "enter")
	f.set("audience", "https://api.else.test/")
	mustContain(t, b.keys(d, "ctrl+e", "enter"), "It stops at: Audience", "in Applications > APIs")
	mustContain(t, b.keys(d, "esc", "esc", "1", "c", "c"), "Nothing in the set-up stops the walk")
}

// TestFilledFormAsksBeforeItGoes: what was pasted or typed is not lost by esc.
func TestFilledFormAsksBeforeItGoes(t *testing.T) {
	b, _, _, _ := ownProfile(t)
	d := b.start(120, 36)
	b.keys(d, "n", "esc", "esc")
	mustContain(t, d.Text(), "Your profiles")
	b.keys(d, "n")
	d.Paste("AUTH0_DOMAIN=acme-dev.eu.auth0.com\nAUTH0_CLIENT_ID=abc123\n")
	b.keys(d, "esc")
	mustContain(t, d.Text(), "Leave without saving?")
	mustContain(t, b.keys(d, "n"), "abc123")
	b.keys(d, "esc", "y")
	mustContain(t, d.Text(), "Your profiles")
}

// TestPastedIsToldWhole: what was left out of a pasted block, and what to do, is
// told whole on a small window, and once.
func TestPastedIsToldWhole(t *testing.T) {
	b, _, _, _ := ownProfile(t)
	d := b.start(80, 24)
	b.keys(d, "n")
	d.Paste("AUTH0_DOMAIN=acme-dev.eu.auth0.com\nAUTH0_CLIENT_ID=abc123\nAUTH0_CLIENT_SECRET=Sygunverysecret99\n")
	d.MustSettle(t)
	text := d.Text()
	if n := strings.Count(text, "eft out"); n != 1 || strings.Contains(text, "…") {
		t.Fatalf("told %d times:\n%s", n, text)
	}
	mustContain(t, text, "acme-dev.eu.auth0.com")
}

// TestLogColumns: the type of an event does not run into its text.
func TestLogColumns(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("brute-force", 120, 36)
	mustContain(t, b.keys(d, "enter", "L"), "limit_wc  ")
}

// TestWrapKeepsWithin: no line of a wrapped text is wider than its room, also
// where a sign to break at stands on the edge.
func TestWrapKeepsWithin(t *testing.T) {
	text := "What is examined, in the order in which a request meets it: the name and TLS, https://acme.eu.auth0.com/path/of/it?a=b&c=d;e, 127.0.0.1:37263, とても長い値, end."
	for w := 1; w < 120; w++ {
		for _, l := range wrap(text, w) {
			if width(l) > max(w, 2) {
				t.Fatalf("%d columns for %d: %q", width(l), w, l)
			}
		}
		if w > 2 && strings.Join(strings.Fields(strings.Join(wrap(text, w), "")), "") != strings.Join(strings.Fields(text), "") {
			t.Fatalf("at %d letters are lost: %q", w, wrap(text, w))
		}
	}
}

// TestPaletteTells: on the smallest window the palette has room to say what an
// action does.
func TestPaletteTells(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 60, 16)
	mustContain(t, b.keys(d, "enter", "6", "ctrl+p"), "Get new tokens by the")
}

// TestNamesStayAsTheyAre: a reference at the start of a sentence is a name.
func TestNamesStayAsTheyAre(t *testing.T) {
	for in, want := range map[string]string{"keyring:acme: it is locked": "keyring:acme: it is locked", "the file is gone": "The file is gone", "note: this": "Note: this", "client_id is empty": "client_id is empty"} {
		if got := capital(in); got != want {
			t.Errorf("capital(%q) = %q", in, got)
		}
	}
}

// TestClearedFilterKeepsTheRow: what was found by a filter stays under the cursor
// when the filter goes.
func TestClearedFilterKeepsTheRow(t *testing.T) {
	b := newBench(t)
	d := b.start(80, 24)
	b.keys(d, "/")
	d.Type("second factor")
	mustContain(t, b.keys(d, "enter", "down", "esc"), "▸ mfa-push", "wrong-password")
	b.keys(d, "/")
	d.Type("gateway")
	mustContain(t, b.keys(d, "esc"), "▸ gateway-502", "tenant-not-found")
}

// TestTitlesStandApart: what stands at the right edge does not touch the title.
func TestTitlesStandApart(t *testing.T) {
	if got := right("a long title", "5:00 left", 20); got != "a long ti… 5:00 left" {
		t.Errorf("%q", got)
	}
	if got := right("title", "5:00", 20); got != "title           5:00" {
		t.Errorf("%q", got)
	}
}

// TestTourSpeaksOnSmallWindows: a caption is whole, and says how to hold the
// tour, at the smallest size.
func TestTourSpeaksOnSmallWindows(t *testing.T) {
	b := newBench(t)
	b.opt.Tour = true
	d := b.start(60, 16)
	text := d.Text()
	mustContain(t, text, "Space holds it", "takes over.")
	for _, s := range tourStops {
		if n := len(wrap(s.say, minWidth-2*margin-2)); n > 2 {
			t.Errorf("%d lines: %s", n, s.say)
		}
	}
	mustContain(t, b.keys(d, "x"), "the keys are yours")
	d.Press("down")
	if err := d.Check(); err != nil {
		t.Error(err)
	}
}

// TestMaskTellsNoLength: a secret in a form that nobody types in does not tell
// how long it is.
func TestMaskTellsNoLength(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	mustNotContain(t, d.Text(), strings.Repeat("•", 9))
	mustContain(t, d.Text(), "Password               "+strings.Repeat("•", 8)+"\n", "Client secret          "+strings.Repeat("•", 8)+" ")
}

// TestExportSaysWhere: the file's name is in sight on the smallest window.
func TestExportSaysWhere(t *testing.T) {
	b := newBench(t)
	b.opt.Dir = ""
	d := b.openDemo("works", 60, 16)
	mustContain(t, b.keys(d, "enter", "E"), "The file: ./authwalk-works-", "for an issue or a chat")
}

// TestNewLoginIsAnotherChain: a second login uses up no refresh token, so none
// is told as used and none can be probed for reuse.
func TestNewLoginIsAnotherChain(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("refresh-rotating", 120, 36)
	b.keys(d, "enter")
	b.clock.pass(3 * time.Second)
	b.keys(d, "2", "enter")
	mustContain(t, b.keys(d, "4", "shift+tab", "down", "down"), "with a new login: the one before stays good")
	text := b.keys(d, "6", "p")
	mustContain(t, text, "generation 1", "refresh once, with rotation on")
	mustNotContain(t, text, "Send a used refresh token", "new refresh token")
	b.keys(d, "enter", "p")
	mustContain(t, d.Text(), "The refresh token of generation 1 was used already")
}

// TestRevokedPromisesNoRefresh: once the refresh token is revoked, no line says
// that enter gets the next generation.
func TestRevokedPromisesNoRefresh(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	mustContain(t, b.keys(d, "enter", "6"), "enter refreshes")
	mustNotContain(t, b.keys(d, "x", "y"), "enter refreshes")
	b.clock.pass(3 * time.Second)
	mustContain(t, b.keys(d, "r"), "It was revoked here at")
}

// TestWrapKeepsWords: what fits on a line of its own is not broken at a slash or
// a hyphen, so that a path, a time and a header's value are read as one.
func TestWrapKeepsWords(t *testing.T) {
	for text, want := range map[string]string{
		"this token is right, use it at /userinfo.":                     "this token is right, use it at|/userinfo.",
		"wanted 2026-11-29T12:31:44Z, got 2026-11-29T11:31":             "wanted 2026-11-29T12:31:44Z, got|2026-11-29T11:31",
		"no-store, no-cache, must-revalidate, no-transform":             "no-store, no-cache,|must-revalidate, no-transform",
		"see https://auth0.com/docs/get-started/apis/scopes/api-scopes": "see https://auth0.com/docs/|get-started/apis/scopes/|api-scopes",
		"  deep in": "  deep in",
	} {
		if got := strings.Join(wrap(text, 32), "|"); got != want {
			t.Errorf("%q", got)
		}
	}
}

// TestRefreshTabHasTwoPanes: the refresh token has no checks, so the focus goes
// from it to the scopes and never to a pane that is not there.
func TestRefreshTabHasTwoPanes(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "4", "shift+tab")
	mustContain(t, b.keys(d, "right"), "▸ Scopes")
	mustContain(t, b.keys(d, "right"), "▸ Refresh token  ")
	mustContain(t, b.keys(d, "left"), "▸ Scopes")
}

// TestRefreshTokenSaysNoMoreThanIsKnown: no length of Auth0's is documented, and
// what a revocation ends beside the token is a setting.
func TestRefreshTokenSaysNoMoreThanIsKnown(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	mustContain(t, b.keys(d, "enter", "4", "shift+tab", "down"), "Nothing is documented of their length")
	mustContain(t, b.keys(d, "6", "x"), "is a setting of the tenant")
}

// TestOpaqueByDesign: only of Auth0 is it known that a token which cannot be read
// is good for /userinfo alone; elsewhere the diagnosis has no such finding.
func TestOpaqueByDesign(t *testing.T) {
	const only = "good for /userinfo only"
	b := newBench(t)
	d := b.openDemo("no-audience", 120, 36)
	mustContain(t, b.keys(d, "enter", "4"), only)
	d.Model().(*App).walk.generation().Findings = nil // as for another server
	mustNotContain(t, b.keys(d, "down"), only)
}

// TestOwnCallBeginsEmpty: a path is typed as it is, and nothing is told as a
// fault before.
func TestOwnCallBeginsEmpty(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	text := b.keys(d, "enter", "5", "n")
	mustContain(t, text, "The URL: whole, or from the API's base on")
	mustNotContain(t, text, "missing")
	d.Type("/api/me")
	mustContain(t, b.keys(d, "ctrl+s"), "200 OK")
}

// TestFailedChecksAreToldWhole: on a narrow window the key's id gives way.
func TestFailedChecksAreToldWhole(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("unknown-kid", 80, 24)
	mustContain(t, b.keys(d, "enter", "enter"), "1 check fails")
}

// TestWireTellsTheGrant: requests to one path are told apart.
func TestWireTellsTheGrant(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	mustContain(t, b.keys(d, "enter", "6", "enter", "w"), "/oauth/token  password ", "/oauth/token  refresh ")
}

// TestPhoneShowsWholeItems: no title stands without its code.
func TestPhoneShowsWholeItems(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("mfa-recovery", 80, 24)
	_, phone, _ := strings.Cut(b.keys(d, "enter"), "The user's phone")
	if strings.Contains(phone, "Recovery code") != strings.Contains(phone, "kept at enrolment") {
		t.Error(phone)
	}
}

// TestScopeIsMissedAfterARefresh: what the login asked for and did not get is not
// forgotten because a refresh asks only for what there was.
func TestScopeIsMissedAfterARefresh(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("rbac", 120, 36)
	b.keys(d, "enter", "6", "enter")
	mustContain(t, d.Text(), "! 4 Claims", "generation 1")
	b.after(d)
	mustContain(t, b.keys(d, "4"), "6 of 7 scopes asked for were granted", "needs-permission", "generation 1")
}

// TestRefusedRefreshLeavesStepThree: tokens do not come back with the status of
// a refresh that was refused after them.
func TestRefusedRefreshLeavesStepThree(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("refresh-reused", 120, 36)
	b.keys(d, "enter")
	b.after(d)
	mustContain(t, b.keys(d, "6", "enter"), "403", "The refresh token is not accepted")
	text := b.keys(d, "3")
	mustContain(t, text, "Tokens came back   200 OK", "Attempts left")
	if strings.Contains(text, "403") {
		t.Errorf("the refusal stands at the tokens:\n%s", text)
	}
}

// TestWireIsFilteredByWhatItShows: the word that tells two requests to one
// address apart finds the request.
func TestWireIsFilteredByWhatItShows(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter")
	b.after(d)
	b.keys(d, "6", "enter", "w", "/")
	d.Type("refresh")
	mustContain(t, d.Text(), "/oauth/token  refresh", "/oauth/token  password") // the reply of the latter has a refresh_token
	b.keys(d, "ctrl+u")
	d.Type("password")
	text := d.Text()
	mustContain(t, text, "/oauth/token  password")
	if strings.Contains(text, "/oauth/token  refresh") {
		t.Errorf("a refresh is found by password:\n%s", text)
	}
}

// TestFillInGoesToWhatIsMissing: the check leads to the field that it lacked, also
// when the form was left at its button.
func TestFillInGoesToWhatIsMissing(t *testing.T) {
	b, _, _, _ := ownProfile(t)
	b.opt.ProfileName = "mine"
	d := b.start(120, 36)
	mustContain(t, b.keys(d, "esc"), "▸                        [ Send ]")
	mustContain(t, b.keys(d, "ctrl+e", "f"), "▸ Password")
}

// TestCurlPastedOnTheList: a curl line that is pasted where the profiles are
// listed is taken for a new one.
func TestCurlPastedOnTheList(t *testing.T) {
	b, _, _, _ := ownProfile(t)
	d := b.start(120, 36)
	d.Paste("some words")
	mustContain(t, d.Text(), "Your profiles")
	d.Paste("curl https://acme.eu.auth0.test/oauth/token \\\n -d grant_type=password -d client_id=abc")
	mustContain(t, d.Text(), "New profile", "acme.eu.auth0.test", "abc", "▸                [ Save ]")
}

// TestTakenName: a name that is taken leads to the field of the name.
func TestTakenName(t *testing.T) {
	b, _, _, _ := ownProfile(t)
	d := b.start(120, 36)
	b.keys(d, "n")
	d.Paste("curl https://mine.eu.auth0.test/oauth/token -d grant_type=password -d client_id=abc")
	mustContain(t, d.Text(), "Profile name   mine")
	mustContain(t, b.keys(d, "enter"), "There is a profile mine already", "▸ Profile name")
}

// TestTypedSecretIsKept: a secret that was typed where a reference belongs gets
// the way out that a pasted one has.
func TestTypedSecretIsKept(t *testing.T) {
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere") // no keyring is looked for without one
	b, _, _, _ := ownProfile(t)
	d := b.start(120, 36)
	b.keys(d, "n")
	d.Type("acme.eu.auth0.com")
	b.keys(d, "tab", "tab")
	mustNotContain(t, d.Text(), "keep secrets")
	d.Type("SEKRET")
	mustContain(t, d.Text(), "ctrl+k keep secrets")
	mustContain(t, b.keys(d, "ctrl+k"), "Kept in the system's keyring", "keyring:acme")
	if v, err := keyring.Get("authwalk", "acme"); v != "SEKRET" {
		t.Errorf("the keyring holds %q: %v", v, err)
	}
	mustNotContain(t, d.Text(), "keep secrets")
}

// TestCureBelowTheFold: where what to change is out of sight the footer says which
// key leads there, and no longer when all has been seen.
func TestCureBelowTheFold(t *testing.T) {
	b := newBench(t)
	for _, size := range [][2]int{{80, 24}, {60, 16}} {
		d := b.openDemo("wrong-secret", size[0], size[1])
		mustContain(t, b.keys(d, "enter"), "pgdn more")
		for range 20 {
			b.keys(d, "pgdown")
		}
		mustContain(t, d.Text(), "possible: The client_id may not exist")
		mustNotContain(t, d.Text(), "pgdn more")
	}
	d := b.openDemo("wrong-secret", 120, 36)
	mustNotContain(t, b.keys(d, "enter"), "pgdn more")
}
