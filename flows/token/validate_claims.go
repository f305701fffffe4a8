package token

import (
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"

	"authwalk/flows/rawjson"
)

// text returns a claim that must be a string; when it reports false, the check
// is already made.
func (v *validation) text(name, want, spec string, required bool) (string, bool) {
	c, has := v.t.Claims.Get(name)
	if !has {
		v.missing(name, want, spec, required)
		return "", false
	}
	s, isString := c.AsStr()
	if !isString {
		v.add(name, Fail, want, shorten(c.Text(), 200), "It is "+c.Kind().String()+", not a string.", spec)
		return "", false
	}
	return s, true
}

// missing reports a claim that is not there.
func (v *validation) missing(name, want, spec string, required bool) {
	if required {
		v.add(name, Fail, want, "", "The token has no "+name+", which is required.", spec)
		return
	}
	v.add(name, Skip, want, "", "The token has no "+name+".", spec)
}

func (v *validation) iss() {
	spec := v.spec("OpenID Connect Core, 3.1.3.7, 2", "RFC 9068, 4", "RFC 7519, 4.1.1")
	want := v.e.Issuer
	got, ok := v.text("iss", want, spec, v.strict)
	switch {
	case !ok:
	case want == "":
		v.add("iss", Skip, "", shorten(got, 300), "No issuer is given to hold it against.", spec)
	case got == want:
		v.add("iss", Pass, want, got, "The issuer that was asked.", spec)
	default:
		v.add("iss", Fail, want, shorten(got, 300), issuerWhy(want, got), spec)
	}
}

func issuerWhy(want, got string) string {
	w, g := strings.TrimSuffix(want, "/"), strings.TrimSuffix(got, "/")
	switch {
	case w == g:
		return "They differ by the slash at the end; issuers are compared letter by letter, and Auth0's end in a slash."
	case strings.EqualFold(w, g):
		return "They differ in upper and lower case; issuers are compared letter by letter."
	case strings.TrimPrefix(w, "https://") == strings.TrimPrefix(g, "http://") || strings.TrimPrefix(w, "http://") == strings.TrimPrefix(g, "https://"):
		return "They differ in http and https."
	}
	return "Another issuer. With Auth0 a custom domain and the tenant's own domain are two issuers: the token carries the one the tenant was reached by."
}

func (v *validation) sub() {
	spec := v.spec("OpenID Connect Core, 2 and 3.1.3.7", "RFC 9068, 2.2", "RFC 7519, 4.1.2")
	want := v.e.Subject
	if want == "" {
		want = "a user or client"
	}
	got, ok := v.text("sub", want, spec, v.strict)
	switch {
	case !ok:
	case got == "":
		v.add("sub", Fail, want, "", "The sub is empty.", spec)
	case v.e.Subject != "" && got != v.e.Subject:
		v.add("sub", Fail, want, shorten(got, 300), "Another user than before: the two must not be mixed (OpenID Connect Core, 5.3.2 and 12.2).", spec)
	case v.id() && len(got) > 255:
		v.add("sub", Warn, "at most 255 characters", fmt.Sprintf("%d bytes", len(got)), "Longer than OpenID Connect Core, 2 allows.", spec)
	default:
		v.add("sub", Pass, want, shorten(got, 300), "", spec)
	}
}

func (v *validation) aud() {
	spec := v.spec("OpenID Connect Core, 3.1.3.7, 3", "RFC 9068, 4", "RFC 7519, 4.1.3")
	want, whose := v.e.Audience, "audience"
	if v.id() {
		want, whose = v.e.ClientID, "client id"
	}
	c, has := v.t.Claims.Get("aud")
	if !has {
		v.missing("aud", want, spec, v.strict || want != "")
		return
	}
	list, isList := c.Strings()
	got := shorten(strings.Join(list, ", "), 300)
	switch {
	case !isList:
		v.add("aud", Fail, want, shorten(c.Text(), 200), "It is neither a string nor a list of strings.", spec)
	case len(list) == 0:
		v.add("aud", Fail, want, "an empty list", "The token is for nobody.", spec)
	case want == "":
		v.add("aud", Skip, "", got, "No "+whose+" is given to hold it against.", spec)
	case slices.Contains(list, want) && v.id() && len(list) > 1:
		v.add("aud", Warn, want, got, "The client is among several audiences; a client must refuse an ID token for audiences that it does not trust.", spec)
	case slices.Contains(list, want):
		why := "The token is for this " + map[bool]string{true: "client", false: "API"}[v.id()] + "."
		if !v.id() && len(list) == 2 && strings.HasSuffix(list[1], "/userinfo") {
			why = "The token is for this API, and for /userinfo, which Auth0 adds when openid was asked for."
		}
		v.add("aud", Pass, want, got, why, spec)
	default:
		v.add("aud", Fail, want, got, v.audienceWhy(list, want), spec)
	}
}

