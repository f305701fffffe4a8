// Package drive runs a Bubble Tea model without a terminal: keys in, frames
// out. Tests and the pictures of the screens use it.
//
// # How it runs
//
// A Driver is the event loop that tea.Program would be. A command runs in a
// goroutine of its own, as Bubble Tea has it, but its message waits in a queue
// until a method of the Driver is called: Update and View run only on the
// goroutine that calls, so that a test needs no locks and sees no change behind
// its back. Batches and sequences are unpacked; tea.Quit is remembered.
// A panic in a model or a command is not caught.
//
// # Waiting
//
// Nothing sleeps and nothing polls. Press, Type, Paste, Resize and Send hand
// over their message and the messages that have already come. Settle waits until
// no command runs; WaitFor and WaitText wait until the screen shows something,
// looking after each message, so that nothing that stood there for a moment is
// missed.
//
// # Time
//
// A command of tea.Tick, tea.Every or a bubble's blinking cursor is a tick. At
// first ticks are held: they are not run, so that the screen stands still and
// nothing has to be waited for. Tick lets those held pass, LetTicks lets all
// pass from then on. A tick takes as long as it says, but inside a bubble of
// testing/synctest, where the Driver works too, it takes no time.
//
// The package knows Bubble Tea and nothing of this program's screens.
package drive

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"authwalk/ui/picture"
)

// Driver drives one model. Its methods belong to one goroutine.
type Driver struct {
	// Timeout ends every wait that has no context of its own. It is 30 s at
	// first.
	Timeout time.Duration

	model       tea.Model
	w, h        int
	quit        bool
	interrupted bool
	letTicks    bool
	held        []tea.Cmd
	background  []string
	title       string
	err         error
	wake        chan struct{} // holds one token while the queue or the set of running commands has changed

	mu      sync.Mutex
	queue   []tea.Msg
	running map[int]string // the commands that run, by the names of their functions
	lastID  int
	closed  bool
}

// New starts a model as a program in a window of w columns and h rows does: its
// Init, then the window's size. The caller closes it.
func New(model tea.Model, w, h int) *Driver {
	d := &Driver{Timeout: 30 * time.Second, model: model, w: w, h: h, wake: make(chan struct{}, 1), running: map[int]string{}}
	d.start(model.Init())
	d.handle(tea.WindowSizeMsg{Width: w, Height: h}) // before what Init's command may have said already
	d.drain()
	return d
}

// Press hands over keys, by the names that Bubble Tea gives them (see Key), and
// what has already come in between. A name that is no key makes this and all
// that follows do nothing, and every wait fails and says so.
func (d *Driver) Press(keys ...string) {
	for _, name := range keys {
		k, err := Key(name)
		if err != nil {
			d.fail(err)
			return
		}
		d.Send(k)
	}
}

// Type hands over text as a person types it, a key a character; a line end is
// enter.
func (d *Driver) Type(text string) {
	for _, r := range text {
		switch r {
		case '\n', '\r':
			d.Send(tea.KeyMsg{Type: tea.KeyEnter})
		case '\t':
			d.Send(tea.KeyMsg{Type: tea.KeyTab})
		default:
			d.Send(typed(r))
		}
	}
}

// Paste hands over text as a terminal's bracketed paste: one message, whatever
// it holds.
func (d *Driver) Paste(text string) {
	d.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
}

// Resize makes the window w columns wide and h rows high.
func (d *Driver) Resize(w, h int) {
	d.w, d.h = w, h
	d.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// Send hands over any message, before and after it what has already come. A
// program that has quit hears nothing any more.
func (d *Driver) Send(msg tea.Msg) {
	d.drain()
	if d.err == nil {
		d.handle(msg)
	}
	d.drain()
}

// Tick lets the ticks that are held pass: it runs them, waits until the last is
// over, and hands over their messages. Ticks that these cause are held in turn.
// It tells how many there were.
func (d *Driver) Tick() (int, error) {
	held := d.held
	d.held = nil
	ids := make([]int, len(held))
	for i, cmd := range held {
		ids[i] = d.run(cmd)
	}
	err := d.wait(context.Background(), "the ticks to pass", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return !slices.ContainsFunc(ids, func(id int) bool { _, ok := d.running[id]; return ok })
	})
	d.drain()
	return len(held), err
}

// Held is how many ticks are held.
func (d *Driver) Held() int { return len(d.held) }

// LetTicks makes ticks run as any command does, those held included, or holds
// those that are yet to come.
func (d *Driver) LetTicks(let bool) {
	d.letTicks = let
	if let {
		held := d.held
		d.held = nil
		for _, cmd := range held {
			d.run(cmd)
		}
	}
}

