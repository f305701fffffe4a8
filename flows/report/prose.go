package report

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/token"
)

// A sentence of ours says "a wrong secret". Where the password is wrong, masking
// that word hides nothing and gives the password away: the reader knows which
// word stood there. So in our own sentences words stay, and are hidden only in
// what the sentence quotes.

// Prose masks what is secret in a sentence of ours: in what stands in double
// quotes, and wherever one of outside stands, everything that Text masks; in the
// rest all but secrets that look like a plain word, for there they are none.
func (r *Redactor) Prose(s string, outside ...string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.prose(s, foreign(s, outside))
}

// Words masks what is secret in a text that is ours whole, as a command or a
// screen whose outside parts went through Text: all but secrets that look like a
// plain word.
func (r *Redactor) Words(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.prose(s, nil)
}

// Findings are a diagnosis without secrets.
func (r *Redactor) Findings(in []diagnosis.Finding) []diagnosis.Finding {
	var out []diagnosis.Finding
	for _, f := range in {
		prose := func(list []string) []string {
			var out []string
			for _, s := range list {
				out = append(out, r.Prose(s, f.Outside...))
			}
			return out
		}
		advice := prose(f.Advice())
		for _, s := range f.Fix[len(f.Advice()):] {
			advice = append(advice, r.Words(s))
		}
		f.Title, f.Why, f.Where = r.Prose(f.Title, f.Outside...), r.Prose(f.Why, f.Outside...), prose(f.Where)
		f.Fix, f.LogEvent, f.Link = advice, r.Words(f.LogEvent), r.Words(f.Link)
		f.Tries = slices.Clone(f.Tries)
		for i := range f.Tries {
			f.Tries[i].Title = r.Prose(f.Tries[i].Title, f.Outside...)
		}
		f.Commands = slices.Clone(f.Commands)
		for i := range f.Commands {
			f.Commands[i].Text = r.Words(f.Commands[i].Text)
		}
		f.Outside = nil // what is masked is not looked for again
		out = append(out, f)
	}
	return out
}

// Error is what an error says, without secrets.
func (r *Redactor) Error(err error) string {
	if err == nil {
		return ""
	}
	return r.Prose(err.Error(), saidBy(err)...)
}

// saidBy lists what in an error's words a server wrote.
func saidBy(err error) []string {
	var fe *flows.Error
	if !errors.As(err, &fe) || fe.Code == "" {
		return nil
	}
	return []string{fe.Msg, fe.Code, fe.Description}
}

// Checks are the checks of tokens without secrets.
func (r *Redactor) Checks(in []token.Check) []token.Check {
	var out []token.Check
	for _, k := range in {
		k.Want, k.Got, k.Why = r.Text(k.Want), r.Text(k.Got), r.Prose(k.Why, k.Want, k.Got)
		out = append(out, k)
	}
	return out
}

// Scopes are the rows of a ledger without secrets.
func (r *Redactor) Scopes(in []token.ScopeRow) []token.ScopeRow {
	var out []token.ScopeRow
	for _, row := range in {
		row.Scope, row.Why, row.Purpose = r.Text(row.Scope), r.Prose(row.Why, row.Scope), r.Prose(row.Purpose, row.Scope)
		out = append(out, row)
	}
	return out
}

// Outside lists what a session's replies said that sentences of ours repeat:
// errors and their descriptions, the user's factors.
func Outside(s *flows.Session) []string {
	if s == nil {
		return nil
	}
	out := saidBy(s.Err)
	for _, f := range s.Findings {
		out = append(out, f.Outside...)
	}
	for _, ex := range s.Exchanges {
		if ex.Purpose == flows.PurposeAPI {
			continue // findings tell of it
		}
		if said := diagnosis.ReadRefusal(ex.Body); said.Code != "" {
			out = append(out, said.Code, said.Description)
		}
	}
	for _, f := range s.Factors {
		out = append(out, f.ID, f.Type, f.Channel, f.Name)
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return len(s) < shortest })
}

