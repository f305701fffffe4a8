package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
)

// walkOf is a walk in plain mode from the choice of a tenant to a refresh.
type walkOf struct {
	*plain
	demo  *demo
	tools *demoTools // of the demo tenant that was chosen
	c     *flows.Client
	r     *result
}

// plainWalk walks the six steps as questions and lines. onDemo begins at the
// demo's tenants, scenario and s.profile name one at once.
func (a *app) plainWalk(ctx context.Context, s *setup, onDemo bool, scenario string) error {
	w := &walkOf{plain: &plain{app: a, ctx: ctx, text: a.out(), questions: a.env.Stdout}, demo: &demo{}}
	if !a.env.StdoutTTY && a.env.StdinTTY {
		w.questions = a.env.Stderr
	}
	defer w.demo.close()
	cfg, err := w.tenant(s, onDemo, scenario)
	if err == nil {
		err = w.walk(cfg)
	}
	if errors.Is(err, errLeft) {
		err = nil
	}
	return err
}

func (w *walkOf) heading(n int, title string) {
	w.text.line("")
	w.text.line("%s", w.text.bold(fmt.Sprintf("Step %d of 6: %s", n, title)))
}

// tenant is step 1: the profile or demo tenant to walk with.
func (w *walkOf) tenant(s *setup, onDemo bool, scenario string) (flows.Config, error) {
	if scenario != "" {
		return w.openDemo(scenario)
	}
	if s.profile != "" {
		return w.app.config(w.ctx, s, needForm)
	}
	w.heading(1, "Tenant")
	var names, titles []string
	heads := map[int]string{}
	mine := 0
	if !onDemo {
		list, err := w.app.profileNames(s)
		if err != nil {
			return flows.Config{}, err
		}
		names, titles, mine = append(names, list...), append(titles, list...), len(list)
		if mine == 0 {
			w.text.line("There are no profiles yet (authwalk profiles add makes one). These tenants need none:")
		}
	}
	topic := ""
	for _, sc := range scenarios() {
		if sc.Topic != topic {
			topic = sc.Topic
			heads[len(titles)] = "Demo tenants. " + topic + ":"
		}
		names, titles = append(names, sc.Name), append(titles, sc.Name+"  "+sc.Teaches)
	}
	i, err := w.pickUnder(heads, "Which tenant", titles, 0)
	if err != nil {
		return flows.Config{}, err
	}
	if i < mine {
		s.profile = names[i]
		return w.app.config(w.ctx, s, needForm)
	}
	return w.openDemo(names[i])
}

func (w *walkOf) openDemo(name string) (flows.Config, error) {
	cfg, tools, err := w.demo.start(w.ctx, name)
	if err != nil {
		return cfg, err
	}
	w.tools, w.eager, w.suggest = tools, true, tools.code
	w.push = func() error { return tools.push(w.plain) }
	sc := tools.t.Scenario()
	w.text.line("")
	w.text.line("%s: %s", w.text.bold("Demo tenant "+sc.Name), sc.Title)
	w.text.para(2, sc.Teaches)
	return cfg, nil
}

// walk is steps 2 to 6.
func (w *walkOf) walk(cfg flows.Config) error {
	c, err := w.app.client(cfg)
	if err != nil {
		return err
	}
	defer c.Close()
	w.c = c
	for {
		w.r = newResult(cfg)
		values, err := w.credentials()
		if err != nil {
			return err
		}
		w.r.cfg = cfg.With(values)
		w.r.session.Config = w.r.cfg
		for {
			if err := w.request(values); err != nil {
				return err
			}
			if w.r.session.Err == nil {
				break
			}
			next, err := w.refused()
			if err != nil {
				return err
			}
			if next == formAgain {
				break
			}
			w.r.session = flows.NewSession(w.r.cfg)
		}
		if w.r.session.Err == nil {
			break
		}
		cfg = w.r.cfg
		w.c = c.WithConfig(cfg)
	}
	w.heading(4, "Claims")
	w.app.summary(w.text, w.r, false)
	if err := w.api(); err != nil {
		return err
	}
	return w.refreshing()
}

// credentials is step 2: the form of the flow's first step.
func (w *walkOf) credentials() (flows.Values, error) {
	flow, _ := flows.FlowByID(w.c.Config.Flow) // the client was made, so there is one
	step := flow.Start(w.c)
	w.heading(2, "Credentials")
	w.text.line("%s, to %s", flow.Title, visible(w.c.Config.Host()))
	w.text.para(2, flow.About)
	w.text.line("An empty line takes what stands in brackets; - takes it away.")
	v, err := w.ask(step)
	if err != nil {
		return nil, err
	}
	if w.c.Config.Environment == "prod" {
		ok, err := w.yes("This is a prod environment. Send to "+w.c.Config.Host()+"?", false)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, errLeft
		}
	}
	return v, nil
}

