package flows

import (
	"fmt"
	"log/slog"
)

// Mask is what stands for a secret wherever it must not be shown.
const Mask = "••••••••"

// Secret is text that must not leave by accident: it masks itself in every way
// of printing or encoding that Go has. Reveal is the only way out.
type Secret string

// Reveal gives the secret itself.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) masked() string {
	if s == "" {
		return ""
	}
	return Mask
}

// String masks.
func (s Secret) String() string { return s.masked() }

// GoString masks, for %#v.
func (s Secret) GoString() string { return fmt.Sprintf("flows.Secret(%q)", s.masked()) }

// Format masks for every verb, also those that would print bytes (%x, %q).
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		_, _ = f.Write([]byte(s.GoString()))
		return
	}
	_, _ = f.Write([]byte(s.masked()))
}

// MarshalText masks: encoders of JSON, TOML and XML see no secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.masked()), nil }

// MarshalJSON masks.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.masked() + `"`), nil }

// LogValue masks in structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.masked()) }
