package diagnosis

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"authwalk/flows/rawjson"
)

// maxExplain is how much ParseRefusal reads: HARs are large.
const maxExplain = 32 << 20

// maxBody is how much of one body is kept.
const maxBody = 1 << 20

// NothingError says that a text holds no refusal to explain.
type NothingError struct{ Reason string }

// Error says why, and what could be explained.
func (e *NothingError) Error() string {
	return "nothing to explain: " + e.Reason + "; give the reply's body, its status and body, the output of curl -i or -v, or a HAR"
}

// ParseRefusal reads a refusal that was met elsewhere: a body; a status and a
// body; the output of curl -i or -v (and of tools that print alike); a HAR, of
// which the token request is taken if it failed, else another failed request;
// or a line of a log with a body in it. Of the request it keeps what
// [Sent] has room for: no password, no secret, no token. A text that holds no
// refusal is a *NothingError.
func ParseRefusal(text []byte) (Evidence, error) {
	all, err := ParseRefusals(text)
	if err != nil {
		return Evidence{}, err
	}
	return all[0], nil
}

// ParseRefusals is ParseRefusal for all refusals of a HAR, the token requests
// first. Without an error there is at least one.
func ParseRefusals(text []byte) ([]Evidence, error) {
	if len(text) > maxExplain {
		return nil, &NothingError{"the text is larger than 32 MiB"}
	}
	s := strings.TrimSpace(Plain(text))
	if s == "" {
		return nil, &NothingError{"the text is empty"}
	}
	var found []Evidence
	if s[0] == '{' || s[0] == '[' {
		v, _, err := rawjson.Limits{Bytes: maxExplain, Values: 4 << 20}.Parse([]byte(s))
		if err == nil {
			if entries, ok := harEntries(v); ok {
				return fromHAR(entries)
			}
			found = fromJSON(v, s)
			if found == nil {
				return nil, &NothingError{jsonReason(v)}
			}
		}
	}
	for _, read := range []func(string) (Evidence, bool){fromHTTP, fromStatus, fromCurlError, fromText} {
		if found != nil {
			break
		}
		if ev, ok := read(s); ok {
			found = []Evidence{ev}
		}
	}
	if found == nil {
		return nil, &NothingError{"no reply, error or failed request was found in it"}
	}
	return explainable(found)
}

// explainable keeps what there is something to say about.
func explainable(found []Evidence) ([]Evidence, error) {
	out := found[:0]
	for _, ev := range found {
		if len(Diagnose(ev)) > 0 {
			out = append(out, ev)
		}
	}
	if len(out) == 0 {
		return nil, &NothingError{"the reply is no refusal (authwalk decode shows the tokens of a good one)"}
	}
	return out, nil
}

func jsonReason(v rawjson.Value) string {
	if v.GetStr("access_token") != "" {
		return "the reply is no refusal (authwalk decode shows its tokens)"
	}
	return "the JSON holds no error"
}

// Plain is the text as UTF-8 without byte order marks and terminal colours.
func Plain(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}): // as PowerShell writes it
		big := b[0] == 0xfe
		units := make([]uint16, 0, len(b)/2)
		for i := 2; i+1 < len(b); i += 2 {
			lo, hi := uint16(b[i]), uint16(b[i+1])
			if big {
				lo, hi = hi, lo
			}
			units = append(units, hi<<8|lo)
		}
		b = []byte(string(utf16.Decode(units)))
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		b = b[3:]
	}
	if bytes.IndexByte(b, 0x1b) >= 0 {
		b = colours().ReplaceAll(b, nil)
	}
	return string(b)
}

var colours = has("\x1b\\[[0-9;]*[A-Za-z]")

// fromJSON finds a refusal in a JSON text: the text itself, or the inside of
// what SDKs and loggers wrap around it. nil: there is none.
func fromJSON(v rawjson.Value, s string) []Evidence {
	if v.Kind() == rawjson.String {
		return nil
	}
	if e, ok := v.Get("error"); ok && e.Kind() == rawjson.String && (v.Has("error_description") || knownCodes()[e.Str()] || !v.Has("message")) {
		ev := bodyAlone(s)
		ev.Reply.Status = statusIn(v)
		return []Evidence{ev}
	}
	if body, status, ok := wrapped(v, 0); ok {
		ev := bodyAlone(body)
		ev.Reply.Status = status
		return []Evidence{ev}
	}
	if v.Has("error") && v.GetStr("access_token") == "" {
		return []Evidence{bodyAlone(s)}
	}
	return nil
}

