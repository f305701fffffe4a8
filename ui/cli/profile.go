package cli

import (
	"context"
	"fmt"
	"slices"

	"authwalk/flows"
	"authwalk/profiles"
)

// profilesPath is the profile file that flags and environment name.
func (a *app) profilesPath(s *setup) (string, error) {
	return profiles.Path(s.profilesFile, a.env.get)
}

// profilesFile reads the profile file. A fault anywhere in it is an error: half
// of a set-up must not be taken for all of it.
func (a *app) profilesFile(s *setup) (*profiles.File, error) {
	path, err := a.profilesPath(s)
	if err != nil {
		return nil, err
	}
	f, err := profiles.Load(path)
	if err != nil {
		return f, err
	}
	for _, w := range f.Warnings {
		fmt.Fprintf(a.env.Stderr, "authwalk: %s\n", visible(w))
	}
	return f, nil
}

// profile is the profile that flags name, or the file's default one: its
// set-up, and the references that stand where secrets belong, by key. None of
// them is resolved yet.
func (a *app) profile(ctx context.Context, s *setup) (flows.Config, map[string]reference, error) {
	f, err := a.profilesFile(s)
	if err != nil {
		return flows.Config{}, nil, err
	}
	if s.profile == "" && f.Default == "" {
		return flows.Config{}, nil, usage("no tenant is named: give -p NAME, or one of --domain, --issuer, --token-url (%s has no default; authwalk demo needs none)", f.Path)
	}
	p, err := f.Get(s.profile)
	if err != nil {
		return flows.Config{}, nil, err
	}
	refs := map[string]reference{}
	for key, r := range secretsOf(&p) {
		if !r.IsZero() {
			refs[key] = reference{*r, p.Dir}
		}
		*r = profiles.Ref{}
	}
	cfg, _, err := p.Config(ctx, profiles.Resolver{})
	return cfg, refs, err
}

// secretsOf are the places of a profile where references stand.
func secretsOf(p *profiles.Profile) map[string]*profiles.Ref {
	return map[string]*profiles.Ref{"client_secret": &p.ClientSecret, "private_key": &p.PrivateKey, "api_secret": &p.APISecret,
		"otp_secret": &p.OTPSecret, "recovery_code": &p.RecoveryCode, "password": &p.Password}
}

// resolve gets the secret that a reference leads to.
func (a *app) resolve(ctx context.Context, key string, r reference) (flows.Secret, error) {
	with := profiles.Resolver{Getenv: a.env.Lookup, Dir: r.dir, Key: key,
		Waiting: func(s string) {
			if a.env.StderrTTY { // for a person; a program gets one sentence, and only if it fails
				fmt.Fprintf(a.env.Stderr, "authwalk: %s\n", visible(s))
			}
		}}
	if key != "private_key" {
		return r.Resolve(ctx, with)
	}
	p := profiles.Profile{Dir: r.dir, PrivateKey: r.Ref} // keys are looked at as they are read
	cfg, missing, err := p.Config(ctx, with)
	if err == nil && len(missing) > 0 {
		err = missing[0].Err
	}
	return cfg.PrivateKey, err
}

// profileNames lists the profiles, the default one first.
func (a *app) profileNames(s *setup) ([]string, error) {
	f, err := a.profilesFile(s)
	if err != nil {
		return nil, err
	}
	names := f.Names()
	if i := slices.Index(names, f.Default); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, f.Default)
	}
	return names, nil
}
