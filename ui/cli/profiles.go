package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"authwalk/flows"
	"authwalk/profiles"
)

func (a *app) profilesCommand() *cobra.Command {
	s := &setup{}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "profiles",
		Short: "List, show, add, remove and check profiles",
		Long: `Profiles are set-ups kept in a file (authwalk profiles path). Where a secret belongs
they hold a reference: env:NAME, file:PATH, keyring:NAME, cmd:PROGRAM ARGS or prompt.`,
		Args: cobra.NoArgs, SuggestionsMinimumDistance: 2,
		RunE: func(*cobra.Command, []string) error { return a.listProfiles(s, asJSON) },
	}
	cmd.PersistentFlags().StringVar(&s.profilesFile, "profiles", "", "the profile `FILE` (else AUTHWALK_PROFILES, else profiles.toml in the user's config folder)")
	list := &cobra.Command{Use: "list", Short: "List the profiles", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.listProfiles(s, asJSON) }}
	for _, c := range []*cobra.Command{cmd, list} {
		c.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	}
	path := &cobra.Command{Use: "path", Short: "Print where the profile file is", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p, err := a.profilesPath(s)
			if err == nil {
				_, err = fmt.Fprintln(a.env.Stdout, p)
			}
			return err
		}}
	show := &cobra.Command{Use: "show [NAME]", Short: "Show a profile as it stands in the file", Args: cobra.MaximumNArgs(1), ValidArgsFunction: a.completeProfile(s),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := a.profilesFile(s)
			if err != nil {
				return err
			}
			p, err := f.Get(strings.Join(args, ""))
			if err != nil {
				return err
			}
			text := string(profiles.Render(p))
			if a.env.StdoutTTY {
				text = visibleLines(text)
			}
			_, err = io.WriteString(a.env.Stdout, text)
			return err
		}}
	cmd.AddCommand(list, path, show, a.addProfileCommand(s), a.removeProfileCommand(s), a.checkProfilesCommand(s))
	return cmd
}

// completeProfile completes names of profiles.
func (a *app) completeProfile(s *setup) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		names, _ := a.profileNames(s)
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// listedProfile is a profile in the JSON of profiles list.
type listedProfile struct {
	Name        string `json:"name"`
	Default     bool   `json:"default"`
	Host        string `json:"host"`
	Environment string `json:"environment,omitempty"`
	Flow        string `json:"flow,omitempty"`
	ClientID    string `json:"client_id,omitempty"`
	Username    string `json:"username,omitempty"`
	Audience    string `json:"audience,omitempty"`
}

func (a *app) listProfiles(s *setup, asJSON bool) error {
	f, err := a.profilesFile(s)
	if err != nil {
		return err
	}
	out := []listedProfile{}
	for _, p := range f.Profiles {
		out = append(out, listedProfile{p.Name, p.Name == f.Default, p.Host(), p.Environment, p.Flow, p.ClientID, p.Username, p.Audience})
	}
	if asJSON {
		return printJSON(a.env.Stdout, out, a.env.StdoutTTY)
	}
	if len(out) == 0 {
		fmt.Fprintf(a.env.Stderr, "There are no profiles in %s. authwalk profiles add NAME makes one; authwalk demo needs none.\n", visible(f.Path))
		return nil
	}
	p := a.out()
	names, hosts := 0, 0
	for _, l := range out {
		names, hosts = max(names, len([]rune(l.Name))), max(hosts, len([]rune(l.Host)))
	}
	for _, l := range out {
		mark := " "
		if l.Default {
			mark = "*"
		}
		p.line("%s %s  %s  %s  %s", mark, p.bold(pad(visible(l.Name), names)), pad(visible(l.Host), hosts), pad(visible(l.Environment), 7), p.dim(visible(l.Username)))
	}
	return nil
}

// newProfile is what profiles add takes beside the flags of a set-up.
type newProfile struct {
	clientSecret, password, apiSecret, environment, apiBase, from string
	makeDefault, replace                                          bool
}

