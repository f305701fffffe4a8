package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/profiles"
)

// tenantScreen is step 1: the person's profiles, then the demo tenants, and
// what is known of the one under the cursor.
type tenantScreen struct {
	pane
	profiles []profiles.Profile
	deflt    string
	problem  string // what is wrong with the profile file
	read     bool
	list     cursorList
	filter   filter
	reading  task
	opening  task
	openName string
	started  bool
	selectID string // to be put under the cursor once it is there
	moved    bool   // the cursor stands where somebody put it

	demos    []DemoTenant
	version  int // of what rows are made from
	made     []tenantRow
	can      []tenantRow // those of made that can be chosen
	madeFor  string
	nameCols int // room for the longest name
}

func newTenantScreen(a *App) *tenantScreen {
	return &tenantScreen{pane: pane{a: a}, filter: newFilter()}
}

// Init reads the profiles again, and opens what was asked for at the start.
func (s *tenantScreen) Init() tea.Cmd {
	cmds := []tea.Cmd{s.reload()}
	if !s.started {
		s.started = true
		switch {
		case s.a.opt.ProfileName != "":
			cmds = append(cmds, s.openProfile(s.a.opt.ProfileName, s.toForm))
		case s.a.opt.Scenario != "" && s.a.opt.Demo != nil:
			cmds = append(cmds, s.openDemo(s.a.opt.Scenario, s.toForm))
		}
	}
	return tea.Batch(cmds...)
}

func (s *tenantScreen) reload() tea.Cmd {
	store := s.a.store
	if store == nil {
		s.read = true
		s.version++
		return nil
	}
	return start(s.a, &s.reading, func(context.Context) profileList { return store.list() }, func(l profileList) tea.Cmd {
		s.read, s.problem = true, ""
		if l.err != nil {
			s.problem = l.err.Error()
		}
		if row, ok := s.current(); ok && s.selectID == "" && s.moved {
			s.selectID = row.id() // what was under the cursor stays there
		}
		s.profiles, s.deflt = l.profiles, l.deflt
		s.version++
		s.find()
		if len(l.warnings) > 0 {
			return s.a.tell(stateWarn, "%s.", capital(s.a.say(l.warnings[0])))
		}
		return nil
	}, nil)
}

func (s *tenantScreen) busy() bool { return s.opening.running() }

func (s *tenantScreen) title() string { return "Choose a tenant" }

func (s *tenantScreen) about() string {
	return "Choose whose set-up to walk through: one of your profiles, or a demo tenant on this machine. The demo tenants behave like Auth0; each one is set up well, or broken in one way that teaches something."
}

func (s *tenantScreen) typing() bool { return s.filter.editing }

func (s *tenantScreen) close() {
	s.reading.stop()
	s.opening.stop()
}

func (s *tenantScreen) actions() []action {
	if s.filter.editing {
		return append(s.keepRow(s.filter.actions()), onlyArrows(s.list.moves(len(s.choices()), s.listHeight()))...)
	}
	row, any := s.current()
	noOwn := ""
	if row.profile == nil {
		noOwn = "this is for your own profiles"
	}
	none := ""
	if !any {
		none = "there is nothing to choose"
	}
	noStore := ""
	if s.a.store == nil {
		noStore = "the demo has no profiles of its own; start authwalk without demo"
	}
	list := []action{
		{keys: []string{"enter"}, name: "choose", help: "Choose the tenant under the cursor", off: none, do: s.choose},
		{keys: []string{"n"}, name: "new profile", help: "Make a new profile, step by step or from a pasted curl line", off: noStore, do: func() tea.Cmd { return s.a.open(newProfileScreen(s.a, profiles.Profile{}, "")) }},
		{keys: []string{"c"}, name: "check", help: "Check the set-up under the cursor: where it stops and what to change", off: none, do: s.check},
		{keys: []string{"e"}, name: "edit", help: "Edit the profile under the cursor", off: noOwn, do: func() tea.Cmd { return s.a.open(newProfileScreen(s.a, *row.profile, row.profile.Name)) }},
		{keys: []string{"d"}, name: "duplicate", help: "Make a copy of the profile under the cursor", off: noOwn, do: func() tea.Cmd { return s.duplicate(*row.profile) }},
		{keys: []string{"D"}, name: "make default", help: "Make the profile under the cursor the one that commands without -p take", hidden: true, off: noOwn, do: func() tea.Cmd { return s.makeDefault(row.profile.Name) }},
		{keys: []string{"x"}, name: "delete", help: "Delete the profile under the cursor (asks)", off: noOwn, do: func() tea.Cmd { return s.remove(row.profile.Name) }},
	}
	list = append(list, s.keepRow(s.filter.actions())...)
	if s.opening.running() {
		list = append([]action{{keys: []string{"esc"}, name: "cancel", help: "Stop opening", do: func() tea.Cmd { s.opening.stop(); return s.a.tell(stateSkip, "Stopped.") }}}, list...)
	}
	moves := s.list.moves(len(s.choices()), s.listHeight())
	for i, m := range moves {
		do := m.do
		moves[i].do = func() tea.Cmd { s.moved = true; return do() }
	}
	return append(list, moves...)
}

