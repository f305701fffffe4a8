package report

import (
	"encoding/base64"
	"net/url"
	"sort"
	"strings"
	"sync"
)

// span is a piece of text that must not be seen, and what stands in its place.
type span struct {
	from, to int
	value    string // what it is, decoded
	role     string // by the name of its parameter, where that is known
	rank     int    // of spans with the same place the higher one stands
	how      how
	quoted   bool // it was no string and becomes one
	joined   bool // made of several that overlap
	depth    int  // how many layers of encoding may still be under it

	repl string // what stands in its place; set by settle
}

// how a span is hidden.
type how uint8

const (
	asSecret how = iota // a JWT may keep header and claims
	whole               // as a secret, nothing is kept
	asPerson            // a name or an address, in presentation
)

// Ranks of spans.
const (
	byShape = iota
	byName
	byValue
)

const (
	// layers is how many encodings inside one another are taken off.
	layers = 3
	// A text that makes more work than this is hidden as a whole: it was made
	// to be hard.
	workPerByte = 64
	workAtLeast = 1 << 20
)

// scanner searches one text. Its redactor is locked for reading.
type scanner struct {
	r      *Redactor
	budget int
	learn  func(role, value string) // told of every value found by its name, which then is all that is looked for
	memo   map[layer][]span         // what was found in texts that several ways lead to
	prose  bool                     // the text is ours: words in it are no secrets
	// unnamed: a name before a value tells nothing.
	unnamed bool
}

// layer is a text with so many encodings still to take off.
type layer struct {
	text  string
	depth int
}

// spans searches a text for all that is secret, and orders what was found. ok is
// false when the text makes too much work.
func (s *scanner) spans(text string) (out []span, ok bool) {
	if s.budget == 0 {
		s.budget = workPerByte*len(text) + workAtLeast
	}
	return s.settle(text, s.scan(text, layers))
}

// settle makes spans disjoint and decides what stands in their place.
func (s *scanner) settle(text string, in []span) (out []span, ok bool) {
	if s.budget < 0 {
		return nil, false
	}
	out = merge(text, in)
	for i := range out {
		x := &out[i]
		switch x.how {
		case asPerson:
			x.repl = hiddenName
		case whole:
			x.repl = s.r.hidden(x.value)
		default:
			x.repl = s.hide(x.value, x.depth)
		}
		if x.quoted {
			x.repl = `"` + x.repl + `"`
		}
	}
	return out, s.budget >= 0
}

// merge makes spans disjoint: the larger one stands, and of those that overlap
// both are hidden.
func merge(text string, in []span) []span {
	sort.Slice(in, func(i, j int) bool {
		a, b := &in[i], &in[j]
		switch {
		case a.from != b.from:
			return a.from < b.from
		case a.to != b.to:
			return a.to > b.to
		case a.rank != b.rank:
			return a.rank > b.rank
		case a.depth != b.depth: // the fewer encodings were taken off
			return a.depth > b.depth
		}
		return a.role < b.role
	})
	var out []span
	for _, x := range in {
		if x.to <= x.from {
			continue
		}
		if n := len(out); n > 0 && x.from < out[n-1].to {
			last := &out[n-1]
			if x.to > last.to {
				last.to, last.role, last.joined, last.quoted, last.how = x.to, "", true, false, whole
			} else if last.from == x.from && last.to == x.to && last.role == "" {
				last.role = x.role
			}
			continue
		}
		out = append(out, x)
	}
	for i := range out {
		if x := &out[i]; x.joined {
			x.value = text[x.from:x.to]
		}
	}
	return out
}

