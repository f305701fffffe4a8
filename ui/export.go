package ui

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/report"
	"authwalk/ui/picture"
)

// exportScreen writes a report of the session or a picture of the screen.
type exportScreen struct {
	pane
	frame string // the screen as it was before, for a picture
	list  cursorList
	task  task
	// claims: reports show every claim, not only those of the protocol.
	claims bool
}

// exporter makes one kind of file. It runs in a task.
type exporter struct {
	name, note, ending string
	off                string
	make               func() func() ([]byte, error) // collects on the loop; what it gives works in the task
}

func newExportScreen(a *App) *exportScreen {
	s := &exportScreen{pane: pane{a: a}}
	s.frame = a.outgoing(a.frame)
	return s
}

func (s *exportScreen) title() string { return "Export" }

func (s *exportScreen) about() string {
	return "Write what this session has gathered to a file that can be shared: secrets are masked in it, whatever the screens show. Only you can read the files (mode 0600)."
}

func (s *exportScreen) close() { s.task.stop() }

func (s *exportScreen) kinds() []exporter {
	noSession := ""
	if s.a.walk == nil || len(s.a.walk.session.Exchanges) == 0 {
		noSession = "nothing was sent yet"
	}
	grid := picture.Read(s.frame, s.a.w, s.a.h)
	kinds := reportKinds(s.a, noSession, s.claims)
	return append(kinds,
		exporter{name: "Picture of the screen, PNG", ending: ".png", note: "the screen below, masked", make: func() func() ([]byte, error) { return pictureOf(grid, s.a, ".png") }},
		exporter{name: "Picture of the screen, SVG", ending: ".svg", note: "sharp at any size", make: func() func() ([]byte, error) { return pictureOf(grid, s.a, ".svg") }},
		exporter{name: "Text of the screen", ending: ".txt", note: "plain text", make: func() func() ([]byte, error) {
			text := strings.TrimRight(stripped(s.frame), " \n") + "\n"
			return func() ([]byte, error) { return []byte(text), nil }
		}})
}

func (s *exportScreen) actions() []action {
	kinds := s.kinds()
	s.list.at = max(min(s.list.at, len(kinds)-1), 0)
	k := kinds[s.list.at]
	list := []action{{keys: []string{"enter"}, name: "write the file", help: "Write the file under the cursor", off: k.off, do: func() tea.Cmd { return s.write(k) }}}
	with := action{keys: []string{"c"}, name: "with claims", help: "All claims in the reports, not only those that the protocol needs: names and addresses too", do: func() tea.Cmd { s.claims = true; return nil }}
	if s.claims {
		with.name, with.help, with.do = "without claims", "Only the claims that the protocol needs in the reports", func() tea.Cmd { s.claims = false; return nil }
	}
	list = append(list, with)
	return append(list, s.list.moves(len(kinds), len(kinds))...)
}

func (s *exportScreen) write(k exporter) tea.Cmd {
	a := s.a
	path := filepath.Join(a.opt.Dir, s.file(k))
	work := k.make()
	return start(a, &s.task, func(context.Context) error {
		b, err := work()
		if err != nil {
			return err
		}
		if whole, err := filepath.Abs(path); err == nil {
			path = whole // the news says where it is
		}
		return os.WriteFile(path, b, 0o600)
	}, func(err error) tea.Cmd {
		if err != nil {
			why := err
			if p := (*fs.PathError)(nil); errors.As(err, &p) {
				why = p.Err
			}
			return a.tell(stateBad, "It could not be written: %s. The file: %s", a.say(why.Error()), a.say(path))
		}
		a.shut()
		return a.tell(stateGood, "Written: %s, secrets masked.", a.say(path))
	}, nil)
}

// file is what a file of a kind is called.
func (s *exportScreen) file(k exporter) string {
	name := "authwalk"
	if s.a.walk != nil {
		name += "-" + fileName(s.a.walk.name)
	}
	return name + "-" + s.a.clock.Wall().Format("20060102-150405") + k.ending
}

// fileName keeps of a name what a file may be called.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, s)
}

func (s *exportScreen) View() string {
	a := s.a
	claims := "Reports have the claims that the protocol needs; c adds all others, names and addresses too."
	if s.claims {
		claims = "Reports have all claims, names and addresses too; c leaves them out again."
	}
	lines := append([]string{a.head.s("Export") + a.dim.s("  Secrets are masked in every file.")}, inked(a.dim, wrap(claims, s.w))...)
	roomy := s.h >= 14
	if roomy {
		lines = append(lines, "")
	}
	kinds := s.kinds()
	s.list.at = max(min(s.list.at, len(kinds)-1), 0)
	for i, k := range kinds {
		note := k.note
		if k.off != "" {
			note = k.off
		}
		name := pad(k.name, 28)
		if i == s.list.at {
			name = a.strong.s(name)
		}
		lines = append(lines, a.listed(name+a.dim.s(note), s.w, i == s.list.at))
	}
	where := filepath.Join(a.opt.Dir, s.file(kinds[s.list.at]))
	if a.opt.Dir == "" {
		where = "." + string(filepath.Separator) + where + ", where authwalk was started"
	}
	if roomy {
		lines = append(lines, "")
	}
	return s.show(append(lines, indent(a.dim.s("The file: "), a.say(where), s.w)...))
}

// pictureOf draws a screen as a file of a kind, in a task.
func pictureOf(grid *picture.Grid, a *App, ending string) func() ([]byte, error) {
	look := picture.Dark
	if !a.dark {
		look = picture.Light
	}
	return func() ([]byte, error) {
		p := picture.NewPainter(look, 2)
		p.Title = "authwalk"
		if ending == ".svg" {
			return p.SVG(grid), nil
		}
		var b bytes.Buffer
		err := p.PNG(&b, grid)
		return b.Bytes(), err
	}
}

// reportKinds are the reports of a session, with all claims if that is
// wanted. The session is copied on the loop and written in the task.
func reportKinds(a *App, off string, claims bool) []exporter {
	kind := func(f report.Format, name, note string) exporter {
		return exporter{name: name, note: note, ending: "." + string(f), off: off, make: func() func() ([]byte, error) {
			w := a.walk
			in := report.Input{Session: report.Snapshot(w.session), Version: a.opt.Version, Now: a.clock.Wall(), Zone: time.Local, Presentation: a.present, WithClaims: claims, Redactor: w.redactor()}
			if x := w.api.answer; x != nil && x.Purpose == flows.PurposeAPI {
				in.Calls = append(in.Calls, report.Answer{Exchange: *x, Class: w.api.class, Findings: w.api.findings})
			}
			if w.checked != nil {
				in.Check = slices.Clone(w.checked.Lines)
			}
			return func() ([]byte, error) {
				var b bytes.Buffer
				err := report.Write(&b, f, in)
				return b.Bytes(), err
			}
		}}
	}
	return []exporter{
		kind(report.Markdown, "Report, Markdown", "for an issue or a chat"),
		kind(report.HTML, "Report, HTML", "one file, also on a phone"),
		kind(report.HAR, "Exchanges, HAR 1.2", "for a browser and tools"),
		kind(report.JSON, "Report, JSON", "for programs"),
	}
}
