package ui

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
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

// tenantRow is one row: a heading, a profile or a demo tenant.
type tenantRow struct {
	head, note string
	blank      bool
	profile    *profiles.Profile
	demo       *DemoTenant
}

func (r tenantRow) name() string {
	switch {
	case r.profile != nil:
		return r.profile.Name
	case r.demo != nil:
		return r.demo.Name
	}
	return ""
}

func (r tenantRow) id() string {
	switch {
	case r.profile != nil:
		return "profile:" + r.profile.Name
	case r.demo != nil:
		return "demo:" + r.demo.Name
	}
	return ""
}

// Init reads the profiles again, and opens what was asked for at the start.
func (s *tenantScreen) Init() tea.Cmd {
	cmds := []tea.Cmd{s.reload()}
	if !s.started {
		s.started = true
		switch {
		case s.a.opt.ProfileName != "":
			cmds = append(cmds, s.openProfile(s.a.opt.ProfileName))
		case s.a.opt.Scenario != "" && s.a.opt.Demo != nil:
			cmds = append(cmds, s.openDemo(s.a.opt.Scenario))
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

// find puts what was asked for under the cursor.
func (s *tenantScreen) find() {
	if s.selectID == "" {
		return
	}
	for i, r := range s.choices() {
		if r.id() == s.selectID {
			s.list.at, s.selectID, s.moved = i, "", true
			return
		}
	}
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

// rows are the headings and what can be chosen, filtered. They are made anew
// only when the filter or what it works on has changed: there may be thousands.
func (s *tenantScreen) rows() []tenantRow {
	if key := fmt.Sprint(s.version, s.filter.text()); key != s.madeFor || s.made == nil {
		s.made, s.madeFor = s.makeRows(), key
		s.can, s.nameCols = nil, 12
		for _, r := range s.made {
			if r.head == "" && !r.blank {
				s.can = append(s.can, r)
				s.nameCols = max(s.nameCols, width(oneLine(r.name())))
			}
		}
		s.nameCols++
	}
	return s.made
}

func (s *tenantScreen) makeRows() []tenantRow {
	rows := []tenantRow{}
	group := func(head, note string, members []tenantRow) {
		if len(rows) > 0 {
			rows = append(rows, tenantRow{blank: true})
		}
		rows = append(append(rows, tenantRow{head: head, note: note}), members...)
	}
	var own []tenantRow
	for i := range s.profiles {
		p := &s.profiles[i]
		if s.filter.match(p.Name + " " + p.Host() + " " + p.Environment + " " + p.ClientID) {
			own = append(own, tenantRow{profile: p})
		}
	}
	note := "none yet: press n to make one"
	switch {
	case len(own) > 0:
		note = ""
	case s.problem != "":
		note = "cannot be read"
	case !s.read:
		note = "reading…"
	}
	if len(own) > 0 || s.filter.text() == "" && s.a.store != nil {
		group("Your profiles", note, own)
	}
	if s.a.opt.Demo == nil {
		return rows
	}
	if s.demos == nil {
		s.demos = s.a.opt.Demo.Tenants()
	}
	for _, good := range []bool{true, false} {
		head := "Demo tenants that are set up well"
		if !good {
			head = "Demo tenants with something wrong"
		}
		var members []tenantRow
		for i := range s.demos {
			d := &s.demos[i]
			if d.Good == good && s.filter.match(d.Name+" "+d.Title+" "+d.Teaches+" "+d.Finding) {
				members = append(members, tenantRow{demo: d})
			}
		}
		if s.filter.text() != "" { // what is called so before what only tells of it
			sort.SliceStable(members, func(i, j int) bool { return s.far(*members[i].demo) < s.far(*members[j].demo) })
		}
		if len(members) > 0 {
			group(head, "", members)
		}
	}
	return rows
}

// far is how far a demo tenant is from what the filter says: 0, its name has the
// words; 1, name and title; 2, what it teaches.
func (s *tenantScreen) far(d DemoTenant) int {
	switch {
	case s.filter.match(d.Name):
		return 0
	case s.filter.match(d.Name + " " + d.Title):
		return 1
	}
	return 2
}

// choices are the rows that can be chosen.
func (s *tenantScreen) choices() []tenantRow {
	s.rows()
	return s.can
}

func (s *tenantScreen) current() (tenantRow, bool) {
	c := s.choices()
	if len(c) == 0 {
		return tenantRow{}, false
	}
	s.list.at = max(min(s.list.at, len(c)-1), 0)
	return c[s.list.at], true
}

func (s *tenantScreen) actions() []action {
	if s.filter.editing {
		return append(s.filter.actions(), onlyArrows(s.list.moves(len(s.choices()), s.listHeight()))...)
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
		noStore = "there is no profile file"
	}
	list := []action{
		{keys: []string{"enter"}, name: "choose", help: "Choose the tenant under the cursor", off: none, do: s.choose},
		{keys: []string{"n"}, name: "new profile", help: "Make a new profile, step by step or from a pasted curl line", off: noStore, do: func() tea.Cmd { return s.a.open(newProfileScreen(s.a, profiles.Profile{}, "")) }},
		{keys: []string{"c"}, name: "check", help: "Check the set-up under the cursor: where it stops and what to change", off: none, do: s.check},
		{keys: []string{"e"}, name: "edit", help: "Edit the profile under the cursor", off: noOwn, do: func() tea.Cmd { return s.a.open(newProfileScreen(s.a, *row.profile, row.profile.Name)) }},
		{keys: []string{"d"}, name: "duplicate", help: "Make a copy of the profile under the cursor", off: noOwn, do: func() tea.Cmd { return s.duplicate(*row.profile) }},
		{keys: []string{"x"}, name: "delete", help: "Delete the profile under the cursor (asks)", off: noOwn, do: func() tea.Cmd { return s.remove(row.profile.Name) }},
	}
	list = append(list, s.filter.actions()...)
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
	return nil
}

func (s *tenantScreen) choose() tea.Cmd {
	row, ok := s.current()
	switch {
	case !ok || s.opening.running():
		return nil
	case row.profile != nil:
		return s.openProfile(row.profile.Name)
	}
	return s.openDemo(row.demo.Name)
}

type opened struct {
	cfg    flows.Config
	client *flows.Client
	tools  DemoTools
	notes  []string
	err    error
}

// open makes a walk in the background and goes to its form; one that is there
// already is gone to at once, with its tokens.
func (s *tenantScreen) open(id, name string, get func(context.Context) (flows.Config, DemoTools, []string, error), then func(*walk) tea.Cmd) tea.Cmd {
	if w := s.a.walks[id]; w != nil {
		s.a.walk = w
		return then(w)
	}
	s.openName = name
	newClient := s.a.opt.NewClient
	return tea.Batch(s.a.animate(), start(s.a, &s.opening, func(ctx context.Context) opened {
		cfg, tools, notes, err := get(ctx)
		if err != nil {
			return opened{err: err}
		}
		c, err := newClient(cfg)
		return opened{cfg, c, tools, notes, err}
	}, func(o opened) tea.Cmd {
		if o.err != nil {
			if o.tools != nil {
				o.tools.Close()
			}
			return s.a.tell(stateBad, "%s", capital(s.a.say(o.err.Error()))+".")
		}
		w := newWalk(s.a, id, name, o.cfg, o.client, o.tools)
		w.learn()
		s.a.walks[id], s.a.walk = w, w
		s.selectID = id
		s.find()
		cmd := then(w)
		if len(o.notes) > 0 {
			s.a.tell(stateWarn, "%s.", capital(s.a.say(o.notes[0])))
		}
		return cmd
	}, func(o opened) {
		if o.tools != nil {
			o.tools.Close()
		}
	}))
}

func (s *tenantScreen) toForm(*walk) tea.Cmd { return s.a.goTo(stepForm) }

func (s *tenantScreen) openProfile(name string) tea.Cmd { return s.openProfileAnd(name, s.toForm) }

func (s *tenantScreen) openProfileAnd(name string, then func(*walk) tea.Cmd) tea.Cmd {
	store := s.a.store
	if store == nil {
		return s.a.tell(stateBad, "There is no profile file.")
	}
	s.selectID = "profile:" + name
	return s.open("profile:"+name, name, func(ctx context.Context) (flows.Config, DemoTools, []string, error) {
		cfg, notes, err := store.resolve(ctx, name)
		return cfg, nil, notes, err
	}, then)
}

func (s *tenantScreen) openDemo(name string) tea.Cmd { return s.openDemoAnd(name, s.toForm) }

func (s *tenantScreen) openDemoAnd(name string, then func(*walk) tea.Cmd) tea.Cmd {
	demo := s.a.opt.Demo
	s.selectID = "demo:" + name
	return s.open("demo:"+name, name, func(ctx context.Context) (flows.Config, DemoTools, []string, error) {
		cfg, tools, err := demo.Open(ctx, name)
		return cfg, tools, nil, err
	}, then)
}

// check examines the set-up under the cursor.
func (s *tenantScreen) check() tea.Cmd {
	row, ok := s.current()
	if !ok || s.opening.running() {
		return nil
	}
	then := func(w *walk) tea.Cmd { return s.a.open(newCheckScreen(s.a, w)) }
	if row.profile != nil {
		return s.openProfileAnd(row.profile.Name, then)
	}
	return s.openDemoAnd(row.demo.Name, then)
}

func (s *tenantScreen) duplicate(p profiles.Profile) tea.Cmd {
	p = p.Clone()
	of := p.Name
	p.Name = s.freeName(of)
	ps := newProfileScreen(s.a, p, "")
	ps.copyOf = of
	ps.form.focusOn("name")
	return s.a.open(ps)
}

func (s *tenantScreen) freeName(name string) string {
	for n := 2; ; n++ {
		c := fmt.Sprintf("%s-%d", name, n)
		if !slices.ContainsFunc(s.profiles, func(p profiles.Profile) bool { return p.Name == c }) {
			return c
		}
	}
}

func (s *tenantScreen) remove(name string) tea.Cmd {
	store := s.a.store
	return s.a.confirm("Delete the profile "+s.a.say(name)+"?", []string{"Its lines are taken out of " + s.a.say(store.path) + ". This cannot be undone."}, "delete", func() tea.Cmd {
		return start(s.a, &s.reading, func(context.Context) error { return store.remove(name) }, func(err error) tea.Cmd {
			if err != nil {
				return s.a.tell(stateBad, "%s", capital(s.a.say(err.Error()))+".")
			}
			if w := s.a.walks["profile:"+name]; w != nil {
				w.close()
				delete(s.a.walks, "profile:"+name)
				if s.a.walk == w {
					s.a.walk = nil
				}
			}
			s.a.tell(stateGood, "%s is deleted.", s.a.say(name))
			return s.reload()
		}, nil)
	})
}

// listHeight is how many lines the list has.
func (s *tenantScreen) listHeight() int {
	h := s.h
	if s.w+2*margin < wide {
		h -= 4 // the details below
	}
	if _, ok := s.filter.line(s.a, s.w); ok {
		h -= 2
	}
	lw := s.w
	if s.w+2*margin >= wide {
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
	isWide := s.w+2*margin >= wide
	lw := s.w
	if isWide {
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
	// The heading above the first row stays in sight with it.
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
		switch {
		case r.blank:
			lines = append(lines, "")
		case r.head != "":
			head := a.head.s(r.head)
			if r.note != "" {
				head += "  " + a.dim.s(r.note)
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
	if !isWide {
		left = clip(left, s.w, len(top)+h)
		return s.show(append(append(left, ""), s.details(row, s.w, true)...))
	}
	right := s.details(row, s.w-lw-4, false)
	return strings.Join(beside(s.h, "    ", []int{lw, s.w - lw - 4}, left, right), "\n")
}

// longest is the width of the longest name.
func (s *tenantScreen) longest() int {
	s.rows()
	return s.nameCols
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

// details says what is known of a row. brief is for the lines below the list.
func (s *tenantScreen) details(r tenantRow, w int, brief bool) []string {
	a := s.a
	if s.opening.running() {
		return []string{a.strong.s("Opening " + a.say(s.openName)), a.busySign()}
	}
	switch {
	case r.demo != nil:
		d := r.demo
		ends := a.mark(stateGood) + " " + "It ends well."
		if !d.Good {
			ends = a.mark(stateBad) + " It ends in the finding " + a.strong.s(a.say(d.Finding)) + "."
			if d.Finding == "" {
				ends = a.mark(stateBad) + " Something in it is broken."
			}
		}
		lines := []string{a.strong.s(cut(a.say(d.Title), w))}
		if brief {
			return append(lines, wrap(a.say(d.Teaches), w)...)
		}
		lines = append(lines, "")
		lines = append(lines, wrap(a.say(d.Teaches), w)...)
		lines = append(lines, "", ends, "")
		return append(lines, inked(a.dim, wrap("A tenant on this machine that behaves like Auth0. It starts when you choose it and ends with authwalk; nothing leaves the machine.", w))...)
	case r.profile != nil:
		p := r.profile
		if brief {
			return []string{a.strong.s(cut(a.say(p.Name), w)), cut(a.dim.s("client ")+a.say(p.ClientID)+a.dim.s("  audience ")+a.say(p.Audience), w), cut(a.dim.s("scopes ")+a.say(strings.Join(p.Scopes, " ")), w)}
		}
		head := a.strong.s(cut(a.say(p.Name), w-10))
		if p.Name == s.deflt {
			head += "  " + a.dim.s("default")
		}
		lines := []string{head, ""}
		for _, f := range profileFacts(*p) {
			lines = append(lines, indent(a.dim.s(pad(f.name, 15))+" ", a.say(f.value), w)...)
		}
		if a.store != nil {
			lines = append(lines, "", a.dim.s(cut(a.say(a.store.path), w)))
		}
		return lines
	}
	if a.opt.Demo == nil && a.store != nil {
		return inked(a.dim, wrap("Press n to make a profile: it takes a domain, a client id and a user name, or a pasted curl line from Auth0's quickstart.", w))
	}
	return nil
}
