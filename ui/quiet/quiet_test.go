package quiet

import (
	"os/exec"
	"strings"
	"testing"
)

func TestColorFGBG(t *testing.T) {
	for _, c := range []struct {
		value string
		dark  bool
	}{
		{"", true},
		{"15;0", true},
		{"0;15", false},
		{"0;7", false},
		{"15;default;0", true},
		{"0;default;15", false},
		{"7;8", true},
		{"12;default", true},
		{"default;default", true},
		{"15", true}, // a foreground alone says nothing
		{"0;231", true},
		{"0;-1", true},
		{";", true},
		{"0;99999999999999999999", true},
	} {
		if got := fromColorFGBG(c.value); got != c.dark {
			t.Errorf("COLORFGBG=%q: dark %v, want %v", c.value, got, c.dark)
		}
	}
}

// One import too many and the init here would run after Bubble Tea's.
func TestImportsOnlyLipgloss(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, path := range strings.Fields(string(out)) {
		if strings.Contains(path, ".") && path != "github.com/charmbracelet/lipgloss" || strings.HasPrefix(path, "authwalk/") {
			t.Errorf("imports %s", path)
		}
	}
}
