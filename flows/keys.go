package flows

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"authwalk/flows/token"
)

// keyStore holds the issuer's keys: fetched once, and again only for a key id
// that is not among them. Clients of one tenant share it.
type keyStore struct {
	mu  sync.Mutex
	at  string // where the keys came from
	set *token.KeySet
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
	store.mu.Lock()
	defer store.mu.Unlock()
	if store.set != nil && store.at == e.JWKS && (kid == "" || store.set.Knows(kid)) {
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
	store.set, store.at = set, e.JWKS
	return set, exs, nil
}

// fetchKeys reads a JWKS from a URL or a file.
func (c *Client) fetchKeys(ctx context.Context, at string) (*token.KeySet, *Exchange, error) {
	if u, err := url.Parse(at); err != nil || u.Scheme != "https" && u.Scheme != "http" {
		b, err := os.ReadFile(strings.TrimPrefix(at, "file:"))
		if err != nil {
			return nil, nil, usagef("jwks", "the JWKS file cannot be read: %v", err)
		}
		set, err := token.ParseKeys(b)
		if err != nil {
			return nil, nil, usagef("jwks", "the JWKS file cannot be used: %v", err)
		}
		return &set, nil, nil
	}
	ex := c.send(ctx, Request{Purpose: PurposeJWKS, ByItself: true, Method: http.MethodGet, URL: at, Header: http.Header{"Accept": {"application/json"}}}, nil)
	if _, _, err := readObject(ex); err != nil {
		return nil, &ex, err
	}
	if ex.Status != http.StatusOK {
		return nil, &ex, shapeError(ex, "the JWKS answers "+http.StatusText(ex.Status))
	}
	set, err := token.ParseJWKS(ex.Body)
	if err != nil {
		return nil, &ex, shapeError(ex, "the JWKS cannot be used: "+err.Error())
	}
	return &set, &ex, nil
}
