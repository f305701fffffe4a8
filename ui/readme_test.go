package ui

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var updateReadme = flag.Bool("update", false, "write the generated part of README.md anew")

// TestReadmeKeys keeps the README's table of keys equal to the actions that
// the dispatcher, the footer and the help read.
func TestReadmeKeys(t *testing.T) {
	b := newBench(t)
	d := b.start(120, 36)
	a := d.Model().(*App)
	var out strings.Builder
	out.WriteString("| where | key | what it does |\n|---|---|---|\n")
	common := map[string]bool{}
	row := func(where string, x action) {
		if x.help == "" || slices.Contains([]string{"down", "up", "pgdown", "pgup", "home", "end"}, x.keys[0]) {
			return // moving is the same everywhere
		}
		var keys []string
		for _, k := range x.keys {
			keys = append(keys, "`"+keyName(k)+"`")
		}
		fmt.Fprintf(&out, "| %s | %s | %s |\n", where, strings.ReplaceAll(strings.Join(keys, " "), "|", "\\|"), strings.ReplaceAll(x.help, "|", "\\|"))
	}
	for _, x := range a.common(a.front()) {
		if len(x.keys) == 1 && x.keys[0] >= "1" && x.keys[0] <= "6" {
			continue
		}
		common[x.help] = true
		row("everywhere", x)
	}
	out.WriteString("| on every step | `1` … `6` | Go to a step that was reached |\n")
	out.WriteString("| everywhere | arrows `j` `k` `pgup` `pgdn` `home` `end` | Move |\n")
	seen := map[string]bool{}
	screenRows := func(where string) {
		for _, x := range a.front().actions() {
			if id := strings.TrimSuffix(where, ", the answer") + x.help; !common[x.help] && !seen[id] {
				seen[id] = true
				row(where, x)
			}
		}
	}
	screenRows("1 Tenant")
	b.keys(d, "enter")
	screenRows("2 Credentials")
	b.keys(d, "enter")
	screenRows("3 Request")
	b.keys(d, "enter")
	screenRows("4 Claims")
	b.keys(d, "enter")
	screenRows("5 API")
	b.keys(d, "enter")
	screenRows("5 API")
	b.keys(d, "tab", "tab")
	screenRows("5 API, the answer")
	b.keys(d, "enter", "enter")
	screenRows("6 Refresh")
	b.keys(d, "w")
	screenRows("the wire")

	const file, begin, end = "../README.md", "<!-- keys: written by go test ./ui -run Readme -update -->\n", "<!-- /keys -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(text), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("README.md has no place for the table of keys")
	}
	if old == out.String() {
		return
	}
	if !*updateReadme {
		t.Fatal("README.md's table of keys is stale: go test ./ui -run Readme -update")
	}
	if err := os.WriteFile(file, []byte(head+begin+out.String()+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