// request is step 3: the request, and whatever it asks for.
func (w *walkOf) request(values flows.Values) error {
	w.heading(3, "Request")
	w.took = func(o flows.Outcome) { w.r.take(w.c, o) }
	flow, _ := flows.FlowByID(w.c.Config.Flow)
	out := flow.Start(w.c).Do(w.ctx, values)
	w.took(out)
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if out.Next != nil {
		if w.r.mfaNeeded {
			w.text.line("The password was right; the tenant wants a second factor.")
			w.app.factors(w.text, w.r.session.Factors)
		}
		if err := w.follow(out); err != nil && !errors.Is(err, errLeft) {
			return err
		}
	}
	w.r.examine(w.ctx, w.c)
	if w.r.session.Err == nil {
		w.text.line("%s Tokens came. %s", w.text.sign("pass"), visible(requestLine(w.r.session.Exchanges)))
		return nil
	}
	if err := usageOf(w.r.session.Err); err != nil {
		return err
	}
	w.app.masked(w.text, w.r, false, func(p paint) { w.app.refusal(p, w.r) })
	return w.ctx.Err()
}

// What follows a refusal.
const (
	sendAgain = iota
	formAgain
)

// refused asks what to do after a refusal. Leaving is what an empty line does:
// a password is never sent again by accident.
func (w *walkOf) refused() (int, error) {
	w.text.line("")
	i, err := w.pick("What now", []string{"leave", "change the form", "send the same again"}, 0)
	switch {
	case err != nil:
		return 0, err
	case i == 1:
		return formAgain, nil
	case i == 2:
		return sendAgain, nil
	}
	return 0, errLeft
}

// api is step 5: calls with the new token.
func (w *walkOf) api() error {
	w.heading(5, "API")
	calls := w.c.Config.Calls
	var titles []string
	for _, c := range calls {
		titles = append(titles, strings.TrimSpace(c.Method+" "+c.URL+"  "+c.Name))
	}
	titles = append(titles, "another call", "go on")
	def := 0
	if len(calls) == 0 {
		def = len(titles) - 1
	}
	for {
		i, err := w.pick("Which call", titles, def)
		if err != nil {
			return err
		}
		if i == len(titles)-1 {
			return nil
		}
		var call flows.SavedCall
		if i < len(calls) {
			call = calls[i]
		} else {
			text, err := w.question("METHOD URL", "GET /", false)
			if err != nil {
				return err
			}
			m, urls, err := methodAndURLs(strings.Fields(text+" "), false)
			if err != nil || len(urls) != 1 {
				w.text.line("That is no call: write it like GET /orders.")
				continue
			}
			call = flows.SavedCall{Method: m, URL: urls[0]}
		}
		if err := w.send(call); err != nil {
			return err
		}
		def = len(titles) - 1
		w.text.line("")
	}
}

func (w *walkOf) send(saved flows.SavedCall) error {
	spool := &flows.Spool{}
	defer spool.Close()
	w.r.call(w.ctx, w.c, saved.Call(w.r.gen.Tokens.AccessToken, spool))
	if err := w.ctx.Err(); err != nil {
		return err
	}
	c := w.r.calls[len(w.r.calls)-1]
	if c.err != nil {
		w.text.line("%s %s", w.text.sign("fail"), visible(said(c.err)))
	} else {
		state := "pass"
		if c.judged() != diagnosis.ClassNone {
			state = "fail"
		}
		ex := c.exchange
		w.text.line("%s %d %s, %d bytes in %s", w.text.sign(state), ex.Status, http.StatusText(ex.Status), ex.BodySize, span(ex.Timings.Total))
		w.text.line("%s", visibleLines(clip(pretty(ex.Body), 4000)))
	}
	p := w.text
	p.mask = w.r.redactor()
	w.app.findings(p, c.findings)
	return nil
}

// refreshing is step 6: the chain of generations.
func (w *walkOf) refreshing() error {
	w.heading(6, "Refresh")
	w.text.line("generation 0: %s", grantName(w.r.gen.Grant))
	again := true
	for {
		g := w.r.session.Current()
		if g.Refresh == "" {
			w.text.line("There is no refresh token: it needs the scope offline_access, and an API that allows offline access.")
			return nil
		}
		ok, err := w.yes("Refresh?", again)
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		w.r.refresh(w.ctx, w.c)
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if w.r.session.Err != nil {
			w.app.masked(w.text, w.r, false, func(p paint) { w.app.refusal(p, w.r) })
			return nil
		}
		g = w.r.gen
		w.text.line("%s generation %d: %s, refresh token %s", w.text.sign("pass"), g.N, grantName(g.Grant), g.RefreshToken)
		if len(g.ScopeAdded) > 0 {
			w.text.line("  scopes added: %s", visible(join(g.ScopeAdded)))
		}
		if len(g.ScopeRemoved) > 0 {
			w.text.line("  scopes removed: %s", visible(join(g.ScopeRemoved)))
		}
		w.app.checks(w.text, g.Checks)
		again = false
	}
}
