package flows

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Everything here that can hold a secret names itself instead of printing its
// contents: for every verb of fmt, in JSON and in slog. A Secret does so too,
// but fmt and encoding/json see no methods of what is in unexported fields, in
// maps and in bytes. What is to be shown goes through flows/report.

// show writes what a value says of itself, for any verb.
func show(f fmt.State, s string) { _, _ = f.Write([]byte(s)) }

func quoted(s string) ([]byte, error) { return json.Marshal(s) }

// shortURL is a URL without what may be secret in it: user, query, fragment.
func shortURL(raw string) string {
	s := withoutUser(raw)
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		s = s[:i+1] + "…"
	}
	return s
}

// withoutUser takes the user and password out of a URL, also out of one that
// does not parse.
func withoutUser(raw string) string {
	from := 0
	if i := strings.Index(raw, "://"); i >= 0 {
		from = i + len("://")
	} else if strings.HasPrefix(raw, "//") {
		from = 2
	}
	end := len(raw)
	if i := strings.IndexAny(raw[from:], "/?#"); i >= 0 {
		end = from + i
	}
	at := strings.LastIndexByte(raw[from:end], '@')
	if at < 0 {
		if from == 0 {
			return raw
		}
		// A password may hold what ends a host elsewhere: what does not parse
		// is cut at its last @.
		if _, err := url.Parse(raw); err == nil {
			return raw
		}
		if at = strings.LastIndexByte(raw[from:], '@'); at < 0 {
			return raw
		}
	}
	return raw[:from] + "…" + raw[from+at:]
}

// String names the set-up without its secrets.
func (c Config) String() string {
	name := c.Name
	if name == "" {
		name = "no name"
	}
	return fmt.Sprintf("set-up %s (%s, client %s, %s)", name, withoutUser(c.Origin()), c.ClientID, c.Auth())
}

// Format names the set-up without its secrets, for every verb.
func (c Config) Format(f fmt.State, _ rune) { show(f, c.String()) }

// MarshalJSON names the set-up without its secrets.
func (c Config) MarshalJSON() ([]byte, error) { return quoted(c.String()) }

// String names the call without headers and body.
func (s SavedCall) String() string { return fmt.Sprintf("call %s %s", s.Method, shortURL(s.URL)) }

// Format names the call without headers and body, for every verb.
func (s SavedCall) Format(f fmt.State, _ rune) { show(f, s.String()) }

// MarshalJSON names the call without headers and body.
func (s SavedCall) MarshalJSON() ([]byte, error) { return quoted(s.String()) }

// String names the client's set-up.
func (c *Client) String() string { return "client of " + c.Config.String() }

// Format names the client's set-up, for every verb.
func (c *Client) Format(f fmt.State, _ rune) { show(f, c.String()) }

// MarshalJSON names the client's set-up.
func (c *Client) MarshalJSON() ([]byte, error) { return quoted(c.String()) }

// String names the request without its contents.
func (r Request) String() string { return r.Method + " " + shortURL(r.URL) }

// Format names the request without its contents, for every verb.
func (r Request) Format(f fmt.State, _ rune) { show(f, r.String()) }

// MarshalJSON names the request without its contents.
func (r Request) MarshalJSON() ([]byte, error) { return quoted(r.String()) }

// String names the call without its contents.
func (c Call) String() string { return fmt.Sprintf("call %s %s", c.Method, shortURL(c.URL)) }

// Format names the call without its contents, for every verb.
func (c Call) Format(f fmt.State, _ rune) { show(f, c.String()) }

// MarshalJSON names the call without its contents.
func (c Call) MarshalJSON() ([]byte, error) { return quoted(c.String()) }

// String names the exchange without its contents.
func (e Exchange) String() string {
	if e.Fault != nil {
		return fmt.Sprintf("%s %s: %s", e.Method, shortURL(e.URL), e.Fault.Stage)
	}
	return fmt.Sprintf("%s %s: %d", e.Method, shortURL(e.URL), e.Status)
}

// Format names the exchange without its contents, for every verb.
func (e Exchange) Format(f fmt.State, _ rune) { show(f, e.String()) }

// LogValue names the exchange without its contents.
func (e Exchange) LogValue() slog.Value { return slog.StringValue(e.String()) }

// MarshalJSON names the exchange without its contents.
func (e Exchange) MarshalJSON() ([]byte, error) { return quoted(e.String()) }

// String tells the size alone.
func (s *Spool) String() string { return fmt.Sprintf("%d bytes", s.Size()) }

// Format tells the size alone, for every verb.
func (s *Spool) Format(f fmt.State, _ rune) { show(f, s.String()) }

// MarshalJSON tells the size alone.
func (s *Spool) MarshalJSON() ([]byte, error) { return quoted(s.String()) }

// String never shows a token.
func (t Tokens) String() string { return "tokens" }

