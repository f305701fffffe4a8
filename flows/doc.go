// Package flows knows OAuth: flows as chains of steps, client authentication,
// the requests that go out and the replies that come back, keys, and what a
// session has gathered. It knows nothing of terminals, files of profiles or
// the loopback tenant; it is the only package that sends HTTP requests.
//
// # The rules it keeps
//
// One press sends one request with credentials in it: no silent retry, no
// probing of authentication styles, no redirect followed with a password in
// it. Whatever goes over the wire is kept as an [Exchange], whatever happened.
// What authwalk fetches by itself (discovery, JWKS, the list of factors, polls
// of a push) carries no password and is marked so.
//
// # Where things are
//
// A flow is one file here and one word in [Flows]. Tokens are decoded and
// checked in flows/token, refusals explained in flows/diagnosis; both are
// leaves that know nothing of this package.
package flows
