// Package report turns a session into what can be given to others: Markdown,
// HTML, HAR 1.2 and JSON, and single requests as curl, Go, Python and Node.
//
// It holds the one redaction through which everything goes that leaves the
// program: the wire on the screens, the exchanges of the JSON output, reports
// and copied requests. It knows what is secret by three ways:
//
//   - by value: everything the session knows to be secret (passwords, client
//     secrets, keys, tokens, codes, cookies) is found wherever it stands, as it
//     is or percent-encoded, escaped for JSON or HTML, in base64 at any
//     alignment, in hex, and in chains of these;
//   - by name: members, form fields and query parameters that are named like a
//     secret, and every header that is not known to be harmless;
//   - by shape: JWTs, PEM private keys, credentials of an Authorization header,
//     passwords in URLs.
//
// It sends nothing and knows nothing of terminals, profiles' files or flags.
package report
