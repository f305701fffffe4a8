package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/token"
)

// decodeFlags is how decode is to read a token.
type decodeFlags struct {
	as   string
	json bool
}

func (a *app) decodeCommand() *cobra.Command {
	var d decodeFlags
	s := &setup{}
	cmd := &cobra.Command{
		Use:   "decode [TOKEN|-]",
		Short: "Decode a token, and validate it with -p, --issuer or --jwks",
		Long: `Decode a token from anywhere: an argument, or stdin. Blanks, quotes and a "Bearer "
around it are taken off; a whole token reply is read for its tokens. Nothing is
trusted: without keys the signature is reported as not checked; times always are.`,
		Example: `  authwalk decode eyJhbGciOi…
  pbpaste | authwalk decode - --issuer https://acme.eu.auth0.com/
  authwalk decode -p acme-dev --json < reply.json`,
		Args: cobra.MaximumNArgs(1),
	}
	f := cmd.Flags()
	f.SortFlags = false
	s.flags = f
	s.profileFlags(f)
	f.StringVar(&d.as, "as", "", "what the token is: `access|id` (default: told by its claims)")
	f.StringVar(&s.issuer, "issuer", "", "the issuer's `URL`: its keys are fetched, iss must be it")
	f.StringVar(&s.domain, "domain", "", "the tenant's `HOST` (https, Auth0's paths)")
	f.StringVar(&s.jwks, "jwks", "", "the keys: a `FILE|URL`")
	f.StringVar(&s.clientID, "client-id", "", "the application's `ID`: an ID token's audience")
	f.StringVar(&s.audience, "audience", "", "the API's identifier: an access token's audience")
	f.StringVar(&s.caFile, "ca-file", "", "certificates to trust beside the system's, a PEM `FILE`")
	f.Var((*list)(&s.allowHost), "allow-host", "allow keys on this `HOST`; may be repeated")
	f.BoolVar(&s.allowHTTP, "allow-http", false, "allow plain http beyond loopback")
	f.Var(&s.timeout, "timeout", "limit of a whole request (default 20s)")
	f.Var(&s.leeway, "leeway", "leeway of time checks (default 60s)")
	f.BoolVar(&d.json, "json", false, "print one JSON object")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		ctx, stop := a.env.headless()
		defer stop()
		return a.decode(ctx, s, d, args)
	}
	return cmd
}

func (a *app) decode(ctx context.Context, s *setup, d decodeFlags, args []string) error {
	if d.as != "" && d.as != string(token.Access) && d.as != string(token.ID) {
		return usage("--as takes access or id")
	}
	text, err := a.input(ctx, args, "the token")
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return usage("there is no token: give it as an argument, or on stdin with -")
	}
	in, err := token.Read(text)
	if err != nil {
		return notToken(err)
	}
	cfg, validating, err := a.decodeConfig(ctx, s, in)
	if err != nil {
		return err
	}
	r := newResult(cfg)
	e := token.Expect{Now: a.env.Clock.Wall(), Leeway: cfg.Leeway, ClientID: cfg.ClientID, Audience: cfg.Audience,
		ClientSecret: cfg.ClientSecret.Reveal(), APISecret: cfg.APISecret.Reveal()}
	if cfg.Leeway == 0 {
		e.Leeway = flows.DefaultLeeway
	}
	var keysErr error
	if validating {
		keysErr, err = a.keysFor(ctx, r, in, &e)
		if err != nil {
			return err
		}
	}
	g := decoded(in, d.as, cfg.ClientID, e)
	r.gen, r.decoded = g, true
	r.session.Err, r.session.Class = keysErr, classOf(keysErr)
	r.interrupted = ctx.Err() != nil
	if d.json {
		if err := printJSON(a.env.Stdout, r.object(false), a.env.StdoutTTY); err != nil {
			return err
		}
		return end(r.exit())
	}
	p := a.out()
	for _, t := range []struct {
		t   *token.Token
		use token.Use
	}{{g.Access, token.Access}, {g.ID, token.ID}} {
		if t.t != nil {
			a.token(p, *t.t, t.use, g.Checks, "", e.Now)
		}
	}
	for _, n := range in.Tokens {
		if n.Name == "refresh_token" {
			p.line("")
			p.line("%s  %s", p.bold("Refresh token"), p.dim("means something to its issuer alone"))
		}
	}
	a.checks(p, g.Checks)
	if f := r.failure(); f != nil {
		p.line("")
		p.line("%s %s", p.sign("fail"), p.bold(visible(f.Description)))
	}
	return end(r.exit())
}

