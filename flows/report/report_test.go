package report

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
)

// The marked secrets of the leak test. Those of the tokens are added by walk.
var marked = map[string]string{
	"password":      `Pa55 "wörd" <&'> 100%+/?`,
	"client secret": "CLIENTSECRET/marked+1=&x",
	"api secret":    "APISECRET-marked-for-hs256",
	"otp secret":    "JBSWY3DPEHPK3PXPJBSWY3DP",
	"otp":           "918273",
	"recovery code": "RECOVERYmarked2468ACE",
	"param":         "PARAM~secret~marked",
	"cookie":        "COOKIEmarked%2Bvalue",
	"refresh 1":     "v1.REFRESH-marked_one", "refresh 2": "v1.REFRESH-marked_two",
	"mfa token": "Fe26.2*MFATOKEN-marked*", "oob code": "OOBCODE-marked-77",
	"enrol secret": "GEZDGNBVGY3TQOJQGEZDGNBV", "enrol code": "ENROLcode9Z8Y7X",
	"proxy": "PROXYpass-marked", "header key": "HEADERKEY-marked-0123",
}

func signedToken(claims map[string]any, key string) string {
	j, _ := json.Marshal(claims)
	in := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(j)
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(in))
	return in + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// echoes repeats secrets in every form, as a careless server would.
func echoes(secrets map[string]string) string {
	var b strings.Builder
	for _, s := range secrets {
		j, _ := json.Marshal(map[string]string{"nested": s})
		jj, _ := json.Marshal(string(j))
		fmt.Fprintf(&b, "%s %s %s %s %s %s %s %s %s\n", s, url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s), hex.EncodeToString([]byte(s)), j, jj,
			base64.StdEncoding.EncodeToString([]byte("x"+s)), base64.URLEncoding.EncodeToString([]byte("xy"+s)))
	}
	return b.String()
}

