package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"authwalk/flows"
	"authwalk/flows/tenant"
)

// demo is the loopback tenants that the demo walks on.
type demo struct {
	mu   sync.Mutex
	open []*demoTools
}

// start starts a scenario's tenant and gives its set-up.
func (d *demo) start(ctx context.Context, name string) (flows.Config, *demoTools, error) {
	sc, err := findScenario(name)
	if err != nil {
		return flows.Config{}, nil, err
	}
	if err := ctx.Err(); err != nil {
		return flows.Config{}, nil, err
	}
	t, err := tenant.New(sc, tenant.Options{})
	if err != nil {
		return flows.Config{}, nil, err
	}
	if err := t.Listen("", false); err != nil {
		return flows.Config{}, nil, errors.Join(err, t.Close())
	}
	p := t.Profile()
	cfg, err := demoConfig(p)
	if err != nil {
		return cfg, nil, errors.Join(err, t.Close())
	}
	tools := &demoTools{t: t, recovery: p.RecoveryCode}
	for _, u := range t.Describe().Users {
		if u.Username == p.Username {
			tools.otp, tools.recovery = u.OTPSecret, u.RecoveryCode
		}
	}
	d.mu.Lock()
	d.open = append(d.open, tools)
	d.mu.Unlock()
	return cfg, tools, nil
}

// close ends all tenants that were started.
func (d *demo) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.open {
		t.Close()
	}
	d.open = nil
}

// demoConfig makes a set-up of a tenant's profile. In the demo a person answers
// MFA, so what would answer it by itself is left out.
func demoConfig(p tenant.Profile) (flows.Config, error) {
	cfg := flows.Config{
		Name: p.Name, Environment: p.Environment, Flow: "password", Domain: p.Domain,
		ClientID: p.ClientID, ClientAuth: p.ClientAuth, ClientSecret: flows.Secret(p.ClientSecret),
		PrivateKey: flows.Secret(p.PrivateKeyPEM), KeyID: p.KeyID, KeyAlg: p.KeyAlg,
		Realm: p.Realm, Audience: p.Audience, Scopes: slices.Clone(p.Scopes),
		Username: p.Username, Password: flows.Secret(p.Password), ForwardedFor: p.ForwardedFor,
		APISecret: flows.Secret(p.APISecret), APIBase: p.APIBase, Params: p.Params, Timeout: p.Timeout,
	}
	for _, c := range p.Calls {
		cfg.Calls = append(cfg.Calls, flows.SavedCall{Name: c.Name, Method: c.Method, URL: c.URL, Body: c.Body, Headers: c.Headers})
	}
	if len(p.CAPEM) > 0 {
		dir, err := os.MkdirTemp("", "authwalk-demo-")
		if err != nil {
			return cfg, err
		}
		cfg.CAFile = filepath.Join(dir, "ca.pem")
		if err := os.WriteFile(cfg.CAFile, p.CAPEM, 0o600); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// demoTools is one tenant's phone and log.
type demoTools struct {
	t             *tenant.Tenant
	otp, recovery string
	once          sync.Once
}

// phoneItem is a message, a push or the code that an authenticator app shows.
type phoneItem struct {
	id, kind, to, text, code string // kind: sms, voice, email, otp, push
	at                       time.Time
	waiting                  bool // a push that nobody has answered
}

// phone shows messages, pushes, and the code of the authenticator app.
func (d *demoTools) phone() []phoneItem {
	var out []phoneItem
	phone := d.t.Phone()
	for _, m := range phone.Messages() {
		out = append(out, phoneItem{id: m.ID, kind: m.Channel, to: m.To, text: m.Text, code: m.Code, at: m.At})
	}
	for _, p := range phone.Pushes() {
		text := p.App + " asks to approve a login of " + p.User
		if p.Enrol {
			text = p.App + " asks to enrol this phone for " + p.User
		}
		out = append(out, phoneItem{id: p.ID, kind: "push", to: p.User, text: text + answered(p.State), at: p.At, waiting: p.State == tenant.PushPending})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].at.Before(out[j].at) })
	if d.otp != "" {
		now := time.Now()
		if code, err := tenant.OTP(d.otp, now); err == nil {
			out = append(out, phoneItem{id: "otp", kind: "otp", text: "the authenticator app shows", code: code, at: now})
		}
	}
	if d.recovery != "" { // what the demo's user wrote down
		out = append(out, phoneItem{id: "recovery", kind: "kept", text: "kept at enrolment", code: d.recovery})
	}
	return out
}

// answered says what became of a push; one that waits shows that by its keys.
func answered(s tenant.PushState) string {
	if s == tenant.PushPending {
		return ""
	}
	return " (" + string(s) + ")"
}

// Close stops the tenant.
func (d *demoTools) Close() { d.once.Do(func() { _ = d.t.Close() }) }

// code is what the phone would answer a field with.
func (d *demoTools) code(s flows.Step, f flows.Field, before flows.Values) string {
	switch f.Name {
	case "otp":
		for _, n := range s.Shows { // an enrolment: the app has the secret just shown
			if n.Kind == flows.NoteSecret {
				code, _ := flows.TOTP(flows.Secret(n.Text), time.Now())
				return code
			}
		}
		for _, i := range d.phone() {
			if i.kind == "otp" {
				return i.code
			}
		}
	case "binding_code":
		items := d.phone()
		for i := len(items) - 1; i >= 0; i-- {
			if items[i].code != "" && items[i].kind != "otp" && items[i].kind != "kept" {
				return items[i].code
			}
		}
	case "recovery_code":
		return d.recovery
	case "enrol_to":
		if before["enrol_with"] == "email" {
			return "" // the user's own
		}
		return "+15555550199"
	}
	return ""
}

// push asks what the phone answers to a push that waits; an empty line approves.
func (d *demoTools) push(p *plain) error {
	for _, i := range d.phone() {
		if !i.waiting {
			continue
		}
		p.text.line("The phone shows: %s", visible(i.text))
		for {
			a, err := p.question("On the phone: approve or deny", "approve", false)
			if err != nil {
				return err
			}
			switch strings.ToLower(strings.TrimSpace(a)) {
			case "approve", "a":
				d.t.Phone().Approve(i.id)
			case "deny", "d":
				d.t.Phone().Deny(i.id)
			default:
				continue
			}
			break
		}
	}
	return nil
}
