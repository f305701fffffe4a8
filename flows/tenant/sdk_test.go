package tenant_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"authwalk/flows/tenant"
)

// TestAuth0SDKs lets Auth0's own SDKs, unchanged, make all their calls to the
// tenant over TLS, the ID token's validation among them.
func TestAuth0SDKs(t *testing.T) {
	if os.Getenv("AUTHWALK_INTEROP") != "1" {
		t.Skip("AUTHWALK_INTEROP is not 1: this test needs node, and npm ci in flows/tenant/testdata/sdk")
	}
	s, _ := tenant.Lookup("works")
	tn, err := tenant.New(s, tenant.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tn.Listen("127.0.0.1:0", true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tn.Close() })
	if _, err := tn.WriteFiles(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	line, err := json.Marshal(tn.Describe())
	if err != nil {
		t.Fatal(err)
	}
	for sdk, calls := range map[string]int{"auth0": 11, "auth0-auth-js": 7} {
		t.Run(sdk, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "node", "run.mjs", sdk)
			cmd.Dir = filepath.Join("testdata", "sdk")
			cmd.Stdin = bytes.NewReader(line)
			cmd.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+tn.Describe().CAFile)
			out, err := cmd.CombinedOutput()
			if err != nil || strings.Contains(string(out), "FAILED") || strings.Count(string(out), "ok ") < calls {
				t.Errorf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}
