package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/rawjson"
	"authwalk/flows/report"
)

// formScreen is step 2: the flow's first step, and beside it the request as it
// will be sent.
type formScreen struct {
	pane
	w1      *walk
	form    *form
	showReq bool // on a narrow window: the request instead of the form
	scroll  scroll
	refused flows.Values // what was sent when it was refused last
	asked   []string     // fields that the profile says to ask for

	drawn    []string // the request's lines, and what they were drawn for
	drawnFor string
}

func newFormScreen(a *App, w *walk) *formScreen {
	s := &formScreen{pane: pane{a: a}, w1: w, form: newForm(a, w.first.Fields, "Send")}
	for _, x := range s.form.fields {
		x.guarded = true
	}
	return s
}

// ask makes fields that the profile says to ask for needed.
func (s *formScreen) ask(names []string) {
	s.asked = names
	s.need()
	s.form.toMissing()
}

// need makes the client secret needed while the profile says to ask for it and
// the client sends one. Where the profile names none, sending none may be meant.
func (s *formScreen) need() {
	auth := s.form.values()["client_auth"]
	for _, x := range s.form.fields {
		if x.Name == "client_secret" && slices.Contains(s.asked, x.Name) {
			x.Required = auth == "post" || auth == "basic"
		}
	}
}

func (s *formScreen) title() string { return s.w1.first.Title }

func (s *formScreen) about() string {
	return "Fill in what the token request asks with. The request as it will be sent stands beside the form and changes as you type. Nothing is sent before you press enter on Send, or ctrl+s."
}

func (s *formScreen) typing() bool { return s.form.typing() && !s.showReq }

func (s *formScreen) actions() []action {
	if s.showReq && !s.isWide() {
		list := []action{
			{keys: []string{"ctrl+t", "enter"}, name: "the form", help: "Back to the form", do: func() tea.Cmd { s.showReq = false; return nil }},
			{keys: []string{"ctrl+s"}, name: "send", help: "Send", do: s.send},
			{keys: []string{"c", "y"}, name: "copy as curl", help: "Copy the request as a curl command, secrets as shell variables", do: s.copyCurl},
			{keys: []string{"esc"}, name: "the form", help: "Back to the form", hidden: true, do: func() tea.Cmd { s.showReq = false; return nil }},
		}
		return append(list, s.scroll.moves(s.h)...)
	}
	list := s.form.actions(s.send)
	if !s.isWide() {
		list = append(list, action{keys: []string{"ctrl+t"}, name: "the request", help: "See the request as it will be sent", text: true, do: func() tea.Cmd { s.showReq = true; return nil }})
	}
	return append(list,
		action{keys: []string{"c", "y"}, name: "copy as curl", help: "Copy the request as a curl command, secrets as shell variables", hidden: !s.isWide(), do: s.copyCurl},
		action{keys: []string{"ctrl+e"}, name: "check", help: "Check the set-up with what is filled in here: where it stops and what to change", text: true, hidden: true, do: s.check})
}

func (s *formScreen) Update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyMsg); ok && k.Paste && !s.typing() {
		return s.a.tell(stateWarn, "Nothing was pasted: no field has the cursor. A curl line or .env block becomes a profile on step 1.")
	}
	return s.form.update(msg)
}

// send sends the form: once, after what is missing is there, and in a prod
// environment after a yes.
func (s *formScreen) send() tea.Cmd {
	s.need()
	if !s.form.check() {
		return s.form.tellProblem()
	}
	v := s.form.values()
	if s.w1.request.task.running() {
		return s.a.goTo(stepRequest)
	}
	if d := s.w1.holdBack(); d > 0 && s.refused != nil {
		return s.a.tell(stateWarn, "Not yet: a moment must pass after a refusal. Again in %s.", clockTime(d))
	}
	if s.refused != nil && maps.Equal(s.refused, v) && s.w1.request.isRefused() {
		return s.a.confirm("Send the same again?", []string{"Nothing was changed since this was refused. A wrong password sent again and again gets an account or an address blocked."}, "send", func() tea.Cmd { return s.really(v) })
	}
	return s.really(v)
}

func (s *formScreen) really(v flows.Values) tea.Cmd {
	cfg := s.w1.cfg.With(v)
	what := "A token request"
	if cfg.Username != "" {
		what += " for " + s.a.say(cfg.Username)
	}
	return s.a.beforeSend(s.w1, what, s.w1.cfg.Host(), func() tea.Cmd {
		s.w1.use(cfg.Username, cfg)
		s.w1.live = s.w1.client.WithConfig(cfg)
		s.w1.learn()
		return s.w1.request.run(s.w1.first, v)
	})
}

// beforeSend asks before anything goes to a prod environment.
func (a *App) beforeSend(w *walk, what, host string, do func() tea.Cmd) tea.Cmd {
	if w.cfg.Environment != "prod" {
		return do()
	}
	d := &dialog{pane: pane{a: a}, head: "PROD", loud: true, word: "send", yes: do,
		text: []string{"This is a prod environment.", "", what + " goes to " + a.say(host) + "."}}
	return a.open(d)
}

// goToField goes to the field that a finding is about.
func (s *formScreen) goToField(name string) tea.Cmd {
	if !s.form.focusOn(name) {
		s.form.focus = len(s.form.fields)
	}
	return s.a.goTo(stepForm)
}

