package diagnosis

import (
	"os/exec"
	"strings"
	"testing"
)

// TestCommandsAreSafe runs each shell command with its programs replaced, and
// looks at what values from outside become: single arguments, whatever they are.
func TestCommandsAreSafe(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no POSIX shell here")
	}
	nasty := []string{"abc", "a'b", "$(touch-pwned)", "`pwned`", `";pwned;"`, "a&b|c>d", "--help", "..", "a\nb", "é", `\`, "${x}", "%{x}", "!x", "#", "*", "~"}
	for _, v := range nasty {
		for _, ev := range []Evidence{
			refused(403, errBody("unauthorized_client", "Grant type 'password' not allowed for the client."), with(func(s *Sent) { s.ClientID = v })),
			refused(403, errBody("unauthorized_client", "Grant type '"+strings.ReplaceAll(v, "'", "")+"' not allowed for the client."), password),
			refused(403, errBody("invalid_request", `Client "x" is not authorized to access resource server "y".`), with(func(s *Sent) { s.ClientID, s.Audience, s.Scope = v, v, v })),
			refused(400, errBody("invalid_request", "invalid audience specified for password grant exchange"), with(func(s *Sent) { s.Audience = v })),
			refused(401, errBody("access_denied", "Unauthorized"), with(func(s *Sent) { s.ClientID, s.Domain = v, v+".auth0.com" })),
			{Sent: with(func(s *Sent) { s.AuthZero, s.Audience = Yes, v }), Reply: &Reply{Status: 200, Body: []byte(`{"access_token":"t"}`)}, Issued: &Issued{AskedOffline: true, HasAudience: true}},
		} {
			for _, f := range Diagnose(ev) {
				for _, c := range f.Commands {
					if strings.ContainsAny(c.Text, "\x00\x1b\r") {
						t.Errorf("control characters in %q", c.Text)
					}
					if c.Kind != KindCLI && c.Kind != KindManagement {
						continue
					}
					script := "auth0() { printf '{}'; }; curl() { printf '{}'; }; jq() { cat >/dev/null; printf '{}'; }\npwned() { echo PWNED; }\ncommand_not_found_handle() { echo PWNED; }\n" + c.Text + "\n"
					out, err := exec.Command(sh, "-c", script).CombinedOutput()
					if err != nil || strings.Contains(string(out), "PWNED") || strings.Contains(string(out), "not found") {
						t.Errorf("%q gives %v: %s", c.Text, err, out)
					}
				}
			}
		}
	}
}

func TestShellAndHCL(t *testing.T) {
	for in, want := range map[string]string{"abc": "abc", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$x": "'$x'", "~": "'~'"} {
		if got := shell(in); got != want {
			t.Errorf("shell(%q) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{`a"b`: `"a\"b"`, "${x}": `"$${x}"`, "%{x}": `"%%{x}"`, `\`: `"\\"`} {
		if got := hcl(in); got != want {
			t.Errorf("hcl(%q) = %s, want %s", in, got, want)
		}
	}
}
