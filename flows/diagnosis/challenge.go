package diagnosis

import "strings"

// Challenge is one challenge of a WWW-Authenticate header (RFC 9110 section
// 11.6.1, RFC 6750 section 3).
type Challenge struct {
	// Scheme is as it was written; empty where the header begins with a parameter.
	Scheme string
	// Token68 is what follows a scheme that takes no parameters (Negotiate).
	Token68 string
	// Params are the parameters, names in lower case; of equal names the first.
	Params map[string]string
	// Malformed: it breaks the grammar, and was read by its sense.
	Malformed bool
}

// Error, Description and Scopes are the parameters of RFC 6750 section 3.
func (c Challenge) Error() string { return c.Params["error"] }

// Description is error_description.
func (c Challenge) Description() string { return c.Params["error_description"] }

// Scopes are the scopes the resource wants.
func (c Challenge) Scopes() []string { return strings.Fields(c.Params["scope"]) }

// IsBearer reports whether it asks for a bearer token.
func (c Challenge) IsBearer() bool { return strings.EqualFold(c.Scheme, "Bearer") }

// Bounds for what a server may send.
const (
	maxChallengeText = 16 << 10
	maxChallenges    = 32
	maxParams        = 64
)

// ParseChallenge reads the values of WWW-Authenticate. It is tolerant: quotes
// that are missing, single, unescaped inside a value or never closed, missing
// commas, and parameters without a scheme are read by their sense, and marked.
// What is beyond its limits (16 KiB a value, 32 challenges) is not read.
func ParseChallenge(values ...string) []Challenge {
	var out []Challenge
	for _, v := range values {
		if len(v) > maxChallengeText {
			v = v[:maxChallengeText]
		}
		p := challengeReader{s: v}
		p.read(&out)
		if len(out) >= maxChallenges {
			return out[:maxChallenges]
		}
	}
	return out
}

// BearerChallenge is the first challenge that asks for a bearer token, or, since
// some servers forget the scheme, the first that carries an error.
func BearerChallenge(list []Challenge) (Challenge, bool) {
	for _, c := range list {
		if c.IsBearer() {
			return c, true
		}
	}
	for _, c := range list {
		if c.Error() != "" {
			return c, true
		}
	}
	return Challenge{}, false
}

type challengeReader struct {
	s string
	i int
}

func (p *challengeReader) read(out *[]Challenge) {
	cur := -1 // the challenge of this value that parameters go to
	comma := true
	for len(*out) < maxChallenges {
		comma = p.blanks() || comma
		if p.i >= len(p.s) {
			return
		}
		word := p.word()
		if word == "" { // a stray quote or equals sign: step over it
			if cur >= 0 {
				(*out)[cur].Malformed = true
			}
			p.i++
			continue
		}
		if p.equals() {
			if cur < 0 {
				*out = append(*out, Challenge{Params: map[string]string{}, Malformed: true})
				cur = len(*out) - 1
			}
			c := &(*out)[cur]
			if p.token68(c, word, comma) {
				comma = false
				continue
			}
			value, odd := p.value()
			name := strings.ToLower(word)
			c.Malformed = c.Malformed || odd || !comma && len(c.Params) > 0
			if _, dup := c.Params[name]; !dup && len(c.Params) < maxParams {
				c.Params[name] = value
			}
			comma = false
			continue
		}
		if cur >= 0 && !comma && len((*out)[cur].Params) == 0 && (*out)[cur].Token68 == "" {
			(*out)[cur].Token68 = word
			continue
		}
		*out = append(*out, Challenge{Scheme: word, Params: map[string]string{}, Malformed: !comma && cur >= 0})
		cur = len(*out) - 1
		comma = false
	}
}

// blanks steps over blanks and commas and tells whether there was a comma.
func (p *challengeReader) blanks() (comma bool) {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ',':
			comma = true
		case ' ', '\t', '\r', '\n', ';':
		default:
			return comma
		}
		p.i++
	}
	return comma
}

// word reads up to a blank, comma, quote or equals sign.
func (p *challengeReader) word() string {
	start := p.i
	for p.i < len(p.s) && !strings.ContainsRune(" \t\r\n,;=\"", rune(p.s[p.i])) {
		p.i++
	}
	return p.s[start:p.i]
}

// equals steps over an equals sign with blanks around it.
func (p *challengeReader) equals() bool {
	j := p.i
	for j < len(p.s) && (p.s[j] == ' ' || p.s[j] == '\t') {
		j++
	}
	if j >= len(p.s) || p.s[j] != '=' {
		return false
	}
	p.i = j + 1
	return true
}

// token68 takes "Negotiate abc==": a word after a scheme whose equals signs end
// the challenge.
func (p *challengeReader) token68(c *Challenge, word string, comma bool) bool {
	if comma || c.Scheme == "" || len(c.Params) > 0 || c.Token68 != "" {
		return false
	}
	j := p.i
	for j < len(p.s) && p.s[j] == '=' {
		j++
	}
	k := j
	for k < len(p.s) && (p.s[k] == ' ' || p.s[k] == '\t') {
		k++
	}
	if k < len(p.s) && p.s[k] != ',' {
		return false
	}
	c.Token68 = word + "=" + p.s[p.i:j]
	p.i = j
	return true
}

// value reads a parameter's value; odd tells that it broke the grammar.
func (p *challengeReader) value() (v string, odd bool) {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\t') {
		p.i++
	}
	if p.i >= len(p.s) {
		return "", true
	}
	quote := p.s[p.i]
	if quote != '"' && quote != '\'' {
		start := p.i
		for p.i < len(p.s) && p.s[p.i] != ',' && p.s[p.i] != ' ' && p.s[p.i] != '\t' {
			p.i++
		}
		v := p.s[start:p.i]
		return v, v == "" || strings.ContainsAny(v, "\"/:=@()<>?[]{}\\")
	}
	odd = quote == '\''
	p.i++
	var b strings.Builder
	for p.i < len(p.s) {
		ch := p.s[p.i]
		switch {
		case ch == '\\' && quote == '"' && p.i+1 < len(p.s):
			p.i++
			b.WriteByte(p.s[p.i])
		case ch == quote && p.closes():
			p.i++
			return b.String(), odd
		default:
			odd = odd || ch == quote
			b.WriteByte(ch)
		}
		p.i++
	}
	return b.String(), true
}

// closes tells whether the quote here ends its value: what follows is the end, a
// comma, or the next parameter. Otherwise it is a quote inside the value that
// somebody forgot to escape.
func (p *challengeReader) closes() bool {
	rest := p.s[p.i+1:]
	if len(rest) > 64 {
		rest = rest[:64]
	}
	rest = strings.TrimLeft(rest, " \t")
	if rest == "" || rest[0] == ',' || rest[0] == ';' {
		return true
	}
	n := strings.IndexAny(rest, " \t,;=\"'")
	return n > 0 && rest[n] == '='
}
