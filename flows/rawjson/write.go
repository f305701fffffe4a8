package rawjson

import "strings"

// JSON is the value as compact JSON: numbers as they were written, members in
// their order, duplicates too. An absent value is null.
func (v Value) JSON() string {
	var b strings.Builder
	v.write(&b, "", "", false)
	return b.String()
}

// MarshalJSON makes a Value fit into what encoding/json writes.
func (v Value) MarshalJSON() ([]byte, error) { return []byte(v.JSON()), nil }

// UnmarshalJSON reads a value back; problems are passed over.
func (v *Value) UnmarshalJSON(text []byte) error {
	w, _, err := Parse(text)
	if err == nil {
		*v = w
	}
	return err
}

// Indent is the value as JSON over several lines, each after the first begun by
// prefix and one indent a level.
func (v Value) Indent(prefix, indent string) string {
	var b strings.Builder
	v.write(&b, prefix, indent, true)
	return b.String()
}

// Pretty is Indent with two blanks a level.
func (v Value) Pretty() string { return v.Indent("", "  ") }

// write puts the value out; prefix is what the lines inside it begin with.
func (v Value) write(b *strings.Builder, prefix, indent string, lines bool) {
	open, end := "[", "]"
	switch v.kind {
	case Absent, Null:
		b.WriteString("null")
		return
	case Bool, Number:
		b.WriteString(v.text)
		return
	case String:
		Quote(b, v.text)
		return
	case Object:
		open, end = "{", "}"
	}
	b.WriteString(open)
	inner := prefix + indent
	next := func(i int) {
		if i > 0 {
			b.WriteByte(',')
		}
		if lines {
			b.WriteByte('\n')
			b.WriteString(inner)
		}
	}
	for i, item := range v.Items() {
		next(i)
		item.write(b, inner, indent, lines)
	}
	for i, m := range v.Members() {
		next(i)
		Quote(b, m.Name)
		b.WriteByte(':')
		if lines {
			b.WriteByte(' ')
		}
		m.Value.write(b, inner, indent, lines)
	}
	if lines && v.Len() > 0 {
		b.WriteByte('\n')
		b.WriteString(prefix)
	}
	b.WriteString(end)
}

// Quote writes s as a JSON string. Beyond what JSON demands it escapes DEL, the
// C1 controls and the line separators, which terminals and browsers act on.
func Quote(b *strings.Builder, s string) {
	const hex = "0123456789abcdef"
	u := func(r rune) {
		b.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			b.WriteByte(hex[r>>shift&15])
		}
	}
	b.WriteByte('"')
	for _, r := range s {
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
		case r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029:
			u(r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}