func (a *app) addProfileCommand(list *setup) *cobra.Command {
	var n newProfile
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a profile, by flags or from what one pasted",
		Long: `Add a profile to the file; the rest of the file stays as it is, byte for byte.
Secrets are given as references: keyring:NAME, env:NAME, file:PATH,
cmd:PROGRAM ARGS or prompt. --from reads a curl line or an .env block.`,
		Example: `  authwalk profiles add acme-dev --domain acme-dev.eu.auth0.com --client-id … --client-secret keyring:acme-dev --audience https://api.acme.dev/
  pbpaste | authwalk profiles add acme-dev --from -`,
		Args: cobra.ExactArgs(1),
	}
	s := a.setupFlags(cmd)
	f := cmd.Flags()
	for _, hidden := range []string{"profile", "profiles"} {
		_ = f.MarkHidden(hidden)
	}
	f.StringVar(&n.clientSecret, "client-secret", "", "a `REF` to the client secret")
	f.StringVar(&n.password, "password", "", "a `REF` to the password")
	f.StringVar(&n.apiSecret, "api-secret", "", "a `REF` to the signing secret of an HS256 API")
	f.StringVar(&s.otpSecret, "otp-secret", "", "a `REF` to the secret that one-time codes are computed from")
	f.StringVar(&s.recoveryCode, "recovery-code", "", "a `REF` to an MFA recovery code")
	f.StringVar(&n.environment, "environment", "", "`dev|staging|prod`: prod asks before it sends")
	f.StringVar(&n.apiBase, "api-base", "", "the `URL` that relative URLs of calls start from")
	f.StringVar(&n.from, "from", "", "read a curl line or an .env block from `FILE|-`")
	f.BoolVar(&n.makeDefault, "default", false, "make it the default profile")
	f.BoolVar(&n.replace, "replace", false, "change the profile if there is one of that name")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		ctx, stop := a.env.headless()
		defer stop()
		if s.profilesFile == "" {
			s.profilesFile = list.profilesFile
		}
		return a.addProfile(ctx, s, n, args[0])
	}
	return cmd
}

func (a *app) addProfile(ctx context.Context, s *setup, n newProfile, name string) error {
	f, err := a.profilesFile(s)
	if err != nil {
		return err
	}
	var p profiles.Profile
	exists := slices.Contains(f.Names(), name)
	switch {
	case exists && !n.replace:
		return usage("there is a profile %q already: take another name, or --replace to change it", name)
	case exists:
		if p, err = f.Get(name); err != nil {
			return err
		}
	}
	if n.from != "" {
		text, err := a.pasted(ctx, n.from)
		if err != nil {
			return err
		}
		if p, err = a.fromPaste(ctx, name, text); err != nil {
			return err
		}
	}
	p.Name = name
	if err := n.fill(&p, s); err != nil {
		return err
	}
	if a.env.canAsk() && p.Domain == "" && p.Issuer == "" && p.TokenURL == "" {
		if err := a.askProfile(ctx, &p); err != nil {
			return err
		}
	}
	if errs := profiles.Check(p); len(errs) > 0 {
		return errs[0]
	}
	if err := f.Put(p); err != nil {
		return err
	}
	if n.makeDefault || len(f.Profiles) == 1 {
		if err := f.SetDefault(name); err != nil {
			return err
		}
	}
	if err := f.Save(); err != nil {
		return err
	}
	fmt.Fprintf(a.env.Stderr, "Saved %s in %s. Try it: authwalk check -p %s\n", visible(name), visible(f.Path), visible(name))
	return nil
}

