//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package ptytest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image/color"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"authwalk/ui/picture"
)

// Options say what stands around the program. The zero value is a terminal of
// 80×24 that answers queries, on stdin, stdout and stderr.
type Options struct {
	Cols, Rows int
	Env        []string      // added to BaseEnv, last
	Unset      []string      // taken out of BaseEnv
	Dir        string        // where the program runs
	Timeout    time.Duration // of each wait; 0 is a minute
	Background color.Color   // what the terminal says when asked for its ground; nil is black
	Mute       bool          // a terminal that answers no query

	Stdin      io.Reader // instead of the terminal; an *os.File is handed on as it is
	PipeStdout bool      // stdout is no terminal: read it by Stdout
	PipeStderr bool      // likewise stderr, by Stderr
}

// Chunk is one read of what the program wrote to the terminal, and when it came
// after the start.
type Chunk struct {
	At   time.Duration
	Data []byte
}

// Term is a program in its terminal. Its methods may be called from any
// goroutine.
type Term struct {
	opt   Options
	cmd   *exec.Cmd
	ptmx  *os.File
	start time.Time
	ended chan struct{} // closed when the program has exited and its output is read

	mu      sync.Mutex
	emu     *vt.Emulator
	chunks  []Chunk
	changed chan struct{} // closed and replaced at each change
	cursor  bool
	title   string
	clip    string
	modes   map[int]bool // DEC private modes now set
	out     bytes.Buffer // stdout and stderr, where they are pipes
	errOut  bytes.Buffer
}

// Start starts a program for a test, with an empty home folder unless Env names
// one. The test's end ends the program; a failed test logs the last screen.
func Start(tb testing.TB, opt Options, name string, args ...string) *Term {
	tb.Helper()
	if !slices.ContainsFunc(opt.Env, func(kv string) bool { return strings.HasPrefix(kv, "HOME=") }) {
		opt.Env = append([]string{"HOME=" + tb.TempDir()}, opt.Env...)
	}
	t, err := Open(opt, name, args...)
	if err != nil {
		tb.Fatalf("start %s: %v", name, err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the last screen:\n%s", t.Screen().Text())
			chunks := t.Chunks()
			for _, c := range chunks[max(0, len(chunks)-4):] {
				tb.Logf("%v %q", c.At, c.Data)
			}
		}
		t.Close()
	})
	return t
}

// Open starts a program. The caller closes it.
func Open(opt Options, name string, args ...string) (*Term, error) {
	if opt.Cols == 0 {
		opt.Cols = 80
	}
	if opt.Rows == 0 {
		opt.Rows = 24
	}
	if opt.Timeout == 0 {
		opt.Timeout = time.Minute
	}
	t := &Term{
		opt: opt, emu: vt.NewEmulator(opt.Cols, opt.Rows), cursor: true, modes: map[int]bool{},
		changed: make(chan struct{}), ended: make(chan struct{}),
	}
	t.listen()
	tty, err := t.open()
	if err != nil {
		return nil, fmt.Errorf("open a pseudo-terminal: %w", err)
	}
	defer tty.Close()
	t.cmd = exec.Command(name, args...)
	t.cmd.Dir = opt.Dir
	t.cmd.Env = BaseEnv(opt.Env, opt.Unset)
	t.cmd.WaitDelay = 2 * time.Second
	t.attach(tty)
	t.start = time.Now()
	if err := t.cmd.Start(); err != nil {
		_ = t.ptmx.Close()
		return nil, err
	}
	go t.reply()
	go t.pump()
	return t, nil
}

// open makes the pseudo-terminal and gives the program's side of it. Ours is
// reopened without blocking: package pty leaves it so that a read goes on after
// Close.
func (t *Term) open() (*os.File, error) {
	ptmx, tty, err := pty.Open()
	if err != nil {
		return nil, err
	}
	defer ptmx.Close()
	fd, err := unix.FcntlInt(ptmx.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		_ = tty.Close()
		return nil, err
	}
	t.ptmx = os.NewFile(uintptr(fd), ptmx.Name())
	if err := t.setSize(t.opt.Cols, t.opt.Rows); err != nil {
		_ = t.ptmx.Close()
		_ = tty.Close()
		return nil, err
	}
	return tty, nil
}

// control does something with the file descriptor and leaves it as it is, which
// File.Fd does not.
func (t *Term) control(f func(fd int) error) error {
	conn, err := t.ptmx.SyscallConn()
	if err != nil {
		return err
	}
	if e := conn.Control(func(fd uintptr) { err = f(int(fd)) }); e != nil {
		return e
	}
	return err
}

func (t *Term) setSize(cols, rows int) error {
	return t.control(func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(cols), Row: uint16(rows)})
	})
}