// Format never shows a token.
func (t Tokens) Format(f fmt.State, _ rune) { show(f, t.String()) }

// MarshalJSON never shows a token.
func (t Tokens) MarshalJSON() ([]byte, error) { return quoted(t.String()) }

// String lists the names alone.
func (v Values) String() string {
	return "values of " + strings.Join(slices.Sorted(maps.Keys(v)), ", ")
}

// Format lists the names alone, for every verb.
func (v Values) Format(f fmt.State, _ rune) { show(f, v.String()) }

// MarshalJSON lists the names alone.
func (v Values) MarshalJSON() ([]byte, error) { return quoted(v.String()) }

// String names the step and its fields.
func (s Step) String() string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return fmt.Sprintf("step %q (%s)", s.Title, strings.Join(names, ", "))
}

// Format names the step and its fields, for every verb.
func (s Step) Format(f fmt.State, _ rune) { show(f, s.String()) }

// MarshalJSON names the step and its fields.
func (s Step) MarshalJSON() ([]byte, error) { return quoted(s.String()) }

// String names the choice.
func (c Choice) String() string { return fmt.Sprintf("choice %q", c.Title) }

// Format names the choice, for every verb.
func (c Choice) Format(f fmt.State, _ rune) { show(f, c.String()) }

// MarshalJSON names the choice.
func (c Choice) MarshalJSON() ([]byte, error) { return quoted(c.String()) }

// String names the field without its value.
func (f Field) String() string { return "field " + f.Name }

// Format names the field without its value, for every verb.
func (f Field) Format(st fmt.State, _ rune) { show(st, f.String()) }

// MarshalJSON names the field without its value.
func (f Field) MarshalJSON() ([]byte, error) { return quoted(f.String()) }

// String gives the note's title, and its text unless that is to be kept.
func (n Note) String() string {
	text := n.Text
	switch n.Kind {
	case NoteText, NoteWarn:
	default:
		text = Secret(text).String()
	}
	return strings.TrimSpace("note " + n.Title + " " + text)
}

// Format gives the note's title, and its text unless that is to be kept.
func (n Note) Format(f fmt.State, _ rune) { show(f, n.String()) }

// MarshalJSON gives the note's title, and its text unless that is to be kept.
func (n Note) MarshalJSON() ([]byte, error) { return quoted(n.String()) }

// String counts what the session holds.
func (s *Session) String() string {
	return fmt.Sprintf("session of %s: %d exchanges, %d generations", s.Config, len(s.Exchanges), len(s.Generations))
}

// Format counts what the session holds, for every verb.
func (s *Session) Format(f fmt.State, _ rune) { show(f, s.String()) }

// MarshalJSON counts what the session holds.
func (s *Session) MarshalJSON() ([]byte, error) { return quoted(s.String()) }

// String names the generation.
func (g Generation) String() string { return fmt.Sprintf("generation %d (%s)", g.N, g.Grant) }

// Format names the generation, for every verb.
func (g Generation) Format(f fmt.State, _ rune) { show(f, g.String()) }

// MarshalJSON names the generation.
func (g Generation) MarshalJSON() ([]byte, error) { return quoted(g.String()) }

// String counts what came.
func (o Outcome) String() string {
	end := "nothing"
	switch {
	case o.Tokens != nil:
		end = "tokens"
	case o.Answer != nil:
		end = "an answer"
	case o.Next != nil:
		end = o.Next.String()
	}
	return fmt.Sprintf("outcome of %d exchanges: %s, error: %v", len(o.Exchanges), end, o.Err)
}

// Format counts what came, for every verb.
func (o Outcome) Format(f fmt.State, _ rune) { show(f, o.String()) }

// String names the exchange.
func (a Answer) String() string { return "answer of " + a.Exchange.String() }

// Format names the exchange, for every verb.
func (a Answer) Format(f fmt.State, _ rune) { show(f, a.String()) }

// Format gives the sentence, for every verb.
func (e *Error) Format(f fmt.State, _ rune) { show(f, e.Error()) }

// Format gives the sentence, for every verb.
func (e *ForeignHostError) Format(f fmt.State, _ rune) { show(f, e.Error()) }

// String counts the exchanges.
func (x Examination) String() string {
	return fmt.Sprintf("examination of %d exchanges, error: %v", len(x.Exchanges), x.Err)
}

// Format counts the exchanges, for every verb.
func (x Examination) Format(f fmt.State, _ rune) { show(f, x.String()) }

// String names the first line that failed.
func (r CheckResult) String() string {
	if l := r.FirstFailure(); l != nil {
		return "check that stops at " + l.ID
	}
	return "check that finds nothing wrong"
}

// Format names the first line that failed, for every verb.
func (r CheckResult) Format(f fmt.State, _ rune) { show(f, r.String()) }
