package ui

import (
	"errors"
	"sort"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
)

// challengeScreen is a further step that a flow asks for: something to read,
// fields to fill in, a wait, or a choice of other steps. It knows steps alone.
type challengeScreen struct {
	pane
	wk      *walk
	step    flows.Step
	form    *form
	wait    task
	since   flows.Moment
	trouble []string // why this is asked, or why the answer before was not taken
	wrong   bool     // it is the latter
	others  cursorList
	scroll  scroll
}

func newChallengeScreen(a *App, w *walk, step flows.Step) *challengeScreen {
	s := &challengeScreen{pane: pane{a: a}, wk: w, step: step, since: a.clock.Now()}
	button := "Send"
	if step.Confirm && len(step.Fields) == 0 {
		button = "Go on"
	}
	s.form = newForm(a, step.Fields, button)
	return s
}

func (s *challengeScreen) title() string { return s.step.Title }

func (s *challengeScreen) about() string {
	return "The flow asks for one more thing before it gives tokens. What was answered so far is kept; esc goes back to the form and gives this up."
}

func (s *challengeScreen) typing() bool { return len(s.form.fields) > 0 && s.form.typing() }

func (s *challengeScreen) close() { s.wait.stop() }

// leave ends the polling; coming back begins it anew.
func (s *challengeScreen) leave() tea.Cmd {
	s.wait.stop()
	return nil
}

// Init goes on waiting where leaving had stopped it.
func (s *challengeScreen) Init() tea.Cmd {
	if s.step.Wait > 0 && !s.wait.running() && s.wk.request.challenge == s && !s.over() {
		return s.wk.request.poll(s.step)
	}
	return nil
}

// complain tells why the answer before was not taken.
func (s *challengeScreen) complain(err error, session *flows.Session) {
	s.trouble = nil
	if err == nil {
		return
	}
	if len(session.Findings) > 0 {
		f := session.Findings[0]
		s.trouble = append(s.trouble, f.Title)
		if s.wrong {
			s.trouble = append(s.trouble, f.Why)
		}
		return
	}
	if s.wrong { // what stops the first time is in the step's own notes
		s.trouble = append(s.trouble, capital(err.Error())+".")
	}
}

// chooses tells that one has to choose from the others: the step itself does
// nothing.
func (s *challengeScreen) chooses() bool { return s.step.Do == nil }

func (s *challengeScreen) over() bool {
	return !s.step.Until.IsZero() && !s.a.clock.Wall().Before(s.step.Until)
}

func (s *challengeScreen) actions() []action {
	a := s.a
	var list []action
	switch {
	case s.chooses():
		list = append(list, action{keys: []string{"enter"}, name: "choose", help: "Take the way under the cursor", off: s.noOthers(), do: func() tea.Cmd { return s.take(s.step.Others[s.others.at]) }})
		list = append(list, s.others.moves(len(s.step.Others), len(s.step.Others))...)
	case s.step.Wait > 0:
		list = append(list, action{keys: []string{"enter"}, name: "", hidden: true, help: "Nothing: the answer comes by itself", do: func() tea.Cmd {
			return a.tell(stateSkip, "Waiting for the answer on the phone; nothing is to be pressed here.")
		}})
	case len(s.form.fields) > 0:
		list = append(list, s.form.actions(s.send)...)
	default:
		list = append(list, action{keys: []string{"enter"}, name: "go on", help: "Go on", do: s.send})
		if s.step.Confirm {
			list[0].do = func() tea.Cmd {
				return a.tell(stateWarn, "This goes on with y, not with enter.")
			}
			list = append([]action{{keys: []string{"y"}, name: "go on", help: "Yes: go on", do: s.send}}, list...)
			list[1].hidden = true
		}
	}
	if !s.chooses() && len(s.step.Others) > 0 {
		list = append(list, action{keys: []string{"o", "ctrl+o"}, name: "another way", help: "Another factor, or another way to go on", text: false, do: s.pick})
		if s.typing() {
			list[len(list)-1].keys, list[len(list)-1].text = []string{"ctrl+o"}, true
		}
	}
	if s.qr() != "" {
		k := action{keys: []string{"v", "ctrl+v"}, name: "QR code", help: "The QR code over the whole window, to be scanned", do: func() tea.Cmd { return a.open(newQRScreen(a, s.qr())) }}
		if s.typing() {
			k.keys, k.text = []string{"ctrl+q"}, true
		}
		list = append(list, k)
	}
	if s.wk.tools != nil && s.waiting() != "" {
		list = append(list,
			action{keys: []string{"a"}, name: "approve (demo)", help: "Approve the push on the demo's phone", do: func() tea.Cmd { s.wk.tools.Approve(s.waiting()); return a.tell(stateGood, "Approved on the phone.") }},
			action{keys: []string{"d"}, name: "deny (demo)", help: "Deny the push on the demo's phone", do: func() tea.Cmd { s.wk.tools.Deny(s.waiting()); return a.tell(stateWarn, "Denied on the phone.") }})
	}
	list = append(list, action{keys: []string{"Y"}, name: "copy keep", help: "Copy what is shown here once and must be kept", hidden: true, off: s.nothingToKeep(), do: func() tea.Cmd { return a.copy("what is to be kept", s.toKeep(), true) }})
	return append(list, action{keys: []string{"esc"}, name: "give up", help: "Give this up and go back to the form", text: true, do: s.giveUp})
}

