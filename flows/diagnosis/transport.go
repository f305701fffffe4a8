package diagnosis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// Findings about requests that got no (whole) reply.

// wire starts a finding about the transport: no log event, since nothing of it
// reaches a tenant's log, and no link, since no specification helps with it.
func (c *look) wire(id string, how Certainty, title, why string, fix ...string) Finding {
	host := c.ev.host()
	where := "the address: domain, issuer or token URL of the profile"
	if host != "" {
		where += " (now " + host + ")"
	}
	return Finding{ID: id, Certainty: how, Title: title, Why: why, Fix: fix, Where: []string{where}, Field: c.addressField()}
}

func (c *look) addressField() string {
	switch {
	case c.ev.At == AtAPI:
		return "api_base"
	case c.ev.Sent.TokenURLOnly:
		return "token_url"
	case c.ev.Sent.Domain == "" && c.ev.Sent.Issuer != "":
		return "issuer"
	}
	return "domain"
}

// hostName is the host for a sentence.
func (c *look) hostName() string {
	if h := c.ev.host(); h != "" {
		return h
	}
	return "the server"
}

func (c *look) fault() []Finding {
	f := c.ev.Fault
	if f.Canceled || errors.Is(f.Err, context.Canceled) {
		return []Finding{c.wire(Cancelled, Certain, "The request was cancelled",
			"It was stopped here before the reply had come. Whether the server has acted on it is not known.",
			"Send it again when ready.")}
	}
	if out := c.certificate(f.Err); out != nil {
		return out
	}
	var dns *net.DNSError
	if errors.As(f.Err, &dns) && !(f.Timeout && dns.IsTimeout) {
		return c.dns(dns)
	}
	if c.isProxy(f) {
		return c.proxy(f)
	}
	if f.Timeout || isTimeout(f.Err) {
		return []Finding{c.timeout(f)}
	}
	switch {
	case is(f.Err, syscall.ECONNREFUSED, wsaRefused):
		return []Finding{c.refused()}
	case is(f.Err, syscall.ECONNRESET, wsaReset), is(f.Err, syscall.EPIPE, wsaAborted):
		return []Finding{c.reset(f, "reset the connection")}
	case is(f.Err, syscall.ENETUNREACH, wsaNetUnreach), is(f.Err, syscall.EHOSTUNREACH, wsaHostUnreach), is(f.Err, syscall.EADDRNOTAVAIL, 0):
		return []Finding{c.wire(Unreachable, Certain, "There is no way to "+c.hostName()+" from this network",
			"The system knows no route: "+reason(f.Err)+".",
			"Check this machine's network, VPN and firewall.",
			"If the host has only an IPv6 address: check that this network has IPv6.")}
	}
	if out := c.tlsFault(f); out != nil {
		return out
	}
	if errors.Is(f.Err, io.EOF) || errors.Is(f.Err, io.ErrUnexpectedEOF) || errors.Is(f.Err, net.ErrClosed) || strings.Contains(text(f.Err), "server closed idle connection") {
		return []Finding{c.reset(f, "closed the connection")}
	}
	return []Finding{c.otherFault(f)}
}

// Windows' numbers for the same faults (WSAE…), which the syscall package maps
// to no portable name.
const (
	wsaAborted     = 10053
	wsaReset       = 10054
	wsaNetUnreach  = 10051
	wsaRefused     = 10061
	wsaHostUnreach = 10065
)

