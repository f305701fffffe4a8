package report

import (
	"strings"

	"authwalk/flows/rawjson"
)

// named finds values by the names before them: name=value of forms, queries and
// attributes, and "name": value of JSON. It reads no grammar, so that broken,
// cut and embedded text is searched all the same.
func (s *scanner) named(text string, depth int, put func(span)) {
	jwk := strings.Contains(text, `"kty"`)
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '=':
			i = s.afterEquals(text, i, depth, put)
		case ':':
			if i = s.afterColon(text, i, depth, jwk, put); i >= len(text) {
				return
			}
		}
	}
}

// rule tells what a name asks for: hide it as a secret, or as a person's.
func (s *scanner) rule(name string) (secret, personal bool) {
	if secretName(name) {
		return true, false
	}
	return false, s.r.opt.Presentation && personalName(name)
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == '[' || c == ']'
}

// afterEquals looks at name=value and returns where to go on.
func (s *scanner) afterEquals(text string, at, depth int, put func(span)) int {
	start := at
	for start > 0 && at-start < 65 && isNameByte(text[start-1]) {
		start--
	}
	name := text[start:at]
	secret, personal := s.rule(name)
	if !secret && !personal {
		if !strings.EqualFold(name, "value") {
			return at
		}
		// <input name="code" value="…">: a form that posts itself
		if name = inputName(text[:start]); name == "" {
			return at
		}
		if secret, personal = s.rule(name); !secret && !personal {
			return at
		}
	}
	from := at + 1
	to := from
	if from < len(text) && (text[from] == '"' || text[from] == '\'') {
		quote := text[from]
		from++
		if n := strings.IndexByte(text[from:], quote); n >= 0 {
			to = from + n
		} else {
			to = len(text)
		}
	} else {
		n := strings.IndexAny(text[from:], "& \t\r\n\"'<>\\")
		if n < 0 {
			n = len(text) - from
		}
		to = from + n
	}
	s.putNamed(text, from, to, name, unquery(text[from:to]), depth, put)
	return max(at, to-1)
}

// inputName is the name attribute of the HTML element that text ends in.
func inputName(text string) string {
	text = text[max(0, len(text)-300):]
	open := strings.LastIndexByte(text, '<')
	if open < 0 {
		return ""
	}
	_, rest, ok := strings.Cut(text[open:], "name=")
	if !ok || len(rest) < 2 {
		return ""
	}
	name, _, _ := strings.Cut(rest[1:], rest[:1])
	return name
}

func (s *scanner) putNamed(text string, from, to int, name, value string, depth int, put func(span)) {
	if from >= to || errorWord(name, value) {
		return
	}
	if s.learn != nil && secretName(name) {
		s.learn(snake(name), value)
	}
	x := span{from: from, to: to, value: value, role: snake(name), rank: byName, depth: depth}
	if !secretName(name) && s.r.opt.Presentation && personalName(name) {
		x.how = asPerson
	}
	put(x)
}

// afterColon looks at "name": value and returns where to go on.
func (s *scanner) afterColon(text string, at, depth int, jwk bool, put func(span)) int {
	end := at
	for end > 0 && isBlank(text[end-1]) {
		end--
	}
	if end == 0 || text[end-1] != '"' {
		return at
	}
	start := end - 1
	for start > 0 && end-start < 67 && text[start-1] != '"' {
		start--
	}
	if start == 0 || text[start-1] != '"' {
		return at
	}
	name := text[start : end-1]
	secret, personal := s.rule(name)
	if jwk && privateOfJWK().has(name) {
		secret = true
	}
	if !secret && !personal {
		return at
	}
	i := at + 1
	for i < len(text) && isBlank(text[i]) {
		i++
	}
	if i >= len(text) {
		return i
	}
	return s.value(text, i, name, depth, put) - 1
}

// privateOfJWK are the members of a JWK that are not public (RFC 7518, 6).
var privateOfJWK = setOf(`d p q dp dq qi k`)

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// value hides one JSON value, in arrays and objects every string and number,
// and returns the place behind it.
func (s *scanner) value(text string, i int, name string, depth int, put func(span)) int {
	switch c := text[i]; {
	case c == '"':
		end := stringEnd(text, i+1)
		s.putNamed(text, i+1, end, name, unescape(text[i+1:end]), depth, put)
		return min(end+1, len(text))
	case c == '-' || c >= '0' && c <= '9':
		end := i
		for end < len(text) && strings.IndexByte("+-.eE0123456789", text[end]) >= 0 {
			end++
		}
		if countName(name) {
			return end
		}
		s.putNamed(text, i, end, name, text[i:end], depth, func(x span) {
			x.quoted = depth == layers // in a document of its own it must stay JSON
			put(x)
		})
		return end
	case c == '[' || c == '{':
		open := 1
		i++
		for i < len(text) && open > 0 {
			switch c := text[i]; {
			case c == '[' || c == '{':
				open++
				i++
			case c == ']' || c == '}':
				open--
				i++
			case c == '"':
				end := stringEnd(text, i+1)
				after := min(end+1, len(text))
				next := after
				for next < len(text) && isBlank(text[next]) {
					next++
				}
				if next < len(text) && text[next] == ':' { // a name
					i = next + 1
					continue
				}
				i = s.value(text, i, name, depth, put)
			case c == '-' || c >= '0' && c <= '9':
				i = s.value(text, i, name, depth, put)
			default:
				i++
			}
		}
		return i
	}
	return i + 1
}

// stringEnd is the place of the quote that ends a JSON string, or the end of
// the text.
func stringEnd(text string, i int) int {
	for i < len(text) && text[i] != '"' {
		if text[i] == '\\' {
			i++
		}
		i++
	}
	return min(i, len(text))
}

// unescape reads the inside of a JSON string.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	v, _, err := rawjson.Parse([]byte(`"` + s + `"`))
	if err != nil {
		return s
	}
	return v.Str()
}

// formSpans reads a form or a query as such: only & ends a value, and names may
// be encoded.
func (s *scanner) formSpans(text string) []span {
	var out []span
	at := 0
	for _, pair := range strings.Split(text, "&") {
		name, raw, ok := strings.Cut(pair, "=")
		n := unquery(name)
		if secret, personal := s.rule(n); ok && (secret || personal) {
			from := at + len(name) + 1
			s.putNamed(text, from, from+len(raw), n, unquery(raw), layers, func(x span) { out = append(out, x) })
		}
		at += len(pair) + 1
	}
	return out
}
