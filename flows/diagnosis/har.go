package diagnosis

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strings"
	"syscall"

	"authwalk/flows/rawjson"
)

// harEntries finds the entries of a HAR (HTTP Archive 1.2): the archive, its
// log, or a single entry.
func harEntries(v rawjson.Value) ([]rawjson.Value, bool) {
	for _, at := range []rawjson.Value{v, member(v, "log")} {
		if e, ok := at.Get("entries"); ok && e.Kind() == rawjson.Array {
			return e.Items(), true
		}
	}
	if member(v, "request").GetStr("url") != "" && v.Has("response") {
		return []rawjson.Value{v}, true
	}
	return nil, false
}

func member(v rawjson.Value, name string) rawjson.Value {
	m, _ := v.Get(name)
	return m
}

// fromHAR reads the failed requests of a HAR, token requests first and the last
// of equals first: it is the one that somebody stopped at.
func fromHAR(entries []rawjson.Value) ([]Evidence, error) {
	type scored struct {
		ev    Evidence
		score int
		at    int
	}
	var all []scored
	for i, e := range entries {
		if ev, ok := fromEntry(e); ok {
			all = append(all, scored{ev, weight(&ev), i})
		}
	}
	if len(all) == 0 {
		return nil, &NothingError{"no request in the HAR has failed"}
	}
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].score != all[j].score {
			return all[i].score > all[j].score
		}
		return all[i].at > all[j].at
	})
	var found []Evidence
	for _, s := range all {
		found = append(found, s.ev)
	}
	return explainable(found)
}

// weight ranks failed requests by how much they have to do with OAuth.
func weight(ev *Evidence) int {
	switch {
	case ev.Sent.Grant != "":
		return 5
	case ev.At == AtToken && ev.Sent.URL != "" && strings.HasSuffix(strings.TrimSuffix(ev.Sent.URL, "/"), "/token"):
		return 4
	case ev.At == AtMFA, ev.Reply != nil && ReadRefusal(ev.Reply.Body).Shape == ShapeOAuth:
		return 3
	case ev.At != AtAPI, ev.Reply != nil && ev.Reply.Header.Get("Www-Authenticate") != "":
		return 2
	}
	return 1
}

// fromEntry reads one entry; false when it did not fail.
func fromEntry(e rawjson.Value) (Evidence, bool) {
	var ev Evidence
	req, res := member(e, "request"), member(e, "response")
	target := req.GetStr("url")
	if target == "" {
		return ev, false
	}
	body := member(req, "postData").GetStr("text")
	if body == "" {
		form := url.Values{}
		for _, p := range member(member(req, "postData"), "params").Items() {
			form.Add(p.GetStr("name"), unescaped(p.GetStr("value")))
		}
		body = form.Encode()
	}
	readRequest(&ev.Sent, req.GetStr("method"), target, harHeaders(req), body)
	ev.Now = parseTime(e.GetStr("startedDateTime"))

	status64, _ := member(res, "status").Int64()
	status := int(status64)
	content := member(res, "content")
	text := content.GetStr("text")
	if content.GetStr("encoding") == "base64" {
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
			text = string(raw)
		}
	}
	if status <= 0 || status > 999 {
		reason := first(res, "_error", "_errorText", "comment")
		if reason == "" {
			reason = first(e, "_error", "comment")
		}
		if reason == "" && text == "" {
			reason = "the browser got no reply"
		}
		ev.Fault = browserFault(reason, ev.host())
		ev.At = placeWithoutReply(&ev)
		return ev, true
	}
	h := harHeaders(res)
	if to := res.GetStr("redirectURL"); to != "" && h.Get("Location") == "" {
		h.Set("Location", to)
	}
	if p := errorParam().FindString(h.Get("Location")); p != "" && status >= 300 && status < 400 {
		// /authorize answers by a redirect that carries the error.
		if q, err := url.ParseQuery(strings.TrimLeft(p, "?#&")); err == nil && q.Get("error") != "" {
			ev.Sent.URL = ""
			reply(&ev, 0, http.Header{}, errorBody(q.Get("error"), q.Get("error_description")))
			return ev, true
		}
	}
	reply(&ev, status, h, text)
	failed := status >= 400 || ReadRefusal(ev.Reply.Body).Shape == ShapeOAuth && ev.At != AtAPI || ev.At == AtToken && ev.Sent.Grant != "" && status >= 300
	return ev, failed
}

