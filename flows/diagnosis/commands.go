package diagnosis

import (
	"encoding/json"
	"net/url"
	"strings"
)

// Pages of the dashboard.
const (
	dashboard     = "https://manage.auth0.com/#/"
	pageTenant    = dashboard + "tenant"
	pageAPIs      = dashboard + "apis"
	pageUsers     = dashboard + "users"
	pageDatabases = dashboard + "connections/database"
	pageActions   = dashboard + "actions/flows"
	pageMFA       = dashboard + "security/mfa"
	pageAttack    = dashboard + "security/attack-protection"
)

// fillable tells whether a value from outside may stand in a command: printable
// ASCII of a sensible length that no program takes for an option. Quoting alone
// would do for a shell, but not for whoever pastes the command.
func fillable(s string) bool {
	if s == "" || len(s) > 512 || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		if s[i] < 0x21 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// shell quotes a value for a POSIX shell.
func shell(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// hcl writes a value as a string of Terraform's language.
func hcl(s string) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{")
	return `"` + r.Replace(s) + `"`
}

// hclList writes values as a list of Terraform's language.
func hclList(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = hcl(s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// compact writes a value as JSON on one line.
func compact(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "{}"
	}
	return strings.TrimSpace(b.String())
}

// management is the base of the Management API, which answers at the tenant's
// own name, never at a custom domain.
func (c *look) management() string {
	for _, h := range []string{c.ev.Sent.Domain, c.ev.host()} {
		if IsAuthZeroHost(h) && fillable(h) {
			return "https://" + h + "/api/v2/"
		}
	}
	return "https://YOUR_TENANT.auth0.com/api/v2/"
}

const bearer = `-H "Authorization: Bearer $AUTH0_MGMT_TOKEN"`

// request is a call of the Management API with curl.
func (c *look) request(method, path, body string) string {
	s := "curl -sS -X " + method + " " + shell(c.management()+path) + " " + bearer
	if body != "" {
		s += " -H 'Content-Type: application/json' -d " + shell(body)
	}
	return s
}

// appPage is the application's page in the dashboard.
func (c *look) appPage() Command {
	if !fillable(c.ev.Sent.ClientID) {
		return Command{KindDashboard, dashboard + "applications"}
	}
	return Command{KindDashboard, dashboard + "applications/" + url.PathEscape(c.ev.Sent.ClientID) + "/settings"}
}

func page(u string) Command { return Command{KindDashboard, u} }

// grantCommands add grants to those the application has: a change of
// grant_types replaces the whole list, so the old one is read first.
func (c *look) grantCommands(grants []string) []Command {
	out := []Command{c.appPage()}
	cid := c.ev.Sent.ClientID
	for _, g := range grants {
		if !fillable(g) {
			return out
		}
	}
	if !fillable(cid) {
		return out
	}
	path := "clients/" + url.PathEscape(cid)
	jq := shell("{grant_types: (.grant_types + " + compact(grants) + " | unique)}")
	return append(out,
		Command{KindCLI, "auth0 api patch " + shell(path) + ` --data "$(auth0 api get ` + shell(path) + " | jq -c " + jq + `)"`},
		Command{KindTerraform, "resource \"auth0_client\" \"app\" { # the one with client_id " + hcl(cid) + "\n  # add to the grant types it has:\n  grant_types = " + hclList(grants) + "\n}"},
		Command{KindManagement, "curl -sS -X PATCH " + shell(c.management()+path) + " " + bearer + ` -H 'Content-Type: application/json' -d "$(` + c.request("GET", path+"?fields=grant_types", "") + " | jq -c " + jq + `)"`},
	)
}

// clientCommands set one property of the application.
func (c *look) clientCommands(name string, value any) []Command {
	out := []Command{c.appPage()}
	cid := c.ev.Sent.ClientID
	if !fillable(cid) {
		return out
	}
	path := "clients/" + url.PathEscape(cid)
	body := compact(map[string]any{name: value})
	return append(out,
		Command{KindCLI, "auth0 api patch " + shell(path) + " --data " + shell(body)},
		Command{KindTerraform, "resource \"auth0_client\" \"app\" { # the one with client_id " + hcl(cid) + "\n  " + name + " = " + compact(value) + "\n}"},
		Command{KindManagement, c.request("PATCH", path, body)},
	)
}

// showClient reads the application, to compare what was sent.
func (c *look) showClient() []Command {
	out := []Command{c.appPage()}
	if cid := c.ev.Sent.ClientID; fillable(cid) {
		out = append(out,
			Command{KindCLI, "auth0 apps show " + shell(cid)},
			Command{KindManagement, c.request("GET", "clients/"+url.PathEscape(cid)+"?fields=name,app_type,is_first_party,token_endpoint_auth_method,grant_types", "")},
		)
	}
	return out
}

// directoryCommands set the tenant's default directory; which it should be,
// nobody but the person knows.
func (c *look) directoryCommands() []Command {
	const name = "YOUR-CONNECTION"
	body := compact(map[string]string{"default_directory": name})
	return []Command{
		page(pageTenant),
		{KindCLI, "auth0 api patch tenants/settings --data " + shell(body)},
		{KindTerraform, "resource \"auth0_tenant\" \"tenant\" {\n  default_directory = " + hcl(name) + "\n}"},
		{KindManagement, c.request("PATCH", "tenants/settings", body)},
	}
}

// apiCommands list the APIs there are, and register this one.
func (c *look) apiCommands() []Command {
	out := []Command{
		page(pageAPIs),
		{KindCLI, "auth0 apis list"},
	}
	if aud := c.ev.Sent.Audience; fillable(aud) {
		out = append(out, Command{KindTerraform, "resource \"auth0_resource_server\" \"api\" {\n  name       = " + hcl(aud) + "\n  identifier = " + hcl(aud) + "\n}"})
	}
	return append(out, Command{KindManagement, c.request("GET", "resource-servers", "")})
}

// offlineCommands allow refresh tokens for the API.
func (c *look) offlineCommands() []Command {
	out := []Command{page(pageAPIs)}
	aud := c.ev.Sent.Audience
	if !fillable(aud) {
		return out
	}
	return append(out,
		Command{KindCLI, "auth0 apis update " + shell(aud) + " --offline-access=true"},
		Command{KindTerraform, "resource \"auth0_resource_server\" \"api\" { # the one with identifier " + hcl(aud) + "\n  allow_offline_access = true\n}"},
		Command{KindManagement, c.request("PATCH", "resource-servers/"+url.PathEscape(aud), `{"allow_offline_access":true}`)},
	)
}

// clientGrantCommands let the application ask for the API.
func (c *look) clientGrantCommands(subject string) []Command {
	out := []Command{page(pageAPIs)}
	cid, aud := c.ev.Sent.ClientID, c.ev.Sent.Audience
	if !fillable(cid) || !fillable(aud) {
		return out
	}
	scopes := apiScopes(c.ev.Sent.Scope)
	for _, s := range scopes {
		if !fillable(s) {
			return out
		}
	}
	type grant struct {
		ClientID string   `json:"client_id"`
		Audience string   `json:"audience"`
		Scope    []string `json:"scope"`
		Subject  string   `json:"subject_type,omitempty"`
	}
	body := compact(grant{cid, aud, scopes, subject})
	tf := "resource \"auth0_client_grant\" \"grant\" {\n  client_id    = " + hcl(cid) + "\n  audience     = " + hcl(aud) + "\n  scopes       = " + hclList(scopes)
	if subject != "" {
		tf += "\n  subject_type = " + hcl(subject)
	}
	return append(out,
		Command{KindCLI, "auth0 api post client-grants --data " + shell(body)},
		Command{KindTerraform, tf + "\n}"},
		Command{KindManagement, c.request("POST", "client-grants", body)},
	)
}

// connectionCommands enable the connection for the application; the
// connection's id is known to the tenant alone.
func (c *look) connectionCommands() []Command {
	out := []Command{page(pageDatabases)}
	cid := c.ev.Sent.ClientID
	if !fillable(cid) {
		return out
	}
	return append(out, Command{KindTerraform, "resource \"auth0_connection_client\" \"enabled\" {\n  connection_id = \"con_…\" # the id of the connection\n  client_id     = " + hcl(cid) + "\n}"})
}

// apiScopes are the scopes of a request that belong to an API, not to OpenID
// Connect.
func apiScopes(scope string) []string {
	out := []string{}
	for _, s := range strings.Fields(scope) {
		if !oidcScopes[s] {
			out = append(out, s)
		}
	}
	return out
}

// oidcScopes are the scopes of OpenID Connect Core 5.4 and 11 and those that
// Auth0 reserves beside them.
var oidcScopes = map[string]bool{
	"openid": true, "profile": true, "email": true, "address": true, "phone": true, "offline_access": true,
	"name": true, "given_name": true, "family_name": true, "nickname": true, "email_verified": true,
	"picture": true, "created_at": true, "identities": true,
}
