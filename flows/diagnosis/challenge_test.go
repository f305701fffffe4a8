package diagnosis

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseChallenge(t *testing.T) {
	for _, r := range []struct{ in, want string }{
		{``, ``},
		{`Bearer`, `Bearer`},
		{`Bearer realm="example"`, `Bearer realm=example`},
		{`Bearer realm="example", error="invalid_token", error_description="The access token expired"`, `Bearer error=invalid_token error_description=The access token expired realm=example`},
		{`bearer  realm = "a" , scope="x  y"`, `bearer realm=a scope=x  y`},
		{`Bearer error=invalid_token`, `Bearer error=invalid_token`},
		{`Basic realm="a, b", Bearer error="x"`, `Basic realm=a, b|Bearer error=x`},
		{`Negotiate, Bearer realm="x"`, `Negotiate|Bearer realm=x`},
		{`Negotiate oRQwEqADCgEBoQsGCSqGSIb3EgECAg==`, `Negotiate 68(oRQwEqADCgEBoQsGCSqGSIb3EgECAg==)`},
		{`NTLM abc`, `NTLM 68(abc)`},
		{`Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple"`, `Newauth realm=apps title=Login to "apps" type=1|Basic realm=simple`},
		// malformed, read by sense
		{`error="invalid_token", error_description="no scheme"`, `! error=invalid_token error_description=no scheme`},
		{`Bearer error="invalid_token" error_description="no comma"`, `Bearer! error=invalid_token error_description=no comma`},
		{`Bearer error='invalid_token', scope='a b'`, `Bearer! error=invalid_token scope=a b`},
		{`Bearer error_description="a "quoted" word", error="x"`, `Bearer! error=x error_description=a "quoted" word`},
		{`Bearer error="never closed`, `Bearer! error=never closed`},
		{`Bearer error=`, `Bearer 68(error=)`},
		{`Bearer realm="a",,, error="b",`, `Bearer error=b realm=a`},
		{`Bearer realm="a"; error="b"`, `Bearer! error=b realm=a`},
		{`Bearer error="a", error="b"`, `Bearer error=a`},
		{`Bearer ERROR="a"`, `Bearer error=a`},
		{`"`, ``},
		{`===`, ``},
		{`Bearer scope=read:orders`, `Bearer! scope=read:orders`},
	} {
		var out []string
		for _, c := range ParseChallenge(r.in) {
			s := c.Scheme
			if c.Malformed {
				s += "!"
			}
			if c.Token68 != "" {
				s += " 68(" + c.Token68 + ")"
			}
			for _, n := range []string{"error", "error_description", "realm", "scope", "title", "type"} {
				if v, ok := c.Params[n]; ok {
					s += " " + n + "=" + v
				}
			}
			out = append(out, s)
		}
		if got := strings.Join(out, "|"); got != r.want {
			t.Errorf("%s\n got  %s\n want %s", r.in, got, r.want)
		}
	}
}

func TestBearerChallenge(t *testing.T) {
	c, ok := BearerChallenge(ParseChallenge(`Basic realm="x"`, `Bearer error="insufficient_scope", scope="a b"`))
	if !ok || c.Error() != "insufficient_scope" || fmt.Sprint(c.Scopes()) != "[a b]" {
		t.Errorf("%+v", c)
	}
	if c, ok := BearerChallenge(ParseChallenge(`error="invalid_token"`)); !ok || c.Error() != "invalid_token" {
		t.Errorf("%+v", c)
	}
	if _, ok := BearerChallenge(ParseChallenge(`Basic realm="x"`)); ok {
		t.Error("Basic is no bearer challenge")
	}
}

func TestParseChallengeIsBounded(t *testing.T) {
	for _, s := range []string{strings.Repeat(`" `, 1<<20), strings.Repeat(`a=`, 1<<20), strings.Repeat(`Bearer,`, 1<<20), `x="` + strings.Repeat(`" `, 1<<16), strings.Repeat(" ", 1<<20) + "Bearer"} {
		if n := len(ParseChallenge(s, s, s)); n > maxChallenges {
			t.Errorf("%d challenges", n)
		}
	}
}
