package profiles

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"authwalk/flows"
)

// envNames is what the names of Auth0's quickstarts mean, in capitals and
// without the prefixes of frameworks.
var envNames = map[string]string{
	"AUTH0_DOMAIN": "domain", "DOMAIN": "domain", "AUTH0_CUSTOM_DOMAIN": "domain", "AUTH0_TENANT_DOMAIN": "domain", "AUTH0DOMAIN": "domain", "AUTH0_HOST": "domain",
	"ISSUER_BASE_URL": "issuer", "AUTH0_ISSUER_BASE_URL": "issuer", "AUTH0_ISSUER": "issuer", "ISSUER": "issuer", "ISSUER_URL": "issuer", "AUTH0_ISSUER_URL": "issuer",
	"OIDC_ISSUER": "issuer", "OKTA_OAUTH2_ISSUER": "issuer", "AUTH0_AUTHORITY": "issuer", "AUTHORITY": "issuer", "AUTH0_BASE_URL": "",
	"AUTH0_CLIENT_ID": "client_id", "CLIENT_ID": "client_id", "CLIENTID": "client_id", "AUTH0_CLIENTID": "client_id", "OKTA_OAUTH2_CLIENT_ID": "client_id", "OIDC_CLIENT_ID": "client_id",
	"AUTH0_CLIENT_SECRET": "client_secret", "CLIENT_SECRET": "client_secret", "CLIENTSECRET": "client_secret", "AUTH0_CLIENTSECRET": "client_secret",
	"OKTA_OAUTH2_CLIENT_SECRET": "client_secret", "OIDC_CLIENT_SECRET": "client_secret",
	"AUTH0_AUDIENCE": "audience", "AUDIENCE": "audience", "API_AUDIENCE": "audience", "AUTH0_API_AUDIENCE": "audience", "API_IDENTIFIER": "audience", "AUTH0_API_IDENTIFIER": "audience",
	"OKTA_OAUTH2_AUDIENCE": "audience", "AUTH0_IDENTIFIER": "audience",
	"AUTH0_SCOPE": "scope", "AUTH0_SCOPES": "scope", "SCOPE": "scope", "SCOPES": "scope",
	"AUTH0_USERNAME": "username", "USERNAME": "username", "AUTH0_USER": "username", "AUTH0_EMAIL": "username",
	"AUTH0_PASSWORD": "password", "PASSWORD": "password", "AUTH0_USER_PASSWORD": "password",
	"AUTH0_CONNECTION": "realm", "AUTH0_REALM": "realm", "REALM": "realm", "CONNECTION": "realm", "AUTH0_DB_CONNECTION": "realm",
	EnvUsername: "username", EnvPassword: "password", EnvClientSecret: "client_secret",
	// What is of the web application alone.
	"AUTH0_SECRET": "", "SECRET": "", "SESSION_SECRET": "", "APP_BASE_URL": "", "BASE_URL": "", "AUTH0_CALLBACK_URL": "", "CALLBACK_URL": "", "PORT": "", "NODE_ENV": "",
}

// envPrefixes is what frameworks put before names that browsers may see.
var envPrefixes = []string{"NEXT_PUBLIC_", "NUXT_PUBLIC_", "NUXT_", "EXPO_PUBLIC_", "REACT_APP_", "VITE_", "VUE_APP_", "GATSBY_", "NG_APP_", "PUBLIC_", "SNOWPACK_PUBLIC_"}

var (
	envLine = lazy(`^\s*(?:export\s+|set\s+|setx\s+|\$env:|- )?["']?([A-Za-z_][A-Za-z0-9_.\-]*)["']?\s*[=:]\s?(.*)$`)
	camel   = lazy(`([a-z0-9])([A-Z])`)
	notName = lazy(`[^A-Z0-9]+`)
)

// env reads a .env block: NAME=value lines, with export or set before them or
// not, quoted or not. What is there under a name nobody knows is skipped.
func (in *paster) env(text string) {
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		m := envLine().FindStringSubmatch(line)
		if m == nil {
			continue
		}
		in.envValue(m[1], envText(m[2]))
	}
}

// envText takes off quotes, or the comment behind a value without them.
func envText(v string) string {
	v = strings.TrimSpace(v)
	v = strings.TrimSuffix(v, ";")
	v = strings.TrimSuffix(v, ",")
	if len(v) > 1 && (v[0] == '"' || v[0] == '\'' || v[0] == '`') {
		if end := strings.IndexByte(v[1:], v[0]); end >= 0 {
			return v[1 : 1+end]
		}
	}
	if strings.HasPrefix(v, "#") {
		return ""
	}
	if i := strings.Index(v, " #"); i >= 0 {
		v = v[:i]
	}
	return strings.TrimSpace(v)
}

// envName is a name in capitals, without prefix: auth0.clientId, AUTH0_CLIENT_ID.
func envName(name string) string {
	name = strings.ToUpper(camel().ReplaceAllString(name, "${1}_${2}"))
	name = strings.Trim(notName().ReplaceAllString(name, "_"), "_")
	for _, p := range envPrefixes {
		if s, ok := strings.CutPrefix(name, p); ok {
			return s
		}
	}
	return name
}

func (in *paster) envValue(written, v string) {
	name := envName(written)
	key, known := envNames[name]
	if !known || key == "" {
		if known && v != "" && in.Kind == "env" && name != "PORT" && name != "NODE_ENV" {
			in.note("%s was left out: it is the application's own, not the tenant's", written)
		}
		return
	}
	p := &in.Profile
	switch key {
	case "domain", "issuer":
		if (p.Domain != "" || p.Issuer != "") && key == "issuer" && !strings.Contains(v, p.Host()) {
			in.note("there are a domain and an issuer on another host: the domain was kept")
			return
		}
		if p.Domain != "" && key == "issuer" {
			return
		}
		in.where(key, v)
	case "client_secret":
		in.secret(key, &p.ClientSecret, v)
		if p.ClientAuth == "" {
			p.ClientAuth = flows.AuthPost
		}
	case "password":
		in.secret(key, &p.Password, v)
	case "client_id":
		in.text(key, &p.ClientID, v)
	case "audience":
		in.text(key, &p.Audience, v)
	case "username":
		if !strings.HasPrefix(name, "AUTH") && !strings.Contains(v, "@") {
			return // the person's own name on this machine
		}
		in.text(key, &p.Username, v)
	case "realm":
		in.text(key, &p.Realm, v)
	case "scope":
		in.scopes(v)
	}
}

// object reads the settings of a quickstart in JSON, one level of nesting
// included ({"auth0": {"domain": …}}).
func (in *paster) object(m map[string]any, depth int) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		switch v := m[k].(type) {
		case string:
			in.envValue(k, v)
		case map[string]any:
			if depth < 3 {
				in.object(v, depth+1)
			}
		case bool, float64:
			in.envValue(k, fmt.Sprint(v))
		}
	}
}
