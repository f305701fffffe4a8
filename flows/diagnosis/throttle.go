package diagnosis

import (
	"fmt"
	"time"
)

// Findings about blocks and limits.

// behindServer tells what a server-side caller must know: all its users come
// from one address.
const behindServer = "If the password grant is sent by a server, all users share its address: send auth0-forwarded-for with the user's address, authenticate with the secret, and switch on Trust Token Endpoint IP Header."

func (c *look) userBlocked(how Certainty) []Finding {
	f := Finding{
		ID: UserBlocked, Certainty: how,
		Title: "The user is blocked",
		Why:   c.said() + c.pick(" An administrator has blocked the user; the right password does not help.", " The account is locked or disabled; the right password does not help."),
		Fix:   []string{c.pick("Unblock the user.", "Unlock or enable the user at the server.")},
		Where: c.where([]string{"User Management > Users > YOUR USER > Actions > Unblock"}, "the server's user directory"),
		Link:  c.docs(docBlocks, specError), LogEvent: "f, fepft", Field: "username",
		Commands: []Command{page(pageUsers)},
	}
	if sentRefresh(c) {
		f.Why += " The block is looked at on every refresh, and the answer is another than at login: an application must expect both."
		f.LogEvent = "fertft"
	}
	if c.own {
		f.Commands = append(f.Commands, Command{KindManagement, c.request("PATCH", "users/USER_ID", `{"blocked":false}`)})
	}
	return []Finding{f}
}

func (c *look) bruteForce(how Certainty) []Finding {
	return []Finding{{
		ID: BruteForce, Certainty: how,
		Title: "The user is blocked for this address after too many failed logins",
		Why:   c.said() + " Brute-force protection counts failures per user and address (ten by default) and then refuses, the right password too, until somebody lifts the block.",
		Fix: []string{
			"Unblock the user, or use the link in the message that was sent to the user, or change the password.",
			"Stop trying: a block ends by itself only 30 days after the last failure.",
			behindServer,
		},
		Where: []string{"User Management > Users > YOUR USER > Actions > Unblock", "Security > Attack Protection > Brute-force Protection"},
		Link:  c.docs(docBrute, specError), LogEvent: "limit_wc", Field: "forwarded_for",
		Commands: []Command{page(pageUsers), {KindCLI, "auth0 users blocks unblock USER_ID"}, {KindManagement, c.request("DELETE", "user-blocks/USER_ID", "")}},
	}}
}

func (c *look) suspiciousIP(how Certainty) []Finding {
	f := Finding{
		ID: SuspiciousIP, Certainty: how,
		Title: "This address is throttled after too many login attempts",
		Why:   c.said() + " Suspicious IP throttling counts attempts per address (100 by default, one regained every 864 s) over all users.",
		Fix: []string{
			c.waitFix("Wait: one attempt comes back about every 15 minutes."),
			behindServer,
			"Put the address of a trusted server on the allow-list, or raise the threshold.",
		},
		Where: []string{"Security > Attack Protection > Suspicious IP Throttling", "Applications > YOUR APP > Settings > Advanced Settings > OAuth > Trust Token Endpoint IP Header"},
		Link:  c.docs(docSuspicious, specError), LogEvent: "limit_mu", Field: "forwarded_for",
		Commands: []Command{page(pageAttack)},
	}
	return []Finding{f}
}

// tooManyAttempts is the code with a text that is not known.
func (c *look) tooManyAttempts() []Finding {
	if b, ok := LoginBucket(c.ev.header()); ok && b.Remaining == 0 {
		return append(c.suspiciousIP(Likely), c.bruteForce(Possible)...)
	}
	return append(c.bruteForce(Likely), c.suspiciousIP(Possible)...)
}

func (c *look) breachedPassword(how Certainty) []Finding {
	return []Finding{{
		ID: BreachedPassword, Certainty: how,
		Title: "The password is known from a data breach, so the login is blocked",
		Why:   c.said() + " The password may well be right, but it is on a list of stolen passwords; the block stays until the password is changed.",
		Fix: []string{
			"Reset the user's password.",
			"For test users: choose a password that is on no list, or relax Breached Password Detection in a development tenant.",
		},
		Where: []string{"User Management > Users > YOUR USER > Actions > Change Password", "Security > Attack Protection > Breached Password Detection"},
		Link:  c.docs(docBreached, specError), LogEvent: "pwd_leak", Field: "password",
		Commands: []Command{page(pageAttack)},
	}}
}

