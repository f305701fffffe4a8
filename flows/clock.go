package flows

import "time"

// Clock is time with two hands, so that tests can move them apart: the wall
// clock, which a person or NTP may set, and a monotonic one, which only runs
// forward and stands still while the machine sleeps.
type Clock struct {
	Wall func() time.Time
	Mono func() time.Duration
}

// SystemClock reads the machine's clocks.
func SystemClock() Clock {
	start := time.Now()
	return Clock{
		Wall: func() time.Time { return time.Now().Round(0) },
		Mono: func() time.Duration { return time.Since(start) },
	}
}

// Moment is one instant on both hands.
type Moment struct {
	Wall time.Time
	Mono time.Duration
}

// Now reads both hands.
func (c Clock) Now() Moment { return Moment{Wall: c.Wall(), Mono: c.Mono()} }

// clockJump is the difference between the two hands from which on it is told:
// the machine slept, or somebody set the clock.
const clockJump = 5 * time.Second

// Elapsed is how long it is since m: the larger of what the two hands say, for
// a monotonic clock stands still in suspend and a wall clock can be set back.
// jump is wall minus monotonic when they differ by more than clockJump, else 0.
func (c Clock) Elapsed(m Moment) (elapsed, jump time.Duration) {
	now := c.Now()
	wall, mono := now.Wall.Sub(m.Wall), now.Mono-m.Mono
	elapsed = max(wall, mono)
	if d := wall - mono; d > clockJump || d < -clockJump {
		jump = d
	}
	return elapsed, jump
}
