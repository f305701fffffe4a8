package flows

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"authwalk/flows/rawjson"
)

// ErrorKind tells what sort of answer (or silence) an Error is about.
type ErrorKind int

// The kinds of Error.
const (
	ErrorTransport ErrorKind = iota // no reply, or a broken one
	ErrorShape                      // a reply that is no OAuth reply
	ErrorOAuth                      // an error object (RFC 6749 section 5.2)
)

// Error is what went wrong with an exchange. The exchange itself has the
// reply; the Error has what it says.
type Error struct {
	Kind   ErrorKind
	Msg    string // a sentence without its full stop
	Status int
	// Code, Description and URI are error, error_description and error_uri.
	Code, Description, URI string
	// MFAToken comes with mfa_required.
	MFAToken Secret
	Fault    *Fault
	cause    error
}

func (e *Error) Error() string { return e.Msg }

func (e *Error) Unwrap() error {
	if e.Fault != nil {
		return e.Fault
	}
	return e.cause
}

func faultError(ex Exchange) error {
	var ue *UsageError
	if errors.As(ex.Fault.Err, &ue) {
		return ue
	}
	return &Error{Kind: ErrorTransport, Msg: clip(ex.Fault.Error()), Fault: ex.Fault, Status: ex.Status}
}

func shapeError(ex Exchange, msg string) error {
	return &Error{Kind: ErrorShape, Msg: msg, Status: ex.Status}
}

// errorIn reads an error object from a reply; nil when there is none. The
// second result tells of an error member that is no string.
func errorIn(v rawjson.Value, status int) (*Error, bool) {
	m, ok := v.Get("error")
	if !ok {
		return nil, false
	}
	if m.Kind() != rawjson.String {
		return nil, true
	}
	e := &Error{Kind: ErrorOAuth, Status: status, Code: m.Str(), Description: v.GetStr("error_description"), URI: v.GetStr("error_uri"), MFAToken: Secret(v.GetStr("mfa_token"))}
	e.Msg = clip(e.Code)
	if e.Description != "" {
		e.Msg += ": " + clip(e.Description)
	}
	return e, false
}

// replyLimits keeps what a reply of a megabyte can take of memory: a value of
// two bytes takes a hundred when it is read.
var replyLimits = rawjson.Limits{Values: 1 << 17}

// readObject reads a reply that must be a JSON object. Every other reply ends
// in an *Error that says what came.
func readObject(ex Exchange) (rawjson.Value, []rawjson.Problem, error) {
	if ex.Fault != nil {
		return rawjson.Value{}, nil, faultError(ex)
	}
	if isRedirect(ex) {
		return rawjson.Value{}, nil, shapeError(ex, fmt.Sprintf("the server redirects (%d) to %s; nothing was sent there", ex.Status, location(ex)))
	}
	if len(ex.Body) == 0 {
		return rawjson.Value{}, nil, shapeError(ex, fmt.Sprintf("the reply (%d) is empty", ex.Status))
	}
	if ex.Truncated {
		return rawjson.Value{}, nil, shapeError(ex, fmt.Sprintf("the reply (%d) is longer than %d bytes and was cut", ex.Status, ex.BodySize))
	}
	v, problems, err := replyLimits.Parse(ex.Body)
	if err != nil {
		return v, problems, shapeError(ex, fmt.Sprintf("the reply (%d, %s) is no JSON that can be read: %s", ex.Status, contentType(ex), whyNoJSON(ex, err)))
	}
	if v.Kind() != rawjson.Object {
		return v, problems, shapeError(ex, fmt.Sprintf("the reply (%d) is JSON but no object", ex.Status))
	}
	e, notText := errorIn(v, ex.Status)
	if notText {
		return v, problems, shapeError(ex, fmt.Sprintf("the reply (%d) has an error that is no string", ex.Status))
	}
	if e != nil {
		return v, problems, e
	}
	return v, problems, nil
}

func contentType(ex Exchange) string {
	if t := ex.Header.Get("Content-Type"); t != "" {
		return clip(t)
	}
	return "no Content-Type"
}

func isRedirect(ex Exchange) bool {
	return ex.Status >= 300 && ex.Status < 400 && ex.Status != http.StatusNotModified
}

// location says where a redirect points, without what may be secret in it: a
// server may put what it was sent into the query.
func location(ex Exchange) string {
	to := ex.Header.Get("Location")
	if to == "" {
		return "nowhere"
	}
	return clip(shortURL(to))
}

// whyNoJSON says why a body is no JSON, for the two cases in which the parser
// can only tell of a strange byte.
func whyNoJSON(ex Exchange, err error) string {
	b := ex.Body
	switch {
	case ex.Header.Get("Content-Encoding") != "" && !strings.EqualFold(ex.Header.Get("Content-Encoding"), "identity"):
		return "it is compressed (Content-Encoding: " + clip(ex.Header.Get("Content-Encoding")) + "), which was not asked for"
	case bytes.HasPrefix(b, []byte{0x1f, 0x8b}):
		return "it is compressed (gzip), which was not asked for"
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}), len(b) > 1 && (b[0] == 0) != (b[1] == 0):
		return "it is UTF-16 or UTF-32, and JSON between systems is UTF-8 (RFC 8259 section 8.1)"
	}
	return err.Error()
}

// clipAt is how much of one text from outside an error's sentence repeats. The
// exchange has the whole.
const clipAt = 500

func clip(s string) string {
	if len(s) <= clipAt {
		return s
	}
	cut := clipAt
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
