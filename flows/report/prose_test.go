package report

import (
	"errors"
	"strings"
	"testing"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
)

// TestProse: a password that is an English word is not given away by a mask in
// a sentence of ours, and is hidden where a server repeats it.
func TestProse(t *testing.T) {
	r := NewRedactor(Options{NoTags: true})
	r.Know("wrong", "Tr0ub4dor&3", "tiger-lily", "correct horse battery staple")
	const m = flows.Mask
	for _, c := range []struct {
		in, want string
		outside  []string
	}{
		{in: "an unknown client_id and a wrong secret alike", want: "an unknown client_id and a wrong secret alike"},
		{in: `The server says "it is wrong." A wrong secret.`, want: `The server says "it is ` + m + `." A wrong secret.`},
		{in: `The server says "the "wrong" one is wrong." So a wrong secret.`, want: `The server says "the "` + m + `" one is ` + m + `." So a wrong secret.`},
		{in: `The server says "never closed wrong`, want: `The server says "never closed ` + m},
		{in: "wanted a, got wrong. A wrong one", outside: []string{"got wrong"}, want: "wanted a, got " + m + ". A wrong one"},
		{in: "our slip: Tr0ub4dor&3", want: "our slip: " + m},
		{in: "our slip: correct horse battery staple", want: "our slip: " + m},
		{in: "a tiger-lily grows", want: "a tiger-lily grows"},
		{in: `it says "tiger-lily"`, want: `it says "` + m + `"`},
	} {
		if got := r.Prose(c.in, c.outside...); got != c.want {
			t.Errorf("Prose(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := r.Words(`resource "wrong" "x"`); got != `resource "wrong" "x"` {
		t.Errorf("Words: %q", got)
	}
	if got := r.Text("a wrong secret"); got != "a "+m+" secret" {
		t.Errorf("Text: %q", got)
	}
}

// TestWordy: what counts as a word of ours.
func TestWordy(t *testing.T) {
	for s, want := range map[string]bool{
		"wrong": true, "Wrong": true, "WRONG": true, "wrong secret": true, "client-grant": true, "8601": true,
		"hunter2": false, "wRong": false, "MyPassword": false, "123456": false, "p@ss": false, "one two three": false,
		"abcdefghijklmnopqrstuvwxyz": false, "ABcd": false,
	} {
		if got := wordy(s); got != want {
			t.Errorf("wordy(%q) = %t", s, got)
		}
	}
}

// TestFindingsWithoutSecrets masks a diagnosis as a server may write it: its own
// words are searched, ours are left alone.
func TestFindingsWithoutSecrets(t *testing.T) {
	r := NewRedactor(Options{NoTags: true})
	r.Know("secret")
	r.Know("wrong")
	ev := diagnosis.Evidence{
		Sent:  diagnosis.Sent{Grant: diagnosis.GrantPassword, ClientAuth: "post", SecretSent: true, ClientID: "abc", AuthZero: diagnosis.Yes},
		Reply: &diagnosis.Reply{Status: 401, Body: []byte(`{"error":"access_denied","error_description":"Unauthorized"}`)},
	}
	plain := diagnosis.Diagnose(ev)
	for i, f := range r.Findings(plain) {
		if f.Title != plain[i].Title || f.Why != plain[i].Why || strings.Join(f.Fix, "\n") != strings.Join(plain[i].Fix, "\n") || len(f.Commands) != len(plain[i].Commands) {
			t.Errorf("%s: our own words were masked: %+v", f.ID, f)
		}
	}
	ev.Reply.Body = []byte(`{"error":"invalid_grant","error_description":"the password \"wrong\" is wrong, says \"tenant"}`)
	for _, f := range r.Findings(diagnosis.Diagnose(ev)) {
		if strings.Contains(f.Why, `password "wrong`) || strings.Contains(f.Why, "is wrong, says") {
			t.Errorf("%s: the server's words were not searched: %s", f.ID, f.Why)
		}
		if f.ID == diagnosis.WrongCredentials && !strings.Contains(f.Why, "A wrong password and an unknown user") {
			t.Errorf("our own words were masked: %s", f.Why)
		}
	}
}

// TestErrorWithoutSecrets: what a server said of an error is searched whole.
func TestErrorWithoutSecrets(t *testing.T) {
	r := NewRedactor(Options{NoTags: true})
	r.Know("tiger")
	err := &flows.Error{Msg: "invalid_grant: tiger is wrong", Code: "invalid_grant", Description: "tiger is wrong"}
	if got := r.Error(err); strings.Contains(got, "tiger") {
		t.Error(got)
	}
	if got := r.Error(errors.New("no tiger here")); got != "no tiger here" {
		t.Error(got)
	}
	lines := r.Lines([]flows.CheckLine{{Title: "A tiger", Saw: "invalid_grant: tiger is wrong", Fix: []string{"feed the tiger"}}}, &flows.Session{Err: err})
	if l := lines[0]; l.Title != "A tiger" || strings.Contains(l.Saw, "tiger") || l.Fix[0] != "feed the tiger" {
		t.Errorf("%+v", l)
	}
}

// TestPersonalData: a report shows the user's name and says so, unless it is
// made in presentation; how it was made names no flag of one front end.
func TestPersonalData(t *testing.T) {
	s := flows.NewSession(flows.Config{Domain: "t.test", ClientID: "c"})
	s.Asked = &flows.Asked{Grant: diagnosis.GrantPassword, ClientID: "c", Username: "ada@acme.test"}
	for _, f := range []Format{Markdown, HTML, JSON} {
		for _, presentation := range []bool{false, true} {
			var b strings.Builder
			if err := Write(&b, f, Input{Session: s, Presentation: presentation}); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			if strings.Contains(text, "ada@acme.test") == presentation || strings.Contains(text, "personal data") == presentation || strings.Contains(text, "--with-claims") {
				t.Errorf("%s, presentation %t:\n%s", f, presentation, text)
			}
		}
	}
}

// TestSetupNames: the names that a person gave are as much ours as a sentence.
func TestSetupNames(t *testing.T) {
	cfg := flows.Config{Name: "wrong-secret", Domain: "wrong.test", ClientID: "c", Password: "wrong"}
	var b strings.Builder
	if err := Write(&b, Markdown, Input{Session: flows.NewSession(cfg)}); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.HasPrefix(text, "# wrong-secret\n") || !strings.Contains(text, "wrong.test") {
		t.Error(text)
	}
}
