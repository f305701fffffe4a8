package ui

import (
	"fmt"
	"runtime"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// Fault is a panic of the program. It tells where it happened; what panicked
// may hold what somebody typed, so of that it tells the type alone.
type Fault struct{ text string }

func (f *Fault) Error() string { return f.text }

// FaultOf makes a Fault of what recover gave; it is called in the deferred
// function itself.
func FaultOf(recovered any) *Fault {
	pc := make([]uintptr, 60)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	var b strings.Builder
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic": // what comes before is the recovery
			b.Reset()
		case f.Function != "":
			fmt.Fprintf(&b, "\n  %s:%d", f.Function, f.Line)
		}
		if !more {
			return &Fault{fmt.Sprintf("an internal fault (%T); please report it with these lines:%s", recovered, b.String())}
		}
	}
}

// guard is the App with a net below it: a panic ends the program as q does, and
// Run tells of it when the terminal is whole again. Bubble Tea's own net writes
// what panicked onto the terminal.
type guard struct {
	a     *App
	quit  func() // ends the program from outside of Update
	fault *Fault
}

// faultMsg brings the fault of a command to the loop.
type faultMsg struct{ *Fault }

func (g *guard) Init() tea.Cmd {
	var cmd tea.Cmd
	g.try(func() { cmd = g.a.Init() })
	return g.safe(cmd)
}

func (g *guard) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if f, ok := msg.(faultMsg); ok {
		g.fault = f.Fault
	}
	var cmd tea.Cmd
	if g.fault == nil {
		g.try(func() { _, cmd = g.a.Update(msg) })
	}
	if g.fault != nil {
		return g, tea.Quit
	}
	return g, g.safe(cmd)
}

func (g *guard) View() (s string) {
	if g.fault == nil {
		g.try(func() { s = g.a.View() })
	}
	return s
}

// try does something on the loop; a panic in it ends the program.
func (g *guard) try(do func()) {
	defer func() {
		if r := recover(); r != nil {
			g.fault = FaultOf(r)
			go g.quit() // the loop takes it when this is done
		}
	}()
	do()
}

// safe is a command whose panic comes to the loop as a message.
func (g *guard) safe(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = faultMsg{FaultOf(r)}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = g.safe(c)
			}
		}
		return msg
	}
}
