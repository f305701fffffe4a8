package report

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// shortest is the length below which a secret is masked only where a name or a
// header tells of it: searching text for three letters would destroy the text
// and say more about the secret than it hides.
const shortest = 4

// headOf is how much of a long secret its base64 and hex forms are searched by.
const headOf = 48

// protocolWords are no secrets when they stand in a request or reply, even if
// somebody chose one for a password: masking grant_type=password hides nothing.
// Where a name tells of a secret they are masked like any other.
var protocolWords = setOf(`password secret token code openid profile email phone address offline_access bearer basic client
	client_id client_secret grant_type username access_token refresh_token id_token scope audience realm none post true false
	null error http https form json text html body name user users admin auth auth0 oauth oauth2 login data type host date api`)

// known is a secret that the session has.
type known struct {
	value    string
	role     string // what it is, by the name of its parameter: password, access_token
	personal bool   // hidden in presentation alone
}

// form is one way in which a known secret can stand in a text.
type form struct {
	text  string
	owner int32
	next  int32 // the next that begins with the same four bytes; 0: none
	run   byte  // 0: text is all of it; else the alphabet whose whole run belongs to it
}

// chain is the first and the last form that begin with the same four bytes.
type chain struct{ first, last int32 }

const (
	run64  = 'b'
	runHex = 'x'
)

// book finds known secrets in text. It is keyed by the first four bytes, so a
// search costs the same for three secrets and for three thousand.
type book struct {
	knowns []known
	have   map[string]int // index in knowns by value
	forms  []form         // the first is none
	chains map[uint32]chain
	filter [1 << 10]uint64
	learnt int // grows with every change
}

func newBook() *book {
	return &book{have: map[string]int{}, forms: make([]form, 1), chains: map[uint32]chain{}}
}

func (b *book) clone() *book {
	c := *b
	c.knowns, c.have, c.forms, c.chains = slices.Clone(b.knowns), maps.Clone(b.have), slices.Clone(b.forms), maps.Clone(b.chains)
	return &c
}

// add enters a secret. It returns false for what is not searched for.
func (b *book) add(value, role string, personal bool) bool {
	if value == "" {
		return false
	}
	if i, ok := b.have[value]; ok {
		if b.knowns[i].personal && !personal {
			b.knowns[i].personal, b.knowns[i].role = false, role
			b.learnt++
		}
		return true
	}
	if len(value) < shortest || strings.TrimSpace(value) == "" || protocolWords().has(strings.ToLower(value)) {
		return false
	}
	if parts := strings.Split(value, "."); len(parts) == 3 && strings.HasPrefix(value, "ey") && len(parts[2]) >= 16 {
		defer b.add(parts[2], "signature", personal) // the part that makes it a token, alone too
	}
	b.have[value] = len(b.knowns)
	b.learnt++
	b.knowns = append(b.knowns, known{value: value, role: role, personal: personal})
	own := len(b.forms)
	put := func(text string, run byte) {
		if len(text) < shortest || slices.ContainsFunc(b.forms[own:], func(f form) bool { return f.run == run && f.text == text }) {
			return
		}
		k, at := key(text), int32(len(b.forms))
		b.forms = append(b.forms, form{text: text, owner: int32(len(b.knowns) - 1), run: run})
		c, ok := b.chains[k]
		if ok {
			b.forms[c.last].next = at
		} else {
			c.first = at
		}
		c.last = at
		b.chains[k] = c
		h := hash(k)
		b.filter[h>>6] |= 1 << (h & 63)
	}
	for _, v := range spellings(value) {
		if len(v) < shortest || strings.TrimSpace(v) == "" {
			continue
		}
		for _, e := range escapes(v) {
			put(e, 0)
		}
		query := url.QueryEscape(v)
		for _, w := range []string{v, query} {
			for _, core := range cores(w) {
				put(core, run64)
			}
		}
		head := v
		if len(head) > headOf {
			head = head[:headOf]
		}
		x := hex.EncodeToString([]byte(head))
		put(x, runHex)
		put(strings.ToUpper(x), runHex)
		for _, core := range cores32(head) {
			put(core, run64) // its letters are base64's too
			put(strings.ToLower(core), run64)
		}
	}
	for _, w := range wide(value) {
		put(w, 0)
		for _, core := range cores(w) {
			put(core, run64)
		}
	}
	return true
}

// wide are the bytes of a text in UTF-16, as programs of Windows repeat it, less
// the zero byte at the one end or the other.
func wide(s string) []string {
	units := utf16.Encode([]rune(s))
	le, be := make([]byte, 0, 2*len(units)), make([]byte, 0, 2*len(units))
	for _, u := range units {
		le, be = append(le, byte(u), byte(u>>8)), append(be, byte(u>>8), byte(u))
	}
	return []string{string(le[:len(le)-1]), string(be[1:])}
}

