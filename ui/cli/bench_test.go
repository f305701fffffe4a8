//go:build unix

package cli_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"authwalk/ui/drive/ptytest"
	"authwalk/ui/picture"
)

// TestBenchmarks measures the program as its users meet it, beside programs they
// know, and prints the README's tables. Each run of one program stands beside a
// run of the others, so that what else the machine does meets all of them.
func TestBenchmarks(t *testing.T) {
	if os.Getenv("AUTHWALK_BENCH") == "" {
		t.Skip("set AUTHWALK_BENCH=1 to measure; it takes a minute or two")
	}
	fmt.Println(commandTable(t))
	fmt.Println(terminalTable(t))
}

// figures are what was measured, of one kind.
type figures []float64

func (f *figures) add(d time.Duration) { *f = append(*f, float64(d)/float64(time.Millisecond)) }

// at is a quantile.
func (f figures) at(q float64) float64 {
	if len(f) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(f))
	return s[min(int(q*float64(len(s))), len(s)-1)]
}

// commandTable measures commands that end by themselves, beside curl.
func commandTable(t *testing.T) string {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not on PATH")
	}
	aw := ptytest.Build(t)
	s := serve(t, "works")
	env := ptytest.BaseEnv([]string{"HOME=" + t.TempDir()}, nil)
	form := filepath.Join(t.TempDir(), "form") // curl's own way to keep secrets from its arguments
	grant := "grant_type=http://auth0.com/oauth/grant-type/password-realm&realm=Username-Password-Authentication&client_id=" + s.Clients[0].ID + "&client_secret=" + s.Clients[0].Secret +
		"&username=" + s.Users[0].Username + "&password=" + s.Users[0].Password + "&audience=https://api.acme.test/&scope=openid offline_access read:orders"
	if err := os.WriteFile(form, []byte(grant), 0o600); err != nil {
		t.Fatal(err)
	}
	post := []string{curl, "-sS", "--fail", "-d", "@" + form, s.Issuer + "oauth/token"}
	token := []string{aw, "token", "--profiles", s.Profiles, "-p", "works"}
	rows := []struct {
		what         string
		ours, theirs []string
	}{
		{"`version`, beside `curl --version`", []string{aw, "version"}, []string{curl, "--version"}},
		{"`token --access-token`, beside the same POST by curl", append(token, "--access-token"), post},
		{"`token --json` (keys fetched, all checks), beside curl fetching token, metadata and keys", append(token[:len(token):len(token)], "--json"),
			append(post[:len(post):len(post)], "--next", "-sS", "--fail", s.Issuer+".well-known/openid-configuration", "--next", "-sS", "--fail", s.Issuer+".well-known/jwks.json")},
	}
	var out strings.Builder
	fmt.Fprint(&out, "| | authwalk | curl | ratio | CPU, authwalk and curl |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		var wall, cpu [2]figures
		for i := range 41 {
			for k, args := range [][]string{r.ours, r.theirs} {
				cmd := exec.Command(args[0], args[1:]...)
				cmd.Env = env
				start := time.Now()
				msg, err := cmd.Output()
				took := time.Since(start)
				if err != nil || len(msg) == 0 {
					t.Fatalf("%q: %v %s", args, err, msg)
				}
				if i > 0 { // the first warms up
					wall[k].add(took)
					cpu[k].add(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
				}
			}
		}
		fmt.Fprintf(&out, "| %s | %.0f ms | %.0f ms | %.1f | %.0f and %.0f ms |\n", r.what, wall[0].at(.5), wall[1].at(.5), wall[0].at(.5)/wall[1].at(.5), cpu[0].at(.5), cpu[1].at(.5))
	}
	return out.String()
}

// onScreen is a program to measure in a terminal.
type onScreen struct {
	name  string
	args  []string
	ready string      // the first full frame
	walk  [][2]string // keys, and what they show, before the keys that are measured
	keys  []string    // one after the other, each changes the screen
	again bool        // it starts as the one before: its start is not measured
	mute  bool        // the terminal answers no query; its start alone is measured
}

