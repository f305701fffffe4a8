package cli

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"authwalk/flows"
)

// masker takes secrets out of exchanges before they are printed as JSON.
type masker struct{ secrets []string }

func (r *result) masker() masker {
	var m masker
	for _, s := range r.secrets() {
		v := s.Reveal()
		if len(v) < 4 { // it would tear words apart, and hides nothing worth hiding
			continue
		}
		m.secrets = append(m.secrets, v, url.QueryEscape(v), url.PathEscape(v),
			base64.StdEncoding.EncodeToString([]byte(v)), base64.RawURLEncoding.EncodeToString([]byte(v)))
	}
	slices.SortFunc(m.secrets, func(a, b string) int { return len(b) - len(a) })
	m.secrets = slices.Compact(m.secrets)
	return m
}

func (m masker) text(s string) string {
	for _, v := range m.secrets {
		s = strings.ReplaceAll(s, v, flows.Mask)
	}
	return s
}

var harmlessHeaders = []string{
	"Accept", "Accept-Encoding", "Allow", "Cache-Control", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Etag", "Expires",
	"Host", "Last-Modified", "Location", "Pragma", "Retry-After", "Server", "Strict-Transport-Security", "Transfer-Encoding", "User-Agent", "Vary", "Via",
	"Www-Authenticate", "X-Auth0-L", "X-Auth0-Requestid", "X-Content-Type-Options", "X-Frame-Options", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset",
	"Auth0-Forwarded-For",
}

func (m masker) headers(h http.Header) map[string]string {
	out := map[string]string{}
	for k, v := range h {
		s := strings.Join(v, ", ")
		if slices.Contains(harmlessHeaders, http.CanonicalHeaderKey(k)) {
			out[k] = m.text(s)
			continue
		}
		out[k] = flows.Mask
		if scheme, _, ok := strings.Cut(s, " "); ok && strings.EqualFold(k, "Authorization") {
			out[k] = scheme + " " + flows.Mask
		}
	}
	return out
}

func secretName(n string) bool {
	n = strings.ToLower(n)
	return slices.Contains([]string{"code", "token", "password", "secret", "assertion", "otp", "client_secret", "client_assertion", "binding_code", "oob_code", "recovery_code", "barcode_uri"}, n) ||
		strings.HasSuffix(n, "_token") || strings.HasSuffix(n, "_secret")
}

func (m masker) form(s string) string {
	pairs := strings.Split(s, "&")
	for i, p := range pairs {
		if k, _, ok := strings.Cut(p, "="); ok && secretName(k) {
			pairs[i] = k + "=" + flows.Mask
		}
	}
	return m.text(strings.Join(pairs, "&"))
}

func (m masker) body(h http.Header, b []byte) string {
	if strings.HasPrefix(h.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return m.form(string(b))
	}
	return m.text(string(b))
}

func (m masker) url(s string) string {
	if i := strings.IndexByte(s, '?'); i >= 0 {
		return m.text(s[:i+1]) + m.form(s[i+1:])
	}
	return m.text(s)
}

func (m masker) exchange(ex flows.Exchange) objectExchange {
	o := objectExchange{ByItself: ex.ByItself, Method: ex.Method, URL: m.url(ex.URL), Status: ex.Status, DurationMS: ex.Timings.Total.Milliseconds(),
		Request: objectMessage{Headers: m.headers(ex.RequestHeader), Body: m.body(ex.RequestHeader, ex.RequestBody)}}
	if ex.Status != 0 {
		o.Response = &objectResponse{Headers: m.headers(ex.Header), Body: m.body(ex.Header, ex.Body)}
	}
	return o
}

func (m masker) call(ex flows.Exchange) *objectCall {
	o := &objectCall{Method: ex.Method, URL: m.url(ex.URL), Status: ex.Status, BodyBytes: ex.BodySize, DurationMS: ex.Timings.Total.Milliseconds()}
	if ex.Status != 0 {
		body := m.text(string(ex.Body))
		o.Headers, o.Body = m.headers(ex.Header), &body
	}
	return o
}
