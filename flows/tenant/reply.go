package tenant

import (
	"net/http"
	"strconv"
)

const (
	jsonPlain = "application/json"                // /oauth/token
	jsonUTF8  = "application/json; charset=utf-8" // everything else
	noCaching = "private, no-store, no-cache, must-revalidate, post-check=0, pre-check=0, no-transform"
)

// refusal is an error reply: error and error_description, then what else there
// is, in this order. Status and texts are those of Auth0.
type refusal struct {
	status            int
	code, description string
	more              fields
	header            map[string]string
	logged            []string // types of the log events, if not the grant's usual one
	unlogged          bool
}

func (e *refusal) body() []byte {
	f := fields{{"error", e.code}, {"error_description", e.description}}
	return encode(append(f, e.more...))
}

// refuse makes a refusal with nothing but the usual three.
//
// Inlined, its copies make the program 12 KB larger and no faster.
//
//go:noinline
func refuse(status int, code, description string) *refusal {
	return &refusal{status: status, code: code, description: description}
}

func missing(parameter string) *refusal {
	return refuse(400, "invalid_request", "Missing required parameter: "+parameter)
}

func unauthorized() *refusal { return refuse(401, "access_denied", "Unauthorized") }

// edge sets the headers that come with every reply of /oauth/token, in the
// values of a recording. Alt-Svc is left out: it would send clients to a port
// that is not ours.
func (c *call) edge(ok bool) {
	h := c.w.Header()
	id := c.t.hex(10)
	h.Set("X-Auth0-RequestId", id)
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Ot-Tracer-Sampled", "true")
	h.Set("Ot-Tracer-Traceid", c.t.hex(8))
	h.Set("Ot-Tracer-Spanid", c.t.hex(8))
	ray := c.t.hex(8)
	h.Set("Ot-Baggage-Auth0-Request-Id", ray)
	h.Set("Cf-Ray", ray+"-FRA")
	h.Set("Cf-Cache-Status", "DYNAMIC")
	h.Set("Server", "cloudflare")
	device := c.t.hex(4) + "-" + c.t.hex(2) + "-" + c.t.hex(2) + "-" + c.t.hex(2) + "-" + c.t.hex(6)
	value := "s%3Av0%3A" + device + "." + c.t.text(43, alphanumeric)
	h.Add("Set-Cookie", "did="+value+"; Max-Age=31557600; Path=/; HttpOnly; Secure; SameSite=None")
	h.Add("Set-Cookie", "did_compat="+value+"; Max-Age=31557600; Path=/; HttpOnly; Secure")
	if ok {
		h.Set("Cache-Control", "no-store")
		h.Set("Pragma", "no-cache")
		h.Set("Vary", "Accept-Encoding, Origin")
	} else {
		h.Set("Cache-Control", noCaching)
		h.Set("Vary", "Origin, Accept-Encoding")
	}
}

// send writes a body of a known length. A client that is gone is no error.
func (c *call) send(status int, contentType string, body []byte) {
	h := c.w.Header()
	if contentType != "" {
		h.Set("Content-Type", contentType)
	} else {
		h["Content-Type"] = nil // keeps net/http from guessing one
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(body)
	}
}

func (c *call) refuse(contentType string, e *refusal) {
	c.edge(false)
	for name, value := range e.header {
		c.w.Header().Set(name, value)
	}
	c.send(e.status, contentType, e.body())
}

// page writes an HTML page, as gateways and servers do that know no OAuth.
func (t *Tenant) page(w http.ResponseWriter, status int, html string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(html)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(html))
}