// is tells whether err is this error of the system, under either number.
func is(err error, unix syscall.Errno, windows uintptr) bool {
	var no syscall.Errno
	return errors.As(err, &no) && (no == unix || windows != 0 && uintptr(no) == windows)
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// reason is an error's own words, without the URL that net/http wraps around
// them: a URL may hold what must not be shown.
func reason(err error) string {
	var u *url.Error
	for errors.As(err, &u) && u.Err != nil {
		err = u.Err
	}
	if s := text(err); s != "" {
		return short(s, 300)
	}
	return "no reason is known"
}

func (c *look) dns(e *net.DNSError) []Finding {
	name := e.Name
	if name == "" {
		name = c.hostName()
	}
	if e.IsTimeout {
		f := c.wire(DNSFailure, Certain, "The name server did not answer for "+quote(name),
			"Looking the name up took too long: this machine's network or its name server is the cause, not the server itself.",
			"Check this machine's network and VPN.", "Try another network or name server.")
		return []Finding{f}
	}
	f := c.wire(DNSFailure, Certain, "The name "+quote(name)+" does not exist",
		"The name server knows no such host, so nothing was sent.",
		"Check the name for typing mistakes.")
	if !e.IsNotFound {
		f.Title = "The name " + quote(name) + " could not be looked up"
		f.Why = "The name server answered with a failure (" + short(e.Err, 200) + "), so nothing was sent."
		f.Fix = append(f.Fix, "Check this machine's network and VPN.")
	}
	if IsAuthZeroHost(name) {
		f.Fix = append(f.Fix, "Mind the region: the domain is like NAME.eu.auth0.com, NAME.us.auth0.com or NAME.auth0.com. The application's page shows it.")
		f.Where = append(f.Where, "Applications > YOUR APP > Settings > Basic Information > Domain")
		f.Link = "https://auth0.com/docs/" + docAppSettings
	} else {
		f.Fix = append(f.Fix, "If the name is only known inside a company network: connect to its VPN.", "For a custom domain: check its CNAME record.")
	}
	return []Finding{f}
}

func (c *look) refused() Finding {
	f := c.wire(ConnectionRefused, Certain, "Nothing listens at "+c.hostName(),
		"The machine is there and refuses the connection: no server runs at this port, or a firewall refuses in its place.",
		"Check host and port.", "If it is a server of your own: start it.")
	if h, _, err := net.SplitHostPort(c.hostName()); err == nil && (h == "localhost" || net.ParseIP(h).IsLoopback()) {
		f.Fix[1] = "It is a server on this machine: start it, and mind that a new start may have another port."
	}
	return f
}

func (c *look) reset(f *Fault, what string) Finding {
	out := c.wire(ConnectionReset, Certain, "The server "+what+" before it had answered",
		"The connection stood and was then cut "+stageWords(f.Stage)+". The server, a firewall or a proxy between did it. Whether the request was acted on is not known.",
		"Send it once more; if it happens again, it is no accident.",
		"Look at what is between: VPN, firewall, proxy, load balancer.",
		"If the server wants a client certificate (mTLS), some cut the connection without one: set client_cert and client_key.")
	if f.Stage == StageBody {
		out.Title = "The reply was cut off"
	}
	return out
}

// stageWords says when something happened.
func stageWords(stage string) string {
	switch stage {
	case StageResolve:
		return "while the name was looked up"
	case StageConnect:
		return "while connecting"
	case StageProxy:
		return "at the proxy"
	case StageTLS:
		return "while TLS was agreed on"
	case StageWrite:
		return "while the request was sent"
	case StageFirstByte:
		return "while waiting for the reply"
	case StageBody:
		return "in the middle of the reply"
	}
	return "on the way"
}

func (c *look) timeout(f *Fault) Finding {
	limit := ""
	if f.Limit > 0 {
		limit = " within " + span(f.Limit)
	}
	out := c.wire(Timeout, Certain, "No answer from "+c.hostName()+limit,
		"The time ran out "+stageWords(f.Stage)+".")
	switch f.Stage {
	case StageResolve:
		out.Fix = []string{"Check this machine's name server, network and VPN."}
	case StageConnect:
		out.Why += " Packets are lost without a word, as a firewall does it; a server that is merely off refuses at once."
		out.Fix = []string{"Check host and port.", "Check VPN and firewall: the host may answer only inside a network, or only to known addresses.", "If this network needs a proxy, set it (HTTPS_PROXY or the profile's proxy)."}
	case StageProxy:
		out.Fix = []string{"Check that the proxy is running and is the right one."}
	case StageTLS:
		out.Fix = []string{"Check that the port speaks TLS.", "Check for a proxy or firewall that inspects TLS."}
	case StageFirstByte:
		out.Why += " The request was sent, so the server may have acted on it all the same."
		out.Fix = []string{"Give it more time: timeout in the profile, or --timeout 60s.", "Custom databases, Actions and Rules run during the request: a slow one holds it up."}
		if !c.own {
			out.Fix[1] = "Look at what the server does during the request: a slow directory or login rule holds it up."
		}
	case StageBody:
		out.Fix = []string{"Give it more time: timeout in the profile, or --timeout 60s.", "Check the network: the reply had begun."}
	default:
		out.Fix = []string{"Give it more time: timeout in the profile, or --timeout 60s.", "Check host, port, network, VPN and proxy."}
	}
	return out
}

func (c *look) isProxy(f *Fault) bool {
	var op *net.OpError
	return f.Stage == StageProxy || errors.As(f.Err, &op) && op.Op == "proxyconnect" || strings.Contains(text(f.Err), "proxyconnect")
}

func (c *look) proxy(f *Fault) []Finding {
	name := "The proxy"
	if f.Proxy != "" {
		name += " " + quote(f.Proxy)
	}
	out := c.wire(ProxyFailure, Certain, name+" did not let the request through",
		"The failure is at the proxy, not at "+c.hostName()+": "+reason(f.Err)+".",
		"Check the proxy's address.",
		"To go without it for this host: add the host to NO_PROXY.")
	if t := strings.ToLower(text(f.Err)); strings.Contains(t, "407") || strings.Contains(t, "proxy authentication required") {
		out.Title = name + " wants a name and a password"
		out.Fix = append([]string{"Give the proxy's credentials in its URL, kept in the environment (HTTPS_PROXY)."}, out.Fix...)
	}
	out.Where = []string{"the environment: HTTPS_PROXY, HTTP_PROXY, NO_PROXY; the profile's tls.proxy"}
	out.Field = "proxy"
	return []Finding{out}
}

// certificate explains a server certificate that was not accepted: which one,
// and why. nil when that is not what happened.
func (c *look) certificate(err error) []Finding {
	var (
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		roots   x509.SystemRootsError
		verify  *tls.CertificateVerificationError
		crit    x509.UnhandledCriticalExtension
		algo    x509.InsecureAlgorithmError
	)
	var leaf *x509.Certificate
	if errors.As(err, &verify) && len(verify.UnverifiedCertificates) > 0 {
		leaf = verify.UnverifiedCertificates[0]
	}
	switch {
	case errors.As(err, &host):
		names := certNames(host.Certificate)
		f := c.wire(TLSWrongHost, Certain, "The certificate is not for "+quote(host.Host),
			"It is good for "+names+". Another server answers under this name, or the name is not the one the server is meant to be called by.",
			"Use a name the certificate is good for.",
			"For a custom domain: wait until its certificate is ready, and check its CNAME record.")
		f.Link = specTLS
		return []Finding{f}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		cert := invalid.Cert
		if cert == nil {
			cert = leaf
		}
		return []Finding{c.expired(cert)}
	case errors.As(err, &unknown):
		cert := leaf
		if cert == nil {
			cert = unknown.Cert
		}
		return c.untrusted(cert, "")
	case errors.As(err, &invalid):
		cert := invalid.Cert
		if cert == nil {
			cert = leaf
		}
		return c.untrusted(cert, reason(invalid))
	case errors.As(err, &roots):
		f := c.wire(TLSUntrusted, Certain, "This machine has no list of certificate authorities",
			"Without one no certificate can be checked: "+reason(err)+".",
			"Install the system's CA certificates (the package ca-certificates).",
			"Or name a file with the CA: --ca-file, or ca_file in the profile.")
		f.Field, f.Link = "ca_file", specTLS
		return []Finding{f}
	case errors.As(err, &crit), errors.As(err, &algo), verify != nil:
		return c.untrusted(leaf, reason(err))
	}
	return nil
}

func (c *look) untrusted(cert *x509.Certificate, why string) []Finding {
	f := c.wire(TLSUntrusted, Certain, "The certificate of "+c.hostName()+" is not trusted", "",
		"If it is a server of your own or inside a company: name the CA that signed it, with --ca-file or ca_file in the profile.",
		"If it should be a public server: something between reads the traffic. Do not send a password before you know what.")
	f.Field, f.Link = "ca_file", specTLS
	if cert == nil {
		f.Why = "Its issuer is no authority that this machine knows."
	} else {
		f.Why = "It is issued to " + certName(cert) + " by " + issuerName(cert) + ", good from " + day(cert.NotBefore) + " to " + day(cert.NotAfter) + "."
		if string(cert.RawSubject) == string(cert.RawIssuer) {
			f.Why += " It signed itself, so nobody vouches for it."
		} else {
			f.Why += " This machine does not know that issuer, or the server does not send the certificates between."
		}
	}
	if why != "" {
		f.Why += " Refused because: " + why + "."
	}
	p := c.captive(Possible, "A certificate that nobody knows is also what a network's login page or a company's proxy that opens TLS shows.")
	return []Finding{f, p}
}

func (c *look) expired(cert *x509.Certificate) Finding {
	f := c.wire(TLSExpired, Certain, "The certificate of "+c.hostName()+" has expired", "",
		"Renew the certificate at the server.",
		"Check this machine's clock: a wrong one makes good certificates look expired.")
	f.Link = specTLS
	if cert == nil {
		f.Why = "Its time is over, or has not begun."
		return f
	}
	now := c.ev.Now
	f.Why = "It is issued to " + certName(cert) + " by " + issuerName(cert) + " and good from " + day(cert.NotBefore) + " to " + day(cert.NotAfter) + "."
	if !now.IsZero() && now.Before(cert.NotBefore) {
		f.Title = "The certificate of " + c.hostName() + " is not valid yet"
		f.Fix = []string{"Set this machine's clock: by it, the certificate lies in the future.", "Else wait, or have the certificate issued anew."}
	}
	return f
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

func certName(cert *x509.Certificate) string {
	switch {
	case cert == nil:
		return "nobody"
	case cert.Subject.CommonName != "":
		return quote(cert.Subject.CommonName)
	case len(cert.DNSNames) > 0:
		return quote(cert.DNSNames[0])
	case len(cert.IPAddresses) > 0:
		return cert.IPAddresses[0].String()
	}
	return quote(cert.Subject.String())
}

func issuerName(cert *x509.Certificate) string {
	if n := cert.Issuer.CommonName; n != "" {
		return quote(n)
	}
	if len(cert.Issuer.Organization) > 0 {
		return quote(cert.Issuer.Organization[0])
	}
	return quote(cert.Issuer.String())
}

// certNames lists what a certificate is good for.
func certNames(cert *x509.Certificate) string {
	if cert == nil {
		return "other names"
	}
	var names []string
	for _, n := range cert.DNSNames {
		names = append(names, short(n, 80))
	}
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 && len(cert.Raw) == 0 {
		return "other names"
	}
	if len(names) == 0 {
		return certName(cert) + " (and it has no subject alternative names, so it is good for no host)"
	}
	return list(names)
}

// tlsFault explains failures of TLS that are not about the certificate.
func (c *look) tlsFault(f *Fault) []Finding {
	var (
		alert  tls.AlertError
		record tls.RecordHeaderError
	)
	t := text(f.Err)
	switch {
	case errors.As(f.Err, &record), strings.Contains(t, "server gave HTTP response to HTTPS client"), strings.Contains(t, "first record does not look like a TLS handshake"):
		return []Finding{c.wire(TLSFailure, Certain, c.hostName()+" does not speak TLS at this port",
			"The request went out as https and something else than TLS came back.",
			"Check the port.",
			"If the server really speaks plain http: write http:// (only loopback is allowed without --allow-http).",
			"Check for a proxy that answers in the server's place.")}
	case errors.As(f.Err, &alert), strings.Contains(t, "remote error: tls:"):
		out := c.wire(TLSFailure, Certain, c.hostName()+" broke off TLS",
			"The server says: "+reason(f.Err)+".",
			"If it wants a client certificate (mTLS): set client_cert and client_key in the profile.",
			"Check that the name is right: some servers refuse names they do not serve.")
		out.Field, out.Link = "client_cert", specTLS
		return []Finding{out}
	case f.Stage == StageTLS, strings.Contains(t, "tls: "):
		return []Finding{c.wire(TLSFailure, Likely, "TLS with "+c.hostName()+" could not be agreed on",
			"The handshake failed: "+reason(f.Err)+".",
			"Check that the server offers TLS 1.2 or newer.",
			"Check for a proxy or firewall that inspects TLS.")}
	}
	return nil
}

func (c *look) otherFault(f *Fault) Finding {
	var file *fs.PathError
	if errors.As(f.Err, &file) { // nothing of a network's names a file
		out := c.wire(TransportFailure, Certain, "This machine has no room for the answer",
			"An answer that is too large for memory goes to a temporary file. The system says: "+reason(f.Err)+".",
			"Make room where temporary files go, or name another folder by TMPDIR.")
		out.Where, out.Field = []string{"this machine's folder for temporary files"}, ""
		return out
	}
	t := text(f.Err)
	if strings.Contains(t, "malformed HTTP") || strings.Contains(t, "unsupported transfer encoding") || strings.Contains(t, "transport connection broken") {
		return c.wire(TransportFailure, Likely, c.hostName()+" does not answer in HTTP",
			"What came back is no HTTP reply: "+reason(f.Err)+".",
			"Check host and port: another service may listen there.", "Write https:// if the port speaks TLS.")
	}
	return c.wire(TransportFailure, Possible, "The request failed "+stageWords(f.Stage),
		fmt.Sprintf("The system says: %s.", reason(f.Err)),
		"Check address, network, VPN and proxy.", "Look at the wire: how far the request came.")
}

func (c *look) captive(how Certainty, why string) Finding {
	return c.wire(CaptivePortal, how, "A network's login page may answer in the server's place", why,
		"Open any page in a browser: if a login page of the network appears, log in there first.",
		"In a company: ask for the proxy to use, and for its CA certificate (--ca-file).")
}
