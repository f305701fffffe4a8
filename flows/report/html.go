package report

import (
	"bufio"
	_ "embed"
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/token"
)

// style is the page's own: it asks for nothing from anywhere.
//
//go:embed report.css
var style string

// page writes HTML. Every text goes through esc; nothing else
// writes what came from outside. There are no scripts, and the page's policy
// forbids them and every load.
type page struct {
	w *bufio.Writer
	d *doc
}

func writeHTML(w io.Writer, d *doc) error {
	p := page{bufio.NewWriter(w), d}
	p.all()
	return p.w.Flush()
}

func (p page) raw(format string, a ...any) { _, _ = fmt.Fprintf(p.w, format, a...) }

// esc escapes a text and marks the masks in it.
func esc(s string) string {
	s = html.EscapeString(visible(s))
	if !strings.Contains(s, flows.Mask) {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, flows.Mask)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		end := i + len(flows.Mask)
		if rest, ok := strings.CutPrefix(s[end:], "·"); ok && len(rest) >= 4 && strings.Trim(rest[:4], "abcdefghijklmnopqrstuvwxyz0123456789") == "" {
			end += len("·") + 4
		}
		b.WriteString(s[:i] + `<span class="mask">` + s[i:end] + `</span>`)
		s = s[end:]
	}
}

// pill is a state by colour, sign and word.
func pill(state string) string {
	class := map[string]string{"pass": "good", "warn": "warn", "fail": "bad", "good": "good", "bad": "bad", "granted": "good", "added": "warn", "dropped": "bad", "missing": "bad", "needs-permission": "bad"}[state]
	sign := marks[state]
	if sign != "" {
		sign += " "
	}
	return `<span class="pill ` + class + `">` + esc(sign+state) + `</span>`
}

func (p page) section(title string, inner func()) {
	p.raw("<section>\n<h2>%s</h2>\n", esc(title))
	inner()
	p.raw("</section>\n")
}

