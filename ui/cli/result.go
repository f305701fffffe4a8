package cli

import (
	"context"
	"errors"
	"fmt"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/report"
	"authwalk/flows/token"
)

// result is what a command came to: the session, and which part of it the
// command was about. Summary, JSON and exit code are all made from it.
type result struct {
	cfg     flows.Config
	session *flows.Session
	// gen is the generation that was asked for; nil when it did not come.
	gen *flows.Generation
	// given tells that gen's token was not got here but given.
	given bool
	// decoded tells that gen is of tokens that were given to be decoded.
	decoded bool
	// chain tells that generations are part of the answer.
	chain     bool
	mfaNeeded bool
	// required: every scope that was asked for must be granted and in the token.
	required bool
	// nothingToRefresh: a refresh was asked for and no refresh token came.
	nothingToRefresh bool
	interrupted      bool
	calls            []callResult
	// lines and checked are a set-up check's: what it saw, and the class of the
	// first line that failed.
	lines   []flows.CheckLine
	checked diagnosis.Class
	// fault is one of ours: a report that could not be written.
	fault error
	// known are secrets that stand in no set-up: tokens to be decoded.
	known []flows.Secret
	red   *report.Redactor
}

// callResult is one API call and what its answer means.
type callResult struct {
	exchange flows.Exchange
	err      error
	class    diagnosis.Class
	findings []diagnosis.Finding
}

func (r *result) issuer() string {
	if r.session.Endpoints.Issuer != "" {
		return r.session.Endpoints.Issuer
	}
	return r.cfg.ExpectedIssuer()
}

// class is the class of what was met first on the way: the request, the tokens,
// the scopes, the API. It is ClassNone when all is good.
func (r *result) class() diagnosis.Class {
	switch {
	case r.lines != nil:
		return r.checked
	case r.session.Err != nil:
		if r.session.Class != diagnosis.ClassNone {
			return r.session.Class
		}
		if errors.Is(r.session.Err, flows.ErrNoAnswer) {
			return diagnosis.ClassMFA
		}
		return diagnosis.ClassClient
	case r.nothingToRefresh:
		return diagnosis.ClassClient
	}
	if r.gen != nil && !r.given {
		if r.gen.Class != diagnosis.ClassNone {
			return r.gen.Class
		}
		if token.Failed(r.gen.Checks) {
			return diagnosis.ClassValidation
		}
		if r.required && len(r.short()) > 0 {
			return diagnosis.ClassScopes
		}
	}
	for _, c := range r.calls {
		if k := c.judged(); k != diagnosis.ClassNone {
			return k
		}
	}
	return diagnosis.ClassNone
}

// judged is the class of an API call: any status of 400 and above is the API's,
// no answer at all is the network's.
func (c callResult) judged() diagnosis.Class {
	switch {
	case c.exchange.Fault != nil && c.exchange.Status < 400, c.err != nil && c.exchange.Status == 0:
		return diagnosis.ClassNetwork
	case c.exchange.Status >= 400:
		return diagnosis.ClassAPI
	}
	return diagnosis.ClassNone
}

// exit is the exit code of the program for this result.
func (r *result) exit() int {
	if r.interrupted {
		return diagnosis.ExitInterrupted
	}
	if err := r.session.Err; err != nil && r.lines == nil {
		if code := exitCode(err); code == diagnosis.ExitUsage || code == diagnosis.ExitInterrupted {
			return code
		}
	}
	if code := r.class().Exit(); code != diagnosis.ExitGood || r.fault == nil {
		return code
	}
	return exitCode(r.fault)
}

// short lists the scopes that were asked for and are not granted, or granted
// and not in the token.
func (r *result) short() []string {
	if r.gen == nil {
		return nil
	}
	return r.gen.Ledger.Unmet()
}

// findings is the diagnosis: of the refusal, else of the tokens and the calls.
func (r *result) findings() []diagnosis.Finding {
	if r.session.Err != nil {
		return r.session.Findings
	}
	var out []diagnosis.Finding
	if r.gen != nil && !r.given {
		out = append(out, r.gen.Findings...)
	}
	for _, c := range r.calls {
		out = append(out, c.findings...)
	}
	return out
}

// failure is the error of the JSON; nil when the exit code is 0.
func (r *result) failure() *objectError {
	if r.interrupted {
		return &objectError{Description: "interrupted"}
	}
	class := r.class()
	switch {
	case class == diagnosis.ClassNone && r.fault != nil:
		return &objectError{Description: r.fault.Error()}
	case class == diagnosis.ClassNone:
		return nil
	}
	e := &objectError{Class: class}
	var fe *flows.Error
	switch {
	case errors.As(r.session.Err, &fe):
		e.Status, e.Code, e.Description, e.theirs = fe.Status, fe.Code, fe.Description, true
		if e.Code == "" {
			e.Description, e.theirs = fe.Msg, false
		}
	case r.session.Err != nil:
		e.Description = r.session.Err.Error()
	case r.nothingToRefresh:
		e.Description = "no refresh token came, so there is nothing to refresh with"
	case class == diagnosis.ClassNotOAuth && r.gen != nil && !r.given && !r.decoded: // tokens under a status that says no
		for _, ex := range r.session.Exchanges {
			if ex.Purpose == flows.PurposeToken {
				e.Status = ex.Status
			}
		}
		e.Description = fmt.Sprintf("the reply has tokens but its status is %d", e.Status)
	case class == diagnosis.ClassValidation:
		e.Description = firstFailed(r.gen.Checks)
	case class == diagnosis.ClassScopes:
		e.Description = "asked for, but not granted or not in the token: " + join(r.short())
	default:
		for _, c := range r.calls {
			if c.judged() != diagnosis.ClassNone {
				e.Status = c.exchange.Status
				if c.err != nil {
					e.Description = c.err.Error()
				}
				e.Code, e.Description, e.theirs = challenge(c.exchange, e.Description)
				break
			}
		}
	}
	return e
}

func firstFailed(checks []token.Check) string {
	for _, c := range checks {
		if c.State == token.Fail {
			s := "the check " + c.Name + " of the " + tokenName(c.Token) + " failed"
			if c.Why != "" {
				s += ": " + c.Why
			}
			return s
		}
	}
	return ""
}

func tokenName(u token.Use) string {
	if u == token.ID {
		return "ID token"
	}
	return "access token"
}

// take enters an outcome of a walk and remembers the last refusal: a push that
// is still pending is none, but what it was needed for is.
func (r *result) take(c *flows.Client, out flows.Outcome) {
	before := *r.session
	r.session.Take(c, out)
	var fe *flows.Error
	if errors.As(out.Err, &fe) && fe.Code == "mfa_required" || out.Factors != nil || r.session.Class == diagnosis.ClassMFA {
		r.mfaNeeded = true // also where the list of factors itself was refused
	}
	if out.Err == nil && out.Tokens == nil && before.Err != nil {
		r.session.Err, r.session.Class, r.session.Findings = before.Err, before.Class, before.Findings
	}
	if errors.Is(out.Err, context.Canceled) {
		r.interrupted = true
	}
}
