package profiles

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"authwalk/flows"
)

// Kind is where a reference leads.
type Kind string

// The kinds of reference.
const (
	KindEnv     Kind = "env"     // an environment variable
	KindFile    Kind = "file"    // a file's contents, less one line end
	KindKeyring Kind = "keyring" // the system's keyring, service authwalk
	KindCmd     Kind = "cmd"     // the first line that a program prints
	KindPrompt  Kind = "prompt"  // asked of the person each time
)

// Ref is what stands in a profile where a secret belongs. The zero Ref is none.
type Ref struct {
	Kind Kind
	Arg  string // a name, a path, or a program with its arguments
}

// IsZero tells that there is no reference.
func (r Ref) IsZero() bool { return r.Kind == "" }

// String is the reference as it is written in a profile. It leads to a secret
// and is none itself.
func (r Ref) String() string {
	if r.Kind == "" || r.Kind == KindPrompt {
		return string(r.Kind)
	}
	return string(r.Kind) + ":" + r.Arg
}

// ErrPrompt is what resolving `prompt` gives: the caller asks the person.
var ErrPrompt = errors.New("this is to be asked of the person")

// ParseRef reads a reference that stands at a key or flag. The empty text is
// the zero Ref. Anything else that is no reference is taken for a secret: the
// error, a *flows.UsageError, says what to write instead and does not repeat it.
func ParseRef(s, key string) (Ref, error) {
	r, msg := parseRef(s, "")
	if msg != "" {
		return Ref{}, usagef(key, "%s: %s", key, msg)
	}
	return r, nil
}

// parseRef gives what is wrong as a sentence. name goes into the example.
func parseRef(s, name string) (Ref, string) {
	if s == "" {
		return Ref{}, ""
	}
	if s == string(KindPrompt) {
		return Ref{Kind: KindPrompt}, ""
	}
	if name == "" {
		name = "NAME"
	}
	kind, arg, ok := strings.Cut(s, ":")
	arg = strings.TrimSpace(arg)
	switch k := Kind(kind); {
	case ok && k == KindPrompt:
		return Ref{}, "prompt takes nothing after it: write prompt alone"
	case !ok || k != KindEnv && k != KindFile && k != KindKeyring && k != KindCmd:
		return Ref{}, "a secret must not stand here; write a reference to it: keyring:" + name + " (the system's keyring), env:NAME (an environment variable), " +
			"file:PATH (a file of its own), cmd:PROGRAM ARGS (the first line it prints) or prompt (asked each time)"
	case arg == "":
		return Ref{}, fmt.Sprintf("the reference says %s: and nothing after it: %s", k, refForms[k])
	case strings.ContainsFunc(arg, isControl):
		return Ref{}, fmt.Sprintf("the %s reference has a line end or control character in it: %s", k, refForms[k])
	case k == KindEnv && strings.ContainsAny(arg, "= \t$"):
		return Ref{}, "env: takes the bare name of an environment variable, like env:ACME_SECRET"
	case k == KindCmd:
		if _, err := splitCommand(arg); err != nil {
			return Ref{}, "cmd: cannot be split into words: " + err.Error()
		}
		return Ref{k, arg}, ""
	default:
		return Ref{k, arg}, ""
	}
}

var refForms = map[Kind]string{
	KindEnv: "write env:NAME", KindFile: "write file:PATH", KindKeyring: "write keyring:NAME", KindCmd: "write cmd:PROGRAM ARGS",
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f || r >= 0x80 && r <= 0x9f }

// RefError is a reference that gives no secret: what happened and what to do.
// It is a usage error (exit code 2) unless the work was interrupted.
type RefError struct {
	Key string // where the reference stands; may be empty
	Ref Ref
	Msg string // a sentence without its full stop, without the secret
	Err error  // the cause, where there is one
}

func (e *RefError) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("%s: %s", e.Ref, e.Msg)
	}
	return fmt.Sprintf("%s (%s): %s", e.Key, e.Ref, e.Msg)
}

// Unwrap gives the cause, and the usage error that this is.
func (e *RefError) Unwrap() []error {
	if errors.Is(e.Err, context.Canceled) {
		return []error{e.Err}
	}
	u := &flows.UsageError{What: e.Key, Msg: e.Error()}
	if e.Err == nil {
		return []error{u}
	}
	return []error{e.Err, u}
}

// Limits of references.
const (
	refTimeout = 10 * time.Second // of the keyring and of a program
	refLimit   = 1 << 20          // bytes of a secret
)

