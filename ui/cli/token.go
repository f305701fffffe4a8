package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authwalk/flows"
)

// printing is how token and refresh print what came.
type printing struct {
	json, raw, accessToken, reveal, requireScopes bool
	reports                                       []string
	withClaims                                    bool
}

func (p *printing) register(f *pflag.FlagSet) {
	f.BoolVar(&p.json, "json", false, "print one JSON object")
	f.BoolVar(&p.raw, "raw", false, "print the token reply's body byte for byte")
	f.BoolVar(&p.accessToken, "access-token", false, "print the access token alone")
	f.BoolVar(&p.requireScopes, "require-scopes", false, "exit 9 unless every scope asked for is granted and in the token")
	p.common(f)
}

// common are the flags that call has too.
func (p *printing) common(f *pflag.FlagSet) {
	f.BoolVar(&p.reveal, "reveal", false, "show the tokens unmasked (in the tokens alone)")
	f.Var((*list)(&p.reports), "report", "write a report into `FILE`, its kind by the ending: .md, .html, .har or .json; may be repeated")
	f.BoolVar(&p.withClaims, "with-claims", false, "keep header and claims of tokens readable in reports (never signatures)")
}

func (p *printing) check() error {
	n := 0
	for _, b := range []bool{p.json, p.raw, p.accessToken} {
		if b {
			n++
		}
	}
	if n > 1 {
		return usage("--json, --raw and --access-token exclude each other: keep one")
	}
	return checkReports(p.reports)
}

func (a *app) tokenCommand() *cobra.Command {
	var p printing
	var refresh bool
	cmd := &cobra.Command{
		Use:   "token -p NAME | FLAGS",
		Short: "Run the flow and print what came back",
		Long: `Run the flow of a profile (or of a set-up by flags) and print what came back: the
tokens masked, what their claims mean, every check that did not pass, every scope,
and, when the tenant refuses, why and what to change.

The password comes from the profile's reference, AUTHWALK_PASSWORD,
--password-stdin, or is asked for when stdin and stderr are terminals. MFA is
answered with AUTHWALK_OTP, --otp-secret, --recovery-code, or by waiting for a push.
The code of an SMS or e-mail exists only once it was sent: --otp-stdin has it sent,
and then waits for a line of stdin.`,
		Example: `  authwalk token -p acme-dev
  AUTHWALK_PASSWORD=… authwalk token --domain acme.eu.auth0.com --client-id … --username me@acme.dev --json
  curl -H "Authorization: Bearer $(authwalk token -p acme-dev --access-token)" https://api.acme.dev/orders`,
		Args:                  cobra.NoArgs,
		DisableFlagsInUseLine: true,
	}
	s := a.setupFlags(cmd)
	s.secretInputs()
	f := cmd.Flags()
	f.BoolVar(&refresh, "refresh", false, "then refresh once; the result is the second generation")
	mfaWait := mfaWaitFlag(f, "how long a push is waited for without screens")
	p.register(f)
	cmd.RunE = func(*cobra.Command, []string) error {
		return a.headless(s, &p, needLogin, func(ctx context.Context, c *flows.Client) error {
			r := newResult(c.Config)
			r.required = p.requireScopes
			if err := a.login(ctx, c, r, a.answers(ctx, c.Config, s), time.Duration(*mfaWait)); err != nil {
				return err
			}
			if refresh && r.gen != nil {
				r.refresh(ctx, c)
			}
			return a.print(r, p)
		})
	}
	return cmd
}