// walk is a session with everything in it: grants, a refusal, MFA, a refresh,
// calls; the server repeats what it should not.
func walk(t *testing.T) (*flows.Session, []Answer, map[string]string) {
	t.Helper()
	secrets := map[string]string{}
	for k, v := range marked {
		secrets[k] = v
	}
	claims := func(n int) map[string]any {
		return map[string]any{"iss": "https://t.test/", "sub": "auth0|ada", "aud": "https://api.test/", "azp": "client", "iat": 1700000000 + n, "exp": 4000000000, "scope": "openid read:x",
			"email": "ada@acme.test", "https://x.test/leak": marked["password"], "inner": echoes(map[string]string{"": marked["client secret"]})}
	}
	access, access2 := signedToken(claims(1), marked["api secret"]), signedToken(claims(2), marked["api secret"])
	id := signedToken(map[string]any{"iss": "https://t.test/", "sub": "auth0|ada", "aud": "client", "iat": 1700000000, "exp": 4000000000, "email": "ada@acme.test", "name": "Ada Lovelace"}, marked["client secret"])
	for i, tok := range []string{access, access2, id} {
		secrets[fmt.Sprint("token ", i)] = tok
		secrets[fmt.Sprint("signature ", i)] = tok[strings.LastIndexByte(tok, '.')+1:]
	}
	step := 0
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Set-Cookie", "did="+marked["cookie"]+"; Path=/; HttpOnly")
		w.Header().Set("X-Echo", marked["password"])
		w.Header().Set("Server", "cowboy "+strings.Fields(marked["password"])[0]+" "+marked["client secret"])
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/oauth/token", func(w http.ResponseWriter, r *http.Request) {
		step++
		switch step {
		case 1:
			reply(w, 403, map[string]any{"error": "invalid_grant", "error_description": "Wrong: " + echoes(secrets)})
		case 2:
			reply(w, 403, map[string]any{"error": "mfa_required", "error_description": "Multifactor authentication required", "mfa_token": marked["mfa token"]})
		case 3:
			reply(w, 200, map[string]any{"access_token": access, "refresh_token": marked["refresh 1"], "id_token": id, "token_type": "Bearer", "expires_in": 86400, "scope": "openid read:x", "echo": marked["password"]})
		default:
			reply(w, 200, map[string]any{"access_token": access2, "refresh_token": marked["refresh 2"], "token_type": "Bearer", "expires_in": 86400})
		}
	})
	mux.HandleFunc("/mfa/associate", func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, map[string]any{"secret": marked["enrol secret"], "barcode_uri": "otpauth://totp/x?secret=" + marked["enrol secret"] + "&issuer=y", "recovery_codes": []string{marked["enrol code"]}, "oob_code": marked["oob code"]})
	})
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		h, _ := json.Marshal(r.Header)
		w.Header().Set("Location", "https://elsewhere.test/cb?code="+url.QueryEscape(marked["oob code"])+"&q="+url.QueryEscape(marked["password"]))
		w.Header().Set("Www-Authenticate", `Bearer error="invalid_token", error_description="`+strings.ReplaceAll(marked["password"], "\n", " ")+`"`)
		w.WriteHeader(401)
		_, _ = w.Write(h)
		_, _ = io.WriteString(w, "<p>"+html.EscapeString(echoes(secrets))+r.URL.String())
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	cfg := flows.Config{Name: "acme", TokenURL: server.URL + "/oauth/token", UserinfoURL: server.URL + "/api/me", ClientID: "client", Username: "ada@acme.test", Audience: "https://api.test/", Scopes: []string{"openid", "read:x", "offline_access"},
		Password: flows.Secret(marked["password"]), ClientSecret: flows.Secret(marked["client secret"]), ClientAuth: "basic", APISecret: flows.Secret(marked["api secret"]),
		OTPSecret: flows.Secret(marked["otp secret"]), OTP: flows.Secret(marked["otp"]), RecoveryCode: flows.Secret(marked["recovery code"]), Params: map[string]string{"x_token": marked["param"], "plain": "kept"}}
	c, err := flows.NewClient(cfg, flows.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ctx := context.Background()
	s := flows.NewSession(cfg)
	f, _ := flows.FlowByID("")
	for range 3 {
		first := f.Start(c)
		v := flows.Values{}
		for _, x := range first.Fields {
			v[x.Name] = x.Value
		}
		s.Take(c, first.Do(ctx, v))
	}
	g := s.Current()
	if g == nil {
		t.Fatalf("no tokens: %v", s.Err)
	}
	s.Examined(g, c.Examine(ctx, g.Access, g.ID))
	s.Take(c, c.Refresh(ctx, g.Refresh, ""))
	var calls []Answer
	for _, call := range []flows.Call{
		{URL: server.URL + "/api/x?access_token=" + url.QueryEscape(marked["refresh 1"]) + "&q=1", Header: http.Header{"X-Api-Key": {marked["header key"]}, "Cookie": {"sid=" + marked["cookie"]}}},
		{Method: "POST", URL: server.URL + "/api/y", Body: []byte(`{"a":` + string(must(json.Marshal(marked["password"]))) + `,"otp":"` + marked["otp"] + `"}`)},
	} {
		call.Token = s.Current().Tokens.AccessToken
		out := c.Call(ctx, call)
		class, fs := s.TakeAnswer(out, false, time.Now())
		calls = append(calls, Answer{out.Answer.Exchange, class, fs})
	}
	req, _ := http.NewRequest("POST", server.URL+"/mfa/associate", nil)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(res.Body)
	res.Body.Close()
	s.Exchanges = append(s.Exchanges, flows.Exchange{Purpose: flows.PurposeMFA, Method: "POST", URL: server.URL + "/mfa/associate", RequestHeader: http.Header{"Authorization": {"Bearer " + marked["mfa token"]}},
		Status: 200, Header: res.Header, Body: b, BodySize: int64(len(b)), Start: flows.Moment{Wall: time.Now()}})
	s.Keep = append(s.Keep, flows.Note{Kind: flows.NoteKeep, Text: marked["enrol code"]}, flows.Note{Kind: flows.NoteSecret, Text: marked["enrol secret"]})
	s.Factors = []flows.Factor{{ID: "sms|1", Type: "oob", Channel: "sms", Name: "XXX1234"}}
	s.Config.Proxy = "http://u:" + marked["proxy"] + "@127.0.0.1:1/"
	return s, calls, secrets
}

