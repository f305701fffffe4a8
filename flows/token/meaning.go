package token

import (
	"fmt"
	"strings"
	"time"

	"authwalk/flows/rawjson"
)

// meaning is what one claim is for, and what can be said of a value. Says may be
// nil, and may return "" when there is nothing to add.
type meaning struct {
	purpose string // for either use
	inID    string // in an ID token, where that differs
	says    func(v rawjson.Value) string
}

// Meaning says in one line what a claim is for and what its value here means.
// It never is empty: a name that nobody registered is told as such.
func Meaning(use Use, name string, v rawjson.Value) string {
	m, ok := claimMeanings[name]
	switch {
	case !ok && reserved[name]:
		return "A reserved name: Auth0 lets no Action set it."
	case !ok:
		return customMeaning(use, name)
	}
	purpose := m.purpose
	if use == ID && m.inID != "" {
		purpose = m.inID
	}
	return join(purpose, m.says, v)
}

// HeaderMeaning is Meaning for a member of the JOSE header.
func HeaderMeaning(name string, v rawjson.Value) string {
	m, ok := headerMeanings[name]
	if !ok {
		return "A header member that no standard registers; readers pass over it unless crit names it."
	}
	return join(m.purpose, m.says, v)
}

func join(purpose string, says func(rawjson.Value) string, v rawjson.Value) string {
	if says != nil {
		if s := says(v); s != "" {
			return purpose + ": " + s + "."
		}
	}
	return purpose + "."
}

// customMeaning speaks of claims that are in no table: those that an Action set.
func customMeaning(use Use, name string) string {
	if space, ok := namespace(name); ok {
		line := "A custom claim of the namespace " + space + ", set by an Action (post-login, api." + map[Use]string{Access: "accessToken", ID: "idToken"}[use] + ".setCustomClaim) or a Rule."
		if forbiddenNamespace(space) {
			line += " Auth0 lets no one use this namespace."
		}
		return line
	}
	if use == ID {
		return "A custom claim without a namespace: set by an Action, or by an identity provider's profile."
	}
	return "A custom claim without a namespace: set by an Action, or a claim of this server's own."
}

// namespace splits a namespaced name, which is a URL or URN in front and a short
// word at the end: https://acme.dev/roles.
func namespace(name string) (string, bool) {
	if strings.HasPrefix(name, "urn:") {
		if i := strings.LastIndexAny(name, ":/"); i > len("urn:") {
			return name[:i], true
		}
		return name, true
	}
	i := strings.Index(name, "://")
	if i < 1 {
		return "", false
	}
	if j := strings.LastIndexAny(name, "/#"); j >= i+3 {
		return name[:j], true
	}
	return name, true
}

