package ui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"
)

// action is one thing that can be done: its keys, its words, its handler and
// the reason why it does nothing now, in one record. The dispatcher, the
// footer, the help, the palette and the README's table all read it.
type action struct {
	keys []string // as tea.KeyMsg.String gives them; the first is shown
	name string   // one or two words, for the footer
	help string   // a sentence without its full stop, for help and palette
	off  string   // why it does nothing now; empty: it works
	// hidden keeps it out of the footer; help and palette have it all the same.
	hidden bool
	// move: it only moves a cursor or scrolls; the palette leaves it out.
	move bool
	// text: it works also while a text field has the focus.
	text bool
	do   func() tea.Cmd
}

// keyNames are how keys are written for people.
var keyNames = map[string]string{
	" ": "space", "shift+tab": "shift+tab", "up": "↑", "down": "↓", "left": "←", "right": "→", "pgdown": "pgdn",
}

func keyName(k string) string {
	if n, ok := keyNames[k]; ok {
		return n
	}
	return k
}

// find gives the action of a key. While a text field has the focus only
// actions that are marked for it count.
func find(list []action, key string, typing bool) (action, bool) {
	for _, x := range list {
		if (!typing || x.text) && slices.Contains(x.keys, key) {
			return x, true
		}
	}
	return action{}, false
}
