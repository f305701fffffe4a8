package diagnosis

import (
	"strings"
)

// Findings about multi-factor authentication.

func (c *look) mfaRequired() []Finding {
	when := "Username and password were right; the"
	if sentRefresh(c) {
		when = "At this refresh the"
	}
	f := Finding{
		ID: MFARequired, Certainty: Certain,
		Title: "The user must answer a second factor",
		Why:   when + " tenant asks for multi-factor authentication before it issues tokens.",
		Fix: []string{
			"Answer the challenge: choose a factor and enter its code, or approve the push.",
			"Without a person: give the one-time code in AUTHWALK_OTP, its secret with --otp-secret, or a recovery code with --recovery-code (references). The code of a message exists only once it was sent: --otp-stdin waits for it.",
			"If this user or application should not need it: look at the MFA policy, and at Actions that ask for it.",
		},
		Where: []string{"Security > Multi-factor Auth > Define policies", "Actions > Triggers > post-login", "Applications > YOUR APP > Settings > Advanced Settings > Grant Types > MFA"},
		Link:  c.docs(docMFA, specError), LogEvent: "mfar", Commands: []Command{page(pageMFA)},
	}
	switch {
	case len(c.r.Enroll) > 0:
		f.Why += " No factor is enrolled yet; it allows: " + list(c.r.Enroll) + "."
		f.Fix[0] = "Enrol a factor first (that can be done here), then answer it."
	case c.ev.FactorsKnown && len(c.ev.Factors) == 0:
		f.Why += " The user has no factor enrolled yet."
		f.Fix[0] = "Enrol a factor first (that can be done here), then answer it."
	case len(c.ev.Factors) > 0:
		f.Why += " Enrolled: " + list(c.ev.Factors) + "."
	case len(c.r.Challenge) > 0:
		f.Why += " It accepts: " + list(c.r.Challenge) + "."
	}
	if strings.Contains(c.ev.Sent.Audience, "/mfa/") {
		f.Why += " The audience " + quote(c.ev.Sent.Audience) + " always asks for it."
	}
	if c.ev.Sent.TokenURLOnly {
		f.Fix[0] = "Only a token URL is known here, so authwalk cannot reach the MFA endpoints; give the domain or the issuer, or take the mfa_token of the reply and go on by hand."
		f.Field = "domain"
	}
	if !c.r.MFAToken {
		f.Why += " The reply carries no mfa_token, so it cannot be answered from here."
	}
	if !c.own {
		f.Why = strings.Replace(f.Why, "the tenant asks", "the server asks", 1)
		f.Where = []string{"the server's MFA policy"}
		if c.ev.authZero() == No {
			f.Fix = append(f.Fix, "If the server has its own way to answer, it is not known here.")
		}
	}
	return []Finding{f}
}

// mfaElsewhere is what other servers say with invalid_grant.
func (c *look) mfaElsewhere() []Finding {
	return []Finding{{
		ID: MFARequired, Certainty: Likely,
		Title: "The server wants a second factor, which this flow cannot give",
		Why:   c.said(),
		Fix: []string{
			"Use a flow with a browser (Authorization Code) for this user.",
			"Or exempt this user or client from multi-factor authentication.",
		},
		Where: c.where([]string{"Security > Multi-factor Auth"}, "the server's MFA or conditional access policy"),
		Link:  c.docs(docMFA, specPassword), LogEvent: "mfar", Field: "username", Commands: []Command{page(pageMFA)},
	}}
}

// mfaPage is the documentation of the factor that was answered.
func (c *look) mfaPage() string {
	switch {
	case c.ev.Sent.Grant == GrantRecovery || c.ev.Sent.MFAKind == "recovery-code":
		return docMFACode
	case c.ev.Sent.MFAKind == "email":
		return docMFAMail
	case c.ev.Sent.MFAKind == "sms" || c.ev.Sent.MFAKind == "voice" || strings.Contains(c.r.text, "binding_code"):
		return docMFASMS
	case c.ev.Sent.Grant == GrantOOB || c.ev.Sent.MFAKind == "push":
		return docMFAPush
	}
	return docMFAOTP
}

func (c *look) mfaEvent() string {
	switch c.ev.Sent.Grant {
	case GrantOTP, GrantOOB, GrantRecovery:
		return c.failEvent() + ", gd_auth_failed"
	}
	if strings.Contains(c.r.text, "binding_code") || strings.Contains(c.r.text, "oob") {
		return "feoobft, gd_auth_failed"
	}
	return "feotpft, gd_auth_failed"
}

