package profiles

import (
	"fmt"
	"slices"
	"strings"

	"authwalk/flows"
)

// Error is one fault in a profile file: where it is and what was expected. It
// never holds a secret. errors.As finds a *flows.UsageError in it.
type Error struct {
	File string // as it was named; empty for a profile that is in no file yet
	Line int    // from 1; 0 where the fault has no line
	Key  string // dotted, from the top: profile.acme-dev.client_id; may be empty
	Msg  string // what is wrong and what was expected, a sentence without its full stop
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString(e.Msg)
	return b.String()
}

// Unwrap makes it a usage error: commands end with exit code 2.
func (e *Error) Unwrap() error { return &flows.UsageError{What: e.Key, Msg: e.Error()} }

// Errors is all that is wrong in a file, by line.
type Errors []*Error

// maxErrors is how many faults are told at once; the rest is counted.
const maxErrors = 20

func (e Errors) Error() string {
	var lines []string
	for i, x := range e {
		if i == maxErrors {
			lines = append(lines, fmt.Sprintf("… and %d more", len(e)-i))
			break
		}
		lines = append(lines, x.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single faults.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, x := range e {
		out[i] = x
	}
	return out
}

func (e Errors) orNil() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *Error) int { return a.Line - b.Line })
	return e
}

func usagef(what, format string, a ...any) error {
	return &flows.UsageError{What: what, Msg: fmt.Sprintf(format, a...)}
}

// Near finds the name that was probably meant, or nothing.
func Near(got string, names []string) string {
	flat := flatten(got)
	best, at := "", 3
	for _, n := range names {
		f := flatten(n)
		if f == flat {
			return n
		}
		if d := distance(flat, f); d < at && d*3 <= len(f) {
			best, at = n, d
		}
	}
	return best
}

// flatten takes away what people vary: case, dashes and underscores.
func flatten(s string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(strings.ToLower(s))
}

// distance is the Levenshtein distance, with a swap of two neighbours as one
// step. Long names are no slips of the finger: they are far from everything.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
