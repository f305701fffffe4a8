package report

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"authwalk/flows"
	"authwalk/flows/rawjson"
)

// encodings are the ways in which a secret must not be found in anything that
// leaves; an independent list, not the package's own.
func encodings(secret string) map[string]string {
	query := url.QueryEscape(secret)
	j, _ := json.Marshal(secret)
	out := map[string]string{
		"plain": secret, "query": query, "path": strings.ReplaceAll(query, "+", "%20"),
		"query lower": lower(query), "json": string(j[1 : len(j)-1]), "html": html.EscapeString(secret),
		"hex": hex.EncodeToString([]byte(secret)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))),
	}
	for lead := range 3 {
		padded := append([]byte("xyz")[:lead], secret...)
		std := base64.StdEncoding.EncodeToString(padded)
		// the characters that belong to the secret alone
		from, to := (8*lead+5)/6, 8*len(padded)/6
		out[fmt.Sprint("base64 at ", lead)] = std[from:to]
		out[fmt.Sprint("base64url at ", lead)] = base64.URLEncoding.EncodeToString(padded)[from:to]
	}
	for lead := range 5 {
		padded := append([]byte("vwxyz")[:lead], secret...)
		e := base32.StdEncoding.EncodeToString(padded)[(8*lead+4)/5 : 8*len(padded)/5]
		out[fmt.Sprint("base32 at ", lead)], out[fmt.Sprint("base32 in lower case at ", lead)] = e, strings.ToLower(e)
	}
	out["UTF-16"] = utf16Of(secret, false)[:len(utf16Of(secret, false))-1]
	return out
}

