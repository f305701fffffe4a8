package rawjson

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits bound what Parse accepts. A zero field takes its value from Default.
type Limits struct {
	Bytes  int // length of the text
	Depth  int // arrays and objects inside one another
	Values int // all values together
}

// Default is what Parse allows: enough for any token or reply that means well.
var Default = Limits{Bytes: 8 << 20, Depth: 128, Values: 1 << 20}

// maxProblems bounds how many problems are kept; a text with more is hopeless
// and its reader has seen enough.
const maxProblems = 100

// Trouble is what sort of thing a Problem is.
type Trouble uint8

// The troubles. None of them stops the reading; whoever asked decides.
const (
	Duplicate   Trouble = iota + 1 // a name occurs twice in one object (RFC 8259, 4: names SHOULD be unique)
	BadUTF8                        // bytes that are no UTF-8, shown as U+FFFD (RFC 8259, 8.1)
	Surrogate                      // half of a \u pair, shown as U+FFFD (RFC 8259, 8.2)
	ByteOrder                      // a byte order mark at the start (RFC 8259, 8.1: must not be added)
	TooManyMore                    // there are more problems than are told
)

// Problem is something wrong with a text that could still be read.
type Problem struct {
	Trouble Trouble
	Path    string // of the value or object it is in, like .address["a b"][0]; "" is the top
	Name    string // the duplicate name
	Offset  int    // in bytes from 0
}

// String says the problem in a sentence, without a full stop.
func (p Problem) String() string {
	at := fmt.Sprintf(" at byte %d", p.Offset)
	in := ""
	if p.Path != "" {
		in = " in " + p.Path
	}
	switch p.Trouble {
	case Duplicate:
		return "the name " + strconv.Quote(p.Name) + " occurs more than once" + in + at
	case BadUTF8:
		return "there are bytes that are no UTF-8" + in + at
	case Surrogate:
		return "a \\u escape is half a surrogate pair" + in + at
	case ByteOrder:
		return "it begins with a byte order mark"
	}
	return "there are more problems than are told here"
}

// SyntaxError says where a text stops being JSON, or which limit it breaks.
type SyntaxError struct {
	Offset    int    // in bytes from 0
	What      string // what is wrong, a clause
	Truncated bool   // the text ends too early: it may have been cut off
	Limit     bool   // it may be JSON, but more of it than is read
}

// Error gives the place and the clause.
func (e *SyntaxError) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.What) }

// Parse reads one JSON value and nothing after it. Problems are what could be
// read past; an error (always a *SyntaxError) is what could not.
func Parse(text []byte) (Value, []Problem, error) { return Limits{}.Parse(text) }

// Parse is Parse within these limits.
func (l Limits) Parse(text []byte) (Value, []Problem, error) {
	if l.Bytes == 0 {
		l.Bytes = Default.Bytes
	}
	if l.Depth == 0 {
		l.Depth = Default.Depth
	}
	if l.Values == 0 {
		l.Values = Default.Values
	}
	if len(text) > l.Bytes {
		return Value{}, nil, &SyntaxError{Offset: l.Bytes, Limit: true,
			What: fmt.Sprintf("the text has %d bytes, more than the %d that are read", len(text), l.Bytes)}
	}
	p := parser{s: string(text), limits: l}
	if strings.HasPrefix(p.s, "\ufeff") {
		p.problem(Problem{Trouble: ByteOrder})
		p.i = len("\ufeff")
	}
	p.blanks()
	if p.i == len(p.s) {
		return Value{}, p.problems, &SyntaxError{Offset: p.i, Truncated: true, What: "there is no JSON value: the text is empty"}
	}
	v, err := p.value()
	if err == nil {
		p.blanks()
		if p.i < len(p.s) {
			err = p.fail("%s after the end of the value", p.here())
		}
	}
	if err != nil {
		return Value{}, p.problems, err
	}
	return v, p.problems, nil
}

// step is one element of the path to where the parser is.
type step struct {
	name  string
	index int // -1: a name
}

type parser struct {
	s        string
	i        int
	limits   Limits
	values   int
	path     []step
	problems []Problem
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{Offset: p.i, What: fmt.Sprintf(format, args...), Truncated: p.i >= len(p.s)}
}

func (p *parser) limit(format string, args ...any) error {
	return &SyntaxError{Offset: p.i, What: fmt.Sprintf(format, args...), Limit: true}
}

func (p *parser) problem(q Problem) {
	switch {
	case len(p.problems) < maxProblems:
		q.Path = p.where()
		p.problems = append(p.problems, q)
	case len(p.problems) == maxProblems:
		p.problems = append(p.problems, Problem{Trouble: TooManyMore, Offset: q.Offset})
	}
}

