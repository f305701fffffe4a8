package flows

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestCallURL(t *testing.T) {
	api := Config{Domain: "tenant.test", Audience: "https://api.test/v1/"}
	for _, tc := range []struct {
		name string
		cfg  Config
		ref  string
		want string // empty: refused
	}{
		{"absolute", api, "https://other.test/a?b=c", "https://other.test/a?b=c"},
		{"from the audience", api, "orders", "https://api.test/v1/orders"},
		{"with a slash", api, "/orders", "https://api.test/v1/orders"},
		{"audience without its slash", Config{Domain: "tenant.test", Audience: "https://api.test/v1"}, "/orders", "https://api.test/v1/orders"},
		{"api_base first", Config{Domain: "tenant.test", Audience: "https://api.test/", APIBase: "https://base.test/x/"}, "y", "https://base.test/x/y"},
		{"an audience that is no URL", Config{Domain: "tenant.test", Audience: "my-api"}, "x", "https://tenant.test/x"},
		{"an audience that is a URN", Config{Domain: "tenant.test", Audience: "urn:my:api"}, "x", "https://tenant.test/x"},
		{"no audience", Config{Domain: "tenant.test"}, "/userinfo", "https://tenant.test/userinfo"},
		{"from a token URL", Config{TokenURL: "https://tenant.test/a/b/token"}, "/x", "https://tenant.test/x"},
		{"query", api, "orders?a=b%20c&d", "https://api.test/v1/orders?a=b%20c&d"},
		{"query alone", api, "?a=b", "https://api.test/v1/?a=b"},
		{"the base's own query", Config{TokenURL: "https://t.test/", APIBase: "https://api.test/?k=v"}, "x", "https://api.test/x"},
		{"escapes stay", api, "a%2Fb/%20c", "https://api.test/v1/a%2Fb/%20c"},
		{"the slash at the end stays", api, "orders/", "https://api.test/v1/orders/"},
		{"no way up and out", api, "../../../x", "https://api.test/x"},
		{"a fragment is not sent", api, "https://api.test/x#secret", "https://api.test/x"},
		{"blanks around it", api, " /x \n", "https://api.test/v1/x"},
		{"loopback in plain http", api, "http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
		{"empty", api, " ", ""},
		{"another host by stealth", api, "//evil.test/x", ""},
		{"plain http", api, "http://api.test/x", ""},
		{"another scheme", api, "file:///etc/passwd", ""},
		{"a host with a port and no scheme", api, "localhost:8080/x", ""},
		{"a user in it", api, "https://user:SECRET@api.test/", ""},
		{"no URL", api, "https://[::1:SECRET%zz", ""},
		{"control characters", api, "/x\x00y", ""},
	} {
		got, err := tc.cfg.CallURL(tc.ref)
		var ue *UsageError
		if got != tc.want || (tc.want == "") != errors.As(err, &ue) {
			t.Errorf("%s: got %q, %v; want %q", tc.name, got, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "user:SECRET") {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestCallOnTheWire(t *testing.T) {
	var got *http.Request
	var body []byte
	c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(418)
		_, _ = io.WriteString(w, "short and stout")
	})
	out := c.Call(t.Context(), Call{Method: " patch", URL: "/x?y=z", Token: "the-token", Body: []byte(`{"a":1}`),
		Header: http.Header{"x-one": {"1", "2"}, "authorization": {"Bearer mine"}, "Host": {"api.test"}, "content-type": {"application/merge-patch+json"}, "User-Agent": {"mine"}}})
	if out.Err != nil || out.Answer.Exchange.Status != 418 || string(out.Answer.Exchange.Body) != "short and stout" || out.Answer.Purpose != PurposeAPI {
		t.Fatalf("%v %v", out.Err, out.Answer)
	}
	if got.Method != "PATCH" || got.URL.String() != "/x?y=z" || got.Host != "api.test" || string(body) != `{"a":1}` || got.UserAgent() != "mine" {
		t.Errorf("%s %s %s %s", got.Method, got.URL, got.Host, body)
	}
	if a := got.Header["Authorization"]; len(a) != 1 || a[0] != "Bearer the-token" {
		t.Errorf("%q", a)
	}
	if ct := got.Header["Content-Type"]; len(ct) != 1 || ct[0] != "application/merge-patch+json" || len(got.Header["X-One"]) != 2 {
		t.Errorf("%v", got.Header)
	}
	out = c.Call(t.Context(), Call{URL: "/", Token: "t", Body: []byte("x")})
	if got.Method != "GET" || got.Header.Get("Content-Type") != "application/json" || out.Err != nil {
		t.Errorf("%s %v %v", got.Method, got.Header, out.Err)
	}
	for name, call := range map[string]Call{
		"a token with a line end": {URL: "/", Token: "SECRET\r\nX: y"},
		"a header with one":       {URL: "/", Token: "t", Header: http.Header{"X": {"SECRET\n"}}},
		"a header's name":         {URL: "/", Token: "t", Header: http.Header{"SECRET x": {"1"}}},
		"a method with a blank":   {URL: "/", Token: "t", Method: "GET /"},
	} {
		out := c.Call(t.Context(), call)
		if out.Err == nil || strings.Contains(out.Err.Error(), "SECRET\\") || len(out.Exchanges) != 1 || out.Exchanges[0].Fault.Stage == StageBody {
			t.Errorf("%s: %v", name, out.Err)
		}
	}
}

// TestLargeAnswer reads 50 MB: little of it in memory, all of it on disk.
func TestLargeAnswer(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	const size = 50 << 20
	chunk := bytes.Repeat([]byte("0123456789abcdef"), 4<<10)
	half, goOn := make(chan struct{}), make(chan struct{})
	c := server(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		for n := 0; n < size; n += len(chunk) {
			if n == size/2 {
				_ = http.NewResponseController(w).Flush()
				close(half)
				<-goOn
			}
			_, _ = w.Write(chunk)
		}
	})
	spool := &Spool{}
	done := make(chan Outcome)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	go func() { done <- c.Call(context.Background(), Call{URL: "/", Token: "t", Spool: spool}) }()
	<-half
	for spool.Size() < size/2 { // what a screen reads while it streams
		runtime.Gosched()
	}
	if r, err := spool.Open(); err != nil || spool.Size() != size/2 || !spool.onDisk() {
		t.Errorf("%v, %d bytes", err, spool.Size())
	} else if b, err := io.ReadAll(r); err != nil || len(b) != size/2 {
		t.Errorf("%v, %d bytes", err, len(b))
	}
	runtime.ReadMemStats(&before)
	close(goOn)
	out := <-done
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
		t.Errorf("%d MiB for the second half", n>>20)
	}
	ex := out.Answer.Exchange
	if out.Err != nil || ex.BodySize != size || len(ex.Body) > limitMemory || !ex.Truncated || ex.Spool != spool || spool.Cut() {
		t.Errorf("%v: %d of %d bytes", out.Err, len(ex.Body), ex.BodySize)
	}
	r, err := spool.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Seek(-16, io.SeekEnd); err != nil {
		t.Error(err)
	}
	if b, err := io.ReadAll(r); err != nil || string(b) != "0123456789abcdef" {
		t.Errorf("%v %q", err, b)
	}
	if err := spool.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(r); !errors.Is(err, os.ErrClosed) {
		t.Errorf("read after closing: %v", err)
	}
	if _, err := spool.Open(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("opened after closing: %v", err)
	}
	if err := spool.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

func TestSmallAnswerStaysInMemory(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	c := server(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, limitMemory)) })
	out := c.Call(t.Context(), Call{URL: "/", Token: "t"})
	if ex := out.Answer.Exchange; out.Err != nil || len(ex.Body) != limitMemory || ex.Truncated || ex.Spool != nil {
		t.Errorf("%v, %d bytes", out.Err, len(ex.Body))
	}
}

