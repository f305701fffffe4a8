//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"authwalk/flows"
	"authwalk/ui"
	"authwalk/ui/drive/ptytest"
)

// panicsIn is set for this test binary to be, instead, a program whose screens
// panic: in Update, in View, or in a command.
const panicsIn = "AUTHWALK_TEST_PANICS_IN"

// typedSecret is what the panics carry; nothing may show it.
const typedSecret = "typed-by-a-person"

// faulty is demo tenants that panic.
type faulty struct{ where string }

func (f faulty) Tenants() []ui.DemoTenant {
	if f.where == "View" {
		panic(typedSecret)
	}
	return []ui.DemoTenant{{Name: "works", Title: "Everything is set up", Good: true}}
}

func (f faulty) Open(context.Context, string) (flows.Config, ui.DemoTools, error) {
	panic(typedSecret)
}

func panicking(where string) {
	clock := flows.SystemClock()
	mono := clock.Mono
	clock.Mono = func() time.Duration { // every key asks for it
		if where == "Update" {
			panic(typedSecret)
		}
		return mono()
	}
	err := ui.Run(context.Background(), ui.Options{Demo: faulty{where}, Clock: clock})
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestPanic: a fault of the program's own leaves the terminal whole and tells
// where it happened, not what panicked.
func TestPanic(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"Update", "View", "command"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			p := ptytest.Start(t, ptytest.Options{Cols: 120, Rows: 50, Timeout: patience, Env: []string{panicsIn + "=" + where}}, os.Args[0])
			if where != "View" {
				p.WaitFor(t, `▸ works`)
				p.Send("\r")
			}
			if code := p.Exit(t); code != 1 {
				t.Errorf("exit %d", code)
			}
			whole(t, p)
			g := p.Screen().Text()
			if !strings.Contains(g, "an internal fault (string)") || !strings.Contains(g, "faulty") && !strings.Contains(g, "panicking") {
				t.Errorf("it does not tell where:\n%s", g)
			}
			if bytes.Contains(p.Raw(), []byte(typedSecret)) {
				t.Errorf("what panicked is told:\n%s", g)
			}
		})
	}
}
