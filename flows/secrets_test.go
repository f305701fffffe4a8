package flows

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"authwalk/flows/rawjson"
	"authwalk/flows/token"
)

const marker = "SECRET-1890"

// holders is a value of every exported type that can hold a secret, with the
// marker wherever one can be.
func holders(t *testing.T) map[string]any {
	t.Helper()
	h := http.Header{"Authorization": {"Bearer " + marker}, "X-Key": {marker}}
	raw, _, _ := rawjson.Parse([]byte(`{"access_token":"` + marker + `"}`))
	tok, _ := token.Decode("eyJhbGciOiJub25lIn0.eyJhIjoi" + base64.RawURLEncoding.EncodeToString([]byte(marker)) + "." + marker)
	cfg := Config{Name: "acme", Domain: "tenant.test", ClientID: "app", ClientSecret: marker, PrivateKey: marker, Password: marker, APISecret: marker, OTPSecret: marker,
		RecoveryCode: marker, OTP: marker, RefreshToken: marker, Proxy: "http://user:" + marker + "@proxy:1", Params: map[string]string{"assertion": marker},
		Calls: []SavedCall{{Method: "GET", URL: "https://api.test/?key=" + marker, Headers: map[string]string{"X-Key": marker}, Body: marker}}}
	spool := &Spool{}
	if err := spool.fill(strings.NewReader(marker)); err != nil {
		t.Fatal(err)
	}
	fault := &Fault{Stage: StageBody, Err: io.ErrUnexpectedEOF}
	ex := Exchange{Method: "POST", URL: "https://user:" + marker + "@tenant.test/x?access_token=" + marker + "#" + marker, RequestHeader: h, RequestBody: []byte(marker), Header: h, Body: []byte(marker), Spool: spool, Fault: fault}
	tokens := Tokens{AccessToken: marker, RefreshToken: marker, IDToken: marker, RecoveryCode: marker, Raw: []byte(marker), Value: raw}
	field := Field{Name: "password", Kind: KindSecret, Value: marker}
	notes := []Note{{Kind: NoteSecret, Text: marker}, {Kind: NoteQR, Text: "otpauth://totp/x?secret=" + marker}, {Kind: NoteKeep, Text: marker}}
	step := Step{Title: "step", Shows: notes, Fields: []Field{field, {Name: "recovery_code", Kind: KindCode, Value: marker}}, Others: []Choice{{Title: "other", Step: Step{Fields: []Field{field}}}}}
	g := Generation{Tokens: &tokens, Access: &tok, ID: &tok, Refresh: marker, exchange: ex}
	s := Session{Config: cfg, Exchanges: []Exchange{ex}, Generations: []*Generation{&g}, Keep: notes, Userinfo: &raw}
	e := Error{Kind: ErrorOAuth, Msg: "mfa_required", Code: "mfa_required", MFAToken: marker, Fault: fault}
	c, err := NewClient(cfg, ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	out := Outcome{Exchanges: []Exchange{ex}, Err: &e, Next: &step, Tokens: &tokens, Answer: &Answer{Exchange: ex}, Keep: notes}
	end := out
	end.Next = nil
	return map[string]any{
		"Secret": Secret(marker), "Config": cfg, "SavedCall": cfg.Calls[0], "*Client": c, "Values": Values{"password": marker},
		"Step": step, "Choice": step.Others[0], "Field": field, "Note": notes[0], "Note of a QR": notes[1], "Note to keep": notes[2], "Outcome": out, "Outcome at its end": end, "Answer": *out.Answer,
		"Request": Request{Method: "POST", URL: ex.URL, Header: h, Body: []byte(marker)}, "Call": Call{Method: "GET", URL: ex.URL, Header: h, Body: []byte(marker), Token: marker, Spool: spool},
		"Exchange": ex, "Tokens": tokens, "*Spool": spool, "*Session": &s, "Generation": g, "*Error": &e, "*Fault": fault,
		"*CheckResult": &CheckResult{Session: &s}, "Examination": Examination{Exchanges: []Exchange{ex}}, "Runner": Runner{Client: c},
		"ForeignHostError": c.foreign("userinfo_endpoint", "https://user:"+marker+"@evil.test/", ""),
		"ClientOptions":    ClientOptions{}, "Endpoints": Endpoints{}, "Asked": Asked{},
	}
}

// leaks tells whether the marker is in a text in any form a printer has.
func leaks(text string) bool {
	b := []byte(marker)
	dec := strings.Trim(fmt.Sprint(b), "[]")
	for _, form := range []string{marker, hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)), dec, strings.ReplaceAll(dec, " ", ", "), fmt.Sprintf("% x", b),
		strings.ReplaceAll(fmt.Sprintf("%#v", b), "[]byte{", ""), base64.StdEncoding.EncodeToString(b)[:12], strings.Trim(fmt.Sprintf("%U", []rune(marker)), "[]")} {
		if strings.Contains(text, strings.TrimSuffix(form, "}")) {
			return true
		}
	}
	return false
}

