package tenant

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxExport is the largest answer of GET /api/export, in MB.
const maxExport = 64

// accessClaims checks a signed access token as an API does: signature by a
// published key (or the API's secret), iss, aud, exp (RFC 9068, section 4;
// Auth0's docs, "Validate Access Tokens"). Its refusals are those of RFC 6750.
//
// For /userinfo the audience is userinfoPath after the token's own issuer, by
// whichever name of the tenant that is.
func (t *Tenant) accessClaims(c *call, token, audience string) (*parsedJWT, *refusal) {
	bad := func(why string) *refusal { return refuse(401, "invalid_token", why) }
	p, err := parseJWT(token)
	if err != nil {
		if strings.Count(token, ".") == 4 {
			return nil, bad("The access token is encrypted: it was issued without an audience and is good for /userinfo only")
		}
		return nil, bad("The access token is malformed")
	}
	alg, valid := p.headerText("alg"), false
	switch alg {
	case "RS256", "PS256":
		for _, key := range t.keys.published {
			if _, kid, err := key.get(); err == nil && kid == p.headerText("kid") {
				valid = key.verify(alg, p.input, p.signature)
			}
		}
	case "HS256":
		if a := t.set.api(audience); a != nil && a.alg == "HS256" {
			want, _ := hs256(a.secret)(p.input)
			valid = sameSecret(string(p.signature), string(want))
		}
	}
	exp, hasExp := p.time("exp")
	switch {
	case !valid:
		return nil, bad("The access token signature could not be validated")
	case !t.ownIssuer(p.text("iss")):
		return nil, bad("The issuer of the access token is not the expected one")
	case !p.audience(audience) && !(audience == userinfoPath && p.audience(p.text("iss")+userinfoPath)):
		return nil, bad("The access token is not for this audience")
	case !hasExp || float64(c.now.Unix()) >= exp:
		return nil, bad("The access token expired")
	}
	return p, nil
}

// serveAPI serves the routes of the tenant's API, /api/….
func (t *Tenant) serveAPI(c *call) {
	var a *api
	var found *route
	allowed := ""
	for _, candidate := range t.set.apis {
		for i, r := range candidate.routes {
			if r.path != c.r.URL.Path {
				continue
			}
			allowed += ", " + r.method
			if r.method == c.r.Method {
				a, found = candidate, &candidate.routes[i]
			}
		}
	}
	switch {
	case allowed == "":
		c.send(404, jsonUTF8, encode(fields{{"error", "not_found"}, {"error_description", "No such route"}}))
		return
	case found == nil:
		c.w.Header().Set("Allow", strings.TrimPrefix(allowed, ", "))
		c.send(405, jsonUTF8, encode(fields{{"error", "method_not_allowed"}, {"error_description", "This route knows " + strings.TrimPrefix(allowed, ", ")}}))
		return
	}
	token := bearer(c.r)
	if token == "" {
		// Without credentials no error code is given (RFC 6750, section 3.1).
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="`+a.audience+`"`)
		c.send(401, jsonUTF8, encode(fields{{"error", "unauthorized"}, {"error_description", "An access token is needed"}}))
		return
	}
	p, e := t.accessClaims(c, token, a.audience)
	if e == nil && found.scope != "" && !slices.Contains(strings.Fields(p.text("scope")), found.scope) {
		e = refuse(403, "insufficient_scope", "The scope "+found.scope+" is needed")
	}
	if e != nil {
		challenge := fmt.Sprintf(`Bearer realm=%q, error=%q, error_description=%q`, a.audience, e.code, e.description)
		if e.status == 403 {
			challenge += fmt.Sprintf(`, scope=%q`, found.scope)
		}
		c.w.Header().Set("WWW-Authenticate", challenge)
		c.send(e.status, jsonUTF8, e.body())
		return
	}
	switch found.method + " " + found.path {
	case "GET /api/orders":
		c.send(200, jsonUTF8, encode(fields{{"orders", sampleOrders}}))
	case "POST /api/orders":
		t.createOrder(c)
	case "GET /api/me":
		c.send(200, jsonUTF8, encode(fields{{"sub", p.text("sub")}, {"client_id", clientOf(p)}, {"scope", p.text("scope")}, {"expires_at", p.claims["exp"]}}))
	case "GET /api/export":
		t.export(c)
	}
}

func clientOf(p *parsedJWT) string {
	if azp := p.text("azp"); azp != "" {
		return azp
	}
	return p.text("client_id")
}

var sampleOrders = []fields{
	{{"id", "ord-1001"}, {"item", "Difference engine, second hand"}, {"quantity", 1}, {"price", "12500.00"}, {"currency", "EUR"}, {"state", "shipped"}},
	{{"id", "ord-1002"}, {"item", "Punch cards, box of 500"}, {"quantity", 4}, {"price", "38.50"}, {"currency", "EUR"}, {"state", "packed"}},
	{{"id", "ord-1003"}, {"item", "Brass gear, 64 teeth"}, {"quantity", 12}, {"price", "7.25"}, {"currency", "EUR"}, {"state", "open"}},
}

// createOrder answers with the order as it would be kept; nothing is kept.
func (t *Tenant) createOrder(c *call) {
	body, err := io.ReadAll(c.r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		c.send(413, jsonUTF8, encode(fields{{"error", "too_large"}, {"error_description", "The body is larger than 64 KB"}}))
		return
	}
	var order map[string]any
	if err != nil || json.Unmarshal(body, &order) != nil || order == nil {
		c.send(400, jsonUTF8, encode(fields{{"error", "bad_request"}, {"error_description", "The body must be a JSON object"}}))
		return
	}
	id := "ord-" + t.text(6, "0123456789")
	c.w.Header().Set("Location", "/api/orders/"+id)
	c.send(201, jsonUTF8, encode(fields{{"id", id}, {"state", "open"}, {"created_at", c.now.UTC().Format(javaScriptISO)}, {"order", order}}))
}

// export streams a JSON array of about mb megabytes (1 unless told, 64 at most).
func (t *Tenant) export(c *call) {
	mb := 1
	if q := c.r.URL.Query().Get("mb"); q != "" {
		n, err := strconv.Atoi(q)
		if err != nil || n < 0 || n > maxExport {
			c.send(400, jsonUTF8, encode(fields{{"error", "bad_request"}, {"error_description", "mb is a number from 0 to 64"}}))
			return
		}
		mb = n
	}
	c.w.Header().Set("Content-Type", jsonUTF8)
	c.w.WriteHeader(200)
	var chunk []byte
	written, n := 0, 0
	put := func() bool {
		k, err := c.w.Write(chunk)
		written += k
		chunk = chunk[:0]
		return err == nil
	}
	chunk = append(chunk, `{"rows":[`...)
	for written+len(chunk) < mb<<20 {
		if n > 0 {
			chunk = append(chunk, ',')
		}
		chunk = fmt.Appendf(chunk, `{"row":%d,"id":"ord-%07d","item":"%s","quantity":%d,"paid":%t}`, n, n, exportItems[n%len(exportItems)], n%17+1, n%3 == 0)
		n++
		if len(chunk) >= 32<<10 && !put() {
			return
		}
	}
	chunk = fmt.Appendf(chunk, `],"count":%d}`, n)
	put()
}

var exportItems = []string{"Difference engine", "Punch cards", "Brass gear", "Übersetzungstabelle", "Jacquard loom"}