// forbiddenNamespace tells the namespaces that Auth0 refuses for custom claims.
func forbiddenNamespace(space string) bool {
	if strings.HasPrefix(space, "urn:auth0") {
		return true
	}
	_, host, _ := strings.Cut(space, "://")
	host, _, _ = strings.Cut(host, "/")
	for _, domain := range []string{"auth0.com", "webtask.io", "webtask.run"} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

var reserved = set("acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id cnf cty dest entitlements events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky nbf nonce object_id org_id org_name orig orig_iat origid permissions roles rph s_hash sid sip_callid sip_cseq_num sip_date sip_from_tag sip_via_branch sub sub_jwk toe txn typ uuid vot vtm x5t#S256")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// list says the members of a string or list in words.
func list(v rawjson.Value) []string {
	items, _ := v.Strings()
	var out []string
	for _, item := range items {
		out = append(out, strings.Fields(item)...)
	}
	return out
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// at writes a time claim, in UTC; a screen that knows zone and clock shows it in
// its own way beside this.
func at(v rawjson.Value) string {
	t, ok := Time(v)
	if !ok {
		return "this value is no time"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func yesNo(yes, no string) func(rawjson.Value) string {
	return func(v rawjson.Value) string {
		b, ok := v.Bool()
		switch {
		case !ok:
			return "this value is " + v.Kind().String() + ", not true or false"
		case b:
			return yes
		}
		return no
	}
}

func subject(v rawjson.Value) string {
	s := v.Str()
	switch {
	case strings.HasSuffix(s, "@clients"):
		return "no user, the application itself (client credentials)"
	case strings.HasPrefix(s, "auth0|"):
		return "a user of an Auth0 database connection"
	case strings.Contains(s, "|"):
		connection, _, _ := strings.Cut(s, "|")
		names := map[string]string{"google-oauth2": "Google", "github": "GitHub", "facebook": "Facebook", "waad": "Microsoft Entra ID (Azure AD)",
			"windowslive": "Microsoft", "ad": "Active Directory or LDAP", "adfs": "ADFS", "samlp": "a SAML provider", "oidc": "an OpenID Connect provider",
			"oauth2": "a custom social provider", "sms": "a phone number (passwordless)", "email": "an e-mail address (passwordless)", "apple": "Apple", "twitter": "Twitter", "linkedin": "LinkedIn"}
		if name, ok := names[connection]; ok {
			return "a user who comes from " + name
		}
		return "a user of the provider " + shorten(connection, 40)
	}
	return ""
}

func audience(v rawjson.Value) string {
	items, ok := v.Strings()
	if !ok {
		return "this value is neither a string nor a list of strings"
	}
	for _, a := range items {
		if strings.HasSuffix(a, "/userinfo") && len(items) > 1 {
			return "the API, and /userinfo since openid was granted"
		}
	}
	if len(items) > 1 {
		return fmt.Sprintf("%d of them", len(items))
	}
	return ""
}

func grantType(v rawjson.Value) string {
	words := list(v)
	names := map[string]string{"password": "the password grant", "client-credentials": "the client credentials grant, no user", "refresh_token": "a refresh"}
	switch {
	case len(words) == 2 && words[0] == "refresh_token" && words[1] == "password":
		return "refreshed, and first got by the password grant"
	case len(words) == 1 && names[words[0]] != "":
		return names[words[0]]
	}
	return ""
}

func scopes(v rawjson.Value) string {
	words := list(v)
	if len(words) == 0 {
		return "none"
	}
	return count(len(words), "scope")
}

func permissionCount(v rawjson.Value) string {
	if v.Kind() != rawjson.Array {
		return "this value is no list"
	}
	if v.Len() == 0 {
		return "the user has none"
	}
	return "the user has " + count(v.Len(), "permission") + " of this API, asked for or not"
}

func factors(v rawjson.Value) string {
	var out []string
	names := map[string]string{"pwd": "password", "mfa": "more than one factor", "otp": "one-time code", "sms": "SMS code", "hwk": "hardware key", "swk": "software key", "fpt": "fingerprint", "face": "face", "pin": "PIN", "kba": "questions", "tel": "telephone", "user": "user presence", "wia": "Windows login"}
	for _, w := range list(v) {
		if n, ok := names[w]; ok {
			out = append(out, n)
		} else {
			out = append(out, shorten(w, 30))
		}
	}
	return strings.Join(out, ", ")
}

func confirmation(v rawjson.Value) string {
	switch {
	case v.Has("x5t#S256"):
		return "only with the client certificate of that thumbprint (mTLS, RFC 8705)"
	case v.Has("jkt"):
		return "only with a DPoP proof by that key (RFC 9449)"
	case v.Has("jwk"):
		return "only with the key given"
	}
	return ""
}

func acting(v rawjson.Value) string {
	if s := v.GetStr("sub"); s != "" {
		return shorten(s, 60) + " acts for the user"
	}
	return ""
}

func updated(v rawjson.Value) string {
	if v.Kind() == rawjson.String {
		if _, err := time.Parse(time.RFC3339Nano, v.Str()); err == nil {
			return at(v) + "; Auth0 writes ISO 8601 where OpenID Connect has seconds"
		}
	}
	return at(v)
}

func picture(v rawjson.Value) string {
	if strings.Contains(v.Str(), "gravatar.com/avatar/") {
		return "a Gravatar, which Auth0 makes from the e-mail address when there is no other"
	}
	return ""
}

// claimMeanings covers RFC 7519, OpenID Connect Core and its companions, RFC
// 9068 and its relatives, and what Auth0 adds.
var claimMeanings = map[string]meaning{
	// RFC 7519
	"iss": {purpose: "Issuer: who made the token; must equal the expected one letter by letter"},
	"sub": {purpose: "Subject: whom the token is about", says: subject},
	"aud": {purpose: "Audience: the APIs that may accept the token", inID: "Audience: the client that the token is for, never an API", says: audience},
	"exp": {purpose: "Expiration: from this time on nobody may accept the token", says: at},
	"nbf": {purpose: "Not before: the token must not be accepted earlier", says: at},
	"iat": {purpose: "Issued at: when the token was made", says: at},
	"jti": {purpose: "JWT ID: the token's own number, to spot one that is used twice"},

	// OpenID Connect Core
	"azp":       {purpose: "Authorized party: the client that the token was issued to, not the API that it is for"},
	"nonce":     {purpose: "Nonce: ties the token to the one login request that sent it"},
	"auth_time": {purpose: "When the user last logged in", says: at},
	"acr":       {purpose: "Authentication context: how strong the login was, in the issuer's words"},
	"amr":       {purpose: "Authentication methods: by what the user logged in (RFC 8176)", says: factors},
	"at_hash":   {purpose: "Access token hash: half a hash of the access token that came along, which ties the two together"},
	"c_hash":    {purpose: "Code hash: half a hash of the authorization code that came along"},
	"s_hash":    {purpose: "State hash: half a hash of the state that was sent"},
	"sid":       {purpose: "Session ID: the login session at the issuer, for log-out; tokens of the password flow have none"},

	"name":                  {purpose: "Full name (scope profile)"},
	"given_name":            {purpose: "First name (scope profile)"},
	"family_name":           {purpose: "Last name (scope profile)"},
	"middle_name":           {purpose: "Middle name (scope profile)"},
	"nickname":              {purpose: "Nickname (scope profile); Auth0 takes the part of the e-mail before the @ when there is no other"},
	"preferred_username":    {purpose: "The name that the user goes by (scope profile); not unique, never an identity"},
	"profile":               {purpose: "URL of a profile page (scope profile)"},
	"picture":               {purpose: "URL of a portrait (scope profile)", says: picture},
	"website":               {purpose: "URL of a web site (scope profile)"},
	"gender":                {purpose: "Gender (scope profile)"},
	"birthdate":             {purpose: "Birthday (scope profile)"},
	"zoneinfo":              {purpose: "Time zone (scope profile)"},
	"locale":                {purpose: "Language and region (scope profile)"},
	"updated_at":            {purpose: "When the profile last changed (scope profile)", says: updated},
	"email":                 {purpose: "E-mail address (scope email); can change, so it is no identity"},
	"email_verified":        {purpose: "Whether the e-mail address was verified (scope email)", says: yesNo("it was", "it was not, so do not trust it")},
	"phone_number":          {purpose: "Phone number (scope phone)"},
	"phone_number_verified": {purpose: "Whether the phone number was verified (scope phone)", says: yesNo("it was", "it was not")},
	"address":               {purpose: "Postal address (scope address)"},

	// RFC 9068 and relatives
	"client_id":             {purpose: "The client that the token was issued to (RFC 9068; Auth0's own profile calls it azp)"},
	"scope":                 {purpose: "Scopes: what the token allows, as was asked for and granted", says: scopes},
	"scp":                   {purpose: "Scopes: what the token allows, by a name that some servers use", says: scopes},
	"roles":                 {purpose: "Roles of the user (RFC 9068, 2.2.3); Auth0 sets none by itself"},
	"groups":                {purpose: "Groups of the user (RFC 9068, 2.2.3); Auth0 sets none by itself"},
	"entitlements":          {purpose: "Entitlements of the user (RFC 9068, 2.2.3)"},
	"cnf":                   {purpose: "Confirmation: the token is bound to a key and worthless without it (RFC 7800)", says: confirmation},
	"act":                   {purpose: "Actor: who acts on the user's behalf (RFC 8693)", says: acting},
	"may_act":               {purpose: "Who may act on the user's behalf (RFC 8693)"},
	"authorization_details": {purpose: "What was allowed in detail (RFC 9396)"},
	"vot":                   {purpose: "Vector of trust: how the identity was proofed (RFC 8485)"},
	"txn":                   {purpose: "Transaction: a number that ties events together (RFC 8417)"},
	"toe":                   {purpose: "Time of the event (RFC 8417)", says: at},
	"events":                {purpose: "Events: this is a security event token (RFC 8417)"},
	"sub_jwk":               {purpose: "The public key of a self-issued identity"},
	"active":                {purpose: "Whether the token is still good, as introspection says (RFC 7662)", says: yesNo("it is", "it is not")},
	"username":              {purpose: "The user's name, as introspection says (RFC 7662)"},
	"token_type":            {purpose: "The kind of token, as introspection says (RFC 7662)"},

	// Auth0
	"gty":            {purpose: "Grant type: how the token was got (Auth0)", says: grantType},
	"permissions":    {purpose: "Permissions: added by RBAC with \"Add Permissions in the Access Token\" (Auth0)", says: permissionCount},
	"org_id":         {purpose: "Organization: the one that the user logged in to (Auth0); an API must check it where it expects one"},
	"org_name":       {purpose: "Organization by name: the one that the user logged in to (Auth0); it can change, org_id does not"},
	"identities":     {purpose: "The user's accounts at identity providers (Auth0, outside OIDC-conformant tokens)"},
	"created_at":     {purpose: "When the user was created (Auth0)", says: at},
	"user_id":        {purpose: "The user's ID, by an older name for sub (Auth0)"},
	"user_metadata":  {purpose: "Data of the user (Auth0); not in tokens unless an Action puts it there"},
	"app_metadata":   {purpose: "Data of the application about the user (Auth0); not in tokens unless an Action puts it there"},
	"clientID":       {purpose: "The client, by an older name of Auth0"},
	"email_disabled": {purpose: "Whether mail to the user is switched off (Auth0)", says: yesNo("it is", "it is not")},
	"global_uid":     {purpose: "A global user ID of an identity provider"},
}

func algMeaning(v rawjson.Value) string {
	alg := v.Str()
	switch {
	case strings.EqualFold(alg, "none"):
		return "none, the token is not signed and proves nothing"
	case isHMAC(alg):
		return "HMAC with a secret that both sides know"
	case strings.HasPrefix(alg, "RS") && familyOf(alg) != "":
		return "an RSA key, PKCS #1 padding"
	case strings.HasPrefix(alg, "PS") && familyOf(alg) != "":
		return "an RSA key, PSS padding"
	case strings.HasPrefix(alg, "ES") && familyOf(alg) != "":
		return "an elliptic curve key on " + familyOf(alg)
	case familyOf(alg) == "OKP":
		return "an Ed25519 key"
	case alg == "dir":
		return "dir, encrypted directly with a shared key"
	case strings.HasPrefix(alg, "RSA-OAEP"):
		return "encrypted to an RSA key of the reader"
	case strings.HasPrefix(alg, "ECDH-ES"):
		return "encrypted to an elliptic curve key of the reader"
	}
	return "not known here"
}

func typMeaning(v rawjson.Value) string {
	switch s := v.Str(); {
	case isATJWT(s):
		return "a JWT access token of RFC 9068"
	case strings.EqualFold(s, "JWT"):
		return "a JWT, its use not told"
	}
	return ""
}

// headerMeanings covers RFC 7515, RFC 7516 and what is met beside them.
var headerMeanings = map[string]meaning{
	"alg":      {purpose: "Algorithm: how the token is signed or its key encrypted", says: algMeaning},
	"typ":      {purpose: "Type of the token", says: typMeaning},
	"kid":      {purpose: "Key ID: which key of the issuer's set made the signature"},
	"cty":      {purpose: "Content type: what is inside; JWT for a token within a token"},
	"crit":     {purpose: "Critical: extensions that a reader must understand or else refuse the token"},
	"enc":      {purpose: "Encryption of the content"},
	"zip":      {purpose: "Compression of the content before encryption"},
	"x5t":      {purpose: "SHA-1 thumbprint of the key's certificate"},
	"x5t#S256": {purpose: "SHA-256 thumbprint of the key's certificate"},
	"x5c":      {purpose: "Certificates of the key; a reader must not trust them because the token brings them"},
	"x5u":      {purpose: "URL of the key's certificate; a reader must not fetch it because the token says so"},
	"jku":      {purpose: "URL of a key set; a reader must not fetch it because the token says so"},
	"jwk":      {purpose: "The key itself; a reader must not trust it because the token brings it"},
	"iss":      {purpose: "Issuer, repeated in the header of an encrypted token"},
	"sub":      {purpose: "Subject, repeated in the header of an encrypted token"},
	"aud":      {purpose: "Audience, repeated in the header of an encrypted token"},
	"epk":      {purpose: "Ephemeral public key, for agreeing on the encryption key"},
	"apu":      {purpose: "Sender's part in agreeing on the encryption key"},
	"apv":      {purpose: "Receiver's part in agreeing on the encryption key"},
	"iv":       {purpose: "Initialization vector of the key's encryption"},
	"tag":      {purpose: "Authentication tag of the key's encryption"},
	"p2s":      {purpose: "Salt of a password-based key"},
	"p2c":      {purpose: "Rounds of a password-based key"},
	"b64":      {purpose: "Whether the payload is base64url-encoded (RFC 7797)"},
	"nonce":    {purpose: "A nonce of the issuer's own; Microsoft's tokens have one and cannot be verified by others"},
}
