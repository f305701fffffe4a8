package diagnosis

import (
	"strings"
	"unicode"

	"authwalk/flows/rawjson"
)

// Shape is what a body turns out to be.
type Shape string

// The shapes.
const (
	ShapeEmpty    Shape = "empty"
	ShapeHTML     Shape = "HTML"
	ShapeText     Shape = "text"      // neither JSON nor HTML
	ShapeJSON     Shape = "JSON"      // JSON, but no object
	ShapeObject   Shape = "object"    // an object without error
	ShapeBadError Shape = "bad error" // an object whose error is no string
	ShapeOAuth    Shape = "OAuth"     // an object with an error (RFC 6749, 5.2)
)

// Refusal is an error object of OAuth (RFC 6749 section 5.2), as a body has it.
type Refusal struct {
	Shape Shape
	// Code, Description and URI are error, error_description and error_uri.
	Code, Description, URI string
	// MFAToken: there is an mfa_token. AccessToken: there is an access_token.
	MFAToken, AccessToken bool
	// Challenge and Enroll are the types of mfa_requirements.
	Challenge, Enroll []string

	text  string // the description, normalised
	title string // of an HTML page
}

// ReadRefusal reads a body. Whatever it is, the result says so.
func ReadRefusal(body []byte) Refusal {
	trimmed := strings.TrimSpace(string(clip(body, 4<<20)))
	if trimmed == "" {
		return Refusal{Shape: ShapeEmpty}
	}
	v, _, err := rawjson.Parse([]byte(trimmed))
	if err != nil {
		if page, title := htmlTitle(trimmed); page {
			return Refusal{Shape: ShapeHTML, title: title}
		}
		return Refusal{Shape: ShapeText}
	}
	if !v.IsObject() {
		return Refusal{Shape: ShapeJSON}
	}
	return readObject(v)
}

func readObject(v rawjson.Value) Refusal {
	r := Refusal{Shape: ShapeObject, AccessToken: v.GetStr("access_token") != ""}
	if !v.Has("error") {
		return r
	}
	code, _ := v.Get("error")
	if code.Kind() != rawjson.String {
		r.Shape = ShapeBadError
		return r
	}
	r.Shape = ShapeOAuth
	r.Code = code.Str()
	r.Description = v.GetStr("error_description")
	r.URI = v.GetStr("error_uri")
	r.MFAToken = v.GetStr("mfa_token") != ""
	r.text = normal(r.Description)
	if need, ok := v.Get("mfa_requirements"); ok {
		r.Challenge, r.Enroll = typesOf(need, "challenge"), typesOf(need, "enroll")
	}
	return r
}

func typesOf(need rawjson.Value, name string) []string {
	var out []string
	list, _ := need.Get(name)
	for _, it := range list.Items() {
		if t := it.GetStr("type"); t != "" && len(out) < 16 {
			out = append(out, t)
		}
	}
	return out
}

func clip(b []byte, n int) []byte {
	if len(b) > n {
		return b[:n]
	}
	return b
}

// normal makes descriptions comparable: lower case, blanks folded, typographic
// quotes made plain, no full stop at the end.
func normal(s string) string {
	if len(s) > 8<<10 {
		s = s[:8<<10]
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u2018', '\u2019', '\u00b4', '`':
			return '\''
		case '\u201c', '\u201d':
			return '"'
		}
		return unicode.ToLower(r)
	}, s)
	return strings.TrimRight(strings.Join(strings.Fields(s), " "), ". ")
}

// htmlTitle tells whether a text is a page of HTML, and its title.
func htmlTitle(s string) (page bool, title string) {
	head := s
	if len(head) > 16<<10 {
		head = head[:16<<10]
	}
	low := strings.ToLower(head)
	if !strings.HasPrefix(low, "<") || !(strings.Contains(low, "<html") || strings.Contains(low, "<!doctype") || strings.Contains(low, "<head") || strings.Contains(low, "<body") || strings.Contains(low, "<title") || strings.Contains(low, "<h1")) {
		return false, ""
	}
	if len(low) != len(head) { // some letters change their length with their case
		return true, ""
	}
	for _, tag := range []string{"<title", "<h1"} {
		_, rest, ok := cutAt(low, head, tag)
		if !ok {
			continue
		}
		gt := strings.IndexByte(rest, '>')
		if gt < 0 {
			continue
		}
		text, _, _ := strings.Cut(rest[gt+1:], "<")
		if text = strings.Join(strings.Fields(text), " "); text != "" {
			return true, short(text, 120)
		}
	}
	return true, ""
}

// cutAt cuts text where its lower-case form low has sep.
func cutAt(low, text, sep string) (before, after string, ok bool) {
	i := strings.Index(low, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

// short cuts a text to n runes, telling so.
//
// Inlined, its copies make the program 24 KB larger and no faster.
//
//go:noinline
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	for i := range s {
		if count == n {
			return s[:i] + "…"
		}
		count++
	}
	return s
}
