package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/report"
)

// The parts of the API screen.
const (
	partCalls = iota
	partEdit
	partAnswer
)

// apiScreen is step 5: saved calls, the request as it will be sent, and the
// answer.
type apiScreen struct {
	pane
	wk    *walk
	part  int
	calls []flows.SavedCall
	// loaded is the call that the form was filled from; without a name: one's own.
	loaded flows.SavedCall
	list   cursorList
	form   *form
	task   task
	spool  *flows.Spool

	answer   *flows.Exchange
	answerOf string // the request that it answers
	err      error
	class    diagnosis.Class
	findings []diagnosis.Finding
	idToken  bool

	doc     *document
	reading task
	jq      *document // what a jq expression made of it
	jqTask  task
	jqAsked string // the expression that was told to need memory
	hits    []int  // the lines that have the filter's words; nil: all
	filter  filter
	scroll  scroll
	folding task
	row     int // the cursor, in the rows of what can be folded
	head    int // how many rows stood above those when they were last drawn
	room    int // and how many were in sight in all
}

func newAPIScreen(a *App, w *walk) *apiScreen {
	s := &apiScreen{pane: pane{a: a}, wk: w, filter: newFilter()}
	s.listCalls()
	s.load(s.calls[0])
	return s
}

// listCalls is the profile's calls and those that are there by themselves.
func (s *apiScreen) listCalls() {
	s.calls = slices.Clone(s.wk.cfg.Calls)
	s.calls = append(s.calls, flows.SavedCall{Name: "Userinfo", Method: "GET", URL: userinfoURL})
	if len(s.wk.cfg.Calls) == 0 {
		s.calls = append(s.calls, flows.SavedCall{Name: "The API's root", Method: "GET", URL: "/"})
	}
}

// userinfoURL stands for the userinfo endpoint in the list of calls.
const userinfoURL = "userinfo_endpoint"

func (s *apiScreen) title() string { return "Call an API with the token" }

func (s *apiScreen) about() string {
	return "Call an API with the token that was issued. Choose a saved call or write your own; the request stands there as it will be sent. A 401 or 403 is explained from the answer and from what the token carries. One token serves for all calls."
}

func (s *apiScreen) typing() bool {
	return s.filter.editing || s.part == partEdit && s.form.typing()
}

func (s *apiScreen) changed() {}

// leave cancels a call that is under way.
func (s *apiScreen) leave() tea.Cmd {
	if s.task.running() {
		return s.cancel()
	}
	return nil
}

func (s *apiScreen) close() {
	s.task.stop()
	s.reading.stop()
	s.jqTask.stop()
	s.folding.stop()
	if s.spool != nil {
		_ = s.spool.Close()
		s.spool = nil
	}
}

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
	s.scroll, s.row, s.idToken = scroll{}, 0, idToken
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

// took enters an answer and reads its body away from the loop.
func (s *apiScreen) took(out flows.Outcome, key string) tea.Cmd {
	w := s.wk
	s.err, s.answerOf = out.Err, key
	s.class, s.findings = w.session.TakeAnswer(out, s.idToken, s.a.clock.Wall())
	w.learn()
	w.claims.changed()
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
		s.class, s.findings, s.err, s.answerOf, s.idToken = class, fs, out.Err, key, false
		s.doc, s.jq, s.hits, s.scroll, s.row, s.answer = nil, nil, nil, scroll{}, 0, nil
		if out.Answer == nil {
			s.wk.apiState = stateBad
			if out.Err != nil {
				return s.a.tell(stateBad, "%s.", capital(s.a.fault(out.Err)))
			}
			return nil
		}
		ex := out.Answer.Exchange
		s.answer = &ex
		s.wk.apiState = stateGood
		if ex.Status != 200 {
			s.wk.apiState = stateBad
		}
		if !s.isWide() {
			s.part = partAnswer
		}
		return s.read(ex)
	})
}

func (s *apiScreen) cancel() tea.Cmd {
	s.task.stop()
	return s.a.tell(stateWarn, "Cancelled. The call may have reached the API all the same.")
}

func (s *apiScreen) busy() bool {
	return s.task.running() || s.wk.userinfo.running()
}

