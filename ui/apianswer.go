package ui

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

func (s *apiScreen) noDoc() string {
	if s.doc == nil {
		return "there is no answer yet"
	}
	return ""
}

func (s *apiScreen) shownDoc() *document {
	if s.jq != nil {
		return s.jq
	}
	return s.doc
}

// canFold says why nothing can be folded.
func (s *apiScreen) canFold() string {
	d := s.shownDoc()
	switch {
	case d == nil:
		return "there is no answer yet"
	case !d.tree || d.lines == 0:
		return "only whole JSON can be folded"
	case s.hits != nil && s.jq == nil:
		return "esc clears the filter first: these lines are from all over the answer"
	}
	return ""
}

// moves are the keys that move the cursor over the rows of the document. What
// stands above it scrolls by first.
func (s *apiScreen) moves(page int) []action {
	to := func(top, row int) func() tea.Cmd {
		return func() tea.Cmd { s.scroll.top, s.row = max(top, 0), max(row, 0); return nil }
	}
	list := s.scroll.moves(page)
	for i := range list {
		switch list[i].name {
		case "down":
			if s.inSight() {
				list[i].help, list[i].do = "Next line", func() tea.Cmd { return s.moveTo(s.row + 1) }
			}
		case "up":
			if s.inSight() && s.row > 0 {
				list[i].help, list[i].do = "Line before", func() tea.Cmd { return s.moveTo(s.row - 1) }
			}
		case "page down":
			list[i].do = to(s.scroll.top+page, s.row+page)
		case "page up":
			list[i].do = to(s.scroll.top-page, s.row-page)
		case "top":
			list[i].do = to(0, 0)
		case "bottom":
			list[i].do = to(1<<30, 1<<30)
		}
	}
	return list
}

// sideways moves along long lines by half of what is in sight.
func (s *apiScreen) sideways(by int) func() tea.Cmd {
	return func() tea.Cmd {
		s.across = max(s.across+by*max(s.answerWidth()/2, 1), 0)
		return nil
	}
}

func (s *apiScreen) noRight() string {
	if !s.wider {
		return "no line in sight goes on to the right"
	}
	return ""
}

// toTop goes to the beginning of another text.
func (s *apiScreen) toTop() { s.scroll, s.row, s.across = scroll{}, 0, 0 }

// inSight tells whether the row with the cursor is.
func (s *apiScreen) inSight() bool {
	y := s.head + s.row - s.scroll.top
	return y >= 0 && y < s.room
}

// moveTo puts the cursor on a row, and the row in sight.
func (s *apiScreen) moveTo(row int) tea.Cmd {
	s.row = max(min(row, s.shownDoc().rows()-1), 0)
	y := s.head + s.row
	s.scroll.top = max(min(s.scroll.top, y), y-s.room+1)
	return nil
}

// fold hides the block at the cursor but for its first line, or shows it again.
func (s *apiScreen) fold() tea.Cmd {
	d := s.shownDoc()
	line := d.folds.line(min(s.row, d.rows()-1))
	if i, ok := d.folds.at(line); ok {
		d.folds = d.folds.without(i)
		return nil
	}
	return start(s.a, &s.folding, func(ctx context.Context) fold { return d.block(ctx, line) }, func(f fold) tea.Cmd {
		if d != s.shownDoc() {
			return nil
		}
		if f.from == f.to {
			return s.a.tell(stateSkip, "There is no block here.")
		}
		d.folds = d.folds.with(f)
		return s.moveTo(d.folds.row(f.from))
	}, nil)
}

// foldAll folds what stands as deep as the block at the cursor, or unfolds all.
func (s *apiScreen) foldAll() tea.Cmd {
	d := s.shownDoc()
	line := d.folds.line(min(s.row, d.rows()-1))
	if len(d.folds) > 0 {
		d.folds = nil
		return s.moveTo(line)
	}
	return start(s.a, &s.folding, func(ctx context.Context) folds { return d.beside(ctx, line) }, func(fs folds) tea.Cmd {
		if d != s.shownDoc() {
			return nil
		}
		if len(fs) == 0 {
			return s.a.tell(stateSkip, "There is no block here.")
		}
		d.folds = fs
		return s.moveTo(fs.row(line))
	}, nil)
}

func (s *apiScreen) copyBody() tea.Cmd {
	d := s.shownDoc()
	if d == nil {
		return nil
	}
	if d.text.n > 1<<20 {
		return s.a.tell(stateWarn, "The body is larger than 1 MB; save it with S instead.")
	}
	text := d.String()
	if s.a.masked {
		text = s.wk.redactor().Text(text)
	}
	return s.a.copy("the answer's body", text, !s.a.masked)
}

// save writes the body as it came to a file.
func (s *apiScreen) save() tea.Cmd {
	ex := *s.answer
	name := filepath.Join(s.a.opt.Dir, "answer-"+s.a.clock.Wall().Format("20060102-150405")+extension(ex.Header.Get("Content-Type")))
	return start(s.a, &s.jqTask, func(context.Context) error {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		if ex.Spool == nil {
			_, err = f.Write(ex.Body)
			return err
		}
		r, err := ex.Spool.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(f, r)
		return err
	}, func(err error) tea.Cmd {
		if err != nil {
			return s.a.tell(stateBad, "It could not be saved: %s.", s.a.fault(err))
		}
		return s.a.tell(stateGood, "Saved as %s, as it came and unmasked (%s, mode 0600).", s.a.say(name), size(ex.BodySize))
	}, nil)
}

func extension(contentType string) string {
	switch ct := strings.ToLower(contentType); {
	case strings.Contains(ct, "json"):
		return ".json"
	case strings.Contains(ct, "html"):
		return ".html"
	case strings.HasPrefix(ct, "text/"):
		return ".txt"
	}
	return ".bin"
}

func (s *apiScreen) clearFilter() tea.Cmd {
	s.filter.editing = false
	s.filter.in.set("")
	s.jq, s.hits = nil, nil
	s.toTop()
	return nil
}