// check examines what is filled in, which may differ from the profile.
func (s *formScreen) check() tea.Cmd {
	c := newCheckScreen(s.a, s.w1)
	c.asForm, c.result = true, nil
	return s.a.open(c)
}

func (s *formScreen) copyCurl() tea.Cmd {
	r, err := s.preview()
	if err != nil {
		return s.a.tell(stateBad, "%s", capital(s.a.fault(err))+".")
	}
	red := s.w1.redactor()
	red.Values(s.form.values())
	return s.a.copy("the request as a curl command", red.Curl(report.Preview(r)), false)
}

func (s *formScreen) preview() (flows.Request, error) {
	return s.w1.first.Preview(s.form.values())
}

// drawnKey is all that the request's lines depend on.
func (s *formScreen) drawnKey(w int) string {
	var b strings.Builder
	fmt.Fprint(&b, w, s.a.masked, s.a.present, len(s.w1.session.Exchanges))
	for _, x := range s.form.fields {
		b.WriteByte(0)
		b.WriteString(x.value())
	}
	return b.String()
}

func (s *formScreen) View() string {
	a := s.a
	if !s.isWide() {
		if s.showReq {
			return s.show(a.barredPart(&s.scroll, s.requestLines(s.w-2), s.w, s.h))
		}
		return s.show(s.formLines(s.w, s.h))
	}
	lw := min(s.w*11/20, 84)
	rw := s.w - lw - 4
	return strings.Join(beside(s.h, "    ", []int{lw, rw}, s.formLines(lw, s.h), s.requestLines(rw)), "\n")
}

// barredPart is the part of lines in sight, with a bar when there is more.
func (a *App) barredPart(sc *scroll, lines []string, w, h int) []string {
	part := sc.part(lines, h)
	return a.barred(part, w, h, len(lines), sc.top)
}

func (s *formScreen) formLines(w, h int) []string {
	a := s.a
	var top, foot []string
	about := inked(a.dim, wrap(s.w1.flow.About, w-2))
	for i, l := range about {
		if about[i] = "  " + l; i == 0 {
			about[i] = a.warn.s("! ") + l
		}
	}
	at := s.form.top
	whole := len(s.form.lines(w, 1<<10)) // with all its fields
	s.form.top = at
	switch {
	case h >= 20:
		top = append(top, a.head.s(cut(s.w1.first.Title, w)))
		top = append(append(top, about...), "")
	case h >= 16 && whole+len(about)+1+3 <= h:
		top = append(about, "")
	default:
		top = append(top, a.warn.s("! ")+a.dim.s(cut(s.w1.flow.About, w-2)))
		if h >= 16 {
			top = append(top, "")
		}
	}
	// The help has its place also when there is none, so that nothing jumps.
	help := wrap(s.form.help(), w-2)
	if len(help) > 2 {
		help = help[:2]
	}
	foot = inked(a.dim, help)
	fh := 2
	if h >= 16 {
		foot, fh = append([]string{""}, foot...), 3
	}
	return append(append(top, s.form.lines(w, max(h-len(top)-fh, 1))...), foot...)
}

// requestLines is the request as it will be sent.
func (s *formScreen) requestLines(w int) []string {
	a := s.a
	lines := []string{a.head.s("The request as it will be sent"), ""}
	key := s.drawnKey(w)
	if key == s.drawnFor {
		return s.drawn
	}
	r, err := s.preview()
	if err != nil {
		return append(lines, inked(a.warn, wrap("! "+capital(a.fault(err))+".", w))...)
	}
	red := s.w1.redactor()
	red.Values(s.form.values())
	s.drawn = append(lines, a.requestText(red.Exchange(report.Preview(r)), w)...)
	s.drawnFor = key
	return s.drawn
}

// maxShown is how much of a body is drawn; the rest is told.
const maxShown = 64 << 10

// bodyText draws a masked body: JSON indented, anything else as text.
func (a *App) bodyText(body string, w int) []string {
	if v, _, err := rawjson.Parse([]byte(body)); err == nil && (v.Kind() == rawjson.Object || v.Kind() == rawjson.Array) {
		var lines []string
		for _, l := range strings.Split(a.theirLines(v.Pretty()), "\n") {
			lines = append(lines, a.jsonLine(l, w)...)
		}
		return lines
	}
	return wrap(a.theirLines(body), w)
}

// jsonLine colours one line of indented JSON: names, and what is masked.
func (a *App) jsonLine(l string, w int) []string {
	in := len(l) - len(strings.TrimLeft(l, " "))
	rest := l[in:]
	if strings.HasPrefix(rest, `"`) {
		if i := strings.Index(rest, `": `); i > 0 {
			name, value := rest[:i+1], rest[i+3:]
			i := ink{}
			if strings.HasPrefix(value, `"`+flows.Mask) {
				i = a.secret
			}
			head := gap(in) + a.accent.s(name) + ": "
			n := in + width(name) + 2
			if n > w*2/3 {
				return inked(ink{}, wrap(l, w))
			}
			var out []string
			for k, p := range wrap(value, w-n) {
				if k == 0 {
					out = append(out, head+i.s(p))
				} else {
					out = append(out, gap(n)+i.s(p))
				}
			}
			return out
		}
	}
	return indent(gap(in), rest, w)
}
