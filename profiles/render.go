package profiles

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"authwalk/flows"
)

// Render writes a profile as TOML, as it would be appended to a file.
// References are shown as they are: they lead to secrets and are none.
func Render(p Profile) []byte { return []byte(render(p, "\n")) }

func render(p Profile, nl string) string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format, a...); b.WriteString(nl) }
	head := "profile." + renderKey(p.Name)
	line("[%s]", head)
	for _, k := range profileKeys {
		if v, ok := k.render(&p); ok {
			line("%-13s = %s", k.name, v)
		}
	}
	if len(p.Params) > 0 {
		b.WriteString(nl)
		line("[%s.params]", head)
		for _, n := range slices.Sorted(maps.Keys(p.Params)) {
			line("%s = %s", renderKey(n), quote(p.Params[n]))
		}
	}
	first := true
	for _, k := range tlsKeys {
		if v, ok := k.render(&p); ok {
			if first {
				b.WriteString(nl)
				line("[%s.tls]", head)
				first = false
			}
			line("%-11s = %s", k.name, v)
		}
	}
	for _, c := range p.Calls {
		b.WriteString(nl)
		b.WriteString(renderCall(head, c, nl))
	}
	return b.String()
}

func renderCall(head string, c flows.SavedCall, nl string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[[%s.call]]%s", head, nl)
	for _, k := range callKeys {
		if k.name == "body" && len(c.Headers) > 0 {
			fmt.Fprintf(&b, "headers = %s%s", renderMap(c.Headers), nl)
		}
		if v := *k.text(&c); v != "" {
			fmt.Fprintf(&b, "%-7s = %s%s", k.name, renderBody(v, nl), nl)
		}
	}
	return b.String()
}

// render gives a key's value as TOML; ok is false when it is absent.
func (k key) render(p *Profile) (text string, ok bool) {
	switch {
	case k.text != nil:
		return quote(*k.text(p)), *k.text(p) != ""
	case k.ref != nil:
		return quote(k.ref(p).String()), !k.ref(p).IsZero()
	case k.list != nil:
		return renderList(*k.list(p)), len(*k.list(p)) > 0
	}
	return fmt.Sprint(*k.flag(p)), *k.flag(p)
}

func renderList(s []string) string {
	q := make([]string, len(s))
	for i, v := range s {
		q[i] = quote(v)
	}
	return "[" + strings.Join(q, ", ") + "]"
}

// renderMap writes an inline table.
func renderMap(m map[string]string) string {
	if len(m) == 0 {
		return "{}"
	}
	var q []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		q = append(q, renderKey(k)+" = "+quote(m[k]))
	}
	return "{ " + strings.Join(q, ", ") + " }"
}

func renderKey(s string) string {
	for i := 0; i < len(s); i++ {
		if !isBare(s[i]) {
			return basicString(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

// quote writes a text as a string on one line: in single quotes where that
// saves escapes, else in double quotes.
func quote(s string) string {
	if strings.ContainsAny(s, `"\`) && !strings.ContainsRune(s, '\'') && readable(s) {
		return "'" + s + "'"
	}
	return basicString(s)
}

// renderBody writes a text of several lines as such, so that it stays readable.
// In a file with CRLF that would change its line ends: there it is one line.
func renderBody(s, nl string) string {
	if nl == "\n" && strings.Contains(s, "\n") && !strings.Contains(s, "''") && !strings.HasSuffix(s, "'") && readable(strings.ReplaceAll(s, "\n", "")) {
		return "'''\n" + s + "'''"
	}
	return quote(s)
}

// readable tells that a text may stand unescaped.
func readable(s string) bool {
	for _, r := range s {
		if isControl(r) && r != '\t' || hidden(r) {
			return false
		}
	}
	return true
}

// hidden runes are written as escapes, so that a file shows what it holds:
// controls of writing direction, zero-width signs, line separators, BOM.
func hidden(r rune) bool {
	return r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r == 0xfeff || r == 0x061c || r == 0xad
}

func basicString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, string(utf8.RuneError)) {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case isControl(r) || hidden(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