func (a *app) refreshCommand() *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:   "refresh -p NAME | FLAGS",
		Short: "Send the refresh grant alone and print what came back",
		Long: `Send the refresh grant once. The refresh token comes from AUTHWALK_REFRESH_TOKEN or
--refresh-token-stdin, or is asked for when stdin and stderr are terminals.
--scope asks for fewer scopes than were granted.`,
		Args:                  cobra.NoArgs,
		DisableFlagsInUseLine: true,
	}
	s := a.setupFlags(cmd)
	cmd.Flags().BoolVar(&s.refreshTokenStdin, "refresh-token-stdin", false, "read the refresh token from stdin")
	p.register(cmd.Flags())
	cmd.RunE = func(*cobra.Command, []string) error {
		return a.headless(s, &p, needRefresh, func(ctx context.Context, c *flows.Client) error {
			r := newResult(c.Config)
			r.required, r.chain = p.requireScopes, true
			scope := ""
			if cmd.Flags().Changed("scope") {
				scope, _ = c.Config.Scope()
			}
			r.take(c, c.Refresh(ctx, c.Config.RefreshToken, scope))
			r.examine(ctx, c)
			return a.print(r, p)
		})
	}
	return cmd
}

// headless gives run a client for the set-up that flags, environment and profile
// make, and closes it.
func (a *app) headless(s *setup, p *printing, need needs, run func(context.Context, *flows.Client) error) error {
	ctx, stop := a.env.headless()
	defer stop()
	if err := p.check(); err != nil {
		return err
	}
	cfg, err := a.config(ctx, s, need)
	if err != nil {
		return err
	}
	c, err := a.client(cfg)
	if err != nil {
		return err
	}
	defer c.Close()
	return run(ctx, c)
}

func newResult(cfg flows.Config) *result {
	return &result{cfg: cfg, session: flows.NewSession(cfg)}
}

// client makes the client for a set-up.
func (a *app) client(cfg flows.Config) (*flows.Client, error) {
	return flows.NewClient(cfg, flows.ClientOptions{Transport: a.env.Transport, Clock: a.env.Clock, Version: version})
}

// login walks the set-up's flow to its end, answering MFA with what is at hand,
// and, where a person can be asked, with what they say. Its error is one of
// usage; refusals are in the result.
func (a *app) login(ctx context.Context, c *flows.Client, r *result, answer answers, wait time.Duration) error {
	flow, _ := flows.FlowByID(r.cfg.Flow) // the client was made, so there is one
	step := flow.Start(c)
	values := flows.Values{}
	for _, f := range step.Fields {
		values[f.Name] = f.Value
	}
	if a.env.canAsk() && !answer.any() {
		out := step.Do(ctx, values)
		r.take(c, out)
		if out.Next != nil && ctx.Err() == nil {
			p := &plain{app: a, ctx: ctx, text: a.err(), took: func(o flows.Outcome) { r.take(c, o) }}
			if err := p.follow(out); err != nil && !errors.Is(err, errLeft) {
				return err
			}
		}
	} else {
		out := flows.Runner{Client: c, Answer: answer.field, Wait: wait, Took: func(o flows.Outcome) { r.take(c, o) }}.Run(ctx, step, values)
		if r.session.Err == nil && out.Tokens == nil {
			r.session.Err = out.Err
		}
	}
	if ctx.Err() != nil && len(r.session.Generations) == 0 {
		r.interrupted = true
	}
	r.examine(ctx, c)
	return usageOf(r.session.Err)
}

// usageOf gives the usage error in a refusal: what was given cannot be used,
// and there is nothing to print but that.
func usageOf(err error) error {
	var ue *flows.UsageError
	if errors.As(err, &ue) {
		return err
	}
	return nil
}

// examine fetches the keys for the newest tokens and makes their checks final.
func (r *result) examine(ctx context.Context, c *flows.Client) {
	if r.session.Err != nil {
		return
	}
	r.gen = r.session.Current()
	if r.gen == nil {
		return
	}
	x := c.Examine(ctx, r.gen.Access, r.gen.ID)
	r.session.Examined(r.gen, x)
	if ctx.Err() != nil {
		r.interrupted = true
	}
}

