package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/report"
)

// wireScreen is every exchange of the session in order, request and reply as
// they went, secrets masked.
type wireScreen struct {
	pane
	wk     *walk
	list   cursorList
	filter filter
	scroll scroll
	detail bool // the focus is on the detail
	whole  bool // with the headers that the network puts in

	rows     []string
	found    []int
	foundFor string
	drawn    []string
	drawnFor string
}

func newWireScreen(a *App, w *walk) *wireScreen {
	s := &wireScreen{pane: pane{a: a}, wk: w, filter: newFilter()}
	s.list.at = len(w.session.Exchanges) - 1
	// The one that a press sent is of more interest than a fetch after it.
	for i := len(w.session.Exchanges) - 1; i >= 0; i-- {
		if !w.session.Exchanges[i].ByItself {
			s.list.at = i
			break
		}
	}
	return s
}

func (s *wireScreen) title() string { return "The wire" }

func (s *wireScreen) about() string {
	return "Every exchange of this session, as it was sent and received. Secrets are masked; the same secret has the same mark everywhere. What authwalk fetched by itself carries no password and is marked so."
}

func (s *wireScreen) typing() bool { return s.filter.editing }

// shown are the exchanges that the filter lets through, by their index.
func (s *wireScreen) shown() []int {
	// Looking through thousands of bodies for each key would be felt.
	key := fmt.Sprint(len(s.wk.session.Exchanges), s.filter.text())
	if key == s.foundFor {
		return s.found
	}
	s.foundFor = key
	var out []int
	for i := range s.wk.session.Exchanges {
		if s.filter.text() == "" || s.filter.matchLow(s.row(i)) {
			out = append(out, i)
		}
	}
	s.found = out
	return out
}

// row is what the filter looks at in an exchange, in lower case. It is made once.
func (s *wireScreen) row(i int) string {
	for _, ex := range s.wk.session.Exchanges[min(len(s.rows), i+1) : i+1] {
		s.rows = append(s.rows, strings.ToLower(fmt.Sprintf("%s %s %s %s %d %s", ex.Purpose, grantOf(ex), ex.Method, ex.URL, ex.Status, ex.Body)))
	}
	return s.rows[i]
}

func (s *wireScreen) current() (flows.Exchange, int, bool) {
	shown := s.shown()
	if len(shown) == 0 {
		return flows.Exchange{}, 0, false
	}
	s.list.at = max(min(s.list.at, len(shown)-1), 0)
	i := shown[s.list.at]
	return s.wk.session.Exchanges[i], i, true
}

func (s *wireScreen) actions() []action {
	if s.filter.editing {
		return append(s.filter.actions(), onlyArrows(s.list.moves(len(s.shown()), s.h))...)
	}
	_, _, any := s.current()
	none := ""
	if !any {
		none = "nothing was sent yet"
	}
	list := []action{
		{keys: []string{"enter"}, name: "read it", help: "Read the exchange under the cursor", off: none, do: func() tea.Cmd { s.detail = !s.detail; return nil }},
		{keys: []string{"c"}, name: "copy as curl", help: "Copy the request as a curl command, secrets as shell variables", off: none, do: func() tea.Cmd { return s.copyAs("curl") }},
		{keys: []string{"C"}, name: "copy as …", help: "Copy the request as curl, Go, Python or Node", off: none, do: s.pickForm},
		{keys: []string{"y"}, name: "copy reply", help: "Copy the reply's body as it is shown", off: none, do: s.copyReply},
		{keys: []string{"f"}, name: "into the form", help: "Fill the form with what this token request asked for; nothing is sent", off: s.noReplay(), do: s.replay},
	}
	headers := action{keys: []string{"H"}, name: "all headers", help: "Show the reply's headers of the network too, or fold them away", off: none, hidden: !s.detail, do: func() tea.Cmd { s.whole = !s.whole; return nil }}
	if s.whole {
		headers.name = "fewer headers"
	}
	list = append(list, headers)
	if s.detail {
		list[0].name, list[0].help = "back to the list", "Back to the list of exchanges"
		list = append(list, action{keys: []string{"esc", "left", "h"}, name: "the list", help: "Back to the list", hidden: true, do: func() tea.Cmd { s.detail = false; return nil }})
		return append(list, s.scroll.moves(s.h)...)
	}
	list = append(list, s.filter.actions()...)
	list = append(list, action{keys: []string{"right", "l", "tab"}, name: "read it", help: "To the exchange itself", hidden: true, do: func() tea.Cmd { s.detail = true; return nil }})
	moves := s.list.moves(len(s.shown()), s.h)
	for i, m := range moves {
		do := m.do
		moves[i].do = func() tea.Cmd { s.scroll.top = 0; return do() }
	}
	return append(list, moves...)
}

