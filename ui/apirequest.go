package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/report"
)

// load puts a saved call into the request.
func (s *apiScreen) load(c flows.SavedCall) {
	s.loaded = c
	fields := []flows.Field{
		{Name: "method", Label: "Method", Value: c.Method, Help: "GET, POST, … any word will do"},
		{Name: "url", Label: "URL", Value: c.URL, Required: true, Help: "whole, or from the API's base on: " + s.wk.cfg.APIBaseURL()},
	}
	for i, k := range slices.Sorted(maps.Keys(c.Headers)) {
		fields = append(fields, headerField(i+1, k+": "+c.Headers[k]))
	}
	fields = append(fields, headerField(len(c.Headers)+1, ""),
		flows.Field{Name: "body", Label: "Body", Value: c.Body, Help: "typed or pasted, or @FILE", Check: checkBody},
		flows.Field{Name: "bearer", Label: "Bearer token", Kind: flows.KindChoice, Value: "access", Options: []flows.Option{{Value: "access", Label: "access token"}, {Value: "id", Label: "ID token (the classic mistake)"}}, Help: "APIs take the access token. An ID token tells the application who logged in, and is for nobody else."})
	s.form = newForm(s.a, fields, "Send")
	for _, f := range s.form.fields {
		f.live = f.Name == "body"
	}
	s.form.focus = len(s.form.fields)
}

func headerField(n int, v string) flows.Field {
	return flows.Field{Name: fmt.Sprintf("header%d", n), Label: "Header", Value: v, Help: "Name: value", Check: func(s string) error {
		if name, _, ok := strings.Cut(s, ":"); !ok || strings.TrimSpace(name) == "" || strings.ContainsAny(name, " \t") {
			return errors.New("write it like Name: value")
		}
		return nil
	}}
}

// checkBody tells of JSON that is none, as it is typed. Other text is let be.
func checkBody(s string) error {
	t := strings.TrimSpace(s)
	if t == "" || t[0] != '{' && t[0] != '[' {
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(t), &v); err != nil {
		return fmt.Errorf("no whole JSON yet: %w", err)
	}
	return nil
}

// request is what the form says, as a call without its token.
func (s *apiScreen) request() (method, url string, h http.Header, body string) {
	h = http.Header{}
	for _, f := range s.form.fields {
		switch {
		case f.Name == "method":
			method = strings.ToUpper(strings.TrimSpace(f.value()))
		case f.Name == "url":
			url = strings.TrimSpace(f.value())
		case f.Name == "body":
			body = f.value()
		case strings.HasPrefix(f.Name, "header"):
			if n, v, ok := strings.Cut(f.value(), ":"); ok {
				h.Add(strings.TrimSpace(n), strings.TrimSpace(v))
			}
		}
	}
	if method == "" {
		method = "GET"
	}
	return method, url, h, body
}

// bearer is the token that goes along.
func (s *apiScreen) bearer() (flows.Secret, bool) {
	g := s.wk.generation()
	if g == nil {
		return "", false
	}
	if s.form.values()["bearer"] == "id" {
		return g.Tokens.IDToken, true
	}
	return g.Tokens.AccessToken, false
}

// key tells one request from another, the token too.
func (s *apiScreen) key() string {
	m, u, h, b := s.request()
	_, id := s.bearer()
	n := 0
	if g := s.wk.generation(); g != nil {
		n = g.N
	}
	return fmt.Sprint(m, u, h, b, id, n)
}

func (s *apiScreen) oneMoreHeader() tea.Cmd {
	n, at := 0, 0
	for i, f := range s.form.fields {
		if strings.HasPrefix(f.Name, "header") {
			n++
			at = i
		}
	}
	x := &field{Field: headerField(n+1, ""), in: newInput("")}
	s.form.fields = slices.Insert(s.form.fields, at+1, x)
	s.form.focus = at + 1
	return nil
}

func (s *apiScreen) preview() (flows.Exchange, error) {
	m, u, h, b := s.request()
	tok, _ := s.bearer()
	if u == userinfoURL {
		e, _ := s.wk.live.KnownEndpoints()
		u, m = e.Userinfo, "GET"
	}
	r, err := s.wk.live.PreviewCall(flows.Call{Method: m, URL: u, Header: h, Body: []byte(b), Token: tok})
	return report.Preview(r), err
}

func (s *apiScreen) copyCurl() tea.Cmd {
	ex, err := s.preview()
	if err != nil {
		return s.a.tell(stateBad, "%s.", capital(s.a.fault(err)))
	}
	return s.a.copy("the call as a curl command", s.wk.redactor().Curl(ex), false)
}