// fromPaste makes a profile of what somebody pasted. Secrets that were in it
// are put into the system's keyring if a person agrees, else left out and told.
func (a *app) fromPaste(ctx context.Context, name, text string) (profiles.Profile, error) {
	got, err := profiles.FromPaste(text)
	if err != nil {
		return got.Profile, err
	}
	if got.Host != "" {
		fmt.Fprintf(a.env.Stderr, "Credentials will go to %s.\n", visible(got.Host))
	}
	for _, n := range got.Notes {
		fmt.Fprintln(a.env.Stderr, visible(n))
	}
	p := got.Profile
	refs := secretsOf(&p)
	for _, key := range slices.Sorted(maps.Keys(got.Secrets)) {
		ref, ok := refs[key]
		if !ok || key == "password" && !ref.IsZero() {
			continue
		}
		entry := name
		if key != "client_secret" {
			entry += "-" + strings.ReplaceAll(key, "_", "-")
		}
		if a.env.canAsk() {
			ask := &plain{app: a, ctx: ctx, text: a.err()}
			keep, err := ask.yes("Keep the "+key+" that was pasted in the system's keyring?", true)
			if err != nil {
				return p, err
			}
			if keep {
				if err := profiles.SetKeyring(ctx, entry, got.Secrets[key]); err == nil {
					*ref = profiles.Ref{Kind: profiles.KindKeyring, Arg: entry}
					continue
				} else {
					fmt.Fprintf(a.env.Stderr, "authwalk: %s\n", visible(err.Error()))
				}
			}
		}
		if ref.IsZero() {
			*ref = profiles.Ref{Kind: profiles.KindPrompt}
		}
		fmt.Fprintf(a.env.Stderr, "The %s that was pasted is not kept: it will be asked for, unless you write a reference as %s.\n", key, key)
	}
	return p, nil
}

// pasted reads what --from names.
func (a *app) pasted(ctx context.Context, from string) (string, error) {
	if from == "-" {
		return a.input(ctx, nil, "a curl line or an .env block")
	}
	b, err := a.refusalText(ctx, []string{from})
	return string(b), err
}

// fill lays flags over a profile.
func (n newProfile) fill(p *profiles.Profile, s *setup) error {
	cfg, err := s.over(flows.Config{Domain: p.Domain, Issuer: p.Issuer, TokenURL: p.TokenURL, JWKS: p.JWKSURL, UserinfoURL: p.UserinfoURL, Flow: p.Flow, Realm: p.Realm,
		ClientID: p.ClientID, ClientAuth: p.ClientAuth, KeyID: p.KeyID, KeyAlg: p.KeyAlg, Audience: p.Audience, Scopes: p.Scopes, Username: p.Username,
		ForwardedFor: p.ForwardedFor, Params: maps.Clone(p.Params), CAFile: p.CAFile, ClientCert: p.ClientCert, ClientKey: p.ClientKey, AllowHTTP: p.AllowHTTP, AllowHosts: p.AllowHosts})
	if err != nil {
		return err
	}
	p.Domain, p.Issuer, p.TokenURL, p.JWKSURL, p.UserinfoURL, p.Flow, p.Realm = cfg.Domain, cfg.Issuer, cfg.TokenURL, cfg.JWKS, cfg.UserinfoURL, cfg.Flow, cfg.Realm
	p.ClientID, p.ClientAuth, p.KeyID, p.KeyAlg, p.Audience, p.Scopes, p.Username = cfg.ClientID, cfg.ClientAuth, cfg.KeyID, cfg.KeyAlg, cfg.Audience, cfg.Scopes, cfg.Username
	p.ForwardedFor, p.Params, p.CAFile, p.ClientCert, p.ClientKey, p.AllowHTTP, p.AllowHosts = cfg.ForwardedFor, cfg.Params, cfg.CAFile, cfg.ClientCert, cfg.ClientKey, cfg.AllowHTTP, cfg.AllowHosts
	if s.flags.Changed("timeout") {
		p.Timeout = time.Duration(s.timeout).String()
	}
	if s.flags.Changed("leeway") {
		p.Leeway = time.Duration(s.leeway).String()
	}
	if n.environment != "" {
		p.Environment = n.environment
	}
	if n.apiBase != "" {
		p.APIBase = n.apiBase
	}
	refs := secretsOf(p)
	for _, f := range []struct{ key, value string }{{"client_secret", n.clientSecret}, {"password", n.password}, {"api_secret", n.apiSecret},
		{"private_key", s.privateKey}, {"otp_secret", s.otpSecret}, {"recovery_code", s.recoveryCode}} {
		if f.value == "" {
			continue
		}
		r, err := profiles.ParseRef(f.value, f.key)
		if err != nil {
			return err
		}
		*refs[f.key] = r
	}
	return nil
}

