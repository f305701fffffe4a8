package tenant

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files are what WriteFiles wrote. Empty paths were not needed.
type Files struct {
	Dir        string
	Profiles   string // profiles.toml, mode 0600
	CA         string // the CA certificate, where the tenant listens with TLS
	PrivateKey string // of the application with private_key_jwt

	all    []string
	ownDir bool
}

// WriteFiles writes a profile file with the scenario's profiles, and beside it
// the secrets that it refers to, all of mode 0600; into a new folder of mode 0700
// if dir is empty or does not exist. Close removes them. Call it after Listen:
// the profiles hold the address.
func (t *Tenant) WriteFiles(dir string) (Files, error) {
	if t.files != nil {
		return *t.files, nil
	}
	f := &Files{Dir: dir}
	if dir == "" {
		made, err := os.MkdirTemp("", "authwalk-tenant-")
		if err != nil {
			return Files{}, fmt.Errorf("making a folder for the tenant's files: %w", err)
		}
		f.Dir, f.ownDir = made, true
	} else if err := os.Mkdir(dir, 0o700); err == nil {
		f.ownDir = true
	} else if !errors.Is(err, os.ErrExist) {
		return Files{}, fmt.Errorf("making a folder for the tenant's files: %w", err)
	}
	absolute, err := filepath.Abs(f.Dir)
	if err == nil {
		f.Dir = absolute
		err = t.writeAll(f)
	}
	if err != nil {
		return Files{}, errors.Join(fmt.Errorf("writing the tenant's files: %w", err), f.remove())
	}
	t.files = f
	return *f, nil
}

func (t *Tenant) writeAll(f *Files) error {
	for _, a := range t.set.apps {
		if a.auth == authPrivateKeyJWT {
			pem, err := t.keys.client.pem()
			if err != nil {
				return err
			}
			if f.PrivateKey, err = f.write("private-key.pem", string(pem)); err != nil {
				return err
			}
		}
	}
	if ca := t.CAPEM(); len(ca) > 0 {
		var err error
		if f.CA, err = f.write("ca.pem", string(ca)); err != nil {
			return err
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Profiles of authwalk's loopback tenant, scenario %s.\n# They go when the tenant ends.\n\ndefault = %s\n", t.scenario.Name, encode(t.scenario.Name))
	for _, p := range t.Profiles() {
		if err := f.profile(&b, p); err != nil {
			return err
		}
	}
	var err error
	f.Profiles, err = f.write("profiles.toml", b.String())
	return err
}

// write writes one file; the same name written again is the same file.
func (f *Files) write(name, content string) (string, error) {
	path := filepath.Join(f.Dir, name)
	if !slices.Contains(f.all, path) {
		f.all = append(f.all, path)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(content)
	// A file that stood there before may have another mode.
	return path, errors.Join(err, file.Chmod(0o600), file.Close())
}

// secret writes a secret to a file of its own and returns the reference to it.
func (f *Files) secret(p Profile, what, value string) (string, error) {
	path, err := f.write(p.Name+"."+what, value+"\n")
	return "file:" + path, err
}

// profile writes one profile. A JSON string is a TOML basic string too.
func (f *Files) profile(b *strings.Builder, p Profile) error {
	fmt.Fprintf(b, "\n[profile.%s]\n", p.Name)
	for _, note := range p.Notes {
		fmt.Fprintf(b, "# %s\n", note)
	}
	text := func(key, value string) {
		if value != "" {
			fmt.Fprintf(b, "%s = %s\n", key, encode(value))
		}
	}
	var errs []error
	secret := func(key, value string) {
		if value == "" {
			return
		}
		ref, err := f.secret(p, key, value)
		errs = append(errs, err)
		text(key, ref)
	}
	text("domain", p.Domain)
	text("environment", p.Environment)
	text("flow", "password")
	text("realm", p.Realm)
	text("client_id", p.ClientID)
	text("client_auth", p.ClientAuth)
	secret("client_secret", p.ClientSecret)
	if p.PrivateKeyPEM != "" {
		text("private_key", "file:"+f.PrivateKey)
		text("key_id", p.KeyID)
		text("key_alg", p.KeyAlg)
	}
	secret("api_secret", p.APISecret)
	secret("otp_secret", p.OTPSecret)
	secret("recovery_code", p.RecoveryCode)
	text("api_base", p.APIBase)
	text("audience", p.Audience)
	if len(p.Scopes) > 0 {
		fmt.Fprintf(b, "scopes = %s\n", encode(p.Scopes))
	}
	text("username", p.Username)
	secret("password", p.Password)
	text("forwarded_for", p.ForwardedFor)
	if p.Timeout > 0 {
		text("timeout", p.Timeout.String())
	}
	table := func(name string, values map[string]string) {
		if len(values) == 0 {
			return
		}
		fmt.Fprintf(b, "\n[profile.%s.%s]\n", p.Name, name)
		for _, key := range slices.Sorted(maps.Keys(values)) {
			fmt.Fprintf(b, "%s = %s\n", tomlKey(key), encode(values[key]))
		}
	}
	table("params", p.Params)
	if len(p.CAPEM) > 0 {
		table("tls", map[string]string{"ca_file": f.CA})
	}
	for _, c := range p.Calls {
		fmt.Fprintf(b, "\n[[profile.%s.call]]\n", p.Name)
		text("name", c.Name)
		text("method", c.Method)
		text("url", c.URL)
		if len(c.Headers) > 0 {
			var pairs []string
			for _, key := range slices.Sorted(maps.Keys(c.Headers)) {
				pairs = append(pairs, fmt.Sprintf("%s = %s", tomlKey(key), encode(c.Headers[key])))
			}
			fmt.Fprintf(b, "headers = { %s }\n", strings.Join(pairs, ", "))
		}
		text("body", c.Body)
	}
	return errors.Join(errs...)
}

// tomlKey is a bare key where TOML allows it, else a quoted one.
func tomlKey(key string) string {
	bare := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
	}
	if key == "" || strings.IndexFunc(key, func(r rune) bool { return !bare(r) }) >= 0 {
		return string(encode(key))
	}
	return key
}

// remove removes the files, and the folder if it was made for them.
func (f *Files) remove() error {
	var errs []error
	for _, path := range f.all {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	if f.ownDir {
		// Something else may have been put there, which is left alone.
		_ = os.Remove(f.Dir)
	}
	return errors.Join(errs...)
}
