package ui

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/profiles"
)

// keepCall writes a call into a profile, in the place of the one of its name.
func (s *store) keepCall(profile string, c flows.SavedCall) error {
	return s.change(func(f *profiles.File) error {
		p, err := f.Get(profile)
		if err != nil {
			return err
		}
		p.Calls = withCall(slices.Clone(p.Calls), c)
		return f.Put(p)
	})
}

// withCall puts a call in the place of the one of its name, else at the end.
func withCall(calls []flows.SavedCall, c flows.SavedCall) []flows.SavedCall {
	if i := slices.IndexFunc(calls, func(x flows.SavedCall) bool { return x.Name == c.Name }); i >= 0 {
		calls[i] = c
		return calls
	}
	return append(calls, c)
}

// cannotKeep says why the call in the form cannot go into the profile's file.
func (s *apiScreen) cannotKeep() string {
	if s.wk.demo {
		return "a demo tenant's profile is in no file: it ends with the program"
	}
	if s.a.store == nil || !strings.HasPrefix(s.wk.id, "profile:") {
		return "there is no profile file to keep it in"
	}
	return ""
}

// savedCall is the form as the profile's file has it, and the headers that are
// not known to be harmless and would stand there in clear.
func (s *apiScreen) savedCall() (flows.SavedCall, []string, error) {
	m, u, h, b := s.request()
	c := flows.SavedCall{Method: m, URL: u, Body: b}
	red := s.wk.redactor()
	var told []string
	if red.URL(u) != u {
		return c, nil, errors.New("the URL holds a secret, and the file holds none in clear")
	}
	if red.Text(b) != b {
		return c, nil, errors.New("the body holds a secret, and the file holds none in clear: write @FILE, and keep it there")
	}
	for name, values := range h {
		v := strings.Join(values, ", ")
		if red.Text(v) != v {
			return c, nil, errors.New("the header " + name + " holds a secret, and the file holds none in clear")
		}
		if !slices.Equal(red.Header(name, values), values) {
			told = append(told, name)
		}
		if c.Headers == nil {
			c.Headers = map[string]string{}
		}
		c.Headers[name] = v
	}
	slices.Sort(told)
	return c, told, nil
}

// keep asks for the call's name and writes it into the profile.
func (s *apiScreen) keep() tea.Cmd {
	if !s.form.check() {
		s.part = partEdit
		return s.form.tellProblem()
	}
	c, told, err := s.savedCall()
	if err != nil {
		return s.a.tell(stateBad, "%s.", capital(s.a.fault(err)))
	}
	if c.URL == userinfoURL {
		return s.a.tell(stateWarn, "/userinfo is in the list by itself.")
	}
	c.Name = s.loaded.Name
	if c.Name == "" {
		c.Name = c.Method + " " + c.URL
		if u, err := url.Parse(c.URL); err == nil && u.Path != "" {
			c.Name = c.Method + " " + u.Path
		}
	}
	return s.a.open(newCallKeeper(s, c, told))
}

// callKeeper asks how a call is to be called in the profile.
type callKeeper struct {
	pane
	api  *apiScreen
	form *form
	call flows.SavedCall
	told []string
	task task
}

func newCallKeeper(s *apiScreen, c flows.SavedCall, told []string) *callKeeper {
	f := newForm(s.a, []flows.Field{{Name: "name", Label: "Name", Value: c.Name, Required: true, Help: "what the list of calls shows"}}, "Save")
	f.focus = 0
	return &callKeeper{pane: pane{a: s.a}, api: s, form: f, call: c, told: told}
}

func (s *callKeeper) title() string { return "Save the call" }

func (s *callKeeper) about() string {
	return "The call goes into the profile's file with its method, URL, headers and body. The rest of the file stays as it is, and the token is not written."
}

func (s *callKeeper) typing() bool { return s.form.typing() }

func (s *callKeeper) close() { s.task.stop() }

func (s *callKeeper) Update(msg tea.Msg) tea.Cmd { return s.form.update(msg) }

func (s *callKeeper) actions() []action {
	list := s.form.actions(s.save)
	for i := range list {
		if list[i].keys[0] == "esc" {
			list[i].do = func() tea.Cmd { s.a.shut(); return nil }
		}
	}
	return list
}

func (s *callKeeper) save() tea.Cmd {
	if s.task.running() || !s.form.check() {
		return nil
	}
	a, api, c := s.a, s.api, s.call
	c.Name = strings.TrimSpace(s.form.values()["name"])
	store, profile := a.store, strings.TrimPrefix(api.wk.id, "profile:")
	return start(a, &s.task, func(context.Context) error { return store.keepCall(profile, c) }, func(err error) tea.Cmd {
		if err != nil {
			return a.tell(stateBad, "%s.", a.notSaved(err))
		}
		api.wk.cfg.Calls = withCall(api.wk.cfg.Calls, c)
		api.listCalls()
		api.list.at = slices.IndexFunc(api.calls, func(x flows.SavedCall) bool { return x.Name == c.Name })
		api.loaded = c
		a.shut()
		return a.tell(stateGood, "%s is saved in the profile %s.", a.say(c.Name), a.say(profile))
	}, nil)
}

func (s *callKeeper) View() string {
	a := s.a
	lines := []string{a.head.s("Save the call in the profile " + a.say(s.api.wk.name)), ""}
	lines = append(lines, s.form.lines(s.w, max(s.h-8, 3))...)
	lines = append(lines, "")
	if slices.ContainsFunc(s.api.wk.cfg.Calls, func(x flows.SavedCall) bool { return x.Name == strings.TrimSpace(s.form.values()["name"]) }) {
		lines = append(lines, indent(a.mark(stateWarn)+" ", "There is a call of this name: it is replaced.", s.w)...)
	}
	if len(s.told) > 0 {
		lines = append(lines, indent(a.mark(stateWarn)+" ", "In the file in clear: "+a.theirs(strings.Join(s.told, ", "))+". A key has no place there.", s.w)...)
	}
	return s.show(append(lines, inked(a.dim, wrap(s.about(), s.w))...))
}
