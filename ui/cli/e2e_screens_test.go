//go:build unix

package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"authwalk/ui/drive/ptytest"
	"authwalk/ui/picture"
)

// TestWalkByEnter: enter alone, on every screen, walks the demo from the list
// to a refreshed token, at each of the sizes that are promised to be usable.
func TestWalkByEnter(t *testing.T) {
	t.Parallel()
	steps := []struct{ want string }{
		{`\[ Send \]`},
		{`Tokens came back`},
		{`(?s)▸ Access token.*iss +http`},
		{`(?s)▸ List orders.*GET`},
		{`✓ 200 OK`},
		{`generation 0`},
		{`generation 1`},
	}
	for _, size := range []struct{ w, h int }{{120, 36}, {80, 24}, {60, 16}} {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			t.Parallel()
			p := journey(t, ptytest.Options{Cols: size.w, Rows: size.h}, "demo")
			framed(t, p.WaitFor(t, `▸ works`))
			for i, s := range steps {
				g := press(t, p, "\r", s.want)
				framed(t, g)
				if i == 2 && size.w == 120 { // the claims, and what became of the scopes
					for _, want := range []string{`iss +http://127`, `aud +https://api`, `azp +\w`, `gty +password`, `scope +openid`, `exp +\d{4}-.*in \d+ h`, `asked +given`, `read:orders +✓ +✓ +✓ +granted`} {
						p.WaitFor(t, want)
					}
				}
			}
			leaves(t, p, "q", 0)
			silent(t, p, adaPassword)
		})
	}
}

// TestRefusalAndBack: a broken set-up shows its diagnosis; enter goes back to
// the form, to the field to change, and sends nothing.
func TestRefusalAndBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ scenario, finding, back string }{
		{"no-default-directory", `no-default-directory`, `▸ Realm`},
		{"wrong-secret", `client-auth-failed`, `▸ Client secret`},
		{"unknown-audience", `unknown-audience`, `▸ Audience`},
		{"gateway-502", `not-an-oauth-reply`, `\[ Send \]`},
		{"connection-reset", `connection-reset`, `\[ Send \]`},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			t.Parallel()
			p := journey(t, ptytest.Options{Cols: 120, Rows: 36}, "demo", c.scenario)
			p.WaitFor(t, `▸ +\[ Send \]`)
			g := press(t, p, "\r", `(?s)✗ 3 Request.*`+c.finding)
			framed(t, g)
			if g = press(t, p, "\r", c.back); !strings.Contains(g.Text(), "▸                        [ Send ]") {
				press(t, p, "\x1b", `▸ +\[ Send \]`) // a text field is left first
			}
			press(t, p, "w", `(?s)The wire  1 exchange .*▸ .*POST /oauth/token`)
			leaves(t, p, "\x03", 130)
		})
	}
}

// TestTypedPassword: a wrong password that is typed, then the right one pasted
// with the line end that copying brought along. Neither is ever shown, and a
// paste sends nothing.
func TestTypedPassword(t *testing.T) {
	t.Parallel()
	p := journey(t, ptytest.Options{Cols: 120, Rows: 36}, "demo", "works")
	p.WaitFor(t, `▸ +\[ Send \]`)
	press(t, p, "\t", `▸ Username`)
	press(t, p, "\t", `▸ Password`)
	retype(t, p, "Wrong-Horse", `▸ Password +•{11}\s`)
	press(t, p, "\x13", `wrong-credentials`)
	press(t, p, "\r", `▸ (Username|Password)`)
	for !strings.Contains(p.Screen().Text(), "▸ Password") {
		press(t, p, "\t", `▸ Password`)
	}
	press(t, p, "\x15", `(?m)▸ Password( *$| {16})`)
	p.Paste(adaPassword + "\r\n")
	g := p.WaitFor(t, fmt.Sprintf(`▸ Password +•{%d}\s`, len(adaPassword)))
	if !strings.Contains(g.Text(), "✗ 3 Request") {
		t.Errorf("the paste sent the form:\n%s", g.Text())
	}
	insist(t, p, "\x13", `Tokens came back`) // a moment must pass after a refusal
	leaves(t, p, "q", 0)
	silent(t, p, adaPassword, "Wrong-Horse")
}

