package ui

import (
	"context"

	"github.com/atotto/clipboard"
	"github.com/aymanbagabas/go-osc52/v2"
	tea "github.com/charmbracelet/bubbletea"
)

// copied is where a text went.
type copied struct{ system, terminal bool }

// copy puts a text into the system's clipboard, and into the terminal's by
// OSC 52, which also works over ssh. A secret is copied only after asking,
// once a session.
func (a *App) copy(what, text string, secret bool) tea.Cmd {
	if a.hides() && !secret {
		a.attend()
		secret = len(a.red.Places(text)) > 0 // a server may have put one anywhere
	}
	if secret && !a.asked {
		return a.confirm("Copy a secret?", []string{capital(what) + " goes to the clipboard unmasked. Other programs can read it there, and some terminals and clipboard managers keep it."}, "copy", func() tea.Cmd {
			a.asked = true
			return a.copy(what, text, false)
		})
	}
	write, term := a.opt.Clipboard, a.opt.Terminal
	if write == nil {
		write = clipboard.WriteAll
	}
	return start(a, &a.copying, func(context.Context) copied {
		var c copied
		c.system = write(text) == nil
		// Terminals cut long sequences off; xterm's limit is about 100 kB.
		if term != nil && len(text) < 74_000 {
			_, err := term.Write([]byte(osc52.New(text).String()))
			c.terminal = err == nil
		}
		return c
	}, func(c copied) tea.Cmd {
		n := " (" + size(int64(len(text))) + ")"
		switch {
		case c.system && c.terminal:
			return a.tell(stateGood, "Copied %s to the system's clipboard and to the terminal%s.", what, n)
		case c.system:
			return a.tell(stateGood, "Copied %s to the system's clipboard%s.", what, n)
		case c.terminal:
			return a.tell(stateWarn, "Sent %s to the terminal by OSC 52%s; whether it took it cannot be known.", what, n)
		}
		return a.tell(stateBad, "%s could not be copied: there is no clipboard here.", capital(what))
	}, nil)
}
