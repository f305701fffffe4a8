package report

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// The parts of a HAR 1.2 log (W3C Web Performance Group, "HTTP Archive (HAR)
// format", historical draft). -1 is its word for what is not known.
type (
	harFile struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Pages   []struct{} `json:"pages"`
		Entries []harEntry `json:"entries"`
		Comment string     `json:"comment,omitempty"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Server   string      `json:"serverIPAddress,omitempty"`
		Comment  string      `json:"comment,omitempty"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		HTTPVersion string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		Query       []harPair `json:"queryString"`
		Post        *harPost  `json:"postData,omitempty"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int64     `json:"bodySize"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		Redirect    string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int64      `json:"bodySize"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harPost struct {
		MimeType string    `json:"mimeType"`
		Params   []harPair `json:"params,omitempty"`
		Text     string    `json:"text"`
	}
	harContent struct {
		Size     int64  `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
	}
	harTimings struct {
		Blocked float64 `json:"blocked"`
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
		SSL     float64 `json:"ssl"`
	}
)

func writeHAR(w io.Writer, d *doc) error {
	version := d.Version
	if version == "" {
		version = "0"
	}
	f := harFile{harLog{Version: "1.2", Creator: harCreator{"authwalk", version}, Pages: []struct{}{}, Entries: []harEntry{}, Comment: d.Headline + " " + promise(d)}}
	for _, x := range d.Wire {
		f.Log.Entries = append(f.Log.Entries, harEntryOf(x, d))
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(f)
}

func harEntryOf(x Masked, d *doc) harEntry {
	start := x.Start
	if start.IsZero() {
		start = d.Now
	}
	proto := x.Proto
	if proto == "" {
		proto = "HTTP/1.1"
	}
	e := harEntry{
		Started: start.Format("2006-01-02T15:04:05.000Z07:00"), Timings: harTimes(x),
		Request:  harRequest{Method: x.Method, URL: asciiURL(x.URL), HTTPVersion: proto, Headers: x.Request.each, Cookies: harCookies(x.Request.each, "Cookie"), Query: harQuery(x.URL), HeadersSize: -1},
		Response: harResponse{HTTPVersion: proto, Headers: []harPair{}, Cookies: []harPair{}, HeadersSize: -1, BodySize: -1, Content: harContent{MimeType: "x-unknown"}},
	}
	for _, part := range []float64{e.Timings.DNS, e.Timings.Connect, e.Timings.Send, e.Timings.Wait, e.Timings.Receive} {
		e.Time += max(0, part)
	}
	if host, _, ok := cutPort(x.Remote); ok {
		e.Server = host
	}
	var said []string
	if x.Purpose != "" {
		said = append(said, x.Purpose)
	}
	if x.ByItself {
		said = append(said, "sent by authwalk itself")
	}
	if b := x.Request.Body; b != "" {
		e.Request.BodySize = -1 // it is masked: the size would be another's
		e.Request.Post = &harPost{MimeType: x.Request.Headers["Content-Type"], Text: b}
		for _, f := range x.Form {
			e.Request.Post.Params = append(e.Request.Post.Params, harPair{f.Name, f.Value})
		}
	}
	if x.Fault != "" {
		said = append(said, "no whole answer: "+x.Fault)
	}
	if r := x.Response; r != nil {
		e.Response.Status, e.Response.StatusText = x.Status, http.StatusText(x.Status)
		e.Response.Headers, e.Response.Cookies = x.Response.each, harCookies(x.Response.each, "Set-Cookie")
		e.Response.Redirect = asciiURL(r.Headers["Location"])
		e.Response.BodySize = x.BodySize
		e.Response.Content = harContent{Size: x.BodySize, MimeType: r.Headers["Content-Type"], Text: r.Body}
	}
	e.Comment = strings.Join(said, "; ")
	return e
}

// harTimes splits the time; ssl is part of connect there. A connection that was
// used again has neither.
func harTimes(x Masked) harTimings {
	t := x.Timings
	h := harTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1, Wait: millis(t.FirstByte)}
	rest := t.Total - t.FirstByte
	if t.Resolve > 0 {
		h.DNS = millis(t.Resolve)
		rest -= t.Resolve
	}
	if t.Connect > 0 || t.TLS > 0 {
		h.Connect = millis(t.Connect + t.TLS)
		rest -= t.Connect + t.TLS
	}
	if t.TLS > 0 {
		h.SSL = millis(t.TLS)
	}
	h.Receive = max(0, millis(rest))
	return h
}

// harCookies lists cookies; their values are masked already.
func harCookies(headers []harPair, name string) []harPair {
	out := []harPair{}
	for _, h := range headers {
		if !strings.EqualFold(h.Name, name) {
			continue
		}
		parts := strings.Split(h.Value, ";")
		if name == "Set-Cookie" {
			parts = parts[:1] // the rest are attributes
		}
		for _, p := range parts {
			n, v, _ := strings.Cut(strings.TrimSpace(p), "=")
			out = append(out, harPair{n, v})
		}
	}
	return out
}

func harQuery(raw string) []harPair {
	out := []harPair{}
	_, query, _ := strings.Cut(raw, "?")
	query, _, _ = strings.Cut(query, "#")
	for _, pair := range strings.Split(query, "&") {
		if pair == "" {
			continue
		}
		n, v, _ := strings.Cut(pair, "=")
		out = append(out, harPair{unquery(n), unquery(v)})
	}
	return out
}

// asciiURL percent-encodes what a URI cannot hold, the masks among it.
func asciiURL(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	if _, err := url.Parse(b.String()); err != nil {
		return "about:invalid"
	}
	return b.String()
}

func cutPort(addr string) (host, port string, ok bool) {
	i := strings.LastIndexByte(addr, ':')
	if i < 0 {
		return "", "", false
	}
	return strings.Trim(addr[:i], "[]"), addr[i+1:], true
}