// recoveryWords: what a wrong recovery code is told with is published nowhere.
var recoveryWords = has(`\brecovery[ _-]?code`)

func (c *look) mfaWrongCode(how Certainty) []Finding {
	f := Finding{
		ID: MFAWrongCode, Certainty: how,
		Title: "The code is wrong, has been used, or is too old",
		Why:   c.said() + " A one-time code is good once and for a short time; the mfa_token stays good, so another code may follow.",
		Fix: []string{
			"Enter the next code. Wait for a new one if this one has been used already.",
			"If every code is refused: check the phone's clock, and that the authenticator's entry is of this tenant and this user.",
			"Mind the limit: after ten wrong codes only one in six minutes is looked at.",
		},
		Where: c.where([]string{"User Management > Users > YOUR USER > Multi-Factor Authentication"}, "the user's factors at the server"),
		Link:  c.docs(c.mfaPage(), specError), LogEvent: c.mfaEvent(), Commands: []Command{page(pageUsers)},
	}
	switch {
	case strings.Contains(c.r.text, "binding_code") || c.r.Code == "invalid_binding_code":
		f.Title = "The code from the message is wrong or too old"
		f.Fix[0] = "Enter the code of the newest message, or ask for a new one. Without a person: --otp-stdin, since AUTHWALK_OTP was set before there was a message."
	case c.r.Code == "invalid_oob_code": // nobody types it
		f.Title = "The challenge's oob_code is not accepted"
		f.Why = c.said() + " It belongs to a challenge that is over, or to another login."
		f.Fix = []string{"Ask for a new challenge, and use its oob_code as it is.", "If the mfa_token has expired too, start again with username and password."}
	case c.ev.Sent.Grant == GrantRecovery || c.r.Code == "invalid_recovery_code" || recoveryWords().MatchString(c.r.text):
		f.Title = "The recovery code is wrong or has been used"
		f.Why = c.said() + " A recovery code is good once; its use gives a new one, and the old one is worthless from then on."
		f.Fix = []string{"Enter the newest recovery code: 24 capital letters and digits.", "Or use another factor, or let an administrator reset the user's factors."}
	}
	if !c.own {
		f.Fix = f.Fix[:2]
	}
	return []Finding{f}
}

func (c *look) mfaExpired(how Certainty) []Finding {
	f := Finding{
		ID: MFAExpired, Certainty: how,
		Title: "The time to answer the second factor has run out",
		Why:   c.said() + " An mfa_token is good for ten minutes from the moment the password was accepted.",
		Fix:   []string{"Start again with username and password for a new challenge, and answer it at once."},
		Where: []string{"no setting: the lifetime of ten minutes is fixed", "Security > Multi-factor Auth"},
		Link:  c.docs(c.mfaPage(), specError), LogEvent: c.mfaEvent(), Field: "password", Commands: []Command{page(pageMFA)},
	}
	if strings.Contains(c.r.text, "oob_code") {
		f.Title = "The challenge has expired before it was answered"
		f.Why = c.said() + " A push or a message must be answered within its lifetime."
		f.Fix = []string{"Ask for a new challenge.", "If the mfa_token has expired too, start again with username and password."}
	}
	if !c.own {
		f.Why, f.Where = c.said(), []string{"the server's lifetime of MFA challenges"}
	}
	return []Finding{f}
}

func (c *look) mfaRejected(how Certainty) []Finding {
	return []Finding{{
		ID: MFARejected, Certainty: how,
		Title: "The push was rejected on the phone",
		Why:   c.said() + " Whoever holds the phone has denied the request. It is final for this challenge.",
		Fix: []string{
			"Start again with username and password, and approve the push.",
			"Or send again, and answer with another factor (one-time code, recovery code).",
			"If nobody has denied it knowingly: the phone is another person's, or somebody else knows the password.",
		},
		Where: []string{"User Management > Users > YOUR USER > Multi-Factor Authentication"},
		Link:  c.docs(docMFAPush, specError), LogEvent: "gd_auth_rejected, feoobft", Commands: []Command{page(pageUsers)},
	}}
}

