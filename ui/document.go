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
// the text and the place of every 64th line, so that an answer of 50 MB costs
// little more than itself. JSON is kept by lines without their indentation, which
// follows from the brackets that end and begin lines.
type document struct {
	text  rope
	marks []place // lines 0, 64, 128 …
	lines int
	kind  string // json, text, binary
	note  string // what is to be told of it
	tree  bool   // it is whole JSON: lines and brackets say how it is made
	folds folds
}

// place is where a line begins, and how many brackets are open there.
type place struct{ line, at, depth int }

// markEvery is how many lines stand between two marks.
const markEvery = 64

// maxLine is how much of one line is ever drawn.
const maxLine = 4 << 10

// rope is a text in pieces of one size: growing it copies nothing.
type rope struct {
	pieces [][]byte
	n      int
}

// pieceSize is the size of a rope's pieces, a power of two.
const pieceSize = 1 << 20

func (r *rope) add(p []byte) {
	for len(p) > 0 {
		at := r.n % pieceSize
		if at == 0 {
			room := pieceSize
			if r.n == 0 { // most texts are short
				room = min(pieceSize, max(len(p), 4<<10))
			}
			r.pieces = append(r.pieces, make([]byte, 0, room))
		}
		last := &r.pieces[len(r.pieces)-1]
		n := min(len(p), pieceSize-at)
		*last = append(*last, p[:n]...)
		r.n += n
		p = p[n:]
	}
}

// next is the place of the next line end at or after from, or the end.
func (r *rope) next(from int) int {
	for from < r.n {
		p := r.pieces[from/pieceSize]
		if i := bytes.IndexByte(p[from%pieceSize:], '\n'); i >= 0 {
			return from + i
		}
		from = (from/pieceSize + 1) * pieceSize
	}
	return r.n
}

func (r *rope) byte(at int) byte { return r.pieces[at/pieceSize][at%pieceSize] }

// part is the bytes from a place to another. It copies only where they are in
// two pieces.
func (r *rope) part(from, to int) []byte {
	if from >= to {
		return nil
	}
	p := r.pieces[from/pieceSize]
	if from/pieceSize == (to-1)/pieceSize {
		return p[from%pieceSize : from%pieceSize+to-from]
	}
	out := make([]byte, 0, to-from)
	for from < to {
		p := r.pieces[from/pieceSize][from%pieceSize:]
		n := min(len(p), to-from)
		out = append(out, p[:n]...)
		from += n
	}
	return out
}

// reader reads from a place to another.
func (r *rope) reader(from, to int) io.Reader {
	var all []io.Reader
	for from < to {
		n := min(to-from, pieceSize-from%pieceSize)
		all = append(all, bytes.NewReader(r.part(from, from+n)))
		from += n
	}
	return io.MultiReader(all...)
}

// newDocument reads a body whole. JSON is put on lines as it streams through; what
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
		if err := d.layOut(ctx, br); err != nil {
			d.note = "it is no whole JSON: " + err.Error()
		}
	case binary(head, ct):
		d.kind = "binary"
		b, _ := io.ReadAll(io.LimitReader(br, 64<<10))
		d.text.add([]byte(strings.TrimRight(hex.Dump(b), "\n")))
		if sizeHint > int64(len(b)) {
			d.note = "only the first " + size(int64(len(b))) + " are shown"
		}
	case strings.Contains(ct, "html") && sizeHint <= htmlLimit:
		b, _ := io.ReadAll(io.LimitReader(br, htmlLimit))
		if text := htmlText(string(b)); text != "" {
			d.text.add([]byte(text))
			d.note = "this is the page's text; S saves it as it came, w shows it so"
			break
		}
		d.text.add(b)
	default:
		buf := make([]byte, 64<<10)
		for ctx.Err() == nil {
			n, err := br.Read(buf)
			d.text.add(buf[:n])
			if err != nil {
				break
			}
		}
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
	d.marks = nil
	p := place{}
	for ok := d.text.n > 0; ok; {
		if p.line%markEvery == 0 {
			d.marks = append(d.marks, p)
		}
		_, ok = d.next(&p)
	}
	d.lines = p.line
}

