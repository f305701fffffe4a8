package drive

import (
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
)

// aliases are names that people give to keys, beside Bubble Tea's.
var aliases = map[string]string{
	"space": " ", "escape": "esc", "return": "enter", "pageup": "pgup", "pagedown": "pgdown", "pgdn": "pgdown", "del": "delete", "ins": "insert",
	"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+[": "esc", "ctrl+space": "ctrl+@", "backtab": "shift+tab",
}

// byName has every key that Bubble Tea has a name for.
var byName = sync.OnceValue(func() map[string]tea.KeyType {
	names := map[string]tea.KeyType{}
	for k := tea.KeyType(-200); k <= 127; k++ {
		if name := k.String(); name != "" && k != tea.KeyRunes {
			names[name] = k
		}
	}
	return names
})

// Key makes a key press of its name: that which tea.KeyMsg.String gives
// ("enter", "ctrl+s", "shift+tab", "pgdown", "f1"), "space", a few other common
// names, or a single character. "alt+" may stand before each. An unknown name is
// an error.
func Key(name string) (tea.KeyMsg, error) {
	plain, alt := name, false
	if rest, ok := strings.CutPrefix(name, "alt+"); ok && rest != "" {
		plain, alt = rest, true
	}
	if a, ok := aliases[plain]; ok {
		plain = a
	}
	if k, ok := byName()[plain]; ok && plain != " " {
		return tea.KeyMsg{Type: k, Alt: alt}, nil
	}
	r, n := utf8.DecodeRuneInString(plain)
	if n == 0 || n != len(plain) || r == utf8.RuneError || r < ' ' {
		return tea.KeyMsg{}, fmt.Errorf("there is no key %q; keys have the names of Bubble Tea's KeyMsg.String, text goes through Type", name)
	}
	k := typed(r)
	k.Alt = alt
	return k, nil
}

// typed is a character's key as Bubble Tea reads it: the space is a type of its
// own.
func typed(r rune) tea.KeyMsg {
	if r == ' ' {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{r}}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}
}
