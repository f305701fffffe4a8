package profiles

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/zalando/go-keyring"

	"authwalk/flows"
)

// keyringService is the service under which all secrets of authwalk are.
const keyringService = "authwalk"

// insteadOfKeyring is the way out where no keyring is to be had.
const insteadOfKeyring = "keep the secret elsewhere and write env:NAME or file:PATH instead"

// inKeyring does one thing with the system's keyring, which knows no context
// and may wait for a person to unlock it. It gives a sentence when it fails;
// what the keyring itself says is not in it for a write, where it might repeat
// what it was given.
func inKeyring(ctx context.Context, name string, timeout time.Duration, getenv func(string) (string, bool), read bool, do func() (string, error)) (string, string, error) {
	if !hasBus(getenv) {
		return "", "there is no D-Bus session here, and without one no keyring: " + insteadOfKeyring, nil
	}
	type result struct {
		s   string
		err error
	}
	done := make(chan result, 1)
	go func() {
		s, err := do()
		done <- result{s, err}
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	var r result
	select {
	case <-ctx.Done():
		return "", "it was interrupted while waiting for the keyring", ctx.Err()
	case <-timer.C:
		return "", fmt.Sprintf("the keyring did not answer within %s: unlock it and try again, or %s", timeout, insteadOfKeyring), context.DeadlineExceeded
	case r = <-done:
	}
	switch {
	case r.err == nil:
		return r.s, "", nil
	case errors.Is(r.err, keyring.ErrNotFound):
		return "", fmt.Sprintf("the keyring holds nothing under service %s, name %s: store it there first", keyringService, name), r.err
	case errors.Is(r.err, keyring.ErrUnsupportedPlatform):
		return "", "this system has no keyring that authwalk knows: " + insteadOfKeyring, r.err
	case errors.Is(r.err, keyring.ErrSetDataTooBig):
		return "", "the secret is too long for this system's keyring: " + insteadOfKeyring, nil
	case read:
		return "", fmt.Sprintf("the keyring cannot be used (%v): %s", r.err, insteadOfKeyring), r.err
	}
	return "", "the keyring cannot be used: " + insteadOfKeyring, nil
}

// hasBus tells whether there may be a D-Bus session to ask. Asking without one
// would start a bus of its own, with an empty keyring behind it.
func hasBus(getenv func(string) (string, bool)) bool {
	switch runtime.GOOS {
	case "linux", "freebsd", "netbsd", "openbsd", "dragonfly":
	default:
		return true
	}
	if keyringMocked {
		return true
	}
	if a, _ := getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" {
		return true
	}
	dir := filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// keyringMocked is set by tests that put a keyring of their own in place.
var keyringMocked bool

func keyringGet(ctx context.Context, name string, timeout time.Duration, getenv func(string) (string, bool)) (string, string, error) {
	return inKeyring(ctx, name, timeout, getenv, true, func() (string, error) { return keyring.Get(keyringService, name) })
}

// SetKeyring stores a secret in the system's keyring, where keyring:NAME finds
// it. It waits 10 s at most. The error is a *RefError.
func SetKeyring(ctx context.Context, name string, secret flows.Secret) error {
	ref := Ref{KindKeyring, name}
	if _, msg := parseRef(ref.String(), ""); msg != "" {
		return usagef("keyring", "%s", msg)
	}
	if secret == "" {
		return &RefError{Ref: ref, Msg: "there is no secret to store"}
	}
	_, msg, err := inKeyring(ctx, name, refTimeout, os.LookupEnv, false, func() (string, error) {
		return "", keyring.Set(keyringService, name, secret.Reveal())
	})
	if msg != "" {
		return &RefError{Ref: ref, Msg: msg, Err: err}
	}
	return nil
}
