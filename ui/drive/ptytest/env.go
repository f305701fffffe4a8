//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package ptytest

import (
	"os"
	"slices"
	"strings"
)

// dropped are the variables that change what a terminal program does; the
// program gets those that Options gives and no others.
var dropped = []string{
	"NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "TMUX", "STY", "TERM", "COLORTERM", "COLORFGBG", "TERM_PROGRAM", "TERM_PROGRAM_VERSION",
	"LC_ALL", "LC_CTYPE", "LANG", "LINES", "COLUMNS", "GODEBUG", "DBUS_SESSION_BUS_ADDRESS", "SSH_TTY", "SSH_CONNECTION",
	"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME",
}

// BaseEnv is an environment that does not depend on where the test runs: this
// process's without what terminals and people set, and without the program's own
// variables (AUTHWALK_…), then a colourful UTF-8 terminal; without unset; and
// env last.
func BaseEnv(env, unset []string) []string {
	out := []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8"}
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if !slices.Contains(dropped, name) && !strings.HasPrefix(name, "AUTHWALK_") {
			out = append(out, kv)
		}
	}
	out = slices.DeleteFunc(out, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(unset, name)
	})
	return append(out, env...)
}