// wrappers are the members in which SDKs and loggers keep the reply.
var wrappers = []string{"response", "data", "body", "error", "original", "cause", "details", "content", "text", "err", "message", "msg", "payload", "result"}

// wrapped looks for an error object inside a JSON value.
func wrapped(v rawjson.Value, depth int) (body string, status int, ok bool) {
	if depth > 4 || !v.IsObject() {
		return "", 0, false
	}
	status = statusIn(v)
	if depth > 0 {
		if e, has := v.Get("error"); has && e.Kind() == rawjson.String {
			return v.Text(), status, true
		}
	}
	code, desc := first(v, "error", "code", "name"), first(v, "error_description", "errorDescription", "description")
	if desc != "" && knownCodes()[code] {
		return errorBody(code, desc), status, true
	}
	for _, name := range wrappers {
		in, has := v.Get(name)
		if !has {
			continue
		}
		if t, isText := in.AsStr(); isText {
			j, found := jsonIn(t)
			if !found {
				continue
			}
			in = j
			if e, has := in.Get("error"); has && e.Kind() == rawjson.String {
				return in.Text(), status, true
			}
		}
		if body, st, found := wrapped(in, depth+1); found {
			if st == 0 {
				st = status
			}
			return body, st, true
		}
	}
	return "", 0, false
}

func first(v rawjson.Value, names ...string) string {
	for _, n := range names {
		if s := v.GetStr(n); s != "" {
			return s
		}
	}
	return ""
}

// statusIn reads a status that stands beside an error.
func statusIn(v rawjson.Value) int {
	for _, name := range []string{"status", "statusCode", "status_code"} {
		if m, ok := v.Get(name); ok {
			if n, ok := m.Int64(); ok && n >= 100 && n < 600 {
				return int(n)
			}
		}
	}
	return 0
}

// errorBody is an error object as a server would have written it.
func errorBody(code, desc string) string {
	m := struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}{code, desc}
	b, err := json.Marshal(m)
	if err != nil {
		return "{}"
	}
	return string(b)
}

// bodyAlone is the evidence of a body and nothing else.
func bodyAlone(body string) Evidence {
	ev := Evidence{Reply: &Reply{Header: http.Header{}, Body: []byte(body)}}
	if len(body) > maxBody {
		ev.Reply.Body, ev.Reply.Truncated = []byte(body[:maxBody]), true
	}
	ev.At = placeOf(&ev)
	return ev
}

// placeOf tells what answered, from the request if it is known, else from the
// reply.
func placeOf(ev *Evidence) Place {
	shape := ReadRefusal(ev.Reply.Body)
	bearer, challenged := BearerChallenge(ParseChallenge(ev.Reply.Header.Values("Www-Authenticate")...))
	apiCode := shape.Code == "invalid_token" || shape.Code == "insufficient_scope"
	if u, err := url.Parse(ev.Sent.URL); err == nil && u.Path != "" {
		path := strings.TrimSuffix(strings.ToLower(u.Path), "/")
		switch {
		case ev.Sent.Grant != "", strings.HasSuffix(path, "/token"):
			return AtToken
		case strings.HasSuffix(path, "/userinfo"):
			return AtUserInfo
		case strings.Contains(path+"/", "/mfa/"):
			return AtMFA
		case strings.HasSuffix(path, "/revoke"):
			return AtRevoke
		case strings.Contains(path, "/.well-known/") && strings.Contains(path, "jwks"):
			return AtJWKS
		case strings.Contains(path, "/.well-known/"):
			return AtDiscovery
		case shape.Shape == ShapeOAuth && !challenged && !apiCode:
			return AtToken
		}
		return AtAPI
	}
	switch {
	case strings.EqualFold(strings.TrimSpace(string(clip(ev.Reply.Body, 64))), "unauthorized"), challenged && bearer.Params["realm"] == "Users":
		return AtUserInfo
	case apiCode, challenged && bearer.IsBearer() && (shape.Shape != ShapeOAuth || bearer.Error() != ""):
		return AtAPI
	}
	return AtToken
}

