package profiles

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"authwalk/flows"
)

// TestMain lets the test binary be the program of cmd: references.
func TestMain(m *testing.M) {
	switch os.Getenv("PROFILES_TEST_PROGRAM") {
	case "":
		keyring.MockInit()
		keyringMocked = true
		os.Exit(m.Run())
	case "print": // its arguments, a line each
		fmt.Print(strings.Join(os.Args[1:], "\n"))
	case "fail":
		fmt.Println("SEKRET")
		fmt.Fprintln(os.Stderr, "SEKRET")
		os.Exit(3)
	case "environ":
		fmt.Println(strings.Join(os.Environ(), " "))
	case "stdin":
		n, err := os.Stdin.Read(make([]byte, 1))
		fmt.Println("read", n, err)
	case "forever":
		select {}
	case "flood":
		b := []byte(strings.Repeat("x", 64<<10))
		for range 40 {
			os.Stdout.Write(b)
		}
	}
}

func TestParseRef(t *testing.T) {
	for s, want := range map[string]Ref{
		"": {}, "prompt": {Kind: KindPrompt}, "env:A_B": {KindEnv, "A_B"}, "env: A": {KindEnv, "A"}, "file:~/a b:c": {KindFile, "~/a b:c"},
		"keyring:acme dev": {KindKeyring, "acme dev"}, "cmd:pass show 'a b'": {KindCmd, "pass show 'a b'"},
	} {
		r, err := ParseRef(s, "client_secret")
		if err != nil || r != want {
			t.Errorf("%q: %+v %v", s, r, err)
		}
		if s != "env: A" && r.String() != s {
			t.Errorf("%q is written as %q", s, r)
		}
	}
	for s, says := range map[string]string{
		"SEKRET": "keyring:NAME", "SEKRET:x": "keyring:NAME", "Env:SEKRET": "must not stand here", "prompt:SEKRET": "prompt alone", "env:": "write env:NAME", "file: ": "write file:PATH",
		"env:A=SEKRET": "bare name", "cmd:'SEKRET": "not closed", "cmd:''": "names no program", "file:SEK\nRET": "line end", " prompt": "must not stand here",
	} {
		_, err := ParseRef(s, "client_secret")
		var u *flows.UsageError
		if !errors.As(err, &u) || u.What != "client_secret" || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "SEK") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("plain", "s3cret \n")
	file("windows", "s3cret\r\n")
	file("lines", "a\n\n")
	file("bare", "s3cret")
	file("empty", "\n")
	big := file("big", "")
	if err := os.Truncate(big, refLimit+1); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
	t.Setenv("AUTHWALK_PASSWORD", "SEKRET")
	if err := SetKeyring(t.Context(), "acme", "from the keyring"); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"A": "s3cret\n", "EMPTY": ""}
	quoted := "'" + self + "'"
	for _, c := range []struct {
		ref, program string
		want, fails  string
	}{
		{"", "", "", ""},
		{"env:A", "", "s3cret\n", ""},
		{"env:NONE", "", "", "NONE is not set"},
		{"env:EMPTY", "", "", "empty text"},
		{"file:plain", "", "s3cret ", ""},
		{"file:windows", "", "s3cret", ""},
		{"file:lines", "", "a\n", ""},
		{"file:bare", "", "s3cret", ""},
		{"file:~/bare", "", "s3cret", ""},
		{"file:" + filepath.Join(dir, "bare"), "", "s3cret", ""},
		{"file:empty", "", "", "empty text"},
		{"file:none", "", "", "there is no file " + filepath.Join(dir, "none")},
		{"file:.", "", "", "is a folder"},
		{"file:big", "", "", "larger than 1024 KiB"},
		{"keyring:acme", "", "from the keyring", ""},
		{"keyring:none", "", "", "holds nothing under service authwalk, name none"},
		{"cmd:" + quoted + ` "a b" c`, "print", "a b", ""},
		{"cmd:" + quoted, "print", "", "empty text"},
		{"cmd:" + quoted, "fail", "", "failed (exit status 3)"},
		{"cmd:" + quoted, "stdin", "read 0 EOF", ""},
		{"cmd:" + quoted, "flood", "", "longer than 1024 KiB"},
		{"cmd:no-such-program-here", "print", "", "there is no program no-such-program-here"},
		{"cmd:./no-such-program", "print", "", "there is no program ./no-such-program"},
		{"cmd:" + quoted + " '", "print", "", "not closed"},
	} {
		t.Setenv("PROFILES_TEST_PROGRAM", c.program)
		var r Ref
		if kind, arg, ok := strings.Cut(c.ref, ":"); ok {
			r = Ref{Kind(kind), arg}
		}
		s, err := r.Resolve(t.Context(), Resolver{Dir: dir, Key: "client_secret", Getenv: func(n string) (string, bool) { v, ok := env[n]; return v, ok }})
		if s.Reveal() != c.want || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: got %q %v, want %q …%s…", c.ref, s.Reveal(), err, c.want, c.fails)
		}
		var u *flows.UsageError
		if err != nil && (!errors.As(err, &u) || !strings.HasPrefix(err.Error(), "client_secret (") || strings.Contains(err.Error(), "SEKRET")) {
			t.Errorf("%s: %v", c.ref, err)
		}
	}

	t.Setenv("PROFILES_TEST_PROGRAM", "environ")
	if s, err := (Ref{KindCmd, quoted}).Resolve(t.Context(), Resolver{}); err != nil || strings.Contains(s.Reveal(), "SEKRET") || !strings.Contains(s.Reveal(), "HOME=") {
		t.Errorf("the environment of a program: %q %v", s.Reveal(), err)
	}
	if _, err := (Ref{Kind: KindPrompt}).Resolve(t.Context(), Resolver{}); !errors.Is(err, ErrPrompt) {
		t.Errorf("prompt: %v", err)
	}
	if _, err := (Ref{"vault", "x"}).Resolve(t.Context(), Resolver{}); err == nil {
		t.Error("an unknown kind gave something")
	}
}

