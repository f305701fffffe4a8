package profiles

import (
	"fmt"
	"slices"
	"strings"

	"authwalk/flows"
)

// A form asks for keys by their names; what is here lets it do so without
// knowing the keys one by one.

// Keys is the names of all keys of a profile that hold one value, in the order
// in which they are written; those of the tls table as tls.NAME. params and call
// are tables and not among them.
func Keys() []string {
	out := keyNames(profileKeys)
	for _, k := range tlsKeys {
		out = append(out, "tls."+k.name)
	}
	return out
}

func findKey(name string) (key, bool) {
	keys := profileKeys
	if t, ok := strings.CutPrefix(name, "tls."); ok {
		keys, name = tlsKeys, t
	}
	if i := slices.IndexFunc(keys, func(k key) bool { return k.name == name }); i >= 0 {
		return keys[i], true
	}
	return key{}, false
}

// IsReference tells that a key takes a reference, never a secret itself.
func IsReference(key string) bool {
	k, ok := findKey(key)
	return ok && k.ref != nil
}

// Options is what a key can be set to, where that is a list; nil else.
func Options(key string) []string {
	switch key {
	case "environment":
		return slices.Clone(environments)
	case "flow":
		return flows.FlowIDs()
	case "client_auth":
		return flows.ClientAuths()
	case "key_alg":
		return flows.KeyAlgs()
	case "allow_http":
		return []string{"false", "true"}
	}
	return nil
}

// Value is a key's value as text: blanks between the elements of a list,
// a reference as it is written, empty where there is none.
func (p Profile) Value(key string) string {
	k, ok := findKey(key)
	switch {
	case !ok:
		return ""
	case k.text != nil:
		return *k.text(&p)
	case k.ref != nil:
		return k.ref(&p).String()
	case k.list != nil:
		return strings.Join(*k.list(&p), " ")
	}
	return fmt.Sprint(*k.flag(&p))
}

// Set gives a key a value as text, as Value gives it. The error, a
// *flows.UsageError, says what was expected; the profile is then unchanged.
func (p *Profile) Set(key, value string) error {
	k, ok := findKey(key)
	if !ok {
		msg := "there is no key " + show(key)
		if n := near(key, Keys()); n != "" {
			msg += "; did you mean " + n + "?"
		}
		return usagef(key, "%s", msg)
	}
	check := func(v string) error {
		if v == "" {
			return nil
		}
		if msg := k.check(p, v); msg != "" {
			return usagef(key, "%s: %s", key, msg)
		}
		return nil
	}
	switch {
	case k.text != nil:
		if err := check(value); err != nil {
			return err
		}
		*k.text(p) = value
	case k.ref != nil:
		r, msg := parseRef(value, exampleName(p.Name))
		if msg != "" {
			return usagef(key, "%s: %s", key, msg)
		}
		*k.ref(p) = r
	case k.list != nil:
		list := strings.Fields(value)
		for _, v := range list {
			if err := check(v); err != nil {
				return err
			}
		}
		*k.list(p) = list
	default:
		if value != "" && value != "true" && value != "false" {
			return usagef(key, "%s: true or false is expected", key)
		}
		*k.flag(p) = value == "true"
	}
	return nil
}

// KeyringRef is the reference under which a profile's secret is kept in the
// system's keyring, by convention: the profile's name for the client secret,
// NAME/KEY for the others. Store the secret by SetKeyring with its Arg.
func KeyringRef(profile, key string) Ref {
	if key == "client_secret" {
		return Ref{KindKeyring, profile}
	}
	return Ref{KindKeyring, profile + "/" + key}
}