// knownCodes are the values of error that the rules name.
var knownCodes = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{"invalid_token": true, "insufficient_scope": true}
	for _, c := range strings.Fields(`invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type invalid_scope invalid_target
		access_denied unauthorized server_error temporarily_unavailable mfa_required expired_token authorization_pending slow_down
		unsupported_challenge_type association_required password_leaked requires_verification login_required interaction_required consent_required
		too_many_attempts too_many_logins too_many_requests use_dpop_nonce invalid_otp invalid_oob_code invalid_binding_code invalid_recovery_code`) {
		m[c] = true
	}
	return m
})

// jsonIn finds the first JSON object in a text.
func jsonIn(s string) (rawjson.Value, bool) {
	for tries := 0; tries < 32; tries++ {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			return rawjson.Value{}, false
		}
		s = s[i:]
		if end := balanced(s); end > 0 {
			if v, _, err := rawjson.Parse([]byte(s[:end])); err == nil {
				return v, true
			}
		}
		s = s[1:]
	}
	return rawjson.Value{}, false
}

// balanced is the length of the object that a text begins with, 0 if it does
// not end within maxBody.
func balanced(s string) int {
	depth, quoted := 0, false
	for i := 0; i < len(s) && i < maxBody; i++ {
		switch ch := s[i]; {
		case quoted && ch == '\\':
			i++
		case ch == '"':
			quoted = !quoted
		case quoted:
		case ch == '{' || ch == '[':
			depth++
		case ch == '}' || ch == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// cutBody takes off what tools print behind a body of JSON, often on its line.
func cutBody(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "{") {
		if n := balanced(s); n > 0 {
			return s[:n]
		}
	}
	return s
}

var (
	statusLine  = has(`^\s*<?\s*HTTP/\d(?:\.\d)?\s+(\d{3})(?:\s+(.*))?$`)
	requestLine = has(`^\s*>?\s*([A-Z]{3,10})\s+(\S+)\s+HTTP/\d`)
	headerLine  = has("^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$")
)

// fromHTTP reads what curl -i, curl -v, HTTPie and the like print.
func fromHTTP(s string) (Evidence, bool) {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	var (
		req      message
		res      message
		state    int // 0 before, 1 request's head, 2 its body, 3 reply's head, 4 its body
		marked   bool
		seenBody bool
	)
	for _, l := range lines {
		mark := byte(0)
		if len(l) > 0 && (l[0] == '<' || l[0] == '>') && (len(l) == 1 || l[1] == ' ') {
			mark = l[0]
		}
		if m := statusLine().FindStringSubmatch(l); m != nil && !(state == 4 && seenBody && mark == 0 && !(res.status >= 300 && res.status < 400) && res.status >= 200) {
			status, _ := strconv.Atoi(m[1])
			res = message{status: status, header: http.Header{}}
			state, marked, seenBody = 3, mark == '<', false
			continue
		}
		if m := requestLine().FindStringSubmatch(l); m != nil && (state < 3 || mark == '>') && !strings.EqualFold(m[1], "CONNECT") {
			req = message{method: m[1], target: m[2], header: http.Header{}}
			state, marked = 1, mark == '>'
			continue
		}
		switch state {
		case 1, 3:
			to := &req
			if state == 3 {
				to = &res
			}
			if marked {
				if mark == 0 {
					continue // curl's own remarks between
				}
				l = strings.TrimSpace(l[1:])
			}
			if strings.TrimSpace(l) == "" {
				state++
				continue
			}
			if m := headerLine().FindStringSubmatch(strings.TrimRight(l, " \t")); m != nil && len(to.header) < 500 {
				to.header.Add(m[1], m[2])
			} else if !marked && state == 3 && len(to.header) == 0 {
				state = 4 // a status line with the body right below
				res.body.WriteString(l + "\n")
				seenBody = true
			}
		case 2:
			if !marked {
				req.body.WriteString(l + "\n")
			}
		case 4:
			if marked && isRemark(l) {
				continue
			}
			if res.body.Len() < maxBody+1024 {
				res.body.WriteString(l + "\n")
			}
			seenBody = seenBody || strings.TrimSpace(l) != ""
		}
	}
	if res.status == 0 {
		return Evidence{}, false
	}
	ev := Evidence{}
	if req.header != nil {
		readRequest(&ev.Sent, req.method, req.target, req.header, req.body.String())
	}
	reply(&ev, res.status, res.header, cutBody(res.body.String()))
	return ev, true
}

// message is one request or reply that is being read.
type message struct {
	method, target string
	status         int
	header         http.Header
	body           strings.Builder
}

// isRemark tells curl's own lines (-v) from a body's.
func isRemark(l string) bool {
	return strings.HasPrefix(l, "* ") || strings.HasPrefix(l, "{ [") || strings.HasPrefix(l, "} [") || l == "<" || strings.HasPrefix(l, "< ") || strings.HasPrefix(l, "> ") ||
		strings.HasPrefix(l, "  % Total") || strings.HasPrefix(strings.TrimSpace(l), "Dload")
}

// reply fills in what came back.
func reply(ev *Evidence, status int, h http.Header, body string) {
	ev.Reply = &Reply{Status: status, Header: h, Body: []byte(body)}
	if len(body) > maxBody {
		ev.Reply.Body, ev.Reply.Truncated = []byte(body[:maxBody]), true
	}
	if d, err := http.ParseTime(h.Get("Date")); err == nil {
		ev.Now = d
	}
	ev.At = placeOf(ev)
}

// readRequest keeps of a request what Sent has room for.
func readRequest(s *Sent, method, target string, h http.Header, body string) {
	s.Method = method
	u, err := url.Parse(target)
	if err == nil {
		if u.Host == "" {
			u.Host, u.Scheme = h.Get("Host"), "https"
		}
		s.URL = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
		s.Domain = u.Host
	}
	s.ForwardedFor = h.Get("Auth0-Forwarded-For")
	known := readParams(s, h.Get("Content-Type"), body)
	scheme, rest, _ := strings.Cut(h.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Basic") {
		s.ClientAuth, s.SecretSent = "basic", true
		if raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest)); err == nil {
			id, _, _ := strings.Cut(string(raw), ":")
			if id, err = url.QueryUnescape(id); err == nil && s.ClientID == "" {
				s.ClientID = id
			}
		}
	} else if known && s.Grant != "" && s.ClientAuth == "" {
		s.ClientAuth = "none"
	}
}

