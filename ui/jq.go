package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"strconv"
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
	s.jq, s.hits = nil, nil
	s.toTop()
	if text == "" || d == nil {
		return nil
	}
	if strings.HasPrefix(text, ".") && d.kind == "json" {
		q, err := gojq.Parse(text)
		if err != nil {
			return s.a.tell(stateBad, "jq: %s.", s.a.theirs(err.Error()))
		}
		most := jqWhole
		if s.jqAsked == text {
			most = d.text.n
		}
		return tea.Batch(s.a.animate(), start(s.a, &s.jqTask, func(ctx context.Context) *document { return runJQ(ctx, q, d, most) }, func(j *document) tea.Cmd {
			if j.kind == "large" {
				s.jqAsked, s.filter.editing = text, true
				return s.a.tell(stateWarn, "This needs some %s of memory; enter runs it. A path goes by elements, and .[], . | map(…) and . | length after it.", size(int64(j.lines)*jqTimes))
			}
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

// jqTimes is how many times its size JSON takes in memory when it is parsed: measured
// with 50 MB of small objects within each other, which take most.
const jqTimes = 12

// What ends a run early: more output than is shown, and jq's halt.
var errFull, errHalt = errors.New("enough"), errors.New("halt")

// jqPlan is how a jq expression goes through a document: down a path first, which
// reads nothing; then what is left of the expression gets the value there, or one
// element of it after the other, or a list of what the elements came to.
type jqPlan struct {
	at       stretch
	each     *gojq.Query // for each element; nil: the whole value
	collect  bool        // rest gets a list of all that each gave
	from, to int         // the elements it goes over
	counted  int         // length's result, if not negative: rest gets it
	rest     *gojq.Query // what is left
}

// runJQ runs a jq expression over JSON. What it does with each element of a list
// needs one element at a time in memory, not the list. A value of more than most
// bytes is not parsed: the result is then of kind large, and lines is its size.
func runJQ(ctx context.Context, q *gojq.Query, doc *document, most int) *document {
	fail := func(err error) *document { return &document{kind: "error", note: err.Error()} }
	p := jqPlan{at: stretch{0, doc.text.n}, rest: q, counted: -1}
	if doc.tree {
		p = planJQ(ctx, q, doc)
	}
	d := &document{kind: "json", tree: true}
	run := func(q *gojq.Query, take func(any) error) func(any) error {
		code, err := gojq.Compile(q)
		return func(v any) error {
			if err != nil {
				return err
			}
			return took(code.RunWithContext(ctx, v), take)
		}
	}
	last := run(p.rest, d.add)
	parse := func(s stretch) (v any, err error) {
		dec := json.NewDecoder(doc.text.reader(s.from, s.to))
		dec.UseNumber()
		if err = dec.Decode(&v); err != nil {
			err = fmt.Errorf("the body is no JSON: %w", err)
		}
		return v, err
	}
	var err error
	switch {
	case p.counted >= 0:
		err = last(p.counted)
	case p.each != nil:
		if doc.text.n > jqWhole {
			debug.SetGCPercent(20) // what each element leaves goes soon
			defer debug.SetGCPercent(100)
		}
		list := []any{}
		do := last
		if p.collect {
			do = run(p.each, func(v any) error { list = append(list, v); return nil })
		}
		n := 0
		doc.children(p.at, func(s stretch) bool {
			if n++; n > p.from {
				var v any
				if v, err = parse(s); err == nil {
					err = do(v)
				}
			}
			return err == nil && n < p.to
		})
		if p.collect && err == nil {
			err = last(list)
		}
	case p.at.to-p.at.from > most:
		return &document{kind: "large", lines: p.at.to - p.at.from}
	default:
		if p.at.to-p.at.from > jqWhole {
			debug.SetGCPercent(20) // what was parsed is many times the text's size: no more than it, and it goes back at once
			defer debug.FreeOSMemory()
			defer debug.SetGCPercent(100)
		}
		var v any
		if v, err = parse(p.at); err == nil {
			err = last(v)
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

// planJQ takes from an expression what needs no value whole.
func planJQ(ctx context.Context, q *gojq.Query, d *document) jqPlan {
	p := jqPlan{at: stretch{0, d.text.n}, counted: -1}
	here := &gojq.Term{Type: gojq.TermTypeIdentity}
	then := func(first *gojq.Term, rest *gojq.Query) *gojq.Query {
		switch {
		case rest == nil:
			return &gojq.Query{Term: first}
		case first.Type == gojq.TermTypeIdentity && len(first.SuffixList) == 0:
			return rest
		}
		return &gojq.Query{Left: &gojq.Query{Term: first}, Op: gojq.OpPipe, Right: rest}
	}
	for q != nil && ctx.Err() == nil {
		first, rest := q, (*gojq.Query)(nil)
		if q.Op == gojq.OpPipe && simple(q) && q.Left != nil {
			first, rest = q.Left, q.Right
		}
		t := first.Term
		if t == nil || !simple(first) {
			break
		}
		isList := d.text.byte(p.at.from) == '['
		over := func(each, rest *gojq.Query, collect bool, from, to int) jqPlan {
			p.each, p.rest, p.collect, p.from, p.to = each, rest, collect, from, to
			return p
		}
		switch {
		case t.Type == gojq.TermTypeFunc && len(t.SuffixList) == 0 && isList && t.Func.Name == "length" && len(t.Func.Args) == 0:
			p.counted, p.rest = 0, then(here, rest)
			d.children(p.at, func(stretch) bool { p.counted++; return true })
			return p
		case t.Type == gojq.TermTypeFunc && len(t.SuffixList) == 0 && isList && t.Func.Name == "map" && len(t.Func.Args) == 1:
			return over(t.Func.Args[0], then(here, rest), true, 0, math.MaxInt)
		case t.Type != gojq.TermTypeIdentity && t.Type != gojq.TermTypeIndex:
			p.rest = q
			return p
		}
		steps := t.SuffixList
		if t.Type == gojq.TermTypeIndex {
			steps = append([]*gojq.Suffix{{Index: t.Index}}, steps...)
		}
		for i, x := range steps {
			after := &gojq.Term{Type: gojq.TermTypeIdentity, SuffixList: steps[i+1:]}
			isList = d.text.byte(p.at.from) == '['
			ok := i+1 == len(steps) || !steps[i+1].Optional
			if ok && x.Iter && isList {
				r := then(after, rest)
				return over(r, r, false, 0, math.MaxInt)
			}
			if ok && x.Index != nil && isList {
				if from, to, is := numbers(x.Index); is && x.Index.IsSlice {
					return over(then(here, nil), then(after, rest), true, from, to)
				} else if is {
					n := 0
					d.children(p.at, func(s stretch) bool {
						if n++; n > from {
							p.at = s
						}
						return n <= from
					})
					if n > from {
						continue
					}
				}
			}
			if name, is := keyOf(x.Index); ok && is && d.text.byte(p.at.from) == '{' {
				if s, has := d.member(p.at, name); has {
					p.at = s
					continue
				}
			}
			p.rest = then(&gojq.Term{Type: gojq.TermTypeIdentity, SuffixList: steps[i:]}, rest)
			return p
		}
		q = rest
	}
	if p.rest = q; q == nil {
		p.rest = &gojq.Query{Term: here}
	}
	return p
}

// simple tells whether an expression defines nothing.
func simple(q *gojq.Query) bool {
	return len(q.FuncDefs) == 0 && len(q.Imports) == 0 && q.Meta == nil && len(q.Patterns) == 0
}

// keyOf is the name that an index asks for, if it is one.
func keyOf(x *gojq.Index) (string, bool) {
	switch {
	case x == nil || x.IsSlice:
		return "", false
	case x.Name != "":
		return x.Name, true
	case x.Str != nil && len(x.Str.Queries) == 0:
		return x.Str.Str, true
	case x.Start != nil && x.Start.Term != nil && x.Start.Term.Str != nil && len(x.Start.Term.Str.Queries) == 0 && len(x.Start.Term.SuffixList) == 0:
		return x.Start.Term.Str.Str, true
	}
	return "", false
}

// numbers are the places that an index or a slice names, if they are written out
// and count from the beginning.
func numbers(x *gojq.Index) (from, to int, ok bool) {
	number := func(q *gojq.Query, none int) (int, bool) {
		if q == nil {
			return none, x.IsSlice
		}
		if !simple(q) || q.Term == nil || q.Term.Type != gojq.TermTypeNumber || len(q.Term.SuffixList) > 0 {
			return 0, false
		}
		n, err := strconv.Atoi(q.Term.Number)
		return n, err == nil && n >= 0
	}
	from, ok = number(x.Start, 0)
	if to = math.MaxInt; x.IsSlice && ok {
		to, ok = number(x.End, math.MaxInt)
		ok = ok && from < to
	}
	return from, to, ok && x.Name == "" && x.Str == nil
}

// took takes what jq gives.
func took(it gojq.Iter, take func(any) error) error {
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
		if err := take(x); err != nil {
			return err
		}
	}
}

// add writes a value into the document.
func (d *document) add(x any) error {
	b, err := gojq.Marshal(x)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if json.Indent(&out, b, "", "") != nil {
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
	return nil
}
