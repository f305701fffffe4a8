package ui

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"authwalk/ui/drive"
)

// What is large must not make a key slow. Each of these is what a key costs: the
// work it starts, and the frame after it.

// keyByKey measures keys, one after the other.
func keyByKey(b *testing.B, bench *bench, d *drive.Driver, keys ...string) {
	b.Helper()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		d.Press(keys[i%len(keys)])
		if err := d.Settle(); err != nil {
			b.Fatal(err)
		}
		_ = d.Frame()
		i++
	}
	if err := d.Check(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkKeyIn1000Profiles(b *testing.B) {
	bench := newBench(b)
	bench.opt.ColorProfile = termenv.TrueColor
	var file strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&file, "[profile.tenant-%04d]\ndomain = \"tenant-%04d.eu.auth0.com\"\nclient_id = \"c%d\"\naudience = \"https://api.acme.test/\"\n\n", i, i, i)
	}
	bench.opt.Demo, bench.opt.ProfilesPath = nil, filepath.Join(b.TempDir(), "profiles.toml")
	if err := os.WriteFile(bench.opt.ProfilesPath, []byte(file.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	d := bench.start(120, 36)
	mustContain(b, d.Text(), "tenant-0000")
	b.Run("move", func(b *testing.B) { keyByKey(b, bench, d, "down", "down", "up", "pgdown", "end", "home") })
	b.Run("filter", func(b *testing.B) {
		d.Press("/")
		keyByKey(b, bench, d, "9", "9", "backspace", "backspace")
	})
}

func BenchmarkKeyIn5000Exchanges(b *testing.B) {
	bench := newBench(b)
	bench.opt.ColorProfile = termenv.TrueColor
	d := bench.openDemo("works", 120, 36)
	bench.keys(d, "enter")
	s := app(d).walk.session
	for one := s.Exchanges[0]; len(s.Exchanges) < 5000; {
		s.Exchanges = append(s.Exchanges, one)
	}
	bench.keys(d, "w")
	mustContain(b, d.Text(), "5000 exchanges")
	b.Run("move", func(b *testing.B) { keyByKey(b, bench, d, "up", "up", "down", "pgup", "home", "end") })
	b.Run("filter", func(b *testing.B) {
		d.Press("/")
		keyByKey(b, bench, d, "t", "o", "backspace", "backspace")
	})
}

func BenchmarkKeyIn50MB(b *testing.B) {
	bench := newBench(b)
	bench.opt.ColorProfile = termenv.TrueColor
	b.Setenv("TMPDIR", b.TempDir())
	bench.wrap = func(rt http.RoundTripper) http.RoundTripper { return large{rt, 50 << 20} }
	d := bench.openDemo("works", 120, 36)
	d.Timeout = time.Minute
	bench.keys(d, "enter", "5", "enter")
	for app(d).walk.api.part != partAnswer {
		bench.keys(d, "tab")
	}
	mustContain(b, d.Text(), "200 OK")
	keyByKey(b, bench, d, "pgdown", "pgdown", "down", "end", "pgup", "home")
}

// BenchmarkAnswerOf50MB is the time from an answer's last byte until it can be
// shown: indented, and its lines counted.
func BenchmarkAnswerOf50MB(b *testing.B) {
	body := largeBody(50 << 20)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		newDocument(context.Background(), strings.NewReader(body), "application/json", int64(len(body)))
	}
}
