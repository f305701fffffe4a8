package ui

import (
	"testing"

	"github.com/muesli/termenv"
)

// TestRefusals: each broken demo tenant ends in a diagnosis that names a way
// back to the form, and enter on it sends nothing.
func TestRefusals(t *testing.T) {
	for _, name := range []string{"wrong-password", "wrong-secret", "unknown-audience", "rate-limited", "gateway-502", "action-denied"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.opt.ColorProfile = termenv.TrueColor
			d := b.openDemo(name, 120, 36)
			text := b.keys(d, "enter")
			look(d, "refused-"+name)
			mustContain(t, text, "✗ 3 Request", "You can now", "Go back to the form")
			sent := len(d.Model().(*App).walk.session.Exchanges)
			b.keys(d, "enter")
			if a := d.Model().(*App); a.at != stepForm || len(a.walk.session.Exchanges) != sent {
				t.Fatalf("enter on a refusal went to step %d and the wire has %d exchanges instead of %d", a.at, len(a.walk.session.Exchanges), sent)
			}
		})
	}
}