// Background names commands that run on their own for as long as the program
// does, such as one that waits for news. A name is that of the function which
// makes the command, alone ("news"), for what stands before it depends on where
// the compiler puts it. Idle, Settle and Close do not wait for them.
func (d *Driver) Background(names ...string) { d.background = append(d.background, names...) }

// Model is the model as its last Update left it.
func (d *Driver) Model() tea.Model { return d.model }

// Quit tells whether the program has ended, by tea.Quit or tea.Interrupt.
func (d *Driver) Quit() bool { return d.quit }

// Interrupted tells whether it was by tea.Interrupt.
func (d *Driver) Interrupted() bool { return d.interrupted }

// Title is the window's title as the program last set it.
func (d *Driver) Title() string { return d.title }

// Size is the window's size in columns and rows.
func (d *Driver) Size() (w, h int) { return d.w, d.h }

// Err is the first mistake made in driving: a key that does not exist.
func (d *Driver) Err() error { return d.err }

// Frame is the screen as View gives it, with SGR codes.
func (d *Driver) Frame() string { return d.model.View() }

// Text is the screen without SGR codes and without blanks at the ends of lines.
func (d *Driver) Text() string {
	lines := strings.Split(ansi.Strip(d.Frame()), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

// Screen is the screen as cells, cut to the window as a terminal does.
func (d *Driver) Screen() *picture.Grid {
	g := picture.Read(d.Frame(), d.w, d.h)
	g.Title = d.title
	return g
}

// Check holds the screen against the rules of Check.
func (d *Driver) Check() error { return Check(d.Frame(), d.w, d.h) }

// Idle tells whether nothing is under way: no message waits and no command runs
// but ticks and those in the background.
func (d *Driver) Idle() bool { return d.UnderWay() == 0 }

// UnderWay is how many messages wait and commands run, but for ticks and those in
// the background.
func (d *Driver) UnderWay() int { return len(d.busy()) }

// busy names what is under way.
func (d *Driver) busy() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, msg := range d.queue {
		out = append(out, fmt.Sprintf("a message %T", msg))
	}
	for _, name := range d.running {
		if !tick(name) && !d.inBackground(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (d *Driver) inBackground(name string) bool {
	return slices.ContainsFunc(d.background, func(part string) bool { return strings.Contains(name+".", "."+part+".") })
}

// Settle handles messages until the program is idle or has quit.
func (d *Driver) Settle() error {
	return d.wait(context.Background(), "the program to be idle", func() bool { return d.quit || d.Idle() })
}

// Until handles messages until ok is true of the screen's Text. It fails when
// the context ends, when Timeout has passed if the context has no deadline, and
// as soon as the program has quit.
func (d *Driver) Until(ctx context.Context, ok func(text string) bool) error {
	met := false
	err := d.wait(ctx, "the screen", func() bool {
		met = ok(d.Text())
		return met || d.quit
	})
	if err == nil && !met {
		err = errors.New("the program has quit")
	}
	return err
}

// Close ends the driving. It calls the model's Close method, if it has one, and
// waits for the commands that still run, so that none is left behind; those that
// are in the background are not waited for. What they answer is dropped. The
// error names commands that do not end.
func (d *Driver) Close() error {
	d.mu.Lock()
	was := d.closed
	d.closed = true
	d.queue = nil
	d.mu.Unlock()
	d.held = nil
	if was {
		return d.err
	}
	switch m := d.model.(type) {
	case interface{ Close() }:
		m.Close()
	case interface{ Close() error }:
		if err := m.Close(); err != nil {
			d.fail(err)
		}
	}
	var left []string
	over := func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		left = left[:0]
		for _, name := range d.running {
			if !d.inBackground(name) {
				left = append(left, name)
			}
		}
		return len(left) == 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), d.Timeout)
	defer cancel()
	for !over() && ctx.Err() == nil {
		d.sleep(ctx)
	}
	if len(left) > 0 {
		slices.Sort(left)
		d.fail(fmt.Errorf("these commands did not end within %v of closing: %s", d.Timeout, strings.Join(left, ", ")))
	}
	return d.err
}

func (d *Driver) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// wait handles messages, one at a time, until done.
func (d *Driver) wait(ctx context.Context, what string, done func() bool) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.Timeout)
		defer cancel()
	}
	for {
		if d.err != nil {
			return d.err
		}
		if done() {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("waited for %s: %w; under way: %s", what, err, d.underWay())
		}
		if !d.step() {
			d.sleep(ctx)
		}
	}
}

// sleep ends when a message has come or a command has ended.
func (d *Driver) sleep(ctx context.Context) {
	select {
	case <-d.wake:
	case <-ctx.Done():
	}
}

func (d *Driver) underWay() string {
	if b := d.busy(); len(b) > 0 {
		return strings.Join(b, ", ")
	}
	return "nothing"
}

