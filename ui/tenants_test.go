package ui

import (
	"context"
	"strings"
	"testing"

	"authwalk/flows"
)

// TestFilterNearestFirst: a tenant that is called so stands before one that
// only tells of it.
func TestFilterNearestFirst(t *testing.T) {
	b := newBench(t)
	d := b.start(120, 36)
	b.keys(d, "/")
	d.Type("refresh")
	last := 0
	s := app(d).list
	for i, r := range s.choices() {
		if i > 0 && r.demo.Good != s.choices()[i-1].demo.Good {
			last = 0
		}
		if n := s.far(*r.demo); n < last {
			t.Fatalf("%s stands behind a tenant that only tells of it", r.name())
		} else {
			last = n
		}
	}
}

// TestStepsAreOfTheTenantUnderTheCursor: the marks of one session do not stand
// over another tenant.
func TestStepsAreOfTheTenantUnderTheCursor(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	mustContain(t, b.keys(d, "enter", "1"), "✓ 3 Request")
	mustContain(t, b.keys(d, "down"), "○ 3 Request")
	mustContain(t, b.keys(d, "up"), "✓ 3 Request")
}

// noPassword is the demo without the user's password.
type noPassword struct{ *bench }

func (n noPassword) Open(ctx context.Context, name string) (flows.Config, DemoTools, error) {
	cfg, tools, err := n.bench.Open(ctx, name)
	cfg.Password = ""
	return cfg, tools, err
}

// TestCheckWithoutPassword: what was not looked at is not good.
func TestCheckWithoutPassword(t *testing.T) {
	b := newBench(t)
	b.opt.Demo = noPassword{b}
	d := b.openDemo("works", 120, 36)
	text := b.keys(d, "esc", "1", "c", "enter")
	mustNotContain(t, text, "Nothing in the set-up stops")
	mustContain(t, text, "of 16 could be seen without a password")
}

func TestHumanTimes(t *testing.T) {
	for in, want := range map[string]string{
		"the difference is 0s, within the leeway of 1m0s": "the difference is 0 s, within the leeway of 1 min",
		"a token of 20s":               "a token of 20 s",
		"1h0m0s, 24h0m0s":              "1 h, 1 day",
		"answers in 12ms, kid k1s, s3": "answers in 12ms, kid k1s, s3",
	} {
		if got := humanTimes(in); got != want {
			t.Errorf("humanTimes(%q) = %q, want %q", in, got, want)
		}
	}
	if strings.Contains(humanTimes("5s"), "5s") {
		t.Error("5s stays")
	}
}
