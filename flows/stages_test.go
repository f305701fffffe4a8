package flows

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stage is a place at which a request can be stopped.
type stage struct {
	name string
	// hang gives a client whose request stops there, and is told when it did.
	hang func(t *testing.T, cfg Config, reached func()) *Client
	// cut gives one whose connection is cut there; nil where none can be.
	cut func(t *testing.T, cfg Config) *Client
}

func at(t *testing.T, cfg Config, url string) *Client {
	cfg.TokenURL = url
	return client(t, cfg)
}

func stages() []stage {
	return []stage{
		{StageResolve,
			func(t *testing.T, cfg Config, reached func()) *Client {
				end := make(chan struct{})
				t.Cleanup(func() { close(end) })
				return resolving(t, cfg, func(context.Context) (net.Conn, error) {
					// A pipe that nobody answers on. Go's resolver heeds no
					// cancellation while it reads (for 5 s at most).
					ours, theirs := net.Pipe()
					go func() { _, _ = io.Copy(io.Discard, theirs) }()
					go func() { <-end; _, _ = ours.Close(), theirs.Close() }()
					reached()
					return ours, nil
				})
			},
			func(t *testing.T, cfg Config) *Client {
				return resolving(t, cfg, func(context.Context) (net.Conn, error) { return nil, syscall.ECONNREFUSED })
			},
		},
		{StageConnect,
			func(t *testing.T, cfg Config, reached func()) *Client {
				c := at(t, cfg, "https://127.0.0.1:9/")
				end := make(chan struct{})
				t.Cleanup(func() { close(end) })
				c.transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
					reached()
					select {
					case <-ctx.Done():
					case <-end:
					}
					return nil, context.Canceled
				}
				return c
			},
			func(t *testing.T, cfg Config) *Client {
				return at(t, cfg, "https://127.0.0.1:9/") // nothing listens there; a port that was closed may be another test's by now
			},
		},
		{StageProxy,
			func(t *testing.T, cfg Config, reached func()) *Client {
				cfg.Proxy = "http://" + listen(t, func(c net.Conn) { readRequest(c); reached(); hold(c) })
				return at(t, cfg, "https://tenant.test/")
			},
			func(t *testing.T, cfg Config) *Client {
				cfg.Proxy = "http://" + listen(t, func(c net.Conn) { readRequest(c); reset(c) })
				return at(t, cfg, "https://tenant.test/")
			},
		},
		{StageTLS,
			func(t *testing.T, cfg Config, reached func()) *Client {
				return at(t, cfg, "https://"+listen(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); reached(); hold(c) })+"/")
			},
			func(t *testing.T, cfg Config) *Client {
				return at(t, cfg, "https://"+listen(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); reset(c) })+"/")
			},
		},
		{StageFirstByte,
			func(t *testing.T, cfg Config, reached func()) *Client {
				return at(t, cfg, "http://"+wire(t, func(c net.Conn) { reached(); hold(c) })+"/")
			},
			func(t *testing.T, cfg Config) *Client { return at(t, cfg, "http://"+wire(t, reset)+"/") },
		},
		{StageBody,
			func(t *testing.T, cfg Config, reached func()) *Client {
				return at(t, cfg, "http://"+wire(t, func(c net.Conn) { _, _ = io.WriteString(c, reply(`{"access_token":`)); reached(); hold(c) })+"/")
			},
			func(t *testing.T, cfg Config) *Client {
				return at(t, cfg, "http://"+wire(t, func(c net.Conn) {
					_, _ = io.WriteString(c, strings.Replace(reply(`{"access_token":`), "Connection", "Content-Length: 99\r\nConnection", 1))
					_ = c.(*net.TCPConn).CloseWrite() // what was sent is read first
				})+"/")
			},
		},
	}
}

// resolving is a client whose name server is dial's.
func resolving(t *testing.T, cfg Config, dial func(context.Context) (net.Conn, error)) *Client {
	c := at(t, cfg, "https://tenant.test/")
	d := &net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }}}
	tr := c.transport.(*http.Transport)
	tr.DialContext, tr.Proxy = d.DialContext, nil // whatever proxy the environment names
	return c
}

func TestTimeoutAtEachStage(t *testing.T) {
	for _, s := range stages() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			const limit = time.Second // long enough for a busy machine to come to the stage
			c := s.hang(t, Config{Timeout: limit}, func() {})
			f, ex := fault(t, ask(c))
			if !f.Timeout || f.Canceled || f.Stage != s.name || f.Limit != limit {
				t.Errorf("%+v", f)
			}
			if ex.Timings.Total < limit*9/10 {
				t.Errorf("after %s", ex.Timings.Total)
			}
			if want := "no answer within 1s (" + s.name + ")"; f.Error() != want {
				t.Errorf("%q, want %q", f.Error(), want)
			}
			if s.name == StageBody && string(ex.Body) != `{"access_token":` {
				t.Errorf("what came is not kept: %q", ex.Body)
			}
		})
	}
}

func TestCancelAtEachStage(t *testing.T) {
	for _, s := range stages() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			c := s.hang(t, Config{}, cancel)
			step := passwordStep(c)
			f, _ := fault(t, step.Do(ctx, stepValuesOf(step)))
			if !f.Canceled || f.Timeout || !errors.Is(f, context.Canceled) {
				t.Errorf("%+v", f)
			}
			// The cancellation and the reply's first bytes race.
			if f.Stage != s.name && s.name != StageBody {
				t.Errorf("stage %s", f.Stage)
			}
		})
	}
}

func TestConnectionCutAtEachStage(t *testing.T) {
	for _, s := range stages() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f, ex := fault(t, ask(s.cut(t, Config{})))
			if f.Timeout || f.Canceled || f.Stage != s.name {
				t.Errorf("%+v", f)
			}
			if s.name == StageBody && (string(ex.Body) != `{"access_token":` || ex.Status != 200) {
				t.Errorf("what came is not kept: %d %q", ex.Status, ex.Body)
			}
		})
	}
}

// TestBeforeAnythingIsSent cancels first.
func TestBeforeAnythingIsSent(t *testing.T) {
	c := server(t, Config{}, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := passwordStep(c)
	if f, _ := fault(t, s.Do(ctx, stepValuesOf(s))); !f.Canceled {
		t.Errorf("%+v", f)
	}
}

// TestCloseEndsWhatWasGivenUp gives a dial up: net/http goes on with it for the
// next request, until the client is closed.
func TestCloseEndsWhatWasGivenUp(t *testing.T) {
	c := at(t, Config{Timeout: 20 * time.Millisecond}, "https://127.0.0.1:9/")
	ended := make(chan struct{})
	c.transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	}
	fault(t, ask(c))
	c.Close()
	<-ended
}
