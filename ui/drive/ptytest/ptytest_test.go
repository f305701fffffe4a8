//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package ptytest

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"golang.org/x/term"

	"authwalk/ui/picture"
)

// The test binary is also the program that runs in the terminal.
const asProgram = "PTYTEST_PROGRAM"

func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "":
		os.Exit(Main(m))
	case "screen":
		if _, err := tea.NewProgram(&screen{}, tea.WithAltScreen()).Run(); err != nil {
			fmt.Println(err)
			os.Exit(3)
		}
	case "ttys":
		in, _ := io.ReadAll(io.LimitReader(os.Stdin, 3))
		fmt.Printf("in=%v out=%v err=%v read %q\n", term.IsTerminal(int(os.Stdin.Fd())), term.IsTerminal(int(os.Stdout.Fd())), term.IsTerminal(int(os.Stderr.Fd())), in)
		fmt.Fprintln(os.Stderr, "an error")
		if f, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
			fmt.Fprintln(f, "to the terminal")
		}
		os.Exit(7)
	case "messy":
		fmt.Print("\x1b[?1049h\x1b[?2004h\x1b[?1002h\x1b[?25l\x1b]52;c;Y29waWVk\x07\x1b]2;a title\x07messy")
	case "env":
		for _, name := range []string{"TERM", "NO_COLOR", "CI", "AUTHWALK_PASSWORD", "HOME", "MORE"} {
			v, ok := os.LookupEnv(name)
			fmt.Printf("%s=%s %v\n", name, v, ok)
		}
	}
}

type screen struct{ w, h, pasted int }

func (s *screen) Init() tea.Cmd { return nil }

func (s *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.w, s.h = msg.Width, msg.Height
	case tea.KeyMsg:
		switch {
		case msg.Paste:
			s.pasted = len(msg.Runes)
		case msg.String() == "q":
			return s, tea.Quit
		}
	}
	return s, nil
}

func (s *screen) View() string {
	red := lipgloss.NewStyle().Bold(true).Foreground(lipgloss.AdaptiveColor{Light: "#a00000", Dark: "#ff8080"})
	return fmt.Sprintf("%s\nsize %dx%d pasted %d 日本│", red.Render("ready"), s.w, s.h, s.pasted)
}

func start(t *testing.T, what string, opt Options) *Term {
	t.Helper()
	opt.Env = append(opt.Env, asProgram+"="+what)
	return Start(t, opt, os.Args[0])
}

func TestScreen(t *testing.T) {
	t.Parallel()
	p := start(t, "screen", Options{Cols: 60, Rows: 10})
	g := p.WaitFor(t, `size 60x10`)
	if c := g.At(0, 0); c.Text != "r" || c.Attr != picture.Bold || c.FG.IsDefault() {
		t.Errorf("the first cell is %+v", c)
	}
	if !g.Alt || g.CursorVisible || p.Cooked() || !p.Mode(2004) || p.Restored() == nil {
		t.Errorf("a full screen program: %v", p.Restored())
	}
	if x, _, ok := g.Find("│"); !ok || x != strings.Index("size 60x10 pasted 0 ", " 0 ")+7 {
		t.Errorf("what follows wide characters stands at %d", x)
	}
	if err := p.Resize(40, 8); err != nil {
		t.Fatal(err)
	}
	p.WaitFor(t, `size 40x8`)
	p.Paste("q\tq\x03")
	p.WaitFor(t, `pasted 4`)
	p.Send("q")
	if code := p.Exit(t); code != 0 {
		t.Errorf("exit %d", code)
	}
	if err := p.Restored(); err != nil {
		t.Error(err)
	}
	if _, err := p.Until(context.Background(), func(*picture.Grid) bool { return false }); !errors.Is(err, ErrEnded) {
		t.Errorf("waiting for an ended program: %v", err)
	}
}

func TestSignal(t *testing.T) {
	t.Parallel()
	p := start(t, "screen", Options{})
	p.WaitFor(t, `size 80x24`)
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := p.Exit(t); code != 0 || p.Restored() != nil {
		t.Errorf("exit %d, %v", code, p.Restored())
	}
}

