package report

import (
	"fmt"
	"net/http"
	"strings"

	"authwalk/flows"
)

// bodyInFile is the size from which on a body is not written into a command:
// systems limit how long one argument may be (128 KiB on Linux).
const bodyInFile = 64 << 10

// Curl writes an exchange's request as a curl command for a POSIX shell. Its
// secrets are shell variables, which the comment before it lists.
func (r *Redactor) Curl(ex flows.Exchange) string {
	q := r.recipe(ex)
	var args []string
	arg := func(format string, a ...any) { args = append(args, fmt.Sprintf(format, a...)) }
	before := ""
	hasBody := q.form != nil || q.body != nil
	switch {
	case q.method == http.MethodHead && !hasBody:
		arg("--head")
	case q.method == http.MethodPost && hasBody, q.method == http.MethodGet && !hasBody:
	case q.method == http.MethodPost:
		arg("--data ''")
	default:
		arg("-X %s", shell(q.method))
	}
	if q.caFile != "" {
		arg("--cacert %s", shell(q.caFile))
	}
	if q.cert != "" {
		arg("--cert %s", shell(q.cert))
	}
	if q.key != "" {
		arg("--key %s", shell(q.key))
	}
	if q.proxy != nil {
		arg("--proxy %s", shellPieces("", q.proxy))
	}
	target := shellPieces("", q.url)
	if strings.ContainsAny(target, "[]{}") {
		arg("--globoff")
	}
	if strings.Contains(target, "/.") {
		arg("--path-as-is")
	}
	hasType := false
	for _, h := range q.headers {
		if strings.EqualFold(h.name, "Content-Type") {
			hasType = true
			if v, ok := literal(h.value); ok && v == "application/x-www-form-urlencoded" && hasBody {
				continue // what curl sends with a body
			}
		}
		if len(h.value) == 0 {
			arg("-H %s", shell(h.name+";")) // curl's way to send an empty header
			continue
		}
		arg("-H %s", shellPieces(h.name+": ", h.value))
	}
	if (hasBody || q.method == http.MethodPost) && !hasType {
		arg("-H 'Content-Type:'")
	}
	if b := q.basic; b != nil {
		switch {
		case b.secret == nil:
			arg("-u %s", shell(b.user+":"))
		case b.encoded:
			b.secret.name += "_ENCODED"
			b.secret.about += ", form-encoded (RFC 6749 section 2.3.1)"
			arg("-u %s", shellPieces(b.user+":", []piece{{v: b.secret}}))
		default:
			arg("-u %s", shellPieces(b.user+":", []piece{{v: b.secret}}))
		}
	}
	for _, f := range q.form {
		if v, ok := literal(f.value); ok && plainWord(f.name) && plainWord(v) {
			arg("-d %s", shell(f.name+"="+v))
			continue
		}
		arg("--data-urlencode %s", shellPieces(curlName(f.name)+"=", f.value))
	}
	if q.body != nil {
		switch {
		case q.size > bodyInFile:
			arg("--data-binary @request-body")
		case !shellSafe(q.body):
			before = shellPrintf(q.body) + " |\n"
			arg("--data-binary @-")
		default:
			arg("--data-raw %s", shellPieces("", q.body))
		}
	}
	var b strings.Builder
	writeVars(&b, "#", "Set these first:", q.vars)
	if q.size > bodyInFile && q.body != nil {
		fmt.Fprintf(&b, "# The body has %s: put it into the file request-body first.\n", bytesOf(int64(q.size)))
	}
	b.WriteString(before)
	b.WriteString("curl -i " + target)
	for _, a := range args {
		b.WriteString(" \\\n  " + a)
	}
	b.WriteByte('\n')
	return b.String()
}

// writeVars lists variables in comments.
func writeVars(b *strings.Builder, mark, title string, vars []*variable) {
	if len(vars) == 0 {
		return
	}
	fmt.Fprintf(b, "%s %s\n", mark, title)
	width := 0
	for _, v := range vars {
		width = max(width, len(v.name))
	}
	for _, v := range vars {
		fmt.Fprintf(b, "%s   %-*s  %s\n", mark, width, v.name, oneLine(v.about))
	}
}

func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || !printable(string(c)) {
			return ' '
		}
		return c
	}, s)
}

// curlName writes a field's name so that curl takes it as it is.
func curlName(name string) string { return queryEscape(name) }

// plainWord tells what means itself in a shell, in a form and to curl's -d.
func plainWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == ""
}

// shell quotes any bytes as one word.
func shell(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/:=@,+%") == "" {
		return s
	}
	if printable(s) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	// A command substitution loses line ends at its end; the x keeps them.
	if strings.HasSuffix(s, "\n") {
		return `"$(printf '` + octal(s) + `')"'` + s[len(strings.TrimRight(s, "\n")):] + `'`
	}
	return `"$(printf '` + octal(s) + `')"`
}

// octal writes bytes for printf's format (POSIX).
func octal(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '-' && i == 0: // no option of printf
			b.WriteString(`\055`)
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(` _.,:;/=@+-{}[]"<>()?&*|~^$!#`, c) >= 0:
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		default:
			fmt.Fprintf(&b, `\%03o`, c)
		}
	}
	return b.String()
}

// inDouble tells text that means itself inside double quotes.
func inDouble(s string) bool { return printable(s) && !strings.ContainsAny(s, "$`\"\\!\n") }

// shellPieces writes text with variables as one word.
func shellPieces(before string, pieces []piece) string {
	all := pieces
	if before != "" {
		all = append([]piece{{lit: before}}, pieces...)
	}
	plain, simple := true, true
	for _, p := range all {
		plain = plain && p.v == nil
		simple = simple && (p.v != nil || inDouble(p.lit))
	}
	if plain {
		s, _ := literal(all)
		return shell(s)
	}
	var b strings.Builder
	if simple {
		b.WriteByte('"')
		for i, p := range all {
			switch {
			case p.v == nil:
				b.WriteString(p.lit)
			case i+1 < len(all) && all[i+1].v == nil && strings.Trim(all[i+1].lit[:1], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_[") == "":
				b.WriteString("${" + p.v.name + "}")
			default:
				b.WriteString("$" + p.v.name)
			}
		}
		b.WriteByte('"')
		return b.String()
	}
	for _, p := range all {
		if p.v != nil {
			b.WriteString(`"$` + p.v.name + `"`)
		} else {
			b.WriteString(shell(p.lit))
		}
	}
	return b.String()
}

// shellSafe tells whether a body can stand in a command: no byte that a
// terminal would act on, and none that no argument can hold.
func shellSafe(pieces []piece) bool {
	for _, p := range pieces {
		if p.v == nil && !printable(p.lit) {
			return false
		}
	}
	return true
}

// shellPrintf writes pieces as commands that print them.
func shellPrintf(pieces []piece) string {
	var out []string
	for _, p := range pieces {
		if p.v != nil {
			out = append(out, `printf %s "$`+p.v.name+`"`)
		} else {
			out = append(out, `printf '`+octal(p.lit)+`'`)
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return "{ " + strings.Join(out, "; ") + "; }"
}
