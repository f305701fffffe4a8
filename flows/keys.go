package flows

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"authwalk/flows/token"
)

// keyStore holds the issuer's keys: fetched once, and again only for a key id
// that is not among them. Clients of one tenant share it.
type keyStore struct {
	sem  semaphore
	at   string // where the keys came from
	set  *token.KeySet
	miss map[string]Moment // key ids that were asked for in vain, and when
}

func newKeyStore() *keyStore { return &keyStore{sem: newSemaphore()} }

const (
	// missFor is how long a key id that is not in the set is not asked for
	// again: a server that makes up key ids must not make us ask all the time.
	missFor = time.Minute
	maxMiss = 100
)

// knows tells whether the set that is held answers for kid.
func (s *keyStore) knows(at, kid string, clock Clock) bool {
	if s.set == nil || s.at != at {
		return false
	}
	if kid == "" || s.set.Knows(kid) {
		return true
	}
	when, asked := s.miss[kid]
	if !asked {
		return false
	}
	since, _ := clock.Elapsed(when)
	return since < missFor
}

// missed notes a key id that is not even in a fresh set.
func (s *keyStore) missed(kid string, now Moment) {
	if s.miss == nil || len(s.miss) >= maxMiss {
		s.miss = map[string]Moment{}
	}
	s.miss[kid] = now
}

// Keys gives the issuer's keys for a token with the key id kid. They are
// fetched once, and once again when kid is unknown. Without a JWKS location
// both results are empty.
func (c *Client) Keys(ctx context.Context, kid string) (*token.KeySet, []Exchange, error) {
	e, exs, err := c.Endpoints(ctx)
	if err != nil || e.JWKS == "" {
		return nil, exs, err
	}
	store := c.keys
	if err := store.sem.lock(ctx); err != nil {
		return nil, exs, err
	}
	defer store.sem.unlock()
	if store.knows(e.JWKS, kid, c.Clock) {
		return store.set, exs, nil
	}
	had := store.set != nil && store.at == e.JWKS
	set, ex, err := c.fetchKeys(ctx, e.JWKS)
	if ex != nil {
		exs = append(exs, *ex)
	}
	if err != nil {
		if had {
			return store.set, exs, nil // the old ones still serve
		}
		return nil, exs, err
	}
	if store.at != e.JWKS {
		store.miss = nil
	}
	store.set, store.at = set, e.JWKS
	if kid != "" && !set.Knows(kid) {
		store.missed(kid, c.Clock.Now())
	}
	return set, exs, nil
}

// readKeys reads a JWKS from a file.
func readKeys(name string) (*token.KeySet, error) {
	b, err := readFile(strings.TrimPrefix(name, "file:"))
	if err != nil {
		return nil, usagef("jwks", "the JWKS file cannot be read: %v", err)
	}
	set, err := token.ParseKeys(b)
	if err != nil {
		return nil, usagef("jwks", "the JWKS file cannot be used: %v", err)
	}
	return &set, nil
}

// fetchKeys reads a JWKS from a URL or a file.
func (c *Client) fetchKeys(ctx context.Context, at string) (*token.KeySet, *Exchange, error) {
	if !isURL(at) {
		set, err := readKeys(at)
		return set, nil, err
	}
	ex := c.send(ctx, Request{Purpose: PurposeJWKS, ByItself: true, Method: http.MethodGet, URL: at, Header: http.Header{"Accept": {"application/json"}}}, nil)
	if _, _, err := readObject(ex); err != nil {
		return nil, &ex, err
	}
	if ex.Status != http.StatusOK {
		return nil, &ex, shapeError(ex, fmt.Sprintf("the JWKS answers %d", ex.Status))
	}
	set, err := token.ParseJWKS(ex.Body)
	if err != nil {
		return nil, &ex, shapeError(ex, "the JWKS cannot be used: "+err.Error())
	}
	return &set, &ex, nil
}
