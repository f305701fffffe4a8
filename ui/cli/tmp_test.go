//go:build unix

package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"authwalk/ui/drive/ptytest"
)

// stops are the steps of a walk in the demo: what is typed to reach each, and
// what it shows.
var tmpStops = []struct{ name, scenario, keys, want string }{
	{"tenants", "", "", `▸ works`},
	{"form", "works", "", `▸ +\[ Send \]`},
	{"typing", "works", "\t", `▸ Username`},
	{"request", "slow", "\r", `esc cancel`},
	{"challenge", "mfa-push", "\r", `\[ Go on \]`},
	{"refused", "wrong-password", "\r", `wrong-credentials`},
	{"claims", "works", "\r|\r", `(?s)▸ Access token.*iss +http`},
	{"api", "works", "\r|\r|\r|\r", `200 OK`},
	{"refresh", "works", "\r|\r|\r|\r|\r|\r", `generation 1`},
}

func TestTmpHangUp(t *testing.T) {
	for _, ign := range []bool{false, true} {
		for _, s := range tmpStops {
			t.Run(fmt.Sprint(s.name, " ignored=", ign), func(t *testing.T) {
				t.Parallel()
				bin := ptytest.Build(t)
				sh := `exec "$0" "$@"`
				if ign {
					sh = `trap '' HUP; exec "$0" "$@"`
				}
				args := []string{"-c", sh, bin, "demo"}
				if s.scenario != "" {
					args = append(args, s.scenario)
				}
				p := ptytest.Start(t, ptytest.Options{Cols: 120, Rows: 36, Timeout: patience}, "sh", args...)
				if s.scenario != "" {
					p.WaitFor(t, `▸ +\[ Send \]`)
				}
				wants := map[string][]string{"claims": {`Tokens came back`, s.want}, "api": {`Tokens came back`, `▸ Access token`, `▸ List orders`, s.want}, "refresh": {`Tokens came back`, `▸ Access token`, `▸ List orders`, `200 OK`, `generation 0`, s.want}}
				if s.keys == "" {
					p.WaitFor(t, s.want)
				}
				for i, k := range strings.Split(s.keys, "|") {
					if k == "" {
						continue
					}
					w := s.want
					if l := wants[s.name]; l != nil {
						w = l[i]
					}
					press(t, p, k, w)
				}
				if b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.PID())); !bytes.Contains(b, []byte("demo")) || !bytes.Contains(b[:bytes.IndexByte(b, 0)], []byte("authwalk")) {
					t.Logf("cmdline %q", b)
				}
				if bytes.Contains(p.Raw(), []byte("\x1b]0;")) || bytes.Contains(p.Raw(), []byte("\x1b]2;")) || bytes.Contains(p.Raw(), []byte("\x1b]1;")) {
					t.Logf("title %q", regexp.MustCompile(`\x1b\]2;[^\a]*`).FindAll(p.Raw(), -1))
				}
				if s.name == "form" && !ign {
					out, _ := exec.Command("ls", "-l", fmt.Sprintf("/proc/%d/fd", p.PID())).Output()
					t.Logf("%s", out)
					env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.PID()))
					t.Logf("%s", bytes.ReplaceAll(env, []byte{0}, []byte{' '}))
				}
				start := time.Now()
				pid := p.PID()
				if err := p.HangUp(); err != nil {
					t.Fatal(err)
				}
				code := p.Exit(t)
				t.Logf("ended after %v with %d", time.Since(start), code)
				if err := syscall.Kill(pid, 0); err == nil {
					t.Error("still there")
				}
			})
		}
	}
}

func TestTmpQuit(t *testing.T) {
	p := journey(t, ptytest.Options{Cols: 200, Rows: 60}, "demo", "works")
	p.WaitFor(t, `▸ +\[ Send \]`)
	press(t, p, "\t", `▸ Username`)
	press(t, p, "\t", `▸ Password`)
	retype(t, p, "Wrong-Horse-77", `▸ Password +•{14}\s`)
	n := len(p.Raw())
	_ = p.Signal(syscall.SIGQUIT)
	t.Log(p.Exit(t), p.Restored())
	raw := p.Raw()[n:]
	for _, s := range []string{"Wrong-Horse", "Analytical", "eyJ"} {
		if bytes.Contains(p.Raw(), []byte(s)) {
			t.Errorf("has %s", s)
		}
	}
	t.Logf("%d bytes %s", len(raw), regexp.MustCompile(`\n`).ReplaceAll(raw[:min(len(raw), 1500)], []byte("\n")))
}
