package token

import (
	"authwalk/flows/rawjson"
)

// Column is one source of claims to be compared.
type Column struct {
	Title  string // access token, ID token, /userinfo, generation 1
	Claims rawjson.Value
}

// Relation is how the values of one claim stand to each other.
type Relation string

// The relations. Side by side they are Same, Lone, Differ and Conflict; between
// generations Same, NewClaim, GoneClaim, OtherValue and Conflict.
const (
	Same       Relation = "same"     // wherever it is, it says the same
	Lone       Relation = "lone"     // only one has it
	Differ     Relation = "differ"   // the values differ, as they may: each token has its own aud and exp
	Conflict   Relation = "conflict" // the values differ and should not
	NewClaim   Relation = "added"
	GoneClaim  Relation = "removed"
	OtherValue Relation = "changed"
)

// Compared is one claim over all columns.
type Compared struct {
	Name     string
	Values   []rawjson.Value // one a column; absent where the column does not have it
	Relation Relation
	Note     string // for a conflict: why it matters
}

// ownClaims are those that each token has for itself: that they differ says
// nothing.
var ownClaims = set("aud exp iat nbf jti azp client_id scope scp permissions gty nonce at_hash c_hash s_hash auth_time acr amr typ cnf sid")

// conflictNotes say what a conflict means, where there is more to say than that
// the two were written at different times.
var conflictNotes = map[string]string{
	"sub":            "The two speak of different users: they must not be used together (OpenID Connect Core, 5.3.2).",
	"iss":            "The two come from different issuers.",
	"email":          "The address changed since one of them was made, or an Action wrote another.",
	"email_verified": "The address was verified, or changed, since one of them was made.",
	"org_id":         "The two were issued for different organizations.",
}

// Compare lays the claims of several sources side by side, in the order in which
// they first occur, and marks those that contradict each other.
func Compare(columns ...Column) []Compared {
	rows := gather(columns)
	for i := range rows {
		r := &rows[i]
		n, same := r.agree()
		switch {
		case n == 1:
			r.Relation = Lone
		case same:
			r.Relation = Same
		case ownClaims[r.Name]:
			r.Relation = Differ
		case r.Name == "updated_at" && sameTime(r.Values):
			r.Relation = Same
		default:
			r.Relation = Conflict
			if r.Note = conflictNotes[r.Name]; r.Note == "" {
				r.Note = "The values contradict each other."
			}
		}
	}
	return rows
}

// CompareGenerations says what changed from one generation of a token to the
// next.
func CompareGenerations(before, after Column) []Compared {
	rows := gather([]Column{before, after})
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Values[0].IsZero():
			r.Relation = NewClaim
		case r.Values[1].IsZero():
			r.Relation = GoneClaim
		case r.Values[0].Equal(r.Values[1]):
			r.Relation = Same
		default:
			r.Relation = OtherValue
			if r.Name == "sub" || r.Name == "iss" {
				r.Relation = Conflict
				r.Note = conflictNotes[r.Name]
			}
		}
	}
	return rows
}

func gather(columns []Column) []Compared {
	var rows []Compared
	seen := map[string]bool{}
	for _, c := range columns {
		for _, m := range c.Claims.Members() {
			if seen[m.Name] {
				continue
			}
			seen[m.Name] = true
			r := Compared{Name: m.Name, Values: make([]rawjson.Value, len(columns))}
			for i, other := range columns {
				r.Values[i], _ = other.Claims.Get(m.Name)
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// agree counts who has the claim, and says whether all of them say the same.
func (r Compared) agree() (n int, same bool) {
	var first rawjson.Value
	same = true
	for _, v := range r.Values {
		if v.IsZero() {
			continue
		}
		if n++; n == 1 {
			first = v
		} else if !first.Equal(v) {
			same = false
		}
	}
	return n, same
}

// sameTime reports whether times written in different ways are the same second.
func sameTime(values []rawjson.Value) bool {
	var first int64
	n := 0
	for _, v := range values {
		if v.IsZero() {
			continue
		}
		t, ok := Time(v)
		if !ok {
			return false
		}
		if n++; n == 1 {
			first = t.Unix()
		} else if t.Unix() != first {
			return false
		}
	}
	return true
}

// ScopeChange compares the scopes of two generations.
func ScopeChange(before, after []string) (added, removed []string) {
	old, now := setOf(before), setOf(after)
	for _, s := range after {
		if !old[s] {
			added = append(added, s)
		}
	}
	for _, s := range before {
		if !now[s] {
			removed = append(removed, s)
		}
	}
	return added, removed
}

func setOf(list []string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, s := range list {
		out[s] = true
	}
	return out
}