// scan applies every rule to a text, then takes one layer of encoding off in
// each way there is and goes on with what is under it.
func (s *scanner) scan(text string, depth int) []span {
	if len(text) < 2 {
		return nil
	}
	at := layer{text, depth}
	if depth < layers { // encodings can be taken off in any order
		if out, ok := s.memo[at]; ok {
			return out
		}
	}
	if s.budget -= len(text) + 16; s.budget < 0 {
		return nil
	}
	var out []span
	put := func(x span) { out = append(out, x) }
	if s.learn == nil {
		s.r.book.find(text, func(from, to int, k *known, alone bool) {
			x := span{from: from, to: to, value: k.value, role: k.role, rank: byValue, depth: depth}
			switch {
			case k.personal && !s.r.opt.Presentation, s.prose && alone && !k.personal && wordy(k.value):
				return
			case k.personal:
				x.how = asPerson
			case !alone: // the secret with what is around it in base64 or hex
				x.how, x.value = whole, text[from:to]
			}
			put(x)
		})
		s.tokens(text, depth, put)
		s.keys(text, put)
		s.credentials(text, depth, put)
	}
	if !s.unnamed {
		s.named(text, depth, put)
	}
	if depth == 0 {
		return out
	}
	under := func(v *view) {
		if v == nil {
			return
		}
		for _, x := range s.scan(v.text.String(), depth-1) {
			put(v.back(x))
		}
	}
	under(percent(text, false))
	if strings.Contains(text, "+") {
		under(percent(text, true))
	}
	under(backslashes(text))
	under(entities(text))
	if s.learn == nil {
		under(unwrap(text))
		s.runs(text, depth, put)
	}
	if depth < layers {
		if s.memo == nil {
			s.memo = map[layer][]span{}
		}
		s.memo[at] = out
	}
	return out
}

// runs decodes what may be base64 or hex. A run with a secret in it is hidden
// whole: its edges hold bits of the secret.
func (s *scanner) runs(text string, depth int, put func(span)) {
	hide := func(from, to int) {
		put(span{from: from, to: to, value: text[from:to], how: whole})
	}
	for i := 0; i < len(text); i++ {
		if !letters64[text[i]] {
			continue
		}
		_, end := widen(text, i, i, letters64)
		run := text[i:end]
		for end < len(text) && text[end] == '=' {
			end++
		}
		if len(run) >= 8 && s.in64(run, depth) {
			hide(i, end)
		}
		i = end
	}
	for i := 0; i < len(text); i++ {
		if !lettersHex[text[i]] {
			continue
		}
		_, end := widen(text, i, i, lettersHex)
		if run := text[i:end]; len(run) >= 8 && s.inHex(run, depth) {
			hide(i, end)
		}
		i = end
	}
}

// in64 tells whether a run of base64 has a secret in it, at whichever of its
// characters the encoded text begins.
func (s *scanner) in64(run string, depth int) bool {
	for lead := 0; lead < 4 && len(run)-lead >= 6; lead++ {
		plain := decode64(run[lead:])
		if legible(plain) && len(s.scan(string(plain), depth-1)) > 0 {
			return true
		}
	}
	return false
}

