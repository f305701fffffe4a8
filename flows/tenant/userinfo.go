package tenant

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// userinfoRefused is the recorded reply to a token that /userinfo does not
// take, whatever is wrong with it: plain text, no Content-Type.
const userinfoRefused = `Bearer realm="Users", error="invalid_token", error_description="The access token signature could not be validated. A common cause of this is requesting multiple audiences for an access token signed with HS256, as that signature scheme requires only a single recipient for its security. Please change your API to employ RS256 if you wish to have multiple audiences for your access tokens"`

// userinfoPath follows the issuer in the audience of tokens that /userinfo takes.
const userinfoPath = "userinfo"

// userinfo serves /userinfo: it takes the encrypted tokens without audience,
// and signed ones whose audience holds it, if openid was granted.
func (t *Tenant) userinfo(c *call) {
	token := bearer(c.r)
	sub, scope, ok := "", "", false
	if token != "" {
		sub, scope, ok = t.userinfoToken(c, token)
	}
	t.mu.Lock()
	u := t.usersByID[sub]
	t.mu.Unlock()
	h := c.w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if !ok || u == nil {
		c.edge(false)
		h.Set("X-RateLimit-Limit", "1000")
		h.Set("X-RateLimit-Remaining", "999")
		h.Set("X-RateLimit-Reset", fmt.Sprint(c.now.Unix()+1))
		challenge := userinfoRefused
		if token == "" {
			challenge = `Bearer realm="Users"` // unverified
		}
		h.Set("WWW-Authenticate", challenge)
		c.send(401, "", []byte("Unauthorized"))
		return
	}
	t.mu.Lock()
	b := t.bucketOf("userinfo "+u.id, c.now, 0)
	left := b.take(c.now, userinfoBucket, userinfoRefill)
	used := b.used
	t.mu.Unlock()
	rateHeaders(h, c.now, userinfoBucket, used, userinfoRefill)
	if !left && t.set.protection.userinfoLimit {
		e := refuse(429, "access_denied", "Too Many Requests")
		e.more = fields{{"error_uri", "https://auth0.com/docs/policies/rate-limits"}}
		x := &exchange{call: c, user: u, ip: t.clientIP(c.r), socketIP: t.clientIP(c.r)}
		t.logEvent(x, "api_limit", LogMeaning("api_limit"))
		c.refuse(jsonUTF8, e)
		return
	}
	body := append(fields{{"sub", u.id}}, userClaims(u, strings.Fields(scope))...)
	for _, act := range t.set.actions {
		body = append(body, allowedClaims(act.idClaims)...)
	}
	raw := encode(body)
	sum := sha1.Sum(raw)
	h.Set("ETag", fmt.Sprintf(`W/"%x-%s"`, len(raw), base64.RawStdEncoding.EncodeToString(sum[:])))
	c.edge(true)
	c.send(200, jsonUTF8, raw)
}

// userinfoToken reads an access token and says whose it is.
func (t *Tenant) userinfoToken(c *call, token string) (sub, scope string, ok bool) {
	if strings.Count(token, ".") == 4 {
		raw, err := openJWE(t.secrets.jwe, token)
		if err != nil {
			return "", "", false
		}
		p := &parsedJWT{claims: raw}
		if exp, has := p.time("exp"); !has || float64(c.now.Unix()) >= exp {
			return "", "", false
		}
		sub, scope = p.text("sub"), p.text("scope")
	} else {
		p, e := t.accessClaims(c, token, userinfoPath)
		if e != nil {
			return "", "", false
		}
		sub, scope = p.text("sub"), p.text("scope")
	}
	if !slices.Contains(strings.Fields(scope), "openid") {
		return "", "", false // unverified: that such a token is refused in the same way
	}
	return sub, scope, true
}
