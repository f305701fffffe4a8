package ui

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"regexp"
	"strings"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/profiles"
)

// profileScreen makes or changes a profile. What it does not show stays as it
// is in the file.
type profileScreen struct {
	pane
	old string // the name it had; empty: a new one
	// copyOf is the profile that this one is a duplicate of.
	copyOf string
	p      profiles.Profile
	form   *form
	task   task
	note   string
	was    flows.Values // what stood in it when it was opened
	// secrets were in a pasted text, and are in no field; they go to the keyring or nowhere.
	secrets map[string]flows.Secret
}

func newProfileScreen(a *App, p profiles.Profile, old string) *profileScreen {
	s := &profileScreen{pane: pane{a: a}, old: old, p: p}
	s.fill()
	s.was = s.form.values()
	return s
}

// fill makes the form from the profile.
func (s *profileScreen) fill() {
	p := s.p
	where := cmp.Or(p.Domain, p.Issuer, p.TokenURL)
	auths := []flows.Option{{Value: "", Label: "automatic (post if there is a secret)"}}
	for _, m := range flows.ClientAuths() {
		auths = append(auths, flows.Option{Value: m, Label: m})
	}
	ref := func(key string) func(string) error {
		return func(v string) error {
			_, err := profiles.ParseRef(v, key)
			return err
		}
	}
	fields := []flows.Field{
		{Name: "domain", Label: "Domain", Value: where, Required: true, Help: "acme-dev.eu.auth0.com, or the URL of any issuer that has a discovery document", Check: checkWhere},
		{Name: "client_id", Label: "Client ID", Value: p.ClientID, Required: true, Help: "Applications > the application > Settings"},
		{Name: "client_secret", Label: "Client secret", Value: p.ClientSecret.String(), Help: "a reference, never the secret: env:NAME, file:PATH, keyring:NAME, cmd:PROGRAM, or prompt; empty for a public application", Check: ref("client_secret")},
		{Name: "username", Label: "Username", Value: p.Username, Help: "filled into the form; may be left empty"},
		{Name: "password", Label: "Password", Value: p.Password.String(), Help: "a reference, or prompt: the form asks", Check: ref("password")},
		{Name: "audience", Label: "Audience", Value: p.Audience, Help: "the API's identifier, byte for byte; empty: the tenant's default, else a token for /userinfo alone"},
		{Name: "scope", Label: "Scopes", Value: strings.Join(p.Scopes, " "), Kind: flows.KindScopes, Options: []flows.Option{{Value: "openid"}, {Value: "profile"}, {Value: "email"}, {Value: "offline_access"}}, Help: "openid for an ID token, offline_access for a refresh token"},
		{Name: "realm", Label: "Realm", Value: p.Realm, Help: "a connection's name; empty: the tenant's default directory"},
		{Name: "environment", Label: "Environment", Kind: flows.KindChoice, Value: p.Environment, Options: []flows.Option{{Value: "", Label: "none"}, {Value: "dev", Label: "dev"}, {Value: "staging", Label: "staging"}, {Value: "prod", Label: "prod: badged, and asks before it sends"}}},
		{Name: "client_auth", Label: "Client auth", Kind: flows.KindChoice, Value: p.ClientAuth, Options: auths, Help: "how the application proves itself at the token endpoint"},
		{Name: "api_base", Label: "API base", Value: p.APIBase, Help: "what relative URLs of calls start from; empty: the audience if that is a URL"},
		{Name: "name", Label: "Profile name", Value: p.Name, Help: "letters, digits, dots, dashes; empty: made of the domain"},
	}
	s.form = newForm(s.a, fields, "Save")
	for _, x := range s.form.fields {
		x.ref, x.guarded = profiles.IsReference(x.Name), true
	}
	if s.old == "" {
		s.form.focus = 0
	}
}

// checkWhere accepts a host or an issuer's URL.
func checkWhere(v string) error {
	return flows.Config{Domain: domainOf(v), Issuer: issuerOf(v)}.Check()
}

// domainOf is v if it is a host, issuerOf if it is a URL of a server.
func domainOf(v string) string {
	v = strings.TrimSpace(v)
	if rest, ok := strings.CutPrefix(v, "https://"); ok && (strings.HasSuffix(strings.TrimRight(rest, "/"), ".auth0.com")) {
		return strings.TrimRight(rest, "/")
	}
	if strings.HasPrefix(v, "https://") {
		return ""
	}
	return v
}

func issuerOf(v string) string {
	if domainOf(v) == "" {
		return strings.TrimSpace(v)
	}
	return ""
}

func (s *profileScreen) title() string {
	if s.copyOf != "" {
		return "Copy of " + s.a.say(s.copyOf)
	}
	if s.old == "" {
		return "New profile"
	}
	return "Edit the profile " + s.a.say(s.old)
}

func (s *profileScreen) about() string {
	return "A profile is a set-up to walk with. Paste a curl line or an .env block from Auth0's quickstart anywhere in this form and it fills itself. Secrets are never written into the file: it holds references to where they are."
}

func (s *profileScreen) typing() bool { return s.form.typing() }

func (s *profileScreen) close() { s.task.stop() }

func (s *profileScreen) actions() []action {
	list := s.form.actions(s.save)
	if len(s.secrets) > 0 || len(s.inClear()) > 0 {
		list = append(list, action{keys: []string{"ctrl+k"}, name: "keep secrets", help: "Put the secrets that were given here into the system's keyring, and refer to them", text: true, do: s.keep})
	}
	for i := range list {
		if list[i].keys[0] == "esc" {
			list[i].hidden = false
		}
	}
	return append(list, action{keys: []string{"esc"}, name: "leave", help: "Leave without saving (asks)", hidden: s.form.typing(), do: s.quit})
}

