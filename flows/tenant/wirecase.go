package tenant

import (
	"bufio"
	"net"
	"net/http"
)

// Names that Go writes in other letters than Auth0 does. Names of headers have
// no case, but people compare what they see.
var wireNames = map[string]string{
	"X-Ratelimit-Limit": "X-RateLimit-Limit", "X-Ratelimit-Remaining": "X-RateLimit-Remaining", "X-Ratelimit-Reset": "X-RateLimit-Reset",
	"X-Auth0-Requestid": "X-Auth0-RequestId", "Auth0-Ratelimit": "Auth0-RateLimit", "Www-Authenticate": "WWW-Authenticate", "Etag": "ETag",
}

// wireCase writes header names as Auth0 does. It is for the listener alone: in
// process there is no wire.
type wireCase struct{ http.ResponseWriter }

// WriteHeader renames and writes.
func (w wireCase) WriteHeader(status int) {
	h := w.Header()
	for from, to := range wireNames {
		if v, ok := h[from]; ok {
			delete(h, from)
			h[to] = v
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Hijack gives the connection away.
func (w wireCase) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Unwrap is for http.ResponseController.
func (w wireCase) Unwrap() http.ResponseWriter { return w.ResponseWriter }