// attach gives the program the terminal, as its controlling one too, where the
// options want no pipe.
func (t *Term) attach(tty *os.File) {
	c := t.cmd
	c.Stdin, c.Stdout, c.Stderr = tty, tty, tty
	if t.opt.Stdin != nil {
		c.Stdin = t.opt.Stdin
	}
	if t.opt.PipeStdout {
		c.Stdout = piped{t, &t.out}
	}
	if t.opt.PipeStderr {
		c.Stderr = piped{t, &t.errOut}
	}
	ctty := 0
	switch {
	case c.Stdin == tty:
	case c.Stdout == tty:
		ctty = 1
	case c.Stderr == tty:
		ctty = 2
	default: // it has the terminal all the same, as /dev/tty
		c.ExtraFiles = []*os.File{tty}
		ctty = 3
	}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: ctty}
}

// piped takes what comes through a pipe.
type piped struct {
	t  *Term
	to *bytes.Buffer
}

func (p piped) Write(b []byte) (int, error) {
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	p.t.notify()
	return p.to.Write(b)
}

// listen has the emulator tell what its cells do not show. It calls back inside
// Write, under mu.
func (t *Term) listen() {
	t.emu.SetCallbacks(vt.Callbacks{
		CursorVisibility: func(v bool) { t.cursor = v },
		Title:            func(s string) { t.title = s },
		EnableMode: func(m ansi.Mode) {
			if d, ok := m.(ansi.DECMode); ok {
				t.modes[int(d)] = true
			}
		},
		DisableMode: func(m ansi.Mode) {
			if d, ok := m.(ansi.DECMode); ok {
				delete(t.modes, int(d))
			}
		},
	})
	t.emu.RegisterOscHandler(52, func(data []byte) bool {
		if i := bytes.LastIndexByte(data, ';'); i >= 0 {
			if text, err := base64.StdEncoding.DecodeString(string(data[i+1:])); err == nil {
				t.clip = string(text)
			}
		}
		return true
	})
	if t.opt.Background != nil {
		t.emu.SetDefaultBackgroundColor(t.opt.Background)
	}
}

// reply hands the emulator's answers (the cursor's place, colours, attributes)
// to the program. The emulator waits for each to be read, also on a mute
// terminal.
func (t *Term) reply() {
	buf := make([]byte, 1024)
	for {
		n, err := t.emu.Read(buf)
		if n > 0 && !t.opt.Mute {
			_, _ = t.ptmx.Write(buf[:n]) // a program that has ended needs no answer
		}
		if err != nil {
			return
		}
	}
}

// pump feeds the emulator until the last of the program's terminal is closed.
func (t *Term) pump() {
	buf := make([]byte, 64<<10)
	for {
		n, err := t.ptmx.Read(buf)
		if n > 0 {
			t.mu.Lock()
			data := bytes.Clone(buf[:n])
			t.chunks = append(t.chunks, Chunk{time.Since(t.start), data})
			_, _ = t.emu.Write(data)
			t.notify()
			t.mu.Unlock()
		}
		if err != nil {
			break
		}
	}
	_ = t.cmd.Wait() // what it says is in ProcessState
	t.mu.Lock()
	t.notify()
	t.mu.Unlock()
	close(t.ended)
}

// notify wakes who waits. The caller holds mu.
func (t *Term) notify() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// Close ends the program if it still runs, and frees the terminal.
func (t *Term) Close() {
	select {
	case <-t.ended:
	default:
		_ = t.cmd.Process.Kill()
		select {
		case <-t.ended:
		case <-time.After(2 * time.Second): // a child of it still holds the terminal
		}
	}
	_ = t.ptmx.Close()
	if c, ok := t.emu.InputPipe().(io.Closer); ok {
		_ = c.Close() // ends reply; Emulator.Close itself races with Read
	}
}

// PID is the program's process id.
func (t *Term) PID() int { return t.cmd.Process.Pid }

// Send types bytes as the terminal sends them.
func (t *Term) Send(s string) { _, _ = io.WriteString(t.ptmx, s) } // what does not arrive, the next wait tells

// Paste sends text as a bracketed paste.
func (t *Term) Paste(s string) { t.Send("\x1b[200~" + s + "\x1b[201~") }

// Resize changes the terminal's size; the program gets SIGWINCH.
func (t *Term) Resize(cols, rows int) error {
	t.mu.Lock()
	t.emu.Resize(cols, rows)
	t.mu.Unlock()
	return t.setSize(cols, rows)
}

// Signal sends the program a signal.
func (t *Term) Signal(s syscall.Signal) error { return t.cmd.Process.Signal(s) }

// HangUp takes the terminal away, as a closed window does: the program gets
// SIGHUP and can neither read nor write any more.
func (t *Term) HangUp() error { return t.ptmx.Close() }

