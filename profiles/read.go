package profiles

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"authwalk/flows"
)

// content is what a profile file says, with where it says it.
type content struct {
	deflt    string
	profiles []Profile // in file order
	layout   *layout
}

// decoder turns what the TOML library read into profiles, and collects what is
// wrong. The library's own decoding into structs knows neither the line of an
// unknown key nor what was expected of a wrong one.
type decoder struct {
	file string
	l    *layout
	errs Errors
}

// maxFaults is how many faults are collected; a file with more is no profile file.
const maxFaults = 200

func (d *decoder) fail(path []string, format string, a ...any) {
	if len(d.errs) < maxFaults {
		d.errs = append(d.errs, &Error{File: d.file, Line: d.l.line(path...), Key: keyText(path), Msg: fmt.Sprintf(format, a...)})
	}
}

// keyText writes a path as a dotted key.
func keyText(path []string) string {
	var b strings.Builder
	for i, s := range path {
		if isIndex(s) {
			b.WriteString("[" + s[1:] + "]")
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(renderKey(s))
	}
	return b.String()
}

// parse reads the text of a profile file. What has no fault is in the content
// even when there are errors.
func parse(file, dir string, data []byte) (*content, error) {
	c := &content{layout: scan(data)}
	d := &decoder{file: file, l: c.layout}
	if at := c.layout.deep; at > 0 {
		return c, Errors{{File: file, Line: at, Msg: "this is nested too deeply for a profile file: a profile's tables are [profile.NAME], params, tls and call"}}
	}
	var top map[string]any
	if _, err := toml.Decode(string(data), &top); err != nil {
		return c, Errors{d.syntax(err, data)}
	}
	for _, k := range slices.Sorted(maps.Keys(top)) {
		v := top[k]
		switch k {
		case "default":
			d.text([]string{k}, v, &c.deflt)
		case "profile":
			tables, ok := v.(map[string]any)
			if !ok {
				d.fail([]string{k}, "tables of profiles are expected: [profile.NAME], got %s", typeName(v))
				continue
			}
			for _, name := range fileOrder(c.layout, tables) {
				before := len(d.errs)
				p := d.profile(name, dir, tables[name])
				if len(d.errs) == before {
					c.profiles = append(c.profiles, p)
				}
			}
		default:
			d.unknown([]string{k}, []string{"default", "profile"}, nil)
		}
	}
	if c.deflt != "" {
		if tables, _ := top["profile"].(map[string]any); tables[c.deflt] == nil {
			names := slices.Sorted(maps.Keys(tables))
			msg := fmt.Sprintf("it names no profile of this file: %s", nameList(names))
			if n := Near(c.deflt, names); n != "" {
				msg += fmt.Sprintf("; did you mean %s?", show(n))
			}
			d.fail([]string{"default"}, "%s", msg)
		}
	}
	slices.SortStableFunc(d.errs, func(a, b *Error) int { return cmp.Or(a.Line-b.Line, strings.Compare(a.Key, b.Key)) })
	return c, d.errs.orNil()
}

func nameList(names []string) string {
	switch {
	case len(names) == 0:
		return "there are none"
	case len(names) > 12:
		return fmt.Sprintf("there are %s and %d more", strings.Join(names[:12], ", "), len(names)-12)
	}
	return "there are " + strings.Join(names, ", ")
}

// fileOrder is the names of profiles as they first appear.
func fileOrder(l *layout, tables map[string]any) []string {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if _, ok := tables[name]; ok && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, e := range l.entries {
		if len(e.path) >= 2 && e.path[0] == "profile" {
			add(e.path[1])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		add(name)
	}
	return names
}

func typeName(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case bool:
		return "true or false"
	case int64, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	case []map[string]any:
		return "a list of tables"
	}
	return "a date or time"
}

func (d *decoder) text(path []string, v any, to *string) bool {
	s, ok := v.(string)
	if !ok {
		like := "text"
		if n := path[len(path)-1]; n == "timeout" || n == "leeway" {
			like = "20s"
		}
		d.fail(path, "text in quotes is expected, like %q, got %s", like, typeName(v))
		return false
	}
	*to = s
	return true
}

// unknown tells of a key that there is not, with the one that was probably meant.
func (d *decoder) unknown(path, known []string, elsewhere map[string]string) {
	if len(d.errs) >= maxFaults {
		return
	}
	name := path[len(path)-1]
	msg := "this key is unknown"
	switch n := Near(name, known); {
	case n != "":
		msg += fmt.Sprintf("; did you mean %s?", n)
	case elsewhere[flatten(name)] != "":
		msg += fmt.Sprintf("; did you mean %s?", elsewhere[flatten(name)])
	case len(path) == 1 && Near(name, keyNames(profileKeys)) != "":
		msg += "; it belongs below a [profile.NAME] header"
	case len(known) <= 6:
		msg += ": " + orList(known) + " is expected"
	}
	d.fail(path, "%s", msg)
}

func (d *decoder) profile(name, dir string, v any) Profile {
	path := []string{"profile", name}
	p := Profile{Name: name, Dir: dir}
	table, ok := v.(map[string]any)
	if !ok {
		msg := "a table is expected: [profile.NAME], got " + typeName(v)
		if slices.Contains(keyNames(profileKeys), name) {
			msg += "; keys stand below a profile's name, like [profile.acme-dev]"
		}
		d.fail(path, "%s", msg)
		return p
	}
	if msg := checkName(name); msg != "" {
		d.fail(path, "%s", msg)
	}
	// allow_http first: the checks of URLs look at it.
	if on, ok := table["allow_http"].(bool); ok {
		p.AllowHTTP = on
	}
	for _, k := range slices.Sorted(maps.Keys(table)) {
		at := append(path[:2:2], k)
		switch i := slices.IndexFunc(profileKeys, func(x key) bool { return x.name == k }); {
		case i >= 0:
			d.value(&p, profileKeys[i], at, table[k])
		case k == "params":
			p.Params = d.textMap(at, table[k], checkParam)
		case k == "tls":
			d.tls(&p, at, table[k])
		case k == "call":
			p.Calls = d.calls(at, table[k])
		default:
			d.unknown(at, append(keyNames(profileKeys), moreKeys...), otherNames)
		}
	}
	return p
}

// value reads one key of the table of keys.
func (d *decoder) value(p *Profile, k key, path []string, v any) {
	switch {
	case k.text != nil:
		if d.text(path, v, k.text(p)) && *k.text(p) != "" {
			if msg := k.check(p, *k.text(p)); msg != "" {
				d.fail(path, "%s", msg)
			}
		}
	case k.ref != nil:
		s, ok := v.(string)
		if !ok {
			d.fail(path, "a reference in quotes is expected, like %q, got %s", "keyring:"+exampleName(p.Name), typeName(v))
			return
		}
		r, msg := parseRef(s, exampleName(p.Name))
		if msg != "" {
			d.fail(path, "%s", msg)
		}
		*k.ref(p) = r
	case k.flag != nil:
		on, ok := v.(bool)
		if !ok {
			d.fail(path, "true or false is expected, without quotes, got %s", typeName(v))
		}
		*k.flag(p) = on
	case k.list != nil:
		list, ok := v.([]any)
		if !ok {
			msg := `a list of texts is expected, like ["a", "b"], got ` + typeName(v)
			if s, isText := v.(string); isText {
				msg += ": write " + renderList(cutList(strings.Fields(s)))
			}
			d.fail(path, "%s", msg)
			return
		}
		for i, x := range list {
			s, ok := x.(string)
			if !ok {
				d.fail(append(path[:len(path):len(path)], indexStep(i)), "text in quotes is expected, got %s", typeName(x))
				continue
			}
			if s == "" {
				d.fail(append(path[:len(path):len(path)], indexStep(i)), "an empty text has no place in this list: leave it out")
				continue
			}
			if msg := k.check(p, s); msg != "" {
				d.fail(append(path[:len(path):len(path)], indexStep(i)), "%s", msg)
			}
			*k.list(p) = append(*k.list(p), s)
		}
	}
}

// cutList keeps an example short.
func cutList(s []string) []string {
	if len(s) > 8 {
		s = append(s[:8:8], "…")
	}
	return s
}

// exampleName is a profile's name where it can stand in a reference.
func exampleName(name string) string {
	if checkName(name) != "" {
		return ""
	}
	return name
}

func (d *decoder) textMap(path []string, v any, check func(name, v string) string) map[string]string {
	table, ok := v.(map[string]any)
	if !ok {
		d.fail(path, "a table of texts is expected, got %s", typeName(v))
		return nil
	}
	var out map[string]string
	for _, k := range slices.Sorted(maps.Keys(table)) {
		at := append(path[:len(path):len(path)], k)
		var s string
		if !d.text(at, table[k], &s) {
			continue
		}
		if msg := check(k, s); msg != "" {
			d.fail(at, "%s", msg)
		}
		if out == nil {
			out = map[string]string{}
		}
		out[k] = s
	}
	return out
}

func (d *decoder) tls(p *Profile, path []string, v any) {
	table, ok := v.(map[string]any)
	if !ok {
		d.fail(path, "a table is expected: [%s], got %s", keyText(path), typeName(v))
		return
	}
	for _, k := range slices.Sorted(maps.Keys(table)) {
		at := append(path[:len(path):len(path)], k)
		i := slices.IndexFunc(tlsKeys, func(x key) bool { return x.name == k })
		if i < 0 {
			d.unknown(at, keyNames(tlsKeys), map[string]string{"ca": "ca_file", "cert": "client_cert", "key": "client_key"})
			continue
		}
		d.value(p, tlsKeys[i], at, table[k])
	}
}

func (d *decoder) calls(path []string, v any) []flows.SavedCall {
	var tables []map[string]any
	switch v := v.(type) {
	case []map[string]any:
		tables = v
	case []any:
		for i, x := range v {
			t, ok := x.(map[string]any)
			if !ok {
				d.fail(append(path[:len(path):len(path)], indexStep(i)), "a table is expected: [[%s]], got %s", keyText(path), typeName(x))
				return nil
			}
			tables = append(tables, t)
		}
	default:
		d.fail(path, "tables of calls are expected, with double brackets: [[%s]], got %s", keyText(path), typeName(v))
		return nil
	}
	var out []flows.SavedCall
	for i, t := range tables {
		out = append(out, d.call(append(path[:len(path):len(path)], indexStep(i)), t))
	}
	return out
}

func (d *decoder) call(path []string, table map[string]any) flows.SavedCall {
	var c flows.SavedCall
	known := []string{"headers"}
	for _, k := range callKeys {
		known = append(known, k.name)
	}
	for _, k := range slices.Sorted(maps.Keys(table)) {
		at := append(path[:len(path):len(path)], k)
		if k == "headers" {
			c.Headers = d.textMap(at, table[k], checkHeader)
			continue
		}
		i := slices.IndexFunc(callKeys, func(x struct {
			name  string
			text  func(*flows.SavedCall) *string
			check func(string) string
		}) bool {
			return x.name == k
		})
		if i < 0 {
			d.unknown(at, known, nil)
			continue
		}
		to := callKeys[i].text(&c)
		if d.text(at, table[k], to) && *to != "" {
			if msg := callKeys[i].check(*to); msg != "" {
				d.fail(at, "%s", msg)
			}
		}
	}
	return c
}

// syntax turns what the library says of a text that is no TOML into our error.
// The library repeats words of the text, and they may be a secret without its
// quotes: what it quotes is left out.
func (d *decoder) syntax(err error, data []byte) *Error {
	e := &Error{File: d.file, Msg: "this is no TOML: " + unquoted(err.Error())}
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		return e
	}
	e.Line = pe.Position.Line
	if at := pe.Position.Start; at > 0 && at < len(data) { // its line is one too far at some line ends
		e.Line = d.l.lineAt(at)
	}
	msg := pe.Message
	if strings.Contains(msg, "already been defined") || strings.Contains(msg, "already created") {
		if again := d.duplicate(e.Line); again != nil {
			return again
		}
	}
	what := "a value is written as key = \"text\", true, false or [\"a\", \"b\"]"
	switch {
	case !utf8.Valid(data):
		what = "save it as UTF-8"
	case strings.Contains(msg, "escape") || strings.Contains(msg, "hexadecimal"):
		what = `a backslash in double quotes begins an escape: double it, or put the text in single quotes, like 'C:\keys\a.pem'`
	case strings.Contains(msg, "table"):
		what = "a table is written as [profile.NAME] on a line of its own"
	case strings.Contains(msg, "strings cannot contain newlines") || strings.Contains(msg, "unexpected EOF"):
		what = "close the quote or bracket that is open"
	case strings.Contains(msg, "already"):
		what = "keep one of the two"
	}
	e.Msg = "this is no TOML: " + unquoted(msg) + "; " + what
	return e
}

