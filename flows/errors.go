package flows

import (
	"errors"
	"fmt"

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
	return &Error{Kind: ErrorTransport, Msg: ex.Fault.Error(), Fault: ex.Fault, Status: ex.Status}
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
	text := func(name string) string {
		m, _ := v.Get(name)
		return m.Str()
	}
	e := &Error{Kind: ErrorOAuth, Status: status, Code: m.Str(), Description: text("error_description"), URI: text("error_uri"), MFAToken: Secret(text("mfa_token"))}
	e.Msg = e.Code
	if e.Description != "" {
		e.Msg += ": " + e.Description
	}
	return e, false
}

// readObject reads a reply that must be a JSON object. Every other reply ends
// in an *Error that says what came.
func readObject(ex Exchange) (rawjson.Value, []rawjson.Problem, error) {
	if ex.Fault != nil {
		return rawjson.Value{}, nil, faultError(ex)
	}
	if ex.Status >= 300 && ex.Status < 400 {
		to := ex.Header.Get("Location")
		if to == "" {
			to = "nowhere"
		}
		return rawjson.Value{}, nil, shapeError(ex, fmt.Sprintf("the server redirects (%d) to %s; credentials were not sent there", ex.Status, to))
	}
	if len(ex.Body) == 0 {
		return rawjson.Value{}, nil, shapeError(ex, fmt.Sprintf("the reply (%d) is empty", ex.Status))
	}
	if ex.Truncated {
		return rawjson.Value{}, nil, shapeError(ex, fmt.Sprintf("the reply (%d) is longer than %d bytes and was cut", ex.Status, limitReply))
	}
	v, problems, err := rawjson.Parse(ex.Body)
	if err != nil {
		return v, problems, shapeError(ex, fmt.Sprintf("the reply (%d, %s) is no JSON: %v", ex.Status, contentType(ex), err))
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
		return t
	}
	return "no Content-Type"
}
