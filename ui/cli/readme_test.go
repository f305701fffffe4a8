package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var updateReadme = flag.Bool("update", false, "write the generated part of README.md anew")

// TestReadmeScenarios keeps the README's table of scenarios equal to what
// `authwalk tenant --list` prints.
func TestReadmeScenarios(t *testing.T) {
	var out strings.Builder
	out.WriteString("| scenario | what it teaches | first finding | exit |\n|---|---|---|---|\n")
	topic := ""
	for _, s := range scenarios() {
		if s.Topic != topic {
			topic = s.Topic
			fmt.Fprintf(&out, "| **%s** | | | |\n", topic)
		}
		finding := s.Diagnosis
		if finding != "" {
			finding = "`" + finding + "`"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %d |\n", s.Name, s.Teaches, finding, s.Exit)
	}
	const file, begin, end = "../../README.md", "<!-- scenarios: written by go test ./ui/cli -run Readme -update -->\n", "<!-- /scenarios -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(text), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("README.md has no place for the table of scenarios")
	}
	if old == out.String() {
		return
	}
	if !*updateReadme {
		t.Fatal("README.md's table of scenarios is stale: go test ./ui/cli -run Readme -update")
	}
	if err := os.WriteFile(file, []byte(head+begin+out.String()+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestReadmeIsTrue: commands and flags that the README names exist, and so do
// the pictures and files that it refers to.
func TestReadmeIsTrue(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	root := (&app{}).root()
	named, shell := 0, false
	line := regexp.MustCompile("(?:^|[$][(]|[|] )(?:authwalk|go run \\.)((?: +[^ |`$()#\n]+)*)")
	for _, l := range strings.Split(strings.ReplaceAll(string(text), "\\\n", " "), "\n") {
		var found [][]string
		for _, code := range regexp.MustCompile("`[^`]*`").FindAllString(l, -1) {
			found = append(found, line.FindAllStringSubmatch(strings.Trim(code, "`"), -1)...)
		}
		if strings.HasPrefix(l, "```") {
			shell = l == "```sh"
		}
		if shell {
			found = append(found, line.FindAllStringSubmatch(l, -1)...)
		}
		for _, m := range found {
			cmd, args, err := root.Find(strings.Fields(m[1]))
			if err != nil {
				t.Errorf("%q: %v", m[0], err)
				continue
			}
			if cmd == root && len(args) > 0 && !strings.HasPrefix(args[0], "-") {
				t.Errorf("%q: there is no command %s", m[0], args[0])
			}
			for _, arg := range args {
				name, long := strings.CutPrefix(arg, "--")
				switch {
				case long && cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil:
					t.Errorf("%q: there is no flag %s", m[0], arg)
				case !long && len(arg) == 2 && arg[0] == '-' && cmd.Flags().ShorthandLookup(arg[1:]) == nil && cmd.InheritedFlags().ShorthandLookup(arg[1:]) == nil:
					t.Errorf("%q: there is no flag %s", m[0], arg)
				}
			}
			named++
		}
	}
	if named < 25 {
		t.Errorf("only %d commands were found", named)
	}
	for _, m := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
			t.Error(err)
		}
	}
}
