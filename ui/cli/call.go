package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/rawjson"
	"authwalk/profiles"
)

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"}

func (a *app) callCommand() *cobra.Command {
	var p printing
	var headers []string
	var data []string
	cmd := &cobra.Command{
		Use:   "call -p NAME [METHOD] URL...",
		Short: "Get a token and call the API with it",
		Long: `Call an API with a bearer token: the one in AUTHWALK_ACCESS_TOKEN or from
--access-token-stdin, else a new one, which is said on stderr (a new token for
every call is bad practice and is throttled). Several URLs share one token.

A relative URL starts from the profile's api_base, else the audience if that is a
URL, else the issuer. METHOD is GET, or POST with -d.`,
		Example: `  authwalk call -p acme-dev /orders
  authwalk call -p acme-dev POST /orders -d '{"item":"tea"}'
  AUTHWALK_ACCESS_TOKEN=… authwalk call -p acme-dev /orders /me --json`,
		Args:                  cobra.MinimumNArgs(1),
		DisableFlagsInUseLine: true,
	}
	s := a.setupFlags(cmd)
	s.secretInputs()
	f := cmd.Flags()
	f.BoolVar(&s.accessTokenStdin, "access-token-stdin", false, "read the access token from stdin")
	f.VarP((*list)(&headers), "header", "H", "a request header, `\"Name: value\"`; may be repeated")
	f.VarP((*list)(&data), "data", "d", "the request body: `DATA|@FILE` (@- is stdin); several are joined by &")
	mfaWait := mfaWaitFlag(f, "how long a push is waited for without screens")
	f.BoolVar(&p.json, "json", false, "print one JSON object")
	p.common(f)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		ctx, stop := a.env.headless()
		defer stop()
		if err := p.check(); err != nil {
			return err
		}
		method, urls, err := methodAndURLs(args, f.Changed("data"))
		if err != nil {
			return err
		}
		h, err := readHeaders(headers)
		if err != nil {
			return err
		}
		if slices.Contains(data, "@-") && (s.passwordStdin || s.otpStdin || s.accessTokenStdin) {
			return usage("stdin can be read once: for the body or for a secret")
		}
		given, err := a.givenToken(ctx, s)
		if err != nil {
			return err
		}
		need := needLogin
		if given != "" {
			need = needCall
		}
		cfg, err := a.config(ctx, s, need)
		if err != nil {
			return err
		}
		for _, u := range urls {
			if _, err := cfg.CallURL(u); err != nil {
				return err
			}
		}
		body, err := a.body(ctx, data)
		if err != nil {
			return err
		}
		c, err := a.client(cfg)
		if err != nil {
			return err
		}
		defer c.Close()
		if !p.json {
			if base := baseSaid(cfg, urls); base != "" {
				fmt.Fprintln(a.env.Stderr, visible(base))
			}
		}
		r := newResult(cfg)
		if given != "" {
			r.hold(c, given)
		} else {
			if err := a.login(ctx, c, r, a.answers(ctx, cfg, s), time.Duration(*mfaWait)); err != nil {
				return err
			}
			fmt.Fprintln(a.env.Stderr, "A new token was asked for. For several calls give one by AUTHWALK_ACCESS_TOKEN: a new one for every call is throttled.")
		}
		if r.gen != nil && !r.interrupted {
			for _, u := range urls {
				spool := &flows.Spool{}
				defer spool.Close()
				r.call(ctx, c, flows.Call{Method: method, URL: u, Header: h, Body: body, Token: r.gen.Tokens.AccessToken, Spool: spool})
				if ctx.Err() != nil {
					r.interrupted = true
					break
				}
				if !p.json {
					if err := a.answer(r.calls[len(r.calls)-1], spool, len(urls) > 1); err != nil {
						return err
					}
				}
			}
		}
		if err := usageOf(r.session.Err); err != nil {
			return err
		}
		r.fault = a.writeReports(r, p)
		if p.json {
			err = printJSON(a.env.Stdout, r.object(p.reveal), a.env.StdoutTTY)
		} else {
			a.trouble(r)
		}
		return a.ending(r, err)
	}
	return cmd
}

// baseSaid says what relative URLs start from where nobody set api_base; empty
// when that is no question.
func baseSaid(cfg flows.Config, urls []string) string {
	if cfg.APIBase != "" || !slices.ContainsFunc(urls, func(s string) bool {
		u, err := url.Parse(strings.TrimSpace(s))
		return err == nil && !u.IsAbs()
	}) {
		return ""
	}
	what := "the issuer"
	base := cfg.APIBaseURL()
	if base == cfg.Audience {
		what = "the audience"
	}
	return "base: " + what + " " + base + " (api_base sets another)"
}

// methodAndURLs tells a method from the URLs: the first argument is one if it is
// the name of a method and more follow.
func methodAndURLs(args []string, data bool) (method string, urls []string, err error) {
	method = http.MethodGet
	if data {
		method = http.MethodPost
	}
	if m := strings.ToUpper(args[0]); slices.Contains(methods, m) || len(args) > 1 && allCapitals(args[0]) {
		if len(args) == 1 {
			return "", nil, usage("the URL is missing: authwalk call [METHOD] URL")
		}
		return m, args[1:], nil
	}
	return method, args, nil
}

