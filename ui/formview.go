package ui

import "authwalk/flows"

// labelWidth is the column in which values begin.
func (f *form) labelWidth(w int) int {
	n := 8
	for _, x := range f.fields {
		n = max(n, width(x.Label))
	}
	return min(n, w/2)
}

// lines draws the form in w columns and h lines; the focus is always in sight.
func (f *form) lines(w, h int) []string {
	lw := f.labelWidth(w)
	vw := max(w-2-lw-2, 8)
	var all []string
	focusFrom, focusTo := 0, 0
	for i, x := range f.fields {
		from := len(all)
		all = append(all, f.fieldLines(i, x, lw, vw)...)
		if i == f.focus {
			focusFrom, focusTo = from, len(all)
		}
	}
	from := len(all)
	all = append(all, "")
	button := "  " + gap(lw+2) + "[ " + f.button + " ]"
	if f.focus == len(f.fields) {
		button = f.a.accent.s("▸ ") + gap(lw+2) + f.a.key.s("[ "+f.button+" ]")
		focusFrom, focusTo = from, from+2
	}
	all = append(all, button)
	if len(all) <= h {
		f.top = 0
		return all
	}
	if focusTo > f.top+h {
		f.top = focusTo - h
	}
	if focusFrom < f.top {
		f.top = focusFrom
	}
	f.top = max(min(f.top, len(all)-h), 0)
	return f.a.barred(all[f.top:f.top+h], w, h, len(all), f.top)
}

func (f *form) fieldLines(i int, x *field, lw, vw int) []string {
	a := f.a
	focused := i == f.focus
	mark, label := "  ", a.dim.s(pad(x.Label, lw))
	if focused {
		mark, label = a.accent.s("▸ "), a.strong.s(pad(x.Label, lw))
	}
	head := mark + label + "  "
	var lines []string
	switch x.Kind {
	case flows.KindChoice:
		lines = []string{head + f.choice(x, focused, vw)}
	case flows.KindScopes:
		for n, l := range f.chips(x, focused, vw) {
			if n == 0 {
				lines = append(lines, head+l)
			} else {
				lines = append(lines, gap(lw+4)+l)
			}
		}
	default:
		hides := x.Kind == flows.KindSecret || x.spilled() && x.Kind != flows.KindScopes
		secret := hides && (a.masked || a.present) && !x.revealed
		if a.leaving {
			secret = hides || x.Kind == flows.KindCode
		}
		text := x.in.draw(a, vw, focused, secret)
		if secret && !focused { // nobody is to count its letters
			text = a.secret.s(cut(flows.Mask, vw))
		}
		if v := x.in.value(); !secret && !focused && v != "" && a.hides() { // a known secret where none belongs
			if b := a.blot(v); b != v {
				text = cut(a.bare(b), vw)
			}
		}
		if secret && x.Kind == flows.KindSecret && x.first != "" && x.in.value() != x.first {
			if note := "  changed"; width(text)+len(note) <= vw {
				text += a.warn.s(note)
			}
		}
		if x.in.value() == "" && !focused {
			text = a.faint.s("–")
		}
		lines = []string{head + text}
	}
	if p := x.problem(); focused && x.live && x.complain == "" && p != "" {
		for _, l := range wrap(a.quoting(p), vw) {
			lines = append(lines, gap(lw+4)+a.dim.s(l))
		}
	}
	if x.complain != "" && (x.left || focused) {
		for _, l := range wrap(a.quoting(x.complain), vw) {
			lines = append(lines, gap(lw+4)+a.bad.s(l))
		}
	}
	return lines
}

func (f *form) choice(x *field, focused bool, vw int) string {
	label := ""
	if x.option < len(x.Options) {
		label = x.Options[x.option].Label
	}
	if !focused {
		return cut(f.a.quoting(label), vw)
	}
	return f.a.accent.s("‹ ") + cut(f.a.quoting(label), vw-4) + f.a.accent.s(" ›")
}

// chips draws a set of scopes, wrapped, with the place for a new one.
func (f *form) chips(x *field, focused bool, vw int) []string {
	a := f.a
	var lines []string
	line, used := "", 0
	put := func(piece string, n int) {
		if used > 0 && used+2+n > vw {
			lines = append(lines, line)
			line, used = "", 0
		}
		if used > 0 {
			line += "  "
			used += 2
		}
		line += piece
		used += n
	}
	shown := 0
	for i, c := range x.scopes {
		text := cut(a.theirs(c.value), vw-4)
		here := focused && i == x.at && x.in.value() == ""
		if !focused && !c.on {
			continue // what is not asked for is only in the way
		}
		shown++
		box := "[ ] "
		if c.on {
			box = "[x] "
		}
		if !focused {
			box = ""
		}
		piece := box + text
		switch {
		case here:
			piece = a.cursor.s(box) + a.strong.s(text)
		case focused && !c.on:
			piece = a.dim.s(piece)
		}
		put(piece, width(box)+width(text))
	}
	if focused {
		w := min(max(width(x.in.value())+2, 14), vw)
		add := a.dim.s("+ add a scope")
		if x.at == len(x.scopes) || x.in.value() != "" {
			add = a.accent.s("+ ") + pad(x.in.draw(a, w-2, true, false), w-2)
		}
		put(add, w)
	} else if shown == 0 {
		put(a.faint.s("–"), 1)
	}
	return append(lines, line)
}

// help is what the field with the focus is for.
func (f *form) help() string {
	if x := f.current(); x != nil {
		return x.Help
	}
	return ""
}
