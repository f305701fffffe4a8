package drive

import (
	"context"
	"regexp"
	"strings"
)

// TB is what a waiting test needs of testing.TB, so that programs which are not
// tests can use this package without linking package testing.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// WaitText waits until the screen's Text holds a piece of text, and gives the
// Text. A test that waits in vain ends with the screen as it stands.
func (d *Driver) WaitText(tb TB, part string) string {
	tb.Helper()
	return d.must(tb, part, func(text string) bool { return strings.Contains(text, part) })
}

// WaitFor is WaitText for a regular expression.
func (d *Driver) WaitFor(tb TB, expr string) string {
	tb.Helper()
	re, err := regexp.Compile(expr)
	if err != nil {
		tb.Fatalf("%v", err)
		return ""
	}
	return d.must(tb, expr, re.MatchString)
}

// WaitGone waits until the screen's Text holds a piece of text no more.
func (d *Driver) WaitGone(tb TB, part string) string {
	tb.Helper()
	return d.must(tb, "the end of "+part, func(text string) bool { return !strings.Contains(text, part) })
}

func (d *Driver) must(tb TB, what string, ok func(string) bool) string {
	tb.Helper()
	var seen string
	if err := d.Until(context.Background(), func(text string) bool { seen = text; return ok(text) }); err != nil {
		tb.Fatalf("no %q: %v; the screen:\n%s", what, err, seen)
	}
	return seen
}

// MustSettle is Settle for a test. It gives the screen's Text.
func (d *Driver) MustSettle(tb TB) string {
	tb.Helper()
	if err := d.Settle(); err != nil {
		tb.Fatalf("%v; the screen:\n%s", err, d.Text())
	}
	return d.Text()
}

// MustClose is Close for a test: defer d.MustClose(t).
func (d *Driver) MustClose(tb TB) {
	tb.Helper()
	if err := d.Close(); err != nil {
		tb.Fatalf("%v", err)
	}
}