// spellings are the plain texts that give a secret away: without the blanks
// around it, as a reader that repairs UTF-8 shows it, a key without its armour.
func spellings(value string) []string {
	out := []string{value}
	add := func(s string) {
		if s != "" {
			out = append(out, s)
		}
	}
	add(strings.TrimSpace(value))
	add(strings.ToValidUTF8(value, "\ufffd"))
	add(latin1(value))
	if strings.Contains(value, "-----BEGIN ") {
		keyParts(value, add)
	}
	return out
}

// latin1 is a text in ISO 8859-1, as old servers repeat it; empty when it is
// ASCII or has other characters.
func latin1(s string) string {
	var b strings.Builder
	for _, c := range s {
		if c > 0xff {
			return ""
		}
		b.WriteByte(byte(c))
	}
	if b.Len() == len(s) {
		return ""
	}
	return b.String()
}

// keyParts gives the bytes of a PEM key, and the numbers that are secret in it.
func keyParts(text string, add func(string)) {
	unix := strings.ReplaceAll(text, "\r\n", "\n")
	add(strings.TrimSpace(unix))
	add(strings.TrimSpace(strings.ReplaceAll(unix, "\n", "\r\n")))
	rest := []byte(unix)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return
		}
		if !strings.Contains(block.Type, "PRIVATE KEY") {
			continue
		}
		add(string(block.Bytes))
		var k any
		if p, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			k = p
		} else if p, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			k = p
		} else if p, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
			k = p
		}
		switch p := k.(type) {
		case *rsa.PrivateKey:
			add(string(p.D.Bytes()))
			for _, prime := range p.Primes {
				add(string(prime.Bytes()))
			}
		case *ecdsa.PrivateKey:
			if d, err := p.Bytes(); err == nil {
				add(string(d))
			}
		}
	}
}

// otpSpellings are the ways to write a base32 secret: with and without blanks,
// in blocks of four, in both cases, and the bytes that it stands for.
func otpSpellings(secret string) []string {
	plain := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(secret))
	if plain == "" {
		return nil
	}
	var blocks []string
	for i := 0; i < len(plain); i += 4 {
		blocks = append(blocks, plain[i:min(i+4, len(plain))])
	}
	spaced := strings.Join(blocks, " ")
	out := []string{plain, strings.ToLower(plain), spaced, strings.ToLower(spaced)}
	if raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(plain); err == nil && len(raw) >= 8 {
		out = append(out, string(raw))
	}
	return out
}

// The differences between ways to write the same.
var (
	// JavaScript's encodeURIComponent leaves these as they are.
	asComponent = strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")
	namedQuotes = strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;")
	inURLs      = strings.NewReplacer("+", "-", "/", "_") // base64's second alphabet
)

// escapes are the usual ways to write a text inside another.
func escapes(s string) []string {
	out := []string{s}
	if strings.IndexFunc(s, needsEscape) < 0 {
		return out
	}
	query := url.QueryEscape(s)
	path := strings.ReplaceAll(query, "+", "%20")
	component := asComponent.Replace(path)
	out = append(out, query, path, component, lowerHex(query), lowerHex(path), lowerHex(component), url.PathEscape(s))
	if j, err := json.Marshal(s); err == nil {
		out = append(out, string(j[1:len(j)-1]))
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) == nil {
		j := strings.TrimSuffix(b.String(), "\n")
		out = append(out, j[1:len(j)-1])
	}
	h := html.EscapeString(s)
	out = append(out, h, namedQuotes.Replace(h), strings.ReplaceAll(h, "&#34;", "&quot;"),
		strings.ReplaceAll(strings.ReplaceAll(s, "&", "&amp;"), "<", "&lt;"))
	return out
}

// needsEscape tells whether any way of writing writes a character otherwise: not
// the unreserved ones of URLs (RFC 3986, 2.3), which tokens are made of.
func needsEscape(c rune) bool {
	return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !strings.ContainsRune("-._~", c)
}

// lowerHex writes the digits of percent escapes in lower case.
func lowerHex(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			for j := i + 1; j <= i+2; j++ {
				if b[j] >= 'A' && b[j] <= 'F' {
					b[j] += 'a' - 'A'
				}
			}
			i += 2
		}
	}
	return string(b)
}

