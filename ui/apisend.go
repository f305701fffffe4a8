package ui

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
)

// answered tells whether the answer in sight is to the request as it stands.
func (s *apiScreen) answered() bool {
	return s.answer != nil && s.answerOf == s.key()
}

func (s *apiScreen) send() tea.Cmd {
	if !s.form.check() {
		s.part = partEdit
		return s.form.tellProblem()
	}
	_, u, _, _ := s.request()
	if u == userinfoURL {
		return s.userinfo()
	}
	tok, idToken := s.bearer()
	if tok == "" {
		if idToken {
			return s.a.tell(stateBad, "There is no ID token: it comes with the scope openid.")
		}
		return s.a.tell(stateBad, "There is no token to call with.")
	}
	full, err := s.wk.live.Config.CallURL(u)
	if err != nil {
		return s.a.tell(stateBad, "%s.", capital(s.a.fault(err)))
	}
	to := full
	if u, err := url.Parse(full); err == nil {
		to = u.Host
	}
	return s.a.beforeSend(s.wk, "The call", to, func() tea.Cmd { return s.really(tok, idToken) })
}

func (s *apiScreen) really(tok flows.Secret, idToken bool) tea.Cmd {
	m, u, h, b := s.request()
	if s.spool != nil {
		_ = s.spool.Close()
	}
	s.spool = &flows.Spool{}
	call := flows.Call{Method: m, URL: u, Header: h, Token: tok, Spool: s.spool}
	c, session, key := s.wk.live, s.wk.session, s.key()
	s.answer, s.err, s.findings, s.doc, s.jq, s.hits = nil, nil, nil, nil, nil, nil
	s.filter.in.set("")
	s.idToken = idToken
	s.toTop()
	return tea.Batch(s.a.animate(), start(s.a, &s.task, func(ctx context.Context) flows.Outcome {
		body := []byte(b)
		if file, ok := strings.CutPrefix(b, "@"); ok {
			text, err := os.ReadFile(file)
			if err != nil {
				return flows.Outcome{Err: fmt.Errorf("the body's file cannot be read: %w", err)}
			}
			body = text
		}
		call.Body = body
		return c.Call(ctx, call)
	}, func(out flows.Outcome) tea.Cmd { return s.took(out, key) }, s.wk.kept(session)))
}

// took enters an answer to a call.
func (s *apiScreen) took(out flows.Outcome, key string) tea.Cmd {
	w := s.wk
	s.class, s.findings = w.session.TakeAnswer(out, s.idToken, s.a.clock.Wall())
	w.learn()
	w.claims.changed()
	return s.present(out, key)
}

// present shows an answer that was entered; its body is read away from the loop.
func (s *apiScreen) present(out flows.Outcome, key string) tea.Cmd {
	w := s.wk
	s.err, s.answerOf = out.Err, key
	if out.Answer == nil {
		w.apiState = stateBad
		if out.Err != nil {
			return s.a.tell(stateBad, "%s.", capital(s.a.fault(out.Err)))
		}
		return nil
	}
	ex := out.Answer.Exchange
	s.answer = &ex
	switch {
	case ex.Status == 0 || ex.Status >= 400 || out.Err != nil:
		w.apiState = stateBad
	case ex.Status >= 300:
		w.apiState = stateWarn
	default:
		w.apiState = stateGood
	}
	if !s.isWide() {
		s.part = partAnswer
	}
	return s.read(ex)
}

// read makes the answer's body ready to be shown.
func (s *apiScreen) read(ex flows.Exchange) tea.Cmd {
	ct := ex.Header.Get("Content-Type")
	return start(s.a, &s.reading, func(ctx context.Context) *document {
		if ex.Spool != nil {
			r, err := ex.Spool.Open()
			if err != nil {
				return &document{kind: "text", note: "the answer cannot be read back: " + err.Error()}
			}
			defer r.Close()
			return newDocument(ctx, r, ct, ex.BodySize)
		}
		return newDocument(ctx, bytes.NewReader(ex.Body), ct, int64(len(ex.Body)))
	}, func(d *document) tea.Cmd { s.doc = d; return nil }, nil)
}

func (s *apiScreen) userinfo() tea.Cmd {
	key := s.key()
	return s.wk.askUserinfo(func(class diagnosis.Class, fs []diagnosis.Finding, out flows.Outcome) tea.Cmd {
		s.class, s.findings, s.idToken = class, fs, false
		s.doc, s.jq, s.hits, s.answer = nil, nil, nil, nil
		s.toTop()
		return s.present(out, key)
	})
}

func (s *apiScreen) cancel() tea.Cmd {
	s.task.stop()
	return s.a.tell(stateWarn, "Cancelled. The call may have reached the API all the same.")
}

func (s *apiScreen) busy() bool {
	return s.task.running() || s.wk.userinfo.running()
}

// fix is what a finding proposes for the form.
func (s *apiScreen) fix() (diagnosis.Try, bool) {
	if !s.answered() {
		return diagnosis.Try{}, false
	}
	for _, f := range s.findings {
		if len(f.Tries) > 0 {
			return f.Tries[0], true
		}
	}
	return diagnosis.Try{}, false
}

// expired tells whether the answer was a refusal of an expired token.
func (s *apiScreen) expired() bool {
	return slices.ContainsFunc(s.findings, func(f diagnosis.Finding) bool { return f.ID == diagnosis.TokenExpired })
}