// readParams reads the parameters of a body, form or JSON, and tells whether
// there were any. Of secrets it keeps that they were there.
func readParams(s *Sent, contentType, body string) bool {
	body = strings.TrimSpace(body)
	if body == "" || len(body) > maxBody {
		return false
	}
	var get func(string) (string, bool)
	if strings.HasPrefix(body, "{") {
		v, _, err := rawjson.Parse([]byte(body))
		if err != nil {
			return false
		}
		get = func(n string) (string, bool) { m, ok := v.Get(n); return m.Str(), ok }
	} else {
		form, err := url.ParseQuery(body)
		if err != nil && len(form) == 0 {
			return false
		}
		get = func(n string) (string, bool) { return form.Get(n), form.Has(n) }
	}
	takeParams(s, get)
	return true
}

func takeParams(s *Sent, get func(string) (string, bool)) {
	str := func(n string) string { v, _ := get(n); return v }
	has := func(n string) bool { _, ok := get(n); return ok }
	s.Grant, s.ClientID, s.Audience, s.Realm = str("grant_type"), str("client_id"), str("audience"), str("realm")
	s.Scope, s.ScopeSent = get("scope")
	s.Username, s.Password, s.RefreshToken = has("username"), has("password"), has("refresh_token")
	switch {
	case str("client_assertion") != "":
		s.ClientAuth, s.SecretSent = "private_key_jwt", true
	case has("client_secret"):
		s.ClientAuth, s.SecretSent = "post", str("client_secret") != ""
	}
	switch s.Grant {
	case GrantOTP:
		s.MFAKind = "otp"
	case GrantOOB:
		s.MFAKind = "oob"
	case GrantRecovery:
		s.MFAKind = "recovery-code"
	}
}

var leadingStatus = has(`(?i)^(?:HTTP(?:/\d(?:\.\d)?)?[ :]+)?(?:status(?:[ _]?code)?[ :=]+)?([1-5]\d\d)(?:[^0-9A-Za-z]|$)`)

