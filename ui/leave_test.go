package ui

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"authwalk/flows"
)

// onceShown are what a challenge shows to the person alone.
func (b *bench) onceShown(a *App) []string {
	var out []string
	for _, n := range a.walk.request.challenge.step.Shows {
		switch n.Kind {
		case flows.NoteSecret, flows.NoteKeep, flows.NoteQR:
			out = append(out, strings.Fields(n.Text)...)
		}
		if n.Kind == flows.NoteSecret {
			code, err := flows.TOTP(flows.Secret(n.Text), b.clock.now())
			if err != nil {
				b.t.Fatal(err)
			}
			out = append(out, code)
		}
	}
	for _, it := range a.walk.tools.Phone() {
		if it.Code != "" {
			out = append(out, it.Code)
		}
	}
	return out
}

// TestNothingShownOnceLeaves: neither a file nor a recording has the seed, the
// recovery codes, a code or the QR code in it, also when secrets are shown.
func TestNothingShownOnceLeaves(t *testing.T) {
	for _, c := range []struct {
		name, demo string
		keys       []string
		qr         bool
	}{
		{name: "otp", demo: "mfa-otp"},
		{name: "sms", demo: "mfa-sms", keys: []string{"enter"}},
		{name: "email", demo: "mfa-email", keys: []string{"enter"}},
		{name: "enrol", demo: "mfa-enrol", keys: []string{"ctrl+s"}},
		{name: "QR", demo: "mfa-enrol", keys: []string{"ctrl+s", "ctrl+q"}, qr: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			var cast bytes.Buffer
			b.opt.Record = &cast
			d := b.openDemo(c.demo, 120, 50)
			b.keys(d, "m", "enter")
			b.after(d)
			a := app(d)
			if a.walk.request.challenge == nil {
				t.Fatalf("no challenge:\n%s", d.Text())
			}
			for _, k := range c.keys {
				if !slices.ContainsFunc(a.walk.request.challenge.form.fields, func(x *field) bool { return x.problem() != "" }) || k != "enter" {
					b.keys(d, k)
				}
			}
			once := b.onceShown(a)
			if len(once) == 0 {
				t.Fatalf("nothing is shown once:\n%s", d.Text())
			}
			for _, s := range once { // typed by mistake or on purpose
				if f := a.walk.request.challenge.form; len(f.fields) > 0 && len(s) == 6 {
					f.fields[0].setValue(s)
				}
			}
			d.Press("left")
			for i := range 7 {
				e := newExportScreen(a)
				_ = a.open(e)
				e.list.at = i
				b.keys(d, "enter")
				b.clock.pass(time.Second)
			}
			files, _ := filepath.Glob(filepath.Join(b.opt.Dir, "authwalk-*"))
			if len(files) != 7 {
				t.Fatalf("%d files\n%s", len(files), d.Text())
			}
			texts := map[string][]byte{"the recording": cast.Bytes()}
			for _, f := range files {
				texts[filepath.Base(f)], _ = os.ReadFile(f)
			}
			for name, text := range texts {
				for _, s := range append(once, "otpauth://") {
					if bytes.Contains(text, []byte(s)) {
						t.Errorf("%s has %q in it", name, s)
					}
				}
				if c.qr && bytes.ContainsAny(text, "▀▄") {
					t.Errorf("%s has the QR code in it", name)
				}
			}
		})
	}
}

// TestPasteFromTerminals: terminals send carriage returns in a paste.
func TestPasteFromTerminals(t *testing.T) {
	for _, end := range []string{"\r", "\r\n", "\n"} {
		b := newBench(t)
		b.opt.ProfilesPath = filepath.Join(t.TempDir(), "profiles.toml")
		d := b.start(120, 36)
		b.keys(d, "n")
		d.Paste(strings.Join([]string{"AUTH0_DOMAIN=acme-dev.eu.auth0.com", "AUTH0_CLIENT_ID=abc123", "AUTH0_CLIENT_SECRET=Sygunverysecret99", ""}, end))
		d.MustSettle(t)
		mustContain(t, d.Text(), "acme-dev.eu.auth0.com", "abc123", "Left out: the client secret. A profile holds references")
		mustNotContain(t, d.Text(), "Sygun", "_SECRET")
	}
}

func mustNotContain(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(text, p) {
			t.Fatalf("%q is on the screen:\n%s", p, text)
		}
	}
}

// TestSecretInAPlainField: an unbracketed paste deals an .env block out over
// the fields; no secret may be seen, repeated or saved.
func TestSecretInAPlainField(t *testing.T) {
	b := newBench(t)
	b.opt.ProfilesPath = filepath.Join(t.TempDir(), "profiles.toml")
	d := b.start(120, 36)
	b.keys(d, "n")
	for _, l := range []string{"AUTH0_CLIENT_SECRET=Sygunverysecret99", "acme-id", "plainsecret99", "AUTH0_PASSWORD=Sygunhunter22"} {
		d.Type(l)
		b.keys(d, "enter")
		mustNotContain(t, d.Text(), "Sygun", "plainsecret99")
	}
	b.keys(d, "ctrl+s")
	mustContain(t, d.Text(), "has a secret in it")
	mustNotContain(t, d.Text(), "Sygun", "plainsecret99")
	f := app(d).front().(*profileScreen).form
	f.focusOn("domain")
	f.set("domain", "")
	d.Type("no host at all, but a long line of text 4711")
	b.keys(d, "ctrl+s")
	mustNotContain(t, app(d).news, "4711")
	if _, err := os.Stat(b.opt.ProfilesPath); err == nil {
		t.Fatal("it was saved")
	}
}

func TestBrief(t *testing.T) {
	for in, want := range map[string]string{
		`domain "acme test" is no host`:                      `domain "acme test" is no host`,
		`domain "AUTH0_CLIENT_SECRET=Sygun" is no host`:      `domain "AUTH0_CLIENT_SECRET=…" is no host`,
		`domain "abcdefghijklmnopqrstuvwxyz" is no host`:     `domain "abcdefghijklmnopqrst…" is no host`,
		`"a=b" and “A_SECRET=x” are none, "" neither "\"x="`: `"a=…" and “A_SECRET=…” are none, "" neither "\"x="`,
	} {
		if got := brief(in); got != want {
			t.Errorf("brief(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestMissingIsToldWhenSent: what is not filled in yet is no mistake before one
// sends.
func TestMissingIsToldWhenSent(t *testing.T) {
	b := newBench(t)
	b.opt.ProfilesPath = filepath.Join(t.TempDir(), "profiles.toml")
	d := b.start(120, 36)
	mustNotContain(t, b.keys(d, "n", "tab", "esc"), "this is needed")
	mustContain(t, b.keys(d, "ctrl+s"), "this is needed")
}