// value64 is what each letter of base64 stands for, in either alphabet.
var value64 = sync.OnceValue(func() *[256]byte {
	t := new([256]byte)
	for i := range byte(64) {
		t["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[i]] = i
	}
	t['-'], t['_'] = 62, 63
	return t
})

// decode64 decodes letters of base64; bits that make no byte are dropped.
func decode64(run string) []byte {
	out := make([]byte, 0, len(run)*3/4)
	bits, n, value := uint32(0), 0, value64()
	for i := 0; i < len(run); i++ {
		bits = bits<<6 | uint32(value[run[i]])
		if n += 6; n >= 8 {
			n -= 8
			out = append(out, byte(bits>>n))
		}
	}
	return out
}

func (s *scanner) inHex(run string, depth int) bool {
	for lead := range 2 {
		plain := make([]byte, 0, len(run)/2)
		for i := lead; i+1 < len(run); i += 2 {
			c, _ := hexPair(run[i:])
			plain = append(plain, c)
		}
		if legible(plain) && len(s.scan(string(plain), depth-1)) > 0 {
			return true
		}
	}
	return false
}

// legible tells whether there is text in decoded bytes. Where there is none a
// secret could only be as it is, which is found by its forms in base64 and hex.
func legible(b []byte) bool {
	run := 0
	for _, c := range b {
		if c >= ' ' && c <= '~' || c == '\n' || c == '\t' || c == '\r' {
			if run++; run >= 8 {
				return true
			}
		} else {
			run = 0
		}
	}
	return run == len(b) && run >= shortest
}

// tokens finds what is a JWT or JWE by its looks: a JSON object in base64url,
// a dot, and more.
func (s *scanner) tokens(text string, depth int, put func(span)) {
	for i := 0; ; {
		n := strings.IndexByte(text[i:], 'e')
		if n < 0 {
			return
		}
		i += n
		end, ok := jwtAt(text[i:])
		if !ok {
			i += max(1, end)
			continue
		}
		raw := text[i : i+end]
		put(span{from: i, to: i + end, value: raw, depth: depth})
		i += end
	}
}

// jwtAt measures the token that text begins with. Without one, n is what need
// not be looked at again.
func jwtAt(text string) (n int, ok bool) {
	if len(text) < 10 || text[1] != 'y' && text[1] != 'w' {
		return 0, false
	}
	start, err := base64.RawURLEncoding.DecodeString(text[:8])
	if err != nil || start[0] != '{' || !strings.HasPrefix(strings.TrimLeft(string(start[1:]), " \t\r\n")+`"`, `"`) {
		return 0, false
	}
	_, head := widen(text, 0, 0, lettersURL64)
	if head >= len(text) || text[head] != '.' {
		return head, false
	}
	n, dots := head, 0
	for n < len(text) && text[n] == '.' && dots < 4 {
		_, next := widen(text, n+1, n+1, lettersURL64)
		if next == n+1 && (next >= len(text) || text[next] != '.') {
			break // a full stop
		}
		n = next
		dots++
	}
	for n < len(text) && text[n] == '=' {
		n++
	}
	return n, dots > 0
}

// keys finds private keys in PEM (RFC 7468), also one that was cut.
func (s *scanner) keys(text string, put func(span)) {
	const begin = "-----BEGIN "
	for i := 0; ; {
		n := strings.Index(text[i:], begin)
		if n < 0 {
			return
		}
		i += n
		label := text[i+len(begin) : min(len(text), i+len(begin)+40)]
		if p := strings.Index(label, "PRIVATE KEY-----"); p < 0 || p > 24 {
			i += len(begin)
			continue
		}
		from := i + len(begin) + strings.Index(label, "PRIVATE KEY-----") + len("PRIVATE KEY-----")
		to := len(text)
		if e := strings.Index(text[from:], "-----END "); e >= 0 {
			to = from + e
		}
		put(span{from: from, to: to, value: text[from:to], role: "private_key", rank: byName, how: whole})
		i = to
	}
}

// credentials finds what follows the name of an authentication scheme, and
// passwords in URLs.
func (s *scanner) credentials(text string, depth int, put func(span)) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case ' ':
			if !schemeBefore(text[:i]) {
				continue
			}
			from := i + 1
			_, to := widen(text, from, from, letters68)
			for to < len(text) && text[to] == '=' {
				to++
			}
			if raw := text[from:to]; len(raw) >= 12 && mixed(raw) && (to >= len(text) || text[to] != '"' || text[to-1] != '=') {
				put(span{from: from, to: to, value: raw, rank: byName, depth: depth})
			}
		case ':':
			if !strings.HasPrefix(text[i:], "://") {
				continue
			}
			from := i + 3
			end := strings.IndexAny(text[from:], "/?# \t\r\n\"'<>\\")
			if end < 0 {
				end = len(text) - from
			}
			user := text[from : from+end]
			at := strings.LastIndexByte(user, '@')
			colon := strings.IndexByte(user, ':')
			if at > colon && colon >= 0 && at > colon+1 {
				raw := user[colon+1 : at]
				put(span{from: from + colon + 1, to: from + at, value: unquery(raw), role: "password", rank: byName, depth: depth})
			}
		}
	}
}

func schemeBefore(text string) bool {
	for _, scheme := range []string{"bearer", "basic", "dpop", "digest", "negotiate"} {
		if n := len(text) - len(scheme); n >= 0 && strings.EqualFold(text[n:], scheme) && (n == 0 || !letters64[text[n-1]]) {
			return true
		}
	}
	return false
}

// mixed tells a credential from a word.
func mixed(s string) bool {
	var digit, upper, lower bool
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digit = true
		case i > 0 && c >= 'A' && c <= 'Z':
			upper = true
		case c >= 'a' && c <= 'z':
			lower = true
		}
	}
	return digit || upper && lower
}

func unquery(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}