func (c *look) mfaPending() []Finding {
	return []Finding{{
		ID: MFAPending, Certainty: Certain,
		Title: "The push has not been answered yet",
		Why:   c.said() + " This is no fault: the request is repeated every few seconds until the phone answers.",
		Fix:   []string{"Approve the push on the phone.", "If no push arrives: open the app by hand, or use another factor."},
		Where: c.where([]string{"Security > Multi-factor Auth > Push Notification using Auth0 Guardian"}, "the user's phone"),
		Link:  c.docs(docMFAPush, specDevice), Commands: []Command{page(pageMFA)},
	}}
}

func (c *look) slowDown() []Finding {
	return []Finding{{
		ID: SlowDown, Certainty: Certain,
		Title: "The client polls too fast",
		Why:   c.said() + " Between two polls at least the interval must pass that the server gave, and five seconds more after each slow_down (RFC 8628).",
		Fix:   []string{"Wait longer between two polls: 5 s at first, then 10 s and more."},
		Where: c.where([]string{"the client's polling interval: no setting of the tenant"}, "the client's polling interval"),
		Link:  c.docs(c.slowPage(), specDevice), LogEvent: c.failEvent(),
	}}
}

func (c *look) slowPage() string {
	if inMFA(c) {
		return docMFAPush
	}
	return docDevice
}

func (c *look) mfaNoFactor() []Finding {
	f := Finding{
		ID: MFANoFactor, Certainty: Certain,
		Title: "The user has no factor of the kind that was asked for",
		Why:   c.said(),
		Fix: []string{
			"Ask for a kind of challenge the user has (/mfa/authenticators lists them).",
			"Or enrol a factor: with the mfa_token as long as there is none, else with an access token for the /mfa/ audience.",
		},
		Where: []string{"Security > Multi-factor Auth", "User Management > Users > YOUR USER > Multi-Factor Authentication"},
		Link:  c.docs(docMFA, specError), LogEvent: "mfar", Commands: []Command{page(pageMFA)},
	}
	if c.r.Code == "association_required" {
		f.Certainty = Likely
		f.Title = "The user has no factor enrolled yet"
		f.Fix = []string{"Enrol a factor first, then answer it."}
	} else if c.r.text == "" {
		f.Certainty = Likely
	}
	return []Finding{f}
}

func (c *look) mfaTokenInvalid(how Certainty) []Finding {
	f := Finding{
		ID: MFATokenInvalid, Certainty: how,
		Title: "The mfa_token is not one the server knows",
		Why:   c.said() + " It was cut or changed on its way, or it belongs to another login.",
		Fix:   []string{"Start again with username and password, and use the mfa_token of that reply as it is."},
		Where: []string{"no setting: the token itself", "Monitoring > Logs"},
		Link:  c.docs(docMFA, specError), LogEvent: c.mfaEvent(),
	}
	switch {
	case strings.Contains(c.r.text, "not issued to this client"):
		f.Title = "The mfa_token belongs to another application"
		f.Fix = []string{"Answer the challenge with the client_id that sent the password."}
		f.Field = "client_id"
	case strings.HasPrefix(c.r.text, "malformed oob_code"):
		f.Title = "The oob_code is not one the server knows"
		f.Fix = []string{"Ask for a new challenge, and use its oob_code as it is."}
	case strings.Contains(c.r.text, "oob_code"):
		f.Title = "The challenge belongs to another login"
		f.Why = c.said() + " oob_code and mfa_token must come from one and the same login."
		f.Fix = []string{"Use the oob_code of the last challenge together with the mfa_token it was asked with; with several logins under way they are easily mixed up."}
	}
	if !c.own {
		f.Where = []string{"the token itself; then the server's log"}
	}
	return []Finding{f}
}

func (c *look) mfaAlreadyEnrolled() []Finding {
	return []Finding{{
		ID: MFAAlreadyEnrolled, Certainty: Likely,
		Title: "The user already has a factor, so an mfa_token cannot enrol another",
		Why:   c.said() + " An mfa_token may enrol only the first factor; a further one needs an access token for the audience https://YOUR_DOMAIN/mfa/ with the scope enroll.",
		Fix: []string{
			"Answer the challenge with the factor that is there.",
			"To add another, get a token for the /mfa/ audience first; to start afresh, reset the user's factors.",
		},
		Where: []string{"User Management > Users > YOUR USER > Multi-Factor Authentication > Reset"},
		Link:  c.docs(docMFA, specError), LogEvent: "mfar", Commands: []Command{page(pageUsers)},
	}}
}
