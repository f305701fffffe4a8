package flows

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"time"
)

// What an exchange is for, as the wire names it.
const (
	PurposeToken         = "token"
	PurposeDiscovery     = "discovery"
	PurposeJWKS          = "jwks"
	PurposeMFA           = "mfa"
	PurposeUserinfo      = "userinfo"
	PurposeRevoke        = "revoke"
	PurposeIntrospection = "introspection"
	PurposeAPI           = "api"
)

// Stages of a request, in order: where a fault happened.
const (
	StagePrepare   = "prepare" // before anything went out
	StageResolve   = "resolve"
	StageConnect   = "connect"
	StageProxy     = "proxy"
	StageTLS       = "tls"
	StageWrite     = "write"
	StageFirstByte = "first byte"
	StageBody      = "body"
)

// Timings says how long each stage took. A connection that was used again has
// no resolve, connect and TLS.
type Timings struct {
	Resolve, Connect, TLS, FirstByte, Total time.Duration
	Reused                                  bool
}

// TLSInfo is what the connection's TLS was.
type TLSInfo struct {
	Version, Cipher string
	Subject, Issuer string
	NotAfter        time.Time
}

// Exchange is one request as it was sent and its reply as it was received,
// with its secrets: it never prints its contents. What leaves (screens,
// reports, JSON) goes through flows/report's redaction.
type Exchange struct {
	// ByItself marks what authwalk fetched without a press; it carries no password.
	ByItself bool
	Purpose  string

	Method, URL   string
	RequestHeader http.Header // as written, what Go added too
	RequestBody   []byte

	Proto  string // HTTP/1.1, HTTP/2.0
	Status int    // 0: no reply
	Header http.Header
	Body   []byte
	// BodySize is how much came; Truncated tells that Body is not all of it.
	BodySize  int64
	Truncated bool
	// Spool holds the whole body when it was too large for memory.
	Spool *Spool

	Start   Moment
	End     Moment
	Timings Timings
	TLS     *TLSInfo
	Remote  string // address of the server (or of the proxy)

	// Fault is why there is no (whole) reply.
	Fault *Fault
}

// ServerOffset is how far the server's clock (the reply's Date, RFC 9110
// section 6.6.1, in whole seconds) is ahead of ours; ok is false without one.
// It is 0 where the clocks may agree: Date was written at some moment between
// the request and the reply's first byte, and a slow server takes its time.
func (e Exchange) ServerOffset() (offset time.Duration, ok bool) {
	if e.Status == 0 {
		return 0, false
	}
	date, err := http.ParseTime(e.Header.Get("Date"))
	if err != nil {
		return 0, false
	}
	first := e.Timings.Total
	if e.Timings.FirstByte > 0 {
		first = e.Timings.Resolve + e.Timings.Connect + e.Timings.TLS + e.Timings.FirstByte
	}
	least, most := date.Sub(e.Start.Wall.Add(first)), date.Add(time.Second).Sub(e.Start.Wall)
	if least < time.Second && most > -time.Second {
		return 0, true
	}
	return (least/2 + most/2).Round(time.Second), true
}

// Fault is why a request has no (whole) reply: where it stopped, and how.
type Fault struct {
	Stage    string
	Timeout  bool
	Canceled bool
	Limit    time.Duration // the timeout that was set
	Err      error
}

func (f *Fault) Error() string {
	switch {
	case f.Canceled:
		return "cancelled (" + f.Stage + ")"
	case f.Timeout:
		return fmt.Sprintf("no answer within %s (%s)", f.Limit, f.Stage)
	}
	return f.Stage + ": " + f.Err.Error()
}

func (f *Fault) Unwrap() error { return f.Err }

func certName(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	if len(c.DNSNames) > 0 {
		return c.DNSNames[0]
	}
	return c.Subject.String()
}