func must(b []byte, err error) []byte { return b }

func TestNothingLeaks(t *testing.T) {
	s, calls, secrets := walk(t)
	outputs := map[string]string{}
	for _, opt := range []Options{{}, {WithClaims: true, Presentation: true, NoTags: true}} {
		r := NewRedactor(opt)
		r.Session(s)
		in := Input{Session: s, Calls: calls, Version: "1", WithClaims: opt.WithClaims, Presentation: opt.Presentation, Redactor: r,
			Check: []flows.CheckLine{{ID: "api", Title: "The API", State: flows.LineFail, Saw: "401: " + echoes(secrets), Fix: []string{marked["password"]}}}, Title: "t " + marked["password"]}
		d, _ := compose(in) // what Write does, once for all four
		for _, f := range formats() {
			var b bytes.Buffer
			if err := writers[f](&b, d); err != nil {
				t.Fatal(err)
			}
			outputs[fmt.Sprintf("%s %+v", f, opt)] = b.String()
		}
		for i, ex := range s.Exchanges {
			j, err := json.Marshal(r.Exchange(ex))
			if err != nil {
				t.Fatal(err)
			}
			outputs[fmt.Sprintf("exchange %d %+v", i, opt)] = string(j)
			if !opt.WithClaims {
				outputs[fmt.Sprintf("form %d", i)] = fmt.Sprint(r.FormLines(ex))
				outputs[fmt.Sprintf("copies %d", i)] = r.Curl(ex) + r.Go(ex) + r.Python(ex) + r.Node(ex)
			}
		}
		outputs["error"] = r.Text(echoes(secrets))
	}
	needles := map[string]map[string]string{}
	for what, secret := range secrets {
		needles[what] = encodings(secret)
	}
	for name, out := range outputs {
		if strings.Contains(out, "too deeply") {
			t.Errorf("%s: hidden whole, so nothing was tested", name)
		}
		for what, forms := range needles {
			for in, e := range forms {
				if i := strings.Index(out, e); i >= 0 && len(e) >= 4 {
					t.Errorf("%s: the %s (%s): …%.200q", name, what, in, out[max(0, i-80):])
				}
			}
		}
	}
	for name, out := range outputs {
		if strings.Contains(name, "Presentation:true") && (strings.Contains(out, "ada@acme") || strings.Contains(out, "Lovelace")) {
			i := strings.Index(out, "ada@acme")
			t.Errorf("%s: a name in presentation: …%.100q", name, out[max(0, i-50):])
		}
	}
	if md := outputs[fmt.Sprintf("md %+v", Options{})]; !strings.Contains(md, "ada@acme.test") || !strings.Contains(md, "generation 1") || !strings.Contains(md, "kept") {
		t.Error("what is no secret is missing")
	}
}

func TestRedactorMadeFromTheSessionAlone(t *testing.T) {
	s, calls, secrets := walk(t)
	for _, f := range []Format{JSON} { // the others are made of the same
		var b bytes.Buffer
		if err := Write(&b, f, Input{Session: Snapshot(s), Calls: calls}); err != nil {
			t.Fatal(err)
		}
		for what, secret := range secrets {
			if in := leak(b.String(), secret); in != "" {
				t.Errorf("%s: the %s (%s)", f, what, in)
			}
		}
	}
}

