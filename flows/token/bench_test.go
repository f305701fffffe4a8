package token

import (
	"strings"
	"testing"
)

// The limits are 0.2 s for the first and 1 ms for the others.

func BenchmarkDecode1MB(b *testing.B) {
	payload := `{"permissions":["` + strings.Repeat(`read:orders","`, 55_000) + `x"]}`
	raw := encode(`{"alg":"RS256"}`) + "." + encode(payload) + ".AAAA"
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeHostile(b *testing.B) {
	for name, raw := range largeTokens() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				tok, _ := Decode(raw)
				Validate(tok, Expect{Now: testNow})
			}
		})
	}
}

func BenchmarkDecodeAndValidateRS256(b *testing.B) {
	raw := rs256(b, accessClaims())
	e := expectAccess(b)
	for b.Loop() {
		tok, err := Decode(raw)
		if err != nil || Failed(Validate(tok, e)) {
			b.Fatal("not good")
		}
	}
}

func BenchmarkLedger1000(b *testing.B) {
	in := manyScopes(1000)
	for b.Loop() {
		NewLedger(in)
	}
}
