package ui

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"authwalk/flows"
)

// field is one thing to fill in.
type field struct {
	flows.Field
	in     input
	option int // of a choice
	// scopes of a set, each on or off; at is the one under the cursor,
	// len(scopes): the place for a new one.
	scopes   []chip
	at       int
	revealed bool
	left     bool // it was visited and left: what is wrong is told
	live     bool // what is wrong is told while one types, too
	ref      bool // it takes a reference to a secret, never a secret
	guarded  bool // a line of an .env block with a secret in it is refused
	first    string
	complain string
}

type chip struct {
	value string
	on    bool
}

// setValue fills a field in.
func (x *field) setValue(v string) {
	switch x.Kind {
	case flows.KindChoice:
		x.option = max(slices.IndexFunc(x.Options, func(o flows.Option) bool { return o.Value == v }), 0)
	case flows.KindScopes:
		on := strings.Fields(v)
		x.scopes = nil
		for _, s := range on {
			if !x.has(s) {
				x.scopes = append(x.scopes, chip{s, true})
			}
		}
		for _, o := range x.Options {
			if !x.has(o.Value) {
				x.scopes = append(x.scopes, chip{o.Value, false})
			}
		}
		x.at = min(x.at, len(x.scopes))
		x.in.set("")
	default:
		x.in.set(v)
	}
}

func (x *field) has(scope string) bool {
	return slices.ContainsFunc(x.scopes, func(c chip) bool { return c.value == scope })
}

// value is what stands in the field.
func (x *field) value() string {
	switch x.Kind {
	case flows.KindChoice:
		if x.option < len(x.Options) {
			return x.Options[x.option].Value
		}
		return ""
	case flows.KindScopes:
		var on []string
		for _, c := range x.scopes {
			if c.on {
				on = append(on, c.value)
			}
		}
		for _, s := range strings.Fields(x.in.value()) {
			if !slices.Contains(on, s) {
				on = append(on, s)
			}
		}
		return strings.Join(on, " ")
	case flows.KindCode:
		return strings.Map(func(r rune) rune {
			if r == ' ' || r == '-' {
				return -1
			}
			return r
		}, x.in.value())
	}
	return x.in.value()
}

// spilled tells whether what stands in a plain field must not be seen: a line
// of an .env block with a secret in it, or a secret where a reference to it
// belongs.
func (x *field) spilled() bool {
	v := x.value()
	switch x.Kind {
	case flows.KindSecret, flows.KindCode, flows.KindChoice:
		return false
	}
	if x.ref && v != "" {
		for _, k := range []string{"env:", "file:", "keyring:", "cmd:", "prompt"} {
			if strings.HasPrefix(v, k) || strings.HasPrefix(k, v) {
				return false
			}
		}
		return true
	}
	return x.guarded && secretLine().MatchString(v)
}

// secretLine is an assignment to what is called a secret.
var secretLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(secret|password|passwd|private_key)["']?\s*=`)
})

// quoted is a long value in an error.
var quoted = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"((?:[^"\\]|\\.)*)"|“([^”]*)”`) })

// brief shortens what an error quotes: a value pasted into the wrong field may
// be a secret.
func brief(text string) string {
	const most = 20
	return quoted().ReplaceAllStringFunc(text, func(q string) string {
		r := []rune(q)
		open, in, end := r[0], r[1:len(r)-1], r[len(r)-1]
		n := len(in)
		if i := slices.Index(in, '='); i >= 0 {
			n = i + 1
		}
		if n = min(n, most); n == len(in) {
			return q
		}
		return string(open) + string(in[:n]) + "…" + string(end)
	})
}

// problem is what is wrong with the value, a clause; empty: nothing.
func (x *field) problem() string {
	v := x.value()
	if !x.ref && x.spilled() {
		return "this has a secret in it and is not shown: clear the field (ctrl+u), and paste the whole block at once"
	}
	if v == "" {
		if x.Required {
			return "this is needed"
		}
		return ""
	}
	if x.Check != nil {
		if err := x.Check(v); err != nil {
			return strings.TrimPrefix(strings.TrimSuffix(brief(err.Error()), "."), x.Name+": ")
		}
	}
	return ""
}

// takesText tells whether letters type into the field.
func (x *field) takesText() bool { return x.Kind != flows.KindChoice }

// leave tells what is wrong with what was filled in; that something is missing
// is told when the form is sent.
func (x *field) leave() {
	x.left = true
	if x.Kind == flows.KindScopes && !x.spilled() {
		x.addTyped()
	}
	if x.complain = x.problem(); x.value() == "" {
		x.complain = ""
	}
}

// addTyped turns what was typed into the place for a new scope into scopes.
func (x *field) addTyped() {
	for _, s := range strings.Fields(x.in.value()) {
		if i := slices.IndexFunc(x.scopes, func(c chip) bool { return c.value == s }); i >= 0 {
			x.scopes[i].on = true
		} else {
			x.scopes = append(x.scopes, chip{s, true})
		}
	}
	if x.in.value() != "" {
		x.at = len(x.scopes)
	}
	x.in.set("")
}

// paste takes text as its field wants it.
func (x *field) paste(k tea.KeyMsg) tea.Cmd {
	x.complain = ""
	k.Runes = []rune(lineEnds(string(k.Runes)))
	switch x.Kind {
	case flows.KindCode:
		k.Runes = []rune(strings.Join(strings.Fields(string(k.Runes)), ""))
	case flows.KindScopes:
		x.at = len(x.scopes)
		cmd := x.in.update(k)
		if strings.ContainsAny(strings.TrimSpace(string(k.Runes)), " \n\t") {
			x.addTyped()
		}
		return cmd
	}
	return x.in.update(k)
}

// lineEnds makes the line ends of a paste what they are elsewhere: terminals
// send carriage returns.
func lineEnds(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
