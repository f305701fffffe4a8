package picture

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// screenful is a screen with all that pictures have to get right.
func screenful() *Grid {
	g := Read("\x1b[1;38;2;125;175;245m authwalk \x1b[0m demo · 127.0.0.1:8443 \x1b[30;43m DEV \x1b[0m\x1b[90m   expires in \x1b[0m\x1b[1;32m09:41\x1b[0m\n"+
		"\x1b[32m✓ Tenant\x1b[0m ─ \x1b[32m✓ Credentials\x1b[0m ─ \x1b[1;7m 3 Request \x1b[0m ─ \x1b[2m4 Claims ─ 5 API ─ 6 Refresh\x1b[0m\n"+
		"\x1b[34m╭─ Claims ───────────────╮\x1b[0m┏━ heavy ━━┳━┓╔═ double ═╦═╗┌┄┄┄┬┈┈┐\n"+
		"\x1b[34m│\x1b[0m iss  \x1b[36mhttps://tenant/\x1b[0m   \x1b[34m│\x1b[0m┃▁▂▃▄▅▆▇█  ┃▌┃║ ░▒▓ ▀▄  ║▐║┆   ┊  ┊\n"+
		"\x1b[34m│\x1b[0m sub  auth0|65f…        \x1b[34m│\x1b[0m┣━━━━━━━━━━╋━┫╠══════════╬═╣├╌╌╌┼╌╌┤\n"+
		"\x1b[34m│\x1b[0m wide 日本語 한국어     \x1b[34m│\x1b[0m┃⠋⠙⠹⠸⠼⠴⠦⠧ ┃▞┃║▖▗▘▙▚▛▜▝  ║▟║│╱╲╳│  │\n"+
		"\x1b[34m╰────────────────────────╯\x1b[0m┗━━━━━━━━━━┻━┛╚══════════╩═╝└───┴──┘\n"+
		"\x1b[1mbold\x1b[0m \x1b[3mitalic\x1b[0m \x1b[4munderline\x1b[0m \x1b[9mstrike\x1b[0m \x1b[2mfaint\x1b[0m \x1b[7mreverse\x1b[0m \x1b[1;3;4mall of them\x1b[0m\n"+
		"\x1b[31m✗ failed\x1b[0m \x1b[33m! warned\x1b[0m \x1b[32m✓ passed\x1b[0m ▸ ▶ ● ○ ◉ ◆ ■ × → ← ↑ ↓ ⇒ … • ≤ ≥ ≠ ★ ☆ ☐ ☑ ⚙ ↻ ⚠ ⏎\n"+
		"àéîõü ñ ß Ł ø Ж Ω e\u0301 n\u0303 1\ufe0f\u20e3 Illegible? Il1|0O \"quotes\" `ticks` {braces} a_b-c\n"+
		"\x1b[30m0\x1b[31m1\x1b[32m2\x1b[33m3\x1b[34m4\x1b[35m5\x1b[36m6\x1b[37m7\x1b[90m8\x1b[91m9\x1b[92mA\x1b[93mB\x1b[94mC\x1b[95mD\x1b[96mE\x1b[97mF\x1b[0m \x1b[40m0\x1b[41m1\x1b[42m2\x1b[43m3\x1b[44m4\x1b[45m5\x1b[46m6\x1b[47m7\x1b[100m8\x1b[101m9\x1b[102mA\x1b[103mB\x1b[104mC\x1b[105mD\x1b[106mE\x1b[107mF\x1b[0m"+
		" \x1b[38;5;208m208\x1b[38;5;33m 33\x1b[38;5;240m 240\x1b[0m\n"+
		"\x1b[48;2;38;44;58m ▸ selected row across the list           ▀▄ half blocks │ \x1b[0m\x1b[48;2;38;44;58m          \x1b[0m", 72, 13)
	g.Title = "authwalk demo"
	g.CursorVisible, g.CursorX, g.CursorY = true, 3, 12
	return g
}

// With PICTURE_DIR set to a folder, pictures of every kind are written there.
func TestWriteToLookAt(t *testing.T) {
	dir := os.Getenv("PICTURE_DIR")
	if dir == "" {
		t.Skip("set PICTURE_DIR to a folder to have pictures written there")
	}
	write := func(name string, make func(w io.Writer) error) {
		var b bytes.Buffer
		if err := make(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", name, b.Len())
	}
	bytesOf := func(b []byte) func(io.Writer) error {
		return func(w io.Writer) error { _, err := w.Write(b); return err }
	}
	for name, th := range map[string]Theme{"dark": Dark, "light": Light} {
		for _, scale := range []int{1, 2} {
			p := NewPainter(th, scale)
			write(fmt.Sprintf("%s@%d.png", name, scale), func(w io.Writer) error { return p.PNG(w, screenful()) })
		}
		p := NewPainter(th, 1)
		write(name+".svg", bytesOf(p.SVG(screenful())))
		write(name+"-full.svg", bytesOf(p.SVG(dense(120, 36))))
		write(name+"-film.svg", bytesOf(p.AnimatedSVG(film())))
	}
	two := []*image.NRGBA{NewPainter(Dark, 1).Draw(dense(60, 16)), NewPainter(Light, 1).Draw(dense(60, 16))}
	write("sheet.png", func(w io.Writer) error { return EncodePNG(w, Sheet(2, 16, two...)) })
}
