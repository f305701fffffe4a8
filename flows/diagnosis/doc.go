// Package diagnosis explains refusals: from what was sent and what came back
// to findings that say what happened, why, and which setting to change.
//
// It knows OAuth's errors (RFC 6749 section 5.2, RFC 6750 section 3, RFC 8628,
// RFC 8707), the literal replies of Auth0's Authentication API, and Go's
// transport errors. It knows nothing of how requests are made, of screens, or
// of the loopback tenant: everything here is a pure function of an [Evidence],
// which is filled in by whoever sent the request, or read by [ParseRefusal]
// from what somebody pasted.
//
// # How a reply is recognised
//
// The catalogue (catalogue.go) is a list of rules, tried in order. A rule looks
// at error and the normalised error_description first; the status is only a
// hint, since it differs between sources for the same refusal. The first rule
// that fits gives the findings, ranked by what was sent, and their class, from
// which the exit code follows.
//
// # How sure it is
//
// certain: the reply says so itself, in a text that was recorded or quoted from
// a real server. likely: the usual cause of this reply, or a text known only
// from documentation. possible: one cause among several, or a text that nobody
// has published.
//
// # What it never does
//
// It keeps no secret: an Evidence has no place for one. Text from outside
// (descriptions, realms, audiences) is passed through as it came; whoever shows
// it makes it safe.
package diagnosis
