package profiles

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The TOML library says what a file means, but not where each thing stands.
// layout is where: every header and every key with the bytes it takes up. It is
// made of a text that the library has accepted; of any other it finds what it
// can and never fails.

// span is a range of bytes.
type span struct{ start, end int }

// part is one piece of a dotted key as it is written.
type part struct {
	name string
	at   span
}

type entryKind int

const (
	entryTable entryKind = iota // [a.b]
	entryArray                  // [[a.b]]
	entryPair                   // a.b = …
)

// entry is a header or a pair.
type entry struct {
	kind   entryKind
	path   []string // from the top; a place in an array is an index step
	parts  []part   // the key as written here: the last steps of path
	val    span     // of a pair
	whole  span     // header or pair on lines of its own: those lines; else key and value
	line   int      // from 1
	parent int      // the header or pair it stands in, or -1
	inline bool     // in an inline table or array
	opener byte     // '{' or '[' when a pair's value is an inline table or an array
}

type layout struct {
	data    []byte
	entries []entry
	byPath  map[string]int // the first entry of each path; made when it is first asked for
	lines   []int          // where each line begins
	deep    int            // the line where nesting goes beyond all sense, or 0
}

// indexStep is a place in an array, as a step of a path. No key that a person
// would write begins with this byte.
func indexStep(i int) string { return "\x00" + strconv.Itoa(i) }

func isIndex(step string) bool { return strings.HasPrefix(step, "\x00") }

func joinPath(path []string) string { return strings.Join(path, "\x01") }

// scan finds where everything is.
func scan(data []byte) *layout {
	n := bytes.Count(data, []byte("\n")) + 1
	s := &scanner{l: &layout{data: data, entries: make([]entry, 0, min(n, 1<<14))}, counts: map[string]int{}, data: data}
	s.l.lines = append(make([]int, 0, n), 0)
	for i, c := range data {
		if c == '\n' {
			s.l.lines = append(s.l.lines, i+1)
		}
	}
	if strings.HasPrefix(string(data[:min(3, len(data))]), "\ufeff") {
		s.pos = 3
	}
	s.file()
	return s.l
}

// lineAt is the line of an offset, from 1.
func (l *layout) lineAt(pos int) int {
	i, begins := slices.BinarySearch(l.lines, pos)
	if begins {
		i++
	}
	return i
}

// find is the first entry of exactly this path, or -1.
func (l *layout) find(path ...string) int {
	if l.byPath == nil {
		l.byPath = make(map[string]int, len(l.entries))
		for i, e := range l.entries {
			k := joinPath(e.path)
			if _, ok := l.byPath[k]; !ok {
				l.byPath[k] = i
			}
		}
	}
	if i, ok := l.byPath[joinPath(path)]; ok {
		return i
	}
	return -1
}

// line is where a path stands, or the nearest thing above it, or what stands
// first below it.
func (l *layout) line(path ...string) int {
	for n := len(path); n > 0; n-- {
		if i := l.find(path[:n]...); i >= 0 {
			return l.entries[i].line
		}
		if n == len(path) {
			for _, e := range l.entries {
				if hasPrefix(e.path, path) {
					return e.line
				}
			}
		}
	}
	return 0
}

func hasPrefix(path, prefix []string) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

// scanner walks over a text once.
type scanner struct {
	l      *layout
	data   []byte
	pos    int
	counts map[string]int // elements seen of each array of tables
	depth  int
}

// maxDepth is how deep values may be nested and how many parts a key may have.
// A profile needs four; the library's time grows with the square of both.
const maxDepth = 32

// tooDeep ends the walk.
func (s *scanner) tooDeep() {
	if s.l.deep == 0 {
		s.l.deep = s.l.lineAt(min(s.pos, max(len(s.data)-1, 0)))
	}
	s.pos = len(s.data)
}

func (s *scanner) add(e entry) int {
	s.l.entries = append(s.l.entries, e)
	return len(s.l.entries) - 1
}

func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

func (s *scanner) at(text string) bool {
	return s.pos+len(text) <= len(s.data) && string(s.data[s.pos:s.pos+len(text)]) == text
}

func (s *scanner) blanks() {
	for s.pos < len(s.data) && (s.data[s.pos] == ' ' || s.data[s.pos] == '\t') {
		s.pos++
	}
}

// space skips blanks, line ends and comments.
func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		case '#':
			s.comment()
		default:
			return
		}
	}
}

func (s *scanner) comment() {
	for s.pos < len(s.data) && s.data[s.pos] != '\n' {
		s.pos++
	}
}

// restOfLine goes behind the line end.
func (s *scanner) restOfLine() {
	s.comment()
	if s.pos < len(s.data) {
		s.pos++
	}
}

// lineStart is where the line of an offset begins.
func (s *scanner) lineStart(pos int) int { return s.l.lines[s.l.lineAt(pos)-1] }

func (s *scanner) file() {
	header := -1
	var base []string
	for {
		s.space()
		if s.pos >= len(s.data) {
			return
		}
		start := s.pos
		if s.data[s.pos] == '[' {
			header, base = s.header()
		} else {
			s.pair(header, base, false)
		}
		if s.pos == start { // nothing that belongs here
			s.restOfLine()
		}
	}
}

