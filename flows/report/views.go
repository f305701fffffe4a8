package report

import (
	"html"
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// view is a text with one layer of encoding taken off, and where it differs from
// the text it came from.
type view struct {
	text  strings.Builder
	from  string // the text it came from
	taken int    // how far that was taken over
	edits []edit
}

// edit is a piece of a view that stands for another piece of its text.
type edit struct{ at, n, from, to int32 }

// swap writes plain for from[i:j]; what was left before it is taken over as it is.
func (v *view) swap(i, j int, plain string) {
	if v.edits == nil {
		v.text.Grow(len(v.from))
		v.edits = make([]edit, 0, 16)
	}
	v.text.WriteString(v.from[v.taken:i])
	v.edits = append(v.edits, edit{int32(v.text.Len()), int32(len(plain)), int32(i), int32(j)})
	v.text.WriteString(plain)
	v.taken = j
}

// done takes over the rest. Nil: nothing was encoded.
func (v *view) done() *view {
	if v.edits == nil {
		return nil
	}
	v.text.WriteString(v.from[v.taken:])
	return v
}

// place gives where the byte at i of the view came from.
func (v *view) place(i int) (from, to int) {
	n := sort.Search(len(v.edits), func(k int) bool { return int(v.edits[k].at) > i })
	if n == 0 {
		return i, i + 1
	}
	e := v.edits[n-1]
	if past := i - int(e.at+e.n); past >= 0 {
		return int(e.to) + past, int(e.to) + past + 1
	}
	return int(e.from), int(e.to)
}

// back maps a span of the view to the text.
func (v *view) back(s span) span {
	s.from, _ = v.place(s.from)
	_, s.to = v.place(s.to - 1)
	return s
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
	v := view{from: s}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '%':
			if c, ok := hexPair(s[i+1:]); ok {
				v.swap(i, i+3, string([]byte{c}))
				i += 2
			}
		case plus && s[i] == '+':
			v.swap(i, i+1, " ")
		}
	}
	return v.done()
}

// backslashes takes off the escapes of JSON strings (RFC 8259, 7), which are
// those of most languages, and \xNN.
func backslashes(s string) *view {
	v := view{from: s}
	for i := 0; i+1 < len(s); i++ {
		n := strings.IndexByte(s[i:], '\\')
		if n < 0 || i+n+1 >= len(s) {
			break
		}
		i += n
		plain, n := backslashed(s[i:])
		if n == 0 {
			continue
		}
		v.swap(i, i+n, plain)
		i += n - 1
	}
	return v.done()
}

// backslashed reads the escape that s begins with, and how long it is; 0: it is none.
func backslashed(s string) (plain string, n int) {
	switch c := s[1]; c {
	case '"', '\\', '/', '\'':
		return s[1:2], 2
	case 'b', 'f', 'n', 'r', 't':
		at := strings.IndexByte("bfnrt", c)
		return "\b\f\n\r\t"[at : at+1], 2
	case 'x':
		if b, ok := hexPair(s[2:]); ok {
			return string([]byte{b}), 4
		}
	case 'u':
		r, ok := hexRune(s[2:])
		if !ok {
			return "", 0
		}
		if utf16.IsSurrogate(r) && strings.HasPrefix(s[6:], `\u`) {
			if low, ok := hexRune(s[8:]); ok {
				if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
					return string(both), 12
				}
			}
		}
		return string(r), 6
	}
	return "", 0
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
	v := view{from: s}
	for i := 0; i < len(s); i++ {
		n := strings.IndexByte(s[i:], '&')
		if n < 0 {
			break
		}
		i += n
		if end := strings.IndexByte(s[i:min(len(s), i+34)], ';'); end > 1 {
			ref := s[i : i+end+1]
			if plain := html.UnescapeString(ref); plain != ref {
				v.swap(i, i+end+1, plain)
				i += end
			}
		}
	}
	return v.done()
}

// unwrap takes out line ends and the blanks that begin the next line: base64
// and PEM are wrapped.
func unwrap(s string) *view {
	v := view{from: s}
	for i := 0; i < len(s); i++ {
		n := strings.IndexAny(s[i:], "\r\n")
		if n < 0 {
			break
		}
		i += n
		end := i + 1
		for end < len(s) && strings.IndexByte("\r\n \t", s[end]) >= 0 {
			end++
		}
		v.swap(i, end, "")
		i = end - 1
	}
	return v.done()
}
