package tenant

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func listening(t *testing.T, scenario string, withTLS bool) *Tenant {
	t.Helper()
	s, _ := Lookup(scenario)
	tenant, err := New(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tenant.Listen("127.0.0.1:0", withTLS); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tenant.Close() })
	return tenant
}

func TestListen(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	tenant := listening(t, "works", false)
	f := &fixture{T: t, Tenant: tenant}
	if f.Issuer() != "http://"+f.Addr()+"/" || f.Profile().Domain != "http://"+f.Addr() || f.CAPEM() != nil {
		t.Errorf("%s %s", f.Issuer(), f.Addr())
	}
	transport := &http.Transport{}
	client := &http.Client{Transport: transport}
	res, err := client.PostForm(f.Issuer()+"oauth/token", f.loginForm())
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Date") == "" {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if err := tenant.Listen("", false); err == nil {
		t.Error("it listens twice")
	}
	if err := tenant.Close(); err != nil {
		t.Error(err)
	}
	transport.CloseIdleConnections()
	if _, err := client.Get(f.Issuer()); err == nil {
		t.Error("it still listens")
	}
}

func TestLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1", "nonsense", "127.0.0.1:99999"} {
		s, _ := Lookup("works")
		tenant, err := New(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := tenant.Listen(addr, false); err == nil {
			t.Errorf("%s is taken", addr)
		} else if addr == "0.0.0.0:0" && !strings.Contains(err.Error(), "loopback only") {
			t.Error(err)
		}
		_ = tenant.Close()
	}
}

func TestTLS(t *testing.T) {
	tenant := listening(t, "works", true)
	_, port, _ := net.SplitHostPort(tenant.Addr())
	pool := decodePEM(tenant.CAPEM())
	if tenant.Profile().Domain != tenant.Addr() {
		t.Errorf("domain %s", tenant.Profile().Domain)
	}
	for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
		conn, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{RootCAs: pool, ServerName: host})
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		_ = conn.Close()
	}
	var unknown x509.UnknownAuthorityError
	if _, err := tls.Dial("tcp", tenant.Addr(), &tls.Config{ServerName: "127.0.0.1"}); !errors.As(err, &unknown) {
		t.Errorf("without the CA: %v", err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer client.CloseIdleConnections()
	res, err := client.Get(tenant.Issuer() + ".well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var doc map[string]any
	if err := json.NewDecoder(res.Body).Decode(&doc); err != nil || doc["issuer"] != tenant.Issuer() {
		t.Errorf("%v %v", err, doc["issuer"])
	}
}

func TestResetOnTheWire(t *testing.T) {
	for _, withTLS := range []bool{false, true} {
		tenant := listening(t, "connection-reset", withTLS)
		f := &fixture{T: t, Tenant: tenant}
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: decodePEM(tenant.CAPEM())}}
		client := &http.Client{Transport: transport}
		_, err := client.PostForm(f.Issuer()+"oauth/token", f.loginForm())
		if err == nil || runtime.GOOS != "windows" && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("TLS %v: %v", withTLS, err)
		}
		transport.CloseIdleConnections()
	}
}

