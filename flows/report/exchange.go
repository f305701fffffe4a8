package report

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"authwalk/flows"
)

const (
	// maxShown is how much of a body is shown; what is cut is told.
	maxShown = 64 << 10
	// maxSearched is how much of a body is looked at: enough beyond maxShown
	// that a secret that begins before the cut is seen whole.
	maxSearched = maxShown + 16<<10
)

// Masked is an exchange without its secrets, in the form of the JSON output.
type Masked struct {
	ByItself   bool           `json:"by_itself"`
	Method     string         `json:"method"`
	URL        string         `json:"url"`
	Status     int            `json:"status,omitempty"` // absent: no reply
	DurationMS int64          `json:"duration_ms"`
	Request    MaskedMessage  `json:"request"`
	Response   *MaskedMessage `json:"response,omitempty"` // nil: no reply
	Purpose    string         `json:"-"`
	Proto      string         `json:"-"`
	Start      time.Time      `json:"-"`
	Duration   time.Duration  `json:"-"`
	Timings    flows.Timings  `json:"-"`
	TLS        *flows.TLSInfo `json:"-"`
	Remote     string         `json:"-"`
	Fault      string         `json:"-"` // why there is no whole reply
	Form       []Field        `json:"-"` // the fields of a form body, decoded
	BodySize   int64          `json:"-"` // bytes of the reply's body that came
}

// MaskedMessage is a request or a reply without its secrets.
type MaskedMessage struct {
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body,omitempty"`

	each []harPair // headers one by one: two cookies are two lines, they cannot be joined
}

// Lines gives every header as a name and a value, in order of names.
func (m MaskedMessage) Lines(yield func(name, value string) bool) {
	for _, p := range m.each {
		if !yield(p.Name, p.Value) {
			return
		}
	}
}

// Field is one field of a form, decoded. Secret tells that Value is masked.
type Field struct {
	Name, Value string
	Secret      bool
}

// Exchange masks an exchange.
func (r *Redactor) Exchange(ex flows.Exchange) Masked {
	r.Learn(ex)
	r.mu.RLock()
	defer r.mu.RUnlock()
	m := Masked{
		ByItself: ex.ByItself, Purpose: ex.Purpose, Method: r.text(ex.Method), URL: r.url(ex.URL), Status: ex.Status, Proto: ex.Proto,
		Start: ex.Start.Wall, Duration: ex.Timings.Total, DurationMS: ex.Timings.Total.Round(time.Millisecond).Milliseconds(),
		Timings: ex.Timings, Remote: ex.Remote, BodySize: ex.BodySize,
		Form: r.form(&ex),
	}
	m.Request = r.message(ex.RequestHeader, r.body(ex.RequestHeader, ex.RequestBody, int64(len(ex.RequestBody)), false))
	if ex.TLS != nil {
		t := *ex.TLS
		t.Subject, t.Issuer = r.text(t.Subject), r.text(t.Issuer)
		m.TLS = &t
	}
	if ex.Fault != nil {
		m.Fault = r.text(ex.Fault.Error())
	}
	if ex.Status != 0 {
		reply := r.message(ex.Header, r.body(ex.Header, ex.Body, ex.BodySize, ex.Truncated))
		m.Response = &reply
	}
	return m
}

func (r *Redactor) message(h http.Header, body string) MaskedMessage {
	each := r.pairs(h)
	return MaskedMessage{Headers: joined(each), Body: body, each: each}
}

// Exchanges masks several. All are learnt from first: a later one may tell what
// is secret in an earlier.
func (r *Redactor) Exchanges(exs []flows.Exchange) []Masked {
	r.Learn(exs...)
	out := make([]Masked, len(exs))
	for i, ex := range exs {
		out[i] = r.Exchange(ex)
	}
	return out
}

// Preview is a request that was not sent yet, as an exchange that has no reply,
// for the live view beside a form and for copying it.
func Preview(q flows.Request) flows.Exchange {
	return flows.Exchange{Purpose: q.Purpose, ByItself: q.ByItself, Method: q.Method, URL: q.URL, RequestHeader: q.Header, RequestBody: q.Body}
}

// FormLines gives the fields of an exchange's form body decoded, one after the
// other as they were sent, for the wire view. Nil: the body is no form.
func (r *Redactor) FormLines(ex flows.Exchange) []Field {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.form(&ex)
}

