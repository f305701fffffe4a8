package ui

import (
	"fmt"
	"sort"
	"strings"

	"authwalk/profiles"
)

// tenantRow is one row: a heading, a profile or a demo tenant.
type tenantRow struct {
	head, note string
	blank      bool
	profile    *profiles.Profile
	demo       *DemoTenant
}

func (r tenantRow) name() string {
	switch {
	case r.profile != nil:
		return r.profile.Name
	case r.demo != nil:
		return r.demo.Name
	}
	return ""
}

func (r tenantRow) id() string {
	switch {
	case r.profile != nil:
		return "profile:" + r.profile.Name
	case r.demo != nil:
		return "demo:" + r.demo.Name
	}
	return ""
}

// find puts what was asked for under the cursor.
func (s *tenantScreen) find() {
	if s.selectID == "" {
		return
	}
	for i, r := range s.choices() {
		if r.id() == s.selectID {
			s.list.at, s.selectID, s.moved = i, "", true
			return
		}
	}
}

// rows are the headings and what can be chosen, filtered. They are made anew
// only when the filter or what it works on has changed: there may be thousands.
func (s *tenantScreen) rows() []tenantRow {
	if key := fmt.Sprint(s.version, s.filter.text()); key != s.madeFor || s.made == nil {
		s.made, s.madeFor = s.makeRows(), key
		s.can, s.nameCols = nil, 12
		for _, r := range s.made {
			if r.head == "" && !r.blank {
				s.can = append(s.can, r)
				s.nameCols = max(s.nameCols, width(oneLine(r.name())))
			}
		}
		s.nameCols++
	}
	return s.made
}

func (s *tenantScreen) makeRows() []tenantRow {
	rows := []tenantRow{}
	group := func(head, note string, members []tenantRow) {
		if len(rows) > 0 {
			rows = append(rows, tenantRow{blank: true})
		}
		rows = append(append(rows, tenantRow{head: head, note: note}), members...)
	}
	var own []tenantRow
	for i := range s.profiles {
		p := &s.profiles[i]
		if s.filter.match(p.Name + " " + p.Host() + " " + p.Environment + " " + p.ClientID) {
			own = append(own, tenantRow{profile: p})
		}
	}
	note := "none yet: press n to make one"
	switch {
	case len(own) > 0:
		note = ""
	case s.problem != "":
		note = "cannot be read"
	case !s.read:
		note = "reading…"
	}
	if len(own) > 0 || s.filter.text() == "" && s.a.store != nil {
		group("Your profiles", note, own)
	}
	if s.a.opt.Demo == nil {
		return rows
	}
	if s.demos == nil {
		s.demos = s.a.opt.Demo.Tenants()
	}
	first := true
	for from, to := 0, 0; from < len(s.demos); from = to {
		topic := s.demos[from].Topic
		var members []tenantRow
		for to = from; to < len(s.demos) && s.demos[to].Topic == topic; to++ {
			if d := &s.demos[to]; s.filter.match(d.Name + " " + d.Title + " " + d.Teaches + " " + d.Finding + " " + topic) {
				members = append(members, tenantRow{demo: d})
			}
		}
		if s.filter.text() != "" { // what is called so before what only tells of it
			sort.SliceStable(members, func(i, j int) bool { return s.far(*members[i].demo) < s.far(*members[j].demo) })
		}
		if len(members) > 0 {
			head, note := topic, ""
			if first {
				head, note, first = "Demo tenants", strings.ToLower(topic), false
			}
			group(head, note, members)
		}
	}
	return rows
}

// far is how far a demo tenant is from what the filter says: 0, its name has the
// words; 1, name and title; 2, what it teaches.
func (s *tenantScreen) far(d DemoTenant) int {
	switch {
	case s.filter.match(d.Name):
		return 0
	case s.filter.match(d.Name + " " + d.Title):
		return 1
	}
	return 2
}

// choices are the rows that can be chosen.
func (s *tenantScreen) choices() []tenantRow {
	s.rows()
	return s.can
}

func (s *tenantScreen) current() (tenantRow, bool) {
	c := s.choices()
	if len(c) == 0 {
		return tenantRow{}, false
	}
	s.list.at = max(min(s.list.at, len(c)-1), 0)
	return c[s.list.at], true
}

// longest is the width of the longest name.
func (s *tenantScreen) longest() int {
	s.rows()
	return s.nameCols
}

// heading is what stands on the first line in sight: the heading of the row
// below it, which the cursor is never above.
func heading(rows []tenantRow, from int) tenantRow {
	if from+1 < len(rows) && rows[from+1].head != "" {
		return tenantRow{blank: true}
	}
	for i := from; i > 0; i-- {
		if rows[i].head != "" {
			return rows[i]
		}
	}
	return rows[0]
}