func TestCommandLimits(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PROFILES_TEST_PROGRAM", "forever")
	ref := Ref{KindCmd, "'" + self + "'"}
	var said string
	_, err = ref.Resolve(t.Context(), Resolver{Timeout: 100 * time.Millisecond, Waiting: func(s string) { said = s }})
	if err == nil || !strings.Contains(err.Error(), "did not end within 100ms") || !strings.Contains(said, "waiting for the program") {
		t.Errorf("no limit: %v, said %q", err, said)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = ref.Resolve(ctx, Resolver{Waiting: func(string) { cancel() }})
	var u *flows.UsageError
	if !errors.Is(err, context.Canceled) || errors.As(err, &u) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestProgramOfTheProfilesFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a shell script")
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "give me.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$1\"\necho more\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := (Ref{KindCmd, `"./give me.sh" '$HOME *'`}).Resolve(t.Context(), Resolver{Dir: dir})
	if err != nil || s.Reveal() != "$HOME *" {
		t.Errorf("got %q %v", s.Reveal(), err)
	}
	if err := os.Chmod(script, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (Ref{KindCmd, `"./give me.sh"`}).Resolve(t.Context(), Resolver{Dir: dir}); err == nil || !strings.Contains(err.Error(), "chmod u+x") {
		t.Errorf("a program that must not be run: %v", err)
	}
}

func TestPipe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such pipes")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("s3cret\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	s, err := (Ref{KindFile, fmt.Sprintf("/dev/fd/%d", r.Fd())}).Resolve(t.Context(), Resolver{})
	if err != nil || s.Reveal() != "s3cret" {
		t.Errorf("got %q %v", s.Reveal(), err)
	}
}

func TestKeyring(t *testing.T) {
	if err := SetKeyring(t.Context(), "k", "one"); err != nil {
		t.Fatal(err)
	}
	if s, err := keyring.Get("authwalk", "k"); err != nil || s != "one" {
		t.Errorf("service and name: %q %v", s, err)
	}
	for name, secret := range map[string]flows.Secret{"": "SEKRET", "a\nb": "SEKRET", "x": ""} {
		var u *flows.UsageError
		if err := SetKeyring(t.Context(), name, secret); !errors.As(err, &u) || strings.Contains(err.Error(), "SEKRET") {
			t.Errorf("%q: %v", name, err)
		}
	}
	defer keyring.MockInit()
	keyring.MockInitWithError(errors.New("locked, and SEKRET refused"))
	if err := SetKeyring(t.Context(), "x", "SEKRET"); err == nil || strings.Contains(err.Error(), "SEKRET") || !strings.Contains(err.Error(), "env:NAME or file:PATH") {
		t.Errorf("a keyring that fails: %v", err)
	}
	keyring.MockInitWithError(keyring.ErrUnsupportedPlatform)
	if _, err := (Ref{KindKeyring, "x"}).Resolve(t.Context(), Resolver{}); err == nil || !strings.Contains(err.Error(), "has no keyring") {
		t.Errorf("no keyring: %v", err)
	}
}

func TestKeyringThatWaits(t *testing.T) {
	block := make(chan struct{})
	defer close(block)
	wait := func() (string, error) { <-block; return "", nil }
	_, msg, err := inKeyring(t.Context(), "x", 20*time.Millisecond, os.LookupEnv, true, wait)
	if !strings.Contains(msg, "did not answer within 20ms: unlock it") || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%q %v", msg, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, msg, err := inKeyring(ctx, "x", time.Minute, os.LookupEnv, true, wait); !errors.Is(err, context.Canceled) {
		t.Errorf("%q %v", msg, err)
	}
}

func TestNoBus(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("D-Bus is of Linux")
	}
	if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err == nil {
		t.Skip("this user has a bus")
	}
	keyringMocked = false
	defer func() { keyringMocked = true }()
	_, err := (Ref{KindKeyring, "x"}).Resolve(t.Context(), Resolver{Getenv: func(string) (string, bool) { return "", false }})
	if err == nil || !strings.Contains(err.Error(), "no D-Bus session") || !strings.Contains(err.Error(), "env:NAME or file:PATH") {
		t.Errorf("got %v", err)
	}
}