// cores are the characters of base64 that s determines alone, at each of the
// three alignments and in both alphabets: whatever stands before and after it
// in the encoded text, one of them is in there.
func cores(s string) []string {
	if len(s) > headOf {
		s = s[:headOf]
	}
	var out []string
	for lead := range 3 {
		e := base64.RawStdEncoding.EncodeToString(append(make([]byte, lead), s...))
		core := e[(8*lead+5)/6 : 8*(lead+len(s))/6]
		out = append(out, core, inURLs.Replace(core))
	}
	return out
}

// cores32 are the same of base32, at each of its five alignments.
func cores32(s string) []string {
	var out []string
	for lead := range 5 {
		e := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append(make([]byte, lead), s...))
		out = append(out, e[(8*lead+4)/5:8*(lead+len(s))/5])
	}
	return out
}

func key(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func hash(k uint32) uint32 { return k * 2654435761 >> 16 }

// find gives every place of a known secret in text.
// whole is false when more than the secret stands there.
func (b *book) find(text string, yield func(from, to int, k *known, whole bool)) {
	if len(b.knowns) == 0 {
		return
	}
	seen := 0  // end of the last run: what else is in it is hidden with it
	dots := -1 // the next ellipsis
	for i := 0; i+4 <= len(text); i++ {
		k := key(text[i:])
		if h := hash(k); b.filter[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for at := b.chains[k].first; at != 0; at = b.forms[at].next {
			f := &b.forms[at]
			from, to := i, i+len(f.text)
			if !strings.HasPrefix(text[i:], f.text) {
				if dots < i {
					if dots = strings.Index(text[i:], ellipsis) + i; dots < i {
						dots = len(text) + maxShort
					}
				}
				n, ok := shortened(text[i:], f.text, dots-i)
				if !ok {
					continue
				}
				to = i + n
			}
			switch {
			case f.run != 0 && i < seen && !b.knowns[f.owner].personal:
				continue
			case f.run == run64:
				from, to = widen(text, from, to, letters64)
				for to < len(text) && text[to] == '=' {
					to++
				}
			case f.run == runHex:
				from, to = widen(text, from, to, lettersHex)
			}
			if f.run != 0 && !b.knowns[f.owner].personal {
				seen = max(seen, to)
			}
			yield(from, to, &b.knowns[f.owner], f.run == 0)
		}
	}
}

// What a sentence or a check shortened ends in an ellipsis, and is no longer than
// this.
const (
	ellipsis = "…"
	maxShort = 2048
)

// shortened measures the beginning of form at the beginning of text, where an
// ellipsis stands at end: a secret that was shortened is still most of a secret.
// An escape may have been cut in two; what is left of it belongs to the secret.
func shortened(text, form string, end int) (n int, ok bool) {
	if end < shortest || end > maxShort {
		return 0, false
	}
	if strings.HasPrefix(form, text[:end]) {
		return end, true
	}
	for at := end - 1; at >= max(shortest, end-len("&#x10ffff")); at-- {
		switch c := text[at]; {
		case c == '\\' || c == '%' || c == '&':
			return end, strings.HasPrefix(form, text[:at])
		case c != '#' && c != 'u' && c != 'x' && !lettersHex[c]:
			return 0, false
		}
	}
	return 0, false
}

// cutOff gives the place at the end of text where a known secret begins and the
// text ends: what is left of it when a body was cut.
func (b *book) cutOff(text string) (from int, k *known) {
	from = len(text)
	for i := max(0, len(text)-64<<10); i+4 <= len(text); i++ {
		kk := key(text[i:])
		if h := hash(kk); b.filter[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for at := b.chains[kk].first; at != 0; at = b.forms[at].next {
			f := &b.forms[at]
			if strings.HasPrefix(f.text, text[i:]) {
				return i, &b.knowns[f.owner]
			}
		}
	}
	return from, nil
}

func widen(text string, from, to int, in *[256]bool) (int, int) {
	for from > 0 && in[text[from-1]] {
		from--
	}
	for to < len(text) && in[text[to]] {
		to++
	}
	return from, to
}

// The letters of runs: of base64 in both alphabets, of base64url alone, of
// credentials (token68 of RFC 7235), of hex.
var (
	letters64    = lettersOf("+/-_", true)
	lettersURL64 = lettersOf("-_", true)
	letters68    = lettersOf("+/-_.~", true)
	lettersHex   = lettersOf("abcdefABCDEF", false)
)

func lettersOf(more string, alpha bool) *[256]bool {
	var t [256]bool
	for c := byte('0'); c <= '9'; c++ {
		t[c] = true
	}
	for c := byte('a'); alpha && c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for i := 0; i < len(more); i++ {
		t[more[i]] = true
	}
	return &t
}
