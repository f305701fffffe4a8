package profiles

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"reflect"
	"strings"
	"testing"

	"authwalk/flows"
)

// edit changes a profile by a function and puts it back.
func edit(name string, change func(*Profile)) func(*File) error {
	return func(f *File) error {
		p, err := f.Get(name)
		if err != nil {
			return err
		}
		change(&p)
		return f.Put(p)
	}
}

// TestEdits: what a change does to the text, to the byte. ⏎ marks CRLF.
func TestEdits(t *testing.T) {
	const two = "# top\n\n[profile.a] # A\n# domain of a\ndomain    = \"a.dev\"   # where\nclient_id = 'x'\n# realm = \"y\"\n\n# Staging, ask Kim\n[profile.b]\ndomain = \"b.dev\"\n"
	for _, c := range []struct {
		name, text string
		do         func(*File) error
		want       string
	}{
		{"nothing", two, edit("a", func(*Profile) {}), two},
		{"a value keeps its comment", two, edit("a", func(p *Profile) { p.Domain = "new.dev" }),
			strings.Replace(two, `"a.dev"`, `"new.dev"`, 1)},
		{"an emptied value keeps its line", two, edit("a", func(p *Profile) { p.ClientID = "" }), strings.Replace(two, `'x'`, `""`, 1)},
		{"a new key takes its place, lined up", two, edit("a", func(p *Profile) { p.Realm = "staff"; p.Scopes = []string{"openid", "a:b"} }),
			"# top\n\n[profile.a] # A\n# domain of a\ndomain    = \"a.dev\"   # where\nrealm     = \"staff\"\nclient_id = 'x'\nscopes    = [\"openid\", \"a:b\"]\n# realm = \"y\"\n\n# Staging, ask Kim\n[profile.b]\ndomain = \"b.dev\"\n"},
		{"a reference and a switch", "[profile.b]\ndomain = \"b.dev\"", edit("b", func(p *Profile) { p.ClientSecret = Ref{KindEnv, "X"}; p.AllowHTTP = true }),
			"[profile.b]\ndomain = \"b.dev\"\nclient_secret = \"env:X\"\nallow_http = true"},
		{"a switch off", "[profile.b]\nallow_http = true # here\n", edit("b", func(p *Profile) { p.AllowHTTP = false }), "[profile.b]\nallow_http = false # here\n"},
		{"into an empty table", "[profile.b]", edit("b", func(p *Profile) { p.Domain = "b.dev" }), "[profile.b]\ndomain        = \"b.dev\""},
		{"a list on several lines", "[profile.b]\nscopes = [ # these\n 'a',\n]\nrealm = 'r'\n", edit("b", func(p *Profile) { p.Scopes = append(p.Scopes, "b") }),
			"[profile.b]\nscopes = [\"a\", \"b\"]\nrealm = 'r'\n"},
		{"dotted keys", "profile.b.domain = 'b.dev' # x\nprofile.c.domain = 'c.dev'\n", edit("b", func(p *Profile) { p.Domain = "d.dev"; p.Realm = "r" }),
			"profile.b.domain = \"d.dev\" # x\nprofile.b.realm = \"r\"\nprofile.c.domain = 'c.dev'\n"},
		{"inline", "profile = { b = { domain = 'b.dev' }, c = {} } # x\n", edit("b", func(p *Profile) { p.Realm = "r"; p.Domain = "" }),
			"profile = { b = { domain = \"\", realm = \"r\" }, c = {} } # x\n"},
		{"inline, empty", "[profile]\nc = {} # x\n", edit("c", func(p *Profile) { p.Realm = "r" }), "[profile]\nc = { realm = \"r\" } # x\n"},
		{"only a table below", "x = 1\n"[:0] + "# about b\n[profile.b.params]\nk = 'v'\n", edit("b", func(p *Profile) { p.Domain = "b.dev" }),
			"# about b\n[profile.b]\ndomain = \"b.dev\"\n\n[profile.b.params]\nk = 'v'\n"},

		{"a parameter more", "[profile.b]\n[profile.b.params]\nk = 'v'\n\n[profile.c]\n", edit("b", func(p *Profile) { p.Params["z z"] = "1" }),
			"[profile.b]\n[profile.b.params]\nk = 'v'\n\"z z\" = \"1\"\n\n[profile.c]\n"},
		{"a parameter less", "[profile.b]\n[profile.b.params]\nk = 'v' # x\nl = 'w'\n", edit("b", func(p *Profile) { delete(p.Params, "k") }),
			"[profile.b]\n[profile.b.params]\nl = 'w'\n"},
		{"the first parameter", "[profile.b]\ndomain='b.dev'\n\n[profile.c]\n", edit("b", func(p *Profile) { p.Params = map[string]string{"k": "v"} }),
			"[profile.b]\ndomain='b.dev'\n\n[profile.b.params]\nk = \"v\"\n\n[profile.c]\n"},
		{"inline parameters", "[profile.b]\nparams = {k = 'v', l = 'w'} # x\n", edit("b", func(p *Profile) { delete(p.Params, "k"); p.Params["m"] = "1" }),
			"[profile.b]\nparams = {l = 'w', m = \"1\"} # x\n"},
		{"dotted parameters", "[profile.b]\nparams.k = 'v'\n", edit("b", func(p *Profile) { p.Params["m"] = "1" }), "[profile.b]\nparams.k = 'v'\nparams.m = \"1\"\n"},
		{"tls", "[profile.b]\n[profile.b.tls]\nproxy = 'http://p:1' # x\n", edit("b", func(p *Profile) { p.CAFile = "ca.pem"; p.Proxy = "" }),
			"[profile.b]\n[profile.b.tls]\nca_file = \"ca.pem\"\nproxy = \"\" # x\n"},

		{"a call more", "[profile.b]\n[[profile.b.call]]\nurl='/x'\n\n# c\n[profile.c]\n", edit("b", func(p *Profile) {
			p.Calls = append(p.Calls, flows.SavedCall{Method: "PUT", URL: "/y", Body: `{"a":1}`, Headers: map[string]string{"A": "b"}})
		}), "[profile.b]\n[[profile.b.call]]\nurl='/x'\n\n[[profile.b.call]]\nmethod  = \"PUT\"\nurl     = \"/y\"\nheaders = { A = \"b\" }\nbody    = '{\"a\":1}'\n\n# c\n[profile.c]\n"},
		{"the first call", "[profile.b]\ndomain='b.dev'\n", edit("b", func(p *Profile) { p.Calls = []flows.SavedCall{{URL: "/y"}} }),
			"[profile.b]\ndomain='b.dev'\n\n[[profile.b.call]]\nurl     = \"/y\"\n"},
		{"a call before the first", "[profile.b]\n\n# x\n[[profile.b.call]]\nurl='/x'\n", edit("b", func(p *Profile) { p.Calls = append([]flows.SavedCall{{URL: "/y"}}, p.Calls...) }),
			"[profile.b]\n\n[[profile.b.call]]\nurl     = \"/y\"\n\n# x\n[[profile.b.call]]\nurl='/x'\n"},
		{"a call less", "[profile.b]\n\n[[profile.b.call]]\nurl='/x'\n[profile.b.call.headers]\nA='b'\n\n# y\n[[profile.b.call]]\nurl='/y' # why\n", edit("b", func(p *Profile) { p.Calls = p.Calls[1:] }),
			"[profile.b]\n\n# y\n[[profile.b.call]]\nurl='/y' # why\n"},
		{"a call changed", "[profile.b]\n[[profile.b.call]]\n# why\nurl='/x' # x\n[profile.b.call.headers]\nA='b' # a\n[[profile.b.call]]\nurl='/y'\nheaders={}\n", edit("b", func(p *Profile) {
			p.Calls[0].URL = "/z"
			p.Calls[0].Name = "n"
			p.Calls[0].Headers["A"] = "c"
			p.Calls[0].Headers["B"] = "d"
			p.Calls[1].Headers = map[string]string{"C": "e"}
		}), "[profile.b]\n[[profile.b.call]]\nname = \"n\"\n# why\nurl=\"/z\" # x\n[profile.b.call.headers]\nA=\"c\" # a\nB = \"d\"\n[[profile.b.call]]\nurl='/y'\nheaders={ C = \"e\" }\n"},
		{"calls on one line", "[profile.b]\ncall = [{url='/x'}] # x\n", edit("b", func(p *Profile) { p.Calls[0].Method = "GET" }),
			"[profile.b]\ncall = [{ method = \"GET\", url = \"/x\" }] # x\n"},
		{"a body of lines", "[profile.b]\n[[profile.b.call]]\nurl='/x'\n", edit("b", func(p *Profile) { p.Calls[0].Body = "{\n}" }),
			"[profile.b]\n[[profile.b.call]]\nurl='/x'\nbody = '''\n{\n}'''\n"},
		{"a form that takes no line: written anew", "[profile]\nb.domain = 'b.dev'\nc.domain = 'c.dev'\n", edit("b", func(p *Profile) { p.Params = map[string]string{"k": "v"} }),
			"[profile]\nc.domain = 'c.dev'\n\n[profile.b]\ndomain        = \"b.dev\"\n\n[profile.b.params]\nk = \"v\"\n"},

		{"add", two, func(f *File) error { return f.Put(Profile{Name: "c d", Domain: "c.dev"}) }, two + "\n[profile.\"c d\"]\ndomain        = \"c.dev\"\n"},
		{"add, no line end", "[profile.a]", func(f *File) error { return f.Put(Profile{Name: "c"}) }, "[profile.a]\n\n[profile.c]\n"},
		{"add to nothing", "", func(f *File) error { return f.Put(Profile{Name: "c"}) }, "[profile.c]\n"},
		{"remove the first", two, func(f *File) error { return f.Remove("a") }, "# top\n\n# Staging, ask Kim\n[profile.b]\ndomain = \"b.dev\"\n"},
		{"remove the last", two, func(f *File) error { return f.Remove("b") }, two[:strings.Index(two, "\n# Staging")]},
		{"remove the only one", "# mine\n[profile.b]\nrealm='x'\n", func(f *File) error { return f.Remove("b") }, "# mine\n"},
		{"remove scattered tables", "[profile.a]\nrealm='x'\n[profile.b]\nrealm='y'\n[profile.a.params]\nk='v'\n[profile.c]\n[[profile.a.call]]\nurl='/x'\n",
			func(f *File) error { return f.Remove("a") }, "[profile.b]\nrealm='y'\n[profile.c]\n"},
		{"remove among dotted", "profile.a.realm='x'\nprofile.b.realm='y'\nprofile.a.domain='a.dev'\n", func(f *File) error { return f.Remove("a") }, "profile.b.realm='y'\n"},
		{"remove inline first", "profile = {a = {realm='x'}, b = {}}\n", func(f *File) error { return f.Remove("a") }, "profile = {b = {}}\n"},
		{"remove inline last", "profile = {a = {realm='x'}, b = {}}\n", func(f *File) error { return f.Remove("b") }, "profile = {a = {realm='x'}}\n"},
		{"remove the default", "default = 'a' # mine\n[profile.a]\n[profile.b]\n", func(f *File) error { return f.Remove("a") }, "default = \"\" # mine\n[profile.b]\n"},
		{"rename", "default='a'\n[profile.a] # a\nrealm='a'\n[profile . 'a'. params]\na='a'\n[[profile.a.call]]\nurl='/a'\n[profile.a.call.headers]\na='a'\n[profile.ab]\n",
			func(f *File) error { return f.Rename("a", "x y") },
			"default=\"x y\"\n[profile.\"x y\"] # a\nrealm='a'\n[profile . \"x y\". params]\na='a'\n[[profile.\"x y\".call]]\nurl='/a'\n[profile.\"x y\".call.headers]\na='a'\n[profile.ab]\n"},
		{"rename dotted", "profile.a.realm='x'\nprofile.a.tls={proxy='http://p:1'}\n", func(f *File) error { return f.Rename("a", "b") }, "profile.b.realm='x'\nprofile.b.tls={proxy='http://p:1'}\n"},
		{"rename inline", "profile = {a = {realm='x'}, b = {}}\n", func(f *File) error { return f.Rename("a", "c") }, "profile = {c = {realm='x'}, b = {}}\n"},
		{"set the default", two, func(f *File) error { return f.SetDefault("b") }, "# top\n\ndefault = \"b\"\n\n" + two[len("# top\n\n"):]},
		{"set the default at the top", "# mine\n[profile.a]\n", func(f *File) error { return f.SetDefault("a") }, "# mine\ndefault = \"a\"\n\n[profile.a]\n"},
		{"set the default before a comment", "\n# mine\n[profile.a]\n", func(f *File) error { return f.SetDefault("a") }, "\ndefault = \"a\"\n\n# mine\n[profile.a]\n"},
		{"change the default", "default = 'a' # x\n[profile.a]\n[profile.b]\n", func(f *File) error { return f.SetDefault("b") }, "default = \"b\" # x\n[profile.a]\n[profile.b]\n"},
		{"no default", "default = 'a' # x\n[profile.a]\n", func(f *File) error { return f.SetDefault("") }, "default = \"\" # x\n[profile.a]\n"},
		{"a mark of byte order stays", "\ufeff[profile.a]\n", func(f *File) error { return f.SetDefault("a") }, "\ufeffdefault = \"a\"\n\n[profile.a]\n"},

		{"CRLF", "[profile.a]⏎domain = 'a.dev'⏎⏎[profile.b]⏎", edit("a", func(p *Profile) { p.Realm = "r"; p.Calls = []flows.SavedCall{{URL: "/x", Body: "a\nb"}} }),
			"[profile.a]⏎domain = 'a.dev'⏎realm = \"r\"⏎⏎[[profile.a.call]]⏎url     = \"/x\"⏎body    = \"a\\nb\"⏎⏎[profile.b]⏎"},
		{"CRLF, add", "[profile.a]⏎domain = 'a.dev'", func(f *File) error { return f.Put(Profile{Name: "b"}) }, "[profile.a]⏎domain = 'a.dev'"},
		{"CRLF, remove", "[profile.a]⏎domain = 'a.dev'⏎⏎[profile.b]⏎realm='x'⏎", func(f *File) error { return f.Remove("b") }, "[profile.a]⏎domain = 'a.dev'⏎"},
	} {
		if c.name == "CRLF, add" {
			c.want += "⏎⏎[profile.b]⏎"
		}
		crlf := func(s string) string { return strings.ReplaceAll(s, "⏎", "\r\n") }
		f := load(t, crlf(c.text))
		before := map[string]Profile{}
		for _, p := range f.Profiles {
			before[p.Name] = p
		}
		if err := c.do(f); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := string(f.data); got != crlf(c.want) {
			t.Errorf("%s:\n--- got\n%s\n--- want\n%s", c.name, got, crlf(c.want))
		}
		if err := f.Save(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		again, err := Load(f.Path)
		if err != nil || !reflect.DeepEqual(again.Profiles, f.Profiles) || again.Default != f.Default {
			t.Errorf("%s: saved, it reads otherwise: %v", c.name, err)
		}
	}
}

func TestRefusedEdits(t *testing.T) {
	f := load(t, full)
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"put nameless":      {f.Put(Profile{}), "needs a name"},
		"put a bad domain":  {f.Put(Profile{Name: "x", Domain: "a b"}), "no host"},
		"put bad bytes":     {f.Put(Profile{Name: "x", Realm: "\xff"}), "UTF-8"},
		"put a bad scope":   {f.Put(Profile{Name: "x", Scopes: []string{"a b"}}), "one scope to an element"},
		"put a bad ref":     {f.Put(Profile{Name: "x", Password: Ref{"vault", "SEKRET"}}), "must not stand here"},
		"remove unknown":    {f.Remove("acme-dex"), "did you mean acme-dev?"},
		"remove nameless":   {f.Remove(""), "without a name"},
		"rename unknown":    {f.Rename("zzz", "a"), "there is no profile"},
		"rename to another": {f.Rename("acme-dev", "acme prod"), "already"},
		"rename badly":      {f.Rename("acme-dev", "-x"), "dash"},
		"default unknown":   {f.SetDefault("zzz"), "there is no profile"},
	} {
		var u *flows.UsageError
		if !errors.As(c.err, &u) || !strings.Contains(c.err.Error(), c.says) || strings.Contains(c.err.Error(), "SEKRET") {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if string(f.data) != full {
		t.Error("a refused change left something behind")
	}
}

// TestRoundTrip: whatever a profile holds, it comes back from the file.
func TestRoundTrip(t *testing.T) {
	for _, p := range []Profile{
		fullProfile(""),
		{Name: "ä b\u202e", Realm: "\"\\ \u202e\u200b' é 🙂", Username: "tab\u00a0"},
		{Name: "x", Params: map[string]string{"": ""}}, // refused
		{Name: "x", Params: map[string]string{"é": "\x00\x7f\u0085\n\r\n\t"}},
		{Name: "x", Calls: []flows.SavedCall{{URL: "/x", Body: "'''"}, {URL: "/x", Body: "\n\na''\n"}, {URL: "/x", Body: "a\n'"}, {URL: "/x", Body: "a\r\nb\x01"}, {URL: "x", Body: "\n"}}},
	} {
		f := load(t, "# x\n")
		err := f.Put(p)
		if _, refused := p.Params[""]; refused {
			if err == nil {
				t.Error("a parameter without a name was taken")
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", p, err)
			continue
		}
		p.Dir = f.dir
		if !reflect.DeepEqual(f.Profiles[0].normal(), p.normal()) {
			t.Errorf("got  %+v\nwant %+v", f.Profiles[0], p)
		}
		if bytes.ContainsAny(f.data, "\u202e\u200b\x00") {
			t.Errorf("hidden signs stand bare in the file: %q", f.data)
		}
	}
}

// foreign is the bytes of each profile but one: from each header to its last pair.
func foreign(f *File, but string) map[string]string {
	out := map[string]string{}
	for i, e := range f.layout.entries {
		if len(e.path) < 2 || e.path[0] != "profile" || e.path[1] == but || e.inline {
			continue
		}
		name := e.path[1]
		if e.kind == entryPair {
			out[name] += string(f.data[e.parts[0].at.start:e.val.end]) + "\n"
			continue
		}
		end := e.whole.end
		for _, p := range f.layout.entries[i:] {
			if p.parent == i {
				end = p.whole.end
			}
		}
		out[name] += strings.TrimSpace(string(f.data[e.whole.start:end])) + "\n"
	}
	return out
}

func FuzzSave(f *testing.F) {
	f.Add(full, "acme-dev", "x", "new.dev", "k", byte(0))
	f.Add("profile = {a = {realm='x'}, b = {}}", "a", "b", "c", "", byte(1))
	f.Add("[profile]\nb.domain = 'b.dev'\nc.domain = 'c.dev'\n", "b", "c", "d", "e", byte(2))
	f.Add("default='a'\r\n[profile.a.tls]\r\nproxy=\"http://p:1\"\r\n\r\n[profile.b]", "a", "b", "c", "'''\n", byte(3))
	f.Add("profile.a.call=[{url='/x'}]\n#x\n[profile.b.params]\nx='''\n\n'''", "a", "b", "c", "\"", byte(4))
	f.Fuzz(func(t *testing.T, text, name, other, value, more string, what byte) {
		file := &File{Path: "f.toml", data: []byte(text)}
		if file.reread() != nil {
			return
		}
		if what%2 == 0 && len(file.Profiles) > 0 {
			name = file.Profiles[int(what/8)%len(file.Profiles)].Name
		}
		was, before := slicesByName(file), foreign(file, name)
		p := was[name].Clone()
		p.Name = name
		var err error
		switch what % 8 {
		case 0, 1:
			p.Realm, p.Scopes = value, append(p.Scopes, more)
			if p.Params == nil {
				p.Params = map[string]string{}
			}
			p.Params[other] = more
			err = file.Put(p)
		case 2:
			p.Realm, p.Domain, p.Params, p.Scopes = "", value, nil, nil
			p.Calls = append([]flows.SavedCall{{URL: "/" + value, Body: more}}, p.Calls...)
			err = file.Put(p)
		case 3:
			p.Calls, p.Proxy, p.ClientSecret = nil, "", Ref{KindEnv, value}
			err = file.Put(p)
		case 4:
			for i := range p.Calls {
				p.Calls[i].Body, p.Calls[i].Headers = more, map[string]string{value: more}
			}
			p.CAFile = value
			err = file.Put(p)
		case 5:
			err = file.Remove(name)
		case 6:
			err = file.Rename(name, other)
		case 7:
			err = file.SetDefault(name)
		}
		if err != nil {
			var u *flows.UsageError
			if !errors.As(err, &u) {
				t.Fatalf("no usage error: %v", err)
			}
			if string(file.data) != text {
				t.Fatal("a refused change left something behind")
			}
			return
		}
		again := &File{Path: "f.toml", data: file.data}
		if err := again.reread(); err != nil {
			t.Fatalf("it cannot be read any more: %v\n%s", err, file.data)
		}
		now := slicesByName(again)
		for n, q := range was {
			if n != name && !reflect.DeepEqual(now[n], q) {
				t.Fatalf("profile %q changed:\n%s\n---\n%s", n, text, file.data)
			}
		}
		after := foreign(again, name)
		if what%8 == 6 {
			delete(after, other)
		}
		if !maps.Equal(before, after) {
			t.Fatalf("the bytes of other profiles changed:\n%q\n%q\n--- %s\n--- %s", before, after, text, file.data)
		}
	})
}

func slicesByName(f *File) map[string]Profile {
	out := map[string]Profile{}
	for _, p := range f.Profiles {
		out[p.Name] = p.normal()
	}
	return out
}

func TestRender(t *testing.T) {
	got := Render(fullProfile(""))
	want, err := os.ReadFile("testdata/full.toml")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("testdata/full.toml", got, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n%s", err, got)
	}
}