// refresh refreshes the newest generation once; the result is the next one.
func (r *result) refresh(ctx context.Context, c *flows.Client) {
	r.chain = true
	first := r.gen
	if first == nil || r.interrupted {
		return
	}
	if first.Refresh == "" {
		r.nothingToRefresh = true
		return
	}
	out := c.Refresh(ctx, first.Refresh, "")
	r.take(c, out)
	r.gen = nil // what was asked for is the second generation
	r.examine(ctx, c)
}

// answers is what MFA can be answered with where nobody is asked.
type answers struct {
	cfg flows.Config
	// line reads a code where --otp-stdin announced one; nil: none will come.
	line func() (string, bool)
	// ended tells that stdin had no code: no message is sent for another.
	ended *bool
}

func (a *app) answers(ctx context.Context, cfg flows.Config, s *setup) answers {
	n := answers{cfg: cfg, ended: new(bool)}
	if s.otpStdin {
		n.line = func() (string, bool) {
			read := a.env.line
			if a.env.canAsk() {
				read = func(ctx context.Context) (string, error) { return a.env.ask(ctx, "One-time code", false) }
			}
			code, err := read(ctx)
			*n.ended = err != nil || strings.TrimSpace(code) == ""
			return code, !*n.ended
		}
	}
	return n
}

func (n answers) any() bool {
	return n.cfg.OTP != "" || n.cfg.OTPSecret != "" || n.cfg.RecoveryCode != ""
}

func (n answers) field(s flows.Step, f flows.Field) (string, bool) {
	switch f.Name {
	case "otp", "binding_code":
		switch {
		case n.cfg.OTP != "":
			return n.cfg.OTP.Reveal(), true
		case n.cfg.OTPSecret != "" && f.Name == "otp":
			return "", true // the step computes the code
		case n.line == nil || *n.ended:
			return "", false
		case slices.Contains(s.Needs, f.Name):
			return "", true // it can come only once the message was sent
		}
		return n.line()
	case "recovery_code":
		return n.cfg.RecoveryCode.Reveal(), n.cfg.RecoveryCode != ""
	}
	return "", false
}

// print writes the result in the form that was asked for, and the reports, and
// gives the error that ends the program with the right exit code.
func (a *app) print(r *result, p printing) error {
	if err := usageOf(r.session.Err); err != nil {
		return err
	}
	r.fault = a.writeReports(r, p)
	var err error
	switch {
	case p.json:
		err = printJSON(a.env.Stdout, r.object(p.reveal), a.env.StdoutTTY)
	case p.raw:
		err = a.printRaw(r)
	case p.accessToken:
		if r.gen != nil {
			_, err = fmt.Fprintln(a.env.Stdout, r.gen.Tokens.AccessToken.Reveal())
		}
		a.trouble(r)
	default:
		a.summary(a.out(), r, p.reveal)
	}
	return a.ending(r, err)
}

// ending gives the error that ends the program for a result that was printed:
// its exit code, or why it could not be printed or reported.
func (a *app) ending(r *result, printed error) error {
	if r.fault != nil {
		fmt.Fprintf(a.env.Stderr, "authwalk: %s\n", visibleLines(r.fault.Error()))
	}
	if printed != nil {
		return printed
	}
	return end(r.exit())
}

// printRaw writes the body of the last token reply as it came.
func (a *app) printRaw(r *result) error {
	var body []byte
	for _, ex := range r.session.Exchanges {
		if ex.Purpose == flows.PurposeToken && ex.Status != 0 {
			body = ex.Body
		}
	}
	if a.env.StdoutTTY {
		body = []byte(visibleLines(string(body)))
		if !bytes.HasSuffix(body, []byte("\n")) {
			body = append(body, '\n')
		}
	}
	_, err := a.env.Stdout.Write(body)
	a.trouble(r)
	return err
}

// trouble says on stderr why the exit code is not 0, where stdout belongs to
// something else.
func (a *app) trouble(r *result) {
	if r.exit() == 0 {
		return
	}
	a.masked(a.err(), r, false, func(p paint) { a.refusal(p, r) })
}
