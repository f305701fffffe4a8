// Package tenant is an authorization server for one's own machine that behaves
// like an Auth0 tenant, good set-ups and broken ones, so that a client can be
// tried, and its mistakes met, without a tenant of one's own.
//
// It knows the token endpoint with the password, password-realm, refresh-token,
// client-credentials and MFA grants, the four usual ways of client
// authentication, discovery, JWKS, /userinfo, revocation, the MFA endpoints, an
// API with routes that need scopes, attack protection, a phone that codes and
// pushes arrive on, and the tenant's log.
//
// A Scenario is a few lines of settings over one and the same server. A Tenant
// is an http.Handler; Listen puts a loopback listener around it, and
// RoundTripper serves it in process without a socket.
//
// It knows nothing of clients: what it and authwalk have in common is the wire.
// There is no /authorize endpoint, no login page and no consent: only what an
// application that sends a password can meet.
//
// Replies follow Auth0's documentation, the error strings of its SDKs and
// published recordings. Where no public source shows the reply, the plausible
// form is chosen and the place is marked "unverified".
package tenant
