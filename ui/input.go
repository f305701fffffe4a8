package ui

import (
	"strings"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// input is a line of text that can be edited. The editing is bubbles'; the
// drawing is ours, since what stands in it may come from outside.
type input struct{ m textinput.Model }

func newInput(value string) input {
	m := textinput.New()
	m.Prompt = ""
	m.Cursor.SetMode(cursor.CursorStatic)
	m.SetValue(value)
	m.CursorEnd()
	return input{m: m}
}

// value is the text. Inlined, it copies bubbles' model wherever it is called, and
// makes the program 20 KB larger.
//
//go:noinline
func (i *input) value() string { return i.m.Value() }

func (i *input) set(s string) {
	i.m.SetValue(s)
	i.m.CursorEnd()
}

// update edits. Line ends at the end of a paste are cut off: they would become
// blanks in a password.
func (i *input) update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyMsg); ok && k.Paste {
		text := strings.Trim(string(k.Runes), "\r\n")
		k.Runes = []rune(text)
		msg = k
		if text == "" {
			return nil
		}
	}
	i.m.Focus()
	var cmd tea.Cmd
	i.m, cmd = i.m.Update(msg)
	return cmd
}

// draw shows the text in w columns, with the cursor when focused. A secret is a
// row of dots, one for each character.
func (i *input) draw(a *App, w int, focused, secret bool) string {
	runes := []rune(i.m.Value())
	pos := min(i.m.Position(), len(runes))
	show := func(r []rune) string {
		if secret {
			return strings.Repeat("•", len(r))
		}
		return a.bare(string(r))
	}
	if !focused {
		return cut(show(runes), w)
	}
	before, at, after := show(runes[:pos]), " ", ""
	if pos < len(runes) {
		at = show(runes[pos : pos+1])
		after = show(runes[pos+1:])
	}
	// The cursor stays in sight: what is left of it scrolls out.
	atWidth := width(at)
	if n := width(before) + atWidth; n > w {
		before = "…" + ansi.TruncateLeft(before, n-w+1, "")
	}
	room := w - width(before) - atWidth
	return before + a.cursor.s(at) + cut(after, room)
}
