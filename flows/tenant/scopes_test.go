package tenant

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestGrantedScopes(t *testing.T) {
	const five = "openid profile email address phone"
	both := "[" + mainAudience + " " + DefaultIssuer + "userinfo]"
	rows := []struct {
		name, asked, audience, granted, aud string
		id, refresh                         bool
	}{
		{"nothing, no API", "", "", five, "", true, false},
		{"openid, no API", "openid", "", five, "", true, false},
		{"openid and an API", "openid", mainAudience, five + " read:sample read:orders write:orders", both, true, false},
		{"openid and scopes of the API", "openid read:orders offline_access", mainAudience, five + " read:orders offline_access", both, true, true},
		{"openid and offline_access", "openid offline_access", mainAudience, five + " read:sample read:orders write:orders offline_access", both, true, true},
		{"as asked", "openid email", "", "openid email", "", true, false},
		{"as asked, and all of the API", "openid profile", mainAudience, "openid profile read:sample read:orders write:orders", both, true, false},
		{"scopes of the API alone", "read:sample", mainAudience, "read:sample", mainAudience, false, false},
		{"nothing and an API", "", mainAudience, five + " read:sample read:orders write:orders", both, true, false},
		{"a scope that the API does not have", "openid read:secrets", mainAudience, five, both, true, false},
		{"unknown scopes beside known ones", "read:secrets read:sample", mainAudience, "read:sample", mainAudience, false, false},
		{"a scope that nobody knows", "extra-scope", "", "", "", false, false},
		{"offline_access alone, no API", "offline_access", "", "offline_access", "", false, true},
		{"scopes of an API that was not asked for", "openid read:orders", "", five, "", true, false},
		{"a scope that is a URL", "openid https://acme.test/claims", mainAudience, five, both, true, false},
		{"asked twice", "openid email email", "", "openid email", "", true, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f := start(t, "works")
			r := f.login("scope", row.asked, "audience", row.audience).ok()
			if got := r.text("scope"); got != row.granted {
				t.Errorf("scope %q, want %q", got, row.granted)
			}
			if _, has := r.JSON["scope"]; has != (row.granted != "") {
				t.Errorf("scope in the reply: %v", has)
			}
			if got := r.JSON["id_token"] != nil; got != row.id {
				t.Errorf("ID token: %v", got)
			}
			if got := r.JSON["refresh_token"] != nil; got != row.refresh {
				t.Errorf("refresh token: %v", got)
			}
			if row.audience == "" {
				if strings.Count(r.text("access_token"), ".") != 4 {
					t.Error("a token without audience is encrypted")
				}
				return
			}
			_, body, _ := claims(t, r.text("access_token"))
			if got := fmt.Sprint(body["aud"]); got != row.aud {
				t.Errorf("aud %s, want %s", got, row.aud)
			}
			if got, _ := body["scope"].(string); got != row.granted {
				t.Errorf("scope in the token %q", got)
			}
		})
	}
}

func TestScopesOfOtherAPIs(t *testing.T) {
	set := func(change func(a *api)) *fixture {
		return startSet(t, func(s *settings) { change(s.apis[0]); s.main().permissions = []string{"read:orders"} })
	}
	t.Run("RBAC with nothing asked gives the user's permissions", func(t *testing.T) {
		f := set(func(a *api) { a.rbac = true })
		if got := f.login("scope", "openid").ok().text("scope"); got != "openid profile email address phone read:orders" {
			t.Errorf("%q", got)
		}
	})
	t.Run("per-app authorization gives no scope that is not asked for", func(t *testing.T) {
		f := set(func(a *api) { a.perApp, a.perAppGrants = true, []string{mainClient} })
		if got := f.login("scope", "openid").ok().text("scope"); got != "openid profile email address phone" {
			t.Errorf("%q", got)
		}
		if got := f.login("scope", "read:orders").ok().text("scope"); got != "read:orders" {
			t.Errorf("%q", got)
		}
	})
	t.Run("an HS256 API has one audience", func(t *testing.T) {
		f := set(func(a *api) { a.alg, a.secret = "HS256", "" })
		_, body, _ := claims(t, f.login("scope", "openid").ok().text("access_token"))
		if body["aud"] != mainAudience {
			t.Errorf("%v", body["aud"])
		}
	})
	t.Run("an array in JSON", func(t *testing.T) {
		f := start(t, "works")
		r := f.postJSON("/oauth/token", map[string]any{"grant_type": "password", "username": mainUser, "password": f.set.main().password,
			"client_id": mainClient, "client_secret": f.set.apps[0].secret, "scope": []string{"openid", "email"}}).ok()
		if r.text("scope") != "openid email" {
			t.Errorf("%s", r.Body)
		}
	})
	t.Run("lifetime", func(t *testing.T) {
		f := set(func(a *api) { a.lifetime = 90 * time.Second })
		if got := f.login().ok().JSON["expires_in"]; got != float64(90) {
			t.Errorf("%v", got)
		}
	})
}