func (r *Redactor) form(ex *flows.Exchange) []Field {
	if !isForm(ex.RequestHeader.Get("Content-Type")) || len(ex.RequestBody) == 0 {
		return nil
	}
	var out []Field
	for _, pair := range strings.Split(string(capped(ex.RequestBody)), "&") {
		name, value, _ := strings.Cut(pair, "=")
		f := Field{Name: unquery(name), Value: unquery(value)}
		if !r.opt.Reveal {
			f = r.field(f)
		}
		f.Name, f.Value = strings.ToValidUTF8(f.Name, "\ufffd"), strings.ToValidUTF8(f.Value, "\ufffd")
		out = append(out, f)
	}
	return out
}

func (r *Redactor) field(f Field) Field {
	switch {
	case secretName(f.Name) && !errorWord(f.Name, f.Value):
		return Field{Name: r.text(f.Name), Value: r.hide(f.Value, layers), Secret: f.Value != ""}
	case r.opt.Presentation && personalName(f.Name) && f.Value != "":
		return Field{Name: f.Name, Value: hiddenName, Secret: true}
	}
	masked := r.text(f.Value)
	return Field{Name: r.text(f.Name), Value: masked, Secret: masked != f.Value}
}

// body masks the body of a message, as text: forms and JSON keep their order
// and their layout. A body that is no text is told by its size; a long one is
// cut, which is told too. truncated tells that it was cut before.
func (r *Redactor) body(h http.Header, body []byte, size int64, truncated bool) string {
	if len(body) == 0 {
		return ""
	}
	size = max(size, int64(len(body)))
	if what := opaque(h, body); what != "" {
		return fmt.Sprintf("(%s, %s)", r.text(what), bytesOf(size))
	}
	part := body[:min(len(body), maxSearched)]
	truncated = truncated || len(part) < len(body)
	text := string(part)
	if !r.opt.Reveal {
		spans, ok := r.bodySpans(h, text, truncated)
		if !ok {
			return tooDeep
		}
		text = replace(text, spans)
	}
	shown := len(text)
	if len(text) > maxShown && len(body) > maxShown {
		text, truncated, shown = text[:maxShown], true, maxShown
		for len(text) > 0 && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
		if n := len(text); n > 0 && text[n-1] >= utf8.RuneSelf {
			text = text[:n-1]
		}
	}
	text = strings.ToValidUTF8(text, "\ufffd")
	if truncated {
		text += fmt.Sprintf("\n… (cut: about %s of %s)", bytesOf(int64(shown)), bytesOf(size))
	}
	return text
}

func (r *Redactor) bodySpans(h http.Header, text string, truncated bool) ([]span, bool) {
	sc := scanner{r: r}
	spans, ok := sc.spans(text)
	if !ok {
		return nil, false
	}
	if isForm(h.Get("Content-Type")) {
		spans = append(spans, sc.formSpans(text)...)
	}
	if truncated {
		if from, k := r.book.cutOff(text); k != nil && !k.personal {
			spans = append(spans, span{from: from, to: len(text), value: text[from:], rank: byValue, how: whole})
		}
	}
	return sc.settle(text, spans)
}

// capped is what is looked at of a body.
func capped(body []byte) []byte {
	if len(body) > maxSearched {
		return body[:maxSearched]
	}
	return body
}

// opaque says what a body is that is not shown as text: compressed or binary.
// Its bytes are left out, for nobody could see a secret in them.
func opaque(h http.Header, body []byte) string {
	if enc := h.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return "compressed with " + cleanToken(enc)
	}
	sample := body[:min(len(body), 8<<10)]
	bad := 0
	for i := 0; i < len(sample); {
		c, n := utf8.DecodeRune(sample[i:])
		if c == utf8.RuneError && n == 1 && i+utf8.UTFMax < len(sample) || c == 0 {
			bad++
		}
		i += n
	}
	if bytes.IndexByte(sample, 0) < 0 && bad <= len(sample)/20+1 {
		return ""
	}
	t, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if t = cleanToken(t); t == "" {
		return "binary"
	}
	return "binary, " + t
}

// cleanToken keeps what may stand in a media type or a coding.
func cleanToken(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 80 {
		s = s[:80]
	}
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/+-._, ", c) {
			return c
		}
		return -1
	}, s)
}

// bytesOf writes a number of bytes for a person: 812 bytes, 12.3 KB.
func bytesOf(n int64) string {
	switch {
	case n == 1:
		return "1 byte"
	case n < 10_000:
		return strconv.FormatInt(n, 10) + " bytes"
	case n < 1_000_000:
		return fmt.Sprintf("%.1f KB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

func isForm(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(t), "application/x-www-form-urlencoded")
}