// TestSlowClients are cut off, whether they dribble headers or a body.
func TestSlowClients(t *testing.T) {
	for _, c := range []struct {
		name, half       string
		readHeader, read time.Duration
	}{
		{"headers", "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\n", 50 * time.Millisecond, time.Minute},
		{"body", "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", time.Minute, 100 * time.Millisecond},
	} {
		s, _ := Lookup("works")
		tenant, err := New(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		limits := usualLimits
		limits.readHeader, limits.read = c.readHeader, c.read
		if err := tenant.listen("127.0.0.1:0", false, limits); err != nil {
			t.Fatal(err)
		}
		defer tenant.Close()
		conn, err := net.Dial("tcp", tenant.Addr())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		fmt.Fprint(conn, c.half)
		rest, err := io.ReadAll(conn)
		if errors.Is(err, os.ErrDeadlineExceeded) { // reset is cut off, too: what was sent may have come too late to be read
			t.Errorf("%s: the connection stays open: %v", c.name, err)
		}
		if c.name == "body" && !strings.Contains(string(rest), "400") {
			t.Errorf("%s", rest)
		}
		_ = conn.Close()
	}
}

func TestServerLimits(t *testing.T) {
	s, _ := Lookup("works")
	tenant, err := New(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	limits := usualLimits
	limits.connections = 2
	if err := tenant.listen("127.0.0.1:0", false, limits); err != nil {
		t.Fatal(err)
	}
	defer tenant.Close()
	get := func(conn net.Conn, extra string) (status string) {
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		fmt.Fprintf(conn, "GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n%s\r\n", extra)
		status, _ = bufio.NewReader(conn).ReadString('\n')
		return status
	}
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", tenant.Addr())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	a, b, c := dial(), dial(), dial()
	if got := get(a, ""); !strings.Contains(got, "200") {
		t.Error(got)
	}
	if got := get(b, "X: "+strings.Repeat("x", 64<<10)+"\r\n"); !strings.Contains(got, "431") {
		t.Errorf("large headers: %q", got)
	}
	_ = a.Close() // makes room for the third
	if got := get(c, ""); !strings.Contains(got, "200") {
		t.Errorf("%q", got)
	}
	_, _ = b.Close(), c.Close()
}

func TestPhoneForOtherPrograms(t *testing.T) {
	f := startSet(t, func(s *settings) { s.requireFactors(factorPush, factorSMS) })
	token := f.mfaLogin()
	oob := f.post("/mfa/challenge", f.client("mfa_token", token)).ok().text("oob_code")
	f.post("/mfa/challenge", f.client("mfa_token", token, "oob_channel", "sms")).ok()
	var seen struct {
		Messages []Message
		Pushes   []Push
	}
	if err := json.Unmarshal([]byte(f.get("/phone/", "").ok().Body), &seen); err != nil || len(seen.Pushes) != 1 || seen.Messages[len(seen.Messages)-1].Code != f.lastCode() {
		t.Fatalf("%v %+v", err, seen)
	}
	f.do(request("POST", "/phone/"+seen.Pushes[0].ID+"/approve", "", "")).ok()
	f.mfaGrant(grantMFAOOB, token, "oob_code", oob).ok()
	f.do(request("POST", "/phone/"+seen.Pushes[0].ID+"/deny", "", "")).want(404, "not_found", "No push of this id is waiting.")
	f.do(request("PUT", "/phone", "", "")).want(404, "not_found", "GET lists messages and pushes; POST ID/approve or ID/deny answers a push.")
	f.get("/phone", "").ok()
	if !strings.HasSuffix(f.Describe().PhoneURL, "/phone/") {
		t.Error(f.Describe().PhoneURL)
	}
}

// profilesFile is as much of a profile file as the tests look at; by table.
type profilesFile struct {
	Default string
	Profile map[string]map[string]any
	Calls   map[string]int
}

// readProfiles reads the TOML that WriteFiles writes: a table or a key on each
// line, and strings and arrays that are JSON too.
func readProfiles(t *testing.T, path string) profilesFile {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := profilesFile{Profile: map[string]map[string]any{}, Calls: map[string]int{}}
	table := map[string]any{}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		key, value, isKey := strings.Cut(line, " = ")
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "[["):
			name := strings.TrimPrefix(strings.Trim(line, "[]"), "profile.")
			out.Calls[name]++
			table = map[string]any{}
		case line[0] == '[':
			table = map[string]any{}
			out.Profile[strings.TrimPrefix(strings.Trim(line, "[]"), "profile.")] = table
		case isKey && key == "headers":
		case isKey:
			var v any
			if err := json.Unmarshal([]byte(value), &v); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if key == "default" {
				out.Default, _ = v.(string)
			}
			table[key] = v
		default:
			t.Fatalf("no TOML: %s", line)
		}
	}
	return out
}

func TestWriteFiles(t *testing.T) {
	tenant := listening(t, "works", true)
	dir := filepath.Join(t.TempDir(), "made")
	files, err := tenant.WriteFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	file := readProfiles(t, files.Profiles)
	main := file.Profile["works"]
	if file.Default != "works" || main == nil || len(file.Profile) != 16 {
		t.Fatalf("%+v", file)
	}
	path, _ := strings.CutPrefix(main["client_secret"].(string), "file:")
	secret, err := os.ReadFile(path)
	if err != nil || strings.TrimSpace(string(secret)) != tenant.Describe().Clients[0].ClientSecret {
		t.Errorf("%v %q", err, secret)
	}
	if main["domain"] != tenant.Addr() || file.Profile["works.tls"]["ca_file"] != files.CA || file.Calls["works.call"] != 3 {
		t.Errorf("%v %v %v", main, file.Profile["works.tls"], file.Calls)
	}
	raw, _ := os.ReadFile(files.Profiles)
	for _, u := range tenant.Describe().Users {
		if strings.Contains(string(raw), u.Password) {
			t.Error("a password stands in the profile file")
		}
	}
	n := 0
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			t.Error(err)
			return err
		}
		info, _ := e.Info()
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("%s: %v", path, info.Mode())
		}
		n++
		return nil
	})
	if n < 10 {
		t.Errorf("%d files", n)
	}
	if d := tenant.Describe(); d.ProfilesFile != files.Profiles || d.CAFile != files.CA || d.Clients[2].PrivateKeyFile != files.PrivateKey || files.PrivateKey == "" {
		t.Errorf("%+v", d)
	}
	if again, err := tenant.WriteFiles(dir); err != nil || again.Profiles != files.Profiles {
		t.Error("written twice")
	}
	if err := tenant.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder stays: %v", err)
	}
}

