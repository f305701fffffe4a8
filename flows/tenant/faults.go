package tenant

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"time"
)

// unverified: what Auth0's edge says where no tenant has that name.
const notFoundPage = `<!DOCTYPE html>
<html><head><title>Not found</title></head>
<body><h1>Oops, something went wrong</h1><p>There could be a misconfiguration in the system or a service outage.</p></body></html>
`

const gatewayPage = `<!DOCTYPE html>
<html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>gateway</center></body></html>
`

// fault does what goes wrong before the token endpoint is reached, and reports
// whether the request ends there.
func (t *Tenant) fault(w http.ResponseWriter, r *http.Request) bool {
	f := t.set.faults
	switch {
	case f.gateway:
		t.page(w, http.StatusBadGateway, gatewayPage)
		return true
	case f.reset:
		resetConnection(w)
		return true
	case f.slow > 0:
		// Only once the body is read does net/http notice a client that leaves.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			break
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		timer := time.NewTimer(f.slow)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return true
		}
	}
	return false
}

// resetter is a ResponseWriter without a socket that can act as one that was
// reset.
type resetter interface{ reset() }

// resetConnection ends the connection with a TCP reset and no reply.
func resetConnection(w http.ResponseWriter) {
	if r, ok := w.(resetter); ok {
		r.reset()
		return
	}
	h, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := h.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	raw := conn
	if s, ok := conn.(*tls.Conn); ok {
		raw = s.NetConn()
	}
	if l, ok := raw.(*limitedConn); ok {
		raw = l.Conn
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		// With a linger of zero closing sends a reset instead of an orderly end.
		_ = tcp.SetLinger(0)
		_ = conn.SetDeadline(time.Now())
		_ = tcp.Close()
	}
	_ = conn.Close()
}
