package tenant

import (
	"crypto/md5"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	idTokenLifetime = 36000 * time.Second
	defaultLifetime = 86400 * time.Second
	javaScriptISO   = "2006-01-02T15:04:05.000Z"
)

// issue makes the tokens and the body of the reply. A family is given when a
// refresh token was used, which then goes on.
func (t *Tenant) issue(x *exchange, gty any, renewed *renewal) (fields, *refusal) {
	lifetime := defaultLifetime
	if x.api != nil && x.api.lifetime > 0 {
		lifetime = x.api.lifetime
	}
	access, err := t.accessToken(x, gty, lifetime)
	if err != nil {
		return nil, refuse(500, "server_error", "The token could not be signed: "+err.Error())
	}
	body := fields{{"access_token", access}}
	switch {
	case renewed != nil && renewed.token != "":
		body = append(body, field{"refresh_token", renewed.token})
	case renewed == nil && slices.Contains(x.granted, offlineAccess) && x.user != nil && slices.Contains(x.app.grants, grantRefreshToken):
		body = append(body, field{"refresh_token", t.newFamily(x)})
	}
	if slices.Contains(x.granted, "openid") {
		id, err := t.idToken(x)
		if err != nil {
			return nil, refuse(500, "server_error", "The ID token could not be signed: "+err.Error())
		}
		body = append(body, field{"id_token", id})
	}
	if len(x.granted) > 0 {
		body = append(body, field{"scope", strings.Join(x.granted, " ")})
	}
	return append(body, field{"expires_in", int(lifetime / time.Second)}, field{"token_type", "Bearer"}), nil
}

func (t *Tenant) accessToken(x *exchange, gty any, lifetime time.Duration) (string, error) {
	subject := x.app.id + "@clients"
	if x.user != nil {
		subject = x.user.id
	}
	issued := x.now.Add(-t.set.mint.late)
	iat, exp := issued.Unix(), issued.Add(lifetime).Unix()
	scope := strings.Join(x.granted, " ")
	userinfo := x.tokenIssuer() + userinfoPath
	if x.api == nil {
		return sealJWE(t.secrets.jwe, x.tokenIssuer(), fields{
			{"iss", x.tokenIssuer()}, {"sub", subject}, {"aud", []string{userinfo}},
			{"iat", iat}, {"exp", exp}, {"azp", x.app.id}, {"scope", scope},
		}, t.random)
	}

	var audience any = x.api.audience
	if t.set.mint.audience != "" && !x.api.system {
		audience = t.set.mint.audience
	} else if slices.Contains(x.granted, "openid") && x.api.alg != "HS256" {
		audience = []string{x.api.audience, userinfo}
	}
	var claims fields
	for _, act := range t.set.actions {
		if x.user != nil && !x.api.system {
			claims = append(claims, allowedClaims(act.accessClaims)...)
		}
	}
	claims = append(claims, fields{{"iss", x.tokenIssuer()}, {"sub", subject}, {"aud", audience}, {"iat", iat}, {"exp", exp}}...)
	header := fields{{"alg", x.api.alg}, {"typ", "JWT"}}
	if x.api.profile9068 {
		header[1].value = "at+jwt"
		if scope != "" {
			claims = append(claims, field{"scope", scope})
		}
		claims = append(claims, field{"jti", t.text(22, alphanumeric)}, field{"client_id", x.app.id})
	} else {
		claims = append(claims, field{"azp", x.app.id})
		if scope != "" {
			claims = append(claims, field{"scope", scope})
		}
		claims = append(claims, field{"gty", gty})
	}
	if x.api.rbac && x.api.permissions && x.user != nil {
		claims = append(claims, field{"permissions", append([]string{}, x.user.permissions...)})
	}
	if x.api.system {
		return t.signWith(t.keys.published[t.set.mint.key], header, claims)
	}
	switch {
	case t.set.mint.none:
		header = fields{{"alg", "none"}, {"typ", "JWT"}}
		return jwt(header, claims, func([]byte) ([]byte, error) { return nil, nil })
	case x.api.alg == "HS256":
		return jwt(header, claims, hs256(x.api.secret))
	case t.set.mint.unknownKey:
		return t.signWith(t.keys.hidden, header, claims)
	}
	return t.signWith(t.keys.published[t.set.mint.key], header, claims)
}

