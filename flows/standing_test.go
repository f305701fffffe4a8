package flows

import (
	"io"
	"net/http"
	"testing"

	"authwalk/flows/rawjson"
	"authwalk/flows/token"
)

// TestStanding: what an answer says of a token, and what it does not.
func TestStanding(t *testing.T) {
	claims := func(text string) *token.Token {
		v, _, err := rawjson.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return &token.Token{Kind: token.JWS, Claims: v}
	}
	opaque, api := &token.Token{Kind: token.Opaque}, claims(`{"aud":"https://api.test/"}`)
	both := claims(`{"aud":["https://api.test/","https://t.test/userinfo"]}`)
	for name, c := range map[string]struct {
		purpose      string
		status       int
		body         string
		tok          *token.Token
		taken, known bool
	}{
		"taken at /userinfo":                      {PurposeUserinfo, 200, `{"sub":"x"}`, both, true, true},
		"refused at /userinfo":                    {PurposeUserinfo, 401, "Unauthorized", both, false, true},
		"an opaque token, refused":                {PurposeUserinfo, 401, "Unauthorized", opaque, false, true},
		"a token that was never for /userinfo":    {PurposeUserinfo, 401, "Unauthorized", api, false, false},
		"too few scopes for /userinfo":            {PurposeUserinfo, 403, `{"error":"insufficient_scope"}`, both, false, false},
		"asked too often":                         {PurposeUserinfo, 429, "", both, false, false},
		"active":                                  {PurposeIntrospection, 200, `{"active":true}`, opaque, true, true},
		"not active":                              {PurposeIntrospection, 200, `{"active":false}`, opaque, false, true},
		"active that is no boolean":               {PurposeIntrospection, 200, `{"active":"true"}`, opaque, false, false},
		"an introspection that says nothing":      {PurposeIntrospection, 200, `{}`, opaque, false, false},
		"a page instead of an introspection":      {PurposeIntrospection, 200, `<html>`, opaque, false, false},
		"an introspection that refuses the kind":  {PurposeIntrospection, 400, `{"error":"unsupported_token_type"}`, api, false, false},
		"an introspection that refuses us":        {PurposeIntrospection, 401, `{"error":"invalid_client"}`, opaque, false, false},
		"a refusal that says that it were active": {PurposeIntrospection, 403, `{"active":true}`, opaque, false, false},
	} {
		a := &Answer{Purpose: c.purpose, Exchange: Exchange{Status: c.status, Body: []byte(c.body), URL: "https://t.test/userinfo"}}
		if taken, known := a.Standing(c.tok); taken != c.taken || known != c.known {
			t.Errorf("%s: taken %v, known %v", name, taken, known)
		}
	}
}

// TestStandingAsksOnce: the endpoint of introspection where there is one, with
// the client's credentials, else /userinfo with the token.
func TestStandingAsksOnce(t *testing.T) {
	for _, introspection := range []string{"", "/introspect"} {
		var sent []string
		c := server(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			switch r.URL.Path {
			case discoveryPath:
				extra := `,"userinfo_endpoint":"http://` + r.Host + `/me"`
				if introspection != "" {
					extra += `,"introspection_endpoint":"http://` + r.Host + introspection + `"`
				}
				_, _ = io.WriteString(w, metadata("http://"+r.Host+"/", "http://"+r.Host, extra))
			case "/introspect":
				_, _ = io.WriteString(w, `{"active":true}`)
				fallthrough
			default:
				sent = append(sent, r.URL.Path+" "+r.Header.Get("Authorization")+" "+string(b))
			}
		})
		cfg := c.Config
		cfg.Domain, cfg.Issuer = "", c.Config.Origin()+"/"
		cfg.ClientID, cfg.ClientSecret, cfg.ClientAuth = "me", "s3cret", AuthPost
		out := client(t, cfg).Standing(t.Context(), "the-token")
		want := "/me Bearer the-token "
		if introspection != "" {
			want = "/introspect  token=the-token&token_type_hint=access_token&client_id=me&client_secret=s3cret"
			if taken, known := out.Answer.Standing(nil); !taken || !known {
				t.Errorf("taken %v, known %v", taken, known)
			}
		}
		if len(sent) != 1 || sent[0] != want {
			t.Errorf("%v, %q, want %q", out.Err, sent, want)
		}
	}
	if out := client(t, Config{Domain: "t.test", ClientID: "me"}).Standing(t.Context(), ""); out.Err == nil || len(out.Exchanges) != 0 {
		t.Errorf("without a token: %+v", out)
	}
}