// keepRow lets the row under the cursor stay there when a filter goes.
func (s *tenantScreen) keepRow(list []action) []action {
	for i := range list {
		if do := list[i].do; list[i].keys[0] == "esc" {
			list[i].do = func() tea.Cmd {
				row, _ := s.current()
				cmd := do()
				s.selectID = row.id()
				s.find()
				return cmd
			}
		}
	}
	return list
}

// onlyArrows keeps the keys that are no letters, for use while one types.
func onlyArrows(list []action) []action {
	for i := range list {
		list[i].keys = list[i].keys[:1]
		list[i].text = true
	}
	return list[:4]
}

func (s *tenantScreen) Update(msg tea.Msg) tea.Cmd {
	if s.filter.editing {
		s.list.at = 0
		return s.filter.in.update(msg)
	}
	if k, ok := msg.(tea.KeyMsg); ok && k.Paste && looksPasted(strings.TrimSpace(lineEnds(string(k.Runes)))) && s.a.store != nil {
		form := newProfileScreen(s.a, profiles.Profile{}, "") // what n and the paste there would do
		return tea.Batch(s.a.open(form), form.Update(msg))
	}
	return nil
}

// listHeight is how many lines the list has.
func (s *tenantScreen) listHeight() int {
	h := s.h
	if !s.isWide() {
		h -= 4 // the details below
	}
	if _, ok := s.filter.line(s.a, s.w); ok {
		h -= 2
	}
	lw := s.w
	if s.isWide() {
		lw = s.listWidth()
	}
	return max(h-len(s.trouble(lw)), 1)
}

func (s *tenantScreen) listWidth() int { return min(s.w*5/8, 90) }

// trouble tells what is wrong with the profile file, above the list.
func (s *tenantScreen) trouble(w int) []string {
	if s.problem == "" {
		return nil
	}
	lines := inked(s.a.bad, wrap("✗ "+s.a.say(s.problem), w))
	if len(lines) > 4 {
		lines = append(lines[:3], s.a.dim.s("… authwalk profiles check tells the rest"))
	}
	return append(lines, "")
}

func (s *tenantScreen) View() string {
	a := s.a
	lw := s.w
	if s.isWide() {
		lw = s.listWidth()
	}
	var top []string
	top = append(top, s.trouble(lw)...)
	if l, ok := s.filter.line(a, lw); ok {
		top = append(top, l, "")
	}
	h := s.listHeight()
	rows := s.rows()
	row, any := s.current()
	// Where the row under the cursor stands among all lines.
	at, n := 0, -1
	for i, r := range rows {
		if r.head == "" && !r.blank {
			if n++; n == s.list.at {
				at = i
				break
			}
		}
	}
	// The heading of the first row stays in sight with it.
	from := s.list.top
	if at < from+1 {
		from = max(at-1, 0)
	}
	if at >= from+h {
		from = at - h + 1
	}
	from = max(min(from, len(rows)-h), 0)
	s.list.top = from
	var lines []string
	for i := from; i < min(from+h, len(rows)); i++ {
		r := rows[i]
		if i == from && h > 1 {
			r = heading(rows, from)
		}
		switch {
		case r.blank:
			lines = append(lines, "")
		case r.head != "":
			head := a.head.s(a.say(r.head))
			if r.note != "" {
				head += "  " + a.dim.s(a.say(r.note))
			}
			lines = append(lines, head)
		default:
			lines = append(lines, s.row(r, any && i == at, lw-2))
		}
	}
	if !any && s.filter.text() != "" {
		lines = append(lines, a.dim.s("Nothing has these words. esc clears the filter."))
	}
	part := a.barred(clip(lines, lw-2, h), lw, h, len(rows), from)
	left := append(top, part...)
	if !s.isWide() {
		left = clip(left, s.w, len(top)+h)
		return s.show(append(append(left, ""), s.details(row, s.w, true)...))
	}
	right := s.details(row, s.w-lw-4, false)
	return strings.Join(beside(s.h, "    ", []int{lw, s.w - lw - 4}, left, right), "\n")
}

func (s *tenantScreen) row(r tenantRow, here bool, w int) string {
	a := s.a
	mark := "  "
	if here {
		mark = a.accent.s("▸ ")
	}
	name, text := "", ""
	switch {
	case r.profile != nil:
		name, text = a.say(r.profile.Name), a.say(r.profile.Host())
		if e := r.profile.Environment; e != "" {
			text = pad(oneLine(e), 8) + text
		}
	case r.demo != nil:
		name, text = a.say(r.demo.Name), a.say(r.demo.Title)
	}
	if s.a.walks[r.id()] != nil && s.a.walks[r.id()].generation() != nil {
		text = a.good.s("✓ token") + "  " + text
	}
	nw := min(s.longest(), w/2)
	if here {
		return pad(a.row.over(pad(mark+a.strong.s(pad(name, nw))+" "+cut(text, w-nw-3), w)), w)
	}
	return mark + pad(name, nw) + " " + a.dim.over(cut(text, w-nw-3))
}
