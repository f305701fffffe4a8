package drive

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/bubbles/spinner"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// diary writes down what it is told, and answers keys with commands.
type diary struct {
	lines   []string
	on      map[string]tea.Cmd
	onTick  func() tea.Cmd
	init    tea.Cmd
	closing func()
}

func (m *diary) Init() tea.Cmd { return m.init }

func (m *diary) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		m.lines = append(m.lines, "key "+msg.String())
		return m, m.on[msg.String()]
	case tea.WindowSizeMsg:
		m.lines = append(m.lines, fmt.Sprintf("size %dx%d", msg.Width, msg.Height))
	case tickMsg:
		m.lines = append(m.lines, "tick")
		return m, m.onTick()
	case string:
		m.lines = append(m.lines, msg)
		return m, m.on[msg]
	case tea.ResumeMsg:
		m.lines = append(m.lines, "resumed")
	}
	return m, nil
}

func (m *diary) View() string { return strings.Join(m.lines, "\n") }

func (m *diary) Close() {
	if m.closing != nil {
		m.closing()
	}
}

type tickMsg time.Time

func say(s string) tea.Cmd { return func() tea.Msg { return s } }

func everySecond() tea.Cmd {
	return tea.Tick(time.Second, func(t time.Time) tea.Msg { return tickMsg(t) })
}

func TestKeysAndCommands(t *testing.T) {
	d := New(&diary{init: say("begun"), on: map[string]tea.Cmd{
		"b": tea.Batch(say("one"), nil, tea.Batch(say("two"), say("three"))),
		"s": tea.Sequence(say("first"), nil, say("second"), tea.Batch(say("third")), say("fourth")),
		"t": tea.SetWindowTitle("a title"),
		"w": tea.WindowSize(),
		"z": tea.Suspend,
		"q": tea.Quit,
	}}, 80, 24)
	defer d.MustClose(t)
	if got := d.MustSettle(t); got != "size 80x24\nbegun" {
		t.Errorf("after the start: %q", got)
	}
	d.Press("b")
	for _, want := range []string{"one", "two", "three"} {
		if !strings.Contains(d.MustSettle(t), want) {
			t.Errorf("no %q from a batch", want)
		}
	}
	d.Press("s")
	if !strings.HasSuffix(d.MustSettle(t), "first\nsecond\nthird\nfourth") {
		t.Errorf("a sequence out of order:\n%s", d.Text())
	}
	d.Press("t", "z")
	d.Resize(40, 10)
	d.Press("w")
	if text := d.MustSettle(t); d.Title() != "a title" || d.Screen().Title != "a title" || !strings.Contains(text, "resumed") || strings.Count(text, "size 40x10") != 2 {
		t.Errorf("title %q, the screen:\n%s", d.Title(), text)
	}
	if w, h := d.Size(); w != 40 || h != 10 || d.Screen().W != 40 || d.Screen().H != 10 {
		t.Error("the window's size is not that of Resize")
	}
	if d.Quit() {
		t.Error("quit too soon")
	}
	d.Press("q")
	d.MustSettle(t)
	d.Press("x")
	if !d.Quit() || d.Interrupted() || strings.Contains(d.Text(), "key x") {
		t.Error("tea.Quit did not end it")
	}
}

func TestTypeAndPaste(t *testing.T) {
	in := textinput.New()
	in.Focus()
	d := New(field{in}, 40, 3)
	defer d.MustClose(t)
	d.Type("a b é日")
	d.Press("home", "x", "end", "backspace", "space", "alt+b")
	d.Paste("p\tq\n")
	d.MustSettle(t)
	if got := d.Model().(field).in.Value(); got != "xa b p q é " {
		t.Errorf("typed %q", got)
	}
	if d.Held() == 0 || !d.Idle() {
		t.Error("the cursor's blinking is not held as a tick")
	}
}

type field struct{ in textinput.Model }

func (m field) Init() tea.Cmd { return textinput.Blink }
func (m field) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	m.in, cmd = m.in.Update(msg)
	return m, cmd
}
func (m field) View() string { return m.in.View() }

