package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"authwalk/flows"
	"authwalk/profiles"
)

// needs says which secrets a command needs: only those are looked up or asked
// for.
type needs struct {
	login   bool // user name, password, and what answers MFA
	client  bool // the client's authentication
	refresh bool // the refresh token
	hmac    bool // secrets that HS256 signatures are checked with
	lenient bool // of login: what is missing stays empty
	form    bool // a form asks for what is missing: nothing is required or asked here
	made    bool // a made-up user will do: the password is not asked for
}

// reference is a reference to a secret and the folder its paths start from.
type reference struct {
	profiles.Ref
	dir string
}

var (
	needLogin   = needs{login: true, client: true, hmac: true}
	needRefresh = needs{refresh: true, client: true, hmac: true}
	needCheck   = needs{login: true, client: true, hmac: true, lenient: true}
	needProbe   = needs{login: true, client: true, hmac: true, lenient: true, made: true}
	needForm    = needs{login: true, client: true, hmac: true, lenient: true, form: true}
	needHMAC    = needs{hmac: true}
	needCall    = needs{}
	needNothing = needs{}
)

// source is where one secret may come from: a reference, else an environment
// variable, else a question.
type source struct {
	what     string // as a person calls it
	key      string // as a profile calls it
	ref      reference
	env      string
	required bool
	ask      bool   // worth a question though it is not required
	instead  string // what to do when it is missing
	to       *flows.Secret
}

// config is the set-up that a command works with: flags over the environment
// over the profile, with the secrets that are needed. Errors are usage errors.
func (a *app) config(ctx context.Context, s *setup, need needs) (flows.Config, error) {
	base, refs, err := a.base(ctx, s)
	if err != nil {
		return base, err
	}
	if v := a.env.get(profiles.EnvUsername); v != "" {
		base.Username = v
	}
	cfg, err := s.over(base)
	if err != nil {
		return cfg, err
	}
	for _, f := range []struct{ flag, value, key string }{
		{"private-key", s.privateKey, "private_key"}, {"otp-secret", s.otpSecret, "otp_secret"}, {"recovery-code", s.recoveryCode, "recovery_code"},
	} {
		if f.value != "" {
			r, err := profiles.ParseRef(f.value, "--"+f.flag)
			if err != nil {
				return cfg, err
			}
			refs[f.key] = reference{Ref: r}
		}
	}
	if err := cfg.Check(); err != nil {
		return cfg, err
	}
	for _, k := range slices.Sorted(maps.Keys(cfg.Params)) {
		if !profiles.SecretName(k) || cfg.Params[k] == "" { // no such stands in a profile
			continue
		}
		r, err := profiles.ParseRef(cfg.Params[k], "--param "+k)
		var v flows.Secret
		if err == nil {
			err = a.secret(ctx, source{what: k, key: k, ref: reference{Ref: r}, required: true, instead: "give --param " + k + "=env:VARIABLE", to: &v})
		}
		if err != nil {
			return cfg, err
		}
		cfg.Params[k] = v.Reveal()
	}
	if err := a.fill(ctx, &cfg, s, refs, need); err != nil {
		return cfg, err
	}
	return cfg, nil
}

// base is what the flags are laid over: the named profile, nothing when the
// flags name a tenant themselves, else the file's default profile.
func (a *app) base(ctx context.Context, s *setup) (flows.Config, map[string]reference, error) {
	if s.profile == "" && s.named() {
		return flows.Config{}, map[string]reference{}, nil
	}
	return a.profile(ctx, s)
}

// fill gets the secrets that are needed, and asks for what is missing where it
// may. What it may not ask for is missing: exit 2, by name.
func (a *app) fill(ctx context.Context, cfg *flows.Config, s *setup, refs map[string]reference, need needs) error {
	if (need.login || need.refresh) && !need.lenient {
		if err := a.text(ctx, &cfg.ClientID, "Client ID", "the client id is missing: give --client-id, or client_id in a profile"); err != nil {
			return err
		}
	}
	if need.login && !need.lenient && cfg.LogsIn() {
		if err := a.text(ctx, &cfg.Username, "Username", "the user name is missing: give --username, set AUTHWALK_USERNAME, or write username in a profile"); err != nil {
			return err
		}
	}
	if err := a.fromStdin(ctx, cfg, s); err != nil {
		return err
	}
	for _, src := range a.sources(cfg, refs, need) {
		if *src.to != "" {
			continue
		}
		if need.form {
			src.required, src.ask = false, false
		}
		if err := a.secret(ctx, src); err != nil {
			return err
		}
	}
	if need.lenient && !need.form && cfg.ClientID == "" && (need.made || cfg.Complete()) {
		return a.text(ctx, &cfg.ClientID, "Client ID", "the client id is missing: give --client-id, or client_id in a profile")
	}
	return nil
}