func TestJSONReport(t *testing.T) {
	s, calls, _ := walk(t)
	var b bytes.Buffer
	if err := Write(&b, JSON, Input{Session: s, Calls: calls, WithClaims: true}); err != nil {
		t.Fatal(err)
	}
	var out struct {
		Profile     string
		OK          bool
		Access      struct{ Kind string }
		Checks      []struct{ Token, Name, State string }
		Scopes      []struct{ Scope, Verdict string }
		Generations []struct {
			N            int
			Grant        string
			RefreshToken string `json:"refresh_token"`
		}
		Exchanges []struct {
			ByItself bool `json:"by_itself"`
			Method   string
			Request  struct {
				Headers map[string]string
				Body    string
			}
		}
		MFA    struct{ Factors []struct{ Type string } }
		Tokens struct {
			ExpiresIn int `json:"expires_in"`
		}
		Calls []struct {
			Status    int
			Body      string
			BodyBytes int64 `json:"body_bytes"`
		}
	}
	if err := json.Unmarshal(b.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	if out.Profile != "acme" || out.Access.Kind != "jws" || len(out.Checks) == 0 || len(out.Scopes) == 0 || len(out.Generations) != 2 || out.Generations[1].RefreshToken != "new" ||
		len(out.Exchanges) != len(s.Exchanges) || out.MFA.Factors[0].Type != "oob" || !strings.Contains(out.Exchanges[0].Request.Body, "password="+flows.Mask) {
		t.Errorf("%+v", out)
	}
	if out.OK || out.Tokens.ExpiresIn != 86400 || len(out.Calls) != 2 || out.Calls[0].Status != 401 || out.Calls[0].BodyBytes == 0 {
		t.Errorf("the API refused: %v %+v %+v", out.OK, out.Tokens, out.Calls)
	}
	if bytes.Contains(b.Bytes(), []byte(": null")) {
		t.Error("absent parts must be left out")
	}
}

// The JSON shape of exchanges is the program's contract.
func TestShapeOfExchanges(t *testing.T) {
	r := NewRedactor(Options{NoTags: true})
	ex := flows.Exchange{Method: "POST", URL: "https://t.test/oauth/token", RequestHeader: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, RequestBody: []byte("password=x"),
		Status: 401, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"error":"access_denied"}`), Timings: flows.Timings{Total: 12600 * time.Microsecond}}
	got, _ := json.Marshal(r.Exchange(ex))
	want := `{"by_itself":false,"method":"POST","url":"https://t.test/oauth/token","status":401,"duration_ms":13,"request":{"headers":{"Content-Type":"application/x-www-form-urlencoded"},"body":"password=` + flows.Mask +
		`"},"response":{"headers":{"Content-Type":"application/json"},"body":"{\"error\":\"access_denied\"}"}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	ex = flows.Exchange{ByItself: true, Method: "GET", URL: "https://t.test/", Fault: &flows.Fault{Stage: flows.StageConnect, Err: errors.New("refused")}}
	got, _ = json.Marshal(r.Exchange(ex))
	if want := `{"by_itself":true,"method":"GET","url":"https://t.test/","duration_ms":0,"request":{"headers":{}}}`; string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What HAR 1.2 demands of every log and entry.
func TestHAR(t *testing.T) {
	s, _, _ := walk(t)
	s.Exchanges = append(s.Exchanges, flows.Exchange{Method: "GET", URL: "https://t.test/?code=abc%20def#x", Fault: &flows.Fault{Stage: flows.StageTLS, Err: errors.New("bad certificate")}, Start: flows.Moment{Wall: time.Now()}})
	var b bytes.Buffer
	if err := Write(&b, HAR, Input{Session: s, Version: "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	var file map[string]map[string]any
	if err := json.Unmarshal(b.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	log := file["log"]
	if log["version"] != "1.2" || log["creator"].(map[string]any)["version"] != "1.2.3" {
		t.Errorf("log: %v %v", log["version"], log["creator"])
	}
	entries := log["entries"].([]any)
	if len(entries) != len(s.Exchanges) {
		t.Fatalf("%d entries", len(entries))
	}
	need := func(i int, what string, v any, names ...string) map[string]any {
		m, ok := v.(map[string]any)
		for _, n := range names {
			if _, has := m[n]; !has || !ok {
				t.Errorf("entry %d: %s has no %s", i, what, n)
			}
		}
		return m
	}
	for i, e := range entries {
		m := need(i, "entry", e, "startedDateTime", "time", "request", "response", "cache", "timings")
		if _, err := time.Parse(time.RFC3339, m["startedDateTime"].(string)); err != nil {
			t.Error(err)
		}
		q := need(i, "request", m["request"], "method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize")
		if u, err := url.Parse(q["url"].(string)); err != nil || !u.IsAbs() || strings.Contains(q["url"].(string), "•") {
			t.Errorf("entry %d: url %v", i, q["url"])
		}
		p := need(i, "response", m["response"], "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize")
		need(i, "content", p["content"], "size", "mimeType")
		times := need(i, "timings", m["timings"], "send", "wait", "receive", "dns", "connect", "ssl", "blocked")
		sum := 0.0
		for _, n := range []string{"blocked", "dns", "connect", "send", "wait", "receive"} {
			sum += max(0, times[n].(float64))
		}
		if d := sum - m["time"].(float64); d > 0.001 || d < -0.001 {
			t.Errorf("entry %d: the timings make %v, time is %v", i, sum, m["time"])
		}
	}
	t.Run("har-validator", func(t *testing.T) {
		if os.Getenv("AUTHWALK_INTEROP") != "1" {
			t.Skip("AUTHWALK_INTEROP is not 1: this test needs node, and npm ci in flows/report/testdata/har")
		}
		cmd := exec.CommandContext(t.Context(), "node", "validate.mjs")
		cmd.Dir, cmd.Stdin = filepath.Join("testdata", "har"), &b
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != "ok\n" {
			t.Errorf("%v: %s", err, out)
		}
	})
}

const hostile = "\x1b[31m<script>alert(1)</script>\u202e|`]()\x00\r\n# h\n```\n</pre></style>"

func TestHostileTextInReports(t *testing.T) {
	s := flows.NewSession(flows.Config{Name: hostile, Domain: "t.test", ClientID: hostile, Audience: hostile})
	s.Err = &flows.Error{Kind: flows.ErrorOAuth, Status: 400, Code: hostile, Description: hostile, Msg: hostile}
	s.Findings = []diagnosis.Finding{{ID: "x", Certainty: diagnosis.Possible, Title: hostile, Why: hostile, Fix: []string{hostile}, Where: []string{hostile}, Link: "javascript:alert(1)"}}
	s.Asked = &flows.Asked{Grant: hostile, Scope: hostile, ScopeSent: true}
	s.Exchanges = []flows.Exchange{{Method: "GET", URL: "https://t.test/" + hostile, RequestHeader: http.Header{"Accept": {hostile}, hostile: {"x"}}, Status: 200, Header: http.Header{"Server": {hostile}}, Body: []byte(strings.ReplaceAll(hostile, "\x00", "")), Timings: flows.Timings{Total: 1, Connect: 1}}}
	for _, f := range formats() {
		var b bytes.Buffer
		if err := Write(&b, f, Input{Session: s, Check: []flows.CheckLine{{Title: hostile, Saw: hostile}}}); err != nil {
			t.Fatal(err)
		}
		out := b.String()
		for _, bad := range []string{"\x1b", "\u202e", "\x00", "\r"} {
			if strings.Contains(out, bad) && f != JSON && f != HAR {
				t.Errorf("%s holds %q", f, bad)
			}
		}
		switch f {
		case HTML:
			for _, bad := range []string{"<script", "href=\"javascript", "</pre></style>", "src="} {
				if strings.Contains(strings.ToLower(out), bad) {
					t.Errorf("html holds %q", bad)
				}
			}
		case Markdown:
			for _, line := range strings.Split(out, "\n") {
				if strings.HasPrefix(line, "# h") && !inFence(out, line) {
					t.Errorf("markdown: a heading from outside: %q", line)
				}
			}
		default:
			if !json.Valid(b.Bytes()) {
				t.Errorf("%s is no JSON", f)
			}
		}
	}
}

// inFence tells whether a line stands inside a block of code.
func inFence(out, line string) bool {
	fence := ""
	for _, l := range strings.Split(out, "\n") {
		ticks := l[:len(l)-len(strings.TrimLeft(l, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && l == fence:
			fence = ""
		case l == line && fence == "":
			return false
		}
	}
	return true
}

func TestHTMLStandsAlone(t *testing.T) {
	s, calls, _ := walk(t)
	var b bytes.Buffer
	if err := Write(&b, HTML, Input{Session: s, Calls: calls, WithClaims: true}); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	for _, want := range []string{`<meta name="viewport"`, "prefers-color-scheme: dark", "<details", "default-src 'none'"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, bad := range []string{"<script", "<link", "<img", "@import", "url(", "onclick"} {
		if strings.Contains(out, bad) {
			t.Errorf("holds %q", bad)
		}
	}
	for _, tag := range []string{"section", "details", "div", "dl", "article", "pre", "code", "span", "p", "ul", "li", "ol"} {
		if o, c := strings.Count(out, "<"+tag+">")+strings.Count(out, "<"+tag+" "), strings.Count(out, "</"+tag+">"); o != c {
			t.Errorf("<%s>: %d opened, %d closed", tag, o, c)
		}
	}
}

func TestEmptyReports(t *testing.T) {
	for _, f := range formats() {
		var b bytes.Buffer
		if err := Write(&b, f, Input{}); err != nil || b.Len() == 0 {
			t.Errorf("%s: %v", f, err)
		}
	}
	var ue *flows.UsageError
	if err := Write(io.Discard, "pdf", Input{}); !errors.As(err, &ue) {
		t.Errorf("pdf: %v", err)
	}
}

func TestToFile(t *testing.T) {
	dir := t.TempDir()
	in := Input{Title: "first"}
	for _, name := range []string{"a.md", "a.html", "a.har", "a.JSON"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.Repeat("old ", 100000)), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := ToFile(path, in); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
		if b, _ := os.ReadFile(path); bytes.Contains(b, []byte("old ")) || len(b) == 0 {
			t.Errorf("%s was not overwritten", name)
		}
	}
	// a link is replaced, not followed
	target := filepath.Join(dir, "target")
	if err := os.WriteFile(target, []byte("keep"), 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.md")
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	if err := ToFile(link, in); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(target); string(b) != "keep" {
		t.Error("the link's target was written")
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".authwalk-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	var ue *flows.UsageError
	for _, path := range []string{filepath.Join(dir, "a.pdf"), filepath.Join(dir, "a"), filepath.Join(dir, "no", "such", "a.md"), ""} {
		if err := ToFile(path, in); !errors.As(err, &ue) || strings.Contains(err.Error(), "authwalk-report-") {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, err := FormatOf("x.pdf"); err == nil || !strings.Contains(err.Error(), ".md, .html, .har or .json") {
		t.Error(err)
	}
	_ = os.Mkdir(filepath.Join(dir, "d.md"), 0o700)
	if err := ToFile(filepath.Join(dir, "d.md"), in); !errors.As(err, &ue) {
		t.Errorf("a folder: %v", err)
	}
}

// TestCookiesAreNotJoined: every Set-Cookie is a line of its own in what is
// read, since a list of them by commas is no cookie any more.
func TestCookiesAreNotJoined(t *testing.T) {
	red := NewRedactor(Options{})
	m := red.Exchange(flows.Exchange{Method: "GET", URL: "https://t.test/", Status: 200, Header: http.Header{"Set-Cookie": {"a=1; Path=/", "b=2; Path=/"}}})
	var lines []string
	for n, v := range m.Response.Lines {
		lines = append(lines, n+": "+v)
	}
	if len(lines) != 2 || strings.Contains(lines[0], "b=") || !strings.HasPrefix(lines[1], "Set-Cookie: b=") {
		t.Errorf("the cookies are %q", lines)
	}
	if text := message("HTTP/1.1 200", *m.Response, nil); strings.Count(text, "Set-Cookie: ") != 2 {
		t.Errorf("the message has other cookies:\n%s", text)
	}
}