// Mode tells whether a DEC private mode is set: 1049 the alternate screen, 2004
// bracketed paste, 1002, 1003 and 1006 the mouse.
func (t *Term) Mode(n int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.modes[n]
}

// Cooked tells whether the terminal is in its ordinary line mode: echo, lines,
// signals by keys.
func (t *Term) Cooked() bool {
	const want = unix.ICANON | unix.ECHO | unix.ISIG
	cooked := false
	err := t.control(func(fd int) error {
		tio, err := unix.IoctlGetTermios(fd, getTermios)
		cooked = err == nil && tio.Lflag&want == want
		return err
	})
	return err == nil && cooked
}

// Restored tells what a program has not given back of the terminal as it found
// it; nil when it is whole.
func (t *Term) Restored() error {
	var left []string
	for _, m := range []struct {
		mode int
		name string
	}{
		{1049, "the alternate screen"},
		{2004, "bracketed paste"},
		{1000, "the mouse"},
		{1002, "the mouse (dragging)"},
		{1003, "the mouse (moving)"},
		{1004, "focus reports"},
		{1006, "the mouse's coding"},
	} {
		if t.Mode(m.mode) {
			left = append(left, m.name)
		}
	}
	if !t.Screen().CursorVisible {
		left = append(left, "a hidden cursor")
	}
	if !t.Cooked() {
		left = append(left, "raw mode")
	}
	if left == nil {
		return nil
	}
	return fmt.Errorf("left on in the terminal: %s", strings.Join(left, ", "))
}

// Clipboard is what the program last put there by OSC 52.
func (t *Term) Clipboard() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clip
}

// Now is the time since the program's start, as Chunk.At counts it.
func (t *Term) Now() time.Duration { return time.Since(t.start) }

// Chunks is what the program wrote to the terminal so far.
func (t *Term) Chunks() []Chunk {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.chunks)
}

// Raw is Chunks as one.
func (t *Term) Raw() []byte {
	var b []byte
	for _, c := range t.Chunks() {
		b = append(b, c.Data...)
	}
	return b
}

// Stdout is what the program wrote there so far, where Options made it a pipe.
func (t *Term) Stdout() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.String()
}

// Stderr is what the program wrote there so far, where Options made it a pipe.
func (t *Term) Stderr() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.errOut.String()
}

// Screen is a copy of what stands on the terminal now.
func (t *Term) Screen() *picture.Grid {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := cells(t.emu)
	g.CursorVisible, g.Title = t.cursor, t.title
	return g
}

// ErrEnded is the error of a wait for something that an ended program can show
// no more.
var ErrEnded = errors.New("the program has ended")

// Until waits until ok is true of the screen, looking after each output, and
// gives the screen. It fails when the context ends, when Options.Timeout has
// passed, and with ErrEnded when the program has ended.
func (t *Term) Until(ctx context.Context, ok func(*picture.Grid) bool) (*picture.Grid, error) {
	ctx, cancel := context.WithTimeout(ctx, t.opt.Timeout)
	defer cancel()
	for {
		t.mu.Lock()
		changed := t.changed
		t.mu.Unlock()
		over := false
		select {
		case <-t.ended:
			over = true
		default:
		}
		g := t.Screen()
		switch {
		case ok(g):
			return g, nil
		case over:
			return g, ErrEnded
		case ctx.Err() != nil:
			return g, ctx.Err()
		}
		select {
		case <-changed:
		case <-t.ended:
		case <-ctx.Done():
		}
	}
}

// WaitFor waits until a regular expression matches the screen's text.
func (t *Term) WaitFor(tb testing.TB, expr string) *picture.Grid {
	tb.Helper()
	re := regexp.MustCompile(expr)
	g, err := t.Until(context.Background(), func(g *picture.Grid) bool { return re.MatchString(g.Text()) })
	if err != nil {
		tb.Fatalf("no %q: %v; the screen:\n%s", expr, err, g.Text())
	}
	return g
}

// Settle waits until nothing has been written for as long as quiet says, where
// there is nothing that could be waited for.
func (t *Term) Settle(quiet time.Duration) *picture.Grid {
	for {
		t.mu.Lock()
		changed := t.changed
		t.mu.Unlock()
		select {
		case <-changed:
		case <-t.ended:
			return t.Screen()
		case <-time.After(quiet):
			return t.Screen()
		}
	}
}

// Exit waits for the end of the program and gives its exit status, -1 when a
// signal ended it.
func (t *Term) Exit(tb testing.TB) int {
	tb.Helper()
	select {
	case <-t.ended:
	case <-time.After(t.opt.Timeout):
		tb.Fatalf("the program still runs; the screen:\n%s", t.Screen().Text())
	}
	return t.cmd.ProcessState.ExitCode()
}
