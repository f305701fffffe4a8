package profiles

import (
	"net/url"
	"strings"
)

// curl's options that take a value and say nothing that a profile keeps.
var curlValues = map[string]bool{
	"-A": true, "--user-agent": true, "-b": true, "--cookie": true, "-c": true, "--cookie-jar": true, "-e": true, "--referer": true, "-o": true, "--output": true,
	"-w": true, "--write-out": true, "-m": true, "--max-time": true, "--connect-timeout": true, "-T": true, "--upload-file": true, "--retry": true, "--retry-delay": true,
	"-X": true, "--request": true, "-K": true, "--config": true, "-D": true, "--dump-header": true, "-F": true, "--form": true, "--form-string": true, "--resolve": true, "--connect-to": true,
	"--cacert": true, "--capath": true, "-E": true, "--cert": true, "--key": true, "--cert-type": true, "--key-type": true, "--pass": true, "--ciphers": true, "--tls-max": true,
	"-x": true, "--proxy": true, "-U": true, "--proxy-user": true, "--noproxy": true, "--interface": true, "--limit-rate": true, "-r": true, "--range": true, "--stderr": true,
	"-z": true, "--time-cond": true, "--unix-socket": true, "--url-query": true, "--oauth2-bearer": true, "--trace": true, "--trace-ascii": true, "--max-redirs": true, "-C": true, "-t": true, "-y": true, "-Y": true, "-P": true, "-Q": true, "--variable": true, "--expand-url": true,
	"--abstract-unix-socket": true, "--alt-svc": true, "--aws-sigv4": true, "--curves": true, "--dns-servers": true, "--doh-url": true, "--hsts": true, "--keepalive-time": true, "--login-options": true,
	"--max-filesize": true, "--output-dir": true, "--pinnedpubkey": true, "--preproxy": true, "--proto": true, "--proto-default": true, "--proxy-cacert": true, "--proxy-header": true, "--rate": true,
	"--request-target": true, "--retry-max-time": true, "--socks4": true, "--socks4a": true, "--socks5": true, "--socks5-hostname": true, "--tls13-ciphers": true,
}

// curl's options that a profile is filled from.
var curlTaken = map[string]string{
	"--url": "url", "-H": "header", "--header": "header", "-d": "data", "--data": "data", "--data-raw": "data", "--data-ascii": "data", "--data-binary": "data",
	"--json": "data", "--data-urlencode": "urlencode", "-u": "user", "--user": "user",
}

// curl reads a curl line.
func (in *paster) curl(text string) error {
	words := shellWords(text)
	if len(words) < 2 {
		return usagef("paste", "the curl line has no URL: paste it whole")
	}
	words = words[1:]
	var data []string
	var urls []string
	take := func(option, v string) {
		switch curlTaken[option] {
		case "url":
			urls = append(urls, v)
		case "header":
			in.header(v)
		case "data":
			switch {
			case strings.HasPrefix(v, "@") && option != "--data-raw":
				in.note("the body is in a file, which was not read: paste its contents instead")
			default:
				data = append(data, v)
			}
		case "urlencode":
			// content, =content, name=content, @file, name@file
			name, content, ok := strings.Cut(v, "=")
			if !ok || strings.Contains(name, "@") {
				in.note("a value of --data-urlencode is in a file or has no name: it was left out")
				return
			}
			if name != "" {
				in.field(name, content)
			}
		case "user":
			id, secret, _ := strings.Cut(v, ":")
			in.basic(formDecoded(id), url.UserPassword(id, formDecoded(secret)))
		default:
			switch option {
			case "--cacert":
				in.text("ca_file", &in.Profile.CAFile, v)
			case "-E", "--cert":
				path, _, hasPassword := cutLastColon(v)
				if hasPassword {
					in.note("the client certificate's password was left out: authwalk takes keys that are not encrypted")
				}
				in.text("client_cert", &in.Profile.ClientCert, path)
			case "--key":
				in.text("client_key", &in.Profile.ClientKey, v)
			case "-x", "--proxy":
				if checkProxy(nil, v) == "" {
					in.text("proxy", &in.Profile.Proxy, v)
					in.note("requests will go through the proxy %s", v)
				} else {
					in.note("the proxy was left out: set HTTPS_PROXY in the environment, or write it like http://proxy.example:3128")
				}
			case "-F", "--form", "--form-string":
				in.note("a part of a multipart form was left out: token requests are none")
			case "-K", "--config":
				in.note("curl's options in a file were not read: write into the line what they say")
			case "--resolve", "--connect-to", "--unix-socket", "--abstract-unix-socket", "--dns-servers", "--doh-url", "--request-target",
				"--preproxy", "--socks4", "--socks4a", "--socks5", "--socks5-hostname":
				in.note("%s was left out: authwalk asks the host that the URL names, where that name leads", option)
			case "-U", "--proxy-user", "--proxy-header":
				in.note("the login for the proxy was left out: write it into HTTPS_PROXY in the environment")
			}
		}
	}
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "-" || w == "" || w == "--":
		case !strings.HasPrefix(w, "-"):
			urls = append(urls, w)
		case strings.HasPrefix(w, "--"):
			name, v, joined := strings.Cut(w, "=")
			_, taken := curlTaken[name]
			switch {
			case !taken && !curlValues[name]:
				in.flag(name)
			case joined:
				take(name, v)
			case i+1 < len(words):
				i++
				take(name, words[i])
			}
		default: // short ones may be written together: -sSXPOST
			for j := 1; j < len(w); j++ {
				name := "-" + w[j:j+1]
				_, taken := curlTaken[name]
				if !taken && !curlValues[name] {
					in.flag(name)
					continue
				}
				if rest := w[j+1:]; rest != "" {
					take(name, rest)
				} else if i+1 < len(words) {
					i++
					take(name, words[i])
				}
				break
			}
		}
	}
	if len(data) > 0 {
		in.body(strings.Join(data, "&"))
	}
	for _, u := range urls {
		if !strings.Contains(u, "://") {
			u = "http://" + u // as curl reads it
			if host, _, _ := strings.Cut(u[7:], "/"); checkDomain(nil, "http://"+host) != "" {
				u = "https://" + u[7:]
			}
		}
		in.where("token_url", u)
	}
	if in.Profile.ClientID == "" && in.Profile.Flow == "" && in.found < 2 && len(in.Secrets) == 0 {
		if p := in.Profile; p.Domain == "" {
			return usagef("paste", "this curl line is no token request: it has neither grant_type nor client_id; paste the one that goes to the token endpoint")
		}
	}
	return nil
}

