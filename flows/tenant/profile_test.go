package tenant

import "testing"

// Making an RSA key takes as long as many screens: opening a tenant with its
// default profile must not wait for the one that another profile has.
func TestProfileMakesNoKey(t *testing.T) {
	keys := NewKeys()
	s, _ := Lookup("works")
	tenant, err := New(s, Options{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	defer tenant.Close()
	if p := tenant.Profile(); p.Name != "works" {
		t.Fatalf("the profile is %q", p.Name)
	}
	if keys.client.key != nil {
		t.Error("the key of another profile was made")
	}
	if all := tenant.Profiles(); len(all) < 2 || keys.client.key == nil {
		t.Errorf("%d profiles, key made: %v", len(all), keys.client.key != nil)
	}
}
