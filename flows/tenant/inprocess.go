package tenant

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// RoundTripper serves the tenant in process, without a socket, for the host of
// its issuer; any other host is answered as a name that does not exist. Bodies
// stream, a cancelled context ends a request at any point, a reset connection
// looks like one, and httptrace hooks are called as for a real connection.
func (t *Tenant) RoundTripper() http.RoundTripper { return &roundTripper{t} }

type roundTripper struct{ t *Tenant }

// RoundTrip answers one request.
func (rt *roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	closeBody := func() {
		if r.Body != nil {
			_ = r.Body.Close()
		}
	}
	issuer, err := url.Parse(rt.t.issuer)
	if err != nil {
		closeBody()
		return nil, err
	}
	if !strings.EqualFold(r.URL.Host, issuer.Host) || r.URL.Scheme != issuer.Scheme {
		closeBody()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}}
	}
	if err := r.Context().Err(); err != nil {
		closeBody()
		return nil, err
	}
	trace := httptrace.ContextClientTrace(r.Context())
	if trace == nil {
		trace = &httptrace.ClientTrace{}
	}
	if trace.GetConn != nil {
		trace.GetConn(net.JoinHostPort(issuer.Hostname(), portOf(issuer)))
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}

	ctx, cancel := context.WithCancel(r.Context())
	in := r.Clone(ctx)
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:1"
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	// A server sees no scheme and no host in its URL.
	in.URL.Scheme, in.URL.Host, in.URL.User = "", "", nil
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if _, ok := in.Header["User-Agent"]; !ok {
		in.Header.Set("User-Agent", "Go-http-client/1.1")
	}
	if in.ContentLength > 0 {
		in.Header.Set("Content-Length", strconv.FormatInt(in.ContentLength, 10))
	}
	traceHeaders(trace, in)

	w := &memoryWriter{header: http.Header{}, started: make(chan struct{}), trace: trace}
	w.bodyReader, w.bodyWriter = io.Pipe()
	go func() {
		defer closeBody()
		defer func() {
			// As net/http's server: a panic ends the connection.
			if recover() != nil {
				w.fail(io.ErrUnexpectedEOF)
				return
			}
			w.WriteHeader(http.StatusOK) // unless it has been
			_ = w.bodyWriter.Close()
		}()
		rt.t.ServeHTTP(w, in)
	}()
	select {
	case <-w.started:
	case <-ctx.Done():
		err := ctx.Err()
		w.fail(err)
		cancel()
		return nil, err
	}
	if w.err != nil {
		cancel()
		return nil, w.err
	}
	stop := context.AfterFunc(ctx, func() { w.fail(ctx.Err()) })
	resp := &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.sent, Request: r, ContentLength: -1,
		Body: &memoryBody{ReadCloser: w.bodyReader, close: func() { stop(); cancel() }},
	}
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil {
		resp.ContentLength = n
	}
	return resp, nil
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

func traceHeaders(trace *httptrace.ClientTrace, r *http.Request) {
	if trace.WroteHeaderField != nil {
		trace.WroteHeaderField("Host", []string{r.Host})
		for _, name := range slices.Sorted(func(yield func(string) bool) {
			for n := range r.Header {
				if !yield(n) {
					return
				}
			}
		}) {
			trace.WroteHeaderField(name, r.Header[name])
		}
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
}

// memoryWriter is the ResponseWriter of a request without a socket.
type memoryWriter struct {
	header     http.Header
	sent       http.Header // as they were when the status was written
	status     int
	err        error
	once       sync.Once
	started    chan struct{} // closed once status and headers, or err, are there
	bodyReader *io.PipeReader
	bodyWriter *io.PipeWriter
	trace      *httptrace.ClientTrace
}

func (w *memoryWriter) Header() http.Header { return w.header }

func (w *memoryWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status = status
		w.sent = http.Header{}
		for name, values := range w.header {
			if len(values) > 0 { // nil keeps net/http from adding one of its own
				w.sent[textproto.CanonicalMIMEHeaderKey(name)] = slices.Clone(values)
			}
		}
		if w.trace.GotFirstResponseByte != nil {
			w.trace.GotFirstResponseByte()
		}
		close(w.started)
	})
}

func (w *memoryWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.bodyWriter.Write(p)
}

// fail ends the reply: before it has begun there is none, afterwards its body
// breaks off.
func (w *memoryWriter) fail(err error) {
	w.once.Do(func() {
		w.err = err
		close(w.started)
	})
	_ = w.bodyWriter.CloseWithError(err)
}

func (w *memoryWriter) reset() {
	w.fail(&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)})
}

type memoryBody struct {
	io.ReadCloser
	once  sync.Once
	close func()
}

func (b *memoryBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.once.Do(b.close)
	}
	return n, err
}

func (b *memoryBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(b.close)
	return err
}
