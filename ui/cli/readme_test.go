package cli

import (
	"flag"
	"fmt"
	"os"
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
