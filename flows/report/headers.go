package report

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Header masks the values of one header. Those of harmless headers are searched
// for secrets; of the others only what says nothing stays: the scheme of an
// Authorization header, the names of cookies.
func (r *Redactor) Header(name string, values []string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.header(name, values)
}

func (r *Redactor) header(name string, values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v
		if !r.opt.Reveal {
			spans, ok := r.headerSpans(name, v)
			if out[i] = replace(v, spans); !ok {
				out[i] = tooDeep
			}
		}
	}
	return out
}

func (r *Redactor) headerSpans(name, v string) ([]span, bool) {
	all := func(from, to int, role string) []span {
		if from >= to {
			return nil
		}
		value := strings.TrimSpace(v[from:to])
		return []span{{from: from, to: to, repl: r.hide(value, layers), value: value, role: role, rank: byName}}
	}
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization":
		scheme, rest, ok := strings.Cut(v, " ")
		if !ok || strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(scheme) > 20 {
			return all(0, len(v), ""), true
		}
		from := len(v) - len(strings.TrimLeft(rest, " "))
		role := ""
		if strings.EqualFold(scheme, "bearer") {
			role = "access_token"
		}
		for _, k := range r.book.knowns {
			if k.value == v[from:] && k.role != "" {
				role = k.role
			}
		}
		return all(from, len(v), role), true
	case "cookie", "set-cookie":
		return r.cookieSpans(name, v), true
	case "location", "content-location", "referer", ":path", "link":
		return r.urlSpans(v, func(n string) bool { return !plainInLocation().has(n) && !strings.EqualFold(name, ":path") })
	}
	if !harmlessHeader(name) {
		return all(0, len(v), snake(name)), true
	}
	sc := scanner{r: r}
	return sc.spans(v)
}

// cookieSpans hides the values of cookies and leaves names and attributes.
func (r *Redactor) cookieSpans(name, v string) []span {
	var out []span
	at := 0
	for i, part := range strings.Split(v, ";") {
		n, value, ok := strings.Cut(part, "=")
		if i == 0 || strings.EqualFold(name, "cookie") {
			from := at + len(n) + 1
			if !ok { // a cookie without a name
				from, value = at, part
			}
			lead := len(value) - len(strings.TrimLeft(value, ` "`))
			if bare := strings.Trim(value, ` "`); bare != "" {
				from += lead
				out = append(out, span{from: from, to: from + len(bare), value: bare, role: "cookie", rank: byName, how: whole})
			}
		}
		at += len(part) + 1
	}
	// A cookie's name can be chosen by the server too.
	sc := scanner{r: r}
	more, ok := sc.spans(v)
	if !ok {
		return []span{{from: 0, to: len(v), repl: tooDeep}}
	}
	out, _ = sc.settle(v, append(out, more...))
	return out
}

// Headers masks all headers of a message, without its body.
func (r *Redactor) Headers(h http.Header) MaskedMessage {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.message(h, "")
}

func (r *Redactor) pairs(h http.Header) []harPair {
	out := []harPair{}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, v := range r.header(name, h[name]) {
			out = append(out, harPair{r.text(spelled(name)), v})
		}
	}
	return out
}

// headerNames are names that net/http writes in a way of its own; how a server
// wrote them is lost, and people search for them as their documents spell them.
var headerNames = map[string]string{
	"Dpop":                  "DPoP",
	"Etag":                  "ETag",
	"Www-Authenticate":      "WWW-Authenticate",
	"X-Auth0-Requestid":     "X-Auth0-RequestId",
	"X-Ratelimit-Limit":     "X-RateLimit-Limit",
	"X-Ratelimit-Remaining": "X-RateLimit-Remaining",
	"X-Ratelimit-Reset":     "X-RateLimit-Reset",
}

// spelled is a header's name as documents spell it.
func spelled(name string) string { return cmp.Or(headerNames[name], name) }

// joined has one value a name, as JSON has headers.
func joined(pairs []harPair) map[string]string {
	out := make(map[string]string, len(pairs))
	for _, p := range pairs {
		if before, ok := out[p.Name]; ok {
			p.Value = before + ", " + p.Value
		}
		out[p.Name] = p.Value
	}
	return out
}
