package ui

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
	"golang.org/x/term"

	_ "authwalk/ui/quiet" // keeps Bubble Tea from asking a silent terminal
)

// ErrInterrupted tells that ctrl+c or SIGINT ended the program: exit code 130.
var ErrInterrupted = errors.New("interrupted")

// Run shows the screens on the terminal until they are left. Bubble Tea owns
// the signals SIGINT and SIGTERM; a hang-up ends the program as q does. The
// terminal is whole afterwards, also after a panic. Errors: ErrInterrupted; a
// *Fault after a panic; a fault of the terminal else.
func Run(ctx context.Context, opt Options) error {
	out := &console{File: os.Stdout}
	if opt.Terminal == nil {
		opt.Terminal = out
	}
	a := New(opt)
	defer a.Close()
	fd := int(os.Stdout.Fd())
	a.sizeOf = func() (int, int, bool) {
		w, h, err := term.GetSize(fd)
		return w, h, err == nil && w > 0 && h > 0
	}
	// The clocks of a walk are shown to the second: 120 frames a second cost
	// little and make keys answer sooner.
	g := &guard{a: a}
	p := tea.NewProgram(g, tea.WithAltScreen(), tea.WithFPS(120), tea.WithOutput(out))
	g.quit = p.Quit
	stop := make(chan struct{})
	hup := make(chan os.Signal, 1)
	if s := hangup(); s != nil {
		signal.Notify(hup, s)
		defer signal.Stop(hup)
	}
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-hup:
			p.Quit()
		case <-ctx.Done():
			p.Quit()
		case <-stop:
		}
	})
	_, err := p.Run()
	close(stop)
	watch.Wait()
	a.Close()
	if a.rec != nil {
		if e := a.rec.close(); err == nil {
			err = e
		}
	}
	if g.fault != nil {
		return g.fault
	}
	if errors.Is(err, tea.ErrInterrupted) {
		return ErrInterrupted
	}
	return err
}

// console is the terminal as both Bubble Tea and the copy key write to it: one
// write at a time, so that neither cuts into the other's sequence.
type console struct {
	*os.File
	mu sync.Mutex
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.File.Write(p)
}

// WriteString goes through Write: os.File's own would pass the lock by.
func (c *console) WriteString(s string) (int, error) { return c.Write([]byte(s)) }

var _ io.Writer = (*console)(nil)
