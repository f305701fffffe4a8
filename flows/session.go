package flows

import (
	"context"
	"errors"
	"strings"
	"time"

	"authwalk/flows/diagnosis"
	"authwalk/flows/rawjson"
	"authwalk/flows/token"
)

// What became of the refresh token in a generation.
const (
	RefreshNone = "none" // none came, and none is held
	RefreshNew  = "new"
	RefreshSame = "same" // none came: the one that was sent goes on being good (RFC 6749 section 6)
)

// Session is what one profile and user have gathered: the set-up, everything
// that went over the wire, the generations of tokens, and what was found.
// Screens and reports draw from it alone. It does no I/O and is not safe for
// concurrent use.
type Session struct {
	Config    Config
	Endpoints Endpoints
	Exchanges []Exchange
	// Asked is the last token request.
	Asked *Asked
	// Err is the last refusal, nil after a success; Class and Findings are its.
	Err      error
	Class    diagnosis.Class
	Findings []diagnosis.Finding
	// Generations is the chain of tokens; 0 is the first grant.
	Generations []*Generation
	Factors     []Factor
	Keep        []Note // shown once and to be kept: recovery codes
	Userinfo    *rawjson.Value
	// Revoked tells that the refresh token was revoked on purpose.
	Revoked bool
}

// NewSession begins with a set-up and nothing else.
func NewSession(cfg Config) *Session { return &Session{Config: cfg.Clone()} }

// Generation is one token reply and what is known of it.
type Generation struct {
	N      int
	Grant  string
	At     Moment
	Tokens *Tokens
	Asked  Asked
	// Access and ID are the decoded tokens; ID is nil when none came.
	Access, ID *token.Token
	Checks     []token.Check
	Ledger     token.Ledger
	Findings   []diagnosis.Finding
	Class      diagnosis.Class
	// Examined tells that the keys were asked for and the checks are final.
	Examined bool
	// RefreshToken is new, same or none; Refresh is the one to use now.
	RefreshToken string
	Refresh      Secret
	// ScopeAdded and ScopeRemoved are against the generation before.
	ScopeAdded, ScopeRemoved []string

	exchange Exchange
}

// Exchange is the one that brought the tokens; without a status when they came
// otherwise.
func (g *Generation) Exchange() Exchange { return g.exchange }

// Current is the newest generation, nil before the first.
func (s *Session) Current() *Generation {
	if len(s.Generations) == 0 {
		return nil
	}
	return s.Generations[len(s.Generations)-1]
}

// Take enters what a step came to: its exchanges, its tokens as a generation,
// its refusal with findings.
func (s *Session) Take(c *Client, out Outcome) {
	if e, ok := c.KnownEndpoints(); ok {
		s.Endpoints = e
	}
	s.Exchanges = append(s.Exchanges, out.Exchanges...)
	if out.Asked != nil {
		s.Asked = out.Asked
	}
	if out.Factors != nil {
		s.Factors = out.Factors
	}
	s.Keep = append(s.Keep, out.Keep...)
	if out.Err == nil && out.Tokens == nil && out.Next != nil {
		return // under way: a challenge was sent, a push is not answered yet
	}
	s.Err, s.Class, s.Findings = out.Err, diagnosis.ClassNone, nil
	if out.Tokens != nil {
		s.addGeneration(out)
		return
	}
	if out.Err != nil {
		if ev, ok := s.refusal(out); ok {
			s.Findings, s.Class = diagnosis.Diagnose(ev), diagnosis.Classify(ev)
		}
	}
}

func (s *Session) addGeneration(out Outcome) {
	t := out.Tokens
	g := &Generation{N: len(s.Generations), At: t.Received, Tokens: t, Refresh: t.RefreshToken, RefreshToken: RefreshNone}
	if out.Asked != nil {
		g.Asked, g.Grant = *out.Asked, out.Asked.Grant
	}
	for i := len(out.Exchanges) - 1; i >= 0; i-- {
		if out.Exchanges[i].Purpose == PurposeToken {
			g.exchange = out.Exchanges[i]
			break
		}
	}
	if t.RefreshToken != "" {
		g.RefreshToken = RefreshNew
	}
	prev := s.Current()
	if !g.Asked.Refresh {
		s.Userinfo = nil // it was asked with another login's token
	}
	if g.Asked.Refresh && prev != nil {
		if t.RefreshToken == "" && prev.Refresh != "" {
			g.Refresh, g.RefreshToken = prev.Refresh, RefreshSame
		} else if t.RefreshToken == prev.Refresh && t.RefreshToken != "" {
			g.RefreshToken = RefreshSame
		}
		g.Asked.Audience, g.Asked.Realm = prev.Asked.Audience, prev.Asked.Realm
	} else if g.Asked.Refresh && t.RefreshToken == "" {
		g.Refresh, g.RefreshToken = s.Config.RefreshToken, RefreshSame
	}
	if a, err := token.Decode(t.AccessToken.Reveal()); err == nil || a.Raw != "" {
		g.Access = &a
	}
	if t.IDToken != "" {
		i, _ := token.Decode(t.IDToken.Reveal())
		g.ID = &i
	}
	if prev != nil {
		g.ScopeAdded, g.ScopeRemoved = token.ScopeChange(scopesOf(prev), scopesOf(g))
	}
	s.Generations = append(s.Generations, g)
	s.Revoked = false
	s.judge(g, Examination{})
}

