//go:build unix

package cli_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"authwalk/ui/drive/ptytest"
)

// TestTokenByPrompts: what is missing is asked for, the password without echo.
func TestTokenByPrompts(t *testing.T) {
	t.Parallel()
	s := serve(t, "works")
	client := s.Clients[0]
	args := []string{"token", "--domain", s.Issuer, "--client-id", client.ID, "--scope", "openid"}
	env := []string{"AUTHWALK_CLIENT_SECRET=" + client.Secret}
	p := journey(t, ptytest.Options{Cols: 100, Rows: 60, Env: env}, args...)
	p.WaitFor(t, `Username:$`)
	p.Send(s.Users[0].Username + "\r")
	p.WaitFor(t, `Password:$`)
	if p.Cooked() {
		t.Error("the terminal echoes the password")
	}
	p.Send("oops\x15" + s.Users[0].Password + "x\x7f\r")
	if code := p.Exit(t); code != 0 {
		t.Errorf("exit %d", code)
	}
	if text := p.Screen().Text(); !strings.Contains(text, "signature verified") {
		t.Errorf("no summary:\n%s", text)
	}
	whole(t, p)
	silent(t, p, s.Users[0].Password, client.Secret, "oops")

	// stdout piped: the questions stand on the terminal all the same, and only
	// the token goes through the pipe.
	p = journey(t, ptytest.Options{Env: env, PipeStdout: true}, append(args, "--access-token", "--username", s.Users[0].Username)...)
	p.WaitFor(t, `Password:$`)
	p.Send(s.Users[0].Password + "\r")
	if code := p.Exit(t); code != 0 {
		t.Errorf("exit %d", code)
	}
	if out := p.Stdout(); !strings.HasPrefix(out, "ey") || strings.Count(out, "\n") != 1 {
		t.Errorf("stdout: %q", out)
	}
	whole(t, p)

	// Questions are asked on terminals only.
	p = journey(t, ptytest.Options{Env: env, PipeStderr: true}, args...)
	if code := p.Exit(t); code != 2 || !strings.Contains(p.Stderr(), "AUTHWALK_USERNAME") {
		t.Errorf("exit %d, %q", code, p.Stderr())
	}
}

// TestMessageByPrompt: token asks for the code that the tenant sent to the
// phone.
func TestMessageByPrompt(t *testing.T) {
	t.Parallel()
	s := serve(t, "mfa-sms")
	p := journey(t, ptytest.Options{Cols: 100, Rows: 60}, "token", "--profiles", s.Profiles, "-p", "mfa-sms")
	p.WaitFor(t, `Which way, by its number \[1\]:$`)
	p.Send("1\r")
	p.WaitFor(t, `(?s)Code sent by SMS.*Which way, by its number \[1\]:$`)
	p.Send("1\r")
	p.WaitFor(t, `Code:$`)
	resp, err := http.Get(s.Phone)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var phone struct {
		Messages []struct {
			Code string `json:"code"`
		} `json:"messages"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&phone); err != nil || len(phone.Messages) != 1 {
		t.Fatalf("%v: %+v", err, phone)
	}
	p.Send(phone.Messages[0].Code + "\r")
	if code := p.Exit(t); code != 0 {
		t.Errorf("exit %d", code)
	}
	if text := p.Screen().Text(); !strings.Contains(text, "signature verified") {
		t.Errorf("no summary:\n%s", text)
	}
	whole(t, p)
}