func allCapitals(s string) bool {
	return len(s) >= 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// readHeaders reads -H flags as curl's users write them.
func readHeaders(list []string) (http.Header, error) {
	h := http.Header{}
	for _, s := range list {
		name, value, ok := strings.Cut(s, ":")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.ContainsAny(name, " \t\"(),/:;<=>?@[\\]{}") {
			return nil, usage("-H takes \"Name: value\"")
		}
		if strings.ContainsAny(value, "\r\n\x00") {
			return nil, usage("-H %s: a header's value has one line", visible(name))
		}
		if strings.EqualFold(name, "Authorization") {
			return nil, usage("-H Authorization: the bearer token comes from the flow, AUTHWALK_ACCESS_TOKEN or --access-token-stdin")
		}
		h.Add(name, strings.TrimSpace(value))
	}
	return h, nil
}

// body is the request body of all -d, joined by & as curl does.
func (a *app) body(ctx context.Context, data []string) ([]byte, error) {
	if len(data) == 0 {
		return nil, nil
	}
	var parts [][]byte
	for _, d := range data {
		part, err := a.bodyPart(ctx, d)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return bytes.Join(parts, []byte("&")), nil
}

func (a *app) bodyPart(ctx context.Context, data string) ([]byte, error) {
	name, isFile := strings.CutPrefix(data, "@")
	switch {
	case data == "":
		return nil, nil
	case data == "@-":
		return a.env.all(ctx)
	case isFile:
		f, err := os.Open(name)
		if err != nil {
			return nil, usage("the file of -d cannot be read: %v", err)
		}
		defer f.Close()
		b, err := readLimited(f)
		if err != nil {
			return nil, usage("the file of -d cannot be read: %v", err)
		}
		return b, nil
	}
	return []byte(data), nil
}

// givenToken is the access token that was given; empty when one is to be got.
func (a *app) givenToken(ctx context.Context, s *setup) (flows.Secret, error) {
	if s.accessTokenStdin {
		if s.passwordStdin {
			return "", usage("--access-token-stdin and --password-stdin exclude each other: stdin can be read once")
		}
		t, err := a.tokenFromStdin(ctx)
		if err == nil && t == "" {
			return "", usage("the access token is missing: stdin is empty")
		}
		return t, err
	}
	return flows.Secret(strings.TrimSpace(a.env.get(profiles.EnvAccessToken))), nil
}

// hold enters a token that was not got here, so that answers can be explained
// by what it says.
func (r *result) hold(c *flows.Client, t flows.Secret) {
	r.session.Take(c, flows.Outcome{Tokens: &flows.Tokens{AccessToken: t, Received: c.Clock.Now()}, Asked: &flows.Asked{Audience: r.cfg.Audience}})
	r.gen, r.given = r.session.Current(), true
}

// call sends one API call and says what its answer means.
func (r *result) call(ctx context.Context, c *flows.Client, call flows.Call) {
	out := c.Call(ctx, call)
	res := callResult{err: out.Err}
	if out.Answer != nil {
		res.exchange = out.Answer.Exchange
	}
	res.class, res.findings = r.session.TakeAnswer(out, false, c.Clock.Wall())
	r.calls = append(r.calls, res)
}

// shownCall is the call that the JSON shows: the first that failed, else the last.
func (r *result) shownCall() *flows.Exchange {
	if len(r.calls) == 0 {
		return nil
	}
	for i := range r.calls {
		if r.calls[i].judged() != "" {
			return &r.calls[i].exchange
		}
	}
	return &r.calls[len(r.calls)-1].exchange
}

// pretty is a body over several lines if it is JSON, else as it came.
func pretty(body []byte) string {
	if v, _, err := rawjson.Parse(body); err == nil {
		return v.Pretty()
	}
	return string(body)
}

// answer prints an answer: its status on stderr, its body on stdout, as it came
// unless stdout is a terminal.
func (a *app) answer(c callResult, spool *flows.Spool, several bool) error {
	ex, p := c.exchange, a.err()
	if ex.Status == 0 {
		return nil
	}
	state := "pass"
	if ex.Status >= 400 {
		state = "fail"
	}
	where := ""
	if several {
		where = ex.Method + " " + visible(ex.URL) + "  "
	}
	p.line("%s %s%s  %s", p.sign(state), where, p.bold(fmt.Sprintf("%d %s", ex.Status, http.StatusText(ex.Status))),
		p.dim(fmt.Sprintf("%d bytes, %s, %s", ex.BodySize, visible(orNothing(ex.Header.Get("Content-Type"))), span(ex.Timings.Total))))
	if a.env.StdoutTTY {
		if text := pretty(ex.Body); text != "" {
			fmt.Fprintln(a.env.Stdout, strings.TrimRight(visibleLines(text), "\n"))
		}
		if ex.Truncated {
			p.line("  %s", p.dim("the body is longer; pipe it to see all of it"))
		}
		return nil
	}
	body, err := spool.Open()
	if err != nil {
		return fmt.Errorf("the answer cannot be read back: %w", err)
	}
	defer body.Close()
	if _, err := io.Copy(a.env.Stdout, body); err != nil {
		return fmt.Errorf("the answer cannot be written: %w", err)
	}
	if spool.Cut() {
		p.line("%s the answer was cut after %d bytes", p.sign("warn"), ex.BodySize)
	}
	return nil
}

// challenge reads error and error_description of a WWW-Authenticate header
// (RFC 6750 section 3). Without a description there it is otherwise, and not
// theirs.
func challenge(ex flows.Exchange, otherwise string) (code, description string, theirs bool) {
	if ch, ok := diagnosis.BearerChallenge(diagnosis.ParseChallenge(ex.Header.Values("Www-Authenticate")...)); ok {
		code, description = ch.Error(), ch.Description()
	}
	theirs = description != ""
	if description == "" {
		description = otherwise
	}
	if description == "" && ex.Status != 0 {
		description = fmt.Sprintf("the API answers %d %s", ex.Status, http.StatusText(ex.Status))
	}
	return code, description, theirs
}
