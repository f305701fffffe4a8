package ui

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// document is a large text, made ready once and then read by lines. It keeps
// the text in one piece and the place of every 64th line, so that an answer of
// 50 MB costs little more than itself.
type document struct {
	text  []byte
	marks []int // where lines 0, 64, 128 … begin
	lines int
	kind  string // json, text, binary
	note  string // what is to be told of it
}

// markEvery is how many lines stand between two marks.
const markEvery = 64

// maxLine is how much of one line is ever drawn.
const maxLine = 4 << 10

// newDocument reads a body whole. JSON is indented as it streams through; what
// is no text is shown as hex. The context ends it early.
func newDocument(ctx context.Context, r io.Reader, contentType string, sizeHint int64) *document {
	d := &document{kind: "text"}
	br := bufio.NewReaderSize(r, 64<<10)
	head, _ := br.Peek(4096)
	ct := strings.ToLower(contentType)
	first := bytes.TrimLeft(head, " \t\r\n\xef\xbb\xbf")
	switch {
	case strings.Contains(ct, "json") || len(first) > 0 && (first[0] == '{' || first[0] == '[') && !strings.Contains(ct, "html"):
		d.kind = "json"
		d.text = make([]byte, 0, min(sizeHint*3/2, 256<<20))
		if err := d.indent(ctx, br); err != nil {
			d.note = "it is no whole JSON: " + err.Error()
		}
	case binary(head, ct):
		d.kind = "binary"
		b, _ := io.ReadAll(io.LimitReader(br, 64<<10))
		d.text = []byte(strings.TrimRight(hex.Dump(b), "\n"))
		if sizeHint > int64(len(b)) {
			d.note = "only the first " + size(int64(len(b))) + " are shown"
		}
	default:
		d.text, _ = io.ReadAll(br)
	}
	d.index()
	return d
}

// binary tells whether bytes are no text.
func binary(head []byte, contentType string) bool {
	if strings.HasPrefix(contentType, "text/") {
		return false
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return true
	}
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && n == 1 && i < len(head)-4 {
			return true
		}
		i += n
	}
	return false
}

// index notes where every 64th line begins.
func (d *document) index() {
	d.marks, d.lines = []int{0}, 0
	if len(d.text) == 0 {
		return
	}
	for at := 0; ; {
		d.lines++
		i := bytes.IndexByte(d.text[at:], '\n')
		if i < 0 {
			return
		}
		at += i + 1
		if d.lines%markEvery == 0 {
			d.marks = append(d.marks, at)
		}
	}
}

// line gives line n, cut to what can be drawn.
func (d *document) line(n int) string {
	if n < 0 || n >= d.lines {
		return ""
	}
	at := d.marks[n/markEvery]
	for range n % markEvery {
		at += bytes.IndexByte(d.text[at:], '\n') + 1
	}
	end := bytes.IndexByte(d.text[at:], '\n')
	if end < 0 {
		end = len(d.text) - at
	}
	l := d.text[at : at+end]
	if len(l) > maxLine {
		l = l[:maxLine]
		return strings.ToValidUTF8(string(l), "") + "…"
	}
	return strings.TrimSuffix(string(l), "\r")
}

var errCut = errors.New("it ends too early")

// indent writes JSON with two blanks a level. It looks at quotes and brackets
// alone: numbers and strings stay as they were written.
func (d *document) indent(ctx context.Context, r *bufio.Reader) error {
	depth, inString, escaped, empty, seen := 0, false, false, false, false
	out := d.text
	newline := func() {
		out = append(out, '\n')
		for range min(depth, 60) {
			out = append(out, ' ', ' ')
		}
	}
	defer func() { d.text = out }()
	for n := 0; ; n++ {
		if n&0xffff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		c, err := r.ReadByte()
		if err != nil {
			if depth > 0 || inString {
				return errCut
			}
			if !seen {
				return errCut
			}
			return nil
		}
		if inString {
			out = append(out, c)
			switch {
			case escaped:
				escaped = false
			case c == '\\':
				escaped = true
			case c == '"':
				inString = false
			}
			continue
		}
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case 0xef, 0xbb, 0xbf:
			if !seen {
				continue // a byte order mark
			}
		}
		seen = true
		if empty && c != '}' && c != ']' {
			newline()
		}
		switch c {
		case '{', '[':
			out = append(out, c)
			depth++
			empty = true
			continue
		case '}', ']':
			depth = max(depth-1, 0)
			if !empty {
				newline()
			}
			out = append(out, c)
		case ',':
			out = append(out, c)
			newline()
		case ':':
			out = append(out, ':', ' ')
		case '"':
			out = append(out, c)
			inString = true
		default:
			out = append(out, c)
		}
		empty = false
	}
}

// find gives the lines that have a word, at most limit of them.
func (d *document) find(ctx context.Context, word string, limit int) []int {
	var out []int
	low := bytes.ToLower([]byte(word))
	n, at := 0, 0
	for at <= len(d.text) && len(out) < limit {
		if n&0xfff == 0 && ctx.Err() != nil {
			return out
		}
		end := bytes.IndexByte(d.text[at:], '\n')
		if end < 0 {
			end = len(d.text) - at
		}
		if bytes.Contains(bytes.ToLower(d.text[at:at+end]), low) {
			out = append(out, n)
		}
		at += end + 1
		n++
	}
	return out
}