// utf16Of is a text in UTF-16, the lower byte first or the upper one.
func utf16Of(s string, upperFirst bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if upperFirst {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func lower(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] == '%' && i+2 < len(b) {
			copy(b[i+1:], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}

// leak tells in which form a secret is in text, or "".
func leak(text, secret string) string {
	for name, e := range encodings(secret) {
		if len(e) >= 4 && strings.Contains(text, e) {
			return name
		}
	}
	return ""
}

const sharp = `p@ss "w0rd" <&> 'ü' 100%+x/y?`

func TestKnownSecretInAnyEncoding(t *testing.T) {
	for _, secret := range []string{sharp, "hunter2-hunter2", "f8h3", "日本語のパスワード", "a b c d", "x%41\"y", strings.Repeat("long secret ", 30)} {
		r := NewRedactor(Options{})
		r.Know(flows.Secret(secret))
		wraps := map[string]func(string) string{
			"alone": func(s string) string { return s }, "in words": func(s string) string { return "before " + s + " after" },
			"glued": func(s string) string { return "AAAA" + s + "zzzz" }, "glued 2": func(s string) string { return "%4" + s + "\\" }, "glued 3": func(s string) string { return "\\u00" + s + "&" },
			"query twice": func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
			"json in a form": func(s string) string {
				j, _ := json.Marshal(map[string]string{"x": s})
				return "a=" + url.QueryEscape(string(j))
			},
			"json in json":      func(s string) string { j, _ := json.Marshal(s); k, _ := json.Marshal(string(j)); return string(k) },
			"base64 of a query": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("id:" + url.QueryEscape(s))) },
			"base64 of base64": func(s string) string {
				return base64.StdEncoding.EncodeToString([]byte(base64.URLEncoding.EncodeToString([]byte(s))))
			},
			"base32":                       func(s string) string { return "x: " + base32.StdEncoding.EncodeToString([]byte("id:"+s)) },
			"base32, lower case":           func(s string) string { return strings.ToLower(base32.StdEncoding.EncodeToString([]byte(s))) },
			"UTF-16":                       func(s string) string { return "\xff\xfe" + utf16Of("you sent "+s+".", false) },
			"UTF-16, the upper byte first": func(s string) string { return utf16Of("you sent "+s+".", true) },
			"UTF-16 in JSON": func(s string) string {
				return `{"x":"` + strings.ReplaceAll(utf16Of(s, false), "\x00", `\u0000`) + `"}`
			},
			"UTF-16 in base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(utf16Of("id:"+s, false))) },
			"hex of base64":    func(s string) string { return hex.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s)))) },
			"wrapped base64":   func(s string) string { return wrap(base64.StdEncoding.EncodeToString([]byte("id:"+s)), 12) },
			"base64 in a query": func(s string) string {
				return "a=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("i:"+s)))
			},
			"html in json":       func(s string) string { j, _ := json.Marshal("<p>" + html.EscapeString(s)); return string(j) },
			"slashes escaped":    func(s string) string { return strings.ReplaceAll(s, "/", `\/`) },
			"every byte percent": func(s string) string { return every(s, "%%%02x") },
			"every byte \\x":     func(s string) string { return every(s, `\x%02X`) },
			"every rune &#": func(s string) string {
				var b strings.Builder
				for _, c := range s {
					fmt.Fprintf(&b, "&#x%x;", c)
				}
				return b.String()
			},
			"jwt payload": func(s string) string {
				j, _ := json.Marshal(map[string]string{"pw": s})
				return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(j) + "."
			},
		}
		for how, w := range wraps {
			for _, opt := range []Options{{}, {WithClaims: true}} {
				text := w(secret)
				got := r.With(opt).Text(text)
				if !strings.Contains(got, "•") {
					t.Errorf("%q %s: nothing masked in %q: %q", secret, how, text, got)
				}
				if in := leak(got, secret); in != "" && secret != "f8h3" {
					t.Errorf("%q %s: survives (%s) in %q", secret, how, in, got)
				}
			}
		}
		for name, e := range encodings(secret) {
			if len(e) < 4 {
				continue
			}
			for _, before := range []string{"", "x", "%", "%4", `\`, "&", "/", "aaaaa", "QQ"} {
				for _, after := range []string{"", "0", "=", "ZZZ", ";", "\n"} {
					if got := r.Text(before + e + after); strings.Contains(got, e) {
						t.Errorf("%q as %s survives in %q: %q", secret, name, before+e+after, got)
					}
				}
			}
		}
	}
}

func wrap(s string, n int) string {
	var b strings.Builder
	for len(s) > n {
		b.WriteString(s[:n] + "\r\n")
		s = s[n:]
	}
	return b.String() + s
}

func every(s, format string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func TestTextThatStays(t *testing.T) {
	r := NewRedactor(Options{})
	r.Know("abc", "password", "    ", "client_secret", "s3cr3t-value")
	for _, text := range []string{
		"", "grant_type=password&scope=openid", `{"error":"invalid_grant","error_description":"Wrong email or password."}`,
		`{"code":"invalid_token","statusCode":403}`, `{"code":403}`, "abc abcdef", "    indented", "https://t.test/oauth/token?x=1",
		`Bearer realm="Users", error="invalid_token", error_description="The access token is bad"`, "Bearer authentication required",
		`{"token_type":"Bearer","expires_in":86400,"scope":"openid read:orders"}`, `{"token_endpoint":"https://t.test/oauth/token"}`,
		`{"password":""}`, "password=&x=1", "eyes. only", "client_secret_post client_secret_basic", `{"access_token":null,"otp":true}`,
		"%zz \\q &nope; +", `{"usage":{"prompt_tokens":12,"max_tokens": 900}}`, strings.Repeat("lorem ipsum ", 100),
	} {
		if got := r.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

const jws = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhdXRoMHwxIiwiZW1haWwiOiJhQGIuYyJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"

func TestByNameAndShape(t *testing.T) {
	r := NewRedactor(Options{NoTags: true})
	const m = flows.Mask
	for _, x := range []struct{ in, want string }{
		{"grant_type=password&password=h%21&code=c0de&x=y", "grant_type=password&password=" + m + "&code=" + m + "&x=y"},
		{`{"access_token": "opaque", "expires_in": 3600}`, `{"access_token": "` + m + `", "expires_in": 3600}`},
		{`{"refreshToken":"a\"b","n":1}`, `{"refreshToken":"` + m + `","n":1}`},
		{`{"recovery_codes": ["AB", "CD"], "secret":{"k":"v","n":[1]}}`, `{"recovery_codes": ["` + m + `", "` + m + `"], "secret":{"k":"` + m + `","n":["` + m + `"]}}`},
		{`{"otp": 123456}`, `{"otp": "` + m + `"}`},
		{`{"mfa_token":"cut`, `{"mfa_token":"` + m},
		{`payload: "{\"password\":\"x\"}"`, `payload: "{\"password\":\"` + m + `\"}"`},
		{"token " + jws + ".", "token " + m + "."},
		{"x" + jws, "x" + m},
		{"Authorization: Bearer abcdef0123456789", "Authorization: Bearer " + m},
		{"https://u:pw@h.test/", "https://u:" + m + "@h.test/"},
		{"otpauth://totp/x?secret=JBSWY3DP&issuer=y", "otpauth://totp/x?secret=" + m + "&issuer=y"},
		{"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----" + m + "-----END PRIVATE KEY-----\n"},
		{"-----BEGIN RSA PRIVATE KEY-----\nMII", "-----BEGIN RSA PRIVATE KEY-----" + m},
		{`<input type="hidden" name="code" value="abc">`, `<input type="hidden" name="code" value="` + m + `">`},
		{`{"kty":"RSA","n":"pub","e":"AQAB","d":"priv"}`, `{"kty":"RSA","n":"pub","e":"AQAB","d":"` + m + `"}`},
		{`{"verification_uri_complete":"https://t.test/device?user_code=WDJB-MJHT"}`, `{"verification_uri_complete":"https://t.test/device?user_code=` + m + `"}`},
	} {
		if got := r.Text(x.in); got != x.want {
			t.Errorf("%q\n got %q\nwant %q", x.in, got, x.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	r := NewRedactor(Options{NoTags: true})
	const m = flows.Mask
	for _, x := range []struct{ name, in, want string }{
		{"Authorization", "Bearer abc", "Bearer " + m},
		{"authorization", "Basic aWQ6c2VjcmV0", "Basic " + m},
		{"Authorization", "raw-key", m},
		{"Authorization", "key with blanks", "key " + m},
		{"Proxy-Authorization", "Basic x", "Basic " + m},
		{"X-Api-Key", "k", m},
		{"X-Tenant", "acme", m},
		{"Content-Type", "application/json", "application/json"},
		{"X-RateLimit-Remaining", "99", "99"},
		{"Cookie", "did=s%3Av0; sid=abc", "did=" + m + "; sid=" + m},
		{"Set-Cookie", "did=s%3Av0; Max-Age=31557600; Path=/; HttpOnly", "did=" + m + "; Max-Age=31557600; Path=/; HttpOnly"},
		{"Set-Cookie", `sid="q u"; Secure`, `sid="` + m + `"; Secure`},
		{"Location", "https://a.test/cb?code=abc&state=xyz&error=access_denied#access_token=q", "https://a.test/cb?code=" + m + "&state=" + m + "&error=access_denied#access_token=" + m},
		{"Www-Authenticate", `Bearer realm="Users", error="invalid_token"`, `Bearer realm="Users", error="invalid_token"`},
		{"DPoP", jws, m},
	} {
		if got := r.Header(x.name, []string{x.in})[0]; got != x.want {
			t.Errorf("%s: %q\n got %q\nwant %q", x.name, x.in, got, x.want)
		}
	}
}

func TestWithClaims(t *testing.T) {
	r := NewRedactor(Options{WithClaims: true, NoTags: true})
	r.Know("a@b.c-secret")
	parts := strings.Split(jws, ".")
	if got, want := r.Text(`{"access_token":"`+jws+`"}`), `{"access_token":"`+parts[0]+"."+parts[1]+"."+flows.Mask+`"}`; got != want {
		t.Errorf("got %s", got)
	}
	if got := r.Header("Authorization", []string{"Bearer " + jws})[0]; got != "Bearer "+parts[0]+"."+parts[1]+"."+flows.Mask {
		t.Errorf("header: %s", got)
	}
	// a secret inside, and a JWT inside
	inner := base64.RawURLEncoding.EncodeToString([]byte(`{"email":"a@b.c-secret","t":"` + jws + `","otp":123456}`))
	got := r.Text(parts[0] + "." + inner + ".sig")
	p := strings.Split(got, ".")
	plain, err := base64.RawURLEncoding.DecodeString(p[1])
	if err != nil || !json.Valid(plain) || strings.Contains(string(plain), "a@b.c-secret") || strings.Contains(string(plain), "123456") || strings.Contains(string(plain), "c2lnbmF0") {
		t.Errorf("inside: %v %s", err, plain)
	}
	// presentation hides who it is, also in the claims that stay
	pr := r.With(Options{WithClaims: true, Presentation: true})
	got = pr.Text(jws)
	plain, _ = base64.RawURLEncoding.DecodeString(strings.Split(got, ".")[1])
	if strings.Contains(string(plain), "a@b.c") || strings.Contains(string(plain), "auth0|1") || !json.Valid(plain) {
		t.Errorf("presentation: %s", plain)
	}
	jwe := "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXZpdml2.Y2lwaGVy.dGFn"
	if got := r.Text(jwe); got != "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0."+flows.Mask {
		t.Errorf("jwe: %s", got)
	}
}

func TestTags(t *testing.T) {
	r := NewRedactor(Options{})
	r.Know(sharp)
	a := r.Text("x " + sharp)
	b := r.Text(`{"password":"` + strings.ReplaceAll(sharp, `"`, `\"`) + `"}`)
	c := r.Text("password=" + url.QueryEscape(sharp) + "&a=b")
	tag := strings.TrimPrefix(a, "x ")
	if !strings.Contains(b, tag) || !strings.Contains(c, tag) || tag == flows.Mask {
		t.Errorf("one secret, several tags: %q %q %q", a, b, c)
	}
	if other := r.Text("password=other"); strings.Contains(other, tag) {
		t.Errorf("two secrets, one tag: %q", other)
	}
	one, two := NewRedactor(Options{Key: []byte("k")}), NewRedactor(Options{Key: []byte("k")})
	if one.Text("password=x") != two.Text("password=x") {
		t.Error("a given key makes equal tags")
	}
}

func TestPresentation(t *testing.T) {
	r := NewRedactor(Options{Presentation: true})
	r.Config(flows.Config{Username: "ada@acme.test"})
	for _, text := range []string{"user ada@acme.test", "username=ada%40acme.test&x=1", `{"email":"x@y.z"}`, `{"nickname":"q"}`} {
		if got := r.Text(text); strings.Contains(got, "ada") || strings.Contains(got, "x@y.z") || strings.Contains(got, `"q"`) {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := r.With(Options{}).Text("user ada@acme.test"); got != "user ada@acme.test" {
		t.Errorf("names are hidden in presentation alone: %q", got)
	}
}

func TestValue(t *testing.T) {
	r := NewRedactor(Options{NoTags: true})
	r.Know("1712345", "s3cret!")
	v, _, _ := rawjson.Parse([]byte(`{"exp":17123450,"a":["s3cret!",{"token":{"x":"y","z":5}}],"n":1.50,"b":null}`))
	got := r.Value(v).JSON()
	want := strings.ReplaceAll(`{"exp":"M0","a":["M",{"token":{"x":"M","z":"M"}}],"n":1.50,"b":null}`, "M", flows.Mask)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// bodyOf is a request's body as an exchange shows it.
func bodyOf(r *Redactor, h http.Header, body string) string {
	return r.Exchange(flows.Exchange{RequestHeader: h, RequestBody: []byte(body)}).Request.Body
}

func TestBodies(t *testing.T) {
	r := NewRedactor(Options{NoTags: true})
	r.Know("s3cret-s3cret")
	h := func(s string) http.Header { return http.Header{"Content-Type": {s}} }
	for _, x := range []struct {
		h          http.Header
		body, want string
	}{
		{h("application/x-www-form-urlencoded"), "client%5Fsecret=a;b,c&x=1", "client%5Fsecret=" + flows.Mask + "&x=1"},
		{h("image/png"), "\x89PNG\x00s3cret-s3cret", "(binary, image/png, 18 bytes)"},
		{h("text/plain"), "bad \xff bytes s3cret-s3cret", "bad \ufffd bytes " + flows.Mask},
		{http.Header{"Content-Encoding": {"gzip"}}, "\x1f\x8bxx", "(compressed with gzip, 4 bytes)"},
		{h("application/json"), "{\n  \"id_token\" : \"x\" ,\n  \"a\": 1\n}", "{\n  \"id_token\" : \"" + flows.Mask + "\" ,\n  \"a\": 1\n}"},
		{nil, "", ""},
	} {
		if got := bodyOf(r, x.h, x.body); got != x.want {
			t.Errorf("%q\n got %q\nwant %q", x.body, got, x.want)
		}
	}
	// a secret across the place where a body is cut
	for _, pad := range []int{maxShown - 5, maxSearched - 5} {
		got := bodyOf(r, nil, strings.Repeat("a ", pad/2)+"s3cret-s3cret"+strings.Repeat(" b", 100))
		if strings.Contains(got, "s3cr") || !strings.Contains(got, "cut: about") {
			t.Errorf("cut at %d: …%q", pad, got[len(got)-100:])
		}
	}
}

// A private key gives itself away in more ways than its PEM.
func TestPrivateKeys(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []any{rsaKey, ecKey} {
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		body := strings.Split(strings.TrimSpace(text), "\n")
		r := NewRedactor(Options{})
		r.Config(flows.Config{PrivateKey: flows.Secret(text)})
		j, _ := json.Marshal(text)
		d := rsaKey.D.Bytes()
		if e, ok := k.(*ecdsa.PrivateKey); ok {
			if d, err = e.Bytes(); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range []string{text, string(j), url.QueryEscape(text), strings.ReplaceAll(text, "\n", "\r\n"), strings.Join(body[1:len(body)-1], ""), base64.StdEncoding.EncodeToString(der),
			hex.EncodeToString(der), "x " + base64.RawURLEncoding.EncodeToString(d) + " y", strings.Join(body[1:len(body)-1], "\n"), base64.StdEncoding.EncodeToString([]byte(text))} {
			got := r.Text(s)
			for _, part := range []string{body[1], body[1][8:40], base64.RawURLEncoding.EncodeToString(d)[4:20], hex.EncodeToString(der)[20:60], url.QueryEscape(body[1])[4:30]} {
				if strings.Contains(got, part) {
					t.Errorf("%.60q: %.60q survives in %.200q", s, part, got)
				}
			}
		}
	}
}

func TestLatin1(t *testing.T) {
	r := NewRedactor(Options{})
	r.Know("Pässwört")
	for _, s := range []string{"P\xe4ssw\xf6rt", "P%E4ssw%F6rt", "UORzc3f2cnQ="} {
		if got := r.Text("a " + s); strings.Contains(got, "ssw") || strings.Contains(got, "Rzc3") {
			t.Errorf("%q: %q", s, got)
		}
	}
}

func TestOTPSecretSpellings(t *testing.T) {
	r := NewRedactor(Options{})
	r.Config(flows.Config{OTPSecret: "jbsw y3dp ehpk 3pxp jbsw y3dp"})
	for _, s := range []string{"JBSWY3DPEHPK3PXPJBSWY3DP", "jbswy3dpehpk3pxpjbswy3dp", "JBSW Y3DP EHPK 3PXP JBSW Y3DP", "48656c6c6f21deadbeef48656c6c6f", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXPJBSWY3DP"} {
		if got := r.Text("a " + s + " b"); strings.Contains(strings.ToLower(got), strings.ToLower(s[len(s)-12:])) {
			t.Errorf("%q: %q", s, got)
		}
	}
}

// What a body that was cut leaves of a secret at its end.
// Checks and sentences shorten what a server sent: most of a secret is left of
// it, and an escape may be cut in two.
func TestShortenedSecret(t *testing.T) {
	const secret = "Zq9/+=~Ytx7é-Long2Secret0123456789abcdefghijKLMNOPQRSTUVWXYZ"
	r := NewRedactor(Options{})
	r.Know(flows.Secret(secret))
	forms := encodings(secret)
	var units, entities strings.Builder
	for _, c := range secret {
		fmt.Fprintf(&units, `\u%04x`, c)
		fmt.Fprintf(&entities, "&#x%x;", c)
	}
	forms["units"], forms["entities"] = units.String(), entities.String()
	for name, e := range forms {
		for cut := 24; cut < len(e); cut++ {
			if !utf8.ValidString(e[:cut]) {
				continue
			}
			for _, after := range []string{"…", "… was added.", `…"`} {
				if got := r.Text("wanted JWT, got " + e[:cut] + after); strings.Contains(got, e[:8]) {
					t.Fatalf("%s, cut at %d: %s", name, cut, got)
				}
			}
		}
	}
	for _, s := range []string{"Zq9… is three letters", "Zq9/+= and more…", "Zq9/+= …", "a b c…"} {
		if got := r.Text(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestCutSecret(t *testing.T) {
	r := NewRedactor(Options{})
	r.Config(flows.Config{ClientSecret: "s3cret-s3cret-s3cret"})
	ex := flows.Exchange{Method: "GET", URL: "https://t.test/", Status: 200, Body: []byte("echo: s3cret-s3c"), BodySize: 16, Truncated: true}
	if got := r.Exchange(ex).Response.Body; strings.Contains(got, "s3c") {
		t.Errorf("%q", got)
	}
}

// FuzzExchange: whatever a server sends, what leaves is well-formed.
func FuzzExchange(f *testing.F) {
	f.Add("https://t.test/a?code=b#c", "Set-Cookie", "a=b; c", []byte(`{"access_token":"x"`), "application/json")
	f.Add("x://u:p@h", "Authorization", "Basic Og==", []byte("a=b&password=%zz\x00"), "application/x-www-form-urlencoded")
	f.Fuzz(func(t *testing.T, u, name, value string, body []byte, kind string) {
		if len(body)+len(value)+len(u) > 512 {
			t.Skip()
		}
		h := http.Header{name: {value}, "Content-Type": {kind}}
		ex := flows.Exchange{Method: "POST", URL: u, RequestHeader: h, RequestBody: body, Status: 200, Header: h, Body: body, BodySize: int64(len(body)), Start: flows.Moment{Mono: 1}}
		s := &flows.Session{Exchanges: []flows.Exchange{ex}}
		whole := NewRedactor(Options{})
		_ = whole.Curl(ex) + whole.Go(ex) + whole.Python(ex) + whole.Node(ex)
		for _, opt := range []Options{{}, {WithClaims: true, Presentation: true}} {
			d, _ := compose(Input{Session: s, WithClaims: opt.WithClaims, Presentation: opt.Presentation})
			for _, format := range formats() {
				var b bytes.Buffer
				if err := writers[format](&b, d); err != nil {
					t.Fatal(err)
				}
				if (format == JSON || format == HAR) && !json.Valid(b.Bytes()) {
					t.Fatalf("%s is no JSON", format)
				}
				if !utf8.Valid(b.Bytes()) {
					t.Fatalf("%s is no UTF-8", format)
				}
			}
		}
		if v, _, err := rawjson.Parse(body); err == nil {
			if out := NewRedactor(Options{}).Value(v); out.Kind() != v.Kind() && v.Kind() != rawjson.Number {
				t.Fatalf("%s became %s", v.JSON(), out.JSON())
			}
		}
	})
}

func FuzzRedact(f *testing.F) {
	f.Add("hunter22", "a%4", "=b", uint8(0))
	f.Add(sharp, `{"a":"`, `"}`, uint8(3))
	f.Add("f8h3zz", "\\u00", "&#x", uint8(9))
	f.Fuzz(func(t *testing.T, secret, before, after string, how uint8) {
		if len(secret) < 6 || len(secret) > 200 || strings.TrimSpace(secret) != secret || strings.ContainsAny(secret, "•·") || protocolWords().has(strings.ToLower(secret)) || len(before)+len(after) > 4<<10 {
			t.Skip()
		}
		r := NewRedactor(Options{NoTags: how&16 != 0, WithClaims: how&32 != 0})
		r.Know(flows.Secret(secret))
		if r.Text(flows.Mask) != flows.Mask || strings.Contains(tooDeep, secret) {
			t.Skip()
		}
		forms := []string{secret, url.QueryEscape(secret), strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"), html.EscapeString(secret),
			hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte("x" + secret)), base64.StdEncoding.EncodeToString([]byte("xy" + secret))}
		j, _ := json.Marshal(secret)
		forms = append(forms, string(j[1:len(j)-1]))
		e := forms[int(how&15)%len(forms)]
		got := r.Text(before + e + after)
		if strings.Contains(got, secret) || strings.Contains(got, e) {
			t.Fatalf("%q as %q survives: %q", secret, e, got)
		}
		h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		if got := bodyOf(r, h, before+e+after); strings.Contains(got, secret) || strings.Contains(got, e) {
			t.Fatalf("%q as %q survives in a form: %q", secret, e, got)
		}
		if got := r.Header("Location", []string{before + e + after})[0]; strings.Contains(got, secret) {
			t.Fatalf("%q survives in a header: %q", secret, got)
		}
	})
}
