package report

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"authwalk/flows"
)

func queryEscape(s string) string { return url.QueryEscape(s) }

// quote writes a string literal that Go, Python and JavaScript all read alike.
// What would turn or hide text is escaped. wide writes a rune beyond U+FFFF.
func quote(s string, wide string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < 0x80 && c >= ' ' && c != 0x7f, c >= 0x80 && printable(string(c)):
			b.WriteRune(c)
		case c > 0xffff:
			fmt.Fprintf(&b, wide, c)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// latin writes the bytes of a header as the characters of Latin-1, which is how
// Python and Node.js take them.
func latin(s string) string {
	if printable(s) && len(s) == utf8.RuneCountInString(s) {
		return quote(s, "")
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// join writes pieces as an expression. get writes a variable.
func join(pieces []piece, lit func(string) string, get func(*variable) string) string {
	return strings.Join(terms(pieces, lit, get), " + ")
}

func terms(pieces []piece, lit func(string) string, get func(*variable) string) []string {
	if len(pieces) == 0 {
		return []string{lit("")}
	}
	var out []string
	for _, p := range pieces {
		if p.v != nil {
			out = append(out, get(p.v))
		} else {
			out = append(out, lit(p.lit))
		}
	}
	return out
}

func (q recipe) fileNote(b *strings.Builder, mark string) {
	if q.body != nil && q.size > bodyInFile {
		fmt.Fprintf(b, "%s The body has %s: put it into the file request-body first.\n", mark, bytesOf(int64(q.size)))
	}
}

// namedValues is a header's name and its values, as expressions.
type namedValues struct {
	name   string
	values []string
}

// headersByName has each header's name once, in order.
func (q recipe) headersByName(get func(*variable) string) []namedValues {
	var out []namedValues
	for _, h := range q.headers {
		i := slices.IndexFunc(out, func(x namedValues) bool { return x.name == h.name })
		if i < 0 {
			i, out = len(out), append(out, namedValues{name: h.name})
		}
		out[i].values = append(out[i].values, join(h.value, latin, get))
	}
	return out
}

func (q recipe) utf8() bool {
	for _, p := range q.body {
		if p.v == nil && !utf8.ValidString(p.lit) {
			return false
		}
	}
	return true
}

// Go writes an exchange's request as a Go program that needs the standard
// library alone. Its secrets come from the environment.
func (r *Redactor) Go(ex flows.Exchange) string {
	q := r.recipe(ex)
	get := func(v *variable) string { return "os.Getenv(" + strconv.Quote(v.name) + ")" }
	// strconv's escapes hold any bytes; ASCII so that nothing turns or hides.
	lit := func(s string) string {
		if printable(s) {
			return strconv.Quote(s)
		}
		return strconv.QuoteToASCII(s)
	}
	// gofmt sets no blanks around + among several arguments.
	among := func(p []piece) string { return strings.Join(terms(p, lit, get), "+") }
	imports := setOf("fmt io log net/http")()
	var m strings.Builder
	body := "nil"
	switch {
	case q.form != nil:
		imports["net/url"], imports["strings"] = true, true
		m.WriteString("\tform := url.Values{}\n")
		for _, f := range q.form {
			fmt.Fprintf(&m, "\tform.Add(%s, %s)\n", lit(f.name), among(f.value))
		}
		body = "strings.NewReader(form.Encode())"
	case q.body != nil && q.size > bodyInFile:
		imports["os"] = true
		m.WriteString("\tbody, err := os.Open(\"request-body\")\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n")
		body = "body"
	case q.body != nil:
		imports["strings"] = true
		fmt.Fprintf(&m, "\tbody := strings.NewReader(%s)\n", join(q.body, lit, get))
		body = "body"
	}
	fmt.Fprintf(&m, "\treq, err := http.NewRequest(%s, %s, %s)\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n", lit(q.method), among(q.url), body)
	for _, h := range q.headers {
		fmt.Fprintf(&m, "\treq.Header.Add(%s, %s)\n", lit(h.name), among(h.value))
	}
	if b := q.basic; b != nil {
		secret := `""`
		if b.secret != nil {
			secret = get(b.secret)
		}
		if b.encoded {
			imports["net/url"] = true
			secret = "url.QueryEscape(" + secret + ")" // RFC 6749 section 2.3.1
		}
		fmt.Fprintf(&m, "\treq.SetBasicAuth(%s, %s)\n", lit(b.user), secret)
	}
	var client strings.Builder
	client.WriteString("\tclient := &http.Client{\n\t\t// Credentials follow no redirect.\n\t\tCheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },\n")
	if q.caFile != "" || q.cert != "" {
		imports["crypto/tls"] = true
		client.WriteString("\t\tTransport:     &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: config},\n")
		m2 := "\tconfig := &tls.Config{}\n"
		if q.caFile != "" {
			imports["crypto/x509"], imports["os"] = true, true
			m2 += fmt.Sprintf("\tpem, err := os.ReadFile(%s)\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\tconfig.RootCAs = x509.NewCertPool()\n\tconfig.RootCAs.AppendCertsFromPEM(pem)\n", lit(q.caFile))
		}
		if q.cert != "" {
			key := q.key
			if key == "" {
				key = q.cert
			}
			m2 += fmt.Sprintf("\tpair, err := tls.LoadX509KeyPair(%s, %s)\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\tconfig.Certificates = []tls.Certificate{pair}\n", lit(q.cert), lit(key))
		}
		m.WriteString(m2)
	}
	client.WriteString("\t}\n")
	m.WriteString(client.String())
	m.WriteString(`	res, err := client.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	reply, err := io.ReadAll(res.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Status)
	fmt.Println(string(reply))
`)
	if len(q.vars) > 0 && strings.Contains(m.String(), "os.Getenv") {
		imports["os"] = true
	}
	var b strings.Builder
	writeVars(&b, "//", "Set in the environment before:", q.vars)
	q.fileNote(&b, "//")
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.WriteString("package main\n\nimport (\n")
	for _, name := range []string{"crypto/tls", "crypto/x509", "fmt", "io", "log", "net/http", "net/url", "os", "strings"} {
		if imports[name] {
			fmt.Fprintf(&b, "\t%q\n", name)
		}
	}
	b.WriteString(")\n\nfunc main() {\n" + m.String() + "}\n")
	return b.String()
}

// Python writes an exchange's request as a Python 3 program that needs the
// standard library alone. Its secrets come from the environment.
func (r *Redactor) Python(ex flows.Exchange) string {
	q := r.recipe(ex)
	get := func(v *variable) string { return "os.environ[" + strconv.Quote(v.name) + "]" }
	lit := func(s string) string { return quote(strings.ToValidUTF8(s, "\ufffd"), `\U%08x`) }
	var b strings.Builder
	writeVars(&b, "#", "Set in the environment before:", q.vars)
	q.fileNote(&b, "#")
	if q.basic != nil {
		b.WriteString("import base64\n")
	}
	b.WriteString("import http.client\n")
	if len(q.vars) > 0 {
		b.WriteString("import os\n")
	}
	b.WriteString("import ssl\nimport urllib.parse\n\n")
	fmt.Fprintf(&b, "url = urllib.parse.urlsplit(%s)\n", join(q.url, lit, get))
	b.WriteString("headers = {\n")
	// http.client takes one value a name: equal names are joined (RFC 9110, 5.3).
	for _, h := range q.headersByName(get) {
		fmt.Fprintf(&b, "    %s: %s,\n", lit(h.name), strings.Join(h.values, ` + ", " + `))
	}
	if q.basic != nil {
		secret := `""`
		if q.basic.secret != nil {
			secret = get(q.basic.secret)
		}
		if q.basic.encoded {
			secret = "urllib.parse.quote_plus(" + secret + ")"
		}
		fmt.Fprintf(&b, "    \"Authorization\": \"Basic \" + base64.b64encode((%s + %s).encode()).decode(),\n", lit(q.basic.user+":"), secret)
	}
	b.WriteString("}\n")
	switch {
	case q.form != nil:
		b.WriteString("body = urllib.parse.urlencode([\n")
		for _, f := range q.form {
			fmt.Fprintf(&b, "    (%s, %s),\n", lit(f.name), join(f.value, lit, get))
		}
		b.WriteString("])\n")
	case q.body == nil:
		b.WriteString("body = None\n")
	case q.size > bodyInFile:
		b.WriteString("body = open(\"request-body\", \"rb\").read()\n")
	case q.utf8():
		fmt.Fprintf(&b, "body = (%s).encode()\n", join(q.body, lit, get))
	default:
		fmt.Fprintf(&b, "body = %s\n", join(q.body, func(s string) string { return "bytes.fromhex(\"" + fmt.Sprintf("%x", s) + "\")" }, func(v *variable) string { return get(v) + ".encode()" }))
	}
	b.WriteString("\nif url.scheme == \"https\":\n")
	if q.caFile != "" {
		fmt.Fprintf(&b, "    context = ssl.create_default_context(cafile=%s)\n", lit(q.caFile))
	} else {
		b.WriteString("    context = ssl.create_default_context()\n")
	}
	if q.cert != "" {
		key := ""
		if q.key != "" {
			key = ", " + lit(q.key)
		}
		fmt.Fprintf(&b, "    context.load_cert_chain(%s%s)\n", lit(q.cert), key)
	}
	b.WriteString("    connection = http.client.HTTPSConnection(url.netloc, context=context, timeout=20)\nelse:\n    connection = http.client.HTTPConnection(url.netloc, timeout=20)\n")
	fmt.Fprintf(&b, "connection.request(%s, (url.path or \"/\") + (\"?\" + url.query if url.query else \"\"), body=body, headers=headers)\n", lit(q.method))
	b.WriteString("reply = connection.getresponse()\nprint(reply.status, reply.reason)\nprint(reply.read().decode(errors=\"replace\"))\n")
	return b.String()
}

// Node writes an exchange's request as a JavaScript module for Node.js 18 and
// later. Its secrets come from the environment.
func (r *Redactor) Node(ex flows.Exchange) string {
	q := r.recipe(ex)
	get := func(v *variable) string { return "process.env." + v.name }
	lit := func(s string) string { return quote(strings.ToValidUTF8(s, "\ufffd"), `\u{%x}`) }
	var b strings.Builder
	writeVars(&b, "//", "Set in the environment before:", q.vars)
	q.fileNote(&b, "//")
	b.WriteString("// Save it as request.mjs and run: node request.mjs\n")
	if q.caFile != "" {
		fmt.Fprintf(&b, "// The server's CA: run it with NODE_EXTRA_CA_CERTS=%s\n", oneLine(shell(q.caFile)))
	}
	hasBody := q.form != nil || q.body != nil
	b.WriteString("import http from \"node:http\";\nimport https from \"node:https\";\n")
	if q.body != nil && q.size > bodyInFile || q.cert != "" {
		b.WriteString("import fs from \"node:fs\";\n")
	}
	fmt.Fprintf(&b, "\nconst url = new URL(%s);\n", join(q.url, lit, get))
	b.WriteString("const headers = {\n")
	for _, h := range q.headersByName(get) {
		v := h.values[0]
		if len(h.values) > 1 {
			v = "[" + strings.Join(h.values, ", ") + "]"
		}
		fmt.Fprintf(&b, "  %s: %s,\n", lit(h.name), v)
	}
	if q.basic != nil {
		secret := `""`
		if q.basic.secret != nil {
			secret = get(q.basic.secret)
		}
		if q.basic.encoded { // as a form writes it, RFC 6749 section 2.3.1
			secret = "new URLSearchParams([[\"\", " + secret + "]]).toString().slice(1)"
		}
		fmt.Fprintf(&b, "  \"Authorization\": \"Basic \" + Buffer.from(%s + %s).toString(\"base64\"),\n", lit(q.basic.user+":"), secret)
	}
	b.WriteString("};\n")
	switch {
	case q.form != nil:
		b.WriteString("const body = new URLSearchParams([\n")
		for _, f := range q.form {
			fmt.Fprintf(&b, "  [%s, %s],\n", lit(f.name), join(f.value, lit, get))
		}
		b.WriteString("]).toString();\n")
	case q.body != nil && q.size > bodyInFile:
		b.WriteString("const body = fs.readFileSync(\"request-body\");\n")
	case q.body != nil && q.utf8():
		fmt.Fprintf(&b, "const body = %s;\n", join(q.body, lit, get))
	case q.body != nil:
		var parts []string
		for _, p := range q.body {
			if p.v != nil {
				parts = append(parts, "Buffer.from("+get(p.v)+")")
			} else {
				parts = append(parts, fmt.Sprintf("Buffer.from(%q, \"hex\")", fmt.Sprintf("%x", p.lit)))
			}
		}
		fmt.Fprintf(&b, "const body = Buffer.concat([%s]);\n", strings.Join(parts, ", "))
	}
	if hasBody {
		b.WriteString("headers[\"Content-Length\"] = Buffer.byteLength(body);\n")
	}
	options := "{ method: " + lit(q.method) + ", headers"
	if q.cert != "" {
		key := q.key
		if key == "" {
			key = q.cert
		}
		options += fmt.Sprintf(", cert: fs.readFileSync(%s), key: fs.readFileSync(%s)", lit(q.cert), lit(key))
	}
	fmt.Fprintf(&b, "\nconst request = (url.protocol === \"https:\" ? https : http).request(url, %s }, async (reply) => {\n", options)
	b.WriteString("  console.log(reply.statusCode, reply.statusMessage);\n  let text = \"\";\n  for await (const part of reply.setEncoding(\"utf8\")) text += part;\n  console.log(text);\n});\n")
	b.WriteString("request.on(\"error\", (err) => { console.error(err.message); process.exitCode = 1; });\n")
	if hasBody {
		b.WriteString("request.end(Buffer.from(body));\n")
	} else {
		b.WriteString("request.end();\n")
	}
	return b.String()
}
