package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"authwalk/flows"
	"authwalk/flows/tenant"
)

func TestCall(t *testing.T) {
	tn := serve(t, "works")
	token := strings.TrimSpace(run(t, world{args: tn.with("token", "--access-token")}).stdout)
	held := map[string]string{"AUTHWALK_ACCESS_TOKEN": token}
	for name, c := range map[string]struct {
		w      world
		code   int
		status float64
		method string
	}{
		"a new token":         {world{args: append(tn.with("call", "--json"), "/api/orders")}, 0, 200, "GET"},
		"a given token":       {world{args: append(tn.with("call", "--json"), "/api/me"), env: held}, 0, 200, "GET"},
		"from stdin":          {world{args: append(tn.with("call", "--json", "--access-token-stdin"), "/api/me"), stdin: strings.NewReader(token + "\n")}, 0, 200, "GET"},
		"a method":            {world{args: append(tn.with("call", "--json"), "get", "/api/me"), env: held}, 0, 200, "GET"},
		"a whole URL":         {world{args: append(tn.with("call", "--json"), tn.Issuer()+"api/me"), env: held}, 0, 200, "GET"},
		"by flags alone":      {world{args: []string{"call", "--json", "--domain", tn.Profile().Domain, tn.Issuer() + "api/me"}, env: held}, 0, 200, "GET"},
		"a body makes a POST": {world{args: append(tn.with("call", "--json", "-d", `{"item":"x"}`), "/api/orders"), env: held}, 10, 403, "POST"},
		"a missing scope":     {world{args: append(tn.with("call", "--json"), "POST", "/api/orders"), env: held}, 10, 403, "POST"},
		"nothing there":       {world{args: append(tn.with("call", "--json"), "/api/nothing"), env: held}, 10, 404, "GET"},
		"a bad token":         {world{args: append(tn.with("call", "--json"), "/api/me"), env: map[string]string{"AUTHWALK_ACCESS_TOKEN": "nonsense"}}, 10, 401, "GET"},
	} {
		t.Run(name, func(t *testing.T) {
			o := run(t, c.w)
			v := o.parse(t)
			if o.code != c.code || at(v, "call", "status") != c.status || at(v, "call", "method") != c.method {
				t.Errorf("exit %d, call %v, error %v, stderr %s", o.code, v["call"], v["error"], o.stderr)
			}
			body, _ := at(v, "call", "body").(string)
			if n, _ := at(v, "call", "body_bytes").(float64); int(n) != len(body) {
				t.Errorf("body_bytes %v, body has %d", n, len(body))
			}
			if strings.Contains(o.stdout, token) {
				t.Error("the token is in the output")
			}
			if (v["error"] != nil) != (o.code != 0) {
				t.Errorf("error is %v", v["error"])
			}
			if said := strings.Contains(o.stderr, "new token"); said != (name == "a new token") {
				t.Errorf("stderr: %q", o.stderr)
			}
		})
	}
	missing := run(t, world{args: append(tn.with("call", "--json"), "POST", "/api/orders"), env: held}).parse(t)
	if at(missing, "diagnosis", 0, "id") != "insufficient-scope" || at(missing, "error", "class") != "api" || at(missing, "error", "error") != "insufficient_scope" {
		t.Errorf("a missing scope: %v %v", at(missing, "diagnosis", 0, "id"), missing["error"])
	}
	human := run(t, world{args: append(tn.with("call"), "/api/orders", "/api/me")})
	if human.code != 0 || !strings.Contains(human.stdout, "ord-1001") || !strings.Contains(human.stdout, "sub") || !strings.Contains(human.stderr, "new token") {
		t.Errorf("%+v", human)
	}
	if n := len(tn.Log()); n == 0 {
		t.Error("the tenant saw nothing")
	}
	several := run(t, world{args: append(tn.with("call", "--json"), "/api/orders", "/api/nothing", "/api/me")})
	if v := several.parse(t); several.code != 10 || at(v, "call", "status") != float64(404) {
		t.Errorf("several: exit %d, %v", several.code, at(v, "call", "status"))
	} else if n := len(v["exchanges"].([]any)); n != 5 { // token, keys, three calls
		t.Errorf("%d exchanges: one token is to serve all calls", n)
	}
	told := run(t, world{args: append(tn.with("call"), "/api/nothing", "/api/me")}).stderr
	if !strings.Contains(told, "404 the API answers 404 Not Found\n  GET "+tn.d.Issuer+"api/nothing: 404 after") {
		t.Errorf("the refusal is told of another call:\n%s", told)
	}
	gone := run(t, world{args: append(tn.with("call", "--json"), "http://127.0.0.1:9/x"), env: held})
	if v := gone.parse(t); gone.code != 3 || at(v, "error", "class") != "network" {
		t.Errorf("no answer: exit %d, %v", gone.code, v["error"])
	}
	refused := serve(t, "wrong-password")
	no := run(t, world{args: append(refused.with("call", "--json"), "/api/me")})
	if v := no.parse(t); no.code != 5 || v["call"] != nil {
		t.Errorf("refused: exit %d, %v", no.code, v["call"])
	}
}