// TestCancel: esc cancels a request that takes too long; nothing that was typed
// is lost.
func TestCancel(t *testing.T) {
	t.Parallel()
	// The demo's form gives up after 2 s, which a busy machine may sleep through.
	s := serve(t, "slow")
	profile, err := os.ReadFile(s.Profiles)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(filepath.Dir(s.Profiles), "patient.toml")
	if err := os.WriteFile(file, bytes.Replace(profile, []byte(`"2s"`), []byte(`"2m"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	p := journey(t, ptytest.Options{Cols: 100, Rows: 30}, "--profiles", file, "-p", "slow")
	p.WaitFor(t, `▸ +\[ Send \]`)
	press(t, p, "\r", `esc cancel`)
	press(t, p, "\x1b", `(?i)cancelled`)
	press(t, p, "\r", `▸ +\[ Send \]`)
	if s := p.Screen().Text(); !strings.Contains(s, adaName) {
		t.Errorf("the form is empty:\n%s", s)
	}
	leaves(t, p, "q", 0)
}

// TestChallenges: MFA by keys alone, with the phone of the demo.
func TestChallenges(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`(?m)\b(\d{6})\b`)
	typed := func(t *testing.T, p *ptytest.Term, g *picture.Grid) {
		m := code.FindStringSubmatch(g.Text())
		if m == nil {
			t.Fatalf("no code on the phone:\n%s", g.Text())
		}
		retype(t, p, m[1], `▸ Code +`+m[1])
		press(t, p, "\r", `Tokens came back`)
	}
	for _, c := range []struct {
		name, scenario string
		walk           func(*testing.T, *ptytest.Term)
	}{
		{"otp, a wrong code first", "mfa-otp", func(t *testing.T, p *ptytest.Term) {
			g := press(t, p, "\r", `(?s)app shows.*▸ Code|▸ Code.*app shows`)
			wrong := "000000"
			if strings.Contains(g.Text(), wrong) {
				wrong = "999999"
			}
			retype(t, p, wrong, `▸ Code +`+wrong)
			typed(t, p, press(t, p, "\r", `(?s)The code is wrong.*▸ Code`))
		}},
		{"push approved", "mfa-push", func(t *testing.T, p *ptytest.Term) {
			press(t, p, "\r", `\[ Go on \]`)
			press(t, p, "\r", `a approve`)
			press(t, p, "a", `Tokens came back`)
		}},
		{"push denied", "mfa-push", func(t *testing.T, p *ptytest.Term) {
			press(t, p, "\r", `\[ Go on \]`)
			press(t, p, "\r", `d deny`)
			press(t, p, "d", `(?i)(rejected|denied)`)
		}},
		{"a message", "mfa-sms", func(t *testing.T, p *ptytest.Term) {
			press(t, p, "\r", `\[ Go on \]`)
			typed(t, p, press(t, p, "\r", `verification code is: \d{6}`))
		}},
		{"given up", "mfa-push", func(t *testing.T, p *ptytest.Term) {
			press(t, p, "\r", `\[ Go on \]`)
			press(t, p, "\r", `a approve`)
			press(t, p, "\x1b", `(?s)▸ +\[ Send \]|You can now`)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := journey(t, ptytest.Options{Cols: 120, Rows: 36}, "demo", c.scenario)
			p.WaitFor(t, `▸ +\[ Send \]`)
			c.walk(t, p)
			framed(t, p.Screen())
			leaves(t, p, "\x03", 130)
			silent(t, p, adaPassword)
		})
	}
}

// TestSignals: whatever ends the screens, the terminal is whole afterwards.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		end  func(*ptytest.Term) error
		code int
	}{
		{"q", func(p *ptytest.Term) error { p.Send("q"); return nil }, 0},
		{"ctrl+c", func(p *ptytest.Term) error { p.Send("\x03"); return nil }, 130},
		{"SIGINT", func(p *ptytest.Term) error { return p.Signal(syscall.SIGINT) }, 130},
		{"SIGTERM", func(p *ptytest.Term) error { return p.Signal(syscall.SIGTERM) }, 0},
		{"SIGHUP", func(p *ptytest.Term) error { return p.Signal(syscall.SIGHUP) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// In the middle of a request, which must not hold the program.
			p := journey(t, ptytest.Options{}, "demo", "slow")
			p.WaitFor(t, `▸ +\[ Send \]`)
			press(t, p, "\r", `esc cancel`)
			if err := c.end(p); err != nil {
				t.Fatal(err)
			}
			if code := p.Exit(t); code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			whole(t, p)
		})
	}
	// Each with and without nohup, under which hang-ups are ignored.
	for _, c := range []struct{ where, scenario, keys, want string }{
		{"the list", "", "", `▸ works`},
		{"a field", "works", "\t", `▸ Username`},
		{"a request", "slow", "\r", `esc cancel`},
		{"a challenge", "mfa-push", "\r", `\[ Go on \]`},
		{"a refusal", "wrong-password", "\r", `wrong-credentials`},
		{"tokens", "works", "\r", `Tokens came back`},
	} {
		for how, trap := range map[string]string{"": "", " under nohup": "trap '' HUP; "} {
			t.Run("the terminal goes away in "+c.where+how, func(t *testing.T) {
				t.Parallel()
				p := ptytest.Start(t, ptytest.Options{Cols: 120, Rows: 36, Timeout: patience}, "sh", "-c", trap+`exec "$0" demo $1`, ptytest.Build(t), c.scenario)
				if c.keys != "" {
					p.WaitFor(t, `▸ +\[ Send \]`)
					press(t, p, c.keys, c.want)
				} else {
					p.WaitFor(t, c.want)
				}
				if err := p.HangUp(); err != nil {
					t.Fatal(err)
				}
				p.Exit(t)
			})
		}
	}
}

// TestSuspend: ctrl+z gives the terminal back to the shell, fg takes it again
// as it was, in the middle of a form.
func TestSuspend(t *testing.T) {
	t.Parallel()
	bin := ptytest.Build(t)
	p := ptytest.Start(t, ptytest.Options{Cols: 100, Rows: 30, Timeout: patience, Env: []string{"PS1=shell> "}}, "bash", "--norc", "--noprofile", "-i")
	p.WaitFor(t, `shell>`)
	p.Send(bin + " demo works\r")
	p.WaitFor(t, `▸ +\[ Send \]`)
	press(t, p, "\t", `▸ Username`)
	retype(t, p, "someone", `▸ Username +someone`)
	p.Send("\x1a")
	g := p.WaitFor(t, `Stopped`)
	if g.Alt || !g.CursorVisible {
		t.Errorf("stopped, with the alternate screen %v and the cursor %v", g.Alt, g.CursorVisible)
	}
	p.Send("fg\r")
	framed(t, p.WaitFor(t, `▸ Username +someone`))
	// The frame may come before the mode is set again.
	if _, err := p.Until(t.Context(), func(*picture.Grid) bool { return p.Mode(2004) }); err != nil {
		t.Errorf("bracketed paste is off after fg: %v", err)
	}
	press(t, p, "\x7f", `▸ Username +someon\s`)
	press(t, p, "\x1b", `esc back`)
	p.Send("q")
	p.WaitFor(t, `shell>$`)
	p.Send("stty -a; echo status=$?\r")
	g = p.WaitFor(t, `status=0`)
	for _, want := range []string{"icanon", "echo", "isig", "icrnl", "opost"} {
		if !slices.Contains(strings.Fields(g.Text()), want) {
			t.Errorf("no %s in the terminal's settings:\n%s", want, g.Text())
		}
	}
	p.Send("exit\r")
	p.Exit(t)
	whole(t, p)
}

// TestResizeStorm: sizes from one cell to a wall, in between keys, end in the
// same frame as if nothing had happened.
func TestResizeStorm(t *testing.T) {
	t.Parallel()
	calm := journey(t, ptytest.Options{Cols: 80, Rows: 24}, "demo")
	calm.WaitFor(t, `▸ works`)
	p := journey(t, ptytest.Options{Cols: 80, Rows: 24}, "demo")
	p.WaitFor(t, `▸ works`)
	for i := range 120 {
		if err := p.Resize(1+(i*37)%200, 1+(i*23)%60); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			p.Send("\x1b[B\x1b[A")
		}
	}
	for _, s := range []struct {
		w, h int
		want string
	}{{59, 16, `(?s)authwalk needs a window of 60×16.*59×16`}, {60, 15, `(?s)60×16.*60×15`}, {60, 16, `1 Tenant`}, {1, 1, `^a?$`}, {200, 60, `ctrl\+p actions`}, {80, 24, `1 Tenant`}} {
		if err := p.Resize(s.w, s.h); err != nil {
			t.Fatal(err)
		}
		g := p.WaitFor(t, s.want)
		if s.w < 60 || s.h < 16 {
			if n := strings.Count(g.Text(), "."); n > 1 {
				t.Errorf("at %d×%d more than a sentence:\n%s", s.w, s.h, g.Text())
			}
		}
	}
	want := calm.Screen().Text()
	// A window that was still too small took no key, so the key may have to come
	// again; whatever is left over from other sizes stays.
	insist(t, p, "\x1b[H", `^`+regexp.QuoteMeta(want)+`$`)
	insist(t, p, "?", `enter back`) // the last of the sizes has been worked off
	insist(t, p, "\r", `enter choose`)
	leaves(t, p, "q", 0)
	leaves(t, calm, "q", 0)
}

// TestBurst: a thousand keys at once are all worked off.
func TestBurst(t *testing.T) {
	t.Parallel()
	t.Run("moving", func(t *testing.T) {
		t.Parallel()
		p := journey(t, ptytest.Options{Cols: 80, Rows: 24}, "demo")
		p.WaitFor(t, `▸ works`)
		p.Send(strings.Repeat("\x1b[B", 1000))
		p.Send(strings.Repeat("j", 1000))
		p.Send("\x1b[H\x1b[B\r")
		// Only after the last key: the cursor comes by here on its way down, too.
		if g := p.WaitFor(t, `▸ +\[ Send \]`); !strings.Contains(g.Text(), "realm-employees") {
			t.Errorf("the keys led to another tenant:\n%s", g.Text())
		}
		leaves(t, p, "q", 0)
	})
	t.Run("typing", func(t *testing.T) {
		t.Parallel()
		p := journey(t, ptytest.Options{Cols: 120, Rows: 36}, "demo", "works")
		p.WaitFor(t, `▸ +\[ Send \]`)
		press(t, p, "\t", `▸ Username`)
		p.Send(strings.Repeat("abcdefghij", 100) + "!")
		g := p.WaitFor(t, `▸ Username +….*j!`)
		framed(t, g)
		leaves(t, p, "\x03", 130)
	})
	t.Run("enter held", func(t *testing.T) {
		t.Parallel()
		p := journey(t, ptytest.Options{Cols: 120, Rows: 36}, "demo", "wrong-password")
		p.WaitFor(t, `▸ +\[ Send \]`)
		start := time.Now()
		p.Send(strings.Repeat("\r", 1000))
		p.WaitFor(t, `✗ 3 Request`)
		heard(t, p)
		// Wherever it led to, the list of actions opens there.
		insist(t, p, "\x10", `enter do it`)
		retype(t, p, "wire", `▸ wire +The wire: every request`)
		took := time.Since(start)
		g := press(t, p, "\r", `(?s)The wire  \d+ exchange.*▸ .*POST /oauth/token`)
		framed(t, g)
		// A machine so slow that it works the keys off over seconds may send again
		// when the moment after a refusal has passed.
		if n := strings.Count(g.Text(), "403  POST /oauth/token"); n < 1 || n > 1+int(took/(2*time.Second)) {
			t.Errorf("a held enter tried the password %d times in %v:\n%s", n, took, g.Text())
		}
		leaves(t, p, "\x03", 130)
	})
}