func (p page) all() {
	d := p.d
	p.raw(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>%s · authwalk</title>
<style>
%s</style>
</head>
<body>
<main>
`, esc(d.Title), style)
	p.raw("<header class=\"%s\">\n<p class=\"brand\">authwalk%s</p>\n<h1>%s</h1>\n", d.State, esc(versionOf(d.Version)), esc(d.Title))
	p.raw("<p class=\"headline\"><span class=\"sign\" aria-hidden=\"true\">%s</span> %s</p>\n", esc(marks[d.State]), esc(d.Headline))
	p.raw("<p class=\"quiet\"><time datetime=\"%s\">%s</time></p>\n</header>\n", d.Now.UTC().Format(time.RFC3339), esc(d.clock(d.Now)))
	if d.Err != nil {
		p.section("The refusal", func() {
			items := []item{{Name: "class", Value: d.Err.Class, Code: true}, {Name: "status", Value: number(d.Err.Status), Code: true}, {Name: "error", Value: d.Err.Code, Code: true}, {Name: "error_description", Value: d.Err.Description, Code: true}}
			if d.Err.Code == "" {
				items = append(items, item{Name: "what happened", Value: d.Err.Message})
			}
			p.items(items)
		})
	}
	if len(d.Findings) > 0 {
		p.section("Diagnosis", func() { p.findings(d.Findings) })
	}
	p.lines()
	if len(d.Setup)+len(d.Asked) > 0 {
		p.raw("<div class=\"two\">\n")
		if len(d.Setup) > 0 {
			p.section("Profile", func() { p.items(d.Setup) })
		}
		if len(d.Asked) > 0 {
			p.section("What was asked", func() { p.items(d.Asked) })
		}
		p.raw("</div>\n")
	}
	if len(d.Factors) > 0 {
		p.section("Factors for MFA", func() {
			p.raw("<ul>\n")
			for _, f := range d.Factors {
				p.raw("<li>%s <code>%s</code></li>\n", esc(f.Title()), esc(f.ID))
			}
			p.raw("</ul>\n")
		})
	}
	if len(d.Tokens) > 0 {
		p.section("What came", func() {
			p.items(d.Tokens)
			for _, o := range d.Odd {
				p.raw("<p class=\"note\">%s</p>\n", esc(o))
			}
			p.token(d.Access)
			p.token(d.ID)
		})
	}
	p.checks()
	p.ledger()
	p.chain()
	p.calls()
	p.wire()
	p.raw("<footer>%s</footer>\n</main>\n</body>\n</html>\n", esc(promise(d)))
}

func (p page) items(items []item) {
	p.raw("<dl>\n")
	for _, i := range items {
		if i.Value == "" {
			continue
		}
		v := esc(i.Value)
		if i.Code {
			v = "<code>" + v + "</code>"
		}
		p.raw("<div><dt>%s</dt><dd>%s</dd></div>\n", esc(i.Name), v)
	}
	p.raw("</dl>\n")
}

func (p page) findings(fs []diagnosis.Finding) {
	for i, f := range fs {
		first := ""
		if i == 0 {
			first = " first"
		}
		p.raw("<article class=\"finding%s\">\n<h3>%s</h3>\n<p class=\"quiet\"><code>%s</code> · %s</p>\n<p>%s</p>\n", first, esc(f.Title), esc(f.ID), esc(string(f.Certainty)), esc(f.Why))
		p.list("What to change", f.Advice())
		p.list("Where", f.Where)
		for _, k := range f.Commands {
			p.raw("<details><summary>%s</summary><pre>%s</pre></details>\n", esc(k.Kind), esc(k.Text))
		}
		if f.LogEvent != "" {
			p.raw("<p class=\"quiet\">Tenant log: <code>%s</code></p>\n", esc(f.LogEvent))
		}
		if strings.HasPrefix(f.Link, "https://") {
			p.raw("<p class=\"quiet\"><a rel=\"noreferrer noopener\" href=\"%s\">%s</a></p>\n", html.EscapeString(f.Link), esc(f.Link))
		}
		p.raw("</article>\n")
	}
}

func (p page) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.raw("<h4>%s</h4>\n<ul>\n", esc(title))
	for _, l := range lines {
		p.raw("<li>%s</li>\n", esc(l))
	}
	p.raw("</ul>\n")
}

func (p page) token(x *tokenDoc) {
	if x == nil {
		return
	}
	open := ""
	if len(x.Rows) > 0 && p.d.WithClaims {
		open = " open"
	}
	p.raw("<details%s class=\"token\"><summary>%s</summary>\n", open, esc(tokenTitle(x)))
	for _, n := range x.Notes {
		p.raw("<p class=\"note\">%s</p>\n", esc(n))
	}
	if !x.Header.IsZero() {
		p.raw("<p class=\"quiet\">header <code>%s</code></p>\n", esc(x.Header.JSON()))
	}
	if len(x.Rows) > 0 {
		p.raw("<div class=\"rows claims\">\n")
		for _, r := range x.Rows {
			p.raw("<div><div><code class=\"name\">%s</code></div><div><code>%s</code><p class=\"quiet\">%s</p></div></div>\n", esc(r.Name), esc(r.Value), esc(r.Meaning))
		}
		p.raw("</div>\n")
	}
	if len(x.Left) > 0 {
		p.raw("<p class=\"quiet\">Claims that are left out (a report with claims has them): %s</p>\n", esc(strings.Join(x.Left, ", ")))
	}
	p.raw("</details>\n")
}

func (p page) checks() {
	if len(p.d.Checks) == 0 {
		return
	}
	count := map[string]int{}
	for _, k := range p.d.Checks {
		count[string(k.State)]++
	}
	p.section("Checks", func() {
		p.raw("<p class=\"counts\">")
		for _, s := range []string{"fail", "warn", "pass", "skip"} {
			if count[s] > 0 {
				p.raw("%s %d &nbsp; ", pill(s), count[s])
			}
		}
		p.raw("</p>\n")
		for _, use := range []token.Use{token.Access, token.ID} {
			var shown, skipped []token.Check
			for _, k := range p.d.Checks {
				switch {
				case k.Token != use:
				case k.State == token.Skip && k.Name != "signature":
					skipped = append(skipped, k)
				default:
					shown = append(shown, k)
				}
			}
			if len(shown)+len(skipped) == 0 {
				continue
			}
			p.raw("<h3 class=\"of\">%s</h3>\n<div class=\"rows checks\">\n", map[token.Use]string{token.Access: "Access token", token.ID: "ID token"}[use])
			for _, k := range shown {
				p.check(k)
			}
			p.raw("</div>\n")
			if len(skipped) > 0 {
				p.raw("<details class=\"more\"><summary class=\"quiet\">%d skipped: they do not apply, or could not be made</summary>\n<div class=\"rows checks\">\n", len(skipped))
				for _, k := range skipped {
					p.check(k)
				}
				p.raw("</div></details>\n")
			}
		}
	})
}

// check is one row: a passed one says little, another all that is known.
func (p page) check(k token.Check) {
	p.raw("<div class=\"%s\"><div>%s</div><div><code class=\"name\">%s</code></div><div>", esc(string(k.State)), pill(string(k.State)), esc(k.Name))
	if k.Why != "" {
		p.raw("<p>%s</p>", esc(k.Why))
	}
	if k.Got != "" {
		if k.State != token.Pass {
			p.raw("<span class=\"label\">got</span> ")
		}
		p.raw("<code>%s</code> ", esc(k.Got))
	}
	if k.State != token.Pass && k.Want != "" {
		p.raw("<span class=\"label\">wanted</span> <code>%s</code> ", esc(k.Want))
	}
	if k.Spec != "" {
		p.raw("<span class=\"spec\">%s</span>", esc(k.Spec))
	}
	p.raw("</div></div>\n")
}

func (p page) ledger() {
	if len(p.d.Ledger) == 0 {
		return
	}
	p.section("Scopes", func() {
		if p.d.Summary != "" {
			p.raw("<p>%s</p>\n", esc(p.d.Summary))
		}
		p.raw("<div class=\"rows scopes\">\n")
		for _, r := range p.d.Ledger {
			p.raw("<div><div>%s</div><div><code class=\"name\">%s</code></div><div><span class=\"label\">asked</span> %s <span class=\"label\">granted</span> %s <span class=\"label\">in the token</span> %s <span class=\"label\">%s</span><p>%s</p></div></div>\n",
				pill(string(r.Verdict)), esc(r.Scope), known3(r.Requested), known3(r.Granted), known3(r.InToken), esc(string(r.Certainty)), esc(r.Why))
		}
		p.raw("</div>\n")
	})
}

func (p page) lines() {
	if len(p.d.Lines) == 0 {
		return
	}
	p.section("Set-up check", func() {
		p.raw("<div class=\"rows lines\">\n")
		for _, l := range p.d.Lines {
			p.raw("<div class=\"%s\"><div>%s</div><div>%s</div><div>%s", esc(string(l.State)), pill(string(l.State)), esc(l.Title), esc(l.Saw))
			for _, f := range l.Fix {
				p.raw("<p class=\"fix\">%s</p>", esc(f))
			}
			p.raw("</div></div>\n")
		}
		p.raw("</div>\n")
	})
}

func (p page) chain() {
	if len(p.d.Chain) == 0 {
		return
	}
	p.section("Generations", func() {
		p.raw("<ol class=\"chain\">\n")
		for _, g := range p.d.Chain {
			p.raw("<li><h3>generation %d</h3>\n<p><code>%s</code> <span class=\"quiet\">%s</span></p>\n<ul>\n", g.N, esc(g.Grant), esc(p.d.clock(g.At)))
			for _, x := range chainFacts(g) {
				p.raw("<li>%s</li>\n", esc(x))
			}
			p.raw("</ul>\n<p class=\"tags\">")
			for _, x := range g.Tags {
				p.raw("<span><span class=\"label\">%s</span> <code>%s</code></span> ", esc(x.Name), esc(x.Value))
			}
			p.raw("</p></li>\n")
		}
		p.raw("</ol>\n")
	})
}

func (p page) calls() {
	if len(p.d.Calls) == 0 {
		return
	}
	p.section("API calls", func() {
		for _, c := range p.d.Calls {
			p.raw("<article>\n<h3 class=\"call\">%s <code>%s %s</code> <span class=\"quiet\">%s</span></h3>\n", status(c.Exchange), esc(c.Exchange.Method), esc(c.Exchange.URL), esc(ms(c.Exchange.Duration)))
			if c.Exchange.Fault != "" {
				p.raw("<p class=\"note\">No whole answer: %s</p>\n", esc(c.Exchange.Fault))
			}
			if c.Pretty != "" {
				p.raw("<pre>%s</pre>\n", esc(c.Pretty))
			}
			p.findings(c.Findings)
			p.raw("</article>\n")
		}
	})
}

// status is a reply's status as a pill.
func status(x Masked) string {
	switch {
	case x.Status == 0:
		return `<span class="pill bad">no answer</span>`
	case x.Status >= 400 || x.Fault != "":
		return fmt.Sprintf(`<span class="pill bad">%d</span>`, x.Status)
	case x.Status >= 300:
		return fmt.Sprintf(`<span class="pill warn">%d</span>`, x.Status)
	}
	return fmt.Sprintf(`<span class="pill good">%d</span>`, x.Status)
}

func (p page) wire() {
	if len(p.d.Wire) == 0 {
		return
	}
	refused := -1
	for i, x := range p.d.Wire {
		if p.d.Err != nil && !x.ByItself && (x.Status >= 400 || x.Status == 0) {
			refused = i
		}
	}
	p.section("Exchanges", func() {
		for i, x := range p.d.Wire {
			open := ""
			if i == refused {
				open = " open"
			}
			by := ""
			if x.ByItself {
				by = ` <span class="pill">by itself</span>`
			}
			p.raw("<details class=\"exchange\"%s><summary>%s <span class=\"line\"><b>%s</b> %s</span>%s <span class=\"quiet\">%s</span></summary>\n", open, status(x), esc(x.Method), esc(x.URL), by, esc(ms(x.Duration)))
			p.waterfall(x)
			facts := []string{p.d.clock(x.Start)}
			if x.Proto != "" {
				facts = append(facts, x.Proto)
			}
			if x.Timings.Reused {
				facts = append(facts, "connection used again")
			}
			if s := p.d.tlsLine(x.TLS); s != "" {
				facts = append(facts, s)
			}
			p.raw("<p class=\"quiet\">%s</p>\n", esc(strings.Join(facts, " · ")))
			if x.Fault != "" {
				p.raw("<p class=\"note\">No whole answer: %s</p>\n", esc(x.Fault))
			}
			p.raw("<h4>Request</h4>\n")
			p.message(requestLine(x), x.Request, x.Form)
			if x.Response != nil {
				p.raw("<h4>Reply</h4>\n")
				p.message(strings.TrimSpace(x.Proto+" "+fmt.Sprint(x.Status)), *x.Response, nil)
			}
			p.raw("</details>\n")
		}
	})
}

func (p page) message(first string, m MaskedMessage, form []Field) {
	p.raw("<pre><b>%s</b>\n", esc(first))
	for n, v := range m.Lines {
		p.raw("<span class=\"h\">%s:</span> %s\n", esc(n), esc(v))
	}
	switch {
	case len(form) > 0:
		p.raw("\n")
		for _, f := range form {
			p.raw("<span class=\"h\">%s</span> = %s\n", esc(f.Name), esc(f.Value))
		}
	case m.Body != "":
		p.raw("\n%s", esc(m.Body))
	}
	p.raw("</pre>\n")
}

// waterfall draws where the time went.
func (p page) waterfall(x Masked) {
	parts := stages(x)
	total := x.Timings.Total
	if len(parts) == 0 || total <= 0 {
		return
	}
	p.raw("<div class=\"fall\">\n")
	at := 0.0
	for _, s := range parts {
		width := max(0.6, 100*float64(s.took)/float64(total))
		p.raw("<div><span>%s</span><span class=\"track\"><i class=\"%s\" style=\"margin-left:%.1f%%;width:%.1f%%\"></i></span><span>%s</span></div>\n", esc(s.name), strings.Fields(s.name)[0], min(at, 99.4), min(width, 100-min(at, 99.4)), esc(ms(s.took)))
		at += 100 * float64(s.took) / float64(total)
	}
	p.raw("</div>\n")
}
