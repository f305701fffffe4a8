package report

import (
	"html"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// view is a text with one layer of encoding taken off, and for each of its
// bytes the place in the text it came from.
type view struct {
	text  strings.Builder
	place []place
}

type place struct{ from, to int32 }

func (v *view) put(c byte, from, to int) {
	v.text.WriteByte(c)
	v.place = append(v.place, place{int32(from), int32(to)})
}

func (v *view) puts(s string, from, to int) {
	for i := 0; i < len(s); i++ {
		v.put(s[i], from, to)
	}
}

// back maps a span of the view to the text.
func (v *view) back(s span) span {
	s.from, s.to = int(v.place[s.from].from), int(v.place[s.to-1].to)
	return s
}

func newView(n int) *view {
	v := &view{place: make([]place, 0, n)}
	v.text.Grow(n)
	return v
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func hexPair(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	a, b := hexDigit(s[0]), hexDigit(s[1])
	return byte(a<<4 | b), a >= 0 && b >= 0
}

// percent takes off percent-encoding (RFC 3986, 2.1), and with plus also that
// of forms, where + is a blank. Nil: there is none.
func percent(s string, plus bool) *view {
	if !strings.Contains(s, "%") && (!plus || !strings.Contains(s, "+")) {
		return nil
	}
	v, changed := newView(len(s)), false
	for i := 0; i < len(s); i++ {
		if s[i] == '%' {
			if c, ok := hexPair(s[i+1:]); ok {
				v.put(c, i, i+3)
				i += 2
				changed = true
				continue
			}
		}
		c := s[i]
		if plus && c == '+' {
			c, changed = ' ', true
		}
		v.put(c, i, i+1)
	}
	if !changed {
		return nil
	}
	return v
}

// backslashes takes off the escapes of JSON strings (RFC 8259, 7), which are
// those of most languages, and \xNN.
func backslashes(s string) *view {
	if !strings.Contains(s, `\`) {
		return nil
	}
	v, changed := newView(len(s)), false
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			v.put(s[i], i, i+1)
			continue
		}
		n := 2
		switch c := s[i+1]; c {
		case '"', '\\', '/', '\'':
			v.put(c, i, i+2)
		case 'b', 'f', 'n', 'r', 't':
			v.put("\b\f\n\r\t"[strings.IndexByte("bfnrt", c)], i, i+2)
		case 'x':
			b, ok := hexPair(s[i+2:])
			if !ok {
				v.put('\\', i, i+1)
				continue
			}
			n = 4
			v.put(b, i, i+4)
		case 'u':
			r, ok := hexRune(s[i+2:])
			if !ok {
				v.put('\\', i, i+1)
				continue
			}
			n = 6
			if utf16.IsSurrogate(r) && strings.HasPrefix(s[i+6:], `\u`) {
				if low, ok := hexRune(s[i+8:]); ok {
					if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
						r, n = both, 12
					}
				}
			}
			v.puts(string(r), i, i+n)
		default:
			v.put('\\', i, i+1)
			continue
		}
		changed = true
		i += n - 1
	}
	if !changed {
		return nil
	}
	return v
}

func hexRune(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	a, ok := hexPair(s)
	b, ok2 := hexPair(s[2:])
	return rune(a)<<8 | rune(b), ok && ok2
}

// entities takes off the character references of HTML.
func entities(s string) *view {
	if !strings.Contains(s, "&") {
		return nil
	}
	v, changed := newView(len(s)), false
	for i := 0; i < len(s); i++ {
		if s[i] == '&' {
			if end := strings.IndexByte(s[i:min(len(s), i+34)], ';'); end > 1 {
				ref := s[i : i+end+1]
				if plain := html.UnescapeString(ref); plain != ref {
					v.puts(plain, i, i+end+1)
					i += end
					changed = true
					continue
				}
			}
		}
		v.put(s[i], i, i+1)
	}
	if !changed {
		return nil
	}
	return v
}

// unwrap takes out line ends and the blanks that begin the next line: base64
// and PEM are wrapped.
func unwrap(s string) *view {
	if !strings.ContainsAny(s, "\r\n") {
		return nil
	}
	v := newView(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\r' || s[i] == '\n' {
			for i+1 < len(s) && strings.IndexByte("\r\n \t", s[i+1]) >= 0 {
				i++
			}
			continue
		}
		v.put(s[i], i, i+1)
	}
	return v
}