// TestNoRoomForALargeAnswer keeps what came.
func TestNoRoomForALargeAnswer(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("TMPDIR is what other systems look at")
	}
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	c := server(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, limitMemory+1)) })
	out := c.Call(t.Context(), Call{URL: "/", Token: "t"})
	ex := out.Answer.Exchange
	if out.Err == nil || !strings.Contains(out.Err.Error(), "put aside") || !errors.Is(ex.Fault, syscall.ENOENT) || ex.Status != 200 || len(ex.Body) == 0 {
		t.Errorf("%v, %d bytes", out.Err, len(ex.Body))
	}
}

// TestSpoolClosedWhileItFills: a screen that is left closes the spool while the
// answer still comes; no file is made afterwards.
func TestSpoolClosedWhileItFills(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	c := server(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("begin"))
		_ = http.NewResponseController(w).Flush()
		close(arrived)
		<-goOn
		_, _ = w.Write(make([]byte, 2*limitMemory))
	})
	spool := &Spool{}
	done := make(chan Outcome)
	go func() { done <- c.Call(context.Background(), Call{URL: "/", Token: "t", Spool: spool}) }()
	<-arrived
	_ = spool.Close()
	close(goOn)
	out := <-done
	if !errors.Is(out.Err, os.ErrClosed) || spool.onDisk() {
		t.Errorf("%v", out.Err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestSpoolLimit cuts what is larger than is ever kept, in little memory.
func TestSpoolLimit(t *testing.T) {
	s := &Spool{}
	s.size.Store(limitAnswer - 10) // as if so much had come
	if err := s.fill(strings.NewReader("0123456789abc")); err != nil || !s.Cut() || s.Size() != limitAnswer {
		t.Errorf("%v, cut %t, %d", err, s.Cut(), s.Size())
	}
	whole := &Spool{}
	if err := whole.fill(io.LimitReader(zeros{}, 10)); err != nil || whole.Cut() {
		t.Errorf("%v", err)
	}
	broken := &Spool{}
	if err := broken.fill(io.MultiReader(strings.NewReader("begin"), errReader{})); !errors.Is(err, io.ErrUnexpectedEOF) || string(broken.Head()) != "begin" {
		t.Errorf("%v, %q", err, broken.Head())
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestUserinfo(t *testing.T) {
	status, body := 200, `{"sub":"a"}`
	c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/userinfo" || r.Header.Get("Authorization") != "Bearer t" {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	s := NewSession(c.Config)
	out := c.Userinfo(t.Context(), "t")
	s.TakeAnswer(out, false, time.Now())
	if out.Err != nil || s.Userinfo == nil || s.Userinfo.GetStr("sub") != "a" {
		t.Errorf("%v %v", out.Err, s.Userinfo)
	}
	// Auth0 refuses with a plain text; that is an answer too.
	status, body = 401, "Unauthorized"
	out = c.Userinfo(t.Context(), "t")
	if _, fs := s.TakeAnswer(out, false, time.Now()); out.Err != nil || len(fs) == 0 {
		t.Errorf("%v, findings %v", out.Err, fs)
	}
	none := client(t, Config{TokenURL: c.Config.Domain + "/t"})
	var ue *UsageError
	if out := none.Userinfo(t.Context(), "t"); !errors.As(out.Err, &ue) {
		t.Errorf("%v", out.Err)
	}
	if out := none.Revoke(t.Context(), "t", ""); !errors.As(out.Err, &ue) {
		t.Errorf("%v", out.Err)
	}
}

func TestRevoke(t *testing.T) {
	for _, tc := range []struct {
		name, body, says string
		status           int
	}{
		{"done", "", "", 200},
		{"done, with words", "ok", "", 200},
		{"an error in a 200", `{"error":"invalid_request","error_description":"no"}`, "invalid_request: no", 200},
		{"refused", `{"error":"invalid_client"}`, "invalid_client", 401},
		{"refused without a word", ``, "(503) is empty", 503},
		{"an odd answer", `{}`, "answers 202", 202},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := server(t, Config{ClientSecret: "s"}, func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				if r.URL.Path != "/oauth/revoke" || r.PostForm.Encode() != "client_id=app&client_secret=s&token=t&token_type_hint=refresh_token" {
					t.Errorf("%s %s", r.URL, r.PostForm.Encode())
				}
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})
			out := c.Revoke(t.Context(), "t", "refresh_token")
			if (tc.says == "") != (out.Err == nil) || out.Err != nil && !strings.Contains(out.Err.Error(), tc.says) || out.Answer == nil {
				t.Errorf("%v", out.Err)
			}
		})
	}
}