func (s *challengeScreen) noOthers() string {
	if len(s.step.Others) == 0 {
		return "there is no way on from here"
	}
	return ""
}

func (s *challengeScreen) nothingToKeep() string {
	if s.toKeep() == "" {
		return "there is nothing to keep here"
	}
	return ""
}

func (s *challengeScreen) toKeep() string {
	var all []string
	for _, n := range s.step.Shows {
		if n.Kind == flows.NoteKeep || n.Kind == flows.NoteSecret {
			all = append(all, n.Text)
		}
	}
	return strings.Join(all, "\n")
}

// giveUp leaves the challenge: nothing is asked any more.
func (s *challengeScreen) giveUp() tea.Cmd {
	s.wk.request.dropChallenge()
	v := newVerdict(s.a, s.wk, errors.New("the flow was left before its last step; the password was taken, but no tokens were given"), s.wk.session.Findings)
	v.head = "You left the challenge"
	v.rows = []choice{{title: "Send again", note: "sends the request once more", off: s.wk.request.notAgain, do: s.wk.request.again}}
	s.wk.request.verdict = v
	return s.a.goTo(stepForm)
}

func (s *challengeScreen) send() tea.Cmd {
	if len(s.form.fields) > 0 && !s.form.check() {
		return s.form.tellProblem()
	}
	return s.wk.request.run(s.step, s.form.values())
}

// pick offers the other ways.
func (s *challengeScreen) pick() tea.Cmd {
	var rows []choice
	for _, o := range s.step.Others {
		rows = append(rows, choice{title: s.a.quoting(o.Title), do: func() tea.Cmd { return s.take(o) }})
	}
	return s.a.open(newPickScreen(s.a, "Another way", "", rows))
}

// take goes another way. A step that only sends something does so at once: it
// was chosen by a key.
func (s *challengeScreen) take(c flows.Choice) tea.Cmd {
	step := c.Step
	// The other ways stay reachable, this one too.
	if len(step.Others) == 0 {
		for _, o := range s.step.Others {
			if o.Title != c.Title {
				step.Others = append(step.Others, o)
			}
		}
		if s.step.Do != nil {
			mine := s.step
			mine.Others = nil
			step.Others = append(step.Others, flows.Choice{Title: mine.Title, Step: mine})
		}
	}
	r := s.wk.request
	if step.Do != nil && len(step.Fields) == 0 && !step.Confirm && step.Wait == 0 {
		s.close()
		return r.run(step, flows.Values{})
	}
	r.dropChallenge()
	r.challenge = newChallengeScreen(s.a, s.wk, step)
	return s.a.goTo(stepRequest)
}

func (s *challengeScreen) Update(msg tea.Msg) tea.Cmd { return s.form.update(msg) }

// qr is the text of a QR code among the notes.
func (s *challengeScreen) qr() string {
	for _, n := range s.step.Shows {
		if n.Kind == flows.NoteQR {
			return n.Text
		}
	}
	return ""
}

// waiting is the id of a push on the demo's phone that nobody has answered.
func (s *challengeScreen) waiting() string {
	if s.wk.tools == nil || s.step.Wait == 0 {
		return ""
	}
	items := s.wk.tools.Phone()
	for i := len(items) - 1; i >= 0; i-- {
		if items[i].Waiting {
			return items[i].ID
		}
	}
	return ""
}