// duplicate finds the key or table that stands at a line and before it too.
func (d *decoder) duplicate(line int) *Error {
	at := -1
	for i, e := range d.l.entries {
		if e.line > line {
			break
		}
		at = i
	}
	// The library points at the second one, or at the line behind it.
	for ; at >= 0; at-- {
		e := d.l.entries[at]
		first := d.l.find(e.path...)
		if first == at || first < 0 {
			if e.line < line-1 {
				return nil
			}
			continue
		}
		x := &Error{File: d.file, Line: e.line, Key: keyText(e.path), Msg: fmt.Sprintf("this key is there twice, first on line %d: keep one", d.l.entries[first].line)}
		if len(e.path) == 2 && e.path[0] == "profile" {
			x.Msg = fmt.Sprintf("there are two profiles of the name %s, the first on line %d: rename one", show(e.path[1]), d.l.entries[first].line)
		}
		return x
	}
	return nil
}

// unquoted leaves out what a message of the library repeats of the text, but
// for single signs.
func unquoted(msg string) string {
	msg = strings.TrimPrefix(msg, "toml: ")
	var b strings.Builder
	for i := 0; i < len(msg); {
		c := msg[i]
		if c != '"' && c != '\'' && c != '`' {
			b.WriteByte(c)
			i++
			continue
		}
		end := i + 1
		for end < len(msg) && msg[end] != c {
			if msg[end] == '\\' && c != '`' {
				end++
			}
			end++
		}
		if in := msg[i+1 : min(end, len(msg))]; end < len(msg) && len(in) <= 3 {
			b.WriteString(msg[i : end+1])
		} else {
			b.WriteString("…")
		}
		i = end + 1
	}
	out := b.String()
	if strings.ContainsAny(out, "0123456789") { // numbers out of range are repeated without quotes
		return "a number or date cannot be read"
	}
	return out
}
