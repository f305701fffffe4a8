package cli

import (
	"context"
	"fmt"
	"strings"
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
	var mfaWait duration
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
	f.Var(&mfaWait, "mfa-wait", "how long a push is waited for (default 2s)")
	f.BoolVar(&p.json, "json", false, "print one JSON object")
	f.StringArrayVar(&p.reports, "report", nil, "write a report into `FILE`, its kind by the ending: .md, .html, .har or .json; may be repeated")
	f.BoolVar(&p.withClaims, "with-claims", false, "keep header and claims of tokens readable in reports (never signatures)")
	cmd.RunE = func(*cobra.Command, []string) error {
		ctx, stop := a.env.headless()
		defer stop()
		if err := p.check(); err != nil {
			return err
		}
		need := needCheck
		if probe {
			need = needProbe
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
		if !p.json {
			fmt.Fprintln(a.env.Stderr, visible(cfg.CheckSends(probe)))
		}
		wait := 2 * time.Second
		if f.Changed("mfa-wait") {
			wait = time.Duration(mfaWait)
		}
		answer := answers{cfg, c.Clock}
		res := c.CheckSetup(ctx, flows.CheckOptions{Probe: probe, Answer: answer.field, Wait: wait})
		return a.printCheck(ctx, cfg, res, p)
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
		a.masked(a.out(), r, false, func(p paint) { a.checkLines(p, res) })
		return a.ending(r, nil)
	}
	red, code := r.redactor(), r.exit()
	o := objectCheck{Profile: cfg.Name, Issuer: r.issuer(), OK: code == diagnosis.ExitGood, Exit: code,
		Diagnosis: maskedFindings(red, res.Session.Findings), Exchanges: red.Exchanges(res.Session.Exchanges)}
	for _, l := range res.Lines {
		l.Saw = red.Text(l.Saw)
		o.Lines = append(o.Lines, l)
	}
	return a.ending(r, printJSON(a.env.Stdout, o, a.env.StdoutTTY))
}

// checkLines prints the lines of a check for a person.
func (a *app) checkLines(p paint, res *flows.CheckResult) {
	for _, l := range res.Lines {
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
	if l := res.FirstFailure(); l != nil {
		p.line("%s %s", p.sign("fail"), p.bold("It stops at: "+strings.ToLower(l.Title[:1])+l.Title[1:]+"."))
	} else {
		p.line("%s %s", p.sign("pass"), p.bold("Nothing stops this set-up."))
	}
	p.line("")
	p.line("What cannot be seen from outside, to be looked at by hand:")
	for _, s := range flows.ByHand() {
		p.item(2, "-", s)
	}
}