// header reads [a.b] or [[a.b]] with its line.
func (s *scanner) header() (int, []string) {
	start := s.pos
	kind := entryTable
	s.pos++
	if s.peek() == '[' {
		kind = entryArray
		s.pos++
	}
	parts := s.key()
	s.restOfLine()
	var path []string
	for i, p := range parts {
		path = append(path, p.name)
		k := joinPath(path)
		if i == len(parts)-1 && kind == entryArray {
			n := s.counts[k]
			s.counts[k] = n + 1
			path = append(path, indexStep(n))
		} else if n := s.counts[k]; n > 0 {
			path = append(path, indexStep(n-1)) // below the array's last element
		}
	}
	return s.add(entry{kind: kind, path: path, parts: parts, whole: span{s.lineStart(start), s.pos}, line: s.l.lineAt(start), parent: -1}), path
}

// key reads a dotted key up to where it ends.
func (s *scanner) key() []part {
	var parts []part
	for {
		s.blanks()
		start := s.pos
		var name string
		switch c := s.peek(); {
		case c == '"' || c == '\'':
			s.str()
			name = unquote(string(s.data[start:s.pos]))
		default:
			for s.pos < len(s.data) && isBare(s.data[s.pos]) {
				s.pos++
			}
			name = string(s.data[start:s.pos])
		}
		if s.pos == start {
			return parts
		}
		if parts = append(parts, part{name, span{start, s.pos}}); len(parts) > maxDepth {
			s.tooDeep()
			return parts[:1]
		}
		end := s.pos
		s.blanks()
		if s.peek() != '.' {
			s.pos = end
			return parts
		}
		s.pos++
	}
}

func isBare(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// pair reads key = value.
func (s *scanner) pair(parent int, base []string, inline bool) {
	start := s.pos
	parts := s.key()
	s.blanks()
	if len(parts) == 0 || s.peek() != '=' {
		if len(parts) == 0 {
			s.pos = start
		}
		return
	}
	s.pos++
	s.blanks()
	path := base[:len(base):len(base)]
	for _, p := range parts {
		path = append(path, p.name)
	}
	i := s.add(entry{kind: entryPair, path: path, parts: parts, line: s.l.lineAt(start), parent: parent, inline: inline})
	val := span{start: s.pos}
	opener := s.peek()
	s.value(i, path)
	val.end = s.pos
	e := &s.l.entries[i]
	e.val = val
	if opener == '{' || opener == '[' {
		e.opener = opener
	}
	if inline {
		e.whole = span{start, val.end}
		return
	}
	s.restOfLine()
	e.whole = span{s.lineStart(start), s.pos}
}

// value skips a value; what stands in inline tables and arrays is noted.
func (s *scanner) value(parent int, path []string) {
	if s.depth++; s.depth > maxDepth {
		s.tooDeep()
	}
	defer func() { s.depth-- }()
	switch c := s.peek(); c {
	case '"', '\'':
		s.str()
	case '[', '{':
		s.pos++
		for n := 0; ; n++ {
			s.space()
			for s.peek() == ',' {
				s.pos++
				s.space()
			}
			if s.pos >= len(s.data) {
				return
			}
			if s.data[s.pos] == ']' || s.data[s.pos] == '}' {
				s.pos++
				return
			}
			start := s.pos
			if c == '{' {
				s.pair(parent, path, true)
			} else {
				s.value(parent, append(path[:len(path):len(path)], indexStep(n)))
			}
			if s.pos == start {
				s.pos++
			}
		}
	default:
		start := s.pos
		for s.pos < len(s.data) && strings.IndexByte(",]}#\r\n", s.data[s.pos]) < 0 {
			s.pos++
		}
		for s.pos > start && (s.data[s.pos-1] == ' ' || s.data[s.pos-1] == '\t') {
			s.pos--
		}
	}
}

// str skips a string of any of the four kinds.
func (s *scanner) str() {
	q := s.data[s.pos]
	triple := strings.Repeat(string(rune(q)), 3)
	multi := s.at(triple)
	if multi {
		s.pos += 3
	} else {
		s.pos++
	}
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '\\' && q == '"':
			s.pos += 2
			if s.pos > len(s.data) {
				s.pos = len(s.data)
			}
		case multi && s.at(triple):
			s.pos += 3
			for i := 0; i < 2 && s.peek() == q; i++ { // up to two quotes may stand before the end
				s.pos++
			}
			return
		case !multi && c == q:
			s.pos++
			return
		case !multi && c == '\n':
			return
		default:
			s.pos++
		}
	}
}

// unquote reads a key in quotes. TOML's escapes are Go's but for \e and that
// \x is a code point.
func unquote(q string) string {
	if len(q) < 2 || q[len(q)-1] != q[0] {
		return q
	}
	body := q[1 : len(q)-1]
	if q[0] == '\'' {
		return body
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' || i+1 == len(body) {
			b.WriteByte(body[i])
			continue
		}
		i++
		n := 0
		switch body[i] {
		case 'b':
			b.WriteByte('\b')
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'f':
			b.WriteByte('\f')
		case 'r':
			b.WriteByte('\r')
		case 'e':
			b.WriteByte(0x1b)
		case 'x':
			n = 2
		case 'u':
			n = 4
		case 'U':
			n = 8
		default:
			b.WriteByte(body[i])
		}
		if n > 0 && i+n < len(body) {
			if v, err := strconv.ParseUint(body[i+1:i+1+n], 16, 32); err == nil && v <= utf8.MaxRune {
				b.WriteRune(rune(v))
				i += n
			}
		}
	}
	return b.String()
}