// terminalTable measures programs in a terminal of 80×24.
func terminalTable(t *testing.T) string {
	aw := ptytest.Build(t)
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("a line of text to move in\n", 5000)), 0o600); err != nil {
		t.Fatal(err)
	}
	down, up := "\x1b[B", "\x1b[A"
	arrows := []string{down, down, up, up}
	walk := [][2]string{{"\r", "Password"}, {"\r", "Tokens came back"}, {"\r", "Issuer: who"}}
	all := []onScreen{
		{name: "`authwalk demo`, the list of tenants", args: []string{aw, "demo"}, ready: "Everything is set up", keys: arrows},
		{name: "the claims, a countdown running", args: []string{aw, "demo"}, ready: "Everything is set up", walk: walk, keys: arrows, again: true},
		{name: "`authwalk demo works`, typing in the form", args: []string{aw, "demo", "works"}, ready: "Password", walk: [][2]string{{"\x1b[Z", ""}}, keys: []string{"a", "b", "\x7f", "\x7f"}},
		{name: "the list, on a terminal that answers no query", args: []string{aw, "demo"}, ready: "Everything is set up", mute: true},
		{name: "vim", args: []string{"vim", "-u", "NONE", text}, ready: "a line of text", keys: []string{"j", "j", "k", "k"}},
		{name: "less", args: []string{"less", text}, ready: "a line of text", keys: []string{"j", "j", "k", "k"}},
		{name: "micro", args: []string{"micro", text}, ready: "a line of text", keys: arrows},
		{name: "fzf", args: []string{"fzf", "--no-mouse"}, ready: ">", keys: []string{"a", "\x7f"}},
		{name: "htop", args: []string{"htop"}, ready: "PID", keys: arrows},
	}
	all = slices.DeleteFunc(all, func(p onScreen) bool { _, err := exec.LookPath(p.args[0]); return err != nil })
	starts := make([]figures, len(all))
	for i := range 16 {
		for k, p := range all {
			if p.again {
				continue
			}
			term := open(t, p)
			if chunks := term.Chunks(); i > 0 { // the first warms up
				starts[k].add(chunks[len(chunks)-1].At)
			}
			term.Close()
		}
	}
	var out strings.Builder
	fmt.Fprint(&out, "| in a terminal of 80×24 | first full frame | key to screen, p50 | p99 | bytes a key | idle, of one core | resident |\n|---|---|---|---|---|---|---|\n")
	for k, p := range all {
		start := ""
		if !p.again {
			start = fmt.Sprintf("%.0f ms", starts[k].at(.5))
		}
		if p.mute {
			fmt.Fprintf(&out, "| %s | %s | | | | | |\n", p.name, start)
			continue
		}
		term := open(t, p)
		for _, step := range p.walk {
			term.Send(step[0])
			await(t, term, step[1])
			term.Settle(600 * time.Millisecond) // a screen that comes by itself takes no key for a moment
		}
		term.Settle(600 * time.Millisecond)
		var keys figures
		bytes := 0
		for i := range 120 {
			took, n := stroke(t, term, p.name, p.keys[i%len(p.keys)])
			keys.add(took)
			bytes += n
		}
		idle, resident := rest(term, 5*time.Second)
		fmt.Fprintf(&out, "| %s | %s | %.1f ms | %.1f ms | %d | %s | %s |\n", p.name, start, keys.at(.5), keys.at(.99), bytes/len(keys), idle, resident)
		term.Close()
	}
	return out.String()
}

func open(t *testing.T, p onScreen) *ptytest.Term {
	t.Helper()
	term, err := ptytest.Open(ptytest.Options{Timeout: patience, Mute: p.mute, Env: []string{"HOME=" + t.TempDir()}}, p.args[0], p.args[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(term.Close)
	await(t, term, p.ready)
	return term
}

func await(t *testing.T, term *ptytest.Term, expr string) {
	t.Helper()
	re := regexp.MustCompile(expr)
	if g, err := term.Until(context.Background(), func(g *picture.Grid) bool { return re.MatchString(g.Text()) }); err != nil {
		t.Fatalf("no %q: %v\n%s", expr, err, g.Text())
	}
}

// stroke types a key and gives the time until the program's answer came, and its
// length.
func stroke(t *testing.T, term *ptytest.Term, name, key string) (time.Duration, int) {
	t.Helper()
	time.Sleep(30*time.Millisecond + rand.N(30*time.Millisecond)) // no step with any program's own clock
	n := len(term.Chunks())
	at := term.Now()
	term.Send(key)
	g, err := term.Until(context.Background(), func(*picture.Grid) bool { return len(term.Chunks()) > n })
	if err != nil {
		t.Fatalf("%s does not answer %q: %v\n%s", name, key, err, g.Text())
	}
	took := term.Chunks()[n].At - at
	term.Settle(15 * time.Millisecond)
	size := 0
	for _, c := range term.Chunks()[n:] {
		size += len(c.Data)
	}
	return took, size
}

// rest leaves a program alone and tells what it uses, where the system has /proc.
func rest(term *ptytest.Term, d time.Duration) (cpu, resident string) {
	root := "/proc/" + strconv.Itoa(term.PID())
	before := ran(root)
	time.Sleep(d)
	after := ran(root)
	status, err := os.ReadFile(root + "/status")
	m := regexp.MustCompile(`VmRSS:\s*(\d+) kB`).FindSubmatch(status)
	if err != nil || m == nil {
		return "-", "-"
	}
	kb, _ := strconv.Atoi(string(m[1])) // digits
	return fmt.Sprintf("%.1f %%", 100*float64(after-before)/float64(d)), fmt.Sprintf("%d MB", (kb+512)/1024)
}

// ran is how long a process's threads have run.
func ran(root string) (sum time.Duration) {
	tasks, _ := filepath.Glob(root + "/task/*/schedstat") // none where there is no /proc
	for _, f := range tasks {
		text, _ := os.ReadFile(f)
		ns, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseInt(ns, 10, 64) // 0 for a thread that has ended
		sum += time.Duration(n)
	}
	return sum
}
