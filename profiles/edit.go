package profiles

import (
	"bytes"
	"cmp"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"authwalk/flows"
)

// Changing a file is done on its text: a change is a list of pieces of text
// that replace ranges of bytes, so everything else stays as it was. Each change
// is then read again, and refused if it says anything but what was meant.

// patch replaces a range of bytes; an empty range inserts.
type patch struct {
	at   span
	text string
}

// apply makes the patches, which must not overlap. Insertions at one place come
// in the order in which they were made.
func apply(data []byte, patches []patch) []byte {
	sort.SliceStable(patches, func(i, j int) bool {
		a, b := patches[i].at, patches[j].at
		return a.start < b.start || a.start == b.start && a.end < b.end
	})
	var out bytes.Buffer
	pos := 0
	for _, p := range patches {
		if p.at.start < pos {
			if p.at.end <= pos {
				continue // already gone
			}
			p.at.start = pos
		}
		out.Write(data[pos:p.at.start])
		out.WriteString(p.text)
		pos = p.at.end
	}
	out.Write(data[pos:])
	return out.Bytes()
}

// editable says why the file must not be changed, if so.
func (f *File) editable() error {
	if f.broken != nil {
		return usagef("profiles", "%s has faults and is not changed before they are mended: %v", f.Path, f.broken)
	}
	return nil
}

// commit takes over a new text if it says exactly what was meant.
func (f *File) commit(data []byte, deflt string, want []Profile) bool {
	if len(data) > fileLimit {
		return false
	}
	c, err := parse(f.Path, f.dir, data)
	if err != nil || c.deflt != deflt || len(c.profiles) != len(want) {
		return false
	}
	at := map[string]Profile{}
	for _, p := range want {
		at[p.Name] = p.normal()
	}
	for _, p := range c.profiles {
		w, ok := at[p.Name]
		if !ok || !reflect.DeepEqual(p.normal(), w) {
			return false
		}
	}
	f.data, f.Default, f.Profiles, f.layout = data, c.deflt, c.profiles, c.layout
	return true
}

// byHand is the error where no change of the text says what was meant.
func (f *File) byHand(name string) error {
	return usagef("profiles", "profile %s of %s is written in a way that authwalk cannot change without touching the rest: change it by hand", show(name), f.Path)
}