func TestKey(t *testing.T) {
	for _, name := range []string{"enter", "ctrl+s", "tab", "shift+tab", "esc", "a", "Z", "é", "日", "up", "pgdown", "pgup", "home", "end", "f1", "f12", "delete",
		"backspace", "ctrl+p", "ctrl+c", "ctrl+shift+up", "alt+x", "alt+enter", "?", ":", "/", "=", "1", "+"} {
		k, err := Key(name)
		if err != nil || k.String() != name {
			t.Errorf("Key(%q) = %q, %v", name, k, err)
		}
	}
	for alias, want := range map[string]string{"space": " ", " ": " ", "pgdn": "pgdown", "ctrl+i": "tab", "ctrl+m": "enter", "escape": "esc", "return": "enter", "alt+space": "alt+ "} {
		if k, err := Key(alias); err != nil || k.String() != want {
			t.Errorf("Key(%q) = %q, %v", alias, k, err)
		}
	}
	for _, name := range []string{"", "entr", "ctrl+", "alt+", "runes", "ab", "\x1b", "\xff", "ctrl+alt+x"} {
		if k, err := Key(name); err == nil {
			t.Errorf("Key(%q) = %q", name, k)
		}
	}
	for _, r := range []rune{' ', 'a'} { // as Bubble Tea reads them
		if k := typed(r); (k.Type == tea.KeySpace) != (r == ' ') || string(k.Runes) != string(r) {
			t.Errorf("%q is %+v", r, k)
		}
	}
}

