package ui

import (
	"testing"

	"github.com/muesli/termenv"
)

// TestEnterWalks: enter alone walks the demo from the list to a refreshed token.
func TestEnterWalks(t *testing.T) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"120x36", 120, 36}, {"80x24", 80, 24}, {"60x16", 60, 16}} {
		t.Run(size.name, func(t *testing.T) {
			b := newBench(t)
			b.opt.ColorProfile = termenv.TrueColor
			d := b.start(size.w, size.h)
			mustContain(t, d.Text(), "authwalk", "works")
			look(d, size.name+"-1")
			b.keys(d, "enter")
			look(d, size.name+"-2")
			b.keys(d, "enter")
			look(d, size.name+"-3")
			mustContain(t, d.Text(), "Tokens came back")
			b.keys(d, "enter")
			look(d, size.name+"-4")
			b.keys(d, "enter")
			look(d, size.name+"-5")
			b.keys(d, "enter")
			look(d, size.name+"-5b")
			b.keys(d, "enter")
			look(d, size.name+"-6")
			b.keys(d, "enter")
			look(d, size.name+"-6b")
			mustContain(t, d.Text(), "generation 0", "generation 1")
		})
	}
}
