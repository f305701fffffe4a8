package rawjson

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func mustParse(t testing.TB, s string) Value {
	t.Helper()
	v, problems, err := Parse([]byte(s))
	if err != nil || len(problems) > 0 {
		t.Fatalf("Parse(%q): %v %v", s, problems, err)
	}
	return v
}

func TestKeepsWhatWasWritten(t *testing.T) {
	for _, s := range []string{
		`{}`, `[]`, `null`, `true`, `false`, `0`, `-0`, `1.0`, `1E400`, `12345678901234567890123`,
		`"a\"b\\c\nd\u0000"`, `"é 𝄞"`, `{"b":1,"a":[1,2,{"c":null}],"":""}`,
	} {
		if got := mustParse(t, s).JSON(); got != s {
			t.Errorf("JSON() = %s, want %s", got, s)
		}
	}
	v := mustParse(t, ` { "b" : 1.50 , "a" : [ "x" , { } ] } `)
	if got, want := v.JSON(), `{"b":1.50,"a":["x",{}]}`; got != want {
		t.Errorf("JSON() = %s, want %s", got, want)
	}
	if got, want := v.Pretty(), "{\n  \"b\": 1.50,\n  \"a\": [\n    \"x\",\n    {}\n  ]\n}"; got != want {
		t.Errorf("Pretty() = %s, want %s", got, want)
	}
	out, err := json.Marshal(struct {
		A Value `json:"a,omitzero"`
		B Value `json:"b,omitzero"`
	}{A: v})
	if err != nil || string(out) != `{"a":{"b":1.50,"a":["x",{}]}}` {
		t.Errorf("Marshal: %s %v", out, err)
	}
	var back Value
	if err := json.Unmarshal([]byte(`{"n":9007199254740993}`), &back); err != nil || back.JSON() != `{"n":9007199254740993}` {
		t.Errorf("Unmarshal: %s %v", back.JSON(), err)
	}
}

func TestNamesMatchExactly(t *testing.T) {
	v := mustParse(t, `{"Access_Token":"no","access_token":"yes","\u0065xp":1}`)
	if v.GetStr("access_token") != "yes" || v.Has("ACCESS_TOKEN") {
		t.Error("names must match exactly")
	}
	if !v.Has("exp") {
		t.Error("an escaped name is the name it stands for")
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		in, want, value string
	}{
		{`{"a":1,"a":2}`, `the name "a" occurs more than once at byte 7`, `2`},
		{`{"a":1,"\u0061":3}`, `the name "a" occurs more than once at byte 7`, `3`},
		{`{"a":{"x y":[{"k":1,"k":2}]}}`, `the name "k" occurs more than once in .a["x y"][0] at byte 20`, `{"x y":[{"k":1,"k":2}]}`},
		{"{\"a\":\"x\xffy\"}", `there are bytes that are no UTF-8 in .a at byte 7`, `"x` + "\ufffd" + `y"`},
		{`{"a":"\ud800x"}`, `a \u escape is half a surrogate pair in .a at byte 6`, `"` + "\ufffd" + `x"`},
		{`{"a":"\ud800\u0041"}`, `a \u escape is half a surrogate pair in .a at byte 6`, `"` + "\ufffd" + `A"`},
		{"\ufeff{\"a\":1}", `it begins with a byte order mark`, `1`},
	} {
		v, problems, err := Parse([]byte(c.in))
		if err != nil || len(problems) != 1 || problems[0].String() != c.want {
			t.Errorf("Parse(%q): %v %v, want %s", c.in, problems, err, c.want)
			continue
		}
		if a, _ := v.Get("a"); a.JSON() != c.value {
			t.Errorf("Parse(%q): a is %s, want %s", c.in, a.JSON(), c.value)
		}
	}
	// Beyond the small objects the index must tell the same.
	var b strings.Builder
	b.WriteString(`{`)
	for range 300 {
		b.WriteString(`"n":0,`)
	}
	b.WriteString(`"n":7}`)
	v, problems, err := Parse([]byte(b.String()))
	if n, _ := v.Get("n"); err != nil || n.JSON() != "7" || len(problems) != maxProblems+1 {
		t.Errorf("many duplicates: %d problems, %v", len(problems), err)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		in        string
		offset    int
		truncated bool
	}{
		{``, 0, true}, {`  `, 2, true}, {`{`, 1, true}, {`[1,`, 3, true}, {`"abc`, 4, true}, {`tru`, 3, true},
		{`{"a"`, 4, true}, {`{"a":`, 5, true}, {`-`, 1, true}, {`1.`, 2, true}, {`1e`, 2, true}, {`"\`, 2, true}, {`"\u12`, 5, true},
		{`{"a":1,}`, 7, false}, {`[1,]`, 3, false}, {`{a:1}`, 1, false}, {`01`, 1, false}, {`+1`, 0, false}, {`.5`, 0, false},
		{`1 2`, 2, false}, {`{}x`, 2, false}, {`'a'`, 0, false}, {"\"a\nb\"", 2, false}, {`"\x"`, 2, false}, {`"\u12g4"`, 5, false},
		{`nul!`, 0, false}, {`NaN`, 0, false}, {`<html>`, 0, false}, {`{"a" 1}`, 5, false}, {"\xff", 0, false}, {`[1 2]`, 3, false},
	} {
		_, _, err := Parse([]byte(c.in))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("Parse(%q): %v, want a SyntaxError", c.in, err)
			continue
		}
		if syntax.Offset != c.offset || syntax.Truncated != c.truncated || syntax.What == "" {
			t.Errorf("Parse(%q): offset %d truncated %v (%s), want %d %v", c.in, syntax.Offset, syntax.Truncated, syntax.What, c.offset, c.truncated)
		}
	}
}