// Resolver is what references are resolved with. The zero Resolver uses this
// process's environment and the system's keyring.
type Resolver struct {
	// Getenv looks up an environment variable; nil: os.LookupEnv.
	Getenv func(string) (string, bool)
	// Dir is what relative paths start from; empty: the working folder.
	Dir string
	// Key names where the reference stands, for errors.
	Key string
	// Waiting, if not nil, is told in a sentence what is being waited for,
	// before a wait for the keyring or a program begins.
	Waiting func(string)
	// Timeout is the limit for the keyring and for a program; 0: 10 s.
	Timeout time.Duration
}

func (r Resolver) lookup(name string) (string, bool) {
	if r.Getenv != nil {
		return r.Getenv(name)
	}
	return os.LookupEnv(name)
}

func (r Resolver) timeout() time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return refTimeout
}

func (r Resolver) waiting(format string, a ...any) {
	if r.Waiting != nil {
		r.Waiting(fmt.Sprintf(format, a...))
	}
}

// Resolve gets the secret that a reference leads to. Errors: ErrPrompt for
// `prompt`; a *RefError else. The zero Ref gives the empty secret.
func (r Ref) Resolve(ctx context.Context, with Resolver) (flows.Secret, error) {
	bad := func(err error, format string, a ...any) (flows.Secret, error) {
		return "", &RefError{Key: with.Key, Ref: r, Msg: fmt.Sprintf(format, a...), Err: err}
	}
	if err := ctx.Err(); err != nil {
		return bad(err, "it was interrupted")
	}
	var s string
	switch r.Kind {
	case "":
		return "", nil
	case KindPrompt:
		return "", ErrPrompt
	case KindEnv:
		v, ok := with.lookup(r.Arg)
		if !ok {
			return bad(nil, "the environment variable %s is not set: set it before authwalk starts", r.Arg)
		}
		s = v
	case KindFile:
		path := expandPath(r.Arg, with.Dir)
		b, err := readLimited(path, refLimit)
		if err != nil {
			return bad(err, "%s", pathFault(path, err, refLimit))
		}
		s = trimLineEnd(string(b))
	case KindKeyring:
		with.waiting("waiting for the system's keyring (%s), for %s at most", r, with.timeout())
		v, msg, err := keyringGet(ctx, r.Arg, with.timeout(), with.lookup)
		if msg != "" {
			return bad(err, "%s", msg)
		}
		s = v
	case KindCmd:
		with.waiting("waiting for the program of %s, for %s at most", r, with.timeout())
		v, msg, err := runCommand(ctx, r.Arg, with)
		if msg != "" {
			return bad(err, "%s", msg)
		}
		s = v
	default:
		return bad(nil, "this kind of reference is unknown")
	}
	if s == "" {
		return bad(nil, "it leads to an empty text; put the secret there")
	}
	return flows.Secret(s), nil
}

// trimLineEnd takes off one line end, and nothing else: a secret may end in blanks.
func trimLineEnd(s string) string {
	if t, ok := strings.CutSuffix(s, "\n"); ok {
		return strings.TrimSuffix(t, "\r")
	}
	return s
}

// expandPath makes a path of a profile whole: ~ is the home folder, and what is
// relative starts from dir.
func expandPath(path, dir string) string {
	if path == "~" || strings.HasPrefix(path, "~/") || os.PathSeparator == '\\' && strings.HasPrefix(path, `~\`) {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, path[1:])
		}
	}
	if path == "" || filepath.IsAbs(path) || dir == "" {
		return path
	}
	return filepath.Join(dir, path)
}

var (
	errFolder  = errors.New("it is a folder")
	errTooLong = errors.New("it is too long")
)

// readLimited reads a file of at most limit bytes. It never waits for a pipe
// that nobody writes to.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return nil, errFolder
	}
	if st.Mode().IsRegular() && st.Size() > limit {
		return nil, errTooLong
	}
	_ = f.SetReadDeadline(time.Now().Add(refTimeout)) // pipes; other files have none
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, errTooLong
	}
	return b, nil
}

// pathFault says why a file could not be read, and what to do.
func pathFault(path string, err error, limit int64) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("there is no file %s: create it, or mend the path", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("%s must not be read by you: mend its owner or mode (chmod u+r)", path)
	case errors.Is(err, errFolder):
		return fmt.Sprintf("%s is a folder: name a file in it", path)
	case errors.Is(err, errTooLong):
		return fmt.Sprintf("%s is larger than %d KiB: this is hardly the file you mean", path, limit>>10)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Sprintf("nothing came from %s within %s", path, refTimeout)
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Sprintf("%s cannot be read: %v", path, err)
}
