package tenant

import (
	"strings"
	"sync"
	"time"
)

// LogEvent is one line of the tenant's log, as the dashboard shows it under
// Monitoring > Logs.
type LogEvent struct {
	ID          string    `json:"log_id"`
	At          time.Time `json:"date"`
	Type        string    `json:"type"` // "sepft", "fp", … (Auth0's docs, "Log Event Type Codes")
	Description string    `json:"description,omitempty"`
	ClientID    string    `json:"client_id,omitempty"`
	ClientName  string    `json:"client_name,omitempty"`
	User        string    `json:"user_name,omitempty"`
	UserID      string    `json:"user_id,omitempty"`
	Connection  string    `json:"connection,omitempty"`
	Audience    string    `json:"audience,omitempty"`
	Scope       string    `json:"scope,omitempty"`
	IP          string    `json:"ip,omitempty"`
	ClientIP    string    `json:"client_ip,omitempty"` // the proxy's, where auth0-forwarded-for is trusted
}

// Meaning says in words what the event's type means; empty if it is not known.
func (e LogEvent) Meaning() string { return LogMeaning(e.Type) }

var logMeanings = map[string]string{
	"sepft":                         "Success exchange: password for tokens",
	"fepft":                         "Failed exchange: password for tokens",
	"sertft":                        "Success exchange: refresh token for tokens",
	"fertft":                        "Failed exchange: refresh token for tokens",
	"ferrt":                         "Failed exchange: a rotated refresh token was used again; its family is revoked",
	"seccft":                        "Success exchange: client credentials for an access token",
	"feccft":                        "Failed exchange: client credentials for an access token",
	"seotpft":                       "Success exchange: one-time password for tokens",
	"feotpft":                       "Failed exchange: one-time password for tokens",
	"seoobft":                       "Success exchange: out-of-band challenge for tokens",
	"feoobft":                       "Failed exchange: out-of-band challenge for tokens",
	"sercft":                        "Success exchange: recovery code for tokens",
	"fercft":                        "Failed exchange: recovery code for tokens",
	"f":                             "Failed login",
	"fp":                            "Failed login: wrong password",
	"fu":                            "Failed login: no user of that name",
	"limit_wc":                      "Blocked account: too many failed logins of one user from one address",
	"limit_mu":                      "Blocked address: too many failed logins from one address",
	"limit_sul":                     "Blocked: too many logins of the same user from one address",
	"pwd_leak":                      "Login with a password that is known from a breach",
	"mfar":                          "MFA required",
	"api_limit":                     "Rate limit of the Authentication or Management API exceeded",
	"srrt":                          "Success: refresh token revoked",
	"ss":                            "Success: user signed up",
	"fs":                            "Failed sign-up",
	"gd_start_auth":                 "MFA: second factor asked for",
	"gd_send_sms":                   "MFA: text message sent",
	"gd_send_voice":                 "MFA: voice call made",
	"gd_send_email":                 "MFA: e-mail sent",
	"gd_send_pn":                    "MFA: push notification sent",
	"gd_auth_succeed":               "MFA: second factor accepted",
	"gd_auth_failed":                "MFA: second factor refused",
	"gd_auth_rejected":              "MFA: push denied by the user",
	"gd_start_enroll":               "MFA: enrolment started",
	"gd_enrollment_complete":        "MFA: enrolment complete",
	"gd_unenroll":                   "MFA: factor removed",
	"gd_recovery_succeed":           "MFA: recovery code accepted",
	"gd_recovery_failed":            "MFA: recovery code refused",
	"gd_otp_rate_limit_exceed":      "MFA: too many wrong codes",
	"gd_recovery_rate_limit_exceed": "MFA: too many wrong recovery codes",
}

// LogMeaning says in words what a type of log event means; empty if it is not
// one that a tenant of this package writes.
func LogMeaning(eventType string) string { return logMeanings[eventType] }

// notice lets any number of listeners wait for the next change.
type notice struct {
	mu sync.Mutex
	ch chan struct{}
}

// next returns a channel that is closed at the next change.
func (n *notice) next() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ch == nil {
		n.ch = make(chan struct{})
	}
	return n.ch
}

func (n *notice) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ch != nil {
		close(n.ch)
		n.ch = nil
	}
}

type eventLog struct {
	mu      sync.Mutex
	events  []LogEvent
	changed notice
}

func (l *eventLog) add(e LogEvent) {
	l.mu.Lock()
	if len(l.events) >= 2*maxLog {
		l.events = append(l.events[:0], l.events[len(l.events)-maxLog:]...)
	}
	l.events = append(l.events, e)
	l.mu.Unlock()
	l.changed.tell()
}

// Log returns the tenant's log, oldest event first: at most the last 1,000.
func (t *Tenant) Log() []LogEvent {
	t.log.mu.Lock()
	defer t.log.mu.Unlock()
	from := max(0, len(t.log.events)-maxLog)
	return append([]LogEvent(nil), t.log.events[from:]...)
}

// LogChanged returns a channel that is closed when the next event is logged.
func (t *Tenant) LogChanged() <-chan struct{} { return t.log.changed.next() }

// logEvent completes an event with what is known of the exchange and logs it.
func (t *Tenant) logEvent(x *exchange, eventType, description string) {
	e := LogEvent{ID: "900" + t.text(42, "0123456789"), At: x.now, Type: eventType, Description: description,
		Audience: x.params.get("audience"), User: x.username, Connection: x.connection, IP: x.ip, Scope: strings.Join(x.granted, " ")}
	if x.app != nil {
		e.ClientID, e.ClientName = x.app.id, x.app.name
	} else {
		e.ClientID = x.params.get("client_id")
	}
	if x.user != nil {
		e.UserID, e.User, e.Connection = x.user.id, x.user.username, x.user.connection
	}
	if x.ip != x.socketIP {
		e.ClientIP = x.socketIP
	}
	t.log.add(e)
}