// where writes the path as jq would.
func (p *parser) where() string {
	var b strings.Builder
	for _, s := range p.path {
		if s.index >= 0 {
			fmt.Fprintf(&b, "[%d]", s.index)
		} else {
			b.WriteString(Path(s.name))
		}
	}
	return b.String()
}

// Path writes one name as an element of a path: .name, or ["a name"] where it
// is no plain word.
func Path(name string) string {
	plain := name != ""
	for i := 0; i < len(name) && plain; i++ {
		c := name[i]
		plain = c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9'
	}
	if plain {
		return "." + name
	}
	return "[" + strconv.Quote(name) + "]"
}

// here says what stands at the current place.
func (p *parser) here() string {
	if p.i >= len(p.s) {
		return "the end of the text"
	}
	r, n := utf8.DecodeRuneInString(p.s[p.i:])
	if r == utf8.RuneError && n == 1 {
		return fmt.Sprintf("byte 0x%02x", p.s[p.i])
	}
	return strconv.QuoteRune(r)
}

func (p *parser) blanks() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *parser) value() (Value, error) {
	if p.i >= len(p.s) {
		return Value{}, p.fail("the text ends where a value should be")
	}
	if p.values++; p.values > p.limits.Values {
		return Value{}, p.limit("more than %d values", p.limits.Values)
	}
	switch c := p.s[p.i]; {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		s, err := p.str()
		return Value{kind: String, text: s}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == 't':
		return p.word("true", Bool)
	case c == 'f':
		return p.word("false", Bool)
	case c == 'n':
		return p.word("null", Null)
	}
	return Value{}, p.fail("%s where a value should be", p.here())
}

func (p *parser) word(word string, kind Kind) (Value, error) {
	rest := p.s[p.i:]
	if strings.HasPrefix(rest, word) {
		text := p.s[p.i : p.i+len(word)]
		p.i += len(word)
		return Value{kind: kind, text: text}, nil
	}
	if strings.HasPrefix(word, rest) {
		p.i = len(p.s)
		return Value{}, p.fail("the text ends in the middle of %s", word)
	}
	return Value{}, p.fail("%s where a value should be", p.here())
}

// number reads the grammar of RFC 8259, 6: no leading zero, no plus, no bare
// point.
func (p *parser) number() (Value, error) {
	start := p.i
	if p.s[p.i] == '-' {
		p.i++
	}
	switch {
	case p.i >= len(p.s):
		return Value{}, p.fail("the text ends in the middle of a number")
	case p.s[p.i] == '0':
		p.i++
		if p.i < len(p.s) && isDigit(p.s[p.i]) {
			return Value{}, p.fail("a number with a leading zero")
		}
	case isDigit(p.s[p.i]):
		p.digits()
	default:
		return Value{}, p.fail("%s where a digit should be", p.here())
	}
	if p.i < len(p.s) && p.s[p.i] == '.' {
		p.i++
		if !p.digits() {
			return Value{}, p.fail("%s where a digit should be", p.here())
		}
	}
	if p.i < len(p.s) && (p.s[p.i] == 'e' || p.s[p.i] == 'E') {
		p.i++
		if p.i < len(p.s) && (p.s[p.i] == '+' || p.s[p.i] == '-') {
			p.i++
		}
		if !p.digits() {
			return Value{}, p.fail("%s where a digit should be", p.here())
		}
	}
	return Value{kind: Number, text: p.s[start:p.i]}, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (p *parser) digits() bool {
	start := p.i
	for p.i < len(p.s) && isDigit(p.s[p.i]) {
		p.i++
	}
	return p.i > start
}

func (p *parser) enter() error {
	if len(p.path) >= p.limits.Depth {
		return p.limit("nested deeper than %d levels", p.limits.Depth)
	}
	p.i++
	p.blanks()
	return nil
}

func (p *parser) array() (Value, error) {
	if err := p.enter(); err != nil {
		return Value{}, err
	}
	m := &many{}
	if p.i < len(p.s) && p.s[p.i] == ']' {
		p.i++
		return Value{kind: Array, many: m}, nil
	}
	p.path = append(p.path, step{})
	top := len(p.path) - 1
	for {
		p.path[top].index = len(m.items)
		v, err := p.value()
		if err != nil {
			return Value{}, err
		}
		m.items = append(m.items, v)
		p.blanks()
		switch {
		case p.i < len(p.s) && p.s[p.i] == ',':
			p.i++
			p.blanks()
		case p.i < len(p.s) && p.s[p.i] == ']':
			p.i++
			p.path = p.path[:top]
			return Value{kind: Array, many: m}, nil
		default:
			return Value{}, p.fail("%s where a comma or ] should be", p.here())
		}
	}
}

// smallObject is the number of members up to which names are compared one by
// one; larger objects get an index.
const smallObject = 12

func (p *parser) object() (Value, error) {
	if err := p.enter(); err != nil {
		return Value{}, err
	}
	m := &many{}
	if p.i < len(p.s) && p.s[p.i] == '}' {
		p.i++
		return Value{kind: Object, many: m}, nil
	}
	for {
		if p.i >= len(p.s) || p.s[p.i] != '"' {
			return Value{}, p.fail("%s where a name in quotes should be", p.here())
		}
		at := p.i
		name, err := p.str()
		if err != nil {
			return Value{}, err
		}
		if m.has(name) {
			p.problem(Problem{Trouble: Duplicate, Name: name, Offset: at})
		}
		p.blanks()
		if p.i >= len(p.s) || p.s[p.i] != ':' {
			return Value{}, p.fail("%s where a colon should be", p.here())
		}
		p.i++
		p.blanks()
		p.path = append(p.path, step{name: name, index: -1})
		v, err := p.value()
		if err != nil {
			return Value{}, err
		}
		p.path = p.path[:len(p.path)-1]
		m.add(name, v)
		p.blanks()
		switch {
		case p.i < len(p.s) && p.s[p.i] == ',':
			p.i++
			p.blanks()
		case p.i < len(p.s) && p.s[p.i] == '}':
			p.i++
			return Value{kind: Object, many: m}, nil
		default:
			return Value{}, p.fail("%s where a comma or } should be", p.here())
		}
	}
}

func (m *many) has(name string) bool {
	if m.index != nil {
		_, ok := m.index[name]
		return ok
	}
	for i := range m.members {
		if m.members[i].Name == name {
			return true
		}
	}
	return false
}

func (m *many) add(name string, v Value) {
	m.members = append(m.members, Member{Name: name, Value: v})
	if m.index != nil {
		m.index[name] = len(m.members) - 1
		return
	}
	if len(m.members) > smallObject {
		m.index = make(map[string]int, 4*smallObject)
		for i := range m.members {
			m.index[m.members[i].Name] = i
		}
	}
}

// str reads a string. Text without escapes and in good UTF-8 is a slice of the
// source, so a long one costs no copy.
func (p *parser) str() (string, error) {
	p.i++
	start, ascii := p.i, true
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '"':
			s := p.s[start:p.i]
			if !ascii && !utf8.ValidString(s) {
				p.i = start
				return p.slowStr()
			}
			p.i++
			return s, nil
		case c == '\\':
			p.i = start
			return p.slowStr()
		case c < 0x20:
			return "", p.fail("a control character (0x%02x) inside a string", c)
		case c >= utf8.RuneSelf:
			ascii = false
		}
		p.i++
	}
	return "", p.fail("the text ends inside a string")
}

