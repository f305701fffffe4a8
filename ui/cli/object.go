package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/report"
	"authwalk/flows/token"
	"authwalk/ui"
)

// object is the JSON of token, refresh, call and decode. Its members and their
// order are what scripts rely on; what is absent is left out, never null.
type object struct {
	Profile string `json:"profile,omitempty"`
	Flow    string `json:"flow,omitempty"`
	Issuer  string `json:"issuer,omitempty"`
	OK      bool   `json:"ok"`
	Exit    int    `json:"exit"`

	Tokens      *objectTokens       `json:"tokens,omitempty"`
	Access      *token.Shown        `json:"access,omitempty"`
	ID          *token.Shown        `json:"id,omitempty"`
	Checks      []token.Check       `json:"checks,omitempty"`
	Scopes      []token.ScopeRow    `json:"scopes,omitempty"`
	Error       *objectError        `json:"error,omitempty"`
	Diagnosis   []diagnosis.Finding `json:"diagnosis,omitempty"`
	Exchanges   []report.Masked     `json:"exchanges,omitempty"`
	Call        *objectCall         `json:"call,omitempty"`
	MFA         *objectMFA          `json:"mfa,omitempty"`
	Generations []objectGeneration  `json:"generations,omitempty"`
}

// objectTokens is a token reply; its secrets are masked unless they are to be
// revealed.
type objectTokens struct {
	AccessToken  string `json:"access_token,omitempty"`
	TokenType    string `json:"token_type,omitempty"`
	ExpiresIn    *int64 `json:"expires_in,omitempty"`
	Scope        string `json:"scope,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
}

type objectError struct {
	Class       diagnosis.Class `json:"class,omitempty"`
	Status      int             `json:"status,omitempty"`
	Code        string          `json:"error,omitempty"`
	Description string          `json:"error_description,omitempty"`
	theirs      bool            // Description is a server's, not ours
}

type objectCall struct {
	Method     string            `json:"method"`
	URL        string            `json:"url"`
	Status     int               `json:"status,omitempty"`
	Headers    map[string]string `json:"headers,omitempty"`
	Body       *string           `json:"body,omitempty"`
	BodyBytes  int64             `json:"body_bytes"`
	DurationMS int64             `json:"duration_ms"`
}

type objectMFA struct {
	Factors []flows.Factor `json:"factors"`
}

type objectGeneration struct {
	N            int       `json:"n"`
	Grant        string    `json:"grant"`
	At           time.Time `json:"at"`
	RefreshToken string    `json:"refresh_token"`
	ScopeAdded   []string  `json:"scope_added,omitempty"`
	ScopeRemoved []string  `json:"scope_removed,omitempty"`
}

// object makes the JSON of a result.
func (r *result) object(reveal bool) object {
	red := r.redactor()
	o := object{
		Profile: r.cfg.Name, Flow: r.cfg.Flow, Issuer: r.issuer(), Exit: r.exit(), Error: r.failure(),
		Diagnosis: red.Findings(r.findings()), Exchanges: red.Exchanges(r.session.Exchanges),
	}
	if o.Error != nil {
		o.Error.Code = red.Text(o.Error.Code)
		if o.Error.theirs {
			o.Error.Description = red.Text(o.Error.Description)
		} else {
			o.Error.Description = red.Prose(o.Error.Description)
		}
	}
	if r.decoded {
		o.Flow = ""
	} else if o.Flow == "" {
		if f, ok := flows.FlowByID(""); ok {
			o.Flow = f.ID
		}
	}
	o.OK = o.Exit == diagnosis.ExitGood
	if g := r.gen; g != nil {
		if !r.given {
			o.Checks, o.Scopes = red.Checks(g.Checks), red.Scopes(g.Ledger.Rows)
		}
		if !r.given && !r.decoded {
			o.Tokens = tokensOf(g.Tokens, reveal)
		}
		if g.Access != nil {
			o.Access = shown(red, *g.Access, token.Access, g.Checks)
		}
		if g.ID != nil {
			o.ID = shown(red, *g.ID, token.ID, g.Checks)
		}
	}
	if c := r.shownCall(); c != nil {
		o.Call = maskedCall(red, *c)
	}
	if r.mfaNeeded {
		o.MFA = &objectMFA{Factors: r.session.Factors}
		if o.MFA.Factors == nil {
			o.MFA.Factors = []flows.Factor{}
		}
	}
	if r.chain {
		for _, g := range r.session.Generations {
			o.Generations = append(o.Generations, objectGeneration{N: g.N, Grant: g.Grant, At: g.At.Wall.UTC().Truncate(time.Millisecond),
				RefreshToken: g.RefreshToken, ScopeAdded: g.ScopeAdded, ScopeRemoved: g.ScopeRemoved})
		}
	}
	return o
}

func shown(red *report.Redactor, t token.Token, use token.Use, checks []token.Check) *token.Shown {
	s := token.Show(t, use, checks)
	s.Header, s.Claims = maskedValue(red, s.Header), maskedValue(red, s.Claims)
	return &s
}

func tokensOf(t *flows.Tokens, reveal bool) *objectTokens {
	text := func(s flows.Secret) string {
		if reveal {
			return s.Reveal()
		}
		return s.String()
	}
	o := &objectTokens{AccessToken: text(t.AccessToken), TokenType: t.TokenType, Scope: t.Scope, RefreshToken: text(t.RefreshToken), IDToken: text(t.IDToken)}
	if t.HasExpiresIn {
		n := t.ExpiresIn
		o.ExpiresIn = &n
	}
	return o
}

// printJSON writes a value as JSON: indented on a terminal, one line elsewhere.
// What a terminal would act on is escaped; it can only stand inside of strings.
func printJSON(w io.Writer, v any, terminal bool) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if terminal {
		enc.SetIndent("", "  ")
	}
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("the JSON cannot be made: %w", err)
	}
	_, err := io.WriteString(w, escapeHidden(b.String()))
	return err
}

// escapeHidden writes invisible characters of a JSON text as \u escapes.
func escapeHidden(s string) string {
	var b bytes.Buffer
	last := 0
	for i, r := range s {
		if r >= 0x7f && ui.Hidden(r) {
			b.WriteString(s[last:i])
			if r > 0xffff {
				h := (r - 0x10000) >> 10
				l := (r - 0x10000) & 0x3ff
				fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+h, 0xdc00+l)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
			last = i + len(string(r))
		}
	}
	if last == 0 {
		return s
	}
	b.WriteString(s[last:])
	return b.String()
}
