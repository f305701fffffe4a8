package profiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/kballard/go-shellquote"
)

// splitCommand splits a command as a shell splits words, without expanding
// anything. Its error does not repeat the words.
func splitCommand(s string) ([]string, error) {
	words, err := shellquote.Split(s)
	switch {
	case err != nil:
		return nil, errors.New("a quote or a backslash at its end is not closed")
	case len(words) == 0 || words[0] == "":
		return nil, errors.New("it names no program")
	}
	return words, nil
}

// runCommand runs the program of a cmd: reference, without a shell, with stdin
// closed and without authwalk's own secrets in its environment, and gives its
// first line. What it says on stderr is not repeated: it may hold the secret.
func runCommand(ctx context.Context, command string, with Resolver) (string, string, error) {
	words, err := splitCommand(command)
	if err != nil {
		return "", "the command cannot be split into words: " + err.Error(), nil
	}
	limited, cancel := context.WithTimeout(ctx, with.timeout())
	defer cancel()
	program := words[0]
	if strings.ContainsAny(program, `/\`) {
		program = expandPath(program, with.Dir)
	}
	var line firstLine
	cmd := exec.CommandContext(limited, program, words[1:]...)
	cmd.Stdout = &line
	cmd.Env = cleanEnviron(os.Environ())
	cmd.WaitDelay = time.Second // a grandchild that keeps the pipe is not waited for
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", "it was interrupted while the program ran", ctx.Err()
	case limited.Err() != nil:
		return "", fmt.Sprintf("the program %s did not end within %s: run it by hand to see what it waits for (its stdin is closed)", words[0], with.timeout()), limited.Err()
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return "", fmt.Sprintf("there is no program %s: install it, or give its whole path", words[0]), err
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Sprintf("%s must not be run by you: mend its mode (chmod u+x)", words[0]), err
	case errors.As(err, &exit):
		return "", fmt.Sprintf("the program %s failed (%s): run it by hand to see why", words[0], exit.ProcessState), err
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return "", fmt.Sprintf("the program %s cannot be run: %v", words[0], err), err
	case line.tooLong:
		return "", fmt.Sprintf("the first line of the program %s is longer than %d KiB", words[0], refLimit>>10), nil
	}
	return strings.TrimSuffix(line.buf.String(), "\r"), "", nil
}

// cleanEnviron is the environment for a program: all but what brings secrets
// to authwalk itself.
func cleanEnviron(env []string) []string {
	out := make([]string, 0, len(env))
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(strings.ToUpper(name), "AUTHWALK_") {
			out = append(out, e)
		}
	}
	return out
}

// firstLine keeps what is written up to the first line end and drops the rest.
type firstLine struct {
	buf     bytes.Buffer
	done    bool
	tooLong bool
}

func (f *firstLine) Write(p []byte) (int, error) {
	n := len(p)
	if f.done {
		return n, nil
	}
	if i := bytes.IndexByte(p, '\n'); i >= 0 {
		p, f.done = p[:i], true
	}
	if f.buf.Len()+len(p) > refLimit {
		f.tooLong, f.done = true, true
		return n, nil
	}
	f.buf.Write(p)
	return n, nil
}
