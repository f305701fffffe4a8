package report

import (
	"encoding/base64"
	"go/format"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"authwalk/flows"
)

// got is a request as a server saw it.
type got struct {
	method, uri, body string
	header            http.Header
}

func recordingServer(t *testing.T) (*httptest.Server, chan got) {
	seen := make(chan got, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		seen <- got{r.Method, r.RequestURI, string(b), r.Header}
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(s.Close)
	return s, seen
}

type sent struct {
	title, method, uri string
	header             http.Header
	body               string
	notCode            bool // holds bytes that a string of Python or JavaScript does not
}

func requests() []sent {
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	with := func(h http.Header, k, v string) http.Header { c := h.Clone(); c.Add(k, v); return c }
	js := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer mfa-token-value"}}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("client%2F1:"+url.QueryEscape(sharp)))
	plainBasic := "Basic " + base64.StdEncoding.EncodeToString([]byte("client:simple-Secret_1"))
	q := url.QueryEscape
	return []sent{
		{"password grant", "POST", "/oauth/token", form, "grant_type=password&username=ada%40acme.test&password=" + q(sharp) + "&audience=https%3A%2F%2Fapi.test%2F&scope=openid+read%3Aorders&client_id=abc&client_secret=" + q("s&c=r+t 'x' $HOME `id` \\"), false},
		{"basic", "POST", "/oauth/token", with(form, "Authorization", plainBasic), "grant_type=refresh_token&refresh_token=v1.abc-DEF_123", false},
		{"basic, form-encoded", "POST", "/oauth/token", with(form, "Authorization", basic), "grant_type=refresh_token&refresh_token=v1.abc-DEF_123", false},
		{"assertion", "POST", "/oauth/token", form, "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" + jws, false},
		{"json", "POST", "/mfa/challenge", js, `{"challenge_type":"oob","mfa_token":"mfa-token-value","note":"it's $5 \"ok\" \\ !"}`, false},
		{"get", "GET", "/api/orders?q=a%20b&token=t0k&x=[1]{2}", http.Header{"Authorization": {"Bearer " + jws}, "X-Api-Key": {"k$y'\"`\\"}, "Accept": {"text/plain", "text/html"}}, "", false},
		{"delete with a body", "DELETE", "/api/./x/../y", http.Header{"Content-Type": {"text/plain"}}, "line 1\nline '2'\n\n", false},
		{"post without anything", "POST", "/x", nil, "", false},
		{"body without a type", "PUT", "/x", nil, "a", false},
		{"binary", "POST", "/x", http.Header{"Content-Type": {"application/octet-stream"}}, "-\x00\x01\xff%d%s\\n\n'\"$(id)", true},
		{"text that turns", "POST", "/x", http.Header{"Content-Type": {"text/plain"}, "X-Request-Id": {"e\u0301\u202ea\u00a0"}}, "a\u202eb\x1b[31m\x7f\U000e0041 \u2028 end\n", false},
		{"odd form", "POST", "/x", form, "a&b=%zz&password=p%26q&=x", false},
		{"odd names", "POST", "/x", form, "a+b%26%3D=c%3Dd&%40file=%40file&password=%40" + q("päss"), false},
		{"form with nul", "POST", "/x", form, "a=b%00c&password=d", false},
		{"empty values", "POST", "/x", form, "realm=&password=", false},
		{"head", "HEAD", "/x", nil, "", false},
		{"short secret", "POST", "/x", form, "otp=1&password=ab", false},
		{"large", "POST", "/x", http.Header{"Content-Type": {"application/json"}}, `{"a":"` + strings.Repeat("x", bodyInFile) + `"}`, false},
	}
}

func exchangeOf(base string, s sent) flows.Exchange {
	ex := flows.Exchange{Method: s.method, URL: base + s.uri, RequestHeader: s.header.Clone(), Status: 200}
	if ex.RequestHeader == nil {
		ex.RequestHeader = http.Header{}
	}
	ex.RequestHeader.Set("User-Agent", "authwalk/1")
	ex.RequestHeader.Set("Content-Length", "5")
	if s.body != "" {
		ex.RequestBody = []byte(s.body)
	}
	return ex
}

// secretsOf are the values that must not be in a copied request.
var secretsOf = []string{sharp, "s&c=r+t 'x' $HOME `id` \\", "simple-Secret_1", "v1.abc-DEF_123", "mfa-token-value", jws, "k$y'\"`\\", "p&q", "päss"}

// environment gives the variables that a copied request wants.
func environment(r *Redactor, ex flows.Exchange, code string) []string {
	var env []string
	for _, v := range r.recipe(ex).vars {
		env = append(env, v.name+"="+v.value)
		if strings.Contains(code, v.name+"_ENCODED") {
			env = append(env, v.name+"_ENCODED="+url.QueryEscape(v.value))
		}
	}
	return env
}

func noSecrets(t *testing.T, title, code string) {
	t.Helper()
	for _, secret := range secretsOf {
		if in := leak(code, secret); in != "" {
			t.Errorf("%s: %q in the code (%s):\n%s", title, secret, in, code)
		}
	}
}

// A copied request, run with its variables set, sends what the exchange sent.
// Programs of other languages are slow to start: they and all cases of curl run
// with AUTHWALK_INTEROP=1.
func TestCopiesSendTheSameRequest(t *testing.T) {
	all := os.Getenv("AUTHWALK_INTEROP") == "1"
	langs := []struct {
		name  string
		write func(*Redactor, flows.Exchange) string
		file  string
		run   []string
		cases []int
		slow  bool
	}{
		{"curl", (*Redactor).Curl, "request.sh", []string{"bash", "request.sh"}, []int{0, 4, 5, 9, 12}, false},
		{"curl in sh", (*Redactor).Curl, "request.sh", []string{"sh", "request.sh"}, []int{2, 10}, false},
		{"python", (*Redactor).Python, "request.py", []string{"python3", "request.py"}, []int{2, 10}, true},
		{"node", (*Redactor).Node, "request.mjs", []string{"node", "request.mjs"}, []int{2, 10}, true},
		{"go", (*Redactor).Go, "main.go", []string{"go", "run", "main.go"}, []int{2}, true},
	}
	for _, lang := range langs {
		t.Run(lang.name, func(t *testing.T) {
			if lang.slow && !all {
				t.Skip("AUTHWALK_INTEROP=1 runs it")
			}
			t.Parallel()
			for _, tool := range []string{lang.run[0], "curl"} {
				if _, err := exec.LookPath(tool); err != nil && (tool != "curl" || strings.HasPrefix(lang.name, "curl")) {
					t.Skipf("%s is not here", tool)
				}
			}
			server, seen := recordingServer(t)
			for i, s := range requests() {
				if !slices.Contains(lang.cases, i) && (lang.slow || !all) || testing.Short() && i != 2 {
					continue
				}
				ex := exchangeOf(server.URL, s)
				r := NewRedactor(Options{})
				code := lang.write(r, ex)
				dir := t.TempDir()
				for name, content := range map[string][]byte{"request-body": ex.RequestBody, lang.file: []byte(code)} {
					if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				cmd := exec.Command(lang.run[0], lang.run[1:]...)
				cmd.Dir = dir
				cmd.Env = append(append(os.Environ(), "no_proxy=*"), environment(r, ex, code)...)
				out, err := cmd.CombinedOutput()
				select {
				case g := <-seen:
					if !strings.Contains(string(out), "418") {
						t.Errorf("%s: %v %s\n%s", s.title, err, out, code)
					}
					same(t, s, g, code)
				default:
					t.Errorf("%s: nothing was sent: %v %s\n%s", s.title, err, out, code)
				}
			}
		})
	}
}

func TestCopiesHoldNoSecretAndParse(t *testing.T) {
	for _, s := range requests() {
		ex := exchangeOf("https://tenant.test", s)
		r := NewRedactor(Options{})
		r.Config(flows.Config{CAFile: "/tmp/my ca.pem", ClientCert: "/c.pem", ClientKey: "/k.pem", Proxy: "http://p.test:1/"})
		noSecrets(t, s.title, r.Curl(ex))
		noSecrets(t, s.title, r.Python(ex))
		noSecrets(t, s.title, r.Node(ex))
		code := r.Go(ex)
		noSecrets(t, s.title, code)
		tidy, err := format.Source([]byte(code))
		if err != nil || string(tidy) != code {
			t.Errorf("%s: %v\n%s", s.title, err, code)
		}
	}
}

func same(t *testing.T, s sent, g got, code string) {
	t.Helper()
	if g.method != s.method {
		t.Errorf("%s: method %s\n%s", s.title, g.method, code)
	}
	if want, _ := url.Parse(s.uri); g.uri != s.uri && g.uri != want.RequestURI() {
		if a, err := url.Parse(g.uri); err != nil || a.Path != want.Path && !strings.Contains(want.Path, "/.") || !reflect.DeepEqual(a.Query(), want.Query()) {
			t.Errorf("%s: %s\n%s", s.title, g.uri, code)
		}
	}
	for k, v := range s.header {
		if strings.Join(g.header[k], ", ") != strings.Join(v, ", ") {
			t.Errorf("%s: %s: %q, want %q\n%s", s.title, k, g.header[k], v, code)
		}
	}
	if s.header.Get("Content-Type") == "" && g.header.Get("Content-Type") != "" {
		t.Errorf("%s: a Content-Type that was not sent: %q", s.title, g.header["Content-Type"])
	}
	if g.body == s.body {
		return
	}
	a, err1 := url.ParseQuery(g.body)
	b, err2 := url.ParseQuery(s.body)
	if !isForm(s.header.Get("Content-Type")) || err1 != nil || err2 != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("%s: body\n got %q\nwant %q\n%s", s.title, g.body, s.body, code)
	}
}

func TestCurlReads(t *testing.T) {
	s := requests()[0]
	r := NewRedactor(Options{})
	r.Config(flows.Config{CAFile: "/tmp/my ca.pem", Proxy: "http://u:proxy-pass@p.test:3128"})
	ex := exchangeOf("https://tenant.test", s)
	want := `# Set these first:
#   AUTHWALK_PASSWORD        the user's password
#   AUTHWALK_CLIENT_SECRET   the application's client secret
#   AUTHWALK_PROXY_PASSWORD  the proxy's password
curl -i https://tenant.test/oauth/token \
  --cacert '/tmp/my ca.pem' \
  --proxy "http://u:$AUTHWALK_PROXY_PASSWORD@p.test:3128" \
  -H 'Accept: application/json' \
  -d grant_type=password \
  --data-urlencode username=ada@acme.test \
  --data-urlencode "password=$AUTHWALK_PASSWORD" \
  --data-urlencode audience=https://api.test/ \
  --data-urlencode 'scope=openid read:orders' \
  -d client_id=abc \
  --data-urlencode "client_secret=$AUTHWALK_CLIENT_SECRET"
`
	if got := r.Curl(ex); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
