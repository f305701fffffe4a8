package tenant

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzToken sends any body of any type: the answer is always JSON, and no 5xx.
func FuzzToken(f *testing.F) {
	s, _ := Lookup("works")
	tenant, err := New(s, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("application/json", "", `{"grant_type":"password","scope":["a",1]}`)
	f.Add("application/x-www-form-urlencoded", "Basic YTpi", "grant_type=refresh_token&refresh_token=v1.AAAA&client_id="+publicClient)
	f.Add("application/x-www-form-urlencoded", "", "grant_type=password&client_id="+keyClient+"&client_assertion_type="+assertionType+"&client_assertion=eyJ9.e30.")
	f.Add("application/json", "bearer x", `{"grant_type":"`+grantMFAOTP+`","mfa_token":"a.b.c","otp":123456,"client_id":"`+publicClient+`"}`)
	f.Fuzz(func(t *testing.T, kind, authorization, body string) {
		for _, path := range []string{"/oauth/token", "/oauth/revoke", "/mfa/challenge", "/mfa/associate", "/dbconnections/signup", "/passwordless/start"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Authorization", authorization)
			w := httptest.NewRecorder()
			tenant.ServeHTTP(w, r)
			if w.Code >= 500 || w.Code != 200 && !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}

// FuzzBearer sends any token to whatever takes one.
func FuzzBearer(f *testing.F) {
	s, _ := Lookup("works")
	tenant, err := New(s, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("Fe26.2*SERVER_1*a*b*c*1*d*e")
	f.Fuzz(func(t *testing.T, token string) {
		for _, path := range []string{"/userinfo", "/api/me", "/api/orders", "/mfa/authenticators"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Header["Authorization"] = []string{"Bearer " + token}
			w := httptest.NewRecorder()
			tenant.ServeHTTP(w, r)
			if w.Code != 401 {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}