// TestCallStreams: an answer larger than what is kept in memory comes out whole.
func TestCallStreams(t *testing.T) {
	const size = 6 << 20
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer abc" || r.Header.Get("X-Test") != "1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write(bytes.Repeat([]byte("x"), size))
	}))
	defer srv.Close()
	o := run(t, world{args: []string{"call", "--domain", srv.URL, "-H", "X-Test: 1", srv.URL + "/big"}, env: map[string]string{"AUTHWALK_ACCESS_TOKEN": "abc"}})
	if o.code != 0 || len(o.stdout) != size {
		t.Errorf("exit %d, %d bytes, %s", o.code, len(o.stdout), o.stderr)
	}
}

// TestCallBody: what several -d give is joined by &, a file as it is.
func TestCallBody(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	defer srv.Close()
	file := filepath.Join(t.TempDir(), "part")
	if err := os.WriteFile(file, []byte("b=2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"", ""}, {"-d a=1", "a=1"}, {"-d a=1 -d @" + file + " --data @-", "a=1&b=2\n&c=3"},
	} {
		o := run(t, world{args: append([]string{"call", "--domain", srv.URL, "PUT", srv.URL}, strings.Fields(c.args)...), stdin: strings.NewReader("c=3"), env: map[string]string{"AUTHWALK_ACCESS_TOKEN": "abc"}})
		if o.code != 0 || o.stdout != c.want {
			t.Errorf("%s: exit %d, %q, not %q; %s", c.args, o.code, o.stdout, c.want, o.stderr)
		}
	}
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestDecode(t *testing.T) {
	tn := serve(t, "works")
	tokens := run(t, world{args: tn.with("token", "--json", "--reveal")}).parse(t)["tokens"].(map[string]any)
	access, id := tokens["access_token"].(string), tokens["id_token"].(string)
	reply, _ := json.Marshal(tokens)
	jwks := filepath.Join(t.TempDir(), "jwks.json")
	get, err := http.Get(tn.Issuer() + ".well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	defer get.Body.Close()
	var keys bytes.Buffer
	_, _ = keys.ReadFrom(get.Body)
	if err := os.WriteFile(jwks, keys.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := tn.Profile()
	later := flows.SystemClock()
	later.Wall = func() time.Time { return time.Now().Add(48 * time.Hour) }
	jwt := func(header, claims string) string { return b64(header) + "." + b64(claims) + ".AAAA" }
	for name, c := range map[string]struct {
		w        world
		code     int
		in       string // access or id
		kind     string
		verified any
	}{
		"alone":                 {world{args: []string{access}}, 0, "access", "jws", nil},
		"from stdin":            {world{args: []string{"-"}, stdin: strings.NewReader("\n Bearer " + access + " \n")}, 0, "access", "jws", nil},
		"from stdin, no dash":   {world{stdin: strings.NewReader("\"" + access + "\"")}, 0, "access", "jws", nil},
		"a reply":               {world{args: []string{"-"}, stdin: bytes.NewReader(reply)}, 0, "access", "jws", nil},
		"the issuer's keys":     {world{args: []string{access, "--issuer", tn.Issuer()}}, 0, "access", "jws", true},
		"the domain's keys":     {world{args: []string{access, "--domain", p.Domain}}, 0, "access", "jws", true},
		"keys of a file":        {world{args: []string{access, "--jwks", jwks}}, 0, "access", "jws", true},
		"keys of a URL":         {world{args: []string{access, "--jwks", tn.Issuer() + ".well-known/jwks.json"}}, 0, "access", "jws", true},
		"file and issuer":       {world{args: []string{access, "--jwks", jwks, "--issuer", tn.Issuer()}}, 0, "access", "jws", true},
		"another issuer":        {world{args: []string{access, "--jwks", jwks, "--issuer", "https://elsewhere.test/"}}, 8, "access", "jws", true},
		"another audience":      {world{args: []string{access, "--audience", "https://elsewhere.test/"}}, 8, "access", "jws", nil},
		"a profile":             {world{args: tn.with(id)}, 0, "id", "jws", true},
		"an ID token":           {world{args: []string{id, "--client-id", p.ClientID}}, 0, "id", "jws", nil},
		"as an ID token":        {world{args: []string{id, "--as", "id"}}, 0, "id", "jws", nil},
		"as an access token":    {world{args: []string{id, "--as", "access"}}, 0, "access", "jws", nil},
		"expired":               {world{args: []string{access}, clock: &later}, 8, "access", "jws", nil},
		"a leeway of days":      {world{args: []string{access, "--leeway", "72h"}, clock: &later}, 0, "access", "jws", nil},
		"alg none":              {world{args: []string{jwt(`{"alg":"none"}`, `{}`)}}, 8, "access", "jws", nil},
		"an unknown alg":        {world{args: []string{jwt(`{"alg":"XY999"}`, `{}`)}}, 8, "access", "jws", nil},
		"crit":                  {world{args: []string{jwt(`{"alg":"RS256","crit":["x"],"x":1}`, `{}`)}}, 8, "access", "jws", nil},
		"a cut signature":       {world{args: []string{access[:len(access)-7], "--jwks", jwks}}, 8, "access", "jws", false},
		"a forged claim":        {world{args: []string{strings.Join([]string{strings.Split(access, ".")[0], b64(`{"sub":"x"}`), strings.Split(access, ".")[2]}, "."), "--jwks", jwks}}, 8, "access", "jws", false},
		"a payload that is no":  {world{args: []string{b64(`{"alg":"RS256"}`) + "." + b64(`[1]`) + ".AAAA"}}, 8, "access", "jws", nil},
		"two parts":             {world{args: []string{b64(`{"alg":"RS256"}`) + "." + b64(`{}`)}}, 8, "access", "jws", nil},
		"encrypted":             {world{args: []string{b64(`{"alg":"dir","enc":"A256GCM","iss":"https://a.test/"}`) + "..AAAA.AAAA.AAAA"}}, 0, "access", "jwe", nil},
		"opaque":                {world{args: []string{"Aq3_x-9~kd"}}, 0, "access", "opaque", nil},
		"five parts of nothing": {world{args: []string{"a.b.c.d.e"}}, 0, "access", "opaque", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := c.w
			w.args = append([]string{"decode", "--json"}, w.args...)
			o := run(t, w)
			v := o.parse(t)
			if o.code != c.code || at(v, c.in, "kind") != c.kind || at(v, c.in, "verified") != c.verified && c.verified != nil {
				t.Errorf("exit %d, %s %v, error %v", o.code, c.in, v[c.in], v["error"])
			}
			if m, _ := v[c.in].(map[string]any); c.verified == nil && c.code == 0 && m["verified"] != nil {
				t.Errorf("verified is %v without keys", m["verified"])
			}
			if v["flow"] != nil || v["scopes"] != nil {
				t.Error("decode knows no flow and no scopes")
			}
			if strings.Contains(o.stdout, strings.Split(access, ".")[2]) {
				t.Error("a signature is in the output")
			}
			w.args = slices.DeleteFunc(w.args, func(s string) bool { return s == "--json" })
			if name == "from stdin" || strings.HasPrefix(name, "from stdin") || name == "a reply" {
				return // stdin is read
			}
			if h := run(t, w); h.code != c.code || h.stdout == "" {
				t.Errorf("for a person: exit %d, %q %q", h.code, h.stdout, h.stderr)
			}
		})
	}
	both := run(t, world{args: []string{"decode", "--json", "-"}, stdin: bytes.NewReader(reply)}).parse(t)
	if at(both, "id", "kind") != "jws" {
		t.Error("the reply's ID token is not shown")
	}
	gone := run(t, world{args: []string{"decode", "--json", "--issuer", "http://127.0.0.1:9/", access}})
	if v := gone.parse(t); gone.code != 3 || at(v, "error", "class") != "network" || at(v, "access", "kind") != "jws" {
		t.Errorf("no keys: exit %d, %v", gone.code, v["error"])
	}
	megabyte := strings.Repeat("a", 1<<20)
	if o := run(t, world{args: []string{"decode", "--json"}, stdin: strings.NewReader(megabyte)}); o.code != 0 {
		t.Errorf("1 MiB: exit %d", o.code)
	}
	if o := run(t, world{args: []string{"decode", "--json"}, stdin: strings.NewReader(megabyte + "a")}); o.code != 2 || o.stdout != "" {
		t.Errorf("more than 1 MiB: exit %d", o.code)
	}
}

func TestExplain(t *testing.T) {
	const body = `{"error":"unauthorized_client","error_description":"Grant type 'password' not allowed for the client."}`
	file := filepath.Join(t.TempDir(), "reply.txt")
	curl := "HTTP/2 403\r\ncontent-type: application/json\r\n\r\n" + body
	if err := os.WriteFile(file, []byte(curl), 0o600); err != nil {
		t.Fatal(err)
	}
	har, _ := json.Marshal(map[string]any{"log": map[string]any{"version": "1.2", "entries": []any{map[string]any{
		"request":  map[string]any{"method": "POST", "url": "https://a.eu.auth0.com/oauth/token", "headers": []any{}, "postData": map[string]any{"mimeType": "application/x-www-form-urlencoded", "text": "grant_type=password&password=hunter22"}},
		"response": map[string]any{"status": 403, "headers": []any{}, "content": map[string]any{"mimeType": "application/json", "text": body}},
	}}}})
	for name, w := range map[string]world{
		"a body":          {stdin: strings.NewReader(body)},
		"dash":            {args: []string{"-"}, stdin: strings.NewReader(body)},
		"status and body": {stdin: strings.NewReader("403 " + body)},
		"curl -i":         {args: []string{file}},
		"HAR":             {stdin: bytes.NewReader(har)},
	} {
		t.Run(name, func(t *testing.T) {
			w.args = append([]string{"explain", "--json"}, w.args...)
			o := run(t, w)
			v := o.parse(t)
			if o.code != 0 || at(v, "diagnosis", 0, "id") != "grant-not-allowed" || at(v, "error", "error") != "unauthorized_client" || at(v, "error", "class") != "client" {
				t.Errorf("exit %d: %v", o.code, v)
			}
			if strings.Contains(o.stdout, "hunter22") {
				t.Error("a secret of the HAR is in the output")
			}
		})
	}
	if o := run(t, world{args: []string{"explain", file}}); o.code != 0 || !strings.Contains(o.stdout, "[grant-not-allowed]") {
		t.Errorf("for a person: %+v", o)
	}
	if o := run(t, world{args: []string{"explain"}, stdin: strings.NewReader("hello")}); o.code != 2 || o.stdout != "" {
		t.Errorf("nothing in it: %+v", o)
	}
}

func TestCheck(t *testing.T) {
	ids := strings.Fields("name tls discovery issuer jwks clock client grant directory audience credentials mfa offline refresh token api")
	tn := serve(t, "works")
	o := run(t, world{args: tn.with("check", "--json")})
	v := o.parse(t)
	lines := v["lines"].([]any)
	if o.code != 0 || len(lines) != len(ids) || o.stderr != "" {
		t.Fatalf("exit %d, %d lines, %q", o.code, len(lines), o.stderr)
	}
	for i, l := range lines {
		if at(l, "id") != ids[i] || at(l, "state") != "pass" {
			t.Errorf("line %d is %v", i, l)
		}
	}
	for scenario, c := range map[string]struct {
		line string
		code int
	}{
		"no-default-directory": {"directory", 4}, "wrong-secret": {"client", 4}, "grant-not-allowed": {"grant", 4}, "unknown-audience": {"audience", 4},
		"wrong-password": {"credentials", 5}, "mfa-otp": {"mfa", 6}, "refresh-grant-off": {"refresh", 4},
	} {
		t.Run(scenario, func(t *testing.T) {
			tn := serve(t, scenario)
			o := run(t, world{args: tn.with("check", "--json")})
			v := o.parse(t)
			first := ""
			for _, l := range v["lines"].([]any) {
				if at(l, "state") == "fail" {
					first = at(l, "id").(string)
					break
				}
			}
			if o.code != c.code || first != c.line {
				t.Errorf("exit %d at %q, want %d at %q", o.code, first, c.code, c.line)
			}
			h := run(t, world{args: tn.with("check")})
			if h.code != c.code || !strings.Contains(h.stdout, "It stops at") || !strings.Contains(h.stderr, "sent once") {
				t.Errorf("for a person: %+v", h)
			}
		})
	}
	without := run(t, world{args: []string{"check", "--json", "--domain", tn.Profile().Domain, "--client-id", tn.Profile().ClientID}, env: map[string]string{"AUTHWALK_CLIENT_SECRET": tn.Profile().ClientSecret}})
	if v := without.parse(t); without.code != 0 || at(v, "lines", 6, "state") != "unknown" {
		t.Errorf("without a password: exit %d, %v", without.code, at(v, "lines", 6))
	}
}

func TestTenantJSON(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := world{ctx: ctx, args: []string{"tenant", "--json"}}
	var stdout, stderr lockedBuffer
	done := make(chan int)
	lines := make(chan struct{}, 1)
	out := writerFunc(func(p []byte) (int, error) {
		n, err := stdout.Write(p)
		lines <- struct{}{}
		return n, err
	})
	go func() { done <- Main(w.make(t, out, &stderr)) }()
	<-lines
	var d tenant.Description
	if err := json.Unmarshal([]byte(stdout.String()), &d); err != nil || strings.Count(stdout.String(), "\n") != 1 {
		t.Fatal(err, stdout.String())
	}
	if d.Scenario != "works" || !strings.HasSuffix(d.Issuer, "/") || d.Clients[0].Auth != "post" || len(d.Clients) < 5 {
		t.Errorf("%+v", d)
	}
	o := run(t, world{args: []string{"token", "--profiles", d.ProfilesFile, "--json"}})
	if v := o.parse(t); o.code != 0 || v["profile"] != "works" {
		t.Errorf("the default profile: exit %d, %v", o.code, v["profile"])
	}
	env := run(t, world{args: []string{"token", "--json"}, env: map[string]string{"AUTHWALK_PROFILES": d.ProfilesFile}})
	if env.code != 0 {
		t.Errorf("AUTHWALK_PROFILES: exit %d: %s", env.code, env.stderr)
	}
	cancel()
	if code := <-done; code != 0 {
		t.Errorf("the tenant ended with %d: %s", code, stderr.String())
	}
	if _, err := os.Stat(d.ProfilesFile); err == nil {
		t.Error("its profile file is still there")
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestTenantList(t *testing.T) {
	o := run(t, world{args: []string{"tenant", "--list"}})
	for _, l := range strings.Split(strings.TrimSpace(o.stdout), "\n") {
		if f := strings.Fields(l); len(f) < 4 || !strings.HasSuffix(l, ".") {
			t.Errorf("no line with name and sentence: %q", l)
		}
	}
}

func TestProfiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.toml")
	if err := os.WriteFile(file, []byte("# mine\ndefault = \"a\" # first\n\n[profile.a] # dev\ndomain = \"a.eu.auth0.com\"\nclient_id = \"x\"\nenvironment = \"dev\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	do := func(want int, args ...string) outcome {
		t.Helper()
		o := run(t, world{args: append([]string{"profiles"}, append(args, "--profiles", file)...)})
		if o.code != want {
			t.Errorf("%v: exit %d: %s%s", args, o.code, o.stdout, o.stderr)
		}
		return o
	}
	if o := do(0, "path"); strings.TrimSpace(o.stdout) != file {
		t.Errorf("path: %q", o.stdout)
	}
	do(0, "add", "b", "--domain", "b.eu.auth0.com", "--client-id", "y", "--client-secret", "keyring:b", "--scope", "openid read:x", "--audience", "https://b.test/", "--environment", "prod")
	do(2, "add", "b", "--domain", "b.eu.auth0.com", "--client-id", "y")
	text, _ := os.ReadFile(file)
	if !strings.HasPrefix(string(text), "# mine\ndefault = \"a\" # first\n\n[profile.a] # dev\n") {
		t.Errorf("the rest of the file was touched:\n%s", text)
	}
	list := do(0, "list")
	if !strings.Contains(list.stdout, "* a") || !strings.Contains(list.stdout, "b.eu.auth0.com") {
		t.Errorf("list: %q", list.stdout)
	}
	var all []map[string]any
	if err := json.Unmarshal([]byte(do(0, "--json").stdout), &all); err != nil || len(all) != 2 || all[0]["default"] != true || all[1]["host"] != "b.eu.auth0.com" {
		t.Errorf("json: %v %v", err, all)
	}
	if o := do(0, "show", "b"); !strings.Contains(o.stdout, `"keyring:b"`) || !strings.Contains(o.stdout, `"read:x"`) {
		t.Errorf("show: %q", o.stdout)
	}
	do(0, "check")
	do(0, "remove", "b")
	if o := do(0, "list"); strings.Contains(o.stdout, "b.eu") {
		t.Error("it is still there")
	}
	curl := `curl --request POST --url https://c.eu.auth0.com/oauth/token --header 'content-type: application/x-www-form-urlencoded' --data grant_type=password --data username=u --data password=hunter22 --data audience=https://c.test/ --data client_id=cc --data client_secret=hunter33`
	pasted := run(t, world{args: []string{"profiles", "add", "c", "--from", "-", "--profiles", file}, stdin: strings.NewReader(curl)})
	text, _ = os.ReadFile(file)
	if pasted.code != 0 || !strings.Contains(string(text), "c.eu.auth0.com") || strings.Contains(string(text)+pasted.stdout+pasted.stderr, "hunter") {
		t.Errorf("pasted: %+v\n%s", pasted, text)
	}
	if !strings.Contains(pasted.stderr, "c.eu.auth0.com") {
		t.Errorf("it does not say where credentials would go: %q", pasted.stderr)
	}
	if err := os.WriteFile(file, []byte("[profile.a]\ndomain = \"a.test\"\nclient_idd = \"x\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if o := do(2, "check"); !strings.Contains(o.stderr, ":3:") || !strings.Contains(o.stderr, "client_idd") || !strings.Contains(o.stderr, "client_id") {
		t.Errorf("check: %q", o.stderr)
	}
	bad := run(t, world{args: []string{"token", "--json", "--profiles", file, "-p", "a"}})
	if bad.code != 2 || bad.stdout != "" || !strings.Contains(bad.stderr, ":3:") {
		t.Errorf("token: %+v", bad)
	}
}

// TestPlain: empty lines alone walk every demo to its end, exit 0.
func TestPlain(t *testing.T) {
	for _, name := range []string{"", "works", "mfa-otp", "mfa-sms", "mfa-enrol", "mfa-recovery", "mfa-push", "mfa-wrong-code", "mfa-rejected", "wrong-password", "no-audience", "offline-access-off", "refresh-reused", "connection-reset", "alg-none"} {
		t.Run("demo "+name, func(t *testing.T) {
			t.Parallel()
			args := []string{"demo", "--plain"}
			if name != "" {
				args = append(args, name)
			}
			o := run(t, world{args: args, stdin: strings.NewReader(strings.Repeat("\n", 200))})
			if o.code != 0 {
				t.Fatalf("exit %d: %s\n%s", o.code, o.stderr, o.stdout)
			}
			if strings.Contains(o.stdout, "\x1b") {
				t.Error("escape codes in plain mode")
			}
			if strings.Contains(o.stdout, "Analytical-Engine-1843") {
				t.Error("the password is shown")
			}
			if name == "" || name == "works" {
				for i := range 6 {
					if name == "works" && i == 0 {
						continue
					}
					if !strings.Contains(o.stdout, fmt.Sprintf("Step %d of 6", i+1)) {
						t.Errorf("no step %d:\n%s", i+1, o.stdout)
					}
				}
				for _, want := range []string{"generation 1", "200 OK", "ord-1001"} {
					if !strings.Contains(o.stdout, want) {
						t.Errorf("no %q", want)
					}
				}
			}
		})
	}
	tn := serve(t, "works")
	own := run(t, world{args: []string{"-p", "works", "--profiles", tn.profiles, "--plain"}, stdin: strings.NewReader(strings.Repeat("\n", 200))})
	if own.code != 0 || !strings.Contains(own.stdout, "generation 1") {
		t.Errorf("a profile: exit %d %s\n%s", own.code, own.stderr, own.stdout)
	}
	dumb := run(t, world{args: []string{"demo", "works"}, tty: true, outTTY: true, env: map[string]string{"TERM": "dumb"}, stdin: strings.NewReader(strings.Repeat("\n", 100)), secret: []string{"", ""}})
	if dumb.code != 0 || !strings.Contains(dumb.stdout, "generation 1") {
		t.Errorf("TERM=dumb: exit %d %s", dumb.code, dumb.stderr)
	}
}

func TestReports(t *testing.T) {
	tn := serve(t, "works")
	dir := t.TempDir()
	var args []string
	for _, e := range []string{"md", "html", "har", "json"} {
		args = append(args, "--report", filepath.Join(dir, "r."+e))
	}
	old := filepath.Join(dir, "r.md")
	if err := os.WriteFile(old, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	o := run(t, world{args: tn.with(append([]string{"token"}, args...)...)})
	if o.code != 0 {
		t.Fatal(o)
	}
	for _, e := range []string{"md", "html", "har", "json"} {
		f := filepath.Join(dir, "r."+e)
		st, err := os.Stat(f)
		if err != nil || st.Mode().Perm() != 0o600 || st.Size() < 100 {
			t.Errorf("%s: %v %v", e, st, err)
		}
		text, _ := os.ReadFile(f)
		for _, secret := range tn.env() {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("a secret is in r.%s", e)
			}
		}
	}
	check := run(t, world{args: tn.with("check", "--report", filepath.Join(dir, "c.md"))})
	call := run(t, world{args: append(tn.with("call", "--report", filepath.Join(dir, "k.har")), "/api/me")})
	for _, f := range []string{"c.md", "k.har"} {
		if st, err := os.Stat(filepath.Join(dir, f)); err != nil || st.Size() < 100 {
			t.Errorf("%s: %v %d %d", f, err, check.code, call.code)
		}
	}
	if o := run(t, world{args: tn.with("token", "--report", filepath.Join(dir, "no", "r.md"))}); o.code != 2 {
		t.Errorf("no folder: exit %d", o.code)
	}
	if n := len(tn.Log()); n == 0 {
		t.Error("nothing was logged")
	}
}

// TestEchoedSecrets: a server that gives back what it was given shows nothing.
func TestEchoedSecrets(t *testing.T) {
	args := odd(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_request", "error_description": "you sent " + r.Form.Get("password")})
	})
	o := run(t, world{args: args, env: map[string]string{"AUTHWALK_PASSWORD": "hunter22"}})
	h := run(t, world{args: slices.DeleteFunc(args, func(s string) bool { return s == "--json" }), env: map[string]string{"AUTHWALK_PASSWORD": "hunter22"}})
	if strings.Contains(o.stdout+o.stderr+h.stdout+h.stderr, "hunter22") {
		t.Errorf("the password comes back: %s\n%s", o.stdout, h.stdout)
	}
}

func TestSmallCommands(t *testing.T) {
	if o := run(t, world{args: []string{"version"}}); o.code != 0 || !strings.HasPrefix(o.stdout, "authwalk ") {
		t.Errorf("version: %+v", o)
	}
	if o := run(t, world{args: []string{"--version"}}); o != run(t, world{args: []string{"version"}}) {
		t.Errorf("--version: %+v", o)
	}
	for _, sh := range []string{"bash", "zsh", "fish", "powershell"} {
		if o := run(t, world{args: []string{"completion", sh}}); o.code != 0 || !strings.Contains(o.stdout, "authwalk") {
			t.Errorf("completion %s: %d %s", sh, o.code, o.stderr)
		}
	}
	if o := run(t, world{args: []string{"completion", "tcsh"}}); o.code != 2 {
		t.Errorf("completion of an unknown shell: %d", o.code)
	}
	if o := run(t, world{args: []string{"completion"}}); o.code != 2 {
		t.Errorf("completion of no shell: %d", o.code)
	}
	if o := run(t, world{args: []string{"--help"}}); o.code != 0 || !strings.Contains(o.stdout, "demo") {
		t.Errorf("help: %+v", o)
	}
	if o := run(t, world{args: []string{"__complete", "demo", "wrong-"}}); o.code != 0 || !strings.Contains(o.stdout, "wrong-password") {
		t.Errorf("completing scenarios: %+v", o)
	}
	dir := t.TempDir()
	if o := run(t, world{args: []string{"man", dir}}); o.code != 0 {
		t.Fatalf("man: %+v", o)
	}
	page, err := os.ReadFile(filepath.Join(dir, "authwalk-token.1"))
	if err != nil || !strings.HasPrefix(string(page), ".TH") || !strings.Contains(string(page), `\-\-require\-scopes`) {
		t.Errorf("man page: %v\n%s", err, page)
	}
}

func TestRawLine(t *testing.T) {
	for in, want := range map[string]string{
		"abc\r": "abc", "abc\n": "abc", "ab\x7fc\r": "ac", "aé\x7fb\r": "ab", "wrong\x15right\r": "right", "a b \r": "a b ", "abc": "abc", "\x7f\x7fx\r": "x",
	} {
		if got, err := rawLine(strings.NewReader(in)); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"ab\x03", "\x04", ""} {
		if got, err := rawLine(strings.NewReader(in)); err == nil || got != "" {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain":        "plain",
		"\x1b[31m":     "^[[31m",
		"a\u009bb":     "a<009B>b",
		"a\u202eb":     "a<202E>b",
		"a\xffb":       "a<FF>b",
		"a\nb":         "a^Jb",
		"é ü 漢 ✓":      "é ü 漢 ✓",
		"\u00a0":       "<00A0>",
		"\x7f":         "^?",
		"\ue000access": "<E000>access",
	} {
		if got := visible(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := visibleLines("a\r\n\tb\rc"); got != "a\n\tb^Mc" {
		t.Errorf("lines: %q", got)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestFullDisk: what cannot be written is no success.
func TestFullDisk(t *testing.T) {
	tn := serve(t, "works")
	for _, args := range [][]string{{"version"}, tn.with("token"), tn.with("token", "--json"), tn.with("token", "--raw"), tn.with("token", "--access-token"), {"tenant", "--list"},
		append(tn.with("call"), "/api/me"), tn.with("check"), {"decode", "abc"}, {"completion", "bash"}} {
		var stderr lockedBuffer
		if code := Main(world{args: args}.make(t, fullDisk{}, &stderr)); code != 1 || !strings.Contains(stderr.String(), "no space") {
			t.Errorf("%v: exit %d, %q", args[:1], code, stderr.String())
		}
	}
}
