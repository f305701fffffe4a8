package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pkg is what `go list -json` says of a package; test files are not in it.
type pkg struct {
	ImportPath, Dir string
	Imports         []string
	GoFiles         []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// under tells whether a path is one of the folders or below one.
func under(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") })
}

// allowed says which of our packages each part may import. The longest key that
// a package is under counts. The leaves of flows (rawjson, token, diagnosis) are
// parts of flows that do not know it.
var allowed = map[string][]string{
	"authwalk":                 {"authwalk/ui/cli"},
	"authwalk/flows":           {"authwalk/flows/rawjson", "authwalk/flows/token", "authwalk/flows/diagnosis"},
	"authwalk/flows/rawjson":   {},
	"authwalk/flows/token":     {"authwalk/flows/rawjson"},
	"authwalk/flows/diagnosis": {"authwalk/flows/rawjson", "authwalk/flows/token"},
	"authwalk/flows/report":    {"authwalk/flows", "authwalk/flows/rawjson", "authwalk/flows/token", "authwalk/flows/diagnosis"},
	"authwalk/flows/tenant":    {},
	"authwalk/profiles":        {"authwalk/flows"},
	"authwalk/ui": {"authwalk/profiles", "authwalk/flows", "authwalk/flows/rawjson", "authwalk/flows/token", "authwalk/flows/diagnosis", "authwalk/flows/report",
		"authwalk/ui/picture", "authwalk/ui/quiet"},
	"authwalk/ui/cli": {"authwalk/ui", "authwalk/profiles", "authwalk/flows", "authwalk/flows/rawjson", "authwalk/flows/token", "authwalk/flows/diagnosis",
		"authwalk/flows/report", "authwalk/flows/tenant"},
	"authwalk/ui/drive":         {"authwalk/ui/picture"},
	"authwalk/ui/drive/ptytest": {"authwalk/ui/picture"},
	"authwalk/ui/picture":       {},
	"authwalk/ui/quiet":         {},
	"authwalk/screenshots": {"authwalk/screenshots", "authwalk/ui", "authwalk/ui/drive", "authwalk/ui/picture", "authwalk/profiles", "authwalk/flows", "authwalk/flows/rawjson",
		"authwalk/flows/token", "authwalk/flows/diagnosis", "authwalk/flows/tenant"},
}

// outside says which folders alone may import packages of others.
var outside = []struct {
	prefix string
	in     []string
}{
	{"github.com/charmbracelet", []string{"authwalk/ui", "authwalk/screenshots"}},
	{"github.com/muesli", []string{"authwalk/ui", "authwalk/screenshots"}},
	{"github.com/BurntSushi/toml", []string{"authwalk/profiles"}},
	{"github.com/spf13", []string{"authwalk/ui/cli"}},
	{"github.com/golang-jwt", []string{"authwalk/flows"}},
	{"github.com/zalando/go-keyring", []string{"authwalk/profiles"}},
}

// TestImports keeps the layout: who may know whom.
func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		rule, ok := "", false
		for key := range allowed {
			if under(p.ImportPath, key) && (key != "authwalk" || p.ImportPath == key) && len(key) >= len(rule) {
				rule, ok = key, true
			}
		}
		if !ok {
			t.Errorf("%s is in no folder of the layout", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if under(imp, "authwalk") && !slices.Contains(allowed[rule], imp) {
				t.Errorf("%s imports %s, which %s may not", p.ImportPath, imp, rule)
			}
			for _, o := range outside {
				if under(imp, o.prefix) && !under(p.ImportPath, o.in...) {
					t.Errorf("%s imports %s, which only %s may", p.ImportPath, imp, strings.Join(o.in, ", "))
				}
			}
		}
	}
}

// senders are the names that send something over the network.
var senders = map[string][]string{
	"http": {"Client", "DefaultClient", "Get", "Head", "Post", "PostForm", "Transport", "DefaultTransport"},
	"net":  {"Dial", "DialTimeout", "Dialer"},
}

// TestOnlyFlowsSends keeps outgoing requests in flows. The tenant answers them,
// also in process.
func TestOnlyFlowsSends(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath == "authwalk/flows" {
			continue
		}
		for _, name := range p.GoFiles {
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := s.X.(*ast.Ident); ok && x.Obj == nil && slices.Contains(senders[x.Name], s.Sel.Name) {
					t.Errorf("%s: %s.%s: only flows sends requests", set.Position(n.Pos()), x.Name, s.Sel.Name)
				}
				return true
			})
		}
	}
}

// TestLicencesAreListed: the README's table names each module that is linked on
// any of the systems, and no other.
func TestLicencesAreListed(t *testing.T) {
	linked := map[string]bool{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", ".")
		cmd.Env = append(os.Environ(), "GOOS="+system)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list for %s: %v", system, err)
		}
		for path := range strings.FieldsSeq(string(out)) {
			linked[path] = true
		}
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "## Licence\n")
	listed := map[string]bool{}
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) == 4 {
			for group := range strings.SplitSeq(cells[2], "·") {
				owner := ""
				for i, name := range strings.Split(strings.TrimSpace(group), ", ") {
					name = strings.TrimPrefix(name, "Go and ")
					if i == 0 { // the names after the first are of the same owner
						parts := strings.Split(name, "/")
						owner = strings.Join(parts[:max(min(len(parts)-1, 2), 0)], "/") + "/"
					} else {
						name = owner + name
					}
					if strings.Contains(name, ".") && !strings.Contains(name, " ") {
						listed[name] = true
					}
				}
			}
		}
	}
	for path := range linked {
		if !listed[path] {
			t.Errorf("%s is linked, and not in the README's table of licences", path)
		}
	}
	for path := range listed {
		if !linked[path] {
			t.Errorf("%s is in the README's table of licences, and not linked", path)
		}
	}
}