func TestUnknownKeyIsTold(t *testing.T) {
	d := New(&diary{}, 80, 24)
	d.Press("a", "entr", "b")
	for name, err := range map[string]error{"Settle": d.Settle(), "Until": d.Until(context.Background(), func(string) bool { return true }), "Close": d.Close()} {
		if err == nil || !strings.Contains(err.Error(), `"entr"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if strings.Contains(d.Text(), "key b") {
		t.Error("keys after the mistake are handed over")
	}
}

func TestTicksAreHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		d := New(&diary{init: tea.Batch(everySecond(), say("begun")), onTick: everySecond}, 80, 24)
		defer d.MustClose(t)
		d.MustSettle(t)
		if d.Held() != 1 || strings.Contains(d.Text(), "tick") || time.Since(start) != 0 {
			t.Fatalf("%d held after %v:\n%s", d.Held(), time.Since(start), d.Text())
		}
		for want := 1; want <= 3; want++ {
			if n, err := d.Tick(); n != 1 || err != nil {
				t.Fatalf("Tick: %d, %v", n, err)
			}
			if got := strings.Count(d.Text(), "tick"); got != want || time.Since(start) != time.Duration(want)*time.Second {
				t.Fatalf("%d ticks after %v", got, time.Since(start))
			}
		}
		d.LetTicks(true)
		d.WaitFor(t, `(?s)(tick.*){6}`)
		if got := time.Since(start); got != 6*time.Second {
			t.Errorf("six ticks after %v", got)
		}
	})
}

func TestSpinnerIsATick(t *testing.T) {
	d := New(spin{spinner.New()}, 80, 24)
	defer d.MustClose(t)
	if d.MustSettle(t); d.Held() != 1 {
		t.Errorf("%d held", d.Held())
	}
}

type spin struct{ spinner.Model }

func (m spin) Init() tea.Cmd { return m.Tick }
func (m spin) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	m.Model, cmd = m.Model.Update(msg)
	return m, cmd
}

// What stands on the screen for one message only is seen all the same.
func TestWaitSeesEachMessage(t *testing.T) {
	d := New(&diary{on: map[string]tea.Cmd{"enter": say("sent"), "sent": say("answered")}}, 80, 24)
	defer d.MustClose(t)
	d.Press("enter")
	if err := d.Until(context.Background(), func(text string) bool { return strings.HasSuffix(text, "sent") }); err != nil {
		t.Fatal(err)
	}
	d.WaitText(t, "answered")
}

func TestWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		d := New(&diary{on: map[string]tea.Cmd{"a": stuck(never), "q": tea.Quit}, closing: func() { close(never) }}, 80, 24)
		defer d.MustClose(t)
		d.Press("a")
		if d.Idle() {
			t.Error("idle while a command runs")
		}
		err := d.Until(context.Background(), func(string) bool { return false })
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), ".stuck.") {
			t.Errorf("a wait in vain says %v", err)
		}
		if err := d.Settle(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Settle: %v", err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := d.Until(ctx, func(string) bool { return false }); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled wait says %v", err)
		}
		d.Background("stuck")
		if !d.Idle() || d.Settle() != nil {
			t.Error("a command in the background is waited for")
		}
		d.Press("q")
		if err := d.Until(context.Background(), func(string) bool { return false }); err == nil || !strings.Contains(err.Error(), "quit") {
			t.Errorf("after the end: %v", err)
		}
	})
}

func stuck(until chan struct{}) tea.Cmd {
	return func() tea.Msg { <-until; return "late" }
}

func TestCloseNamesWhatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		d := New(&diary{init: stuck(never)}, 80, 24)
		if err := d.Close(); err == nil || !strings.Contains(err.Error(), ".stuck.") {
			t.Errorf("Close: %v", err)
		}
		close(never)
		synctest.Wait()
		d.Press("x")
		if d.Settle() == nil || strings.Contains(d.Text(), "late") || strings.Contains(d.Text(), "key x") {
			t.Errorf("after Close:\n%s", d.Text())
		}
	})
}

// lamp is a model by value, whose frame has styles.
type lamp struct{ on bool }

func (l lamp) Init() tea.Cmd { return nil }
func (l lamp) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyMsg); ok && k.String() == "space" || ok && k.String() == " " {
		l.on = !l.on
	}
	return l, nil
}
func (l lamp) View() string { return fmt.Sprintf("\x1b[1mlamp\x1b[0m %v   \n\x1b[31mred\x1b[0m", l.on) }

func TestFrameTextScreen(t *testing.T) {
	d := New(lamp{}, 20, 4)
	defer d.MustClose(t)
	d.Press("space")
	if d.Text() != "lamp true\nred" || !strings.Contains(d.Frame(), "\x1b[1mlamp\x1b[0m true   ") {
		t.Errorf("text %q, frame %q", d.Text(), d.Frame())
	}
	if g := d.Screen(); g.Text() != d.Text() || g.At(0, 1).FG.IsDefault() || g.W != 20 || g.H != 4 {
		t.Errorf("the screen:\n%s", g.Text())
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
	d.Resize(3, 1)
	if d.Check() == nil {
		t.Error("a frame larger than its window is not told")
	}
}

func TestCheck(t *testing.T) {
	for _, frame := range []string{"", "abc", "a\nb", "\x1b[1;38;2;1;2;3mabc\x1b[0m", "日本", "e\u0301", "a👍🏽", "\x1b[4:3mx\x1b[m", "\u200d", "�"} {
		if err := Check(frame, 4, 2); err != nil {
			t.Errorf("%q: %v", frame, err)
		}
	}
	for frame, want := range map[string]string{
		"abcde":                    "5 columns wide",
		"日本x":                      "5 columns wide",
		"a\nb\nc":                  "3 lines",
		"a\tb":                     "U+0009",
		"a\rb":                     "U+000D",
		"a\x00":                    "U+0000",
		"a\x7f":                    "U+007F",
		"a\u009b":                  "U+009B",
		"x\n\x1b[2J":               "line 2 has an escape sequence",
		"\x1b]0;t\x07":             "escape",
		"\x1b]8;;http://x/\x1b\\x": "escape",
		"\x1b[?25l":                "escape",
		"\x1b[1":                   "escape",
		"\x1b":                     "escape",
		"\x1bM":                    "escape",
		"a\u202eb":                 "U+202E",
		"a\u2066b":                 "U+2066",
		"a\u200fb":                 "U+200F",
		"a\u061cb":                 "U+061C",
		"a\u2028b":                 "U+2028",
		"a\xffb":                   "UTF-8",
	} {
		if err := Check(frame, 4, 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", frame, err, want)
		}
	}
}
