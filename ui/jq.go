package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/itchyny/gojq"
)

// jqOutput is how much of what jq gives is shown.
const jqOutput = 4 << 20

// jqWhole is the size of a text from which on it is told first what jq costs that
// has to read it whole: what is parsed takes several times the memory.
var jqWhole = 32 << 20

// search runs the filter: words find lines, a leading dot is jq.
func (s *apiScreen) search() tea.Cmd {
	s.filter.editing = false
	text, d := s.filter.text(), s.doc
	s.jq, s.hits, s.scroll = nil, nil, scroll{}
	if text == "" || d == nil {
		return nil
	}
	if strings.HasPrefix(text, ".") && d.kind == "json" {
		q, err := gojq.Parse(text)
		if err != nil {
			return s.a.tell(stateBad, "jq: %s.", s.a.theirs(err.Error()))
		}
		if each, _ := elements(q); !each && d.text.n > jqWhole && s.jqAsked != text {
			s.jqAsked, s.filter.editing = text, true
			return s.a.tell(stateWarn, "This needs some %s of memory; enter runs it. What begins with .[] goes by elements.", size(int64(d.text.n)*5))
		}
		return tea.Batch(s.a.animate(), start(s.a, &s.jqTask, func(ctx context.Context) *document { return runJQ(ctx, q, &d.text) }, func(j *document) tea.Cmd {
			if j.kind == "error" {
				return s.a.tell(stateBad, "jq: %s.", s.a.theirs(j.note))
			}
			s.jq = j
			return nil
		}, nil))
	}
	return start(s.a, &s.jqTask, func(ctx context.Context) []int { return d.find(ctx, text, 20000) }, func(hits []int) tea.Cmd {
		if len(hits) == 0 {
			return s.a.tell(stateWarn, "No line has %q.", s.a.say(text))
		}
		s.hits = hits
		return nil
	}, nil)
}

// elements tells whether an expression asks for the elements of its input one by
// one, as .[] | f and .[].name do, and gives what it does with each.
func elements(q *gojq.Query) (bool, *gojq.Query) {
	if len(q.FuncDefs) > 0 || len(q.Imports) > 0 || q.Meta != nil || len(q.Patterns) > 0 {
		return false, nil
	}
	if q.Op == gojq.OpPipe && q.Left != nil {
		ok, first := elements(q.Left)
		if !ok {
			return false, nil
		}
		return true, &gojq.Query{Left: first, Op: gojq.OpPipe, Right: q.Right}
	}
	t := q.Term
	if t == nil || t.Type != gojq.TermTypeIdentity || len(t.SuffixList) == 0 || !t.SuffixList[0].Iter || len(t.SuffixList) > 1 && t.SuffixList[1].Optional {
		return false, nil
	}
	return true, &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity, SuffixList: t.SuffixList[1:]}}
}

// What ends a run early: more output than is shown, and jq's halt.
var errFull, errHalt = errors.New("enough"), errors.New("halt")

// runJQ runs a jq expression over JSON. What it does with each element of a list
// needs one element at a time in memory, not the list.
func runJQ(ctx context.Context, q *gojq.Query, text *rope) *document {
	fail := func(err error) *document { return &document{kind: "error", note: err.Error()} }
	each, rest := elements(q)
	dec := json.NewDecoder(text.reader())
	dec.UseNumber()
	if each {
		if t, err := dec.Token(); err != nil || t != json.Delim('[') { // an object, or a mistake to tell
			each, dec = false, json.NewDecoder(text.reader())
			dec.UseNumber()
		} else {
			q = rest
		}
	}
	if text.n > jqWhole && !each {
		defer debug.FreeOSMemory() // what was parsed is many times the text's size: it goes back at once
	}
	code, err := gojq.Compile(q)
	if err != nil {
		return fail(err)
	}
	d := &document{kind: "json"}
	for !each || dec.More() {
		var v any
		if err = dec.Decode(&v); err != nil {
			return fail(fmt.Errorf("the body is no JSON: %w", err))
		}
		if err = d.took(code.RunWithContext(ctx, v)); err != nil || !each {
			break
		}
	}
	if err == nil && each {
		if _, err = dec.Token(); err != nil {
			return fail(fmt.Errorf("the body is no JSON: %w", err))
		}
	}
	switch {
	case errors.Is(err, errFull):
		d.note = "the rest of what jq gave is left out"
	case err != nil && !errors.Is(err, errHalt):
		return fail(err)
	}
	d.index()
	return d
}

// took adds what jq gives to the document.
func (d *document) took(it gojq.Iter) error {
	for {
		x, ok := it.Next()
		if !ok {
			return nil
		}
		if err, ok := x.(error); ok {
			var halt *gojq.HaltError
			if errors.As(err, &halt) && halt.Value() == nil {
				return errHalt
			}
			return err
		}
		b, err := gojq.Marshal(x)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if json.Indent(&out, b, "", "  ") != nil {
			out.Reset()
			out.Write(b)
		}
		if d.text.n > 0 {
			d.text.add([]byte{'\n'})
		}
		d.text.add(out.Bytes())
		if d.text.n > jqOutput {
			return errFull
		}
	}
}
