package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"authwalk/flows/tenant"
)

// goldens are the stages whose frames are kept, as a person sees them.
var goldens = []string{
	"tenants", "form", "form-focus", "tokens", "refused", "fix", "mfa-code", "mfa-push", "mfa-enrol", "claims", "claims-checks", "claims-scopes", "claims-raw", "claims-jwe",
	"claims-alg-none", "claims-expired", "claims-wrong-issuer", "compare", "api-answer", "api-403", "refresh", "refreshed", "refresh-refused", "refresh-expired", "wire", "log", "export", "help", "palette",
	"explained", "profile-new", "check", "check-fails", "revoke-asks", "busy",
}

var goldenSizes = [][2]int{{120, 36}, {80, 24}, {60, 16}}

// keysFile has the keys that the golden frames' tokens are signed with; they
// sign nothing else.
const keysFile = "testdata/keys.pem"

func goldenKeys(t *testing.T) *tenant.Keys {
	t.Helper()
	text, err := os.ReadFile(keysFile)
	if os.IsNotExist(err) && *updateReadme {
		if text, err = tenant.NewKeys().PEM(); err == nil {
			err = os.WriteFile(keysFile, text, 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	keys, err := tenant.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestGolden holds frames against those that were looked at and found good.
// Colours are left out; go test ./ui -run Golden -update writes them anew.
func TestGolden(t *testing.T) {
	keys := goldenKeys(t)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]stage{}
	for _, s := range stages {
		byName[s.name] = s
	}
	for _, size := range goldenSizes {
		for _, name := range goldens {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				s, ok := byName[name]
				if !ok {
					t.Fatalf("there is no stage %q", name)
				}
				b := newBench(t)
				b.signing = keys
				d := s.set(b, size[0], size[1])
				got := d.Text() + "\n"
				file := filepath.Join(here, "testdata", fmt.Sprintf("%s-%dx%d.txt", name, size[0], size[1]))
				if *updateReadme {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s is not what it was; look at it, and if it is right run with -update.\ngot:\n%s\nwant:\n%s", file, got, want)
				}
			})
		}
	}
}
