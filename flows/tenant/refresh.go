package tenant

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// family is one login's refresh tokens. Without rotation it has one generation;
// with it each use makes the next one, and only the newest counts.
type family struct {
	id            string
	app           *app
	user          *user
	api           *api
	granted       []string
	generation    uint32
	created, used time.Time
	rotated       time.Time // when the newest generation was made
	revoked       bool
}

// renewal is a refresh that was accepted. With rotation token is the next one.
type renewal struct {
	token string
}

const familyIDLen = 9

// refreshToken writes a token of a family: its id, the generation, and a MAC
// over both. So old generations are known for what they are without being kept.
func (t *Tenant) refreshToken(id string, generation uint32) string {
	raw := binary.BigEndian.AppendUint32([]byte(id), generation)
	return "v1." + b64.EncodeToString(append(raw, t.refreshMAC(raw)...))
}

func (t *Tenant) refreshMAC(raw []byte) []byte {
	m := hmac.New(sha256.New, t.secrets.refresh)
	m.Write(raw)
	return m.Sum(nil)[:20]
}

// readRefreshToken is the reverse; ok is false for anything that this tenant
// has not written.
func (t *Tenant) readRefreshToken(token string) (id string, generation uint32, ok bool) {
	text, found := strings.CutPrefix(token, "v1.")
	if !found || len(text) > 64 {
		return "", 0, false
	}
	raw, err := b64.DecodeString(text)
	if err != nil || len(raw) != familyIDLen+4+20 {
		return "", 0, false
	}
	head := raw[:familyIDLen+4]
	if !hmac.Equal(raw[len(head):], t.refreshMAC(head)) {
		return "", 0, false
	}
	return string(head[:familyIDLen]), binary.BigEndian.Uint32(head[familyIDLen:]), true
}

// newFamily starts a family and returns its first token. Beyond 200 of a user
// and application the oldest goes, silently.
func (t *Tenant) newFamily(x *exchange) string {
	set := t.set.refresh
	f := &family{id: string(t.bytes(familyIDLen)), app: x.app, user: x.user, api: x.api, granted: x.granted,
		created: x.now.Add(-set.age), used: x.now.Add(-set.idleFor), rotated: x.now}
	if set.alreadyUsed {
		f.generation = 1
		f.rotated = x.now.Add(-time.Hour)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := x.user.id + " " + x.app.id
	ids := append(t.byUserApp[key], f.id)
	// Those that are gone in other ways do not count.
	if len(ids) > perUserAndApp {
		ids = slices.DeleteFunc(ids, func(id string) bool {
			old, ok := t.families.peek(id)
			return id != f.id && (!ok || old.revoked)
		})
	}
	for len(ids) > perUserAndApp {
		t.families.delete(ids[0])
		ids = ids[1:]
	}
	t.byUserApp[key] = ids
	t.families.put(f.id, f)
	return t.refreshToken(f.id, 0)
}

func badRefreshToken(logged string) *refusal {
	e := refuse(403, "invalid_grant", "Unknown or invalid refresh token.")
	e.logged = []string{logged}
	return e
}

// refreshGrant changes a refresh token into new tokens.
func (t *Tenant) refreshGrant(x *exchange) (fields, *refusal) {
	if e := x.params.require("refresh_token"); e != nil {
		return nil, e
	}
	renewed, e := t.renew(x)
	if e != nil {
		return nil, e
	}
	x.granted = narrow(x.granted, x.params.scopes())
	return t.issue(x, []string{"refresh_token", "password"}, renewed)
}

// renew checks a refresh token, turns its family to the next generation, and
// fills the exchange with what the family was granted.
func (t *Tenant) renew(x *exchange) (*renewal, *refusal) {
	id, generation, ok := t.readRefreshToken(x.params.get("refresh_token"))
	if !ok {
		return nil, badRefreshToken("fertft")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.families.get(id)
	if !ok || f.app != x.app {
		return nil, badRefreshToken("fertft")
	}
	set := t.set.refresh
	x.user, x.api, x.granted = f.user, f.api, f.granted
	if f.revoked || x.now.After(f.created.Add(set.lifetime)) || x.now.After(f.used.Add(set.idle)) {
		return nil, badRefreshToken("fertft")
	}
	// Only the generation before the newest may come again, and only within the
	// overlap; anything older is taken for theft.
	again := generation != f.generation
	if again && (generation+1 != f.generation || set.leeway <= 0 || x.now.After(f.rotated.Add(set.leeway))) {
		f.revoked = true
		return nil, badRefreshToken("ferrt")
	}
	switch {
	case set.userDeleted || t.usersByID[f.user.id] == nil:
		e := refuse(403, "invalid_grant", "The refresh_token was generated for a user who doesn't exist anymore.")
		return nil, e
	case set.userBlocked || f.user.blocked:
		return nil, refuse(403, "invalid_grant", "user is blocked")
	}
	f.used = x.now
	if !set.rotation {
		return &renewal{}, nil
	}
	if !again {
		f.generation++
		f.rotated = x.now
	}
	// unverified: that a token replayed within the overlap brings the same
	// successor, not a second one.
	return &renewal{t.refreshToken(f.id, f.generation)}, nil
}

// revoke serves POST /oauth/revoke (RFC 7009): whatever the token is, the answer
// is an empty 200; a token of another application is left alone.
func (t *Tenant) revoke(c *call) {
	x := &exchange{call: c, ip: t.clientIP(c.r), socketIP: t.clientIP(c.r)}
	var e *refusal
	if x.params, e = readParams(c.r); e == nil {
		x.app, x.withSecret, e = t.authenticate(c, x.params)
		if e != nil && e.status == 401 {
			e = refuse(401, "invalid_client", "Client authentication failed") // unverified: the wording
		}
	}
	if e == nil {
		e = x.params.require("token")
	}
	if e != nil {
		c.refuse(jsonUTF8, e)
		return
	}
	if id, _, ok := t.readRefreshToken(x.params.get("token")); ok {
		t.mu.Lock()
		f, known := t.families.get(id)
		known = known && f.app == x.app && !f.revoked
		if known {
			f.revoked = true
			x.user = f.user
			if t.set.refresh.deletesGrant {
				for _, other := range t.byUserApp[f.user.id+" "+f.app.id] {
					if o, ok := t.families.get(other); ok && o.api == f.api {
						o.revoked = true
					}
				}
			}
		}
		t.mu.Unlock()
		if known {
			t.logEvent(x, "srrt", LogMeaning("srrt"))
		}
	}
	c.edge(true)
	c.send(200, "", nil)
}
