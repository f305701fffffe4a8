// Package quiet keeps the program from asking the terminal for its background
// while it starts.
//
// Bubble Tea v1 asks in a package init of its own, through lipgloss
// (tea_init.go), and waits up to five seconds for the answer. A serial line, a
// pseudo-terminal of a CI job or ssh -tt answers nothing, so that even printing
// the version would take five seconds there. Lipgloss asks nothing once it has
// been told whether the ground is dark, which is what the init here does.
//
// It works because of two rules, which the tests keep true. Go initialises
// packages that are ready in the order of their import paths, and "authwalk/…"
// sorts before "github.com/…". And this package is ready as soon as lipgloss
// is: it must import nothing but lipgloss and the standard library, Bubble Tea
// least of all.
//
// The package knows the environment alone. Lipgloss tells afterwards what was
// decided; a flag is heard later, where the screens are opened.
package quiet

import (
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

func init() { lipgloss.SetHasDarkBackground(fromColorFGBG(os.Getenv("COLORFGBG"))) }

// fromColorFGBG reads rxvt's variable, which Konsole and others set too:
// "foreground;background", with a third field in between in some, each one of
// the 16 colours' numbers or "default". White (7) and the bright colours but
// grey (8) are light; whatever cannot be read is taken as dark, which most
// terminals are.
func fromColorFGBG(v string) bool {
	ground := v[strings.LastIndexByte(v, ';')+1:]
	n, err := strconv.Atoi(ground)
	if err != nil || !strings.Contains(v, ";") {
		return true
	}
	return n < 7 || n == 8 || n > 15
}
