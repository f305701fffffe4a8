package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/token"
)

// markdown writes GitHub's Markdown. Nothing from outside can be markup in it:
// values stand in code spans and fences, sentences are escaped.
type markdown struct {
	w *bufio.Writer
	d *doc
}

func writeMarkdown(w io.Writer, d *doc) error {
	m := markdown{bufio.NewWriter(w), d}
	m.all()
	return m.w.Flush()
}

func (m markdown) printf(format string, a ...any) { _, _ = fmt.Fprintf(m.w, format, a...) }

func (m markdown) head(level int, title string) {
	m.printf("\n%s %s\n\n", strings.Repeat("#", level), mdText(title))
}

// marks of states: words stand beside them.
var marks = map[string]string{"pass": "✓", "warn": "!", "fail": "✗", "skip": "–", "unknown": "?", "not-reached": "–", "good": "✓", "bad": "✗", "none": "–"}

func (m markdown) all() {
	d := m.d
	m.printf("# %s\n\n", mdText(d.Title))
	m.printf("**%s %s**\n\n", marks[d.State], mdText(d.Headline))
	m.printf("Written by %s on %s.", mdText("authwalk"+versionOf(d.Version)), mdText(d.clock(d.Now)))
	m.printf(" %s\n", promise(d))
	if d.Err != nil {
		m.head(2, "The refusal")
		m.items([]item{{Name: "class", Value: d.Err.Class, Code: true}, {Name: "status", Value: number(d.Err.Status), Code: true}, {Name: "error", Value: d.Err.Code, Code: true}, {Name: "error_description", Value: d.Err.Description, Code: true}})
		if d.Err.Code == "" {
			m.printf("\n%s\n", mdText(d.Err.Message))
		}
	}
	if len(d.Findings) > 0 {
		m.head(2, "Diagnosis")
		m.findings(d.Findings, 3)
	}
	if len(d.Factors) > 0 {
		m.head(2, "Factors for MFA")
		for _, f := range d.Factors {
			m.printf("- %s %s\n", mdText(f.Title()), mdCode(f.ID))
		}
	}
	if len(d.Setup) > 0 {
		m.head(2, "Profile")
		m.items(d.Setup)
	}
	if len(d.Asked) > 0 {
		m.head(2, "What was asked")
		m.items(d.Asked)
	}
	if len(d.Tokens) > 0 {
		m.head(2, "What came")
		m.items(d.Tokens)
		for _, o := range d.Odd {
			m.printf("- %s\n", mdText(o))
		}
		m.token(d.Access)
		m.token(d.ID)
	}
	m.checks()
	m.ledger()
	m.lines()
	m.chain()
	m.calls()
	m.wire()
}

func versionOf(v string) string {
	if v == "" {
		return ""
	}
	return " " + v
}

