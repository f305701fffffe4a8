package tenant

import (
	"slices"
	"strings"
	"time"
)

// signup serves POST /dbconnections/signup (Auth0's docs, "Signup"), so that a
// program can make users of its own to try with.
func (t *Tenant) signup(c *call) {
	x := &exchange{call: c, ip: t.clientIP(c.r), socketIP: t.clientIP(c.r)}
	var e *refusal
	if x.params, e = readParams(c.r); e == nil {
		e = x.params.require("client_id", "email", "password", "connection")
	}
	if e != nil {
		c.refuse(jsonUTF8, e)
		return
	}
	x.username, x.connection = x.params.get("email"), x.params.get("connection")
	x.app = t.set.app(x.params.get("client_id"))
	connection, ok := t.set.connection(x.connection)
	switch {
	case x.app == nil || !ok || connection.strategy != strategyDatabase || slices.Contains(x.app.off, connection.name):
		e = refuse(400, "invalid_request", "the connection was not found") // unverified: the status
	case len(x.username) > 128 || !strings.Contains(x.username, "@"):
		e = refuse(400, "invalid_request", "email is not valid") // unverified
	}
	if e != nil {
		t.logEvent(x, "fs", e.description)
		c.refuse(jsonUTF8, e)
		return
	}
	name, _, _ := strings.Cut(x.username, "@")
	u := &user{id: t.userID(), connection: connection.name, username: x.username, password: x.params.get("password"),
		name: x.username, nickname: name, updated: c.now.Truncate(time.Millisecond)}
	t.mu.Lock()
	_, taken := t.users[userKey(u.connection, u.username)]
	if !taken {
		if t.signups.len() >= maxSignups {
			for _, oldest := range t.signups.all {
				t.forget(oldest)
				break
			}
		}
		t.signups.put(u.id, u)
		t.addUser(u)
	}
	t.mu.Unlock()
	if taken {
		t.logEvent(x, "fs", "The user already exists.")
		c.edge(false)
		c.send(400, jsonUTF8, encode(fields{{"name", "BadRequestError"}, {"code", "invalid_signup"}, {"description", "Invalid sign up"}, {"statusCode", 400}}))
		return
	}
	x.user = u
	t.logEvent(x, "ss", LogMeaning("ss"))
	c.edge(true)
	c.send(200, jsonUTF8, encode(fields{{"_id", strings.TrimPrefix(u.id, "auth0|")}, {"email_verified", false}, {"email", u.username}}))
}

// forget removes a user who signed up, with all that hangs on them. The lock is
// held.
func (t *Tenant) forget(u *user) {
	t.signups.delete(u.id)
	delete(t.users, userKey(u.connection, u.username))
	delete(t.usersByID, u.id)
	delete(t.factors, u.id)
	for _, a := range t.set.apps {
		key := u.id + " " + a.id
		for _, id := range t.byUserApp[key] {
			t.families.delete(id)
		}
		delete(t.byUserApp, key)
	}
}

// passwordlessStart serves POST /passwordless/start for text messages: the code
// is then the password of the realm sms.
func (t *Tenant) passwordlessStart(c *call) {
	p, e := readParams(c.r)
	if e == nil {
		_, _, e = t.authenticate(c, p)
	}
	if e == nil {
		e = p.require("connection", "phone_number")
	}
	if e == nil && p.get("connection") != "sms" {
		e = refuse(400, "invalid_request", "the connection was not found") // unverified
	}
	if e != nil {
		c.refuse(jsonUTF8, e)
		return
	}
	number := p.get("phone_number")
	t.mu.Lock()
	u := t.users[userKey("sms", number)]
	if u != nil {
		u.password = t.digits()
		t.phone.message(c.now, "sms", u.phone, "Your verification code is: "+u.password, u.password)
	}
	t.mu.Unlock()
	// A number without a user is answered alike, so that none can be probed.
	c.edge(true)
	c.send(200, jsonUTF8, encode(fields{{"_id", t.hex(12)}, {"phone_number", number}, {"phone_verified", false}, {"request_language", nil}}))
}
