package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authwalk/flows"
	"authwalk/profiles"
)

// setup is the flags that say what to talk to and as whom: a profile, or a
// set-up of its own, or a set-up over a profile.
type setup struct {
	profile, profilesFile string

	domain, issuer, tokenURL, jwks, userinfoURL string
	flow, clientID, clientAuth                  string
	privateKey, keyID, keyAlg                   string
	audience, realm, username, forwardedFor     string
	scope, param, allowHost                     []string
	caFile, clientCert                          string
	allowHTTP                                   bool
	timeout, leeway                             duration

	otpSecret, recoveryCode                                      string
	passwordStdin, otpStdin, refreshTokenStdin, accessTokenStdin bool

	flags *pflag.FlagSet
}

// duration is a flag's duration: 20s, 1m30s, or a plain number of seconds, as
// users of curl write it.
type duration time.Duration

// String is empty for none, so that help shows no default of its own.
func (d *duration) String() string {
	if *d == 0 {
		return ""
	}
	return time.Duration(*d).String()
}

func (d *duration) Type() string { return "duration" }
func (d *duration) Set(s string) error {
	if n, err := strconv.ParseFloat(s, 64); err == nil && n >= 0 && n < 1e9 {
		*d = duration(n * float64(time.Second))
		return nil
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return fmt.Errorf("it is no duration: write it like 20s or 1m30s")
	}
	*d = duration(v)
	return nil
}

// list is a flag that may be repeated. pflag's own makes a writer of CSV for its
// empty default, eight times at every start.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Type() string       { return "stringArray" } // what completion offers again
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// profileFlags are the flags of every command that knows profiles.
func (s *setup) profileFlags(f *pflag.FlagSet) {
	f.StringVarP(&s.profile, "profile", "p", "", "the profile `NAME`")
	f.StringVar(&s.profilesFile, "profiles", "", "the profile `FILE` (else AUTHWALK_PROFILES, else profiles.toml in the user's config folder)")
}