// askProfile asks for what a first profile needs; the secret goes into the
// system's keyring, if there is one.
func (a *app) askProfile(ctx context.Context, p *profiles.Profile) error {
	for _, q := range []struct {
		label string
		to    *string
	}{{"Domain (like acme-dev.eu.auth0.com)", &p.Domain}, {"Client ID", &p.ClientID}, {"Audience (empty: none)", &p.Audience}, {"Username (empty: asked each time)", &p.Username}} {
		if *q.to != "" {
			continue
		}
		v, err := a.env.ask(ctx, q.label, false)
		if err != nil {
			return err
		}
		*q.to = strings.TrimSpace(v)
	}
	if !p.ClientSecret.IsZero() || !p.PrivateKey.IsZero() || p.ClientAuth == flows.AuthNone {
		return nil
	}
	v, err := a.env.ask(ctx, "Client secret (empty: the application has none)", true)
	if err != nil || v == "" {
		return err
	}
	if err := profiles.SetKeyring(ctx, p.Name, flows.Secret(v)); err != nil {
		fmt.Fprintf(a.env.Stderr, "authwalk: %s\nThe secret is not kept: it will be asked for each time.\n", visible(err.Error()))
		p.ClientSecret = profiles.Ref{Kind: profiles.KindPrompt}
		return nil
	}
	p.ClientSecret = profiles.Ref{Kind: profiles.KindKeyring, Arg: p.Name}
	return nil
}

func (a *app) removeProfileCommand(s *setup) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{Use: "remove NAME", Short: "Remove a profile from the file", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeProfile(s)}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		ctx, stop := a.env.headless()
		defer stop()
		f, err := a.profilesFile(s)
		if err != nil {
			return err
		}
		if _, err := f.Get(args[0]); err != nil {
			return err
		}
		if !yes && a.env.canAsk() {
			p := &plain{app: a, ctx: ctx, text: a.err()}
			if ok, err := p.yes("Remove "+args[0]+"?", false); err != nil || !ok {
				return err
			}
		}
		if err := f.Remove(args[0]); err != nil {
			return err
		}
		if err := f.Save(); err != nil {
			return err
		}
		fmt.Fprintf(a.env.Stderr, "Removed %s from %s. Secrets that it referred to are where they were.\n", visible(args[0]), visible(f.Path))
		return nil
	}
	return cmd
}

func (a *app) checkProfilesCommand(s *setup) *cobra.Command {
	var references bool
	cmd := &cobra.Command{
		Use: "check [NAME]", Short: "Check the profile file, without the network", Args: cobra.MaximumNArgs(1), ValidArgsFunction: a.completeProfile(s),
		Long: `Check the profile file, or one profile in it: keys, types, values, files that are
named. Nothing is sent. --references tries the references too: it asks the keyring
and runs programs.`,
	}
	cmd.Flags().BoolVar(&references, "references", false, "try the references too")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		ctx, stop := a.env.headless()
		defer stop()
		f, err := a.profilesFile(s)
		if err != nil {
			return err
		}
		list := f.Profiles
		if len(args) > 0 {
			p, err := f.Get(args[0])
			if err != nil {
				return err
			}
			list = []profiles.Profile{p}
		}
		bad := 0
		p := a.out()
		for _, one := range list {
			errs := profiles.Check(one)
			if references && len(errs) == 0 {
				errs = a.tryReferences(ctx, one)
			}
			if len(errs) == 0 {
				p.line("%s %s", p.sign("pass"), visible(one.Name))
				continue
			}
			bad++
			p.line("%s %s", p.sign("fail"), visible(one.Name))
			for _, e := range errs {
				p.item(2, "-", visible(e.Error()))
			}
		}
		if bad > 0 {
			return usage("%d of %d profiles cannot be used as they are", bad, len(list))
		}
		if len(list) == 0 {
			fmt.Fprintf(a.env.Stderr, "There are no profiles in %s.\n", visible(f.Path))
		}
		return nil
	}
	return cmd
}

// tryReferences resolves a profile's references; those to be asked for are good.
func (a *app) tryReferences(ctx context.Context, p profiles.Profile) []error {
	var errs []error
	refs := secretsOf(&p)
	for _, key := range slices.Sorted(maps.Keys(refs)) {
		r := *refs[key]
		if r.IsZero() || r.Kind == profiles.KindPrompt {
			continue
		}
		if _, err := a.resolve(ctx, key, reference{r, p.Dir}); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}