// promise says what was done to secrets.
func promise(d *doc) string {
	s := "Secrets are masked; the letters after a mask are equal where the secrets are equal, and mean nothing outside this report's process."
	if d.WithClaims {
		s += " Masked tokens keep their header and claims, never their signature."
	}
	if d.Presentation {
		s += " Names and addresses are hidden."
	} else {
		s += " It holds personal data (user name, e-mail address): a report made with presentation masking has none."
	}
	return s
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (m markdown) items(items []item) {
	m.printf("| | |\n|---|---|\n")
	for _, i := range items {
		if i.Value == "" {
			continue
		}
		name, v := mdText(i.Name), mdText(i.Value)
		if i.Code {
			name, v = mdCodeCell(i.Name), mdCodeCell(i.Value)
		}
		m.printf("| %s | %s |\n", name, v)
	}
}

func (m markdown) findings(fs []diagnosis.Finding, level int) {
	for _, f := range fs {
		m.head(level, f.Title)
		m.printf("`%s` · %s\n\n%s\n", f.ID, f.Certainty, mdText(f.Why))
		if len(f.Advice()) > 0 {
			m.printf("\n**What to change**\n\n")
			for _, x := range f.Advice() {
				m.printf("- %s\n", mdText(x))
			}
		}
		if len(f.Where) > 0 {
			m.printf("\n**Where**\n\n")
			for _, x := range f.Where {
				m.printf("- %s\n", mdText(x))
			}
		}
		for _, k := range f.Commands {
			m.printf("\n%s:\n\n%s\n", mdText(k.Kind), mdFence(k.Text, ""))
		}
		if f.LogEvent != "" {
			m.printf("\nTenant log: %s\n", mdCode(f.LogEvent))
		}
		if f.Link != "" {
			m.printf("\nDocumentation: <%s>\n", strings.NewReplacer("<", "%3C", ">", "%3E", " ", "%20", "\n", "").Replace(f.Link))
		}
	}
}

func (m markdown) token(t *tokenDoc) {
	if t == nil {
		return
	}
	m.head(3, tokenTitle(t))
	for _, n := range t.Notes {
		m.printf("- %s\n", mdText(n))
	}
	if !t.Header.IsZero() {
		m.printf("\nHeader: %s\n\n", mdCode(t.Header.JSON()))
	}
	if len(t.Rows) > 0 {
		m.printf("| claim | value | meaning |\n|---|---|---|\n")
		for _, r := range t.Rows {
			m.printf("| %s | %s | %s |\n", mdCodeCell(r.Name), mdCodeCell(r.Value), mdText(r.Meaning))
		}
	}
	if len(t.Left) > 0 {
		m.printf("\nClaims that are left out (a report with claims has them): %s\n", mdText(strings.Join(t.Left, ", ")))
	}
}

func tokenTitle(t *tokenDoc) string {
	name := "Access token"
	if t.Use == token.ID {
		name = "ID token"
	}
	name += ": " + map[token.Kind]string{token.JWS: "JWS", token.JWE: "JWE", token.Opaque: "opaque"}[t.Kind]
	switch t.Verified {
	case "true":
		name += ", signature verified"
	case "false":
		name += ", signature NOT verified"
	}
	return name
}

func (m markdown) checks() {
	if len(m.d.Checks) == 0 {
		return
	}
	m.head(2, "Checks")
	m.printf("| | token | check | wanted | got | why | rule |\n|---|---|---|---|---|---|---|\n")
	var skipped []string
	for _, k := range m.d.Checks {
		if k.State == token.Skip && k.Name != "signature" {
			skipped = append(skipped, string(k.Token)+" "+k.Name)
			continue
		}
		m.printf("| %s %s | %s | %s | %s | %s | %s | %s |\n", marks[string(k.State)], k.State, k.Token, mdText(k.Name), mdCodeCell(k.Want), mdCodeCell(k.Got), mdText(k.Why), mdText(k.Spec))
	}
	if len(skipped) > 0 {
		m.printf("\nSkipped, since they do not apply or could not be made: %s.\n", mdText(strings.Join(skipped, ", ")))
	}
}

// known3 writes what is true, false or not known.
func known3(b *bool) string {
	switch {
	case b == nil:
		return "?"
	case *b:
		return "yes"
	}
	return "no"
}

func (m markdown) ledger() {
	if len(m.d.Ledger) == 0 {
		return
	}
	m.head(2, "Scopes")
	if m.d.Summary != "" {
		m.printf("%s\n\n", mdText(m.d.Summary))
	}
	m.printf("| scope | asked | granted | in the token | verdict | why |\n|---|---|---|---|---|---|\n")
	for _, r := range m.d.Ledger {
		m.printf("| %s | %s | %s | %s | %s (%s) | %s |\n", mdCodeCell(r.Scope), known3(r.Requested), known3(r.Granted), known3(r.InToken), r.Verdict, r.Certainty, mdText(r.Why))
	}
}

func (m markdown) lines() {
	if len(m.d.Lines) == 0 {
		return
	}
	m.head(2, "Set-up check")
	m.printf("| | line | seen | to change |\n|---|---|---|---|\n")
	for _, l := range m.d.Lines {
		m.printf("| %s %s | %s | %s | %s |\n", marks[string(l.State)], l.State, mdText(l.Title), mdText(l.Saw), mdText(strings.Join(l.Fix, " ")))
	}
}

func (m markdown) chain() {
	if len(m.d.Chain) == 0 {
		return
	}
	m.head(2, "Generations")
	for _, g := range m.d.Chain {
		m.printf("- **generation %d**: %s, %s", g.N, mdCode(g.Grant), mdText(m.d.clock(g.At)))
		for _, x := range chainFacts(g) {
			m.printf("; %s", mdText(x))
		}
		m.printf("\n")
		for _, t := range g.Tags {
			m.printf("  - %s %s\n", mdText(t.Name), mdCode(t.Value))
		}
	}
}

// chainFacts are the sentences about a generation.
func chainFacts(g generationDoc) []string {
	var out []string
	if g.Expires != "" {
		out = append(out, "access token good for "+g.Expires)
	}
	out = append(out, map[string]string{flows.RefreshNew: "a new refresh token", flows.RefreshSame: "the same refresh token goes on", flows.RefreshNone: "no refresh token"}[g.RefreshToken])
	if len(g.ScopeAdded) > 0 {
		out = append(out, "scopes added: "+strings.Join(g.ScopeAdded, " "))
	}
	if len(g.ScopeRemoved) > 0 {
		out = append(out, "scopes gone: "+strings.Join(g.ScopeRemoved, " "))
	}
	return out
}

func (m markdown) calls() {
	if len(m.d.Calls) == 0 {
		return
	}
	m.head(2, "API calls")
	for _, c := range m.d.Calls {
		m.head(3, wireTitle(c.Exchange))
		if c.Exchange.Fault != "" {
			m.printf("No whole answer: %s\n", mdText(c.Exchange.Fault))
		}
		if c.Pretty != "" {
			m.printf("%s\n", mdFence(c.Pretty, ""))
		}
		m.findings(c.Findings, 4)
	}
}

// wireTitle names an exchange in a line.
func wireTitle(x Masked) string {
	status := "no answer"
	if x.Status != 0 {
		status = fmt.Sprint(x.Status)
	}
	t := x.Method + " " + x.URL + " → " + status + " in " + ms(x.Duration)
	if x.ByItself {
		t += " (by itself)"
	}
	return t
}

func (m markdown) wire() {
	if len(m.d.Wire) == 0 {
		return
	}
	m.head(2, "Exchanges")
	for i, x := range m.d.Wire {
		m.head(3, fmt.Sprintf("%d. %s", i+1, wireTitle(x)))
		line := []string{mdText(m.d.clock(x.Start))}
		for _, s := range stages(x) {
			line = append(line, s.name+" "+ms(s.took))
		}
		if x.Timings.Reused {
			line = append(line, "connection used again")
		}
		m.printf("%s\n", strings.Join(line, " · "))
		if t := m.d.tlsLine(x.TLS); t != "" {
			m.printf("\n%s\n", mdText(t))
		}
		if x.Fault != "" {
			m.printf("\nNo whole answer: %s\n", mdText(x.Fault))
		}
		m.printf("\n%s\n", mdFence(message(requestLine(x), x.Request, x.Form), "http"))
		if x.Response != nil {
			m.printf("\n%s\n", mdFence(message(strings.TrimSpace(x.Proto+" "+fmt.Sprint(x.Status)), *x.Response, nil), "http"))
		}
	}
}

func requestLine(x Masked) string { return x.Method + " " + x.URL }

// message writes a request or a reply as it reads on the wire; a form with one
// field a line.
func message(first string, msg MaskedMessage, form []Field) string {
	var b strings.Builder
	b.WriteString(first + "\n")
	for n, v := range msg.Lines {
		b.WriteString(n + ": " + v + "\n")
	}
	switch {
	case len(form) > 0:
		b.WriteByte('\n')
		for _, f := range form {
			b.WriteString(f.Name + "=" + f.Value + "\n")
		}
	case msg.Body != "":
		b.WriteString("\n" + msg.Body)
	}
	return b.String()
}

// mdText escapes a sentence: no character of it is markup.
func mdText(s string) string {
	s = strings.Join(strings.Fields(visible(s)), " ")
	var b strings.Builder
	for i, c := range s {
		switch {
		case c == '_' && i > 0 && i+1 < len(s) && wordByte(s[i-1]) && wordByte(s[i+1]):
			b.WriteByte('_') // inside a word it is none
		case strings.ContainsRune("\\`*_[]<>|~#", c):
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '&':
			b.WriteString("&amp;")
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// mdCode writes a code span that s cannot leave.
func mdCode(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(visible(s), "\n", " "), "\t", " ")
	if strings.TrimSpace(s) == "" {
		return ""
	}
	ticks := fence(s, 1)
	if len(ticks) > 1 || strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		return ticks + " " + s + " " + ticks
	}
	return ticks + s + ticks
}

// mdCodeCell is mdCode inside a table, where a bar ends the cell even in code.
func mdCodeCell(s string) string { return strings.ReplaceAll(mdCode(s), "|", `\|`) }

// mdFence writes a block of code that s cannot leave.
func mdFence(s, kind string) string {
	s = strings.TrimRight(visible(s), "\n")
	f := fence(s, 3)
	return f + kind + "\n" + s + "\n" + f
}

// fence is a run of backticks longer than any in s.
func fence(s string, least int) string {
	longest, run := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return strings.Repeat("`", max(least, longest+1))
}
