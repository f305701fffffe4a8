package tenant

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// params are the parameters of a request, from a form or from JSON alike.
// Parameters that nobody knows are ignored. An empty value counts as absent
// (RFC 6749, section 3.2).
type params struct {
	values map[string]string
	lists  map[string][]string // arrays of strings in a JSON body
}

func (p params) get(name string) string { return p.values[name] }

// list is a parameter that is an array in JSON, or a list with blanks in a form.
func (p params) list(name string) []string {
	if l, ok := p.lists[name]; ok {
		return l
	}
	return strings.Fields(p.values[name])
}

// scopes are those asked for, each once; in JSON scope may be an array.
func (p params) scopes() []string { return splitScope(strings.Join(p.list("scope"), " ")) }

// require names the first parameter that is missing.
func (p params) require(names ...string) *refusal {
	for _, n := range names {
		if p.values[n] == "" {
			return missing(n)
		}
	}
	return nil
}

// readParams reads the body of a request by its Content-Type. Parameters in the
// URL do not count.
func readParams(r *http.Request) (params, *refusal) {
	p := params{values: map[string]string{}, lists: map[string][]string{}}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return p, refuse(http.StatusRequestEntityTooLarge, "invalid_request", "request entity too large") // unverified: the wording
		}
		return p, refuse(400, "invalid_request", "request aborted") // unverified: the wording
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return p, refuse(400, "invalid_request", "Malformed form body") // unverified: the wording
		}
		for name, v := range values {
			if len(v) > 1 {
				// RFC 6749, section 3.2, forbids it. unverified: the wording.
				return p, refuse(400, "invalid_request", "Duplicate parameter: "+name)
			}
			p.values[name] = v[0]
		}
	case "application/json":
		if e := p.readJSON(body); e != nil {
			return p, e
		}
	}
	// Any other type: no parameter is found, and the first one is missing.
	return p, nil
}

func (p params) readJSON(body []byte) *refusal {
	malformed := refuse(400, "invalid_request", "Malformed JSON body") // unverified: the wording
	var raw map[string]any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&raw); err != nil {
		return malformed
	}
	if _, err := dec.Token(); err != io.EOF {
		return malformed
	}
	for name, v := range raw {
		switch v := v.(type) {
		case nil:
		case string:
			p.values[name] = v
		case json.Number:
			if name == "scope" {
				return badScope()
			}
			p.values[name] = v.String()
		case []any:
			var items []string
			for _, item := range v {
				s, ok := item.(string)
				if !ok && name == "scope" {
					return badScope()
				}
				if ok {
					items = append(items, s)
				}
			}
			p.lists[name] = items
			p.values[name] = strings.Join(items, " ")
		default:
			if name == "scope" {
				return badScope()
			}
			// An object or a boolean is no value that any parameter takes.
		}
	}
	return nil
}

func badScope() *refusal {
	return refuse(400, "invalid_scope", "Scope must be an array or a string")
}
