package ui

import (
	"context"
	"strings"
	"testing"

	"github.com/itchyny/gojq"
)

// TestJQElements: what is run element by element gives what jq gives.
func TestJQElements(t *testing.T) {
	list := `[{"n":1,"t":["a","b"]},{"n":12345678901234567890,"t":[]},{"n":null,"t":["c"]}]`
	for expr, by := range map[string]struct {
		in   string
		each bool
		want string
	}{
		".[]":                        {list, true, ""},
		".[].n":                      {list, true, "1\n12345678901234567890\nnull"},
		".[].t[]":                    {list, true, `"a" "b" "c"`},
		".[] | .t | length":          {list, true, "2\n0\n1"},
		".[] | select(.n == 1).t":    {list, true, "[ \"a\", \"b\" ]"},
		".[].t | .[] | ascii_upcase": {list, true, `"A" "B" "C"`},
		".[0].n":                     {list, false, "1"},
		".[-1].t":                    {list, false, "[ \"c\" ]"},
		".":                          {list, false, ""},
		".[], 1":                     {list, false, ""},
		".[] as $x | $x.n":           {list, false, "1\n12345678901234567890\nnull"},
		".[]?":                       {`3`, false, ""},
		".[] |= 1":                   {list, false, "[ 1, 1, 1 ]"},
		".[] + 1":                    {`[1,2]`, false, "2 3"},
		".[].a":                      {`{"x":{"a":1},"y":{"a":2}}`, true, "1 2"}, // an object: whole
		".[] | .n, halt":             {list, true, "1"},
		"map(.n) | length":           {list, false, "3"},
	} {
		q, err := gojq.Parse(expr)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		if each, _ := elements(q); each != by.each {
			t.Errorf("%s: by elements %v", expr, each)
		}
		var text rope
		text.add([]byte(by.in))
		d := runJQ(context.Background(), q, &text)
		got := strings.Join(strings.Fields(d.text.String()), " ")
		if want := strings.Join(strings.Fields(by.want), " "); d.kind != "json" || want != "" && got != want {
			t.Errorf("%s: %s %q %s, want %q", expr, d.kind, got, d.note, want)
		}
	}
	for in, why := range map[string]string{`[1,2`: "no JSON", `[1,}`: "no JSON", `[1] 2`: "", `7`: "cannot iterate"} {
		q, err := gojq.Parse(".[]")
		if err != nil {
			t.Fatal(err)
		}
		var text rope
		text.add([]byte(in))
		if d := runJQ(context.Background(), q, &text); !strings.Contains(d.note, why) || why == "" && d.kind != "json" {
			t.Errorf(".[] of %s: %s %q", in, d.kind, d.note)
		}
	}
}

// TestJQAsks: what would take much memory says so, and runs when it is asked for
// again; what goes by elements runs at once.
func TestJQAsks(t *testing.T) {
	was := jqWhole
	defer func() { jqWhole = was }()
	jqWhole = 10
	b := newBench(t)
	d := b.openDemo("works", 120, 36)
	b.keys(d, "enter", "5", "enter")
	for app(d).walk.api.part != partAnswer {
		b.keys(d, "tab")
	}
	b.keys(d, "/")
	d.Type(". | length")
	mustContain(t, b.keys(d, "enter"), "of memory")
	if app(d).walk.api.jq != nil {
		t.Fatal("it ran before it was asked for again")
	}
	b.keys(d, "enter")
	if j := app(d).walk.api.jq; j == nil || j.lines != 1 {
		t.Fatalf("it did not run:\n%s", d.Text())
	}
	b.keys(d, "esc", "/")
	d.Type(".[]")
	if text := b.keys(d, "enter"); app(d).walk.api.jq == nil {
		t.Fatalf("it did not run at once:\n%s", text)
	}
}
