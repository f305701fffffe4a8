package flows

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authwalk/flows/token"
)

const jwk = `{"kty":"EC","crv":"P-256","kid":%q,"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`

func jwks(kids ...string) string {
	all := make([]string, len(kids))
	for i, k := range kids {
		all[i] = fmt.Sprintf(jwk, k)
	}
	return `{"keys":[` + strings.Join(all, ",") + `]}`
}

func TestKeysAreFetchedOnceAndAgainForAnUnknownKid(t *testing.T) {
	set, n := jwks("a"), 0
	c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		n++
		if r.Header.Get("Authorization") != "" {
			t.Error("something secret goes with it")
		}
		if set == "" {
			w.WriteHeader(503)
			return
		}
		_, _ = io.WriteString(w, set)
	})
	now := time.Now()
	c.Clock = Clock{Wall: func() time.Time { return now }, Mono: func() time.Duration { return 0 }}
	ask := func(c *Client, kid string, requests int, knows bool) {
		t.Helper()
		keys, exs, err := c.Keys(t.Context(), kid)
		if err != nil || n != requests || keys.Knows(kid) != knows {
			t.Errorf("%q: %v, %d requests, want %d", kid, err, n, requests)
		}
		for _, ex := range exs {
			if !ex.ByItself || ex.Purpose != PurposeJWKS {
				t.Errorf("%s", ex)
			}
		}
	}
	ask(c, "a", 1, true)
	ask(c, "", 1, false)
	ask(c, "a", 1, true)
	ask(c.WithConfig(c.Config), "a", 1, true) // clients of one tenant share them
	set = jwks("a", "b")
	ask(c, "b", 2, true)  // rotated
	ask(c, "x", 3, false) // made up: once again
	ask(c, "x", 3, false) // and no more
	ask(c, "a", 3, true)
	now = now.Add(missFor)
	ask(c, "x", 4, false)
	set = ""
	ask(c, "y", 5, false) // a failure leaves the old ones
	ask(c, "b", 5, true)
	for i := range 3 * maxMiss {
		_, _, _ = c.Keys(t.Context(), fmt.Sprint("z", i))
	}
	if len(c.keys.miss) > maxMiss {
		t.Errorf("%d made-up key ids are kept", len(c.keys.miss))
	}
}

func TestKeysOfAFile(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "jwks.json")
	writeFile(t, good, []byte(jwks("a")))
	for _, at := range []string{good, "file:" + good} {
		c := client(t, Config{TokenURL: "https://tenant.test/token", JWKS: at})
		keys, exs, err := c.Keys(t.Context(), "a")
		if err != nil || len(exs) != 0 || !keys.Knows("a") {
			t.Errorf("%s: %v", at, err)
		}
	}
	bad := filepath.Join(dir, "bad.json")
	writeFile(t, bad, []byte("<html>"))
	for _, at := range []string{filepath.Join(dir, "none"), bad, dir} {
		_, err := NewClient(Config{TokenURL: "https://tenant.test/token", JWKS: at}, ClientOptions{})
		var ue *UsageError
		if !errors.As(err, &ue) {
			t.Errorf("%s is found out only when tokens have come: %v", at, err)
		}
	}
	keys, exs, err := client(t, Config{TokenURL: "https://tenant.test/token"}).Keys(t.Context(), "a")
	if keys != nil || exs != nil || err != nil {
		t.Errorf("no JWKS at all: %v", err)
	}
}

// TestKeysCanceledWhileSomebodyElseFetches does not wait for the other.
func TestKeysCanceledWhileSomebodyElseFetches(t *testing.T) {
	arrived, end := make(chan struct{}), make(chan struct{})
	c := server(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-end
		_, _ = io.WriteString(w, jwks("a"))
	})
	done := make(chan struct{})
	go func() { defer close(done); _, _, _ = c.Keys(context.Background(), "") }()
	<-arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := c.Keys(ctx, "")
	var e *Error
	if !errors.As(err, &e) || e.Fault == nil || !e.Fault.Canceled {
		t.Errorf("%v", err)
	}
	close(end)
	<-done
}

// TestExamineAsksForKeysOnlyWhereTheyServe: no keys are fetched for what they
// cannot check.
func TestExamineAsksForKeysOnlyWhereTheyServe(t *testing.T) {
	n := 0
	c := server(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { n++; _, _ = io.WriteString(w, jwks("a")) })
	for _, raw := range []string{"opaque", "eyJhbGciOiJIUzI1NiJ9.e30.AA", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AA.AA.AA"} {
		tok, _ := token.Decode(raw)
		if x := c.Examine(t.Context(), &tok, nil); n != 0 || x.Keys != nil || x.Err != nil {
			t.Errorf("%s: %d requests, %v", raw, n, x.Err)
		}
	}
	tok, _ := token.Decode("eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ.e30.AA")
	if x := c.Examine(t.Context(), &tok, &tok); n != 1 || x.Keys == nil || len(x.Exchanges) != 1 {
		t.Errorf("%d requests, %v", n, x.Err)
	}
}
