package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"authwalk/flows"
	"authwalk/profiles"
)

// store is the person's profile file. Its methods look at the disk, at the
// environment and at keyrings: they run in tasks alone.
type store struct {
	path   string
	getenv func(string) string // nil: the process's
	lookup func(string) (string, bool)
}

// profileList is what the file says.
type profileList struct {
	profiles []profiles.Profile
	deflt    string
	warnings []string
	missing  bool
	err      error
}

func (s *store) list() profileList {
	f, err := profiles.Load(s.path)
	l := profileList{err: err}
	if f != nil {
		l.profiles, l.deflt, l.warnings, l.missing = f.Profiles, f.Default, f.Warnings, f.Missing
	}
	return l
}

// resolve makes a profile's set-up. References that ask, or that failed, stay
// empty: the form asks for what asked names. One that failed is told, unless it
// is for a secret that may never be needed.
func (s *store) resolve(ctx context.Context, name string) (cfg flows.Config, asked, notes []string, err error) {
	f, err := profiles.Load(s.path)
	var faults profiles.Errors
	if err != nil && !errors.As(err, &faults) {
		return cfg, nil, nil, err
	}
	p, err := f.Get(name)
	if err != nil {
		return cfg, nil, nil, err
	}
	cfg, missing, err := p.Config(ctx, profiles.Resolver{Getenv: s.lookup})
	if err != nil {
		return cfg, nil, nil, err
	}
	for _, m := range profiles.FromEnvironment(&cfg, missing, s.getenv) {
		if m.Err != nil {
			notes = append(notes, m.Err.Error())
		}
		asked = append(asked, m.Field)
		if m.Field == "client_secret" && cfg.ClientAuth == "" {
			cfg.ClientAuth = flows.AuthPost // there is a secret, though not here
		}
	}
	return cfg, asked, notes, nil
}

// takenError tells that a profile has this name already.
type takenError string

func (e takenError) Error() string {
	return fmt.Sprintf("there is a profile %s already: choose another name", string(e))
}

// put writes a profile; old is the name it had, empty for a new one.
func (s *store) put(old string, p profiles.Profile) error {
	return s.change(func(f *profiles.File) error {
		if (old == "" || old != p.Name) && slices.Contains(f.Names(), p.Name) {
			return takenError(p.Name)
		}
		if old != "" && old != p.Name {
			if err := f.Rename(old, p.Name); err != nil {
				return err
			}
		}
		return f.Put(p)
	})
}

// change loads the file, changes it and saves it.
func (s *store) change(do func(*profiles.File) error) error {
	f, err := profiles.Load(s.path)
	if err != nil {
		return err
	}
	if err := do(f); err != nil {
		return err
	}
	return f.Save()
}

// profileFacts are the keys of a profile that have a value, in the order of the
// file, references by their names.
func profileFacts(p profiles.Profile) []pair {
	var out []pair
	add := func(k, v string) {
		if v != "" {
			out = append(out, pair{name: k, value: v})
		}
	}
	add("domain", p.Domain)
	add("issuer", p.Issuer)
	add("token_url", p.TokenURL)
	add("environment", p.Environment)
	add("flow", p.Flow)
	add("realm", p.Realm)
	add("client_id", p.ClientID)
	add("client_auth", p.ClientAuth)
	add("client_secret", p.ClientSecret.String())
	add("private_key", p.PrivateKey.String())
	add("audience", p.Audience)
	add("scopes", strings.Join(p.Scopes, " "))
	add("username", p.Username)
	add("password", p.Password.String())
	add("forwarded_for", p.ForwardedFor)
	add("api_base", p.APIBase)
	if n := len(p.Calls); n > 0 {
		add("saved calls", itoa(n))
	}
	return out
}
