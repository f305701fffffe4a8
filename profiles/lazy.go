package profiles

import (
	"regexp"
	"sync"
)

// lazy is a pattern that is compiled when it is first asked: only pasted text
// needs these, and all of them together would slow every start.
func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
