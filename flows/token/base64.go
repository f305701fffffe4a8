package token

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"
)

var strictURL = base64.RawURLEncoding.Strict()

// decodePart decodes one part of a compact token. RFC 7515, 2 wants base64url
// without padding, line ends or blanks, and with zero trailing bits; fault is a
// clause that says how the part breaks that. ok means that bytes came out all
// the same, so that they can be shown: a part in the other alphabet, with
// padding, or with trailing bits is readable though wrong.
func decodePart(part string) (text []byte, fault string, ok bool) {
	// The decoder skips line ends; a token must not have any.
	if !strings.ContainsAny(part, "\r\n") {
		if text, err := strictURL.DecodeString(part); err == nil {
			return text, "", true
		}
	}
	for i := 0; i < len(part); i++ {
		c := part[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			continue
		}
		switch {
		case c == '+' || c == '/':
			fault = fmt.Sprintf("is not base64url: %q at its byte %d belongs to plain base64", c, i)
		case c == '=' && strings.Trim(part[i:], "=") == "":
			fault = "is padded with =, which base64url in a token is not"
		default:
			fault = fmt.Sprintf("is not base64url: %s at its byte %d", byteAt(part, i), i)
		}
		break
	}
	plain := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(part, "="))
	if fault == "" && len(plain)%4 == 1 {
		fault = "is not base64url: its length is impossible, so it was cut or something was added"
	}
	if fault == "" {
		fault = "is not base64url as it must be written: the bits after its end are not zero"
	}
	if strings.ContainsAny(plain, "\r\n") {
		return nil, fault, false
	}
	if text, err := base64.RawURLEncoding.DecodeString(plain); err == nil {
		return text, fault, true
	}
	return nil, fault, false
}

// byteAt names the character at a place so that it can be printed.
func byteAt(s string, i int) string {
	r, n := utf8.DecodeRuneInString(s[i:])
	if r == utf8.RuneError && n <= 1 {
		return fmt.Sprintf("the byte 0x%02x", s[i])
	}
	switch r {
	case '\n', '\r':
		return "a line end"
	case ' ':
		return "a blank"
	}
	return fmt.Sprintf("the character %q", r)
}

// shorten cuts a long text for a sentence.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
