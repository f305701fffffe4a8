// Package rawjson reads JSON that others wrote, and keeps it as it was written.
//
// It exists because encoding/json forgets what a debugger must show: it matches
// names without regard to case, turns numbers into floats, lets the last of two
// equal names win in silence, repairs broken UTF-8 without a word, and loses the
// order of members. This package keeps numbers as text and members in order,
// matches names exactly, tells duplicate names and broken text with their place,
// and limits size, nesting and the count of values, so that a hostile reply can
// neither hang nor exhaust the program.
//
// It knows JSON (RFC 8259) and nothing of OAuth, tokens or HTTP.
package rawjson

import (
	"strconv"
	"strings"
)

// Kind is what a JSON value is.
type Kind uint8

// The kinds of RFC 8259, section 3. Absent is the zero Value: nothing was there.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// String names the kind as a sentence would: "an object", "a number".
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "a boolean"
	case Number:
		return "a number"
	case String:
		return "a string"
	case Array:
		return "an array"
	case Object:
		return "an object"
	}
	return "nothing"
}

// Value is one JSON value. The zero Value is Absent. Values are read-only and
// may be shared between goroutines.
type Value struct {
	kind Kind
	text string // a number as written, a string decoded, true or false
	many *many  // what an array or an object holds
}

// many keeps what only arrays and objects need out of Value, so that a long
// array of small values stays small in memory.
type many struct {
	items   []Value
	members []Member
	index   map[string]int // the last member of each name; nil for small objects
}

// Member is a name and its value in an object.
type Member struct {
	Name  string
	Value Value
}

// Kind says what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsZero reports whether nothing was there; encoding/json's omitzero asks it.
func (v Value) IsZero() bool { return v.kind == Absent }

// IsObject reports whether the value is an object.
func (v Value) IsObject() bool { return v.kind == Object }

// Get returns the member with exactly this name. Of duplicate names it returns
// the last, as most JSON readers do; Parse tells of the others as problems.
//
// Inlined, its copies make the program 40 KB larger and no faster.
//
//go:noinline
func (v Value) Get(name string) (Value, bool) {
	if v.many == nil {
		return Value{}, false
	}
	if v.many.index != nil {
		i, ok := v.many.index[name]
		if !ok {
			return Value{}, false
		}
		return v.many.members[i].Value, true
	}
	for i := len(v.many.members) - 1; i >= 0; i-- {
		if v.many.members[i].Name == name {
			return v.many.members[i].Value, true
		}
	}
	return Value{}, false
}

// Has reports whether the object has a member with exactly this name.
func (v Value) Has(name string) bool {
	_, ok := v.Get(name)
	return ok
}

// GetStr is the text of the named member if that is a string, else "".
func (v Value) GetStr(name string) string {
	m, _ := v.Get(name)
	return m.Str()
}

// Str is the text of a string, else "".
//
// Inlined, its copies make the program 12 KB larger and no faster.
//
//go:noinline
func (v Value) Str() string {
	if v.kind != String {
		return ""
	}
	return v.text
}

// AsStr is the text of a string and whether the value is one.
func (v Value) AsStr() (string, bool) { return v.Str(), v.kind == String }

// Number is a number exactly as it was written, else "".
func (v Value) Number() string {
	if v.kind != Number {
		return ""
	}
	return v.text
}

// Bool is the value of a boolean, and whether the value is one.
func (v Value) Bool() (value, ok bool) { return v.text == "true", v.kind == Bool }

// Int64 is a number's value when it is a whole number that fits, however it was
// written (1e3 and 12.0 are whole).
func (v Value) Int64() (int64, bool) {
	if v.kind != Number {
		return 0, false
	}
	return wholeNumber(v.text)
}

// Float64 is the nearest float of a number; false for other kinds and for
// numbers out of range.
func (v Value) Float64() (float64, bool) {
	if v.kind != Number {
		return 0, false
	}
	f, err := strconv.ParseFloat(v.text, 64)
	return f, err == nil
}

// Items are the elements of an array in order, else nil. Do not change them.
func (v Value) Items() []Value {
	if v.many == nil {
		return nil
	}
	return v.many.items
}

// Members are the members of an object as written, duplicates too, else nil.
// Do not change them.
func (v Value) Members() []Member {
	if v.many == nil {
		return nil
	}
	return v.many.members
}

// Len is the number of items or members.
func (v Value) Len() int { return len(v.Items()) + len(v.Members()) }

// Strings reads a string, or an array that holds nothing but strings, as a
// list: the shape of aud (RFC 7519, 4.1.3). Anything else is false.
func (v Value) Strings() ([]string, bool) {
	switch v.kind {
	case String:
		return []string{v.text}, true
	case Array:
		out := make([]string, 0, len(v.Items()))
		for _, item := range v.Items() {
			if item.kind != String {
				return nil, false
			}
			out = append(out, item.text)
		}
		return out, true
	}
	return nil, false
}

// Text is the value for a line of text: a string without its quotes, anything
// else as compact JSON.
func (v Value) Text() string {
	if v.kind == String {
		return v.text
	}
	return v.JSON()
}

// Equal reports whether two values say the same: members in any order, the last
// of duplicates, numbers by value where both are whole and else by their text.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind {
		return false
	}
	switch v.kind {
	case Number:
		if v.text == w.text {
			return true
		}
		a, okA := v.Int64()
		b, okB := w.Int64()
		return okA && okB && a == b
	case Array:
		a, b := v.Items(), w.Items()
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if !a[i].Equal(b[i]) {
				return false
			}
		}
		return true
	case Object:
		for _, m := range v.Members() {
			x, _ := v.Get(m.Name)
			y, ok := w.Get(m.Name)
			if !ok || !x.Equal(y) {
				return false
			}
		}
		for _, m := range w.Members() {
			if !v.Has(m.Name) {
				return false
			}
		}
		return true
	}
	return v.text == w.text
}

// wholeNumber reads a JSON number that has no fraction once its exponent is
// applied. It works on the digits, so neither rounding nor a giant exponent can
// fool it.
func wholeNumber(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil {
			return 0, false
		}
		mantissa, exponent = s[:i], e
	}
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	fraction = strings.TrimRight(fraction, "0")
	exponent -= len(fraction)
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return 0, true
	}
	for exponent < 0 && strings.HasSuffix(digits, "0") {
		digits, exponent = digits[:len(digits)-1], exponent+1
	}
	if exponent < 0 || exponent > 19 || len(digits) > 19 {
		return 0, false
	}
	n, err := strconv.ParseInt(sign+digits+strings.Repeat("0", exponent), 10, 64)
	return n, err == nil
}
