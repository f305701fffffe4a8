package profiles

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"authwalk/flows"
)

// Missing is a secret of a profile that is not there yet: it is to be asked of
// the person, or its reference failed. Whether that matters the caller decides:
// a flow without MFA needs no otp_secret.
type Missing struct {
	Field string // the key: client_secret, private_key, api_secret, otp_secret, recovery_code, password
	Ref   Ref
	Err   error // nil: to be asked; else why the reference gave nothing, a *RefError
}

// Config makes a set-up of a profile: its references are resolved, its paths
// made whole, its lengths of time read. What has no value yet is told in the
// list, in the order of the profile's keys; secrets without a reference are not
// in it. The error is for a profile that cannot be used at all, or for a ctx
// that ended. In with, Dir and Key are the profile's own.
//
// Next comes FromEnvironment, then a command's flags.
func (p Profile) Config(ctx context.Context, with Resolver) (flows.Config, []Missing, error) {
	cfg := flows.Config{
		Name: p.Name, Environment: p.Environment, Flow: p.Flow,
		Domain: p.Domain, Issuer: p.Issuer, TokenURL: p.TokenURL,
		JWKS: p.JWKSURL, UserinfoURL: p.UserinfoURL, RevokeURL: p.RevokeURL,
		ClientID: p.ClientID, ClientAuth: p.ClientAuth, KeyID: p.KeyID, KeyAlg: p.KeyAlg, AssertionAudience: p.AssertionAudience,
		Realm: p.Realm, Audience: p.Audience, Scopes: slices.Clone(p.Scopes), Username: p.Username, ForwardedFor: p.ForwardedFor,
		Params: maps.Clone(p.Params), APIBase: p.APIBase, Calls: p.Clone().Calls,
		CAFile: p.path(p.CAFile), ClientCert: p.path(p.ClientCert), ClientKey: p.path(p.ClientKey), Proxy: p.Proxy,
		AllowHTTP: p.AllowHTTP, AllowHosts: slices.Clone(p.AllowHosts),
	}
	if len(cfg.Scopes) == 0 {
		cfg.Scopes = nil
	}
	if cfg.JWKS != "" && !strings.Contains(cfg.JWKS, "://") {
		cfg.JWKS = p.path(cfg.JWKS)
	}
	for _, d := range []struct {
		key, v string
		to     *time.Duration
	}{{"timeout", p.Timeout, &cfg.Timeout}, {"leeway", p.Leeway, &cfg.Leeway}} {
		if d.v == "" {
			continue
		}
		v, err := time.ParseDuration(d.v)
		if err != nil || v < 0 {
			return cfg, nil, usagef(d.key, "%s %s is no length of time: write it like \"20s\"", d.key, show(d.v))
		}
		if *d.to = v; v == 0 && d.key == "leeway" {
			*d.to = -1 // none at all; 0 would be the default
		}
	}
	with.Dir = p.Dir
	var missing []Missing
	for _, k := range profileKeys {
		if k.ref == nil {
			continue
		}
		ref := *k.ref(&p)
		if ref.IsZero() {
			continue
		}
		with.Key = k.name
		var s flows.Secret
		var err error
		if ref.Kind == KindCmd && p.loose != "" {
			err = &RefError{Key: k.name, Ref: ref, Msg: "the program is not run, since others can change the profile file that names it: chmod 600 " + shellWord(p.loose)}
		} else {
			s, err = ref.Resolve(ctx, with)
		}
		if err == nil && k.name == "private_key" {
			s, err = readKey(s, ref)
		}
		switch {
		case err == nil:
			*secretField(&cfg, k.name) = s
		case errors.Is(err, ErrPrompt):
			missing = append(missing, Missing{Field: k.name, Ref: ref})
		case ctx.Err() != nil:
			return cfg, missing, err
		default:
			missing = append(missing, Missing{Field: k.name, Ref: ref, Err: err})
		}
	}
	return cfg, missing, nil
}

// path makes a path of the tls table whole. file: before it is taken off:
// people write it there as they do for secrets.
func (p Profile) path(s string) string { return expandPath(strings.TrimPrefix(s, "file:"), p.Dir) }

// readKey checks a private key. Variables of an environment often hold a PEM
// with its line ends written as \n.
func readKey(s flows.Secret, ref Ref) (flows.Secret, error) {
	if t := s.Reveal(); !strings.Contains(strings.TrimSpace(t), "\n") && strings.Contains(t, `\n`) {
		s = flows.Secret(strings.ReplaceAll(t, `\n`, "\n"))
	}
	if err := flows.CheckPrivateKey(s); err != nil {
		msg := err.Error()
		if ref.Kind == KindCmd {
			msg += "; cmd: gives the first line alone, and a PEM has several: keep it in a file and write file:PATH"
		}
		return "", &RefError{Key: "private_key", Ref: ref, Msg: msg}
	}
	return s, nil
}

// secretField is where a secret of a set-up is, by the profile's key.
func secretField(cfg *flows.Config, key string) *flows.Secret {
	switch key {
	case "client_secret":
		return &cfg.ClientSecret
	case "private_key":
		return &cfg.PrivateKey
	case "api_secret":
		return &cfg.APISecret
	case "otp_secret":
		return &cfg.OTPSecret
	case "recovery_code":
		return &cfg.RecoveryCode
	case "password":
		return &cfg.Password
	}
	return new(flows.Secret)
}

// The environment variables of the program: where the profile file is, and what
// a set-up is filled from.
const (
	EnvProfiles     = "AUTHWALK_PROFILES"
	EnvUsername     = "AUTHWALK_USERNAME"
	EnvPassword     = "AUTHWALK_PASSWORD"
	EnvClientSecret = "AUTHWALK_CLIENT_SECRET"
	EnvOTP          = "AUTHWALK_OTP"
	EnvRefreshToken = "AUTHWALK_REFRESH_TOKEN"
	EnvAccessToken  = "AUTHWALK_ACCESS_TOKEN"
)

// FromEnvironment fills a set-up from the environment and gives back what is
// still missing. A secret is filled only if the profile has no reference for
// it, or `prompt`: a reference that failed is not replaced in silence. The user
// name of the environment stands over the profile's. getenv is os.Getenv when nil.
func FromEnvironment(cfg *flows.Config, missing []Missing, getenv func(string) string) []Missing {
	if getenv == nil {
		getenv = os.Getenv
	}
	if u := getenv(EnvUsername); u != "" {
		cfg.Username = u
	}
	failed := func(field string) bool {
		return slices.ContainsFunc(missing, func(m Missing) bool { return m.Field == field && m.Err != nil })
	}
	for _, e := range []struct {
		name, field string
		to          *flows.Secret
	}{
		{EnvPassword, "password", &cfg.Password}, {EnvClientSecret, "client_secret", &cfg.ClientSecret},
		{EnvOTP, "otp", &cfg.OTP}, {EnvRefreshToken, "refresh_token", &cfg.RefreshToken},
	} {
		if v := getenv(e.name); v != "" && *e.to == "" && !failed(e.field) {
			*e.to = flows.Secret(v)
		}
	}
	var left []Missing
	for _, m := range missing {
		if *secretField(cfg, m.Field) == "" {
			left = append(left, m)
		}
	}
	return left
}