// fromStatus reads a status and what follows it.
func fromStatus(s string) (Evidence, bool) {
	m := leadingStatus().FindStringSubmatchIndex(s)
	if m == nil {
		return Evidence{}, false
	}
	status, _ := strconv.Atoi(s[m[2]:m[3]])
	rest := s[m[3]:]
	body := ""
	line, below, more := strings.Cut(rest, "\n")
	switch {
	case strings.ContainsAny(line, "{<"):
		body = rest[strings.IndexAny(rest, "{<"):]
	case more:
		body = below
	}
	if _, ok := jsonIn(body); ok && !strings.HasPrefix(strings.TrimSpace(body), "<") {
		body = body[strings.IndexByte(body, '{'):]
	}
	ev := Evidence{}
	reply(&ev, status, http.Header{}, cutBody(body))
	return ev, true
}

var (
	statusNear  = has(`(?i)(?:status(?:[ _]?code)?|HTTP(?:/\d(?:\.\d)?)?|error)\W{0,4}([1-5]\d\d)\b`)
	codeAndText = has(`(?i)^(?:error\s*[:=]\s*)?([a-z_]{3,40})\s*(?:[:\-–]\s*(.{1,500}))?$`)
	errorParam  = has(`(?:^|[?#&\s"'(])error=[^\s"'<>]+`)
)

// fromText reads a line of a log: with a body in it, with the parameters of a
// redirect, or with the words alone.
func fromText(s string) (Evidence, bool) {
	if page, _ := htmlTitle(s); page {
		return bodyAlone(s), true
	}
	if v, ok := jsonIn(s); ok {
		if found := fromJSON(v, v.Text()); found != nil {
			ev := found[0]
			if m := statusNear().FindStringSubmatch(s); m != nil && ev.Reply.Status == 0 {
				ev.Reply.Status, _ = strconv.Atoi(m[1])
			}
			return ev, true
		}
	}
	if p := errorParam().FindString(clipText(s)); p != "" {
		if q, err := url.ParseQuery(strings.TrimLeft(p, "?#&\"'( \t\n")); err == nil && q.Get("error") != "" {
			return bodyAlone(errorBody(q.Get("error"), q.Get("error_description"))), true
		}
	}
	line := strings.TrimSpace(s)
	if len(line) > 600 || strings.Contains(line, "\n") {
		return Evidence{}, false
	}
	if strings.EqualFold(line, "unauthorized") {
		return bodyAlone(line), true
	}
	if m := codeAndText().FindStringSubmatch(line); m != nil && knownCodes()[strings.ToLower(m[1])] {
		return bodyAlone(errorBody(strings.ToLower(m[1]), strings.TrimSpace(m[2]))), true
	}
	if code, ok := codeOf(line); ok {
		return bodyAlone(errorBody(code, line)), true
	}
	return Evidence{}, false
}

// codeOf tells whether a text is a description that is known by itself, and the
// error that it comes with; "" where that does not matter.
func codeOf(description string) (code string, ok bool) {
	text := normal(description)
	for _, d := range lone {
		if strings.HasPrefix(text, d.begins) {
			return d.code, true
		}
	}
	c := &look{ev: &Evidence{}, r: Refusal{Shape: ShapeOAuth, Description: description, text: text}}
	for _, r := range catalogue() {
		if len(r.texts) == 0 && len(r.begins) == 0 && r.holds == nil {
			continue
		}
		c.r.Code = ""
		if len(r.codes) > 0 {
			if r.holds != nil { // loose words, which mean something beside their code alone
				continue
			}
			c.r.Code = r.codes[0]
		}
		if r.fits(c) {
			return c.r.Code, true
		}
	}
	return "", false
}

// lone are the descriptions of errors that the catalogue knows by their code.
var lone = []struct{ begins, code string }{
	{"multifactor authentication required", "mfa_required"},
	{"the user does not support any of the requested challenge types", "unsupported_challenge_type"},
	{"this login attempt has been blocked because the password you're using was previously disclosed", "password_leaked"},
	{"suspicious request requires verification", "requires_verification"},
	{"authorization server requires nonce in dpop proof", "use_dpop_nonce"},
	{"login required", "login_required"},
	{"grant type not supported", "unauthorized_client"},
	{"the connection was not found", "invalid_request"},
	{"the connection was disabled", "invalid_request"},
	{"user has yet to authorize device code", "authorization_pending"},
	{"the end-user authorization is pending", "authorization_pending"},
	{"you are polling faster than", "slow_down"},
	{"user cancelled the confirmation prompt", "access_denied"},
	{"the end-user denied the authorization request", "access_denied"},
}

func clipText(s string) string { return string(clip([]byte(s), 64<<10)) }

// parseTime reads the times of a HAR.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