// drain handles what has already come, but not what comes of it meanwhile, which
// could go on for ever.
func (d *Driver) drain() {
	d.mu.Lock()
	n := len(d.queue)
	d.mu.Unlock()
	for range n {
		d.step()
	}
}

// step handles the oldest message, if there is one.
func (d *Driver) step() bool {
	d.mu.Lock()
	if len(d.queue) == 0 {
		d.mu.Unlock()
		return false
	}
	msg := d.queue[0]
	d.queue = d.queue[1:]
	d.mu.Unlock()
	d.handle(msg)
	return true
}

// handle does with a message what tea.Program's event loop does.
func (d *Driver) handle(msg tea.Msg) {
	if d.quit || d.closed || msg == nil { // closed is written on this goroutine only
		return
	}
	switch m := msg.(type) {
	case tea.QuitMsg:
		d.quit = true
		return
	case tea.InterruptMsg:
		d.quit, d.interrupted = true, true
		return
	case tea.SuspendMsg: // it stops, and goes on at once
		d.update(msg)
		d.update(tea.ResumeMsg{})
		return
	case tea.BatchMsg:
		for _, cmd := range m {
			d.start(cmd)
		}
		return
	}
	// These messages have no exported types.
	if t := reflect.TypeOf(msg); t.PkgPath() == reflect.TypeFor[tea.QuitMsg]().PkgPath() {
		switch t.Name() {
		case "sequenceMsg":
			if cmds, ok := reflect.ValueOf(msg).Convert(reflect.TypeFor[[]tea.Cmd]()).Interface().([]tea.Cmd); ok {
				d.sequence(cmds)
			}
			return
		case "setWindowTitleMsg":
			d.title = reflect.ValueOf(msg).String()
		case "windowSizeMsg":
			d.update(tea.WindowSizeMsg{Width: d.w, Height: d.h})
			return
		}
	}
	d.update(msg)
}

func (d *Driver) update(msg tea.Msg) {
	var cmd tea.Cmd
	d.model, cmd = d.model.Update(msg)
	d.start(cmd)
}

// start runs a command, or holds it if it is a tick.
func (d *Driver) start(cmd tea.Cmd) {
	if cmd == nil || d.quit || d.closed {
		return
	}
	if !d.letTicks && tick(funcName(cmd)) {
		d.held = append(d.held, cmd)
		return
	}
	d.run(cmd)
}

// run starts a command's goroutine.
func (d *Driver) run(cmd tea.Cmd) int {
	return d.work(funcName(cmd), func() { d.answer(cmd()) })
}

// sequence runs commands one after the other, in one goroutine. Ticks in it are
// not held: what comes after them waits for them.
func (d *Driver) sequence(cmds []tea.Cmd) {
	d.work("tea.Sequence", func() {
		for _, cmd := range cmds {
			if cmd == nil {
				continue
			}
			msg := cmd()
			batch, ok := msg.(tea.BatchMsg)
			if !ok {
				d.answer(msg)
				continue
			}
			var all sync.WaitGroup
			for _, c := range batch {
				if c != nil {
					all.Go(func() { d.answer(c()) })
				}
			}
			all.Wait()
		}
	})
}

// work runs f in a goroutine. It is counted before it starts, and until its
// last message is in the queue, so that Idle is never true in between.
func (d *Driver) work(name string, f func()) (id int) {
	d.mu.Lock()
	d.lastID++
	id = d.lastID
	d.running[id] = name
	d.mu.Unlock()
	go func() {
		defer func() { // also when f ends its goroutine, as t.FailNow does
			d.mu.Lock()
			delete(d.running, id)
			d.mu.Unlock()
			d.signal()
		}()
		f()
	}()
	return id
}

// answer puts a command's message into the queue.
func (d *Driver) answer(msg tea.Msg) {
	d.mu.Lock()
	if msg != nil && !d.closed {
		d.queue = append(d.queue, msg)
	}
	d.mu.Unlock()
	d.signal()
}

func (d *Driver) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// funcName is the name of a command's function, such as
// "authwalk/ui.(*App).send.func1".
func funcName(cmd tea.Cmd) string {
	if f := runtime.FuncForPC(reflect.ValueOf(cmd).Pointer()); f != nil {
		return f.Name()
	}
	return "a command"
}

// tick tells by its function's name whether a command only waits for time to
// pass: "…/bubbletea.Tick.func1", or "caller.Tick.2" where the compiler has put
// tea.Tick into its caller.
func tick(name string) bool { return ticks.MatchString(name) }

var ticks = regexp.MustCompile(`\.(Tick|Every|BlinkCmd)\.(func)?[0-9]`)
