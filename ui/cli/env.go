package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"

	"authwalk/flows"
)

// Env is everything that a run of the program gets from outside.
type Env struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Whether each of them is a terminal.
	StdinTTY, StdoutTTY, StderrTTY bool
	// Lookup reads an environment variable.
	Lookup func(string) (string, bool)
	// Secret reads one line from the terminal without showing it; it calls ask,
	// which puts the question, once nothing is shown any more.
	Secret func(ctx context.Context, ask func()) (string, error)
	// Context ends the headless commands when it is cancelled; nil: ctrl+c and
	// SIGTERM do.
	Context context.Context
	// Clock is the machine's unless set, Transport the network.
	Clock     flows.Clock
	Transport http.RoundTripper

	lines *bufio.Reader // over Stdin, for questions
}

// System is the Env of a process.
func System() Env {
	tty := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	held := ownVariables()
	return Env{
		Args:  os.Args[1:],
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		StdinTTY: tty(os.Stdin), StdoutTTY: tty(os.Stdout), StderrTTY: tty(os.Stderr),
		Lookup: func(name string) (string, bool) {
			if v, ok := held[name]; ok {
				return v, true
			}
			return os.LookupEnv(name)
		},
		Secret: func(ctx context.Context, ask func()) (string, error) {
			return readSecret(ctx, os.Stdin, ask)
		},
		Clock: flows.SystemClock(),
	}
}

// ownVariables takes what is meant for authwalk alone, secrets among it, out of
// the environment: the programs that are started would inherit it, and those of
// a clipboard (xclip) live on for as long as the text is there.
func ownVariables() map[string]string {
	held := map[string]string{}
	for _, e := range os.Environ() {
		if name, v, ok := strings.Cut(e, "="); ok && strings.HasPrefix(name, "AUTHWALK_") && os.Unsetenv(name) == nil {
			held[name] = v
		}
	}
	return held
}

// get is an environment variable, empty when it is not set.
func (e *Env) get(name string) string {
	v, _ := e.Lookup(name)
	return v
}

// headless is the context of a command that has no screens: ctrl+c, SIGTERM and
// a closed terminal cancel it, a second ctrl+c ends the process at once.
// Screens never run under it: Bubble Tea owns the signals there.
func (e *Env) headless() (context.Context, context.CancelFunc) {
	if e.Context != nil {
		return context.WithCancel(e.Context)
	}
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // under nohup it is to go on
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// canAsk tells whether a command without screens may ask questions: only when
// stdin and stderr are terminals.
func (e *Env) canAsk() bool { return e.StdinTTY && e.StderrTTY }

// errEnd tells that stdin ended where an answer was expected.
var errEnd = errors.New("the input ended where an answer was needed")

// ask puts a question on stderr and reads a line from the terminal, without
// showing it for a secret.
func (e *Env) ask(ctx context.Context, question string, secret bool) (string, error) {
	put := func() { fmt.Fprintf(e.Stderr, "%s: ", question) }
	if !secret || e.Secret == nil {
		put()
		return e.line(ctx)
	}
	s, err := e.Secret(ctx, put)
	fmt.Fprintln(e.Stderr)
	if errors.Is(err, io.EOF) {
		err = errEnd
	}
	return s, err
}

// line reads one line of stdin without its end. Text before the end of the
// input counts as a line.
func (e *Env) line(ctx context.Context) (string, error) {
	if e.lines == nil {
		e.lines = bufio.NewReader(io.LimitReader(e.Stdin, maxInput))
	}
	s, err := within(ctx, func() (string, error) { return e.lines.ReadString('\n') })
	if errors.Is(err, io.EOF) {
		if s == "" {
			return "", errEnd
		}
		err = nil
	}
	return strings.TrimRight(s, "\r\n"), err
}

// maxInput bounds what is read from stdin and from files that are arguments.
const maxInput = 64 << 20

// all reads stdin to its end.
func (e *Env) all(ctx context.Context) ([]byte, error) {
	return within(ctx, func() ([]byte, error) { return readLimited(e.Stdin) })
}

func readLimited(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(b) > maxInput {
		return nil, usage("the input is longer than %d MiB", maxInput>>20)
	}
	return b, err
}

// within runs a read that cannot be cancelled, and stops waiting for it when
// ctx ends. Where both come at once the end of ctx counts: ctrl+c is no answer.
func within[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type got struct {
		v   T
		err error
	}
	c := make(chan got, 1)
	go func() {
		v, err := read()
		c <- got{v, err}
	}()
	var g got
	select {
	case g = <-c:
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		var zero T
		return zero, err
	}
	return g.v, g.err
}

// out is a stream that remembers that it could not be written to: a full disk
// must not look like success.
type out struct {
	io.Writer
	err   error
	wrote bool // something was tried to be written
}

func (o *out) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	o.wrote = true
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}
