package main

import "time"

// scene is one screen worth a picture: where it begins, and the keys that lead
// to it.
type scene struct {
	name    string
	shows   string // what is to be seen, in a few words
	at      setting
	main    bool // also on a light ground and in a small window
	play    func(*stage)
	colours bool // also on the sheet of colour modes
	more    bool // only made by -all: to be looked at, not kept
}

// The walk's keys, from a form that is complete.
var (
	tokens  = []string{"enter"}
	claims  = []string{"enter", "enter"}
	calls   = []string{"enter", "enter", "enter"}
	refresh = []string{"enter", "6"}
)

// scenes are all pictures of single screens, in the order of the walk.
var scenes = []scene{
	{name: "tenants", shows: "own profiles and demo tenants", main: true, at: setting{profiles: true}, play: func(s *stage) { s.keys("down", "up") }},
	{name: "tenants-first", shows: "the first start: no profile yet", more: true, play: func(*stage) {}},
	{name: "tenants-filter", shows: "the list, filtered", more: true, play: func(s *stage) { s.keys("/"); s.text("refresh") }},
	{name: "profile-new", shows: "a new profile, or a pasted curl line", at: setting{profiles: true}, play: func(s *stage) { s.keys("n") }},
	{name: "credentials", shows: "the form and the request as it will be sent", main: true, at: setting{scenario: "works"}, play: func(*stage) {}},
	{name: "credentials-edit", shows: "a field being typed into", more: true, at: setting{scenario: "works"}, play: func(s *stage) { s.to("down", "Audience") }},
	{name: "request", shows: "a request under way", at: setting{scenario: "works"}, play: func(s *stage) { s.pressHeld("enter"); s.clock.pass(1300 * time.Millisecond); s.sees("under way") }},
	{name: "tokens", shows: "what came back", at: setting{scenario: "works"}, play: func(s *stage) { s.keys(tokens...); s.sees("Tokens came back") }},
	{name: "refused", shows: "a refusal: no default directory", main: true, at: setting{scenario: "no-default-directory"}, play: func(s *stage) { s.keys("enter"); s.clock.pass(3 * time.Second); s.sees("You can now") }},
	{name: "refused-secret", shows: "a refusal with several possible causes", at: setting{scenario: "wrong-secret"}, play: func(s *stage) { s.keys("enter"); s.clock.pass(3 * time.Second); s.sees("You can now") }},
	{name: "refused-blocked", shows: "a refusal of attack protection", more: true, at: setting{scenario: "brute-force"}, play: func(s *stage) { s.keys("enter"); s.clock.pass(3 * time.Second); s.sees("You can now") }},
	{name: "refused-gateway", shows: "a reply that is no OAuth", more: true, at: setting{scenario: "gateway-502"}, play: func(s *stage) { s.keys("enter"); s.clock.pass(3 * time.Second); s.sees("You can now") }},
	{name: "challenge-otp", shows: "MFA: a code of an authenticator app", at: setting{scenario: "mfa-otp"}, play: func(s *stage) { s.keys("enter"); s.clock.pass(time.Second); s.text("2718"); s.sees("authenticator") }},
	{name: "challenge-push", shows: "MFA: waiting for a push", at: setting{scenario: "mfa-push"}, play: func(s *stage) {
		s.keys("enter")
		s.clock.pass(time.Second)
		s.keys("enter")
		s.clock.pass(2 * time.Second)
		s.sees("waiting")
	}},
	{name: "challenge-choice", shows: "MFA: a choice of factors", more: true, at: setting{scenario: "mfa-otp"}, play: func(s *stage) { s.keys("enter", "ctrl+o") }},
	{name: "enrol", shows: "MFA: enrolment of a factor", at: setting{scenario: "mfa-enrol"}, play: func(s *stage) { s.keys("enter"); s.clock.pass(time.Second); s.keys("enter") }},
	{name: "enrol-qr", shows: "the QR code of an enrolment", at: setting{scenario: "mfa-enrol"}, play: func(s *stage) { s.keys("enter"); s.clock.pass(time.Second); s.keys("enter", "ctrl+q") }},
	{name: "claims", shows: "the claims of the access token", main: true, at: setting{scenario: "works"}, play: func(s *stage) { s.keys(claims...); s.to("down", "exp") }},
	{name: "claims-id", shows: "the ID token", at: setting{scenario: "works"}, play: func(s *stage) { s.keys(claims...); s.keys("tab") }},
	{name: "claims-refresh", shows: "the refresh token", more: true, at: setting{scenario: "works"}, play: func(s *stage) { s.keys(claims...); s.keys("tab", "tab") }},
	{name: "raw", shows: "the raw parts of a token", more: true, at: setting{scenario: "works"}, play: func(s *stage) { s.keys(claims...); s.keys("v") }},
	{name: "checks", shows: "checks of a token that is for another API", colours: true, at: setting{scenario: "wrong-audience-token"}, play: func(s *stage) { s.keys(claims...); s.keys("c") }},
	{name: "checks-expired", shows: "checks of an expired token", more: true, at: setting{scenario: "expired-token"}, play: func(s *stage) { s.keys(claims...); s.keys("c") }},
	{name: "ledger", shows: "the scope ledger: a permission is missing", main: true, at: setting{scenario: "rbac"}, play: func(s *stage) { s.keys(claims...); s.keys("s"); s.sees("needs-permission") }},
	{name: "opaque", shows: "an encrypted token: no audience", more: true, at: setting{scenario: "no-audience"}, play: func(s *stage) { s.keys(claims...) }},
	{name: "compare", shows: "access token, ID token and /userinfo compared", at: setting{scenario: "works"}, play: func(s *stage) { s.keys(claims...); s.keys("u", "=") }},
	{name: "api", shows: "a call with its answer", main: true, at: setting{scenario: "works"}, play: func(s *stage) { s.keys(calls...); s.keys("enter"); s.sees("200 OK") }},
	{name: "api-start", shows: "the saved calls", more: true, at: setting{scenario: "works"}, play: func(s *stage) { s.keys(calls...) }},
	{name: "api-403", shows: "a call that is refused", at: setting{scenario: "works"}, play: func(s *stage) { s.keys(calls...); s.keys("down", "enter"); s.sees("403") }},
	{name: "refresh", shows: "the clocks and two generations", main: true, at: setting{scenario: "refresh-rotating"}, play: func(s *stage) {
		s.keys(refresh...)
		s.clock.pass(6 * time.Hour)
		s.keys("r")
		s.clock.pass(3 * time.Hour)
		s.sees("generation 1")
	}},
	{name: "refresh-refused", shows: "a refresh that is refused", more: true, at: setting{scenario: "refresh-reused"}, play: func(s *stage) { s.keys(refresh...); s.keys("r"); s.sees("You can now") }},
	{name: "refresh-revoke", shows: "what cannot be undone asks", more: true, at: setting{scenario: "works"}, play: func(s *stage) { s.keys(refresh...); s.keys("x") }},
	{name: "wire", shows: "every exchange as it was", at: setting{scenario: "works"}, play: func(s *stage) { s.keys(claims...); s.keys("w") }},
	{name: "help", shows: "the help of a screen", at: setting{scenario: "works"}, play: func(s *stage) { s.keys(claims...); s.keys("?") }},
	{name: "palette", shows: "every action by name", at: setting{scenario: "works"}, play: func(s *stage) { s.keys(claims...); s.keys("ctrl+p"); s.text("scope") }},
	{name: "check", shows: "the set-up, checked line by line", main: true, play: func(s *stage) { s.to("down", "no-default-directory"); s.keys("c", "enter") }},
	{name: "check-good", shows: "a set-up that is good", more: true, play: func(s *stage) { s.keys("c", "enter") }},
	{name: "log", shows: "the demo tenant's log", more: true, at: setting{scenario: "no-default-directory"}, play: func(s *stage) { s.keys("enter", "L") }},
	{name: "export", shows: "reports and pictures of a session", more: true, at: setting{scenario: "works"}, play: func(s *stage) { s.keys(claims...); s.keys("E") }},
	{name: "presentation", shows: "names and addresses masked", more: true, at: setting{scenario: "works", present: true}, play: func(s *stage) { s.keys(claims...); s.keys("tab") }},
	{name: "prod", shows: "a prod environment asks before it sends", at: setting{profiles: true}, play: func(s *stage) { s.to("down", "acme-prod"); s.keys("enter", "ctrl+s") }},
}
