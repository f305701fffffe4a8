package ui

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"authwalk/flows/rawjson"
)

// people are the names and addresses that presentation hides, wherever they
// stand: what was typed as the user name, and what the tokens say.
type people struct {
	words map[string]bool
	rep   *strings.Replacer
}

var mail = regexp.MustCompile(`[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`)

var phone = regexp.MustCompile(`\+[0-9X*•][0-9X*•() -]{6,}[0-9X*•]`)

// personal are the claims whose values name a person (OpenID Connect Core 5.1).
var personal = []string{"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "email", "phone_number", "picture", "profile", "website", "birthdate"}

func (p *people) add(words ...string) {
	for _, w := range words {
		w = strings.TrimSpace(w)
		if len(w) < 3 || p.words[w] {
			continue
		}
		if p.words == nil {
			p.words = map[string]bool{}
		}
		p.words[w], p.rep = true, nil
	}
}

func (p *people) addClaims(v rawjson.Value) {
	for _, n := range personal {
		p.add(v.GetStr(n))
	}
}

// hide masks every known name and anything that looks like an address.
func (p *people) hide(s string) string {
	if p.rep == nil {
		var pairs []string
		for _, w := range slices.SortedFunc(maps.Keys(p.words), func(a, b string) int { return len(b) - len(a) }) { // the longest first
			pairs = append(pairs, w, hidden)
		}
		p.rep = strings.NewReplacer(pairs...)
	}
	s = p.rep.Replace(s)
	if strings.Contains(s, "@") {
		s = mail.ReplaceAllString(s, hidden)
	}
	if strings.Contains(s, "+") {
		s = phone.ReplaceAllString(s, hidden)
	}
	return s
}

// hidden stands for a name in presentation.
const hidden = "•••••"