// nl is the line end that the file uses.
func (f *File) nl() string {
	if i := bytes.IndexByte(f.data, '\n'); i > 0 && f.data[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// Put adds a profile or changes the one of its name. A new one is appended; of
// one that is there only the lines whose values differ are touched. Errors: a
// profile that is wrong in itself (Errors), or a file that must not be changed.
func (f *File) Put(p Profile) error {
	if err := f.editable(); err != nil {
		return err
	}
	p = p.normal()
	p.Dir = f.dir
	if err := validate(f.Path, p); err != nil {
		return err
	}
	want := slices.Clone(f.Profiles)
	i := f.index(p.Name)
	if i < 0 {
		want = append(want, p)
		if f.commit(f.appended(f.data, p), f.Default, want) {
			return nil
		}
		return f.byHand(p.Name)
	}
	old := f.Profiles[i].normal()
	if reflect.DeepEqual(old, p) {
		return nil
	}
	want[i] = p
	ed := &editor{f: f, l: f.layout, nl: f.nl(), base: []string{"profile", p.Name}}
	ed.profile(old, p)
	if f.commit(apply(f.data, ed.patches), f.Default, want) {
		return nil
	}
	// The profile is written in a form that does not take the change line by
	// line (a table of tables on one line, say): it is written anew, as a whole.
	data := apply(f.data, f.removal(p.Name))
	if f.commit(f.appended(data, p), f.Default, want) {
		return nil
	}
	return f.byHand(p.Name)
}

// validate says what is wrong with a profile that is to be written.
func validate(file string, p Profile) error {
	if msg := checkName(p.Name); msg != "" {
		return &Error{File: file, Key: "profile", Msg: msg}
	}
	if bad := invalidText(reflect.ValueOf(p)); bad {
		return &Error{File: file, Key: "profile." + renderKey(p.Name), Msg: "it holds text that is no UTF-8, which TOML cannot hold"}
	}
	_, err := parse(file, p.Dir, Render(p))
	if errs, ok := err.(Errors); ok {
		for _, e := range errs {
			e.Line = 0 // of a text that is in no file
		}
	}
	return err
}

// invalidText looks for text that is no UTF-8 in all of a value.
func invalidText(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return !utf8.ValidString(v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "Dir" && invalidText(v.Field(i)) {
				return true
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if invalidText(v.Index(i)) {
				return true
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if invalidText(it.Key()) || invalidText(it.Value()) {
				return true
			}
		}
	}
	return false
}

// appended is a text with a profile at its end, a blank line before it.
func (f *File) appended(data []byte, p Profile) []byte {
	nl := f.nl()
	out := bytes.Clone(data)
	if len(bytes.TrimPrefix(out, []byte("\ufeff"))) > 0 {
		if !bytes.HasSuffix(out, []byte("\n")) {
			out = append(out, nl...)
		}
		if !bytes.HasSuffix(out, []byte(nl+nl)) && !bytes.Equal(out, []byte(nl)) {
			out = append(out, nl...)
		}
	}
	return append(out, render(p, nl)...)
}

// Remove deletes a profile with all its tables, the comment that stands
// directly above them, and the default if it was that.
func (f *File) Remove(name string) error {
	if err := f.editable(); err != nil {
		return err
	}
	i := f.index(name)
	if i < 0 {
		_, err := f.Get(name)
		if name == "" {
			err = usagef("profile", "a profile without a name cannot be removed: name one (%s)", nameList(f.Names()))
		}
		return err
	}
	patches := f.removal(name)
	deflt := f.Default
	if deflt == name {
		deflt = ""
		if at := f.layout.find("default"); at >= 0 {
			patches = append(patches, patch{f.layout.entries[at].val, `""`})
		}
	}
	if !f.commit(apply(f.data, patches), deflt, slices.Delete(slices.Clone(f.Profiles), i, i+1)) {
		return f.byHand(name)
	}
	return nil
}

// Rename gives a profile another name, wherever its tables stand, and the
// default with it.
func (f *File) Rename(from, to string) error {
	if err := f.editable(); err != nil {
		return err
	}
	i := f.index(from)
	if i < 0 {
		_, err := f.Get(cmp.Or(from, "?"))
		return err
	}
	if from == to {
		return nil
	}
	if msg := checkName(to); msg != "" {
		return &Error{File: f.Path, Key: "profile", Msg: msg}
	}
	if f.index(to) >= 0 {
		return usagef("profile", "there is a profile %s already: choose another name", show(to))
	}
	var patches []patch
	for _, e := range f.layout.entries {
		if at, ok := nameAt(e, from); ok {
			patches = append(patches, patch{at, renderKey(to)})
		}
	}
	want := slices.Clone(f.Profiles)
	want[i].Name = to
	deflt := f.Default
	if deflt == from {
		deflt = to
		if at := f.layout.find("default"); at >= 0 {
			patches = append(patches, patch{f.layout.entries[at].val, quote(to)})
		}
	}
	if !f.commit(apply(f.data, patches), deflt, want) {
		return f.byHand(from)
	}
	return nil
}

// nameAt is where a profile's name stands in an entry.
func nameAt(e entry, name string) (span, bool) {
	if len(e.path) < 2 || e.path[0] != "profile" || e.path[1] != name {
		return span{}, false
	}
	i := 1
	if e.kind == entryPair {
		i = 1 - (len(e.path) - len(e.parts))
	}
	if i < 0 || i >= len(e.parts) {
		return span{}, false
	}
	return e.parts[i].at, true
}

// SetDefault names the default profile; the empty name takes it away.
func (f *File) SetDefault(name string) error {
	if err := f.editable(); err != nil {
		return err
	}
	if name == f.Default {
		return nil
	}
	if name != "" && f.index(name) < 0 {
		_, err := f.Get(name)
		return err
	}
	var p patch
	if at := f.layout.find("default"); at >= 0 {
		p = patch{f.layout.entries[at].val, quote(name)}
	} else {
		// Before the first header, and above the comment that belongs to it.
		pos := 0
		if bytes.HasPrefix(f.data, []byte("\ufeff")) {
			pos = 3
		}
		if len(f.layout.entries) > 0 {
			if s := f.commentAbove(f.layout.entries[0].whole.start); s > pos {
				pos = s
			}
		}
		p = patch{span{pos, pos}, "default = " + quote(name) + f.nl() + f.nl()}
	}
	if !f.commit(apply(f.data, []patch{p}), name, f.Profiles) {
		return usagef("default", "the default of %s cannot be changed without touching the rest: write default = %s at its top by hand", f.Path, quote(name))
	}
	return nil
}

// lineBefore is the range of the line that ends at pos.
func (f *File) lineBefore(pos int) span {
	if pos == 0 {
		return span{}
	}
	return span{bytes.LastIndexByte(f.data[:pos-1], '\n') + 1, pos}
}

// lineAfter is the range of the line that begins at pos.
func (f *File) lineAfter(pos int) span {
	if i := bytes.IndexByte(f.data[pos:], '\n'); i >= 0 {
		return span{pos, pos + i + 1}
	}
	return span{pos, len(f.data)}
}

func (f *File) textOf(s span) string { return strings.TrimSpace(string(f.data[s.start:s.end])) }

// commentAbove is where the comment lines directly above a line begin, or the
// line itself. A comment at the top of the file is the file's own.
func (f *File) commentAbove(pos int) int {
	start := pos
	for {
		l := f.lineBefore(start)
		if l.start == l.end || !strings.HasPrefix(f.textOf(l), "#") {
			break
		}
		start = l.start
	}
	if start == 0 || start == 3 && bytes.HasPrefix(f.data, []byte("\ufeff")) {
		return pos
	}
	return start
}

// blockEnd is where the block of a header ends: behind its last pair and the
// comment lines directly below it, unless these belong to the next header.
func (f *File) blockEnd(header int) int {
	end := f.layout.entries[header].whole.end
	next := len(f.data)
	for _, e := range f.layout.entries[header+1:] {
		if e.kind != entryPair {
			next = f.commentAbove(e.whole.start)
			break
		}
		if e.parent == header {
			end = e.whole.end
		}
	}
	for end < next {
		l := f.lineAfter(end)
		if !strings.HasPrefix(f.textOf(l), "#") || l.end > next {
			break
		}
		end = l.end
	}
	return end
}

// removal is the patches that take a profile out of the file.
func (f *File) removal(name string) []patch {
	base := []string{"profile", name}
	var gone []span
	for i, e := range f.layout.entries {
		if !hasPrefix(e.path, base) {
			continue
		}
		switch {
		case e.kind != entryPair:
			gone = append(gone, span{f.commentAbove(e.whole.start), f.blockEnd(i)})
		case e.inline:
			if p := e.parent; p < 0 || !hasPrefix(f.layout.entries[p].path, base) {
				gone = append(gone, f.inlinePair(i))
			}
		default:
			gone = append(gone, e.whole)
		}
	}
	sort.Slice(gone, func(i, j int) bool { return gone[i].start < gone[j].start })
	var merged []span
	for _, s := range gone {
		if !bytes.HasSuffix(f.data[:s.end], []byte("\n")) && s.end < len(f.data) { // inline
			merged = append(merged, s)
			continue
		}
		for s.end < len(f.data) { // the blank lines behind a block go with it
			l := f.lineAfter(s.end)
			if f.textOf(l) != "" {
				break
			}
			s.end = l.end
		}
		if n := len(merged); n > 0 && merged[n-1].end >= s.start {
			merged[n-1].end = max(merged[n-1].end, s.end)
			continue
		}
		merged = append(merged, s)
	}
	if n := len(merged); n > 0 && merged[n-1].end == len(f.data) { // nothing follows: the blank lines before it go too
		for s := &merged[n-1]; s.start > 0; {
			l := f.lineBefore(s.start)
			if f.textOf(l) != "" {
				break
			}
			s.start = l.start
		}
	}
	patches := make([]patch, len(merged))
	for i, s := range merged {
		patches[i] = patch{at: s}
	}
	return patches
}

// inlinePair is the range of a pair in an inline table with the comma that
// goes with it.
func (f *File) inlinePair(i int) span {
	e := f.layout.entries[i]
	at := e.whole
	for j, o := range f.layout.entries {
		if j == i || !o.inline || o.parent != e.parent {
			continue
		}
		if j > i {
			return span{at.start, o.whole.start}
		}
		at.start = o.whole.end // the last one so far
	}
	return at
}

// editor collects the patches that turn a profile into another.
type editor struct {
	f       *File
	l       *layout
	nl      string
	base    []string
	patches []patch
}

func (ed *editor) replace(at span, text string) { ed.patches = append(ed.patches, patch{at, text}) }

// insertLines puts whole lines at a line's beginning.
func (ed *editor) insertLines(pos int, text string) {
	if pos > 0 && ed.f.data[pos-1] != '\n' {
		text = ed.nl + strings.TrimSuffix(text, ed.nl)
	}
	ed.replace(span{pos, pos}, text)
}

// change is a key's new value as TOML; gone takes its line away.
type change struct {
	name string
	text string
	gone bool
}

func (ed *editor) profile(old, p Profile) {
	if c := changes(profileKeys, &old, &p); len(c) > 0 {
		ed.table(ed.base, keyNames(profileKeys), c)
	}
	if c := changes(tlsKeys, &old, &p); len(c) > 0 {
		ed.table(ed.path("tls"), keyNames(tlsKeys), c)
	}
	if c := mapChanges(old.Params, p.Params); len(c) > 0 {
		ed.table(ed.path("params"), nil, c)
	}
	ed.calls(old.Calls, p.Calls)
}

func (ed *editor) path(steps ...string) []string {
	return append(ed.base[:len(ed.base):len(ed.base)], steps...)
}

func changes(keys []key, old, p *Profile) []change {
	var out []change
	for _, k := range keys {
		was, had := k.render(old)
		is, has := k.render(p)
		if was != is || had != has {
			out = append(out, change{name: k.name, text: is}) // an emptied key keeps its line and comment
		}
	}
	return out
}

func mapChanges(old, m map[string]string) []change {
	var out []change
	all := maps.Clone(old)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, m)
	for _, n := range slices.Sorted(maps.Keys(all)) {
		was, had := old[n]
		is, has := m[n]
		if was != is || had != has {
			out = append(out, change{n, quote(is), !has})
		}
	}
	return out
}

// table makes changes to the keys of one table, in whichever form it is
// written: below a header, as dotted keys, or inline.
func (ed *editor) table(path, order []string, cs []change) {
	header, open := -1, -1
	for i, e := range ed.l.entries {
		if !slices.Equal(e.path, path) {
			continue
		}
		if e.kind == entryPair {
			open = i
		} else {
			header = i
		}
	}
	var added []change
	for _, c := range cs {
		i := ed.l.find(append(path[:len(path):len(path)], c.name)...)
		switch {
		case i < 0 || ed.l.entries[i].kind != entryPair:
			if !c.gone {
				added = append(added, c)
			}
		case !c.gone:
			ed.replace(ed.l.entries[i].val, c.text)
		case ed.l.entries[i].inline:
			ed.replace(ed.f.inlinePair(i), "")
		default:
			ed.replace(ed.l.entries[i].whole, "")
		}
	}
	if len(added) == 0 {
		return
	}
	switch {
	case header >= 0:
		ed.below(header, order, added)
	case open >= 0:
		ed.inline(open, added)
	case ed.dotted(path, added):
	default:
		ed.create(path, added)
	}
}

// below adds keys below a header: each behind the key that comes before it in
// the usual order, written as that line is.
func (ed *editor) below(header int, order []string, added []change) {
	for _, c := range added {
		after, rank := header, -1
		mine := slices.Index(order, c.name)
		for i := header + 1; i < len(ed.l.entries); i++ {
			e := ed.l.entries[i]
			if e.kind != entryPair {
				break
			}
			if e.parent != header {
				continue
			}
			if r := slices.Index(order, e.parts[0].name); mine < 0 || r >= rank && r < mine {
				after, rank = i, r
			}
		}
		key := renderKey(c.name)
		if after == header {
			if len(key) < 13 && len(order) == len(profileKeys) {
				key += strings.Repeat(" ", 13-len(key))
			}
			ed.insertLines(ed.l.entries[header].whole.end, key+" = "+c.text+ed.nl)
			continue
		}
		like := ed.l.entries[after]
		k := like.parts[0].at.start
		indent := string(ed.f.data[like.whole.start:k])
		if strings.TrimSpace(indent) != "" {
			indent = ""
		}
		last := like.parts[len(like.parts)-1].at.end
		if ed.linedUp(header) {
			if pad := last + bytes.IndexByte(ed.f.data[last:], '=') - 1 - k - len(key); pad > 0 {
				key += strings.Repeat(" ", pad)
			}
		}
		ed.insertLines(like.whole.end, indent+key+" = "+c.text+ed.nl)
	}
}

// linedUp tells whether a table's equals signs stand below each other.
func (ed *editor) linedUp(header int) bool {
	for _, e := range ed.l.entries[header+1:] {
		if e.kind != entryPair {
			break
		}
		if last := e.parts[len(e.parts)-1].at.end; e.parent == header && bytes.HasPrefix(ed.f.data[last:], []byte("  ")) {
			return true
		}
	}
	return false
}

// inline adds keys to a table that is written on one line.
func (ed *editor) inline(open int, added []change) {
	e := ed.l.entries[open]
	if e.opener != '{' {
		return
	}
	last := -1
	for i, o := range ed.l.entries {
		if o.inline && o.parent == open {
			last = i
		}
	}
	var q []string
	for _, c := range added {
		q = append(q, renderKey(c.name)+" = "+c.text)
	}
	text := strings.Join(q, ", ")
	if last < 0 {
		ed.replace(e.val, "{ "+text+" }")
		return
	}
	end := ed.l.entries[last].whole.end
	ed.replace(span{end, end}, ", "+text)
}

// dotted adds keys beside dotted ones (params.device = "…").
func (ed *editor) dotted(path []string, added []change) bool {
	last := -1
	for i, e := range ed.l.entries {
		if e.kind == entryPair && !e.inline && len(e.path) == len(path)+1 && hasPrefix(e.path, path) && len(e.parts) > 1 {
			last = i
		}
	}
	if last < 0 {
		return false
	}
	e := ed.l.entries[last]
	prefix := string(ed.f.data[e.whole.start:e.parts[len(e.parts)-1].at.start])
	for _, c := range added {
		ed.insertLines(e.whole.end, prefix+renderKey(c.name)+" = "+c.text+ed.nl)
	}
	return true
}

// create makes a table that is not there yet: the profile's own before its
// first table, another behind the profile's last one.
func (ed *editor) create(path []string, added []change) {
	var b strings.Builder
	b.WriteString("[" + keyText(path) + "]" + ed.nl)
	for _, c := range added {
		b.WriteString(renderKey(c.name) + " = " + c.text + ed.nl)
	}
	first, end := ed.blocks()
	if first < 0 {
		return
	}
	if len(path) == len(ed.base) {
		pos := ed.f.commentAbove(first)
		ed.insertLines(pos, b.String()+ed.nl)
		return
	}
	ed.insertLines(end, ed.nl+b.String())
}

// blocks is where the first table of the profile begins and its last one ends.
func (ed *editor) blocks() (first, end int) {
	first = -1
	for i, e := range ed.l.entries {
		if e.kind != entryPair && hasPrefix(e.path, ed.base) {
			if first < 0 {
				first = e.whole.start
			}
			end = ed.f.blockEnd(i)
		}
	}
	return first, end
}

// calls changes the saved calls: those that are the same at the beginning and
// the end of both lists are left alone, those between are changed key by key,
// and what is left over is added or taken away.
func (ed *editor) calls(old, calls []flows.SavedCall) {
	if reflect.DeepEqual(old, calls) {
		return
	}
	if i := ed.l.find(ed.path("call")...); i >= 0 { // call = [{…}]
		ed.replace(ed.l.entries[i].val, renderCalls(calls))
		return
	}
	head, tail := 0, 0
	for head < len(old) && head < len(calls) && reflect.DeepEqual(old[head], calls[head]) {
		head++
	}
	for tail < len(old)-head && tail < len(calls)-head && reflect.DeepEqual(old[len(old)-1-tail], calls[len(calls)-1-tail]) {
		tail++
	}
	was, is := old[head:len(old)-tail], calls[head:len(calls)-tail]
	both := min(len(was), len(is))
	for i := range both {
		ed.call(head+i, was[i], is[i])
	}
	for i := both; i < len(was); i++ {
		ed.removeCall(head + i)
	}
	if len(is) == both {
		return
	}
	var text string
	for _, c := range is[both:] {
		text += ed.nl + renderCall(keyText(ed.base), c, ed.nl)
	}
	pos := -1
	if n := head + both; n > 0 {
		_, pos = ed.callBlocks(n - 1)
	}
	if pos < 0 {
		if n, _ := ed.callBlocks(0); n >= 0 { // before the first one
			pos = ed.f.commentAbove(n)
			text = strings.TrimPrefix(text, ed.nl) + ed.nl
		} else if _, pos = ed.blocks(); pos == 0 {
			return
		}
	}
	ed.insertLines(pos, text)
}

func renderCalls(calls []flows.SavedCall) string {
	var q []string
	for _, c := range calls {
		var keys []string
		for _, k := range callKeys {
			if v := *k.text(&c); v != "" {
				keys = append(keys, k.name+" = "+quote(v))
			}
		}
		if len(c.Headers) > 0 {
			keys = append(keys, "headers = "+renderMap(c.Headers))
		}
		q = append(q, "{ "+strings.Join(keys, ", ")+" }")
	}
	return "[" + strings.Join(q, ", ") + "]"
}

// callBlocks is where the tables of a call begin and end.
func (ed *editor) callBlocks(n int) (first, end int) {
	first, end = -1, -1
	for i, e := range ed.l.entries {
		if e.kind != entryPair && hasPrefix(e.path, ed.path("call", indexStep(n))) {
			if first < 0 {
				first = e.whole.start
			}
			end = ed.f.blockEnd(i)
		}
	}
	return first, end
}

func (ed *editor) removeCall(n int) {
	for i, e := range ed.l.entries {
		if e.kind == entryPair || !hasPrefix(e.path, ed.path("call", indexStep(n))) {
			continue
		}
		at := span{ed.f.commentAbove(e.whole.start), ed.f.blockEnd(i)}
		if l := ed.f.lineAfter(at.end); ed.f.textOf(l) == "" {
			at.end = l.end
		}
		ed.replace(at, "")
	}
}

func (ed *editor) call(n int, old, c flows.SavedCall) {
	path := ed.path("call", indexStep(n))
	var cs []change
	var order []string
	for _, k := range callKeys {
		order = append(order, k.name)
		if was, is := *k.text(&old), *k.text(&c); was != is {
			cs = append(cs, change{name: k.name, text: renderBody(is, ed.nl)})
		}
	}
	order = slices.Insert(order, len(order)-1, "headers")
	headers := append(path[:len(path):len(path)], "headers")
	if len(old.Headers) == 0 && len(c.Headers) > 0 && ed.l.find(headers...) < 0 {
		cs = append(cs, change{name: "headers", text: renderMap(c.Headers)})
	} else if hs := mapChanges(old.Headers, c.Headers); len(hs) > 0 {
		if i := ed.l.find(headers...); i >= 0 && ed.l.entries[i].kind == entryPair {
			ed.replace(ed.l.entries[i].val, renderMap(c.Headers))
		} else {
			ed.table(headers, nil, hs)
		}
	}
	if len(cs) > 0 {
		ed.table(path, order, cs)
	}
}