func (s *apiScreen) actions() []action {
	a := s.a
	if s.filter.editing {
		return []action{
			{keys: []string{"enter"}, name: "find", help: "Find the words, or run the jq expression if it begins with a dot", text: true, do: s.search},
			{keys: []string{"esc"}, name: "clear", help: "Clear the filter", text: true, do: s.clearFilter},
		}
	}
	if s.busy() {
		return []action{{keys: []string{"esc"}, name: "cancel", help: "Cancel the call", text: true, do: s.cancel},
			{keys: []string{"enter"}, hidden: true, help: "Nothing: the call is under way", text: true, do: func() tea.Cmd { return nil }}}
	}
	next := action{keys: []string{"enter"}, name: "send", help: "Send the call", do: s.send}
	if s.answered() {
		next = action{keys: []string{"enter"}, name: "go on to refresh", help: "Go on to refreshing the tokens", do: func() tea.Cmd { return a.goTo(stepRefresh) }}
	}
	part := func(n int) func() tea.Cmd { return func() tea.Cmd { s.part = (s.part + n + 3) % 3; return nil } }
	var list []action
	switch s.part {
	case partCalls:
		list = append(list, next)
		moves := s.list.moves(len(s.calls), s.h)
		for i, m := range moves {
			do := m.do
			moves[i].do = func() tea.Cmd {
				was := s.list.at
				do()
				if s.list.at != was {
					s.load(s.calls[s.list.at])
				}
				return nil
			}
		}
		list = append(list, moves...)
		list = append(list, action{keys: []string{"n"}, name: "new call", help: "Write a call of your own", do: func() tea.Cmd {
			s.load(flows.SavedCall{Method: "GET", URL: "/"})
			s.part = partEdit
			s.form.focusOn("url")
			return nil
		}})
	case partEdit:
		for _, x := range s.form.actions(s.send) {
			if slices.Contains(x.keys, "tab") || slices.Contains(x.keys, "shift+tab") {
				continue // tab goes on to the next part here; the arrows move between fields
			}
			list = append(list, x)
		}
		list = append(list, action{keys: []string{"ctrl+n"}, name: "one more header", help: "One more line for a header", text: true, hidden: true, do: s.oneMoreHeader})
	case partAnswer:
		list = append(list, next)
		if s.canFold() == "" {
			list = append(list, s.moves(max(s.h-4, 1))...)
		} else {
			list = append(list, s.scroll.moves(max(s.h-4, 1))...)
		}
		list = append(list,
			action{keys: []string{" "}, name: "fold", help: "Fold the block of JSON at the cursor, or unfold it", hidden: s.canFold() != "", off: s.canFold(), do: s.fold},
			action{keys: []string{"z"}, name: "fold all", help: "Fold all blocks as deep as the one at the cursor, or unfold everything", hidden: true, off: s.canFold(), do: s.foldAll},
			action{keys: []string{"/"}, name: "filter", help: "Filter the body: words, or a jq expression that begins with a dot", off: s.noDoc(), do: func() tea.Cmd { s.filter.editing = true; return nil }},
			action{keys: []string{"S"}, name: "save", help: "Save the answer's body to a file", hidden: true, off: s.noDoc(), do: s.save},
			action{keys: []string{"y"}, name: "copy", help: "Copy the answer's body", off: s.noDoc(), do: s.copyBody})
		if s.filter.text() != "" {
			list = append(list, action{keys: []string{"esc"}, name: "clear filter", help: "Clear the filter", do: s.clearFilter})
		}
	}
	list = append(list,
		action{keys: []string{"tab"}, name: "next part", help: "Calls, request, answer", text: true, do: part(1)},
		action{keys: []string{"shift+tab"}, name: "part before", help: "The part before", text: true, hidden: true, do: part(-1)},
		action{keys: []string{"ctrl+s"}, name: "send", help: "Send from anywhere", text: true, hidden: s.part == partCalls && !s.answered() || s.part == partEdit, do: s.send},
		action{keys: []string{"ctrl+k"}, name: "keep call", help: "Save the call in the profile, under a name", text: true, hidden: s.part != partEdit, off: s.cannotKeep(), do: s.keep},
		action{keys: []string{"u"}, name: "userinfo", help: "Ask /userinfo with the access token", hidden: true, do: s.userinfo},
	)
	// What mends a refusal stands right behind the main action.
	if t, ok := s.fix(); ok {
		list = slices.Insert(list, 1, action{keys: []string{"f"}, name: "fix", help: t.Title + ", and back to the form", do: func() tea.Cmd {
			v := &verdict{a: a, w: s.wk}
			return v.try(t)
		}})
	}
	if s.expired() {
		list = slices.Insert(list, 1, action{keys: []string{"R"}, name: "refresh and send again", help: "Refresh the tokens, then send this call again", off: s.wk.refresh.cannot(), do: func() tea.Cmd { return s.wk.refresh.thenCall(s.send) }})
	}
	if s.part == partEdit && s.form.typing() {
		return list
	}
	return append(list, action{keys: []string{"P"}, name: "request", help: "Copy the call as a curl command, the token as a shell variable", hidden: true, do: s.copyCurl})
}