// next goes over the line at a place to the one after it, and gives its end. It
// is false after the last line.
func (d *document) next(p *place) (end int, more bool) {
	end = d.text.next(p.at)
	if d.kind == "json" && p.at < end {
		if c := d.text.byte(p.at); c == '}' || c == ']' {
			p.depth = max(p.depth-1, 0)
		}
		if c := d.text.byte(end - 1); c == '{' || c == '[' {
			p.depth++
		}
	}
	p.line++
	p.at = end + 1
	return end, p.at <= d.text.n
}

// opens and closes tell whether a line, which is not empty, ends or begins with a
// bracket whose other one is on another line.
func (d *document) opens(end int) bool {
	c := d.text.byte(end - 1)
	return c == '{' || c == '['
}

func (d *document) closes(at int) bool {
	c := d.text.byte(at)
	return c == '}' || c == ']'
}

// place finds a line.
func (d *document) place(line int) place {
	p := d.marks[line/markEvery]
	for p.line < line {
		d.next(&p)
	}
	return p
}

// line gives line n, cut to what can be drawn.
func (d *document) line(n int) string {
	if n < 0 || n >= d.lines {
		return ""
	}
	p := d.place(n)
	end := d.text.next(p.at)
	if d.kind == "json" && p.at < end && d.closes(p.at) {
		p.depth--
	}
	in := gap(2 * max(min(p.depth, 60), 0))
	if end-p.at > maxLine {
		return in + strings.ToValidUTF8(string(d.text.part(p.at, p.at+maxLine)), "") + "…"
	}
	return in + strings.TrimSuffix(string(d.text.part(p.at, end)), "\r")
}

// String is the whole document, for what is known to be small.
func (d *document) String() string {
	if d.kind != "json" {
		return string(d.text.part(0, d.text.n))
	}
	var b strings.Builder
	for p := (place{}); p.line < d.lines; {
		at, in := p.at, p.depth
		end, _ := d.next(&p)
		if at < end && d.closes(at) {
			in--
		}
		if at > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(gap(2 * max(min(in, 60), 0)))
		b.Write(d.text.part(at, end))
	}
	return b.String()
}

var errCut, errBroken = errors.New("it ends too early"), errors.New("a string has a line end in it")

// layOut writes JSON by lines, a value or a bracket on each. It looks at quotes
// and brackets alone: numbers and strings stay as they were written.
func (d *document) layOut(ctx context.Context, r *bufio.Reader) error {
	depth, inString, escaped, empty, seen, broken, several := 0, false, false, false, false, false, false
	out := make([]byte, 0, 64<<10)
	newline := func() { out = append(out, '\n') }
	defer func() { d.text.add(out) }()
	var in []byte
	buf := make([]byte, 64<<10)
	for at := 0; ; at++ {
		for at >= len(in) {
			if err := ctx.Err(); err != nil {
				return err
			}
			d.text.add(out)
			out = out[:0]
			n, err := r.Read(buf)
			if in, at = buf[:n], 0; n == 0 && err != nil {
				switch {
				case depth > 0 || inString || !seen:
					return errCut
				case broken:
					return errBroken
				}
				d.tree = !several
				return nil
			}
		}
		c := in[at]
		if inString {
			if !escaped { // what needs no look goes at once
				n := bytes.IndexAny(in[at:], `"\\`)
				if n < 0 {
					broken = broken || bytes.IndexByte(in[at:], '\n') >= 0
					out = append(out, in[at:]...)
					at = len(in) - 1
					continue
				}
				broken = broken || bytes.IndexByte(in[at:at+n], '\n') >= 0
				out = append(out, in[at:at+n]...)
				at += n
				c = in[at]
			}
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
		if seen && depth == 0 && (c == '{' || c == '[') {
			newline()
			several = true
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
	for n, at := 0, 0; n < d.lines && len(out) < limit; n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return out
		}
		end := d.text.next(at)
		if bytes.Contains(bytes.ToLower(d.text.part(at, end)), low) {
			out = append(out, n)
		}
		at = end + 1
	}
	return out
}
