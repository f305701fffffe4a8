package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
)

// task is one piece of asynchronous work at a time: sending a request,
// decoding, looking at the disk. Starting cancels the last one; stop cancels;
// what comes late is not taken.
type task struct {
	id     int
	cancel context.CancelFunc
	since  flows.Moment
}

// doneMsg brings a task's result to the loop. then runs there, so it may change
// screens; late runs instead when the task is not wanted any more.
type doneMsg struct {
	id   int
	task *task
	then func() tea.Cmd
	late func()
}

// start runs work away from the loop, and then with its result on the loop
// unless the task was stopped or started again meanwhile: then late, if not
// nil, gets the result. work must not touch anything of the screens.
func start[T any](a *App, t *task, work func(context.Context) T, then func(T) tea.Cmd, late func(T)) tea.Cmd {
	t.stop()
	a.lastTask++
	id := a.lastTask
	ctx, cancel := context.WithCancel(a.ctx)
	t.id, t.cancel, t.since = id, cancel, a.clock.Now()
	return func() tea.Msg {
		v := work(ctx)
		cancel()
		m := doneMsg{id: id, task: t, then: func() tea.Cmd { return then(v) }}
		if late != nil {
			m.late = func() { late(v) }
		}
		return m
	}
}

// running tells whether work is under way.
func (t *task) running() bool { return t.id != 0 }

// stop cancels what is under way.
func (t *task) stop() {
	if t.cancel != nil {
		t.cancel()
	}
	t.id, t.cancel = 0, nil
}

// finish takes a result on the loop.
func (m doneMsg) finish() tea.Cmd {
	if m.task.id != m.id {
		if m.late != nil {
			m.late()
		}
		return nil
	}
	m.task.id, m.task.cancel = 0, nil
	return m.then()
}
