//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"authwalk/ui/drive/ptytest"
	"authwalk/ui/picture"
)

// The journeys of the real program in terminals stand in the files e2e_*: each
// builds and starts authwalk itself, types, and looks at the screen.
func TestMain(m *testing.M) {
	if where := os.Getenv(panicsIn); where != "" {
		panicking(where)
	}
	flag.Parse()
	// A journey mostly waits for its program, so more of them run side by side
	// than there are processors, unless the command line has a say of its own.
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("8")
	}
	os.Exit(ptytest.Main(m))
}

// patience is how long a journey waits for anything.
const patience = time.Minute

// journey starts the program in a terminal of its own, beside other journeys.
func journey(t *testing.T, opt ptytest.Options, args ...string) *ptytest.Term {
	t.Helper()
	if opt.Timeout == 0 {
		opt.Timeout = patience
	}
	return ptytest.Start(t, opt, ptytest.Build(t), args...)
}

// clocks are the parts of a screen that change by themselves.
var clocks = regexp.MustCompile(`[0-9]|[● ]{5}`)

// waits are screens on which a request is out: what is typed there would come to
// the answer's screen.
var waits = regexp.MustCompile(`under way for|Opening |●.* …`)

// press types keys until the screen shows want, which it must not do before: a
// wait for what is there already would be over before the keys have arrived. A
// screen that came by itself takes no key for a moment: while nothing moves but
// clocks, the keys are typed again.
func press(t *testing.T, p *ptytest.Term, keys, want string) *picture.Grid {
	t.Helper()
	if re := regexp.MustCompile(want); re.MatchString(p.Screen().Text()) {
		// Half of it may be the screen before, whose frame came in pieces.
		if g := heard(t, p); re.MatchString(g.Text()) {
			t.Fatalf("before %q there is %q already; the screen:\n%s", keys, want, g.Text())
		}
	}
	return try(t, p, keys, want, func(s string) string { return clocks.ReplaceAllString(s, "") })
}

// insist types keys again and again until the screen shows want, where the
// program says that it is too early.
func insist(t *testing.T, p *ptytest.Term, keys, want string) *picture.Grid {
	t.Helper()
	return try(t, p, keys, want, func(string) string { return "" })
}

func try(t *testing.T, p *ptytest.Term, keys, want string, still func(string) string) *picture.Grid {
	t.Helper()
	re := regexp.MustCompile(want)
	last, quiet := still(p.Screen().Text()), 0
	p.Send(keys)
	again := 3
	if strings.HasSuffix(keys, "\x1b") {
		again = 10 // what follows an esc that was not read yet would make it another key
	}
	for end := time.Now().Add(patience); ; {
		ctx, cancel := context.WithTimeout(context.Background(), 450*time.Millisecond)
		g, err := p.Until(ctx, func(g *picture.Grid) bool { return re.MatchString(g.Text()) })
		cancel()
		switch {
		case err == nil:
			return g
		case errors.Is(err, ptytest.ErrEnded), time.Now().After(end):
			t.Fatalf("%q shows no %q: %v; the screen:\n%s", keys, want, err, g.Text())
		}
		now := still(g.Text())
		if quiet++; now != last || waits.MatchString(g.Text()) {
			quiet = 0
		} else if quiet >= again {
			// A busy machine is late, too: keys that come twice would lead elsewhere.
			if again == 3 {
				g = heard(t, p)
			}
			if re.MatchString(g.Text()) {
				return g
			}
			if now = still(g.Text()); now == last && !waits.MatchString(g.Text()) {
				p.Send(keys)
			}
			quiet = 0
		}
		last = now
	}
}

// locked is the screen under lock, in a window that has room for its words.
var locked = regexp.MustCompile(`(?s)^authwalk\n.*Locked\n.*ctrl\+l`)

// heard waits until the program has worked off what was typed: no screen is deaf
// to the lock, and its second key lifts it again.
func heard(t *testing.T, p *ptytest.Term) (g *picture.Grid) {
	t.Helper()
	for _, want := range []bool{true, false} {
		p.Send("\x0c")
		var err error
		if g, err = p.Until(t.Context(), func(g *picture.Grid) bool { return locked.MatchString(g.Text()) == want }); err != nil {
			t.Fatalf("ctrl+l makes locked not %v: %v; the screen:\n%s", want, err, g.Text())
		}
	}
	return g
}

// retype puts a text into the field with the focus, in the place of what stands
// there, until the screen shows want.
func retype(t *testing.T, p *ptytest.Term, text, want string) *picture.Grid {
	t.Helper()
	return press(t, p, "\x15"+text, want)
}

// leaves ends a journey: keys, the exit code, and a terminal that is whole.
func leaves(t *testing.T, p *ptytest.Term, keys string, code int) {
	t.Helper()
	p.Send(keys)
	if got := p.Exit(t); got != code {
		t.Errorf("exit %d after %q, want %d", got, keys, code)
	}
	whole(t, p)
}

func whole(t *testing.T, p *ptytest.Term) {
	t.Helper()
	if err := p.Restored(); err != nil {
		t.Error(err)
	}
}

// framed checks what holds on every screen: the header is there, nothing runs
// over the window, and what the program wrote never held a secret.
func framed(t *testing.T, g *picture.Grid) {
	t.Helper()
	if !strings.HasPrefix(g.Row(0), "authwalk") {
		t.Errorf("the first line is %q", g.Row(0))
	}
	if !g.Alt || g.CursorVisible && !strings.Contains(g.Text(), "▸") {
		t.Errorf("alternate screen %v, cursor %v", g.Alt, g.CursorVisible)
	}
}

// Secrets that every scenario has.
const (
	adaPassword = "Analytical-Engine-1843"
	adaName     = "ada@acme.test"
)

func silent(t *testing.T, p *ptytest.Term, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if bytes.Contains(p.Raw(), []byte(s)) {
			t.Errorf("%q was written to the terminal", s)
		}
	}
}

// served is what `authwalk tenant --json` tells.
type served struct {
	Issuer   string `json:"issuer"`
	Profiles string `json:"profiles_file"`
	Phone    string `json:"phone_url"`
	Clients  []struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
		Auth   string `json:"auth"`
	} `json:"clients"`
	Users []struct {
		Username string `json:"username"`
		Password string `json:"password"`
	} `json:"users"`
}

// serve runs `authwalk tenant` until the test ends.
func serve(t *testing.T, scenario string) served {
	t.Helper()
	cmd := exec.Command(ptytest.Build(t), "tenant", "--json", "--scenario", scenario)
	cmd.Env = ptytest.BaseEnv([]string{"HOME=" + t.TempDir()}, nil)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var s served
	if err := json.Unmarshal(line, &s); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return s
}

// piped runs the program without any terminal.
func piped(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(ptytest.Build(t), args...)
	cmd.Env = ptytest.BaseEnv([]string{"HOME=" + t.TempDir()}, nil)
	cmd.Stdin = strings.NewReader(stdin)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	_ = cmd.Run() // its end is in ProcessState
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}