// flag takes note of options without a value that change what is trusted.
func (in *paster) flag(name string) {
	switch name {
	case "-k", "--insecure":
		in.note("--insecure was left out: authwalk always checks certificates; name your own authority by ca_file")
	}
}

// cutLastColon splits a certificate's path from its password, but not a
// Windows drive from its path.
func cutLastColon(s string) (string, string, bool) {
	i := strings.LastIndexByte(s, ':')
	if i <= 1 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// shellWords splits a command as sh does, and as cmd and PowerShell continue
// lines, up to the end of the command. Nothing is expanded. A quote that is not
// closed ends with the text: people paste lines with their end cut off.
func shellWords(text string) []string {
	windows := strings.Contains(text, "^\n") || strings.Contains(text, `^"`)
	if windows {
		text = withoutCarets(text)
	}
	var words []string
	var b strings.Builder
	started := false
	flush := func() {
		if started {
			words = append(words, b.String())
			b.Reset()
			started = false
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch {
		case (c == '\\' || c == '`') && continued(text[i+1:]) > 0: // the line goes on
			i += continued(text[i+1:])
			flush()
		case c == '\\' && next != 0 && !windows:
			i++
			b.WriteByte(next)
			started = true
		case c == '$' && next == '\'':
			i = ansiQuoted(text, i+1, &b)
			started = true
		case c == '\'' && !windows:
			started = true
			end := strings.IndexByte(text[i+1:], '\'')
			if end < 0 {
				end = len(text) - i - 1
			}
			b.WriteString(text[i+1 : i+1+end])
			i += end + 1
		case c == '"':
			started = true
			i = doubleQuoted(text, i, windows, &b)
		case c == '\n':
			flush()
			// A line that begins with an option belongs to the one before it:
			// its backslash was lost on the way.
			rest := strings.TrimLeft(text[i:], " \t\n")
			if !strings.HasPrefix(rest, "-") && !strings.HasPrefix(rest, "'http") && !strings.HasPrefix(rest, "http") {
				return words
			}
			i = len(text) - len(rest) - 1
		case c == ' ' || c == '\t':
			flush()
		case c == ';' || c == '|' || c == ')' || c == '>' || c == '<' || c == '&' && !windows && (next == '&' || next == ' ' || next == '\n' || next == 0):
			flush()
			return words
		default:
			b.WriteByte(c)
			started = true
		}
	}
	flush()
	return words
}

// withoutCarets undoes what cmd does before a program sees its line: outside
// quotes a caret takes the meaning from the sign behind it, also from a quote,
// and at a line's end it goes on with the next one.
func withoutCarets(text string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '^' && continued(text[i+1:]) > 0:
			i += continued(text[i+1:])
			b.WriteByte(' ')
		case c == '^' && !quoted && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == '"':
			quoted = !quoted
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// continued is how much of a text is the rest of a line that holds nothing but
// blanks, with its line end; 0 when there is more.
func continued(rest string) int {
	n := 0
	for n < len(rest) && (rest[n] == ' ' || rest[n] == '\t') {
		n++
	}
	if n < len(rest) && rest[n] == '\n' {
		return n + 1
	}
	return 0
}

// doubleQuoted reads on from a double quote and gives where it ends.
func doubleQuoted(text string, i int, windows bool, b *strings.Builder) int {
	for i++; i < len(text); i++ {
		c := text[i]
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch {
		case c == '\\' && (next == '"' || next == '\\' || !windows && (next == '$' || next == '`' || next == '\n')):
			i++
			if next != '\n' {
				b.WriteByte(next)
			}
		case c == '"':
			return i
		default:
			b.WriteByte(c)
		}
	}
	return i
}

// ansiQuoted reads $'…' from its quote on, as browsers copy requests.
func ansiQuoted(text string, i int, b *strings.Builder) int {
	start := i + 1
	for i++; i < len(text); i++ {
		if text[i] == '\\' {
			i++
			continue
		}
		if text[i] == '\'' {
			break
		}
	}
	body := text[min(start, len(text)):min(i, len(text))]
	b.WriteString(unquote(`"` + strings.ReplaceAll(body, `\!`, "!") + `"`))
	return i
}