func (s *apiScreen) noDoc() string {
	if s.doc == nil {
		return "there is no answer yet"
	}
	return ""
}

// canFold says why nothing can be folded.
func (s *apiScreen) canFold() string {
	d := s.shownDoc()
	switch {
	case d == nil:
		return "there is no answer yet"
	case !d.tree || d.lines == 0:
		return "only whole JSON can be folded"
	case s.hits != nil && s.jq == nil:
		return "esc clears the filter first: these lines are from all over the answer"
	}
	return ""
}

// moves are the keys that move the cursor over the rows of the document. What
// stands above it scrolls by first.
func (s *apiScreen) moves(page int) []action {
	to := func(top, row int) func() tea.Cmd {
		return func() tea.Cmd { s.scroll.top, s.row = max(top, 0), max(row, 0); return nil }
	}
	list := s.scroll.moves(page)
	for i := range list {
		switch list[i].name {
		case "down":
			if s.inSight() {
				list[i].help, list[i].do = "Next line", func() tea.Cmd { return s.moveTo(s.row + 1) }
			}
		case "up":
			if s.inSight() && s.row > 0 {
				list[i].help, list[i].do = "Line before", func() tea.Cmd { return s.moveTo(s.row - 1) }
			}
		case "page down":
			list[i].do = to(s.scroll.top+page, s.row+page)
		case "page up":
			list[i].do = to(s.scroll.top-page, s.row-page)
		case "top":
			list[i].do = to(0, 0)
		case "bottom":
			list[i].do = to(1<<30, 1<<30)
		}
	}
	return list
}

// inSight tells whether the row with the cursor is.
func (s *apiScreen) inSight() bool {
	y := s.head + s.row - s.scroll.top
	return y >= 0 && y < s.room
}

// moveTo puts the cursor on a row, and the row in sight.
func (s *apiScreen) moveTo(row int) tea.Cmd {
	s.row = max(min(row, s.shownDoc().rows()-1), 0)
	y := s.head + s.row
	s.scroll.top = max(min(s.scroll.top, y), y-s.room+1)
	return nil
}

// fold hides the block at the cursor but for its first line, or shows it again.
func (s *apiScreen) fold() tea.Cmd {
	d := s.shownDoc()
	line := d.folds.line(min(s.row, d.rows()-1))
	if i, ok := d.folds.at(line); ok {
		d.folds = d.folds.without(i)
		return nil
	}
	return start(s.a, &s.folding, func(ctx context.Context) fold { return d.block(ctx, line) }, func(f fold) tea.Cmd {
		if d != s.shownDoc() {
			return nil
		}
		if f.from == f.to {
			return s.a.tell(stateSkip, "There is no block here.")
		}
		d.folds = d.folds.with(f)
		return s.moveTo(d.folds.row(f.from))
	}, nil)
}