// setupFlags adds the flags of a set-up to a command.
func (a *app) setupFlags(cmd *cobra.Command) *setup {
	s := &setup{}
	f := cmd.Flags()
	s.flags = f
	f.SortFlags = false
	s.profileFlags(f)
	_ = cmd.RegisterFlagCompletionFunc("profile", a.completeProfile(s))
	_ = cmd.RegisterFlagCompletionFunc("client-auth", cobra.FixedCompletions(flows.ClientAuths(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("flow", cobra.FixedCompletions(flows.FlowIDs(), cobra.ShellCompDirectiveNoFileComp))
	f.StringVar(&s.domain, "domain", "", "the tenant's `HOST` (https, Auth0's paths)")
	f.StringVar(&s.issuer, "issuer", "", "the issuer's `URL` (its endpoints are discovered)")
	f.StringVar(&s.tokenURL, "token-url", "", "the token endpoint's `URL`, with --jwks and --userinfo-url")
	f.StringVar(&s.jwks, "jwks", "", "the keys, a `FILE|URL`")
	f.StringVar(&s.userinfoURL, "userinfo-url", "", "the userinfo endpoint's `URL`")
	f.StringVar(&s.flow, "flow", "", "the `FLOW` to walk: "+join(flows.FlowIDs()))
	f.StringVar(&s.clientID, "client-id", "", "the application's client `ID`")
	f.StringVar(&s.clientAuth, "client-auth", "", "client authentication by this `METHOD`: none, post, basic or private_key_jwt (default: post with a secret, private_key_jwt with a key, else none)")
	f.StringVar(&s.privateKey, "private-key", "", "a `REF` to the private key, like file:key.pem")
	f.StringVar(&s.keyID, "key-id", "", "the key's `ID` (kid of the assertion)")
	f.StringVar(&s.keyAlg, "key-alg", "", "the assertion's `ALG` (default RS256)")
	f.StringVar(&s.audience, "audience", "", "the identifier of the API, `AUDIENCE`")
	f.Var((*list)(&s.scope), "scope", "`SCOPES` to ask for, blanks between them; may be repeated")
	f.StringVar(&s.realm, "realm", "", "the connection's `NAME`: turns the request into the password-realm grant")
	f.StringVar(&s.username, "username", "", "the user `NAME` (else AUTHWALK_USERNAME)")
	f.Var((*list)(&s.param), "param", "a further parameter of the token request, `k=v`; may be repeated; of one named like a secret the value is a reference")
	f.StringVar(&s.forwardedFor, "forwarded-for", "", "the user's `IP` address, sent as auth0-forwarded-for")
	f.StringVar(&s.caFile, "ca-file", "", "certificates to trust beside the system's, a PEM `FILE`")
	f.StringVar(&s.clientCert, "client-cert", "", "a client certificate with its key, a PEM `FILE`")
	f.BoolVar(&s.allowHTTP, "allow-http", false, "allow plain http beyond loopback")
	f.Var((*list)(&s.allowHost), "allow-host", "allow endpoints and keys on this `HOST`; may be repeated")
	f.Var(&s.timeout, "timeout", "limit of a whole request (default 20s)")
	f.Var(&s.leeway, "leeway", "leeway of time checks (default 60s)")
	return s
}

// secretInputs are the flags that bring secrets of the user, never by value.
func (s *setup) secretInputs() {
	s.flags.BoolVar(&s.passwordStdin, "password-stdin", false, "read the password from stdin (all of it, less one line end)")
	s.flags.BoolVar(&s.otpStdin, "otp-stdin", false, "read the one-time code from stdin, a line, when it is needed: after a message with it was sent")
	s.flags.StringVar(&s.otpSecret, "otp-secret", "", "a `REF` to the secret that one-time codes are computed from")
	s.flags.StringVar(&s.recoveryCode, "recovery-code", "", "a `REF` to an MFA recovery code")
}

// mfaWaitFlag is how long a push is waited for.
func mfaWaitFlag(f *pflag.FlagSet, help string) *duration {
	d := duration(2 * time.Second)
	f.Var(&d, "mfa-wait", help+" (default 2s)")
	f.Lookup("mfa-wait").DefValue = "" // the text says it, in the man page too
	return &d
}

// named tells whether the flags alone name a tenant.
func (s *setup) named() bool { return s.domain != "" || s.issuer != "" || s.tokenURL != "" }

// own are the parameters that have flags or sources of their own.
var own = map[string]string{
	"grant_type": "--flow and --realm", "client_id": "--client-id", "username": "--username", "audience": "--audience", "scope": "--scope", "realm": "--realm",
	"password": profiles.EnvPassword, "client_secret": profiles.EnvClientSecret, "client_assertion": "--private-key", "client_assertion_type": "--private-key",
	"refresh_token": profiles.EnvRefreshToken, "otp": profiles.EnvOTP, "mfa_token": "the answer to a challenge", "recovery_code": "--recovery-code",
}

// over lays the flags that were given over a set-up.
func (s *setup) over(cfg flows.Config) (flows.Config, error) {
	changed := func(name string) bool { f := s.flags.Lookup(name); return f != nil && f.Changed }
	if s.named() { // where the tenant is comes from one source, not from a mixture
		n := 0
		for _, u := range []string{s.domain, s.issuer, s.tokenURL} {
			if u != "" {
				n++
			}
		}
		if n > 1 {
			return cfg, usage("--domain, --issuer and --token-url exclude each other: keep one")
		}
		if s.domain != cfg.Domain || s.issuer != cfg.Issuer || s.tokenURL != cfg.TokenURL {
			cfg.Domain, cfg.Issuer, cfg.TokenURL = s.domain, s.issuer, s.tokenURL
			cfg.JWKS, cfg.UserinfoURL, cfg.RevokeURL = "", "", ""
		}
	}
	for _, f := range []struct {
		name string
		to   *string
		v    string
	}{
		{"jwks", &cfg.JWKS, s.jwks}, {"userinfo-url", &cfg.UserinfoURL, s.userinfoURL}, {"flow", &cfg.Flow, s.flow},
		{"client-id", &cfg.ClientID, s.clientID}, {"client-auth", &cfg.ClientAuth, s.clientAuth}, {"key-id", &cfg.KeyID, s.keyID}, {"key-alg", &cfg.KeyAlg, s.keyAlg},
		{"audience", &cfg.Audience, s.audience}, {"realm", &cfg.Realm, s.realm}, {"username", &cfg.Username, s.username}, {"forwarded-for", &cfg.ForwardedFor, s.forwardedFor},
		{"ca-file", &cfg.CAFile, s.caFile}, {"client-cert", &cfg.ClientCert, s.clientCert},
	} {
		if changed(f.name) {
			*f.to = f.v
		}
	}
	if changed("client-cert") {
		cfg.ClientKey = ""
	}
	if changed("scope") {
		cfg.Scopes = nil
		for _, v := range s.scope {
			for _, w := range strings.Fields(v) {
				if !slices.Contains(cfg.Scopes, w) {
					cfg.Scopes = append(cfg.Scopes, w)
				}
			}
		}
	}
	for _, p := range s.param {
		k, v, ok := strings.Cut(p, "=")
		if !ok || k == "" {
			// A value without a name may be a secret: it is not repeated.
			return cfg, usage("--param takes name=value")
		}
		if instead, ok := own[k]; ok {
			return cfg, usage("--param %s: this parameter comes from %s", k, instead)
		}
		if profiles.SecretName(k) { // the list of processes shows arguments to everybody
			if _, err := profiles.ParseRef(v, "--param "+k); err != nil {
				return cfg, err
			}
		}
		if cfg.Params == nil {
			cfg.Params = map[string]string{}
		}
		cfg.Params[k] = v
	}
	cfg.AllowHTTP = cfg.AllowHTTP || s.allowHTTP
	cfg.AllowHosts = append(cfg.AllowHosts, s.allowHost...)
	if changed("timeout") {
		if s.timeout == 0 {
			return cfg, usage("--timeout must be longer than nothing")
		}
		cfg.Timeout = time.Duration(s.timeout)
	}
	if changed("leeway") {
		cfg.Leeway = time.Duration(s.leeway)
		if cfg.Leeway == 0 {
			cfg.Leeway = -1 // none at all; 0 would be the default
		}
	}
	return cfg, nil
}
