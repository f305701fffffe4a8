package flows

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// hostStore is the hosts that a person allowed while the program runs, beyond
// those of the set-up. Clients of one tenant share it.
type hostStore struct {
	mu    sync.Mutex
	hosts []string
}

func (s *hostStore) add(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.hosts, host) {
		s.hosts = append(s.hosts, host)
	}
}

func (s *hostStore) has(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// allowHost lets credentials and tokens go to this host too (as it stands in a
// ForeignHostError), for this client and those made from it for the same
// tenant. It is for after a person was told and said yes.
func (c *Client) allowHost(host string) { c.trusted.add(host) }

// hostAllowed tells whether a URL is on one of the hosts that credentials and
// tokens may go to: the tenant's own, or one that was allowed by name.
func (c *Client) hostAllowed(raw string) (host string, ok bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", false
	}
	own, err := url.Parse(c.Config.Origin())
	if err == nil && sameHost(u, own) && (u.Scheme == own.Scheme || u.Scheme == "https") {
		return u.Host, true
	}
	return u.Host, c.trusted.has(u.Host) || slices.ContainsFunc(c.Config.AllowHosts, func(h string) bool {
		return strings.EqualFold(h, u.Host) || strings.EqualFold(h, u.Hostname())
	})
}

// sameHost compares names and ports, the scheme's own port for one that is not
// written.
func sameHost(a, b *url.URL) bool {
	return a.Hostname() != "" && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

// foreign is the stop before something goes to a host that nobody allowed;
// nil where it may go on. An endpoint that was given by hand was seen.
func (c *Client) foreign(endpoint, at, byHand string) error {
	if at == "" || byHand != "" {
		return nil
	}
	if host, ok := c.hostAllowed(at); !ok {
		issuer := c.Config.Issuer
		if issuer == "" {
			issuer = c.Config.Origin() + "/"
		}
		return &ForeignHostError{Endpoint: endpoint, URL: withoutUser(at), Host: host, Issuer: issuer}
	}
	return nil
}

// elsewhere turns a stop at a foreign host into a step that asks: told, and
// asked before credentials go there. again is what to do after a yes.
func (c *Client) elsewhere(out Outcome, again func(context.Context) Outcome) Outcome {
	if out.Next != nil { // asked already
		return out
	}
	return c.askElsewhere(out, Step{Do: func(ctx context.Context, _ Values) Outcome { return again(ctx) }})
}

func (c *Client) askElsewhere(out Outcome, next Step) Outcome {
	var fe *ForeignHostError
	if !errors.As(out.Err, &fe) {
		return out
	}
	do := next.Do
	next.Do = func(ctx context.Context, v Values) Outcome {
		c.allowHost(fe.Host)
		return do(ctx, v)
	}
	next.Title = "Another host"
	next.Confirm = true
	next.Shows = []Note{{Kind: NoteWarn, Title: "Credentials or keys would go over another host", Text: fe.Endpoint + " of " + fe.Issuer + " is " + clip(fe.URL) + ". Go on only if you know " + clip(fe.Host) + "."}}
	out.Next = &next
	return out
}

// semaphore is a lock that waiting for can be cancelled.
type semaphore chan struct{}

func newSemaphore() semaphore { return make(semaphore, 1) }

func (s semaphore) lock(ctx context.Context) error {
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return canceledError(ctx.Err())
	}
}

func (s semaphore) unlock() { <-s }

// canceledError is a cancellation (or a time that ran out) between requests.
func canceledError(err error) error {
	f := newFault(err, StagePrepare, 0)
	msg := "cancelled"
	if f.Timeout {
		msg = "the time ran out before the request was made"
	}
	return &Error{Kind: ErrorTransport, Msg: msg, Fault: f}
}
