package ui

import (
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/muesli/termenv"

	"authwalk/ui/drive"
)

// after waits until a screen that came by itself takes keys.
func (b *bench) after(d *drive.Driver) {
	b.clock.pass(grace)
	d.MustSettle(b.t)
}

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

func TestChallengeByCode(t *testing.T) {
	for _, name := range []string{"mfa-otp", "mfa-sms", "mfa-email"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.opt.ColorProfile = termenv.TrueColor
			d := b.openDemo(name, 120, 36)
			b.keys(d, "enter")
			look(d, name)
			b.after(d)
			if a := d.Model().(*App); a.walk.request.challenge != nil && len(a.walk.request.challenge.form.fields) == 0 {
				b.keys(d, "enter")
				look(d, name+"-b")
			}
			text := d.Text()
			mustContain(t, text, "The user's phone")
			code := sixDigits.FindString(text)
			if code == "" {
				t.Fatalf("no code on the phone:\n%s", text)
			}
			d.Type("000000")
			wrong := b.keys(d, "enter")
			look(d, name+"-wrong")
			mustContain(t, wrong, "✗")
			b.clock.pass(2 * time.Second)
			code = sixDigits.FindString(wrong)
			for _, c := range sixDigits.FindAllString(wrong, -1) {
				if c != "000000" {
					code = c
				}
			}
			d.Type(code)
			mustContain(t, b.keys(d, "enter"), "Tokens came back")
		})
	}
}

func TestChallengePush(t *testing.T) {
	for _, key := range []string{"a", "d"} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.opt.ColorProfile = termenv.TrueColor
			d := b.openDemo("mfa-push", 120, 36)
			d.Timeout = time.Minute // longer than a poll waits
			b.keys(d, "enter")
			look(d, "mfa-push")
			b.after(d)
			b.keys(d, "enter")
			look(d, "mfa-push-wait")
			mustContain(t, d.Text(), "a approve", "waiting for")
			b.keys(d, key)
			for range 3 {
				b.clock.pass(time.Second)
				if _, err := d.Tick(); err != nil {
					t.Fatal(err)
				}
				d.MustSettle(t)
			}
			look(d, "mfa-push-"+key)
			if key == "a" {
				mustContain(t, d.Text(), "Tokens came back")
			} else {
				mustContain(t, d.Text(), "You can now", "✗ 3 Request")
			}
			d.MustClose(t)
		})
	}
}

func TestChallengeEnrol(t *testing.T) {
	b := newBench(t)
	b.opt.ColorProfile = termenv.TrueColor
	d := b.openDemo("mfa-enrol", 120, 36)
	b.keys(d, "enter")
	look(d, "mfa-enrol")
	b.after(d)
	b.keys(d, "ctrl+s")
	look(d, "mfa-enrol-b")
	b.keys(d, "ctrl+q")
	look(d, "mfa-enrol-qr")
	b.keys(d, "esc")
	text := d.Text()
	mustContain(t, text, "Recovery codes")
	d.Type(sixDigits.FindString(text))
	mustContain(t, b.keys(d, "enter"), "Tokens came back")
}

// TestChallengeOnSmallWindows: the field one types in is in sight, and so is
// what the demo's phone has for it.
func TestChallengeOnSmallWindows(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {60, 16}} {
		for _, name := range []string{"mfa-otp", "mfa-recovery", "mfa-enrol"} {
			b := newBench(t)
			d := b.openDemo(name, size[0], size[1])
			b.keys(d, "enter")
			b.after(d)
			if name == "mfa-enrol" {
				b.keys(d, "ctrl+s")
				b.after(d)
				mustContain(t, d.Text(), "shown once, keep them")
			}
			mustContain(t, d.Text(), "▸ Code", "left")
			if !sixDigits.MatchString(d.Text()) {
				t.Errorf("%s, %v: no code on the phone:\n%s", name, size, d.Text())
			}
			d.Type("000000")
			mustContain(t, b.keys(d, "enter"), "▸ Code")
			if name == "mfa-enrol" {
				continue
			}
			mustContain(t, b.keys(d, "ctrl+o", "enter"), "▸ Recovery code", "kept at enrolment")
		}
	}
}
