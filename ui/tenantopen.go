package ui

import (
	"context"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/profiles"
)

// choose goes to the form of the set-up under the cursor.
func (s *tenantScreen) choose() tea.Cmd { return s.openRow(s.toForm) }

// check examines the set-up under the cursor.
func (s *tenantScreen) check() tea.Cmd {
	return s.openRow(func(w *walk) tea.Cmd { return s.a.open(newCheckScreen(s.a, w)) })
}

func (s *tenantScreen) openRow(then func(*walk) tea.Cmd) tea.Cmd {
	row, ok := s.current()
	switch {
	case !ok || s.opening.running():
		return nil
	case row.profile != nil:
		return s.openProfile(row.profile.Name, then)
	}
	return s.openDemo(row.demo.Name, then)
}

type opened struct {
	cfg    flows.Config
	client *flows.Client
	tools  DemoTools
	asked  []string // the secrets that the profile says to ask for
	notes  []string
	err    error
}

// open makes a walk in the background and goes to its form; one that is there
// already is gone to at once, with its tokens.
func (s *tenantScreen) open(id, name string, get func(context.Context) opened, then func(*walk) tea.Cmd) tea.Cmd {
	if w := s.a.walks[id]; w != nil {
		s.a.walk = w
		return then(w)
	}
	s.openName = name
	newClient := s.a.opt.NewClient
	return tea.Batch(s.a.animate(), start(s.a, &s.opening, func(ctx context.Context) opened {
		o := get(ctx)
		if o.err == nil {
			o.client, o.err = newClient(o.cfg)
		}
		return o
	}, func(o opened) tea.Cmd {
		if o.err != nil {
			if o.tools != nil {
				o.tools.Close()
			}
			return s.a.tell(stateBad, "%s", capital(s.a.say(o.err.Error()))+".")
		}
		w := newWalk(s.a, id, name, o.cfg, o.client, o.tools)
		w.form.ask(o.asked)
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

func (s *tenantScreen) openProfile(name string, then func(*walk) tea.Cmd) tea.Cmd {
	store := s.a.store
	if store == nil {
		return s.a.tell(stateBad, "There is no profile file.")
	}
	s.selectID = "profile:" + name
	return s.open("profile:"+name, name, func(ctx context.Context) (o opened) {
		o.cfg, o.asked, o.notes, o.err = store.resolve(ctx, name)
		return o
	}, then)
}

func (s *tenantScreen) openDemo(name string, then func(*walk) tea.Cmd) tea.Cmd {
	demo := s.a.opt.Demo
	s.selectID = "demo:" + name
	return s.open("demo:"+name, name, func(ctx context.Context) (o opened) {
		o.cfg, o.tools, o.err = demo.Open(ctx, name)
		return o
	}, then)
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

// makeDefault names the profile that is taken where none is named.
func (s *tenantScreen) makeDefault(name string) tea.Cmd {
	store := s.a.store
	return start(s.a, &s.reading, func(context.Context) error {
		return store.change(func(f *profiles.File) error { return f.SetDefault(name) })
	}, func(err error) tea.Cmd {
		if err != nil {
			return s.a.tell(stateBad, "%s", capital(s.a.say(err.Error()))+".")
		}
		s.a.tell(stateGood, "%s is the default: commands without -p take it.", s.a.say(name))
		return s.reload()
	}, nil)
}

func (s *tenantScreen) remove(name string) tea.Cmd {
	store := s.a.store
	return s.a.confirm("Delete the profile "+s.a.say(name)+"?", []string{"Its lines are taken out of " + s.a.say(store.path) + ". This cannot be undone."}, "delete", func() tea.Cmd {
		return start(s.a, &s.reading, func(context.Context) error {
			return store.change(func(f *profiles.File) error { return f.Remove(name) })
		}, func(err error) tea.Cmd {
			if err != nil {
				return s.a.tell(stateBad, "%s", capital(s.a.say(err.Error()))+".")
			}
			s.a.forget("profile:" + name)
			// The cursor stays among the profiles while there are any.
			i := slices.IndexFunc(s.profiles, func(p profiles.Profile) bool { return p.Name == name })
			if n := len(s.profiles); i >= 0 && n > 1 {
				next := i + 1
				if next == n {
					next = i - 1
				}
				s.selectID = "profile:" + s.profiles[next].Name
			}
			s.a.tell(stateGood, "%s is deleted.", s.a.say(name))
			return s.reload()
		}, nil)
	})
}
