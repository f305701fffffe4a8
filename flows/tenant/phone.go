package tenant

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Message is a code that the tenant "sent" to the phone or the mailbox.
type Message struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Channel string    `json:"channel"` // sms, voice or email
	To      string    `json:"to"`
	Text    string    `json:"text"`
	Code    string    `json:"code"`
}

// PushState is what became of a push.
type PushState string

// The states of a push. It is answered once.
const (
	PushPending  PushState = "pending"
	PushApproved PushState = "approved"
	PushDenied   PushState = "denied"
)

// Push is a notification that asks to approve a login, or an enrolment.
type Push struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	User  string    `json:"user"`
	App   string    `json:"app"`
	Enrol bool      `json:"enrol"`
	State PushState `json:"state"`
}

// Phone is the phone of the tenant's users: what only a demo has. Its methods
// may be called at any time.
type Phone struct {
	t        *Tenant
	mu       sync.Mutex
	messages []Message
	pushes   []Push
	last     int
	timers   map[string]*time.Timer
	closed   bool
	changed  notice
}

// Phone returns the phone of the tenant's users.
func (t *Tenant) Phone() *Phone { return &t.phone }

func (p *Phone) init(t *Tenant) { p.t, p.timers = t, map[string]*time.Timer{} }

// Messages returns the messages sent, oldest first: at most the last 200.
func (p *Phone) Messages() []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Message{}, p.messages...)
}

// Pushes returns the pushes, oldest first, answered ones too: at most the last
// 200.
func (p *Phone) Pushes() []Push {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(p.t.now())
	return append([]Push{}, p.pushes...)
}

// Pending returns the pushes that wait for an answer, oldest first.
func (p *Phone) Pending() []Push {
	out := []Push{}
	for _, push := range p.Pushes() {
		if push.State == PushPending {
			out = append(out, push)
		}
	}
	return out
}

// Approve answers a waiting push with yes; false if there is none of that id.
func (p *Phone) Approve(id string) bool { return p.answer(id, PushApproved) }

// Deny answers a waiting push with no; false if there is none of that id.
func (p *Phone) Deny(id string) bool { return p.answer(id, PushDenied) }

// Changed returns a channel that is closed at the next message, push or answer.
func (p *Phone) Changed() <-chan struct{} { return p.changed.next() }

func (p *Phone) answer(id string, state PushState) bool {
	p.mu.Lock()
	p.settle(p.t.now())
	done := false
	for i := range p.pushes {
		if p.pushes[i].ID == id && p.pushes[i].State == PushPending {
			p.pushes[i].State = state
			done = true
		}
	}
	p.mu.Unlock()
	if done {
		p.changed.tell()
	}
	return done
}

// settle approves pushes whose time has come by themselves. The lock is held.
func (p *Phone) settle(now time.Time) {
	after := p.t.set.mfa.approveAfter
	if after <= 0 {
		return
	}
	for i := range p.pushes {
		if p.pushes[i].State == PushPending && now.Sub(p.pushes[i].At) >= after {
			p.pushes[i].State = PushApproved
		}
	}
}

func (p *Phone) message(now time.Time, channel, to, text, code string) {
	p.mu.Lock()
	p.last++
	p.messages = append(p.messages, Message{ID: "msg-" + strconv.Itoa(p.last), At: now, Channel: channel, To: to, Text: text, Code: code})
	if len(p.messages) > maxMessages {
		p.messages = append(p.messages[:0], p.messages[len(p.messages)-maxMessages:]...)
	}
	p.mu.Unlock()
	p.changed.tell()
}

func (p *Phone) push(now time.Time, user, app string, enrol bool) (id string) {
	p.mu.Lock()
	p.last++
	push := Push{ID: "push-" + strconv.Itoa(p.last), At: now, User: user, App: app, Enrol: enrol, State: PushPending}
	if p.t.set.mfa.denied {
		push.State = PushDenied
	}
	p.pushes = append(p.pushes, push)
	if len(p.pushes) > maxPushes {
		p.pushes = append(p.pushes[:0], p.pushes[len(p.pushes)-maxPushes:]...)
	}
	if after := p.t.set.mfa.approveAfter; after > 0 && push.State == PushPending && !p.closed && len(p.timers) < maxPushes {
		// The state follows from the tenant's clock; this only wakes who watches.
		p.timers[push.ID] = time.AfterFunc(after, func() {
			p.mu.Lock()
			delete(p.timers, push.ID)
			p.settle(p.t.now())
			p.mu.Unlock()
			p.changed.tell()
		})
	}
	p.mu.Unlock()
	p.changed.tell()
	return push.ID
}

// state of a push; one that is forgotten counts as denied.
func (p *Phone) state(id string, now time.Time) PushState {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(now)
	for _, push := range p.pushes {
		if push.ID == id {
			return push.State
		}
	}
	return PushDenied
}

func (p *Phone) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, timer := range p.timers {
		timer.Stop()
	}
	clear(p.timers)
}

// servePhone is the phone for other programs: GET lists messages and waiting
// pushes, POST …/ID/approve and …/ID/deny answer one.
func (t *Tenant) servePhone(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", jsonUTF8)
	w.Header().Set("Cache-Control", "no-store")
	reply := func(status int, v any) {
		w.WriteHeader(status)
		_, _ = w.Write(encode(v))
	}
	rest := strings.Trim(strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(phonePath, "/")), "/")
	id, verb, _ := strings.Cut(rest, "/")
	switch {
	case rest == "" && reads(r):
		reply(200, fields{{"messages", t.phone.Messages()}, {"pushes", t.phone.Pending()}})
	case r.Method == http.MethodPost && (verb == "approve" || verb == "deny"):
		done := false
		if verb == "approve" {
			done = t.phone.Approve(id)
		} else {
			done = t.phone.Deny(id)
		}
		if !done {
			reply(404, fields{{"error", "not_found"}, {"error_description", "No push of this id is waiting."}})
			return
		}
		state := PushApproved
		if verb == "deny" {
			state = PushDenied
		}
		reply(200, fields{{"id", id}, {"state", state}})
	default:
		reply(404, fields{{"error", "not_found"}, {"error_description", "GET lists messages and pushes; POST ID/approve or ID/deny answers a push."}})
	}
}
