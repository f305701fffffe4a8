package ui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestFolds: rows and lines agree, whatever is folded.
func TestFolds(t *testing.T) {
	const text = `{"a":[1,[2,3],{}],"b":{"c":{"d":"x{"},"e":[]},"f":[{"g":1},{"g":2}]}`
	d := newDocument(t.Context(), strings.NewReader(text), "application/json", 0)
	lines := strings.Split(d.String(), "\n")
	end := func(from int) int { // by indentation
		in := len(lines[from]) - len(strings.TrimLeft(lines[from], " "))
		for i := from + 1; i < len(lines); i++ {
			if len(lines[i])-len(strings.TrimLeft(lines[i], " ")) == in {
				return i
			}
		}
		return from
	}
	opens := func(i int) bool { return strings.HasSuffix(lines[i], "{") || strings.HasSuffix(lines[i], "[") }
	for i := range lines {
		b := d.block(t.Context(), i)
		if opens(i) {
			if b.from != i || b.to != end(i) {
				t.Errorf("line %d: %v, want to %d", i, b, end(i))
			}
		} else if b.from >= i || b.to < i || !opens(b.from) || end(b.from) != b.to {
			t.Errorf("line %d: %v", i, b)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		row := r.IntN(d.rows())
		line := d.folds.line(row)
		switch i, ok := d.folds.at(line); {
		case ok:
			d.folds = d.folds.without(i)
		case r.IntN(20) == 0:
			d.folds = d.beside(t.Context(), line)
		default:
			if b := d.block(t.Context(), line); b.from < b.to {
				d.folds = d.folds.with(b)
			}
		}
		var want []int
		for l := 0; l < len(lines); l++ {
			want = append(want, l)
			if i, ok := d.folds.at(l); ok {
				if opens(l) && end(l) != d.folds[i].to {
					t.Fatalf("%v", d.folds)
				}
				l = d.folds[i].to
			}
		}
		if d.rows() != len(want) {
			t.Fatalf("%v: %d rows, want %d", d.folds, d.rows(), len(want))
		}
		for row, l := range want {
			if d.folds.line(row) != l || d.folds.row(l) != row {
				t.Fatalf("%v: row %d is line %d, want %d; its row is %d", d.folds, row, d.folds.line(row), l, d.folds.row(l))
			}
			if i, ok := d.folds.at(l); ok && d.folds.row(d.folds[i].to) != row {
				t.Fatalf("%v: line %d is not within row %d", d.folds, d.folds[i].to, row)
			}
		}
	}
}

// TestFold: the block at the cursor is folded and unfolded, and all beside it.
func TestFold(t *testing.T) {
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "5", "enter")
	for app(d).walk.api.part != partAnswer {
		b.keys(d, "tab")
	}
	mustContain(t, b.keys(d, "j", "j"), `▸     {`)
	mustContain(t, b.keys(d, "space"), `▸     { … 6 lines … },`, `"ord-1002"`)
	mustContain(t, b.keys(d, "space"), `▸     {`, `"ord-1001"`)
	mustContain(t, b.keys(d, "j", "space"), `▸     { … 6 lines … },`) // from within it
	all := b.keys(d, "space", "z")
	if strings.Count(all, "{ … 6 lines … }") != 3 {
		t.Fatalf("not all three:\n%s", all)
	}
	mustContain(t, b.keys(d, "z"), `"ord-1001"`, "▸     {")
	mustContain(t, b.keys(d, "home", "space"), `▸ { … `)
	mustContain(t, b.keys(d, "space", "end"), "▸ }")
	mustContain(t, b.keys(d, "space"), `▸ { … `)
	b.keys(d, "space", "/")
	d.Type("ord")
	mustNotContain(t, b.keys(d, "enter"), "space fold")
}

// TestFoldLarge: a key in a large answer with many folds is as fast as ever.
func TestFoldLarge(t *testing.T) {
	var in strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&in, `%s{"id":%d}`, map[bool]string{true: "[", false: ","}[i == 0], i)
	}
	d := newDocument(t.Context(), strings.NewReader(in.String()+"]"), "application/json", 0)
	d.folds = d.beside(t.Context(), 1)
	if len(d.folds) != 200_000 || d.rows() != 200_002 {
		t.Fatalf("%d folds, %d rows", len(d.folds), d.rows())
	}
	if n := testing.AllocsPerRun(100, func() { _ = d.folds.row(d.folds.line(123_456)) }); n > 0 {
		t.Errorf("a row costs %v allocations", n)
	}
	if got := d.line(d.folds.line(200_000)); got != "  {" {
		t.Errorf("the last row is %q", got)
	}
	if b := d.block(t.Context(), d.lines-1); b.from != 0 || b.to != d.lines-1 {
		t.Errorf("the whole: %v", b)
	}
}
