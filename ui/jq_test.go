package ui

import (
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
		".[0].n":                     {list, true, "1"},
		".[-1].t":                    {list, false, "[ \"c\" ]"},
		".":                          {list, false, ""},
		".[], 1":                     {list, false, ""},
		".[] as $x | $x.n":           {list, false, "1\n12345678901234567890\nnull"},
		".[]?":                       {`3`, false, ""},
		".[] |= 1":                   {list, false, "[ 1, 1, 1 ]"},
		".[] + 1":                    {`[1,2]`, false, "2 3"},
		".[].a":                      {`{"x":{"a":1},"y":{"a":2}}`, false, "1 2"}, // an object: whole
		".[] | .n, halt":             {list, true, "1"},
		"map(.n) | length":           {list, true, "3"},
	} {
		q, err := gojq.Parse(expr)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		doc := newDocument(t.Context(), strings.NewReader(by.in), "application/json", 0)
		if p := planJQ(t.Context(), q, doc); (p.each != nil || p.counted >= 0 || p.at.to-p.at.from < doc.text.n) != by.each {
			t.Errorf("%s: by elements %v", expr, !by.each)
		}
		d := runJQ(t.Context(), q, doc, 1<<20)
		got := strings.Join(strings.Fields(d.String()), " ")
		if want := strings.Join(strings.Fields(by.want), " "); d.kind != "json" || want != "" && got != want {
			t.Errorf("%s: %s %q %s, want %q", expr, d.kind, got, d.note, want)
		}
	}
	for in, why := range map[string]string{`[1,2`: "no JSON", `[1,}`: "no JSON", `[1] 2`: "", `7`: "cannot iterate"} {
		q, err := gojq.Parse(".[]")
		if err != nil {
			t.Fatal(err)
		}
		if d := runJQ(t.Context(), q, newDocument(t.Context(), strings.NewReader(in), "application/json", 0), 1<<20); !strings.Contains(d.note, why) || why == "" && d.kind != "json" {
			t.Errorf(".[] of %s: %s %q", in, d.kind, d.note)
		}
	}
}

// TestJQPlan: whatever is taken from an expression, the result is that of the
// whole value.
func TestJQPlan(t *testing.T) {
	inputs := []string{
		`{"a":[{"b":1,"c":[1,2,{"d":"x,y}"}]},{"b":2,"c":[]},{"b":null,"c":"]"}],"n":3,"e":{},"f":[],"a b":{"k\u0061":"v"},"t":"{[","s":[[1,2],[],[3,[4]]]}`,
		`[{"b":"1"},{"b":2,"c":{"b":[1]}},[],{},"x",null,[[[1]]]]`, `[]`, `{}`, `[1]`, `"a"`, `null`, `7`, `[[1,2,3],[4,5,6]]`,
		`{"a":1,"a":[5,6],"\\":{"\"":2}}`, `{"a":{"a":{"a":[0,1,2,3]}}}`,
	}
	exprs := strings.Split(`.~.a~.a[]~.a[].b~.a[1]~.a[1].c[0]~.a[-1]~.a[9]~.a[0:2]~.a[1:]~.a[:1]~.a[2:1]~.a[:-1]~.a|length~length~.a|map(.b)~map(.b)~map(length)~map(.)|length~.[1:3]|map(type)~.["a b"]~."a b".ka~.["a b"]["ka"]~.e~.f[]~.f|length~.t~.t|length~.s[1]~.s[]|length~.s[][]~.s|map(length)|add~.a?~.a[]?~.a.b?~.a.x~.x.y~.[0]~.[0][1]~.[]~.[][]~.[]|.[]~.a as $x|$x~.a[] as {b:$b}|$b~def f: .a; f~def map(f): 7; map(.)~.a|map(select(.b))|length~.a|.[1]|.b~[.a[]]~.a,.n~.a+.n~.a//1~.n=5~.a|=1~.a.a.a|map(.+1)~.a.a.a[2:]|length~."\\"."\""~keys~.a|keys~first(.a[])~.a|first~limit(1;.[])~.a[].c|length~.a|.[].c|.[0]~.[0:2][0]~.[1.5]~.[1e0]~.[.n]~error~.a|error~.a[]|select(.b==2)~try .a[] catch 1~.a[]|., halt~reduce .a[] as $x (0;.+1)~.s[0][1:]~input~$__loc__~.a.a.a|length|.+1~.a|map(.b)|.[0]`, "~")
	planned := 0
	for _, in := range inputs {
		doc := newDocument(t.Context(), strings.NewReader(in), "application/json", 0)
		if !doc.tree {
			t.Fatalf("%s: %s", in, doc.note)
		}
		whole := *doc
		whole.tree = false
		for _, expr := range exprs {
			q, err := gojq.Parse(expr)
			if err != nil {
				t.Fatalf("%s: %v", expr, err)
			}
			if p := planJQ(t.Context(), q, doc); p.each != nil || p.counted >= 0 || p.at != (stretch{0, doc.text.n}) {
				planned++
			}
			got, want := runJQ(t.Context(), q, doc, 1<<20), runJQ(t.Context(), q, &whole, 1<<20)
			if got.kind != want.kind || got.kind != "error" && got.String() != want.String() {
				t.Errorf("%s of %s: %s %q %s, want %s %q %s", expr, in, got.kind, got, got.note, want.kind, want, want.note)
			}
		}
	}
	if planned < 100 {
		t.Errorf("only %d went down a path", planned)
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
	d.Type(".orders[]")
	if text := b.keys(d, "enter"); app(d).walk.api.jq == nil {
		t.Fatalf("it did not run at once:\n%s", text)
	}
}
