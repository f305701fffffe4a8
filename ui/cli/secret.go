package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/term"
)

// readSecret reads a line from the terminal without showing it. The echo is off
// before ask puts the question, so that nothing shows of what is typed at once.
// The terminal is as it was in any case; ctrl+c is context.Canceled.
func readSecret(ctx context.Context, tty *os.File, ask func()) (string, error) {
	fd := int(tty.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return "", fmt.Errorf("the terminal cannot hide what is typed: %w", err)
	}
	defer func() { _ = term.Restore(fd, state) }()
	ask()
	return within(ctx, func() (string, error) { return rawLine(tty) })
}

// The keys that a terminal in raw mode sends for editing a line.
const (
	keyCtrlC     = 0x03
	keyCtrlD     = 0x04
	keyBackspace = 0x08
	keyCtrlU     = 0x15
	keyDelete    = 0x7f
)

// maxSecret bounds what is typed or pasted at a question.
const maxSecret = 1 << 20

// rawLine reads keys to the end of a line.
func rawLine(r io.Reader) (string, error) {
	var line []byte
	key := make([]byte, 1)
	for {
		n, err := r.Read(key)
		if n == 0 {
			if err == nil {
				continue
			}
			if err == io.EOF && len(line) > 0 {
				return string(line), nil
			}
			return "", err
		}
		switch key[0] {
		case '\r', '\n':
			return string(line), nil
		case keyCtrlC:
			return "", context.Canceled
		case keyCtrlD:
			if len(line) == 0 {
				return "", io.EOF
			}
		case keyBackspace, keyDelete:
			_, size := utf8.DecodeLastRune(line)
			line = line[:len(line)-size]
		case keyCtrlU:
			line = line[:0]
		default:
			if len(line) < maxSecret {
				line = append(line, key[0])
			}
		}
	}
}
