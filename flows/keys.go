package flows

// keyCache holds the issuer's keys: fetched once, and again only for a key id
// that is not among them.
type keyCache struct{}
