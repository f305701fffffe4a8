//go:build unix

package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"authwalk/ui/drive/ptytest"
)

func TestTmpSpool(t *testing.T) {
	for name, end := range map[string]func(p *ptytest.Term){
		"term": func(p *ptytest.Term) { _ = p.Signal(syscall.SIGTERM) }, "hup": func(p *ptytest.Term) { _ = p.Signal(syscall.SIGHUP) },
		"ctrl+c": func(p *ptytest.Term) { p.Send("\x03") }, "kill": func(p *ptytest.Term) { _ = p.Signal(syscall.SIGKILL) }, "hangup": func(p *ptytest.Term) { _ = p.HangUp() },
	} {
		t.Run(name, func(t *testing.T) {
			tmp := t.TempDir()
			p := journey(t, ptytest.Options{Cols: 120, Rows: 36, Env: []string{"TMPDIR=" + tmp, "BIGPW=big-secret-pw"}}, "-p", "big", "--profiles", "/tmp/w2h/big.toml")
			p.WaitFor(t, `▸ +\[ Send \]`)
			press(t, p, "\r", `Tokens came back|opaque`)
			press(t, p, "5", `▸ Big`)
			press(t, p, "\r", `200 OK`)
			time.Sleep(1500 * time.Millisecond)
			out, _ := exec.Command("ls", "-l", fmt.Sprintf("/proc/%d/fd", p.PID())).Output()
			for _, l := range strings.Split(string(out), "\n") {
				if strings.Contains(l, "answer") {
					t.Log(l)
				}
			}
			ls, _ := os.ReadDir(tmp)
			t.Log("during", ls)
			end(p)
			t.Log(p.Exit(t))
			ls, _ = os.ReadDir(tmp)
			t.Log("after", ls)
			for _, s := range []string{"big-secret-pw", "opaque-token-abc"} {
				if strings.Contains(string(p.Raw()), s) {
					t.Error("shown", s)
				}
			}
		})
	}
}
