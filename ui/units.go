package ui

import (
	"fmt"
	"strings"
	"time"
)

// duration is a measured time in few digits.
func duration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return inWords(d)
}

// inWords is a span of time as a person says it: 1 day, 1 h 30 min, 10 days.
func inWords(d time.Duration) string {
	s := int64(d / time.Second)
	if s < 0 {
		return "less than nothing"
	}
	type unit struct {
		n    int64
		name string
	}
	var parts []string
	for _, u := range []unit{{86400, "day"}, {3600, "h"}, {60, "min"}, {1, "s"}} {
		if n := s / u.n; n > 0 && len(parts) < 2 {
			name := u.name
			if name == "day" && n > 1 {
				name = "days"
			}
			parts = append(parts, fmt.Sprintf("%d %s", n, name))
			s -= n * u.n
		} else if len(parts) > 0 {
			break
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}

// size is a count of bytes as a person says it.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// offsetWords says how a clock stands to another.
func offsetWords(d time.Duration) string {
	if d < 0 {
		return inWords(-d) + " behind"
	}
	return inWords(d) + " ahead of"
}

// localTime is a time in the zone of the person, as short as it can be.
func localTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// dayTime is a time of day, with the day when it is not today.
func dayTime(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04:05")
	}
	return t.Format("Jan 2 15:04")
}

// clockTime is a time left: 4:10, 23:59:59, 5 days 03:00:00.
func clockTime(d time.Duration) string {
	// A clock that shows 0:00 is over: what is left of a second counts.
	s := int64((d + time.Second - 1) / time.Second)
	switch {
	case s >= 100*3600:
		return fmt.Sprintf("%s %02d:%02d:%02d", plural(int(s/86400), "day", "days"), s/3600%24, s/60%60, s%60)
	case s >= 3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