func (c *look) botDetection(how Certainty) []Finding {
	return []Finding{{
		ID: BotDetection, Certainty: how,
		Title: "Bot detection wants a CAPTCHA, which this flow cannot show",
		Why:   c.said() + " The request looked risky, and the password grant has no page on which a CAPTCHA could be solved.",
		Fix: []string{
			"Let the user log in in a browser (Universal Login), which can show the CAPTCHA.",
			"Put the address of a trusted server on Bot Detection's allow-list, or lower its sensitivity.",
			behindServer,
		},
		Where: []string{"Security > Attack Protection > Bot Detection"},
		Link:  c.docs(docBot, specError), LogEvent: "fepft, f", Field: "forwarded_for",
		Commands: []Command{page(pageAttack)},
	}}
}

// waitFix names the time to wait if the reply tells it.
func (c *look) waitFix(otherwise string) string {
	if d, ok := RetryAfter(c.ev.header(), c.ev.Now); ok && d > 0 {
		return "Wait " + span(d) + " before the next request: the reply says so."
	}
	return otherwise
}

func (c *look) rateLimited() []Finding {
	f := Finding{
		ID: RateLimited, Certainty: Certain,
		Title: "Too many requests: the server throttles",
		Why:   c.said(),
		Fix: []string{
			c.waitFix("Wait a minute before the next request."),
			"Keep a token until it expires instead of asking for a new one each time.",
		},
		Where: c.where([]string{"Monitoring > Logs", "the tenant's rate limits (by subscription)"}, "the server's rate limits"),
		Link:  c.docs(docRate, "https://www.rfc-editor.org/rfc/rfc6585#section-4"), LogEvent: "api_limit", Commands: []Command{page(dashboard + "logs")},
	}
	switch {
	case c.r.Code == "too_many_logins":
		f.Certainty = Likely
		f.Title = "Too many logins of this user in a short time"
		f.Why = c.said() + " The same user from the same address may log in about 20 times in a minute, then 10 times a minute, whether the logins succeed or not."
		f.LogEvent = "limit_sul"
	case c.r.Code == "too_many_attempts":
		f.Certainty = Likely
		f.Title = "Too many wrong codes"
		f.Why = c.said() + " After ten wrong codes only one in six minutes is looked at."
		f.Fix = []string{c.waitFix("Wait six minutes before the next code."), "Or use another factor."}
		f.LogEvent = "gd_otp_rate_limit_exceed"
		if c.ev.Sent.Grant == GrantRecovery {
			f.LogEvent = "gd_recovery_rate_limit_exceed"
		}
		f.Link = c.docs(docMFAOTP, f.Link)
	case c.r.text == "client quota exceeded":
		f.Why = c.said() + " The application has used up its quota of tokens (header Auth0-Client-Quota-Limit)."
	case c.ev.At == AtUserInfo:
		f.Why = c.said() + c.pick(" /userinfo may be asked only now and then for one user (on the free plan five times a minute): an API must not call it on every request.", "")
		f.Fix[1] = "Read the claims from the ID token, or keep the answer of /userinfo for the session."
	case c.r.Shape != ShapeOAuth && c.ev.At == AtToken:
		f.Why = "The reply has status 429 and no reason that could be read; it may come from a gateway before the server."
	}
	if sentPassword(c) && c.own {
		if b, ok := LoginBucket(c.ev.header()); ok && b.Remaining == 0 {
			f.Why += fmt.Sprintf(" None of the %d login attempts of this address is left.", b.Limit)
			f.Fix = append(f.Fix, behindServer)
		}
	}
	return []Finding{f}
}