func (s *challengeScreen) View() string {
	a := s.a
	if s.wk.tools == nil || s.step.Confirm && len(s.step.Fields) == 0 {
		return s.show(s.lines(s.w, s.h)) // nothing here has to do with a phone
	}
	if s.isWide() {
		lw := s.w*3/5 - 2
		rw := s.w - lw - 4
		return strings.Join(beside(s.h, "    ", []int{lw, rw}, s.lines(lw, s.h), s.phone(rw, s.h)), "\n")
	}
	ph := s.phone(s.w, max(s.h/3, 4))
	top := s.lines(s.w, s.h-len(ph)-1)
	return s.show(append(append(clip(top, s.w, s.h-len(ph)-1), a.faint.s(strings.Repeat("─", s.w))), ph...))
}

func (s *challengeScreen) lines(w, h int) []string {
	a := s.a
	head := a.head.s(cut(a.quoting(s.step.Title), w))
	var more []string // of a title that does not fit beside the time that is left
	if left := s.left(); left != "" {
		title := wrap(a.quoting(s.step.Title), max(w-width(left)-1, 1))
		if len(title) > 2 || h < 16 {
			title = []string{a.quoting(s.step.Title)}
		}
		head, more = right(a.head.s(title[0]), left, w), inked(a.head, title[1:])
	}
	lines := append(append([]string{head}, more...), "")
	for i, t := range s.trouble {
		for n, l := range wrap(a.quoting(t), w-2) {
			switch {
			case i == 0 && n == 0:
				st := stateWarn
				if s.wrong {
					st = stateBad
				}
				lines = append(lines, a.mark(st)+" "+a.strong.s(l))
			case i == 0:
				lines = append(lines, "  "+a.strong.s(l))
			default:
				lines = append(lines, "  "+l)
			}
		}
	}
	if len(s.trouble) > 0 {
		lines = append(lines, "")
	}
	for _, n := range s.step.Shows {
		lines = append(lines, s.note(n, w)...)
		if h >= 16 {
			lines = append(lines, "")
		}
	}
	form := 0 // where the form ends, if there is one
	switch {
	case s.chooses():
		s.others.keep(len(s.step.Others), max(len(s.step.Others), 1))
		for i, o := range s.step.Others {
			text := cut(a.quoting(o.Title), w-4)
			if i == s.others.at {
				text = a.strong.s(text)
			}
			lines = append(lines, a.listed(text, w, i == s.others.at))
		}
	case s.step.Wait > 0:
		gone, _ := a.clock.Elapsed(s.since)
		if a.opt.Still {
			gone = 0
		}
		lines = append(lines, a.busySign()+"  "+a.dim.s("waiting for ")+inWords(gone))
	case len(s.form.fields) > 0:
		room := max(h-len(lines)-3, 3)
		lines = append(lines, s.form.lines(w, room)...)
		form = len(lines)
		if help := s.form.help(); help != "" {
			lines = append(lines, "")
			lines = append(lines, inked(a.dim, wrap(a.quoting(help), w))...)
		}
	case s.step.Confirm:
		lines = append(lines, a.key.s("y")+" go on     "+a.key.s("esc")+" go back")
	default:
		lines = append(lines, a.accent.s("▸ ")+a.key.s("[ Go on ]"))
	}
	if s.over() {
		lines = append(lines, "")
		lines = append(lines, inked(a.bad, wrap("✗ The time for this is over. esc goes back to the form; then send again.", w))...)
	}
	if !s.chooses() && len(s.step.Others) > 0 {
		var names []string
		for _, o := range s.step.Others {
			names = append(names, a.quoting(o.Title))
		}
		k := "o"
		if s.typing() {
			k = "ctrl+o"
		}
		lines = append(lines, "")
		lines = append(lines, indent(a.key.s(k)+" "+a.dim.s("another way: "), strings.Join(names, ", "), w)...)
	}
	switch {
	case len(lines) > h && form > 0: // the title stays, and the field one types in is in sight
		lines = append(lines[:1:1], lines[max(form-h+1, 1):]...)
	case len(lines) > h:
		lines = s.scroll.part(lines, h)
	}
	return lines
}

