package report

import (
	"strings"

	"authwalk/flows/rawjson"
)

// Value masks what is secret in JSON: claims, a reply. The shape stays.
func (r *Redactor) Value(v rawjson.Value) rawjson.Value {
	if v.IsZero() || r.opt.Reveal {
		return v
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	text := v.JSON()
	sc := scanner{r: r, budget: workPerByte*len(text) + workAtLeast}
	var b strings.Builder
	sc.walk(&b, v, "", layers)
	out, _, _ := rawjson.Parse([]byte(b.String())) // walk writes JSON
	return out
}

// walk writes a value as JSON without its secrets. name is the member that it
// is in, if that is secret.
func (s *scanner) walk(b *strings.Builder, v rawjson.Value, name string, depth int) {
	leaf := func(text string) string {
		switch {
		case name == "" || errorWord(name, text):
			return s.without(text, depth)
		case secretName(name):
			return s.hide(text, depth)
		}
		return hiddenName
	}
	switch v.Kind() {
	case rawjson.String:
		rawjson.Quote(b, leaf(v.Str()))
	case rawjson.Number:
		if name != "" && countName(name) {
			b.WriteString(v.Number())
		} else if masked := leaf(v.Number()); masked != v.Number() {
			rawjson.Quote(b, masked)
		} else {
			b.WriteString(masked)
		}
	case rawjson.Array:
		b.WriteByte('[')
		for i, item := range v.Items() {
			if i > 0 {
				b.WriteByte(',')
			}
			s.walk(b, item, name, depth)
		}
		b.WriteByte(']')
	case rawjson.Object:
		b.WriteByte('{')
		for i, m := range v.Members() {
			if i > 0 {
				b.WriteByte(',')
			}
			inner := name
			if inner == "" && (secretName(m.Name) || s.r.opt.Presentation && personalName(m.Name) || privateOfJWK().has(m.Name) && v.Has("kty")) {
				inner = m.Name
				if privateOfJWK().has(inner) {
					inner = "private_key"
				}
			}
			rawjson.Quote(b, s.without(m.Name, depth)) // a server chooses it too
			b.WriteByte(':')
			s.walk(b, m.Value, inner, depth)
		}
		b.WriteByte('}')
	default:
		b.WriteString(v.JSON())
	}
}

// without is a text without what is secret in it.
func (s *scanner) without(text string, depth int) string {
	spans, ok := s.settle(text, s.scan(text, depth))
	if !ok {
		return tooDeep
	}
	return replace(text, spans)
}
