package tenant

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"math/big"
	"net/url"
	"strings"
	"time"
)

// discovery serves the metadata in the order and with the values of a capture
// of 2026. It is static: that password is listed says nothing about any
// application.
func (t *Tenant) discovery(c *call) {
	i := c.issuer()
	words := strings.Fields
	doc := fields{
		{"issuer", i},
		{"authorization_endpoint", i + "authorize"},
		{"token_endpoint", i + "oauth/token"},
		{"device_authorization_endpoint", i + "oauth/device/code"},
		{"userinfo_endpoint", i + "userinfo"},
		{"mfa_challenge_endpoint", i + "mfa/challenge"},
		{"jwks_uri", i + ".well-known/jwks.json"},
		{"registration_endpoint", i + "oidc/register"},
		{"revocation_endpoint", i + "oauth/revoke"},
		{"scopes_supported", words("openid profile offline_access name given_name family_name nickname email email_verified picture created_at identities phone address")},
		{"response_types_supported", []string{"code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token"}},
		{"code_challenge_methods_supported", words("S256 plain")},
		{"response_modes_supported", words("query fragment form_post")},
		{"subject_types_supported", words("public")},
		{"token_endpoint_auth_methods_supported", words("client_secret_basic client_secret_post private_key_jwt none")},
		{"token_endpoint_auth_signing_alg_values_supported", words("RS256 RS384 PS256")},
		{"claims_supported", words("aud auth_time created_at email email_verified exp family_name given_name iat identities iss name nickname phone_number picture sub")},
		{"grant_types_supported", words("client_credentials authorization_code refresh_token password implicit " +
			"urn:ietf:params:oauth:grant-type:device_code urn:ietf:params:oauth:grant-type:token-exchange urn:ietf:params:oauth:grant-type:jwt-bearer " +
			grantPasswordRealm + " http://auth0.com/oauth/grant-type/passwordless/otp " + grantMFAOOB + " " + grantMFAOTP + " " + grantMFARecovery)},
		{"request_uri_parameter_supported", false},
		{"request_parameter_supported", false},
		{"backchannel_authentication_endpoint", i + "bc-authorize"},
		{"backchannel_token_delivery_modes_supported", words("poll")},
		{"id_token_signing_alg_values_supported", words("HS256 RS256 PS256")},
		{"end_session_endpoint", i + "oidc/logout"},
		{"global_token_revocation_endpoint", i + "oauth/global-token-revocation/connection/{connectionName}"},
		{"global_token_revocation_endpoint_auth_methods_supported", words("global-token-revocation+jwt")},
		{"dpop_signing_alg_values_supported", words("ES256")},
	}
	c.w.Header().Set("Cache-Control", "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400")
	c.w.Header().Set("Access-Control-Allow-Origin", "*")
	c.send(200, jsonUTF8, encode(doc))
}

// jwks serves the two published keys, the one that signs first.
func (t *Tenant) jwks(c *call) {
	t.certs.once.Do(func() { t.certs.jwks, t.certs.err = t.makeJWKS(c.now) })
	if t.certs.err != nil {
		c.refuse(jsonUTF8, refuse(500, "server_error", "The tenant has no keys: "+t.certs.err.Error()))
		return
	}
	c.w.Header().Set("Cache-Control", "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400")
	c.w.Header().Set("Access-Control-Allow-Origin", "*")
	c.send(200, jsonUTF8, t.certs.jwks)
}

func (t *Tenant) makeJWKS(now time.Time) ([]byte, error) {
	first := t.set.mint.key
	list := []fields{}
	for _, l := range []*lazyKey{t.keys.published[first], t.keys.published[1-first]} {
		key, kid, err := l.get()
		if err != nil {
			return nil, err
		}
		der, err := t.certificate(key, kid, now)
		if err != nil {
			return nil, err
		}
		thumb := sha1.Sum(der)
		jwk := fields{
			{"kty", "RSA"}, {"use", "sig"},
			{"n", b64.EncodeToString(key.N.Bytes())}, {"e", b64.EncodeToString(big.NewInt(int64(key.E)).Bytes())},
			{"kid", kid}, {"x5t", b64.EncodeToString(thumb[:])}, {"x5c", []string{base64.StdEncoding.EncodeToString(der)}},
		}
		if !t.set.mint.hideAlg {
			jwk = append(jwk, field{"alg", "RS256"})
		}
		list = append(list, jwk)
	}
	return encode(fields{{"keys", list}}), nil
}

// certificate is the self-signed one of a signing key, as Auth0 makes them: the
// tenant's host as the name, good for 13 years and 8 months.
func (t *Tenant) certificate(key *rsa.PrivateKey, kid string, now time.Time) ([]byte, error) {
	host := t.issuer
	if u, err := url.Parse(t.issuer); err == nil {
		host = u.Hostname()
	}
	from := now.UTC().Truncate(24*time.Hour).AddDate(0, -1, 0)
	sum := sha1.Sum([]byte(kid))
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetUint64(binary.BigEndian.Uint64(sum[:8])>>1 + 1),
		Subject:      pkix.Name{CommonName: host},
		NotBefore:    from, NotAfter: from.AddDate(13, 8, 0),
		BasicConstraintsValid: true, IsCA: true,
		SignatureAlgorithm: x509.SHA256WithRSA,
	}
	return x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
}
