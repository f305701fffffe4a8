package profiles

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"authwalk/flows"
)

// TestFields sets every key of a profile to what another one has.
func TestFields(t *testing.T) {
	from := fullProfile("")
	to := Profile{Name: from.Name, Params: from.Params, Calls: from.Calls}
	for _, k := range Keys() {
		if err := to.Set(k, from.Value(k)); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	if !reflect.DeepEqual(to.normal(), from.normal()) {
		t.Errorf("got  %+v\nwant %+v", to, from)
	}
	for _, k := range Keys() {
		if err := to.Set(k, ""); err != nil {
			t.Errorf("%s: %v", k, err)
		}
		for _, o := range Options(k) {
			if err := to.Set(k, o); err != nil {
				t.Errorf("%s = %s: %v", k, o, err)
			}
		}
	}
	for _, c := range []struct{ key, value, says string }{
		{"doman", "x", "did you mean domain?"}, {"domain", "a b", "no host"}, {"client_secret", "SEKRET", "keyring:acme-dev"}, {"scopes", `a "b`, "no scope"},
		{"allow_http", "yes", "true or false"}, {"tls.proxy", "x", "http://proxy"}, {"params", "x", "no key"}, {"issuer", "http://a.dev/", "plain http"},
	} {
		before := to.Clone()
		err := to.Set(c.key, c.value)
		var u *flows.UsageError
		if !errors.As(err, &u) || u.What != c.key || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "SEKRET") || !reflect.DeepEqual(before, to) {
			if c.key != "issuer" || !to.AllowHTTP {
				t.Errorf("%s = %s: %v", c.key, c.value, err)
			}
		}
	}
	if !IsReference("password") || IsReference("username") || IsReference("x") || to.Value("x") != "" {
		t.Error("what is a reference")
	}
	if KeyringRef("a", "client_secret").String() != "keyring:a" || KeyringRef("a", "password").String() != "keyring:a/password" {
		t.Error("names in the keyring")
	}
}