func TestHangUp(t *testing.T) {
	t.Parallel()
	// Under nohup a child inherits that hang-ups are ignored; a signal that is
	// caught here is by default there.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	defer signal.Stop(caught)
	p := start(t, "screen", Options{})
	p.WaitFor(t, `size 80x24`)
	if err := p.HangUp(); err != nil {
		t.Fatal(err)
	}
	p.Exit(t)
}

func TestBackground(t *testing.T) {
	t.Parallel()
	var seen []picture.Color
	for _, ground := range []color.Color{nil, color.White} {
		p := start(t, "screen", Options{Background: ground})
		seen = append(seen, p.WaitFor(t, `size 80x24`).At(0, 0).FG)
	}
	if seen[0] == seen[1] {
		t.Errorf("on both grounds the colour is %x", seen[0])
	}
}

func TestPipes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		opt              Options
		out, err, screen string
	}{
		{"all terminals", Options{}, "", "", "in=true out=true err=true"},
		{"stdin piped", Options{Stdin: strings.NewReader("abcd")}, "", "", `in=false out=true err=true read "abc"`},
		{"stdout piped", Options{PipeStdout: true}, "in=true out=false err=true", "", "an error"},
		{"stderr piped", Options{PipeStderr: true}, "", "an error", "in=true out=true err=false"},
		{"both piped", Options{PipeStdout: true, PipeStderr: true}, "in=true out=false err=false", "an error", "to the terminal"},
		{"no terminal but /dev/tty", Options{Stdin: strings.NewReader("abc"), PipeStdout: true, PipeStderr: true}, "in=false out=false err=false", "an error", "to the terminal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.opt.Env = []string{"TERM=dumb"} // lipgloss asks no dumb terminal for its colours, and swallows no key
			p := start(t, "ttys", c.opt)
			if c.opt.Stdin == nil {
				p.Send("xyz\r")
			}
			if code := p.Exit(t); code != 7 {
				t.Errorf("exit %d", code)
			}
			if !strings.Contains(p.Stdout(), c.out) || !strings.Contains(p.Stderr(), c.err) || !strings.Contains(p.Screen().Text(), c.screen) {
				t.Errorf("stdout %q, stderr %q, the screen:\n%s", p.Stdout(), p.Stderr(), p.Screen().Text())
			}
		})
	}
}

func TestMessyProgramIsTold(t *testing.T) {
	t.Parallel()
	p := start(t, "messy", Options{})
	p.Exit(t)
	err := p.Restored()
	if err == nil {
		t.Fatal("nothing is said to be left on")
	}
	for _, want := range []string{"alternate screen", "bracketed paste", "mouse", "cursor"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v: no word of %s", err, want)
		}
	}
	if p.Clipboard() != "copied" || p.Screen().Title != "a title" || !strings.Contains(string(p.Raw()), "messy") {
		t.Errorf("clipboard %q, title %q", p.Clipboard(), p.Screen().Title)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	t.Setenv("CI", "true")
	t.Setenv("AUTHWALK_PASSWORD", "mine")
	p := start(t, "env", Options{Env: []string{"MORE=x"}})
	p.Exit(t)
	text := p.Screen().Text()
	for _, want := range []string{"TERM=xterm-256color true", "NO_COLOR= false", "CI= false", "AUTHWALK_PASSWORD= false", "MORE=x true"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "HOME="+os.Getenv("HOME")+" ") {
		t.Error("the program has this person's home folder")
	}
	if env := BaseEnv(nil, []string{"TERM", "PATH"}); slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "TERM=") || strings.HasPrefix(kv, "PATH=") }) {
		t.Errorf("not unset: %v", env)
	}
}

func TestBuildOnce(t *testing.T) {
	a := Build(t)
	if b := Build(t); a != b {
		t.Errorf("built at %s and %s", a, b)
	}
	if info, err := os.Stat(a); err != nil || info.Mode()&0o100 == 0 {
		t.Errorf("no program: %v", err)
	}
}