// quit leaves the form; it asks when what was filled in would be lost.
func (s *profileScreen) quit() tea.Cmd {
	if maps.Equal(s.was, s.form.values()) {
		s.a.shut()
		return nil
	}
	return s.a.confirm("Leave without saving?", []string{"What was filled in here is lost."}, "leave", func() tea.Cmd { s.a.shut(); return nil })
}

func (s *profileScreen) Update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyMsg); ok && k.Paste {
		text := strings.TrimSpace(lineEnds(string(k.Runes)))
		if looksPasted(text) {
			return s.paste(text)
		}
	}
	return s.form.update(msg)
}

// looksPasted tells a curl line or an .env block from a value.
func looksPasted(text string) bool {
	if strings.HasPrefix(text, "curl ") || strings.HasPrefix(text, "curl\n") || strings.Contains(text, "\ncurl ") {
		return true
	}
	return strings.Contains(text, "=") && strings.ContainsAny(text, "\n") || envLine().MatchString(text) || strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}")
}

// envLine is one line of an .env block.
var envLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(export )?[A-Z][A-Z0-9]*_[A-Z0-9_]+ ?=`) })

// paste fills the form from what was copied elsewhere.
func (s *profileScreen) paste(text string) tea.Cmd {
	p, secrets, note, err := fromPaste(text)
	if err != nil {
		return s.a.tell(stateBad, "%s.", capital(s.a.say(strings.TrimSuffix(brief(err.Error()), "."))))
	}
	merge := func(to *string, from string) {
		if from != "" {
			*to = from
		}
	}
	s.collect()
	merge(&s.p.Domain, p.Domain)
	merge(&s.p.Issuer, p.Issuer)
	merge(&s.p.TokenURL, p.TokenURL)
	merge(&s.p.ClientID, p.ClientID)
	merge(&s.p.ClientAuth, p.ClientAuth)
	merge(&s.p.Audience, p.Audience)
	merge(&s.p.Realm, p.Realm)
	merge(&s.p.Username, p.Username)
	merge(&s.p.Name, p.Name)
	if !p.ClientSecret.IsZero() {
		s.p.ClientSecret = p.ClientSecret
	}
	if !p.Password.IsZero() {
		s.p.Password = p.Password
	}
	if len(p.Scopes) > 0 {
		s.p.Scopes = p.Scopes
	}
	if len(p.Params) > 0 {
		s.p.Params = p.Params
	}
	s.fill()
	s.form.focus = len(s.form.fields)
	s.note, s.secrets = note, secrets
	host := s.a.say(s.p.Host())
	if host == "" {
		host = "none yet"
	}
	return s.a.tell(stateGood, "Filled in from what was pasted. Look at the host: %s.", host)
}

// collect takes the form's values into the profile.
func (s *profileScreen) collect() {
	v := s.form.values()
	p := &s.p
	where := v["domain"]
	if where != p.TokenURL || where == "" {
		p.Domain, p.Issuer, p.TokenURL = domainOf(where), issuerOf(where), ""
	}
	p.ClientID, p.Username, p.Audience, p.Realm, p.Environment, p.ClientAuth, p.APIBase = v["client_id"], v["username"], v["audience"], v["realm"], v["environment"], v["client_auth"], v["api_base"]
	if r, err := profiles.ParseRef(v["client_secret"], "client_secret"); err == nil {
		p.ClientSecret = r
	}
	if r, err := profiles.ParseRef(v["password"], "password"); err == nil {
		p.Password = r
	}
	p.Scopes = nil
	if f := strings.Fields(v["scope"]); len(f) > 0 {
		p.Scopes = f
	}
	if p.Name = strings.TrimSpace(v["name"]); p.Name == "" && where != "" {
		p.Name = profiles.SuggestName(p.Host())
	}
}

func (s *profileScreen) save() tea.Cmd {
	if !s.form.check() {
		return s.form.tellProblem()
	}
	s.collect()
	store, old, p := s.a.store, s.old, s.p.Clone()
	return start(s.a, &s.task, func(context.Context) error { return store.put(old, p) }, func(err error) tea.Cmd {
		if err != nil {
			if errors.As(err, new(takenError)) {
				s.form.focusOn("name")
			}
			return s.a.tell(stateBad, "%s.", s.a.notSaved(err))
		}
		id := "profile:" + p.Name
		s.a.forget("profile:" + old) // these were made of what the profile said before
		s.a.forget(id)
		s.a.shut()
		s.a.list.selectID = id
		s.a.tell(stateGood, "%s is saved. enter walks it, c checks the set-up.", s.a.say(p.Name))
		return s.a.list.reload()
	}, nil)
}

// notSaved says why the profile file was not written.
func (a *App) notSaved(err error) string {
	var many profiles.Errors
	if errors.As(err, &many) && len(many) > 0 {
		err = many[0]
	}
	return capital(a.say(strings.TrimSuffix(brief(err.Error()), ".")))
}

func (s *profileScreen) View() string {
	a := s.a
	lines := []string{a.head.s(s.title())}
	if s.h >= 18 {
		lines = append(lines, inked(a.dim, wrap("Fill it in, or paste a curl line or an .env block of Auth0's quickstart: the form fills itself.", s.w))...)
	}
	lines = append(lines, "")
	foot := []string{""}
	if s.note != "" {
		foot = append(foot, indent(a.mark(stateWarn)+" ", a.say(s.note), s.w)...)
	}
	if h := s.form.help(); h != "" {
		foot = append(foot, inked(a.dim, wrap(h, s.w))...)
	}
	room := max(s.h-len(lines)-min(len(foot), 4), 3)
	return s.show(append(append(lines, s.form.lines(s.w, room)...), foot...))
}