func TestLimits(t *testing.T) {
	deep := strings.Repeat("[", 1_000_000)
	_, _, err := Parse([]byte(deep))
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || !syntax.Limit || syntax.Offset != Default.Depth {
		t.Errorf("deep: %v", err)
	}
	good := strings.Repeat("[", Default.Depth) + strings.Repeat("]", Default.Depth)
	mustParse(t, good)
	if _, _, err := (Limits{Bytes: 10}).Parse([]byte(`"0123456789"`)); err == nil {
		t.Error("too long a text was read")
	}
	if _, _, err := (Limits{Values: 3}).Parse([]byte(`[1,2,3]`)); err == nil {
		t.Error("too many values were read")
	}
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string]int64{
		"0": 0, "-0": 0, "1630700174": 1630700174, "1e3": 1000, "1.5e3": 1500, "12.0": 12, "-120e-1": -12, "0.0e9": 0,
		"9223372036854775807": 9223372036854775807, "-9223372036854775808": -9223372036854775808,
	} {
		if got, ok := mustParse(t, in).Int64(); !ok || got != want {
			t.Errorf("Int64(%s) = %d %v, want %d", in, got, ok, want)
		}
	}
	for _, in := range []string{"1.5", "1e-1", "9223372036854775808", "1e400000000", "1.00000000000000000000001", `"1"`, "null", "1e99999999999999999999"} {
		if got, ok := mustParse(t, in).Int64(); ok {
			t.Errorf("Int64(%s) = %d, want none", in, got)
		}
	}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":[1,"x"]}`, `{"b":[1,"x"],"a":1.0}`, true},
		{`{"a":1}`, `{"a":1,"b":2}`, false}, {`{"a":1,"b":2}`, `{"a":1}`, false},
		{`"1"`, `1`, false}, {`[1,2]`, `[2,1]`, false}, {`1.5`, `1.50`, false}, {`null`, `null`, true}, {`true`, `false`, false},
	} {
		if got := mustParse(t, c.a).Equal(mustParse(t, c.b)); got != c.want {
			t.Errorf("%s equal %s: %v", c.a, c.b, got)
		}
	}
}

func TestStrings(t *testing.T) {
	for in, want := range map[string]string{`"a"`: "a", `["a","b"]`: "a,b", `[]`: ""} {
		if got, ok := mustParse(t, in).Strings(); !ok || strings.Join(got, ",") != want {
			t.Errorf("Strings(%s) = %v %v", in, got, ok)
		}
	}
	for _, in := range []string{`1`, `["a",1]`, `null`, `{}`} {
		if _, ok := mustParse(t, in).Strings(); ok {
			t.Errorf("Strings(%s) is no list of strings", in)
		}
	}
}

// FuzzParse holds Parse against encoding/json: what is valid there and within
// the limits is valid here, and nothing else; what is written again reads the
// same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"access_token":"x","expires_in":86400,"scope":"openid"}`, `{"a":1,"a":{"b":[null,true,-1.5e3]}}`, `"\ud83d\ude00\u0000"`,
		"\"\xff\"", "[[[[[]]]]]", ` 1 `, `{"a":`, "\ufeff{}", `"\ud800\ud800\udc00"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, problems, err := Parse(text)
		for _, p := range problems {
			_ = p.String()
		}
		var syntax *SyntaxError
		if errors.As(err, &syntax) && syntax.Limit {
			return
		}
		bom := len(problems) > 0 && problems[0].Trouble == ByteOrder
		if valid := json.Valid(text); valid != (err == nil) && !bom {
			t.Fatalf("encoding/json says %v, Parse %v", valid, err)
		}
		if err != nil {
			return
		}
		again, _, err := Parse([]byte(v.JSON()))
		if err != nil || again.JSON() != v.JSON() || !again.Equal(v) {
			t.Fatalf("written again: %s, then %s (%v)", v.JSON(), again.JSON(), err)
		}
		if pretty, _, err := Parse([]byte(v.Pretty())); err != nil || !pretty.Equal(v) {
			t.Fatalf("pretty: %v", err)
		}
	})
}

func BenchmarkParse1MB(b *testing.B) {
	text := []byte(`{"permissions":["` + strings.Repeat(`read:orders","`, 75_000) + `x"]}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
