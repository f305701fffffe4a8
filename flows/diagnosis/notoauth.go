package diagnosis

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Findings about replies that are no OAuth replies.

func statusText(status int) string {
	if t := http.StatusText(status); t != "" {
		return fmt.Sprintf("%d %s", status, t)
	}
	return fmt.Sprint(status)
}

// shape says what a body is, for a sentence.
func (c *look) shape() string {
	r := c.r
	switch r.Shape {
	case ShapeEmpty:
		return "is empty"
	case ShapeHTML:
		if r.title != "" {
			return "is a page of HTML, titled " + quote(r.title)
		}
		return "is a page of HTML"
	case ShapeText:
		return "is neither JSON nor HTML"
	case ShapeJSON:
		return "is JSON but no object"
	case ShapeBadError:
		return "has an error that is no string"
	}
	return "has neither an access_token nor an error"
}

func (c *look) notOAuth() []Finding {
	status := c.ev.status()
	what := "The reply"
	switch c.ev.At {
	case AtDiscovery:
		what = "The discovery document"
	case AtJWKS:
		what = "The key set"
	}
	why := what
	if status != 0 {
		why += " (" + statusText(status) + ")"
	}
	why += " " + c.shape() + "."
	if c.ev.Reply != nil && c.ev.Reply.Truncated {
		why += " It is longer than what is read, and was cut."
	}
	f := c.wire(NotAnOAuthReply, Certain, "What came back is no OAuth reply", why)
	f.Link = specReply
	if c.ev.At == AtDiscovery {
		f.Title, f.Link = "What came back is no discovery document", specDiscovery
	}
	if c.ev.At == AtJWKS {
		f.Title, f.Link = "What came back is no key set", "https://www.rfc-editor.org/rfc/rfc7517#section-5"
	}
	h := c.ev.header()
	by := ""
	for _, name := range []string{"Server", "Via", "X-Served-By"} {
		if v := h.Get(name); v != "" {
			by = " It names itself " + quote(v) + " (" + name + ")."
			break
		}
	}
	var more []Finding
	switch {
	case status == http.StatusNetworkAuthenticationRequired:
		f.Fix = []string{"Log in to the network first: open any page in a browser."}
		more = append(more, c.captive(Likely, "Status 511 is what a network's login page says (RFC 6585, section 6)."))
	case status == http.StatusProxyAuthRequired:
		f.Why += by
		f.Fix = []string{"Give the proxy's credentials in its URL, kept in the environment (HTTPS_PROXY)."}
		f.Field = "proxy"
	case status >= 500:
		f.Why += " A gateway, load balancer or proxy wrote it, since the server behind it did not answer." + by
		f.Fix = []string{
			"Try again in a moment, and look at the server's status page.",
			"If it stays: check that the address is the server's own and not one of a proxy in front of something else.",
		}
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusGone:
		f.Certainty = Likely
		f.Title = "There is no token endpoint at this address"
		switch c.ev.At {
		case AtDiscovery:
			f.Title = "There is no discovery document at this address"
		case AtJWKS:
			f.Title = "There is no key set at this address"
		case AtMFA:
			f.Title = "There are no MFA endpoints at this address"
		}
		f.Fix = []string{
			"Check the domain for typing mistakes: a tenant that does not exist may answer like this.",
			"If a token URL is given by hand: check its path (Auth0's is /oauth/token).",
		}
		if c.own {
			f.Where = append(f.Where, "Applications > YOUR APP > Settings > Basic Information > Domain")
			f.Link = c.docs(docAppSettings, f.Link)
			f.LogEvent = ""
		}
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		f.Why += " Something before the server refuses: a firewall, a gateway, or a server that wants another kind of login." + by
		f.Fix = []string{
			"Check that this is the address of the token endpoint.",
			"If a firewall protects the server: let this address through.",
		}
	case c.r.Shape == ShapeHTML && status >= 200 && status < 300:
		f.Why += " The address belongs to a web page, or something between answers in the server's place." + by
		f.Fix = []string{"Check the address: host and path of the token endpoint."}
		more = append(more, c.captive(Possible, "A page of HTML with a good status, where JSON was due, is what a network's login page looks like."))
	default:
		f.Why += by
		f.Fix = []string{
			"Check the address: host and path of the token endpoint.",
			"Look at the reply on the wire: what came may tell who wrote it.",
		}
	}
	if c.r.Shape == ShapeObject && status >= 200 && status < 300 && c.ev.At == AtToken {
		f.Fix = []string{"Check the address: another endpoint of the server may have answered.", "A token reply must hold access_token (RFC 6749, section 5.1)."}
	}
	return append([]Finding{f}, more...)
}

func (c *look) redirected() []Finding {
	loc := c.ev.header().Get("Location")
	to := "nowhere (there is no Location header)"
	var target *url.URL
	if u, err := url.Parse(loc); err == nil && loc != "" {
		u.User, u.RawQuery, u.Fragment = nil, "", ""
		to, target = quote(u.String()), u
	}
	f := c.wire(Redirected, Certain, "The server redirects the request to "+to,
		fmt.Sprintf("A token endpoint does not redirect (%s). Credentials were not sent there: they never follow a redirect.", statusText(c.ev.status())),
		"If the new address is the right one, put it into the profile.",
		"Else check the address: http instead of https, a missing or extra www, a path that is a web page's.")
	f.Link = "https://www.rfc-editor.org/rfc/rfc9700#section-4.12"
	if target != nil && target.Host != "" && !strings.EqualFold(target.Host, c.ev.host()) {
		return []Finding{f, c.captive(Possible, "A redirect to another host is also what a network's login page does.")}
	}
	return []Finding{f}
}

func (c *look) serverError() []Finding {
	status := c.ev.status()
	why := c.said()
	if status != 0 {
		why += " Status " + statusText(status) + "."
	}
	f := Finding{
		ID: ServerError, Certainty: Likely,
		Title: "The server failed",
		Why:   why + c.pick(" Apart from a fault of the service, something that the tenant runs itself may have thrown: a custom database script, an Action or a Rule.", " It is the server's own fault, or that of something it depends on."),
		Fix: []string{
			c.waitFix("Try again in a moment."),
			c.pick("Look into the tenant's log: an error in a script, Action or Rule is told there.", "Look into the server's log at the time of the request."),
		},
		Where: c.where([]string{"Monitoring > Logs", "Authentication > Database > YOUR CONNECTION > Custom Database", "Actions > Triggers > post-login"}, "the server's log"),
		Link:  c.docs(docLogs, specError), LogEvent: c.failEvent() + ", f", Commands: []Command{page(dashboard + "logs")},
	}
	if c.r.Code == "temporarily_unavailable" {
		f.Title = "The server is not available for the moment"
	}
	if id := c.ev.header().Get("X-Auth0-RequestId"); id != "" {
		f.Fix = append(f.Fix, "Give support the request id "+quote(id)+".")
	}
	return []Finding{f}
}