// signWith adds the key's id to the header and signs.
func (t *Tenant) signWith(key *lazyKey, header, claims fields) (string, error) {
	_, kid, err := key.get()
	if err != nil {
		return "", err
	}
	alg, _ := header.get("alg").(string)
	return jwt(append(header, field{"kid", kid}), claims, func(input []byte) ([]byte, error) { return key.sign(alg, input) })
}

// idToken has the claims of a password grant's ID token in the order of a
// recording; sid, nonce, at_hash and auth_time are not among them.
func (t *Tenant) idToken(x *exchange) (string, error) {
	var claims fields
	for _, act := range t.set.actions {
		claims = append(claims, allowedClaims(act.idClaims)...)
	}
	claims = append(claims, userClaims(x.user, x.granted)...)
	iat := x.now.Unix()
	claims = append(claims, fields{
		{"iss", x.tokenIssuer()}, {"sub", x.user.id}, {"aud", x.app.id},
		{"iat", iat}, {"exp", iat + int64(idTokenLifetime/time.Second)},
	}...)
	return t.signWith(t.keys.published[t.set.mint.key], fields{{"alg", "RS256"}, {"typ", "JWT"}}, claims)
}

// userClaims are the claims about the user that the scopes bring.
func userClaims(u *user, scopes []string) fields {
	var f fields
	add := func(name string, value any, by ...string) {
		if slices.ContainsFunc(by, func(s string) bool { return slices.Contains(scopes, s) }) && value != "" {
			f = append(f, field{name, value})
		}
	}
	add("nickname", u.nickname, "profile", "nickname")
	add("name", u.name, "profile", "name")
	add("picture", picture(u), "profile", "picture")
	add("updated_at", u.updated.UTC().Format(javaScriptISO), "profile")
	if strings.Contains(u.username, "@") {
		add("email", u.username, "email")
		add("email_verified", u.emailVerified, "email", "email_verified")
	}
	add("phone_number", u.phone, "phone")
	if u.phone != "" {
		add("phone_number_verified", true, "phone")
	}
	return f
}

// picture is Auth0's default: the user's gravatar, or else two letters.
func picture(u *user) string {
	sum := md5.Sum([]byte(strings.ToLower(u.username)))
	letters := strings.ToLower(u.nickname)
	if letters == "" {
		letters = "na"
	}
	letters = letters[:min(2, len(letters))]
	return "https://s.gravatar.com/avatar/" + hex.EncodeToString(sum[:]) + "?s=480&r=pg&d=" +
		url.QueryEscape("https://cdn.auth0.com/avatars/"+letters+".png")
}

// Names that Auth0 reserves (docs, "Create Custom Claims"): an Action that sets
// one changes nothing, without a word.
var reservedClaims = strings.Fields(`acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash
client_id cnf cty dest entitlements events exp groups gty htm htu iat iss jcard jku jti jwe jwk kid may_act mky nbf nonce
object_id org_id org_name orig origid permissions roles rph s_hash scope sid sub sub_jwk toe txn typ uuid vot vtm
name nickname picture updated_at email email_verified given_name family_name middle_name gender birthdate zoneinfo locale
phone_number phone_number_verified address profile website`)

var reservedNamespaces = []string{"auth0.com", "webtask.io", "webtask.run"}

func allowedClaims(claims []claim) fields {
	var f fields
	for _, c := range claims {
		if slices.Contains(reservedClaims, c.name) || strings.HasPrefix(c.name, "urn:auth0") {
			continue
		}
		if u, err := url.Parse(c.name); err == nil && slices.ContainsFunc(reservedNamespaces, func(h string) bool {
			return u.Hostname() == h || strings.HasSuffix(u.Hostname(), "."+h)
		}) {
			continue
		}
		f = append(f, field(c))
	}
	return f
}
