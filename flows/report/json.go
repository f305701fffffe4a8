package report

import (
	"encoding/json"
	"io"
	"time"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/rawjson"
	"authwalk/flows/token"
)

// jsonReport has the names of the program's JSON output, and beyond them what a
// report has more: the set-up, what was asked, times and TLS of exchanges.
type jsonReport struct {
	Report      jsonAbout           `json:"report"`
	Profile     string              `json:"profile,omitempty"`
	Flow        string              `json:"flow,omitempty"`
	Issuer      string              `json:"issuer,omitempty"`
	OK          bool                `json:"ok"`
	Setup       ordered             `json:"setup,omitempty"`
	Asked       ordered             `json:"asked,omitempty"`
	Tokens      ordered             `json:"tokens,omitempty"`
	Oddities    []string            `json:"oddities,omitempty"`
	Access      *jsonToken          `json:"access,omitempty"`
	ID          *jsonToken          `json:"id,omitempty"`
	Checks      []token.Check       `json:"checks,omitempty"`
	Scopes      []token.ScopeRow    `json:"scopes,omitempty"`
	Error       *errorDoc           `json:"error,omitempty"`
	Diagnosis   []diagnosis.Finding `json:"diagnosis,omitempty"`
	Lines       []flows.CheckLine   `json:"lines,omitempty"`
	Calls       []jsonCall          `json:"calls,omitempty"`
	MFA         *jsonMFA            `json:"mfa,omitempty"`
	Generations []jsonGeneration    `json:"generations,omitempty"`
	Exchanges   []jsonExchange      `json:"exchanges"`
}

type jsonAbout struct {
	Title    string `json:"title"`
	Program  string `json:"program"`
	Version  string `json:"version,omitempty"`
	At       string `json:"at"`
	Headline string `json:"headline"`
	Secrets  string `json:"secrets"`
}

// ordered is an object whose members keep their order.
type ordered []item

func (o ordered) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, x := range o {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(x.Name)
		if err != nil {
			return nil, err
		}
		value := []byte(x.Value)
		if !x.number {
			if value, err = json.Marshal(x.Value); err != nil {
				return nil, err
			}
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

type jsonToken struct {
	Kind     token.Kind    `json:"kind"`
	Header   rawjson.Value `json:"header,omitzero"`
	Claims   rawjson.Value `json:"claims,omitzero"`
	Left     []string      `json:"claims_not_shown,omitempty"`
	Verified *bool         `json:"verified,omitempty"`
}

func jsonTokenOf(t *tokenDoc) *jsonToken {
	if t == nil {
		return nil
	}
	out := &jsonToken{Kind: t.Kind, Header: t.Header, Claims: t.Claims, Left: t.Left}
	if t.Verified != "" {
		v := t.Verified == "true"
		out.Verified = &v
	}
	return out
}

type jsonMFA struct {
	Factors []flows.Factor `json:"factors"`
}

type jsonGeneration struct {
	N            int      `json:"n"`
	Grant        string   `json:"grant"`
	At           string   `json:"at"`
	RefreshToken string   `json:"refresh_token"`
	ScopeAdded   []string `json:"scope_added,omitempty"`
	ScopeRemoved []string `json:"scope_removed,omitempty"`
}

type jsonCall struct {
	Method     string              `json:"method"`
	URL        string              `json:"url"`
	Status     int                 `json:"status,omitempty"`
	Headers    map[string]string   `json:"headers,omitempty"`
	Body       string              `json:"body,omitempty"`
	BodyBytes  int64               `json:"body_bytes"`
	DurationMS int64               `json:"duration_ms"`
	Diagnosis  []diagnosis.Finding `json:"diagnosis,omitempty"`
}

type jsonExchange struct {
	Masked
	Purpose   string     `json:"purpose,omitempty"`
	StartedAt string     `json:"started_at,omitempty"`
	Proto     string     `json:"protocol,omitempty"`
	Fault     string     `json:"fault,omitempty"`
	TimingsMS *jsonTimes `json:"timings_ms,omitempty"`
	TLS       *jsonTLS   `json:"tls,omitempty"`
}

type jsonTimes struct {
	Resolve   float64 `json:"resolve,omitempty"`
	Connect   float64 `json:"connect,omitempty"`
	TLS       float64 `json:"tls,omitempty"`
	FirstByte float64 `json:"first_byte,omitempty"`
	Total     float64 `json:"total"`
	Reused    bool    `json:"reused,omitempty"`
}

type jsonTLS struct {
	Version  string `json:"version"`
	Cipher   string `json:"cipher,omitempty"`
	Subject  string `json:"subject,omitempty"`
	Issuer   string `json:"issuer,omitempty"`
	NotAfter string `json:"not_after,omitempty"`
}

func millis(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) / 1e6 }

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func writeJSON(w io.Writer, d *doc) error {
	out := jsonReport{
		Report:  jsonAbout{Title: d.Title, Program: "authwalk", Version: d.Version, At: stamp(d.Now), Headline: d.Headline, Secrets: promise(d)},
		Profile: d.Profile, Flow: d.Flow, Issuer: d.Issuer, OK: d.OK,
		Setup: d.Setup, Asked: d.Asked, Tokens: d.Tokens, Oddities: d.Odd, Access: jsonTokenOf(d.Access), ID: jsonTokenOf(d.ID),
		Checks: d.Checks, Scopes: d.Ledger, Error: d.Err, Diagnosis: d.Findings, Lines: d.Lines,
	}
	if len(d.Factors) > 0 {
		out.MFA = &jsonMFA{d.Factors}
	}
	for _, g := range d.Chain {
		out.Generations = append(out.Generations, jsonGeneration{g.N, g.Grant, stamp(g.At), g.RefreshToken, g.ScopeAdded, g.ScopeRemoved})
	}
	for _, c := range d.Calls {
		j := jsonCall{Method: c.Exchange.Method, URL: c.Exchange.URL, Status: c.Exchange.Status, BodyBytes: c.Bytes, DurationMS: c.Exchange.DurationMS, Diagnosis: c.Findings}
		if r := c.Exchange.Response; r != nil {
			j.Headers, j.Body = r.Headers, r.Body
		}
		out.Calls = append(out.Calls, j)
	}
	out.Exchanges = make([]jsonExchange, 0, len(d.Wire))
	for _, x := range d.Wire {
		j := jsonExchange{Masked: x, Purpose: x.Purpose, StartedAt: stamp(x.Start), Proto: x.Proto, Fault: x.Fault}
		if t := x.Timings; t.Total > 0 {
			j.TimingsMS = &jsonTimes{millis(t.Resolve), millis(t.Connect), millis(t.TLS), millis(t.FirstByte), millis(t.Total), t.Reused}
		}
		if t := x.TLS; t != nil {
			j.TLS = &jsonTLS{t.Version, t.Cipher, t.Subject, t.Issuer, stamp(t.NotAfter)}
		}
		out.Exchanges = append(out.Exchanges, j)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}