func TestSecretsNeverPrint(t *testing.T) {
	for name, v := range holders(t) {
		t.Run(name, func(t *testing.T) {
			p := reflect.New(reflect.TypeOf(v))
			p.Elem().Set(reflect.ValueOf(v))
			in := struct {
				Deep, Pointer any
				Map           map[string]any
				List          []any
			}{v, p.Interface(), map[string]any{"x": v}, []any{&v}}
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%U", "%o", "%b", "%t", "%c", "%e"} {
				for _, text := range []string{fmt.Sprintf(verb, v), fmt.Sprintf(verb, &v), fmt.Sprintf(verb, in), fmt.Sprintf(verb, []any{v}), fmt.Sprintf(verb, p.Interface()), fmt.Sprint(v), fmt.Sprintln(in)} {
					if leaks(text) {
						t.Fatalf("%s prints it: %.300s", verb, text)
					}
				}
			}
			for _, what := range []any{v, in, []any{v}} {
				if b, err := json.Marshal(what); leaks(string(b)) {
					t.Errorf("JSON has it: %.300s, %v", b, err)
				}
				var b bytes.Buffer
				for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
					l := slog.New(h)
					l.Info("x", "v", what)
					l.With("v", what).WithGroup("g").Error("x", slog.Any("w", what))
				}
				if leaks(b.String()) {
					t.Errorf("a log has it: %.300s", b.String())
				}
			}
			if err := fmt.Errorf("wrapped %v: %w", v, errors.New("x")); leaks(err.Error()) {
				t.Error("an error has it")
			}
		})
	}
}

// TestSecretsInPanics panics with each of them in a program of its own.
func TestSecretsInPanics(t *testing.T) {
	if name := os.Getenv("AUTHWALK_TEST_PANIC"); name != "" {
		v := holders(t)[name]
		defer func() { panic(fmt.Sprint("again: ", v)) }()
		panic(v)
	}
	names := []string{"Secret", "Config", "Step", "*Session", "Exchange", "*Error"}
	if testing.Short() {
		names = names[:1]
	}
	for _, name := range names {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSecretsInPanics$")
		cmd.Env = append(os.Environ(), "AUTHWALK_TEST_PANIC="+name)
		b, err := cmd.CombinedOutput()
		if err == nil || !bytes.Contains(b, []byte("panic:")) || leaks(string(b)) {
			t.Errorf("%s: %v\n%s", name, err, b)
		}
	}
}

// TestWhatPrintsIsOfUse: masked is not mute.
func TestWhatPrintsIsOfUse(t *testing.T) {
	h := holders(t)
	for name, want := range map[string]string{
		"Config": "set-up acme (https://tenant.test, client app, post)", "*Client": "client of set-up acme (https://tenant.test, client app, post)",
		"Exchange": "POST https://…@tenant.test/x?…: body", "Request": "POST https://…@tenant.test/x?…", "Call": "call GET https://…@tenant.test/x?…",
		"SavedCall": "call GET https://api.test/?…", "Values": "values of password", "Step": `step "step" (password, recovery_code)`, "Field": "field password", "Choice": `choice "other"`,
		"*Spool": "11 bytes", "Generation": "generation 0 ()", "Tokens": "tokens",
		"*Session": "session of set-up acme (https://tenant.test, client app, post): 1 exchanges, 1 generations",
	} {
		if got := fmt.Sprintf("%+v", h[name]); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if got := fmt.Sprint(Note{Title: "Mind", Text: "the gap"}); got != "note Mind the gap" {
		t.Error(got)
	}
	for _, p := range []any{(*Client)(nil), (*Session)(nil), (*Spool)(nil), (*Tokens)(nil), (*Step)(nil), (*Exchange)(nil)} {
		if got := fmt.Sprintf("%v", p); got != "<nil>" {
			t.Errorf("%T: %s", p, got)
		}
		if b, err := json.Marshal(p); err != nil || string(b) != "null" {
			t.Errorf("%T: %s %v", p, b, err)
		}
	}
}

func TestShortURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.test/b?c=d#e": "https://a.test/b?…", "https://a.test/#e": "https://a.test/#…", "https://u:p@a.test/": "https://…@a.test/",
		"https://a.test/b@c": "https://a.test/b@c", "//u:p@a.test": "//…@a.test", "u@a.test/x": "…@a.test/x", "/x?y": "/x?…", "": "",
		"https://u:p/w@a.test:x/": "https://…@a.test:x/", "https://u:p@w@a.test/": "https://…@a.test/",
	} {
		if got := shortURL(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// TestErrorsRepeatNoSecret lets a server and the system say what was sent.
func TestErrorsRepeatNoSecret(t *testing.T) {
	for name, cfg := range map[string]Config{
		"an issuer with a password":   {Issuer: "https://user:" + marker + "@tenant.test/"},
		"a broken one":                {Issuer: "https://user:" + marker + "@ten ant.test/"},
		"a domain with a password":    {Domain: "user:" + marker + "@tenant.test"},
		"a token URL with a query":    {TokenURL: "http://tenant.test/token?secret=" + marker},
		"a proxy":                     {Domain: "tenant.test", Proxy: "htt p://user:" + marker + "@proxy"},
		"a password as a parameter":   {Domain: "tenant.test", Params: map[string]string{"password": marker}},
		"a private key that is none":  {Domain: "tenant.test", ClientAuth: AuthPrivateKeyJWT, PrivateKey: marker},
		"a host that does not listen": {Domain: "http://127.0.0.1:1", Params: map[string]string{"x": marker}},
	} {
		cfg.ClientID, cfg.Username, cfg.Password = "app", "ann", marker
		c, err := NewClient(cfg, ClientOptions{})
		if err == nil {
			err = passwordStep(c).Do(context.Background(), Values{}).Err
			c.Close()
		}
		if err == nil || leaks(fmt.Sprintf("%v %+v %#v", err, err, err)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