func (s *wireScreen) Update(msg tea.Msg) tea.Cmd {
	if s.filter.editing {
		s.scroll.top = 0
		return s.filter.in.update(msg)
	}
	return nil
}

func (s *wireScreen) copyAs(form string) tea.Cmd {
	ex, _, ok := s.current()
	if !ok {
		return nil
	}
	r := s.wk.redactor()
	text := map[string]func(flows.Exchange) string{"curl": r.Curl, "Go": r.Go, "Python": r.Python, "Node": r.Node}[form](ex)
	return s.a.copy("the request as "+form+" (secrets are variables)", text, false)
}

func (s *wireScreen) pickForm() tea.Cmd {
	var rows []choice
	for _, f := range []string{"curl", "Go", "Python", "Node"} {
		rows = append(rows, choice{title: f, do: func() tea.Cmd { return s.copyAs(f) }})
	}
	return s.a.open(newPickScreen(s.a, "Copy the request as", "Secrets become variables: nothing secret is copied.", rows))
}

func (s *wireScreen) copyReply() tea.Cmd {
	ex, _, ok := s.current()
	if !ok || ex.Status == 0 {
		return s.a.tell(stateWarn, "No reply came: there is nothing to copy.")
	}
	m := s.wk.redactor().Exchange(ex)
	return s.a.copy("the reply's body", m.Response.Body, !s.a.masked)
}

func (s *wireScreen) noReplay() string {
	ex, _, ok := s.current()
	if !ok {
		return "nothing was sent yet"
	}
	if ex.Purpose != flows.PurposeToken || ex.ByItself {
		return "this is no token request"
	}
	return ""
}

// replay fills the form with what a request asked for.
func (s *wireScreen) replay() tea.Cmd {
	ex, _, _ := s.current()
	n := 0
	f := s.wk.form.form
	for _, p := range report.NewRedactor(report.Options{Reveal: true}).FormLines(ex) {
		if f.set(p.Name, p.Value) {
			n++
		}
	}
	if n == 0 {
		return s.a.tell(stateWarn, "This request has nothing that the form asks for.")
	}
	f.focus = len(f.fields)
	cmd := s.a.goTo(stepForm)
	s.a.tell(stateGood, "The form is filled with what this request asked for. Nothing was sent.")
	return cmd
}

func (s *wireScreen) View() string {
	a := s.a
	shown := s.shown()
	if len(s.wk.session.Exchanges) == 0 {
		return s.show([]string{a.head.s("The wire"), "", "Nothing was sent yet. What goes out and comes back stands here, as it was."})
	}
	_, _, _ = s.current()
	if s.isWide() {
		lw := min(s.w*3/7, 60)
		return strings.Join(beside(s.h, "    ", []int{lw, s.w - lw - 4}, s.listLines(shown, lw, s.h), s.detailLines(s.w-lw-4, s.h)), "\n")
	}
	if s.detail {
		return s.show(s.detailLines(s.w, s.h))
	}
	return s.show(s.listLines(shown, s.w, s.h))
}

func (s *wireScreen) listLines(shown []int, w, h int) []string {
	a := s.a
	head := a.head.s("The wire") + "  " + a.dim.s(plural(len(shown), "exchange", "exchanges"))
	lines := []string{head}
	if l, ok := s.filter.line(a, w); ok {
		lines = append(lines, l)
	}
	lines = append(lines, "")
	h -= len(lines)
	s.list.keep(len(shown), h)
	var body []string
	for i := s.list.top; i < min(s.list.top+h, len(shown)); i++ {
		ex := s.wk.session.Exchanges[shown[i]]
		status := "  –"
		st := stateBad
		if ex.Status != 0 {
			status = itoa(ex.Status)
			if ex.Status < 400 {
				st = stateGood
			}
		}
		who := " "
		if ex.ByItself {
			who = "·"
		}
		path := ex.URL
		if i := strings.Index(path, "://"); i > 0 {
			if j := strings.IndexByte(path[i+3:], '/'); j >= 0 {
				path = path[i+3+j:]
			}
		}
		path, _, _ = strings.Cut(path, "?")
		inner := w - 4
		took := a.dim.s(duration(ex.Timings.Total))
		path = a.theirs(path)
		text := a.dim.s(who) + " " + a.state(st).s(pad(status, 3)) + "  " + pad(a.theirs(ex.Method), 5) + cut(path, max(inner-13-width(took), 6))
		if g := grantOf(ex); g != "" && width(text)+2+width(g)+2+width(took) <= inner {
			text += "  " + a.dim.s(g) // which of several requests of one path it is
		}
		text = right(text, took, inner)
		body = append(body, a.listed(text, w-2, i == s.list.at))
	}
	lines = append(lines, a.barred(body, w, h, len(shown), s.list.top)...)
	if len(body) < h-1 {
		lines = append(lines, "", a.dim.s(cut("  · fetched by itself, without a password", w)))
	}
	return lines
}

