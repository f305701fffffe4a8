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
		if i > 0 && r.demo.Topic != s.choices()[i-1].demo.Topic {
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

// TestNumbersAreOfTheTenantUnderTheCursor: a number leads to a step of the
// tenant under the cursor, not of the one that was chosen last.
func TestNumbersAreOfTheTenantUnderTheCursor(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "1", "down")
	mustContain(t, b.keys(d, "2"), "Choose a tenant first.")
	mustContain(t, b.keys(d, "w"), "Nothing was sent yet")
	b.keys(d, "enter", "enter", "1", "up", "4")
	mustContain(t, d.Text(), "authwalk  works ")
	b.keys(d, "1", "down", "w")
	mustContain(t, d.Text(), "authwalk  realm-employees ", "The wire")
	b.keys(d, "esc", "up", "E")
	mustContain(t, d.Text(), "authwalk  works ")
}

// TestTopics: demo tenants stand under the heading of their topic, which the
// cursor skips and which stays in sight; a topic is found by its words.
func TestTopics(t *testing.T) {
	b := newBench(t)
	d := b.start(100, 24)
	seen := map[string]bool{}
	topic := ""
	for range b.Tenants() {
		row, ok := app(d).list.current()
		if !ok || row.demo == nil {
			t.Fatalf("the cursor stands on a heading:\n%s", d.Text())
		}
		if topic != row.demo.Topic && seen[row.demo.Topic] {
			t.Errorf("%s stands in two places", row.demo.Topic)
		}
		topic = row.demo.Topic
		seen[topic] = true
		last := ""
		for _, l := range strings.Split(d.Text(), "\n")[3:] {
			if head := strings.Trim(l, " │┃"); strings.HasPrefix(l, "  ") && !strings.HasPrefix(l, "   ") && !strings.HasPrefix(l, "  ▸") && head != "" {
				last = strings.Fields(head + " ")[0]
			}
			if strings.Contains(l, "▸ "+row.demo.Name+" ") {
				break
			}
		}
		if want := strings.Fields(topic)[0]; last != want && !(last == "Demo" && topic == b.Tenants()[0].Topic) {
			t.Fatalf("%s of %q stands under %q:\n%s", row.demo.Name, topic, last, d.Text())
		}
		b.keys(d, "down")
	}
	if len(seen) < 8 {
		t.Errorf("%d topics", len(seen))
	}
	b.keys(d, "/")
	d.Type("second factor")
	mustContain(t, d.Text(), "mfa-otp", "mfa-rejected")
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

// TestExplainedEnter: enter does the row under the cursor, as it is drawn, and n
// takes another refusal.
func TestExplainedEnter(t *testing.T) {
	b := newBench(t)
	d := b.start(120, 36)
	b.keys(d, "X")
	d.Paste("HTTP/1.1 403 Forbidden\r\n\r\n" + `{"error":"access_denied","error_description":"Unauthorized"}`)
	d.MustSettle(t)
	mustContain(t, d.Text(), "▸ The fix, ready to run", "n another one")
	mustNotContain(t, d.Text(), "enter another one")
	b.keys(d, "n")
	mustContain(t, d.Text(), "Explain a refusal met elsewhere")
}

// TestNoiseIsFolded: the headers of the network stand behind a key.
func TestNoiseIsFolded(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 60)
	text := b.keys(d, "enter", "w", "enter")
	mustNotContain(t, text, "Cf-Ray")
	mustContain(t, text, "more headers, of the network", "access_token")
	mustContain(t, b.keys(d, "H"), "Cf-Ray")
}

// TestWarningIsWhole: the warning of the flow says never for whom at 80 columns.
func TestWarningIsWhole(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 80, 24)
	mustContain(t, d.Text(), "never for a")
	mustNotContain(t, strings.Split(d.Text(), "Username")[0], "…")
}

// TestExportWithClaims: what is of the person stands in a report only when they are asked for.
func TestExportWithClaims(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "E")
	for _, all := range []bool{false, true} {
		s := app(d).front().(*exportScreen)
		if all {
			b.keys(d, "c")
			mustContain(t, d.Text(), "Reports have all claims")
		}
		text, err := s.kinds()[0].make()()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(text), "gravatar.com"); got != all {
			t.Errorf("with claims %v: the picture is in the report: %v", all, got)
		}
	}
}