func unescaped(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

func harHeaders(v rawjson.Value) http.Header {
	h := http.Header{}
	for i, it := range member(v, "headers").Items() {
		if name := it.GetStr("name"); name != "" && !strings.HasPrefix(name, ":") && i < 500 {
			h.Add(name, it.GetStr("value"))
		}
	}
	return h
}

// placeWithoutReply is placeOf for a request that got none.
func placeWithoutReply(ev *Evidence) Place {
	ev.Reply = &Reply{Header: http.Header{}}
	at := placeOf(ev)
	ev.Reply = nil
	return at
}

// browserFault turns a browser's word for a transport fault into an error of
// the kind Go would have met.
func browserFault(reason, host string) *Fault {
	f := &Fault{Err: errors.New(short(reason, 300)), Host: host}
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(strings.ToUpper(reason), w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("NAME_NOT_RESOLVED", "UNKNOWN_HOST"):
		f.Err, f.Stage = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}, StageResolve
	case has("CONNECTION_REFUSED"):
		f.Err, f.Stage = os.NewSyscallError("connect", syscall.ECONNREFUSED), StageConnect
	case has("CONNECTION_RESET"):
		f.Err = os.NewSyscallError("read", syscall.ECONNRESET)
	case has("CONNECTION_CLOSED", "EMPTY_RESPONSE"):
		f.Err = io.EOF
	case has("TIMED_OUT", "TIMEOUT"):
		f.Timeout = true
	case has("PROXY", "TUNNEL"):
		f.Stage = StageProxy
	case has("CERT_COMMON_NAME_INVALID"):
		f.Err, f.Stage = x509.HostnameError{Certificate: &x509.Certificate{}, Host: host}, StageTLS
	case has("CERT_DATE_INVALID"):
		f.Err, f.Stage = x509.CertificateInvalidError{Reason: x509.Expired}, StageTLS
	case has("CERT_"):
		f.Err, f.Stage = x509.UnknownAuthorityError{}, StageTLS
	case has("SSL_"):
		f.Stage = StageTLS
	case has("ABORTED"):
		f.Canceled = true
	}
	return f
}

var curlError = has(`(?m)^curl: \((\d{1,3})\) (.{0,300})`)

// curlHost finds a host in curl's words.
var curlHost = has(`(?:host(?: name)?:? '?|connect to )([A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9])(?: port (\d+))?`)

// fromCurlError reads curl's last words: its exit codes say where it stopped.
func fromCurlError(s string) (Evidence, bool) {
	m := curlError().FindStringSubmatch(s)
	if m == nil {
		return Evidence{}, false
	}
	f := &Fault{Err: errors.New(m[2])}
	if h := curlHost().FindStringSubmatch(m[2]); h != nil {
		f.Host = h[1]
		if h[2] != "" {
			f.Host = net.JoinHostPort(h[1], h[2])
		}
	}
	switch m[1] {
	case "5", "97":
		f.Stage = StageProxy
	case "6":
		f.Err, f.Stage = &net.DNSError{Err: "no such host", Name: f.Host, IsNotFound: true}, StageResolve
	case "7":
		f.Stage = StageConnect
		if !strings.Contains(strings.ToLower(m[2]), "timed out") {
			f.Err = os.NewSyscallError("connect", syscall.ECONNREFUSED)
		} else {
			f.Timeout = true
		}
	case "28":
		f.Timeout = true
	case "35":
		f.Stage = StageTLS
	case "51":
		f.Err, f.Stage = x509.HostnameError{Certificate: &x509.Certificate{}, Host: f.Host}, StageTLS
	case "60":
		f.Err, f.Stage = x509.UnknownAuthorityError{}, StageTLS
		switch low := strings.ToLower(m[2]); {
		case strings.Contains(low, "expired"):
			f.Err = x509.CertificateInvalidError{Reason: x509.Expired}
		case strings.Contains(low, "no alternative certificate subject name"):
			f.Err = x509.HostnameError{Certificate: &x509.Certificate{}, Host: f.Host}
		}
	case "52", "18":
		f.Err, f.Stage = io.EOF, StageFirstByte
	case "55", "56":
		f.Err = os.NewSyscallError("read", syscall.ECONNRESET)
	}
	return Evidence{Fault: f}, true
}