func TestFilesOfEachScenario(t *testing.T) {
	for _, s := range Scenarios() {
		f := startWith(t, s)
		files, err := f.WriteFiles(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		file := readProfiles(t, files.Profiles)
		if file.Default != s.Name || file.Profile[s.Name] == nil {
			t.Errorf("%s: %+v", s.Name, file)
		}
		_, hasOTP := file.Profile[s.Name]["otp_secret"]
		if want := s.Name == "mfa-wrong-code" || s.Name == "mfa-expired"; hasOTP != want {
			t.Errorf("%s: otp_secret %v", s.Name, hasOTP)
		}
		if _, has := file.Profile[s.Name]["api_secret"]; has {
			t.Errorf("%s has an api_secret", s.Name)
		}
		if _, has := file.Profile[s.Name]["timeout"]; has != (s.Name == "slow") {
			t.Errorf("%s: timeout %v", s.Name, has)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if entries, _ := os.ReadDir(files.Dir); len(entries) != 0 {
			t.Errorf("%s leaves %v", s.Name, entries)
		}
	}
}

func TestDescribe(t *testing.T) {
	f := start(t, "works")
	raw := string(encode(f.Describe()))
	want := "scenario issuer token_url ca_file profiles_file clients users apis realms phone_url"
	if got := strings.Join(keyOrder(t, raw), " "); got != want {
		t.Errorf("%s", got)
	}
	d := f.Describe()
	var auths []string
	for _, c := range d.Clients {
		auths = append(auths, c.Auth)
	}
	if strings.Join(auths, " ") != "post basic private_key_jwt none post" || len(d.Clients[0].Grants) != 7 {
		t.Errorf("%v", d.Clients)
	}
	last := d.Clients[len(d.Clients)-1]
	if strings.Contains(strings.Join(last.Grants, " "), "password") {
		t.Errorf("%v", last)
	}
	if d.Users[0].OTPSecret != "" || d.Users[1].OTPSecret == "" || len(d.APIs[0].Scopes) != 3 || d.APIs[0].Routes[0] != (DescribedRoute{"GET", "/api/orders", "read:orders"}) {
		t.Errorf("%+v", d)
	}
	for _, s := range Scenarios() {
		g := startWith(t, s)
		if got := g.Describe().Users[0].OTPSecret != ""; got && !strings.HasPrefix(s.Name, "mfa-") {
			t.Errorf("%s: the first user has MFA", s.Name)
		}
	}
}

func TestListOfScenarios(t *testing.T) {
	raw, _ := json.Marshal(Scenarios()[0])
	if got := strings.Join(keyOrder(t, string(raw)), " "); got != "name title teaches run diagnosis exit" {
		t.Errorf("%s", got)
	}
	if _, ok := Lookup("nobody"); ok {
		t.Error("an unknown scenario is found")
	}
	if _, err := New(Scenario{Name: "x"}, Options{}); err == nil {
		t.Error("a scenario of nobody's making is taken")
	}
	if _, err := New(Scenarios()[0], Options{Issuer: "nonsense"}); err == nil {
		t.Error("an issuer that is no URL is taken")
	}
	if _, err := New(Scenarios()[0], Options{Rand: strings.NewReader("short")}); err == nil {
		t.Error("too few random bytes")
	}
}

// zeros is a source of the same bytes for ever, so that everything comes out
// the same.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestKeysCanBeKept(t *testing.T) {
	pem, err := NewKeys().PEM()
	if err != nil {
		t.Fatal(err)
	}
	token := func() string {
		keys, err := ParseKeys(pem)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := Lookup("works")
		tenant, err := New(s, Options{Keys: keys, Rand: zeros{}, Now: newClock().now})
		if err != nil {
			t.Fatal(err)
		}
		f := &fixture{T: t, Tenant: tenant, clock: newClock()}
		return f.login().ok().Body + f.get("/.well-known/jwks.json", "").ok().Body
	}
	if first, second := token(), token(); first != second {
		t.Error("the same keys, clock and random bytes give another reply")
	}
	for _, bad := range []string{"", string(pem[:len(pem)/2]), string(pem) + string(pem), strings.Replace(string(pem), "MII", "AAA", 1)} {
		if _, err := ParseKeys([]byte(bad)); err == nil {
			t.Error("bad keys are taken")
		}
	}
}

// TestOtherNamesOfThisMachine: the issuer is the name that the request uses.
func TestOtherNamesOfThisMachine(t *testing.T) {
	tenant := listening(t, "works", false)
	f := &fixture{T: t, Tenant: tenant, clock: newClock()}
	_, port, _ := net.SplitHostPort(tenant.Addr())
	at := func(host, method, path, body, token string) *reply {
		r := request(method, path, "application/x-www-form-urlencoded", body)
		r.Host = host
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return f.do(r)
	}
	local := "localhost:" + port
	if got := at(local, "GET", "/.well-known/openid-configuration", "", "").ok().text("issuer"); got != "http://"+local+"/" {
		t.Errorf("%s", got)
	}
	token := at(local, "POST", "/oauth/token", f.loginForm().Encode(), "").ok().text("access_token")
	if _, body, _ := claims(t, token); body["iss"] != "http://"+local+"/" {
		t.Errorf("%v", body)
	}
	at(local, "GET", "/userinfo", "", token).ok()
	at(tenant.Addr(), "GET", "/api/me", "", token).ok()
	for _, host := range []string{"localhost:1", "localhost", "[::1]:1"} { // of a port that leads here
		if got := at(host, "GET", "/.well-known/openid-configuration", "", "").ok().text("issuer"); got != tenant.Issuer() {
			t.Errorf("%s: %s", host, got)
		}
	}
}

// TestStrangersNames: a website's name that was led to this machine (DNS
// rebinding) gets nothing of the tenant, the phone's codes neither.
func TestStrangersNames(t *testing.T) {
	tenant := listening(t, "works", false)
	_, port, _ := net.SplitHostPort(tenant.Addr())
	for host, want := range map[string]int{
		"evil.test:" + port: 421, "evil.test": 421, "x": 421, "127.0.0.1.evil.test": 421, "localhost.evil.test": 421, "192.0.2.1:" + port: 421, "0.0.0.0:" + port: 421, "": 421,
		tenant.Addr(): 200, "localhost:" + port: 200, "LOCALHOST": 200, "[::1]:" + port: 200, "127.0.0.2": 200,
	} {
		for _, path := range []string{"/.well-known/openid-configuration", phonePath} {
			conn, err := net.Dial("tcp", tenant.Addr())
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host)
			raw, err := io.ReadAll(conn)
			_ = conn.Close()
			if err != nil || !strings.HasPrefix(string(raw), fmt.Sprintf("HTTP/1.1 %d ", want)) || want == 421 && !strings.Contains(string(raw), "localhost.\n") {
				t.Errorf("%q %s: %v %.200s", host, path, err, raw)
			}
		}
	}
}