// slowStr reads a string with escapes or broken UTF-8, from its first byte.
func (p *parser) slowStr() (string, error) {
	var b strings.Builder
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '"':
			p.i++
			return b.String(), nil
		case c == '\\':
			if err := p.escape(&b); err != nil {
				return "", err
			}
		case c < 0x20:
			return "", p.fail("a control character (0x%02x) inside a string", c)
		case c < utf8.RuneSelf:
			b.WriteByte(c)
			p.i++
		default:
			r, n := utf8.DecodeRuneInString(p.s[p.i:])
			if r == utf8.RuneError && n == 1 {
				p.problem(Problem{Trouble: BadUTF8, Offset: p.i})
			}
			b.WriteRune(r)
			p.i += n
		}
	}
	return "", p.fail("the text ends inside a string")
}

func (p *parser) escape(b *strings.Builder) error {
	at := p.i
	p.i++
	if p.i >= len(p.s) {
		return p.fail("the text ends inside a string")
	}
	c := p.s[p.i]
	if c != 'u' {
		i := strings.IndexByte(`"\/bfnrt`, c)
		if i < 0 {
			return p.fail("%s after a backslash", p.here())
		}
		b.WriteByte("\"\\/\b\f\n\r\t"[i])
		p.i++
		return nil
	}
	r, err := p.hex()
	if err != nil {
		return err
	}
	if !utf16.IsSurrogate(r) {
		b.WriteRune(r)
		return nil
	}
	if r < 0xdc00 && strings.HasPrefix(p.s[p.i:], `\u`) {
		back := p.i
		p.i++
		low, err := p.hex()
		if err != nil {
			return err
		}
		if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
			b.WriteRune(both)
			return nil
		}
		p.i = back // the second escape stands for itself
	}
	p.problem(Problem{Trouble: Surrogate, Offset: at})
	b.WriteRune(utf8.RuneError)
	return nil
}

// hex reads the four digits of a \u escape; the parser stands on the u.
func (p *parser) hex() (rune, error) {
	p.i++
	var r rune
	for range 4 {
		if p.i >= len(p.s) {
			return 0, p.fail("the text ends inside a string")
		}
		c := p.s[p.i]
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, p.fail("%s where a hexadecimal digit should be", p.here())
		}
		p.i++
	}
	return r, nil
}