func notToken(err error) error {
	var nt *token.NotAToken
	if errors.As(err, &nt) {
		return usage("%s", nt.Error())
	}
	return err
}

// input reads an argument, a file for explain, or stdin.
func (a *app) input(ctx context.Context, args []string, what string) (string, error) {
	if len(args) > 0 && args[0] != "-" {
		return args[0], nil
	}
	if a.env.StdinTTY {
		if len(args) == 0 && !a.env.canAsk() {
			return "", usage("%s is missing: give it as an argument, or on stdin", what)
		}
		fmt.Fprintf(a.env.Stderr, "Paste %s, then press enter and ctrl+d:\n", what)
	}
	b, err := a.env.all(ctx)
	return string(b), err
}

// decodeConfig is what a token is held against: a profile or flags. validating
// tells that keys were asked for.
func (a *app) decodeConfig(ctx context.Context, s *setup, in token.Input) (cfg flows.Config, validating bool, err error) {
	need := needNothing
	for _, n := range in.Tokens {
		if strings.HasPrefix(n.Token.Alg(), "HS") {
			need = needHMAC
		}
	}
	validating = s.profile != "" || s.issuer != "" || s.domain != "" || s.jwks != ""
	if s.profile == "" {
		// The file's default profile is not meant: decode needs none.
		cfg, err = s.over(flows.Config{})
	} else {
		cfg, err = a.config(ctx, s, need)
	}
	return cfg, validating, err
}

// keysFor fetches the keys that the tokens need and says what issuer is
// expected. failed is why there are none although they were asked for.
func (a *app) keysFor(ctx context.Context, r *result, in token.Input, e *token.Expect) (failed, err error) {
	cfg := r.cfg
	e.Issuer = cfg.ExpectedIssuer()
	if cfg.JWKS != "" { // the keys are named: nothing has to be discovered
		cfg.Domain, cfg.Issuer, cfg.TokenURL = "", "", "https://nothing.invalid/"
	}
	c, err := a.client(cfg)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var access, id *token.Token
	for i := range in.Tokens {
		switch n := &in.Tokens[i]; n.Name {
		case "id_token":
			id = &n.Token
		case "refresh_token":
		default:
			access = &n.Token
		}
	}
	x := c.Examine(ctx, access, id)
	r.session.Exchanges = append(r.session.Exchanges, x.Exchanges...)
	if err := usageOf(x.Err); err != nil {
		return nil, err
	}
	if ends, ok := c.KnownEndpoints(); ok && ends.Issuer != "" {
		r.session.Endpoints, e.Issuer = ends, ends.Issuer
	}
	e.Keys = x.Keys
	if x.Err != nil {
		e.NoKeys = said(x.Err)
	}
	return x.Err, nil
}

// classOf is the class of a failed fetch: no answer, or not the answer of a key
// set.
func classOf(err error) diagnosis.Class {
	var fe *flows.Error
	switch {
	case err == nil:
		return diagnosis.ClassNone
	case errors.As(err, &fe) && fe.Kind == flows.ErrorTransport:
		return diagnosis.ClassNetwork
	}
	return diagnosis.ClassNotOAuth
}

// decoded makes a generation of tokens that were given, with their checks.
func decoded(in token.Input, as, clientID string, e token.Expect) *flows.Generation {
	g := &flows.Generation{Tokens: &flows.Tokens{}}
	for _, n := range in.Tokens {
		t := n.Token
		use := token.UseOf(t, clientID)
		switch n.Name {
		case "refresh_token":
			continue
		case "access_token":
			use = token.Access
		case "id_token":
			use = token.ID
		default:
			if as != "" {
				use = token.Use(as)
			}
		}
		e := e
		e.Use = use
		if use == token.ID {
			g.ID = &t
			if at, ok := in.Token("access_token"); ok {
				e.AccessToken = at.Raw
			}
		} else {
			g.Access = &t
		}
		g.Checks = append(g.Checks, token.Validate(t, e)...)
	}
	return g
}
