package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/profiles"
)

// fromPaste reads a profile out of a curl line or an .env block. note tells of
// what was left out on purpose: a secret that was in it.
func fromPaste(text string) (p profiles.Profile, secrets map[string]flows.Secret, note string, err error) {
	got, err := profiles.FromPaste(text)
	if err != nil {
		return p, nil, "", err
	}
	keep := map[string]flows.Secret{}
	var names []string
	for _, key := range []string{"client_secret", "password"} {
		if s := got.Secrets[key]; s != "" {
			keep[key] = s
			names = append(names, secretNames[key])
		}
	}
	notes := got.Notes
	if len(names) > 0 {
		them := "it"
		if len(names) > 1 {
			them = "them"
		}
		notes = append(notes, "Left out: "+strings.Join(names, " and ")+". A profile holds references, so the form will ask (prompt). ctrl+k puts "+them+" into the system's keyring instead.")
		if keep["client_secret"] != "" {
			got.Profile.ClientSecret = profiles.Ref{Kind: profiles.KindPrompt}
		}
		if keep["password"] != "" {
			got.Profile.Password = profiles.Ref{Kind: profiles.KindPrompt}
		}
	}
	for i, n := range notes {
		notes[i] = strings.TrimSuffix(capital(n), ".") + "."
	}
	return got.Profile, keep, strings.Join(notes, " "), nil
}

// secretNames are what secrets are called, by their keys in a profile.
var secretNames = map[string]string{"client_secret": "the client secret", "password": "the password"}

// inClear are the secrets that stand in a field where a reference belongs.
func (s *profileScreen) inClear() map[string]flows.Secret {
	out := map[string]flows.Secret{}
	for _, x := range s.form.fields {
		if v := x.value(); secretNames[x.Name] != "" && v != "" {
			if _, err := profiles.ParseRef(v, x.Name); err != nil {
				out[x.Name] = flows.Secret(v)
			}
		}
	}
	return out
}

// keep puts secrets that were given here into the system's keyring and refers to
// them.
func (s *profileScreen) keep() tea.Cmd {
	s.collect()
	if s.p.Name == "" {
		return s.a.tell(stateWarn, "Give the profile a domain or a name first: the keyring's entry is named after it.")
	}
	name, secrets := s.p.Name, s.inClear()
	for key, secret := range s.secrets {
		if secrets[key] == "" {
			secrets[key] = secret
		}
	}
	return start(s.a, &s.task, func(ctx context.Context) error {
		for key, secret := range secrets {
			if err := profiles.SetKeyring(ctx, keyringName(name, key), secret); err != nil {
				return err
			}
		}
		return nil
	}, func(err error) tea.Cmd {
		if err != nil {
			s.note = "The keyring does not take it. " + strings.TrimSuffix(err.Error(), ".") + "."
			return nil
		}
		for key := range secrets {
			s.form.set(key, "keyring:"+keyringName(name, key))
		}
		s.secrets, s.note = nil, ""
		return s.a.tell(stateGood, "Kept in the system's keyring; the profile refers to it.")
	}, nil)
}

func keyringName(profile, key string) string {
	if key == "client_secret" {
		return profile
	}
	return profile + "-" + key
}
