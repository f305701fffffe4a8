package cli

import (
	"authwalk/flows"
)

// profile is the profile that flags name, or the file's default one: its
// set-up, and the references that stand where secrets belong, by key.
func (a *app) profile(s *setup) (flows.Config, map[string]reference, error) {
	return flows.Config{}, nil, usage("no tenant is named: give -p NAME, or one of --domain, --issuer, --token-url (authwalk demo needs none)")
}

// profileNames lists the profiles, the default one first.
func (a *app) profileNames(s *setup) ([]string, error) {
	return nil, nil
}
