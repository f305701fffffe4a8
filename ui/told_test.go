package ui

import (
	"regexp"
	"strings"
	"testing"

	"authwalk/ui/drive"
)

// wants fails unless the frame has every text.
func (b *bench) wants(d *drive.Driver, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if frame := d.Text(); !strings.Contains(frame, text) {
			b.t.Errorf("%q is not on the screen:\n%s", text, frame)
		}
	}
}

// TestHeaderTellsTheSoonerEnd: a token whose exp is past is expired, whatever
// expires_in says.
func TestHeaderTellsTheSoonerEnd(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("expired-token", 120, 36)
	b.keys(d, "enter", "enter")
	if head, _, _ := strings.Cut(d.Text(), "\n"); !strings.Contains(head, "token EXPIRED") {
		t.Errorf("the header does not say that the token is expired: %q", head)
	}
	if !strings.HasSuffix(strings.SplitN(d.Text(), "\n", 2)[0], "EXPIRED") {
		t.Error("the countdown does not end the header")
	}
}

// TestOpaqueIsWorthALook: a token that nobody here can read is no clean success,
// and checks that were skipped for one reason are one row.
func TestOpaqueIsWorthALook(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("no-audience", 120, 36)
	b.keys(d, "enter", "enter")
	b.wants(d, "! 4 Claims", "! No audience was asked for: good for /userinfo only", "checks skipped: the token is encrypted")
	if n := strings.Count(d.Text(), "– skip"); n > 0 {
		t.Errorf("%d skipped checks stand one by one", n)
	}
}

// TestMarksAreOfTheTenantUnderTheCursor: the walk's line does not show one
// tenant's marks while another is looked at.
func TestMarksAreOfTheTenantUnderTheCursor(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "enter", "1")
	b.wants(d, "✓ 3 Request")
	b.keys(d, "j")
	b.wants(d, "○ 3 Request")
}

// TestCompareBeginsWithWhatIsLookedAt: from the refresh token it opens on what a
// refresh changed; the row under the cursor is marked by a sign too.
func TestCompareBeginsWithWhatIsLookedAt(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "enter", "=")
	b.wants(d, "▸ Side by side", "▸ ✓ iss", "only here")
	b.keys(d, "j", "j")
	b.wants(d, "aud  differ, as they should")
	b.keys(d, "esc", "6", "enter")
	b.after(d)
	b.keys(d, "=")
	b.wants(d, "▸ Access token before and after")
}

// TestLongClaimsTakeLines: where there is room a list has a text on each line,
// and a long ledger says its sentence whole.
func TestLongClaimsTakeLines(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("rbac", 120, 36)
	b.keys(d, "enter", "enter", "s")
	b.wants(d, "aud          https://api.acme.test/ ", "read:orders offline_access", "needs a permission of the user.", "write:orders", "needs-permission")
}

// TestPaletteFindsAllFromAField: also while a field takes the letters, every
// action can be found by its name and done.
func TestPaletteFindsAllFromAField(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 80, 24)
	b.keys(d, "tab", "ctrl+p")
	if n := strings.Count(d.Text(), "\n    back"); n > 1 {
		t.Errorf("back stands %d times:\n%s", n, d.Text())
	}
	d.Type("wire")
	b.keys(d, "enter")
	if _, ok := app(d).front().(*wireScreen); !ok {
		t.Errorf("the palette did not open the wire:\n%s", d.Text())
	}
}

// TestTourCaptionsAreWhole: no caption of the tour is cut where a usual window
// has the room, nor is a window of 60×16 broken by one.
func TestTourCaptionsAreWhole(t *testing.T) {
	for _, size := range [][2]int{{120, 36}, {80, 24}} {
		b := newBench(t)
		d := b.openDemo("works", size[0], size[1])
		a := app(d)
		a.tour = newTour(a)
		for a.tour.at = range tourStops {
			lines := a.tour.caption(2)
			if text := stripped(strings.Join(lines, " ")); len(lines) > 2 || strings.Contains(text, "…") {
				t.Errorf("at %d columns the caption is cut: %q", size[0], text)
			}
			checkFrame(t, d, "tour", size[0], size[1])
		}
	}
}

