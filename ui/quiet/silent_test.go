//go:build unix

package quiet_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/creack/pty"

	_ "authwalk/ui/quiet"
)

// The test binary is also the program under test: it imports Bubble Tea and
// quiet as authwalk does, so its packages are initialised by the same rules.
const asProgram = "QUIET_TEST_PROGRAM"

func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "":
		os.Exit(m.Run())
	case "frame":
		if _, err := tea.NewProgram(screen{}, tea.WithAltScreen()).Run(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	case "dark":
		fmt.Printf("dark=%v\n", lipgloss.HasDarkBackground())
	}
}

type screen struct{}

func (screen) Init() tea.Cmd { return nil }
func (s screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyMsg); ok && k.String() == "q" {
		return s, tea.Quit
	}
	return s, nil
}

func (screen) View() string {
	return lipgloss.NewStyle().Foreground(lipgloss.AdaptiveColor{Light: "#000000", Dark: "#ffffff"}).Render("the first frame")
}

// program is this binary as a program, in an environment in which termenv
// would ask the terminal: it does so only for a colourful TERM outside CI.
func program(what string, more ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	for _, kv := range os.Environ() {
		switch name, _, _ := strings.Cut(kv, "="); name {
		case "CI", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TMUX", "STY", "COLORFGBG", "GODEBUG":
		default:
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "TERM=xterm-256color", "COLORTERM=truecolor", asProgram+"="+what)
	cmd.Env = append(cmd.Env, more...)
	return cmd
}

// readUntil collects what the program writes until want is there. Whoever waits
// for a terminal's answer has asked first: that is looked for, and not how long
// it took.
func readUntil(t *testing.T, f *os.File, want string) {
	t.Helper()
	got := make(chan string, 1)
	go func() {
		var all []byte
		buf := make([]byte, 4096)
		for !bytes.Contains(all, []byte(want)) {
			n, err := f.Read(buf)
			all = append(all, buf[:n]...)
			if err != nil {
				break
			}
		}
		got <- string(all)
	}()
	select {
	case s := <-got:
		if !strings.Contains(s, want) {
			t.Fatalf("the program ended without %q; it wrote %q", want, s)
		}
		for name, query := range map[string]string{"its background (OSC 11)": "\x1b]11;?", "its foreground (OSC 10)": "\x1b]10;?", "the cursor's place (CSI 6n)": "\x1b[6n"} {
			if strings.Contains(s, query) {
				t.Errorf("the program asked the terminal for %s", name)
			}
		}
	case <-time.After(time.Minute):
		t.Fatalf("no %q", want)
	}
}

func TestFirstFrameOnSilentTerminal(t *testing.T) {
	cmd := program("frame")
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	readUntil(t, f, "the first frame")
}

func TestGroundFromEnvironment(t *testing.T) {
	for value, want := range map[string]string{"15;0": "dark=true", "0;15": "dark=false"} {
		cmd := program("dark", "COLORFGBG="+value)
		f, err := pty.Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		readUntil(t, f, want)
		_ = cmd.Wait()
		_ = f.Close()
	}
}

// Go tells the order of initialisation itself.
func TestInitialisedBeforeBubbleTea(t *testing.T) {
	cmd := program("none", "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput() // no terminal, so nothing can be asked
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, m := range regexp.MustCompile(`(?m)^init (\S+) @`).FindAllStringSubmatch(string(out), -1) {
		order = append(order, m[1])
	}
	at := func(path string) int {
		for i, p := range order {
			if p == path {
				return i
			}
		}
		t.Fatalf("no init of %s in:\n%s", path, out)
		return 0
	}
	if at("authwalk/ui/quiet") > at("github.com/charmbracelet/bubbletea") {
		t.Errorf("quiet is initialised after Bubble Tea: %v", order)
	}
}
