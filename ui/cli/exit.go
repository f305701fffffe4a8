package cli

import (
	"context"
	"errors"
	"fmt"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
)

// ended is the error of a command that has said all there is to say: the
// program ends with its code and prints nothing more.
type ended int

func (e ended) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// end gives the error for an exit code; nil for 0.
func end(code int) error {
	if code == diagnosis.ExitGood {
		return nil
	}
	return ended(code)
}

// usage is a fault in what was given: exit code 2.
func usage(format string, a ...any) error {
	return &flows.UsageError{Msg: fmt.Sprintf(format, a...)}
}

// exitCode maps every error that a command can end with to the exit code of the
// program. It is the one place that does; classes of refusals have theirs in
// flows/diagnosis.
func exitCode(err error) int {
	var e ended
	var ue *flows.UsageError
	switch {
	case err == nil:
		return diagnosis.ExitGood
	case errors.As(err, &e):
		return int(e)
	case errors.Is(err, context.Canceled):
		return diagnosis.ExitInterrupted
	case errors.As(err, &ue), errors.Is(err, errEnd):
		return diagnosis.ExitUsage
	}
	return diagnosis.ExitOurs
}

// complaint is what is printed on stderr for an error; empty when the command
// has said it.
func complaint(err error) string {
	var e ended
	switch {
	case err == nil, errors.As(err, &e):
		return ""
	case errors.Is(err, context.Canceled):
		return "interrupted"
	}
	return err.Error()
}
