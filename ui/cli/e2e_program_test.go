//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"authwalk/ui/drive/ptytest"
)

// TestPromptIsSilent: a password that is typed is not shown, and ctrl+c at the
// question gives the terminal back with its echo.
func TestPromptIsSilent(t *testing.T) {
	args := []string{"token", "--domain", "127.0.0.1:9", "--client-id", "c", "--username", "u"}
	p := journey(t, ptytest.Options{Cols: 100, Rows: 24}, args...)
	p.WaitFor(t, `Password:`)
	p.Send("hunter22\r")
	p.WaitFor(t, `connection-refused`)
	if code := p.Exit(t); code != 3 {
		t.Errorf("exit %d, want 3", code)
	}
	silent(t, p, "hunter22")
	q := journey(t, ptytest.Options{Cols: 100, Rows: 24}, args...)
	q.WaitFor(t, `Password:`)
	q.Send("\x03")
	if code := q.Exit(t); code != 130 {
		t.Errorf("exit %d after ctrl+c, want 130", code)
	}
	if !q.Cooked() {
		t.Error("the terminal is left without echo")
	}
}

// TestTenantEnds: SIGINT and SIGTERM end the tenant with 0, and its files go.
func TestTenantEnds(t *testing.T) {
	bin := ptytest.Build(t)
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd := exec.Command(bin, "tenant", "--json", "--tls")
		cmd.Env = ptytest.BaseEnv(nil, nil)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadBytes('\n')
		if err != nil {
			t.Fatalf("%v: %s", err, stderr.String())
		}
		var d struct {
			Issuer   string `json:"issuer"`
			CA       string `json:"ca_file"`
			Profiles string `json:"profiles_file"`
			Scenario string `json:"scenario"`
		}
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(d.Profiles)
		if err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("profiles file: %v %v", st, err)
		}
		run := exec.Command(bin, "token", "--profiles", d.Profiles, "--json")
		run.Env = ptytest.BaseEnv([]string{"HOME=" + t.TempDir()}, nil)
		if out, err := run.Output(); err != nil {
			t.Errorf("token over TLS: %v %s", err, out)
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", sig, err)
		}
		if _, err := os.Stat(filepath.Dir(d.Profiles)); err == nil {
			t.Errorf("%s: %s is still there", sig, d.Profiles)
		}
	}
}

// TestTenantUnderNohup goes on when the terminal is closed, without nohup it ends.
func TestTenantUnderNohup(t *testing.T) {
	for _, c := range []struct{ trap, lives string }{{"", ""}, {"trap '' HUP; ", "lives"}} {
		tmp := t.TempDir()
		p := ptytest.Start(t, ptytest.Options{Env: []string{"TMPDIR=" + tmp}, Timeout: patience}, "sh", "-c", c.trap+`exec "$0" tenant --json`, ptytest.Build(t))
		p.WaitFor(t, `phone_url`)
		issuer := regexp.MustCompile(`"issuer":"([^"]+)"`).FindStringSubmatch(string(p.Raw()))
		if issuer == nil {
			t.Fatalf("no issuer: %q", p.Raw())
		}
		if err := p.HangUp(); err != nil {
			t.Fatal(err)
		}
		if c.lives != "" {
			for range 20 { // each on a connection of its own: one may be served by what is about to end
				get := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
				resp, err := get.Get(issuer[1] + ".well-known/jwks.json")
				if err != nil {
					t.Errorf("it is gone: %v", err)
					break
				}
				_ = resp.Body.Close()
			}
			if err := p.Signal(syscall.SIGTERM); err != nil {
				t.Errorf("it is gone: %v", err)
			}
		}
		if code := p.Exit(t); code != 0 {
			t.Errorf("%s: exit %d", c.trap, code)
		}
		if left, _ := os.ReadDir(tmp); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// TestNoTerminal: without a terminal and with nothing given the program ends by
// itself with 2 and a sentence.
func TestNoTerminal(t *testing.T) {
	for _, args := range [][]string{nil, {"demo"}, {"token", "--json"}, {"token"}} {
		if stdout, stderr, code := piped(t, "", args...); code != 2 || stdout != "" || stderr == "" {
			t.Errorf("%v: exit %d, stdout %q, stderr %q", args, code, stdout, stderr)
		}
	}
}

// TestRecord: --record writes an asciicast that only its owner can read.
func TestRecord(t *testing.T) {
	file := filepath.Join(t.TempDir(), "walk.cast")
	p := journey(t, ptytest.Options{Cols: 100, Rows: 30}, "demo", "works", "--record", file)
	p.WaitFor(t, `Username`)
	leaves(t, p, "\x03", 130)
	text, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(text, []byte("{")) || !bytes.Contains(text, []byte("Username")) || bytes.Contains(text, []byte(adaPassword)) {
		t.Errorf("%v: %.200q", err, text)
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", st, err)
	}
}
