package report

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"strings"

	"authwalk/flows"
	"authwalk/flows/rawjson"
)

// hiddenName stands for a name or an address in presentation.
const hiddenName = flows.Mask

// tooDeep stands for a text that is encoded too often to be searched.
const tooDeep = flows.Mask + " (hidden whole: it is encoded too deeply to be searched for secrets)"

// Mask is what stands for a secret value: the mask, with its tag. An empty one
// stays empty.
func (r *Redactor) Mask(s flows.Secret) string {
	if r.opt.Reveal {
		return s.Reveal()
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.hide(s.Reveal(), layers)
}

// hidden masks a value whole.
func (r *Redactor) hidden(value string) string {
	if value == "" {
		return ""
	}
	if r.opt.NoTags {
		return flows.Mask
	}
	return flows.Mask + "·" + r.tag(value)
}

// tagLetters has no letters that are mistaken for digits.
var tagLetters = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

// tag is short and keyed: equal values have equal tags, and nobody without the
// key can try a guess on it.
func (r *Redactor) tag(value string) string {
	m := hmac.New(sha256.New, r.opt.Key)
	m.Write([]byte(value))
	return tagLetters.EncodeToString(m.Sum(nil))[:4]
}

// hide masks a value: whole, or a JWT but for header and claims if asked.
func (r *Redactor) hide(value string, depth int) string {
	s := scanner{r: r, budget: workPerByte*len(value) + workAtLeast}
	return s.hide(value, depth)
}

func (s *scanner) hide(value string, depth int) string {
	if s.r.opt.WithClaims && depth > 0 {
		if text, ok := s.claims(value, depth); ok {
			return text
		}
	}
	return s.r.hidden(value)
}

// claims masks the signature of a JWT, and of a JWE all but its header. Secrets
// inside the parts that stay are masked too.
func (s *scanner) claims(value string, depth int) (string, bool) {
	parts := strings.Split(value, ".")
	if len(parts) != 3 && len(parts) != 5 {
		return "", false
	}
	header, ok := s.part(parts[0], depth)
	if !ok {
		return "", false
	}
	if len(parts) == 5 {
		return header + "." + s.r.hidden(value), true
	}
	payload, ok := s.part(parts[1], depth)
	if !ok {
		return "", false
	}
	return header + "." + payload + "." + s.r.hidden(value), true
}

// part gives a part of a JWT that is a JSON object, without secrets.
func (s *scanner) part(part string, depth int) (string, bool) {
	plain, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return "", false
	}
	v, problems, err := rawjson.Parse(plain)
	if err != nil || !v.IsObject() {
		return "", false
	}
	var b strings.Builder
	if s.walk(&b, v, "", depth-1); s.budget < 0 {
		return "", false
	}
	if b.String() == v.JSON() && len(problems) == 0 {
		return part, true
	}
	return base64.RawURLEncoding.EncodeToString([]byte(b.String())), true
}
