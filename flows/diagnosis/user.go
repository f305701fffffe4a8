package diagnosis

// Findings about the user and what the user has.

func (c *look) wrongCredentials(how Certainty) []Finding {
	f := Finding{
		ID: WrongCredentials, Certainty: how,
		Title: "Wrong username or password",
		Why:   c.said() + " A wrong password and an unknown user get the same answer, so the two cannot be told apart from outside.",
		Fix: []string{
			"Check the password: blanks and line ends count, and so does the keyboard's layout.",
			"Check that the user exists.",
		},
		Where: c.where([]string{"User Management > Users", "Authentication > Database > YOUR CONNECTION > Users"}, "the server's user directory"),
		Link:  c.docs(docPassword, specPassword), LogEvent: "fp, fu, fepft", Field: "password",
		Commands: []Command{page(pageUsers)},
	}
	if c.own {
		dir := c.directory()
		f.Why += " The user was looked for in " + dir + "."
		f.Fix[1] = "Check that the user exists in " + dir + "; if it is in another connection, send that connection's name as realm."
		f.Fix = append(f.Fix, "The log tells the two apart: fp is a wrong password, fu an unknown user.",
			"Do not try on at random: by default ten failures in a row block the user for this address.")
		f.Where = append(f.Where, "Monitoring > Logs")
		if c.ev.Sent.Realm == "" {
			f.Tries = []Try{{"Look in another connection", map[string]string{"realm": "Username-Password-Authentication"}}}
		} else {
			f.Tries = c.realmTries()
		}
	}
	if c.r.text == "wrong email or verification code" || c.r.text == "wrong phone number or verification code" {
		f.Title = "Wrong address or verification code"
		f.Why = c.said() + " The code is wrong, has expired, has been used, or went to another address."
		f.Fix = []string{"Ask for a new code and enter it within its lifetime.", "Check that username is the address the code was sent to, and that realm is email or sms."}
		f.Where = []string{"Authentication > Passwordless"}
		f.Tries = nil
	}
	return []Finding{f}
}

func (c *look) refreshInvalid(how Certainty) []Finding {
	return []Finding{{
		ID: RefreshInvalid, Certainty: how,
		Title: "The refresh token is not accepted any more",
		Why:   c.said() + " It is unknown, has expired (absolute or idle lifetime), was revoked, belongs to another client, or was used twice while rotation is on, which revokes its whole family. The answer is the same for all of these" + c.pick("; the log tells them apart: ferrt is a reuse, fertft the rest.", "."),
		Fix: []string{
			"Log in again for a new refresh token.",
			"With rotation: keep the newest refresh token after every refresh, and never refresh twice at once with the same one" + c.pick("; a reuse interval (leeway) of some seconds forgives a lost reply.", "."),
			"Check the lifetimes if it happens after a fixed time, and that the client is the one that got the token.",
		},
		Where: c.where([]string{"Applications > YOUR APP > Settings > Refresh Token Rotation", "Applications > YOUR APP > Settings > Refresh Token Expiration", "User Management > Users > YOUR USER > Authorized Applications"}, "the server's lifetime and rotation of refresh tokens"),
		Link:  c.docs(docRotation, specRefresh), LogEvent: "ferrt, fertft",
		Commands: []Command{c.appPage()},
	}}
}

func (c *look) userDeleted(how Certainty) []Finding {
	return []Finding{{
		ID: UserDeleted, Certainty: how,
		Title: "The user of this refresh token is gone",
		Why:   c.said() + " The user was deleted after the token was issued.",
		Fix:   []string{"Log in as a user that exists.", "If the user was created anew under the same name: it is another user now, so log in again."},
		Where: []string{"User Management > Users"},
		Link:  c.docs(docRefresh, specRefresh), LogEvent: "fertft", Field: "username",
		Commands: []Command{page(pageUsers)},
	}}
}

func (c *look) codeInvalid(how Certainty) []Finding {
	f := Finding{
		ID: CodeInvalid, Certainty: how,
		Title: "The authorization code is not accepted",
		Why:   c.said() + " A code is good once, for a short time, for the client and the redirect_uri it was made for.",
		Fix: []string{
			"Start the login again and redeem the new code at once, and only once.",
			"Send the same redirect_uri as in the first request.",
		},
		Where: c.where([]string{"Applications > YOUR APP > Settings > Allowed Callback URLs"}, "the client's registration: redirect URIs"),
		Link:  c.docs("api/authentication", specError), LogEvent: "feacft",
	}
	if c.r.text == "failed to verify code verifier" {
		f.Title = "The code verifier does not belong to the code challenge"
		f.Why = c.said() + " PKCE: code_verifier must be the very string whose SHA-256 was sent as code_challenge (RFC 7636)."
		f.Fix = []string{"Keep the verifier of the login that the code came from; with several logins under way they are easily mixed up.", "Check code_challenge_method: S256 is base64url without padding."}
	}
	return []Finding{f}
}

// invalidGrant is the bare code when nothing else is known of the request.
func (c *look) invalidGrant() []Finding {
	a := c.wrongCredentials(Possible)[0]
	a.Fix = append([]string{"Say which grant was sent: with the request at hand (curl -v, a HAR) the answer is surer."}, a.Fix...)
	return []Finding{a, c.refreshInvalid(Possible)[0], c.codeInvalid(Possible)[0]}
}