// Lines are a set-up check without secrets. The session tells which words in
// them are a server's.
func (r *Redactor) Lines(in []flows.CheckLine, s *flows.Session) []flows.CheckLine {
	outside := Outside(s)
	var out []flows.CheckLine
	for _, l := range in {
		fix := make([]string, 0, len(l.Fix))
		for _, f := range l.Fix {
			fix = append(fix, r.Prose(f, outside...))
		}
		if l.Title, l.Saw = r.Words(l.Title), r.Prose(l.Saw, outside...); l.Fix != nil {
			l.Fix = fix
		}
		out = append(out, l)
	}
	return out
}

// Places gives where in a text that was laid out, as a screen, something secret
// stands that Words would mask: from and to, in bytes. Names tell nothing there,
// for what follows a name may be cut off, or belong to what is beside it: only
// values that are known and the shapes of tokens, keys and credentials count.
func (r *Redactor) Places(s string) [][2]int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	sc := scanner{r: r, prose: true, unnamed: true}
	spans, ok := sc.spans(s)
	if !ok {
		return [][2]int{{0, len(s)}}
	}
	var out [][2]int
	for _, x := range spans {
		out = append(out, [2]int{x.from, x.to})
	}
	return out
}

// stretch is a part of a text.
type stretch struct{ from, to int }

// foreign finds what in a sentence of ours comes from others: what is quoted,
// quotes inside quotes too, and the texts that are known to.
func foreign(s string, outside []string) []stretch {
	var out []stretch
	for _, o := range outside {
		for at := 0; len(o) >= shortest; {
			n := strings.Index(s[at:], o)
			if n < 0 {
				break
			}
			out = append(out, stretch{at + n, at + n + len(o)})
			at += n + len(o)
		}
	}
	depth, from := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] != '"' || slices.ContainsFunc(out, func(p stretch) bool { return i >= p.from && i < p.to }) {
			continue
		}
		switch opens := opening(s, i); {
		case depth == 0:
			depth, from = 1, i+1
		case opens:
			depth++
		default:
			if depth--; depth == 0 {
				out = append(out, stretch{from, i})
			}
		}
	}
	if depth > 0 { // never closed: all of it
		out = append(out, stretch{from, len(s)})
	}
	return out
}

// opening tells a quote that opens from one that closes by what stands around it.
func opening(s string, i int) bool {
	before := i == 0 || strings.IndexByte(" ([{:=,", s[i-1]) >= 0
	after := i+1 < len(s) && strings.IndexByte(" .,;:)]}", s[i+1]) < 0
	return before && after
}

func (r *Redactor) prose(s string, others []stretch) string {
	if r.opt.Reveal {
		return s
	}
	sc := scanner{r: r, prose: true, budget: workPerByte*len(s) + workAtLeast}
	found := slices.Clone(sc.scan(s, layers))
	for _, p := range others {
		in := scanner{r: r, budget: workPerByte*(p.to-p.from) + workAtLeast}
		for _, x := range in.scan(s[p.from:p.to], layers) {
			x.from, x.to = x.from+p.from, x.to+p.from
			found = append(found, x)
		}
		if in.budget < 0 {
			found = append(found, span{from: p.from, to: p.to, value: s[p.from:p.to], rank: byValue, how: whole})
		}
	}
	spans, ok := sc.settle(s, found)
	if !ok {
		return tooDeep
	}
	return replace(s, spans)
}

// Bounds for what counts as a word: the longest English ones have fewer letters.
const (
	longestWord   = 20
	longestNumber = 5
)

// wordy tells of secrets that our sentences may hold by chance: a word or two, in
// one case or with a capital, or a short number.
func wordy(value string) bool {
	if len(value) <= longestNumber && strings.Trim(value, "0123456789") == "" {
		return true
	}
	if utf8.RuneCountInString(value) > 2*longestWord+1 || strings.Count(value, " ") > 1 {
		return false
	}
	run, upper := 0, 0
	for i, c := range value {
		switch {
		case unicode.IsLetter(c):
			if unicode.IsUpper(c) {
				if run > upper { // a capital after a small letter
					return false
				}
				upper++
			} else if upper > 1 {
				return false
			}
			if run++; run > longestWord {
				return false
			}
		case i > 0 && strings.ContainsRune(" -'_.", c):
			run, upper = 0, 0
		default:
			return false
		}
	}
	return true
}
