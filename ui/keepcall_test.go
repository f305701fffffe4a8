package ui

import (
	"os"
	"strings"
	"testing"
)

// TestKeepCall: a typed call goes into the profile, and the rest of the file
// stays as it was; what is secret does not go there.
func TestKeepCall(t *testing.T) {
	b, file, password, secret := ownProfile(t)
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	was = append(was, "# mine\n"...)
	if err := os.WriteFile(file, was, 0o600); err != nil {
		t.Fatal(err)
	}
	b.opt.ProfileName = "mine"
	d := b.start(120, 36)
	d.Paste(password)
	b.keys(d, "tab", "ctrl+s")
	d.Paste(secret)
	b.keys(d, "ctrl+s", "5", "n")
	url := func(s string) string {
		app(d).walk.api.form.focusOn("url")
		b.keys(d, "ctrl+u")
		d.Type(s)
		return b.keys(d, "ctrl+k")
	}
	mustContain(t, url("/api/me?password="+password), "URL holds a secret")
	mustContain(t, url("/api/me?n=1"), "Save the call in the profile mine", "GET /api/me", "the token is not written")
	mustContain(t, b.keys(d, "enter"), "GET /api/me is saved in the profile mine", "  GET /api/me ")
	now, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	call := "\n[[profile.mine.call]]\nname   = \"GET /api/me\"\nmethod = \"GET\"\nurl    = \"/api/me?n=1\"\n"
	if strings.Join(strings.Fields(strings.Replace(string(now), string(was), "", 1)), " ") != strings.Join(strings.Fields(call), " ") {
		t.Errorf("the file:\n%s", now)
	}
	mustContain(t, url("/api/me?n=2"), "There is a call of this name: it is replaced")
	b.keys(d, "enter")
	if again, _ := os.ReadFile(file); string(again) != strings.Replace(string(now), "n=1", "n=2", 1) {
		t.Errorf("the file, the call replaced:\n%s", again)
	}

	b = newBench(t)
	d = b.openDemo("works", 120, 36)
	b.keys(d, "enter", "5", "n")
	mustContain(t, b.keys(d, "ctrl+k"), "A demo tenant's profile is in no file")
}