// sources lists where the secrets come from that are needed.
func (a *app) sources(cfg *flows.Config, refs map[string]reference, need needs) []source {
	var out []source
	secret := refs["client_secret"]
	if need.client {
		if cfg.ClientAuth == "" { // as flows.Config.Auth has it, before anything is looked up
			switch {
			case !secret.IsZero() || a.env.get(profiles.EnvClientSecret) != "":
				cfg.ClientAuth = flows.AuthPost
			case !refs["private_key"].IsZero():
				cfg.ClientAuth = flows.AuthPrivateKeyJWT
			default:
				cfg.ClientAuth = flows.AuthNone
			}
		}
		switch cfg.ClientAuth {
		case flows.AuthPost, flows.AuthBasic:
			out = append(out, source{what: "client secret", key: "client_secret", ref: secret, env: profiles.EnvClientSecret, required: true, to: &cfg.ClientSecret,
				instead: "set AUTHWALK_CLIENT_SECRET, write a reference as client_secret in a profile, or use --client-auth none"})
		case flows.AuthPrivateKeyJWT:
			out = append(out, source{what: "private key", key: "private_key", ref: refs["private_key"], required: true, to: &cfg.PrivateKey,
				instead: "give --private-key file:PATH, or private_key in a profile"})
		}
	} else if need.hmac {
		out = append(out, source{what: "client secret", key: "client_secret", ref: secret, env: profiles.EnvClientSecret, ask: true, to: &cfg.ClientSecret})
	}
	if need.hmac {
		out = append(out, source{what: "API's signing secret", key: "api_secret", ref: refs["api_secret"], ask: true, to: &cfg.APISecret})
	}
	if need.refresh {
		out = append(out, source{what: "refresh token", env: profiles.EnvRefreshToken, required: true, to: &cfg.RefreshToken,
			instead: "set AUTHWALK_REFRESH_TOKEN, or use --refresh-token-stdin"})
	}
	if need.login && cfg.LogsIn() {
		out = append(out,
			source{what: "password", key: "password", ref: refs["password"], env: profiles.EnvPassword, to: &cfg.Password,
				required: !need.lenient, ask: !need.made && cfg.Username != "",
				instead: "set AUTHWALK_PASSWORD, use --password-stdin, or write a reference as password in a profile"},
			source{what: "one-time code", env: profiles.EnvOTP, to: &cfg.OTP},
			source{what: "OTP secret", key: "otp_secret", ref: refs["otp_secret"], to: &cfg.OTPSecret},
			source{what: "recovery code", key: "recovery_code", ref: refs["recovery_code"], to: &cfg.RecoveryCode})
	}
	return out
}

// fromStdin reads the one secret that was announced on stdin.
func (a *app) fromStdin(ctx context.Context, cfg *flows.Config, s *setup) error {
	var what string
	var to *flows.Secret
	switch {
	case s.passwordStdin && (s.accessTokenStdin || s.refreshTokenStdin || s.otpStdin), s.otpStdin && s.accessTokenStdin:
		return usage("stdin can be read once: for the password, a one-time code or a token")
	case s.passwordStdin:
		what, to = "password", &cfg.Password
	case s.refreshTokenStdin:
		what, to = "refresh token", &cfg.RefreshToken
	default:
		return nil
	}
	if a.env.canAsk() { // a person types it: do not show it
		v, err := a.missing(ctx, strings.ToUpper(what[:1])+what[1:], "the "+what+" is missing", true)
		*to = flows.Secret(v)
		return err
	}
	b, err := a.env.all(ctx)
	if err != nil {
		return err
	}
	v := string(b)
	if to == &cfg.Password { // blanks belong to it
		if t, ok := strings.CutSuffix(v, "\n"); ok {
			v = strings.TrimSuffix(t, "\r")
		}
	} else {
		v = strings.TrimSpace(v)
	}
	if v == "" {
		return usage("the %s is missing: stdin is empty", what)
	}
	*to = flows.Secret(v)
	return nil
}

// text asks for what is missing of a set-up and no secret.
func (a *app) text(ctx context.Context, to *string, label, sentence string) error {
	if *to != "" {
		return nil
	}
	v, err := a.missing(ctx, label, sentence, false)
	*to = v
	return err
}

// secret gets one secret from where it is: the reference (other than prompt),
// else the environment, else a question.
func (a *app) secret(ctx context.Context, src source) error {
	if !src.ref.IsZero() && src.ref.Kind != profiles.KindPrompt {
		v, err := a.resolve(ctx, src.key, src.ref)
		*src.to = v
		return err
	}
	if src.env != "" {
		if v := a.env.get(src.env); v != "" {
			*src.to = flows.Secret(v)
			return nil
		}
	}
	prompt := src.ref.Kind == profiles.KindPrompt
	label := strings.ToUpper(src.what[:1]) + src.what[1:]
	switch {
	case src.required:
		v, err := a.missing(ctx, label, fmt.Sprintf("the %s is missing: %s", src.what, src.instead), true)
		*src.to = flows.Secret(v)
		return err
	case src.ask && a.env.canAsk() && (prompt || src.key == "password"):
		v, err := a.env.ask(ctx, label+" (empty: go on without)", true)
		if errors.Is(err, errEnd) {
			err = nil
		}
		*src.to = flows.Secret(v)
		return err
	}
	return nil
}

// missing asks for what is missing, where a person can be asked; else it is a
// usage error that names it.
func (a *app) missing(ctx context.Context, label, sentence string, secret bool) (string, error) {
	if !a.env.canAsk() {
		return "", usage("%s", sentence)
	}
	v, err := a.env.ask(ctx, label, secret)
	if errors.Is(err, errEnd) || err == nil && v == "" {
		return "", usage("%s", sentence)
	}
	return v, err
}

// tokenFromStdin reads a token from stdin; blanks around it are taken off.
func (a *app) tokenFromStdin(ctx context.Context) (flows.Secret, error) {
	b, err := a.env.all(ctx)
	return flows.Secret(strings.TrimSpace(string(b))), err
}
