package ui

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/muesli/termenv"
)

// TestLook draws what stands over the steps, for a person to look at.
func TestLook(t *testing.T) {
	if os.Getenv("AUTHWALK_LOOK") == "" {
		t.Skip("frames are for looking at: set AUTHWALK_LOOK to a folder")
	}
	for _, size := range []struct {
		name string
		w, h int
	}{{"120", 120, 36}, {"80", 80, 24}, {"60", 60, 16}} {
		t.Run(size.name, func(t *testing.T) {
			b := newBench(t)
			b.opt.ColorProfile = termenv.TrueColor
			b.opt.ProfilesPath = filepath.Join(t.TempDir(), "profiles.toml")
			_ = os.WriteFile(b.opt.ProfilesPath, []byte("default = \"acme-dev\"\n\n[profile.acme-dev]\ndomain = \"acme-dev.eu.auth0.com\"\nenvironment = \"dev\"\nclient_id = \"x\"\nclient_secret = \"keyring:acme-dev\"\nscopes = [\"openid\"]\n\n[profile.acme-prod]\ndomain = \"acme.eu.auth0.com\"\nenvironment = \"prod\"\nclient_id = \"y\"\npassword = \"prompt\"\n"), 0o600)
			d := b.start(size.w, size.h)
			n := func(s string) { look(d, "look-"+size.name+"-"+s) }
			n("list")
			b.keys(d, "n")
			n("new")
			b.keys(d, "esc", "esc")
			b.keys(d, "?")
			n("help-list")
			b.keys(d, "esc", "j", "j", "c")
			n("check-before")
			b.keys(d, "enter")
			n("check")
			b.keys(d, "enter")
			d.Press("tab")
			n("form-1")
			d.Press("tab")
			n("form-2")
			b.keys(d, "tab", "tab", "tab")
			n("form-scopes")
			b.keys(d, "tab", "tab")
			n("form-choice")
			b.keys(d, "ctrl+s", "enter")
			b.keys(d, "c")
			n("checks")
			b.keys(d, "s", "j", "j")
			n("scopes")
			b.keys(d, "v")
			n("raw")
			b.keys(d, "v", "tab")
			n("id")
			b.keys(d, "tab")
			n("refresh-token")
			b.keys(d, "tab", "u", "=")
			n("compare")
			b.keys(d, "esc", "enter", "j", "enter")
			n("api-403")
			b.keys(d, "tab")
			n("api-edit")
			b.keys(d, "esc", "shift+tab", "k")
			b.keys(d, "6", "s")
			n("fewer")
			b.keys(d, "esc")
			b.keys(d, "6", "x")
			n("revoke-ask")
			b.keys(d, "y")
			n("revoked")
			b.clock.pass(3 * time.Second)
			b.keys(d, "r")
			n("revoked-refresh")
			b.keys(d, "w")
			n("wire")
			b.keys(d, "enter")
			n("wire-detail")
			b.keys(d, "esc", "esc", "E")
			n("export")
			b.keys(d, "esc", "L")
			n("log")
			b.keys(d, "esc", "ctrl+p")
			n("palette")
			b.keys(d, "esc", "X")
			n("explain")
			d.Paste("HTTP/1.1 403 Forbidden\r\n\r\n{\"error\":\"unauthorized_client\",\"error_description\":\"Grant type 'password' not allowed for the client.\"}")
			d.MustSettle(t)
			n("explained")
			b.keys(d, "esc", "ctrl+l")
			n("lock")
		})
	}
}