// left is how long the challenge is good.
func (s *challengeScreen) left() string {
	if s.step.Until.IsZero() {
		return ""
	}
	d := s.step.Until.Sub(s.a.clock.Wall())
	i := s.a.dim
	switch {
	case d <= 0:
		return s.a.bad.s("EXPIRED")
	case d < 30*time.Second:
		i = s.a.bad
	case d < 2*time.Minute:
		i = s.a.warn
	}
	return i.s(clockTime(d)) + s.a.dim.s(" left to answer")
}

func (s *challengeScreen) note(n flows.Note, w int) []string {
	a := s.a
	var lines []string
	switch n.Kind {
	case flows.NoteWarn:
		lines = append(lines, indent(a.warn.s("! "), a.strong.s(a.quoting(n.Title)), w)...)
		return append(lines, indent("  ", a.quoting(n.Text), w)...)
	case flows.NoteQR:
		k := "v"
		if s.typing() {
			k = "ctrl+q"
		}
		return []string{a.dim.s(a.quoting(n.Title)+": ") + a.key.s(k) + a.dim.s(" shows the QR code")}
	case flows.NoteSecret, flows.NoteKeep:
		if n.Kind == flows.NoteKeep {
			lines = append(lines, indent(a.warn.s("! "), a.strong.s(a.quoting(n.Title)), w)...)
		} else {
			lines = append(lines, a.dim.s(a.quoting(n.Title)))
		}
		for _, l := range strings.Split(n.Text, "\n") {
			text := a.once(l)
			if a.present {
				text = flows.Mask
			}
			lines = append(lines, inked(a.secret, hard("  "+text, w))...)
		}
		return lines
	}
	if n.Title != "" {
		lines = append(lines, a.strong.s(cut(a.quoting(n.Title), w)))
	}
	return append(lines, wrap(a.quotingLines(n.Text), w)...)
}

// wanted tells whether an item of the phone is what the step asks for.
func (s *challengeScreen) wanted(it PhoneItem) bool {
	kind := ""
	for _, f := range s.step.Fields {
		kind += map[string]string{"otp": "otp", "recovery_code": "kept"}[f.Name]
	}
	if kind == "" { // a message or a push
		return it.Kind != "otp" && it.Kind != "kept"
	}
	return it.Kind == kind
}

// phone is what the demo's phone shows, what is asked for and then newest
// first, marked as part of the demo.
func (s *challengeScreen) phone(w, h int) []string {
	a := s.a
	lines := []string{a.head.s("The user's phone") + a.dim.s("  part of the demo"), ""}
	if h < 8 {
		lines = lines[:1]
	}
	items := s.wk.tools.Phone()
	for _, n := range s.step.Shows { // the demo's app has read the QR code by itself
		if n.Kind == flows.NoteSecret {
			if code, err := flows.TOTP(flows.Secret(n.Text), a.clock.Wall()); err == nil {
				items = append(items, PhoneItem{ID: "app", Kind: "otp", Text: "has read the QR code and shows", Code: code})
			}
		}
	}
	sort.SliceStable(items, func(i, j int) bool { return !s.wanted(items[i]) && s.wanted(items[j]) })
	if len(items) == 0 {
		return append(lines, inked(a.dim, wrap("Nothing has come yet.", w))...)
	}
	for i := len(items) - 1; i >= 0 && len(lines) < h; i-- {
		it := items[i]
		kind := map[string]string{"sms": "SMS", "voice": "Call", "email": "E-mail", "otp": "Authenticator app", "push": "Push", "kept": "Recovery code"}[it.Kind]
		head := kind
		if it.To != "" {
			head += " to " + it.To
		}
		if it.Kind == "otp" {
			head = kind
		}
		when := ""
		if !it.At.IsZero() && it.Kind != "otp" {
			when = it.At.Local().Format("15:04:05")
		}
		one := []string{right(a.strong.s(cut(a.bare(head), w-10)), a.dim.s(when), w)}
		text := it.Text
		if a.leaving && it.Code != "" {
			text = strings.ReplaceAll(text, it.Code, dots(it.Code))
		}
		if text != "" {
			one = append(one, wrap(a.bare(text), w)...)
		}
		if it.Code != "" {
			one = append(one, a.secret.s(a.once(it.Code)))
		}
		if it.Waiting {
			one = append(one, a.key.s("a")+" approve   "+a.key.s("d")+" deny")
		}
		if i < len(items)-1 && len(lines)+len(one) > h {
			break // a title without its code would tell nothing
		}
		lines = append(append(lines, one...), "")
	}
	return lines[:min(len(lines), h)]
}