// besides are findings that go with a refusal whatever it was.
func (c *look) besides(first string, class Class) []Finding {
	var out []Finding
	if c.own && sentPassword(c) && c.ev.At == AtToken {
		if c.ev.Sent.ForwardedFor != "" {
			if f, ok := c.forwardedFor(class == ClassThrottled); ok {
				out = append(out, f)
			}
		}
		if class != ClassThrottled {
			out = append(out, c.fewAttempts()...)
		}
	}
	if skewed(c.ev.ClockOffset, c.ev.leeway()) && c.ev.Sent.ClientAuth == "private_key_jwt" && first == ClientAuthFailed {
		out = append(out, c.clockSkew(Possible))
	}
	return out
}

func (c *look) fewAttempts() []Finding {
	b, ok := LoginBucket(c.ev.header())
	if !ok || !b.Low() {
		return nil
	}
	next := ""
	if d := b.Next(c.ev.Now); d > 0 && !c.ev.Now.IsZero() {
		next = " The next one comes back in " + span(d) + "."
	}
	return []Finding{{
		ID: FewAttemptsLeft, Certainty: Certain,
		Title: fmt.Sprintf("%s left from this address", plural(b.Remaining, "login attempt")),
		Why:   fmt.Sprintf("The headers X-RateLimit-* tell it: %d of %d. When none is left, Suspicious IP Throttling, unless it is off, refuses every login from this address, whoever the user is.", b.Remaining, b.Limit) + next,
		Fix: []string{
			"Stop sending passwords for a while; use the refresh token instead of logging in anew.",
			behindServer,
		},
		Where: []string{"Security > Attack Protection > Suspicious IP Throttling"},
		Link:  c.docs(docSuspicious, specError), LogEvent: "limit_mu", Field: "forwarded_for", Commands: []Command{page(pageAttack)},
	}}
}

// forwardedFor tells when auth0-forwarded-for cannot have been trusted. With a
// secret it depends on a setting that cannot be seen from outside, which is
// worth saying only after a block.
func (c *look) forwardedFor(blocked bool) (Finding, bool) {
	s := c.ev.Sent
	f := Finding{
		ID: ForwardedForUntrusted, Certainty: Possible,
		Title: "auth0-forwarded-for may not have been trusted",
		Why:   "The address " + quote(s.ForwardedFor) + " was sent, but it counts only if the application authenticates with its secret and Trust Token Endpoint IP Header is on; else it is ignored without a word, and the address of this machine counts.",
		Fix: []string{
			"Switch on Trust Token Endpoint IP Header.",
			"Authenticate with the client secret.",
			"The log shows whether it worked: ip is then the address that was sent, client_ip this machine's.",
		},
		Where: []string{"Applications > YOUR APP > Settings > Advanced Settings > OAuth > Trust Token Endpoint IP Header"},
		Link:  c.docs(docAttack, specError), LogEvent: "sepft, fepft", Field: "client_auth",
		Commands: c.clientCommands("is_token_endpoint_ip_header_trusted", true),
	}
	switch {
	case s.ClientAuth == "none":
		f.Certainty = Likely
		f.Title = "auth0-forwarded-for was not trusted: no secret was sent"
		f.Fix = []string{f.Fix[1] + " A public application's header is always ignored.", f.Fix[0], f.Fix[2]}
		f.Tries = []Try{{"Send the secret in the body", map[string]string{"client_auth": "post"}}}
		return f, true
	case s.ClientAuth == "private_key_jwt":
		return f, true
	}
	return f, blocked
}

// span writes a duration as people say it.
func span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 2*time.Minute:
		return plural(int((d+time.Second/2)/time.Second), "second")
	case d < 2*time.Hour:
		return plural(int((d+time.Minute/2)/time.Minute), "minute")
	case d < 48*time.Hour:
		return plural(int((d+time.Hour/2)/time.Hour), "hour")
	}
	return plural(int((d+12*time.Hour)/(24*time.Hour)), "day")
}

// ahead writes a clock's offset: "10 minutes ahead of this machine's".
func ahead(d time.Duration) string {
	if d < 0 {
		return span(d) + " behind this machine's"
	}
	return span(d) + " ahead of this machine's"
}

func skewed(offset, leeway time.Duration) bool { return offset > leeway || offset < -leeway }