// foldAll folds what stands as deep as the block at the cursor, or unfolds all.
func (s *apiScreen) foldAll() tea.Cmd {
	d := s.shownDoc()
	line := d.folds.line(min(s.row, d.rows()-1))
	if len(d.folds) > 0 {
		d.folds = nil
		return s.moveTo(line)
	}
	return start(s.a, &s.folding, func(ctx context.Context) folds { return d.beside(ctx, line) }, func(fs folds) tea.Cmd {
		if d != s.shownDoc() {
			return nil
		}
		if len(fs) == 0 {
			return s.a.tell(stateSkip, "There is no block here.")
		}
		d.folds = fs
		return s.moveTo(fs.row(line))
	}, nil)
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

func (s *apiScreen) copyCurl() tea.Cmd {
	ex, err := s.preview()
	if err != nil {
		return s.a.tell(stateBad, "%s.", capital(s.a.fault(err)))
	}
	return s.a.copy("the call as a curl command", s.wk.redactor().Curl(ex), false)
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

func (s *apiScreen) copyBody() tea.Cmd {
	d := s.shownDoc()
	if d == nil {
		return nil
	}
	if d.text.n > 1<<20 {
		return s.a.tell(stateWarn, "The body is larger than 1 MB; save it with S instead.")
	}
	text := d.String()
	if s.a.masked {
		text = s.wk.redactor().Text(text)
	}
	return s.a.copy("the answer's body", text, !s.a.masked)
}

func (s *apiScreen) shownDoc() *document {
	if s.jq != nil {
		return s.jq
	}
	return s.doc
}

// save writes the body as it came to a file.
func (s *apiScreen) save() tea.Cmd {
	ex := *s.answer
	name := filepath.Join(s.a.opt.Dir, "answer-"+s.a.clock.Wall().Format("20060102-150405")+extension(ex.Header.Get("Content-Type")))
	return start(s.a, &s.jqTask, func(context.Context) error {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		if ex.Spool == nil {
			_, err = f.Write(ex.Body)
			return err
		}
		r, err := ex.Spool.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(f, r)
		return err
	}, func(err error) tea.Cmd {
		if err != nil {
			return s.a.tell(stateBad, "It could not be saved: %s.", s.a.fault(err))
		}
		return s.a.tell(stateGood, "Saved as %s, as it came and unmasked (%s, mode 0600).", s.a.say(name), size(ex.BodySize))
	}, nil)
}

func extension(contentType string) string {
	switch ct := strings.ToLower(contentType); {
	case strings.Contains(ct, "json"):
		return ".json"
	case strings.Contains(ct, "html"):
		return ".html"
	case strings.HasPrefix(ct, "text/"):
		return ".txt"
	}
	return ".bin"
}

func (s *apiScreen) clearFilter() tea.Cmd {
	s.filter.editing = false
	s.filter.in.set("")
	s.jq, s.hits, s.scroll, s.row = nil, nil, scroll{}, 0
	return nil
}

func (s *apiScreen) Init() tea.Cmd {
	if s.answer == nil {
		s.part = partCalls
	}
	return nil
}

func (s *apiScreen) Update(msg tea.Msg) tea.Cmd {
	if s.filter.editing {
		return s.filter.in.update(msg)
	}
	if s.part == partEdit {
		return s.form.update(msg)
	}
	return nil
}

func (s *apiScreen) View() string {
	a := s.a
	if s.wk.generation() == nil {
		return s.show([]string{"There is no token yet. Go to step 2 and request one."})
	}
	if s.isWide() {
		lw := s.w * 9 / 20
		rw := s.w - lw - 4
		ch := min(len(s.calls)+2, max(s.h/3, 4))
		left := append(clip(s.callLines(lw, ch), lw, ch), s.editLines(lw, s.h-ch)...)
		return strings.Join(beside(s.h, "    ", []int{lw, rw}, left, s.answerLines(rw, s.h)), "\n")
	}
	names := []string{"Calls", "Request", "Answer"}
	var tabs []string
	for i, n := range names {
		if i == s.part {
			tabs = append(tabs, a.accent.s("▸ ")+a.here.s(n))
		} else {
			tabs = append(tabs, "  "+n)
		}
	}
	lines := []string{strings.Join(tabs, "   "), ""}
	h := s.h - 2
	bare := func(block []string) []string { return block[1:] } // the tab is its title
	switch s.part {
	case partCalls:
		n := min(len(s.calls)+2, h/2)
		if !s.answered() {
			n = min(len(s.calls)+2, h-4) // what stands below is a sentence
		}
		lines = append(lines, clip(bare(s.callLines(s.w, n)), s.w, n-1)...)
		lines = append(lines, s.answerLines(s.w, h-n+1)...)
	case partEdit:
		lines = append(lines, bare(s.editLines(s.w, h+1))...)
	default:
		lines = append(lines, bare(s.answerLines(s.w, h+1))...)
	}
	return s.show(lines)
}

// partTitle marks the part with the focus.
func (a *App) partTitle(name string, focused bool) string {
	if focused {
		return a.accent.s("▸ ") + a.head.s(name)
	}
	return a.dim.s("  " + name)
}

func (s *apiScreen) callLines(w, h int) []string {
	a := s.a
	lines := []string{a.partTitle("Calls", s.part == partCalls)}
	room := max(h-2, 1)
	s.list.keep(len(s.calls), room)
	var rows []string
	for i := s.list.top; i < min(s.list.top+room, len(s.calls)); i++ {
		c := s.calls[i]
		nw := min(22, w/3)
		text := pad(a.say(c.Name), nw) + " " + a.dim.s(pad(oneLine(c.Method), 6)+" "+cut(a.say(c.URL), max(w-nw-14, 4)))
		rows = append(rows, a.listed(text, w, i == s.list.at && s.part == partCalls))
	}
	return append(lines, a.barred(rows, w, room, len(s.calls), s.list.top)...)
}

func (s *apiScreen) editLines(w, h int) []string {
	a := s.a
	lines := []string{a.partTitle("Request", s.part == partEdit)}
	f := s.form
	focus := f.focus
	if s.part != partEdit {
		f.focus = -1 // nothing in it has the focus
	}
	n := len(f.fields) + 3
	lines = append(lines, f.lines(w, min(n, max(h-2, 3)))...)
	f.focus = focus
	room := h - len(lines) - 1
	if room < 3 {
		return lines
	}
	lines = append(lines, "")
	ex, err := s.preview()
	if err != nil {
		return append(lines, inked(a.warn, wrap("! "+capital(a.fault(err))+".", w))...)
	}
	if _, id := s.bearer(); id {
		lines = append(lines, inked(a.warn, wrap("! The ID token goes along. APIs take the access token: this is the classic mistake.", w))...)
	}
	lines = append(lines, a.dim.s("  As it will be sent"))
	req := a.requestText(s.wk.redactor().Exchange(ex), w-2)
	for _, l := range req {
		lines = append(lines, "  "+l)
	}
	return lines
}

func (s *apiScreen) answerLines(w, h int) []string {
	a := s.a
	title := a.partTitle("Answer", s.part == partAnswer)
	switch {
	case s.task.running() || s.wk.userinfo.running():
		gone, _ := a.clock.Elapsed(s.task.since)
		if a.opt.Still {
			gone = 0
		}
		line := a.busySign() + "  " + a.dim.s("under way for ") + fmt.Sprintf("%.1f s", gone.Seconds())
		if s.spool != nil && s.spool.Size() > 0 {
			line += a.dim.s(", ") + size(s.spool.Size()) + a.dim.s(" came")
		}
		return []string{title, "", "  " + line}
	case s.answer == nil:
		lines := []string{title, ""}
		if s.err != nil {
			return append(lines, indent("  "+a.mark(stateBad)+" ", capital(a.fault(s.err))+".", w)...)
		}
		return append(lines, inked(a.dim, indent("  ", "Nothing was sent yet. enter sends the call under the cursor with the token that was issued; one token serves for all calls.", w))...)
	}
	ex := s.answer
	status := a.mark(s.wk.apiState) + " "
	if ex.Status == 0 {
		status += a.bad.s("no reply")
	} else {
		status += a.statusInk(ex.Status).s(statusText(ex.Status))
	}
	if !s.answered() {
		status += a.warn.s("   for the call before") // before the facts, which may be cut
	}
	facts := []string{duration(ex.Timings.Total), size(ex.BodySize)}
	if ct := ex.Header.Get("Content-Type"); ct != "" {
		facts = append(facts, ct)
	}
	if ex.Proto != "" {
		facts = append(facts, ex.Proto)
	}
	status += "   " + a.dim.s(a.theirs(strings.Join(facts, "   ")))
	lines := []string{title, "  " + cut(status, w-2)}
	var text []string
	if len(s.findings) > 0 {
		v := &verdict{a: a, findings: s.findings}
		text = append(text, "")
		text = append(text, v.text(w-4)...)
		if t, ok := s.fix(); ok {
			what, then := capital(a.say(t.Title)), "and back to the form; sends nothing"
			if width(what)+width(then)+10 <= w {
				text = append(text, "", "  "+a.key.s("f")+" "+what+"  "+a.dim.s(then))
			} else {
				text = append(append(text, ""), indent("  "+a.key.s("f")+" ", what, w-4)...)
				text = append(text, inked(a.dim, indent("    ", then, w-4))...)
			}
		}
		if s.expired() {
			text = append(text, "", "  "+a.key.s("R")+" Refresh, then send this call again")
		}
	}
	if s.err != nil && len(s.findings) == 0 {
		text = append(text, "")
		text = append(text, indent(a.mark(stateBad)+" ", capital(a.fault(s.err))+".", w-2)...)
	}
	if l, ok := s.filter.line(a, w-14); ok {
		what := ""
		if s.jqTask.running() {
			what = "running …"
		} else if s.hits != nil {
			what = plural(len(s.hits), "line", "lines")
		} else if s.jq != nil {
			what = "jq"
		}
		lines = append(lines, "  "+right(l, a.dim.s(what), w-2))
	}
	if ex.Status > 0 {
		text = append(text, "")
		text = append(text, a.pairs(headerPairs(s.wk.redactor().Headers(ex.Header)), w-4)...)
		text = append(text, "")
	}
	return append(lines, s.scrolled(text, w, h-len(lines))...)
}

// scrolled draws the head lines and then the document, of which only the lines
// in sight are made.
func (s *apiScreen) scrolled(head []string, w, h int) []string {
	a := s.a
	d := s.shownDoc()
	n := len(head)
	at := func(i int) int { return d.folds.line(i) }
	if d == nil {
		if s.reading.running() {
			head = append(head, a.dim.s("reading …"))
			n++
		}
	} else {
		if d.note != "" {
			head = append(head, a.warn.s("! ")+cut(a.theirs(capital(d.note))+".", w-4))
			n++
		}
		if s.answer.Truncated && s.answer.Spool == nil {
			head = append(head, a.warn.s("! ")+"the answer was longer than what is kept and was cut")
			n++
		}
		if s.hits != nil && s.jq == nil {
			at = func(i int) int { return s.hits[i] }
			n += len(s.hits)
		} else {
			n += d.rows()
		}
	}
	s.scroll.top = max(min(s.scroll.top, n-h), 0)
	s.head, s.room = len(head), h
	cursor := s.part == partAnswer && s.canFold() == ""
	if from, to := max(s.scroll.top-s.head, 0), min(s.scroll.top+h, n)-1-s.head; cursor && from <= to {
		s.row = max(min(s.row, to), from)
	}
	var out []string
	red := s.wk.redactor()
	shown := func(l string) string {
		if a.masked || a.present {
			l = red.Text(l)
		}
		return a.bare(l)
	}
	for i := s.scroll.top; i < min(s.scroll.top+h, n); i++ {
		if i < len(head) {
			out = append(out, "  "+head[i])
			continue
		}
		mark := "  "
		if cursor && i-len(head) == s.row {
			mark = a.accent.s("▸ ")
		}
		line := at(i - len(head))
		l := shown(d.line(line))
		if d.kind == "json" {
			l = strings.Join(a.jsonLine(l, 1<<20), "")
			if f, ok := d.folds.at(line); ok {
				x := d.folds[f]
				l += a.dim.s(" … "+plural(x.to-x.from-1, "line", "lines")+" … ") + strings.TrimSpace(shown(d.line(x.to)))
			}
		}
		out = append(out, mark+cut(l, w-4))
	}
	return a.barred(out, w, h, n, s.scroll.top)
}