// TestNamesOfHeaders reads them as they are on the wire.
func TestNamesOfHeaders(t *testing.T) {
	f := &fixture{T: t, Tenant: listening(t, "works", false)}
	conn, err := net.Dial("tcp", f.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	body := f.loginForm("password", "x").Encode()
	fmt.Fprintf(conn, "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	raw, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\r\nX-RateLimit-Limit: 100\r\n", "\r\nX-RateLimit-Remaining: 99\r\n", "\r\nX-Auth0-RequestId: ", "\r\nContent-Type: application/json\r\n", "\r\nContent-Length: 72\r\n"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in %s", want, raw)
		}
	}
}

// TestRepliesWithoutType: net/http must not add a Content-Type of its own.
func TestRepliesWithoutType(t *testing.T) {
	tenant := listening(t, "works", false)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	secret := tenant.Describe().Clients[0].ClientSecret
	info, err := client.Get(tenant.Issuer() + "userinfo")
	if err != nil {
		t.Fatal(err)
	}
	revoked, err := client.PostForm(tenant.Issuer()+"oauth/revoke", form("client_id", mainClient, "client_secret", secret, "token", "x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range []*http.Response{info, revoked} {
		if v, has := res.Header["Content-Type"]; has {
			t.Errorf("%s: %v", res.Request.URL.Path, v)
		}
		_ = res.Body.Close()
	}
	if revoked.StatusCode != 200 || info.StatusCode != 401 {
		t.Errorf("%d %d", revoked.StatusCode, info.StatusCode)
	}
}
