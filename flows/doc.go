// Package flows knows OAuth: flows as chains of steps, client authentication,
// the requests that go out and the replies that come back, keys, and what a
// session has gathered. It knows nothing of terminals, files of profiles or
// the loopback tenant; it is the only package that sends HTTP requests.
//
// # The rules it keeps
//
// One press sends one request with credentials in it: no silent retry, no
// probing of authentication styles, no redirect followed with a password in
// it; what net/http would send again by itself when a connection breaks is lost
// instead. Whatever goes over the wire is kept as an [Exchange], whatever happened.
// What authwalk fetches by itself (discovery, JWKS, the list of factors, polls
// of a push) carries no password and is marked so. Nothing goes to another host
// than the issuer's own before a person has said yes to it.
//
// No type of this package prints a secret: not with fmt, not in JSON, not in a
// log (print.go). fmt sees no methods in unexported fields, so whoever keeps a
// [Config] or a [Secret] in one must not print the struct around it.
//
// # Where things are
//
// A flow is one file here and one word in [Flows]. Tokens are decoded and
// checked in flows/token, refusals explained in flows/diagnosis; both are
// leaves that know nothing of this package.
package flows