// origin is the generation that a chain of refreshes began with: a later login
// begins another, maybe another user's.
func (s *Session) origin(g *Generation) *Generation {
	from := g
	for n := min(g.N, len(s.Generations)-1); n >= 0; n-- {
		if from = s.Generations[n]; !from.Asked.Refresh {
			break
		}
	}
	return from
}

func scopesOf(g *Generation) []string {
	if g.Tokens.HasScope {
		return strings.Fields(g.Tokens.Scope)
	}
	if g.Access != nil {
		if sc, ok := g.Access.Scopes(); ok {
			return sc
		}
	}
	return strings.Fields(g.Asked.Scope)
}

// Examination is what it takes to check a generation's signatures: keys, and
// how they were got.
type Examination struct {
	Exchanges []Exchange
	Keys      *token.KeySet
	Err       error // why there are no keys
}

// Examine fetches the issuer's keys for the tokens of a generation, unless no
// token needs any. It touches no session: what it found is entered by Examined.
func (c *Client) Examine(ctx context.Context, access, id *token.Token) Examination {
	var x Examination
	for _, t := range []*token.Token{access, id} {
		if t == nil || t.Kind != token.JWS || strings.HasPrefix(t.Alg(), "HS") || t.Alg() == "none" || t.Alg() == "" {
			continue
		}
		keys, exs, err := c.Keys(ctx, t.KeyID())
		x.Exchanges = append(x.Exchanges, exs...)
		if keys != nil {
			x.Keys = keys
		}
		if err != nil {
			x.Err = err
			break
		}
	}
	return x
}

// Examined enters what Examine found, and makes the checks final.
func (s *Session) Examined(g *Generation, x Examination) {
	s.Exchanges = append(s.Exchanges, x.Exchanges...)
	g.Examined = true
	s.judge(g, x)
}

// judge makes the checks, the ledger and the findings of a generation.
func (s *Session) judge(g *Generation, x Examination) {
	e := token.Expect{Issuer: s.issuer(), ClientID: g.Asked.ClientID, Audience: g.Asked.Audience, Now: g.At.Wall, Leeway: s.Config.Leeway,
		ClientSecret: s.Config.ClientSecret.Reveal(), APISecret: s.Config.APISecret.Reveal()}
	if g.Tokens.HasServerOffset {
		e.ClockOffset, e.OffsetKnown = g.Tokens.ServerOffset, true
	}
	if x.Keys != nil {
		e.Keys = x.Keys
	} else if x.Err != nil {
		e.NoKeys = x.Err.Error()
	}
	g.Checks = nil
	if g.Access != nil {
		a := e
		a.Use = token.Access
		if g.Tokens.HasExpiresIn {
			a.ExpiresIn, a.HasExpiresIn = g.Tokens.ExpiresIn, true
		}
		g.Checks = append(g.Checks, token.Validate(*g.Access, a)...)
	}
	if g.ID != nil {
		i := e
		i.Use, i.AccessToken = token.ID, g.Tokens.AccessToken.Reveal()
		if o := s.origin(g); o != g && o.ID != nil {
			i.Subject = o.ID.Claims.GetStr("sub")
		}
		g.Checks = append(g.Checks, token.Validate(*g.ID, i)...)
	}
	g.Ledger = token.NewLedger(s.ledgerInput(g))
	ev := s.success(g)
	g.Findings, g.Class = diagnosis.Diagnose(ev), diagnosis.Classify(ev)
}

func (s *Session) issuer() string {
	if s.Endpoints.Issuer != "" {
		return s.Endpoints.Issuer
	}
	return s.Config.ExpectedIssuer()
}

func (s *Session) ledgerInput(g *Generation) token.LedgerInput {
	in := token.LedgerInput{Asked: g.Asked.Scope, AskedSent: g.Asked.ScopeSent, Granted: g.Tokens.Scope, GrantedPresent: g.Tokens.HasScope,
		Audience: g.Asked.Audience, RefreshToken: g.Refresh != "", Refresh: g.Asked.Refresh, Auth0: s.auth0() == diagnosis.Yes, Access: g.Access, ID: g.ID}
	if g.N > 0 && g.Asked.Refresh {
		in.Before = scopesOf(s.Generations[g.N-1])
		for _, r := range s.origin(g).Ledger.Rows {
			if *r.Requested && r.Granted != nil && !*r.Granted {
				in.Withheld = append(in.Withheld, r)
			}
		}
	}
	if s.Userinfo != nil {
		in.UserInfo = *s.Userinfo
	}
	return in
}

// TakeAnswer enters the answer of /userinfo, a revocation or an API call and
// says what it means. idToken tells that the ID token was sent as the bearer.
func (s *Session) TakeAnswer(out Outcome, idToken bool, now time.Time) (diagnosis.Class, []diagnosis.Finding) {
	s.Exchanges = append(s.Exchanges, out.Exchanges...)
	if out.Answer == nil {
		var fault *Error
		if errors.As(out.Err, &fault) {
			if ev, ok := s.refusal(out); ok {
				return diagnosis.Classify(ev), diagnosis.Diagnose(ev)
			}
		}
		return diagnosis.ClassNone, nil
	}
	ex := out.Answer.Exchange
	if out.Answer.Purpose == PurposeUserinfo && ex.Status == 200 {
		if v, _, err := rawjson.Parse(ex.Body); err == nil && v.IsObject() {
			s.Userinfo = &v
			if g := s.Current(); g != nil {
				g.Ledger = token.NewLedger(s.ledgerInput(g))
			}
		}
	}
	ev := s.answered(ex, s.Current(), idToken, now)
	return diagnosis.Classify(ev), diagnosis.Diagnose(ev)
}
