package report

import (
	"crypto/rand"
	"maps"
	"strings"
	"sync"

	"authwalk/flows"
)

// Options say how much a Redactor shows.
type Options struct {
	// WithClaims leaves header and claims of a JWT readable, never its
	// signature. What is secret inside them stays masked.
	WithClaims bool
	// Presentation hides names, e-mail addresses and the like too.
	Presentation bool
	// NoTags leaves out the short tags by which equal secrets are recognised.
	NoTags bool
	// Key makes the tags; nil: a random one of this process, so that nobody can
	// try guesses on a tag. A fixed one is for pictures that must come out
	// equal, of secrets that are none.
	Key []byte
	// Reveal masks nothing: for a person's own screen. Reports ignore it.
	Reveal bool
}

// processKey makes the tags of every Redactor of this process.
var processKey = sync.OnceValue(func() []byte {
	k := make([]byte, 32)
	_, _ = rand.Read(k) // never fails (crypto/rand)
	return k
})

// Redactor masks what must not leave. The zero value is not usable; make one
// with NewRedactor, tell it what is secret, and keep it as long as the session:
// it learns. It is safe for concurrent use.
type Redactor struct {
	opt Options
	*memory
}

// memory is what a Redactor knows. Those that As gives have it in common.
type memory struct {
	mu   sync.RWMutex
	book *book
	cfg  flows.Config                // of the last set-up: files that a copied request needs
	seen map[*flows.Session]progress // how far each session was read
	told map[told]bool               // exchanges that were learnt from
}

// NewRedactor makes a Redactor that knows no secrets yet: names, headers and
// shapes are masked all the same.
func NewRedactor(opt Options) *Redactor {
	if opt.Key == nil {
		opt.Key = processKey()
	}
	return &Redactor{opt, &memory{book: newBook(), seen: map[*flows.Session]progress{}, told: map[told]bool{}}}
}

// As is r with other options: what one learns the other knows.
func (r *Redactor) As(opt Options) *Redactor {
	if opt.Key == nil {
		opt.Key = processKey()
	}
	return &Redactor{opt, r.memory}
}

// Learnt counts what r has learnt. As long as it is the same, the same text is
// masked in the same way.
func (r *Redactor) Learnt() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.book.learnt
}

// With is a Redactor with other options that knows what r knows now, and learns
// by itself.
func (r *Redactor) With(opt Options) *Redactor {
	n := NewRedactor(opt)
	r.mu.RLock()
	defer r.mu.RUnlock()
	n.cfg = r.cfg
	n.book = r.book.clone()
	n.told, n.seen = maps.Clone(r.told), maps.Clone(r.seen)
	return n
}

// Text masks what is secret in any text from outside: an error, a claim, a line
// of a log.
func (r *Redactor) Text(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.text(s)
}

func (r *Redactor) text(s string) string {
	if r.opt.Reveal {
		return s
	}
	sc := scanner{r: r}
	spans, ok := sc.spans(s)
	if !ok {
		return tooDeep
	}
	return replace(s, spans)
}

func replace(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}
	var b strings.Builder
	at := 0
	for _, x := range spans {
		b.WriteString(s[at:x.from])
		b.WriteString(x.repl)
		at = x.to
	}
	b.WriteString(s[at:])
	return b.String()
}

// URL masks what is secret in a URL.
func (r *Redactor) URL(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.url(s)
}

func (r *Redactor) url(s string) string {
	if r.opt.Reveal {
		return s
	}
	spans, ok := r.urlSpans(s, nil)
	if !ok {
		return tooDeep
	}
	return replace(s, spans)
}

// urlSpans adds to what is found in any text what the names in query and
// fragment tell. hide, if not nil, tells which parameters to hide beyond that.
func (r *Redactor) urlSpans(s string, hide func(name string) bool) ([]span, bool) {
	sc := scanner{r: r}
	out, ok := sc.spans(s)
	if !ok {
		return nil, false
	}
	for _, mark := range []string{"?", "#"} {
		at := strings.Index(s, mark)
		if at < 0 {
			continue
		}
		part := s[at+1:]
		if mark == "?" {
			part, _, _ = strings.Cut(part, "#")
		}
		for _, x := range sc.formSpans(part) {
			x.from, x.to = x.from+at+1, x.to+at+1
			out = append(out, x)
		}
		if hide == nil {
			continue
		}
		from := at + 1
		for _, pair := range strings.Split(part, "&") {
			name, value, eq := strings.Cut(pair, "=")
			start := from + len(name) + 1
			if !eq {
				name, value, start = "", pair, from
			}
			if value != "" && hide(unquery(name)) {
				out = append(out, span{from: start, to: start + len(value), value: unquery(value), role: snake(unquery(name)), rank: byName, depth: layers})
			}
			from += len(pair) + 1
		}
	}
	return sc.settle(s, out)
}
