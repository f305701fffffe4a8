package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/report"
)

// objectCheck is the JSON of check.
type objectCheck struct {
	Profile   string              `json:"profile,omitempty"`
	Issuer    string              `json:"issuer,omitempty"`
	OK        bool                `json:"ok"`
	Exit      int                 `json:"exit"`
	Lines     []flows.CheckLine   `json:"lines"`
	Diagnosis []diagnosis.Finding `json:"diagnosis,omitempty"`
	Exchanges []report.Masked     `json:"exchanges,omitempty"`
}

func (a *app) checkCommand() *cobra.Command {
	var p printing
	var probe bool
	cmd := &cobra.Command{
		Use:   "check -p NAME | FLAGS",
		Short: "Examine a set-up, say where it stops and what to change",
		Long: `Examine a set-up line by line, in the order in which a request meets things: name,
TLS, discovery, keys, clock, then what the token endpoint's answer reveals, then
the tokens and the API. It needs no management token and never changes the tenant.

The real credentials are sent once. Without a password none is sent; --probe tries
a made-up user instead, which counts as a failed login.`,
		Args:                  cobra.NoArgs,
		DisableFlagsInUseLine: true,
	}
	s := a.setupFlags(cmd)
	s.secretInputs()
	f := cmd.Flags()
	f.BoolVar(&probe, "probe", false, "without a password, try a made-up user (counts as a failed login)")
	mfaWait := mfaWaitFlag(f, "how long a push is waited for")
	f.BoolVar(&p.json, "json", false, "print one JSON object")
	f.Var((*list)(&p.reports), "report", "write a report into `FILE`, its kind by the ending: .md, .html, .har or .json; may be repeated")
	f.BoolVar(&p.withClaims, "with-claims", false, "keep header and claims of tokens readable in reports (never signatures)")
	cmd.RunE = func(*cobra.Command, []string) error {
		need := needCheck
		if probe {
			need = needProbe
		}
		return a.headless(s, &p, need, func(ctx context.Context, c *flows.Client) error {
			cfg := c.Config
			if !p.json {
				fmt.Fprintln(a.env.Stderr, visible(cfg.CheckSends(probe)))
			}
			answer := a.answers(ctx, cfg, s)
			res := c.CheckSetup(ctx, flows.CheckOptions{Probe: probe, Answer: answer.field, Wait: time.Duration(*mfaWait)})
			localFaults(cfg, res)
			return a.printCheck(ctx, cfg, res, p)
		})
	}
	return cmd
}

func (a *app) printCheck(ctx context.Context, cfg flows.Config, res *flows.CheckResult, p printing) error {
	r := &result{cfg: cfg, session: res.Session, lines: res.Lines}
	r.checked = res.Class
	if res.Class == diagnosis.ClassNone && res.FirstFailure() != nil {
		r.checked = diagnosis.ClassClient
	}
	r.interrupted = ctx.Err() != nil
	r.fault = a.writeReports(r, p)
	if !p.json {
		a.masked(a.out(), r, false, func(p paint) { a.checkLines(p, cfg, res) })
	}
	if res.Foreign != nil { // a refusal as everywhere: exit 2, and no object
		return a.ending(r, res.Foreign)
	}
	if !p.json {
		return a.ending(r, nil)
	}
	red, code := r.redactor(), r.exit()
	o := objectCheck{Profile: cfg.Name, Issuer: r.issuer(), OK: code == diagnosis.ExitGood, Exit: code,
		Diagnosis: red.Findings(res.Session.Findings), Exchanges: red.Exchanges(res.Session.Exchanges)}
	o.Lines = red.Lines(res.Lines, res.Session)
	return a.ending(r, printJSON(a.env.Stdout, o, a.env.StdoutTTY))
}

// checkLines prints the lines of a check for a person.
func (a *app) checkLines(p paint, cfg flows.Config, res *flows.CheckResult) {
	lines := res.Lines
	if p.mask != nil {
		lines = p.mask.Lines(lines, res.Session)
	}
	for _, l := range lines {
		p.line("%s %s %s", p.sign(string(l.State)), pad(l.Title, 34), p.dim(string(l.State)))
		if l.State != flows.LineNotReached && l.Saw != "" {
			p.para(4, visible(l.Saw))
		}
		for _, f := range l.Fix {
			p.item(4, p.cyan("→"), visible(f))
		}
	}
	a.findings(p, res.Session.Findings)
	p.line("")
	state, said := verdict(cfg, res)
	p.line("%s %s", p.sign(state), p.bold(said))
	p.line("")
	p.line("What cannot be seen from outside, to be looked at by hand:")
	for _, s := range res.ByHand() {
		p.item(2, "-", s)
	}
}

// localFaults enters what is wrong with a set-up before anything is sent, where
// no answer has shown it: a client that must prove who it is and has nothing to
// do it with.
func localFaults(cfg flows.Config, res *flows.CheckResult) {
	var what, fix string
	switch auth := cfg.Auth(); {
	case (auth == flows.AuthPost || auth == flows.AuthBasic) && cfg.ClientSecret == "":
		what = "client_auth is " + auth + ", and the client secret is empty"
		fix = "Give the secret (AUTHWALK_CLIENT_SECRET, or a reference as client_secret in the profile), or set client_auth to none for a public application."
	case auth == flows.AuthPrivateKeyJWT && cfg.PrivateKey == "":
		what = "client_auth is private_key_jwt, and there is no private key"
		fix = "Give the key: --private-key file:PATH, or private_key in the profile."
	default:
		return
	}
	for i := range res.Lines {
		l := &res.Lines[i]
		if l.ID != "client" || l.State == flows.LinePass || l.State == flows.LineFail {
			continue
		}
		first := res.FirstFailure() == nil
		l.State, l.Saw, l.Fix = flows.LineFail, what, []string{fix}
		if first {
			res.Class = diagnosis.ClassClient
		}
	}
}

// verdict says in a sentence what a check came to: where it stops, or how much
// of the way could be seen.
func verdict(cfg flows.Config, res *flows.CheckResult) (state, sentence string) {
	if l := res.FirstFailure(); l != nil {
		return "fail", "It stops at: " + l.Title + "."
	}
	seen := 0
	for _, l := range res.Lines {
		if l.State == flows.LinePass {
			seen++
		}
	}
	switch n := len(res.Lines); {
	case seen == n:
		return "pass", "Nothing stops this set-up."
	case res.Session.Current() != nil: // tokens came: what is left open is beside the way
		return "pass", fmt.Sprintf("Nothing stops this set-up, as far as could be seen: %d of %d lines. What is not known stands above.", seen, n)
	case !cfg.Complete():
		missing := "a password"
		if cfg.Username == "" {
			missing = "a user name and a password"
		}
		return "unknown", fmt.Sprintf("Only %d of %d lines could be seen, and nothing wrong in them: to go on it needs %s.", seen, n, missing)
	default:
		return "unknown", fmt.Sprintf("Only %d of %d lines could be seen, and nothing wrong in them.", seen, n)
	}
}
