package ui

import (
	"context"
	"encoding/json"
	"sort"
)

// fold is a block of JSON of which only the first line is in sight, with what
// closes it.
type fold struct {
	from, to int // its first and its last line
	before   int // how many lines the folds before it hide
}

// folds are in order, and none is within another.
type folds []fold

// counted are folds with what is before each.
func (fs folds) counted() folds {
	n := 0
	for i := range fs {
		fs[i].before = n
		n += fs[i].to - fs[i].from
	}
	return fs
}

// hidden is how many lines are out of sight.
func (fs folds) hidden() int {
	if len(fs) == 0 {
		return 0
	}
	last := fs[len(fs)-1]
	return last.before + last.to - last.from
}

// line is the line at a row.
func (fs folds) line(row int) int {
	i := sort.Search(len(fs), func(i int) bool { return fs[i].from-fs[i].before >= row })
	return row + fs[:i].hidden()
}

// row is where a line is, or the fold that hides it.
func (fs folds) row(line int) int {
	i := sort.Search(len(fs), func(i int) bool { return fs[i].to >= line })
	if i < len(fs) && fs[i].from < line {
		line = fs[i].from
	}
	return line - fs[:i].hidden()
}

// at is the fold that begins at a line.
func (fs folds) at(line int) (int, bool) {
	i := sort.Search(len(fs), func(i int) bool { return fs[i].from >= line })
	return i, i < len(fs) && fs[i].from == line
}

// with is the folds and one more, which takes those within it.
func (fs folds) with(f fold) folds {
	from, _ := fs.at(f.from)
	to, _ := fs.at(f.to)
	return append(append(fs[:from:from], f), fs[to:]...).counted()
}

// without is the folds but for one.
func (fs folds) without(i int) folds {
	return append(fs[:i:i], fs[i+1:]...).counted()
}

// rows is how many lines are in sight.
func (d *document) rows() int { return d.lines - d.folds.hidden() }

// block is the first and the last line of the block that a line begins, or that
// it is in. Without one the last is the first.
func (d *document) block(ctx context.Context, line int) fold {
	p := d.place(line)
	q := p
	end, _ := d.next(&q)
	if p.at < end && d.opens(end) {
		return d.blockAt(ctx, p)
	}
	if p.depth == 0 {
		return fold{from: line, to: line}
	}
	// The line that opens it is the last one before with fewer brackets open.
	want := p.depth - 1
	for k := line / markEvery; k >= 0 && ctx.Err() == nil; k-- {
		found := place{line: -1}
		for q := d.marks[k]; q.line < min(line, (k+1)*markEvery); {
			was := q
			end, _ := d.next(&q)
			if was.at < end && d.opens(end) && q.depth-1 == want {
				found = was
			}
		}
		if found.line >= 0 {
			return d.blockAt(ctx, found)
		}
	}
	return fold{from: line, to: line}
}

// blockAt is the block that the line at a place opens.
func (d *document) blockAt(ctx context.Context, p place) fold {
	from := p.line
	_, more := d.next(&p)
	for want := p.depth; more; {
		was := p
		_, more = d.next(&p)
		if d.closes(was.at) && was.depth == want {
			return fold{from: from, to: was.line}
		}
		if p.line%(1<<16) == 0 && ctx.Err() != nil {
			break
		}
	}
	return fold{from: from, to: from}
}

// beside is the blocks that stand as deep as the one at a line.
func (d *document) beside(ctx context.Context, line int) folds {
	b := d.block(ctx, line)
	if b.to == b.from {
		return nil
	}
	p := d.place(b.from)
	d.next(&p)
	depth := p.depth
	var out folds
	from := -1
	for p, more := (place{}), d.lines > 0; more; {
		was := p
		var end int
		end, more = d.next(&p)
		if was.at < end && from >= 0 && was.depth == depth && d.closes(was.at) {
			out, from = append(out, fold{from: from, to: was.line}), -1
		}
		if was.at < end && p.depth == depth && d.opens(end) {
			from = was.line
		}
		if p.line%(1<<16) == 0 && ctx.Err() != nil {
			return nil
		}
	}
	return out.counted()
}

// stretch is the text of a value, from a place to another.
type stretch struct{ from, to int }

// children gives the values in the one at a stretch, each with its name if it has
// one, until it is told to stop.
func (d *document) children(v stretch, take func(stretch) bool) {
	end := d.text.next(v.from)
	if end+1 >= v.to || !d.opens(end) {
		return // no more than a line
	}
	for p := (place{at: end + 1, depth: 1}); p.at < v.to; {
		from := p.at
		end, _ = d.next(&p)
		if p.depth == 0 {
			return // its end
		}
		for p.depth > 1 && p.at < v.to {
			end, _ = d.next(&p)
		}
		if d.text.byte(end-1) == ',' {
			end--
		}
		if !take(stretch{from, end}) {
			return
		}
	}
}

// member is a member of an object: of several of one name the last, as it is for
// all who parse it.
func (d *document) member(v stretch, name string) (s stretch, ok bool) {
	d.children(v, func(c stretch) bool {
		line := d.text.part(c.from, min(d.text.next(c.from), c.to))
		end := 1
		for end < len(line) && line[end] != '"' {
			if line[end] == '\\' {
				end++
			}
			end++
		}
		var is string
		if end++; end+2 <= len(line) && string(line[end:end+2]) == ": " && json.Unmarshal(line[:end], &is) == nil && is == name {
			s, ok = stretch{c.from + end + 2, c.to}, true
		}
		return true
	})
	return s, ok
}
