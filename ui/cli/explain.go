package cli

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"authwalk/flows/diagnosis"
	"authwalk/flows/report"
)

// objectExplain is the JSON of explain: what was read and what it means.
type objectExplain struct {
	OK        bool                `json:"ok"`
	Exit      int                 `json:"exit"`
	Error     *objectError        `json:"error,omitempty"`
	Diagnosis []diagnosis.Finding `json:"diagnosis,omitempty"`
}

func (a *app) explainCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain [FILE|-]",
		Short: "Diagnose a refusal seen elsewhere; sends nothing",
		Long: `Diagnose a refusal that was met in another application: a reply's body, a status
and a body, the output of curl -i or -v, or a HAR, from a file or stdin. Nothing is
sent. The exit code is 0 when there was something to explain.`,
		Example: `  curl -i https://acme.eu.auth0.com/oauth/token -d … | authwalk explain
  authwalk explain network.har`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := a.env.headless()
			defer stop()
			text, err := a.refusalText(ctx, args)
			if err != nil {
				return err
			}
			return a.explain(text, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// refusalText reads the file, or stdin.
func (a *app) refusalText(ctx context.Context, args []string) ([]byte, error) {
	if len(args) == 0 || args[0] == "-" {
		s, err := a.input(ctx, args, "the refusal")
		return []byte(s), err
	}
	f, err := os.Open(args[0])
	if err != nil {
		return nil, usage("the file cannot be read: %v", err)
	}
	defer f.Close()
	b, err := within(ctx, func() ([]byte, error) { return readLimited(f) })
	if err != nil && ctx.Err() == nil {
		return nil, usage("the file cannot be read: %v", err)
	}
	return b, err
}

func (a *app) explain(text []byte, asJSON bool) error {
	all, err := diagnosis.ParseRefusals(text)
	if err != nil {
		var nothing *diagnosis.NothingError
		if errors.As(err, &nothing) {
			return usage("%s", nothing.Error())
		}
		return usage("this cannot be read: %v", err)
	}
	p := a.out()
	p.mask = report.NewRedactor(report.Options{})
	p.mask.Given(diagnosis.Plain(text))
	if asJSON {
		ev := all[0]
		e := seen(ev)
		e.Code, e.Description = p.mask.Text(e.Code), p.mask.Text(e.Description)
		return printJSON(a.env.Stdout, objectExplain{OK: true, Error: e, Diagnosis: p.mask.Findings(diagnosis.Diagnose(ev))}, a.env.StdoutTTY)
	}
	for i, ev := range all {
		if i > 0 {
			p.line("")
		}
		e := seen(ev)
		what := e.Code
		if e.Description != "" {
			what += ": " + e.Description
		}
		if what == "" {
			what = "a refusal of class " + string(e.Class)
		}
		if e.Status != 0 {
			p.line("%s %d %s", p.sign("fail"), e.Status, p.bold(p.theirs(what)))
		} else {
			p.line("%s %s", p.sign("fail"), p.bold(p.theirs(what)))
		}
		a.findings(p, diagnosis.Diagnose(ev))
	}
	return nil
}

// seen is the error that a refusal holds.
func seen(ev diagnosis.Evidence) *objectError {
	e := &objectError{Class: diagnosis.Classify(ev)}
	if ev.Reply != nil {
		r := diagnosis.ReadRefusal(ev.Reply.Body)
		e.Status, e.Code, e.Description = ev.Reply.Status, r.Code, r.Description
		if e.Code == "" { // an API says it in a header
			if ch, ok := diagnosis.BearerChallenge(diagnosis.ParseChallenge(ev.Reply.Header.Values("Www-Authenticate")...)); ok {
				e.Code, e.Description = ch.Error(), ch.Description()
			}
		}
	}
	return e
}