func (v *validation) audienceWhy(list []string, want string) string {
	for _, a := range list {
		switch {
		case strings.TrimSuffix(a, "/") == strings.TrimSuffix(want, "/"):
			return "They differ by the slash at the end; audiences are compared letter by letter."
		case !v.id() && a == v.e.ClientID && a != "":
			return "The token is for the client: this is an ID token, which is not for APIs."
		}
	}
	if v.id() {
		return "The token is for another client."
	}
	return "The token is for another API; this one must refuse it."
}

func (v *validation) azp() {
	spec := v.spec("OpenID Connect Core, 3.1.3.7, 4 and 5", "RFC 9068, 2.2", "Auth0, Access Token Profiles")
	name := "azp"
	if v.t.rfc9068() && !v.t.Claims.Has("azp") && !v.id() {
		name = "client_id" // RFC 9068's name for it
	}
	want := v.e.ClientID
	aud, _ := v.t.Claims.Get("aud")
	several := v.id() && aud.Kind() == rawjson.Array && aud.Len() > 1
	c, has := v.t.Claims.Get(name)
	if !has {
		if several {
			v.add("azp", Fail, want, "", "The token has several audiences, so it must say by azp which client it was issued to.", spec)
			return
		}
		v.add("azp", Skip, want, "", "The token has no azp; it is not needed.", spec)
		return
	}
	got, isString := c.AsStr()
	switch {
	case !isString:
		v.add("azp", Fail, want, shorten(c.Text(), 200), "It is "+c.Kind().String()+", not a string.", spec)
	case want == "":
		v.add("azp", Skip, "", shorten(got, 200), "No client id is given to hold it against.", spec)
	case got == want:
		why := "The client that the token was issued to."
		if name == "client_id" {
			why = "The client that the token was issued to, by RFC 9068's claim client_id."
		}
		v.add("azp", Pass, want, got, why, spec)
	default:
		v.add("azp", Fail, want, shorten(got, 200), "The token was issued to another client.", spec)
	}
}

func (v *validation) nonce() {
	const spec = "OpenID Connect Core, 3.1.3.7, 11"
	c, has := v.t.Claims.Get("nonce")
	got := shorten(c.Text(), 200)
	if !has {
		got = ""
	}
	switch {
	case !v.id():
		v.add("nonce", Skip, "", got, "A nonce belongs to ID tokens.", spec)
	case !v.e.ExpectNonce && !has:
		v.add("nonce", Skip, "", "", "No nonce was sent, and none came: the password flow has none.", spec)
	case !v.e.ExpectNonce:
		v.add("nonce", Skip, "", got, "It is not known which nonce was sent.", spec)
	case !has:
		v.add("nonce", Fail, v.e.Nonce, "", "A nonce was sent, so the token must carry it.", spec)
	case c.Kind() == rawjson.String && subtle.ConstantTimeCompare([]byte(c.Str()), []byte(v.e.Nonce)) == 1:
		v.add("nonce", Pass, v.e.Nonce, got, "The nonce that was sent: the token answers this request.", spec)
	default:
		v.add("nonce", Fail, v.e.Nonce, got, "Another nonce than was sent: the token answers another request.", spec)
	}
}

func (v *validation) atHash() {
	const spec = "OpenID Connect Core, 3.1.3.6"
	c, has := v.t.Claims.Get("at_hash")
	a, known := algorithms[v.t.Alg()]
	switch {
	case !v.id():
		v.add("at_hash", Skip, "", "", "An at_hash belongs to ID tokens.", spec)
	case !has:
		v.add("at_hash", Skip, "", "", "The token has no at_hash, which is optional here; Auth0 sends none in the password flow.", spec)
	case c.Kind() != rawjson.String:
		v.add("at_hash", Fail, "a string", shorten(c.Text(), 100), "It is "+c.Kind().String()+", not a string.", spec)
	case v.e.AccessToken == "":
		v.add("at_hash", Skip, "", c.Str(), "The access token that came with it is not at hand.", spec)
	case !known:
		v.add("at_hash", Skip, "", c.Str(), "Without a known alg it is not clear which hash to take.", spec)
	default:
		h := a.hash.New()
		h.Write([]byte(v.e.AccessToken))
		sum := h.Sum(nil)
		want := strictURL.EncodeToString(sum[:len(sum)/2])
		if subtle.ConstantTimeCompare([]byte(want), []byte(c.Str())) == 1 {
			v.add("at_hash", Pass, want, c.Str(), "The hash of the access token that came along: the two belong together.", spec)
			return
		}
		v.add("at_hash", Fail, want, shorten(c.Str(), 100), "Not the hash of the access token that came along: the two do not belong together.", spec)
	}
}