// TestNoiseHeadersAreCounted: what only tells how a reply travelled does not
// push its body out of sight; a key shows it.
func TestNoiseHeadersAreCounted(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 60)
	b.keys(d, "enter", "w")
	b.wants(d, "/.well-known/jwks.json", "more headers", "access_token", "Content-Type")
	if strings.Contains(d.Text(), "Cf-Ray") {
		t.Error("the headers of the network stand before the body")
	}
	b.keys(d, "H")
	b.wants(d, "Cf-Ray")
}

// TestRefusedRefreshNamesItsError: a refusal shows the error beside the status,
// at a refresh as at the login.
func TestRefusedRefreshNamesItsError(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("refresh-expired", 120, 36)
	b.keys(d, "enter", "6", "enter")
	b.after(d)
	b.wants(d, "403  invalid_grant", "refresh-invalid")
}

// TestAnswerTellsOfWhichCallItIs: an answer that stands beside another call says
// so where a long content type does not cut it off.
func TestAnswerTellsOfWhichCallItIs(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "enter", "enter", "enter")
	b.wants(d, "200 OK")
	mustNotContain(t, d.Text(), "for the call before")
	b.keys(d, "n")
	b.wants(d, "200 OK   for the call before")
}

// TestFixOfACallIsToldWhole: what f does is not cut.
func TestFixOfACallIsToldWhole(t *testing.T) {
	for _, width := range []int{120, 80} {
		b := newBench(t)
		d := b.openDemo("works", width, 36)
		b.keys(d, "enter", "enter", "enter", "j", "enter")
		b.wants(d, "f Ask for write:orders too", "and back to the form; sends nothing")
	}
}

// TestCheckColumnsStandApart: the longest word of a state does not touch what
// was seen.
func TestCheckColumnsStandApart(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "esc", "c", "enter")
	b.wants(d, "unknown  served in process", "works, with the same refresh token")
}

// TestDemoSaysWhyThereAreNoProfiles: n in the demo says what to do instead.
func TestDemoSaysWhyThereAreNoProfiles(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "1", "n")
	b.wants(d, "The demo has no profiles of its own; start authwalk without demo.")
}

// TestNotesOfAPasteAreSentences: each ends before the next begins.
func TestNotesOfAPasteAreSentences(t *testing.T) {
	_, _, note, err := fromPaste("AUTH0_DOMAIN=acme-dev.eu.auth0.com\nAUTH0_CLIENT_ID=abc123\nAUTH0_CLIENT_SECRET=Sygunverysecret99\nAPP_BASE_URL=http://localhost:3000\n")
	if err != nil || !strings.Contains(note, "not the tenant's. Left out: the client secret. A profile") {
		t.Errorf("the notes run together: %q, %v", note, err)
	}
}

// TestHostsAreWhole: a line does not break within a host that has room on the next.
func TestHostsAreWhole(t *testing.T) {
	for _, l := range wrap("iss of the ID token: wanted http://127.0.0.1:38713/, got https://login.acme.test/", 40) {
		if strings.HasSuffix(l, ".") {
			t.Errorf("a host is broken at the end of %q", l)
		}
	}
}

// TestTimesAreOfOneZone: a check shows its time as the claim beside it does, not
// in UTC.
func TestTimesAreOfOneZone(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "enter")
	exp := regexp.MustCompile(`exp +(\S+ [0-9:]*)`).FindAllStringSubmatch(d.Text(), -1)
	if len(exp) != 2 || exp[0][1] != exp[1][1] {
		t.Errorf("claim and check have other times, %q:\n%s", exp, d.Text())
	}
}
