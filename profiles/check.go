package profiles

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"authwalk/flows"
)

// Check says what is wrong with a profile as a whole, without resolving its
// references and without the network: what a file may hold while it is being
// written, but cannot be used. Each error is a *Error with the key. References
// are tried by Config.
func Check(p Profile) []error {
	var out []error
	add := func(key, format string, a ...any) {
		out = append(out, &Error{Key: keyText(append([]string{"profile", p.Name}, strings.Split(key, ".")...)), Msg: fmt.Sprintf(format, a...)})
	}
	if err := validate("", p.normal()); err != nil {
		var errs Errors
		if !errors.As(err, &errs) {
			return []error{err}
		}
		return errs.Unwrap()
	}
	switch {
	case p.Domain == "" && p.Issuer == "" && p.TokenURL == "":
		add("domain", "no tenant is named: write domain (Auth0), issuer (any server with discovery) or token_url")
	case p.Domain != "" && (p.Issuer != "" || p.TokenURL != ""):
		add("domain", "domain, issuer and token_url exclude each other: keep one")
	}
	if p.ClientID == "" {
		add("client_id", "it is missing: take it from the application's settings")
	}
	switch p.ClientAuth {
	case flows.AuthPost, flows.AuthBasic:
		if p.ClientSecret.IsZero() {
			add("client_secret", `client_auth is %s and there is no secret: write a reference to it, like client_secret = "keyring:%s", or "prompt"`, p.ClientAuth, p.Name)
		}
	case flows.AuthPrivateKeyJWT:
		if p.PrivateKey.IsZero() {
			add("private_key", `client_auth is private_key_jwt and there is no key: write a reference to it, like private_key = "file:~/keys/%s.pem"`, p.Name)
		}
	}
	if p.CAFile != "" {
		path := p.path(p.CAFile)
		pem, err := readLimited(path, refLimit)
		if err != nil {
			add("tls.ca_file", "%s", pathFault(path, err, refLimit))
		} else if !x509.NewCertPool().AppendCertsFromPEM(pem) {
			add("tls.ca_file", "%s holds no certificate in PEM", path)
		}
	}
	switch {
	case p.ClientCert != "":
		cert, key := p.path(p.ClientCert), p.path(p.ClientKey)
		if key == "" {
			key = cert
		}
		if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
			add("tls.client_cert", "the certificate and its key cannot be used: %v", err)
		}
	case p.ClientKey != "":
		add("tls.client_key", "there is a key and no certificate: write client_cert too")
	}
	for i, c := range p.Calls {
		if c.URL == "" {
			add("call", "call %d (%s) has no url: write it like url = \"/orders\"", i+1, show(c.Name))
		}
	}
	if p.JWKSURL != "" && !strings.Contains(p.JWKSURL, "://") {
		path := p.path(p.JWKSURL)
		if _, err := readLimited(path, refLimit); err != nil {
			add("jwks_url", "%s", pathFault(path, err, refLimit))
		}
	}
	return out
}