// grantOf is the grant of a token request, in its last word.
func grantOf(ex flows.Exchange) string {
	if ex.Purpose != flows.PurposeToken {
		return ""
	}
	v, err := url.ParseQuery(string(ex.RequestBody))
	if err != nil {
		return ""
	}
	g := v.Get("grant_type")
	return oneLine(strings.TrimSuffix(g[strings.LastIndexByte(g, '/')+1:], "_token")) // refresh: a narrow list has room for it
}

// detailLines is the exchange under the cursor, as it was.
func (s *wireScreen) detailLines(w, h int) []string {
	a := s.a
	ex, i, ok := s.current()
	if !ok {
		return []string{a.dim.s("Nothing has these words.")}
	}
	key := fmt.Sprint(i, w, s.whole, a.masked, a.present, ex.End.Mono, len(s.wk.session.Exchanges))
	if key != s.drawnFor {
		s.drawn, s.drawnFor = s.exchangeLines(ex, w-2), key
	}
	name := "Exchange " + itoa(i+1) + ", " + oneLine(ex.Purpose)
	head := a.dim.s("  " + name)
	if s.detail {
		head = a.accent.s("▸ ") + a.head.s(name)
	}
	body := a.barredPart(&s.scroll, s.drawn, w, h-2)
	return append([]string{head, ""}, body...)
}

func (s *wireScreen) exchangeLines(ex flows.Exchange, w int) []string {
	a := s.a
	m := s.wk.redactor().Exchange(ex)
	var lines []string
	lines = append(lines, a.requestText(m, w)...)
	lines = append(lines, "", a.faint.s(strings.Repeat("─", w)), "")
	lines = append(lines, a.replyText(m, w, s.whole)...)
	lines = append(lines, "", a.head.s("Timing")+"  "+a.dim.s(m.Start.Local().Format("15:04:05.000")+"  "+duration(m.Duration)+" in all"))
	lines = append(lines, a.waterfall(m.Timings, w)...)
	if t := m.TLS; t != nil {
		days := int(t.NotAfter.Sub(a.clock.Wall()).Hours() / 24)
		left := plural(days, "day", "days") + " left"
		if days < 0 {
			left = "EXPIRED"
		}
		lines = append(lines, "", a.head.s("TLS"))
		lines = append(lines, a.pairs([]pair{{"version", t.Version, false}, {"cipher", t.Cipher, false}, {"certificate", t.Subject + ", by " + t.Issuer, false}, {"good until", t.NotAfter.Format("2006-01-02") + ", " + left, false}}, w)...)
	}
	if b, ok := diagnosis.LoginBucket(ex.Header); ok && ex.Purpose == flows.PurposeToken {
		lines = append(lines, "", a.head.s("Login attempts"), fmt.Sprintf("%d of %d are left for this address.", b.Remaining, b.Limit))
	}
	if off, ok := ex.ServerOffset(); ok && off != 0 {
		lines = append(lines, "", a.warn.s("! ")+"The server's clock is "+offsetWords(off)+" this machine's.")
	}
	if ex.ByItself {
		lines = append(lines, "", a.dim.s("authwalk fetched this by itself. It carries no password."))
	}
	return lines
}

func statusText(status int) string {
	return strings.TrimSpace(itoa(status) + " " + http.StatusText(status))
}

func (a *App) statusInk(status int) ink {
	switch {
	case status >= 200 && status < 300:
		return a.good
	case status >= 400:
		return a.bad
	}
	return a.warn
}
