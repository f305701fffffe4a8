package ui

import (
	"strings"

	"authwalk/profiles"
)

// fromPaste reads a profile out of a curl line or an .env block. note tells of
// what was left out on purpose: a secret that was in it.
func fromPaste(text string) (p profiles.Profile, note string, err error) {
	got, err := profiles.FromPaste(text)
	if err != nil {
		return p, "", err
	}
	notes := got.Notes
	return got.Profile, strings.Join(notes, " "), nil
}
